//! What must hold of rendered manifests.
//!
//! This crate owns the rules of `renga check`: what each looks at, how it is called, how grave it
//! is, what it says, which findings a workspace accepts, and the forms of the report. Rendering, reading
//! of files and settings, and where reports go are for others.
//!
//! - A [`Survey`] is what there is to say of one environment by itself, and the little that must be
//!   kept of it to judge it beside others. Surveys are made on any thread, as environments are
//!   rendered; the manifests are dropped, but for custom resources, whose schema may come later.
//! - [`check`] looks at all surveys of a cluster together: what one environment refers to, another
//!   may bring. It returns [`Finding`]s.
//! - [`judge`] gives findings the severities of the workspace and takes out what it accepts.
//! - [`Report`] writes what is left for people, programs and CI.
//! - [`Provided`] names what a cluster has from elsewhere.
//!
//! Invariants: pure; findings come in the order of environments and manifests, whatever the number
//! of threads; no finding shows a value of a Secret.

mod api;
mod check;
mod cluster;
mod definitions;
mod finding;
mod judge;
mod namespace;
mod object;
mod plain;
mod policy;
mod provided;
mod reference;
mod report;
mod rule;
mod running;
mod schema;
mod suppress;
mod survey;
mod workload;

pub use check::{CheckOptions, check};
pub use definitions::Definitions;
pub use finding::{Finding, Place};
pub use judge::{Judgement, Level, Suppressed, Verdict, judge, unknown_rules};
pub use object::ObjectName;
pub use policy::{
    EXPRESSION as POLICY_EXPRESSION, MANIFESTS as POLICY_MANIFESTS, Policy, broken_policy,
};
pub use renga_project::{Day, Provided, Suppression};
pub use report::{Broken, Checked, Report};
pub use rule::{Rule, RuleId, Severity};
pub use survey::Survey;

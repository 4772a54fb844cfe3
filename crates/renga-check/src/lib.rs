//! What must hold of rendered manifests.
//!
//! This crate owns the rules of `renga check`: what each looks at, how it is called, how grave it
//! is and what it says. Rendering, reading of settings and the forms of the report are for others.
//!
//! - A [`Survey`] is what there is to say of one environment by itself, and the little that must be
//!   kept of it to judge it beside others. Surveys are made on any thread, as environments are
//!   rendered; the manifests are dropped, but for custom resources, whose schema may come later.
//! - [`check`] looks at all surveys of a cluster together: what one environment refers to, another
//!   may bring. It returns [`Finding`]s.
//! - [`Provided`] names what a cluster has from elsewhere.
//!
//! Invariants: pure; findings come in the order of environments and manifests, whatever the number
//! of threads; no finding shows a value of a Secret.

mod api;
mod check;
mod cluster;
mod finding;
mod namespace;
mod object;
mod provided;
mod reference;
mod rule;
mod schema;
mod survey;

pub use check::{CheckOptions, check};
pub use finding::Finding;
pub use object::ObjectName;
pub use renga_project::Provided;
pub use rule::{Rule, Severity};
pub use survey::Survey;

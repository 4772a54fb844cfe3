//! What a change of a workspace changes in its manifests.
//!
//! Owns the collection of equal changes of many environments ([`Collector`]) and the report with its
//! forms: text, Markdown for comments, a page, JSON ([`Report`]). Pure: values in, values and texts
//! out. How objects are compared, what is masked and what is noise is `renga-diff`'s; where both
//! sides come from, which environments are rendered and how, is for the binary.
//!
//! Invariants: the report is the same whatever the order in which environments are taken; what is
//! passed over is named and counted; an environment that does not render is in it as failed, never
//! as unchanged; every part of a comment is whole, and no longer than comments may be.

mod body;
mod html;
mod markdown;
mod report;
mod text;

pub use markdown::{LARGEST_PART, MOST_PARTS, MarkdownOptions};
pub use report::{
    Collector, Counts, EnvironmentReport, Failure, Group, ImageChange, Occurrence, Of, Report,
    Side, Status,
};
pub use text::TextOptions;

//! Differences between Kubernetes objects, as text and as structure.
//!
//! Owns: unified differences as GNU diff writes them; what `kubectl diff` and Tanka show of a pair of
//! objects, with Secrets masked; their summary and colours; and the structural difference, which
//! matches list items by their keys and names the path of every change. Pure: objects and texts in,
//! values out. Where the objects come from is the business of `renga-cluster` and of the binary.
//!
//! Invariants: equal objects have no difference; the order of map keys never matters; data of a
//! Secret is never in a result unless the caller asks for it.

mod kubectl;
mod lines;
mod paint;
mod secret;
mod stat;
mod structure;
mod tanka;
mod unified;

pub use kubectl::{FilePair, Folder, Show, file_difference, folder_difference, object_file_name};
pub use lines::{Change as LineChange, changes as line_changes, lines};
pub use paint::{Paint, paint};
pub use secret::is_secret;
pub use stat::{FileStat, Stat, stat};
pub use structure::{
    ApplyError, Change as StructuralChange, Compare, Comparison, Edit, Fate, FindSchema, Format,
    Mask, Noise, NoiseRule, ObjectDiff, ObjectId, Path, Pattern, PatternError, RenderOptions,
    Segment, apply_changes, render,
};
pub use tanka::{Against, Place, static_difference, static_file_name, subset};
pub use unified::{ABSENT_TIME, Side, unified};

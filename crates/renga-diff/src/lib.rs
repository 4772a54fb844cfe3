//! Differences between Kubernetes objects, as text and as structure.
//!
//! Owns: unified differences as GNU diff writes them; what `kubectl diff` and Tanka show of a pair of
//! objects, with Secrets masked; their summary and colours; and the structural difference, which
//! matches list items by their keys and names the path of every change. Pure: objects and texts in,
//! values out. Where the objects come from is the business of `renga-cluster` and of the binary.
//!
//! Invariants: equal objects have no difference; the order of map keys never matters; data of a
//! Secret is never in a result unless the caller asks for it.

mod paint;
mod stat;

pub use paint::{Paint, paint};
pub use stat::{FileStat, Stat, stat};

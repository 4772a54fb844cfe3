//! Writing the manifests of many environments as a tree of files.
//!
//! Owns the output tree, its index `manifest.json`, the names of the files, what happens to files
//! that are there already, and the receipts by which environments whose inputs and outputs are
//! unchanged are not evaluated again. What an environment yields is `renga-env`'s.
//!
//! Invariants: the output directory changes as a whole or not at all; files whose bytes would not
//! change are not touched; the result does not depend on the number of threads; an environment's
//! data is dropped as soon as its files are staged.

mod error;
mod export;
mod format;
mod index;
mod receipt;
mod render;
mod stage;

pub use error::{ExportError, Failure};
pub use export::{Export, MergeStrategy, Progress, Report, check, export};
pub use format::FormatError;
pub use index::{IndexError, IndexUse};
pub use receipt::ReceiptStore;

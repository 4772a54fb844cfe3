//! Where a workspace is and how its files are read.
//!
//! Owns the rules by which tk finds the root of a workspace, an environment's folder and the import
//! search path, the `Source` trait through which every file is read, and `renga.toml`. It knows
//! nothing of Jsonnet or of Kubernetes.
//!
//! Invariant: whatever an evaluation can see goes through a [`Source`], so wrapping it in a
//! [`Recorder`] yields the complete list of what the result depends on.

mod cache;
mod layout;
mod record;
mod settings;
mod source;

pub use cache::{CacheFolder, CacheSize};
pub use layout::{
    DEFAULT_ENTRYPOINT, Entrypoint, LayoutError, find_entrypoints, find_root, go_io_text,
    relative_to_root,
};
pub use record::{Digest, Recorder, SourceRecord};
pub use settings::{
    CheckSettings, Day, ExportSettings, IgnoredChange, PreviewSettings, Provided, SETTINGS_FILE,
    Settings, SettingsError, Suppression,
};
pub use source::{DirEntry, DiskSource, FileKind, MemorySource, Source, clean};

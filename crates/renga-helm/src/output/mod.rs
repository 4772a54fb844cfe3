//! From the output of templates to what `helm template` prints.
//!
//! Files are cut into documents ([`split`]), documents are read far enough to know what they are
//! ([`head`]), hooks are told from manifests, both are put in Helm's order ([`kinds`]) and printed
//! ([`print`]).

mod head;
mod kinds;
mod pattern;
mod print;
mod split;

use std::sync::Arc;

use crate::compat::Compat;
use crate::engine::is_partial;
use crate::warning::{Level, Warning};
use head::Head;
pub use print::{OutputFile, PrintError, PrintOptions};

/// The annotation that makes a manifest a hook.
const HOOK: &str = "helm.sh/hook";

/// A document that a chart rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The template it comes from, from the name of the chart at the top.
    pub path: Arc<str>,
    /// The document, as it is printed.
    pub text: String,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`; empty for a document that has none, such as one with comments only.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are Helm's names")]
pub enum HookEvent {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

impl HookEvent {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }
}

/// A manifest that is a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The manifest.
    pub manifest: Manifest,
    /// When it runs.
    pub events: Vec<HookEvent>,
}

impl Hook {
    /// Whether it is a test.
    pub fn is_test(&self) -> bool {
        self.events.contains(&HookEvent::Test)
    }
}

/// A file of `crds/`, printed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crd {
    /// Its path, from the name of the chart at the top.
    pub path: String,
    /// What is in it.
    pub data: Arc<[u8]>,
}

/// Why the output of a template is no YAML that Helm accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("YAML parse error on {path}: {message}")]
pub struct DocumentError {
    /// The template.
    pub path: Arc<str>,
    /// Helm's words.
    pub message: String,
    /// The line of [`document`](Self::document) that the parser names, from 1.
    pub line: Option<usize>,
    /// The document.
    pub document: String,
}

/// Documents, sorted as they are printed.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) manifests: Vec<Manifest>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) warnings: Vec<Warning>,
}

/// The documents that a template wrote, read.
#[derive(Debug)]
pub(crate) struct Documents {
    path: Arc<str>,
    /// Texts with their heads.
    found: Result<Vec<(String, Head)>, DocumentError>,
}

/// The documents that a template wrote, not yet read.
#[derive(Debug)]
pub(crate) struct Cut {
    path: Arc<str>,
    documents: Vec<Vec<u8>>,
}

impl Cut {
    /// How many bytes there are to read.
    pub(crate) fn len(&self) -> usize {
        self.documents.iter().map(Vec::len).sum()
    }
}

/// Cuts what a template wrote into documents.
pub(crate) fn cut(path: &Arc<str>, text: &[u8], compat: Compat) -> Cut {
    let documents = if is_partial(path) || split::is_blank(text) {
        Vec::new()
    } else {
        split::split(text, compat).into_iter().map(<[u8]>::to_vec).collect()
    };
    Cut { path: Arc::clone(path), documents }
}

/// Reads documents far enough to sort them.
pub(crate) fn read(Cut { path, documents }: Cut, compat: Compat) -> Documents {
    let read = |document: Vec<u8>| {
        let head = head::read(&document, compat);
        // Other bytes are not YAML.
        let text = String::from_utf8(document)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        match head {
            Ok(head) => Ok((text, head)),
            Err(error) => Err(DocumentError {
                path: Arc::clone(&path),
                message: error.message,
                line: error.line,
                document: text,
            }),
        }
    };
    let found = documents.into_iter().map(read).collect();
    Documents { path, found }
}

/// Sorts what templates wrote.
pub(crate) fn sort(mut read: Vec<Documents>, compat: Compat) -> Result<Sorted, DocumentError> {
    read.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let mut sorted = Sorted::default();
    for Documents { path, found } in read {
        for (text, head) in found? {
            sorted.add(&path, text, head, compat);
        }
    }
    kinds::sort(&mut sorted.manifests, |manifest| &manifest.kind, compat);
    kinds::sort(&mut sorted.hooks, |hook| &hook.manifest.kind, compat);
    Ok(sorted)
}

impl Sorted {
    fn add(&mut self, path: &Arc<str>, text: String, head: Head, compat: Compat) {
        let hook = head.annotation(HOOK).map(str::to_owned);
        let manifest = Manifest {
            path: Arc::clone(path),
            text,
            api_version: head.api_version,
            kind: head.kind,
            name: head.name,
        };
        let Some(hook) = hook else {
            self.manifests.push(manifest);
            return;
        };
        let events: Option<Vec<HookEvent>> =
            hook.split(',').map(|name| HookEvent::parse(&name.trim().to_lowercase())).collect();
        match events {
            Some(events) => self.hooks.push(Hook { manifest, events }),
            None if compat.is_v4() => self
                .warnings
                .push(Warning::new(Level::Info, "skipping unknown hooks").with("hookTypes", hook)),
            None => self.warnings.push(Warning::new(
                Level::Info,
                format!(
                    "info: skipping unknown hook: {}",
                    renga_gotemplate::quoted(hook.as_bytes())
                ),
            )),
        }
    }
}

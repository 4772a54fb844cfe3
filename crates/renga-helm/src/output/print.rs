//! Printing manifests: one text for stdout, or a plan of files.

use super::{Hook, Manifest, pattern, split};
use crate::compat::Compat;
use crate::render::Rendered;

/// What is printed of a rendering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PrintOptions {
    /// Print the files of `crds/` too.
    pub include_crds: bool,
    /// Print no hooks.
    pub no_hooks: bool,
    /// Print no tests.
    pub skip_tests: bool,
    /// Print only what comes from templates that match one of these patterns.
    pub show_only: Vec<String>,
}

/// Why nothing is printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PrintError {
    /// No manifest comes from a template of that name.
    #[error("could not find template {pattern} in chart")]
    #[diagnostic(
        code(helm::show_only),
        help(
            "give the path within the chart, such as `templates/service.yaml`; a template that renders nothing is not found either"
        )
    )]
    NotFound {
        /// What was asked for.
        pattern: String,
    },
}

/// A file to write for `--output-dir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The path below the output directory.
    pub path: String,
    /// Whether it is added to what an earlier one of the same path wrote.
    pub append: bool,
    /// Whether it is below the folder of the release, where that is asked for.
    pub in_release: bool,
    /// What to write.
    pub data: Vec<u8>,
}

fn text_of(manifest: &Manifest) -> (&str, &[u8]) {
    (&manifest.path, manifest.text.as_bytes())
}

fn entry(path: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + path.len() + 20);
    out.extend_from_slice(b"---\n# Source: ");
    out.extend_from_slice(path.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(data);
    out.push(b'\n');
    out
}

impl Rendered {
    /// The text that `helm template` writes to stdout.
    ///
    /// # Errors
    ///
    /// [`PrintError`] for a pattern that matches nothing.
    pub fn template_output(&self, options: &PrintOptions) -> Result<Vec<u8>, PrintError> {
        let size: usize = self.manifests.iter().map(|m| m.text.len() + m.path.len() + 20).sum();
        let mut out = Vec::with_capacity(size + 64);
        for piece in self.pieces(options) {
            out.extend_from_slice(&piece);
        }
        if options.show_only.is_empty() {
            return Ok(out);
        }
        show_only(&out, &options.show_only, self.compat)
    }

    /// The text of [`template_output`](Self::template_output) piece by piece, whatever
    /// [`PrintOptions::show_only`] says: for those who pass it on and need not have it at once.
    pub fn pieces<'r>(&'r self, options: &PrintOptions) -> impl Iterator<Item = Vec<u8>> + use<'r> {
        let PrintOptions { include_crds, no_hooks, skip_tests, .. } = *options;
        let crds = self.crds.iter().filter(move |_| include_crds);
        let crds = crds.map(|crd| (crd.path.as_str(), &crd.data[..]));
        let manifests = self.manifests.iter().map(text_of);
        let mut manifests = crds.chain(manifests).peekable();
        let first = manifests.peek().is_none().then(|| b"\n".to_vec());
        let manifests = std::iter::from_fn(move || {
            let (path, data) = manifests.next()?;
            let mut out = entry(path, data);
            if manifests.peek().is_none() {
                // Helm trims the text that they are together.
                out.truncate(split::trim(&out).len());
                out.push(b'\n');
            }
            Some(out)
        });
        let is_shown = move |hook: &&Hook| !(no_hooks || skip_tests && hook.is_test());
        let hooks = self.hooks.iter().filter(is_shown).map(|hook| text_of(&hook.manifest));
        first.into_iter().chain(manifests).chain(hooks.map(|(path, data)| entry(path, data)))
    }

    /// The files that `helm template --output-dir` writes, in order.
    pub fn output_files(&self, options: &PrintOptions) -> Vec<OutputFile> {
        let mut files: Vec<OutputFile> = Vec::new();
        let mut add = |path: &str, data: &[u8], in_release: bool| {
            let append =
                files.iter().any(|file| file.path == path && file.in_release == in_release);
            files.push(OutputFile {
                path: path.to_owned(),
                append,
                in_release,
                data: entry(path, data),
            });
        };
        if options.include_crds {
            for crd in &self.crds {
                add(&crd.path, &crd.data, false);
            }
        }
        for manifest in &self.manifests {
            add(&manifest.path, manifest.text.as_bytes(), true);
        }
        if !options.no_hooks {
            for hook in &self.hooks {
                if !(options.skip_tests && hook.is_test()) {
                    add(&hook.manifest.path, hook.manifest.text.as_bytes(), true);
                }
            }
        }
        files
    }
}

/// Cuts the text apart again and keeps what comes from matching templates.
fn show_only(text: &[u8], patterns: &[String], compat: Compat) -> Result<Vec<u8>, PrintError> {
    let documents: Vec<(Option<String>, &[u8])> = split::split(text, compat)
        .into_iter()
        .map(|document| (source(document), document))
        .collect();
    let mut out = Vec::new();
    for wanted in patterns {
        let before = out.len();
        for (path, document) in &documents {
            if path.as_ref().is_some_and(|path| pattern::matches(wanted, path) == Some(true)) {
                out.extend_from_slice(b"---\n");
                out.extend_from_slice(document);
                out.push(b'\n');
            }
        }
        if out.len() == before {
            return Err(PrintError::NotFound { pattern: wanted.clone() });
        }
    }
    Ok(out)
}

/// The path within the chart that a document names as its source.
fn source(document: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"# Source: ";
    let mut from = 0;
    while let Some(at) = document[from..].windows(MARK.len()).position(|window| window == MARK) {
        let start = from + at + MARK.len();
        let rest = &document[start..];
        // The name of the chart may be anything but a slash, even several lines.
        if let Some(slash) = rest.iter().position(|&byte| byte == b'/')
            && slash > 0
        {
            let path = rest[slash + 1..].split(|&byte| byte == b'\n').next().unwrap_or_default();
            if !path.is_empty() {
                return Some(String::from_utf8_lossy(path).into_owned());
            }
        }
        from = start;
    }
    None
}

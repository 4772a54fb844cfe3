//! What an environment's manifests depend on.

use std::path::Path;
use std::sync::PoisonError;

use renga_jsonnet::{SourceFile, TK_LIBRARY, Variable, Variables, import_graph};
use renga_project::SourceRecord;

use crate::evaluator::Evaluator;
use crate::load::{Found, search_path};
use crate::spec::SPEC_FILE;

impl Evaluator {
    /// Everything that the manifests of an environment depend on besides the variables and the
    /// program: files by content, paths where a file would change what is imported, and `reads`,
    /// what native functions read for it ([`Worker::take_reads`](crate::Worker::take_reads)).
    ///
    /// `None` where that cannot be told: a program evaluates it, a variable's code imports files,
    /// or a function is used that sees more than its arguments (or prints).
    pub fn inputs(&self, found: &Found, reads: &SourceRecord) -> Option<SourceRecord> {
        let implementation = &found.environment.spec.export_jsonnet_implementation;
        if self.external || !matches!(implementation.as_str(), "" | "go") {
            return None;
        }
        let search_path = search_path(&found.entrypoint);
        let mut roots = vec![found.entrypoint.file.clone()];
        for variables in [&self.options.ext_vars, &self.options.tlas] {
            roots.extend(self.files_of(variables)?);
        }
        let mut record = reads.clone();
        for root in roots {
            let graph = import_graph(&self.sources, &root, &search_path);
            for path in graph.files.keys().filter(|path| path.as_path() != Path::new(TK_LIBRARY)) {
                let file = self.sources.load(path).ok()?;
                if !self.is_file_reproducible(&file) {
                    return None;
                }
            }
            record.merge(&graph.record(&self.sources));
        }
        let source = self.sources.source();
        let spec = found.entrypoint.base.join(SPEC_FILE);
        match source.read(&spec) {
            Ok(contents) => {
                record.files.insert(spec, renga_project::Digest::of(&contents));
            }
            Err(_) => {
                record.probes.insert(spec, None);
            }
        }
        Some(record)
    }

    /// The files that variables are read from.
    fn files_of(&self, variables: &Variables) -> Option<Vec<std::path::PathBuf>> {
        let mut files = Vec::new();
        for variable in variables.values() {
            match variable {
                Variable::Code(code) if code.contains("import") || !self.is_reproducible(code) => {
                    return None;
                }
                Variable::String(_) | Variable::Code(_) => {}
                // Found along the search path or the working directory; rarely worth tracking.
                Variable::StringFile(path) | Variable::CodeFile(path) => {
                    files.push(self.options.working_dir.join(path));
                }
            }
        }
        Some(files)
    }

    /// As [`Self::is_reproducible`], remembered: environments have most of their files in common.
    fn is_file_reproducible(&self, file: &SourceFile) -> bool {
        let known = || self.reproducible.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(judged) = known().get(&file.digest()).copied() {
            return judged;
        }
        let judged = !file.text().is_ok_and(|text| !self.is_reproducible(text));
        known().insert(file.digest(), judged);
        judged
    }

    /// Whether code depends on its imports and variables alone, judged by its text: it traces
    /// nothing, and of every native function it names it is known what it depends on.
    fn is_reproducible(&self, text: &str) -> bool {
        let natives_are_traceable = text.match_indices("native").all(|(at, word)| {
            let name = text[at + word.len()..].trim_start().strip_prefix('(').map(str::trim_start);
            let quoted = name.and_then(|name| name.strip_prefix(['\'', '"']));
            quoted.is_some_and(|name| {
                self.traceable_natives.iter().any(|native| {
                    name.strip_prefix(native.as_str())
                        .is_some_and(|rest| rest.starts_with(['\'', '"']))
                })
            })
        });
        natives_are_traceable && !text.contains("std.trace")
    }
}

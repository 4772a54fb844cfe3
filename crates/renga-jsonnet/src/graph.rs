//! What an entrypoint can reach by imports, without evaluating it.
//!
//! Jsonnet's imports are literals, so the graph is complete: evaluation reads no file outside it
//! (imports in code that is passed as a variable aside). It holds more than one evaluation reads
//! where an import is never looked at. This one record answers what is imported, who imports a
//! file, what a cached result depends on, and what sessions may share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use renga_project::SourceRecord;

use crate::search::{Resolution, SearchPath, TK_LIBRARY};
use crate::sources::{ImportKind, LoadError, Sources, Span};

/// An import that leads to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// How the file is imported.
    pub kind: ImportKind,
    /// The path as written.
    pub import: String,
    /// Where it stands.
    pub span: Span,
    /// The file found.
    pub path: PathBuf,
}

/// An import that leads nowhere. It only matters if evaluation reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The file it stands in.
    pub file: PathBuf,
    /// The path as written.
    pub import: String,
    /// Where it stands.
    pub span: Span,
    /// The paths that were tried, in order.
    pub tried: Vec<PathBuf>,
}

/// The files that can be reached from an entrypoint.
#[derive(Clone, Debug, Default)]
pub struct ImportGraph {
    /// Every file with what it imports, in order of the text. The entrypoint and the built-in
    /// library ([`TK_LIBRARY`]) are among them, as are files read by `importstr` and `importbin`.
    pub files: BTreeMap<PathBuf, Vec<Edge>>,
    /// Paths that were tried and hold no file.
    pub missed: BTreeSet<PathBuf>,
    /// Imports that lead nowhere.
    pub unresolved: Vec<Unresolved>,
    /// Files that are there but could not be read.
    pub unreadable: Vec<LoadError>,
}

/// Follows every import from `entrypoint`.
///
/// Never fails: what cannot be found or read is part of the answer.
pub fn import_graph(sources: &Sources, entrypoint: &Path, search_path: &SearchPath) -> ImportGraph {
    let mut graph = ImportGraph::default();
    let mut open = vec![(entrypoint.to_owned(), true)];
    // A file can be imported as text by one and as code by another.
    let mut followed = BTreeSet::new();
    while let Some((path, as_code)) = open.pop() {
        let known = graph.files.contains_key(&path);
        if known && (!as_code || followed.contains(&path)) {
            continue;
        }
        let mut edges = Vec::new();
        match sources.load(&path) {
            Err(error) => graph.unreadable.push(error),
            Ok(file) if as_code => {
                followed.insert(path.clone());
                for import in file.imports() {
                    let Resolution { found, missed, .. } =
                        search_path.resolve(sources, path.parent(), &import.path);
                    graph.missed.extend(missed.iter().cloned());
                    if let Some(target) = found {
                        open.push((target.clone(), import.kind == ImportKind::Import));
                        edges.push(Edge {
                            kind: import.kind,
                            import: import.path.clone(),
                            span: import.span,
                            path: target,
                        });
                    } else {
                        graph.unresolved.push(Unresolved {
                            file: path.clone(),
                            import: import.path.clone(),
                            span: import.span,
                            tried: missed,
                        });
                    }
                }
            }
            Ok(_) => {}
        }
        graph.files.insert(path, edges);
    }
    graph.unresolved.sort_by(|a, b| (&a.file, a.span).cmp(&(&b.file, b.span)));
    graph
}

impl ImportGraph {
    /// The files and the missing ones as the inputs of a result.
    pub fn record(&self, sources: &Sources) -> SourceRecord {
        let mut record = SourceRecord::default();
        for path in self.files.keys().filter(|path| path.as_path() != Path::new(TK_LIBRARY)) {
            match sources.load(path) {
                Ok(file) => {
                    record.files.insert(path.clone(), file.digest());
                }
                Err(_) => {
                    record.probes.insert(path.clone(), sources.probe(path));
                }
            }
        }
        for path in &self.missed {
            record.probes.insert(path.clone(), sources.probe(path));
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use renga_project::MemorySource;

    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let source: MemorySource = files.iter().copied().collect();
        Sources::new(Arc::new(source))
    }

    fn search_path() -> SearchPath {
        SearchPath::new(["/w/env", "/w/lib", "/w/env/vendor", "/w/vendor"].map(PathBuf::from))
    }

    #[test]
    fn follows_code_and_lists_text() {
        let sources = sources(&[
            ("/w/env/main.jsonnet", "(import 'a.libsonnet') + importstr 'b.txt' + import 'tk'"),
            ("/w/vendor/a.libsonnet", "import 'c.libsonnet'"),
            ("/w/lib/b.txt", "import 'nothing'"),
            ("/w/vendor/c.libsonnet", "[import 'a.libsonnet', import 'gone']"),
        ]);
        let graph = import_graph(&sources, Path::new("/w/env/main.jsonnet"), &search_path());
        let files: Vec<_> = graph.files.keys().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            files,
            [
                "/w/env/main.jsonnet",
                "/w/lib/b.txt",
                "/w/vendor/a.libsonnet",
                "/w/vendor/c.libsonnet",
                TK_LIBRARY,
            ]
        );
        assert_eq!(graph.unresolved.len(), 1);
        assert_eq!(graph.unresolved[0].import, "gone");
        let tried: Vec<_> = graph.unresolved[0].tried.iter().map(|p| p.to_str().unwrap()).collect();
        assert_eq!(tried, ["/w/vendor/gone", "/w/env/gone", "/w/lib/gone", "/w/env/vendor/gone"]);
        assert!(graph.missed.contains(Path::new("/w/lib/a.libsonnet")));
        let record = graph.record(&sources);
        assert_eq!(record.files.len(), 4);
        assert_eq!(record.probes[Path::new("/w/lib/a.libsonnet")], None);
    }

    #[test]
    fn a_file_read_as_text_first_is_still_followed_as_code() {
        let sources = sources(&[
            ("/w/env/main.jsonnet", "[import 'x', importstr 'x']"),
            ("/w/env/x", "import 'y'"),
            ("/w/env/y", "1"),
        ]);
        let graph = import_graph(&sources, Path::new("/w/env/main.jsonnet"), &search_path());
        assert!(graph.files.contains_key(Path::new("/w/env/y")));
        assert_eq!(graph.files[Path::new("/w/env/x")].len(), 1);
    }

    #[test]
    fn directories_are_not_files() {
        let sources = sources(&[
            ("/w/env/main.jsonnet", "import 'x'"),
            ("/w/env/x/y", ""),
            ("/w/lib/x", "1"),
        ]);
        let graph = import_graph(&sources, Path::new("/w/env/main.jsonnet"), &search_path());
        assert_eq!(graph.files[Path::new("/w/env/main.jsonnet")][0].path, Path::new("/w/lib/x"));
    }
}

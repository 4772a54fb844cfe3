//! Which environments import a file.
//!
//! The import graph of every Jsonnet file below a root says which files it reaches and which paths it
//! tried in vain, so files that are gone are found as well. Beyond that a file counts as used by the
//! environment whose folder it is in (or else by those below its folder), unless it is in the root's
//! `vendor` or `lib`; and a file that imports the one in question passes this on.
//!
//! Reading the imports is `renga-jsonnet`'s; nothing is evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use renga_jsonnet::{ImportGraph, Sources, import_graph};
use renga_project::{Entrypoint, FileKind, Source, clean, go_io_text};

use crate::load::search_path;

const MAIN_FILE: &str = "main.jsonnet";

/// What a file that no longer exists is marked with.
const DELETED: &str = "deleted:";

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 200;

/// Why the importers of a file are not known.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ImportersError {
    /// A file that is asked for is not there.
    #[error("file \"{0}\" does not exist")]
    #[diagnostic(code(env::importers), help("write `deleted:{0}` for a file that existed before"))]
    Missing(String),
    /// A folder below the root cannot be listed.
    #[error("resolving imports: lstat {}: {}", dir.display(), go_io_text(source))]
    #[diagnostic(code(env::importers), help("`--root` names the folder to search"))]
    Root {
        /// The folder.
        dir: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// A folder whose files are to be counted cannot be listed.
    #[error("resolving imports: walking directory: lstat {}: {}", dir.display(), go_io_text(source))]
    #[diagnostic(code(env::importers))]
    Folder {
        /// The folder, as the user wrote it.
        dir: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

impl renga_diag::Report for ImportersError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// A file whose importers are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// One that is there (absolute).
    File(PathBuf),
    /// One that is gone, under any of these names (absolute).
    Gone(BTreeSet<PathBuf>),
}

impl Imported {
    /// Reads what a user asks for: a path seen from `cwd`, or `deleted:` with a path that is seen
    /// from there or from `root` (both absolute).
    ///
    /// # Errors
    ///
    /// [`ImportersError::Missing`] for a path that leads nowhere and is not marked as deleted.
    pub fn parse(
        source: &dyn Source,
        text: &str,
        cwd: &Path,
        root: &Path,
    ) -> Result<Self, ImportersError> {
        if let Some(gone) = text.strip_prefix(DELETED) {
            let names = [cwd, root].map(|dir| clean(&dir.join(gone)));
            return Ok(Self::Gone(BTreeSet::from(names)));
        }
        let path = clean(&cwd.join(text));
        match source.probe(&path) {
            Some(_) if !text.is_empty() => Ok(Self::File(path)),
            _ => Err(ImportersError::Missing(text.to_owned())),
        }
    }
}

/// The import graphs of everything below a root.
pub struct Importers {
    sources: Sources,
    root: PathBuf,
    /// Every Jsonnet file, with the files it reaches and the paths it tried in vain.
    graphs: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// Every symbolic link with what it leads to.
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Importers {
    /// Reads all Jsonnet files below `root` (absolute), each once. Links to folders are not followed.
    ///
    /// # Errors
    ///
    /// [`ImportersError::Root`] for a folder that cannot be listed.
    pub fn below(sources: Sources, root: &Path) -> Result<Self, ImportersError> {
        let source = &**sources.source();
        let mut walk = Walk { source, files: Vec::new(), links: BTreeMap::new() };
        walk.visit(root, 0)?;
        let Walk { files, links, .. } = walk;
        let graphs = files
            .into_iter()
            .map(|file| {
                let entrypoint = entrypoint_of(source, &file, root);
                let ImportGraph { files, missed, .. } =
                    import_graph(&sources, &file, &search_path(&entrypoint));
                let reached = files.into_keys().flat_map(|path| [real(source, &path), path]);
                (file, reached.chain(missed).collect())
            })
            .collect();
        Ok(Self { root: root.to_owned(), graphs, links, sources })
    }

    /// The entrypoints that use a file, links resolved.
    pub fn of(&self, file: &Imported) -> BTreeSet<PathBuf> {
        match file {
            Imported::File(path) => self.of_names(&self.names_of(path)),
            Imported::Gone(names) => self.of_names(names),
        }
    }

    /// Counts for each file in a folder (or below it, with `recursive`) the entrypoints that use it:
    /// the most used files first, then by path. `dir` is the folder as written, seen from `cwd`, and
    /// so begin the paths. Entrypoints are no files of this kind, nor are those `selects` rejects.
    ///
    /// # Errors
    ///
    /// [`ImportersError::Folder`] for a folder that cannot be listed.
    pub fn count(
        &self,
        dir: &Path,
        cwd: &Path,
        recursive: bool,
        selects: &dyn Fn(&Path) -> bool,
    ) -> Result<Vec<(PathBuf, usize)>, ImportersError> {
        let mut files = self.files_in(dir, cwd, recursive)?;
        files.retain(|file| selects(file) && !is_main(file));
        let count = |file: PathBuf| {
            let found = self.of(&Imported::File(clean(&cwd.join(&file))));
            (file, found.len())
        };
        let mut counts: Vec<(PathBuf, usize)> = files.into_iter().map(count).collect();
        counts.sort_by(|(file, a), (other, b)| b.cmp(a).then_with(|| file.cmp(other)));
        Ok(counts)
    }

    /// The regular files in a folder, or the file itself.
    fn files_in(
        &self,
        dir: &Path,
        cwd: &Path,
        recursive: bool,
    ) -> Result<Vec<PathBuf>, ImportersError> {
        let source = &**self.sources.source();
        if source.probe(&cwd.join(dir)) == Some(FileKind::File) {
            return Ok(vec![dir.to_owned()]);
        }
        let mut files = Vec::new();
        let mut open = vec![dir.to_owned()];
        while let Some(dir) = open.pop() {
            let entries = source
                .list(&clean(&cwd.join(&dir)))
                .map_err(|source| ImportersError::Folder { dir: dir.clone(), source })?;
            for entry in entries {
                let path = clean(&dir.join(entry.name));
                match entry.kind {
                    Some(FileKind::Directory) if recursive => open.push(path),
                    Some(FileKind::File) => files.push(path),
                    _ => {}
                }
            }
        }
        Ok(files)
    }

    /// Every path under which a file that exists can be imported.
    fn names_of(&self, file: &Path) -> BTreeSet<PathBuf> {
        let mut names = BTreeSet::from([file.to_owned(), real(&**self.sources.source(), file)]);
        // The same file seen through a link to it, or to a folder above it.
        for (link, target) in &self.links {
            if let Ok(below) = file.strip_prefix(target) {
                names.insert(clean(&link.join(below)));
            }
        }
        names
    }

    fn of_names(&self, names: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        for name in names {
            if is_main(name) {
                found.insert(name.clone());
            }
            self.add_neighbours(name, &mut found);
        }
        for (file, reached) in &self.graphs {
            if !reached.is_disjoint(names) {
                if is_main(file) {
                    found.insert(file.clone());
                } else {
                    self.add_neighbours(file, &mut found);
                }
            }
        }
        found.into_iter().map(|path| real(&**self.sources.source(), &path)).collect()
    }

    /// Adds the entrypoint of the environment `file` is in, or else those below its folder.
    fn add_neighbours(&self, file: &Path, found: &mut BTreeSet<PathBuf>) {
        if ["vendor", "lib"].iter().any(|shared| file.starts_with(self.root.join(shared))) {
            return;
        }
        let source = &**self.sources.source();
        let Some(dir) = file.parent() else { return };
        let is_dir = |dir: &&Path| source.probe(dir) == Some(FileKind::Directory);
        let existing = dir.ancestors().find(is_dir).unwrap_or(dir);
        if let Ok(entrypoint) = Entrypoint::resolve(source, existing) {
            found.insert(entrypoint.file);
        } else {
            let below = self.graphs.keys().filter(|file| is_main(file) && file.starts_with(dir));
            found.extend(below.cloned());
        }
    }
}

fn is_main(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == MAIN_FILE)
}

/// The path without links; as it is where nothing is there.
fn real(source: &dyn Source, path: &Path) -> PathBuf {
    source.real_path(path).unwrap_or_else(|_| path.to_owned())
}

/// The environment that decides where `file` finds its imports.
fn entrypoint_of(source: &dyn Source, file: &Path, root: &Path) -> Entrypoint {
    let dir = file.parent().unwrap_or(root);
    Entrypoint::resolve(source, dir).unwrap_or_else(|_| Entrypoint {
        root: root.to_owned(),
        base: dir.to_owned(),
        file: file.to_owned(),
    })
}

struct Walk<'a> {
    source: &'a dyn Source,
    files: Vec<PathBuf>,
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Walk<'_> {
    fn visit(&mut self, dir: &Path, depth: usize) -> Result<(), ImportersError> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        let entries = self
            .source
            .list(dir)
            .map_err(|source| ImportersError::Root { dir: dir.to_owned(), source })?;
        for entry in entries {
            let path = dir.join(&entry.name);
            let is_jsonnet =
                path.extension().is_some_and(|end| end == "jsonnet" || end == "libsonnet");
            match entry.kind {
                Some(FileKind::Directory) => self.visit(&path, depth + 1)?,
                Some(FileKind::File) if is_jsonnet => self.files.push(path),
                Some(_) => {}
                None => {
                    if let Ok(target) = self.source.real_path(&path) {
                        if is_jsonnet && self.source.probe(&target) == Some(FileKind::File) {
                            self.files.push(path.clone());
                        }
                        self.links.insert(path, target);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use renga_project::MemorySource;

    use super::*;

    const ROOT: &str = "/ws";

    fn workspace(files: &[(&str, &str)]) -> Importers {
        let mut source = MemorySource::default();
        source.insert("/ws/jsonnetfile.json", "{}");
        for (path, text) in files {
            source.insert(Path::new(ROOT).join(path), text);
        }
        Importers::below(Sources::new(Arc::new(source)), Path::new(ROOT)).unwrap()
    }

    fn example() -> Importers {
        workspace(&[
            ("environments/a/main.jsonnet", "import 'x.libsonnet'"),
            ("environments/b/main.jsonnet", "import 'gone.libsonnet'"),
            ("environments/b/unused.libsonnet", "import 'y.libsonnet'"),
            ("environments/c/main.jsonnet", "// import 'x.libsonnet'\n'import \"x.libsonnet\"'"),
            ("environments/readme", ""),
            ("lib/x.libsonnet", "import 'y.libsonnet'"),
            ("lib/y.libsonnet", "importstr 'note.txt'"),
            ("lib/note.txt", ""),
            ("lib/sub/z.libsonnet", "{}"),
        ])
    }

    /// The folders of the environments that use `file`.
    fn users(importers: &Importers, file: &str) -> Vec<String> {
        let source = &**importers.sources.source();
        let root = Path::new(ROOT);
        let file = Imported::parse(source, file, root, root).unwrap();
        let folder = |path: PathBuf| {
            let below = path.strip_prefix("/ws/environments").unwrap();
            below.parent().unwrap().display().to_string()
        };
        importers.of(&file).into_iter().map(folder).collect()
    }

    #[test]
    fn files_are_traced_to_the_entrypoints_that_use_them() {
        let importers = example();
        assert_eq!(users(&importers, "lib/x.libsonnet"), ["a"]);
        // `unused.libsonnet` is in the folder of `b`, and imports this.
        assert_eq!(users(&importers, "lib/y.libsonnet"), ["a", "b"]);
        assert_eq!(users(&importers, "lib/note.txt"), ["a", "b"]);
        assert_eq!(users(&importers, "lib/sub/z.libsonnet"), [""; 0]);
    }

    #[test]
    fn an_entrypoint_uses_itself_and_what_lies_beside_it() {
        let importers = example();
        assert_eq!(users(&importers, "environments/c/main.jsonnet"), ["c"]);
        assert_eq!(users(&importers, "environments/b/unused.libsonnet"), ["b"]);
        assert_eq!(users(&importers, "environments/readme"), ["a", "b", "c"]);
    }

    #[test]
    fn files_that_are_gone_are_known_by_the_attempts_to_import_them() {
        let importers = example();
        for gone in ["deleted:lib/gone.libsonnet", "deleted:/ws/vendor/gone.libsonnet"] {
            assert_eq!(users(&importers, gone), ["b"], "{gone}");
        }
        assert_eq!(users(&importers, "deleted:lib/other.libsonnet"), [""; 0]);
        assert_eq!(users(&importers, "deleted:environments/a/x/old.libsonnet"), ["a"]);
        let source = &**importers.sources.source();
        let error =
            Imported::parse(source, "lib/gone", Path::new(ROOT), Path::new(ROOT)).unwrap_err();
        assert_eq!(error.to_string(), "file \"lib/gone\" does not exist");
    }

    #[test]
    fn an_import_is_resolved_as_its_environment_resolves_it() {
        let importers = workspace(&[
            ("environments/own/main.jsonnet", "import 'v/main.libsonnet'"),
            ("environments/own/vendor/v/main.libsonnet", "1"),
            ("environments/shared/main.jsonnet", "import 'v/main.libsonnet'"),
            ("vendor/v/main.libsonnet", "2"),
        ]);
        assert_eq!(users(&importers, "vendor/v/main.libsonnet"), ["shared"]);
        assert_eq!(users(&importers, "environments/own/vendor/v/main.libsonnet"), ["own"]);
    }

    #[test]
    fn an_import_of_another_entrypoint_is_followed_and_may_go_in_circles() {
        let importers = workspace(&[
            ("environments/a/main.jsonnet", "import '../b/main.jsonnet'"),
            ("environments/b/main.jsonnet", "[import 'f.libsonnet', import '../a/main.jsonnet']"),
            ("environments/b/f.libsonnet", "{}"),
        ]);
        assert_eq!(users(&importers, "environments/b/f.libsonnet"), ["a", "b"]);
    }

    #[test]
    fn counts_come_by_number_and_then_by_path() {
        let importers = example();
        let count = |dir: &str, recursive: bool| -> Vec<String> {
            let jsonnet = |path: &Path| path.extension().is_some_and(|end| end == "libsonnet");
            let counts = importers.count(Path::new(dir), Path::new(ROOT), recursive, &jsonnet);
            let line = |(file, count): (PathBuf, usize)| format!("{}: {count}", file.display());
            counts.unwrap().into_iter().map(line).collect()
        };
        assert_eq!(count("lib", false), ["lib/y.libsonnet: 2", "lib/x.libsonnet: 1"]);
        assert_eq!(count("lib/", true)[2], "lib/sub/z.libsonnet: 0");
        assert_eq!(count("environments/b", true), ["environments/b/unused.libsonnet: 1"]);
        assert_eq!(count("lib/x.libsonnet", false), ["lib/x.libsonnet: 1"]);
        let error = importers.count(Path::new("no"), Path::new(ROOT), true, &|_| true).unwrap_err();
        assert!(matches!(error, ImportersError::Folder { .. }), "{error}");
    }
}

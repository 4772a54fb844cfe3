//! Which environments import a file: the answer for `tool importers` and `tool importers-count`.
//!
//! The import graph of every entrypoint below a root says which files it reaches and which paths it
//! tried in vain, so deleted files are found as well. Beyond that a file counts as used by the
//! environment whose folder it is in (or by those below its folder), unless it is in the root's
//! `vendor` or `lib`; and a file that imports the one in question passes this on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_env::search_path;
use renga_jsonnet::{ImportGraph, Sources, import_graph};
use renga_project::{DiskSource, Entrypoint, FileKind, Source as _, clean};

const MAIN_FILE: &str = "main.jsonnet";

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 200;

/// The import graphs of everything below a root.
pub(crate) struct Importers {
    root: PathBuf,
    /// Every Jsonnet file, with the files it reaches and the paths it tried in vain.
    graphs: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// Every symbolic link with what it leads to.
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Importers {
    /// Reads all Jsonnet files below `root` (absolute). Links to folders are not followed.
    ///
    /// # Errors
    ///
    /// As the file system says, for a folder that cannot be listed.
    pub(crate) fn below(root: &Path) -> io::Result<Self> {
        let sources = Sources::new(Arc::new(DiskSource));
        let mut walk = Walk::default();
        walk.visit(root, 0)?;
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let graphs = walk
            .files
            .into_iter()
            .map(|file| {
                let entrypoint = entrypoint_of(&file, root);
                let ImportGraph { files, missed, .. } =
                    import_graph(&sources, &file, &search_path(&entrypoint));
                let reached = files.into_keys().flat_map(|path| [real(&path), path]);
                (file, reached.chain(missed).collect())
            })
            .collect();
        Ok(Self { root: root.to_owned(), graphs, links: walk.links })
    }

    /// The entrypoints that use a file which exists (absolute), links resolved.
    pub(crate) fn of_file(&self, file: &Path) -> BTreeSet<PathBuf> {
        let file = clean(file);
        let mut names = BTreeSet::from([file.clone()]);
        if let Ok(real) = std::fs::canonicalize(&file) {
            names.insert(real);
        }
        // The same file seen through a link to it, or to a folder above it.
        for (link, target) in &self.links {
            if let Ok(below) = file.strip_prefix(target) {
                names.insert(clean(&link.join(below)));
            }
        }
        self.of_names(&names)
    }

    /// The entrypoints that use a file which may be gone, under any of these names (absolute).
    pub(crate) fn of_names(&self, names: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        for name in names {
            if is_main(name) {
                found.insert(name.clone());
            }
            self.add_neighbours(name, &mut found);
        }
        for (file, reached) in &self.graphs {
            if names.iter().any(|name| reached.contains(name)) {
                if is_main(file) {
                    found.insert(file.clone());
                } else {
                    self.add_neighbours(file, &mut found);
                }
            }
        }
        found.into_iter().map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect()
    }

    /// Adds the entrypoint of the environment `file` is in, or else those below its folder.
    fn add_neighbours(&self, file: &Path, found: &mut BTreeSet<PathBuf>) {
        if ["vendor", "lib"].iter().any(|shared| file.starts_with(self.root.join(shared))) {
            return;
        }
        let Some(dir) = file.parent() else { return };
        let existing = dir.ancestors().find(|dir| dir.is_dir()).unwrap_or(dir);
        if let Ok(entrypoint) = Entrypoint::resolve(&DiskSource, existing) {
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

/// The environment that decides where `file` finds its imports.
fn entrypoint_of(file: &Path, root: &Path) -> Entrypoint {
    let dir = file.parent().unwrap_or(root);
    Entrypoint::resolve(&DiskSource, dir).unwrap_or_else(|_| Entrypoint {
        root: root.to_owned(),
        base: dir.to_owned(),
        file: file.to_owned(),
    })
}

#[derive(Default)]
struct Walk {
    files: Vec<PathBuf>,
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Walk {
    fn visit(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        for entry in DiskSource.list(dir)? {
            let path = dir.join(&entry.name);
            let is_jsonnet =
                path.extension().is_some_and(|end| end == "jsonnet" || end == "libsonnet");
            match entry.kind {
                Some(FileKind::Directory) => self.visit(&path, depth + 1)?,
                Some(FileKind::File) if is_jsonnet => self.files.push(path),
                Some(_) => {}
                None => {
                    if let Ok(target) = std::fs::canonicalize(&path) {
                        if is_jsonnet && target.is_file() {
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
    use super::*;

    #[test]
    fn files_are_traced_to_the_entrypoints_that_use_them() {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path().canonicalize().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("jsonnetfile.json", "{}");
        write("environments/a/main.jsonnet", "import 'x.libsonnet'");
        write("environments/b/main.jsonnet", "import 'gone.libsonnet'");
        write("environments/b/unused.libsonnet", "import 'y.libsonnet'");
        write("environments/c/main.jsonnet", "{}");
        write("lib/x.libsonnet", "import 'y.libsonnet'");
        write("lib/y.libsonnet", "{}");

        let importers = Importers::below(&root).unwrap();
        let names = |found: BTreeSet<PathBuf>| -> Vec<String> {
            let short = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
            found.iter().map(short).collect()
        };
        let (a, b, c) = (
            "environments/a/main.jsonnet",
            "environments/b/main.jsonnet",
            "environments/c/main.jsonnet",
        );
        assert_eq!(names(importers.of_file(&root.join("lib/x.libsonnet"))), [a]);
        assert_eq!(names(importers.of_file(&root.join("lib/y.libsonnet"))), [a, b]);
        assert_eq!(names(importers.of_file(&root.join(c))), [c]);
        assert_eq!(names(importers.of_file(&root.join("environments/readme"))), [a, b, c]);
        let gone = BTreeSet::from([root.join("lib/gone.libsonnet")]);
        assert_eq!(names(importers.of_names(&gone)), [b]);
    }
}

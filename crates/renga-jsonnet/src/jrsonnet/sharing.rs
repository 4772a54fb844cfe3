//! Which imports keep their values from one request to the next.
//!
//! The value of a file is shared when it cannot differ between two requests: the file and all code
//! it imports, directly or not, are pure (see [`crate::scan`]), and every import among them leads
//! to the same file as before. The latter matters because a directory of the search path that
//! belongs to one environment may hide a library of all. Sharing goes by a *version*: the hash of
//! all these edges. A file of the same path and version has the same value.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::native::{Natives, Reach};
use crate::search::{SearchPath, TK_LIBRARY};
use crate::sources::{ImportKind, Sources};

/// Finds what a request may share.
pub(super) struct Sharing<'a> {
    pub(super) sources: &'a Sources,
    pub(super) natives: &'a Natives,
    pub(super) search_path: &'a SearchPath,
    states: FxHashMap<PathBuf, State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// On the way down; met again it is part of a cycle.
    Open,
    /// May differ between requests.
    Own,
    Shared(u64),
}

impl<'a> Sharing<'a> {
    pub(super) fn new(
        sources: &'a Sources,
        natives: &'a Natives,
        search_path: &'a SearchPath,
    ) -> Self {
        Self { sources, natives, search_path, states: FxHashMap::default() }
    }

    /// The versions of all files below `entrypoint` that may be shared.
    pub(super) fn versions(mut self, entrypoint: &Path) -> HashMap<PathBuf, u64> {
        self.visit(entrypoint);
        let shared = |(path, state)| match state {
            State::Shared(version) => Some((path, version)),
            State::Open | State::Own => None,
        };
        self.states.into_iter().filter_map(shared).collect()
    }

    fn visit(&mut self, path: &Path) -> State {
        if let Some(state) = self.states.get(path) {
            return *state;
        }
        self.states.insert(path.to_owned(), State::Open);
        let state = crate::big_stack::with_big_stack(|| self.version(path));
        self.states.insert(path.to_owned(), state);
        state
    }

    fn version(&mut self, path: &Path) -> State {
        let Ok(file) = self.sources.load(path) else { return State::Own };
        let scan = file.scan();
        let pure_native = |name: &String| {
            self.natives.get(name).is_none_or(|native| native.reach() == Reach::Arguments)
        };
        let mut shared = !scan.impure
            && path != Path::new(TK_LIBRARY)
            && scan.natives.iter().all(pure_native)
            && file.text().is_ok();
        let mut hasher = FxBuildHasher.build_hasher();
        path.hash(&mut hasher);
        for import in file.imports() {
            let resolution = self.search_path.resolve(self.sources, path.parent(), &import.path);
            let Some(target) = resolution.found else {
                shared = false;
                continue;
            };
            target.hash(&mut hasher);
            if import.kind == ImportKind::Import {
                match self.visit(&target) {
                    State::Shared(version) => version.hash(&mut hasher),
                    State::Open | State::Own => shared = false,
                }
            }
        }
        // Odd: never the epoch of a request, which is even.
        if shared { State::Shared(hasher.finish() | 1) } else { State::Own }
    }
}

//! Revisions of small histories that the tests build with the `git` program.

#![expect(clippy::unwrap_used, reason = "a test has nothing better to do")]

use std::path::{Path, PathBuf};
use std::process::Command;

use renga_git::{GitError, Repository};
use renga_project::{FileKind, Source};

struct History {
    dir: tempfile::TempDir,
}

impl History {
    fn new() -> Self {
        let history = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        fs_err::create_dir(history.root()).unwrap();
        history.git(&["init", "-q", "-b", "main"]);
        history
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("repo")
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.root(), arguments)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            self.write(path, text);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn open(&self) -> Repository {
        Repository::open(&self.root()).unwrap()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git can be started");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn text(source: &dyn Source, path: &Path) -> String {
    let bytes = source.read(path).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn the_base_is_where_histories_parted() {
    let history = History::new();
    let fork = history.commit(&[("a", "1")]);
    history.git(&["checkout", "-q", "-b", "topic"]);
    let head = history.commit(&[("a", "2")]);
    history.git(&["checkout", "-q", "main"]);
    let tip = history.commit(&[("b", "later on main")]);
    history.git(&["tag", "-a", "-m", "x", "v1"]);
    history.git(&["checkout", "-q", "topic"]);
    for revision in ["main", "v1", tip.as_str(), &tip[..10], "refs/heads/main"] {
        let base = history.open().base(revision).unwrap();
        assert_eq!((&base.commit, &base.tip, &base.head), (&fork, &tip, &head), "{revision}");
    }
    let base = history.open().base("HEAD~1").unwrap();
    assert_eq!(base.commit, fork);
}

#[test]
fn a_commit_is_read_at_the_paths_of_the_working_tree() {
    let history = History::new();
    history.write("real/deep/file", "one");
    history.write("gone", "there was one");
    let link = |target: &str, path: &str| {
        std::os::unix::fs::symlink(target, history.root().join(path)).unwrap();
    };
    link("real/deep", "folder");
    link("folder/file", "twice");
    link("nowhere", "dangling");
    link("loop-b", "loop-a");
    link("loop-a", "loop-b");
    let outside = history.dir.path().canonicalize().unwrap().join("outside");
    fs_err::write(&outside, "not of git").unwrap();
    link("../outside", "out");
    let commit = history.commit(&[]);
    history.git(&["rm", "-q", "gone"]);
    history.commit(&[("real/deep/file", "two"), ("new", "x")]);
    let (root, source) = (history.root(), history.open().source(&commit).unwrap());

    for path in ["real/deep/file", "folder/file", "twice", "folder/../deep/file", "./twice"] {
        // `..` is resolved by text, as every caller does.
        if path == "folder/../deep/file" {
            assert_eq!(source.probe(&root.join(path)), None);
            continue;
        }
        assert_eq!(text(&source, &root.join(path)), "one", "{path}");
    }
    assert_eq!(text(&source, &root.join("gone")), "there was one");
    assert_eq!(text(&source, &root.join("out")), "not of git");
    assert_eq!(text(&source, &outside), "not of git");
    assert_eq!(source.probe(&root.join("new")), None);
    assert_eq!(source.probe(&root.join("dangling")), None);
    assert_eq!(source.probe(&root.join("loop-a")), None);
    assert!(source.read(&root.join("loop-a")).is_err());
    assert!(source.read(&root.join("real")).is_err(), "a folder");
    assert!(source.read(&root.join("gone/below")).is_err());
    assert_eq!(source.probe(&root.join("folder")), Some(FileKind::Directory));
    assert_eq!(source.real_path(&root.join("twice")).unwrap(), root.join("real/deep/file"));
    let names: Vec<_> = source.list(&root).unwrap();
    let names: Vec<_> = names.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    assert_eq!(
        names,
        [
            ("dangling", None),
            ("folder", None),
            ("gone", Some(FileKind::File)),
            ("loop-a", None),
            ("loop-b", None),
            ("out", None),
            ("real", Some(FileKind::Directory)),
            ("twice", None),
        ]
    );
    assert_eq!(source.list(&root.join("folder")).unwrap().len(), 1);
}

#[test]
fn what_git_ignores_is_read_from_the_disk() {
    let history = History::new();
    let commit = history.commit(&[(".gitignore", "/vendor/\n"), ("a", "1")]);
    history.write("vendor/lib/x", "vendored");
    history.write("untracked", "new");
    let (root, source) = (history.root(), history.open().source(&commit).unwrap());
    assert_eq!(text(&source, &root.join("vendor/lib/x")), "vendored");
    assert_eq!(source.probe(&root.join("vendor/lib/other")), None);
    assert_eq!(source.probe(&root.join("untracked")), None);
    assert_eq!(source.from_disk(), [PathBuf::from("vendor")]);
}

#[test]
fn the_working_tree_beside_a_commit() {
    let history = History::new();
    let base =
        history.commit(&[("a", "1"), ("b", "1"), ("c", "1"), ("d/e", "1"), (".gitignore", "i\n")]);
    history.commit(&[("a", "2")]);
    let clean = history.open().working_tree(&base).unwrap();
    assert!(clean.uncommitted.is_empty());
    assert_eq!(clean.changed.into_iter().collect::<Vec<_>>(), [history.root().join("a")]);
    history.write("b", "22");
    history.git(&["add", "b"]);
    fs_err::remove_file(history.root().join("c")).unwrap();
    history.write("d/new", "x");
    history.write("i", "ignored");
    let before = fs_err::read(history.root().join(".git/index")).unwrap();
    let dirty = history.open().working_tree(&base).unwrap();
    let told: Vec<_> = dirty.uncommitted.iter().map(String::as_str).collect();
    assert_eq!(told, ["b", "c", "d/new"]);
    let changed: Vec<_> = ["a", "b", "c", "d/new"].map(|path| history.root().join(path)).into();
    assert_eq!(dirty.changed.into_iter().collect::<Vec<_>>(), changed);
    assert_eq!(fs_err::read(history.root().join(".git/index")).unwrap(), before);
    assert!(!history.root().join(".git/index.lock").exists());
}

#[test]
fn worktrees_and_submodules_have_their_own_files() {
    let history = History::new();
    let first = history.commit(&[("a", "1")]);
    history.commit(&[("a", "2")]);
    history.git(&["worktree", "add", "-q", "../tree", "HEAD~1"]);
    let tree = history.root().parent().unwrap().join("tree");
    let repository = Repository::open(&tree).unwrap();
    assert_eq!(repository.root(), tree);
    assert_eq!(repository.base("main").unwrap().head, first);
    assert_eq!(text(&repository.source(&first).unwrap(), &tree.join("a")), "1");

    // A workspace that is a submodule, and one that has it.
    let outer = History::new();
    let inner = history.root();
    outer.git(&["submodule", "add", "-q", inner.to_str().unwrap(), "ws"]);
    let pinned = outer.commit(&[]);
    let ws = outer.root().join("ws");
    let source = Repository::open(&ws).unwrap().source(&first).unwrap();
    assert_eq!(text(&source, &ws.join("a")), "1");
    git(&ws, &["checkout", "-q", &first]);
    outer.commit(&[]);
    let source = outer.open().source(&pinned).unwrap();
    assert_eq!(text(&source, &ws.join("a")), "2", "the commit that was pinned then");
    assert!(source.missing_submodules().is_empty());
    // One whose repository was never fetched.
    let clone = outer.root().parent().unwrap().join("clone");
    git(outer.root().parent().unwrap(), &["clone", "-q", outer.root().to_str().unwrap(), "clone"]);
    let source = Repository::open(&clone).unwrap().source(&pinned).unwrap();
    assert!(source.read(&clone.join("ws/a")).is_err());
    assert_eq!(source.missing_submodules(), [PathBuf::from("ws")]);
}

#[test]
fn what_is_not_there_is_an_error_that_says_what_to_do() {
    use miette::Diagnostic as _;
    let history = History::new();
    assert!(matches!(history.open().base("main"), Err(GitError::NoCommit)));
    for number in 0..6 {
        history.commit(&[("a", &number.to_string())]);
    }
    let help = |error: &GitError| error.help().map(|help| help.to_string()).unwrap_or_default();
    let error = history.open().base("origin/nothing").unwrap_err();
    assert_eq!(error.to_string(), "no commit is called `origin/nothing` here");
    assert!(help(&error).contains("git fetch origin nothing"), "{}", help(&error));
    assert!(matches!(history.open().base(""), Err(GitError::UnknownRevision { .. })));
    assert!(matches!(history.open().base("main..HEAD"), Err(GitError::UnknownRevision { .. })));
    assert!(matches!(history.open().base("HEAD:a"), Err(GitError::UnknownRevision { .. })));

    history.git(&["checkout", "-q", "--orphan", "other"]);
    history.commit(&[("z", "z")]);
    assert!(matches!(history.open().base("main"), Err(GitError::Unrelated { .. })));
    history.git(&["checkout", "-q", "main"]);

    // Both lines are there, but not where they parted.
    history.git(&["checkout", "-q", "-b", "topic", "HEAD~4"]);
    for number in 0..3 {
        history.commit(&[("t", &number.to_string())]);
    }
    let parent = history.root().parent().unwrap().to_owned();
    let url = format!("file://{}", history.root().display());
    git(
        &parent,
        &["clone", "-q", "--depth", "2", "--no-single-branch", "-b", "topic", &url, "shallow"],
    );
    let shallow = Repository::open(&parent.join("shallow")).unwrap();
    let error = shallow.base("origin/main").unwrap_err();
    assert!(matches!(error, GitError::Shallow { commits: 2, .. }), "{error:?}");
    assert!(help(&error).contains("fetch depth of more than 2"), "{}", help(&error));
    assert_eq!(shallow.base("HEAD~1").unwrap().commit.len(), 40);
    let error = shallow.base("main").unwrap_err();
    assert!(help(&error).contains("--base origin/main"), "{}", help(&error));

    let outside = tempfile::tempdir().unwrap();
    assert!(matches!(Repository::open(outside.path()), Err(GitError::NoRepository { .. })));
}

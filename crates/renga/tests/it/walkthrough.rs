//! Every command of `docs/workspace.md`, in its order, in a copy of the workspace.
//!
//! A server of ours stands in for `charts.example.com`. Commands on a cluster are left to the tests
//! that have one.

use std::path::Path;
use std::process::Command;

use renga_test::{ChartServer, chart_sources};

/// What the guide says one can type, and what is said to come of it.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    words: Vec<String>,
    /// Lines that the answer has.
    expected: Vec<String>,
}

/// The commands of a text: lines of code that begin with `renga`, or with `> renga` where the lines
/// below are the answer, and code within lines.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut answering = false;
    for line in text.lines() {
        let code = line.trim_start();
        let is_code = line.starts_with("    ");
        let typed = code.strip_prefix("> ").filter(|_| is_code);
        if let Some(command) =
            typed.or(Some(code).filter(|code| is_code && code.starts_with("renga ")))
        {
            steps.push(Step { words: words(command), expected: Vec::new() });
            answering = typed.is_some();
        } else if is_code && answering && !code.is_empty() {
            steps.last_mut().expect("a command").expected.push(code.to_owned());
        } else {
            answering = false;
            let spans = line.split('`').skip(1).step_by(2);
            let commands = spans.filter(|span| !is_code && span.starts_with("renga ")).map(words);
            // Two words name a command, they do not give one.
            let commands = commands.filter(|words| words.len() > 2);
            steps.extend(commands.map(|words| Step { words, expected: Vec::new() }));
        }
    }
    steps
}

/// The words of a command line; quotes keep blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Path, to: &Path) {
    let metadata = fs_err::symlink_metadata(from).expect("a part of the workspace");
    if metadata.is_symlink() {
        std::os::unix::fs::symlink(fs_err::read_link(from).expect("a link"), to).expect("a link");
    } else if metadata.is_dir() {
        fs_err::create_dir_all(to).expect("a folder");
        for entry in fs_err::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs_err::copy(from, to).expect("a file");
    }
}

const PARTS: [&str; 10] = [
    "chartfile.lock",
    "chartfile.yaml",
    "charts",
    "environments",
    "jsonnetfile.json",
    "jsonnetfile.lock.json",
    "lib",
    "renga.toml",
    "service_catalog.json",
    "vendor",
];

/// Commands that ask a cluster: `tests/cluster/platform.rs` gives them.
const LIVE: [&str; 4] = ["apply", "diff", "prune", "status"];

#[test]
fn every_command_of_the_guide_works() {
    let server = ChartServer::start().expect("a server on this machine");
    for entry in fs_err::read_dir(chart_sources()).expect("charts") {
        let entry = entry.expect("charts");
        let name = entry.file_name().into_string().expect("a name");
        server.add_charts_below(&name, &entry.path()).expect("charts to serve");
    }
    let here = |text: &str| text.replace("https://charts.example.com/", &server.repository(""));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    for part in PARTS {
        copy(&repository().join(part), &root.join(part));
    }
    branch(root);
    let chartfile =
        here(&fs_err::read_to_string(root.join("chartfile.yaml")).expect("a chartfile"));

    let text = fs_err::read_to_string(repository().join("docs/workspace.md")).expect("the guide");
    let steps = steps(&text);
    assert!(steps.len() > 20, "the guide has commands");
    for step in &steps {
        let arguments: Vec<String> = step.words[1..]
            .iter()
            .map(|word| here(word).replace("PATH", "environments/velero"))
            .collect();
        if LIVE.contains(&arguments[0].as_str()) {
            continue;
        }
        let first_chart = arguments.starts_with(&["charts".to_owned(), "add-repo".to_owned()])
            && !step.expected.is_empty()
            && step.expected[0].starts_with("Skipping");
        if first_chart {
            // The guide begins without charts.
            for part in ["charts", "chartfile.yaml", "chartfile.lock"] {
                fs_err::rename(root.join(part), root.join(format!("all-{part}"))).expect("a move");
            }
            fs_err::write(root.join("chartfile.yaml"), "version: 1\n").expect("a chartfile");
        } else if !matches!(arguments[0].as_str(), "charts" | "helm")
            || arguments == ["charts", "outdated"]
        {
            restore(root, &chartfile);
        }
        let output = Command::new(env!("CARGO_BIN_EXE_renga"))
            .args(&arguments)
            .current_dir(root)
            .env("XDG_CACHE_HOME", root.join("cache"))
            .output()
            .expect("renga can be started");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let fails = step.expected.iter().any(|line| line.starts_with("error: "));
        assert_eq!(output.status.code(), Some(i32::from(fails)), "{:?}: {said}", step.words);
        for line in &step.expected {
            // On a terminal it is the line; here it is in a line for programs.
            assert!(said.contains(line.as_str()), "{:?}: {said}", step.words);
        }
    }
}

/// Makes the copy a clone whose branch begins at `origin/main`.
fn branch(root: &Path) {
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "main"],
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
    ] {
        let output = Command::new("git")
            .args(["-c", "user.name=guide", "-c", "user.email=guide@example.com"])
            .args(arguments)
            .current_dir(root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("git can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Puts the workspace's own charts back in place.
fn restore(root: &Path, chartfile: &str) {
    if !root.join("all-charts").exists() {
        return;
    }
    fs_err::remove_dir_all(root.join("charts")).expect("a folder");
    for part in ["charts", "chartfile.lock"] {
        fs_err::rename(root.join(format!("all-{part}")), root.join(part)).expect("a move");
    }
    fs_err::write(root.join("chartfile.yaml"), chartfile).expect("a chartfile");
}

#[test]
fn commands_are_found_in_all_forms() {
    let text = "Say `renga show X`, as in `renga show`.\n\n    renga eval 'a b'\n\n       > renga x\n       answer\n       > renga y\n\n    other\n";
    let step = |words: &[&str], expected: &[&str]| Step {
        words: words.iter().map(ToString::to_string).collect(),
        expected: expected.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(
        steps(text),
        [
            step(&["renga", "show", "X"], &[]),
            step(&["renga", "eval", "a b"], &[]),
            step(&["renga", "x"], &["answer"]),
            step(&["renga", "y"], &[]),
        ]
    );
}

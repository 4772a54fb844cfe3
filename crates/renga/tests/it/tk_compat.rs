//! renga under the name `tk` answers as the recorded Grafana Tanka does.
//!
//! Each topic is a folder of `tests/tk`; its README explains the format and how to record. A test
//! reports every command that differs, not only the first.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use renga_test::{
    Case, Expectation, Failure, Golden, Program, Source, compare, find_cases, known_gaps, play,
};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tk")
}

fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        Program::named(Path::new(env!("CARGO_BIN_EXE_renga")), "tk")
            .expect("the binary can be linked")
    })
}

/// Plays one case and returns the commands that differ.
fn differing(path: &Path) -> Vec<Failure> {
    let case = Case::read(path).unwrap_or_else(|error| panic!("{error}"));
    let outcome = play(&case, program())
        .map_err(|error| error.to_string())
        .and_then(|blocks| compare(&case, &blocks).map_err(|error| error.to_string()));
    outcome.unwrap_or_else(|difference| {
        vec![Failure { id: format!("{}:0", case.id()), command: String::new(), difference }]
    })
}

fn check(topic: &str) {
    let cases = find_cases(&corpus().join(topic)).expect("the topic's folder can be read");
    assert!(!cases.is_empty(), "no cases in tests/tk/{topic}");
    let queue = Mutex::new(cases.into_iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(path) = queue.lock().expect("no worker panics").next() else { break };
                    let differing = differing(&path);
                    failures.lock().expect("no worker panics").extend(differing);
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no worker panics");
    failures.sort_by(|left, right| left.id.cmp(&right.id));
    let gaps = known_gaps(&corpus().join("known-gaps.txt")).expect("the list can be read");
    let (known, new): (Vec<_>, Vec<_>) =
        failures.into_iter().partition(|failure| gaps.contains(&failure.id));
    let known: BTreeSet<_> = known.into_iter().map(|failure| failure.id).collect();
    let mut report = String::new();
    for failure in &new {
        let _ = write!(report, "\n{failure}");
    }
    for gap in gaps.iter().filter(|gap| gap.starts_with(&format!("{topic}/"))) {
        if !known.contains(gap) {
            let _ = writeln!(report, "\n{gap} agrees now: remove it from known-gaps.txt");
        }
    }
    assert!(report.is_empty(), "{} commands of `{topic}` differ:\n{report}", new.len());
}

#[test]
fn every_difference_is_explained() {
    let document = corpus().join("../../docs/differences.md");
    let document = fs_err::read_to_string(document).expect("the document can be read");
    let anchors: BTreeSet<_> =
        document.lines().filter_map(|line| line.strip_prefix("### ")).map(str::trim).collect();
    let mut missing = Vec::new();
    for path in find_cases(&corpus()).expect("the corpus can be read") {
        let case = Case::read(&path).unwrap_or_else(|error| panic!("{error}"));
        for step in case.steps() {
            let Expectation::Own(reason) = &step.expectation else { continue };
            let place = reason.split_whitespace().next().unwrap_or_default();
            let anchor = place.strip_prefix("differences.md#");
            if !anchor.is_some_and(|anchor| anchors.contains(anchor)) {
                missing.push(format!("{}: {reason}", case.id()));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/differences.md:\n{}", missing.join("\n"));
}

#[test]
fn every_difference_differs() {
    let mut stale = Vec::new();
    for path in find_cases(&corpus()).expect("the corpus can be read") {
        let case = Case::read(&path).unwrap_or_else(|error| panic!("{error}"));
        let golden = |source: Source| {
            Golden::read(&source.path(&case)).unwrap_or_else(|error| panic!("{error}"))
        };
        let (reference, own) = (golden(Source::Reference), golden(Source::Own));
        for (index, step) in case.steps().enumerate() {
            let blocks = (
                reference.block(&case, Source::Reference, index),
                own.block(&case, Source::Own, index),
            );
            if let (Expectation::Own(_), (Some(theirs), Some(ours))) = (&step.expectation, blocks)
                && step.agrees(theirs, ours)
            {
                stale.push(format!("{}:{}", case.id(), index + 1));
            }
        }
    }
    assert!(stale.is_empty(), "`@differs`, and answers as tk does:\n{}", stale.join("\n"));
}

macro_rules! topics {
    ($($topic:ident)*) => {
        $(#[test]
        fn $topic() {
            check(stringify!($topic));
        })*

        #[test]
        fn every_topic_has_a_test() {
            let known = BTreeSet::from([$(stringify!($topic).to_owned()),*]);
            let folders = fs_err::read_dir(corpus()).expect("the corpus can be read");
            let folders: BTreeSet<_> = folders
                .map(|entry| entry.expect("the corpus can be read"))
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            // What needs a cluster is the business of the tests named after it.
            let live = BTreeSet::from(["live".to_owned()]);
            assert_eq!(folders, known.union(&live).cloned().collect());
        }
    };
}

topics! {
    charts cli cluster complete env environments errors eval export external init logs manifests natives selectors show tool
    traces
}

//! Evaluates every environment below a workspace in one session and prints time and memory:
//! `fleet WORKSPACE [ROUNDS]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use renga_jsonnet::{
    Engine, JrsonnetEngine, Limits, Request, SearchPath, SilentLog, Sources, Variable, standard,
    with_big_stack,
};
use renga_project::DiskSource;

/// Resident memory in MiB, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0) / 1024
}

fn environments(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            environments(&path, found);
        } else if entry.file_name() == "main.jsonnet" {
            found.push(path);
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example program")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().unwrap_or_default());
    let rounds: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut entrypoints = Vec::new();
    environments(&root.join("environments"), &mut entrypoints);
    entrypoints.sort();
    let sources = Sources::new(Arc::new(DiskSource));
    let engine = JrsonnetEngine::new(sources, standard(), Limits::default(), Arc::new(SilentLog));
    with_big_stack(|| {
        let mut session = engine.session();
        let mut done = 0;
        for round in 0..rounds {
            let start = Instant::now();
            let mut slowest = 0;
            for entrypoint in &entrypoints {
                let one = Instant::now();
                let base = entrypoint.parent().unwrap_or(&root);
                let path =
                    [base.into(), root.join("lib"), base.join("vendor"), root.join("vendor")];
                let mut request = Request::new(entrypoint, SearchPath::new(path));
                if let Ok(spec) = std::fs::read_to_string(base.join("spec.json")) {
                    let variable = Variable::Code(spec);
                    request.ext_vars =
                        Arc::new([("tanka.dev/environment".to_owned(), variable)].into());
                }
                match session.evaluate(&request).and_then(|value| value.manifest()) {
                    Ok(value) => drop(std::hint::black_box(value)),
                    Err(error) => println!("{}: {error}", entrypoint.display()),
                }
                slowest = slowest.max(one.elapsed().as_micros());
                done += 1;
            }
            let each = start.elapsed().as_micros() / entrypoints.len().max(1) as u128;
            println!(
                "round {round}: {each} µs each, slowest {slowest} µs, {} MiB after {done}",
                resident()
            );
        }
    });
}

//! `cargo xtask fuzz-templates`: random templates for Helm and for us, until both disagree.
//!
//! Owns the two programs, the comparison and the shrinking of what differs; templates and values
//! come from [`generate`]. The programs are `tests/oracle/helm` (Helm's own engine, needs Go) and
//! the example `answers` of `renga-helm`; both answer JSON lines.
//!
//! Invariant: the same seed makes the same cases.

mod generate;

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitCode, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use clap::Args;
use generate::{Case, Random};
use serde_json::{Value, json};

use crate::cargo;

/// How long a program may take for one case. Some templates never end in Go.
const PATIENCE: Duration = Duration::from_secs(10);

/// What no two programs have in common: addresses of memory, and the Go that Helm was built with.
/// And errors that are not UTF-8, which arrive quoted.
const NOT_COMPARED: &[&str] = &["0x", "go1.", "error \"\\\""];

/// How often a difference is asked about again while it is made smaller.
const MOST_ATTEMPTS: usize = 6000;

/// Arguments of `cargo xtask fuzz-templates`.
#[derive(Debug, Args)]
pub(crate) struct FuzzArgs {
    /// How long to go on
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the random numbers begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End after this many differences
    #[arg(long, default_value_t = 20)]
    differences: usize,
}

/// Runs `cargo xtask fuzz-templates`; fails when a case differs.
pub(crate) fn fuzz(args: &FuzzArgs) -> ExitCode {
    match run(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &FuzzArgs) -> Result<bool, Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let tests = cargo::root().join("crates/renga-helm/tests");
    let mut pair = Pair {
        helm: Program::new(build_helm(scratch.path())?, vec!["eval".into(), tests.clone()])?,
        ours: Program::new(build_ours()?, vec![tests.join("cases/chart")])?,
    };
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let (mut count, mut unanswered, mut errors) = (0_usize, 0_usize, 0_usize);
    let mut found: Vec<String> = Vec::new();
    let mut seed = args.seed;
    while Instant::now() < end && found.len() < args.differences {
        let case = generate::case(&mut Random::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)));
        seed += 1;
        count += 1;
        match pair.compare(&case)? {
            Outcome::Same { error } => errors += usize::from(error),
            Outcome::Unanswered => unanswered += 1,
            Outcome::Different(difference) => {
                let (case, difference) = shrink(&mut pair, case, difference)?;
                // The same fault is met again and again; its shape is enough to know it by.
                if found.contains(&difference.shape()) {
                    continue;
                }
                found.push(difference.shape());
                anstream::println!(
                    "seed {}: {}\n  values {}\n  {} helm {}\n  {} ours {}",
                    seed - 1,
                    case.template.replace('\n', "⏎"),
                    case.values,
                    difference.version,
                    difference.helm,
                    difference.version,
                    difference.ours,
                );
            }
        }
    }
    anstream::println!(
        "{count} cases, {errors} of them errors in both, {unanswered} without an answer of Helm, {} kinds of difference",
        found.len()
    );
    Ok(found.is_empty())
}

fn build_helm(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let program = folder.join("helm-answers");
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&program).arg(".");
    let status = command.current_dir(cargo::root().join("tests/oracle/helm")).status()?;
    if status.success() { Ok(program) } else { Err(format!("go build: {status}").into()) }
}

fn build_ours() -> Result<PathBuf, Box<dyn Error>> {
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--package", "renga-helm", "--example", "answers"]);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.current_dir(cargo::root()).stderr(Stdio::inherit()).output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|artifact| artifact["target"]["name"] == "answers")
        .find_map(|artifact| artifact["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo build did not build the example `answers`".into())
}

/// A program that answers lines with lines, started anew when it stops doing so.
struct Program {
    path: PathBuf,
    args: Vec<PathBuf>,
    running: Running,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

impl Program {
    fn new(path: PathBuf, args: Vec<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let running = start(&path, &args)?;
        Ok(Program { path, args, running })
    }

    /// The answer to a line; `None` when there is none in time, or the program is gone.
    fn ask(&mut self, line: &str) -> Result<Option<Value>, Box<dyn Error>> {
        let sent = writeln!(self.running.stdin, "{line}").and_then(|()| self.running.stdin.flush());
        let answer = match sent {
            Ok(()) => self.running.lines.recv_timeout(PATIENCE),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        if let Ok(answer) = answer {
            return Ok(Some(serde_json::from_str(&answer)?));
        }
        self.running.child.kill()?;
        self.running.child.wait()?;
        self.running = start(&self.path, &self.args)?;
        Ok(None)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It ends with us either way; there is nobody left to tell.
        let _ = self.running.child.kill();
        let _ = self.running.child.wait();
    }
}

fn start(path: &Path, args: &[PathBuf]) -> Result<Running, Box<dyn Error>> {
    let mut command = Command::new(path);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take().ok_or("no stdin")?;
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    Ok(Running { child, stdin, lines })
}

struct Pair {
    helm: Program,
    ours: Program,
}

/// What the two made of a case.
enum Outcome {
    Same { error: bool },
    Unanswered,
    Different(Difference),
}

/// The first version in which both disagree, and how.
#[derive(Clone)]
struct Difference {
    version: &'static str,
    helm: String,
    ours: String,
}

impl Difference {
    /// Which of the two failed; shrinking keeps it, so that it does not wander to another fault.
    fn class(&self) -> (bool, bool) {
        (self.helm.starts_with("error "), self.ours.starts_with("error "))
    }

    /// The difference without what varies between cases of one fault.
    fn shape(&self) -> String {
        let plain = |text: &str| -> String {
            text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(80).collect()
        };
        format!("{:?} {} {}", self.class(), plain(&self.helm), plain(&self.ours))
    }
}

impl Pair {
    fn compare(&mut self, case: &Case) -> Result<Outcome, Box<dyn Error>> {
        let line = json!({ "template": case.template, "values": case.values }).to_string();
        let Some(helm) = self.helm.ask(&line)? else { return Ok(Outcome::Unanswered) };
        let ours = self.ours.ask(&line)?;
        let mut error = false;
        for version in ["v4", "v3"] {
            let theirs = match (version, helm.get("v3")) {
                ("v3", Some(answer)) => answer,
                _ => &helm,
            };
            let theirs = text(theirs);
            if NOT_COMPARED.iter().any(|part| theirs.contains(part)) {
                continue;
            }
            let found = match &ours {
                Some(answers) => text(&answers[version]),
                None => "no answer".to_owned(),
            };
            error |= theirs.starts_with("error ");
            if found != theirs {
                return Ok(Outcome::Different(Difference { version, helm: theirs, ours: found }));
            }
        }
        Ok(Outcome::Same { error })
    }
}

/// An answer as text. Bytes that are not UTF-8 are replaced, as ours have it.
fn text(answer: &Value) -> String {
    let field = |name: &str| answer[name].as_str().unwrap_or_default();
    if !field("error").is_empty() {
        return format!("error {:?}", field("error"));
    }
    if field("hex").is_empty() {
        return format!("output {:?}", field("output"));
    }
    let digits: Vec<u32> = field("hex").chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<u8> =
        digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect();
    format!("output {:?}", String::from_utf8_lossy(&bytes))
}

/// Takes pieces out of a case as long as the two still disagree in the same way.
fn shrink(
    pair: &mut Pair,
    mut case: Case,
    mut difference: Difference,
) -> Result<(Case, Difference), Box<dyn Error>> {
    let class = difference.class();
    let mut attempts = 0;
    let mut size = pieces(&case.template).len();
    while size > 0 && attempts < MOST_ATTEMPTS {
        // Small pieces are tried at every place: a block goes only when both its ends do.
        let step = if size > 24 { size } else { 1 };
        let mut smaller = false;
        let mut at = 0;
        while at < pieces(&case.template).len() && attempts < MOST_ATTEMPTS {
            let mut kept = pieces(&case.template);
            kept.drain(at..(at + size).min(kept.len()));
            let candidate = Case { template: kept.concat(), values: case.values.clone() };
            attempts += 1;
            match pair.compare(&candidate)? {
                Outcome::Different(found) if found.class() == class => {
                    (case, difference, smaller) = (candidate, found, true);
                }
                _ => at += step,
            }
        }
        if !smaller {
            size = if size > 24 { size / 2 } else { size - 1 };
        }
    }
    if let Value::Object(values) = case.values.clone() {
        for name in values.keys() {
            let mut candidate = case.clone();
            if let Value::Object(values) = &mut candidate.values {
                values.remove(name);
            }
            if let Outcome::Different(found) = pair.compare(&candidate)?
                && found.class() == class
            {
                (case, difference) = (candidate, found);
            }
        }
    }
    Ok((case, difference))
}

/// The words, spaces and signs of a template.
fn pieces(template: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in template.char_indices() {
        let kind = if is_word(c) {
            0
        } else if c.is_whitespace() {
            1
        } else {
            2
        };
        // Signs stand alone, except the brackets of an action.
        if at > start && (last != Some(kind) || (kind == 2 && !matches!(c, '{' | '}'))) {
            pieces.push(&template[start..at]);
            start = at;
        }
        last = Some(kind);
    }
    if start < template.len() {
        pieces.push(&template[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_case() {
        let make = |seed| generate::case(&mut Random::new(seed));
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn pieces_put_together_are_the_template() {
        let template = "{{- if eq $x \"a b\" }}\n é {{ .a.b | quote }}{{ end }}";
        assert_eq!(pieces(template).concat(), template);
        assert!(pieces(template).contains(&"{{"));
        assert!(pieces(template).contains(&".a.b"));
    }
}

//! Policies of the workspace: `policies/*.jsonnet`, evaluated on what an environment renders.
//!
//! A policy has the powers of an environment and no more. It is evaluated on a thread of its own with
//! a limit of time: one that loops is left behind, told of, and not asked again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use renga_check::{
    Finding, ObjectName, POLICY_EXPRESSION, POLICY_MANIFESTS, Policy, broken_policy,
};
use renga_env::{Evaluator, search_path};
use renga_jsonnet::{
    Engine, EvalError, Handle, JrsonnetEngine, Kind, Limits, Request, Variable, Variables,
    standard, with_big_stack,
};
use renga_manifest::Manifest;
use renga_project::Entrypoint;
use serde_json::Value;

use super::check_settings::{CheckError, relative};
use crate::printer::Printer;
use crate::settings::Settings;

/// The folder of policies in a workspace.
const FOLDER: &str = "policies";

/// How long a file of policies may take for an environment.
const TIME: Duration = Duration::from_secs(30);

/// The policies of a workspace.
pub(super) struct Policies {
    engine: Arc<JrsonnetEngine>,
    files: Vec<File>,
    time: Duration,
}

struct File {
    entrypoint: Entrypoint,
    shown: String,
    /// It took too long once.
    is_stuck: AtomicBool,
}

impl Policies {
    /// The policies of the workspace at `root`; none where there is no folder of them.
    pub(super) fn of(
        root: &Path,
        seconds: Option<u64>,
        evaluator: &Evaluator,
        settings: &Settings,
        printer: &Printer,
    ) -> Result<Self, CheckError> {
        let folder = root.join(FOLDER);
        let mut paths: Vec<PathBuf> = Vec::new();
        if folder.is_dir() {
            let unreadable = |source| CheckError::Read { path: folder.clone(), source };
            for entry in fs_err::read_dir(&folder).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                if path.extension().is_some_and(|ending| ending == "jsonnet") {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        let file = |path: PathBuf| File {
            shown: relative(&path, settings),
            entrypoint: Entrypoint { root: root.to_owned(), base: folder.clone(), file: path },
            is_stuck: AtomicBool::new(false),
        };
        let engine = JrsonnetEngine::new(
            evaluator.sources().clone(),
            standard(),
            Limits::default(),
            Arc::new(printer.logger()),
        );
        Ok(Self {
            engine: Arc::new(engine),
            files: paths.into_iter().map(file).collect(),
            time: seconds.map_or(TIME, Duration::from_secs),
        })
    }

    /// What the policies say of an environment.
    pub(super) fn check(&self, environment: &str, manifests: &[Manifest]) -> Vec<Finding> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let objects: Vec<&Value> = manifests.iter().map(Manifest::value).collect();
        // What was JSON can be written as JSON.
        let code = serde_json::to_string(&objects).unwrap_or_else(|_| "[]".to_owned());
        let names: Arc<[ObjectName]> = manifests.iter().map(ObjectName::of).collect();
        let variables = Variables::from([(POLICY_MANIFESTS.to_owned(), Variable::Code(code))]);
        let variables = Arc::new(variables);
        let mut findings = Vec::new();
        for file in self.files.iter().filter(|file| !file.is_stuck.load(Ordering::Relaxed)) {
            let path = &file.entrypoint.file;
            let mut request = Request::new(path, search_path(&file.entrypoint))
                .with_expression(POLICY_EXPRESSION);
            request.ext_vars = Arc::clone(&variables);
            let run = Run {
                engine: Arc::clone(&self.engine),
                request,
                file: file.shown.clone(),
                environment: environment.to_owned(),
                names: Arc::clone(&names),
            };
            match guarded(self.time, move || run.findings()) {
                Ok(found) => findings.extend(found),
                Err(fault) => {
                    file.is_stuck.store(true, Ordering::Relaxed);
                    findings.push(broken_policy(&file.shown, None, environment, &fault));
                }
            }
        }
        findings
    }
}

/// Does work that may loop or panic: it is left behind when its time is over.
fn guarded<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::channel();
    let started = thread::Builder::new().name("policy".to_owned()).spawn(move || {
        // Nobody listens any more when the time was over.
        let _ = sender.send(with_big_stack(work));
    });
    match started.map(|_| receiver.recv_timeout(time)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(RecvTimeoutError::Timeout)) => Err(format!(
            "they took longer than {} s for one environment, and are not asked again",
            time.as_secs()
        )),
        Ok(Err(RecvTimeoutError::Disconnected)) => Err("the evaluator failed on them".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The evaluation of a file for an environment.
struct Run {
    engine: Arc<JrsonnetEngine>,
    request: Request,
    file: String,
    environment: String,
    names: Arc<[ObjectName]>,
}

impl Run {
    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Err(fault) = self.policies(&mut findings) {
            findings.push(self.broken(None, &fault));
        }
        findings
    }

    fn broken(&self, policy: Option<&str>, fault: &str) -> Finding {
        broken_policy(&self.file, policy, &self.environment, fault)
    }

    fn policies(&self, findings: &mut Vec<Finding>) -> Result<(), String> {
        let mut session = self.engine.session();
        let whole = session.evaluate(&self.request).map_err(|error| text(&error))?;
        let part = |name: &str| whole.field(name).map_err(|error| text(&error));
        let Some(policies) = part("policies")?.filter(|main| main.kind() == Kind::Object) else {
            return Err("the file is an object of policies".to_owned());
        };
        let (Some(each), Some(all)) = (part("each")?, part("all")?) else { return Ok(()) };
        for name in policies.fields() {
            if let Err(fault) = self.policy(&name, &*policies, &*each, &*all, findings) {
                findings.push(self.broken(Some(&name), &fault));
            }
        }
        Ok(())
    }

    fn policy(
        &self,
        name: &str,
        policies: &dyn Handle,
        each: &dyn Handle,
        all: &dyn Handle,
        findings: &mut Vec<Finding>,
    ) -> Result<(), String> {
        let policy = required(policies, name)?;
        let setting = |field: &str| match policy.field(field).map_err(|error| text(&error))? {
            Some(value) => value.manifest().map_err(|error| text(&error)),
            None => Ok(Value::Null),
        };
        let (each, all) = (optional(each, name)?, optional(all, name)?);
        if each.is_none() && all.is_none() {
            return Err("a policy has a function `check` or `checkAll`".to_owned());
        }
        let policy =
            Policy::read(name, &setting("match")?, &setting("severity")?, &setting("help")?)?;
        if !policy.looks_at(&self.environment) {
            return Ok(());
        }
        if let Some(answers) = each {
            for (index, object) in self.names.iter().enumerate() {
                if !policy.selects(object) {
                    continue;
                }
                let answer = answers
                    .element(index)
                    .and_then(|answer| answer.map_or(Ok(Value::Null), |answer| answer.manifest()));
                let found = answer
                    .map_err(|error| text(&error))
                    .and_then(|answer| policy.findings(&answer, &self.environment, Some(object)));
                // The first object on which it fails is enough.
                findings.extend(found.map_err(|fault| format!("{fault} (for {object})"))?);
            }
        }
        if let Some(answer) = all {
            let answer = answer.manifest().map_err(|error| text(&error))?;
            findings.extend(policy.findings(&answer, &self.environment, None)?);
        }
        Ok(())
    }
}

fn optional(holder: &dyn Handle, name: &str) -> Result<Option<Box<dyn Handle>>, String> {
    holder.field(name).map_err(|error| text(&error))
}

fn required(holder: &dyn Handle, name: &str) -> Result<Box<dyn Handle>, String> {
    optional(holder, name)?.ok_or_else(|| "it is gone".to_owned())
}

/// An error in one line.
fn text(error: &EvalError) -> String {
    renga_diag::chain(error).lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

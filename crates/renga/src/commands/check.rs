//! `check`: what must hold of rendered manifests.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::ValueEnum as _;
use renga_check::{CheckOptions, Finding, ObjectName, Rule, Severity, Survey};
use renga_diag::{ExitStatus, Report};
use renga_env::{Discovered, Discovery, Environment, Evaluator, Found, LoadError, Loaded};
use renga_manifest::Targets;
use renga_project::CheckSettings;
use renga_schema::{Release, UnknownRelease};
use serde_json::json;

use super::env_list::{self, BrokenEnvironment};
use super::world::Randomness;
use super::{CommandError, Outcome, evaluation};
use crate::args::{CheckArgs, CheckOutput, CsvList, FailOn, LogLevel};
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why nothing is checked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum CheckError {
    #[error(transparent)]
    #[diagnostic(code(renga::check), help("give one of these with `--kubernetes-version`"))]
    Release(#[from] UnknownRelease),
    #[error("no severity is called `{0}`")]
    #[diagnostic(
        code(renga::check),
        help("`fail-on` in `renga.toml` is `never`, `error` or `warning`")
    )]
    FailOn(String),
}

impl Report for CheckError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga check`.
pub(super) fn check(args: &CheckArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let started = Instant::now();
    let selector = evaluation::selector(&args.selector)?;
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let file = evaluation::file_settings(&paths[0], settings)?.check;
    let release = release(args, &file)?;
    let fail_on = fail_on(args, &file)?;
    let evaluator = evaluation::evaluator(
        Some(&args.variables),
        &args.workflow.engine.jsonnet_implementation,
        Randomness::Derived,
        settings,
        printer,
    )?;
    for path in &paths {
        env_list::check_folder(path, settings)?;
    }
    let interrupted = interrupt::flag();
    let stop = || interrupted.load(Ordering::SeqCst);
    let threads = env_list::threads();
    let locations: Vec<_> = paths.iter().map(|path| evaluation::location(path, settings)).collect();
    let search = Discovery { selector: &selector, threads, stop: &stop };
    let Discovered { mut environments, failures } =
        evaluation::discover(&evaluator, &locations, &search, printer)?;
    let name = &args.workflow.name;
    environments.retain(|found| name.is_empty() || found.environment.metadata.name == *name);
    for found in &environments {
        evaluation::warn_deprecated(found, printer);
    }

    let progress = printer.progress(environments.len());
    let surveys = survey(&evaluator, &environments, &stop, &|found, loaded| {
        let survey = loaded.and_then(|loaded| {
            let (found, manifests) = loaded.into_manifests(&targets)?;
            let environment = &found.environment;
            Ok(Survey::new(&environment.metadata.name, &cluster(environment), manifests, &release))
        });
        progress.step(&found.environment.metadata.name);
        survey
    });
    drop(progress);
    let Some(surveys) = surveys else { return Ok(ExitStatus::Interrupted) };
    let (mut sound, mut broken) = (Vec::with_capacity(surveys.len()), failures);
    for (survey, found) in surveys.into_iter().zip(&environments) {
        match survey {
            Ok(survey) => sound.push(survey),
            Err(source) => broken.push((found.environment.metadata.name.clone(), source)),
        }
    }
    let findings = renga_check::check(&sound, &CheckOptions { release, provided: file.provided });
    match args.output {
        CheckOutput::Text => printer.data(format_args!("{}", text(&findings)))?,
        CheckOutput::Json => printer.data(format_args!("{:#}\n", document(&findings, &broken)))?,
    }
    let is_broken = !broken.is_empty();
    for (file, source) in broken {
        printer.error(&BrokenEnvironment { file, source });
    }
    printer.log(LogLevel::INFO, &summary(&sound, &findings, started), &[]);
    let fails = |finding: &Finding| match fail_on {
        FailOn::Never => false,
        FailOn::Error => finding.severity == Severity::Error,
        FailOn::Warning => true,
    };
    // An environment that cannot be rendered was not checked, whatever findings are worth.
    if is_broken || findings.iter().any(fails) {
        Err(CommandError::Reported)
    } else {
        Ok(ExitStatus::Success)
    }
}

fn release(args: &CheckArgs, file: &CheckSettings) -> Result<Release, CheckError> {
    match args.kubernetes_version.as_ref().or(file.kubernetes_version.as_ref()) {
        Some(version) => Ok(Release::of(version)?),
        None => Ok(Release::newest()),
    }
}

fn fail_on(args: &CheckArgs, file: &CheckSettings) -> Result<FailOn, CheckError> {
    match (args.fail_on, &file.fail_on) {
        (Some(severity), _) => Ok(severity),
        (None, Some(word)) => {
            FailOn::from_str(word, false).map_err(|_| CheckError::FailOn(word.clone()))
        }
        (None, None) => Ok(FailOn::Error),
    }
}

/// What becomes of an environment.
type Surveyed = Result<Survey, LoadError>;

fn survey(
    evaluator: &Evaluator,
    environments: &[Found],
    stop: &(dyn Fn() -> bool + Sync),
    each: &(dyn Fn(&Found, Result<Loaded, LoadError>) -> Surveyed + Sync),
) -> Option<Vec<Surveyed>> {
    evaluator.load_all(environments, env_list::threads(), stop, each)
}

/// What tells the cluster of an environment from others. One that names no cluster is alone.
fn cluster(environment: &Environment) -> String {
    let spec = &environment.spec;
    if !spec.api_server.is_empty() {
        spec.api_server.trim_end_matches('/').to_owned()
    } else if spec.context_names.is_empty() {
        format!("environment {}", environment.metadata.name)
    } else {
        format!("context {}", spec.context_names.join(", "))
    }
}

/// Findings that say the same of several environments, in the order of the first of each.
fn grouped(findings: &[Finding]) -> Vec<(&Finding, Vec<&str>)> {
    let mut places: HashMap<(Rule, &ObjectName, &str, &str), usize> = HashMap::new();
    let mut groups: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in findings {
        let Finding { rule, object, path, message, .. } = finding;
        let place = *places.entry((*rule, object, path, message)).or_insert_with(|| {
            groups.push((finding, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(&finding.environment);
    }
    groups
}

fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for (finding, environments) in grouped(findings) {
        let Finding { rule, severity, object, path, message, help, .. } = finding;
        _ = writeln!(out, "{severity}[{rule}]: {message}");
        let place = if path.is_empty() { String::new() } else { format!(", {path}") };
        _ = writeln!(out, "  in {object}{place}");
        for environment in environments {
            _ = writeln!(out, "  of {environment}");
        }
        if let Some(help) = help {
            _ = writeln!(out, "  help: {help}");
        }
        out.push('\n');
    }
    out
}

fn document(findings: &[Finding], broken: &[(String, LoadError)]) -> serde_json::Value {
    let broken: Vec<_> = broken
        .iter()
        .map(|(environment, error)| json!({"environment": environment, "message": renga_diag::chain(error)}))
        .collect();
    json!({"version": 1, "findings": findings, "broken": broken})
}

fn summary(surveys: &[Survey], findings: &[Finding], started: Instant) -> String {
    let manifests: usize = surveys.iter().map(Survey::len).sum();
    let count =
        |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    format!(
        "checked {manifests} manifests of {} environments in {:.2} s: {} errors, {} warnings",
        surveys.len(),
        started.elapsed().as_secs_f64(),
        count(Severity::Error),
        count(Severity::Warning),
    )
}

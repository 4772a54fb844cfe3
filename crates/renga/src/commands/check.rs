//! `check`: what must hold of rendered manifests.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use renga_check::{
    Broken, CheckOptions, Checked, Day, Finding, Judgement, Report, Severity, Survey, Verdict,
};
use renga_diag::ExitStatus;
use renga_env::{Discovered, Discovery, Environment, Evaluator, Found, LoadError, Loaded};
use renga_manifest::Targets;
use renga_project::{DiskSource, find_root};

use super::check_policies::Policies;
use super::check_settings::{self, CheckError, relative};
use super::env_list::{self, BrokenEnvironment};
use super::export::counted;
use super::world::Randomness;
use super::{CommandError, Outcome, check_files, evaluation};
use crate::args::{CheckArgs, CheckForm, CsvList, LogLevel};
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga check`.
pub(super) fn check(args: &CheckArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let started = Instant::now();
    let selector = evaluation::selector(&args.selector)?;
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let renga_project::Settings { check: file, export, .. } =
        evaluation::file_settings(&paths[0], settings)?;
    let root = find_root(&DiskSource, &settings.absolute(&paths[0])).ok().map(|(root, _)| root);
    let release = check_settings::release(args, &file)?;
    let fails = check_settings::fail_on(args, &file)?;
    let severities = check_settings::severities(&file)?;
    check_settings::outputs(args)?;
    let of_file = file.crds.iter().map(|path| root.as_deref().unwrap_or(Path::new("")).join(path));
    let crds: Vec<PathBuf> = args.crds.iter().cloned().chain(of_file).collect();
    let definitions = check_settings::definitions(&crds, settings)?;
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

    let policies = match &root {
        Some(root) => Some(Policies::of(root, file.policy_timeout, &evaluator, settings, printer)?),
        None => None,
    };
    let progress = printer.progress(environments.len());
    let surveys = survey(&evaluator, &environments, &stop, &|found, loaded| {
        let survey = loaded.and_then(|loaded| {
            let (found, manifests) = loaded.into_manifests(&targets)?;
            let environment = &found.environment;
            let name = &environment.metadata.name;
            let said = policies.as_ref().map(|policies| policies.check(name, &manifests));
            let survey = Survey::new(name, &cluster(environment), manifests, &release);
            Ok((survey, said.unwrap_or_default()))
        });
        progress.step(&found.environment.metadata.name);
        survey
    });
    drop(progress);
    let Some(surveys) = surveys else { return Ok(ExitStatus::Interrupted) };
    let (mut sound, mut broken, mut checked) = (Vec::new(), failures, Vec::new());
    let mut of_policies = Vec::new();
    for (survey, found) in surveys.into_iter().zip(&environments) {
        let name = found.environment.metadata.name.clone();
        match survey {
            Ok((survey, said)) => {
                of_policies.extend(said);
                let file = Some(relative(&found.entrypoint.file, settings));
                checked.push(Checked { name, file, manifests: survey.len() });
                sound.push(survey);
            }
            Err(source) => broken.push((name, source)),
        }
    }
    // Whether all that a suppression can be about was looked at.
    let complete = args.selector.is_empty()
        && name.is_empty()
        && args.workflow.targets.is_empty()
        && broken.is_empty()
        && root.as_ref().is_some_and(|root| {
            let whole = |path: PathBuf| path == *root || path == root.join("environments");
            paths.iter().any(|path| whole(renga_project::clean(&settings.absolute(path))))
        });

    let options = CheckOptions { release, provided: file.provided, definitions };
    let mut findings = renga_check::check(&sound, &options);
    findings.extend(of_policies);
    if let Some(root) = &root {
        findings.extend(check_files::charts(root, settings));
    }
    if let Some(folder) = args.exported.as_ref().filter(|_| broken.is_empty()) {
        let evaluator = &evaluator;
        let stale = check_files::exported(
            folder,
            &environments,
            complete,
            evaluator,
            &export,
            &stop,
            settings,
        )?;
        findings.extend(stale);
    }
    let judgement = Judgement {
        severities: &severities,
        suppressions: &file.suppress,
        today: today(),
        complete,
    };
    let verdict = renga_check::judge(findings, &sound, &judgement);
    let broken_lines: Vec<Broken> = broken
        .iter()
        .map(|(environment, error)| Broken {
            environment: environment.clone(),
            message: renga_diag::chain(error),
        })
        .collect();
    let report = Report {
        verdict: &verdict,
        environments: &checked,
        broken: &broken_lines,
        version: env!("CARGO_PKG_VERSION"),
        fails,
    };
    write(args, &report, settings, printer)?;
    let is_broken = !broken.is_empty();
    for (file, source) in broken {
        printer.error(&BrokenEnvironment { file, source });
    }
    printer.log(LogLevel::INFO, &summary(&checked, &verdict, started), &[]);
    let is_failure = |finding: &Finding| fails.is_some_and(|least| finding.severity >= least);
    // An environment that cannot be rendered was not checked, whatever findings are worth.
    if is_broken || verdict.findings.iter().any(is_failure) {
        Err(CommandError::Reported)
    } else {
        Ok(ExitStatus::Success)
    }
}

/// The day by the local clock: it decides which suppressions are in force, and nothing else.
fn today() -> Day {
    let today = jiff::Zoned::now().date();
    let number = |number: i8| u8::try_from(number).unwrap_or(1);
    Day {
        year: u16::try_from(today.year()).unwrap_or_default(),
        month: number(today.month()),
        day: number(today.day()),
    }
}

/// What becomes of an environment, and what the policies say of it.
type Surveyed = Result<(Survey, Vec<Finding>), LoadError>;

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

/// Writes every form of the report that is asked for; text on standard output by default.
fn write(
    args: &CheckArgs,
    report: &Report<'_>,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    let form = |form: CheckForm| match form {
        CheckForm::Text => report.text(),
        CheckForm::Json => format!("{:#}\n", report.json()),
        CheckForm::Junit => report.junit(),
        CheckForm::Sarif => format!("{:#}\n", report.sarif()),
        CheckForm::Github => report.github(),
    };
    if args.outputs.is_empty() {
        printer.data(format_args!("{}", form(CheckForm::Text)))?;
    }
    for output in &args.outputs {
        match &output.file {
            None => printer.data(format_args!("{}", form(output.form)))?,
            Some(file) => {
                let path = settings.absolute(file);
                fs_err::write(&path, form(output.form))
                    .map_err(|source| CheckError::Write { path, source })?;
            }
        }
    }
    Ok(())
}

fn summary(checked: &[Checked], verdict: &Verdict, started: Instant) -> String {
    let manifests: usize = checked.iter().map(|checked| checked.manifests).sum();
    let of = |severity: Severity| {
        verdict.findings.iter().filter(|finding| finding.severity == severity).count()
    };
    let suppressed = match verdict.suppressed.len() {
        0 => String::new(),
        count => format!(" ({count} suppressed)"),
    };
    format!(
        "checked {} of {} in {:.2} s: {}, {}{suppressed}",
        counted(manifests, "manifest"),
        counted(checked.len(), "environment"),
        started.elapsed().as_secs_f64(),
        counted(of(Severity::Error), "error"),
        counted(of(Severity::Warning), "warning"),
    )
}

//! `preview`: what a change of the workspace changes in its manifests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use renga_diag::{ExitStatus, Report};
use renga_diff::{Compare, Comparison, Mask, Noise, NoiseRule, Pattern, PatternError};
use renga_env::{Discovered, Discovery, Evaluator, Found, LoadError};
use renga_manifest::Targets;
use renga_preview::{
    Collector, Counts, EnvironmentReport, Failure, MarkdownOptions, Of, Status, TextOptions,
};
use renga_project::{DiskSource, PreviewSettings, Source, find_root};

use super::preview_base::Base;
use super::preview_render::{Chosen, Rendering, describe};
use super::preview_select::{Choice, Contents, pairs};
use super::world::Randomness;
use super::{CommandError, Outcome, env_list, evaluation};
use crate::args::{CsvList, LogLevel, OutputTarget, PreviewArgs, ReportForm};
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why there is no preview.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum PreviewError {
    #[error("only one report can go to standard output")]
    #[diagnostic(code(renga::preview), help("name a file for the others: `--output html=FILE`"))]
    TwoOutputs,
    #[error("a preview cannot use the implementation `{0}`")]
    #[diagnostic(
        code(renga::preview),
        help("a program reads from the disk, not from the base; leave the flag out")
    )]
    Implementation(String),
    #[error("`{0}` is on neither side")]
    #[diagnostic(code(renga::preview), help("give folders of the workspace, or none for all"))]
    MissingPath(String),
    #[error("paths of `[preview]` in `renga.toml`: {0}")]
    #[diagnostic(
        code(renga::preview),
        help("write them like `metadata.annotations[checksum/*]` or `**.caBundle`")
    )]
    Pattern(PatternError),
    #[error("the system gives no random numbers: {0}")]
    #[diagnostic(code(renga::entropy), help("set RENGA_MASK_KEY"))]
    Entropy(getrandom::Error),
    #[error("cannot write `{}`: {source}", file.display())]
    #[diagnostic(code(renga::preview), help("check the folder and its permissions"))]
    Write { file: PathBuf, source: std::io::Error },
}

impl Report for PreviewError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga preview`.
pub(super) fn preview(args: &PreviewArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let outputs = match outputs(args) {
        Ok(outputs) => outputs,
        Err(error) => {
            printer.error(&error);
            return Ok(ExitStatus::Usage);
        }
    };
    let selector = evaluation::selector(&args.selector)?;
    let targets = Targets::new(&CsvList::flatten(&args.workflow.targets))?;
    let implementation = &args.workflow.engine.jsonnet_implementation;
    if !matches!(implementation.as_str(), "" | "go") {
        return Err(PreviewError::Implementation(implementation.clone()).into());
    }
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let root = root(&paths, settings)?;
    let file = evaluation::file_settings(&root, settings)?.preview;
    let compare = compare(args, &file, settings)?;
    let wanted =
        if args.base.is_empty() { file.base.unwrap_or_default() } else { args.base.clone() };
    let base = Base::find(&wanted, &root, &settings.cwd).map_err(CommandError::Failed)?;

    let evaluator = |source: Arc<dyn Source>, printer: &Printer| {
        let randomness = Randomness::Derived;
        evaluation::evaluator_over(source, Some(&args.variables), "", randomness, settings, printer)
    };
    let before = evaluator(Arc::clone(&base.source), printer)?;
    let after = evaluator(Arc::new(DiskSource), printer)?;
    let interrupted = interrupt::flag();
    let stop = || interrupted.load(Ordering::SeqCst);
    let threads = env_list::threads();
    let search = Discovery { selector: &selector, threads, stop: &stop };
    let name = &args.workflow.name;
    for path in &paths {
        let absolute = settings.absolute(path);
        if base.source.probe(&absolute).is_none() && DiskSource.probe(&absolute).is_none() {
            let shown = path.to_string_lossy().into_owned();
            return Err(PreviewError::MissingPath(shown).into());
        }
    }
    let mut old = discover(&before, &paths, &search, name, settings, printer)?;
    let mut new = discover(&after, &paths, &search, name, settings, printer)?;

    if stop() {
        return Ok(ExitStatus::Interrupted);
    }
    let rendering_done = printer.progress(old.environments.len().max(new.environments.len()));
    let rendering = Rendering {
        base: &before,
        head: &after,
        compare: &compare,
        targets: &targets,
        root: &root,
        threads,
        stop: &stop,
        done: &|name| rendering_done.step(name),
    };
    let collector = Mutex::new(Collector::default());
    broken(&mut old, &mut new, &rendering, &collector, settings);
    let contents = Contents::new(&*base.source, &DiskSource, &root, base.changed.as_ref());
    let mut chosen: Vec<Chosen> = Vec::new();
    for pair in pairs(old.environments, new.environments, &contents) {
        let choice = if args.all {
            Choice { rendered: true, reason: "all are to be rendered".to_owned() }
        } else {
            contents.choose(&pair, &after)
        };
        if choice.rendered {
            chosen.push((pair, choice));
        } else if let Some(report) = describe(&pair, &choice) {
            rendering_done.step(&report.name);
            let mut collector = collector.lock().unwrap_or_else(PoisonError::into_inner);
            collector.add(report, 0, Comparison::default());
        }
    }
    // Those of one main file stand beside each other.
    chosen.sort_by_key(|(pair, _)| pair.shown().map(|found| found.entrypoint.file.clone()));
    let finished = rendering.run(&chosen, &collector);
    drop(rendering_done);
    if !finished {
        return Ok(ExitStatus::Interrupted);
    }
    let collector = collector.into_inner().unwrap_or_else(PoisonError::into_inner);
    let notes = base.notes();
    let report = collector.into_report(base.side, base.head, notes);
    for output in &outputs {
        write(output, &report, args, settings, printer)?;
    }
    if report.has_failures() {
        printer.log(LogLevel::ERROR, "environments cannot be compared: see the report", &[]);
        return Err(CommandError::Reported);
    }
    let differs = args.exit_code && report.has_differences();
    Ok(if differs { ExitStatus::Differences } else { ExitStatus::Success })
}

/// The forms that are wanted: text unless the user says otherwise.
fn outputs(args: &PreviewArgs) -> Result<Vec<OutputTarget>, PreviewError> {
    if args.outputs.is_empty() {
        return Ok(vec![OutputTarget { form: ReportForm::Text, file: None }]);
    }
    if args.outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(PreviewError::TwoOutputs);
    }
    Ok(args.outputs.clone())
}

/// The root of the workspace: of the first path that is there, or of where the user is.
fn root(paths: &[PathBuf], settings: &Settings) -> Result<PathBuf, CommandError> {
    let first = paths.iter().map(|path| settings.absolute(path)).find(|path| path.exists());
    let (root, _) = find_root(&DiskSource, first.as_ref().unwrap_or(&settings.cwd))?;
    Ok(root)
}

fn compare(
    args: &PreviewArgs,
    file: &PreviewSettings,
    settings: &Settings,
) -> Result<Compare<'static>, PreviewError> {
    let mut noise = if args.show_noise { Noise::default() } else { Noise::defaults() };
    if !args.show_noise {
        for rule in &file.ignore {
            let pattern = Pattern::parse(&rule.path).map_err(PreviewError::Pattern)?;
            noise.rules.push(NoiseRule { name: rule.name.clone(), pattern });
        }
    }
    let patterns = file.mask.iter().map(|path| Pattern::parse(path));
    let patterns = patterns.collect::<Result<_, _>>().map_err(PreviewError::Pattern)?;
    let key = if let Some(key) = &settings.mask_key {
        key.0.clone().into_bytes()
    } else {
        let mut key = vec![0; 32];
        getrandom::fill(&mut key).map_err(PreviewError::Entropy)?;
        key
    };
    Ok(Compare { noise, mask: Mask { key, patterns, show_secrets: false }, schemas: None })
}

/// The environments of a side. Paths that it does not have hold none.
fn discover(
    evaluator: &Evaluator,
    paths: &[PathBuf],
    search: &Discovery<'_>,
    name: &str,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Discovered, CommandError> {
    let source = evaluator.sources().source();
    let locations: Vec<_> = paths
        .iter()
        .map(|path| evaluation::location(path, settings))
        .filter(|location| source.probe(&location.path).is_some())
        .collect();
    let mut found = evaluation::discover(evaluator, &locations, search, printer)?;
    found.environments.retain(|found| name.is_empty() || found.environment.metadata.name == *name);
    Ok(found)
}

/// Reports main files that cannot be evaluated on a side. Their environments on the other side cannot
/// be compared: they are taken out, so that none is mistaken for a new one.
fn broken(
    old: &mut Discovered,
    new: &mut Discovered,
    rendering: &Rendering<'_>,
    collector: &Mutex<Collector>,
    settings: &Settings,
) {
    let mut failures: BTreeMap<String, Vec<Failure>> = BTreeMap::new();
    let sides: [(Of, &mut Vec<(String, LoadError)>); 2] =
        [(Of::Base, &mut old.failures), (Of::Head, &mut new.failures)];
    for (side, failed) in sides {
        for (file, error) in failed.drain(..) {
            let message = rendering.told(&error);
            failures.entry(file).or_default().push(Failure { side, message });
        }
    }
    for (file, failures) in failures {
        let main_file = settings.absolute(Path::new(&file));
        let is_of_it = |found: &Found| found.entrypoint.file == main_file;
        let mut names: Vec<String> = Vec::new();
        for side in [&mut old.environments, &mut new.environments] {
            side.retain(|found| {
                if is_of_it(found) {
                    names.push(found.environment.metadata.name.clone());
                }
                !is_of_it(found)
            });
        }
        if names.is_empty() {
            names.push(file.clone());
        }
        names.sort();
        names.dedup();
        for name in names {
            let report = EnvironmentReport {
                name,
                path: file.clone(),
                status: Status::Failed,
                renamed_from: None,
                rendered: true,
                reason: "its main file cannot be evaluated".to_owned(),
                objects: Counts::default(),
                images: Vec::new(),
                failures: failures.clone(),
            };
            let mut collector = collector.lock().unwrap_or_else(PoisonError::into_inner);
            collector.add(report, 0, Comparison::default());
        }
    }
}

fn write(
    output: &OutputTarget,
    report: &renga_preview::Report,
    args: &PreviewArgs,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    let explain = args.explain_selection;
    let parts = match output.form {
        ReportForm::Text => {
            let color = output.file.is_none() && printer.stdout_color();
            vec![report.to_text(TextOptions { color, explain })]
        }
        ReportForm::Markdown => {
            let marker = args.comment_id.clone();
            report.to_markdown(&MarkdownOptions { marker, explain })
        }
        ReportForm::Html => vec![report.to_html()],
        ReportForm::Json => vec![report.to_json()],
    };
    let Some(file) = &output.file else {
        printer.data(format_args!("{}", parts.join("\n")))?;
        return Ok(());
    };
    let mut number = 1;
    for part in &parts {
        let name = numbered(file, number);
        let written = fs_err::write(settings.absolute(&name), part);
        written.map_err(|source| PreviewError::Write { file: name, source })?;
        number += 1;
    }
    if output.form == ReportForm::Markdown {
        // Parts of an earlier, longer report are no part of this one.
        loop {
            let stale = settings.absolute(&numbered(file, number));
            let is_ours = fs_err::read_to_string(&stale)
                .is_ok_and(|text| text.starts_with("<!-- renga-preview "));
            if !is_ours || fs_err::remove_file(&stale).is_err() {
                break;
            }
            number += 1;
        }
    }
    Ok(())
}

/// `report.md`, `report.2.md`, `report.3.md`.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_owned();
    }
    let ending = file.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.{number}{}", ending.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_before_the_ending() {
        assert_eq!(numbered(Path::new("a/b.md"), 1), Path::new("a/b.md"));
        assert_eq!(numbered(Path::new("a/b.md"), 2), Path::new("a/b.2.md"));
        assert_eq!(numbered(Path::new("report"), 3), Path::new("report.3"));
    }
}

//! `helm lint`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use renga_diag::{ExitStatus, Report};
use renga_helm::{Finding, LintOptions, Severity};
use renga_project::{DiskSource, MemorySource};

use super::Outcome;
use super::helm::{self, Teller};
use super::world::{Randomness, world};
use crate::args::HelmLintArgs;
use crate::printer::Printer;
use crate::settings::Settings;

/// Where the files of an archive are, for the linter.
const ARCHIVE: &str = "/chart";

/// There are mistakes.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{0}")]
#[diagnostic(code(renga::helm_lint))]
struct Mistakes(String);

impl Report for Mistakes {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga helm lint`.
pub(super) fn lint(args: &HelmLintArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let compat = helm::compat(&args.capabilities);
    let teller = Teller { exact: settings.is_given("helm_compat") };
    let values = helm::given_values(&args.values, compat, settings)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let capabilities = helm::capabilities(&args.capabilities, compat)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let version_given = !args.capabilities.kube_version.is_empty();
    let options = LintOptions {
        compat,
        namespace: helm::namespace(&args.namespace, settings),
        kube_version: version_given.then_some(capabilities.kube_version),
        skip_schema_validation: args.skip_schema_validation,
        values,
        world: world(Randomness::Derived)?,
    };
    let mut charts = args.charts.clone();
    if charts.is_empty() {
        charts.push(".".to_owned());
    }
    if args.with_subcharts {
        for chart in charts.clone() {
            charts.extend(subcharts(&chart, settings));
        }
    }
    let least = if args.strict { Severity::Warning } else { Severity::Error };
    let mut text = String::new();
    let (mut failed, mut worth_a_look) = (0, 0);
    for chart in &charts {
        let (lines, worst) = match findings(chart, &options, settings) {
            Ok(findings) => {
                let shown = findings.iter().filter(|f| !args.quiet || f.severity > Severity::Info);
                let lines = shown.map(|finding| line(finding, chart, teller)).collect();
                (lines, findings.iter().map(|finding| finding.severity).max())
            }
            Err(error) => (format!("Error {error}\n"), Some(Severity::Error)),
        };
        failed += usize::from(worst >= Some(least));
        worth_a_look += usize::from(worst > Some(Severity::Info));
        if args.quiet && worst <= Some(Severity::Info) {
            continue;
        }
        let _ = write!(text, "==> Linting {chart}\n{lines}\n");
    }
    printer.data(format_args!("{text}"))?;
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", charts.len());
    if failed > 0 {
        let error = Mistakes(summary);
        return Err(teller.failed(&error, &error.to_string(), printer));
    }
    if !args.quiet || worth_a_look > 0 {
        printer.data(format_args!("{summary}\n"))?;
    }
    Ok(ExitStatus::Success)
}

/// A finding as Helm shows it, and then where it is.
fn line(finding: &Finding, chart: &str, teller: Teller) -> String {
    match &finding.place {
        Some((file, line)) if !teller.exact => {
            let file = Path::new(chart).join(file);
            format!("{finding}\n  at {}:{line}\n", file.display())
        }
        _ => format!("{finding}\n"),
    }
}

/// What there is to say of a chart.
fn findings(
    chart: &str,
    options: &LintOptions,
    settings: &Settings,
) -> Result<Vec<Finding>, String> {
    let path = settings.absolute(Path::new(chart));
    let is_archive = path.is_file() && [".tgz", ".tar.gz"].iter().any(|end| chart.ends_with(end));
    if !is_archive {
        return renga_helm::lint(&DiskSource, &path, options).map_err(|error| error.to_string());
    }
    let bytes = fs_err::read(&path).map_err(|error| error.to_string())?;
    let entries = renga_charts::read_archive(&bytes, &renga_charts::Limits::default())
        .map_err(|error| format!("unable to extract tarball: {error}"))?;
    let files = entries.into_iter().map(|entry| (Path::new(ARCHIVE).join(entry.path), entry.data));
    let source: MemorySource = files.collect();
    renga_helm::lint(&source, Path::new(ARCHIVE), options).map_err(|error| error.to_string())
}

/// The charts below `charts/` of a chart, to any depth.
fn subcharts(chart: &str, settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![Path::new(chart).join("charts")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(settings.absolute(&folder)) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if entry.file_name() == "Chart.yaml" {
                found.push(folder.display().to_string());
            } else if entry.path().is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

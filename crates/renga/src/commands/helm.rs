//! `helm`: what its commands share, and `helm values`.
//!
//! Failures are told twice: first in Helm's words, for those who know them or compare, then with the
//! place and what to do. Where the user says which Helm to be like, Helm's words are all there is.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use miette::Diagnostic;
use renga_diag::ExitStatus;
use renga_helm::{
    Capabilities, Compat, KubeVersion, KubeVersionError, Loaded, Setting, Table, ValuesError,
    Warning, load, load_archive, process, user_values,
};
use renga_project::DiskSource;
use renga_yaml::Flavour;

use super::helm_source::{self, Found, SourceFault};
use super::{CommandError, Outcome, helm_lint, helm_template};
use crate::args::{
    CapabilitiesArgs, CsvList, HelmCommand, HelmCompat, HelmValuesArgs, LogLevel, SourceArgs,
    ValuesArgs,
};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs `renga helm …`.
pub(super) fn helm(command: &HelmCommand, settings: &Settings, printer: &mut Printer) -> Outcome {
    match command {
        HelmCommand::Template(args) => helm_template::template(args, settings, printer),
        HelmCommand::Values(args) => values(args, settings, printer),
        HelmCommand::Lint(args) => helm_lint::lint(args, settings, printer),
    }
}

/// Runs `renga helm values`.
fn values(args: &HelmValuesArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let compat = compat(&args.capabilities);
    let teller = Teller { exact: settings.is_given("helm_compat") };
    let values = given_values(&args.values, compat, settings)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let loaded = chart(&args.chart, &args.source, compat, teller, settings, printer)?;
    let processed = process(&loaded.chart, &values, compat)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    warn(&processed.warnings, printer);
    let table = processed.values.json_table(processed.values.root());
    let text = renga_yaml::to_string(&table.into(), Flavour::SigsYaml);
    printer.data(format_args!("{text}"))?;
    Ok(ExitStatus::Success)
}

/// Tells of failures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Teller {
    /// Helm's words are all there is.
    pub(super) exact: bool,
}

impl Teller {
    /// Tells of `error`, for which Helm has the words `text`.
    pub(super) fn failed(
        self,
        error: &dyn Diagnostic,
        text: &str,
        printer: &mut Printer,
    ) -> CommandError {
        printer.foreign_error(error, text, !self.exact);
        CommandError::Reported
    }
}

/// Whose rules apply.
pub(super) fn compat(args: &CapabilitiesArgs) -> Compat {
    match args.helm_compat {
        HelmCompat::V4 => Compat::V4,
        HelmCompat::V3 => Compat::V3,
    }
}

/// Why there are no values.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum ValuesFault {
    /// They are not what they should be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Values(#[from] ValuesError),
    /// They cannot be downloaded.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Source(SourceFault),
}

/// What the user gives for values, files being relative to the working directory.
pub(super) fn given_values(
    args: &ValuesArgs,
    compat: Compat,
    settings: &Settings,
) -> Result<Table, ValuesFault> {
    let of = |list: &[String], setting: fn(String) -> Setting| -> Vec<Setting> {
        list.iter().cloned().map(setting).collect()
    };
    let given = [
        of(&CsvList::flatten(&args.values), Setting::File),
        of(&args.set_json, Setting::Json),
        of(&args.set, Setting::Typed),
        of(&args.set_string, Setting::Text),
        of(&args.set_file, Setting::FromFile),
        of(&args.set_literal, Setting::Literal),
    ]
    .concat();
    let mut missing = None;
    let mut read = |path: &str| -> std::io::Result<Arc<[u8]>> {
        match helm_source::values_file(path.trim(), settings) {
            Some(Ok(bytes)) => return Ok(bytes.into()),
            Some(Err(fault)) => {
                missing = Some(fault);
                return Err(std::io::ErrorKind::NotFound.into());
            }
            None => {}
        }
        if path.trim() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(bytes.into());
        }
        std::fs::read(settings.absolute(Path::new(path))).map(Into::into)
    };
    let values = user_values(&given, &mut read, compat);
    match missing {
        Some(fault) => Err(ValuesFault::Source(fault)),
        None => Ok(values?),
    }
}

/// The cluster that the chart sees.
pub(super) fn capabilities(
    args: &CapabilitiesArgs,
    compat: Compat,
) -> Result<Capabilities, KubeVersionError> {
    let mut capabilities = Capabilities::defaults(compat);
    capabilities.api_versions.extend(CsvList::flatten(&args.api_versions));
    if !args.kube_version.is_empty() {
        capabilities.kube_version = KubeVersion::parse(&args.kube_version, compat)?;
    }
    Ok(capabilities)
}

/// The namespace of the release.
pub(super) fn namespace(flag: &str, settings: &Settings) -> String {
    let given = [flag, &settings.helm_namespace].into_iter().find(|name| !name.is_empty());
    given.unwrap_or("default").to_owned()
}

/// Loads the chart that `reference` stands for.
pub(super) fn chart(
    reference: &str,
    source: &SourceArgs,
    compat: Compat,
    teller: Teller,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Loaded, CommandError> {
    let found = helm_source::find(reference.trim(), source, compat, settings)
        .map_err(|error| teller.failed(&error, &error.to_string(), printer))?;
    let loaded = match found {
        Found::Path(path) => load(&DiskSource, &path, compat),
        Found::Archive(bytes) => load_archive(&bytes, compat),
    };
    match loaded {
        Ok(loaded) => {
            warn(&loaded.warnings, printer);
            Ok(loaded)
        }
        Err(error) => Err(teller.failed(&error, &error.to_string(), printer)),
    }
}

/// Says what Helm would log.
pub(super) fn warn(warnings: &[Warning], printer: &mut Printer) {
    for warning in warnings {
        let level = match warning.level {
            renga_helm::Level::Info => LogLevel::INFO,
            renga_helm::Level::Warn => LogLevel::WARN,
            renga_helm::Level::Error => LogLevel::ERROR,
        };
        printer.log(level, &warning.to_string(), &[]);
    }
}

//! `charts vendor` and `charts update`.

use std::path::PathBuf;

use renga_charts::{Event, LockMode, Prune, VendorOptions, Workspace};
use renga_diag::{ExitStatus, Report};

use super::charts::{Events, sources};
use super::{Outcome, charts_report};
use crate::args::{ChartsUpdateArgs, ChartsVendorArgs, ProvenanceArgs, RepositoryArgs};
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// A keyring that cannot be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot read the keyring `{}`", path.display())]
#[diagnostic(
    code(renga::keyring),
    help("`--keyring` takes a file with public PGP keys: `gpg --export >keys.gpg` writes one")
)]
struct KeyringError {
    path: PathBuf,
    source: std::io::Error,
}

impl Report for KeyringError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Runs `renga charts vendor`.
pub(super) fn vendor(
    args: &ChartsVendorArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let mut options = options(settings, &args.repositories);
    if args.locked {
        options.lock = LockMode::Locked;
    } else if args.frozen {
        options.lock = LockMode::Frozen;
    }
    options.prune = match settings.dialect {
        _ if !args.prune => Prune::No,
        Dialect::Tk => Prune::Everything,
        Dialect::Renga => Prune::Vendored,
    };
    options.keyring = keyring(&args.provenance, settings)?;
    let sources = sources(settings, args.offline);
    renga_charts::vendor(workspace, &sources, &options, &Events::new(printer))?;
    Ok(ExitStatus::Success)
}

/// Runs `renga charts update`.
pub(super) fn update(
    args: &ChartsUpdateArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    if args.dry_run {
        return dry_update(args, workspace, settings, printer);
    }
    let mut options = options(settings, &args.repositories);
    options.keyring = keyring(&args.provenance, settings)?;
    let sources = sources(settings, false);
    renga_charts::update(workspace, &sources, &args.names, &options, &Events::new(printer))?;
    Ok(ExitStatus::Success)
}

/// Says what `update` would lock.
fn dry_update(
    args: &ChartsUpdateArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    for standing in charts_report::standings(&args.repositories, workspace, settings)? {
        let requirement = &standing.requirement;
        let named = args.names.is_empty() || args.names.iter().any(|n| requirement.answers_to(n));
        if let Some(wanted) = standing.wanted.as_deref().filter(|_| named)
            && standing.current.as_deref() != Some(wanted)
        {
            let (chart, from) = (requirement.chart.as_str(), standing.current.as_deref());
            printer.note(format_args!("{}", Event::Moved { chart, from, to: wanted }));
        }
    }
    Ok(ExitStatus::Success)
}

/// How to vendor unless flags say otherwise.
pub(super) fn options(settings: &Settings, repositories: &RepositoryArgs) -> VendorOptions {
    VendorOptions {
        lock: match settings.dialect {
            // Where there is no lock, tk's users do not wait for one.
            Dialect::Tk => LockMode::IfPresent,
            Dialect::Renga => LockMode::Write,
        },
        repository_config: repository_config(settings, repositories),
        ..VendorOptions::default()
    }
}

/// The file of repositories that is to be used.
pub(super) fn repository_config(settings: &Settings, args: &RepositoryArgs) -> Option<PathBuf> {
    let file = &args.repository_config;
    (!file.as_os_str().is_empty()).then(|| settings.absolute(file))
}

fn keyring(args: &ProvenanceArgs, settings: &Settings) -> Result<Option<Vec<u8>>, KeyringError> {
    let Some(path) = args.keyring.as_ref().filter(|_| args.verify) else { return Ok(None) };
    let path = settings.absolute(path);
    match fs_err::read(&path) {
        Ok(keys) => Ok(Some(keys)),
        Err(source) => Err(KeyringError { path, source }),
    }
}

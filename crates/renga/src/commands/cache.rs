//! `cache`: what renga keeps for later runs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use renga_diag::{ExitStatus, Report};
use renga_export::ReceiptStore;
use renga_project::{CacheFolder, CacheSize};

use super::{Outcome, charts};
use crate::args::CacheCommand;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why nothing can be done with the cache.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum CacheError {
    /// There is no place for one.
    #[error("there is no folder for a cache")]
    #[diagnostic(code(renga::cache), help("set RENGA_CACHE_DIR or HOME"))]
    Nowhere,
    /// The file system refuses.
    #[error("cannot {operation} the cache in `{}`", dir.display())]
    #[diagnostic(code(renga::cache))]
    Io { operation: &'static str, dir: PathBuf, source: std::io::Error },
}

impl Report for CacheError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Runs `renga cache …`.
pub(super) fn cache(command: &CacheCommand, settings: &Settings, printer: &mut Printer) -> Outcome {
    let dir = settings.cache_dir.as_deref().ok_or(CacheError::Nowhere)?;
    match command {
        CacheCommand::Dir => printer.data(format_args!("{}\n", dir.display()))?,
        CacheCommand::Size => {
            let sizes = each(dir, "measure", CacheFolder::size)?;
            let mut text = String::new();
            for (part, size) in sizes.iter().chain([&("total", sum(&sizes))]) {
                // Writing to a string cannot fail.
                let (files, bytes) = (size.files, size.bytes);
                let _ = writeln!(text, "{part:<8}{files:>8} files{bytes:>16} bytes");
            }
            printer.data(format_args!("{text}"))?;
        }
        CacheCommand::Clean => removed(&each(dir, "clean", CacheFolder::clean)?, printer),
        CacheCommand::Prune(args) => {
            let age = Duration::from_hours(24 * args.days.max(0).unsigned_abs().min(36_500));
            #[expect(clippy::disallowed_methods, reason = "what is old is old today")]
            let since = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
            removed(&each(dir, "prune", |part| part.prune(since))?, printer);
        }
    }
    Ok(ExitStatus::Success)
}

/// Does the same to all parts of the cache.
fn each(
    dir: &Path,
    operation: &'static str,
    work: impl Fn(&CacheFolder) -> std::io::Result<CacheSize>,
) -> Result<Vec<(&'static str, CacheSize)>, CacheError> {
    let parts = [("charts", charts::cache_folder(dir)), ("export", ReceiptStore::folder(dir))];
    let done = parts.into_iter().map(|(name, part)| Ok((name, work(&part)?)));
    done.collect::<std::io::Result<_>>().map_err(|source| CacheError::Io {
        operation,
        dir: dir.to_owned(),
        source,
    })
}

fn sum(sizes: &[(&str, CacheSize)]) -> CacheSize {
    sizes.iter().fold(CacheSize::default(), |sum, (_, size)| sum + *size)
}

fn removed(sizes: &[(&str, CacheSize)], printer: &mut Printer) {
    let CacheSize { files, bytes } = sum(sizes);
    printer.note(format_args!("Removed {files} files ({bytes} bytes)"));
}

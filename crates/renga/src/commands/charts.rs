//! `charts`: what all its commands share, and those that change the chartfile.

use std::path::Path;
use std::sync::Mutex;

use renga_charts::{
    EditError, Event, ProxySettings, Reporter, Repository, SkipReason, SourceOptions, Sources,
    Workspace,
};
use renga_diag::ExitStatus;
use renga_project::CacheFolder;

use super::{Outcome, charts_report, charts_vendor};
use crate::args::{ChartsAddArgs, ChartsAddRepoArgs, ChartsCommand, ChartsRemoveArgs, LogLevel};
use crate::dialect::Dialect;
use crate::printer::{Logger, Printer, Progress};
use crate::settings::Settings;

/// The folder of downloads within the cache.
const CACHE_FOLDER: &str = "charts";

/// Runs `renga charts …`.
pub(super) fn charts(
    command: &ChartsCommand,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    printer.log_for_programs();
    let workspace = Workspace::new(&settings.cwd);
    match command {
        ChartsCommand::Init => init(&workspace, settings, printer),
        ChartsCommand::Add(args) => add(args, &workspace, settings, printer),
        ChartsCommand::AddRepo(args) => add_repo(args, &workspace, settings, printer),
        ChartsCommand::Remove(args) => remove(args, &workspace, printer),
        ChartsCommand::Vendor(args) => charts_vendor::vendor(args, &workspace, settings, printer),
        ChartsCommand::Update(args) => charts_vendor::update(args, &workspace, settings, printer),
        ChartsCommand::Config => charts_report::config(&workspace, printer),
        ChartsCommand::VersionCheck(args) => {
            charts_report::version_check(args, &workspace, settings, printer)
        }
        ChartsCommand::Outdated(args) => {
            charts_report::outdated(args, &workspace, settings, printer)
        }
        ChartsCommand::Tree(args) => charts_report::tree(args, &workspace, printer),
        ChartsCommand::Why(args) => charts_report::why(args, &workspace, printer),
        ChartsCommand::Verify => charts_report::verify(&workspace, printer),
    }
}

fn init(workspace: &Workspace, settings: &Settings, printer: &mut Printer) -> Outcome {
    let path = renga_charts::init(workspace)?;
    let text = format!("Success! New Chartfile created at '{}'", path.display());
    match settings.dialect {
        // tk forgets the end of the line.
        Dialect::Tk => crate::printer::talk(&text),
        Dialect::Renga => printer.note(format_args!("{text}")),
    }
    Ok(ExitStatus::Success)
}

fn add(
    args: &ChartsAddArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let options = charts_vendor::options(settings, &args.repositories);
    let sources = sources(settings, false);
    renga_charts::add(workspace, &args.charts, &sources, &options, &Events::new(printer))?;
    Ok(ExitStatus::Success)
}

fn add_repo(
    args: &ChartsAddRepoArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let (name, url) = (args.name.clone(), args.url.clone());
    let repository = Repository { name, url, ..Repository::default() };
    let events = Events::new(printer);
    // tk has come to take hyphens; under renga's own name they stay refused, as they were at first.
    if settings.dialect == Dialect::Renga && args.name.contains('-') {
        workspace.chartfile()?;
        events.event(&Event::Skipped { name: &args.name, reason: SkipReason::RepositoryName });
        return Err(EditError::Skipped { count: 1, kind: "Repo" }.into());
    }
    renga_charts::add_repository(workspace, repository, &events)?;
    Ok(ExitStatus::Success)
}

fn remove(args: &ChartsRemoveArgs, workspace: &Workspace, printer: &mut Printer) -> Outcome {
    renga_charts::remove(workspace, &args.names, &Events::new(printer))?;
    Ok(ExitStatus::Success)
}

/// The sources of charts, as the variables of the environment say.
pub(super) fn sources(settings: &Settings, offline: bool) -> Sources {
    let proxies = &settings.proxies;
    Sources::new(SourceOptions {
        cache_dir: settings.cache_dir.as_ref().map(|dir| dir.join(CACHE_FOLDER)),
        offline,
        proxies: ProxySettings {
            http: proxies.http.clone(),
            https: proxies.https.clone(),
            no_proxy: proxies.none.clone(),
        },
        registry_configs: settings.registry_configs.clone(),
        search_path: std::env::split_paths(&settings.search_path).collect(),
        ..SourceOptions::default()
    })
}

/// The part of the cache in `dir` where downloads are kept.
pub(super) fn cache_folder(dir: &Path) -> CacheFolder {
    CacheFolder::new(dir.join(CACHE_FOLDER))
}

/// Shows events: log lines, and a progress bar where people look.
pub(super) struct Events {
    logger: Logger,
    progress: Progress,
    /// Lines that wait for the bar to go.
    shown: Mutex<()>,
}

impl Events {
    pub(super) fn new(printer: &Printer) -> Self {
        Self { logger: printer.logger(), progress: printer.progress(0), shown: Mutex::new(()) }
    }
}

impl Reporter for Events {
    fn event(&self, event: &Event<'_>) {
        let _one_at_a_time = self.shown.lock();
        if let Event::Progress { total, chart, .. } = event {
            self.progress.expect(*total);
            self.progress.step(chart);
            return;
        }
        let level = match event {
            Event::Keeping { .. } | Event::Altered(_) => LogLevel::WARN,
            _ => LogLevel::INFO,
        };
        self.progress.aside(|| self.logger.log(level, &event.to_string(), &[]));
    }
}

//! The commands below `charts` that change nothing: what there is, what is newer, what was altered.

use std::fmt::Write as _;

use renga_charts::{ChartNode, Standing, Workspace};
use renga_diag::ExitStatus;
use serde_json::{Value, json};

use super::charts::{Events, sources};
use super::{Outcome, charts_vendor};
use crate::args::{
    ChartsOutdatedArgs, ChartsTreeArgs, ChartsWhyArgs, RepositoryArgs, VersionCheckArgs,
};
use crate::printer::{OutputError, Printer};
use crate::settings::Settings;

/// Runs `renga charts config`.
pub(super) fn config(workspace: &Workspace, printer: &mut Printer) -> Outcome {
    let text = workspace.chartfile()?.config_text();
    printer.data(format_args!("{text}"))?;
    Ok(ExitStatus::Success)
}

/// Runs `renga charts version-check`.
pub(super) fn version_check(
    args: &VersionCheckArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let repositories = charts_vendor::repository_config(settings, &args.repositories);
    let sources = sources(settings, false);
    let text = renga_charts::version_check(
        workspace,
        &sources,
        repositories.as_deref(),
        args.pretty_print,
    )?;
    printer.data(format_args!("{text}"))?;
    Ok(ExitStatus::Success)
}

/// Runs `renga charts outdated`.
pub(super) fn outdated(
    args: &ChartsOutdatedArgs,
    workspace: &Workspace,
    settings: &Settings,
    printer: &mut Printer,
) -> Outcome {
    let mut standings = standings(&args.repositories, workspace, settings)?;
    standings.retain(Standing::is_outdated);
    if args.json {
        let list: Vec<Value> = standings.iter().map(standing_json).collect();
        print_json(&list.into(), printer)?;
        return Ok(ExitStatus::Success);
    }
    let none = || "-".to_owned();
    let mut rows = vec![["CHART", "CURRENT", "WANTED", "LATEST"].map(str::to_owned)];
    rows.extend(standings.into_iter().map(|standing| {
        [
            standing.requirement.chart,
            standing.current.unwrap_or_else(none),
            standing.wanted.unwrap_or_else(none),
            standing.latest.unwrap_or_else(none)
                + if standing.deprecated { " (deprecated)" } else { "" },
        ]
    }));
    if rows.len() > 1 {
        printer.data(format_args!("{}", table(&rows)))?;
    }
    Ok(ExitStatus::Success)
}

/// What there is of every requirement, and what there could be.
pub(super) fn standings(
    args: &RepositoryArgs,
    workspace: &Workspace,
    settings: &Settings,
) -> Result<Vec<Standing>, renga_charts::VendorError> {
    let repositories = charts_vendor::repository_config(settings, args);
    renga_charts::outdated(workspace, &sources(settings, false), repositories.as_deref())
}

fn standing_json(standing: &Standing) -> Value {
    json!({
        "chart": standing.requirement.chart,
        "directory": standing.requirement.target(),
        "requested": standing.requirement.version,
        "current": standing.current,
        "wanted": standing.wanted,
        "latest": standing.latest,
        "deprecated": standing.deprecated,
    })
}

/// Runs `renga charts tree`.
pub(super) fn tree(args: &ChartsTreeArgs, workspace: &Workspace, printer: &mut Printer) -> Outcome {
    let tree = renga_charts::tree(workspace)?;
    if args.json {
        let list: Vec<Value> = tree.charts.iter().map(node_json).collect();
        print_json(&list.into(), printer)?;
    } else {
        printer.data(format_args!("{tree}"))?;
    }
    Ok(ExitStatus::Success)
}

fn node_json(node: &ChartNode) -> Value {
    json!({
        "name": node.name,
        "version": node.version,
        "requested": node.requested,
        "alias": node.alias,
        "path": node.path,
        "dependencies": node.dependencies.iter().map(node_json).collect::<Vec<_>>(),
    })
}

/// Runs `renga charts why`.
pub(super) fn why(args: &ChartsWhyArgs, workspace: &Workspace, printer: &mut Printer) -> Outcome {
    for reason in renga_charts::why(workspace, &args.name)? {
        printer.data(format_args!("{reason}"))?;
    }
    Ok(ExitStatus::Success)
}

/// Runs `renga charts verify`.
pub(super) fn verify(workspace: &Workspace, printer: &mut Printer) -> Outcome {
    let verified = renga_charts::verify(workspace, &Events::new(printer))?;
    let (charts, files) = (verified.charts, verified.files);
    printer.note(format_args!("{charts} charts with {files} files are as they were locked"));
    Ok(ExitStatus::Success)
}

fn print_json(value: &Value, printer: &mut Printer) -> Result<(), OutputError> {
    printer.data(format_args!("{value:#}\n"))
}

/// Columns of text, two blanks apart.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

//! `prune`: what an environment once had, and has no longer, goes.

use renga_cluster::{DeleteOptions, OrphanOptions, OrphanReport};
use renga_diag::{ExitStatus, Report};
use renga_env::Found;
use renga_manifest::{ENVIRONMENT_LABEL, Manifest, Targets};

use super::confirm::{self, Consent};
use super::live::{self, Connection, NoAnswer, Talk};
use super::workflow::Workload;
use super::{CommandError, Outcome, delete, differences, workflow};
use crate::args::{LogLevel, OutputFormat, PruneArgs};
use crate::dialect::Dialect;
use crate::printer::Printer;
use crate::settings::Settings;

/// Why nothing can be pruned.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum PruneError {
    /// The objects of the environment cannot be told from others.
    #[error(
        "spec.injectLabels is set to false in your spec.json. Tanka needs to add\na label to your \
         resources to reliably detect which were removed from Jsonnet.\nSee \
         https://tanka.dev/garbage-collection for more details"
    )]
    #[diagnostic(
        code(renga::no_labels),
        help("`env set PATH --inject-labels`, then apply the environment once")
    )]
    NoLabels,
    /// An environment that has nothing is more often broken than meant.
    #[error("environment `{name}` renders to nothing: pruning would delete everything it ever had")]
    #[diagnostic(
        code(renga::empty_environment),
        help("pass `--allow-empty` if that is what you want; `delete` needs the objects")
    )]
    Empty {
        /// The environment.
        name: String,
    },
}

impl Report for PruneError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// Runs `renga prune`.
pub(super) fn prune(args: &PruneArgs, settings: &Settings, printer: &mut Printer) -> Outcome {
    let consent = Consent::of(&args.change, settings)?;
    let workload = workflow::load(&args.path, &args.workflow, &args.variables, settings, printer)?;
    let spec = &workload.found.environment.spec;
    let connection = live::connect(spec, Some(&args.connection), settings)?;
    let search = Search {
        namespace: Some(args.namespace.as_str()).filter(|namespace| !namespace.is_empty()),
        allow_empty: args.allow_empty,
    };
    let report = orphans(&workload, &search, &connection, settings, printer)?;
    tell_left_alone(&report, printer);
    if report.orphans.is_empty() {
        if args.output == OutputFormat::Json {
            printer.data(format_args!("{{\n  \"objects\": [],\n  \"interrupted\": false\n}}\n"))?;
        }
        printer.note(format_args!("Nothing found to prune."));
        return Ok(ExitStatus::Success);
    }
    let manifests: Vec<Manifest> =
        report.orphans.into_iter().map(|orphan| orphan.manifest).collect();
    if args.output == OutputFormat::Text {
        differences::print(&differences::all_deleted(&manifests, settings.dialect), printer)?;
    }
    warn_of_namespaces(&manifests, settings, printer);
    // tk asks also where it only pretends, and whatever the differences.
    let asks = match settings.dialect {
        Dialect::Tk => !consent.is_always(),
        Dialect::Renga => consent.asks(false),
    };
    if asks {
        let namespace = search.namespace.unwrap_or(&spec.namespace);
        confirm::ask(&connection, "Pruning from", namespace, printer)?;
    }
    let options = DeleteOptions {
        dry_run: consent.dry_run(),
        force: args.force,
        propagation: delete::propagation(args.cascade),
        wait: Some(delete::DELETE_WAIT),
    };
    delete::run(&connection, &manifests, &options, args.output, settings, printer)
}

/// Where, and whether at all, to look for what is left over.
pub(super) struct Search<'a> {
    /// Only there.
    pub(super) namespace: Option<&'a str>,
    /// Also where the environment has nothing.
    pub(super) allow_empty: bool,
}

/// Finds what the environment once had; logs of it as tk does.
pub(super) fn orphans(
    workload: &Workload,
    search: &Search<'_>,
    connection: &Connection,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<OrphanReport, CommandError> {
    let (found, targets) = (&workload.found, &workload.targets);
    if settings.dialect == Dialect::Tk {
        printer.log(LogLevel::INFO, "Finding orphaned resources to prune", &[]);
    }
    check(found, workload.everything(), search.allow_empty)?;
    let label = found.environment.label()?;
    let kinds = literal_kinds(targets, &workload.target_words);
    let options = OrphanOptions {
        label: (ENVIRONMENT_LABEL, &label),
        namespace: search.namespace,
        kinds: &kinds,
        targets,
    };
    // Which kinds are out of date is nobody's concern who lists all there are.
    let talk = Talk::new(settings, printer).without_warnings();
    let report = connection.cluster.orphans(workload.everything(), &options, &talk);
    Ok(report.map_err(NoAnswer::from)?)
}

fn check(found: &Found, manifests: &[Manifest], allow_empty: bool) -> Result<(), PruneError> {
    if !found.environment.spec.inject_labels {
        return Err(PruneError::NoLabels);
    }
    if manifests.is_empty() && !allow_empty {
        return Err(PruneError::Empty { name: found.environment.metadata.name.clone() });
    }
    Ok(())
}

/// The kinds that targets name letter by letter, if all of them do: only these need to be listed.
fn literal_kinds(targets: &Targets, words: &[String]) -> Vec<String> {
    if targets.is_empty() {
        return Vec::new();
    }
    let kind = |word: &String| {
        let (kind, _) = word.split_once('/')?;
        let literal = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        literal.then(|| kind.to_owned())
    };
    let positive = words.iter().filter(|word| !word.starts_with('!'));
    positive.map(kind).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// Tells of what was not looked at, or not taken.
pub(super) fn tell_left_alone(report: &OrphanReport, printer: &mut Printer) {
    for skipped in &report.skipped {
        let why = skipped.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let message = format!("{} cannot be listed, and is not pruned{why}", skipped.resource);
        printer.log(LogLevel::WARN, &message, &[]);
    }
    for owned in &report.owned {
        let message = format!("{owned} is left alone: another object owns it");
        printer.log(LogLevel::DEBUG, &message, &[]);
    }
}

/// Says what a namespace takes with it.
fn warn_of_namespaces(manifests: &[Manifest], settings: &Settings, printer: &mut Printer) {
    let namespaces: Vec<&str> = manifests
        .iter()
        .filter(|manifest| manifest.kind() == "Namespace")
        .map(Manifest::name)
        .collect();
    if namespaces.is_empty() {
        return;
    }
    match settings.dialect {
        Dialect::Tk => {
            let warning =
                "WARNING: This will delete following namespaces and all resources in them:";
            // Whether standard output is coloured decides, although this goes to the other stream;
            // the colour ends behind the newline.
            let (start, end) =
                if printer.stdout_color() { ("\u{1b}[93;1m", "\u{1b}[0m") } else { ("", "") };
            let list: Vec<String> = namespaces.iter().map(|name| format!(" - {name}\n")).collect();
            printer.note(format_args!("{start}{warning}\n{end}{}", list.concat()));
        }
        Dialect::Renga => {
            let list = namespaces.join("`, `");
            let message = format!("all that is in these namespaces goes with them: `{list}`");
            printer.log(LogLevel::WARN, &message, &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_by_targets_without_patterns() {
        let kinds = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            literal_kinds(&Targets::new(&words).unwrap(), &words)
        };
        assert_eq!(kinds(&["Secret/.*", "configmap/a"]), ["Secret", "configmap"]);
        assert_eq!(kinds(&["Secret/.*", "!Secret/a"]), ["Secret"]);
        assert!(kinds(&[".*/a", "Secret/b"]).is_empty());
        assert!(kinds(&["!Secret/a"]).is_empty());
        assert!(kinds(&[]).is_empty());
    }
}

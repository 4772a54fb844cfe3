//! Help pages in the layout of go-clix and pflag.

use std::fmt::Write as _;

use super::flags::{Flag, FlagSet, Kind};
use super::quote;
use super::target::Node;

/// Usage lines that say more than the model knows.
const USAGE_LINES: [(&str, &str); 3] = [
    (" tool importers", "<file> <file...> <deleted:file...>"),
    (" tool charts add", "[chart@version] [...]"),
    (" tool charts add-repo", "[NAME] [URL]"),
];

/// The help page of the last command of `path`, without a final newline.
pub(super) fn usage(path: &[&Node<'_>], flags: &FlagSet) -> String {
    let Some(node) = path.last() else { return String::new() };
    let names: Vec<&str> = path.iter().map(|node| node.name()).collect();
    let name = names.join(" ");
    let table = table(&flags.0);
    if node.children().is_empty() {
        let words = words(node, &name);
        return format!("Usage:\n  {name}{words} [flags]\n\nFlags:\n{}", table.trim_end());
    }
    let width =
        node.children().iter().map(|child| child.name().len()).max().unwrap_or(0).max(9) + 2;
    let mut page = format!("Usage:\n  {name} [command]\n\nAvailable Commands:\n");
    for child in node.children() {
        let _ = writeln!(page, "  {:width$} {}", child.name(), about(child));
    }
    format!(
        "{page}\nFlags:\n{}\n\nUse \"{name} [command] --help\" for more information about a command.",
        table.trim_end()
    )
}

/// One line on what a command does.
fn about(node: &Node<'_>) -> String {
    match node {
        Node::External { command, .. } => format!("external command {}", command.path.display()),
        Node::Command { model, .. } => {
            model.get_about().map(ToString::to_string).unwrap_or_default()
        }
    }
}

/// The words a command takes, as its usage line shows them.
fn words(node: &Node<'_>, path: &str) -> String {
    let Some(model) = node.model() else { return " --".to_owned() };
    if let Some((_, words)) = USAGE_LINES.iter().find(|(end, _)| path.ends_with(end)) {
        return format!(" {words}");
    }
    let mut out = String::new();
    for arg in model.get_positionals() {
        let name = arg
            .get_value_names()
            .and_then(|names| names.first())
            .map_or(arg.get_id().as_str(), |name| name.as_str());
        let repeated = matches!(arg.get_action(), clap::ArgAction::Append);
        let _ = match (arg.is_required_set(), repeated) {
            (true, false) => write!(out, " <{name}>"),
            (true, true) => write!(out, " <{name}> [<{name}>...]"),
            (false, _) => write!(out, " [<{name}>]"),
        };
    }
    out
}

/// pflag's table of flags.
fn table(flags: &[Flag]) -> String {
    let rows: Vec<(String, String)> = flags.iter().filter(|flag| !flag.hidden).map(row).collect();
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (left, right) in rows {
        let right = right.replace('\n', &format!("\n{:1$}", "", width + 3));
        let _ = writeln!(out, "{left:width$}   {right}");
    }
    out
}

fn row(flag: &Flag) -> (String, String) {
    let mut left = match flag.shorthand {
        Some(short) => format!("  -{short}, --{}", flag.name),
        None => format!("      --{}", flag.name),
    };
    let (value, mut right) = unquote(flag);
    if !value.is_empty() {
        left.push(' ');
        left.push_str(&value);
    }
    match flag.kind {
        Kind::String if !flag.default.is_empty() => {
            let _ = write!(right, " (default {})", quote::string(&flag.default));
        }
        Kind::Bool if !flag.default.is_empty() => {
            let _ = write!(right, " (default {})", flag.default);
        }
        Kind::Int if flag.default != "0" && !flag.default.is_empty() => {
            let _ = write!(right, " (default {})", flag.default);
        }
        Kind::Strings | Kind::StringArray if !flag.default.is_empty() => {
            let _ = write!(right, " (default [{}])", flag.default);
        }
        _ => {}
    }
    (left, right)
}

/// Takes the first word in backticks out of the help as the name of the value.
fn unquote(flag: &Flag) -> (String, String) {
    let mut parts = flag.help.splitn(3, '`');
    if let (Some(before), Some(name), Some(after)) = (parts.next(), parts.next(), parts.next()) {
        return (name.to_owned(), format!("{before}{name}{after}"));
    }
    (flag.kind.value_name().to_owned(), flag.help.clone())
}

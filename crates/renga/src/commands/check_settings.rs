//! What flags and `renga.toml` say together of a check.

use std::path::PathBuf;

use clap::ValueEnum as _;
use renga_check::{Definitions, Level, Severity, unknown_rules};
use renga_diag::Report;
use renga_project::CheckSettings;
use renga_schema::{Release, UnknownRelease};
use renga_yaml::{Flavour, YamlError};

use crate::args::{CheckArgs, CheckOutput, FailOn};
use crate::settings::Settings;

/// How deep folders of definitions are searched.
const MAX_DEPTH: usize = 32;

/// Why nothing is checked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum CheckError {
    #[error(transparent)]
    #[diagnostic(code(renga::check), help("give one of these with `--kubernetes-version`"))]
    Release(#[from] UnknownRelease),
    #[error("no severity is called `{0}`")]
    #[diagnostic(
        code(renga::check),
        help("`fail-on` in `renga.toml` is `never`, `error` or `warning`")
    )]
    FailOn(String),
    #[error("no severity is called `{level}`: `{rule}` in `[check.severity]`")]
    #[diagnostic(code(renga::check), help("it is `error`, `warning` or `off`"))]
    Severity { rule: String, level: String },
    #[error("no rule is called `{0}` in `renga.toml`")]
    #[diagnostic(code(renga::check), help("{1}"))]
    Rule(String, String),
    #[error("only one report can go to standard output")]
    #[diagnostic(
        code(renga::check),
        help(
            "write others into files: `--output sarif=check.sarif`; only `text` and `github` can share it"
        )
    )]
    Outputs,
    #[error("cannot write `{}`", path.display())]
    #[diagnostic(code(renga::check))]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot read `{}`", path.display())]
    #[diagnostic(code(renga::check))]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}` is no YAML", path.display())]
    #[diagnostic(
        code(renga::check),
        help(
            "`--crds` takes files with definitions, and folders of `.yaml`, `.yml` and `.json` files"
        )
    )]
    Yaml { path: PathBuf, source: YamlError },
}

fn nearest_rule(nearest: Option<&'static str>) -> String {
    match nearest {
        Some(rule) => format!("did you mean `{rule}`? `docs/rules.md` lists all rules"),
        None => "`docs/rules.md` lists all rules".to_owned(),
    }
}

impl Report for CheckError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

pub(super) fn release(args: &CheckArgs, file: &CheckSettings) -> Result<Release, CheckError> {
    match args.kubernetes_version.as_ref().or(file.kubernetes_version.as_ref()) {
        Some(version) => Ok(Release::of(version)?),
        None => Ok(Release::newest()),
    }
}

/// From which severity on findings are a failure; `None` for never.
pub(super) fn fail_on(
    args: &CheckArgs,
    file: &CheckSettings,
) -> Result<Option<Severity>, CheckError> {
    let least = match (args.fail_on, &file.fail_on) {
        (Some(severity), _) => severity,
        (None, Some(word)) => {
            FailOn::from_str(word, false).map_err(|_| CheckError::FailOn(word.clone()))?
        }
        (None, None) => FailOn::Error,
    };
    Ok(match least {
        FailOn::Never => None,
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
    })
}

/// The severities of a workspace. Names of rules are looked at here, also those of suppressions.
pub(super) fn severities(file: &CheckSettings) -> Result<Vec<(String, Level)>, CheckError> {
    let named = file.severity.keys().chain(file.suppress.iter().map(|entry| &entry.rule));
    if let Some((rule, nearest)) = unknown_rules(named.map(String::as_str)).into_iter().next() {
        return Err(CheckError::Rule(rule.to_owned(), nearest_rule(nearest)));
    }
    let read = |(rule, word): (&String, &String)| match Level::parse(word) {
        Some(level) => Ok((rule.clone(), level)),
        None => Err(CheckError::Severity { rule: rule.clone(), level: word.clone() }),
    };
    file.severity.iter().map(read).collect()
}

/// Checks that reports do not run into each other.
pub(super) fn outputs(args: &CheckArgs) -> Result<(), CheckError> {
    let printed: Vec<&CheckOutput> =
        args.outputs.iter().filter(|output| output.file.is_none()).collect();
    let together = printed.iter().all(|output| output.form.is_lines());
    if printed.len() > 1 && !together { Err(CheckError::Outputs) } else { Ok(()) }
}

/// The definitions of these files and folders.
pub(super) fn definitions(
    paths: &[PathBuf],
    settings: &Settings,
) -> Result<Definitions, CheckError> {
    let mut definitions = Definitions::default();
    for path in paths {
        let mut files = Vec::new();
        list(settings.absolute(path), 0, &mut files)?;
        files.sort();
        for path in files {
            let bytes = fs_err::read(&path)
                .map_err(|source| CheckError::Read { path: path.clone(), source })?;
            let documents = renga_yaml::read_documents(&bytes, Flavour::GoYamlV3)
                .map_err(|source| CheckError::Yaml { path: path.clone(), source })?;
            let shown = relative(&path, settings);
            for document in &documents {
                definitions.add(&shown, document);
            }
        }
    }
    Ok(definitions)
}

/// A file as given, or the files of a folder that may hold definitions. Links are not followed in it.
fn list(path: PathBuf, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), CheckError> {
    let unreadable = |source| CheckError::Read { path: path.clone(), source };
    if !fs_err::metadata(&path).map_err(unreadable)?.is_dir() {
        files.push(path);
        return Ok(());
    }
    for entry in fs_err::read_dir(&path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let ending = entry.path().extension().and_then(|ending| ending.to_str().map(str::to_owned));
        if kind.is_dir() && depth < MAX_DEPTH {
            list(entry.path(), depth + 1, files)?;
        } else if kind.is_file() && matches!(ending.as_deref(), Some("yaml" | "yml" | "json")) {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// A file as reports name it: relative to where the command runs, with slashes.
pub(super) fn relative(path: &std::path::Path, settings: &Settings) -> String {
    let relative = path.strip_prefix(&settings.cwd).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/").replacen("//", "/", 1)
}

//! `cargo xtask schemas`: the definitions of Kubernetes' built-in kinds, in `renga-schema`'s notation,
//! and in which releases they come and go.
//!
//! The sources are the `OpenAPI` v3 documents that each release carries, and the functions in which
//! the modules of its types say how long each lives, all from the Go module proxy. What a definition
//! says in words is not kept.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Args;
use serde_json::Value;

use crate::cargo;

const DEFINITIONS: &str = "crates/renga-schema/data/kubernetes.txt";
const LIFECYCLES: &str = "crates/renga-schema/data/lifecycle.txt";

/// The releases, oldest first: of each minor one that the proxy serves.
const RELEASES: [&str; 7] =
    ["1.31.14", "1.32.11", "1.33.6", "1.34.1", "1.35.0", "1.36.3", "1.37.1"];

/// Modules with types, older ones first: each has kinds that later ones no longer know.
const MODULES: [&str; 5] = [
    "k8s.io/api@v0.22.0",
    "k8s.io/api@v0.28.0",
    "k8s.io/apiextensions-apiserver@v0.37.1",
    "k8s.io/kube-aggregator@v0.37.1",
    "k8s.io/api@v0.37.1",
];

/// Arguments of `cargo xtask schemas`.
#[derive(Debug, Args)]
pub(crate) struct SchemasArgs {
    /// Compare with the committed file instead of writing it
    #[arg(long)]
    check: bool,
}

/// Runs `cargo xtask schemas`; with `--check` it fails when the committed file is another.
pub(crate) fn schemas(args: &SchemasArgs) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &SchemasArgs) -> Result<(), Box<dyn Error>> {
    let mut lines = Lines::default();
    let mut head = String::new();
    for (letter, version) in ('a'..).zip(RELEASES) {
        _ = writeln!(head, "release {letter} {version}");
        read_release(&documents(version)?, letter, &mut lines)?;
    }
    for (target, text) in [(DEFINITIONS, head + &lines.write()), (LIFECYCLES, lifecycles()?)] {
        let path = cargo::root().join(target);
        if !args.check {
            fs_err::write(path, text)?;
        } else if fs_err::read_to_string(path)? != text {
            return Err(format!("{target} is another; run `cargo xtask schemas`").into());
        }
    }
    Ok(())
}

/// The folder with the documents of a release.
fn documents(version: &str) -> Result<PathBuf, Box<dyn Error>> {
    Ok(module(&format!("k8s.io/kubernetes@v{version}"))?.join("api/openapi-spec/v3"))
}

/// The folder of a module.
fn module(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new("go").args(["mod", "download", "-json", name]).output()?;
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let folder = answer["Dir"].as_str().ok_or_else(|| format!("{name}: {}", answer["Error"]))?;
    Ok(folder.into())
}

/// A line for each kind that goes away: API version, kind, release of its deprecation, release of
/// its removal, and what replaces it, or `-`.
fn lifecycles() -> Result<String, Box<dyn Error>> {
    let mut kinds = BTreeMap::new();
    for name in MODULES {
        for entry in walkdir::WalkDir::new(module(name)?) {
            let entry = entry?;
            if entry.file_name() == "zz_generated.prerelease-lifecycle.go" {
                let folder = entry.path().parent().unwrap_or(Path::new("."));
                let register = fs_err::read_to_string(folder.join("register.go"))?;
                let version = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let api_version = match between(&register, "GroupName = \"", "\"") {
                    Some("") | None => version,
                    Some(group) => format!("{group}/{version}"),
                };
                for (kind, life) in lives(&fs_err::read_to_string(entry.path())?) {
                    kinds.insert(format!("{api_version} {kind}"), life);
                }
            }
        }
    }
    let mut out = String::new();
    for (name, life) in &kinds {
        if !name.ends_with("List") && life.removed.is_some() {
            let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
            let (deprecated, removed) = (word(&life.deprecated), word(&life.removed));
            _ = writeln!(out, "{name} {deprecated} {removed} {}", word(&life.replacement));
        }
    }
    Ok(out)
}

#[derive(Default)]
struct Life {
    deprecated: Option<String>,
    removed: Option<String>,
    replacement: Option<String>,
}

/// What the functions of a file say of each kind.
fn lives(source: &str) -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    for part in source.split("\nfunc (in *").skip(1) {
        let Some((kind, rest)) = part.split_once(") APILifecycle") else { continue };
        let Some(body) = between(rest, "return ", "\n") else { continue };
        let life = lives.entry(kind.to_owned()).or_default();
        if rest.starts_with("Deprecated") {
            life.deprecated = Some(body.replace(", ", "."));
        } else if rest.starts_with("Removed") {
            life.removed = Some(body.replace(", ", "."));
        } else if rest.starts_with("Replacement") {
            let word = |key: &str| between(body, &format!("{key}: \""), "\"").unwrap_or_default();
            let group = word("Group");
            let slash = if group.is_empty() { "" } else { "/" };
            life.replacement = Some(format!("{group}{slash}{}:{}", word("Version"), word("Kind")));
        }
    }
    lives
}

/// What stands between the first `before` and the next `after`.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// By name: the forms of a definition, with the letters of the releases that have them. A form is
/// what is served in it and its type.
#[derive(Default)]
struct Lines(BTreeMap<String, Vec<(String, String, String)>>);

impl Lines {
    fn add(&mut self, name: String, letter: char, served: String, text: String) {
        let forms = self.0.entry(name).or_default();
        match forms.iter_mut().find(|(_, kinds, form)| *kinds == served && *form == text) {
            Some((letters, ..)) => letters.push(letter),
            None => forms.push((letter.to_string(), served, text)),
        }
    }

    fn write(&self) -> String {
        let mut out = String::new();
        for (name, forms) in &self.0 {
            for (letters, served, text) in forms {
                _ = writeln!(out, "{name} {letters} {served} {text}");
            }
        }
        out
    }
}

fn read_release(folder: &Path, letter: char, lines: &mut Lines) -> Result<(), Box<dyn Error>> {
    let mut definitions: BTreeMap<String, String> = BTreeMap::new();
    let mut served: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut files: Vec<PathBuf> = fs_err::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let document: Value = serde_json::from_slice(&fs_err::read(&file)?)?;
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
        for (name, definition) in schemas.into_iter().flatten() {
            let schema = renga_schema::type_of_definition(name, definition)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            definitions.insert(name.clone(), renga_schema::write_type(&schema));
        }
        for (kind, resource, scope) in resources(&document) {
            for (name, definition) in schemas.into_iter().flatten() {
                if is_of(definition, kind) {
                    let words =
                        format!("{}:{}:{resource}:{scope}", api_version(kind), text(kind, "kind"));
                    let kinds = served.entry(name.clone()).or_default();
                    if !kinds.contains(&words) {
                        kinds.push(words);
                    }
                }
            }
        }
    }
    for (name, text) in definitions {
        let mut kinds = served.remove(&name).unwrap_or_default();
        kinds.sort();
        let kinds = if kinds.is_empty() { "-".to_owned() } else { kinds.join(",") };
        let short = renga_schema::short_name(&name);
        lines.add(short, letter, kinds, text);
    }
    Ok(())
}

/// The kinds that can be created: what is posted to a path, the last word of that path, and whether
/// it goes through a namespace. Subresources have longer paths and are left out.
fn resources(document: &Value) -> Vec<(&Value, &str, char)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let (front, scope) = match path.split_once("/namespaces/{namespace}/") {
            Some((_, resource)) => (resource, 'n'),
            None => (path.rsplit('/').next().unwrap_or_default(), 'c'),
        };
        if front.contains(['/', '{']) {
            continue;
        }
        let kind = &item["post"]["x-kubernetes-group-version-kind"];
        if kind.is_object() {
            found.push((kind, front, scope));
        }
    }
    // A namespaced kind is also posted to the path without a namespace where both exist.
    let namespaced: Vec<&Value> =
        found.iter().filter(|(.., scope)| *scope == 'n').map(|(kind, ..)| *kind).collect();
    found.retain(|(kind, _, scope)| *scope == 'n' || !namespaced.contains(kind));
    found
}

fn is_of(definition: &Value, kind: &Value) -> bool {
    let kinds = definition["x-kubernetes-group-version-kind"].as_array();
    kinds.is_some_and(|kinds| kinds.contains(kind))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn api_version(kind: &Value) -> String {
    match text(kind, "group") {
        "" => text(kind, "version").to_owned(),
        group => format!("{group}/{}", text(kind, "version")),
    }
}

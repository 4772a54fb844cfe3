//! `cargo xtask schemas`: the definitions of Kubernetes' built-in kinds, in `renga-schema`'s notation.
//!
//! The source is the `OpenAPI` v3 documents that each release carries, from the Go module proxy.
//! What a definition says in words is not kept.

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Args;
use serde_json::Value;

use crate::cargo;

const TARGET: &str = "crates/renga-schema/data/kubernetes.txt";

/// The releases, oldest first: of each minor one that the proxy serves.
const RELEASES: [&str; 7] = ["1.31.14", "1.32.11", "1.33.6", "1.34.1", "1.35.0", "1.36.3", "1.37.1"];

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
        head.push_str(&format!("release {letter} {version}\n"));
        read_release(&documents(version)?, letter, &mut lines)?;
    }
    let text = head + &lines.write();
    let target = cargo::root().join(TARGET);
    if !args.check {
        fs_err::write(target, text)?;
    } else if fs_err::read_to_string(target)? != text {
        return Err(format!("{TARGET} is another; run `cargo xtask schemas`").into());
    }
    Ok(())
}

/// The folder with the documents of a release.
fn documents(version: &str) -> Result<PathBuf, Box<dyn Error>> {
    let module = format!("k8s.io/kubernetes@v{version}");
    let output = Command::new("go").args(["mod", "download", "-json", &module]).output()?;
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let folder = answer["Dir"].as_str().ok_or_else(|| format!("{module}: {}", answer["Error"]))?;
    Ok(Path::new(folder).join("api/openapi-spec/v3"))
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
                out.push_str(&format!("{name} {letters} {served} {text}\n"));
            }
        }
        out
    }
}

fn read_release(folder: &Path, letter: char, lines: &mut Lines) -> Result<(), Box<dyn Error>> {
    let mut definitions: BTreeMap<String, String> = BTreeMap::new();
    let mut served: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut files: Vec<PathBuf> =
        fs_err::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
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
                    let words = format!("{}:{}:{resource}:{scope}", api_version(kind), text(kind, "kind"));
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

//! Loading and finding environments, on workspaces held in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use renga_diag::Report as _;
use renga_env::{Discovered, Discovery, EvaluationOptions, Evaluator, Location, Selector};
use renga_jsonnet::{SilentLog, Sources, Variable, standard};
use renga_manifest::Targets;
use renga_project::{MemorySource, SourceRecord};

/// An inline environment as Jsonnet.
fn inline(name: &str, data: &str) -> String {
    format!(
        "{{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: {{ name: '{name}', labels: {{ n: '{name}' }} }}, spec: {{ namespace: 'ns' }}, data: {data} }}"
    )
}

fn config_map(name: &str) -> String {
    format!("{{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: '{name}' }} }}")
}

struct Workspace {
    files: Vec<(String, String)>,
    options: EvaluationOptions,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut files: Vec<_> =
            files.iter().map(|(path, text)| (format!("/w/{path}"), (*text).to_owned())).collect();
        files.push(("/w/jsonnetfile.json".to_owned(), "{}".to_owned()));
        Self {
            files,
            options: EvaluationOptions {
                working_dir: PathBuf::from("/w"),
                ..EvaluationOptions::default()
            },
        }
    }

    fn evaluator(&self) -> Evaluator {
        let source: MemorySource = self.files.iter().map(|(path, text)| (path, text)).collect();
        Evaluator::new(
            Sources::new(Arc::new(source)),
            &standard(),
            self.options.clone(),
            Arc::new(SilentLog),
        )
    }

    /// `Kind/name` of the manifests, or what tk would say.
    fn show(&self, path: &str, name: &str) -> Result<Vec<String>, String> {
        let loaded = self
            .evaluator()
            .worker()
            .load(&location(path), name)
            .map_err(|error| error.tk_text())?;
        let (_, manifests) =
            loaded.into_cluster_manifests(&Targets::default()).map_err(|error| error.tk_text())?;
        Ok(manifests
            .iter()
            .map(|manifest| format!("{} {}", manifest.kind_name(), manifest.namespace()))
            .collect())
    }

    fn discover(&self, selector: &str, threads: usize) -> Discovered {
        let selector = Selector::parse(selector).unwrap();
        let search = Discovery { selector: &selector, threads, stop: &|| false };
        self.evaluator().discover(&[location("environments")], &search).unwrap()
    }
}

fn location(path: &str) -> Location {
    Location { shown: path.to_owned(), path: PathBuf::from("/w").join(path) }
}

#[test]
fn a_static_environment_knows_itself() {
    let workspace = Workspace::new(&[
        (
            "environments/a/spec.json",
            r#"{"spec": {"namespace": "ns", "apiServer": "example.com"}}"#,
        ),
        (
            "environments/a/main.jsonnet",
            "local env = (import 'tk').env; { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: env.metadata.name + ' ' + env.spec.apiServer } }",
        ),
    ]);
    assert_eq!(
        workspace.show("environments/a", "").unwrap(),
        ["ConfigMap/environments/a https://example.com ns"]
    );
}

#[test]
fn inline_environments_are_selected_by_any_part_of_the_name() {
    let main = format!(
        "{{ list: [{}, {}], nested: {{ deep: {} }}, other: {} }}",
        inline("dev", &config_map("d")),
        inline("dev-2", "error 'not evaluated'"),
        inline("prod", &config_map("p")),
        config_map("beside")
    );
    let workspace = Workspace::new(&[("environments/a/main.jsonnet", &main)]);
    assert_eq!(
        workspace.show("environments/a", "dev").unwrap(),
        ["ConfigMap/d ns"],
        "the exact name wins"
    );
    assert_eq!(workspace.show("environments/a", "ro").unwrap(), ["ConfigMap/p ns"]);
    assert_eq!(
        workspace.show("environments/a", "d").unwrap_err(),
        "found multiple Environments in \"environments/a\" matching \"d\". Provide a more specific name that matches a single one: \n - dev\n - dev-2\n - prod"
    );
    assert_eq!(
        workspace.show("environments/a", "x").unwrap_err(),
        "found no matching environments; run 'tk env list environments/a' to view available options"
    );
    assert!(
        workspace
            .show("environments/a", "")
            .unwrap_err()
            .contains("Use `--name` to select a single one")
    );
}

#[test]
fn a_search_and_a_choice_by_name_lead_to_the_same_environment() {
    let twins = format!(
        "[{}, {}, {}]",
        inline("a", "{}"),
        inline("b", &config_map("b")),
        inline("b", &config_map("c"))
    );
    let workspace = Workspace::new(&[("environments/x/main.jsonnet", &twins)]);
    let evaluator = workspace.evaluator();
    let mut worker = evaluator.worker();
    let chosen = worker.peek(&location("environments/x"), "b").unwrap();
    let listed = worker.list(&location("environments/x")).unwrap();
    assert_eq!(chosen, listed[1]);
    let mut names = Vec::new();
    worker.load_each(&listed, &mut |_, loaded| {
        let (_, manifests) = loaded.unwrap().into_manifests(&Targets::default()).unwrap();
        names.push(manifests.iter().map(|manifest| manifest.name().to_owned()).collect::<Vec<_>>());
    });
    assert_eq!(
        names,
        [vec![], vec!["b".to_owned()], vec!["c".to_owned()]],
        "equal names are told apart"
    );
}

#[test]
fn listing_evaluates_no_data_and_a_broken_environment_hides_no_other() {
    let workspace = Workspace::new(&[
        ("environments/a/main.jsonnet", &inline("a", "error 'data'")),
        ("environments/b/main.jsonnet", "error 'broken'"),
        ("environments/c/spec.json", r#"{"metadata": {"labels": {"n": "c"}}}"#),
        ("environments/c/main.jsonnet", "error 'data'"),
    ]);
    for threads in [1, 3] {
        let found = workspace.discover("", threads);
        let names: Vec<_> =
            found.environments.iter().map(|f| f.environment.metadata.name.as_str()).collect();
        assert_eq!(names, ["a", "environments/c"]);
        assert_eq!(found.failures.len(), 1);
        assert_eq!(found.failures[0].0, "environments/b/main.jsonnet");
        assert!(found.failures[0].1.tk_text().contains("RUNTIME ERROR: broken"));
    }
    assert_eq!(workspace.discover("n=c", 2).environments.len(), 1);
}

#[test]
fn top_level_arguments_reach_functions_and_nothing_else() {
    let main = format!(
        "function(name='default') {}",
        inline("x", "{ apiVersion: 'v1', kind: 'Pod', metadata: { name: name } }")
    );
    let mut workspace = Workspace::new(&[("environments/a/main.jsonnet", &main)]);
    assert_eq!(workspace.show("environments/a", "").unwrap(), ["Pod/default ns"]);
    workspace.options.tlas.insert("name".to_owned(), Variable::String("given".to_owned()));
    assert_eq!(workspace.show("environments/a", "x").unwrap(), ["Pod/given ns"]);
}

#[test]
fn environments_in_the_data_are_refused() {
    let workspace = Workspace::new(&[
        ("environments/a/spec.json", "{}"),
        ("environments/a/main.jsonnet", &inline("x", "{}")),
    ]);
    assert!(
        workspace
            .show("environments/a", "")
            .unwrap_err()
            .starts_with("found a tanka Environment resource.")
    );
}

#[test]
fn the_catalogue_lists_the_others_without_their_data() {
    let main = "local environments = std.native('environments')();
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: std.join(' ', [e.name + '=' + e.path + '=' + e.namespace + '=' + std.toString(e.labels) for e in environments]) } }";
    let workspace = Workspace::new(&[
        ("environments/flux/spec.json", "{}"),
        ("environments/flux/main.jsonnet", main),
        ("environments/b/spec.json", r#"{"spec": {"namespace": "nb"}}"#),
        ("environments/b/main.jsonnet", "error 'data'"),
        ("environments/inline/main.jsonnet", &inline("a", "error 'data'")),
    ]);
    assert_eq!(
        workspace.show("environments/flux", "").unwrap(),
        [
            "ConfigMap/a=environments/inline/main.jsonnet=ns={\"n\": \"a\"} environments/b=environments/b/main.jsonnet=nb={ } default"
        ]
    );
}

#[test]
fn the_catalogue_cannot_decide_what_environments_there_are() {
    let workspace = Workspace::new(&[
        ("environments/a/spec.json", "{}"),
        ("environments/a/main.jsonnet", "{ x: std.native('environments')() }"),
        (
            "environments/b/main.jsonnet",
            "[{ apiVersion: 'x', kind: 'Environment', metadata: { name: e.name } } for e in std.native('environments')()]",
        ),
    ]);
    let error = workspace.show("environments/a", "").unwrap_err();
    assert!(error.contains("`environments/b/main.jsonnet` cannot be listed"), "{error}");
    assert!(error.contains("cannot be used to decide which environments there are"), "{error}");
}

#[test]
fn inputs_name_what_a_result_depends_on_or_admit_that_they_cannot() {
    let workspace = Workspace::new(&[
        ("environments/a/spec.json", "{}"),
        ("environments/a/main.jsonnet", "(import 'x.libsonnet') + { t: importstr 'notes.txt' }"),
        ("environments/a/notes.txt", "std.native('environments')"),
        ("lib/x.libsonnet", "{ y: std.native('sha256')('x') }"),
        ("environments/b/spec.json", "{}"),
        ("environments/b/main.jsonnet", "{ x: std.native('environments')() }"),
        ("environments/c/spec.json", "{}"),
        ("environments/c/main.jsonnet", "std.trace('seen', {})"),
    ]);
    let evaluator = workspace.evaluator();
    let mut worker = evaluator.worker();
    let none = SourceRecord::default();
    let mut inputs =
        |path: &str| evaluator.inputs(&worker.peek(&location(path), "").unwrap(), &none);
    assert!(inputs("environments/b").is_none(), "the list of environments depends on other files");
    assert!(inputs("environments/c").is_none(), "a trace would be lost");
    // Text that is imported as text is no code, but telling them apart is not worth a mistake.
    assert!(inputs("environments/a").is_none());

    let workspace = Workspace::new(&[
        ("environments/a/main.jsonnet", "import 'x.libsonnet'"),
        ("lib/x.libsonnet", &inline("a", "std.native('sha256')('x')")),
    ]);
    let evaluator = workspace.evaluator();
    let found = evaluator.worker().peek(&location("environments/a"), "").unwrap();
    let record = evaluator.inputs(&found, &none).unwrap();
    let files: Vec<_> = record.files.keys().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(files, ["/w/environments/a/main.jsonnet", "/w/lib/x.libsonnet"]);
    let missing: Vec<_> = record.probes.keys().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(missing, ["/w/environments/a/spec.json", "/w/environments/a/x.libsonnet"]);
}

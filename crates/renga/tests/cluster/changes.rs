//! From a change in the source to one in the cluster: diff, apply, prune, delete, status.

use serde_json::json;

use crate::support::Live;

const TWO: &str = "one: config('one', { a: '1' }), two: config('two', { a: '1' }),";

#[test]
fn what_was_applied_does_not_differ_and_only_changes_are_sent() {
    let Some(live) = Live::new("changes") else { return };
    live.main(TWO);
    let diff = live.on_main("diff", &[]).exits(16);
    assert!(diff.stdout.contains("+  name: one"), "{}", diff.stdout);
    live.apply().exits(0);
    live.on_main("diff", &[]).exits(0).says(&["No differences."]);

    live.main(&TWO.replace("'two', { a: '1'", "'two', { a: '2'"));
    let diff = live.on_main("diff", &[]).exits(16);
    assert!(diff.stdout.contains("-  a: \"1\"\n+  a: \"2\""), "{}", diff.stdout);
    assert!(!diff.stdout.contains("generation"), "{}", diff.stdout);
    let summary = live.on_main("diff", &["--summarize", "--exit-zero"]).exits(0).stdout;
    assert!(summary.ends_with("1 files changed, 1 insertions(+), 1 deletions(-)\n"), "{summary}");

    let applied = live.on_main("apply", &["--auto-approve", "always", "--output", "json"]).exits(0);
    assert_eq!(applied.json()["counts"], json!({ "configured": 1, "unchanged": 2 }));
    live.on_main("diff", &["--diff-strategy", "server"]).exits(0);
}

#[test]
fn a_field_that_leaves_the_source_leaves_the_cluster() {
    let Some(live) = Live::new("fields") else { return };
    live.main("one: config('one', { a: '1', b: '2' }),");
    live.apply().exits(0);
    live.main("one: config('one', { a: '1' }),");
    let diff = live.on_main("diff", &[]).exits(16).stdout;
    assert!(diff.contains("-  b: \"2\""), "{diff}");
    live.apply().exits(0);
    live.on_main("diff", &[]).exits(0);
    // And then by the other strategy, after a history of the first one.
    live.main("one: config('one', { c: '1' }),");
    let server = ["--apply-strategy", "server", "--force", "--auto-approve", "always"];
    live.on_main("apply", &server).exits(0);
    let diff = live.on_main("diff", &["--diff-strategy", "server"]).exits(0);
    assert!(diff.stdout.is_empty(), "{}", diff.stdout);
    live.on_main("apply", &server).exits(0).says(&["No differences."]);
}

#[test]
fn nothing_happens_unless_yes_is_typed() {
    let Some(live) = Live::new("asks") else { return };
    live.main(TWO);
    let apply = ["apply", "environments/main"];
    let asked = live.type_in(&apply, "no\n").exits(1).says(&["aborted by user"]);
    let question = format!("Applying to namespace '{}' of cluster '", live.namespace);
    assert!(asked.stdout.contains(&question), "{}", asked.stdout);
    live.on_main("diff", &[]).exits(16);
    live.on_main("apply", &["--dry-run", "server"]).exits(0);
    live.on_main("apply", &["--dry-run", "client"]).exits(0);
    live.on_main("diff", &[]).exits(16);
    let applied = live.type_in(&apply, "yes\n").exits(0).stdout;
    assert!(applied.contains("3 created\n"), "{applied}");
    live.on_main("apply", &["--auto-approve", "if-no-changes"]).exits(0);
    live.type_in(&["delete", "environments/main"], "no\n").exits(1);
    live.type_in(&["prune", "environments/main"], "").exits(0).says(&["Nothing found to prune."]);
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn what_left_the_source_is_pruned_and_nothing_else() {
    let Some(live) = Live::new("prune") else { return };
    live.main(TWO);
    live.apply().exits(0);
    live.main("one: config('one', { a: '1' }),");
    live.on_main("diff", &[]).exits(0);
    let diff = live.on_main("diff", &["--with-prune"]).exits(16).stdout;
    assert!(diff.contains("-  name: two"), "{diff}");
    live.on_main("diff", &["--with-prune", "-t", "ConfigMap/one"]).exits(0);
    live.on_main("prune", &["-t", "Secret/.*"]).exits(0).says(&["Nothing found to prune."]);
    live.on_main("prune", &["--namespace", "default"]).exits(0).says(&["Nothing found"]);
    live.on_main("prune", &["--dry-run", "server"]).exits(0);
    let pruned = live.on_main("prune", &["--auto-approve", "always"]).exits(0).stdout;
    assert!(pruned.contains(&format!("ConfigMap/two in {} deleted", live.namespace)), "{pruned}");
    live.on_main("prune", &[]).exits(0).says(&["Nothing found to prune."]);
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn an_environment_that_renders_to_nothing_is_not_pruned() {
    let Some(live) = Live::new("empty") else { return };
    live.main(TWO);
    live.apply().exits(0);
    live.environment("environments/main", &Live::labels(), "{}");
    let flags = ["--auto-approve", "always"];
    live.on_main("prune", &flags).exits(1).says(&["renders to nothing", "--allow-empty"]);
    live.on_main("diff", &["--with-prune"]).exits(1).says(&["--allow-empty"]);
    let tk = ["tk", "prune", "environments/main", "--auto-approve", "always"];
    live.run(&tk).exits(1).says(&["renders to nothing"]);
    live.on_main("apply", &flags).exits(1).says(&["no objects passed to apply"]);
    let listed = live.on_main("prune", &["--allow-empty", "--dry-run", "server"]).exits(0).stdout;
    assert!(listed.contains("ConfigMap/two"), "{listed}");
}

#[test]
fn pruning_needs_labels() {
    let Some(live) = Live::new("labels") else { return };
    live.environment("environments/main", &json!({}), "{}");
    live.on_main("prune", &[]).exits(1).says(&["spec.injectLabels is set to false"]);
}

#[test]
fn delete_takes_everything_and_says_what_was_not_there() {
    let Some(live) = Live::new("delete") else { return };
    live.main(TWO);
    live.apply().exits(0);
    let one = ["-t", "ConfigMap/one", "--auto-approve", "always"];
    live.on_main("delete", &one).exits(0);
    let again = live.on_main("delete", &one).exits(0).stdout;
    assert!(again.contains("not found"), "{again}");
    let all = live.on_main("delete", &["--auto-approve", "always", "--output", "json"]).exits(0);
    let results: Vec<_> =
        all.json()["objects"].as_array().unwrap().iter().map(|o| o["result"].clone()).collect();
    assert_eq!(results, [json!("deleted"), json!("not found"), json!("deleted")]);
}

#[test]
fn definitions_come_before_what_they_define() {
    let Some(live) = Live::new("kinds") else { return };
    let group = format!("{}.example.com", live.namespace);
    live.main(&format!(
        "definition: {{
           apiVersion: 'apiextensions.k8s.io/v1',
           kind: 'CustomResourceDefinition',
           metadata: {{ name: 'widgets.{group}' }},
           spec: {{
             group: '{group}',
             names: {{ kind: 'Widget', plural: 'widgets' }},
             scope: 'Namespaced',
             versions: [{{ name: 'v1', served: true, storage: true, schema: {{ openAPIV3Schema: {{
               type: 'object',
               properties: {{ spec: {{ type: 'object', properties: {{ size: {{ type: 'integer', default: 3 }} }} }} }},
             }} }} }}],
           }},
         }},
         widget: {{ apiVersion: '{group}/v1', kind: 'Widget', metadata: {{ name: 'w' }}, spec: {{}} }},"
    ));
    let diff = live.on_main("diff", &[]).exits(16).stdout;
    assert!(diff.contains("+kind: Widget"), "{diff}");
    live.apply().exits(0);
    live.on_main("diff", &[]).exits(0);
    let again = live.on_main("apply", &["--auto-approve", "always", "--output", "json"]).exits(0);
    assert_eq!(again.json()["counts"], json!({ "unchanged": 3 }));

    // Another environment that only has an object of such a kind, on a cluster without it.
    live.on_main("delete", &["--auto-approve", "always"]).exits(0);
    let widget = format!(
        "{{ w: {{ apiVersion: '{group}/v1', kind: 'Widget', metadata: {{ name: 'w' }} }} }}"
    );
    live.environment("environments/other", &json!({ "namespace": "default" }), &widget);
    let unknown = live.run(&["diff", "environments/other"]).exits(1);
    unknown.says(&["Widget", "environment `environments/main` brings the definition"]);
}

#[test]
fn status_shows_where_an_environment_goes() {
    let Some(live) = Live::new("status") else { return };
    live.main(TWO);
    let status = live.on_main("status", &[]).exits(0).stdout;
    for part in ["Context: ", "Server: v1.", "  InjectLabels: true\n", "ConfigMap/one\n"] {
        assert!(status.contains(part), "{part}: {status}");
    }
    let tk = live.run(&["tk", "status", "environments/main"]).exits(0).stdout;
    assert!(!tk.contains("\nServer: "), "{tk}");
}

#[test]
fn environments_that_differ_are_listed() {
    let Some(live) = Live::new("modified") else { return };
    live.main(TWO);
    live.apply().exits(0);
    live.environment(
        "environments/other",
        &json!({ "namespace": "default" }),
        &format!(
            "{{ a: {{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: '{}' }} }} }}",
            live.namespace
        ),
    );
    let list = live.run(&["diff", "environments", "--list-modified-envs"]).exits(0).stdout;
    assert_eq!(list, "environments/other\n");
}

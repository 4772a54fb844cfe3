//! `renga preview`: what it says of histories that the tests build with `git`, and how it ends.

use std::process::Command;

use renga_test::TestContext;

/// A workspace in git.
struct History {
    context: TestContext,
}

const APP: &str = "
    function(name, image='app:1', replicas=1, extra={}) {
      deployment: {
        apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: name },
        spec: { replicas: replicas, selector: { matchLabels: { app: name } }, template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'main', image: image }] },
        } },
      },
    } + extra
";

impl History {
    /// Three environments with a library, committed on `main`.
    fn new() -> Self {
        let context = TestContext::new(env!("CARGO_BIN_EXE_renga"))
            .with_variable("RENGA_MASK_KEY", "a key for tests")
            .with_filter(r"\b[0-9a-f]{10}\)", "[COMMIT])")
            .with_filter(r#""commit": "[0-9a-f]{40}""#, r#""commit": "[COMMIT]""#);
        let history = Self { context };
        history.git(&["init", "-q", "-b", "main"]);
        history.write("lib/app.libsonnet", APP);
        history.write("lib/unused.libsonnet", "{}");
        for name in ["dev", "qa", "prod"] {
            history.context.environment(name, "(import 'app.libsonnet')('web')");
        }
        history.commit();
        history
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.context.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("git can be started");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {words}");
    }

    fn write(&self, path: &str, text: &str) {
        self.context.write(path, text);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.context.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        self.write(path, &text.replace(from, to));
    }

    fn remove(&self, path: &str) {
        fs_err::remove_dir_all(self.context.root().join(path)).expect("the folder is there");
    }

    fn preview(&self, arguments: &[&str]) -> String {
        self.context.run([&["preview", "--base", "main"], arguments].concat())
    }
}

#[test]
fn nothing_changed() {
    insta::assert_snapshot!(History::new().preview(&["--exit-code"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]) against main ([COMMIT])
    3 environments: 3 unchanged; 3 did not have to be rendered
    ");
}

#[test]
fn one_environment_of_three() {
    let history = History::new();
    history.write("environments/qa/main.jsonnet", "(import 'app.libsonnet')('web', image='app:2')");
    insta::assert_snapshot!(history.preview(&["--exit-code", "--explain-selection"]), @"
    exit: 16
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    3 environments: 1 changed, 2 unchanged; 2 did not have to be rendered

    environments/dev: skipped: none of the 3 files it is made of differs
    environments/prod: skipped: none of the 3 files it is made of differs
    environments/qa: rendered: `environments/qa/main.jsonnet` differs

    environments/qa: changed, +0 ~1 -0
      app:1 → app:2

    Deployment web changed in environments/qa
      spec.template.spec.containers[name=main].image
      - app:1
      + app:2
    ");
}

#[test]
fn a_library_is_said_once() {
    let history = History::new();
    history.git(&["checkout", "-q", "-b", "topic"]);
    history.replace("lib/app.libsonnet", "app:1", "app:2");
    history.commit();
    insta::assert_snapshot!(history.preview(&[]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]) against main ([COMMIT])
    3 environments: 3 changed

    environments/dev: changed, +0 ~1 -0
      app:1 → app:2
    environments/prod: changed, +0 ~1 -0
      app:1 → app:2
    environments/qa: changed, +0 ~1 -0
      app:1 → app:2

    Deployment web changed in 3 environments
      of environments/dev, environments/prod, environments/qa
      spec.template.spec.containers[name=main].image
      - app:1
      + app:2
    ");
    insta::assert_snapshot!(history.preview(&["-o", "markdown"]), @"
    exit: 0
    ----- stdout -----
    <!-- renga-preview default 1/1 -->
    ## Changes of manifests

    working tree ([COMMIT]) against main ([COMMIT])

    3 environments: 3 changed

    | environment | | added | changed | removed | renamed | images |
    |---|---|--:|--:|--:|--:|---|
    | `environments/dev` | changed | 0 | 1 | 0 | 0 | `app:1 → app:2` |
    | `environments/prod` | changed | 0 | 1 | 0 | 0 | `app:1 → app:2` |
    | `environments/qa` | changed | 0 | 1 | 0 | 0 | `app:1 → app:2` |

    <details><summary>Deployment web changed in 3 environments</summary>

    `environments/dev`, `environments/prod`, `environments/qa`

    ```diff
    @@ spec.template.spec.containers[name=main].image @@
    - app:1
    + app:2
    ```

    </details>
    ");
    insta::assert_snapshot!(history.preview(&["-o", "json"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "version": 1,
      "base": {
        "name": "main",
        "commit": "[COMMIT]",
        "uncommitted": 0
      },
      "head": {
        "name": "working tree",
        "commit": "[COMMIT]",
        "uncommitted": 0
      },
      "notes": [],
      "environments": [
        {
          "name": "environments/dev",
          "path": "environments/dev/main.jsonnet",
          "status": "changed",
          "rendered": true,
          "reason": "`lib/app.libsonnet` differs",
          "objects": {
            "added": 0,
            "changed": 1,
            "removed": 0,
            "renamed": 0,
            "unchanged": 0
          },
          "images": [
            {
              "from": "app:1",
              "to": "app:2",
              "containers": 1
            }
          ],
          "failures": []
        },
        {
          "name": "environments/prod",
          "path": "environments/prod/main.jsonnet",
          "status": "changed",
          "rendered": true,
          "reason": "`lib/app.libsonnet` differs",
          "objects": {
            "added": 0,
            "changed": 1,
            "removed": 0,
            "renamed": 0,
            "unchanged": 0
          },
          "images": [
            {
              "from": "app:1",
              "to": "app:2",
              "containers": 1
            }
          ],
          "failures": []
        },
        {
          "name": "environments/qa",
          "path": "environments/qa/main.jsonnet",
          "status": "changed",
          "rendered": true,
          "reason": "`lib/app.libsonnet` differs",
          "objects": {
            "added": 0,
            "changed": 1,
            "removed": 0,
            "renamed": 0,
            "unchanged": 0
          },
          "images": [
            {
              "from": "app:1",
              "to": "app:2",
              "containers": 1
            }
          ],
          "failures": []
        }
      ],
      "groups": [
        {
          "apiVersion": "apps/v1",
          "kind": "Deployment",
          "fate": "changed",
          "changes": [
            {
              "path": "spec.template.spec.containers[name=main].image",
              "steps": [
                "spec",
                "template",
                "spec",
                "containers",
                {
                  "index": 0,
                  "name": "name=main"
                },
                "image"
              ],
              "edit": "changed",
              "before": "app:1",
              "after": "app:2"
            }
          ],
          "objects": [
            {
              "environment": "environments/dev",
              "name": "web",
              "namespace": "default"
            },
            {
              "environment": "environments/prod",
              "name": "web",
              "namespace": "default"
            },
            {
              "environment": "environments/qa",
              "name": "web",
              "namespace": "default"
            }
          ]
        }
      ],
      "noise": {},
      "masked": 0
    }
    "#);
}

#[test]
fn the_base_is_where_histories_parted() {
    let history = History::new();
    history.git(&["checkout", "-q", "-b", "topic"]);
    history.write("environments/dev/main.jsonnet", "(import 'app.libsonnet')('web', replicas=2)");
    history.commit();
    history.git(&["checkout", "-q", "main"]);
    history.write("environments/prod/main.jsonnet", "(import 'app.libsonnet')('web', replicas=5)");
    history.commit();
    history.git(&["checkout", "-q", "topic"]);
    insta::assert_snapshot!(history.preview(&[]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]) against main ([COMMIT])
    3 environments: 1 changed, 2 unchanged; 2 did not have to be rendered

    environments/dev: changed, +0 ~1 -0

    Deployment web changed in environments/dev
      spec.replicas
      - 1
      + 2
    ");
}

#[test]
fn environments_come_go_and_move() {
    let history = History::new();
    history.remove("environments/qa");
    let main = "(import 'app.libsonnet')('stage', replicas=3)";
    history.context.environment("stage", main);
    history.write("environments/old/main.jsonnet", "(import 'app.libsonnet')('web') + { x:: 1 }");
    insta::assert_snapshot!(history.preview(&["--exit-code", "environments"]), @"
    exit: 16
    ----- stdout -----
    working tree ([COMMIT]), with 5 files not committed against main ([COMMIT])
    4 environments: 1 added, 1 removed, 2 unchanged; 2 did not have to be rendered

    environments/qa: removed, +0 ~0 -1
    environments/stage: added, +1 ~0 -0

    Deployment web removed in environments/qa
      - apiVersion: apps/v1
      - kind: Deployment
      - metadata:
      -   name: web
      -   namespace: default
      - spec:
      -   replicas: 1
      -   selector:
      -     matchLabels:
      -       app: web
      -   template:
      -     metadata:
      -       labels:
      -         app: web
      -     spec:
      -       containers:
      -       - image: app:1
      -         name: main

    Deployment stage added in environments/stage
      + apiVersion: apps/v1
      + kind: Deployment
      + metadata:
      +   name: stage
      +   namespace: default
      + spec:
      +   replicas: 3
      +   selector:
      +     matchLabels:
      +       app: stage
      +   template:
      +     metadata:
      +       labels:
      +         app: stage
      +     spec:
      +       containers:
      +       - image: app:1
      +         name: main
    ");
}

#[test]
fn an_environment_that_only_moved() {
    let history = History::new();
    history.context.environment("special", "(import 'app.libsonnet')('web') + { only:: 'here' }");
    history.commit();
    history.remove("environments/special");
    history.context.environment("moved", "(import 'app.libsonnet')('web') + { only:: 'here' }");
    insta::assert_snapshot!(history.preview(&["--exit-code"]), @"
    exit: 16
    ----- stdout -----
    working tree ([COMMIT]), with 4 files not committed against main ([COMMIT])
    4 environments: 4 unchanged; 3 did not have to be rendered

    environments/moved: unchanged, was environments/special, +0 ~0 -0
    ");
}

#[test]
fn settings_of_an_environment() {
    let history = History::new();
    history.replace("environments/prod/spec.json", "\"default\"", "\"shop\"");
    insta::assert_snapshot!(history.preview(&["--explain-selection"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    3 environments: 1 changed, 2 unchanged; 2 did not have to be rendered

    environments/dev: skipped: none of the 3 files it is made of differs
    environments/prod: rendered: its settings differ
    environments/qa: skipped: none of the 3 files it is made of differs

    environments/prod: changed, +0 ~1 -0

    Deployment web renamed in environments/prod
      metadata.namespace
      - default
      + shop
    ");
}

#[test]
fn a_head_that_does_not_compile() {
    let history = History::new();
    history.write("environments/prod/main.jsonnet", "(import 'gone.libsonnet')('web')");
    history.write("environments/dev/main.jsonnet", "{ a: error 'no' }");
    insta::assert_snapshot!(history.preview(&["--exit-code"]), @"
    exit: 1
    ----- stdout -----
    working tree ([COMMIT]), with 2 files not committed against main ([COMMIT])
    3 environments: 2 failed, 1 unchanged; 1 did not have to be rendered

    environments/dev: failed
      head: evaluating jsonnet: no
          at environments/dev/main.jsonnet:1
    environments/prod: failed
      head: evaluating jsonnet: cannot find the import `gone.libsonnet`
          at environments/prod/main.jsonnet:1
    ----- stderr -----
    error: environments cannot be compared: see the report
    ");
}

#[test]
fn a_base_that_does_not_compile() {
    let history = History::new();
    history.write("environments/prod/main.jsonnet", "{ a: error 'no' }");
    history.commit();
    history.write("environments/prod/main.jsonnet", "(import 'app.libsonnet')('web')");
    insta::assert_snapshot!(history.preview(&["--exit-code"]), @"
    exit: 1
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    3 environments: 1 failed, 2 unchanged; 2 did not have to be rendered

    environments/prod: failed
      base: evaluating jsonnet: no
          at environments/prod/main.jsonnet:1
    ----- stderr -----
    error: environments cannot be compared: see the report
    ");
}

#[test]
fn inline_environments_that_do_not_compile_are_not_new() {
    let history = History::new();
    let inline =
        "{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'one' },
        spec: { namespace: 'n' }, data: (import 'app.libsonnet')('web') }";
    history.write("environments/inline/main.jsonnet", "local x = error 'broken'; x");
    history.commit();
    history.write("environments/inline/main.jsonnet", inline);
    insta::assert_snapshot!(history.preview(&["--exit-code", "environments"]), @"
    exit: 1
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 failed, 3 unchanged; 3 did not have to be rendered

    one: failed
      base: evaluating jsonnet in path 'environments/inline/main.jsonnet': broken
          at environments/inline/main.jsonnet:1
          at environments/inline/main.jsonnet:1
    ----- stderr -----
    error: environments cannot be compared: see the report
    ");
}

#[test]
fn inline_environments_change_come_and_go() {
    let history = History::new();
    let environments = |list: &str| {
        format!(
            "local env(name, app) = {{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment',
               metadata: {{ name: name }}, spec: {{ namespace: name }}, data: app }};
             local app = import 'app.libsonnet';
             [{list}]"
        )
    };
    let before = "env('a', app('x')), env('b', app('x')), env('gone', app('y'))";
    history.write("environments/inline/main.jsonnet", &environments(before));
    history.commit();
    let after =
        "env('new', app('z', replicas=9)), env('a', app('x')), env('b', app('x', replicas=2))";
    history.write("environments/inline/main.jsonnet", &environments(after));
    insta::assert_snapshot!(history.preview(&["environments/inline"]), @r#"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 changed, 1 added, 1 removed, 1 unchanged

    b: changed, +0 ~1 -0
    gone: removed, +0 ~0 -1
    new: added, +1 ~0 -0

    Deployment y removed in gone
      - apiVersion: apps/v1
      - kind: Deployment
      - metadata:
      -   name: "y"
      -   namespace: gone
      - spec:
      -   replicas: 1
      -   selector:
      -     matchLabels:
      -       app: "y"
      -   template:
      -     metadata:
      -       labels:
      -         app: "y"
      -     spec:
      -       containers:
      -       - image: app:1
      -         name: main

    Deployment x changed in b
      spec.replicas
      - 1
      + 2

    Deployment z added in new
      + apiVersion: apps/v1
      + kind: Deployment
      + metadata:
      +   name: z
      +   namespace: new
      + spec:
      +   replicas: 9
      +   selector:
      +     matchLabels:
      +       app: z
      +   template:
      +     metadata:
      +       labels:
      +         app: z
      +     spec:
      +       containers:
      +       - image: app:1
      +         name: main
    "#);
}

#[test]
fn inputs_of_all_sorts_select() {
    let history = History::new();
    let reads = "{ map: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: {
        text: importstr 'text.txt', json: std.manifestJson(import 'data.json') } } }";
    history.context.environment("reads", reads);
    history.write("environments/reads/text.txt", "a\nb\nc\n");
    history.write("environments/reads/data.json", "{\"a\": {\"b\": 1}}");
    history.commit();
    history.write("environments/reads/text.txt", "a\nB\nc\n");
    history.write("environments/reads/data.json", "{\"a\": {\"b\": 2}}");
    insta::assert_snapshot!(history.preview(&["--explain-selection"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 2 files not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/dev: skipped: none of the 3 files it is made of differs
    environments/prod: skipped: none of the 3 files it is made of differs
    environments/qa: skipped: none of the 3 files it is made of differs
    environments/reads: rendered: `environments/reads/data.json` differs

    environments/reads: changed, +0 ~1 -0

    ConfigMap m changed in environments/reads
      data.json (json).a.b
      - 1
      + 2
      data.text
        @@ -1,3 +1,3 @@
        a
      - b
      + B
        c
    ");
}

#[test]
fn a_file_that_hides_another_selects() {
    let history = History::new();
    // Nearer to the environment than the one in `lib`.
    history.write("environments/dev/app.libsonnet", &APP.replace("app:1", "app:near"));
    insta::assert_snapshot!(history.preview(&["--explain-selection"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    3 environments: 1 changed, 2 unchanged; 2 did not have to be rendered

    environments/dev: rendered: `environments/dev/app.libsonnet` differs
    environments/prod: skipped: none of the 3 files it is made of differs
    environments/qa: skipped: none of the 3 files it is made of differs

    environments/dev: changed, +0 ~1 -0
      app:1 → app:near

    Deployment web changed in environments/dev
      spec.template.spec.containers[name=main].image
      - app:1
      + app:near
    ");
}

#[test]
fn charts_select() {
    let history = History::new();
    let renders = "local helm = std.native('helmTemplate');
        { c: helm('c', './chart', { calledFrom: std.thisFile }) }";
    history.context.environment("charts", renders);
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: {{ .Values.a | quote }}\n";
    history
        .write("environments/charts/chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    history.write("environments/charts/chart/values.yaml", "a: one\n");
    history.write("environments/charts/chart/templates/c.yaml", template);
    history.commit();
    history.write("README.md", "read me");
    insta::assert_snapshot!(history.preview(&["--explain-selection", "environments/charts"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    1 environment: 1 unchanged; 1 did not have to be rendered

    environments/charts: skipped: none of the 2 files it is made of differs
    ");
    history.write("environments/charts/chart/values.yaml", "a: two\n");
    insta::assert_snapshot!(history.preview(&["--explain-selection"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 2 files not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/charts: rendered: it renders charts, and `environments/charts/chart/values.yaml` differs
    environments/dev: skipped: none of the 3 files it is made of differs
    environments/prod: skipped: none of the 3 files it is made of differs
    environments/qa: skipped: none of the 3 files it is made of differs

    environments/charts: changed, +0 ~1 -0

    ConfigMap c changed in environments/charts
      data.a
      - one
      + two
    ");
}

#[test]
fn what_cannot_be_told_is_rendered() {
    let history = History::new();
    let lists = "local all = std.native('environments')();
        { m: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'all' },
               data: { names: std.join(' ', [e.name for e in all]) } } }";
    history.context.environment("list", lists);
    history.commit();
    history.context.environment("another", "(import 'app.libsonnet')('web')");
    insta::assert_snapshot!(history.preview(&["--explain-selection"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 2 files not committed against main ([COMMIT])
    5 environments: 1 changed, 1 added, 3 unchanged; 3 did not have to be rendered

    environments/another: rendered: the base does not have it
    environments/dev: skipped: none of the 3 files it is made of differs
    environments/list: rendered: what it depends on cannot be told
    environments/prod: skipped: none of the 3 files it is made of differs
    environments/qa: skipped: none of the 3 files it is made of differs

    environments/another: added, +1 ~0 -0
    environments/list: changed, +0 ~1 -0

    ConfigMap all changed in environments/list
      data.names
      - environments/dev environments/prod environments/qa
      + environments/another environments/dev environments/prod environments/qa

    Deployment web added in environments/another
      + apiVersion: apps/v1
      + kind: Deployment
      + metadata:
      +   name: web
      +   namespace: default
      + spec:
      +   replicas: 1
      +   selector:
      +     matchLabels:
      +       app: web
      +   template:
      +     metadata:
      +       labels:
      +         app: web
      +     spec:
      +       containers:
      +       - image: app:1
      +         name: main
    ");
}

#[test]
fn selection_leaves_nothing_out() {
    let history = History::new();
    history.replace("lib/app.libsonnet", "app: name", "app: name, tier: 'x'");
    history.write("lib/unused.libsonnet", "{ changed: true }");
    let groups = |text: &str| text[text.find("\n\n").unwrap_or(0)..].to_owned();
    let selected = history.preview(&[]);
    assert_eq!(groups(&selected), groups(&history.preview(&["--all"])));
    assert!(selected.contains("3 changed"), "{selected}");
}

#[test]
fn secrets_show_that_they_changed_and_nothing_else() {
    let history = History::new();
    let secret = |value: &str| {
        format!(
            "{{ s: {{ apiVersion: 'v1', kind: 'Secret', metadata: {{ name: 's', annotations: {{
               'example.com/token': 'tok-{value}' }} }}, stringData: {{ password: '{value}', same: 'hunter0' }} }} }}"
        )
    };
    history.write("renga.toml", "[preview]\nmask = ['metadata.annotations[example.com/*]']\n");
    history.context.environment("secret", &secret("hunter2"));
    history.commit();
    history.context.environment("secret", &secret("hunter3"));
    let told = history.preview(&[]);
    assert!(!told.contains("hunter"), "{told}");
    insta::assert_snapshot!(told, @r#"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/secret: changed, +0 ~1 -0

    Secret s changed in environments/secret
      metadata.annotations["example.com/token"]
      - *** (9002cf5c3d1a)
      + *** (ad334ecff146)
      stringData.password
      - *** (cb8f2a65c761)
      + *** (16d5a591759d)

    3 values masked
    "#);
    for form in ["markdown", "json", "html"] {
        let told = history.preview(&["-o", form]);
        assert!(!told.contains("hunter") && told.contains("***"), "{told}");
    }
}

#[test]
fn noise_is_counted() {
    let history = History::new();
    let annotated = |sum: &str, other: &str| {
        format!(
            "(import 'app.libsonnet')('web') + {{ deployment+: {{ metadata+: {{ annotations: {{
              'checksum/config': '{sum}', 'example.com/build': '{other}' }} }} }} }}"
        )
    };
    history.write(
        "renga.toml",
        "[[preview.ignore]]\nname = 'builds'\npath = 'metadata.annotations[example.com/build]'\n",
    );
    history.context.environment("noisy", &annotated("1", "1"));
    history.commit();
    history.context.environment("noisy", &annotated("2", "2"));
    insta::assert_snapshot!(history.preview(&["--exit-code"]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 4 unchanged; 3 did not have to be rendered

    1 change passed over by the rule builds
    1 change passed over by the rule checksums
    ");
    insta::assert_snapshot!(history.preview(&["--exit-code", "--show-noise"]), @r#"
    exit: 16
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/noisy: changed, +0 ~1 -0

    Deployment web changed in environments/noisy
      metadata.annotations["checksum/config"]
      - 1
      + 2
      metadata.annotations["example.com/build"]
      - 1
      + 2
    "#);
}

#[test]
fn objects_are_renamed_and_lists_matched() {
    let history = History::new();
    let app = |hash: &str, env: &str| {
        format!(
            "{{ m: {{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: 'config-{hash}' }},
                 data: {{ a: '1', b: '2', c: '3', d: '4', e: '5', f: '6', g: '{hash}' }} }},
               p: {{ apiVersion: 'v1', kind: 'Pod', metadata: {{ name: 'p' }}, spec: {{ containers: [
                 {{ name: 'side', image: 's:1' }}, {{ name: 'main', image: 'm:1', env: [{env}] }}] }} }} }}"
        )
    };
    history
        .context
        .environment("lists", &app("1f", "{ name: 'A', value: '1' }, { name: 'B', value: '2' }"));
    history.commit();
    let env = "{ name: 'NEW', value: '0' }, { name: 'A', value: '1' }, { name: 'B', value: '3' }";
    history.context.environment("lists", &app("2e", env));
    insta::assert_snapshot!(history.preview(&[]), @r#"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/lists: changed, +0 ~2 -0

    ConfigMap config-2e renamed in environments/lists
      data.g
      - 1f
      + 2e
      metadata.name
      - config-1f
      + config-2e

    Pod p changed in environments/lists
      spec.containers[name=main].env[name=NEW]
      + name: NEW
      + value: "0"
      spec.containers[name=main].env[name=B].value
      - 2
      + 3
    "#);
}

#[test]
fn a_folder_to_compare_with() {
    let history = History::new();
    let other = TestContext::new(env!("CARGO_BIN_EXE_renga"));
    other.write("lib/app.libsonnet", &APP.replace("app:1", "app:0"));
    for name in ["dev", "qa", "prod"] {
        other.environment(name, "(import 'app.libsonnet')('web')");
    }
    let folder = other.root().to_string_lossy().into_owned();
    let told = history.context.run(["preview", "--base", &folder]);
    insta::assert_snapshot!(told.replace(&folder, "[OTHER]"), @"
    exit: 0
    ----- stdout -----
    working tree against [OTHER]
    3 environments: 3 changed

    environments/dev: changed, +0 ~1 -0
      app:0 → app:1
    environments/prod: changed, +0 ~1 -0
      app:0 → app:1
    environments/qa: changed, +0 ~1 -0
      app:0 → app:1

    Deployment web changed in 3 environments
      of environments/dev, environments/prod, environments/qa
      spec.template.spec.containers[name=main].image
      - app:0
      + app:1
    ");
}

#[test]
fn what_is_ignored_by_git_is_on_both_sides() {
    let history = History::new();
    history.write(".gitignore", "/vendor/\n");
    history.write(
        "vendor/dep/x.libsonnet",
        "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dep' } }",
    );
    history.context.environment("vendored", "{ x: import 'dep/x.libsonnet' }");
    history.write("jsonnetfile.lock.json", "{\"version\": 1}");
    history.commit();
    history
        .context
        .environment("vendored", "{ x: (import 'dep/x.libsonnet') + { data: { a: 'b' } } }");
    insta::assert_snapshot!(history.preview(&[]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 1 file not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/vendored: changed, +0 ~1 -0

    ConfigMap dep changed in environments/vendored
      data
      + a: b

    `vendor` is not in git: both sides have what is on disk
    ");
    history.write("jsonnetfile.lock.json", "{\"version\": 2}");
    insta::assert_snapshot!(history.preview(&[]), @"
    exit: 0
    ----- stdout -----
    working tree ([COMMIT]), with 2 files not committed against main ([COMMIT])
    4 environments: 1 changed, 3 unchanged; 3 did not have to be rendered

    environments/vendored: changed, +0 ~1 -0

    ConfigMap dep changed in environments/vendored
      data
      + a: b

    `vendor` is not in git: both sides have what is on disk
    `jsonnetfile.lock.json` differs, and changes of what it brings into ignored folders are not seen
    ");
}

#[test]
fn bad_input_is_refused() {
    let history = History::new();
    let run = |arguments: &[&str]| history.context.run([&["preview"], arguments].concat());
    insta::assert_snapshot!(run(&["--base", "nothing"]), @"
    exit: 1
    ----- stderr -----
    error: no commit is called `nothing` here
      help: fetch it first: `git fetch origin nothing` (a clone of one branch or of little depth does not have the others)
    ");
    insta::assert_snapshot!(run(&["--base", "main", "nowhere"]), @"
    exit: 1
    ----- stderr -----
    error: `nowhere` is on neither side
      help: give folders of the workspace, or none for all
    ");
    insta::assert_snapshot!(run(&["--base", "main", "-o", "text", "-o", "json"]), @"
    exit: 2
    ----- stderr -----
    error: only one report can go to standard output
      help: name a file for the others: `--output html=FILE`
    ");
    insta::assert_snapshot!(run(&["--base", "main", "-o", "yaml"]), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'yaml' for '--output <format[=file]>': the forms are text, markdown, html and json

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["--base", "main", "--jsonnet-implementation", "binary:/bin/true"]), @"
    exit: 1
    ----- stderr -----
    error: a preview cannot use the implementation `binary:/bin/true`
      help: a program reads from the disk, not from the base; leave the flag out
    ");
    history.write("renga.toml", "[preview]\nmask = ['a..b']\n");
    insta::assert_snapshot!(run(&["--base", "main"]), @"
    exit: 1
    ----- stderr -----
    error: paths of `[preview]` in `renga.toml`: `a..b` is no pattern of a path
      help: write them like `metadata.annotations[checksum/*]` or `**.caBundle`
    ");
}

#[test]
fn without_git_there_is_only_a_folder() {
    let context = TestContext::new(env!("CARGO_BIN_EXE_renga"));
    context.environment("dev", "{}");
    insta::assert_snapshot!(context.run(["preview"]), @r#"
    exit: 1
    ----- stderr -----
    error: `<ROOT>` is in no git repository that can be read: Could not find a git repository in "<ROOT>" or in any of its parents
      help: run this in a clone, or name a folder to compare with: `--base DIR`
    "#);
}

#[test]
fn several_reports_at_once() {
    let history = History::new();
    history.replace("lib/app.libsonnet", "app:1", "app:2");
    history.write("out/report.2.md", "<!-- renga-preview default 2/2 -->\nof an earlier run");
    history.write("out/report.3.md", "not ours");
    let told = history.preview(&[
        "-o",
        "json=out/report.json",
        "-o",
        "md=out/report.md",
        "-o",
        "html=out/page.html",
    ]);
    assert_eq!(told, "exit: 0\n");
    let page = history.context.read("out/page.html");
    assert!(page.contains("Deployment web changed in 3 environments") && !page.contains("http://"));
    let data: serde_json::Value =
        serde_json::from_str(&history.context.read("out/report.json")).unwrap();
    assert_eq!(data["groups"][0]["objects"].as_array().map(Vec::len), Some(3));
    assert!(
        history.context.read("out/report.md").starts_with("<!-- renga-preview default 1/1 -->")
    );
    assert!(!history.context.root().join("out/report.2.md").exists());
    assert_eq!(history.context.read("out/report.3.md"), "not ours");
}

#[test]
fn a_repository_is_left_as_it_was() {
    let history = History::new();
    history.replace("lib/app.libsonnet", "app:1", "app:2");
    let state = || {
        let root = history.context.root();
        let files = ["index", "HEAD", "logs/HEAD"]
            .map(|file| fs_err::read(root.join(".git").join(file)).unwrap());
        let names = |folder: &str| {
            let entries = fs_err::read_dir(root.join(folder)).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let names = [names("."), names(".git"), names(".git/objects")];
        (files, names)
    };
    let before = state();
    history.preview(&[]);
    assert_eq!(before, state());
}

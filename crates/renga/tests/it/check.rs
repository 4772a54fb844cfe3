//! `renga check`: what it says, and how it ends.

use std::path::Path;
use std::process::Command;

use renga_test::TestContext;

fn context() -> TestContext {
    let context =
        TestContext::new(env!("CARGO_BIN_EXE_renga")).with_filter(r"in \d+\.\d\d s", "in [TIME]");
    context.write(
        "environments/shop/main.jsonnet",
        r"
        local deployment(secret) = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          spec: {
            selector: { matchLabels: { app: 'web' } },
            template: {
              metadata: { labels: { app: 'web' } },
              spec: { containers: [{ name: 'web', image: 'web:1', envFrom: [{ secretRef: { name: secret } }] }] },
            },
          },
        };
        local environment(name, data) = {
          apiVersion: 'tanka.dev/v1alpha1',
          kind: 'Environment',
          metadata: { name: name },
          spec: { namespace: 'default', apiServer: 'https://%s.example.com' % name },
          data: data,
        };
        {
          dev: environment('dev', { web: deployment('web') }),
          prod: environment('prod', {
            web: deployment('web') { spec+: { replica: 2 } },
            secret: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, stringData: { password: 'hunter2' } },
          }),
        }
        ",
    );
    context
}

#[test]
fn findings_are_told_and_fail() {
    insta::assert_snapshot!(context().run(["check", "environments"]), @"
    exit: 1
    ----- stdout -----
    error[reference/secret]: the Secret default/web does not exist
      in Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name
      of dev
      help: render it for the same cluster, or list it as provided

    error[schema/unknown-field]: unknown field `replica`, did you mean `replicas`?
      in Deployment default/web, spec
      of prod

    ----- stderr -----
    checked 3 manifests of 2 environments in [TIME]: 2 errors, 0 warnings
    ");
}

#[test]
fn findings_as_json() {
    insta::assert_snapshot!(context().run(["check", "environments", "--name", "dev", "-o", "json"]), @r#"
    exit: 1
    ----- stdout -----
    {
      "version": 1,
      "findings": [
        {
          "rule": "reference/secret",
          "severity": "error",
          "environment": "dev",
          "object": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "namespace": "default",
            "name": "web"
          },
          "path": "spec.template.spec.containers[0].envFrom[0].secretRef.name",
          "message": "the Secret default/web does not exist",
          "help": "render it for the same cluster, or list it as provided"
        }
      ],
      "suppressed": [],
      "environments": [
        {
          "name": "dev",
          "file": "environments/shop/main.jsonnet",
          "manifests": 1
        }
      ],
      "broken": []
    }
    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 1 error, 0 warnings
    "#);
}

#[test]
fn what_is_provided_is_no_finding() {
    let context = context();
    context.write(
        "renga.toml",
        "[[check.provided]]\nkind = 'Secret'\nname = 'w*'\ncluster = 'https://dev*'\nby = 'Terraform'\n",
    );
    insta::assert_snapshot!(context.run(["check", "--name", "dev"]), @"
    exit: 0
    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 0 errors, 0 warnings
    ");
}

#[test]
fn severities_decide_what_fails() {
    let context = context();
    context.write(
        "environments/old/main.jsonnet",
        "{ apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3', kind: 'FlowSchema', metadata: { name: 'f', annotations: { 'tanka.dev/namespaced': 'false' } },
           spec: { priorityLevelConfiguration: { name: 'x' } } }",
    );
    context.write(
        "environments/old/spec.json",
        r#"{"metadata": {}, "spec": {"namespace": "default"}}"#,
    );
    let run = |arguments: &[&str]| {
        let mut all = vec!["check", "environments/old", "--kubernetes-version"];
        all.extend(arguments);
        context.run(all)
    };
    insta::assert_snapshot!(run(&["1.31", "--fail-on", "error"]), @"
    exit: 0
    ----- stdout -----
    warning[api/deprecated]: FlowSchema of flowcontrol.apiserver.k8s.io/v1beta3 will not be served from Kubernetes 1.32
      in FlowSchema f, apiVersion
      of environments/old
      help: use flowcontrol.apiserver.k8s.io/v1

    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 0 errors, 1 warning
    ");
    insta::assert_snapshot!(run(&["1.31", "--fail-on", "warning", "--log-level", "error"]), @"
    exit: 1
    ----- stdout -----
    warning[api/deprecated]: FlowSchema of flowcontrol.apiserver.k8s.io/v1beta3 will not be served from Kubernetes 1.32
      in FlowSchema f, apiVersion
      of environments/old
      help: use flowcontrol.apiserver.k8s.io/v1
    ");
    insta::assert_snapshot!(run(&["1.32", "--fail-on", "never", "--log-level", "error"]), @"
    exit: 0
    ----- stdout -----
    error[api/removed]: FlowSchema of flowcontrol.apiserver.k8s.io/v1beta3 is not served since Kubernetes 1.32
      in FlowSchema f, apiVersion
      of environments/old
      help: use flowcontrol.apiserver.k8s.io/v1
    ");
    insta::assert_snapshot!(run(&["1.12"]), @"
    exit: 1
    ----- stderr -----
    error: Kubernetes 1.12 is not known, only 1.31, 1.32, 1.33, 1.34, 1.35, 1.36, 1.37
      help: give one of these with `--kubernetes-version`
    ");
}

#[test]
fn an_environment_that_cannot_be_rendered_was_not_checked() {
    let context = context();
    context.write("environments/broken/main.jsonnet", "{ a: error 'no' }");
    context.write(
        "environments/broken/spec.json",
        r#"{"metadata": {}, "spec": {"namespace": "default"}}"#,
    );
    insta::assert_snapshot!(context.run(["check", "environments/broken", "--fail-on", "never"]), @"
    exit: 1
    ----- stderr -----
    error: environment `environments/broken` cannot be evaluated
      caused by: evaluating jsonnet
      caused by: no
      at environments/broken/main.jsonnet:1:6: raised here
      help: in the result this is `.a`
    checked 0 manifests of 0 environments in [TIME]: 0 errors, 0 warnings
    ");
}

#[test]
fn findings_are_suppressed_with_a_reason() {
    let context = context();
    let settings = |until: &str| {
        format!(
            "[[check.suppress]]\nrule = 'reference/*'\nenvironment = 'd*'\nkind = 'Deployment'\nname = 'web'\nreason = 'made by hand'\nuntil = {until}\n"
        )
    };
    context.write("renga.toml", &settings("9999-12-31"));
    insta::assert_snapshot!(context.run(["check", "--name", "dev"]), @"
    exit: 0
    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 0 errors, 0 warnings (1 suppressed)
    ");
    context.write("renga.toml", &settings("2001-01-01"));
    insta::assert_snapshot!(context.run(["check", "--name", "dev"]), @"
    exit: 1
    ----- stdout -----
    error[reference/secret]: the Secret default/web does not exist
      in Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name
      of dev
      help: render it for the same cluster, or list it as provided

    error[suppression/expired]: the suppression of reference/* (environment d*, kind Deployment, name web) ended on 2001-01-01
      in renga.toml
      help: mend what it was about, or give it another day

    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 2 errors, 0 warnings
    ");
    context.write("renga.toml", "[[check.suppress]]\nrule = 'object/duplicate'\nreason = 'r'\n");
    let run = context.run(["check", "--fail-on", "never"]);
    assert!(
        run.contains(
            "warning[suppression/unused]: the suppression of object/duplicate suppresses nothing"
        ),
        "{run}"
    );
    // A part of the workspace does not tell what is unused.
    let run = context.run(["check", "--name", "dev", "--fail-on", "never"]);
    assert!(!run.contains("suppression/unused"), "{run}");
}

#[test]
fn a_workspace_decides_how_grave_rules_are() {
    let context = context();
    context.write("renga.toml", "[check.severity]\n'schema/*' = 'off'\n'reference/*' = 'off'\n'reference/secret' = 'warning'\n");
    insta::assert_snapshot!(context.run(["check"]), @"
    exit: 0
    ----- stdout -----
    warning[reference/secret]: the Secret default/web does not exist
      in Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name
      of dev
      help: render it for the same cluster, or list it as provided

    ----- stderr -----
    checked 3 manifests of 2 environments in [TIME]: 0 errors, 1 warning
    ");
    context.write("renga.toml", "[check.severity]\n'reference/secrets' = 'off'\n");
    insta::assert_snapshot!(context.run(["check"]), @"
    exit: 1
    ----- stderr -----
    error: no rule is called `reference/secrets` in `renga.toml`
      help: did you mean `reference/secret`? `docs/rules.md` lists all rules
    ");
    context.write("renga.toml", "[check.severity]\n'reference/secret' = 'fatal'\n");
    insta::assert_snapshot!(context.run(["check"]), @"
    exit: 1
    ----- stderr -----
    error: no severity is called `fatal`: `reference/secret` in `[check.severity]`
      help: it is `error`, `warning` or `off`
    ");
}

#[test]
fn several_reports_at_once() {
    let context = context();
    insta::assert_snapshot!(context.run([
        "check", "-o", "github", "-o", "json=check.json", "-o", "junit=check.xml", "-o", "sarif=check.sarif",
    ]), @"
    exit: 1
    ----- stdout -----
    ::error file=environments/shop/main.jsonnet,title=reference/secret::the Secret default/web does not exist%0Ain Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name%0Aof dev%0Ahelp: render it for the same cluster, or list it as provided
    ::error file=environments/shop/main.jsonnet,title=schema/unknown-field::unknown field `replica`, did you mean `replicas`?%0Ain Deployment default/web, spec%0Aof prod
    ----- stderr -----
    checked 3 manifests of 2 environments in [TIME]: 2 errors, 0 warnings
    ");
    let read = |name: &str| fs_err::read(context.root().join(name)).expect("a report");
    let schema = include_bytes!("../../../../docs/check.schema.json");
    let json: serde_json::Value = serde_json::from_slice(&read("check.json")).expect("JSON");
    renga_helm::validate_values(schema, &json, &renga_helm::NoFiles).expect("as the schema says");
    let mut other = json.clone();
    other["findings"][0]["severity"] = "fatal".into();
    assert!(renga_helm::validate_values(schema, &other, &renga_helm::NoFiles).is_err());
    let sarif: serde_json::Value = serde_json::from_slice(&read("check.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    insta::assert_snapshot!(String::from_utf8(read("check.xml")).expect("text"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="renga check" tests="2" failures="2" errors="0">
      <testsuite name="dev" tests="1" failures="1" errors="0" skipped="0">
        <testcase classname="reference/secret" name="Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name">
          <failure type="error" message="the Secret default/web does not exist">the Secret default/web does not exist&#10;help: render it for the same cluster, or list it as provided</failure>
        </testcase>
      </testsuite>
      <testsuite name="prod" tests="1" failures="1" errors="0" skipped="0">
        <testcase classname="schema/unknown-field" name="Deployment default/web, spec">
          <failure type="error" message="unknown field `replica`, did you mean `replicas`?">unknown field `replica`, did you mean `replicas`?</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    insta::assert_snapshot!(context.run(["check", "-o", "json", "-o", "text"]), @"
    exit: 1
    ----- stderr -----
    error: only one report can go to standard output
      help: write others into files: `--output sarif=check.sarif`; only `text` and `github` can share it
    ");
}

#[test]
fn definitions_can_come_from_files() {
    let context = context();
    context.write(
        "environments/widgets/main.jsonnet",
        "{ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 'big' } }",
    );
    context.write(
        "environments/widgets/spec.json",
        r#"{"metadata": {}, "spec": {"namespace": "default"}}"#,
    );
    let definition = |kind: &str| {
        format!(
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: Widget, plural: widgets}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, properties: {{size: {{type: {kind}}}}}}}}}}}}}\n"
        )
    };
    context.write("crds/more/widgets.yaml", &definition("integer"));
    context.write("crds/notes.txt", "no definition");
    let run = || context.run(["check", "environments/widgets", "--crds", "crds"]);
    insta::assert_snapshot!(run(), @"
    exit: 1
    ----- stdout -----
    error[schema/invalid]: expected a whole number, found a string
      in Widget default/w, spec.size
      of environments/widgets

    ----- stderr -----
    checked 1 manifest of 1 environment in [TIME]: 1 error, 0 warnings
    ");
    context.write("crds/more/widgets.yaml", &definition("thing"));
    let broken = run();
    assert!(
        broken.contains("error[schema/broken-definition]: widgets.example.com: spec.versions[0]"),
        "{broken}"
    );
    assert!(broken.contains("  in crds/more/widgets.yaml\n"), "{broken}");
    context.write("crds/more/widgets.yaml", "a: [");
    let broken = run();
    assert!(broken.contains("error: `") && broken.contains("is no YAML"), "{broken}");
}

#[test]
fn exported_files_are_compared() {
    let context = context();
    context.write(
        "renga.toml",
        "[export]\nformat = '{{env.metadata.name}}/{{.kind}}-{{.metadata.name}}'\n",
    );
    let all = || context.run(["check", "--exported", "out", "--fail-on", "never"]);
    context.run(["export", "out", "environments", "-r"]);
    assert!(!all().contains("export/stale"), "{}", all());
    let file = |name: &str| context.root().join("out").join(name);
    let text = context.read("out/dev/Deployment-web.yaml");
    context.write("out/dev/Deployment-web.yaml", &text.replace("kind: Deployment", "kind: Deploy"));
    fs_err::rename(file("prod/Secret-web.yaml"), file("prod/Secret-old.yaml")).expect("renamed");
    let index = context.read("out/manifest.json");
    context.write("out/manifest.json", &index.replace("Secret-web", "Secret-old"));
    let found = all();
    for expected in [
        "error[export/stale]: `dev/Deployment-web.yaml` is not what an export would write\n  in out/dev/Deployment-web.yaml:2\n",
        "error[export/stale]: `prod/Secret-web.yaml` is missing\n",
        "error[export/stale]: `prod/Secret-old.yaml` is left over: nothing renders it\n",
    ] {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn policies_are_jsonnet() {
    let context = context();
    context.write("lib/words.libsonnet", "{ pinned: 'pin the image' }");
    context.write(
        "policies/images.jsonnet",
        "
        local words = import 'words.libsonnet';
        {
          tag: {
            match: { kinds: ['Deployment'], environments: ['d*'] },
            severity: 'warning',
            help: words.pinned,
            check(manifest):: [
              { message: 'image %s has no digest' % c.image, path: 'spec.template.spec.containers' }
              for c in manifest.spec.template.spec.containers
              if !std.member(c.image, '@')
            ],
          },
          count: {
            checkAll(manifests):: if std.length(manifests) > 1 then 'too many',
          },
          fails: { match: { kinds: ['Secret'] }, check(manifest):: manifest.nothing },
          wrong: { match: { kind: 'Secret' }, check(manifest):: null },
          empty: {},
        }
        ",
    );
    context.write("policies/syntax.jsonnet", "{");
    insta::assert_snapshot!(context.run(["check"]), @"
    exit: 1
    ----- stdout -----
    error[reference/secret]: the Secret default/web does not exist
      in Deployment default/web, spec.template.spec.containers[0].envFrom[0].secretRef.name
      of dev
      help: render it for the same cluster, or list it as provided

    error[schema/unknown-field]: unknown field `replica`, did you mean `replicas`?
      in Deployment default/web, spec
      of prod

    error[policy/broken]: policy `empty` cannot be evaluated: a policy has a function `check` or `checkAll`
      in policies/images.jsonnet
      of dev
      of prod

    warning[policy/tag]: image web:1 has no digest
      in Deployment default/web, spec.template.spec.containers
      of dev
      help: pin the image

    error[policy/broken]: policy `wrong` cannot be evaluated: `match` has no `kind`, only `kinds`, `namespaces`, `names` and `environments`
      in policies/images.jsonnet
      of dev
      of prod

    error[policy/broken]: policies cannot be evaluated: unexpected: end of file while parsing field definition
      in policies/syntax.jsonnet
      of dev
      of prod

    error[policy/count]: too many
      in the environment
      of prod

    error[policy/broken]: policy `fails` cannot be evaluated: field `nothing` does not exist (for Secret default/web)
      in policies/images.jsonnet
      of prod

    ----- stderr -----
    checked 3 manifests of 2 environments in [TIME]: 10 errors, 1 warning
    ");
    context.write("policies/syntax.jsonnet", "{}");
    context.write("renga.toml", "[check]\npolicy-timeout = 1\n");
    context.write(
        "policies/images.jsonnet",
        "local r = std.range(1, 20000); { slow: { check(m):: std.foldl(function(a, b) a + std.foldl(function(c, d) c + d, r, 0), r, 0) } }",
    );
    let run = context.run(["check", "--name", "dev"]);
    assert!(
        run.contains(
            "error[policy/broken]: policies cannot be evaluated: they took longer than 1 s"
        ),
        "{run}"
    );
}

/// Every object is what the schema of its kind says, no object is rendered twice for a cluster, and
/// what is referred to exists or is provided elsewhere.
#[test]
fn the_repository_s_own_workspace_breaks_no_rule() {
    let output = Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(["check", "environments", "--fail-on", "warning"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .expect("renga can be started");
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(found, "");
}

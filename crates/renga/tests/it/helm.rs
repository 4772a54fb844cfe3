//! `helm` from the outside: what is printed, in Helm's words where Helm has some. What is rendered is
//! compared with Helm in `renga-helm`.

use renga_test::{ChartServer, TestContext, pack_chart};

fn context() -> TestContext {
    let context = TestContext::new(env!("CARGO_BIN_EXE_renga"));
    context.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    context.write("web/values.yaml", "port: 80\nsecret: false\n");
    context.write(
        "web/templates/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ \
         .Release.Namespace }}\nspec:\n  ports:\n    - port: {{ .Values.port }}\n",
    );
    context.write(
        "web/templates/secret.yaml",
        "{{ if .Values.secret }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  \
         password: {{ randAlphaNum 12 }}\n{{ end }}\n",
    );
    context.write(
        "web/templates/_more.tpl",
        "{{ define \"host\" }}{{ .Values.ingress.host }}{{ end }}",
    );
    context.write(
        "web/templates/ingress.yaml",
        "{{ if .Values.exposed }}\nhost: {{ include \"host\" . }}\n{{ end }}\n",
    );
    context
}

const SERVICE: &str = "---
# Source: web/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: NAME
  namespace: default
spec:
  ports:
    - port: 80
";

#[test]
fn a_chart_is_printed() {
    let context = context();
    let run = context.run(["helm", "template", "web"]);
    let expected = SERVICE.replace("NAME", "release-name");
    assert_eq!(run, format!("exit: 0\n----- stdout -----\n{expected}"));
    let run = context.run(["helm", "template", "shop", "web", "--set", "port=8080", "-n", "x"]);
    assert!(run.contains("name: shop\n  namespace: x\n") && run.contains("port: 8080\n"), "{run}");
    let run = context.run_with_stdin(["helm", "template", "web", "-f", "-"], "port: 81\n");
    assert!(run.contains("port: 81\n"), "{run}");
}

#[test]
fn a_failure_is_told_in_helms_words_and_then_with_place_and_advice() {
    let context = context();
    let words = "exit: 1\n----- stderr -----\nError: web/templates/ingress.yaml:2:9\n  executing \
                 \"web/templates/ingress.yaml\" at <include \"host\" .>:\n    error calling include:\n\
                 web/templates/_more.tpl:1:29\n  executing \"host\" at <.Values.ingress.host>:\n    nil \
                 pointer evaluating interface {}.host\n\nUse --debug flag to render out invalid YAML\n";
    let run = context.run(["helm", "template", "web", "--set", "exposed=true"]);
    assert!(run.starts_with(words), "{run}");
    assert!(run.contains("\n  at web/templates/_more.tpl:1:"), "{run}");
    assert!(run.contains("`ingress` has no value: set it"), "{run}");
    let exact = ["helm", "template", "web", "--set", "exposed=true", "--helm-compat", "v4"];
    assert_eq!(context.run(exact), words);
}

#[test]
fn chance_can_be_had_derived() {
    let context = context();
    let derived = ["helm", "template", "web", "--set", "secret=true", "--deterministic"];
    let run = context.run(derived);
    assert_eq!(run, context.run(derived));
    assert!(run.contains("Secret/s has values that are derived"), "{run}");
    let random = &derived[..5];
    assert_ne!(context.run(random), context.run(random));
}

#[test]
fn an_export_is_repeatable_unless_told_otherwise() {
    let context = context();
    context.environment(
        "a",
        "std.native('helmTemplate')('a', '../../web', { calledFrom: std.thisFile, values: { secret: \
         true } })",
    );
    let export = ["export", "out", "environments/a", "--merge-strategy=replace-envs"];
    let run = context.run(export);
    assert!(run.contains("Secret/s would be random or dated with Helm"), "{run}");
    let tree = context.tree("out");
    assert!(context.run(export).contains("(1 as before)"));
    context.run(export.into_iter().chain(["--no-cache"]));
    assert_eq!(context.tree("out"), tree);
    context.run(export.into_iter().chain(["--no-deterministic"]));
    assert_ne!(context.tree("out"), tree);

    // A file of the chart is an input of the environment.
    context.run(export);
    context.write("web/values.yaml", "port: 90\nsecret: false\n");
    let run = context.run(export);
    assert!(!run.contains("as before"), "{run}");
    assert!(context.tree("out").contains("port: 90"));
    context
        .write("web/templates/new.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: n}\n");
    assert!(!context.run(export).contains("as before"), "a new file of the chart");
}

#[test]
fn values_and_origins_are_shown() {
    let context = context();
    let run = context.run(["helm", "values", "web", "--set", "a.b=1"]);
    assert_eq!(run, "exit: 0\n----- stdout -----\na:\n  b: 1\nport: 80\nsecret: false\n");
    let run = context.run(["helm", "template", "x", "web", "--explain", "service/x"]);
    assert!(run.contains("# Service/x comes from web/templates/service.yaml\n"), "{run}");
    let run = context.run(["helm", "template", "x", "web", "--explain", "service/y"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("`Service/x`"), "{run}");
}

#[test]
fn files_are_written() {
    let context = context();
    let run = context.run(["helm", "template", "x", "web", "--output-dir", "out"]);
    assert!(run.contains("wrote out/web/templates/service.yaml\n"), "{run}");
    // As with Helm, the file ends in an empty line.
    let expected = SERVICE.replace("NAME", "x") + "\n";
    assert_eq!(context.read("out/web/templates/service.yaml"), expected);
}

#[test]
fn mistakes_are_found() {
    let context = context();
    let run = context.run(["helm", "lint", "web"]);
    assert!(run.starts_with("exit: 0\n----- stdout -----\n==> Linting web\n"), "{run}");
    assert!(run.ends_with("1 chart(s) linted, 0 chart(s) failed\n"), "{run}");
    context.write("web/templates/bad.yaml", "a: b: c\n");
    let run = context.run(["helm", "lint", "web"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("[ERROR]"), "{run}");
    assert!(run.contains("1 chart(s) linted, 1 chart(s) failed"), "{run}");
}

#[test]
fn what_is_no_chart_is_refused() {
    let context = context();
    context.write("empty/README.md", "no chart");
    context.write("broken.tgz", "no archive");
    for chart in ["empty", "broken.tgz", "./missing", "missing"] {
        let run = context.run(["helm", "template", chart]);
        assert!(run.starts_with("exit: 1\n----- stderr -----\nError: "), "{chart}: {run}");
    }
}

/// A repository with three versions of a chart; the context has nothing of Helm's in it.
fn repository() -> (TestContext, ChartServer) {
    let server = ChartServer::start().expect("a port is free");
    for version in ["0.1.0", "0.2.0", "0.3.0-rc.1"] {
        let chart = format!("apiVersion: v2\nname: remote\nversion: {version}\n");
        let archive = pack_chart(&[
            ("Chart.yaml", chart.as_str()),
            ("values.yaml", "a: default\n"),
            ("templates/c.yaml", "kind: C\nv: {{ .Chart.Version }}\na: {{ .Values.a }}\n"),
        ]);
        server.add_archive("stable", &archive.expect("it packs")).expect("it is a chart");
    }
    server.add_file("/stable/values.yaml", b"a: downloaded\n");
    (TestContext::new(env!("CARGO_BIN_EXE_renga")), server)
}

/// What is printed for a version of that chart.
fn remote(version: &str, value: &str) -> String {
    format!(
        "exit: 0\n----- stdout -----\n---\n# Source: remote/templates/c.yaml\nkind: C\nv: \
         {version}\na: {value}\n"
    )
}

#[test]
fn charts_come_from_repositories() {
    let (context, server) = repository();
    let url = server.repository("stable");
    let template = |args: &[&str]| context.run(["helm", "template"].iter().chain(args));
    assert_eq!(template(&["remote", "--repo", &url]), remote("0.2.0", "default"));
    assert_eq!(
        template(&["r", "remote", "--repo", &url, "--version=0.1.0"]),
        remote("0.1.0", "default")
    );
    assert_eq!(template(&["remote", "--repo", &url, "--devel"]), remote("0.3.0-rc.1", "default"));
    let archive = format!("{url}/remote-0.1.0.tgz");
    assert_eq!(template(&[&archive]), remote("0.1.0", "default"));
    let values = format!("{url}/values.yaml");
    assert_eq!(template(&[&archive, "-f", &values]), remote("0.1.0", "downloaded"));

    let config = format!("repositories:\n- name: known\n  url: {url}\n");
    context.write("repositories.yaml", &config);
    let known = ["--repository-config", "repositories.yaml"];
    assert_eq!(template(&[&["known/remote"], &known[..]].concat()), remote("0.2.0", "default"));
    let run = context.run(["helm", "values", "known/remote", known[0], known[1]]);
    assert_eq!(run, "exit: 0\n----- stdout -----\na: default\n");
}

#[test]
fn what_is_not_there_is_told_in_helms_words() {
    let (context, server) = repository();
    let url = server.repository("stable");
    let config = format!("repositories:\n- name: known\n  url: {url}\n");
    context.write("repositories.yaml", &config);
    let archive = format!("{url}/none.tgz");
    let words = |args: &[&str]| {
        let more = ["--helm-compat", "v4", "--repository-config", "repositories.yaml"];
        let run = context.run(["helm", "template"].iter().chain(args).chain(&more));
        run.strip_prefix("exit: 1\n----- stderr -----\nError: ").unwrap_or(&run).to_owned()
    };
    for (args, wanted) in [
        (&["none", "--repo", &url][..], format!("chart \"none\" not found in {url} repository\n")),
        (
            &["remote", "--version", "9", "--repo", &url],
            format!("chart \"remote\" version \"9\" not found in {url} repository\n"),
        ),
        (
            &["known/none"],
            "chart \"none\" matching  not found in known index. (try 'helm repo update'): no chart \
             name found\n"
                .to_owned(),
        ),
        (
            &["known/remote", "--version", "7"],
            "chart \"remote\" matching 7 not found in known index. (try 'helm repo update'): no chart \
             version found for remote-7\n"
                .to_owned(),
        ),
        (&["other/remote"], "repo other not found\n".to_owned()),
        (&[&archive], format!("failed to fetch {archive} : 404 Not Found\n")),
        (
            &["remote", "--repo", &url, "-f", &archive],
            format!("failed to fetch {archive} : 404 Not Found\n"),
        ),
        (
            &[&archive.replace("none", "remote-0.1.0"), "--verify"],
            format!("failed to fetch provenance \"{url}/remote-0.1.0.tgz.prov\"\n"),
        ),
        (&["xyz://a/b"], "scheme \"xyz\" not supported\n".to_owned()),
        (&["a", "--repo", "ftp://x"], "could not find protocol handler for: ftp\n".to_owned()),
    ] {
        assert_eq!(words(args), wanted, "{args:?}");
    }
}

#[test]
fn wrong_usage_has_helms_exit_status() {
    let run = context().run(["helm", "template", "web", "--no-such-flag"]);
    assert!(run.starts_with("exit: 1\n"), "{run}");
}

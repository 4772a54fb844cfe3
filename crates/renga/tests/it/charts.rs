//! `charts` from the outside, against a real repository: what is said, and what is on disk then.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use renga_test::{ChartServer, Rule, TestContext, pack_chart};

const BLACKBOX: &str = "prometheus_community/prometheus-blackbox-exporter";

/// A workspace, and a repository with versions of two charts.
fn context() -> (TestContext, ChartServer) {
    let server = ChartServer::start().expect("a server on this machine");
    for version in ["8.4.0", "8.4.3", "9.0.0"] {
        add(&server, "prometheus-blackbox-exporter", version);
    }
    add(&server, "prometheus", "25.1.0");
    let context = TestContext::new(env!("CARGO_BIN_EXE_renga"))
        .with_filter(&server.repository(""), "https://charts.example.com/")
        .with_filter(r"sha256:[0-9a-f]{64}", "sha256:<HEX>");
    (context, server)
}

fn add(server: &ChartServer, name: &str, version: &str) {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: v1\n");
    let template = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n";
    let files = [("Chart.yaml", chart.as_str()), ("templates/x.yaml", template)];
    let archive = pack_chart(&files).expect("an archive");
    server.add_archive("prometheus-community", &archive).expect("a chart to serve");
}

/// A workspace whose chartfile has the repository and these requirements.
fn workspace(requires: &[&str]) -> (TestContext, ChartServer) {
    let (context, server) = context();
    let url = server.repository("prometheus-community");
    let mut text =
        format!("repositories:\n- name: prometheus_community\n  url: {url}\nrequires:\n");
    for requirement in requires {
        let (chart, version) = requirement.split_once('@').expect("chart@version");
        text = format!("{text}- chart: {chart}\n  version: '{version}'\n");
    }
    context.write("chartfile.yaml", &(text + "version: 1\n"));
    (context, server)
}

#[test]
fn a_repository_and_a_chart_are_added() {
    let (context, server) = context();
    let url = server.repository("prometheus-community");
    context.write("chartfile.yaml", "version: 1\n");
    let add_repo = |name: &str| context.run(["tool", "charts", "add-repo", name, &url]);
    assert_eq!(
        add_repo("prometheus-community"),
        concat!(
            "exit: 1\n----- stderr -----\n",
            r#"{"level":"info","time":"<TIME>","message":"Skipping prometheus-community: invalid name. cannot contain any special characters."}"#,
            "\nError: 1 Repo(s) were skipped. Please check above logs for details\n",
        )
    );
    assert_eq!(
        add_repo("prometheus_community"),
        concat!(
            "exit: 0\n----- stderr -----\n",
            r#"{"level":"info","time":"<TIME>","message":"OK: prometheus_community"}"#,
            "\n",
        )
    );
    let run = context.run(["tool", "charts", "add", &format!("{BLACKBOX}@8.4.0")]);
    assert!(run.starts_with("exit: 0\n"), "{run}");
    let metadata = context.read("charts/prometheus-blackbox-exporter/Chart.yaml");
    assert!(metadata.contains("\nversion: 8.4.0\n"), "{metadata}");
    let lock = context.read("chartfile.lock");
    assert!(lock.contains("\nchart = \"prometheus_community/prometheus-blackbox-exporter\"\n"));
}

#[test]
fn as_tk_hyphens_are_fine_and_no_lock_is_made() {
    let (context, server) = context();
    let url = server.repository("prometheus-community");
    context.write("chartfile.yaml", "version: 1\n");
    let run = context.run(["tk", "tool", "charts", "add-repo", "with-hyphen", &url]);
    assert!(run.starts_with("exit: 0\n"), "{run}");
    let chart = "with-hyphen/prometheus@25.1.0";
    let run = context.run(["tk", "tool", "charts", "add", chart]);
    assert!(run.starts_with("exit: 0\n"), "{run}");
    assert!(context.root().join("charts/prometheus/Chart.yaml").exists());
    assert!(!context.root().join("chartfile.lock").exists());
}

#[test]
fn a_range_stays_where_the_lock_has_it() {
    let (context, server) = workspace(&[&format!("{BLACKBOX}@^8.4")]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    let version = || {
        let text = context.read("charts/prometheus-blackbox-exporter/Chart.yaml");
        text.lines().find_map(|line| line.strip_prefix("version: ").map(str::to_owned))
    };
    assert_eq!(version().as_deref(), Some("8.4.3"));
    let lock = context.read("chartfile.lock");

    add(&server, "prometheus-blackbox-exporter", "8.5.0");
    assert!(context.run(["charts", "vendor", "--locked"]).starts_with("exit: 0\n"));
    assert_eq!(version().as_deref(), Some("8.4.3"));
    let run = context.run(["charts", "outdated"]);
    assert!(run.contains("8.4.3    8.5.0   9.0.0"), "{run}");
    let run = context.run(["charts", "update", "--dry-run"]);
    assert!(run.contains("8.4.3 -> 8.5.0"), "{run}");
    assert_eq!(context.read("chartfile.lock"), lock);
    assert!(
        context.run(["charts", "update", "prometheus-blackbox-exporter"]).starts_with("exit: 0")
    );
    assert_eq!(version().as_deref(), Some("8.5.0"));

    let url = server.repository("prometheus-community");
    context.write(
        "chartfile.yaml",
        &format!(
            "repositories:\n- name: prometheus_community\n  url: {url}\nrequires:\n- chart: {BLACKBOX}\n  \
             version: ^9\n"
        ),
    );
    let run = context.run(["charts", "vendor", "--locked"]);
    assert!(run.starts_with("exit: 1\n"), "{run}");
    assert_eq!(version().as_deref(), Some("8.5.0"), "nothing has changed");
}

#[test]
fn without_network_there_is_the_cache() {
    let (context, server) = workspace(&["prometheus_community/prometheus@25.1.0"]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    let tree = context.tree("charts");
    fs_err::remove_dir_all(context.root().join("charts")).expect("the charts are there");
    drop(server);
    for flag in ["--offline", "--frozen"] {
        let run = context.run(["charts", "vendor", flag]);
        assert!(run.starts_with("exit: 0\n"), "{run}");
        assert_eq!(context.tree("charts"), tree);
        fs_err::remove_dir_all(context.root().join("charts")).expect("the charts are there again");
    }
    assert!(!context.run(["cache", "size"]).contains("charts          0 files"));
    assert!(context.run(["cache", "clean"]).starts_with("exit: 0\n"));
    let run = context.run(["charts", "vendor", "--offline"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("prometheus"), "{run}");
}

#[test]
fn what_was_changed_by_hand_is_named() {
    let (context, _server) = workspace(&["prometheus_community/prometheus@25.1.0"]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    let run = context.run(["charts", "verify"]);
    assert!(run.contains("1 charts with 2 files are as they were locked"), "{run}");
    context.write("charts/prometheus/templates/x.yaml", "changed");
    context.write("charts/prometheus/more.txt", "added");
    fs_err::remove_file(context.root().join("charts/prometheus/Chart.yaml")).expect("it is there");
    let run = context.run(["charts", "verify"]);
    assert!(run.starts_with("exit: 1\n"), "{run}");
    for path in ["prometheus/templates/x.yaml", "prometheus/more.txt", "prometheus/Chart.yaml"] {
        assert!(run.contains(path), "{path}: {run}");
    }
}

#[test]
fn names_that_do_not_exist_are_corrected() {
    let (context, _server) = workspace(&["prometheus_community/promethus@25.1.0"]);
    let run = context.run(["charts", "vendor"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("`prometheus`"), "{run}");
    let (context, _server) = workspace(&["prometheus_community/prometheus@26"]);
    let run = context.run(["charts", "vendor"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("25.1.0"), "{run}");
    let (context, _server) = workspace(&["prometheus_comunity/prometheus@25.1.0"]);
    let run = context.run(["charts", "vendor"]);
    assert!(run.starts_with("exit: 1\n") && run.contains("prometheus_community"), "{run}");
}

#[test]
fn removed_charts_are_gone_from_all_three_places() {
    let (context, _server) =
        workspace(&["prometheus_community/prometheus@25.1.0", &format!("{BLACKBOX}@9.0.0")]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    assert!(context.run(["charts", "remove", "prometheus"]).starts_with("exit: 0\n"));
    for file in ["chartfile.yaml", "chartfile.lock"] {
        assert!(!context.read(file).contains("prometheus_community/prometheus\n"), "{file}");
        assert!(!context.read(file).contains("prometheus_community/prometheus\""), "{file}");
    }
    assert!(!context.root().join("charts/prometheus").exists());
    assert!(context.root().join("charts/prometheus-blackbox-exporter").exists());
}

#[test]
fn passwords_stay_secret() {
    let (context, _server) = context();
    context.write(
        "chartfile.yaml",
        "repositories:\n- name: a\n  url: http://me:hidden@127.0.0.1:9/a\n  username: me\n  password: \
         hidden\nrequires:\n- chart: a/b\n  version: 1.0.0\n",
    );
    for arguments in [["charts", "config"], ["charts", "vendor"], ["charts", "outdated"]] {
        let run = context.run(arguments);
        assert!(!run.contains("hidden"), "{run}");
    }
}

#[test]
fn a_killed_run_leaves_the_old_charts_and_the_next_one_clears_up() {
    let (context, server) =
        workspace(&["prometheus_community/prometheus@25.1.0", &format!("{BLACKBOX}@^8.4.0")]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    let (tree, lock) = (context.tree("charts"), context.read("chartfile.lock"));
    let leftovers = || {
        let names = fs_err::read_dir(context.root().join("charts")).expect("the charts are there");
        names
            .filter(|entry| {
                let name = entry.as_ref().expect("an entry").file_name();
                name.to_string_lossy().starts_with('.')
            })
            .count()
    };
    add(&server, "prometheus-blackbox-exporter", "8.5.0");
    add(&server, "prometheus", "26.0.0");
    let chartfile = context.read("chartfile.yaml").replace("25.1.0", "26.0.0");
    context.write("chartfile.yaml", &chartfile.replace("^8.4.0", "^8.5.0"));
    // One of the two is unpacked, the other one is still to come.
    let slow = Duration::from_mins(1);
    server.rule("prometheus-26.0.0.tgz", Rule::Delay { time: slow });
    let mut run = Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(["charts", "vendor"])
        .current_dir(context.root())
        .env("RENGA_CACHE_DIR", context.root().join("cache"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("renga starts");
    let begun = Instant::now();
    while leftovers() == 0 {
        assert!(begun.elapsed() < slow, "the run stages nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().expect("the run is under way");
    run.wait().expect("the run is over");
    assert_eq!(leftovers(), 1, "what it staged is still there");
    assert_eq!(context.read("chartfile.lock"), lock);
    let old = |path: &str| context.read(path).contains("25.1.0");
    assert!(old("charts/prometheus/Chart.yaml"));

    // One with nothing to do clears up as well.
    context.write("chartfile.yaml", &context.read("chartfile.yaml").replace("26.0.0", "25.1.0"));
    context.write("chartfile.yaml", &context.read("chartfile.yaml").replace("^8.5.0", "^8.4.0"));
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    assert_eq!(context.tree("charts"), tree);
    context.write("chartfile.yaml", &chartfile);
    server.clear_rules();
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    assert_eq!(leftovers(), 0);
    assert!(context.read("charts/prometheus/Chart.yaml").contains("version: 26.0.0\n"));
}

#[test]
fn why_tells_who_asked_and_what_was_locked() {
    let (context, _server) = workspace(&["prometheus_community/prometheus@^25"]);
    assert!(context.run(["charts", "vendor"]).starts_with("exit: 0\n"));
    assert_eq!(
        context.run(["charts", "why", "prometheus"]),
        "exit: 0\n----- stdout -----\n\
         prometheus_community/prometheus 25.1.0 (^25)\n  \
         required: ^25, by chartfile.yaml, for directory prometheus\n  \
         locked: 25.1.0 from https://charts.example.com/prometheus-community\n  \
         archive: https://charts.example.com/prometheus-community/prometheus-25.1.0.tgz, sha256:<HEX>\n"
    );
}

//! What goes wrong outside of the code: signals, pipes, disks, and input that is out of all bounds.
//! Nothing is lost, and a message says what to do.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use renga_test::TestContext;

/// A loop that nobody waits for.
const ENDLESS: &str = "std.foldl(function(a, b) a + b, std.range(1, 1e9), 0)";

fn context() -> TestContext {
    TestContext::new(env!("CARGO_BIN_EXE_renga"))
}

fn config_map(name: &str) -> String {
    format!("{{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: '{name}' }} }}")
}

/// A run that is not waited for.
fn start(context: &TestContext, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(arguments)
        .current_dir(context.root())
        .env("XDG_CACHE_HOME", context.root().join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(status.expect("`kill` runs").success(), "the run takes signals");
}

/// Waits for the staging folder of an export, whose presence says that files are being rendered.
fn wait_for_staging(output: &Path) {
    let started = Instant::now();
    while staging_folders(output) == 0 {
        assert!(started.elapsed() < Duration::from_mins(1), "the export begins to render");
        thread::sleep(Duration::from_millis(2));
    }
}

fn staging_folders(output: &Path) -> usize {
    let Ok(entries) = fs_err::read_dir(output) else { return 0 };
    let names = entries.map(|entry| entry.expect("an entry of the output").file_name());
    names.filter(|name| name.to_string_lossy().starts_with(".renga-staging-")).count()
}

/// Exit code and standard error.
fn finish(mut child: Child) -> (Option<i32>, String) {
    let mut text = String::new();
    let stderr = child.stderr.as_mut().expect("standard error is piped");
    stderr.read_to_string(&mut text).expect("messages are text");
    (child.wait().expect("the run ends").code(), text)
}

#[test]
fn an_interrupted_export_leaves_the_old_tree_whole() {
    let context = context();
    for name in ["a", "b", "c"] {
        context.environment(name, &config_map("old"));
    }
    let arguments = [
        "export",
        "out",
        "environments",
        "--recursive",
        "--parallel=1",
        "--no-cache",
        "--merge-strategy=replace-envs",
        "--format={{env.metadata.name}}/{{.metadata.name}}",
    ];
    assert!(context.run(arguments).starts_with("exit: 0\n"));
    let before = context.tree("out");

    // Long enough for a signal to come in between, and to an end.
    let slow = "std.foldl(function(a, b) a + b, std.range(1, 3000000), 0)";
    for name in ["a", "b", "c"] {
        let manifest = config_map("new");
        context.environment(name, &format!("{manifest} + {{ data: {{ sum: '%d' % {slow} }} }}"));
    }
    let export = start(&context, &arguments);
    wait_for_staging(&context.root().join("out"));
    interrupt(&export);
    let (exit, stderr) = finish(export);
    assert_eq!((exit, stderr.as_str()), (Some(130), "error: interrupted: nothing was changed\n"));
    assert_eq!(context.tree("out"), before);
}

#[test]
fn a_second_interrupt_waits_for_nothing_and_the_next_export_tidies_up() {
    let context = context();
    context.environment("a", &config_map("a"));
    let arguments = ["export", "out", "environments/a", "--merge-strategy=replace-envs"];
    assert!(context.run(arguments).starts_with("exit: 0\n"));
    let output = context.root().join("out");
    let before = context.tree("out");

    context.environment("a", ENDLESS);
    let export = start(&context, &arguments);
    wait_for_staging(&output);
    interrupt(&export);
    thread::sleep(Duration::from_millis(100));
    interrupt(&export);
    assert_eq!(finish(export).0, Some(130));
    assert_eq!(staging_folders(&output), 1);

    context.environment("a", &config_map("a"));
    assert!(context.run(arguments).starts_with("exit: 0\n"));
    assert_eq!(staging_folders(&output), 0);
    assert_eq!(context.tree("out"), before);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let context = context();
    context.environment("many", &format!("std.repeat([{}], 5000)", config_map("m")));
    for arguments in [&["show", "environments/many"], &["eval", "environments/many"]] {
        let mut show = start(&context, arguments);
        let mut reader = BufReader::new(show.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        reader.read_line(&mut line).expect("there is a first line");
        drop(reader);
        assert_eq!(finish(show), (Some(0), String::new()), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_show_and_of_export() {
    let context = context();
    context.environment("a", &config_map("a"));
    let full = fs_err::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let show = Command::new(env!("CARGO_BIN_EXE_renga"))
        .args(["show", "environments/a"])
        .current_dir(context.root())
        .stdout(Stdio::from(full.into_parts().0))
        .output()
        .expect("the binary starts");
    assert_eq!(show.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&show.stderr).into_owned();
    assert!(stderr.starts_with("error: cannot write to standard output\n"), "{stderr}");

    // A limit on the size of files stands for the disk: the shell passes it on.
    context.environment("a", &format!("{} + {{ data: {{ x: 'new' }} }}", config_map("a")));
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let export = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_renga")])
        .args(["export", "out", "environments/a", "--no-cache"])
        .current_dir(context.root())
        .stdout(Stdio::null())
        .output()
        .expect("the shell starts");
    assert_eq!(export.status.code(), Some(1));
    assert!(!context.root().join("out").exists(), "what was created is removed again");
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let context = context();
    context.environment("a", &config_map("a"));
    context.write("out", "text");
    assert_eq!(
        context.run(["export", "out", "environments/a"]),
        "exit: 1\n----- stderr -----\n\
         error: checking target dir: readdirent out: not a directory\n  \
         help: give the path of a directory; it is created if there is none\n"
    );
    assert_eq!(context.read("out"), "text");
}

#[test]
fn loops_of_links_do_not_keep_a_search_from_ending() {
    let context = context();
    context.environment("a", &config_map("a"));
    let environments = context.root().join("environments");
    std::os::unix::fs::symlink("..", environments.join("up")).expect("a link");
    std::os::unix::fs::symlink("self", environments.join("self")).expect("a link");
    assert_eq!(
        context.run(["env", "list", "environments", "--names"]),
        "exit: 0\n----- stdout -----\nenvironments/a\n"
    );
    assert_eq!(
        context.run(["tool", "importers", "environments/a/main.jsonnet"]),
        "exit: 0\n----- stdout -----\n<ROOT>/environments/a/main.jsonnet\n"
    );
}

#[test]
fn ten_thousand_manifests_are_one_environment_like_any_other() {
    let context = context();
    let manifest = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm%d' % i } }";
    context.environment("many", &format!("[{manifest} for i in std.range(1, 10000)]"));
    let run = context.run(["export", "out", "environments/many"]);
    assert!(run.contains("exported 10000 manifests of 1 environment in "), "{run}");
    let files = fs_err::read_dir(context.root().join("out")).expect("the output").count();
    assert_eq!(files, 10_001);
}

#[test]
fn results_out_of_all_bounds_are_errors() {
    let context = context();
    for (name, code, message) in [
        ("range", "std.range(1, 1e9)", "the result holds too many values"),
        ("array", "std.makeArray(6e6, function(i) i)", "the result holds too many values"),
        ("deep", "local f(n) = 1 + f(n + 1); f(0)", "max stack frames exceeded"),
        ("nested", "local f(n) = [f(n + 1)]; f(0)", "nests too deeply"),
        ("self", "{ a: self }", "nests too deeply"),
    ] {
        context.environment(name, &format!("{} + {{ data: {code} }}", config_map(name)));
        let run = context.run(["show".to_owned(), format!("environments/{name}")]);
        assert!(run.starts_with("exit: 1\n----- stderr -----\nerror: "), "{name}: {run}");
        assert!(run.contains(message), "{name}: {run}");
    }
}

#[test]
fn code_that_is_not_utf_8_is_named() {
    let context = context();
    context.environment("a", "");
    fs_err::write(context.root().join("environments/a/main.jsonnet"), b"{ a: '\xff' }")
        .expect("a file of the workspace");
    let run = context.run(["eval", "environments/a"]);
    assert!(run.starts_with("exit: 1\n"), "{run}");
    assert!(run.contains("environments/a/main.jsonnet` is not valid UTF-8"), "{run}");
}

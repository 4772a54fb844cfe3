//! What holds only under renga's own name: errors for people, kept results, `renga.toml`.

use std::process::Command;

use renga_test::TestContext;

fn context() -> TestContext {
    TestContext::new(env!("CARGO_BIN_EXE_renga")).with_filter(r"in \d+\.\d\d s", "in <TIME>")
}

fn config_map(name: &str) -> String {
    format!("{{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {{ name: '{name}' }} }}")
}

/// The last line of a transcript.
fn last(run: &str) -> &str {
    run.lines().next_back().unwrap_or_default()
}

#[test]
fn a_missing_import_shows_the_paths_that_were_tried() {
    let context = context();
    context.environment("a", "import 'gone.libsonnet'");
    let run = context.run(["eval", "environments/a"]);
    let help = "  help: tried\n      environments/a/gone.libsonnet\n      lib/gone.libsonnet\n      \
                environments/a/vendor/gone.libsonnet\n      vendor/gone.libsonnet\n";
    assert!(run.starts_with("exit: 1\n") && run.ends_with(help), "{run}");
}

#[test]
fn errors_name_file_line_and_column() {
    let context = context();
    context.environment("syntax", "{\n  a: }");
    let run = context.run(["eval", "environments/syntax"]);
    assert!(run.contains("\n  at environments/syntax/main.jsonnet:2:6"), "{run}");
    context.environment("runtime", "local f(x) = error 'boom ' + x;\n{ a: f('q') }");
    let run = context.run(["eval", "environments/runtime"]);
    assert!(run.contains("boom q\n"), "{run}");
    assert!(run.contains("\n  at environments/runtime/main.jsonnet:1:14"), "{run}");
    assert!(run.contains("main.jsonnet:2:"), "the trace leads to the caller: {run}");
}

#[test]
fn an_export_names_all_that_is_broken_and_writes_nothing() {
    let context = context();
    context.environment("fine", &config_map("fine"));
    context.environment("data", "error 'no data'");
    context.environment("manifest", "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }");
    context.write("environments/inline/main.jsonnet", "error 'no environment'");
    let run = context.run(["export", "out", "environments", "--recursive"]);
    assert!(
        run.starts_with(
            "exit: 1\n----- stderr -----\nerror: 3 of the environments cannot be exported\n"
        ),
        "{run}"
    );
    for part in ["no data", "no environment", "metadata.name: missing"] {
        assert!(run.contains(part), "{part}: {run}");
    }
    assert!(!context.root().join("out").exists());
}

#[test]
fn results_are_kept_unless_told_otherwise() {
    let context = context();
    context.environment("a", &config_map("a"));
    let export = ["export", "out", "environments/a", "--merge-strategy=replace-envs"];
    context.run(export);
    let kept = "exported 1 manifest of 1 environment (1 as before) in <TIME>: 0 written, \
                1 unchanged, 0 deleted";
    assert_eq!(last(&context.run(export)), kept);
    let anew = kept.replace(" (1 as before)", "");
    assert_eq!(last(&context.run(export.into_iter().chain(["--no-cache"]))), anew);

    context.environment("a", &config_map("b"));
    let run = context.run(export);
    assert!(last(&run).ends_with(": 1 written, 0 unchanged, 1 deleted"), "{run}");
}

#[test]
fn as_tk_no_results_are_kept_and_the_flag_is_unknown() {
    let context = context().with_variable("XDG_CACHE_HOME", "/nonexistent");
    context.environment("a", &config_map("a"));
    let run = context.run(["tk", "export", "out", "environments/a", "--no-cache"]);
    assert!(run.contains("Error: unknown flag: --no-cache\n"), "{run}");
    assert!(!context.run(["tk", "export", "--help"]).contains("--no-cache"));
    assert!(context.run(["export", "--help"]).contains("--no-cache"));
}

#[test]
fn settings_of_the_workspace_apply_where_no_flag_does() {
    let context = context();
    context.environment("a", &config_map("a"));
    context.write(
        "renga.toml",
        "[export]\nformat = '{{.kind}}/{{.metadata.name}}'\nextension = 'yml'\n\
         merge-strategy = 'replace-envs'\n",
    );
    context.run(["export", "out", "environments/a"]);
    assert!(context.root().join("out/ConfigMap/a.yml").is_file());
    let run = context.run(["export", "out", "environments/a", "--extension=json"]);
    assert!(run.starts_with("exit: 0\n"), "{run}");
    assert!(!context.root().join("out/ConfigMap/a.yml").exists());
    assert!(context.root().join("out/ConfigMap/a.json").is_file());

    context.write("renga.toml", "[export]\nending = 'yml'\n");
    let run = context.run(["export", "out", "environments/a"]);
    assert!(run.contains("renga.toml` is not valid"), "{run}");
    assert!(run.contains("\n  at <ROOT>/renga.toml:2:1"), "{run}");
}

#[test]
fn an_empty_path_is_not_the_current_folder() {
    let context = context();
    context.environment("a", &config_map("a"));
    for arguments in [
        &["eval", ""][..],
        &["tool", "jpath", ""],
        &["env", "list", ""],
        &["env", "remove", ""],
        &["export", "", "environments/a"],
        &["export", "out", ""],
    ] {
        let run = context.run(arguments);
        assert!(run.starts_with("exit: 1\n----- stderr -----\nerror: "), "{arguments:?}: {run}");
        assert!(run.contains("no such file or directory"), "{arguments:?}: {run}");
    }
}

#[test]
fn commands_to_come_are_named_as_such() {
    let context = context();
    for arguments in [&["lint", "x"][..], &["tk", "fmt", "x"]] {
        let run = context.run(arguments);
        assert!(run.ends_with("is not available in this version of renga yet\n"), "{run}");
    }
    assert!(!context.run(["lnit"]).contains("not available"));
}

#[test]
fn bash_completes_commands_flags_and_environments() {
    let context = context();
    context.environment("dev", &config_map("a"));
    context.environment("prod", &config_map("a"));
    let script = r#"
        renga() { "$RENGA" "$@"; }
        source <(renga completions bash)
        complete_line() {
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<< "$1"
            [[ $1 == *" " ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            COMPREPLY=()
            _renga_with_environments "$RENGA" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            echo "${COMPREPLY[@]}"
        }
        complete_line 'renga exp'
        complete_line 'renga show environments/d'
        complete_line 'renga export --no-'
        complete -p renga
    "#;
    let run = Command::new("bash")
        .args(["-c", script])
        .current_dir(context.root())
        .env("RENGA", env!("CARGO_BIN_EXE_renga"))
        .output();
    // A machine without bash has nothing to complete.
    let Ok(run) = run else { return };
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
    let lines = String::from_utf8_lossy(&run.stdout).into_owned();
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].split(' ').any(|word| word == "export"), "{lines:?}");
    assert!(lines[1].contains("environments/dev/main.jsonnet"), "{lines:?}");
    assert!(!lines[1].contains("prod"), "{lines:?}");
    assert!(lines[2].contains("--no-cache"), "{lines:?}");
    assert!(lines[3].contains("_renga_with_environments"), "{lines:?}");
}

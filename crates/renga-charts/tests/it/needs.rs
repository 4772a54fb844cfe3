//! Charts that need other charts.

use renga_charts::{DependencyError, NodeState, Sha256, TreeError, VendorError, tree, verify, why};

use crate::support::{Fixture, URL, chart_with, pack, simple_chart};

const OTHER: &str = "http://other.example.com/charts";

fn publish_app(fixture: &Fixture, more: &str, files: &[(&str, &[u8])]) {
    fixture.source.publish(URL, "app", "1.0.0", chart_with("app", "1.0.0", more, files));
}

#[test]
fn missing_dependencies_are_resolved_fetched_and_locked() {
    let fixture = Fixture::new("- {chart: r/app, version: ^1}\n");
    fixture.source.publish(OTHER, "lib", "2.0.0", simple_chart("lib", "2.0.0"));
    fixture.source.publish(OTHER, "lib", "2.4.0", simple_chart("lib", "2.4.0"));
    publish_app(
        &fixture,
        &format!(
            "dependencies:\n- {{name: lib, version: ~2, repository: '{OTHER}'}}\n- {{name: db, version: ^0.1, repository: '@r', alias: one, condition: one.enabled}}\n- {{name: db, version: ^0.1, repository: 'alias:r', alias: two}}\n- {{name: web, version: '*', repository: '{URL}/'}}\n"
        ),
        &[("charts/web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 1.0.0\n")],
    );
    fixture.vendor().unwrap();
    let log = fixture.log.take();
    assert_eq!(
        log[3..],
        [
            "lib@2.4.0 downloaded as a dependency of app",
            "db@0.1.5 downloaded as a dependency of app",
            "r/app@^1 downloaded",
        ]
    );
    assert_eq!(
        std::fs::read(fixture.path("charts/app/charts/lib-2.4.0.tgz")).unwrap(),
        simple_chart("lib", "2.4.0"),
        "archives stay as they are"
    );
    let lock = fixture.workspace().lockfile().unwrap().unwrap();
    let locked: Vec<_> = lock.get("app").unwrap().dependencies.iter().collect();
    let shown: Vec<_> = locked
        .iter()
        .map(|d| (d.name.as_str(), d.requested.as_str(), d.version.as_str(), d.repository.as_str()))
        .collect();
    assert_eq!(shown, [("lib", "~2", "2.4.0", OTHER), ("db", "^0.1", "0.1.5", URL)]);
    verify(&fixture.workspace(), &()).unwrap();

    // The lock holds for them, too.
    fixture.source.publish(OTHER, "lib", "2.9.0", simple_chart("lib", "2.9.0"));
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let lookups = fixture.source.asked().0;
    fixture.vendor().unwrap();
    assert_eq!(fixture.source.asked().0, lookups);
    assert!(fixture.path("charts/app/charts/lib-2.4.0.tgz").exists());
    fixture.update(&["app"]).unwrap();
    assert!(fixture.path("charts/app/charts/lib-2.9.0.tgz").exists());
    assert!(!fixture.path("charts/app/charts/lib-2.4.0.tgz").exists());
}

/// The locks are those that Helm 4.3.1 wrote for these dependencies.
#[test]
fn the_lock_of_the_chart_decides_and_must_fit() {
    let url = "http://127.0.0.1:18999";
    let dependencies = "dependencies:\n- {name: db, version: ^0.1, repository: 'http://127.0.0.1:18999', condition: 'db.on,<x>.on', tags: [a, b], import-values: [x, {child: c, parent: p}], alias: data}\n- {name: web, version: ~1.0, repository: 'http://127.0.0.1:18999'}\n";
    let lock = b"dependencies:\n- name: db\n  repository: http://127.0.0.1:18999\n  version: 0.1.5\n- name: web\n  repository: http://127.0.0.1:18999\n  version: 1.0.1\ndigest: sha256:1bcdccc22e65e8211f535f480035e79f822f84b87cb6f789c86d29823e669ad4\ngenerated: \"2026-11-21T21:09:30.045107315Z\"\n";
    let fixture = Fixture::new("- {chart: r/app, version: ^1}\n");
    for (name, version) in [("db", "0.1.5"), ("db", "0.1.9"), ("web", "1.0.1"), ("web", "1.0.2")] {
        fixture.source.publish(url, name, version, simple_chart(name, version));
    }
    publish_app(&fixture, dependencies, &[("Chart.lock", lock)]);
    fixture.vendor().unwrap();
    for file in ["db-0.1.5.tgz", "web-1.0.1.tgz"] {
        assert!(fixture.path(&format!("charts/app/charts/{file}")).exists(), "{file}");
    }

    let before = fixture.snapshot();
    let changed = dependencies.replace("name: web,", "name: web, enabled: true,");
    publish_app(&fixture, &changed, &[("Chart.lock", lock)]);
    let error = fixture.update(&[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "chart `r/app@1.0.0`: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)"
    );
    assert_eq!(fixture.snapshot(), before);
}

#[test]
fn charts_of_the_first_version_have_their_own_files() {
    let url = "http://127.0.0.1:18999";
    let fixture = Fixture::new("- {chart: r/old, version: ^1}\n");
    for version in ["0.1.5", "0.1.9"] {
        fixture.source.publish(url, "db", version, simple_chart("db", version));
    }
    let lock = |digest: &str| {
        format!(
            "dependencies:\n- name: db\n  repository: {url}\n  version: 0.1.5\ndigest: {digest}\n"
        )
    };
    let publish = |lock: &str| {
        let archive = pack(&[
            ("old/Chart.yaml", b"apiVersion: v1\nname: old\nversion: 1.0.0\n"),
            (
                "old/requirements.yaml",
                b"dependencies:\n- name: db\n  version: ^0.1\n  repository: http://127.0.0.1:18999\n",
            ),
            ("old/requirements.lock", lock.as_bytes()),
        ]);
        fixture.source.publish(URL, "old", "1.0.0", archive);
    };
    // As Helm 4 and as Helm 2 reckon it.
    let legacy = "{\"dependencies\":[{\"name\":\"db\",\"version\":\"^0.1\",\"repository\":\"http://127.0.0.1:18999\"}]}";
    for digest in [
        "sha256:2e58209c94ca49e8999e1494595c244f6b4f88a1ee95be5500223d51f7bad05c",
        &Sha256::of(legacy.as_bytes()).to_string(),
    ] {
        publish(&lock(digest));
        fixture.update(&[]).unwrap();
        assert!(fixture.path("charts/old/charts/db-0.1.5.tgz").exists());
    }
    publish(&lock(&Sha256::of(b"").to_string()));
    let error = fixture.update(&[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "chart `r/old@1.0.0`: the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml)"
    );
}

#[test]
fn folders_are_packed_but_not_for_strangers() {
    let fixture = Fixture::new("- {chart: r/app, version: ^1}\n- {chart: r/web, version: 1.0.0}\n");
    publish_app(
        &fixture,
        "dependencies:\n- {name: web, version: ^1, repository: 'file://../web'}\n",
        &[],
    );
    fixture.source.publish(URL, "web", "1.0.0", simple_chart("web", "1.0.0"));
    let error = fixture.vendor().unwrap_err();
    assert!(matches!(error, VendorError::Dependency(DependencyError::Package { .. })), "{error}");
    fixture.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    fixture.vendor().unwrap();
    assert!(fixture.path("charts/app/charts/web-1.0.0.tgz").exists());

    fixture.write("secret/Chart.yaml", "apiVersion: v2\nname: secret\nversion: 1.0.0\n");
    for folder in
        ["file://../../secret".to_owned(), format!("file://{}", fixture.path("secret").display())]
    {
        publish_app(
            &fixture,
            &format!("dependencies:\n- {{name: secret, version: ^1, repository: '{folder}'}}\n"),
            &[],
        );
        let error = fixture.update(&["app"]).unwrap_err();
        assert!(
            matches!(error, VendorError::Dependency(DependencyError::Outside { .. })),
            "{error}"
        );
    }
}

#[test]
fn what_cannot_be_had_is_an_error_with_the_names_of_both() {
    for (dependency, message) in [
        (
            "{name: lib, version: ^1}",
            "chart `r/app@1.0.0` needs `lib`, which is not in its archive",
        ),
        (
            "{name: lib, version: ^1, repository: '@nope'}",
            "chart `r/app@1.0.0` needs `lib` from `@nope`, which is no repository of the chartfile",
        ),
        (
            "{name: lib, version: ^1, repository: stable}",
            "chart `r/app@1.0.0` needs `lib` from `stable`, which is no repository of the chartfile",
        ),
        (
            "{name: db, version: ^7, repository: '@r'}",
            "chart `r/app@1.0.0` needs `db`: no version of chart `db` matches `^7` in repository `r` (http://charts.example.com)",
        ),
    ] {
        let fixture =
            Fixture::new("- {chart: r/app, version: ^1}\n- {chart: r/web, version: ^1}\n");
        publish_app(&fixture, &format!("dependencies:\n- {dependency}\n"), &[]);
        let before = fixture.snapshot();
        let error = fixture.vendor().unwrap_err();
        assert_eq!(renga_diag::chain(&error), message);
        assert_eq!(fixture.snapshot(), before);
    }
}

#[test]
fn the_tree_shows_what_is_there_and_what_is_not() {
    let fixture = Fixture::new(
        "- {chart: r/app, version: ^1}\n- {chart: r/db, version: 0.1.0, directory: x}\n",
    );
    let inner = chart_with(
        "inner",
        "3.0.0",
        "dependencies:\n- {name: deep, version: '>=1', repository: ''}\n",
        &[("charts/deep/Chart.yaml", b"apiVersion: v2\nname: deep\nversion: 1.0.0\n")],
    );
    publish_app(
        &fixture,
        "dependencies:\n- {name: inner, version: ^3, repository: ''}\n- {name: web, version: ^1, repository: '@r', alias: front}\n",
        &[
            ("charts/inner-3.0.0.tgz", &inner),
            ("charts/extra/Chart.yaml", b"apiVersion: v2\nname: extra\nversion: 0.0.1\n"),
        ],
    );
    let before = tree(&fixture.workspace()).unwrap();
    assert!(before.charts.iter().all(|chart| chart.state == NodeState::Missing));
    fixture.vendor().unwrap();
    std::fs::remove_dir_all(fixture.path("charts/x")).unwrap();
    let shown = tree(&fixture.workspace()).unwrap();
    assert_eq!(
        shown.to_string(),
        "r/app 1.0.0 (^1)\n├── inner 3.0.0 (^3)\n│   └── deep 1.0.0 (>=1)\n├── web 1.1.0 (^1) as front\n└── extra 0.0.1\nr/db (0.1.0) [missing]\n"
    );
    let ways = why(&fixture.workspace(), "deep").unwrap();
    let shown: Vec<Vec<String>> =
        ways.iter().map(|why| why.way.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(shown, [["r/app 1.0.0 (^1)", "inner 3.0.0 (^3)", "deep 1.0.0 (>=1)"]]);
    assert_eq!(why(&fixture.workspace(), "front").unwrap()[0].way.len(), 2);
    let ways = why(&fixture.workspace(), "r/app").unwrap();
    let digest = ways[0].locked.as_ref().unwrap().archive;
    let head = format!(
        "r/app 1.0.0 (^1)\n  required: ^1, by chartfile.yaml, for directory app\n  locked: 1.0.0 from {URL}\n  archive: {URL}/app-1.0.0.tgz, {digest}\n"
    );
    assert_eq!(ways.iter().map(ToString::to_string).collect::<String>(), head);
    let fetched = ways[0].locked.as_ref().unwrap().dependencies[0].archive;
    assert_eq!(
        why(&fixture.workspace(), "front").unwrap()[0].to_string(),
        format!(
            "{head}└── web 1.1.0 (^1) as front\n      locked: 1.1.0 from {URL}\n      archive: {URL}/web-1.1.0.tgz, {fetched}\n"
        )
    );
    let Err(TreeError::UnknownName { help, .. }) = why(&fixture.workspace(), "innre") else {
        panic!("there is no such chart")
    };
    assert_eq!(help.as_deref(), Some("did you mean `inner`?"));
}

//! The lock: what it pins, what follows it, what changes it.

use renga_charts::{
    Action, Difference, LockMode, Lockfile, Prune, VendorError, VendorOptions, VerifyError,
    outdated, remove, verify,
};

use crate::support::{Fixture, MemorySource, URL, chart_with};

fn lock(fixture: &Fixture) -> Lockfile {
    fixture.workspace().lockfile().unwrap().unwrap()
}

#[test]
fn a_first_run_makes_the_lock_and_the_next_one_asks_nobody() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1}\n- {chart: r/db, version: 0.1.0, directory: a/b}\n",
    );
    let report = fixture.vendor().unwrap();
    assert!(report.lock_written);
    assert!(report.charts.iter().all(|chart| chart.action == Action::Added));
    assert_eq!(fixture.version("web"), "1.1.0");
    assert_eq!(fixture.version("a/b"), "0.1.0");
    let locked = lock(&fixture);
    let web = locked.get("web").unwrap();
    assert_eq!((web.requested.as_str(), web.version.as_str()), ("^1", "1.1.0"));
    assert_eq!(web.repository, URL);
    assert_eq!(web.url, format!("{URL}/web-1.1.0.tgz"));
    assert_eq!(web.app_version.as_deref(), Some("1.1.0-app"));
    assert_eq!(web.published, Some(web.archive));
    assert!(!web.provenance_verified);
    assert_eq!(
        web.files.keys().collect::<Vec<_>>(),
        ["Chart.yaml", "templates/cm.yaml", "values.yaml"]
    );

    let before = fixture.snapshot();
    let asked = fixture.source.asked();
    fixture.log.take();
    let report = fixture.vendor().unwrap();
    assert!(!report.lock_written);
    assert!(report.charts.iter().all(|chart| chart.action == Action::Kept));
    assert_eq!(fixture.source.asked(), asked);
    assert_eq!(fixture.snapshot(), before);
    assert_eq!(
        fixture.log.take(),
        ["Vendoring...", "r/web@^1 (dir: web) exists", "r/db@0.1.0 (dir: a/b) exists"]
    );
}

#[test]
fn the_lock_holds_against_newer_versions_until_update() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n- {chart: r/db, version: ~0.1}\n");
    fixture.vendor().unwrap();
    fixture.source.chart("web", "1.9.0");
    fixture.source.chart("db", "0.1.9");
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let lookups = fixture.source.asked().0;
    fixture.vendor().unwrap();
    assert_eq!(fixture.version("web"), "1.1.0");
    assert_eq!(fixture.source.asked().0, lookups, "the lock spares the index");

    fixture.log.take();
    let report = fixture.update(&["db"]).unwrap();
    assert!(report.lock_written);
    assert_eq!((fixture.version("web"), fixture.version("db")), ("1.1.0".into(), "0.1.9".into()));
    assert!(fixture.log.take().contains(&"r/db: 0.1.5 -> 0.1.9".to_owned()));
    fixture.update(&[]).unwrap();
    assert_eq!(fixture.version("web"), "1.9.0");
    assert_eq!(lock(&fixture).get("web").unwrap().version, "1.9.0");
    let report = fixture.update(&[]).unwrap();
    assert!(!report.lock_written, "nothing newer, nothing written");

    let error = fixture.update(&["wbe"]).unwrap_err();
    assert_eq!(error.to_string(), "no requirement is called `wbe`");
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert_eq!(help, "did you mean `web`?");
}

#[test]
fn a_changed_requirement_changes_its_entry_alone() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n- {chart: r/db, version: ^0.1}\n");
    fixture.vendor().unwrap();
    fixture.source.chart("web", "1.9.0");
    fixture.source.chart("db", "0.1.9");
    fixture.require("- {chart: r/web, version: ^1}\n- {chart: r/db, version: 0.1.0}\n");
    fixture.vendor().unwrap();
    assert_eq!((fixture.version("web"), fixture.version("db")), ("1.1.0".into(), "0.1.0".into()));
    fixture.require("- {chart: r/db, version: 0.1.0}\n");
    fixture.vendor().unwrap();
    assert!(lock(&fixture).get("web").is_none());
    assert!(fixture.path("charts/web").exists(), "only --prune removes");
}

#[test]
fn locked_refuses_every_change_of_the_lock() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    let error = fixture.vendor_as(LockMode::Locked).unwrap_err();
    assert!(matches!(error, VendorError::NoLock { .. }), "{error}");
    fixture.vendor().unwrap();
    fixture.vendor_as(LockMode::Locked).unwrap();

    let before = fixture.snapshot();
    fixture.require("- {chart: r/web, version: ^2}\n- {chart: r/db, version: 0.1.0}\n");
    let error = fixture.vendor_as(LockMode::Locked).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lock is not up to date:\n - `r/web@^2` is required in directory `web`, and `r/web@^1` is locked\n - `r/db@0.1.0` is not in it"
    );
    fixture.require("");
    let error = fixture.vendor_as(LockMode::Locked).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lock is not up to date:\n - `r/web` is in it, and not required"
    );
    let text = "repositories: [{name: r, url: http://other.example.com/}]\nrequires: [{chart: r/web, version: ^1}]\n";
    fixture.write("chartfile.yaml", text);
    let error = fixture.vendor_as(LockMode::Locked).unwrap_err();
    assert!(
        error.to_string().contains(
            "locked from http://charts.example.com, and required from http://other.example.com/"
        ),
        "{error}"
    );
    fixture.require("- {chart: r/web, version: ^1}\n");
    assert_eq!(fixture.snapshot(), before);
}

#[test]
fn frozen_looks_nothing_up() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n- {chart: r/db, version: ^0}\n");
    fixture.vendor().unwrap();
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    fixture.require("- {chart: r/web, version: ^1}\n");
    let lookups = fixture.source.asked().0;
    let text = fixture.read("chartfile.lock");
    fixture.vendor_as(LockMode::Frozen).unwrap();
    assert_eq!(fixture.version("web"), "1.1.0");
    assert_eq!(fixture.source.asked().0, lookups);
    assert_eq!(fixture.read("chartfile.lock"), text, "what the lock has too much stays");
    fixture.require("- {chart: r/web, version: ^2}\n");
    let error = fixture.vendor_as(LockMode::Frozen).unwrap_err();
    assert!(matches!(error, VendorError::OutOfDate { .. }), "{error}");
}

#[test]
fn started_as_tk_there_is_no_new_lock_but_an_old_one_is_followed() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    let report = fixture.vendor_as(LockMode::IfPresent).unwrap();
    assert!(!report.lock_written && !fixture.path("chartfile.lock").exists());
    // Tanka would fetch it again and again.
    fixture.log.take();
    let report = fixture.vendor_as(LockMode::IfPresent).unwrap();
    assert_eq!(report.charts[0].action, Action::Kept);
    fixture.vendor().unwrap();
    fixture.source.chart("web", "1.9.0");
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    fixture.vendor_as(LockMode::IfPresent).unwrap();
    assert_eq!(fixture.version("web"), "1.1.0");
    fixture.require("- {chart: r/web, version: 2.0.0}\n");
    let report = fixture.vendor_as(LockMode::IfPresent).unwrap();
    assert!(report.lock_written);
    assert_eq!(lock(&fixture).get("web").unwrap().version, "2.0.0");
}

#[test]
fn charts_from_before_the_lock_are_locked_and_kept() {
    let fixture =
        Fixture::new("- {chart: r/web, version: 1.0.0}\n- {chart: r/db, version: 0.1.0}\n");
    fixture.vendor_as(LockMode::IfPresent).unwrap();
    fixture.write("charts/db/values.yaml", "mine: true\n");
    fixture.log.take();
    let report = fixture.vendor().unwrap();
    assert!(report.charts.iter().all(|chart| chart.action == Action::Kept), "{report:?}");
    assert_eq!(
        fixture.log.take(),
        [
            "Vendoring...",
            "r/web@1.0.0 (dir: web) exists",
            "r/db@0.1.0 (dir: db) is not what was published; `charts verify` names the files",
        ]
    );
    assert_eq!(fixture.read("charts/db/values.yaml"), "mine: true\n");
    let error = verify(&fixture.workspace(), &()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the vendored charts are not what was locked:\n - charts/db/values.yaml: changed"
    );
}

#[test]
fn an_archive_published_again_is_refused_until_update() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    fixture.vendor().unwrap();
    let again = chart_with("web", "1.1.0", "", &[("templates/new.yaml", b"")]);
    fixture.source.publish(URL, "web", "1.1.0", again);
    fixture.vendor().unwrap();
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let error = fixture.vendor().unwrap_err();
    assert!(
        matches!(error, VendorError::Source(renga_charts::SourceError::Digest { .. })),
        "{error}"
    );
    // Nor is it by way of another range for the same version.
    fixture.require("- {chart: r/web, version: ~1.1}\n");
    let error = fixture.vendor().unwrap_err();
    assert!(
        matches!(error, VendorError::Source(renga_charts::SourceError::Digest { .. })),
        "{error}"
    );
    fixture.update(&["r/web"]).unwrap();
    assert!(fixture.path("charts/web/templates/new.yaml").exists());
    verify(&fixture.workspace(), &()).unwrap();
}

#[test]
fn a_moved_archive_is_found_by_its_digest() {
    let mut fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    fixture.vendor().unwrap();
    let text = fixture.read("chartfile.lock");
    fixture.write("chartfile.lock", &text.replace("/web-1.1.0.tgz", "/old/web-1.1.0.tgz"));
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let error = fixture.vendor_as(LockMode::Frozen).unwrap_err();
    assert!(
        matches!(error, VendorError::Source(renga_charts::SourceError::NotFound { .. })),
        "{error}"
    );
    fixture.vendor_as(LockMode::Locked).unwrap();
    assert_eq!(fixture.version("web"), "1.1.0");

    fixture.source = MemorySource::default();
    fixture.source.offline = true;
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let error = fixture.vendor().unwrap_err();
    assert!(
        matches!(
            &error,
            VendorError::Lookup { chart, cause: renga_charts::SourceError::Offline { .. } }
                if chart == "r/web@^1"
        ),
        "{error}"
    );
}

#[test]
fn verify_names_every_file_that_differs() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1}\n- {chart: r/db, version: ^0, directory: a/b}\n",
    );
    let error = verify(&fixture.workspace(), &()).unwrap_err();
    assert!(matches!(error, VerifyError::NoLock { .. }), "{error}");
    assert!(!fixture.path("charts").exists(), "verify changes nothing");
    fixture.vendor().unwrap();
    let verified = verify(&fixture.workspace(), &()).unwrap();
    assert_eq!((verified.charts, verified.files), (2, 6));

    fixture.write("charts/web/values.yaml", "a: 2\n");
    fixture.write("charts/web/templates/mine.yaml", "");
    std::fs::remove_file(fixture.path("charts/web/Chart.yaml")).unwrap();
    std::fs::remove_dir_all(fixture.path("charts/a")).unwrap();
    let chartfile = fixture.read("chartfile.yaml");
    fixture.write("chartfile.yaml", &format!("{chartfile}- {{chart: r/vee, version: ^3}}\n"));
    let Err(VerifyError::Altered { differences }) = verify(&fixture.workspace(), &()) else {
        panic!("differences are not noticed")
    };
    let lines: Vec<_> = differences.iter().map(Difference::to_string).collect();
    assert_eq!(
        lines,
        [
            "r/vee@^3 (dir: vee): not in the lock",
            "charts/a/b: missing, should be r/db",
            "charts/web/Chart.yaml: removed",
            "charts/web/templates/mine.yaml: added",
            "charts/web/values.yaml: changed",
        ]
    );
    #[cfg(unix)]
    {
        let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
        fixture.vendor().unwrap();
        std::fs::remove_file(fixture.path("charts/web/values.yaml")).unwrap();
        fixture.write("elsewhere", "a: 1\n");
        std::os::unix::fs::symlink("../../elsewhere", fixture.path("charts/web/values.yaml"))
            .unwrap();
        let error = verify(&fixture.workspace(), &()).unwrap_err().to_string();
        assert!(error.ends_with("charts/web/values.yaml: changed"), "{error}");
    }
}

#[test]
fn prune_leaves_what_is_not_its_own_and_says_so() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1, directory: a/web}\n- {chart: r/db, version: ^0, directory: a/db}\n- {chart: r/vee, version: ^3}\n",
    );
    fixture.vendor().unwrap();
    fixture.write("charts/mine/Chart.yaml", "name: mine\n");
    fixture.write("charts/a/note", "");
    fixture.require("- {chart: r/web, version: ^1, directory: a/web}\n");
    fixture.log.take();
    let options = VendorOptions { prune: Prune::Vendored, ..VendorOptions::default() };
    let report = fixture.vendor_with(&options).unwrap();
    assert_eq!(report.pruned, ["a/db", "vee"]);
    assert_eq!(
        fixture.log.take(),
        [
            "Vendoring...",
            "r/web@^1 (dir: a/web) exists",
            "Pruning directory: a/db",
            "Keeping file: a/note: not vendored by renga",
            "Keeping directory: mine: not vendored by renga",
            "Pruning directory: vee",
        ]
    );
    let options = VendorOptions { prune: Prune::Everything, ..VendorOptions::default() };
    let report = fixture.vendor_with(&options).unwrap();
    assert_eq!(report.pruned, ["a/note", "mine"]);
    assert_eq!(fixture.version("a/web"), "1.1.0");
}

#[test]
fn remove_takes_a_chart_out_of_everything() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1, directory: a/b}\n- {chart: r/web, version: 2.0.0}\n- {chart: r/db, version: ^0}\n",
    );
    fixture.vendor().unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let before = fixture.snapshot();
    let error = remove(&fixture.workspace(), &names(&["db", "r/web"]), &fixture.log).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`r/web` may be any of `r/web@^1 (dir: a/b)`, `r/web@2.0.0 (dir: web)`"
    );
    let error = remove(&fixture.workspace(), &names(&["nothing"]), &fixture.log).unwrap_err();
    assert_eq!(error.to_string(), "no requirement is called `nothing`");
    assert_eq!(fixture.snapshot(), before);

    fixture.log.take();
    let removed = remove(&fixture.workspace(), &names(&["a/b", "r/db"]), &fixture.log).unwrap();
    assert_eq!(removed.len(), 2);
    assert_eq!(fixture.log.take(), ["Removed r/web (dir: a/b)", "Removed r/db (dir: db)"]);
    assert!(!fixture.path("charts/a").exists() && !fixture.path("charts/db").exists());
    let directories: Vec<_> = lock(&fixture).charts().map(|c| c.directory.clone()).collect();
    assert_eq!(directories, ["web"]);
    fixture.vendor_as(LockMode::Locked).unwrap();
    verify(&fixture.workspace(), &()).unwrap();
}

#[test]
fn outdated_tells_what_is_in_reach_from_what_is_not() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ~1.0}\n- {chart: r/db, version: 0.2.0}\n- {chart: r/vee, version: ^9}\n",
    );
    let standings = outdated(&fixture.workspace(), &fixture.source, None).unwrap();
    assert!(standings.iter().all(renga_charts::Standing::is_outdated), "nothing is vendored");
    fixture.require("- {chart: r/web, version: ~1.0}\n- {chart: r/db, version: 0.2.0}\n");
    fixture.vendor().unwrap();
    fixture.source.chart("web", "1.0.7");
    let standings = outdated(&fixture.workspace(), &fixture.source, None).unwrap();
    let shown: Vec<_> = standings
        .iter()
        .map(|s| (s.current.as_deref(), s.wanted.as_deref(), s.latest.as_deref(), s.is_outdated()))
        .collect();
    assert_eq!(
        shown,
        [
            (Some("1.0.1"), Some("1.0.7"), Some("2.1.0"), true),
            (Some("0.2.0"), Some("0.2.0"), Some("0.2.0"), false),
        ]
    );
}

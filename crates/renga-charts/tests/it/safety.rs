//! What goes wrong leaves everything as it was.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use renga_charts::{
    Archive, ChartSource, ChartVersion, LockMode, LockedArchive, Prune, Repository, SourceError,
    VendorError, VendorOptions, Wanted, add, vendor,
};

use crate::support::{Fixture, Log, URL, chart_with, pack, simple_chart};

#[test]
fn one_bad_chart_and_nothing_changes() {
    let fixture =
        Fixture::new("- {chart: r/web, version: 1.0.0}\n- {chart: r/db, version: 0.1.0}\n");
    fixture.vendor().unwrap();
    let evil = pack(&[
        ("evil/Chart.yaml", b"apiVersion: v2\nname: evil\nversion: 1.0.0\n"),
        ("evil/../../../escaped", b""),
    ]);
    let named = chart_with("other", "1.0.0", "", &[]);
    let versioned = chart_with("evil", "1.0.1", "", &[]);
    let bare = pack(&[("evil/values.yaml", b"")]);
    for (archive, message) in [
        (evil, "chart `r/evil@1.0.0` from http://charts.example.com/evil-1.0.0.tgz cannot be used"),
        (
            named,
            "chart `r/evil@1.0.0` from http://charts.example.com/evil-1.0.0.tgz says that its name is `other`",
        ),
        (
            versioned,
            "chart `r/evil@1.0.0` from http://charts.example.com/evil-1.0.0.tgz says that its version is `1.0.1`",
        ),
        (bare, "chart `r/evil@1.0.0` from http://charts.example.com/evil-1.0.0.tgz cannot be used"),
        (
            b"no gzip".to_vec(),
            "chart `r/evil@1.0.0` from http://charts.example.com/evil-1.0.0.tgz cannot be used",
        ),
    ] {
        fixture.source.publish(URL, "evil", "1.0.0", archive);
        fixture.require("- {chart: r/web, version: 2.0.0}\n- {chart: r/evil, version: 1.0.0}\n- {chart: r/db, version: 0.2.0}\n");
        let before = fixture.snapshot();
        let options = VendorOptions { prune: Prune::Everything, ..VendorOptions::default() };
        let error = fixture.vendor_with(&options).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(fixture.snapshot(), before);
        let names: Vec<_> = std::fs::read_dir(fixture.path("charts")).unwrap().flatten().collect();
        assert_eq!(names.len(), 2, "no staging folder is left: {names:?}");
    }
}

#[test]
fn the_first_error_in_the_chartfile_is_the_one_reported() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1}\n- {chart: r/a, version: ^1}\n- {chart: r/b, version: ^1}\n- {chart: q/c, version: ^1}\n",
    );
    for _ in 0..20 {
        let error = fixture.vendor().unwrap_err();
        assert!(error.to_string().contains("no chart `a`"), "{error}");
    }
}

#[test]
fn unknown_repositories_have_a_suggestion() {
    let fixture = Fixture::new("- {chart: s/web, version: ^1}\n");
    let error = fixture.vendor().unwrap_err();
    assert_eq!(error.to_string(), "repository \"s\" not found for chart \"s/web\"");
    assert_eq!(miette::Diagnostic::help(&error).unwrap().to_string(), "did you mean `r`?");
}

#[test]
fn pruning_never_empties_the_workspace() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    let chartfile = fixture.read("chartfile.yaml");
    for directory in ["''", ".", "..", "x/.."] {
        fixture.write("chartfile.yaml", &format!("{chartfile}directory: {directory}\n"));
        for prune in [Prune::Vendored, Prune::Everything] {
            let options = VendorOptions { prune, ..VendorOptions::default() };
            let error = fixture.vendor_with(&options).unwrap_err();
            assert!(matches!(error, VendorError::PruneWorkspace { .. }), "{directory}: {error}");
        }
    }
    assert!(fixture.path("chartfile.yaml").exists());
}

#[test]
fn a_folder_of_charts_that_cannot_be_made_is_an_error() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    fixture.write("charts", "a file");
    let error = fixture.vendor().unwrap_err();
    let path = fixture.path("charts");
    assert!(error.to_string().starts_with(&format!("mkdir {}: ", path.display())), "{error}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_of_charts_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    std::fs::create_dir(fixture.path("charts")).unwrap();
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(fixture.path("charts"), permissions).unwrap();
    };
    mode(0o555);
    let writable = std::fs::write(fixture.path("charts/probe"), "").is_ok();
    let outcome = fixture.vendor();
    mode(0o755);
    if writable {
        // The superuser writes anywhere; there is nothing to see then.
        assert!(outcome.is_ok());
        return;
    }
    let error = outcome.unwrap_err();
    assert!(matches!(error, VendorError::ReadOnly { .. }), "{error}");
    assert!(!fixture.path("chartfile.lock").exists());
}

#[test]
fn several_runs_at_once_take_turns() {
    let fixture = Fixture::new(
        "- {chart: r/web, version: ^1}\n- {chart: r/db, version: ^0, directory: a/db}\n",
    );
    std::thread::scope(|scope| {
        let fixture = &fixture;
        for index in 0..6 {
            scope.spawn(move || {
                if index % 2 == 0 {
                    let options =
                        VendorOptions { prune: Prune::Everything, ..VendorOptions::default() };
                    vendor(&fixture.workspace(), &fixture.source, &options, &()).unwrap();
                } else {
                    let chart = format!("r/web@1.0.0:copy-{index}");
                    let options = VendorOptions::default();
                    add(&fixture.workspace(), &[chart], &fixture.source, &options, &()).unwrap();
                }
            });
        }
    });
    fixture.vendor_as(LockMode::Locked).unwrap();
    renga_charts::verify(&fixture.workspace(), &()).unwrap();
    let chartfile = fixture.workspace().chartfile().unwrap();
    assert_eq!(chartfile.requirements().len(), 5, "no addition was lost");
    let names: Vec<_> = std::fs::read_dir(fixture.path("charts")).unwrap().flatten().collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

/// Notes how many archives are fetched at a time.
struct Slow<'a> {
    inner: &'a dyn ChartSource,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl ChartSource for Slow<'_> {
    fn versions(
        &self,
        repository: &Repository,
        chart: &str,
    ) -> Result<Vec<ChartVersion>, SourceError> {
        self.inner.versions(repository, chart)
    }

    fn resolve(
        &self,
        repository: &Repository,
        chart: &str,
        wanted: &str,
    ) -> Result<ChartVersion, SourceError> {
        self.inner.resolve(repository, chart, wanted)
    }

    fn fetch(
        &self,
        repository: &Repository,
        version: &ChartVersion,
        wanted: &Wanted,
    ) -> Result<Archive, SourceError> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(50));
        self.now.fetch_sub(1, Ordering::SeqCst);
        self.inner.fetch(repository, version, wanted)
    }

    fn fetch_locked(
        &self,
        repository: &Repository,
        locked: &LockedArchive<'_>,
    ) -> Result<Archive, SourceError> {
        self.inner.fetch_locked(repository, locked)
    }
}

#[test]
fn charts_are_fetched_side_by_side_within_bounds() {
    let lines: Vec<_> =
        (0..12).map(|i| format!("- {{chart: r/web, version: 1.0.0, directory: d{i}}}\n")).collect();
    for (jobs, most) in [(None, 8), (NonZeroUsize::new(3), 3)] {
        let fixture = Fixture::new(&lines.concat());
        let slow =
            Slow { inner: &fixture.source, now: AtomicUsize::new(0), most: AtomicUsize::new(0) };
        let options = VendorOptions { jobs, ..VendorOptions::default() };
        let log = Log::default();
        vendor(&fixture.workspace(), &slow, &options, &log).unwrap();
        let reached = slow.most.load(Ordering::SeqCst);
        assert!(reached > 1 && reached <= most, "{reached} at a time");
        let lines = log.take();
        assert_eq!(lines.len(), 2 + 12 * 2, "in order, whatever the threads do: {lines:?}");
    }
}

#[test]
fn a_keyring_wants_signatures() {
    let fixture = Fixture::new("- {chart: r/web, version: ^1}\n");
    let options = VendorOptions { keyring: Some(Vec::new()), ..VendorOptions::default() };
    let error = fixture.vendor_with(&options).unwrap_err();
    assert!(matches!(error, VendorError::Unsigned { .. }), "{error}");
    fixture.vendor().unwrap();
    // What is there was never verified.
    let error = fixture.vendor_with(&options).unwrap_err();
    assert!(matches!(error, VendorError::Unsigned { .. }), "{error}");
}

/// The files are those of `tests/provenance`.
#[test]
fn a_good_signature_is_noted_in_the_lock_and_asked_for_once() {
    let mut fixture = Fixture::new("- {chart: r/signed, version: ^1}\n");
    let archive = include_bytes!("../provenance/signed-1.2.3.tgz");
    fixture.source.publish(URL, "signed", "1.2.3", archive.to_vec());
    fixture.source.signature = Some(include_bytes!("../provenance/signed-1.2.3.tgz.prov").to_vec());
    let options = |keyring: &[u8]| VendorOptions {
        keyring: Some(keyring.to_vec()),
        ..VendorOptions::default()
    };
    let stranger = options(include_bytes!("../provenance/subkey.asc"));
    let error = fixture.vendor_with(&stranger).unwrap_err();
    assert!(matches!(error, VendorError::Provenance { .. }), "{error}");
    assert!(!fixture.path("charts/signed").exists() && !fixture.path("chartfile.lock").exists());

    // Without a keyring first: the lock says that nobody looked.
    fixture.vendor().unwrap();
    let locked = || fixture.workspace().lockfile().unwrap().unwrap().get("signed").unwrap().clone();
    assert!(!locked().provenance_verified);
    fixture.log.take();
    let friend = options(include_bytes!("../provenance/pubring.asc"));
    fixture.vendor_with(&friend).unwrap();
    let signer = locked().signed_by.unwrap();
    assert!(locked().provenance_verified);
    assert!(fixture.log.take().contains(&format!("r/signed: signed by {signer}")));
    let asked = fixture.source.asked();
    fixture.vendor_with(&friend).unwrap();
    assert_eq!(fixture.source.asked(), asked);
    // What was verified stays so, when the archive is the same.
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    fixture.vendor().unwrap();
    assert_eq!(locked().signed_by, Some(signer));
}

#[test]
fn local_repositories_are_locked_by_their_relative_address() {
    let fixture = Fixture::new("");
    let folder = fixture.path("src");
    let address = format!("file://{}", folder.display());
    fixture.source.publish(&address, "mine", "1.0.0", simple_chart("mine", "1.0.0"));
    fixture.write("chartfile.yaml", "repositories: [{name: l, url: 'file://./src'}]\nrequires: [{chart: l/mine, version: ^1}]\n");
    fixture.vendor().unwrap();
    let lock = fixture.read("chartfile.lock");
    assert!(!lock.contains(&*Path::new(&address).to_string_lossy()), "{lock}");
    let entry = fixture.workspace().lockfile().unwrap().unwrap();
    assert_eq!(entry.get("mine").unwrap().url, "file://./src/mine-1.0.0.tgz");
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    fixture.vendor_as(LockMode::Frozen).unwrap();
    fixture.source.publish(
        &address,
        "mine",
        "1.0.0",
        chart_with("mine", "1.0.0", "", &[("x", b"")]),
    );
    std::fs::remove_dir_all(fixture.path("charts")).unwrap();
    let error = fixture.vendor().unwrap_err();
    assert!(matches!(error, VendorError::Source(SourceError::Digest { .. })), "{error}");
}

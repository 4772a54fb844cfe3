//! Archives from strangers, from a real server to the vendored tree.

use std::collections::BTreeMap;

use renga_charts::{
    Sources, VendorError, VendorOptions, VendorReport, Workspace, tree_digest, vendor,
};
use renga_test::{ChartServer, Rule, Tarball};

use crate::sources_http::{packed, quick};
use crate::support::snapshot;

const CHART: &[u8] = b"apiVersion: v2\nname: evil\nversion: 1.0.0\n";

/// A workspace that has vendored `main/good` and wants `main/evil`, too.
struct Fixture {
    server: ChartServer,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let server = ChartServer::start().unwrap();
        server.add_archive("main", &packed("good", "1.0.0")).unwrap();
        let fixture = Self { server, folder: tempfile::tempdir().unwrap() };
        fixture.require(&["good"]);
        fixture.vendor(&VendorOptions::default()).unwrap();
        fixture.require(&["good", "evil"]);
        fixture
    }

    fn require(&self, charts: &[&str]) {
        let mut text = format!(
            "repositories:\n- name: main\n  url: {}\nrequires:\n",
            self.server.repository("main")
        );
        for chart in charts {
            text = format!("{text}- chart: main/{chart}\n  version: ^1\n");
        }
        let workspace = self.folder.path().join("workspace");
        std::fs::create_dir_all(&workspace).unwrap();
        std::fs::write(workspace.join("chartfile.yaml"), text).unwrap();
    }

    fn vendor(&self, options: &VendorOptions) -> Result<VendorReport, VendorError> {
        let sources = Sources::new(quick(Some(&self.folder.path().join("cache"))));
        vendor(&Workspace::new(self.folder.path().join("workspace")), &sources, options, &())
    }

    /// The files of the workspace, and of its surroundings but for the cache.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = snapshot(self.folder.path());
        files.retain(|path, _| !path.starts_with("cache"));
        files
    }

    /// Vendors, which has to fail and to change nothing; gives all messages.
    fn refused(&self, options: &VendorOptions) -> String {
        let before = self.files();
        let error = self.vendor(options).unwrap_err();
        assert_eq!(self.files(), before, "{error}");
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text.replace(&self.server.url(), "URL")
    }
}

fn evil() -> Tarball {
    Tarball::new().file("evil/Chart.yaml", CHART)
}

#[test]
fn hostile_archives_are_refused_whole() {
    let fixture = Fixture::new();
    let where_from = "chart `main/evil@1.0.0` from URL/main/evil-1.0.0.tgz";
    let zeros = vec![0; 60 << 20];
    let whole = evil().file("evil/values.yaml", &[b'#'; 5000]).finish();
    for (archive, message) in [
        (
            evil().file("evil/../../../../outside", b"x").finish(),
            "chart illegally references parent directory",
        ),
        (
            evil().file("evil/a/../../../outside", b"x").finish(),
            "chart illegally references parent directory",
        ),
        (
            evil().file("evil\\..\\..\\outside", b"x").finish(),
            "chart illegally references parent directory",
        ),
        (
            evil().file("evil//etc/renga-was-here", b"x").finish(),
            "chart illegally contains absolute paths",
        ),
        (evil().file("evil/c:/outside", b"x").finish(), "chart contains illegally named files"),
        (
            evil().symlink("evil/up", "../..").file("evil/up/outside", b"x").finish(),
            "chart contains a link that leaves it: `evil/up` to `../..`",
        ),
        (
            evil().symlink("evil/passwd", "/etc/passwd").finish(),
            "chart contains a link that leaves it: `evil/passwd` to `/etc/passwd`",
        ),
        (
            evil().hard_link("evil/passwd", "/etc/passwd").finish(),
            "chart contains a link that leaves it: `evil/passwd` to `/etc/passwd`",
        ),
        (
            evil().file("evil/zeros", &zeros).finish(),
            "chart archive unfolds to more than 250 times its size",
        ),
        (
            evil().claiming("evil/huge", 1 << 40, b"").finish(),
            "decompressed chart is larger than the maximum size 104857600",
        ),
        (whole[..whole.len() / 2].to_vec(), "unexpected EOF"),
        (whole[..whole.len() - 4].to_vec(), "unexpected EOF"),
        (b"PK\x03\x04 not a tar".to_vec(), "gzip: invalid header"),
        (Tarball::new().finish(), "no files in chart archive"),
        (Tarball::new().file("evil/values.yaml", b"").finish(), "Chart.yaml file is missing"),
        (evil().file("evil/Chart.yaml/x", b"").finish(), ""),
    ] {
        // The index vouches for each of them: it is the archive itself that is bad.
        fixture.server.add_bytes("main", "evil", "1.0.0", &archive, None);
        let text = fixture.refused(&VendorOptions::default());
        assert!(text.contains("main/evil@1.0.0"), "{text}");
        assert!(message.is_empty() || text.starts_with(where_from), "{text}");
        assert!(text.ends_with(message), "{text}\nis not: {message}");
    }
    let many = (0..50_001).fold(evil(), |tar, index| tar.file(&format!("evil/{index}"), b""));
    fixture.server.add_bytes("main", "evil", "1.0.0", &many.finish(), None);
    let text = fixture.refused(&VendorOptions::default());
    assert!(text.ends_with("chart archive has more than 50000 entries"), "{text}");
}

#[test]
fn what_is_in_the_archive_has_to_be_what_was_listed() {
    let fixture = Fixture::new();
    fixture.server.add_bytes("main", "evil", "1.0.0", &packed("good", "1.0.0"), None);
    let text = fixture.refused(&VendorOptions::default());
    assert!(text.ends_with("says that its name is `good`"), "{text}");
    let moved = Tarball::new().file("good/Chart.yaml", CHART).finish();
    fixture.server.add_bytes("main", "evil", "1.0.0", &moved, None);
    let text = fixture.refused(&VendorOptions::default());
    assert!(text.ends_with("lies in a folder called `good`"), "{text}");

    let archive = packed("evil", "1.0.0");
    let wrong = "0".repeat(64);
    fixture.server.add_bytes("main", "evil", "1.0.0", &archive, Some(&wrong));
    let text = fixture.refused(&VendorOptions::default());
    assert!(text.contains("evil") && text.contains(&wrong), "{text}");

    // A whole answer with half of the file, and half an answer.
    for rule in [Rule::Shorten { keep: 100 }, Rule::Truncate { keep: 100 }] {
        fixture.server.add_archive("main", &archive).unwrap();
        fixture.server.rule("evil-1.0.0.tgz", rule);
        let text = fixture.refused(&VendorOptions::default());
        assert!(text.contains("evil") && text.contains("URL/main/evil-1.0.0.tgz"), "{text}");
        fixture.server.clear_rules();
    }
    fixture.vendor(&VendorOptions::default()).unwrap();
    let charts = fixture.folder.path().join("workspace/charts");
    assert!(tree_digest(&charts).unwrap().files.contains_key("evil/Chart.yaml"));
}

#[test]
fn signatures_are_checked_before_anything_is_unpacked() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/provenance");
    let read = |name: &str| std::fs::read(format!("{folder}/{name}")).unwrap();
    let fixture = Fixture::new();
    let server = &fixture.server;
    server.add_archive("main", &read("signed-1.2.3.tgz")).unwrap();
    fixture.require(&["signed"]);
    let with =
        |keyring: &str| VendorOptions { keyring: Some(read(keyring)), ..VendorOptions::default() };

    let text = fixture.refused(&with("pubring.gpg"));
    assert!(text.contains("signed") && text.contains("no provenance file"), "{text}");
    let prov = read("signed-1.2.3.tgz.prov");
    let path = "/main/signed-1.2.3.tgz.prov";
    let changed = String::from_utf8(prov.clone()).unwrap().replace("to sign", "to steal");
    server.add_file(path, changed.as_bytes());
    let text = fixture.refused(&with("pubring.gpg"));
    assert!(text.contains("invalid signature"), "{text}");
    server.add_file(path, &prov);
    let text = fixture.refused(&with("subkey.asc"));
    assert!(text.contains("signature made by unknown entity"), "{text}");
    for keyring in ["pubring.gpg", "pubring.asc", "pubring.kbx"] {
        let _ = std::fs::remove_dir_all(fixture.folder.path().join("workspace/charts"));
        fixture.vendor(&with(keyring)).unwrap();
    }
    let lock = Workspace::new(fixture.folder.path().join("workspace")).lockfile().unwrap().unwrap();
    assert!(lock.get("signed").unwrap().provenance_verified);
}

//! Folders and archives on this machine.

use renga_charts::{ChartMetadata, Limits, Repository, SourceError, Sources, Wanted, read_archive};

use crate::sources_http::{packed, quick};

#[test]
fn folders_hold_archives_and_charts() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["1.0.0", "1.2.0"] {
        fs_err::write(folder.path().join(format!("app-{version}.tgz")), packed("app", version))
            .unwrap();
    }
    fs_err::write(folder.path().join("broken-1.0.0.tgz"), "nonsense").unwrap();
    fs_err::create_dir(folder.path().join("lib")).unwrap();
    let text = "apiVersion: v2\nname: lib\nversion: 0.1.0\n";
    fs_err::write(folder.path().join("lib/Chart.yaml"), text).unwrap();
    let sources = Sources::new(quick(None));
    let root = format!("file://{}", folder.path().display());
    let repository = Repository::new("local", root.as_str());

    let version = sources.resolve(&repository, "app", "^1").unwrap();
    assert_eq!(version.version, "1.2.0");
    assert_eq!(version.app_version.as_deref(), Some("v1.2.0"));
    let archive = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
    assert_eq!(&*archive.bytes, packed("app", "1.2.0"));

    // A folder is packed; its address alone is a repository of one chart.
    for address in [root.clone(), format!("{root}/lib")] {
        let repository = Repository::new("local", address);
        let version = sources.resolve(&repository, "lib", "").unwrap();
        let archive = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
        let entries = read_archive(&archive.bytes, &Limits::default()).unwrap();
        assert_eq!(ChartMetadata::of_entries(&entries).unwrap().name, "lib");
    }
    let single = Repository::new("local", format!("{root}/app-1.0.0.tgz"));
    assert_eq!(sources.resolve(&single, "app", "").unwrap().version, "1.0.0");

    let error = sources.versions(&repository, "apq").unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert_eq!(help, "did you mean `app`?");
    let broken = Repository::new("local", format!("{root}/broken-1.0.0.tgz"));
    let error = sources.versions(&broken, "broken").unwrap_err();
    assert!(matches!(error, SourceError::LocalChart { .. }), "{error}");
    let absent = Repository::new("local", format!("{root}/absent"));
    assert!(matches!(sources.versions(&absent, "app"), Err(SourceError::File { .. })));
}

#[test]
fn a_folder_may_have_an_index() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("app.tgz"), packed("app", "1.0.0")).unwrap();
    let index = "apiVersion: v1\nentries:\n  app:\n  - name: app\n    version: 1.0.0\n    urls:\n    - app.tgz\n";
    fs_err::write(folder.path().join("index.yaml"), index).unwrap();
    let repository = Repository::new("local", format!("file://{}", folder.path().display()));
    let sources = Sources::new(quick(None));
    let version = sources.resolve(&repository, "app", "").unwrap();
    let archive = sources.fetch(&repository, &version, &Wanted::default()).unwrap();
    assert_eq!(&*archive.bytes, packed("app", "1.0.0"));
}

use std::fs;

use super::*;

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn listing(bytes: &[u8]) -> Vec<String> {
    let entries = read_archive(bytes, &Limits::default()).unwrap();
    entries.into_iter().map(|entry| entry.path).collect()
}

#[test]
fn files_are_in_helms_order() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\nx-own: 1\n"),
            ("Chart.lock", "digest: d\ngenerated: \"2024-01-02T03:04:05Z\"\ndependencies: []\n"),
            (".helmignore", "*.bak\nci/\n"),
            ("values.yaml", "# a comment\na: 1\n"),
            ("values.schema.json", "{}"),
            ("README.md", "r"),
            ("crds/c.yaml", "c"),
            ("ci/x.yaml", "no"),
            ("templates/b.yaml", "b"),
            ("templates/a.yaml.bak", "no"),
            ("templates/.hidden", "no"),
            ("charts/z/Chart.yaml", "name: z\nversion: 2.0.0\n"),
            ("charts/z/requirements.yaml", "dependencies: []\n"),
            ("charts/z/templates/z.yaml", "z"),
            ("charts/_off/Chart.yaml", "name: off"),
            ("charts/z.prov", "p"),
        ],
    );
    let inner = tempfile::tempdir().unwrap();
    write(inner.path(), &[("Chart.yaml", "apiVersion: v2\nname: b\nversion: 3.0.0\n")]);
    fs::write(dir.path().join("charts/b-3.0.0.tgz"), package_dir(inner.path()).unwrap()).unwrap();

    let packed = package_dir(dir.path()).unwrap();
    assert_eq!(
        listing(&packed),
        [
            "Chart.yaml",
            "Chart.lock",
            "values.yaml",
            "values.schema.json",
            "templates/b.yaml",
            ".helmignore",
            "README.md",
            "charts/z.prov",
            "crds/c.yaml",
            "charts/b/Chart.yaml",
            "charts/z/Chart.yaml",
            "charts/z/templates/z.yaml",
            "charts/z/requirements.yaml",
        ]
    );
    let entries = read_archive(&packed, &Limits::default()).unwrap();
    let text = |path: &str| {
        let entry = entries.iter().find(|entry| entry.path == path).unwrap();
        String::from_utf8(entry.data.clone()).unwrap()
    };
    assert_eq!(text("Chart.yaml"), "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    assert_eq!(
        text("Chart.lock"),
        "dependencies: []\ndigest: d\ngenerated: \"2024-01-02T03:04:05Z\"\n"
    );
    assert_eq!(text("charts/z/Chart.yaml"), "apiVersion: v1\nname: z\nversion: 2.0.0\n");
    assert_eq!(text("values.yaml"), "# a comment\na: 1\n");
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let files = [
        ("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"),
        ("templates/b.yaml", "b"),
        ("charts/x/Chart.yaml", "name: x\nversion: 1.0.0\n"),
        ("charts/z/Chart.yaml", "name: z\nversion: 1.0.0\n"),
    ];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), &files);
    let mut reversed = files;
    reversed.reverse();
    write(two.path(), &reversed);
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = fs::File::options().append(true).open(two.path().join("Chart.yaml")).unwrap();
    file.set_modified(old).unwrap();
    let packed = package_dir(one.path()).unwrap();
    assert!(packed == package_dir(two.path()).unwrap());

    // A package packs to itself.
    let unpacked = tempfile::tempdir().unwrap();
    let entries = read_archive(&packed, &Limits::default()).unwrap();
    crate::unpack(&entries, unpacked.path()).unwrap();
    let again = package_dir(unpacked.path()).unwrap();
    assert_eq!(listing(&again), listing(&packed));
    assert_eq!(again, packed);
}

#[test]
fn what_is_no_chart_is_refused() {
    let error = |files: &[(&str, &str)]| {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), files);
        let error = package_dir(dir.path()).unwrap_err().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    let chart = ("Chart.yaml", "name: a\nversion: 1.0.0\n");
    assert_eq!(error(&[]), "chart `.`: Chart.yaml file is missing");
    assert_eq!(error(&[("Chart.yaml", "name: a/b")]), "chart `.` cannot be called `a/b`");
    assert_eq!(
        error(&[("Chart.yaml", "name: a\nversion: x")]),
        "chart `.` has version `x`, which is not a semantic version"
    );
    assert_eq!(
        error(&[chart, ("charts/README.md", "")]),
        "chart `README.md`: Chart.yaml file is missing"
    );
    assert_eq!(
        error(&[chart, ("charts/b.tgz", "x")]),
        "error unpacking subchart b.tgz: gzip: invalid header"
    );
    assert_eq!(
        error(&[chart, ("values.schema.json", "{")]),
        "invalid JSON in values.schema.json of chart `.`"
    );
    assert_eq!(
        error(&[chart, (".helmignore", "**/x")]),
        "`DIR/.helmignore`: double-star (**) syntax is not supported"
    );
    assert!(matches!(package_dir(Path::new("/nonexistent")), Err(PackageError::Read { .. })));
}

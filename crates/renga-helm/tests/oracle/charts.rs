//! Charts of `tests/charts`, run through `helm template` in several ways each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use renga_helm::{
    Capabilities, Compat, KubeVersion, PrintOptions, Release, RenderOptions, Renderer, Setting,
    load, user_values,
};
use renga_project::DiskSource;

/// A tree in one text; `tests/oracle/helm/charts.go` describes the format.
#[derive(Default)]
struct Tree {
    runs: Vec<String>,
    entries: Vec<Entry>,
}

#[derive(Default)]
struct Entry {
    name: String,
    link: Option<String>,
    bare: bool,
    text: String,
}

impl Tree {
    fn parse(text: &str) -> Self {
        let mut tree = Tree::default();
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("==> ") {
                let name = name.trim_end_matches('\n');
                let (name, bare) = match name.strip_suffix(" (no newline)") {
                    Some(name) => (name, true),
                    None => (name, false),
                };
                let (name, link) = match name.split_once(" -> ") {
                    Some((name, link)) => (name, Some(link.to_owned())),
                    None => (name, None),
                };
                tree.entries.push(Entry { name: name.to_owned(), link, bare, ..Entry::default() });
            } else if let Some(entry) = tree.entries.last_mut() {
                entry.text.push_str(line);
            } else if let Some(run) = line.strip_prefix("$ ") {
                tree.runs.push(run.trim_end_matches('\n').to_owned());
            }
        }
        for entry in &mut tree.entries {
            if entry.bare && entry.text.ends_with('\n') {
                entry.text.pop();
            }
        }
        tree
    }

    fn unpack(&self, root: &Path) {
        let mut archives: BTreeMap<&str, Vec<(&str, &Entry)>> = BTreeMap::new();
        for entry in &self.entries {
            if let Some((outer, inner)) = entry.name.split_once('!') {
                archives.entry(outer).or_default().push((inner, entry));
                continue;
            }
            let path = root.join(&entry.name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            match &entry.link {
                Some(link) => fs_err::os::unix::fs::symlink(link, &path).unwrap(),
                None => fs_err::write(&path, &entry.text).unwrap(),
            }
        }
        for (name, entries) in archives {
            let path = root.join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(&path, archive(&entries)).unwrap();
        }
    }
}

/// A gzipped tar whose names are written as they are, even where no honest tool would.
fn archive(entries: &[(&str, &Entry)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, entry) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        header.set_size(entry.text.len() as u64);
        header.set_cksum();
        tar.append(&header, entry.text.as_bytes()).unwrap();
    }
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    zip.write_all(&tar.into_inner().unwrap()).unwrap();
    zip.finish().unwrap()
}

/// The words of a run; single quotes keep spaces.
fn words(run: &str) -> Vec<String> {
    let (mut result, mut word) = (Vec::new(), None::<String>);
    let mut quoted = false;
    for c in run.chars().chain([' ']) {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => result.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    result
}

/// What the flags of a run say.
struct Run {
    chart: PathBuf,
    settings: Vec<Setting>,
    options: RenderOptions,
    print: PrintOptions,
    kube_version: Option<String>,
}

fn read_run(run: &str, root: &Path, compat: Compat) -> Run {
    let mut result = Run {
        chart: PathBuf::new(),
        settings: Vec::new(),
        options: RenderOptions::new(compat),
        print: PrintOptions::default(),
        kube_version: None,
    };
    result.options.capabilities = Capabilities::defaults(compat);
    let (mut names, mut namespace) = (Vec::new(), "default".to_owned());
    let mut words = words(run).into_iter().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("a flag has its value");
        let pieces = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        match word.as_str() {
            "-f" => result.settings.extend(pieces(value()).into_iter().map(Setting::File)),
            "--set" => result.settings.push(Setting::Typed(value())),
            "--set-string" => result.settings.push(Setting::Text(value())),
            "--set-json" => result.settings.push(Setting::Json(value())),
            "--set-file" => result.settings.push(Setting::FromFile(value())),
            "--set-literal" => result.settings.push(Setting::Literal(value())),
            "-n" | "--namespace" => namespace = value(),
            "-a" | "--api-versions" => {
                result.options.capabilities.api_versions.extend(pieces(value()));
            }
            "-s" => result.print.show_only.push(value()),
            "--kube-version" => result.kube_version = Some(value()),
            "--include-crds" => result.print.include_crds = true,
            "--skip-crds" => {}
            "--no-hooks" => result.print.no_hooks = true,
            "--skip-tests" => result.print.skip_tests = true,
            "--is-upgrade" => result.options.release.is_upgrade = true,
            "--skip-schema-validation" => result.options.skip_schema_validation = true,
            flag if flag.starts_with('-') => panic!("no run has the flag {flag} yet"),
            _ => names.push(word),
        }
    }
    let chart = names.pop().expect("a run names its chart");
    let name = names.pop().unwrap_or_else(|| "release-name".to_owned());
    let is_upgrade = result.options.release.is_upgrade;
    result.options.release = Release { is_upgrade, ..Release::new(name, namespace) };
    result.chart = root.join(chart);
    result
}

/// Does what `helm template` does, and gives what it prints or the error.
fn template(run: &str, root: &Path, compat: Compat) -> Result<Vec<u8>, String> {
    let mut run = read_run(run, root, compat);
    if let Some(text) = &run.kube_version {
        let version = KubeVersion::parse(text, compat).map_err(|error| error.to_string())?;
        run.options.capabilities.kube_version = version;
    }
    let mut read = |path: &str| fs_err::read(root.join(path)).map(Into::into);
    let values =
        user_values(&run.settings, &mut read, compat).map_err(|error| error.to_string())?;
    let loaded = load(&DiskSource, &run.chart, compat).map_err(|error| error.to_string())?;
    let rendered = Renderer::new()
        .render_once(&loaded.chart, &values, &run.options)
        .map_err(|error| error.helm_text())?;
    rendered.template_output(&run.print).map_err(|error| error.to_string())
}

/// The outcome in the words of the golden.
fn outcome(run: &str, tree: &Tree, compat: Compat) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = fs_err::canonicalize(folder.path()).unwrap();
    tree.unpack(&root);
    let text = match template(run, &root, compat) {
        Ok(stdout) if stdout.is_empty() => "exit 0\n".to_owned(),
        Ok(stdout) => format!("exit 0\n--- stdout\n{}", String::from_utf8(stdout).unwrap()),
        Err(error) => format!("exit 1\n--- stderr\nError: {error}\n"),
    };
    text.replace(root.to_str().unwrap(), "[ROOT]")
}

/// The answers of a golden by run and program.
fn answers(golden: &str) -> BTreeMap<(String, &'static str), String> {
    let mut answers: BTreeMap<_, String> = BTreeMap::new();
    let (mut run, mut programs): (String, Vec<&'static str>) = (String::new(), Vec::new());
    for line in golden.split_inclusive('\n') {
        if let Some(words) = line.strip_prefix("$ ") {
            line[2..].trim_end_matches('\n').clone_into(&mut run);
            programs.clear();
            let _ = words;
        } else if let Some(names) = line.strip_prefix("=== ") {
            let is_named = |name: &&'static str| names.split_whitespace().any(|n| n == *name);
            programs = ["v4", "v3"].into_iter().filter(is_named).collect();
        } else {
            for program in &programs {
                answers.entry((run.clone(), *program)).or_default().push_str(line);
            }
        }
    }
    answers
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Compares all runs of all charts whose name begins with a letter of `from..=to`.
fn compare(from: char, to: char) {
    let mut problems = String::new();
    let mut count = 0;
    let mut files: Vec<PathBuf> = fs_err::read_dir(tests().join("charts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !(from..=to).contains(&name.chars().next().unwrap()) {
            continue;
        }
        let tree = Tree::parse(&fs_err::read_to_string(&path).unwrap());
        let golden = fs_err::read_to_string(tests().join("golden/charts").join(name)).unwrap();
        let answers = answers(&golden);
        assert_eq!(answers.len(), 2 * tree.runs.len(), "{name}: record the goldens anew");
        for run in &tree.runs {
            for (program, compat) in [("v4", Compat::V4), ("v3", Compat::V3)] {
                let expected = &answers[&(run.clone(), program)];
                let found = outcome(run, &tree, compat);
                count += 1;
                if found != *expected {
                    let _ = writeln!(
                        problems,
                        "##### {name} {program} $ {run}\n<<<<< expected\n{expected}>>>>> found\n{found}"
                    );
                }
            }
        }
    }
    assert!(count > 0, "no charts between {from} and {to}");
    let failed = problems.matches("##### ").count();
    assert!(problems.is_empty(), "{failed} of {count} runs differ\n{problems}");
}

#[test]
fn charts_a_to_e() {
    compare('a', 'e');
}

#[test]
fn charts_f_to_m() {
    compare('f', 'm');
}

#[test]
fn charts_n_to_s() {
    compare('n', 's');
}

#[test]
fn charts_t_to_z() {
    compare('t', 'z');
}

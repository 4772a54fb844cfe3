//! One template each, rendered in the chart of `tests/cases/chart`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_helm::{
    Compat, File, Release, RenderOptions, Renderer, Setting, load_files, user_values,
};
use serde::Deserialize;

/// A line of a golden.
#[derive(Deserialize)]
struct Case {
    template: String,
    values: Option<serde_json::Value>,
    #[serde(flatten)]
    v4: Answer,
    v3: Option<Answer>,
}

/// What a program answered; nothing at all is an empty text.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
struct Answer {
    #[serde(default)]
    output: String,
    #[serde(default)]
    hex: String,
    #[serde(default)]
    error: String,
}

impl Answer {
    /// The answer as text, with what is not UTF-8 replaced, as our notes have it.
    fn text(&self) -> String {
        if !self.error.is_empty() {
            return format!("error: {}", self.error);
        }
        if self.hex.is_empty() {
            return self.output.clone();
        }
        let bytes: Vec<u8> = (0..self.hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&self.hex[at..at + 2], 16).unwrap())
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The files below a folder, sorted by name.
fn read_tree(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<PathBuf> =
        fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read_tree(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            files.push(File { name: name.into(), data: fs_err::read(&path).unwrap().into() });
        }
    }
}

fn render(common: &[File], case: &Case, compat: Compat) -> String {
    let mut files = common.to_vec();
    let data: Arc<[u8]> = case.template.as_bytes().into();
    files.push(File { name: "templates/NOTES.txt".into(), data });
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let chart = load_files(files, compat).expect("the chart loads").chart;
    let settings: Vec<Setting> =
        case.values.iter().map(|values| Setting::File(values.to_string())).collect();
    let values = user_values(&settings, &mut |text| Ok(text.as_bytes().into()), compat).unwrap();
    let mut options = RenderOptions::new(compat);
    options.release = Release::new("rel", "space");
    match Renderer::new().render_once(&chart, &values, &options) {
        Ok(rendered) => rendered.notes.unwrap_or_default(),
        Err(error) => format!("error: {error}"),
    }
}

/// Compares all cases of one golden with both programs.
fn compare(name: &str) {
    let mut common = Vec::new();
    let root = tests().join("cases/chart");
    read_tree(&root, &root, &mut common);
    let text = fs_err::read_to_string(tests().join("golden").join(name)).unwrap();
    let (mut problems, mut count) = (String::new(), 0);
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        for compat in [Compat::V4, Compat::V3] {
            let expected = match (&case.v3, compat) {
                (Some(answer), Compat::V3) => answer.text(),
                _ => case.v4.text(),
            };
            let found = render(&common, &case, compat);
            count += 1;
            if found != expected {
                let _ = writeln!(
                    problems,
                    "{compat:?} {}\n  expected {expected:?}\n  found    {found:?}",
                    case.template
                );
            }
        }
    }
    assert!(count > 0, "{name} has no cases");
    let failed = problems.matches("\n  expected ").count();
    assert!(problems.is_empty(), "{name}: {failed} of {count} differ\n{problems}");
}

macro_rules! goldens {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                compare(concat!(stringify!($name), ".jsonl"));
            }
        )*

        /// Every file of cases has a test.
        #[test]
        fn none_is_forgotten() {
            let mut found: Vec<String> = fs_err::read_dir(tests().join("cases"))
                .unwrap()
                .filter_map(|entry| {
                    let path = entry.unwrap().path();
                    let stem = path.file_stem()?.to_str()?.to_owned();
                    path.extension().is_some_and(|e| e == "txt").then_some(stem)
                })
                .collect();
            found.sort();
            assert_eq!(found, [$(stringify!($name)),*]);
        }
    };
}

goldens! { actions comparison errors helm lists nil objects sharing strings }

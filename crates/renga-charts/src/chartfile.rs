//! `chartfile.yaml`: which charts a workspace wants, and from where.
//!
//! Owns the file's schema, and reads and writes it byte for byte as Tanka does, error texts
//! included: strictly, through JSON, so that keys match in any letter case, numbers become texts
//! where texts are wanted, and comments are lost when it is rewritten. What the requirements mean
//! together is [`crate::requirement`]'s.

mod decode;

use std::path::{Path, PathBuf};

use renga_yaml::{Flavour, YamlError};
use serde_json::{Map, Value, json};

use crate::repository::{Repository, shown_url};
use crate::requirement::Requirement;
use crate::staging::{self, PathError};

/// The name of the chartfile.
pub const CHARTFILE: &str = "chartfile.yaml";

/// The folder of charts where the chartfile names none.
const DEFAULT_DIRECTORY: &str = "charts";

/// What a chartfile says.
///
/// Lists tell "absent" from "empty", because a rewritten file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chartfile {
    /// The version of the schema. Not checked, as in Tanka.
    pub version: u64,
    /// Where charts come from.
    pub repositories: Option<Vec<Repository>>,
    /// Which charts are wanted.
    pub requires: Option<Vec<Requirement>>,
    /// The folder of charts, relative to the chartfile.
    pub directory: String,
}

impl Default for Chartfile {
    fn default() -> Self {
        Self {
            version: 1,
            repositories: None,
            requires: None,
            directory: DEFAULT_DIRECTORY.to_owned(),
        }
    }
}

/// Why a chartfile or a file of repositories cannot be used. The messages are Tanka's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ChartfileError {
    /// It cannot be read or written.
    #[error(transparent)]
    #[diagnostic(code(charts::chartfile), help("{}", path_help(.0)))]
    Path(PathError),
    /// It is not YAML.
    #[error("{cause}")]
    #[diagnostic(
        code(charts::chartfile_yaml),
        help("check `{}`: indentation, quotes, keys that occur twice", path.display())
    )]
    Yaml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: YamlError,
    },
    /// It is YAML, but not of the right shape.
    #[error("error unmarshaling JSON: while decoding JSON: {problem}")]
    #[diagnostic(
        code(charts::chartfile_schema),
        help(
            "`{}` has `version`, `repositories` (name, url, caFile, certFile, keyFile, username, password), `requires` (chart, version, directory) and `directory`",
            path.display()
        )
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the words of Go's decoder.
        problem: String,
    },
    /// A requirement without chart.
    #[error("requirements[{index}]: 'chart' must be set")]
    #[diagnostic(code(charts::no_chart_name), help("write `chart: repository/name`"))]
    NoChart {
        /// Its position, from 0.
        index: usize,
    },
}

fn path_help(error: &PathError) -> &'static str {
    if error.path().ends_with(CHARTFILE) && error.kind() == std::io::ErrorKind::NotFound {
        "run the command where `chartfile.yaml` is, or `renga charts init` to begin one"
    } else {
        "check the path and the right to use it"
    }
}

impl renga_diag::Report for ChartfileError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

impl Chartfile {
    /// Reads the chartfile at `path` (absolute).
    pub(crate) fn load(path: &Path) -> Result<Self, ChartfileError> {
        let text = staging::read(path).map_err(ChartfileError::Path)?;
        Self::parse(&text, path)
    }

    /// Reads the text of a chartfile; `path` is for messages.
    ///
    /// # Errors
    ///
    /// [`ChartfileError`] in Tanka's words.
    pub fn parse(text: &[u8], path: &Path) -> Result<Self, ChartfileError> {
        let value = read_yaml(text, path, true)?;
        let chartfile = decode::chartfile(&value)
            .map_err(|problem| ChartfileError::Schema { path: path.to_owned(), problem })?;
        match chartfile.requirements().iter().position(|requirement| requirement.chart.is_empty()) {
            Some(index) => Err(ChartfileError::NoChart { index }),
            None => Ok(chartfile),
        }
    }

    /// The requirements, none where the list is absent.
    pub fn requirements(&self) -> &[Requirement] {
        self.requires.as_deref().unwrap_or_default()
    }

    /// The repositories, none where the list is absent.
    pub fn repositories(&self) -> &[Repository] {
        self.repositories.as_deref().unwrap_or_default()
    }

    /// The file as Tanka writes it: keys sorted, lists not indented.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for control characters that the YAML library cannot write.
    pub fn to_yaml(&self) -> Result<Vec<u8>, YamlError> {
        let mut file = Map::new();
        if !self.directory.is_empty() {
            file.insert("directory".to_owned(), json!(self.directory));
        }
        let list = |items: Option<Vec<Value>>| items.map_or(Value::Null, Value::Array);
        let repositories =
            self.repositories.as_ref().map(|all| all.iter().map(repository_value).collect());
        file.insert("repositories".to_owned(), list(repositories));
        let requires =
            self.requires.as_ref().map(|all| all.iter().map(requirement_value).collect());
        file.insert("requires".to_owned(), list(requires));
        file.insert("version".to_owned(), json!(self.version));
        let mut out = Vec::new();
        renga_yaml::try_write(&Value::Object(file), Flavour::SigsYaml, &mut out)?;
        Ok(out)
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), ChartfileError> {
        let text = self
            .to_yaml()
            .map_err(|cause| ChartfileError::Yaml { path: path.to_owned(), cause })?;
        staging::replace_file(path, &text).map_err(ChartfileError::Path)
    }

    /// What `config` prints: every field, in the order and spelling in which Tanka prints them, but
    /// with `***` for passwords, also for those in URLs.
    pub fn config_text(&self) -> String {
        let mut text = format!("version: {}\n", self.version);
        let repositories: Vec<_> = self
            .repositories()
            .iter()
            .map(|r| {
                let plain = !r.url.contains(['@', '?']);
                let url = if plain { r.url.clone() } else { masked_url(&r.url) };
                let password = if r.password.is_empty() { "" } else { "***" };
                vec![
                    ("name", r.name.clone()),
                    ("url", url),
                    ("cafile", r.ca_file.clone()),
                    ("certfile", r.cert_file.clone()),
                    ("keyfile", r.key_file.clone()),
                    ("username", r.username.clone()),
                    ("password", password.to_owned()),
                ]
            })
            .collect();
        write_list("repositories", &repositories, &mut text);
        let requires: Vec<_> = self
            .requirements()
            .iter()
            .map(|r| {
                vec![
                    ("chart", r.chart.clone()),
                    ("version", r.version.clone()),
                    ("directory", r.directory.clone()),
                ]
            })
            .collect();
        write_list("requires", &requires, &mut text);
        text.push_str(&renga_yaml::to_string(
            &json!({ "directory": self.directory }),
            Flavour::GoYamlV2,
        ));
        text
    }
}

/// A URL whose user information shows as `***`.
fn masked_url(url: &str) -> String {
    let shown = shown_url(url);
    match (url.contains('@'), shown.split_once("://")) {
        (true, Some((scheme, rest))) => format!("{scheme}://***@{rest}"),
        _ => shown,
    }
}

/// Writes a list of structs in the order of their fields, which the YAML writer would sort.
fn write_list(name: &str, items: &[Vec<(&str, String)>], text: &mut String) {
    if items.is_empty() {
        text.push_str(name);
        text.push_str(": []\n");
        return;
    }
    text.push_str(name);
    text.push_str(":\n");
    for item in items {
        for (index, (field, value)) in item.iter().enumerate() {
            // As the only field of a struct in a list, it is folded at the column it will have.
            let lines = renga_yaml::to_string(&json!([{ *field: value }]), Flavour::GoYamlV2);
            text.push_str(if index == 0 { "- " } else { "  " });
            text.push_str(lines.strip_prefix("- ").unwrap_or(&lines));
        }
    }
}

fn repository_value(repository: &Repository) -> Value {
    let fields = [
        ("name", &repository.name),
        ("url", &repository.url),
        ("caFile", &repository.ca_file),
        ("certFile", &repository.cert_file),
        ("keyFile", &repository.key_file),
        ("username", &repository.username),
        ("password", &repository.password),
    ];
    let set = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Value::Object(set.map(|(name, value)| (name.to_owned(), json!(value))).collect())
}

fn requirement_value(requirement: &Requirement) -> Value {
    let mut map = Map::new();
    map.insert("chart".to_owned(), json!(requirement.chart));
    map.insert("version".to_owned(), json!(requirement.version));
    if !requirement.directory.is_empty() {
        map.insert("directory".to_owned(), json!(requirement.directory));
    }
    Value::Object(map)
}

/// Reads YAML on its way to JSON, with `sigs.k8s.io/yaml`'s words for what is wrong.
fn read_yaml(text: &[u8], path: &Path, strict: bool) -> Result<Value, ChartfileError> {
    // Not its own flavour, which turns integers into floats: they may be meant for a text.
    let read = if strict { renga_yaml::read_strict } else { renga_yaml::read };
    read(text, Flavour::GoYamlV2).map_err(|cause| ChartfileError::Yaml {
        path: path.to_owned(),
        cause: YamlError::Converting(Box::new(cause)),
    })
}

/// Reads a file of repositories as `helm repo add` writes it: unknown keys are passed over.
///
/// Honours `pass_credentials_all` and `insecure_skip_tls_verify`, which Tanka drops.
///
/// # Errors
///
/// [`ChartfileError`], for a file that cannot be read or is something else.
pub fn read_repository_config(path: &Path) -> Result<Vec<Repository>, ChartfileError> {
    let text = staging::read(path).map_err(ChartfileError::Path)?;
    let value = read_yaml(&text, path, false)?;
    decode::repository_config(&value)
        .map_err(|problem| ChartfileError::Schema { path: path.to_owned(), problem })
}

/// The name and version that the `Chart.yaml` of a vendored chart gives, as Tanka reads it.
pub(crate) fn read_chart_version(text: &[u8], path: &Path) -> Result<String, ChartfileError> {
    let value = read_yaml(text, path, false)?;
    decode::chart_version(&value)
        .map_err(|problem| ChartfileError::Schema { path: path.to_owned(), problem })
}

//! File names: a Go template over the manifest, in which only slashes outside of actions make
//! directories.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use renga_gotemplate::{ExecError, Limits, Options, ParseError, Template, Value};

use renga_env::{MANIFEST_TYPE, manifest_value, name_functions};

/// Stands for a slash that makes a directory: it cannot come out of a manifest by accident.
const SEPARATOR: char = '\u{7}';

/// The function that gives the environment.
const ENVIRONMENT: &str = "env";

/// How many steps a template may take for one name, and how long the name may get. More than any
/// name needs, so that an endless one ends.
const MAX_STEPS: u64 = 1_000_000;
const MAX_LENGTH: usize = 64 << 10;

/// A template of file names.
#[derive(Debug)]
pub(crate) struct FileNames {
    template: Template,
    extension: String,
}

/// Why a manifest gets no file name. The messages are Tanka's and Go's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum FormatError {
    /// The template does not parse.
    #[error("parsing format: {0}")]
    #[diagnostic(
        code(export::format),
        help(
            "`--format` is a Go template over the manifest, such as `{{{{.kind}}}}-{{{{.metadata.name}}}}`; `env` gives the environment"
        )
    )]
    Parse(ParseError),
    /// The template fails on a manifest.
    #[error("executing name template: {0}")]
    #[diagnostic(
        code(export::format),
        help("check `--format` against the manifest `{manifest}`", manifest = _1)
    )]
    Execute(ExecError, String),
    /// The name would lead out of the output directory.
    #[error("the file name `{name}` of `{manifest}` leads out of the output directory")]
    #[diagnostic(code(export::escape), help("change `--format` so that names have no `..`"))]
    Escape {
        /// The file name.
        name: String,
        /// The manifest, as `Kind/name`.
        manifest: String,
    },
}

impl FileNames {
    /// Compiles a format.
    pub(crate) fn new(format: &str, extension: &str) -> Result<Self, FormatError> {
        let mut functions = name_functions();
        functions.add_constant(ENVIRONMENT, MANIFEST_TYPE);
        let text = mark_separators(format);
        let template =
            Template::parse("", text, &Arc::new(functions)).map_err(FormatError::Parse)?;
        Ok(Self { template, extension: extension.to_owned() })
    }

    /// The path of a manifest's file, relative to the output directory, and as it is written in
    /// the index.
    pub(crate) fn name(
        &self,
        manifest: &renga_manifest::Manifest,
        environment: &Value,
    ) -> Result<(PathBuf, String), FormatError> {
        let constants = [(ENVIRONMENT, environment.clone())];
        let limits =
            Limits { steps: Some(MAX_STEPS), output: Some(MAX_LENGTH), ..Limits::default() };
        let options = Options { constants: &constants, limits, ..Options::default() };
        let mut out = Vec::new();
        let data = manifest_value(manifest.value());
        self.template
            .execute(&data, &mut out, &options)
            .map_err(|error| FormatError::Execute(error, manifest.kind_name()))?;
        let name = String::from_utf8_lossy(&out).replace('/', "-").replace(SEPARATOR, "/");
        let name = format!("{name}.{}", self.extension);
        // A slash in front leads to the output directory, as in Tanka.
        let path = renga_project::clean(Path::new(name.trim_start_matches('/')));
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(FormatError::Escape { name, manifest: manifest.kind_name() });
        }
        Ok((path, name))
    }
}

/// Replaces the slashes of the text around actions. An action ends at the first `}}`, whatever is
/// before it, as in Tanka.
fn mark_separators(format: &str) -> String {
    let separator = SEPARATOR.to_string();
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let (Some(start), Some(end)) = (rest.find("{{"), rest.find("}}")) {
        if end + 2 <= start {
            break;
        }
        out.push_str(&rest[..start].replace('/', &separator));
        out.push_str(&rest[start..end + 2]);
        rest = &rest[end + 2..];
    }
    out.push_str(&rest.replace('/', &separator));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(format: &str) -> Result<String, FormatError> {
        let manifest =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}});
        let manifest = renga_manifest::Manifest::new(manifest, ".").unwrap();
        let environment = Value::from_json(
            &json!({"metadata": {"name": "environments/x"}, "spec": {"namespace": "ns"}}),
        );
        FileNames::new(format, "yaml")?.name(&manifest, &environment).map(|(_, name)| name)
    }

    #[test]
    fn only_slashes_of_the_text_make_directories() {
        for (format, expected) in [
            (
                "{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}",
                "apps-v1.Deployment-a.yaml",
            ),
            ("{{env.spec.namespace}}/{{.kind}}-{{.metadata.name}}", "ns/Deployment-a.yaml"),
            ("{{env.metadata.name}}/{{\"a/b\"}}", "environments-x/a-b.yaml"),
            ("{{.metadata.missing}}", "<no value>.yaml"),
            ("x}}/{{.kind | lower}}", "x}}/deployment.yaml"),
            (
                "{{.Kind}}_{{.Metadata.Name}}_{{.KindName}}_{{typeOf .}}",
                "Deployment_a_Deployment-a_manifest.Manifest.yaml",
            ),
            ("{{printf \"%.9s\" (. | toString)}}", "apiVersio.yaml"),
        ] {
            assert_eq!(name(format).unwrap(), expected, "{format}");
        }
    }

    #[test]
    fn errors_are_told_in_gos_words() {
        let error = |format: &str| name(format).unwrap_err().to_string();
        assert_eq!(
            error("{{bogus}}"),
            "parsing format: template: :1: function \"bogus\" not defined"
        );
        assert!(
            error("{{.kind.x}}").starts_with(
                "executing name template: template: :1:7: executing \"\" at <.kind.x>"
            )
        );
        assert!(error("../{{.kind}}").contains("leads out of the output directory"));
        assert_eq!(
            name("/{{.kind}}").unwrap(),
            "/Deployment.yaml",
            "but it is below the output directory"
        );
        assert!(error("{{range until 100000000}}x{{end}}").contains("executing name template"));
    }
}

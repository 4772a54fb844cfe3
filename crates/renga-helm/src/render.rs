//! Rendering a chart: the steps of `helm template`, in its order.
//!
//! [`Renderer`] is the entry point. It keeps what can be used again (parsed templates, whole
//! renderings), may be shared by threads, and prints nothing: what Helm would log is in
//! [`Rendered::warnings`], what it would print comes from [`Rendered::template_output`].

use std::sync::Arc;

use crate::capabilities::{Capabilities, IncompatibleKubeVersion, check_kube_version};
use crate::chart::Chart;
use crate::compat::Compat;
use crate::dependencies::{self, DependencyError};
use crate::engine::{self, Setting, TemplateError, Witness, World};
use crate::memo::{self, Memo};
use crate::output::{self, Crd, Cut, DocumentError, Hook, Manifest};
use crate::parallel;
use crate::release::{NameError, Release, check_name};
use crate::schema::{self, NoFiles, SchemaErrors, SchemaFiles};
use crate::tree::Instance;
use crate::values::{Coalesced, Table};
use crate::warning::{Level, Warning};

/// What a chart is rendered with, besides its values.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// The release.
    pub release: Release,
    /// The cluster and the Helm that templates see.
    pub capabilities: Capabilities,
    /// Whose bytes and rules apply.
    pub compat: Compat,
    /// Whether values may break the schemas of the charts.
    pub skip_schema_validation: bool,
    /// Whether `getHostByName` asks the [`World`].
    pub enable_dns: bool,
    /// Clock, randomness and time zones.
    pub world: World,
    /// The files that schemas refer to. A rendering made before does not ask again.
    pub schema_files: Arc<dyn SchemaFiles>,
}

impl RenderOptions {
    /// What `helm template` has without flags, in a world that is always the same.
    pub fn new(compat: Compat) -> Self {
        RenderOptions {
            release: Release::default(),
            capabilities: Capabilities::defaults(compat),
            compat,
            skip_schema_validation: false,
            enable_dns: false,
            world: World::fixed(),
            schema_files: Arc::new(NoFiles),
        }
    }
}

/// A chart, rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The manifests that are no hooks, in the order they are printed.
    pub manifests: Vec<Manifest>,
    /// The hooks, in the order they are printed.
    pub hooks: Vec<Hook>,
    /// The files of `crds/`, of the chart and then of its subcharts.
    pub crds: Vec<Crd>,
    /// The notes of the chart at the top.
    pub notes: Option<String>,
    /// What Helm logs on the way.
    pub warnings: Vec<Warning>,
    /// The templates whose output depends on randomness or the time, sorted.
    pub nondeterministic: Vec<Arc<str>>,
    pub(crate) compat: Compat,
}

impl Rendered {
    /// The manifests and hooks that come from templates which asked for randomness or the time.
    pub fn nondeterministic_manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests
            .iter()
            .chain(self.hooks.iter().map(|hook| &hook.manifest))
            .filter(|manifest| self.nondeterministic.binary_search(&manifest.path).is_ok())
    }
}

/// Why a chart does not render. The texts are Helm's.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The chart cannot be rendered, or its subcharts do not work out.
    #[error(transparent)]
    Dependencies(#[from] DependencyError),
    /// The release has a name it cannot have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The values do not satisfy a schema.
    #[error("{0}")]
    Schema(SchemaErrors),
    /// The chart wants another version of Kubernetes.
    #[error(transparent)]
    KubeVersion(#[from] IncompatibleKubeVersion),
    /// A template cannot be parsed, or fails.
    #[error("{0}")]
    Template(TemplateError, Box<Place>),
    /// A template writes something that is no manifest.
    #[error("{0}")]
    Document(DocumentError),
}

/// Where in a chart's files a template failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, from the name of the chart at the top; empty when it is not known.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// The byte at which it failed.
    pub offset: usize,
    /// The values path that had no value, in values of the chart at the top: `sub.a.b`.
    pub nil_value: Option<String>,
}

impl RenderError {
    /// What Helm prints after `Error: `, hints included.
    pub fn helm_text(&self) -> String {
        let text = self.to_string();
        match self {
            Self::Dependencies(_) | Self::Name(_) | Self::Schema(_) => text,
            // By now there is a release, whose manifests could be shown.
            Self::KubeVersion(_) | Self::Template(..) | Self::Document(_) => {
                format!("{text}\n\nUse --debug flag to render out invalid YAML")
            }
        }
    }
}

impl miette::Diagnostic for RenderError {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        match self {
            Self::Dependencies(error) => error.code(),
            Self::Name(error) => error.code(),
            Self::Schema(error) => error.code(),
            Self::KubeVersion(error) => error.code(),
            Self::Template(..) => Some(Box::new("helm::template")),
            Self::Document(_) => Some(Box::new("helm::invalid_manifest")),
        }
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        match self {
            Self::Dependencies(error) => error.help(),
            Self::Name(error) => error.help(),
            Self::Schema(error) => error.help(),
            Self::KubeVersion(error) => error.help(),
            Self::Template(error, place) => template_help(error, place),
            Self::Document(_) => Some(Box::new(
                "the template rendered what is shown here; `renga helm template --debug` prints all of it",
            )),
        }
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        match self {
            Self::Template(_, place) if !place.path.is_empty() => Some(&**place),
            Self::Document(error) => Some(error),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let (message, offset) = match self {
            Self::Template(error, place) if !place.path.is_empty() => {
                (error.message(), place.offset)
            }
            Self::Document(error) => {
                let line = error.line?;
                let skipped = error.document.split_inclusive('\n').take(line.saturating_sub(1));
                ("here".to_owned(), skipped.map(str::len).sum())
            }
            _ => return None,
        };
        let label = miette::LabeledSpan::at_offset(offset, message);
        Some(Box::new(std::iter::once(label)))
    }
}

impl miette::SourceCode for Place {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        named(&self.path, &self.text, span, before, after)
    }
}

impl miette::SourceCode for DocumentError {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        named(&self.path, &self.document, span, before, after)
    }
}

fn named<'a>(
    name: &str,
    text: &'a str,
    span: &miette::SourceSpan,
    before: usize,
    after: usize,
) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
    let contents = miette::SourceCode::read_span(text, span, before, after)?;
    Ok(Box::new(miette::MietteSpanContents::new_named(
        name.to_owned(),
        contents.data(),
        *contents.span(),
        contents.line(),
        contents.column(),
        contents.line_count(),
    )))
}

fn template_help<'a>(
    error: &TemplateError,
    place: &Place,
) -> Option<Box<dyn std::fmt::Display + 'a>> {
    let mut lines = Vec::new();
    if let Some(path) = &place.nil_value {
        lines.push(format!("`{path}` has no value: set it in a values file or with `--set`"));
    } else if let Some(path) = error.nil_path() {
        lines.push(format!("`{path}` has no value"));
    }
    let frames = error.frames();
    if frames.len() > 1 {
        let chain: Vec<String> = frames
            .iter()
            .map(|frame| format!("{}:{} in `{}`", frame.file, frame.line, frame.template))
            .collect();
        lines.push(format!("included by way of {}", chain.join(", ")));
    }
    if lines.is_empty() { None } else { Some(Box::new(lines.join("\n"))) }
}

/// Renders charts, and keeps what can be used again.
#[derive(Debug, Default)]
pub struct Renderer {
    memo: Memo,
}

impl Renderer {
    /// A renderer that has nothing yet.
    pub fn new() -> Self {
        Renderer::default()
    }

    /// Renders a chart with the values of its user, unless that was done before.
    ///
    /// # Errors
    ///
    /// [`RenderError`], the same one each time.
    pub fn render(
        &self,
        chart: &Arc<Chart>,
        values: &Table,
        options: &RenderOptions,
    ) -> Result<Arc<Rendered>, Arc<RenderError>> {
        let key = memo::key(chart, values, options);
        self.memo.get(key, || match self.render_once(chart, values, options) {
            Ok(rendered) => Ok(Arc::new(rendered)),
            Err(error) => Err(Arc::new(error)),
        })
    }

    /// Renders a chart, whether it was done before or not. Parsed templates are used again.
    ///
    /// # Errors
    ///
    /// [`RenderError`] with Helm's words.
    pub fn render_once(
        &self,
        chart: &Arc<Chart>,
        values: &Table,
        options: &RenderOptions,
    ) -> Result<Rendered, RenderError> {
        let compat = options.compat;
        let mut warnings = dependencies::check_renderable(chart, compat)?;
        check_name(&options.release.name, compat)?;
        let processed = dependencies::process(chart, values, compat)?;
        warnings.extend(processed.warnings);
        let root = &processed.root;
        if !options.skip_schema_validation {
            let files = &*options.schema_files;
            warnings.extend(check_schemas(root, &processed.values, files, compat)?);
        }
        check_kube_version(&chart.metadata.kube_version, &options.capabilities.kube_version)?;

        let setting = Setting {
            release: &options.release,
            capabilities: &options.capabilities,
            compat,
            enable_dns: options.enable_dns,
            lenient: false,
        };
        let failed = |error: TemplateError| {
            let place = Box::new(place(root, &error));
            RenderError::Template(error, place)
        };
        let templates = self.memo.templates.get(root, &setting).map_err(failed)?;
        let witness = Witness::new(
            &options.world,
            &options.release.name,
            &options.release.namespace,
            chart.name(),
        );
        let notes_path = format!("{}/templates/{NOTES}", root.path);
        let mut notes = None;
        let read = parallel::beside(
            Cut::len,
            |cut| output::read(cut, compat),
            |read| {
                let values = &processed.values;
                engine::render_each(root, values, &setting, &templates, &witness, |path, text| {
                    if **path == notes_path {
                        notes = Some(String::from_utf8_lossy(text).into_owned());
                    }
                    if !path.ends_with(NOTES) {
                        read(output::cut(path, text, compat));
                    }
                })
            },
        );
        let read = read.map_err(failed)?;
        let sorted = output::sort(read, compat).map_err(RenderError::Document)?;
        warnings.extend(sorted.warnings);
        let mut crds = Vec::new();
        collect_crds(root, &mut crds);
        Ok(Rendered {
            manifests: sorted.manifests,
            hooks: sorted.hooks,
            crds,
            notes,
            warnings,
            nondeterministic: witness.asked(),
            compat,
        })
    }
}

/// What the name of a file of notes ends in.
const NOTES: &str = "NOTES.txt";

fn has_schema(instance: &Instance) -> bool {
    instance.chart.schema.is_some() || instance.dependencies.iter().any(has_schema)
}

fn check_schemas(
    root: &Instance,
    values: &Coalesced,
    files: &dyn SchemaFiles,
    compat: Compat,
) -> Result<Vec<Warning>, RenderError> {
    const IGNORED: &str = "unresolved URN reference ignored; using permissive schema";
    if !has_schema(root) {
        return Ok(Vec::new());
    }
    let urns = schema::validate(root, values, files).map_err(RenderError::Schema)?;
    let warn = |urn: String| match compat {
        Compat::V4 => Warning::new(Level::Warn, IGNORED).with("urn", urn),
        Compat::V3 => Warning::new(Level::Info, format!("WARNING: {IGNORED}: {urn}")),
    };
    Ok(urns.into_iter().map(warn).collect())
}

fn collect_crds(instance: &Instance, crds: &mut Vec<Crd>) {
    let is_manifest = |name: &str| {
        let extension = name.rsplit('/').next().and_then(|base| base.rsplit_once('.'));
        extension.is_some_and(|(_, extension)| {
            ["yaml", "yml", "json"].iter().any(|known| known.eq_ignore_ascii_case(extension))
        })
    };
    for file in &instance.chart.files {
        if file.name.starts_with("crds/") && is_manifest(&file.name) {
            crds.push(Crd {
                path: format!("{}/{}", instance.path, file.name),
                data: Arc::clone(&file.data),
            });
        }
    }
    for dependency in &instance.dependencies {
        collect_crds(dependency, crds);
    }
}

/// Finds the file of the innermost place that is in one.
fn place(root: &Instance, error: &TemplateError) -> Place {
    let mut place = Place::default();
    for frame in error.frames().iter().rev() {
        let Some((instance, text)) = find(root, &frame.file) else { continue };
        place.path = frame.file.to_string();
        place.text = String::from_utf8_lossy(text).into_owned();
        let before: usize =
            place.text.split_inclusive('\n').take(frame.line.saturating_sub(1)).map(str::len).sum();
        place.offset = (before + frame.column).min(place.text.len());
        // A path in the values of a subchart is below its name in those of its parent.
        let prefix = instance.path.split("/charts/").skip(1).collect::<Vec<_>>().join(".");
        place.nil_value = error.nil_path().and_then(|path| {
            let path = path.strip_prefix('$').unwrap_or(&path).strip_prefix(".Values.")?.to_owned();
            Some(if prefix.is_empty() { path } else { format!("{prefix}.{path}") })
        });
        break;
    }
    place
}

fn find<'i>(instance: &'i Instance, path: &str) -> Option<(&'i Instance, &'i [u8])> {
    if let Some(name) = path.strip_prefix(instance.path.as_str()).and_then(|p| p.strip_prefix('/'))
        && let Some(file) = instance.chart.templates.iter().find(|file| *file.name == *name)
    {
        return Some((instance, &file.data));
    }
    instance.dependencies.iter().find_map(|dependency| find(dependency, path))
}

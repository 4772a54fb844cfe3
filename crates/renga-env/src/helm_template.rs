//! The native function `helmTemplate`: a chart of the workspace, rendered, as an object of manifests.
//!
//! Owns the options, the names of the fields and the words of Tanka around what `renga-helm` does.
//! Charts are loaded, rendered and read back once per process; what was read is noted for whoever
//! calls, each time.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use miette::Diagnostic as _;
use renga_gotemplate::{Limits, Options, Template};
use renga_helm::{
    Capabilities, Compat, KubeVersion, Loaded, PrintOptions, Release, RenderError, RenderOptions,
    Renderer, SchemaFiles, Setting, SourceFiles, World, load, user_values,
};
use renga_jsonnet::{CallContext, Log, Native, NativeError, Reach};
use renga_manifest::Manifest;
use renga_project::{Digest, Recorder, Source, SourceRecord, clean, go_io_text};
use renga_yaml::Flavour;
use serde_json::{Map, Value};

use crate::template_type::{manifest_value, name_functions};

/// How objects are called unless the caller says otherwise.
const NAME_FORMAT: &str = r#"{{ print .kind "_" .metadata.name | snakecase }}"#;

/// More than any name needs, so that an endless one ends.
const MAX_STEPS: u64 = 1_000_000;
const MAX_LENGTH: usize = 64 << 10;

/// Something that the first thread to want it makes, while others wait.
type Once<T> = Arc<OnceLock<T>>;

/// `std.native('helmTemplate')(name, chart, opts)`.
pub struct HelmTemplate {
    source: Arc<dyn Source>,
    working_dir: PathBuf,
    world: World,
    log: Arc<dyn Log>,
    renderer: Renderer,
    schema_files: Arc<NotedFiles>,
    charts: Mutex<BTreeMap<PathBuf, Once<LoadedChart>>>,
    results: Mutex<BTreeMap<Digest, Once<Result<Value, NativeError>>>>,
}

/// A chart or why it does not load, and what was read to find out.
struct LoadedChart {
    chart: Result<Loaded, String>,
    reads: SourceRecord,
}

/// The files that schemas refer to, which are noted for every caller: a schema that was compiled
/// before does not read them again.
struct NotedFiles {
    source: Arc<dyn Source>,
    reads: Mutex<SourceRecord>,
}

impl NotedFiles {
    fn add_to(&self, reads: &mut SourceRecord) {
        reads.merge(&self.reads.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for NotedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotedFiles").field("reads", &self.reads).finish_non_exhaustive()
    }
}

impl SchemaFiles for NotedFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let recorder = Recorder::new(&*self.source);
        let bytes = SourceFiles(&recorder).read(path);
        let read = recorder.into_record();
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).merge(&read);
        bytes
    }
}

impl HelmTemplate {
    /// The function, reading charts through `source`. Relative paths of callers start in
    /// `working_dir`; charts learn of clock and chance through `world`. What Helm would log goes to
    /// `log`.
    pub fn new(
        source: Arc<dyn Source>,
        working_dir: PathBuf,
        world: World,
        log: Arc<dyn Log>,
    ) -> Self {
        let schema_files = NotedFiles { source: Arc::clone(&source), reads: Mutex::default() };
        Self {
            source,
            schema_files: Arc::new(schema_files),
            working_dir,
            world,
            log,
            renderer: Renderer::new(),
            charts: Mutex::default(),
            results: Mutex::default(),
        }
    }

    fn chart(&self, path: &Path) -> Once<LoadedChart> {
        let cell = Arc::clone(
            self.charts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(path.to_owned())
                .or_default(),
        );
        cell.get_or_init(|| {
            let recorder = Recorder::new(&*self.source);
            let chart = load(&recorder, path, Compat::V4).map_err(|error| error.to_string());
            if let Ok(loaded) = &chart {
                self.tell(path, &loaded.warnings);
            }
            LoadedChart { chart, reads: recorder.into_record() }
        });
        cell
    }

    fn tell(&self, chart: &Path, warnings: &[renga_helm::Warning]) {
        for warning in warnings {
            self.log.message(&format!("{}: {warning}", chart.display()));
        }
    }

    fn render(
        &self,
        release: &str,
        path: &Path,
        loaded: &Loaded,
        opts: &Opts,
    ) -> Result<Value, NativeError> {
        let compat = Compat::V4;
        let mut capabilities = Capabilities::defaults(compat);
        capabilities.api_versions.extend(opts.api_versions.iter().cloned());
        if !opts.kube_version.is_empty() {
            capabilities.kube_version =
                KubeVersion::parse(&opts.kube_version, compat).map_err(expanding)?;
        }
        let namespace = if opts.namespace.is_empty() { "default" } else { opts.namespace.as_str() };
        // As if written for Helm and read by it, so that texts and numbers mean the same to charts.
        let text = renga_yaml::to_string(&Value::Object(opts.values.clone()), Flavour::GoYamlV3);
        let mut read = |_: &str| Ok(Arc::from(text.as_bytes()));
        let values =
            user_values(&[Setting::File("-".to_owned())], &mut read, compat).map_err(expanding)?;
        let options = RenderOptions {
            release: Release::new(release, namespace),
            capabilities,
            world: self.world.clone(),
            schema_files: Arc::clone(&self.schema_files) as Arc<dyn SchemaFiles>,
            ..RenderOptions::new(compat)
        };
        let rendered = self.renderer.render(&loaded.chart, &values, &options).map_err(|error| {
            // The help on a bad document speaks of an excerpt, which there is none of here.
            let help = error.help().filter(|_| !matches!(*error, RenderError::Document(_)));
            let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
            NativeError::new(format!("Expanding Helm Chart: {}{help}", error.helm_text()))
        })?;
        self.tell(path, &rendered.warnings);
        if self.world.entropy.is_none() {
            for manifest in rendered.nondeterministic_manifests() {
                self.log.message(&format!(
                    "{}: {}/{} would be random or dated with Helm; it is derived from release and chart",
                    path.display(),
                    manifest.kind,
                    manifest.name
                ));
            }
        }
        let print = PrintOptions {
            include_crds: opts.include_crds,
            no_hooks: opts.no_hooks,
            skip_tests: opts.skip_tests,
            ..PrintOptions::default()
        };
        let output = rendered.template_output(&print).map_err(expanding)?;
        named(&output, &opts.name_format)
    }
}

impl Native for HelmTemplate {
    fn name(&self) -> &'static str {
        "helmTemplate"
    }

    fn params(&self) -> &[&str] {
        &["name", "chart", "opts"]
    }

    fn call(&self, arguments: &[Value], context: &CallContext<'_>) -> Result<Value, NativeError> {
        let argument = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
        let text = |index: usize, what: &str| {
            argument(index).as_str().ok_or_else(|| {
                let found = renga_gojson::go_type(argument(index));
                NativeError::new(format!("{what} must be of 'string' type, got '{found}' instead"))
            })
        };
        let release = text(0, "first argument 'name'")?;
        let chart = text(1, "second argument 'chart'")?;
        let opts = Opts::decode(argument(2))?;
        let folder = self.working_dir.join(&opts.called_from);
        // As Go joins paths: one that begins with a slash is below the folder, too.
        let path = clean(&folder.parent().unwrap_or(&folder).join(chart.trim_start_matches('/')));
        if self.source.probe(&path).is_none() {
            let missing = path.display();
            let mut reads = context.reads.borrow_mut();
            reads.probes.insert(path.clone(), None);
            return Err(NativeError::new(format!(
                "helmTemplate: Failed to find a chart at '': helmTemplate: Failed to find a chart at \
                 '{missing}': stat {missing}: {}. See https://tanka.dev/helm#failed-to-find-chart. See \
                 https://tanka.dev/helm#failed-to-find-chart",
                go_io_text(&std::io::ErrorKind::NotFound.into())
            )));
        }
        let cell = self.chart(&path);
        let Some(LoadedChart { chart: loaded, reads }) = cell.get() else {
            return Err(NativeError::new("the chart was not loaded"));
        };
        context.reads.borrow_mut().merge(reads);
        let loaded = loaded.as_ref().map_err(expanding)?;
        let key = format!("{release}\0{}\0{}", path.display(), argument(2));
        let result = Arc::clone(
            self.results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(Digest::of(key.as_bytes()))
                .or_default(),
        );
        let result = result.get_or_init(|| self.render(release, &path, loaded, &opts)).clone();
        self.schema_files.add_to(&mut context.reads.borrow_mut());
        result
    }

    fn reach(&self) -> Reach {
        if self.world.entropy.is_none() { Reach::Files } else { Reach::World }
    }
}

fn expanding(error: impl fmt::Display) -> NativeError {
    NativeError::new(format!("Expanding Helm Chart: {error}"))
}

/// Reads what Helm would print, and names each object.
fn named(output: &[u8], name_format: &str) -> Result<Value, NativeError> {
    let parsing =
        |error: &dyn fmt::Display| NativeError::new(format!("Parsing Helm output: {error}"));
    let documents =
        renga_yaml::read_documents(output, Flavour::GoYamlV3).map_err(|error| parsing(&error))?;
    let format = if name_format.is_empty() { NAME_FORMAT } else { name_format };
    let functions = Arc::new(name_functions());
    let template = Template::parse("", format, &functions)
        .map_err(|error| NativeError::new(format!("parsing name format: {error}")))?;
    let limits = Limits { steps: Some(MAX_STEPS), output: Some(MAX_LENGTH), ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let mut out = Map::new();
    for document in documents {
        if document.is_null() {
            continue;
        }
        let manifest = Manifest::new(document, "Resource").map_err(|error| parsing(&error))?;
        let mut name = Vec::new();
        template
            .execute(&manifest_value(manifest.value()), &mut name, &options)
            .map_err(|error| NativeError::new(error.to_string()))?;
        let name = String::from_utf8_lossy(&name).into_owned();
        if out.contains_key(&name) {
            return Err(NativeError::new(format!(
                "Two resources share the same name '{name}'. Please adapt the name template '{format}'."
            )));
        }
        out.insert(name, manifest.into_value());
    }
    Ok(Value::Object(out))
}

/// What the caller asks for. Names of fields do not depend on case, as for Go.
#[derive(Debug)]
struct Opts {
    values: Map<String, Value>,
    api_versions: Vec<String>,
    include_crds: bool,
    skip_tests: bool,
    kube_version: String,
    namespace: String,
    no_hooks: bool,
    called_from: String,
    name_format: String,
}

impl Opts {
    fn decode(value: &Value) -> Result<Self, NativeError> {
        let mut opts = Self {
            values: Map::new(),
            api_versions: Vec::new(),
            include_crds: true,
            skip_tests: false,
            kube_version: String::new(),
            namespace: String::new(),
            no_hooks: false,
            called_from: String::new(),
            name_format: String::new(),
        };
        let mut fault = None;
        match value {
            Value::Null => {}
            Value::Object(fields) => {
                // Go sees them sorted: of several spellings the last one counts.
                let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
                for (name, value) in sorted {
                    if let Err(found) = opts.set(name, value) {
                        fault = fault.or(Some(found));
                    }
                }
            }
            other => {
                fault = Some(format!(
                    "{} into Go value of type helm.JsonnetOpts",
                    renga_gojson::kind(other)
                ));
            }
        }
        if let Some(fault) = fault {
            return Err(NativeError::new(format!("json: cannot unmarshal {fault}")));
        }
        if opts.called_from.is_empty() {
            return Err(NativeError::new(
                "helmTemplate: 'opts.calledFrom' is unset or empty.\nTanka needs this to find your \
                 charts. See https://tanka.dev/helm#optscalledfrom-unset",
            ));
        }
        Ok(opts)
    }

    /// Sets a field, or says what cannot be put where.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let known = |field: &str| name.eq_ignore_ascii_case(field);
        let wrong = |found: &Value, field: &str, ty: &str| {
            Err(format!(
                "{} into Go struct field JsonnetOpts.{field} of type {ty}",
                renga_gojson::kind(found)
            ))
        };
        let text = |slot: &mut String, field: &str| match value {
            Value::Null => Ok(()),
            Value::String(text) => {
                slot.clone_from(text);
                Ok(())
            }
            other => wrong(other, field, "string"),
        };
        let switch = |slot: &mut bool, field: &str| match value {
            Value::Null => Ok(()),
            Value::Bool(value) => {
                *slot = *value;
                Ok(())
            }
            other => wrong(other, field, "bool"),
        };
        if known("values") {
            return match value {
                Value::Null => {
                    self.values.clear();
                    Ok(())
                }
                Value::Object(values) => {
                    self.values.clone_from(values);
                    Ok(())
                }
                other => wrong(other, "TemplateOpts.Values", "map[string]interface {}"),
            };
        }
        if known("apiVersions") {
            let field = "TemplateOpts.APIVersions";
            let Value::Array(elements) = value else {
                return match value {
                    Value::Null => Ok(()),
                    other => wrong(other, field, "[]string"),
                };
            };
            self.api_versions.clear();
            let mut fault = Ok(());
            for element in elements {
                match element {
                    Value::String(text) => self.api_versions.push(text.clone()),
                    Value::Null => self.api_versions.push(String::new()),
                    other => {
                        self.api_versions.push(String::new());
                        fault = fault.and_then(|()| wrong(other, field, "string"));
                    }
                }
            }
            return fault;
        }
        if known("includeCRDs") {
            return switch(&mut self.include_crds, "TemplateOpts.IncludeCRDs");
        }
        if known("skipTests") {
            return switch(&mut self.skip_tests, "TemplateOpts.SkipTests");
        }
        if known("noHooks") {
            return switch(&mut self.no_hooks, "TemplateOpts.NoHooks");
        }
        if known("kubeVersion") {
            return text(&mut self.kube_version, "TemplateOpts.KubeVersion");
        }
        if known("namespace") {
            return text(&mut self.namespace, "TemplateOpts.Namespace");
        }
        if known("calledFrom") {
            return text(&mut self.called_from, "calledFrom");
        }
        if known("nameFormat") {
            return text(&mut self.name_format, "nameFormat");
        }
        Ok(())
    }
}

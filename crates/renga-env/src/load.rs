//! Loading an environment: static or inline, by name, with or without its data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use renga_jsonnet::{EvalError, Request, SearchPath, Variable, Variables};
use renga_manifest::{Manifest, Processing, Targets, extract, process, unwrap_lists};
use renga_project::Entrypoint;
use serde_json::Value;

use crate::decode::{DeprecatedField, SpecError, decode};
use crate::error::LoadError;
use crate::evaluator::Worker;
use crate::scan::{DATA, Scope, Skeleton, number_of};
use crate::spec::{Environment, SPEC_FILE};
use crate::version::check_version;

/// The external variable that holds a static environment's own object.
const ENVIRONMENT_VARIABLE: &str = "tanka.dev/environment";

/// What that variable is for inline environments.
const NO_ENVIRONMENT: &str = "error \"Using tk.env and std.extVar('tanka.dev/environment') is only supported for static environments. Directly access this data using standard Jsonnet instead.\"";

/// Where to look for an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The path as the user wrote it, for messages.
    pub shown: String,
    /// The path, absolute.
    pub path: PathBuf,
}

/// An environment that was found, without its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its object.
    pub environment: Environment,
    /// Where it is.
    pub entrypoint: Entrypoint,
    /// Whether it is inline: part of what its entrypoint yields.
    pub inline: bool,
    /// Which of its entrypoint's environments it is, from 0.
    pub position: usize,
    /// Deprecated fields that were used.
    pub deprecated: Vec<DeprecatedField>,
}

/// An environment with its data.
#[derive(Debug)]
pub struct Loaded {
    /// The environment.
    pub found: Found,
    /// What it evaluates to.
    pub data: Value,
}

impl Worker<'_> {
    /// Finds the environments at a location: one if it is static, any number if inline.
    /// Their data is not evaluated.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the location is no environment or its code fails.
    pub fn list(&mut self, location: &Location) -> Result<Vec<Found>, LoadError> {
        let entrypoint = self.resolve(location)?;
        if let Some(found) = self.static_environment(&entrypoint)? {
            return Ok(vec![found]);
        }
        let (found, _) = self.scan(location, &entrypoint, Scope::Metadata)?;
        Ok(found.into_iter().map(|(found, _)| found).collect())
    }

    /// Finds the one environment at a location, without its data.
    ///
    /// `name` selects among inline environments; static ones have no use for it.
    ///
    /// # Errors
    ///
    /// [`LoadError`], also when there is none or more than one.
    pub fn peek(&mut self, location: &Location, name: &str) -> Result<Found, LoadError> {
        let entrypoint = self.resolve(location)?;
        if let Some(found) = self.static_environment(&entrypoint)? {
            return Ok(found);
        }
        // All of them, so that the positions are those of a listing.
        let (mut found, _) = self.scan(location, &entrypoint, Scope::Metadata)?;
        let names: Vec<String> =
            found.iter().map(|(found, _)| found.environment.metadata.name.clone()).collect();
        found.retain(|(found, _)| found.environment.metadata.name.contains(name));
        let chosen = choose(found, location, name).map(|(found, _)| found);
        chosen.map_err(|error| error.with_available(names))
    }

    /// Loads the one environment at a location, with its data.
    ///
    /// # Errors
    ///
    /// As [`Worker::peek`], and when the data does not evaluate.
    pub fn load(&mut self, location: &Location, name: &str) -> Result<Loaded, LoadError> {
        let entrypoint = self.resolve(location)?;
        if let Some(found) = self.static_environment(&entrypoint)? {
            let data = self.evaluate_static(&found)?;
            return Ok(Loaded { found, data });
        }
        let scope = if name.is_empty() { Scope::All } else { Scope::Named(name) };
        let (found, skeleton) = self.scan(location, &entrypoint, scope)?;
        let (found, data) = match choose(found, location, name) {
            Ok(chosen) => chosen,
            Err(error) => return Err(error.with_available(self.names(location, &entrypoint))),
        };
        let data =
            skeleton.data(data).map_err(|source| evaluation_error(location, scope, source))?;
        Ok(Loaded { found, data })
    }

    /// Loads environments that a search found in one entrypoint, one after the other: `each` gets
    /// every one of them, in order, before the next is evaluated.
    ///
    /// Evaluates the entrypoint once, and with the implementation that the environments ask for.
    pub fn load_each(
        &mut self,
        found: &[Found],
        each: &mut dyn FnMut(&Found, Result<Loaded, LoadError>),
    ) {
        let Some(first) = found.first() else { return };
        let location = Location {
            shown: first.entrypoint.file.to_string_lossy().into_owned(),
            path: first.entrypoint.file.clone(),
        };
        let implementation = &first.environment.spec.export_jsonnet_implementation;
        let engine = match self.evaluator.implementation(implementation) {
            Ok(engine) => engine,
            Err(error) => {
                for found in found {
                    each(found, Err(error.clone().into()));
                }
                return;
            }
        };
        let mut other =
            engine.map(|engine| Worker { evaluator: self.evaluator, session: engine.session() });
        let worker = other.as_mut().unwrap_or(self);
        if !first.inline {
            for found in found {
                let data = worker.evaluate_static(found);
                each(found, data.map(|data| Loaded { found: found.clone(), data }));
            }
            return;
        }
        let Ok((candidates, mut skeleton)) =
            worker.scan(&location, &first.entrypoint, Scope::Metadata)
        else {
            // Each on its own, so that each gets its own error.
            for found in found {
                each(found, worker.load(&location, &found.environment.metadata.name));
            }
            return;
        };
        for found in found {
            let name = &found.environment.metadata.name;
            // Two may have one name, so it is the position that tells them apart. One that was found
            // by its name has a position among its namesakes only.
            let is_namesake =
                |candidate: &&Candidate| candidate.0.environment.metadata.name == *name;
            let candidate = candidates
                .get(found.position)
                .filter(is_namesake)
                .or_else(|| candidates.iter().find(is_namesake));
            let Some((candidate, data)) = candidate else {
                each(found, Err(no_match(&location)));
                continue;
            };
            let value = skeleton.data(*data);
            skeleton.forget(*data);
            let error = |source| evaluation_error(&location, Scope::Named(name), source);
            let loaded = value.map_err(error);
            each(found, loaded.map(|data| Loaded { found: candidate.clone(), data }));
        }
    }

    /// Evaluates what is at a location, or an expression in which `main` is its value.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the location is no environment or the code fails.
    pub fn evaluate(
        &mut self,
        location: &Location,
        expression: Option<&str>,
    ) -> Result<Value, LoadError> {
        let entrypoint = self.resolve(location)?;
        let found = self.static_environment(&entrypoint)?;
        let mut request = self.request(&entrypoint, found.as_ref());
        request.expression = expression.map(str::to_owned);
        let value = self.session.evaluate(&request).and_then(|evaluated| evaluated.manifest());
        value.map_err(|source| match expression {
            Some(_) => LoadError::EvaluationInPath { path: location.shown.clone(), source },
            None => LoadError::Evaluation { source },
        })
    }

    /// The names of the environments that are there; none where they cannot be told.
    fn names(&mut self, location: &Location, entrypoint: &Entrypoint) -> Vec<String> {
        let found = self.scan(location, entrypoint, Scope::Metadata).map(|(found, _)| found);
        let found = found.unwrap_or_default().into_iter();
        found.map(|(found, _)| found.environment.metadata.name).collect()
    }

    fn resolve(&self, location: &Location) -> Result<Entrypoint, LoadError> {
        let source = self.evaluator.sources.source();
        Ok(Entrypoint::resolve(&**source, &location.path)?)
    }

    fn request(&self, entrypoint: &Entrypoint, environment: Option<&Found>) -> Request {
        let options = &self.evaluator.options;
        let code = environment
            .map_or_else(|| NO_ENVIRONMENT.to_owned(), |found| found.environment.to_json());
        let mut ext_vars: Variables = options.ext_vars.clone();
        ext_vars.insert(ENVIRONMENT_VARIABLE.to_owned(), Variable::Code(code));
        Request {
            entrypoint: entrypoint.file.clone(),
            expression: None,
            search_path: search_path(entrypoint),
            working_dir: Some(options.working_dir.clone()),
            ext_vars: Arc::new(ext_vars),
            tlas: Arc::new(options.tlas.clone()),
            max_stack: options.max_stack,
        }
    }

    fn evaluate_static(&mut self, found: &Found) -> Result<Value, LoadError> {
        let request = self.request(&found.entrypoint, Some(found));
        let value = self.session.evaluate(&request).and_then(|evaluated| evaluated.manifest());
        value.map_err(|source| LoadError::Evaluation { source })
    }

    /// Reads `spec.json`; `None` where there is none and the environment is inline.
    fn static_environment(&self, entrypoint: &Entrypoint) -> Result<Option<Found>, LoadError> {
        let source = self.evaluator.sources.source();
        let file = entrypoint.base.join(SPEC_FILE);
        if source.probe(&file).is_none() {
            return Ok(None);
        }
        let bytes = source
            .read(&file)
            .map_err(|cause| LoadError::SpecUnreadable { path: file.clone(), cause })?;
        let spec_error = |source| LoadError::Spec { file: file.clone(), source };
        let value = renga_gojson::parse(&bytes)
            .map_err(|error| spec_error(SpecError::Invalid(error.to_string())))?;
        let (environment, deprecated) = decode(&value).map_err(spec_error)?;
        let mut found = place(environment, deprecated, entrypoint, false);
        found.environment.metadata.name = entrypoint.relative_base();
        Ok(Some(found))
    }

    /// Evaluates an inline entrypoint as far as its environments, each with the number of its data.
    fn scan(
        &mut self,
        location: &Location,
        entrypoint: &Entrypoint,
        scope: Scope<'_>,
    ) -> Result<(Vec<Candidate>, Skeleton), LoadError> {
        let request = self.request(entrypoint, None);
        let evaluated = self.session.evaluate(&request);
        let skeleton = evaluated.and_then(|evaluated| Skeleton::of(evaluated.value(), scope));
        let mut skeleton = skeleton.map_err(|source| evaluation_error(location, scope, source))?;
        let value = std::mem::take(&mut skeleton.value);
        let located = extract(value.clone()).and_then(unwrap_lists);
        let located = located.or_else(|_| {
            // The message shows the environment, so its data takes its place first.
            let mut value = value;
            skeleton.fill(&mut value, !matches!(scope, Scope::Metadata));
            extract(value).and_then(unwrap_lists)
        })?;
        let mut environments = Vec::new();
        for located in located {
            if !is_environment(&located.manifest) {
                continue;
            }
            let mut value = located.manifest.into_value();
            let data = value.as_object_mut().and_then(|map| map.shift_remove(DATA));
            let number = data.as_ref().and_then(number_of);
            let spec_error = |source| LoadError::Spec { file: entrypoint.file.clone(), source };
            let (environment, deprecated) = decode(&value).map_err(spec_error)?;
            let mut found = place(environment, deprecated, entrypoint, true);
            found.position = environments.len();
            environments.push((found, number));
        }
        Ok((environments, skeleton))
    }
}

impl Loaded {
    /// The environment's manifests: extracted, with its defaults, filtered and sorted.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the data holds something that is no manifest, or the environment wants
    /// another version.
    pub fn into_manifests(self, targets: &Targets) -> Result<(Found, Vec<Manifest>), LoadError> {
        let Self { found, data } = self;
        let spec = &found.environment.spec;
        check_version(&spec.expect_versions.tanka)?;
        let label = if spec.inject_labels { Some(found.environment.label()?) } else { None };
        let processing = Processing {
            environment: &found.environment.metadata.name,
            namespace: &spec.namespace,
            label: label.as_deref(),
            annotations: Some(&spec.resource_defaults.annotations),
            labels: Some(&spec.resource_defaults.labels),
            targets: Some(targets),
        };
        let manifests = process(data, &processing)?;
        Ok((found, manifests))
    }

    /// As [`Loaded::into_manifests`], refusing environments within the data: they are not
    /// objects of a cluster.
    ///
    /// # Errors
    ///
    /// As [`Loaded::into_manifests`], and [`LoadError::Nested`].
    pub fn into_cluster_manifests(
        self,
        targets: &Targets,
    ) -> Result<(Found, Vec<Manifest>), LoadError> {
        let (found, manifests) = self.into_manifests(targets)?;
        if manifests.iter().any(is_environment) {
            return Err(LoadError::Nested);
        }
        Ok((found, manifests))
    }
}

/// The import search path of an environment, highest rank first.
pub fn search_path(entrypoint: &Entrypoint) -> SearchPath {
    SearchPath::new(entrypoint.jpath().into_iter().rev())
}

fn is_environment(manifest: &Manifest) -> bool {
    manifest.kind().eq_ignore_ascii_case("Environment")
}

/// Fills in what follows from where the environment is.
fn place(
    mut environment: Environment,
    deprecated: Vec<DeprecatedField>,
    entrypoint: &Entrypoint,
    inline: bool,
) -> Found {
    let server = &mut environment.spec.api_server;
    if !server.is_empty() && server.find("://").is_none_or(|at| at == 0) {
        server.insert_str(0, "https://");
    }
    environment.metadata.namespace = entrypoint.relative_file();
    Found { environment, entrypoint: entrypoint.clone(), inline, position: 0, deprecated }
}

fn evaluation_error(location: &Location, scope: Scope<'_>, source: EvalError) -> LoadError {
    match scope {
        Scope::All => LoadError::Evaluation { source },
        _ => LoadError::EvaluationInPath { path: location.shown.clone(), source },
    }
}

/// An environment with the number of its data.
type Candidate = (Found, Option<usize>);

/// The one that is meant: an exact name wins over several that contain it.
fn choose(
    mut found: Vec<Candidate>,
    location: &Location,
    name: &str,
) -> Result<Candidate, LoadError> {
    let name_of = |(found, _): &Candidate| found.environment.metadata.name.clone();
    if found.len() > 1 {
        if let Some(exact) = found.iter().position(|candidate| name_of(candidate) == name) {
            return Ok(found.swap_remove(exact));
        }
        let mut names: Vec<String> = found.iter().map(name_of).collect();
        names.sort();
        return Err(LoadError::Multiple {
            path: location.shown.clone(),
            name: name.to_owned(),
            names,
        });
    }
    found.pop().ok_or_else(|| no_match(location))
}

fn no_match(location: &Location) -> LoadError {
    LoadError::NoMatch { path: location.shown.clone(), available: Vec::new() }
}

/// A path below `dir` as the user would write it, given how they wrote `dir`.
pub(crate) fn shown_below(shown_dir: &str, dir: &Path, path: &Path) -> String {
    match path.strip_prefix(dir) {
        Ok(below) if below.as_os_str().is_empty() => shown_dir.to_owned(),
        Ok(below) => {
            let joined = Path::new(shown_dir).join(below);
            renga_project::clean(&joined).to_string_lossy().into_owned()
        }
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

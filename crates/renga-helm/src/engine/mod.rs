//! The templates of a chart and its subcharts, rendered.
//!
//! All templates of all charts are one set: any may include any. Deep files come first, both when
//! they are parsed (so a parent's `define` replaces a subchart's) and when they are rendered (so a
//! parent sees what subcharts wrote into shared values). Sets are parsed once and shared by
//! threads ([`TemplateCache`]); values belong to one rendering.
//!
//! What becomes of the output is [`crate::output`].

mod convert;
mod durations;
mod error;
mod files;
mod functions;
mod glob;
mod objects;
mod toml;
mod values;
mod world;

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use renga_gotemplate::{GoStr, Limits, Map, MissingKey, Options, Parsed, TemplateSet, Type, Value};
use rustc_hash::FxHashMap;

use crate::capabilities::Capabilities;
use crate::chart::Chart;
use crate::compat::Compat;
use crate::parallel;
use crate::release::Release;
use crate::tree::Instance;
use crate::values::Coalesced;
pub use error::{Frame, TemplateError};
use functions::{Host, Texts};
pub(crate) use world::Witness;
pub use world::{FindHost, FindLocalZone, FindZone, World};

/// The most a single template may write, what it includes counted (bytes).
const MOST_OUTPUT: usize = 512 * 1024 * 1024;

/// The most steps a single template may take.
const MOST_STEPS: u64 = 4_000_000_000;

/// What to render with.
#[derive(Debug)]
pub(crate) struct Setting<'s> {
    pub(crate) release: &'s Release,
    pub(crate) capabilities: &'s Capabilities,
    pub(crate) compat: Compat,
    pub(crate) enable_dns: bool,
    /// Whether templates go on where `required` and `fail` would end them.
    pub(crate) lenient: bool,
}

/// The output of a template file.
#[derive(Debug)]
pub(crate) struct Output {
    /// The full path, from the name of the chart at the top.
    pub(crate) path: Arc<str>,
    pub(crate) text: Vec<u8>,
}

/// A parsed set with the order of its files.
#[derive(Debug)]
pub(crate) struct Templates {
    set: Arc<TemplateSet>,
    /// The files that are rendered, in order.
    files: Vec<Arc<str>>,
    texts: Arc<Texts>,
}

/// Parsed sets by what they were parsed from.
#[derive(Debug, Default)]
pub(crate) struct TemplateCache {
    /// By what tells most sets apart already.
    sets: Mutex<FxHashMap<String, Vec<Known>>>,
}

/// A parsed set with the charts it was parsed from, in the order of their tree.
#[derive(Debug)]
struct Known {
    charts: Vec<Arc<Chart>>,
    templates: Arc<Templates>,
}

impl Known {
    /// Whether the charts are the same. Digests are asked only of charts that were loaded twice:
    /// computing them takes as long as loading.
    fn is_of(&self, charts: &[Arc<Chart>]) -> bool {
        let same = |(a, b): (&Arc<Chart>, &Arc<Chart>)| {
            Arc::ptr_eq(a, b) || a.templates.len() == b.templates.len() && a.digest() == b.digest()
        };
        self.charts.len() == charts.len() && self.charts.iter().zip(charts).all(same)
    }
}

/// How many sets are kept; different subcharts enabled make different sets.
const MOST_SETS: usize = 256;

impl TemplateCache {
    /// The parsed templates of a tree.
    pub(crate) fn get(
        &self,
        root: &Instance,
        setting: &Setting<'_>,
    ) -> Result<Arc<Templates>, TemplateError> {
        let mut key = format!("{:?} {}", setting.compat, setting.enable_dns);
        let mut charts = Vec::new();
        identify(root, &mut key, &mut charts);
        {
            let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
            let mut known = sets.get(&key).into_iter().flatten();
            if let Some(known) = known.find(|known| known.is_of(&charts)) {
                return Ok(Arc::clone(&known.templates));
            }
        }
        let templates = Arc::new(Templates::parse(root, setting)?);
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.values().map(Vec::len).sum::<usize>() >= MOST_SETS {
            sets.clear();
        }
        sets.entry(key).or_default().push(Known { charts, templates: Arc::clone(&templates) });
        Ok(templates)
    }
}

/// Names what the set of a tree depends on besides the charts, and collects those.
fn identify(node: &Instance, key: &mut String, charts: &mut Vec<Arc<Chart>>) {
    use std::fmt::Write as _;
    // Writing into a string does not fail.
    let _ = write!(key, " {:?} {}(", node.metadata.name, node.metadata.is_library());
    charts.push(Arc::clone(&node.chart));
    for child in &node.dependencies {
        identify(child, key, charts);
    }
    key.push(')');
}

/// All charts of a tree, children before their parents.
fn all<'c>(node: &'c Instance, found: &mut Vec<&'c Instance>) {
    for child in &node.dependencies {
        all(child, found);
    }
    found.push(node);
}

impl Templates {
    fn parse(root: &Instance, setting: &Setting<'_>) -> Result<Self, TemplateError> {
        let mut texts: FxHashMap<Arc<str>, &Arc<[u8]>> = FxHashMap::default();
        let mut charts = Vec::new();
        all(root, &mut charts);
        for node in charts {
            let is_library = node.metadata.is_library();
            for file in &node.chart.templates {
                if is_library && !is_partial(&file.name) {
                    continue;
                }
                texts.insert(Arc::from(format!("{}/{}", node.path, file.name)), &file.data);
            }
        }
        let mut files: Vec<(Arc<str>, &Arc<[u8]>)> = texts.into_iter().collect();
        files.sort_unstable_by(|(a, _), (b, _)| {
            let depth = |name: &str| name.bytes().filter(|&byte| byte == b'/').count();
            depth(b).cmp(&depth(a)).then_with(|| b.cmp(a))
        });
        let funcs = functions::table(setting.compat, setting.enable_dns);
        let mut set = TemplateSet::new(Arc::clone(funcs));
        let parsed = parallel::map(
            &files,
            |(_, text)| text.len(),
            |(name, text)| Parsed::parse_shared(name, text, funcs),
        );
        // The first mistake in the order of the files is the one that is reported.
        for parsed in parsed {
            set.add(&parsed.map_err(TemplateError::Parse)?);
        }
        let files = files.into_iter().map(|(name, _)| name).filter(|name| !is_partial(name));
        Ok(Templates { set: Arc::new(set), files: files.collect(), texts: Arc::default() })
    }
}

/// Whether a file is only there to be included.
pub(crate) fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|base| base.starts_with('_'))
}

/// Renders every file of a tree that is not a partial; in the order they were rendered.
pub(crate) fn render(
    root: &Instance,
    values: &Coalesced,
    setting: &Setting<'_>,
    templates: &Templates,
    witness: &Witness<'_>,
) -> Result<Vec<Output>, TemplateError> {
    let mut outputs = Vec::with_capacity(templates.files.len());
    render_each(root, values, setting, templates, witness, |path, text| {
        outputs.push(Output { path: Arc::clone(path), text: text.to_vec() });
    })?;
    Ok(outputs)
}

/// As [`render`], but hands on each output as soon as it is there.
pub(crate) fn render_each(
    root: &Instance,
    values: &Coalesced,
    setting: &Setting<'_>,
    templates: &Templates,
    witness: &Witness<'_>,
    mut take: impl FnMut(&Arc<str>, &[u8]),
) -> Result<(), TemplateError> {
    let mut objects = Objects::new(setting);
    let values = values::root(values).retyped(objects::values_type(setting.compat));
    objects.chart(root, values);

    let funcs = functions::table(setting.compat, setting.enable_dns);
    let host = Host::new(Arc::clone(&templates.texts), Arc::clone(funcs), setting.lenient);
    let options = Options {
        missing_key: MissingKey::Zero,
        limits: Limits { steps: Some(MOST_STEPS), output: Some(MOST_OUTPUT), ..Limits::default() },
        world: Some(witness),
        host: Some(Rc::new(host)),
        ..Options::default()
    };
    let mut text = Vec::new();
    for path in &templates.files {
        let Some((base, dot)) = objects.of(path) else { continue };
        dot.insert(GoStr::from("Template"), objects::template(path, base, setting.compat));
        witness.begin(path);
        text.clear();
        templates.set.execute(path, &Value::Map(dot.clone()), &mut text, &options).map_err(
            |error| TemplateError::Exec {
                file: Arc::clone(path),
                error: Box::new(error),
                compat: setting.compat,
            },
        )?;
        take(path, &functions::without_no_value(&text));
    }
    Ok(())
}

/// What `.` is in the templates of each chart: one map per chart, shared by its files.
struct Objects<'s> {
    setting: &'s Setting<'s>,
    release: Value,
    capabilities: Value,
    /// By the path of the folder of templates.
    charts: FxHashMap<String, Map>,
}

impl<'s> Objects<'s> {
    fn new(setting: &'s Setting<'s>) -> Self {
        Objects {
            setting,
            release: objects::release(setting.release),
            capabilities: objects::capabilities(setting.capabilities, setting.compat),
            charts: FxHashMap::default(),
        }
    }

    fn chart(&mut self, node: &Instance, values: Map) -> Map {
        let compat = self.setting.compat;
        let mut children = Vec::with_capacity(node.dependencies.len());
        for child in &node.dependencies {
            let name = child.name();
            let ty = objects::values_type(compat);
            // A name with a dot in it is a path here, which leads nowhere.
            let own = objects::table(&values, name.as_bytes())
                .unwrap_or_else(|_| Map::new(ty, std::iter::empty()));
            let dot = self.chart(child, own.retyped(ty));
            children.push((GoStr::from(name), Value::Map(dot.retyped(Type::DICT))));
        }
        let dot = Map::new(
            objects::values_type(compat),
            [
                (GoStr::from("Chart"), objects::chart(&node.metadata, node.is_root, compat)),
                (GoStr::from("Files"), files::object(&node.chart.files)),
                (GoStr::from("Release"), self.release.clone()),
                (GoStr::from("Capabilities"), self.capabilities.clone()),
                (GoStr::from("Values"), Value::Map(values)),
                (GoStr::from("Subcharts"), Value::Map(Map::new(Type::DICT, children))),
            ],
        );
        self.charts.insert(format!("{}/templates", node.path), dot.clone());
        dot
    }

    /// The folder of templates a file is in, and the object of its chart.
    fn of<'p>(&self, file: &'p str) -> Option<(&'p str, &Map)> {
        // The folder of a chart may be followed by folders that have the same name.
        let mut from = 0;
        while let Some(at) = file[from..].find("/templates/").map(|at| from + at) {
            let base = &file[..at + "/templates".len()];
            if let Some(dot) = self.charts.get(base) {
                return Some((base, dot));
            }
            from = at + 1;
        }
        None
    }
}

/// A float as Go's `%v` writes it.
pub(crate) fn float_text(float: f64) -> Vec<u8> {
    convert::go_text(&Value::Float(float))
}

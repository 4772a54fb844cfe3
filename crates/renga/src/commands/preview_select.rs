//! Which environments of both sides belong together, and which have to be rendered.
//!
//! An environment is skipped only if everything that its manifests depend on is the same on both
//! sides: every file that its code imports, every place where a file would change what is imported,
//! its own settings. Where that cannot be told it is rendered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use renga_env::{Evaluator, Found};
use renga_project::{Digest, FileKind, Source, SourceRecord, relative_to_root};

/// What code calls to render charts; they are files that no import names.
const RENDERS_CHARTS: &str = "helmTemplate";

/// Endings of files that neither charts nor what belongs to them are made of, unless they lie in a
/// chart.
const NO_CHART: [&str; 10] =
    ["jsonnet", "libsonnet", "md", "rs", "go", "py", "sh", "toml", "png", "svg"];

/// An environment with its two sides, of which one may be missing.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) base: Option<Found>,
    pub(super) head: Option<Found>,
}

impl Pair {
    /// The side that gives the pair its name.
    pub(super) fn shown(&self) -> Option<&Found> {
        self.head.as_ref().or(self.base.as_ref())
    }
}

/// Whether a pair is rendered, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) rendered: bool,
    pub(super) reason: String,
}

impl Choice {
    fn render(reason: impl Into<String>) -> Self {
        Self { rendered: true, reason: reason.into() }
    }
}

/// What an environment, of the base or not, is alike to others in.
type Likeness<'a> = dyn Fn(&Found, bool) -> Option<String> + 'a;

/// Puts the environments of both sides together: by main file and name, then those that moved.
pub(super) fn pairs(base: Vec<Found>, head: Vec<Found>, contents: &Contents<'_>) -> Vec<Pair> {
    let key =
        |found: &Found| (found.entrypoint.file.clone(), found.environment.metadata.name.clone());
    let mut waiting: BTreeMap<_, Vec<Found>> = BTreeMap::new();
    for found in base.into_iter().rev() {
        waiting.entry(key(&found)).or_default().push(found);
    }
    let mut pairs: Vec<Pair> = head
        .into_iter()
        .map(|found| {
            let base = waiting.get_mut(&key(&found)).and_then(Vec::pop);
            Pair { base, head: Some(found) }
        })
        .collect();
    let mut left: Vec<Found> = waiting.into_values().flatten().collect();
    // Moved are those that are alike in one way, and alone in that.
    let ways: [&Likeness<'_>; 3] = [
        &|found, _| found.inline.then(|| found.environment.metadata.name.clone()),
        &|found, of_base| (!found.inline).then(|| contents.main_file(found, of_base)).flatten(),
        &|found, _| {
            let spec = &found.environment.spec;
            let cluster = [&spec.api_server, &spec.context_names.join(",")].map(String::clone);
            (!cluster.concat().is_empty()).then(|| format!("{cluster:?} {}", spec.namespace))
        },
    ];
    for way in ways {
        let mut gone: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, found) in left.iter().enumerate() {
            if let Some(mark) = way(found, true) {
                gone.entry(mark).or_default().push(place);
            }
        }
        let mut come: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, pair) in pairs.iter().enumerate() {
            if let (None, Some(found)) = (&pair.base, &pair.head)
                && let Some(mark) = way(found, false)
            {
                come.entry(mark).or_default().push(place);
            }
        }
        let mut moved = BTreeSet::new();
        for (mark, places) in come {
            if let ([place], Some([from])) = (places.as_slice(), gone.get(&mark).map(Vec::as_slice))
            {
                pairs[*place].base = Some(left[*from].clone());
                moved.insert(*from);
            }
        }
        let mut place = 0;
        left.retain(|_| {
            place += 1;
            !moved.contains(&(place - 1))
        });
    }
    pairs.extend(left.into_iter().map(|found| Pair { base: Some(found), head: None }));
    pairs
}

/// What files hold on both sides, each read once.
pub(super) struct Contents<'a> {
    base: &'a dyn Source,
    head: &'a dyn Source,
    root: PathBuf,
    known: RefCell<HashMap<PathBuf, Option<Digest>>>,
    renders_charts: RefCell<HashMap<PathBuf, bool>>,
    charts: Charts,
}

/// What is known of the files that charts are made of.
enum Charts {
    /// None of them differs.
    Same,
    /// This one may be of a chart, and differs.
    Differ(PathBuf),
    /// Nobody knows which files differ.
    Unknown,
}

impl<'a> Contents<'a> {
    /// The contents of the workspace at `root`, in which these paths differ.
    pub(super) fn new(
        base: &'a dyn Source,
        head: &'a dyn Source,
        root: &Path,
        changed: Option<&BTreeSet<PathBuf>>,
    ) -> Self {
        let mut contents = Self {
            base,
            head,
            root: root.to_owned(),
            known: RefCell::default(),
            renders_charts: RefCell::default(),
            charts: Charts::Unknown,
        };
        if let Some(changed) = changed {
            let of_chart = changed.iter().find(|path| contents.may_be_of_a_chart(path));
            contents.charts = of_chart.cloned().map_or(Charts::Same, Charts::Differ);
        }
        contents
    }

    fn may_be_of_a_chart(&self, path: &Path) -> bool {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_spec = path.file_name().is_some_and(|name| name == renga_env::SPEC_FILE);
        let in_chart = || {
            path.ancestors().skip(1).any(|dir| {
                let chart = dir.join("Chart.yaml");
                [self.base, self.head].iter().any(|side| side.probe(&chart) == Some(FileKind::File))
            })
        };
        !(NO_CHART.contains(&ending) || is_spec) || in_chart()
    }

    fn main_file(&self, found: &Found, of_base: bool) -> Option<String> {
        let side = if of_base { self.base } else { self.head };
        let contents = side.read(&found.entrypoint.file).ok()?;
        Some(Digest::of(&contents).to_string())
    }

    fn base_digest(&self, path: &Path) -> Option<Digest> {
        if let Some(known) = self.known.borrow().get(path) {
            return *known;
        }
        let digest = self.base.read(path).ok().map(|contents| Digest::of(&contents));
        self.known.borrow_mut().insert(path.to_owned(), digest);
        digest
    }

    /// Decides whether a pair is rendered. `head` evaluates the side that is compared.
    pub(super) fn choose(&self, pair: &Pair, head: &Evaluator) -> Choice {
        let (Some(old), Some(new)) = (&pair.base, &pair.head) else {
            let side = if pair.head.is_some() { "the base does not have it" } else { "it is gone" };
            return Choice::render(side);
        };
        let name = |found: &Found| found.environment.metadata.name.clone();
        if old.entrypoint != new.entrypoint || name(old) != name(new) {
            return Choice::render(format!("it was {}", name(old)));
        }
        if old.environment != new.environment || old.inline != new.inline {
            return Choice::render("its settings differ");
        }
        let Some(record) = head.inputs(new, &SourceRecord::default()) else {
            return Choice::render("what it depends on cannot be told");
        };
        if let Some(path) = self.first_difference(&record) {
            return Choice::render(format!("`{}` differs", self.relative(&path)));
        }
        let renders_charts = || record.files.keys().any(|path| self.renders_charts(path));
        match &self.charts {
            Charts::Differ(path) if renders_charts() => {
                let path = self.relative(path);
                return Choice::render(format!("it renders charts, and `{path}` differs"));
            }
            Charts::Unknown if renders_charts() => {
                return Choice::render(
                    "it renders charts, and what of them differs cannot be told",
                );
            }
            Charts::Same | Charts::Differ(_) | Charts::Unknown => {}
        }
        Choice {
            rendered: false,
            reason: format!("none of the {} files it is made of differs", record.files.len()),
        }
    }

    /// The first thing that the base answers differently.
    fn first_difference(&self, record: &SourceRecord) -> Option<PathBuf> {
        let file = record
            .files
            .iter()
            .find(|(path, digest)| self.base_digest(path) != Some(**digest))
            .map(|(path, _)| path.clone());
        let probe = || {
            let differs = |(path, kind): &(&PathBuf, &Option<FileKind>)| {
                // What a file holds was compared; of others it counts that they are there.
                self.base.probe(path) != **kind
            };
            record.probes.iter().find(differs).map(|(path, _)| path.clone())
        };
        let listing = || {
            record.listings.keys().find(|dir| {
                let list = |side: &dyn Source| side.list(dir).ok();
                list(self.base) != list(self.head)
            })
        };
        file.or_else(probe).or_else(|| listing().cloned())
    }

    fn renders_charts(&self, path: &Path) -> bool {
        if let Some(known) = self.renders_charts.borrow().get(path) {
            return *known;
        }
        let contents = self.head.read(path).ok();
        let renders = contents
            .is_some_and(|contents| String::from_utf8_lossy(&contents).contains(RENDERS_CHARTS));
        self.renders_charts.borrow_mut().insert(path.to_owned(), renders);
        renders
    }

    fn relative(&self, path: &Path) -> String {
        relative_to_root(&self.root, path)
    }
}

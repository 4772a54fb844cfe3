//! The vendored charts and the charts in them: `tree` and `why`.
//!
//! Reads the folder of charts as it is. What a chart needs and does not have is part of the
//! picture.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::archive::{Entry, Limits, read_archive};
use crate::chartfile::{CHARTFILE, ChartfileError};
use crate::lock::{LockError, LockedChart, LockedDependency};
use crate::metadata::ChartMetadata;
use crate::requirement::Requirement;
use crate::similar::similar;
use crate::workspace::Workspace;

/// How many charts may lie in one another. Helm has no use for more than a few.
const MAX_DEPTH: usize = 16;

/// A chart, and the charts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartNode {
    /// Its name, as its parent or the chartfile names it.
    pub name: String,
    /// The version that is there; empty where there is none.
    pub version: String,
    /// The version or range that its parent or the chartfile asks for; empty for any.
    pub requested: String,
    /// The name under which its parent uses it, if it is another one.
    pub alias: String,
    /// Its path, relative to the workspace; an archive's for what is in one.
    pub path: String,
    /// Whether it is there.
    pub state: NodeState,
    /// The charts in it: first those that it needs, in its order, then what else is there.
    pub dependencies: Vec<ChartNode>,
}

/// Whether a chart is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeState {
    /// It is.
    There,
    /// It is needed and is not.
    Missing,
    /// It is there and cannot be read.
    Unreadable,
}

/// The charts of a workspace. `Display` draws them, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartTree {
    /// One for each requirement, in the order of the chartfile.
    pub charts: Vec<ChartNode>,
}

/// Why there is no tree, or no answer to `why`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TreeError {
    /// The chartfile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Chartfile(#[from] ChartfileError),
    /// The lock.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lock(#[from] LockError),
    /// `why` of a chart that is nowhere.
    #[error("no chart is called `{name}`, neither in the chartfile nor in another chart")]
    #[diagnostic(code(charts::unknown_name))]
    UnknownName {
        /// The name.
        name: String,
        /// What may have been meant.
        #[help]
        help: Option<String>,
    },
}

impl renga_diag::Report for TreeError {
    fn tk_text(&self) -> String {
        renga_diag::chain(self)
    }
}

/// Reads the vendored charts and the charts in them.
///
/// # Errors
///
/// [`TreeError::Chartfile`]. Charts that are missing or cannot be read are in the tree as such.
pub fn tree(workspace: &Workspace) -> Result<ChartTree, TreeError> {
    let chartfile = workspace.chartfile()?;
    let charts = chartfile
        .requirements()
        .iter()
        .map(|requirement| {
            let path = workspace.chart_path(&chartfile, requirement.target());
            let shown = renga_project::relative_to_root(workspace.directory(), &path);
            let place = Place::Folder(path);
            let mut node = place.node(&shown, 0);
            node.name.clone_from(&requirement.chart);
            node.requested.clone_from(&requirement.version);
            node
        })
        .collect();
    Ok(ChartTree { charts })
}

/// Why a chart is there. `Display` tells it: the requirement, what was locked for it, and the
/// charts from there down, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The requirement at the beginning.
    pub requirement: Requirement,
    /// What was locked for the requirement, if it was.
    pub locked: Option<LockedChart>,
    /// The charts from the requirement's down to the one in question, without what they need.
    pub way: Vec<ChartNode>,
}

impl Reason {
    /// What was locked for the chart in question, where it was missing in another one.
    pub fn fetched(&self) -> Option<&LockedDependency> {
        let [_, node] = self.way.as_slice() else { return None };
        let is_it = |fetched: &&LockedDependency| {
            fetched.name == node.name && fetched.version == node.version
        };
        self.locked.as_ref()?.dependencies.iter().find(is_it)
    }
}

/// Says why a chart is there: every way from the chartfile to a chart called `name`, each from the
/// requirement down.
///
/// # Errors
///
/// [`TreeError::UnknownName`] where there is none.
pub fn why(workspace: &Workspace, name: &str) -> Result<Vec<Reason>, TreeError> {
    let tree = tree(workspace)?;
    let chartfile = workspace.chartfile()?;
    let lock = workspace.lockfile()?;
    let mut reasons = Vec::new();
    for (node, requirement) in tree.charts.iter().zip(chartfile.requirements()) {
        let (mut way, mut ways) = (Vec::new(), Vec::new());
        search(node, &|node, depth| is_called(node, depth, requirement, name), &mut way, &mut ways);
        let locked = lock.as_ref().and_then(|lock| lock.get(&requirement.directory_key()));
        reasons.extend(ways.into_iter().map(|way| Reason {
            requirement: requirement.clone(),
            locked: locked.filter(|entry| entry.answers(requirement, None)).cloned(),
            way,
        }));
    }
    if reasons.is_empty() {
        let mut names = Vec::new();
        tree.charts.iter().for_each(|node| collect_names(node, &mut names));
        let nearest = similar(name, names).first().map(|name| format!("did you mean `{name}`?"));
        return Err(TreeError::UnknownName { name: name.to_owned(), help: nearest });
    }
    Ok(reasons)
}

fn is_called(node: &ChartNode, depth: usize, requirement: &Requirement, name: &str) -> bool {
    if depth == 0 { requirement.answers_to(name) } else { node.name == name || node.alias == name }
}

fn search(
    node: &ChartNode,
    wanted: &dyn Fn(&ChartNode, usize) -> bool,
    way: &mut Vec<ChartNode>,
    ways: &mut Vec<Vec<ChartNode>>,
) {
    let depth = way.len();
    way.push(ChartNode { dependencies: Vec::new(), ..node.clone() });
    if wanted(node, depth) {
        ways.push(way.clone());
    }
    for child in &node.dependencies {
        search(child, wanted, way, ways);
    }
    way.pop();
}

fn collect_names<'n>(node: &'n ChartNode, names: &mut Vec<&'n str>) {
    names.push(&node.name);
    names.push(node.name.rsplit('/').next().unwrap_or_default());
    node.dependencies.iter().for_each(|child| collect_names(child, names));
}

/// Where the files of a chart are.
enum Place {
    Folder(PathBuf),
    Files(Vec<Entry>),
}

impl Place {
    fn node(&self, shown: &str, depth: usize) -> ChartNode {
        let mut node = ChartNode {
            name: String::new(),
            version: String::new(),
            requested: String::new(),
            alias: String::new(),
            path: shown.to_owned(),
            state: NodeState::There,
            dependencies: Vec::new(),
        };
        let metadata = match self {
            Self::Folder(path) if !path.exists() => {
                node.state = NodeState::Missing;
                return node;
            }
            Self::Folder(path) => ChartMetadata::of_dir(path),
            Self::Files(entries) => ChartMetadata::of_entries(entries),
        };
        let Ok(metadata) = metadata else {
            node.state = NodeState::Unreadable;
            return node;
        };
        node.name = metadata.name;
        node.version = metadata.version;
        if depth >= MAX_DEPTH {
            return node;
        }
        let mut inner: Vec<ChartNode> = self
            .inner()
            .into_iter()
            .map(|(name, place)| {
                let shown = format!("{shown}/charts/{name}");
                match place {
                    Some(place) => place.node(&shown, depth + 1),
                    None => ChartNode {
                        name: name.clone(),
                        path: shown,
                        state: NodeState::Unreadable,
                        ..node.clone()
                    },
                }
            })
            .collect();
        let mut used = vec![false; inner.len()];
        for dependency in metadata.dependencies.into_iter().flatten() {
            let found = inner
                .iter()
                .position(|child| child.name == dependency.name && child.state == NodeState::There);
            let mut child = match found {
                Some(index) => {
                    used[index] = true;
                    inner[index].clone()
                }
                None => ChartNode {
                    name: dependency.name,
                    version: String::new(),
                    requested: String::new(),
                    alias: String::new(),
                    path: format!("{shown}/charts"),
                    state: NodeState::Missing,
                    dependencies: Vec::new(),
                },
            };
            child.requested = dependency.version;
            child.alias = dependency.alias;
            node.dependencies.push(child);
        }
        let mut used = used.into_iter();
        inner.retain(|_| !used.next().unwrap_or_default());
        node.dependencies.append(&mut inner);
        node
    }

    /// What is in `charts/`, by name; without a place where it cannot be read.
    fn inner(&self) -> Vec<(String, Option<Place>)> {
        match self {
            Self::Folder(path) => {
                let Ok(found) = std::fs::read_dir(path.join("charts")) else { return Vec::new() };
                let mut names: Vec<String> =
                    found.flatten().map(|f| f.file_name().to_string_lossy().into_owned()).collect();
                names.sort();
                names
                    .into_iter()
                    .filter(|name| is_chart(name))
                    .filter_map(|name| {
                        let path = path.join("charts").join(&name);
                        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_dir());
                        match (is_folder, is_archive(&name)) {
                            (true, _) => Some((name, Some(Self::Folder(path)))),
                            (false, true) => {
                                let place = std::fs::read(&path).ok().and_then(|b| packed(&b));
                                Some((name, place))
                            }
                            (false, false) => None,
                        }
                    })
                    .collect()
            }
            Self::Files(entries) => {
                let mut inner: Vec<(String, Option<Place>)> = Vec::new();
                let mut folders: std::collections::BTreeMap<String, Vec<Entry>> =
                    std::collections::BTreeMap::new();
                for entry in entries {
                    let Some(path) = entry.path.strip_prefix("charts/") else { continue };
                    if !is_chart(path) {
                        continue;
                    }
                    match path.split_once('/') {
                        Some((folder, rest)) => folders
                            .entry(folder.to_owned())
                            .or_default()
                            .push(Entry { path: rest.to_owned(), data: entry.data.clone() }),
                        None if is_archive(path) => {
                            inner.push((path.to_owned(), packed(&entry.data)));
                        }
                        None => {}
                    }
                }
                inner.extend(folders.into_iter().map(|(name, all)| (name, Some(Self::Files(all)))));
                inner.sort_by(|(a, _), (b, _)| a.cmp(b));
                inner
            }
        }
    }
}

/// Helm passes over what begins otherwise.
fn is_chart(name: &str) -> bool {
    !name.starts_with(['_', '.'])
}

fn is_archive(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tgz")
}

fn packed(bytes: &[u8]) -> Option<Place> {
    read_archive(bytes, &Limits::default()).ok().map(Place::Files)
}

impl fmt::Display for ChartNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.version.is_empty() {
            write!(f, " {}", self.version)?;
        }
        if !self.requested.is_empty() && self.requested != self.version {
            write!(f, " ({})", self.requested)?;
        }
        if !self.alias.is_empty() {
            write!(f, " as {}", self.alias)?;
        }
        match self.state {
            NodeState::There => Ok(()),
            NodeState::Missing => f.write_str(" [missing]"),
            NodeState::Unreadable => f.write_str(" [unreadable]"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut charts = self.way.iter();
        if let Some(chart) = charts.next() {
            writeln!(f, "{chart}")?;
        }
        let (requirement, range) = (&self.requirement, &self.requirement.version);
        let asked = if range.is_empty() { "any version" } else { range.as_str() };
        writeln!(
            f,
            "  required: {asked}, by {CHARTFILE}, for directory {}",
            requirement.directory_key()
        )?;
        match &self.locked {
            Some(LockedChart { version, repository, url, archive, .. }) => {
                writeln!(f, "  locked: {version} from {repository}")?;
                writeln!(f, "  archive: {url}, {archive}")?;
            }
            None => writeln!(f, "  not locked")?,
        }
        for (depth, chart) in charts.enumerate() {
            writeln!(f, "{:indent$}└── {chart}", "", indent = depth * 4)?;
        }
        if let Some(LockedDependency { version, repository, url, archive, .. }) = self.fetched() {
            writeln!(f, "      locked: {version} from {repository}")?;
            writeln!(f, "      archive: {url}, {archive}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ChartTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.charts.iter().try_for_each(|chart| {
            writeln!(f, "{chart}")?;
            draw(f, &chart.dependencies, "")
        })
    }
}

fn draw(f: &mut fmt::Formatter<'_>, nodes: &[ChartNode], prefix: &str) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        let (branch, below) = if index + 1 == nodes.len() {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        writeln!(f, "{prefix}{branch}{node}")?;
        draw(f, &node.dependencies, &format!("{prefix}{below}"))?;
    }
    Ok(())
}

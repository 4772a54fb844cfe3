//! A chart and its subcharts while it is decided which of them are in.
//!
//! Helm works on chart objects that point at each other and changes them as it goes; some are
//! copied on the way and some are not, and the paths of templates depend on which. Here they are
//! entries of arenas, so that whatever is one object in Helm is one entry.

use std::sync::Arc;

use crate::chart::Chart;
use crate::compat::Compat;
use crate::metadata::{Dependency, Metadata};
use crate::values::{Table, Value};

/// Which chart object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartId(usize);

/// Which metadata object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MetadataId(usize);

/// Which entry of `dependencies` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequirementId(usize);

#[derive(Clone, Debug)]
struct Node {
    chart: Arc<Chart>,
    metadata: MetadataId,
    values: Arc<Table>,
    parent: Option<ChartId>,
    dependencies: Vec<ChartId>,
}

#[derive(Clone, Debug)]
struct Meta {
    name: String,
    version: String,
    requirements: Option<Vec<RequirementId>>,
}

/// An entry of `dependencies`, as it changes.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    pub(crate) dependency: Dependency,
    /// The pairs of child and parent once `import-values` were done; before, they are as written.
    pub(crate) imports: Option<Vec<(String, String)>>,
}

/// Chart objects.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    compat: Compat,
    nodes: Vec<Node>,
    metadata: Vec<Meta>,
    requirements: Vec<Requirement>,
}

/// A chart at its place below the chart that is rendered.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The chart it is an instance of, for its files, templates and schema.
    pub chart: Arc<Chart>,
    /// Its metadata as templates see it: by its alias, and with the dependencies that are in.
    pub metadata: Metadata,
    /// What the names of its templates begin with: `root/charts/sub`.
    pub path: String,
    /// Whether it is the chart that is rendered.
    pub is_root: bool,
    /// The charts below it, in Helm's order.
    pub dependencies: Vec<Instance>,
}

impl Instance {
    /// The name it goes by: its alias, or its own.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }
}

impl Tree {
    /// The objects of a chart as it was loaded, and the one at the top.
    pub(crate) fn new(chart: &Arc<Chart>, compat: Compat) -> (Self, ChartId) {
        let mut tree =
            Self { compat, nodes: Vec::new(), metadata: Vec::new(), requirements: Vec::new() };
        let root = tree.add(chart, None);
        (tree, root)
    }

    fn add(&mut self, chart: &Arc<Chart>, parent: Option<ChartId>) -> ChartId {
        let requirements = chart.metadata.dependencies.as_ref().map(|dependencies| {
            dependencies
                .iter()
                .map(|dependency| {
                    self.requirements
                        .push(Requirement { dependency: dependency.clone(), imports: None });
                    RequirementId(self.requirements.len() - 1)
                })
                .collect()
        });
        self.metadata.push(Meta {
            name: chart.metadata.name.clone(),
            version: chart.metadata.version.clone(),
            requirements,
        });
        self.nodes.push(Node {
            chart: Arc::clone(chart),
            metadata: MetadataId(self.metadata.len() - 1),
            values: Arc::clone(&chart.values),
            parent,
            dependencies: Vec::new(),
        });
        let id = ChartId(self.nodes.len() - 1);
        // Charts nest as deep as archives in archives were read, which is not deep.
        let dependencies = chart.dependencies.iter().map(|sub| self.add(sub, Some(id))).collect();
        self.nodes[id.0].dependencies = dependencies;
        id
    }

    pub(crate) fn compat(&self) -> Compat {
        self.compat
    }

    fn meta(&self, chart: ChartId) -> &Meta {
        &self.metadata[self.nodes[chart.0].metadata.0]
    }

    fn meta_mut(&mut self, chart: ChartId) -> &mut Meta {
        let id = self.nodes[chart.0].metadata;
        &mut self.metadata[id.0]
    }

    pub(crate) fn name(&self, chart: ChartId) -> &str {
        &self.meta(chart).name
    }

    pub(crate) fn version(&self, chart: ChartId) -> &str {
        &self.meta(chart).version
    }

    pub(crate) fn rename(&mut self, chart: ChartId, name: &str) {
        name.clone_into(&mut self.meta_mut(chart).name);
    }

    /// The default values of a chart.
    pub(crate) fn values(&self, chart: ChartId) -> &Table {
        &self.nodes[chart.0].values
    }

    pub(crate) fn set_values(&mut self, chart: ChartId, values: Table) {
        self.nodes[chart.0].values = Arc::new(values);
    }

    /// The subcharts that are in.
    pub(crate) fn dependencies(&self, chart: ChartId) -> &[ChartId] {
        &self.nodes[chart.0].dependencies
    }

    /// Replaces the subcharts; they get `chart` for a parent.
    pub(crate) fn set_dependencies(&mut self, chart: ChartId, dependencies: Vec<ChartId>) {
        for &dependency in &dependencies {
            self.nodes[dependency.0].parent = Some(chart);
        }
        self.nodes[chart.0].dependencies = dependencies;
    }

    /// The entries of `dependencies`, if there is such a list.
    pub(crate) fn requirements(&self, chart: ChartId) -> Option<&[RequirementId]> {
        self.meta(chart).requirements.as_deref()
    }

    pub(crate) fn set_requirements(&mut self, chart: ChartId, requirements: Vec<RequirementId>) {
        self.meta_mut(chart).requirements = (!requirements.is_empty()).then_some(requirements);
    }

    pub(crate) fn requirement(&self, id: RequirementId) -> &Requirement {
        &self.requirements[id.0]
    }

    pub(crate) fn requirement_mut(&mut self, id: RequirementId) -> &mut Requirement {
        &mut self.requirements[id.0]
    }

    /// A copy of a chart object, as Helm makes it for an entry of `dependencies`.
    ///
    /// The metadata is copied. Helm 4 also copies the entries of `dependencies` and the objects
    /// directly below; Helm 3 lets all copies of a chart share them.
    pub(crate) fn copy(&mut self, chart: ChartId) -> ChartId {
        let mut meta = self.meta(chart).clone();
        if self.compat.is_v4()
            && let Some(requirements) = &mut meta.requirements
        {
            for id in requirements {
                self.requirements.push(self.requirements[id.0].clone());
                *id = RequirementId(self.requirements.len() - 1);
            }
        }
        self.metadata.push(meta);
        let metadata = MetadataId(self.metadata.len() - 1);
        let node = Node { metadata, ..self.nodes[chart.0].clone() };
        let below = node.dependencies.clone();
        self.nodes.push(node);
        let copy = ChartId(self.nodes.len() - 1);
        if self.compat.is_v4() {
            let below = below
                .into_iter()
                .map(|id| {
                    self.nodes.push(self.nodes[id.0].clone());
                    ChartId(self.nodes.len() - 1)
                })
                .collect();
            self.set_dependencies(copy, below);
        }
        copy
    }

    /// The path of a chart: the names of the charts it is in, as far as they point at each other.
    fn path(&self, chart: ChartId) -> String {
        let mut names = vec![self.name(chart)];
        let mut at = chart;
        while let Some(parent) = self.nodes[at.0].parent {
            names.push(self.name(parent));
            at = parent;
        }
        names.reverse();
        names.join("/charts/")
    }

    /// What became of a chart.
    pub(crate) fn instance(&self, chart: ChartId) -> Instance {
        let node = &self.nodes[chart.0];
        let meta = self.meta(chart);
        let metadata = Metadata {
            name: meta.name.clone(),
            dependencies: meta.requirements.as_ref().map(|requirements| {
                requirements.iter().map(|&id| self.requirement(id).processed()).collect()
            }),
            ..node.chart.metadata.clone()
        };
        Instance {
            chart: Arc::clone(&node.chart),
            metadata,
            path: self.path(chart),
            is_root: node.parent.is_none(),
            dependencies: node.dependencies.iter().map(|&sub| self.instance(sub)).collect(),
        }
    }
}

impl Requirement {
    fn processed(&self) -> Dependency {
        let mut dependency = self.dependency.clone();
        if let Some(imports) = &self.imports {
            dependency.import_values = imports
                .iter()
                .map(|(child, parent)| {
                    let text = |text: &str| Value::String(text.into());
                    Value::table(Table::from([
                        ("child".into(), text(child)),
                        ("parent".into(), text(parent)),
                    ]))
                })
                .collect();
        }
        dependency
    }
}

//! Which subcharts are in, under which names, and what values they all get.
//!
//! Owns conditions, tags, aliases and `import-values`, and the checks of a chart before it is
//! rendered. The objects it works on are [`crate::tree`]'s; putting values together is
//! [`crate::values`]'.

use std::sync::Arc;

use renga_gotemplate::quoted;

use crate::capabilities::is_compatible;
use crate::chart::Chart;
use crate::compat::Compat;
use crate::tree::{ChartId, Instance, RequirementId, Tree};
use crate::values::coalesce::{coalesce, merge};
use crate::values::display::Plain;
use crate::values::import::Importer;
use crate::values::{CoalesceError, Coalesced, Table, Value};
use crate::warning::{Level, Warning};

/// A chart with its subcharts decided and its values put together.
#[derive(Clone, Debug)]
pub struct Processed {
    /// The chart and what is below it.
    pub root: Instance,
    /// The values of all of them.
    pub values: Coalesced,
    /// What Helm says meanwhile.
    pub warnings: Vec<Warning>,
}

/// Why a chart's dependencies or values do not work out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DependencyError {
    /// The chart is a library, or of a type there is not.
    #[error("{kind} charts are not installable")]
    #[diagnostic(
        code(helm::not_installable),
        help("a library chart only has helpers for other charts: render a chart that uses it")
    )]
    NotInstallable {
        /// The `type` of the chart.
        kind: String,
    },
    /// `Chart.yaml` names charts that `charts/` does not have.
    #[error("{}: found in Chart.yaml, but missing in charts/ directory: {}", missing_text(*.compat), .names.join(", "))]
    #[diagnostic(
        code(helm::missing_dependencies),
        help("vendor the chart together with its dependencies")
    )]
    Missing {
        /// The charts.
        names: Vec<String>,
        /// Whose words to use.
        compat: Compat,
    },
    /// Values and subcharts contradict each other while it is decided which are in.
    #[error("{}{cause}", if .compat.is_v4() { "chart dependencies processing failed: " } else { "" })]
    #[diagnostic(code(helm::subchart_values))]
    Processing {
        /// The contradiction.
        #[diagnostic_source]
        cause: CoalesceError,
        /// Whose words to use.
        compat: Compat,
    },
    /// Values and subcharts contradict each other.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Values(#[from] CoalesceError),
}

fn missing_text(compat: Compat) -> &'static str {
    match compat {
        Compat::V4 => {
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies"
        }
        Compat::V3 => {
            "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies"
        }
    }
}

/// Checks that a chart can be rendered at all: it is no library, and its dependencies are there.
///
/// Gives back what Helm says about a chart that is deprecated.
///
/// # Errors
///
/// [`DependencyError::NotInstallable`] or [`DependencyError::Missing`].
pub fn check_renderable(chart: &Chart, compat: Compat) -> Result<Vec<Warning>, DependencyError> {
    let metadata = &chart.metadata;
    if !matches!(metadata.kind.as_str(), "" | "application") {
        return Err(DependencyError::NotInstallable { kind: metadata.kind.clone() });
    }
    let names: Vec<String> = metadata
        .dependencies
        .iter()
        .flatten()
        .filter(|wanted| !chart.dependencies.iter().any(|there| there.name() == wanted.name))
        .map(|wanted| wanted.name.clone())
        .collect();
    if !names.is_empty() {
        return Err(DependencyError::Missing { names, compat });
    }
    let text = match compat {
        Compat::V4 => "this chart is deprecated",
        Compat::V3 => "This chart is deprecated",
    };
    Ok(metadata.deprecated.then(|| Warning::new(Level::Warn, text)).into_iter().collect())
}

/// Decides which subcharts of a chart are in, and puts the values of all of them together.
///
/// # Errors
///
/// [`DependencyError::Processing`] or [`DependencyError::Values`] when the values under the name
/// of a subchart are no table.
pub fn process(
    chart: &Arc<Chart>,
    values: &Table,
    compat: Compat,
) -> Result<Processed, DependencyError> {
    let (tree, root) = Tree::new(chart, compat);
    let mut processor = Processor { tree, warnings: Vec::new() };
    let processing = |cause| DependencyError::Processing { cause, compat };
    processor.choose(root, values.clone(), "").map_err(processing)?;
    processor.import(root).map_err(processing)?;
    let Processor { tree, mut warnings } = processor;
    let values = coalesce(&tree, root, values.clone(), &mut warnings)?;
    Ok(Processed { root: tree.instance(root), values, warnings })
}

struct Processor {
    tree: Tree,
    warnings: Vec<Warning>,
}

impl Processor {
    fn compat(&self) -> Compat {
        self.tree.compat()
    }

    /// Keeps the subcharts of a chart that are enabled. `values` are those of the chart above it,
    /// in which it is at `path`.
    fn choose(&mut self, chart: ChartId, values: Table, path: &str) -> Result<(), CoalesceError> {
        let Some(requirements) = self.tree.requirements(chart).map(<[_]>::to_vec) else {
            return Ok(());
        };
        self.match_requirements(chart, &requirements);
        for &id in &requirements {
            self.tree.requirement_mut(id).dependency.enabled = true;
        }
        let values = coalesce(&self.tree, chart, values, &mut self.warnings)?;
        self.apply_tags(&requirements, &values);
        self.apply_conditions(&requirements, &values, path);

        let tree = &self.tree;
        let disabled: Vec<&str> = requirements
            .iter()
            .map(|&id| &tree.requirement(id).dependency)
            .filter(|dependency| !dependency.enabled)
            .map(|dependency| dependency.name.as_str())
            .collect();
        let is_in = |name: &str| !disabled.contains(&name);
        let charts: Vec<ChartId> =
            tree.dependencies(chart).iter().copied().filter(|&sub| is_in(tree.name(sub))).collect();
        let requirements: Vec<RequirementId> = requirements
            .iter()
            .copied()
            .filter(|&id| is_in(&tree.requirement(id).dependency.name))
            .collect();

        let values = values.into_owned()?;
        for &sub in &charts {
            let path = format!("{path}{}.", self.tree.name(sub));
            self.choose(sub, values.clone(), &path)?;
        }
        self.tree.set_requirements(chart, requirements);
        self.tree.set_dependencies(chart, charts);
        Ok(())
    }

    /// Finds a chart for each entry of `dependencies`; charts that none asks for stay, in front.
    fn match_requirements(&mut self, chart: ChartId, requirements: &[RequirementId]) {
        let there = self.tree.dependencies(chart).to_vec();
        let matches = |tree: &Tree, id: RequirementId, sub: ChartId| {
            let wanted = &tree.requirement(id).dependency;
            tree.name(sub) == wanted.name && is_compatible(&wanted.version, tree.version(sub))
        };
        let tree = &self.tree;
        let mut chosen: Vec<ChartId> = there
            .iter()
            .copied()
            .filter(|&sub| !requirements.iter().any(|&id| matches(tree, id, sub)))
            .collect();
        for &id in requirements {
            let found = there.iter().copied().find(|&sub| matches(&self.tree, id, sub));
            let alias = self.tree.requirement(id).dependency.alias.clone();
            if let Some(found) = found {
                let copy = self.tree.copy(found);
                if !alias.is_empty() {
                    self.tree.rename(copy, &alias);
                }
                chosen.push(copy);
            }
            if !alias.is_empty() {
                self.tree.requirement_mut(id).dependency.name = alias;
            }
        }
        self.tree.set_dependencies(chart, chosen);
    }

    fn apply_tags(&mut self, requirements: &[RequirementId], values: &Coalesced) {
        let compat = self.compat();
        let Ok(tags) = values.table_at(&["tags"]) else { return };
        for &id in requirements {
            let dependency = &mut self.tree.requirement_mut(id).dependency;
            let (mut on, mut off) = (false, false);
            for tag in &dependency.tags {
                match tags.get(tag.as_bytes()) {
                    None => {}
                    Some(Value::Bool(true)) => on = true,
                    Some(Value::Bool(false)) => off = true,
                    Some(_) => {
                        let name = &dependency.name;
                        self.warnings.push(if compat.is_v4() {
                            Warning::new(Level::Warn, "returned non-bool value")
                                .with("tag", tag)
                                .with("chart", name)
                        } else {
                            Warning::new(
                                Level::Info,
                                format!(
                                    "Warning: Tag '{tag}' for chart {name} returned non-bool value"
                                ),
                            )
                        });
                    }
                }
            }
            dependency.enabled = on || !off;
        }
    }

    fn apply_conditions(&mut self, requirements: &[RequirementId], values: &Coalesced, path: &str) {
        let compat = self.compat();
        for &id in requirements {
            let dependency = &mut self.tree.requirement_mut(id).dependency;
            let condition = dependency.condition.trim_matches(renga_gotemplate::is_space);
            for condition in condition.split(',').filter(|condition| !condition.is_empty()) {
                match values.plain_at(&format!("{path}{condition}")) {
                    None => {}
                    Some(Value::Bool(enabled)) => {
                        dependency.enabled = *enabled;
                        break;
                    }
                    Some(_) => {
                        let name = &dependency.name;
                        self.warnings.push(if compat.is_v4() {
                            Warning::new(Level::Warn, "returned non-bool value")
                                .with("path", condition)
                                .with("chart", name)
                        } else {
                            Warning::new(
                                Level::Info,
                                format!("Warning: Condition path '{condition}' for chart {name} returned non-bool value"),
                            )
                        });
                    }
                }
            }
        }
    }

    /// Puts what subcharts export below the default values of the charts above them.
    fn import(&mut self, chart: ChartId) -> Result<(), CoalesceError> {
        for sub in self.tree.dependencies(chart).to_vec() {
            self.import(sub)?;
        }
        let Some(requirements) = self.tree.requirements(chart).map(<[_]>::to_vec) else {
            return Ok(());
        };
        let merged = merge(&self.tree, chart, &mut self.warnings)?;
        let asks =
            |id: &RequirementId| !self.tree.requirement(*id).dependency.import_values.is_empty();
        if !requirements.iter().any(asks) {
            self.tree.set_values(chart, merged.into_owned()?);
            return Ok(());
        }
        let mut importer = Importer::new(&merged);
        for id in requirements {
            let requirement = self.tree.requirement(id);
            let name = requirement.dependency.name.clone();
            let written = match &requirement.imports {
                None => requirement.dependency.import_values.clone(),
                Some(_) => Vec::new(),
            };
            let mut imports = Vec::new();
            for import in written {
                let (child, parent, is_pair) = match &import {
                    Value::Table(pair) => {
                        let text = |key: &str| {
                            let value = pair.get(key.as_bytes()).unwrap_or(&Value::Null);
                            Plain { value, shared: &[] }.to_string()
                        };
                        (text("child"), text("parent"), true)
                    }
                    Value::String(export) => (format!("exports.{export}"), ".".to_owned(), false),
                    _ => continue,
                };
                let path = format!("{name}.{child}");
                let done = importer.import(&path, &parent, &mut self.warnings)?;
                if let Err(key) = done {
                    let warning = self.missing_import(&name, key, is_pair);
                    self.warnings.push(warning);
                }
                imports.push((child, parent));
            }
            self.tree.requirement_mut(id).imports = Some(imports);
        }
        let values = importer.finish(&mut self.warnings)?;
        self.tree.set_values(chart, values);
        Ok(())
    }

    fn missing_import(&self, chart: &str, key: &str, is_pair: bool) -> Warning {
        let error = format!("{} is not a table", quoted(key.as_bytes()));
        match (self.compat(), is_pair) {
            (Compat::V4, true) => {
                Warning::new(Level::Warn, "ImportValues missing table from chart")
                    .with("chart", chart)
                    .with("error", error)
            }
            (Compat::V4, false) => {
                Warning::new(Level::Warn, "ImportValues missing table").with("error", error)
            }
            (Compat::V3, true) => Warning::new(
                Level::Info,
                format!("Warning: ImportValues missing table from chart {chart}: {error}"),
            ),
            (Compat::V3, false) => {
                Warning::new(Level::Info, format!("Warning: ImportValues missing table: {error}"))
            }
        }
    }
}

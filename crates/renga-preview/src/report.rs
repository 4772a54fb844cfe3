//! The report as data: environments, and changes that are equal said once.
//!
//! [`Collector`] takes what became of one environment after the other, in any order and from any
//! thread, and keeps of it only what is shown: memory grows with the number of *different* changes.
//! [`Report`] is what it makes of them, the same whatever the order was.

use std::collections::{BTreeMap, HashMap};

use renga_diff::{Comparison, Edit, Fate, ObjectDiff, ObjectId, Segment, StructuralChange};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// Raised when the meaning of the report changes.
const VERSION: u32 = 1;

/// What a change of a workspace changes in its manifests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this form.
    pub version: u32,
    /// What is compared with.
    pub base: Side,
    /// What is compared.
    pub head: Side,
    /// What readers have to know about how the two were compared.
    pub notes: Vec<String>,
    /// All environments, by name.
    pub environments: Vec<EnvironmentReport>,
    /// The changes, the most important first.
    pub groups: Vec<Group>,
    /// How many changes each noise rule passed over, by its name.
    pub noise: BTreeMap<String, usize>,
    /// How many values were masked.
    pub masked: usize,
}

/// One of the two sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// In the words of the user: a revision, a folder, or the working tree.
    pub name: String,
    /// The commit, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Files of the working tree that are not committed.
    pub uncommitted: usize,
}

/// What became of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// At least one side does not render: what changes cannot be told.
    Failed,
    /// The base does not have it.
    Added,
    /// Only the base has it.
    Removed,
    /// Its manifests differ.
    Changed,
    /// They do not.
    Unchanged,
}

/// Which side something is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// What is compared with.
    Base,
    /// What is compared.
    Head,
}

/// An environment in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentReport {
    /// Its name.
    pub name: String,
    /// Its main file, relative to the workspace.
    pub path: String,
    /// What became of it.
    pub status: Status,
    /// Its name in the base, if that was another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// Whether it was rendered.
    pub rendered: bool,
    /// Why it was rendered, or was not.
    pub reason: String,
    /// How many of its objects changed.
    pub objects: Counts,
    /// Images of its containers that changed.
    pub images: Vec<ImageChange>,
    /// Why sides of it do not render.
    pub failures: Vec<Failure>,
}

/// How many objects of an environment changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Those with other fields.
    pub changed: usize,
    /// Those that are gone.
    pub removed: usize,
    /// Those with another name.
    pub renamed: usize,
    /// All others.
    pub unchanged: usize,
}

/// An image that gave way to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ImageChange {
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
    /// In how many containers.
    pub containers: usize,
}

/// Why a side of an environment does not render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Which side.
    pub side: Of,
    /// What is wrong.
    pub message: String,
}

/// A change that is the same for one or more objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The change, as it is of the first of the objects.
    pub change: ObjectDiff,
    /// The objects.
    pub objects: Vec<Occurrence>,
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = as_data(&self.change);
        if let Value::Object(map) = &mut value {
            map.shift_remove("namespace");
            map.shift_remove("name");
            let objects = self.objects.iter().map(|found| {
                let mut object = json!({"environment": found.environment, "name": found.name});
                if !found.namespace.is_empty() {
                    object["namespace"] = found.namespace.clone().into();
                }
                object
            });
            map.insert("objects".to_owned(), objects.collect());
        }
        value.serialize(serializer)
    }
}

/// An object of an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The environment's name.
    pub environment: String,
    /// The object's namespace, empty where it has none.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl Group {
    /// The environments, each once, in order.
    pub(crate) fn environments(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.objects.iter().map(|object| object.environment.as_str()).collect();
        names.dedup();
        names
    }

    /// The objects' names, each once, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.objects.iter().map(|object| object.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Smaller is more important: what is lost, what grants rights, what is new.
    fn rank(&self) -> u8 {
        let ObjectDiff { id, fate, .. } = &self.change;
        let rights =
            id.group == "rbac.authorization.k8s.io" || id.kind == "CustomResourceDefinition";
        match fate {
            Fate::Removed(_) => 0,
            _ if rights => 1,
            Fate::Renamed(_) => 2,
            Fate::Changed => 3,
            Fate::Added(_) => 4,
        }
    }
}

/// A changed object as data, without the whole texts of which only parts changed.
fn as_data(object: &ObjectDiff) -> Value {
    let comparison = Comparison { objects: vec![object.clone()], ..Comparison::default() };
    let mut data = comparison.to_json();
    let mut object = data["objects"][0].take();
    as_whole_numbers(&mut object);
    if let Some(changes) = object.get_mut("changes") {
        without_texts(changes);
    }
    object
}

/// Evaluation knows only floating-point numbers; `1.0` is `1` in every manifest.
fn as_whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "within what a float tells exactly"
            )]
            if let Some(float) = whole {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_whole_numbers),
        Value::Object(map) => map.values_mut().for_each(as_whole_numbers),
        _ => {}
    }
}

fn without_texts(changes: &mut Value) {
    for change in changes.as_array_mut().into_iter().flatten() {
        let partial = matches!(change["edit"].as_str(), Some("text" | "embedded"));
        if let Some(map) = change.as_object_mut().filter(|_| partial) {
            map.shift_remove("before");
            map.shift_remove("after");
        }
        if let Some(changes) = change.get_mut("changes") {
            without_texts(changes);
        }
    }
}

impl Report {
    /// Whether a side of an environment does not render.
    pub fn has_failures(&self) -> bool {
        self.environments.iter().any(|environment| environment.status == Status::Failed)
    }

    /// Whether anything differs, as far as can be told.
    pub fn has_differences(&self) -> bool {
        self.environments.iter().any(|found| {
            matches!(found.status, Status::Added | Status::Removed | Status::Changed)
                || found.renamed_from.is_some()
        })
    }

    pub(crate) fn count(&self, status: Status) -> usize {
        self.environments.iter().filter(|environment| environment.status == status).count()
    }

    /// The report as JSON, with a newline at the end.
    pub fn to_json(&self) -> String {
        // Strings, numbers and JSON values only: nothing that could fail to serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Puts a report together.
#[derive(Default)]
pub struct Collector {
    environments: Vec<EnvironmentReport>,
    /// The changes so far, each with the place of its first object among them.
    groups: HashMap<[u8; 32], (Group, usize)>,
    noise: BTreeMap<String, usize>,
    masked: usize,
}

impl Collector {
    /// Takes what became of an environment that renders `objects` objects now. Its counts and images
    /// follow from the difference, and its status, unless it is added, removed or failed.
    pub fn add(
        &mut self,
        mut environment: EnvironmentReport,
        objects: usize,
        difference: Comparison,
    ) {
        let Comparison { objects: changed, hidden, masked } = difference;
        if environment.status == Status::Unchanged && !changed.is_empty() {
            environment.status = Status::Changed;
        }
        for (rule, count) in hidden {
            *self.noise.entry(rule).or_default() += count;
        }
        self.masked += masked;
        let mut images: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut counts = Counts::default();
        for mut change in changed {
            match &change.fate {
                Fate::Added(_) => counts.added += 1,
                Fate::Removed(_) => counts.removed += 1,
                Fate::Changed => counts.changed += 1,
                Fate::Renamed(_) => counts.renamed += 1,
            }
            count_images(&change.changes, &mut images);
            drop_texts(&mut change.changes);
            let key = group_key(&change);
            let ObjectId { namespace, name, .. } = change.id.clone();
            let occurrence = Occurrence { environment: environment.name.clone(), namespace, name };
            let Some((group, first)) = self.groups.get_mut(&key) else {
                let group = Group { change, objects: vec![occurrence] };
                self.groups.insert(key, (group, 0));
                continue;
            };
            // The change that is shown is that of the first object, whoever came first.
            if occurrence < group.objects[*first] {
                group.change = change;
                *first = group.objects.len();
            }
            group.objects.push(occurrence);
        }
        counts.unchanged = objects.saturating_sub(counts.added + counts.changed + counts.renamed);
        environment.objects = counts;
        let image = |((from, to), containers)| ImageChange { from, to, containers };
        environment.images = images.into_iter().map(image).collect();
        self.environments.push(environment);
    }

    /// The report.
    pub fn into_report(self, base: Side, head: Side, notes: Vec<String>) -> Report {
        let mut environments = self.environments;
        environments.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        let mut groups: Vec<Group> = self.groups.into_values().map(|(group, _)| group).collect();
        for group in &mut groups {
            group.objects.sort();
        }
        groups.sort_by(|a, b| {
            let order = |group: &Group| (group.rank(), std::cmp::Reverse(group.objects.len()));
            let kind = |group: &Group| group.change.id.kind.clone();
            order(a)
                .cmp(&order(b))
                .then_with(|| kind(a).cmp(&kind(b)))
                .then_with(|| a.objects.cmp(&b.objects))
        });
        Report {
            version: VERSION,
            base,
            head,
            notes,
            environments,
            groups,
            noise: self.noise,
            masked: self.masked,
        }
    }
}

/// Lets go of whole texts of which only the parts that changed are shown.
fn drop_texts(changes: &mut [StructuralChange]) {
    for change in changes {
        match &mut change.edit {
            Edit::Text { before, after, .. } => {
                *before = String::new();
                *after = String::new();
            }
            Edit::Embedded { before, after, changes, .. } => {
                *before = String::new();
                *after = String::new();
                drop_texts(changes);
            }
            _ => {}
        }
    }
}

fn count_images(changes: &[StructuralChange], images: &mut BTreeMap<(String, String), usize>) {
    for change in changes {
        let is_image =
            matches!(change.path.0.last(), Some(Segment::Field(name)) if name == "image");
        if let (true, Edit::Changed { before: Value::String(from), after: Value::String(to) }) =
            (is_image, &change.edit)
        {
            *images.entry((from.clone(), to.clone())).or_default() += 1;
        }
    }
}

/// What equal changes have in common: the kind of the object and the change, without its name.
fn group_key(change: &ObjectDiff) -> [u8; 32] {
    let mut nameless = as_data(change);
    if let Some(map) = nameless.as_object_mut() {
        for key in ["name", "namespace", "from"] {
            map.shift_remove(key);
        }
        // What an object was called is no part of the change, nor is what it is called now.
        if matches!(change.fate, Fate::Renamed(_))
            && let Some(Value::Array(changes)) = map.get_mut("changes")
        {
            changes.retain(|change| !is_name(change["path"].as_str().unwrap_or_default()));
        }
        let metadata = map.get_mut("object").and_then(|object| object.get_mut("metadata"));
        if let Some(metadata) = metadata.and_then(Value::as_object_mut) {
            let kept: Map<String, Value> = std::mem::take(metadata)
                .into_iter()
                .filter(|(key, _)| !matches!(key.as_str(), "name" | "namespace"))
                .collect();
            *metadata = kept;
        }
    }
    *blake3::hash(nameless.to_string().as_bytes()).as_bytes()
}

pub(crate) fn is_name(path: &str) -> bool {
    matches!(path, "metadata.name" | "metadata.namespace" | "metadata.generateName")
}

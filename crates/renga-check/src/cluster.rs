//! The surveys of one cluster, and what can be asked of it.

use renga_schema::{CustomKinds, Release};
use rustc_hash::FxHashMap;

use crate::object::ObjectName;
use crate::reference::Made;
use crate::survey::{Survey, Surveyed, is_definition};
use crate::workload::{Namespaces, Part, may_make_pods};

/// What goes to one cluster.
#[derive(Debug)]
pub(crate) struct Cluster<'s> {
    pub(crate) name: &'s str,
    surveys: Vec<&'s Survey>,
    /// The first object of each name, with its environment.
    objects: FxHashMap<Key<'s>, (&'s str, &'s Surveyed)>,
    /// What controllers make: namespace and name of a Secret.
    made: FxHashMap<(&'s str, &'s str), &'s Made>,
    /// What makes pods, by namespace.
    pub(crate) workloads: Namespaces<'s>,
    /// The kinds that definitions bring.
    pub(crate) custom: CustomKinds,
    /// Definitions that cannot be read, with the fault.
    broken: Vec<(&'s Surveyed, String)>,
}

/// Group, kind, namespace and name.
type Key<'s> = (&'s str, &'s str, &'s str, &'s str);

fn key(name: &ObjectName) -> Key<'_> {
    (name.group(), &name.kind, &name.namespace, &name.name)
}

impl<'s> Cluster<'s> {
    /// Sorts surveys by cluster, in the order in which these are first named.
    pub(crate) fn of(surveys: &'s [Survey], definitions: &CustomKinds) -> Vec<Self> {
        let mut clusters: Vec<Self> = Vec::new();
        let mut places: FxHashMap<&str, usize> = FxHashMap::default();
        for survey in surveys {
            let place = *places.entry(&survey.cluster).or_insert_with(|| {
                clusters.push(Self {
                    name: &survey.cluster,
                    surveys: Vec::new(),
                    objects: FxHashMap::default(),
                    made: FxHashMap::default(),
                    workloads: Namespaces::default(),
                    custom: definitions.clone(),
                    broken: Vec::new(),
                });
                clusters.len() - 1
            });
            clusters[place].add(survey);
        }
        clusters
    }

    fn add(&mut self, survey: &'s Survey) {
        self.surveys.push(survey);
        for object in &survey.objects {
            self.objects.entry(key(&object.name)).or_insert((&survey.environment, object));
            let namespace = match object.name.namespace.as_str() {
                "" => "default",
                namespace => namespace,
            };
            match &object.part {
                Part::Pods(pods) => {
                    self.workloads.entry(namespace).or_default().pods.push((&object.name, pods));
                }
                Part::Scaler(target) => {
                    let target = (target.0.as_str(), target.1.as_str());
                    self.workloads.entry(namespace).or_default().scaled.push(target);
                }
                Part::None if object.manifest.is_some() && may_make_pods(&object.name) => {
                    self.workloads.entry(namespace).or_default().open = true;
                }
                _ => {}
            }
            for made in &object.makes {
                self.made.entry((&object.name.namespace, &made.name)).or_insert(made);
            }
            if is_definition(&object.name)
                && let Some(manifest) = &object.manifest
                && let Err(error) = self.custom.add(manifest.value())
            {
                self.broken.push((object, format!("{}: {}", error.path, error.fault)));
            }
        }
    }

    /// The environments and their objects, in order.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&'s str, &'s Surveyed)> {
        let surveys = self.surveys.iter().copied();
        surveys.flat_map(|survey| {
            survey.objects.iter().map(move |object| (survey.environment.as_str(), object))
        })
    }

    /// The object of that name, if one is rendered for this cluster.
    pub(crate) fn object(
        &self,
        group: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<&'s Surveyed> {
        self.objects.get(&(group, kind, namespace, name)).map(|(_, object)| *object)
    }

    /// The first object with the same name, and its environment, where it is another one.
    pub(crate) fn earlier(&self, object: &Surveyed) -> Option<&'s str> {
        let (environment, first) = self.objects.get(&key(&object.name))?;
        (!std::ptr::eq(*first, object)).then_some(*environment)
    }

    /// The Secret that a controller makes under that name.
    pub(crate) fn made(&self, namespace: &str, name: &str) -> Option<&'s Made> {
        self.made.get(&(namespace, name)).copied()
    }

    /// Why a definition cannot be read.
    pub(crate) fn fault_of(&self, object: &Surveyed) -> Option<&str> {
        let mut broken = self.broken.iter();
        broken
            .find(|(definition, _)| std::ptr::eq(*definition, object))
            .map(|(_, fault)| fault.as_str())
    }

    /// Whether objects of a kind live in a namespace; `None` where the kind is not known.
    pub(crate) fn is_namespaced(&self, release: &Release, name: &ObjectName) -> Option<bool> {
        match self.custom.get(&name.api_version, &name.kind) {
            Some(kind) => Some(kind.namespaced),
            None => release.definition(&name.api_version, &name.kind).map(|kind| kind.namespaced),
        }
    }
}

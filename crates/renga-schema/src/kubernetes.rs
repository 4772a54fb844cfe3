//! The built-in kinds of several Kubernetes releases.
//!
//! They stand in `data/kubernetes.txt`, which `cargo xtask schemas` writes from the `OpenAPI`
//! documents of the releases: a line `release LETTER VERSION` for each release, then a line for
//! each form that a definition has had:
//!
//! ```text
//! NAME LETTERS KINDS TYPE
//! api.apps.v1.Deployment abcd apps/v1:Deployment:deployments:n {apiVersion:s,…}
//! ```
//!
//! LETTERS are the releases with that form; KINDS is `-` or a list joined by `,` of what is served
//! in that form: API version, kind, name of the resource, and `n` where it lives in a namespace,
//! `c` where it does not. TYPE is written as [`crate::notation`] says.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::notation::read_type;
use crate::schema::Schema;
use crate::validate::Types;

const DATA: &str = include_str!("../data/kubernetes.txt");

/// The metadata that every object has.
pub(crate) const OBJECT_META: &str = "apimachinery.apis.meta.v1.ObjectMeta";

/// The built-in kinds of one release.
#[derive(Debug)]
pub struct Release {
    version: &'static str,
    definitions: FxHashMap<&'static str, Entry>,
    /// By API version and kind.
    kinds: FxHashMap<(&'static str, &'static str), Kind>,
}

/// A definition that is read when it is first asked for.
#[derive(Debug)]
struct Entry {
    text: &'static str,
    schema: OnceLock<Option<Schema>>,
}

#[derive(Debug, Clone, Copy)]
struct Kind {
    definition: &'static str,
    resource: &'static str,
    namespaced: bool,
}

/// What a release says of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'r> {
    /// Its type.
    pub schema: &'r Schema,
    /// The name of its resource: lower case, plural.
    pub resource: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// A release that is not known.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("Kubernetes {wanted} is not known, only {}", .known.join(", "))]
pub struct UnknownRelease {
    /// What was asked for.
    pub wanted: String,
    /// What there is, such as `1.36`, oldest first.
    pub known: Vec<String>,
}

impl Release {
    /// The release of that version: `1.36`, `v1.36`, `1.36.2` and `1.36+` mean the same.
    ///
    /// # Errors
    /// When its definitions are not among the data.
    pub fn of(version: &str) -> Result<Self, UnknownRelease> {
        let wanted = minor_of(version);
        let found = releases().find(|(_, known)| wanted.is_some() && minor_of(known) == wanted);
        found.map(|(letter, version)| Self::read(letter, version)).ok_or_else(|| UnknownRelease {
            wanted: version.to_owned(),
            known: Self::known().map(|(major, minor)| format!("{major}.{minor}")).collect(),
        })
    }

    /// The newest release of the data.
    pub fn newest() -> Self {
        let (letter, version) = releases().last().unwrap_or(("", ""));
        Self::read(letter, version)
    }

    /// Major and minor numbers of the releases of the data, oldest first.
    pub fn known() -> impl Iterator<Item = (u32, u32)> {
        releases().filter_map(|(_, version)| minor_of(version))
    }

    /// The version whose documents were read, such as `1.36.3`.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Major and minor number.
    pub fn number(&self) -> (u32, u32) {
        minor_of(self.version).unwrap_or_default()
    }

    fn read(letter: &str, version: &'static str) -> Self {
        let mut definitions = FxHashMap::default();
        let mut kinds = FxHashMap::default();
        for line in DATA.lines().filter(|line| !line.starts_with("release ")) {
            let mut words = line.splitn(4, ' ');
            let (Some(name), Some(letters), Some(served), Some(text)) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            if !letters.contains(letter) {
                continue;
            }
            definitions.insert(name, Entry { text, schema: OnceLock::new() });
            for kind in served.split(',') {
                let mut words = kind.split(':');
                if let (Some(api_version), Some(kind), Some(resource), Some(scope)) =
                    (words.next(), words.next(), words.next(), words.next())
                {
                    let namespaced = scope == "n";
                    kinds.insert(
                        (api_version, kind),
                        Kind { definition: name, resource, namespaced },
                    );
                }
            }
        }
        Self { version, definitions, kinds }
    }

    /// What this release says of a kind; `None` where it does not serve it.
    pub fn definition(&self, api_version: &str, kind: &str) -> Option<Definition<'_>> {
        let kind = self.kinds.get(&(api_version, kind))?;
        let schema = self.named(kind.definition)?;
        Some(Definition { schema, resource: kind.resource, namespaced: kind.namespaced })
    }

    /// The API versions and kinds that are served, in no order.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kinds.keys().copied()
    }
}

impl Types for Release {
    fn named(&self, name: &str) -> Option<&Schema> {
        let entry = self.definitions.get(name)?;
        entry.schema.get_or_init(|| read_type(entry.text).ok()).as_ref()
    }
}

/// Letter and version of each release, oldest first.
fn releases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = DATA.lines().map_while(|line| line.strip_prefix("release "));
    lines.filter_map(|line| line.split_once(' '))
}

/// Major and minor number.
fn minor_of(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.trim_end_matches('+').parse().ok()?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::{DATA, OBJECT_META, Release};
    use crate::notation::read_type;
    use crate::validate::Types as _;

    #[test]
    fn every_line_can_be_read() {
        for line in DATA.lines().filter(|line| !line.starts_with("release ")) {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            assert_eq!(words.len(), 4, "{line}");
            assert!(read_type(words[3]).is_ok(), "{line}");
        }
    }

    #[test]
    fn every_release_serves_what_all_have_and_only_its_own() {
        for (major, minor) in Release::known() {
            let release = Release::of(&format!("{major}.{minor}")).expect("a known release");
            let deployment = release.definition("apps/v1", "Deployment").expect("a kind");
            assert!(deployment.namespaced);
            assert_eq!(deployment.resource, "deployments");
            assert!(!release.definition("v1", "Namespace").expect("a kind").namespaced);
            assert!(release.named(OBJECT_META).is_some());
            assert!(release.definition("extensions/v1beta1", "Ingress").is_none());
        }
    }

    #[test]
    fn no_reference_leads_nowhere() {
        use crate::schema::{Schema, Shape};
        fn walk(schema: &Schema, release: &Release) {
            match &schema.shape {
                Shape::Reference(name) => assert!(release.named(name).is_some(), "{name}"),
                Shape::List(list) => walk(&list.items, release),
                Shape::Map(values) => walk(values, release),
                Shape::Object(object) => {
                    object.fields.iter().for_each(|field| walk(&field.schema, release));
                }
                _ => {}
            }
        }
        for (major, minor) in Release::known() {
            let release = Release::of(&format!("{major}.{minor}")).expect("a known release");
            let names: Vec<&str> = release.definitions.keys().copied().collect();
            assert!(names.len() > 500);
            for name in names {
                walk(release.named(name).expect("a definition"), &release);
            }
        }
    }

    #[test]
    fn versions_are_found_by_their_minor() {
        let newest = Release::newest();
        for form in [newest.version().to_owned(), format!("v{}", newest.version())] {
            assert_eq!(Release::of(&form).expect("known").version(), newest.version());
        }
        let error = Release::of("1.12").expect_err("an error").to_string();
        assert!(error.starts_with("Kubernetes 1.12 is not known, only 1."), "{error}");
        assert!(Release::of("latest").is_err());
    }
}

//! The drafts of JSON Schema: their names, where they keep subschemas, and their metaschemas.
//!
//! The metaschemas are built in, compiled once, and stripped of what only describes
//! (`title`, `default`, …).

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{
    compile::{Compiler, NoFiles},
    json::{self, Json},
    keywords::{Schema, SchemaId},
};

/// A draft. Later ones compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

/// A step towards subschemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The value of the keyword itself.
    Here,
    /// The members of an object.
    Members,
    /// The items of an array.
    Items,
}

/// Where subschemas live, by the draft that brought the keyword.
const POSITIONS: [(Draft, &str, Step); 23] = [
    (Draft::V4, "definitions", Step::Members),
    (Draft::V4, "not", Step::Here),
    (Draft::V4, "allOf", Step::Items),
    (Draft::V4, "anyOf", Step::Items),
    (Draft::V4, "oneOf", Step::Items),
    (Draft::V4, "properties", Step::Members),
    (Draft::V4, "additionalProperties", Step::Here),
    (Draft::V4, "patternProperties", Step::Members),
    (Draft::V4, "items", Step::Here),
    (Draft::V4, "items", Step::Items),
    (Draft::V4, "additionalItems", Step::Here),
    (Draft::V4, "dependencies", Step::Members),
    (Draft::V6, "propertyNames", Step::Here),
    (Draft::V6, "contains", Step::Here),
    (Draft::V7, "if", Step::Here),
    (Draft::V7, "then", Step::Here),
    (Draft::V7, "else", Step::Here),
    (Draft::V2019, "$defs", Step::Members),
    (Draft::V2019, "dependentSchemas", Step::Members),
    (Draft::V2019, "unevaluatedProperties", Step::Here),
    (Draft::V2019, "unevaluatedItems", Step::Here),
    (Draft::V2019, "contentSchema", Step::Here),
    (Draft::V2020, "prefixItems", Step::Items),
];

impl Draft {
    /// The draft a schema without `$schema` is read by.
    pub(super) const LATEST: Draft = Draft::V2020;

    const ALL: [Draft; 5] = [Draft::V4, Draft::V6, Draft::V7, Draft::V2019, Draft::V2020];

    fn url(self) -> &'static str {
        match self {
            Draft::V4 => "http://json-schema.org/draft-04/schema",
            Draft::V6 => "http://json-schema.org/draft-06/schema",
            Draft::V7 => "http://json-schema.org/draft-07/schema",
            Draft::V2019 => "https://json-schema.org/draft/2019-09/schema",
            Draft::V2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The draft a `$schema` names, with either scheme and at most an empty fragment.
    pub(super) fn from_url(url: &str) -> Option<Draft> {
        let url = url.strip_suffix('#').unwrap_or(url);
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let rest = rest.unwrap_or(url);
        if rest == "json-schema.org/schema" {
            return Some(Draft::LATEST);
        }
        let known = |draft: &Draft| {
            draft.url().split_once("://").is_some_and(|(_, address)| address == rest)
        };
        Draft::ALL.into_iter().find(known)
    }

    /// The keyword that identifies a schema.
    pub(super) fn id_keyword(self) -> &'static str {
        if self == Draft::V4 { "id" } else { "$id" }
    }

    /// The identifier of a schema object, without fragment; empty if it has none.
    pub(super) fn id_of(self, schema: &Json) -> &str {
        if self < Draft::V2019 && schema.get("$ref").is_some() {
            return "";
        }
        let id = schema.get(self.id_keyword()).and_then(Json::as_str).unwrap_or_default();
        id.split('#').next().unwrap_or_default()
    }

    /// The subschemas directly below a schema, with their pointers relative to it.
    pub(super) fn subschemas(self, schema: &Json) -> BTreeMap<String, &Json> {
        let mut found = BTreeMap::new();
        for (since, keyword, step) in POSITIONS {
            if since > self {
                continue;
            }
            let Some(value) = schema.get(keyword) else { continue };
            match (step, value) {
                (Step::Here, _) => {
                    found.insert(pointer([keyword]), value);
                }
                (Step::Members, Json::Object(members)) => {
                    for (key, value) in members {
                        found.insert(pointer([keyword, key]), value);
                    }
                }
                (Step::Items, Json::Array(items)) => {
                    for (index, value) in items.iter().enumerate() {
                        found.insert(pointer([keyword, &index.to_string()]), value);
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn vocabulary_prefix(self) -> &'static str {
        match self {
            Draft::V2019 => "https://json-schema.org/draft/2019-09/vocab/",
            _ => "https://json-schema.org/draft/2020-12/vocab/",
        }
    }

    fn vocabularies(self) -> &'static [&'static str] {
        match self {
            Draft::V2019 => &["core", "applicator", "validation", "meta-data", "format", "content"],
            Draft::V2020 => &[
                "core",
                "applicator",
                "unevaluated",
                "validation",
                "meta-data",
                "format-annotation",
                "format-assertion",
                "content",
            ],
            _ => &[],
        }
    }

    /// The vocabularies a metaschema requires; `None` if it says nothing of them.
    ///
    /// # Errors
    ///
    /// The first one that is unknown.
    pub(super) fn required_vocabularies(
        self,
        metaschema: &Json,
    ) -> Result<Option<Vec<String>>, String> {
        if self < Draft::V2019 {
            return Ok(None);
        }
        let Some(Json::Object(listed)) = metaschema.get("$vocabulary") else { return Ok(None) };
        let mut found = Vec::new();
        for (url, required) in listed {
            if !matches!(required, Json::Bool(true)) {
                continue;
            }
            let name = url.strip_prefix(self.vocabulary_prefix());
            match name.filter(|name| self.vocabularies().contains(name)) {
                Some(name) => found.push(name.to_owned()),
                None => return Err(url.clone()),
            }
        }
        if !found.iter().any(|name| name == "core") {
            found.push("core".to_owned());
        }
        Ok(Some(found))
    }
}

/// A draft and, where a metaschema of the user's own chose them, its vocabularies.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    pub(super) vocabularies: Option<Vec<String>>,
}

impl Dialect {
    pub(super) fn of(draft: Draft) -> Self {
        Self { draft, vocabularies: None }
    }

    pub(super) fn has_vocabulary(&self, name: &str) -> bool {
        if name == "core" || self.draft < Draft::V2019 {
            return true;
        }
        match &self.vocabularies {
            Some(chosen) => chosen.iter().any(|chosen| chosen == name),
            None => {
                matches!(name, "applicator" | "validation")
                    || name == "unevaluated" && self.draft == Draft::V2020
            }
        }
    }

    /// Whether texts are held to their `format`.
    pub(super) fn asserts_format(&self) -> bool {
        match self.draft {
            Draft::V2019 => self.has_vocabulary("format"),
            Draft::V2020 => self.has_vocabulary("format-assertion"),
            _ => true,
        }
    }
}

/// A pointer of these tokens.
pub(super) fn pointer<'a>(tokens: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for token in tokens {
        out.push('/');
        out.push_str(&token.replace('~', "~0").replace('/', "~1"));
    }
    out
}

static DOCUMENTS: LazyLock<BTreeMap<String, Arc<Json>>> = LazyLock::new(|| {
    match json::parse(include_bytes!("metaschemas.json")) {
        Ok(Json::Object(documents)) => {
            documents.into_iter().map(|(url, document)| (url, Arc::new(document))).collect()
        }
        // The file is part of the program; a test reads it.
        _ => BTreeMap::new(),
    }
});

/// The document of a well-known metaschema, by its address with either scheme.
pub(super) fn metaschema_document(url: &str) -> Option<Arc<Json>> {
    let path = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    if path == "schema" {
        return DOCUMENTS.get(Draft::LATEST.url()).cloned();
    }
    ["http", "https"]
        .iter()
        .find_map(|scheme| DOCUMENTS.get(&format!("{scheme}://json-schema.org/{path}")).cloned())
}

/// The compiled metaschemas.
pub(super) struct Metaschemas {
    pub(super) schemas: Vec<Schema>,
    roots: BTreeMap<Draft, SchemaId>,
    vocabularies: BTreeMap<(Draft, &'static str), SchemaId>,
}

/// The compiled metaschemas of all drafts.
pub(super) static METASCHEMAS: LazyLock<Metaschemas> = LazyLock::new(|| {
    let mut compiler = Compiler::for_metaschemas(&NoFiles);
    let mut roots = BTreeMap::new();
    let mut vocabularies = BTreeMap::new();
    for draft in Draft::ALL {
        // They compile: a test sees to it.
        if let Ok(id) = compiler.compile(draft.url()) {
            roots.insert(draft, id);
        }
        for &name in draft.vocabularies() {
            let url = draft.url().replace("/schema", &format!("/meta/{name}"));
            if let Ok(id) = compiler.compile(&url) {
                vocabularies.insert((draft, name), id);
            }
        }
    }
    Metaschemas { schemas: compiler.into_schemas(), roots, vocabularies }
});

impl Metaschemas {
    /// What a schema of that dialect must satisfy. A dialect of the user's own is put together
    /// from its vocabularies and pushed to `extra`, whose schemas count on after the common ones.
    pub(super) fn of(&self, dialect: &Dialect, extra: &mut Vec<Schema>) -> Option<SchemaId> {
        let Some(chosen) = &dialect.vocabularies else {
            return self.roots.get(&dialect.draft).copied();
        };
        let id = SchemaId(self.schemas.len() + extra.len());
        let all_of = chosen
            .iter()
            .filter_map(|name| {
                let known = dialect.draft.vocabularies().iter().find(|known| **known == name)?;
                self.vocabularies.get(&(dialect.draft, *known)).copied()
            })
            .collect();
        extra.push(Schema::of_vocabularies(id, dialect.draft, all_of));
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metaschemas_are_built_in_and_compile() {
        assert_eq!(DOCUMENTS.len(), 19);
        assert_eq!(METASCHEMAS.roots.len(), 5);
        assert_eq!(METASCHEMAS.vocabularies.len(), 14);
        assert!(metaschema_document("https://json-schema.org/draft-07/schema").is_some());
        assert!(metaschema_document("http://json-schema.org/schema").is_some());
        assert!(metaschema_document("https://json-schema.org/draft/next").is_none());
    }

    #[test]
    fn drafts_are_known_by_either_scheme() {
        assert_eq!(Draft::from_url("https://json-schema.org/draft-07/schema#"), Some(Draft::V7));
        assert_eq!(Draft::from_url("http://json-schema.org/schema"), Some(Draft::V2020));
        assert_eq!(Draft::from_url("json-schema.org/draft-04/schema"), Some(Draft::V4));
        assert_eq!(Draft::from_url("http://json-schema.org/draft-07/schema#a"), None);
        assert_eq!(Draft::from_url("http://json-schema.org/draft-05/schema"), None);
    }
}

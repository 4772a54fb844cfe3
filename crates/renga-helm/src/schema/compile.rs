//! Compiling schemas: documents, the resources and anchors inside, references between them.
//!
//! Everything a schema can reach is loaded, held against its metaschema and compiled before any
//! value is looked at, so that a bad schema fails whatever the values. Documents come from three
//! places: the chart's schema itself, the well-known metaschemas, which are built in, and files of
//! this machine ([`SchemaFiles`]). Nothing is fetched: an `http` reference is an error that says so.
//!
//! Invariant: whatever Go walks in the order of a map is walked in the order of keys.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::Path,
    sync::Arc,
};

use renga_gotemplate::quoted;
use renga_project::{Source, go_io_text};
use renga_regexp::RegexpError;

use super::{
    draft::{self, Dialect, Draft, METASCHEMAS},
    evaluate::{self, Judge},
    json::{self, Json},
    keywords::{Keywords, Schema, SchemaId},
    url::{self, Url},
};

/// Reads the files a schema refers to with `file:` references.
pub trait SchemaFiles: fmt::Debug + Send + Sync {
    /// Reads a file by its absolute path.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, as Go would put it: `open /x.json: no such file or directory`.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// No files at all: every reference to one fails as if it did not exist.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl SchemaFiles for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("open {path}: no such file or directory"))
    }
}

/// The files of a source.
#[derive(Clone)]
pub struct SourceFiles<S>(pub S);

impl<S> fmt::Debug for SourceFiles<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceFiles")
    }
}

impl<S: std::ops::Deref<Target: Source> + Send + Sync> SchemaFiles for SourceFiles<S> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.0.read(Path::new(path)) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(error) => Err(format!("open {path}: {}", go_io_text(&error))),
        }
    }
}

/// Why a schema does not compile, in the words of jsonschema v6.
#[derive(Debug, thiserror::Error)]
pub(super) enum CompileError {
    #[error("{} is not valid against metaschema: {failure}", go(url))]
    NotValid { url: String, failure: String },
    #[error("invalid regex {} at {}: {source}", go(pattern), go(url))]
    InvalidRegex { pattern: String, url: String, source: RegexpError },
    #[error("error in parsing {}: {reason}", go(url))]
    ParseUrl { url: String, reason: String },
    #[error("error in parsing id at {}", go(url))]
    ParseId { url: String },
    #[error("error in parsing anchor at {}", go(url))]
    ParseAnchor { url: String },
    #[error("duplicate id {} in {} at {} and {}", go(id), go(url), go(first), go(second))]
    DuplicateId { id: String, url: String, first: String, second: String },
    #[error("duplicate anchor {} in {} at {} and {}", go(anchor), go(url), go(first), go(second))]
    DuplicateAnchor { anchor: String, url: String, first: String, second: String },
    #[error("anchor in {} not found in schema {}", go(reference), go(url))]
    AnchorNotFound { reference: String, url: String },
    #[error("invalid json-pointer {}", go(url))]
    InvalidPointer { url: String },
    #[error("json-pointer in {} not found", go(url))]
    PointerNotFound { url: String },
    #[error("failing loading {}: {reason}", go(url))]
    Load { url: String, reason: String },
    #[error("invalid $schema in {}: {reason}", go(url))]
    InvalidMetaschemaUrl { url: String, reason: String },
    #[error("draft {} is not supported", go(url))]
    UnsupportedDraft { url: String },
    #[error("cycle in resolving $schema in {}", go(url))]
    MetaschemaCycle { url: String },
    #[error("unsupported vocabulary {} in {}", go(vocabulary), go(url))]
    UnsupportedVocabulary { vocabulary: String, url: String },
}

fn go(text: &str) -> String {
    quoted(text.as_bytes())
}

/// A place in a document: its address and a JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    url: String,
    pointer: String,
}

impl Place {
    fn new(url: &str, pointer: &str) -> Self {
        Self { url: url.to_owned(), pointer: pointer.to_owned() }
    }

    pub(super) fn below(&self, tokens: &[&str]) -> Self {
        let rest = draft::pointer(tokens.iter().copied());
        Self { url: self.url.clone(), pointer: format!("{}{rest}", self.pointer) }
    }

    fn lookup<'j>(&self, document: &'j Json) -> Result<&'j Json, CompileError> {
        let mut value = document;
        for token in self.pointer.split('/').skip(1) {
            let Some(token) = unescape(token) else {
                return Err(CompileError::InvalidPointer { url: self.to_string() });
            };
            let next = match value {
                Json::Object(members) => members.get(&token),
                Json::Array(items) => {
                    // Go's Atoi: a sign and leading zeros are fine.
                    token.parse::<i64>().ok().and_then(|at| items.get(usize::try_from(at).ok()?))
                }
                _ => None,
            };
            value = next.ok_or_else(|| CompileError::PointerNotFound { url: self.to_string() })?;
        }
        Ok(value)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.url, url::encode_fragment(&self.pointer))
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut letters = token.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '~' => out.push(match letters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            other => out.push(other),
        }
    }
    Some(out)
}

/// A document and what has been found inside.
struct Root {
    document: Arc<Json>,
    /// The schema resources, by pointer; one is at the root.
    resources: BTreeMap<String, Resource>,
    /// The pointers at which a schema was looked for.
    seen: BTreeSet<String>,
}

struct Resource {
    pointer: String,
    id: String,
    dialect: Dialect,
    anchors: BTreeMap<String, String>,
    dynamic_anchors: BTreeSet<String>,
}

impl Resource {
    fn new(pointer: &str, id: &str, dialect: Dialect) -> Self {
        Self {
            pointer: pointer.to_owned(),
            id: id.to_owned(),
            dialect,
            anchors: BTreeMap::new(),
            dynamic_anchors: BTreeSet::new(),
        }
    }

    /// The place a fragment names in this resource of the document at `url`.
    fn resolve(&self, url: &str, fragment: &str) -> Result<Place, CompileError> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(Place::new(url, &format!("{}{fragment}", self.pointer)));
        }
        match self.anchors.get(fragment) {
            Some(pointer) => Ok(Place::new(url, pointer)),
            None => Err(CompileError::AnchorNotFound {
                reference: format!("{}#{}", self.id, url::encode_fragment(fragment)),
                url: url.to_owned(),
            }),
        }
    }
}

impl Root {
    /// The pointer of the resource that holds the place.
    fn resource_pointer<'p>(&self, pointer: &'p str) -> &'p str {
        if self.resources.len() == 1 {
            // As a rule there is one, at the root.
            return "";
        }
        let mut pointer = pointer;
        loop {
            if self.resources.contains_key(pointer) {
                return pointer;
            }
            let Some(slash) = pointer.rfind('/') else { return "" };
            pointer = &pointer[..slash];
        }
    }

    fn resource(&self, pointer: &str) -> Option<&Resource> {
        self.resources.get(self.resource_pointer(pointer))
    }

    fn by_id(&self, id: &str) -> Option<&Resource> {
        self.resources.values().find(|resource| resource.id == id)
    }

    fn collect_anchors(
        &mut self,
        url: &str,
        schema: &Json,
        pointer: &str,
        resource: &str,
    ) -> Result<(), CompileError> {
        let Some(resource) = self.resources.get_mut(resource) else { return Ok(()) };
        let mut found = Vec::new();
        let draft = resource.dialect.draft;
        let text = |keyword| schema.get(keyword).and_then(Json::as_str);
        if draft < Draft::V2019 {
            if schema.get("$ref").is_some() {
                return Ok(());
            }
            if let Some(id) = text(draft.id_keyword()) {
                let fragment = id.split_once('#').map_or("", |(_, fragment)| fragment);
                let fragment = url::decode_fragment(fragment).map_err(|_| {
                    CompileError::ParseAnchor { url: Place::new(url, pointer).to_string() }
                })?;
                if !fragment.is_empty() && !fragment.starts_with('/') {
                    found.push(fragment);
                }
            }
        } else {
            found.extend(text("$anchor").map(str::to_owned));
        }
        let dynamic = text("$dynamicAnchor").filter(|_| draft >= Draft::V2020);
        found.extend(dynamic.map(str::to_owned));
        for anchor in found {
            match resource.anchors.get(&anchor) {
                Some(other) if other != pointer => {
                    return Err(CompileError::DuplicateAnchor {
                        anchor,
                        url: url.to_owned(),
                        first: other.clone(),
                        second: pointer.to_owned(),
                    });
                }
                _ => {
                    resource.anchors.insert(anchor, pointer.to_owned());
                }
            }
        }
        resource.dynamic_anchors.extend(dynamic.map(str::to_owned));
        Ok(())
    }
}

/// Compiles schemas and all they refer to.
pub(super) struct Compiler<'f> {
    files: &'f dyn SchemaFiles,
    documents: BTreeMap<String, Arc<Json>>,
    roots: BTreeMap<String, Root>,
    schemas: Vec<Schema>,
    places: Vec<Place>,
    ids: HashMap<Place, SchemaId>,
    /// How many of `schemas` are compiled.
    compiled: usize,
    always_format: bool,
    /// The `urn:` references that nothing resolved, and that therefore allow everything.
    pub(super) ignored_urns: BTreeSet<String>,
}

impl<'f> Compiler<'f> {
    pub(super) fn new(files: &'f dyn SchemaFiles) -> Self {
        Self {
            files,
            documents: BTreeMap::new(),
            roots: BTreeMap::new(),
            schemas: Vec::new(),
            places: Vec::new(),
            ids: HashMap::new(),
            compiled: 0,
            always_format: false,
            ignored_urns: BTreeSet::new(),
        }
    }

    /// A compiler that asserts formats in every draft, as for schemas.
    pub(super) fn for_metaschemas(files: &'f dyn SchemaFiles) -> Self {
        Self { always_format: true, ..Self::new(files) }
    }

    pub(super) fn add(&mut self, url: &str, document: Json) {
        self.documents.insert(url.to_owned(), Arc::new(document));
    }

    pub(super) fn into_schemas(self) -> Vec<Schema> {
        self.schemas
    }

    pub(super) fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// Compiles the schema at an absolute address without fragment.
    ///
    /// # Errors
    ///
    /// The first thing wrong with it, or with what it refers to.
    pub(super) fn compile(&mut self, url: &str) -> Result<SchemaId, CompileError> {
        let place = self.resolve_remote(url, "")?;
        let id = self.enqueue(place);
        while self.compiled < self.schemas.len() {
            self.compile_at(SchemaId(self.compiled))?;
            self.compiled += 1;
        }
        Ok(id)
    }

    /// The schema at a place; compiled sooner or later.
    pub(super) fn enqueue(&mut self, place: Place) -> SchemaId {
        if let Some(&id) = self.ids.get(&place) {
            return id;
        }
        let id = SchemaId(self.schemas.len());
        self.schemas.push(Schema::empty(place.to_string(), id));
        self.places.push(place.clone());
        self.ids.insert(place, id);
        id
    }

    /// The schema a reference names, seen from a place.
    pub(super) fn enqueue_reference(
        &mut self,
        place: &Place,
        reference: &str,
    ) -> Result<SchemaId, CompileError> {
        let base = self.resource(place).map(|resource| resource.id.clone()).unwrap_or_default();
        let (url, fragment) = join(&base, reference)?;
        if let Some(root) = self.roots.get(&place.url) {
            let local = if url == place.url { root.resources.get("") } else { root.by_id(&url) };
            if let Some(resource) = local {
                let target = resource.resolve(&place.url, &fragment)?;
                return Ok(self.enqueue(target));
            }
        }
        let target = self.resolve_remote(&url, &fragment)?;
        Ok(self.enqueue(target))
    }

    pub(super) fn has_vocabulary(&self, place: &Place, name: &str) -> bool {
        self.resource(place).is_some_and(|resource| resource.dialect.has_vocabulary(name))
    }

    pub(super) fn asserts_format(&self, place: &Place) -> bool {
        self.always_format
            || self.resource(place).is_some_and(|resource| resource.dialect.asserts_format())
    }

    fn resource(&self, place: &Place) -> Option<&Resource> {
        self.roots.get(&place.url)?.resource(&place.pointer)
    }

    fn resolve_remote(&mut self, url: &str, fragment: &str) -> Result<Place, CompileError> {
        self.load_root(url)?;
        match self.roots.get(url).and_then(|root| root.resources.get("")) {
            Some(resource) => resource.resolve(url, fragment),
            None => Ok(Place::new(url, fragment)),
        }
    }

    fn compile_at(&mut self, id: SchemaId) -> Result<(), CompileError> {
        let place = self.places[id.0].clone();
        self.ensure_subschema(&place)?;
        let Some(root) = self.roots.get(&place.url) else { return Ok(()) };
        let document = Arc::clone(&root.document);
        let value = place.lookup(&document)?;
        let base = Place::new(&place.url, root.resource_pointer(&place.pointer));
        let resource = root.resources.get(&base.pointer);
        let draft = resource.map_or(Draft::LATEST, |resource| resource.dialect.draft);
        let mut anchors = BTreeMap::new();
        if draft >= Draft::V2020
            && base == place
            && let Some(resource) = resource
        {
            for (anchor, pointer) in &resource.anchors {
                if resource.dynamic_anchors.contains(anchor) {
                    anchors.insert(anchor.clone(), Place::new(&place.url, pointer));
                }
            }
        }
        let mut schema = Schema::empty(place.to_string(), id);
        schema.draft = draft;
        schema.resource = self.enqueue(base);
        for (anchor, target) in anchors {
            schema.dynamic_anchors.insert(anchor, self.enqueue(target));
        }
        match value {
            Json::Bool(truth) => schema.truth = Some(*truth),
            Json::Object(members) if members.is_empty() => schema.truth = Some(true),
            Json::Object(_) => {
                Keywords { compiler: self, place, object: value }.read(&mut schema)?;
            }
            _ => {}
        }
        schema.all_properties_evaluated = schema.additional_properties.is_some();
        if draft < Draft::V2020 {
            schema.all_items_evaluated = schema.additional_items.is_some();
            match &schema.items {
                Some(super::keywords::Items::All(_)) => schema.all_items_evaluated = true,
                Some(super::keywords::Items::Each(items)) => schema.items_evaluated = items.len(),
                None => {}
            }
        } else {
            schema.all_items_evaluated = schema.rest_items.is_some();
            schema.items_evaluated = schema.prefix_items.len();
        }
        self.schemas[id.0] = schema;
        Ok(())
    }

    fn load_root(&mut self, url: &str) -> Result<(), CompileError> {
        if self.roots.contains_key(url) {
            return Ok(());
        }
        let document = self.load(url)?;
        let root = Root {
            document: Arc::clone(&document),
            resources: BTreeMap::new(),
            seen: BTreeSet::new(),
        };
        self.roots.insert(url.to_owned(), root);
        self.collect(url, &document, url, "", &Dialect::of(Draft::LATEST))?;
        let trusted = ["http://json-schema.org/", "https://json-schema.org/"];
        if !trusted.iter().any(|prefix| url.starts_with(prefix)) {
            self.check(&Place::new(url, ""), &document)?;
        }
        Ok(())
    }

    /// Sees to it that a place no keyword leads to is known as a schema, too.
    fn ensure_subschema(&mut self, place: &Place) -> Result<(), CompileError> {
        self.load_root(&place.url)?;
        let Some(root) = self.roots.get(&place.url) else { return Ok(()) };
        if root.seen.contains(&place.pointer) {
            return Ok(());
        }
        let document = Arc::clone(&root.document);
        let value = place.lookup(&document)?;
        if let Some(base) = root.resource(&place.pointer) {
            let (id, dialect) = (base.id.clone(), base.dialect.clone());
            self.collect(&place.url, value, &id, &place.pointer, &dialect)?;
        }
        if let Some(root) = self.roots.get_mut(&place.url)
            && !root.resources.contains_key(&place.pointer)
        {
            let resource = root.resource_pointer(&place.pointer).to_owned();
            root.collect_anchors(&place.url, value, &place.pointer, &resource)?;
        }
        self.check(place, value)
    }

    /// Finds the resources and anchors in a schema and its subschemas.
    fn collect(
        &mut self,
        url: &str,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: &Dialect,
    ) -> Result<(), CompileError> {
        if self.roots.get(url).is_none_or(|root| root.seen.contains(pointer)) {
            return Ok(());
        }
        super::deeper(|| self.collect_new(url, schema, base, pointer, fallback))?;
        if let Some(root) = self.roots.get_mut(url) {
            root.seen.insert(pointer.to_owned());
        }
        Ok(())
    }

    fn collect_new(
        &mut self,
        url: &str,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: &Dialect,
    ) -> Result<(), CompileError> {
        let place = Place::new(url, pointer);
        if !matches!(schema, Json::Object(_)) {
            if pointer.is_empty() {
                self.insert(url, Resource::new(pointer, base, fallback.clone()));
            }
            return Ok(());
        }
        let mut names_schema = schema.get("$schema").and_then(Json::as_str).is_some();
        let mut draft = self.draft_of(&place, schema, fallback.draft, &mut BTreeSet::new())?;
        let mut id = draft.id_of(schema);
        if id.is_empty() && !pointer.is_empty() {
            // Only a resource chooses its draft.
            draft = fallback.draft;
            names_schema = false;
            id = draft.id_of(schema);
        }
        let mut base = base.to_owned();
        if !id.is_empty() {
            base = match join(&base, id) {
                Ok((url, _)) => url,
                Err(_) => return Err(CompileError::ParseId { url: place.to_string() }),
            };
        }
        if !id.is_empty() || pointer.is_empty() {
            match self.roots.get(url).and_then(|root| root.by_id(&base)) {
                Some(other) if other.pointer != pointer => {
                    return Err(CompileError::DuplicateId {
                        id: base,
                        url: url.to_owned(),
                        first: pointer.to_owned(),
                        second: other.pointer.clone(),
                    });
                }
                Some(_) => {}
                None => {
                    let dialect = if names_schema {
                        Dialect { draft, vocabularies: self.vocabularies_of(schema, draft)? }
                    } else {
                        fallback.clone()
                    };
                    self.insert(url, Resource::new(pointer, &base, dialect));
                }
            }
        }
        let Some(root) = self.roots.get_mut(url) else { return Ok(()) };
        let Some(resource) = root.by_id(&base) else { return Ok(()) };
        let (resource, dialect) = (resource.pointer.clone(), resource.dialect.clone());
        root.collect_anchors(url, schema, pointer, &resource)?;
        for (below, value) in draft.subschemas(schema) {
            self.collect(url, value, &base, &format!("{pointer}{below}"), &dialect)?;
        }
        Ok(())
    }

    fn insert(&mut self, url: &str, resource: Resource) {
        if let Some(root) = self.roots.get_mut(url) {
            root.resources.insert(resource.pointer.clone(), resource);
        }
    }

    /// Holds a schema against the metaschema of its dialect.
    fn check(&self, place: &Place, value: &Json) -> Result<(), CompileError> {
        let Some(root) = self.roots.get(&place.url) else { return Ok(()) };
        let mut extra = Vec::new();
        let Some(resource) = root.resource(&place.pointer) else { return Ok(()) };
        let Some(meta) = METASCHEMAS.of(&resource.dialect, &mut extra) else { return Ok(()) };
        let mut dialects = BTreeMap::new();
        for (pointer, resource) in &root.resources {
            // Without dialects of the user's own every resource of a draft shares one metaschema.
            if let Some(id) = METASCHEMAS.of(&resource.dialect, &mut extra) {
                dialects.insert(pointer.clone(), id);
            }
        }
        let judge = Judge { schemas: &METASCHEMAS.schemas, extra: &extra, dialects: &dialects };
        match evaluate::validate(&judge, meta, Some(meta), value) {
            None => Ok(()),
            Some(failure) => {
                Err(CompileError::NotValid { url: place.to_string(), failure: failure.to_string() })
            }
        }
    }

    fn draft_of(
        &mut self,
        place: &Place,
        schema: &Json,
        fallback: Draft,
        met: &mut BTreeSet<String>,
    ) -> Result<Draft, CompileError> {
        let Some(named) = schema.get("$schema").and_then(Json::as_str) else {
            return Ok(fallback);
        };
        if let Some(draft) = Draft::from_url(named) {
            return Ok(draft);
        }
        let named = named.split('#').next().unwrap_or_default();
        if let Err(reason) = Url::parse(named) {
            return Err(CompileError::InvalidMetaschemaUrl { url: place.to_string(), reason });
        }
        if place.pointer.is_empty() && named == place.url {
            return Err(CompileError::UnsupportedDraft { url: named.to_owned() });
        }
        if !met.insert(named.to_owned()) {
            return Err(CompileError::MetaschemaCycle { url: named.to_owned() });
        }
        let document = self.load(named)?;
        self.draft_of(&Place::new(named, ""), &document, fallback, met)
    }

    fn vocabularies_of(
        &mut self,
        schema: &Json,
        draft: Draft,
    ) -> Result<Option<Vec<String>>, CompileError> {
        let Some(named) = schema.get("$schema").and_then(Json::as_str) else { return Ok(None) };
        if Draft::from_url(named).is_some() {
            return Ok(None);
        }
        let url = named.split('#').next().unwrap_or_default();
        let document = self.load(url)?;
        draft.required_vocabularies(&document).map_err(|vocabulary| {
            CompileError::UnsupportedVocabulary { vocabulary, url: url.to_owned() }
        })
    }

    fn load(&mut self, url: &str) -> Result<Arc<Json>, CompileError> {
        if let Some(document) = self.documents.get(url) {
            return Ok(Arc::clone(document));
        }
        let document = match draft::metaschema_document(url) {
            Some(document) => document,
            None => Arc::new(
                self.fetch(url)
                    .map_err(|reason| CompileError::Load { url: url.to_owned(), reason })?,
            ),
        };
        self.documents.insert(url.to_owned(), Arc::clone(&document));
        Ok(document)
    }

    fn fetch(&mut self, address: &str) -> Result<Json, String> {
        let url = Url::parse(address)?;
        match url.scheme() {
            "file" => json::parse(&self.files.read(&String::from_utf8_lossy(&url.path()))?),
            "http" | "https" => {
                Err("renga fetches no schemas: copy it into the chart's schema".to_owned())
            }
            "urn" => {
                self.ignored_urns.insert(address.to_owned());
                Ok(Json::Bool(true))
            }
            _ => Err(format!("no URLLoader registered for {}", go(&url.to_string()))),
        }
    }
}

/// Resolves a reference against a base; the address and the decoded fragment.
fn join(base: &str, reference: &str) -> Result<(String, String), CompileError> {
    let parse = |text: &str| {
        Url::parse(text).map_err(|reason| CompileError::ParseUrl { url: text.to_owned(), reason })
    };
    let base = parse(base)?;
    let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment = url::decode_fragment(fragment)
        .map_err(|reason| CompileError::ParseUrl { url: reference.to_owned(), reason })?;
    Ok((base.resolve(&parse(address)?).to_string(), fragment))
}

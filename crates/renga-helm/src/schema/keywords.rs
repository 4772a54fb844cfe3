//! A compiled schema, and how the keywords of a schema object become one.
//!
//! References between schemas are indices; the [`Compiler`] hands them out and sees that what they
//! name is compiled, too. Keywords of the wrong type are left out: the metaschema has refused what
//! must be refused.

use std::collections::BTreeMap;

use renga_regexp::Regexp;

use super::{
    compile::{CompileError, Compiler, Place},
    draft::Draft,
    format::Format,
    json::Json,
    number::Decimal,
    url,
};

/// A schema, by its place in the list of compiled ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SchemaId(pub(super) usize);

/// What a dependency asks for.
#[derive(Debug)]
pub(super) enum Dependency {
    Properties(Vec<String>),
    Schema(SchemaId),
}

/// What stands for the rest: the properties or items no other keyword speaks of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    Allowed(bool),
    Schema(SchemaId),
}

/// `items` before draft 2020-12.
#[derive(Debug)]
pub(super) enum Items {
    All(SchemaId),
    Each(Vec<SchemaId>),
}

/// A set of types, by name; the order is that of messages.
pub(super) const TYPES: [&str; 7] =
    ["null", "boolean", "number", "integer", "string", "array", "object"];

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) location: String,
    pub(super) draft: Draft,
    /// The schema resource this one belongs to.
    pub(super) resource: SchemaId,
    pub(super) dynamic_anchors: BTreeMap<String, SchemaId>,
    pub(super) all_properties_evaluated: bool,
    pub(super) all_items_evaluated: bool,
    pub(super) items_evaluated: usize,

    pub(super) truth: Option<bool>,
    pub(super) reference: Option<SchemaId>,
    pub(super) recursive_reference: Option<SchemaId>,
    pub(super) recursive_anchor: bool,
    /// The target, and the anchor the reference names.
    pub(super) dynamic_reference: Option<(SchemaId, String)>,
    pub(super) dynamic_anchor: String,
    /// Indices into [`TYPES`], ascending; empty if any type will do.
    pub(super) types: Vec<usize>,
    pub(super) enumeration: Option<Vec<Json>>,
    pub(super) constant: Option<Json>,
    pub(super) not: Option<SchemaId>,
    pub(super) all_of: Vec<SchemaId>,
    pub(super) any_of: Vec<SchemaId>,
    pub(super) one_of: Vec<SchemaId>,
    pub(super) condition: Option<SchemaId>,
    pub(super) then: Option<SchemaId>,
    pub(super) otherwise: Option<SchemaId>,
    pub(super) format: Option<Format>,

    pub(super) max_properties: Option<i64>,
    pub(super) min_properties: Option<i64>,
    pub(super) required: Vec<String>,
    pub(super) property_names: Option<SchemaId>,
    pub(super) properties: BTreeMap<String, SchemaId>,
    pub(super) pattern_properties: Vec<(Regexp, SchemaId)>,
    pub(super) additional_properties: Option<Rest>,
    pub(super) dependencies: BTreeMap<String, Dependency>,
    pub(super) dependent_required: BTreeMap<String, Vec<String>>,
    pub(super) dependent_schemas: BTreeMap<String, SchemaId>,
    pub(super) unevaluated_properties: Option<SchemaId>,

    pub(super) min_items: Option<i64>,
    pub(super) max_items: Option<i64>,
    pub(super) unique_items: bool,
    pub(super) contains: Option<SchemaId>,
    pub(super) min_contains: Option<i64>,
    pub(super) max_contains: Option<i64>,
    pub(super) items: Option<Items>,
    pub(super) additional_items: Option<Rest>,
    pub(super) prefix_items: Vec<SchemaId>,
    /// `items` of draft 2020-12.
    pub(super) rest_items: Option<SchemaId>,
    pub(super) unevaluated_items: Option<SchemaId>,

    pub(super) min_length: Option<i64>,
    pub(super) max_length: Option<i64>,
    pub(super) pattern: Option<Regexp>,

    pub(super) maximum: Option<Decimal>,
    pub(super) minimum: Option<Decimal>,
    pub(super) exclusive_maximum: Option<Decimal>,
    pub(super) exclusive_minimum: Option<Decimal>,
    pub(super) multiple_of: Option<Decimal>,
}

impl Schema {
    /// A schema that says nothing yet.
    pub(super) fn empty(location: String, id: SchemaId) -> Self {
        Self {
            location,
            draft: Draft::LATEST,
            resource: id,
            dynamic_anchors: BTreeMap::new(),
            all_properties_evaluated: false,
            all_items_evaluated: false,
            items_evaluated: 0,
            truth: None,
            reference: None,
            recursive_reference: None,
            recursive_anchor: false,
            dynamic_reference: None,
            dynamic_anchor: String::new(),
            types: Vec::new(),
            enumeration: None,
            constant: None,
            not: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            one_of: Vec::new(),
            condition: None,
            then: None,
            otherwise: None,
            format: None,
            max_properties: None,
            min_properties: None,
            required: Vec::new(),
            property_names: None,
            properties: BTreeMap::new(),
            pattern_properties: Vec::new(),
            additional_properties: None,
            dependencies: BTreeMap::new(),
            dependent_required: BTreeMap::new(),
            dependent_schemas: BTreeMap::new(),
            unevaluated_properties: None,
            min_items: None,
            max_items: None,
            unique_items: false,
            contains: None,
            min_contains: None,
            max_contains: None,
            items: None,
            additional_items: None,
            prefix_items: Vec::new(),
            rest_items: None,
            unevaluated_items: None,
            min_length: None,
            max_length: None,
            pattern: None,
            maximum: None,
            minimum: None,
            exclusive_maximum: None,
            exclusive_minimum: None,
            multiple_of: None,
        }
    }

    /// The metaschema of a dialect with these vocabularies.
    pub(super) fn of_vocabularies(id: SchemaId, draft: Draft, all_of: Vec<SchemaId>) -> Self {
        let mut schema = Self::empty("urn:mem:metaschema".to_owned(), id);
        schema.draft = draft;
        schema.all_of = all_of;
        if draft >= Draft::V2020 {
            "meta".clone_into(&mut schema.dynamic_anchor);
            schema.dynamic_anchors.insert("meta".to_owned(), id);
        }
        schema
    }
}

/// Reads the keywords of one schema object.
pub(super) struct Keywords<'c, 'f, 'j> {
    pub(super) compiler: &'c mut Compiler<'f>,
    pub(super) place: Place,
    pub(super) object: &'j Json,
}

impl Keywords<'_, '_, '_> {
    /// Reads all keywords of the schema's draft.
    ///
    /// # Errors
    ///
    /// A reference that leads nowhere, or a pattern that is none.
    pub(super) fn read(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        if schema.draft < Draft::V2019 {
            // The fragment of an identifier is an anchor; collecting anchors has decoded it.
            let id = self.text(schema.draft.id_keyword()).unwrap_or_default();
            if let Some((_, fragment)) = id.split_once('#')
                && url::decode_fragment(fragment).is_err()
            {
                return Err(CompileError::ParseAnchor { url: schema.location.clone() });
            }
        }
        self.draft4(schema)?;
        if schema.draft >= Draft::V6 {
            self.draft6(schema);
        }
        if schema.draft >= Draft::V7 {
            self.draft7(schema);
        }
        if schema.draft >= Draft::V2019 {
            self.draft2019(schema)?;
        }
        if schema.draft >= Draft::V2020 {
            self.draft2020(schema)?;
        }
        Ok(())
    }

    fn draft4(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        schema.reference = self.reference("$ref")?;
        if schema.draft < Draft::V2019 && schema.reference.is_some() {
            // A reference hides its siblings, though not those that later drafts brought.
            return Ok(());
        }
        if self.has("applicator") {
            self.applicators(schema)?;
        }
        if self.has("validation") {
            self.assertions(schema)?;
        }
        if self.compiler.asserts_format(&self.place) {
            schema.format = self.text("format").and_then(Format::named);
        }
        Ok(())
    }

    fn applicators(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        schema.all_of = self.list("allOf");
        schema.any_of = self.list("anyOf");
        schema.one_of = self.list("oneOf");
        schema.not = self.subschema("not");
        if schema.draft < Draft::V2020 {
            if matches!(self.object.get("items"), Some(Json::Array(_))) {
                schema.items = Some(Items::Each(self.list("items")));
                schema.additional_items = self.rest("additionalItems");
            } else {
                schema.items = self.subschema("items").map(Items::All);
            }
        }
        schema.properties = self.members("properties");
        for (pattern, id) in self.members("patternProperties") {
            let regexp = self.regexp("patternProperties", &pattern)?;
            schema.pattern_properties.push((regexp, id));
        }
        schema.additional_properties = self.rest("additionalProperties");
        if let Some(Json::Object(members)) = self.object.get("dependencies") {
            for (name, value) in members {
                let dependency = match value {
                    Json::Array(items) => Dependency::Properties(texts(items)),
                    _ => Dependency::Schema(
                        self.compiler.enqueue(self.place.below(&["dependencies", name])),
                    ),
                };
                schema.dependencies.insert(name.clone(), dependency);
            }
        }
        Ok(())
    }

    fn assertions(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        let named: Vec<&str> = match self.object.get("type") {
            Some(Json::String(name)) => vec![name],
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        schema.types = (0..TYPES.len()).filter(|&index| named.contains(&TYPES[index])).collect();
        if let Some(Json::Array(values)) = self.object.get("enum") {
            schema.enumeration = Some(values.clone());
        }
        schema.multiple_of = self.number("multipleOf");
        schema.maximum = self.number("maximum");
        schema.exclusive_maximum = if self.flag("exclusiveMaximum") {
            schema.maximum.take()
        } else {
            self.number("exclusiveMaximum")
        };
        schema.minimum = self.number("minimum");
        schema.exclusive_minimum = if self.flag("exclusiveMinimum") {
            schema.minimum.take()
        } else {
            self.number("exclusiveMinimum")
        };
        schema.min_length = self.count("minLength");
        schema.max_length = self.count("maxLength");
        if let Some(pattern) = self.text("pattern").map(str::to_owned) {
            schema.pattern = Some(self.regexp("pattern", &pattern)?);
        }
        schema.min_items = self.count("minItems");
        schema.max_items = self.count("maxItems");
        schema.unique_items = self.flag("uniqueItems");
        schema.max_properties = self.count("maxProperties");
        schema.min_properties = self.count("minProperties");
        if let Some(Json::Array(names)) = self.object.get("required") {
            schema.required = texts(names);
        }
        Ok(())
    }

    fn draft6(&mut self, schema: &mut Schema) {
        if self.has("applicator") {
            schema.contains = self.subschema("contains");
            schema.property_names = self.subschema("propertyNames");
        }
        if self.has("validation") {
            schema.constant = self.object.get("const").cloned();
        }
    }

    fn draft7(&mut self, schema: &mut Schema) {
        if !self.has("applicator") {
            return;
        }
        schema.condition = self.subschema("if");
        if schema.condition.is_some() {
            // The branch a constant condition never takes is not even compiled.
            let constant = self.object.get("if");
            if !matches!(constant, Some(Json::Bool(false))) {
                schema.then = self.subschema("then");
            }
            if !matches!(constant, Some(Json::Bool(true))) {
                schema.otherwise = self.subschema("else");
            }
        }
    }

    fn draft2019(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        schema.recursive_reference = self.reference("$recursiveRef")?;
        schema.recursive_anchor = self.flag("$recursiveAnchor");
        if self.has("validation") {
            if schema.contains.is_some() {
                schema.min_contains = self.count("minContains");
                schema.max_contains = self.count("maxContains");
            }
            if let Some(Json::Object(members)) = self.object.get("dependentRequired") {
                for (name, value) in members {
                    if let Json::Array(items) = value {
                        schema.dependent_required.insert(name.clone(), texts(items));
                    }
                }
            }
        }
        if self.has("applicator") {
            schema.dependent_schemas = self.members("dependentSchemas");
        }
        let vocabulary = if schema.draft == Draft::V2019 { "applicator" } else { "unevaluated" };
        if self.has(vocabulary) {
            schema.unevaluated_items = self.subschema("unevaluatedItems");
            schema.unevaluated_properties = self.subschema("unevaluatedProperties");
        }
        Ok(())
    }

    fn draft2020(&mut self, schema: &mut Schema) -> Result<(), CompileError> {
        if let Some(target) = self.reference("$dynamicRef")? {
            let fragment = self.text("$dynamicRef").and_then(|text| text.split_once('#'));
            let anchor = fragment
                .and_then(|(_, fragment)| url::decode_fragment(fragment).ok())
                .filter(|fragment| !fragment.starts_with('/'))
                .unwrap_or_default();
            schema.dynamic_reference = Some((target, anchor));
        }
        self.text("$dynamicAnchor").unwrap_or_default().clone_into(&mut schema.dynamic_anchor);
        if self.has("applicator") {
            schema.prefix_items = self.list("prefixItems");
            schema.rest_items = self.subschema("items");
        }
        Ok(())
    }

    fn has(&self, vocabulary: &str) -> bool {
        self.compiler.has_vocabulary(&self.place, vocabulary)
    }

    fn reference(&mut self, keyword: &str) -> Result<Option<SchemaId>, CompileError> {
        let Some(reference) = self.text(keyword) else { return Ok(None) };
        let reference = reference.to_owned();
        self.compiler.enqueue_reference(&self.place, &reference).map(Some)
    }

    fn subschema(&mut self, keyword: &str) -> Option<SchemaId> {
        self.object.get(keyword)?;
        Some(self.compiler.enqueue(self.place.below(&[keyword])))
    }

    fn list(&mut self, keyword: &str) -> Vec<SchemaId> {
        let Some(Json::Array(items)) = self.object.get(keyword) else { return Vec::new() };
        (0..items.len())
            .map(|index| self.compiler.enqueue(self.place.below(&[keyword, &index.to_string()])))
            .collect()
    }

    fn members(&mut self, keyword: &str) -> BTreeMap<String, SchemaId> {
        let Some(Json::Object(members)) = self.object.get(keyword) else {
            return BTreeMap::new();
        };
        members
            .keys()
            .map(|key| (key.clone(), self.compiler.enqueue(self.place.below(&[keyword, key]))))
            .collect()
    }

    fn rest(&mut self, keyword: &str) -> Option<Rest> {
        if let Some(Json::Bool(allowed)) = self.object.get(keyword) {
            return Some(Rest::Allowed(*allowed));
        }
        self.subschema(keyword).map(Rest::Schema)
    }

    fn regexp(&self, keyword: &str, pattern: &str) -> Result<Regexp, CompileError> {
        Regexp::new(pattern).map_err(|source| CompileError::InvalidRegex {
            pattern: pattern.to_owned(),
            url: self.place.below(&[keyword]).to_string(),
            source,
        })
    }

    fn text(&self, keyword: &str) -> Option<&str> {
        self.object.get(keyword).and_then(Json::as_str)
    }

    fn flag(&self, keyword: &str) -> bool {
        matches!(self.object.get(keyword), Some(Json::Bool(true)))
    }

    fn number(&self, keyword: &str) -> Option<Decimal> {
        match self.object.get(keyword) {
            Some(Json::Number(number)) => number.value.clone(),
            _ => None,
        }
    }

    fn count(&self, keyword: &str) -> Option<i64> {
        self.number(keyword).filter(Decimal::is_integer).map(|number| number.low_bits())
    }
}

fn texts(items: &[Json]) -> Vec<String> {
    items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

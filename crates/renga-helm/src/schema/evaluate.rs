//! Holding a value against a compiled schema.
//!
//! Keywords are judged in the order jsonschema v6 judges them: type, `const`, `enum`, `format`,
//! `$ref`, those of the value's own type, other references, `not`, `allOf`, `anyOf`, `oneOf`, `if`,
//! and last what is left unevaluated. A failing type, `const`, `enum` or `format` ends it. Members
//! are visited in the order of their names, where Go's order is random.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    draft::Draft,
    failure::{Failure, Kind, Path},
    json::Json,
    keywords::{Dependency, Items, Rest, Schema, SchemaId, TYPES},
    number::Number,
};

/// The schemas to judge by.
pub(super) struct Judge<'j> {
    pub(super) schemas: &'j [Schema],
    /// Schemas that count on after `schemas`.
    pub(super) extra: &'j [Schema],
    /// While a schema is held against its metaschema: the metaschemas of its resources, by pointer.
    pub(super) dialects: &'j BTreeMap<String, SchemaId>,
}

impl<'j> Judge<'j> {
    fn schema(&self, id: SchemaId) -> &'j Schema {
        match self.schemas.get(id.0) {
            Some(schema) => schema,
            None => &self.extra[id.0 - self.schemas.len()],
        }
    }
}

/// Validates a whole document; `None` if nothing is wrong.
///
/// `meta` is the metaschema in force, when the document is itself a schema.
pub(super) fn validate(
    judge: &Judge<'_>,
    schema: SchemaId,
    meta: Option<SchemaId>,
    value: &Json,
) -> Option<Failure> {
    let scope = Scope { schema, keyword: "", value: 0, parent: None };
    let frame = Frame {
        judge,
        value,
        path: Path::new(),
        schema,
        scope: &scope,
        unevaluated: Unevaluated::of(value, judge.schema(schema), false),
        failures: Vec::new(),
        quiet: false,
        meta,
    };
    let failure = *frame.run().err()?;
    let causes = if matches!(failure.kind, Kind::Group) { failure.causes } else { vec![failure] };
    let kind = Kind::Schema(judge.schema(schema).location.clone());
    Some(Failure { path: Path::new(), kind, causes })
}

/// The way from the first schema to the one being judged.
struct Scope<'s> {
    schema: SchemaId,
    /// The keyword of a reference; empty for a subschema.
    keyword: &'static str,
    /// The number of the value: two scopes with the same number judge the same value.
    value: usize,
    parent: Option<&'s Scope<'s>>,
}

impl Scope<'_> {
    /// The scope that already judges this value by this schema.
    fn cycle(&self) -> Option<&Self> {
        let mut scope = self.parent;
        while let Some(found) = scope {
            if found.value != self.value {
                return None;
            }
            if found.schema == self.schema {
                return Some(found);
            }
            scope = found.parent;
        }
        None
    }

    /// The keywords on the way.
    fn location(&self, judge: &Judge<'_>) -> String {
        let mut steps = Vec::new();
        let mut scope = self;
        while let Some(parent) = scope.parent {
            steps.push(if scope.keyword.is_empty() {
                let own = &judge.schema(scope.schema).location;
                let above = judge.schema(parent.schema).location.len();
                own.get(above..).unwrap_or_default().to_owned()
            } else {
                format!("/{}", scope.keyword)
            });
            scope = parent;
        }
        steps.reverse();
        steps.concat()
    }
}

/// The members and items no keyword has looked at yet; `None` where nobody asks.
struct Unevaluated<'v> {
    properties: Option<BTreeSet<&'v str>>,
    items: Option<BTreeSet<usize>>,
}

impl<'v> Unevaluated<'v> {
    fn of(value: &'v Json, schema: &Schema, caller_asks: bool) -> Self {
        let mut found = Self { properties: None, items: None };
        match value {
            Json::Object(members) => {
                let asked = caller_asks || schema.unevaluated_properties.is_some();
                if asked && !schema.all_properties_evaluated {
                    found.properties = Some(members.keys().map(String::as_str).collect());
                }
            }
            Json::Array(items) => {
                let asked = caller_asks || schema.unevaluated_items.is_some();
                if asked && !schema.all_items_evaluated && schema.items_evaluated < items.len() {
                    found.items = Some((schema.items_evaluated..items.len()).collect());
                }
            }
            _ => {}
        }
        found
    }

    fn is_empty(&self) -> bool {
        self.properties.as_ref().is_none_or(BTreeSet::is_empty)
            && self.items.as_ref().is_none_or(BTreeSet::is_empty)
    }

    /// Leaves only what the other has not looked at, either.
    fn merge(&mut self, other: &Unevaluated<'v>) {
        if let Some(own) = &mut self.properties {
            own.retain(|name| {
                other.properties.as_ref().is_some_and(|others| others.contains(name))
            });
        }
        if let Some(own) = &mut self.items {
            own.retain(|index| other.items.as_ref().is_some_and(|others| others.contains(index)));
        }
    }

    fn saw_property(&mut self, name: &str) {
        if let Some(own) = &mut self.properties {
            own.remove(name);
        }
    }
}

/// One value being judged by one schema.
struct Frame<'f, 'j, 'v> {
    judge: &'f Judge<'j>,
    value: &'v Json,
    path: Path,
    schema: SchemaId,
    scope: &'f Scope<'f>,
    unevaluated: Unevaluated<'v>,
    failures: Vec<Failure>,
    /// Only whether it is valid matters, not why it is not.
    quiet: bool,
    meta: Option<SchemaId>,
}

type Verdict<'v> = Result<Unevaluated<'v>, Box<Failure>>;

impl<'j, 'v> Frame<'_, 'j, 'v> {
    fn run(mut self) -> Verdict<'v> {
        let schema = self.judge.schema(self.schema);
        match schema.truth {
            Some(true) => return Ok(self.unevaluated),
            Some(false) => return Err(Box::new(self.finding(|| Kind::FalseSchema))),
            None => {}
        }
        if let Some(other) = self.scope.cycle() {
            let kind = || Kind::RefCycle {
                url: schema.location.clone(),
                first: self.scope.location(self.judge),
                second: other.location(self.judge),
            };
            return Err(Box::new(self.finding(kind)));
        }
        if let Some(failure) = self.general(schema) {
            return Err(Box::new(failure));
        }
        if let Some(target) = schema.reference {
            let verdict = self.refer(target, "$ref");
            if schema.draft < Draft::V2019 {
                return verdict.map(|()| self.unevaluated);
            }
            self.note(verdict);
        }
        match self.value {
            Json::Object(members) => self.object(schema, members),
            Json::Array(items) => self.array(schema, items),
            Json::String(text) => self.text(schema, text),
            Json::Number(number) => self.number(schema, number),
            Json::Null | Json::Bool(_) => {}
        }
        if self.failures.is_empty() || !self.quiet {
            let modern = schema.draft >= Draft::V2019;
            if modern {
                self.late_references(schema);
            }
            self.combined(schema);
            if modern {
                self.leftovers(schema);
            }
        }
        match self.failures.len() {
            0 => Ok(self.unevaluated),
            1 => Err(Box::new(self.failures.remove(0))),
            _ => {
                let mut group = self.finding(|| Kind::Group);
                group.causes = self.failures;
                Err(Box::new(group))
            }
        }
    }

    /// What ends the judgement at once: type, `const`, `enum` and `format`.
    fn general(&self, schema: &Schema) -> Option<Failure> {
        let (index, integer) = match self.value {
            Json::Null => (0, false),
            Json::Bool(_) => (1, false),
            Json::Number(number) => (2, number.is_integer()),
            Json::String(_) => (4, false),
            Json::Array(_) => (5, false),
            Json::Object(_) => (6, false),
        };
        let types = &schema.types;
        let any = types.is_empty();
        if !(any || types.contains(&index) || integer && types.contains(&3)) {
            let kind = || {
                let want: Vec<&str> = types.iter().map(|&index| TYPES[index]).collect();
                Kind::Type { got: TYPES[index], want: want.join(" or ") }
            };
            return Some(self.finding(kind));
        }
        if let Some(constant) = &schema.constant
            && !self.value.equals(constant)
        {
            return Some(self.finding(|| Kind::Const(constant.clone())));
        }
        if let Some(values) = &schema.enumeration
            && !values.iter().any(|value| self.value.equals(value))
        {
            return Some(self.finding(|| Kind::Enum(values.clone())));
        }
        if let (Some(format), Json::String(text)) = (schema.format, self.value)
            && let Err(reason) = format.check(text)
        {
            let kind = || Kind::Format { got: text.clone(), want: format.name, reason };
            return Some(self.finding(kind));
        }
        None
    }

    fn object(&mut self, schema: &'j Schema, members: &'v BTreeMap<String, Json>) {
        let got = members.len();
        if let Some(want) = schema.min_properties.filter(|&want| less(got, want)) {
            self.add(|| Kind::MinProperties { got, want });
        }
        if let Some(want) = schema.max_properties.filter(|&want| more(got, want)) {
            self.add(|| Kind::MaxProperties { got, want });
        }
        let missing = missing(members, &schema.required);
        if !missing.is_empty() {
            self.add(|| Kind::Required(missing));
        }
        if self.done() {
            return;
        }
        for (property, dependency) in &schema.dependencies {
            if !members.contains_key(property) {
                continue;
            }
            match dependency {
                Dependency::Properties(wanted) => self.depend(members, property, wanted),
                Dependency::Schema(id) => self.apply(*id),
            }
        }
        self.members(schema, members);
        if self.done() || schema.draft == Draft::V4 {
            return;
        }
        if let Some(id) = schema.property_names {
            for name in members.keys() {
                self.property_name(id, name);
            }
        }
        if schema.draft == Draft::V6 {
            return;
        }
        for (property, id) in &schema.dependent_schemas {
            if members.contains_key(property) {
                self.apply(*id);
            }
        }
        for (property, wanted) in &schema.dependent_required {
            if members.contains_key(property) {
                self.depend(members, property, wanted);
            }
        }
    }

    fn members(&mut self, schema: &'j Schema, members: &'v BTreeMap<String, Json>) {
        let mut additional = Vec::new();
        for (name, value) in members {
            if self.done() {
                return;
            }
            let mut evaluated = false;
            if let Some(&id) = schema.properties.get(name) {
                evaluated = true;
                let path = self.path.member(name);
                self.descend(id, value, path);
            }
            for (pattern, id) in &schema.pattern_properties {
                if pattern.is_match(name.as_bytes()) {
                    evaluated = true;
                    let path = self.path.member(name);
                    self.descend(*id, value, path);
                }
            }
            if !evaluated && let Some(rest) = schema.additional_properties {
                evaluated = true;
                match rest {
                    Rest::Allowed(true) => {}
                    Rest::Allowed(false) => additional.push(name.clone()),
                    Rest::Schema(id) => {
                        let path = self.path.member(name);
                        self.descend(id, value, path);
                    }
                }
            }
            if evaluated {
                self.unevaluated.saw_property(name);
            }
        }
        if !additional.is_empty() {
            self.add(|| Kind::AdditionalProperties(additional));
        }
    }

    fn depend(&mut self, members: &BTreeMap<String, Json>, property: &str, wanted: &[String]) {
        let missing = missing(members, wanted);
        if !missing.is_empty() {
            self.add(|| Kind::Dependency { property: property.to_owned(), missing });
        }
    }

    /// A name is judged as a document of its own; its finding points at the object.
    fn property_name(&mut self, id: SchemaId, name: &str) {
        let value = Json::String(name.to_owned());
        if let Some(mut failure) = validate(self.judge, id, self.meta, &value) {
            failure.path = self.path.clone();
            failure.kind = Kind::PropertyNames(name.to_owned());
            self.failures.push(failure);
        }
    }

    fn array(&mut self, schema: &'j Schema, items: &'v [Json]) {
        let got = items.len();
        if let Some(want) = schema.min_items.filter(|&want| less(got, want)) {
            self.add(|| Kind::MinItems { got, want });
        }
        if let Some(want) = schema.max_items.filter(|&want| more(got, want)) {
            self.add(|| Kind::MaxItems { got, want });
        }
        if schema.unique_items
            && let Some((first, second)) = duplicates(items)
        {
            self.add(|| Kind::UniqueItems(first, second));
        }
        let each: &[SchemaId] = match &schema.items {
            Some(Items::Each(each)) => each,
            _ => &schema.prefix_items,
        };
        for (index, (item, id)) in items.iter().zip(each).enumerate() {
            self.item(*id, index, item);
        }
        let mut evaluated = each.len().min(got);
        if let Some(Items::All(id)) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                self.item(*id, index, item);
            }
            evaluated = got;
        }
        let rest = schema.rest_items.map(Rest::Schema).or(schema.additional_items);
        match rest {
            Some(Rest::Schema(id)) => {
                for (index, item) in items.iter().enumerate().skip(evaluated) {
                    self.item(id, index, item);
                }
            }
            Some(Rest::Allowed(false)) if evaluated != got => {
                self.add(|| Kind::AdditionalItems { count: got - evaluated });
            }
            _ => {}
        }
        if let Some(id) = schema.contains {
            self.contains(schema, id, items);
        }
    }

    fn contains(&mut self, schema: &Schema, id: SchemaId, items: &'v [Json]) {
        let mut failures = Vec::new();
        let mut matched = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let Err(failure) = self.judge_below(id, item, self.path.item(index)) {
                failures.push(*failure);
                continue;
            }
            matched.push(index);
            if schema.draft >= Draft::V2020
                && let Some(items) = &mut self.unevaluated.items
            {
                items.remove(&index);
            }
        }
        if let Some(want) = schema.min_contains {
            if less(matched.len(), want) {
                let got = matched.clone();
                self.add_with(failures, || Kind::MinContains { got, want });
            }
        } else if matched.is_empty() {
            self.add_with(failures, || Kind::Contains);
        }
        if let Some(want) = schema.max_contains.filter(|&want| more(matched.len(), want)) {
            self.add(|| Kind::MaxContains { got: matched, want });
        }
    }

    fn text(&mut self, schema: &Schema, text: &str) {
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let got = text.chars().count();
            if let Some(want) = schema.min_length.filter(|&want| less(got, want)) {
                self.add(|| Kind::MinLength { got, want });
            }
            if let Some(want) = schema.max_length.filter(|&want| more(got, want)) {
                self.add(|| Kind::MaxLength { got, want });
            }
        }
        if let Some(pattern) = &schema.pattern
            && !pattern.is_match(text.as_bytes())
        {
            let want = pattern.as_str().to_owned();
            self.add(|| Kind::Pattern { got: text.to_owned(), want });
        }
    }

    fn number(&mut self, schema: &Schema, number: &Number) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let Some(got) = &number.value else { return };
        let bounds = [
            ("minimum", &schema.minimum, [Less, Less]),
            ("maximum", &schema.maximum, [Greater, Greater]),
            ("exclusiveMinimum", &schema.exclusive_minimum, [Less, Equal]),
            ("exclusiveMaximum", &schema.exclusive_maximum, [Greater, Equal]),
        ];
        for (keyword, want, wrong) in bounds {
            if let Some(want) = want
                && wrong.contains(&got.compare(want))
            {
                self.add(|| Kind::Bound { keyword, got: got.clone(), want: want.clone() });
            }
        }
        if let Some(want) = &schema.multiple_of
            && !got.is_multiple_of(want)
        {
            let keyword = "multipleOf";
            self.add(|| Kind::Bound { keyword, got: got.clone(), want: want.clone() });
        }
    }

    /// `$recursiveRef` and `$dynamicRef`: the target depends on the way here.
    fn late_references(&mut self, schema: &Schema) {
        if let Some(mut target) = schema.recursive_reference {
            if self.judge.schema(target).recursive_anchor {
                target = self.outermost(target, |judge, found| {
                    let resource = judge.schema(found).resource;
                    judge.schema(resource).recursive_anchor.then_some(found)
                });
            }
            let verdict = self.refer(target, "$recursiveRef");
            self.note(verdict);
        }
        if let Some((target, anchor)) = &schema.dynamic_reference {
            let mut target = *target;
            if !anchor.is_empty() && self.judge.schema(target).dynamic_anchor == *anchor {
                target = self.outermost(target, |judge, found| {
                    let resource = judge.schema(found).resource;
                    judge.schema(resource).dynamic_anchors.get(anchor).copied()
                });
            }
            let verdict = self.refer(target, "$dynamicRef");
            self.note(verdict);
        }
    }

    /// The answer for the outermost scope that has one.
    fn outermost(
        &self,
        fallback: SchemaId,
        answer: impl Fn(&Judge<'j>, SchemaId) -> Option<SchemaId>,
    ) -> SchemaId {
        let mut found = fallback;
        let mut scope = Some(self.scope);
        while let Some(here) = scope {
            found = answer(self.judge, here.schema).unwrap_or(found);
            scope = here.parent;
        }
        found
    }

    fn combined(&mut self, schema: &Schema) {
        if let Some(id) = schema.not
            && self.judge_self(id, "", true).is_ok()
        {
            self.add(|| Kind::Not);
        }
        let mut failures = Vec::new();
        for &id in &schema.all_of {
            if let Err(failure) = self.judge_self(id, "", false) {
                failures.push(*failure);
                if self.quiet {
                    break;
                }
            }
        }
        if !failures.is_empty() {
            self.add_with(failures, || Kind::AllOf);
        }
        self.any_of(schema);
        self.one_of(schema);
        if let Some(id) = schema.condition {
            let branch = match self.judge_self(id, "", true) {
                Ok(()) => schema.then,
                Err(_) => schema.otherwise,
            };
            if let Some(id) = branch {
                self.apply(id);
            }
        }
    }

    fn any_of(&mut self, schema: &Schema) {
        if schema.any_of.is_empty() {
            return;
        }
        let mut matched = false;
        let mut failures = Vec::new();
        for &id in &schema.any_of {
            if let Err(failure) = self.judge_self(id, "", false) {
                failures.push(*failure);
                continue;
            }
            matched = true;
            // As long as something is unevaluated, the other branches may evaluate it.
            if self.unevaluated.is_empty() {
                break;
            }
        }
        if !matched {
            self.add_with(failures, || Kind::AnyOf);
        }
    }

    fn one_of(&mut self, schema: &Schema) {
        if schema.one_of.is_empty() {
            return;
        }
        let mut matched = None;
        let mut failures = Vec::new();
        for (index, &id) in schema.one_of.iter().enumerate() {
            match (self.judge_self(id, "", matched.is_some()), matched) {
                (Err(failure), None) => failures.push(*failure),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => matched = Some(index),
                (Ok(()), Some(first)) => {
                    self.add(|| Kind::OneOf(Some((first, index))));
                    break;
                }
            }
        }
        if matched.is_none() {
            self.add_with(failures, || Kind::OneOf(None));
        }
    }

    fn leftovers(&mut self, schema: &Schema) {
        if let (Some(id), Json::Object(members)) = (schema.unevaluated_properties, self.value) {
            for name in self.unevaluated.properties.take().unwrap_or_default() {
                if let Some(value) = members.get(name) {
                    let path = self.path.member(name);
                    self.descend(id, value, path);
                }
            }
        }
        if let (Some(id), Json::Array(items)) = (schema.unevaluated_items, self.value) {
            for index in self.unevaluated.items.take().unwrap_or_default() {
                if let Some(item) = items.get(index) {
                    self.item(id, index, item);
                }
            }
        }
    }

    /// Judges the same value by another schema and notes what is wrong.
    fn apply(&mut self, id: SchemaId) {
        let verdict = self.judge_self(id, "", false);
        self.note(verdict);
    }

    fn item(&mut self, id: SchemaId, index: usize, item: &'v Json) {
        let path = self.path.item(index);
        self.descend(id, item, path);
    }

    fn descend(&mut self, id: SchemaId, value: &'v Json, path: Path) {
        let verdict = self.judge_below(id, value, path).map(drop);
        self.note(verdict);
    }

    /// Judges the same value by the target of a reference.
    fn refer(&mut self, target: SchemaId, keyword: &'static str) -> Result<(), Box<Failure>> {
        self.judge_self(target, keyword, false).map_err(|failure| {
            let mut reference = self.finding(|| Kind::Reference);
            reference.causes =
                if matches!(failure.kind, Kind::Group) { failure.causes } else { vec![*failure] };
            Box::new(reference)
        })
    }

    fn judge_self(
        &mut self,
        id: SchemaId,
        keyword: &'static str,
        quiet: bool,
    ) -> Result<(), Box<Failure>> {
        let scope =
            Scope { schema: id, keyword, value: self.scope.value, parent: Some(self.scope) };
        let asks = !self.unevaluated.is_empty();
        let frame = Frame {
            judge: self.judge,
            value: self.value,
            path: self.path.clone(),
            schema: id,
            scope: &scope,
            unevaluated: Unevaluated::of(self.value, self.judge.schema(id), asks),
            failures: Vec::new(),
            quiet: self.quiet || quiet,
            meta: self.meta,
        };
        let seen = super::deeper(|| frame.in_dialect().run())?;
        self.unevaluated.merge(&seen);
        Ok(())
    }

    fn judge_below(&self, id: SchemaId, value: &'v Json, path: Path) -> Verdict<'v> {
        let scope = Scope {
            schema: id,
            keyword: "",
            value: self.scope.value + 1,
            parent: Some(self.scope),
        };
        let frame = Frame {
            judge: self.judge,
            value,
            path,
            schema: id,
            scope: &scope,
            unevaluated: Unevaluated::of(value, self.judge.schema(id), false),
            failures: Vec::new(),
            quiet: self.quiet,
            meta: self.meta,
        };
        super::deeper(|| frame.in_dialect().run())
    }

    /// Where a schema inside a schema has a dialect of its own, its metaschema takes over.
    fn in_dialect(mut self) -> Self {
        if Some(self.schema) == self.meta
            && let Some(&id) = self.judge.dialects.get(&self.path.pointer())
        {
            self.schema = id;
            self.meta = Some(id);
        }
        self
    }

    /// Nothing more can change the verdict.
    fn done(&self) -> bool {
        self.quiet && !self.failures.is_empty()
    }

    fn finding(&self, kind: impl FnOnce() -> Kind) -> Failure {
        if self.quiet {
            return Failure::new(Path::new(), Kind::Quiet);
        }
        Failure::new(self.path.kept(), kind())
    }

    fn add(&mut self, kind: impl FnOnce() -> Kind) {
        let failure = self.finding(kind);
        self.failures.push(failure);
    }

    fn add_with(&mut self, causes: Vec<Failure>, kind: impl FnOnce() -> Kind) {
        let mut failure = self.finding(kind);
        failure.causes = causes;
        self.failures.push(failure);
    }

    fn note(&mut self, verdict: Result<(), Box<Failure>>) {
        if let Err(failure) = verdict {
            self.failures.push(*failure);
        }
    }
}

fn less(got: usize, want: i64) -> bool {
    i64::try_from(got).is_ok_and(|got| got < want)
}

fn more(got: usize, want: i64) -> bool {
    i64::try_from(got).is_ok_and(|got| got > want)
}

fn missing(members: &BTreeMap<String, Json>, wanted: &[String]) -> Vec<String> {
    wanted.iter().filter(|name| !members.contains_key(*name)).cloned().collect()
}

/// The first item that equals an earlier one, after the earlier one.
fn duplicates(items: &[Json]) -> Option<(usize, usize)> {
    (1..items.len()).find_map(|second| {
        let first = (0..second).find(|&first| items[first].equals(&items[second]))?;
        Some((first, second))
    })
}

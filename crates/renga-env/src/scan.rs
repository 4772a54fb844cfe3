//! Finding inline environments in an evaluated value, without evaluating their data.
//!
//! The result is a skeleton: the value with everything evaluated that decides which environments
//! there are. In it the `data` of an environment is replaced by a mark with the number of a handle.

use std::sync::Arc;

use renga_jsonnet::{EvalError, Handle, Kind};
use serde_json::{Map, Value};

/// Which objects of a value are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'a> {
    /// Everything, so that what is no manifest is found too.
    All,
    /// Only environments, with empty fields removed: what they are, not what they hold.
    Metadata,
    /// Only environments whose name contains this text.
    Named(&'a str),
}

/// A value with the data of its environments left out.
#[derive(Default)]
pub(crate) struct Skeleton {
    pub(crate) value: Value,
    /// The environments that have data, by the number that stands in its place, each with the
    /// name of its field.
    environments: Vec<Option<DataField>>,
}

/// An environment and the name of its field for data.
type DataField = (Box<dyn Handle>, Arc<str>);

/// Where the mark of an environment's data stands.
pub(crate) const DATA: &str = "data";

/// What marks begin with: no text that anybody writes.
const MARK: &str = "\u{7}data ";

/// The number in a mark.
pub(crate) fn number_of(mark: &Value) -> Option<usize> {
    mark.as_str()?.strip_prefix(MARK)?.parse().ok()
}

impl Skeleton {
    /// Walks `handle` as far as `scope` asks.
    pub(crate) fn of(handle: &dyn Handle, scope: Scope<'_>) -> Result<Self, EvalError> {
        let mut skeleton = Self::default();
        skeleton.value = skeleton.walk(handle, scope)?;
        if matches!(scope, Scope::Metadata) {
            skeleton.value =
                prune(std::mem::take(&mut skeleton.value)).unwrap_or(Value::Object(Map::new()));
        }
        Ok(skeleton)
    }

    /// Evaluates the data of an environment; null where it has none.
    pub(crate) fn data(&self, number: Option<usize>) -> Result<Value, EvalError> {
        let environment =
            number.and_then(|number| self.environments.get(number)).and_then(Option::as_ref);
        let data =
            environment.map(|(environment, field)| environment.field(field)).transpose()?.flatten();
        data.map_or(Ok(Value::Null), |data| data.manifest())
    }

    /// Puts the data of environments back in the place of their marks, or removes the marks where
    /// the data is not wanted (or does not evaluate). For messages that show an environment.
    pub(crate) fn fill(&self, value: &mut Value, with_data: bool) {
        match value {
            Value::Object(map) => {
                if let Some(number) = map.get(DATA).and_then(number_of) {
                    let data = if with_data { self.data(Some(number)).ok() } else { None };
                    match data {
                        Some(data) => drop(map.insert(DATA.to_owned(), data)),
                        None => drop(map.shift_remove(DATA)),
                    }
                }
                map.values_mut().for_each(|value| self.fill(value, with_data));
            }
            Value::Array(items) => items.iter_mut().for_each(|value| self.fill(value, with_data)),
            _ => {}
        }
    }

    /// Lets go of what an environment evaluated to.
    pub(crate) fn forget(&mut self, number: Option<usize>) {
        if let Some(slot) = number.and_then(|number| self.environments.get_mut(number)) {
            *slot = None;
        }
    }

    fn walk(&mut self, handle: &dyn Handle, scope: Scope<'_>) -> Result<Value, EvalError> {
        match handle.kind() {
            Kind::Object => self.object(handle, scope),
            Kind::Array => {
                let mut items = Vec::with_capacity(handle.len());
                for index in 0..handle.len() {
                    if let Some(item) = handle.element(index)? {
                        items.push(self.walk(&*item, scope)?);
                    }
                }
                Ok(Value::Array(items))
            }
            _ if matches!(scope, Scope::All) => handle.manifest(),
            _ => Ok(Value::Object(Map::new())),
        }
    }

    fn object(&mut self, handle: &dyn Handle, scope: Scope<'_>) -> Result<Value, EvalError> {
        let fields = handle.fields();
        let has = |name: &str| fields.iter().any(|field| &**field == name);
        if has("apiVersion") && has("kind") {
            let kind = handle.field("kind")?.and_then(|kind| kind.as_str());
            let wanted = match scope {
                Scope::All => kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Environment")),
                Scope::Metadata => kind.is_some_and(|kind| &*kind == "Environment"),
                Scope::Named(name) => {
                    kind.is_some_and(|kind| &*kind == "Environment")
                        && name_of(handle)?.contains(name)
                }
            };
            if wanted {
                return self.environment(handle, &fields);
            }
            if !matches!(scope, Scope::All) {
                return Ok(Value::Object(Map::new()));
            }
        }
        let mut map = Map::new();
        for field in &fields {
            if let Some(value) = handle.field(field)? {
                map.insert(field.to_string(), self.walk(&*value, scope)?);
            }
        }
        Ok(Value::Object(map))
    }

    fn environment(
        &mut self,
        handle: &dyn Handle,
        fields: &[Arc<str>],
    ) -> Result<Value, EvalError> {
        let mut map = Map::new();
        for field in fields {
            // Go matches the keys of an environment whatever their letter case.
            if field.eq_ignore_ascii_case(DATA) {
                map.insert(
                    DATA.to_owned(),
                    Value::from(format!("{MARK}{}", self.environments.len())),
                );
                self.environments.push(Some((handle.boxed(), Arc::clone(field))));
            } else if let Some(value) = handle.field(field)? {
                map.insert(field.to_string(), value.manifest()?);
            }
        }
        Ok(Value::Object(map))
    }
}

fn name_of(handle: &dyn Handle) -> Result<String, EvalError> {
    let Some(metadata) = handle.field("metadata")? else { return Ok(String::new()) };
    let name = metadata.field("name")?.and_then(|name| name.as_str());
    Ok(name.map_or_else(String::new, |name| name.to_string()))
}

/// Removes nulls and empty containers, from the inside out, as `std.prune`.
fn prune(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(prune).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(map) => {
            let map: Map<String, Value> =
                map.into_iter().filter_map(|(key, value)| Some((key, prune(value)?))).collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        plain => Some(plain),
    }
}

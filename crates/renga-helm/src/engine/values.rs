//! Values of charts as values of templates.
//!
//! Templates may write into maps, so what is one map in Helm has to be one map here: tables that
//! stand in several places become one map, everything else a map of its own.

use rustc_hash::FxHashMap;

use renga_gotemplate::{Map, Type, Value};

use crate::values::{self, Coalesced, SharedId, Table};

const RED_ZONE: usize = 64 * 1024;
const SEGMENT: usize = 1024 * 1024;

/// The values of the chart at the top, with maps of their own for this rendering.
pub(super) fn root(values: &Coalesced) -> Map {
    let mut convert = Convert { coalesced: Some(values), shared: FxHashMap::default() };
    convert.table(values.root())
}

/// A value without shared tables.
pub(super) fn own(value: &values::Value) -> Value {
    Convert { coalesced: None, shared: FxHashMap::default() }.value(value)
}

struct Convert<'v> {
    coalesced: Option<&'v Coalesced>,
    shared: FxHashMap<SharedId, Map>,
}

impl Convert<'_> {
    fn value(&mut self, value: &values::Value) -> Value {
        match value {
            values::Value::Null => Value::Nil,
            values::Value::Bool(value) => Value::Bool(*value),
            values::Value::Int(value) => Value::int64(*value),
            values::Value::Float(value) => Value::Float(*value),
            values::Value::String(text) => Value::Str(text.clone()),
            values::Value::List(items) => stacker::maybe_grow(RED_ZONE, SEGMENT, || {
                Value::list(items.iter().map(|item| self.value(item)).collect())
            }),
            values::Value::Table(table) => {
                stacker::maybe_grow(RED_ZONE, SEGMENT, || Value::Map(self.table(table)))
            }
            values::Value::Shared(id) => Value::Map(self.shared(*id)),
        }
    }

    fn table(&mut self, table: &Table) -> Map {
        Map::new(Type::DICT, table.iter().map(|(key, value)| (key.clone(), self.value(value))))
    }

    fn shared(&mut self, id: SharedId) -> Map {
        if let Some(map) = self.shared.get(&id) {
            return map.clone();
        }
        let map = match self.coalesced {
            Some(coalesced) => self.table(coalesced.shared(id)),
            None => Map::empty(),
        };
        self.shared.insert(id, map.clone());
        map
    }
}

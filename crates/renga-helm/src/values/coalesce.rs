//! The values of a chart and its subcharts as one tree.
//!
//! Owns Helm's two ways of putting them together: coalescing, in which null removes, and merging,
//! in which null stays. Which charts there are is [`crate::tree`]'s business.
//!
//! # What Go shares
//!
//! Templates may write into `.Values` (`set`, `merge`), so it matters which maps are one object in
//! Go. In the result of coalescing every table is an object of its own, with these exceptions:
//!
//! - `.Values` of a subchart is the table under its name in `.Values` of its parent: one map. That
//!   needs nothing here; whoever builds the map of the parent takes the subchart's out of it.
//! - `global` is copied two levels deep into every subchart: `global` itself and the tables
//!   directly in it are copies, but tables further below (and those in lists) are the same objects
//!   in the parent, in the subchart and in its siblings. So a subchart's default for
//!   `global.a.b.c` also turns up in its parent, a quirk of Helm that renderings depend on. Those
//!   tables are [`Value::Shared`].

use std::mem;
use std::sync::Arc;

use renga_gotemplate::{GoStr, quoted};

use crate::compat::Compat;
use crate::tree::{ChartId, Tree};
use crate::values::display::{Plain, WrongVerb};
use crate::values::{SharedId, Table, Value};
use crate::warning::{Level, Warning};

/// The table that every subchart shares with its parent.
const GLOBAL: &[u8] = b"global";

/// When less native stack than this is left, recursion continues on a new segment.
const STACK_RED_ZONE: usize = 128 * 1024;

/// The size of a new stack segment.
const STACK_SEGMENT: usize = 1024 * 1024;

/// Values of a chart and its subcharts, coalesced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coalesced {
    root: Table,
    shared: Vec<Table>,
}

impl Coalesced {
    /// The values of the chart at the top; those of a subchart are under its name.
    pub fn root(&self) -> &Table {
        &self.root
    }

    /// What a [`Value::Shared`] stands for. It may contain further ones, but never itself.
    pub fn shared(&self, id: SharedId) -> &Table {
        &self.shared[id.0]
    }

    /// The table that a value is, if it is one.
    pub fn table<'v>(&'v self, value: &'v Value) -> Option<&'v Table> {
        match value {
            Value::Table(table) => Some(table),
            Value::Shared(id) => Some(self.shared(*id)),
            _ => None,
        }
    }

    /// A value as JSON. Bytes that are not UTF-8 become U+FFFD, as in Go.
    pub fn json(&self, value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::String(text) => text.to_text().into_owned().into(),
            Value::List(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Table(table) => self.json_table(table).into(),
            Value::Shared(id) => self.json_table(self.shared(*id)).into(),
        }
    }

    /// A table as a JSON object, in the order of its keys.
    pub fn json_table(&self, table: &Table) -> serde_json::Map<String, serde_json::Value> {
        table.iter().map(|(key, value)| (key.to_text().into_owned(), self.json(value))).collect()
    }

    /// A copy in which every table is an object of its own, as Helm copies values.
    ///
    /// # Errors
    ///
    /// [`CoalesceError::Cyclic`] when a table contains itself.
    pub(crate) fn into_owned(self) -> Result<Table, CoalesceError> {
        if self.shared.is_empty() {
            return Ok(self.root);
        }
        self.owned_table(&self.root, &mut Vec::new())
    }

    fn owned(&self, value: &Value, within: &mut Vec<SharedId>) -> Result<Value, CoalesceError> {
        match value {
            Value::Shared(id) => {
                if within.contains(id) {
                    return Err(CoalesceError::Cyclic);
                }
                within.push(*id);
                let table = stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                    self.owned_table(self.shared(*id), within)
                })?;
                within.pop();
                Ok(Value::table(table))
            }
            Value::Table(table) if table.values().any(contains_shared) => {
                self.owned_table(table, within).map(Value::table)
            }
            Value::List(items) if items.iter().any(contains_shared) => {
                let items: Result<_, _> =
                    items.iter().map(|item| self.owned(item, within)).collect();
                Ok(Value::List(Arc::new(items?)))
            }
            other => Ok(other.clone()),
        }
    }

    /// A copy of a value without shared tables; null where one contains itself.
    pub(crate) fn owned_or_null(&self, value: &Value) -> Value {
        self.owned(value, &mut Vec::new()).unwrap_or_default()
    }

    fn owned_table(
        &self,
        table: &Table,
        within: &mut Vec<SharedId>,
    ) -> Result<Table, CoalesceError> {
        table.iter().map(|(key, value)| Ok((key.clone(), self.owned(value, within)?))).collect()
    }

    /// The table at a path, or the key at which there is none.
    pub(crate) fn table_at<'v, 'p>(&'v self, path: &[&'p str]) -> Result<&'v Table, &'p str> {
        let mut table = &self.root;
        for key in path {
            table = table.get(key.as_bytes()).and_then(|value| self.table(value)).ok_or(*key)?;
        }
        Ok(table)
    }

    /// The value at a dotted path, if there is one and it is no table.
    pub(crate) fn plain_at(&self, path: &str) -> Option<&Value> {
        let keys: Vec<&str> = path.split('.').collect();
        let (last, tables) = keys.split_last()?;
        let value = self.table_at(tables).ok()?.get(last.as_bytes())?;
        (!value.is_table()).then_some(value)
    }
}

impl From<Table> for Coalesced {
    fn from(root: Table) -> Self {
        Self { root, shared: Vec::new() }
    }
}

fn contains_shared(value: &Value) -> bool {
    match value {
        Value::Shared(_) => true,
        Value::Table(table) => table.values().any(contains_shared),
        Value::List(items) => items.iter().any(contains_shared),
        _ => false,
    }
}

/// Why the values of a chart and its subcharts do not become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum CoalesceError {
    /// Under the name of a subchart is something else than a table.
    #[error("type mismatch on {name}: {value}")]
    #[diagnostic(
        code(helm::subchart_values),
        help("the values under `{name}` go to the subchart of that name: make them a table")
    )]
    TypeMismatch {
        /// The subchart.
        name: String,
        /// The value, as Go prints it when it expects a bool.
        value: String,
    },
    /// A table was imported into itself. (Helm overflows its stack.)
    #[error("imported values contain themselves")]
    #[diagnostic(
        code(helm::import_cycle),
        help(
            "two entries of `import-values` with the same `parent` take a table and a table in it: give them different parents"
        )
    )]
    Cyclic,
}

/// Coalesces values (null removes) over the defaults of a chart and its subcharts.
pub(crate) fn coalesce(
    tree: &Tree,
    chart: ChartId,
    values: Table,
    warnings: &mut Vec<Warning>,
) -> Result<Coalesced, CoalesceError> {
    Coalescer { tree, shared: Vec::new(), warnings }.run(chart, values, Nulls::Remove)
}

/// Merges (null stays) the defaults of a chart and its subcharts.
pub(crate) fn merge(
    tree: &Tree,
    chart: ChartId,
    warnings: &mut Vec<Warning>,
) -> Result<Coalesced, CoalesceError> {
    Coalescer { tree, shared: Vec::new(), warnings }.run(chart, Table::new(), Nulls::Keep)
}

/// Makes tables shared that are about to stand in a second place: the value, or those in a list.
fn share(value: &mut Value, shared: &mut Vec<Table>) {
    match value {
        Value::Table(table) => {
            let table = mem::take(table);
            *value = Value::Shared(SharedId(shared.len()));
            shared.push(Arc::unwrap_or_clone(table));
        }
        Value::List(items)
            if items.iter().any(|item| matches!(item, Value::Table(_) | Value::List(_))) =>
        {
            for item in Arc::make_mut(items) {
                share(item, shared);
            }
        }
        _ => {}
    }
}

/// What becomes of null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// It removes what is below it (coalescing).
    Remove,
    /// It is a value like others (merging).
    Keep,
}

struct Coalescer<'a> {
    tree: &'a Tree,
    shared: Vec<Table>,
    warnings: &'a mut Vec<Warning>,
}

impl Coalescer<'_> {
    fn run(
        mut self,
        chart: ChartId,
        mut values: Table,
        nulls: Nulls,
    ) -> Result<Coalesced, CoalesceError> {
        self.chart(chart, &mut values, "", nulls)?;
        Ok(Coalesced { root: values, shared: self.shared })
    }

    fn compat(&self) -> Compat {
        self.tree.compat()
    }

    fn warn(&mut self, message: String) {
        self.warnings.push(Warning::new(Level::Info, message));
    }

    /// Works on the table that a value is; nothing happens to other values.
    fn with_table<R>(
        &mut self,
        value: &mut Value,
        work: impl FnOnce(&mut Self, &mut Table) -> R,
    ) -> Option<R> {
        match value {
            Value::Table(table) => Some(work(self, Arc::make_mut(table))),
            Value::Shared(id) => {
                let id = id.0;
                let mut table = mem::take(&mut self.shared[id]);
                let result = work(self, &mut table);
                self.shared[id] = table;
                Some(result)
            }
            _ => None,
        }
    }

    fn chart(
        &mut self,
        chart: ChartId,
        dest: &mut Table,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), CoalesceError> {
        self.defaults(chart, dest, prefix, nulls);
        let tree = self.tree;
        let prefix = join(prefix, tree.name(chart));
        for &subchart in tree.dependencies(chart) {
            let name = tree.name(subchart);
            let value = dest.entry(GoStr::from(name)).or_insert_with(|| Value::table(Table::new()));
            let mut values = mem::take(value);
            let done = self.with_table(&mut values, |this, table| {
                this.globals(table, dest, &prefix);
                stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                    this.chart(subchart, table, &prefix, nulls)
                })
            });
            let Some(done) = done else {
                let value = WrongVerb { verb: 't', value: &values, shared: &self.shared };
                return Err(CoalesceError::TypeMismatch {
                    name: name.to_owned(),
                    value: value.to_string(),
                });
            };
            dest.insert(GoStr::from(name), values);
            done?;
        }
        Ok(())
    }

    /// Puts a chart's own defaults below the values.
    fn defaults(&mut self, chart: ChartId, values: &mut Table, prefix: &str, nulls: Nulls) {
        let tree = self.tree;
        let prefix = join(prefix, tree.name(chart));
        for (key, default) in tree.values(chart) {
            match values.get_mut(&**key) {
                Some(Value::Null) if nulls == Nulls::Remove => {
                    values.remove(&**key);
                }
                Some(value) if value.is_table() => match default {
                    Value::Table(_) => {
                        let is_subchart = tree
                            .dependencies(chart)
                            .iter()
                            .any(|&sub| tree.name(sub).as_bytes() == &**key);
                        let nulls = if is_subchart { Nulls::Keep } else { nulls };
                        let mut default = default.clone();
                        self.clean(&mut default, nulls);
                        let prefix = join(&prefix, &key.to_text());
                        self.with_table(value, |this, table| {
                            this.tables(table, default, &prefix, nulls);
                        });
                    }
                    Value::Null => {}
                    _ => self.warn(format!(
                        "warning: skipped value for {prefix}.{}: Not a table.",
                        key.to_text()
                    )),
                },
                Some(_) => {}
                None => {
                    if nulls == Nulls::Remove && self.compat().is_v4() && *default == Value::Null {
                        continue;
                    }
                    let mut default = default.clone();
                    self.clean(&mut default, nulls);
                    values.insert(key.clone(), default);
                }
            }
        }
    }

    /// Helm 4 takes nulls out of defaults before they are coalesced.
    fn clean(&self, default: &mut Value, nulls: Nulls) {
        if nulls == Nulls::Remove && self.compat().is_v4() && has_null(default) {
            remove_nulls(default);
        }
    }

    /// Copies `global` of the parent's values into those of a subchart.
    fn globals(&mut self, values: &mut Table, parent: &mut Table, prefix: &str) {
        if values.get(GLOBAL).is_some_and(|value| !value.is_table()) {
            self.warn(
                "warning: skipping globals because destination global is not a table.".to_owned(),
            );
            return;
        }
        if parent.get(GLOBAL).is_some_and(|value| !value.is_table()) {
            self.warn("warning: skipping globals because source global is not a table.".to_owned());
            return;
        }
        let own = values.entry(GoStr::from(GLOBAL)).or_insert_with(|| Value::table(Table::new()));
        let Some(global) = parent.get_mut(GLOBAL) else { return };
        self.with_table(global, |this, global| {
            this.with_table(own, |this, own| this.copy_globals(own, global, prefix));
        });
    }

    fn copy_globals(&mut self, own: &mut Table, global: &mut Table, prefix: &str) {
        for (key, value) in global {
            if value.is_table() {
                let mut copy = Table::new();
                self.with_table(value, |this, table| {
                    for nested in table.values_mut() {
                        share(nested, &mut this.shared);
                    }
                    copy = table.clone();
                });
                match own.get_mut(&**key) {
                    None => {
                        own.insert(key.clone(), Value::table(copy));
                    }
                    Some(there) if there.is_table() => {
                        let prefix = join(prefix, &key.to_text());
                        // The parent's is on top, and what the subchart has goes below it.
                        let below = mem::take(there);
                        self.tables(&mut copy, below, &prefix, Nulls::Keep);
                        own.insert(key.clone(), Value::table(copy));
                    }
                    Some(_) => self.warn(format!(
                        "Conflict: cannot merge map onto non-map for {}. Skipping.",
                        quoted(key)
                    )),
                }
            } else if own.get(&**key).is_some_and(Value::is_table) {
                self.warn(format!("key {} is table. Skipping", key.to_text()));
            } else {
                share(value, &mut self.shared);
                own.insert(key.clone(), value.clone());
            }
        }
    }

    /// Puts the table `below` below `table`.
    fn tables(&mut self, table: &mut Table, below: Value, prefix: &str, nulls: Nulls) {
        match below {
            Value::Table(below) => {
                let mut below = Arc::unwrap_or_clone(below);
                hide(table, &mut below, nulls);
                for (key, value) in below {
                    self.entry(table, key, value, prefix, nulls);
                }
            }
            Value::Shared(id) => {
                // What goes over to `table` stays here as well, and so is shared.
                let mut below = mem::take(&mut self.shared[id.0]);
                let hidden = hide(table, &mut below, nulls);
                for (key, value) in &mut below {
                    share(value, &mut self.shared);
                    self.entry(table, key.clone(), value.clone(), prefix, nulls);
                }
                below.extend(hidden.into_iter().map(|key| (key, Value::Null)));
                self.shared[id.0] = below;
            }
            _ => {}
        }
    }

    fn entry(&mut self, table: &mut Table, key: GoStr, value: Value, prefix: &str, nulls: Nulls) {
        let Some(there) = table.get_mut(&*key) else {
            table.insert(key, value);
            return;
        };
        let path = || join(prefix, &key.to_text());
        if value.is_table() {
            if there.is_table() {
                let path = path();
                stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                    self.with_table(there, |this, table| this.tables(table, value, &path, nulls));
                });
            } else {
                let message = format!(
                    "warning: cannot overwrite table with non table for {} ({})",
                    path(),
                    Plain { value: &value, shared: &self.shared }
                );
                self.warn(message);
            }
        } else if there.is_table() && value != Value::Null {
            let message = format!(
                "warning: destination for {} is a table. Ignoring non-table value ({})",
                path(),
                Plain { value: &value, shared: &self.shared }
            );
            self.warn(message);
        }
    }
}

/// Takes out of `below` what nulls in `table` hide; when coalescing, a null that hides something
/// goes as well. Gives back the keys of the nulls.
fn hide(table: &mut Table, below: &mut Table, nulls: Nulls) -> Vec<GoStr> {
    let is_null = |entry: &(&GoStr, &Value)| *entry.1 == Value::Null;
    let keys: Vec<GoStr> = table.iter().filter(is_null).map(|(key, _)| key.clone()).collect();
    for key in &keys {
        let hidden = below.remove(&**key);
        if nulls == Nulls::Remove && hidden.is_some_and(|value| value != Value::Null) {
            table.remove(&**key);
        }
    }
    keys
}

pub(crate) fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.values().any(|value| *value == Value::Null || has_null(value)),
        _ => false,
    }
}

fn remove_nulls(value: &mut Value) {
    if let Value::Table(table) = value {
        let table = Arc::make_mut(table);
        table.retain(|_, value| *value != Value::Null);
        table.values_mut().filter(|value| has_null(value)).for_each(remove_nulls);
    }
}

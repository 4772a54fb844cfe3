//! `import-values`: tables of subcharts put below the values of the chart above them.
//!
//! Helm does not copy what it imports until the end, so imports can change each other: a second
//! import to the same place also lands in the table that the first one came from. To come to the
//! same result, every table here is an entry of a pool, as it is an object in Go.

use std::collections::BTreeMap;

use renga_gotemplate::GoStr;

use crate::values::coalesce::{CoalesceError, Coalesced, join};
use crate::values::display::Plain;
use crate::values::{SharedId, Table, Value};
use crate::warning::{Level, Warning};

/// How deep tables may nest before they are taken to contain themselves.
const MAX_DEPTH: usize = 2_000;

/// When less native stack than this is left, recursion continues on a new segment.
const STACK_RED_ZONE: usize = 128 * 1024;

/// The size of a new stack segment.
const STACK_SEGMENT: usize = 1024 * 1024;

/// Collects what subcharts export.
pub(crate) struct Importer {
    pool: Vec<Table>,
    /// The merged values that a chart and its subcharts have by default.
    values: SharedId,
    /// What was imported.
    imported: SharedId,
}

impl Importer {
    /// `values` are the merged ones that the chart and its subcharts have by default.
    pub(crate) fn new(values: &Coalesced) -> Self {
        let mut importer =
            Self { pool: vec![Table::new()], values: SharedId(0), imported: SharedId(0) };
        importer.values = importer.adopt_table(values, values.root(), &mut BTreeMap::new());
        importer
    }

    fn add(&mut self, table: Table) -> SharedId {
        self.pool.push(table);
        SharedId(self.pool.len() - 1)
    }

    fn adopt_table(
        &mut self,
        from: &Coalesced,
        table: &Table,
        known: &mut BTreeMap<SharedId, SharedId>,
    ) -> SharedId {
        let table = table
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Value::Table(table) => Value::Shared(self.adopt_table(from, table, known)),
                    Value::Shared(id) => {
                        let adopted = known
                            .get(id)
                            .copied()
                            .unwrap_or_else(|| self.adopt_table(from, from.shared(*id), known));
                        known.insert(*id, adopted);
                        Value::Shared(adopted)
                    }
                    // Lists are never looked into, and copied in the end.
                    other => from.owned_or_null(other),
                };
                (key.clone(), value)
            })
            .collect();
        self.add(table)
    }

    fn table(&self, id: SharedId) -> &Table {
        &self.pool[id.0]
    }

    /// Takes the table at `child` (a path) over to `parent` (a path, or `.`).
    ///
    /// # Errors
    ///
    /// [`CoalesceError::Cyclic`] when that does not end. The inner error is the key at which there
    /// is no table.
    pub(crate) fn import<'p>(
        &mut self,
        child: &'p str,
        parent: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Result<(), &'p str>, CoalesceError> {
        let mut found = self.values;
        for key in child.split('.') {
            match self.table(found).get(key.as_bytes()) {
                Some(Value::Shared(id)) => found = *id,
                _ => return Ok(Err(key)),
            }
        }
        if self.table(found).is_empty() {
            found = self.add(Table::new());
        }
        if parent != "." {
            for key in parent.split('.').rev() {
                found = self.add(Table::from([(GoStr::from(key), Value::Shared(found))]));
            }
        }
        self.merge(self.imported, found, "", 0, warnings).map(Ok)
    }

    /// The values with what was imported below them.
    ///
    /// # Errors
    ///
    /// [`CoalesceError::Cyclic`] when a table was imported into itself.
    pub(crate) fn finish(mut self, warnings: &mut Vec<Warning>) -> Result<Table, CoalesceError> {
        let values = self.copy(self.values, 0)?;
        self.merge(values, self.imported, "", 0, warnings)?;
        self.owned(values, 0)
    }

    /// A copy in which every table is an object of its own.
    fn copy(&mut self, id: SharedId, depth: usize) -> Result<SharedId, CoalesceError> {
        if depth > MAX_DEPTH {
            return Err(CoalesceError::Cyclic);
        }
        let mut table = self.table(id).clone();
        for value in table.values_mut() {
            if let Value::Shared(id) = value {
                *id = stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                    self.copy(*id, depth + 1)
                })?;
            }
        }
        Ok(self.add(table))
    }

    /// A copy outside of the pool.
    fn owned(&self, id: SharedId, depth: usize) -> Result<Table, CoalesceError> {
        if depth > MAX_DEPTH {
            return Err(CoalesceError::Cyclic);
        }
        let mut table = self.table(id).clone();
        for value in table.values_mut() {
            if let Value::Shared(id) = value {
                let nested = stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                    self.owned(*id, depth + 1)
                })?;
                *value = Value::table(nested);
            }
        }
        Ok(table)
    }

    /// Puts one table below another; null stays and hides what is below it, in both.
    fn merge(
        &mut self,
        above: SharedId,
        below: SharedId,
        prefix: &str,
        depth: usize,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), CoalesceError> {
        if depth > MAX_DEPTH {
            return Err(CoalesceError::Cyclic);
        }
        let is_null = |entry: &(&GoStr, &Value)| *entry.1 == Value::Null;
        let nulls: Vec<GoStr> =
            self.table(above).iter().filter(is_null).map(|(key, _)| key.clone()).collect();
        self.pool[below.0].extend(nulls.into_iter().map(|key| (key, Value::Null)));
        let keys: Vec<GoStr> = self.table(below).keys().cloned().collect();
        for key in keys {
            let Some(value) = self.table(below).get(&*key).cloned() else { continue };
            let path = || join(prefix, &key.to_text());
            match (self.table(above).get(&*key), &value) {
                (None, _) => {
                    self.pool[above.0].insert(key, value);
                }
                (Some(Value::Shared(there)), Value::Shared(value)) => {
                    let (there, value, path) = (*there, *value, path());
                    stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, || {
                        self.merge(there, value, &path, depth + 1, warnings)
                    })?;
                }
                (Some(_), Value::Shared(value)) => {
                    let value = Value::table(self.owned(*value, 0)?);
                    warnings.push(Warning::new(
                        Level::Info,
                        format!(
                            "warning: cannot overwrite table with non table for {} ({})",
                            path(),
                            Plain { value: &value, shared: &[] }
                        ),
                    ));
                }
                (Some(Value::Shared(_)), value) if *value != Value::Null => {
                    warnings.push(Warning::new(
                        Level::Info,
                        format!(
                            "warning: destination for {} is a table. Ignoring non-table value ({})",
                            path(),
                            Plain { value, shared: &[] }
                        ),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

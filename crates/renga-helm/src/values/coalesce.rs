//! The values of a chart and its subcharts as one tree.
//!
//! # What Go shares
//!
//! Templates may write into `.Values` (`set`, `merge`), so it matters which maps are one object in
//! Go. In the result of coalescing every table is an object of its own, with these exceptions:
//!
//! - `.Values` of a subchart is the table under its name in `.Values` of its parent: one map. That
//!   needs nothing here; whoever builds the map of the parent takes the subchart's out of it.
//! - `global` is copied one level deep into every subchart, if not there already: `global` itself
//!   and the tables directly in it are copies, but tables (and lists with tables) further below are
//!   the same objects in the parent, in the subchart and in its siblings. So a subchart's default
//!   for `global.a.b.c` also turns up in its parent, which is a defect of Helm that renderings
//!   depend on. Those tables are [`Value::Shared`].

use crate::values::{SharedId, Table};

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

    /// What a [`Value::Shared`](super::Value::Shared) stands for. It may contain further ones, but
    /// never itself.
    pub fn shared(&self, id: SharedId) -> &Table {
        &self.shared[id.0]
    }
}

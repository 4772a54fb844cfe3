//! Renderings that were made before, by everything they depend on.
//!
//! The key is a digest of the chart, the user's values, the release, the capabilities and the
//! options; the clock and the entropy of a world are left out on purpose, so that one process
//! renders the same thing once. Threads that want the same rendering wait for the first of them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::chart::Chart;
use crate::engine::TemplateCache;
use crate::render::{RenderError, RenderOptions, Rendered};
use crate::values::{Table, Value};

/// How many renderings are kept.
const MOST_RENDERINGS: usize = 4_096;

type Outcome = Result<Arc<Rendered>, Arc<RenderError>>;

/// Parsed templates and whole renderings.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    pub(crate) templates: TemplateCache,
    renderings: Mutex<FxHashMap<[u8; 32], Arc<OnceLock<Outcome>>>>,
}

impl Memo {
    /// The rendering of that key, made by `render` if it is the first.
    pub(crate) fn get(&self, key: [u8; 32], render: impl FnOnce() -> Outcome) -> Outcome {
        let cell = {
            let mut renderings = self.renderings.lock().unwrap_or_else(PoisonError::into_inner);
            if renderings.len() >= MOST_RENDERINGS && !renderings.contains_key(&key) {
                renderings.clear();
            }
            Arc::clone(renderings.entry(key).or_default())
        };
        cell.get_or_init(render).clone()
    }
}

/// The digest of everything a rendering depends on.
pub(crate) fn key(chart: &Chart, values: &Table, options: &RenderOptions) -> [u8; 32] {
    let mut hash = Sha256::new();
    // Every part tells its length or ends in a byte that cannot be in it.
    let RenderOptions {
        release,
        capabilities,
        compat,
        skip_schema_validation,
        enable_dns,
        world,
        // One process asks for the same files.
        schema_files: _,
    } = options;
    hash.update(format!(
        "{:?} {release:?} {capabilities:?} {compat:?} {skip_schema_validation} {enable_dns} {}\n",
        chart.digest(),
        world.entropy.is_some()
    ));
    add_table(values, &mut hash);
    hash.finalize().into()
}

fn add_table(table: &Table, hash: &mut Sha256) {
    hash.update(format!("{{{}", table.len()));
    for (key, value) in table {
        hash.update(format!("k{}:", key.len()));
        hash.update(&**key);
        add_value(value, hash);
    }
}

fn add_value(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Null => hash.update("n"),
        Value::Bool(value) => hash.update(if *value { "t" } else { "f" }),
        Value::Int(value) => hash.update(format!("i{value};")),
        Value::Float(value) => hash.update(format!("d{:x};", value.to_bits())),
        Value::String(text) => {
            hash.update(format!("s{}:", text.len()));
            hash.update(&**text);
        }
        Value::List(items) => {
            hash.update(format!("[{}", items.len()));
            items.iter().for_each(|item| add_value(item, hash));
        }
        Value::Table(table) => add_table(table, hash),
        // Values of users are not coalesced yet, so that nothing in them is shared.
        Value::Shared(id) => hash.update(format!("{id:?};")),
    }
}

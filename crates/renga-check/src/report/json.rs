//! Findings for programs: `docs/check.schema.json` describes it.

use serde_json::{Value, json};

use super::Report;

/// The version of the format. It grows when something a reader relies on changes.
const VERSION: u32 = 1;

impl Report<'_> {
    /// The whole report as JSON.
    pub fn json(&self) -> Value {
        json!({
            "version": VERSION,
            "findings": self.verdict.findings,
            "suppressed": self.verdict.suppressed,
            "environments": self.environments,
            "broken": self.broken,
        })
    }
}

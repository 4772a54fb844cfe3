//! Rendering whole charts: outputs and errors as Helm has them, limits, and what is kept.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod cases;
mod limits;
mod renderer;
mod values;

use std::sync::Arc;

use renga_helm::{Chart, Compat, File, load_files};

/// A chart from paths and texts.
fn chart<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>, compat: Compat) -> Arc<Chart> {
    let files = files
        .into_iter()
        .map(|(name, text)| File { name: Arc::from(name), data: Arc::from(text.as_bytes()) })
        .collect();
    load_files(files, compat).expect("the chart loads").chart
}

/// A chart named `c` with these templates.
fn chart_of(templates: &[(&str, &str)]) -> Arc<Chart> {
    let manifest = ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    chart(std::iter::once(manifest).chain(templates.iter().copied()), Compat::V4)
}

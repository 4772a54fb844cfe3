//! `answers CHART`: renders the templates given as JSON lines on stdin, a line of answers for each.
//!
//! The counterpart of `tests/oracle/helm`, for `cargo xtask fuzz-templates`: a case is
//! `{"template": …, "values": …}`, rendered as the notes of the chart in the folder `CHART`, for
//! both versions of Helm.

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use renga_helm::{
    Compat, File, Release, RenderOptions, Renderer, Setting, load_files, user_values,
};
use serde_json::{Value, json};

fn read_tree(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<(), Box<dyn Error>> {
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_tree(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy();
            files.push(File { name: name.into(), data: fs_err::read(&path)?.into() });
        }
    }
    Ok(())
}

fn answer(common: &[File], case: &Value, compat: Compat) -> Value {
    let mut files = common.to_vec();
    let template: Arc<[u8]> = case["template"].as_str().unwrap_or_default().as_bytes().into();
    files.push(File { name: "templates/NOTES.txt".into(), data: template });
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let chart = match load_files(files, compat) {
        Ok(loaded) => loaded.chart,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let settings: Vec<Setting> =
        case.get("values").iter().map(|values| Setting::File(values.to_string())).collect();
    let values = match user_values(&settings, &mut |text| Ok(text.as_bytes().into()), compat) {
        Ok(values) => values,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let mut options = RenderOptions::new(compat);
    options.release = Release::new("rel", "space");
    match Renderer::new().render_once(&chart, &values, &options) {
        Ok(rendered) => json!({ "output": rendered.notes.unwrap_or_default() }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args().nth(1).ok_or("usage: answers CHART")?;
    let mut common = Vec::new();
    read_tree(Path::new(&root), Path::new(&root), &mut common)?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let answers = json!({
            "v4": answer(&common, &case, Compat::V4),
            "v3": answer(&common, &case, Compat::V3),
        });
        writeln!(out, "{answers}")?;
        out.flush()?;
    }
    Ok(())
}

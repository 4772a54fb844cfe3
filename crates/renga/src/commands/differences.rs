//! What a comparison found, as text and as JSON.
//!
//! The form is `kubectl diff`'s, in the order in which tk has it: what is live, what waits for
//! something that is yet to be created, what is to be pruned. Comparing is `renga-cluster`'s business,
//! the texts of single objects `renga-diff`'s.

use std::hash::{BuildHasher as _, RandomState};

use renga_cluster::{DiffReport, DiffStatus, DiffStrategy, ObjectId};
use renga_diff::{
    ABSENT_TIME, Against, Compare, Comparison, FilePair, Folder, Mask, Place, RenderOptions, Show,
};
use renga_manifest::Manifest;
use serde_json::{Value, json};

use super::CommandError;
use super::live::ObjectFailure;
use crate::args::DiffFormat;
use crate::dialect::Dialect;
use crate::printer::Printer;

/// One object that differs.
struct Difference {
    live: Option<Value>,
    merged: Option<Value>,
    /// Its block of the unified form.
    text: String,
    /// By which the blocks of one section are sorted; nothing where they stay as they are.
    file: String,
}

/// All objects that differ.
pub(super) struct Differences {
    sections: [Vec<Difference>; 3],
    strategy: DiffStrategy,
    /// Objects that are as they should be.
    unchanged: usize,
}

impl Differences {
    /// Takes what differs out of a report; what could not be compared comes separately.
    pub(super) fn of(
        report: DiffReport,
        strategy: DiffStrategy,
        orphans: Vec<Manifest>,
        dialect: Dialect,
    ) -> (Self, Vec<ObjectFailure>) {
        let (mut live, mut soon, mut failures) = (Vec::new(), Vec::new(), Vec::new());
        let mut unchanged = 0;
        for compared in report.objects {
            let object = compared.object;
            match compared.status {
                DiffStatus::Failed(source) => {
                    failures.push(ObjectFailure { object, action: "compared", source });
                }
                DiffStatus::NotAttempted => {}
                DiffStatus::Unchanged => unchanged += 1,
                DiffStatus::CreatedWith(_) => {
                    let Some(manifest) = compared.merged else { continue };
                    soon.push(Difference::created(manifest));
                }
                DiffStatus::Created | DiffStatus::Changed => {
                    let sides = (compared.live, compared.merged);
                    match Difference::live(sides, strategy, dialect) {
                        Some(difference) => live.push(difference),
                        None => unchanged += 1,
                    }
                }
            }
        }
        live.sort_by(|a, b| a.file.cmp(&b.file));
        let orphans =
            orphans.into_iter().map(|orphan| Difference::deleted(orphan, dialect)).collect();
        (Self { sections: [live, soon, orphans], strategy, unchanged }, failures)
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.sections.iter().all(Vec::is_empty)
    }

    fn all(&self) -> impl Iterator<Item = &Difference> {
        self.sections.iter().flatten()
    }

    /// The unified form, as the programs that compare print it.
    fn unified(&self) -> String {
        let [live, soon, orphans] = &self.sections;
        let join = |section: &[Difference], between: &str| {
            let texts: Vec<&str> =
                section.iter().map(|difference| difference.text.as_str()).collect();
            texts.join(between)
        };
        // tk puts an empty line between the blocks of this strategy alone.
        let between = if self.strategy == DiffStrategy::Subset { "\n" } else { "" };
        format!("{}{}{}", join(live, between), join(soon, ""), join(orphans, ""))
    }

    /// The text to show.
    pub(super) fn render(&self, format: DiffFormat, color: bool) -> String {
        match format {
            DiffFormat::Unified => renga_diff::paint(&self.unified(), color),
            DiffFormat::Dyff => {
                let options = RenderOptions { colour: color, ..RenderOptions::default() };
                renga_diff::render(&self.comparison(), options)
            }
        }
    }

    /// The difference by the paths of fields, with Secrets masked.
    fn comparison(&self) -> Comparison {
        let side = |side: fn(&Difference) -> Option<&Value>| -> Vec<Value> {
            self.all().filter_map(side).cloned().collect()
        };
        let before = side(|difference| difference.live.as_ref());
        let after = side(|difference| difference.merged.as_ref());
        let mask = Mask { key: random_key(), ..Mask::default() };
        Compare { mask, ..Compare::default() }.objects(&before, &after)
    }

    /// How many lines differ in each object.
    pub(super) fn summary(&self, color: bool) -> String {
        renga_diff::stat(&self.unified()).render(color)
    }

    /// What differs, as one object.
    pub(super) fn as_json(&self) -> Value {
        let mut value = self.comparison().to_json();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("unchanged".to_owned(), self.unchanged.into());
        }
        value
    }
}

impl Difference {
    fn live(
        (live, merged): (Option<Value>, Option<Value>),
        strategy: DiffStrategy,
        dialect: Dialect,
    ) -> Option<Self> {
        if strategy == DiffStrategy::Subset {
            let manifest = merged?;
            let live = live.map(|live| renga_diff::subset(&manifest, &live));
            let against = live.as_ref().map_or(Against::Nothing, Against::Live);
            let text = renga_diff::static_difference(&manifest, against, PLACE);
            return Self { live, merged: Some(manifest), text, file: String::new() }.if_any();
        }
        let [live, merged] = [live, merged].map(|side| side.map(|side| trimmed(side, dialect)));
        let pair = FilePair::new(live.as_ref(), merged.as_ref(), Show::default());
        let text = renga_diff::file_difference(&pair, LIVE, MERGED);
        Self { live, merged, text, file: pair.name }.if_any()
    }

    fn created(manifest: Value) -> Self {
        let text = renga_diff::static_difference(&manifest, Against::Nothing, PLACE);
        Self { live: None, merged: Some(manifest), text, file: String::new() }
    }

    fn deleted(manifest: Manifest, dialect: Dialect) -> Self {
        let live = trimmed(manifest.into_value(), dialect);
        let text = deleted_text(&live);
        Self { live: Some(live), merged: None, text, file: String::new() }
    }

    fn if_any(self) -> Option<Self> {
        (!self.text.is_empty()).then_some(self)
    }
}

// tk compares files in folders with numbers by chance, here nothing is written anywhere: the same
// differences are the same bytes.
const LIVE: Folder<'_> = Folder { path: "/tmp/LIVE-000000001", time: ABSENT_TIME };
const MERGED: Folder<'_> = Folder { path: "/tmp/MERGED-000000002", time: ABSENT_TIME };
const PLACE: Place<'_> = Place { folder: "/tmp/diff000000003", time: ABSENT_TIME, secrets: false };

/// Another key in each run: nobody is to find out what a guess would be masked as.
fn random_key() -> Vec<u8> {
    let part = |number: u8| RandomState::new().hash_one(number).to_le_bytes();
    (0..4).flat_map(part).collect()
}

/// An object without what changes by itself, which tk shows all the same.
fn trimmed(mut object: Value, dialect: Dialect) -> Value {
    if dialect == Dialect::Tk {
        return object;
    }
    if let Some(fields) = object.as_object_mut() {
        fields.shift_remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            for field in
                ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"]
            {
                metadata.shift_remove(field);
            }
        }
    }
    object
}

fn deleted_text(manifest: &Value) -> String {
    renga_diff::static_difference(manifest, Against::Deletion, PLACE)
}

/// Manifests, or live objects, as they look when all of them are deleted.
pub(super) fn all_deleted(manifests: &[Manifest], dialect: Dialect) -> String {
    let text = |manifest: &Manifest| deleted_text(&trimmed(manifest.value().clone(), dialect));
    manifests.iter().map(text).collect()
}

/// Shows a unified difference, before a question and so not in a pager.
pub(super) fn print(text: &str, printer: &mut Printer) -> Result<(), CommandError> {
    let painted = renga_diff::paint(text, printer.stdout_color());
    Ok(printer.data_bytes(painted.as_bytes())?)
}

/// The fields of a result behind those that name its object.
pub(super) fn with_object(object: &ObjectId, result: Value) -> Value {
    let mut named = json!({
        "apiVersion": object.api_version,
        "kind": object.kind,
        "namespace": object.namespace,
        "name": object.name,
    });
    if let (Value::Object(named), Value::Object(result)) = (&mut named, result) {
        named.extend(result.into_iter().filter(|(_, value)| !value.is_null()));
    }
    named
}

//! How the result of an apply is told: as a table, as JSON, or as kubectl does.

use std::fmt::Write as _;

use renga_cluster::{
    Applied, ApplyOptions, ApplyReport, ApplyStrategy, Outcome, WaitOutcome, WaitReport,
};
use serde_json::{Map, Value, json};

use super::delete::dry_run_suffix;
use super::differences::with_object;
use super::live::ObjectFailure;

/// What was done to each object that is not as it was, then how many there are of each.
pub(super) fn table(report: &ApplyReport, options: &ApplyOptions) -> String {
    let head = ["KIND", "NAMESPACE", "NAME", "RESULT"].map(str::to_owned);
    let rows =
        report.objects.iter().filter(|applied| !matches!(applied.outcome, Outcome::Unchanged)).map(
            |applied| {
                let object = &applied.object;
                let result = match &applied.outcome {
                    Outcome::NotAttempted(why) => format!("not attempted: {why}"),
                    outcome => outcome.name().to_owned(),
                };
                [object.kind.clone(), object.namespace.clone(), object.name.clone(), result]
            },
        );
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let mut text = String::new();
    if rows.len() > 1 {
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths = [width(0), width(1), width(2)];
        for [kind, namespace, name, result] in &rows {
            let [first, second, third] = widths;
            let _ = writeln!(text, "{kind:first$}  {namespace:second$}  {name:third$}  {result}");
        }
        text.push('\n');
    }
    let counts: Vec<String> =
        report.counts().into_iter().map(|(name, count)| format!("{count} {name}")).collect();
    let _ = writeln!(text, "{}{}", counts.join(", "), dry_run_suffix(options.dry_run));
    text
}

/// A line for each object that was applied, as `kubectl apply` prints them and tk lets through.
pub(super) fn kubectl_lines(report: &ApplyReport, options: &ApplyOptions) -> String {
    let mut text = String::new();
    for Applied { object, outcome } in &report.objects {
        let done = match (outcome, options.strategy) {
            (Outcome::Failed(_) | Outcome::NotAttempted(_), _) => continue,
            (_, ApplyStrategy::Server) => "serverside-applied",
            (Outcome::Replaced, ApplyStrategy::Client) => "configured",
            (outcome, ApplyStrategy::Client) => outcome.name(),
        };
        let kind = object.kind.to_lowercase();
        let kind = match object.group() {
            "" => kind,
            group => format!("{kind}.{group}"),
        };
        let suffix = dry_run_suffix(options.dry_run);
        let _ = writeln!(text, "{kind}/{} {done}{suffix}", object.name);
    }
    text
}

/// The whole report as one object.
pub(super) fn as_json(report: &ApplyReport, waited: Option<&WaitReport>) -> Value {
    let objects: Vec<Value> = report
        .objects
        .iter()
        .map(|Applied { object, outcome }| {
            let reason = match outcome {
                Outcome::Failed(error) => Value::from(renga_diag::chain(error)),
                Outcome::NotAttempted(why) => Value::from(why.to_string()),
                _ => Value::Null,
            };
            with_object(object, json!({ "result": outcome.name(), "error": reason }))
        })
        .collect();
    let counts: Map<String, Value> = report
        .counts()
        .into_iter()
        .map(|(name, count)| (name.to_owned(), Value::from(count)))
        .collect();
    let mut value =
        json!({ "objects": objects, "counts": counts, "interrupted": report.interrupted });
    if let (Some(waited), Value::Object(fields)) = (waited, &mut value) {
        fields.insert("waited".to_owned(), waited_as_json(waited));
    }
    value
}

fn waited_as_json(report: &WaitReport) -> Value {
    let objects: Vec<Value> = report
        .objects
        .iter()
        .map(|waited| {
            let (result, reason) = match &waited.outcome {
                WaitOutcome::Ready => ("ready", Value::Null),
                WaitOutcome::TimedOut(reason) => ("timed out", Value::from(reason.as_str())),
                WaitOutcome::Stalled(reason) => ("stalled", Value::from(reason.as_str())),
                WaitOutcome::Failed(error) => ("failed", Value::from(renga_diag::chain(error))),
            };
            with_object(&waited.object, json!({ "result": result, "reason": reason }))
        })
        .collect();
    Value::Array(objects)
}

/// The objects that could not be applied, with the reasons.
pub(super) fn failures(report: ApplyReport) -> Vec<ObjectFailure> {
    let failed =
        report.objects.into_iter().filter_map(|Applied { object, outcome }| match outcome {
            Outcome::Failed(source) => Some(ObjectFailure { object, action: "applied", source }),
            _ => None,
        });
    failed.collect()
}

//! What becomes of findings: how grave they are in this workspace, and which are suppressed.

use renga_project::{Day, SETTINGS_FILE, Suppression};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::finding::Finding;
use crate::object::ObjectName;
use crate::provided::matches;
use crate::rule::{Rule, RuleId, Severity};
use crate::suppress::{self, Ignore};
use crate::survey::Survey;

/// What a workspace says of findings.
#[derive(Debug)]
pub struct Judgement<'s> {
    /// Severities by names of rules, perhaps with `*`. The longest name that fits is used.
    pub severities: &'s [(String, Level)],
    /// What is accepted.
    pub suppressions: &'s [Suppression],
    /// The day on which suppressions must be in force.
    pub today: Day,
    /// Whether all of the workspace was looked at: only then it is known what suppresses nothing.
    pub complete: bool,
}

/// How grave a workspace takes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not looked at.
    Off,
    /// As grave as this.
    At(Severity),
}

impl Level {
    /// Reads `off`, `warning` or `error`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "warning" => Some(Self::At(Severity::Warning)),
            "error" => Some(Self::At(Severity::Error)),
            _ => None,
        }
    }
}

/// What is left of findings.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// What is to be told, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// What is accepted.
    pub suppressed: Vec<Suppressed>,
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
}

/// Judges findings. What is wrong with the suppressions themselves is added to them.
pub fn judge(findings: Vec<Finding>, surveys: &[Survey], judgement: &Judgement<'_>) -> Verdict {
    let Judgement { suppressions, today, complete, .. } = judgement;
    let mut ignores: FxHashMap<(&str, &ObjectName), &[Ignore]> = FxHashMap::default();
    for survey in surveys {
        for object in survey.objects.iter().filter(|object| !object.ignores.is_empty()) {
            ignores.insert((&survey.environment, &object.name), &object.ignores);
        }
    }
    let in_force: Vec<bool> =
        suppressions.iter().map(|entry| entry.until.is_none_or(|until| *today <= until)).collect();
    let mut used = vec![false; suppressions.len()];
    let mut used_on_objects = FxHashSet::default();
    let mut verdict = Verdict::default();

    for mut finding in findings {
        if !set_severity(&mut finding, judgement.severities) {
            continue;
        }
        let own = finding.object.as_ref().and_then(|object| {
            let lines: &[Ignore] = ignores.get(&(finding.environment.as_str(), object))?;
            lines.iter().find(|line| line.covers(&finding.rule))
        });
        let entry = suppressions.iter().position(|entry| covers(entry, &finding));
        if let Some(place) = entry {
            used[place] = true;
        }
        let reason = if let Some(line) = own {
            used_on_objects.insert(std::ptr::from_ref(line));
            Some(line.reason.to_string())
        } else {
            entry.filter(|place| in_force[*place]).map(|place| suppressions[place].reason.clone())
        };
        match reason {
            Some(reason) => verdict.suppressed.push(Suppressed { finding, reason }),
            None => verdict.findings.push(finding),
        }
    }

    let mut more = Vec::new();
    for (place, entry) in suppressions.iter().enumerate() {
        if !in_force[place] {
            let until = entry.until.map(|day| day.to_string()).unwrap_or_default();
            let message = format!("the suppression of {} ended on {until}", shown(entry));
            more.push(
                Finding::of_file(Rule::SuppressionExpired, SETTINGS_FILE, message)
                    .with_help("mend what it was about, or give it another day"),
            );
        } else if *complete && !used[place] {
            let message = format!("the suppression of {} suppresses nothing", shown(entry));
            more.push(
                Finding::of_file(Rule::SuppressionUnused, SETTINGS_FILE, message)
                    .with_help("remove it"),
            );
        }
    }
    if *complete {
        for survey in surveys {
            for object in &survey.objects {
                let unused = object
                    .ignores
                    .iter()
                    .filter(|line| !used_on_objects.contains(&std::ptr::from_ref(*line)));
                for line in unused {
                    let message = format!("ignores {}, which finds nothing here", line.rules());
                    more.push(Finding {
                        environment: survey.environment.clone(),
                        object: Some(object.name.clone()),
                        path: suppress::path(),
                        help: Some("remove it".to_owned()),
                        place: None,
                        ..Finding::of_file(Rule::SuppressionUnused, "", message)
                    });
                }
            }
        }
    }
    more.retain_mut(|finding| set_severity(finding, judgement.severities));
    verdict.findings.append(&mut more);
    verdict
}

/// Gives a finding the severity of the workspace; says whether there is one.
fn set_severity(finding: &mut Finding, severities: &[(String, Level)]) -> bool {
    let fitting = severities.iter().filter(|(name, _)| matches(name, finding.rule.as_str()));
    match fitting.max_by_key(|(name, _)| name.len()) {
        Some((_, Level::Off)) => return false,
        Some((_, Level::At(severity))) => finding.severity = *severity,
        None => {}
    }
    true
}

fn covers(entry: &Suppression, finding: &Finding) -> bool {
    let fits = |pattern: &Option<String>, text: Option<&str>| {
        pattern.as_deref().is_none_or(|pattern| text.is_some_and(|text| matches(pattern, text)))
    };
    let object = finding.object.as_ref();
    matches(&entry.rule, finding.rule.as_str())
        && fits(&entry.environment, Some(&finding.environment))
        && fits(&entry.kind, object.map(|object| object.kind.as_str()))
        && fits(&entry.name, object.map(|object| object.name.as_str()))
        && fits(&entry.namespace, object.map(|object| object.namespace.as_str()))
}

/// `reference/secret (kind Deployment, name web)`.
fn shown(entry: &Suppression) -> String {
    let parts = [
        ("environment", &entry.environment),
        ("kind", &entry.kind),
        ("namespace", &entry.namespace),
        ("name", &entry.name),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} {text}")))
        .collect();
    if parts.is_empty() {
        entry.rule.clone()
    } else {
        format!("{} ({})", entry.rule, parts.join(", "))
    }
}

/// Names of rules in settings that mean none, with the nearest that does.
pub fn unknown_rules<'n>(
    names: impl IntoIterator<Item = &'n str>,
) -> Vec<(&'n str, Option<&'static str>)> {
    names
        .into_iter()
        .filter(|name| !RuleId::is_known(name))
        .map(|name| (name, RuleId::nearest(name)))
        .collect()
}

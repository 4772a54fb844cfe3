//! The rules for `Chart.yaml`.

use renga_charts::CHART_FIELDS;
use renga_semver::{Constraint, Version};
use renga_yaml::Flavour;
use serde_json::{Map, Value};

use super::{Finding, Severity, named_line, read_yaml};
use crate::{
    compat::Compat,
    metadata::{self, Draft},
    schema::is_request_url,
};

const FILE: &str = "Chart.yaml";

/// The fields Helm knows inside the lists.
const MAINTAINER: [&str; 3] = ["name", "email", "url"];
const DEPENDENCY: [&str; 8] =
    ["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

/// Checks the text of `Chart.yaml`.
pub(super) fn check(text: &[u8], compat: Compat) -> Vec<Finding> {
    let mut rules =
        Rules { text: String::from_utf8_lossy(text).into_owned(), findings: Vec::new() };
    let mut draft = Draft::default();
    if let Err(error) = metadata::read_into(&mut draft, text, compat) {
        rules.add(Severity::Error, format!("unable to parse YAML\n\t{error}"), None);
        return rules.findings;
    }
    let data = read_yaml(text).unwrap_or_default();
    if !compat.is_v3()
        && let Some(error) = strict(text, &data)
    {
        let message = format!("failed to strictly parse chart metadata file\n\t{error}");
        rules.add(Severity::Warning, message, None);
    }
    rules.all(&draft, &data, compat);
    rules.findings
}

/// What a strict reader has against it: a key twice, or one it does not know.
fn strict(text: &[u8], data: &Value) -> Option<String> {
    if let Err(error) = renga_yaml::read_strict(text, Flavour::SigsYaml) {
        return Some(error.to_string());
    }
    let name = unknown(data.as_object()?)?;
    Some(format!(
        "error unmarshaling JSON: while decoding JSON: json: unknown field {}",
        renga_gotemplate::quoted(name.as_bytes())
    ))
}

/// The first field Go's decoder does not know; it gets keys in order.
fn unknown(data: &Map<String, Value>) -> Option<String> {
    let mut keys: Vec<&String> = data.keys().collect();
    keys.sort_unstable();
    for key in keys {
        let known = CHART_FIELDS.iter().find(|field| field.eq_ignore_ascii_case(key));
        let inside: &[&str] = match known {
            None => return Some(key.clone()),
            Some(&"maintainers") => &MAINTAINER,
            Some(&"dependencies") => &DEPENDENCY,
            Some(_) => continue,
        };
        for entry in data[key].as_array().into_iter().flatten().filter_map(Value::as_object) {
            let mut keys: Vec<&String> = entry.keys().collect();
            keys.sort_unstable();
            let is_known = |key: &str| inside.iter().any(|field| field.eq_ignore_ascii_case(key));
            if let Some(key) = keys.into_iter().find(|key| !is_known(key)) {
                return Some(key.clone());
            }
        }
    }
    None
}

struct Rules {
    text: String,
    findings: Vec<Finding>,
}

impl Rules {
    fn add(&mut self, severity: Severity, message: String, field: Option<&str>) {
        let line = match field {
            Some(field) => self.line_of(field),
            None => named_line(&message),
        };
        self.findings.push(Finding {
            severity,
            subject: FILE.to_owned(),
            message,
            place: line.map(|line| (FILE.to_owned(), line)),
        });
    }

    fn error(&mut self, field: &str, message: impl Into<String>) {
        self.add(Severity::Error, message.into(), Some(field));
    }

    /// The line on which a field at the top stands.
    fn line_of(&self, field: &str) -> Option<usize> {
        let stands = |line: &str| {
            line.strip_prefix(field).is_some_and(|rest| rest.trim_start().starts_with(':'))
        };
        self.text.lines().position(stands).map(|index| index + 1)
    }

    fn all(&mut self, draft: &Draft, data: &Value, compat: Compat) {
        let chart = &draft.metadata;
        let api = written(data, "apiVersion");
        if chart.name.is_empty() {
            self.error("name", "name is required");
        } else if chart.name != "/" && chart.name.contains('/') {
            let name = renga_gotemplate::quoted(chart.name.as_bytes());
            self.error("name", format!("chart name {name} is invalid"));
        }
        if api.is_empty() {
            let message = "apiVersion is required. The value must be either \"v1\" or \"v2\"";
            self.error("apiVersion", message);
        } else if !matches!(&*api, "v1" | "v2") {
            let message = format!(
                "apiVersion '{api}' is not valid. The value must be either \"v1\" or \"v2\""
            );
            self.error("apiVersion", message);
        }
        self.text_field(data, "version");
        self.version(&chart.version);
        self.text_field(data, "appVersion");
        self.maintainers(draft);
        if let Some(source) = chart.sources.iter().find(|source| !is_request_url(source)) {
            self.error("sources", format!("invalid source URL '{source}'"));
        }
        if chart.icon.is_empty() {
            self.add(Severity::Info, "icon is recommended".to_owned(), Some("icon"));
        } else if !is_request_url(&chart.icon) {
            self.error("icon", format!("invalid icon URL '{}'", chart.icon));
        }
        if !chart.kind.is_empty() && api != "v2" {
            let message = format!(
                "chart type is not valid in apiVersion '{api}'. It is valid in apiVersion 'v2'"
            );
            self.error("type", message);
        }
        if draft.dependencies.as_ref().is_some_and(|listed| !listed.is_empty()) && api != "v2" {
            let message = format!(
                "dependencies are not valid in the Chart file with apiVersion '{api}'. They are valid in apiVersion 'v2'"
            );
            self.error("dependencies", message);
        }
        if !compat.is_v3() && Version::parse_strict(&chart.version).is_err() {
            let message = format!("version '{}' is not a valid SemVerV2", chart.version);
            self.add(Severity::Warning, message, Some("version"));
        }
    }

    fn text_field(&mut self, data: &Value, field: &str) {
        let kind = match data.get(field) {
            None | Some(Value::String(_)) => return,
            Some(Value::Null) => "<nil>",
            Some(Value::Bool(_)) => "bool",
            Some(Value::Number(_)) => "float64",
            Some(Value::Array(_)) => "[]interface {}",
            Some(Value::Object(_)) => "map[string]interface {}",
        };
        self.error(field, format!("{field} should be of type string but it's of type {kind}"));
    }

    fn version(&mut self, text: &str) {
        if text.is_empty() {
            return self.error("version", "version is required");
        }
        let Ok(version) = Version::parse(text) else {
            return self.error("version", format!("version '{text}' is not a valid SemVer"));
        };
        let Ok(constraint) = Constraint::parse(">0.0.0-0") else { return };
        if let Err(mismatches) = constraint.validate(&version)
            && let Some(first) = mismatches.first()
        {
            self.error("version", format!("version {first}"));
        }
    }

    fn maintainers(&mut self, draft: &Draft) {
        for maintainer in &draft.maintainers {
            let Some(maintainer) = maintainer else {
                return self.error("maintainers", "a maintainer entry is empty");
            };
            let (name, email, url) = (&maintainer.name, &maintainer.email, &maintainer.url);
            if name.is_empty() {
                return self.error("maintainers", "each maintainer requires a name");
            }
            if !email.is_empty() && !is_email(email) {
                let message = format!("invalid email '{email}' for maintainer '{name}'");
                return self.error("maintainers", message);
            }
            if !url.is_empty() && !is_url(url) {
                let message = format!("invalid url '{url}' for maintainer '{name}'");
                return self.error("maintainers", message);
            }
        }
    }
}

/// A field as it is written, in any case of its key.
fn written(data: &Value, field: &str) -> String {
    let entry = data
        .as_object()
        .and_then(|object| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(field)));
    match entry {
        Some((_, Value::String(text))) => text.clone(),
        Some((_, other)) if !other.is_null() => other.to_string(),
        _ => String::new(),
    }
}

/// Whether a text looks like a mail address.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let valid =
        |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    let dotted = local.split('.').all(|part| !part.is_empty() && part.chars().all(valid));
    let label = |label: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
        label.starts_with(letter)
            && label.ends_with(letter)
            && label.chars().all(|c| letter(c) || "-._~".contains(c))
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    dotted
        && domain.contains('.')
        && domain.split('.').all(label)
        && !top.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a text looks like the address of a page: with or without a scheme.
fn is_url(text: &str) -> bool {
    if text.is_empty() || text.chars().count() >= 2083 || text.starts_with('.') {
        return false;
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let name = host.split(':').next().unwrap_or_default();
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    matches!(scheme, "http" | "https" | "ftp" | "tcp" | "udp" | "ws" | "wss" | "irc" | "rtmp")
        && (name == "localhost" || name.contains('.') && name.split('.').all(label))
}

//! YAML values as `sigs.k8s.io/yaml` and Go's `encoding/json` decode them into structs.
//!
//! Fields come in the order of their sorted keys, match whatever their letter case, and take
//! numbers and booleans for texts; the first mistake is reported in Go's words after all the rest
//! was read.

use serde_json::Value;

use super::Chartfile;
use crate::repository::Repository;
use crate::requirement::{Requirement, go_quoted};

/// A field: the Go struct it is in, and its path from the top. Empty for the top itself.
#[derive(Clone, Copy)]
struct At<'a>(&'a str, &'a str);

struct Decoder {
    strict: bool,
    error: Option<String>,
}

/// Decodes a chartfile; unknown fields are an error.
pub(super) fn chartfile(value: &Value) -> Result<Chartfile, String> {
    let mut chartfile = Chartfile::default();
    let mut decoder = Decoder { strict: true, error: None };
    decoder.fields(value, At("", ""), "helm.Chartfile", |this, key, value| {
        let at = |field| At("Chartfile", field);
        match key {
            "version" => this.uint(value, at("version"), &mut chartfile.version),
            "repositories" => {
                this.list(
                    value,
                    at("repositories"),
                    "helm.Repos",
                    &mut chartfile.repositories,
                    |this, item| this.repository(item, at("repositories")),
                );
            }
            "requires" => {
                this.list(
                    value,
                    at("requires"),
                    "helm.Requirements",
                    &mut chartfile.requires,
                    Decoder::requirement,
                );
            }
            "directory" => this.string(value, at("directory"), &mut chartfile.directory),
            _ => return false,
        }
        true
    });
    decoder.error.map_or(Ok(chartfile), Err)
}

/// Decodes a file of repositories; unknown fields are passed over.
pub(super) fn repository_config(value: &Value) -> Result<Vec<Repository>, String> {
    let mut repositories = None;
    let mut decoder = Decoder { strict: false, error: None };
    decoder.fields(value, At("", ""), "helm.ConfigFile", |this, key, value| {
        let at = |field| At("ConfigFile", field);
        match key {
            "apiversion" => this.string(value, at("apiVersion"), &mut String::new()),
            "generated" => this.string(value, at("generated"), &mut String::new()),
            "repositories" => {
                this.list(
                    value,
                    at("repositories"),
                    "helm.Repos",
                    &mut repositories,
                    |this, item| this.repository(item, at("repositories")),
                );
            }
            _ => return false,
        }
        true
    });
    decoder.error.map_or(Ok(repositories.unwrap_or_default()), Err)
}

/// Decodes the version in a `Chart.yaml`, and checks its name on the way.
pub(super) fn chart_version(value: &Value) -> Result<String, String> {
    let (mut name, mut version) = (String::new(), String::new());
    let mut decoder = Decoder { strict: false, error: None };
    decoder.fields(value, At("", ""), "helm.chartManifest", |this, key, value| {
        // Tanka's struct has no names for JSON, so Go's own show up in messages.
        match key {
            "name" => this.string(value, At("chartManifest", "Name"), &mut name),
            "version" => this.string(value, At("chartManifest", "Version"), &mut version),
            _ => return false,
        }
        true
    });
    decoder.error.map_or(Ok(version), Err)
}

impl Decoder {
    fn fail(&mut self, error: impl FnOnce() -> String) {
        self.error.get_or_insert_with(error);
    }

    fn mistyped(&mut self, value: &Value, at: At<'_>, go_type: &str) {
        let kind = match value {
            Value::Null => return,
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.mistyped_as(kind, at, go_type);
    }

    fn mistyped_as(&mut self, kind: &str, At(owner, path): At<'_>, go_type: &str) {
        self.fail(|| {
            if owner.is_empty() {
                format!("json: cannot unmarshal {kind} into Go value of type {go_type}")
            } else {
                format!(
                    "json: cannot unmarshal {kind} into Go struct field {owner}.{path} of type {go_type}"
                )
            }
        });
    }

    /// Hands each field with its lower-cased key to `take`, which says whether it knows it.
    fn fields(
        &mut self,
        value: &Value,
        at: At<'_>,
        go_type: &str,
        mut take: impl FnMut(&mut Self, &str, &Value) -> bool,
    ) {
        let Value::Object(map) = value else {
            self.mistyped(value, at, go_type);
            return;
        };
        let mut fields: Vec<_> = map.iter().collect();
        fields.sort_unstable_by_key(|(key, _)| key.as_str());
        for (key, value) in fields {
            if !take(self, &key.to_lowercase(), value) && self.strict {
                self.fail(|| format!("json: unknown field {}", go_quoted(key)));
            }
        }
    }

    fn list<T>(
        &mut self,
        value: &Value,
        at: At<'_>,
        go_type: &str,
        target: &mut Option<Vec<T>>,
        mut item: impl FnMut(&mut Self, &Value) -> T,
    ) {
        match value {
            Value::Null => *target = None,
            Value::Array(items) => {
                *target = Some(items.iter().map(|value| item(self, value)).collect());
            }
            other => self.mistyped(other, at, go_type),
        }
    }

    fn repository(&mut self, value: &Value, list: At<'_>) -> Repository {
        let mut target = Repository::default();
        let strict = self.strict;
        self.fields(value, list, "helm.Repo", |this, key, value| {
            let at = |field| At("Repo", field);
            match key {
                "name" => this.string(value, at("repositories.name"), &mut target.name),
                "url" => this.string(value, at("repositories.url"), &mut target.url),
                "cafile" => this.string(value, at("repositories.caFile"), &mut target.ca_file),
                "certfile" => {
                    this.string(value, at("repositories.certFile"), &mut target.cert_file);
                }
                "keyfile" => this.string(value, at("repositories.keyFile"), &mut target.key_file),
                "username" => this.string(value, at("repositories.username"), &mut target.username),
                "password" => this.string(value, at("repositories.password"), &mut target.password),
                "pass_credentials_all" if !strict => {
                    target.pass_credentials_all = value.as_bool().unwrap_or_default();
                }
                "insecure_skip_tls_verify" if !strict => {
                    target.insecure_skip_tls_verify = value.as_bool().unwrap_or_default();
                }
                _ => return false,
            }
            true
        });
        target
    }

    fn requirement(&mut self, value: &Value) -> Requirement {
        let mut target = Requirement::default();
        self.fields(value, At("Chartfile", "requires"), "helm.Requirement", |this, key, value| {
            let at = |field| At("Requirement", field);
            match key {
                "chart" => this.string(value, at("requires.chart"), &mut target.chart),
                "version" => this.string(value, at("requires.version"), &mut target.version),
                "directory" => this.string(value, at("requires.directory"), &mut target.directory),
                _ => return false,
            }
            true
        });
        target
    }

    fn string(&mut self, value: &Value, at: At<'_>, target: &mut String) {
        match value {
            Value::Null => {}
            Value::String(text) => target.clone_from(text),
            Value::Bool(flag) => *target = flag.to_string(),
            Value::Number(number) => {
                *target = match number.as_f64() {
                    Some(float) if number.is_f64() => float32_text(float),
                    _ => number.to_string(),
                };
            }
            other => self.mistyped(other, at, "string"),
        }
    }

    fn uint(&mut self, value: &Value, at: At<'_>, target: &mut u64) {
        let Value::Number(number) = value else {
            self.mistyped(value, at, "uint");
            return;
        };
        let text = match number.as_f64() {
            Some(float) if number.is_f64() => renga_gojson::format_float(float),
            _ => number.to_string(),
        };
        match text.parse() {
            Ok(value) => *target = value,
            Err(_) => self.mistyped_as(&format!("number {text}"), at, "uint"),
        }
    }
}

/// A float as `strconv.FormatFloat(x, 'g', -1, 32)` writes it, which is how a version such as
/// `1.10` becomes a text.
#[expect(clippy::cast_possible_truncation, reason = "the library writes a float32")]
fn float32_text(float: f64) -> String {
    let float = float as f32;
    let text = format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => format!("{float}"),
    }
}

#[cfg(test)]
mod tests {
    use super::float32_text;

    #[test]
    fn floats_lose_what_a_float32_does_not_hold() {
        for (float, text) in [
            (1.0, "1"),
            (1.1, "1.1"),
            (0.5, "0.5"),
            (1000.0, "1000"),
            (123_456.789_000_000_1, "123456.79"),
            (1_234_567.0, "1.234567e+06"),
            (1e10, "1e+10"),
            (0.000_01, "1e-05"),
            (1.234_567_89e29, "1.2345679e+29"),
        ] {
            assert_eq!(float32_text(float), text);
        }
    }
}

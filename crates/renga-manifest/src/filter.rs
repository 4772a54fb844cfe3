//! Target filters: `-t kind/name` expressions that select manifests.

use renga_regexp::{Regexp, RegexpError};

use crate::manifest::Manifest;

/// A set of target expressions. An empty set selects everything.
#[derive(Debug, Default)]
pub struct Targets {
    include: Vec<Regexp>,
    exclude: Vec<Regexp>,
}

/// A target expression that is no regular expression. Worded as `tk` words it.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{}.\nSee https://tanka.dev/output-filtering/#regular-expressions for details on regular expressions.", title_case(&source.to_string()))]
#[diagnostic(
    code(manifest::target),
    help(
        "`{expression}` must be a regular expression that matches KIND/NAME, such as `deployment/.*`; `!` in front excludes"
    )
)]
pub struct TargetError {
    expression: String,
    source: RegexpError,
}

impl renga_diag::Report for TargetError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

impl Targets {
    /// Compiles the expressions given with `-t`.
    ///
    /// Each is matched against all of `Kind/name`, letter case ignored; one with `!` in front
    /// excludes what it matches. As in Tanka, the anchors are put around the text as it is, so the
    /// alternatives of `a|b` are anchored on one side each. Empty expressions are passed over.
    ///
    /// # Errors
    ///
    /// [`TargetError`] for the first expression that does not compile.
    pub fn new<S: AsRef<str>>(expressions: &[S]) -> Result<Self, TargetError> {
        let mut targets = Self::default();
        for expression in expressions.iter().map(AsRef::as_ref).filter(|text| !text.is_empty()) {
            let negative = expression.strip_prefix('!');
            let pattern = format!("(?i)^{}$", negative.unwrap_or(expression));
            let regexp = Regexp::new(&pattern)
                .map_err(|source| TargetError { expression: expression.to_owned(), source })?;
            let side = if negative.is_some() { &mut targets.exclude } else { &mut targets.include };
            side.push(regexp);
        }
        Ok(targets)
    }

    /// Whether there is no expression at all.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether `manifest` is selected.
    ///
    /// A negative expression selects everything that it does not match, whatever the positive ones
    /// say: `-t 'service/.*' -t '!secret/.*'` is everything but secrets, as in Tanka.
    pub fn selects(&self, manifest: &Manifest) -> bool {
        if self.is_empty() {
            return true;
        }
        let name = manifest.kind_name();
        let matches = |regexp: &Regexp| regexp.is_match(name.as_bytes());
        (!self.exclude.is_empty() || self.include.iter().any(matches))
            && !self.exclude.iter().any(matches)
    }
}

/// Upper case for the first letter of each word, lower case for the rest.
///
/// Words are runs of letters, digits, marks and what may stand inside of a word (`'`, `.`, `:` and
/// `_` between letters), as in the English title case of Go's `x/text/cases`.
fn title_case(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut in_word = false;
    for (index, &c) in chars.iter().enumerate() {
        if c.is_alphanumeric() {
            if in_word {
                out.extend(c.to_lowercase());
            } else {
                out.extend(c.to_uppercase());
            }
            in_word = in_word || c.is_alphabetic();
        } else {
            let between = in_word
                && matches!(c, '\'' | '.' | ':' | '’' | '·')
                && chars.get(index + 1).is_some_and(|next| next.is_alphabetic());
            in_word = between || (in_word && c == '_');
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selected(expressions: &[&str]) -> Vec<String> {
        let targets = Targets::new(expressions).unwrap();
        [("Service", "web"), ("Secret", "key"), ("Deployment", "web")]
            .into_iter()
            .map(|(kind, name)| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}))
            .map(|value| Manifest::new(value, ".").unwrap())
            .filter(|manifest| targets.selects(manifest))
            .map(|manifest| manifest.kind_name())
            .collect()
    }

    #[test]
    fn targets_select_by_kind_and_name() {
        assert_eq!(selected(&["SERVICE/.*"]), ["Service/web"]);
        assert_eq!(selected(&["service/web", "secret/k.*"]), ["Service/web", "Secret/key"]);
        assert_eq!(selected(&["!secret/.*"]), ["Service/web", "Deployment/web"]);
        assert_eq!(selected(&["service/.*", "!secret/.*"]), ["Service/web", "Deployment/web"]);
        assert_eq!(selected(&[""]).len(), 3);
        assert_eq!(selected(&["service/x|deployment/web"]), ["Deployment/web"]);
    }

    #[test]
    fn a_broken_expression_is_told_in_title_case() {
        let error = Targets::new(&["("]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Error Parsing Regexp: Missing Closing ): `(?I)^($`.\nSee https://tanka.dev/output-filtering/#regular-expressions for details on regular expressions."
        );
    }
}

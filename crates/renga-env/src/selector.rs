//! Label selectors: `-l team=infra,tier in (1,2),!legacy`, in Kubernetes' syntax.

use std::collections::{BTreeMap, BTreeSet};

/// A parsed selector. An empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    DoesNotExist,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

/// A selector that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("Could not parse selector (-l) {text}")]
#[diagnostic(
    code(env::selector),
    help("{reason}; a selector looks like `team=infra,tier!=1,stage in (dev,qa),!legacy`")
)]
pub struct SelectorError {
    text: String,
    reason: String,
}

impl renga_diag::Report for SelectorError {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

impl Selector {
    /// Parses a selector.
    ///
    /// # Errors
    ///
    /// [`SelectorError`] where Kubernetes would refuse it too.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let tokens = tokens(text);
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let requirements = parser
            .requirements()
            .map_err(|reason| SelectorError { text: text.to_owned(), reason })?;
        Ok(Self { requirements })
    }

    /// Whether `labels` fulfil every requirement.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let label = labels.get(&self.key);
        let number = |text: &String| text.parse::<i64>().ok();
        let bound = || self.values.first().and_then(number);
        match self.operator {
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::In => label.is_some_and(|label| self.values.contains(label)),
            Operator::NotIn => label.is_none_or(|label| !self.values.contains(label)),
            Operator::GreaterThan => {
                label.and_then(number).zip(bound()).is_some_and(|(a, b)| a > b)
            }
            Operator::LessThan => label.and_then(number).zip(bound()).is_some_and(|(a, b)| a < b),
        }
    }
}

/// Cuts a selector into words and operators; white space separates and is dropped.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if matches!(first, ' ' | '\t' | '\r' | '\n') {
            rest = &rest[1..];
            continue;
        } else if ["==", "!="].iter().any(|operator| rest.starts_with(operator)) {
            2
        } else if is_special(first) {
            1
        } else {
            rest.find(|c| is_special(c) || matches!(c, ' ' | '\t' | '\r' | '\n'))
                .unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn is_special(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        while self.peek().is_some() {
            requirements.push(self.requirement()?);
            match self.next() {
                None => break,
                Some(",") if self.peek().is_some_and(|token| token == "!" || is_word(token)) => {}
                Some(",") => return Err("expected a label after the comma".to_owned()),
                Some(token) => return Err(format!("found `{token}`, expected a comma or the end")),
            }
        }
        Ok(requirements)
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Some("!");
        if negated {
            self.at += 1;
        }
        let key = self.next().filter(|token| is_word(token)).ok_or("expected a label")?;
        check_key(key)?;
        let exists = if negated { Operator::DoesNotExist } else { Operator::Exists };
        let requirement = |operator, values| Requirement { key: key.to_owned(), operator, values };
        if negated || matches!(self.peek(), None | Some(",")) {
            return Ok(requirement(exists, BTreeSet::new()));
        }
        let operator = match self.next() {
            Some("=" | "==" | "in") => Operator::In,
            Some("!=" | "notin") => Operator::NotIn,
            Some(">") => Operator::GreaterThan,
            Some("<") => Operator::LessThan,
            Some(token) => return Err(format!("found `{token}`, expected an operator")),
            None => return Err("expected an operator".to_owned()),
        };
        let set = matches!(self.tokens.get(self.at - 1), Some(&("in" | "notin")));
        let values = if set { self.set()? } else { self.value()? };
        for value in &values {
            if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
                value.parse::<i64>().map_err(|_| format!("`{value}` must be an integer"))?;
            }
            check_value(value)?;
        }
        Ok(requirement(operator, values))
    }

    /// A single value, which may be empty.
    fn value(&mut self) -> Result<BTreeSet<String>, String> {
        match self.peek() {
            None | Some(",") => Ok(BTreeSet::from([String::new()])),
            Some(token) if is_word(token) => {
                self.at += 1;
                Ok(BTreeSet::from([token.to_owned()]))
            }
            Some(token) => Err(format!("found `{token}`, expected a value")),
        }
    }

    /// `(a,b)`: values may be empty.
    fn set(&mut self) -> Result<BTreeSet<String>, String> {
        if self.next() != Some("(") {
            return Err("expected `(`".to_owned());
        }
        let mut values = BTreeSet::new();
        let mut expect_value = true;
        loop {
            match self.next() {
                Some(")") => {
                    if expect_value {
                        values.insert(String::new());
                    }
                    return Ok(values);
                }
                Some(",") => {
                    if expect_value {
                        values.insert(String::new());
                    }
                    expect_value = true;
                }
                Some(token) if is_word(token) && expect_value => {
                    values.insert(token.to_owned());
                    expect_value = false;
                }
                Some(token) => return Err(format!("found `{token}`, expected `,` or `)`")),
                None => return Err("expected `)`".to_owned()),
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| !is_special(c))
}

/// A qualified name: an optional DNS prefix and a name of at most 63 characters.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) =
        key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefix_fits = prefix.is_none_or(|prefix| {
        !prefix.is_empty()
            && prefix.len() <= 253
            && prefix.split('.').all(|part| {
                is_alphanumeric_inside(part, |b| b == b'-')
                    && !part.bytes().any(|b| b.is_ascii_uppercase())
            })
    });
    if prefix_fits
        && name.len() <= 63
        && is_alphanumeric_inside(name, |b| matches!(b, b'-' | b'_' | b'.'))
    {
        return Ok(());
    }
    Err(format!("`{key}` is no label key"))
}

fn check_value(value: &str) -> Result<(), String> {
    let fits =
        value.len() <= 63 && is_alphanumeric_inside(value, |b| matches!(b, b'-' | b'_' | b'.'));
    if value.is_empty() || fits { Ok(()) } else { Err(format!("`{value}` is no label value")) }
}

/// Letters and digits at both ends, those or `also` between.
fn is_alphanumeric_inside(text: &str, also: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    ends && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || also(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_match_as_in_kubernetes() {
        let labels: BTreeMap<String, String> = [("team", "infra"), ("tier", "2"), ("empty", "")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        for (text, expected) in [
            ("", true),
            ("team=infra", true),
            ("team==infra,tier=2", true),
            ("team!=infra", false),
            ("missing!=x", true),
            ("team in (infra, data)", true),
            ("team notin (infra)", false),
            ("missing notin (x)", true),
            ("team", true),
            ("!team", false),
            ("!missing", true),
            ("tier>1", true),
            ("tier<2", false),
            ("team>1", false),
            ("empty=", true),
            ("empty in (,x)", true),
            ("example.com/a in ()", false),
        ] {
            assert_eq!(Selector::parse(text).unwrap().matches(&labels), expected, "{text}");
        }
    }

    #[test]
    fn malformed_selectors_are_refused() {
        for text in [
            "a b", "=x", "a in b", "a in (b", "a,,b", ",a", "a=(b)", "a>x", "a=x y", "-a=b",
            "a=-b", "!a=b", "A/b/c", "a,",
        ] {
            let error = Selector::parse(text).unwrap_err();
            assert_eq!(error.to_string(), format!("Could not parse selector (-l) {text}"));
        }
    }
}

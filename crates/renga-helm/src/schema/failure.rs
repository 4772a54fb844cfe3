//! What is wrong with a value: a tree of findings, and how it reads.
//!
//! Texts and nesting are those of jsonschema v6. Every finding is one line, `- at '/path': message`,
//! indented by two spaces below the one it belongs to; a reference with a single cause shows only
//! the cause.

use std::{cell::RefCell, fmt, rc::Rc};

use renga_gotemplate::quoted;

use super::{
    draft,
    json::Json,
    number::{Decimal, grouped, localized},
};

/// The path to a value, growing and shrinking while an instance is walked.
///
/// Go's validator keeps paths in slices that share memory, and one kind of finding (a bad property
/// name) holds such a slice instead of a copy: what is said of `/0` ends up at `/2` when the array
/// has three items. That is reproduced for items, where it is certain. Where it depends on the order
/// of a map, the path stays right.
#[derive(Clone, Debug)]
pub(super) struct Path {
    tokens: Rc<RefCell<Vec<Rc<str>>>>,
    length: usize,
    capacity: usize,
}

impl Path {
    pub(super) fn new() -> Self {
        Self { tokens: Rc::default(), length: 0, capacity: 8 }
    }

    /// The path of a member.
    pub(super) fn member(&self, name: &str) -> Self {
        self.step(name.into(), false)
    }

    /// The path of an item, written over that of the item before.
    pub(super) fn item(&self, index: usize) -> Self {
        self.step(index.to_string().into(), true)
    }

    fn step(&self, token: Rc<str>, overwrite: bool) -> Self {
        let taken = self.tokens.borrow().len() > self.length;
        let full = self.length == self.capacity;
        if full || taken && !overwrite {
            let mut tokens = self.snapshot();
            tokens.push(token);
            let capacity = if full { self.capacity * 2 } else { self.capacity };
            return Self {
                tokens: Rc::new(RefCell::new(tokens)),
                length: self.length + 1,
                capacity,
            };
        }
        let mut tokens = self.tokens.borrow_mut();
        if taken {
            tokens[self.length] = token;
        } else {
            tokens.push(token);
        }
        Self { tokens: Rc::clone(&self.tokens), length: self.length + 1, capacity: self.capacity }
    }

    fn snapshot(&self) -> Vec<Rc<str>> {
        self.tokens.borrow()[..self.length].to_vec()
    }

    /// The same path, safe from what is walked later.
    pub(super) fn kept(&self) -> Self {
        Self {
            tokens: Rc::new(RefCell::new(self.snapshot())),
            length: self.length,
            capacity: self.capacity,
        }
    }

    /// The path as a JSON pointer.
    pub(super) fn pointer(&self) -> String {
        draft::pointer(self.tokens.borrow()[..self.length].iter().map(|token| &**token))
    }
}

/// A finding and what it follows from.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) path: Path,
    pub(super) kind: Kind,
    pub(super) causes: Vec<Failure>,
}

/// What was found.
#[derive(Debug)]
pub(super) enum Kind {
    /// Nobody will read it.
    Quiet,
    /// The whole document, against the schema at this location.
    Schema(String),
    Group,
    Reference,
    FalseSchema,
    RefCycle {
        url: String,
        first: String,
        second: String,
    },
    Type {
        got: &'static str,
        want: String,
    },
    Enum(Vec<Json>),
    Const(Json),
    Format {
        got: String,
        want: &'static str,
        reason: String,
    },
    MinProperties {
        got: usize,
        want: i64,
    },
    MaxProperties {
        got: usize,
        want: i64,
    },
    MinItems {
        got: usize,
        want: i64,
    },
    MaxItems {
        got: usize,
        want: i64,
    },
    MinLength {
        got: usize,
        want: i64,
    },
    MaxLength {
        got: usize,
        want: i64,
    },
    AdditionalItems {
        count: usize,
    },
    Required(Vec<String>),
    /// `dependencies` and `dependentRequired`.
    Dependency {
        property: String,
        missing: Vec<String>,
    },
    AdditionalProperties(Vec<String>),
    PropertyNames(String),
    UniqueItems(usize, usize),
    Contains,
    MinContains {
        got: Vec<usize>,
        want: i64,
    },
    MaxContains {
        got: Vec<usize>,
        want: i64,
    },
    Pattern {
        got: String,
        want: String,
    },
    /// A comparison of numbers, by its keyword.
    Bound {
        keyword: &'static str,
        got: Decimal,
        want: Decimal,
    },
    Not,
    AllOf,
    AnyOf,
    OneOf(Option<(usize, usize)>),
}

impl Failure {
    pub(super) fn new(path: Path, kind: Kind) -> Self {
        Self { path, kind, causes: Vec::new() }
    }

    /// The innermost findings: where, and what.
    pub(super) fn leaves(&self) -> Vec<(String, String)> {
        if self.causes.is_empty() {
            return vec![(self.path.pointer(), self.kind.to_string())];
        }
        super::deeper(|| self.causes.iter().flat_map(Failure::leaves).collect())
    }

    fn is_skipped(&self) -> bool {
        matches!(self.kind, Kind::Reference) && self.causes.len() == 1
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let mut below = indent;
        if !self.is_skipped() {
            if indent > 0 {
                write!(formatter, "\n{:width$}- ", "", width = (indent - 1) * 2)?;
            }
            below += 1;
            if !matches!(self.kind, Kind::Schema(_)) {
                write!(formatter, "at {}: ", quote(&self.path.pointer()))?;
            }
            write!(formatter, "{}", self.kind)?;
        }
        super::deeper(|| self.causes.iter().try_for_each(|cause| cause.write(formatter, below)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(formatter, 0)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = |f: &mut fmt::Formatter<'_>, keyword: &str, got: usize, want: i64| {
            write!(f, "{keyword}: got {}, want {}", count(got), grouped(want))
        };
        match self {
            Kind::Quiet => Ok(()),
            Kind::Schema(location) => {
                write!(f, "jsonschema validation failed with {}", quote(location))
            }
            Kind::Group | Kind::Reference => f.write_str("validation failed"),
            Kind::FalseSchema => f.write_str("false schema"),
            Kind::RefCycle { url, first, second } => write!(
                f,
                "both {first} and {second} resolve to {} causing reference cycle",
                quoted(url.as_bytes())
            ),
            Kind::Type { got, want } => write!(f, "got {got}, want {want}"),
            Kind::Enum(values) => {
                if values.iter().any(|value| matches!(value, Json::Array(_) | Json::Object(_))) {
                    return f.write_str("'enum' failed");
                }
                let shown: Vec<String> = values.iter().map(display).collect();
                let among = if values.len() == 1 { "" } else { "one of " };
                write!(f, "value must be {among}{}", shown.join(", "))
            }
            Kind::Const(Json::Array(_) | Json::Object(_)) => f.write_str("'const' failed"),
            Kind::Const(value) => write!(f, "value must be {}", display(value)),
            Kind::Format { got, want, reason } => {
                write!(f, "{} is not valid {want}: {reason}", quote(got))
            }
            Kind::MinProperties { got, want } => counts(f, "minProperties", *got, *want),
            Kind::MaxProperties { got, want } => counts(f, "maxProperties", *got, *want),
            Kind::MinItems { got, want } => counts(f, "minItems", *got, *want),
            Kind::MaxItems { got, want } => counts(f, "maxItems", *got, *want),
            Kind::MinLength { got, want } => counts(f, "minLength", *got, *want),
            Kind::MaxLength { got, want } => counts(f, "maxLength", *got, *want),
            Kind::AdditionalItems { count: number } => {
                write!(f, "last {} additionalItem(s) not allowed", count(*number))
            }
            Kind::Required(missing) => {
                let noun = if missing.len() == 1 { "property" } else { "properties" };
                write!(f, "missing {noun} {}", join_quoted(missing))
            }
            Kind::Dependency { property, missing } => write!(
                f,
                "properties {} required, if {} exists",
                join_quoted(missing),
                quote(property)
            ),
            Kind::AdditionalProperties(names) => {
                write!(f, "additional properties {} not allowed", join_quoted(names))
            }
            Kind::PropertyNames(name) => write!(f, "invalid propertyName {}", quote(name)),
            Kind::UniqueItems(first, second) => {
                write!(f, "items at {} and {} are equal", count(*first), count(*second))
            }
            Kind::Contains => f.write_str("no items match contains schema"),
            Kind::MinContains { got, want } if got.is_empty() => write!(
                f,
                "min {} items required to match contains schema, but none matched",
                grouped(*want)
            ),
            Kind::MinContains { got, want } => matched(f, "min", got, *want),
            Kind::MaxContains { got, want } => matched(f, "max", got, *want),
            Kind::Pattern { got, want } => {
                write!(f, "{} does not match pattern {}", quote(got), quote(want))
            }
            Kind::Bound { keyword, got, want } => {
                let (got, want) = (localized(got.to_float()), localized(want.to_float()));
                write!(f, "{keyword}: got {got}, want {want}")
            }
            Kind::Not => f.write_str("'not' failed"),
            Kind::AllOf => f.write_str("'allOf' failed"),
            Kind::AnyOf => f.write_str("'anyOf' failed"),
            Kind::OneOf(None) => f.write_str("'oneOf' failed, none matched"),
            Kind::OneOf(Some((first, second))) => write!(
                f,
                "'oneOf' failed, subschemas {}, {} matched",
                count(*first),
                count(*second)
            ),
        }
    }
}

fn matched(f: &mut fmt::Formatter<'_>, bound: &str, got: &[usize], want: i64) -> fmt::Result {
    let indices: Vec<String> = got.iter().map(usize::to_string).collect();
    write!(
        f,
        "{bound} {} items required to match contains schema, but matched {} items at {}",
        grouped(want),
        count(got.len()),
        indices.join(" ")
    )
}

fn count(number: usize) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A Go string literal in single quotes.
pub(super) fn quote(text: &str) -> String {
    let literal = quoted(text.as_bytes()).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &literal[1..literal.len() - 1])
}

fn join_quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(", ")
}

/// A value as messages show it.
fn display(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(number) => number.text.to_string(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
    }
}

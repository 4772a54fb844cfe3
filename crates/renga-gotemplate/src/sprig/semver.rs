//! Semantic versions and constraints, after Masterminds semver 3.5.
//!
//! Versions may be loose (`v1.2`). A constraint is a list of alternatives (`||`), each a list of
//! comparisons that must all hold; a pre-release only satisfies an alternative that names one.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::{S, fixed};
use crate::error::FuncError;
use crate::func::{Closure, FuncMap, Signature};
use crate::object::Object;
use crate::text::{GoStr, quote};
use crate::types::{Type, UintKind};
use crate::value::Value;

const UINT64: Type = Type::Uint(UintKind::Uint64);

const VERSION_TYPE: Type = Type::Pointer("semver.Version");

pub(super) fn register(funcs: &mut FuncMap) {
    fixed(funcs, "semver", &[S], VERSION_TYPE, |_, a| Ok(Version::parse(a.str(0))?.into_value()));
    fixed(funcs, "semverCompare", &[S, S], Type::Bool, |_, a| {
        let constraint = Constraint::parse(a.str(0))?;
        let version = Version::parse(a.str(1))?;
        Ok(Value::Bool(constraint.check(&version)))
    });
}

/// A version.
#[derive(Clone, Debug, Default)]
struct Version {
    numbers: [u64; 3],
    pre: Vec<u8>,
    metadata: Vec<u8>,
    original: Vec<u8>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("constant pattern: {error}"))
}

fn group<'t>(captures: &Captures<'t>, index: usize) -> &'t [u8] {
    captures.get(index).map(|group| group.as_bytes()).unwrap_or_default()
}

fn identifiers_ok(text: &[u8], leading_zero_matters: bool) -> Result<(), bool> {
    for part in text.split(|&byte| byte == b'.') {
        let digits = part.iter().all(u8::is_ascii_digit);
        if part.is_empty() || !part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        {
            return Err(false);
        }
        if leading_zero_matters && digits && part.len() > 1 && part[0] == b'0' {
            return Err(true);
        }
    }
    Ok(())
}

impl Version {
    fn parse(text: &[u8]) -> Result<Version, FuncError> {
        static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(concat!(
                r"^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?",
                r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
                r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?$",
            ))
        });
        if text.len() > 256 {
            return Err(FuncError::new("version string is too long (max 256 bytes)"));
        }
        let Some(found) = LOOSE.captures(text) else {
            return Err(FuncError::new("invalid semantic version"));
        };
        let mut numbers = [0; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            let segment = group(&found, index + 1);
            let digits = segment.strip_prefix(b".").unwrap_or(segment);
            if !digits.is_empty() {
                let shown = String::from_utf8_lossy(digits);
                *number = shown.parse().map_err(|_| {
                    FuncError::new(format!(
                        "error parsing version segment: strconv.ParseUint: parsing {}: value out \
                         of range",
                        quote::quoted(digits)
                    ))
                })?;
            }
        }
        let (pre, metadata) = (group(&found, 5).to_vec(), group(&found, 8).to_vec());
        if !pre.is_empty() {
            identifiers_ok(&pre, true).map_err(|zero| {
                FuncError::new(if zero {
                    "version segment starts with 0"
                } else {
                    "invalid prerelease string"
                })
            })?;
        }
        if !metadata.is_empty() {
            identifiers_ok(&metadata, false)
                .map_err(|_| FuncError::new("invalid metadata string"))?;
        }
        Ok(Version { numbers, pre, metadata, original: text.to_vec() })
    }

    fn show(&self) -> Vec<u8> {
        let [major, minor, patch] = self.numbers;
        let mut out = format!("{major}.{minor}.{patch}").into_bytes();
        if !self.pre.is_empty() {
            out.push(b'-');
            out.extend_from_slice(&self.pre);
        }
        if !self.metadata.is_empty() {
            out.push(b'+');
            out.extend_from_slice(&self.metadata);
        }
        out
    }

    fn compare(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            }
        })
    }

    /// The version with everything after segment `index` reset and that segment raised.
    fn raised(&self, index: usize) -> Result<Version, FuncError> {
        let mut next = Version { numbers: self.numbers, ..Version::default() };
        if index < 2 || self.pre.is_empty() {
            let Some(number) = self.numbers[index].checked_add(1) else {
                let name = ["major", "minor", "patch"][index];
                return Err(FuncError::new(format!(
                    "{name} version increment would overflow uint64"
                )));
            };
            next.numbers[index] = number;
            next.numbers[index + 1..].fill(0);
        }
        if self.original.starts_with(b"v") {
            next.original.push(b'v');
        }
        next.original.extend_from_slice(&next.show());
        Ok(next)
    }

    fn into_value(self) -> Value {
        Value::Object(Rc::new(VersionObject { version: self, pointer: true }))
    }
}

fn compare_pre(left: &[u8], right: &[u8]) -> Ordering {
    let mut left = left.split(|&byte| byte == b'.');
    let mut right = right.split(|&byte| byte == b'.');
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if a == b {
            continue;
        }
        if a.is_empty() {
            return Ordering::Less;
        }
        if b.is_empty() {
            return Ordering::Greater;
        }
        let number = |text: &[u8]| crate::text::number::parse_uint(text, 10).ok();
        return match (number(a), number(b)) {
            (None, None) => a.cmp(b),
            // Go asks the other way round: words sort after numbers.
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => {
                if a > b {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
        };
    }
}

/// A version as templates see it: `*semver.Version`, or the struct that `IncMajor` returns.
#[derive(Debug)]
struct VersionObject {
    version: Version,
    pointer: bool,
}

/// A method without arguments whose result is already known.
fn known(result: Type, type_name: &'static str, value: Value) -> Closure {
    Closure {
        signature: Signature { params: &[], variadic: false, result },
        type_name,
        body: Box::new(move |_, _| Ok(value.clone())),
    }
}

fn comparison(version: &Version, result: Type, read: fn(Ordering) -> Value) -> Closure {
    let version = version.clone();
    Closure {
        signature: Signature { params: &[VERSION_TYPE], variadic: false, result },
        type_name: "func(*semver.Version) bool",
        body: Box::new(move |_, args| {
            let Value::Object(other) = args.any(0) else {
                return Err(FuncError::new(
                    "runtime error: invalid memory address or nil pointer dereference",
                ));
            };
            let other = Version::parse(&other.display().unwrap_or_default())?;
            Ok(read(version.compare(&other)))
        }),
    }
}

impl Object for VersionObject {
    fn ty(&self) -> Type {
        if self.pointer { VERSION_TYPE } else { Type::Struct("semver.Version") }
    }

    fn method(&self, name: &str) -> Option<Closure> {
        let version = &self.version;
        let number = |index: usize| {
            known(UINT64, "func() uint64", Value::Uint(UintKind::Uint64, version.numbers[index]))
        };
        let text = |text: &[u8]| known(S, "func() string", Value::from(text.to_vec()));
        let truth = |read: fn(Ordering) -> Value| comparison(version, Type::Bool, read);
        let raise = |index: usize| {
            let version = version.clone();
            Closure {
                signature: Signature {
                    params: &[],
                    variadic: false,
                    result: Type::Struct("semver.Version"),
                },
                type_name: "func() semver.Version",
                body: Box::new(move |_, _| {
                    let version = version.raised(index)?;
                    Ok(Value::Object(Rc::new(VersionObject { version, pointer: false })))
                }),
            }
        };
        Some(match name {
            "Major" => number(0),
            "Minor" => number(1),
            "Patch" => number(2),
            "Prerelease" => text(&version.pre),
            "Metadata" => text(&version.metadata),
            "Original" if self.pointer => text(&version.original),
            "String" => text(&version.show()),
            "IncMajor" => raise(0),
            "IncMinor" => raise(1),
            "IncPatch" => raise(2),
            "Compare" if self.pointer => {
                comparison(version, Type::INT, |order| Value::int(order as i64))
            }
            "Equal" if self.pointer => truth(|order| Value::Bool(order.is_eq())),
            "LessThan" if self.pointer => truth(|order| Value::Bool(order.is_lt())),
            "LessThanEqual" if self.pointer => truth(|order| Value::Bool(order.is_le())),
            "GreaterThan" if self.pointer => truth(|order| Value::Bool(order.is_gt())),
            "GreaterThanEqual" if self.pointer => truth(|order| Value::Bool(order.is_ge())),
            _ => return None,
        })
    }

    fn hides(&self, name: &str) -> bool {
        matches!(name, "major" | "minor" | "patch" | "pre" | "metadata" | "original")
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let number = |index: usize| Value::Uint(UintKind::Uint64, self.version.numbers[index]);
        let text = |text: &[u8]| Value::from(text.to_vec());
        vec![
            ("major", number(0)),
            ("minor", number(1)),
            ("patch", number(2)),
            ("pre", text(&self.version.pre)),
            ("metadata", text(&self.version.metadata)),
            ("original", text(&self.version.original)),
        ]
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(self.version.show()))
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.version.show()))
    }
}

/// Alternatives of comparisons.
struct Constraint {
    alternatives: Vec<Vec<Comparison>>,
}

/// An operator and the version it compares with; `x` and missing segments leave it dirty.
struct Comparison {
    operator: Vec<u8>,
    version: Version,
    minor_dirty: bool,
    patch_dirty: bool,
    dirty: bool,
}

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

const VERSION: &str = concat!(
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
);

/// What `\s` is in Go.
const SPACE: &str = r"[\t\n\f\r ]";

impl Constraint {
    fn parse(text: &[u8]) -> Result<Constraint, FuncError> {
        static VALID: LazyLock<Regex> = LazyLock::new(|| {
            let one = format!("({OPERATORS}){SPACE}*({VERSION}){SPACE}*");
            pattern(&format!("^({SPACE}*{one})((?:{SPACE}+|,{SPACE}*){one})*$"))
        });
        static FIND: LazyLock<Regex> =
            LazyLock::new(|| pattern(&format!("({OPERATORS}){SPACE}*({VERSION})")));
        if text.len() > 512 {
            return Err(FuncError::new("constraint string is too long (max 512 bytes)"));
        }
        let text = rewrite_ranges(text);
        let mut alternatives = Vec::new();
        let parts = split_alternatives(&text);
        if parts.len() > 32 {
            return Err(FuncError::new("too many constraint groups (max 32)"));
        }
        for part in parts {
            if !VALID.is_match(part) {
                let shown = quote::quoted(part);
                return Err(FuncError::new(format!("improper constraint: {shown}")));
            }
            let comparisons: Result<Vec<_>, _> =
                FIND.find_iter(part).map(|found| Comparison::parse(found.as_bytes())).collect();
            alternatives.push(comparisons?);
        }
        Ok(Constraint { alternatives })
    }

    fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| {
            let with_pre = all.iter().any(|one| !one.version.pre.is_empty());
            all.iter().all(|one| one.check(version, with_pre))
        })
    }
}

fn split_alternatives(text: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = super::strings::find(rest, b"||") {
        parts.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    parts.push(rest);
    parts
}

/// Writes `1.2 - 2.3` as `>= 1.2, <= 2.3`.
fn rewrite_ranges(text: &[u8]) -> Vec<u8> {
    static RANGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!("{SPACE}*({VERSION}){SPACE}+-{SPACE}+({VERSION}){SPACE}*"))
    });
    let mut out = Vec::new();
    let mut end = 0;
    for found in RANGE.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out.extend_from_slice(&text[end..whole.start()]);
        out.extend_from_slice(b">= ");
        out.extend_from_slice(group(&found, 1));
        out.extend_from_slice(b", <= ");
        out.extend_from_slice(group(&found, 11));
        out.push(b' ');
        end = whole.end();
    }
    out.extend_from_slice(&text[end..]);
    out
}

fn is_wild(segment: &[u8]) -> bool {
    matches!(segment.strip_prefix(b".").unwrap_or(segment), b"" | b"x" | b"X" | b"*")
}

impl Comparison {
    fn parse(text: &[u8]) -> Result<Comparison, FuncError> {
        static ONE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(&format!("^{SPACE}*({OPERATORS}){SPACE}*({VERSION}){SPACE}*$"))
        });
        let Some(found) = ONE.captures(text) else {
            let shown = quote::quoted(text);
            return Err(FuncError::new(format!("improper constraint: {shown}")));
        };
        let (major, minor, patch) = (group(&found, 3), group(&found, 4), group(&found, 5));
        let pre = group(&found, 6);
        let mut comparison = Comparison {
            operator: group(&found, 1).to_vec(),
            version: Version::default(),
            minor_dirty: false,
            patch_dirty: false,
            dirty: true,
        };
        let version = if is_wild(major) {
            [b"0.0.0", pre].concat()
        } else if is_wild(minor) {
            comparison.minor_dirty = true;
            [major, b".0.0", pre].concat()
        } else if is_wild(patch) {
            comparison.patch_dirty = true;
            [major, minor, b".0", pre].concat()
        } else {
            comparison.dirty = false;
            group(&found, 2).to_vec()
        };
        comparison.version =
            Version::parse(&version).map_err(|_| FuncError::new("constraint parser error"))?;
        Ok(comparison)
    }

    fn check(&self, version: &Version, with_pre: bool) -> bool {
        if !version.pre.is_empty() && !with_pre {
            return false;
        }
        let order = version.compare(&self.version);
        let [major, minor, patch] = version.numbers;
        let [wanted_major, wanted_minor, wanted_patch] = self.version.numbers;
        match self.operator.as_slice() {
            b"!=" => {
                if self.dirty {
                    if wanted_major != major || wanted_minor != minor && !self.minor_dirty {
                        return true;
                    }
                    if self.minor_dirty {
                        return false;
                    }
                    if self.patch_dirty {
                        let named = !version.pre.is_empty() || !self.version.pre.is_empty();
                        return named && compare_pre(&version.pre, &self.version.pre).is_ne();
                    }
                    if wanted_patch != patch {
                        return true;
                    }
                }
                order.is_ne()
            }
            b">" if self.dirty => match major.cmp(&wanted_major) {
                Ordering::Greater => true,
                Ordering::Less => false,
                Ordering::Equal if self.minor_dirty => false,
                Ordering::Equal if self.patch_dirty => minor > wanted_minor,
                Ordering::Equal => order.is_gt(),
            },
            b">" => order.is_gt(),
            b"<" => order.is_lt(),
            b">=" | b"=>" => order.is_ge(),
            b"<=" | b"=<" if self.dirty => {
                !(major > wanted_major
                    || major == wanted_major && minor > wanted_minor && !self.minor_dirty)
            }
            b"<=" | b"=<" => order.is_le(),
            b"~" | b"~>" => self.tilde(version, order),
            b"^" => {
                if order.is_lt() {
                    return false;
                }
                if wanted_major > 0 || self.minor_dirty {
                    return major == wanted_major;
                }
                if major > 0 {
                    return false;
                }
                if wanted_minor > 0 || self.patch_dirty {
                    return minor == wanted_minor;
                }
                minor == 0 && patch == wanted_patch
            }
            _ if self.dirty => self.tilde(version, order),
            _ => order.is_eq(),
        }
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        if order.is_lt() {
            return false;
        }
        let anything = self.version.numbers == [0; 3] && !self.minor_dirty && !self.patch_dirty;
        anything
            || version.numbers[0] == self.version.numbers[0]
                && (version.numbers[1] == self.version.numbers[1] || self.minor_dirty)
    }
}

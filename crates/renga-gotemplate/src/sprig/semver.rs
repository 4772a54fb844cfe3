//! Semantic versions as values of templates; what they mean is `renga-semver`'s.

use std::cmp::Ordering;
use std::rc::Rc;

use renga_semver::{Constraint, ConstraintError, Version, VersionError};

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
    fixed(funcs, "semver", &[S], VERSION_TYPE, |_, a| {
        let version = version(a.str(0))?;
        Ok(Value::Object(Rc::new(VersionObject { version, pointer: true })))
    });
    fixed(funcs, "semverCompare", &[S, S], Type::Bool, |_, a| {
        let constraint = Constraint::parse(a.str(0)).map_err(|error| match error {
            // The quoting of the engine knows what Go holds for printable.
            ConstraintError::Improper { text } => {
                FuncError::new(format!("improper constraint: {}", quote::quoted(&text)))
            }
            other => FuncError::new(other.to_string()),
        })?;
        Ok(Value::Bool(constraint.check(&version(a.str(1))?)))
    });
}

fn version(text: &[u8]) -> Result<Version, FuncError> {
    Version::parse(text).map_err(refused)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn refused(error: VersionError) -> FuncError {
    FuncError::new(error.to_string())
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
            let other = self::version(&other.display().unwrap_or_default())?;
            Ok(read(version.cmp(&other)))
        }),
    }
}

impl Object for VersionObject {
    fn ty(&self) -> Type {
        if self.pointer { VERSION_TYPE } else { Type::Struct("semver.Version") }
    }

    fn method(&self, name: &str) -> Option<Closure> {
        let version = &self.version;
        let number =
            |number: u64| known(UINT64, "func() uint64", Value::Uint(UintKind::Uint64, number));
        let text = |text: &str| known(S, "func() string", Value::from(text));
        let truth = |read: fn(Ordering) -> Value| comparison(version, Type::Bool, read);
        let raise = |next: fn(&Version) -> Result<Version, VersionError>| {
            let version = version.clone();
            Closure {
                signature: Signature {
                    params: &[],
                    variadic: false,
                    result: Type::Struct("semver.Version"),
                },
                type_name: "func() semver.Version",
                body: Box::new(move |_, _| {
                    let version = next(&version).map_err(refused)?;
                    Ok(Value::Object(Rc::new(VersionObject { version, pointer: false })))
                }),
            }
        };
        Some(match name {
            "Major" => number(version.major()),
            "Minor" => number(version.minor()),
            "Patch" => number(version.patch()),
            "Prerelease" => text(version.prerelease()),
            "Metadata" => text(version.metadata()),
            "Original" if self.pointer => text(version.original()),
            "String" => text(&version.to_string()),
            "IncMajor" => raise(Version::next_major),
            "IncMinor" => raise(Version::next_minor),
            "IncPatch" => raise(Version::next_patch),
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
        let number = |number: u64| Value::Uint(UintKind::Uint64, number);
        vec![
            ("major", number(self.version.major())),
            ("minor", number(self.version.minor())),
            ("patch", number(self.version.patch())),
            ("pre", Value::from(self.version.prerelease())),
            ("metadata", Value::from(self.version.metadata())),
            ("original", Value::from(self.version.original())),
        ]
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(self.version.to_string()))
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.version.to_string()))
    }
}

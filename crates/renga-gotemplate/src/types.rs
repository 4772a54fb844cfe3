//! Go's types, as far as templates can see them: names, kinds and assignability.
//!
//! A [`Type`] is small and copyable; composite types refer to static element types, so hosts
//! declare their named types as statics.

use std::fmt;

use crate::func::Closure;
use crate::text::GoStr;
use crate::value::{List, Map, Value};

/// The signed integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are Go's type names")]
pub enum IntKind {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
}

/// The unsigned integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are Go's type names")]
pub enum UintKind {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

/// A Go type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `interface {}`.
    Any,
    /// `bool`.
    Bool,
    /// A signed integer type.
    Int(IntKind),
    /// An unsigned integer type.
    Uint(UintKind),
    /// `float64`.
    Float64,
    /// `complex128`.
    Complex128,
    /// `string`.
    String,
    /// A slice of the element type.
    Slice(&'static Type),
    /// A map from strings to the element type.
    Map(&'static Type),
    /// A defined type over another one.
    Named(&'static NamedType),
    /// A function, written as Go writes its type.
    Func(&'static str),
    /// A struct, by its qualified name.
    Struct(&'static str),
    /// A pointer to a struct, by the qualified name of the struct.
    Pointer(&'static str),
    /// `reflect.Value`: an argument taken as it is, typed or not.
    Reflect,
}

/// A defined map or slice type, for example `common.Values`.
#[derive(Debug)]
pub struct NamedType {
    /// The qualified name Go prints.
    pub name: &'static str,
    /// The type it is defined over.
    pub underlying: Type,
    /// Finds a method of a map of this type.
    pub method: fn(&Map, &str) -> Option<Closure>,
    /// Finds a method of a slice of this type.
    pub list_method: fn(&List, &str) -> Option<Closure>,
    /// What the `String` method of a map returns, if the type has one: the text printing uses.
    pub display: Option<fn(&Map) -> GoStr>,
}

impl NamedType {
    /// A lookup for maps without methods.
    pub fn no_methods(_: &Map, _: &str) -> Option<Closure> {
        None
    }

    /// A lookup for slices without methods.
    pub fn no_list_methods(_: &List, _: &str) -> Option<Closure> {
        None
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Int(a), Type::Int(b)) => a == b,
            (Type::Uint(a), Type::Uint(b)) => a == b,
            (Type::Slice(a), Type::Slice(b)) | (Type::Map(a), Type::Map(b)) => a == b,
            (Type::Named(a), Type::Named(b)) => a.name == b.name,
            (Type::Func(a), Type::Func(b))
            | (Type::Struct(a), Type::Struct(b))
            | (Type::Pointer(a), Type::Pointer(b)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Type {
    /// `int`.
    pub const INT: Type = Type::Int(IntKind::Int);
    /// `int64`.
    pub const INT64: Type = Type::Int(IntKind::Int64);
    /// `[]interface {}`.
    pub const LIST: Type = Type::Slice(&Type::Any);
    /// `[]string`.
    pub const STRINGS: Type = Type::Slice(&Type::String);
    /// `map[string]interface {}`.
    pub const DICT: Type = Type::Map(&Type::Any);
    /// `[]uint8`.
    pub const BYTES: Type = Type::Slice(&Type::Uint(UintKind::Uint8));

    /// The type under a defined type, otherwise the type itself.
    #[must_use]
    pub fn underlying(self) -> Type {
        match self {
            Type::Named(named) => named.underlying,
            other => other,
        }
    }

    /// The element type of a slice or map.
    pub fn element(self) -> Option<Type> {
        match self.underlying() {
            Type::Slice(element) | Type::Map(element) => Some(*element),
            _ => None,
        }
    }

    /// Whether a nil can be a value of the type.
    pub(crate) fn can_be_nil(self) -> bool {
        matches!(
            self.underlying(),
            Type::Any
                | Type::Slice(_)
                | Type::Map(_)
                | Type::Func(_)
                | Type::Pointer(_)
                | Type::Reflect
        )
    }

    /// Whether a value of this type may be used where `target` is wanted.
    pub(crate) fn assignable_to(self, target: Type) -> bool {
        if target == Type::Any || self == target {
            return true;
        }
        let one_is_plain = !(matches!(self, Type::Named(_)) && matches!(target, Type::Named(_)));
        one_is_plain
            && matches!(self.underlying(), Type::Slice(_) | Type::Map(_))
            && self.underlying() == target.underlying()
    }

    /// The zero value of the type, as the content of an interface.
    pub(crate) fn zero(self) -> Value {
        match self {
            Type::Bool => Value::Bool(false),
            Type::Int(kind) => Value::Int(kind, 0),
            Type::Uint(kind) => Value::Uint(kind, 0),
            Type::Float64 => Value::Float(0.0),
            Type::Complex128 => Value::Complex(0.0, 0.0),
            Type::String => Value::from(""),
            Type::Slice(_) => Value::List(List::nil(self)),
            Type::Map(_) => Value::Map(Map::nil(self)),
            Type::Named(named) => match named.underlying {
                Type::Map(_) => Value::Map(Map::nil(self)),
                Type::Slice(_) => Value::List(List::nil(self)),
                other => other.zero(),
            },
            Type::Any | Type::Func(_) | Type::Struct(_) | Type::Pointer(_) | Type::Reflect => {
                Value::Nil
            }
        }
    }

    /// The name of Go's `reflect.Kind`.
    pub fn kind(self) -> &'static str {
        match self {
            Type::Any => "interface",
            Type::Bool => "bool",
            Type::Int(kind) => kind.name(),
            Type::Uint(kind) => kind.name(),
            Type::Float64 => "float64",
            Type::Complex128 => "complex128",
            Type::String => "string",
            Type::Slice(_) => "slice",
            Type::Map(_) => "map",
            Type::Named(named) => named.underlying.kind(),
            Type::Func(_) => "func",
            Type::Struct(_) | Type::Reflect => "struct",
            Type::Pointer(_) => "ptr",
        }
    }
}

impl IntKind {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            IntKind::Int => "int",
            IntKind::Int8 => "int8",
            IntKind::Int16 => "int16",
            IntKind::Int32 => "int32",
            IntKind::Int64 => "int64",
        }
    }
}

impl UintKind {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            UintKind::Uint => "uint",
            UintKind::Uint8 => "uint8",
            UintKind::Uint16 => "uint16",
            UintKind::Uint32 => "uint32",
            UintKind::Uint64 => "uint64",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => formatter.write_str("interface {}"),
            Type::Slice(element) => write!(formatter, "[]{element}"),
            Type::Map(element) => write!(formatter, "map[string]{element}"),
            Type::Named(named) => formatter.write_str(named.name),
            Type::Func(name) | Type::Struct(name) => formatter.write_str(name),
            Type::Pointer(name) => write!(formatter, "*{name}"),
            Type::Reflect => formatter.write_str("reflect.Value"),
            basic => formatter.write_str(basic.kind()),
        }
    }
}

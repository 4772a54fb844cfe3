//! Values the host brings along, with their own fields and methods.

use std::any::Any;
use std::fmt;

use crate::func::Closure;
use crate::text::GoStr;
use crate::types::Type;
use crate::value::Value;

/// A host value that templates can look into: a struct, or a pointer to one, in Go's eyes.
pub trait Object: fmt::Debug {
    /// The type, usually [`Type::Struct`] or [`Type::Pointer`].
    fn ty(&self) -> Type;

    /// The method of that name; methods come before fields.
    fn method(&self, name: &str) -> Option<Closure> {
        let _ = name;
        None
    }

    /// The value of an exported field.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// Whether there is a field of that name which is not exported.
    fn hides(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// All fields in order, for printing.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// What the `String` or `Error` method returns, if the type has one.
    fn display(&self) -> Option<GoStr> {
        None
    }

    /// What an action prints that finds the value in its place, where it has an address: there the
    /// `String` method of the pointer counts too, which a function that is given a copy cannot see.
    fn display_in_place(&self) -> Option<GoStr> {
        self.display()
    }

    /// What a function is given that takes anything: a copy without an address, where that makes a
    /// difference because methods belong to the pointer.
    fn copied(&self) -> Option<Value> {
        None
    }

    /// The map or slice that `range`, `len` and `index` see instead of a struct.
    fn as_collection(&self) -> Option<Value> {
        None
    }

    /// Whether the value counts as true; structs and pointers do.
    fn truth(&self) -> bool {
        true
    }

    /// The number that is the content of a value of a defined integer type.
    fn number(&self) -> Option<i64> {
        None
    }

    /// The object for functions that know its Rust type.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }

    /// The fields `encoding/json` would write, in order, under the names it gives them.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// What `encoding/json` would encode instead of the fields.
    fn to_json(&self) -> Option<Value> {
        None
    }
}

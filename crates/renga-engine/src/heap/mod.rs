//! The memory of one evaluation.
//!
//! Values are small `Copy` handles into tables, one table for each kind of thing. Nothing is
//! counted: a collector marks what the value stack and a few roots reach and returns the rest, and
//! the whole memory goes with the evaluation. A handle is valid as long as what it names is
//! reachable from a root; therefore whoever holds one across a point where the collector may run
//! (any evaluation of code) keeps it on the stack.

pub(crate) mod arrays;
mod collect;
pub(crate) mod envs;
pub(crate) mod slab;
pub(crate) mod strings;
pub(crate) mod symbols;
pub(crate) mod value;

use arrays::Array;
use envs::Envs;
use slab::Slab;
use strings::Text;
use value::{Function, Thunk, Value};

use crate::object::Object;

/// All tables.
#[derive(Default)]
pub(crate) struct Heap {
    pub strings: Slab<Text>,
    pub arrays: Slab<Array>,
    pub objects: Slab<Object>,
    pub functions: Slab<Function>,
    pub thunks: Slab<Thunk>,
    pub envs: Envs,
    /// Bytes allocated since the last collection, roughly.
    pub fresh: usize,
    /// The `fresh` that starts a collection.
    pub threshold: usize,
    /// Bytes in use after the last collection, roughly.
    pub live: usize,
}

impl Heap {
    pub(crate) fn thunk(&mut self, thunk: Thunk) -> Value {
        self.fresh += size_of::<Thunk>();
        Value::Thunk(self.thunks.add(thunk))
    }

    pub(crate) fn function(&mut self, function: Function) -> Value {
        self.fresh += size_of::<Function>();
        Value::Fun(self.functions.add(function))
    }

    pub(crate) fn array(&mut self, elements: Vec<Value>) -> Value {
        self.fresh += size_of::<Array>() + elements.capacity() * size_of::<Value>();
        Value::Arr(self.arrays.add(Array::Flat(elements)))
    }

    pub(crate) fn array_of(&mut self, array: Array) -> Value {
        self.fresh += size_of::<Array>();
        Value::Arr(self.arrays.add(array))
    }

    pub(crate) fn object(&mut self, object: Object) -> Value {
        self.fresh += size_of::<Object>() + object.weight();
        Value::Obj(self.objects.add(object))
    }
}

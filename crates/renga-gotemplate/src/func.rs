//! Functions that templates can call, with the signatures Go would know them by.
//!
//! The engine checks and converts arguments against the signature before it calls the body, so
//! wrong types give Go's error texts and bodies can rely on what they declared. A [`FuncMap`] is
//! built once and shared by all threads; what belongs to one run comes through [`Call`].

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::error::{ExecError, FuncError};
use crate::exec::Run;
use crate::parse::ast::{NodeId, Tree};
use crate::template::{Parsed, TemplateSet};
use crate::text::GoStr;
use crate::types::Type;
use crate::value::{List, Map, Value};
use crate::world::World;

/// The Go signature of a function.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// The parameter types; of a variadic one, the type of each argument.
    pub params: &'static [Type],
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
    /// The type of the (first) result.
    pub result: Type,
}

type Body = dyn Fn(&mut Call<'_, '_>, &Args<'_>) -> Result<Value, FuncError> + Send + Sync;
type LocalBody = dyn Fn(&mut Call<'_, '_>, &Args<'_>) -> Result<Value, FuncError>;

/// A function of a [`FuncMap`].
pub struct Function {
    pub(crate) signature: Signature,
    pub(crate) body: Box<Body>,
}

/// A function that is itself a value, or a method bound to its receiver.
pub struct Closure {
    /// The signature, without the receiver.
    pub signature: Signature,
    /// The Go type, as `%T` prints it.
    pub type_name: &'static str,
    /// The code.
    pub body: Box<LocalBody>,
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Function").field(&self.signature).finish()
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Closure").field(&self.type_name).finish()
    }
}

/// The functions a template may call besides Go's built-in ones.
#[derive(Clone, Debug, Default)]
pub struct FuncMap {
    functions: FxHashMap<Arc<str>, Arc<Function>>,
}

impl FuncMap {
    /// A map without functions.
    pub fn new() -> Self {
        FuncMap::default()
    }

    /// Adds or replaces a function.
    pub fn add<F>(
        &mut self,
        name: &str,
        params: &'static [Type],
        variadic: bool,
        result: Type,
        body: F,
    ) where
        F: Fn(&mut Call<'_, '_>, &Args<'_>) -> Result<Value, FuncError> + Send + Sync + 'static,
    {
        let signature = Signature { params, variadic, result };
        let function = Function { signature, body: Box::new(body) };
        self.functions.insert(Arc::from(name), Arc::new(function));
    }

    /// Adds a function without parameters whose result each run brings along, in
    /// [`Options::constants`](crate::Options::constants), under the same name.
    pub fn add_constant(&mut self, name: &'static str, result: Type) {
        self.add(name, &[], false, result, move |call, _| {
            call.constant(name)
                .ok_or_else(|| FuncError::new(format!("no value for `{name}` in this run")))
        });
    }

    /// Makes a function known under a second name.
    pub fn alias(&mut self, name: &str, existing: &str) {
        if let Some(function) = self.functions.get(existing).cloned() {
            self.functions.insert(Arc::from(name), function);
        }
    }

    /// Removes a function.
    pub fn remove(&mut self, name: &str) {
        self.functions.remove(name);
    }

    /// Finds a function.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions.get(name)
    }

    /// The names of all functions, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.functions.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }
}

/// The checked arguments of a call.
///
/// The accessors trust the signature; asked for another type than the declared one they return
/// that type's zero value.
#[derive(Debug)]
pub struct Args<'a>(pub(crate) &'a [Value]);

impl<'a> Args<'a> {
    /// The number of arguments.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An argument of any type.
    pub fn any(&self, index: usize) -> &'a Value {
        self.0.get(index).unwrap_or(&Value::Nil)
    }

    /// The arguments from `index` on.
    pub fn rest(&self, index: usize) -> &'a [Value] {
        self.0.get(index..).unwrap_or_default()
    }

    /// A `string`.
    pub fn str(&self, index: usize) -> &'a [u8] {
        match self.any(index) {
            Value::Str(text) | Value::Bytes(text) => text,
            _ => b"",
        }
    }

    /// A `string`, shared.
    pub fn gostr(&self, index: usize) -> GoStr {
        match self.any(index) {
            Value::Str(text) | Value::Bytes(text) => text.clone(),
            _ => GoStr::default(),
        }
    }

    /// A signed integer.
    pub fn int(&self, index: usize) -> i64 {
        match self.any(index) {
            Value::Int(_, value) => *value,
            _ => 0,
        }
    }

    /// A `float64`.
    pub fn float(&self, index: usize) -> f64 {
        match self.any(index) {
            Value::Float(value) => *value,
            _ => 0.0,
        }
    }

    /// A `bool`.
    pub fn bool(&self, index: usize) -> bool {
        matches!(self.any(index), Value::Bool(true))
    }

    /// A map.
    pub fn map(&self, index: usize) -> Map {
        match self.any(index) {
            Value::Map(map) => map.clone(),
            _ => Map::nil(Type::DICT),
        }
    }

    /// A slice.
    pub fn list(&self, index: usize) -> List {
        match self.any(index) {
            Value::List(list) => list.clone(),
            _ => List::nil(Type::LIST),
        }
    }
}

/// What a function can reach of the run it is called in.
pub struct Call<'c, 'r> {
    pub(crate) run: &'c mut Run<'r>,
    pub(crate) set: &'c Arc<TemplateSet>,
    pub(crate) tree: &'c Tree,
    pub(crate) node: Option<NodeId>,
}

impl fmt::Debug for Call<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Call").finish_non_exhaustive()
    }
}

impl Call<'_, '_> {
    /// The clock, the randomness and the environment of the run.
    ///
    /// # Errors
    ///
    /// When the caller gave the run no world.
    pub fn world(&self) -> Result<&dyn World, FuncError> {
        self.run.options.world.ok_or_else(|| {
            FuncError::new("this run has no clock, randomness or environment to ask")
        })
    }

    /// The value the run has for a constant function.
    pub fn constant(&self, name: &str) -> Option<Value> {
        let constants = self.run.options.constants;
        constants.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    /// What the host attached to the run.
    pub fn host(&self) -> Option<&Rc<dyn Any>> {
        self.run.options.host.as_ref()
    }

    /// The templates that are running.
    pub fn set(&self) -> &Arc<TemplateSet> {
        self.set
    }

    /// Where the call stands: the name of the text, the line from 1, the column in bytes from 0.
    ///
    /// Counts lines, so it is not free.
    pub fn position(&self) -> Option<(Arc<str>, usize, usize)> {
        let (line, column) = self.tree.line_and_column(self.node?);
        Some((Arc::clone(&self.tree.parse_name), line, column))
    }

    /// Renders a template of the running set within the limits of the run, and gives what it writes
    /// to `with`.
    ///
    /// # Errors
    ///
    /// [`ExecError`] when there is no such template or it fails.
    pub fn render<T>(
        &mut self,
        name: &str,
        data: &Value,
        with: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, ExecError> {
        let set = self.set;
        self.run.nested(|run, out| crate::exec::execute(set, name, data, out, run), with)
    }

    /// Renders the main template of a parsed text, with the templates of `set` to call, and gives
    /// what it writes to `with`.
    ///
    /// The text need not have been added to the set: what it defines is found only if it was.
    ///
    /// # Errors
    ///
    /// [`ExecError`] when it fails.
    pub fn render_parsed<T>(
        &mut self,
        set: &Arc<TemplateSet>,
        parsed: &Parsed,
        data: &Value,
        with: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, ExecError> {
        self.run
            .nested(|run, out| crate::exec::execute_tree(set, &parsed.main, data, out, run), with)
    }
}

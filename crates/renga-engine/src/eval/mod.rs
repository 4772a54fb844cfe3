//! Evaluation.
//!
//! [`Vm`] holds one evaluation: its memory, the files it has loaded, and the value stack. Code is
//! run by recursion over the resolved form; the native stack grows as needed and the depth is
//! bounded as in go-jsonnet.
//!
//! Invariant: a value that is needed after something was evaluated is on the value stack, in a
//! frame that is, or in something reachable from them. The collector runs in [`Vm::enter`] only.
//!
//! Errors collect the steps they pass, innermost first; after an error an evaluation is over.

mod calls;
mod comprehension;
mod expression;
mod handles;
mod imports;
mod objects;
pub(crate) mod operators;
mod session;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::analysis::code::{Code, Id, Ir};
use crate::error::{ErrorKind, Fail, Res, Step, failure};
use crate::heap::Heap;
use crate::heap::symbols::{Symbol, Symbols};
use crate::heap::value::{Function, Thunk, Value};
use crate::library::format::Template;
use crate::object::shape::Shapes;
use crate::source::Host;

pub use handles::{Handle, Kind, Sink};
pub use session::{Evaluation, Output, Settings, Variable};

/// Not known yet.
const UNKNOWN: u32 = u32::MAX;

const RED_ZONE: usize = 160 * 1024;
const GROWTH: usize = 2 * 1024 * 1024;

/// Garbage below this many bytes is not worth a collection.
const MIN_GARBAGE: usize = 8 << 20;

/// A file as one evaluation sees it.
pub(crate) struct Loaded {
    pub code: Arc<Code>,
    pub name: Rc<str>,
    pub source: Arc<crate::source::Source>,
    pub number: u32,
    symbols: Box<[Cell<u32>]>,
    strings: Box<[Cell<u32>]>,
    shapes: Box<[Cell<u32>]>,
    /// The outermost frame.
    pub top: Cell<u32>,
    /// The standard library as this file sees it.
    std: Cell<u32>,
}

/// A call whose function is to run in place of the one that asked for it.
#[derive(Clone, Copy)]
struct Pending {
    function: u32,
    env: u32,
    tailstrict: bool,
    file: u32,
    node: u32,
}

pub(crate) struct NativeFunction {
    pub name: String,
    pub params: Vec<String>,
}

/// One evaluation.
pub(crate) struct Vm<'h> {
    pub host: Rc<dyn Host + 'h>,
    pub heap: Heap,
    pub symbols: Symbols,
    pub shapes: Shapes,
    pub stack: Vec<Value>,
    pub files: Vec<Rc<Loaded>>,
    by_name: FxHashMap<String, u32>,
    /// Values of imports and of external variables, by file.
    imported: Vec<Value>,
    strings_imported: FxHashMap<(String, bool), Value>,
    pub ext_vars: FxHashMap<String, Value>,
    /// External variables whose code is wrong.
    pub broken: FxHashMap<String, Fail>,
    pub natives: Vec<NativeFunction>,
    pub templates: FxHashMap<Rc<str>, Rc<Template>>,
    /// Kept values: the library, short strings.
    kept: Vec<Value>,
    ascii: [u32; 128],
    depth: usize,
    max_depth: usize,
    pending: Option<Pending>,
    /// Whether the last call replaced the one that an error passes.
    trimmed: bool,
    memory_limit: usize,
    /// Collects at every step, to find values that are not kept.
    stress: bool,
    entries: u32,
    /// Where the library was called from last, for `std.trace`.
    pub call_site: (u32, u32),
}

impl<'h> Vm<'h> {
    pub(crate) fn new(
        host: Rc<dyn Host + 'h>,
        max_depth: usize,
        memory_limit: usize,
        stress: bool,
    ) -> Self {
        let heap = Heap { threshold: MIN_GARBAGE, ..Heap::default() };
        Self {
            host,
            heap,
            symbols: Symbols::default(),
            shapes: Shapes::default(),
            stack: Vec::with_capacity(1024),
            files: Vec::new(),
            by_name: FxHashMap::default(),
            imported: Vec::new(),
            strings_imported: FxHashMap::default(),
            ext_vars: FxHashMap::default(),
            broken: FxHashMap::default(),
            natives: Vec::new(),
            templates: FxHashMap::default(),
            kept: Vec::new(),
            ascii: [UNKNOWN; 128],
            depth: 0,
            max_depth,
            pending: None,
            trimmed: false,
            memory_limit,
            stress,
            entries: 0,
            call_site: (UNKNOWN, 0),
        }
    }

    /// Counts a step down. What is needed later is on the stack.
    pub(crate) fn enter(&mut self) -> Res<()> {
        if self.depth >= self.max_depth {
            return Err(failure(ErrorKind::Limit, "max stack frames exceeded."));
        }
        self.depth += 1;
        if self.heap.fresh >= self.heap.threshold || self.stress {
            self.collect()?;
        }
        self.entries = self.entries.wrapping_add(1);
        if self.entries.is_multiple_of(4096)
            && let Some(message) = self.host.interrupted()
        {
            return Err(failure(ErrorKind::Limit, message));
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    #[cold]
    fn collect(&mut self) -> Res<()> {
        let mut roots: Vec<Value> = self.kept.clone();
        roots.extend(self.ascii.iter().filter(|&&at| at != UNKNOWN).map(|&at| Value::Str(at)));
        roots.extend(self.imported.iter().copied());
        roots.extend(self.pending.iter().map(|pending| Value::Env(pending.env)));
        // The order does not matter: all of them are kept.
        for &value in self.strings_imported.values().chain(self.ext_vars.values()) {
            roots.push(value);
        }
        for file in &self.files {
            roots.extend(
                file.strings.iter().filter(|at| at.get() != UNKNOWN).map(|at| Value::Str(at.get())),
            );
            if file.top.get() != UNKNOWN {
                roots.push(Value::Env(file.top.get()));
            }
            if file.std.get() != UNKNOWN {
                roots.push(Value::Obj(file.std.get()));
            }
        }
        self.heap.collect(&[&self.stack, &roots]);
        self.heap.threshold = (self.heap.live / 2).max(MIN_GARBAGE);
        if self.memory_limit > 0 && self.heap.live > self.memory_limit {
            return Err(failure(ErrorKind::Limit, "memory limit exceeded"));
        }
        Ok(())
    }

    /// How deep calls may nest.
    pub(crate) fn depth_limit(&self) -> usize {
        self.max_depth
    }

    /// Keeps a value as long as the evaluation lasts.
    pub(crate) fn keep(&mut self, value: Value) {
        self.kept.push(value);
    }

    /// A text of a file as a name of a field.
    pub(crate) fn symbol(&mut self, file: &Loaded, text: u32) -> Symbol {
        let known = file.symbols[text as usize].get();
        if known != UNKNOWN {
            return known;
        }
        let symbol = self.symbols.number(file.code.str(text));
        file.symbols[text as usize].set(symbol);
        symbol
    }

    /// A text of a file as a value.
    fn literal(&mut self, file: &Loaded, text: u32) -> Value {
        let known = file.strings[text as usize].get();
        if known != UNKNOWN {
            return Value::Str(known);
        }
        let value = self.heap.string(file.code.str(text));
        if let Value::Str(at) = value {
            file.strings[text as usize].set(at);
        }
        value
    }

    /// A string of one character.
    pub(crate) fn char_string(&mut self, character: char) -> Value {
        let code = character as usize;
        if code >= 128 {
            return self.heap.string(character.encode_utf8(&mut [0; 4]) as &str);
        }
        if self.ascii[code] == UNKNOWN
            && let Value::Str(at) = self.heap.string(character.encode_utf8(&mut [0; 4]) as &str)
        {
            self.ascii[code] = at;
        }
        Value::Str(self.ascii[code])
    }

    /// Evaluates what may not be evaluated yet.
    pub(crate) fn force(&mut self, value: Value) -> Res<Value> {
        match value {
            Value::Thunk(at) => self.force_thunk(at),
            value => Ok(value),
        }
    }

    /// Evaluates a thunk, which is reachable from a root or is on the way there.
    pub(crate) fn force_thunk(&mut self, at: u32) -> Res<Value> {
        let base = self.stack.len();
        let value = match *self.heap.thunks.get(at) {
            Thunk::Done(value) => return Ok(value),
            Thunk::Node { node, env } => {
                self.stack.push(Value::Thunk(at));
                self.stack.push(Value::Env(env));
                self.enter()?;
                let file = self.files[self.heap.envs.head(env).file as usize].clone();
                let value =
                    stacker::maybe_grow(RED_ZONE, GROWTH, || self.eval(&file, node, env, false))?;
                self.leave();
                value
            }
            Thunk::Call { function, argument } => {
                self.stack.push(Value::Thunk(at));
                self.enter()?;
                let value =
                    stacker::maybe_grow(RED_ZONE, GROWTH, || self.call(function, &[argument]))
                        .map_err(|error| error.step(Step::Nowhere))?;
                self.leave();
                value
            }
            Thunk::Call2 { function, arguments } => {
                self.stack.push(Value::Thunk(at));
                self.enter()?;
                let (first, second) =
                    (self.heap.element(arguments, 0), self.heap.element(arguments, 1));
                let value = stacker::maybe_grow(RED_ZONE, GROWTH, || {
                    self.call(function, &[first, second])
                })?;
                self.leave();
                value
            }
            Thunk::Field { object, name } => {
                self.stack.push(Value::Thunk(at));
                stacker::maybe_grow(RED_ZONE, GROWTH, || self.field_or_fail(object, name))?
            }
            Thunk::Code { file } => {
                self.stack.push(Value::Thunk(at));
                self.run_file(file)?
            }
            Thunk::Free => Value::Null,
        };
        self.stack.truncate(base);
        self.heap.thunks.set(at, Thunk::Done(value));
        Ok(value)
    }

    /// An element of an array that is kept.
    pub(crate) fn element(&mut self, array: u32, at: usize) -> Res<Value> {
        match self.heap.element(array, at) {
            Value::Thunk(thunk) => {
                let value = self.force_thunk(thunk)?;
                self.heap.set_element(array, at, value);
                Ok(value)
            }
            value => Ok(value),
        }
    }

    /// The value of code that runs later, or the code itself to be run when it is asked for.
    fn delay(&mut self, file: &Loaded, id: Id, env: u32) -> Value {
        match file.code.nodes[id as usize] {
            Ir::Null => Value::Null,
            Ir::True => Value::Bool(true),
            Ir::False => Value::Bool(false),
            Ir::Num(value) => Value::Num(value),
            Ir::Str(text) => self.literal(file, text),
            Ir::StdFn(function) => self.heap.function(Function::Library(function)),
            Ir::Function(function) => self.heap.function(Function::Closure { function, env }),
            Ir::SelfRef { depth } => {
                let object = self.heap.envs.outer(env, depth);
                self.heap.envs.get(object, crate::analysis::code::SELF_SLOT)
            }
            Ir::Var { depth, slot } => {
                let frame = self.heap.envs.outer(env, depth);
                self.delay_variable(id, env, frame, slot)
            }
            Ir::Top(slot) => self.delay_variable(id, env, file.top.get(), slot),
            Ir::Object(object) if file.code.objects[object as usize].plain => {
                self.plain_object(file, object, env)
            }
            _ => self.heap.thunk(Thunk::Node { node: id, env }),
        }
    }

    fn delay_variable(&mut self, id: Id, env: u32, frame: u32, slot: u32) -> Value {
        match self.heap.envs.get(frame, slot) {
            Value::Thunk(at) => match *self.heap.thunks.get(at) {
                Thunk::Done(value) => value,
                // Traces have a step for the variable.
                _ => self.heap.thunk(Thunk::Node { node: id, env }),
            },
            Value::Unset => self.heap.thunk(Thunk::Node { node: id, env }),
            value => value,
        }
    }

    /// Notes that an error passed a node.
    #[cold]
    fn step(&mut self, error: Fail, file: &Loaded, node: Id) -> Fail {
        if std::mem::take(&mut self.trimmed) {
            return error;
        }
        error.step(Step::Node { file: file.number, node })
    }
}

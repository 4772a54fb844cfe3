//! Running templates.
//!
//! [`walk`](State) follows the statements, [`eval`] computes pipelines, [`call`] checks and makes
//! calls. The order of evaluation, and which node is "current" when something fails, are Go's,
//! since error texts show them.
//!
//! Invariant: native stack use is bounded. Every recursion grows the stack on the heap when it
//! runs low, and [`Limits::depth`](crate::Limits) bounds invocations.

mod call;
mod eval;
mod walk;

use std::sync::Arc;

use crate::error::{ExecError, FuncError, Location};
use crate::parse::ast::{NodeId, Tree, VarId};
use crate::template::{Options, TemplateSet};
use crate::types::Type;
use crate::value::Value;

/// Go's limit on nested template invocations, named in the error whatever the actual limit.
const GO_MAX_DEPTH: usize = 100_000;

/// A value as Go's `reflect.Value` sees it: none, in an interface slot, or of a concrete type.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The zero `reflect.Value`: an untyped nil, or a missing map entry.
    Invalid,
    /// An `interface {}` with this content.
    Iface(Value),
    /// A concrete value, never nil.
    Of(Value),
}

impl Slot {
    /// The slot of a value that lost its interface: `reflect.ValueOf`.
    pub(crate) fn of(value: Value) -> Slot {
        if matches!(value, Value::Nil) { Slot::Invalid } else { Slot::Of(value) }
    }

    /// The slot of an element or result of the static type.
    pub(crate) fn typed(value: Value, ty: Type) -> Slot {
        if ty == Type::Any { Slot::Iface(value) } else { Slot::of(value) }
    }

    /// Digs down to what an interface holds.
    pub(crate) fn concrete(self) -> Slot {
        match self {
            Slot::Iface(value) => Slot::of(value),
            other => other,
        }
    }

    /// The slot of a copy in an interface, which has left its place.
    pub(crate) fn boxed(self) -> Slot {
        match &self {
            Slot::Iface(Value::Object(object)) | Slot::Of(Value::Object(object)) => {
                object.copied().map_or(self, Slot::Of)
            }
            _ => self,
        }
    }

    /// The content, nil when there is none.
    pub(crate) fn value(&self) -> &Value {
        match self {
            Slot::Invalid => &Value::Nil,
            Slot::Iface(value) | Slot::Of(value) => value,
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Slot::Invalid => Value::Nil,
            Slot::Iface(value) | Slot::Of(value) => value,
        }
    }

    /// The static type; `None` when invalid.
    pub(crate) fn ty(&self) -> Option<Type> {
        match self {
            Slot::Invalid => None,
            Slot::Iface(_) => Some(Type::Any),
            Slot::Of(value) => value.ty(),
        }
    }
}

/// What all templates of a run share.
pub(crate) struct Run<'r> {
    pub(crate) options: &'r Options<'r>,
    steps: u64,
    written: usize,
    /// Buffers of nested renderings that are over, to be used again.
    spare: Vec<Vec<u8>>,
}

impl<'r> Run<'r> {
    pub(crate) fn new(options: &'r Options<'r>) -> Self {
        Run { options, steps: 0, written: 0, spare: Vec::new() }
    }
}

impl Run<'_> {
    /// Renders into a buffer of the run, and gives what was written to `with`.
    pub(crate) fn nested<T>(
        &mut self,
        render: impl FnOnce(&mut Self, &mut Vec<u8>) -> Result<(), ExecError>,
        with: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, ExecError> {
        let mut out = self.spare.pop().unwrap_or_default();
        let result = render(self, &mut out).map(|()| with(&out));
        out.clear();
        self.spare.push(out);
        result
    }
}

/// The failure of a run, boxed because it is rare and large.
type Failure = Box<ExecError>;
type Outcome<T> = Result<T, Failure>;

/// The state of one template invocation.
struct State<'t, 's, 'r> {
    tree: &'t Tree,
    set: &'t Arc<TemplateSet>,
    /// The node named when something fails.
    node: Option<NodeId>,
    vars: Vec<(VarId, Slot)>,
    depth: usize,
    run: &'s mut Run<'r>,
    out: &'s mut Vec<u8>,
}

/// Runs a template of a set.
pub(crate) fn execute(
    set: &Arc<TemplateSet>,
    name: &str,
    data: &Value,
    out: &mut Vec<u8>,
    run: &mut Run<'_>,
) -> Result<(), ExecError> {
    let Some(tree) = set.find(name) else {
        return Err(ExecError {
            template: Arc::from(name),
            location: None,
            message: format!(
                "{} is an incomplete or empty template",
                crate::text::quote::quoted(name.as_bytes())
            ),
            cause: None,
        });
    };
    execute_tree(set, tree, data, out, run)
}

/// Runs a tree, whether or not the set knows it by its name.
pub(crate) fn execute_tree(
    set: &Arc<TemplateSet>,
    tree: &Tree,
    data: &Value,
    out: &mut Vec<u8>,
    run: &mut Run<'_>,
) -> Result<(), ExecError> {
    let dot = Slot::of(data.clone());
    let mut state =
        State { tree, set, node: None, vars: vec![(0, dot.clone())], depth: 0, run, out };
    match state.walk(&dot, tree.root) {
        Ok(_) => Ok(()),
        Err(error) => Err(*error),
    }
}

impl State<'_, '_, '_> {
    fn at(&mut self, node: NodeId) {
        self.node = Some(node);
    }

    #[expect(clippy::unnecessary_box_returns, reason = "every failure travels boxed")]
    fn failure(&self, message: String) -> Failure {
        let location = self.node.map(|node| {
            let (line, column) = self.tree.line_and_column(node);
            Location {
                text: Arc::clone(&self.tree.parse_name),
                line,
                column,
                node: self.tree.show(node),
            }
        });
        Box::new(ExecError {
            template: Arc::clone(&self.tree.name),
            location,
            message,
            cause: None,
        })
    }

    fn error<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(self.failure(message.into()))
    }

    #[expect(clippy::unnecessary_box_returns, reason = "every failure travels boxed")]
    fn function_error(&self, name: &str, error: FuncError) -> Failure {
        let mut failure = self.failure(format!("error calling {name}: {}", error.message));
        failure.cause = Some(Box::new(error));
        failure
    }

    fn step(&mut self) -> Outcome<()> {
        self.run.steps += 1;
        match self.run.options.limits.steps {
            Some(limit) if self.run.steps > limit => {
                self.error(format!("exceeded the limit of {limit} steps"))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.run.written = self.run.written.saturating_add(bytes.len());
        match self.run.options.limits.output {
            Some(limit) if self.run.written > limit => {
                self.error(format!("exceeded the limit of {limit} bytes of output"))
            }
            _ => {
                self.out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn push(&mut self, var: VarId, slot: Slot) {
        self.vars.push((var, slot));
    }

    fn find_var(&mut self, var: VarId) -> Outcome<usize> {
        match self.vars.iter().rposition(|(known, _)| *known == var) {
            Some(index) => Ok(index),
            None => self.error(format!("undefined variable: {}", self.tree.vars[var as usize])),
        }
    }
}

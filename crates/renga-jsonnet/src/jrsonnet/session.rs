//! A session: one evaluator state, used for request after request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use jrsonnet_evaluator::error::Result;
use jrsonnet_evaluator::stack::limit_stack_depth;
use jrsonnet_evaluator::tla::TlaArg;
use jrsonnet_evaluator::{IStr, SourcePath, State, Thunk, Val, apply_tla};
use jrsonnet_gcmodule::Trace;

use crate::big_stack::with_big_stack;
use crate::engine::{Evaluated, Session};
use crate::error::{ErrorKind, EvalError};
use crate::jrsonnet::JrsonnetEngine;
use crate::jrsonnet::error::convert;
use crate::jrsonnet::handle::{ValHandle, entered};
use crate::jrsonnet::library::{Library, Settings};
use crate::jrsonnet::resolver::{Current, Resolver};
use crate::request::{Limits, Request, Variable, Variables};

const DEFAULT_MAX_STACK: u32 = 500;

/// A session of [`JrsonnetEngine`].
pub(super) struct JrsonnetSession {
    engine: JrsonnetEngine,
    machine: Option<Rc<Machine>>,
    epoch: u64,
}

/// An evaluator state and what our parts of it share.
struct Machine {
    state: State,
    settings: Rc<Settings>,
    current: Rc<RefCell<Current>>,
    /// An error may have left traces in values that are shared; what follows starts anew.
    spoiled: Cell<bool>,
}

/// The evaluation a value belongs to.
pub(super) struct Environment {
    machine: Rc<Machine>,
    engine: JrsonnetEngine,
    max_stack: usize,
}

impl Environment {
    pub(super) fn limits(&self) -> Limits {
        self.engine.limits
    }

    /// Runs a piece of the evaluation, with enough stack and with every failure as an error.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T, EvalError> {
        let guarded = || {
            let _limit = limit_stack_depth(self.max_stack);
            entered(&self.machine.state, || catch_unwind(AssertUnwindSafe(work)))
        };
        match with_big_stack(guarded) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                self.machine.spoiled.set(true);
                Err(convert(&error, &self.engine.sources))
            }
            Err(_panic) => {
                self.machine.spoiled.set(true);
                Err(EvalError::new(ErrorKind::Engine, "the evaluator broke down on this program"))
            }
        }
    }
}

impl JrsonnetSession {
    pub(super) fn new(engine: JrsonnetEngine) -> Self {
        Self { engine, machine: None, epoch: 0 }
    }

    fn machine(&mut self) -> Rc<Machine> {
        if self.machine.as_ref().is_some_and(|machine| machine.spoiled.get()) {
            self.machine = None;
        }
        let engine = &self.engine;
        self.machine
            .get_or_insert_with(|| {
                let settings = Rc::new(Settings {
                    ext_vars: RefCell::default(),
                    entrypoint: RefCell::default(),
                    natives: engine.natives.clone(),
                    limits: engine.limits,
                    log: engine.log.clone(),
                });
                let current = Rc::new(RefCell::new(Current::default()));
                let mut builder = State::builder();
                builder
                    .import_resolver(Resolver {
                        sources: engine.sources.clone(),
                        current: current.clone(),
                    })
                    .context_initializer(Library::new(settings.clone()));
                let state = builder.build();
                Rc::new(Machine { state, settings, current, spoiled: Cell::new(false) })
            })
            .clone()
    }
}

impl Session for JrsonnetSession {
    fn evaluate(&mut self, request: &Request) -> Result<Evaluated, EvalError> {
        let machine = self.machine();
        self.epoch += 1;
        {
            let mut current = machine.current.borrow_mut();
            current.search_path = request.search_path.clone();
            current.working_dir.clone_from(&request.working_dir);
            current.epoch = self.epoch;
            current.missing = None;
        }
        *machine.settings.ext_vars.borrow_mut() =
            thunks(&machine.state, &request.ext_vars, "extvar");
        machine.settings.entrypoint.borrow_mut().clone_from(&request.entrypoint);
        let max_stack = if request.max_stack == 0 { DEFAULT_MAX_STACK } else { request.max_stack };
        let environment = Rc::new(Environment {
            machine: machine.clone(),
            engine: self.engine.clone(),
            max_stack: max_stack as usize,
        });
        let value = environment.run(|| {
            let entrypoint = machine.current.borrow().file_id(request.entrypoint.clone());
            let value = machine.state.import_resolved(SourcePath::new(entrypoint))?;
            let arguments: HashMap<IStr, TlaArg> =
                thunks(&machine.state, &request.tlas, "top-level-arg")
                    .into_iter()
                    .map(|(name, thunk)| (name, TlaArg::Lazy(thunk)))
                    .collect();
            let value = apply_tla(&arguments, value)?;
            match &request.expression {
                None => Ok(value),
                Some(expression) => machine.state.evaluate_snippet_with(
                    "<expression>",
                    expression.as_str(),
                    &Main(Thunk::evaluated(value)),
                ),
            }
        })?;
        Ok(Evaluated::new(ValHandle::new(value, environment)))
    }
}

/// Binds `main` for an expression.
#[derive(Trace)]
struct Main(Thunk<Val>);

impl jrsonnet_evaluator::ContextInitializer for Main {
    fn populate(
        &self,
        _file: jrsonnet_evaluator::Source,
        builder: &mut jrsonnet_evaluator::InitialContextBuilder,
    ) {
        builder.bind("main", self.0.clone());
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// Variables as values that are evaluated when they are looked at.
fn thunks(state: &State, variables: &Variables, what: &str) -> HashMap<IStr, Thunk<Val>> {
    let thunk = |(name, variable): (&String, &Variable)| {
        let key = IStr::from(name.as_str());
        let state = state.clone();
        let thunk = match variable.clone() {
            Variable::String(text) => Thunk::evaluated(Val::string(text)),
            Variable::Code(code) => {
                let file = format!("<{what}:{name}>");
                Thunk::new(Late { state, file, variable: Variable::Code(code) })
            }
            variable => Thunk::new(Late { state, file: String::new(), variable }),
        };
        (key, thunk)
    };
    variables.iter().map(thunk).collect()
}

/// A variable that is not evaluated yet.
#[derive(Trace)]
struct Late {
    state: State,
    file: String,
    #[trace(skip)]
    variable: Variable,
}

impl jrsonnet_evaluator::val::ThunkValue for Late {
    type Output = Val;

    fn get(&self) -> Result<Val> {
        match &self.variable {
            Variable::String(text) => Ok(Val::string(text.as_str())),
            Variable::Code(code) => self.state.evaluate_snippet(self.file.as_str(), code.as_str()),
            Variable::CodeFile(path) => {
                let resolved = self.state.resolve_from_default(&path.as_path())?;
                self.state.import_resolved(resolved)
            }
            Variable::StringFile(path) => {
                let resolved = self.state.resolve_from_default(&path.as_path())?;
                self.state.import_resolved_str(resolved).map(Val::string)
            }
        }
    }
}

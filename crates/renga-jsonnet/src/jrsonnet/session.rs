//! A session: one evaluator state, used for request after request.
//!
//! What a request may share with the next stays in the state ([`crate::jrsonnet::sharing`]);
//! everything else is evaluated under the request's own versions. Memory is kept flat by
//! collecting cycles when enough of them have piled up, and by starting with a new state when too
//! much code has been loaded for single requests, or when an error may have left its mark in a
//! shared value.

#![expect(clippy::mutable_key_type, reason = "interned strings hash by their address")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jrsonnet_evaluator::error::Result;
use jrsonnet_evaluator::stack::limit_stack_depth;
use jrsonnet_evaluator::tla::TlaArg;
use jrsonnet_evaluator::val::ThunkValue;
use jrsonnet_evaluator::{IStr, SourcePath, State, Thunk, Val, apply_tla, with_state};
use jrsonnet_gcmodule::{Trace, collect_thread_cycles, count_thread_tracked};
use renga_project::SourceRecord;

use crate::big_stack::{Overflow, with_big_stack, with_limit};
use crate::engine::{Evaluated, Segment, Session};
use crate::error::{ErrorKind, EvalError};
use crate::jrsonnet::JrsonnetEngine;
use crate::jrsonnet::diagnosis::Recorder;
use crate::jrsonnet::error::{Converter, OVERFLOW_HELP, STACK_OVERFLOW};
use crate::jrsonnet::handle::{
    Question, TOO_DEEP, TOO_LONG, TOO_MANY, ValHandle, Way, entered, everything, step,
};
use crate::jrsonnet::library::{EXPRESSION, Library, Settings};
use crate::jrsonnet::resolver::{Current, Resolver};
use crate::jrsonnet::sharing::Sharing;
use crate::request::{Limits, Request, Variable, Variables};
use crate::scan::AS_TEXT;
use crate::sources::SourceFile;

const DEFAULT_MAX_STACK: u32 = 500;

/// Bytes of code for single requests after which a state is given up; the shared code that has to
/// be loaded again is allowed as much.
const MAX_OWN_CODE: usize = 2 << 20;

/// Cycles are collected when about this many objects were left behind, or as many as are alive.
const MIN_GARBAGE: usize = 100_000;

/// At most this many requests go by between two collections: the next one may leave more behind
/// than those before it.
const MAX_WAIT: usize = 32;

/// A session of [`JrsonnetEngine`].
pub(super) struct JrsonnetSession {
    engine: JrsonnetEngine,
    machine: Option<Rc<Machine>>,
    requests: u64,
    collector: Rc<Collector>,
    /// What was read in machines that are given up.
    reads: SourceRecord,
}

/// An evaluator state and what our parts of it share.
struct Machine {
    state: State,
    settings: Rc<Settings>,
    current: Rc<RefCell<Current>>,
    /// An error may have left traces in values that are shared; what follows starts anew.
    spoiled: Cell<bool>,
    collector: Rc<Collector>,
    /// Takes notes, in a second run.
    recorder: Option<Rc<Recorder>>,
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The variables hold on to the state.
        self.settings.clear();
        self.collector.overdue();
    }
}

/// Decides when to look for cycles. Looking costs time in proportion to all that is alive, and so
/// does counting, so it goes by what requests left behind before.
#[derive(Default)]
struct Collector {
    /// Requests until the next look.
    wait: Cell<usize>,
    /// Requests since the last look.
    waited: Cell<usize>,
}

impl Collector {
    fn overdue(&self) {
        self.wait.set(0);
    }

    /// Called between requests.
    fn step(&self) {
        self.waited.set(self.waited.get() + 1);
        if self.waited.get() < self.wait.get() {
            return;
        }
        let collected = with_big_stack(collect_thread_cycles);
        let each = (collected / self.waited.get()).max(1);
        let allowed = MIN_GARBAGE.max(count_thread_tracked());
        // One look says little of what is to come, so the waits grow slowly.
        let most = (self.wait.get() * 2).clamp(1, MAX_WAIT);
        self.wait.set((allowed / each).clamp(1, most));
        self.waited.set(0);
    }
}

/// The evaluation a value belongs to.
pub(super) struct Environment {
    machine: Rc<Machine>,
    engine: JrsonnetEngine,
    max_stack: usize,
    epoch: u64,
    request: Request,
    /// The time that evaluation took so far.
    spent: Cell<Duration>,
}

/// What was being evaluated when something failed: a question about a value in the result. None
/// stands for the result itself.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) way: Option<&'a Rc<Way>>,
    pub(super) question: Question<'a>,
}

impl Drop for Environment {
    fn drop(&mut self) {
        let current = self.machine.current.borrow().epoch == self.epoch;
        if current {
            with_big_stack(|| self.machine.settings.clear());
        }
    }
}

impl Environment {
    pub(super) fn limits(&self) -> Limits {
        self.engine.limits
    }

    /// Runs a piece of the evaluation, with enough stack and with every failure as an error.
    pub(super) fn run<T>(
        &self,
        site: Option<Site<'_>>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T, EvalError> {
        if self.machine.current.borrow().epoch != self.epoch {
            let message = "a value was used after the session went on to another request";
            return Err(EvalError::new(ErrorKind::Engine, message));
        }
        let started = Instant::now();
        let result = with_limit(self.max_stack, || {
            let _limit = limit_stack_depth(self.max_stack);
            entered(&self.machine.state, work)
        });
        self.spent.set(self.spent.get() + started.elapsed());
        let error = match result {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => {
                let current = self.machine.current.borrow();
                Converter { sources: &self.engine.sources, current: &current }.convert(&error)
            }
            Err(unwound) if unwound.is::<Overflow>() => {
                EvalError::new(ErrorKind::Limit, STACK_OVERFLOW).with_help(OVERFLOW_HELP)
            }
            Err(_panic) => {
                EvalError::new(ErrorKind::Engine, "the evaluator broke down on this program")
            }
        };
        self.machine.spoiled.set(true);
        Err(match error.kind() {
            ErrorKind::Static | ErrorKind::Engine => error,
            _ => self.diagnosed(error, site),
        })
    }

    /// The error with the places that a second run finds. Where that does not fail in the same
    /// way, the error stays as it is.
    fn diagnosed(&self, error: EvalError, site: Option<Site<'_>>) -> EvalError {
        // Results without end have limits of their own, which are to be met again.
        let max_depth = match error.message() {
            TOO_DEEP | TOO_MANY | TOO_LONG => usize::MAX,
            _ => self.max_stack,
        };
        let recorder = Rc::new(Recorder::new(max_depth, self.spent.get()));
        let machine = Machine::new(&self.engine, &self.machine.collector, Some(recorder.clone()));
        with_big_stack(|| machine.begin(&self.engine, &self.request, SECOND_EPOCH));
        let deeper = self.max_stack.saturating_mul(DEEPER);
        let result = with_limit(deeper, || {
            let _limit = limit_stack_depth(deeper);
            entered(&machine.state, || {
                let value = machine.evaluate(&self.request)?;
                let Some(site) = site else { return Ok(()) };
                let segments = Way::segments(site.way);
                ask(&value, &segments, site.question, self.limits(), &recorder)
                    .inspect_err(|_| recorder.text("During manifestation"))
            })
        });
        let diagnosed = match result {
            Ok(Err(second)) => {
                let current = machine.current.borrow();
                let converter = Converter { sources: &self.engine.sources, current: &current };
                converter.diagnosed(error, &second, &recorder)
            }
            Ok(Ok(())) | Err(_) => error,
        };
        with_big_stack(|| drop(machine));
        diagnosed
    }
}

/// How much deeper the evaluator's own frames may nest in a second run, in which go-jsonnet's are
/// counted.
const DEEPER: usize = 16;

/// Even, as the epochs of all requests.
const SECOND_EPOCH: u64 = 2;

/// Asks a question about a part of a value again, in a second run.
fn ask(
    value: &Val,
    segments: &[Segment],
    question: Question<'_>,
    limits: Limits,
    recorder: &Recorder,
) -> Result<()> {
    let part = |segment: &Segment| -> Result<Val> {
        let part = match (value, segment) {
            (Val::Obj(object), Segment::Field(name)) => object.get((&**name).into())?,
            (Val::Arr(array), Segment::Element(index)) => {
                array.get(u32::try_from(*index).unwrap_or(u32::MAX))?
            }
            _ => None,
        };
        Ok(part.unwrap_or_default())
    };
    let last = match (segments, question) {
        ([], Question::Everything) => return everything(value, limits, recorder),
        ([first, rest @ ..], _) => {
            recorder.enter()?;
            let result = part(first).and_then(|part| ask(&part, rest, question, limits, recorder));
            return result.inspect_err(|_| recorder.text(step(first)));
        }
        ([], Question::Field(name)) => Segment::Field(name.into()),
        ([], Question::Element(index)) => Segment::Element(index),
    };
    recorder.enter()?;
    part(&last).map(drop).inspect_err(|_| recorder.text(step(&last)))
}

impl JrsonnetSession {
    pub(super) fn new(engine: JrsonnetEngine) -> Self {
        let (collector, reads) = (Rc::default(), SourceRecord::default());
        Self { engine, machine: None, requests: 0, collector, reads }
    }

    /// The state for the next request.
    fn machine(&mut self) -> Rc<Machine> {
        let worn = |machine: &Rc<Machine>| {
            let current = machine.current.borrow();
            machine.spoiled.get() || current.loaded_own > MAX_OWN_CODE + current.loaded_shared
        };
        if let Some(machine) = self.machine.take_if(|machine| worn(machine)) {
            self.reads.merge(&machine.settings.take_reads());
            with_big_stack(|| drop(machine));
        }
        let (engine, collector) = (&self.engine, &self.collector);
        self.machine.get_or_insert_with(|| Rc::new(Machine::new(engine, collector, None))).clone()
    }
}

impl Machine {
    fn new(
        engine: &JrsonnetEngine,
        collector: &Rc<Collector>,
        recorder: Option<Rc<Recorder>>,
    ) -> Self {
        let settings = Rc::new(Settings::new(engine, recorder.clone()));
        let current = Current { recorder: recorder.clone(), ..Current::default() };
        let current = Rc::new(RefCell::new(current));
        let mut builder = State::builder();
        builder
            .import_resolver(Resolver { sources: engine.sources.clone(), current: current.clone() })
            .context_initializer(Library::new(settings.clone()));
        let (state, collector) = (builder.build(), collector.clone());
        Self { state, settings, current, spoiled: Cell::new(false), collector, recorder }
    }

    fn begin(&self, engine: &JrsonnetEngine, request: &Request, epoch: u64) {
        let sharing = Sharing::new(&engine.sources, &engine.natives, &request.search_path);
        let mut current = self.current.borrow_mut();
        if self.recorder.is_none() {
            current.shared = sharing.versions(&request.entrypoint);
        }
        current.entrypoint.clone_from(&request.entrypoint);
        current.search_path = request.search_path.clone();
        current.working_dir.clone_from(&request.working_dir);
        current.epoch = epoch;
        current.missing = None;
        current.snippets.clear();
        let mut snippet = |name: String, text: &str| {
            let file = Arc::new(SourceFile::snippet(&name, text));
            current.snippets.insert(PathBuf::from(name), file);
        };
        for (what, variables) in [(EXT_VAR, &request.ext_vars), (ARGUMENT, &request.tlas)] {
            for (name, variable) in variables.iter() {
                if let Variable::Code(code) = variable {
                    snippet(snippet_name(what, name), code);
                }
            }
        }
        if let Some(expression) = &request.expression {
            snippet(EXPRESSION.to_owned(), expression);
        }
        drop(current);
        self.settings.begin(request.entrypoint.clone(), thunks(&request.ext_vars, EXT_VAR));
    }

    fn import(&self, path: &Path) -> Result<Val> {
        let file = self.current.borrow().file_id(path.to_owned());
        self.state.import_resolved(SourcePath::new(file))
    }

    /// The value of the entrypoint, which the evaluator does not keep.
    fn import_entrypoint(&self) -> Result<Val> {
        let file = self.current.borrow().entrypoint_id();
        let function = self.state.import_resolved(SourcePath::new(file))?;
        apply_tla(&HashMap::<IStr, TlaArg>::new(), function)
    }
}

impl Machine {
    /// The value of the request that has begun.
    fn evaluate(&self, request: &Request) -> Result<Val> {
        const EVALUATION: &str = "During evaluation";
        let note = |text: &'static str| {
            move |_: &jrsonnet_evaluator::Error| {
                if let Some(recorder) = &self.recorder {
                    recorder.text(text);
                }
            }
        };
        let value = match self.recorder {
            None => self.import_entrypoint()?,
            Some(_) => self.import(&request.entrypoint).inspect_err(note(EVALUATION))?,
        };
        let arguments: HashMap<IStr, TlaArg> = thunks(&request.tlas, ARGUMENT)
            .into_iter()
            .map(|(name, thunk)| (name, TlaArg::Lazy(thunk)))
            .collect();
        let value = apply_tla(&arguments, value).inspect_err(note("Top-level function call"))?;
        if request.expression.is_none() {
            return Ok(value);
        }
        self.settings.set_main(Thunk::evaluated(value));
        self.import(Path::new(EXPRESSION)).inspect_err(note(EVALUATION))
    }
}

impl Session for JrsonnetSession {
    fn evaluate(&mut self, request: &Request) -> Result<Evaluated, EvalError> {
        let machine = self.machine();
        self.collector.step();
        self.requests += 1;
        let epoch = self.requests * 2;
        with_big_stack(|| machine.begin(&self.engine, request, epoch));
        let max_stack = if request.max_stack == 0 { DEFAULT_MAX_STACK } else { request.max_stack };
        let environment = Rc::new(Environment {
            machine: machine.clone(),
            engine: self.engine.clone(),
            max_stack: max_stack as usize,
            epoch,
            request: request.clone(),
            spent: Cell::default(),
        });
        let value = environment.run(None, || machine.evaluate(request))?;
        Ok(Evaluated::new(ValHandle::new(value, environment)))
    }

    fn take_reads(&mut self) -> SourceRecord {
        let mut reads = std::mem::take(&mut self.reads);
        if let Some(machine) = &self.machine {
            reads.merge(&machine.settings.take_reads());
        }
        reads
    }
}

const EXT_VAR: &str = "extvar";
const ARGUMENT: &str = "top-level-arg";

/// What go-jsonnet calls the code of a variable.
fn snippet_name(what: &str, name: &str) -> String {
    format!("<{what}:{name}>")
}

/// Variables as values that are evaluated when they are looked at.
fn thunks(variables: &Variables, what: &str) -> HashMap<IStr, Thunk<Val>> {
    let thunk = |(name, variable): (&String, &Variable)| {
        let thunk = match variable {
            Variable::String(text) => Thunk::evaluated(Val::string(text.as_str())),
            Variable::Code(_) => Thunk::new(Late::Import(snippet_name(what, name).into())),
            Variable::CodeFile(path) => Thunk::new(Late::Import(path.clone())),
            Variable::StringFile(path) => Thunk::new(Late::Text(path.clone())),
        };
        (IStr::from(name.as_str()), thunk)
    };
    variables.iter().map(thunk).collect()
}

/// A variable that is not evaluated yet.
#[derive(Trace)]
enum Late {
    Import(#[trace(skip)] PathBuf),
    Text(#[trace(skip)] PathBuf),
}

impl ThunkValue for Late {
    type Output = Val;

    fn get(&self) -> Result<Val> {
        with_state(|state| match self {
            Self::Import(path) => {
                let resolved = state.resolve_from_default(&path.as_path())?;
                state.import_resolved(resolved)
            }
            Self::Text(path) => {
                let path = format!("{AS_TEXT}{}", path.display());
                let resolved = state.resolve_from_default(&path.as_str())?;
                state.import_resolved_str(resolved).map(Val::string)
            }
        })
    }
}

//! The second run of a program that failed, which finds out where and on whose behalf.
//!
//! The evaluator does not say where most failures happened. So a program that fails is evaluated
//! once more, in a state of its own and without a word in the log, with its code instrumented
//! ([`crate::jrsonnet::instrument`]). What fails then is noted from the inside to the outside:
//! one step for each thing that is evaluated on its own (a body, an argument, a variable), in the
//! innermost expression of it that fails, which is what go-jsonnet's traces are made of.
//!
//! Invariants: programs that do not fail know nothing of this. The second run ends after a small
//! multiple of the time that the first took.

#![expect(clippy::needless_pass_by_value, reason = "builtin functions take their arguments so")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use jrsonnet_evaluator::error::{ErrorKind as Cause, Result};
use jrsonnet_evaluator::function::{FuncVal, builtin};
use jrsonnet_evaluator::typed::ValType;
use jrsonnet_evaluator::{InitialContextBuilder, Thunk, Val};

use crate::big_stack;
use crate::jrsonnet::instrument::{ASSERT, AT, Instrumented, MESSAGE, Node, Wanted, instrument};
use crate::sources::SourceFile;

/// Files beyond these are run as they are, and give no steps.
const MAX_BYTES: usize = 1 << 20;
const MAX_NESTING: usize = 2_000;

/// A second run may take this many times as long as the first, and in any case this long.
const TIMES: u32 = 6;
const AT_LEAST: Duration = Duration::from_secs(2);

/// Steps between two looks at the clock.
const TICKS: u32 = 4_096;

/// Steps of a value that needs itself, at most.
const MAX_STEPS: usize = 100_000;

/// The message of a second run that took too long.
const TOO_SLOW: &str = "the second run takes too long";

/// A step of what failed, as it was noted.
#[derive(Clone)]
pub(super) enum Step {
    /// An expression of a file.
    Node(NodeRef),
    /// What the evaluation was for, in go-jsonnet's words.
    Text(String),
}

/// An expression that reported itself.
#[derive(Clone)]
pub(super) struct NodeRef {
    pub(super) file: Rc<File>,
    pub(super) index: usize,
    /// The thing evaluated on its own that it is part of, if that is known.
    pub(super) body: Option<usize>,
    /// Stands for the addition of a field to the inherited one.
    pub(super) plus: bool,
}

impl NodeRef {
    pub(super) fn node(&self) -> &Node {
        &self.file.nodes[self.index]
    }

    /// What the value of the whole body is bound to.
    fn bound_to(&self) -> Option<&str> {
        self.file.nodes.get(self.body?)?.name.as_deref()
    }
}

/// A file with instrumented code.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) nodes: Vec<Node>,
}

/// Takes notes while a program is run for the second time.
pub(super) struct Recorder {
    files: RefCell<HashMap<PathBuf, Rc<File>>>,
    steps: RefCell<Vec<Step>>,
    /// Whether the next failure belongs to a new step.
    open: Cell<bool>,
    /// How many things are being evaluated on their own, one within the other.
    depth: Cell<usize>,
    max_depth: usize,
    deadline: Instant,
    ticks: Cell<u32>,
    misfit: Cell<Option<(Wanted, ValType)>>,
}

impl Recorder {
    /// For a program whose first run took that long.
    pub(super) fn new(max_depth: usize, first_run: Duration) -> Self {
        let allowed = first_run.saturating_mul(TIMES).max(AT_LEAST);
        Self {
            files: RefCell::default(),
            steps: RefCell::default(),
            open: Cell::new(true),
            depth: Cell::new(0),
            max_depth,
            deadline: Instant::now() + allowed,
            ticks: Cell::new(0),
            misfit: Cell::new(None),
        }
    }

    /// The code of a file with reports, where it is of a kind that gets them.
    pub(super) fn instrumented(&self, source: &SourceFile) -> Option<String> {
        let text = source.text().ok()?;
        if text.len() > MAX_BYTES || source.depth() > MAX_NESTING {
            return None;
        }
        let path = source.path();
        let Instrumented { text, nodes } = instrument(text, &path.to_string_lossy())?;
        let file = Rc::new(File { path: path.to_owned(), nodes });
        self.files.borrow_mut().insert(path.to_owned(), file);
        Some(text)
    }

    /// Gives a file the functions that its code calls.
    pub(super) fn bind(self: &Rc<Self>, path: &Path, builder: &mut InitialContextBuilder) {
        let Some(file) = self.files.borrow().get(path).cloned() else { return };
        let recorder = self;
        let function = |function| Thunk::evaluated(Val::Func(function));
        let at = builtin_at { recorder: recorder.clone(), file: file.clone() };
        builder.bind(AT, function(FuncVal::builtin(at)));
        let assert = builtin_assert { recorder: recorder.clone(), file: file.clone() };
        builder.bind(ASSERT, function(FuncVal::builtin(assert)));
        let message = builtin_message { recorder: recorder.clone(), file };
        builder.bind(MESSAGE, function(FuncVal::builtin(message)));
    }

    /// Notes what an evaluation that failed was for.
    pub(super) fn text(&self, text: impl Into<String>) {
        self.steps.borrow_mut().push(Step::Text(text.into()));
        self.open.set(true);
    }

    /// Something is evaluated on its own.
    ///
    /// # Errors
    ///
    /// go-jsonnet's limit.
    pub(super) fn enter(&self) -> Result<()> {
        let depth = self.depth.get() + 1;
        if depth > self.max_depth {
            return Err(Cause::StackOverflow.into());
        }
        self.depth.set(depth);
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    fn check(&self, value: &Val, wanted: Wanted) {
        let fits = match wanted {
            Wanted::Array => matches!(value, Val::Arr(_)),
            Wanted::Name => matches!(value, Val::Str(_) | Val::Null),
        };
        if !fits {
            self.misfit.set(Some((wanted, value.value_type())));
        }
    }

    /// The value that was not what it had to be, if that is what failed.
    pub(super) fn misfit(&self) -> Option<(Wanted, ValType)> {
        self.misfit.get()
    }

    /// Forgets what was noted: the evaluator tried something, failed, and went on.
    fn forget(&self) {
        let mut steps = self.steps.borrow_mut();
        if !steps.is_empty() {
            steps.clear();
            self.open.set(true);
        }
    }

    fn tick(&self) -> Result<()> {
        big_stack::probe();
        self.forget();
        let ticks = self.ticks.get() + 1;
        self.ticks.set(ticks % TICKS);
        if ticks == TICKS && Instant::now() > self.deadline {
            return Err(Cause::RuntimeError(TOO_SLOW.into()).into());
        }
        Ok(())
    }

    fn note(&self, file: &Rc<File>, index: usize) {
        if self.open.replace(false) {
            let file = file.clone();
            self.steps.borrow_mut().push(Step::Node(NodeRef {
                file,
                index,
                body: None,
                plus: false,
            }));
        }
    }

    /// What failed is the whole of something that is evaluated on its own.
    fn close(&self, file: &Rc<File>, index: usize) {
        let mut steps = self.steps.borrow_mut();
        if let Some(Step::Node(last)) = steps.last_mut()
            && Rc::ptr_eq(&last.file, file)
        {
            last.body = Some(index);
        }
        if file.nodes[index].plus {
            let file = file.clone();
            steps.push(Step::Node(NodeRef { file, index, body: Some(index), plus: true }));
        }
        self.open.set(true);
    }

    /// What was noted. `endless`: the failure is a value that needs itself, which the evaluator
    /// sees at once and go-jsonnet when it has gone around often enough.
    pub(super) fn steps(&self, endless: bool) -> Vec<Step> {
        let mut steps = self.steps.take();
        if endless && let Some(cycle) = cycle(&steps) {
            let wanted = self.max_depth.saturating_add(1).min(MAX_STEPS);
            let outer = steps.split_off(cycle);
            if let Some(inner) = wanted.checked_sub(outer.len()) {
                // The round that the limit ends is not whole.
                let skipped = (cycle - inner % cycle) % cycle;
                let around = (skipped..skipped + inner).map(|step| steps[step % cycle].clone());
                steps = around.collect();
            }
            steps.extend(outer);
        }
        steps
    }
}

/// How many of the innermost steps lead from a value to itself.
fn cycle(steps: &[Step]) -> Option<usize> {
    let Step::Node(first) = steps.first()? else { return None };
    let name = first.node().looks_up.clone()?;
    let leads_back = |step: &Step| match step {
        Step::Node(node) => node.bound_to() == Some(&*name),
        Step::Text(_) => false,
    };
    steps.iter().position(leads_back).map(|position| position + 1)
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// The error without its trace, which would be copied into every value on the way out.
fn bare(error: &jrsonnet_evaluator::Error) -> jrsonnet_evaluator::Error {
    error.error().clone().into()
}

#[builtin(fields(
    #[trace(skip)]
    recorder: Rc<Recorder>,
    #[trace(skip)]
    file: Rc<File>,
))]
fn builtin_at(this: &builtin_at, node: u32, value: Thunk<Val>) -> Result<Val> {
    let (recorder, index) = (&this.recorder, node as usize);
    recorder.tick()?;
    let closes = this.file.nodes.get(index).is_some_and(|node| node.closes);
    if closes {
        recorder.enter()?;
    }
    let result = value.evaluate();
    if closes {
        recorder.leave();
    }
    if let Ok(value) = &result {
        recorder.forget();
        if let Some(wanted) = this.file.nodes[index].wanted {
            recorder.check(value, wanted);
        }
    }
    result.map_err(|error| {
        recorder.note(&this.file, index);
        if closes {
            recorder.close(&this.file, index);
        }
        bare(&error)
    })
}

#[builtin(fields(
    #[trace(skip)]
    recorder: Rc<Recorder>,
    #[trace(skip)]
    file: Rc<File>,
))]
fn builtin_assert(this: &builtin_assert, node: u32, value: Thunk<Val>) -> Result<Val> {
    let index = node as usize;
    let result = value.evaluate();
    let holds = matches!(result, Ok(Val::Bool(true)));
    if !holds {
        this.recorder.note(&this.file, index);
        if this.file.nodes[index].closes {
            this.recorder.close(&this.file, index);
        }
    }
    result.map_err(|error| bare(&error))
}

#[builtin(fields(
    #[trace(skip)]
    recorder: Rc<Recorder>,
    #[trace(skip)]
    file: Rc<File>,
))]
fn builtin_message(this: &builtin_message, node: u32, value: Thunk<Val>) -> Result<Val> {
    // The assertion is noted already; if its message fails, that is what counts.
    let assertion = (this.recorder.steps.take(), this.recorder.open.replace(true));
    let result = value.evaluate();
    match result {
        Ok(value) => {
            this.recorder.steps.replace(assertion.0);
            this.recorder.open.set(assertion.1);
            Ok(value)
        }
        Err(error) => {
            let index = node as usize;
            this.recorder.note(&this.file, index);
            if this.file.nodes[index].closes {
                this.recorder.close(&this.file, index);
            }
            Err(bare(&error))
        }
    }
}

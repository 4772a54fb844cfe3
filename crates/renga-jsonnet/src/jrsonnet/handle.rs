//! Values of the evaluator as [`Handle`]s.

use std::rc::Rc;
use std::sync::Arc;

use jrsonnet_evaluator::error::{ErrorKind as JrsonnetErrorKind, Result};
use jrsonnet_evaluator::{State, Val};
use serde_json::Value;

use crate::big_stack::with_big_stack;
use crate::engine::{Handle, Kind, Segment, Sink};
use crate::error::EvalError;
use crate::jrsonnet::diagnosis::Recorder;
use crate::jrsonnet::session::{Environment, Site};
use crate::request::Limits;
use crate::value::ValueSink;

/// The way from the value of a request to a value in it.
pub(super) struct Way {
    before: Option<Rc<Way>>,
    segment: Segment,
}

impl Way {
    /// The steps, outermost first.
    pub(super) fn segments(way: Option<&Rc<Self>>) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut next = way;
        while let Some(way) = next {
            segments.push(way.segment.clone());
            next = way.before.as_ref();
        }
        segments.reverse();
        segments
    }
}

/// What a handle was asked for.
#[derive(Clone, Copy)]
pub(super) enum Question<'a> {
    Field(&'a str),
    Element(usize),
    Everything,
}

/// Asks for the whole of a value, in a second run.
pub(super) fn everything(value: &Val, limits: Limits, recorder: &Recorder) -> Result<()> {
    let mut sink = ValueSink::default();
    let mut walk = Walk::new(&mut sink, limits);
    walk.recorder = Some(recorder);
    walk.value(value, 0)
}

/// What a step into a value is called in a trace.
pub(super) fn step(segment: &Segment) -> String {
    match segment {
        Segment::Field(name) => format!("Field {name:?}"),
        Segment::Element(index) => format!("Array element {index}"),
    }
}

/// A value, and the evaluation it belongs to.
#[derive(Clone)]
pub(super) struct ValHandle {
    // Dropped first: the environment's own drop collects what is left of it.
    value: Val,
    environment: Rc<Environment>,
    way: Option<Rc<Way>>,
}

impl ValHandle {
    pub(super) fn new(value: Val, environment: Rc<Environment>) -> Self {
        Self { value, environment, way: None }
    }

    fn run<T>(
        &self,
        question: Question<'_>,
        work: impl FnOnce(&Val) -> Result<T>,
    ) -> Result<T, EvalError> {
        let site = Site { way: self.way.as_ref(), question };
        self.environment.run(Some(site), || work(&self.value))
    }

    fn wrap(&self, value: Option<Val>, segment: Segment) -> Option<Box<dyn Handle>> {
        value.map(|value| -> Box<dyn Handle> {
            let way = Some(Rc::new(Way { before: self.way.clone(), segment }));
            Box::new(Self { value, environment: self.environment.clone(), way })
        })
    }
}

impl Drop for ValHandle {
    fn drop(&mut self) {
        // Long chains of values are freed recursively.
        with_big_stack(|| self.value = Val::Null);
    }
}

impl Handle for ValHandle {
    fn kind(&self) -> Kind {
        match self.value {
            Val::Null => Kind::Null,
            Val::Bool(_) => Kind::Boolean,
            Val::Num(_) => Kind::Number,
            Val::Str(_) => Kind::String,
            Val::Arr(_) => Kind::Array,
            Val::Obj(_) => Kind::Object,
            Val::Func(_) => Kind::Function,
        }
    }

    fn fields(&self) -> Vec<Arc<str>> {
        match &self.value {
            Val::Obj(object) => with_big_stack(|| {
                object.fields().iter().map(|name| Arc::from(name.as_str())).collect()
            }),
            _ => Vec::new(),
        }
    }

    fn field(&self, name: &str) -> Result<Option<Box<dyn Handle>>, EvalError> {
        let value = self.run(Question::Field(name), |value| match value {
            Val::Obj(object) => object.get(name.into()),
            _ => Ok(None),
        })?;
        Ok(self.wrap(value, Segment::Field(name.into())))
    }

    fn len(&self) -> usize {
        match &self.value {
            Val::Obj(object) => with_big_stack(|| object.fields().len()),
            Val::Arr(array) => array.len() as usize,
            _ => 0,
        }
    }

    fn element(&self, index: usize) -> Result<Option<Box<dyn Handle>>, EvalError> {
        let part = |value: &Val| match (value, u32::try_from(index)) {
            (Val::Arr(array), Ok(index)) => array.get(index),
            _ => Ok(None),
        };
        let value = self.run(Question::Element(index), part)?;
        Ok(self.wrap(value, Segment::Element(index)))
    }

    fn as_str(&self) -> Option<Arc<str>> {
        self.value.as_str().map(|text| Arc::from(text.as_str()))
    }

    fn stream(&self, sink: &mut dyn Sink) -> Result<(), EvalError> {
        let limits = self.environment.limits();
        self.run(Question::Everything, |value| Walk::new(sink, limits).value(value, 0))
    }

    fn boxed(&self) -> Box<dyn Handle> {
        Box::new(self.clone())
    }
}

/// The whole of a value as JSON.
pub(super) fn manifest(value: &Val, limits: Limits) -> Result<Value> {
    let mut sink = ValueSink::default();
    Walk::new(&mut sink, limits).value(value, 0)?;
    Ok(sink.into_value())
}

/// Evaluates everything below a value and passes it on.
struct Walk<'a> {
    sink: &'a mut dyn Sink,
    limits: Limits,
    nodes: usize,
    bytes: usize,
    /// Learns what failed.
    recorder: Option<&'a Recorder>,
}

/// The messages by which [`crate::jrsonnet::error`] knows the limits.
pub(super) const TOO_DEEP: &str = "the result nests too deeply";
pub(super) const TOO_MANY: &str = "the result holds too many values";
pub(super) const TOO_LONG: &str = "the result holds too much text";
/// go-jsonnet's words.
pub(super) const FUNCTION: &str = "couldn't manifest function as JSON";

fn error(message: &str) -> jrsonnet_evaluator::Error {
    JrsonnetErrorKind::RuntimeError(message.into()).into()
}

impl<'a> Walk<'a> {
    fn new(sink: &'a mut dyn Sink, limits: Limits) -> Self {
        Self { sink, limits, nodes: 0, bytes: 0, recorder: None }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        self.bytes += text.len();
        if self.bytes > self.limits.bytes { Err(error(TOO_LONG)) } else { Ok(()) }
    }

    /// Tells what something that failed was for.
    fn note<T>(&self, result: Result<T>, what: impl FnOnce() -> String) -> Result<T> {
        if let (Err(_), Some(recorder)) = (&result, self.recorder) {
            recorder.text(what());
        }
        result
    }

    fn value(&mut self, value: &Val, depth: usize) -> Result<()> {
        let Some(recorder) = self.recorder else { return self.parts(value, depth) };
        recorder.enter()?;
        let result = self.parts(value, depth);
        recorder.leave();
        result
    }

    fn parts(&mut self, value: &Val, depth: usize) -> Result<()> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(error(TOO_MANY));
        }
        if depth > self.limits.depth {
            return Err(error(TOO_DEEP));
        }
        match value {
            Val::Null => self.sink.null(),
            Val::Bool(value) => self.sink.boolean(*value),
            Val::Num(number) => self.sink.number(number.get()),
            Val::Str(text) => {
                let text = text.clone().into_flat();
                self.text(&text)?;
                self.sink.string(&text);
            }
            Val::Arr(array) => {
                // Lazy arrays can be longer than memory: said before room is made for them.
                let len = array.len() as usize;
                if len > self.limits.nodes - self.nodes {
                    return Err(error(TOO_MANY));
                }
                self.sink.begin_array(len);
                for (index, element) in array.iter().enumerate() {
                    let result = element.and_then(|element| self.value(&element, depth + 1));
                    self.note(result, || step(&Segment::Element(index)))?;
                }
                self.sink.end_array();
            }
            Val::Obj(object) => {
                self.note(object.run_assertions(), || "Checking object assertions".to_owned())?;
                let fields = object.fields();
                self.sink.begin_object(fields.len());
                for name in fields {
                    self.text(&name)?;
                    self.sink.key(&name);
                    let result = object
                        .get(name.clone())
                        .and_then(|value| self.value(&value.unwrap_or_default(), depth + 1));
                    self.note(result, || step(&Segment::Field(name.as_str().into())))?;
                }
                self.sink.end_object();
            }
            Val::Func(_) => return Err(error(FUNCTION)),
        }
        Ok(())
    }
}

/// Lets the evaluator find its state while `work` runs.
pub(super) fn entered<T>(state: &State, work: impl FnOnce() -> T) -> T {
    // Within a call from the evaluator (a native function) the state is there already.
    let _guard = state.try_enter();
    work()
}

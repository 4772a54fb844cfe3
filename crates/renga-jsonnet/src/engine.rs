//! Engines, sessions and values, whatever evaluates them.

use std::sync::Arc;

use renga_project::SourceRecord;
use serde_json::Value;

use crate::error::EvalError;
use crate::request::Request;
use crate::value::ValueSink;

/// Something that evaluates Jsonnet.
pub trait Engine: Send + Sync {
    /// A session for the calling thread.
    fn session(&self) -> Box<dyn Session>;
}

/// Evaluates requests one after the other on one thread, keeping what they may share.
pub trait Session {
    /// Evaluates a request as far as its outermost value; the rest happens when it is looked at.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when the program is wrong.
    fn evaluate(&mut self, request: &Request) -> Result<Evaluated, EvalError>;

    /// What native functions have read since this was last asked.
    fn take_reads(&mut self) -> SourceRecord;
}

/// The value of a request. Top-level arguments are applied already.
///
/// Dropping it (and the handles taken from it) ends the evaluation and frees its memory.
pub struct Evaluated {
    value: Box<dyn Handle>,
}

impl Evaluated {
    pub(crate) fn new(value: impl Handle + 'static) -> Self {
        Self { value: Box::new(value) }
    }

    /// The outermost value.
    pub fn value(&self) -> &dyn Handle {
        &*self.value
    }
}

impl std::ops::Deref for Evaluated {
    type Target = dyn Handle;

    fn deref(&self) -> &(dyn Handle + 'static) {
        &*self.value
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A function.
    Function,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The field of an object.
    Field(Arc<str>),
    /// The element of an array.
    Element(usize),
}

/// A value, evaluated as far as it has been looked at.
pub trait Handle {
    /// The type.
    fn kind(&self) -> Kind;

    /// The names of the visible fields, sorted bytewise. Empty for anything but an object.
    fn fields(&self) -> Vec<Arc<str>>;

    /// Evaluates a field, visible or not; `None` where there is no such field.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when the field cannot be evaluated.
    fn field(&self, name: &str) -> Result<Option<Box<dyn Handle>>, EvalError>;

    /// The number of elements of an array or visible fields of an object, otherwise 0.
    fn len(&self) -> usize;

    /// Whether [`Handle::len`] is 0.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Evaluates an element of an array; `None` where there is no such element.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when the element cannot be evaluated.
    fn element(&self, index: usize) -> Result<Option<Box<dyn Handle>>, EvalError>;

    /// The text, if the value is a string.
    fn as_str(&self) -> Option<Arc<str>>;

    /// Writes the whole value into `sink`, evaluating all of it.
    ///
    /// # Errors
    ///
    /// [`EvalError`] for what cannot be evaluated, for functions, and for values beyond the limits.
    fn stream(&self, sink: &mut dyn Sink) -> Result<(), EvalError>;

    /// Evaluates the whole value. Numbers become `f64`, fields are sorted bytewise.
    ///
    /// # Errors
    ///
    /// As [`Handle::stream`].
    fn manifest(&self) -> Result<Value, EvalError> {
        let mut sink = ValueSink::default();
        self.stream(&mut sink)?;
        Ok(sink.into_value())
    }

    /// Follows `path`; `None` where it leads nowhere.
    ///
    /// # Errors
    ///
    /// As [`Handle::field`].
    fn get(&self, path: &[Segment]) -> Result<Option<Box<dyn Handle>>, EvalError> {
        let Some((first, rest)) = path.split_first() else { return Ok(Some(self.boxed())) };
        let next = match first {
            Segment::Field(name) => self.field(name)?,
            Segment::Element(index) => self.element(*index)?,
        };
        match next {
            Some(next) => next.get(rest),
            None => Ok(None),
        }
    }

    /// Another handle of the same value.
    fn boxed(&self) -> Box<dyn Handle>;
}

/// Receives a value piece by piece.
pub trait Sink {
    /// `null`
    fn null(&mut self);
    /// A boolean.
    fn boolean(&mut self, value: bool);
    /// A number, always finite.
    fn number(&mut self, value: f64);
    /// A string.
    fn string(&mut self, value: &str);
    /// The start of an array of `len` elements.
    fn begin_array(&mut self, len: usize);
    /// The end of the innermost array.
    fn end_array(&mut self);
    /// The start of an object with `len` fields; for each of them a key and a value follow.
    fn begin_object(&mut self, len: usize);
    /// The name of the next field.
    fn key(&mut self, name: &str);
    /// The end of the innermost object.
    fn end_object(&mut self);
}

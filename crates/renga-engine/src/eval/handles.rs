//! Values from outside: evaluated as they are looked at.

use std::sync::Arc;

use super::{Evaluation, Vm};
use crate::error::{ErrorKind, EvalError, Res, Step, failure};
use crate::heap::value::Value;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Function,
}

/// A value of an [`Evaluation`]; it lives as long as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(usize);

/// Receives a value piece by piece. Names of fields come before their values, sorted bytewise.
#[expect(missing_docs, reason = "the names say it")]
pub trait Sink {
    fn null(&mut self);
    fn boolean(&mut self, value: bool);
    fn number(&mut self, value: f64);
    fn string(&mut self, value: &str);
    fn begin_array(&mut self, len: usize);
    fn end_array(&mut self);
    fn begin_object(&mut self, len: usize);
    fn key(&mut self, name: &str);
    fn end_object(&mut self);
}

impl Evaluation<'_> {
    /// The outermost value.
    pub fn root(&mut self) -> Handle {
        let value = self.value;
        self.hold(value)
    }

    fn hold(&mut self, value: Value) -> Handle {
        self.vm.keep(value);
        Handle(self.vm.kept.len() - 1)
    }

    fn held(&self, handle: Handle) -> Value {
        self.vm.kept[handle.0]
    }

    /// The type.
    pub fn kind(&self, handle: Handle) -> Kind {
        match self.held(handle) {
            Value::Bool(_) => Kind::Boolean,
            Value::Num(_) => Kind::Number,
            Value::Str(_) => Kind::String,
            Value::Arr(_) => Kind::Array,
            Value::Obj(_) => Kind::Object,
            Value::Fun(_) => Kind::Function,
            _ => Kind::Null,
        }
    }

    /// The names of the visible fields, sorted bytewise. Empty for anything but an object.
    pub fn fields(&mut self, handle: Handle) -> Vec<Arc<str>> {
        let Value::Obj(object) = self.held(handle) else { return Vec::new() };
        let names = self.vm.field_names(object, false);
        names.into_iter().map(|name| Arc::from(&**self.vm.symbols.name(name))).collect()
    }

    /// The number of elements or of visible fields.
    pub fn count(&mut self, handle: Handle) -> usize {
        match self.held(handle) {
            Value::Arr(array) => self.vm.heap.array_len(array),
            Value::Obj(object) => self.vm.field_count(object),
            _ => 0,
        }
    }

    /// Evaluates a field, visible or not; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when it cannot be evaluated.
    pub fn field(&mut self, handle: Handle, name: &str) -> Result<Option<Handle>, EvalError> {
        let Value::Obj(object) = self.held(handle) else { return Ok(None) };
        if !self.vm.has_field(object, name, true) {
            return Ok(None);
        }
        let symbol = self.vm.symbols.number(name);
        let value = self.vm.field_or_fail(object, symbol);
        let value = self.outside(value, |error| error.step(Step::Field(name.into())))?;
        Ok(Some(self.hold(value)))
    }

    /// Evaluates an element of an array; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when it cannot be evaluated.
    pub fn element(&mut self, handle: Handle, at: usize) -> Result<Option<Handle>, EvalError> {
        let Value::Arr(array) = self.held(handle) else { return Ok(None) };
        if at >= self.vm.heap.array_len(array) {
            return Ok(None);
        }
        let value = self.vm.element(array, at);
        let value = self.outside(value, |error| error.step(Step::Element(at)))?;
        Ok(Some(self.hold(value)))
    }

    /// The text of a string.
    pub fn text(&mut self, handle: Handle) -> Option<Arc<str>> {
        let Value::Str(string) = self.held(handle) else { return None };
        Some(Arc::from(&*self.vm.heap.text(string)))
    }

    /// Writes the whole value into `sink`, evaluating all of it.
    ///
    /// # Errors
    ///
    /// [`EvalError`] for what cannot be evaluated, and for functions.
    pub fn stream(&mut self, handle: Handle, sink: &mut dyn Sink) -> Result<(), EvalError> {
        let value = self.held(handle);
        let result = self.vm.stream(value, sink);
        self.outside(result, |error| error.step(Step::Label("During manifestation")))
    }

    /// Makes an error of what failed, and the evaluation fit for the next question.
    fn outside<T>(
        &mut self,
        result: Res<T>,
        step: impl FnOnce(crate::error::Fail) -> crate::error::Fail,
    ) -> Result<T, EvalError> {
        result.map_err(|error| {
            let error = self.vm.finish_error(step(error));
            self.vm.stack.clear();
            self.vm.depth = 0;
            self.vm.pending = None;
            self.vm.trimmed = false;
            error
        })
    }
}

impl Vm<'_> {
    /// Writes a value, which is kept.
    fn stream(&mut self, value: Value, sink: &mut dyn Sink) -> Res<()> {
        match value {
            Value::Bool(value) => sink.boolean(value),
            Value::Num(value) => sink.number(value),
            Value::Str(string) => match self.heap.flat(string) {
                Some(text) => sink.string(text),
                None => sink.string(&self.heap.text(string)),
            },
            Value::Fun(_) => {
                return Err(failure(ErrorKind::Manifest, "couldn't manifest function as JSON"));
            }
            Value::Arr(array) => {
                self.enter()?;
                let len = self.heap.array_len(array);
                sink.begin_array(len);
                for at in 0..len {
                    let element =
                        self.element(array, at).map_err(|error| error.step(Step::Element(at)))?;
                    self.stack.push(element);
                    stacker::maybe_grow(super::RED_ZONE, super::GROWTH, || {
                        self.stream(element, sink)
                    })
                    .map_err(|error| error.step(Step::Element(at)))?;
                    self.stack.pop();
                }
                sink.end_array();
                self.leave();
            }
            Value::Obj(object) => {
                self.enter()?;
                let shape = self.shape_of(object);
                self.check_assertions(object, &shape)
                    .map_err(|error| error.step(Step::Label("Checking object assertions")))?;
                let names = self.field_names(object, false);
                sink.begin_object(names.len());
                for name in names {
                    let text = self.symbols.name(name).clone();
                    sink.key(&text);
                    let field = self
                        .field_or_fail(object, name)
                        .map_err(|error| error.step(Step::Field(text.clone())))?;
                    self.stack.push(field);
                    stacker::maybe_grow(super::RED_ZONE, super::GROWTH, || {
                        self.stream(field, sink)
                    })
                    .map_err(|error| error.step(Step::Field(text)))?;
                    self.stack.pop();
                }
                sink.end_object();
                self.leave();
            }
            _ => sink.null(),
        }
        Ok(())
    }
}

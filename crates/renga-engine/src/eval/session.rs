//! Evaluation from outside: settings, a result, the errors.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use renga_syntax::{LineIndex, Span};

use super::Vm;
use crate::error::{ErrorKind, EvalError, Fail, Frame, Res, Step, failure};
use crate::heap::value::{Function, Value};
use crate::source::{Host, Source};

/// go-jsonnet's depth of calls.
const DEFAULT_STACK: usize = 500;

/// A value given from outside.
#[derive(Clone, Debug)]
pub enum Variable {
    /// A string.
    Str(String),
    /// Code, evaluated when it is asked for.
    Code(String),
}

/// What an evaluation is given beside its file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How deep calls may nest; 0 for go-jsonnet's 500.
    pub max_stack: usize,
    /// What `std.extVar` gives.
    pub ext_vars: Vec<(String, Variable)>,
    /// Arguments for a result that is a function.
    pub tlas: Vec<(String, Variable)>,
    /// How many bytes values may take, roughly; 0 for no limit.
    pub memory: usize,
    /// Collects garbage at every step: slow, for tests of the engine itself.
    pub stress: bool,
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// As JSON.
    Json,
    /// A string, as it is.
    Text,
    /// An object of files; each as JSON.
    Files,
    /// An object of files; each a string.
    TextFiles,
    /// An array of documents, each as JSON.
    Documents,
}

/// The evaluation of one file.
pub struct Evaluation<'h> {
    pub(super) vm: Vm<'h>,
    pub(super) value: Value,
}

impl<'h> Evaluation<'h> {
    /// Evaluates a file as far as its outermost value. A result that is a function is called.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when the code is wrong.
    pub fn new(
        host: Rc<dyn Host + 'h>,
        settings: &Settings,
        source: &Arc<Source>,
    ) -> Result<Self, EvalError> {
        let max_stack = if settings.max_stack == 0 { DEFAULT_STACK } else { settings.max_stack };
        let mut vm = Vm::new(host, max_stack, settings.memory, settings.stress);
        match vm.start(settings, source) {
            Ok(value) => {
                vm.keep(value);
                Ok(Self { vm, value })
            }
            Err(error) => Err(vm.finish_error(error)),
        }
    }

    /// Writes the result. One piece for [`Output::Json`] and [`Output::Text`], with an empty name;
    /// otherwise one for each file or document.
    ///
    /// # Errors
    ///
    /// [`EvalError`] when something in the result cannot be evaluated or is no data.
    pub fn manifest(&mut self, output: Output) -> Result<Vec<(String, String)>, EvalError> {
        let result = self.vm.written(self.value, output);
        result.map_err(|error| {
            let error = error.step(Step::Label("During manifestation"));
            self.vm.finish_error(error)
        })
    }

    /// Bytes in use, roughly.
    pub fn memory(&self) -> usize {
        self.vm.heap.live + self.vm.heap.fresh
    }
}

impl Vm<'_> {
    fn start(&mut self, settings: &Settings, source: &Arc<Source>) -> Res<Value> {
        let file = self.load(source)?;
        for (name, variable) in &settings.ext_vars {
            let value = self.variable_value("extvar", name, variable)?;
            self.ext_vars.insert(name.clone(), value);
        }
        let value =
            self.run_file(file).map_err(|error| error.step(Step::Label("During evaluation")))?;
        let Value::Fun(function) = value else { return Ok(value) };
        self.stack.push(value);
        let mut arguments = Vec::with_capacity(settings.tlas.len());
        for (name, variable) in &settings.tlas {
            let value = self.variable_value("top-level-arg", name, variable)?;
            self.keep(value);
            arguments.push((name.as_str(), value));
        }
        let result = self.call_named(function, &arguments);
        let value = result.map_err(|error| error.step(Step::Label("Top-level function call")))?;
        self.stack.pop();
        Ok(value)
    }

    fn variable_value(&mut self, kind: &str, name: &str, variable: &Variable) -> Res<Value> {
        match variable {
            Variable::Str(text) => Ok(self.heap.string(text.as_str())),
            Variable::Code(code) => {
                let source = Source::snippet(format!("<{kind}:{name}>"), code.as_bytes());
                match self.later(&Arc::new(source)) {
                    Ok(value) => Ok(value),
                    // go-jsonnet finds the mistake when the variable is used.
                    Err(error) if kind == "extvar" => {
                        self.broken.insert(name.to_owned(), error);
                        Ok(Value::Unset)
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Calls a function with named arguments only.
    fn call_named(&mut self, function: u32, arguments: &[(&str, Value)]) -> Res<Value> {
        let params: Vec<(String, bool)> = match *self.heap.functions.get(function) {
            Function::Closure { function, env } => {
                let file = self.files[self.heap.envs.head(env).file as usize].clone();
                let ir = file.code.functions[function as usize];
                file.code.params[ir.params as usize..(ir.params + ir.param_count) as usize]
                    .iter()
                    .map(|param| {
                        let optional = param.default != crate::analysis::code::NO_NODE;
                        (file.code.str(param.name).to_owned(), optional)
                    })
                    .collect()
            }
            Function::Library(library) => {
                let entry = &crate::library::names::LIBRARY[library as usize];
                let required = entry.params.len() - entry.optional;
                (0..)
                    .zip(entry.params)
                    .map(|(at, name)| ((*name).to_owned(), at >= required))
                    .collect()
            }
            Function::Native(native) => self.natives[native as usize]
                .params
                .iter()
                .map(|name| (name.clone(), false))
                .collect(),
            Function::Free => Vec::new(),
        };
        for (name, _) in arguments {
            if !params.iter().any(|(param, _)| param == name) {
                let message = format!("function has no parameter {name}");
                return Err(failure(ErrorKind::Runtime, message));
            }
        }
        let mut values = Vec::with_capacity(params.len());
        for (param, optional) in &params {
            match arguments.iter().find(|(name, _)| name == param) {
                Some(&(_, value)) => values.push(value),
                None if *optional => values.push(Value::Unset),
                None => {
                    return Err(failure(ErrorKind::Runtime, format!("Missing argument: {param}")));
                }
            }
        }
        self.call(function, &values)
    }

    /// Resolves the steps of an error.
    #[expect(clippy::boxed_local, reason = "errors travel boxed")]
    pub(crate) fn finish_error(&mut self, error: Fail) -> EvalError {
        if let Some((place, snippet)) = error.place {
            return EvalError::new(error.kind, error.message, vec![place], snippet);
        }
        let mut lines: HashMap<u32, LineIndex> = HashMap::new();
        let frames = error
            .steps
            .iter()
            .map(|step| match step {
                Step::Node { file, node } => {
                    let context = self.files[*file as usize].code.node_contexts[*node as usize];
                    let context = self.files[*file as usize].code.context(context);
                    self.placed(&mut lines, *file, *node, context)
                }
                Step::Plus { file, node } => self.placed(&mut lines, *file, *node, "+:".to_owned()),
                Step::Nowhere => label(""),
                Step::Label(text) => label(text),
                Step::Field(name) => {
                    label(&format!("Field {}", crate::manifest::number::go_quote(name)))
                }
                Step::Element(at) => label(&format!("Array element {at}")),
            })
            .collect();
        EvalError::new(error.kind, error.message, frames, String::new())
    }

    fn placed(
        &self,
        lines: &mut HashMap<u32, LineIndex>,
        file: u32,
        node: u32,
        context: String,
    ) -> Frame {
        let loaded = &self.files[file as usize];
        let Span { start, end } = loaded.code.spans[node as usize];
        let lines = lines.entry(file).or_insert_with(|| LineIndex::new(&loaded.source.text()));
        Frame {
            file: loaded.name.to_string(),
            place: Some((lines.position(start), lines.position(end))),
            context,
        }
    }
}

fn label(text: &str) -> Frame {
    Frame { file: text.to_owned(), place: None, context: String::new() }
}

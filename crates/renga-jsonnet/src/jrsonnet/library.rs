//! The variables every file sees: `std`, and what our edits of the code read.

#![expect(clippy::needless_pass_by_value, reason = "builtin functions take their arguments so")]
#![expect(clippy::mutable_key_type, reason = "interned strings hash by their address")]

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use jrsonnet_evaluator::error::{ErrorKind as JrsonnetErrorKind, Result};
use jrsonnet_evaluator::function::builtin::Builtin;
use jrsonnet_evaluator::function::{CallLocation, FuncVal, FunctionSignature, builtin};
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::val::ThunkValue;
use jrsonnet_evaluator::{
    ContextInitializer, IStr, InitialContextBuilder, ObjValue, ObjValueBuilder, Source, Thunk, Val,
};
use jrsonnet_gcmodule::{Acyclic, Cc, Trace};
use jrsonnet_ir::function::{ParamDefault, ParamName, ParamParse};
use renga_project::SourceRecord;
use serde_json::Value;

use crate::big_stack;
use crate::concat::{FORMAT, TEXT};
use crate::jrsonnet::diagnosis::Recorder;
use crate::jrsonnet::resolver::{FileId, JSON};
use crate::jrsonnet::{JrsonnetEngine, format, handle, json, standard};
use crate::native::{CallContext, Native, Natives};
use crate::request::{Limits, Log, SilentLog};
use crate::scan::{PROBE, TRACE_AT};
use crate::sources::Sources;

/// What the functions of `std` know about the current request.
pub(super) struct Settings {
    ext_vars: RefCell<HashMap<IStr, Thunk<Val>>>,
    entrypoint: RefCell<PathBuf>,
    /// What `main` is in the request's expression.
    main: RefCell<Option<Thunk<Val>>>,
    sources: Sources,
    natives: Natives,
    limits: Limits,
    log: Arc<dyn Log>,
    recorder: Option<Rc<Recorder>>,
    /// What native functions read.
    reads: RefCell<SourceRecord>,
}

impl Settings {
    pub(super) fn new(engine: &JrsonnetEngine, recorder: Option<Rc<Recorder>>) -> Self {
        Self {
            ext_vars: RefCell::default(),
            entrypoint: RefCell::default(),
            main: RefCell::default(),
            sources: engine.sources.clone(),
            natives: engine.natives.clone(),
            limits: engine.limits,
            // A second run says nothing.
            log: if recorder.is_some() { Arc::new(SilentLog) } else { engine.log.clone() },
            recorder,
            reads: RefCell::default(),
        }
    }

    /// Sets what a request brings.
    pub(super) fn begin(&self, entrypoint: PathBuf, ext_vars: HashMap<IStr, Thunk<Val>>) {
        self.main.take();
        self.ext_vars.replace(ext_vars);
        self.entrypoint.replace(entrypoint);
    }

    pub(super) fn set_main(&self, main: Thunk<Val>) {
        self.main.replace(Some(main));
    }

    /// What native functions have read since this was last asked.
    pub(super) fn take_reads(&self) -> SourceRecord {
        self.reads.take()
    }

    /// Lets go of what the request brought.
    pub(super) fn clear(&self) {
        self.main.take();
        self.ext_vars.take();
    }
}

/// Gives each file its variables.
#[derive(Trace)]
pub(super) struct Library {
    #[trace(skip)]
    settings: Rc<Settings>,
    std: ObjValue,
    probe: Thunk<Val>,
    /// What operands of concatenations are wrapped in.
    text: Thunk<Val>,
    /// What formats become calls of.
    format: Thunk<Val>,
}

impl Library {
    pub(super) fn new(settings: Rc<Settings>) -> Self {
        let base =
            jrsonnet_stdlib::stdlib_uncached(Cc::new(RefCell::new(jrsonnet_stdlib::Settings {
                ext_vars: HashMap::new(),
                ext_natives: HashMap::new(),
                trace_printer: Rc::new(NoTrace),
                path_resolver: PathResolver::Absolute,
            })));
        let mut std = ObjValueBuilder::new();
        std.with_super(base);
        standard::add(&mut std);
        std.method("extVar", builtin_ext_var { settings: settings.clone() });
        std.method("native", builtin_native { settings: settings.clone() });
        let text = Thunk::evaluated(Val::Func(standard::concatenated()));
        let format = Thunk::evaluated(Val::Func(format::function()));
        Self { settings, std: std.build(), probe: Thunk::new(StackProbe), text, format }
    }
}

impl ContextInitializer for Library {
    fn populate(&self, file: Source, builder: &mut InitialContextBuilder) {
        let id = file.source_path().downcast_ref::<FileId>();
        if file.code() == JSON
            && let Some(id) = id
        {
            let (sources, path) = (self.settings.sources.clone(), id.path.clone());
            builder.bind(JSON, Thunk::new(JsonFile { sources, path }));
            return;
        }
        let mut std = ObjValueBuilder::new();
        std.with_super(self.std.clone());
        std.field("thisFile").hide().value(file_name(&file));
        if file.code().contains(TRACE_AT) {
            let (settings, file) = (self.settings.clone(), file_name(&file));
            std.method(TRACE_AT, builtin_trace_at { settings, file });
        }
        builder.bind("std", Thunk::evaluated(Val::Obj(std.build())));
        builder.bind(PROBE, self.probe.clone());
        builder.bind(TEXT, self.text.clone());
        builder.bind(FORMAT, self.format.clone());
        if let (Some(recorder), Some(id)) = (&self.settings.recorder, id) {
            recorder.bind(&id.path, builder);
        }
        if id.is_some_and(|id| id.path == Path::new(EXPRESSION))
            && let Some(main) = &*self.settings.main.borrow()
        {
            builder.bind("main", main.clone());
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The name of the request's expression.
pub(super) const EXPRESSION: &str = "<expression>";

/// The value of a JSON file.
#[derive(Trace)]
struct JsonFile {
    #[trace(skip)]
    sources: Sources,
    #[trace(skip)]
    path: PathBuf,
}

impl ThunkValue for JsonFile {
    type Output = Val;

    fn get(&self) -> Result<Val> {
        let text = self.sources.load(&self.path).and_then(|file| file.text().cloned());
        let text = text.map_err(|error| JrsonnetErrorKind::ImportIo(error.to_string()))?;
        json::read(&text)
    }
}

/// What a file is called in errors and by `std.thisFile`.
pub(super) fn file_name(file: &Source) -> String {
    let path = file.source_path();
    match path.downcast_ref::<FileId>() {
        Some(id) => id.path.display().to_string(),
        None => path.to_string().trim_start_matches("virtual:").to_owned(),
    }
}

#[derive(Acyclic)]
struct NoTrace;

impl jrsonnet_stdlib::TracePrinter for NoTrace {
    fn print_trace(&self, _location: CallLocation<'_>, _value: IStr) {}
}

/// True as long as there is stack left.
#[derive(Trace)]
struct StackProbe;

impl ThunkValue for StackProbe {
    type Output = Val;

    fn get(&self) -> Result<Val> {
        big_stack::probe();
        Ok(Val::Bool(true))
    }
}

#[builtin(fields(
    #[trace(skip)]
    settings: Rc<Settings>,
))]
fn builtin_ext_var(this: &builtin_ext_var, x: IStr) -> Result<Val> {
    let variable = this.settings.ext_vars.borrow().get(&x).cloned();
    variable.ok_or(JrsonnetErrorKind::UndefinedExternalVariable(x))?.evaluate()
}

#[builtin(fields(
    #[trace(skip)]
    settings: Rc<Settings>,
))]
fn builtin_native(this: &builtin_native, name: IStr) -> Val {
    match this.settings.natives.get(&name) {
        None => Val::Null,
        Some(native) => {
            Val::Func(FuncVal::builtin(NativeFunction::new(native.clone(), this.settings.clone())))
        }
    }
}

#[builtin(fields(
    #[trace(skip)]
    settings: Rc<Settings>,
    file: String,
))]
fn builtin_trace_at(this: &builtin_trace_at, line: u32) -> FuncVal {
    let (settings, file) = (this.settings.clone(), this.file.clone());
    FuncVal::builtin(builtin_trace { settings, file, line })
}

#[builtin(fields(
    #[trace(skip)]
    settings: Rc<Settings>,
    file: String,
    line: u32,
))]
fn builtin_trace(this: &builtin_trace, str: IStr, rest: Thunk<Val>) -> Result<Val> {
    this.settings.log.trace(&this.file, this.line, &str);
    rest.evaluate()
}

/// A native function as the evaluator calls it.
#[derive(Trace)]
struct NativeFunction {
    #[trace(skip)]
    native: Arc<dyn Native>,
    #[trace(skip)]
    settings: Rc<Settings>,
    params: FunctionSignature,
}

impl NativeFunction {
    fn new(native: Arc<dyn Native>, settings: Rc<Settings>) -> Self {
        let param =
            |name: &&str| ParamParse::new(ParamName::Named((*name).into()), ParamDefault::None);
        let params = FunctionSignature::new(native.params().iter().map(param).collect());
        Self { native, settings, params }
    }
}

impl Builtin for NativeFunction {
    fn name(&self) -> &str {
        self.native.name()
    }

    fn params(&self) -> FunctionSignature {
        self.params.clone()
    }

    fn call(&self, location: CallLocation<'_>, arguments: &[Option<Thunk<Val>>]) -> Result<Val> {
        let arguments: Vec<Value> = arguments
            .iter()
            .map(|argument| match argument {
                Some(thunk) => handle::manifest(&thunk.evaluate()?, self.settings.limits),
                None => Ok(Value::Null),
            })
            .collect::<Result<_>>()?;
        let file = location.0.map(|span| file_name(&span.0));
        let entrypoint = self.settings.entrypoint.borrow().clone();
        let (file, reads) = (file.as_deref(), &self.settings.reads);
        let context = CallContext { file, entrypoint: &entrypoint, reads };
        let result = self
            .native
            .call(&arguments, &context)
            .map_err(|error| JrsonnetErrorKind::RuntimeError(error.to_string().into()))?;
        Ok(to_val(&result))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// JSON as a value of the evaluator.
pub(super) fn to_val(value: &Value) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(value) => Val::Bool(*value),
        Value::Number(number) => {
            number.as_f64().and_then(jrsonnet_evaluator::NumValue::new).map_or(Val::Null, Val::Num)
        }
        Value::String(text) => Val::string(text.as_str()),
        Value::Array(elements) => Val::arr(elements.iter().map(to_val).collect::<Vec<_>>()),
        Value::Object(fields) => {
            let mut object = ObjValueBuilder::with_capacity(fields.len());
            for (name, value) in fields {
                object.field(name.as_str()).value(to_val(value));
            }
            Val::Obj(object.build())
        }
    }
}

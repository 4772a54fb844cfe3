//! Calls.

use std::rc::Rc;

use super::{GROWTH, Loaded, Pending, RED_ZONE, Vm};
use crate::analysis::code::{CallIr, FunctionIr, Id, NO_NODE};
use crate::error::{ErrorKind, Fail, Res, Step, fail, failure};
use crate::heap::value::{Function, Value};
use crate::library::names::{self, LIBRARY};

impl Vm<'_> {
    pub(super) fn call_node(
        &mut self,
        file: &Loaded,
        id: Id,
        target: Id,
        call: u32,
        env: u32,
        tail: bool,
    ) -> Res<Value> {
        let target = self.eval(file, target, env, false)?;
        let Value::Fun(function) = target else {
            let error = self.expected(target, "function");
            return Err(self.step(error, file, id));
        };
        let call = file.code.calls[call as usize];
        if let Function::Closure { function, env: outer } = *self.heap.functions.get(function) {
            let callee = self.files[self.heap.envs.head(outer).file as usize].clone();
            let prepared = self.closure_frame(file, &call, env, &callee, function, outer);
            let frame = prepared.map_err(|error| self.step(error, file, id))?;
            if call.tailstrict {
                self.stack.push(Value::Env(frame));
                let forced = self.force_arguments(&callee, function, frame);
                forced.map_err(|error| self.step(error, file, id))?;
                self.stack.pop();
            }
            if tail {
                self.pending = Some(Pending {
                    function,
                    env: frame,
                    tailstrict: call.tailstrict,
                    file: file.number,
                    node: id,
                });
                return Ok(Value::TailCall);
            }
            let result = self.run(&callee, function, frame, call.tailstrict);
            return result.map_err(|error| self.step(error, file, id));
        }
        self.stack.push(target);
        let result = match *self.heap.functions.get(function) {
            Function::Library(library) => self.call_library_with(file, library, &call, env),
            Function::Native(native) => self.call_native_with(file, native, &call, env),
            Function::Closure { .. } | Function::Free => Ok(Value::Null),
        };
        let value = result.map_err(|error| self.step(error, file, id))?;
        self.stack.pop();
        Ok(value)
    }

    pub(super) fn call_library_node(
        &mut self,
        file: &Loaded,
        id: Id,
        library: u16,
        call: u32,
        env: u32,
    ) -> Res<Value> {
        let call = file.code.calls[call as usize];
        self.call_site = (file.number, id);
        let result = self.call_library_with(file, library, &call, env);
        result.map_err(|error| self.step(error, file, id))
    }

    /// A frame for a call, with the arguments of a call node.
    fn closure_frame(
        &mut self,
        file: &Loaded,
        call: &CallIr,
        env: u32,
        callee: &Rc<Loaded>,
        function: u32,
        outer: u32,
    ) -> Res<u32> {
        let ir = callee.code.functions[function as usize];
        if call.positional > ir.param_count {
            return Err(too_many(ir.param_count, call.positional));
        }
        let frame = self.heap.envs.add(outer, callee.number, ir.frame);
        self.heap.fresh += 16 + ir.frame as usize * 16;
        let mut given = call.positional;
        for at in 0..call.positional {
            let node = file.code.lists[(call.args + at) as usize];
            let value = self.delay(file, node, env);
            self.heap.envs.set(frame, at, value);
        }
        for at in 0..call.named {
            let name = file.code.str(file.code.lists[(call.names + at) as usize]);
            let slot = (0..ir.param_count).find(|&slot| {
                callee.code.str(callee.code.params[(ir.params + slot) as usize].name) == name
            });
            let Some(slot) = slot else { return fail(format!("function has no parameter {name}")) };
            if self.heap.envs.get(frame, slot) != Value::Unset {
                return fail(format!("Argument {name} already provided"));
            }
            let node = file.code.lists[(call.args + call.positional + at) as usize];
            let value = self.delay(file, node, env);
            self.heap.envs.set(frame, slot, value);
            given += 1;
        }
        if given < ir.param_count {
            self.defaults(callee, ir, frame)?;
        }
        Ok(frame)
    }

    /// Fills what was not given.
    fn defaults(&mut self, callee: &Loaded, ir: FunctionIr, frame: u32) -> Res<()> {
        for slot in 0..ir.param_count {
            if self.heap.envs.get(frame, slot) != Value::Unset {
                continue;
            }
            let param = callee.code.params[(ir.params + slot) as usize];
            if param.default == NO_NODE {
                return fail(format!("Missing argument: {}", callee.code.str(param.name)));
            }
        }
        for slot in 0..ir.param_count {
            if self.heap.envs.get(frame, slot) == Value::Unset {
                let param = callee.code.params[(ir.params + slot) as usize];
                let value = self.delay(callee, param.default, frame);
                self.heap.envs.set(frame, slot, value);
            }
        }
        Ok(())
    }

    fn force_arguments(&mut self, callee: &Loaded, function: u32, frame: u32) -> Res<()> {
        let count = callee.code.functions[function as usize].param_count;
        for slot in 0..count {
            let argument = self.heap.envs.get(frame, slot);
            let value = self.force(argument)?;
            self.heap.envs.set(frame, slot, value);
        }
        Ok(())
    }

    /// Runs a function in its frame.
    fn run(
        &mut self,
        callee: &Rc<Loaded>,
        function: u32,
        frame: u32,
        tailstrict: bool,
    ) -> Res<Value> {
        let base = self.stack.len();
        self.stack.push(Value::Env(frame));
        self.enter()?;
        let body = callee.code.functions[function as usize].body;
        let value = if tailstrict {
            stacker::maybe_grow(RED_ZONE, GROWTH, || self.eval(callee, body, frame, true))?
        } else {
            stacker::maybe_grow(RED_ZONE, GROWTH, || self.eval(callee, body, frame, false))?
        };
        self.stack.truncate(base);
        self.leave();
        if value == Value::TailCall { self.run_pending() } else { Ok(value) }
    }

    /// Runs the pending call, and those it leaves pending.
    pub(super) fn run_pending(&mut self) -> Res<Value> {
        let base = self.stack.len();
        while let Some(pending) = self.pending.take() {
            self.stack.push(Value::Env(pending.env));
            let result = self.run_one(pending);
            let value = result.map_err(|error| {
                // The calls that were replaced are not in the trace.
                self.trimmed = true;
                error.step(Step::Node { file: pending.file, node: pending.node })
            })?;
            self.stack.truncate(base);
            if value != Value::TailCall {
                return Ok(value);
            }
        }
        Ok(Value::Null)
    }

    fn run_one(&mut self, pending: Pending) -> Res<Value> {
        self.enter()?;
        let callee = self.files[self.heap.envs.head(pending.env).file as usize].clone();
        let body = callee.code.functions[pending.function as usize].body;
        let value = stacker::maybe_grow(RED_ZONE, GROWTH, || {
            self.eval(&callee, body, pending.env, pending.tailstrict)
        })?;
        self.leave();
        Ok(value)
    }

    /// Calls a function with arguments, evaluated or not. The function is kept.
    pub(crate) fn call(&mut self, function: u32, arguments: &[Value]) -> Res<Value> {
        match *self.heap.functions.get(function) {
            Function::Closure { function, env } => {
                let callee = self.files[self.heap.envs.head(env).file as usize].clone();
                let ir = callee.code.functions[function as usize];
                let given = u32::try_from(arguments.len()).unwrap_or(u32::MAX);
                if given > ir.param_count {
                    return Err(too_many(ir.param_count, given));
                }
                let frame = self.heap.envs.add(env, callee.number, ir.frame);
                self.heap.fresh += 16 + ir.frame as usize * 16;
                let mut complete = given == ir.param_count;
                for (slot, &argument) in (0..).zip(arguments) {
                    complete &= argument != Value::Unset;
                    self.heap.envs.set(frame, slot, argument);
                }
                if !complete {
                    self.defaults(&callee, ir, frame)?;
                }
                self.run(&callee, function, frame, false)
            }
            Function::Library(library) => {
                let base = self.stack.len();
                let entry = &LIBRARY[library as usize];
                if arguments.len() > entry.params.len() {
                    return Err(too_many(number(entry.params.len()), number(arguments.len())));
                }
                self.stack.extend_from_slice(arguments);
                self.stack.resize(base + entry.params.len(), Value::Unset);
                self.run_library(library, base)
            }
            Function::Native(native) => {
                let base = self.stack.len();
                let count = self.natives[native as usize].params.len();
                if arguments.len() > count {
                    return Err(too_many(number(count), number(arguments.len())));
                }
                self.stack.extend_from_slice(arguments);
                self.stack.resize(base + count, Value::Unset);
                self.run_native(native, base)
            }
            Function::Free => Ok(Value::Null),
        }
    }

    fn call_library_with(
        &mut self,
        file: &Loaded,
        library: u16,
        call: &CallIr,
        env: u32,
    ) -> Res<Value> {
        let base = self.stack.len();
        let params = LIBRARY[library as usize].params;
        self.push_arguments(file, call, env, params.len(), |name| {
            params.iter().position(|param| *param == name)
        })?;
        self.run_library(library, base)
    }

    fn call_native_with(
        &mut self,
        file: &Loaded,
        native: u32,
        call: &CallIr,
        env: u32,
    ) -> Res<Value> {
        let base = self.stack.len();
        let params = self.natives[native as usize].params.clone();
        self.push_arguments(file, call, env, params.len(), |name| {
            params.iter().position(|param| param == name)
        })?;
        self.run_native(native, base)
    }

    /// Puts the arguments of a call node on the stack, [`Value::Unset`] for those not given.
    fn push_arguments(
        &mut self,
        file: &Loaded,
        call: &CallIr,
        env: u32,
        count: usize,
        find: impl Fn(&str) -> Option<usize>,
    ) -> Res<()> {
        let base = self.stack.len();
        if call.positional as usize > count {
            return Err(too_many(number(count), call.positional));
        }
        for at in 0..call.positional {
            let node = file.code.lists[(call.args + at) as usize];
            let value = self.delay(file, node, env);
            self.stack.push(value);
        }
        self.stack.resize(base + count, Value::Unset);
        for at in 0..call.named {
            let name = file.code.str(file.code.lists[(call.names + at) as usize]);
            let Some(slot) = find(name) else {
                return fail(format!("function has no parameter {name}"));
            };
            if self.stack[base + slot] != Value::Unset {
                return fail(format!("Argument {name} already provided"));
            }
            let node = file.code.lists[(call.args + call.positional + at) as usize];
            let value = self.delay(file, node, env);
            self.stack[base + slot] = value;
        }
        Ok(())
    }

    /// Runs a function of the library on the arguments from `base` on, and takes them away.
    fn run_library(&mut self, library: u16, base: usize) -> Res<Value> {
        let entry = &LIBRARY[library as usize];
        let required = entry.params.len() - entry.optional;
        for (at, name) in entry.params.iter().enumerate() {
            let argument = self.stack[base + at];
            match argument {
                Value::Unset if at < required => return fail(format!("Missing argument: {name}")),
                Value::Thunk(thunk) if entry.lazy & (1 << at) == 0 => {
                    let value = self.force_thunk(thunk)?;
                    self.stack[base + at] = value;
                }
                _ => {}
            }
        }
        let value = stacker::maybe_grow(RED_ZONE, GROWTH, || names::run(self, library, base))?;
        self.stack.truncate(base);
        Ok(value)
    }

    fn run_native(&mut self, native: u32, base: usize) -> Res<Value> {
        let count = self.natives[native as usize].params.len();
        let mut arguments = Vec::with_capacity(count);
        for at in 0..count {
            let argument = self.stack[base + at];
            if argument == Value::Unset {
                let name = &self.natives[native as usize].params[at];
                return fail(format!("Missing argument: {name}"));
            }
            let value = self.force(argument)?;
            self.stack[base + at] = value;
            arguments.push(self.to_json(value)?);
        }
        let name = self.natives[native as usize].name.clone();
        let result = self
            .host
            .call_native(&name, &arguments)
            .map_err(|message| failure(ErrorKind::Runtime, message))?;
        self.stack.truncate(base);
        self.from_json(&result)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cold]
fn too_many(expected: u32, got: u32) -> Fail {
    let message = format!("function expected {expected} positional argument(s), but got {got}");
    failure(ErrorKind::Runtime, message)
}

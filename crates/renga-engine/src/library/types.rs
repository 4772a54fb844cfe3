//! Types, equality, and what reaches outside.

use crate::analysis::code::NO_NODE;
use crate::error::{Res, fail};
use crate::eval::{NativeFunction, Vm};
use crate::heap::value::{Function, Value};
use crate::library::names::LIBRARY;
use crate::manifest::json;

impl Vm<'_> {
    pub(crate) fn arg(&self, base: usize, at: usize) -> Value {
        self.stack[base + at]
    }

    /// A value that has to be a string.
    pub(crate) fn string_arg(&mut self, value: Value) -> Res<std::rc::Rc<str>> {
        match value {
            Value::Str(string) => Ok(self.heap.text(string)),
            other => Err(self.expected(other, "string")),
        }
    }

    pub(crate) fn bool_arg(&self, value: Value) -> Res<bool> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(self.expected(other, "boolean")),
        }
    }

    pub(crate) fn array_arg(&self, value: Value) -> Res<u32> {
        match value {
            Value::Arr(array) => Ok(array),
            other => Err(self.expected(other, "array")),
        }
    }

    pub(crate) fn function_arg(&self, value: Value) -> Res<u32> {
        match value {
            Value::Fun(function) => Ok(function),
            other => Err(self.expected(other, "function")),
        }
    }

    pub(crate) fn object_arg(&self, value: Value) -> Res<u32> {
        match value {
            Value::Obj(object) => Ok(object),
            other => Err(self.expected(other, "object")),
        }
    }

    /// A number that has to be a 32-bit integer.
    pub(crate) fn int_arg(&self, value: Value) -> Res<i64> {
        let number = self.number(value)?;
        #[expect(clippy::cast_possible_truncation, reason = "compared right away")]
        let int = number as i32;
        if f64::from(int) == number {
            Ok(i64::from(int))
        } else {
            let shown = crate::manifest::number::go_v(number);
            fail(format!("Expected an integer, but got {shown}"))
        }
    }
}

macro_rules! type_tests {
    ($($name:ident $pattern:pat),* $(,)?) => {$(
        pub(crate) fn $name(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
            Ok(Value::Bool(matches!(vm.arg(base, 0), $pattern)))
        }
    )*};
}

type_tests! {
    is_array Value::Arr(_),
    is_boolean Value::Bool(_),
    is_function Value::Fun(_),
    is_null Value::Null,
    is_number Value::Num(_),
    is_object Value::Obj(_),
    is_string Value::Str(_),
}

pub(crate) fn id(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(vm.arg(base, 0))
}

pub(crate) fn type_name(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let name = vm.arg(base, 0).type_name();
    Ok(vm.heap.string(name))
}

pub(crate) fn to_string(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let value = vm.arg(base, 0);
    if matches!(value, Value::Str(_)) {
        return Ok(value);
    }
    let text = vm.to_text(value)?;
    Ok(vm.heap.string(text))
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn length(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let len = match vm.arg(base, 0) {
        Value::Str(string) => vm.heap.char_len(string),
        Value::Arr(array) => vm.heap.array_len(array),
        Value::Obj(object) => vm.field_count(object),
        Value::Fun(function) => match *vm.heap.functions.get(function) {
            Function::Closure { function, env } => {
                let file = vm.files[vm.heap.envs.head(env).file as usize].clone();
                let ir = file.code.functions[function as usize];
                let params =
                    &file.code.params[ir.params as usize..(ir.params + ir.param_count) as usize];
                params.iter().filter(|param| param.default == NO_NODE).count()
            }
            Function::Library(library) => {
                let entry = &LIBRARY[library as usize];
                entry.params.len() - entry.optional
            }
            Function::Native(native) => vm.natives[native as usize].params.len(),
            Function::Free => 0,
        },
        other => return fail(format!("Unexpected type {}", other.type_name())),
    };
    Ok(Value::Num(len as f64))
}

pub(crate) fn equals(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.arg(base, 0), vm.arg(base, 1));
    Ok(Value::Bool(vm.equal(left, right)?))
}

pub(crate) fn primitive_equals(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.arg(base, 0), vm.arg(base, 1));
    if left.type_name() != right.type_name() {
        return Ok(Value::Bool(false));
    }
    match left {
        Value::Arr(_) | Value::Obj(_) => {
            fail(format!("primitiveEquals operates on primitive types, got {}", left.type_name()))
        }
        _ => Ok(Value::Bool(vm.equal(left, right)?)),
    }
}

pub(crate) fn assert_equal(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.arg(base, 0), vm.arg(base, 1));
    if vm.equal(left, right)? {
        return Ok(Value::Bool(true));
    }
    let mut message = String::from("Assertion failed. ");
    for (at, value) in [left, right].into_iter().enumerate() {
        if at > 0 {
            message.push_str(" != ");
        }
        let text = vm.to_text(value)?;
        if matches!(value, Value::Str(_)) {
            json::quote(&text, &mut message);
        } else {
            message.push_str(&text);
        }
    }
    fail(message)
}

pub(crate) fn xor(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.bool_arg(vm.arg(base, 0))?, vm.bool_arg(vm.arg(base, 1))?);
    Ok(Value::Bool(left != right))
}

pub(crate) fn xnor(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.bool_arg(vm.arg(base, 0))?, vm.bool_arg(vm.arg(base, 1))?);
    Ok(Value::Bool(left == right))
}

pub(crate) fn trace(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let message = vm.string_arg(vm.arg(base, 0))?;
    let (file, node) = vm.call_site;
    if let Some(file) = vm.files.get(file as usize) {
        let span = file.code.spans[node as usize];
        let lines =
            file.code.lines.get_or_init(|| renga_syntax::LineIndex::new(&file.source.text()));
        vm.host.trace(&file.name, lines.position(span.start).line, &message);
    } else {
        vm.host.trace("", 0, &message);
    }
    Ok(vm.arg(base, 1))
}

pub(crate) fn ext_var(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let name = vm.string_arg(vm.arg(base, 0))?;
    if let Some(error) = vm.broken.remove(&*name) {
        return Err(error);
    }
    match vm.ext_vars.get(&*name) {
        Some(&value) => {
            let value = vm.force(value)?;
            vm.ext_vars.insert(name.to_string(), value);
            Ok(value)
        }
        None => fail(format!("Undefined external variable: {name}")),
    }
}

pub(crate) fn native(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let name = vm.string_arg(vm.arg(base, 0))?;
    let known = vm.natives.iter().position(|native| *native.name == *name);
    let at = match known {
        Some(at) => at,
        None => match vm.host.native(&name) {
            Some(params) => {
                vm.natives.push(NativeFunction { name: name.to_string(), params });
                vm.natives.len() - 1
            }
            None => return Ok(Value::Null),
        },
    };
    Ok(vm.heap.function(Function::Native(u32::try_from(at).unwrap_or(u32::MAX))))
}

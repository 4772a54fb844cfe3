//! Functions that take functions.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::arrays::Array;
use crate::heap::value::{Thunk, Value};

/// The characters of a string as an array, which is put on the stack; an array as it is.
fn characters(vm: &mut Vm<'_>, value: Value) -> Option<u32> {
    match value {
        Value::Arr(array) => Some(array),
        Value::Str(string) => {
            let text = vm.heap.text(string);
            let out: Vec<Value> = text.chars().map(|character| vm.char_string(character)).collect();
            let out = vm.heap.array(out);
            vm.stack.push(out);
            match out {
                Value::Arr(array) => Some(array),
                _ => None,
            }
        }
        _ => None,
    }
}

fn function_or_fail(value: Value, name: &str, which: &str) -> Res<u32> {
    match value {
        Value::Fun(function) => Ok(function),
        other => {
            fail(format!("std.{name} {which} param must be function, got {}", other.type_name()))
        }
    }
}

pub(crate) fn map(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = function_or_fail(vm.arg(base, 0), "map", "first")?;
    let list = vm.arg(base, 1);
    let Some(array) = characters(vm, list) else {
        return fail(format!(
            "std.map second param must be array / string, got {}",
            list.type_name()
        ));
    };
    Ok(vm.mapped(function, array))
}

impl Vm<'_> {
    fn mapped(&mut self, function: u32, array: u32) -> Value {
        let mut out = Vec::with_capacity(self.heap.array_len(array));
        for at in 0..self.heap.array_len(array) {
            let argument = self.heap.element(array, at);
            out.push(self.heap.thunk(Thunk::Call { function, argument }));
        }
        self.heap.array(out)
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn map_with_index(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = function_or_fail(vm.arg(base, 0), "mapWithIndex", "first")?;
    let list = vm.arg(base, 1);
    let Some(array) = characters(vm, list) else {
        return fail(format!(
            "std.mapWithIndex second param must be array, got {}",
            list.type_name()
        ));
    };
    let mut out = Vec::new();
    for at in 0..vm.heap.array_len(array) {
        let element = vm.heap.element(array, at);
        let pair = vm.heap.array(vec![Value::Num(at as f64), element]);
        if let Value::Arr(arguments) = pair {
            out.push(vm.heap.thunk(Thunk::Call2 { function, arguments }));
        }
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn map_with_key(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = function_or_fail(vm.arg(base, 0), "mapWithKey", "first")?;
    let Value::Obj(object) = vm.arg(base, 1) else {
        let got = vm.arg(base, 1).type_name();
        return fail(format!("std.mapWithKey second param must be object, got {got}"));
    };
    let mut fields = Vec::new();
    for name in vm.field_names(object, false) {
        let text = vm.symbols.name(name).clone();
        let text = vm.heap.string(text);
        let field = vm.heap.thunk(Thunk::Field { object, name });
        if let Value::Arr(arguments) = vm.heap.array(vec![text, field]) {
            fields.push((name, vm.heap.thunk(Thunk::Call2 { function, arguments })));
        }
    }
    Ok(vm.object_of(fields, renga_syntax::Visibility::Inherit))
}

pub(crate) fn make_array(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let size = vm.int_arg(vm.arg(base, 0))?;
    let function = vm.function_arg(vm.arg(base, 1))?;
    let mut out = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    for at in 0..size {
        #[expect(clippy::cast_precision_loss, reason = "a 32-bit integer")]
        let argument = Value::Num(at as f64);
        out.push(vm.heap.thunk(Thunk::Call { function, argument }));
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn filter(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 1))?;
    let function = vm.function_arg(vm.arg(base, 0))?;
    vm.filtered(function, array)
}

impl Vm<'_> {
    fn filtered(&mut self, function: u32, array: u32) -> Res<Value> {
        let mut out = Vec::new();
        for at in 0..self.heap.array_len(array) {
            let element = self.heap.element(array, at);
            let keep = self.call(function, &[element])?;
            if self.bool_arg(keep)? {
                out.push(at);
            }
        }
        // Taken at the end: until then the array is what keeps them.
        let out = out.into_iter().map(|at| self.heap.element(array, at)).collect();
        Ok(self.heap.array(out))
    }
}

pub(crate) fn filter_map(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let filter = function_or_fail(vm.arg(base, 0), "filterMap", "first")?;
    let map = function_or_fail(vm.arg(base, 1), "filterMap", "second")?;
    let Value::Arr(array) = vm.arg(base, 2) else {
        let got = vm.arg(base, 2).type_name();
        return fail(format!("std.filterMap third param must be array, got {got}"));
    };
    let kept = vm.filtered(filter, array)?;
    match kept {
        Value::Arr(kept) => Ok(vm.mapped(map, kept)),
        other => Ok(other),
    }
}

pub(crate) fn flat_map(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = vm.function_arg(vm.arg(base, 0))?;
    match vm.arg(base, 1) {
        Value::Arr(array) => {
            let out = vm.heap.array(Vec::new());
            vm.stack.push(out);
            let Value::Arr(out) = out else { return Ok(out) };
            for at in 0..vm.heap.array_len(array) {
                let element = vm.heap.element(array, at);
                let part = vm.call(function, &[element])?;
                let part = vm.array_arg(part)?;
                let mut elements = Vec::new();
                vm.heap.copy_elements(part, &mut elements);
                vm.heap.fresh += elements.len() * size_of::<Value>();
                if let Array::Flat(all) = vm.heap.arrays.get_mut(out) {
                    all.append(&mut elements);
                }
            }
            Ok(Value::Arr(out))
        }
        Value::Str(string) => {
            let text = vm.heap.text(string);
            let mut out = String::new();
            for character in text.chars() {
                let argument = vm.char_string(character);
                let part = vm.call(function, &[argument])?;
                out.push_str(&vm.string_arg(part)?);
            }
            Ok(vm.heap.string(out))
        }
        other => fail(format!(
            "std.flatMap second param must be array / string, got {}",
            other.type_name()
        )),
    }
}

fn folded(vm: &mut Vm<'_>, base: usize, left: bool) -> Res<Value> {
    let function = vm.function_arg(vm.arg(base, 0))?;
    let list = vm.arg(base, 1);
    let mut sum = vm.arg(base, 2);
    let Some(array) = characters(vm, list) else {
        let name = if left { "foldl" } else { "foldr" };
        let got = list.type_name();
        return fail(format!("{name} second parameter should be string or array, got {got}"));
    };
    let len = vm.heap.array_len(array);
    for at in 0..len {
        let at = if left { at } else { len - 1 - at };
        let element = vm.heap.element(array, at);
        let arguments = if left { [sum, element] } else { [element, sum] };
        sum = vm.call(function, &arguments)?;
    }
    Ok(sum)
}

pub(crate) fn foldl(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    folded(vm, base, true)
}

pub(crate) fn foldr(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    folded(vm, base, false)
}

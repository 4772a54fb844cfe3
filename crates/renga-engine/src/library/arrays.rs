//! Arrays, without functions as arguments.

use std::cmp::Ordering;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::arrays::Array;
use crate::heap::value::Value;

impl Vm<'_> {
    /// Where in an array a value is first. Everything is kept.
    fn position(&mut self, array: u32, value: Value) -> Res<Option<usize>> {
        for at in 0..self.heap.array_len(array) {
            let element = self.element(array, at)?;
            self.stack.push(element);
            let equal = self.equal(element, value)?;
            self.stack.pop();
            if equal {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

pub(crate) fn member(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let value = vm.arg(base, 1);
    match vm.arg(base, 0) {
        Value::Arr(array) => Ok(Value::Bool(vm.position(array, value)?.is_some())),
        Value::Str(string) => {
            let part = vm.string_arg(value)?;
            Ok(Value::Bool(vm.heap.text(string).contains(&*part)))
        }
        _ => fail("std.member first argument must be an array or a string"),
    }
}

pub(crate) fn contains(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    Ok(Value::Bool(vm.position(array, vm.arg(base, 1))?.is_some()))
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn count(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let value = vm.arg(base, 1);
    let mut count = 0;
    for at in 0..vm.heap.array_len(array) {
        let element = vm.element(array, at)?;
        vm.stack.push(element);
        count += usize::from(vm.equal(element, value)?);
        vm.stack.pop();
    }
    Ok(Value::Num(count as f64))
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn find(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let value = vm.arg(base, 0);
    let Value::Arr(array) = vm.arg(base, 1) else {
        let got = vm.arg(base, 1).type_name();
        return fail(format!("find second parameter should be an array, got {got}"));
    };
    let mut found = Vec::new();
    for at in 0..vm.heap.array_len(array) {
        let element = vm.element(array, at)?;
        vm.stack.push(element);
        if vm.equal(element, value)? {
            found.push(Value::Num(at as f64));
        }
        vm.stack.pop();
    }
    Ok(vm.heap.array(found))
}

pub(crate) fn remove(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    match vm.position(array, vm.arg(base, 1))? {
        Some(at) => Ok(without(vm, array, at)),
        None => Ok(Value::Arr(array)),
    }
}

fn without(vm: &mut Vm<'_>, array: u32, at: usize) -> Value {
    let mut elements = vm.heap.elements(array);
    elements.remove(at);
    vm.heap.array(elements)
}

pub(crate) fn remove_at(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let at = vm.int_arg(vm.arg(base, 1))?;
    let len = vm.heap.array_len(array);
    match usize::try_from(at) {
        Ok(at) if at < len => Ok(without(vm, array, at)),
        _ => fail(format!("Index {at} out of bounds, not within [0, {len})")),
    }
}

pub(crate) fn reverse(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let mut elements = vm.heap.elements(array);
    elements.reverse();
    Ok(vm.heap.array(elements))
}

pub(crate) fn range(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let from = vm.int_arg(vm.arg(base, 0))?;
    let to = vm.int_arg(vm.arg(base, 1))?;
    let len = u32::try_from((to - from + 1).max(0)).unwrap_or(u32::MAX);
    Ok(vm.heap.array_of(Array::Range { from, len }))
}

pub(crate) fn repeat(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let what = vm.arg(base, 0);
    if !matches!(what, Value::Str(_) | Value::Arr(_)) {
        return fail("std.repeat first argument must be an array or a string");
    }
    let count = usize::try_from(vm.int_arg(vm.arg(base, 1))?).unwrap_or(0);
    match what {
        Value::Str(string) => {
            let text = vm.heap.text(string);
            if text.len().saturating_mul(count) > 1 << 31 {
                return fail("string too long");
            }
            Ok(vm.heap.string(text.repeat(count)))
        }
        Value::Arr(array) => {
            let elements = vm.heap.elements(array);
            if elements.len().saturating_mul(count) > 1 << 28 {
                return fail("array too long");
            }
            Ok(vm.heap.array(elements.repeat(count)))
        }
        _ => Ok(Value::Null),
    }
}

pub(crate) fn join(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let separator = vm.arg(base, 0);
    let array = vm.array_arg(vm.arg(base, 1))?;
    let len = vm.heap.array_len(array);
    match separator {
        Value::Str(separator) => {
            let separator = vm.heap.text(separator);
            let mut out = String::new();
            let mut first = true;
            for at in 0..len {
                match vm.element(array, at)? {
                    Value::Null => continue,
                    Value::Str(string) => {
                        if !first {
                            out.push_str(&separator);
                        }
                        match vm.heap.flat(string) {
                            Some(text) => out.push_str(text),
                            None => out.push_str(&vm.heap.text(string)),
                        }
                    }
                    other => return Err(vm.expected(other, "string")),
                }
                first = false;
            }
            Ok(vm.heap.string(out))
        }
        Value::Arr(separator) => {
            let mut out = Vec::new();
            let mut first = true;
            for at in 0..len {
                let element = vm.element(array, at)?;
                match element {
                    Value::Null => continue,
                    Value::Arr(_) => {}
                    other => return Err(vm.expected(other, "array")),
                }
                if !first {
                    out.push(Value::Arr(separator));
                }
                out.push(element);
                first = false;
            }
            // The elements are evaluated and therefore kept by the array.
            let mut elements = Vec::new();
            for part in out {
                if let Value::Arr(part) = part {
                    vm.heap.copy_elements(part, &mut elements);
                }
            }
            Ok(vm.heap.array(elements))
        }
        other => fail(format!(
            "join first parameter should be string or array, got {}",
            other.type_name()
        )),
    }
}

pub(crate) fn flatten_arrays(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let argument = vm.arg(base, 0);
    let array = match argument {
        Value::Arr(array) => array,
        Value::Str(string) => {
            let text = vm.heap.text(string);
            let chars = text.chars().map(|character| vm.char_string(character)).collect();
            let chars = vm.heap.array(chars);
            vm.stack.push(chars);
            return match chars {
                Value::Arr(array) => flatten_mixed(vm, array),
                other => Ok(other),
            };
        }
        other => {
            return fail(format!(
                "foldl second parameter should be string or array, got {}",
                other.type_name()
            ));
        }
    };
    // What is copied stays kept by the elements, which the array remembers once evaluated.
    let mut out = Vec::new();
    for at in 0..vm.heap.array_len(array) {
        match vm.element(array, at)? {
            Value::Arr(part) => vm.heap.copy_elements(part, &mut out),
            Value::Str(_) => return flatten_mixed(vm, array),
            other => return Err(vm.expected(other, "array")),
        }
    }
    Ok(vm.heap.array(out))
}

/// Joins with `+`, one after the other.
fn flatten_mixed(vm: &mut Vm<'_>, array: u32) -> Res<Value> {
    let mut sum = vm.heap.array(Vec::new());
    for at in 0..vm.heap.array_len(array) {
        vm.stack.push(sum);
        let element = vm.element(array, at)?;
        vm.stack.push(element);
        sum = vm.add(sum, element)?;
        vm.stack.pop();
        vm.stack.pop();
    }
    Ok(sum)
}

pub(crate) fn flatten_deep(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let Value::Arr(array) = vm.arg(base, 0) else {
        let value = vm.arg(base, 0);
        return Ok(vm.heap.array(vec![value]));
    };
    let out = vm.heap.array(Vec::new());
    vm.stack.push(out);
    if let Value::Arr(out) = out {
        vm.flatten_into(array, out)?;
    }
    Ok(out)
}

impl Vm<'_> {
    fn flatten_into(&mut self, array: u32, out: u32) -> Res<()> {
        self.enter()?;
        for at in 0..self.heap.array_len(array) {
            let element = self.element(array, at)?;
            if let Value::Arr(inner) = element {
                stacker::maybe_grow(96 * 1024, 1 << 20, || self.flatten_into(inner, out))?;
            } else if let Array::Flat(elements) = self.heap.arrays.get_mut(out) {
                elements.push(element);
            }
        }
        self.leave();
        Ok(())
    }
}

fn all_or_any(vm: &mut Vm<'_>, base: usize, name: &str, stop: bool) -> Res<Value> {
    let Value::Arr(array) = vm.arg(base, 0) else {
        let got = vm.arg(base, 0).type_name();
        return fail(format!("{name}() parameter should be an array, got {got}"));
    };
    for at in 0..vm.heap.array_len(array) {
        match vm.element(array, at)? {
            Value::Bool(value) if value == stop => return Ok(Value::Bool(stop)),
            Value::Bool(_) => {}
            other => {
                let text = vm.to_text(other)?;
                return fail(format!(
                    "element \"{text}\" of type {} is not a boolean",
                    other.type_name()
                ));
            }
        }
    }
    Ok(Value::Bool(!stop))
}

pub(crate) fn all(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    all_or_any(vm, base, "all", false)
}

pub(crate) fn any(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    all_or_any(vm, base, "any", true)
}

fn total(vm: &mut Vm<'_>, array: u32) -> Res<f64> {
    let mut sum = 0.0;
    for at in 0..vm.heap.array_len(array) {
        let element = vm.element(array, at)?;
        sum += vm.number(element)?;
    }
    Ok(sum)
}

pub(crate) fn sum(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    Ok(Value::Num(total(vm, array)?))
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
pub(crate) fn avg(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let len = vm.heap.array_len(array);
    if len == 0 {
        return fail("Cannot calculate average of an empty array.");
    }
    Ok(Value::Num(total(vm, array)? / len as f64))
}

fn order(vm: &mut Vm<'_>, left: Value, right: Value) -> Res<Ordering> {
    let (left_type, right_type) = (left.type_name(), right.type_name());
    if left_type != right_type {
        return fail(format!(
            "Comparison requires matching types. Got {left_type} and {right_type}"
        ));
    }
    if matches!(left, Value::Fun(_) | Value::Obj(_) | Value::Bool(_)) {
        return fail(format!("Values of type {left_type} are not comparable."));
    }
    if let (Value::Arr(left), Value::Arr(right)) = (left, right) {
        return order_arrays(vm, left, right);
    }
    vm.compare(left, right)
}

fn order_arrays(vm: &mut Vm<'_>, left: u32, right: u32) -> Res<Ordering> {
    let (left_len, right_len) = (vm.heap.array_len(left), vm.heap.array_len(right));
    for at in 0..left_len.min(right_len) {
        let one = vm.element(left, at)?;
        vm.stack.push(one);
        let other = vm.element(right, at)?;
        vm.stack.push(other);
        let order = order(vm, one, other)?;
        vm.stack.pop();
        vm.stack.pop();
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(left_len.cmp(&right_len))
}

fn number(order: Ordering) -> Value {
    Value::Num(match order {
        Ordering::Less => -1.0,
        Ordering::Equal => 0.0,
        Ordering::Greater => 1.0,
    })
}

pub(crate) fn compare(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(number(order(vm, vm.arg(base, 0), vm.arg(base, 1))?))
}

fn arrays(vm: &mut Vm<'_>, base: usize) -> Res<Ordering> {
    let (left, right) = (vm.array_arg(vm.arg(base, 0))?, vm.array_arg(vm.arg(base, 1))?);
    order_arrays(vm, left, right)
}

pub(crate) fn compare_array(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(number(arrays(vm, base)?))
}

pub(crate) fn array_less(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(Value::Bool(arrays(vm, base)?.is_lt()))
}

pub(crate) fn array_greater(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(Value::Bool(arrays(vm, base)?.is_gt()))
}

pub(crate) fn array_less_or_equal(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(Value::Bool(arrays(vm, base)?.is_le()))
}

pub(crate) fn array_greater_or_equal(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    Ok(Value::Bool(arrays(vm, base)?.is_ge()))
}

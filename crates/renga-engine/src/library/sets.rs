//! Order and sets.

use std::cmp::Ordering;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::arrays::Array;
use crate::heap::value::Value;

impl Vm<'_> {
    /// The key of an element, evaluated. Without a function it is the element.
    fn key(&mut self, function: Value, array: u32, at: usize) -> Res<Value> {
        match function {
            Value::Unset => self.element(array, at),
            Value::Fun(function) => {
                let element = self.heap.element(array, at);
                self.call(function, &[element])
            }
            other => Err(self.expected(other, "function")),
        }
    }

    /// The keys of all elements, as an array that is put on the stack.
    fn keys(&mut self, function: Value, array: u32) -> Res<u32> {
        if function == Value::Unset {
            for at in 0..self.heap.array_len(array) {
                self.element(array, at)?;
            }
            self.stack.push(Value::Arr(array));
            return Ok(array);
        }
        let keys = self.heap.array(Vec::new());
        self.stack.push(keys);
        let Value::Arr(keys) = keys else { return Ok(array) };
        for at in 0..self.heap.array_len(array) {
            let key = self.key(function, array, at)?;
            self.heap.fresh += size_of::<Value>();
            if let Array::Flat(keys) = self.heap.arrays.get_mut(keys) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// The elements of an array in the order of their keys.
    fn sorted(&mut self, array: u32, function: Value) -> Res<Value> {
        let base = self.stack.len();
        let keys = self.keys(function, array)?;
        let keys = self.heap.elements(keys);
        let keys: Vec<Value> = keys.into_iter().map(|key| self.force(key)).collect::<Res<_>>()?;
        let mut order: Vec<usize> = (0..keys.len()).collect();
        let mut failed = None;
        if keys.iter().all(|key| matches!(key, Value::Num(_))) {
            let number = |at: usize| match keys[at] {
                Value::Num(number) => number,
                _ => 0.0,
            };
            order.sort_by(|&left, &right| {
                number(left).partial_cmp(&number(right)).unwrap_or(Ordering::Equal)
            });
        } else if keys.iter().all(|key| matches!(key, Value::Str(_))) {
            let texts: Vec<_> = keys
                .iter()
                .map(|key| match key {
                    Value::Str(string) => self.heap.text(*string),
                    _ => "".into(),
                })
                .collect();
            order.sort_by(|&left, &right| texts[left].cmp(&texts[right]));
        } else {
            order.sort_by(|&left, &right| {
                if failed.is_some() {
                    return Ordering::Equal;
                }
                self.compare(keys[left], keys[right]).unwrap_or_else(|error| {
                    failed = Some(error);
                    Ordering::Equal
                })
            });
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let elements = order.into_iter().map(|at| self.heap.element(array, at)).collect();
        self.stack.truncate(base);
        Ok(self.heap.array(elements))
    }

    /// The elements of a sorted array whose keys differ from the one before.
    fn unique(&mut self, array: u32, function: Value) -> Res<Value> {
        let base = self.stack.len();
        let keys = self.keys(function, array)?;
        let mut out = Vec::new();
        let mut last = None;
        for at in 0..self.heap.array_len(array) {
            let key = self.element(keys, at)?;
            let same = match last {
                Some(last) => {
                    let last = self.element(keys, last)?;
                    self.equal(last, key)?
                }
                None => false,
            };
            if !same {
                last = Some(at);
                out.push(at);
            }
        }
        let elements = out.into_iter().map(|at| self.heap.element(array, at)).collect();
        self.stack.truncate(base);
        Ok(self.heap.array(elements))
    }
}

pub(crate) fn sort(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    vm.sorted(array, vm.arg(base, 1))
}

/// The array an argument of a Jsonnet function stands for: strings are arrays of characters there.
fn list(vm: &mut Vm<'_>, value: Value) -> Res<u32> {
    match value {
        Value::Arr(array) => Ok(array),
        Value::Str(string) => {
            let text = vm.heap.text(string);
            let out: Vec<Value> = text.chars().map(|character| vm.char_string(character)).collect();
            let out = vm.heap.array(out);
            vm.stack.push(out);
            vm.array_arg(out)
        }
        other => fail(format!(
            "foldl second parameter should be string or array, got {}",
            other.type_name()
        )),
    }
}

pub(crate) fn uniq(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let array = list(vm, vm.arg(base, 0))?;
    vm.unique(array, vm.arg(base, 1))
}

pub(crate) fn set(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = vm.arg(base, 1);
    let sorted = sort(vm, base)?;
    vm.stack.push(sorted);
    let sorted = vm.array_arg(sorted)?;
    vm.unique(sorted, function)
}

/// What to keep when two sets are walked through together.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    All,
    Both,
    First,
}

fn merge(vm: &mut Vm<'_>, base: usize, keep: Keep) -> Res<Value> {
    let function = vm.arg(base, 2);
    let left = operand(vm, vm.arg(base, 0))?;
    if keep != Keep::All && vm.heap.array_len(left) == 0 {
        return Ok(vm.heap.array(Vec::new()));
    }
    let right = operand(vm, vm.arg(base, 1))?;
    let (left_len, right_len) = (vm.heap.array_len(left), vm.heap.array_len(right));
    let (mut i, mut j) = (0, 0);
    // Elements are taken at the end, when those that are evaluated are remembered.
    let mut taken: Vec<(u32, usize)> = Vec::new();
    let keys = vm.stack.len();
    vm.stack.extend([Value::Unset, Value::Unset]);
    while i < left_len && j < right_len {
        if vm.stack[keys] == Value::Unset {
            vm.stack[keys] = vm.key(function, left, i)?;
        }
        if vm.stack[keys + 1] == Value::Unset {
            vm.stack[keys + 1] = vm.key(function, right, j)?;
        }
        let (one, other) = (vm.stack[keys], vm.stack[keys + 1]);
        let order = if vm.equal(one, other)? { Ordering::Equal } else { vm.compare(one, other)? };
        match order {
            Ordering::Equal => {
                if keep != Keep::First {
                    taken.push((left, i));
                }
                i += 1;
                // Equal elements of the second set go one by one in a difference as well.
                j += 1;
                vm.stack[keys] = Value::Unset;
                vm.stack[keys + 1] = Value::Unset;
            }
            Ordering::Less => {
                if keep != Keep::Both {
                    taken.push((left, i));
                }
                i += 1;
                vm.stack[keys] = Value::Unset;
            }
            Ordering::Greater => {
                if keep == Keep::All {
                    taken.push((right, j));
                }
                j += 1;
                vm.stack[keys + 1] = Value::Unset;
            }
        }
    }
    if keep != Keep::Both {
        taken.extend((i..left_len).map(|at| (left, at)));
    }
    if keep == Keep::All {
        taken.extend((j..right_len).map(|at| (right, at)));
    }
    let elements = taken.into_iter().map(|(array, at)| vm.heap.element(array, at)).collect();
    Ok(vm.heap.array(elements))
}

fn operand(vm: &mut Vm<'_>, value: Value) -> Res<u32> {
    match value {
        Value::Arr(_) | Value::Str(_) => list(vm, value),
        other => fail(format!("Unexpected type {}", other.type_name())),
    }
}

pub(crate) fn union(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    merge(vm, base, Keep::All)
}

pub(crate) fn intersection(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    merge(vm, base, Keep::Both)
}

pub(crate) fn difference(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    merge(vm, base, Keep::First)
}

pub(crate) fn set_member(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let function = vm.arg(base, 2);
    let array = operand(vm, vm.arg(base, 1))?;
    let len = vm.heap.array_len(array);
    if len == 0 {
        return Ok(Value::Bool(false));
    }
    let value = vm.arg(base, 0);
    let key = match function {
        Value::Fun(function) => vm.call(function, &[value])?,
        _ => value,
    };
    vm.stack.push(key);
    for at in 0..len {
        let other = vm.key(function, array, at)?;
        vm.stack.push(other);
        if vm.equal(key, other)? {
            return Ok(Value::Bool(true));
        }
        if vm.compare(key, other)?.is_lt() {
            return Ok(Value::Bool(false));
        }
        vm.stack.pop();
    }
    Ok(Value::Bool(false))
}

fn extreme(vm: &mut Vm<'_>, base: usize, wanted: Ordering) -> Res<Value> {
    let array = vm.array_arg(vm.arg(base, 0))?;
    let function = vm.arg(base, 1);
    let len = vm.heap.array_len(array);
    if len == 0 {
        return match vm.arg(base, 2) {
            Value::Unset => fail("Expected at least one element in array. Got none"),
            value => Ok(value),
        };
    }
    let mut best = 0;
    vm.element(array, 0)?;
    let key = vm.key(function, array, 0)?;
    let slot = vm.stack.len();
    vm.stack.push(key);
    for at in 1..len {
        vm.element(array, at)?;
        let key = vm.key(function, array, at)?;
        vm.stack.push(key);
        let known = vm.stack[slot];
        if vm.compare(known, key)? == wanted {
            best = at;
            vm.stack[slot] = key;
        }
        vm.stack.pop();
    }
    vm.element(array, best)
}

pub(crate) fn min_array(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    extreme(vm, base, Ordering::Greater)
}

pub(crate) fn max_array(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    extreme(vm, base, Ordering::Less)
}

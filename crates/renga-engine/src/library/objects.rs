//! Objects.

use renga_syntax::Visibility;

use crate::error::Res;
use crate::eval::Vm;
use crate::heap::symbols::Symbol;
use crate::heap::value::{Function, Thunk, Value};
use crate::library::names;
use crate::object::{Kind, Object};

fn names_of(vm: &mut Vm<'_>, object: Value, hidden: bool) -> Res<(u32, Vec<Symbol>)> {
    let object = vm.object_arg(object)?;
    Ok((object, vm.field_names(object, hidden)))
}

fn list_names(vm: &mut Vm<'_>, object: Value, hidden: bool) -> Res<Value> {
    let (_, names) = names_of(vm, object, hidden)?;
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let text = vm.symbols.name(name).clone();
        out.push(vm.heap.string(text));
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn fields(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    list_names(vm, vm.arg(base, 0), false)
}

pub(crate) fn fields_all(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    list_names(vm, vm.arg(base, 0), true)
}

pub(crate) fn fields_ex(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    vm.object_arg(vm.arg(base, 0))?;
    let hidden = vm.bool_arg(vm.arg(base, 1))?;
    list_names(vm, vm.arg(base, 0), hidden)
}

pub(crate) fn has(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    vm.object_has(vm.arg(base, 0), vm.arg(base, 1), false)
}

pub(crate) fn has_all(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    vm.object_has(vm.arg(base, 0), vm.arg(base, 1), true)
}

pub(crate) fn has_ex(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (object, name) = (vm.arg(base, 0), vm.arg(base, 1));
    vm.object_arg(object)?;
    vm.string_arg(name)?;
    let hidden = vm.bool_arg(vm.arg(base, 2))?;
    vm.object_has(object, name, hidden)
}

pub(crate) fn get(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (object, name) = (vm.arg(base, 0), vm.arg(base, 1));
    let hidden = match vm.arg(base, 3) {
        Value::Unset => true,
        hidden => {
            vm.object_arg(object)?;
            vm.string_arg(name)?;
            vm.bool_arg(hidden)?
        }
    };
    if vm.object_has(object, name, hidden)? == Value::Bool(true) {
        return vm.index(object, name);
    }
    match vm.arg(base, 2) {
        Value::Unset => Ok(Value::Null),
        default => vm.force(default),
    }
}

fn list_values(vm: &mut Vm<'_>, object: Value, hidden: bool) -> Res<Value> {
    let (object, names) = names_of(vm, object, hidden)?;
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        out.push(vm.heap.thunk(Thunk::Field { object, name }));
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn values(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    list_values(vm, vm.arg(base, 0), false)
}

pub(crate) fn values_all(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    list_values(vm, vm.arg(base, 0), true)
}

fn pairs(vm: &mut Vm<'_>, object: Value, hidden: bool) -> Res<Value> {
    let (object, names) = names_of(vm, object, hidden)?;
    let (key, value) = (vm.symbols.number("key"), vm.symbols.number("value"));
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let text = vm.symbols.name(name).clone();
        let text = vm.heap.string(text);
        let field = vm.heap.thunk(Thunk::Field { object, name });
        out.push(vm.object_of(vec![(key, text), (value, field)], Visibility::Inherit));
    }
    Ok(vm.heap.array(out))
}

pub(crate) fn keys_values(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    pairs(vm, vm.arg(base, 0), false)
}

pub(crate) fn keys_values_all(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    pairs(vm, vm.arg(base, 0), true)
}

pub(crate) fn remove_key(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let of = vm.object_arg(vm.arg(base, 0))?;
    let key = vm.string_arg(vm.arg(base, 1))?;
    let key = vm.symbols.number_of(&key);
    Ok(vm.heap.object(Object::new(Kind::Without { of, key })))
}

pub(crate) fn merge_patch(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let Value::Obj(patch) = vm.arg(base, 1) else { return Ok(vm.arg(base, 1)) };
    let target = vm.force(vm.arg(base, 0))?;
    vm.stack[base] = target;
    let target = match target {
        Value::Obj(target) => Some(target),
        _ => None,
    };
    let patch_names = vm.field_names(patch, false);
    let mut fields: Vec<(Symbol, Value)> = Vec::new();
    let mut removed: Vec<Symbol> = Vec::new();
    for &name in &patch_names {
        if vm.field_or_fail(patch, name)? == Value::Null {
            removed.push(name);
        }
    }
    let merge = names::find("mergePatch").unwrap_or(0);
    let target_names = target.map(|target| vm.field_names(target, false)).unwrap_or_default();
    for &name in &target_names {
        let (Some(object), false) = (target, patch_names.contains(&name)) else { continue };
        let value = vm.heap.thunk(Thunk::Field { object, name });
        fields.push((name, value));
    }
    for &name in &patch_names {
        if removed.contains(&name) {
            continue;
        }
        let below = match target {
            Some(object) if target_names.contains(&name) => {
                vm.heap.thunk(Thunk::Field { object, name })
            }
            _ => Value::Null,
        };
        let above = vm.heap.thunk(Thunk::Field { object: patch, name });
        let Value::Fun(function) = vm.heap.function(Function::Library(merge)) else { continue };
        let Value::Arr(arguments) = vm.heap.array(vec![below, above]) else { continue };
        let value = vm.heap.thunk(Thunk::Call2 { function, arguments });
        fields.push((name, value));
    }
    Ok(vm.object_of(fields, Visibility::Inherit))
}

pub(crate) fn prune(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    vm.pruned(vm.arg(base, 0))
}

impl Vm<'_> {
    /// A value without what is empty. It is kept.
    fn pruned(&mut self, value: Value) -> Res<Value> {
        let base = self.stack.len();
        let result = match value {
            Value::Arr(array) => {
                self.enter()?;
                for at in 0..self.heap.array_len(array) {
                    let element = self.element(array, at)?;
                    self.stack.push(element);
                    let element = self.pruned(element)?;
                    self.stack.pop();
                    if self.has_content(element) {
                        self.stack.push(element);
                    }
                }
                self.leave();
                let kept = self.stack[base..].to_vec();
                self.heap.array(kept)
            }
            Value::Obj(object) => {
                self.enter()?;
                let mut kept: Vec<Symbol> = Vec::new();
                for name in self.field_names(object, false) {
                    let field = self.field_or_fail(object, name)?;
                    self.stack.push(field);
                    let field = self.pruned(field)?;
                    self.stack.pop();
                    if self.has_content(field) {
                        self.stack.push(field);
                        kept.push(name);
                    }
                }
                self.leave();
                let fields = kept.into_iter().zip(self.stack[base..].iter().copied()).collect();
                self.object_of(fields, Visibility::Inherit)
            }
            other => other,
        };
        self.stack.truncate(base);
        Ok(result)
    }

    fn has_content(&mut self, value: Value) -> bool {
        match value {
            Value::Null => false,
            Value::Arr(array) => self.heap.array_len(array) > 0,
            Value::Obj(object) => self.field_count(object) > 0,
            _ => true,
        }
    }
}

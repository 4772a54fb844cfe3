//! The collector: marks what is reachable, gives back the rest.
//!
//! Marking goes through a list of pending handles, so that depth costs no native stack.

use super::Heap;
use super::arrays::Array;
use super::value::{Function, Thunk, Value};
use crate::object::{Kind, NO_OBJECT};

impl Heap {
    /// Keeps what `roots` reach.
    pub(crate) fn collect(&mut self, roots: &[&[Value]]) {
        self.strings.begin_marking();
        self.arrays.begin_marking();
        self.objects.begin_marking();
        self.functions.begin_marking();
        self.thunks.begin_marking();
        self.envs.heads.begin_marking();
        let mut pending: Vec<Value> = Vec::new();
        for part in roots {
            for &value in *part {
                self.mark(value, &mut pending);
            }
        }
        while let Some(value) = pending.pop() {
            self.mark_inside(value, &mut pending);
        }
        let mut live = 0;
        self.strings.sweep(|text| live += text.weight() + 40);
        self.arrays.sweep(|array| live += array.weight() + 40);
        self.objects.sweep(|object| live += object.weight() + 48);
        self.functions.sweep(|_| live += 12);
        self.thunks.sweep(|_| live += 24);
        live += self.envs.sweep();
        self.live = live;
        self.fresh = 0;
    }

    /// Marks a value; what is inside of it waits.
    fn mark(&mut self, value: Value, pending: &mut Vec<Value>) {
        let new = match value {
            Value::Str(at) => self.strings.mark(at) && self.strings.get(at).parts().is_some(),
            Value::Arr(at) => self.arrays.mark(at),
            Value::Obj(at) => self.objects.mark(at),
            Value::Fun(at) => self.functions.mark(at),
            Value::Thunk(at) => self.thunks.mark(at),
            Value::Env(at) => self.envs.heads.mark(at),
            Value::Null | Value::Bool(_) | Value::Num(_) | Value::Unset | Value::TailCall => false,
        };
        if new {
            pending.push(value);
        }
    }

    fn mark_inside(&mut self, value: Value, pending: &mut Vec<Value>) {
        match value {
            Value::Str(at) => {
                if let Some((left, right)) = self.strings.get(at).parts() {
                    self.mark(Value::Str(left), pending);
                    self.mark(Value::Str(right), pending);
                }
            }
            Value::Arr(at) => match self.arrays.get(at) {
                Array::Flat(_) => {
                    // Taken out while its elements are marked.
                    let array = std::mem::take(self.arrays.get_mut(at));
                    if let Array::Flat(elements) = &array {
                        for &element in elements {
                            self.mark(element, pending);
                        }
                    }
                    self.arrays.set(at, array);
                }
                &Array::Slice { of, .. } => self.mark(Value::Arr(of), pending),
                &Array::Joined { left, right, .. } => {
                    self.mark(Value::Arr(left), pending);
                    self.mark(Value::Arr(right), pending);
                }
                Array::Range { .. } | Array::Bytes(_) => {}
            },
            Value::Obj(at) => {
                let object = std::mem::take(self.objects.get_mut(at));
                match &object.kind {
                    Kind::Free => {}
                    Kind::Literal { env, .. } => self.mark(Value::Env(*env), pending),
                    Kind::Comprehension { envs, .. } => {
                        for &env in &**envs {
                            self.mark(Value::Env(env), pending);
                        }
                    }
                    Kind::Values { values, .. } => {
                        for &value in values {
                            self.mark(value, pending);
                        }
                    }
                    Kind::Joined { left, right } => {
                        self.mark(Value::Obj(*left), pending);
                        self.mark(Value::Obj(*right), pending);
                    }
                    Kind::Without { of, .. } => self.mark(Value::Obj(*of), pending),
                }
                if let Some(state) = &object.state {
                    for &value in
                        state.cache.iter().chain(state.supers.iter().map(|(_, _, value)| value))
                    {
                        self.mark(value, pending);
                    }
                    for &env in &*state.envs {
                        if env != super::envs::NO_ENV {
                            self.mark(Value::Env(env), pending);
                        }
                    }
                    if let Some(flat) = &state.flat {
                        for &leaf in &flat.leaves {
                            if leaf != NO_OBJECT {
                                self.mark(Value::Obj(leaf), pending);
                            }
                        }
                    }
                }
                self.objects.set(at, object);
            }
            Value::Fun(at) => {
                if let Function::Closure { env, .. } = *self.functions.get(at) {
                    self.mark(Value::Env(env), pending);
                }
            }
            Value::Thunk(at) => match *self.thunks.get(at) {
                Thunk::Done(value) => self.mark(value, pending),
                Thunk::Node { env, .. } => self.mark(Value::Env(env), pending),
                Thunk::Call { function, argument } => {
                    self.mark(Value::Fun(function), pending);
                    self.mark(argument, pending);
                }
                Thunk::Call2 { function, arguments } => {
                    self.mark(Value::Fun(function), pending);
                    self.mark(Value::Arr(arguments), pending);
                }
                Thunk::Field { object, .. } => self.mark(Value::Obj(object), pending),
                Thunk::Free | Thunk::Code { .. } => {}
            },
            Value::Env(at) => {
                let parent = self.envs.head(at).parent;
                if parent != super::envs::NO_ENV {
                    self.mark(Value::Env(parent), pending);
                }
                let len = u32::try_from(self.envs.slots(at).len()).unwrap_or(0);
                for slot in 0..len {
                    let value = self.envs.get(at, slot);
                    self.mark(value, pending);
                }
            }
            Value::Null | Value::Bool(_) | Value::Num(_) | Value::Unset | Value::TailCall => {}
        }
    }
}

//! Nodes.

use renga_syntax::{BinaryOp, UnaryOp};

use super::{GROWTH, Loaded, RED_ZONE, Vm};
use crate::analysis::code::{Id, Ir, NO_NODE, SELF_SLOT};
use crate::error::{ErrorKind, Res, Step, fail, failure};
use crate::heap::value::{Function, Value};

impl Vm<'_> {
    /// Evaluates a node in a frame that is kept. With `tail` a call may be left to the caller as
    /// [`Value::TailCall`].
    pub(crate) fn eval(&mut self, file: &Loaded, id: Id, env: u32, tail: bool) -> Res<Value> {
        match file.code.nodes[id as usize] {
            Ir::Null => Ok(Value::Null),
            Ir::True => Ok(Value::Bool(true)),
            Ir::False => Ok(Value::Bool(false)),
            Ir::Num(value) => Ok(Value::Num(value)),
            Ir::HugeNum => {
                let error = failure(ErrorKind::Runtime, "overflow");
                Err(self.step(error, file, id))
            }
            Ir::Str(text) => Ok(self.literal(file, text)),
            Ir::Var { depth, slot } => {
                let frame = self.heap.envs.outer(env, depth);
                match self.heap.envs.get(frame, slot) {
                    Value::Thunk(at) => self.variable(file, id, frame, slot, at),
                    value => Ok(value),
                }
            }
            Ir::Top(slot) => {
                let frame = file.top.get();
                match self.heap.envs.get(frame, slot) {
                    Value::Thunk(at) => self.variable(file, id, frame, slot, at),
                    value => Ok(value),
                }
            }
            Ir::SelfRef { depth } => {
                let frame = self.heap.envs.outer(env, depth);
                Ok(self.heap.envs.get(frame, SELF_SLOT))
            }
            Ir::Std => Ok(self.std_object(file)),
            Ir::StdFn(function) => Ok(self.heap.function(Function::Library(function))),
            Ir::Array { start, len } => {
                let nodes = &file.code.lists[start as usize..(start + len) as usize];
                let elements = nodes.iter().map(|&node| self.delay(file, node, env)).collect();
                Ok(self.heap.array(elements))
            }
            Ir::ArrayComp(comp) => self.array_comprehension(file, id, comp, env),
            Ir::Object(object) => {
                if file.code.objects[object as usize].plain {
                    Ok(self.plain_object(file, object, env))
                } else {
                    self.computed_object(file, id, object, env)
                }
            }
            Ir::ObjectComp(comp) => self.object_comprehension(file, id, comp, env),
            Ir::Field { target, name } => {
                let target = self.eval(file, target, env, false)?;
                self.field_of(file, id, target, name)
            }
            Ir::Index { target, index } => {
                let target = self.eval(file, target, env, false)?;
                self.stack.push(target);
                let index = self.eval(file, index, env, false)?;
                let result = self.index(target, index);
                let value = result.map_err(|error| self.step(error, file, id))?;
                self.stack.pop();
                Ok(value)
            }
            Ir::Slice(list) => self.slice_node(file, id, list, env),
            Ir::SuperIndex { depth, index } => {
                let index = self.eval(file, index, env, false)?;
                let frame = self.heap.envs.outer(env, depth);
                let result = self.super_index(frame, index);
                result.map_err(|error| self.step(error, file, id))
            }
            Ir::InSuper { depth, name } => {
                let name = self.eval(file, name, env, false)?;
                let frame = self.heap.envs.outer(env, depth);
                let result = self.in_super(frame, name);
                result.map_err(|error| self.step(error, file, id))
            }
            Ir::Call { target, call } => self.call_node(file, id, target, call, env, tail),
            Ir::CallStd { function, call } => self.call_library_node(file, id, function, call, env),
            Ir::Function(function) => Ok(self.heap.function(Function::Closure { function, env })),
            Ir::Local { start, len, body } => {
                for &(slot, node) in &file.code.binds[start as usize..(start + len) as usize] {
                    let value = self.delay(file, node, env);
                    self.heap.envs.set(env, slot, value);
                }
                self.eval(file, body, env, tail)
            }
            Ir::Frame { size, body } => {
                let frame = self.heap.envs.add(env, file.number, size);
                self.heap.fresh += 16 + size as usize * 16;
                self.stack.push(Value::Env(frame));
                let value = self.eval(file, body, frame, tail)?;
                self.stack.pop();
                Ok(value)
            }
            Ir::If { cond, then, otherwise } => {
                let cond = self.eval(file, cond, env, false)?;
                match cond {
                    Value::Bool(true) => self.eval(file, then, env, tail),
                    Value::Bool(false) if otherwise == NO_NODE => Ok(Value::Null),
                    Value::Bool(false) => self.eval(file, otherwise, env, tail),
                    other => {
                        let error = self.expected(other, "boolean");
                        Err(self.step(error, file, id))
                    }
                }
            }
            Ir::Assert { cond, message, rest } => {
                let holds = self.eval(file, cond, env, false)?;
                match holds {
                    Value::Bool(true) if rest == NO_NODE => Ok(Value::Bool(true)),
                    Value::Bool(true) => self.eval(file, rest, env, tail),
                    Value::Bool(false) => {
                        let text = if message == NO_NODE {
                            let object = rest == NO_NODE;
                            let text = if object {
                                "Object assertion failed."
                            } else {
                                "Assertion failed"
                            };
                            text.to_owned()
                        } else {
                            let message = self.eval(file, message, env, false)?;
                            self.error_text(file, id, message)?
                        };
                        let error = failure(ErrorKind::Runtime, text);
                        Err(self.step(error, file, id))
                    }
                    other => {
                        let error = self.expected(other, "boolean");
                        if rest == NO_NODE {
                            Err(self.step(error, file, id))
                        } else {
                            Err(error.step(Step::Nowhere))
                        }
                    }
                }
            }
            Ir::Error(message) => {
                let message = self.eval(file, message, env, false)?;
                let text = self.error_text(file, id, message)?;
                let error = failure(ErrorKind::Runtime, text);
                Err(self.step(error, file, id))
            }
            Ir::Binary { op, left, right } => {
                // Chains of operators nest without calls.
                if matches!(file.code.nodes[left as usize], Ir::Binary { .. }) {
                    stacker::maybe_grow(RED_ZONE, GROWTH, || {
                        self.binary_node(file, id, op, left, right, env, tail)
                    })
                } else {
                    self.binary_node(file, id, op, left, right, env, tail)
                }
            }
            Ir::Unary { op, operand } => self.unary_node(file, id, op, operand, env),
            Ir::Import { kind, path } => {
                let path = file.code.str(path);
                let result = self.import(file.source.path(), kind, path);
                result.map_err(|error| self.step(error, file, id))
            }
        }
    }

    /// A value that needs no evaluation: a number, a variable that was evaluated.
    fn at_hand(&self, file: &Loaded, id: Id, env: u32) -> Option<Value> {
        let value = match file.code.nodes[id as usize] {
            Ir::Num(value) => return Some(Value::Num(value)),
            Ir::Var { depth, slot } => self.heap.envs.get(self.heap.envs.outer(env, depth), slot),
            _ => return None,
        };
        if matches!(value, Value::Thunk(_)) { None } else { Some(value) }
    }

    fn variable(&mut self, file: &Loaded, id: Id, frame: u32, slot: u32, thunk: u32) -> Res<Value> {
        let value = self.force_thunk(thunk).map_err(|error| self.step(error, file, id))?;
        self.heap.envs.set(frame, slot, value);
        Ok(value)
    }

    fn error_text(&mut self, file: &Loaded, id: Id, message: Value) -> Res<String> {
        match self.to_text(message) {
            Ok(text) => Ok(text.to_string()),
            Err(error) => Err(self.step(error, file, id)),
        }
    }

    /// Evaluates an operand that may leave a call pending, although something follows it here.
    fn eval_operand(&mut self, file: &Loaded, id: Id, env: u32, tail: bool) -> Res<Value> {
        let value = self.eval(file, id, env, tail)?;
        if value != Value::TailCall {
            return Ok(value);
        }
        // The frame counts as gone, as in go-jsonnet.
        self.depth -= 1;
        let value = self.run_pending()?;
        self.depth += 1;
        Ok(value)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a node")]
    fn binary_node(
        &mut self,
        file: &Loaded,
        id: Id,
        op: BinaryOp,
        left: Id,
        right: Id,
        env: u32,
        tail: bool,
    ) -> Res<Value> {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let value = self.eval(file, left, env, false)?;
                let Value::Bool(first) = value else {
                    let error = self.expected(value, "boolean");
                    return Err(self.step(error, file, id));
                };
                if first == (op == BinaryOp::Or) {
                    return Ok(value);
                }
                let value = self.eval_operand(file, right, env, tail)?;
                if matches!(value, Value::Bool(_)) {
                    return Ok(value);
                }
                let error = self.expected(value, "boolean");
                Err(self.step(error, file, id))
            }
            BinaryOp::Mod | BinaryOp::In => {
                let result = self.library_operator(file, op, left, right, env);
                result.map_err(|error| self.step(error, file, id))
            }
            _ => {
                let left = match self.at_hand(file, left, env) {
                    Some(value) => value,
                    None => self.eval(file, left, env, false)?,
                };
                if let Some(right) = self.at_hand(file, right, env)
                    && let (Value::Num(left), Value::Num(right)) = (left, right)
                    && let Some(value) = super::operators::numbers(op, left, right)
                {
                    return Ok(value);
                }
                self.stack.push(left);
                let right = self.eval_operand(file, right, env, tail)?;
                if let (Value::Num(left), Value::Num(right)) = (left, right)
                    && let Some(value) = super::operators::numbers(op, left, right)
                {
                    self.stack.pop();
                    return Ok(value);
                }
                self.stack.push(right);
                let result = self.binary(op, left, right);
                let value = result.map_err(|error| self.step(error, file, id))?;
                self.stack.pop();
                self.stack.pop();
                Ok(value)
            }
        }
    }

    /// `%` and `in`, which are functions of the library in go-jsonnet.
    fn library_operator(
        &mut self,
        file: &Loaded,
        op: BinaryOp,
        left: Id,
        right: Id,
        env: u32,
    ) -> Res<Value> {
        let base = self.stack.len();
        let value = if op == BinaryOp::In {
            let object = self.eval(file, right, env, false)?;
            self.stack.push(object);
            let name = self.eval(file, left, env, false)?;
            self.object_has(object, name, true)?
        } else {
            let left = self.eval(file, left, env, false)?;
            self.stack.push(left);
            let right = self.eval(file, right, env, false)?;
            self.stack.push(right);
            self.modulo(left, right)?
        };
        self.stack.truncate(base);
        Ok(value)
    }

    fn unary_node(
        &mut self,
        file: &Loaded,
        id: Id,
        op: UnaryOp,
        operand: Id,
        env: u32,
    ) -> Res<Value> {
        let value = self.eval(file, operand, env, false)?;
        match (op, value) {
            (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
            (UnaryOp::Plus, Value::Num(value)) => Ok(Value::Num(value)),
            (UnaryOp::Minus, Value::Num(value)) => Ok(Value::Num(-value)),
            #[expect(clippy::cast_possible_truncation, reason = "go-jsonnet cuts off as well")]
            #[expect(clippy::cast_precision_loss, reason = "the result is a double")]
            (UnaryOp::BitNot, Value::Num(value)) => Ok(Value::Num(!(value as i64) as f64)),
            (_, other) => {
                let expected = if op == UnaryOp::Not { "boolean" } else { "number" };
                let error = self.expected(other, expected);
                Err(self.step(error, file, id))
            }
        }
    }

    fn slice_node(&mut self, file: &Loaded, id: Id, list: u32, env: u32) -> Res<Value> {
        let base = self.stack.len();
        for at in 0..4 {
            let node = file.code.lists[list as usize + at];
            let value = if node == NO_NODE {
                Value::Null
            } else {
                self.eval(file, node, env, false).map_err(|error| self.step(error, file, id))?
            };
            self.stack.push(value);
        }
        let [indexable, from, to, step] = [0, 1, 2, 3].map(|at| self.stack[base + at]);
        let result = self.slice(indexable, from, to, step);
        let value = result.map_err(|error| self.step(error, file, id))?;
        self.stack.truncate(base);
        Ok(value)
    }

    /// `target.name`
    fn field_of(&mut self, file: &Loaded, id: Id, target: Value, name: u32) -> Res<Value> {
        let Value::Obj(object) = target else {
            let error = match target {
                Value::Arr(_) | Value::Str(_) => self.unexpected("string", "number"),
                _ => not_indexable(target),
            };
            return Err(self.step(error, file, id));
        };
        let symbol = self.symbol(file, name);
        if let Some(value) = self.cached_field(object, symbol) {
            return Ok(value);
        }
        self.stack.push(target);
        let result = self.field_or_fail(object, symbol);
        let value = result.map_err(|error| self.step(error, file, id))?;
        self.stack.pop();
        Ok(value)
    }

    /// `target[index]`, both kept or plain.
    pub(crate) fn index(&mut self, target: Value, index: Value) -> Res<Value> {
        match (target, index) {
            (Value::Obj(object), Value::Str(name)) => {
                let name = self.heap.text(name);
                match self.symbols.known(&name) {
                    Some(symbol) => self.field_or_fail(object, symbol),
                    None => {
                        let symbol = self.symbols.number_of(&name);
                        self.field_or_fail(object, symbol)
                    }
                }
            }
            (Value::Obj(_), other) => Err(self.expected(other, "string")),
            (Value::Arr(array), Value::Num(at)) => {
                let len = self.heap.array_len(array);
                let at = within(at, len)?;
                self.element(array, at)
            }
            (Value::Str(string), Value::Num(at)) => {
                let len = self.heap.char_len(string);
                let at = within(at, len)?;
                Ok(self.char_at(string, at))
            }
            (Value::Arr(_) | Value::Str(_), other) => Err(self.expected(other, "number")),
            (other, _) => Err(not_indexable(other)),
        }
    }

    /// A character of a string that is long enough.
    pub(crate) fn char_at(&mut self, string: u32, at: usize) -> Value {
        let text = self.heap.text(string);
        if self.heap.is_ascii(string) {
            return self.char_string(char::from(text.as_bytes()[at]));
        }
        self.char_string(text.chars().nth(at).unwrap_or_default())
    }
}

fn within(at: f64, len: usize) -> Res<usize> {
    #[expect(clippy::cast_possible_truncation, reason = "go-jsonnet cuts off as well")]
    let index = at as i64;
    match usize::try_from(index) {
        Ok(index) if index < len => Ok(index),
        _ => fail(format!("Index {index} out of bounds, not within [0, {len})")),
    }
}

fn not_indexable(value: Value) -> crate::error::Fail {
    let name = match value {
        Value::Num(_) => "*jsonnet.valueNumber",
        Value::Bool(_) => "*jsonnet.valueBoolean",
        Value::Fun(_) => "*jsonnet.valueFunction",
        _ => "*jsonnet.valueNull",
    };
    failure(ErrorKind::Runtime, format!("Value non indexable: {name}"))
}

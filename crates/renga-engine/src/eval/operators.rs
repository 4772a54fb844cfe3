//! Operators on values.

use std::cmp::Ordering;

use renga_syntax::BinaryOp;

use super::Vm;
use crate::error::{ErrorKind, Fail, Res, fail, failure};
use crate::heap::value::Value;
use crate::object::{Kind, Object};

/// The integers a double holds without gaps.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// The common cases of two numbers; `None` leaves it to [`Vm::binary`].
pub(super) fn numbers(op: BinaryOp, left: f64, right: f64) -> Option<Value> {
    let result = match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Eq => return Some(Value::Bool(left == right)),
        BinaryOp::Ne => return Some(Value::Bool(left != right)),
        BinaryOp::Lt => return Some(Value::Bool(left < right)),
        BinaryOp::Le => return Some(Value::Bool(left <= right)),
        BinaryOp::Gt => return Some(Value::Bool(left > right)),
        BinaryOp::Ge => return Some(Value::Bool(left >= right)),
        _ => return None,
    };
    result.is_finite().then_some(Value::Num(result))
}

/// A number, or why it is none.
pub(crate) fn checked(value: f64) -> Res<Value> {
    if value.is_nan() {
        return fail("Not a number");
    }
    if value.is_infinite() {
        return fail("Overflow");
    }
    Ok(Value::Num(value))
}

impl Vm<'_> {
    pub(crate) fn expected(&self, got: Value, expected: &str) -> Fail {
        self.unexpected(got.type_name(), expected)
    }

    #[expect(clippy::unused_self, reason = "reads like its sibling")]
    pub(crate) fn unexpected(&self, got: &str, expected: &str) -> Fail {
        failure(ErrorKind::Runtime, format!("Unexpected type {got}, expected {expected}"))
    }

    pub(crate) fn number(&self, value: Value) -> Res<f64> {
        match value {
            Value::Num(number) => Ok(number),
            other => Err(self.expected(other, "number")),
        }
    }

    /// An operator on two values that are kept.
    pub(super) fn binary(&mut self, op: BinaryOp, left: Value, right: Value) -> Res<Value> {
        match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Sub => checked(self.number(left)? - self.number(right)?),
            BinaryOp::Mul => checked(self.number(left)? * self.number(right)?),
            BinaryOp::Div => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                if right == 0.0 {
                    return fail("Division by zero.");
                }
                checked(left / right)
            }
            BinaryOp::Eq => Ok(Value::Bool(self.equal(left, right)?)),
            BinaryOp::Ne => Ok(Value::Bool(!self.equal(left, right)?)),
            BinaryOp::Lt => Ok(Value::Bool(self.compare(left, right)?.is_lt())),
            BinaryOp::Le => Ok(Value::Bool(self.compare(left, right)?.is_le())),
            BinaryOp::Gt => Ok(Value::Bool(self.compare(left, right)?.is_gt())),
            BinaryOp::Ge => Ok(Value::Bool(self.compare(left, right)?.is_ge())),
            BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitXor
            | BinaryOp::BitOr => self.bits(op, left, right),
            BinaryOp::Mod => self.modulo(left, right),
            BinaryOp::In | BinaryOp::And | BinaryOp::Or => Ok(Value::Null),
        }
    }

    fn bits(&mut self, op: BinaryOp, left: Value, right: Value) -> Res<Value> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        for value in [left, right] {
            if !(-MAX_SAFE..=MAX_SAFE).contains(&value) {
                let shown = crate::manifest::number::go_v(value);
                let message = format!(
                    "Bitwise operator argument {shown} outside of range [-9007199254740991, 9007199254740991]"
                );
                return fail(message);
            }
        }
        let shift = matches!(op, BinaryOp::Shl | BinaryOp::Shr);
        if shift && right < 0.0 {
            return fail("Shift by negative exponent.");
        }
        #[expect(clippy::cast_possible_truncation, reason = "within the range just checked")]
        let (left, right) = (left as i64, right as i64);
        let by = u32::try_from(right.rem_euclid(64)).unwrap_or(0);
        let result = match op {
            BinaryOp::Shl => left.wrapping_shl(by),
            BinaryOp::Shr => left.wrapping_shr(by),
            BinaryOp::BitAnd => left & right,
            BinaryOp::BitXor => left ^ right,
            _ => left | right,
        };
        #[expect(clippy::cast_precision_loss, reason = "the result is a double")]
        checked(result as f64)
    }

    pub(crate) fn add(&mut self, left: Value, right: Value) -> Res<Value> {
        match (left, right) {
            (Value::Str(left), Value::Str(right)) => Ok(self.heap.join(left, right)),
            (_, Value::Str(right)) => {
                let text = self.to_text(left)?;
                let Value::Str(left) = self.heap.string(text) else { return Ok(Value::Null) };
                Ok(self.heap.join(left, right))
            }
            (Value::Str(left), _) => {
                let text = self.to_text(right)?;
                let Value::Str(right) = self.heap.string(text) else { return Ok(Value::Null) };
                Ok(self.heap.join(left, right))
            }
            (Value::Num(left), right) => checked(left + self.number(right)?),
            (Value::Obj(left), Value::Obj(right)) => {
                Ok(self.heap.object(Object::new(Kind::Joined { left, right })))
            }
            (Value::Obj(_), other) => Err(self.expected(other, "object")),
            (Value::Arr(left), Value::Arr(right)) => Ok(self.heap.join_arrays(left, right)),
            (Value::Arr(_), other) => Err(self.expected(other, "array")),
            (other, _) => fail(format!("Unexpected type {}", other.type_name())),
        }
    }

    /// `%`
    pub(crate) fn modulo(&mut self, left: Value, right: Value) -> Res<Value> {
        match (left, right) {
            (Value::Num(left), Value::Num(right)) => {
                if right == 0.0 {
                    return fail("Division by zero.");
                }
                checked(left % right)
            }
            (Value::Str(template), values) => self.format(template, values),
            (left, right) => fail(format!(
                "Operator % cannot be used on types {} and {}.",
                left.type_name(),
                right.type_name()
            )),
        }
    }

    /// Whether two values are equal. Both are kept.
    pub(crate) fn equal(&mut self, left: Value, right: Value) -> Res<bool> {
        match (left, right) {
            (Value::Null, Value::Null) => Ok(true),
            (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
            (Value::Num(left), Value::Num(right)) => Ok(left == right),
            (Value::Str(left), Value::Str(right)) => Ok(self.equal_strings(left, right)),
            (Value::Arr(left), Value::Arr(right)) => {
                stacker::maybe_grow(super::RED_ZONE, super::GROWTH, || {
                    self.equal_arrays(left, right)
                })
            }
            (Value::Obj(left), Value::Obj(right)) => {
                stacker::maybe_grow(super::RED_ZONE, super::GROWTH, || {
                    self.equal_objects(left, right)
                })
            }
            (Value::Fun(_), Value::Fun(_)) => fail("Cannot test equality of functions"),
            _ => Ok(false),
        }
    }

    fn equal_strings(&mut self, left: u32, right: u32) -> bool {
        if left == right {
            return true;
        }
        if self.heap.byte_len(left) != self.heap.byte_len(right) {
            return false;
        }
        if let (Some(left), Some(right)) = (self.heap.flat(left), self.heap.flat(right)) {
            return left == right;
        }
        self.heap.text(left) == self.heap.text(right)
    }

    fn equal_arrays(&mut self, left: u32, right: u32) -> Res<bool> {
        let len = self.heap.array_len(left);
        if len != self.heap.array_len(right) {
            return Ok(false);
        }
        for at in 0..len {
            let one = self.element(left, at)?;
            self.stack.push(one);
            let other = self.element(right, at)?;
            self.stack.push(other);
            let equal = self.equal(one, other)?;
            self.stack.pop();
            self.stack.pop();
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_objects(&mut self, left: u32, right: u32) -> Res<bool> {
        let names = self.field_names(left, false);
        if names != self.field_names(right, false) {
            return Ok(false);
        }
        for name in names {
            let one = self.field_or_fail(left, name)?;
            self.stack.push(one);
            let other = self.field_or_fail(right, name)?;
            self.stack.push(other);
            let equal = self.equal(one, other)?;
            self.stack.pop();
            self.stack.pop();
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The order of two values. Both are kept.
    pub(crate) fn compare(&mut self, left: Value, right: Value) -> Res<Ordering> {
        match left {
            Value::Num(left) => {
                let right = self.number(right)?;
                Ok(left.partial_cmp(&right).unwrap_or(Ordering::Equal))
            }
            Value::Str(left) => {
                let Value::Str(right) = right else { return Err(self.expected(right, "string")) };
                // The order of UTF-8 is that of its characters.
                Ok(self.heap.text(left).cmp(&self.heap.text(right)))
            }
            Value::Arr(left) => {
                let Value::Arr(right) = right else { return Err(self.expected(right, "array")) };
                let (left_len, right_len) = (self.heap.array_len(left), self.heap.array_len(right));
                for at in 0..left_len.min(right_len) {
                    let one = self.element(left, at)?;
                    self.stack.push(one);
                    let other = self.element(right, at)?;
                    self.stack.push(other);
                    let order = self.compare(one, other)?;
                    self.stack.pop();
                    self.stack.pop();
                    if order.is_ne() {
                        return Ok(order);
                    }
                }
                Ok(left_len.cmp(&right_len))
            }
            other => fail(format!("Unexpected type {}", other.type_name())),
        }
    }
}

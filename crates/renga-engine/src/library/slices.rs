//! Slices of strings and arrays.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::manifest::number;

fn shown(value: f64) -> String {
    let mut out = String::new();
    number::write(value, &mut out);
    out
}

#[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by lengths")]
impl Vm<'_> {
    /// `std.slice`; everything is kept.
    pub(crate) fn slice(
        &mut self,
        indexable: Value,
        from: Value,
        to: Value,
        step: Value,
    ) -> Res<Value> {
        let len = match indexable {
            Value::Str(string) => self.heap.char_len(string),
            Value::Arr(array) => self.heap.array_len(array),
            _ => 0,
        } as f64;
        let number = |this: &Self, value: Value, default: f64| match value {
            Value::Null => Ok(default),
            value => this.number(value),
        };
        let step_value = number(self, step, 1.0)?;
        let from = number(self, from, 0.0)?;
        let from = if from < 0.0 { (len + from).max(0.0) } else { from };
        let to = number(self, to, len)?;
        let to = if to < 0.0 { len + to } else { to };
        if step_value < 0.0 {
            let message = format!(
                "got [{}:{}:{}] but negative steps are not supported",
                shown(from),
                shown(to),
                shown(step_value)
            );
            return fail(message);
        }
        if step_value == 0.0 {
            return fail(format!("got {} but step must be greater than 0", shown(step_value)));
        }
        let end = to.min(len);
        match indexable {
            Value::Str(string) => {
                if step_value == 1.0 && from.fract() == 0.0 && end.fract() == 0.0 {
                    if from >= end {
                        return Ok(self.heap.string(""));
                    }
                    return Ok(self.heap.substring(string, from as usize, end as usize));
                }
                let text = self.heap.text(string);
                let chars: Vec<char> = text.chars().collect();
                let mut out = String::new();
                let mut at = from;
                while at < end {
                    out.push(chars[at as usize]);
                    at += step_value;
                }
                Ok(self.heap.string(out))
            }
            Value::Arr(array) => {
                if from >= end {
                    return Ok(self.heap.array(Vec::new()));
                }
                if step_value == 1.0 && from.fract() == 0.0 && end.fract() == 0.0 {
                    return Ok(self.heap.slice_array(array, from as usize, end as usize));
                }
                let mut out = Vec::new();
                let mut at = from;
                while at < end {
                    out.push(self.heap.element(array, at as usize));
                    at += step_value;
                }
                Ok(self.heap.array(out))
            }
            other => fail(format!(
                "std.slice accepts a string or an array, but got: {}",
                other.type_name()
            )),
        }
    }
}

pub(crate) fn slice(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let [indexable, from, to, step] = [0, 1, 2, 3].map(|at| vm.arg(base, at));
    vm.slice(indexable, from, to, step)
}

//! Arrays: elements, or a view of other arrays.

use std::rc::Rc;

use super::Heap;
use super::value::Value;

/// Joined arrays shorter than this are copied.
const SHORT: usize = 16;

/// An array.
#[derive(Clone, Debug)]
pub(crate) enum Array {
    Flat(Vec<Value>),
    /// Consecutive integers.
    Range {
        from: i64,
        len: u32,
    },
    /// A part of an array that is not itself a view of parts.
    Slice {
        of: u32,
        from: u32,
        len: u32,
    },
    Joined {
        left: u32,
        right: u32,
        len: u32,
    },
    Bytes(Rc<[u8]>),
}

impl Default for Array {
    fn default() -> Self {
        Self::Flat(Vec::new())
    }
}

impl Array {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Flat(elements) => elements.capacity() * size_of::<Value>(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Range { .. } | Self::Slice { .. } | Self::Joined { .. } => 0,
        }
    }
}

impl Heap {
    pub(crate) fn array_len(&self, array: u32) -> usize {
        match self.arrays.get(array) {
            Array::Flat(elements) => elements.len(),
            Array::Range { len, .. } | Array::Slice { len, .. } | Array::Joined { len, .. } => {
                *len as usize
            }
            Array::Bytes(bytes) => bytes.len(),
        }
    }

    /// An element, evaluated or not. `at` is within the array.
    pub(crate) fn element(&mut self, array: u32, at: usize) -> Value {
        match self.arrays.get(array) {
            Array::Flat(elements) => elements[at],
            #[expect(clippy::cast_precision_loss, reason = "ranges hold 32-bit integers")]
            Array::Range { from, .. } => {
                Value::Num((*from + i64::try_from(at).unwrap_or(0)) as f64)
            }
            Array::Slice { of, from, .. } => {
                let (of, at) = (*of, *from as usize + at);
                self.element(of, at)
            }
            Array::Bytes(bytes) => Value::Num(f64::from(bytes[at])),
            Array::Joined { .. } => self.flatten_array(array)[at],
        }
    }

    /// Remembers what an element evaluated to.
    pub(crate) fn set_element(&mut self, array: u32, at: usize, value: Value) {
        match self.arrays.get_mut(array) {
            Array::Flat(elements) => elements[at] = value,
            Array::Slice { of, from, .. } => {
                let (of, at) = (*of, *from as usize + at);
                self.set_element(of, at, value);
            }
            Array::Range { .. } | Array::Bytes(_) | Array::Joined { .. } => {}
        }
    }

    fn flatten_array(&mut self, array: u32) -> &[Value] {
        if !matches!(self.arrays.get(array), Array::Flat(_)) {
            let mut out = Vec::with_capacity(self.array_len(array));
            self.copy_elements(array, &mut out);
            self.fresh += out.len() * size_of::<Value>();
            self.arrays.set(array, Array::Flat(out));
        }
        match self.arrays.get(array) {
            Array::Flat(elements) => elements,
            _ => &[],
        }
    }

    /// Appends all elements, evaluated or not.
    pub(crate) fn copy_elements(&self, array: u32, out: &mut Vec<Value>) {
        let mut pending = vec![array];
        while let Some(next) = pending.pop() {
            match self.arrays.get(next) {
                Array::Flat(elements) => out.extend_from_slice(elements),
                #[expect(clippy::cast_precision_loss, reason = "ranges hold 32-bit integers")]
                Array::Range { from, len } => {
                    out.extend((0..i64::from(*len)).map(|at| Value::Num((from + at) as f64)));
                }
                Array::Slice { of, from, len } => {
                    let (from, len) = (*from as usize, *len as usize);
                    match self.arrays.get(*of) {
                        Array::Flat(elements) => out.extend_from_slice(&elements[from..from + len]),
                        _ => {
                            let mut whole = Vec::new();
                            self.copy_elements(*of, &mut whole);
                            out.extend_from_slice(&whole[from..from + len]);
                        }
                    }
                }
                Array::Joined { left, right, .. } => pending.extend([*right, *left]),
                Array::Bytes(bytes) => {
                    out.extend(bytes.iter().map(|&byte| Value::Num(f64::from(byte))));
                }
            }
        }
    }

    pub(crate) fn elements(&self, array: u32) -> Vec<Value> {
        let mut out = Vec::with_capacity(self.array_len(array));
        self.copy_elements(array, &mut out);
        out
    }

    pub(crate) fn join_arrays(&mut self, left: u32, right: u32) -> Value {
        let (left_len, right_len) = (self.array_len(left), self.array_len(right));
        if left_len == 0 {
            return Value::Arr(right);
        }
        if right_len == 0 {
            return Value::Arr(left);
        }
        let len = left_len + right_len;
        if len < SHORT {
            let mut out = Vec::with_capacity(len);
            self.copy_elements(left, &mut out);
            self.copy_elements(right, &mut out);
            return self.array(out);
        }
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.array_of(Array::Joined { left, right, len })
    }

    /// The elements `from..to`, both within the array.
    pub(crate) fn slice_array(&mut self, array: u32, from: usize, to: usize) -> Value {
        let total = self.array_len(array);
        if from == 0 && to == total {
            return Value::Arr(array);
        }
        let len = to - from;
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        // A small part must not keep a large whole alive, nor cost more than its elements.
        if len < SHORT || len < total / 4 {
            let out = (from..to).map(|at| self.element(array, at)).collect();
            return self.array(out);
        }
        match *self.arrays.get(array) {
            Array::Slice { of, from: start, .. } => {
                self.array_of(Array::Slice { of, from: start + number(from), len: number(len) })
            }
            Array::Range { from: start, .. } => {
                let from = start + i64::try_from(from).unwrap_or(0);
                self.array_of(Array::Range { from, len: number(len) })
            }
            _ => {
                self.flatten_array(array);
                self.array_of(Array::Slice { of: array, from: number(from), len: number(len) })
            }
        }
    }
}

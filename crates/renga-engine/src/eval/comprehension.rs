//! Comprehensions.

use super::objects::bad_name;
use super::{Loaded, Vm};
use crate::analysis::code::{CompIr, Id, Ir, NameIr, SpecIr};
use crate::error::{Res, Step};
use crate::heap::arrays::Array;
use crate::heap::value::Value;
use crate::object::shape::Entry;
use crate::object::{Kind, Object};

impl Vm<'_> {
    pub(super) fn array_comprehension(
        &mut self,
        file: &Loaded,
        id: Id,
        comp: u32,
        env: u32,
    ) -> Res<Value> {
        let comp = file.code.comps[comp as usize];
        let out = self.heap.array(Vec::new());
        let Value::Arr(array) = out else { return Ok(out) };
        self.stack.push(out);
        self.iterate(file, id, comp, 0, env, array, true)?;
        self.stack.pop();
        Ok(out)
    }

    /// Runs the parts of a comprehension from `at` on, and appends what comes out: elements, or
    /// frames.
    #[expect(clippy::too_many_arguments, reason = "the parts of a node")]
    fn iterate(
        &mut self,
        file: &Loaded,
        id: Id,
        comp: CompIr,
        at: u32,
        env: u32,
        out: u32,
        elements: bool,
    ) -> Res<()> {
        if at == comp.spec_count {
            let value = if elements { self.delay(file, comp.body, env) } else { Value::Env(env) };
            self.heap.fresh += size_of::<Value>();
            if let Array::Flat(values) = self.heap.arrays.get_mut(out) {
                values.push(value);
            }
            return Ok(());
        }
        match file.code.specs[(comp.specs + at) as usize] {
            SpecIr::If(cond) => {
                let cond = self.eval(file, cond, env, false)?;
                match cond {
                    Value::Bool(true) => self.iterate(file, id, comp, at + 1, env, out, elements),
                    Value::Bool(false) => Ok(()),
                    other => Err(self.expected(other, "boolean").step(Step::Nowhere)),
                }
            }
            SpecIr::For(list) => {
                let base = self.stack.len();
                let list = self
                    .eval(file, list, env, false)
                    .map_err(|error| self.step(error, file, id))?;
                let Value::Arr(list) = list else {
                    let error = self.expected(list, "array");
                    return Err(self.step(error, file, id));
                };
                self.stack.push(Value::Arr(list));
                self.enter()?;
                for index in 0..self.heap.array_len(list) {
                    let element = self.heap.element(list, index);
                    let frame = self.heap.envs.add(env, file.number, 1);
                    self.heap.fresh += 32;
                    self.heap.envs.set(frame, 0, element);
                    self.stack.push(Value::Env(frame));
                    if at + 1 < comp.spec_count {
                        // Code runs: a point where the collector may.
                        self.enter()?;
                        self.iterate(file, id, comp, at + 1, frame, out, elements)
                            .map_err(|error| self.step(error, file, id))?;
                        self.leave();
                    } else {
                        self.iterate(file, id, comp, at + 1, frame, out, elements)?;
                    }
                    self.stack.pop();
                }
                self.leave();
                self.stack.truncate(base);
                Ok(())
            }
        }
    }

    pub(super) fn object_comprehension(
        &mut self,
        file: &Loaded,
        id: Id,
        comp: u32,
        env: u32,
    ) -> Res<Value> {
        let result = self.comprehended(file, id, comp, env);
        result.map_err(|error| self.step(error, file, id))
    }

    fn comprehended(&mut self, file: &Loaded, id: Id, comp: u32, env: u32) -> Res<Value> {
        let comp = file.code.comps[comp as usize];
        let frames = self.heap.array(Vec::new());
        let Value::Arr(array) = frames else { return Ok(frames) };
        self.stack.push(frames);
        self.iterate(file, id, comp, 0, env, array, false)?;
        let Ir::Object(object) = file.code.nodes[comp.body as usize] else {
            return Ok(Value::Null);
        };
        let ir = file.code.objects[object as usize];
        let field = file.code.fields[ir.fields as usize];
        let mut known = rustc_hash::FxHashSet::default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut envs: Vec<u32> = Vec::new();
        for at in 0..self.heap.array_len(array) {
            let Value::Env(frame) = self.heap.element(array, at) else { continue };
            self.enter()?;
            let name = match field.name {
                NameIr::Text(text) => self.literal(file, text),
                NameIr::Computed(node) => self.eval(file, node, frame, false)?,
            };
            self.leave();
            let name = match name {
                Value::Str(name) => {
                    let name = self.heap.text(name);
                    self.symbols.number_of(&name)
                }
                Value::Null => continue,
                other => {
                    let error = bad_name(other);
                    return Err(self.step(error, file, comp.body));
                }
            };
            if !known.insert(name) {
                return Err(self.duplicate(name));
            }
            let number = u32::try_from(envs.len()).unwrap_or(u32::MAX);
            entries.push(Entry {
                name,
                visibility: field.visibility,
                plus: field.plus,
                layer: 0,
                field: number,
            });
            envs.push(frame);
        }
        self.stack.pop();
        let shape = self.shapes.leaf(&entries, false);
        Ok(self.heap.object(Object::new(Kind::Comprehension { object, shape, envs: envs.into() })))
    }
}

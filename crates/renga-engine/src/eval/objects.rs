//! Objects: making them, and the fields they have.

use std::rc::Rc;

use renga_syntax::Visibility;

use super::{GROWTH, Loaded, RED_ZONE, UNKNOWN, Vm};
use crate::analysis::code::{Id, LAYER_SLOT, NameIr, SELF_SLOT};
use crate::error::{Res, Step, fail};
use crate::heap::envs::NO_ENV;
use crate::heap::symbols::Symbol;
use crate::heap::value::{Function, Value};
use crate::library::names::LIBRARY;
use crate::object::shape::{Entry, Shape};
use crate::object::{Flat, Kind, NO_OBJECT, Object, State};

/// A field that was found.
#[derive(Clone, Copy)]
struct Found {
    layer: u32,
    field: u32,
    plus: bool,
}

impl Vm<'_> {
    /// An object whose names are texts.
    pub(super) fn plain_object(&mut self, file: &Loaded, object: u32, env: u32) -> Value {
        let mut shape = file.shapes[object as usize].get();
        if shape == UNKNOWN {
            let ir = file.code.objects[object as usize];
            let mut entries = Vec::with_capacity(ir.field_count as usize);
            for at in 0..ir.field_count {
                let field = file.code.fields[(ir.fields + at) as usize];
                if let NameIr::Text(text) = field.name {
                    let name = self.symbol(file, text);
                    entries.push(Entry {
                        name,
                        visibility: field.visibility,
                        plus: field.plus,
                        layer: 0,
                        field: at,
                    });
                }
            }
            shape = self.shapes.leaf(&entries, ir.assert_count > 0);
            file.shapes[object as usize].set(shape);
        }
        self.heap.object(Object::new(Kind::Literal { object, env, shape }))
    }

    /// An object some of whose names are evaluated.
    pub(super) fn computed_object(
        &mut self,
        file: &Loaded,
        id: Id,
        object: u32,
        env: u32,
    ) -> Res<Value> {
        let ir = file.code.objects[object as usize];
        let mut entries: Vec<Entry> = Vec::with_capacity(ir.field_count as usize);
        for at in 0..ir.field_count {
            let field = file.code.fields[(ir.fields + at) as usize];
            let name = match field.name {
                NameIr::Text(text) => self.symbol(file, text),
                NameIr::Computed(node) => match self.eval(file, node, env, false)? {
                    Value::Str(name) => {
                        let name = self.heap.text(name);
                        self.symbols.number_of(&name)
                    }
                    Value::Null => continue,
                    other => {
                        let error = bad_name(other);
                        return Err(self.step(error, file, id));
                    }
                },
            };
            if entries.iter().any(|entry| entry.name == name) {
                let error = self.duplicate(name);
                return Err(self.step(error, file, id));
            }
            entries.push(Entry {
                name,
                visibility: field.visibility,
                plus: field.plus,
                layer: 0,
                field: at,
            });
        }
        let shape = self.shapes.leaf(&entries, ir.assert_count > 0);
        Ok(self.heap.object(Object::new(Kind::Literal { object, env, shape })))
    }

    pub(super) fn duplicate(&mut self, name: Symbol) -> crate::error::Fail {
        let mut shown = String::new();
        crate::manifest::json::quote(self.symbols.name(name), &mut shown);
        crate::error::failure(
            crate::error::ErrorKind::Runtime,
            format!("Duplicate field name: {shown}"),
        )
    }

    /// An object of values.
    pub(crate) fn object_of(
        &mut self,
        fields: Vec<(Symbol, Value)>,
        visibility: Visibility,
    ) -> Value {
        let mut entries = Vec::with_capacity(fields.len());
        let mut values = Vec::with_capacity(fields.len());
        for (field, (name, value)) in (0..).zip(fields) {
            entries.push(Entry { name, visibility, plus: false, layer: 0, field });
            values.push(value);
        }
        let shape = self.shapes.leaf(&entries, false);
        self.heap.object(Object::new(Kind::Values { shape, values }))
    }

    /// The standard library as a file sees it.
    pub(super) fn std_object(&mut self, file: &Loaded) -> Value {
        let known = file.std.get();
        if known != UNKNOWN {
            return Value::Obj(known);
        }
        let mut fields = Vec::with_capacity(LIBRARY.len() + 2);
        for (number, entry) in (0..).zip(LIBRARY) {
            let name = self.symbols.number(entry.name);
            let function = self.heap.function(Function::Library(number));
            fields.push((name, function));
        }
        let pi = self.symbols.number("pi");
        fields.push((pi, Value::Num(std::f64::consts::PI)));
        let this_file = self.symbols.number("thisFile");
        let name = self.heap.string(file.source.path());
        fields.push((this_file, name));
        let object = self.object_of(fields, Visibility::Hidden);
        if let Value::Obj(at) = object {
            file.std.set(at);
        }
        object
    }

    /// The layers and the shape of an object; prepares it for lookups.
    pub(crate) fn shape_of(&mut self, object: u32) -> Rc<Shape> {
        let shape = self.shape_number(object);
        self.shapes.get(shape).clone()
    }

    fn shape_number(&mut self, object: u32) -> u32 {
        let this = self.heap.objects.get(object);
        match &this.kind {
            Kind::Literal { shape, .. }
            | Kind::Comprehension { shape, .. }
            | Kind::Values { shape, .. } => {
                return *shape;
            }
            Kind::Joined { .. } | Kind::Without { .. } => {}
            Kind::Free => return self.shapes.leaf(&[], false),
        }
        if let Some(state) = &this.state
            && let Some(flat) = &state.flat
        {
            return flat.shape;
        }
        let flat = self.flatten(object);
        let shape = flat.shape;
        self.heap.fresh += flat.leaves.len() * 4;
        let state = self.state(object, shape);
        state.flat = Some(Rc::new(flat));
        shape
    }

    fn flatten(&mut self, object: u32) -> Flat {
        if let Kind::Without { of, key } = self.heap.objects.get(object).kind {
            let below = self.shape_number(of);
            let shape = self.shapes.without(below, key);
            let mut leaves = vec![NO_OBJECT];
            self.leaves_of(of, &mut leaves);
            return Flat { leaves, shape, restricted: true };
        }
        let mut leaves = Vec::new();
        let mut shapes = Vec::new();
        let mut restricted = false;
        let mut pending = vec![object];
        while let Some(next) = pending.pop() {
            match self.heap.objects.get(next).kind {
                Kind::Joined { left, right } => pending.extend([left, right]),
                _ => {
                    shapes.push(self.shape_number(next));
                    restricted |= self.leaves_of(next, &mut leaves);
                }
            }
        }
        let shape = self.shapes.joined(&shapes);
        Flat { leaves, shape, restricted }
    }

    /// Appends the layers of an object that is looked at already, or is a single layer. Whether a
    /// key was taken away.
    fn leaves_of(&self, object: u32, out: &mut Vec<u32>) -> bool {
        let flat =
            self.heap.objects.get(object).state.as_ref().and_then(|state| state.flat.as_ref());
        match flat {
            Some(flat) => {
                out.extend_from_slice(&flat.leaves);
                flat.restricted
            }
            None => {
                out.push(object);
                false
            }
        }
    }

    fn state(&mut self, object: u32, shape: u32) -> &mut State {
        let shape = self.shapes.get(shape);
        let (entries, layers) = (shape.entries.len(), shape.layers as usize);
        let this = self.heap.objects.get_mut(object);
        if this.state.is_none() {
            self.heap.fresh += size_of::<State>() + entries * size_of::<Value>() + layers * 4;
        }
        this.state.get_or_insert_with(|| {
            Box::new(State {
                cache: vec![Value::Unset; entries].into(),
                envs: vec![NO_ENV; layers].into(),
                ..State::default()
            })
        })
    }

    /// The value of a field that was evaluated before.
    pub(super) fn cached_field(&self, object: u32, name: Symbol) -> Option<Value> {
        let this = self.heap.objects.get(object);
        let state = this.state.as_ref()?;
        let shape = match &this.kind {
            Kind::Literal { shape, .. }
            | Kind::Comprehension { shape, .. }
            | Kind::Values { shape, .. } => *shape,
            Kind::Joined { .. } | Kind::Without { .. } => state.flat.as_ref()?.shape,
            Kind::Free => return None,
        };
        let at = self.shapes.get(shape).find(name)?;
        match state.cache.get(at as usize) {
            Some(Value::Unset) | None => None,
            Some(&value) => Some(value),
        }
    }

    /// The value of a field of an object that is kept.
    pub(crate) fn field_or_fail(&mut self, object: u32, name: Symbol) -> Res<Value> {
        let number = self.shape_number(object);
        let shape = self.shapes.get(number).clone();
        self.check_assertions(object, &shape)?;
        let Some(at) = shape.find(name) else {
            // go-jsonnet finds a key that was taken away from a layer below another one.
            let restricted = self
                .flat(object)
                .is_some_and(|flat| flat.restricted && flat.leaves.first() != Some(&NO_OBJECT));
            if restricted && let Some(found) = self.find_from(object, 0, name) {
                return self.field_value(object, found, name);
            }
            return fail(format!("Field does not exist: {}", self.symbols.name(name)));
        };
        let known = self.state(object, number).cache[at as usize];
        if known != Value::Unset {
            return Ok(known);
        }
        let entry = shape.entries[at as usize];
        let found = Found { layer: entry.layer, field: entry.field, plus: entry.plus };
        let value = self.field_value(object, found, name)?;
        self.state(object, number).cache[at as usize] = value;
        Ok(value)
    }

    fn flat(&self, object: u32) -> Option<&Rc<Flat>> {
        self.heap.objects.get(object).state.as_ref()?.flat.as_ref()
    }

    fn leaf(&self, object: u32, layer: u32) -> u32 {
        self.flat(object).map_or(object, |flat| flat.leaves[layer as usize])
    }

    /// Finds a field from a layer on. Looks through keys that were taken away below.
    fn find_from(&mut self, object: u32, layer: u32, name: Symbol) -> Option<Found> {
        self.shape_number(object);
        let count = self.flat(object).map_or(1, |flat| flat.leaves.len());
        for at in layer as usize..count {
            let layer = u32::try_from(at).unwrap_or(u32::MAX);
            let leaf = self.leaf(object, layer);
            if leaf == NO_OBJECT {
                continue;
            }
            let number = self.shape_number(leaf);
            let shape = self.shapes.get(number);
            if let Some(found) = shape.find(name) {
                let entry = shape.entries[found as usize];
                return Some(Found { layer, field: entry.field, plus: entry.plus });
            }
        }
        None
    }

    fn field_value(&mut self, object: u32, found: Found, name: Symbol) -> Res<Value> {
        let base = self.stack.len();
        self.stack.push(Value::Obj(object));
        let leaf = self.leaf(object, found.layer);
        let value = match &self.heap.objects.get(leaf).kind {
            Kind::Values { values, .. } => {
                let value = values[found.field as usize];
                if matches!(value, Value::Thunk(_)) {
                    let value = self.force(value)?;
                    if let Kind::Values { values, .. } = &mut self.heap.objects.get_mut(leaf).kind {
                        values[found.field as usize] = value;
                    }
                    value
                } else {
                    value
                }
            }
            &Kind::Literal { object: literal, env, .. } => {
                let file = self.files[self.heap.envs.head(env).file as usize].clone();
                let frame = self.layer_frame(object, found.layer, &file, literal, env);
                self.code_field(&file, literal, frame, object, found, name)?
            }
            Kind::Comprehension { object: literal, envs, .. } => {
                let (literal, env) = (*literal, envs[found.field as usize]);
                let file = self.files[self.heap.envs.head(env).file as usize].clone();
                let frame = self.object_frame(object, found.layer, &file, literal, env);
                let found = Found { field: 0, ..found };
                self.code_field(&file, literal, frame, object, found, name)?
            }
            Kind::Joined { .. } | Kind::Without { .. } | Kind::Free => Value::Null,
        };
        self.stack.truncate(base);
        Ok(value)
    }

    /// Runs the code of a field.
    fn code_field(
        &mut self,
        file: &Loaded,
        literal: u32,
        frame: u32,
        object: u32,
        found: Found,
        name: Symbol,
    ) -> Res<Value> {
        self.stack.push(Value::Env(frame));
        let ir = file.code.objects[literal as usize];
        let body = file.code.fields[(ir.fields + found.field) as usize].body;
        self.enter()?;
        if !found.plus {
            let value =
                stacker::maybe_grow(RED_ZONE, GROWTH, || self.eval(file, body, frame, false))?;
            self.leave();
            return Ok(value);
        }
        let step = Step::Plus { file: file.number, node: body };
        let value = stacker::maybe_grow(RED_ZONE, GROWTH, || {
            self.plus(file, body, frame, object, found, name)
        })
        .map_err(|error| error.step(step))?;
        self.leave();
        Ok(value)
    }

    fn plus(
        &mut self,
        file: &Loaded,
        body: Id,
        frame: u32,
        object: u32,
        found: Found,
        name: Symbol,
    ) -> Res<Value> {
        self.enter()?;
        let right = self.eval(file, body, frame, false)?;
        self.leave();
        if self.find_from(object, found.layer + 1, name).is_none() {
            return Ok(right);
        }
        self.stack.push(right);
        let left = self.field_from(object, found.layer + 1, name)?;
        self.stack.push(left);
        self.add(left, right)
    }

    /// The value of a field from a layer on.
    fn field_from(&mut self, object: u32, layer: u32, name: Symbol) -> Res<Value> {
        let shape = self.shape_of(object);
        self.check_assertions(object, &shape)?;
        if layer >= shape.layers {
            return fail("Attempt to use super when there is no super class.");
        }
        let Some(found) = self.find_from(object, layer, name) else {
            return fail(format!("Field does not exist: {}", self.symbols.name(name)));
        };
        let number = self.shape_number(object);
        let known = self
            .state(object, number)
            .supers
            .iter()
            .find(|(known, layer, _)| *known == name && *layer == found.layer)
            .map(|&(_, _, value)| value);
        if let Some(value) = known {
            return Ok(value);
        }
        let value = self.field_value(object, found, name)?;
        self.state(object, number).supers.push((name, found.layer, value));
        Ok(value)
    }

    fn super_of(&self, frame: u32) -> (u32, u32) {
        let object = match self.heap.envs.get(frame, SELF_SLOT) {
            Value::Obj(object) => object,
            _ => NO_OBJECT,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small count"
        )]
        let layer = match self.heap.envs.get(frame, LAYER_SLOT) {
            Value::Num(layer) => layer as u32,
            _ => 0,
        };
        (object, layer + 1)
    }

    pub(super) fn super_index(&mut self, frame: u32, index: Value) -> Res<Value> {
        let Value::Str(name) = index else { return Err(self.expected(index, "string")) };
        let name = self.heap.text(name);
        let name = self.symbols.number_of(&name);
        let (object, layer) = self.super_of(frame);
        self.field_from(object, layer, name)
    }

    pub(super) fn in_super(&mut self, frame: u32, name: Value) -> Res<Value> {
        let Value::Str(name) = name else { return Err(self.expected(name, "string")) };
        let name = self.heap.text(name);
        let (object, layer) = self.super_of(frame);
        let found = match self.symbols.known(&name) {
            Some(name) => self.find_from(object, layer, name).is_some(),
            None => false,
        };
        Ok(Value::Bool(found))
    }

    /// The frame the fields of a layer run in.
    fn layer_frame(
        &mut self,
        object: u32,
        layer: u32,
        file: &Loaded,
        literal: u32,
        env: u32,
    ) -> u32 {
        let number = self.shape_number(object);
        let known = self.state(object, number).envs[layer as usize];
        if known != NO_ENV {
            return known;
        }
        let frame = self.object_frame(object, layer, file, literal, env);
        self.state(object, number).envs[layer as usize] = frame;
        frame
    }

    fn object_frame(
        &mut self,
        object: u32,
        layer: u32,
        file: &Loaded,
        literal: u32,
        env: u32,
    ) -> u32 {
        let ir = file.code.objects[literal as usize];
        let frame = self.heap.envs.add(env, file.number, ir.frame);
        self.heap.fresh += 16 + ir.frame as usize * 16;
        self.heap.envs.set(frame, SELF_SLOT, Value::Obj(object));
        self.heap.envs.set(frame, LAYER_SLOT, Value::Num(f64::from(layer)));
        for &(slot, node) in
            &file.code.binds[ir.locals as usize..(ir.locals + ir.local_count) as usize]
        {
            let value = self.delay(file, node, frame);
            self.heap.envs.set(frame, slot, value);
        }
        frame
    }

    /// Checks the assertions of an object that is kept, once.
    pub(crate) fn check_assertions(&mut self, object: u32, shape: &Shape) -> Res<()> {
        if std::mem::replace(&mut self.heap.objects.get_mut(object).checked, true) || !shape.asserts
        {
            return Ok(());
        }
        self.stack.push(Value::Obj(object));
        for layer in 0..shape.layers {
            let leaf = self.leaf(object, layer);
            if leaf == NO_OBJECT {
                continue;
            }
            let Kind::Literal { object: literal, env, .. } = self.heap.objects.get(leaf).kind
            else {
                continue;
            };
            let file = self.files[self.heap.envs.head(env).file as usize].clone();
            let ir = file.code.objects[literal as usize];
            if ir.assert_count == 0 {
                continue;
            }
            let frame = self.layer_frame(object, layer, &file, literal, env);
            for at in 0..ir.assert_count {
                let node = file.code.lists[(ir.asserts + at) as usize];
                self.enter()?;
                stacker::maybe_grow(RED_ZONE, GROWTH, || self.eval(&file, node, frame, false))?;
                self.leave();
            }
        }
        self.stack.pop();
        Ok(())
    }

    /// Names of fields, by their text.
    pub(crate) fn field_names(&mut self, object: u32, hidden: bool) -> Vec<Symbol> {
        let shape = self.shape_of(object);
        let order = shape.sorted(&self.symbols, hidden);
        order.iter().map(|&at| shape.entries[at as usize].name).collect()
    }

    /// How many visible fields an object has.
    pub(crate) fn field_count(&mut self, object: u32) -> usize {
        let shape = self.shape_of(object);
        shape.entries.iter().filter(|entry| entry.visibility != Visibility::Hidden).count()
    }

    /// Whether an object has a field, by name.
    pub(crate) fn has_field(&mut self, object: u32, name: &str, hidden: bool) -> bool {
        let Some(name) = self.symbols.known(name) else { return false };
        let shape = self.shape_of(object);
        let Some(at) = shape.find(name) else { return false };
        hidden || shape.entries[at as usize].visibility != Visibility::Hidden
    }

    /// `std.objectHasEx`
    pub(crate) fn object_has(&mut self, object: Value, name: Value, hidden: bool) -> Res<Value> {
        let Value::Obj(object) = object else { return Err(self.expected(object, "object")) };
        let Value::Str(name) = name else { return Err(self.expected(name, "string")) };
        let name = self.heap.text(name);
        Ok(Value::Bool(self.has_field(object, &name, hidden)))
    }
}

pub(super) fn bad_name(got: Value) -> crate::error::Fail {
    let message = format!("Field name must be string, got {}", got.type_name());
    crate::error::failure(crate::error::ErrorKind::Runtime, message)
}

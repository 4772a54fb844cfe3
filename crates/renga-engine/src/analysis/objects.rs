//! Objects and object comprehensions.

use renga_syntax::{FieldName, List, Member, Node, Span};

use super::code::{Context, FieldIr, Id, Ir, NO_NODE, NameIr, OBJECT_LOCALS, ObjectIr};
use super::lower::{ANONYMOUS, Lower, Lowered, NONE, number};

impl Lower {
    pub(super) fn object(&mut self, members: List, context: u32, bind: u32) -> Lowered<u32> {
        let inner = if context == NONE { NONE } else { self.context(Context::Object(bind)) };
        let own = self.own.take();
        let mark = self.scopes.mark();
        let frame = self.scopes.open(OBJECT_LOCALS);
        self.scopes.objects.push(frame);
        let mut slots = Vec::new();
        for at in members.range() {
            if let Member::Local { bind, .. } = self.tree.members[at] {
                slots.push(self.scopes.declare(bind.name, frame));
            }
        }
        let mut locals: Vec<(u32, Id)> = Vec::with_capacity(slots.len());
        let mut fields: Vec<FieldIr> = Vec::with_capacity(members.len as usize);
        for at in members.range() {
            if let Member::Local { bind, .. } = self.tree.members[at] {
                let slot = slots[locals.len()];
                let value = self.delayed(bind.value, inner, ANONYMOUS)?;
                locals.push((slot, value));
            }
        }
        for at in members.range() {
            if let Member::Field { plus, visibility, value, .. } = self.tree.members[at] {
                let body = self.delayed(value, inner, ANONYMOUS)?;
                fields.push(FieldIr { name: NameIr::Text(0), body, visibility, plus });
            }
        }
        let mut asserts: Vec<Id> = Vec::new();
        for at in members.range() {
            if let Member::Assert { cond, message, span } = self.tree.members[at] {
                let cond = self.delayed(cond, inner, ANONYMOUS)?;
                let message = match message {
                    Some(message) => self.delayed(message, inner, ANONYMOUS)?,
                    None => NO_NODE,
                };
                asserts.push(self.push(Ir::Assert { cond, message, rest: NO_NODE }, span, NONE));
            }
        }
        self.scopes.objects.pop();
        let size = self.scopes.close();
        self.scopes.release(mark);
        // Names are evaluated outside of the object.
        let mut plain = true;
        let mut quoted = false;
        let mut next = 0;
        for at in members.range() {
            if let Member::Field { name, .. } = self.tree.members[at] {
                quoted |= !matches!(name, FieldName::Identifier(_));
                fields[next].name = self.field_name(name, context)?;
                plain &= matches!(fields[next].name, NameIr::Text(_));
                next += 1;
            }
        }
        self.own = own;
        if plain && next > 1 && quoted {
            // Escapes can hide that two names are equal.
            let mut texts: Vec<&str> = fields
                .iter()
                .filter_map(|field| match field.name {
                    NameIr::Text(text) => Some(self.tree.str(renga_syntax::StrId(text))),
                    NameIr::Computed(_) => None,
                })
                .collect();
            texts.sort_unstable();
            plain = texts.windows(2).all(|pair| pair[0] != pair[1]);
        }
        let locals_start = number(self.code.binds.len());
        let local_count = number(locals.len());
        self.code.binds.extend(locals);
        let asserts_start = self.list(&asserts);
        let fields_start = number(self.code.fields.len());
        let field_count = number(fields.len());
        self.code.fields.extend(fields);
        self.code.objects.push(ObjectIr {
            fields: fields_start,
            field_count,
            locals: locals_start,
            local_count,
            asserts: asserts_start,
            assert_count: number(asserts.len()),
            frame: size,
            plain,
        });
        Ok(number(self.code.objects.len() - 1))
    }

    fn field_name(&mut self, name: FieldName, context: u32) -> Lowered<NameIr> {
        match name {
            FieldName::Identifier(text) => Ok(NameIr::Text(text.0)),
            FieldName::Str(node) => match self.tree.node(node) {
                Node::Str(text) => Ok(NameIr::Text(text.0)),
                _ => Ok(NameIr::Computed(self.expression(node, context, ANONYMOUS)?)),
            },
            FieldName::Computed(node) => {
                let id = self.delayed(node, context, ANONYMOUS)?;
                Ok(match self.code.nodes[id as usize] {
                    Ir::Str(text) => NameIr::Text(text),
                    _ => NameIr::Computed(id),
                })
            }
        }
    }

    pub(super) fn object_comprehension(
        &mut self,
        members: List,
        specs: List,
        context: u32,
        bind: u32,
        span: Span,
    ) -> Lowered<u32> {
        let mark = self.scopes.mark();
        let own = self.own.take();
        let (lowered, frames) = self.specs(specs, context)?;
        let object = self.object(members, context, bind)?;
        // The object itself, for the places of errors about its name.
        let body = self.push(Ir::Object(object), span, context);
        self.end_specs(frames, mark);
        self.own = own;
        Ok(self.comprehension(&lowered, body))
    }
}

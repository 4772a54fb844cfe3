//! Expressions: pipelines, commands, variables and field chains.

use super::{Outcome, Slot, State};
use crate::parse::ast::{Node, NodeId, Number};
use crate::template::MissingKey;
use crate::text::{GoStr, quote};
use crate::types::Type;
use crate::value::Value;

impl State<'_, '_, '_> {
    pub(super) fn eval_pipeline(&mut self, dot: &Slot, id: NodeId) -> Outcome<Slot> {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
            self.eval_pipeline_inner(dot, id)
        })
    }

    fn eval_pipeline_inner(&mut self, dot: &Slot, id: NodeId) -> Outcome<Slot> {
        self.step()?;
        self.at(id);
        let Node::Pipe { assign, decls, commands } = self.tree.node(id) else {
            return self.error("a pipeline is missing");
        };
        let mut value = None;
        for &command in self.tree.children(*commands) {
            value = Some(self.eval_command(dot, command, value)?.concrete());
        }
        let value = value.unwrap_or(Slot::Invalid);
        for &decl in self.tree.children(*decls) {
            let Node::Variable { var, .. } = self.tree.node(decl) else { continue };
            if *assign {
                self.assign(*var, value.clone())?;
            } else {
                self.push(*var, value.clone());
            }
        }
        Ok(value)
    }

    fn not_a_function(&mut self, args: &[NodeId], last: Option<&Slot>) -> Outcome<()> {
        if args.len() > 1 || last.is_some() {
            let shown = args.first().map(|&arg| self.tree.show(arg)).unwrap_or_default();
            return self.error(format!("can't give argument to non-function {shown}"));
        }
        Ok(())
    }

    fn eval_command(&mut self, dot: &Slot, id: NodeId, last: Option<Slot>) -> Outcome<Slot> {
        let Node::Command(args) = self.tree.node(id) else {
            return self.error("a command is missing");
        };
        let args = self.tree.children(*args);
        let first = args[0];
        match self.tree.node(first) {
            Node::Field(fields) => {
                self.at(first);
                let fields = self.tree.fields(*fields);
                return self.eval_chain(dot, dot.clone(), first, fields, Some(args), last);
            }
            Node::Chain { .. } => return self.eval_chain_node(dot, first, Some(args), last),
            Node::Identifier(_) => return self.eval_function(dot, first, id, Some(args), last),
            Node::Pipe { .. } => {
                self.not_a_function(args, last.as_ref())?;
                return self.eval_pipeline(dot, first);
            }
            Node::Variable { .. } => return self.eval_variable(dot, first, Some(args), last),
            _ => {}
        }
        self.at(first);
        self.not_a_function(args, last.as_ref())?;
        match self.tree.node(first) {
            Node::Bool(value) => Ok(Slot::Of(Value::Bool(*value))),
            Node::Dot => Ok(dot.clone()),
            Node::Nil => self.error("nil is not a command"),
            Node::Number(number) => self.ideal_constant(first, number),
            Node::Str { text, .. } => Ok(Slot::Of(Value::Str(text.clone()))),
            _ => {
                let shown = self.tree.show(first);
                self.error(format!("can't evaluate command {}", quote::quoted(shown.as_bytes())))
            }
        }
    }

    /// The value of a number where nothing says its type.
    pub(super) fn ideal_constant(&mut self, id: NodeId, number: &Number) -> Outcome<Slot> {
        self.at(id);
        let text = number.text.as_bytes();
        let is_rune = text.starts_with(b"'");
        let is_hex_int = text.len() > 2
            && matches!(text, [b'0', b'x' | b'X', ..])
            && !text.iter().any(|byte| b"pP".contains(byte));
        let looks_float = text.iter().any(|byte| b".eEpP".contains(byte));
        if let Some((re, im)) = number.complex {
            return Ok(Slot::Of(Value::Complex(re, im)));
        }
        if let Some(float) = number.float
            && !is_hex_int
            && !is_rune
            && looks_float
        {
            return Ok(Slot::Of(Value::Float(float)));
        }
        if let Some(int) = number.int {
            return Ok(Slot::Of(Value::int(int)));
        }
        if number.uint.is_some() {
            return self.error(format!("{} overflows int", number.text));
        }
        Ok(Slot::Invalid)
    }

    pub(super) fn eval_variable(
        &mut self,
        dot: &Slot,
        id: NodeId,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        self.at(id);
        let Node::Variable { var, fields } = self.tree.node(id) else {
            return self.error("a variable is missing");
        };
        let index = self.find_var(*var)?;
        let value = self.vars[index].1.clone();
        if fields.is_empty() {
            self.not_a_function(args.unwrap_or_default(), last.as_ref())?;
            return Ok(value);
        }
        self.eval_chain(dot, value, id, self.tree.fields(*fields), args, last)
    }

    pub(super) fn eval_chain_node(
        &mut self,
        dot: &Slot,
        id: NodeId,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        self.at(id);
        let Node::Chain { node, fields } = self.tree.node(id) else {
            return self.error("a chain is missing");
        };
        if matches!(self.tree.node(*node), Node::Nil) {
            let shown = self.tree.show(id);
            return self.error(format!("indirection through explicit nil in {shown}"));
        }
        let receiver = self.eval_arg(dot, None, *node)?;
        self.eval_chain(dot, receiver, id, self.tree.fields(*fields), args, last)
    }

    /// Walks `.X.Y.Z` from the receiver; arguments go to the last name.
    pub(super) fn eval_chain(
        &mut self,
        dot: &Slot,
        mut receiver: Slot,
        id: NodeId,
        fields: &[GoStr],
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        let Some((final_name, names)) = fields.split_last() else { return Ok(receiver) };
        for name in names {
            receiver = self.eval_field(dot, name, id, None, None, &receiver)?;
        }
        self.eval_field(dot, final_name, id, args, last, &receiver)
    }

    fn eval_field(
        &mut self,
        dot: &Slot,
        name: &GoStr,
        id: NodeId,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
        receiver: &Slot,
    ) -> Outcome<Slot> {
        let Some(ty) = receiver.ty() else {
            if self.run.options.missing_key == MissingKey::Error {
                return self.error(format!("nil data; no entry for key {}", quote::quoted(name)));
            }
            return Ok(Slot::Invalid);
        };
        let has_args = args.is_some_and(|args| args.len() > 1) || last.is_some();
        match receiver.value() {
            Value::Nil => return self.error(format!("nil pointer evaluating {ty}.{name}")),
            Value::Object(object) => {
                let object = std::rc::Rc::clone(object);
                let text = name.to_text();
                if let Some(method) = object.method(&text) {
                    return self.call_closure(dot, &method, id, &text, args, last);
                }
                if object.hides(&text) {
                    return self
                        .error(format!("{name} is an unexported field of struct type {ty}"));
                }
                if let Some(field) = object.field(&text) {
                    if has_args {
                        return self.error(format!(
                            "{name} has arguments but cannot be invoked as function"
                        ));
                    }
                    // A field of interface type shows as one; other fields show their own type.
                    return Ok(match field {
                        Value::Nil => Slot::Iface(Value::Nil),
                        field => Slot::Of(field),
                    });
                }
            }
            Value::List(list) => {
                if let Type::Named(named) = list.ty()
                    && let Some(method) = (named.list_method)(list, &name.to_text())
                {
                    return self.call_closure(dot, &method, id, &name.to_text(), args, last);
                }
            }
            Value::Map(map) => {
                if let Type::Named(named) = map.ty()
                    && is_exported(name)
                    && let Some(method) = (named.method)(map, &name.to_text())
                {
                    return self.call_closure(dot, &method, id, &name.to_text(), args, last);
                }
                if has_args {
                    return self.error(format!("{name} is not a method but has arguments"));
                }
                let element = map.element();
                if let Some(value) = map.get(name) {
                    return Ok(Slot::typed(value, element));
                }
                return match self.run.options.missing_key {
                    MissingKey::Default => Ok(Slot::Invalid),
                    MissingKey::Zero => Ok(Slot::typed(element.zero(), element)),
                    MissingKey::Error => {
                        let shown = quote::quoted(name);
                        self.error(format!("map has no entry for key {shown}"))
                    }
                };
            }
            _ => {}
        }
        self.error(format!("can't evaluate field {name} in type {ty}"))
    }
}

/// Whether a name may be that of a method, which no name that begins with a small letter is.
fn is_exported(name: &GoStr) -> bool {
    !name.first().is_some_and(u8::is_ascii_lowercase)
}

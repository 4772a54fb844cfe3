//! Statements: text, actions, branches, loops and template invocations.

use std::sync::Arc;

use super::{GO_MAX_DEPTH, Outcome, Slot, State};
use crate::format;
use crate::parse::ast::{BranchKind, Node, NodeId};
use crate::text::quote;
use crate::types::Type;
use crate::value::Value;

/// How a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl State<'_, '_, '_> {
    pub(super) fn walk(&mut self, dot: &Slot, id: NodeId) -> Outcome<Flow> {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || self.walk_node(dot, id))
    }

    fn walk_node(&mut self, dot: &Slot, id: NodeId) -> Outcome<Flow> {
        self.step()?;
        self.at(id);
        match self.tree.node(id) {
            Node::Action(pipe) => {
                let value = self.eval_pipeline(dot, *pipe)?;
                if !self.declares(*pipe) {
                    self.print(id, &value)?;
                }
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::Branch { kind: BranchKind::Range, pipe, list, or_else } => {
                let mark = self.vars.len();
                let flow = self.range(dot, *pipe, *list, *or_else)?;
                self.vars.truncate(mark);
                return Ok(flow);
            }
            Node::Branch { kind, pipe, list, or_else } => {
                let mark = self.vars.len();
                let value = self.eval_pipeline(dot, *pipe)?;
                let flow = if value.value().truth() {
                    let dot = if *kind == BranchKind::With { &value } else { dot };
                    self.walk(dot, *list)?
                } else if let Some(or_else) = or_else {
                    self.walk(dot, *or_else)?
                } else {
                    Flow::Next
                };
                self.vars.truncate(mark);
                return Ok(flow);
            }
            Node::List(nodes) => {
                for &node in self.tree.children(*nodes) {
                    let flow = match self.tree.node(node) {
                        Node::Text(range) => {
                            self.step()?;
                            self.at(node);
                            self.write(self.tree.slice(range))?;
                            Flow::Next
                        }
                        _ => self.walk(dot, node)?,
                    };
                    if flow != Flow::Next {
                        return Ok(flow);
                    }
                }
            }
            Node::Template { invoked, pipe } => {
                let name = &self.tree.invoked[*invoked as usize];
                self.invoke(dot, name, *pipe)?;
            }
            Node::Text(range) => self.write(self.tree.slice(range))?,
            _ => return self.error(format!("unknown node: {}", self.tree.show(id))),
        }
        Ok(Flow::Next)
    }

    fn declares(&self, pipe: NodeId) -> bool {
        matches!(self.tree.node(pipe), Node::Pipe { decls, .. } if !decls.is_empty())
    }

    fn invoke(&mut self, dot: &Slot, name: &str, pipe: Option<NodeId>) -> Outcome<()> {
        let Some(tree) = self.set.find(name) else {
            return self.error(format!("template {} not defined", quote::quoted(name.as_bytes())));
        };
        if self.depth >= self.run.options.limits.depth {
            return self.error(format!("exceeded maximum template depth ({GO_MAX_DEPTH})"));
        }
        let dot = match pipe {
            Some(pipe) => self.eval_pipeline(dot, pipe)?,
            None => Slot::Invalid,
        };
        let tree = Arc::clone(tree);
        let mut inner = State {
            tree: &tree,
            set: self.set,
            node: self.node,
            vars: vec![(0, dot.clone())],
            depth: self.depth + 1,
            run: &mut *self.run,
            out: &mut *self.out,
        };
        inner.walk(&dot, tree.root)?;
        Ok(())
    }

    fn range(
        &mut self,
        dot: &Slot,
        pipe: NodeId,
        list: NodeId,
        or_else: Option<NodeId>,
    ) -> Outcome<Flow> {
        let value = self.eval_pipeline(dot, pipe)?.into_value();
        let value = match &value {
            Value::Object(object) => object.as_collection().unwrap_or(value),
            _ => value,
        };
        let mut ran = false;
        match &value {
            Value::Int(kind, count) => {
                self.one_variable_only(pipe, &value)?;
                for number in 0..*count {
                    ran = true;
                    let element = Slot::Of(Value::Int(*kind, number));
                    if self.iteration(pipe, list, Slot::Invalid, &element)? == Flow::Break {
                        break;
                    }
                }
            }
            // A defined integer type counts in its own kind.
            Value::Object(_) if let Some(count) = value.as_duration() => {
                self.one_variable_only(pipe, &value)?;
                for number in 0..count {
                    ran = true;
                    let element = Slot::Of(Value::duration(number));
                    if self.iteration(pipe, list, Slot::Invalid, &element)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Uint(kind, count) => {
                self.one_variable_only(pipe, &value)?;
                for number in 0..*count {
                    ran = true;
                    let element = Slot::Of(Value::Uint(*kind, number));
                    if self.iteration(pipe, list, Slot::Invalid, &element)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::List(items) => {
                let element = items.element();
                for index in 0..items.len() {
                    ran = true;
                    let item = Slot::typed(items.get(index).unwrap_or_default(), element);
                    let index = Slot::Of(Value::int(i64::try_from(index).unwrap_or(i64::MAX)));
                    if self.iteration(pipe, list, index, &item)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Bytes(bytes) => {
                for (index, &byte) in bytes.iter().enumerate() {
                    ran = true;
                    let item = Slot::Of(Value::Uint(crate::types::UintKind::Uint8, byte.into()));
                    let index = Slot::Of(Value::int(i64::try_from(index).unwrap_or(i64::MAX)));
                    if self.iteration(pipe, list, index, &item)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                let element = map.element();
                for (key, item) in map.entries() {
                    ran = true;
                    let key = Slot::Of(Value::Str(key));
                    let item = Slot::typed(item, element);
                    if self.iteration(pipe, list, key, &item)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Nil => {}
            _ => {
                let shown = format::display(&value);
                return self.error(format!("range can't iterate over {shown}"));
            }
        }
        if !ran && let Some(or_else) = or_else {
            return self.walk(dot, or_else);
        }
        Ok(Flow::Next)
    }

    fn one_variable_only(&mut self, pipe: NodeId, value: &Value) -> Outcome<()> {
        match self.tree.node(pipe) {
            Node::Pipe { decls, .. } if decls.len() > 1 => {
                let shown = format::display(value);
                self.error(format!("can't use {shown} to iterate over more than one variable"))
            }
            _ => Ok(()),
        }
    }

    fn iteration(
        &mut self,
        pipe: NodeId,
        list: NodeId,
        index: Slot,
        element: &Slot,
    ) -> Outcome<Flow> {
        let mark = self.vars.len();
        if let Node::Pipe { assign, decls, .. } = self.tree.node(pipe) {
            let tree = self.tree;
            let var = |decl: NodeId| match tree.node(decl) {
                Node::Variable { var, .. } => *var,
                _ => 0,
            };
            match (tree.children(*decls), *assign) {
                ([only], true) => self.assign(var(*only), element.clone())?,
                ([first, second], true) => {
                    self.assign(var(*first), index)?;
                    self.assign(var(*second), element.clone())?;
                }
                ([_], false) => self.vars[mark - 1].1 = element.clone(),
                ([_, _], false) => {
                    self.vars[mark - 1].1 = element.clone();
                    self.vars[mark - 2].1 = index;
                }
                _ => {}
            }
        }
        let flow = self.walk(element, list)?;
        self.vars.truncate(mark);
        Ok(flow)
    }

    pub(super) fn assign(&mut self, var: u32, slot: Slot) -> Outcome<()> {
        let index = self.find_var(var)?;
        self.vars[index].1 = slot;
        Ok(())
    }

    fn print(&mut self, id: NodeId, slot: &Slot) -> Outcome<()> {
        self.at(id);
        match slot {
            Slot::Invalid => self.write(b"<no value>"),
            Slot::Iface(Value::Str(text)) | Slot::Of(Value::Str(text)) => self.write(text),
            Slot::Iface(value) | Slot::Of(value) => {
                if let Some(ty @ Type::Func(_)) = value.ty() {
                    let node = self.tree.show(id);
                    return self.error(format!("can't print {node} of type {ty}"));
                }
                let mut text = Vec::new();
                if let Value::Object(object) = value {
                    if let Some(shown) = object.display_in_place() {
                        return self.write(&shown);
                    }
                    format::print_value(&mut text, value);
                    // An action prints what a pointer leads to.
                    return self.write(text.strip_prefix(b"&").unwrap_or(&text));
                }
                format::print_value(&mut text, value);
                self.write(&text)
            }
        }
    }
}

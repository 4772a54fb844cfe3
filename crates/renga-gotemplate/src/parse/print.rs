//! Nodes as text, for the `at <…>` part of execution errors.
//!
//! This is the tree written back, not the source: spacing is normalised as in Go.

use crate::parse::ast::{Arena, BranchKind, Node, NodeId, Span};
use crate::text::quote;

impl Arena {
    /// Writes a node the way Go's parse tree prints itself.
    pub(crate) fn show(&self, id: NodeId) -> String {
        let mut out = Vec::new();
        self.write(&mut out, id);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn write_parenthesised(&self, out: &mut Vec<u8>, id: NodeId) {
        if matches!(self.node(id), Node::Pipe { .. }) {
            out.push(b'(');
            self.write(out, id);
            out.push(b')');
        } else {
            self.write(out, id);
        }
    }

    fn write(&self, out: &mut Vec<u8>, id: NodeId) {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
            self.write_node(out, id);
        });
    }

    fn write_node(&self, out: &mut Vec<u8>, id: NodeId) {
        match self.node(id) {
            Node::List(nodes) => {
                self.children(*nodes).iter().for_each(|&node| self.write(out, node));
            }
            Node::Text(range) => out.extend_from_slice(self.slice(range)),
            Node::Action(pipe) => {
                out.extend_from_slice(b"{{");
                self.write(out, *pipe);
                out.extend_from_slice(b"}}");
            }
            Node::Pipe { assign, decls, commands } => {
                for (index, &decl) in self.children(*decls).iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    self.write(out, decl);
                }
                if !decls.is_empty() {
                    out.extend_from_slice(if *assign { b" = " } else { b" := " });
                }
                for (index, &command) in self.children(*commands).iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b" | ");
                    }
                    self.write(out, command);
                }
            }
            Node::Command(args) => {
                for (index, &arg) in self.children(*args).iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    self.write_parenthesised(out, arg);
                }
            }
            Node::Identifier(named) => out.extend_from_slice(named.name.as_bytes()),
            Node::Variable { var, fields } => {
                out.extend_from_slice(self.vars[*var as usize].as_bytes());
                self.write_fields(out, *fields);
            }
            Node::Dot => out.push(b'.'),
            Node::Nil => out.extend_from_slice(b"nil"),
            Node::Field(fields) => self.write_fields(out, *fields),
            Node::Chain { node, fields } => {
                self.write_parenthesised(out, *node);
                self.write_fields(out, *fields);
            }
            Node::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Node::Number(number) => out.extend_from_slice(number.text.as_bytes()),
            Node::Str { end, .. } => out.extend_from_slice(self.literal(id, *end)),
            Node::Branch { kind, pipe, list, or_else } => {
                out.extend_from_slice(match kind {
                    BranchKind::If => b"{{if ",
                    BranchKind::Range => b"{{range ",
                    BranchKind::With => b"{{with ",
                });
                self.write(out, *pipe);
                out.extend_from_slice(b"}}");
                self.write(out, *list);
                if let Some(or_else) = or_else {
                    out.extend_from_slice(b"{{else}}");
                    self.write(out, *or_else);
                }
                out.extend_from_slice(b"{{end}}");
            }
            Node::Break => out.extend_from_slice(b"{{break}}"),
            Node::Continue => out.extend_from_slice(b"{{continue}}"),
            Node::Template { invoked, pipe } => {
                let name = &self.invoked[*invoked as usize];
                out.extend_from_slice(b"{{template ");
                quote::push_quoted(out, name.as_bytes(), b'"', false);
                if let Some(pipe) = pipe {
                    out.push(b' ');
                    self.write(out, *pipe);
                }
                out.extend_from_slice(b"}}");
            }
            Node::End => out.extend_from_slice(b"{{end}}"),
            Node::Else => out.extend_from_slice(b"{{else}}"),
        }
    }

    fn write_fields(&self, out: &mut Vec<u8>, fields: Span) {
        for field in self.fields(fields) {
            out.push(b'.');
            out.extend_from_slice(field);
        }
    }
}

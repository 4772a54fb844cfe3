//! Expressions.
//!
//! The order in which children are looked at is go-jsonnet's, so that of several mistakes the
//! same one is reported.

use renga_syntax::{BinaryOp, List, Node, NodeId, Span, Spec, StrId, Tree};

use super::code::{Code, CompIr, Context, Id, Ir, NO_NODE, SpecIr};
use super::scope::Scopes;
use crate::error::StaticError;
use crate::library::names;

/// No context: go-jsonnet's traces leave it empty.
pub(super) const NONE: u32 = 0;
/// The context of a file.
const TOP: u32 = 1;
/// A function or an object without a name.
pub(super) const ANONYMOUS: u32 = u32::MAX;

const RED_ZONE: usize = 96 * 1024;
const GROWTH: usize = 1024 * 1024;

pub(super) type Lowered<T> = Result<T, StaticError>;

pub(super) struct Lower {
    pub tree: Tree,
    pub code: Code,
    pub scopes: Scopes,
    /// The frame that takes the variables of `local`s; `None` where the code has none of its own.
    pub own: Option<u32>,
    /// A `$` without an object. It is reported before anything else.
    dollar: Option<Span>,
    std: Option<StrId>,
}

/// Resolves a tree.
pub(crate) fn analyse(tree: Tree) -> Result<Code, StaticError> {
    let names = tree.str_count();
    let count = tree.len();
    let code = Code {
        nodes: Vec::with_capacity(count),
        spans: Vec::with_capacity(count),
        node_contexts: Vec::with_capacity(count),
        contexts: vec![Context::None, Context::Top],
        lists: Vec::new(),
        calls: Vec::new(),
        functions: Vec::new(),
        params: Vec::new(),
        fields: Vec::new(),
        objects: Vec::new(),
        specs: Vec::new(),
        comps: Vec::new(),
        binds: Vec::new(),
        text: String::new(),
        texts: Vec::new(),
        root: 0,
        frame: 0,
        lines: std::sync::OnceLock::new(),
    };
    let mut lower =
        Lower { tree, code, scopes: Scopes::new(names), own: Some(0), dollar: None, std: None };
    lower.scopes.open(0);
    let root = lower.expression(lower.tree.root, TOP, ANONYMOUS);
    if let Some(span) = lower.dollar {
        return Err(StaticError::new("No top-level object found.", span));
    }
    lower.code.root = root?;
    lower.code.frame = lower.scopes.close();
    let (text, texts) = lower.tree.into_texts();
    let mut code = lower.code;
    code.text = text;
    code.texts = texts;
    code.lists.shrink_to_fit();
    code.nodes.shrink_to_fit();
    code.spans.shrink_to_fit();
    code.node_contexts.shrink_to_fit();
    code.fields.shrink_to_fit();
    code.objects.shrink_to_fit();
    code.calls.shrink_to_fit();
    Ok(code)
}

pub(super) fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Lower {
    pub(super) fn push(&mut self, node: Ir, span: Span, context: u32) -> Id {
        let id = number(self.code.nodes.len());
        self.code.nodes.push(node);
        self.code.spans.push(span);
        self.code.node_contexts.push(context);
        id
    }

    pub(super) fn context(&mut self, context: Context) -> u32 {
        if self.code.contexts.last() == Some(&context) {
            return number(self.code.contexts.len() - 1);
        }
        self.code.contexts.push(context);
        number(self.code.contexts.len() - 1)
    }

    /// The context of what is evaluated later on behalf of `context`.
    pub(super) fn thunk_context(&mut self, context: u32) -> u32 {
        if context == NONE { NONE } else { self.context(Context::Thunk(context)) }
    }

    pub(super) fn fail<T>(message: impl Into<String>, span: Span) -> Lowered<T> {
        Err(StaticError::new(message, span))
    }

    /// Code that runs later, with variables of its own.
    pub(super) fn delayed(&mut self, node: NodeId, context: u32, bind: u32) -> Lowered<Id> {
        let own = self.own.take();
        let id = self.expression(node, context, bind);
        self.own = own;
        id
    }

    pub(super) fn expression(&mut self, node: NodeId, context: u32, bind: u32) -> Lowered<Id> {
        match self.tree.node(node) {
            Node::Parens(inner) => self.expression(inner, context, ANONYMOUS),
            Node::Null => Ok(self.leaf(Ir::Null, node, context)),
            Node::True => Ok(self.leaf(Ir::True, node, context)),
            Node::False => Ok(self.leaf(Ir::False, node, context)),
            Node::Number(value) => Ok(self.leaf(Ir::Num(value), node, context)),
            Node::HugeNumber => Ok(self.leaf(Ir::HugeNum, node, context)),
            Node::Str(text) => Ok(self.leaf(Ir::Str(text.0), node, context)),
            _ => stacker::maybe_grow(RED_ZONE, GROWTH, || self.compound(node, context, bind)),
        }
    }

    fn leaf(&mut self, ir: Ir, node: NodeId, context: u32) -> Id {
        let span = self.tree.span(node);
        self.push(ir, span, context)
    }

    fn optional(&mut self, node: Option<NodeId>, context: u32) -> Lowered<Id> {
        node.map_or(Ok(NO_NODE), |node| self.expression(node, context, ANONYMOUS))
    }

    fn compound(&mut self, id: NodeId, context: u32, bind: u32) -> Lowered<Id> {
        let span = self.tree.span(id);
        let ir = match self.tree.node(id) {
            Node::Var(name) => self.variable(name, span)?,
            Node::SelfRef => {
                let depth = self.object_depth(span, "self")?;
                Ir::SelfRef { depth }
            }
            Node::Dollar => match self.scopes.objects.first() {
                Some(&frame) => Ir::SelfRef { depth: self.scopes.depth(frame) },
                None => {
                    self.dollar.get_or_insert(span);
                    Ir::Null
                }
            },
            Node::Array { items } => {
                let context = self.thunk_context(context);
                let mut ids = Vec::with_capacity(items.len as usize);
                for at in items.range() {
                    let item = self.tree.items[at];
                    ids.push(self.delayed(item, context, ANONYMOUS)?);
                }
                let start = self.list(&ids);
                Ir::Array { start, len: items.len }
            }
            Node::ArrayComp { body, specs } => {
                let comp = self.array_comprehension(body, specs, context)?;
                return Ok(self.push(Ir::ArrayComp(comp), span, NONE));
            }
            Node::Object { members } => {
                let object = self.object(members, context, bind)?;
                Ir::Object(object)
            }
            Node::ObjectComp { members, specs } => {
                let comp = self.object_comprehension(members, specs, context, bind, span)?;
                return Ok(self.push(Ir::ObjectComp(comp), span, NONE));
            }
            Node::Index { target, index } => {
                let target = self.expression(target, context, ANONYMOUS)?;
                let index = self.expression(index, context, ANONYMOUS)?;
                match self.code.nodes[index as usize] {
                    Ir::Str(name) => Ir::Field { target, name },
                    _ => Ir::Index { target, index },
                }
            }
            Node::Field { target, name } => {
                if let Some(function) = self.library_function(target, name) {
                    Ir::StdFn(function)
                } else {
                    // go-jsonnet gives nothing below a dot a context.
                    let target = self.expression(target, NONE, ANONYMOUS)?;
                    Ir::Field { target, name: name.0 }
                }
            }
            Node::Slice { target, parts } => {
                let parts = parts as usize;
                let [from, to, step] = [0, 1, 2].map(|at| self.tree.slice_parts[parts + at]);
                let target = self.delayed(target, context, ANONYMOUS)?;
                let from =
                    from.map_or(Ok(NO_NODE), |node| self.delayed(node, context, ANONYMOUS))?;
                let to = to.map_or(Ok(NO_NODE), |node| self.delayed(node, context, ANONYMOUS))?;
                let step = step.map_or(Ok(NO_NODE), |node| self.delayed(node, NONE, ANONYMOUS))?;
                let list = self.list(&[target, from, to, step]);
                return Ok(self.push(Ir::Slice(list), span, NONE));
            }
            Node::SuperField { name } => {
                let depth = self.object_depth(span, "super")?;
                let index = self.push(Ir::Str(name.0), span, NONE);
                Ir::SuperIndex { depth, index }
            }
            Node::SuperIndex { index } => {
                let depth = self.object_depth(span, "super")?;
                let index = self.expression(index, context, ANONYMOUS)?;
                Ir::SuperIndex { depth, index }
            }
            Node::InSuper { name } => {
                let depth = self.object_depth(span, "super")?;
                let name = self.expression(name, context, ANONYMOUS)?;
                Ir::InSuper { depth, name }
            }
            Node::Apply { target, args, tailstrict } => {
                self.call(target, args, tailstrict, context)?
            }
            Node::ApplyBrace { left, right } => {
                let left = self.expression(left, context, ANONYMOUS)?;
                let right = self.expression(right, context, ANONYMOUS)?;
                Ir::Binary { op: BinaryOp::Add, left, right }
            }
            Node::Binary { op: op @ (BinaryOp::Mod | BinaryOp::In), left, right } => {
                // Calls of functions in go-jsonnet.
                let left = self.delayed(left, context, ANONYMOUS)?;
                let right = self.delayed(right, context, ANONYMOUS)?;
                return Ok(self.push(Ir::Binary { op, left, right }, span, NONE));
            }
            Node::Binary { op, left, right } => {
                let left = self.expression(left, context, ANONYMOUS)?;
                let right = self.expression(right, context, ANONYMOUS)?;
                Ir::Binary { op, left, right }
            }
            Node::Unary { op, operand } => {
                let operand = self.expression(operand, context, ANONYMOUS)?;
                match (op, self.code.nodes[operand as usize]) {
                    (renga_syntax::UnaryOp::Minus, Ir::Num(value)) => Ir::Num(-value),
                    _ => Ir::Unary { op, operand },
                }
            }
            Node::If { cond, branches } => {
                let branches = branches as usize;
                let (then, otherwise) =
                    (self.tree.slice_parts[branches], self.tree.slice_parts[branches + 1]);
                let cond = self.expression(cond, context, ANONYMOUS)?;
                let then = self.optional(then, context)?;
                let otherwise = self.optional(otherwise, context)?;
                Ir::If { cond, then, otherwise }
            }
            Node::Function { params, body } => {
                let function = self.function(params, body, context, bind)?;
                Ir::Function(function)
            }
            Node::Local { binds, body } => return self.local(binds, body, context, bind, span),
            Node::Assert { cond, rest } => {
                let rest = rest as usize;
                let (message, rest) =
                    (self.tree.slice_parts[rest], self.tree.slice_parts[rest + 1]);
                let cond = self.expression(cond, context, ANONYMOUS)?;
                let message = self.optional(message, context)?;
                let rest = self.optional(rest, context)?;
                return Ok(self.push(Ir::Assert { cond, message, rest }, span, NONE));
            }
            Node::Error(message) => Ir::Error(self.expression(message, context, ANONYMOUS)?),
            Node::Import { kind, path } => Ir::Import { kind, path: path.0 },
            _ => Ir::Null,
        };
        Ok(self.push(ir, span, context))
    }

    pub(super) fn list(&mut self, ids: &[Id]) -> u32 {
        let start = number(self.code.lists.len());
        self.code.lists.extend_from_slice(ids);
        start
    }

    fn is_std(&mut self, name: StrId) -> bool {
        if self.std == Some(name) {
            return true;
        }
        let is = self.tree.str(name) == "std";
        if is {
            self.std = Some(name);
        }
        is
    }

    fn variable(&mut self, name: StrId, span: Span) -> Lowered<Ir> {
        match self.scopes.find(name) {
            Some((0, slot)) => Ok(Ir::Top(slot)),
            Some((frame, slot)) => Ok(Ir::Var { depth: self.scopes.depth(frame), slot }),
            None if self.is_std(name) => Ok(Ir::Std),
            None => Self::fail(format!("Unknown variable: {}", self.tree.str(name)), span),
        }
    }

    /// The number of the function that `target.name` is, if `target` is the standard library.
    pub(super) fn library_function(&mut self, target: NodeId, name: StrId) -> Option<u16> {
        let Node::Var(variable) = self.tree.node(target) else { return None };
        if self.scopes.find(variable).is_some() || !self.is_std(variable) {
            return None;
        }
        names::find(self.tree.str(name))
    }

    fn object_depth(&mut self, span: Span, what: &str) -> Lowered<u32> {
        match self.scopes.objects.last() {
            Some(&frame) => Ok(self.scopes.depth(frame)),
            None => Self::fail(format!("Can't use {what} outside of an object."), span),
        }
    }

    fn local(
        &mut self,
        binds: List,
        body: NodeId,
        context: u32,
        bind: u32,
        span: Span,
    ) -> Lowered<Id> {
        let mark = self.scopes.mark();
        let opened = self.own.is_none();
        let frame = match self.own {
            Some(frame) => frame,
            None => self.scopes.open(0),
        };
        let own = self.own.replace(frame);
        let slots: Vec<u32> =
            binds.range().map(|at| self.scopes.declare(self.tree.binds[at].name, frame)).collect();
        let mut lowered = Vec::with_capacity(slots.len());
        for (at, slot) in binds.range().zip(slots) {
            let one = self.tree.binds[at];
            let thunk = if context == NONE {
                NONE
            } else {
                self.context(Context::NamedThunk(one.name.0, context))
            };
            lowered.push((slot, self.delayed(one.value, thunk, one.name.0)?));
        }
        let body = self.expression(body, context, bind)?;
        self.scopes.release(mark);
        self.own = own;
        let start = number(self.code.binds.len());
        let len = number(lowered.len());
        self.code.binds.extend(lowered);
        let local = self.push(Ir::Local { start, len, body }, span, context);
        if !opened {
            return Ok(local);
        }
        let size = self.scopes.close();
        Ok(self.push(Ir::Frame { size, body: local }, span, context))
    }

    fn array_comprehension(&mut self, body: NodeId, specs: List, context: u32) -> Lowered<u32> {
        let mark = self.scopes.mark();
        let own = self.own.take();
        let (lowered, frames) = self.specs(specs, context)?;
        let thunk = self.thunk_context(context);
        let body = self.delayed(body, thunk, ANONYMOUS)?;
        self.end_specs(frames, mark);
        self.own = own;
        Ok(self.comprehension(&lowered, body))
    }

    pub(super) fn comprehension(&mut self, specs: &[SpecIr], body: Id) -> u32 {
        let start = number(self.code.specs.len());
        self.code.specs.extend_from_slice(specs);
        self.code.comps.push(CompIr { specs: start, spec_count: number(specs.len()), body });
        number(self.code.comps.len() - 1)
    }

    /// The parts of a comprehension, and how many frames they opened.
    pub(super) fn specs(&mut self, specs: List, context: u32) -> Lowered<(Vec<SpecIr>, usize)> {
        let mut lowered = Vec::with_capacity(specs.len as usize);
        let mut frames = 0;
        for at in specs.range() {
            match self.tree.specs[at] {
                Spec::For { var, list, .. } => {
                    lowered.push(SpecIr::For(self.delayed(list, context, ANONYMOUS)?));
                    let frame = self.scopes.open(0);
                    self.scopes.declare(var, frame);
                    frames += 1;
                }
                Spec::If { cond } => {
                    lowered.push(SpecIr::If(self.delayed(cond, context, ANONYMOUS)?));
                }
            }
        }
        Ok((lowered, frames))
    }

    pub(super) fn end_specs(&mut self, frames: usize, mark: usize) {
        for _ in 0..frames {
            self.scopes.close();
        }
        self.scopes.release(mark);
    }
}

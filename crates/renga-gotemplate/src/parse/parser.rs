//! The parser: items to trees.
//!
//! One [`Parser`] builds one tree; `define` and `block` start another one on the same scanner,
//! with its own variables and lookahead, exactly as Go does, because Go's error lines depend on
//! it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::builtins::Builtin;
use crate::error::ParseError;
use crate::func::FuncMap;
use crate::parse::ast::{Arena, BranchKind, Callee, Named, Node, NodeId, Span, Tree, VarId};
use crate::parse::lex::{Item, Kind, Lexer};
use crate::parse::number::number;
use crate::text::{GoStr, quote};

/// About how many nodes an action makes, the text before it included.
const NODES_PER_ACTION: usize = 7;

/// Go's limit on nested parentheses.
const MAX_PAREN_DEPTH: usize = 10_000;

/// Parses a text and returns every template it defines, the text's own included.
pub(crate) fn parse(
    name: &Arc<str>,
    text: &Arc<[u8]>,
    (left, right): (&str, &str),
    funcs: &FuncMap,
) -> Result<(Arc<Tree>, Vec<Arc<Tree>>), ParseError> {
    let mut lexer = Lexer::new(text, left.as_bytes(), right.as_bytes());
    lexer.break_ok = funcs.get("break").is_none();
    lexer.continue_ok = funcs.get("continue").is_none();
    let mut shared = Shared {
        lexer,
        funcs,
        found: FxHashMap::default(),
        names: FxHashMap::default(),
        functions: FxHashMap::default(),
        stack: Vec::new(),
        arena: Arena {
            parse_name: Arc::clone(name),
            text: Arc::clone(text),
            nodes: Vec::with_capacity(NODES_PER_ACTION * (1 + actions(text, left.as_bytes()))),
            children: Vec::new(),
            fields: Vec::new(),
            vars: vec![Arc::from("$")],
            invoked: Vec::new(),
        },
    };
    let mut parser = Parser::new(&mut shared);
    parser.parse_text()?;
    parser.add(Arc::clone(name))?;
    let Shared { mut arena, mut found, .. } = shared;
    arena.shrink();
    let arena = Arc::new(arena);
    let tree = |(name, Found { root, is_empty })| {
        Arc::new(Tree { name, root, is_empty, arena: Arc::clone(&arena) })
    };
    let main = found.remove_entry(name).map(tree);
    let main = main.unwrap_or_else(|| unreachable!("the text itself has just been added"));
    let mut others: Vec<_> = found.into_iter().map(tree).collect();
    others.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok((main, others))
}

/// How often an action begins, or seems to.
fn actions(text: &[u8], left: &[u8]) -> usize {
    memchr::memmem::find_iter(text, left).count()
}

/// A template that has been read.
struct Found {
    root: NodeId,
    is_empty: bool,
}

struct Shared<'t> {
    lexer: Lexer<'t>,
    funcs: &'t FuncMap,
    found: FxHashMap<Arc<str>, Found>,
    /// Names of fields and the contents of simple strings.
    names: FxHashMap<&'t [u8], GoStr>,
    functions: FxHashMap<&'t [u8], Arc<Named>>,
    /// The children of the nodes that are not complete yet.
    stack: Vec<NodeId>,
    arena: Arena,
}

struct Parser<'s, 't> {
    shared: &'s mut Shared<'t>,
    tokens: [Item; 3],
    peeked: usize,
    /// The variables in scope.
    vars: Vec<VarId>,
    root: NodeId,
    action_line: u32,
    range_depth: usize,
    paren_depth: usize,
}

type Parsed<T> = Result<T, ParseError>;

impl<'s, 't> Parser<'s, 't> {
    fn new(shared: &'s mut Shared<'t>) -> Self {
        Parser {
            shared,
            tokens: [Item::none(), Item::none(), Item::none()],
            peeked: 0,
            vars: vec![0],
            root: NodeId(0),
            action_line: 0,
            range_depth: 0,
            paren_depth: 0,
        }
    }

    fn next(&mut self) -> Item {
        if self.peeked > 0 {
            self.peeked -= 1;
        } else {
            self.tokens[0] = self.shared.lexer.next_item();
        }
        self.tokens[self.peeked]
    }

    fn backup(&mut self) {
        self.peeked += 1;
    }

    fn backup2(&mut self, first: Item) {
        self.tokens[1] = first;
        self.peeked = 2;
    }

    fn backup3(&mut self, second: Item, first: Item) {
        self.tokens[1] = first;
        self.tokens[2] = second;
        self.peeked = 3;
    }

    fn peek(&mut self) -> Item {
        if self.peeked == 0 {
            self.peeked = 1;
            self.tokens[0] = self.shared.lexer.next_item();
        }
        self.tokens[self.peeked - 1]
    }

    fn next_non_space(&mut self) -> Item {
        loop {
            let item = self.next();
            if item.kind != Kind::Space {
                return item;
            }
        }
    }

    fn peek_non_space(&mut self) -> Item {
        let item = self.next_non_space();
        self.backup();
        item
    }

    fn slice(&self, item: &Item) -> &'t [u8] {
        self.shared.lexer.slice(item)
    }

    fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(ParseError::new(
            &self.shared.arena.parse_name,
            self.tokens[0].line as usize,
            message.into(),
        ))
    }

    fn unexpected<T>(&self, item: &Item, context: &str) -> Parsed<T> {
        let shown = self.shared.lexer.show(item);
        if item.kind == Kind::Error {
            let mut extra = String::new();
            if self.action_line != 0 && self.action_line != item.line {
                let name = &self.shared.arena.parse_name;
                let word = if shown.ends_with(" action") { "" } else { " in action" };
                extra = format!("{word} started at {name}:{}", self.action_line);
            }
            return self.error(format!("{shown}{extra}"));
        }
        self.error(format!("unexpected {shown} in {context}"))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Item> {
        let item = self.next_non_space();
        if item.kind == kind { Ok(item) } else { self.unexpected(&item, context) }
    }

    fn push(&mut self, pos: usize, node: Node) -> NodeId {
        let nodes = &mut self.shared.arena.nodes;
        let id = NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX));
        nodes.push((u32::try_from(pos).unwrap_or(u32::MAX), node));
        id
    }

    fn node(&self, id: NodeId) -> &Node {
        self.shared.arena.node(id)
    }

    fn pos(&self, id: NodeId) -> usize {
        self.shared.arena.pos(id)
    }

    /// Where the children of a new node begin on the stack.
    fn mark(&self) -> usize {
        self.shared.stack.len()
    }

    /// Adds a child to the node begun last.
    fn child(&mut self, node: NodeId) {
        self.shared.stack.push(node);
    }

    /// Takes the children since the mark off the stack, for a node that is complete.
    fn children(&mut self, mark: usize) -> Span {
        let children = &mut self.shared.arena.children;
        let start = children.len();
        children.extend(self.shared.stack.drain(mark..));
        Span::since(start, children)
    }

    fn text_span(item: &Item) -> std::ops::Range<u32> {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        at(item.pos)..at(item.end)
    }

    /// Bytes of the text, shared with all names that are the same in it.
    fn interned(&mut self, name: &'t [u8]) -> GoStr {
        self.shared.names.entry(name).or_insert_with(|| GoStr::from(name)).clone()
    }

    /// Adds the name after the point to the fields of the node that is being made.
    fn field(&mut self, item: &Item) {
        let name = self.interned(&self.slice(item)[1..]);
        self.shared.arena.fields.push(name);
    }

    /// A function by its name, looked up once per text.
    fn function(&mut self, item: &Item) -> Option<Arc<Named>> {
        let word = self.slice(item);
        if let Some(known) = self.shared.functions.get(word) {
            return Some(Arc::clone(known));
        }
        let name = String::from_utf8_lossy(word);
        let function = self.shared.funcs.get(&name).cloned().map(Callee::Function);
        let callee = function.or_else(|| Builtin::find(&name).map(Callee::Builtin))?;
        let found = Arc::new(Named { name: Arc::from(&*name), callee });
        self.shared.functions.insert(word, Arc::clone(&found));
        Some(found)
    }

    fn variable(&mut self, name: &[u8]) -> VarId {
        let name = String::from_utf8_lossy(name);
        let names = &mut self.shared.arena.vars;
        let found = names.iter().position(|known| **known == *name);
        let index = found.unwrap_or_else(|| {
            names.push(Arc::from(&*name));
            names.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The content of a string literal.
    fn unquoted(&mut self, literal: &'t [u8]) -> Option<GoStr> {
        match literal {
            // Nothing in it stands for something else.
            [b'"', inner @ .., b'"']
                if memchr::memchr2(b'\\', b'\n', inner).is_none()
                    && std::str::from_utf8(inner).is_ok() =>
            {
                Some(self.interned(inner))
            }
            [b'`', inner @ .., b'`'] if memchr::memchr(b'\r', inner).is_none() => {
                Some(GoStr::from(inner))
            }
            _ => quote::unquote(literal).map(GoStr::from),
        }
    }

    /// The node that invokes a template.
    fn invocation(&mut self, item: &Item, name: Arc<str>, pipe: Option<NodeId>) -> NodeId {
        let names = &mut self.shared.arena.invoked;
        let invoked = u32::try_from(names.len()).unwrap_or(u32::MAX);
        names.push(name);
        self.push(item.pos, Node::Template { invoked, pipe })
    }

    fn add(&mut self, name: Arc<str>) -> Parsed<()> {
        let root = self.root;
        let is_empty = self.shared.arena.is_blank(root);
        match self.shared.found.get(&name) {
            Some(old) if !old.is_empty => {
                if !is_empty {
                    let shown = quote::quoted(name.as_bytes());
                    return self
                        .error(format!("template: multiple definition of template {shown}"));
                }
            }
            _ => {
                self.shared.found.insert(name, Found { root, is_empty });
            }
        }
        Ok(())
    }

    fn parse_text(&mut self) -> Parsed<()> {
        let pos = self.peek().pos;
        let mark = self.mark();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == Kind::Define {
                    Parser::new(self.shared).parse_definition()?;
                    continue;
                }
                self.backup2(delim);
            }
            let node = self.text_or_action()?;
            match self.node(node) {
                Node::End => return self.error("unexpected {{end}}"),
                Node::Else => return self.error("unexpected {{else}}"),
                _ => self.child(node),
            }
        }
        let nodes = self.children(mark);
        self.root = self.push(pos, Node::List(nodes));
        Ok(())
    }

    fn parse_definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let item = self.next_non_space();
        if !matches!(item.kind, Kind::String | Kind::RawString) {
            return self.unexpected(&item, CONTEXT);
        }
        let name = self.unquote_name(&item)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        if self.body(name)? { Ok(()) } else { self.unexpected_else(CONTEXT) }
    }

    /// Reads the nodes of a `define` or `block` up to its `end`; `false` when an `else` came first.
    fn body(&mut self, name: Arc<str>) -> Parsed<bool> {
        let (list, end) = self.item_list()?;
        if !matches!(self.node(end), Node::End) {
            return Ok(false);
        }
        self.root = list;
        self.add(name)?;
        Ok(true)
    }

    fn unexpected_else<T>(&self, context: &str) -> Parsed<T> {
        self.error(format!("unexpected {{{{else}}}} in {context}"))
    }

    fn unquote_name(&mut self, item: &Item) -> Parsed<Arc<str>> {
        match quote::unquote(self.slice(item)) {
            Some(name) => Ok(Arc::from(&*String::from_utf8_lossy(&name))),
            None => self.error("invalid syntax"),
        }
    }

    fn item_list(&mut self) -> Parsed<(NodeId, NodeId)> {
        let pos = self.peek_non_space().pos;
        let mark = self.mark();
        while self.peek_non_space().kind != Kind::Eof {
            let node = self.text_or_action()?;
            if matches!(self.node(node), Node::End | Node::Else) {
                let nodes = self.children(mark);
                let list = self.push(pos, Node::List(nodes));
                return Ok((list, node));
            }
            self.child(node);
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<NodeId> {
        let item = self.next_non_space();
        match item.kind {
            Kind::Text => Ok(self.push(item.pos, Node::Text(Self::text_span(&item)))),
            Kind::LeftDelim => {
                self.action_line = item.line;
                let node = stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                    self.action()
                });
                self.action_line = 0;
                node
            }
            _ => self.unexpected(&item, "input"),
        }
    }

    fn action(&mut self) -> Parsed<NodeId> {
        let item = self.next_non_space();
        match item.kind {
            Kind::Block => return self.block_control(),
            Kind::Break => return self.loop_control(&item, Node::Break, "{{break}}"),
            Kind::Continue => return self.loop_control(&item, Node::Continue, "{{continue}}"),
            Kind::Else => return self.else_control(),
            Kind::End => {
                let pos = self.expect(Kind::RightDelim, "end")?.pos;
                return Ok(self.push(pos, Node::End));
            }
            Kind::If => return self.branch(BranchKind::If),
            Kind::Range => return self.branch(BranchKind::Range),
            Kind::Template => return self.template_control(),
            Kind::With => return self.branch(BranchKind::With),
            _ => {}
        }
        self.backup();
        let pos = self.peek().pos;
        let pipe = self.pipeline("command", Kind::RightDelim)?;
        Ok(self.push(pos, Node::Action(pipe)))
    }

    fn loop_control(&mut self, item: &Item, node: Node, shown: &str) -> Parsed<NodeId> {
        let next = self.next_non_space();
        if next.kind != Kind::RightDelim {
            return self.unexpected(&next, shown);
        }
        if self.range_depth == 0 {
            return self.error(format!("{shown} outside {{{{range}}}}"));
        }
        Ok(self.push(item.pos, node))
    }

    fn else_control(&mut self) -> Parsed<NodeId> {
        let peeked = self.peek_non_space();
        if matches!(peeked.kind, Kind::If | Kind::With) {
            return Ok(self.push(peeked.pos, Node::Else));
        }
        let pos = self.expect(Kind::RightDelim, "else")?.pos;
        Ok(self.push(pos, Node::Else))
    }

    fn branch(&mut self, kind: BranchKind) -> Parsed<NodeId> {
        stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || self.branch_inner(kind))
    }

    fn branch_inner(&mut self, kind: BranchKind) -> Parsed<NodeId> {
        let context = match kind {
            BranchKind::If => "if",
            BranchKind::Range => "range",
            BranchKind::With => "with",
        };
        let in_scope = self.vars.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        if kind == BranchKind::Range {
            self.range_depth += 1;
        }
        let (list, mut next) = self.item_list()?;
        if kind == BranchKind::Range {
            self.range_depth -= 1;
        }
        let mut or_else = None;
        if matches!(self.node(next), Node::Else) {
            let chained = matches!(
                (kind, self.peek().kind),
                (BranchKind::If, Kind::If) | (BranchKind::With, Kind::With)
            );
            if chained {
                self.next();
                let pos = self.pos(next);
                let inner = self.branch(kind)?;
                let mark = self.mark();
                self.child(inner);
                let only = self.children(mark);
                or_else = Some(self.push(pos, Node::List(only)));
            } else {
                let (nodes, end) = self.item_list()?;
                next = end;
                if !matches!(self.node(next), Node::End) {
                    return self.error("expected end; found {{else}}");
                }
                or_else = Some(nodes);
            }
        }
        self.vars.truncate(in_scope);
        let pos = self.pos(pipe);
        Ok(self.push(pos, Node::Branch { kind, pipe, list, or_else }))
    }

    fn block_control(&mut self) -> Parsed<NodeId> {
        const CONTEXT: &str = "block clause";
        let item = self.next_non_space();
        let name = self.template_name(&item, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        if !Parser::new(self.shared).body(Arc::clone(&name))? {
            // Go reports the line this parser had reached, not the one of the block.
            return self.unexpected_else(CONTEXT);
        }
        Ok(self.invocation(&item, name, Some(pipe)))
    }

    fn template_control(&mut self) -> Parsed<NodeId> {
        const CONTEXT: &str = "template clause";
        let item = self.next_non_space();
        let name = self.template_name(&item, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(self.invocation(&item, name, pipe))
    }

    fn template_name(&mut self, item: &Item, context: &str) -> Parsed<Arc<str>> {
        match item.kind {
            Kind::String | Kind::RawString => self.unquote_name(item),
            _ => self.unexpected(item, context),
        }
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<NodeId> {
        let pos = self.peek_non_space().pos;
        let mut assign = false;
        let mark = self.mark();
        let mut declared = 0;
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                break;
            }
            self.next();
            let after = self.peek();
            let next = self.peek_non_space();
            if matches!(next.kind, Kind::Assign | Kind::Declare) {
                assign = next.kind == Kind::Assign;
                self.next_non_space();
                self.declare(&variable);
            } else if next.kind == Kind::Char && self.slice(&next) == b"," {
                self.next_non_space();
                self.declare(&variable);
                declared += 1;
                if context == "range" && declared < 2 {
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                        _ => return self.error("range can only initialize variables"),
                    }
                }
                return self.error(format!("too many declarations in {context}"));
            } else if after.kind == Kind::Space {
                self.backup3(variable, after);
            } else {
                self.backup2(variable);
            }
            break;
        }
        let decls = self.children(mark);
        loop {
            let item = self.next_non_space();
            if item.kind == end {
                break;
            }
            match item.kind {
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    let command = self.command()?;
                    self.child(command);
                }
                _ => return self.unexpected(&item, context),
            }
        }
        let commands = self.children(mark);
        if commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        let arena = &self.shared.arena;
        for (index, &command) in arena.children(commands).iter().enumerate().skip(1) {
            let Node::Command(args) = arena.node(command) else { continue };
            if matches!(
                arena.node(arena.children(*args)[0]),
                Node::Bool(_) | Node::Dot | Node::Nil | Node::Number(_) | Node::Str { .. }
            ) {
                let stage = index + 1;
                return self.error(format!("non executable command in pipeline stage {stage}"));
            }
        }
        Ok(self.push(pos, Node::Pipe { assign, decls, commands }))
    }

    fn declare(&mut self, item: &Item) {
        let var = self.variable(self.slice(item));
        self.vars.push(var);
        let node = self.push(item.pos, Node::Variable { var, fields: Span::default() });
        self.child(node);
    }

    fn command(&mut self) -> Parsed<NodeId> {
        let pos = self.peek_non_space().pos;
        let mark = self.mark();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.child(operand);
            }
            let item = self.next();
            match item.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(&item, "operand"),
            }
            break;
        }
        let args = self.children(mark);
        if args.is_empty() {
            return self.error("empty command");
        }
        Ok(self.push(pos, Node::Command(args)))
    }

    fn operand(&mut self) -> Parsed<Option<NodeId>> {
        let Some(mut id) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(id));
        }
        let pos = self.peek().pos;
        let start = self.shared.arena.fields.len();
        if let Node::Field(fields) | Node::Variable { fields, .. } = *self.node(id) {
            let known = self.shared.arena.fields(fields).to_vec();
            self.shared.arena.fields.extend(known);
        }
        while self.peek().kind == Kind::Field {
            let item = self.next();
            self.field(&item);
        }
        let fields = Span::since(start, &self.shared.arena.fields);
        id = match *self.node(id) {
            Node::Field(_) => self.push(pos, Node::Field(fields)),
            Node::Variable { var, .. } => self.push(pos, Node::Variable { var, fields }),
            Node::Bool(_) | Node::Str { .. } | Node::Number(_) | Node::Nil | Node::Dot => {
                let shown = self.show_literal(id);
                return self.error(format!("unexpected . after term {}", quote::quoted(&shown)));
            }
            _ => self.push(pos, Node::Chain { node: id, fields }),
        };
        Ok(Some(id))
    }

    fn show_literal(&self, id: NodeId) -> Vec<u8> {
        match self.node(id) {
            Node::Bool(value) => value.to_string().into_bytes(),
            Node::Str { end, .. } => self.shared.arena.literal(id, *end).to_vec(),
            Node::Number(number) => number.text.as_bytes().to_vec(),
            Node::Nil => b"nil".to_vec(),
            _ => b".".to_vec(),
        }
    }

    fn term(&mut self) -> Parsed<Option<NodeId>> {
        let item = self.next_non_space();
        let node = match item.kind {
            Kind::Identifier => {
                let Some(named) = self.function(&item) else {
                    let shown = quote::quoted(self.slice(&item));
                    return self.error(format!("function {shown} not defined"));
                };
                Node::Identifier(named)
            }
            Kind::Dot => Node::Dot,
            Kind::Nil => Node::Nil,
            Kind::Variable => {
                let name = self.slice(&item);
                let var = self.variable(name);
                if !self.vars.contains(&var) {
                    return self.error(format!("undefined variable {}", quote::quoted(name)));
                }
                Node::Variable { var, fields: Span::default() }
            }
            Kind::Field => {
                let start = self.shared.arena.fields.len();
                self.field(&item);
                Node::Field(Span::since(start, &self.shared.arena.fields))
            }
            Kind::Bool => Node::Bool(self.slice(&item) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let text = self.slice(&item);
                match number(text, item.kind) {
                    Ok(number) => Node::Number(Box::new(number)),
                    Err(message) => return self.error(message),
                }
            }
            Kind::LeftParen => {
                if self.paren_depth >= MAX_PAREN_DEPTH {
                    return self.error("max expression depth exceeded");
                }
                self.paren_depth += 1;
                let pipe =
                    stacker::maybe_grow(crate::STACK_RED_ZONE, crate::STACK_SEGMENT, || {
                        self.pipeline("parenthesized pipeline", Kind::RightParen)
                    })?;
                self.paren_depth -= 1;
                return Ok(Some(pipe));
            }
            Kind::String | Kind::RawString => {
                let literal = self.slice(&item);
                match self.unquoted(literal) {
                    Some(text) => Node::Str { end: Self::text_span(&item).end, text },
                    None => return self.error("invalid syntax"),
                }
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.push(item.pos, node)))
    }
}

//! Code in which every expression that can fail reports itself.
//!
//! For the second run of a program that failed ([`crate::jrsonnet::diagnosis`]): each such
//! expression becomes an argument of a function of ours, which passes its value on and notes its
//! failure. What an expression is called in a trace (`function <f>`, `object <anonymous>`) follows
//! go-jsonnet, including where it has no name.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::lexer::{Lexer, TokenKind};
use crate::scan::AS_TEXT;
use crate::syntax::{Assert, Bind, Body, Expr, Function, Kind, Member, Spec, parse};

/// The functions that instrumented code calls.
pub(super) const AT: &str = "__renga_at";
pub(super) const ASSERT: &str = "__renga_assert";
pub(super) const MESSAGE: &str = "__renga_message";

/// An expression that reports itself.
#[derive(Debug)]
pub(super) struct Node {
    /// Bytes of the original text, as go-jsonnet gives them.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What it is part of.
    pub(super) context: Option<Rc<str>>,
    /// Whether it is evaluated on its own: a body, an argument, a variable. Each of these gives
    /// one step of a trace.
    pub(super) closes: bool,
    /// The value of a field that is added to the inherited one, which gives a step more.
    pub(super) plus: bool,
    /// What a value of this expression is bound to.
    pub(super) name: Option<Rc<str>>,
    /// The name of the variable, the field or the file that it looks up.
    pub(super) looks_up: Option<Rc<str>>,
    /// What its value has to be, where the evaluator does not say what it is instead.
    pub(super) wanted: Option<Wanted>,
    pub(super) kind: NodeKind,
}

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Behind `for … in`.
    Array,
    /// The name of a field.
    Name,
}

/// What of an expression the error's texts depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    Other,
    /// The last part is what it looks up, `start..end`.
    Lookup(usize, usize),
    /// `error`
    Error,
    /// The call's arguments without a name.
    Call(usize),
    /// Whether the assertion is an object's, and where it ends.
    Assertion(bool, usize),
}

/// The code of a file with its nodes, by the number that stands in it.
#[derive(Debug)]
pub(super) struct Instrumented {
    pub(super) text: String,
    pub(super) nodes: Vec<Node>,
}

type Context = Option<Rc<str>>;

/// Instruments the text of a file of that name. `None` where the code is beyond the parser.
pub(super) fn instrument(text: &str, file: &str) -> Option<Instrumented> {
    let tree = parse(text)?;
    let plain = without_stars(text);
    let out = String::with_capacity(text.len() * 4);
    let mut writer = Writer { text: &plain, out, done: 0, nodes: Vec::new(), next_wanted: None };
    let name = file.rsplit('/').next().map(Rc::from);
    let closing = Closing { name, plus: false };
    writer.expr(&tree, &Some(Rc::from("$")), ANONYMOUS, Some(closing));
    writer.copy(plain.len());
    Some(Instrumented { text: writer.out, nodes: writer.nodes })
}

/// Comments that end in several stars, with all but the last blanked: the evaluator's lexer
/// misses the end of some.
fn without_stars(text: &str) -> String {
    let mut plain = text.to_owned();
    for token in Lexer::new(text).filter(|token| token.kind == TokenKind::BlockComment) {
        let body = &text[token.start + 2..token.end - 1];
        let stars = body.bytes().rev().take_while(|&byte| byte == b'*').count();
        if stars > 1 {
            let end = token.end - 2;
            plain.replace_range(end + 1 - stars..end, &" ".repeat(stars - 1));
        }
    }
    plain
}

const ANONYMOUS: &str = "anonymous";

/// An expression that is evaluated on its own.
#[derive(Clone, Default)]
struct Closing {
    name: Option<Rc<str>>,
    plus: bool,
}

struct Writer<'a> {
    text: &'a str,
    out: String,
    done: usize,
    nodes: Vec<Node>,
    /// What is wanted of the next expression.
    next_wanted: Option<Wanted>,
}

fn thunk(context: &Context) -> Context {
    context.as_ref().map(|context| Rc::from(format!("thunk from <{context}>")))
}

impl Writer<'_> {
    fn copy(&mut self, to: usize) {
        self.out.push_str(&self.text[self.done..to]);
        self.done = to;
    }

    fn open(&mut self, function: &str, node: Node) {
        let _ = write!(self.out, "{function}({},(", self.nodes.len());
        self.nodes.push(node);
    }

    fn close(&mut self) {
        self.out.push_str("))");
    }

    /// Where the desugaring of go-jsonnet leaves no name.
    fn shown(expr: &Expr, context: &Context) -> Context {
        match &expr.kind {
            Kind::Binary(_, _, true)
            | Kind::Slice(..)
            | Kind::ArrayComp(..)
            | Kind::Object(_, Some(_)) => None,
            _ => context.clone(),
        }
    }

    fn can_fail(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Literal | Kind::Array(_) | Kind::Function(_) | Kind::Parens(_) => false,
            Kind::Var => &self.text[expr.start..expr.end] != "std",
            Kind::Object(members, None) => {
                members.iter().any(|member| matches!(member, Member::Field { name: Some(_), .. }))
            }
            _ => true,
        }
    }

    fn kind(&self, expr: &Expr) -> NodeKind {
        let last = |end: usize| {
            let part = &self.text[expr.start..end];
            let len = part.bytes().rev().take_while(|byte| is_name(*byte)).count();
            NodeKind::Lookup(end - len, end)
        };
        match &expr.kind {
            Kind::Var | Kind::Dot(_) | Kind::Super(None) => last(expr.end),
            Kind::Index(_, index) => NodeKind::Lookup(index.start, index.end),
            Kind::Error(_) => NodeKind::Error,
            Kind::Apply(_, arguments) => {
                let named = |argument: &&Expr| {
                    let before = self.text[expr.start..argument.start].trim_end();
                    before.ends_with('=') && !before.ends_with("==")
                };
                NodeKind::Call(arguments.len() - arguments.iter().filter(named).count())
            }
            _ => NodeKind::Other,
        }
    }

    fn looks_up(&self, expr: &Expr) -> Option<Rc<str>> {
        let (start, end) = match (self.kind(expr), &expr.kind) {
            (NodeKind::Lookup(start, end), _) => (start, end),
            (_, Kind::Import(_, quote)) => (*quote, expr.end),
            _ => return None,
        };
        let name = self.text[start..end].trim_matches(['\'', '"', '@']);
        name.rsplit('/').next().map(Rc::from)
    }

    /// Copies an expression that is bound to the name `bind` and is evaluated on its own if it is
    /// `closing`.
    fn expr(&mut self, expr: &Expr, context: &Context, bind: &str, closing: Option<Closing>) {
        self.copy(expr.start);
        if let Kind::Parens(inner) = &expr.kind {
            // What is wanted of the whole is wanted of what is in it.
            self.expr(inner, context, ANONYMOUS, closing);
            self.copy(expr.end);
            return;
        }
        let wanted = self.next_wanted.take();
        let fails = wanted.is_some() || self.can_fail(expr);
        if fails {
            let closes = closing.is_some();
            let Closing { name, plus } = closing.unwrap_or_default();
            let node = Node {
                start: expr.start,
                end: expr.shown_end,
                context: Self::shown(expr, context),
                closes,
                plus,
                name,
                looks_up: self.looks_up(expr),
                wanted,
                kind: self.kind(expr),
            };
            self.open(AT, node);
        }
        self.children(expr, context, bind);
        self.copy(expr.end);
        if fails {
            self.close();
        }
    }

    fn wanted(
        &mut self,
        expr: &Expr,
        context: &Context,
        wanted: Option<Wanted>,
        closing: Option<Closing>,
    ) {
        self.next_wanted = wanted;
        self.expr(expr, context, ANONYMOUS, closing);
    }

    fn direct(&mut self, expr: &Expr, context: &Context) {
        self.expr(expr, context, ANONYMOUS, None);
    }

    fn alone(&mut self, expr: &Expr, context: &Context) {
        self.expr(expr, context, ANONYMOUS, Some(Closing::default()));
    }

    fn all_alone(&mut self, exprs: &[Expr], context: &Context) {
        for expr in exprs {
            self.alone(expr, context);
        }
    }

    /// What stands behind `for … in` and `if` in a comprehension.
    fn specs(&mut self, specs: &[Spec], context: &Context) {
        for spec in specs {
            let wanted = if spec.over { Some(Wanted::Array) } else { None };
            self.wanted(&spec.expr, context, wanted, Some(Closing::default()));
        }
    }

    fn children(&mut self, expr: &Expr, context: &Context, bind: &str) {
        match &expr.kind {
            Kind::Literal | Kind::Var | Kind::Super(None) => {}
            Kind::Array(elements) => {
                let context = thunk(context);
                self.all_alone(elements, &context);
            }
            Kind::ArrayComp(body, specs) => {
                self.alone(body, &thunk(context));
                self.specs(specs, context);
            }
            Kind::Object(members, specs) => {
                self.object(members, specs.as_deref(), context, bind);
            }
            Kind::Unary(inner) | Kind::InSuper(inner) | Kind::Error(inner) => {
                self.direct(inner, context);
            }
            Kind::Binary(left, right, library) => {
                for side in [left, right] {
                    let closing = library.then(Closing::default);
                    self.expr(side, context, ANONYMOUS, closing);
                }
            }
            Kind::Brace(left, right) => {
                self.direct(left, context);
                // The evaluator takes nothing but the object itself here.
                self.copy(right.start);
                self.children(right, context, ANONYMOUS);
            }
            Kind::Assert(assert, rest) => {
                self.assert(assert, expr.shown_end, context, false);
                self.direct(rest, context);
            }
            Kind::Local(binds, body) => {
                for bind in binds {
                    self.bind(bind, context);
                }
                self.expr(body, context, bind, None);
            }
            Kind::Import(as_text, quote) => {
                if *as_text {
                    let verbatim = self.text[*quote..].starts_with('@');
                    self.copy(quote + 1 + usize::from(verbatim));
                    self.out.push_str(AS_TEXT);
                }
            }
            Kind::Apply(target, arguments) => {
                self.direct(target, context);
                let context = thunk(context);
                self.all_alone(arguments, &context);
            }
            // go-jsonnet names nothing before a dot.
            Kind::Dot(target) => self.direct(target, &None),
            Kind::Index(target, index) => {
                self.direct(target, context);
                self.direct(index, context);
            }
            Kind::Super(Some(index)) => self.direct(index, context),
            Kind::Slice(target, parts) => {
                self.alone(target, context);
                self.all_alone(parts, context);
            }
            Kind::Function(function) => self.function(function, context, bind),
            Kind::If(parts) => {
                for part in parts {
                    self.direct(part, context);
                }
            }
            Kind::Parens(inner) => self.direct(inner, context),
        }
    }

    fn function(&mut self, function: &Function, outer: &Context, bind: &str) {
        let context = outer.as_ref().map(|_| Rc::from(format!("function <{bind}>")));
        self.all_alone(&function.defaults, &context);
        let closing = Closing { name: Some(Rc::from(bind)), plus: false };
        self.expr(&function.body, &context, ANONYMOUS, Some(closing));
    }

    fn bind(&mut self, bind: &Bind, outer: &Context) {
        let name = self.text[bind.name.0..bind.name.1].to_owned();
        let context =
            outer.as_ref().map(|outer| Rc::from(format!("thunk <{name}> from <{outer}>")));
        match &bind.value {
            Body::Value(value) => {
                let closing = Closing { name: Some(Rc::from(name.as_str())), plus: false };
                self.expr(value, &context, &name, Some(closing));
            }
            Body::Function(function) => self.function(function, &context, &name),
        }
    }

    fn object(&mut self, members: &[Member], specs: Option<&[Spec]>, outer: &Context, bind: &str) {
        let context = outer.as_ref().map(|_| Rc::from(format!("object <{bind}>")));
        for member in members {
            match member {
                Member::Field { name, literal, plus, value } => {
                    let closing = specs.map(|_| Closing::default());
                    if let Some(name) = name {
                        self.wanted(name, outer, Some(Wanted::Name), closing);
                    }
                    let name = self.text[literal.0..literal.1].trim_matches(['\'', '"']);
                    let closing = Closing { name: Some(Rc::from(name)), plus: *plus };
                    match value {
                        Body::Value(value) => {
                            self.expr(value, &context, ANONYMOUS, Some(closing));
                        }
                        Body::Function(function) => self.function(function, &context, ANONYMOUS),
                    }
                }
                Member::Local(bind) => match &bind.value {
                    Body::Value(value) => {
                        let name = Some(Rc::from(&self.text[bind.name.0..bind.name.1]));
                        let closing = Closing { name, plus: false };
                        self.expr(value, &context, ANONYMOUS, Some(closing));
                    }
                    Body::Function(function) => self.function(function, &context, ANONYMOUS),
                },
                Member::Assert(assert) => self.assert(assert, assert.end, &context, true),
            }
        }
        self.specs(specs.unwrap_or_default(), outer);
    }

    fn assert(&mut self, assert: &Assert, end: usize, context: &Context, member: bool) {
        let node = || Node {
            start: assert.start,
            end,
            context: None,
            closes: member,
            plus: false,
            name: None,
            looks_up: None,
            wanted: None,
            kind: NodeKind::Assertion(member, assert.end),
        };
        let mut part = |function: &str, expr: &Expr| {
            self.copy(expr.start);
            self.open(function, node());
            self.direct(expr, context);
            self.copy(expr.end);
            self.close();
        };
        part(ASSERT, &assert.condition);
        if let Some(message) = &assert.message {
            part(MESSAGE, message);
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each node: its text, what it is part of, and whether it is evaluated on its own.
    fn nodes(text: &str) -> Vec<String> {
        let found = instrument(text, "f").unwrap();
        let node = |node: &Node| {
            let code = &text[node.start..node.end];
            let context = node.context.as_deref().unwrap_or("-");
            format!("{code} | {context}{}", if node.closes { " |" } else { "" })
        };
        found.nodes.iter().map(node).collect()
    }

    #[test]
    fn expressions_are_named_as_go_jsonnet_names_them() {
        assert_eq!(
            nodes("local f(x) = x + 1; { a: f(b=self.c[0]), d+: (g.h) }"),
            [
                "local f(x) = x + 1; { a: f(b=self.c[0]), d+: (g.h) } | $ |",
                "x + 1 | function <f> |",
                "x | function <f>",
                "f(b=self.c[0]) | object <anonymous> |",
                "f | object <anonymous>",
                "self.c[0] | thunk from <object <anonymous>> |",
                "self.c | thunk from <object <anonymous>>",
                "g.h | object <anonymous> |",
                "g | -",
            ]
        );
        assert_eq!(
            nodes("[x.y for x in z if w]"),
            [
                "[x.y for x in z if w] | - |",
                "x.y | thunk from <$> |",
                "x | -",
                "z | $ |",
                "w | $ |",
            ]
        );
    }

    #[test]
    fn code_keeps_its_meaning() {
        for (text, expected) in [
            ("1", "1"),
            ("a", "__renga_at(0,(a))"),
            ("/** x **/ a", "/** x  */ __renga_at(0,(a))"),
            ("importstr 'a'", "__renga_at(0,(importstr '\u{1}a'))"),
            ("a { b: 1 }", "__renga_at(0,(__renga_at(1,(a)) { b: 1 }))"),
            (
                "assert a : 'm'; {}",
                "__renga_at(0,(assert __renga_assert(1,(__renga_at(2,(a)))) : \
                 __renga_message(3,('m')); {}))",
            ),
        ] {
            assert_eq!(instrument(text, "f").unwrap().text, expected);
        }
    }

    #[test]
    fn all_of_the_grammar_is_known() {
        for text in [
            "{ local a = 1, local f(x) = x, assert true, 'b':: 2, \"c\"+: 3, [d]::: 4, e(x, y=1,):: 5 }",
            "{ f(x):: x, g(x)::: x, [h](x): x }",
            "function(a, b=1,) a",
            "a[1:2:3] + a[:2] + a[::2] + a[1:] + a[:]",
            "super.a + super['b'] + ('c' in super)",
            "-a.b.c * !d || ~e ^ +f << 1 in g",
            "if a then b else if c then d",
            "f(1, x=2) tailstrict",
            "{ [k]: v for k in [1, 2,] for v in l if k if v }",
            "[x, for x in y]",
            "|||\n  a\n|||",
            "error 'x' + import 'y'",
        ] {
            assert!(instrument(text, "f").is_some(), "{text}");
        }
        for text in ["", "a b", "{ a }", "(", "f(", "local a; b", "import a", "1 +"] {
            assert!(instrument(text, "f").is_none(), "{text}");
        }
    }
}

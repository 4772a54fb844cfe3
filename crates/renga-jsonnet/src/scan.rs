//! One pass over the tokens of a file: imports, nesting, purity, and edits for the evaluator.
//!
//! The edits change no meaning. Block comments that end in more than one star lose the extra ones,
//! because the evaluator's lexer misses the ends of some of them and would drop the code that
//! follows. And expressions that are evaluated late get a *probe* in front, `if $PROBE then`, which
//! is always true but fails when the native stack is nearly used up: the evaluator has no guard
//! of its own against recursion through fields, elements and variables. Imports of text get a mark.
//!
//! A file is *pure* as far as its own text goes when its value can only depend on the files it
//! imports: it does not mention `extVar`, uses `std` only as `std.name`, calls no native function
//! but those known to be pure, and traces nothing.

use std::fmt::Write as _;

use crate::concat::{Concatenations, Finder};
use crate::lexer::{Lexer, Token, TokenKind};
use crate::sources::{ImportKind, Span, StaticImport};

/// The variable a probe reads.
pub(crate) const PROBE: &str = "__renga_probe";

/// Stands before the path of an import that is read as text: the evaluator asks for a path without
/// saying how it will read it, and the text has to be the file's own.
pub(crate) const AS_TEXT: &str = "\u{1}";

/// Behind `std.trace`: the rest of another function's name, and a call of it with the line, which
/// gives the function that is called.
const TRACE_LINE: &str = "At__(        0)";

/// The function that `std.trace` becomes.
pub(crate) const TRACE_AT: &str = "traceAt__";

const WRAP: &str = "__renga_text(";
const FORMAT_CALL: &str = "__renga_format(";
const UNWRAP: &str = ")";
const PROBE_BRANCH: &str = "if __renga_probe then ";
const PROBE_ASSERT: &str = "assert __renga_probe; ";

/// What a pass over a file finds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) imports: Vec<StaticImport>,
    /// An upper bound of how deep the parser recurses.
    pub(crate) depth: usize,
    /// Whether the text alone lets the value depend on more than its imports.
    pub(crate) impure: bool,
    /// Names of native functions that are asked for by a literal.
    pub(crate) natives: Vec<String>,
    pub(crate) uses_this_file: bool,
    edits: Vec<Edit>,
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    /// Insert a branch before this byte.
    Branch(usize),
    /// Insert an assertion before this byte.
    Assert(usize),
    /// Mark the path of an import as one that is read as text.
    Mark(usize),
    /// Give `std.trace` the line it stands in, which the evaluator does not tell it.
    Line(usize),
    /// Begin to wrap an operand of a concatenation ([`crate::concat`]).
    Wrap(usize),
    /// Begin the call that a format becomes.
    Format(usize),
    /// Its `%` becomes a comma.
    Comma(usize),
    /// End a wrapping or a call.
    Unwrap(usize),
    /// Blank these bytes.
    Blank(usize, usize),
}

impl Edit {
    fn at(self) -> usize {
        match self {
            Self::Branch(at)
            | Self::Assert(at)
            | Self::Mark(at)
            | Self::Line(at)
            | Self::Wrap(at)
            | Self::Format(at)
            | Self::Comma(at)
            | Self::Unwrap(at)
            | Self::Blank(at, _) => at,
        }
    }

    fn inserted(self) -> &'static str {
        match self {
            Self::Branch(_) => PROBE_BRANCH,
            Self::Assert(_) => PROBE_ASSERT,
            Self::Mark(_) => AS_TEXT,
            Self::Line(_) => TRACE_LINE,
            Self::Wrap(_) => WRAP,
            Self::Format(_) => FORMAT_CALL,
            Self::Unwrap(_) => UNWRAP,
            Self::Comma(_) | Self::Blank(..) => "",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Local,
    Assert,
}

/// An open bracket.
struct Frame {
    open: u8,
    /// Where a probe goes if something follows the closing bracket.
    candidate: Option<usize>,
    /// The brackets of a function literal's parameters: its body follows.
    parameters: bool,
    chain: usize,
    pending: Vec<Pending>,
}

impl Frame {
    fn new(open: u8) -> Self {
        Self { open, candidate: None, parameters: false, chain: 0, pending: Vec::new() }
    }
}

/// What the next token is in the place of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The start of an expression that is evaluated late.
    Late,
    /// The start of the body of a function literal.
    FunctionBody,
    Other,
}

struct Scanner<'a> {
    text: &'a str,
    scan: Scan,
    frames: Vec<Frame>,
    depth: usize,
    place: Place,
    /// A late expression that is a single token or bracket so far, and where it starts.
    single: Option<usize>,
    /// The tokens before, last first.
    before: [Option<Token>; 4],
    import: Option<(ImportKind, usize)>,
    std_use: StdUse,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StdUse {
    None,
    Std,
    StdDot,
    Native,
    NativeOpen,
}

impl Scan {
    /// Reads `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut scanner = Scanner {
            text,
            scan: Self::default(),
            frames: vec![Frame::new(b'(')],
            depth: 1,
            place: Place::Other,
            single: None,
            before: [None; 4],
            import: None,
            std_use: StdUse::None,
        };
        let mut lexer = Lexer::new(text);
        let mut balanced = true;
        let mut finder = Finder::new(text);
        for token in &mut lexer {
            balanced &= scanner.token(token);
            finder.token(token);
        }
        let whole = balanced && !lexer.failed() && scanner.frames.len() == 1;
        let mut scan = scanner.scan;
        if scanner.std_use != StdUse::None {
            scan.impure = true;
        }
        let Concatenations { wraps, formats } = finder.finish();
        for (start, end) in wraps {
            scan.edits.extend([Edit::Wrap(start), Edit::Unwrap(end)]);
        }
        for (start, percent, end) in formats {
            scan.edits.extend([Edit::Format(start), Edit::Comma(percent), Edit::Unwrap(end)]);
        }
        // What cannot be parsed is shown to the evaluator as it is.
        if !whole {
            scan.edits.retain(|edit| matches!(edit, Edit::Blank(..)));
        }
        scan.edits.sort_by_key(|edit| edit.at());
        scan
    }

    /// The text for the evaluator, or `None` if it is `text` itself.
    pub(crate) fn edited(&self, text: &str) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        let mut edited = String::with_capacity(text.len() + self.edits.len() * PROBE_BRANCH.len());
        let mut done = 0;
        for edit in &self.edits {
            edited.push_str(&text[done..edit.at()]);
            done = edit.at();
            match *edit {
                Edit::Blank(start, end) => {
                    edited.extend(std::iter::repeat_n(' ', end - start));
                    done = end;
                }
                Edit::Comma(at) => {
                    edited.push(',');
                    done = at + 1;
                }
                Edit::Line(at) => {
                    // As wide as `TRACE_LINE`, so that offsets map back.
                    let line = text[..at].bytes().filter(|&byte| byte == b'\n').count() + 1;
                    let _ = write!(edited, "At__({line:9})");
                }
                _ => edited.push_str(edit.inserted()),
            }
        }
        edited.push_str(&text[done..]);
        Some(edited)
    }

    /// Where in the text a byte of the edited text comes from.
    pub(crate) fn original_offset(&self, edited: usize) -> usize {
        let mut shift = 0;
        for edit in &self.edits {
            let at = edit.at() + shift;
            if at > edited {
                break;
            }
            let len = edit.inserted().len();
            if edited < at + len {
                return edit.at();
            }
            shift += len;
        }
        edited - shift
    }
}

impl Scanner<'_> {
    fn word(&self, token: Token) -> &str {
        &self.text[token.start..token.end]
    }

    /// Takes the next token. False when a bracket does not match.
    fn token(&mut self, token: Token) -> bool {
        if token.kind == TokenKind::BlockComment {
            self.comment(token);
            return true;
        }
        self.purity(token);
        self.import(token);
        self.end_single(token);
        let place = std::mem::replace(&mut self.place, Place::Other);
        let mut candidate = None;
        if place != Place::Other {
            candidate = self.begin_late(token, place);
        }
        let balanced = self.structure(token, candidate);
        self.before.rotate_right(1);
        self.before[0] = Some(token);
        balanced
    }

    /// A comment's end of several stars becomes one of a single star.
    fn comment(&mut self, token: Token) {
        let body = &self.text.as_bytes()[token.start + 2..token.end - 1];
        let stars = body.iter().rev().take_while(|&&byte| byte == b'*').count();
        if stars > 1 {
            let end = token.end - 2;
            self.scan.edits.push(Edit::Blank(end + 1 - stars, end));
        }
    }

    fn import(&mut self, token: Token) {
        if let Some((kind, start)) = self.import.take()
            && token.kind == TokenKind::String
            && let Some(path) = unquote(self.word(token))
        {
            let span = Span { start, end: token.end };
            if kind != ImportKind::Import {
                let quote = 1 + usize::from(self.word(token).starts_with('@'));
                self.scan.edits.push(Edit::Mark(token.start + quote));
            }
            self.scan.imports.push(StaticImport { kind, path, span });
        }
        if token.kind == TokenKind::Word
            && !self.before[0].is_some_and(|before| before.kind == TokenKind::Dot)
        {
            let kind = match self.word(token) {
                "import" => Some(ImportKind::Import),
                "importstr" => Some(ImportKind::ImportStr),
                "importbin" => Some(ImportKind::ImportBin),
                _ => None,
            };
            self.import = kind.map(|kind| (kind, token.start));
        }
    }

    fn purity(&mut self, token: Token) {
        let text = &self.text[token.start..token.end];
        let mut next = StdUse::None;
        match (self.std_use, token.kind) {
            (StdUse::None, TokenKind::Word) if text == "std" => {
                if self.before[0].is_none_or(|before| before.kind != TokenKind::Dot) {
                    next = StdUse::Std;
                }
            }
            (StdUse::None, _) => {}
            (StdUse::Std, TokenKind::Dot) => next = StdUse::StdDot,
            (StdUse::StdDot, TokenKind::Word) => match text {
                "native" => next = StdUse::Native,
                "trace" => {
                    self.scan.impure = true;
                    self.scan.edits.push(Edit::Line(token.end));
                }
                "thisFile" => self.scan.uses_this_file = true,
                _ => {}
            },
            (StdUse::Native, TokenKind::Open) if text == "(" => next = StdUse::NativeOpen,
            (StdUse::NativeOpen, TokenKind::String) => match unquote(text) {
                Some(name) => self.scan.natives.push(name),
                None => self.scan.impure = true,
            },
            _ => {
                self.scan.impure = true;
                self.scan.uses_this_file = true;
            }
        }
        self.std_use = next;
        let mentions = matches!(token.kind, TokenKind::Word | TokenKind::String);
        if mentions && text.contains("extVar") {
            self.scan.impure = true;
        }
    }

    /// Decides about a late expression that was one token or bracket so far.
    fn end_single(&mut self, token: Token) {
        let Some(start) = self.single.take() else { return };
        let ends = match token.kind {
            TokenKind::Comma | TokenKind::Semicolon | TokenKind::Close => true,
            // `name = value`: not an expression. `:` ends the message-less part of a slice.
            TokenKind::Operator => matches!(self.word(token), "=" | ":" | "::"),
            TokenKind::Word => matches!(self.word(token), "for" | "else" | "then"),
            _ => false,
        };
        if !ends {
            self.scan.edits.push(Edit::Branch(start));
        }
    }

    /// The first token of a late expression. Returns where a probe goes if more follows the
    /// bracket that `token` opens.
    fn begin_late(&mut self, token: Token, place: Place) -> Option<usize> {
        let start = token.start;
        match token.kind {
            TokenKind::Close | TokenKind::Comma | TokenKind::Semicolon => None,
            _ if place == Place::FunctionBody => {
                self.scan.edits.push(Edit::Assert(start));
                None
            }
            TokenKind::Open => Some(start),
            TokenKind::Number | TokenKind::String => {
                self.single = Some(start);
                None
            }
            TokenKind::Word => {
                match self.word(token) {
                    "function" | "for" => {}
                    "if" | "local" | "error" | "assert" | "import" | "importstr" | "importbin" => {
                        self.scan.edits.push(Edit::Branch(start));
                    }
                    _ => self.single = Some(start),
                }
                None
            }
            TokenKind::Operator if self.word(token) == "$" => {
                self.single = Some(start);
                None
            }
            TokenKind::Operator => {
                // A slice without a start, `[:2]`, has no expression here.
                if !self.word(token).starts_with(':') {
                    self.scan.edits.push(Edit::Branch(start));
                }
                None
            }
            TokenKind::Dot | TokenKind::BlockComment => None,
        }
    }

    fn deepen(&mut self) {
        self.depth += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.chain += 1;
        }
        self.scan.depth = self.scan.depth.max(self.depth);
    }

    /// Follows brackets, separators and keywords.
    fn structure(&mut self, token: Token, candidate: Option<usize>) -> bool {
        let byte = self.text.as_bytes()[token.start];
        match token.kind {
            TokenKind::Open => {
                self.deepen();
                let mut frame = Frame::new(byte);
                frame.candidate = candidate;
                frame.parameters = byte == b'('
                    && self.before[0].is_some_and(|before| {
                        before.kind == TokenKind::Word && self.word(before) == "function"
                    });
                self.frames.push(frame);
                self.depth += 1;
                self.scan.depth = self.scan.depth.max(self.depth);
                if byte != b'{' {
                    self.place = Place::Late;
                }
                true
            }
            TokenKind::Close => {
                let Some(frame) = self.frames.pop() else { return false };
                self.depth = self.depth.saturating_sub(frame.chain + 1);
                self.single = frame.candidate;
                if frame.parameters {
                    self.place = Place::FunctionBody;
                }
                let matches =
                    matches!((frame.open, byte), (b'{', b'}') | (b'[', b']') | (b'(', b')'));
                matches && !self.frames.is_empty()
            }
            TokenKind::Comma => {
                if let Some(frame) = self.frames.last_mut()
                    && frame.pending.last() != Some(&Pending::Local)
                {
                    self.depth -= frame.chain;
                    frame.chain = 0;
                    if frame.open != b'{' {
                        self.place = Place::Late;
                    }
                } else if let Some(frame) = self.frames.last_mut()
                    && frame.open == b'{'
                {
                    // Members of an object: its locals have no `;`.
                    self.depth -= frame.chain;
                    frame.chain = 0;
                }
                true
            }
            TokenKind::Semicolon => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.pending.pop();
                }
                true
            }
            TokenKind::Operator => {
                self.deepen();
                let in_object = self.frames.last().is_some_and(|frame| frame.open == b'{');
                match self.word(token) {
                    "=" => self.place = Place::Late,
                    ":" | "::" | ":::" | "+:" | "+::" | "+:::" if in_object => {
                        self.place = Place::Late;
                    }
                    _ => {}
                }
                true
            }
            TokenKind::Word => {
                let is_name = self.before[0].is_some_and(|before| before.kind == TokenKind::Dot);
                let pending = match self.word(token) {
                    _ if is_name => return true,
                    "local" => Some(Pending::Local),
                    "assert" => Some(Pending::Assert),
                    "if" | "then" | "else" | "error" | "function" | "for" => None,
                    _ => return true,
                };
                self.deepen();
                if let Some(pending) = pending
                    && let Some(frame) = self.frames.last_mut()
                {
                    frame.pending.push(pending);
                }
                true
            }
            TokenKind::Dot => {
                self.deepen();
                true
            }
            TokenKind::Number | TokenKind::String | TokenKind::BlockComment => true,
        }
    }
}

/// The value of a string literal; `None` for one that cannot be a path or a name.
fn unquote(literal: &str) -> Option<String> {
    if let Some(verbatim) = literal.strip_prefix('@') {
        let quote = verbatim.chars().next()?;
        let inner = verbatim.get(1..verbatim.len() - 1)?;
        return Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()));
    }
    if literal.starts_with("|||") {
        return None;
    }
    let inner = literal.get(1..literal.len() - 1)?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        text.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let digits: String = chars.by_ref().take(4).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            other @ ('"' | '\'' | '\\' | '/') => other,
            _ => return None,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> String {
        let scan = Scan::of(text);
        scan.edited(text)
            .unwrap_or_else(|| text.to_owned())
            .replace(PROBE_BRANCH, "^")
            .replace(PROBE_ASSERT, "&")
    }

    #[test]
    fn probes_stand_before_late_expressions() {
        for (text, expected) in [
            ("{ a: 1, b: x, c: self, d: 'e' }", "{ a: 1, b: x, c: self, d: 'e' }"),
            ("{ a: b.c, d: -1, e: [f.g, h] }", "{ a: ^b.c, d: ^-1, e: [^f.g, h] }"),
            ("{ a: [1] + b }", "{ a: ^[1] + b }"),
            ("{ a: { b: c.d } }", "{ a: { b: ^c.d } }"),
            (
                "local a = f(1, x), g(y, z=q.w) = y + 1; a",
                "local a = ^f(1, x), g(y, z=^q.w) = ^y + 1; a",
            ),
            ("f(local a = 1, g(x) = x; a, b.c)", "f(^local a = 1, g(x) = x; a, ^b.c)"),
            ("if a then function(x) x.y else z", "if a then function(x) &x.y else z"),
            ("[x.y for x in z]", "[^x.y for x in z]"),
            ("{ [a.b]: c.d for a in e }", "{ [^a.b]: ^c.d for a in e }"),
            ("{ f(x):: x.y, g+: super.g }", "{ f(x):: ^x.y, g+: ^super.g }"),
            ("a[1:2]", "a[1:2]"),
            ("a[:b.c]", "a[:b.c]"),
            ("{ a: (b) }", "{ a: (b) }"),
            ("{ a: 'x' % y }", "{ a: ^__renga_format('x' , y) }"),
            ("{ a: function(x) x }", "{ a: function(x) &x }"),
            (
                "{ assert a.b : c.d, local e = f.g, h: 1 }",
                "{ assert a.b : ^c.d, local e = ^f.g, h: 1 }",
            ),
            ("f(function(x) x, 1)", "f(function(x) &x, 1)"),
            ("{ a: (b", "{ a: (b"),
        ] {
            assert_eq!(edited(text), expected, "{text}");
        }
    }

    #[test]
    fn offsets_map_back() {
        let text = "{ a: b.c, d: [e.f] }";
        let found = Scan::of(text);
        let edited = found.edited(text).unwrap();
        for needle in ["a:", "b.c", "d:", "e.f", "}"] {
            let offset = edited.rfind(needle).unwrap();
            assert_eq!(found.original_offset(offset), text.rfind(needle).unwrap(), "{needle}");
        }
        assert_eq!(
            found.original_offset(edited.find("if").unwrap() + 3),
            text.find("b.c").unwrap()
        );
    }

    #[test]
    fn comments_end_in_one_star() {
        for (text, expected) in [
            ("/** A **/ x", "/** A  */ x"),
            ("/***/ x", "/* */ x"),
            ("/**/ x", "/**/ x"),
            ("/******/ x", "/*    */ x"),
            ("'/* **/' * x", "'/* **/' * x"),
            ("# /* **/\nx", "# /* **/\nx"),
        ] {
            assert_eq!(edited(text), expected, "{text}");
        }
    }

    #[test]
    fn imports_are_found_in_code_only() {
        let text = "// import 'a'\nlocal b = import 'b\\u002e'; [importstr \"c\", importbin @'d''e', x.import, 'import \"f\"']";
        let all = Scan::of(text).imports;
        let found: Vec<_> = all.iter().map(|import| import.path.as_str()).collect();
        assert_eq!(found, ["b.", "c", "d'e"]);
        let span = all[0].span;
        assert_eq!(&text[span.start..span.end], "import 'b\\u002e'");
    }

    #[test]
    fn purity_is_seen_in_the_text() {
        for text in [
            "std.extVar('a')",
            "std['extVar']('a')",
            "local s = std; s",
            "std.native(x)",
            "std.native",
            "std.trace('a', 1)",
            "f(std)",
            "std",
            "{ 'extVar': 1 }",
        ] {
            assert!(Scan::of(text).impure, "{text}");
        }
        for text in ["std.length(x)", "x.std.y", "std.native('parseYaml')", "std.thisFile"] {
            assert!(!Scan::of(text).impure, "{text}");
        }
        assert_eq!(Scan::of("std.native('a')(1)").natives, ["a"]);
    }

    #[test]
    fn depth_bounds_nesting_of_every_kind() {
        for text in [
            "[".repeat(100),
            "(".repeat(100),
            "-".repeat(100),
            "local a = 1; ".repeat(100),
            "local a = 1, b = 2; ".repeat(100),
            "if a then ".repeat(100),
            "if a then b else ".repeat(100),
            "function(x) ".repeat(100),
            "a + ".repeat(100),
            "a.".repeat(100),
            "a()".repeat(100),
            "error ".repeat(100),
            "{ a: ".repeat(100),
        ] {
            assert!(Scan::of(&text).depth >= 100, "{text}");
        }
        for text in ["[1, 2 + 3],".repeat(100), "{ a: 1 + b.c, }".repeat(100)] {
            let text = format!("[{}]", text.replace("}{", "},{"));
            assert!(Scan::of(&text).depth < 20, "{text}");
        }
    }
}

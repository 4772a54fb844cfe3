//! Tokens to events: libyaml's grammar as a machine with a stack of states.
//!
//! Nothing here recurses; nesting is limited by the scanner.

use super::failure::{Failure, Layer, Mark};
use super::scanner::{ScalarStyle, Scan, Scanner, Token, TokenKind};
use crate::resolve::Version;

/// A piece of a document's structure.
#[derive(Debug)]
pub(super) enum Event {
    StreamStart,
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias { anchor: Vec<u8>, start: Mark },
    Scalar { properties: Properties, value: Vec<u8>, style: ScalarStyle, start: Mark },
    SequenceStart { properties: Properties, start: Mark },
    SequenceEnd,
    MappingStart { properties: Properties, start: Mark },
    MappingEnd,
}

/// What may stand before a node.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) anchor: Option<Vec<u8>>,
    /// The long form, or empty.
    pub(super) tag: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    StreamStart,
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequencePairKey,
    FlowSequencePairValue,
    FlowSequencePairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Where a node stands, which decides what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Block,
    /// A block node that may also be a sequence without indentation.
    BlockValue,
    Flow,
}

/// The state of the parse.
pub(super) struct Parser {
    scanner: Scanner,
    state: State,
    states: Vec<State>,
    /// Where the open collections began.
    marks: Vec<Mark>,
    /// Tag handles of the document and their prefixes.
    handles: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Parser {
    pub(super) fn new(text: &[u8], version: Version) -> Self {
        Self {
            scanner: Scanner::new(text, version),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            handles: Vec::new(),
        }
    }

    fn peek(&mut self) -> Scan<&Token> {
        self.scanner.peek()
    }

    /// Takes the token at hand and looks at the next.
    fn advance(&mut self) -> Scan<&Token> {
        self.scanner.take();
        self.scanner.peek()
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn fail<T>(context: Option<Mark>, problem: &str, at: Mark) -> Scan<T> {
        Err(Failure {
            layer: Layer::Parser,
            problem: problem.to_owned(),
            context: context.unwrap_or_default(),
            at,
        })
    }

    fn empty_scalar(start: Mark) -> Event {
        Event::Scalar {
            properties: Properties::default(),
            value: Vec::new(),
            style: ScalarStyle::Plain,
            start,
        }
    }

    /// The next event. Nothing but ends comes after the end of the stream.
    pub(super) fn next_event(&mut self) -> Scan<Event> {
        match self.state {
            State::StreamStart => {
                self.peek()?;
                self.scanner.take();
                self.state = State::ImplicitDocumentStart;
                Ok(Event::StreamStart)
            }
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Place::Block),
            State::BlockSequenceFirstEntry => self.block_sequence_entry(true),
            State::BlockSequenceEntry => self.block_sequence_entry(false),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingFirstKey => self.block_mapping_key(true),
            State::BlockMappingKey => self.block_mapping_key(false),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequencePairKey => self.flow_sequence_pair_key(),
            State::FlowSequencePairValue => self.flow_sequence_pair_value(),
            State::FlowSequencePairEnd => {
                self.peek()?;
                self.state = State::FlowSequenceEntry;
                Ok(Event::MappingEnd)
            }
            State::FlowMappingFirstKey => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.flow_mapping_value(true),
            State::End => Ok(Event::StreamEnd),
        }
    }

    fn document_start(&mut self, implicit: bool) -> Scan<Event> {
        self.peek()?;
        if !implicit {
            while self.peek()?.kind == TokenKind::DocumentEnd {
                self.scanner.take();
            }
        }
        let explicit = matches!(
            self.peek()?.kind,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
        );
        if self.peek()?.kind == TokenKind::StreamEnd {
            self.state = State::End;
            self.scanner.take();
            return Ok(Event::StreamEnd);
        }
        self.process_directives()?;
        self.states.push(State::DocumentEnd);
        if implicit && !explicit {
            self.state = State::BlockNode;
            return Ok(Event::DocumentStart);
        }
        let token = self.peek()?;
        if token.kind != TokenKind::DocumentStart {
            let at = token.start;
            return Self::fail(None, "did not find expected <document start>", at);
        }
        self.state = State::DocumentContent;
        self.scanner.take();
        Ok(Event::DocumentStart)
    }

    fn process_directives(&mut self) -> Scan {
        let mut versioned = false;
        loop {
            let Token { kind, start, .. } = self.peek()?;
            let start = *start;
            match kind {
                TokenKind::VersionDirective { major, minor } => {
                    if versioned {
                        return Self::fail(None, "found duplicate %YAML directive", start);
                    }
                    if (*major, *minor) != (1, 1) {
                        return Self::fail(None, "found incompatible YAML document", start);
                    }
                    versioned = true;
                }
                TokenKind::TagDirective { handle, prefix } => {
                    let entry = (handle.clone(), prefix.clone());
                    if self.handles.iter().any(|(handle, _)| *handle == entry.0) {
                        return Self::fail(None, "found duplicate %TAG directive", start);
                    }
                    self.handles.push(entry);
                }
                _ => break,
            }
            self.scanner.take();
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.handles.iter().any(|(known, _)| known == handle.as_bytes()) {
                self.handles.push((handle.into(), prefix.into()));
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let start = token.start;
        if matches!(
            token.kind,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ) {
            self.pop_state();
            return Ok(Self::empty_scalar(start));
        }
        self.node(Place::Block)
    }

    fn document_end(&mut self) -> Scan<Event> {
        if self.peek()?.kind == TokenKind::DocumentEnd {
            self.scanner.take();
        }
        self.handles.clear();
        self.state = State::DocumentStart;
        Ok(Event::DocumentEnd)
    }

    fn node(&mut self, place: Place) -> Scan<Event> {
        let token = self.peek()?;
        let start = token.start;
        if let TokenKind::Alias(anchor) = &token.kind {
            let anchor = anchor.clone();
            self.pop_state();
            self.scanner.take();
            return Ok(Event::Alias { anchor, start });
        }
        let properties = self.properties(start)?;
        let token = self.peek()?;
        let at = token.start;
        match &token.kind {
            TokenKind::BlockEntry if place == Place::BlockValue => {
                self.state = State::IndentlessSequenceEntry;
                Ok(Event::SequenceStart { properties, start })
            }
            TokenKind::Scalar { .. } => {
                self.pop_state();
                match self.scanner.take() {
                    Some(Token { kind: TokenKind::Scalar { value, style }, .. }) => {
                        Ok(Event::Scalar { properties, value, style, start })
                    }
                    _ => Ok(Self::empty_scalar(start)),
                }
            }
            TokenKind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirstEntry;
                Ok(Event::SequenceStart { properties, start })
            }
            TokenKind::FlowMappingStart => {
                self.state = State::FlowMappingFirstKey;
                Ok(Event::MappingStart { properties, start })
            }
            TokenKind::BlockSequenceStart if place != Place::Flow => {
                self.state = State::BlockSequenceFirstEntry;
                Ok(Event::SequenceStart { properties, start })
            }
            TokenKind::BlockMappingStart if place != Place::Flow => {
                self.state = State::BlockMappingFirstKey;
                Ok(Event::MappingStart { properties, start })
            }
            _ if properties.anchor.is_some() || !properties.tag.is_empty() => {
                self.pop_state();
                let (value, style) = (Vec::new(), ScalarStyle::Plain);
                Ok(Event::Scalar { properties, value, style, start })
            }
            _ => Self::fail(Some(start), "did not find expected node content", at),
        }
    }

    /// An anchor and a tag in either order.
    fn properties(&mut self, start: Mark) -> Scan<Properties> {
        let mut anchor = None;
        let mut tag = None;
        loop {
            let token = self.peek()?;
            match &token.kind {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                TokenKind::Tag { handle, suffix } if tag.is_none() => {
                    tag = Some((handle.clone(), suffix.clone(), token.start));
                }
                _ => break,
            }
            self.scanner.take();
        }
        let tag = match tag {
            None => Vec::new(),
            Some((handle, suffix, _)) if handle.is_empty() => suffix,
            Some((handle, suffix, mark)) => {
                let prefix = self.handles.iter().find(|(known, _)| *known == handle);
                let mut tag = prefix.map(|(_, prefix)| prefix.clone()).unwrap_or_default();
                if prefix.is_some() {
                    tag.extend_from_slice(&suffix);
                }
                if tag.is_empty() {
                    return Self::fail(Some(start), "found undefined tag handle", mark);
                }
                tag
            }
        };
        Ok(Properties { anchor, tag })
    }

    /// Notes where a collection began and steps over its first token.
    fn open(&mut self) -> Scan {
        let start = self.peek()?.start;
        self.marks.push(start);
        self.scanner.take();
        Ok(())
    }

    /// Steps over the last token of a collection.
    fn close(&mut self) {
        self.pop_state();
        self.marks.pop();
        self.scanner.take();
    }

    fn block_sequence_entry(&mut self, first: bool) -> Scan<Event> {
        if first {
            self.open()?;
        }
        let token = self.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            TokenKind::BlockEntry => {
                if matches!(self.advance()?.kind, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    self.state = State::BlockSequenceEntry;
                    return Ok(Self::empty_scalar(end));
                }
                self.states.push(State::BlockSequenceEntry);
                self.node(Place::Block)
            }
            TokenKind::BlockEnd => {
                self.close();
                Ok(Event::SequenceEnd)
            }
            _ => Self::fail(self.marks.pop(), "did not find expected '-' indicator", start),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let end = token.end;
        if token.kind != TokenKind::BlockEntry {
            self.pop_state();
            return Ok(Event::SequenceEnd);
        }
        let empty = matches!(
            self.advance()?.kind,
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        );
        if empty {
            self.state = State::IndentlessSequenceEntry;
            return Ok(Self::empty_scalar(end));
        }
        self.states.push(State::IndentlessSequenceEntry);
        self.node(Place::Block)
    }

    fn block_mapping_key(&mut self, first: bool) -> Scan<Event> {
        if first {
            self.open()?;
        }
        let token = self.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            TokenKind::Key => self.block_mapping_node(end, State::BlockMappingValue),
            TokenKind::BlockEnd => {
                self.close();
                Ok(Event::MappingEnd)
            }
            _ => Self::fail(self.marks.pop(), "did not find expected key", start),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let (start, end) = (token.start, token.end);
        if token.kind == TokenKind::Value {
            return self.block_mapping_node(end, State::BlockMappingKey);
        }
        self.state = State::BlockMappingKey;
        Ok(Self::empty_scalar(start))
    }

    /// The node after `?` or `:`, which may be left out.
    fn block_mapping_node(&mut self, end: Mark, next: State) -> Scan<Event> {
        let empty =
            matches!(self.advance()?.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd);
        if empty {
            self.state = next;
            return Ok(Self::empty_scalar(end));
        }
        self.states.push(next);
        self.node(Place::BlockValue)
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Scan<Event> {
        if first {
            self.open()?;
        }
        if !first && self.peek()?.kind != TokenKind::FlowSequenceEnd {
            let token = self.peek()?;
            if token.kind != TokenKind::FlowEntry {
                let at = token.start;
                return Self::fail(self.marks.pop(), "did not find expected ',' or ']'", at);
            }
            self.scanner.take();
        }
        let token = self.peek()?;
        let start = token.start;
        match token.kind {
            TokenKind::FlowSequenceEnd => {
                self.close();
                Ok(Event::SequenceEnd)
            }
            TokenKind::Key => {
                self.state = State::FlowSequencePairKey;
                self.scanner.take();
                Ok(Event::MappingStart { properties: Properties::default(), start })
            }
            _ => {
                self.states.push(State::FlowSequenceEntry);
                self.node(Place::Flow)
            }
        }
    }

    fn flow_sequence_pair_key(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let end = token.end;
        if matches!(
            token.kind,
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd
        ) {
            // The libraries step over that token, which loses `[? : value]` and the like.
            self.scanner.take();
            self.state = State::FlowSequencePairValue;
            return Ok(Self::empty_scalar(end));
        }
        self.states.push(State::FlowSequencePairValue);
        self.node(Place::Flow)
    }

    fn flow_sequence_pair_value(&mut self) -> Scan<Event> {
        let token = self.peek()?;
        let start = token.start;
        if token.kind == TokenKind::Value
            && !matches!(self.advance()?.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd)
        {
            self.states.push(State::FlowSequencePairEnd);
            return self.node(Place::Flow);
        }
        self.state = State::FlowSequencePairEnd;
        Ok(Self::empty_scalar(start))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Scan<Event> {
        if first {
            self.open()?;
        }
        if !first && self.peek()?.kind != TokenKind::FlowMappingEnd {
            let token = self.peek()?;
            if token.kind != TokenKind::FlowEntry {
                let at = token.start;
                return Self::fail(self.marks.pop(), "did not find expected ',' or '}'", at);
            }
            self.scanner.take();
        }
        match self.peek()?.kind {
            TokenKind::FlowMappingEnd => {
                self.close();
                Ok(Event::MappingEnd)
            }
            TokenKind::Key => {
                let token = self.advance()?;
                let start = token.start;
                if matches!(
                    token.kind,
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd
                ) {
                    self.state = State::FlowMappingValue;
                    return Ok(Self::empty_scalar(start));
                }
                self.states.push(State::FlowMappingValue);
                self.node(Place::Flow)
            }
            _ => {
                self.states.push(State::FlowMappingEmptyValue);
                self.node(Place::Flow)
            }
        }
    }

    fn flow_mapping_value(&mut self, empty: bool) -> Scan<Event> {
        let token = self.peek()?;
        let mut start = token.start;
        if !empty && token.kind == TokenKind::Value {
            let token = self.advance()?;
            start = token.start;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(Place::Flow);
            }
        }
        self.state = State::FlowMappingKey;
        Ok(Self::empty_scalar(start))
    }
}

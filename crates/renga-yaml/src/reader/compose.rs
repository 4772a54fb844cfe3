//! Events to a tree of nodes, one document at a time.
//!
//! The tree lives in one list and refers by number, so that composing, sharing and dropping it
//! need no recursion. Aliases keep the node that their anchor stood for when they were read.

use rustc_hash::FxHashMap;

use super::parser::{Event, Parser, Properties};
use super::scanner::ScalarStyle;
use crate::error::YamlError;
use crate::resolve::{Version, resolve};

/// The number of a node in its document.
pub(super) type NodeId = usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Sequence(Vec<NodeId>),
    /// Keys and values in turn.
    Mapping(Vec<NodeId>),
    Alias(NodeId),
}

/// A node with what decoding needs to know of its presentation.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Version 2: the long tag as written, or empty. Version 3: the short tag, resolved for
    /// plain scalars.
    pub(super) tag: String,
    /// A scalar's text, an alias's anchor.
    pub(super) value: String,
    /// Whether a scalar was written without quotes and block indicators.
    pub(super) plain: bool,
    /// From 1.
    pub(super) line: usize,
}

/// Composes the documents of a stream.
pub(super) struct Composer {
    parser: Parser,
    version: Version,
    pub(super) nodes: Vec<Node>,
    anchors: FxHashMap<Vec<u8>, NodeId>,
    started: bool,
    /// How many collections have been open at a time.
    pub(super) deepest: usize,
}

pub(super) const LONG_TAG: &str = "tag:yaml.org,2002:";

/// `!!str` for `tag:yaml.org,2002:str`; other tags as they are.
pub(super) fn short_tag(tag: &str) -> String {
    tag.strip_prefix(LONG_TAG).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

fn text(bytes: Vec<u8>) -> String {
    // The scanner copies whole characters; only escapes in tags can form anything else.
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

impl Composer {
    pub(super) fn new(input: &[u8], version: Version) -> Self {
        Self {
            parser: Parser::new(input, version),
            version,
            nodes: Vec::new(),
            anchors: FxHashMap::default(),
            started: false,
            deepest: 0,
        }
    }

    fn event(&mut self) -> Result<Event, YamlError> {
        self.parser.next_event().map_err(|failure| failure.into_error(self.version))
    }

    /// The root of the next document; `None` at the end of the stream. The nodes of the document
    /// before are dropped, except that version 3 keeps anchors over documents.
    pub(super) fn document(&mut self) -> Result<Option<NodeId>, YamlError> {
        if !self.started {
            self.event()?;
            self.started = true;
        }
        if matches!(self.event()?, Event::StreamEnd) {
            return Ok(None);
        }
        if self.version == Version::V2 {
            self.nodes.clear();
            self.anchors.clear();
        } else if self.anchors.is_empty() {
            self.nodes.clear();
        }
        let root = self.content()?;
        self.event()?;
        Ok(Some(root))
    }

    fn content(&mut self) -> Result<NodeId, YamlError> {
        let mut open: Vec<NodeId> = Vec::new();
        loop {
            let (node, opens) = match self.event()? {
                Event::Scalar { properties, value, style, start } => {
                    (self.scalar(properties, value, style, start.line + 1), false)
                }
                Event::SequenceStart { properties, start } => {
                    let kind = Kind::Sequence(Vec::new());
                    (self.collection(kind, properties, "!!seq", start.line + 1), true)
                }
                Event::MappingStart { properties, start } => {
                    let kind = Kind::Mapping(Vec::new());
                    (self.collection(kind, properties, "!!map", start.line + 1), true)
                }
                Event::Alias { anchor, start } => (self.alias(anchor, start.line + 1)?, false),
                _ => match open.pop() {
                    Some(done) if open.is_empty() => return Ok(done),
                    Some(_) => continue,
                    None => {
                        return Err(YamlError::syntax("unknown problem parsing YAML content"));
                    }
                },
            };
            match open.last().map(|&parent| &mut self.nodes[parent].kind) {
                Some(Kind::Sequence(children) | Kind::Mapping(children)) => children.push(node),
                _ if !opens => return Ok(node),
                _ => {}
            }
            if opens {
                open.push(node);
                self.deepest = self.deepest.max(open.len());
            }
        }
    }

    fn add(&mut self, node: Node, anchor: Option<Vec<u8>>) -> NodeId {
        let id = self.nodes.len();
        self.nodes.push(node);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn collection(
        &mut self,
        kind: Kind,
        Properties { anchor, tag }: Properties,
        default_tag: &str,
        line: usize,
    ) -> NodeId {
        let tag = text(tag);
        let tag = match self.version {
            Version::V2 => String::new(),
            Version::V3 if tag.is_empty() || tag == "!" => default_tag.to_owned(),
            Version::V3 => short_tag(&tag),
        };
        self.add(Node { kind, tag, value: String::new(), plain: true, line }, anchor)
    }

    fn scalar(
        &mut self,
        Properties { anchor, tag }: Properties,
        value: Vec<u8>,
        style: ScalarStyle,
        line: usize,
    ) -> NodeId {
        let value = text(value);
        let tag = text(tag);
        let plain = style == ScalarStyle::Plain;
        let tag = match self.version {
            Version::V2 => tag,
            Version::V3 if !tag.is_empty() && tag != "!" => short_tag(&tag),
            Version::V3 if !plain => "!!str".to_owned(),
            Version::V3 if value == "<<" => "!!merge".to_owned(),
            Version::V3 => resolve(&value, Version::V3, true).tag().to_owned(),
        };
        self.add(Node { kind: Kind::Scalar, tag, value, plain, line }, anchor)
    }

    fn alias(&mut self, anchor: Vec<u8>, line: usize) -> Result<NodeId, YamlError> {
        let target = self.anchors.get(&anchor).copied();
        let value = text(anchor);
        let Some(target) = target else {
            return Err(YamlError::syntax(format!("unknown anchor '{value}' referenced")));
        };
        let kind = Kind::Alias(target);
        Ok(self.add(Node { kind, tag: String::new(), value, plain: true, line }, None))
    }
}

//! Nodes to values: scalars by their tags, aliases by copying, merge keys, duplicate keys.
//!
//! The walk recurses, no deeper than [`MAX_DEPTH`] collections. As in the libraries, aliases may
//! make up only a share of the work, which shrinks as documents grow: a few lines of nested
//! aliases cannot expand without bounds.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rustc_hash::{FxHashMap, FxHashSet};

use super::MAX_DEPTH;
use super::compose::{Kind, LONG_TAG, Node, NodeId, short_tag};
use super::value::{GoValue, Key, Mapping, Text, go_syntax, go_syntax_key, quote};
use crate::error::{LineProblem, YamlError};
use crate::resolve::{Resolved, Version, resolve};

/// How many contradictions are listed at most.
const MAX_PROBLEMS: usize = 10_000;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Decodes the nodes of one document.
pub(super) struct Decoder<'n> {
    nodes: &'n [Node],
    version: Version,
    /// Whether version 2 refuses duplicate keys; version 3 always does.
    strict: bool,
    problems: Vec<LineProblem>,
    /// Aliases being expanded.
    expanding: FxHashSet<NodeId>,
    decoded: u64,
    decoded_in_aliases: u64,
    alias_depth: usize,
    depth: usize,
    /// While merging in version 3: the keys that are set already.
    merged: Option<FxHashSet<Key>>,
}

/// Why a node has no value.
enum Stop {
    /// Noted among the problems; decoding goes on.
    Noted,
    /// Decoding ends here.
    Error(YamlError),
}

impl From<YamlError> for Stop {
    fn from(error: YamlError) -> Self {
        Self::Error(error)
    }
}

type Decoded<T = GoValue> = Result<T, Stop>;

fn fail<T>(problem: impl Into<String>) -> Decoded<T> {
    Err(Stop::Error(YamlError::syntax(problem)))
}

/// `Ok(None)` for what is only noted.
fn unless_noted<T>(decoded: Decoded<T>) -> Result<Option<T>, Stop> {
    match decoded {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Noted) => Ok(None),
        Err(stop) => Err(stop),
    }
}

impl<'n> Decoder<'n> {
    pub(super) fn new(nodes: &'n [Node], version: Version, strict: bool) -> Self {
        Self {
            nodes,
            version,
            strict,
            problems: Vec::new(),
            expanding: FxHashSet::default(),
            decoded: 0,
            decoded_in_aliases: 0,
            alias_depth: 0,
            depth: 0,
            merged: None,
        }
    }

    /// The value of a document.
    pub(super) fn document(mut self, root: NodeId) -> Result<GoValue, YamlError> {
        // The document counts as a node of its own.
        self.decoded += 1;
        let decoded = self.value(root);
        if !self.problems.is_empty() && !matches!(decoded, Err(Stop::Error(_))) {
            return Err(YamlError::Unmarshal { problems: self.problems });
        }
        match decoded {
            Ok(value) => Ok(value),
            Err(Stop::Noted) => Ok(GoValue::Null),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn count(&mut self) -> Decoded<()> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.decoded_in_aliases += 1;
        }
        if self.decoded_in_aliases > 100 && self.decoded > 1000 {
            // Counts are far below where floats get coarse.
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let (all, aliases) = (self.decoded as f64, self.decoded_in_aliases as f64);
            if aliases / all > allowed_alias_share(all) {
                return fail("document contains excessive aliasing");
            }
        }
        Ok(())
    }

    fn note(&mut self, line: usize, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(LineProblem { line, problem });
        }
    }

    /// Goes one collection deeper; [`Self::leave`] comes back.
    fn enter(&mut self) -> Decoded<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Error(YamlError::TooDeep { limit: MAX_DEPTH }));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Begins to decode what an alias stands for; [`Self::collapse`] ends it.
    fn expand(&mut self, alias: NodeId) -> Decoded<()> {
        if !self.expanding.insert(alias) {
            let anchor = &self.nodes[alias].value;
            return fail(format!("anchor '{anchor}' value contains itself"));
        }
        self.alias_depth += 1;
        Ok(())
    }

    fn collapse(&mut self, alias: NodeId) {
        self.alias_depth -= 1;
        self.expanding.remove(&alias);
    }

    fn value(&mut self, id: NodeId) -> Decoded {
        self.count()?;
        match &self.nodes[id].kind {
            Kind::Alias(target) => {
                self.expand(id)?;
                let decoded = self.value(*target);
                self.collapse(id);
                decoded
            }
            Kind::Scalar => self.scalar(&self.nodes[id]),
            Kind::Sequence(children) => self.sequence(children),
            Kind::Mapping(_) => self.new_mapping(id),
        }
    }

    fn sequence(&mut self, children: &[NodeId]) -> Decoded {
        self.enter()?;
        let mut items = Vec::with_capacity(children.len());
        for &child in children {
            match self.value(child) {
                Ok(item) => items.push(item),
                Err(Stop::Noted) => {}
                Err(stop) => return Err(stop),
            }
        }
        self.leave();
        Ok(GoValue::Sequence(items))
    }

    fn new_mapping(&mut self, id: NodeId) -> Decoded {
        let string_keys = self.version == Version::V3 && self.has_string_keys(id);
        let mut mapping = Box::new(Mapping::new(string_keys));
        self.mapping(id, &mut mapping)?;
        Ok(GoValue::Mapping(mapping))
    }

    fn scalar(&self, node: &Node) -> Decoded {
        let tag = match self.version {
            Version::V2 if node.tag.is_empty() && !node.plain => "!!str".to_owned(),
            Version::V2 => short_tag(&node.tag),
            Version::V3 => node.tag.clone(),
        };
        let text = || GoValue::Str(Text::Utf8(node.value.clone()));
        let resolved = match tag.as_str() {
            "" | "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp" => {
                let timestamps = matches!(tag.as_str(), "" | "!!timestamp");
                resolve(&node.value, self.version, timestamps)
            }
            "!!binary" => {
                let encoded: Vec<u8> =
                    node.value.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
                let Ok(bytes) = BASE64.decode(encoded) else {
                    return fail("!!binary value contains invalid base64 data");
                };
                return Ok(GoValue::Str(
                    String::from_utf8(bytes)
                        .map_or_else(|error| Text::Bytes(error.into_bytes()), Text::Utf8),
                ));
            }
            _ => return Ok(text()),
        };
        let found = resolved.tag();
        if !tag.is_empty() && tag != found {
            #[expect(clippy::cast_precision_loss, reason = "as the libraries convert")]
            return match resolved {
                Resolved::Int(value) if tag == "!!float" => Ok(GoValue::Float(value as f64)),
                _ => fail(format!("cannot decode {found} `{}` as a {tag}", node.value)),
            };
        }
        Ok(match resolved {
            Resolved::Null => GoValue::Null,
            Resolved::Bool(value) => GoValue::Bool(value),
            Resolved::Int(value) => GoValue::Int(value),
            Resolved::Uint(value) => GoValue::Uint(value),
            Resolved::Float(value) => GoValue::Float(value),
            Resolved::Timestamp(time) if self.version == Version::V3 => GoValue::Timestamp(time),
            Resolved::Timestamp(_) | Resolved::Str => text(),
        })
    }

    // Mappings.

    fn children(&self, id: NodeId) -> &'n [NodeId] {
        match &self.nodes[id].kind {
            Kind::Sequence(children) | Kind::Mapping(children) => children,
            Kind::Scalar | Kind::Alias(_) => &[],
        }
    }

    fn pairs(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + use<'n> {
        self.children(id).chunks_exact(2).map(|pair| (pair[0], pair[1]))
    }

    fn has_string_keys(&self, id: NodeId) -> bool {
        self.pairs(id).all(|(mut key, _)| {
            if let Kind::Alias(target) = self.nodes[key].kind {
                key = target;
            }
            matches!(self.nodes[key].tag.as_str(), "!!str" | "!!merge")
        })
    }

    fn is_merge(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        if node.kind != Kind::Scalar || node.value != "<<" {
            return false;
        }
        match self.version {
            Version::V2 => {
                node.tag.is_empty() && node.plain
                    || node.tag == "!"
                    || node.tag.strip_prefix(LONG_TAG) == Some("merge")
            }
            Version::V3 => node.tag == "!!merge",
        }
    }

    fn mapping(&mut self, id: NodeId, out: &mut Mapping) -> Decoded<()> {
        self.enter()?;
        let decoded = match self.version {
            Version::V2 => self.mapping_v2(id, out),
            Version::V3 => self.mapping_v3(id, out),
        };
        self.leave();
        decoded
    }

    /// A key of any scalar type.
    fn key(&mut self, id: NodeId) -> Decoded<Key> {
        self.value(id)?.into_key().or_else(|collection| {
            fail(format!("invalid map key: {}", go_syntax(&collection, true)))
        })
    }

    /// In version 2 everything is assigned in order: a merge key overrides what stands before it.
    fn mapping_v2(&mut self, id: NodeId, out: &mut Mapping) -> Decoded<()> {
        for (key_id, value_id) in self.pairs(id) {
            if self.is_merge(key_id) {
                self.merge(value_id, out)?;
                continue;
            }
            let Some(key) = unless_noted(self.key(key_id))? else { continue };
            let Some(value) = unless_noted(self.value(value_id))? else { continue };
            if self.strict && out.contains(&key) {
                let problem = format!("key {} already set in map", go_syntax_key(&key));
                self.note(self.nodes[value_id].line, problem);
                continue;
            }
            out.insert(key, value);
        }
        Ok(())
    }

    /// In version 3 merge keys come last and only add what is missing.
    fn mapping_v3(&mut self, id: NodeId, out: &mut Mapping) -> Decoded<()> {
        if self.note_duplicates(id) {
            return Err(Stop::Noted);
        }
        let mut merged = self.merged.take();
        let mut merge = None;
        for (key_id, value_id) in self.pairs(id) {
            if self.is_merge(key_id) {
                merge = Some(value_id);
                continue;
            }
            let key = if out.string_keys { self.string_key(key_id) } else { self.key(key_id) };
            let Some(key) = unless_noted(key)? else { continue };
            if let Some(merged) = &mut merged
                && !merged.insert(key.clone())
            {
                continue;
            }
            if let Some(value) = unless_noted(self.value(value_id))? {
                out.insert(key, value);
            }
        }
        self.merged = merged;
        let Some(merge) = merge else { return Ok(()) };
        let outermost = self.merged.is_none();
        if outermost {
            self.merged = Some(FxHashSet::default());
            let mut keys = FxHashSet::default();
            for (key_id, _) in self.pairs(id) {
                if let Some(key) = unless_noted(self.key(key_id))? {
                    keys.insert(key);
                }
            }
            self.merged = Some(keys);
        }
        let done = self.merge(merge, out);
        if outermost {
            self.merged = None;
        }
        done
    }

    /// A key on its way into a mapping with string keys: any scalar but null, by its text.
    fn string_key(&mut self, id: NodeId) -> Decoded<Key> {
        self.count()?;
        let node = &self.nodes[id];
        match &node.kind {
            Kind::Alias(target) => {
                self.expand(id)?;
                let key = self.string_key(*target);
                self.collapse(id);
                key
            }
            Kind::Scalar => match self.scalar(node)? {
                GoValue::Null => Err(Stop::Noted),
                GoValue::Str(text) => Ok(Key::Str(text)),
                _ => Ok(Key::Str(Text::Utf8(node.value.clone()))),
            },
            Kind::Sequence(_) | Kind::Mapping(_) => {
                // The library quotes the text of what it takes for a scalar by its tag.
                let text = if matches!(node.tag.as_str(), "!!seq" | "!!map") { "" } else { " ``" };
                let problem = format!("cannot unmarshal {}{text} into string", node.tag);
                self.note(node.line, problem);
                Err(Stop::Noted)
            }
        }
    }

    /// Notes every pair of equal keys; says whether there is one.
    fn note_duplicates(&mut self, id: NodeId) -> bool {
        let nodes = self.nodes;
        let shape = |key: NodeId| match nodes[key].kind {
            Kind::Scalar => 0_u8,
            Kind::Sequence(_) => 1,
            Kind::Mapping(_) => 2,
            Kind::Alias(_) => 3,
        };
        let equal = |a: NodeId, b: NodeId| shape(a) == shape(b) && nodes[a].value == nodes[b].value;
        let keys: Vec<NodeId> = self.pairs(id).map(|(key, _)| key).collect();
        let unique = if keys.len() <= 8 {
            keys.iter().enumerate().all(|(at, &a)| keys[..at].iter().all(|&b| !equal(a, b)))
        } else {
            let mut seen = FxHashSet::default();
            keys.iter().all(|&key| seen.insert((shape(key), nodes[key].value.as_str())))
        };
        if unique {
            return false;
        }
        let mut groups: FxHashMap<(u8, &str), Vec<usize>> = FxHashMap::default();
        for (at, &key) in keys.iter().enumerate() {
            groups.entry((shape(key), nodes[key].value.as_str())).or_default().push(at);
        }
        for (at, &first) in keys.iter().enumerate() {
            let group = &groups[&(shape(first), nodes[first].value.as_str())];
            let after = group.partition_point(|&other| other <= at);
            for &later in &group[after..] {
                if self.problems.len() == MAX_PROBLEMS {
                    return true;
                }
                let later = &nodes[keys[later]];
                let key = quote(&later.value);
                let line = nodes[first].line;
                self.note(later.line, format!("mapping key {key} already defined at line {line}"));
            }
        }
        true
    }

    fn merge(&mut self, id: NodeId, out: &mut Mapping) -> Decoded<()> {
        let nodes = self.nodes;
        match &nodes[id].kind {
            Kind::Mapping(_) | Kind::Alias(_) => self.merge_one(id, out),
            Kind::Sequence(children) => {
                let sources: Vec<NodeId> = match self.version {
                    // Earlier ones take precedence, so they are assigned last.
                    Version::V2 => children.iter().rev().copied().collect(),
                    Version::V3 => children.clone(),
                };
                sources.into_iter().try_for_each(|source| self.merge_one(source, out))
            }
            Kind::Scalar => fail(NOT_A_MAP),
        }
    }

    fn merge_one(&mut self, id: NodeId, out: &mut Mapping) -> Decoded<()> {
        let nodes = self.nodes;
        let merged = match &nodes[id].kind {
            Kind::Alias(target) if matches!(nodes[*target].kind, Kind::Mapping(_)) => {
                self.count()?;
                self.expand(id)?;
                self.count()?;
                let merged = self.mapping(*target, out);
                self.collapse(id);
                merged
            }
            Kind::Mapping(_) => {
                self.count()?;
                self.mapping(id, out)
            }
            _ => return fail(NOT_A_MAP),
        };
        unless_noted(merged).map(|_| ())
    }
}

const NOT_A_MAP: &str = "map merge requires map or sequence of maps as the value";

/// The share of decoded nodes that may come from aliases: from 99 % down to 10 %.
fn allowed_alias_share(decoded: f64) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    if decoded <= LOW {
        0.99
    } else if decoded >= HIGH {
        0.10
    } else {
        0.99 - 0.89 * ((decoded - LOW) / (HIGH - LOW))
    }
}

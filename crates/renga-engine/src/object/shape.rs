//! Shapes: which fields an object has, and where.

use std::cell::OnceCell;
use std::rc::Rc;

use renga_syntax::Visibility;
use rustc_hash::FxHashMap;

use crate::heap::symbols::{Symbol, Symbols};

/// A field of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: Symbol,
    pub visibility: Visibility,
    /// Whether it is written `+:`.
    pub plus: bool,
    /// The layer that has the field.
    pub layer: u32,
    /// Its number there.
    pub field: u32,
}

impl std::hash::Hash for Entry {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Names tell shapes apart well enough.
        self.name.hash(state);
    }
}

/// Which fields an object has. Equal shapes have equal numbers, mostly.
#[derive(Debug)]
pub(crate) struct Shape {
    pub entries: Box<[Entry]>,
    /// Names and numbers of entries, by name.
    index: Box<[(Symbol, u32)]>,
    /// Visible entries by the name's text.
    visible: OnceCell<Rc<[u32]>>,
    all: OnceCell<Rc<[u32]>>,
    /// Whether a layer has assertions.
    pub asserts: bool,
    /// How many layers there are.
    pub layers: u32,
}

impl Shape {
    fn new(entries: Box<[Entry]>, asserts: bool, layers: u32) -> Self {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut index: Box<[(Symbol, u32)]> =
            entries.iter().enumerate().map(|(at, entry)| (entry.name, number(at))).collect();
        index.sort_unstable();
        Self { entries, index, visible: OnceCell::new(), all: OnceCell::new(), asserts, layers }
    }

    /// The number of the entry for a name.
    pub(crate) fn find(&self, name: Symbol) -> Option<u32> {
        if self.index.len() <= 8 {
            return self.index.iter().find(|(known, _)| *known == name).map(|&(_, at)| at);
        }
        let at = self.index.binary_search_by_key(&name, |&(known, _)| known).ok()?;
        Some(self.index[at].1)
    }

    /// Numbers of entries, by the names' texts; hidden ones only if asked for.
    pub(crate) fn sorted(&self, symbols: &Symbols, hidden: bool) -> Rc<[u32]> {
        let cell = if hidden { &self.all } else { &self.visible };
        cell.get_or_init(|| {
            let mut order: Vec<u32> = (0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX))
                .filter(|&at| hidden || self.entries[at as usize].visibility != Visibility::Hidden)
                .collect();
            let name = |at: u32| symbols.name(self.entries[at as usize].name);
            order.sort_unstable_by(|&left, &right| name(left).cmp(name(right)));
            order.into()
        })
        .clone()
    }
}

/// All shapes of an evaluation.
#[derive(Default)]
pub(crate) struct Shapes {
    all: Vec<Rc<Shape>>,
    /// Those without assertions, and those with.
    leaves: [FxHashMap<Box<[Entry]>, u32>; 2],
    joined: FxHashMap<Box<[u32]>, u32>,
}

impl Shapes {
    pub(crate) fn get(&self, shape: u32) -> &Rc<Shape> {
        &self.all[shape as usize]
    }

    fn add(&mut self, shape: Shape) -> u32 {
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(Rc::new(shape));
        number
    }

    /// The shape of a single layer. All entries are of layer 0.
    pub(crate) fn leaf(&mut self, fields: &[Entry], asserts: bool) -> u32 {
        if let Some(&shape) = self.leaves[usize::from(asserts)].get(fields) {
            return shape;
        }
        let shape = self.add(Shape::new(fields.into(), asserts, 1));
        self.leaves[usize::from(asserts)].insert(fields.into(), shape);
        shape
    }

    /// The shape of layers on top of each other; the first one wins.
    pub(crate) fn joined(&mut self, parts: &[u32]) -> u32 {
        if let Some(&shape) = self.joined.get(parts) {
            return shape;
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: FxHashMap<Symbol, usize> = FxHashMap::default();
        let layers: u32 = parts.iter().map(|&part| self.get(part).layers).sum();
        let mut base = layers;
        let mut asserts = false;
        for &part in parts.iter().rev() {
            let shape = self.get(part);
            base -= shape.layers;
            asserts |= shape.asserts;
            for entry in &shape.entries {
                let moved = Entry { layer: entry.layer + base, ..*entry };
                match known.get(&entry.name) {
                    Some(&at) => {
                        let below = entries[at].visibility;
                        let inherits = entry.visibility == Visibility::Inherit;
                        let visibility = if inherits { below } else { entry.visibility };
                        entries[at] = Entry { visibility, ..moved };
                    }
                    None => {
                        known.insert(entry.name, entries.len());
                        entries.push(moved);
                    }
                }
            }
        }
        let shape = self.add(Shape::new(entries.into(), asserts, layers));
        self.joined.insert(parts.into(), shape);
        shape
    }

    /// A shape without a field, under one more layer that has none.
    pub(crate) fn without(&mut self, shape: u32, name: Symbol) -> u32 {
        let below = self.get(shape);
        let entries = below
            .entries
            .iter()
            .filter(|entry| entry.name != name)
            .map(|entry| Entry { layer: entry.layer + 1, ..*entry })
            .collect();
        let made = Shape::new(entries, below.asserts, below.layers + 1);
        self.add(made)
    }
}

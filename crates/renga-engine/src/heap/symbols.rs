//! Names of fields as numbers.

use std::rc::Rc;

use rustc_hash::FxHashMap;

/// The number of a name. Equal names have equal numbers within an evaluation.
pub(crate) type Symbol = u32;

/// All names of an evaluation.
#[derive(Default)]
pub(crate) struct Symbols {
    names: Vec<Rc<str>>,
    numbers: FxHashMap<Rc<str>, Symbol>,
}

impl Symbols {
    pub(crate) fn number(&mut self, name: &str) -> Symbol {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let name: Rc<str> = Rc::from(name);
        self.insert(name)
    }

    pub(crate) fn number_of(&mut self, name: &Rc<str>) -> Symbol {
        if let Some(&number) = self.numbers.get(&**name) {
            return number;
        }
        self.insert(name.clone())
    }

    fn insert(&mut self, name: Rc<str>) -> Symbol {
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// The number of a name that may be unknown; no object has a field of an unknown name.
    pub(crate) fn known(&self, name: &str) -> Option<Symbol> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn name(&self, number: Symbol) -> &Rc<str> {
        &self.names[number as usize]
    }
}

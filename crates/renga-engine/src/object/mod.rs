//! Objects: layers of fields, and shapes that say which layer has which field.
//!
//! A literal is one layer. `+` only notes its operands; when such an object is first looked at,
//! its layers are listed and a shape is found or made for their combination. Objects of equal
//! build share shapes, so that an object holds no table of names of its own.
//!
//! Layers are numbered from the right: 0 is the one whose fields win, as go-jsonnet's depth.

pub(crate) mod shape;

use std::rc::Rc;

use crate::heap::value::Value;

/// Stands in the list of layers for [`Kind::Without`], which has no fields of its own.
pub(crate) const NO_OBJECT: u32 = u32::MAX;

/// How an object came to be.
#[derive(Clone, Debug, Default)]
pub(crate) enum Kind {
    #[default]
    Free,
    /// The number is that of the object in the file of the frame.
    Literal {
        object: u32,
        env: u32,
        shape: u32,
    },
    /// Each field has the frame of its iteration.
    Comprehension {
        object: u32,
        shape: u32,
        envs: Rc<[u32]>,
    },
    /// Fields that are values already.
    Values {
        shape: u32,
        values: Vec<Value>,
    },
    Joined {
        left: u32,
        right: u32,
    },
    Without {
        of: u32,
        key: u32,
    },
}

/// What is known once an object was looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Values of fields, in the order of the shape.
    pub cache: Box<[Value]>,
    /// For each layer the frame its fields run in.
    pub envs: Box<[u32]>,
    /// Values of fields found from a layer on: name, layer, value.
    pub supers: Vec<(u32, u32, Value)>,
    /// The layers, for what is not a single one.
    pub flat: Option<Rc<Flat>>,
}

/// The layers of an object.
#[derive(Debug)]
pub(crate) struct Flat {
    pub leaves: Vec<u32>,
    pub shape: u32,
    /// Whether a key was taken away somewhere.
    pub restricted: bool,
}

/// An object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub kind: Kind,
    pub state: Option<Box<State>>,
    /// Whether the assertions hold or are being checked.
    pub checked: bool,
}

impl Object {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, state: None, checked: false }
    }

    pub(crate) fn weight(&self) -> usize {
        let kind = match &self.kind {
            Kind::Values { values, .. } => values.len() * size_of::<Value>(),
            Kind::Comprehension { envs, .. } => envs.len() * 4,
            _ => 0,
        };
        let state = self.state.as_ref().map_or(0, |state| {
            size_of::<State>() + state.cache.len() * size_of::<Value>() + state.envs.len() * 4
        });
        kind + state
    }
}

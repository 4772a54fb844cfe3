//! What a value may be: the one form for built-in kinds and for custom resources.

use crate::rules::Rules;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its type.
    pub shape: Shape,
    /// What `null` is in its place.
    pub null: Null,
    /// How `kubectl apply` merges it, where that differs from the rule for its type.
    pub merge: Option<Merge>,
    /// What custom resources demand beyond the type.
    pub rules: Option<Box<Rules>>,
}

impl From<Shape> for Schema {
    fn from(shape: Shape) -> Self {
        Self { shape, null: Null::Unset, merge: None, rules: None }
    }
}

/// What `null` is, where a value is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The same as no value: so it is in the built-in kinds.
    Unset,
    /// A value like any other: `nullable` in the schema of a custom resource.
    Value,
    /// An error: so it is elsewhere in custom resources.
    Refused,
}

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Anything.
    Any,
    /// A string.
    String(Text),
    /// A whole number.
    Integer(Width),
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A whole number or a string, such as a port or a percentage.
    IntOrString,
    /// An amount such as `500m` or `2Gi`, as a string or as a number.
    Quantity,
    /// A list.
    List(Box<List>),
    /// An object whose keys are free.
    Map(Box<Schema>),
    /// An object whose keys are named.
    Object(Box<Fields>),
    /// Another definition, by name.
    Reference(Box<str>),
}

/// What a string holds, where the server looks into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Anything.
    Plain,
    /// A time as RFC 3339 writes it.
    DateTime,
    /// Bytes in base64.
    Bytes,
    /// Another format of `OpenAPI`, by its name.
    Format(Box<str>),
}

/// How large a whole number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 32 bits.
    Int32,
    /// 64 bits.
    Int64,
}

/// A list: its items, and what tells them apart.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// What each item may be.
    pub items: Schema,
    /// The fields that together name an item (`x-kubernetes-list-map-keys`); empty where items are
    /// told apart by position alone.
    pub keys: Vec<Box<str>>,
    /// Whether no item may occur twice (`x-kubernetes-list-type: set`).
    pub set: bool,
}

/// The named fields of an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields {
    /// Sorted by name.
    pub fields: Vec<Field>,
    /// Whether the server keeps fields that are not named here.
    pub open: bool,
}

impl Fields {
    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        let place = self.fields.binary_search_by(|field| (*field.name).cmp(name)).ok()?;
        self.fields.get(place)
    }
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Box<str>,
    /// Whether the server refuses an object without it.
    pub required: bool,
    /// What its value may be.
    pub schema: Schema,
}

/// How `kubectl apply` merges a field: the `x-kubernetes-patch-*` extensions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merge {
    /// Whether a list is merged item by item (`merge`).
    pub items: bool,
    /// Whether keys that the patch does not name are dropped (`retainKeys`).
    pub retain_keys: bool,
    /// The field that names an item of a list of objects.
    pub key: Option<Box<str>>,
}

//! Where a change is.

use std::fmt::{self, Display};

use serde_json::Value;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Into a field of an object.
    Field(String),
    /// Into an item of a list.
    Item {
        /// Its place, counted from 0.
        index: usize,
        /// What the item is known by, such as `name=web`; nothing where it is the place.
        name: Option<String>,
    },
}

/// The steps from an object to the place of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Segment>);

impl Display for Path {
    /// `spec.containers[name=web].ports[0]`, with names in quotes where they are no plain words:
    /// `metadata.annotations["example.com/a"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if is_plain(name) => {
                    let dot = if index > 0 { "." } else { "" };
                    write!(f, "{dot}{name}")?;
                }
                Segment::Field(name) => write!(f, "[{}]", Value::from(name.as_str()))?,
                Segment::Item { name: Some(name), .. } => write!(f, "[{name}]")?,
                Segment::Item { index, name: None } => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

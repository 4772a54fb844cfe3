//! Secrets in structural differences: each value gives way to a digest under a key.
//!
//! The digest shows that a value changed, and that two are equal, but cannot be searched for by
//! guessing without the key. What is masked: `data` and `stringData` of Secrets, their copy in the
//! annotation of what was applied last, and whatever the patterns of the user mean.

use std::{borrow::Cow, fmt::Write as _};

use hmac::{Hmac, Mac};
use renga_patch::LAST_APPLIED;
use serde_json::{Map, Value};
use sha2::Sha256;

use super::{path::Segment, pattern::Pattern};
use crate::secret;

/// What is masked, and with which key.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// The key of the digests: random for one output, or a secret of the project so that outputs can
    /// be compared.
    pub key: Vec<u8>,
    /// Further fields to mask, in objects of all kinds.
    pub patterns: Vec<Pattern>,
    /// Leaves the data of Secrets as it is. Patterns are masked all the same.
    pub show_secrets: bool,
}

impl Mask {
    /// The object with all that is masked, and how many values that were.
    pub(crate) fn apply<'a>(&self, object: &'a Value) -> (Cow<'a, Value>, usize) {
        let is_secret = !self.show_secrets && secret::is_secret(object);
        if !is_secret && self.patterns.is_empty() {
            return (Cow::Borrowed(object), 0);
        }
        let mut masked = object.clone();
        let mut count = 0;
        if is_secret {
            count += self.secret(&mut masked);
        }
        if !self.patterns.is_empty() {
            count += self.walk(&mut masked, &mut Vec::new());
        }
        (Cow::Owned(masked), count)
    }

    fn secret(&self, object: &mut Value) -> usize {
        let mut count = 0;
        for field in secret::FIELDS {
            match object.get_mut(field) {
                Some(Value::Object(map)) => {
                    count += map.len();
                    map.values_mut().for_each(|value| self.digest(value));
                }
                None | Some(Value::Null) => {}
                Some(value) => {
                    count += 1;
                    self.digest(value);
                }
            }
        }
        let annotation = object
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut("annotations"))
            .and_then(|annotations| annotations.get_mut(LAST_APPLIED));
        if let Some(annotation) = annotation {
            let applied = annotation
                .as_str()
                .and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
            if let Some(applied) = applied {
                let mut applied = Value::Object(applied);
                count += self.secret(&mut applied);
                *annotation = renga_gojson::to_string(&applied).into();
            } else {
                count += 1;
                self.digest(annotation);
            }
        }
        count
    }

    fn walk(&self, value: &mut Value, path: &mut Vec<Segment>) -> usize {
        if self.patterns.iter().any(|pattern| pattern.matches(path)) {
            self.digest(value);
            return 1;
        }
        let mut count = 0;
        match value {
            Value::Object(map) => {
                for (key, item) in map.iter_mut() {
                    path.push(Segment::Field(key.clone()));
                    count += self.walk(item, path);
                    path.pop();
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let name = item.get("name").and_then(Value::as_str);
                    let name = name.map(|name| format!("name={name}"));
                    path.push(Segment::Item { index, name });
                    count += self.walk(item, path);
                    path.pop();
                }
            }
            _ => {}
        }
        count
    }

    /// Puts `*** (9f86d081884c)` in the place of a value.
    fn digest(&self, value: &mut Value) {
        // Any length will do for a key.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            *value = secret::MASK.into();
            return;
        };
        mac.update(renga_gojson::to_string(value).as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut text = format!("{} (", secret::MASK);
        for byte in &digest[..6] {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push(')');
        *value = text.into();
    }
}

//! The reader: text to values, the way the named Go library reads it.
//!
//! Text goes through [`input`] (encodings), [`scanner`] (tokens), [`parser`] (events),
//! [`compose`] (nodes) and [`decode`] (values), each with the structure of its counterpart in the
//! libraries, because acceptance of malformed text, error texts and their line numbers all follow
//! from that structure. [`value`] holds what lies between documents and JSON.

mod comments;
mod compose;
mod decode;
mod failure;
mod input;
mod outline;
mod parser;
mod properties;
mod scalars;
mod scanner;
mod skim;
mod value;

use serde_json::Value;

use crate::error::YamlError;
use crate::resolve::Version;
use compose::Composer;
use decode::Decoder;

/// How many collections may contain each other in a document.
///
/// The Go libraries follow ten thousand. Everything that handles values here recurses, down to
/// dropping them, on stacks that may be as small as 2 MB, and unoptimised builds need up to 3 KB
/// of that for every level.
pub const MAX_DEPTH: usize = 500;

/// Reads all documents of a stream.
pub(crate) fn read_documents(text: &[u8], version: Version) -> Result<Vec<Value>, YamlError> {
    let mut composer = Composer::new(text, version);
    let mut documents = Vec::new();
    while let Some(root) = composer.document()? {
        let value = Decoder::new(&composer.nodes, version, false).document(root)?;
        documents.push(value.into_json(version)?);
    }
    Ok(documents)
}

/// Reads the first document of a stream; null if there is none.
pub(crate) fn read(text: &[u8], version: Version, strict: bool) -> Result<Value, YamlError> {
    let mut composer = Composer::new(text, version);
    match composer.document()? {
        Some(root) => {
            Decoder::new(&composer.nodes, version, strict).document(root)?.into_json(version)
        }
        None => Ok(Value::Null),
    }
}

/// As [`read`] in version 2, but a mapping at the top may lack what is not among the fields.
pub(crate) fn read_fields(text: &[u8], fields: &[&str]) -> Result<Value, YamlError> {
    match outline::fields(text, fields) {
        Some(kept) if kept.is_empty() => Ok(Value::Object(serde_json::Map::new())),
        Some(kept) => read(&kept, Version::V2, false),
        None => read_composed_fields(&mut Composer::new(text, Version::V2), fields),
    }
}

fn read_composed_fields(composer: &mut Composer, fields: &[&str]) -> Result<Value, YamlError> {
    match composer.document()? {
        Some(root) => {
            if composer.deepest < MAX_DEPTH && skim::is_sound(&composer.nodes) {
                skim::keep_fields(&mut composer.nodes, root, fields);
            }
            let decoder = Decoder::new(&composer.nodes, Version::V2, false);
            decoder.document(root)?.into_json(Version::V2)
        }
        None => Ok(Value::Null),
    }
}

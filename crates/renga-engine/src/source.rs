//! Files as evaluation sees them, and where they come from.

use std::sync::{Arc, OnceLock};

use renga_syntax::LineIndex;

use crate::analysis::analyse;
use crate::analysis::code::Code;
use crate::error::{Frame, StaticError};

/// A file. Its resolved form is made once and shared by all threads that hold it.
pub struct Source {
    name: String,
    path: String,
    bytes: Arc<[u8]>,
    code: OnceLock<Result<Arc<Code>, Located>>,
    json: OnceLock<bool>,
}

/// A static error: what, where, and the lines it is on.
type Located = (String, Frame, String);

impl Source {
    /// `name` is how messages call the file, and what its imports are relative to; it has to be
    /// the same for the same file, and different for different files.
    pub fn new(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let name = name.into();
        Self { path: name.clone(), ..Self::snippet(name, bytes) }
    }

    /// Code that is in no file: `name` is for messages only, and has to be unlike that of others.
    pub fn snippet(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name: name.into(),
            path: String::new(),
            bytes: bytes.into(),
            code: OnceLock::new(),
            json: OnceLock::new(),
        }
    }

    /// What imports are relative to, and what `std.thisFile` gives; empty for what is in no file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How messages call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The contents.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The contents as text; what is not UTF-8 is replaced, as go-jsonnet does.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Whether the file may be read as JSON.
    pub(crate) fn named_json(&self) -> bool {
        *self.json.get_or_init(|| {
            std::path::Path::new(&self.name)
                .extension()
                .is_some_and(|extension| extension == "json")
        })
    }

    /// The resolved form.
    pub(crate) fn code(&self) -> Result<Arc<Code>, Located> {
        self.code
            .get_or_init(|| {
                let text = self.text();
                renga_syntax::parse(&text)
                    .map_err(StaticError::from)
                    .and_then(analyse)
                    .map(Arc::new)
                    .map_err(|error| self.located(&text, &error))
            })
            .clone()
    }

    fn located(&self, text: &str, error: &StaticError) -> Located {
        let lines = LineIndex::new(text);
        let place = (lines.position(error.span.start), lines.position(error.span.end));
        let frame = Frame { file: self.name.clone(), place: Some(place), context: String::new() };
        let message = if error.place_twice {
            format!("{frame} {}", error.message)
        } else {
            error.message.clone()
        };
        let (start, end) = (error.span.start as usize, error.span.end as usize);
        let first = text
            .get(..start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1);
        let last = text
            .get(end..)
            .and_then(|behind| behind.find('\n'))
            .map_or(text.len(), |newline| end + newline);
        let snippet = text.get(first..last).unwrap_or_default().to_owned();
        (message, frame, snippet)
    }
}

/// What evaluation asks of the world.
pub trait Host {
    /// The file that `path`, written in the file called `from`, means. The same `Arc` for the same
    /// file lets it be parsed once.
    ///
    /// # Errors
    ///
    /// The message, in go-jsonnet's words.
    fn import(&self, from: &str, path: &str) -> Result<Arc<Source>, String>;

    /// A call of `std.trace`.
    fn trace(&self, file: &str, line: u32, message: &str);

    /// A native function: its parameters, if there is one of that name.
    fn native(&self, name: &str) -> Option<Vec<String>>;

    /// Calls a native function with as many arguments as it has parameters.
    ///
    /// # Errors
    ///
    /// The message.
    fn call_native(
        &self,
        name: &str,
        arguments: &[serde_json::Value],
    ) -> Result<serde_json::Value, String>;

    /// Asked now and then; evaluation stops with the message that is given.
    fn interrupted(&self) -> Option<String> {
        None
    }
}

//! Go's `regexp` package: the syntax, the error messages and the replacement rules that Tanka,
//! Sprig and Helm users write against.
//!
//! A pattern is read by our own scanner, which accepts exactly what Go 1.26 accepts and fails in Go's
//! words, and is then written out again for the `regex` crate, which does the matching. Nothing of
//! the pattern reaches that crate unread: characters are escaped and classes are spelled out as
//! ranges, so its own ideas about syntax and its version of Unicode play no part.
//!
//! ```
//! # fn main() -> Result<(), renga_regexp::RegexpError> {
//! use renga_regexp::Regexp;
//!
//! let regexp = Regexp::new(r"(?P<key>\w+)=(?P<value>\w*)")?;
//! assert_eq!(regexp.find(b"say a=1"), Some(4..7));
//! assert_eq!(regexp.replace_all(b"a=1 b=", b"${value}:$key"), b"1:a :b");
//!
//! let error = Regexp::new("(?i)^($").unwrap_err();
//! assert_eq!(error.to_string(), "error parsing regexp: missing closing ): `(?i)^($`");
//! # Ok(())
//! # }
//! ```
//!
//! Left out: POSIX leftmost-longest matching, and patterns or replacement functions given as code.
//!
//! Invariant: no pattern and no text makes this crate panic or overflow the stack.

mod class;
mod error;
mod escape;
mod expand;
mod haystack;
mod node;
mod parse;
mod regexp;
mod successive;
mod translate;
mod unicode;

pub use error::{ErrorCode, RegexpError};
pub use regexp::{Regexp, Span, Submatches, quote_meta};

//! The syntax of Jsonnet: tokens, trees and where they stand.
//!
//! This crate turns text into a [`Tree`] and knows nothing of what it means: names are not
//! resolved, nothing is simplified, parentheses and the kinds of strings are kept. A tree holds
//! spans only; comments and layout are read from the text between them by [`Lexer::comments`], so
//! that evaluation does not pay for them and a formatter misses nothing.
//!
//! Invariants: parsing never panics and its recursion is bounded; what is accepted, and the words
//! and places of errors, are those of go-jsonnet 0.22.

mod error;
mod lexer;
mod parser;
mod position;
mod strings;
mod tree;

pub use error::SyntaxError;
pub use lexer::{Comment, Lexer, Operator, Token, TokenKind};
pub use parser::parse;
pub use position::{LineIndex, Position};
pub use strings::StringKind;
pub use tree::{
    Argument, BinaryOp, Bind, FieldName, ImportKind, List, Member, Node, NodeId, Parameter, Span,
    Spec, StrId, Tree, UnaryOp, Visibility,
};

//! From template text to syntax trees.
//!
//! [`lex`] cuts the text into items, [`parser`] builds a [`Tree`](ast::Tree) per template, and
//! [`print`] writes nodes back as Go does in error messages. Execution is [`crate::exec`].

pub(crate) mod ast;
mod lex;
mod number;
mod parser;
mod print;

pub(crate) use parser::parse;

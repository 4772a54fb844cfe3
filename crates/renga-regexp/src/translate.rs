//! Writes a tree out as a pattern of the `regex` crate.
//!
//! Only the parts of that crate's syntax whose meaning is beyond doubt are used: escaped characters,
//! classes of ranges, groups, repetitions and assertions with their flags spelled out.

use std::fmt::Write as _;

use crate::class::Class;
use crate::node::{Kind, Node, Repetition};

/// A class that no character is in.
const NOTHING: &str = "[a&&b]";

/// Writes a tree as a pattern.
pub(crate) fn translate(root: &Node) -> String {
    let mut output = String::new();
    write_node(&mut output, root);
    output
}

/// Recursion is bounded by the height of trees.
fn write_node(output: &mut String, node: &Node) {
    match &node.kind {
        Kind::Empty => output.push_str("(?:)"),
        Kind::Literal { runes, fold: false } => {
            for &rune in runes {
                write_rune(output, rune);
            }
        }
        Kind::Literal { runes, fold: true } => {
            for &rune in runes {
                let mut class = Class::default();
                class.push_folded(rune, rune);
                class.clean();
                write_class(output, &class);
            }
        }
        Kind::Class(class) => write_class(output, class),
        Kind::AnyButNewline => output.push_str(r"[^\n]"),
        Kind::Any => output.push_str("(?s:.)"),
        Kind::BeginText => output.push_str(r"\A"),
        Kind::EndText => output.push_str(r"\z"),
        Kind::BeginLine => output.push_str("(?m:^)"),
        Kind::EndLine => output.push_str("(?m:$)"),
        Kind::WordBoundary => output.push_str(r"(?-u:\b)"),
        Kind::NoWordBoundary => output.push_str(r"(?-u:\B)"),
        Kind::Capture(sub) => {
            output.push('(');
            write_node(output, sub);
            output.push(')');
        }
        Kind::Repeat { sub, repetition, greedy } => {
            write_group(output, sub);
            write_repetition(output, *repetition, *greedy);
        }
        Kind::Concat(subs) => {
            for sub in subs {
                if matches!(sub.kind, Kind::Alternate(_)) {
                    write_group(output, sub);
                } else {
                    write_node(output, sub);
                }
            }
        }
        Kind::Alternate(subs) => {
            for (index, sub) in subs.iter().enumerate() {
                if index > 0 {
                    output.push('|');
                }
                write_node(output, sub);
            }
        }
    }
}

fn write_group(output: &mut String, node: &Node) {
    output.push_str("(?:");
    write_node(output, node);
    output.push(')');
}

fn write_repetition(output: &mut String, repetition: Repetition, greedy: bool) {
    let _infallible = match repetition {
        Repetition::Star => output.write_char('*'),
        Repetition::Plus => output.write_char('+'),
        Repetition::Question => output.write_char('?'),
        Repetition::Counted(min, None) => write!(output, "{{{min},}}"),
        Repetition::Counted(min, Some(max)) => write!(output, "{{{min},{max}}}"),
    };
    if !greedy {
        output.push('?');
    }
}

fn write_rune(output: &mut String, rune: u32) {
    match char::from_u32(rune) {
        Some(character) if character.is_ascii_alphanumeric() => output.push(character),
        Some(_) => {
            let _infallible = write!(output, r"\x{{{rune:X}}}");
        }
        // No text contains a surrogate.
        None => output.push_str(NOTHING),
    }
}

/// Writes a class as ranges, without the surrogates.
fn write_class(output: &mut String, class: &Class) {
    let ranges = class.ranges().iter().flat_map(|&(low, high)| {
        [(low, high.min(0xD7FF)), (low.max(0xE000), high)]
            .into_iter()
            .filter(|(low, high)| low <= high)
    });
    let begin = output.len();
    output.push('[');
    for (low, high) in ranges {
        let _infallible = write!(output, r"\x{{{low:X}}}-\x{{{high:X}}}");
    }
    if output.len() == begin + 1 {
        output.truncate(begin);
        output.push_str(NOTHING);
    } else {
        output.push(']');
    }
}

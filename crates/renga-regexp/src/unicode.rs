//! Unicode as Go 1.26 knows it: version 15.0, whatever the libraries around us have moved on to.
//!
//! The data are text files beside this module, recorded from Go: `classes.txt` (general categories
//! of two letters, and scripts), `aliases.txt` (long names of categories) and `orbits.txt` (simple
//! case folding). They are read on demand: a pattern that names no class and folds no case costs
//! nothing.
//!
//! Go 1.25 began to look names up without underscores, and thereby lost its scripts of more than one
//! word (`Old_Italic`) and `SignWriting`; they are unknown here too.

use std::sync::OnceLock;

use crate::class::Class;

const CLASSES: &str = include_str!("unicode/classes.txt");
const ALIASES: &str = include_str!("unicode/aliases.txt");
const ORBITS: &str = include_str!("unicode/orbits.txt");

/// Looks up the class `\p{name}`, with case folded if asked for.
///
/// Names are compared without case, spaces, hyphens and underscores.
pub(crate) fn named_class(name: &str, fold: bool) -> Option<Class> {
    let name = canonical_name(name);
    let (class, folds) = match name.as_str() {
        "Any" => (Class::everything(), false),
        "Assigned" => (category("Cn")?.negated(), false),
        "Ascii" => (Class::from_ranges(&[(0, 0x7F)]), true),
        // Alone among the classes, Go does not fold this one.
        "Lc" => (category("LC")?, false),
        _ => {
            let known = category(&name).or_else(|| recorded(&name));
            let aliased =
                || alias(&name).and_then(|actual| Some((category(actual)?, actual != "LC")));
            known.map(|class| (class, true)).or_else(aliased)?
        }
    };
    Some(if fold && folds { class.folded() } else { class })
}

/// Says whether a character is a letter or a decimal digit.
pub(crate) fn is_letter_or_digit(character: char) -> bool {
    static TABLE: OnceLock<Class> = OnceLock::new();
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    TABLE
        .get_or_init(|| {
            let mut class = category("L").unwrap_or_default();
            class.add(&category("Nd").unwrap_or_default());
            class.clean();
            class
        })
        .contains(u32::from(character))
}

/// The character after `rune` in its folding orbit, or `rune` itself where case makes no difference.
pub(crate) fn simple_fold(rune: u32) -> u32 {
    let successors = successors();
    match successors.binary_search_by_key(&rune, |&(from, _)| from) {
        Ok(index) => successors[index].1,
        Err(_) => rune,
    }
}

/// The pairs of a character and its successor by [`simple_fold`] whose character lies in a range.
pub(crate) fn folding_in(low: u32, high: u32) -> &'static [(u32, u32)] {
    let successors = successors();
    let begin = successors.partition_point(|&(from, _)| from < low);
    let end = successors.partition_point(|&(from, _)| from <= high);
    &successors[begin..end]
}

/// Every character with case and its successor, in the order of the characters.
fn successors() -> &'static [(u32, u32)] {
    static TABLE: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Vec::new();
        for line in data_lines(ORBITS) {
            let orbit: Vec<u32> = line.split(' ').filter_map(hex).collect();
            let following = orbit.iter().skip(1).chain(orbit.first());
            table.extend(orbit.iter().copied().zip(following.copied()));
        }
        table.sort_unstable();
        table
    })
}

/// A general category of one or two letters, in Go's spelling.
fn category(name: &str) -> Option<Class> {
    let belongs: &dyn Fn(&str) -> bool = match name {
        // What is in no other category.
        "Cn" => return Some(union_of_categories(|_| true).negated()),
        "LC" => &|member| ["Lu", "Ll", "Lt"].contains(&member),
        "C" | "L" | "M" | "N" | "P" | "S" | "Z" => &|member| member.starts_with(name),
        _ => return if name.len() == 2 { recorded(name) } else { None },
    };
    let mut class = union_of_categories(belongs);
    if name == "C" {
        class.add(&category("Cn")?);
        class.clean();
    }
    Some(class)
}

/// The union of the recorded categories that are asked for.
fn union_of_categories(belongs: impl Fn(&str) -> bool) -> Class {
    let mut class = Class::default();
    for (name, member) in classes() {
        if name.len() == 2 && belongs(name) {
            class.add(member);
        }
    }
    class.clean();
    class
}

/// The class that is recorded under exactly this name.
fn recorded(name: &str) -> Option<Class> {
    classes().iter().find(|(recorded, _)| *recorded == name).map(|(_, class)| class.clone())
}

/// Every recorded class with its name.
fn classes() -> &'static [(&'static str, Class)] {
    static TABLE: OnceLock<Vec<(&'static str, Class)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let named = |line: &'static str| {
            let (name, ranges) = line.split_once(' ').unwrap_or((line, ""));
            (name, read_ranges(ranges))
        };
        data_lines(CLASSES).map(named).collect()
    })
}

/// The category that a long name stands for.
fn alias(name: &str) -> Option<&'static str> {
    data_lines(ALIASES)
        .filter_map(|line| line.split_once(' '))
        .find(|(alias, _)| canonical_name(alias) == name)
        .map(|(_, category)| category)
}

/// Reads the ranges of a line of `classes.txt`: `low`, `low-high` or `low-high/stride`.
fn read_ranges(ranges: &str) -> Class {
    let mut class = Class::default();
    for range in ranges.split(' ') {
        let (range, stride) = range.split_once('/').unwrap_or((range, "1"));
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let (Some(low), Some(high), Some(stride)) = (hex(low), hex(high), hex(stride)) else {
            continue;
        };
        if stride == 1 {
            class.push(low, high);
        } else {
            for rune in (low..=high).step_by(stride as usize) {
                class.push(rune, rune);
            }
        }
    }
    class.clean();
    class
}

fn data_lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().filter(|line| !line.starts_with('#'))
}

fn hex(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}

/// The form in which names are compared: a capital, then small letters, no separators.
fn canonical_name(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for character in name.chars().filter(|character| !matches!(character, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            character.to_ascii_uppercase()
        } else {
            character.to_ascii_lowercase()
        });
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recorded_range_is_readable() {
        for line in data_lines(CLASSES) {
            let mut words = line.split(' ');
            assert!(
                words.next().is_some_and(|name| name.starts_with(char::is_uppercase)),
                "{line}"
            );
            for word in words {
                assert!(word.split(['-', '/']).all(|number| hex(number).is_some()), "{word}");
            }
        }
        for line in data_lines(ORBITS) {
            assert!(line.split(' ').count() >= 2, "{line}");
            assert!(line.split(' ').all(|rune| hex(rune).is_some()), "{line}");
        }
        for line in data_lines(ALIASES) {
            let (_, category_name) = line.split_once(' ').unwrap();
            assert!(category(category_name).is_some(), "{line}");
        }
    }

    #[test]
    fn orbits_are_cycles() {
        let around_k: Vec<u32> =
            std::iter::successors(Some(0x4B), |&rune| Some(simple_fold(rune))).take(4).collect();
        assert_eq!(around_k, [0x4B, 0x6B, 0x212A, 0x4B]);
        assert_eq!(simple_fold(u32::from('1')), u32::from('1'));
    }

    #[test]
    fn names_are_compared_loosely() {
        assert_eq!(named_class("cased-letter", false), named_class("LC", true));
        assert_eq!(named_class("greek", false), named_class("Gr_ee k", false));
        assert_eq!(named_class("Old_Italic", false), None);
        assert_eq!(named_class("", false), None);
    }
}

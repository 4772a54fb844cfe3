//! `.helmignore`: which files of a chart's directory do not belong to the chart.
//!
//! Owns the syntax and the matching, with Helm's semantics rather than those of `.gitignore`;
//! walking the directory is left to the callers.
//!
//! Invariant: patterns match as Go's `filepath.Match` does, byte for byte.

/// The name of the file with the rules, at the root of a chart.
pub const IGNORE_FILE: &str = ".helmignore";

/// What Helm adds to the rules of every directory: dot files of `templates/`.
const BUILT_IN: &str = "templates/.?*";

/// The longest line that Helm reads.
const MAX_LINE: usize = 64 * 1024;

/// Why a `.helmignore` cannot be used. `Display` gives Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum IgnoreError {
    /// `**`, which Helm refuses.
    #[error("double-star (**) syntax is not supported")]
    #[diagnostic(
        code(charts::helmignore),
        help("line {line} of `.helmignore`: a pattern without `/` already matches at every depth")
    )]
    DoubleStar {
        /// The line, from 1.
        line: usize,
    },
    /// A bracket that is not closed, or a backslash at the end.
    #[error("syntax error in pattern")]
    #[diagnostic(code(charts::helmignore), help("line {line} of `.helmignore`: `{pattern}`"))]
    Pattern {
        /// The line, from 1.
        line: usize,
        /// The pattern.
        pattern: String,
    },
    /// A line of 64 KiB or more.
    #[error("bufio.Scanner: token too long")]
    #[diagnostic(code(charts::helmignore), help("line {line} of `.helmignore` is too long"))]
    LongLine {
        /// The line, from 1.
        line: usize,
    },
}

/// The rules of a `.helmignore` and the one that Helm adds.
#[derive(Clone, Debug)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

impl Default for IgnoreRules {
    /// The rules of a chart without a `.helmignore`.
    fn default() -> Self {
        let mut rules = Self { rules: Vec::new() };
        rules.add_built_in();
        rules
    }
}

impl IgnoreRules {
    /// Reads the text of a `.helmignore`.
    ///
    /// # Errors
    ///
    /// [`IgnoreError`] for the first line that Helm refuses.
    pub fn parse(text: &[u8]) -> Result<Self, IgnoreError> {
        let mut rules = Self { rules: Vec::new() };
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        for (index, bytes) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = index + 1;
            if bytes.len() >= MAX_LINE {
                return Err(IgnoreError::LongLine { line });
            }
            let rule = String::from_utf8_lossy(bytes);
            let rule = rule.trim();
            if rule.is_empty() || rule.starts_with('#') {
                continue;
            }
            if rule.contains("**") {
                return Err(IgnoreError::DoubleStar { line });
            }
            // As far as Helm looks: a mistake behind what does not match is not seen.
            if Glob::compile(rule).matches(b"abc").is_err() {
                return Err(IgnoreError::Pattern { line, pattern: rule.to_owned() });
            }
            rules.rules.push(Rule::new(rule));
        }
        rules.add_built_in();
        Ok(rules)
    }

    fn add_built_in(&mut self) {
        self.rules.push(Rule::new(BUILT_IN));
    }

    /// Whether the file or directory at `path` is left out.
    ///
    /// `path` is relative to the chart, with `/` between components. What lies in an ignored
    /// directory is ignored with it, which is up to the caller: the rules look at one path.
    pub fn ignores(&self, path: &str, is_dir: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for rule in &self.rules {
            let applies = is_dir || !rule.only_directories;
            let matches = applies && rule.matches(path);
            // A negated rule takes everything that does not match it; nothing is ever put back.
            if matches != rule.negated {
                return true;
            }
        }
        false
    }
}

#[derive(Clone, Debug)]
struct Rule {
    negated: bool,
    only_directories: bool,
    scope: Scope,
    glob: Glob,
}

#[derive(Clone, Copy, Debug)]
enum Scope {
    WholePath,
    BaseName,
}

impl Rule {
    fn new(rule: &str) -> Self {
        let (negated, rule) = rule.strip_prefix('!').map_or((false, rule), |rest| (true, rest));
        let (only_directories, rule) =
            rule.strip_suffix('/').map_or((false, rule), |rest| (true, rest));
        let (scope, rule) = match rule.strip_prefix('/') {
            Some(rest) => (Scope::WholePath, rest),
            None if rule.contains('/') => (Scope::WholePath, rule),
            None => (Scope::BaseName, rule),
        };
        Self { negated, only_directories, scope, glob: Glob::compile(rule) }
    }

    fn matches(&self, path: &str) -> bool {
        let name = match self.scope {
            Scope::WholePath => path,
            Scope::BaseName => path.rsplit('/').next().unwrap_or(path),
        };
        // A pattern that turns out to be malformed matches nothing.
        self.glob.matches(name.as_bytes()).unwrap_or(false)
    }
}

/// A pattern of `filepath.Match`: pieces, each of which may follow a star.
#[derive(Clone, Debug)]
struct Glob {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, Default)]
struct Piece {
    after_star: bool,
    steps: Vec<Step>,
    /// It ends in a mistake; an error when it is come to.
    malformed: bool,
}

/// The pattern is none, as far as it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Malformed;

#[derive(Clone, Debug)]
enum Step {
    /// This byte.
    Byte(u8),
    /// Any character but `/`.
    Any,
    /// A character in (or outside) one of the ranges. Unlike `?` it may be a `/`.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    fn compile(pattern: &str) -> Self {
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let step = match c {
                '*' => {
                    // Several stars in a row are one.
                    if !piece.steps.is_empty() {
                        pieces.push(std::mem::take(&mut piece));
                    }
                    piece.after_star = true;
                    continue;
                }
                '?' => Some(Step::Any),
                '[' => Self::class(&mut chars),
                '\\' => match chars.next() {
                    Some(c) => {
                        push_bytes(&mut piece.steps, c);
                        continue;
                    }
                    None => None,
                },
                c => {
                    push_bytes(&mut piece.steps, c);
                    continue;
                }
            };
            let Some(step) = step else {
                piece.malformed = true;
                break;
            };
            piece.steps.push(step);
        }
        if piece.after_star || piece.malformed || !piece.steps.is_empty() {
            pieces.push(piece);
        }
        Self { pieces }
    }

    /// None for a malformed class.
    fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Step> {
        fn bound(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
            let c = match chars.next()? {
                // What was no UTF-8 became the replacement; Go refuses it in a class.
                '-' | ']' | char::REPLACEMENT_CHARACTER => return None,
                '\\' => chars.next()?,
                c => c,
            };
            // A bound may not be the end of the pattern.
            chars.peek()?;
            Some(c)
        }
        let negated = chars.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
                return Some(Step::Class { negated, ranges });
            }
            let low = bound(chars)?;
            let high = if chars.next_if_eq(&'-').is_some() { bound(chars)? } else { low };
            ranges.push((low, high));
        }
    }

    /// Go's search: each piece at the first place where it fits, and no second thoughts about the
    /// pieces before it.
    fn matches(&self, name: &[u8]) -> Result<bool, Malformed> {
        let mut rest = name;
        for (index, piece) in self.pieces.iter().enumerate() {
            if piece.malformed {
                return Err(Malformed);
            }
            let last = index + 1 == self.pieces.len();
            if last && piece.after_star && piece.steps.is_empty() {
                return Ok(!rest.contains(&b'/'));
            }
            let fits = |from: &[u8]| {
                let left = piece.consume(from)?;
                (!last || left == 0).then_some(left)
            };
            let reach = if piece.after_star {
                rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len())
            } else {
                0
            };
            let Some(left) = (0..=reach).find_map(|skipped| fits(&rest[skipped..])) else {
                return Ok(false);
            };
            rest = &rest[rest.len() - left..];
        }
        Ok(rest.is_empty())
    }
}

fn push_bytes(steps: &mut Vec<Step>, c: char) {
    steps.extend(c.encode_utf8(&mut [0; 4]).bytes().map(Step::Byte));
}

impl Piece {
    /// How many bytes are left after this piece, when it matches at the start of `name`.
    fn consume(&self, name: &[u8]) -> Option<usize> {
        let mut rest = name;
        for step in &self.steps {
            let first = *rest.first()?;
            let taken = match step {
                Step::Byte(byte) if *byte == first => 1,
                Step::Any if first != b'/' => first_char(rest).1,
                Step::Class { negated, ranges } => {
                    let (c, length) = first_char(rest);
                    let inside = ranges.iter().any(|&(low, high)| (low..=high).contains(&c));
                    if inside == *negated {
                        return None;
                    }
                    length
                }
                Step::Byte(_) | Step::Any => return None,
            };
            rest = &rest[taken..];
        }
        Some(rest.len())
    }
}

/// The first character and its length; a byte that starts none counts as one.
fn first_char(bytes: &[u8]) -> (char, usize) {
    for length in 1..=bytes.len().min(4) {
        if let Ok(text) = std::str::from_utf8(&bytes[..length])
            && let Some(c) = text.chars().next()
        {
            return (c, length);
        }
    }
    (char::REPLACEMENT_CHARACTER, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::compile(pattern).matches(name.as_bytes()).unwrap()
    }

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*", "", true),
            ("*", "a/c", false),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "aéb", true),
            ("a[^a]b", "aéb", true),
            ("a[^a]b", "a/b", true),
            ("a???b", "aéb", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a?b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-x]", "-", true),
            ("[x\\-]", "z", false),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} on {name}");
        }
        for bad in ["[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "[a-b-c]", "\\", "[a"] {
            assert_eq!(Glob::compile(bad).matches(b"abc"), Err(Malformed), "{bad}");
        }
        assert_eq!(Glob::compile("x*[").matches(b"abc"), Ok(false), "not come to");
    }

    fn ignored(rules: &str, path: &str) -> bool {
        IgnoreRules::parse(rules.as_bytes()).unwrap().ignores(path, false)
    }

    #[test]
    fn rules_are_helms() {
        assert!(ignored("*.md", "docs/a.md"), "without a slash: the base name at any depth");
        assert!(!ignored("/*.md", "docs/a.md"), "with one: the whole path");
        assert!(ignored("docs/*.md", "docs/a.md"));
        assert!(!ignored("docs/*.md", "x/docs/a.md"));
        assert!(!ignored("ci/", "ci"), "only directories");
        assert!(IgnoreRules::parse(b"ci/").unwrap().ignores("x/ci", true));
        assert!(ignored("\u{feff}# comment\r\n\r\n  a.txt \r\n", "a.txt"));
        assert!(ignored("!keep.txt", "Chart.yaml"), "negation takes everything else");
        assert!(!ignored("!keep.txt", "keep.txt"));
        assert!(ignored("!ci/", "ci"));
        assert!(ignored("", "templates/.x.yaml"), "the built-in rule");
        assert!(!ignored("", "templates/."));
        assert!(!ignored("", "charts/a/templates/.x.yaml"));
        assert!(!ignored("", ".git"), "nothing else is left out by default");
        assert!(!ignored("*", ""));
        assert!(!ignored("*", "."));
    }

    #[test]
    fn bad_rules_are_refused_with_their_line() {
        let error = |text: &str| IgnoreRules::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error("a\n**/b"), IgnoreError::DoubleStar { line: 2 });
        assert_eq!(error("[a"), IgnoreError::Pattern { line: 1, pattern: "[a".to_owned() });
        assert!(!ignored("x*[", "xyz"), "a mistake that is found too late matches nothing");
        assert_eq!(error(&"x".repeat(70_000)), IgnoreError::LongLine { line: 1 });
    }
}

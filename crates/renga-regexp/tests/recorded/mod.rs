//! Cases with Go's answers, as `tests/oracle/regexp` writes them, and the comparison with ours.

use renga_regexp::{Regexp, Submatches};
use serde::Deserialize;

/// A pattern, what to do with it, and what Go made of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) pattern: String,
    texts: Option<Vec<Text>>,
    templates: Option<Vec<Text>>,
    pub(crate) error: Option<String>,
    groups: Option<Vec<String>>,
    results: Option<Vec<Answers>>,
}

/// What Go made of one text.
#[derive(Debug, Deserialize)]
struct Answers {
    matches: Option<Vec<Vec<i64>>>,
    pieces: Vec<Vec<Text>>,
    replaced: Option<Vec<Text>>,
}

/// Bytes that may be invalid UTF-8.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Coded { hex: String },
}

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Plain(text) => text.clone().into_bytes(),
            Self::Coded { hex } => (0..hex.len() / 2)
                .map(|index| {
                    u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hex digits")
                })
                .collect(),
        }
    }
}

impl Case {
    /// Says where we differ from Go, and counts the texts compared.
    pub(crate) fn compare(&self, compared: &mut usize) -> Vec<String> {
        let regexp = match Regexp::new(&self.pattern) {
            Ok(regexp) => regexp,
            Err(error) => {
                let ours = Some(error.to_string());
                return difference("error", &self.error, &ours).into_iter().collect();
            }
        };
        if let Some(error) = &self.error {
            return vec![format!("accepted, but Go says: {error}")];
        }
        let groups: Vec<String> =
            regexp.group_names().iter().map(|name| name.clone().unwrap_or_default()).collect();
        let mut differences = Vec::new();
        differences.extend(difference("groups", self.groups.as_ref().expect("groups"), &groups));
        let templates: Vec<Vec<u8>> = self.templates.iter().flatten().map(Text::bytes).collect();
        let texts = self.texts.iter().flatten();
        for (text, answers) in texts.zip(self.results.iter().flatten()) {
            *compared += 1;
            let text = text.bytes();
            differences.extend(answers.compare(&regexp, &text, &templates).into_iter().map(
                |difference| format!("text {:?}: {difference}", text.escape_ascii().to_string()),
            ));
        }
        differences
    }
}

impl Answers {
    fn compare(&self, regexp: &Regexp, text: &[u8], templates: &[Vec<u8>]) -> Vec<String> {
        let all = regexp.find_all_submatch(text, None);
        let spans = regexp.find_all(text, None);
        let first = regexp.find_submatch(text);
        let whole = |groups: &Submatches| groups[0].clone().expect("a match");

        let ours: Vec<Vec<i64>> = all.iter().map(flat).collect();
        let mut differences = Vec::new();
        differences.extend(difference(
            "matches",
            self.matches.as_ref().unwrap_or(&Vec::new()),
            &ours,
        ));
        differences.extend(difference(
            "find_all",
            &all.iter().map(whole).collect::<Vec<_>>(),
            &spans,
        ));
        differences.extend(difference("find_submatch", &all.first(), &first.as_ref()));
        differences.extend(difference("find", &spans.first(), &regexp.find(text).as_ref()));
        differences.extend(difference("is_match", &first.is_some(), &regexp.is_match(text)));
        for (limit, pieces) in [None, Some(2)].into_iter().zip(&self.pieces) {
            let pieces: Vec<Vec<u8>> = pieces.iter().map(Text::bytes).collect();
            let ours: Vec<Vec<u8>> =
                regexp.split(text, limit).into_iter().map(<[u8]>::to_vec).collect();
            differences.extend(difference("split", &pieces, &ours));
        }
        let mut replaced = self.replaced.iter().flatten().map(Text::bytes);
        for template in templates {
            let ours = regexp.replace_all(text, template);
            differences.extend(difference(
                "replace_all",
                &replaced.next().expect("a result"),
                &ours,
            ));
        }
        if let Some(template) = templates.first() {
            let ours = regexp.replace_all_literal(text, template);
            differences.extend(difference(
                "replace_all_literal",
                &replaced.next().expect("a result"),
                &ours,
            ));
        }
        differences
    }
}

fn flat(groups: &Submatches) -> Vec<i64> {
    let ends = |span: &Option<std::ops::Range<usize>>| match span {
        Some(span) => [span.start, span.end].map(|end| i64::try_from(end).expect("a position")),
        None => [-1, -1],
    };
    groups.iter().flat_map(ends).collect()
}

fn difference<T: PartialEq + std::fmt::Debug>(what: &str, go: &T, ours: &T) -> Option<String> {
    (go != ours).then(|| format!("{what}: Go {go:?}, ours {ours:?}"))
}

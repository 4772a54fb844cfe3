//! Patterns of paths, for what is noise and what is secret.

use super::path::Segment;

/// Which fields are meant: names with `*` for any characters, from the outermost on.
///
/// Written as `metadata.annotations[checksum/*]`: a name in brackets may hold dots, `*` as a whole
/// step is any field or item, `**` any number of steps. Items of lists are a step, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    steps: Vec<Step>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Any,
    AnyNumber,
    Name(String),
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` is no pattern of a path")]
#[diagnostic(
    code(diff::pattern),
    help("write it like `metadata.annotations[checksum/*]` or `**.caBundle`")
)]
pub struct PatternError {
    /// The text.
    pub text: String,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for empty names and brackets that are not closed.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let bad = || PatternError { text: text.to_owned() };
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let name;
            if let Some(inner) = rest.strip_prefix('[') {
                (name, rest) = inner.split_once(']').ok_or_else(bad)?;
            } else {
                let plain = match rest.strip_prefix('.') {
                    Some(plain) if !steps.is_empty() => plain,
                    Some(_) => return Err(bad()),
                    None => rest,
                };
                let end = plain.find(['.', '[']).unwrap_or(plain.len());
                (name, rest) = plain.split_at(end);
            }
            steps.push(match name {
                "" => return Err(bad()),
                "*" => Step::Any,
                "**" => Step::AnyNumber,
                name => Step::Name(name.to_owned()),
            });
        }
        if steps.is_empty() { Err(bad()) } else { Ok(Self { steps, text: text.to_owned() }) }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern means exactly this path.
    pub fn matches(&self, path: &[Segment]) -> bool {
        matches(&self.steps, path)
    }
}

/// Goes back to the last `**` where a step does not fit, so the time is bounded by the product of
/// both lengths.
fn matches(steps: &[Step], path: &[Segment]) -> bool {
    let (mut step, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match steps.get(step) {
            Some(Step::AnyNumber) => {
                step += 1;
                retry = Some((step, at));
                continue;
            }
            Some(wanted) if path.get(at).is_some_and(|segment| fits(wanted, segment)) => {
                step += 1;
                at += 1;
                continue;
            }
            None if at == path.len() => return true,
            _ => {}
        }
        match retry {
            Some((from, start)) if start < path.len() => {
                (step, at) = (from, start + 1);
                retry = Some((from, start + 1));
            }
            _ => return false,
        }
    }
}

fn fits(step: &Step, segment: &Segment) -> bool {
    match (step, segment) {
        (Step::Name(wanted), Segment::Field(name)) => glob(wanted.as_bytes(), name.as_bytes()),
        (Step::Name(wanted), Segment::Item { index, name }) => {
            name.as_ref().is_some_and(|name| glob(wanted.as_bytes(), name.as_bytes()))
                || *wanted == index.to_string()
        }
        _ => true,
    }
}

/// Whether `*` and characters fit the text.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, t));
        } else if p < pattern.len() && pattern.get(p) == text.get(t) {
            p += 1;
            t += 1;
        } else if p == pattern.len() && t == text.len() {
            return true;
        } else {
            match retry {
                Some((from, start)) if start < text.len() => {
                    (p, t) = (from, start + 1);
                    retry = Some((from, start + 1));
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Vec<Segment> {
        names
            .iter()
            .map(|name| match name.parse() {
                Ok(index) => Segment::Item { index, name: Some("name=a".to_owned()) },
                Err(_) => Segment::Field((*name).to_owned()),
            })
            .collect()
    }

    #[test]
    fn patterns_mean_paths() {
        let means =
            |text: &str, names: &[&str]| Pattern::parse(text).unwrap().matches(&path(names));
        let annotation = &["spec", "template", "metadata", "annotations", "checksum/config"];
        assert!(means("**.metadata.annotations[checksum/*]", annotation));
        assert!(means("**.metadata.annotations[checksum/*]", &annotation[2..]));
        assert!(!means("metadata.annotations[checksum/*]", annotation));
        assert!(!means("**.annotations", annotation));
        assert!(means(
            "webhooks.*.clientConfig.caBundle",
            &["webhooks", "0", "clientConfig", "caBundle"]
        ));
        assert!(means("webhooks[name=a].x", &["webhooks", "0", "x"]));
        assert!(means("**", &["a", "b"]));
        assert!(means("**.a.**.b", &["a", "a", "x", "b", "b"]));
        assert!(!means("a.*", &["a"]));
        assert!(means("a.x*z", &["a", "xyyz"]));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", ".a", "a..b", "a[", "a[]", "a."] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}

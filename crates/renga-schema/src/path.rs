//! Where in an object something stands.

use std::fmt;

/// One step down into an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into a field.
    Field(&'a str),
    /// Into an item of a list, counted from 0.
    Item(usize),
}

/// The steps from the top of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path<'a>(Vec<Step<'a>>);

impl<'a> Path<'a> {
    /// The steps, from the top.
    pub fn steps(&self) -> &[Step<'a>] {
        &self.0
    }

    pub(crate) fn push(&mut self, step: Step<'a>) {
        self.0.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

/// As the server's messages write it: `spec.containers[0].ports`, with keys that hold other
/// characters in brackets, `metadata.annotations["a.b/c"]`.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Field(name) if is_plain(name) => {
                    write!(f, "{}{name}", if place == 0 { "" } else { "." })?;
                }
                Step::Field(name) => write!(f, "[{name:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::{Path, Step};

    #[test]
    fn keys_with_dots_stand_in_brackets() {
        let path = Path(vec![
            Step::Field("spec"),
            Step::Field("list"),
            Step::Item(3),
            Step::Field("example.com/a"),
            Step::Field("b"),
        ]);
        assert_eq!(path.to_string(), r#"spec.list[3]["example.com/a"].b"#);
        assert_eq!(Path::default().to_string(), "");
    }
}

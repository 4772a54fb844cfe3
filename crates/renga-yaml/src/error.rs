//! Why YAML could not be read or written.
//!
//! `Display` prints the exact text of the Go library that the flavour names, because programs and
//! charts compare it; the parts are kept as data for whoever renders better.

use std::fmt;

/// Why a text is not readable as YAML, or a value not writable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum YamlError {
    /// The text is malformed, or something in it has no meaning.
    #[error("yaml: {}{problem}", LinePrefix(*.line))]
    #[diagnostic(code(yaml::syntax), help("check the indentation and quotes around that line"))]
    Syntax {
        /// The line that the library names (from 1), which is often the one before the mistake.
        line: Option<usize>,
        /// The library's words, without position.
        problem: String,
    },

    /// The text is well formed, but some of its values contradict each other.
    #[error("yaml: unmarshal errors:{}", Problems(.problems))]
    #[diagnostic(code(yaml::unmarshal), help("remove or rename one of the keys"))]
    Unmarshal {
        /// Every contradiction, in the library's order.
        problems: Vec<LineProblem>,
    },

    /// The value exists in YAML but not in JSON.
    #[error("{problem}")]
    #[diagnostic(
        code(yaml::not_json),
        help("use strings as mapping keys, and finite numbers as values")
    )]
    NotJson {
        /// The library's words: `json: unsupported value: +Inf`.
        problem: String,
    },

    /// The value nests deeper than renga follows.
    #[error("yaml: exceeded max depth of {limit}")]
    #[diagnostic(code(yaml::too_deep), help("flatten the document"))]
    TooDeep {
        /// How many collections may contain each other.
        limit: usize,
    },

    /// As `sigs.k8s.io/yaml` wraps its causes.
    #[error("error converting YAML to JSON: {0}")]
    #[diagnostic(transparent)]
    Converting(Box<YamlError>),
}

/// A contradiction in a text that is otherwise well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// The line, from 1.
    pub line: usize,
    /// The library's words, without position.
    pub problem: String,
}

impl YamlError {
    pub(crate) fn syntax(problem: impl Into<String>) -> Self {
        Self::Syntax { line: None, problem: problem.into() }
    }

    /// The first line (from 1) that the error names.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Syntax { line, .. } => *line,
            Self::Unmarshal { problems } => problems.first().map(|problem| problem.line),
            Self::NotJson { .. } | Self::TooDeep { .. } => None,
            Self::Converting(cause) => cause.line(),
        }
    }
}

struct LinePrefix(Option<usize>);

impl fmt::Display for LinePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, "line {line}: "))
    }
}

struct Problems<'a>(&'a [LineProblem]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|LineProblem { line, problem }| write!(f, "\n  line {line}: {problem}"))
    }
}

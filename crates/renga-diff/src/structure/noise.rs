//! Changes that tell nothing: what is left out, and counted.

use super::{
    path::Segment,
    pattern::{Pattern, PatternError},
};

/// One rule.
#[derive(Clone, Debug)]
pub struct NoiseRule {
    /// What the rule is called where the hidden changes are counted.
    pub name: String,
    /// The fields it hides.
    pub pattern: Pattern,
}

/// The rules that apply.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    /// The first one that means a path counts.
    pub rules: Vec<NoiseRule>,
}

/// Name and pattern of the rules that are on unless the user says otherwise.
const DEFAULTS: [(&str, &str); 5] = [
    ("checksums", "**.metadata.annotations[checksum/*]"),
    ("chart labels", "**.metadata.labels[helm.sh/chart]"),
    ("chart labels", "**.metadata.labels.chart"),
    ("certificates of webhooks", "webhooks.*.clientConfig.caBundle"),
    ("certificates of webhooks", "spec.conversion.webhook.clientConfig.caBundle"),
];

impl Noise {
    /// Checksums of configuration in annotations, labels with the version of a chart, and
    /// certificates that charts make anew each time.
    pub fn defaults() -> Self {
        Self::from_pairs(&DEFAULTS).unwrap_or_default()
    }

    /// Rules from names and patterns.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for the first one that is no pattern.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Result<Self, PatternError> {
        let rules = pairs
            .iter()
            .map(|(name, pattern)| {
                Ok(NoiseRule { name: (*name).to_owned(), pattern: Pattern::parse(pattern)? })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { rules })
    }

    /// The name of the rule that hides `path`.
    pub(crate) fn hides(&self, path: &[Segment]) -> Option<&str> {
        self.rules.iter().find(|rule| rule.pattern.matches(path)).map(|rule| rule.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_defaults_are_patterns() {
        assert_eq!(Noise::defaults().rules.len(), DEFAULTS.len());
    }
}

//! What clusters have from elsewhere: by hand, by Terraform, by a controller.

use renga_project::Provided;

/// Whether one of the entries says that the cluster has the object, with the key if one is asked for.
pub(crate) fn has(
    provided: &[Provided],
    cluster: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    key: Option<&str>,
) -> bool {
    provided.iter().any(|entry| {
        entry.kind == kind
            && matches(&entry.name, name)
            && entry.namespace.as_deref().is_none_or(|pattern| matches(pattern, namespace))
            && entry.cluster.as_deref().is_none_or(|pattern| matches(pattern, cluster))
            && match (&entry.keys, key) {
                (Some(keys), Some(key)) => keys.iter().any(|known| matches(known, key)),
                _ => true,
            }
    })
}

/// Whether a text is of a pattern in which `*` stands for any text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*", "", true),
            ("*b", "ab", true),
            ("a*b", "ab", true),
            ("a*b", "a", false),
            ("a*a", "a", false),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axcyb", false),
            ("https://*.example.com", "https://prod.example.com", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}

//! Names that look like another one, to propose them in errors.

/// How many names are worth proposing.
const PROPOSED: usize = 3;

/// The names most like `wanted`, best first: at most a third of it may differ, or one must contain
/// the other.
pub(crate) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let most = (wanted.chars().count() / 3).max(2);
    let mut ranked: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = distance(&wanted, &lower);
            let contains = wanted.len() > 2 && lower.contains(&wanted)
                || lower.len() > 2 && wanted.contains(&lower);
            if distance <= most {
                Some((distance, name))
            } else if contains {
                Some((most + distance, name))
            } else {
                None
            }
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(PROPOSED).map(|(_, name)| name.to_owned()).collect()
}

/// How many characters have to be inserted, removed or replaced.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_that_look_alike_come_first() {
        let names = ["grafana", "grafana-agent", "loki", "prometheus", "tempo"];
        let near = |wanted| nearest(wanted, names.iter().copied());
        assert_eq!(near("graphana"), ["grafana"]);
        assert_eq!(near("Grafana"), ["grafana", "grafana-agent"]);
        assert_eq!(near("agent"), ["grafana-agent"]);
        assert_eq!(near("prometeus"), ["prometheus"]);
        assert!(near("unrelated").is_empty());
    }
}

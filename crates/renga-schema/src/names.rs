//! Names that look like another one, for help lines.

/// The one of `names` that somebody most likely meant by `wanted`: at most a third of its
/// characters and one more are to be changed, whatever their case.
pub fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted: Vec<char> = wanted.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if wanted.len() > LONGEST {
        return None;
    }
    let limit = wanted.len() / 3 + 1;
    names
        .into_iter()
        .filter(|name| name.len() <= 4 * LONGEST)
        .map(|name| (distance(&wanted, name), name))
        .filter(|(distance, _)| *distance <= limit && *distance < wanted.len())
        .min()
        .map(|(_, name)| name)
}

/// Longer names are not compared: nobody mistypes them by hand.
const LONGEST: usize = 100;

/// How many characters must be changed, added or removed to make `b` of `a`.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = corner + usize::from(left != right);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_proposed() {
        let names = ["replicas", "selector", "template", "paused"];
        assert_eq!(nearest("replica", names), Some("replicas"));
        assert_eq!(nearest("Selector", names), Some("selector"));
        assert_eq!(nearest("tmeplate", names), Some("template"));
        assert_eq!(nearest("volumes", names), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}

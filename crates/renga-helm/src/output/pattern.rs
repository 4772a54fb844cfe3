//! The patterns of `--show-only`: Go's `filepath.Match`.

/// Whether a whole path matches; `None` for a malformed pattern that was read that far.
pub(super) fn matches(pattern: &str, path: &str) -> Option<bool> {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    // The positions in the path that the pattern may have reached.
    let mut at = vec![true];
    at.resize(path.len() + 1, false);
    let mut index = 0;
    while index < pattern.len() {
        let mut next = vec![false; path.len() + 1];
        let step = |takes: &dyn Fn(char) -> bool, next: &mut Vec<bool>| {
            for (position, &c) in path.iter().enumerate() {
                next[position + 1] = at[position] && takes(c);
            }
        };
        match pattern[index] {
            '*' => {
                let mut open = false;
                for position in 0..=path.len() {
                    open |= at[position];
                    next[position] = open;
                    open &= path.get(position) != Some(&'/');
                }
                index += 1;
            }
            '?' => {
                step(&|c| c != '/', &mut next);
                index += 1;
            }
            '[' => {
                let (class, end) = Class::read(&pattern, index + 1)?;
                step(&|c| class.takes(c), &mut next);
                index = end;
            }
            '\\' => {
                let literal = *pattern.get(index + 1)?;
                step(&|c| c == literal, &mut next);
                index += 2;
            }
            literal => {
                step(&|c| c == literal, &mut next);
                index += 1;
            }
        }
        at = next;
    }
    at.last().copied()
}

struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Class {
    fn read(pattern: &[char], mut at: usize) -> Option<(Self, usize)> {
        let negated = pattern.get(at) == Some(&'^');
        at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            if pattern.get(at) == Some(&']') && !ranges.is_empty() {
                return Some((Class { negated, ranges }, at + 1));
            }
            let low = Class::char(pattern, &mut at)?;
            let mut high = low;
            if pattern.get(at) == Some(&'-') {
                at += 1;
                high = Class::char(pattern, &mut at)?;
            }
            ranges.push((low, high));
        }
    }

    fn char(pattern: &[char], at: &mut usize) -> Option<char> {
        let mut c = *pattern.get(*at)?;
        if matches!(c, '-' | ']') {
            return None;
        }
        if c == '\\' {
            *at += 1;
            c = *pattern.get(*at)?;
        }
        *at += 1;
        // A class ends before the pattern does.
        (*at < pattern.len()).then_some(c)
    }

    fn takes(&self, c: char) -> bool {
        self.ranges.iter().any(|&(low, high)| (low..=high).contains(&c)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, path, expected) in [
            ("templates/*.yaml", "templates/a.yaml", Some(true)),
            ("templates/*", "templates/a/b", Some(false)),
            ("templates/?.yaml", "templates/a.yaml", Some(true)),
            ("a[b-d]e", "ace", Some(true)),
            ("a[^b-d]e", "ace", Some(false)),
            (r"a\*", "a*", Some(true)),
            ("[a", "a", None),
            ("[]a]", "]", None),
            ("a*b*c", "aXbYbZc", Some(true)),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern}");
        }
    }
}

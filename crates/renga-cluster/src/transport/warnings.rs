//! The header `Warning` (RFC 7234, section 5.5): `CODE AGENT "TEXT" ["DATE"]`, several with commas
//! between.

/// The texts of the warnings with code 299, the only one that Kubernetes sends.
pub(super) fn texts(header: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = header.trim_start();
    while let Some((code, after)) = rest.split_once(' ') {
        let Some((_agent, after)) = after.trim_start().split_once(' ') else { break };
        let Some((text, after)) = quoted(after.trim_start()) else { break };
        if code == "299" && !text.trim().is_empty() {
            texts.push(text);
        }
        // A date in quotes may follow.
        let after = after.trim_start();
        let after = quoted(after).map_or(after, |(_, after)| after);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    texts
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.strip_prefix('"')?.char_indices();
    let mut out = String::new();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((out, &text[at + 2..])),
            '\\' => out.push(characters.next()?.1),
            // No control characters of a server reach a terminal.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn each_warning_is_read() {
        assert_eq!(texts(r#"299 - "a \"b\" c""#), [r#"a "b" c"#]);
        assert_eq!(
            texts(r#"299 - "one" "Sat, 25 Aug 2012 23:34:45 GMT", 299 - "two""#),
            ["one", "two"]
        );
        assert_eq!(texts(r#"110 - "stale", 299 agent "ü""#), ["ü"]);
        assert_eq!(texts("299 - \"a\u{1b}[31m\""), ["a [31m"]);
    }

    #[test]
    fn what_is_no_warning_is_passed_over() {
        for header in ["", "299", "299 -", "299 - text", r#"299 - "open"#, r#"299 - """#] {
            assert!(texts(header).is_empty(), "{header}");
        }
    }
}

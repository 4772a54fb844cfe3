//! Go's `json.Indent`: lays JSON out anew without touching its values.

/// Lays out `text`, which is JSON, with `indent` for each level. The order of keys, the spelling
/// of numbers and strings, and duplicates stay; empty lists stay on one line.
pub(super) fn indent(text: &str, indent: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    // An opening bracket whose first element has not come yet.
    let mut fresh = false;
    for char in text.chars() {
        if in_string {
            out.push(char);
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
            continue;
        }
        if matches!(char, ' ' | '\t' | '\r' | '\n') {
            continue;
        }
        if fresh && !matches!(char, ']' | '}') {
            fresh = false;
            depth += 1;
            line(&mut out, indent, depth);
        }
        match char {
            '"' => {
                in_string = true;
                out.push(char);
            }
            '{' | '[' => {
                fresh = true;
                out.push(char);
            }
            ',' => {
                out.push(char);
                line(&mut out, indent, depth);
            }
            ':' => out.push_str(": "),
            '}' | ']' => {
                if fresh {
                    fresh = false;
                } else {
                    depth -= 1;
                    line(&mut out, indent, depth);
                }
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}

fn line(out: &mut String, indent: &str, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str(indent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_stays() {
        let text = r#"{"b":1.0,"a":[ ],"c":{"d":"x\",{","e":[1,[2]]}}"#;
        let expected = "{\n \"b\": 1.0,\n \"a\": [],\n \"c\": {\n  \"d\": \"x\\\",{\",\n  \
                        \"e\": [\n   1,\n   [\n    2\n   ]\n  ]\n }\n}";
        assert_eq!(indent(text, " "), expected);
        assert_eq!(indent("[1]", ""), "[\n1\n]");
        assert_eq!(indent("\"a\"", "  "), "\"a\"");
    }
}

//! PEM: blocks of base 64 between `BEGIN` and `END` lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Writes a block as Go does: lines of 64 letters.
pub(super) fn encode(label: &str, data: &[u8]) -> String {
    let text = STANDARD.encode(data);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out + "-----END " + label + "-----\n"
}

/// Finds the first block: its label and its data.
pub(super) fn decode(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let label = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        let Some(label) = label else { continue };
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        let mut attempt = lines.clone();
        for line in attempt.by_ref() {
            if line == end {
                if let Ok(data) = STANDARD.decode(&body) {
                    return Some((label.to_owned(), data));
                }
                break;
            }
            // Lines before the data may be headers, as in encrypted keys.
            if !line.contains(':') {
                body.extend(line.chars().filter(|letter| !letter.is_ascii_whitespace()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn a_block_is_found_among_other_text() {
        let data = [7; 100];
        let text = format!("junk\n{}more", encode("SOME KEY", &data));
        assert_eq!(decode(text.as_bytes()), Some(("SOME KEY".to_owned(), data.to_vec())));
        assert_eq!(decode(b"-----BEGIN A-----\nAA==\n-----END B-----\n"), None);
    }
}

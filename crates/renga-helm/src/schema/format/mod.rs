//! The formats the validator checks, and what it says of texts that do not have them.
//!
//! Only texts have a format. Whether a format is asserted at all is the compiler's business.

pub(in crate::schema) mod ip;
mod net;
mod time;

use renga_gotemplate::{quoted, quoted_rune};

/// A format, by its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub(super) name: &'static str,
    check: fn(&str) -> Check,
}

/// The outcome of a check, with the words for a refusal.
type Check = Result<(), String>;

impl Format {
    /// The format of that name, if it is a known one.
    pub(super) fn named(name: &str) -> Option<Format> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }

    /// Checks a text.
    ///
    /// # Errors
    ///
    /// Why it does not have the format.
    pub(super) fn check(self, text: &str) -> Check {
        (self.check)(text)
    }
}

const FORMATS: [Format; 19] = [
    Format { name: "regex", check: regex },
    Format { name: "json-pointer", check: pointer },
    Format { name: "relative-json-pointer", check: relative_pointer },
    Format { name: "uuid", check: net::uuid },
    Format { name: "duration", check: |text| time::duration(text.as_bytes()) },
    Format { name: "period", check: |text| time::period(text.as_bytes()) },
    Format { name: "ipv4", check: |text| net::ipv4(text.as_bytes()) },
    Format { name: "ipv6", check: |text| net::ipv6(text.as_bytes()) },
    Format { name: "hostname", check: net::hostname },
    Format { name: "email", check: net::email },
    Format { name: "date", check: |text| time::date(text.as_bytes()) },
    Format { name: "time", check: |text| time::time(text.as_bytes()) },
    Format { name: "date-time", check: |text| time::date_time(text.as_bytes()) },
    Format { name: "uri", check: net::uri },
    Format { name: "iri", check: net::uri },
    Format { name: "uri-reference", check: net::reference },
    Format { name: "iri-reference", check: net::reference },
    Format { name: "uri-template", check: net::template },
    Format { name: "semver", check: semver },
];

fn fault(message: &str) -> Check {
    Err(message.to_owned())
}

/// Go's `strconv.Atoi`.
fn atoi(text: &[u8]) -> Result<i64, String> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let problem = |what: &str| format!("strconv.Atoi: parsing {}: {what}", quoted(text));
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(problem("invalid syntax"));
    }
    String::from_utf8_lossy(text).parse().map_err(|_| problem("value out of range"))
}

fn regex(text: &str) -> Check {
    renga_regexp::Regexp::new(text).map(drop).map_err(|error| error.to_string())
}

fn pointer(text: &str) -> Check {
    if text.is_empty() {
        return Ok(());
    }
    let Some(tokens) = text.strip_prefix('/') else { return fault("not starting with /") };
    for token in tokens.split('/') {
        let mut letters = token.chars();
        while let Some(letter) = letters.next() {
            if letter == '~' && !matches!(letters.next(), Some('0' | '1')) {
                return fault("~ must be followed by 0 or 1");
            }
        }
    }
    Ok(())
}

fn relative_pointer(text: &str) -> Check {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return fault("must start with non-negative integer");
    }
    if count > 1 && text.starts_with('0') {
        return fault("starts with zero");
    }
    let rest = &text[count..];
    if rest == "#" { Ok(()) } else { pointer(rest) }
}

fn semver(text: &str) -> Check {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text;
    if let Some((before, build)) = rest.split_once('+') {
        if build.is_empty() {
            return fault("build is empty");
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return fault("build identifier is empty");
            }
            if let Some(bad) = identifier.chars().find(|&c| !valid(c)) {
                let bad = quoted_rune(bad);
                return Err(format!("invalid character {bad} in build identifier"));
            }
        }
        rest = before;
    }
    if let Some((before, release)) = rest.split_once('-') {
        for identifier in release.split('.') {
            if identifier.is_empty() {
                return fault("pre-release identifier is empty");
            }
            if let Some(bad) = identifier.chars().find(|&c| !valid(c)) {
                let bad = quoted_rune(bad);
                return Err(format!("invalid character {bad} in pre-release identifier"));
            }
            let numeric = identifier.bytes().all(|byte| byte.is_ascii_digit());
            if numeric && identifier.len() > 1 && identifier.starts_with('0') {
                return fault("pre-release numeric identifier starts with zero");
            }
        }
        rest = before;
    }
    let core: Vec<&str> = rest.split('.').collect();
    if core.len() != 3 {
        return fault("versionCore must have 3 numbers separated by dot");
    }
    for (number, name) in core.into_iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return Err(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return Err(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}

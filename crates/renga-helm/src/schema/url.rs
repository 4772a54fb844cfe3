//! URLs as Go's `net/url` (1.26) reads, resolves and writes them.
//!
//! Schema identifiers, references and the `uri` formats go through it; its error texts reach users.
//! The fragment is split off before: nothing here knows of `#`.

use std::fmt::Write as _;

use renga_gotemplate::quoted;

use super::format::ip;

/// A URL without fragment. Escaped texts stay as they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Url {
    scheme: String,
    opaque: String,
    user: Option<String>,
    /// Unescaped, with brackets and port.
    host: Vec<u8>,
    /// As written.
    path: String,
    query: String,
    bare_query: bool,
    omit_host: bool,
}

/// Where in a URL a text stands, which decides what may stand in it unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Path,
    Segment,
    Host,
    Zone,
    User,
    Fragment,
}

fn stays(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        return true;
    }
    let others: &[u8] = match part {
        Part::Path => b"$&+,/:;=@",
        Part::Segment => b"$&+:=@",
        Part::Host | Part::Zone => b"!\"$&'()*+,:;<=>[]",
        Part::User => b"$&+,;=",
        Part::Fragment => b"!$&()*+,/:;=?@",
    };
    others.contains(&byte)
}

fn escape(text: &[u8], part: Part) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text {
        if stays(byte, part) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unescape(text: &str, part: Part) -> Result<Vec<u8>, String> {
    let text = text.as_bytes();
    let bad = |end: usize, at: usize| {
        Err(format!("invalid URL escape {}", quoted(&text[at..end.min(text.len())])))
    };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if byte != b'%' {
            if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && !stays(byte, part) {
                return Err(format!("invalid character {} in host name", quoted(&[byte])));
            }
            out.push(byte);
            at += 1;
            continue;
        }
        let digit = |offset: usize| text.get(at + offset).and_then(|&b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(1), digit(2)) else { return bad(at + 3, at) };
        let code = u8::try_from(high * 16 + low).unwrap_or(0);
        if code != b'%'
            && (part == Part::Host && code.is_ascii()
                || part == Part::Zone && code != b' ' && !stays(code, Part::Host))
        {
            return bad(at + 3, at);
        }
        out.push(code);
        at += 3;
    }
    Ok(out)
}

/// Decodes a fragment, as Go's `PathUnescape`. Bytes that are no UTF-8 become U+FFFD.
pub(super) fn decode_fragment(text: &str) -> Result<String, String> {
    unescape(text, Part::Segment).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Encodes a JSON pointer or anchor for a fragment: every segment by itself.
pub(super) fn encode_fragment(text: &str) -> String {
    let segments: Vec<String> =
        text.split('/').map(|segment| escape(segment.as_bytes(), Part::Segment)).collect();
    segments.join("/")
}

impl Url {
    /// Reads a URL or a relative reference that has no fragment.
    ///
    /// # Errors
    ///
    /// Go's text, which names the URL.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|error| format!("parse {}: {error}", quoted(text.as_bytes())))
    }

    /// Reads a URL that may have a fragment, which is checked and dropped.
    ///
    /// # Errors
    ///
    /// Go's text, which names the URL.
    pub(super) fn parse_whole(text: &str) -> Result<Self, String> {
        let (main, fragment) = text.split_once('#').unwrap_or((text, ""));
        let url = Self::parse(main)?;
        unescape(fragment, Part::Fragment)
            .map_err(|error| format!("parse {}: {error}", quoted(text.as_bytes())))?;
        Ok(url)
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7F) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        if text == "*" {
            "*".clone_into(&mut url.path);
            return Ok(url);
        }
        let (scheme, mut rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        if let Some((before, query)) = rest.split_once('?') {
            url.bare_query = query.is_empty();
            query.clone_into(&mut url.query);
            rest = before;
        }
        if !rest.starts_with('/') {
            if url.is_absolute() {
                rest.clone_into(&mut url.opaque);
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let authority = rest.strip_prefix("//").filter(|after| {
            // Three slashes and no scheme: a path.
            url.is_absolute() || !after.starts_with('/')
        });
        if let Some(after) = authority {
            let end = after.find('/').unwrap_or(after.len());
            url.read_authority(&after[..end])?;
            rest = &after[end..];
        } else if url.is_absolute() && rest.starts_with('/') {
            url.omit_host = true;
        }
        unescape(rest, Part::Path)?;
        rest.clone_into(&mut url.path);
        Ok(url)
    }

    fn read_authority(&mut self, text: &str) -> Result<(), String> {
        let (user, host) = match text.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, text),
        };
        self.host = read_host(&self.scheme, host)?;
        let Some(user) = user else { return Ok(()) };
        let valid =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
        if !user.bytes().all(valid) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = match user.split_once(':') {
            Some((name, password)) => (name, Some(password)),
            None => (user, None),
        };
        let mut shown = escape(&unescape(name, Part::User)?, Part::User);
        if let Some(password) = password {
            shown.push(':');
            shown.push_str(&escape(&unescape(password, Part::User)?, Part::User));
        }
        self.user = Some(shown);
        Ok(())
    }

    pub(super) fn is_absolute(&self) -> bool {
        !self.scheme.is_empty()
    }

    pub(super) fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host with its port.
    pub(super) fn host(&self) -> &[u8] {
        &self.host
    }

    /// The host without port and brackets.
    pub(super) fn host_name(&self) -> &[u8] {
        let host = match self.host.iter().rposition(|&byte| byte == b':') {
            Some(colon) if is_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host[..],
        };
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    /// The path, unescaped.
    pub(super) fn path(&self) -> Vec<u8> {
        unescape(&self.path, Part::Path).unwrap_or_default()
    }

    /// Go's `RawPath`: the path as written, where escaping it the usual way would differ.
    pub(super) fn raw_path(&self) -> &str {
        if escape(&self.path(), Part::Path) == self.path { "" } else { &self.path }
    }

    fn escaped_path(&self) -> String {
        let valid = |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || stays(byte, Part::Path);
        if self.path == "*" || self.path.bytes().all(valid) {
            self.path.clone()
        } else {
            escape(&self.path(), Part::Path)
        }
    }

    /// Resolves a reference against this URL.
    pub(super) fn resolve(&self, reference: &Url) -> Url {
        let mut url = reference.clone();
        if !reference.is_absolute() {
            self.scheme.clone_into(&mut url.scheme);
        }
        if reference.is_absolute() || !reference.host.is_empty() || reference.user.is_some() {
            url.path = resolve_path(&reference.escaped_path(), "");
            return url;
        }
        if reference.path.is_empty() && !reference.bare_query && reference.query.is_empty() {
            self.query.clone_into(&mut url.query);
        }
        if !self.opaque.is_empty() {
            // An opaque base has no path to resolve against; it stays, whatever the reference.
            self.opaque.clone_into(&mut url.opaque);
            return url;
        }
        url.host.clone_from(&self.host);
        url.user.clone_from(&self.user);
        url.path = resolve_path(&self.escaped_path(), &reference.escaped_path());
        url
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        if self.is_absolute() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            let named = !self.host.is_empty() || self.user.is_some();
            if named || self.is_absolute() && !self.omit_host {
                if named || !self.path.is_empty() {
                    out.push_str("//");
                }
                if let Some(user) = &self.user {
                    out.push_str(user);
                    out.push('@');
                }
                out.push_str(&escape(&self.host, Part::Host));
            }
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            if out.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
                out.push_str("./");
            }
            out.push_str(&path);
        } else {
            out.push_str(&self.opaque);
        }
        if self.bare_query || !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        formatter.write_str(&out)
    }
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn is_port(text: &[u8]) -> bool {
    text.is_empty() || text[0] == b':' && text[1..].iter().all(u8::is_ascii_digit)
}

fn read_host(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    let checked = |port: &str| {
        if is_port(port.as_bytes()) {
            Ok(())
        } else {
            Err(format!("invalid port {} after host", quoted(port.as_bytes())))
        }
    };
    match host.rfind('[') {
        Some(0) => {
            let Some(close) = host.rfind(']') else {
                return Err("missing ']' in host".to_owned());
            };
            let port = &host[close + 1..];
            checked(port)?;
            let inner = &host[1..close];
            let name = match inner.find("%25") {
                Some(zone) => {
                    let mut name = unescape(&inner[..zone], Part::Host)?;
                    name.extend(unescape(&inner[zone..], Part::Zone)?);
                    name
                }
                None => unescape(inner, Part::Host)?,
            };
            match ip::parse(&name) {
                Err(error) => return Err(format!("invalid host: {error}")),
                Ok(ip::Address::V4) => return Err("invalid IP-literal".to_owned()),
                Ok(ip::Address::V6 { .. }) => {}
            }
            return Ok([b"[", name.as_slice(), b"]", port.as_bytes()].concat());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Some databases list hosts with ports; the schemes of the web may not.
    let colon = if matches!(scheme, "http" | "https") { host.find(':') } else { host.rfind(':') };
    if let Some(colon) = colon {
        checked(&host[colon..])?;
    }
    unescape(host, Part::Host)
}

/// Joins two escaped paths and removes `.` and `..`.
fn resolve_path(base: &str, reference: &str) -> String {
    let full = if reference.is_empty() {
        base.to_owned()
    } else if reference.starts_with('/') {
        reference.to_owned()
    } else {
        let end = base.rfind('/').map_or(0, |slash| slash + 1);
        format!("{}{reference}", &base[..end])
    };
    if full.is_empty() {
        return full;
    }
    let mut out = String::from("/");
    let mut first = true;
    for segment in full.split('/') {
        match segment {
            "." => first = false,
            ".." => {
                let keep = out[1..].rfind('/').map_or(1, |slash| slash + 1);
                out.truncate(keep);
                first = out.len() == 1;
            }
            _ => {
                if !first {
                    out.push('/');
                }
                out.push_str(segment);
                first = false;
            }
        }
    }
    if matches!(full.rsplit('/').next(), Some("." | "..")) {
        out.push('/');
    }
    if out[1..].starts_with('/') { out.split_off(1) } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_in_go() {
        // Recorded from Go 1.26 through jsonschema v6.0.3.
        for (base, reference, result) in [
            ("file:///values.schema.json", "x.json", "file:///x.json"),
            ("file:///values.schema.json", "../a/./b", "file:///a/b"),
            ("file:///values.schema.json", "", "file:///values.schema.json"),
            ("file:///values.schema.json", "//h/p", "file://h/p"),
            ("http://e.x/a/b?q", "c?d", "http://e.x/a/c?d"),
            ("http://e.x/a/b?q", "?", "http://e.x/a/b?"),
            ("http://u:p@e.x", "c d", "http://u:p@e.x/c%20d"),
            ("urn:uuid:1", "x", "urn:uuid:1"),
            ("urn:uuid:1", "", "urn:uuid:1"),
            ("http://e.x/a%2Fb/c", "d", "http://e.x/a%2Fb/d"),
        ] {
            let resolved = Url::parse(base).unwrap().resolve(&Url::parse(reference).unwrap());
            assert_eq!(resolved.to_string(), result, "{base} {reference}");
        }
    }

    #[test]
    fn errors_are_those_of_go() {
        for (text, message) in [
            (":x", "parse \":x\": missing protocol scheme"),
            ("a:b:c", ""),
            ("a b:c", "parse \"a b:c\": first path segment in URL cannot contain colon"),
            ("http://a b", "parse \"http://a b\": invalid character \" \" in host name"),
            ("http://a:x", "parse \"http://a:x\": invalid port \":x\" after host"),
            (
                "http://[a]",
                "parse \"http://[a]\": invalid host: ParseAddr(\"a\"): unable to parse IP",
            ),
            ("http://[1.2.3.4]", "parse \"http://[1.2.3.4]\": invalid IP-literal"),
            ("/%zz", "parse \"/%zz\": invalid URL escape \"%zz\""),
        ] {
            let found = Url::parse(text).err().unwrap_or_default();
            assert_eq!(found, message, "{text}");
        }
    }
}

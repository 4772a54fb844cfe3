//! URLs, after `net/url`.

use super::{D, Returned, S, fixed};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::text::quote;
use crate::value::{Map, Value};

pub(super) fn register(funcs: &mut FuncMap) {
    fixed(funcs, "urlParse", &[S], D, |_, a| match Url::parse(a.str(0)) {
        Ok(url) => Ok(Value::dict([
            ("scheme", Value::from(url.scheme)),
            ("host", Value::from(url.host.clone())),
            ("hostname", Value::from(hostname(&url.host).to_vec())),
            ("path", Value::from(url.path)),
            ("query", Value::from(url.query)),
            ("opaque", Value::from(url.opaque)),
            ("fragment", Value::from(url.fragment)),
            ("userinfo", Value::from(url.user.map(|user| user.show()).unwrap_or_default())),
        ])),
        Err(error) => Err(FuncError::new(format!("unable to parse url: {error}"))),
    });
    fixed(funcs, "urlJoin", &[D], S, |_, a| join(&a.map(0)));
}

/// The parts of a URL, unescaped where Go keeps them unescaped.
#[derive(Debug, Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    fragment: Vec<u8>,
    omit_host: bool,
}

#[derive(Debug)]
struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// Where in a URL a text stands, which decides what must be escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

fn should_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() {
        return false;
    }
    if matches!(part, Part::Host | Part::Zone) && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    match byte {
        b'-' | b'_' | b'.' | b'~' => return false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match part {
            Part::Path => return byte == b'?',
            Part::User => return matches!(byte, b'@' | b'/' | b'?' | b':'),
            Part::Fragment => return false,
            Part::Host | Part::Zone => {}
        },
        _ => {}
    }
    !(part == Part::Fragment && b"!()*".contains(&byte))
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if should_escape(byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn shown(text: &[u8]) -> String {
    quote::quoted(text)
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if byte == b'%' {
            let digit = |offset: usize| {
                text.get(at + offset).and_then(|&byte| char::from(byte).to_digit(16))
            };
            let (Some(high), Some(low)) = (digit(1), digit(2)) else {
                let end = text.len().min(at + 3);
                return Err(format!("invalid URL escape {}", shown(&text[at..end])));
            };
            let code = u8::try_from(high * 16 + low).unwrap_or(0);
            if part == Part::Host && code < 0x80 && &text[at..at + 3] != b"%25" {
                return Err(format!("invalid URL escape {}", shown(&text[at..at + 3])));
            }
            if part == Part::Zone
                && code != b'%'
                && code != b' '
                && should_escape(code, Part::Host)
                && &text[at..at + 3] != b"%25"
            {
                return Err(format!("invalid URL escape {}", shown(&text[at..at + 3])));
            }
            out.push(code);
            at += 3;
        } else {
            if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && should_escape(byte, part) {
                let bad = shown(&text[at..=at]);
                return Err(format!("invalid character {bad} in host name"));
            }
            out.push(byte);
            at += 1;
        }
    }
    Ok(out)
}

fn cut(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

fn hostname(host: &[u8]) -> &[u8] {
    if let Some(rest) = host.strip_prefix(b"[")
        && let Some((inner, _)) = cut(rest, b']')
    {
        return inner;
    }
    match host.iter().rposition(|&byte| byte == b':') {
        Some(colon) if valid_port(&host[colon..]) => &host[..colon],
        _ => host,
    }
}

fn valid_port(text: &[u8]) -> bool {
    text.is_empty() || text[0] == b':' && text[1..].iter().all(u8::is_ascii_digit)
}

impl Url {
    fn parse(text: &[u8]) -> Result<Url, String> {
        let (main, fragment) = cut(text, b'#').unwrap_or((text, b""));
        let wrap = |whole: &[u8], error: String| format!("parse {}: {error}", shown(whole));
        let mut url = Url::parse_main(main).map_err(|error| wrap(main, error))?;
        if !fragment.is_empty() {
            url.fragment = unescape(fragment, Part::Fragment).map_err(|error| wrap(text, error))?;
        }
        Ok(url)
    }

    fn parse_main(text: &[u8]) -> Result<Url, String> {
        if text.iter().any(|&byte| byte < b' ' || byte == 0x7F) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text == b"*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, mut rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        if let Some((before, query)) = cut(rest, b'?') {
            url.query = query.to_vec();
            rest = before;
        }
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            let segment = cut(rest, b'/').map_or(rest, |(segment, _)| segment);
            if segment.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let slashes = rest.starts_with(b"///");
        if (!url.scheme.is_empty() || !slashes) && rest.starts_with(b"//") {
            let after = &rest[2..];
            let end = after.iter().position(|&byte| byte == b'/').unwrap_or(after.len());
            url.parse_authority(&after[..end])?;
            rest = &after[end..];
        } else if !url.scheme.is_empty() && rest.starts_with(b"/") {
            url.omit_host = true;
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    fn parse_authority(&mut self, text: &[u8]) -> Result<(), String> {
        let at = text.iter().rposition(|&byte| byte == b'@');
        let host = at.map_or(text, |at| &text[at + 1..]);
        self.host = parse_host(host)?;
        let Some(at) = at else { return Ok(()) };
        let user = &text[..at];
        let valid =
            |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
        if !user.iter().all(valid) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        self.user = Some(match cut(user, b':') {
            Some((name, password)) => User {
                name: unescape(name, Part::User)?,
                password: Some(unescape(password, Part::User)?),
            },
            None => User { name: unescape(user, Part::User)?, password: None },
        });
        Ok(())
    }

    fn show(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some() {
                let bare = self.omit_host && self.host.is_empty() && self.user.is_none();
                let shown = !self.host.is_empty() || !self.path.is_empty() || self.user.is_some();
                if !bare && shown {
                    out.extend_from_slice(b"//");
                }
                if let Some(user) = &self.user {
                    out.extend_from_slice(&user.show());
                    out.push(b'@');
                }
                out.extend_from_slice(&escape(&self.host, Part::Host));
            }
            let path =
                if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
            if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
                out.push(b'/');
            }
            if out.is_empty() {
                let segment = cut(&path, b'/').map_or(&path[..], |(segment, _)| segment);
                if segment.contains(&b':') {
                    out.extend_from_slice(b"./");
                }
            }
            out.extend_from_slice(&path);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(&escape(&self.fragment, Part::Fragment));
        }
        out
    }
}

impl User {
    fn show(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend_from_slice(&escape(password, Part::User));
        }
        out
    }
}

fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => return Ok((b"", text)),
        }
    }
    Ok((b"", text))
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, String> {
    if let Some(open) = host.iter().position(|&byte| byte == b'[') {
        if open > 0 {
            return Err("invalid IP-literal".to_owned());
        }
        let Some(close) = host.iter().rposition(|&byte| byte == b']') else {
            return Err("missing ']' in host".to_owned());
        };
        let port = &host[close + 1..];
        if !valid_port(port) {
            return Err(format!("invalid port {} after host", shown(port)));
        }
        if let Some(zone) = super::strings::find(&host[..close], b"%25") {
            let mut out = unescape(&host[..zone], Part::Host)?;
            out.extend(unescape(&host[zone..close], Part::Zone)?);
            out.extend(unescape(&host[close..], Part::Host)?);
            return Ok(out);
        }
    } else if let Some(colon) = host.iter().rposition(|&byte| byte == b':') {
        let port = &host[colon..];
        if !valid_port(port) {
            return Err(format!("invalid port {} after host", shown(port)));
        }
    }
    unescape(host, Part::Host)
}

fn join(dict: &Map) -> Returned {
    let part = |key: &str| match dict.get(key.as_bytes()) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.to_vec()),
        Some(Value::Nil) => {
            Err(FuncError::new("runtime error: invalid memory address or nil pointer dereference"))
        }
        Some(other) => Err(FuncError::new(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            other.kind_name()
        ))),
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let user = part("userinfo")?;
    if !user.is_empty() {
        let text = [b"proto://", user.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&text).map_err(|error| {
            FuncError::new(format!("unable to parse userinfo in dict: {error}"))
        })?;
        url.user = parsed.user;
    }
    Ok(Value::from(url.show()))
}

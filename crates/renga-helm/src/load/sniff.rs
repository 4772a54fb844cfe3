//! What a file that is no archive looks like, in the terms of Go's `http.DetectContentType`.
//!
//! Only for an error message: Helm looks at the first 512 bytes and names their type. It pads
//! shorter files with zeros, which makes most short texts `application/octet-stream`.

/// How many bytes are looked at.
const LOOKED_AT: usize = 512;

const HTML_TAGS: [&str; 17] = [
    "<!DOCTYPE HTML",
    "<HTML",
    "<HEAD",
    "<SCRIPT",
    "<IFRAME",
    "<H1",
    "<DIV",
    "<FONT",
    "<TABLE",
    "<A",
    "<STYLE",
    "<TITLE",
    "<B",
    "<BODY",
    "<BR",
    "<P",
    "<!--",
];

/// Beginnings and types, in Go's order; a `?` in the beginning is any byte.
const BEFORE_MP4: [(&[u8], &str); 19] = [
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xFE\xFF??", "text/plain; charset=utf-16be"),
    (b"\xFF\xFE??", "text/plain; charset=utf-16le"),
    (b"\xEF\xBB\xBF?", "text/plain; charset=utf-8"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF????WEBPVP", "image/webp"),
    (b"\x89PNG\x0D\x0A\x1A\x0A", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"FORM????AIFF", "audio/aiff"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"RIFF????AVI ", "video/avi"),
    (b"RIFF????WAVE", "audio/wave"),
];

const AFTER_MP4: [(&[u8], &str); 11] = [
    (b"\x1A\x45\xDF\xA3", "video/webm"),
    (b"??????????????????????????????????LP", "application/vnd.ms-fontobject"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1A\x07\x00", "application/x-rar-compressed"),
    (b"Rar!\x1A\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x00\x61\x73\x6D", "application/wasm"),
];

/// The type of a file.
pub(super) fn content_type(bytes: &[u8]) -> &'static str {
    let mut data = bytes[..bytes.len().min(LOOKED_AT)].to_vec();
    data.resize(LOOKED_AT, 0);
    let text_at = data
        .iter()
        .position(|byte| !matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' '))
        .unwrap_or(data.len());
    let text = &data[text_at..];
    if HTML_TAGS.iter().any(|tag| is_tag(text, tag.as_bytes())) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    let matching = |table: &[(&[u8], &'static str)]| {
        table.iter().find(|(beginning, _)| begins(&data, beginning)).map(|(_, kind)| *kind)
    };
    if let Some(kind) = matching(&BEFORE_MP4) {
        return kind;
    }
    if is_mp4(&data) {
        return "video/mp4";
    }
    if let Some(kind) = matching(&AFTER_MP4) {
        return kind;
    }
    let is_binary = |byte: &u8| matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    if text.iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

fn begins(data: &[u8], beginning: &[u8]) -> bool {
    data.len() >= beginning.len()
        && beginning.iter().zip(data).all(|(want, have)| *want == b'?' || want == have)
}

fn is_tag(text: &[u8], tag: &[u8]) -> bool {
    text.len() > tag.len()
        && text[..tag.len()].eq_ignore_ascii_case(tag)
        && matches!(text[tag.len()], b' ' | b'>')
}

fn is_mp4(data: &[u8]) -> bool {
    let Some((size, rest)) = data.split_first_chunk::<4>() else { return false };
    let size = u32::from_be_bytes(*size) as usize;
    if data.len() < size || !size.is_multiple_of(4) || !rest.starts_with(b"ftyp") {
        return false;
    }
    (8..size).step_by(4).any(|at| at != 12 && data[at..].starts_with(b"mp4"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_go_names_them() {
        let long_text = "key: value\n".repeat(60);
        for (data, kind) in [
            (&b"short text"[..], "application/octet-stream"),
            (long_text.as_bytes(), "text/plain; charset=utf-8"),
            (b"  <html>", "text/html; charset=utf-8"),
            (b"<?xml version", "text/xml; charset=utf-8"),
            (b"%PDF-1.4", "application/pdf"),
            (b"PK\x03\x04rest", "application/zip"),
            (b"RIFF1234WAVE", "audio/wave"),
            (b"\xEF\xBB\xBFa", "text/plain; charset=utf-8"),
            (b"\0\0\0\x10ftypxxxx\0\0\0\0", "application/octet-stream"),
            (b"\0\0\0\x14ftypxxxx\0\0\0\0mp42", "video/mp4"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(content_type(data), kind, "{:?}", data.escape_ascii().to_string());
        }
    }
}

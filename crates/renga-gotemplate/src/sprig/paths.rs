//! Slash-separated paths. The `os` variants are those of Unix.

use super::{S, fixed};
use crate::func::FuncMap;
use crate::types::Type;
use crate::value::Value;

pub(super) fn register(funcs: &mut FuncMap) {
    for (base, dir, clean, ext, is_abs) in [
        ("base", "dir", "clean", "ext", "isAbs"),
        ("osBase", "osDir", "osClean", "osExt", "osIsAbs"),
    ] {
        fixed(funcs, base, &[S], S, |_, a| Ok(Value::from(base_name(a.str(0)))));
        fixed(funcs, dir, &[S], S, |_, a| {
            let path = a.str(0);
            let end = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
            Ok(Value::from(cleaned(&path[..end])))
        });
        fixed(funcs, clean, &[S], S, |_, a| Ok(Value::from(cleaned(a.str(0)))));
        fixed(funcs, ext, &[S], S, |_, a| {
            let path = a.str(0);
            let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
            let dot = path[name..].iter().rposition(|&byte| byte == b'.');
            Ok(Value::from(dot.map_or_else(Vec::new, |dot| path[name + dot..].to_vec())))
        });
        fixed(funcs, is_abs, &[S], Type::Bool, |_, a| Ok(Value::Bool(a.str(0).starts_with(b"/"))));
    }
}

fn base_name(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let Some(end) = path.iter().rposition(|&byte| byte != b'/') else { return b"/".to_vec() };
    let path = &path[..=end];
    let start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    path[start..].to_vec()
}

/// `path.Clean`: the shortest equal path.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                if parts.last().is_some_and(|&last| last != b"..") {
                    parts.pop();
                } else if !rooted {
                    parts.push(part);
                }
            }
            _ => parts.push(part),
        }
    }
    let mut out = if rooted { b"/".to_vec() } else { Vec::new() };
    out.extend_from_slice(&parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

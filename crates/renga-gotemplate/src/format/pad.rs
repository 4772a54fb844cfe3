//! Flags, padding, and the layout of numbers and strings.

use crate::text::{float, quote, rune};

/// The flags of a directive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) plus: bool,
    pub(crate) minus: bool,
    pub(crate) sharp: bool,
    pub(crate) space: bool,
    pub(crate) zero: bool,
    /// `%+v`.
    pub(crate) plus_v: bool,
    /// `%#v`.
    pub(crate) sharp_v: bool,
    pub(crate) width: Option<usize>,
    pub(crate) precision: Option<usize>,
}

impl Flags {
    fn fill(self, out: &mut Vec<u8>, count: usize) {
        let byte = if self.zero && !self.minus { b'0' } else { b' ' };
        out.extend(std::iter::repeat_n(byte, count));
    }

    /// Writes text padded to the width, counted in runes.
    pub(crate) fn pad(self, out: &mut Vec<u8>, text: &[u8]) {
        let missing = self.width.unwrap_or(0).saturating_sub(rune::count(text));
        if self.minus {
            out.extend_from_slice(text);
            self.fill(out, missing);
        } else {
            self.fill(out, missing);
            out.extend_from_slice(text);
        }
    }

    fn pad_with_spaces(self, out: &mut Vec<u8>, text: &[u8]) {
        Flags { zero: false, ..self }.pad(out, text);
    }

    /// Cuts text to the precision, counted in runes.
    pub(crate) fn truncate(self, text: &[u8]) -> &[u8] {
        match self.precision {
            Some(count) => {
                let end = rune::runes(text).nth(count).map_or(text.len(), |(at, _, _)| at);
                &text[..end]
            }
            None => text,
        }
    }

    /// An integer given by sign and magnitude, in base 2, 8, 10 or 16.
    pub(crate) fn integer(
        self,
        out: &mut Vec<u8>,
        negative: bool,
        magnitude: u64,
        base: u32,
        verb: char,
        upper: bool,
    ) {
        let mut wanted = 0;
        if let Some(precision) = self.precision {
            wanted = precision;
            if precision == 0 && magnitude == 0 {
                let count = self.width.unwrap_or(0);
                Flags { zero: false, ..self }.fill(out, count);
                return;
            }
        } else if let (true, false, Some(width)) = (self.zero, self.minus, self.width) {
            wanted = width;
            if negative || self.plus || self.space {
                wanted = wanted.saturating_sub(1);
            }
        }
        let digits = match (base, upper) {
            (2, _) => format!("{magnitude:b}"),
            (8, _) => format!("{magnitude:o}"),
            (16, false) => format!("{magnitude:x}"),
            (16, true) => format!("{magnitude:X}"),
            _ => magnitude.to_string(),
        };
        let mut body = String::new();
        if negative {
            body.push('-');
        } else if self.plus {
            body.push('+');
        } else if self.space {
            body.push(' ');
        }
        if verb == 'O' {
            body.push_str("0o");
        }
        let zeros = wanted.saturating_sub(digits.len());
        if self.sharp {
            match base {
                2 => body.push_str("0b"),
                8 if zeros == 0 && !digits.starts_with('0') => body.push('0'),
                16 => body.push_str(if upper { "0X" } else { "0x" }),
                _ => {}
            }
        }
        body.extend(std::iter::repeat_n('0', zeros));
        body.push_str(&digits);
        self.pad_with_spaces(out, body.as_bytes());
    }

    /// `%U`.
    pub(crate) fn unicode(self, out: &mut Vec<u8>, code: u64) {
        let digits = self.precision.unwrap_or(4).max(4);
        let mut body = format!("U+{code:0digits$X}").into_bytes();
        let rune = u32::try_from(code).ok().and_then(char::from_u32);
        if let Some(rune) = rune.filter(|&rune| self.sharp && rune::is_print(rune)) {
            body.extend_from_slice(b" '");
            rune::push(&mut body, rune);
            body.push(b'\'');
        }
        self.pad_with_spaces(out, &body);
    }

    /// `%c`.
    pub(crate) fn character(self, out: &mut Vec<u8>, code: u64) {
        let mut body = Vec::new();
        rune::push_code(&mut body, code);
        self.pad(out, &body);
    }

    /// `%q` of an integer.
    pub(crate) fn quoted_character(self, out: &mut Vec<u8>, code: u64) {
        let rune = u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(rune::RUNE_ERROR);
        let mut body = Vec::new();
        quote::push_quoted_rune(&mut body, rune, self.plus);
        self.pad(out, &body);
    }

    /// `%q` of a string.
    pub(crate) fn quoted(self, out: &mut Vec<u8>, text: &[u8]) {
        let text = self.truncate(text);
        let mut body = Vec::with_capacity(text.len() + 2);
        if self.sharp && quote::can_backquote(text) {
            body.push(b'`');
            body.extend_from_slice(text);
            body.push(b'`');
        } else {
            quote::push_quoted(&mut body, text, b'"', self.plus);
        }
        self.pad(out, &body);
    }

    /// `%x` and `%X` of a string.
    pub(crate) fn hex(self, out: &mut Vec<u8>, text: &[u8], upper: bool) {
        let text = &text[..self.precision.unwrap_or(text.len()).min(text.len())];
        let prefix: &[u8] = match (self.sharp, upper) {
            (false, _) => b"",
            (true, false) => b"0x",
            (true, true) => b"0X",
        };
        let mut body = Vec::new();
        for (index, byte) in text.iter().enumerate() {
            if index == 0 {
                body.extend_from_slice(prefix);
            } else if self.space {
                body.push(b' ');
                body.extend_from_slice(prefix);
            }
            let digits = if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
            body.extend_from_slice(digits.as_bytes());
        }
        self.pad(out, &body);
    }

    /// A float under one of `e E f F g G b x X`.
    pub(crate) fn float(self, out: &mut Vec<u8>, value: f64, verb: char, default: Option<usize>) {
        let precision = self.precision.or(default);
        let letter = match verb {
            'F' => b'f',
            'v' => b'g',
            _ => u8::try_from(verb).unwrap_or(b'g'),
        };
        let text = float::format(value, letter, precision);
        let (sign, mut body) = match text.as_bytes() {
            [sign @ (b'+' | b'-'), rest @ ..] => (*sign, rest.to_vec()),
            rest => (b'+', rest.to_vec()),
        };
        let mut sign = sign;
        if self.space && sign == b'+' && !self.plus {
            sign = b' ';
        }
        if !value.is_finite() {
            let bare = value.is_nan() && !self.space && !self.plus || sign == b'+' && !self.plus;
            let mut whole = if bare { Vec::new() } else { vec![sign] };
            if value.is_infinite() && sign == b'+' && !self.plus {
                whole = vec![b'+'];
            }
            whole.extend_from_slice(&body);
            self.pad_with_spaces(out, &whole);
            return;
        }
        if self.sharp && letter != b'b' {
            keep_point(&mut body, letter, precision);
        }
        if self.plus || sign != b'+' {
            let width = self.width.unwrap_or(0);
            if self.zero && !self.minus && width > body.len() + 1 {
                out.push(sign);
                self.fill(out, width - body.len() - 1);
                out.extend_from_slice(&body);
                return;
            }
            body.insert(0, sign);
        }
        self.pad(out, &body);
    }
}

/// The `#` flag: always a decimal point, and for `%g` the trailing zeros.
fn keep_point(body: &mut Vec<u8>, letter: u8, precision: Option<usize>) {
    let hex = matches!(letter, b'x' | b'X');
    let mut digits = match letter {
        b'g' | b'G' | b'x' => i64::try_from(precision.unwrap_or(6)).unwrap_or(i64::MAX),
        _ => 0,
    };
    let tail = body
        .iter()
        .position(
            |&byte| if hex { matches!(byte, b'p' | b'P') } else { matches!(byte, b'e' | b'E') },
        )
        .unwrap_or(body.len());
    let tail = body.split_off(tail);
    let mut point = false;
    let mut nonzero = false;
    for &byte in body.iter() {
        if byte == b'.' {
            point = true;
        } else {
            nonzero |= byte != b'0';
            if nonzero {
                digits -= 1;
            }
        }
    }
    if !point {
        if body.as_slice() == b"0" {
            digits -= 1;
        }
        body.push(b'.');
    }
    while digits > 0 {
        body.push(b'0');
        digits -= 1;
    }
    body.extend_from_slice(&tail);
}

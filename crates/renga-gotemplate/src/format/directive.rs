//! Format strings: flags, widths, precisions, argument indexes and verbs.

use crate::format::pad::Flags;
use crate::format::printer::Printer;
use crate::text::rune;
use crate::value::Value;

/// The largest width, precision or index Go accepts.
const LARGEST: i64 = 1_000_000;

struct Directives<'f> {
    format: &'f [u8],
    values: &'f [Value],
    at: usize,
    arg: usize,
    reordered: bool,
    good_index: bool,
    /// Whether an explicit index has just been read.
    after_index: bool,
    printer: Printer,
}

/// Runs a format string.
pub(crate) fn run(format: &[u8], values: &[Value]) -> Vec<u8> {
    let mut directives = Directives {
        format,
        values,
        at: 0,
        arg: 0,
        reordered: false,
        good_index: true,
        after_index: false,
        printer: Printer::default(),
    };
    while directives.at < format.len() {
        let rest = &format[directives.at..];
        let text = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
        directives.printer.out.extend_from_slice(&rest[..text]);
        directives.at += text;
        if directives.at >= format.len() {
            break;
        }
        directives.at += 1;
        if !directives.one() {
            break;
        }
    }
    directives.extra();
    directives.printer.out
}

impl Directives<'_> {
    fn byte(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Reads and runs one directive; `false` at the end of the format.
    fn one(&mut self) -> bool {
        self.printer.flags = Flags::default();
        self.good_index = true;
        self.after_index = false;
        loop {
            let flags = &mut self.printer.flags;
            match self.format.get(self.at) {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        self.index();
        if self.byte() == Some(b'*') {
            self.at += 1;
            match self.int_argument() {
                Some(width) => {
                    self.printer.flags.width =
                        Some(usize::try_from(width.unsigned_abs()).unwrap_or(0));
                    if width < 0 {
                        self.printer.flags.minus = true;
                        self.printer.flags.zero = false;
                    }
                }
                None => self.printer.out.extend_from_slice(b"%!(BADWIDTH)"),
            }
            self.after_index = false;
        } else {
            self.printer.flags.width = self.number();
            if self.after_index && self.printer.flags.width.is_some() {
                self.good_index = false;
            }
        }
        if self.byte() == Some(b'.') && self.at + 1 < self.format.len() {
            self.at += 1;
            if self.after_index {
                self.good_index = false;
            }
            self.index();
            if self.byte() == Some(b'*') {
                self.at += 1;
                match self.int_argument() {
                    Some(precision) if precision >= 0 => {
                        self.printer.flags.precision =
                            Some(usize::try_from(precision).unwrap_or(0));
                    }
                    _ => self.printer.out.extend_from_slice(b"%!(BADPREC)"),
                }
                self.after_index = false;
            } else {
                self.printer.flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !self.after_index {
            self.index();
        }
        if self.at >= self.format.len() {
            self.printer.out.extend_from_slice(b"%!(NOVERB)");
            return false;
        }
        let (verb, width) = rune::decode(&self.format[self.at..]);
        self.at += width;
        if verb == '%' {
            self.printer.out.push(b'%');
        } else if !self.good_index {
            self.bad(verb, b"(BADINDEX)");
        } else if let Some(value) = self.values.get(self.arg) {
            if verb == 'v' || verb == 'w' {
                let flags = &mut self.printer.flags;
                flags.sharp_v = std::mem::take(&mut flags.sharp);
                flags.plus_v = std::mem::take(&mut flags.plus);
            }
            self.printer.argument(value, verb);
            self.arg += 1;
        } else {
            self.bad(verb, b"(MISSING)");
        }
        true
    }

    fn bad(&mut self, verb: char, text: &[u8]) {
        self.printer.out.extend_from_slice(b"%!");
        rune::push(&mut self.printer.out, verb);
        self.printer.out.extend_from_slice(text);
    }

    /// Reads decimal digits.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            let value = number.unwrap_or(0);
            if value > LARGEST {
                self.at = self.format.len();
                return None;
            }
            number = Some(value * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// Takes the next argument as a width or precision.
    fn int_argument(&mut self) -> Option<i64> {
        let value = self.values.get(self.arg)?;
        self.arg += 1;
        let number = match value {
            Value::Int(_, number) => *number,
            Value::Uint(_, number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (-LARGEST..=LARGEST).contains(&number).then_some(number)
    }

    /// Reads an explicit argument index such as `[2]`.
    fn index(&mut self) {
        if self.byte() != Some(b'[') {
            self.after_index = false;
            return;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = if rest.len() < 3 { None } else { rest.iter().position(|&b| b == b']') };
        let Some(close) = close else {
            self.at += 1;
            self.good_index = false;
            self.after_index = false;
            return;
        };
        let digits = &rest[1..close];
        self.at += close + 1;
        let mut index = Some(0_i64);
        for &digit in digits {
            index = match index {
                Some(value) if digit.is_ascii_digit() && value <= LARGEST => {
                    Some(value * 10 + i64::from(digit - b'0'))
                }
                _ => None,
            };
        }
        let index = index.filter(|_| !digits.is_empty());
        let position = index.and_then(|index| usize::try_from(index - 1).ok());
        match position {
            Some(position) if position < self.values.len() => {
                self.arg = position;
                self.after_index = true;
            }
            _ => {
                self.good_index = false;
                self.after_index = index.is_some();
            }
        }
    }

    /// Reports arguments that no directive used.
    fn extra(&mut self) {
        if self.reordered || self.arg >= self.values.len() {
            return;
        }
        self.printer.flags = Flags::default();
        self.printer.out.extend_from_slice(b"%!(EXTRA ");
        let values = self.values;
        for (index, value) in values[self.arg..].iter().enumerate() {
            if index > 0 {
                self.printer.out.extend_from_slice(b", ");
            }
            if matches!(value, Value::Nil) {
                self.printer.out.extend_from_slice(b"<nil>");
            } else {
                self.printer.out.extend_from_slice(value.type_name().as_bytes());
                self.printer.out.push(b'=');
                self.printer.argument(value, 'v');
            }
        }
        self.printer.out.push(b')');
    }
}

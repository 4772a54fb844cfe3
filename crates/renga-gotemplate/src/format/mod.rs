//! Go's `fmt`: how values print, with and without verbs.
//!
//! [`directive`] reads format strings, [`printer`] writes values under a verb, [`pad`] knows
//! flags, widths and numbers. Nothing here fails: misuse prints Go's `%!` texts.

mod directive;
mod pad;
mod printer;

use crate::value::Value;
use printer::Printer;

/// `fmt.Sprint`: a space between operands when neither is a string.
pub(crate) fn sprint(values: &[Value]) -> Vec<u8> {
    let mut printer = Printer::default();
    let mut previous_is_string = false;
    for (index, value) in values.iter().enumerate() {
        let is_string = matches!(value, Value::Str(_));
        if index > 0 && !is_string && !previous_is_string {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v');
        previous_is_string = is_string;
    }
    printer.out
}

/// `fmt.Sprintln`.
pub(crate) fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut printer = Printer::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v');
    }
    printer.out.push(b'\n');
    printer.out
}

/// `fmt.Sprintf`.
pub(crate) fn sprintf(format: &[u8], values: &[Value]) -> Vec<u8> {
    directive::run(format, values)
}

/// Appends a value as `%v` writes it.
pub(crate) fn print_value(out: &mut Vec<u8>, value: &Value) {
    let mut printer = Printer { out: std::mem::take(out), ..Printer::default() };
    printer.argument(value, 'v');
    *out = printer.out;
}

/// A value as `%v` writes it.
pub(crate) fn display(value: &Value) -> String {
    let mut out = Vec::new();
    print_value(&mut out, value);
    String::from_utf8_lossy(&out).into_owned()
}

//! `%` and `std.format`.
//!
//! Numbers are computed in the steps of the Jsonnet code that defines them, because every rounding
//! shows. Templates are parsed once for an evaluation.

use std::rc::Rc;

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::heap::value::Value;
use crate::library::maths::logarithm;
use crate::manifest::number;

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Size {
    None,
    Star,
    Given(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Conversion {
    Decimal,
    Octal,
    Hex,
    Scientific,
    Float,
    General,
    Char,
    Str,
    Percent,
}

#[derive(Clone, Debug)]
struct Code {
    key: Option<String>,
    alternate: bool,
    zero: bool,
    left: bool,
    blank: bool,
    plus: bool,
    width: Size,
    precision: Size,
    conversion: Conversion,
    capitals: bool,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Code(Code),
}

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

struct Parser<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
}

impl Parser<'_> {
    fn peek(&mut self) -> Res<char> {
        match self.rest.peek() {
            Some(&character) => Ok(character),
            None => fail("Truncated format code."),
        }
    }

    fn take(&mut self) -> Res<char> {
        let character = self.peek()?;
        self.rest.next();
        Ok(character)
    }

    fn size(&mut self) -> Res<Size> {
        if self.rest.peek() == Some(&'*') {
            self.rest.next();
            return Ok(Size::Star);
        }
        let mut value = 0.0;
        while let Some(digit) = self.peek()?.to_digit(10) {
            value = value * 10.0 + f64::from(digit);
            self.rest.next();
        }
        Ok(Size::Given(value))
    }

    fn code(&mut self) -> Res<Code> {
        let mut key = None;
        if self.peek()? == '(' {
            self.rest.next();
            let mut name = String::new();
            loop {
                match self.take()? {
                    ')' => break,
                    character => name.push(character),
                }
            }
            key = Some(name);
        }
        let mut code = Code {
            key,
            alternate: false,
            zero: false,
            left: false,
            blank: false,
            plus: false,
            width: Size::None,
            precision: Size::None,
            conversion: Conversion::Percent,
            capitals: false,
        };
        loop {
            match self.peek()? {
                '#' => code.alternate = true,
                '0' => code.zero = true,
                '-' => code.left = true,
                ' ' => code.blank = true,
                '+' => code.plus = true,
                _ => break,
            }
            self.rest.next();
        }
        code.width = self.size()?;
        if self.peek()? == '.' {
            self.rest.next();
            code.precision = self.size()?;
        }
        if matches!(self.peek()?, 'h' | 'l' | 'L') {
            self.rest.next();
        }
        let letter = self.take()?;
        code.capitals = letter.is_ascii_uppercase();
        code.conversion = match letter {
            'd' | 'i' | 'u' => Conversion::Decimal,
            'o' => Conversion::Octal,
            'x' | 'X' => Conversion::Hex,
            'e' | 'E' => Conversion::Scientific,
            'f' | 'F' => Conversion::Float,
            'g' | 'G' => Conversion::General,
            'c' => Conversion::Char,
            's' => Conversion::Str,
            '%' => Conversion::Percent,
            other => return fail(format!("Unrecognised conversion type: {other}")),
        };
        Ok(code)
    }
}

fn parse(text: &str) -> Res<Template> {
    let mut parser = Parser { rest: text.chars().peekable() };
    let mut pieces = Vec::new();
    let mut current = String::new();
    while let Some(character) = parser.rest.next() {
        if character != '%' {
            current.push(character);
            continue;
        }
        if !current.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut current)));
        }
        pieces.push(Piece::Code(parser.code()?));
    }
    if !current.is_empty() {
        pieces.push(Piece::Text(current));
    }
    Ok(Template { pieces })
}

/// Appends as many `fill` as are missing to `width`.
fn padding(width: f64, len: usize, fill: char, out: &mut String) {
    #[expect(clippy::cast_precision_loss, reason = "lengths are exact as doubles")]
    let mut missing = width - len as f64;
    while missing > 0.0 {
        out.push(fill);
        missing -= 1.0;
    }
}

fn pad_left(text: &str, width: f64, fill: char) -> String {
    let mut out = String::new();
    padding(width, text.chars().count(), fill, &mut out);
    out.push_str(text);
    out
}

#[derive(Clone, Copy)]
struct Sign {
    blank: bool,
    plus: bool,
}

impl Sign {
    fn text(self, negative: bool) -> &'static str {
        if negative {
            "-"
        } else if self.plus {
            "+"
        } else if self.blank {
            " "
        } else {
            ""
        }
    }

    fn width(self, negative: bool) -> f64 {
        if negative || self.blank || self.plus { 1.0 } else { 0.0 }
    }
}

/// The digits of a whole number, as division in doubles gives them.
fn digits(mut value: f64, radix: f64, digit: impl Fn(f64, &mut String)) -> String {
    let mut parts: Vec<String> = Vec::new();
    while value != 0.0 && parts.len() < 2000 {
        let mut part = String::new();
        digit(value % radix, &mut part);
        parts.push(part);
        value = (value / radix).floor();
    }
    parts.reverse();
    parts.concat()
}

fn integer(
    negative: bool,
    magnitude: f64,
    min_chars: f64,
    min_digits: f64,
    sign: Sign,
    radix: f64,
    prefix: &str,
) -> String {
    let mut text = if magnitude == 0.0 {
        "0".to_owned()
    } else if radix == 10.0 && magnitude < 9e15 {
        let mut text = String::new();
        number::write(magnitude, &mut text);
        text
    } else {
        let body = digits(magnitude, radix, number::write);
        format!("{prefix}{body}")
    };
    if radix == 10.0 && !prefix.is_empty() && magnitude != 0.0 && magnitude < 9e15 {
        text.insert_str(0, prefix);
    }
    let width = (min_chars - sign.width(negative)).max(min_digits);
    format!("{}{}", sign.text(negative), pad_left(&text, width, '0'))
}

fn hexadecimal(
    value: f64,
    min_chars: f64,
    min_digits: f64,
    sign: Sign,
    prefixed: bool,
    capitals: bool,
) -> String {
    let negative = value < 0.0;
    let whole = value.abs().floor();
    let numerals = if capitals { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than 16")]
    let text = if whole == 0.0 {
        "0".to_owned()
    } else {
        digits(whole, 16.0, |digit, out| out.push(char::from(numerals[digit as usize % 16])))
    };
    let prefix = match (prefixed, capitals) {
        (false, _) => "",
        (true, false) => "0x",
        (true, true) => "0X",
    };
    let width = min_chars - sign.width(negative) - if prefixed { 2.0 } else { 0.0 };
    format!("{}{prefix}{}", sign.text(negative), pad_left(&text, width.max(min_digits), '0'))
}

/// The layout of a number with a fraction.
#[derive(Clone, Copy)]
struct Fraction {
    zero_pad: f64,
    sign: Sign,
    point: bool,
    trailing: bool,
    precision: f64,
}

fn power(exponent: f64) -> Res<f64> {
    match crate::eval::operators::checked(crate::library::maths::power(10.0, exponent))? {
        Value::Num(value) => Ok(value),
        _ => Ok(0.0),
    }
}

fn decimal(value: f64, layout: Fraction) -> Res<String> {
    let precision = layout.precision;
    let denominator = power(precision)?;
    let magnitude = value.abs();
    let numerator = magnitude * denominator + 0.5;
    if !numerator.is_finite() {
        return fail("Overflow");
    }
    let whole = if magnitude > 0.0 { (numerator / denominator).floor() } else { 0.0 };
    let fraction = numerator.floor() % denominator;
    let dot = if precision == 0.0 && !layout.point { 0.0 } else { 1.0 };
    let zero_pad = layout.zero_pad - precision - dot;
    let mut text = integer(value < 0.0, whole, zero_pad, 0.0, layout.sign, 10.0, "");
    if precision == 0.0 {
        if layout.point {
            text.push('.');
        }
        return Ok(text);
    }
    if layout.trailing || fraction > 0.0 {
        let none = Sign { blank: false, plus: false };
        let digits = integer(false, fraction, precision, 0.0, none, 10.0, "");
        text.push('.');
        text.push_str(if layout.trailing { &digits } else { digits.trim_end_matches('0') });
    }
    Ok(text)
}

fn scientific(value: f64, layout: Fraction, capitals: bool) -> Res<String> {
    let exponent = exponent_of(value);
    let mut suffix = String::from(if capitals { "E" } else { "e" });
    let plus = Sign { blank: false, plus: true };
    suffix.push_str(&integer(exponent < 0.0, exponent.abs(), 3.0, 0.0, plus, 10.0, ""));
    let mantissa = if exponent == -324.0 {
        value * 10.0 / power(exponent + 1.0)?
    } else {
        value / power(exponent)?
    };
    #[expect(clippy::cast_precision_loss, reason = "a short text")]
    let zero_pad = layout.zero_pad - suffix.len() as f64;
    let mut text = decimal(mantissa, Fraction { zero_pad, ..layout })?;
    text.push_str(&suffix);
    Ok(text)
}

fn exponent_of(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { (logarithm(value.abs()) / logarithm(10.0)).floor() }
}

impl Vm<'_> {
    fn template(&mut self, text: &Rc<str>) -> Res<Rc<Template>> {
        if let Some(template) = self.templates.get(&**text) {
            return Ok(template.clone());
        }
        let template = Rc::new(parse(text)?);
        if self.templates.len() < 4096 {
            self.templates.insert(text.clone(), template.clone());
        }
        Ok(template)
    }

    /// `template % values`; both are kept.
    pub(crate) fn format(&mut self, template: u32, values: Value) -> Res<Value> {
        let text = self.heap.text(template);
        let template = self.template(&text)?;
        let mut out = String::with_capacity(text.len() + 32);
        match values {
            Value::Obj(object) => self.format_object(&template, object, &mut out)?,
            Value::Arr(array) => self.format_array(&template, array, &mut out)?,
            value => {
                let array = self.heap.array(vec![value]);
                self.stack.push(array);
                if let Value::Arr(array) = array {
                    self.format_array(&template, array, &mut out)?;
                }
                self.stack.pop();
            }
        }
        Ok(self.heap.string(out))
    }

    fn star(&mut self, array: u32, next: &mut usize) -> Res<Value> {
        let len = self.heap.array_len(array);
        if *next >= len {
            return fail(format!("Not enough values to format: {len}, expected at least {next}"));
        }
        *next += 1;
        self.element(array, *next - 1)
    }

    fn format_array(&mut self, template: &Template, array: u32, out: &mut String) -> Res<()> {
        let len = self.heap.array_len(array);
        let mut next = 0;
        for piece in &template.pieces {
            let code = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Code(code) => code,
            };
            let (mut star_width, mut star_precision) = (Value::Null, Value::Null);
            let mut width = match code.width {
                Size::Star => {
                    star_width = self.star(array, &mut next)?;
                    0.0
                }
                Size::Given(width) => width,
                Size::None => 0.0,
            };
            let mut precision = match code.precision {
                Size::Star => {
                    star_precision = self.star(array, &mut next)?;
                    None
                }
                Size::Given(precision) => Some(precision),
                Size::None => None,
            };
            if code.conversion != Conversion::Percent && next >= len {
                return fail(format!(
                    "Not enough values to format: {len}, expected more than {next}"
                ));
            }
            if code.width == Size::Star {
                width = self.number(star_width)?;
            }
            if code.precision == Size::Star {
                precision = Some(self.number(star_precision)?);
            }
            if code.conversion == Conversion::Percent {
                pad("%", width, code.left, out);
                continue;
            }
            let value = self.element(array, next)?;
            if code.conversion == Conversion::Str
                && width == 0.0
                && let Value::Str(string) = value
                && let Some(text) = self.heap.flat(string)
            {
                out.push_str(text);
            } else {
                self.stack.push(value);
                let text = self.format_code(value, code, width, precision, &next.to_string())?;
                self.stack.pop();
                pad(&text, width, code.left, out);
            }
            next += 1;
        }
        if next < len {
            return fail(format!("Too many values to format: {len}, expected {next}"));
        }
        Ok(())
    }

    fn format_object(&mut self, template: &Template, object: u32, out: &mut String) -> Res<()> {
        for piece in &template.pieces {
            let code = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Code(code) => code,
            };
            let width = match code.width {
                Size::Star => return fail("Cannot use * field width with object."),
                Size::Given(width) => width,
                Size::None => 0.0,
            };
            if code.conversion == Conversion::Percent {
                pad("%", width, code.left, out);
                continue;
            }
            let Some(key) = &code.key else { return fail("Mapping keys required.") };
            let precision = match code.precision {
                Size::Star => return fail("Cannot use * precision with object."),
                Size::Given(precision) => Some(precision),
                Size::None => None,
            };
            if !self.has_field(object, key, true) {
                return fail(format!("No such field: {key}"));
            }
            let name = self.symbols.number(key);
            let value = self.field_or_fail(object, name)?;
            self.stack.push(value);
            let text = self.format_code(value, code, width, precision, key)?;
            self.stack.pop();
            pad(&text, width, code.left, out);
        }
        Ok(())
    }

    fn format_code(
        &mut self,
        value: Value,
        code: &Code,
        width: f64,
        precision: Option<f64>,
        place: &str,
    ) -> Res<Rc<str>> {
        match code.conversion {
            Conversion::Str => return self.to_text(value),
            Conversion::Percent => return Ok("%".into()),
            Conversion::Char => {
                return match value {
                    Value::Num(_) => {
                        let base = self.stack.len();
                        self.stack.push(value);
                        let character = crate::library::strings::char(self, base)?;
                        self.stack.truncate(base);
                        self.to_text(character)
                    }
                    Value::Str(string) => match self.heap.char_len(string) {
                        1 => Ok(self.heap.text(string)),
                        len => fail(format!("%c expected 1-sized string got: {len}")),
                    },
                    other => {
                        fail(format!("%c expected number / string, got: {}", other.type_name()))
                    }
                };
            }
            _ => {}
        }
        let Value::Num(number) = value else {
            return fail(format!("Format required number at {place}, got {}", value.type_name()));
        };
        let sign = Sign { blank: code.blank, plus: code.plus };
        let zero_pad = if code.zero && !code.left { width } else { 0.0 };
        let whole = precision.unwrap_or(0.0);
        let digits = precision.unwrap_or(6.0);
        let layout =
            Fraction { zero_pad, sign, point: code.alternate, trailing: true, precision: digits };
        let text = match code.conversion {
            Conversion::Decimal => {
                integer(number <= -1.0, number.abs().floor(), zero_pad, whole, sign, 10.0, "")
            }
            Conversion::Octal => {
                let prefix = if code.alternate { "0" } else { "" };
                integer(number <= -1.0, number.abs().floor(), zero_pad, whole, sign, 8.0, prefix)
            }
            Conversion::Hex => {
                hexadecimal(number.floor(), zero_pad, whole, sign, code.alternate, code.capitals)
            }
            Conversion::Float => decimal(number, layout)?,
            Conversion::Scientific => scientific(number, layout, code.capitals)?,
            _ => {
                let exponent = exponent_of(number);
                let layout = Fraction { trailing: code.alternate, ..layout };
                if exponent < -4.0 || exponent >= digits {
                    scientific(
                        number,
                        Fraction { precision: digits - 1.0, ..layout },
                        code.capitals,
                    )?
                } else {
                    let before = (exponent + 1.0).max(1.0);
                    decimal(number, Fraction { precision: digits - before, ..layout })?
                }
            }
        };
        Ok(text.into())
    }
}

fn pad(text: &str, width: f64, left: bool, out: &mut String) {
    if width <= 0.0 {
        out.push_str(text);
        return;
    }
    let len = text.chars().count();
    if left {
        out.push_str(text);
        padding(width, len, ' ', out);
    } else {
        padding(width, len, ' ', out);
        out.push_str(text);
    }
}

//! The duration functions of Helm 4: lengths of time in several spellings.
//!
//! Numbers are seconds; strings are Go's duration notation, or a number of seconds.

use std::rc::Rc;

use renga_gotemplate::{Args, FuncError, FuncMap, GoStr, NamedType, Object, Type, Value};

static DURATION: NamedType =
    NamedType { name: "time.Duration", underlying: Type::INT64, ..super::objects::PLAIN };

/// A `time.Duration`.
#[derive(Debug)]
struct Duration(i64);

impl Object for Duration {
    fn ty(&self) -> Type {
        Type::Named(&DURATION)
    }

    fn display(&self) -> Option<GoStr> {
        Some(GoStr::from(text(self.0)))
    }

    fn truth(&self) -> bool {
        self.0 != 0
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::int64(self.0))
    }
}

const SECOND: i64 = 1_000_000_000;

/// Adds the functions.
pub(super) fn register(funcs: &mut FuncMap) {
    const ANY: &[Type] = &[Type::Any];
    const TWO: &[Type] = &[Type::Any, Type::Any];
    funcs.add("mustToDuration", ANY, false, Type::Named(&DURATION), |_, args| {
        parse(args.any(0)).map(duration).map_err(FuncError::new)
    });
    let floats: [(&str, f64); 5] = [
        ("durationSeconds", 1.0),
        ("durationMinutes", 60.0),
        ("durationHours", 3600.0),
        ("durationDays", 86400.0),
        ("durationWeeks", 604_800.0),
    ];
    for (name, unit) in floats {
        funcs.add(name, ANY, false, Type::Float64, move |_, args| {
            let nanos = parse(args.any(0)).unwrap_or(0);
            Ok(Value::Float(match unit {
                1.0 => split(nanos, SECOND),
                60.0 => split(nanos, 60 * SECOND),
                3600.0 => split(nanos, 3600 * SECOND),
                86400.0 => split(nanos, 3600 * SECOND) / 24.0,
                _ => split(nanos, 3600 * SECOND) / 24.0 / 7.0,
            }))
        });
    }
    let integers: [(&str, i64); 3] = [
        ("durationMilliseconds", 1_000_000),
        ("durationMicroseconds", 1_000),
        ("durationNanoseconds", 1),
    ];
    for (name, unit) in integers {
        funcs.add(name, ANY, false, Type::INT64, move |_, args| {
            Ok(Value::int64(parse(args.any(0)).unwrap_or(0) / unit))
        });
    }
    funcs.add("durationRoundTo", TWO, false, Type::Named(&DURATION), |_, args| {
        Ok(duration(to_multiple(args, round)))
    });
    funcs.add("durationTruncateTo", TWO, false, Type::Named(&DURATION), |_, args| {
        Ok(duration(to_multiple(
            args,
            |nanos, of| if of <= 0 { nanos } else { nanos - nanos % of },
        )))
    });
}

fn duration(nanos: i64) -> Value {
    Value::Object(Rc::new(Duration(nanos)))
}

fn to_multiple(args: &Args<'_>, adjust: fn(i64, i64) -> i64) -> i64 {
    let Ok(nanos) = parse(args.any(0)) else { return 0 };
    parse(args.any(1)).map_or(nanos, |of| adjust(nanos, of))
}

fn round(nanos: i64, of: i64) -> i64 {
    if of <= 0 {
        return nanos;
    }
    let rest = nanos % of;
    let up = rest.unsigned_abs() >= of.unsigned_abs() - rest.unsigned_abs();
    let down = nanos - rest;
    match (up, nanos < 0) {
        (false, _) => down,
        (true, true) => down.checked_sub(of).unwrap_or(i64::MIN),
        (true, false) => down.checked_add(of).unwrap_or(i64::MAX),
    }
}

#[expect(clippy::cast_precision_loss, reason = "as Go converts")]
fn split(nanos: i64, unit: i64) -> f64 {
    (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64
}

/// Nanoseconds of anything that stands for a duration.
fn parse(value: &Value) -> Result<i64, String> {
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        Value::Object(object) if object.ty() == Type::Named(&DURATION) => match object.to_json() {
            Some(Value::Int(_, nanos)) => Ok(nanos),
            _ => Err("invalid duration".to_owned()),
        },
        Value::Str(text) => {
            let shown = text.to_text();
            let trimmed = shown.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Some(nanos) = parse_text(trimmed) {
                return Ok(nanos);
            }
            match trimmed.parse::<f64>() {
                Ok(seconds) => from_float(seconds),
                Err(_) => Err(format!("could not parse duration {shown:?}")),
            }
        }
        Value::Int(_, seconds) => seconds
            .checked_mul(SECOND)
            .ok_or_else(|| format!("duration seconds overflow: {seconds}")),
        Value::Uint(_, seconds) => i64::try_from(*seconds)
            .ok()
            .and_then(|seconds| seconds.checked_mul(SECOND))
            .ok_or_else(|| format!("duration seconds overflow: {seconds}")),
        Value::Float(seconds) => from_float(*seconds),
        other => Err(format!("unsupported duration type {}", other.type_name())),
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as Go converts")]
fn from_float(seconds: f64) -> Result<i64, String> {
    let shown = || {
        let text = super::convert::go_text(&Value::Float(seconds));
        String::from_utf8_lossy(&text).into_owned()
    };
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", shown()));
    }
    let nanos = seconds * SECOND as f64;
    if nanos.abs() > i64::MAX as f64 {
        return Err(format!("duration seconds overflow: {}", shown()));
    }
    Ok(nanos as i64)
}

/// Go's notation: `-1h2m3.5s`.
fn parse_text(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let whole_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(whole_end);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => {
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                after.split_at(end)
            }
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let unit: i128 = match &after[..unit_end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        if whole.len() > 19 {
            return None;
        }
        total += whole.parse::<i128>().unwrap_or(0) * unit;
        let digits = &fraction[..fraction.len().min(18)];
        if !digits.is_empty() {
            let scale = 10_i128.pow(u32::try_from(digits.len()).unwrap_or(18));
            total += digits.parse::<i128>().unwrap_or(0) * unit / scale;
        }
        if total > 1 << 63 {
            return None;
        }
        rest = &after[unit_end..];
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Go's notation of a duration.
fn text(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    let fraction = |value: u64, unit: u64| {
        let (whole, rest) = (value / unit, value % unit);
        let width = unit.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        let digits = digits.trim_end_matches('0');
        if rest == 0 { whole.to_string() } else { format!("{whole}.{digits}") }
    };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(size, 1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(size, 1_000_000)),
        _ => {
            let minutes = size / 60_000_000_000;
            let seconds = fraction(size % 60_000_000_000, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_are_read_and_written() {
        for (given, shown) in [
            ("1h2m3.5s", "1h2m3.5s"),
            ("90m", "1h30m0s"),
            ("-1.5h", "-1h30m0s"),
            ("1500us", "1.5ms"),
            ("15ns", "15ns"),
            ("0", "0s"),
        ] {
            assert_eq!(text(parse_text(given).unwrap()), shown);
        }
        assert_eq!(parse(&Value::from("2.5")), Ok(2_500_000_000));
        for bad in ["", "1", "h", "1x", "."] {
            assert_eq!(parse_text(bad), None, "{bad}");
        }
        assert_eq!(round(1_500, 1_000), 2_000);
        assert_eq!(round(-1_500, 1_000), -2_000);
        assert_eq!(round(1_499, 1_000), 1_000);
    }
}

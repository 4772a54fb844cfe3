//! The duration functions of Helm 4: lengths of time in several spellings.
//!
//! Numbers are seconds; strings are Go's duration notation, or a number of seconds.

use renga_gotemplate::{
    Args, FuncError, FuncMap, Type, Value, parse_duration, quoted, round_duration,
    truncate_duration,
};

const SECOND: i64 = 1_000_000_000;

/// Adds the functions.
pub(super) fn register(funcs: &mut FuncMap) {
    const ANY: &[Type] = &[Type::Any];
    const TWO: &[Type] = &[Type::Any, Type::Any];
    funcs.add("mustToDuration", ANY, false, duration_type(), |_, args| {
        parse(args.any(0)).map(Value::duration).map_err(FuncError::new)
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
    funcs.add("durationRoundTo", TWO, false, duration_type(), |_, args| {
        Ok(Value::duration(to_multiple(args, round_duration)))
    });
    funcs.add("durationTruncateTo", TWO, false, duration_type(), |_, args| {
        Ok(Value::duration(to_multiple(args, truncate_duration)))
    });
}

/// `time.Duration`.
fn duration_type() -> Type {
    Value::duration(0).ty().unwrap_or(Type::INT64)
}

fn to_multiple(args: &Args<'_>, adjust: fn(i64, i64) -> i64) -> i64 {
    let Ok(nanos) = parse(args.any(0)) else { return 0 };
    parse(args.any(1)).map_or(nanos, |of| adjust(nanos, of))
}

#[expect(clippy::cast_precision_loss, reason = "as Go converts")]
fn split(nanos: i64, unit: i64) -> f64 {
    (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64
}

/// Nanoseconds of anything that stands for a duration.
fn parse(value: &Value) -> Result<i64, String> {
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        value if let Some(nanos) = value.as_duration() => Ok(nanos),
        Value::Str(text) => {
            let shown = text.to_text();
            let trimmed = shown.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(nanos) = parse_duration(trimmed.as_bytes()) {
                return Ok(nanos);
            }
            match trimmed.parse::<f64>() {
                Ok(seconds) => from_float(seconds),
                Err(_) => Err(format!("could not parse duration {}", quoted(text))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_may_stand_for_a_duration() {
        assert_eq!(parse(&Value::from("2.5")), Ok(2_500_000_000));
        assert_eq!(parse(&Value::from(" 1m ")), Ok(60_000_000_000));
        assert_eq!(parse(&Value::int(3)), Ok(3_000_000_000));
        assert_eq!(parse(&Value::Float(0.5)), Ok(500_000_000));
        assert!(parse(&Value::int64(i64::MAX)).is_err());
        assert!(parse(&Value::from("x")).is_err());
        assert!(parse(&Value::Nil).is_err());
    }
}

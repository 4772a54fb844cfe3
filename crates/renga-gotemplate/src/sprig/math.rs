//! Numbers.
//!
//! Whole-number functions convert every argument to `int64` on its own, so `add 1.5 1.5` is 2.
//! Overflow wraps around, as in Go. `OLD` chooses the older rules of [`cast`](super::cast).

use super::cast::{to_float, to_int};
use super::decimal::Decimal;
use super::{A, I, Returned, S, fixed, strval, variadic};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::text::number::parse_int;
use crate::types::Type;
use crate::value::Value;

const I64: Type = Type::INT64;
const F: Type = Type::Float64;

pub(super) fn register<const OLD: bool>(funcs: &mut FuncMap) {
    let f = funcs;
    fixed(f, "atoi", &[S], I, |_, a| Ok(Value::int(atoi(a.str(0)))));
    fixed(f, "int64", &[A], I64, |_, a| Ok(Value::int64(to_int::<OLD>(a.any(0)))));
    fixed(f, "int", &[A], I, |_, a| Ok(Value::int(to_int::<OLD>(a.any(0)))));
    fixed(f, "float64", &[A], F, |_, a| Ok(Value::Float(to_float::<OLD>(a.any(0)))));
    fixed(f, "toDecimal", &[A], I64, |_, a| {
        Ok(Value::int64(parse_int(&strval(a.any(0)), 8).unwrap_or(0)))
    });
    fixed(f, "add1", &[A], I64, |_, a| Ok(Value::int64(to_int::<OLD>(a.any(0)).wrapping_add(1))));
    variadic(f, "add", &[A], I64, |_, a| {
        Ok(Value::int64(a.rest(0).iter().map(to_int::<OLD>).fold(0, i64::wrapping_add)))
    });
    fixed(f, "sub", &[A, A], I64, |_, a| {
        Ok(Value::int64(to_int::<OLD>(a.any(0)).wrapping_sub(to_int::<OLD>(a.any(1)))))
    });
    fixed(f, "div", &[A, A], I64, |_, a| {
        divide(to_int::<OLD>(a.any(0)), to_int::<OLD>(a.any(1)), i64::wrapping_div)
    });
    fixed(f, "mod", &[A, A], I64, |_, a| {
        divide(to_int::<OLD>(a.any(0)), to_int::<OLD>(a.any(1)), i64::wrapping_rem)
    });
    variadic(f, "mul", &[A, A], I64, |_, a| {
        Ok(Value::int64(a.rest(0).iter().map(to_int::<OLD>).fold(1, i64::wrapping_mul)))
    });
    for name in ["max", "biggest"] {
        variadic(f, name, &[A, A], I64, |_, a| {
            Ok(Value::int64(a.rest(0).iter().map(to_int::<OLD>).max().unwrap_or(0)))
        });
    }
    variadic(f, "min", &[A, A], I64, |_, a| {
        Ok(Value::int64(a.rest(0).iter().map(to_int::<OLD>).min().unwrap_or(0)))
    });
    variadic(f, "maxf", &[A, A], F, |_, a| {
        Ok(extreme::<OLD>(a.rest(0), f64::INFINITY, |new, old| new > old))
    });
    variadic(f, "minf", &[A, A], F, |_, a| {
        Ok(extreme::<OLD>(a.rest(0), f64::NEG_INFINITY, |new, old| new < old))
    });
    fixed(f, "ceil", &[A], F, |_, a| Ok(Value::Float(to_float::<OLD>(a.any(0)).ceil())));
    fixed(f, "floor", &[A], F, |_, a| Ok(Value::Float(to_float::<OLD>(a.any(0)).floor())));
    variadic(f, "round", &[A, I, F], F, |_, a| {
        let limit = if a.len() > 2 { a.float(2) } else { 0.5 };
        Ok(Value::Float(round(to_float::<OLD>(a.any(0)), a.int(1), limit)))
    });
    fixed(f, "add1f", &[A], F, |_, a| {
        decimals::<OLD>(a.any(0), &[Value::int(1)], |left, right| Ok(left.add(right)))
    });
    variadic(f, "addf", &[A], F, |_, a| {
        decimals::<OLD>(&Value::Float(0.0), a.rest(0), |left, right| Ok(left.add(right)))
    });
    variadic(f, "subf", &[A, A], F, |_, a| {
        decimals::<OLD>(a.any(0), a.rest(1), |left, right| Ok(left.sub(right)))
    });
    variadic(f, "mulf", &[A, A], F, |_, a| {
        decimals::<OLD>(a.any(0), a.rest(1), |left, right| Ok(left.mul(right)))
    });
    variadic(f, "divf", &[A, A], F, |_, a| decimals::<OLD>(a.any(0), a.rest(1), Decimal::div));
}

/// `strconv.Atoi` with its result kept even when it fails: too large numbers are the largest.
fn atoi(text: &[u8]) -> i64 {
    match parse_int(text, 10) {
        Ok(number) => number,
        Err(crate::text::number::NumberError::Range) if text.starts_with(b"-") => i64::MIN,
        Err(crate::text::number::NumberError::Range) => i64::MAX,
        Err(crate::text::number::NumberError::Syntax) => 0,
    }
}

fn divide(left: i64, right: i64, operation: fn(i64, i64) -> i64) -> Returned {
    if right == 0 {
        return Err(FuncError::new("runtime error: integer divide by zero"));
    }
    Ok(Value::int64(operation(left, right)))
}

/// `math.Max` or `math.Min` over all values: the extreme infinity wins over NaN, and zeros go by
/// their sign.
#[expect(clippy::float_cmp, reason = "infinities compare exactly")]
fn extreme<const OLD: bool>(
    values: &[Value],
    winner: f64,
    better: impl Fn(f64, f64) -> bool,
) -> Value {
    let mut numbers = values.iter().map(to_float::<OLD>);
    let first = numbers.next().unwrap_or(0.0);
    Value::Float(numbers.fold(first, |old, new| {
        if old == winner || new == winner {
            winner
        } else if old.is_nan() || new.is_nan() {
            f64::NAN
        } else if old == 0.0 && new == 0.0 {
            let prefer_positive = winner > 0.0;
            if old.is_sign_positive() == prefer_positive { old } else { new }
        } else if better(new, old) {
            new
        } else {
            old
        }
    }))
}

fn round(number: f64, places: i64, limit: f64) -> f64 {
    let places = i32::try_from(places).unwrap_or(if places < 0 { i32::MIN } else { i32::MAX });
    let scale = power_of_ten(places);
    let digit = scale * number;
    let rounded = if digit.fract() >= limit { digit.ceil() } else { digit.floor() };
    rounded / scale
}

/// `math.Pow(10, n)`: correctly rounded for whole exponents.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

fn decimals<const OLD: bool>(
    first: &Value,
    rest: &[Value],
    operation: impl Fn(Decimal, Decimal) -> Result<Decimal, FuncError>,
) -> Returned {
    let mut result = Decimal::new(to_float::<OLD>(first))?;
    for value in rest {
        result = operation(result, Decimal::new(to_float::<OLD>(value))?)?;
    }
    Ok(Value::Float(result.to_float()))
}

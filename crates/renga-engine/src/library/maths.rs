//! Numbers.

use crate::error::{Res, fail};
use crate::eval::Vm;
use crate::eval::operators::checked;
use crate::heap::value::Value;

macro_rules! one {
    ($($name:ident $function:expr),* $(,)?) => {$(
        pub(crate) fn $name(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
            let value = vm.number(vm.arg(base, 0))?;
            let function: fn(f64) -> f64 = $function;
            checked(function(value))
        }
    )*};
}

one! {
    sqrt f64::sqrt,
    ceil f64::ceil,
    floor f64::floor,
    sin f64::sin,
    cos f64::cos,
    tan f64::tan,
    asin f64::asin,
    acos f64::acos,
    atan f64::atan,
    log logarithm,
    round f64::round,
    deg2rad |x| x * std::f64::consts::PI / 180.0,
    rad2deg |x| x * 180.0 / std::f64::consts::PI,
    exp |x| {
        let result = x.exp();
        if result == 0.0 && x > 0.0 { f64::INFINITY } else { result }
    },
    mantissa |x| split(x).0,
    exponent |x| f64::from(split(x).1),
}

/// A fraction of at least a half and less than one, and the power of two that goes with it.
fn split(value: f64) -> (f64, i32) {
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    let bits = value.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    if exponent == 0 {
        let (fraction, exponent) = split(value * 2_f64.powi(64));
        return (fraction, exponent - 64);
    }
    let fraction = f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52));
    (fraction, exponent - 1022)
}

macro_rules! two {
    ($($name:ident $function:expr),* $(,)?) => {$(
        pub(crate) fn $name(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
            let (left, right) = (vm.number(vm.arg(base, 0))?, vm.number(vm.arg(base, 1))?);
            let function: fn(f64, f64) -> f64 = $function;
            checked(function(left, right))
        }
    )*};
}

two! {
    hypot |x, y| {
        let (long, short) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
        if long == 0.0 { 0.0 } else { long * (1.0 + (short / long) * (short / long)).sqrt() }
    },
    atan2 f64::atan2,
    pow power,
}

macro_rules! tests {
    ($($name:ident $function:expr),* $(,)?) => {$(
        pub(crate) fn $name(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
            let value = vm.number(vm.arg(base, 0))?;
            let function: fn(f64) -> bool = $function;
            Ok(Value::Bool(function(value)))
        }
    )*};
}

tests! {
    is_even |x| x.trunc() % 2.0 == 0.0,
    is_odd |x| x.trunc() % 2.0 != 0.0,
    is_integer |x| x.trunc() == x,
    is_decimal |x| x.trunc() != x,
}

pub(crate) fn log2(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let Value::Num(value) = log(vm, base)? else { return Ok(Value::Null) };
    checked(value / logarithm(2.0))
}

pub(crate) fn log10(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let Value::Num(value) = log(vm, base)? else { return Ok(Value::Null) };
    checked(value / logarithm(10.0))
}

pub(crate) fn modulo(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.number(vm.arg(base, 0))?, vm.number(vm.arg(base, 1))?);
    if right == 0.0 {
        return fail("Division by zero.");
    }
    checked(left % right)
}

pub(crate) fn modulo_or_format(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = (vm.arg(base, 0), vm.arg(base, 1));
    vm.modulo(left, right)
}

pub(crate) fn abs(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    match vm.arg(base, 0) {
        Value::Num(value) => Ok(Value::Num(if value > 0.0 { value } else { -value })),
        other => fail(format!("std.abs expected number, got {}", other.type_name())),
    }
}

pub(crate) fn sign(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    match vm.arg(base, 0) {
        Value::Num(value) if value > 0.0 => Ok(Value::Num(1.0)),
        Value::Num(value) if value < 0.0 => Ok(Value::Num(-1.0)),
        Value::Num(_) => Ok(Value::Num(0.0)),
        other => fail(format!("std.sign expected number, got {}", other.type_name())),
    }
}

fn pair(vm: &mut Vm<'_>, base: usize, name: &str) -> Res<(f64, f64)> {
    let (left, right) = (vm.arg(base, 0), vm.arg(base, 1));
    match (left, right) {
        (Value::Num(left), Value::Num(right)) => Ok((left, right)),
        (Value::Num(_), other) => {
            fail(format!("std.{name} second param expected number, got {}", other.type_name()))
        }
        (other, _) => {
            fail(format!("std.{name} first param expected number, got {}", other.type_name()))
        }
    }
}

pub(crate) fn max(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = pair(vm, base, "max")?;
    Ok(Value::Num(if left > right { left } else { right }))
}

pub(crate) fn min(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (left, right) = pair(vm, base, "min")?;
    Ok(Value::Num(if left < right { left } else { right }))
}

pub(crate) fn clamp(vm: &mut Vm<'_>, base: usize) -> Res<Value> {
    let (value, low, high) = (vm.arg(base, 0), vm.arg(base, 1), vm.arg(base, 2));
    if vm.compare(value, low)?.is_lt() {
        Ok(low)
    } else if vm.compare(value, high)?.is_gt() {
        Ok(high)
    } else {
        Ok(value)
    }
}

/// The power Go computes, whose last digits differ from those of C libraries: the whole part of
/// the exponent by squaring fractions, the rest by logarithms.
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 || base == 1.0 {
        return 1.0;
    }
    if exponent == 1.0 {
        return base;
    }
    if base == 0.0 {
        return base.powf(exponent);
    }
    if exponent == 0.5 {
        return base.sqrt();
    }
    if exponent == -0.5 {
        return 1.0 / base.sqrt();
    }
    let (mut whole, mut rest) = (exponent.abs().trunc(), exponent.abs().fract());
    if rest != 0.0 && base < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223_372_036_854_776e18 {
        if base == -1.0 {
            return 1.0;
        }
        return if (base.abs() < 1.0) == (exponent > 0.0) { 0.0 } else { f64::INFINITY };
    }
    let mut result = 1.0;
    let mut scale: i64 = 0;
    if rest != 0.0 {
        if rest > 0.5 {
            rest -= 1.0;
            whole += 1.0;
        }
        result = (rest * logarithm(base)).exp();
    }
    let (mut factor, factor_scale) = split(base);
    let mut factor_scale = i64::from(factor_scale);
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let mut bits = whole as i64;
    while bits != 0 {
        if !(-4096..=4096).contains(&factor_scale) {
            scale += factor_scale;
            break;
        }
        if bits & 1 == 1 {
            result *= factor;
            scale += factor_scale;
        }
        factor *= factor;
        factor_scale <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_scale -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0.0 {
        result = 1.0 / result;
        scale = -scale;
    }
    scaled(result, scale)
}

/// A number times a power of two.
fn scaled(value: f64, scale: i64) -> f64 {
    let (fraction, own) = split(value);
    let scale = scale + i64::from(own);
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    if scale > 1024 {
        return f64::INFINITY.copysign(value);
    }
    if scale < -1075 {
        return 0.0_f64.copysign(value);
    }
    let half = i32::try_from(scale / 2).unwrap_or(0);
    let rest = i32::try_from(scale - scale / 2).unwrap_or(0);
    fraction * 2_f64.powi(half) * 2_f64.powi(rest)
}

/// The natural logarithm in the steps Go takes (those of FreeBSD's `log`), last digit included.
pub(crate) fn logarithm(value: f64) -> f64 {
    const SERIES: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    if value <= 0.0 || !value.is_finite() {
        return value.ln();
    }
    let (mut fraction, mut scale) = split(value);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        scale -= 1;
    }
    let fraction = fraction - 1.0;
    let scale = f64::from(scale);
    let ratio = fraction / (2.0 + fraction);
    let square = ratio * ratio;
    let fourth = square * square;
    let odd =
        square * (SERIES[0] + fourth * (SERIES[2] + fourth * (SERIES[4] + fourth * SERIES[6])));
    let even = fourth * (SERIES[1] + fourth * (SERIES[3] + fourth * SERIES[5]));
    let half = 0.5 * fraction * fraction;
    scale * LN2_HIGH - ((half - (ratio * (half + (odd + even)) + scale * LN2_LOW)) - fraction)
}

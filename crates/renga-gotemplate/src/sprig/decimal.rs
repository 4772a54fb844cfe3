//! Exact decimal arithmetic for `addf` and its relatives.
//!
//! A float is taken at its shortest decimal spelling, so 0.1 + 0.2 is 0.3. Quotients have sixteen
//! decimal places.

use num_bigint::{BigInt, Sign};

use crate::error::FuncError;
use crate::text::float;

/// The decimal places of a quotient.
const PLACES: i64 = 16;

/// `value × 10^exponent`.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    value: BigInt,
    exponent: i64,
}

fn power(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

impl Decimal {
    pub(super) fn new(number: f64) -> Result<Self, FuncError> {
        if !number.is_finite() {
            let shown = float::format(number, b'g', None);
            return Err(FuncError::new(format!("Cannot create a Decimal from {shown}")));
        }
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits: String = mantissa.chars().filter(|rune| *rune != '.').collect();
        let exponent: i64 = exponent.parse().unwrap_or(0);
        Ok(Decimal {
            value: digits.parse().unwrap_or_default(),
            exponent: exponent - i64::try_from(places).unwrap_or(0),
        })
    }

    /// Both values at the smaller exponent.
    fn align(self, other: Self) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        let left = self.value * power(self.exponent - exponent);
        let right = other.value * power(other.exponent - exponent);
        (left, right, exponent)
    }

    pub(super) fn add(self, other: Self) -> Self {
        let (left, right, exponent) = self.align(other);
        Decimal { value: left + right, exponent }
    }

    pub(super) fn sub(self, other: Self) -> Self {
        let (left, right, exponent) = self.align(other);
        Decimal { value: left - right, exponent }
    }

    pub(super) fn mul(self, other: Self) -> Self {
        Decimal { value: self.value * other.value, exponent: self.exponent + other.exponent }
    }

    /// The quotient, rounded half away from zero.
    pub(super) fn div(self, other: Self) -> Result<Self, FuncError> {
        if other.value.sign() == Sign::NoSign {
            return Err(FuncError::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + PLACES;
        let (left, right) = if shift < 0 {
            (self.value, other.value * power(-shift))
        } else {
            (self.value * power(shift), other.value)
        };
        let negative = (left.sign() == Sign::Minus) != (right.sign() == Sign::Minus);
        let mut quotient = &left / &right;
        let remainder = BigInt::from((&left - &quotient * &right).magnitude().clone());
        if remainder * 2 >= BigInt::from(right.magnitude().clone()) {
            quotient += if negative { -1 } else { 1 };
        }
        Ok(Decimal { value: quotient, exponent: -PLACES })
    }

    /// The nearest float.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }
}

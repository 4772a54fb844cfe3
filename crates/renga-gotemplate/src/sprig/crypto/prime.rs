//! Large primes from random bytes.
//!
//! Key pairs are made from the randomness of the run alone, so that a run whose randomness is fixed
//! makes the same keys. The search is the usual one: a random start, a sieve over the numbers after
//! it, Fermat's test to base 2 for most of the others, then Miller and Rabin's to random bases.

use num_bigint::BigUint;

/// How many odd numbers after the start are sieved at a time.
const WINDOW: usize = 4_096;

/// Rounds of Miller and Rabin's test. For random numbers of 256 bits and more, the chance that a
/// composite passes them is far below 2⁻¹⁰⁰.
const ROUNDS: usize = 12;

/// The odd primes below 2¹⁴.
fn small_primes() -> Vec<u32> {
    let mut composite = vec![false; 1 << 14];
    let mut primes = Vec::new();
    for number in 2..composite.len() {
        if composite[number] {
            continue;
        }
        (number * number..composite.len()).step_by(number).for_each(|at| composite[at] = true);
        primes.extend(u32::try_from(number).ok());
    }
    primes.remove(0);
    primes
}

/// Finds a prime of exactly `bits` bits (a multiple of 8) with its two top bits set, one less than
/// which is no multiple of `exponent`, and which is not `other`.
///
/// Ends even if `random` repeats itself.
///
/// # Errors
///
/// Those of `random`.
pub(super) fn generate<E>(
    bits: usize,
    exponent: u32,
    other: Option<&BigUint>,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<BigUint, E> {
    let primes = small_primes();
    let mut start = vec![0; bits / 8];
    random(&mut start)?;
    start[0] |= 0xC0;
    let last = start.len() - 1;
    start[last] |= 1;
    let mut start = BigUint::from_bytes_be(&start);
    loop {
        let mut composite = vec![false; WINDOW];
        for &prime in &primes {
            let rest = remainder(&start, prime);
            // The first odd number after the start, counted in twos, that the prime divides.
            let gap = (prime - rest) % prime;
            let first = if gap.is_multiple_of(2) { gap / 2 } else { gap.midpoint(prime) };
            let (first, step) = (first as usize, prime as usize);
            (first..WINDOW).step_by(step).for_each(|at| composite[at] = true);
        }
        for (index, _) in composite.iter().enumerate().filter(|(_, composite)| !**composite) {
            let candidate = &start + 2 * index;
            if candidate.bits() == bits as u64
                && remainder(&candidate, exponent) != 1
                && other != Some(&candidate)
                && is_prime(&candidate, random)?
            {
                return Ok(candidate);
            }
        }
        start += 2 * WINDOW;
        if start.bits() > bits as u64 {
            start = BigUint::from(3_u32) << (bits - 2) | BigUint::from(1_u32);
        }
    }
}

/// Finds a prime of `bits` bits that is one more than a multiple of twice `order`.
///
/// Ends even if `random` repeats itself.
///
/// # Errors
///
/// Those of `random`.
pub(super) fn generate_over<E>(
    bits: usize,
    order: &BigUint,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<BigUint, E> {
    let primes = small_primes();
    let step = order * 2_u32;
    let mut start = vec![0; bits / 8];
    random(&mut start)?;
    start[0] |= 0x80;
    let start = BigUint::from_bytes_be(&start);
    let mut candidate = &start - (&start % &step) + 1_u32;
    loop {
        candidate += &step;
        if candidate.bits() > bits as u64 {
            let least = BigUint::from(1_u32) << (bits - 1);
            candidate = &least - (&least % &step) + 1_u32;
            continue;
        }
        if candidate.bits() == bits as u64
            && !primes.iter().any(|prime| remainder(&candidate, *prime) == 0)
            && is_prime(&candidate, random)?
        {
            return Ok(candidate);
        }
    }
}

fn remainder(number: &BigUint, divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let rest = number
        .iter_u32_digits()
        .rev()
        .fold(0_u64, |rest, digit| (rest << 32 | u64::from(digit)) % divisor);
    u32::try_from(rest).unwrap_or(0)
}

fn is_prime<E>(
    number: &BigUint,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<bool, E> {
    let field = Field::new(number);
    let less_one = number - 1_u32;
    let twos = less_one.trailing_zeros().unwrap_or(0);
    let odd = &less_one >> twos;
    let passes = |base: &BigUint| {
        let mut power = field.power(base, &odd);
        if power == field.one || power == field.minus_one {
            return true;
        }
        for _ in 1..twos {
            power = field.multiply(&power, &power);
            if power == field.minus_one {
                return true;
            }
        }
        false
    };
    if !passes(&BigUint::from(2_u32)) {
        return Ok(false);
    }
    let mut bytes = number.to_bytes_be();
    for _ in 0..ROUNDS {
        random(&mut bytes)?;
        let base = BigUint::from_bytes_be(&bytes) % &less_one;
        if base > BigUint::from(1_u32) && !passes(&base) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Arithmetic modulo an odd number, in Montgomery's form.
struct Field {
    modulus: Vec<u64>,
    /// The negative inverse of the lowest digit.
    inverse: u64,
    one: Vec<u64>,
    minus_one: Vec<u64>,
    number: BigUint,
}

impl Field {
    fn new(number: &BigUint) -> Self {
        let modulus: Vec<u64> = number.iter_u64_digits().collect();
        let mut inverse = 1_u64;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        let mut field = Field {
            modulus,
            inverse: inverse.wrapping_neg(),
            one: Vec::new(),
            minus_one: Vec::new(),
            number: number.clone(),
        };
        field.one = field.enter(&BigUint::from(1_u32));
        field.minus_one = field.enter(&(number - 1_u32));
        field
    }

    /// A number below the modulus in Montgomery's form.
    fn enter(&self, value: &BigUint) -> Vec<u64> {
        let shifted = (value << (64 * self.modulus.len())) % &self.number;
        let mut digits: Vec<u64> = shifted.iter_u64_digits().collect();
        digits.resize(self.modulus.len(), 0);
        digits
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
    fn multiply(&self, left: &[u64], right: &[u64]) -> Vec<u64> {
        let size = self.modulus.len();
        let mut out = vec![0_u64; size];
        let mut top = 0_u64;
        for &digit in left {
            let mut carry = 0_u64;
            for (place, factor) in out.iter_mut().zip(right) {
                let sum = u128::from(digit) * u128::from(*factor)
                    + u128::from(*place)
                    + u128::from(carry);
                *place = sum as u64;
                carry = (sum >> 64) as u64;
            }
            let (high, over) = top.overflowing_add(carry);
            let factor = out[0].wrapping_mul(self.inverse);
            let sum = u128::from(factor) * u128::from(self.modulus[0]) + u128::from(out[0]);
            let mut carry = (sum >> 64) as u64;
            for index in 1..size {
                let sum = u128::from(factor) * u128::from(self.modulus[index])
                    + u128::from(out[index])
                    + u128::from(carry);
                out[index - 1] = sum as u64;
                carry = (sum >> 64) as u64;
            }
            let (last, over_again) = high.overflowing_add(carry);
            out[size - 1] = last;
            top = u64::from(over) + u64::from(over_again);
        }
        if top > 0 || out.iter().rev().ge(self.modulus.iter().rev()) {
            let mut borrow = false;
            for (place, digit) in out.iter_mut().zip(&self.modulus) {
                let (less, first) = place.overflowing_sub(*digit);
                let (less, second) = less.overflowing_sub(u64::from(borrow));
                *place = less;
                borrow = first || second;
            }
        }
        out
    }

    /// A power, the result in Montgomery's form: four bits of the exponent at a time.
    fn power(&self, base: &BigUint, exponent: &BigUint) -> Vec<u64> {
        let base = self.enter(base);
        let mut table = vec![self.one.clone(), base.clone()];
        for index in 2..16 {
            let next = self.multiply(&table[index - 1], &base);
            table.push(next);
        }
        let mut result = self.one.clone();
        for byte in exponent.to_bytes_be() {
            for nibble in [byte >> 4, byte & 15] {
                for _ in 0..4 {
                    result = self.multiply(&result, &result);
                }
                if nibble > 0 {
                    result = self.multiply(&result, &table[usize::from(nibble)]);
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use num_bigint::BigUint;

    use super::{Field, generate, is_prime};

    /// Numbers that only look random.
    fn generator() -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
        let mut state = 1_u64;
        move |buffer| {
            for byte in buffer {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
                *byte = (state >> 56) as u8;
            }
            Ok(())
        }
    }

    #[test]
    fn known_primes_and_composites_are_told_apart() {
        let prime = |text: &str| {
            let number: BigUint = text.parse().expect("a number");
            is_prime(&number, &mut generator()) == Ok(true)
        };
        assert!(prime("170141183460469231731687303715884105727"));
        assert!(prime(
            "115792089237316195423570985008687907853269984665640564039457584007908834671663"
        ));
        assert!(!prime("170141183460469231731687303715884105725"));
        // A Carmichael number.
        assert!(!prime("1590231231043178376951698401"));
    }

    #[test]
    fn powers_agree_with_plain_arithmetic() {
        let modulus: BigUint = "340282366920938463463374607431768211507".parse().expect("a number");
        let field = Field::new(&modulus);
        let (base, exponent) = (BigUint::from(123_456_789_u64), BigUint::from(987_654_321_u64));
        let expected = field.enter(&base.modpow(&exponent, &modulus));
        assert_eq!(field.power(&base, &exponent), expected);
    }

    #[test]
    fn the_same_bytes_make_the_same_prime_and_never_both_of_a_pair() {
        let make = |other| {
            generate(256, 65_537, other, &mut generator()).unwrap_or_else(|never| match never {})
        };
        let prime = make(None);
        assert_eq!(prime, make(None));
        assert_eq!(prime.bits(), 256);
        assert_ne!(prime, make(Some(&prime)));
    }
}

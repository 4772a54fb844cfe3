//! Large primes from random bytes.
//!
//! Key pairs are made from the randomness of the run alone, so that a run whose randomness is fixed
//! makes the same keys. The search is the usual one: a random start, a sieve over the numbers after
//! it, Miller and Rabin's test to base 2 for most of the others, then the same to random bases.
//! Candidates are tested on all cores; which prime is found does not depend on their number.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use num_bigint::BigUint;

/// How many odd numbers after the start are sieved at a time.
const WINDOW: usize = 4_096;

/// How many random bases are drawn for a test.
const BASES: usize = 12;

/// How many of them are used: a large random number that is composite passes few tests by chance, so
/// that as many as Go's `crypto/rsa` makes keep the risk below 2⁻¹⁰⁰.
fn rounds(bits: u64) -> usize {
    match bits {
        1_345.. => 4,
        476.. => 5,
        400.. => 6,
        347.. => 7,
        308.. => 8,
        _ => BASES,
    }
}

/// The most threads that search.
const MOST_THREADS: usize = 8;

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
        let candidates: Vec<BigUint> = composite
            .iter()
            .enumerate()
            .filter(|(_, composite)| !**composite)
            .map(|(index, _)| &start + 2 * index)
            .filter(|candidate| {
                candidate.bits() == bits as u64
                    && remainder(candidate, exponent) != 1
                    && other != Some(candidate)
            })
            .collect();
        let mut rest = candidates.as_slice();
        let two = BigUint::from(2_u32);
        while let Some(at) = first(rest, |candidate| passes(candidate, &two)) {
            if is_prime(&rest[at], random)? {
                return Ok(rest[at].clone());
            }
            rest = &rest[at + 1..];
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

/// The first item that passes a test, tested on all cores.
fn first<T: Sync>(items: &[T], test: impl Fn(&T) -> bool + Sync) -> Option<usize> {
    let next = AtomicUsize::new(0);
    let found = AtomicUsize::new(items.len());
    let search = || {
        loop {
            // Every item before the one that is found has been tested, here or elsewhere.
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= found.load(Ordering::Relaxed) {
                return;
            }
            if test(&items[at]) {
                found.fetch_min(at, Ordering::Relaxed);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            scope.spawn(search);
        }
        search();
    });
    let found = found.into_inner();
    (found < items.len()).then_some(found)
}

fn is_prime<E>(
    number: &BigUint,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<bool, E> {
    if !passes(number, &BigUint::from(2_u32)) {
        return Ok(false);
    }
    let less_one = number - 1_u32;
    let mut bytes = number.to_bytes_be();
    let mut bases = Vec::with_capacity(BASES);
    for _ in 0..BASES {
        random(&mut bytes)?;
        let base = BigUint::from_bytes_be(&bytes) % &less_one;
        if base > BigUint::from(1_u32) {
            bases.push(base);
        }
    }
    bases.truncate(rounds(number.bits()));
    Ok(first(&bases, |base| !passes(number, base)).is_none())
}

/// Miller and Rabin's test to one base, of an odd number.
fn passes(number: &BigUint, base: &BigUint) -> bool {
    match number.bits() {
        ..=256 => Field::<4>::new(number).passes(base),
        257..=1_024 => Field::<16>::new(number).passes(base),
        1_025..=2_048 => Field::<32>::new(number).passes(base),
        _ => Field::<128>::new(number).passes(base),
    }
}

/// Arithmetic modulo an odd number of at most `N` digits, in Montgomery's form.
struct Field<const N: usize> {
    modulus: [u64; N],
    /// The negative inverse of the lowest digit.
    inverse: u64,
    one: [u64; N],
    number: BigUint,
}

impl<const N: usize> Field<N> {
    fn new(number: &BigUint) -> Self {
        let modulus = digits(number);
        let mut inverse = 1_u64;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        let number = number.clone();
        let mut field = Field { modulus, inverse: inverse.wrapping_neg(), one: [0; N], number };
        field.one = field.enter(&BigUint::from(1_u32));
        field
    }

    /// A number below the modulus in Montgomery's form.
    fn enter(&self, value: &BigUint) -> [u64; N] {
        digits(&((value << (64 * N)) % &self.number))
    }

    /// Takes the modulus off a number that is below twice the modulus; `top` is the digit above.
    fn reduce(&self, top: u64, value: &mut [u64; N]) {
        if top > 0 || value.iter().rev().ge(self.modulus.iter().rev()) {
            let mut borrow = false;
            for (place, digit) in value.iter_mut().zip(&self.modulus) {
                let (less, first) = place.overflowing_sub(*digit);
                let (less, second) = less.overflowing_sub(u64::from(borrow));
                *place = less;
                borrow = first || second;
            }
        }
    }

    fn double(&self, value: &[u64; N]) -> [u64; N] {
        let mut out = [0; N];
        let mut carry = 0;
        for (place, digit) in out.iter_mut().zip(value) {
            *place = digit << 1 | carry;
            carry = digit >> 63;
        }
        self.reduce(carry, &mut out);
        out
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
    fn multiply(&self, left: &[u64; N], right: &[u64; N]) -> [u64; N] {
        let mut out = [0_u64; N];
        let mut top = 0_u64;
        for &digit in left {
            // Adds a multiple of one factor and one of the modulus, and drops the lowest digit.
            let sum = u128::from(digit) * u128::from(right[0]) + u128::from(out[0]);
            let factor = (sum as u64).wrapping_mul(self.inverse);
            let whole = u128::from(factor) * u128::from(self.modulus[0]) + u128::from(sum as u64);
            let mut carry = (sum >> 64) as u64;
            let mut other_carry = (whole >> 64) as u64;
            let digits = right[1..].iter().zip(&self.modulus[1..]).enumerate();
            for (index, (right, modulus)) in digits {
                let sum = u128::from(digit) * u128::from(*right)
                    + u128::from(out[index + 1])
                    + u128::from(carry);
                carry = (sum >> 64) as u64;
                let whole = u128::from(factor) * u128::from(*modulus)
                    + u128::from(sum as u64)
                    + u128::from(other_carry);
                other_carry = (whole >> 64) as u64;
                out[index] = whole as u64;
            }
            let last = u128::from(top) + u128::from(carry) + u128::from(other_carry);
            out[N - 1] = last as u64;
            top = (last >> 64) as u64;
        }
        self.reduce(top, &mut out);
        out
    }

    /// A power, the result in Montgomery's form: four bits of the exponent at a time.
    fn power(&self, base: &BigUint, exponent: &BigUint) -> [u64; N] {
        let mut result = self.one;
        if *base == BigUint::from(2_u32) {
            for byte in exponent.to_bytes_be() {
                for bit in (0..8).rev() {
                    result = self.multiply(&result, &result);
                    if byte >> bit & 1 == 1 {
                        result = self.double(&result);
                    }
                }
            }
            return result;
        }
        let base = self.enter(base);
        let mut table = [self.one; 16];
        for index in 1..16 {
            table[index] = self.multiply(&table[index - 1], &base);
        }
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

    /// Whether the modulus passes Miller and Rabin's test to a base.
    fn passes(&self, base: &BigUint) -> bool {
        let less_one = &self.number - 1_u32;
        let minus_one = self.enter(&less_one);
        let twos = less_one.trailing_zeros().unwrap_or(0);
        let mut power = self.power(base, &(&less_one >> twos));
        if power == self.one || power == minus_one {
            return true;
        }
        for _ in 1..twos {
            power = self.multiply(&power, &power);
            if power == minus_one {
                return true;
            }
        }
        false
    }
}

fn digits<const N: usize>(number: &BigUint) -> [u64; N] {
    let mut digits = [0; N];
    for (place, digit) in digits.iter_mut().zip(number.iter_u64_digits()) {
        *place = digit;
    }
    digits
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
        let field = Field::<4>::new(&modulus);
        let exponent = BigUint::from(987_654_321_u64);
        for base in [2_u64, 123_456_789] {
            let base = BigUint::from(base);
            let expected = field.enter(&base.modpow(&exponent, &modulus));
            assert_eq!(field.power(&base, &exponent), expected);
            let twice = (expected, field.enter(&(base.modpow(&exponent, &modulus) * 2_u32)));
            assert_eq!(field.double(&twice.0), twice.1);
        }
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

//! How does a transport file write a number?
//!
//! As an IBM System/360 double: sign `s` (1 bit), exponent `e` (7 bits, excess 64, base 16), fraction `f` (56 bits):
//! ```text
//! x = (−1)^s · f / 2^56 · 16^(e − 64)
//! ```
//! Every IEEE double within 16^−65 ≤ |x| < 16^63 (5.4e−79 to 7.2e75) is an IBM double exactly, since 56 ≥ 53 bits after
//! the hexadecimal shift of at most 3. The way back rounds 56 bits to 53, to nearest, ties to even; it is the identity on
//! what was written from an IEEE double. A missing number is its letter's byte followed by zeros; all bytes are looked
//! at, since `41 10 00…` is 1.0 and `41 00 00…` is `.A`.
//!
//! Lengths 3 to 7 keep the first bytes only; the others are zero.
//!
//! Where packages differ: ReadStat saturates what is too large to `7F FF…` and reads that back as infinity, and drops the
//! sign of −0.0. Here too large and too small are errors, and the sign is kept. The largest IBM double `7F FF…` is 16^63 (1 − 2^−56); its nearest
//! IEEE double is 16^63 itself, which therefore, alone among numbers, is written as its nearest IBM double and so comes back.
//!
//! Source: SAS technical note TS-140, "The record layout of a data set in SAS transport (XPORT) format", section
//! "Numeric data fields"; IBM System/360 Principles of Operation, A22-6821, "Floating-point arithmetic".

use croft_core::Missing;

/// Why a number has no IBM double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IbmError {
    /// |x| > 16^63, or not finite.
    Overflow,
    /// 0 < |x| < 16^−65.
    Underflow,
    /// It needs more bytes than the variable's length.
    Inexact,
}

const SIGN: u64 = 1 << 63;
const FRACTION: u64 = (1 << 56) - 1;
/// 16^63 as an IEEE double.
const LIMIT: u64 = (1023 + 252) << 52;

/// The IBM double of an IEEE double. Exact, or an error. O(1).
#[inline]
pub(crate) fn encode(x: f64) -> Result<[u8; 8], IbmError> {
    let bits = x.to_bits();
    let sign = bits & SIGN;
    if bits == sign {
        return Ok(sign.to_be_bytes());
    }
    let biased = ((bits >> 52) & 0x7ff) as i32;
    if biased == 0 {
        return Err(IbmError::Underflow);
    }
    if biased == 0x7ff {
        return Err(IbmError::Overflow);
    }
    // x = m · 2^(biased − 1075) with 2^52 ≤ m < 2^53; with f = 8m >> shift, x = f · 2^(4e − 312), so 4e = biased − 766 + shift.
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    let shift = (766 - biased) & 3;
    let exponent = (biased - 766 + shift) / 4;
    if exponent > 127 {
        let is_limit = (bits & !SIGN) == LIMIT;
        return if is_limit { Ok((sign | !SIGN).to_be_bytes()) } else { Err(IbmError::Overflow) };
    }
    if biased - 766 + shift < 0 {
        return Err(IbmError::Underflow);
    }
    let fraction = (mantissa << 3) >> shift;
    Ok((sign | ((exponent as u64) << 56) | fraction).to_be_bytes())
}

/// The IBM double cut to `length` bytes, if that loses nothing.
#[inline]
pub(crate) fn encode_to(x: f64, length: usize) -> Result<[u8; 8], IbmError> {
    let bytes = encode(x)?;
    if bytes[length..].iter().all(|&b| b == 0) { Ok(bytes) } else { Err(IbmError::Inexact) }
}

/// The bytes of a missing number.
pub(crate) fn encode_missing(kind: Missing) -> [u8; 8] {
    [kind.letter() as u8, 0, 0, 0, 0, 0, 0, 0]
}

/// The IEEE double, or the missing kind, of 1 to 8 bytes. Never fails: every pattern is one or the other. O(1).
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> Result<f64, Missing> {
    let mut full = [0; 8];
    full[..bytes.len()].copy_from_slice(bytes);
    let word = u64::from_be_bytes(full);
    let fraction = word & FRACTION;
    if fraction == 0 {
        return match missing(full[0]) {
            Some(kind) => Err(kind),
            None => Ok(f64::from_bits(word & SIGN)),
        };
    }
    // The cast rounds to nearest, ties to even; the scale is a power of two between 2^-312 and 2^196, so exact.
    let exponent = (word >> 56) & 0x7f;
    let scale = f64::from_bits((1023 - 312 + 4 * exponent) << 52);
    let magnitude = fraction as f64 * scale;
    Ok(f64::from_bits(magnitude.to_bits() | (word & SIGN)))
}

fn missing(first: u8) -> Option<Missing> {
    match first {
        b'.' | b'_' | b'A'..=b'Z' => Missing::from_letter(first as char),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(bytes: [u8; 8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// IBM Principles of Operation: 1.0 is 0.1 (hexadecimal) times 16^1. The others are worked by hand from the formula.
    #[test]
    fn known_numbers_have_their_known_bytes() {
        for (x, bytes) in [
            (1.0, "4110000000000000"),
            (-1.0, "c110000000000000"),
            (0.1, "401999999999999a"),
            (-118.625, "c276a00000000000"),
            (0.0, "0000000000000000"),
            (-0.0, "8000000000000000"),
            (7.2e75, "7ffeb0e3ad978760"),
        ] {
            assert_eq!(hex(encode(x).unwrap()), bytes, "{x:e}");
        }
    }

    #[test]
    fn the_ends_of_the_range_are_errors_not_surprises() {
        let largest = f64::from_bits(0x4faf_ffff_ffff_ffff); // the double below 16^63
        assert_eq!(decode(&encode(largest).unwrap()), Ok(largest));
        assert_eq!(encode(largest * 1.5), Err(IbmError::Overflow));
        let smallest = f64::from_bits((1023 - 260) << 52); // 16^-65
        assert_eq!(hex(encode(smallest).unwrap()), "0010000000000000");
        assert_eq!(encode(smallest / 2.0), Err(IbmError::Underflow));
        assert_eq!(encode(f64::from_bits(1)), Err(IbmError::Underflow));
        assert_eq!(encode(f64::NAN), Err(IbmError::Overflow));
        let limit = f64::from_bits(LIMIT);
        assert_eq!(decode(&[0x7f, 255, 255, 255, 255, 255, 255, 255]), Ok(limit));
        assert_eq!(hex(encode(-limit).unwrap()), "ffffffffffffffff");
        assert_eq!(encode(f64::from_bits(LIMIT + 1)), Err(IbmError::Overflow));
    }

    #[test]
    fn a_letter_is_missing_only_with_seven_zeros() {
        for kind in Missing::all() {
            assert_eq!(decode(&encode_missing(kind)), Err(kind));
            assert_eq!(decode(&encode_missing(kind)[..3]), Err(kind));
        }
        assert!(decode(&[b'A', 0, 0, 0, 0, 0, 0, 1]).is_ok());
    }

    #[test]
    fn fifty_six_bits_round_to_the_even_neighbour() {
        let one_and = |tail: u8| [0x41, 0x10, 0, 0, 0, 0, 0, tail];
        assert_eq!(decode(&one_and(1)), Ok(1.0 + f64::EPSILON), "1/16 of 2^-52 · 16: the grid of IBM is 2^-52 here");
        let eight_and = |tail: u8| [0x41, 0x80, 0, 0, 0, 0, 0, tail];
        let ulp = 8.0 * f64::EPSILON;
        assert_eq!(decode(&eight_and(4)), Ok(8.0), "half an ulp goes to the even one");
        assert_eq!(decode(&eight_and(5)), Ok(8.0 + ulp));
        assert_eq!(decode(&eight_and(12)), Ok(8.0 + 2.0 * ulp), "one and a half goes up to the even one");
    }

    #[test]
    fn a_short_length_takes_only_what_fits() {
        assert_eq!(encode_to(1.0, 3).map(hex), Ok("4110000000000000".to_owned()));
        assert_eq!(encode_to(0.1, 3), Err(IbmError::Inexact));
        assert_eq!(decode(&[0x41, 0x10, 0]), Ok(1.0));
    }

    proptest! {
        #[test]
        fn every_double_in_range_survives(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            match encode(x) {
                Ok(bytes) => prop_assert_eq!(decode(&bytes).map(f64::to_bits), Ok(bits)),
                Err(IbmError::Overflow) => prop_assert!(!x.is_finite() || x.abs() >= 7.2e75),
                Err(_) => prop_assert!(x.abs() < 5.4e-79),
            }
        }

        #[test]
        fn decoding_is_finite_and_within_half_a_unit(bytes in any::<[u8; 8]>()) {
            if let Ok(x) = decode(&bytes) {
                prop_assert!(x.is_finite());
                if let Ok(again) = encode(x) {
                    let (a, b) = (u64::from_be_bytes(bytes), u64::from_be_bytes(again));
                    // A normalised fraction moves by at most half of 2^3.
                    if bytes[1] >= 0x10 && (a >> 56) == (b >> 56) {
                        prop_assert!(a.abs_diff(b) <= 4);
                    }
                }
            }
        }
    }
}

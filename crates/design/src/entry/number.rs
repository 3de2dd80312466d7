//! Numbers as people type them. Decimals stay decimals: no digit passes through a binary number.

use super::{EntryProblem, problem};
use crate::forms::{Item, ItemType};

/// Characters of a number at most.
const LONGEST: usize = 60;

/// The canonical text of a number: a point, no leading zeros, no plus, no exponent; digits after the point as they were typed.
pub(super) fn read(item: &Item, text: &str) -> Result<String, EntryProblem> {
    let not = |hint: &str| problem("format", "is not a number", hint);
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let point = digits.matches(['.', ',']).count();
    if point > 1 {
        return Err(not("write it without separators of thousands"));
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().map_err(|_| not("write it like 12.5"))?;
            (mantissa, exponent)
        }
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let all = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(all(whole) && all(fraction)) || (whole.is_empty() && fraction.is_empty()) {
        return Err(not("write it like 12.5"));
    }
    if exponent.unsigned_abs() as usize > LONGEST || digits.len() > LONGEST {
        return Err(not("write it with fewer digits"));
    }
    let (whole, fraction) = shift(whole, fraction, exponent);
    // An exponent can make a short text long: what is recorded is read again as the same number, or not at all.
    if whole.len() + 1 + fraction.len() > LONGEST {
        return Err(not("write it with fewer digits"));
    }
    check_size(item, &whole, &fraction)?;
    let sign = if negative && !(whole == "0" && fraction.bytes().all(|b| b == b'0')) { "-" } else { "" };
    Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// Moves the decimal point, and takes away zeros in front.
fn shift(whole: &str, fraction: &str, exponent: i32) -> (String, String) {
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i32 + exponent;
    let (whole, fraction) = if point <= 0 {
        (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs() as usize)))
    } else if point as usize >= digits.len() {
        (format!("{digits}{}", "0".repeat(point as usize - digits.len())), String::new())
    } else {
        (digits[..point as usize].to_owned(), digits[point as usize..].to_owned())
    };
    let whole = whole.trim_start_matches('0');
    (if whole.is_empty() { "0".to_owned() } else { whole.to_owned() }, fraction)
}

fn check_size(item: &Item, whole: &str, fraction: &str) -> Result<(), EntryProblem> {
    if item.kind == ItemType::Integer && !fraction.bytes().all(|b| b == b'0') {
        return Err(problem("format", "is not a whole number", "write it without decimals"));
    }
    if let Some(most) = item.decimals.filter(|d| fraction.trim_end_matches('0').len() > *d as usize) {
        return Err(problem("decimals", format!("has more than {most} decimals"), "round it as the source does"));
    }
    match item.length.filter(|l| whole.len() + fraction.len() > *l as usize) {
        Some(most) => Err(problem("length", format!("has more than {most} digits"), "check the number of digits")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_read_again_as_the_same_number() {
        let item = Item::new("X", "", ItemType::Float);
        for typed in ["267440109e53", "1e59", "1e-58", "1e58", "12.5e57", "-9e-57", "123456e-55"] {
            if let Ok(value) = read(&item, typed) {
                assert_eq!(read(&item, &value).as_deref(), Ok(value.as_str()), "{typed}");
            }
        }
        assert!(read(&item, "267440109e53").is_err() && read(&item, "1e-60").is_err());
        assert!(read(&item, "1e58").is_ok() && read(&item, "1e-57").is_ok());
    }

    #[test]
    fn numbers_are_read_without_a_binary_number() {
        let item = Item::new("X", "", ItemType::Float);
        for (typed, value) in [
            ("12.5", "12.5"),
            ("12,5", "12.5"),
            ("+7", "7"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("−3", "-3"),
            ("1.20", "1.20"),
            ("0.1234567890123456789012345", "0.1234567890123456789012345"),
            ("1.5e3", "1500"),
            ("15E-3", "0.015"),
            ("1e0", "1"),
        ] {
            assert_eq!(read(&item, typed).as_deref(), Ok(value), "{typed}");
        }
        for bad in ["", "-", ".", "1.000,5", "1 000", "1e", "e5", "1e999", "0x1", "NaN", "١"] {
            assert!(read(&item, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_an_item_says_of_its_size_holds() {
        let mut item = Item::new("X", "", ItemType::Integer);
        assert_eq!(read(&item, "70.0").as_deref(), Ok("70.0"));
        assert_eq!(read(&item, "70.5").unwrap_err().check, "format");
        item.length = Some(3);
        assert_eq!(read(&item, "1000").unwrap_err().check, "length");
        let mut item = Item::new("X", "", ItemType::Float);
        item.decimals = Some(1);
        assert_eq!(read(&item, "70.50").as_deref(), Ok("70.50"));
        assert_eq!(read(&item, "70.55").unwrap_err().check, "decimals");
    }
}

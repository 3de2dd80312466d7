//! Entry points for fuzzing: each reads arbitrary bytes through one parser, must never panic, and checks what must hold
//! of whatever was read. Coverage-guided fuzzing and the seeded mutations of the tests call the same functions.

use crate::date::{Duration, Imputer, Interval, PartialDate, impute};
use crate::manifest::Manifest;
use crate::result::RowSet;
use crate::round::{Rounding, format_fixed, round};
use crate::unit::{Quantity, Unit};
use crate::{SubjectId, json};

/// Dates, intervals and durations: what is read keeps its text; a complete moment reads back.
pub fn fuzz_date(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(date) = PartialDate::parse(text) {
        assert_eq!(date.as_str(), text, "a date keeps its text");
        if let Ok(imputed) = impute(&date, &Imputer::default()) {
            let shown = imputed.moment.to_string();
            let again = PartialDate::parse(&shown).ok().and_then(|d| d.moment());
            assert_eq!(again, Some(imputed.moment), "a complete moment reads back");
        }
    }
    if let Ok(interval) = Interval::parse(text) {
        let _ = interval.is_reversed();
    }
    if let Ok(duration) = Duration::parse(text) {
        assert!(duration.seconds().is_none_or(f64::is_finite), "a duration is finite");
    }
}

/// Units and quantities: a unit converts to itself unchanged, where the value survives its scale.
pub fn fuzz_unit(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(unit) = Unit::parse(text) {
        assert!(unit.is_commensurable(&unit), "a unit is commensurable with itself");
        let _ = unit.convert(1.0, &unit);
        let _ = unit.per(&unit);
    }
    let _ = Unit::from_ucum(text);
    let _ = Quantity::parse(text);
}

/// Rounding of any double to any number of decimals: doing it twice changes nothing.
pub fn fuzz_round(data: &[u8]) {
    let Some((number, decimals)) = data.split_first_chunk::<8>() else { return };
    let x = f64::from_le_bytes(*number);
    let decimals = decimals.first().map_or(0, |&d| i32::from(d)) - 128;
    for rule in [Rounding::HalfAwayFromZero, Rounding::HalfToEven] {
        let once = round(x, decimals, rule);
        assert_eq!(round(once, decimals, rule).to_bits(), once.to_bits(), "rounding twice changes nothing");
        if x.is_finite() {
            let shown = format_fixed(x, decimals.unsigned_abs(), rule);
            assert!(shown.parse::<f64>().is_ok(), "a number is shown as a number");
        }
    }
}

/// Manifests, identifiers and row sets: what is read is written back equal.
pub fn fuzz_manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(manifest) = Manifest::parse(text) {
        let again = Manifest::parse(&manifest.to_json());
        assert!(again.is_ok_and(|m| m.to_json() == manifest.to_json()), "a manifest is written back equal");
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        let canonical = json::canonical(&value);
        let again = serde_json::from_str(&canonical).map(|v| json::canonical(&v));
        assert!(again.is_ok_and(|c| c == canonical), "canonical text is canonical");
    }
    let _ = SubjectId::new(text);
    if let Ok(rows) = RowSet::try_from(text.to_owned()) {
        let _ = rows.len();
        assert_eq!(RowSet::try_from(rows.to_string()), Ok(rows), "a row set is written back equal");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_a_parser_panic(data in prop::collection::vec(any::<u8>(), 0..40)) {
            fuzz_date(&data);
            fuzz_unit(&data);
            fuzz_round(&data);
            fuzz_manifest(&data);
        }
    }

    #[test]
    fn the_largest_row_numbers_do_not_overflow() {
        fuzz_manifest(b"0-18446744073709551615");
        fuzz_manifest(b"18446744073709551615");
    }
}

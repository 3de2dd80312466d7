//! What does the trade's spelling of a unit mean in UCUM?

use super::{UnitError, shortened};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Spellings that UCUM reads as something 10⁶ or more away, or as another quantity.
const AMBIGUOUS: [(&str, &str, &str); 5] = [
    ("MG", "a megagauss", "mg"),
    ("Mg", "a megagram", "mg"),
    ("ML", "a megalitre", "mL"),
    ("Ml", "a megalitre", "mL"),
    ("PG", "a petagauss", "pg"),
];

/// The trade's words and their UCUM codes.
fn spellings() -> &'static BTreeMap<&'static str, &'static str> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = include_str!("../../data/units.csv").lines().skip(1);
        rows.filter_map(|row| row.split_once(',')).collect()
    })
}

/// The UCUM code of a unit as the trade writes it: the whole, else each word between `*`, `/` and brackets.
pub(super) fn to_ucum(text: &str) -> Result<String, UnitError> {
    let text: String = text
        .chars()
        .map(|c| match c {
            'µ' | 'μ' => 'u',
            '·' | '×' => '*',
            c => c,
        })
        .collect();
    if let Some(code) = spellings().get(text.as_str()) {
        return Ok((*code).to_owned());
    }
    let mut ucum = String::with_capacity(text.len() + 8);
    let mut word = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // UCUM's own power of ten, `10*9`, is one word.
        let power_of_ten = word == "10" && c == '*';
        if depth == 0 && !power_of_ten && matches!(c, '*' | '/' | '(' | ')') {
            ucum.push_str(&word_to_ucum(&text, &word)?);
            word.clear();
            ucum.push(if c == '*' { '.' } else { c });
        } else {
            word.push(c);
        }
    }
    ucum.push_str(&word_to_ucum(&text, &word)?);
    Ok(ucum)
}

/// One word: in the table, a word of the table with an exponent (`day2`), a power of ten (`10^9`), or UCUM already.
fn word_to_ucum(unit: &str, word: &str) -> Result<String, UnitError> {
    let word = word.trim();
    if let Some((atom, ucum_meaning, probably)) = AMBIGUOUS.iter().find(|(atom, ..)| *atom == word) {
        return Err(UnitError::Ambiguous { unit: shortened(unit), atom: (*atom).to_owned(), ucum_meaning, probably });
    }
    let grouped = |code: &str| if code.contains('/') { format!("({code})") } else { code.to_owned() };
    if let Some(code) = spellings().get(word) {
        return Ok(grouped(code));
    }
    if let Some(exponent) = word.strip_prefix("10^") {
        return Ok(match exponent.split_once(' ') {
            Some((exponent, counted)) => format!("10*{exponent}.{}", word_to_ucum(unit, counted)?),
            None => format!("10*{exponent}"),
        });
    }
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    match spellings().get(stem) {
        Some(code) if stem.len() < word.len() && code.bytes().all(|b| b.is_ascii_alphabetic()) => {
            Ok(format!("{code}{}", &word[stem.len()..]))
        }
        _ => Ok(word.to_owned()),
    }
}

/// Known spellings that differ in case only, then units of UCUM that do.
pub(super) fn similar(word: &str) -> Vec<String> {
    let same = |known: &str| known.eq_ignore_ascii_case(word);
    let trade = spellings().keys().filter(|k| same(k)).map(|k| (*k).to_owned());
    let simple = [
        "mg", "ug", "ng", "pg", "kg", "g", "mL", "uL", "dL", "L", "mol", "mmol", "umol", "nmol", "pmol", "h", "min",
        "d",
    ];
    let ucum = simple.into_iter().filter(|k| same(k)).map(str::to_owned);
    trade.chain(ucum).map(|s| format!("`{s}`")).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;

    #[test]
    fn each_word_of_the_table_is_a_unit() {
        for word in spellings().keys() {
            assert!(Unit::parse(word).is_ok(), "{word}");
        }
        assert_eq!(spellings().len(), include_str!("../../data/units.csv").lines().count() - 1, "a word stands twice");
    }
}

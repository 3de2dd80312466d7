//! Which blanks may not break?
//!
//! A number and its unit stay on one line ("12.3 ng/mL"), as do a number and `%`. Only blanks are changed.

use crate::block::Inline;

/// Units as they begin, without what may follow (`ng/mL`, `mg·h`).
const UNITS: [&str; 31] = [
    "%", "°C", "kg", "g", "mg", "µg", "μg", "ng", "pg", "L", "mL", "µL", "μL", "h", "min", "s", "d", "days", "day",
    "weeks", "months", "years", "mm", "cm", "m", "mmHg", "mmol", "µmol", "nmol", "mol", "bpm",
];

/// Binds numbers to their units through a run of inlines.
pub(super) fn bind(inlines: &mut [Inline]) {
    let mut before = ' ';
    bind_from(inlines, &mut before);
}

fn bind_from(inlines: &mut [Inline], before: &mut char) {
    for inline in inlines {
        match inline {
            Inline::Text(text) => {
                *text = bound(text, *before);
                *before = text.chars().last().unwrap_or(*before);
            }
            Inline::Value { text, .. } | Inline::Code(text) => *before = text.chars().last().unwrap_or(*before),
            Inline::Strong(c) | Inline::Emphasis(c) | Inline::Subscript(c) | Inline::Superscript(c) => {
                bind_from(c, before);
            }
            Inline::Link { content, .. } | Inline::Reference { content, .. } => bind_from(content, before),
            Inline::Note(content) => bind(content),
            Inline::Break => *before = ' ',
        }
    }
}

fn bound(text: &str, before: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = before;
    for (at, c) in text.char_indices() {
        let binds = c == ' ' && last.is_ascii_digit() && starts_with_unit(&text[at + 1..]);
        out.push(if binds { '\u{a0}' } else { c });
        last = c;
    }
    out
}

fn starts_with_unit(text: &str) -> bool {
    let word = text.split(|c: char| !(c.is_alphanumeric() || c == '%' || c == '°')).next().unwrap_or("");
    UNITS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_unit() {
        let value = Inline::Value { text: "12.3".into(), sources: vec![] };
        let mut run = [value, Inline::Text(" ng/mL in 24 subjects over 2 h, 90 % of".into())];
        bind(&mut run);
        assert_eq!(run[1], Inline::Text("\u{a0}ng/mL in 24 subjects over 2\u{a0}h, 90\u{a0}% of".into()));
    }
}

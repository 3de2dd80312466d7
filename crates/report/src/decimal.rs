//! Where is a text split so that numbers stand on their decimal point?
//!
//! Before the point of its first number; after the number's last digit when it has no point. Texts without a digit
//! stand to the left of the point line as a whole (`NC`), so that they end where whole numbers end.

/// What stands left of the point line, and what stands right of it.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let Some(first) = text.find(|c: char| c.is_ascii_digit()) else {
        return (text, "");
    };
    let digits = text[first..].find(|c: char| !c.is_ascii_digit() && c != ',').map_or(text.len(), |n| first + n);
    // A thousands comma belongs to the number, one that ends it does not.
    let digits = text[..digits].trim_end_matches(',').len();
    text.split_at(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_split_at_their_point() {
        let cases = [
            ("12.34 (1.2)", "12", ".34 (1.2)"),
            ("-0.5", "-0", ".5"),
            ("24", "24", ""),
            ("<0.001", "<0", ".001"),
            ("1,234.5", "1,234", ".5"),
            ("12 (50.0%)", "12", " (50.0%)"),
            ("NC", "NC", ""),
            ("3, 4", "3", ", 4"),
            ("", "", ""),
        ];
        for (text, before, after) in cases {
            assert_eq!(split(text), (before, after), "{text}");
        }
    }
}

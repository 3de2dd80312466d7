//! How is a SAS format or informat written?
//!
//! In a dataset as SAS prints it, `DATE9.`, `8.2`, `$20.`; in a transport file as a name, a width and a number of decimals.
//! `$` belongs to the name. A width or decimals of 0 mean "not given".
//!
//! Where packages differ: ReadStat copies the format into the informat on writing, although `WEEKDAY.` is no informat;
//! haven gives `$` to each text column. Here the two are apart, and nothing is added.

use croft_core::{DataType, Kind};

/// A format's parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    pub name: String,
    pub width: u16,
    pub decimals: u16,
}

impl Format {
    /// Reads `NAMEw.d`; a missing final point is accepted. `None`: it is not a format.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (head, decimals) = match text.rsplit_once('.') {
            Some((head, "")) => (head, 0),
            Some((head, decimals)) => (head, digits(decimals)?),
            None => (text, 0),
        };
        let name_end = head.len() - head.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (name, width) = head.split_at(name_end);
        let width = if width.is_empty() { 0 } else { digits(width)? };
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        (name.chars().all(legal)).then(|| Self { name: name.to_owned(), width, decimals })
    }

    /// As SAS prints it; `None` when nothing was given.
    pub(crate) fn to_text(&self) -> Option<String> {
        if self.name.is_empty() && self.width == 0 && self.decimals == 0 {
            return None;
        }
        let mut text = self.name.clone();
        if self.width > 0 {
            text.push_str(&self.width.to_string());
        }
        text.push('.');
        if self.decimals > 0 {
            text.push_str(&self.decimals.to_string());
        }
        Some(text)
    }
}

fn digits(text: &str) -> Option<u16> {
    text.parse().ok().filter(|&n: &u16| n <= i16::MAX as u16 && text.bytes().all(|b| b.is_ascii_digit()))
}

/// What a column with this display format means: SAS keeps dates as days, times as seconds, date-times as seconds.
pub(crate) fn data_type(kind: Kind, format: Option<&str>) -> DataType {
    if kind == Kind::Char {
        return DataType::Text;
    }
    let name = format.and_then(Format::parse).map_or_else(String::new, |f| f.name.to_ascii_uppercase());
    let starts = |heads: &[&str]| heads.iter().any(|head| name.starts_with(head));
    // DATETIME and DATEAMPM before DATE; E8601DT is a date-time, E8601DA a date, E8601TM a time, and likewise B8601.
    if starts(&["DATETIME", "DATEAMPM", "E8601DT", "B8601DT", "E8601DZ", "B8601DZ", "MDYAMPM"]) {
        DataType::Datetime
    } else if starts(&[
        "DATE", "YYMMDD", "MMDDYY", "DDMMYY", "E8601DA", "B8601DA", "JULIAN", "WORDDATE", "WEEKDATE", "IS8601DA",
    ]) {
        DataType::Date
    } else if starts(&["TIME", "HHMM", "E8601TM", "B8601TM", "TOD", "IS8601TM"]) {
        DataType::Time
    } else {
        DataType::Float
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_printed_as_it_was_read() {
        for text in ["DATE9.", "8.2", "$20.", "E8601DA10.", "BEST12.", "$CHAR200.", "$", "_X1_3.1"] {
            let shown = Format::parse(text).unwrap().to_text().unwrap();
            assert_eq!(shown.trim_end_matches('.'), text.trim_end_matches('.'));
        }
        assert_eq!(Format::parse("DATE9."), Some(Format { name: "DATE".into(), width: 9, decimals: 0 }));
        assert_eq!(Format::parse("5.2").map(|f| (f.width, f.decimals)), Some((5, 2)));
        assert_eq!(Format::parse("a b."), None);
        assert_eq!(Format::parse("8.x"), None);
        assert_eq!(Format::parse("99999."), None);
        assert_eq!(Format::default().to_text(), None);
    }

    #[test]
    fn a_date_format_makes_a_date() {
        assert_eq!(data_type(Kind::Num, Some("DATETIME20.")), DataType::Datetime);
        assert_eq!(data_type(Kind::Num, Some("YYMMDD10.")), DataType::Date);
        assert_eq!(data_type(Kind::Num, Some("E8601TM8.")), DataType::Time);
        assert_eq!(data_type(Kind::Num, Some("8.2")), DataType::Float);
        assert_eq!(data_type(Kind::Char, Some("DATE9.")), DataType::Text);
    }
}

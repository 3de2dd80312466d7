//! A cell's text: its padding, its encoding.

use super::XptError;
use crate::charset::Charset;
use std::borrow::Cow;

/// Texts of one variable that needed the named encoding.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub count: usize,
    pub first_row: u64,
    pub first_value: String,
}

/// Where a cell is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub row: u64,
    pub offset: u64,
}

/// A text that is not in the expected encoding.
pub(crate) struct BadText {
    place: Place,
    byte: u8,
    at: usize,
}

impl BadText {
    pub(crate) fn error(self, dataset: &str, variable: &str, charset: Option<Charset>) -> XptError {
        XptError::Undecodable {
            dataset: dataset.to_owned(),
            row: self.place.row,
            variable: variable.to_owned(),
            charset: charset.unwrap_or(Charset::UTF_8).name(),
            byte: self.byte,
            offset: self.place.offset + self.at as u64,
        }
    }
}

/// A cell's text without its padding.
#[inline]
pub(crate) fn text<'b>(
    bytes: &'b [u8],
    charset: Option<Charset>,
    foreign: &mut Option<Foreign>,
    place: Place,
) -> Result<Cow<'b, str>, BadText> {
    let bytes = trim_blanks(bytes);
    let read = std::str::from_utf8(bytes);
    let Some(charset) = charset.filter(|_| !bytes.is_ascii()) else {
        return read.map(Cow::Borrowed).map_err(|e| bad_text(bytes, e.valid_up_to(), place));
    };
    let valid = read.err().map_or(0, |e| e.valid_up_to());
    let text = charset.decode(bytes).ok_or_else(|| bad_text(bytes, valid, place))?;
    let seen = foreign.get_or_insert_with(|| Foreign {
        count: 0,
        first_row: place.row,
        first_value: text.clone().into_owned(),
    });
    seen.count += 1;
    Ok(text)
}

#[cold]
fn bad_text(bytes: &[u8], at: usize, place: Place) -> BadText {
    BadText { place, byte: bytes.get(at).copied().unwrap_or_default(), at }
}

/// Bytes without the blanks at their end, eight at a time: fields of 200 bytes are mostly blanks.
#[inline]
fn trim_blanks(bytes: &[u8]) -> &[u8] {
    let mut end = bytes.len();
    while end >= 8 && bytes[end - 8..end] == *b"        " {
        end -= 8;
    }
    while end > 0 && bytes[end - 1] == b' ' {
        end -= 1;
    }
    &bytes[..end]
}

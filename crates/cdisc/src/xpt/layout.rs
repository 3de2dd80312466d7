//! What stands in the 80-byte records of a transport file?
//!
//! ```text
//! library header, 2 records of library stamps
//! member header, descriptor header, 2 records of member name, label, type and stamps
//! namestr header with the number of variables, 140 bytes a variable, padded
//! (v8: label header and labels over 40 characters, or names over 8 of formats)
//! observation header, observations, padded          then the next member, if any
//! ```
//! Sources: SAS technical note TS-140 (version 5); SAS support note "Record layout of a SAS version 8 or 9 data set in
//! SAS transport format" (version 8).

use super::format::Format;
use super::{Stamp, Version, XptError};
use croft_core::Kind;

/// Bytes of a record.
pub(crate) const CARD: usize = 80;
/// Bytes of a variable's description; 136 in files from VAX.
pub(crate) const NAMESTR: usize = 140;
/// How each header begins.
pub(crate) const HEADER: &[u8] = b"HEADER RECORD*******";
const HEADER_TAIL: &[u8] = b"HEADER RECORD!!!!!!!";

/// The words that tell the headers apart.
pub(crate) struct Words {
    pub library: &'static str,
    pub member: &'static str,
    pub descriptor: &'static str,
    pub namestr: &'static str,
    pub observations: &'static str,
}

impl Version {
    pub(crate) fn words(self) -> Words {
        match self {
            Self::V5 => Words {
                library: "LIBRARY ",
                member: "MEMBER  ",
                descriptor: "DSCRPTR ",
                namestr: "NAMESTR ",
                observations: "OBS     ",
            },
            Self::V8 => Words {
                library: "LIBV8   ",
                member: "MEMBV8  ",
                descriptor: "DSCPTV8 ",
                namestr: "NAMSTV8 ",
                observations: "OBSV8   ",
            },
        }
    }
}

/// A header record with its 30 characters of counts.
pub(crate) fn header(word: &str, counts: &str) -> [u8; CARD] {
    let mut card = [b' '; CARD];
    card[..20].copy_from_slice(HEADER);
    card[20..28].copy_from_slice(word.as_bytes());
    card[28..48].copy_from_slice(HEADER_TAIL);
    card[48..48 + counts.len()].copy_from_slice(counts.as_bytes());
    card
}

/// The word and the counts of a header record; `None`: this record is none.
pub(crate) fn parse_header(card: &[u8]) -> Option<(&[u8], &[u8])> {
    (card.len() == CARD && card.starts_with(HEADER) && card[28..].starts_with(HEADER_TAIL))
        .then(|| (&card[20..28], &card[48..]))
}

/// A number written in digits among blanks.
pub(crate) fn count(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}

/// Bytes without the blanks and zero bytes at their end: headers are padded with either.
pub(crate) fn trim_header(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&b| b != b' ' && b != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// A field of `N` bytes filled up with blanks.
pub(crate) fn padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut field = [b' '; N];
    let length = bytes.len().min(N);
    field[..length].copy_from_slice(&bytes[..length]);
    field
}

/// The `N` bytes at this place.
pub(crate) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

pub(crate) fn stamp_at(card: &[u8], at: usize) -> Stamp {
    Stamp(bytes_at(card, at))
}

/// A variable's description as bytes, before its texts are decoded.
#[derive(Clone, Debug)]
pub(crate) struct Namestr {
    pub kind: Kind,
    pub length: usize,
    pub number: u16,
    pub name: Vec<u8>,
    pub label: Vec<u8>,
    pub format: RawFormat,
    pub right_justified: bool,
    pub informat: RawFormat,
    pub position: usize,
    pub filler: Filler,
}

/// What stands in the unused bytes of a variable's description: after the format, and after the position (version 5).
/// SAS leaves zeros; other writers leave blanks in one or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filler {
    after_format: u8,
    after_position: u8,
}

/// A format's parts, its name still in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawFormat {
    pub name: Vec<u8>,
    pub width: u16,
    pub decimals: u16,
}

impl RawFormat {
    pub(crate) fn new(format: &Format) -> Self {
        Self { name: format.name.clone().into_bytes(), width: format.width, decimals: format.decimals }
    }

    /// Names of formats are ASCII words; other bytes are shown as `?`.
    pub(crate) fn to_text(&self) -> Option<String> {
        let name = self.name.iter().map(|&b| if b.is_ascii_graphic() { b as char } else { '?' }).collect();
        Format { name, width: self.width, decimals: self.decimals }.to_text()
    }
}

impl Namestr {
    /// Reads a description; `offset` is where it stands in the file.
    pub(crate) fn parse(bytes: &[u8], version: Version, offset: u64) -> Result<Self, XptError> {
        let short = |at: usize| i16::from_be_bytes(bytes_at(bytes, at));
        let damaged = |what: &'static str| XptError::Damaged { offset, what };
        let kind = match short(0) {
            1 => Kind::Num,
            2 => Kind::Char,
            _ => return Err(damaged("a variable's type is neither 1 (Num) nor 2 (Char)")),
        };
        let length = usize::try_from(short(4)).map_err(|_| damaged("a variable's length is negative"))?;
        if kind == Kind::Num && !(2..=8).contains(&length) {
            return Err(damaged("a numeric variable's length is not 2 to 8"));
        }
        let positive = |at: usize| short(at).max(0) as u16;
        let format = |name: usize, width: usize| RawFormat {
            name: trim_header(&bytes[name..name + 8]).to_vec(),
            width: positive(width),
            decimals: positive(width + 2),
        };
        let long_name = if version == Version::V8 { trim_header(&bytes[88..120]) } else { &[] };
        let name = if long_name.is_empty() { trim_header(&bytes[8..16]) } else { long_name };
        let position = u32::from_be_bytes(bytes_at(bytes, 84));
        Ok(Self {
            kind,
            length,
            number: short(6) as u16,
            name: name.to_vec(),
            label: trim_header(&bytes[16..56]).to_vec(),
            format: format(56, 64),
            right_justified: short(68) == 1,
            informat: format(72, 80),
            position: position as usize,
            filler: Filler {
                after_format: bytes[70],
                after_position: if version == Version::V5 { bytes[88] } else { 0 },
            },
        })
    }

    /// Writes the description. v8 also keeps the long name and the label's full length.
    pub(crate) fn to_bytes(&self, version: Version) -> [u8; NAMESTR] {
        let mut bytes = [0; NAMESTR];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, &(if self.kind == Kind::Num { 1_u16 } else { 2 }).to_be_bytes());
        put(4, &(self.length as u16).to_be_bytes());
        put(6, &self.number.to_be_bytes());
        put(8, &padded::<8>(&self.name));
        put(16, &padded::<40>(&self.label));
        put(56, &padded::<8>(&self.format.name));
        put(64, &self.format.width.to_be_bytes());
        put(66, &self.format.decimals.to_be_bytes());
        put(68, &u16::from(self.right_justified).to_be_bytes());
        put(70, &[self.filler.after_format; 2]);
        put(72, &padded::<8>(&self.informat.name));
        put(80, &self.informat.width.to_be_bytes());
        put(82, &self.informat.decimals.to_be_bytes());
        put(84, &(self.position as u32).to_be_bytes());
        put(88, &[self.filler.after_position; 52]);
        if version == Version::V8 {
            put(88, &padded::<32>(&self.name));
            put(120, &(self.label.len().min(usize::from(u16::MAX)) as u16).to_be_bytes());
        }
        bytes
    }
}

//! Bytes to UTF-8 text, counted: which encoding is it, and at which line are we?

use super::error::OdmError;
use super::node::Place;
use crate::charset::Charset;
use std::io::{self, BufRead, Cursor, Read};

/// As much as an XML declaration needs.
const HEAD: u64 = 1024;

/// The name of the encoding, and the text as UTF-8.
pub(crate) fn open<'a>(mut input: impl BufRead + 'a) -> Result<(String, Box<dyn BufRead + 'a>), OdmError> {
    let mut head = Vec::new();
    let failed = |e: io::Error| OdmError::Input { place: Place { line: 1, column: 1 }, what: e.to_string() };
    input.by_ref().take(HEAD).read_to_end(&mut head).map_err(failed)?;
    let (mark, wide) = match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(encoding_rs::UTF_16LE)),
        [0xfe, 0xff, ..] => (2, Some(encoding_rs::UTF_16BE)),
        [b'<', 0, ..] => (0, Some(encoding_rs::UTF_16LE)),
        [0, b'<', ..] => (0, Some(encoding_rs::UTF_16BE)),
        _ => (0, None),
    };
    let declared = if wide.is_none() { declared(&head) } else { None };
    head.drain(..mark);
    let all = Cursor::new(head).chain(input);
    if let Some(encoding) = wide {
        let decoder = encoding.new_decoder_without_bom_handling();
        return Ok((encoding.name().to_owned(), Box::new(Transcode::new(all, decoder))));
    }
    match declared {
        Some(name) if mark == 0 => {
            let charset = Charset::named(&name).map_err(|_| OdmError::UnknownEncoding(name))?;
            if charset == Charset::UTF_8 {
                return Ok(("utf-8".to_owned(), Box::new(all)));
            }
            Ok((charset.name(), Box::new(Transcode::new(all, charset.decoder()))))
        }
        _ => Ok(("utf-8".to_owned(), Box::new(all))),
    }
}

/// The value of `encoding` in the XML declaration.
fn declared(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let declaration = head.trim_start_matches('\u{feff}').strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let after = declaration[declaration.find("encoding")? + "encoding".len()..].trim_start().strip_prefix('=')?;
    let after = after.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after[1..].split(quote).next().map(str::to_owned)
}

/// Another encoding, as UTF-8.
struct Transcode<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    out: String,
    taken: usize,
    ended: bool,
}

impl<R> Transcode<R> {
    fn new(inner: R, decoder: encoding_rs::Decoder) -> Self {
        Self { inner, decoder, out: String::new(), taken: 0, ended: false }
    }
}

impl<R: BufRead> BufRead for Transcode<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.out.len() && !self.ended {
            self.out.clear();
            self.taken = 0;
            self.out.reserve(16 * 1024);
            let input = self.inner.fill_buf()?;
            let last = input.is_empty();
            let (result, read) = self.decoder.decode_to_string_without_replacement(input, &mut self.out, last);
            self.inner.consume(read);
            match result {
                encoding_rs::DecoderResult::InputEmpty => self.ended = last,
                encoding_rs::DecoderResult::OutputFull => {}
                encoding_rs::DecoderResult::Malformed(..) => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(&self.out.as_bytes()[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}

impl<R: BufRead> Read for Transcode<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// A reader that knows where it is, and stops a piece that is too long.
pub(crate) struct Counted<'a> {
    inner: Box<dyn BufRead + 'a>,
    /// Where the next byte stands.
    pub(crate) place: Place,
    /// The first control character met, and where.
    pub(crate) bad: Option<(Place, u32)>,
    /// Bytes taken in all.
    pub(crate) taken: u64,
    /// Bytes that may be taken in all before reading fails.
    pub(crate) until: u64,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(inner: Box<dyn BufRead + 'a>) -> Self {
        Self { inner, place: Place { line: 1, column: 1 }, bad: None, taken: 0, until: u64::MAX }
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken > self.until {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // The buffer is filled, so this reads nothing.
        if let Ok(buffer) = self.inner.fill_buf() {
            count(&buffer[..amount.min(buffer.len())], &mut self.place, &mut self.bad);
        }
        self.taken += amount as u64;
        self.inner.consume(amount);
    }
}

fn count(bytes: &[u8], place: &mut Place, bad: &mut Option<(Place, u32)>) {
    for &byte in bytes {
        if byte == b'\n' {
            place.line = place.line.saturating_add(1);
            place.column = 1;
            continue;
        }
        if byte < 0x20 && !matches!(byte, b'\t' | b'\r') && bad.is_none() {
            *bad = Some((*place, u32::from(byte)));
        }
        // Continuation bytes of UTF-8 are no characters of their own.
        place.column = place.column.saturating_add(u32::from(byte & 0xc0 != 0x80));
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

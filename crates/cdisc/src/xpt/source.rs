//! A window that moves once over the bytes of a transport file.
//!
//! It holds what was read and not yet taken, and knows up to which byte it is certain that data go on: a version 5 file does not count
//! its observations, so their end is the end of the file or the next member's header at the start of a record.

use super::XptError;
use super::layout::{CARD, HEADER};
use std::io::Read;

/// Bytes read at a time.
const CHUNK: usize = 1 << 18;

pub(crate) struct Source<R> {
    reader: R,
    window: Vec<u8>,
    taken: usize,
    /// Where in the file the window begins.
    base: u64,
    at_end: bool,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, window: Vec::new(), taken: 0, base: 0, at_end: false }
    }

    /// Where the next byte to be taken stands in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.taken as u64
    }

    /// What was read and not taken.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.window[self.taken..]
    }

    /// Whether everything was read.
    pub(crate) fn at_end(&self) -> bool {
        self.at_end
    }

    /// Reads until `n` bytes are ahead, or the file ends. Memory grows with what is there, not with what a header promises.
    pub(crate) fn fill(&mut self, n: usize) -> Result<(), XptError> {
        while self.ahead().len() < n && !self.at_end {
            self.more()?;
        }
        Ok(())
    }

    /// Reads one chunk more.
    pub(crate) fn more(&mut self) -> Result<(), XptError> {
        if self.taken > 0 {
            self.window.drain(..self.taken);
            self.base += self.taken as u64;
            self.taken = 0;
        }
        let before = self.window.len();
        let read = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.window);
        let offset = self.base + before as u64;
        self.at_end = read.map_err(|source| XptError::Read { offset, source })? == 0;
        Ok(())
    }

    /// Takes `n` bytes that were made sure of by [`Source::fill`].
    pub(crate) fn skip(&mut self, n: usize) {
        self.taken += n.min(self.window.len() - self.taken);
    }

    /// Takes `n` bytes, or says what is cut short.
    pub(crate) fn take(&mut self, n: usize, what: &str) -> Result<&[u8], XptError> {
        self.fill(n)?;
        if self.ahead().len() < n {
            return Err(XptError::Truncated {
                offset: self.offset() + self.ahead().len() as u64,
                what: what.to_owned(),
            });
        }
        let start = self.taken;
        self.taken += n;
        Ok(&self.window[start..start + n])
    }

    /// Takes blanks up to the next full record: headers and observations are padded to 80 bytes.
    pub(crate) fn align(&mut self) -> Result<(), XptError> {
        let rest = (CARD - (self.offset() % CARD as u64) as usize) % CARD;
        self.fill(rest)?;
        self.skip(rest);
        Ok(())
    }

    /// Where the next member's header begins among the bytes ahead, looking at full records from file offset `from` on.
    /// Gives the header, or up to where there is none.
    pub(crate) fn find_member(&self, from: u64) -> Result<u64, u64> {
        let ahead = self.ahead();
        let offset = self.offset();
        let mut at = from.max(offset.next_multiple_of(CARD as u64));
        while (at - offset) as usize + CARD <= ahead.len() {
            let card = &ahead[(at - offset) as usize..];
            if card.starts_with(HEADER) && card[HEADER.len()..].starts_with(b"MEMB") {
                return Ok(at);
            }
            at += CARD as u64;
        }
        Err(at)
    }
}

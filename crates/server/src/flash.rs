//! What did the last request do? Said once, on top of the next page.
//!
//! The message travels in a cookie, proved by the browser's own secret: nobody else can put words on a page.

use crate::session_cookie::Secret;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of text at most, so that the cookie fits.
const MOST: usize = 1500;

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Done,
    /// Done, or not, and something needs attention.
    Warning,
    /// Not done.
    Failed,
    /// Simply said.
    Note,
}

const TONES: [(Tone, u8); 4] = [(Tone::Done, b'd'), (Tone::Warning, b'w'), (Tone::Failed, b'f'), (Tone::Note, b'n')];

impl Flash {
    /// As it stands in the cookie.
    pub(crate) fn seal(&self, secret: &Secret) -> String {
        let tone = TONES.iter().find(|(tone, _)| *tone == self.tone).map_or(b'n', |(_, letter)| *letter);
        let cut = (0..=self.text.len().min(MOST)).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let message = [&[tone], &self.text.as_bytes()[..cut]].concat();
        BASE64URL_NOPAD.encode(&[proof(secret, &message).as_slice(), &message].concat())
    }

    /// Reads it, if this browser was given it.
    pub(crate) fn open(text: &str, secret: &Secret) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (given, message) = bytes.split_at_checked(32)?;
        if !bool::from(given.ct_eq(&proof(secret, message))) {
            return None;
        }
        let (letter, text) = message.split_first()?;
        let tone = TONES.iter().find(|(_, l)| l == letter)?.0;
        Some(Self { tone, text: String::from_utf8(text.to_vec()).ok()? })
    }
}

/// The message is hashed by itself first, so that all parts have fixed lengths.
fn proof(secret: &Secret, message: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"croft flash 1\0");
    hasher.update(secret.bytes());
    hasher.update(Sha256::digest(message));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn only_the_browser_that_was_given_it_shows_it() {
        let (mine, other) = (Secret::fresh(&SystemRandom).unwrap(), Secret::fresh(&SystemRandom).unwrap());
        let flash = Flash { tone: Tone::Done, text: "12 forms are signed – schön".to_owned() };
        let sealed = flash.seal(&mine);
        assert_eq!(Flash::open(&sealed, &mine), Some(flash));
        assert_eq!(Flash::open(&sealed, &other), None);
        assert_eq!(Flash::open(&format!("{sealed}AA"), &mine), None);
        let long = Flash { tone: Tone::Note, text: "ä".repeat(5000) };
        assert!(long.seal(&mine).len() < 2500);
    }
}

//! Which characters do these bytes stand for?
//!
//! Transport and CSV files do not say how their text is encoded. croft reads UTF-8 (ASCII is part of it) and refuses anything
//! else until the reader names an encoding; it never guesses, since `0x92` is `’` in windows-1252 and something else elsewhere.
//!
//! Names are those of the WHATWG Encoding Standard (<https://encoding.spec.whatwg.org>), as `encoding_rs` implements it:
//! `windows-1252` (also asked for as `latin1` or `iso-8859-1`), `shift_jis`, `gbk`, `euc-kr`, `windows-1251`, … Only those in which
//! ASCII bytes mean ASCII are taken: the fields of these files are padded with ASCII blanks.

use std::borrow::Cow;

/// An encoding with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(&'static encoding_rs::Encoding);

/// No such encoding, or not one that these files can be in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharsetError {
    /// Nobody calls an encoding so.
    #[error("there is no encoding called `{0}`")]
    Unknown(String),
    /// UTF-16 and the like.
    #[error("the encoding `{0}` does not keep ASCII as it is, so no field of these files can be in it")]
    NotAscii(String),
}

impl CharsetError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        "use a WHATWG name such as windows-1252, iso-8859-2, windows-1251, shift_jis, gbk, big5, euc-kr"
    }
}

impl Charset {
    /// UTF-8, what is read when nothing is named.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);

    /// The encoding of this name, in any case.
    pub fn named(name: &str) -> Result<Self, CharsetError> {
        let found = encoding_rs::Encoding::for_label_no_replacement(name.as_bytes())
            .ok_or_else(|| CharsetError::Unknown(name.to_owned()))?;
        let usable = found.is_ascii_compatible() && found.output_encoding() == found;
        if usable { Ok(Self(found)) } else { Err(CharsetError::NotAscii(name.to_owned())) }
    }

    /// The standard's name, `windows-1252`.
    pub fn name(self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// The text, or `None` when some byte stands for nothing.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// What decodes a stream of them piece by piece.
    pub(crate) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_without_bom_handling()
    }

    /// The bytes, or `None` when some character has none.
    pub fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        let (bytes, _, unmappable) = self.0.encode(text);
        (!unmappable).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_windows_1252_comes_back() {
        let charset = Charset::named("latin1").unwrap();
        assert_eq!(charset.name(), "windows-1252");
        let all: Vec<u8> = (0..=255).collect();
        let text = charset.decode(&all).unwrap().into_owned();
        assert_eq!(charset.encode(&text).unwrap().as_ref(), all);
        assert_eq!(charset.encode("Ω"), None);
    }

    #[test]
    fn wide_and_unknown_encodings_are_refused() {
        assert!(matches!(Charset::named("utf-16le"), Err(CharsetError::NotAscii(_))));
        assert!(matches!(Charset::named("klingon"), Err(CharsetError::Unknown(_))));
    }
}

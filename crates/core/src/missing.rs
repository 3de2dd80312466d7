//! Why is this number not there?
//!
//! SAS transport files know 28 kinds of missing number: `.`, `._` and `.A` to `.Z`.
//! All 28 are kept, because sponsors give them meanings (`.N` not done, `.B` below quantification).

use std::fmt;

/// One of the 28 missing kinds, written `.`, `._`, `.A` … `.Z`.
///
/// The order is SAS's: `._` < `.` < `.A` < … < `.Z`, and each sorts before any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Missing(u8);

impl Missing {
    /// `._`
    pub const UNDERSCORE: Self = Self(0);
    /// `.`, the ordinary missing number.
    pub const ORDINARY: Self = Self(1);

    /// The kind with this letter: `_`, `.`, or `A` to `Z` (any case). Anything else is no kind.
    pub fn from_letter(letter: char) -> Option<Self> {
        match letter.to_ascii_uppercase() {
            '_' => Some(Self::UNDERSCORE),
            '.' => Some(Self::ORDINARY),
            c @ 'A'..='Z' => Some(Self(c as u8 - b'A' + 2)),
            _ => None,
        }
    }

    /// `_`, `.`, or a capital letter: the byte that stands for it in a transport file.
    pub fn letter(self) -> char {
        match self.0 {
            0 => '_',
            1 => '.',
            n => (b'A' + n - 2) as char,
        }
    }

    /// All 28 kinds, in SAS's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..28).map(Self)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.letter() {
            '.' => f.write_str("."),
            c => write!(f, ".{c}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_28_kinds_survives_its_letter() {
        assert_eq!(Missing::all().count(), 28);
        for kind in Missing::all() {
            assert_eq!(Missing::from_letter(kind.letter()), Some(kind));
        }
        assert_eq!(Missing::from_letter('1'), None);
    }

    #[test]
    fn underscore_sorts_before_dot_before_letters() {
        let shown: Vec<_> = Missing::all().take(4).map(|m| m.to_string()).collect();
        assert_eq!(shown, ["._", ".", ".A", ".B"]);
    }
}

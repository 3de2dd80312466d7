//! Whose record is this?
//!
//! Studies, sites and subjects have identifiers of their own types, so that a site given for a subject does not compile.
//! An identifier has 1 to 64 visible characters of ASCII (space to `~` inside, none at the ends), since it goes into file names,
//! addresses and transport files; `/` and `\` are refused for the same reason.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("the {kind} identifier is empty")]
    Empty {
        /// `study`, `site` or `subject`.
        kind: &'static str,
    },
    /// Longer than 64 characters.
    #[error("the {kind} identifier has {length} characters, more than 64")]
    TooLong {
        /// `study`, `site` or `subject`.
        kind: &'static str,
        /// Characters.
        length: usize,
    },
    /// A character that cannot be part of one.
    #[error("the {kind} identifier `{text}` holds {character:?} as character {position}")]
    Character {
        /// `study`, `site` or `subject`.
        kind: &'static str,
        /// The text.
        text: String,
        /// The character.
        character: char,
        /// Counted from 1.
        position: usize,
    },
}

impl IdError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "fill in the identifier in each row",
            Self::TooLong { .. } => "shorten it; a transport file's USUBJID is best kept under 40 characters",
            Self::Character { .. } => {
                "use letters, digits, spaces inside and `-`, `_`, `.`; no `/`, no `\\`, no blank at the ends"
            }
        }
    }
}

fn check(kind: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    let length = text.chars().count();
    if length > 64 {
        return Err(IdError::TooLong { kind, length });
    }
    let fits = |i: usize, c: char| match c {
        ' ' => i > 0 && i + 1 < length,
        '/' | '\\' => false,
        c => c.is_ascii_graphic(),
    };
    match text.chars().enumerate().find(|&(i, c)| !fits(i, c)) {
        Some((i, character)) => Err(IdError::Character { kind, text: text.to_owned(), character, position: i + 1 }),
        None => Ok(()),
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier, when the text can be one.
            pub fn new(text: &str) -> Result<Self, IdError> {
                check($kind, text).map(|()| Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }
    };
}

identifier!(
    /// A study (`STUDYID`).
    StudyId,
    "study"
);
identifier!(
    /// A site within a study (`SITEID`).
    SiteId,
    "site"
);
identifier!(
    /// A subject, unique over all studies of a submission (`USUBJID`).
    SubjectId,
    "subject"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_the_trade_are_taken() {
        for text in ["CDISC01", "01-701-1015", "STUDY 1.A_b", "1"] {
            assert_eq!(SubjectId::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_cannot_go_into_a_file_name_is_refused() {
        assert_eq!(SiteId::new(""), Err(IdError::Empty { kind: "site" }));
        assert!(matches!(StudyId::new(&"x".repeat(65)), Err(IdError::TooLong { length: 65, .. })));
        for (text, position) in [("a/b", 2), ("a\\b", 2), (" a", 1), ("a ", 2), ("a\tb", 2), ("Ä", 1)] {
            let Err(IdError::Character { position: found, .. }) = StudyId::new(text) else { panic!("{text}") };
            assert_eq!(found, position, "{text}");
        }
        assert_eq!(
            SubjectId::new("a/b").unwrap_err().to_string(),
            "the subject identifier `a/b` holds '/' as character 2"
        );
    }

    #[test]
    fn json_refuses_what_parsing_refuses() {
        assert_eq!(serde_json::from_str::<SubjectId>("\"01\"").unwrap().to_string(), "01");
        assert!(serde_json::from_str::<SubjectId>("\"\"").is_err());
    }
}

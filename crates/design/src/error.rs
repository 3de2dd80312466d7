//! What can be wrong with a study's text, where, and what to do next.

/// Why a text of the study could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// A text file does not have the form it should.
    #[error("{file}: {message}")]
    Text {
        /// The file, relative to the study folder.
        file: String,
        /// What is wrong, with line or key.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// A row of a data file does not fit.
    #[error("{file}, row {row}: {message}")]
    Row {
        /// The file, relative to the study folder.
        file: String,
        /// The row, counted from 1 after the header.
        row: usize,
        /// What is wrong.
        message: String,
        /// What to do next.
        hint: String,
    },
}

impl DesignError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &str {
        match self {
            Self::Text { hint, .. } | Self::Row { hint, .. } => hint,
        }
    }
}

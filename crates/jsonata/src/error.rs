//! What can be wrong with an expression, or with what it was given?

/// Why an expression cannot be read or evaluated.
///
/// Codes are JSONata's own (`S` syntax, `T` type, `D` data), so that its documentation serves; `L` codes are limits of this evaluator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} at character {position}: {message}")]
pub struct Error {
    /// `S0201`, `T2001`, `D3030`, `L0001` and so on.
    pub code: &'static str,
    /// How many characters of the expression come before the end of the token at fault.
    pub position: usize,
    /// What happened.
    pub message: String,
}

/// Results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(code: &'static str, position: usize, message: impl Into<String>) -> Self {
        Self { code, position, message: message.into() }
    }

    /// An error whose place its caller knows: [`Error::at`] adds it.
    pub(crate) fn here(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, 0, message)
    }

    /// The same with a place, unless it has one.
    pub(crate) fn at(mut self, position: usize) -> Self {
        if self.position == 0 {
            self.position = position;
        }
        self
    }

    /// Line and column of the place, both from 1.
    pub fn line_column(&self, expression: &str) -> (usize, usize) {
        let before = expression.chars().take(self.position);
        let (mut line, mut column) = (1, 1);
        for c in before {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        (line, column)
    }

    /// What the author of the expression can do.
    pub fn hint(&self) -> &'static str {
        match (self.code, self.code.as_bytes().first()) {
            ("L0001", _) => {
                "the expression does not end in time: look for recursion or nested loops over all of the document"
            }
            ("L0002", _) => "calls are nested too deeply: look for a recursion that does not end",
            ("L0003", _) => "the value would grow without bound: look for a loop that appends to its own result",
            ("D3120", _) => "write the expression out: text is not evaluated as an expression here",
            ("D3143", _) => "pass the value in as a binding: results must not depend on the clock or on chance",
            (_, Some(b'S')) => "correct the expression at this place",
            (_, Some(b'T')) => "the value has another type than this place takes: test it first with $type or $exists",
            _ => "look at the value that this place received",
        }
    }
}

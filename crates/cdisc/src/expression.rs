//! What other systems compute and ask, as croft's SQL: how is it said?
//!
//! Study definitions come with conditions and calculations in small languages of their own: ODM's formal expressions ([`crate::odm::expression`]), REDCap's
//! branching logic and calculations ([`crate::redcap::logic`]). Each is parsed into one tree, [`Expr`], and the tree is printed as an expression of
//! the study's SQL; where an item's values are is the caller's to say.
//!
//! The missing rule of these languages is not SQL's, so it is written into the SQL:
//! ```text
//! a = b      is true or false:  a is not distinct from b      missing is equal to missing and to ''
//! a <> b                        a is distinct from b
//! a < b                         (a < b) is true               false when either is missing
//! a + b, f(a)                   missing when an operand is
//! if(c, a, b)                   case when c then a else b end
//! ```
//! A comparison is of numbers when either side is one (a text is read as a number then, and is missing if it is none), else of texts; dates
//! are texts in ISO 8601, whose order is that of time.
//!
//! Where systems differ: OpenEDC's and REDCap's conditions both take a missing value as "not equal", REDCap's comparisons with `<` are false for it.
//! Precedence, loosest first: or, and, not, comparisons, `+ -`, `* / %`, unary minus, `^` (from the right).

mod functions;
pub(crate) mod parse;
mod sql;

pub use functions::Function;
pub use sql::Sql;

/// An expression over references of kind `R`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<R> {
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A value of the data, and where it is named: the character of the expression, from 1.
    Ref(R, usize),
    /// Not.
    Not(Box<Self>),
    /// Minus.
    Negate(Box<Self>),
    /// All or any of these.
    Junction(bool, Vec<Self>),
    /// Two operands.
    Binary(Operator, Box<Self>, Box<Self>),
    /// A function, and where it is named.
    Call(Function, Vec<Self>, usize),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Plus.
    Add,
    /// Minus.
    Subtract,
    /// Times.
    Multiply,
    /// Divided by.
    Divide,
    /// What a division leaves.
    Remainder,
    /// To the power.
    Power,
}

/// Where an item's values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// SQL that gives the value: a column's name, or an expression in brackets.
    pub sql: String,
    /// What its values are.
    pub kind: Kind,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Texts.
    Text,
    /// Days, `2024-03-05`.
    Date,
    /// Days with a time, `2024-03-05T14:30`.
    DateTime,
    /// Times, `14:30`.
    Time,
}

/// Why an expression has no counterpart in SQL. `at` is the character of the expression, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Not of the language.
    #[error("character {at}: {expected} is expected, there is {found}")]
    Syntax {
        /// Where.
        at: usize,
        /// What should come.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// The caller knows no such item.
    #[error("character {at}: `{name}` is no item of the study")]
    UnknownItem {
        /// Where.
        at: usize,
        /// As written.
        name: String,
    },
    /// A function that there is not.
    #[error("character {at}: the function `{name}` is not known")]
    UnknownFunction {
        /// Where.
        at: usize,
        /// Its name.
        name: String,
    },
    /// Too few or too many.
    #[error("character {at}: {name} takes {takes}, there are {given} arguments")]
    Arguments {
        /// Where.
        at: usize,
        /// The function.
        name: String,
        /// What it takes.
        takes: &'static str,
        /// How many there are.
        given: usize,
    },
    /// Known, but without a counterpart.
    #[error("character {at}: {what} cannot be translated: {why}")]
    Unsupported {
        /// Where.
        at: usize,
        /// What.
        what: String,
        /// Why not.
        why: &'static str,
    },
    /// The expression is in a language that is not read here.
    #[error("expressions in `{context}` are not translated")]
    Language {
        /// The language, as the document names it.
        context: String,
    },
    /// Expressions within expressions beyond the limit.
    #[error("character {at}: the expression is nested too deeply, or too long")]
    TooDeep {
        /// Where.
        at: usize,
    },
}

impl ExpressionError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "correct the expression in the system that it comes from, or write it in SQL",
            Self::UnknownItem { .. } => "check the item's name, and that it is on a form of this version",
            Self::UnknownFunction { .. } | Self::Unsupported { .. } | Self::Language { .. } => {
                "write the check or derivation in SQL; the original stays with the definition"
            }
            Self::Arguments { .. } => "correct the call in the system that it comes from",
            Self::TooDeep { .. } => "split the expression into several derivations",
        }
    }
}

impl<R> Expr<R> {
    /// All references in order, and where each is named.
    pub fn references_at(&self) -> Vec<(&R, usize)> {
        let mut all = Vec::new();
        self.visit(&mut |r, at| all.push((r, at)));
        all
    }

    fn visit<'a>(&'a self, each: &mut impl FnMut(&'a R, usize)) {
        match self {
            Self::Number(_) | Self::Text(_) => {}
            Self::Ref(r, at) => each(r, *at),
            Self::Not(inner) | Self::Negate(inner) => inner.visit(each),
            Self::Junction(_, parts) | Self::Call(_, parts, _) => parts.iter().for_each(|p| p.visit(each)),
            Self::Binary(_, left, right) => {
                left.visit(each);
                right.visit(each);
            }
        }
    }
}

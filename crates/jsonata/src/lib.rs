//! JSONata: what does an expression make of a JSON document?
//!
//! [JSONata](https://jsonata.org) is a language of queries over JSON in which most of the conformance rules for study definitions (USDM) are written.
//! [`Expression::parse`] reads an expression; [`Expression::evaluate`] gives its result as JSON.
//!
//! ```
//! use croft_jsonata::{Bindings, Expression, Options};
//! # fn main() -> Result<(), croft_jsonata::Error> {
//! let expression = Expression::parse("arms[type = 'Placebo'].name")?;
//! let study = serde_json::json!({"arms": [{"name": "P", "type": "Placebo"}, {"name": "A", "type": "Active"}]});
//! let result = expression.evaluate(&study, &Bindings::default(), &Options::default())?;
//! assert_eq!(result, Some("P".into()));
//! # Ok(())
//! # }
//! ```
//!
//! | module | answers |
//! |---|---|
//! | `lexer`, `parser`, `ast` | text into an expression |
//! | `evaluate`, `path`, `transform`, `functions`, `signature` | an expression into a value |
//! | [`value`] | what values are meanwhile |
//! | [`regex`] | where patterns match, with lookahead and a bound on the work |
//! | [`utils`] | functions that the rules engine of CDISC adds |
//!
//! **Version.** The language of JSONata 2.2. **Where implementations differ**: positions and lengths of texts count characters, not UTF-16 units; texts order by code
//! point; members of objects keep their order even if their names are numbers; `in` finds objects and lists that are equal, as the rules expect (in JavaScript only the very same).
//!
//! **Bounds.** Steps are counted, nesting and growth are bounded ([`Options`]): no expression hangs, overflows the stack or fills the memory, and the error
//! says which bound it met. The crate reads no clock and draws no random number.

mod ast;
mod error;
mod evaluate;
mod functions;
pub mod fuzz;
mod lexer;
mod parser;
mod path;
pub mod regex;
mod signature;
mod transform;
pub mod utils;
pub mod value;

pub use error::{Error, Result};
pub use evaluate::{Bindings, Evaluator, HostFunction, Options};

use serde_json::Value as Json;

/// An expression that was read. It can be evaluated many times, and by several threads at once.
#[derive(Debug)]
pub struct Expression {
    root: ast::Node,
    names: Vec<String>,
    labels: Vec<usize>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where it is not JSONata, with a code and a place.
    pub fn parse(text: &str) -> Result<Self> {
        let parser::Parsed { root, names, labels } = parser::parse(text)?;
        Ok(Self { root, names, labels })
    }

    /// What it makes of a document; `None` when the result is nothing.
    ///
    /// # Errors
    /// When a value does not fit where it stands, when the expression itself raises an error, and when a bound is met.
    pub fn evaluate(&self, document: &Json, bindings: &Bindings<'_>, options: &Options) -> Result<Option<Json>> {
        evaluate::Evaluator::run(&self.root, &self.names, &self.labels, value::Value::of(document), bindings, options)
    }
}

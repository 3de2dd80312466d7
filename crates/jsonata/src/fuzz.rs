//! Does any input make the language panic?
//!
//! One plain function: any bytes go in, nothing may panic, hang or fill the memory.

use crate::{Bindings, Expression, Options};

/// An expression, and after a line of `---` a document.
pub fn fuzz_jsonata(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (expression, document) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let Ok(document) = serde_json::from_str(document) else { return };
    let options = Options { steps: 200_000, ..Options::default() };
    match Expression::parse(expression).and_then(|e| e.evaluate(&document, &Bindings::default(), &options)) {
        Ok(_) => {}
        Err(error) => {
            let _ = error.line_column(expression);
            assert!(!error.hint().is_empty() && !error.to_string().is_empty());
        }
    }
}

//! What must no input do?
//!
//! Panic. Each function takes any bytes; the corpus and the mutations are the caller's.

use crate::display::Inputs;
use crate::{display, document};
use std::collections::BTreeMap;

/// A display file of any content, rendered without data: errors are fine, panics are not.
pub fn fuzz_display(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let inputs = Inputs { results: &[], datasets: &BTreeMap::new(), variables: &BTreeMap::new() };
    if let Ok(definition) = display::parse("fuzz", &text) {
        let _ = definition.render(&inputs);
    }
}

/// A document of any content, rendered and written as a page.
pub fn fuzz_document(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let inputs = Inputs { results: &[], datasets: &BTreeMap::new(), variables: &BTreeMap::new() };
    let document = document::parse("fuzz", &text).and_then(|draft| draft.render(&inputs, &BTreeMap::new()));
    if let Ok(document) = document {
        let _ = crate::html::write(&document);
    }
}

//! What exactly is signed: one text, made the same way each time.
//!
//! For each form, in the order of places: its address and version; each item that holds something, in the order of group, row and
//! name, with text, value, unit and missing reason; then the numbers of the queries that were open when it was signed. Every part is
//! preceded by its length, so that no two contents make the same text.

use crate::capture::{FormState, Place};
use sha2::{Digest, Sha256};

/// SHA-256 over the content, in hexadecimal. O(values).
pub fn digest(study: &str, forms: &[(Place, FormState)], queries: &[u64]) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part("croft signature 1");
    part(study);
    for (place, form) in forms {
        for text in [&place.subject, &place.visit, &place.form] {
            part(text);
        }
        for number in [place.visit_repeat, place.form_repeat, form.version] {
            part(&number.to_string());
        }
        for (group, rows) in &form.groups {
            for (row, state) in rows.iter().filter(|(_, r)| !r.void) {
                for (name, item) in state.items.iter().filter(|(_, i)| !i.is_blank()) {
                    for text in [group, &row.to_string(), name, &item.text, item.value(), &item.unit, &item.missing] {
                        part(text);
                    }
                }
            }
        }
    }
    for number in queries {
        part(&number.to_string());
    }
    croft_ledger::Hash(hash.finalize().into()).to_string()
}

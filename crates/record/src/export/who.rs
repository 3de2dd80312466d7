//! Who is behind an account, as printed?

use crate::access;
use crate::refusal::Refusal;
use croft_ledger::View;
use std::collections::BTreeMap;

/// Names as printed, each looked up once.
pub(super) struct People<'v> {
    view: &'v dyn View,
    names: BTreeMap<String, String>,
}

impl<'v> People<'v> {
    pub fn new(view: &'v dyn View) -> Self {
        Self { view, names: BTreeMap::new() }
    }

    pub fn name(&mut self, login: &str) -> Result<&str, Refusal> {
        if !self.names.contains_key(login) {
            self.names.insert(login.to_owned(), access::printed_name(self.view, login)?);
        }
        Ok(&self.names[login])
    }
}

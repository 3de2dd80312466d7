//! Which rules come with croft?
//!
//! One page a rule, in `rules/`, under fixed headings that a person reads and this module loads:
//!
//! ```text
//! # CROFT-ADAM-0003: ADSL has one record a subject
//! ## What it does
//! ## Why it matters
//! ## Failing example        tables of data; the records that the rule must find are marked
//! ## Passing example        the same data, put right
//! ## Source                 standard, version, section
//! ## Rule                   the published form, as YAML
//! ```
//!
//! The examples are the rule's test: [`OwnRule::mismatches`] runs the rule over both. Ids say what a rule is for: `CROFT-ADAM-…`
//! for analysis datasets, `CROFT-TAB-…` for tabulation datasets, `CROFT-FILE-…` for any dataset file, `CROFT-TRC-…` for the
//! technical rejection criteria of the FDA, by their own numbers.

pub mod example;
pub mod page;

pub use example::Example;
pub use page::{OwnRule, PageError};

use include_dir::{Dir, include_dir};
use std::sync::OnceLock;

static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The text of each page with its file name, in the order of the ids.
pub fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut pages: Vec<(&str, &str)> = PAGES
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?)))
        .filter(|(name, _)| name.strip_suffix(".md").is_some_and(|stem| stem.starts_with("CROFT-")))
        .collect();
    pages.sort_unstable();
    pages.into_iter()
}

/// The rules that come with croft, in the order of their ids. Read when first asked for.
pub fn rules() -> &'static [OwnRule] {
    static RULES: OnceLock<Vec<OwnRule>> = OnceLock::new();
    // A page that cannot be read fails the tests, so none is lost here.
    RULES.get_or_init(|| pages().filter_map(|(_, text)| page::read(text).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_page_reads_and_its_examples_are_found_as_marked() {
        let mut wrong = Vec::new();
        let (mut checked, mut ids, mut titles) = (0, BTreeSet::new(), BTreeSet::new());
        for (file, text) in pages() {
            match page::read(text) {
                Err(error) => wrong.push(format!("{file}: {error}")),
                Ok(own) => {
                    wrong.extend(own.mismatches().into_iter().map(|mismatch| format!("{file}: {mismatch}")));
                    if file.strip_suffix(".md") != Some(&own.rule.id) {
                        wrong.push(format!("{file}: the heading names {}", own.rule.id));
                    }
                    ids.insert(own.rule.id);
                    if !titles.insert(own.title.clone()) {
                        wrong.push(format!("{file}: another rule has the title `{}`", own.title));
                    }
                }
            }
            checked += 1;
        }
        assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(ids.len(), rules().len());
    }
}

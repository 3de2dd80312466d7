//! What changed between two packages?
//!
//! Code lists are paired by code. Terms are paired by code where both packages tell it, else by submission value: so a term whose submission
//! value was changed is one change, not one gone and one new.

use super::{Codelist, Package, PackageName, Term};
use std::collections::{BTreeMap, BTreeSet};

/// What the second package has otherwise than the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The first package.
    pub from: PackageName,
    /// The second.
    pub to: PackageName,
    /// Code lists that are in the second only.
    pub added: Vec<CodelistName>,
    /// Code lists that are in the first only.
    pub removed: Vec<CodelistName>,
    /// Code lists in both that differ.
    pub changed: Vec<CodelistChange>,
}

/// A code list that is in one package only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodelistName {
    /// NCI code.
    pub code: String,
    /// Submission value.
    pub submission_value: String,
    /// Name.
    pub name: String,
    /// Whether a sponsor may add terms.
    pub extensible: bool,
    /// Number of terms.
    pub terms: usize,
}

/// How a code list that is in both differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodelistChange {
    /// NCI code.
    pub code: String,
    /// Submission value in the second package.
    pub submission_value: String,
    /// Changes of its submission value, name, extensibility.
    pub changes: Vec<Change>,
    /// Terms in the second only.
    pub added: Vec<Term>,
    /// Terms in the first only.
    pub removed: Vec<Term>,
    /// Terms in both that differ.
    pub changed: Vec<TermChange>,
}

/// How a term that is in both differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermChange {
    /// NCI code, if known.
    pub code: Option<String>,
    /// Submission value in the second package.
    pub submission_value: String,
    /// Changes of its submission value, preferred term, synonyms.
    pub changes: Vec<Change>,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `submission value`, `name`, `extensible`, `preferred term`, `synonyms`.
    pub what: &'static str,
    /// In the first package.
    pub from: String,
    /// In the second.
    pub to: String,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What `to` has otherwise than `from`.
pub fn diff(from: &Package, to: &Package) -> Difference {
    let codes = |package: &Package| package.codelists().iter().map(|l| l.code.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (codes(from), codes(to));
    let only = |package: &Package, other: &BTreeSet<String>| {
        package.codelists().iter().filter(|l| !other.contains(&l.code)).map(named).collect::<Vec<_>>()
    };
    let changed = from.codelists().iter().filter_map(|list| {
        let other = to.codelist(&list.code).filter(|other| other.code == list.code)?;
        codelist_change(list, other)
    });
    Difference {
        from: from.name.clone(),
        to: to.name.clone(),
        added: only(to, &before),
        removed: only(from, &after),
        changed: changed.collect(),
    }
}

fn named(list: &Codelist) -> CodelistName {
    CodelistName {
        code: list.code.clone(),
        submission_value: list.submission_value.clone(),
        name: list.name.clone(),
        extensible: list.extensible,
        terms: list.term_count(),
    }
}

fn codelist_change(from: &Codelist, to: &Codelist) -> Option<CodelistChange> {
    let word = |extensible| if extensible { "yes" } else { "no" };
    let changes = changes([
        ("submission value", &from.submission_value, &to.submission_value),
        ("name", &from.name, &to.name),
        ("extensible", word(from.extensible), word(to.extensible)),
    ]);
    let (added, removed, changed) = terms(from.terms(), to.terms());
    let same = changes.is_empty() && added.is_empty() && removed.is_empty() && changed.is_empty();
    (!same).then(|| CodelistChange {
        code: to.code.clone(),
        submission_value: to.submission_value.clone(),
        changes,
        added,
        removed,
        changed,
    })
}

/// Terms added, removed and changed, in order of submission value.
fn terms(from: &[Term], to: &[Term]) -> (Vec<Term>, Vec<Term>, Vec<TermChange>) {
    let by_code: BTreeMap<&str, usize> =
        to.iter().enumerate().filter_map(|(i, t)| Some((t.code.as_deref()?, i))).collect();
    let by_value: BTreeMap<&str, usize> =
        to.iter().enumerate().map(|(i, t)| (t.submission_value.as_str(), i)).collect();
    let mut paired = BTreeSet::new();
    let (mut removed, mut changed) = (Vec::new(), Vec::new());
    for term in from {
        let same_code = term.code.as_deref().and_then(|code| by_code.get(code));
        // A code that only one side tells is no difference; two different codes are two terms.
        let same_value = || {
            let &i = by_value.get(term.submission_value.as_str())?;
            to.get(i).filter(|other| term.code.is_none() || other.code.is_none()).map(|_| i)
        };
        let Some((i, other)) = same_code.copied().or_else(same_value).and_then(|i| Some((i, to.get(i)?))) else {
            removed.push(term.clone());
            continue;
        };
        paired.insert(i);
        let changes = changes([
            ("submission value", &term.submission_value, &other.submission_value),
            ("preferred term", &term.preferred_term, &other.preferred_term),
            ("synonyms", &term.synonyms.join("; "), &other.synonyms.join("; ")),
        ]);
        if !changes.is_empty() {
            let code = other.code.clone().or_else(|| term.code.clone());
            changed.push(TermChange { code, submission_value: other.submission_value.clone(), changes });
        }
    }
    let added = to.iter().enumerate().filter(|(i, _)| !paired.contains(i)).map(|(_, t)| t.clone()).collect();
    (added, removed, changed)
}

fn changes<const N: usize>(fields: [(&'static str, &str, &str); N]) -> Vec<Change> {
    let differing = fields.into_iter().filter(|(_, from, to)| from != to);
    differing.map(|(what, from, to)| Change { what, from: from.to_owned(), to: to.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminology::NewCodelist;

    fn term(code: &str, value: &str, preferred: &str) -> Term {
        Term {
            submission_value: value.to_owned(),
            code: (!code.is_empty()).then(|| code.to_owned()),
            preferred_term: preferred.to_owned(),
            synonyms: Vec::new(),
        }
    }

    fn package(date: &str, lists: Vec<(&str, bool, Vec<Term>)>) -> Package {
        let lists = lists.into_iter().map(|(code, extensible, terms)| NewCodelist {
            code: code.to_owned(),
            submission_value: format!("SV{code}"),
            name: format!("Name of {code}"),
            extensible,
            terms,
        });
        Package::new(PackageName::new("sdtmct", date).unwrap(), String::new(), lists.collect())
    }

    #[test]
    fn lists_and_terms_that_came_went_and_changed_are_told() {
        let from = package(
            "2024-03-29",
            vec![
                ("C1", true, vec![term("C11", "A", "Alpha"), term("C12", "B", "Beta"), term("", "D", "Delta")]),
                ("C2", true, vec![]),
                ("C3", false, vec![term("C31", "X", "Ex")]),
            ],
        );
        let to = package(
            "2025-03-28",
            vec![
                ("C1", false, vec![term("C11", "AA", "Alpha"), term("C13", "B", "Beta"), term("C14", "D", "Delta")]),
                ("C3", false, vec![term("C31", "X", "Ex")]),
                ("C4", true, vec![term("C41", "Z", "Zed")]),
            ],
        );
        let difference = diff(&from, &to);
        assert_eq!(difference.added.iter().map(|l| (l.code.as_str(), l.terms)).collect::<Vec<_>>(), [("C4", 1)]);
        assert_eq!(difference.removed.iter().map(|l| l.code.as_str()).collect::<Vec<_>>(), ["C2"]);
        let [change] = &difference.changed[..] else { panic!("C3 is the same in both: {difference:?}") };
        assert_eq!(change.changes, [Change { what: "extensible", from: "yes".to_owned(), to: "no".to_owned() }]);
        assert_eq!(change.added, [term("C13", "B", "Beta")], "another code is another term");
        assert_eq!(change.removed, [term("C12", "B", "Beta")]);
        let [renamed] = &change.changed[..] else { panic!("D is the same: only one side tells its code") };
        assert_eq!(renamed.changes, [Change { what: "submission value", from: "A".to_owned(), to: "AA".to_owned() }]);
        assert!(diff(&from, &from).is_empty());
    }
}

//! Which terms does a version of CDISC controlled terminology allow?
//!
//! A *package* is one publication of one product: `sdtmct-2025-03-28`. It holds code lists, a code list holds terms. NCI Enterprise Vocabulary
//! Services (EVS) publish packages as text between tabs and as ODM; [`read()`] takes both, and a table of comma-separated values. Definitions are left out.
//!
//! ```
//! use croft_cdisc::terminology::{self, PackageName};
//! let name: PackageName = "sdtmct-2025-03-28".parse().unwrap();
//! let package = terminology::embedded(&name).unwrap();
//! let sex = package.codelist("SEX").unwrap();           // or by its code, C66731
//! assert!(!sex.extensible);
//! assert_eq!(sex.term("F").unwrap().code.as_deref(), Some("C16576"));
//! ```
//!
//! Some packages come with croft ([`embedded_names`]); a [`Terminology`] puts those that a user has installed ahead of them. Versions stand side by
//! side; nothing is merged. The dates of all packages that were ever published are known too ([`published`]).
//!
//! A package in croft's own form ([`store`]) is packed in groups of code lists: to look up one of them costs its group, about a millisecond.

mod diff;
mod embedded;
mod name;
mod published;
pub mod read;
pub mod store;

pub use diff::{Change, CodelistChange, CodelistName, Difference, TermChange, diff};
pub use embedded::{embedded, embedded_names};
pub use name::{NameError, PackageName};
pub use published::{published, published_products};
pub use read::{ReadError, read};
pub use store::StoreError;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// One publication of one product.
#[derive(Debug)]
pub struct Package {
    /// `sdtmct-2025-03-28`.
    pub name: PackageName,
    /// Who published it and how it came here.
    pub source: String,
    codelists: Vec<Codelist>,
    by_submission: BTreeMap<String, usize>,
}

/// A code list.
#[derive(Clone, Debug)]
pub struct Codelist {
    /// NCI code, `C66742`.
    pub code: String,
    /// `NY`; in a few products the name.
    pub submission_value: String,
    /// `No Yes Response`.
    pub name: String,
    /// Whether a sponsor may add terms.
    pub extensible: bool,
    group: Arc<Group>,
    place: usize,
    count: usize,
}

/// A term of a code list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// What stands in data: `BEATS/MIN`.
    pub submission_value: String,
    /// NCI code; `None` where the source does not tell it.
    pub code: Option<String>,
    /// NCI's preferred term.
    pub preferred_term: String,
    /// CDISC's synonyms.
    pub synonyms: Vec<String>,
}

/// Terms of a few code lists, read together when one of them is asked for.
#[derive(Debug)]
struct Group {
    /// Packed bytes and the number of terms of each list; empty once the terms are there from the start.
    packed: &'static [u8],
    counts: Vec<usize>,
    read: OnceLock<Vec<Vec<Term>>>,
}

impl Group {
    fn of(terms: Vec<Vec<Term>>) -> Self {
        Self { packed: &[], counts: Vec::new(), read: OnceLock::from(terms) }
    }

    fn terms(&self) -> &[Vec<Term>] {
        self.read.get_or_init(|| {
            // Only packages of this program are read late; a test reads each of them whole.
            store::unpack_group(self.packed, &self.counts)
                .unwrap_or_else(|error| panic!("a package in this program is not whole: {error}"))
        })
    }
}

impl Package {
    /// A package of these code lists; their terms are put in order of submission value, the lists in order of code.
    pub fn new(name: PackageName, source: String, lists: Vec<NewCodelist>) -> Self {
        let codelists = lists.into_iter().map(|list| {
            let NewCodelist { code, submission_value, name, extensible, mut terms } = list;
            terms.sort();
            let count = terms.len();
            let group = Arc::new(Group::of(vec![terms]));
            Codelist { code, submission_value, name, extensible, group, place: 0, count }
        });
        Self::with(name, source, codelists.collect())
    }

    fn with(name: PackageName, source: String, mut codelists: Vec<Codelist>) -> Self {
        codelists.sort_by(|a, b| a.code.cmp(&b.code));
        let mut by_submission = BTreeMap::new();
        for (index, list) in codelists.iter().enumerate().rev() {
            // Where two lists share a submission value, the one of the lower code answers.
            by_submission.insert(list.submission_value.to_lowercase(), index);
        }
        Self { name, source, codelists, by_submission }
    }

    /// All code lists, in order of code.
    pub fn codelists(&self) -> &[Codelist] {
        &self.codelists
    }

    /// The code list of this code or, whatever the case, of this submission value.
    pub fn codelist(&self, key: &str) -> Option<&Codelist> {
        if let Ok(index) = self.codelists.binary_search_by(|list| list.code.as_str().cmp(key)) {
            return self.codelists.get(index);
        }
        self.by_submission.get(&key.to_lowercase()).and_then(|&index| self.codelists.get(index))
    }

    /// How many terms all its code lists hold; reads none of them.
    pub fn term_count(&self) -> usize {
        self.codelists.iter().map(Codelist::term_count).sum()
    }
}

impl Codelist {
    /// Terms in order of submission value.
    pub fn terms(&self) -> &[Term] {
        self.group.terms().get(self.place).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many; reads none of them.
    pub fn term_count(&self) -> usize {
        self.count
    }

    /// The term of exactly this submission value.
    pub fn term(&self, submission_value: &str) -> Option<&Term> {
        let terms = self.terms();
        let at = terms.partition_point(|t| t.submission_value.as_str() < submission_value);
        terms.get(at).filter(|t| t.submission_value == submission_value)
    }

    /// The term of this NCI code.
    pub fn term_by_code(&self, code: &str) -> Option<&Term> {
        self.terms().iter().find(|t| t.code.as_deref() == Some(code))
    }

    /// The term of this preferred term, whatever the case.
    pub fn term_by_preferred(&self, preferred_term: &str) -> Option<&Term> {
        let wanted = preferred_term.to_lowercase();
        self.terms().iter().find(|t| t.preferred_term.to_lowercase() == wanted)
    }
}

/// A code list to be put into a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCodelist {
    /// NCI code.
    pub code: String,
    /// Submission value.
    pub submission_value: String,
    /// Name.
    pub name: String,
    /// Whether a sponsor may add terms.
    pub extensible: bool,
    /// In any order.
    pub terms: Vec<Term>,
}

/// Gives the bytes of an installed package in croft's form.
type Open = Box<dyn Fn(&PackageName) -> Result<Vec<u8>, String> + Send + Sync>;

/// Packages at hand: those that a user has installed, ahead of those that come with croft. Each is read when it is first asked for.
pub struct Terminology {
    installed: BTreeMap<PackageName, OnceLock<Result<Package, StoreError>>>,
    open: Open,
}

impl Default for Terminology {
    /// What comes with croft.
    fn default() -> Self {
        Self { installed: BTreeMap::new(), open: Box::new(|name| Err(format!("{name} is not installed"))) }
    }
}

impl Terminology {
    /// What comes with croft, behind packages of these names, whose bytes `open` gives.
    pub fn new(
        installed: impl IntoIterator<Item = PackageName>,
        open: impl Fn(&PackageName) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        Self { installed: installed.into_iter().map(|name| (name, OnceLock::new())).collect(), open: Box::new(open) }
    }

    /// Every package at hand, in order of product and date, and whether it is an installed one.
    pub fn names(&self) -> BTreeMap<PackageName, bool> {
        let embedded = embedded_names().map(|name| (name, false));
        embedded.chain(self.installed.keys().map(|name| (name.clone(), true))).collect()
    }

    /// The package of this name. `Ok(None)`: not at hand.
    pub fn package(&self, name: &PackageName) -> Result<Option<&Package>, &StoreError> {
        let Some(slot) = self.installed.get(name) else { return Ok(embedded(name)) };
        let read = slot.get_or_init(|| {
            let bytes = (self.open)(name).map_err(|reason| StoreError::Unreadable { reason })?;
            let package = store::open(&bytes)?;
            if package.name == *name {
                Ok(package)
            } else {
                Err(StoreError::OtherPackage { wanted: name.to_string(), found: package.name.to_string() })
            }
        });
        read.as_ref().map(Some)
    }

    /// The newest package of this product at hand.
    pub fn latest(&self, product: &str) -> Option<PackageName> {
        self.names().into_keys().rfind(|name| name.product() == product)
    }

    /// The package at hand that stands nearest to a date: the newest one not after it, else the oldest one after it.
    pub fn nearest(&self, product: &str, date: &str) -> Option<PackageName> {
        let names: Vec<_> = self.names().into_keys().filter(|name| name.product() == product).collect();
        let after = names.partition_point(|name| name.date() <= date);
        names.get(after.saturating_sub(1)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(date: &str) -> Package {
        let term = |value: &str, code: &str| Term {
            submission_value: value.to_owned(),
            code: Some(code.to_owned()),
            preferred_term: format!("{value} Term"),
            synonyms: vec![value.to_lowercase(), "one more".to_owned()],
        };
        let lists = vec![
            NewCodelist {
                code: "C9".to_owned(),
                submission_value: "NY".to_owned(),
                name: "No Yes".to_owned(),
                extensible: false,
                terms: vec![term("Y", "C2"), term("N", "C1")],
            },
            NewCodelist {
                code: "C10".to_owned(),
                submission_value: "EMPTY".to_owned(),
                name: "Nothing".to_owned(),
                extensible: true,
                terms: Vec::new(),
            },
        ];
        Package::new(PackageName::new("sdtmct", date).unwrap(), "typed here".to_owned(), lists)
    }

    #[test]
    fn lists_and_terms_are_found_by_code_and_by_value() {
        let package = package("2024-03-29");
        assert_eq!(package.codelist("C9").unwrap().submission_value, "NY");
        let list = package.codelist("ny").unwrap();
        assert_eq!(list.terms().iter().map(|t| t.submission_value.as_str()).collect::<Vec<_>>(), ["N", "Y"]);
        assert_eq!(list.term("Y").unwrap().code.as_deref(), Some("C2"));
        assert!(list.term("y").is_none(), "submission values differ in case");
        assert_eq!(list.term_by_code("C1").unwrap().submission_value, "N");
        assert_eq!(list.term_by_preferred("n term").unwrap().submission_value, "N");
        assert!(package.codelist("C1").is_none());
        assert_eq!(package.term_count(), 2);
    }

    #[test]
    fn installed_packages_stand_ahead_and_are_read_when_asked_for() {
        let bytes = store::write(&package("2030-01-01")).unwrap();
        let name: PackageName = "sdtmct-2030-01-01".parse().unwrap();
        let broken: PackageName = "sdtmct-2031-01-01".parse().unwrap();
        let all = Terminology::new([name.clone(), broken.clone()], move |wanted| {
            if *wanted == "sdtmct-2030-01-01".parse().unwrap() {
                Ok(bytes.clone())
            } else {
                Err("no such file".to_owned())
            }
        });
        assert_eq!(all.package(&name).unwrap().unwrap().codelist("NY").unwrap().terms().len(), 2);
        assert_eq!(all.package(&broken).unwrap_err().to_string(), "it cannot be read: no such file");
        assert_eq!(all.latest("sdtmct"), Some(broken));
        assert_eq!(all.nearest("sdtmct", "2030-06-30"), Some(name));
        assert_eq!(all.nearest("sdtmct", "1999-01-01").unwrap().date(), "2022-09-30", "the oldest after it");
        assert_eq!(all.nearest("noct", "2030-06-30"), None);
        let absent: PackageName = "sdtmct-2001-01-01".parse().unwrap();
        assert!(all.package(&absent).unwrap().is_none());
    }
}

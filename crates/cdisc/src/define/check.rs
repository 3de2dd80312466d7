//! Is a define.xml valid, and does it say what the standard asks for?
//!
//! Two questions, and findings of one kind for both:
//! - what the published schemas ask for, row by row of their table: elements and their order, attributes, types, words of lists, uniqueness;
//! - what the specification asks for beyond them: references that lead somewhere, keys, conditions, lengths, code lists, origins.
//!
//! ```text
//! DEFINE-XML        the file cannot be read                      DEFINE-VALUE      a value is not of its type or list
//! DEFINE-VERSION    names of another version                     DEFINE-UNIQUE     what must differ is the same
//! DEFINE-ELEMENT    an element is missing or out of place        DEFINE-EXTENSION  names of a vendor (note)
//! DEFINE-ATTRIBUTE  an attribute is missing or unknown
//!
//! DEFINE-REF        a reference leads nowhere                    DEFINE-CODELIST   a code list does not fit its items or terms
//! DEFINE-UNUSED     nothing refers to a definition               DEFINE-ORIGIN     an origin, its source or method is missing
//! DEFINE-DATASET    class, label, file, standard of a dataset    DEFINE-DOCUMENT   pages of a document
//! DEFINE-KEY        keys or order of variables                   DEFINE-STANDARD   the list of standards
//! DEFINE-NAME       names that are the same, or beyond transport        DEFINE-RESULT     analysis results
//! DEFINE-TYPE       a data type that define.xml does not have    DEFINE-WHERE      a condition that cannot be evaluated
//! DEFINE-LENGTH     length or significant digits
//! ```
//!
//! Errors of the first group are what a validating parser with the published schemas calls invalid. Administrative and clinical data and signatures
//! are not looked into: a define.xml has none. What a vendor adds in a namespace of its own is a note, since the standard allows it; the plain
//! schemas do not.
//!
//! Sources: the schemas named in [`super`]; CDISC Define-XML Specification 2.1 (2019), sections 5.3 (elements and attributes with their conditions) and
//! 4.5 (value-level metadata); Analysis Results Metadata Specification 1.0.

mod meaning;
mod references;
mod structure;

use super::{read, read::LIMITS};
use crate::odm::Place;
use crate::odm::xml_read::Reader;
use croft_core::{Finding, Severity};

/// What is to be said about a file, in the order of the file within each of the two questions.
pub fn check(bytes: &[u8]) -> Vec<Finding> {
    let mut found = Found::default();
    let mut reader = match Reader::new(bytes, LIMITS) {
        Ok(reader) => reader,
        Err(error) => return vec![unreadable(&error.to_string(), error.hint())],
    };
    let tree = reader.root().and_then(|root| reader.node(&root)).and_then(|tree| reader.finish().map(|()| tree));
    match tree {
        Ok(tree) => structure::check(&tree, &mut found),
        Err(error) => return vec![unreadable(&error.to_string(), error.hint())],
    }
    match read(bytes) {
        Ok(define) => {
            references::check(&define, &mut found);
            meaning::check(&define, &mut found);
        }
        Err(error) if found.findings.iter().all(|f| f.severity != Severity::Error) => {
            found.findings.push(unreadable(&error.to_string(), error.hint()));
        }
        Err(_) => {}
    }
    found.findings
}

fn unreadable(message: &str, hint: &str) -> Finding {
    Finding::new("DEFINE-XML", Severity::Error, FILE, message).hint(hint)
}

/// What findings about the file itself are about.
const FILE: &str = "define.xml";

#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
}

/// What a finding is about besides its place.
#[derive(Clone, Copy)]
struct About<'a> {
    severity: Severity,
    /// The attribute or element.
    name: &'a str,
    value: &'a str,
}

/// Something to mend.
fn wrong<'a>(name: &'a str, value: &'a str) -> About<'a> {
    About { severity: Severity::Error, name, value }
}

/// Something to look at.
fn odd<'a>(name: &'a str, value: &'a str) -> About<'a> {
    About { severity: Severity::Warning, name, value }
}

impl Found {
    fn push(&mut self, rule: &str, place: Place, about: About<'_>, message: impl std::fmt::Display, hint: &str) {
        let mut finding = Finding::new(rule, about.severity, FILE, format!("{place}: {message}")).hint(hint);
        finding.row = usize::try_from(place.line).ok().filter(|line| *line > 0);
        finding.variable = Some(about.name.to_owned()).filter(|name| !name.is_empty());
        finding.value = Some(about.value.to_owned()).filter(|value| !value.is_empty());
        self.findings.push(finding);
    }
}

//! Reads the files in which terminology is published.
//!
//! | form | told by | who publishes it |
//! |---|---|---|
//! | text between tabs, or commas | a column `Codelist Code` | NCI EVS: `SDTM Terminology.txt` |
//! | ODM | `<` | NCI EVS: `SDTM Terminology.odm.xml` |
//! | comma-separated values | a column `codelist_code` | a table of one row a term |
//! | croft's own | gzip | `croft ct import` |
//!
//! Each also packed as `.xz`. Neither text nor table tells which package it is: the file's name does (`SDTM Terminology 2025-03-28.txt`,
//! `sdtmct-2025-03-28.csv`), or the reader is told. Definitions are left out. Nothing is mended: a term that stands twice in its code list, a term
//! of a code list that is not there, a line of another length are errors with their line.

mod odm;
mod table;

use super::name::PackageName;
use super::{NewCodelist, Package, StoreError, Term, store};
use crate::odm::OdmError;
use crate::xz;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Why a published file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// None of the forms.
    #[error("it is no terminology that croft knows: it begins with `{begins}`")]
    Form {
        /// Its first characters.
        begins: String,
    },
    /// Not UTF-8.
    #[error("line {line}: not UTF-8 text")]
    Encoding {
        /// From 1.
        line: usize,
    },
    /// A column is missing.
    #[error("there is no column `{column}`")]
    Column {
        /// Its heading.
        column: &'static str,
    },
    /// A line does not fit.
    #[error("line {line}: {what}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A code list or term of a document does not fit.
    #[error("{what}")]
    Content {
        /// Which, and what is wrong.
        what: String,
    },
    /// It holds no code list.
    #[error("it holds no code list")]
    Empty,
    /// Nothing tells product and date.
    #[error("neither the file nor its name tells which package it is")]
    Package,
    /// Not an XML document, or no ODM.
    #[error("it is no ODM document")]
    Odm(#[from] OdmError),
    /// The archive is damaged.
    #[error(transparent)]
    Xz(#[from] xz::XzError),
    /// Not a package in croft's form.
    #[error("it is no package in croft's form")]
    Store(#[from] StoreError),
}

impl ReadError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Form { .. } | Self::Column { .. } | Self::Empty => {
                "give a file as NCI EVS publish it: `SDTM Terminology.txt` or `SDTM Terminology.odm.xml`"
            }
            Self::Encoding { .. } => "save the file as UTF-8, or take it anew from NCI EVS",
            Self::Line { .. } | Self::Content { .. } => "look there; if the file came so from NCI EVS, tell them",
            Self::Package => "name the package with `--package`, for instance `--package sdtmct-2025-03-28`",
            Self::Odm(error) => error.hint(),
            Self::Xz(_) => "take the file anew: it is cut short or damaged",
            Self::Store(error) => error.hint(),
        }
    }
}

/// Reads a package in any of the forms. `file` is the file's name; `name` says which package it is where that is known better than from the file.
pub fn read(file: &str, bytes: &[u8], name: Option<PackageName>) -> Result<Package, ReadError> {
    let unpacked = if xz::is_xz(bytes) { Some(xz::unpack(bytes)?) } else { None };
    let file = if unpacked.is_some() { file.strip_suffix(".xz").unwrap_or(file) } else { file };
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(store::open(bytes)?);
    }
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf | 0xfe | 0xff | 0));
    let (lists, told) = if first == Some(&b'<') { odm::read(bytes)? } else { (table::read(bytes)?, None) };
    if lists.is_empty() {
        return Err(ReadError::Empty);
    }
    let name = name.or(told).or_else(|| name_in(file)).ok_or(ReadError::Package)?;
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let source = format!("CDISC Controlled Terminology, NCI Enterprise Vocabulary Services ({})", one_line(file));
    Ok(Package::new(name, source, lists))
}

/// The package that a file's name tells: `SDTM Terminology 2025-03-28.txt`, `SDTM_CT_2025-03-28.odm.xml`, `sdtmct-2025-03-28.csv`.
fn name_in(file: &str) -> Option<PackageName> {
    let file = file.rsplit(['/', '\\']).next()?;
    let date = date_in(file)?;
    let words = file.split_once(&date)?.0;
    let words = words.replace("Terminology", "").replace("terminology", "").replace('_', " ");
    PackageName::new(words.trim().trim_end_matches(['-', ' ']), &date).ok()
}

/// The first date in a text.
fn date_in(text: &str) -> Option<String> {
    text.as_bytes().windows(10).find_map(|window| {
        let shape =
            window.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
        shape.then(|| String::from_utf8_lossy(window).into_owned())
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Synonyms as EVS write them in one field.
pub(super) fn synonyms(field: &str) -> Vec<String> {
    field.split("; ").filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// Yes or no, or true or false.
fn yes(word: &str) -> Option<bool> {
    if word.eq_ignore_ascii_case("yes") || word.eq_ignore_ascii_case("true") {
        Some(true)
    } else if word.eq_ignore_ascii_case("no") || word.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Code lists as they come together. What does not fit is told in words; who reads adds the place.
#[derive(Default)]
struct Lists {
    lists: BTreeMap<String, NewCodelist>,
    terms: BTreeSet<(String, String)>,
}

impl Lists {
    /// A code list; an equal one may be told again.
    fn list(&mut self, list: NewCodelist) -> Result<(), String> {
        match self.lists.entry(list.code.clone()) {
            Entry::Vacant(free) => {
                free.insert(list);
            }
            Entry::Occupied(taken) => {
                let known = taken.get();
                let same = known.submission_value == list.submission_value
                    && known.name == list.name
                    && known.extensible == list.extensible;
                if !same {
                    return Err(format!("the code list {} is told twice, and not the same", list.code));
                }
            }
        }
        Ok(())
    }

    /// A term of a code list that is there.
    fn term(&mut self, code: &str, term: Term) -> Result<(), String> {
        if term.submission_value.is_empty() {
            return Err(format!("a term of the code list {code} has no submission value"));
        }
        let list = self.lists.get_mut(code);
        let list = list.ok_or_else(|| format!("a term of the code list {code}, which is not in the file"))?;
        if !self.terms.insert((code.to_owned(), term.submission_value.clone())) {
            let value = &term.submission_value;
            return Err(format!("the term `{value}` stands twice in the code list {code}"));
        }
        list.terms.push(term);
        Ok(())
    }

    fn finish(self) -> Vec<NewCodelist> {
        self.lists.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_tells_its_package() {
        for (file, name) in [
            ("SDTM Terminology 2025-03-28.txt", "sdtmct-2025-03-28"),
            ("archive/SDTM_CT_2025-03-28.odm.xml", "sdtmct-2025-03-28"),
            ("sdtmct-2025-03-28.csv", "sdtmct-2025-03-28"),
            ("Define-XML Terminology 2026-03-27.txt", "define-xmlct-2026-03-27"),
        ] {
            assert_eq!(name_in(file).unwrap().to_string(), name, "{file}");
        }
        assert!(name_in("SDTM Terminology.txt").is_none());
        assert!(name_in("2025-03-28.txt").is_none());
    }

    #[test]
    fn what_is_no_terminology_says_so() {
        let error = |bytes: &[u8]| read("x.txt", bytes, None).unwrap_err().to_string();
        assert_eq!(error(b""), "it is no terminology that croft knows: it begins with ``");
        assert_eq!(
            error(b"STUDYID,USUBJID\n"),
            "it is no terminology that croft knows: it begins with `STUDYID,USUBJID`"
        );
        assert_eq!(error(b"<html></html>"), "it is no ODM document");
        assert_eq!(error(b"\x1f\x8bxx"), "it is no package in croft's form");
    }
}

//! What does the investigator keep of the study?
//!
//! All that is recorded at the site, with its history, in the investigator's own hands and readable when the system is gone (ICH E6(R3) 2.12.6 and
//! 4.2.2; EMA guideline on computerised systems 2023, 6.10). Nothing of another site, nothing about people who act elsewhere, no codes of treatments: what
//! the sponsor alone holds is on no form of the site.

use super::index::{Index, Section};
use super::{Folder, about_blank, books, data, past, put_text};
use crate::book::Book;
use crate::{CasebookError, blanks};
use croft_record::Reading;
use croft_record::access::{Operation, Scope};
use croft_record::export::{Extent, Files};

/// Writes a site's own copy; gives the number of its subjects. Memory: one subject's values and casebook.
pub fn site_copy(reading: &Reading<'_>, study: &str, site: &str, files: &mut dyn Files) -> Result<u64, CasebookError> {
    let extent = Extent::site(study, site);
    reading.allow(Operation::Export, &Scope::site(study, site))?;
    reading.allow(Operation::AuditRead, &Scope::site(study, site))?;
    let book = Book::open(reading, study)?;
    let (books, subjects) = books(reading, &extent, files)?;
    let mut sections = vec![books, data(reading, &extent, files)?, past(reading, &extent, files)?];
    let mut folder = Folder::new(files, "definition");
    blanks(reading, study, None, &mut folder)?;
    sections.push(Section {
        title: "What was asked",
        about: "The blank casebook of each version of the study's definition.".to_owned(),
        files: folder.listed(about_blank),
    });
    let named =
        book.sites.get(site).map_or_else(|| site.to_owned(), |s| format!("{}, {} ({})", s.id, s.name, s.country));
    let index = Index {
        title: format!("The investigator's copy of study {study}, site {site}"),
        facts: vec![
            ("Study", format!("{study}: {}", book.study.title)),
            ("Site", named),
            ("Subjects", subjects.to_string()),
            ("State of the record", book.state_words()),
        ],
        sections,
    };
    put_text(files, "README.txt", &index.text())?;
    put_text(files, "index.html", &index.html())?;
    Ok(subjects)
}

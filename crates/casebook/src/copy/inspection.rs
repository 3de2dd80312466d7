//! What does an inspector take home, and an archive keep?
//!
//! Everything of a study, in forms that need no program of ours: what was asked in every version, what was recorded and how it came to stand there,
//! who could do what, who looked at what, and the chain of events by which all of it can be proved. Written subject by subject.

use super::index::{Index, Listed, Section};
use super::{Csv, Folder, about_blank, books, chain, data, past, people, put_text};
use crate::book::Book;
use crate::{CasebookError, blanks};
use croft_record::Reading;
use croft_record::access::{Operation, Scope};
use croft_record::definition::diff;
use croft_record::export::{Extent, Files, events, rfc3339};

/// Writes the copy of a study; gives the number of its subjects. Memory: one subject's values and casebook, and what stands in the way of a lock.
pub fn inspection_copy(reading: &Reading<'_>, study: &str, files: &mut dyn Files) -> Result<u64, CasebookError> {
    let extent = Extent::study(study);
    for operation in [Operation::Export, Operation::AuditRead, Operation::AccountList] {
        reading.allow(operation, &Scope::study(study))?;
    }
    let book = Book::open(reading, study)?;
    let (books, subjects) = books(reading, &extent, files)?;
    let mut sections = vec![
        books,
        data(reading, &extent, files)?,
        past(reading, &extent, files)?,
        Section {
            title: "What was asked",
            about: "Every version of the definition: its texts as they were published, its blank casebook, and what each version changed.".to_owned(),
            files: definition(reading, &book, files)?,
        },
        Section {
            title: "Sites and locks",
            about: "What concerns the study as a whole.".to_owned(),
            files: listed(&[
                ("study/locks.csv", "Freezing, locking and unlocking: who, when, why"),
                ("study/obstacles.csv", "What still stood in the way of a lock in this state"),
                ("study/sites.csv", "Sites, when they were opened and closed"),
            ]),
        },
    ];
    let mut folder = Folder::new(files, "study");
    chain::write(reading, study, &mut folder)?;
    people::write(reading, study, &mut Folder::new(files, "people"))?;
    sections.push(Section {
        title: "People and access",
        about: "Whoever had access on a date stands in the lines of the access list with FROM at or before it, and UNTIL empty or after it. A role that \
                needs training acted only once a training was recorded."
            .to_owned(),
        files: listed(&[
            ("people/people.csv", "Every account that ever had a role in the study"),
            ("people/access-list.csv", "Who could do what, from when until when"),
            ("people/trainings.csv", "Trainings for the study"),
            ("access/access.jsonl", "Every look at data and every export, as events"),
        ]),
    });
    sections.push(chains(reading, study, files)?);
    let index = Index {
        title: format!("Inspection copy of study {study}"),
        facts: vec![
            ("Study", format!("{study}: {}", book.study.title)),
            ("Subjects", subjects.to_string()),
            ("State of the record", book.state_words()),
        ],
        sections,
    };
    put_text(files, "README.txt", &index.text())?;
    put_text(files, "index.html", &index.html())?;
    Ok(subjects)
}

fn listed(files: &[(&str, &str)]) -> Vec<Listed> {
    files.iter().map(|(path, about)| Listed { path: (*path).to_owned(), about: (*about).to_owned() }).collect()
}

/// The events, with which all else can be proved.
fn chains(reading: &Reading<'_>, study: &str, files: &mut dyn Files) -> Result<Section, CasebookError> {
    events::write_files(reading, study, &mut Folder::new(files, "events"))?;
    events::write_access(reading, study, &mut *files.create("access/access.jsonl")?)?;
    Ok(Section {
        title: "Events",
        about: "Everything in this copy was made from these events. Each holds the hash of the one before it, so that a change of any of them shows.".to_owned(),
        files: listed(&[
            ("events/events.jsonl", "Every event of the study, a JSON object a line"),
            ("events/VERIFY.txt", "How the chain is proved without croft"),
        ]),
    })
}

/// The texts of every version, what each changed, and the blank casebooks.
fn definition(reading: &Reading<'_>, book: &Book, files: &mut dyn Files) -> Result<Vec<Listed>, CasebookError> {
    let study = &book.study;
    let mut folder = Folder::new(files, "definition");
    let mut versions = Csv::begin(&mut folder, "versions.csv", &["VERSION", "NOTE", "PUBLISHED", "ACCOUNT", "SHA256"])?;
    for v in &study.versions {
        versions.row(&[&v.number.to_string(), &v.note, &rfc3339(v.published_ms), &v.by, &v.digest])?;
        for (path, text) in reading.version_files(&study.id, v.number)? {
            put_text(&mut folder, &format!("v{}/{path}", v.number), &text)?;
        }
    }
    versions.end()?;
    let columns = ["FROM_VERSION", "TO_VERSION", "WHAT", "BEFORE", "AFTER", "TOUCHES_RECORDED_VALUES"];
    let mut changes = Csv::begin(&mut folder, "differences.csv", &columns)?;
    for pair in study.versions.windows(2) {
        let [from, to] = [pair[0].number, pair[1].number];
        let (old, new) = (reading.version(&study.id, from)?, reading.version(&study.id, to)?);
        for change in diff(&old, &new) {
            let touches = if change.touches_values { "yes" } else { "no" };
            changes.row(&[&from.to_string(), &to.to_string(), &change.what, &change.from, &change.to, touches])?;
        }
    }
    changes.end()?;
    blanks(reading, &study.id, None, &mut folder)?;
    Ok(folder.listed(|stem| match stem {
        "versions" => "Versions: what each was for, when it was published and by whom".to_owned(),
        "differences" => "What each version changed from the one before it".to_owned(),
        blank if blank.starts_with("blank-casebook") => about_blank(blank),
        _ => "Text of the definition as published".to_owned(),
    }))
}

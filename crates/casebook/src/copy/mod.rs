//! How is a whole copy made that opens without croft?
//!
//! Folders of PDF, CSV and text, and an `index.html` that leads to each file and says what it is; `README.txt` says the same without a browser. The page
//! is one file, runs no script and loads nothing. Whoever writes the copy to a place adds `SHA256SUMS` over all its files; how these are checked stands in
//! the index.

mod chain;
mod index;
mod inspection;
mod people;
mod site;

pub use inspection::inspection_copy;
pub use site::site_copy;

use crate::{CasebookError, Options, casebooks};
use croft_record::Reading;
use croft_record::export::csv::{self, Guard, line};
use croft_record::export::{Extent, Files, history, tables};
use index::{DATA, Listed, Section};
use std::io::{self, Write};

/// A folder of the copy; it remembers which files were begun in it.
struct Folder<'f> {
    files: &'f mut dyn Files,
    name: &'static str,
    begun: Vec<String>,
}

impl<'f> Folder<'f> {
    fn new(files: &'f mut dyn Files, name: &'static str) -> Self {
        Self { files, name, begun: Vec::new() }
    }

    /// The files with what is known of each, by the name without folder and ending.
    fn listed(self, about: impl Fn(&str) -> String) -> Vec<Listed> {
        let mut begun = self.begun;
        begun.sort();
        begun
            .into_iter()
            .map(|path| {
                let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
                let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                let about = about(stem);
                Listed { path, about }
            })
            .collect()
    }
}

impl Files for Folder<'_> {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>> {
        let path = format!("{}/{path}", self.name);
        self.begun.push(path.clone());
        self.files.create(&path)
    }
}

/// A CSV file; fields that a spreadsheet would run are disarmed as in the data files.
struct Csv(Box<dyn Write>);

impl Csv {
    fn begin(files: &mut dyn Files, path: &str, columns: &[&str]) -> io::Result<Self> {
        let mut csv = Self(files.create(path)?);
        csv.row(columns)?;
        Ok(csv)
    }

    fn row<S: AsRef<str>>(&mut self, fields: &[S]) -> io::Result<()> {
        line(&mut self.0, Guard::Apostrophe, fields.iter().map(AsRef::as_ref))
    }

    /// A file counts among the hashes when it is flushed.
    fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A casebook for each subject that leaves, and their number.
fn books(reading: &Reading<'_>, extent: &Extent, files: &mut dyn Files) -> Result<(Section, u64), CasebookError> {
    let mut folder = Folder::new(files, "casebooks");
    let subjects = casebooks(reading, extent, Options::default(), &mut folder)?;
    let about = "A PDF for each subject: every value as entered, every change with its reason, every query with all that was said, every signature.";
    let files = folder.listed(|subject| format!("Subject {subject}"));
    Ok((Section { title: "Casebooks", about: about.to_owned(), files }, subjects))
}

/// The values, a file an item group.
fn data(reading: &Reading<'_>, extent: &Extent, files: &mut dyn Files) -> Result<Section, CasebookError> {
    let mut folder = Folder::new(files, "data");
    csv::write(reading, extent, Guard::Apostrophe, &mut folder)?;
    let tables = tables(reading, &extent.study)?;
    let is = |group: &str, stem: &str| csv::file_name(group).strip_suffix(".csv") == Some(stem);
    let files = folder.listed(|stem| match tables.iter().find(|t| is(&t.group.name, stem)) {
        Some(table) => format!("{}, of the form {}", table.group.label, table.form_label),
        None => "Subjects with site, status and time of enrolment".to_owned(),
    });
    Ok(Section { title: "Data", about: DATA.to_owned(), files })
}

/// How the values came to stand there, as tables.
fn past(reading: &Reading<'_>, extent: &Extent, files: &mut dyn Files) -> Result<Section, CasebookError> {
    let mut folder = Folder::new(files, "history");
    history::write(reading, extent, Guard::Apostrophe, &mut folder)?;
    let files = folder.listed(|stem| {
        let about = match stem {
            "values" => "Each value that stands, with its full address",
            "audit" => "Each change: what, before, after, why, who, when",
            "queries" => "Each thing that was said in a query",
            "verification" => "Each mark that a value was compared with its source, or that the mark was taken back",
            "signatures" => "Each signature with its meaning, those that became void too",
            _ => "",
        };
        about.to_owned()
    });
    let about = "The same as in the casebooks, as tables over all subjects: one line for each value, change, message, mark and signature.";
    Ok(Section { title: "History", about: about.to_owned(), files })
}

fn about_blank(stem: &str) -> String {
    let annotated = if stem.ends_with("-annotated") { ", with the names of tables and columns" } else { "" };
    format!("Every question of the version, to be read on paper{annotated}")
}

fn put_text(files: &mut dyn Files, path: &str, text: &str) -> Result<(), CasebookError> {
    crate::completed::put(files, path, text.as_bytes())
}

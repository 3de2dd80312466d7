//! `croft export`: what is recorded, in files that others read.

use super::record::Home;
use crate::output::{Failure, Outcome, print_json};
use croft_casebook::CasebookError;
use croft_ledger::SystemClock;
use croft_record::export::csv::Guard;
use croft_record::export::odm::Standard;
use croft_record::export::{self, ExportError, Extent, Files, Hashed, Made};
use croft_record::{Caller, Reading, Record};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum Command {
    /// One CSV file an item group
    Csv {
        #[command(flatten)]
        from: From,
        /// Write fields that a spreadsheet would take for formulas as they are, without an apostrophe before them
        #[arg(long)]
        unguarded: bool,
    },
    /// One workbook, a sheet an item group
    Xlsx(From),
    /// One Dataset-JSON 1.1 file an item group
    DatasetJson(From),
    /// ODM: definitions, values, and with --audit how each came about
    Odm {
        #[command(flatten)]
        from: From,
        /// Version of the standard: 1.3.2 or 2.0
        #[arg(long, default_value = "1.3.2")]
        odm_version: String,
        /// A transactional document with audit records, signatures and queries
        #[arg(long)]
        audit: bool,
    },
    /// Values, changes, queries, verification and signatures, a CSV file each
    History {
        #[command(flatten)]
        from: From,
        /// Write fields that a spreadsheet would take for formulas as they are, without an apostrophe before them
        #[arg(long)]
        unguarded: bool,
    },
    /// The study's events as JSON lines, with how to verify them
    Events(From),
    /// A casebook a subject as PDF, with all changes, queries and signatures; or the blank casebook
    Casebook {
        #[command(flatten)]
        from: From,
        /// Only this subject; may be given more than once
        #[arg(long)]
        subject: Vec<String>,
        /// What the definition asks, plain and annotated, instead of what is recorded
        #[arg(long, conflicts_with_all = ["subject", "site"])]
        blank: bool,
        /// With --blank: only this version of the definition
        #[arg(long, requires = "blank")]
        version: Option<u32>,
    },
    /// All of one site, for the investigator to keep: casebooks, data, history, readable without croft
    SiteCopy(From),
    /// All of a study, for an inspector or an archive: definition, casebooks, data, history, people, access, events
    InspectionCopy(From),
}

#[derive(clap::Args)]
pub struct From {
    /// Folder of the record
    dir: PathBuf,
    /// The study
    #[arg(long)]
    study: String,
    /// Folder to write; it must not exist, or be empty
    #[arg(long)]
    out: PathBuf,
    /// Only this site
    #[arg(long)]
    site: Option<String>,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Csv { from, unguarded } => {
            let guard = guard(unguarded);
            make(&from, "csv", as_json, |reading, extent, files| export::csv::write(reading, extent, guard, files))
        }
        Command::Xlsx(from) => make(&from, "xlsx", as_json, |reading, extent, files| {
            let mut file = files.create(&format!("{}.xlsx", extent.study))?;
            export::dataset::write_xlsx(reading, extent, &mut file)
        }),
        Command::DatasetJson(from) => make(&from, "dataset-json", as_json, export::dataset::write_json),
        Command::Odm { from, odm_version, audit } => {
            let Some(version) = Standard::parse(&odm_version) else {
                return Err(
                    Failure::misuse(format!("ODM {odm_version} is not written")).hint("--odm-version is 1.3.2 or 2.0")
                );
            };
            let options = export::odm::Options { version, audit };
            make(&from, &options.name(), as_json, |reading, extent, files| {
                export::odm::write(reading, extent, options, &mut files.create(&format!("{}.xml", extent.study))?)
            })
        }
        Command::History { from, unguarded } => make(&from, "history", as_json, |reading, extent, files| {
            export::history::write(reading, extent, guard(unguarded), files)
        }),
        Command::Casebook { from, subject, blank, version } => casebook(&from, &subject, blank, version, as_json),
        Command::SiteCopy(from) => {
            let Some(site) = from.site.clone() else {
                return Err(Failure::misuse("a site's copy is of one site").hint("name it with --site"));
            };
            make(&from, "site copy", as_json, |reading, extent, files| {
                croft_casebook::site_copy(reading, &extent.study, &site, files)
            })
        }
        Command::InspectionCopy(from) => {
            if from.site.is_some() {
                return Err(Failure::misuse("an inspection copy is of a whole study")
                    .hint("leave out --site, or make a site-copy"));
            }
            make(&from, "inspection copy", as_json, |reading, extent, files| {
                croft_casebook::inspection_copy(reading, &extent.study, files)
            })
        }
        Command::Events(from) => {
            if from.site.is_some() {
                return Err(Failure::misuse("there are no events of one site: a chain is whole or proves nothing")
                    .hint("leave out --site"));
            }
            make(&from, "events", as_json, |reading, extent, files| {
                export::events::write_files(reading, &extent.study, files)
            })
        }
    }
}

fn guard(unguarded: bool) -> Guard {
    if unguarded { Guard::Off } else { Guard::Apostrophe }
}

/// The subjects named, the blank casebook, or every subject.
fn casebook(
    from: &From,
    subjects: &[String],
    blank: bool,
    version: Option<u32>,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let what = match (blank, subjects) {
        (true, _) => "blank casebook".to_owned(),
        (false, []) => "casebooks".to_owned(),
        (false, named) => format!("casebook of {}", named.join(", ")),
    };
    let options = croft_casebook::Options::default();
    make(from, &what, as_json, |reading, extent, files| match (blank, subjects) {
        (true, _) => croft_casebook::blanks(reading, &extent.study, version, files),
        (false, []) => croft_casebook::casebooks(reading, extent, options, files),
        (false, named) => croft_casebook::casebooks_of(reading, &extent.study, named, options, files),
    })
}

/// What is counted, in the export's line.
fn counted(what: &str) -> &'static str {
    if what.contains("casebook") {
        "casebook"
    } else if what.ends_with("copy") || what.starts_with("odm") {
        "subject"
    } else if what == "events" {
        "event"
    } else {
        "row"
    }
}

/// `1 file`, `2 files`.
fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Makes an export in a folder, with the hashes of its files, and notes it in the study's access log.
fn make<E>(
    from: &From,
    what: &str,
    as_json: bool,
    write: impl FnOnce(&Reading<'_>, &Extent, &mut dyn Files) -> Result<u64, E>,
) -> Result<Outcome, Failure>
where
    Failure: std::convert::From<E>,
{
    let record = Home::new(&from.dir, from.database.as_deref()).open(Arc::new(SystemClock))?;
    let caller = Caller::system();
    let extent = Extent { study: from.study.clone(), site: from.site.clone() };
    let mut folder = Folder::new(&from.out)?;
    let mut files = Hashed::over(&mut folder);
    let rows = record.view(&caller, |reading| Ok(write(reading, &extent, &mut files)))??;
    let sums = files.sums();
    let written = files.done().len();
    folder.put("SHA256SUMS", sums.as_bytes()).map_err(Failure::failure)?;
    note(&record, &caller, extent, what, rows, &sums)?;
    folder.whole = true;
    if as_json {
        print_json(
            &json!({ "export": what, "study": from.study, "site": from.site, "rows": rows, "files": written, "out": from.out }),
        );
    } else {
        let (counted, files) = (count(rows, counted(what)), count(written as u64, "file"));
        outln!("{}  {counted} in {files}; hashes in SHA256SUMS", from.out.display());
    }
    Ok(Outcome::Done)
}

fn note(record: &Record, caller: &Caller, extent: Extent, what: &str, rows: u64, sums: &str) -> Result<(), Failure> {
    let sha256 = croft_core::manifest::sha256_hex(sums.as_bytes());
    record.execute(caller, Made { extent, what: what.to_owned(), rows, sha256 })?;
    Ok(())
}

/// A folder that held nothing. Unless what is written in it becomes whole, it holds nothing again.
struct Folder {
    path: PathBuf,
    /// Whether it was not there before.
    new: bool,
    /// Whether the export in it is whole and noted.
    whole: bool,
}

impl Folder {
    fn new(path: &Path) -> Result<Self, Failure> {
        let named = |e: io::Error| Failure::misuse(format!("{}: {e}", path.display()));
        if path.exists() && std::fs::read_dir(path).map_err(named)?.next().is_some() {
            return Err(Failure::misuse(format!("{} is not empty", path.display()))
                .hint("name another folder: an export mixes with nothing"));
        }
        let new = !path.exists();
        std::fs::create_dir_all(path).map_err(named)?;
        Ok(Self { path: path.to_owned(), new, whole: false })
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.create(path)?;
        file.write_all(bytes)?;
        file.flush()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.whole {
            return;
        }
        // What cannot be taken away stays; the error that led here is the one to tell.
        if self.new {
            let _ = std::fs::remove_dir_all(&self.path);
            return;
        }
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let path = entry.path();
            let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        }
    }
}

impl Files for Folder {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{path} leads out of the folder")));
        }
        let whole = self.path.join(path);
        if let Some(parent) = whole.parent() {
            std::fs::create_dir_all(parent)?;
        }
        Ok(Box::new(std::fs::File::create(whole)?))
    }
}

impl std::convert::From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Refused(refusal) => refusal.into(),
            other => {
                let hint = other.hint();
                Self::failure(other).hint(hint)
            }
        }
    }
}

impl std::convert::From<CasebookError> for Failure {
    fn from(error: CasebookError) -> Self {
        match error {
            CasebookError::Export(error) => error.into(),
            other => {
                let hint = other.hint();
                Self::failure(other).hint(hint)
            }
        }
    }
}

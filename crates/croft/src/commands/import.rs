//! `croft import odm|redcap`: what came in, what has no place, what was refused.

use super::record::Home;
use crate::output::{Failure, Outcome, Progress, print_json};
use croft_cdisc::odm::{self, Odm};
use croft_cdisc::redcap::{Dictionary, RedcapError, events};
use croft_ledger::SystemClock;
use croft_record::access::Proof;
use croft_record::definition::{Compiled, Files, digest};
use croft_record::import::{ImportError, Imported, Note, data, redcap};
use croft_record::study::{CreateStudy, Publish, Study};
use croft_record::{Caller, Record};
use serde_json::json;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum Command {
    /// An ODM document, 1.1 to 2.0: definition, data, or both
    Odm(Box<FromOdm>),
    /// A REDCap project's data dictionary, with its events
    Redcap(Box<FromRedcap>),
}

/// Where it goes.
#[derive(clap::Args)]
struct Into {
    /// Folder of the record; made when there is none
    dir: PathBuf,
    /// Identifier of the study in the record; made when there is none
    #[arg(long)]
    study: String,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
    /// Show what would come in, and record nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(clap::Args)]
pub struct FromOdm {
    /// The document
    file: PathBuf,
    #[command(flatten)]
    into: Into,
    /// Version of the definition, when the document has several [default: the last]
    #[arg(long, value_name = "OID")]
    version: Option<String>,
    /// Make a definition from the data when the document has none: all values text, no checks
    #[arg(long)]
    infer: bool,
    /// Site of subjects for whom the document names none
    #[arg(long, default_value = "001", value_name = "CODE")]
    site: String,
    /// Country of sites that are opened, ISO 3166-1 alpha-3; XXX: not said
    #[arg(long, default_value = "XXX", value_name = "CODE")]
    country: String,
}

#[derive(clap::Args)]
pub struct FromRedcap {
    /// The data dictionary, as comma-separated text
    file: PathBuf,
    #[command(flatten)]
    into: Into,
    /// What people read as the study's title [default: the identifier]
    #[arg(long)]
    title: Option<String>,
    /// Events of the project
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Arms of the project
    #[arg(long, value_name = "FILE")]
    arms: Option<PathBuf>,
    /// Which form belongs to which event
    #[arg(long, value_name = "FILE")]
    event_forms: Option<PathBuf>,
    /// Which forms and events repeat
    #[arg(long, value_name = "FILE")]
    repeating: Option<PathBuf>,
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Odm(args) => from_odm(&args, as_json),
        Command::Redcap(args) => from_redcap(&args, as_json),
    }
}

/// A cause with the file that it is in.
#[derive(Debug)]
struct InFile<E> {
    file: PathBuf,
    cause: E,
}

impl<E: fmt::Display> fmt::Display for InFile<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.cause)
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for InFile<E> {}

fn in_file<E: fmt::Debug + fmt::Display + Send + Sync + 'static>(file: &Path, cause: E, hint: &str) -> Failure {
    Failure::misuse(InFile { file: file.to_owned(), cause }).hint(hint)
}

fn refused(file: &Path, error: ImportError) -> Failure {
    let hint = error.hint();
    in_file(file, error, hint)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|e| in_file(file, e, "name a file that can be read"))
}

/// What was told of a definition.
struct Definition {
    notes: Vec<Note>,
    forms: usize,
    groups: usize,
    items: usize,
    visits: usize,
    /// Its number when it was published; none: it stands there already, or nothing is recorded.
    published: Option<u32>,
}

fn from_odm(args: &FromOdm, as_json: bool) -> Result<Outcome, Failure> {
    let progress = Progress::start();
    progress.say(format!("reading {}", args.file.display()));
    let bytes = read(&args.file)?;
    let document = odm::read(&bytes).map_err(|e| {
        let hint = e.hint();
        in_file(&args.file, e, hint)
    })?;
    let has_data = document.clinical_data.iter().any(|c| !c.subjects.is_empty());
    let imported = odm_definition(args, &document, &bytes, has_data)?;
    let mut target = Target::open(&args.into)?;
    let definition = match imported {
        Some(imported) => Some(target.definition(&args.file, imported)?),
        None => None,
    };
    let mut report = None;
    if has_data {
        progress.say(format!("recording {}", args.file.display()));
        report = Some(target.data(args, &document)?);
    }
    progress.end();
    Ok(tell(&args.file, &args.into, definition.as_ref(), report.as_ref(), as_json))
}

/// The document's definition; of data alone one that is inferred, or none where the study has one.
fn odm_definition(args: &FromOdm, document: &Odm, bytes: &[u8], has_data: bool) -> Result<Option<Imported>, Failure> {
    let inferred = if args.infer { croft_record::import::odm::infer(document) } else { None };
    if inferred.is_none() && has_data && document.meta_data_versions().next().is_none() && args.version.is_none() {
        return Ok(None);
    }
    // The document itself is kept where it is the definition and nothing else; its text has to be what it says it is.
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).to_ascii_lowercase();
    let utf_8 = !head.contains("encoding=") || head.contains("utf-8");
    let source =
        std::str::from_utf8(bytes).ok().filter(|_| utf_8 && inferred.is_none() && document.clinical_data.is_empty());
    let of = inferred.as_ref().unwrap_or(document);
    croft_record::import::odm::definition(of, source, &args.into.study, args.version.as_deref())
        .map(Some)
        .map_err(|e| refused(&args.file, e))
}

fn from_redcap(args: &FromRedcap, as_json: bool) -> Result<Outcome, Failure> {
    let mut sources = Vec::new();
    let mut bytes_of = |file: &Path, name: &str| -> Result<Vec<u8>, Failure> {
        let bytes = read(file)?;
        sources.push((name.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
        Ok(bytes)
    };
    fn parsed<T>(
        file: Option<&Path>,
        bytes: Option<Vec<u8>>,
        read: impl Fn(&[u8]) -> Result<T, RedcapError>,
    ) -> Result<Option<T>, Failure> {
        let (Some(file), Some(bytes)) = (file, bytes) else { return Ok(None) };
        read(&bytes).map(Some).map_err(|e| {
            let hint = e.hint();
            in_file(file, e, hint)
        })
    }
    let mut optional = |file: &Option<PathBuf>, name: &str| file.as_deref().map(|f| bytes_of(f, name)).transpose();
    let dictionary = optional(&Some(args.file.clone()), "redcap.csv")?;
    let events = optional(&args.events, "redcap-events.csv")?;
    let arms = optional(&args.arms, "redcap-arms.csv")?;
    let event_forms = optional(&args.event_forms, "redcap-event-forms.csv")?;
    let repeating = optional(&args.repeating, "redcap-repeating.csv")?;
    let project = redcap::Project {
        dictionary: parsed(Some(&args.file), dictionary, Dictionary::read)?.unwrap_or_default(),
        events: parsed(args.events.as_deref(), events, events::read_events)?.unwrap_or_default(),
        arms: parsed(args.arms.as_deref(), arms, events::read_arms)?.unwrap_or_default(),
        event_forms: parsed(args.event_forms.as_deref(), event_forms, events::read_event_forms)?.unwrap_or_default(),
        repeating: parsed(args.repeating.as_deref(), repeating, events::read_repeating)?.unwrap_or_default(),
        sources,
    };
    let title = args.title.as_deref().unwrap_or(&args.into.study);
    let imported = redcap::definition(&project, &args.into.study, title).map_err(|e| refused(&args.file, e))?;
    let definition = Target::open(&args.into)?.definition(&args.file, imported)?;
    Ok(tell(&args.file, &args.into, Some(&definition), None, as_json))
}

/// The record, and the study in it as far as it is there.
struct Target<'a> {
    into: &'a Into,
    record: Option<Record>,
    caller: Caller,
    files: Option<Files>,
}

impl<'a> Target<'a> {
    fn open(into: &'a Into) -> Result<Self, Failure> {
        let home = Home::new(&into.dir, into.database.as_deref());
        let caller = Caller::system();
        if into.dry_run && into.database.is_none() && !into.dir.join("croft.db").is_file() {
            return Ok(Self { into, record: None, caller, files: None });
        }
        let record = home.make(Arc::new(SystemClock))?;
        let mut target = Self { into, record: Some(record), caller, files: None };
        if let (Some(record), Some(study)) = (&target.record, target.study()?)
            && let Some(number) = study.current()
        {
            target.files = Some(record.view(&target.caller, |r| r.version_files(&into.study, number))?);
        }
        Ok(target)
    }

    fn study(&self) -> Result<Option<Study>, Failure> {
        let Some(record) = &self.record else { return Ok(None) };
        let all = record.view(&self.caller, |r| r.studies())?;
        Ok(all.into_iter().find(|s| s.id == self.into.study))
    }

    /// Publishes a definition, unless it is the one that stands there.
    fn definition(&mut self, file: &Path, imported: Imported) -> Result<Definition, Failure> {
        let compiled = compiled(file, &imported.files)?;
        let known = self.files.as_ref().is_some_and(|files| digest(files) == digest(&imported.files));
        let mut published = None;
        if let Some(record) = self.record.as_ref().filter(|_| !known && !self.into.dry_run) {
            if self.study()?.is_none() {
                let title = compiled.definition.study.title.clone();
                record.execute(&self.caller, CreateStudy { id: self.into.study.clone(), title })?;
            }
            let publish = Publish {
                study: self.into.study.clone(),
                files: imported.files.clone(),
                note: format!("imported from {}", name_of(file)),
                signature: Proof::system(),
            };
            published = Some(record.execute(&self.caller, publish)?);
        }
        self.files = Some(imported.files);
        let groups = || compiled.forms.iter().flat_map(|f| &f.groups);
        Ok(Definition {
            notes: imported.notes,
            forms: compiled.forms.len(),
            groups: groups().count(),
            items: groups().map(|g| g.items.len()).sum(),
            visits: compiled.definition.visits.len(),
            published,
        })
    }

    fn data(&self, args: &FromOdm, document: &Odm) -> Result<data::Report, Failure> {
        let Some(files) = &self.files else {
            return Err(refused(&args.file, ImportError::NoDefinition { found: "it holds data of subjects" }));
        };
        let options = data::Options {
            study: self.into.study.clone(),
            site: args.site.clone(),
            country: args.country.clone(),
            source: name_of(&args.file),
        };
        let definition = compiled(&args.file, files)?;
        let source = files.get("source/odm.xml").and_then(|text| odm::read(text.as_bytes()).ok());
        let units = source.map(|s| data::units(&s)).unwrap_or_default();
        let plan = data::plan(document, &definition, &units, &options);
        match self.record.as_ref().filter(|_| !self.into.dry_run) {
            Some(record) => Ok(data::run(record, &self.caller, &options, plan)?),
            None => Ok(data::Report {
                values: plan.values,
                refused: plan.refused,
                notes: plan.notes,
                ..data::Report::default()
            }),
        }
    }
}

fn compiled(file: &Path, files: &Files) -> Result<Compiled, Failure> {
    Compiled::compile(files).map_err(|problems| refused(file, ImportError::Unsound(problems)))
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn tell(
    file: &Path,
    into: &Into,
    definition: Option<&Definition>,
    report: Option<&data::Report>,
    as_json: bool,
) -> Outcome {
    let notes = definition.map_or(&[][..], |d| &d.notes);
    let to_act = report.is_some_and(|r| !r.refused.is_empty() || !r.different.is_empty());
    if as_json {
        let definition = definition.map(|d| {
            json!({ "visits": d.visits, "forms": d.forms, "groups": d.groups, "items": d.items, "version": d.published, "notes": d.notes })
        });
        print_json(&json!({
            "file": file, "study": into.study, "dry_run": into.dry_run, "definition": definition, "data": report,
        }));
    } else {
        if let Some(d) = definition {
            let version = match d.published {
                Some(number) => format!("version {number} of {}", into.study),
                None if into.dry_run => "not recorded (dry run)".to_owned(),
                None => format!("stands in {} already", into.study),
            };
            outln!(
                "definition  {} visits, {} forms, {} groups, {} items  {version}",
                d.visits,
                d.forms,
                d.groups,
                d.items
            );
        }
        if let Some(r) = report {
            tell_data(r, into.dry_run);
        }
        for note in notes.iter().chain(report.map_or(&[][..], |r| &r.notes)) {
            tell_note("note", file, note);
        }
        for note in report.map_or(&[][..], |r| &r.refused) {
            tell_note("refused", file, note);
        }
    }
    if to_act { Outcome::Findings } else { Outcome::Done }
}

fn tell_data(report: &data::Report, dry_run: bool) {
    if dry_run {
        outln!("data        {} values would come in, {} are refused", report.values, report.refused.len());
        return;
    }
    outln!(
        "data        {} subjects, {} values in {} saves; {} saves changed nothing; {} queries by checks",
        report.subjects,
        report.values,
        report.saves,
        report.unchanged,
        report.queries
    );
    if report.agreed + report.different.len() > 0 {
        let different = report.different.len();
        outln!(
            "computed    {} values agree, {different} do not: a query on each keeps the document's value",
            report.agreed
        );
    }
    if report.withdrawn + report.sites > 0 {
        outln!("sites       {} opened; {} subjects left", report.sites, report.withdrawn);
    }
    if !report.refused.is_empty() {
        outln!("refused     {} values or places", report.refused.len());
    }
}

fn tell_note(kind: &str, file: &Path, note: &Note) {
    let place = if note.line > 0 { format!("{}:{}", file.display(), note.line) } else { file.display().to_string() };
    let oid = if note.oid.is_empty() { String::new() } else { format!("{}: ", note.oid) };
    eprintln!("{kind}: {place}: {oid}{}", note.message);
    if !note.hint.is_empty() {
        eprintln!("  hint: {}", note.hint);
    }
}

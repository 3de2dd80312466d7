//! What is recorded, to take along: exports of a study or of one site, as one archive each.
//!
//! An archive holds the files and `SHA256SUMS`; that it was handed out, with its hash, is an event of the study's access log. It is made in memory,
//! which bounds it to what a browser would want to fetch; `croft export` writes any size to a folder.

use super::place::{Inside, inside};
use crate::app::{App, blocking};
use crate::components::{self, Choice, Field};
use crate::context::Signed;
use crate::enter::{self, Posted};
use crate::layout::Page;
use crate::nav::{Address, StudyPart, segment};
use crate::problem::Problem;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use croft_casebook::{CasebookError, Options};
use croft_record::access::{Operation, Scope};
use croft_record::export::csv::Guard;
use croft_record::export::{self, ExportError, Extent, Files, Hashed, Made};
use croft_record::{Caller, Reading, Record, Refusal};
use maud::html;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::rc::Rc;
use zip::write::SimpleFileOptions;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/data", get(show).post(download))
}

/// What the page offers.
struct Offer {
    inside: Inside,
    /// The whole study may leave.
    whole: bool,
    /// Who did what may leave too.
    events: bool,
    /// And who may do what.
    people: bool,
    /// A site's whole copy may leave.
    site_copy: bool,
    sites: Vec<String>,
}

impl Offer {
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Data)?;
        let may = |operation| r.may(operation, &Scope::study(study));
        let (whole, events) = (may(Operation::Export), may(Operation::Export) && may(Operation::AuditRead));
        let sites: Vec<String> = inside.sites_for(r, Operation::Export).iter().map(|site| site.id.clone()).collect();
        if !whole && sites.is_empty() {
            r.allow(Operation::Export, &Scope::study(study))?;
        }
        let people = events && may(Operation::AccountList);
        let site_copy = sites.iter().any(|site| r.may(Operation::AuditRead, &Scope::site(study, site)));
        Ok(Self { inside, whole, events, people, site_copy, sites })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let offer = c.look(move |r| Offer::gather(r, &study)).await?;
    let mut formats = vec![
        Choice::new("csv", t!(c, "export-csv")),
        Choice::new("xlsx", t!(c, "export-xlsx")),
        Choice::new("dataset-json", t!(c, "export-dataset-json")),
        Choice::new("odm-1.3.2", t!(c, "export-odm", version = "1.3.2")),
        Choice::new("odm-2.0", t!(c, "export-odm", version = "2.0")),
    ];
    if offer.events {
        formats.push(Choice::new("odm-1.3.2-audit", t!(c, "export-odm-audit", version = "1.3.2")));
        formats.push(Choice::new("odm-2.0-audit", t!(c, "export-odm-audit", version = "2.0")));
        formats.push(Choice::new("history", t!(c, "export-history")));
        formats.push(Choice::new("events", t!(c, "export-events")));
    }
    formats.push(Choice::new("casebook", t!(c, "export-casebook")));
    formats.push(Choice::new("blank", t!(c, "export-blank")));
    if offer.site_copy {
        formats.push(Choice::new("site-copy", t!(c, "export-site-copy")));
    }
    if offer.people {
        formats.push(Choice::new("inspection-copy", t!(c, "export-inspection-copy")));
    }
    let address = Address::of(&c.path, &c.query);
    let format = address.get("format").unwrap_or("csv").to_owned();
    let mut parts = Vec::new();
    if offer.whole {
        parts.push(Choice::new("", t!(c, "export-study")));
    }
    parts.extend(offer.sites.iter().map(|site| Choice::new(site, t!(c, "export-site", site = site))));
    let first = parts.first().map_or(String::new(), |p| p.value.clone());
    let fields = html! {
        (Field::new("format", t!(c, "export-format")).value(format).radios(&formats))
        (Field::new("site", t!(c, "export-part")).value(first).select(&parts))
        p.hint { (t!(c, "export-means")) }
        p.hint { (t!(c, "export-large")) " " code { "croft export" } "." }
        (components::actions(components::button(&t!(c, "export-deed"))))
    };
    let address = StudyPart::Data.address(offer.inside.id());
    Ok(Page::new(&c, t!(c, "part-data")).study(offer.inside.bar.clone()).body(html! {
        (components::group(&t!(c, "export"), components::form(&c, &address, fields)))
        p { (t!(c, "import-where")) " " code { "croft import odm" } ", " code { "croft import redcap" } "." }
    }))
}

async fn download(c: Signed, Path(study): Path<String>, Form(posted): Form<Posted>) -> Result<Response, Problem> {
    let format = enter::value(&posted, "format").to_owned();
    let site = Some(enter::value(&posted, "site").to_owned()).filter(|site| !site.is_empty());
    let (record, caller) = (c.app.record().clone(), c.caller());
    let extent = Extent { study, site };
    let name = name_of(&extent, &format);
    let bytes = blocking(move || archive(&record, &caller, extent, &format)).await?;
    Ok(attached(&name, bytes))
}

/// What its file is called.
pub(crate) fn name_of(extent: &Extent, format: &str) -> String {
    let (study, format) = (segment(&extent.study), segment(format));
    match &extent.site {
        Some(site) => format!("{study}-{}-{format}.zip", segment(site)),
        None => format!("{study}-{format}.zip"),
    }
}

/// An archive on its way to whoever keeps it.
pub(crate) fn attached(name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

/// The archive; noted before it is handed out.
pub(crate) fn archive(record: &Record, caller: &Caller, extent: Extent, format: &str) -> Result<Vec<u8>, Problem> {
    let mut memory = Memory::default();
    let mut files = Hashed::over(&mut memory);
    let rows = record.view(caller, |reading| Ok(fill(reading, &extent, format, &mut files)))??;
    let sums = files.sums();
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(sums.as_bytes()));
    record.execute(caller, Made { extent, what: format.to_owned(), rows, sha256 })?;
    memory.put("SHA256SUMS", sums.into_bytes());
    memory.zip().map_err(Problem::internal)
}

/// The files of a format; gives what is counted in them.
fn fill(reading: &Reading<'_>, extent: &Extent, format: &str, files: &mut Hashed<'_>) -> Result<u64, Problem> {
    let study = &extent.study;
    let wrong = |place: &str, message: &str, hint: &str| Problem::from(Refusal::invalid(place, message, hint));
    let made = match (format, &extent.site) {
        ("casebook", _) => {
            let audit = reading.may(Operation::AuditRead, &scope(extent));
            croft_casebook::casebooks(reading, extent, Options { audit, ..Options::default() }, files)
        }
        ("blank", _) => croft_casebook::blanks(reading, study, None, files),
        ("site-copy", Some(site)) => croft_casebook::site_copy(reading, study, site, files),
        ("site-copy", None) => return Err(wrong("site", "is the whole study", "choose the site whose copy it is")),
        ("inspection-copy", None) => croft_casebook::inspection_copy(reading, study, files),
        ("inspection-copy", Some(_)) => {
            return Err(wrong("site", "is one site", "choose the whole study: an inspection copy is of all of it"));
        }
        _ => data(reading, extent, format, files).map_err(CasebookError::from),
    };
    made.map_err(super::casebook::problem)
}

fn scope(extent: &Extent) -> Scope {
    match &extent.site {
        Some(site) => Scope::site(&extent.study, site),
        None => Scope::study(&extent.study),
    }
}

/// The formats of data and events.
fn data(reading: &Reading<'_>, extent: &Extent, format: &str, files: &mut Hashed<'_>) -> Result<u64, ExportError> {
    match format {
        "csv" => export::csv::write(reading, extent, Guard::Apostrophe, files),
        "xlsx" => export::dataset::write_xlsx(reading, extent, &mut files.create(&format!("{}.xlsx", extent.study))?),
        "dataset-json" => export::dataset::write_json(reading, extent, files),
        "history" => export::history::write(reading, extent, Guard::Apostrophe, files),
        "events" if extent.site.is_none() => export::events::write_files(reading, &extent.study, files),
        _ => match odm(format) {
            Some(options) => {
                export::odm::write(reading, extent, options, &mut files.create(&format!("{}.xml", extent.study))?)
            }
            None => Err(ExportError::Refused(Refusal::invalid(
                "format",
                "is none of those offered",
                "choose one that is offered",
            ))),
        },
    }
}

/// `odm-2.0-audit`: version and whether with audit records.
fn odm(format: &str) -> Option<export::odm::Options> {
    let named = format.strip_prefix("odm-")?;
    let (version, audit) = named.strip_suffix("-audit").map_or((named, false), |version| (version, true));
    Some(export::odm::Options { version: export::odm::Standard::parse(version)?, audit })
}

/// Files in memory, by path.
#[derive(Default)]
struct Memory(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Memory {
    fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.0.borrow_mut().insert(path.to_owned(), bytes);
    }

    /// In the order of their paths, without times: the same files give the same bytes.
    fn zip(&self) -> zip::result::ZipResult<Vec<u8>> {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in self.0.borrow().iter() {
            archive.start_file(path.as_str(), options)?;
            archive.write_all(bytes)?;
        }
        Ok(archive.finish()?.into_inner())
    }
}

impl Files for Memory {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write>> {
        self.0.borrow_mut().insert(path.to_owned(), Vec::new());
        Ok(Box::new(InMemory { path: path.to_owned(), files: Rc::clone(&self.0) }))
    }
}

struct InMemory {
    path: String,
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

impl Write for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.borrow_mut().entry(self.path.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! What is recorded of a subject, as a book?
//!
//! Title page, contents, what there is at each visit, then visit by visit and form by form the values; behind each form what was done on it, what
//! was asked and answered, and who signed. The title page says which state it shows: number, time and hash of the study's newest event.

use crate::CasebookError;
use crate::book::Book;
use crate::filled::Filled;
use crate::told::{self, Signed};
use crate::writing::{Grid, Pen, cell, count, heading, paragraph, utc, write};
use croft_design::definition::VisitKind;
use croft_record::access::{Operation, Scope};
use croft_record::capture::trail::{Deed, Done};
use croft_record::capture::{FormState, Place, Subject, SubjectStatus};
use croft_record::export::{Extent, Files};
use croft_record::query::Query;
use croft_record::study::Lock;
use croft_record::{Reading, Refusal};
use croft_report::block::{Block, ContentsOf, Document, Inline, Paper, TitlePage};

/// What of a casebook is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Every change: who, when, why, what before. It needs the right to read the audit trail.
    pub audit: bool,
    /// The paper.
    pub paper: Paper,
}

impl Default for Options {
    /// With the audit trail, on A4.
    fn default() -> Self {
        Self { audit: true, paper: Paper::A4 }
    }
}

/// A form of a subject with all that belongs to it.
pub(crate) struct Sheet {
    pub place: Place,
    pub form: FormState,
    pub trail: Vec<Deed>,
    pub queries: Vec<Query>,
}

/// A subject with all that belongs to it.
pub(crate) struct Case {
    pub subject: Subject,
    pub sheets: Vec<Sheet>,
    pub signatures: Vec<Signed>,
}

/// The casebook of one subject as PDF. O(values and events of the subject).
pub fn completed(
    reading: &Reading<'_>,
    study: &str,
    subject: &str,
    options: Options,
) -> Result<Vec<u8>, CasebookError> {
    let (found, forms) = reading.leaving_subject(study, subject)?;
    may_tell(reading, &Extent::site(study, &found.site), options)?;
    let book = Book::open(reading, study)?;
    let case = gather(reading, &book, found, forms)?;
    set(reading, &book, &Pen::default(), &case, options)
}

/// The casebooks of these subjects, `SUBJECT.pdf` each; gives their number.
pub fn casebooks_of(
    reading: &Reading<'_>,
    study: &str,
    subjects: &[String],
    options: Options,
    files: &mut dyn Files,
) -> Result<u64, CasebookError> {
    for subject in subjects {
        put(files, &file_name(subject), &completed(reading, study, subject, options)?)?;
    }
    Ok(subjects.len() as u64)
}

/// The casebooks of all subjects that leave, `SUBJECT.pdf` each; gives their number. Memory: one subject's.
pub fn casebooks(
    reading: &Reading<'_>,
    extent: &Extent,
    options: Options,
    files: &mut dyn Files,
) -> Result<u64, CasebookError> {
    may_tell(reading, extent, options)?;
    let book = Book::open(reading, &extent.study)?;
    let pen = Pen::default();
    let mut written = 0;
    reading.each_leaving(extent, &mut |subject, forms| -> Result<(), CasebookError> {
        let case = gather(reading, &book, subject, forms)?;
        put(files, &file_name(&case.subject.id), &set(reading, &book, &pen, &case, options)?)?;
        written += 1;
        Ok(())
    })?;
    Ok(written)
}

/// `101-001.pdf`. What a name of a file may not hold everywhere is given by its number: `a:b` is `a_x3Ab.pdf`.
fn file_name(subject: &str) -> String {
    let mut name = String::new();
    for c in subject.chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') => name.push(c),
            c => name.push_str(&format!("_x{:02X}", c as u32)),
        }
    }
    name + ".pdf"
}

pub(crate) fn put(files: &mut dyn Files, path: &str, bytes: &[u8]) -> Result<(), CasebookError> {
    let mut file = files.create(path)?;
    file.write_all(bytes)?;
    file.flush()?;
    Ok(())
}

fn may_tell(reading: &Reading<'_>, extent: &Extent, options: Options) -> Result<(), Refusal> {
    if options.audit {
        let scope = match &extent.site {
            Some(site) => Scope::site(&extent.study, site),
            None => Scope::study(&extent.study),
        };
        reading.allow(Operation::AuditRead, &scope)?;
    }
    Ok(())
}

/// Reads what belongs to a subject's forms, in the order of the casebook.
pub(crate) fn gather(
    reading: &Reading<'_>,
    book: &Book,
    subject: Subject,
    forms: Vec<(Place, FormState)>,
) -> Result<Case, CasebookError> {
    let mut sheets = Vec::new();
    for (place, form) in forms {
        let trail = reading.trail(&book.study.id, &place, &form)?;
        let mut queries = Vec::new();
        for deed in trail.iter().filter(|d| matches!(d.what, Done::Asked)) {
            queries.push(reading.query(&book.study.id, deed.event)?);
        }
        sheets.push(Sheet { place, form, trail, queries });
    }
    sheets.sort_by_key(|s| book.order(&s.place));
    let signatures = told::signatures(reading, book, &subject.id)?;
    Ok(Case { subject, sheets, signatures })
}

/// Sets a casebook.
pub(crate) fn set(
    reading: &Reading<'_>,
    book: &Book,
    pen: &Pen,
    case: &Case,
    options: Options,
) -> Result<Vec<u8>, CasebookError> {
    let id = &case.subject.id;
    let mut blocks = vec![
        Block::Paragraph(vec![Inline::Strong(vec![Inline::Text("Contents".to_owned())])]),
        Block::Contents(ContentsOf::Headings),
        heading(pen, 1, "overview".to_owned(), "What is recorded"),
        overview(book, pen, case),
    ];
    blocks.extend(how_to_read(pen, options));
    let mut visit = None;
    for (n, sheet) in case.sheets.iter().enumerate() {
        let here = (sheet.place.visit.as_str(), sheet.place.visit_repeat);
        if visit != Some(here) {
            visit = Some(here);
            blocks.push(Block::PageBreak);
            blocks.push(heading(pen, 1, format!("visit-{n}"), &book.visit_words(here.0, here.1)));
            blocks.extend(visit_date(case, here).map(|date| paragraph(pen, &format!("Date of the visit: {date}."))));
        }
        blocks.extend(sheet_blocks(reading, book, pen, case, sheet, &format!("form-{n}"), options)?);
    }
    let what = format!("Casebook of subject {id}");
    let document = Document {
        title: pen.title(&what),
        study: pen.title(&book.study.id),
        version: format!("As of {} UTC", utc(book.time_ms())),
        language: "en".to_owned(),
        paper: options.paper,
        title_page: Some(TitlePage { subtitle: Some(pen.title(&book.study.title)), fields: fields(book, pen, case) }),
        watermark: book.watermark(),
        blocks,
    };
    let identity = format!("{what} {} {} audit {}", book.study.id, book.hash(), options.audit);
    write(&document, &what, book.time_ms(), identity)
}

/// Labels and values of the title page.
fn fields(book: &Book, pen: &Pen, case: &Case) -> Vec<(String, String)> {
    let subject = &case.subject;
    let status = match subject.status {
        SubjectStatus::Enrolled => "enrolled",
        SubjectStatus::Withdrawn => "no longer takes part; enrolled",
    };
    let versions: Vec<String> = book
        .study
        .versions
        .iter()
        .map(|v| format!("{} of {} UTC ({})", v.number, utc(v.published_ms), v.note))
        .collect();
    let lock = match &book.study.lock {
        Lock::Open => "not locked: data may still change".to_owned(),
        Lock::Locked { at_ms, by, event, .. } => format!("locked {} UTC by {by} (event {event})", utc(*at_ms)),
    };
    let sponsor = book.newest().map_or("", |c| c.definition.study.sponsor.as_str());
    let (as_of, hash) = match &book.as_of {
        Some((ms, seq, hash)) => (format!("{} UTC, event {seq} of chain {}", utc(*ms), book.study.id), hash.clone()),
        None => ("no events yet".to_owned(), String::new()),
    };
    [
        ("Study", book.study.id.clone()),
        ("Sponsor", sponsor.to_owned()),
        ("Site", book.site_words(subject)),
        ("Subject", subject.id.clone()),
        ("Status", format!("{status} {} UTC", utc(subject.enrolled_ms))),
        ("Definition", versions.join("\n")),
        ("Data", lock),
        ("As of", as_of),
        ("Record's hash", hash),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| (label.to_owned(), pen.words(&value)))
    .collect()
}

fn how_to_read(pen: &Pen, options: Options) -> Vec<Block> {
    let mut words = vec![
        "Values stand as they were entered. What a value was read as stands behind it where that differs; a code stands behind its meaning. \
         Marks say which values were compared with their source (verified) and which the system computes from others (computed). \
         Where there is no value, the reason is told. Rows marked VOID were entered by mistake: they do not count, and nothing is deleted.",
        "Values that identify a person are kept apart, and this file holds none of them.",
    ];
    if options.audit {
        words.push(
            "Behind the values of each form stand all its changes, its queries with everything that was said, and its signatures. Times are in UTC; \
             a signature tells local time too. The number of an event is its place in the study's chain of events.",
        );
    } else {
        words.push("This copy leaves the changes of values out. Times are in UTC; a signature tells local time too.");
    }
    words.push("A character that the fonts of this file lack is written by its number, as in [U+4E2D].");
    let mut blocks = vec![heading(pen, 2, "how-to-read".to_owned(), "How to read this casebook")];
    blocks.extend(words.into_iter().map(|w| paragraph(pen, w)));
    blocks
}

/// A line a form, those that are planned and not filled too.
fn overview(book: &Book, pen: &Pen, case: &Case) -> Block {
    let mut lines: Vec<(Place, Option<&Sheet>)> = case.sheets.iter().map(|s| (s.place.clone(), Some(s))).collect();
    if let (Some(newest), SubjectStatus::Enrolled) = (book.newest(), case.subject.status) {
        let planned = newest.definition.visits.iter().filter(|v| v.kind == VisitKind::Scheduled);
        for (visit, form) in planned.flat_map(|v| newest.forms_at(&v.code).map(move |f| (v, f))) {
            let there = |(p, _): &(Place, Option<&Sheet>)| p.visit == visit.code && p.form == form.form;
            if form.when.is_none() && !lines.iter().any(there) {
                lines.push((Place::first(&case.subject.id, &visit.code, &form.form), None));
            }
        }
    }
    lines.sort_by_key(|(place, _)| book.order(place));
    let mut grid = Grid::new(&[
        ("Visit", 22.0, true),
        ("Form", 28.0, false),
        ("State", 20.0, false),
        ("Values verified", 14.0, false),
        ("Open queries", 16.0, false),
    ]);
    for (place, sheet) in lines {
        let visit = book.visit_words(&place.visit, place.visit_repeat);
        let form = book.form_words(sheet.map_or(0, |s| s.form.version), &place);
        let (state, verified, open) = match sheet.filter(|s| s.form.event > 0) {
            None => ("not filled".to_owned(), String::new(), sheet.map_or(0, |s| s.form.queries.len())),
            Some(s) => {
                let counts = s.form.counts();
                let verified = format!("{} of {}", counts.verified, counts.items);
                (state_words(&s.form), verified, (counts.open + counts.answered) as usize)
            }
        };
        let open = if open == 0 { String::new() } else { open.to_string() };
        grid.row([visit, form, state, verified, open].map(|t| cell(pen, &t)).to_vec());
    }
    if grid.is_empty() { paragraph(pen, "Nothing is recorded yet.") } else { grid.block() }
}

/// `complete, signed, frozen`
fn state_words(form: &FormState) -> String {
    let mut words = vec![if form.complete { "complete" } else { "not complete" }];
    if !form.signatures.is_empty() {
        words.push("signed");
    }
    if form.frozen {
        words.push("frozen");
    }
    words.join(", ")
}

fn visit_date(case: &Case, (visit, repeat): (&str, u32)) -> Option<String> {
    let found = case.subject.visits.iter().find(|v| v.visit == visit && v.repeat == repeat)?;
    Some(found.date.clone()).filter(|date| !date.is_empty())
}

fn sheet_blocks(
    reading: &Reading<'_>,
    book: &Book,
    pen: &Pen,
    case: &Case,
    sheet: &Sheet,
    id: &str,
    options: Options,
) -> Result<Vec<Block>, CasebookError> {
    let voids = sheet.trail.iter().flat_map(|d| d.what.voids().to_vec()).collect();
    let filled = Filled { book, pen, place: &sheet.place, form: &sheet.form, voids };
    let mut blocks = vec![heading(pen, 2, id.to_owned(), &book.form_words(sheet.form.version, &sheet.place))];
    if sheet.form.event == 0 {
        blocks.push(paragraph(pen, "Not filled."));
    } else {
        blocks.push(paragraph(pen, &form_state(&sheet.form)));
        blocks.extend(filled.blocks(id));
    }
    if options.audit {
        blocks.extend(told::changes(&filled, &sheet.trail, id));
    }
    blocks.extend(told::queries(reading, &filled, &sheet.queries, id)?);
    blocks.extend(told::signed(&filled, &case.signatures, id));
    Ok(blocks)
}

/// How far a form is, in a sentence or two.
fn form_state(form: &FormState) -> String {
    let counts = form.counts();
    let mut state = state_words(form);
    if let Some(first) = state.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let signed = if form.signatures.is_empty() { " No signature stands." } else { "" };
    let verified = match (counts.items, counts.verified) {
        (0, _) => "It holds no values.".to_owned(),
        (items, 0) => format!("None of {} is verified against source.", count(items as usize, "value")),
        (items, verified) if items == verified => format!(
            "{} verified against source.",
            match items {
                1 => "The one value is".to_owned(),
                n => format!("All {n} values are"),
            }
        ),
        (items, verified) => format!("{verified} of {} verified against source.", count(items as usize, "value")),
    };
    format!(
        "{state}.{signed} {verified} Filled under version {} of the definition; values last changed {} UTC (event {}).",
        form.version,
        utc(form.saved_ms),
        form.event
    )
}

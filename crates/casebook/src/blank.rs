//! What does a version of the definition ask for, on paper?
//!
//! The schedule of visits with their forms, then each form once: its groups, and for each item the label, how to answer (codes to tick, unit, format),
//! under which condition it is asked, and the codes by which a missing value is explained. Annotated, it bears the names of groups and items, which are those of
//! tables and columns. It holds nobody's data: whoever sees the study may have it.

use crate::CasebookError;
use crate::completed::put;
use crate::writing::{Grid, Pen, cell, count, heading, paragraph, utc, write};
use croft_design::definition::{Definition, Visit, VisitKind};
use croft_design::forms::{Form, Item, ItemGroup, ItemType, MISSING_CODES};
use croft_record::definition::Compiled;
use croft_record::export::Files;
use croft_record::study::Version;
use croft_record::{Reading, Refusal};
use croft_report::block::{Block, Cell, ContentsOf, Document, Inline, Paper, TitlePage};

/// Longest condition that is told beside its item; a longer one would fill the page.
const CONDITION: usize = 400;

/// The blank casebook of a version, the newest when none is named; `names` annotates it. O(items).
pub fn blank(reading: &Reading<'_>, study: &str, version: Option<u32>, names: bool) -> Result<Vec<u8>, CasebookError> {
    let found = reading.study(study)?;
    let wanted = version.or(found.current());
    let version = found.versions.iter().find(|v| Some(v.number) == wanted).ok_or_else(|| absent(study, wanted))?;
    set(study, version, &*reading.version(study, version.number)?, names)
}

/// The blank casebooks of all versions, or of one, plain and annotated; gives their number.
pub fn blanks(
    reading: &Reading<'_>,
    study: &str,
    only: Option<u32>,
    files: &mut dyn Files,
) -> Result<u64, CasebookError> {
    let versions = reading.study(study)?.versions;
    if let Some(number) = only.filter(|n| !versions.iter().any(|v| v.number == *n)) {
        return Err(absent(study, Some(number)).into());
    }
    let mut written = 0;
    for version in versions.into_iter().filter(|v| only.is_none_or(|n| v.number == n)) {
        let compiled = reading.version(study, version.number)?;
        for (names, suffix) in [(false, ""), (true, "-annotated")] {
            let path = format!("blank-casebook-v{}{suffix}.pdf", version.number);
            put(files, &path, &set(study, &version, &compiled, names)?)?;
            written += 1;
        }
    }
    Ok(written)
}

fn absent(study: &str, version: Option<u32>) -> Refusal {
    Refusal::absent("version", version.map_or_else(|| format!("of {study}"), |n| format!("{n} of {study}")))
}

fn set(study: &str, version: &Version, compiled: &Compiled, names: bool) -> Result<Vec<u8>, CasebookError> {
    let pen = Pen::default();
    let definition = &compiled.definition;
    let mut blocks = vec![
        Block::Paragraph(vec![Inline::Strong(vec![Inline::Text("Contents".to_owned())])]),
        Block::Contents(ContentsOf::Headings),
        heading(&pen, 1, "visits".to_owned(), "Visits and their forms"),
        visits(&pen, definition, compiled),
    ];
    blocks.extend(how_to_fill(&pen, names));
    for (n, form) in compiled.forms.iter().enumerate() {
        blocks.push(Block::PageBreak);
        blocks.extend(form_blocks(&pen, definition, form, &format!("form-{n}"), names));
    }
    let title = if names { "Annotated blank casebook" } else { "Blank casebook" };
    let fields = [
        ("Study", study.to_owned()),
        ("Sponsor", definition.study.sponsor.clone()),
        ("Version", version.number.to_string()),
        ("Published", format!("{} UTC", utc(version.published_ms))),
        ("What for", version.note.clone()),
        ("Text's SHA-256", version.digest.clone()),
    ];
    let fields = fields.into_iter().filter(|(_, v)| !v.is_empty()).map(|(l, v)| (l.to_owned(), pen.words(&v)));
    let document = Document {
        title: title.to_owned(),
        study: pen.title(study),
        version: format!("Version {}", version.number),
        language: "en".to_owned(),
        paper: Paper::A4,
        title_page: Some(TitlePage { subtitle: Some(pen.title(&definition.study.title)), fields: fields.collect() }),
        watermark: None,
        blocks,
    };
    let what = format!("{title} of {study}, version {}", version.number);
    write(&document, &what, version.published_ms, format!("{what} {}", version.digest))
}

fn visits(pen: &Pen, definition: &Definition, compiled: &Compiled) -> Block {
    let mut grid = Grid::new(&[("Visit", 30.0, false), ("When", 25.0, false), ("Forms", 45.0, false)]);
    for visit in &definition.visits {
        let forms: Vec<&str> = compiled.forms_at(&visit.code).map(|f| f.label.as_str()).collect();
        let name = format!("{} ({})", visit.name, visit.code);
        grid.row([name, when(visit), forms.join("\n")].map(|t| cell(pen, &t)).to_vec());
    }
    grid.block()
}

/// `Day 8, 1 day before to 2 days after`
fn when(visit: &Visit) -> String {
    let mut words = match visit.kind {
        VisitKind::Scheduled => format!("Day {}", visit.day),
        VisitKind::Unscheduled => "When needed".to_owned(),
        VisitKind::Common => "Throughout the study".to_owned(),
    };
    let days = |n: Option<u32>| count(n.unwrap_or(0) as usize, "day");
    if visit.days_before.is_some() || visit.days_after.is_some() {
        words.push_str(&format!(", window {} before to {} after", days(visit.days_before), days(visit.days_after)));
    }
    if visit.repeating {
        words.push_str(", may take place more than once");
    }
    words
}

fn how_to_fill(pen: &Pen, names: bool) -> Vec<Block> {
    let missing: Vec<String> =
        MISSING_CODES.iter().map(|(code, words)| format!("{code} {}", words.to_lowercase())).collect();
    let mut words = vec![
        "Items marked “required” are filled before a form is complete. An item with a condition is asked only where the condition is true."
            .to_owned(),
        format!(
            "Where there is no value, one of these codes says why, unless an item has a list of its own: {}.",
            missing.join(", ")
        ),
        "A group that repeats is filled once for each entry: use further pages.".to_owned(),
    ];
    if names {
        words.push(
            "Names in fixed-width type are those of tables (groups) and columns (items) in the data files.".to_owned(),
        );
    }
    let mut blocks = vec![heading(pen, 2, "how-to-fill".to_owned(), "How to fill this casebook")];
    blocks.extend(words.iter().map(|w| paragraph(pen, w)));
    blocks
}

fn form_blocks(pen: &Pen, definition: &Definition, form: &Form, id: &str, names: bool) -> Vec<Block> {
    let mut blocks = vec![heading(pen, 1, id.to_owned(), &form.label)];
    let visit = |code: &String| {
        definition.visits.iter().find(|v| v.code == *code).map_or_else(|| code.clone(), |v| v.name.clone())
    };
    let mut intro = Vec::new();
    if names {
        intro.extend([Inline::Code(pen.words(&form.form)), Inline::Text("  ".to_owned())]);
    }
    let at: Vec<String> = form.visits.iter().map(visit).collect();
    let often = if form.repeating { " It can be filled more than once at a visit." } else { "" };
    intro.push(Inline::Text(pen.words(&format!("Filled at: {}.{often}", at.join(", ")))));
    intro.extend(only_where(pen, form.when.as_deref(), " Filled only where"));
    blocks.push(Block::Paragraph(intro));
    blocks.push(who_and_when());
    for (n, group) in form.groups.iter().enumerate() {
        let alone = form.groups.len() == 1 && group.label == form.label;
        blocks.extend(group_blocks(pen, group, &format!("{id}-{n}"), alone, names));
    }
    blocks
}

/// The line on which a paper form is told apart from all others.
fn who_and_when() -> Block {
    let mut grid = Grid::new(&[
        ("Subject", 25.0, false),
        ("Visit", 25.0, false),
        ("Date", 25.0, false),
        ("Filled by", 25.0, false),
    ]);
    grid.row(vec![Cell::text(" "), Cell::text(" "), Cell::text(" "), Cell::text(" ")]);
    grid.block()
}

/// `alone`: it is the whole of a form that bears its label already.
fn group_blocks(pen: &Pen, group: &ItemGroup, id: &str, alone: bool, names: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !alone {
        blocks.push(heading(pen, 2, id.to_owned(), &group.label));
    }
    let mut intro = Vec::new();
    if names {
        intro.extend([Inline::Code(pen.words(&group.name)), Inline::Text("  ".to_owned())]);
    }
    if group.repeating {
        intro.push(Inline::Text("Repeats: filled once for each entry. ".to_owned()));
    }
    if let Some(source) = &group.source {
        intro.push(Inline::Text(pen.words(&format!("Filled by: {source}. "))));
    }
    intro.extend(only_where(pen, group.when.as_deref(), "Filled only where"));
    if !intro.is_empty() {
        blocks.push(Block::Paragraph(intro));
    }
    let mut columns = vec![("Item", 42.0, false), ("Answer", 58.0, false)];
    if names {
        columns = vec![("Item", 36.0, false), ("Answer", 44.0, false), ("Name", 20.0, false)];
    }
    let mut grid = Grid::new(&columns);
    for item in &group.items {
        let mut cells = vec![question(pen, item), answer(pen, item)];
        if names {
            cells.push(name(pen, item));
        }
        grid.row(cells);
    }
    blocks.push(grid.block());
    blocks
}

/// ` Filled only where …`, with the condition as the definition has it.
fn only_where(pen: &Pen, condition: Option<&str>, words: &str) -> Vec<Inline> {
    let Some(condition) = condition else { return Vec::new() };
    let shown: String = condition.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(CONDITION).collect();
    vec![Inline::Text(format!("{words} ")), Inline::Code(pen.words(&shown)), Inline::Text(".".to_owned())]
}

fn question(pen: &Pen, item: &Item) -> Cell {
    let mut content = vec![Inline::Text(pen.words(&item.label))];
    let mut line = |inlines: Vec<Inline>| {
        content.push(Inline::Break);
        content.extend(inlines);
    };
    if let Some(hint) = &item.hint {
        line(vec![Inline::Emphasis(vec![Inline::Text(pen.words(hint))])]);
    }
    let marks = [
        (item.required, "required"),
        (item.critical, "critical"),
        (item.identifying, "identifies a person: kept apart"),
    ];
    let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    if !marks.is_empty() {
        line(vec![Inline::Emphasis(vec![Inline::Text(marks.join(", "))])]);
    }
    let asked = only_where(pen, item.when.as_deref(), "Asked only where");
    if !asked.is_empty() {
        line(asked);
    }
    Cell::rich(content)
}

/// What is filled in: boxes to tick, or room for a value with its unit.
fn answer(pen: &Pen, item: &Item) -> Cell {
    let mut lines: Vec<Vec<Inline>> = Vec::new();
    let text = |t: String| vec![Inline::Text(pen.words(&t))];
    if let Some(derive) = &item.derive {
        let mut words = text("computed: ".to_owned());
        words.push(Inline::Code(pen.words(&derive.split_whitespace().collect::<Vec<_>>().join(" "))));
        lines.push(words);
    } else if !item.codes.is_empty() {
        for (code, label) in &item.codes {
            lines.push(text(if code == label { format!("☐ {code}") } else { format!("☐ {code}  {label}") }));
        }
    } else {
        let unit = item.unit.as_deref().unwrap_or("");
        lines.push(text(format!("____________________ {unit}").trim_end().to_owned()));
    }
    if !item.other_units.is_empty() {
        let units = item.unit.iter().chain(&item.other_units).map(|u| format!("☐ {u}")).collect::<Vec<_>>();
        lines.push(text(format!("unit: {}", units.join("  "))));
    }
    let format = format_words(item);
    if !format.is_empty() && item.codes.is_empty() && item.derive.is_none() {
        lines.push(vec![Inline::Emphasis(text(format))]);
    }
    if !item.missing.is_empty() {
        let codes = item.missing.iter().map(|code| format!("☐ {}", missing_words(code))).collect::<Vec<_>>();
        lines.push(text(format!("no value: {}", codes.join("  "))));
    }
    Cell::rich(lines.join(&Inline::Break))
}

fn missing_words(code: &str) -> String {
    let known = MISSING_CODES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.to_owned(), |(_, words)| format!("{code} {}", words.to_lowercase()))
}

fn format_words(item: &Item) -> String {
    let kind = match item.kind {
        ItemType::Text => "",
        ItemType::Integer => "whole number",
        ItemType::Float => "number",
        ItemType::Date => "date: year, month, day",
        ItemType::PartialDate => "date: year, and month and day where known",
        ItemType::Datetime => "date and time",
        ItemType::PartialDatetime => "date and time, as far as known",
        ItemType::Time => "time: hours and minutes",
    };
    let mut words: Vec<String> = Some(kind).filter(|k| !k.is_empty()).map(str::to_owned).into_iter().collect();
    if let Some(length) = item.length {
        let what = if matches!(item.kind, ItemType::Integer | ItemType::Float) { "digit" } else { "character" };
        words.push(format!("at most {}", count(length as usize, what)));
    }
    words.extend(item.decimals.map(|n| format!("at most {}", count(n as usize, "decimal"))));
    words.join(", ")
}

/// The item's name and type, for who annotates.
fn name(pen: &Pen, item: &Item) -> Cell {
    let kind = match item.kind {
        ItemType::Text => "text",
        ItemType::Integer => "integer",
        ItemType::Float => "float",
        ItemType::Date => "date",
        ItemType::PartialDate => "partial date",
        ItemType::Datetime => "datetime",
        ItemType::PartialDatetime => "partial datetime",
        ItemType::Time => "time",
    };
    Cell::rich(vec![Inline::Code(pen.words(&item.name)), Inline::Break, Inline::Text(kind.to_owned())])
}

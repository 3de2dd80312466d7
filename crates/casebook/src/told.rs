//! What was done and said on a form: every change, every query, every signature?
//!
//! In tables behind the form's values, times in UTC. A change is told with what stood there before, what stands there after, and why; who did it
//! stands with the name as printed and the role in which it was done.

use crate::CasebookError;
use crate::answer::{APART, after, before};
use crate::book::Book;
use crate::filled::Filled;
use crate::writing::{Grid, Pen, cell, heading, local, utc};
use croft_record::Reading;
use croft_record::access::roles;
use croft_record::capture::trail::{Deed, Done};
use croft_record::lock::snapshot::SEALED;
use croft_record::query::Query;
use croft_record::sign::{Covers, Signature};
use croft_report::block::{Block, Cell, Inline};
use std::collections::BTreeMap;

/// A signature with the form whose change made it void.
pub(crate) struct Signed {
    pub signature: Signature,
    pub voided_by: Option<String>,
}

/// Every change of a form, oldest first; nothing when there was none.
pub(crate) fn changes(filled: &Filled<'_>, trail: &[Deed], id: &str) -> Vec<Block> {
    let mut grid = Grid::new(&[
        ("When (UTC)", 20.0, true),
        ("Who", 14.0, true),
        ("Item", 24.0, false),
        ("Before", 12.0, false),
        ("After", 16.0, false),
        ("Reason", 14.0, false),
    ]);
    for deed in trail {
        deed_rows(filled, deed, &mut grid);
    }
    titled(filled.pen, grid, format!("{id}-changes"), "Changes")
}

fn titled(pen: &Pen, grid: Grid, id: String, title: &str) -> Vec<Block> {
    if grid.is_empty() { Vec::new() } else { vec![heading(pen, 4, id, title), grid.block()] }
}

fn deed_rows(filled: &Filled<'_>, deed: &Deed, grid: &mut Grid) {
    let pen = filled.pen;
    let when = format!("{}\nevent {}", utc(deed.at_ms), deed.event);
    let who = by(&deed.by, &deed.role);
    let mut row = |item: String, before: String, after: String, reason: &str| {
        grid.row([when.as_str(), &who, &item, &before, &after, reason].map(|t| cell(pen, t)).to_vec());
    };
    let none = String::new;
    let find = |group: &str, item: &str| filled.book.item(filled.form.version, &filled.place.form, group, item);
    for change in deed.what.changes() {
        let item = find(&change.group, &change.item);
        let stood = change.before.as_ref().map_or_else(none, |b| before(item, b));
        let stands = match after(item, change) {
            words if words == APART && stood == APART => format!("another value, {words}"),
            words if words.is_empty() && change.missing != SEALED => "emptied".to_owned(),
            words => words,
        };
        let by_itself = if change.derived { "computed" } else { "" };
        let own = if change.reason.is_empty() && change.before.is_some() { &deed.reason } else { &change.reason };
        let reason = if own.is_empty() { by_itself } else { own };
        row(filled.item_words(&change.group, change.row, &change.item), stood, stands, reason);
    }
    for void in deed.what.voids() {
        row(filled.item_words(&void.group, void.row, ""), none(), "void".to_owned(), &void.reason);
    }
    match &deed.what {
        Done::Saved(saved) if saved.complete && saved.changes.is_empty() && saved.voids.is_empty() => {
            row("the whole form".to_owned(), none(), "complete".to_owned(), &deed.reason);
        }
        Done::Verified { items, verified } => {
            let words = if *verified { "verified against source" } else { "verification taken back" };
            let names: Vec<_> = items.iter().map(|a| filled.item_words(&a.group, a.row, &a.item)).collect();
            row(names.join("; "), none(), words.to_owned(), &deed.reason);
        }
        Done::Frozen(frozen) => {
            let words = if *frozen { "frozen" } else { "unfrozen" };
            row("the whole form".to_owned(), none(), words.to_owned(), &deed.reason);
        }
        _ => {}
    }
}

/// `Ada Byron, Investigator`
pub(crate) fn by(name: &str, role: &str) -> String {
    let role = roles().get(role).map_or(role, |r| r.label.as_str());
    if role.is_empty() || role == "system" { name.to_owned() } else { format!("{name}, {role}") }
}

/// The queries of a form with all that was said.
pub(crate) fn queries(
    reading: &Reading<'_>,
    filled: &Filled<'_>,
    found: &[Query],
    id: &str,
) -> Result<Vec<Block>, CasebookError> {
    let mut grid =
        Grid::new(&[("When (UTC)", 20.0, false), ("Who", 21.0, false), ("Status", 12.0, false), ("Said", 47.0, false)]);
    let mut names = BTreeMap::new();
    for query in found {
        let on = filled.item_words(&query.group, query.row, &query.item);
        let asker = if query.check.is_empty() { String::new() } else { format!(", by check {}", query.check) };
        let label = format!("Query {} on {on}{asker}: {}", query.number, query.status.word());
        grid.label(Cell::rich(vec![Inline::Strong(vec![Inline::Text(filled.pen.words(&label))])]));
        for message in &query.thread {
            if !names.contains_key(&message.by) {
                names.insert(message.by.clone(), reading.printed_name(&message.by)?);
            }
            let who = by(&names[&message.by], &message.role);
            let when = utc(message.at_ms);
            grid.row([when.as_str(), &who, message.status.word(), &message.text].map(|t| cell(filled.pen, t)).to_vec());
        }
    }
    Ok(titled(filled.pen, grid, format!("{id}-queries"), "Queries"))
}

/// The signatures of a subject, those that fell too, with what made them fall.
pub(crate) fn signatures(reading: &Reading<'_>, book: &Book, subject: &str) -> Result<Vec<Signed>, CasebookError> {
    let mut found = Vec::new();
    for signature in reading.signatures(&book.study.id, subject)? {
        let form = reading.voided_by(&book.study.id, &signature)?;
        let voided_by = form.map(|place| {
            let visit = book.visit_words(&place.visit, place.visit_repeat);
            format!("{} at {visit} was changed", book.form_words(0, &place))
        });
        found.push(Signed { signature, voided_by });
    }
    Ok(found)
}

/// Those of them that cover a form.
pub(crate) fn signed(filled: &Filled<'_>, signatures: &[Signed], id: &str) -> Vec<Block> {
    let mut grid = Grid::new(&[
        ("Signed by", 19.0, false),
        ("Meaning", 27.0, false),
        ("Signed (UTC, local)", 27.0, false),
        ("State", 27.0, false),
    ]);
    for Signed { signature: s, voided_by } in signatures.iter().filter(|s| s.signature.forms.contains(filled.place)) {
        let what = match s.covers {
            Covers::Form(_) => "this form",
            Covers::Visit { .. } => "the visit",
            Covers::Subject { .. } => "all of the subject",
        };
        let state = match (&s.void, voided_by) {
            (Some((event, ms)), cause) => {
                let cause = cause.as_deref().unwrap_or("what it covers was changed");
                format!("VOID since {} UTC (event {event}): {cause}", utc(*ms))
            }
            (None, _) => "stands".to_owned(),
        };
        let when = format!("{} UTC\n{}", utc(s.at_ms), local(s.at_ms, s.offset_min));
        let meaning = format!("{}\nCovers {what}.", s.meaning);
        grid.row([by(&s.name, &s.role), meaning, when, state].map(|t| cell(filled.pen, &t)).to_vec());
    }
    titled(filled.pen, grid, format!("{id}-signatures"), "Signatures")
}

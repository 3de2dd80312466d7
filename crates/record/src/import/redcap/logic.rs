//! Branching logic, calculations and ranges, in the study's SQL where they translate.

use super::super::column::{Columns, Wanted, kind_of};
use super::super::name::Names;
use super::super::note::Note;
use super::super::odm::as_kind;
use super::line;
use croft_cdisc::expression::{Column, ExpressionError, Kind};
use croft_cdisc::redcap::logic::{self, Reference};
use croft_cdisc::redcap::{Dictionary, Field, FieldKind};
use croft_design::definition::Visit;
use croft_design::forms::{Check, Form, Item, Severity};
use std::cell::RefCell;

const HINT: &str = "write it in SQL in the form's file; the original stays in source/redcap.csv";

/// Adds the rules to the forms.
pub(super) fn add(dictionary: &Dictionary, visits: &[Visit], forms: &mut [Form], notes: &mut Vec<Note>) {
    let bare = forms.to_vec();
    let mut names = Names::default();
    for (f, form) in bare.iter().enumerate() {
        for (g, group) in form.groups.iter().enumerate() {
            let columns = Columns { forms: &bare, visits, own: (f, Some(g)), why: RefCell::new(None) };
            for field in dictionary.fields.iter().filter(|f| f.kind() == FieldKind::Checkbox && f.is_required()) {
                forms[f].groups[g].checks.extend(one_choice(field, &group.items, &mut names));
            }
            for (i, item) in group.items.iter().enumerate() {
                let Some(field) = field_of(dictionary, item) else { continue };
                let made = &mut forms[f].groups[g];
                made.items[i].when = when(&columns, field, notes);
                made.items[i].derive = derive(&columns, field, item, notes);
                for (holds, words) in ranges(field, item, notes) {
                    made.checks.push(Check {
                        name: names.take(&format!("{}_{}_range", group.name, item.name), "CHECK"),
                        item: item.name.clone(),
                        holds,
                        message: format!("{} must be {words}.", item.label),
                        severity: Severity::Query,
                        cases: Vec::new(),
                    });
                }
            }
        }
    }
}

/// Of a required checkbox one choice at least is checked: it is asked once every choice is known.
fn one_choice(field: &Field, items: &[Item], names: &mut Names) -> Option<Check> {
    let columns = field.columns();
    let choices: Vec<&Item> =
        items.iter().filter(|i| columns.iter().any(|c| c == super::super::column::oid(&i.oid, &i.name))).collect();
    let first = choices.first()?;
    let any = choices.iter().map(|i| format!("{} = '1'", i.name)).collect::<Vec<_>>().join(" or ");
    let label = super::super::text::one_line(&field.label);
    let label = if label.is_empty() { field.name.clone() } else { label };
    Some(Check {
        name: names.take(&format!("{}_one_choice", field.name), "CHECK"),
        item: first.name.clone(),
        holds: any,
        message: format!("{label}: at least one choice must be checked."),
        severity: Severity::Query,
        cases: Vec::new(),
    })
}

/// The field that an item is of, or is a choice of.
fn field_of<'d>(dictionary: &'d Dictionary, item: &Item) -> Option<&'d Field> {
    let oid = super::super::column::oid(&item.oid, &item.name);
    dictionary.field(oid).or_else(|| dictionary.fields.iter().find(|f| f.columns().iter().any(|c| c == oid)))
}

fn when(columns: &Columns<'_>, field: &Field, notes: &mut Vec<Note>) -> Option<String> {
    let text = field.branching()?;
    match logic::condition(text, &|r| resolve(columns, r)) {
        Ok(sql) => Some(sql),
        Err(error) => {
            let message =
                format!("branching logic is not translated, the field is always asked: {}", why(columns, &error));
            push(notes, Note::new(line(field), &field.name, message, HINT));
            None
        }
    }
}

fn derive(columns: &Columns<'_>, field: &Field, item: &Item, notes: &mut Vec<Note>) -> Option<String> {
    let text = field.calculation()?;
    match logic::value(text, &|r| resolve(columns, r)) {
        Ok(value) => Some(as_kind(value, item)),
        Err(error) => {
            let message = format!("the calculation is not translated, the value is entered: {}", why(columns, &error));
            push(notes, Note::new(line(field), &field.name, message, HINT));
            None
        }
    }
}

/// A field of many items is told of once.
fn push(notes: &mut Vec<Note>, note: Note) {
    if !notes.contains(&note) {
        notes.push(note);
    }
}

fn why(columns: &Columns<'_>, error: &ExpressionError) -> String {
    match (error, columns.reason()) {
        (ExpressionError::UnknownItem { .. } | ExpressionError::Unsupported { .. }, Some(reason)) => reason,
        _ => error.to_string(),
    }
}

fn resolve(columns: &Columns<'_>, reference: &Reference) -> Option<Column> {
    *columns.why.borrow_mut() = None;
    if reference.part.as_deref().is_some_and(|part| part != "value") {
        return None;
    }
    let own = &columns.forms[columns.own.0];
    if reference.is_smart() {
        // Visits bear the events' own names only where SQL can read those.
        let named = columns.visits.iter().all(|v| v.oid.is_none());
        return match reference.field.as_str() {
            "event-name" if named => Some(Column { sql: "VISIT".to_owned(), kind: Kind::Text }),
            "record-name" => Some(Column { sql: "SUBJECT".to_owned(), kind: Kind::Text }),
            "current-instance" if own.repeating => Some(Column { sql: "FORMREP".to_owned(), kind: Kind::Number }),
            _ => None,
        };
    }
    let form_repeat = match reference.instance.as_deref() {
        None | Some("current-instance") => None,
        Some("first-instance") => Some(1),
        Some(number) => Some(number.parse().ok()?),
    };
    let column = reference.column();
    columns.find(&Wanted { visit: reference.event.as_deref(), form: None, group: None, item: &column, form_repeat })
}

/// Smallest and largest value; REDCap asks, and lets the value stand.
fn ranges(field: &Field, item: &Item, notes: &mut Vec<Note>) -> Vec<(String, String)> {
    let kind = kind_of(item);
    let slider = field.kind() == FieldKind::Slider;
    let bound = |text: &str, otherwise: &str| match text.trim() {
        "" if slider => otherwise.to_owned(),
        text => text.to_owned(),
    };
    let bounds =
        [(">=", "at least", bound(&field.validation_min, "0")), ("<=", "at most", bound(&field.validation_max, "100"))];
    let mut found = Vec::new();
    for (sign, words, text) in bounds.into_iter().filter(|(_, _, text)| !text.is_empty()) {
        match literal(&text, kind) {
            Some(literal) => found.push((format!("{} {sign} {literal}", item.name), format!("{words} {text}"))),
            None => {
                let message = format!("the bound `{text}` is not translated");
                push(notes, Note::new(line(field), &field.name, message, HINT));
            }
        }
    }
    found
}

/// A bound as SQL writes it: a number, or a day or time in ISO 8601.
fn literal(text: &str, kind: Kind) -> Option<String> {
    match kind {
        Kind::Number => {
            let text = text.replace(',', ".");
            let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
            Some(if number < 0.0 { format!("({number})") } else { format!("{number}") })
        }
        Kind::Text => None,
        Kind::Date | Kind::DateTime | Kind::Time => {
            let plain = text.starts_with(|c: char| c.is_ascii_digit());
            let iso = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b' ' | b'T'));
            (plain && iso).then(|| format!("'{}'", text.replace(' ', "T")))
        }
    }
}

//! What does a REDCap project define, as the study's text?
//!
//! ```text
//! event             visit, with its day and window; a project without events has one place, STUDY
//! form              form, at the events that the project says; repeating when the project says so
//! section header    group of the form
//! text              item: integer, float, date, datetime, time or text by its validation
//! radio, dropdown   item with codes; yesno, truefalse: 1 and 0
//! checkbox          one item for each choice, name___code in `oid`
//! calc              derive; slider: integer from 0 to 100
//! branching logic   when;  Identifier: identifying;  Required: required;  smallest, largest value: checks that ask
//! file, descriptive, action tags, patterns    listed: they have no place
//! ```
//! Calculations round half away from zero on the decimal value, and a missing operand makes the result missing
//! ([`croft_cdisc::redcap::logic`]). What does not translate is listed by field; the field is asked always, or entered by hand.

mod field;
mod logic;

use super::name::Names;
use super::note::{ImportError, Imported, Note};
use super::odm::TABLES;
use super::text;
use croft_cdisc::redcap::events::{Arm, Event, EventForm, Repeating};
use croft_cdisc::redcap::{Dictionary, Field};
use croft_design::definition::{self, Visit, VisitKind};
use croft_design::forms::{Form, ItemGroup, KEYS};
use std::collections::BTreeMap;

/// The files of a project.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the words are REDCap's")]
pub struct Project {
    pub dictionary: Dictionary,
    pub arms: Vec<Arm>,
    pub events: Vec<Event>,
    pub event_forms: Vec<EventForm>,
    pub repeating: Vec<Repeating>,
    /// Names and texts of the files, to be kept.
    pub sources: Vec<(String, String)>,
}

/// The definition of a project, for the study `id`.
pub fn definition(project: &Project, id: &str, title: &str) -> Result<Imported, ImportError> {
    sound(&project.dictionary)?;
    let mut notes = Vec::new();
    let visits = visits(project, &mut notes);
    let mut forms = forms(project, &visits, &mut notes);
    logic::add(&project.dictionary, &visits, &mut forms, &mut notes);
    let mut definition = text::definition(id, title, visits)?;
    let arm = |arm: &Arm| definition::Arm { code: arm.number.clone(), name: text::one_line(&arm.name) };
    definition.arms = project.arms.iter().map(arm).collect();
    super::settle::settle(&definition, &mut forms, &mut notes);
    notes.sort();
    let sources = project.sources.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    Ok(Imported { files: text::files(&definition, &forms, sources)?, notes })
}

fn sound(dictionary: &Dictionary) -> Result<(), ImportError> {
    if dictionary.fields.is_empty() {
        return Err(ImportError::Dictionary { line: 1, message: "the dictionary defines no field".to_owned() });
    }
    let mut seen = BTreeMap::new();
    for field in &dictionary.fields {
        if let Some(first) = seen.insert(field.name.as_str(), field.line) {
            let message = format!("field {} is defined at line {first} already", field.name);
            return Err(ImportError::Dictionary { line: field.line, message });
        }
    }
    Ok(())
}

fn line(field: &Field) -> u32 {
    u32::try_from(field.line).unwrap_or(0)
}

fn visits(project: &Project, notes: &mut Vec<Note>) -> Vec<Visit> {
    let mut names = Names::default();
    if project.events.is_empty() {
        let mut common = text::visit(1, names.take("STUDY", "VISIT"), "STUDY", "Study");
        common.kind = VisitKind::Common;
        let message = "the project has no events: its forms stand at one place, STUDY";
        notes.push(Note::new(0, "STUDY", message, "add visits to study.toml and name them in the forms"));
        return vec![common];
    }
    let visit = |(number, event): (u32, &Event)| {
        let code = names.take(&event.unique_name, "VISIT");
        let arm = project.arms.iter().find(|a| a.number == event.arm).filter(|_| project.arms.len() > 1);
        let name = match arm {
            Some(arm) => format!("{} ({})", event.name, arm.name),
            None => event.name.clone(),
        };
        let mut visit = text::visit(number, code, &event.unique_name, &name);
        let days = |text: &str| text.trim().parse::<u32>().ok().filter(|days| *days > 0);
        visit.day = event.day_offset.trim().parse().unwrap_or(0);
        visit.days_before = days(&event.offset_min);
        visit.days_after = days(&event.offset_max);
        visit.repeating = project.repeating.iter().any(|r| r.form.is_empty() && r.event == event.unique_name);
        visit
    };
    (1..).zip(&project.events).map(visit).collect()
}

fn forms(project: &Project, visits: &[Visit], notes: &mut Vec<Note>) -> Vec<Form> {
    if !project.events.is_empty() && project.event_forms.is_empty() {
        let message = "which form belongs to which event is not said: every form can be filled at every visit";
        notes.push(Note::new(0, "", message, "give the file of event and form too, or correct the forms' visits"));
    }
    let (mut form_names, mut group_names) = (Names::default(), Names::without(&TABLES));
    let mut forms = Vec::new();
    for wanted in project.dictionary.forms() {
        let name = form_names.take(wanted, "FORM");
        let at = |visit: &&Visit| {
            let event = super::column::oid(&visit.oid, &visit.code);
            project.event_forms.is_empty() || project.event_forms.iter().any(|f| f.form == wanted && f.event == event)
        };
        let visits: Vec<String> = visits.iter().filter(at).map(|v| v.code.clone()).collect();
        if visits.is_empty() {
            let message = format!("form {wanted} belongs to no event: it is filled nowhere");
            notes.push(Note::new(0, wanted, message, "name its visits in the form's file"));
        }
        forms.push(Form {
            oid: (wanted != name).then(|| wanted.to_owned()),
            form: name,
            label: title(wanted),
            visits,
            each_period: false,
            repeating: project.repeating.iter().any(|r| r.form == wanted),
            when: None,
            groups: groups(&project.dictionary, wanted, &mut group_names, notes),
        });
    }
    forms
}

/// `visit_lab_data` as people read it.
fn title(form: &str) -> String {
    let words = form.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The sections of a form. Each begins with a header.
fn groups(dictionary: &Dictionary, form: &str, names: &mut Names, notes: &mut Vec<Note>) -> Vec<ItemGroup> {
    let mut groups: Vec<ItemGroup> = Vec::new();
    let mut items = Names::without(&KEYS);
    for field in dictionary.fields.iter().filter(|f| f.form == form) {
        let header = text::one_line(&field.section_header);
        if groups.is_empty() || !header.is_empty() {
            let name = names.take(form, "GROUP");
            items = Names::without(&KEYS);
            groups.push(ItemGroup {
                oid: (name != form).then(|| name.clone()).filter(|_| groups.is_empty()).map(|_| form.to_owned()),
                name,
                label: if header.is_empty() { title(form) } else { header },
                repeating: false,
                source: None,
                when: None,
                sdtm: None,
                items: Vec::new(),
                checks: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            field::add(field, &mut items, group, notes);
        }
    }
    // A header before nothing but text on the form makes no group.
    groups.retain(|g| !g.items.is_empty());
    groups
}

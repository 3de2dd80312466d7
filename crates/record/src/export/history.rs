//! What stands in the study, and how did it come to stand there, as tables that anybody can read?
//!
//! | file | a row is |
//! |---|---|
//! | `values.csv` | a value that stands, with its full address |
//! | `audit.csv` | a change: what, before, after, why, who, when (UTC, and local time of the place), event |
//! | `queries.csv` | something that was said in a query |
//! | `verification.csv` | a mark that a value was compared with its source, or that the mark was taken back |
//! | `signatures.csv` | a signature, with its meaning, what it covers, and what made it void |
//!
//! The columns of `values.csv` are those of a study folder's snapshot; those of `audit.csv` begin with them. Here a value that identifies a
//! person is a row too, with `SEALED` as its missing reason and without its text, so that who entered it when is told. A change that has no address, such as an enrolment, a freeze or a
//! lock, leaves the address empty as far as it has none. Changes, marks and queries stand in the order of their events, values by subject.
//! Files and rules of quoting are those of [`csv`](super::csv). Memory: one subject's values.
//!
//! Of one site, only what concerns its subjects leaves; what concerns the study as a whole is in the whole study's files alone.

use super::csv::{Guard, line};
use super::who::People;
use super::{ExportError, Extent, Files, payload, rfc3339, stamp};
use crate::capture::read::action_of;
use crate::capture::{FormSaved, FormState, Place, Subject};
use crate::door::Reading;
use crate::key::key;
use crate::lock::snapshot::{SEALED, form_values};
use crate::query::Query;
use crate::refusal::Refusal;
use crate::sign::{Covers, Signature};
use crate::space;
use croft_design::snapshot::{Row, Value};
use croft_ledger::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

const ADDRESS: [&str; 8] = ["subject", "visit", "visit_repeat", "form", "form_repeat", "group", "group_repeat", "item"];

/// Writes the files; gives the number of their rows.
pub fn write(reading: &Reading<'_>, extent: &Extent, guard: Guard, files: &mut dyn Files) -> Result<u64, ExportError> {
    reading.leaving(extent)?;
    reading.may_leave_with_audit(extent)?;
    let mut history = History { reading, extent, people: People::new(reading.view), sites: BTreeMap::new() };
    let mut rows = values(reading, extent, &mut Table::new(files, "values.csv", guard, Value::COLUMNS.iter())?)?;
    let mut audit = Table::new(
        files,
        "audit.csv",
        guard,
        ["event", "time", "actor", "role", "action"].iter().chain(&ADDRESS).chain(&[
            "before",
            "after",
            "reason",
            "account",
            "local_time",
            "before_unit",
            "before_missing",
            "unit",
            "missing",
        ]),
    )?;
    let mut marks = Table::new(
        files,
        "verification.csv",
        guard,
        ["event", "time", "actor", "account", "role", "action", "stands"].iter().chain(&ADDRESS),
    )?;
    rows += history.events(&mut audit, &mut marks)?;
    let said = ["event", "time", "actor", "account", "role", "state", "text"];
    let about = ["query", "status", "check", "asked_by_role"];
    rows +=
        history.queries(&mut Table::new(files, "queries.csv", guard, about.iter().chain(&ADDRESS).chain(&said))?)?;
    let who = ["signature", "time", "local_time", "signer", "account", "role", "meaning", "covers"];
    let what = ["forms", "open_queries", "sha256", "void_event", "void_time"];
    let signatures = who.iter().chain(&ADDRESS[..5]).chain(&what);
    rows += history.signatures(&mut Table::new(files, "signatures.csv", guard, signatures)?)?;
    Ok(rows)
}

/// A file at work.
struct Table {
    file: Box<dyn Write>,
    guard: Guard,
    rows: u64,
}

impl Table {
    fn new<'c>(
        files: &mut dyn Files,
        path: &str,
        guard: Guard,
        columns: impl Iterator<Item = &'c &'c str>,
    ) -> Result<Self, ExportError> {
        let mut file = files.create(path)?;
        line(&mut file, guard, columns.copied())?;
        Ok(Self { file, guard, rows: 0 })
    }

    fn row(&mut self, fields: &[&str]) -> Result<(), ExportError> {
        line(&mut self.file, self.guard, fields.iter().copied())?;
        self.rows += 1;
        Ok(())
    }

    /// Only a file that is flushed is counted and hashed.
    fn close(&mut self) -> Result<u64, ExportError> {
        self.file.flush()?;
        Ok(self.rows)
    }
}

fn values(reading: &Reading<'_>, extent: &Extent, table: &mut Table) -> Result<u64, ExportError> {
    reading.each_subject(extent, &mut |_, forms| {
        let mut values: Vec<Value> = forms.iter().flat_map(|(place, form)| form_values(place, form)).collect();
        values.sort_by_cached_key(Value::address);
        for v in &values {
            let (text, value) = if v.missing == SEALED { ("", "") } else { (v.text.as_str(), v.value.as_str()) };
            let numbers = [v.visit_repeat, v.form_repeat, v.group_repeat].map(|n| n.to_string());
            let [visit_repeat, form_repeat, group_repeat] = numbers.each_ref().map(String::as_str);
            let (subject, visit, form) = (v.subject.as_str(), v.visit.as_str(), v.form.as_str());
            table.row(&[
                subject,
                visit,
                visit_repeat,
                form,
                form_repeat,
                &v.group,
                group_repeat,
                &v.item,
                text,
                value,
                &v.unit,
                &v.missing,
                &v.event.to_string(),
            ])?;
        }
        Ok(())
    })?;
    table.close()
}

/// Where something is, as far as it has an address.
#[derive(Default)]
struct At([String; 8]);

impl At {
    fn subject(id: &str) -> Self {
        let mut at = Self::default();
        id.clone_into(&mut at.0[0]);
        at
    }

    fn visit(subject: &str, visit: &str, repeat: u32) -> Self {
        let mut at = Self::subject(subject);
        visit.clone_into(&mut at.0[1]);
        at.0[2] = repeat.to_string();
        at
    }

    fn form(place: &Place) -> Self {
        let mut at = Self::visit(&place.subject, &place.visit, place.visit_repeat);
        place.form.clone_into(&mut at.0[3]);
        at.0[4] = place.form_repeat.to_string();
        at
    }

    /// Group and item are empty where the whole form or row is meant.
    fn item(place: &Place, group: &str, row: u32, item: &str) -> Self {
        let mut at = Self::form(place);
        if !group.is_empty() {
            group.clone_into(&mut at.0[5]);
            at.0[6] = row.to_string();
            item.clone_into(&mut at.0[7]);
        }
        at
    }

    fn fields(&self) -> [&str; 8] {
        self.0.each_ref().map(String::as_str)
    }
}

/// What stood or stands somewhere. What is sealed shows only that it is.
#[derive(Clone, Default)]
struct Stood {
    text: String,
    unit: String,
    missing: String,
}

impl Stood {
    fn new(text: &str, unit: &str, missing: &str) -> Self {
        let text = if missing == SEALED { "" } else { text };
        Self { text: text.to_owned(), unit: unit.to_owned(), missing: missing.to_owned() }
    }

    fn text(text: &str) -> Self {
        Self::new(text, "", "")
    }
}

/// Something that an event did.
struct Done<'a> {
    action: &'a str,
    at: At,
    before: Stood,
    after: Stood,
    reason: String,
}

/// What most events name.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    role: String,
    subject: String,
    site: String,
    /// A version's number, or a randomised subject's, which is a text.
    number: serde_json::Value,
}

struct History<'r> {
    reading: &'r Reading<'r>,
    extent: &'r Extent,
    people: People<'r>,
    /// Sites of subjects that were met.
    sites: BTreeMap<String, String>,
}

impl History<'_> {
    /// Whether what concerns this subject leaves.
    fn leaves(&mut self, subject: &str) -> Result<bool, Refusal> {
        let Some(only) = &self.extent.site else { return Ok(true) };
        if !self.sites.contains_key(subject) {
            let found: Option<Subject> = self.reading.row(space::SUBJECT, &key(&[&self.extent.study, subject]))?;
            self.sites.insert(subject.to_owned(), found.map(|s| s.site).unwrap_or_default());
        }
        Ok(self.sites.get(subject) == Some(only))
    }

    /// Changes and marks, in one walk along the chain.
    fn events(&mut self, audit: &mut Table, marks: &mut Table) -> Result<u64, ExportError> {
        let mut failed = None;
        let (view, study) = (self.reading.view, &self.extent.study);
        let walk = &mut |event: Event| match self.event(&event, audit, marks) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        };
        view.events(study, 1, walk).map_err(Refusal::from)?;
        failed.map_or(Ok(()), Err)?;
        Ok(audit.close()? + marks.close()?)
    }

    fn event(&mut self, event: &Event, audit: &mut Table, marks: &mut Table) -> Result<(), ExportError> {
        let done = match event.kind.as_str() {
            "items.verified/1" => return self.marks(event, marks),
            "form.saved/1" => self.saved(event)?,
            "forms.frozen/1" => {
                let frozen: crate::lock::Frozen = payload(event)?;
                let action = if frozen.frozen { "freeze" } else { "unfreeze" };
                frozen.forms.iter().map(|place| plain(action, At::form(place), "", event)).collect()
            }
            "visit.added/1" => {
                let added: crate::capture::VisitAdded = payload(event)?;
                let at = At::visit(&added.subject, &added.visit, added.visit_repeat);
                vec![plain("date of visit", at, &added.date, event)]
            }
            kind => {
                let named: Named = payload(event)?;
                let (action, after) = match kind {
                    "subject.enrolled/1" => ("enrol", named.site),
                    "subject.withdrawn/1" => ("withdraw", String::new()),
                    "study.created/1" => ("create study", String::new()),
                    "version.published/1" => {
                        ("publish version", named.number.as_u64().map(|n| n.to_string()).unwrap_or_default())
                    }
                    "site.opened/1" => ("open site", named.site),
                    "site.closed/1" => ("close site", named.site),
                    "study.locked/1" => ("lock", String::new()),
                    "unlock.asked/1" => ("ask to unlock", String::new()),
                    "study.unlocked/1" => ("unlock", String::new()),
                    "scheme.sealed/1" => ("seal scheme", String::new()),
                    "stratum.closed/1" => ("close or open stratum", String::new()),
                    "subject.randomised/1" => ("randomise", named.number.as_str().unwrap_or_default().to_owned()),
                    "code.broken/1" => ("break code", String::new()),
                    "code_break.acknowledged/1" => ("acknowledge code break", String::new()),
                    "codes.read/1" => ("read codes", String::new()),
                    "unblinding.asked/1" => ("ask to unblind", String::new()),
                    "study.unblinded/1" => ("unblind", String::new()),
                    _ => return Ok(()),
                };
                vec![plain(action, At::subject(&named.subject), &after, event)]
            }
        };
        let Named { role, .. } = payload(event)?;
        let (number, time, local) =
            (event.seq.to_string(), rfc3339(event.time_ms), stamp(event.time_ms, event.offset_min));
        for one in done {
            if !self.leaves(&one.at.0[0])? {
                continue;
            }
            let mut fields = vec![&*number, &*time, self.people.name(&event.actor)?, &*role, one.action];
            fields.extend(one.at.fields());
            fields.extend([&*one.before.text, &*one.after.text, &*one.reason, &*event.actor, &*local]);
            fields.extend([&*one.before.unit, &*one.before.missing, &*one.after.unit, &*one.after.missing]);
            audit.row(&fields)?;
        }
        Ok(())
    }

    /// What a save did; a row even when it changed no value, since a form may have become complete.
    fn saved(&self, event: &Event) -> Result<Vec<Done<'static>>, ExportError> {
        let saved: FormSaved = payload(event)?;
        let place = &saved.place;
        let mut done = Vec::new();
        for c in &saved.changes {
            let of_save = c.before.is_some() && c.reason.is_empty();
            done.push(Done {
                action: action_of(saved.imported, c),
                at: At::item(place, &c.group, c.row, &c.item),
                before: c.before.as_ref().map(|b| Stood::new(&b.text, &b.unit, &b.missing)).unwrap_or_default(),
                after: Stood::new(&c.text, &c.unit, &c.missing),
                reason: if of_save { event.reason.clone() } else { c.reason.clone() },
            });
        }
        for void in &saved.voids {
            for (item, before) in self.stood(place, &void.group, void.row, event.seq)? {
                done.push(Done {
                    action: "void",
                    at: At::item(place, &void.group, void.row, &item),
                    before,
                    after: Stood::default(),
                    reason: void.reason.clone(),
                });
            }
        }
        if done.is_empty() {
            let action = if saved.complete { "complete" } else { "save" };
            done.push(plain(action, At::form(place), "", event));
        }
        Ok(done)
    }

    /// What stood in a row at the time of an event. O(events of the form).
    fn stood(&self, place: &Place, group: &str, row: u32, at: u64) -> Result<BTreeMap<String, Stood>, ExportError> {
        let study = &self.extent.study;
        let form: FormState = self.reading.row(space::FORM, &place.key(study))?.unwrap_or_default();
        let mut items = BTreeMap::new();
        for seq in form.events.iter().filter(|seq| **seq <= at) {
            let event = self.reading.event(study, *seq)?;
            if event.kind != "form.saved/1" {
                continue;
            }
            let saved: FormSaved = payload(&event)?;
            for c in saved.changes.iter().filter(|c| c.group == group && c.row == row) {
                items.insert(c.item.clone(), Stood::new(&c.text, &c.unit, &c.missing));
            }
        }
        items.retain(|_, s| !(s.text.is_empty() && s.missing.is_empty()));
        Ok(items)
    }

    fn marks(&mut self, event: &Event, table: &mut Table) -> Result<(), ExportError> {
        let verified: crate::verify::Verified = payload(event)?;
        if !self.leaves(&verified.place.subject)? {
            return Ok(());
        }
        let Named { role, .. } = payload(event)?;
        let form: FormState =
            self.reading.row(space::FORM, &verified.place.key(&self.extent.study))?.unwrap_or_default();
        let (number, time) = (event.seq.to_string(), rfc3339(event.time_ms));
        for of in &verified.items {
            let stands = form.item(&of.group, of.row, &of.item).is_some_and(|i| i.verified == event.seq);
            let at = At::item(&verified.place, &of.group, of.row, &of.item);
            let mut fields = vec![&*number, &*time, self.people.name(&event.actor)?, &*event.actor, &*role];
            fields.push(if verified.verified { "verify" } else { "unverify" });
            fields.push(if stands { "Y" } else { "N" });
            fields.extend(at.fields());
            table.row(&fields)?;
        }
        Ok(())
    }

    fn queries(&mut self, table: &mut Table) -> Result<u64, ExportError> {
        self.each(space::QUERY, &mut |this, query: Query| {
            if !this.leaves(&query.place.subject)? {
                return Ok(());
            }
            let number = query.number.to_string();
            let at = At::item(&query.place, &query.group, query.row, &query.item);
            for message in &query.thread {
                let (event, time) = (message.event.to_string(), rfc3339(message.at_ms));
                let mut fields = vec![&*number, query.status.word(), &*query.check, &*query.asked_by_role];
                fields.extend(at.fields());
                fields.extend([&*event, &*time, this.people.name(&message.by)?, &*message.by, &*message.role]);
                fields.extend([message.status.word(), &*message.text]);
                table.row(&fields)?;
            }
            Ok(())
        })?;
        table.close()
    }

    fn signatures(&mut self, table: &mut Table) -> Result<u64, ExportError> {
        self.each(space::SIGNATURE, &mut |this, s: Signature| {
            if !this.leaves(s.covers.subject())? {
                return Ok(());
            }
            let (covers, at) = match &s.covers {
                Covers::Form(place) => ("form", At::form(place)),
                Covers::Visit { subject, visit, visit_repeat } => ("visit", At::visit(subject, visit, *visit_repeat)),
                Covers::Subject { subject } => ("subject", At::subject(subject)),
            };
            let place = |p: &Place| format!("{}/{}/{}/{}", p.visit, p.visit_repeat, p.form, p.form_repeat);
            let forms = s.forms.iter().map(place).collect::<Vec<_>>().join(" ");
            let queries = s.queries.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
            let (number, time, local) = (s.number.to_string(), rfc3339(s.at_ms), stamp(s.at_ms, s.offset_min));
            let void = s.void.map(|(event, at_ms)| [event.to_string(), rfc3339(at_ms)]).unwrap_or_default();
            let mut fields = vec![&*number, &*time, &*local, &*s.name, &*s.account, &*s.role, &*s.meaning, covers];
            fields.extend(&at.fields()[..5]);
            fields.extend([&*forms, &*queries, &*s.digest, &*void[0], &*void[1]]);
            table.row(&fields)
        })?;
        table.close()
    }

    /// Each row of a map of the study, in order, until one fails.
    fn each<T: DeserializeOwned>(
        &mut self,
        map: croft_ledger::Space,
        each: &mut dyn FnMut(&mut Self, T) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut failed = None;
        let reading = self.reading;
        reading.rows(map, key(&[&self.extent.study]).range(), |_, row| match each(self, row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)
    }
}

/// A change without a value before it.
fn plain(action: &'static str, at: At, after: &str, event: &Event) -> Done<'static> {
    Done { action, at, before: Stood::default(), after: Stood::text(after), reason: event.reason.clone() }
}

//! What happened to a subject, event by event, as a transactional document has it?

use super::admin::Admin;
use super::carried;
use super::data::{self, Filled, Stands, Under};
use crate::capture::read::action_of;
use crate::capture::{FormSaved, FormState, Place, Subject, VisitAdded};
use crate::door::Reading;
use crate::export::{ExportError, payload, rfc3339, stamp};
use crate::key::Key;
use crate::lock::Frozen;
use crate::query::{Query, Status};
use crate::refusal::Refusal;
use crate::sign::{Covers, Signature};
use crate::space;
use crate::vendor::{element, say};
use crate::verify::Verified;
use croft_cdisc::odm::{
    self, AuditRecord, Content, EditPoint, ItemData, ItemGroupData, LocationRef, QueryState, SignatureRef,
    StudyEventData, SubjectData, Text, TransactionType, UserRef, Value,
};
use croft_ledger::Event;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The subject's events in order, in runs of one version.
pub(super) fn subject(
    reading: &Reading<'_>,
    study: &str,
    subject: &Subject,
    forms: &[(Place, FormState)],
    versions: &BTreeMap<u32, Under>,
    admin: &Admin,
) -> Result<Vec<(String, SubjectData)>, ExportError> {
    let mut numbers: BTreeSet<u64> = forms.iter().flat_map(|(_, form)| form.events.iter().copied()).collect();
    numbers.extend(admin.of_subject.get(&subject.id).into_iter().flatten());
    let first = forms.iter().map(|(_, form)| form.version).min().filter(|v| versions.contains_key(v));
    let under = first.or_else(|| versions.keys().next_back().copied()).unwrap_or_default();
    let mut telling =
        Telling { reading, study, subject, versions, admin, under, saved: BTreeMap::new(), parts: Vec::new() };
    for number in numbers {
        let event = reading.event(study, number)?;
        telling.event(&event)?;
    }
    Ok(telling.parts)
}

#[derive(Deserialize)]
struct Role {
    role: String,
}

struct Telling<'r> {
    reading: &'r Reading<'r>,
    study: &'r str,
    subject: &'r Subject,
    versions: &'r BTreeMap<u32, Under>,
    admin: &'r Admin,
    /// The version of what was told last.
    under: u32,
    /// Versions under which forms were saved so far.
    saved: BTreeMap<Place, u32>,
    parts: Vec<(String, SubjectData)>,
}

impl<'r> Telling<'r> {
    fn event(&mut self, event: &Event) -> Result<(), ExportError> {
        match event.kind.as_str() {
            "subject.enrolled/1" => {
                let audit = self.audit(event, &event.reason)?;
                let data = self.part();
                data.transaction = Some(TransactionType::Insert);
                data.audit_record = Some(Box::new(audit));
            }
            "subject.withdrawn/1" => {
                let audit = self.audit(event, &event.reason)?;
                self.next_part();
                let data = self.part();
                data.transaction = Some(TransactionType::Update);
                data.audit_record = Some(Box::new(audit));
                say(&mut data.extra, "Status", "withdrawn");
                self.next_part();
            }
            "visit.added/1" => {
                let added: VisitAdded = payload(event)?;
                let audit = self.audit(event, &event.reason)?;
                let known = |u: &Under| u.compiled.visit(&added.visit).is_some();
                let under = self.version(known);
                let Some(under) = under else { return Ok(()) };
                let mut visit = under.visit(&added.visit, added.visit_repeat);
                visit.transaction = Some(TransactionType::Upsert);
                visit.audit_record = Some(Box::new(audit));
                say(&mut visit.extra, "Date", &carried(&added.date));
                self.part().events.push(visit);
            }
            "form.saved/1" => self.saved(event)?,
            "items.verified/1" => self.verified(event)?,
            "forms.frozen/1" => self.frozen(event)?,
            "query.opened/1" => self.query(event)?,
            "signed/1" => self.signed(event)?,
            // Told with what they belong to: answers with their query, the fall of a signature with the signature.
            _ => {}
        }
        Ok(())
    }

    /// The data under the present version.
    fn part(&mut self) -> &mut SubjectData {
        let oid = self.versions.get(&self.under).map(|u| u.oid.clone()).unwrap_or_default();
        if self.parts.last().is_none_or(|(version, _)| *version != oid) {
            self.parts.push((oid, self.fresh()));
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last].1
    }

    fn fresh(&self) -> SubjectData {
        SubjectData {
            transaction: Some(TransactionType::Context),
            ..data::subject(&self.subject.id, &self.subject.site)
        }
    }

    /// What comes now stands in an element of its own, unless nothing stands there yet.
    fn next_part(&mut self) {
        let oid = self.versions.get(&self.under).map(|u| u.oid.clone()).unwrap_or_default();
        self.parts.push((oid, self.fresh()));
    }

    /// The present version if it has something, else the newest that has it.
    fn version(&mut self, has: impl Fn(&Under) -> bool) -> Option<&'r Under> {
        let versions = self.versions;
        let present = versions.get(&self.under).filter(|u| has(u));
        let found = present.or_else(|| versions.values().rev().find(|u| has(u)))?;
        self.under = found.number;
        Some(found)
    }

    /// The version under which a form stands now.
    fn of_form(&mut self, place: &Place) -> Option<&'r Under> {
        if let Some(version) = self.saved.get(place) {
            self.under = *version;
        }
        self.version(|u| u.compiled.form(&place.form).is_some())
    }

    fn audit(&self, event: &Event, reason: &str) -> Result<AuditRecord, Refusal> {
        let Role { role } = payload(event)?;
        let mut record = AuditRecord {
            user: Some(UserRef { user_oid: event.actor.clone(), ..UserRef::default() }),
            location: Some(self.location()),
            time: Some(Text::new(stamp(event.time_ms, event.offset_min))),
            reason: (!reason.trim().is_empty()).then(|| Text::new(carried(reason))),
            source_id: Some(Text::new(event.seq.to_string())),
            ..AuditRecord::default()
        };
        say(&mut record.extra, "Role", &carried(&role));
        Ok(record)
    }

    fn location(&self) -> LocationRef {
        LocationRef { location_oid: self.subject.site.clone(), ..LocationRef::default() }
    }

    /// A form's event, in its visit.
    fn put(&mut self, under: &Under, place: &Place, filled: Filled) {
        let mut visit = under.visit(&place.visit, place.visit_repeat);
        visit.transaction = filled.transaction.clone().map(|t| match t {
            TransactionType::Context => TransactionType::Context,
            _ => TransactionType::Upsert,
        });
        under.put(&mut visit, place, filled);
        self.part().events.push(visit);
    }

    fn saved(&mut self, event: &Event) -> Result<(), ExportError> {
        let saved: FormSaved = payload(event)?;
        let place = &saved.place;
        let Some(under) = self.versions.get(&saved.version) else { return Ok(()) };
        self.under = saved.version;
        let first = self.saved.insert(place.clone(), saved.version).is_none();
        let mut filled = Filled {
            transaction: Some(if first { TransactionType::Insert } else { TransactionType::Update }),
            audit: Some(self.audit(event, &event.reason)?),
            ..Filled::default()
        };
        say(&mut filled.extra, "Complete", if saved.complete { "Yes" } else { "No" });
        let mut rows: Vec<((&str, u32), ItemGroupData)> = Vec::new();
        for change in &saved.changes {
            let at = (change.group.as_str(), change.row);
            let value = change.value.as_deref().unwrap_or(&change.text);
            let stands = Stands { text: &change.text, value, unit: &change.unit, missing: &change.missing };
            let mut items = under.items(&change.group, &change.item, &stands);
            let blank = change.text.is_empty() && change.missing.is_empty();
            let transaction = match (blank, &change.before) {
                (true, _) => TransactionType::Remove,
                (false, Some(_)) => TransactionType::Update,
                (false, None) => TransactionType::Insert,
            };
            for item in &mut items {
                item.transaction = Some(transaction.clone());
            }
            if blank {
                items[0].is_null = None;
            }
            let action = action_of(saved.imported, change);
            say(&mut items[0].extra, "Action", if matches!(action, "derive" | "import") { action } else { "" });
            if !change.reason.is_empty() && change.reason != event.reason {
                items[0].audit_record = Some(Box::new(self.audit(event, &change.reason)?));
            }
            row_of(&mut rows, at, under, place).items.extend(items);
        }
        for void in &saved.voids {
            let audit = self.audit(event, &void.reason)?;
            let mut row = under.row(place, &void.group, void.row);
            row.transaction = Some(TransactionType::Remove);
            row.audit_record = Some(Box::new(audit));
            rows.push(((void.group.as_str(), u32::MAX), row));
        }
        filled.groups = rows.into_iter().map(|(_, row)| row).collect();
        self.put(under, place, filled);
        Ok(())
    }

    fn verified(&mut self, event: &Event) -> Result<(), ExportError> {
        let verified: Verified = payload(event)?;
        let place = &verified.place;
        let Some(under) = self.of_form(place) else { return Ok(()) };
        let mut audit = self.audit(event, &event.reason)?;
        audit.edit_point = Some(EditPoint::Monitoring);
        let mut rows = Vec::new();
        let word = if verified.verified { "Yes" } else { "No" };
        for at in &verified.items {
            let mut item = context(under, &at.group, &at.item);
            item.extra.content.push(element("Verification", &[("Verified", word)], Vec::new()));
            row_of(&mut rows, (&at.group, at.row), under, place).items.push(item);
        }
        context_of(&mut rows);
        let groups = rows.into_iter().map(|(_, row)| row).collect();
        let transaction = Some(TransactionType::Context);
        self.put(under, place, Filled { transaction, audit: Some(audit), groups, ..Filled::default() });
        Ok(())
    }

    fn frozen(&mut self, event: &Event) -> Result<(), ExportError> {
        let frozen: Frozen = payload(event)?;
        for place in frozen.forms.iter().filter(|p| p.subject == self.subject.id) {
            let Some(under) = self.of_form(place) else { continue };
            let audit = Some(self.audit(event, &event.reason)?);
            let mut filled = Filled { transaction: Some(TransactionType::Context), audit, ..Filled::default() };
            say(&mut filled.extra, "Frozen", if frozen.frozen { "Yes" } else { "No" });
            self.put(under, place, filled);
        }
        Ok(())
    }

    /// The whole query, on the item, row or form that it is about.
    fn query(&mut self, event: &Event) -> Result<(), ExportError> {
        let query = crate::query::query(self.reading.view, self.study, event.seq)?;
        let place = &query.place;
        let Some(under) = self.of_form(place) else { return Ok(()) };
        let mut filled = Filled { transaction: Some(TransactionType::Context), ..Filled::default() };
        filled.audit = Some(self.audit(event, "")?);
        let (standard, own) =
            if under.v2 { (vec![self.standard(&query)], Vec::new()) } else { (Vec::new(), vec![own(&query)]) };
        if query.group.is_empty() {
            filled.queries = standard;
            filled.extra.content = own;
        } else {
            let mut row = under.row(place, &query.group, query.row);
            row.transaction = Some(TransactionType::Context);
            if query.item.is_empty() {
                row.queries = standard;
                row.extra.content = own;
            } else {
                let mut item = context(under, &query.group, &query.item);
                item.queries = standard;
                item.extra.content = own;
                row.items.push(item);
            }
            filled.groups.push(row);
        }
        self.put(under, place, filled);
        Ok(())
    }

    /// A query as 2.0 has it: an audit record for each message, whose reason is what was said.
    fn standard(&self, query: &Query) -> odm::Query {
        let record = |m: &crate::query::Message| AuditRecord {
            user: Some(UserRef { user_oid: m.by.clone(), ..UserRef::default() }),
            location: Some(self.location()),
            time: Some(Text::new(rfc3339(m.at_ms))),
            reason: Some(Text::new(carried(&m.text))),
            source_id: Some(Text::new(m.event.to_string())),
            ..AuditRecord::default()
        };
        let by_check = !query.check.is_empty();
        let mut made = odm::Query {
            oid: Some(format!("Q.{}", query.number)),
            source: Some(source(query).to_owned()),
            kind: Some(if by_check { "System" } else { "Manual" }.to_owned()),
            state: Some(match query.status {
                Status::Open => QueryState::Open,
                Status::Answered => QueryState::Answered,
                Status::Closed => QueryState::Closed,
                Status::Cancelled => QueryState::Cancelled,
            }),
            last_update: Some(rfc3339(query.changed_ms)),
            name: by_check.then(|| query.check.clone()),
            audit_records: query.thread.iter().map(record).collect(),
            ..odm::Query::default()
        };
        let asked = query.thread.first().map(|m| carried(&m.text)).unwrap_or_default();
        made.value = Some(Value { text: asked, ..Value::default() });
        made
    }

    fn signed(&mut self, event: &Event) -> Result<(), ExportError> {
        let at = Key::default().text(self.study).number(event.seq);
        let Some(signature) = self.reading.row::<Signature>(space::SIGNATURE, &at)? else { return Ok(()) };
        let made = self.signature(&signature);
        match &signature.covers {
            Covers::Form(place) => {
                let Some(under) = self.of_form(place) else { return Ok(()) };
                let transaction = Some(TransactionType::Context);
                self.put(under, place, Filled { transaction, signature: Some(made), ..Filled::default() });
            }
            Covers::Visit { visit, visit_repeat, .. } => {
                let Some(under) = self.version(|u| u.compiled.visit(visit).is_some()) else { return Ok(()) };
                let transaction = Some(TransactionType::Context);
                let of = under.visit(visit, *visit_repeat);
                let signed = StudyEventData { transaction, signature: Some(Box::new(made)), ..of };
                self.part().events.push(signed);
            }
            Covers::Subject { .. } => {
                self.next_part();
                self.part().signature = Some(Box::new(made));
                self.next_part();
            }
        }
        Ok(())
    }

    fn signature(&self, s: &Signature) -> odm::Signature {
        let meaning = self.admin.meanings.get(&s.meaning).cloned().unwrap_or_default();
        let mut made = odm::Signature {
            user: Some(UserRef { user_oid: s.account.clone(), ..UserRef::default() }),
            location: Some(self.location()),
            meaning: Some(SignatureRef { signature_oid: meaning, ..SignatureRef::default() }),
            time: Some(Text::new(stamp(s.at_ms, s.offset_min))),
            ..odm::Signature::default()
        };
        say(&mut made.extra, "Role", &carried(&s.role));
        say(&mut made.extra, "SHA256", &s.digest);
        if let Some((event, at_ms)) = s.void {
            say(&mut made.extra, "Void", &event.to_string());
            say(&mut made.extra, "VoidTime", &rfc3339(at_ms));
        }
        made
    }
}

/// The row at an address, begun when it is not there.
fn row_of<'a, 'n>(
    rows: &'a mut Vec<((&'n str, u32), ItemGroupData)>,
    at: (&'n str, u32),
    under: &Under,
    place: &Place,
) -> &'a mut ItemGroupData {
    let found = rows.iter().position(|(known, _)| *known == at);
    let index = found.unwrap_or_else(|| {
        let mut row = under.row(place, at.0, at.1);
        row.transaction = Some(TransactionType::Upsert);
        rows.push((at, row));
        rows.len() - 1
    });
    &mut rows[index].1
}

fn context_of(rows: &mut [((&str, u32), ItemGroupData)]) {
    for (_, row) in rows {
        row.transaction = Some(TransactionType::Context);
    }
}

/// An item that is spoken of, not changed.
fn context(under: &Under, group: &str, item: &str) -> ItemData {
    let item_oid = under.oids.item(group, item);
    ItemData { item_oid, transaction: Some(TransactionType::Context), ..ItemData::default() }
}

/// Who asks, in the standard's words.
fn source(query: &Query) -> &'static str {
    match query.asked_by_role.as_str() {
        _ if !query.check.is_empty() => "System",
        "monitor" => "Site Monitor",
        _ => "Data Management",
    }
}

/// A query in 1.x.
fn own(query: &Query) -> Content {
    let message = |m: &crate::query::Message| {
        let (time, event) = (rfc3339(m.at_ms), m.event.to_string());
        let attributes = [
            ("State", m.status.word()),
            ("UserOID", &m.by),
            ("Role", &m.role),
            ("DateTimeStamp", &time),
            ("SourceID", &event),
        ];
        let text = carried(&m.text);
        let content = if text.is_empty() { Vec::new() } else { vec![Content::Text(text)] };
        element("Message", &attributes, content)
    };
    let oid = format!("Q.{}", query.number);
    let attributes =
        [("OID", oid.as_str()), ("State", query.status.word()), ("Source", source(query)), ("Name", &query.check)];
    element("Query", &attributes, query.thread.iter().map(message).collect())
}

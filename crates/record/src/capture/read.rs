//! What do people see: the matrix, a subject, a form, the history of an item?
//!
//! Each look at a subject's data is recorded in the study's access log, without waiting for it.

use super::enrol::subject;
use super::project::FormSaved;
use super::state::{Counts, FormState, Place, Subject};
use crate::access::{Operation, Scope};
use crate::definition::Compiled;
use crate::door::{self, Reading};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::{Event, NewEvent};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A page of the matrix.
#[derive(Clone, Debug, Default)]
pub struct MatrixFilter {
    /// Only this site.
    pub site: Option<String>,
    /// Read on behind this subject.
    pub after: Option<String>,
    /// Only subjects whose number holds this text.
    pub holds: String,
    /// At most so many.
    pub limit: usize,
}

/// A form of a subject, without its values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub struct FormSummary {
    pub place: Place,
    pub version: u32,
    pub saved_ms: i64,
    pub counts: Counts,
}

/// A form as it is shown: what stands there, and the definition under which to fill it.
#[derive(Clone)]
pub struct FormView {
    /// The subject.
    pub subject: Subject,
    /// The form's place.
    pub place: Place,
    /// What stands there; empty when it was never saved.
    pub state: FormState,
    /// The version under which it is filled.
    pub version: u32,
    /// That version.
    pub definition: Arc<Compiled>,
}

/// One thing that happened to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Happened {
    pub event: u64,
    pub at_ms: i64,
    pub offset_min: i32,
    pub by: String,
    pub role: String,
    /// `enter`, `amend`, `import`, `derive`, `void`, `verify`, `query` …
    pub action: &'static str,
    pub before: String,
    pub after: String,
    pub unit: String,
    pub missing: String,
    pub reason: String,
}

impl Reading<'_> {
    /// Subjects in the order of their numbers. O(rows read).
    pub fn matrix(&self, study: &str, filter: &MatrixFilter) -> Result<Vec<Subject>, Refusal> {
        let sites = self.readable_sites(study, filter.site.as_deref())?;
        let head = key(&[study]);
        let range = match &filter.after {
            Some(after) => key(&[study, after]).after(&head),
            None => head.range(),
        };
        let mut found = Vec::new();
        self.rows(space::SUBJECT, range, |_, subject: Subject| {
            if sites.contains(&subject.site) && subject.id.contains(&filter.holds) {
                found.push(subject);
            }
            if found.len() >= filter.limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(found)
    }

    /// A subject and its forms.
    pub fn subject(&self, study: &str, id: &str) -> Result<(Subject, Vec<FormSummary>), Refusal> {
        let found = self.readable_subject(study, id)?;
        let mut forms = Vec::new();
        self.rows(space::FORM, key(&[study, id]).range(), |at, form: FormState| {
            forms.extend(Place::from_key(at).map(|place| FormSummary {
                place,
                version: form.version,
                saved_ms: form.saved_ms,
                counts: form.counts(),
            }));
            ControlFlow::Continue(())
        })?;
        self.log_read(study, id, "subject");
        Ok((found, forms))
    }

    /// A form, filled or not.
    pub fn form(&self, study: &str, place: &Place) -> Result<FormView, Refusal> {
        let subject = self.readable_subject(study, &place.subject)?;
        let state: FormState = self.row(space::FORM, &place.key(study))?.unwrap_or_default();
        let (version, definition) = match state.version {
            0 => self.current_version(&self.study(study)?)?,
            own => (own, self.version(study, own)?),
        };
        if definition.form(&place.form).is_none_or(|f| !f.visits.contains(&place.visit)) {
            return Err(Refusal::absent("form", format!("{} at {}", place.form, place.visit)));
        }
        self.log_read(study, &place.subject, &place.form);
        Ok(FormView { subject, place: place.clone(), state, version, definition })
    }

    /// What an identifying item holds, for those who may read it; each such look is recorded by itself.
    pub fn identified(
        &self,
        study: &str,
        place: &Place,
        group: &str,
        row: u32,
        item: &str,
    ) -> Result<Option<String>, Refusal> {
        let subject = self.readable_subject(study, &place.subject)?;
        self.allow(Operation::ReadIdentifying, &Scope::site(study, &subject.site))?;
        self.log_read(study, &place.subject, &format!("identifying item {item}"));
        super::save::apart(self.view, &super::save::identity_of(study, place, group, row, item))
    }

    /// Every form of a subject with its values, for copies and checks.
    pub fn forms(&self, study: &str, id: &str) -> Result<Vec<(Place, FormState)>, Refusal> {
        self.readable_subject(study, id)?;
        let mut forms = Vec::new();
        self.rows(space::FORM, key(&[study, id]).range(), |at, form: FormState| {
            forms.extend(Place::from_key(at).map(|place| (place, form)));
            ControlFlow::Continue(())
        })?;
        self.log_read(study, id, "all forms");
        Ok(forms)
    }

    /// What happened to an item, oldest first. O(events of its form).
    pub fn history(
        &self,
        study: &str,
        place: &Place,
        group: &str,
        row: u32,
        item: &str,
    ) -> Result<Vec<Happened>, Refusal> {
        self.readable_subject(study, &place.subject)?;
        let state: FormState = self.row(space::FORM, &place.key(study))?.unwrap_or_default();
        let mut happened = Vec::new();
        let mut queries = BTreeSet::new();
        for seq in &state.events {
            let event = self.event(study, *seq)?;
            happened.extend(what_happened(&event, group, row, item, &mut queries));
        }
        Ok(happened)
    }

    /// One event of a chain.
    pub(crate) fn event(&self, chain: &str, seq: u64) -> Result<Event, Refusal> {
        let mut found = None;
        self.view.events(chain, seq, &mut |event| {
            found = Some(event);
            ControlFlow::Break(())
        })?;
        found.filter(|e| e.seq == seq).ok_or_else(|| Refusal::Damaged(format!("event {seq} of {chain} is not there")))
    }

    pub(super) fn readable_subject(&self, study: &str, id: &str) -> Result<Subject, Refusal> {
        // Whoever may not read it is not told whether it exists.
        let found = subject(self.view, study, id)?;
        match self.allow(Operation::Read, &Scope::site(study, &found.site)) {
            Ok(_) => Ok(found),
            Err(_) => Err(Refusal::absent("subject", id)),
        }
    }

    /// Records that somebody looked; waits for nothing.
    pub(crate) fn log_read(&self, study: &str, subject: &str, what: &str) {
        if self.caller.is_system() {
            return;
        }
        let event = NewEvent {
            chain: format!("{study}:access"),
            stream: subject.to_owned(),
            kind: "data.read/1".to_owned(),
            payload: serde_json::json!({ "subject": subject, "what": what }).to_string(),
            actor: self.caller.account.clone(),
            on_behalf: String::new(),
            reason: String::new(),
            session: self.caller.session.clone(),
            offset_min: self.caller.offset_min,
        };
        self.record
            .ledger()
            .write_then(move |tx| tx.append(event).map(|_| ()).map_err(Refusal::from), |_: Result<(), Refusal>| {});
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    role: String,
    group: String,
    row: u32,
    item: String,
    text: String,
    query: u64,
    items: Vec<crate::verify::At>,
    verified: bool,
}

/// What an event did to one item; `queries` collects the queries on it.
fn what_happened(event: &Event, group: &str, row: u32, item: &str, queries: &mut BTreeSet<u64>) -> Option<Happened> {
    let named: Named = serde_json::from_str(&event.payload).ok()?;
    let mut happened = Happened {
        event: event.seq,
        at_ms: event.time_ms,
        offset_min: event.offset_min,
        by: event.actor.clone(),
        role: named.role,
        action: "",
        before: String::new(),
        after: String::new(),
        unit: String::new(),
        missing: String::new(),
        reason: event.reason.clone(),
    };
    match event.kind.as_str() {
        "form.saved/1" => {
            let saved: FormSaved = serde_json::from_str(&event.payload).ok()?;
            if let Some(void) = saved.voids.iter().find(|v| v.group == group && v.row == row) {
                happened.action = "void";
                happened.reason.clone_from(&void.reason);
                return Some(happened);
            }
            let change = saved.changes.into_iter().find(|c| c.group == group && c.row == row && c.item == item)?;
            happened.action = action_of(saved.imported, &change);
            happened.before =
                change.before.map(|b| if b.text.is_empty() { b.missing } else { b.text }).unwrap_or_default();
            happened.after = change.text;
            happened.unit = change.unit;
            happened.missing = change.missing;
            if !change.reason.is_empty() {
                happened.reason = change.reason;
            }
        }
        "items.verified/1" => {
            named.items.iter().find(|a| a.group == group && a.row == row && a.item == item)?;
            happened.action = if named.verified { "verify" } else { "unverify" };
        }
        "query.opened/1"
            if named.group == group && named.row == row && (named.item == item || named.item.is_empty()) =>
        {
            queries.insert(event.seq);
            happened.action = "query";
            happened.after = named.text;
        }
        "query.answered/1" | "query.closed/1" | "query.reopened/1" | "query.cancelled/1"
            if queries.contains(&named.query) =>
        {
            happened.action = match event.kind.as_str() {
                "query.answered/1" => "answer",
                "query.closed/1" => "close query",
                "query.reopened/1" => "reopen query",
                _ => "cancel query",
            };
            happened.before = format!("query {}", named.query);
            happened.after = named.text;
        }
        _ => return None,
    }
    Some(happened)
}

/// The word for a change in histories and audit files.
pub(crate) fn action_of(imported: bool, change: &super::project::Change) -> &'static str {
    match change {
        c if c.derived => "derive",
        c if c.before.is_some() => "amend",
        _ if imported => "import",
        _ => "enter",
    }
}

/// A form of a subject, without asking for rights: for commands that asked already.
pub(crate) fn form_state(view: &dyn croft_ledger::View, study: &str, place: &Place) -> Result<FormState, Refusal> {
    door::row(view, space::FORM, &place.key(study))?
        .ok_or_else(|| Refusal::absent("form", format!("{}/{}/{}", place.subject, place.visit, place.form)))
}

//! Events as a record would hold them: entered, amended, imported.

use crate::snapshot::{Address, AuditEntry, Value};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// Who acts.
#[derive(Clone, Copy)]
pub struct Actor {
    pub name: &'static str,
    pub role: &'static str,
}

/// What is written into a field.
pub struct Entry {
    pub text: String,
    pub value: String,
    pub unit: String,
    pub missing: String,
}

impl Entry {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { value: text.clone(), text, unit: String::new(), missing: String::new() }
    }

    pub fn measured(text: impl Into<String>, unit: &str) -> Self {
        Self { unit: unit.to_owned(), ..Self::text(text) }
    }

    pub fn absent(text: &str, missing: &str, unit: &str) -> Self {
        Self { text: text.to_owned(), value: String::new(), unit: unit.to_owned(), missing: missing.to_owned() }
    }
}

/// Collects what happens; the last entry at an address is its value.
#[derive(Default)]
pub struct Recorder {
    pending: Vec<(DateTime, u64, AuditEntry, Entry)>,
    saves: u64,
}

impl Recorder {
    /// One save of one form: several fields, one event.
    pub fn save(&mut self, at: DateTime, actor: Actor, place: &Address, fields: Vec<(&str, Entry)>) {
        self.saves += 1;
        let action = if actor.role == "Bioanalyst" { "import" } else { "enter" };
        for (item, entry) in fields {
            self.push(at, actor, action, place, item, entry, "");
        }
    }

    /// A correction of one field, with its reason.
    pub fn amend(&mut self, at: DateTime, actor: Actor, place: &Address, field: (&str, Entry), reason: &str) {
        self.saves += 1;
        self.push(at, actor, "amend", place, field.0, field.1, reason);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one event")]
    fn push(
        &mut self,
        at: DateTime,
        actor: Actor,
        action: &str,
        place: &Address,
        item: &str,
        entry: Entry,
        reason: &str,
    ) {
        let audit = AuditEntry {
            event: 0,
            time: format!("{at}Z"),
            actor: actor.name.to_owned(),
            role: actor.role.to_owned(),
            action: action.to_owned(),
            subject: place.subject.clone(),
            visit: place.visit.clone(),
            visit_repeat: place.visit_repeat,
            form: place.form.clone(),
            form_repeat: place.form_repeat,
            group: place.group.clone(),
            group_repeat: place.group_repeat,
            item: item.to_owned(),
            before: String::new(),
            after: entry.text.clone(),
            reason: reason.to_owned(),
        };
        self.pending.push((at, self.saves, audit, entry));
    }

    /// In the order of time, the fields of a save together.
    pub(super) fn sort(&mut self) {
        self.pending.sort_by_key(|(at, save, ..)| (*at, *save));
    }

    pub(super) fn into_pending(self) -> Vec<(DateTime, u64, AuditEntry, Entry)> {
        self.pending
    }

    /// Events numbered in the order of time, and the value that each address ends with.
    pub fn finish(mut self) -> (Vec<Value>, Vec<AuditEntry>) {
        self.sort();
        let mut current: BTreeMap<Address, Value> = BTreeMap::new();
        let mut audit = Vec::with_capacity(self.pending.len());
        let mut event = 0;
        let mut last_save = 0;
        for (_, save, mut entry, field) in self.pending {
            if save != last_save {
                event += 1;
                last_save = save;
            }
            entry.event = event;
            let address = entry.address();
            if let Some(before) = current.get(&address) {
                entry.before = before.text.clone();
            }
            current.insert(address, value_of(&entry, field));
            audit.push(entry);
        }
        (current.into_values().collect(), audit)
    }
}

fn value_of(entry: &AuditEntry, field: Entry) -> Value {
    Value {
        subject: entry.subject.clone(),
        visit: entry.visit.clone(),
        visit_repeat: entry.visit_repeat,
        form: entry.form.clone(),
        form_repeat: entry.form_repeat,
        group: entry.group.clone(),
        group_repeat: entry.group_repeat,
        item: entry.item.clone(),
        text: field.text,
        value: field.value,
        unit: field.unit,
        missing: field.missing,
        event: entry.event,
    }
}

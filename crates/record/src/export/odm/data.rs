//! How do values stand in ODM: their addresses, their missing reasons, their units?

use super::carried;
use super::oid::Oids;
use crate::capture::Place;
use crate::definition::Compiled;
use crate::lock::snapshot::SEALED;
use crate::vendor::say;
use croft_cdisc::odm::{
    AuditRecord, Extra, FormData, ItemData, ItemGroupData, LocationRef, MeasurementUnitRef, Query, Signature,
    StudyEventData, SubjectData, TransactionType, Value, YesNo,
};
use std::sync::Arc;

/// A version of the definition, and what its parts are called.
pub(super) struct Under {
    pub number: u32,
    pub oid: String,
    pub oids: Oids,
    pub compiled: Arc<Compiled>,
    pub v2: bool,
}

/// What stands in an item.
pub(super) struct Stands<'s> {
    pub text: &'s str,
    pub value: &'s str,
    pub unit: &'s str,
    pub missing: &'s str,
}

/// A form in the data, before it is known how the standard has it.
#[derive(Default)]
pub(super) struct Filled {
    pub transaction: Option<TransactionType>,
    pub audit: Option<AuditRecord>,
    pub signature: Option<Signature>,
    pub groups: Vec<ItemGroupData>,
    pub queries: Vec<Query>,
    pub extra: Extra,
}

impl Under {
    /// The value of an item, and in 2.0 its unit behind it.
    pub fn items(&self, group: &str, name: &str, stands: &Stands<'_>) -> Vec<ItemData> {
        let mut item = ItemData { item_oid: self.oids.item(group, name), ..ItemData::default() };
        let sealed = stands.missing == SEALED;
        let has_value = stands.missing.is_empty() && !stands.value.is_empty();
        if has_value {
            let value = carried(stands.value);
            if self.v2 {
                item.values.push(Value { sequence: Some(1), text: value, ..Value::default() });
            } else {
                item.value = Some(value);
            }
        } else {
            item.is_null = Some(YesNo::Yes);
        }
        let as_entered = has_value && stands.text == stands.value;
        if !(sealed || as_entered) {
            say(&mut item.extra, "Text", &carried(stands.text));
        }
        say(&mut item.extra, "Missing", stands.missing);
        let unit = if sealed { "" } else { stands.unit };
        let defined = self.oids.units.get(unit).filter(|_| !self.v2);
        if let Some(oid) = defined {
            item.unit = Some(MeasurementUnitRef { unit_oid: oid.clone(), ..MeasurementUnitRef::default() });
        } else {
            say(&mut item.extra, "Unit", &carried(unit));
        }
        let at = (group.to_owned(), name.to_owned());
        let mut items = vec![item];
        if let Some(oid) = self.oids.unit_items.get(&at).filter(|_| has_value && !unit.is_empty()) {
            let value = Value { sequence: Some(1), text: carried(unit), ..Value::default() };
            let mut of = ItemData { item_oid: oid.clone(), values: vec![value], ..ItemData::default() };
            say(&mut of.extra, "UnitOf", &items[0].item_oid);
            items.push(of);
        }
        items
    }

    /// A row of a group.
    pub fn row(&self, place: &Place, group: &str, row: u32) -> ItemGroupData {
        let repeats = self.compiled.group(&place.form, group).is_some_and(|g| g.repeating) || row > 1;
        ItemGroupData {
            item_group_oid: self.oids.group(group),
            repeat_key: repeats.then(|| row.to_string()),
            ..ItemGroupData::default()
        }
    }

    /// A visit without anything in it.
    pub fn visit(&self, code: &str, repeat: u32) -> StudyEventData {
        let repeats = self.compiled.visit(code).is_some_and(|v| v.repeating) || repeat > 1;
        StudyEventData {
            event_oid: self.oids.visit(code),
            repeat_key: repeats.then(|| repeat.to_string()),
            ..StudyEventData::default()
        }
    }

    /// Puts a form into its visit.
    pub fn put(&self, visit: &mut StudyEventData, place: &Place, mut filled: Filled) {
        let repeats = self.compiled.form(&place.form).is_some_and(|f| f.repeating) || place.form_repeat > 1;
        let (oid, repeat_key) = (self.oids.form(&place.form), repeats.then(|| place.form_repeat.to_string()));
        let (audit_record, signature) = (filled.audit.map(Box::new), filled.signature.map(Box::new));
        if !self.v2 {
            visit.forms.push(FormData {
                form_oid: oid,
                repeat_key,
                transaction: filled.transaction,
                audit_record,
                signature,
                item_groups: filled.groups,
                queries: filled.queries,
                extra: filled.extra,
                ..FormData::default()
            });
            return;
        }
        if filled.groups.is_empty() {
            filled.groups.extend(self.first_row(place));
        }
        for group in filled.groups.iter_mut().filter(|g| g.items.is_empty()) {
            group.items.extend(self.first_item(&group.item_group_oid));
        }
        visit.item_groups.push(ItemGroupData {
            item_group_oid: oid,
            repeat_key,
            transaction: filled.transaction,
            audit_record,
            signature,
            item_groups: filled.groups,
            queries: filled.queries,
            extra: filled.extra,
            ..ItemGroupData::default()
        });
    }

    /// 2.0 has no group without an item: where nothing of one is told, its first is named without a value.
    fn first_row(&self, place: &Place) -> Option<ItemGroupData> {
        let group = self.compiled.form(&place.form)?.groups.first()?;
        Some(ItemGroupData { transaction: Some(TransactionType::Context), ..self.row(place, &group.name, 1) })
    }

    fn first_item(&self, group_oid: &str) -> Option<ItemData> {
        let (name, _) = self.oids.groups.iter().find(|(_, oid)| *oid == group_oid)?;
        let groups = self.compiled.forms.iter().flat_map(|f| &f.groups);
        let item = groups.into_iter().find(|g| g.name == *name)?.items.first()?;
        Some(ItemData {
            item_oid: self.oids.item(name, &item.name),
            transaction: Some(TransactionType::Context),
            ..ItemData::default()
        })
    }
}

/// A subject at its site.
pub(super) fn subject(id: &str, site: &str) -> SubjectData {
    SubjectData {
        subject_key: id.to_owned(),
        site: Some(LocationRef { location_oid: site.to_owned(), ..LocationRef::default() }),
        ..SubjectData::default()
    }
}

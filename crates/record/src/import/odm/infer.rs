//! What would a definition look like under which these data were recorded?
//!
//! Some systems send data without a definition: a feed of audit records, an extract. From the addresses of the values a definition is made in which each of them has
//! a place: visits, forms, groups and items in the order in which they appear, all values text, nothing required, no checks. What repeats in the data
//! repeats in the definition. It is a beginning to be completed by hand, not the study's definition.

use super::plain;
use croft_cdisc::odm::{
    ClinicalData, DataType, FormDef, FormRef, GlobalVariables, ItemDef, ItemGroupData, ItemGroupDef, ItemGroupRef,
    ItemRef, Member, MetaDataVersion, Odm, Repeating, Study, StudyEventDef, TransactionType, Version,
};
use std::collections::{BTreeMap, BTreeSet};

/// The form of groups that stand in no form.
const NO_FORM: &str = "FORM";

/// Things in the order in which they appear, with the keys of their repeats and what is in them.
#[derive(Default)]
struct Seen {
    order: Vec<String>,
    keys: BTreeMap<String, BTreeSet<String>>,
    within: BTreeMap<String, Vec<String>>,
}

impl Seen {
    fn add(&mut self, oid: &str, key: Option<&str>) {
        if !self.keys.contains_key(oid) {
            self.order.push(oid.to_owned());
        }
        self.keys.entry(oid.to_owned()).or_default().insert(key.unwrap_or_default().to_owned());
    }

    fn put(&mut self, oid: &str, inner: &str) {
        let within = self.within.entry(oid.to_owned()).or_default();
        if !within.iter().any(|known| known == inner) {
            within.push(inner.to_owned());
        }
    }

    /// Repeating when a key is not the first of its kind.
    fn repeating(&self, oid: &str) -> Option<Repeating> {
        let more = |keys: &BTreeSet<String>| {
            keys.len() > 1 || keys.iter().any(|k| super::super::data::number_in(k).is_some_and(|n| n > 1))
        };
        Some(if self.keys.get(oid).is_some_and(more) { Repeating::Yes } else { Repeating::No })
    }

    fn inner(&self, oid: &str) -> impl Iterator<Item = &String> {
        self.within.get(oid).into_iter().flatten()
    }
}

#[derive(Default)]
struct Addresses {
    visits: Seen,
    forms: Seen,
    groups: Seen,
    items: Vec<String>,
}

/// The document with a definition in which its data have their places; none where it has one, or no data.
pub fn infer(document: &Odm) -> Option<Odm> {
    let data = document.clinical_data.first().filter(|_| document.meta_data_versions().next().is_none())?;
    let mut addresses = Addresses::default();
    document.clinical_data.iter().for_each(|d| addresses.data(d));
    let names = GlobalVariables {
        study_name: Some(plain(&data.study_oid)),
        study_description: Some(plain("Inferred from data")),
        protocol_name: Some(plain(&data.study_oid)),
        ..GlobalVariables::default()
    };
    let study = Study {
        oid: data.study_oid.clone(),
        global_variables: Some(names),
        versions: vec![addresses.version(&data.version_oid)],
        ..Study::default()
    };
    // Forms are definitions of their own, which 2.0 does not have.
    let version = if document.version == Version::V2_0 { Version::V1_3 } else { document.version };
    Some(Odm { version, header: document.header.clone(), studies: vec![study], ..Odm::default() })
}

/// The visits that data name, in the order in which they appear.
pub(super) fn visits_of(document: &Odm) -> Vec<StudyEventDef> {
    let mut addresses = Addresses::default();
    document.clinical_data.iter().for_each(|d| addresses.data(d));
    let visits = addresses.visits.order.iter();
    let visit = |oid: &String| StudyEventDef {
        oid: oid.clone(),
        name: Some(oid.clone()),
        repeating: addresses.visits.repeating(oid),
        ..StudyEventDef::default()
    };
    visits.map(visit).collect()
}

impl Addresses {
    fn data(&mut self, data: &ClinicalData) {
        for subject in &data.subjects {
            for event in &subject.events {
                self.visits.add(&event.event_oid, event.repeat_key.as_deref());
                for form in &event.forms {
                    self.form(Some(&event.event_oid), &form.form_oid, form.repeat_key.as_deref(), &form.item_groups);
                }
                self.loose(Some(&event.event_oid), &event.item_groups);
            }
            for form in &subject.forms {
                self.form(None, &form.form_oid, form.repeat_key.as_deref(), &form.item_groups);
            }
        }
    }

    fn form(&mut self, visit: Option<&str>, oid: &str, key: Option<&str>, groups: &[ItemGroupData]) {
        self.forms.add(oid, key);
        if let Some(visit) = visit {
            self.visits.put(visit, oid);
        }
        groups.iter().for_each(|g| self.group(oid, g));
    }

    /// Groups of a visit itself (2.0): those that hold groups are forms.
    fn loose(&mut self, visit: Option<&str>, groups: &[ItemGroupData]) {
        for group in groups {
            if group.items.is_empty() && !group.item_groups.is_empty() {
                self.form(visit, &group.item_group_oid, group.repeat_key.as_deref(), &group.item_groups);
            } else {
                self.form(visit, NO_FORM, None, std::slice::from_ref(group));
            }
        }
    }

    fn group(&mut self, form: &str, group: &ItemGroupData) {
        let removed = group.transaction == Some(TransactionType::Context);
        if !group.items.is_empty() || (group.item_groups.is_empty() && !removed) {
            self.groups.add(&group.item_group_oid, group.repeat_key.as_deref());
            self.forms.put(form, &group.item_group_oid);
        }
        for item in &group.items {
            self.groups.put(&group.item_group_oid, &item.item_oid);
            if !self.items.contains(&item.item_oid) {
                self.items.push(item.item_oid.clone());
            }
        }
        group.item_groups.iter().for_each(|g| self.group(form, g));
    }

    fn version(&self, oid: &str) -> MetaDataVersion {
        let event = |oid: &String| StudyEventDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            repeating: self.visits.repeating(oid),
            forms: self.visits.inner(oid).map(|f| FormRef { form_oid: f.clone(), ..FormRef::default() }).collect(),
            ..StudyEventDef::default()
        };
        let group_ref = |g: &String| ItemGroupRef { item_group_oid: g.clone(), ..ItemGroupRef::default() };
        let form = |oid: &String| FormDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            repeating: self.forms.repeating(oid),
            item_groups: self.forms.inner(oid).map(group_ref).collect(),
            ..FormDef::default()
        };
        let item_ref = |i: &String| Member::Item(Box::new(ItemRef { item_oid: i.clone(), ..ItemRef::default() }));
        let group = |oid: &String| ItemGroupDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            repeating: self.groups.repeating(oid),
            members: self.groups.inner(oid).map(item_ref).collect(),
            ..ItemGroupDef::default()
        };
        let item = |oid: &String| ItemDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            data_type: Some(DataType::Text),
            ..ItemDef::default()
        };
        MetaDataVersion {
            oid: oid.to_owned(),
            name: Some("Inferred from data".to_owned()),
            events: self.visits.order.iter().map(event).collect(),
            forms: self.forms.order.iter().map(form).collect(),
            item_groups: self.groups.order.iter().map(group).collect(),
            items: self.items.iter().map(item).collect(),
            ..MetaDataVersion::default()
        }
    }
}

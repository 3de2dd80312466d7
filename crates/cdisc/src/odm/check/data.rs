//! Data against the definitions that they name.

use super::{Found, Known, Place};
use crate::odm::model::data::{FormData, ItemGroupData};
use crate::odm::{ClinicalData, MetaDataVersion, Odm};
use std::collections::BTreeSet;

pub(super) fn check(odm: &Odm, units: &BTreeSet<&str>, found: &mut Found) {
    for data in &odm.clinical_data {
        let version = version(odm, &data.study_oid, &data.version_oid);
        subjects(data, version.map(Known::of).as_ref(), units, found);
    }
    for data in &odm.reference_data {
        let known = version(odm, &data.study_oid, &data.version_oid).map(Known::of);
        data.item_groups.iter().for_each(|g| group(g, known.as_ref(), units, found));
    }
}

/// The version that data name, if it stands in the document and does not go on from another.
fn version<'a>(odm: &'a Odm, study: &str, version: &str) -> Option<&'a MetaDataVersion> {
    let mut all = odm.meta_data_versions();
    all.find(|(s, v)| s.oid == study && v.oid == version).map(|(_, v)| v).filter(|v| v.include.is_none())
}

fn refer(what: &str, oid: &str, known: Option<&BTreeSet<&str>>, place: Place, found: &mut Found) {
    let Some(known) = known else { return };
    if known.contains(oid) || !found.told.insert((format!("data {what}"), oid.to_owned())) {
        return;
    }
    let message = format!("{place}: data of {what} {oid}, which is not defined");
    found.push(
        "ODM-DATA-REF",
        place,
        what,
        oid,
        message,
        "correct the name, or add the definition to the version that the data name",
    );
}

fn subjects(data: &ClinicalData, known: Option<&Known<'_>>, units: &BTreeSet<&str>, found: &mut Found) {
    for subject in &data.subjects {
        for event in &subject.events {
            refer("StudyEventOID", &event.event_oid, known.map(|k| &k.events), event.place, found);
            event.forms.iter().for_each(|f| form(f, known, units, found));
            event.item_groups.iter().for_each(|g| group(g, known, units, found));
        }
        subject.forms.iter().for_each(|f| form(f, known, units, found));
    }
    data.item_groups.iter().for_each(|g| group(g, known, units, found));
}

fn form(form: &FormData, known: Option<&Known<'_>>, units: &BTreeSet<&str>, found: &mut Found) {
    refer("FormOID", &form.form_oid, known.map(|k| &k.forms), form.place, found);
    form.item_groups.iter().for_each(|g| group(g, known, units, found));
}

fn group(data: &ItemGroupData, known: Option<&Known<'_>>, units: &BTreeSet<&str>, found: &mut Found) {
    refer("ItemGroupOID", &data.item_group_oid, known.map(|k| &k.groups), data.place, found);
    data.item_groups.iter().for_each(|g| group(g, known, units, found));
    for item in &data.items {
        refer("ItemOID", &item.item_oid, known.map(|k| &k.items), item.place, found);
        if let Some(unit) = &item.unit {
            found.reference("MeasurementUnitRef", &unit.unit_oid, units, unit.place);
        }
    }
}

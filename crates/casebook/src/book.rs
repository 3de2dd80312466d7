//! What do the names of a study mean: its visits, forms, groups and items, over all its versions?
//!
//! A form is told in the words of the version under which it was filled. What that version does not know, because an earlier one asked it, is
//! told in the words of the newest version that does.

use crate::CasebookError;
use croft_design::forms::{Form, Item, ItemGroup};
use croft_record::Reading;
use croft_record::capture::{Place, Subject};
use croft_record::definition::Compiled;
use croft_record::export::rfc3339;
use croft_record::study::{Site, Study};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A study with the words of all its versions.
pub(crate) struct Book {
    pub study: Study,
    pub sites: BTreeMap<String, Site>,
    /// The newest version first.
    versions: Vec<(u32, Arc<Compiled>)>,
    /// When the newest event was, its number and hash.
    pub as_of: Option<(i64, u64, String)>,
}

impl Book {
    /// Asks for nothing but to see the study.
    pub fn open(reading: &Reading<'_>, id: &str) -> Result<Self, CasebookError> {
        let study = reading.study(id)?;
        let mut versions = Vec::new();
        for version in study.versions.iter().rev() {
            versions.push((version.number, reading.version(id, version.number)?));
        }
        let sites = reading.sites(id)?.into_iter().map(|s| (s.id.clone(), s)).collect();
        let as_of = reading.newest(id)?.map(|head| (head.time_ms, head.seq, head.hash.to_string()));
        Ok(Self { study, sites, versions, as_of })
    }

    pub fn time_ms(&self) -> i64 {
        self.as_of.as_ref().map_or(0, |(ms, ..)| *ms)
    }

    /// The hash that says which state a file shows; it goes into the file's identity.
    pub fn hash(&self) -> &str {
        self.as_of.as_ref().map_or("", |(_, _, hash)| hash)
    }

    /// `event 12 of chain S1, 2026-01-21T10:00:00Z, hash …`
    pub fn state_words(&self) -> String {
        self.as_of.as_ref().map_or_else(
            || "no events yet".to_owned(),
            |(ms, seq, hash)| format!("event {seq} of chain {}, {}, hash {hash}", self.study.id, rfc3339(*ms)),
        )
    }

    /// Words over every page of what is not real.
    pub fn watermark(&self) -> Option<String> {
        self.study.training.then(|| "TRAINING: nothing in this study is real".to_owned())
    }

    pub fn newest(&self) -> Option<&Compiled> {
        self.versions.first().map(|(_, compiled)| compiled.as_ref())
    }

    /// The version, and behind it the others from the newest down.
    fn versions_for(&self, version: u32) -> impl Iterator<Item = &Compiled> {
        let own = self.versions.iter().filter(move |(n, _)| *n == version);
        let others = self.versions.iter().filter(move |(n, _)| *n != version);
        own.chain(others).map(|(_, compiled)| compiled.as_ref())
    }

    pub fn form(&self, version: u32, form: &str) -> Option<&Form> {
        self.versions_for(version).find_map(|c| c.form(form))
    }

    pub fn group(&self, version: u32, form: &str, group: &str) -> Option<&ItemGroup> {
        self.versions_for(version).find_map(|c| c.group(form, group))
    }

    pub fn item(&self, version: u32, form: &str, group: &str, item: &str) -> Option<&Item> {
        self.versions_for(version).find_map(|c| c.item(form, group, item))
    }

    /// A form's label, with its number where it can be filled more than once.
    pub fn form_words(&self, version: u32, place: &Place) -> String {
        let form = self.form(version, &place.form);
        let label = form.map_or(place.form.as_str(), |f| f.label.as_str());
        if place.form_repeat > 1 || form.is_some_and(|f| f.repeating) {
            format!("{label} {}", place.form_repeat)
        } else {
            label.to_owned()
        }
    }

    /// A visit's name, with its number where it can take place more than once.
    pub fn visit_words(&self, visit: &str, repeat: u32) -> String {
        let planned = self.versions_for(0).find_map(|c| c.visit(visit));
        let name = planned.map_or(visit, |v| v.name.as_str());
        if repeat > 1 || planned.is_some_and(|v| v.repeating) { format!("{name} {repeat}") } else { name.to_owned() }
    }

    /// Where a place stands in a casebook: in the order of the newest version, what it does not know behind.
    pub fn order(&self, place: &Place) -> (usize, u32, usize, u32) {
        let newest = self.newest();
        let visit = newest.and_then(|c| c.definition.visits.iter().position(|v| v.code == place.visit));
        let form = newest.and_then(|c| c.forms.iter().position(|f| f.form == place.form));
        (visit.unwrap_or(usize::MAX), place.visit_repeat, form.unwrap_or(usize::MAX), place.form_repeat)
    }

    /// `101, Clinic (GBR)`
    pub fn site_words(&self, subject: &Subject) -> String {
        match self.sites.get(&subject.site) {
            Some(site) => format!("{}, {} ({})", site.id, site.name, site.country),
            None => subject.site.clone(),
        }
    }
}

/// The label of a form that was never saved, or of an item, with its name behind where that says more.
pub(crate) fn named(label: &str, name: &str) -> String {
    if label.is_empty() || label == name { name.to_owned() } else { format!("{label} ({name})") }
}

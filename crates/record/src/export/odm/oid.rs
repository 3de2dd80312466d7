//! Under which OIDs do the parts of a version stand?
//!
//! Each keeps the OID that it came with, or has its name. Where two parts that differ would have the same, the later one is told apart by where it
//! stands, `FORM.GROUP` or `GROUP.ITEM`, and by a number if that is taken too. Parts that are alike share a definition, as in ODM.

use std::collections::BTreeMap;

/// OIDs of a version, by names in the study's text.
#[derive(Clone, Debug, Default)]
pub(super) struct Oids {
    pub visits: BTreeMap<String, String>,
    pub forms: BTreeMap<String, String>,
    pub groups: BTreeMap<String, String>,
    /// By group and item.
    pub items: BTreeMap<(String, String), String>,
    /// Units of the version.
    pub units: BTreeMap<String, String>,
    /// Items that hold the unit of another (2.0), by group and item.
    pub unit_items: BTreeMap<(String, String), String>,
}

impl Oids {
    pub fn visit(&self, code: &str) -> String {
        found(self.visits.get(code), code)
    }

    pub fn form(&self, name: &str) -> String {
        found(self.forms.get(name), name)
    }

    pub fn group(&self, name: &str) -> String {
        found(self.groups.get(name), name)
    }

    pub fn item(&self, group: &str, item: &str) -> String {
        found(self.items.get(&(group.to_owned(), item.to_owned())), item)
    }
}

fn found(oid: Option<&String>, name: &str) -> String {
    oid.cloned().unwrap_or_else(|| name.to_owned())
}

/// Definitions of one kind by OID, in the order in which they came.
pub(super) struct Defined<T> {
    pub all: Vec<(String, T)>,
}

impl<T: PartialEq> Defined<T> {
    pub fn new() -> Self {
        Self { all: Vec::new() }
    }

    /// Adds a definition under the first of these OIDs that is free or has the same one already; gives the OID.
    pub fn add(&mut self, oids: &[&str], definition: T) -> String {
        let fits = |oid: &str, all: &[(String, T)]| {
            let known = all.iter().find(|(known, _)| known == oid).map(|(_, d)| d);
            known.is_none_or(|d| *d == definition)
        };
        let plain = oids.iter().map(|oid| (*oid).to_owned());
        let last = oids.last().copied().unwrap_or_default();
        let mut tried = plain.chain((2..).map(|n: u32| format!("{last}.{n}")));
        let oid = tried.find(|oid| !oid.is_empty() && fits(oid, &self.all)).unwrap_or_default();
        if !self.all.iter().any(|(known, _)| *known == oid) {
            self.all.push((oid.clone(), definition));
        }
        oid
    }
}

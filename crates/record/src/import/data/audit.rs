//! Who did it elsewhere, when and why.

use croft_cdisc::odm::{AuditRecord, ClinicalData};
use std::collections::BTreeMap;

/// The facts of an audit record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub user: String,
    pub time: String,
    pub reason: String,
    pub location: String,
    pub source: String,
}

impl Facts {
    pub fn of(record: &AuditRecord) -> Self {
        let text = |t: &Option<croft_cdisc::odm::Text>| {
            t.as_ref().map(|t| super::super::text::one_line(&t.text)).unwrap_or_default()
        };
        Self {
            user: record.user.as_ref().map(|u| u.user_oid.clone()).unwrap_or_default(),
            time: text(&record.time),
            reason: text(&record.reason),
            location: record.location.as_ref().map(|l| l.location_oid.clone()).unwrap_or_default(),
            source: text(&record.source_id),
        }
    }

    /// Whether the same person did both at the same time for the same reason.
    pub fn same_act(&self, other: &Self) -> bool {
        (&self.user, &self.time, &self.reason, &self.location)
            == (&other.user, &other.time, &other.reason, &other.location)
    }

    /// As it stands in an event's reason. `sources` are the source's numbers of all that was done.
    pub fn words(&self, sources: &[&str]) -> String {
        let mut words = String::from("imported:");
        for part in [&self.user, &self.time] {
            if !part.is_empty() {
                words.push(' ');
                words.push_str(part);
            }
        }
        if !self.reason.is_empty() {
            words.push_str(": ");
            words.push_str(&self.reason);
        }
        let sources: Vec<&str> = sources.iter().copied().filter(|s| !s.is_empty()).collect();
        if !sources.is_empty() {
            words.push_str(&format!(" ({})", sources.join(", ")));
        }
        words
    }
}

/// Audit records that typed data name by `AuditRecordID`.
pub(super) fn named(data: &ClinicalData) -> BTreeMap<&str, Facts> {
    let records = data.audit_records.iter().flat_map(|r| &r.records);
    records.filter_map(|r| Some((r.id.as_deref()?, Facts::of(r)))).collect()
}

//! What must be asked again after an edit?
//!
//! While a rule looks at a dataset, the tables whose contents it reads are noted: a rule cannot reach a table's records,
//! variables or size but through a door that notes it. What it found is kept with the digests of those tables ([`Memory`]). A later
//! run takes it from there when the rule, everything else that is the same for all rules (the *setting*: program, standard, define.xml,
//! terminology, and the names, domains and variables of all datasets) and each table that was read are unchanged. So what is taken is
//! what would be found, whatever rules do.
//!
//! Digests cost O(cells); what is kept, O(findings).

use crate::finding::Finding;
use crate::rule::Rule;
use crate::study::{Study, Table};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What rules found in an earlier run, and what they read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The form of this file.
    form: u32,
    setting: String,
    rules: BTreeMap<String, OfRule>,
}

const FORM: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfRule {
    digest: String,
    datasets: BTreeMap<String, Answer>,
}

/// What a rule gave on one dataset.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// The digest of each table that was read, by its place.
    reads: BTreeMap<String, String>,
    /// What the report must say besides.
    pub(crate) notes: BTreeSet<String>,
    pub(crate) gave: Gave,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gave {
    Found { findings: Vec<Finding>, total: usize },
    Skipped(String),
    Failed(String),
}

impl Memory {
    /// Reads a memory back; `None` if it is none that this program wrote.
    pub fn of_json(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().filter(|memory: &Self| memory.form == FORM)
    }
}

/// The memory of an earlier run held against the study as it is now, and what this run adds.
pub(crate) struct Recall<'m> {
    before: Option<&'m Memory>,
    /// The digest of each table, by its place.
    tables: BTreeMap<String, String>,
    setting: String,
}

impl<'m> Recall<'m> {
    pub(crate) fn new(study: &Study, before: &'m Memory) -> Self {
        let setting = setting(study);
        let tables = study.tables.iter().map(|table| (place(table), content(table))).collect();
        Self { before: Some(before).filter(|before| before.setting == setting), tables, setting }
    }

    /// What the rule gave on a dataset before, unless something that it read is not as it was. At most so many findings are wanted.
    pub(crate) fn answer(&self, rule: &Rule, dataset: &str, most: usize) -> Option<&'m Answer> {
        let kept = self.before?.rules.get(&rule.id).filter(|kept| kept.digest == digest(rule))?;
        let answer = kept.datasets.get(dataset)?;
        let same = answer.reads.iter().all(|(place, digest)| self.tables.get(place) == Some(digest));
        let enough = match &answer.gave {
            Gave::Found { findings, total } => findings.len() == *total || findings.len() >= most,
            Gave::Skipped(_) | Gave::Failed(_) => true,
        };
        (same && enough).then_some(answer)
    }

    /// An answer to keep.
    pub(crate) fn keep(&self, read: Reads, gave: Gave) -> Answer {
        let digest = |place: String| self.tables.get(&place).map(|digest| (place.clone(), digest.clone()));
        Answer { reads: read.tables.into_iter().filter_map(digest).collect(), notes: read.notes, gave }
    }

    /// The memory of this run.
    pub(crate) fn memory(self, rules: &[&Rule], answers: Vec<BTreeMap<String, Answer>>) -> Memory {
        let of_rule = |(rule, datasets): (&&Rule, _)| (rule.id.clone(), OfRule { digest: digest(rule), datasets });
        Memory { form: FORM, setting: self.setting, rules: rules.iter().zip(answers).map(of_rule).collect() }
    }
}

/// What was read while something was asked.
#[derive(Default)]
pub(crate) struct Reads {
    tables: BTreeSet<String>,
    notes: BTreeSet<String>,
}

thread_local! {
    static READS: RefCell<Option<Reads>> = const { RefCell::new(None) };
}

/// Asks something, and tells what was read for it.
pub(crate) fn reading<T>(ask: impl FnOnce() -> T) -> (T, Reads) {
    READS.set(Some(Reads::default()));
    let answer = ask();
    (answer, READS.take().unwrap_or_default())
}

/// Notes that a table's contents are read.
pub(crate) fn read(table: &Table) {
    READS.with_borrow_mut(|reads| {
        if let Some(reads) = reads {
            reads.tables.insert(place(table));
        }
    });
}

/// Notes something that the report must say.
pub(crate) fn said(note: &str) {
    READS.with_borrow_mut(|reads| {
        if let Some(reads) = reads {
            reads.notes.insert(note.to_owned());
        }
    });
}

fn place(table: &Table) -> String {
    format!("{} {}", table.filename, table.name)
}

fn digest(rule: &Rule) -> String {
    hex(Sha256::new_with_prefix(format!("{rule:?}")))
}

/// What is the same for all rules: everything that they can read but the contents of tables.
fn setting(study: &Study) -> String {
    let mut hash = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for text in [&study.product, &study.version, &study.substandard, &study.use_case, &study.package] {
        add(text);
    }
    add(&format!("{:?}", study.terminology.names()));
    add(&format!("{:?}", study.define));
    add(&study.document.as_ref().map(ToString::to_string).unwrap_or_default());
    for table in &study.tables {
        add(&place(table));
        add(&table.label);
        let outline = (table.domain(), table.related_domain(), table.is_associated_persons(), table.prefix());
        add(&format!("{outline:?} {:?}", table.names().collect::<Vec<_>>()));
    }
    hex(hash)
}

/// A table's records and how its file describes them.
fn content(table: &Table) -> String {
    let mut hash = Sha256::new_with_prefix(format!("{} {:?}", table.size(), table.variables()));
    let frame = table.frame();
    for name in frame.names() {
        let Some(column) = frame.column(name) else { continue };
        hash.update(format!("{name} {:?}", column.values()));
        let codes: Vec<u8> = column.codes().flat_map(u32::to_le_bytes).collect();
        hash.update(codes);
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

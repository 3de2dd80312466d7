//! Is every recorded item in a dataset, or known to go nowhere, and is every variable filled that the guide asks for?
//!
//! What the study's own statements of `tabulate/` read is known from their lineage, and stands before what annotations and names say: where a domain is
//! made by a written statement, an item is in it only if the statement reads it. So the report says what the datasets hold, not what was meant.

use super::dictionary::Dictionary;
use super::express;
use super::mapping::{Basis, Fate, ItemMapping, Mapping};
use super::records::table_of;
use super::target::Target;
use crate::datasets::Made;
use crate::sources::Sources;
use crate::world::Maker;
use croft_core::{Cell, Dataset, Finding, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// `SDTMIG 3.4`.
    pub guide: String,
    /// Every item, in the order of the forms.
    pub items: Vec<CoveredItem>,
    /// Required and expected variables that nothing fills.
    pub unfilled: Vec<Unfilled>,
    /// Units of results that stay as collected.
    pub unconverted: Vec<Unconverted>,
}

/// A unit that cannot be brought into the one of its item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Unconverted {
    pub form: String,
    pub group: String,
    pub item: String,
    pub unit: String,
    pub own_unit: String,
}

/// An item, and what becomes of it.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the words are the mapping's")]
pub struct CoveredItem {
    pub form: String,
    pub group: String,
    pub item: String,
    pub label: String,
    /// Values that the snapshot holds.
    pub values: usize,
    pub status: Status,
    /// Where it goes: the variables that hold it as it was collected, else those that are derived from it.
    pub targets: Vec<Target>,
    /// Whether none holds it as it was collected.
    pub derived: bool,
    /// Why it goes nowhere.
    pub reason: String,
    pub basis: Basis,
}

impl CoveredItem {
    /// Its targets, one after the other.
    pub fn targets_in_words(&self) -> String {
        self.targets.iter().map(Target::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// What becomes of an item, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Status {
    Mapped,
    NotSubmitted,
    Unmapped,
}

impl Status {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::NotSubmitted => "not submitted",
            Self::Unmapped => "unmapped",
        }
    }
}

/// A variable that the guide asks for and no record fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfilled {
    /// The domain.
    pub dataset: String,
    /// The variable.
    pub variable: String,
    /// `Req` or `Exp`.
    pub core: String,
    /// Whether the dataset has the column at all.
    pub present: bool,
}

impl Coverage {
    /// Holds the mapping against the datasets that were made.
    pub(crate) fn of(sources: &Sources, dictionary: &Dictionary, mapping: &Mapping, made: &Made) -> Self {
        let values = counts(sources);
        let written = written(sources, made);
        let read = read_by_statements(&written, made);
        let items = mapping.items.iter().map(|item| {
            let key = (item.form.as_str(), item.group.as_str(), item.item.as_str());
            let count = values.get(&key).copied().unwrap_or_default();
            covered(item, count, read.get(&(table_of(dictionary, &item.group), item.item.clone())), &written, made)
        });
        Self {
            guide: mapping.guide.clone(),
            items: items.collect(),
            unfilled: unfilled(dictionary, made),
            unconverted: unconverted(sources, mapping, &written),
        }
    }

    /// How many items have this fate.
    pub fn count(&self, status: Status) -> usize {
        self.items.iter().filter(|i| i.status == status).count()
    }

    /// A remark for each item that goes nowhere without a reason, and for each required variable that nothing fills.
    pub fn findings(&self) -> Vec<Finding> {
        let unmapped = self.items.iter().filter(|i| i.status == Status::Unmapped).map(|i| {
            let message = format!("{} {}.{} ({}) goes to no dataset", i.form, i.group, i.item, i.label);
            Finding::new("TABULATE-UNMAPPED", Severity::Warning, "forms/", message).hint(
                "name it as CDASH does, annotate it with sdtm = \"DATASET.VARIABLE\", or say why it is not_submitted",
            )
        });
        let required = self.unfilled.iter().filter(|u| u.core == "Req").map(|u| {
            let message = format!("nothing fills {}, which {} requires", u.variable, self.guide);
            Finding::new("TABULATE-REQUIRED", Severity::Warning, &u.dataset, message)
                .hint("map an item to it, or select it in a statement of tabulate/")
        });
        let units = self.unconverted.iter().map(|u| {
            let message = format!(
                "{} {}.{}: {} cannot be brought into {}: such results keep their unit",
                u.form, u.group, u.item, u.unit, u.own_unit
            );
            Finding::new("TABULATE-UNIT", Severity::Warning, "forms/", message).hint(
                "leave the unit out of other_units, or convert it in a statement of tabulate/ with the molar mass",
            )
        });
        unmapped.chain(required).chain(units).collect()
    }

    /// The report as a table of its own: a row an item, then a row a variable that nothing fills.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |fields: [&str; 8]| writer.write_record(fields).expect("memory takes every byte");
        write(["form", "group", "item", "label", "values", "status", "target", "reason"]);
        for i in &self.items {
            let (values, targets) = (i.values.to_string(), i.targets_in_words());
            write([&i.form, &i.group, &i.item, &i.label, &values, i.status.words(), &targets, &i.reason]);
        }
        for u in &self.unfilled {
            let reason = format!("{}; the column {}", u.core, if u.present { "is empty" } else { "is absent" });
            write(["", "", "", "", "", "unfilled", &format!("{}.{}", u.dataset, u.variable), &reason]);
        }
        writer.into_inner().expect("memory takes every byte")
    }
}

/// The units that no default statement converts.
fn unconverted(sources: &Sources, mapping: &Mapping, written: &BTreeSet<&str>) -> Vec<Unconverted> {
    let mut found = Vec::new();
    let items =
        sources.forms.iter().flat_map(|f| f.groups.iter().flat_map(move |g| g.items.iter().map(move |i| (f, g, i))));
    for (form, group, item) in items {
        let fate = mapping.item(&form.form, &group.name, &item.name).map(|m| &m.fate);
        for target in fate.into_iter().flat_map(Fate::targets) {
            let Target::Variable { dataset, variable, conditions } = target else { continue };
            if written.contains(dataset.as_str()) || !variable.ends_with("ORRES") {
                continue;
            }
            let test = conditions.iter().find(|(name, _)| name.ends_with("TESTCD")).map_or("", |(_, test)| test);
            found.extend(express::unconvertible(item, test).into_iter().map(|unit| Unconverted {
                form: form.form.clone(),
                group: group.name.clone(),
                item: item.name.clone(),
                unit: unit.to_owned(),
                own_unit: item.unit.clone().unwrap_or_default(),
            }));
        }
    }
    found
}

/// Values recorded of each item.
fn counts(sources: &Sources) -> BTreeMap<(&str, &str, &str), usize> {
    let mut counts = BTreeMap::new();
    for value in &sources.snapshot.values {
        *counts.entry((value.form.as_str(), value.group.as_str(), value.item.as_str())).or_default() += 1;
    }
    counts
}

/// The datasets that the study's own files make or hold.
fn written<'m>(sources: &Sources, made: &'m Made) -> BTreeSet<&'m str> {
    let by_default = |position: &usize| sources.tabulate.get(*position).is_some_and(|s| s.by_default);
    let own = made.world.makers.iter().filter(|(_, maker)| match maker {
        Maker::Statement { stage: "tabulate", position } => !by_default(position),
        Maker::Received(_) => true,
        _ => false,
    });
    own.map(|(name, _)| name.as_str()).collect()
}

/// The variables that the study's own statements make of each item, by table and item.
fn read_by_statements(written: &BTreeSet<&str>, made: &Made) -> BTreeMap<(String, String), BTreeSet<(String, String)>> {
    let mut read: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    for (name, lineage) in written.iter().filter_map(|name| Some((*name, made.lineage.get(*name)?))) {
        for (column, origins) in lineage {
            for (table, source) in origins {
                let item = source.split("__").next().unwrap_or(source);
                let target = (name.to_owned(), column.clone());
                read.entry((table.clone(), item.to_owned())).or_default().insert(target);
            }
        }
    }
    read
}

fn covered(
    item: &ItemMapping,
    values: usize,
    read: Option<&BTreeSet<(String, String)>>,
    written: &BTreeSet<&str>,
    made: &Made,
) -> CoveredItem {
    let read: Vec<Target> =
        read.into_iter().flatten().map(|(dataset, variable)| Target::variable(dataset, variable)).collect();
    let is_read = |target: &Target| read.iter().any(|r| names_same(r, target));
    let meant: Vec<&Target> =
        item.fate.targets().iter().filter(|t| !written.contains(t.dataset()) || is_read(t)).collect();
    // A column's lineage knows no conditions: where the mapping names the same variable, its words are kept.
    let beyond = read.iter().filter(|r| !meant.iter().any(|m| names_same(m, r)));
    let (collected, made_of_it): (Vec<&Target>, Vec<&Target>) =
        beyond.partition(|target| holds_collected(target, made));
    let mut targets = [meant, collected].concat();
    let derived = targets.is_empty() && !made_of_it.is_empty();
    if derived {
        targets = made_of_it;
    }
    let basis = if read.is_empty() { item.basis } else { Basis::Statement };
    let (status, reason) = match &item.fate {
        _ if !targets.is_empty() => (Status::Mapped, String::new()),
        Fate::NotSubmitted(why) => (Status::NotSubmitted, why.clone()),
        Fate::Mapped(_) | Fate::Unmapped => (Status::Unmapped, String::new()),
    };
    CoveredItem {
        form: item.form.clone(),
        group: item.group.clone(),
        item: item.item.clone(),
        label: item.label.clone(),
        values,
        status,
        targets: targets.into_iter().cloned().collect(),
        derived,
        reason,
        basis: if status == Status::Unmapped { Basis::None } else { basis },
    }
}

/// Whether a variable of a written domain holds values as they were collected: it copies them, or the standard says that it is for them (SDTM,
/// `--ORRES`: the result as originally received or collected).
fn holds_collected(target: &Target, made: &Made) -> bool {
    let Target::Variable { dataset, variable, .. } = target else { return false };
    let found = made.world.datasets.get(dataset);
    let found = found.and_then(|data| data.variables().iter().find(|v| v.name == *variable));
    found.is_some_and(|v| v.origin.as_deref() == Some("Collected"))
        || variable.ends_with("ORRES")
        || variable.ends_with("ORRESU")
}

/// Whether two targets are one variable of one dataset.
fn names_same(a: &Target, b: &Target) -> bool {
    match (a, b) {
        (Target::Variable { dataset: da, variable: va, .. }, Target::Variable { dataset: db, variable: vb, .. }) => {
            da == db && va == vb
        }
        _ => a == b,
    }
}

/// Required and expected variables of the tabulation datasets that no record fills.
fn unfilled(dictionary: &Dictionary, made: &Made) -> Vec<Unfilled> {
    let mut unfilled = Vec::new();
    for data in made.order.iter().filter_map(|name| made.world.datasets.get(name)) {
        let Some(guide) = dictionary.domain(&data.name) else { continue };
        for variable in guide.variables.iter().filter(|v| matches!(v.core, "Req" | "Exp")) {
            if data.rows() > 0 && !has_value(data, variable.name) {
                unfilled.push(Unfilled {
                    dataset: data.name.clone(),
                    variable: variable.name.to_owned(),
                    core: variable.core.to_owned(),
                    present: data.index_of(variable.name).is_some(),
                });
            }
        }
    }
    unfilled
}

fn has_value(data: &Dataset, variable: &str) -> bool {
    let filled = |cell: Cell<'_>| !matches!(cell, Cell::Null | Cell::MissingNum(_) | Cell::Text(""));
    (0..data.rows()).any(|row| data.cell(row, variable).is_some_and(filled))
}

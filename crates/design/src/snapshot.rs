//! What was recorded, as frozen at the lock?
//!
//! `data/values.csv` holds one row a value: the full ODM address, the text as entered, the normalised value, unit,
//! missing reason and the event that set it. `data/audit.csv` holds the events: who, when, what, what before, why.
//! `data/allocations.csv`, where subjects were randomised by croft, holds who has which number, and the arm once the study is unblinded.
//! `data/manifest.json` holds their hashes and the lock time, the only time that ever reaches an output.
//! A lock, a file import and the simulator write the same form. Reading costs O(n log n) in values and events.

use crate::definition::Definition;
use crate::entry::{Typed, normalise};
use crate::error::DesignError;
use crate::forms::{Form, Item, ItemGroup, ItemType};
use croft_core::{Cell, Dataset, Finding, PartialDate, Severity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where a value stands, in ODM's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are ODM's")]
pub struct Address {
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub form: String,
    pub form_repeat: u32,
    pub group: String,
    pub group_repeat: u32,
    pub item: String,
}

/// One recorded value; a row of `values.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said in the module's documentation")]
pub struct Value {
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub form: String,
    pub form_repeat: u32,
    pub group: String,
    pub group_repeat: u32,
    pub item: String,
    pub text: String,
    pub value: String,
    pub unit: String,
    pub missing: String,
    pub event: u64,
}

/// One change of one value; a row of `audit.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said in the module's documentation")]
pub struct AuditEntry {
    pub event: u64,
    pub time: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub form: String,
    pub form_repeat: u32,
    pub group: String,
    pub group_repeat: u32,
    pub item: String,
    pub before: String,
    pub after: String,
    pub reason: String,
}

/// A randomised subject; a row of `allocations.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The subject.
    pub subject: String,
    /// Its randomisation number.
    pub number: String,
    /// When it was randomised, RFC 3339 in UTC.
    pub time: String,
    /// Who randomised it.
    pub actor: String,
    /// Its arm, by the code of `study.toml`; empty while the study is blind.
    pub arm: String,
}

macro_rules! addressed {
    ($type:ty) => {
        impl $type {
            /// Where it stands.
            pub fn address(&self) -> Address {
                Address {
                    subject: self.subject.clone(),
                    visit: self.visit.clone(),
                    visit_repeat: self.visit_repeat,
                    form: self.form.clone(),
                    form_repeat: self.form_repeat,
                    group: self.group.clone(),
                    group_repeat: self.group_repeat,
                    item: self.item.clone(),
                }
            }
        }
    };
}
addressed!(Value);
addressed!(AuditEntry);

/// `data/manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// Version of the form; this is 1.
    pub format: u32,
    /// Study identifier.
    pub study: String,
    /// When it was frozen, RFC 3339 in UTC: the only time in any output.
    pub locked_at: String,
    /// Who froze it.
    pub locked_by: String,
    /// What wrote it: a lock, an import, the simulator with its seed.
    pub source: String,
    /// SHA-256 of each file in `data/`.
    pub files: BTreeMap<String, String>,
    /// Who had the codes put in, once they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unblinded: Option<Unblinded>,
    /// Earlier freezes, oldest first.
    #[serde(default)]
    pub history: Vec<Refreeze>,
}

/// How the codes came into the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unblinded {
    /// When the second person agreed, RFC 3339 in UTC.
    pub at: String,
    /// Who asked.
    pub asked_by: String,
    /// Who agreed.
    pub agreed_by: String,
}

/// Why a snapshot was frozen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Refreeze {
    pub locked_at: String,
    pub locked_by: String,
    pub reason: String,
    /// Lock time of the manifest that this freeze replaced.
    #[serde(default)]
    pub replaced_locked_at: String,
    /// Who had locked it.
    #[serde(default)]
    pub replaced_locked_by: String,
    /// SHA-256 of the manifest that this freeze replaced.
    pub replaced: String,
}

/// Reads `data/manifest.json` of this study.
pub fn read_manifest(bytes: &[u8], study: &str) -> Result<Frozen, DesignError> {
    let fault = |message: String, hint: &str| DesignError::Text {
        file: "data/manifest.json".to_owned(),
        message,
        hint: hint.to_owned(),
    };
    let frozen: Frozen = serde_json::from_slice(bytes)
        .map_err(|e| fault(e.to_string(), "put the manifest back: its history must not be lost"))?;
    if frozen.format != 1 {
        let message = format!("its format is {}, and this program reads format 1", frozen.format);
        return Err(fault(message, "use the version of croft that wrote it"));
    }
    if frozen.study != study {
        let message = format!("the snapshot is of study `{}`, and study.toml says `{study}`", frozen.study);
        return Err(fault(message, "put study.id back in study.toml, or bring this study's own snapshot"));
    }
    Ok(frozen)
}

/// A snapshot in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Its manifest.
    pub frozen: Frozen,
    /// Every value, in the file's order.
    pub values: Vec<Value>,
    /// Every event, in order.
    pub audit: Vec<AuditEntry>,
    /// Every subject that croft randomised, in the order of randomisation.
    pub allocations: Vec<Allocation>,
}

/// Reads the rows of `values.csv`.
pub fn read_values(bytes: &[u8]) -> Result<Vec<Value>, DesignError> {
    let values: Vec<Value> = read_csv(bytes)?;
    let keyed: BTreeMap<Address, usize> = values.iter().enumerate().map(|(i, v)| (v.address(), i)).collect();
    if keyed.len() < values.len() {
        let twice = values.iter().enumerate().find(|(i, v)| keyed[&v.address()] != *i);
        let (row, value) = twice.map_or((0, None), |(i, v)| (i + 1, Some(v)));
        return Err(DesignError::Row {
            file: "data/values.csv".to_owned(),
            row,
            message: value.map_or_else(String::new, |v| {
                format!("subject {}, {} {} {} {} stands twice", v.subject, v.visit, v.group, v.group_repeat, v.item)
            }),
            hint: "an address holds one value: remove one row, or give the second its own repeat number".to_owned(),
        });
    }
    Ok(values)
}

/// Reads the rows of `audit.csv`.
pub fn read_audit(bytes: &[u8]) -> Result<Vec<AuditEntry>, DesignError> {
    read_csv(bytes)
}

/// Reads the rows of `allocations.csv`. A subject or number that stands twice, and codes of some subjects only, are refused.
pub fn read_allocations(bytes: &[u8]) -> Result<Vec<Allocation>, DesignError> {
    let rows: Vec<Allocation> = read_csv(bytes)?;
    let (mut subjects, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for (i, row) in rows.iter().enumerate() {
        let fault = |message: String, hint: &str| DesignError::Row {
            file: Allocation::FILE.to_owned(),
            row: i + 1,
            message,
            hint: hint.to_owned(),
        };
        if !subjects.insert(&row.subject) {
            return Err(fault(format!("subject {} stands twice", row.subject), "a subject is randomised once"));
        }
        if !numbers.insert(&row.number) {
            return Err(fault(format!("number {} stands twice", row.number), "a number is given once"));
        }
        if row.arm.is_empty() != rows[0].arm.is_empty() {
            let message = format!("subject {}: codes of some subjects only", row.subject);
            return Err(fault(message, "the codes of all subjects come together, from the vault"));
        }
    }
    Ok(rows)
}

/// A row of a file of the snapshot.
pub trait Row: Serialize + serde::de::DeserializeOwned {
    /// The file, relative to the study folder.
    const FILE: &'static str;
    /// Its columns, in the order of writing.
    const COLUMNS: &'static [&'static str];
}

impl Row for Value {
    const FILE: &'static str = "data/values.csv";
    #[rustfmt::skip]
    const COLUMNS: &'static [&'static str] = &[
        "subject", "visit", "visit_repeat", "form", "form_repeat", "group", "group_repeat", "item",
        "text", "value", "unit", "missing", "event",
    ];
}

impl Row for AuditEntry {
    const FILE: &'static str = "data/audit.csv";
    #[rustfmt::skip]
    const COLUMNS: &'static [&'static str] = &[
        "event", "time", "actor", "role", "action",
        "subject", "visit", "visit_repeat", "form", "form_repeat", "group", "group_repeat", "item",
        "before", "after", "reason",
    ];
}

impl Row for Allocation {
    const FILE: &'static str = "data/allocations.csv";
    const COLUMNS: &'static [&'static str] = &["subject", "number", "time", "actor", "arm"];
}

fn read_csv<T: Row>(bytes: &[u8]) -> Result<Vec<T>, DesignError> {
    const HINT: &str = "the columns are described in docs/study-folder.md; text is UTF-8";
    let fault = |row: usize, message: String| DesignError::Row {
        file: T::FILE.to_owned(),
        row,
        message,
        hint: HINT.to_owned(),
    };
    let whole = |message: String| DesignError::Text { file: T::FILE.to_owned(), message, hint: HINT.to_owned() };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|e| whole(csv_cause(&e)))?;
    if header.is_empty() {
        return Err(whole("the file is empty: not even its columns are named".to_owned()));
    }
    let absent: Vec<&str> = T::COLUMNS.iter().copied().filter(|c| !header.iter().any(|h| h == *c)).collect();
    if !absent.is_empty() {
        return Err(whole(format!("these columns are missing: {}", absent.join(", "))));
    }
    reader.into_deserialize().enumerate().map(|(i, row)| row.map_err(|e| fault(i + 1, csv_cause(&e)))).collect()
}

/// The cause alone: the row is named by the caller.
fn csv_cause(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        _ => error.to_string(),
    }
}

/// The rows as CSV, for `values.csv` and `audit.csv`.
pub fn to_csv<T: Row>(rows: &[T]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(T::COLUMNS).expect("names of columns are always written to memory");
    for row in rows {
        writer.serialize(row).expect("rows of plain fields are always written to memory");
    }
    writer.into_inner().expect("memory takes every byte")
}

impl Snapshot {
    /// Values that are not what their last event set, or not what its text means: edited behind the record's back. O(n log n).
    pub fn audit_findings(&self, forms: &[Form]) -> Vec<Finding> {
        let items = items(forms);
        let mut histories = self.histories();
        let finding = |row: usize, value: &Value, message: String| {
            Finding::new("SNAPSHOT-AUDIT", Severity::Warning, "data/values.csv", message)
                .at(row + 1, &format!("{}.{}", value.group, value.item), &value.text)
                .hint("amend the value in the record, with a reason, and lock again")
        };
        let mut findings = Vec::new();
        for (row, value) in self.values.iter().enumerate() {
            let last = histories.remove(&value.address()).and_then(|events| events.last().copied());
            match last {
                None => findings.push(finding(row, value, "no event recorded this value".to_owned())),
                Some(e) if e.event != value.event || e.after != value.text => {
                    let message = format!("the last event ({}, {}, {}) set `{}`", e.event, e.time, e.actor, e.after);
                    findings.push(finding(row, value, message));
                }
                Some(_) => {}
            }
            if !value.is_meant_by(items.get(&value.of()).copied(), last.map_or("", |e| &e.time)) {
                let message = format!("the normalised value `{}` is not what was entered", value.value);
                findings.push(finding(row, value, message));
            }
        }
        for (address, events) in histories {
            let place = format!("{}/{}/{}/{}", address.subject, address.visit, address.group, address.item);
            let last = events.last().filter(|e| !e.after.is_empty());
            findings.extend(last.map(|e| {
                let message = format!(
                    "{place}: event {} ({}, {}) set `{}`, and no value is there",
                    e.event, e.time, e.actor, e.after
                );
                Finding::new("SNAPSHOT-AUDIT", Severity::Warning, "data/values.csv", message)
                    .hint("a recorded value is never deleted: put it back, or void it in the record with a reason")
            }));
        }
        findings
    }

    /// Values that the study does not provide for: a code that its item does not list, a visit that `study.toml`
    /// does not. A visit is told once, at its first row. O(values).
    pub fn plan_findings(&self, definition: &Definition, forms: &[Form]) -> Vec<Finding> {
        let items = items(forms);
        let mut visits: BTreeSet<&str> = definition.visits.iter().map(|v| v.code.as_str()).collect();
        let mut findings = Vec::new();
        for (row, value) in self.values.iter().enumerate() {
            if visits.insert(&value.visit) {
                findings.push(
                    Finding::new("SNAPSHOT-VISIT", Severity::Warning, Value::FILE, "study.toml lists no such visit")
                        .at(row + 1, "visit", &value.visit)
                        .hint("correct the visit in the record, or add it to study.toml"),
                );
            }
            let Some(item) = items.get(&value.of()) else { continue };
            if value.value.is_empty() && value.missing.is_empty() && !value.text.is_empty() {
                findings.push(
                    Finding::new(
                        "SNAPSHOT-VALUE",
                        Severity::Warning,
                        Value::FILE,
                        "the text is no value of its item, and no reason is given: SQL sees none",
                    )
                    .at(row + 1, &format!("{}.{}", value.group, value.item), &value.text)
                    .hint("amend the value in the record, or give the reason why there is none"),
                );
            }
            if item.codes.is_empty() || value.value.is_empty() {
                continue;
            }
            if !item.codes.contains_key(&value.value) {
                let known = item.codes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let message = format!("the item's codes are: {known}");
                findings.push(
                    Finding::new("SNAPSHOT-CODE", Severity::Warning, Value::FILE, message)
                        .at(row + 1, &format!("{}.{}", value.group, value.item), &value.value)
                        .hint("amend the value in the record, or add the code to the item in forms/"),
                );
            }
        }
        findings
    }

    /// The table of one item group and, row by row, the addresses behind it. O(values).
    pub fn table(&self, form: &Form, group: &ItemGroup) -> Result<Dataset, DesignError> {
        let mut data = Dataset::new(&group.name, &group.label, group.variables());
        data.keys = crate::forms::KEYS.map(str::to_owned).to_vec();
        for values in self.occurrences(form, group).into_values() {
            let first = &self.values[*values.values().next().expect("an occurrence has a value")];
            let mut cells = vec![
                Cell::Text(&first.subject),
                Cell::Text(&first.visit),
                Cell::Num(f64::from(first.visit_repeat)),
                Cell::Text(&first.form),
                Cell::Num(f64::from(first.form_repeat)),
                Cell::Num(f64::from(first.group_repeat)),
            ];
            for item in &group.items {
                match values.get(item.name.as_str()).map(|&row| (row, &self.values[row])) {
                    None => cells.extend([Cell::Null; 4]),
                    Some((row, value)) => {
                        cells.push(normalised(row, value, item.kind)?);
                        cells.extend([&value.text, &value.unit, &value.missing].map(|t| blank_is_null(t)));
                    }
                }
            }
            data.push_row(cells);
        }
        Ok(data)
    }

    /// Each filled occurrence of a group, in key order, with the row of each item's value in `values`.
    pub fn occurrences<'a>(&'a self, form: &Form, group: &ItemGroup) -> BTreeMap<Address, BTreeMap<&'a str, usize>> {
        let mut occurrences: BTreeMap<Address, BTreeMap<&str, usize>> = BTreeMap::new();
        for (row, value) in self.values.iter().enumerate() {
            if value.form == form.form && value.group == group.name {
                let mut key = value.address();
                key.item.clear();
                occurrences.entry(key).or_default().insert(&value.item, row);
            }
        }
        occurrences
    }

    /// Everything that happened, by address, in order. O(events).
    pub fn histories(&self) -> BTreeMap<Address, Vec<&AuditEntry>> {
        let mut histories: BTreeMap<Address, Vec<&AuditEntry>> = BTreeMap::new();
        for entry in &self.audit {
            histories.entry(entry.address()).or_default().push(entry);
        }
        // By event, not by line: the order of a file's lines says nothing.
        histories.values_mut().for_each(|events| events.sort_by_key(|e| e.event));
        histories
    }

    /// Values that no form knows.
    pub fn check_against(&self, forms: &[Form]) -> Result<(), DesignError> {
        for (i, value) in self.values.iter().enumerate() {
            let group =
                forms.iter().filter(|f| f.form == value.form).flat_map(|f| &f.groups).find(|g| g.name == value.group);
            let known = group.is_some_and(|g| g.items.iter().any(|item| item.name == value.item));
            if !known {
                return Err(DesignError::Row {
                    file: "data/values.csv".to_owned(),
                    row: i + 1,
                    message: format!("no form has the item {}/{}/{}", value.form, value.group, value.item),
                    hint: "add the item to a file of forms/; recorded values are never dropped".to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Value {
    /// Form, group and item.
    fn of(&self) -> (&str, &str, &str) {
        (&self.form, &self.group, &self.item)
    }

    /// Whether the normalised value is what the text means: the same text or number, or what entry makes of it ([`crate::entry`]). A date
    /// without its year is one of the year in which it was recorded; `time` is that in UTC, and the day at the site may be the one before or after.
    fn is_meant_by(&self, item: Option<&Item>, time: &str) -> bool {
        if !self.missing.is_empty() {
            return self.value.is_empty();
        }
        let same_number = || matches!((self.value.parse::<f64>(), self.text.parse::<f64>()), (Ok(a), Ok(b)) if a.to_bits() == b.to_bits());
        if self.value == self.text || same_number() {
            return true;
        }
        let day = time.get(..10).and_then(|day| PartialDate::parse(day).ok()).and_then(|day| day.date());
        let (Some(item), Some(day)) = (item, day) else { return false };
        let typed = Typed { text: self.text.clone(), unit: self.unit.clone(), missing: String::new() };
        [0, -1, 1].into_iter().filter_map(|off| day.plus_days(off)).any(|day| {
            let meant = normalise(item, &typed, day);
            meant.value == self.value && meant.missing.is_empty()
        })
    }
}

/// The items of a study by form, group and name.
fn items(forms: &[Form]) -> BTreeMap<(&str, &str, &str), &Item> {
    let groups = forms.iter().flat_map(|f| f.groups.iter().map(move |g| (f, g)));
    groups
        .flat_map(|(f, g)| g.items.iter().map(move |i| ((f.form.as_str(), g.name.as_str(), i.name.as_str()), i)))
        .collect()
}

fn blank_is_null(text: &str) -> Cell<'_> {
    if text.is_empty() { Cell::Null } else { Cell::Text(text) }
}

fn normalised(row: usize, value: &Value, kind: ItemType) -> Result<Cell<'_>, DesignError> {
    if value.value.is_empty() {
        return Ok(Cell::Null);
    }
    match kind.kind() {
        croft_core::Kind::Char => Ok(Cell::Text(&value.value)),
        croft_core::Kind::Num => match value.value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Cell::Num(number)),
            _ => Err(DesignError::Row {
                file: "data/values.csv".to_owned(),
                row: row + 1,
                message: format!(
                    "subject {}, {} {}: the value `{}` of {} is not a number",
                    value.subject, value.visit, value.group, value.value, value.item
                ),
                hint: "a text that is no number stands in `text`, with a reason in `missing` and no `value`".to_owned(),
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "subject,visit,visit_repeat,form,form_repeat,group,group_repeat,item,text,value,unit,missing,event\n";

    fn form() -> Form {
        crate::forms::parse("forms/pk.toml", include_str!("../../study/templates/common/forms/pk.toml")).unwrap()
    }

    fn snapshot(rows: &str) -> Result<Snapshot, DesignError> {
        let frozen = Frozen {
            format: 1,
            study: "X".to_owned(),
            locked_at: String::new(),
            locked_by: String::new(),
            source: String::new(),
            files: BTreeMap::new(),
            unblinded: None,
            history: vec![],
        };
        Ok(Snapshot {
            frozen,
            values: read_values(format!("{HEADER}{rows}").as_bytes())?,
            audit: vec![],
            allocations: vec![],
        })
    }

    #[test]
    fn a_result_below_quantification_keeps_its_text_and_reason() {
        let s = snapshot(
            "1001,P1,1,PK,1,pk_results,2,CONC,<0.500,,ng/mL,BLQ,7\n1001,P1,1,PK,1,pk_results,1,CONC,12.5,12.5,ng/mL,,7\n",
        )
        .unwrap();
        let form = form();
        let table = s.table(&form, &form.groups[1]).unwrap();
        assert_eq!(table.rows(), 2);
        assert_eq!(table.cell(0, "CONC"), Some(Cell::Num(12.5)));
        assert_eq!(table.cell(1, "CONC__text"), Some(Cell::Text("<0.500")));
        assert_eq!(table.cell(1, "CONC__missing"), Some(Cell::Text("BLQ")));
        assert!(table.cell(1, "CONC").unwrap().is_missing());
    }

    #[test]
    fn a_value_that_is_no_number_names_its_row() {
        let s = snapshot("1001,P1,1,PK,1,pk_results,1,CONC,12,5,ng/mL,,7\n");
        assert!(s.is_ok());
        let s = snapshot("1001,P1,1,PK,1,pk_results,1,CONC,n.a.,n.a.,ng/mL,,7\n").unwrap();
        let form = form();
        let error = s.table(&form, &form.groups[1]).unwrap_err();
        assert!(error.to_string().starts_with("data/values.csv, row 1: subject 1001"), "{error}");
    }

    #[test]
    fn a_file_without_its_columns_is_refused() {
        let error = read_values(b"").unwrap_err().to_string();
        assert!(error.starts_with("data/values.csv: the file is empty"), "{error}");
        let error = read_audit(b"event,time\n").unwrap_err().to_string();
        assert!(error.starts_with("data/audit.csv: these columns are missing: actor, role"), "{error}");
        assert_eq!(read_values(&to_csv::<Value>(&[])).unwrap(), []);
    }

    #[test]
    fn a_manifest_of_another_form_or_study_is_refused() {
        let manifest = |format: u32, study: &str| {
            format!(
                r#"{{"format":{format},"study":"{study}","locked_at":"","locked_by":"","source":"","files":{{}},
                "history":[{{"locked_at":"a","locked_by":"b","reason":"c","replaced":"d"}}]}}"#
            )
        };
        assert!(read_manifest(manifest(1, "X").as_bytes(), "X").is_ok(), "a history of before is read");
        let error = read_manifest(manifest(2, "X").as_bytes(), "X").unwrap_err().to_string();
        assert!(error.contains("its format is 2"), "{error}");
        let error = read_manifest(manifest(1, "Y").as_bytes(), "X").unwrap_err().to_string();
        assert!(error.contains("of study `Y`"), "{error}");
        assert!(read_manifest(b"{", "X").is_err());
    }

    #[test]
    fn a_value_is_what_its_text_means_on_the_day_it_was_recorded() {
        let subject = include_str!("../../study/templates/common/forms/subject.toml");
        let forms = [crate::forms::parse("forms/subject.toml", subject).unwrap(), form()];
        let told = |item: &str, text: &str, value: &str, time: &str| {
            let (form, group) = if item == "CONC" { ("PK", "pk_results") } else { ("DM", "demographics") };
            let mut s = snapshot(&format!("1001,SCR,1,{form},1,{group},1,{item},{text},{value},,,7\n")).unwrap();
            let address = s.values[0].address();
            s.audit = vec![AuditEntry {
                event: 7,
                time: time.to_owned(),
                actor: "ada".to_owned(),
                role: String::new(),
                action: "enter".to_owned(),
                subject: address.subject,
                visit: address.visit,
                visit_repeat: 1,
                form: address.form,
                form_repeat: 1,
                group: address.group,
                group_repeat: 1,
                item: address.item,
                before: String::new(),
                after: text.to_owned(),
                reason: String::new(),
            }];
            s.audit_findings(&forms).len()
        };
        let march = "2026-03-16T10:00:00Z";
        for (item, text, value) in [
            ("BRTHDAT", "mar85", "1985-03"),
            ("RFICDAT", "3mar26", "2026-03-03"),
            ("RFICDAT", "0303", "2026-03-03"),
            ("SEX", "female", "F"),
            ("CONC", "5.20", "5.2"),
            ("CONC", "about ten", ""),
        ] {
            assert_eq!(told(item, text, value, march), 0, "{item} {text}");
        }
        assert_eq!(told("RFICDAT", "3112", "2025-12-31", "2026-01-01T03:00:00Z"), 0, "still last year at the site");
        for (item, text, value) in [
            ("RFICDAT", "0303", "2025-03-03"),
            ("BRTHDAT", "mar85", "1986-03"),
            ("SEX", "female", "M"),
            ("CONC", "5.2", "5.3"),
        ] {
            assert_eq!(told(item, text, value, march), 1, "{item} {text}");
        }
    }

    #[test]
    fn what_the_study_does_not_provide_for_is_told() {
        let mut s = snapshot(
            "1001,SCR,1,DM,1,demographics,1,SEX,Q,Q,,,7\n1002,SCR,1,DM,1,demographics,1,SEX,F,F,,,7\n\
             1001,P9,1,PK,1,pk_results,1,CONC,1,1,ng/mL,,7\n1001,P9,1,PK,1,pk_results,2,CONC,1,1,ng/mL,,7\n\
             1001,P9,1,PK,1,pk_results,3,CONC,about ten,,ng/mL,,7\n",
        )
        .unwrap();
        let definition = Definition::parse(include_str!("../../study/templates/be-2x2/study.toml")).unwrap();
        let subject = include_str!("../../study/templates/common/forms/subject.toml");
        let forms = [crate::forms::parse("forms/subject.toml", subject).unwrap(), form()];
        let told: Vec<_> = s.plan_findings(&definition, &forms).into_iter().map(|f| (f.rule, f.row)).collect();
        let expected = [("SNAPSHOT-CODE", Some(1)), ("SNAPSHOT-VISIT", Some(3)), ("SNAPSHOT-VALUE", Some(5))];
        assert_eq!(told, expected.map(|(rule, row)| (rule.to_owned(), row)));
        s.values.retain(|v| v.text == "F");
        assert!(s.plan_findings(&definition, &forms).is_empty());
    }

    #[test]
    fn an_address_that_stands_twice_is_refused() {
        let row = "1001,P1,1,PK,1,pk_results,1,CONC,12.5,12.5,ng/mL,,7\n";
        let error = snapshot(&format!("{row}{row}")).unwrap_err();
        assert!(error.to_string().contains("stands twice"), "{error}");
    }
}

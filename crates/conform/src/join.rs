//! Which records of other datasets stand beside a record?
//!
//! | named | joined |
//! |---|---|
//! | a dataset | on the rule's keys; inner, or left |
//! | `SUPP--` | its qualifiers as columns (QNAM) of their parent records |
//! | `RELREC` | the records that RELREC relates, their columns named `RELREC.` and the variable, the domain replaced by the rule's wildcard |
//! | a parent of the dataset checked (`Child`) | the record that IDVAR and IDVARVAL point to, or the keys |
//!
//! A column that a condition names as `DM.ARMCD` gets that name; another one that both sides have, `NAME.DM`.
//!
//! Cost: O(records + matches) a join.

use crate::column::{Column, NO_ROW};
use crate::frame::{Frame, Matches, chosen};
use crate::operator::{Fault, as_text};
use crate::rule::{Join, Operand, Rule};
use crate::study::{Study, Table};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The table with all that the rule joins.
pub fn joined(rule: &Rule, frame: Frame, table: &Table, study: &Study) -> Result<Frame, Fault> {
    let mut result = frame;
    let mut merged: BTreeSet<String> = BTreeSet::new();
    for join in &rule.joins {
        for other in others(join, &result, table, study) {
            let known_as = other.domain().unwrap_or(&other.name).to_owned();
            if !merged.insert(known_as) {
                continue;
            }
            let right = renamed(rule, join, &study.whole(other));
            result = match join.dataset.as_str() {
                _ if join.child => with_parent(&result, table, other, &right, join)?,
                "RELREC" => related(&result, table, &right, study, &join.wildcard)?,
                name if name.starts_with("SUPP") || name.starts_with("SQ") => with_qualifiers(&result, &right)?,
                _ => on_keys(&result, table.domain(), &right, join)?,
            };
        }
    }
    Ok(result)
}

/// The datasets that a join means.
fn others<'s>(join: &Join, frame: &Frame, table: &Table, study: &'s Study) -> Vec<&'s Table> {
    let name = join.dataset.as_str();
    if join.child {
        if name.starts_with("SUPP") || name.starts_with("SQAP") {
            let related = table.related_domain().filter(|_| name == "SUPP--" || name == table.name);
            return study.tables.iter().filter(|other| related.is_some() && other.domain() == related).collect();
        }
        if Some(name) != table.domain() && name != table.name {
            return Vec::new();
        }
        return match frame.column("RDOMAIN") {
            Some(domains) => {
                let domains: BTreeSet<&str> = domains.present().into_iter().filter_map(Value::as_text).collect();
                study
                    .tables
                    .iter()
                    .filter(|other| other.domain().is_some_and(|domain| domains.contains(domain)))
                    .collect()
            }
            None => {
                let has_keys = |other: &&Table| join.keys.iter().all(|key| other.has(&key.right));
                study.tables.iter().filter(has_keys).collect()
            }
        };
    }
    if name == table.whole_name() {
        return Vec::new();
    }
    let target = table.domain().unwrap_or(&table.name);
    let means = |other: &&Table| {
        let supplemental = name == "SUPP--" && !table.is_supplemental() && other.related_domain() == Some(target);
        other.domain() == Some(name) || other.name == name || other.whole_name() == name || supplemental
    };
    study.tables.iter().filter(means).collect()
}

/// The other dataset with the columns that conditions name as `DATASET.COLUMN` called so.
fn renamed(rule: &Rule, join: &Join, right: &Frame) -> Frame {
    let prefix = format!("{}.", join.dataset);
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for condition in rule.conditions() {
        let operand = match &condition.operand {
            Operand::One(value) => value.as_text(),
            _ => None,
        };
        named.extend(
            [condition.target.as_deref(), operand].into_iter().flatten().filter_map(|name| name.strip_prefix(&prefix)),
        );
    }
    right.renamed(|name| named.contains(name).then(|| format!("{prefix}{name}")))
}

fn column<'f>(frame: &'f Frame, name: &str) -> Result<&'f Column, Fault> {
    frame.column(name).ok_or_else(|| Fault::NoColumn(name.to_owned()))
}

/// Key names, `--` replaced on each side.
fn key_names(join: &Join, left: &str, right: &str) -> Vec<(String, String)> {
    join.keys.iter().map(|key| (key.left.replace("--", left), key.right.replace("--", right))).collect()
}

fn on_keys(left: &Frame, domain: Option<&str>, right: &Frame, join: &Join) -> Result<Frame, Fault> {
    let keys = key_names(join, domain.unwrap_or_default(), &join.dataset);
    let joined = by_keys(left, right, &keys, join.left, &join.dataset)?;
    Ok(joined)
}

fn by_keys(left: &Frame, right: &Frame, keys: &[(String, String)], keep: bool, suffix: &str) -> Result<Frame, Fault> {
    // A key that conditions name as DATASET.KEY was renamed.
    let right_name = |name: &str| if right.has(name) { name.to_owned() } else { format!("{suffix}.{name}") };
    let mine = keys.iter().map(|(name, _)| column(left, name)).collect::<Result<Vec<_>, _>>()?;
    let theirs = keys.iter().map(|(_, name)| column(right, &right_name(name))).collect::<Result<Vec<_>, _>>()?;
    let matches = Matches::new(&mine, left.rows(), &theirs, right.rows());
    let (rows, other_rows) = matches.pairs(keep);
    let shared: Vec<&str> = keys.iter().filter(|(l, r)| l == r).map(|(l, _)| l.as_str()).collect();
    Ok(left.beside(rows, right, other_rows, &shared, suffix))
}

/// Identifiers by which qualifiers find their parents.
const IDENTIFIERS: [&str; 5] = ["STUDYID", "USUBJID", "APID", "POOLID", "SPDEVID"];

/// Qualifiers as columns of their parent records. A qualifier that a parent has twice makes the join ambiguous.
fn with_qualifiers(left: &Frame, right: &Frame) -> Result<Frame, Fault> {
    let (names, values) = (column(right, "QNAM")?, column(right, "QVAL")?);
    let (variables, pointers) = (column(right, "IDVAR")?, column(right, "IDVARVAL")?.map(as_text));
    let shared: Vec<&str> = IDENTIFIERS.into_iter().filter(|name| left.has(name) && right.has(name)).collect();
    let mut cells: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for variable in variables.present() {
        let rows = chosen(&variables.test(|v| v == variable));
        let part = right.take(rows.clone());
        let mut theirs: Vec<Column> = shared.iter().filter_map(|name| part.column(name).cloned()).collect();
        let mut mine: Vec<Column> = shared.iter().filter_map(|name| left.column(name).cloned()).collect();
        if let Some(variable) = variable.as_text() {
            mine.push(column(left, variable)?.map(as_text));
            theirs.push(pointers.gather(&rows));
        }
        let matches = Matches::new(
            &theirs.iter().collect::<Vec<_>>(),
            part.rows(),
            &mine.iter().collect::<Vec<_>>(),
            left.rows(),
        );
        for (i, &row) in rows.iter().enumerate() {
            let Some(name) = names.value(row as usize).as_text() else { continue };
            let of_name = cells.entry(name.to_owned()).or_insert_with(|| vec![NO_ROW; left.rows()]);
            for &parent in matches.of(i) {
                if std::mem::replace(&mut of_name[parent as usize], row) != NO_ROW {
                    return Err(Fault::Unfit(format!("a parent record has the qualifier {name} more than once")));
                }
            }
        }
    }
    let mut result = left.clone();
    for (name, rows) in cells {
        let name = if result.has(&name) { format!("{name}_supp") } else { name };
        result.set(&name, values.gather(&rows));
    }
    Ok(result)
}

/// The records that RELREC relates to each record.
fn related(left: &Frame, table: &Table, relrec: &Frame, study: &Study, wildcard: &str) -> Result<Frame, Fault> {
    let domain = Value::text(table.domain().unwrap_or(&table.name));
    let mine = relrec.filter(&column(relrec, "RDOMAIN")?.test(|v| *v == domain));
    let theirs = relrec.filter(&column(relrec, "RDOMAIN")?.test(|v| *v != domain));
    let keys = ["STUDYID", "USUBJID", "RELID"].map(|name| (name.to_owned(), name.to_owned()));
    let pairs = by_keys(&mine, &theirs, &keys, false, "RIGHT")?;
    let mut index = Index::default();
    let mut result: Option<Frame> = None;
    for other in related_tables(&pairs, study)? {
        let right = study.whole(other);
        let name = other.domain().unwrap_or(&other.name);
        let called = right.renamed(|variable| Some(format!("RELREC.{}", generic(variable, name, wildcard, study))));
        let (mut rows, mut other_rows) = (Vec::new(), Vec::new());
        for pair in 0..pairs.rows() {
            let cell = |name: &str| pairs.column(name).map_or(Value::Missing, |column| column.value(pair).clone());
            if cell("RDOMAIN.RIGHT").as_text() != Some(name) {
                continue;
            }
            let sides = [
                (left, "", cell("IDVAR"), cell("IDVARVAL")),
                (&*right, name, cell("IDVAR.RIGHT"), cell("IDVARVAL.RIGHT")),
            ];
            index.pairs(&cell("USUBJID"), &sides, &mut rows, &mut other_rows)?;
        }
        let part = left.beside(rows, &called, other_rows, &[], name);
        result = Some(result.map_or_else(|| part.clone(), |before| before.append(&part)));
    }
    Ok(result.unwrap_or_default())
}

fn related_tables<'s>(pairs: &Frame, study: &'s Study) -> Result<Vec<&'s Table>, Fault> {
    let domains = column(pairs, "RDOMAIN.RIGHT")?;
    let named = |value: &Value| study.tables.iter().find(|table| table.domain() == value.as_text());
    Ok(domains.present().into_iter().filter_map(named).collect())
}

/// A variable's name with its domain replaced by the wildcard, if the model has it for all domains of a class.
fn generic(variable: &str, domain: &str, wildcard: &str, study: &Study) -> String {
    match variable.strip_prefix(domain) {
        Some(rest) if study.is_generic(&format!("--{rest}")) => format!("{wildcard}{rest}"),
        _ => variable.to_owned(),
    }
}

/// Rows by subject and value.
type Rows = BTreeMap<(Value, Value), Vec<u32>>;

/// Rows by subject and by the value of a variable, made once a dataset and variable.
#[derive(Default)]
struct Index {
    /// By dataset and variable.
    rows: BTreeMap<(String, String), Rows>,
}

/// A dataset, its name, and the variable and value that point into it.
type SideOf<'f> = (&'f Frame, &'f str, Value, Value);

impl Index {
    fn of(&mut self, frame: &Frame, name: &str, variable: &str) -> Result<&Rows, Fault> {
        let key = (name.to_owned(), variable.to_owned());
        if !self.rows.contains_key(&key) {
            let subjects = column(frame, "USUBJID")?;
            let values = column(frame, variable)?.map(as_text);
            let mut rows = Rows::new();
            for row in 0..frame.rows() {
                let place = (subjects.value(row).clone(), values.value(row).clone());
                rows.entry(place).or_default().push(u32::try_from(row).unwrap_or(NO_ROW));
            }
            self.rows.insert(key.clone(), rows);
        }
        Ok(&self.rows[&key])
    }

    /// The pairs of rows that one pair of RELREC records relates: by their values, or, where it has none, by equal values.
    fn pairs(
        &mut self,
        subject: &Value,
        sides: &[SideOf<'_>; 2],
        mine: &mut Vec<u32>,
        theirs: &mut Vec<u32>,
    ) -> Result<(), Fault> {
        let [(left, left_name, left_variable, left_value), (right, right_name, right_variable, right_value)] = sides;
        let (Some(left_variable), Some(right_variable)) = (left_variable.as_text(), right_variable.as_text()) else {
            return Ok(());
        };
        let whole = left_value.is_missing() || right_value.is_missing();
        let of = |rows: &Rows, wanted: &Value| -> Vec<(Value, Value, u32)> {
            let wanted = as_text(wanted);
            let keeps =
                |(of, value): &(Value, Value)| (subject.is_missing() || of == subject) && (whole || *value == wanted);
            let exact = (!subject.is_missing() && !whole).then(|| (subject.clone(), wanted.clone()));
            match exact {
                Some(key) => {
                    rows.get(&key).into_iter().flatten().map(|&row| (key.0.clone(), key.1.clone(), row)).collect()
                }
                None => {
                    let entries = rows.iter().filter(|(key, _)| keeps(key));
                    entries.flat_map(|((s, v), list)| list.iter().map(|&row| (s.clone(), v.clone(), row))).collect()
                }
            }
        };
        let lefts = of(self.of(left, left_name, left_variable)?, left_value);
        let mut rights = Rows::new();
        for (subject, value, row) in of(self.of(right, right_name, right_variable)?, right_value) {
            let value = if whole { value } else { Value::Missing };
            rights.entry((subject, value)).or_default().push(row);
        }
        for (subject, value, row) in lefts {
            let value = if whole { value } else { Value::Missing };
            for &other in rights.get(&(subject, value)).into_iter().flatten() {
                mine.push(row);
                theirs.push(other);
            }
        }
        Ok(())
    }
}

/// Each record with its parent's columns, which replace its own of the same name; a record without parent keeps its own.
fn with_parent(left: &Frame, table: &Table, parent: &Table, right: &Frame, join: &Join) -> Result<Frame, Fault> {
    let parent_domain = parent.domain().unwrap_or_default();
    let by_pointer = join.keys.iter().any(|key| key.left == "IDVAR" || key.left == "IDVARVAL");
    let keys = key_names(join, table.domain().unwrap_or_default(), parent_domain);
    if !by_pointer || !(table.is_supplemental() || left.has("RDOMAIN")) {
        return by_keys(left, right, &keys, true, parent_domain);
    }
    let relevant: Vec<bool> = match left.column("RDOMAIN") {
        Some(domains) if table.related_domain().is_none() => domains.test(|v| v.as_text() == Some(parent_domain)),
        _ => vec![true; left.rows()],
    };
    let keys: Vec<_> = keys.into_iter().filter(|(name, _)| name != "IDVAR" && name != "IDVARVAL").collect();
    let children = left.filter(&relevant);
    let found = parents(&children, right, parent_domain, &keys)?;
    let mut merged = children.clone();
    let has_parent: Vec<bool> = found.iter().map(|&row| row != NO_ROW).collect();
    for name in right.names().map(str::to_owned).collect::<Vec<_>>() {
        let Some(theirs) = right.column(&name).map(|column| column.gather(&found)) else { continue };
        let cells = match children.column(&name) {
            None => theirs,
            Some(own) => (0..children.rows())
                .map(|row| if has_parent[row] { theirs.value(row).clone() } else { own.value(row).clone() })
                .collect(),
        };
        merged.set(&name, cells);
    }
    if table.is_supplemental() {
        return Ok(merged);
    }
    let rest: Vec<bool> = relevant.iter().map(|&keep| !keep).collect();
    Ok(left.filter(&rest).append(&merged))
}

/// The parent's row of each child: among those with equal keys the first that the pointer means, or the first of all
/// where the child points nowhere.
fn parents(children: &Frame, right: &Frame, domain: &str, keys: &[(String, String)]) -> Result<Vec<u32>, Fault> {
    let (variables, pointers) = (column(children, "IDVAR")?, column(children, "IDVARVAL")?.map(as_text));
    let usable: Vec<&(String, String)> = keys.iter().filter(|(l, r)| children.has(l) && right.has(r)).collect();
    let mine: Vec<&Column> = usable.iter().filter_map(|(name, _)| children.column(name)).collect();
    let theirs: Vec<&Column> = usable.iter().filter_map(|(_, name)| right.column(name)).collect();
    let mut found = vec![NO_ROW; children.rows()];
    for variable in variables.present() {
        let called = variable.as_text().unwrap_or_default();
        let names = [called.to_owned(), format!("{called}.{domain}"), format!("{domain}.{called}")];
        let pointed = names.iter().find_map(|name| right.column(name)).map(|column| column.map(as_text));
        let matches = pointed.as_ref().map(|pointed| {
            let mine: Vec<&Column> = mine.iter().copied().chain([&pointers]).collect();
            let theirs: Vec<&Column> = theirs.iter().copied().chain([pointed]).collect();
            Matches::new(&mine, children.rows(), &theirs, right.rows())
        });
        let any = Matches::new(&mine, children.rows(), &theirs, right.rows());
        for (row, place) in found.iter_mut().enumerate() {
            if variables.value(row) != variable {
                continue;
            }
            let nowhere = variable.is_missing() || pointers.value(row).is_missing();
            let candidates =
                if nowhere { any.of(row) } else { matches.as_ref().map_or(&[][..], |matches| matches.of(row)) };
            *place = candidates.first().copied().unwrap_or(NO_ROW);
        }
    }
    Ok(found)
}

//! Running a form's program on a subject's rows.
//!
//! What looks at nothing but its row is worked out on the row; the rest is asked of a database that stays open.

use super::database::{Database, Filling};
use super::expression::Expression;
use super::table::Layout;
use super::{Derived, Entry, EvaluateError, Fired, NotAsked, Outcome, Row, SubjectRows};
use crate::capture::Place;
use crate::definition::Compiled;
use crate::definition::program::{CompiledCheck, Derivation, FORM_ROW, Program, form_row};
use crate::lock::snapshot::SEALED;
use croft_core::date::CivilDate;
use croft_core::{Cell, Dataset, Kind, PartialDate};
use croft_design::entry::{Typed, normalise};
use croft_design::forms::{Form, Item, ItemGroup, Severity};
use croft_query::{RunError, Seen, Session};
use std::collections::{BTreeMap, BTreeSet};

impl Compiled {
    /// Evaluates a form's computations, conditions and checks.
    ///
    /// Cost: O(rows of the groups that its expressions read). An expression over its own row needs no database; for one that looks further the
    /// rows that it reads are put into one that stays open.
    pub fn evaluate(
        &self,
        place: &Place,
        complete: bool,
        today: CivilDate,
        rows: &dyn SubjectRows,
    ) -> Result<Outcome, EvaluateError> {
        let outcomes = self.evaluate_at(&[(place, complete)], today, rows)?;
        Ok(outcomes.into_iter().next().unwrap_or_default())
    }

    /// Evaluates occurrences of one form of one subject, each as [`Self::evaluate`] would, the rows read and the database asked once.
    pub(crate) fn evaluate_at(
        &self,
        places: &[(&Place, bool)],
        today: CivilDate,
        rows: &dyn SubjectRows,
    ) -> Result<Vec<Outcome>, EvaluateError> {
        self.evaluate_by(places, today, rows, true)
    }

    /// `rows_alone`: whether expressions over one row may do without the database.
    pub(super) fn evaluate_by(
        &self,
        places: &[(&Place, bool)],
        today: CivilDate,
        rows: &dyn SubjectRows,
        rows_alone: bool,
    ) -> Result<Vec<Outcome>, EvaluateError> {
        let Some((first, _)) = places.first() else { return Ok(Vec::new()) };
        let no_form = || EvaluateError::NoForm { form: first.form.clone() };
        let form = self.form(&first.form).ok_or_else(no_form)?;
        let program = self.programs.get(&first.form).ok_or_else(no_form)?;
        let mut tables = BTreeMap::new();
        let own = form.groups.iter().map(|g| g.name.as_str());
        let wanted: BTreeSet<&str> = own.chain(program.beyond.keys().map(String::as_str)).collect();
        for group in self.forms.iter().flat_map(|f| &f.groups).filter(|g| wanted.contains(g.name.as_str())) {
            tables.insert(group.name.as_str(), (group, rows.rows(&group.name)?));
        }
        if places.len() > 1 && places.iter().any(|(place, _)| lacks_rows(program, place, &tables)) {
            // A row that is put in for one occurrence is not there for the others.
            let alone = |one: &(&Place, bool)| self.evaluate_by(&[*one], today, rows, rows_alone);
            return Ok(places.iter().map(alone).collect::<Result<Vec<_>, _>>()?.concat());
        }
        rows_of_computed(program, first, &mut tables);
        let (database, whole) = (Database::new(Some(&self.sessions)), Database::new(None));
        let (place, outcome) = (*first, Outcome::default());
        let mut work =
            Evaluation { compiled: self, place, form, program, tables, database, whole, rows_alone, outcome };
        let outcomes =
            work.run(places, today).map_err(|source| EvaluateError::Run { form: form.form.clone(), source })?;
        work.database.close();
        Ok(outcomes)
    }
}

/// Whether a group that is filled once and has computed items has no row.
fn lacks_rows(program: &Program, place: &Place, tables: &Tables<'_>) -> bool {
    program
        .derivations
        .iter()
        .filter_map(|d| tables.get(d.group.as_str()))
        .any(|(group, rows)| lacks_row(group, rows, place))
}

fn lacks_row(group: &ItemGroup, rows: &[Row], place: &Place) -> bool {
    !group.repeating && !rows.iter().any(|r| is_of(r, place))
}

/// A group that is filled once has a row for its computed items before anything is typed into it: they may be computed from other groups.
fn rows_of_computed(program: &Program, place: &Place, tables: &mut Tables<'_>) {
    for derivation in &program.derivations {
        let Some((group, rows)) = tables.get_mut(derivation.group.as_str()) else { continue };
        if lacks_row(group, rows, place) {
            rows.push(empty_row(place));
        }
    }
}

fn empty_row(place: &Place) -> Row {
    Row {
        visit: place.visit.clone(),
        visit_repeat: place.visit_repeat,
        form: place.form.clone(),
        form_repeat: place.form_repeat,
        seq: 1,
        values: BTreeMap::new(),
    }
}

/// The rows of the groups that are looked at, by group.
type Tables<'e> = BTreeMap<&'e str, (&'e ItemGroup, Vec<Row>)>;

/// Values of a computed item, by the row's place in its table; in the order of keys.
type Computed = Vec<(usize, Option<String>)>;

struct Evaluation<'e> {
    compiled: &'e Compiled,
    place: &'e Place,
    form: &'e Form,
    program: &'e Program,
    tables: Tables<'e>,
    database: Database<'e>,
    /// With every column, for expressions that should not have come here.
    whole: Database<'e>,
    rows_alone: bool,
    outcome: Outcome,
}

impl<'e> Evaluation<'e> {
    fn run(&mut self, places: &[(&'e Place, bool)], today: CivilDate) -> Result<Vec<Outcome>, RunError> {
        let program = self.program;
        let computed = self.compute()?;
        let of = |r: &Row| places.iter().any(|(place, _)| is_of(r, place));
        let mut skipped = Vec::new();
        for skip in program.skips.iter().filter(|s| !s.item.is_empty()) {
            skipped.push((skip, self.rows_where(&skip.group, &skip.not_true, of)?));
        }
        let mut broken = Vec::new();
        for check in &program.checks {
            broken.push((check, self.rows_where(&check.group, &check.broken, of)?));
        }
        let mut outcomes = Vec::new();
        for (place, complete) in places {
            self.place = place;
            self.database.changed(FORM_ROW);
            self.whole.changed(FORM_ROW);
            for (derivation, values) in &computed {
                self.tell_derived(derivation, values);
            }
            for skip in program.skips.iter().filter(|s| s.item.is_empty()) {
                if self.form_row_satisfies(&skip.not_true)? {
                    let group = skip.group.clone();
                    self.outcome.not_asked.push(NotAsked { group, seq: 0, item: String::new() });
                }
            }
            for (skip, rows) in &skipped {
                for seq in self.own(&skip.group, rows) {
                    let (group, item) = (skip.group.clone(), skip.item.clone());
                    self.outcome.not_asked.push(NotAsked { group, seq, item });
                }
            }
            for (check, rows) in &broken {
                self.tell_broken(check, rows);
            }
            self.built_in(*complete, today);
            let mut outcome = std::mem::take(&mut self.outcome);
            outcome
                .fired
                .sort_by(|a, b| (&a.group, a.seq, &a.item, &a.check).cmp(&(&b.group, b.seq, &b.item, &b.check)));
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Works out every computation on every row, each behind those that it reads.
    fn compute(&mut self) -> Result<Vec<(&'e Derivation, Computed)>, RunError> {
        let mut all = Vec::new();
        for derivation in &self.program.derivations {
            let computed = match self.computed_here(derivation) {
                Some(computed) => computed,
                None => self.computed_there(derivation)?,
            };
            self.put_in(derivation, &computed);
            self.database.changed(&derivation.group);
            self.whole.changed(&derivation.group);
            all.push((derivation, computed));
        }
        Ok(all)
    }

    fn tell_broken(&mut self, check: &CompiledCheck, rows: &[usize]) {
        for seq in self.own(&check.group, rows) {
            let message = self.message(&check.message, &check.group, seq);
            self.outcome.fired.push(Fired {
                check: check.name.clone(),
                group: check.group.clone(),
                seq,
                item: check.item.clone(),
                message,
                severity: check.severity,
            });
        }
    }

    /// The value for each row of the group, when each follows from its row alone.
    fn computed_here(&self, derivation: &Derivation) -> Option<Computed> {
        if !self.rows_alone {
            return None;
        }
        let (_, rows) = self.tables.get(derivation.group.as_str())?;
        let value = |row| {
            Some(match derivation.value.on(&self.place.subject, row)? {
                Seen::Num(x) => Some(decimal(x)),
                Seen::Text(text) => Some(text.into_owned()),
                Seen::Null | Seen::Bool(_) => None,
            })
        };
        let mut computed =
            rows.iter().map(value).enumerate().map(|(at, v)| Some((at, v?))).collect::<Option<Vec<_>>>()?;
        // In the order in which the database gives them.
        computed
            .sort_by_key(|(at, _)| rows.get(*at).map(|r| (&r.visit, r.visit_repeat, &r.form, r.form_repeat, r.seq)));
        Some(computed)
    }

    fn computed_there(&mut self, derivation: &Derivation) -> Result<Computed, RunError> {
        let found = self.filled(&derivation.value)?.run(&derivation.value.statement, "X")?;
        let Some((_, rows)) = self.tables.get(derivation.group.as_str()) else { return Ok(Vec::new()) };
        let text = |at: usize, name: &str| found.cell(at, name).and_then(Cell::text).unwrap_or_default().to_owned();
        let number = |at: usize, name: &str| found.cell(at, name).and_then(Cell::num).unwrap_or_default();
        let mut computed = Vec::new();
        for at in 0..found.rows() {
            let value = match found.cell(at, "X") {
                Some(Cell::Num(x)) => Some(decimal(x)),
                Some(Cell::Text(text)) => Some(text.to_owned()),
                _ => None,
            };
            let of = |r: &Row| {
                r.visit == text(at, "VISIT")
                    && r.form == text(at, "FORM")
                    && same(r.visit_repeat, number(at, "VISITREP"))
                    && same(r.form_repeat, number(at, "FORMREP"))
                    && same(r.seq, number(at, "SEQ"))
            };
            computed.extend(rows.iter().position(of).map(|row| (row, value)));
        }
        Ok(computed)
    }

    /// A database with the tables filled that an expression reads.
    fn filled(&mut self, expression: &Expression) -> Result<&Session, RunError> {
        let Self { compiled, place, tables, database, whole, rows_alone, .. } = self;
        let entire = !*rows_alone || expression.is_on_row();
        let rows_of = |table: &str| {
            let (group, rows) = tables.get(table)?;
            Some(match compiled.layouts.get(table).filter(|_| !entire) {
                Some(layout) => layout.dataset(&place.subject, rows),
                None => Layout::whole(group).dataset(&place.subject, rows),
            })
        };
        let database = if entire { whole } else { database };
        database.with(&expression.tables, |table| match rows_of(table) {
            Some(rows) => Some(Filling::Rows(rows)),
            None if table == FORM_ROW => Some(Filling::Rows(form_row_of(place))),
            None => compiled.definition.tables().into_iter().find(|t| t.name == table).map(Filling::Fixed),
        })
    }

    /// Whether a condition on the form's address is true.
    fn form_row_satisfies(&mut self, condition: &Expression) -> Result<bool, RunError> {
        let row = empty_row(self.place);
        match condition.on(&self.place.subject, &row).filter(|_| self.rows_alone) {
            Some(seen) => Ok(seen.truth() == Some(true)),
            None => Ok(!self.filled(condition)?.rows_where(&condition.statement)?.is_empty()),
        }
    }

    /// Rows of a group of which a condition is true: those that are asked about, and perhaps others.
    fn rows_where(
        &mut self,
        group: &str,
        condition: &Expression,
        asked: impl Fn(&Row) -> bool,
    ) -> Result<Vec<usize>, RunError> {
        match self.rows_here(group, condition, asked) {
            Some(found) => Ok(found),
            None => self.filled(condition)?.rows_where(&condition.statement),
        }
    }

    fn rows_here(&self, group: &str, condition: &Expression, asked: impl Fn(&Row) -> bool) -> Option<Vec<usize>> {
        if !self.rows_alone || !condition.is_on_row() {
            return None;
        }
        let (_, rows) = self.tables.get(group)?;
        let mut found = Vec::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, r)| asked(r)) {
            if condition.on(&self.place.subject, row)?.truth() == Some(true) {
                found.push(at);
            }
        }
        Some(found)
    }

    /// The numbers of those rows that are the form's.
    fn own(&self, group: &str, rows: &[usize]) -> Vec<u32> {
        let Some((_, all)) = self.tables.get(group) else { return Vec::new() };
        rows.iter().filter_map(|i| all.get(*i)).filter(|r| is_of(r, self.place)).map(|r| r.seq).collect()
    }

    /// Later expressions read what was computed.
    fn put_in(&mut self, derivation: &Derivation, computed: &Computed) {
        let Some((own, rows)) = self.tables.get_mut(derivation.group.as_str()) else { return };
        let unit = unit_of(own, &derivation.item);
        for (at, value) in computed {
            let Some(row) = rows.get_mut(*at) else { continue };
            let value = value.clone().unwrap_or_default();
            let entry = Entry { text: value.clone(), value, unit: unit.clone(), missing: String::new() };
            row.values.insert(derivation.item.clone(), entry);
        }
    }

    fn tell_derived(&mut self, derivation: &Derivation, computed: &Computed) {
        let Some((own, rows)) = self.tables.get(derivation.group.as_str()) else { return };
        for (at, value) in computed {
            let Some(row) = rows.get(*at).filter(|r| is_of(r, self.place)) else { continue };
            self.outcome.derived.push(Derived {
                group: derivation.group.clone(),
                seq: row.seq,
                item: derivation.item.clone(),
                unit: if value.is_some() { unit_of(own, &derivation.item) } else { String::new() },
                value: value.clone(),
            });
        }
    }

    /// The message with the row's values in the place of `{ITEM}`.
    fn message(&self, template: &str, group: &str, seq: u32) -> String {
        let row =
            self.tables.get(group).and_then(|(_, rows)| rows.iter().find(|r| r.seq == seq && is_of(r, self.place)));
        let mut message = template.to_owned();
        for (name, entry) in row.into_iter().flat_map(|r| &r.values).filter(|(_, e)| e.missing != SEALED) {
            let shown = if entry.text.is_empty() { &entry.missing } else { &entry.text };
            message = message.replace(&format!("{{{name}}}"), shown);
        }
        message
    }

    /// Checks that need no SQL.
    fn built_in(&mut self, complete: bool, today: CivilDate) {
        let mut fired = Vec::new();
        for group in &self.form.groups {
            let rows = self.tables.get(group.name.as_str()).map(|(_, rows)| rows.as_slice()).unwrap_or_default();
            let mut any = false;
            for row in rows.iter().filter(|r| is_of(r, self.place)) {
                any = true;
                for item in &group.items {
                    fired.extend(self.item_fault(group, item, row, complete, today));
                }
            }
            let asked = |item: &&Item| complete && item.required && !self.is_skipped(&group.name, 1, &item.name);
            if !any && !group.repeating && group.source.is_none() {
                fired.extend(group.items.iter().filter(asked).map(|item| required(group, 1, item)));
            }
        }
        self.outcome.fired.extend(fired);
    }

    fn is_skipped(&self, group: &str, seq: u32, item: &str) -> bool {
        self.outcome
            .not_asked
            .iter()
            .any(|n| n.group.is_empty() || (n.group == group && (n.seq == 0 || (n.seq == seq && n.item == item))))
    }

    fn item_fault(&self, group: &ItemGroup, item: &Item, row: &Row, complete: bool, today: CivilDate) -> Option<Fired> {
        let entry = row.values.get(&item.name);
        let blank = entry.is_none_or(|e| e.text.is_empty() && e.missing.is_empty());
        let skipped = self.is_skipped(&group.name, row.seq, &item.name);
        if blank {
            let due = complete && item.required && !skipped && item.derive.is_none();
            return due.then(|| required(group, row.seq, item));
        }
        let entry = entry?;
        if skipped {
            let message = format!("{} is recorded although it is not asked here", item.label);
            return Some(fault("croft.not_asked", group, row.seq, item, message));
        }
        if item.derive.is_some() || entry.missing == SEALED {
            return None;
        }
        let typed = Typed { text: entry.text.clone(), unit: entry.unit.clone(), missing: entry.missing.clone() };
        if let Some(problem) =
            normalise(item, &typed, today).problem.filter(|_| entry.value.is_empty() || entry.missing.is_empty())
        {
            // A date without a year was completed on the day it was typed: what counts is whether it was read then.
            if entry.value.is_empty() || problem.check != "format" {
                let message = format!("{} {}: {}", item.label, problem.message, problem.hint);
                return Some(fault(&format!("croft.{}", problem.check), group, row.seq, item, message));
            }
        }
        let later = PartialDate::parse(&entry.value).ok().and_then(|d| d.earliest()).is_some_and(|d| d > today);
        let is_date = !matches!(item.kind.kind(), Kind::Num) && item.codes.is_empty() && looks_like_date(item);
        (is_date && later).then(|| {
            let message = format!("{} is in the future", item.label);
            fault("croft.future", group, row.seq, item, message)
        })
    }
}

fn unit_of(group: &ItemGroup, item: &str) -> String {
    group.items.iter().find(|i| i.name == item).and_then(|i| i.unit.clone()).unwrap_or_default()
}

fn looks_like_date(item: &Item) -> bool {
    use croft_design::forms::ItemType::{Date, Datetime, PartialDate, PartialDatetime};
    matches!(item.kind, Date | PartialDate | Datetime | PartialDatetime)
}

fn required(group: &ItemGroup, seq: u32, item: &Item) -> Fired {
    let message = format!("{} is not filled although the form is complete", item.label);
    fault("croft.required", group, seq, item, message)
}

fn fault(check: &str, group: &ItemGroup, seq: u32, item: &Item, message: String) -> Fired {
    Fired {
        check: check.to_owned(),
        group: group.name.clone(),
        seq,
        item: item.name.clone(),
        message,
        severity: Severity::Query,
    }
}

fn is_of(row: &Row, place: &Place) -> bool {
    row.visit == place.visit
        && row.visit_repeat == place.visit_repeat
        && row.form == place.form
        && row.form_repeat == place.form_repeat
}

/// Whether a count that went through SQL is this one.
fn same(count: u32, number: f64) -> bool {
    (number - f64::from(count)).abs() < 0.5
}

/// The shortest decimal that is this number, without an exponent.
fn decimal(x: f64) -> String {
    format!("{x}")
}

/// The one row in which conditions of forms and groups stand.
fn form_row_of(place: &Place) -> Dataset {
    let mut this = form_row();
    this.push_row([
        Cell::Text(&place.subject),
        Cell::Text(&place.visit),
        Cell::Num(f64::from(place.visit_repeat)),
        Cell::Text(&place.form),
        Cell::Num(f64::from(place.form_repeat)),
    ]);
    this
}

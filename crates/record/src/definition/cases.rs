//! Do checks do what their authors say? Their worked examples are run before a version is published.

use super::Compiled;
use crate::capture::Place;
use crate::check::{Entry, Row, RowsError, SubjectRows};
use croft_core::date::CivilDate;
use croft_design::entry::{Typed, normalise};
use croft_design::forms::{Case, Check, Form, ItemGroup};

/// How an example of a check came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The form.
    pub form: String,
    /// The check.
    pub check: String,
    /// Which of its examples, counted from 1.
    pub case: usize,
    /// Whether it should fire.
    pub expected: bool,
    /// Whether it fired, or why it could not be told.
    pub fired: Result<bool, String>,
}

impl CaseResult {
    /// Whether it came out as its author says.
    pub fn passed(&self) -> bool {
        self.fired == Ok(self.expected)
    }

    /// Where it stands.
    pub fn place(&self) -> String {
        format!("form {}, check {}, case {}", self.form, self.check, self.case)
    }

    /// What came out.
    pub fn message(&self) -> String {
        let word = |fires: bool| if fires { "fires" } else { "does not fire" };
        match &self.fired {
            Ok(fired) => format!("it {}, and its example says that it {}", word(*fired), word(self.expected)),
            Err(error) => error.clone(),
        }
    }
}

impl Compiled {
    /// Runs every example of every check.
    pub fn run_cases(&self) -> Vec<CaseResult> {
        let mut results = Vec::new();
        for form in &self.forms {
            for group in &form.groups {
                for check in &group.checks {
                    results.extend(
                        check.cases.iter().enumerate().map(|(i, case)| self.run_case(form, group, check, i, case)),
                    );
                }
            }
        }
        results
    }

    fn run_case(&self, form: &Form, group: &ItemGroup, check: &Check, index: usize, case: &Case) -> CaseResult {
        let visit = form.visits.first().map_or("", String::as_str);
        let place = Place::first("EXAMPLE", visit, &form.form);
        // Examples name their dates in full: no day is today's.
        let fired = CivilDate::new(2000, 1, 1).map_err(|e| e.to_string()).and_then(|today| {
            let rows = Example { group, row: row_of(group, &place, case, today) };
            let outcome = self.evaluate(&place, false, today, &rows).map_err(|e| e.to_string())?;
            Ok(outcome.fired.iter().any(|f| f.check == check.name))
        });
        CaseResult { form: form.form.clone(), check: check.name.clone(), case: index + 1, expected: case.fires, fired }
    }
}

fn row_of(group: &ItemGroup, place: &Place, case: &Case, today: CivilDate) -> Row {
    let entry = |name: &String, text: &String| {
        let item = group.items.iter().find(|i| i.name == *name)?;
        let now = normalise(item, &Typed { text: text.clone(), ..Typed::default() }, today);
        Some((name.clone(), Entry { text: now.text, value: now.value, unit: now.unit, missing: now.missing }))
    };
    Row {
        visit: place.visit.clone(),
        visit_repeat: 1,
        form: place.form.clone(),
        form_repeat: 1,
        seq: 1,
        values: case.values.iter().filter_map(|(name, text)| entry(name, text)).collect(),
    }
}

/// A subject of whom one row is known.
struct Example<'e> {
    group: &'e ItemGroup,
    row: Row,
}

impl SubjectRows for Example<'_> {
    fn rows(&self, group: &str) -> Result<Vec<Row>, RowsError> {
        Ok(if group == self.group.name { vec![self.row.clone()] } else { Vec::new() })
    }
}

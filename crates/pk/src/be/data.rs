//! Are these data a bioequivalence study?
//!
//! A study comes as rows: subject, sequence, period, treatment, value. [`BeData::new`] proves that each subject is in one sequence, has at most one value
//! a period, took what its sequence says, and that values are positive; no function after it asks again. It takes logarithms once, and
//! orders subjects and periods, so that the order of the rows cannot change a bit of any result.
//!
//! A missing value (an empty cell) is no error: the row is kept out and counted.

use super::design::{self, Design};
use super::error::{BeError, Place};
use croft_core::{Finding, Severity};
use croft_num::math::ln;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The two products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Treatment {
    /// The test product.
    #[serde(rename = "T")]
    Test,
    /// The reference product.
    #[serde(rename = "R")]
    Reference,
}

impl Treatment {
    /// `T` or `R`.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Test => "T",
            Self::Reference => "R",
        }
    }
}

/// How the data name the products. Upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreatmentNames {
    /// The test product's name.
    pub test: String,
    /// The reference product's name.
    pub reference: String,
}

impl Default for TreatmentNames {
    fn default() -> Self {
        Self { test: "T".to_owned(), reference: "R".to_owned() }
    }
}

/// One row as it was read. Texts may carry blanks around them; an empty sequence and period in every row mean a parallel study.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The row's number as a reader of messages counts.
    pub row: usize,
    /// Subject.
    pub subject: String,
    /// Sequence, empty when there are none.
    pub sequence: String,
    /// Period, empty when there are none.
    pub period: String,
    /// Treatment.
    pub treatment: String,
    /// The pharmacokinetic parameter's value; `None` when it is missing.
    pub value: Option<f64>,
}

/// One value that can be analysed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The row it came from.
    pub row: usize,
    /// Position of the subject.
    pub subject: usize,
    /// Position of the subject's sequence; 0 in a parallel study.
    pub sequence: usize,
    /// Period, from 0; 0 in a parallel study.
    pub period: usize,
    /// What was given.
    pub treatment: Treatment,
    /// ln of the value.
    pub ln_value: f64,
}

/// A checked study.
#[derive(Clone, Debug)]
pub struct BeData {
    dataset: String,
    parameter: String,
    subjects: Vec<String>,
    observations: Vec<Observation>,
    design: Design,
    findings: Vec<Finding>,
}

impl BeData {
    /// Checks a study. `dataset` is the file's or dataset's name for messages, `parameter` the name of what is compared.
    ///
    /// # Errors
    /// The first row that breaks a rule; see [`BeError`].
    pub fn new(dataset: &str, parameter: &str, records: &[Record], names: &TreatmentNames) -> Result<Self, BeError> {
        let rows = Rows::read(dataset, records, names)?;
        let design = design::find(dataset, &rows)?;
        let mut findings = Vec::new();
        let mut observations = Vec::new();
        for row in &rows.rows {
            match row.value {
                Some(value) => observations.push(Observation {
                    row: row.row,
                    subject: row.subject,
                    sequence: row.sequence,
                    period: row.period,
                    treatment: row.treatment,
                    ln_value: ln(value),
                }),
                None => findings.push(
                    Finding::new(
                        "BE-MISSING",
                        Severity::Note,
                        dataset,
                        format!("subject {} has no value here; the row is left out", rows.subjects[row.subject]),
                    )
                    .at(row.row, parameter, ""),
                ),
            }
        }
        if observations.is_empty() {
            return Err(BeError::Empty { dataset: dataset.to_owned() });
        }
        for (treatment, missing) in [(Treatment::Test, "test"), (Treatment::Reference, "reference")] {
            if observations.iter().all(|o| o.treatment != treatment) {
                return Err(BeError::OneTreatment { dataset: dataset.to_owned(), missing });
            }
        }
        observations.sort_by_key(|o| (o.subject, o.period));
        findings.sort_by_key(|f| f.row);
        Ok(Self {
            dataset: dataset.to_owned(),
            parameter: parameter.to_owned(),
            subjects: rows.subjects,
            observations,
            design,
            findings,
        })
    }

    /// Name of the file or dataset.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Name of what is compared.
    pub fn parameter(&self) -> &str {
        &self.parameter
    }

    /// Subjects' identifiers, numbers before texts, each in its natural order.
    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    /// Values, by subject and period.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// The design that was found.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Remarks from reading.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The values of each subject, in the order of the subjects; empty for a subject without any.
    pub fn by_subject(&self) -> Vec<&[Observation]> {
        let mut slices = vec![&self.observations[..0]; self.subjects.len()];
        for slice in self.observations.chunk_by(|a, b| a.subject == b.subject) {
            slices[slice[0].subject] = slice;
        }
        slices
    }
}

/// Rows with their texts turned into positions.
pub(super) struct Rows {
    pub subjects: Vec<String>,
    pub sequences: Vec<String>,
    pub periods: Vec<String>,
    pub rows: Vec<Row>,
    /// Whether any row has a sequence or period.
    pub crossover: bool,
}

pub(super) struct Row {
    pub row: usize,
    pub subject: usize,
    pub sequence: usize,
    pub period: usize,
    pub treatment: Treatment,
    pub value: Option<f64>,
}

impl Rows {
    fn read(dataset: &str, records: &[Record], names: &TreatmentNames) -> Result<Self, BeError> {
        if records.is_empty() {
            return Err(BeError::Empty { dataset: dataset.to_owned() });
        }
        let crossover = records.iter().any(|r| !r.sequence.trim().is_empty() || !r.period.trim().is_empty());
        let (subjects, subject_at) = distinct(records.iter().map(|r| r.subject.trim()));
        let (sequences, sequence_at) = distinct(records.iter().map(|r| r.sequence.trim()));
        let (labels, label_at) = distinct(records.iter().map(|r| r.period.trim()));
        let (periods, period_of) = periods(labels);
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            rows.push(Row {
                row: record.row,
                subject: subject_at[record.subject.trim()],
                sequence: sequence_at[record.sequence.trim()],
                period: period_of[label_at[record.period.trim()]],
                treatment: treatment(dataset, record, names)?,
                value: check(dataset, record, crossover)?,
            });
        }
        let rows = Self { subjects, sequences, periods, rows, crossover };
        rows.check_sequences(dataset)?;
        rows.check_duplicates(dataset)?;
        Ok(rows)
    }

    fn check_sequences(&self, dataset: &str) -> Result<(), BeError> {
        let mut first: BTreeMap<usize, &Row> = BTreeMap::new();
        for row in &self.rows {
            let earlier = first.entry(row.subject).or_insert(row);
            if earlier.sequence != row.sequence {
                return Err(BeError::TwoSequences {
                    place: self.place(dataset, row),
                    found: self.sequences[row.sequence].clone(),
                    expected: self.sequences[earlier.sequence].clone(),
                    first_row: earlier.row,
                });
            }
        }
        Ok(())
    }

    fn check_duplicates(&self, dataset: &str) -> Result<(), BeError> {
        let mut first: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for row in &self.rows {
            let Some(first_row) = first.insert((row.subject, row.period), row.row) else { continue };
            let place = self.place(dataset, row);
            return Err(if self.crossover {
                BeError::DuplicatePeriod { place, period: self.periods[row.period].clone(), first_row }
            } else {
                BeError::DuplicateSubject { place, first_row }
            });
        }
        Ok(())
    }

    pub(super) fn place(&self, dataset: &str, row: &Row) -> Box<Place> {
        let subject = self.subjects[row.subject].clone();
        Box::new(Place { dataset: dataset.to_owned(), row: row.row, subject })
    }
}

fn place(dataset: &str, record: &Record) -> Box<Place> {
    Box::new(Place { dataset: dataset.to_owned(), row: record.row, subject: record.subject.trim().to_owned() })
}

fn treatment(dataset: &str, record: &Record, names: &TreatmentNames) -> Result<Treatment, BeError> {
    let found = record.treatment.trim();
    if found.is_empty() {
        return Err(BeError::Blank { dataset: dataset.to_owned(), row: record.row, column: "treatment" });
    }
    let is = |name: &str| found == name || found.to_lowercase() == name.trim().to_lowercase();
    if is(&names.test) {
        Ok(Treatment::Test)
    } else if is(&names.reference) {
        Ok(Treatment::Reference)
    } else {
        Err(BeError::UnknownTreatment {
            place: place(dataset, record),
            found: found.to_owned(),
            test: names.test.clone(),
            reference: names.reference.clone(),
        })
    }
}

/// Checks that the row is filled and that its value, if any, is positive.
fn check(dataset: &str, record: &Record, crossover: bool) -> Result<Option<f64>, BeError> {
    let needed = [
        ("subject", &record.subject, true),
        ("sequence", &record.sequence, crossover),
        ("period", &record.period, crossover),
    ];
    for (column, text, needed) in needed {
        if needed && text.trim().is_empty() {
            return Err(BeError::Blank { dataset: dataset.to_owned(), row: record.row, column });
        }
    }
    match record.value {
        Some(value) if !(value > 0.0 && value.is_finite()) => {
            Err(BeError::NotPositive { place: place(dataset, record), value })
        }
        value => Ok(value),
    }
}

/// The different texts in natural order (whole numbers by size, then the rest as text), and the position of each.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<String>, BTreeMap<&'a str, usize>) {
    let mut positions: BTreeMap<&str, usize> = texts.map(|t| (t, 0)).collect();
    let mut sorted: Vec<&str> = positions.keys().copied().collect();
    sorted.sort_by_key(|&text| (text.parse::<u64>().unwrap_or(u64::MAX), text));
    for (position, &text) in sorted.iter().enumerate() {
        positions.insert(text, position);
    }
    (sorted.into_iter().map(str::to_owned).collect(), positions)
}

/// Periods numbered from 1 keep their number even when one of them has no rows; other names count in their order.
fn periods(labels: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let numbers: Option<Vec<usize>> = labels.iter().map(|l| l.parse().ok().filter(|n| (1..=20).contains(n))).collect();
    match numbers {
        Some(numbers) => {
            let last = numbers.iter().copied().max().unwrap_or(1);
            ((1..=last).map(|n| n.to_string()).collect(), numbers.into_iter().map(|n| n - 1).collect())
        }
        None => {
            let positions = (0..labels.len()).collect();
            (labels, positions)
        }
    }
}

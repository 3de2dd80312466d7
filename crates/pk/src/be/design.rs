//! Which design do the data have?
//!
//! Nobody tells: it is read from what the sequences received in each period. A sequence named in the letters T and R (`TRTR`) is taken at its
//! word, and a row that contradicts it is an error; under any other name (`1`, `AB`) the sequence is what most of its subjects
//! received, and a row that contradicts them is an error.

use super::data::{Rows, Treatment};
use super::error::BeError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesignKind {
    /// One value a subject.
    Parallel,
    /// Each treatment once a subject, at most.
    Crossover,
    /// Some subjects receive the reference more than once, nobody the test.
    PartialReplicate,
    /// Some subjects receive the reference more than once and some the test.
    FullReplicate,
    /// Some subjects receive the test more than once, nobody the reference: of no use for scaling.
    TestReplicate,
}

/// One treatment sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its name in the data.
    pub label: String,
    /// What it has in each period; `None` where no row tells.
    pub treatments: Vec<Option<Treatment>>,
    /// Subjects in it.
    pub subjects: usize,
}

impl Sequence {
    /// `TRTR`, with `-` for a period of which nothing is known.
    pub fn letters(&self) -> String {
        self.treatments.iter().map(|t| t.map_or("-", Treatment::letter)).collect()
    }

    /// In how many periods it has a treatment.
    pub fn times(&self, treatment: Treatment) -> usize {
        self.treatments.iter().filter(|&&t| t == Some(treatment)).count()
    }
}

/// A design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design {
    /// What kind.
    pub kind: DesignKind,
    /// Treatments x sequences x periods (`2x2x4`); `2x2` for two sequences in two periods; `parallel`.
    pub name: String,
    /// Sequences in natural order of their names; empty for a parallel design.
    pub sequences: Vec<Sequence>,
    /// Names of the periods, in order; empty for a parallel design.
    pub periods: Vec<String>,
}

impl Design {
    /// Whether a subject can receive the reference more than once.
    pub fn replicates_reference(&self) -> bool {
        matches!(self.kind, DesignKind::PartialReplicate | DesignKind::FullReplicate)
    }

    /// `TRTR|RTRT`
    pub fn letters(&self) -> String {
        let letters: Vec<_> = self.sequences.iter().map(Sequence::letters).collect();
        letters.join("|")
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DesignKind::Parallel => return f.write_str("a parallel design"),
            DesignKind::Crossover => "crossover",
            DesignKind::PartialReplicate => "partial replicate crossover",
            DesignKind::FullReplicate => "replicate crossover",
            DesignKind::TestReplicate => "crossover that replicates the test only",
        };
        write!(f, "a {} {kind} ({})", self.name, self.letters())
    }
}

/// Finds the design and checks every row against its sequence.
pub(super) fn find(dataset: &str, rows: &Rows) -> Result<Design, BeError> {
    let mut values = vec![0; rows.subjects.len()];
    for row in rows.rows.iter().filter(|r| r.value.is_some()) {
        values[row.subject] += 1;
    }
    if rows.crossover {
        let mut sequences = Vec::with_capacity(rows.sequences.len());
        for sequence in 0..rows.sequences.len() {
            sequences.push(read_sequence(dataset, rows, sequence)?);
        }
        if values.iter().any(|&v| v > 1) {
            return Ok(crossover(sequences, rows.periods.clone()));
        }
    }
    Ok(Design { kind: DesignKind::Parallel, name: "parallel".to_owned(), sequences: Vec::new(), periods: Vec::new() })
}

fn crossover(sequences: Vec<Sequence>, periods: Vec<String>) -> Design {
    let replicated = |t| sequences.iter().any(|s| s.times(t) > 1);
    let kind = match (replicated(Treatment::Test), replicated(Treatment::Reference)) {
        (false, false) => DesignKind::Crossover,
        (false, true) => DesignKind::PartialReplicate,
        (true, true) => DesignKind::FullReplicate,
        (true, false) => DesignKind::TestReplicate,
    };
    let name = match (sequences.len(), periods.len()) {
        (2, 2) => "2x2".to_owned(),
        (s, p) => format!("2x{s}x{p}"),
    };
    Design { kind, name, sequences, periods }
}

/// Reads one sequence: from its name when that is in T and R, else from its subjects.
fn read_sequence(dataset: &str, rows: &Rows, sequence: usize) -> Result<Sequence, BeError> {
    let label = &rows.sequences[sequence];
    let members = || rows.rows.iter().filter(|r| r.sequence == sequence);
    let named = named_treatments(label);
    let periods = rows.periods.len();
    let treatments: Vec<Option<Treatment>> = match &named {
        Some(letters) => (0..periods).map(|p| letters.get(p).copied()).collect(),
        None => (0..periods).map(|p| majority(members().filter(|r| r.period == p).map(|r| r.treatment))).collect(),
    };
    for row in members() {
        let (period, sequence) = (rows.periods[row.period].clone(), label.clone());
        match treatments[row.period] {
            None => {
                return Err(BeError::PeriodBeyondSequence { place: rows.place(dataset, row), period, sequence });
            }
            Some(expected) if expected != row.treatment => {
                let (found, expected) = (row.treatment.letter(), expected.letter());
                let place = rows.place(dataset, row);
                return Err(BeError::SequenceMismatch { place, period, sequence, found, expected });
            }
            Some(_) => {}
        }
    }
    let mut subjects: Vec<usize> = members().map(|r| r.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    Ok(Sequence { label: label.clone(), treatments, subjects: subjects.len() })
}

/// The treatments that a name like `TRTR`, `rt` or `T-R-R` spells; `None` for any other name.
fn named_treatments(label: &str) -> Option<Vec<Treatment>> {
    label
        .chars()
        .filter(|c| !matches!(c, '-' | '/' | ' '))
        .map(|c| match c.to_ascii_uppercase() {
            'T' => Some(Treatment::Test),
            'R' => Some(Treatment::Reference),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
        .filter(|letters| !letters.is_empty())
}

/// The treatment most often given; at a tie the reference.
fn majority(given: impl Iterator<Item = Treatment>) -> Option<Treatment> {
    let (mut test, mut reference) = (0, 0);
    for treatment in given {
        match treatment {
            Treatment::Test => test += 1,
            Treatment::Reference => reference += 1,
        }
    }
    match (test, reference) {
        (0, 0) => None,
        _ if test > reference => Some(Treatment::Test),
        _ => Some(Treatment::Reference),
    }
}

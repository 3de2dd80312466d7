//! The door for concentration files: a table to profiles, every fault with its row and column.
//!
//! A concentration is a number, `BLQ` (also `BQL`, `BLOQ`, `<LLOQ`, `<0.05`), or
//! empty (also `.`, `NA`) when there is no result. All faults are collected before the file is refused.

use crate::table::{self, Number, Row, Table};
use croft_core::Quantity;
use croft_pk::nca::{Observed, Sample};
use std::fmt;

/// Names of the columns.
pub struct Columns<'a> {
    /// Who.
    pub subject: &'a str,
    /// When.
    pub time: &'a str,
    /// How much.
    pub conc: &'a str,
    /// The dose, if it stands in the file.
    pub dose: Option<&'a str>,
    /// What else separates profiles: treatment, period, analyte.
    pub by: &'a [String],
}

/// The rows of one profile.
#[derive(Debug)]
pub struct Group {
    /// Subject.
    pub subject: String,
    /// Values of the `by` columns.
    pub by: Vec<String>,
    /// Samples, in the order of the file; a sample's row is the file's.
    pub samples: Vec<Sample>,
    /// Dose, as the file has it, and its first row.
    pub dose: Option<(String, usize)>,
}

/// A fault of one cell.
#[derive(Debug, PartialEq)]
pub struct Fault {
    row: usize,
    column: String,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, column {}: {}", self.row, self.column, self.what)
    }
}

/// Why a file has no profiles.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("no column `{column}` (found: {})", present.join(", "))]
    MissingColumn { column: String, option: &'static str, present: Vec<String> },
    #[error("{}", shown(.0))]
    Faults(Vec<Fault>),
}

/// The first faults, a line each, and how many more there are.
fn shown(faults: &[Fault]) -> String {
    const MOST: usize = 10;
    let mut lines: Vec<String> = faults.iter().take(MOST).map(Fault::to_string).collect();
    if faults.len() > MOST {
        lines.push(format!("and {} more", faults.len() - MOST));
    }
    lines.join("\n  ")
}

impl InputError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::MissingColumn { column, option, present } => match similar(column, present) {
                Some(name) => format!("did you mean `{option} {name}`?"),
                None => format!("name the column, as `{option} NAME`"),
            },
            Self::Faults(_) => "write numbers with a decimal point, `BLQ` below the limit of quantification, \
                                and leave a cell without result empty"
                .to_owned(),
        }
    }
}

/// A column that begins alike, whatever the case.
fn similar<'a>(wanted: &str, present: &'a [String]) -> Option<&'a String> {
    let wanted = wanted.to_lowercase();
    let alike = |name: &str| !name.is_empty() && (name.starts_with(&wanted) || wanted.starts_with(name));
    present.iter().find(|name| alike(&name.to_lowercase()))
}

/// The profiles of a table, in the order in which they first appear.
pub fn read(table: &Table, columns: &Columns<'_>) -> Result<Vec<Group>, InputError> {
    let places = Places::new(table, columns)?;
    let mut groups: Vec<Group> = Vec::new();
    let mut faults = Vec::new();
    for row in &table.rows {
        places.take(row, columns, &mut groups, &mut faults);
    }
    if faults.is_empty() { Ok(groups) } else { Err(InputError::Faults(faults)) }
}

/// Where the columns stand.
struct Places {
    subject: usize,
    time: usize,
    conc: usize,
    dose: Option<usize>,
    by: Vec<usize>,
}

impl Places {
    fn new(table: &Table, columns: &Columns<'_>) -> Result<Self, InputError> {
        let place = |column: &str, option: &'static str| {
            table.column(column).ok_or_else(|| InputError::MissingColumn {
                column: column.to_owned(),
                option,
                present: table.headings.clone(),
            })
        };
        Ok(Self {
            subject: place(columns.subject, "--subject")?,
            time: place(columns.time, "--time")?,
            conc: place(columns.conc, "--conc")?,
            dose: columns.dose.map(|name| place(name, "--dose-column")).transpose()?,
            by: columns.by.iter().map(|name| place(name, "--by")).collect::<Result<_, _>>()?,
        })
    }

    /// Takes one row into its group, or notes what is wrong with it.
    fn take(&self, row: &Row, columns: &Columns<'_>, groups: &mut Vec<Group>, faults: &mut Vec<Fault>) {
        let cell = |place: usize| row.cells[place].as_str();
        let row = row.number;
        let mut fault = |column: &str, what: String| faults.push(Fault { row, column: column.to_owned(), what });
        let subject = cell(self.subject);
        if subject.is_empty() {
            fault(columns.subject, "no subject".to_owned());
        }
        let time = number(cell(self.time)).map_err(|what| fault(columns.time, what)).ok();
        let observed = observed(cell(self.conc)).map_err(|what| fault(columns.conc, what)).ok();
        let by: Vec<String> = self.by.iter().map(|&place| cell(place).to_owned()).collect();
        let at = groups.iter().rposition(|g| g.subject == subject && g.by == by).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(Group { subject: subject.to_owned(), by, samples: Vec::new(), dose: None });
        }
        if let (Some(place), Some(column)) = (self.dose, columns.dose) {
            let dose = cell(place);
            match &groups[at].dose {
                None if dose.is_empty() => {}
                None => groups[at].dose = Some((dose.to_owned(), row)),
                Some((first, _)) if dose.is_empty() || dose == first => {}
                Some((first, at_row)) => {
                    fault(column, format!("dose `{dose}` after `{first}` in row {at_row} of the same profile"));
                }
            }
        }
        if let (Some(time), Some(observed)) = (time, observed) {
            groups[at].samples.push(Sample { row, time, observed, exclusion: None });
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    match table::number(text) {
        Number::Value(x) => Ok(x),
        Number::Missing => Err("no number".to_owned()),
        Number::Text => Err(format!("`{text}` is not a number")),
    }
}

fn observed(text: &str) -> Result<Observed, String> {
    if matches!(text.to_ascii_uppercase().as_str(), "BLQ" | "BQL" | "BLOQ" | "<LLOQ" | "<LOQ") {
        return Ok(Observed::Blq);
    }
    if let Some(limit) = text.strip_prefix('<') {
        return number(limit.trim()).map(|_| Observed::Blq);
    }
    match table::number(text) {
        Number::Missing => Ok(Observed::Missing),
        Number::Value(conc) if conc < 0.0 => Err(format!("negative concentration {text}")),
        Number::Value(conc) => Ok(Observed::Conc(conc)),
        Number::Text => Err(format!("`{text}` is not a number")),
    }
}

/// A dose as typed: `320` or `320mg`.
pub fn dose(text: &str) -> Result<(f64, Option<croft_core::Unit>), (String, String)> {
    let (value, unit) = match text.trim().parse::<f64>() {
        Ok(value) => (value, None),
        Err(_) => {
            let quantity = Quantity::parse(text).map_err(|error| {
                let cause = std::error::Error::source(&error).map(|c| format!(": {c}")).unwrap_or_default();
                (format!("the dose cannot be used: {error}{cause}"), error.hint())
            })?;
            (quantity.value, Some(quantity.unit))
        }
    };
    if value.is_finite() && value > 0.0 {
        return Ok((value, unit));
    }
    Err((format!("the dose `{text}` is not greater than 0"), "give the amount given, as `320` or `320mg`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns<'static> = Columns { subject: "subject", time: "time", conc: "conc", dose: None, by: &[] };

    fn table(headings: &str, rows: &[&str]) -> Table {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        let rows = rows.iter().enumerate().map(|(i, line)| Row { number: i + 2, cells: cells(line) }).collect();
        Table { name: "pk.csv".to_owned(), headings: cells(headings), rows }
    }

    #[test]
    fn rows_are_grouped_by_subject_in_file_order() {
        let groups = read(&table("subject,time,conc", &["B,0,1", "A,0,BLQ", "B,1,<0.05", "A,1,"]), &COLUMNS).unwrap();
        assert_eq!(groups.iter().map(|g| g.subject.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        let observed: Vec<_> = groups.iter().flat_map(|g| g.samples.iter().map(|s| s.observed)).collect();
        assert_eq!(observed, [Observed::Conc(1.0), Observed::Blq, Observed::Blq, Observed::Missing]);
        assert_eq!(groups[1].samples[1].row, 5);
    }

    #[test]
    fn every_fault_is_told_with_row_and_column() {
        let rows = ["1,zero,1", "1,1,-2", ",2,3", "1,3,1;5", "1,,2"];
        let told = read(&table("subject,time,conc", &rows), &COLUMNS).unwrap_err().to_string();
        for part in [
            "row 2, column time: `zero` is not a number",
            "row 3, column conc: negative concentration -2",
            "row 4, column subject: no subject",
            "row 5, column conc: `1;5` is not a number",
            "row 6, column time: no number",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn a_missing_column_is_looked_for_by_its_beginning() {
        let error = read(&table("subject,time_h,conc", &["1,0,0"]), &COLUMNS).unwrap_err();
        assert_eq!(error.hint(), "did you mean `--time time_h`?");
    }

    #[test]
    fn one_dose_a_profile() {
        let columns = Columns { dose: Some("dose"), ..COLUMNS };
        let groups =
            read(&table("subject,time,conc,dose", &["1,0,0,", "1,1,5,320mg", "1,2,4,320mg"]), &columns).unwrap();
        assert_eq!(groups[0].dose, Some(("320mg".to_owned(), 3)));
        let told =
            read(&table("subject,time,conc,dose", &["1,0,0,100", "1,1,5,200"]), &columns).unwrap_err().to_string();
        assert!(told.contains("row 3, column dose: dose `200` after `100` in row 2"), "{told}");
    }

    #[test]
    fn doses_are_numbers_with_or_without_a_unit() {
        assert_eq!(dose("320").unwrap(), (320.0, None));
        assert_eq!(dose("1.5 mg/kg").unwrap().1.unwrap().as_str(), "mg/kg");
        assert!(dose("0").is_err() && dose("-1mg").is_err() && dose("mg").is_err() && dose("320 zorkmids").is_err());
    }
}

//! The door for concentration files: CSV to profiles, every fault with its row and column.
//!
//! A row is counted as a spreadsheet shows it: the header is row 1. A concentration is a number, `BLQ` (also `BQL`, `BLOQ`, `<LLOQ`, `<0.05`), or
//! empty (also `.`, `NA`) when there is no result. All faults are collected before the file is refused.

use croft_cdisc::charset::{Charset, CharsetError};
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
    #[error("the file is empty")]
    Empty,
    #[error("the file has a header and no rows")]
    NoRows,
    #[error("row {row} is not UTF-8 text")]
    NotUtf8 { row: usize },
    #[error("row {row} is not text in {encoding}")]
    NotInEncoding { row: usize, encoding: String },
    #[error(transparent)]
    Encoding(#[from] CharsetError),
    #[error("there is no column `{column}`; the columns are {}", present.join(", "))]
    MissingColumn { column: String, option: &'static str, present: Vec<String> },
    #[error("there are two columns `{column}`")]
    TwoColumns { column: String },
    #[error("row {row} has {found} cells, the header has {expected}")]
    Ragged { row: usize, found: u64, expected: u64 },
    #[error("it cannot be read as CSV: {0}")]
    Csv(csv::Error),
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
            Self::Empty | Self::NoRows => "give a CSV file with a header and a row a sample".to_owned(),
            Self::NotUtf8 { .. } => {
                "name its encoding, as `--encoding windows-1252`, or save the file as UTF-8".to_owned()
            }
            Self::NotInEncoding { .. } => "name the encoding that the file was saved in".to_owned(),
            Self::Encoding(error) => error.hint().to_owned(),
            Self::MissingColumn { column, option, present } => match similar(column, present) {
                _ if present.len() == 1 => "save the file with commas between the cells".to_owned(),
                Some(name) => format!("did you mean `{option} {name}`?"),
                None => format!("name the column, as `{option} NAME`"),
            },
            Self::TwoColumns { .. } => "rename one of them".to_owned(),
            Self::Ragged { .. } => "put quotes around a cell that has a comma in it".to_owned(),
            Self::Csv(_) => "save the file as comma-separated text".to_owned(),
            Self::Faults(_) => {
                "write numbers with a decimal point, `BLQ` below the limit of quantification, and leave a cell without result empty"
                    .to_owned()
            }
        }
    }
}

/// A column that begins alike, whatever the case.
fn similar<'a>(wanted: &str, present: &'a [String]) -> Option<&'a String> {
    let wanted = wanted.to_lowercase();
    let alike = |name: &str| !name.is_empty() && (name.starts_with(&wanted) || wanted.starts_with(name));
    present.iter().find(|name| alike(&name.to_lowercase()))
}

/// Reads the profiles of a file, in the order in which they first appear. `encoding` is UTF-8 when none is named.
pub fn read(bytes: &[u8], columns: &Columns<'_>, encoding: Option<&str>) -> Result<Vec<Group>, InputError> {
    let text = decode(bytes, encoding)?;
    if text.trim().is_empty() {
        return Err(InputError::Empty);
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().map_err(csv_error)?.iter().map(str::to_owned).collect();
    let places = Places::new(&header, columns)?;
    let mut groups: Vec<Group> = Vec::new();
    let mut faults = Vec::new();
    for record in reader.records() {
        let record = record.map_err(csv_error)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = record.position().map_or(0, |p| p.line() as usize);
        places.take(&record, row, columns, &mut groups, &mut faults);
    }
    if !faults.is_empty() {
        return Err(InputError::Faults(faults));
    }
    if groups.is_empty() { Err(InputError::NoRows) } else { Ok(groups) }
}

fn decode(bytes: &[u8], encoding: Option<&str>) -> Result<String, InputError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let charset = encoding.map_or(Ok(Charset::UTF_8), Charset::named)?;
    if let Some(text) = charset.decode(bytes) {
        return Ok(text.into_owned());
    }
    let bad = bytes.split(|&b| b == b'\n').position(|line| charset.decode(line).is_none());
    let row = bad.map_or(1, |i| i + 1);
    Err(match encoding {
        None => InputError::NotUtf8 { row },
        Some(_) => InputError::NotInEncoding { row, encoding: charset.name() },
    })
}

fn csv_error(error: csv::Error) -> InputError {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => InputError::Ragged {
            row: pos.as_ref().map_or(0, |p| p.line() as usize),
            found: *len,
            expected: *expected_len,
        },
        _ => InputError::Csv(error),
    }
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
    fn new(header: &[String], columns: &Columns<'_>) -> Result<Self, InputError> {
        let place = |column: &str, option: &'static str| {
            let mut found = (0..header.len()).filter(|&i| header[i] == column);
            let first = found.next().ok_or_else(|| InputError::MissingColumn {
                column: column.to_owned(),
                option,
                present: header.to_vec(),
            })?;
            match found.next() {
                Some(_) => Err(InputError::TwoColumns { column: column.to_owned() }),
                None => Ok(first),
            }
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
    fn take(
        &self,
        record: &csv::StringRecord,
        row: usize,
        columns: &Columns<'_>,
        groups: &mut Vec<Group>,
        faults: &mut Vec<Fault>,
    ) {
        let cell = |place: usize| record.get(place).unwrap_or("");
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
    if text.is_empty() {
        return Err("no number".to_owned());
    }
    text.parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(|| format!("`{text}` is not a number"))
}

fn observed(text: &str) -> Result<Observed, String> {
    match text.to_ascii_uppercase().as_str() {
        "" | "." | "NA" => return Ok(Observed::Missing),
        "BLQ" | "BQL" | "BLOQ" | "<LLOQ" | "<LOQ" => return Ok(Observed::Blq),
        _ => {}
    }
    if let Some(limit) = text.strip_prefix('<') {
        return number(limit.trim()).map(|_| Observed::Blq);
    }
    let conc = number(text)?;
    if conc < 0.0 { Err(format!("negative concentration {text}")) } else { Ok(Observed::Conc(conc)) }
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

    fn fault(text: &str) -> String {
        read(text.as_bytes(), &COLUMNS, None).unwrap_err().to_string()
    }

    #[test]
    fn rows_are_grouped_by_subject_in_file_order() {
        let groups = read(b"subject,time,conc\nB,0,1\nA,0,BLQ\nB,1,<0.05\nA,1,\n", &COLUMNS, None).unwrap();
        assert_eq!(groups.iter().map(|g| g.subject.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        let observed: Vec<_> = groups.iter().flat_map(|g| g.samples.iter().map(|s| s.observed)).collect();
        assert_eq!(observed, [Observed::Conc(1.0), Observed::Blq, Observed::Blq, Observed::Missing]);
        assert_eq!(groups[1].samples[1].row, 5);
    }

    #[test]
    fn every_fault_is_told_with_row_and_column() {
        let told = fault("subject,time,conc\n1,zero,1\n1,1,-2\n,2,3\n1,3,\"1,5\"\n");
        for part in [
            "row 2, column time: `zero` is not a number",
            "row 3, column conc: negative concentration -2",
            "row 4, column subject: no subject",
            "row 5, column conc: `1,5` is not a number",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(fault(""), "the file is empty");
        assert_eq!(fault("subject,time,conc\n"), "the file has a header and no rows");
        assert!(fault("subject,time,conc\n1,2\n").starts_with("row 2 has 2 cells"));
    }

    #[test]
    fn a_missing_column_is_looked_for_by_its_beginning() {
        let error = read(b"subject,time_h,conc\n1,0,0\n", &COLUMNS, None).unwrap_err();
        assert_eq!(error.hint(), "did you mean `--time time_h`?");
    }

    #[test]
    fn a_named_encoding_is_read() {
        let bytes = b"subject,time,conc\nM\xfcller,0,1\n";
        assert!(matches!(read(bytes, &COLUMNS, None), Err(InputError::NotUtf8 { row: 2 })));
        assert_eq!(read(bytes, &COLUMNS, Some("windows-1252")).unwrap()[0].subject, "Müller");
        assert!(matches!(read(bytes, &COLUMNS, Some("klingon")), Err(InputError::Encoding(_))));
    }

    #[test]
    fn doses_are_numbers_with_or_without_a_unit() {
        assert_eq!(dose("320").unwrap(), (320.0, None));
        assert_eq!(dose("1.5 mg/kg").unwrap().1.unwrap().as_str(), "mg/kg");
        assert!(dose("0").is_err() && dose("-1mg").is_err() && dose("mg").is_err() && dose("320 zorkmids").is_err());
    }
}

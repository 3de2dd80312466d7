//! Which tables come in files? Datasets received from outside (`data/`), and tables that people keep beside the statements
//! (`tabulate/*.csv`, `derive/*.csv`).
//!
//! **Received**: SDTM of an earlier step, laboratory or concentration data, in any format that `croft data` reads, also xz-compressed. Each file
//! stands in the snapshot's manifest with its hash; a build refuses one that is not there or is another. An empty text
//! is a null, as in every dataset that croft makes. Keys, which the gate's proofs need, are taken from the standard where the
//! dataset has them: `STUDYID, USUBJID, --SEQ` (SDTMIG 3.4, 4.1: --SEQ is unique for a subject within a domain), else the standard's natural keys.
//!
//! **Kept**: reference values, limits of grades, analysis windows, decodes: one CSV file a table, named by its file. Lines at
//! its top that begin with `#` are its heading:
//! ```text
//! # keys: PARAMCD, DIRECTION, GRADE
//! # source: where the facts come from, in words
//! PARAMCD,DIRECTION,GRADE,COMPARATOR,LIMIT,REFERENCE,UNIT
//! ```
//! A column is a number when each of its fields is one (`croft_cdisc::csv`).

use crate::error::StudyError;
use croft_cdisc::{csv, files, model};
use croft_core::{Cell, Dataset, Finding};
use std::collections::BTreeMap;

/// A table that a file holds.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file, relative to the study folder.
    pub file: String,
    /// Its content.
    pub data: Dataset,
    /// What is remarkable in it.
    pub findings: Vec<Finding>,
}

/// Files of `data/` that are the record's, or the manifest.
const RECORD: [&str; 4] = ["values.csv", "audit.csv", "allocations.csv", "manifest.json"];

/// Whether a file of `data/`, named from there, holds datasets received from outside.
pub fn is_received(name: &str) -> bool {
    !RECORD.contains(&name) && files::Format::of(name).is_some()
}

/// Reads a file of `data/`; `name` is its path from there.
pub fn received(name: &str, bytes: &[u8]) -> Result<Vec<Table>, StudyError> {
    let file = format!("data/{name}");
    let loaded = files::load(name, bytes, &files::LoadOptions::default()).map_err(|e| StudyError::Text {
        file: file.clone(),
        message: sentence(&e),
        hint: e.hint().to_owned(),
    })?;
    let mut tables = Vec::new();
    for loaded in loaded {
        let mut data = with_nulls(&loaded.dataset);
        data.keys = standard_keys(&data);
        tables.push(Table { file: file.clone(), data, findings: loaded.findings });
    }
    Ok(tables)
}

/// Reads a table that is kept beside the statements.
pub fn kept(file: &str, stem: &str, text: &str) -> Result<Table, StudyError> {
    let fault =
        |message: String, hint: &str| StudyError::Text { file: file.to_owned(), message, hint: hint.to_owned() };
    let mut keys = Vec::new();
    let mut body = String::with_capacity(text.len());
    let mut in_heading = true;
    for line in text.lines() {
        in_heading = in_heading && line.starts_with('#');
        if !in_heading {
            body.push_str(line);
        } else if let Some(names) = line.trim_start_matches('#').trim().strip_prefix("keys:") {
            keys = names.split(',').map(|k| k.trim().to_owned()).collect();
        }
        // The heading's lines stay as empty ones, so that an error names the file's line.
        body.push('\n');
    }
    let read = csv::read(body.as_bytes(), &csv::CsvOptions::default()).map_err(|e| fault(sentence(&e), e.hint()))?;
    let mut data = with_nulls(&read.dataset);
    data.name = stem.to_owned();
    if let Some(key) = keys.iter().find(|k| data.index_of(k).is_none()) {
        return Err(fault(format!("the key `{key}` is none of its columns"), "correct the line `# keys:`"));
    }
    data.keys = keys;
    let mut findings = read.findings;
    findings.iter_mut().for_each(|f| f.dataset = stem.to_owned());
    Ok(Table { file: file.to_owned(), data, findings })
}

/// An error with its cause, since a table's fault is often named only there.
fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The same dataset with nulls for empty texts.
fn with_nulls(data: &Dataset) -> Dataset {
    let mut same = Dataset::new(&data.name, &data.label, data.variables().to_vec());
    copy_cells(&mut same, data);
    same
}

/// Puts the cells of one dataset into another with the same columns. An empty text becomes a null: a transport file cannot
/// tell them apart, and what is analysed must be what is submitted.
pub fn copy_cells(into: &mut Dataset, from: &Dataset) {
    for (into, from) in into.columns_mut().iter_mut().zip(from.columns()) {
        for row in 0..from.len() {
            match from.get(row) {
                Cell::Text("") => into.push(Cell::Null),
                cell => into.push(cell),
            }
        }
    }
}

/// The keys that the standard gives a dataset of this name.
fn standard_keys(data: &Dataset) -> Vec<String> {
    let has = |name: &str| data.index_of(name).is_some();
    let sequence = format!("{}SEQ", data.name.get(..2).unwrap_or(&data.name));
    let by_sequence = ["STUDYID", "USUBJID", &sequence];
    if by_sequence.iter().all(|k| has(k)) {
        return by_sequence.map(str::to_owned).to_vec();
    }
    let natural = model::dataset(&data.name).map_or(&[][..], |d| &d.keys);
    if natural.iter().all(|k| has(k)) { natural.to_vec() } else { Vec::new() }
}

/// Two tables of one name, case not regarded: SQL could not tell them apart.
pub fn all_named_once(tables: &[Table]) -> Result<(), StudyError> {
    let mut seen: BTreeMap<String, &Table> = BTreeMap::new();
    for table in tables {
        if let Some(first) = seen.insert(table.data.name.to_ascii_uppercase(), table) {
            return Err(StudyError::Text {
                file: table.file.clone(),
                message: format!("the table {} is in {} as well", table.data.name, first.file),
                hint: "keep one of the two files, or rename the table".to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_core::Kind;

    #[test]
    fn a_kept_table_has_its_keys_from_its_heading() {
        let text = "# keys: PARAMCD, GRADE\n# source: protocol 5.2\nPARAMCD,GRADE,LIMIT\nALT,1,3\nALT,2,\n";
        let table = kept("derive/limits.csv", "limits", text).unwrap();
        assert_eq!((table.data.name.as_str(), table.data.rows()), ("limits", 2));
        assert_eq!(table.data.keys, ["PARAMCD", "GRADE"]);
        assert_eq!(table.data.variables()[2].kind, Kind::Num);
        assert_eq!(table.data.cell(1, "LIMIT"), Some(Cell::MissingNum(croft_core::Missing::ORDINARY)));
    }

    #[test]
    fn what_is_wrong_with_a_kept_table_is_named_with_its_line() {
        let error = kept("derive/x.csv", "x", "# keys: A, C\nA,B\n1,2\n").unwrap_err();
        assert_eq!(error.to_string(), "derive/x.csv: the key `C` is none of its columns");
        let error = kept("derive/x.csv", "x", "# keys: A\nA,B\n1,2,3\n").unwrap_err();
        assert!(error.to_string().contains("line 3 has 3 fields"), "{error}");
        assert!(kept("derive/x.csv", "x", "").is_err());
    }

    #[test]
    fn a_received_dataset_has_the_standard_s_keys_and_no_empty_text() {
        let csv = b"STUDYID,USUBJID,AESEQ,AETERM\nS,S-1,1,HEADACHE\nS,S-1,2,\n";
        let tables = received("sdtm/ae.csv", csv).unwrap();
        assert_eq!(tables[0].file, "data/sdtm/ae.csv");
        assert_eq!(tables[0].data.keys, ["STUDYID", "USUBJID", "AESEQ"]);
        assert_eq!(tables[0].data.cell(1, "AETERM"), Some(Cell::Null));
        assert!(is_received("sdtm/ae.xpt.xz") && !is_received("values.csv") && !is_received("acrf.pdf"));
        assert!(received("ae.xpt", b"no transport file").is_err());
        assert!(all_named_once(&[tables[0].clone(), tables[0].clone()]).is_err());
    }
}

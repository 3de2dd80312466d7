//! What does a file of `tabulate/` or `derive/` say? A heading in comments, then one statement.
//!
//! ```sql
//! -- dataset: ADPC, Concentrations for Noncompartmental Analysis
//! -- class: BASIC DATA STRUCTURE
//! -- structure: One record per subject, parameter and planned time
//! -- keys: STUDYID, USUBJID, PARAMCD, APERIOD, NRRLT
//! -- sequence: ASEQ within USUBJID
//! -- variable: BLQFL, Below Quantification Flag, text
//! -- variable: AVISIT, Analysis Visit, text(16)
//! -- variable: ADT, Analysis Date, date
//! -- variable: AVISITN, Analysis Visit (N), integer 8.1
//! -- method AVAL: Zero before the first measurable concentration, otherwise missing, when below quantification
//! select ...
//! ```
//! The rows come out in the order of the keys; `sequence` then numbers them, so that no statement has to (it selects 0).
//! Labels and types of the standard's variables are known (`croft_cdisc::model`); only others need a `variable` line. A text's length is that of its
//! longest value unless the line says another; what follows the type is the display format (a numeric date has `DATE9.` unless said).

use crate::error::StudyError;
use croft_core::DataType;
use std::collections::BTreeMap;

/// A statement with what its heading says.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The file, relative to the study folder.
    pub file: String,
    /// The dataset it makes.
    pub dataset: String,
    /// The dataset's label; empty when the standard's is to be used.
    pub label: String,
    /// The dataset's class in the words of define.xml; empty when the standard's is to be used.
    pub class: String,
    /// What one record is; empty when the standard's is to be used.
    pub structure: String,
    /// Variables that name a row.
    pub keys: Vec<String>,
    /// The variable that numbers the rows, and the variable within which it counts.
    pub sequence: Option<(String, String)>,
    /// Variables that the standard does not have, or has otherwise.
    pub variables: BTreeMap<String, Described>,
    /// How derived variables are derived, in words, by variable.
    pub methods: BTreeMap<String, String>,
    /// The whole text: the heading is comment to SQL.
    pub sql: String,
    /// Whether croft wrote it, for want of a file of this dataset.
    pub by_default: bool,
}

/// A variable as a heading describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its label.
    pub label: String,
    /// Its meaning.
    pub data_type: DataType,
    /// Bytes reserved for a text; `None`: as many as the longest value has.
    pub length: Option<u32>,
    /// Display format of a number.
    pub format: Option<String>,
}

/// Reads a file's heading.
pub fn parse(file: &str, sql: &str) -> Result<Statement, StudyError> {
    let fault = |line: usize, message: String| StudyError::Text {
        file: file.to_owned(),
        message: format!("line {line}: {message}"),
        hint: "the heading is described in docs/study-folder.md".to_owned(),
    };
    let mut statement = Statement {
        file: file.to_owned(),
        dataset: String::new(),
        label: String::new(),
        class: String::new(),
        structure: String::new(),
        keys: Vec::new(),
        sequence: None,
        variables: BTreeMap::new(),
        methods: BTreeMap::new(),
        sql: sql.to_owned(),
        by_default: false,
    };
    for (i, line) in sql.lines().enumerate() {
        let Some(comment) = line.strip_prefix("--") else { break };
        let Some((word, rest)) = comment.trim().split_once(':') else { continue };
        let rest = rest.trim();
        match word.trim() {
            "dataset" => {
                let (name, label) = rest.split_once(',').unwrap_or((rest, ""));
                statement.dataset = name.trim().to_owned();
                statement.label = label.trim().to_owned();
            }
            "class" => statement.class = rest.to_owned(),
            "structure" => statement.structure = rest.to_owned(),
            "keys" => statement.keys = rest.split(',').map(|k| k.trim().to_owned()).collect(),
            "sequence" => {
                let names = rest.split_once(" within ").map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()));
                statement.sequence =
                    Some(names.ok_or_else(|| fault(i + 1, format!("`{rest}` is not NAME within NAME")))?);
            }
            "variable" => {
                let (name, variable) = variable(rest).map_err(|message| fault(i + 1, message))?;
                statement.variables.insert(name, variable);
            }
            word => {
                if let Some(name) = word.strip_prefix("method ") {
                    statement.methods.insert(name.trim().to_owned(), rest.to_owned());
                }
            }
        }
    }
    if statement.dataset.is_empty() || statement.keys.is_empty() {
        return Err(fault(1, "the heading names no dataset or no keys".to_owned()));
    }
    Ok(statement)
}

/// `NAME, label, type`; the label may hold commas.
fn variable(text: &str) -> Result<(String, Described), String> {
    let parts =
        text.split_once(',').and_then(|(name, rest)| rest.rsplit_once(',').map(|(label, kind)| (name, label, kind)));
    let Some((name, label, kind)) = parts else {
        return Err(format!("`{text}` is not NAME, label, type"));
    };
    let (data_type, length, format) = meaning(kind.trim())?;
    Ok((name.trim().to_owned(), Described { label: label.trim().to_owned(), data_type, length, format }))
}

/// `text`, `text(20)`, `date`, `integer 8.1`.
fn meaning(text: &str) -> Result<(DataType, Option<u32>, Option<String>), String> {
    let (word, format) = text.split_once(' ').map_or((text, None), |(word, format)| (word, Some(format.trim())));
    let (word, length) = match word.strip_suffix(')').and_then(|w| w.split_once('(')) {
        Some((word, digits)) => (word, Some(digits)),
        None => (word, None),
    };
    let data_type = match word {
        "text" => DataType::Text,
        "integer" => DataType::Integer,
        "float" => DataType::Float,
        "date" => DataType::Date,
        "time" => DataType::Time,
        "datetime" => DataType::Datetime,
        other => return Err(format!("`{other}` is no type: text, integer, float, date, time or datetime")),
    };
    // A character variable of a transport file holds at most 200 bytes (FDA Study Data Technical Conformance Guide). A date may be a text.
    let length = match length.map(|digits| (digits, digits.parse())) {
        None => None,
        Some((_, Ok(n))) if !matches!(word, "integer" | "float") && (1..=200).contains(&n) => Some(n),
        Some((digits, _)) => return Err(format!("`({digits})` is no length: a text has 1 to 200 bytes")),
    };
    if format.is_some() && data_type == DataType::Text {
        return Err(format!("`{text}`: a text has no display format"));
    }
    Ok((data_type, length, format.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_read_and_the_sql_stays_whole() {
        let sql = "-- dataset: ADPC, Concentrations\n-- keys: USUBJID, NRRLT\n-- variable: BLQFL, Below, or not, text\n-- method AVAL: as is\nselect 1";
        let statement = parse("derive/adpc.sql", sql).unwrap();
        assert_eq!(statement.dataset, "ADPC");
        assert_eq!(statement.keys, ["USUBJID", "NRRLT"]);
        let described = &statement.variables["BLQFL"];
        assert_eq!((described.label.as_str(), described.data_type), ("Below, or not", DataType::Text));
        assert_eq!(statement.methods["AVAL"], "as is");
        assert_eq!(statement.sql, sql);
    }

    #[test]
    fn a_heading_without_keys_is_refused() {
        let error = parse("derive/x.sql", "-- dataset: X\nselect 1").unwrap_err();
        assert!(error.to_string().starts_with("derive/x.sql: line 1"), "{error}");
    }

    #[test]
    fn a_variable_line_may_say_length_and_display_format() {
        let of = |text: &str| variable(text).map(|(_, v)| (v.data_type, v.length, v.format));
        assert_eq!(of("AVISIT, Analysis Visit, text(16)"), Ok((DataType::Text, Some(16), None)));
        assert_eq!(of("AVISITN, Visit (N), integer 8.1"), Ok((DataType::Integer, None, Some("8.1".to_owned()))));
        assert_eq!(of("ADT, Date, date"), Ok((DataType::Date, None, None)));
        for bad in ["X, l, text(0)", "X, l, text(201)", "X, l, text(a", "X, l, float(8)", "X, l, text $20.", "X, l"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}

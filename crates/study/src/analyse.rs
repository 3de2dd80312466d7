//! What is found in the analysis datasets? `analyse/*.toml`, in the words of ARS: dataset, where, groups, method, options.
//!
//! ```toml
//! title = "Pharmacokinetic parameters by treatment"
//! method = "summary"
//! dataset = "ADPP"
//! where = "PKFL = 'Y'"
//! parameter = "PARAMCD"
//! groups = ["TRTA"]
//! [options]
//! value = "AVAL"
//! ```
//! A method is a row of [`METHODS`]: its name, what it does, and a pure function from chosen rows to results.
//! Each result names the rows that it used, so that it can be followed back.

mod bioequivalence;
mod count;
mod proportionality;
mod summary;

use crate::error::StudyError;
use croft_core::{AnalysisResult, Cell, Dataset, Group, RowSet, StatValue};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A method that `analyse/*.toml` can name.
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    run: fn(&Request<'_>) -> Result<Vec<AnalysisResult>, StudyError>,
}

/// All methods.
pub const METHODS: [Method; 4] = [
    Method {
        name: "summary",
        about: "n, moments, geometric moments and order statistics of a numeric variable",
        run: summary::run,
    },
    Method {
        name: "count",
        about: "subjects and records by level of one or more variables, with percentages of a denominator",
        run: count::run,
    },
    Method {
        name: "bioequivalence",
        about: "ratio of test to reference with its confidence interval, by design and regulator",
        run: bioequivalence::run,
    },
    Method {
        name: "dose-proportionality",
        about: "power model of exposure on dose with its criterion",
        run: proportionality::run,
    },
];

/// A file of `analyse/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// What is shown of it in lists.
    pub title: String,
    /// Name of the method.
    pub method: String,
    /// What it is for, when define.xml is to tell of it: `PRIMARY OUTCOME MEASURE` (a term of `ANLPURP`, or words of your own).
    pub purpose: Option<String>,
    /// Why it is done: `SPECIFIED IN PROTOCOL` (a term of `ANLREAS`); without it `SPECIFIED IN SAP`.
    pub reason: Option<String>,
    /// The dataset analysed.
    pub dataset: String,
    /// Which rows, as an SQL condition.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The column that distinguishes parameters; each is analysed by itself.
    pub parameter: Option<String>,
    /// Columns whose combinations are analysed by themselves.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether all groups together are analysed besides.
    #[serde(default)]
    pub total: bool,
    /// What the method wants to know besides.
    #[serde(default)]
    pub options: toml::Table,
}

impl Analysis {
    /// Reads a file of `analyse/`.
    pub fn parse(file: &str, text: &str) -> Result<Self, StudyError> {
        let analysis: Self = toml::from_str(text).map_err(|e| StudyError::Text {
            file: file.to_owned(),
            message: e.to_string().trim_end().to_owned(),
            hint: "an analysis has title, method, dataset, and may have purpose, reason, where, parameter, groups, total and [options]"
                .to_owned(),
        })?;
        method(&analysis.method)?;
        Ok(analysis)
    }
}

impl Analysis {
    /// What the method does, in one sentence.
    pub fn about(&self) -> &'static str {
        method(&self.method).map_or("", |method| method.about)
    }

    /// The columns that are analysed, as the options name them.
    pub fn variables(&self) -> Vec<String> {
        let named = ["value", "values", "variables", "nested"].into_iter().filter_map(|key| self.options.get(key));
        let texts = |value: &toml::Value| match value {
            toml::Value::String(text) => vec![text.clone()],
            toml::Value::Array(all) => all.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        named.flat_map(texts).collect()
    }

    /// Other datasets that the method reads.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let denominator = self.options.get("denominator").and_then(|d| d.get("dataset"));
        denominator.and_then(toml::Value::as_str).into_iter()
    }
}

fn method(name: &str) -> Result<&'static Method, StudyError> {
    METHODS.iter().find(|m| m.name == name).ok_or_else(|| StudyError::Unknown {
        what: "method",
        name: name.to_owned(),
        known: METHODS.map(|m| m.name).join(", "),
    })
}

/// What a method is given.
pub struct Request<'a> {
    /// Name of the analysis: its file's stem.
    pub name: &'a str,
    /// The file, for messages.
    pub file: &'a str,
    /// What it asks for.
    pub analysis: &'a Analysis,
    /// The dataset.
    pub data: &'a Dataset,
    /// The chosen rows, ascending.
    pub rows: Vec<usize>,
    /// Every dataset, for denominators.
    pub datasets: &'a BTreeMap<String, Dataset>,
}

/// Runs an analysis.
pub fn run(request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    (method(&request.analysis.method)?.run)(request)
}

/// Results as they are kept: one JSON object a line.
pub fn to_lines(results: &[AnalysisResult]) -> Vec<u8> {
    let mut lines = Vec::new();
    for result in results {
        serde_json::to_writer(&mut lines, result).expect("plain data is always written to memory");
        lines.push(b'\n');
    }
    lines
}

/// Reads kept results.
pub fn from_lines(file: &str, bytes: &[u8]) -> Result<Vec<AnalysisResult>, StudyError> {
    bytes
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            serde_json::from_slice(line).map_err(|e| StudyError::Text {
                file: format!("out/{file}"),
                message: e.to_string(),
                hint: "delete the output folder and build again".to_owned(),
            })
        })
        .collect()
}

impl Request<'_> {
    /// The options as the method's own type.
    fn options<T: serde::de::DeserializeOwned>(&self) -> Result<T, StudyError> {
        self.analysis.options.clone().try_into().map_err(|e: toml::de::Error| StudyError::Text {
            file: self.file.to_owned(),
            message: format!("[options]: {}", e.message()),
            hint: format!("the options of `{}` are listed in docs/study-folder.md", self.analysis.method),
        })
    }

    /// The options as they are kept with each result: canonical JSON.
    fn options_text(&self) -> String {
        // serde_json's map keeps the order it is given; toml's table is sorted by key.
        serde_json::to_string(&self.analysis.options).unwrap_or_default()
    }

    fn fault(&self, message: String, hint: &str) -> StudyError {
        StudyError::Method { file: self.file.to_owned(), message, hint: hint.to_owned() }
    }

    /// A column that must be there.
    fn column(&self, name: &str) -> Result<&croft_core::Column, StudyError> {
        self.data.column(name).ok_or_else(|| {
            self.fault(format!("{} has no variable {name}", self.data.name), "check the spelling; names are upper case")
        })
    }

    /// The chosen rows by parameter and by group, in the order of their values.
    fn partition(&self) -> Result<Parts, StudyError> {
        let mut parts = Parts::new();
        let parameter = self.analysis.parameter.as_deref().map(|p| self.column(p)).transpose()?;
        let groups = self.analysis.groups.iter().map(|g| self.column(g)).collect::<Result<Vec<_>, _>>()?;
        for &row in &self.rows {
            let name = parameter.map_or_else(String::new, |column| Level::of(column.get(row)).text);
            let levels: Vec<Level> = groups.iter().map(|column| Level::of(column.get(row))).collect();
            if self.analysis.total && !levels.is_empty() {
                parts.entry((name.clone(), Vec::new())).or_default().push(row);
            }
            parts.entry((name, levels)).or_default().push(row);
        }
        Ok(parts)
    }

    /// A result of this analysis.
    fn result(&self, parameter: &str, groups: Vec<Group>, rows: &[usize]) -> Draft {
        Draft(AnalysisResult {
            analysis: self.name.to_owned(),
            method: self.analysis.method.clone(),
            dataset: self.data.name.clone(),
            groups,
            parameter: parameter.to_owned(),
            statistic: String::new(),
            value: StatValue::NotCalculable(String::new()),
            unit: String::new(),
            options: self.options_text(),
            rows: RowSet::new(rows.to_vec()),
        })
    }

    /// The unit that the rows have in common, from the dataset's `AVALU`.
    fn unit(&self, rows: &[usize]) -> String {
        let unit = |row: &usize| self.data.cell(*row, "AVALU").and_then(Cell::text).unwrap_or("").to_owned();
        let first = rows.first().map(unit).unwrap_or_default();
        if rows.iter().all(|row| unit(row) == first) { first } else { String::new() }
    }

    fn groups(&self, levels: &[Level]) -> Vec<Group> {
        self.analysis
            .groups
            .iter()
            .zip(levels)
            .map(|(variable, level)| Group { variable: variable.clone(), value: level.text.clone() })
            .collect()
    }
}

/// Rows by parameter and levels of the groups.
type Parts = BTreeMap<(String, Vec<Level>), Vec<usize>>;

/// What all statistics of one part have in common.
struct Draft(AnalysisResult);

impl Draft {
    fn with(&self, statistic: &str, value: StatValue, unit: &str) -> AnalysisResult {
        AnalysisResult { statistic: statistic.to_owned(), value, unit: unit.to_owned(), ..self.0.clone() }
    }

    fn num(&self, statistic: &str, value: f64, unit: &str) -> AnalysisResult {
        self.with(statistic, StatValue::Num(value), unit)
    }

    /// A number, or the reason why there is none.
    fn maybe(&self, statistic: &str, value: Option<f64>, reason: &str, unit: &str) -> AnalysisResult {
        self.with(statistic, value.map_or_else(|| StatValue::NotCalculable(reason.to_owned()), StatValue::Num), unit)
    }
}

/// A group's value: numbers in numeric order before texts in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Level {
    text: String,
    /// Bits of the number, ordered as the numbers are.
    order: Option<i64>,
}

impl Level {
    fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Num(x) => {
                let bits = x.to_bits() as i64;
                let order = bits ^ (((bits >> 63) as u64) >> 1) as i64;
                Self { text: format!("{x}"), order: Some(order) }
            }
            Cell::Text(text) => Self { text: text.to_owned(), order: None },
            Cell::MissingNum(_) | Cell::Null => Self { text: String::new(), order: None },
        }
    }
}

impl Ord for Level {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self.order, other.order) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => self.text.cmp(&other.text),
        }
    }
}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_groups_come_in_numeric_order() {
        let mut levels: Vec<Level> = [10.0, -1.0, 0.25, 2.0].iter().map(|&x| Level::of(Cell::Num(x))).collect();
        levels.push(Level::of(Cell::Text("A")));
        levels.sort();
        let shown: Vec<_> = levels.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(shown, ["-1", "0.25", "2", "10", "A"]);
    }

    #[test]
    fn an_unknown_method_is_refused_with_the_known_ones() {
        let error = Analysis::parse("analyse/x.toml", "title='x'\nmethod='magic'\ndataset='ADPP'").unwrap_err();
        assert_eq!(error.to_string(), "there is no method `magic`");
        assert!(error.hint().contains("summary, count"));
    }
}

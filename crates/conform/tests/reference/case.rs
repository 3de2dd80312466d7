//! A published rule's test case: its data as a study, what it expects.

use croft_conform::column::Column;
use croft_conform::finding::Shown;
use croft_conform::frame::Frame;
use croft_conform::rule::Rule;
use croft_conform::run::{Outcome, check};
use croft_conform::study::{Study, Table, TableVariable};
use croft_conform::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

/// How far found and expected agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    None,
    /// Both find something, or neither does.
    A,
    /// The same datasets and records.
    B,
    /// The same rows.
    C,
}

/// One row of a report: dataset, record, variable, value; or path, attribute, value.
pub type Row = Vec<String>;

pub struct Case {
    /// `negative/01`.
    pub name: String,
    json: Json,
    document: Option<Json>,
    pub expected: Option<BTreeSet<Row>>,
}

fn read(path: &Path) -> Json {
    let bytes = std::fs::read(path).unwrap();
    let bytes = if croft_cdisc::xz::is_xz(&bytes) { croft_cdisc::xz::unpack(&bytes).unwrap() } else { bytes };
    serde_json::from_slice(&bytes).unwrap()
}

/// Every rule with its cases.
pub fn cases(folder: &Path) -> impl Iterator<Item = (String, Json, Vec<Case>)> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let folder = folder.to_owned();
    paths.into_iter().map(move |path| {
        let json = read(&path);
        let id = json["id"].as_str().unwrap().to_owned();
        let inputs = folder.join(format!("usdm-inputs/{id}.json.xz"));
        let inputs = inputs.exists().then(|| read(&inputs));
        let each = json["cases"].as_array().unwrap().iter().map(|case| {
            let name = format!("{}/{}", case["kind"].as_str().unwrap(), case["case"].as_str().unwrap());
            let document = inputs.as_ref().and_then(|inputs| inputs.get(&name)).cloned();
            let expected = case["expected"].as_array().map(|rows| rows.iter().map(expected_row).collect());
            Case { name, json: case.clone(), document, expected }
        });
        let each: Vec<Case> = each.collect();
        (id, json["rule"].clone(), each)
    })
}

fn expected_row(row: &Json) -> Row {
    let cells = row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap_or_default().to_owned());
    let mut cells: Row = cells.collect();
    if let Some(value) = cells.last_mut() {
        *value = canonical(value);
    }
    cells
}

/// One way to write a value: missing is written as nothing, `null`, `None` or blanks; a whole number with or without `.0`;
/// lists come from sets, so their order means nothing.
fn canonical(value: &str) -> String {
    if value == "null" || value == "None" || value.trim().is_empty() {
        return String::new();
    }
    if let Some(whole) = value.strip_suffix(".0")
        && whole.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit())
    {
        return whole.to_owned();
    }
    if let Some(items) = value.strip_prefix("['").and_then(|rest| rest.strip_suffix("']")) {
        let mut items: Vec<&str> = items.split("', '").collect();
        items.sort_unstable();
        return format!("['{}']", items.join("', '"));
    }
    value.to_owned()
}

impl Case {
    fn env(&self, key: &str) -> &str {
        self.json["env"][key].as_str().unwrap_or_default()
    }

    pub fn run(&self, rule: &Rule) -> Outcome {
        let cited = rule.citations.first();
        let product = match self.env("PRODUCT") {
            "" => cited.map(|c| c.standard.clone()).unwrap_or_default(),
            product => product.to_owned(),
        };
        let version = match self.env("VERSION") {
            "" => cited.map(|c| c.version.clone()).unwrap_or_default(),
            version => version.to_owned(),
        };
        let usdm = product.eq_ignore_ascii_case("usdm");
        let mut study = match &self.document {
            Some(document) => {
                let entities = croft_cdisc::usdm::entities(document);
                Study::new(
                    entities.iter().map(|entity| Table::of_entity(entity, "usdm.json")).collect(),
                    &product,
                    &version,
                )
            }
            None => {
                let tables = self.json["datasets"].as_array().into_iter().flatten().map(|dataset| table(dataset, usdm));
                Study::new(tables.collect(), &product, &version)
            }
        };
        study.document = self.document.clone();
        let define = self.json["define_xml"].as_str().map(|text| croft_cdisc::define::read(text.as_bytes()));
        study.define = define.and_then(Result::ok);
        study = study.with_substandard(self.env("SUBSTANDARD"));
        study.use_case = self.env("USE_CASE").to_owned();
        check(&study, rule)
    }

    /// The rows that the published report would have.
    pub fn rows(&self, outcome: &Outcome) -> BTreeSet<Row> {
        let by_path = self.json["expected_header"][0] == "path";
        let each = outcome.findings.iter().flat_map(|finding| {
            finding.variables.iter().map(move |(name, shown)| {
                let value = match shown {
                    Shown::Value(value) => value.to_string(),
                    Shown::NotInDataset => "Not in dataset".to_owned(),
                };
                let value = canonical(&value);
                let record = finding.record.map(|record| record.to_string()).unwrap_or_default();
                if by_path {
                    vec![finding.path.clone().unwrap_or_default(), name.clone(), value]
                } else {
                    vec![finding.dataset.clone(), record, name.clone(), value]
                }
            })
        });
        each.collect()
    }
}

fn table(dataset: &Json, usdm: bool) -> Table {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let filename = text(&dataset["filename"]);
    let variables: Vec<TableVariable> = dataset["variables"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|v| TableVariable {
            name: text(&v[0]),
            label: text(&v[1]),
            data_type: text(&v[2]),
            length: v[3].as_str().and_then(|n| n.trim().parse().ok()),
            format: String::new(),
        })
        .collect();
    let rows: Vec<Vec<String>> = dataset["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row.as_array().unwrap().iter().map(&text).collect())
        .collect();
    let mut frame = Frame::of_rows(rows.len());
    for (i, column) in dataset["columns"].as_array().into_iter().flatten().enumerate() {
        let name = text(column);
        let declared = variables.iter().find(|v| v.name == name).map(|v| v.data_type.clone());
        let cell = |row: &Vec<String>| row.get(i).cloned().unwrap_or_default();
        let kind = declared.unwrap_or_else(|| guessed(&rows.iter().map(cell).collect::<Vec<_>>()));
        let cells: Column = rows.iter().map(|row| value(&cell(row), &kind)).collect();
        frame.set(&name, cells);
    }
    let name = filename.trim_end_matches(".csv").to_owned();
    let filename = format!("{name}.csv");
    // File names are cut at 27 characters; an entity's label is its whole name.
    let label = text(&dataset["label"]);
    let name = match usdm {
        true if label.starts_with(&name) => label,
        true => name,
        false => name.to_uppercase(),
    };
    if usdm {
        frame.set("_path", (0..rows.len()).map(|i| Value::text(&format!("/{name}/{i}"))).collect());
    }
    Table::new(&name, &text(&dataset["label"]), &filename, 0, variables, frame)
}

/// A column that no one described is read by what it holds.
fn guessed(cells: &[String]) -> String {
    let filled = || cells.iter().filter(|cell| !cell.is_empty());
    let kind = if filled().next().is_none() {
        "Num"
    } else if filled().all(|cell| cell.parse::<i64>().is_ok()) {
        if cells.iter().any(String::is_empty) { "Num" } else { "Int" }
    } else if filled().all(|cell| cell.parse::<f64>().is_ok()) {
        "Num"
    } else if filled().all(|cell| ["True", "TRUE", "true", "False", "FALSE", "false"].contains(&cell.as_str())) {
        "Boolean"
    } else {
        "Char"
    };
    kind.to_owned()
}

fn value(text: &str, kind: &str) -> Value {
    match kind {
        _ if text.is_empty() => Value::Missing,
        "Num" | "Number" => text.trim().parse().map_or_else(|_| Value::text(text), Value::number),
        "Int" => text.parse().map_or_else(|_| Value::text(text), Value::Integer),
        "Boolean" => match text {
            "True" | "TRUE" | "true" | "1" => Value::Flag(true),
            "False" | "FALSE" | "false" | "0" => Value::Flag(false),
            other => Value::text(other),
        },
        _ => Value::text(text),
    }
}

pub fn level(expected: &BTreeSet<Row>, found: &BTreeSet<Row>) -> Level {
    if expected == found {
        return Level::C;
    }
    let heads = |rows: &BTreeSet<Row>| {
        rows.iter().map(|row| row[..row.len().saturating_sub(2)].to_vec()).collect::<BTreeSet<Row>>()
    };
    if heads(expected) == heads(found) {
        Level::B
    } else if expected.is_empty() == found.is_empty() {
        Level::A
    } else {
        Level::None
    }
}

//! Which table does a rule of each type look at?
//!
//! Column names are those that published rules use (`variable_name`, `dataset_label`, `define_variable_size`, ...).

use crate::column::Column;
use crate::frame::{Frame, Matches};
use crate::operator::Fault;
use crate::rule::{Rule, RuleType};
use crate::study::{Study, Table};
use crate::value::Value;

/// The table, for a dataset (for the study, of domain presence).
pub fn of(rule: &Rule, table: &Table, study: &Study) -> Result<Frame, Fault> {
    match rule.rule_type {
        RuleType::RecordData => Ok((*study.whole(table)).clone()),
        RuleType::DatasetMetadata => Ok(parts(table, study, dataset)),
        RuleType::VariableMetadata => Ok(parts(table, study, |part| variables(part, study))),
        RuleType::DomainPresence => Ok(domains(study)),
        RuleType::ValueWithDatasetMetadata => Ok(parts(table, study, |part| {
            let mut values = values(part);
            let about = dataset(part);
            for name in about.names() {
                if let Some(column) = about.column(name) {
                    values.set(name, Column::constant(column.value(0).clone(), values.rows()));
                }
            }
            values
        })),
        RuleType::ValueWithVariableMetadata => Ok(parts(table, study, |part| with_variables(part, study))),
        RuleType::VariableMetadataAgainstLibrary => crate::metadata::variables_against_library(table, study),
        RuleType::Jsonata
        | RuleType::JsonSchema
        | RuleType::VariableMetadataAgainstDefine
        | RuleType::DefineItemAgainstLibrary
        | RuleType::DatasetMetadataAgainstDefine
        | RuleType::ValueAgainstDefine => {
            Err(Fault::Unfit(format!("rules of the type {} are not run by this version", rule.rule_type.words())))
        }
    }
}

/// The view of each part of a split dataset, one under the other, each row tagged with its part.
fn parts(table: &Table, study: &Study, view: impl Fn(&Table) -> Frame) -> Frame {
    let whole = table.whole_name();
    let each = study.tables.iter().filter(|part| part.whole_name() == whole).map(|part| {
        let mut frame = view(part);
        frame.tag(&part.name);
        frame
    });
    each.reduce(|above, below| above.append(&below)).unwrap_or_default()
}

fn count(n: usize) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

/// One row: what the dataset is.
pub(crate) fn dataset(table: &Table) -> Frame {
    let mut frame = Frame::of_rows(1);
    let mut set = |name: &str, value: Value| frame.set(name, Column::constant(value, 1));
    set("dataset_size", Value::Integer(i64::try_from(table.file_size).unwrap_or(i64::MAX)));
    set("dataset_location", Value::text(&table.filename));
    set("dataset_name", Value::text(&table.name));
    set("dataset_label", Value::text(&table.label));
    set("record_count", count(table.frame.rows()));
    set("is_ap", Value::Flag(table.is_associated_persons()));
    set("ap_suffix", Value::text(table.associated_domain()));
    set("domain", table.domain().map_or(Value::Missing, Value::text));
    frame
}

/// One row a variable.
pub(crate) fn variables(table: &Table, _study: &Study) -> Frame {
    let mut frame = Frame::of_rows(table.variables.len());
    let each = |cell: &dyn Fn(usize, &crate::study::TableVariable) -> Value| -> Column {
        table.variables.iter().enumerate().map(|(i, variable)| cell(i, variable)).collect()
    };
    frame.set("variable_name", each(&|_, v| Value::text(&v.name)));
    frame.set("variable_order_number", each(&|i, _| count(i + 1)));
    frame.set("variable_label", each(&|_, v| Value::text(&v.label)));
    frame.set("variable_size", each(&|_, v| v.length.map_or(Value::Missing, |n| Value::Integer(n.into()))));
    frame.set("variable_data_type", each(&|_, v| Value::text(&v.data_type)));
    frame.set("variable_format", each(&|_, v| Value::text(&v.format)));
    frame.set("variable_max_size", each(&|_, v| longest(table, &v.name)));
    frame
}

/// Characters of the longest value.
fn longest(table: &Table, variable: &str) -> Value {
    let texts = table.frame.column(variable).map(Column::present).unwrap_or_default();
    texts
        .into_iter()
        .filter_map(|value| value.pattern_text().map(|text| text.chars().count()))
        .max()
        .map_or(count(0), count)
}

/// One row: a column a domain, its value the file's name.
fn domains(study: &Study) -> Frame {
    let mut frame = Frame::of_rows(1);
    for table in &study.tables {
        frame.set(&table.whole_name(), Column::constant(Value::text(&table.filename), 1));
    }
    frame
}

/// One row a value: column by column, record by record.
pub(crate) fn values(table: &Table) -> Frame {
    let records = table.frame.rows();
    let mut rows: Vec<Value> = Vec::new();
    let (mut names, mut cells) = (crate::column::Builder::default(), crate::column::Builder::default());
    for name in table.frame.names() {
        let Some(column) = table.frame.column(name) else { continue };
        for row in 0..records {
            rows.push(count(row + 1));
            names.push(Value::text(name));
            cells.push(column.value(row).clone());
        }
    }
    let mut frame = Frame::of_rows(rows.len());
    frame.set("row_number", rows.into_iter().collect());
    frame.set("variable_name", names.finish());
    frame.set("variable_value", cells.finish());
    frame
}

/// One row a value, its variable's metadata beside.
fn with_variables(table: &Table, study: &Study) -> Frame {
    let values = values(table);
    let about = variables(table, study);
    let name = |frame: &Frame| frame.column("variable_name").cloned();
    let (Some(mine), Some(theirs)) = (name(&values), name(&about)) else { return values };
    let (rows, others) = Matches::new(&[&mine], values.rows(), &[&theirs], about.rows()).pairs(true);
    let mut joined = values.beside(rows, &about, others, &["variable_name"], "variable");
    let lengths = joined.column("variable_value").zip(joined.column("variable_data_type")).map(|(value, kind)| {
        (0..joined.rows()).map(|row| value_length(value.value(row), kind.value(row))).collect::<Column>()
    });
    if let Some(lengths) = lengths {
        joined.set("variable_value_length", lengths);
    }
    joined
}

/// How long a value is, as define.xml counts: digits of a number without leading zeros and point, characters of a text.
fn value_length(value: &Value, kind: &Value) -> Value {
    let text = value.pattern_text().unwrap_or_default();
    match kind.as_text() {
        Some("integer") => count(text.trim_start_matches('0').chars().count()),
        Some("float") => count(text.trim_start_matches('0').replace('.', "").chars().count()),
        Some("text") => count(text.chars().count()),
        _ => Value::Missing,
    }
}

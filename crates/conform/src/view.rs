//! Which table does a rule of each type look at?
//!
//! Column names are those that published rules use (`variable_name`, `dataset_label`, `define_variable_size`, ...).

use crate::column::Column;
use crate::frame::{Frame, Matches};
use crate::operator::Fault;
use crate::rule::{Condition, Operand, Rule, RuleType, Sensitivity};
use crate::study::{Study, Table};
use crate::value::Value;

/// The table, for a dataset (for the study, of domain presence). Where each row answers for itself, a table of values comes
/// in one piece a variable, which shares the dataset's columns: nothing is copied, however many values there are.
pub fn of(rule: &Rule, table: &Table, study: &Study) -> Result<Vec<Frame>, Fault> {
    let alone = rule.joins.is_empty() && rule.sensitivity == Sensitivity::Record;
    let of_study = rule.operations.iter().all(|operation| operation.kind.is_of_study());
    let pieces = alone && of_study && rule.conditions().iter().all(|condition| is_of_row(rule, condition));
    // A row is its record, so the number need not stand in a column unless the rule speaks of it.
    let numbered = !pieces || mentions(rule, "row_number");
    let of_values = |beside: &dyn Fn(&Table) -> Frame| {
        let each = parts_of(table, study).flat_map(|part| {
            let about = beside(part);
            let values = if pieces { values_by_variable(part, numbered) } else { vec![values(part)] };
            values.into_iter().map(move |values| {
                let mut frame = described(values, &about);
                frame.tag(&part.name);
                frame
            })
        });
        let each: Vec<Frame> = each.collect();
        if pieces { each } else { each.into_iter().reduce(|above, below| above.append(&below)).into_iter().collect() }
    };
    let one = match rule.rule_type {
        RuleType::RecordData => (*study.whole(table)).clone(),
        RuleType::DatasetMetadata => parts(table, study, dataset),
        RuleType::VariableMetadata => parts(table, study, variables),
        RuleType::DomainPresence => domains(study),
        RuleType::ValueWithDatasetMetadata => return Ok(of_values(&dataset)),
        RuleType::ValueWithVariableMetadata => return Ok(of_values(&variables)),
        RuleType::VariableMetadataAgainstLibrary => {
            let each = parts_of(table, study).map(|part| crate::metadata::variables_against_library(part, study));
            let each: Vec<Frame> = each.collect::<Result<_, _>>()?;
            each.into_iter().reduce(|above, below| above.append(&below)).unwrap_or_default()
        }
        RuleType::VariableMetadataAgainstDefine => crate::define::variables_against_define(table, study)?,
        RuleType::DefineItemAgainstLibrary => crate::metadata::define_against_library(table, study)?,
        RuleType::DatasetMetadataAgainstDefine => crate::define::datasets_against_define(study)?,
        RuleType::ValueAgainstDefine => crate::define::values_against_define(table, study)?,
        RuleType::Jsonata | RuleType::JsonSchema => {
            return Err(Fault::Unfit("a rule over a document looks at no dataset".to_owned()));
        }
    };
    Ok(vec![one])
}

/// Whether a condition's answer for a row depends on that row alone: also when it asks for membership in a list that an
/// operation made.
fn is_of_row(rule: &Rule, condition: &Condition) -> bool {
    let made = |name: &str| rule.operations.iter().any(|operation| operation.id == name);
    condition.operator.is_of_row()
        || matches!(&condition.operand, Operand::One(value) if value.as_text().is_some_and(made))
            && condition.operator.is_membership()
}

/// Whether a rule looks at a column or reports it.
fn mentions(rule: &Rule, name: &str) -> bool {
    let operand = |condition: &&Condition| match &condition.operand {
        Operand::One(value) => value.as_text() == Some(name),
        Operand::Many(values) => values.iter().any(|value| value.as_text() == Some(name)),
        Operand::Absent | Operand::Sorted(_) => false,
    };
    rule.output_variables.iter().any(|variable| variable == name)
        || rule.conditions().iter().any(|condition| condition.target.as_deref() == Some(name) || operand(condition))
}

/// The parts of the dataset that a table belongs to.
fn parts_of<'s>(table: &Table, study: &'s Study) -> impl Iterator<Item = &'s Table> {
    let whole = table.whole_name();
    study.tables.iter().filter(move |part| part.whole_name() == whole)
}

/// The view of each part of a split dataset, one under the other, each row tagged with its part.
fn parts(table: &Table, study: &Study, view: impl Fn(&Table) -> Frame) -> Frame {
    let each = parts_of(table, study).map(|part| {
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
    set("dataset_size", Value::Integer(i64::try_from(table.size()).unwrap_or(i64::MAX)));
    set("dataset_location", Value::text(&table.filename));
    set("dataset_name", Value::text(&table.name));
    set("dataset_label", Value::text(&table.label));
    set("record_count", count(table.frame().rows()));
    set("is_ap", Value::Flag(table.is_associated_persons()));
    set("ap_suffix", Value::text(table.associated_domain()));
    set("domain", table.domain().map_or(Value::Missing, Value::text));
    frame
}

/// One row a variable.
pub(crate) fn variables(table: &Table) -> Frame {
    let mut frame = Frame::of_rows(table.variables().len());
    let each = |cell: &dyn Fn(usize, &crate::study::TableVariable) -> Value| -> Column {
        table.variables().iter().enumerate().map(|(i, variable)| cell(i, variable)).collect()
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
    let texts = table.frame().column(variable).map(Column::present).unwrap_or_default();
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
    let records = table.frame().rows();
    let mut rows: Vec<Value> = Vec::new();
    let (mut names, mut cells) = (crate::column::Builder::default(), crate::column::Builder::default());
    for name in table.frame().names() {
        let Some(column) = table.frame().column(name) else { continue };
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

/// The values of one variable after the other.
fn values_by_variable(table: &Table, numbered: bool) -> Vec<Frame> {
    let records: Option<Column> = numbered.then(|| (1..=table.frame().rows()).map(count).collect());
    let each = table.frame().names().filter_map(|name| {
        let mut frame = Frame::of_rows(table.frame().rows());
        if let Some(records) = &records {
            frame.set("row_number", records.clone());
        }
        frame.set("variable_name", Column::constant(Value::text(name), table.frame().rows()));
        frame.set("variable_value", table.frame().column(name)?.clone());
        Some(frame)
    });
    each.collect()
}

/// Values with what is known of their dataset (one row) or of their variables (a row each) beside.
fn described(values: Frame, about: &Frame) -> Frame {
    let name = |frame: &Frame| frame.column("variable_name").cloned();
    let Some(names) = name(about) else {
        let mut values = values;
        for name in about.names() {
            if let Some(column) = about.column(name) {
                values.set(name, Column::constant(column.value(0).clone(), values.rows()));
            }
        }
        return values;
    };
    let Some(mine) = name(&values) else { return values };
    if let [one] = mine.values() {
        let row = (0..about.rows()).find(|&row| names.value(row) == one);
        let mut values = values;
        for name in about.names().filter(|name| *name != "variable_name") {
            let known = row.and_then(|row| about.column(name).map(|column| column.value(row).clone()));
            values.set(name, Column::constant(known.unwrap_or(Value::Missing), values.rows()));
        }
        return with_lengths(values);
    }
    let (rows, others) = Matches::new(&[&mine], values.rows(), &[&names], about.rows()).pairs(true);
    with_lengths(values.beside(rows, about, others, &["variable_name"], "variable"))
}

/// Adds how long each value is.
fn with_lengths(mut joined: Frame) -> Frame {
    let lengths = joined.column("variable_value").zip(joined.column("variable_data_type"));
    let lengths = lengths.map(|(value, kind)| value.combine(kind, value_length));
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

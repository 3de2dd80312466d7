//! Which datasets and variables there are, and which the standard knows.

use super::{At, Made};
use crate::column::Column;
use crate::metadata::{Known, model_variables, standard_variables};
use crate::operator::{Fault, named};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the dataset has the variable.
pub(super) fn variable_exists(at: &At<'_>) -> Result<Made, Fault> {
    let name = at.target()?;
    Ok(Made::Constant(Value::Flag(at.source()?.has(&name))))
}

/// How many datasets of the study have the variable, `--` standing for each one's domain.
pub(super) fn variable_count(at: &At<'_>) -> Result<Made, Fault> {
    let name = at.operation.name.as_deref().ok_or_else(|| at.unfit("needs `name`"))?;
    let mut with: BTreeMap<String, bool> = BTreeMap::new();
    for table in &at.study.tables {
        with.insert(table.whole_name(), table.has(&named(name, table.prefix())));
    }
    let count = with.values().filter(|&&has| has).count();
    Ok(Made::Constant(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))))
}

/// The domains of the study.
pub(super) fn study_domains(at: &At<'_>) -> Made {
    let domains: BTreeSet<&str> = at.study.tables.iter().map(|table| table.domain().unwrap_or_default()).collect();
    Made::Constant(Value::texts(domains))
}

/// The names of the study's datasets.
pub(super) fn dataset_names(at: &At<'_>) -> Made {
    let names: BTreeSet<&str> = at.study.tables.iter().map(|table| table.name.as_str()).collect();
    Made::Constant(Value::texts(names))
}

/// What the dataset's file says about it: name, label, size, number of records.
pub(super) fn extract_metadata(at: &At<'_>) -> Result<Made, Fault> {
    let name = at.target()?;
    let (table, _) = at.source_table()?;
    let about = crate::view::dataset(table);
    Ok(Made::Constant(about.column(&name).map_or(Value::Missing, |column| column.value(0).clone())))
}

/// The dataset's variables in their order.
pub(super) fn column_order(at: &At<'_>) -> Result<Made, Fault> {
    let frame = at.source()?;
    Ok(Made::Constant(Value::texts(frame.names())))
}

/// Whether neither guide nor model has the domain.
pub(super) fn domain_is_custom(at: &At<'_>) -> Result<Made, Fault> {
    at.study.need_standard()?;
    Ok(Made::Constant(Value::Flag(at.study.is_custom(&at.domain))))
}

/// The guide's label of the domain.
pub(super) fn domain_label(at: &At<'_>) -> Result<Made, Fault> {
    let dataset = at.study.need_standard()?.dataset(&at.domain);
    Ok(Made::Constant(dataset.map_or(Value::Missing, |dataset| Value::text(dataset.label))))
}

/// The domains of the guide.
pub(super) fn standard_domains(at: &At<'_>) -> Result<Made, Fault> {
    let names: BTreeSet<&str> = at.study.need_standard()?.datasets.iter().map(|dataset| dataset.name).collect();
    Ok(Made::Constant(Value::texts(names)))
}

/// What the standard says, by one of its fields.
fn field<'k>(variable: &'k Known, key: &str) -> &'k str {
    match key {
        "role" => variable.role,
        "core" => variable.core,
        "simpleDatatype" | "type" => variable.simple_type,
        "label" => variable.label,
        "name" => &variable.name,
        _ => "",
    }
}

fn filtered(at: &At<'_>, variables: Vec<Known>) -> Vec<String> {
    let (key, value) = (at.operation.text("key_name"), at.operation.text("key_value").unwrap_or_default());
    let keeps = |variable: &Known| key.is_none_or(|key| field(variable, key) == value);
    variables.into_iter().filter(keeps).map(|variable| variable.name).collect()
}

/// The variables of the guide's dataset in its order; of one core designation, if one is asked for.
pub(super) fn library_order(at: &At<'_>, core: Option<&str>) -> Result<Made, Fault> {
    let (table, _) = at.source_table()?;
    let mut variables = standard_variables(at.study, table)?;
    variables.retain(|variable| core.is_none_or(|core| variable.core == core));
    Ok(Made::Constant(Value::texts(filtered(at, variables))))
}

/// The guide's variables that the dataset has.
pub(super) fn dataset_filtered(at: &At<'_>) -> Result<Made, Fault> {
    let (table, frame) = at.source_table()?;
    let names = filtered(at, standard_variables(at.study, table)?);
    Ok(Made::Constant(Value::texts(names.into_iter().filter(|name| frame.has(name)))))
}

/// The variables that the model allows, in its order.
pub(super) fn model_order(at: &At<'_>) -> Result<Made, Fault> {
    let (table, _) = at.source_table()?;
    Ok(Made::Constant(Value::texts(distinct_names(model_variables(at.study, table)?))))
}

/// The same, of one role, type or label.
pub(super) fn model_filtered(at: &At<'_>) -> Result<Made, Fault> {
    let (table, _) = at.source_table()?;
    Ok(Made::Constant(Value::texts(filtered(at, model_variables(at.study, table)?))))
}

fn distinct_names(variables: Vec<Known>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    variables.into_iter().map(|variable| variable.name).filter(|name| seen.insert(name.clone())).collect()
}

/// The variables that the model allows in the dataset that each record belongs to (RDOMAIN).
pub(super) fn parent_model_order(at: &At<'_>) -> Result<Made, Fault> {
    let Some(domains) = at.frame.column("RDOMAIN") else { return Err(Fault::NoColumn("RDOMAIN".to_owned())) };
    let mut lists: BTreeMap<&Value, Value> = BTreeMap::new();
    for domain in domains.present() {
        let parent = at.study.tables.iter().find(|table| table.domain() == domain.as_text());
        let parent = parent.ok_or_else(|| Fault::NoDataset(domain.to_string()))?;
        lists.insert(domain, Value::texts(distinct_names(model_variables(at.study, parent)?)));
    }
    let of_row = |row: usize| lists.get(domains.value(row)).cloned().unwrap_or(Value::Missing);
    Ok(Made::Column((0..at.frame.rows()).map(of_row).collect::<Column>()))
}

//! What does the standard say about the variables of a dataset?

mod adam;

use crate::column::{Builder, Column};
use crate::frame::{Frame, Matches};
use crate::operator::Fault;
use crate::scope::class_of;
use crate::study::{Study, Table};
use crate::value::Value;
use croft_cdisc::library::{Class, Dataset, Model, Variable};

/// A variable as the standard knows it in one dataset: `--` replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Name.
    pub name: String,
    /// Label.
    pub label: &'static str,
    /// `Char` or `Num`.
    pub simple_type: &'static str,
    /// Role.
    pub role: &'static str,
    /// Core designation; `Perm` for what the model allows and the guide does not list.
    pub core: &'static str,
    /// The first code list's code.
    pub codelist: &'static str,
    /// Place in its table.
    pub ordinal: usize,
}

fn known(variable: &'static Variable, prefix: &str) -> Known {
    Known {
        name: variable.name.replace("--", prefix),
        label: variable.label,
        simple_type: variable.simple_type,
        role: variable.role,
        core: if variable.core.is_empty() { "Perm" } else { variable.core },
        codelist: variable.codelists.first().copied().unwrap_or_default(),
        ordinal: variable.ordinal,
    }
}

/// The name under which the standard has a dataset, what `--` stands for, and whether it is about associated persons.
fn standard_name(table: &Table) -> (String, String, bool) {
    let whole = table.whole_name();
    if table.is_supplemental() {
        return ("SUPPQUAL".to_owned(), whole.clone(), whole.starts_with("SQAP"));
    }
    match whole.strip_prefix("AP").filter(|_| table.is_associated_persons()) {
        Some(rest) => (rest.to_owned(), rest.to_owned(), true),
        None => (whole.clone(), whole, false),
    }
}

/// What the model allows in a dataset of a general class.
fn allowed(model: &'static Model, class: Class, prefix: &str, associated: bool) -> Vec<Known> {
    let mut identifiers: Vec<&'static Variable> = model.identifiers().collect();
    if associated {
        identifiers.extend(&model.associated_persons);
        identifiers.retain(|variable| variable.name != "USUBJID");
        identifiers.sort_by_key(|variable| variable.ordinal);
    }
    let all = identifiers.into_iter().chain(model.class_variables(class)).chain(model.timing());
    all.map(|variable| known(variable, prefix)).collect()
}

/// The variables of a dataset that is of no general class.
fn of_dataset(dataset: &'static Dataset, model: &'static Model, prefix: &str, associated: bool) -> Vec<Known> {
    let mut variables: Vec<&'static Variable> = dataset.variables.iter().collect();
    if associated {
        variables.extend(&model.associated_persons);
        variables.retain(|variable| variable.name != "USUBJID");
        variables.sort_by_key(|variable| variable.ordinal);
    }
    variables.into_iter().map(|variable| known(variable, prefix)).collect()
}

/// The variables of a dataset as the guide has them, in the order of model and guide; for a domain of the study's own, as
/// the model allows them.
pub fn standard_variables(study: &Study, table: &Table) -> Result<Vec<Known>, Fault> {
    let standard = study.need_standard()?;
    let Some(model) = standard.model else { return Ok(adam::variables(standard, table)) };
    let (name, prefix, associated) = standard_name(table);
    let class = class_of(table, study).filter(|class| class.is_general());
    let guide = standard.dataset(&name);
    let Some(class) = class else {
        let dataset = guide.or_else(|| model.dataset(&name));
        return Ok(dataset.map(|dataset| of_dataset(dataset, model, &prefix, associated)).unwrap_or_default());
    };
    let mut variables = allowed(model, class, &prefix, associated);
    let identifiers = variables.iter().take_while(|variable| variable.role == "Identifier").count();
    let mut timing = variables.iter().rev().take_while(|variable| variable.role == "Timing").count();
    for variable in guide.map(|dataset| dataset.variables.as_slice()).unwrap_or_default() {
        let variable = known(variable, &prefix);
        match variables.iter().position(|other| other.name == variable.name) {
            Some(place) => variables[place] = variable,
            // One that only the guide has stands at the end of its section.
            None => {
                let place = match variable.role {
                    "Identifier" => identifiers,
                    "Timing" => {
                        timing += 1;
                        variables.len()
                    }
                    _ => variables.len() - timing,
                };
                variables.insert(place, variable);
            }
        }
    }
    Ok(variables)
}

/// The variables that the model allows in a dataset, in its order; the guide answers for a dataset that the model lacks.
pub fn model_variables(study: &Study, table: &Table) -> Result<Vec<Known>, Fault> {
    let standard = study.need_standard()?;
    let Some(model) = standard.model else { return standard_variables(study, table) };
    let (name, prefix, associated) = standard_name(table);
    if let Some(class) = class_of(table, study).filter(|class| class.is_general()) {
        return Ok(allowed(model, class, &prefix, associated));
    }
    let dataset = model.dataset(&name).or_else(|| standard.dataset(&name));
    let dataset = dataset.ok_or_else(|| Fault::Unfit(format!("the standard knows no class for {}", table.name)))?;
    Ok(of_dataset(dataset, model, &prefix, associated))
}

/// The standard's variables as a table.
fn library(study: &Study, table: &Table) -> Result<Frame, Fault> {
    let variables = standard_variables(study, table)?;
    let mut frame = Frame::of_rows(variables.len());
    let text =
        |cell: fn(&Known) -> &str| variables.iter().map(|variable| Value::text(cell(variable))).collect::<Column>();
    frame.set("library_variable_name", text(|v| &v.name));
    frame.set("library_variable_label", text(|v| v.label));
    frame.set("library_variable_data_type", text(|v| v.simple_type));
    frame.set("library_variable_role", text(|v| v.role));
    frame.set("library_variable_core", text(|v| v.core));
    frame.set("library_variable_ccode", text(|v| v.codelist));
    frame.set("library_variable_has_codelist", variables.iter().map(|v| Value::Flag(!v.codelist.is_empty())).collect());
    let order = variables.iter().map(|v| Value::Integer(i64::try_from(v.ordinal).unwrap_or(i64::MAX)));
    frame.set("library_variable_order_number", order.collect());
    Ok(frame)
}

/// Left rows with what has the same name on the right.
fn beside(left: &Frame, name: &str, right: &Frame, other: &str) -> Frame {
    let (Some(mine), Some(theirs)) = (left.column(name), right.column(other)) else { return left.clone() };
    let (rows, others) = Matches::new(&[mine], left.rows(), &[theirs], right.rows()).pairs(true);
    left.beside(rows, right, others, &[], "library")
}

/// One row a variable of the dataset, with what the standard says beside.
pub(crate) fn variables_against_library(table: &Table, study: &Study) -> Result<Frame, Fault> {
    let variables = crate::view::variables(table);
    let mut frame = beside(&variables, "variable_name", &library(study, table)?, "library_variable_name");
    let whole = study.whole(table);
    let (mut some, mut all) = (Builder::default(), Builder::default());
    for variable in table.variables() {
        let column = whole.column(&variable.name);
        let missing = column.map(|column| column.test(Value::is_missing)).unwrap_or_default();
        some.push(Value::Flag(missing.contains(&true) || column.is_none()));
        all.push(Value::Flag(!missing.contains(&false)));
    }
    frame.set("variable_has_empty_values", some.finish());
    frame.set("variable_is_empty", all.finish());
    frame.tag(&table.name);
    Ok(frame)
}

/// One row a variable that define.xml lists, with what the standard says beside.
pub(crate) fn define_against_library(table: &Table, study: &Study) -> Result<Frame, Fault> {
    let defined = crate::define::variables(study, table)?;
    let mut frame = beside(&defined, "define_variable_name", &library(study, table)?, "library_variable_name");
    frame.tag(&table.name);
    Ok(frame)
}

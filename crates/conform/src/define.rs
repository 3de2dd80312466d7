//! What does define.xml say about the datasets and variables of a study, as tables that rules look at?

use crate::column::Column;
use crate::frame::{Frame, Matches};
use crate::operator::Fault;
use crate::study::{Study, Table};
use crate::value::Value;
use croft_cdisc::define::{CodeList, DatasetDef, Define, NCI_CODE, Variable, words};

/// define.xml, if there is one.
fn define(study: &Study) -> Result<&Define, Fault> {
    study.define.as_ref().ok_or_else(|| Fault::Unfit("there is no define.xml: name one with `--define`".to_owned()))
}

/// The definition of a dataset: by its name, else by its domain.
fn dataset<'d>(define: &'d Define, table: &Table) -> Option<&'d DatasetDef> {
    let domain = table.domain().or_else(|| table.related_domain());
    let of_domain = || define.metadata.datasets.iter().find(|def| domain.is_some() && def.domain.as_deref() == domain);
    define.dataset(&table.name).or_else(of_domain)
}

fn text(text: Option<&String>) -> Value {
    text.map_or(Value::Missing, |text| Value::text(text))
}

fn yes(value: bool) -> Value {
    Value::Flag(value)
}

/// NCI code of a code list.
fn code_of(list: &CodeList) -> Value {
    let alias = list.aliases.iter().find(|alias| alias.context.as_deref() == Some(NCI_CODE));
    text(alias.and_then(|alias| alias.name.as_ref()))
}

/// One row a variable that define.xml lists for the dataset.
pub(crate) fn variables(study: &Study, table: &Table) -> Result<Frame, Fault> {
    let define = define(study)?;
    let index = define.index();
    let def = dataset(define, table)
        .ok_or_else(|| Fault::Unfit(format!("define.xml does not know the dataset {}", table.name)))?;
    let variables = index.variables(def);
    let list = |variable: &Variable<'_>| {
        variable.definition.code_list_oid().and_then(|oid| index.code_lists.get(oid).copied())
    };
    let mut frame = Frame::of_rows(variables.len());
    let mut set = |name: &str, cell: &dyn Fn(usize, &Variable<'_>) -> Value| {
        let column: Column = variables.iter().enumerate().map(|(i, variable)| cell(i, variable)).collect();
        frame.set(name, column);
    };
    let number = |n: Option<u32>| n.map_or(Value::Missing, |n| Value::Integer(n.into()));
    set("define_variable_name", &|_, v| Value::text(v.name()));
    set("define_variable_label", &|_, v| Value::text(&v.label()));
    set("define_variable_data_type", &|_, v| v.data_type().map_or(Value::Missing, |kind| Value::text(kind.as_str())));
    set("define_variable_role", &|_, v| text(v.reference.role.as_ref()));
    set("define_variable_size", &|_, v| number(v.definition.length));
    set("define_variable_length", &|_, v| number(v.definition.length));
    set("define_variable_format", &|_, v| text(v.definition.display_format.as_ref()));
    set("define_variable_ccode", &|_, v| list(v).map_or(Value::Missing, code_of));
    set("define_variable_has_codelist", &|_, v| yes(v.definition.code_list.is_some()));
    set("define_variable_allowed_terms", &|_, v| {
        Value::texts(list(v).into_iter().flat_map(|list| &list.items).map(|item| words(item.decode.as_ref())))
    });
    set("define_variable_codelist_coded_values", &|_, v| Value::texts(list(v).map(coded_values).unwrap_or_default()));
    set("define_variable_codelist_coded_codes", &|_, v| Value::texts(list(v).map(coded_codes).unwrap_or_default()));
    set("define_variable_origin_type", &|_, v| match v.definition.origins.first() {
        Some(origin) => text(origin.kind.as_ref()),
        None => text(v.definition.origin.as_ref()),
    });
    set("define_variable_is_collected", &|_, v| {
        yes(v
            .definition
            .origins
            .iter()
            .any(|origin| matches!(origin.kind.as_deref(), Some("Collected" | "CRF" | "eDT"))))
    });
    set("define_variable_has_no_data", &|_, v| if v.has_no_data() { Value::text("Yes") } else { Value::Missing });
    set("define_variable_order_number", &|i, v| match v.reference.order_number {
        Some(n) => Value::Integer(n.into()),
        None => Value::Integer(i64::try_from(i + 1).unwrap_or(i64::MAX)),
    });
    set("define_variable_mandatory", &|_, v| Value::text(if v.is_mandatory() { "Yes" } else { "No" }));
    set("define_variable_has_comment", &|_, v| yes(v.definition.comment_oid.is_some()));
    set("define_variable_has_method", &|_, v| yes(v.reference.method_oid.is_some()));
    Ok(frame)
}

fn coded_values(list: &CodeList) -> Vec<String> {
    let items = list.items.iter().map(|item| item.coded_value.clone());
    items.chain(list.enumerated.iter().map(|item| item.coded_value.clone())).collect()
}

fn coded_codes(list: &CodeList) -> Vec<String> {
    let aliases = list.items.iter().flat_map(|item| &item.aliases);
    aliases
        .chain(list.enumerated.iter().flat_map(|item| &item.aliases))
        .filter_map(|alias| alias.name.clone())
        .collect()
}

/// One row a variable of the dataset, with what define.xml says beside.
pub(crate) fn variables_against_define(table: &Table, study: &Study) -> Result<Frame, Fault> {
    let variables = crate::view::variables(table);
    beside(&variables, "variable_name", &self::variables(study, table)?, table)
}

/// One row a value, with its variable's definition beside.
pub(crate) fn values_against_define(table: &Table, study: &Study) -> Result<Frame, Fault> {
    let values = crate::view::values(table);
    beside(&values, "variable_name", &variables(study, table)?, table)
}

fn beside(left: &Frame, name: &str, define: &Frame, table: &Table) -> Result<Frame, Fault> {
    let absent = |name: &str| Fault::NoColumn(name.to_owned());
    let mine = left.column(name).ok_or_else(|| absent(name))?;
    let theirs = define.column("define_variable_name").ok_or_else(|| absent("define_variable_name"))?;
    let (rows, others) = Matches::new(&[mine], left.rows(), &[theirs], define.rows()).pairs(true);
    let mut joined = left.beside(rows, define, others, &[], "define");
    joined.tag(&table.name);
    Ok(joined)
}

/// One row a dataset of data or define.xml, with the other's words beside.
pub(crate) fn datasets_against_define(study: &Study) -> Result<Frame, Fault> {
    let define = define(study)?;
    let index = define.index();
    let files = study.tables.iter().map(|table| {
        let mut frame = crate::view::dataset(table);
        let names = Value::texts(table.variables().iter().map(|variable| &variable.name));
        frame.set("dataset_columns", Column::constant(names, 1));
        frame.set("dataset_domain", Column::constant(table.domain().map_or(Value::Missing, Value::text), 1));
        frame
    });
    let files = files.reduce(|above, below| above.append(&below)).unwrap_or_default();
    let datasets = &define.metadata.datasets;
    let mut defined = Frame::of_rows(datasets.len());
    let mut set = |name: &str, cell: &dyn Fn(&DatasetDef) -> Value| {
        defined.set(name, datasets.iter().map(cell).collect());
    };
    set("define_dataset_name", &|d| text(d.name.as_ref()));
    set("define_dataset_label", &|d| Value::text(&d.label()));
    set("define_dataset_location", &|d| Value::text(d.href().unwrap_or_default()));
    set("define_dataset_domain", &|d| text(d.domain.as_ref()));
    set("define_dataset_class", &|d| Value::text(d.class().unwrap_or_default()));
    set("define_dataset_structure", &|d| text(d.structure.as_ref()));
    set("define_dataset_variables", &|d| Value::texts(index.variables(d).iter().map(Variable::name)));
    set("define_dataset_variable_order", &|d| {
        let mut variables = index.variables(d);
        variables.sort_by_key(|variable| variable.reference.order_number);
        Value::texts(variables.iter().map(Variable::name))
    });
    set("define_dataset_key_sequence", &|d| Value::texts(index.keys(d)));
    let (Some(mine), Some(theirs)) = (files.column("dataset_name"), defined.column("define_dataset_name")) else {
        return Ok(files);
    };
    let (rows, others) = Matches::new(&[mine], files.rows(), &[theirs], defined.rows()).pairs(true);
    let joined = files.beside(rows, &defined, others, &[], "define");
    let known = Matches::new(&[theirs], defined.rows(), &[mine], files.rows());
    let only: Vec<bool> = (0..defined.rows()).map(|row| known.of(row).is_empty()).collect();
    Ok(if only.contains(&true) { joined.append(&defined.filter(&only)) } else { joined })
}

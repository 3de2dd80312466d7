//! The data dictionary: reading, writing, and what is wrong with it.

use super::field::{Field, FieldKind, Validation};
use super::logic;
use super::table::{self, RedcapError, Table};
use croft_core::{Finding, Severity};
use std::collections::BTreeMap;

/// The columns: as the data dictionary names them, as the programming interface does, and the field's cell.
type ColumnRow = (&'static str, &'static str, fn(&mut Field) -> &mut String, fn(&Field) -> &String);

macro_rules! columns {
    ($($title:literal $api:literal $cell:ident),* $(,)?) => {
        [$(($title, $api, |f| &mut f.$cell, |f| &f.$cell)),*]
    };
}

const COLUMNS: [ColumnRow; 18] = columns![
    "Variable / Field Name" "field_name" name,
    "Form Name" "form_name" form,
    "Section Header" "section_header" section_header,
    "Field Type" "field_type" field_type,
    "Field Label" "field_label" label,
    "Choices, Calculations, OR Slider Labels" "select_choices_or_calculations" choices_or_calculation,
    "Field Note" "field_note" note,
    "Text Validation Type OR Show Slider Number" "text_validation_type_or_show_slider_number" validation_type,
    "Text Validation Min" "text_validation_min" validation_min,
    "Text Validation Max" "text_validation_max" validation_max,
    "Identifier?" "identifier" identifier,
    "Branching Logic (Show field only if...)" "branching_logic" branching_logic,
    "Required Field?" "required_field" required,
    "Custom Alignment" "custom_alignment" alignment,
    "Question Number (surveys only)" "question_number" question_number,
    "Matrix Group Name" "matrix_group_name" matrix_group,
    "Matrix Ranking?" "matrix_ranking" matrix_ranking,
    "Field Annotation" "field_annotation" annotation,
];

/// A data dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// The fields, in order. The first identifies the record.
    pub fields: Vec<Field>,
    /// Whether the columns are named as by the programming interface (`field_name`).
    pub api_names: bool,
}

impl Dictionary {
    /// Reads one. Columns may be in any order; all but those of later versions of REDCap (matrix, annotation) must be there.
    pub fn read(bytes: &[u8]) -> Result<Self, RedcapError> {
        let table = Table::read(bytes)?;
        let api_names = table.names.iter().any(|n| n == COLUMNS[0].1);
        let name = |column: &ColumnRow| if api_names { column.1 } else { column.0 };
        let mut cells = Vec::with_capacity(table.names.len());
        for found in &table.names {
            let column = COLUMNS.iter().find(|c| name(c) == found);
            cells.push(column.ok_or_else(|| RedcapError::UnknownColumn { column: found.clone() })?.2);
        }
        if let Some(absent) = COLUMNS[..15].iter().find(|c| table.names.iter().all(|n| n != name(c))) {
            return Err(RedcapError::NoColumn { column: name(absent), found: table.names.join(", ") });
        }
        let field = |(line, row): (u64, Vec<String>)| {
            let mut field = Field { line, ..Field::default() };
            row.into_iter().zip(&cells).for_each(|(value, cell)| *cell(&mut field) = value);
            field
        };
        Ok(Self { fields: table.rows.into_iter().map(field).collect(), api_names })
    }

    /// Writes it, with all 18 columns in REDCap's order.
    pub fn write(&self) -> Vec<u8> {
        let names = COLUMNS.map(|c| if self.api_names { c.1 } else { c.0 });
        table::write(&names, self.fields.iter().map(|f| COLUMNS.map(|c| c.3(f).as_str()).to_vec()))
    }

    /// The forms, in order of their first field.
    pub fn forms(&self) -> Vec<&str> {
        let mut forms: Vec<&str> = Vec::new();
        for field in &self.fields {
            if !forms.contains(&field.form.as_str()) {
                forms.push(&field.form);
            }
        }
        forms
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

/// What is wrong with a dictionary, or will be missing after it is taken over: names, types, choices, logic.
///
/// ```text
/// REDCAP-NAME     two fields of one name, or a name that REDCap would not allow
/// REDCAP-TYPE     a field type or validation that is not known here
/// REDCAP-CHOICES  a field of choices without them, or with a code twice
/// REDCAP-LOGIC    branching logic or a calculation that cannot be translated, or names no field
/// REDCAP-RANGE    a smallest or largest value that is not of the field's kind
/// ```
pub fn check(dictionary: &Dictionary) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeMap::new();
    for field in &dictionary.fields {
        if let Some(first) = seen.insert(field.name.as_str(), field.line) {
            findings.push(finding(
                field,
                "REDCAP-NAME",
                "name",
                &field.name,
                format!("{} is there already at line {first}", field.name),
            ));
        }
        name(field, &mut findings);
        kind(field, &mut findings);
        choices(field, &mut findings);
        range(field, &mut findings);
        for (column, error) in logic::untranslated(dictionary, field) {
            let text = if column == "branching logic" { &field.branching_logic } else { &field.choices_or_calculation };
            let mut finding =
                finding(field, "REDCAP-LOGIC", column, text, format!("{column} of {}: {error}", field.name));
            finding.hint = Some(error.hint().to_owned());
            findings.push(finding);
        }
    }
    findings
}

fn finding(field: &Field, rule: &str, variable: &str, value: &str, message: String) -> Finding {
    let mut finding = Finding::new(rule, Severity::Warning, "dictionary", message)
        .hint("correct the field in REDCap, or after it is taken over");
    finding.row = usize::try_from(field.line).ok().filter(|line| *line > 0);
    finding.variable = Some(variable.to_owned());
    finding.value = Some(value.to_owned());
    finding
}

fn name(field: &Field, findings: &mut Vec<Finding>) {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let valid = field.name.starts_with(|c: char| c.is_ascii_lowercase()) && field.name.chars().all(allowed);
    if !valid {
        let message =
            format!("`{}` is no name of a field: small letters, digits and `_`, beginning with a letter", field.name);
        findings.push(finding(field, "REDCAP-NAME", "name", &field.name, message));
    }
}

fn kind(field: &Field, findings: &mut Vec<Finding>) {
    if let FieldKind::Other(word) = field.kind() {
        let message = format!("the field type `{word}` of {} is not known", field.name);
        findings.push(finding(field, "REDCAP-TYPE", "field type", &word, message));
    }
    if field.validation() == Some(Validation::Local) {
        let message = format!(
            "the validation `{}` of {} is not known: the value is taken as text",
            field.validation_type, field.name
        );
        findings.push(finding(field, "REDCAP-TYPE", "validation", &field.validation_type, message));
    }
}

fn choices(field: &Field, findings: &mut Vec<Finding>) {
    let choices = field.choices();
    let needs = matches!(field.kind(), FieldKind::Dropdown | FieldKind::Radio | FieldKind::Checkbox);
    if needs && choices.is_empty() {
        let message = format!("{} has no choices", field.name);
        findings.push(finding(field, "REDCAP-CHOICES", "choices", "", message));
    }
    for (i, choice) in choices.iter().enumerate() {
        if choices[..i].iter().any(|c| c.code == choice.code) {
            let message = format!("{} has the code {} twice", field.name, choice.code);
            findings.push(finding(field, "REDCAP-CHOICES", "choices", &choice.code, message));
        }
    }
}

fn range(field: &Field, findings: &mut Vec<Finding>) {
    if !matches!(field.validation(), Some(Validation::Integer | Validation::Number { .. })) {
        return;
    }
    for (which, text) in [("smallest value", &field.validation_min), ("largest value", &field.validation_max)] {
        // A bound can also be a field, `[date_enrolled]`.
        let plain = text.trim().replace(',', ".");
        if !plain.is_empty() && !plain.starts_with('[') && plain.parse::<f64>().is_err() {
            let message = format!("the {which} of {} is `{text}`, which is no number", field.name);
            findings.push(finding(field, "REDCAP-RANGE", which, text, message));
        }
    }
}

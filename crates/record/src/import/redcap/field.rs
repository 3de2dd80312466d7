//! A field, as items of its group.

use super::super::name::Names;
use super::super::note::Note;
use super::super::text::one_line;
use super::line;
use croft_cdisc::redcap::{Field, FieldKind, Validation};
use croft_design::forms::{Item, ItemGroup, ItemType};

/// Adds what the field is made of.
pub(super) fn add(field: &Field, names: &mut Names, group: &mut ItemGroup, notes: &mut Vec<Note>) {
    let mut tell = |message: String, hint: &str| notes.push(Note::new(line(field), &field.name, message, hint));
    let FieldKind::Checkbox = field.kind() else {
        match item_type(field, &mut tell) {
            Some((kind, decimals)) => {
                let mut item = item(field, &field.name, names.take(&field.name, "ITEM"), kind);
                item.decimals = decimals;
                item.codes = field.choices().into_iter().map(|c| (c.code, one_line(&c.label))).collect();
                group.items.push(item);
            }
            None => tell(
                format!("a field of type {} has no place", field.field_type.trim()),
                "it stays in source/redcap.csv",
            ),
        }
        told(field, &mut tell);
        return;
    };
    let choices = field.choices();
    for (choice, column) in choices.iter().zip(field.columns()) {
        let mut item = item(field, &column, names.take(&column, "ITEM"), ItemType::Text);
        item.label = format!("{}: {}", item.label, one_line(&choice.label));
        item.codes = [("0", "Unchecked"), ("1", "Checked")].map(|(c, l)| (c.to_owned(), l.to_owned())).into();
        group.items.push(item);
    }
    told(field, &mut tell);
}

fn item(field: &Field, oid: &str, name: String, kind: ItemType) -> Item {
    let label = one_line(&field.label);
    let mut hint = one_line(&field.note);
    let labels = field.slider_labels().join(" – ");
    if !labels.is_empty() {
        hint = [labels, hint].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ");
    }
    Item {
        oid: (oid != name).then(|| oid.to_owned()),
        label: if label.is_empty() { field.name.clone() } else { label },
        hint: (!hint.is_empty()).then_some(hint),
        name,
        kind,
        unit: None,
        other_units: Vec::new(),
        length: None,
        decimals: None,
        required: field.is_required(),
        critical: false,
        identifying: field.is_identifier(),
        when: None,
        derive: None,
        missing: Vec::new(),
        codes: Default::default(),
        sdtm: Vec::new(),
        not_submitted: None,
    }
}

/// Type and decimals; none for what has no value that can be typed.
fn item_type(field: &Field, tell: &mut impl FnMut(String, &str)) -> Option<(ItemType, Option<u32>)> {
    let plain = |kind| Some((kind, None));
    match field.kind() {
        FieldKind::File | FieldKind::Descriptive => None,
        FieldKind::Calc => plain(ItemType::Float),
        FieldKind::Slider => plain(ItemType::Integer),
        FieldKind::Sql => {
            tell(
                "its choices come from a query of REDCap's database: any text can be entered".to_owned(),
                "write the codes in the form's file",
            );
            plain(ItemType::Text)
        }
        FieldKind::Other(word) => {
            tell(
                format!("the field type `{word}` is not known: its values are texts"),
                "correct the type in the form's file",
            );
            plain(ItemType::Text)
        }
        FieldKind::Text => match field.validation() {
            None => plain(ItemType::Text),
            Some(Validation::Integer) => plain(ItemType::Integer),
            Some(Validation::Number { decimals, comma }) => {
                if comma {
                    tell("numbers stand with a decimal comma in REDCap; here a point is kept".to_owned(), "");
                }
                Some((ItemType::Float, decimals.map(u32::from)))
            }
            Some(Validation::Date) => plain(ItemType::Date),
            Some(Validation::DateTime { .. }) => plain(ItemType::Datetime),
            Some(Validation::Time) if field.validation_type.trim() == "time_mm_ss" => {
                tell("minutes and seconds are no time of day: values are texts".to_owned(), "");
                plain(ItemType::Text)
            }
            Some(Validation::Time) => plain(ItemType::Time),
            Some(Validation::Pattern | Validation::Local) => {
                let message =
                    format!("the pattern `{}` is not checked: any text can be entered", field.validation_type.trim());
                tell(message, "write a check in the form's file");
                plain(ItemType::Text)
            }
        },
        _ => plain(ItemType::Text),
    }
}

/// Cells that have no place.
fn told(field: &Field, tell: &mut impl FnMut(String, &str)) {
    for tag in field.action_tags() {
        tell(format!("the action tag @{} has no place", tag.name), "it stays in source/redcap.csv");
    }
    let cells = [
        ("custom alignment", &field.alignment),
        ("question number", &field.question_number),
        ("matrix group", &field.matrix_group),
        ("matrix ranking", &field.matrix_ranking),
    ];
    for (what, cell) in cells.into_iter().filter(|(_, cell)| !cell.trim().is_empty()) {
        tell(format!("the {what} `{}` has no place", cell.trim()), "it stays in source/redcap.csv");
    }
}

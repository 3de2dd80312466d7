//! A field: one row of the dictionary.

use crate::expression::Kind;

/// A field, cell by cell as it stood. The methods say what the cells mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Variable / Field Name.
    pub name: String,
    /// Form Name.
    pub form: String,
    /// Section Header.
    pub section_header: String,
    /// Field Type, as written.
    pub field_type: String,
    /// Field Label.
    pub label: String,
    /// Choices, Calculations, OR Slider Labels.
    pub choices_or_calculation: String,
    /// Field Note.
    pub note: String,
    /// Text Validation Type OR Show Slider Number.
    pub validation_type: String,
    /// Text Validation Min.
    pub validation_min: String,
    /// Text Validation Max.
    pub validation_max: String,
    /// Identifier?
    pub identifier: String,
    /// Branching Logic (Show field only if...).
    pub branching_logic: String,
    /// Required Field?
    pub required: String,
    /// Custom Alignment.
    pub alignment: String,
    /// Question Number (surveys only).
    pub question_number: String,
    /// Matrix Group Name.
    pub matrix_group: String,
    /// Matrix Ranking?
    pub matrix_ranking: String,
    /// Field Annotation.
    pub annotation: String,
    /// The line of the file that the row begins on; 0 when it came from no file.
    pub line: u64,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// One line of text, by its validation a number, date and so on.
    Text,
    /// Many lines of text.
    Notes,
    /// One of several choices, in a list.
    Dropdown,
    /// One of several choices, side by side.
    Radio,
    /// Any of several choices: a column for each.
    Checkbox,
    /// 1 for yes, 0 for no.
    YesNo,
    /// 1 for true, 0 for false.
    TrueFalse,
    /// Computed.
    Calc,
    /// A number on a scale.
    Slider,
    /// A file, or with the validation `signature` a signature.
    File,
    /// Text on the form, no value.
    Descriptive,
    /// Choices from a query of REDCap's own database.
    Sql,
    /// Another word.
    Other(String),
}

/// What a text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// A whole number.
    Integer,
    /// A number, with as many decimals where they are fixed; `comma` when the decimals come after a comma.
    Number {
        /// Decimals.
        decimals: Option<u8>,
        /// Whether a comma stands before them.
        comma: bool,
    },
    /// A day. In data it is `2024-03-05`, whatever the order on the form.
    Date,
    /// A day with a time, with seconds or not.
    DateTime {
        /// Whether there are seconds.
        seconds: bool,
    },
    /// A time, `14:30` or `14:30:15`, or minutes and seconds.
    Time,
    /// A pattern of text: an address, a telephone number, a record number, a postal code, letters only.
    Pattern,
    /// Not known: local to the installation that it comes from.
    Local,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The code.
    pub code: String,
    /// What it means.
    pub label: String,
}

/// A mark in the annotation, `@HIDDEN` or `@DEFAULT="1"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionTag {
    /// The name without `@`, in capitals.
    pub name: String,
    /// What stands after `=`, without quotes, or in brackets.
    pub value: Option<String>,
}

impl Field {
    /// What the field is.
    pub fn kind(&self) -> FieldKind {
        match self.field_type.trim().to_ascii_lowercase().as_str() {
            "text" => FieldKind::Text,
            "notes" | "textarea" => FieldKind::Notes,
            "dropdown" | "select" => FieldKind::Dropdown,
            "radio" => FieldKind::Radio,
            "checkbox" => FieldKind::Checkbox,
            "yesno" => FieldKind::YesNo,
            "truefalse" => FieldKind::TrueFalse,
            "calc" => FieldKind::Calc,
            "slider" => FieldKind::Slider,
            "file" => FieldKind::File,
            "descriptive" => FieldKind::Descriptive,
            "sql" => FieldKind::Sql,
            _ => FieldKind::Other(self.field_type.clone()),
        }
    }

    /// The choices, in order; of yes-no and true-false those that REDCap gives them. Empty for other fields.
    pub fn choices(&self) -> Vec<Choice> {
        let fixed = |no: &str, yes: &str| {
            let choice = |code: &str, label: &str| Choice { code: code.to_owned(), label: label.to_owned() };
            vec![choice("1", yes), choice("0", no)]
        };
        match self.kind() {
            FieldKind::YesNo => fixed("No", "Yes"),
            FieldKind::TrueFalse => fixed("False", "True"),
            FieldKind::Dropdown | FieldKind::Radio | FieldKind::Checkbox => {
                let parts = self.choices_or_calculation.split('|').map(str::trim).filter(|p| !p.is_empty());
                let choice = |part: &str| {
                    // A label without a code stands for itself.
                    let (code, label) = part.split_once(',').unwrap_or((part, part));
                    Choice { code: code.trim().to_owned(), label: label.trim().to_owned() }
                };
                parts.map(choice).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The calculation of a computed field.
    pub fn calculation(&self) -> Option<&str> {
        let text = self.choices_or_calculation.trim();
        (self.kind() == FieldKind::Calc && !text.is_empty()).then_some(text)
    }

    /// The labels of a slider: left, middle, right, as far as they are given.
    pub fn slider_labels(&self) -> Vec<&str> {
        let slider = self.kind() == FieldKind::Slider && !self.choices_or_calculation.trim().is_empty();
        if slider { self.choices_or_calculation.split('|').map(str::trim).collect() } else { Vec::new() }
    }

    /// When the field is shown; `None` for always.
    pub fn branching(&self) -> Option<&str> {
        Some(self.branching_logic.trim()).filter(|text| !text.is_empty())
    }

    /// Whether the field identifies a person.
    pub fn is_identifier(&self) -> bool {
        self.identifier.trim().eq_ignore_ascii_case("y")
    }

    /// Whether a form is complete only with it.
    pub fn is_required(&self) -> bool {
        self.required.trim().eq_ignore_ascii_case("y")
    }

    /// What the text must look like.
    pub fn validation(&self) -> Option<Validation> {
        let name = self.validation_type.trim();
        if name.is_empty() || self.kind() != FieldKind::Text {
            return None;
        }
        Some(match name {
            "int" | "integer" => Validation::Integer,
            "float" | "number" => Validation::Number { decimals: None, comma: false },
            _ if name.starts_with("number") => number(name),
            _ if name.starts_with("datetime_seconds") => Validation::DateTime { seconds: true },
            _ if name.starts_with("datetime") => Validation::DateTime { seconds: false },
            _ if name.starts_with("date") => Validation::Date,
            _ if name.starts_with("time") => Validation::Time,
            "email" | "alpha_only" | "ssn" | "zipcode" | "vmrn" => Validation::Pattern,
            _ if ["phone", "postalcode", "mrn"].iter().any(|p| name.starts_with(p)) => Validation::Pattern,
            _ => Validation::Local,
        })
    }

    /// What kind of value data have; `None` for a field without values. Codes of choices are texts.
    pub fn value_kind(&self) -> Option<Kind> {
        Some(match self.kind() {
            FieldKind::Descriptive => return None,
            FieldKind::Calc | FieldKind::Slider => Kind::Number,
            FieldKind::Text => match self.validation() {
                Some(Validation::Integer | Validation::Number { .. }) => Kind::Number,
                Some(Validation::Date) => Kind::Date,
                Some(Validation::DateTime { .. }) => Kind::DateTime,
                Some(Validation::Time) => Kind::Time,
                _ => Kind::Text,
            },
            _ => Kind::Text,
        })
    }

    /// The columns that data have for the field: one, or of a checkbox one for each choice.
    pub fn columns(&self) -> Vec<String> {
        match self.kind() {
            FieldKind::Descriptive => Vec::new(),
            FieldKind::Checkbox => self.choices().iter().map(|c| checkbox_column(&self.name, &c.code)).collect(),
            _ => vec![self.name.clone()],
        }
    }

    /// The marks in the annotation.
    pub fn action_tags(&self) -> Vec<ActionTag> {
        let mut tags = Vec::new();
        let mut rest = self.annotation.as_str();
        while let Some(at) = rest.find('@') {
            // An `@` within a word is one of a mail address.
            let within = rest[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            rest = &rest[at + 1..];
            let length =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
            if within || length == 0 {
                continue;
            }
            let name = rest[..length].to_ascii_uppercase();
            let (value, after) = tag_value(&rest[length..]);
            tags.push(ActionTag { name, value });
            rest = after;
        }
        tags
    }

    /// Whether the annotation has this mark, `HIDDEN`.
    pub fn has_tag(&self, name: &str) -> bool {
        self.action_tags().iter().any(|t| t.name == name)
    }
}

/// `number_2dp_comma_decimal`.
fn number(name: &str) -> Validation {
    let decimals =
        name.strip_prefix("number_").and_then(|n| n.split_once("dp")).and_then(|(digits, _)| digits.parse().ok());
    Validation::Number { decimals, comma: name.ends_with("comma_decimal") }
}

/// The column of a choice: the code in small letters, a minus as `_`.
pub(super) fn checkbox_column(name: &str, code: &str) -> String {
    format!("{name}___{}", code.to_lowercase().replace('-', "_"))
}

/// What a mark says, `="…"`, `=…` or `(…)`, and the text after it.
fn tag_value(text: &str) -> (Option<String>, &str) {
    if let Some(inner) = text.strip_prefix('(') {
        return bracketed(inner);
    }
    let Some(value) = text.trim_start().strip_prefix('=').map(str::trim_start) else { return (None, text) };
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            let end = inner.find(quote).unwrap_or(inner.len());
            return (Some(inner[..end].to_owned()), inner.get(end + 1..).unwrap_or_default());
        }
    }
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    (Some(value[..end].to_owned()), &value[end..])
}

/// Up to the bracket that closes the one before.
fn bracketed(inner: &str) -> (Option<String>, &str) {
    let mut open = 1;
    for (at, c) in inner.char_indices() {
        open += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if open == 0 {
            return (Some(inner[..at].to_owned()), &inner[at + 1..]);
        }
    }
    (Some(inner.to_owned()), "")
}

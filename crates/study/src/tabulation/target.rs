//! What does an annotation of an item say?
//!
//! ```text
//! VS.VSORRES where VSTESTCD = SYSBP              a variable of the records for which the conditions hold
//! DS.DSSTDTC where DSDECOD = RANDOMIZED, DSCAT = 'PROTOCOL MILESTONE'
//! SUPPAE.AETRTEM                                 a supplemental qualifier of the records of AE
//! CO.COVAL                                       a comment on the records of its item group
//! RELREC to CM                                   the number of the row of CM's log to which the record is related
//! ```
//! Conditions stand between commas or `and`; a value that holds one of these, or `=`, stands in single quotes, a quote in it twice. They are
//! what is written on annotated case report forms (FDA Study Data Technical Conformance Guide, annotated CRF).

use super::dictionary::Dictionary;
use croft_cdisc::library::Class;
use serde::{Serialize, Serializer};
use std::fmt;

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A variable of a domain, or a supplemental qualifier (`SUPPAE`, its `QNAM`).
    Variable {
        /// `VS`, `SUPPAE`.
        dataset: String,
        /// `VSORRES`, or the value of `QNAM`.
        variable: String,
        /// What holds for the records: variable of the domain and value.
        conditions: Vec<(String, String)>,
    },
    /// The number of a row of another domain's log (`RELREC`).
    Related {
        /// The other domain.
        to: String,
    },
}

/// Why an annotation cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what it is")]
pub enum TargetError {
    #[error("`{text}` is not DATASET.VARIABLE where VARIABLE = VALUE, nor RELREC to DATASET")]
    Form { text: String },
    #[error("{guide} has no dataset {dataset} that an item can go to")]
    Dataset { guide: String, dataset: String },
    #[error("{dataset} has no variable {variable} in {guide}")]
    Variable { guide: String, dataset: String, variable: String },
    #[error("`{name}` is no name of a supplemental qualifier")]
    Qualifier { name: String },
    #[error("{variable} is made by croft")]
    Made { variable: String },
}

impl TargetError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Form { .. } => "write it like \"VS.VSORRES where VSTESTCD = SYSBP\"; docs/tabulate.md has more",
            Self::Dataset { .. } => {
                "name a domain of the guide, SUPP and a domain, or CO; or say `not_submitted` with a reason"
            }
            Self::Variable { .. } => "name a variable of the domain, or a qualifier of its SUPP-- dataset",
            Self::Qualifier { .. } => "one to eight capital letters and digits, a letter first",
            Self::Made { .. } => {
                "name the variable that holds the value itself; identifiers, --SEQ, --DY and EPOCH follow"
            }
        }
    }
}

impl Target {
    /// A variable without conditions.
    pub fn variable(dataset: &str, variable: &str) -> Self {
        Self::Variable { dataset: dataset.to_owned(), variable: variable.to_owned(), conditions: Vec::new() }
    }

    /// A variable of the records of one test.
    pub fn of_test(domain: &str, variable: &str, test: &str) -> Self {
        let conditions = vec![(format!("{domain}TESTCD"), test.to_owned())];
        Self::Variable { dataset: domain.to_owned(), variable: variable.to_owned(), conditions }
    }

    /// The dataset: `RELREC` for a relation.
    pub fn dataset(&self) -> &str {
        match self {
            Self::Variable { dataset, .. } => dataset,
            Self::Related { .. } => "RELREC",
        }
    }

    /// The domain of the records that it is about: `AE` for `SUPPAE`. None for a relation or a comment, which are about their item group's.
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::Variable { dataset, .. } if dataset == "CO" => None,
            Self::Variable { dataset, .. } => Some(parent(dataset).unwrap_or(dataset)),
            Self::Related { .. } => None,
        }
    }

    /// Reads an annotation and holds it against the guide.
    pub fn parse(text: &str, dictionary: &Dictionary) -> Result<Self, TargetError> {
        let fault = || TargetError::Form { text: text.to_owned() };
        let (head, conditions) = match split_word(text, "where") {
            Some((head, rest)) => (head, read_conditions(rest).ok_or_else(fault)?),
            None => (text, Vec::new()),
        };
        if let Some((dataset, to)) = split_word(head, "to") {
            if dataset.trim() != "RELREC" || !conditions.is_empty() {
                return Err(fault());
            }
            let to = to.trim().to_owned();
            return if dictionary.is_general(&to) {
                Ok(Self::Related { to })
            } else {
                Err(no_dataset(&to, dictionary))
            };
        }
        let (dataset, variable) = head.trim().split_once('.').ok_or_else(fault)?;
        let (dataset, variable) = (dataset.trim(), variable.trim());
        if [dataset, variable].iter().any(|name| name.is_empty() || name.contains(char::is_whitespace)) {
            return Err(fault());
        }
        let domain = parent(dataset).unwrap_or(dataset);
        check_dataset(dataset, domain, dictionary)?;
        if parent(dataset).is_some() {
            check_qualifier(variable)?;
        } else {
            check_variable(domain, variable, dictionary)?;
        }
        for (name, _) in &conditions {
            check_variable(domain, name, dictionary)?;
        }
        Ok(Self::Variable { dataset: dataset.to_owned(), variable: variable.to_owned(), conditions })
    }
}

/// What an item group says of its records: `LB where LBSPEC = BLOOD`.
pub fn parse_group(text: &str, dictionary: &Dictionary) -> Result<(String, Vec<(String, String)>), TargetError> {
    let fault = || TargetError::Form { text: text.to_owned() };
    let (domain, conditions) = match split_word(text, "where") {
        Some((head, rest)) => (head.trim(), read_conditions(rest).ok_or_else(fault)?),
        None => (text.trim(), Vec::new()),
    };
    if !dictionary.is_general(domain) && domain != "DM" {
        return Err(no_dataset(domain, dictionary));
    }
    for (name, _) in &conditions {
        check_variable(domain, name, dictionary)?;
    }
    Ok((domain.to_owned(), conditions))
}

/// The domain of a dataset of supplemental qualifiers.
pub fn parent(dataset: &str) -> Option<&str> {
    dataset.strip_prefix("SUPP").filter(|parent| !parent.is_empty())
}

fn no_dataset(dataset: &str, dictionary: &Dictionary) -> TargetError {
    TargetError::Dataset { guide: dictionary.guide.name(), dataset: dataset.to_owned() }
}

fn check_dataset(dataset: &str, domain: &str, dictionary: &Dictionary) -> Result<(), TargetError> {
    let takes = match dictionary.class(domain) {
        Some(Class::SpecialPurpose) => domain == "DM" || (dataset == "CO" && parent(dataset).is_none()),
        Some(class) => class.is_general(),
        None => false,
    };
    if takes { Ok(()) } else { Err(no_dataset(dataset, dictionary)) }
}

fn check_variable(domain: &str, variable: &str, dictionary: &Dictionary) -> Result<(), TargetError> {
    let made = ["STUDYID", "DOMAIN", "USUBJID", "EPOCH", "VISITNUM", "VISIT", "VISITDY"];
    let suffix = variable.strip_prefix(domain).unwrap_or("");
    if made.contains(&variable) || ["SEQ", "DY", "STDY", "ENDY", "BLFL", "LOBXFL"].contains(&suffix) {
        return Err(TargetError::Made { variable: variable.to_owned() });
    }
    match dictionary.variable(domain, variable) {
        Some(_) => Ok(()),
        None => Err(TargetError::Variable {
            guide: dictionary.guide.name(),
            dataset: domain.to_owned(),
            variable: variable.to_owned(),
        }),
    }
}

fn check_qualifier(name: &str) -> Result<(), TargetError> {
    let fits = (1..=8).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if fits { Ok(()) } else { Err(TargetError::Qualifier { name: name.to_owned() }) }
}

/// What stands before and after the first such word.
fn split_word<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let spaced = format!(" {word} ");
    text.find(&spaced).and_then(|at| Some((text.get(..at)?, text.get(at + spaced.len()..)?)))
}

/// `A = x, B = 'y, z' and C = w`. None: not of this form.
fn read_conditions(text: &str) -> Option<Vec<(String, String)>> {
    let mut conditions = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return None;
        }
        let (value, after) = read_value(after.trim_start())?;
        conditions.push((name.to_owned(), value));
        if after.is_empty() {
            return Some(conditions);
        }
        rest = after;
    }
}

/// A value and what stands after the separator behind it.
fn read_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let comma = text.find(',');
        let and = text.find(" and ");
        let (end, width) = match (comma, and) {
            (Some(c), Some(a)) if a < c => (a, 5),
            (Some(c), _) => (c, 1),
            (None, Some(a)) => (a, 5),
            (None, None) => (text.len(), 0),
        };
        let value = text.get(..end)?.trim();
        let fits = !value.is_empty() && !value.contains(['=', '\'']);
        return fits.then(|| (value.to_owned(), text.get(end + width..).unwrap_or("").trim()));
    };
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => {
                let after = after.trim_start();
                let next = after.strip_prefix(',').or_else(|| after.strip_prefix("and "));
                let ends = after.is_empty();
                return (ends || next.is_some()).then(|| (value, next.unwrap_or("").trim()));
            }
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Related { to } => write!(f, "RELREC to {to}"),
            Self::Variable { dataset, variable, conditions } => {
                write!(f, "{dataset}.{variable}")?;
                for (i, (name, value)) in conditions.iter().enumerate() {
                    let lead = if i == 0 { " where" } else { "," };
                    write!(f, "{lead} {name} = {}", written(value))?;
                }
                Ok(())
            }
        }
    }
}

/// A value as it must be written to be read as itself.
fn written(value: &str) -> String {
    let plain = !value.contains(['\'', ',', '=']) && !format!(" {value} ").contains(" and ") && value.trim() == value;
    if plain && !value.is_empty() { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_design::definition::Definition;

    const STUDY: &str = "[study]\nid = \"X\"\ntitle = \"x\"\n";

    fn dictionary() -> Dictionary {
        Dictionary::of(&Definition::parse(STUDY).unwrap()).unwrap()
    }

    #[test]
    fn what_is_shown_reads_as_itself() {
        let d = dictionary();
        for text in [
            "VS.VSORRES where VSTESTCD = SYSBP",
            "VS.VSORRES where VSTESTCD = SYSBP, VSPOS = SITTING",
            "DS.DSSTDTC where DSDECOD = RANDOMIZED, DSCAT = PROTOCOL MILESTONE",
            "MH.MHOCCUR where MHTERM = 'Heart, and vessels'",
            "MH.MHOCCUR where MHTERM = 'It''s = this'",
            "SUPPAE.AETRTEM",
            "SUPPVS.METHOD where VSTESTCD = TEMP",
            "CO.COVAL",
            "RELREC to CM",
            "DM.RFICDTC",
        ] {
            assert_eq!(Target::parse(text, &d).unwrap().to_string(), text);
        }
        let both = Target::parse("VS.VSPOS where VSTESTCD = 'SYSBP' and VSLOC = ARM", &d).unwrap();
        assert_eq!(both.to_string(), "VS.VSPOS where VSTESTCD = SYSBP, VSLOC = ARM");
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_reason() {
        let d = dictionary();
        let refusal = |text: &str| Target::parse(text, &d).unwrap_err().to_string();
        assert_eq!(refusal("QQ.QQORRES"), "SDTMIG 3.4 has no dataset QQ that an item can go to");
        assert_eq!(refusal("VS.VSWHAT"), "VS has no variable VSWHAT in SDTMIG 3.4");
        assert_eq!(refusal("VS.VSORRES where AETERM = X"), "VS has no variable AETERM in SDTMIG 3.4");
        assert_eq!(refusal("SUPPAE.ae-trtem"), "`ae-trtem` is no name of a supplemental qualifier");
        assert_eq!(refusal("VS.VSDY"), "VSDY is made by croft");
        assert_eq!(refusal("TS.TSVAL"), "SDTMIG 3.4 has no dataset TS that an item can go to");
        for text in [
            "",
            "VS",
            "VS.",
            ".X",
            "VS.VSORRES where",
            "VS.VSORRES where = 1",
            "VS.VSPOS where VSLOC = 'x",
            "RELREC to",
        ] {
            assert!(refusal(text).contains("is not DATASET.VARIABLE"), "{text}: {}", refusal(text));
        }
    }
}

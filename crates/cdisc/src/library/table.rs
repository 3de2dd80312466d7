//! How is a table of a standard written as text?
//!
//! ```text
//! # words about the table, among them its source
//! standard  sdtmig  3.4  SDTM Implementation Guide: Human Clinical Trials
//! model     2.0     2.0                                     written for; at hand
//! with      adam-occds  1.1                                 a document that belongs to it
//! dataset   AE  Events  Adverse Events  One record per …    name, class, label, structure
//! class     Findings                                        in a model
//! set       Treatment Timing                                in ADaM: the group of the variables below
//! AETERM    Reported Term for the Adverse Event  Char  Topic  Req  C1 C2  MedDRA
//! ```
//!
//! Fields stand between tabs; empty ones at the end of a line are left out. A line that begins with none of the lower-case words is a variable of
//! the dataset or class above it.

use super::{Class, Dataset, Library, Model, Standard, Variable};

/// A table is not as it should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TableError {
    #[error("line {line}: {what}")]
    Line { line: usize, what: &'static str },
    #[error("no line `standard`")]
    NoStandard,
    #[error("{product} {version} is named but not here")]
    Unknown { product: &'static str, version: &'static str },
}

/// What both kinds of table hold.
#[derive(Default)]
struct Parts {
    standard: Option<(&'static str, &'static str, &'static str)>,
    model: Option<(&'static str, &'static str)>,
    with: Vec<(&'static str, &'static str)>,
    classes: Vec<(&'static str, Vec<Variable>)>,
    datasets: Vec<Dataset>,
}

/// Reads a guide or a structure document.
pub(super) fn standard(text: &'static str) -> Result<Standard, TableError> {
    let parts = parts(text)?;
    let (product, version, title) = parts.standard.ok_or(TableError::NoStandard)?;
    let (written_for, at_hand) = parts.model.unwrap_or_default();
    let model = match at_hand {
        "" => None,
        version => Some(Library::model(version).ok_or(TableError::Unknown { product: "sdtm", version })?),
    };
    let with = parts
        .with
        .into_iter()
        .map(|(product, version)| Library::of(product, version).ok_or(TableError::Unknown { product, version }));
    let with = with.collect::<Result<_, _>>()?;
    Ok(Standard { product, version, title, written_for, model, datasets: parts.datasets, with })
}

/// Reads a general model.
pub(super) fn model(text: &'static str) -> Result<Model, TableError> {
    let mut parts = parts(text)?;
    let (_, version, _) = parts.standard.ok_or(TableError::NoStandard)?;
    let mut take = |name: &str| {
        let found = parts.classes.iter_mut().find(|(class, _)| *class == name);
        found.map(|(_, variables)| std::mem::take(variables)).unwrap_or_default()
    };
    Ok(Model {
        version,
        general: take("General Observations"),
        interventions: take("Interventions"),
        events: take("Events"),
        findings: take("Findings"),
        findings_about: take("Findings About"),
        associated_persons: take("Associated Persons"),
        datasets: parts.datasets,
    })
}

fn parts(text: &'static str) -> Result<Parts, TableError> {
    let mut parts = Parts::default();
    let mut in_class = false;
    let mut set = "";
    for (index, row) in text.lines().enumerate() {
        let at = |what| TableError::Line { line: index + 1, what };
        if row.is_empty() || row.starts_with('#') {
            continue;
        }
        let mut fields = row.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        match next() {
            "standard" => parts.standard = Some((next(), next(), next())),
            "model" => parts.model = Some((next(), next())),
            "with" => parts.with.push((next(), next())),
            "set" => set = next(),
            "class" => {
                parts.classes.push((next(), Vec::new()));
                in_class = true;
            }
            "dataset" => {
                let (name, class) = (next(), next());
                let class = match class {
                    "" => analysis_class(name),
                    class => Some(Class::named(class).ok_or_else(|| at("not a class"))?),
                };
                parts.datasets.push(Dataset { name, class, label: next(), structure: next(), variables: Vec::new() });
                (in_class, set) = (false, "");
            }
            name => {
                let holder = if in_class {
                    parts.classes.last_mut().map(|(_, variables)| variables)
                } else {
                    parts.datasets.last_mut().map(|dataset| &mut dataset.variables)
                };
                let variables = holder.ok_or_else(|| at("a variable under no dataset or class"))?;
                variables.push(Variable {
                    name,
                    label: next(),
                    simple_type: next(),
                    role: next(),
                    core: next(),
                    codelists: next().split(' ').filter(|code| !code.is_empty()).collect(),
                    described_value_domain: next(),
                    set,
                    ordinal: variables.len() + 1,
                });
            }
        }
        if fields.next().is_some() {
            return Err(at("more fields than the line can have"));
        }
    }
    Ok(parts)
}

/// The class of a structure that ADaM's documents name.
fn analysis_class(structure: &str) -> Option<Class> {
    match structure {
        "ADSL" => Some(Class::SubjectLevelAnalysisDataset),
        "BDS" | "BDS for TTE" | "ADNCA" => Some(Class::BasicDataStructure),
        "OCCDS" | "AE" => Some(Class::OccurrenceDataStructure),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_not_whole_says_where() {
        assert_eq!(standard("dataset\tAE\tEvents\n").unwrap_err(), TableError::NoStandard);
        let no_class = standard("standard\ta\t1\tA\ndataset\tAE\tHappenings\n").unwrap_err();
        assert_eq!(no_class.to_string(), "line 2: not a class");
        let loose = standard("standard\ta\t1\tA\nAETERM\tTerm\n").unwrap_err();
        assert_eq!(loose.to_string(), "line 2: a variable under no dataset or class");
        let long = standard("standard\ta\t1\tA\tmore\n").unwrap_err();
        assert_eq!(long.to_string(), "line 1: more fields than the line can have");
        let unknown = standard("standard\ta\t1\tA\nmodel\t9\t9\n").unwrap_err();
        assert_eq!(unknown, TableError::Unknown { product: "sdtm", version: "9" });
    }
}

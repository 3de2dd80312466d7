//! What does the standard say about this dataset, variable or code list?
//!
//! A small table in croft's own format (`data/*.csv`): class, structure and keys of a dataset; label, type, role,
//! core and code lists of a variable. It holds what croft makes, not the whole of the guides.
//!
//! ```
//! let variable = croft_cdisc::model::variable("PC", "PCSTRESN").unwrap();
//! assert_eq!(variable.label, "Numeric Result/Finding in Standard Units");
//! ```
//!
//! Names with placeholders are families: `TRTxxP` answers for `TRT01P`, with the digits put into the label; `SUPP--`
//! answers for `SUPPAE`. An ADaM dataset also answers for the variables it copies from its sources (`ADPC` from BDS,
//! ADSL, PC and DM, in that order).
//!
//! Sources: CDISC SDTMIG 3.4, ADaMIG 1.3, ADaMIG NCA 1.0; CDISC Controlled Terminology by NCI EVS. Facts only; each
//! data file's head names its source. Data types within Num and Char, and the natural keys, are croft's reading.

use crate::terminology::{self, Codelist, PackageName};
use croft_core::{DataType, Kind, Variable};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A dataset as the implementation guide has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetModel {
    /// `PC`, `SUPP--`, `ADSL`.
    pub name: String,
    /// At most 40 characters.
    pub label: String,
    /// Class in the wording of the define-XML terminology (`GNRLOBSC`): `FINDINGS`.
    pub class: String,
    /// Subclass, for ADaM's basic data structure (`BDSSC`): `NON-COMPARTMENTAL ANALYSIS`.
    pub subclass: Option<String>,
    /// Whether it is analysis data (ADaM) rather than tabulation (SDTM).
    pub analysis: bool,
    /// Whether a subject may have more than one row.
    pub repeating: bool,
    /// Whether it holds no subjects (trial design).
    pub reference: bool,
    /// What one row is: `One record per subject`.
    pub structure: String,
    /// Variables that together name a row; a dataset that lacks one of them has the rest.
    pub keys: Vec<String>,
    lookup: Vec<String>,
}

/// A variable as the implementation guide has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableModel {
    /// `PCSTRESN`; a member of a family carries its own name, `TRT01P`.
    pub name: String,
    /// At most 40 characters in all but one case of the guides.
    pub label: String,
    /// Num or Char.
    pub kind: Kind,
    /// Meaning: `Datetime` for a Char `--DTC`, `Date` for a Num `--DT`.
    pub data_type: DataType,
    /// SDTM role: `Topic`, `Timing`; empty in ADaM.
    pub role: String,
    /// `Req`, `Exp`, `Perm` (SDTM); `Req`, `Cond`, `Perm` (ADaM).
    pub core: String,
    /// NCI codes of the code lists its values come from; the first is the usual one.
    pub codelists: Vec<String>,
}

impl VariableModel {
    /// Metadata for a column of this variable: label, storage, type, first code list, and the usual display format of
    /// numeric dates and times (`DATE9.`, `TIME8.`, `DATETIME20.`).
    pub fn to_variable(&self) -> Variable {
        let mut variable = Variable::new(&self.name, &self.label, self.kind, self.data_type);
        variable.codelist = self.codelists.first().cloned();
        if self.kind == Kind::Num {
            variable.format = match self.data_type {
                DataType::Date => Some("DATE9.".to_owned()),
                DataType::Time => Some("TIME8.".to_owned()),
                DataType::Datetime => Some("DATETIME20.".to_owned()),
                _ => None,
            };
        }
        variable
    }
}

/// The dataset of this name; `SUPPAE` is answered from `SUPP--`. `None`: croft does not know it.
pub fn dataset(name: &str) -> Option<&'static DatasetModel> {
    let tables = tables();
    tables.datasets.get(name).or_else(|| is_supplemental(name).then(|| tables.datasets.get("SUPP--")).flatten())
}

/// The variable of this name in this dataset, or in the datasets that it copies from.
pub fn variable(dataset_name: &str, variable_name: &str) -> Option<VariableModel> {
    let model = dataset(dataset_name)?;
    std::iter::once(&model.name)
        .chain(&model.lookup)
        .find_map(|holder| find_in(tables().variables.get(holder.as_str())?, variable_name))
}

/// The variables of a dataset in the guide's order, families under their placeholder names. An ADaM dataset built on a
/// structure lists only its own; [`variable`] finds the others.
pub fn variables(dataset_name: &str) -> &'static [VariableModel] {
    dataset(dataset_name).and_then(|d| tables().variables.get(&d.name)).map_or(&[], Vec::as_slice)
}

/// The code list with this NCI code, in the newest terminology of SDTM that comes with croft, else in that of ADaM; and the package that has it.
pub fn codelist(code: &str) -> Option<(&'static Codelist, &'static PackageName)> {
    ["sdtmct", "adamct"].into_iter().find_map(|product| {
        let newest = terminology::embedded_names().filter(|name| name.product() == product).last()?;
        let package = terminology::embedded(&newest)?;
        Some((package.codelist(code)?, &package.name))
    })
}

fn is_supplemental(name: &str) -> bool {
    name.strip_prefix("SUPP").is_some_and(|rest| !rest.is_empty() && rest != "--")
}

fn find_in(variables: &[VariableModel], name: &str) -> Option<VariableModel> {
    if let Some(exact) = variables.iter().find(|v| v.name == name) {
        return Some(exact.clone());
    }
    variables.iter().find_map(|family| {
        let members = family_digits(&family.name, name)?;
        let mut label = family.label.clone();
        for (placeholder, digits) in &members {
            label = fill_placeholder(&label, placeholder, digits);
        }
        Some(VariableModel { name: name.to_owned(), label, ..family.clone() })
    })
}

/// Placeholders of ADaMIG 3.1: `xx` and `zz` two digits, `y` and `w` a number from 1 without leading zeros.
const PLACEHOLDERS: [(&str, bool); 4] = [("xx", true), ("zz", true), ("y", false), ("w", false)];

/// The digits that stand for each placeholder when `name` belongs to the family; `None` when it does not.
fn family_digits<'n>(family: &str, name: &'n str) -> Option<Vec<(&'static str, &'n str)>> {
    let mut found = Vec::new();
    let (mut family, mut name) = (family, name);
    while !family.is_empty() {
        if let Some(&(placeholder, two_digits)) = PLACEHOLDERS.iter().find(|(p, _)| family.starts_with(p)) {
            let digits = name.bytes().take_while(u8::is_ascii_digit).take(2).count();
            let fits = if two_digits { digits == 2 } else { digits > 0 && !name.starts_with('0') };
            if !fits {
                return None;
            }
            found.push((placeholder, &name[..digits]));
            family = &family[placeholder.len()..];
            name = &name[digits..];
        } else {
            let head = family.chars().next()?;
            name = name.strip_prefix(head)?;
            family = &family[head.len_utf8()..];
        }
    }
    (name.is_empty() && !found.is_empty()).then_some(found)
}

/// Puts the digits where the placeholder stands as a word of the label: `Period xx (N)` becomes `Period 01 (N)`.
fn fill_placeholder(label: &str, placeholder: &str, digits: &str) -> String {
    label.split(' ').map(|word| if word == placeholder { digits } else { word }).collect::<Vec<_>>().join(" ")
}

struct Tables {
    datasets: BTreeMap<String, DatasetModel>,
    variables: BTreeMap<String, Vec<VariableModel>>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables { datasets: read_datasets(), variables: read_variables() })
}

#[derive(Deserialize)]
struct DatasetRow {
    dataset: String,
    label: String,
    class: String,
    subclass: Option<String>,
    purpose: String,
    repeating: bool,
    reference: bool,
    structure: String,
    keys: String,
    lookup: String,
}

#[derive(Deserialize)]
struct VariableRow {
    dataset: String,
    variable: String,
    label: String,
    r#type: Kind,
    data_type: DataType,
    role: String,
    core: String,
    codelists: String,
}

/// Rows of one of croft's own tables. The tests walk each, so a bad row is a mistake of ours.
pub(crate) fn rows<T: serde::de::DeserializeOwned>(name: &str, text: &'static str) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let row = |(i, row): (usize, csv::Result<T>)| row.unwrap_or_else(|e| panic!("data/{name}, row {}: {e}", i + 1));
    reader.deserialize().enumerate().map(row).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn read_datasets() -> BTreeMap<String, DatasetModel> {
    rows("datasets.csv", include_str!("../data/datasets.csv"))
        .into_iter()
        .map(|row: DatasetRow| {
            let model = DatasetModel {
                name: row.dataset.clone(),
                label: row.label,
                class: row.class,
                subclass: row.subclass,
                analysis: row.purpose == "Analysis",
                repeating: row.repeating,
                reference: row.reference,
                structure: row.structure,
                keys: words(&row.keys),
                lookup: words(&row.lookup),
            };
            (row.dataset, model)
        })
        .collect()
}

fn read_variables() -> BTreeMap<String, Vec<VariableModel>> {
    let mut all: BTreeMap<String, Vec<VariableModel>> = BTreeMap::new();
    for row in rows::<VariableRow>("variables.csv", include_str!("../data/variables.csv")) {
        all.entry(row.dataset).or_default().push(VariableModel {
            name: row.variable,
            label: row.label,
            kind: row.r#type,
            data_type: row.data_type,
            role: row.role,
            core: row.core,
            codelists: words(&row.codelists),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let tables = tables();
        assert_eq!(tables.datasets.len(), 18);
        assert_eq!(tables.variables.values().map(Vec::len).sum::<usize>(), 702);
    }

    #[test]
    fn keys_and_code_lists_exist() {
        for (name, model) in &tables().datasets {
            for key in &model.keys {
                assert!(variable(name, key).is_some(), "{name} has the unknown key {key}");
            }
            for variable in variables(name) {
                for code in &variable.codelists {
                    assert!(codelist(code).is_some(), "{name}.{}: no code list {code}", variable.name);
                }
            }
        }
    }

    #[test]
    fn a_family_answers_for_its_members() {
        let planned = variable("ADSL", "TRT02PN").unwrap();
        assert_eq!(planned.label, "Planned Treatment for Period 02 (N)");
        assert_eq!(variable("ADPC", "ANL01FL").unwrap().label, "Analysis Flag 01");
        assert_eq!(variable("ADSL", "P01S2SDT").unwrap().label, "Period 01 Subperiod 2 Start Date");
        assert_eq!(variable("ADSL", "TRT1P"), None, "xx is two digits");
        assert_eq!(variable("ADPC", "CRIT0"), None, "y starts from 1");
    }

    #[test]
    fn an_analysis_dataset_answers_for_what_it_copies() {
        assert_eq!(variable("ADPC", "PCLLOQ").unwrap().core, "Cond", "its own structure comes first");
        assert_eq!(variable("ADSL", "COUNTRY").unwrap().label, "Country");
        assert_eq!(variable("SUPPPC", "QNAM").unwrap().role, "Topic");
        assert_eq!(variable("ADSL", "PCSTRESN"), None);
        assert_eq!(dataset("SUPP"), None);
    }

    #[test]
    fn a_numeric_date_gets_its_display_format() {
        let column = variable("ADSL", "TRTSDT").unwrap().to_variable();
        assert_eq!((column.kind, column.data_type), (Kind::Num, DataType::Date));
        assert_eq!(column.format.as_deref(), Some("DATE9."));
        assert_eq!(variable("DM", "RFSTDTC").unwrap().to_variable().format, None);
    }

    #[test]
    fn terms_carry_their_nci_codes() {
        let (yes_no, package) = codelist("C66742").unwrap();
        assert_eq!(package.product(), "sdtmct");
        assert_eq!(yes_no.submission_value, "NY");
        assert!(!yes_no.extensible);
        assert_eq!(yes_no.term("Y").unwrap().code.as_deref(), Some("C49488"));
    }
}

//! What does this version of a standard say: which datasets, which variables, in which order?
//!
//! | product | versions |
//! |---|---|
//! | `sdtmig` | 3.2, 3.3, 3.4 |
//! | `sendig` | 3.0, 3.1, 3.1.1 |
//! | `sendig-dart` | 1.1 |
//! | `adamig` | 1.1, 1.3, each with `adam-occds` 1.1, `adam-tte` 1.0 and `adam-nca` 1.0, which also stand alone |
//! | `sdtm`, the model behind the SDTM and SEND guides | 1.4, 1.5, 1.7, 2.0 |
//!
//! ```
//! use croft_cdisc::library::Library;
//! let guide = Library::of("sdtmig", "3.4").unwrap();
//! let variable = guide.dataset("AE").unwrap().variable("AETERM").unwrap();
//! assert_eq!((variable.role, variable.core), ("Topic", "Req"));
//! assert_eq!(guide.model.unwrap().version, "2.0");
//! ```
//!
//! The tables are text files beside this crate (`library/*.txt`), made by `cargo xtask library`; their heads name the source. A table is read
//! when it is first asked for, in about a millisecond, and all of its words are borrowed from the program.
//!
//! Two guides are written for a model that is not here (SENDIG 3.0 for 1.2, SENDIG-DART 1.1 for 1.6); [`Standard::written_for`] says so, and the
//! nearest version that holds all of it answers as [`Standard::model`].
//!
//! [`identify`](Standard::identify) tells which domain and observation class a dataset of a study belongs to.

mod class;
mod identify;
mod table;

pub use class::Class;
pub use identify::{Identity, adam_structure};

use std::sync::OnceLock;
use table::TableError;

/// One version of a guide, of a structure document or of the general model.
#[derive(Debug)]
pub struct Standard {
    /// `sdtmig`.
    pub product: &'static str,
    /// `3.4`.
    pub version: &'static str,
    /// `SDTM Implementation Guide: Human Clinical Trials`.
    pub title: &'static str,
    /// Version of the general model that the guide is written for; empty for ADaM and for the model itself.
    pub written_for: &'static str,
    /// The general model that answers for it, if it has one.
    pub model: Option<&'static Model>,
    /// Datasets, or the structures of ADaM, in the guide's order.
    pub datasets: Vec<Dataset>,
    /// Documents that add structures to this one.
    pub with: Vec<&'static Standard>,
}

/// A dataset of a guide, a structure of ADaM.
#[derive(Debug, PartialEq, Eq)]
pub struct Dataset {
    /// `AE`, `SUPPQUAL`, `BDS`.
    pub name: &'static str,
    /// `None` where the source names none.
    pub class: Option<Class>,
    /// `Adverse Events`; empty in ADaM and in the model.
    pub label: &'static str,
    /// What one row is: `One record per adverse event per subject`; empty in ADaM and in the model.
    pub structure: &'static str,
    /// In the guide's order.
    pub variables: Vec<Variable>,
}

/// A variable of a dataset or of a class. A field that the source leaves open is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// `AETERM`; `--TERM` in the model and in `SUPPQUAL`'s kin; `TRTxxP` for a family in ADaM.
    pub name: &'static str,
    /// At most 40 characters in all but a few.
    pub label: &'static str,
    /// `Char` or `Num`.
    pub simple_type: &'static str,
    /// `Identifier`, `Topic`, `Timing`, … `Qualifier`, `Rule`; empty in ADaM.
    pub role: &'static str,
    /// `Req`, `Exp`, `Perm`; in ADaM `Req`, `Cond`, `Perm`, `Not Used`; empty in the model.
    pub core: &'static str,
    /// NCI codes of code lists.
    pub codelists: Vec<&'static str>,
    /// `ISO 8601 duration`, `MedDRA`: where values come from when not from a code list.
    pub described_value_domain: &'static str,
    /// The group that ADaM puts it in: `Treatment Timing`.
    pub set: &'static str,
    /// Place within its dataset or class, from 1.
    pub ordinal: usize,
}

/// A version of the general model: variables by class, and datasets that are of no general class.
#[derive(Debug)]
pub struct Model {
    /// `2.0`.
    pub version: &'static str,
    /// Identifiers, then timing, of every general observation.
    pub general: Vec<Variable>,
    /// Topic and qualifiers of interventions.
    pub interventions: Vec<Variable>,
    /// Topic and qualifiers of events.
    pub events: Vec<Variable>,
    /// Topic and qualifiers of findings.
    pub findings: Vec<Variable>,
    /// What findings about add to findings.
    pub findings_about: Vec<Variable>,
    /// Identifiers of associated persons.
    pub associated_persons: Vec<Variable>,
    /// Special purpose, trial design, study reference and relationship datasets.
    pub datasets: Vec<Dataset>,
}

/// The standards that come with croft.
#[derive(Debug)]
pub enum Library {}

impl Library {
    /// The standard of this name and version. Takes what people write: `sdtmig` `3.4`, `SDTMIG` `3-4`, `SDTM-IG` `v3.4`; a version may also stand with the
    /// product, `SDTMIG v3.4`, where `version` is empty. `None`: croft does not have it.
    pub fn of(product: &str, version: &str) -> Option<&'static Standard> {
        let (product, version) = normal(product, version)?;
        let slot = SLOTS.iter().find(|s| s.product == product && s.version == version)?;
        Some(slot.standard())
    }

    /// Product and version of each, in order; nothing is read.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        SLOTS.iter().map(|s| (s.product, s.version))
    }

    /// The general model of this version.
    pub fn model(version: &str) -> Option<&'static Model> {
        let (_, version) = normal("sdtm", version)?;
        let slot = MODELS.iter().find(|s| s.version == version)?;
        Some(slot.model())
    }
}

impl Standard {
    /// The dataset or structure of this name, here or in a document that goes with this one.
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        let own = self.datasets.iter().find(|d| d.name == name);
        own.or_else(|| self.with.iter().find_map(|other| other.dataset(name)))
    }

    /// `SDTMIG 3.4`, as people write it.
    pub fn name(&self) -> String {
        let product = match self.product {
            "adamig" => "ADaMIG".to_owned(),
            other => {
                other.replace("adam-", "ADaM-").replace("sdtm", "SDTM").replace("send", "SEND").replace("ig", "IG")
            }
        };
        let product = product.replace("-dart", "-DART").replace("-occds", " OCCDS").replace("-tte", " TTE");
        format!("{} {}", product.replace("-nca", " NCA"), self.version)
    }
}

impl Dataset {
    /// The variable of this name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name == name)
    }
}

impl Model {
    /// Identifiers of every general observation, in order.
    pub fn identifiers(&self) -> impl Iterator<Item = &Variable> {
        self.general.iter().filter(|v| v.role == "Identifier")
    }

    /// Timing of every general observation, in order.
    pub fn timing(&self) -> impl Iterator<Item = &Variable> {
        self.general.iter().filter(|v| v.role == "Timing")
    }

    /// Topic and qualifiers of a general class, in order. Findings about are findings with `--OBJ` after `--TEST`. Empty for other classes.
    pub fn class_variables(&self, class: Class) -> Vec<&Variable> {
        match class {
            Class::Interventions => self.interventions.iter().collect(),
            Class::Events => self.events.iter().collect(),
            Class::Findings => self.findings.iter().collect(),
            Class::FindingsAbout => {
                let at = self.findings.iter().position(|v| v.name == "--TEST").map_or(self.findings.len(), |i| i + 1);
                let (head, tail) = self.findings.split_at(at);
                head.iter().chain(&self.findings_about).chain(tail).collect()
            }
            _ => Vec::new(),
        }
    }

    /// All that a dataset of a general class may hold, in the model's order: identifiers, the class's own, timing.
    pub fn allowed(&self, class: Class) -> Vec<&Variable> {
        if !class.is_general() {
            return Vec::new();
        }
        self.identifiers().chain(self.class_variables(class)).chain(self.timing()).collect()
    }

    /// The dataset of this name that belongs to no general class.
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.datasets.iter().find(|d| d.name == name)
    }
}

/// A table that comes with croft, and what is read from it when it is first asked for.
struct Slot<T> {
    product: &'static str,
    version: &'static str,
    text: &'static str,
    read: OnceLock<T>,
}

macro_rules! slot {
    ($product:literal, $version:literal, $file:literal) => {
        Slot {
            product: $product,
            version: $version,
            text: include_str!(concat!("../library/", $file, ".txt")),
            read: OnceLock::new(),
        }
    };
}

static SLOTS: [Slot<Standard>; 12] = [
    slot!("adam-nca", "1.0", "adam-nca-1-0"),
    slot!("adam-occds", "1.1", "adam-occds-1-1"),
    slot!("adam-tte", "1.0", "adam-tte-1-0"),
    slot!("adamig", "1.1", "adamig-1-1"),
    slot!("adamig", "1.3", "adamig-1-3"),
    slot!("sdtmig", "3.2", "sdtmig-3-2"),
    slot!("sdtmig", "3.3", "sdtmig-3-3"),
    slot!("sdtmig", "3.4", "sdtmig-3-4"),
    slot!("sendig", "3.0", "sendig-3-0"),
    slot!("sendig", "3.1", "sendig-3-1"),
    slot!("sendig", "3.1.1", "sendig-3-1-1"),
    slot!("sendig-dart", "1.1", "sendig-dart-1-1"),
];

static MODELS: [Slot<Model>; 4] = [
    slot!("sdtm", "1.4", "sdtm-1-4"),
    slot!("sdtm", "1.5", "sdtm-1-5"),
    slot!("sdtm", "1.7", "sdtm-1-7"),
    slot!("sdtm", "2.0", "sdtm-2-0"),
];

impl Slot<Standard> {
    fn standard(&self) -> &Standard {
        self.read.get_or_init(|| whole(table::standard(self.text), self.product, self.version))
    }
}

impl Slot<Model> {
    fn model(&self) -> &Model {
        self.read.get_or_init(|| whole(table::model(self.text), self.product, self.version))
    }
}

fn whole<T>(read: Result<T, TableError>, product: &str, version: &str) -> T {
    read.unwrap_or_else(|error| panic!("the table of {product} {version} in this program is not whole: {error}"))
}

/// Product and version as the tables have them.
fn normal(product: &str, version: &str) -> Option<(&'static str, String)> {
    let (product, version) = match version.trim() {
        "" => {
            let at = product.rfind(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).map_or(0, |i| i + 1);
            let (product, version) = product.split_at_checked(at)?;
            (product.trim_end_matches(['v', 'V']), version)
        }
        version => (product, version.trim_start_matches(['v', 'V'])),
    };
    let letters: String = product.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let product = match letters.as_str() {
        "sdtm" => "sdtm",
        "sdtmig" => "sdtmig",
        "send" | "sendig" => "sendig",
        "senddart" | "sendigdart" => "sendig-dart",
        "adam" | "adamig" => "adamig",
        "adamoccds" => "adam-occds",
        "adamtte" => "adam-tte",
        "adamnca" | "adamignca" => "adam-nca",
        _ => return None,
    };
    Some((product, version.trim().trim_matches('-').replace('-', ".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_is_found_however_it_is_written() {
        for (product, version) in [
            ("sdtmig", "3.4"),
            ("SDTMIG", "3-4"),
            ("SDTM-IG", "v3.4"),
            ("SDTMIG v3.4", ""),
            ("sdtmig-3.4", ""),
            ("sdtmig-3-4", ""),
        ] {
            let found = Library::of(product, version).unwrap_or_else(|| panic!("{product} {version}"));
            assert_eq!((found.product, found.version), ("sdtmig", "3.4"));
        }
        assert_eq!(Library::of("SENDIG-DART", "1-1").unwrap().name(), "SENDIG-DART 1.1");
        assert_eq!(Library::of("ADaMIG", "1.3").unwrap().name(), "ADaMIG 1.3");
        assert_eq!(Library::of("adam-occds", "1.1").unwrap().name(), "ADaM OCCDS 1.1");
        assert!(Library::of("sdtmig", "9.9").is_none());
        assert!(Library::of("tig", "1.0").is_none());
        assert!(Library::of("", "").is_none());
        assert!(Library::of("é", "").is_none());
    }

    #[test]
    fn every_table_is_read_and_has_its_model() {
        let mut variables = 0;
        for (product, version) in Library::all() {
            let standard = Library::of(product, version).unwrap();
            assert_eq!((standard.product, standard.version), (product, version));
            assert_eq!(standard.model.is_some(), !product.starts_with("adam"), "{product} {version}");
            variables += standard.datasets.iter().map(|d| d.variables.len()).sum::<usize>();
        }
        assert_eq!(variables, 8303);
    }

    #[test]
    fn a_guide_names_the_model_it_is_written_for_even_when_another_answers() {
        let of = |product, version| {
            let standard = Library::of(product, version).unwrap();
            (standard.written_for, standard.model.unwrap().version)
        };
        assert_eq!(of("sdtmig", "3.2"), ("1.4", "1.4"));
        assert_eq!(of("sdtmig", "3.3"), ("1.7", "1.7"));
        assert_eq!(of("sendig", "3.0"), ("1.2", "1.4"));
        assert_eq!(of("sendig", "3.1"), ("1.5", "1.5"));
        assert_eq!(of("sendig", "3.1.1"), ("1.5", "1.5"));
        assert_eq!(of("sendig-dart", "1.1"), ("1.6", "1.7"));
    }

    #[test]
    fn a_structure_of_another_document_is_found_through_its_guide() {
        let guide = Library::of("adamig", "1.3").unwrap();
        assert_eq!(guide.dataset("BDS").unwrap().variable("AVAL").unwrap().set, "Analysis Parameter");
        assert!(guide.dataset("OCCDS").unwrap().variable("ASEQ").is_some());
        assert!(guide.dataset("BDS for TTE").unwrap().variable("CNSR").is_some());
        assert_eq!(guide.dataset("ADNCA").unwrap().class, Some(Class::BasicDataStructure));
    }

    #[test]
    fn the_model_orders_identifiers_then_the_class_then_timing() {
        let model = Library::model("2.0").unwrap();
        let names: Vec<_> = model.allowed(Class::FindingsAbout).iter().map(|v| v.name).collect();
        let at = |name| names.iter().position(|n| *n == name).unwrap();
        assert_eq!(names[0], "STUDYID");
        assert!(at("--SEQ") < at("--TESTCD") && at("--STRESN") < at("VISITNUM"));
        assert_eq!(at("--TEST") + 1, at("--OBJ"), "findings about put the object after the test");
        assert!(model.allowed(Class::TrialDesign).is_empty());
        assert_eq!(model.dataset("TS").unwrap().class, Some(Class::TrialDesign));
    }
}

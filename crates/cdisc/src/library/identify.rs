//! Which domain does a dataset of a study belong to, and which class?
//!
//! In this order:
//!
//! 1. Supplemental qualifiers by their name: `SUPPAE`, `SUPPLBCH`; `SQ…` where the name would be longer than 8 (SDTMIG 3.4, section 8.4.2).
//! 2. The domain is the value of `DOMAIN` where there is one: a split dataset is named otherwise (`LBCH` holds domain `LB`, SDTMIG 3.4, section
//!    4.1.7). Else it is the dataset's name.
//! 3. A domain of four letters that begins with `AP` is about associated persons: `APMH` is of the class of `MH` (SDTMIG-AP 1.0).
//! 4. The class is what the guide says of the domain, else what its model says, else what the topic variable tells: `--TERM` is an event, `--TRT` an
//!    intervention, `--TESTCD` a finding, with `--OBJ` a finding about, `QNAM` a relationship. A domain that neither guide nor model knows is custom.

use super::{Class, Dataset, Standard};

/// What a dataset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `LB` for `LBCH`; `APMH` for associated persons; `SUPPQUAL`'s kin keep their name.
    pub domain: String,
    /// What stands for `--` in the names of variables: `MH` in `APMH`. For supplemental qualifiers the parent's.
    pub prefix: String,
    /// `None`: neither guide, model nor variables tell.
    pub class: Option<Class>,
    /// Holds supplemental qualifiers (`SUPP--`).
    pub supplemental: bool,
    /// Is about associated persons (`AP--`).
    pub associated_persons: bool,
    /// Neither guide nor model has this domain.
    pub custom: bool,
    /// Its name is longer than its domain's: one part of a split domain.
    pub split: bool,
}

impl Standard {
    /// Which domain and class a dataset belongs to, by its name, the value of its `DOMAIN` (`RDOMAIN` for supplemental qualifiers) if it has one,
    /// and the names of its variables. For ADaM the class is that of [`adam_structure`].
    pub fn identify(&self, name: &str, domain: Option<&str>, variables: &[&str]) -> Identity {
        let name = name.trim().to_ascii_uppercase();
        let domain = domain.map(|d| d.trim().to_ascii_uppercase()).filter(|d| !d.is_empty());
        if self.model.is_none() {
            let class = Some(adam_structure(&name, variables).0);
            let (supplemental, associated_persons, custom, split) = (false, false, false, false);
            return Identity {
                prefix: String::new(),
                domain: name,
                class,
                supplemental,
                associated_persons,
                custom,
                split,
            };
        }
        if let Some(parent) = supplemental(&name, variables) {
            let parent = domain.unwrap_or_else(|| parent.to_owned());
            return Identity {
                split: parent.len() < supplemental(&name, variables).unwrap_or_default().len(),
                associated_persons: is_associated(&parent),
                prefix: own_prefix(&parent).to_owned(),
                domain: name,
                class: Some(Class::Relationship),
                supplemental: true,
                custom: false,
            };
        }
        let split = domain.as_ref().is_some_and(|d| d.len() < name.len() && name.starts_with(d.as_str()));
        let domain = domain.unwrap_or(name);
        let prefix = own_prefix(&domain).to_owned();
        let known = self.known(&domain).or_else(|| self.known(&prefix));
        Identity {
            class: known.and_then(|d| d.class).or_else(|| by_topic(&prefix, variables)),
            associated_persons: is_associated(&domain),
            custom: known.is_none(),
            supplemental: false,
            split,
            prefix,
            domain,
        }
    }

    /// The dataset as the guide has it, else as the model has it. `SUPPAE` is known as `SUPPQUAL`.
    pub fn known(&self, domain: &str) -> Option<&Dataset> {
        let name = if supplemental(domain, &["RDOMAIN"]).is_some() { "SUPPQUAL" } else { domain };
        self.dataset(name).or_else(|| self.model?.dataset(name))
    }
}

/// What stands behind `SUPP` or `SQ`.
fn supplemental<'n>(name: &'n str, variables: &[&str]) -> Option<&'n str> {
    if let Some(parent) = name.strip_prefix("SUPP") {
        return (!parent.is_empty()).then_some(parent);
    }
    let parent = name.strip_prefix("SQ").filter(|parent| !parent.is_empty())?;
    variables.iter().any(|v| v.eq_ignore_ascii_case("RDOMAIN")).then_some(parent)
}

fn is_associated(domain: &str) -> bool {
    domain.len() == 4 && domain.starts_with("AP")
}

fn own_prefix(domain: &str) -> &str {
    if is_associated(domain) { domain.get(2..).unwrap_or_default() } else { domain }
}

/// The class that the topic variable tells.
fn by_topic(prefix: &str, variables: &[&str]) -> Option<Class> {
    let has = |name: &str| variables.iter().any(|v| v.eq_ignore_ascii_case(name));
    let topic = |suffix: &str| has(&format!("{prefix}{suffix}"));
    if has("RDOMAIN") {
        return has("QNAM").then_some(Class::Relationship);
    }
    if topic("TERM") {
        Some(Class::Events)
    } else if topic("TRT") {
        Some(Class::Interventions)
    } else if topic("TESTCD") {
        Some(if topic("OBJ") { Class::FindingsAbout } else { Class::Findings })
    } else {
        None
    }
}

/// Class and subclass of an analysis dataset, by its name and variables; the subclass in the words of the define-XML terminology (`BDSSC`,
/// `OCCSC`).
///
/// `ADSL` by its name; a basic data structure has `PARAM`, `PARAMCD`, `AVAL` or `AVALC` (ADaMIG 1.3, section 3.3), with `CNSR` it is time to
/// event (ADaM TTE 1.0), with a flag of exclusion from noncompartmental analysis (`NCAXFL`, `NCAwXRS`) its input (ADaMIG NCA 1.0); an occurrence
/// data structure has the topic or coding of an event or intervention, `--TERM`, `--TRT` or `--DECOD` (ADaM OCCDS 1.1), with `AE`'s it holds
/// adverse events.
pub fn adam_structure(name: &str, variables: &[&str]) -> (Class, Option<&'static str>) {
    let has = |name: &str| variables.iter().any(|v| v.eq_ignore_ascii_case(name));
    if name.eq_ignore_ascii_case("ADSL") {
        return (Class::SubjectLevelAnalysisDataset, None);
    }
    if ["PARAM", "PARAMCD", "AVAL", "AVALC"].into_iter().any(has) {
        let subclass = if has("CNSR") {
            Some("TIME-TO-EVENT")
        } else if has("NCAXFL") || name.eq_ignore_ascii_case("ADNCA") {
            Some("NON-COMPARTMENTAL ANALYSIS")
        } else {
            None
        };
        return (Class::BasicDataStructure, subclass);
    }
    let occurrence = |v: &&str| {
        let v = v.to_ascii_uppercase();
        ["TERM", "TRT", "DECOD"]
            .into_iter()
            .any(|suffix| v.strip_suffix(suffix).is_some_and(|prefix| prefix.len() == 2))
    };
    if variables.iter().any(occurrence) {
        let adverse = has("AETERM") || has("AEDECOD");
        return (Class::OccurrenceDataStructure, adverse.then_some("ADVERSE EVENT"));
    }
    (Class::AdamOther, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Library;

    fn identify(name: &str, domain: Option<&str>, variables: &[&str]) -> Identity {
        Library::of("sdtmig", "3.4").unwrap().identify(name, domain, variables)
    }

    #[test]
    fn a_domain_of_the_guide_has_its_class_whatever_its_variables() {
        for (name, class) in [
            ("AE", Class::Events),
            ("ex", Class::Interventions),
            ("LB", Class::Findings),
            ("FA", Class::FindingsAbout),
            ("DM", Class::SpecialPurpose),
            ("TS", Class::TrialDesign),
            ("OI", Class::StudyReference),
            ("RELREC", Class::Relationship),
            ("POOLDEF", Class::Relationship),
        ] {
            let found = identify(name, None, &[]);
            assert_eq!((found.class, found.custom), (Some(class), false), "{name}");
        }
    }

    #[test]
    fn a_split_dataset_is_of_its_domain() {
        let found = identify("LBCH", Some("LB"), &["LBTESTCD"]);
        assert_eq!((found.domain.as_str(), found.prefix.as_str(), found.split), ("LB", "LB", true));
        assert_eq!((found.class, found.custom), (Some(Class::Findings), false));
        assert!(!identify("LB", Some("LB"), &[]).split);
    }

    #[test]
    fn supplemental_qualifiers_belong_to_their_parent() {
        let found = identify("SUPPLBCH", Some("LB"), &["RDOMAIN", "QNAM"]);
        assert_eq!((found.prefix.as_str(), found.supplemental, found.split), ("LB", true, true));
        assert_eq!(found.class, Some(Class::Relationship));
        assert_eq!(identify("SUPPAE", None, &[]).prefix, "AE");
        assert_eq!(identify("SQAPMH", Some("APMH"), &["RDOMAIN"]).prefix, "MH");
        assert!(!identify("SQ", Some("SQ"), &["SQTERM"]).supplemental, "a domain may be called SQ");
    }

    #[test]
    fn associated_persons_are_of_the_class_of_their_domain() {
        let found = identify("APMH", Some("APMH"), &["APID", "MHTERM"]);
        assert_eq!((found.prefix.as_str(), found.associated_persons, found.class), ("MH", true, Some(Class::Events)));
        let custom = identify("APXX", Some("APXX"), &["APID", "XXTESTCD"]);
        assert_eq!((custom.class, custom.custom), (Some(Class::Findings), true));
        let relations = identify("APRELSUB", None, &[]);
        assert_eq!((relations.associated_persons, relations.class), (false, Some(Class::Relationship)));
    }

    #[test]
    fn a_custom_domain_is_told_by_its_topic() {
        for (variables, class) in [
            (&["DOMAIN", "XXTERM"][..], Some(Class::Events)),
            (&["DOMAIN", "XXTRT"], Some(Class::Interventions)),
            (&["DOMAIN", "XXTESTCD"], Some(Class::Findings)),
            (&["DOMAIN", "XXTESTCD", "XXOBJ"], Some(Class::FindingsAbout)),
            (&["RDOMAIN", "QNAM"], Some(Class::Relationship)),
            (&["DOMAIN", "AETERM"], None),
        ] {
            let found = identify("XX", Some("XX"), variables);
            assert_eq!((found.class, found.custom), (class, true), "{variables:?}");
        }
    }

    #[test]
    fn analysis_structures_are_told_by_their_variables() {
        use Class::{AdamOther, BasicDataStructure, OccurrenceDataStructure, SubjectLevelAnalysisDataset};
        assert_eq!(adam_structure("ADSL", &[]), (SubjectLevelAnalysisDataset, None));
        assert_eq!(adam_structure("ADLB", &["PARAMCD", "AVAL"]), (BasicDataStructure, None));
        assert_eq!(adam_structure("ADTTE", &["PARAMCD", "AVAL", "CNSR"]), (BasicDataStructure, Some("TIME-TO-EVENT")));
        let nca = (BasicDataStructure, Some("NON-COMPARTMENTAL ANALYSIS"));
        assert_eq!(adam_structure("ADPC", &["PARAMCD", "AVAL", "NCAXFL"]), nca);
        assert_eq!(adam_structure("ADAE", &["AETERM", "TRTEMFL"]), (OccurrenceDataStructure, Some("ADVERSE EVENT")));
        assert_eq!(adam_structure("ADCM", &["CMDECOD"]), (OccurrenceDataStructure, None));
        assert_eq!(adam_structure("ADXX", &["USUBJID"]), (AdamOther, None));
        assert_eq!(adam_structure("ADXX", &["é"]), (AdamOther, None));
    }
}

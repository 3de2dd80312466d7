//! What does ADaM say about the variables of an analysis dataset?
//!
//! The guides describe structures, not datasets, and families of variables (`TRTxxP`, `CRITyFL`): a family stands here for
//! each variable of the dataset that is of it; one that is required and has no member stands for itself, under its own name.

use super::Known;
use crate::study::Table;
use croft_cdisc::library::{Class, Dataset, Standard, Variable, adam_structure};

/// The structures that a dataset follows, as the guides name them.
fn structures(standard: &'static Standard, table: &Table) -> Vec<&'static Dataset> {
    let names: Vec<&str> = names(table).collect();
    let words: &[&str] = match adam_structure(&table.name, &names) {
        (Class::SubjectLevelAnalysisDataset, _) => &["ADSL"],
        (Class::BasicDataStructure, Some("TIME-TO-EVENT")) => &["BDS", "BDS for TTE"],
        (Class::BasicDataStructure, Some("NON-COMPARTMENTAL ANALYSIS")) => &["BDS", "ADNCA"],
        (Class::BasicDataStructure, _) => &["BDS"],
        (Class::OccurrenceDataStructure, Some("ADVERSE EVENT")) => &["AE"],
        (Class::OccurrenceDataStructure, _) => &["OCCDS"],
        _ => &[],
    };
    words.iter().filter_map(|name| standard.dataset(name)).collect()
}

/// The variables of the dataset's structures, in the guide's order.
pub(super) fn variables(standard: &'static Standard, table: &Table) -> Vec<Known> {
    let prefix = prefix(table);
    let intervention = names(table).any(|name| name.strip_prefix(prefix) == Some("TRT"));
    let mut found: Vec<Known> = Vec::new();
    let mut add = |known: Known| match found.iter_mut().find(|other| other.name == known.name) {
        // Two structures have it: the stricter one counts, and where they label it differently neither label binds.
        Some(other) => {
            if known.core == "Req" {
                other.core = "Req";
            }
            if known.label != other.label {
                other.label = "";
            }
        }
        None => found.push(known),
    };
    for variable in structures(standard, table).into_iter().flat_map(|structure| &structure.variables) {
        let generic = variable.name.replace("--", prefix);
        // The topic of an intervention stands in the general table under the name it has in CM, and it has no other.
        let other_topic = intervention && variable.name == "--TERM" || generic == "CMTRT" && prefix != "CM";
        if generic.contains('*') || other_topic {
            continue;
        }
        if !generic.contains(|c: char| c.is_ascii_lowercase()) {
            add(known(variable, generic));
            continue;
        }
        let members: Vec<&str> = names(table).filter(|name| is_member(&generic, name)).collect();
        if members.is_empty() && variable.core == "Req" {
            add(known(variable, generic.clone()));
        }
        members.into_iter().for_each(|name| add(known(variable, name.to_owned())));
    }
    found
}

/// The variables that the file describes.
fn names(table: &Table) -> impl Iterator<Item = &str> {
    table.variables().iter().map(|variable| variable.name.as_str())
}

/// What `--` stands for: the letters before the topic of an event or intervention.
fn prefix(table: &Table) -> &str {
    let stem = |name: &'_ str| ["TERM", "TRT", "DECOD"].iter().find_map(|topic| name.strip_suffix(topic)).map(str::len);
    let topic = names(table).find(|name| stem(name) == Some(2));
    topic.and_then(|name| name.get(..2)).unwrap_or("--")
}

fn known(variable: &'static Variable, name: String) -> Known {
    // `Planned Treatment for Period xx` is the label of no variable, and AETERM keeps the label that it has in AE.
    let family = variable.name.starts_with("--") || variable.name.contains(|c: char| c.is_ascii_lowercase());
    Known {
        name,
        label: if family { "" } else { variable.label },
        simple_type: variable.simple_type,
        role: variable.role,
        core: variable.core,
        codelist: variable.codelists.first().copied().unwrap_or_default(),
        ordinal: variable.ordinal,
    }
}

/// Whether a name is of a family: `xx` and `zz` are two digits, `y` one or two, `w` one (ADaMIG 1.3, section 3.1.1).
fn is_member(generic: &str, name: &str) -> bool {
    let mut rest = name;
    let mut letters = generic.chars().peekable();
    while let Some(letter) = letters.next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let taken = match letter {
            'x' | 'z' => {
                letters.next();
                if digits < 2 { return false } else { 2 }
            }
            'y' => {
                if digits == 0 {
                    return false;
                } else {
                    digits.min(2)
                }
            }
            'w' => {
                if digits == 0 {
                    return false;
                } else {
                    1
                }
            }
            other if rest.starts_with(other) => other.len_utf8(),
            _ => return false,
        };
        rest = &rest[taken..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_member;

    #[test]
    fn a_name_is_of_a_family_by_its_digits() {
        for (generic, name, is) in [
            ("TRTxxP", "TRT01P", true),
            ("TRTxxP", "TRT1P", false),
            ("TRTxxP", "TRT01PN", false),
            ("CRITyFL", "CRIT12FL", true),
            ("PxxSwSDT", "P01S2SDT", true),
            ("AVALCAyN", "AVALCA1N", true),
            ("AyLO", "AVALO", false),
            ("AGEGRy", "AGEGRé", false),
        ] {
            assert_eq!(is_member(generic, name), is, "{name} of {generic}");
        }
    }
}

//! What may everybody know of a study's randomisation? The conditions, where the factors' levels come from, the caps; never the design.
//!
//! ```toml
//! number = "R{number:4}"                                   # randomisation numbers, in the order in which they are given
//! [caps]
//! study = 60
//! site = 20
//! [[require]]
//! says = "All criteria are met"
//! item = "eligibility.IEYN"
//! is = ["Y"]
//! [[factor]]
//! name = "sex"
//! from = "demographics.SEX"                                # or SITE, or COUNTRY
//! [record]                                                 # where the number and the day are recorded
//! visit = "BL"
//! form = "RND"
//! number = "randomisation.RNDNUM"
//! date = "randomisation.RNDDAT"
//! ```

use crate::capture::FormState;
use crate::refusal::{Fault, Refusal};
use croft_design::definition::Definition;
use croft_design::forms::Form;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What everybody may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// How randomisation numbers are written.
    pub number: String,
    /// Most subjects.
    #[serde(default)]
    pub caps: Caps,
    /// What must be recorded before.
    #[serde(rename = "require", default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// Where the level of each factor comes from.
    #[serde(rename = "factor", default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Source>,
    /// Where number and day are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Recorded>,
}

/// Most subjects that are randomised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Caps {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stratum: Option<u32>,
}

/// A condition on a recorded value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What people read.
    pub says: String,
    /// Group and item.
    pub item: String,
    /// The values that meet it.
    pub is: Vec<String>,
}

/// Where a factor's level comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The factor.
    pub name: String,
    /// `SITE`, `COUNTRY`, or group and item.
    pub from: String,
}

/// Where number and day of a randomisation are recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Recorded {
    pub visit: String,
    pub form: String,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl Setup {
    /// Reads a setup and holds it against the study's definition.
    pub fn parse(text: &str, definition: &Definition, forms: &[Form]) -> Result<Self, Refusal> {
        let setup: Self = toml::from_str(text).map_err(|e| {
            let message = e.to_string().trim_end().to_owned();
            Refusal::invalid("setup", message, "the keys are number, caps, require, factor and record: docs/vault.md")
        })?;
        let faults = setup.faults(definition, forms);
        if faults.is_empty() { Ok(setup) } else { Err(Refusal::Invalid { faults }) }
    }

    fn faults(&self, definition: &Definition, forms: &[Form]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |place: String, message: String, hint: &str| faults.push(Fault::new(place, message, hint));
        if number(&self.number, 1).is_none() {
            fault("number".to_owned(), format!("`{}` makes no numbers", self.number), "write it like R{number:4}");
        }
        let items: BTreeSet<String> = forms
            .iter()
            .flat_map(|form| &form.groups)
            .flat_map(|group| group.items.iter().map(|item| format!("{}.{}", group.name, item.name)))
            .collect();
        let unknown = "name a group and an item of the study's forms: demographics.SEX";
        for (at, requirement) in self.requirements.iter().enumerate() {
            if !items.contains(&requirement.item) {
                fault(format!("require[{at}].item"), format!("there is no item `{}`", requirement.item), unknown);
            }
            if requirement.is.is_empty() {
                fault(format!("require[{at}].is"), "is empty".to_owned(), "list the values that meet the condition");
            }
        }
        let mut names = BTreeSet::new();
        for (at, factor) in self.factors.iter().enumerate() {
            if !names.insert(&factor.name) {
                fault(format!("factor[{at}].name"), format!("`{}` stands twice", factor.name), "name each factor once");
            }
            if !matches!(factor.from.as_str(), "SITE" | "COUNTRY") && !items.contains(&factor.from) {
                fault(format!("factor[{at}].from"), format!("there is no item `{}`", factor.from), unknown);
            }
        }
        if let Some(record) = &self.record {
            if !definition.visits.iter().any(|visit| visit.code == record.visit) {
                fault(
                    "record.visit".to_owned(),
                    format!("there is no visit `{}`", record.visit),
                    "name a visit of study.toml",
                );
            }
            let own: BTreeSet<String> = forms
                .iter()
                .filter(|form| form.form == record.form)
                .flat_map(|form| &form.groups)
                .flat_map(|group| group.items.iter().map(|item| format!("{}.{}", group.name, item.name)))
                .collect();
            for (place, item) in [("record.number", Some(&record.number)), ("record.date", record.date.as_ref())] {
                if let Some(item) = item.filter(|item| !own.contains(*item)) {
                    fault(place.to_owned(), format!("form {} has no item `{item}`", record.form), unknown);
                }
            }
        }
        faults
    }
}

/// The randomisation number of this place in the order: `R{number:4}` gives `R0012`. `None`: the rule makes none.
pub(super) fn number(rule: &str, at: u32) -> Option<String> {
    let (head, rest) = rule.split_once("{number")?;
    let (width, tail) = rest.split_once('}')?;
    let width = match width.strip_prefix(':') {
        None if width.is_empty() => 1,
        Some(digits) => digits.parse::<usize>().ok().filter(|w| (1..=9).contains(w))?,
        None => return None,
    };
    Some(format!("{head}{at:0width$}{tail}"))
}

/// The value recorded last for an item, over a subject's forms; blank where none is.
pub(super) fn value(forms: &[(crate::capture::Place, FormState)], item: &str) -> String {
    let Some((group, item)) = item.split_once('.') else { return String::new() };
    let rows = forms.iter().filter_map(|(_, form)| form.groups.get(group)).flat_map(|rows| rows.values());
    let states = rows.filter(|row| !row.void).filter_map(|row| row.items.get(item)).filter(|state| !state.is_blank());
    states.max_by_key(|state| state.event).map(|state| state.value().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_follow_the_rule() {
        assert_eq!(number("R{number:4}", 12).as_deref(), Some("R0012"));
        assert_eq!(number("{number}", 7).as_deref(), Some("7"));
        for rule in ["R", "R{number:x}", "R{number:0}", "{number"] {
            assert_eq!(number(rule, 1), None, "{rule}");
        }
    }
}

//! What is this study? `study.toml`, in the words of USDM.
//!
//! Arms, epochs and elements, visits, activities, planned samples, criteria, objectives, trial facts, populations and estimands.
//! SQL sees each list as a table (`study`, `treatments`, `arms`, `elements`, `cells`, `visits`, `criteria`,
//! `facts`, `populations`), so that the trial design domains are ordinary statements.

use crate::error::DesignError;
use crate::protocol::{self, Activity, Objective};
use croft_core::{Cell, DataType, Dataset, Kind, Variable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole of `study.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the lists are named in the module's documentation")]
pub struct Definition {
    pub study: Identity,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "treatment")]
    pub treatments: Vec<Treatment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "arm")]
    pub arms: Vec<Arm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "element")]
    pub elements: Vec<Element>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "cell")]
    pub cells: Vec<StudyCell>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "visit")]
    pub visits: Vec<Visit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "activity")]
    pub activities: Vec<Activity>,
    #[serde(default, skip_serializing_if = "Schedule::is_empty")]
    pub schedule: Schedule,
    #[serde(default)]
    pub capture: Capture,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "criterion")]
    pub criteria: Vec<Criterion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "objective")]
    pub objectives: Vec<Objective>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "fact")]
    pub facts: Vec<Fact>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "population")]
    pub populations: Vec<Population>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "estimand")]
    pub estimands: Vec<Estimand>,
    /// Sentences of this study's own for its documents, `{{words.NAME}}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
}

/// Who, what, where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Identity {
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub short_title: String,
    /// The protocol's version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Why the study is done as it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rationale: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phase: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blinding: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sponsor: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub analyte: String,
    /// PCTESTCD: at most 8 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub analyte_code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub laboratory: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub assay: String,
    /// `Y` or `N`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fasting: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub specimen: String,
    /// Present when the data are simulated: the simulator's arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulation: Option<Simulation>,
}

/// What makes simulated data again, value for value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    /// Its seed.
    pub seed: u64,
    /// Subjects who are given treatment.
    pub subjects: usize,
    /// Coefficient of variation of bioavailability between doses of one subject; 0 where no kinetics are simulated.
    #[serde(default)]
    pub within_cv: f64,
}

/// A product that is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Treatment {
    pub code: String,
    pub label: String,
    pub name: String,
    /// None where one number does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<f64>,
    pub dose_unit: String,
    pub form: String,
    pub route: String,
    /// Its part in the study, as CDISC's terminology has it: `Experimental Intervention`, `Active Comparator`, `Placebo`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
}

/// A planned path through the study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Arm {
    pub code: String,
    pub name: String,
}

/// A building block of arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Element {
    pub code: String,
    pub name: String,
    pub start: String,
    pub end: String,
    /// ISO 8601 duration.
    pub duration: Option<String>,
    /// The treatment's code, when one is given in this element.
    pub treatment: Option<String>,
}

/// An arm's path, each step `EPOCH:ELEMENT`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "said above")]
pub struct StudyCell {
    pub arm: String,
    pub path: Vec<String>,
}

/// A planned encounter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Visit {
    pub number: u32,
    pub code: String,
    pub name: String,
    pub day: i32,
    pub epoch: String,
    pub start: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    /// Days before the planned day that are still in the window; none: no window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_before: Option<u32>,
    /// Days after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_after: Option<u32>,
    /// Whether and how it is planned.
    #[serde(default, skip_serializing_if = "VisitKind::is_scheduled")]
    pub kind: VisitKind,
    /// Whether it can take place more than once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeating: bool,
    /// Its identifier where the definition came from, when that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
}

/// How a visit comes about, after ODM's types of study events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// Planned for every subject.
    #[default]
    Scheduled,
    /// When it is needed.
    Unscheduled,
    /// No visit at all: a place for logs that are kept throughout, such as adverse events and medication.
    Common,
}

impl VisitKind {
    fn is_scheduled(&self) -> bool {
        *self == Self::Scheduled
    }
}

/// Where informed consent is recorded. Before it nothing else of a subject may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words are ODM's")]
pub struct Consent {
    pub form: String,
    pub group: String,
    pub item: String,
}

/// How recording is organised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capture {
    /// Where consent is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Subjects' numbers: the site's code stands for `{site}`, a counter for `{number:3}`.
    pub subject_number: String,
    /// Whether a change after the first save needs a reason (E6(R3) 4.2.2).
    pub reason_for_change: bool,
    /// Which items are verified against source.
    pub verification: VerificationPlan,
    /// Subjects planned, for the recruitment curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects_planned: Option<u32>,
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            consent: None,
            subject_number: "{site}-{number:3}".to_owned(),
            reason_for_change: true,
            verification: VerificationPlan::default(),
            subjects_planned: None,
        }
    }
}

/// Which items a monitor verifies against source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "plan", deny_unknown_fields)]
pub enum VerificationPlan {
    /// Every item.
    #[default]
    All,
    /// Items marked `critical`.
    Critical,
    /// Critical items of all subjects, and every item of a share of them drawn by the seed.
    Sample {
        /// Of a hundred subjects, so many.
        percent: u32,
        /// The draw is made again from it.
        seed: u64,
    },
}

/// Planned times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Hours after dosing.
    #[serde(default)]
    pub blood_samples_h: Vec<f64>,
}

impl Schedule {
    fn is_empty(&self) -> bool {
        self.blood_samples_h.is_empty()
    }
}

/// An inclusion or exclusion criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Criterion {
    pub code: String,
    pub category: String,
    pub text: String,
}

/// A trial summary parameter; a value or a reason (ISO 21090 null flavor) why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "said above")]
pub struct Fact {
    pub code: String,
    pub name: String,
    pub value: Option<String>,
    pub value_null: Option<String>,
}

/// An analysis population; its membership is computed in `derive/adsl.sql`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Population {
    pub flag: String,
    pub name: String,
    pub definition: String,
}

/// An estimand with its five attributes (ICH E9(R1)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the words are the guideline's")]
pub struct Estimand {
    pub name: String,
    pub treatment: String,
    pub population: String,
    pub variable: String,
    pub intercurrent_events: String,
    pub summary: String,
}

impl Definition {
    /// Reads the text of `study.toml` and checks that its parts name each other rightly.
    pub fn parse(text: &str) -> Result<Self, DesignError> {
        let definition: Self = toml::from_str(text).map_err(|e| DesignError::Text {
            file: "study.toml".to_owned(),
            message: e.to_string().trim_end().to_owned(),
            hint: "croft new be-2x2 DIR writes a complete example".to_owned(),
        })?;
        definition.check()?;
        Ok(definition)
    }

    fn check(&self) -> Result<(), DesignError> {
        let fault = |message: String| {
            Err(DesignError::Text {
                file: "study.toml".to_owned(),
                message,
                hint: "mend the name, or add what it names".to_owned(),
            })
        };
        let id = &self.study.id;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return fault(format!("study.id is `{id}`: letters, digits and hyphens make a study identifier"));
        }
        for cell in &self.cells {
            if !self.arms.iter().any(|a| a.code == cell.arm) {
                return fault(format!("a cell names arm `{}`, which is not listed", cell.arm));
            }
            for step in &cell.path {
                let Some((_, element)) = step.split_once(':') else {
                    return fault(format!(
                        "the cell of arm `{}` has a step `{step}` that is not EPOCH:ELEMENT",
                        cell.arm
                    ));
                };
                if !self.elements.iter().any(|e| e.code == element) {
                    return fault(format!(
                        "the cell of arm `{}` names element `{element}`, which is not listed",
                        cell.arm
                    ));
                }
            }
        }
        for element in &self.elements {
            if let Some(code) = &element.treatment
                && !self.treatments.iter().any(|t| t.code == *code)
            {
                return fault(format!("element `{}` names treatment `{code}`, which is not listed", element.code));
            }
        }
        match protocol::fault(self) {
            Some(message) => fault(message),
            None => Ok(()),
        }
    }

    /// The lists as tables for SQL.
    pub fn tables(&self) -> Vec<Dataset> {
        let s = &self.study;
        let mut study = table(
            "study",
            &[
                "STUDYID",
                "TITLE",
                "SPONSOR",
                "SITEID",
                "COUNTRY",
                "ANALYTE",
                "ANALYTECD",
                "SPECIMEN",
                "LABORATORY",
                "ASSAY",
                "FASTING",
            ],
        );
        study.push_row(
            [
                &s.id,
                &s.title,
                &s.sponsor,
                &s.site,
                &s.country,
                &s.analyte,
                &s.analyte_code,
                &s.specimen,
                &s.laboratory,
                &s.assay,
                &s.fasting,
            ]
            .map(|t| Cell::Text(t)),
        );

        let mut treatments = table("treatments", &["CODE", "LABEL", "NAME", "DOSE#", "DOSU", "DOSFRM", "ROUTE"]);
        for t in &self.treatments {
            treatments.push_row([
                Cell::Text(&t.code),
                Cell::Text(&t.label),
                Cell::Text(&t.name),
                t.dose.map_or(Cell::Null, Cell::Num),
                Cell::Text(&t.dose_unit),
                Cell::Text(&t.form),
                Cell::Text(&t.route),
            ]);
        }

        let mut arms = table("arms", &["CODE", "NAME"]);
        for a in &self.arms {
            arms.push_row([Cell::Text(&a.code), Cell::Text(&a.name)]);
        }

        let mut elements =
            table("elements", &["ORD#", "CODE", "NAME", "STARTRULE", "ENDRULE", "DURATION", "TREATMENT"]);
        for (i, e) in self.elements.iter().enumerate() {
            elements.push_row([
                Cell::Num(i as f64 + 1.0),
                Cell::Text(&e.code),
                Cell::Text(&e.name),
                Cell::Text(&e.start),
                Cell::Text(&e.end),
                optional(&e.duration),
                optional(&e.treatment),
            ]);
        }

        let mut cells = table("cells", &["ARM", "ORD#", "EPOCH", "ELEMENT"]);
        for cell in &self.cells {
            for (i, step) in cell.path.iter().enumerate() {
                let (epoch, element) = step.split_once(':').unwrap_or((step, ""));
                cells.push_row([
                    Cell::Text(&cell.arm),
                    Cell::Num(i as f64 + 1.0),
                    Cell::Text(epoch),
                    Cell::Text(element),
                ]);
            }
        }

        let mut visits = table("visits", &["NUMBER#", "CODE", "NAME", "DAY#", "EPOCH", "STARTRULE", "PERIOD#"]);
        for v in &self.visits {
            visits.push_row([
                Cell::Num(f64::from(v.number)),
                Cell::Text(&v.code),
                Cell::Text(&v.name),
                Cell::Num(f64::from(v.day)),
                Cell::Text(&v.epoch),
                Cell::Text(&v.start),
                v.period.map_or(Cell::Null, |p| Cell::Num(f64::from(p))),
            ]);
        }

        let mut criteria = table("criteria", &["CODE", "CATEGORY", "CRITERION"]);
        for c in &self.criteria {
            criteria.push_row([Cell::Text(&c.code), Cell::Text(&c.category), Cell::Text(&c.text)]);
        }

        let mut facts = table("facts", &["CODE", "NAME", "VALUE", "NULLFLAVOR"]);
        for f in &self.facts {
            facts.push_row([Cell::Text(&f.code), Cell::Text(&f.name), optional(&f.value), optional(&f.value_null)]);
        }
        for (table, keys) in [
            (&mut study, &["STUDYID"][..]),
            (&mut treatments, &["CODE"]),
            (&mut arms, &["CODE"]),
            (&mut elements, &["CODE"]),
            (&mut cells, &["ARM", "ORD"]),
            (&mut visits, &["CODE"]),
            (&mut criteria, &["CODE"]),
            (&mut facts, &["CODE"]),
        ] {
            table.keys = keys.iter().map(|k| (*k).to_owned()).collect();
        }
        vec![study, treatments, arms, elements, cells, visits, criteria, facts]
    }
}

fn optional(text: &Option<String>) -> Cell<'_> {
    text.as_deref().map_or(Cell::Null, Cell::Text)
}

/// An empty table; a name that ends in `#` is a number.
fn table(name: &str, columns: &[&str]) -> Dataset {
    let variables = columns
        .iter()
        .map(|c| match c.strip_suffix('#') {
            Some(number) => Variable::new(number, "", Kind::Num, DataType::Float),
            None => Variable::char(c, ""),
        })
        .collect();
    Dataset::new(name, "study.toml", variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = include_str!("../../study/templates/be-2x2/study.toml");

    #[test]
    fn the_template_is_a_definition() {
        let definition = Definition::parse(TEMPLATE).unwrap();
        let tables = definition.tables();
        let cells = tables.iter().find(|t| t.name == "cells").unwrap();
        assert_eq!(cells.rows(), 10);
    }

    #[test]
    fn a_cell_that_names_an_unknown_element_is_refused() {
        let text = TEMPLATE.replace("WASHOUT:WASH", "WASHOUT:WISH");
        let error = Definition::parse(&text).unwrap_err();
        assert!(error.to_string().contains("element `WISH`"), "{error}");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = Definition::parse(&TEMPLATE.replacen("sponsor =", "sponsr =", 1)).unwrap_err();
        assert!(error.to_string().contains("sponsr"), "{error}");
    }
}

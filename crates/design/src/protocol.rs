//! What does a protocol say beside the plan of arms and visits? Objectives with their endpoints, and activities: parts of `study.toml`.
//!
//! **The schedule of activities is said once.** A form says at which visits it is filled; an activity that is recorded on forms names them and takes
//! their visits. Only an activity that is recorded on none (a randomisation, a meal) lists visits itself. A form that no activity names is an activity of its own.

use crate::definition::Definition;
use crate::error::DesignError;
use crate::forms::Form;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the study shall find out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Unique among objectives and endpoints.
    pub code: String,
    /// How much depends on it.
    pub level: Level,
    /// The objective, as the protocol words it.
    pub text: String,
    /// What is measured to answer it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
}

/// What is measured to answer an objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Unique among objectives and endpoints.
    pub code: String,
    /// How much depends on it.
    pub level: Level,
    /// The endpoint, as the protocol words it.
    pub text: String,
}

/// Levels of objectives and endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the trade's words")]
pub enum Level {
    Primary,
    Secondary,
    Exploratory,
}

impl Level {
    /// `Primary`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "Primary",
            Self::Secondary => "Secondary",
            Self::Exploratory => "Exploratory",
        }
    }
}

/// Something that is done at visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Unique in the study.
    pub code: String,
    /// What people read.
    pub name: String,
    /// The heading under which the schedule shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Forms on which it is recorded: it is done at their visits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// Visits at which it is done, when no form says them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<String>,
}

/// The schedule of activities: each with the visits at which it is done.
///
/// # Errors
/// When an activity names a form that is not among `forms`.
pub fn schedule(definition: &Definition, forms: &[Form]) -> Result<Vec<Activity>, DesignError> {
    let mut planned: Vec<Form> = forms.to_vec();
    planned.iter_mut().for_each(|form| form.plan(definition));
    let visits_of = |codes: BTreeSet<&str>| -> Vec<String> {
        definition.visits.iter().filter(|v| codes.contains(v.code.as_str())).map(|v| v.code.clone()).collect()
    };
    let mut named = BTreeSet::new();
    let mut rows = Vec::new();
    for activity in &definition.activities {
        let mut visits: BTreeSet<&str> = activity.visits.iter().map(String::as_str).collect();
        for code in &activity.forms {
            let form = planned.iter().find(|f| f.form == *code).ok_or_else(|| DesignError::Text {
                file: "study.toml".to_owned(),
                message: format!(
                    "activity `{}` is recorded on form `{code}`, which forms/ does not hold",
                    activity.code
                ),
                hint: "write the form, or list the activity's visits instead".to_owned(),
            })?;
            named.insert(code.as_str());
            visits.extend(form.visits.iter().map(String::as_str));
        }
        rows.push(Activity { visits: visits_of(visits), ..activity.clone() });
    }
    for form in planned.iter().filter(|f| !named.contains(f.form.as_str())) {
        rows.push(Activity {
            code: form.form.clone(),
            name: form.label.clone(),
            group: None,
            forms: vec![form.form.clone()],
            visits: visits_of(form.visits.iter().map(String::as_str).collect()),
        });
    }
    Ok(rows)
}

/// What is wrong with objectives and activities, if anything is.
pub(crate) fn fault(definition: &Definition) -> Option<String> {
    let mut codes = BTreeSet::new();
    let objectives = definition.objectives.iter();
    let all = objectives.flat_map(|o| std::iter::once(&o.code).chain(o.endpoints.iter().map(|e| &e.code)));
    for code in all {
        if !codes.insert(code) {
            return Some(format!("two objectives or endpoints have the code `{code}`"));
        }
    }
    let mut codes = BTreeSet::new();
    for activity in &definition.activities {
        let code = &activity.code;
        if !codes.insert(code) {
            return Some(format!("two activities have the code `{code}`"));
        }
        if !activity.forms.is_empty() && !activity.visits.is_empty() {
            return Some(format!(
                "activity `{code}` names forms and visits: the forms say at which visits it is done, so leave out `visits`"
            ));
        }
        if let Some(visit) = activity.visits.iter().find(|v| definition.visits.iter().all(|known| known.code != **v)) {
            return Some(format!("activity `{code}` names visit `{visit}`, which is not listed"));
        }
    }
    None
}

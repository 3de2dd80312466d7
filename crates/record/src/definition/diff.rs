//! What does a later version of a definition change?

use super::Compiled;
use croft_design::forms::{Form, Item};
use std::collections::BTreeMap;

/// A change from one version to the next.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What is changed: `visit P1`, `item DM/demographics/SEX`.
    pub what: String,
    /// What stood there; empty: it is new.
    pub from: String,
    /// What stands there now; empty: it is gone.
    pub to: String,
    /// Whether recorded values are concerned: they stay as they are, and what is gone is no longer shown for entry.
    pub touches_values: bool,
}

/// Every change, in the order of names. O(items).
pub fn diff(old: &Compiled, new: &Compiled) -> Vec<Change> {
    let (old, new) = (lines(old), lines(new));
    let mut changes = Vec::new();
    for (what, (from, recorded)) in &old {
        match new.get(what) {
            None => changes.push(Change {
                what: what.clone(),
                from: from.clone(),
                to: String::new(),
                touches_values: *recorded,
            }),
            Some((to, _)) if to != from => {
                changes.push(Change {
                    what: what.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    touches_values: *recorded,
                });
            }
            Some(_) => {}
        }
    }
    for (what, (to, _)) in new.iter().filter(|(what, _)| !old.contains_key(*what)) {
        changes.push(Change { what: what.clone(), from: String::new(), to: to.clone(), touches_values: false });
    }
    changes.sort_by(|a, b| a.what.cmp(&b.what));
    changes
}

/// One line for everything that has a name: what is said of it, and whether values hang on it.
fn lines(compiled: &Compiled) -> BTreeMap<String, (String, bool)> {
    let mut lines = BTreeMap::new();
    for visit in &compiled.definition.visits {
        let window = match (visit.days_before, visit.days_after) {
            (None, None) => String::new(),
            (before, after) => format!(", window -{} +{} days", before.unwrap_or(0), after.unwrap_or(0)),
        };
        let text =
            format!("{} on day {}{window}{}", visit.name, visit.day, if visit.repeating { ", repeating" } else { "" });
        lines.insert(format!("visit {}", visit.code), (text, false));
    }
    for form in &compiled.forms {
        form_lines(form, &mut lines);
    }
    lines
}

fn form_lines(form: &Form, lines: &mut BTreeMap<String, (String, bool)>) {
    let when = |condition: &Option<String>| condition.as_ref().map_or(String::new(), |w| format!(", when {w}"));
    let text = format!("{}, at {}{}", form.label, form.visits.join(" "), when(&form.when));
    lines.insert(format!("form {}", form.form), (text, true));
    for group in &form.groups {
        let repeating = if group.repeating { ", repeating" } else { "" };
        let text = format!("{}{repeating}{}", group.label, when(&group.when));
        lines.insert(format!("group {}/{}", form.form, group.name), (text, true));
        for item in &group.items {
            lines.insert(format!("item {}/{}/{}", form.form, group.name, item.name), (item_line(item), true));
            for (code, label) in &item.codes {
                lines.insert(format!("code {}/{}/{}={code}", form.form, group.name, item.name), (label.clone(), true));
            }
        }
        for check in &group.checks {
            let text = format!("{:?} unless {}: {}", check.severity, check.holds, check.message);
            lines.insert(format!("check {}", check.name), (text, false));
        }
    }
}

fn item_line(item: &Item) -> String {
    let mut words = vec![format!("{:?}", item.kind).to_lowercase(), item.label.clone()];
    words.extend(item.unit.iter().map(|u| format!("in {u}")));
    for (is, word) in [(item.required, "required"), (item.critical, "critical"), (item.identifying, "identifying")] {
        if is {
            words.push(word.to_owned());
        }
    }
    words.extend(item.when.iter().map(|w| format!("when {w}")));
    words.extend(item.derive.iter().map(|d| format!("computed: {d}")));
    words.join(", ")
}

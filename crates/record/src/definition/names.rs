//! Do the parts of a definition name each other rightly, and can each name be one in SQL?

use super::{Files, Problem};
use croft_design::definition::Definition;
use croft_design::forms::{Form, ItemGroup};
use std::collections::BTreeSet;

/// Finds every name that is taken, unknown or no name.
pub(super) fn check(files: &Files, definition: &Definition, forms: &[(&str, Form)], problems: &mut Vec<Problem>) {
    let mut taken: BTreeSet<String> = definition.tables().iter().map(|t| t.name.to_ascii_uppercase()).collect();
    taken.insert(super::program::FORM_ROW.to_ascii_uppercase());
    let mut codes = BTreeSet::new();
    let mut checks = BTreeSet::new();
    for (file, form) in forms {
        let text = &files[*file];
        let mut tell =
            |word: &str, message: String, hint: &str| problems.push(Problem::new(file, text, word, &message, hint));
        if !codes.insert(&form.form) {
            tell(&form.form, format!("there are two forms `{}`", form.form), "give each form its own identifier");
        }
        for visit in form.visits.iter().filter(|v| !definition.visits.iter().any(|d| d.code == **v)) {
            tell(
                "visits",
                format!("names visit `{visit}`, which study.toml does not list"),
                "list the visit, or correct its code",
            );
        }
        for group in &form.groups {
            if !is_name(&group.name) {
                tell(&group.name, format!("`{}` cannot be a group's name", group.name), NAME);
            }
            if !taken.insert(group.name.to_ascii_uppercase()) {
                tell(
                    &group.name,
                    format!("the name of group `{}` is taken", group.name),
                    "give each group a name of its own in the study",
                );
            }
            check_group(group, &mut checks, &mut tell);
        }
    }
    if let Some(consent) = &definition.capture.consent {
        let group = forms
            .iter()
            .filter(|(_, f)| f.form == consent.form)
            .flat_map(|(_, f)| &f.groups)
            .find(|g| g.name == consent.group);
        if !group.is_some_and(|g| g.items.iter().any(|i| i.name == consent.item)) {
            let message =
                format!("capture.consent names {}/{}/{}, which no form has", consent.form, consent.group, consent.item);
            problems.push(Problem::new(
                "study.toml",
                &files["study.toml"],
                "consent",
                &message,
                "name the item that holds the date of consent",
            ));
        }
    }
}

const NAME: &str = "use letters, digits and underscores, a letter first, no two underscores together";

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.contains("__")
        && name.len() <= 128
}

fn check_group<'f>(group: &'f ItemGroup, checks: &mut BTreeSet<&'f str>, tell: &mut impl FnMut(&str, String, &str)) {
    let known = |name: &str| group.items.iter().any(|i| i.name == name);
    for item in &group.items {
        if !is_name(&item.name) {
            tell(&item.name, format!("`{}` cannot be an item's name", item.name), NAME);
        }
        if item.derive.is_some() && (item.required || item.identifying) {
            tell(
                &item.name,
                format!("`{}` is computed: it cannot be required or identifying", item.name),
                "leave one of the two out",
            );
        }
    }
    for check in &group.checks {
        if check.name.is_empty() || check.name.starts_with("croft.") || !checks.insert(&check.name) {
            tell(
                &check.name,
                format!("the name of check `{}` is taken or is none", check.name),
                "give each check a name of its own in the study",
            );
        }
        if !known(&check.item) {
            tell(
                &check.name,
                format!("check `{}` is on item `{}`, which its group lacks", check.name, check.item),
                "name an item of the group",
            );
        }
        for name in check.cases.iter().flat_map(|c| c.values.keys()).filter(|n| !known(n)) {
            tell(
                &check.name,
                format!("a case of check `{}` gives item `{name}`, which its group lacks", check.name),
                "name items of the group",
            );
        }
    }
}

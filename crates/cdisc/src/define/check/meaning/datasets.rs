//! Datasets: what each must say, its keys and the order of its variables.

use super::super::{About, Found, odd, wrong};
use crate::define::{DatasetDef, Define, Index, Version, is_yes, words};
use std::collections::BTreeMap;

pub(super) fn check(define: &Define, index: &Index<'_>, found: &mut Found) {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for dataset in &define.metadata.datasets {
        if let Some(first) = names.insert(dataset.name(), &dataset.oid) {
            let message = format_args!("{} and {first} are both called {}", dataset.oid, dataset.name());
            found.push(
                "DEFINE-NAME",
                dataset.place,
                wrong("Name", dataset.name()),
                message,
                "a dataset is defined once; give one another name",
            );
        }
        says(define, dataset, found);
        file(dataset, found);
        variables(index, dataset, found);
        keys(dataset, found);
    }
}

fn says(define: &Define, dataset: &DatasetDef, found: &mut Found) {
    let name = dataset.name();
    let mut say = |about: About<'_>, message: String, hint: &str| {
        found.push("DEFINE-DATASET", dataset.place, about, message, hint)
    };
    let label = dataset.label();
    if label.trim().is_empty() {
        say(
            wrong("Description", ""),
            format!("{name} has no label"),
            "add <Description> with the label of the dataset",
        );
    }
    if label.chars().count() > 40 {
        say(
            odd("Description", &label),
            format!("the label of {name} is longer than 40 characters"),
            "a SAS transport file holds 40",
        );
    }
    if dataset.class().is_none() {
        let at = if define.version == Version::V2_0 { "the attribute def:Class" } else { "<def:Class>" };
        say(
            wrong("def:Class", ""),
            format!("{name} does not say its class"),
            &format!("add {at}: FINDINGS, EVENTS, …"),
        );
    }
    if dataset.purpose.is_none() {
        say(
            wrong("Purpose", ""),
            format!("{name} does not say its purpose"),
            "add Purpose=\"Tabulation\" or Purpose=\"Analysis\"",
        );
    }
    if let Some(purpose) = dataset.purpose.as_deref().filter(|p| !matches!(*p, "Tabulation" | "Analysis")) {
        say(
            wrong("Purpose", purpose),
            format!("the purpose of {name} is `{purpose}`"),
            "the words are Tabulation and Analysis",
        );
    }
    if define.version == Version::V2_1 {
        let non_standard = is_yes(dataset.is_non_standard.as_ref());
        if dataset.standard_oid.is_none() && !non_standard {
            let hint = "add def:StandardOID, or def:IsNonStandard=\"Yes\" for a dataset of the sponsor's own";
            say(odd("def:StandardOID", ""), format!("{name} does not say which standard it follows"), hint);
        }
        if dataset.standard_oid.is_some() && non_standard {
            say(
                odd("def:IsNonStandard", "Yes"),
                format!("{name} follows a standard and is non-standard"),
                "take one of the two out",
            );
        }
        if dataset.has_no_data() && dataset.comment_oid.is_none() {
            say(
                odd("def:CommentOID", ""),
                format!("{name} has no data, and no comment says why"),
                "add a comment with the reason",
            );
        }
    }
}

fn file(dataset: &DatasetDef, found: &mut Found) {
    let name = dataset.name();
    let Some(leaf) = &dataset.file else {
        if !dataset.has_no_data() {
            let message = format_args!("{name} does not say which file it is in");
            found.push(
                "DEFINE-DATASET",
                dataset.place,
                wrong("def:leaf", ""),
                message,
                "add <def:leaf> with the path from define.xml",
            );
        }
        return;
    };
    match dataset.archive_location_id.as_deref() {
        Some(id) if id == leaf.id => {}
        Some(id) => {
            let message = format_args!("{name} refers to the file {id} and holds the file {}", leaf.id);
            found.push(
                "DEFINE-DATASET",
                dataset.place,
                wrong("def:ArchiveLocationID", id),
                message,
                "name the leaf that it holds",
            );
        }
        None => {
            let message = format_args!("{name} holds the file {} and does not refer to it", leaf.id);
            found.push(
                "DEFINE-DATASET",
                dataset.place,
                wrong("def:ArchiveLocationID", ""),
                message,
                "add def:ArchiveLocationID",
            );
        }
    }
    if leaf.href.as_deref().is_some_and(|href| href.trim().is_empty()) {
        let message = format_args!("the file of {name} has no path");
        found.push(
            "DEFINE-DATASET",
            leaf.place,
            wrong("xlink:href", ""),
            message,
            "give the path from define.xml, such as dm.xpt",
        );
    }
}

fn variables(index: &Index<'_>, dataset: &DatasetDef, found: &mut Found) {
    let variables = index.variables(dataset);
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for variable in &variables {
        let (name, oid) = (variable.name(), variable.reference.item_oid.as_str());
        if let Some(first) = names.insert(name, oid) {
            let message = format_args!("{first} and {oid} of {} are both called {name}", dataset.name());
            found.push(
                "DEFINE-NAME",
                variable.reference.place,
                wrong("Name", name),
                message,
                "a dataset has one variable of a name",
            );
        }
        if name.len() > 8 || !name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
            let message = format_args!("`{name}` of {} is no name of a transport file", dataset.name());
            found.push(
                "DEFINE-NAME",
                variable.definition.place,
                odd("Name", name),
                message,
                "at most 8 capital letters, digits and _",
            );
        }
        let label = variable.label();
        if words(variable.definition.description.as_ref()).trim().is_empty() {
            let message = format_args!("{}.{name} has no label", dataset.name());
            found.push(
                "DEFINE-NAME",
                variable.definition.place,
                odd("Description", ""),
                message,
                "add <Description> with the variable's label",
            );
        }
        if label.chars().count() > 40 {
            let message = format_args!("the label of {}.{name} is longer than 40 characters", dataset.name());
            found.push(
                "DEFINE-NAME",
                variable.definition.place,
                odd("Description", &label),
                message,
                "a SAS transport file holds 40",
            );
        }
    }
    let orders: Vec<u32> = dataset.items.iter().filter_map(|i| i.order_number).collect();
    if !orders.is_empty() && orders.len() < dataset.items.len() {
        let message = format_args!("some variables of {} have an OrderNumber and some have none", dataset.name());
        found.push("DEFINE-KEY", dataset.place, odd("OrderNumber", ""), message, "number all of them, or none");
    }
}

/// Keys count from 1 without a gap; that they differ is the schema's.
fn keys(dataset: &DatasetDef, found: &mut Found) {
    let mut keys: Vec<u32> = dataset.items.iter().filter_map(|i| i.key_sequence).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() && !dataset.items.is_empty() {
        let message = format_args!("{} has no keys", dataset.name());
        found.push(
            "DEFINE-KEY",
            dataset.place,
            odd("KeySequence", ""),
            message,
            "number the variables that together name a row",
        );
    }
    if let Some((key, expected)) = keys.iter().zip(1..).find(|(key, expected)| *key != expected) {
        let message = format_args!("the keys of {} go on with {key} where {expected} is due", dataset.name());
        found.push(
            "DEFINE-KEY",
            dataset.place,
            wrong("KeySequence", &key.to_string()),
            message,
            "count from 1 without a gap",
        );
    }
}

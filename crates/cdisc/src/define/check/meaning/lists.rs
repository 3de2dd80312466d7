//! Value-level metadata with its conditions, and code lists.

use super::super::{About, Found, odd, wrong};
use crate::define::{CodeList, Define, Index, NCI_CODE, RangeCheck, Version, is_yes, words};
use crate::odm::{Comparator, DataType, SoftHard};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn value_lists(define: &Define, found: &mut Found) {
    for list in &define.metadata.value_lists {
        for item in list.items.iter().filter(|item| item.where_clauses.is_empty()) {
            let message = format_args!("{} in {} does not say when it applies", item.item_oid, list.oid);
            found.push(
                "DEFINE-WHERE",
                item.place,
                wrong("def:WhereClauseRef", ""),
                message,
                "add <def:WhereClauseRef>",
            );
        }
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for item in &list.items {
            for clause in &item.where_clauses {
                if let Some(first) = seen.insert(&clause.where_clause_oid, &item.item_oid) {
                    let message =
                        format_args!("{first} and {} in {} apply under one condition", item.item_oid, list.oid);
                    found.push(
                        "DEFINE-WHERE",
                        clause.place,
                        wrong("WhereClauseOID", &clause.where_clause_oid),
                        message,
                        "no row can be both",
                    );
                }
            }
        }
    }
}

pub(super) fn where_clauses(define: &Define, index: &Index<'_>, found: &mut Found) {
    // The datasets that hold each item, and those in which each clause decides on a value.
    let m = &define.metadata;
    let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for dataset in &m.datasets {
        for variable in index.variables(dataset) {
            holders.entry(&variable.definition.oid).or_default().insert(&dataset.oid);
            for value in index.values(variable.definition) {
                for clause in &value.reference.where_clauses {
                    users.entry(&clause.where_clause_oid).or_default().insert(&dataset.oid);
                }
            }
        }
    }
    for clause in &m.where_clauses {
        for check in &clause.checks {
            operands(check, &clause.oid, index, found);
            let Some(item) = check.item_oid.as_deref() else { continue };
            let elsewhere = match (holders.get(item), users.get(clause.oid.as_str())) {
                (Some(holders), Some(users)) => holders.is_disjoint(users),
                _ => false,
            };
            if elsewhere && clause.comment_oid.is_none() {
                let message = format_args!("{} compares {item}, which is a variable of another dataset", clause.oid);
                found.push(
                    "DEFINE-WHERE",
                    check.place,
                    odd("def:ItemOID", item),
                    message,
                    "add a comment that says how the datasets are joined",
                );
            }
            if index.items.contains_key(item) && !holders.contains_key(item) {
                let message = format_args!("{} compares {item}, which is no variable of a dataset", clause.oid);
                found.push("DEFINE-WHERE", check.place, wrong("def:ItemOID", item), message, "compare a variable");
            }
        }
    }
}

fn operands(check: &RangeCheck, clause: &str, index: &Index<'_>, found: &mut Found) {
    let mut say =
        |about: About<'_>, message: String, hint: &str| found.push("DEFINE-WHERE", check.place, about, message, hint);
    if check.soft_hard.as_ref() == Some(&SoftHard::Hard) {
        say(
            odd("SoftHard", "Hard"),
            format!("a check of {clause} is hard"),
            "a condition of define.xml is Soft: it refuses nothing",
        );
    }
    let Some(comparator) = &check.comparator else {
        return say(
            wrong("Comparator", ""),
            format!("a check of {clause} does not say how it compares"),
            "add Comparator: EQ, IN, …",
        );
    };
    let several = matches!(comparator, Comparator::In | Comparator::NotIn);
    if !several && check.values.len() > 1 {
        let hint = "use IN for several values, NOTIN for none of them";
        say(
            wrong("CheckValue", &check.values.len().to_string()),
            format!("{clause} compares {comparator} with several values"),
            hint,
        );
    }
    let mut seen = BTreeSet::new();
    for value in check.values.iter().filter(|value| !seen.insert(value.text.as_str())) {
        say(odd("CheckValue", value), format!("{clause} names `{}` twice", &**value), "name it once");
    }
    let Some(item) = check.item_oid.as_deref().and_then(|oid| index.items.get(oid)) else { return };
    let numeric = matches!(item.data_type, Some(DataType::Integer | DataType::Float));
    let codes: Option<BTreeSet<&str>> =
        item.code_list_oid().and_then(|oid| index.code_lists.get(oid)).and_then(|list| {
            let terms: BTreeSet<&str> = list.terms().map(|t| t.value).collect();
            (!terms.is_empty()).then_some(terms)
        });
    let equality = several || matches!(comparator, Comparator::Eq | Comparator::Ne);
    for value in &check.values {
        let text = value.text.as_str();
        if numeric && !text.is_empty() && text.trim().parse::<f64>().is_err() {
            say(
                wrong("CheckValue", text),
                format!("{clause} compares the number {} with `{text}`", item.oid),
                "compare a number with a number",
            );
        } else if equality && !text.is_empty() && codes.as_ref().is_some_and(|codes| !codes.contains(text)) {
            let message = format!("{clause} compares {} with `{text}`, which is not in its code list", item.oid);
            say(odd("CheckValue", text), message, "add the term to the code list, or correct the value");
        }
    }
}

pub(super) fn code_lists(define: &Define, index: &Index<'_>, found: &mut Found) {
    let v2_1 = define.version == Version::V2_1;
    for list in &define.metadata.code_lists {
        terms(list, found);
        let mut say = |about: About<'_>, message: String, hint: &str| {
            found.push("DEFINE-CODELIST", list.place, about, message, hint)
        };
        if let Some(external) = &list.external {
            if external.dictionary.as_deref().is_none_or(|d| d.trim().is_empty()) {
                say(
                    wrong("Dictionary", ""),
                    format!("{} does not name its dictionary", list.oid),
                    "add Dictionary: MedDRA, WHODrug, …",
                );
            }
            if external.version.as_deref().is_none_or(|d| d.trim().is_empty()) {
                say(
                    odd("Version", ""),
                    format!("{} does not say which version of its dictionary", list.oid),
                    "add Version",
                );
            }
        } else if v2_1 {
            let non_standard = is_yes(list.is_non_standard.as_ref());
            if list.standard_oid.is_none() && !non_standard && list.nci_code().is_some() {
                let hint = "add def:StandardOID of the terminology it is taken from";
                say(
                    odd("def:StandardOID", ""),
                    format!("{} has an NCI code and does not say of which terminology", list.oid),
                    hint,
                );
            }
            let terminology = list.standard_oid.as_deref().and_then(|oid| index.standards.get(oid));
            if terminology.is_some_and(|s| s.kind.as_deref() != Some("CT")) {
                let told = list.standard_oid.as_deref().unwrap_or_default();
                say(
                    wrong("def:StandardOID", told),
                    format!("{} follows {told}, which is no terminology", list.oid),
                    "name a standard of Type=\"CT\"",
                );
            }
        }
    }
}

fn terms(list: &CodeList, found: &mut Found) {
    let numeric = matches!(list.data_type, Some(DataType::Integer | DataType::Float));
    let is_cdisc = list.nci_code().is_some();
    let decodes = list
        .items
        .iter()
        .map(|i| (i.coded_value.as_str(), i.place, Some(words(i.decode.as_ref())), &i.aliases, &i.extended_value));
    let bare = list.enumerated.iter().map(|i| (i.coded_value.as_str(), i.place, None, &i.aliases, &i.extended_value));
    for (value, place, decode, aliases, extended) in decodes.chain(bare) {
        let mut say =
            |about: About<'_>, message: String, hint: &str| found.push("DEFINE-CODELIST", place, about, message, hint);
        if value.trim().is_empty() {
            say(
                wrong("CodedValue", value),
                format!("a term of {} is empty", list.oid),
                "a missing value is no term; take it out",
            );
        }
        if numeric && value.trim().parse::<f64>().is_err() {
            say(
                wrong("CodedValue", value),
                format!("`{value}` of {} is no number, as its DataType says", list.oid),
                "correct the term or the DataType",
            );
        }
        if decode.is_some_and(|decode| decode.trim().is_empty()) {
            say(odd("Decode", ""), format!("`{value}` of {} has an empty decode", list.oid), "say what it stands for");
        }
        let coded = aliases.iter().any(|a| a.context.as_deref() == Some(NCI_CODE));
        if coded && is_yes(extended.as_ref()) {
            let message = format!("`{value}` of {} is an extension and has an NCI code", list.oid);
            say(odd("def:ExtendedValue", "Yes"), message, "a term of the published list is no extension");
        }
        if is_cdisc && !coded && !is_yes(extended.as_ref()) {
            let message = format!("`{value}` of {} has no NCI code and is not marked as an extension", list.oid);
            say(odd("CodedValue", value), message, "add its code, or def:ExtendedValue=\"Yes\"");
        }
    }
}

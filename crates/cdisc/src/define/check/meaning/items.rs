//! Variables and values: type, length, code list, origin.

use super::super::{About, Found, odd, wrong};
use crate::define::{Define, Index, ItemDef, ItemRef, Version, words};
use crate::odm::DataType;
use std::collections::BTreeMap;

/// The types of Define-XML; of ODM's others it makes no use (specification 2.1, table of `ItemDef`).
const TYPES: [DataType; 14] = [
    DataType::Text,
    DataType::Integer,
    DataType::Float,
    DataType::Date,
    DataType::Time,
    DataType::Datetime,
    DataType::PartialDate,
    DataType::PartialTime,
    DataType::PartialDatetime,
    DataType::IncompleteDate,
    DataType::IncompleteTime,
    DataType::IncompleteDatetime,
    DataType::DurationDatetime,
    DataType::IntervalDatetime,
];

pub(super) fn check(define: &Define, index: &Index<'_>, found: &mut Found) {
    let mut references: BTreeMap<&str, Vec<&ItemRef>> = BTreeMap::new();
    let m = &define.metadata;
    for item in m.datasets.iter().flat_map(|d| &d.items).chain(m.value_lists.iter().flat_map(|v| &v.items)) {
        references.entry(&item.item_oid).or_default().push(item);
    }
    let of_datasets: std::collections::BTreeSet<&str> =
        m.datasets.iter().flat_map(|d| &d.items).map(|i| i.item_oid.as_str()).collect();
    for item in &m.items {
        kind(item, found);
        length(item, index, found);
        code_list(item, index, found);
        let refs = references.get(item.oid.as_str()).map_or(&[][..], Vec::as_slice);
        origin(define, item, refs, of_datasets.contains(item.oid.as_str()), index, found);
    }
}

fn kind(item: &ItemDef, found: &mut Found) {
    let Some(kind) = &item.data_type else { return };
    // A word that is on no list is the schema's to tell.
    if !TYPES.contains(kind) && !matches!(kind, DataType::Other(_)) {
        let message = format_args!("the type of {} is `{kind}`, which define.xml does not have", item.oid);
        found.push(
            "DEFINE-TYPE",
            item.place,
            wrong("DataType", kind.as_str()),
            message,
            "use text, integer, float, or one for dates and times",
        );
    }
}

fn length(item: &ItemDef, index: &Index<'_>, found: &mut Found) {
    let Some(kind) = &item.data_type else { return };
    let mut say =
        |about: About<'_>, message: String, hint: &str| found.push("DEFINE-LENGTH", item.place, about, message, hint);
    let oid = &item.oid;
    let has_length = matches!(kind, DataType::Text | DataType::Integer | DataType::Float);
    let unread = item.extra.attributes.iter().any(|a| a.prefix.is_empty() && a.local == "Length");
    match item.length {
        None if has_length && !unread => {
            say(
                wrong("Length", ""),
                format!("{oid} is {kind} and has no Length"),
                "give the length of the longest value",
            );
        }
        Some(length) if !has_length => {
            let told = length.to_string();
            say(
                odd("Length", &told),
                format!("{oid} is {kind}, which has no Length"),
                "take it out: the type says how long it is",
            );
        }
        _ => {}
    }
    match item.significant_digits {
        None if *kind == DataType::Float => {
            say(
                odd("SignificantDigits", ""),
                format!("{oid} is float and has no SignificantDigits"),
                "give the largest number of decimals",
            );
        }
        Some(digits) if *kind != DataType::Float => {
            let told = digits.to_string();
            say(
                odd("SignificantDigits", &told),
                format!("{oid} is {kind} and has SignificantDigits"),
                "they are for float",
            );
        }
        Some(digits) if item.length.is_some_and(|length| digits > 0 && digits >= length) => {
            let told = digits.to_string();
            say(
                wrong("SignificantDigits", &told),
                format!("{oid} has as many decimals as its whole length"),
                "the length counts the point and the decimals",
            );
        }
        _ => {}
    }
    let own = item.length.unwrap_or(u32::MAX);
    let longer = index.values(item).into_iter().filter(|v| v.definition.length.is_some_and(|length| length > own));
    for value in longer {
        let told = value.definition.length.unwrap_or_default().to_string();
        let message = format!("its value {} has the length {told}, {oid} has {own}", value.definition.oid);
        say(odd("Length", &told), message, "a variable is as long as the longest of its values");
    }
}

fn code_list(item: &ItemDef, index: &Index<'_>, found: &mut Found) {
    let Some(list) = item.code_list_oid().and_then(|oid| index.code_lists.get(oid)) else { return };
    let (Some(item_type), Some(list_type)) = (&item.data_type, &list.data_type) else { return };
    let same = |kind: &DataType| if *kind == DataType::String { DataType::Text } else { kind.clone() };
    let fits = same(item_type) == same(list_type)
        || list.external.is_some() && same(list_type) == DataType::Text
        || *item_type == DataType::Float && *list_type == DataType::Integer;
    if !fits {
        let message = format_args!("{} is {item_type}, its code list {} is {list_type}", item.oid, list.oid);
        found.push(
            "DEFINE-CODELIST",
            item.place,
            wrong("DataType", item_type.as_str()),
            message,
            "an item and its code list have one type",
        );
    }
}

fn origin(define: &Define, item: &ItemDef, refs: &[&ItemRef], in_dataset: bool, index: &Index<'_>, found: &mut Found) {
    let v2_1 = define.version == Version::V2_1;
    let values = index.values(item);
    let mut say =
        |about: About<'_>, message: String, hint: &str| found.push("DEFINE-ORIGIN", item.place, about, message, hint);
    let oid = &item.oid;
    let empty = refs.iter().any(|r| crate::define::is_yes(r.has_no_data.as_ref()));
    let told_by_values = !values.is_empty() && values.iter().all(|v| !v.definition.origins.is_empty());
    if item.origins.is_empty() && in_dataset && !told_by_values && !empty {
        say(
            odd("def:Origin", ""),
            format!("{oid} does not say where its values come from"),
            "add <def:Origin>, here or on each of its values",
        );
    }
    for origin in &item.origins {
        match origin.kind.as_deref() {
            Some("Derived")
                if values.is_empty()
                    && !refs.is_empty()
                    && refs.iter().all(|r| r.method_oid.is_none())
                    && item.comment_oid.is_none() =>
            {
                say(
                    odd("MethodOID", ""),
                    format!("{oid} is derived, and no method says how"),
                    "add MethodOID to its <ItemRef>",
                );
            }
            Some("Predecessor") if words(origin.description.as_ref()).trim().is_empty() => {
                say(
                    odd("Description", ""),
                    format!("{oid} has a predecessor, and does not say which"),
                    "describe the origin: DM.AGE",
                );
            }
            Some("Collected" | "Derived" | "Assigned") if v2_1 && origin.source.is_none() => {
                say(
                    odd("Source", ""),
                    format!("the origin of {oid} does not say who"),
                    "add Source: Investigator, Sponsor, Subject or Vendor",
                );
            }
            _ => {}
        }
    }
}

//! Controlled terminology.
//!
//! A record may say which publication its code is from. A publication that is not at hand is stood in for by the nearest
//! one that is, and the report says so; a date on which nothing was published has no terms.

use super::{At, Made};
use crate::column::Column;
use crate::operator::Fault;
use crate::value::Value;
use croft_cdisc::terminology::{Codelist, Package, PackageName, published};

/// The package of a product and date.
fn package<'a>(at: &At<'a>, product: &str, date: &str) -> Option<&'a Package> {
    let study = at.study;
    let name = PackageName::new(product, date).ok()?;
    if let Ok(Some(package)) = study.terminology.package(&name) {
        return Some(package);
    }
    if !published(product).contains(&date) {
        return None;
    }
    let nearest = study.terminology.nearest(name.product(), date)?;
    study.note(format!("{name} is not at hand; {nearest} was used (`croft ct import` installs a package)"));
    study.terminology.package(&nearest).ok().flatten()
}

/// The code list and publication of each record, asked once for each pair.
fn by_record(
    at: &At<'_>,
    each: impl Fn(Option<&Codelist>, &Value) -> Value,
    given: Option<&Column>,
) -> Result<Column, Fault> {
    let product = at.operation.text("ct_package_type").ok_or_else(|| at.unfit("needs `ct_package_type`"))?;
    let version = at.operation.text("version").ok_or_else(|| at.unfit("needs `version`"))?;
    let versions = at.frame.column(version).ok_or_else(|| Fault::NoColumn(version.to_owned()))?;
    let list = at.operation.text("codelist_code").ok_or_else(|| at.unfit("needs `codelist_code`"))?;
    let lists = at.frame.column(list);
    let constant = Value::text(list);
    let mut answers = std::collections::BTreeMap::new();
    let answer = |row: usize| {
        let code = lists.map_or(&constant, |column| column.value(row));
        let key = (versions.value(row), code, given.map(|column| column.value(row)));
        answers
            .entry(key)
            .or_insert_with(|| {
                let found = versions.value(row).pattern_text().and_then(|date| package(at, product, &date));
                let found = found.zip(code.as_text()).and_then(|(package, code)| package.codelist(code));
                each(found, given.map_or(&Value::Missing, |column| column.value(row)))
            })
            .clone()
    };
    Ok((0..at.frame.rows()).map(answer).collect())
}

/// Terms of a code list. With a column of codes, values or preferred terms: what stands beside each in the list, in the
/// publication that the record names. Else: all terms of the named lists.
pub(super) fn codelist_terms(at: &At<'_>) -> Result<Made, Fault> {
    let given = ["term_code", "term_value", "term_pref_term"]
        .into_iter()
        .find_map(|key| at.operation.text(key).map(|name| (key, name)));
    let Some((key, name)) = given else { return whole_lists(at) };
    let column = at.frame.column(name).ok_or_else(|| Fault::NoColumn(name.to_owned()))?;
    let wanted = at.operation.text("returntype").unwrap_or(if key == "term_code" { "value" } else { "code" });
    let look = |list: Option<&Codelist>, value: &Value| {
        let (Some(list), Some(text)) = (list, value.pattern_text()) else { return Value::Missing };
        let text = text.to_lowercase();
        let same = |other: &str| other.to_lowercase() == text;
        let found = list.terms().iter().find(|term| match key {
            "term_code" => term.code.as_deref().is_some_and(same),
            "term_value" => same(&term.submission_value),
            _ => same(&term.preferred_term),
        });
        found.map_or(Value::Missing, |term| match wanted {
            "value" => Value::text(&term.submission_value),
            "pref_term" => Value::text(&term.preferred_term),
            _ => term.code.as_deref().map_or(Value::Missing, Value::text),
        })
    };
    Ok(Made::Column(by_record(at, look, Some(column))?))
}

/// The package that the study is checked against.
fn study_package<'a>(at: &At<'a>) -> Result<&'a Package, Fault> {
    let asked =
        at.operation.text("ct_package_type").filter(|product| !at.study.package.starts_with(&product.to_lowercase()));
    let name = match asked {
        Some(product) => at.study.terminology.latest(&format!("{}ct", product.to_lowercase())),
        None => at.study.package.parse().ok(),
    };
    let found = name.and_then(|name| at.study.terminology.package(&name).ok().flatten());
    found.ok_or_else(|| {
        Fault::Unfit("no terminology package is at hand for this standard: name one with `--ct`".to_owned())
    })
}

fn whole_lists(at: &At<'_>) -> Result<Made, Fault> {
    let package = study_package(at)?;
    let (level, wanted) =
        (at.operation.text("level").unwrap_or("term"), at.operation.text("returntype").unwrap_or("value"));
    let names = at.operation.other.get("codelists").and_then(serde_json::Value::as_array);
    let names = names.ok_or_else(|| at.unfit("needs `codelists`"))?;
    let mut values = Vec::new();
    for name in names.iter().filter_map(serde_json::Value::as_str) {
        let list =
            package.codelist(name).ok_or_else(|| Fault::Unfit(format!("{} has no code list {name}", package.name)))?;
        let code = |code: Option<&str>| code.map_or(Value::Missing, Value::text);
        match (level, wanted) {
            ("codelist", "code") => values.push(Value::text(&list.code)),
            ("codelist", _) => values.push(Value::text(&list.submission_value)),
            (_, "code") => values.extend(list.terms().iter().map(|term| code(term.code.as_deref()))),
            (_, "pref_term") => values.extend(list.terms().iter().map(|term| Value::text(&term.preferred_term))),
            _ => values.extend(list.terms().iter().map(|term| Value::text(&term.submission_value))),
        }
    }
    Ok(Made::Constant(Value::list(values)))
}

/// Whether a sponsor may add terms to the code list.
pub(super) fn codelist_extensible(at: &At<'_>) -> Result<Made, Fault> {
    if let Some(name) = at.operation.text("codelist") {
        let package = study_package(at)?;
        let list =
            package.codelist(name).ok_or_else(|| Fault::Unfit(format!("{} has no code list {name}", package.name)))?;
        return Ok(Made::Constant(Value::Flag(list.extensible)));
    }
    let look = |list: Option<&Codelist>, _: &Value| list.map_or(Value::Missing, |list| Value::Flag(list.extensible));
    Ok(Made::Column(by_record(at, look, None)?))
}

/// The dates on which packages of the given products were published; without products, of the standard's own.
pub(super) fn valid_dates(at: &At<'_>) -> Made {
    let named = at.operation.other.get("ct_package_types").and_then(serde_json::Value::as_array);
    let products: Vec<&str> = match named {
        Some(named) => named.iter().filter_map(serde_json::Value::as_str).collect(),
        None => match at.study.product.as_str() {
            "sdtmig" => vec!["SDTM"],
            "sendig" | "sendig-dart" => vec!["SEND"],
            "cdashig" => vec!["CDASH"],
            "adamig" => vec!["SDTM", "ADaM"],
            "usdm" => vec!["DDF", "SDTM"],
            _ => Vec::new(),
        },
    };
    let dates: std::collections::BTreeSet<&str> = products.into_iter().flat_map(published).collect();
    Made::Constant(Value::texts(dates))
}

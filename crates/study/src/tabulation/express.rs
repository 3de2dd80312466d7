//! How does an item's value become a variable's? SQL expressions over the row of an item group.
//!
//! Codes become submission values of the variable's code lists, where the code or its decoded text is one of their terms, else the decoded text. A unit is
//! written as the terminology writes it. A numeric result stands in the item's own unit in `--STRESN`; what was entered in another unit is converted by
//! `convert_unit`, between mass and amount of substance with the molar mass of the analyte.

use super::dictionary::{Dictionary, DomainVariable};
use croft_core::unit::{Unit, convert_molar};
use croft_design::forms::{Item, ItemType, MISSING_CODES};

/// Missing reasons that are results: the value lies beyond what the method can quantify.
const RESULTS: [&str; 4] = ["BLQ", "ALQ", "BLOD", "ALOD"];

/// Molar masses in g/mol of analytes that are reported in mass and in amount of substance, by `LBTESTCD`; from the standard atomic weights (IUPAC 2021)
/// and the molecular formulas. Triglycerides as triolein and haemoglobin as its monomer are conventions of laboratories and are not here.
const MOLAR_MASSES: [(&str, f64); 12] = [
    ("BILDIR", 584.673),
    ("BILI", 584.673),
    ("CA", 40.078),
    ("CHOL", 386.664),
    ("CREAT", 113.120),
    ("GLUC", 180.156),
    ("HDL", 386.664),
    ("K", 39.0983),
    ("LDL", 386.664),
    ("MG", 24.305),
    ("SODIUM", 22.98977),
    ("URATE", 168.112),
];

/// A text in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A null of a variable's type.
pub fn null(variable: &DomainVariable) -> &'static str {
    if variable.numeric { "cast(null as double)" } else { "cast(null as text)" }
}

/// A constant as a variable's type.
pub fn constant(variable: &DomainVariable, value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if variable.numeric && number.is_finite() => value.to_owned(),
        _ if variable.numeric => null(variable).to_owned(),
        _ => quoted(value),
    }
}

/// What fills a variable from its items, in a row that SQL calls `alias`.
pub fn value(dictionary: &Dictionary, variable: &DomainVariable, items: &[&Item], alias: &str) -> String {
    let [item, rest @ ..] = items else { return null(variable).to_owned() };
    let column = format!("{alias}.{}", item.name);
    if variable.name.ends_with("DTC") {
        return date(item, rest, alias);
    }
    if variable.numeric {
        return if is_number(item) { column } else { format!("try_number({column})") };
    }
    if item.name.ends_with("PERF") && variable.name.ends_with("STAT") {
        return format!("case when {column} = 'N' then 'NOT DONE' end");
    }
    if item.name.ends_with("ONGO") && variable.name.ends_with("ENRTPT") {
        return format!("case {column} when 'Y' then 'ONGOING' when 'N' then 'BEFORE' end");
    }
    if is_number(item) {
        return format!("text({column})");
    }
    decoded(item, &column, |code, decode| submission(dictionary, variable, code, decode))
}

/// Whether SQL sees the item as a number.
pub fn is_number(item: &Item) -> bool {
    matches!(item.kind, ItemType::Integer | ItemType::Float)
}

/// A date with its time, when there is an item for it. A time is of no use without a whole day.
fn date(item: &Item, rest: &[&Item], alias: &str) -> String {
    let is_time = |i: &&Item| i.kind == ItemType::Time;
    let all = || std::iter::once(item).chain(rest.iter().copied());
    let Some(day) = all().find(|i| !is_time(i)) else { return "cast(null as text)".to_owned() };
    let day = format!("{alias}.{}", day.name);
    match all().find(is_time) {
        None => day,
        Some(time) => {
            let time = format!("{alias}.{}", time.name);
            format!(
                "case when {time} is not null and is_complete_date({day}) then {day} || 'T' || {time} else {day} end"
            )
        }
    }
}

/// A code's submission value.
fn submission(dictionary: &Dictionary, variable: &DomainVariable, code: &str, decode: &str) -> String {
    let found = dictionary
        .submission_value(variable.codelists, code)
        .or_else(|| dictionary.submission_value(variable.codelists, decode));
    match found {
        Some(term) => term.to_owned(),
        None if code.eq_ignore_ascii_case(decode) => code.to_owned(),
        None => decode.to_owned(),
    }
}

/// A column with its codes replaced; the column itself where each stands for itself.
fn decoded(item: &Item, column: &str, replace: impl Fn(&str, &str) -> String) -> String {
    let pairs: Vec<(&str, String)> =
        item.codes.iter().map(|(code, decode)| (code.as_str(), replace(code, decode))).collect();
    if pairs.iter().all(|(code, term)| code == term) {
        return column.to_owned();
    }
    let whens: String =
        pairs.iter().map(|(code, term)| format!(" when {} then {}", quoted(code), quoted(term))).collect();
    // A value that is none of the codes is a finding of the build and stays as it is.
    format!("case {column}{whens} else {column} end")
}

/// The parts of a finding's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultParts {
    /// `--ORRES`
    pub original: String,
    /// `--ORRESU`; none without a unit.
    pub original_unit: Option<String>,
    /// `--STRESC`
    pub standard: String,
    /// `--STRESN`; none for a text.
    pub number: Option<String>,
    /// `--STRESU`
    pub standard_unit: Option<String>,
    /// `--STAT`
    pub status: String,
    /// `--REASND`
    pub reason: String,
}

/// What a finding's result is made of. `unit` is the variable `--ORRESU`, `result` is `--STRESC`.
pub fn result(
    dictionary: &Dictionary,
    item: &Item,
    test: &str,
    unit: Option<&DomainVariable>,
    result: Option<&DomainVariable>,
    alias: &str,
) -> ResultParts {
    let column = format!("{alias}.{}", item.name);
    let missing = format!("{column}__missing");
    let results: Vec<&str> = RESULTS.iter().copied().filter(|r| may_be(item, r)).collect();
    let is_result = match results.as_slice() {
        [] => format!("{missing} is null"),
        some => {
            let list = some.iter().map(|r| quoted(r)).collect::<Vec<_>>().join(", ");
            format!("({missing} is null or {missing} in ({list}))")
        }
    };
    let original = if is_number(item) || item.codes.is_empty() {
        format!("{column}__text")
    } else {
        decoded(item, &column, |_, decode| decode.to_owned())
    };
    let number = is_number(item).then(|| standard_number(item, &column, test));
    let standard = match (&number, result) {
        (Some(number), _) => format!("coalesce(text({number}), {column}__text)"),
        (None, Some(variable)) if !item.codes.is_empty() => {
            decoded(item, &column, |code, decode| submission(dictionary, variable, code, decode))
        }
        (None, _) => format!("{column}__text"),
    };
    let standard = if standard == format!("{column}__text") { original.clone() } else { standard };
    let has_unit = item.unit.is_some();
    let codelists = unit.map_or(&[][..], |u| u.codelists);
    ResultParts {
        original: format!("case when {is_result} then {original} end"),
        original_unit: has_unit
            .then(|| format!("case when {is_result} then {} end", unit_written(dictionary, item, codelists, &column))),
        standard: format!("case when {is_result} then {standard} end"),
        standard_unit: has_unit.then(|| {
            let known = number.as_ref().map_or_else(|| is_result.clone(), |_| format!("{column} is not null"));
            format!("case when {known} then {} end", standard_unit(dictionary, item, codelists, &column, test))
        }),
        number,
        status: format!("case when not {} then 'NOT DONE' end", parenthesised(&is_result)),
        reason: reason(&missing, &results),
    }
}

fn parenthesised(condition: &str) -> String {
    if condition.starts_with('(') { condition.to_owned() } else { format!("({condition})") }
}

/// Whether a missing reason can stand for an item.
fn may_be(item: &Item, code: &str) -> bool {
    item.missing.iter().any(|m| m == code)
}

/// `--REASND`: the words of the reason that was recorded.
fn reason(missing: &str, results: &[&str]) -> String {
    let whens: String = results
        .iter()
        .map(|r| format!(" when {} then null", quoted(r)))
        .chain(
            MISSING_CODES
                .iter()
                .map(|(code, words)| format!(" when {} then {}", quoted(code), quoted(&words.to_uppercase()))),
        )
        .collect();
    format!("case {missing}{whens} else {missing} end")
}

/// The unit as collected, in the words of the terminology.
fn unit_written(dictionary: &Dictionary, item: &Item, codelists: &[&str], column: &str) -> String {
    let units = item.unit.iter().chain(&item.other_units);
    let differing: String = units
        .filter_map(|unit| {
            let term = dictionary.submission_value(codelists, unit)?;
            (term != unit).then(|| format!(" when {} then {}", quoted(unit), quoted(term)))
        })
        .collect();
    if differing.is_empty() {
        return format!("{column}__unit");
    }
    format!("case {column}__unit{differing} else {column}__unit end")
}

/// The number in the item's own unit.
fn standard_number(item: &Item, column: &str, test: &str) -> String {
    let Some(to) = &item.unit else { return column.to_owned() };
    let whens: String = item
        .other_units
        .iter()
        .filter_map(|from| Some(format!(" when {} then {}", quoted(from), conversion(column, from, to, test)?)))
        .collect();
    if whens.is_empty() { column.to_owned() } else { format!("case {column}__unit{whens} else {column} end") }
}

/// The item's own unit; another one for what could not be converted.
fn standard_unit(dictionary: &Dictionary, item: &Item, codelists: &[&str], column: &str, test: &str) -> String {
    let Some(to) = &item.unit else { return "cast(null as text)".to_owned() };
    let written = |unit: &str| quoted(dictionary.submission_value(codelists, unit).unwrap_or(unit));
    let stays = item.other_units.iter().filter(|from| conversion(column, from, to, test).is_none());
    let whens: String = stays.map(|unit| format!(" when {} then {}", quoted(unit), written(unit))).collect();
    if whens.is_empty() { written(to) } else { format!("case {column}__unit{whens} else {} end", written(to)) }
}

/// The call that converts; none where the units measure different things.
fn conversion(column: &str, from: &str, to: &str, test: &str) -> Option<String> {
    let (unit, own) = (Unit::parse(from).ok()?, Unit::parse(to).ok()?);
    if unit.convert(1.0, &own).is_ok() {
        return Some(format!("convert_unit({column}, {}, {})", quoted(from), quoted(to)));
    }
    let (_, mass) = MOLAR_MASSES.iter().find(|(code, _)| *code == test)?;
    convert_molar(1.0, &unit, &own, *mass).ok()?;
    Some(format!("convert_unit({column}, {}, {}, {mass})", quoted(from), quoted(to)))
}

/// The units of an item that cannot be brought into its own.
pub fn unconvertible<'i>(item: &'i Item, test: &str) -> Vec<&'i str> {
    let Some(to) = &item.unit else { return Vec::new() };
    item.other_units.iter().filter(|from| conversion("", from, to, test).is_none()).map(String::as_str).collect()
}

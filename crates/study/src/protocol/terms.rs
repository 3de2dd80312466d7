//! Which code of CDISC's terminology is this word? Study texts say what stands in data (`ORAL`, `PHASE II TRIAL`), USDM says codes with decodes.
//!
//! Packages that come with croft serve, by fixed date, so that one study gives one document. Source: NCI EVS (public domain).

use croft_cdisc::terminology::{Term, embedded};
use serde_json::{Value, json};

/// A code list in a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    package: &'static str,
    code: &'static str,
}

const DDF: &str = "ddfct-2025-09-26";
const PROTOCOL: &str = "protocolct-2025-09-26";
const SDTM: &str = "sdtmct-2025-03-28";

macro_rules! lists {
    ($($name:ident = $package:ident $code:literal;)*) => {
        $(pub(super) const $name: List = List { package: $package, code: $code };)*
    };
}

lists! {
    PHASE = PROTOCOL "C66737";
    BLINDING = PROTOCOL "C66735";
    INTERVENTION_MODEL = PROTOCOL "C99076";
    OBSERVATIONAL_MODEL = PROTOCOL "C127259";
    STUDY_TYPE = PROTOCOL "C99077";
    INTENT = PROTOCOL "C66736";
    TRIAL_TYPE = PROTOCOL "C66739";
    INTERVENTION_TYPE = PROTOCOL "C99078";
    SEX = SDTM "C66732";
    EPOCH = SDTM "C99079";
    ROUTE = SDTM "C66729";
    FORM = SDTM "C66726";
    UNIT = SDTM "C71620";
    AGE_UNIT = SDTM "C66781";
    CRITERION = SDTM "C66797";
    ARM_TYPE = DDF "C174222";
    DATA_ORIGIN = DDF "C188727";
    OBJECTIVE_LEVEL = DDF "C188725";
    ENDPOINT_LEVEL = DDF "C188726";
    TITLE = DDF "C207419";
    ORGANIZATION = DDF "C188724";
    ROLE = DDF "C215480";
    ENCOUNTER = DDF "C188728";
    TIMING = DDF "C201264";
    RELATIVE = DDF "C201265";
    CHARACTERISTIC = DDF "C207416";
    INTERVENTION_ROLE = DDF "C207417";
    DESIGNATION = DDF "C207418";
}

fn term(list: List, found: impl Fn(&Term) -> bool) -> Option<&'static Term> {
    let package = embedded(&list.package.parse().ok()?)?;
    package.codelist(list.code)?.terms().iter().find(|t| found(t))
}

/// What stands in data for this code.
pub(super) fn submission(list: List, code: &Value) -> Option<&'static str> {
    let code = code.get("code").and_then(Value::as_str)?;
    term(list, |t| t.code.as_deref() == Some(code)).map(|t| t.submission_value.as_str())
}

/// A `Code` for what stands in data; nothing where the list has no such term.
pub(super) fn code(list: List, id: &str, word: &str) -> Option<Value> {
    let term =
        term(list, |t| t.submission_value.eq_ignore_ascii_case(word) || t.preferred_term.eq_ignore_ascii_case(word))?;
    of_term(list, id, term)
}

/// A `Code` for a term that the program names by its code.
pub(super) fn fixed(list: List, id: &str, code: &str) -> Value {
    let found = term(list, |t| t.code.as_deref() == Some(code)).and_then(|t| of_term(list, id, t));
    found.unwrap_or_else(|| sponsor(id, code))
}

fn of_term(list: List, id: &str, term: &Term) -> Option<Value> {
    let date = list.package.get(list.package.len() - 10..)?;
    Some(coded(id, term.code.as_deref()?, "http://www.cdisc.org", date, &term.preferred_term))
}

/// A `Code` of the sponsor's own: a word that no list has.
pub(super) fn sponsor(id: &str, word: &str) -> Value {
    coded(id, word, "SPONSOR", "1", word)
}

fn coded(id: &str, code: &str, system: &str, version: &str, decode: &str) -> Value {
    json!({
        "id": id, "extensionAttributes": [], "code": code, "codeSystem": system, "codeSystemVersion": version,
        "decode": decode, "instanceType": "Code"
    })
}

/// An `AliasCode` around a `Code`.
pub(super) fn alias(id: &str, code: Value) -> Value {
    json!({
        "id": id, "extensionAttributes": [], "standardCode": code, "standardCodeAliases": [], "instanceType": "AliasCode"
    })
}

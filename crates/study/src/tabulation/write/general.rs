//! Interventions and events: a record a row of an item group, or a record for each milestone or pre-specified term.
//!
//! Conventions: a pre-specified term has `--PRESP` Y. `DSTERM` repeats `DSDECOD` where only that is collected; `DSCAT`, where the guide has it, follows from the code list of
//! `DSDECOD`. Without an end of its own a dose ends when it began. A treatment's code becomes its name in `study.toml`, and dose form and route come from
//! there where they are not collected. A kept table `coding` (`# keys: DOMAIN, VERBATIM`) adds `--DECOD` and its kin. `--ENRTPT` is relative to the end of the
//! study where the form is a log, else to its visit.

use super::{Draft, Study};
use crate::tabulation::express::{self, quoted};
use crate::tabulation::records::Record;
use croft_cdisc::library::Class;
use croft_design::definition::VisitKind;
use croft_design::forms::Form;
use std::collections::{BTreeMap, BTreeSet};

/// NCI codes of the code lists of `DSDECOD`: completion or reason for not completing, and protocol milestones.
const DISPOSITION: [(&str, &str); 2] = [("C66727", "DISPOSITION EVENT"), ("C114118", "PROTOCOL MILESTONE")];

/// The statement of a domain of interventions or events.
pub fn statement(study: &Study<'_>, domain: &str) -> String {
    let records = study.of(domain);
    let mut draft = Draft::of_subjects(domain);
    draft.number();
    let row = source(study, domain, &records, &mut draft);
    let name = |suffix: &str| format!("{domain}{suffix}");
    let has = |draft: &Draft, suffix: &str| draft.columns.contains_key(&format!("{domain}{suffix}"));
    if has(&draft, "OCCUR") && !has(&draft, "PRESP") && study.has(domain, &name("PRESP")) {
        let occurs = draft.columns.get(&name("OCCUR")).cloned().unwrap_or_default();
        draft.set(&name("PRESP"), &format!("case when {occurs} is not null then 'Y' end"));
    }
    let mut joins = String::new();
    if study.dictionary.class(domain) == Some(Class::Interventions) && matches!(domain, "EX" | "EC") {
        joins.push_str(&exposure(study, domain, &mut draft));
    }
    joins.push_str(&coding(study, domain, &mut draft));
    let visited = study.dictionary.domain(domain).and_then(|d| d.variable("VISITNUM")).is_some_and(|v| v.core == "Exp");
    if visited {
        let forms: Vec<&Form> = records.iter().map(|r| r.form).collect();
        study.visit_columns(&mut draft, &row, &forms);
        joins.push_str(&format!("\nleft join visits as v on v.CODE = {row}.VISIT"));
    }
    let start = ["STDTC", "DTC"].into_iter().find_map(|s| draft.columns.get(&name(s)).cloned());
    if let Some(dtc) = start.filter(|_| domain != "MH") {
        joins.push_str(&study.epoch(&mut draft, &dtc));
    }
    for (dtc, dy) in [("DTC", "DY"), ("STDTC", "STDY"), ("ENDTC", "ENDY")] {
        if let Some(expression) = draft.columns.get(&name(dtc)).cloned()
            && study.has(domain, &name(dy))
            && study.dated("RFSTDTC")
        {
            draft.set(&name(dy), &format!("study_day({expression}, m.RFSTDTC)"));
        }
    }
    draft.keys.extend(["TRT", "TERM", "DECOD", "STDTC", "SPID"].map(name));
    draft.from =
        format!("{}\ninner join DM as m on m.SUBJID = {row}.SUBJECT{joins}{}", draft.from, where_of(study, &records));
    draft.text(&study.dictionary)
}

/// What stands in FROM, with the columns read from it: the item group itself, or a step that puts several kinds of records together.
fn source(study: &Study<'_>, domain: &str, records: &[&Record<'_>], draft: &mut Draft) -> String {
    if let [record] = records {
        for (variable, expression) in values(study, record, "a") {
            draft.set(&variable, &expression);
        }
        draft.from = format!("from {} as a", record.table);
        return "a".to_owned();
    }
    let filled: Vec<BTreeMap<String, String>> = records.iter().map(|r| values(study, r, "a")).collect();
    let all: BTreeSet<&String> = filled.iter().flat_map(BTreeMap::keys).collect();
    let columns: Vec<String> = study.dictionary.order(domain).into_iter().filter(|name| all.contains(name)).collect();
    let branches: Vec<String> = records
        .iter()
        .zip(&filled)
        .map(|(record, filled)| {
            let null = |name: &str| express::null(&study.variable(domain, name)).to_owned();
            let selected: Vec<String> = columns
                .iter()
                .map(|name| format!("{} as {name}", filled.get(name).cloned().unwrap_or_else(|| null(name))))
                .collect();
            format!(
                "select a.SUBJECT as SUBJECT, a.VISIT as VISIT, a.VISITREP as VISITREP,\n  {}\nfrom {} as a{}",
                selected.join(",\n  "),
                record.table,
                there(study, record).map_or_else(String::new, |w| format!("\nwhere {w}"))
            )
        })
        .collect();
    draft.steps.push(("step_records".to_owned(), branches.join("\nunion all\n")));
    for name in columns {
        let expression = format!("r.{name}");
        draft.set(&name, &expression);
    }
    draft.from = "from step_records as r".to_owned();
    "r".to_owned()
}

/// The condition of the one kind of record; several have theirs in their own selects.
fn where_of(study: &Study<'_>, records: &[&Record<'_>]) -> String {
    match records {
        [record] => there(study, record).map_or_else(String::new, |w| format!("\nwhere {w}")),
        _ => String::new(),
    }
}

/// When a row of the group makes a record.
pub fn there(_study: &Study<'_>, record: &Record<'_>) -> Option<String> {
    if let Some(topic) = record.topic() {
        return Some(format!("a.{0}__text is not null and a.{0}__missing is null", topic.name));
    }
    let items: BTreeSet<&str> = record.values.values().flatten().map(|i| i.name.as_str()).collect();
    let any: Vec<String> =
        items.iter().map(|i| format!("(a.{i}__text is not null and a.{i}__missing is null)")).collect();
    match any.as_slice() {
        [] => None,
        [one] => Some(one.trim_matches(['(', ')']).to_owned()),
        _ => Some(any.join(" or ")),
    }
}

/// What fills each variable of one kind of record.
fn values(study: &Study<'_>, record: &Record<'_>, alias: &str) -> BTreeMap<String, String> {
    let domain = record.domain.as_str();
    let mut values = BTreeMap::new();
    for (name, text) in &record.constants {
        values.insert(name.clone(), express::constant(&study.variable(domain, name), text));
    }
    for (name, items) in record.values.iter().filter(|(name, _)| !record.constants.contains_key(*name)) {
        values.insert(name.clone(), express::value(&study.dictionary, &study.variable(domain, name), items, alias));
    }
    if study.has_lines(domain) && !values.contains_key(&record.name("SPID")) {
        values.insert(record.name("SPID"), study.line(record, alias));
    }
    if let (Some(dose), false) = (record.item("DOSE"), values.contains_key(&record.name("DOSU")))
        && dose.unit.is_some()
    {
        values.insert(record.name("DOSU"), dose_unit(study, record, dose, alias));
    }
    if record.item("ENRTPT").is_some()
        && study.has(domain, &record.name("ENTPT"))
        && let Some(relation) = values.get(&record.name("ENRTPT")).cloned()
    {
        let point = format!("case when {relation} is not null then {} end", quoted(&end_point(study, record)));
        values.entry(record.name("ENTPT")).or_insert(point);
    }
    if domain == "DS" {
        disposition(study, record, &mut values);
    }
    values
}

/// The unit of a dose, in the words of the terminology.
fn dose_unit(study: &Study<'_>, record: &Record<'_>, dose: &croft_design::forms::Item, alias: &str) -> String {
    let variable = study.variable(&record.domain, &record.name("DOSU"));
    let column = format!("{alias}.{}__unit", dose.name);
    let whens: String = dose
        .unit
        .iter()
        .chain(&dose.other_units)
        .filter_map(|unit| {
            let term = study.dictionary.submission_value(variable.codelists, unit)?;
            (term != unit).then(|| format!(" when {} then {}", quoted(unit), quoted(term)))
        })
        .collect();
    if whens.is_empty() { column } else { format!("case {column}{whens} else {column} end") }
}

/// The point in time to which "ongoing" is relative.
fn end_point(study: &Study<'_>, record: &Record<'_>) -> String {
    let of_form = |code: &String| study.definition.visits.iter().find(|v| v.code == *code);
    match record.form.visits.first().and_then(of_form) {
        Some(visit) if visit.kind != VisitKind::Common => visit.name.clone(),
        _ => "END OF STUDY".to_owned(),
    }
}

fn disposition(study: &Study<'_>, record: &Record<'_>, values: &mut BTreeMap<String, String>) {
    if let Some(code) = values.get("DSDECOD").cloned() {
        values.entry("DSTERM".to_owned()).or_insert(code);
    }
    let categorised = study.dictionary.domain("DS").is_some_and(|ds| ds.variable("DSCAT").is_some());
    if values.contains_key("DSCAT") || !categorised {
        return;
    }
    let category_of = |term: &str| {
        let lists = DISPOSITION
            .iter()
            .find(|(list, _)| study.dictionary.codelist(list).is_some_and(|l| l.term(term).is_some()));
        lists.map(|(_, category)| *category)
    };
    let category = match record.constants.get("DSDECOD") {
        Some(term) => category_of(term),
        None => Some("DISPOSITION EVENT"),
    };
    if let Some(category) = category {
        values.insert("DSCAT".to_owned(), quoted(category));
    }
}

/// Names, forms and routes of treatments from `study.toml`.
fn exposure(study: &Study<'_>, domain: &str, draft: &mut Draft) -> String {
    let name = |suffix: &str| format!("{domain}{suffix}");
    if let Some(start) = draft.columns.get(&name("STDTC")).cloned()
        && !draft.columns.contains_key(&name("ENDTC"))
    {
        draft.set(&name("ENDTC"), &start);
        draft.method(&name("ENDTC"), "A single administration ends when it begins");
    }
    let given = study.of(domain).into_iter().any(|r| r.item("TRT").is_some());
    let Some(code) =
        draft.columns.get(&name("TRT")).cloned().filter(|_| given && !study.definition.treatments.is_empty())
    else {
        return String::new();
    };
    draft.set(&name("TRT"), &format!("coalesce(t.NAME, {code})"));
    for (suffix, column) in [("DOSFRM", "t.DOSFRM"), ("ROUTE", "t.ROUTE")] {
        if !draft.columns.contains_key(&name(suffix)) && study.has(domain, &name(suffix)) {
            draft.set(&name(suffix), column);
        }
    }
    format!("\nleft join treatments as t on t.CODE = {code}")
}

/// What the kept table `coding` adds, by the verbatim text.
fn coding(study: &Study<'_>, domain: &str, draft: &mut Draft) -> String {
    let Some(columns) = study.kept.get("coding") else { return String::new() };
    let topic = ["TERM", "TRT"].into_iter().find_map(|s| draft.columns.get(&format!("{domain}{s}")).cloned());
    let Some(topic) = topic.filter(|_| matches!(domain, "AE" | "MH" | "CE" | "CM" | "PR" | "SU")) else {
        return String::new();
    };
    let mut added = false;
    for (column, numeric) in columns {
        let variable = format!("{domain}{column}");
        if draft.columns.contains_key(&variable) || !study.has(domain, &variable) {
            continue;
        }
        let wants_number = study.variable(domain, &variable).numeric;
        let expression = match (numeric, wants_number) {
            (true, false) => format!("text(k.{column})"),
            (false, true) => format!("try_number(k.{column})"),
            _ => format!("k.{column}"),
        };
        draft.set(&variable, &expression);
        added = true;
    }
    if !added {
        return String::new();
    }
    format!("\nleft join coding as k on k.DOMAIN = '{domain}' and k.VERBATIM = upper({topic})")
}

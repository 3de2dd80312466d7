//! SV: the visits that took place, by the dates that were recorded at them.
//!
//! A visit lasts from the first to the last date of collection that was recorded at it: what is mapped to `--DTC` of findings, to single doses, to informed
//! consent and other milestones. Dates of what happened before or between visits (histories, events, medication) say nothing of a visit, and a log is none.

use super::{Draft, Study};
use crate::tabulation::express;
use crate::tabulation::records::Record;
use croft_design::definition::VisitKind;
use croft_design::forms::Form;
use std::collections::BTreeSet;

/// The statement. None: no date of a visit is recorded.
pub fn statement(study: &Study<'_>) -> Option<String> {
    let dated = dated(study);
    if dated.is_empty() || study.definition.visits.is_empty() {
        return None;
    }
    let mut draft = Draft::of_subjects("SV");
    let selects: Vec<String> = dated
        .iter()
        .map(|(record, date)| {
            format!(
                "select a.SUBJECT as SUBJECT, a.VISIT as VISIT, a.VISITREP as VISITREP, {date} as DTC\nfrom {} as a\nwhere is_complete_date({date})",
                record.table
            )
        })
        .collect();
    draft.steps.push(("step_dates".to_owned(), selects.join("\nunion all\n")));
    draft.steps.push((
        "step_held".to_owned(),
        "select d.SUBJECT as SUBJECT, d.VISIT as VISIT, d.VISITREP as VISITREP, min(date_of(d.DTC)) as STARTED, max(date_of(d.DTC)) as ENDED\nfrom step_dates as d\ngroup by d.SUBJECT, d.VISIT, d.VISITREP".to_owned(),
    ));
    let forms: Vec<&Form> = dated.iter().map(|(record, _)| record.form).collect();
    study.visit_columns(&mut draft, "h", &forms);
    let unscheduled: Vec<String> =
        study.visits(|v| v.kind == VisitKind::Unscheduled).into_iter().map(express::quoted).collect();
    let planned = |yes: &str| match unscheduled.as_slice() {
        [] => yes.to_owned(),
        codes => format!("case when h.VISIT in ({}) then null else {yes} end", codes.join(", ")),
    };
    if study.has("SV", "SVPRESP") {
        draft.set("SVPRESP", &planned("'Y'"));
        draft.set("SVOCCUR", &planned("'Y'"));
    }
    draft.set("SVSTDTC", "h.STARTED");
    draft.set("SVENDTC", "h.ENDED");
    draft.set("SVSTDY", "study_day(h.STARTED, m.RFSTDTC)");
    draft.set("SVENDY", "study_day(h.ENDED, m.RFSTDTC)");
    if !unscheduled.is_empty() {
        draft.set("SVUPDES", &format!("case when h.VISIT in ({}) then v.NAME end", unscheduled.join(", ")));
    }
    draft.method("SVSTDTC", "The first date that was recorded at the visit");
    draft.method("SVENDTC", "The last date that was recorded at the visit");
    draft.keys.extend(["VISITNUM".to_owned(), "SVSTDTC".to_owned()]);
    let common: BTreeSet<String> =
        study.visits(|v| v.kind == VisitKind::Common).into_iter().map(express::quoted).collect();
    let visits = match common.is_empty() {
        true => String::new(),
        false => format!("\nwhere h.VISIT not in ({})", common.into_iter().collect::<Vec<_>>().join(", ")),
    };
    draft.from = format!(
        "from step_held as h\ninner join DM as m on m.SUBJID = h.SUBJECT\ninner join visits as v on v.CODE = h.VISIT{visits}"
    );
    Some(draft.text(&study.dictionary))
}

/// The kinds of records with the date of their collection, one for each group and date.
fn dated<'s>(study: &'s Study<'_>) -> Vec<(&'s Record<'s>, String)> {
    let mut seen = BTreeSet::new();
    let mut dated = Vec::new();
    for record in &study.records {
        let variable = match record.domain.as_str() {
            "DM" => "RFICDTC".to_owned(),
            // An interval of dosing began and ended between visits; a single dose was given at one.
            "EX" | "EC" if record.item("ENDTC").is_none() => record.name("STDTC"),
            "DS" if record.constants.contains_key("DSDECOD") => record.name("STDTC"),
            domain if study.dictionary.is_findings(domain) => record.name("DTC"),
            _ => continue,
        };
        let Some(items) = record.values.get(&variable) else { continue };
        let date = express::value(&study.dictionary, &study.variable(&record.domain, &variable), items, "a");
        if seen.insert((record.table.as_str(), date.clone())) {
            dated.push((record, date));
        }
    }
    dated
}

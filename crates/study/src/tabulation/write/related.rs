//! SUPP--, CO and RELREC: what belongs to records of other domains.
//!
//! A record is found again by its number on the form (`--SPID`), which croft gives to each record that others refer to; supplemental qualifiers and comments
//! name it by `--SEQ`, relations by `--SPID` itself.

use super::{Draft, Study};
use crate::tabulation::express::quoted;
use crate::tabulation::records::Record;
use croft_design::forms::Item;

/// The longest label of a qualifier (`QLABEL`, SDTMIG 3.4, section 8.4.1).
const LABEL: usize = 40;

/// The statement of the supplemental qualifiers of a domain.
pub fn qualifiers(study: &Study<'_>, domain: &str) -> Option<String> {
    let dataset = format!("SUPP{domain}");
    let mut selects: Vec<String> = Vec::new();
    for record in study.of(domain) {
        for (name, item) in &record.qualifiers {
            selects.push(select(study, record, item, &[("QNAM", quoted(name)), ("QLABEL", quoted(&label(item)))]));
        }
    }
    if selects.is_empty() {
        return None;
    }
    let mut draft = Draft::new(&dataset);
    draft.steps.push(("step_records".to_owned(), selects.join("\nunion all\n")));
    draft.set("STUDYID", "m.STUDYID");
    draft.set("RDOMAIN", &quoted(domain));
    draft.set("USUBJID", "m.USUBJID");
    parent(study, &mut draft, domain);
    draft.set("QNAM", "r.QNAM");
    draft.set("QLABEL", "r.QLABEL");
    draft.set("QVAL", "r.VALUE");
    draft.set("QORIG", "'CRF'");
    draft.keys = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"].map(str::to_owned).to_vec();
    Some(draft.text(&study.dictionary))
}

/// The join by which a record's number is found, and the variables that name it. DM has one record a subject and needs none.
fn parent(study: &Study<'_>, draft: &mut Draft, domain: &str) {
    draft.from = "from step_records as r\ninner join DM as m on m.SUBJID = r.SUBJECT".to_owned();
    if domain == "DM" {
        draft.set("IDVAR", "cast(null as text)");
        draft.set("IDVARVAL", "cast(null as text)");
        return;
    }
    let test = if study.dictionary.is_findings(domain) {
        format!(" and (r.TEST is null or p.{domain}TESTCD = r.TEST)")
    } else {
        String::new()
    };
    draft
        .from
        .push_str(&format!("\ninner join {domain} as p on p.USUBJID = m.USUBJID and p.{domain}SPID = r.LINE{test}"));
    draft.set("IDVAR", &quoted(&format!("{domain}SEQ")));
    draft.set("IDVARVAL", &format!("text(p.{domain}SEQ)"));
}

fn select(study: &Study<'_>, record: &Record<'_>, item: &Item, more: &[(&str, String)]) -> String {
    let more: String = more.iter().map(|(name, value)| format!(", {value} as {name}")).collect();
    let line = if record.domain == "DM" { "cast(null as text)".to_owned() } else { study.line(record, "a") };
    let test =
        record.constants.get(&record.name("TESTCD")).map_or_else(|| "cast(null as text)".to_owned(), |t| quoted(t));
    format!(
        "select a.SUBJECT as SUBJECT, {line} as LINE, {test} as TEST{more}, {} as VALUE\nfrom {} as a\nwhere a.{}__text is not null and a.{}__missing is null",
        text_of(item),
        record.table,
        item.name,
        item.name
    )
}

/// The value as a text: codes decoded, unless they are Y and N.
fn text_of(item: &Item) -> String {
    let column = format!("a.{}", item.name);
    let yes_no = item.codes.keys().all(|c| matches!(c.as_str(), "Y" | "N" | "U" | "NA"));
    let differs = item.codes.iter().any(|(code, decode)| !code.eq_ignore_ascii_case(decode));
    if crate::tabulation::express::is_number(item) {
        format!("text({column})")
    } else if item.codes.is_empty() || yes_no || !differs {
        column
    } else {
        let whens: String =
            item.codes.iter().map(|(code, decode)| format!(" when {} then {}", quoted(code), quoted(decode))).collect();
        format!("case {column}{whens} else {column} end")
    }
}

/// The label, cut at a word where it is too long.
fn label(item: &Item) -> String {
    if item.label.chars().count() <= LABEL {
        return item.label.clone();
    }
    let cut: String = item.label.chars().take(LABEL).collect();
    cut.rsplit_once(' ').map_or(cut.clone(), |(head, _)| head.to_owned())
}

/// CO: comments on records of any domain.
pub fn comments(study: &Study<'_>) -> Option<String> {
    let mut selects = Vec::new();
    for record in study.records.iter().filter(|r| r.domain != "DM") {
        for item in &record.comments {
            let domain = record.domain.as_str();
            selects.push(format!(
                "select m.STUDYID as STUDYID, m.USUBJID as USUBJID, '{domain}' as RDOMAIN, '{domain}SEQ' as IDVAR, text(p.{domain}SEQ) as IDVARVAL,\n  a.{0} as COVAL\nfrom {1} as a\ninner join DM as m on m.SUBJID = a.SUBJECT\ninner join {domain} as p on p.USUBJID = m.USUBJID and p.{domain}SPID = {2}\nwhere a.{0}__text is not null and a.{0}__missing is null",
                item.name,
                record.table,
                study.line(record, "a")
            ));
        }
    }
    selects.dedup();
    if selects.is_empty() {
        return None;
    }
    let mut draft = Draft::new("CO");
    draft.number();
    draft.steps.push(("step_comments".to_owned(), selects.join("\nunion all\n")));
    for name in ["STUDYID", "USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "COVAL"] {
        draft.set(name, &format!("c.{name}"));
    }
    draft.set("DOMAIN", "'CO'");
    draft.keys = ["STUDYID", "USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "COVAL"].map(str::to_owned).to_vec();
    draft.from = "from step_comments as c".to_owned();
    Some(draft.text(&study.dictionary))
}

/// RELREC: each relation is two records with one `RELID`.
pub fn relations(study: &Study<'_>) -> Option<String> {
    let mut selects = Vec::new();
    for record in &study.records {
        for (to, item) in &record.related {
            let Some(other) = study.of(to).into_iter().find(|r| r.group.repeating || r.form.repeating) else {
                continue;
            };
            let column = format!("a.{}", item.name);
            let number = if crate::tabulation::express::is_number(item) { format!("text({column})") } else { column };
            let theirs =
                format!("'{}-' || {number}", if several(study, other) { &other.group.name } else { &other.form.form });
            let line = study.line(record, "a");
            let relation = format!("'{}-{to}-' || {line}", record.domain);
            for (domain, value) in [(record.domain.as_str(), line.as_str()), (to.as_str(), theirs.as_str())] {
                selects.push(format!(
                    "select a.SUBJECT as SUBJECT, '{domain}' as RDOMAIN, '{domain}SPID' as IDVAR, {value} as IDVARVAL, {relation} as RELID\nfrom {} as a\nwhere a.{}__text is not null and a.{1}__missing is null",
                    record.table, item.name
                ));
            }
        }
    }
    if selects.is_empty() {
        return None;
    }
    let mut draft = Draft::new("RELREC");
    draft.steps.push(("step_relations".to_owned(), selects.join("\nunion all\n")));
    draft.set("STUDYID", "m.STUDYID");
    draft.set("USUBJID", "m.USUBJID");
    for name in ["RDOMAIN", "IDVAR", "IDVARVAL", "RELID"] {
        draft.set(name, &format!("r.{name}"));
    }
    draft.keys = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELID"].map(str::to_owned).to_vec();
    draft.from = "from step_relations as r\ninner join DM as m on m.SUBJID = r.SUBJECT".to_owned();
    Some(draft.text(&study.dictionary))
}

fn several(study: &Study<'_>, record: &Record<'_>) -> bool {
    let same = |r: &&Record<'_>| r.domain == record.domain && r.form.form == record.form.form;
    study.records.iter().filter(same).any(|r| r.group.name != record.group.name)
}

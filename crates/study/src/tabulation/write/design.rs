//! Trial design: TA, TE, TV, TI and TS from `study.toml`.
//!
//! TS holds the facts of `study.toml`, and of these, where no fact names them: what the data tell (ACTSUB, SSTDTC, SENDTC) and what `study.toml` tells elsewhere
//! (SPONSOR, TITLE, TPHASE, TBLIND, NARMS, PLANSUB). A value that is a term of the code list of its parameter has its NCI code.

use super::{Draft, Study};
use crate::tabulation::express::quoted;
use croft_design::definition::VisitKind;

/// Code lists of trial summary parameters: those of CDISC's terminology for TS.
const CODELISTS: [(&str, &str); 17] = [
    ("ADAPT", "C66742"),
    ("ADDON", "C66742"),
    ("HLTSUBJI", "C66742"),
    ("INTMODEL", "C99076"),
    ("INTTYPE", "C99078"),
    ("PDPSTIND", "C66742"),
    ("PDSTIND", "C66742"),
    ("PIPIND", "C66742"),
    ("RANDOM", "C66742"),
    ("RDIND", "C66742"),
    ("SEXPOP", "C66732"),
    ("STYPE", "C99077"),
    ("TBLIND", "C66735"),
    ("TCNTRL", "C66785"),
    ("TINDTP", "C66736"),
    ("TPHASE", "C66737"),
    ("TTYPE", "C66739"),
];

/// Parameters whose values are ISO 8601 dates or durations, or ISO 3166 countries.
const FORMATS: [(&str, &str); 8] = [
    ("AGEMAX", "ISO 8601"),
    ("AGEMIN", "ISO 8601"),
    ("DCUTDTC", "ISO 8601"),
    ("FCNTRY", "ISO 3166-1 alpha-3"),
    ("LENGTH", "ISO 8601"),
    ("SENDTC", "ISO 8601"),
    ("SSTDTC", "ISO 8601"),
    ("TRTDUR", "ISO 8601"),
];

/// The statement of a trial design domain. None: `study.toml` says nothing of it.
pub fn statement(study: &Study<'_>, domain: &str) -> Option<String> {
    let definition = study.definition;
    let mut draft = Draft::new(domain);
    draft.set("STUDYID", "s.STUDYID");
    draft.set("DOMAIN", &quoted(domain));
    draft.keys.push("STUDYID".to_owned());
    let (columns, keys, from): (&[(&str, &str)], &[&str], &str) = match domain {
        "TA" if !definition.cells.is_empty() => (
            &[
                ("ARMCD", "c.ARM"),
                ("ARM", "a.NAME"),
                ("TAETORD", "c.ORD"),
                ("ETCD", "c.ELEMENT"),
                ("ELEMENT", "l.NAME"),
                ("TABRANCH", ""),
                ("EPOCH", "c.EPOCH"),
            ],
            &["ARMCD", "TAETORD"],
            "from cells as c\ncross join study as s\ninner join arms as a on a.CODE = c.ARM\ninner join elements as l on l.CODE = c.ELEMENT",
        ),
        "TE" if !definition.elements.is_empty() => (
            &[
                ("ETCD", "e.CODE"),
                ("ELEMENT", "e.NAME"),
                ("TESTRL", "e.STARTRULE"),
                ("TEENRL", "e.ENDRULE"),
                ("TEDUR", "e.DURATION"),
            ],
            &["ETCD"],
            "from elements as e\ncross join study as s",
        ),
        "TV" if !definition.visits.is_empty() => (
            &[("VISITNUM", "v.NUMBER"), ("VISIT", "v.NAME"), ("VISITDY", "v.DAY"), ("TVSTRL", "v.STARTRULE")],
            &["VISITNUM"],
            "from visits as v\ncross join study as s",
        ),
        "TI" if !definition.criteria.is_empty() => (
            &[("IETESTCD", "c.CODE"), ("IETEST", "c.CRITERION"), ("IECAT", "c.CATEGORY")],
            &["IETESTCD"],
            "from criteria as c\ncross join study as s",
        ),
        "TS" if !definition.facts.is_empty() => return Some(summary(study)),
        _ => return None,
    };
    for (name, expression) in columns.iter().filter(|(_, e)| !e.is_empty()) {
        draft.set(name, expression);
    }
    draft.keys.extend(keys.iter().map(|k| (*k).to_owned()));
    from.clone_into(&mut draft.from);
    if domain == "TA" {
        branches(study, &mut draft);
    }
    if domain == "TV" {
        let planned: Vec<String> =
            definition.visits.iter().filter(|v| v.kind != VisitKind::Scheduled).map(|v| quoted(&v.code)).collect();
        if !planned.is_empty() {
            draft.from.push_str(&format!("\nwhere v.CODE not in ({})", planned.join(", ")));
        }
    }
    Some(draft.text(&study.dictionary))
}

/// Where the arms part: the last element that all of them share from the start.
fn branches(study: &Study<'_>, draft: &mut Draft) {
    let cells = &study.definition.cells;
    let Some(first) = cells.first().filter(|_| cells.len() > 1) else { return };
    let shared =
        (0..first.path.len()).take_while(|i| cells.iter().all(|c| c.path.get(*i) == first.path.get(*i))).count();
    if shared > 0 {
        draft.set("TABRANCH", &format!("case when c.ORD = {shared} then 'Randomised to ' || c.ARM end"));
    }
}

fn summary(study: &Study<'_>) -> String {
    let definition = study.definition;
    let named = |code: &str| definition.facts.iter().any(|f| f.code == code);
    let draft = Draft::new("TS");
    let mut parts: Vec<String> = Vec::new();
    let mut add = |code: &str, name: &str, value: &str, from: &str| {
        if !named(code) {
            parts.push(format!("select '{code}' as CODE, '{name}' as NAME, {value} as VALUE from {from}"));
        }
    };
    if study.dictionary.is_send() {
        // Dates of a nonclinical study are those of its plan and of its first and last data: facts, not minima.
        for (code, value) in [("STITLE", &definition.study.title), ("SSPONSOR", &definition.study.sponsor)] {
            if let Some(name) =
                study.dictionary.named_alike("TS", "TSPARMCD", "TSPARM", code).filter(|_| !value.is_empty())
            {
                add(code, name, &quoted(value), "study");
            }
        }
        return finish(study, draft, parts);
    }
    add("ACTSUB", "Actual Number of Subjects", "text(count(RFXSTDTC))", "DM");
    add("SSTDTC", "Study Start Date", "min(RFICDTC)", "DM");
    add("SENDTC", "Study End Date", "max(RFPENDTC)", "DM");
    let said: [(&str, &str, String); 6] = [
        ("SPONSOR", "Clinical Study Sponsor", definition.study.sponsor.clone()),
        ("TITLE", "Trial Title", definition.study.title.clone()),
        ("TPHASE", "Trial Phase Classification", definition.study.phase.clone()),
        ("TBLIND", "Trial Blinding Schema", definition.study.blinding.clone()),
        ("NARMS", "Planned Number of Arms", count(definition.arms.len())),
        (
            "PLANSUB",
            "Planned Number of Subjects",
            definition.capture.subjects_planned.map_or_else(String::new, |n| n.to_string()),
        ),
    ];
    for (code, name, value) in said.iter().filter(|(.., value)| !value.is_empty()) {
        add(code, name, &quoted(value), "study");
    }
    finish(study, draft, parts)
}

/// The statement of every fact and these parts.
fn finish(study: &Study<'_>, mut draft: Draft, parts: Vec<String>) -> String {
    let derived = parts.join("\nunion all\n");
    let mut every = "select CODE, NAME, VALUE, NULLFLAVOR from facts".to_owned();
    if !derived.is_empty() {
        draft.steps.push(("step_derived".to_owned(), derived));
        every.push_str("\nunion all\nselect CODE, NAME, VALUE, null from step_derived");
    }
    draft.steps.push(("step_every_fact".to_owned(), every));
    for (name, expression) in [
        ("STUDYID", "s.STUDYID"),
        ("DOMAIN", "'TS'"),
        ("TSSEQ", "1"),
        ("TSPARMCD", "e.CODE"),
        ("TSPARM", "e.NAME"),
        ("TSVAL", "e.VALUE"),
        ("TSVALNF", "e.NULLFLAVOR"),
    ] {
        draft.set(name, expression);
    }
    coded(study, &mut draft);
    draft.method("TSVAL", "Facts of the protocol; dates and the number of subjects from the record");
    draft.keys = ["STUDYID", "TSPARMCD", "TSSEQ"].map(str::to_owned).to_vec();
    draft.from = "from step_every_fact as e\ncross join study as s".to_owned();
    draft.text(&study.dictionary)
}

fn count(n: usize) -> String {
    if n == 0 { String::new() } else { n.to_string() }
}

/// `TSVALCD`, `TSVCDREF` and `TSVCDVER` of values that are terms, and the reference of those in an ISO format.
fn coded(study: &Study<'_>, draft: &mut Draft) {
    let definition = study.definition;
    let facts = definition.facts.iter().filter_map(|f| Some((f.code.as_str(), f.value.as_deref()?)));
    let elsewhere = [("TPHASE", definition.study.phase.as_str()), ("TBLIND", definition.study.blinding.as_str())];
    let values: Vec<(&str, &str)> = facts.chain(elsewhere).collect();
    let mut codes = String::new();
    let mut parameters = Vec::new();
    for (code, list) in CODELISTS {
        let value = values.iter().find(|(c, _)| *c == code).map(|(_, value)| *value);
        let term = value.and_then(|v| study.dictionary.codelist(list)?.term(v)?.code.as_deref());
        if let Some(term) = term {
            codes.push_str(&format!(" when {} then {}", quoted(code), quoted(term)));
            parameters.push(quoted(code));
        }
    }
    let mut references = String::new();
    if !parameters.is_empty() {
        let list = parameters.join(", ");
        draft.set("TSVALCD", &format!("case e.CODE{codes} end"));
        draft.set(
            "TSVCDVER",
            &format!("case when e.CODE in ({list}) then {} end", quoted(study.dictionary.terms.name.date())),
        );
        references.push_str(&format!(" when e.CODE in ({list}) then 'CDISC CT'"));
    }
    for format in ["ISO 8601", "ISO 3166-1 alpha-3"] {
        let of: Vec<String> = FORMATS.iter().filter(|(_, f)| *f == format).map(|(code, _)| quoted(code)).collect();
        references.push_str(&format!(
            "\n    when e.CODE in ({}) and e.VALUE is not null then {}",
            of.join(", "),
            quoted(format)
        ));
    }
    draft.set("TSVCDREF", &format!("case{references} end"));
}

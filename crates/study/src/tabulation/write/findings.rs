//! Findings: a record a test.
//!
//! A record stands for what was recorded of a test: a result, or the reason why there is none (`--STAT`, `--REASND`). `--STRESN` is in the unit of the item,
//! other units are converted. The baseline flag (`--LOBXFL`, in SDTMIG 3.2 `--BLFL`) marks the last result of a test that is not known to lie after the
//! first dose: a date without a time on the day of dosing counts as before it.

use super::{Draft, Study, general};
use crate::tabulation::express::{self, quoted};
use crate::tabulation::records::Record;
use croft_design::forms::Form;
use std::collections::{BTreeMap, BTreeSet};

/// The statement of a domain of findings.
pub fn statement(study: &Study<'_>, domain: &str) -> String {
    let records = study.of(domain);
    let name = |suffix: &str| format!("{domain}{suffix}");
    let mut draft = Draft::of_subjects(domain);
    draft.number();
    let filled: Vec<BTreeMap<String, String>> = records.iter().map(|r| values(study, r)).collect();
    let all: BTreeSet<&String> = filled.iter().flat_map(BTreeMap::keys).collect();
    let columns: Vec<String> =
        study.dictionary.order(domain).into_iter().filter(|variable| all.contains(variable)).collect();
    let branches: Vec<String> = records
        .iter()
        .zip(&filled)
        .enumerate()
        .map(|(i, (record, filled))| branch(study, record, filled, &columns, i))
        .collect();
    draft.steps.push(("step_records".to_owned(), branches.join("\nunion all\n")));
    for variable in &columns {
        draft.set(variable, &format!("r.{variable}"));
    }
    draft.from = "from step_records as r\ninner join DM as m on m.SUBJID = r.SUBJECT".to_owned();
    if domain == "IE" {
        criteria(&mut draft);
    }
    let forms: Vec<&Form> = records.iter().map(|r| r.form).collect();
    study.visit_columns(&mut draft, "r", &forms);
    if ["VISITNUM", "VISITDY"].iter().any(|name| draft.columns.contains_key(*name)) {
        draft.from.push_str("\nleft join visits as v on v.CODE = r.VISIT");
    }
    if let Some(dtc) = draft.columns.get(&name("DTC")).cloned() {
        let join = study.epoch(&mut draft, &dtc);
        draft.from.push_str(&join);
        if study.dated("RFSTDTC") {
            draft.set(&name("DY"), &format!("study_day({dtc}, m.RFSTDTC)"));
        }
        baseline(study, domain, &mut draft);
    }
    reference_ranges(study, domain, &mut draft);
    draft.keys.push(name("TESTCD"));
    draft.keys.extend(telling_apart(&records));
    let visit = if study.dictionary.is_send() { "VISITDY" } else { "VISITNUM" };
    draft.keys.extend([visit.to_owned(), name("DTC"), name("TPTNUM"), name("TPT"), name("SPID")]);
    draft.text(&study.dictionary)
}

/// The variables whose constants tell two kinds of records of one test apart.
fn telling_apart(records: &[&Record<'_>]) -> BTreeSet<String> {
    let mut differing = BTreeSet::new();
    for (i, one) in records.iter().enumerate() {
        let code = one.name("TESTCD");
        let same_test = |r: &&&Record<'_>| r.constants.get(&code) == one.constants.get(&code);
        for other in records.iter().skip(i + 1).filter(same_test) {
            let names = one.constants.keys().chain(other.constants.keys());
            differing.extend(names.filter(|n| one.constants.get(*n) != other.constants.get(*n)).cloned());
        }
    }
    differing
}

/// The select of one kind of record.
fn branch(
    study: &Study<'_>,
    record: &Record<'_>,
    filled: &BTreeMap<String, String>,
    columns: &[String],
    number: usize,
) -> String {
    let null = |variable: &str| express::null(&study.variable(&record.domain, variable)).to_owned();
    let selected: Vec<String> = columns
        .iter()
        .map(|variable| format!("{} as {variable}", filled.get(variable).cloned().unwrap_or_else(|| null(variable))))
        .collect();
    let condition = match record.topic() {
        Some(item) => format!("a.{}__text is not null", item.name),
        // Nothing but the question whether the tests were done.
        None => match record.item("STAT") {
            Some(item) if item.name.ends_with("PERF") => format!("a.{} = 'N'", item.name),
            _ => general::there(study, record).unwrap_or_else(|| "1 = 1".to_owned()),
        },
    };
    format!(
        "select {} as SRC, a.SUBJECT as SUBJECT, a.VISIT as VISIT, a.VISITREP as VISITREP, a.FORM as FORM, a.FORMREP as FORMREP, a.SEQ as SEQ,\n  {}\nfrom {} as a\nwhere {condition}",
        number + 1,
        selected.join(",\n  "),
        record.table
    )
}

/// What fills each variable of one kind of record.
fn values(study: &Study<'_>, record: &Record<'_>) -> BTreeMap<String, String> {
    let domain = record.domain.as_str();
    let dictionary = &study.dictionary;
    let mut values = BTreeMap::new();
    for (name, text) in &record.constants {
        values.insert(name.clone(), express::constant(&study.variable(domain, name), text));
    }
    for (name, items) in record.values.iter().filter(|(name, _)| !record.constants.contains_key(*name)) {
        values.insert(name.clone(), express::value(dictionary, &study.variable(domain, name), items, "a"));
    }
    test(study, record, &mut values);
    if let Some(item) = record.item("ORRES").filter(|_| !record.constants.contains_key(&record.name("ORRES"))) {
        let code = record.constants.get(&record.name("TESTCD")).map_or("", String::as_str);
        let unit = dictionary.variable(domain, &record.name("ORRESU"));
        let standard = dictionary.variable(domain, &record.name("STRESC"));
        let parts = express::result(dictionary, item, code, unit.as_ref(), standard.as_ref(), "a");
        let number = parts.number.or_else(|| {
            // A text that may hold a number, as a laboratory sends it.
            (item.codes.is_empty() && code.is_empty()).then(|| format!("try_number(a.{}__text)", item.name))
        });
        let mut put = |suffix: &str, expression: Option<String>| {
            if let Some(expression) = expression
                && study.has(domain, &record.name(suffix))
            {
                values.entry(record.name(suffix)).or_insert(expression);
            }
        };
        put("STRESN", number);
        put("STRESC", Some(parts.standard));
        put("ORRESU", parts.original_unit);
        put("STRESU", parts.standard_unit);
        put("STAT", Some(parts.status));
        put("REASND", Some(parts.reason));
        put("DRVFL", item.derive.is_some().then(|| format!("case when a.{} is not null then 'Y' end", item.name)));
        values.insert(record.name("ORRES"), parts.original);
        collected_unit(study, record, &mut values);
    }
    if study.has_lines(domain) && !values.contains_key(&record.name("SPID")) {
        values.insert(record.name("SPID"), study.line(record, "a"));
    }
    values
}

/// `--TESTCD` and `--TEST`: one from the other by the terminology.
fn test(study: &Study<'_>, record: &Record<'_>, values: &mut BTreeMap<String, String>) {
    let domain = record.domain.as_str();
    let (code, name) = (record.name("TESTCD"), record.name("TEST"));
    let label = study.dictionary.domain(domain).map_or("", |d| d.label);
    let named = |code: &str| match study.dictionary.test_name(domain, code) {
        Some(name) => name.to_owned(),
        None if code == format!("{domain}ALL") => label.to_owned(),
        None => code.to_owned(),
    };
    if let Some(constant) = record.constants.get(&code) {
        // A test of the sponsor's own has the words that site staff read.
        let own = record.item("ORRES").map(|i| i.label.as_str());
        let known = study.dictionary.test(domain, constant).is_some() || *constant == format!("{domain}ALL");
        let words = if known { named(constant) } else { own.unwrap_or(constant).to_owned() };
        values.entry(name).or_insert_with(|| quoted(&words));
        return;
    }
    // A code stays the code; its words are the name's.
    let Some(item) = record.item("TESTCD") else { return };
    let column = format!("a.{}", item.name);
    values.insert(code, column.clone());
    if domain != "IE" && !values.contains_key(&name) && !item.codes.is_empty() {
        let whens: String = item
            .codes
            .iter()
            .map(|(code, decode)| {
                let words = if study.dictionary.test(domain, code).is_some() { named(code) } else { decode.clone() };
                format!(" when {} then {}", quoted(code), quoted(&words))
            })
            .collect();
        values.insert(name, format!("case {column}{whens} end"));
    }
}

/// A unit that is an item of its own is the unit of the standard result too.
fn collected_unit(study: &Study<'_>, record: &Record<'_>, values: &mut BTreeMap<String, String>) {
    if record.item("ORRESU").is_some()
        && let Some(unit) = values.get(&record.name("ORRESU")).cloned()
        && study.has(&record.domain, &record.name("STRESU"))
    {
        values.entry(record.name("STRESU")).or_insert(unit);
    }
}

/// Criteria not met: words and category from `study.toml`; an inclusion criterion is not met by N, an exclusion criterion by Y.
fn criteria(draft: &mut Draft) {
    let answer = "case c.CATEGORY when 'INCLUSION' then 'N' when 'EXCLUSION' then 'Y' end";
    for (variable, expression) in
        [("IETEST", "c.CRITERION"), ("IECAT", "c.CATEGORY"), ("IEORRES", answer), ("IESTRESC", answer)]
    {
        if !draft.columns.contains_key(variable) {
            draft.set(variable, expression);
        }
    }
    draft.from.push_str("\nleft join criteria as c on c.CODE = r.IETESTCD");
}

/// The flag of the last result before treatment.
fn baseline(study: &Study<'_>, domain: &str, draft: &mut Draft) {
    let guide = study.dictionary.domain(domain);
    let of_guide = |suffix: &str| guide.is_some_and(|d| d.variable(&format!("{domain}{suffix}")).is_some());
    let flag = ["LOBXFL", "BLFL"].into_iter().find(|suffix| of_guide(suffix));
    let Some(flag) = flag.map(|suffix| format!("{domain}{suffix}")) else { return };
    if !draft.columns.contains_key(&format!("{domain}ORRES")) || !study.dated("RFXSTDTC") {
        return;
    }
    let what: Vec<String> = ["TESTCD", "CAT", "SPEC", "POS", "LOC"]
        .iter()
        .map(|suffix| format!("{domain}{suffix}"))
        .filter(|name| draft.columns.contains_key(name))
        .map(|name| format!("r.{name}"))
        .collect();
    let key = ["SRC", "SUBJECT", "VISIT", "VISITREP", "FORM", "FORMREP", "SEQ"];
    let selected: Vec<String> = key.iter().map(|k| format!("r.{k} as {k}")).collect();
    let ordered: Vec<String> = key.iter().map(|k| format!("r.{k} desc nulls last")).collect();
    draft.steps.push((
        "step_before_dose".to_owned(),
        format!(
            "select {},\n  row_number() over (\n    partition by m.STUDYID, m.USUBJID, {}\n    order by r.{domain}DTC desc nulls last, {}\n  ) as PLACE\nfrom step_records as r\ninner join DM as m on m.SUBJID = r.SUBJECT\nwhere r.{domain}ORRES is not null and is_complete_date(r.{domain}DTC) and m.RFXSTDTC is not null\n  and (is_before(m.RFXSTDTC, r.{domain}DTC) is null or not is_before(m.RFXSTDTC, r.{domain}DTC))",
            selected.join(", "),
            what.join(", "),
            ordered.join(", ")
        ),
    ));
    draft.set(&flag, "case when b.PLACE = 1 then 'Y' end");
    draft.method(&flag, "The last result that is not known to lie after the first dose of study treatment");
    let equal: Vec<String> = key.iter().map(|k| format!("b.{k} = r.{k}")).collect();
    draft.from.push_str(&format!("\nleft join step_before_dose as b on b.PLACE = 1 and {}", equal.join(" and ")));
}

/// Reference ranges in standard units, where the unit stays, and where the result lies.
fn reference_ranges(study: &Study<'_>, domain: &str, draft: &mut Draft) {
    let name = |suffix: &str| format!("{domain}{suffix}");
    let known = |draft: &Draft, suffix: &str| draft.columns.contains_key(&name(suffix));
    for (collected, standard) in [("ORNRLO", "STNRLO"), ("ORNRHI", "STNRHI")] {
        if known(draft, collected) && !known(draft, standard) && study.has(domain, &name(standard)) {
            let same = format!("r.{} = r.{}", name("ORRESU"), name("STRESU"));
            let condition = if known(draft, "ORRESU") && known(draft, "STRESU") { same } else { "1 = 1".to_owned() };
            let expression = format!("case when {condition} then try_number(r.{}) end", name(collected));
            draft.set(&name(standard), &expression);
        }
    }
    let (low, high) = (draft.columns.get(&name("STNRLO")).cloned(), draft.columns.get(&name("STNRHI")).cloned());
    if let (Some(low), Some(high), true, false) = (low, high, known(draft, "STRESN"), known(draft, "NRIND"))
        && study.has(domain, &name("NRIND"))
    {
        let result = format!("r.{}", name("STRESN"));
        let indicator = format!(
            "case when {result} < {low} then 'LOW' when {result} > {high} then 'HIGH' when {result} is not null and ({low} is not null or {high} is not null) then 'NORMAL' end"
        );
        draft.set(&name("NRIND"), &indicator);
        draft.method(&name("NRIND"), "Where the result lies in the reference range that was reported with it");
    }
}

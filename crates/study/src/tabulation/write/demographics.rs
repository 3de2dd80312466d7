//! DM: one record a subject, from every item group that says something of it.
//!
//! | variable | from |
//! |---|---|
//! | `RFXSTDTC`, `RFXENDTC` | the first start and last end of the records of EX and EC |
//! | `RFSTDTC`, `RFENDTC` | the same, unless an item is mapped to them |
//! | `RFPENDTC` | the date of the disposition event |
//! | `DTHDTC`, `DTHFL` | an item, a disposition of DEATH, or an adverse event that was fatal |
//! | `AGE` | completed years from birth (the first of the month or year where the day is not known) to informed consent; of animals, days to the first dose |
//! | `SITEID`, `COUNTRY`, `INVID`, `INVNAM` | `study.toml`, else the subject's number (`capture.subject_number`) and the kept table `sites` |
//! | `ARMCD`, `ARM` | the item; the code of the randomisation, once it is known; the only arm of a study with one, for who was dosed |
//! | `ACTARMCD`, `ACTARM` | the arm whose treatments, in their order, are those that were given |
//! | `ARMNRS` | why there is no arm, in the words of the terminology |
//!
//! Where several arms are planned and none is recorded, the snapshot is blind: the arm is null, and the reason says so.

use super::{Draft, Study, general};
use crate::tabulation::express::{self, quoted};
use crate::tabulation::records::Record;
use std::collections::BTreeSet;

/// Why the arm of a randomised subject is null in a blind snapshot; the code list ARMNULRS is extensible.
const BLIND: &str = "TREATMENT IS BLINDED";

/// The statement.
pub fn statement(study: &Study<'_>) -> String {
    let mut draft = Draft::new("DM");
    draft.keys = vec!["STUDYID".to_owned(), "USUBJID".to_owned()];
    let records = study.of("DM");
    base(&mut draft, &records);
    for (i, record) in records.iter().enumerate() {
        items(study, &mut draft, record, &format!("d{}", i + 1));
    }
    identity(study, &mut draft);
    let dosed = doses(study, &mut draft);
    let ended = ends(study, &mut draft);
    deaths(study, &mut draft);
    if study.dictionary.is_send() {
        age_in_days(&mut draft);
    } else {
        age(&mut draft);
    }
    arms(study, &mut draft, dosed, ended);
    if let Some(dtc) = draft.columns.get("DMDTC").cloned() {
        let reference = draft.columns.get("RFSTDTC").cloned().unwrap_or_else(|| "cast(null as text)".to_owned());
        draft.set("DMDY", &format!("study_day({dtc}, {reference})"));
    }
    draft.set("STUDYID", "s.STUDYID");
    draft.set("DOMAIN", "'DM'");
    draft.set("SUBJID", "x.SUBJECT");
    draft.text(&study.dictionary)
}

/// Every subject of whom something of DM is recorded.
fn base(draft: &mut Draft, records: &[&Record<'_>]) {
    let groups: BTreeSet<&str> = records.iter().map(|r| r.table.as_str()).collect();
    let selects: Vec<String> = groups.iter().map(|g| format!("select SUBJECT from {g}")).collect();
    draft.steps.push(("step_subjects".to_owned(), selects.join("\nunion\n")));
    draft.from = "from step_subjects as x\ncross join study as s".to_owned();
}

/// What one group says of its subject: its row, or the last of several.
fn items(study: &Study<'_>, draft: &mut Draft, record: &Record<'_>, alias: &str) {
    let form = record.form;
    let once = form.visits.len() == 1
        && !form.each_period
        && !form.repeating
        && !record.group.repeating
        && study.definition.visits.iter().all(|v| !form.visits.contains(&v.code) || !v.repeating);
    let values: Vec<(String, String)> = record
        .values
        .iter()
        .map(|(name, items)| {
            let row = if once { alias } else { "a" };
            (name.clone(), express::value(&study.dictionary, &study.variable("DM", name), items, row))
        })
        .collect();
    let table = if once {
        record.table.clone()
    } else {
        let selected: Vec<String> = values.iter().map(|(name, e)| format!("max({e}) as {name}")).collect();
        let step = format!("step_{}", record.group.name);
        let query = format!(
            "select a.SUBJECT as SUBJECT, {}\nfrom {} as a\ngroup by a.SUBJECT",
            selected.join(", "),
            record.table
        );
        draft.steps.push((step.clone(), query));
        step
    };
    for (name, expression) in values {
        let expression = if once { expression } else { format!("{alias}.{name}") };
        draft.columns.entry(name).or_insert(expression);
    }
    for (name, text) in &record.constants {
        let constant = express::constant(&study.variable("DM", name), text);
        draft.columns.entry(name.clone()).or_insert(constant);
    }
    draft.from.push_str(&format!("\nleft join {table} as {alias} on {alias}.SUBJECT = x.SUBJECT"));
}

/// Site, country and the identifier of the subject.
fn identity(study: &Study<'_>, draft: &mut Draft) {
    let identity = &study.definition.study;
    let template = &study.definition.capture.subject_number;
    let in_number = site_within(template);
    if !draft.columns.contains_key("SITEID") {
        let site = match (&in_number, identity.site.is_empty()) {
            (_, false) => "s.SITEID".to_owned(),
            (Some(site), true) => site.clone(),
            (None, true) => "cast(null as text)".to_owned(),
        };
        draft.set("SITEID", &site);
    }
    let number_names_site = identity.site.is_empty() && in_number.is_some();
    let site = draft.columns.get("SITEID").cloned().unwrap_or_default();
    let unique = if number_names_site || site.starts_with("cast") {
        "s.STUDYID || '-' || x.SUBJECT".to_owned()
    } else {
        format!("s.STUDYID || '-' || {site} || '-' || x.SUBJECT")
    };
    draft.set("USUBJID", &unique);
    let mut country = "s.COUNTRY".to_owned();
    if let Some(columns) = study.kept.get("sites") {
        let key = if columns.get("SITEID") == Some(&true) { "text(w.SITEID)" } else { "w.SITEID" };
        draft.from.push_str(&format!("\nleft join sites as w on {key} = {site}"));
        for name in ["INVID", "INVNAM"] {
            match columns.get(name) {
                Some(true) => draft.set(name, &format!("text(w.{name})")),
                Some(false) => draft.set(name, &format!("w.{name}")),
                None => {}
            }
        }
        if columns.get("COUNTRY") == Some(&false) {
            country = "coalesce(w.COUNTRY, s.COUNTRY)".to_owned();
        }
    }
    draft.columns.entry("COUNTRY".to_owned()).or_insert(country);
}

/// The site's code within a subject's number, by the template of numbers; none where it is not in it, or cannot be told apart.
fn site_within(template: &str) -> Option<String> {
    let (before, rest) = template.split_once("{site}")?;
    let from = before.chars().count() + 1;
    let whole = if from == 1 { "x.SUBJECT".to_owned() } else { format!("substr(x.SUBJECT, {from})") };
    let (between, _) = rest.split_once('{').unwrap_or((rest, ""));
    (!between.is_empty()).then(|| format!("split_part({whole}, {}, 1)", quoted(between)))
}

/// First and last dose. Says whether there are records of doses.
fn doses(study: &Study<'_>, draft: &mut Draft) -> bool {
    let Some(query) = given(study) else { return false };
    draft.steps.push(("step_given".to_owned(), query));
    draft.steps.push((
        "step_doses".to_owned(),
        "select g.SUBJECT as SUBJECT, min(g.STARTED) as FIRSTDOSE, max(g.ENDED) as LASTDOSE\nfrom step_given as g\ngroup by g.SUBJECT".to_owned(),
    ));
    draft.from.push_str("\nleft join step_doses as f on f.SUBJECT = x.SUBJECT");
    for (variable, column, words) in [
        ("RFSTDTC", "f.FIRSTDOSE", "Start of the first dose of study treatment"),
        ("RFENDTC", "f.LASTDOSE", "End of the last dose of study treatment"),
        ("RFXSTDTC", "f.FIRSTDOSE", "Start of the first dose of study treatment"),
        ("RFXENDTC", "f.LASTDOSE", "End of the last dose of study treatment"),
    ] {
        if !draft.columns.contains_key(variable) {
            draft.set(variable, column);
            draft.method(variable, words);
        }
    }
    true
}

/// Every dose: subject, place, start, end and the treatment's code where it is recorded. None: the study records no doses.
pub fn given(study: &Study<'_>) -> Option<String> {
    let records: Vec<&Record<'_>> = study.of("EX").into_iter().chain(study.of("EC")).collect();
    let selects: Vec<String> = records
        .iter()
        .enumerate()
        .filter_map(|(i, record)| {
            let of = |suffix: &str| {
                let name = record.name(suffix);
                let items = record.values.get(&name)?;
                Some(express::value(&study.dictionary, &study.variable(&record.domain, &name), items, "a"))
            };
            let start = of("STDTC")?;
            let end = of("ENDTC").map_or_else(|| start.clone(), |end| format!("coalesce({end}, {start})"));
            let code = record.item("TRT").map_or("cast(null as text)".to_owned(), |i| format!("a.{}", i.name));
            let there = general::there(study, record).map_or_else(String::new, |w| format!("\nwhere {w}"));
            Some(format!(
                "select {} as SRC, a.SUBJECT as SUBJECT, a.VISIT as VISIT, a.VISITREP as VISITREP, a.FORM as FORM, a.FORMREP as FORMREP, a.SEQ as SEQ,\n  {start} as STARTED, {end} as ENDED, {code} as CODE\nfrom {} as a{there}",
                i + 1,
                record.table
            ))
        })
        .collect();
    (!selects.is_empty()).then(|| selects.join("\nunion all\n"))
}

/// How and when participation ended. Says whether that is recorded.
fn ends(study: &Study<'_>, draft: &mut Draft) -> bool {
    let records = study.of("DS");
    let Some(record) = records.into_iter().find(|r| r.item("DECOD").is_some()) else { return false };
    let of = |suffix: &str| {
        let items = record.values.get(&record.name(suffix))?;
        Some(express::value(&study.dictionary, &study.variable("DS", &record.name(suffix)), items, "a"))
    };
    let decoded = of("DECOD").unwrap_or_default();
    let ended = of("STDTC").or_else(|| of("DTC")).unwrap_or_else(|| "cast(null as text)".to_owned());
    draft.steps.push((
        "step_ends".to_owned(),
        format!(
            "select a.SUBJECT as SUBJECT, max({decoded}) as DECOD, max({ended}) as ENDED,\n  max(case when {decoded} = 'DEATH' then {ended} end) as DIED\nfrom {} as a\ngroup by a.SUBJECT",
            record.table
        ),
    ));
    draft.from.push_str("\nleft join step_ends as p on p.SUBJECT = x.SUBJECT");
    if !draft.columns.contains_key("RFPENDTC") {
        draft.set("RFPENDTC", "p.ENDED");
        draft.method("RFPENDTC", "Date of the disposition event");
    }
    true
}

fn deaths(study: &Study<'_>, draft: &mut Draft) {
    let mut dates: Vec<String> = draft.columns.get("DTHDTC").cloned().into_iter().collect();
    let mut died: Vec<String> = dates.iter().map(|d| format!("{d} is not null")).collect();
    if draft.steps.iter().any(|(name, _)| name == "step_ends") {
        dates.push("p.DIED".to_owned());
        died.push("p.DECOD = 'DEATH'".to_owned());
    }
    let fatal = study.of("AE").into_iter().find_map(|record| {
        let of = |suffix: &str| {
            let items = record.values.get(&record.name(suffix))?;
            Some(express::value(&study.dictionary, &study.variable("AE", &record.name(suffix)), items, "a"))
        };
        let outcome = of("OUT").map(|e| format!("{e} = 'FATAL'")).into_iter();
        let condition: Vec<String> = outcome.chain(of("SDTH").map(|e| format!("{e} = 'Y'"))).collect();
        let end = of("ENDTC").unwrap_or_else(|| "cast(null as text)".to_owned());
        (!condition.is_empty()).then(|| (record.table.clone(), condition.join(" or "), end))
    });
    if let Some((group, condition, end)) = fatal {
        draft.steps.push((
            "step_fatal".to_owned(),
            format!("select a.SUBJECT as SUBJECT, max({end}) as DIED\nfrom {group} as a\nwhere {condition}\ngroup by a.SUBJECT"),
        ));
        draft.from.push_str("\nleft join step_fatal as l on l.SUBJECT = x.SUBJECT");
        dates.push("l.DIED".to_owned());
        died.push("l.SUBJECT is not null".to_owned());
    }
    if died.is_empty() {
        return;
    }
    let date = match dates.as_slice() {
        [one] => one.clone(),
        several => format!("coalesce({})", several.join(", ")),
    };
    draft.set("DTHDTC", &date);
    if !draft.columns.contains_key("DTHFL") {
        draft.set("DTHFL", &format!("case when {} then 'Y' end", died.join(" or ")));
    }
    draft.method(
        "DTHDTC",
        "Date of death as recorded, else of the disposition, else the end of the fatal adverse event",
    );
    draft.method("DTHFL", "Y where a death is recorded");
}

/// The age of an animal, where neither it nor a range is recorded.
fn age_in_days(draft: &mut Draft) {
    let (birth, first) = (draft.columns.get("BRTHDTC").cloned(), draft.columns.get("RFSTDTC").cloned());
    let recorded = ["AGE", "AGETXT"].iter().any(|name| draft.columns.contains_key(*name));
    if let (Some(birth), Some(first), false) = (birth, first, recorded) {
        let days = format!("study_day({first}, {birth}) - 1");
        draft.set("AGE", &days);
        draft.set("AGEU", &format!("case when {days} is not null then 'DAYS' end"));
        draft.method("AGE", "Days from birth to the first dose");
    }
}

fn age(draft: &mut Draft) {
    let (birth, consent) = (draft.columns.get("BRTHDTC").cloned(), draft.columns.get("RFICDTC").cloned());
    if let (Some(birth), Some(consent), false) = (birth, consent, draft.columns.contains_key("AGE")) {
        draft.set("AGE", &format!("age_years(impute_date({birth}, 'first', 'year'), {consent})"));
        draft.method("AGE", "Completed years from birth (the first of the month or year where the day is not recorded) to informed consent");
    }
    if let Some(age) = draft.columns.get("AGE").cloned()
        && !draft.columns.contains_key("AGEU")
    {
        draft.set("AGEU", &format!("case when {age} is not null then 'YEARS' end"));
    }
}

/// Whether the study plans several arms and records none.
pub fn is_blind(study: &Study<'_>) -> bool {
    let recorded = study.of("DM").iter().any(|r| r.item_of("ARMCD") || r.item_of("ARM"));
    study.definition.arms.len() > 1 && !recorded && !study.coded
}

fn arms(study: &Study<'_>, draft: &mut Draft, dosed: bool, ended: bool) {
    let failure = if ended { "p.DECOD = 'SCREEN FAILURE'" } else { "1 = 0" };
    let dose = if dosed { "f.FIRSTDOSE is not null" } else { "1 = 0" };
    if is_blind(study) || study.definition.arms.is_empty() {
        let reason = if study.definition.arms.is_empty() { "NOT ASSIGNED" } else { BLIND };
        let assigned = format!("{dose}{}", randomised(study, draft));
        draft.set(
            "ARMNRS",
            &format!(
                "case when {failure} then 'SCREEN FAILURE' when {assigned} then '{reason}' else 'NOT ASSIGNED' end"
            ),
        );
        return;
    }
    let planned = match (
        draft.columns.get("ARMCD").cloned(),
        draft.columns.get("ARM").cloned(),
        study.definition.arms.as_slice(),
    ) {
        (Some(code), ..) => {
            draft.from.push_str(&format!("\nleft join arms as n on n.CODE = {code}"));
            "n.CODE".to_owned()
        }
        (None, Some(name), _) => {
            draft.from.push_str(&format!("\nleft join arms as n on n.NAME = {name}"));
            "n.CODE".to_owned()
        }
        (None, None, _) if study.coded => {
            draft.from.push_str(
                "\nleft join allocations as k on k.SUBJECT = x.SUBJECT\nleft join arms as n on n.CODE = k.ARM",
            );
            "n.CODE".to_owned()
        }
        (None, None, [only]) => {
            draft.from.push_str(&format!("\nleft join arms as n on n.CODE = {} and {dose}", quoted(&only.code)));
            "n.CODE".to_owned()
        }
        _ => return,
    };
    draft.set("ARMCD", &planned);
    draft.set("ARM", "n.NAME");
    let codes = study.of("EX").into_iter().any(|r| r.item("TRT").is_some()) && !plans(study).is_empty();
    if codes && dosed {
        actual(study, draft);
        draft.set("ACTARMCD", &format!("case when starts_with(q.PLAN, h.GIVEN) then {planned} else o.ARM end"));
        draft.set("ACTARM", "case when starts_with(q.PLAN, h.GIVEN) then n.NAME else z.NAME end");
        draft.method(
            "ACTARMCD",
            "The arm whose treatments, in their order, are those given; the planned one as far as they were given",
        );
    } else {
        draft.set("ACTARMCD", &format!("case when {dose} then {planned} end"));
        draft.set("ACTARM", &format!("case when {dose} then n.NAME end"));
    }
    let unplanned = if codes && dosed {
        " when not starts_with(q.PLAN, h.GIVEN) and o.ARM is null then 'UNPLANNED TREATMENT'"
    } else {
        ""
    };
    draft.set(
        "ARMNRS",
        &format!(
            "case when {planned} is null and {failure} then 'SCREEN FAILURE' when {planned} is null then 'NOT ASSIGNED'\n    when not ({dose}) then 'ASSIGNED, NOT TREATED'{unplanned} end"
        ),
    );
}

/// ` or …` where a randomisation is recorded.
fn randomised(study: &Study<'_>, draft: &mut Draft) -> String {
    let record = study
        .records
        .iter()
        .find(|r| r.domain == "DS" && r.constants.get("DSDECOD").is_some_and(|d| d == "RANDOMIZED"));
    let Some(record) = record else { return String::new() };
    let there = general::there(study, record).map_or_else(String::new, |w| format!("\nwhere {w}"));
    draft.steps.push((
        "step_randomised".to_owned(),
        format!("select a.SUBJECT as SUBJECT\nfrom {} as a{there}\ngroup by a.SUBJECT", record.table),
    ));
    draft.from.push_str("\nleft join step_randomised as y on y.SUBJECT = x.SUBJECT");
    " or y.SUBJECT is not null".to_owned()
}

/// The codes of an arm's treatments in their order, each with `>` behind it; what follows itself is one.
fn plans(study: &Study<'_>) -> Vec<(String, String)> {
    let definition = study.definition;
    let treatment = |step: &String| {
        let element = step.split_once(':').map_or(step.as_str(), |(_, element)| element);
        definition.elements.iter().find(|e| e.code == element).and_then(|e| e.treatment.clone())
    };
    let plan = |cell: &croft_design::definition::StudyCell| {
        let mut codes: Vec<String> = cell.path.iter().filter_map(treatment).collect();
        codes.dedup();
        (cell.arm.clone(), codes.iter().map(|c| format!("{c}>")).collect::<String>())
    };
    definition.cells.iter().map(plan).filter(|(_, plan)| !plan.is_empty()).collect()
}

/// What was given in its order, and the one arm that is planned so.
fn actual(study: &Study<'_>, draft: &mut Draft) {
    let whens: String =
        plans(study).iter().map(|(arm, plan)| format!(" when {} then {}", quoted(arm), quoted(plan))).collect();
    // A treatment is recorded by its code or by its name.
    let code = "coalesce((select max(t.CODE) from treatments as t where t.NAME = g.CODE), g.CODE)";
    let order = "g.STARTED nulls first, g.SRC nulls first, g.VISIT nulls first, g.VISITREP nulls first, g.FORM nulls first, g.FORMREP nulls first, g.SEQ nulls first";
    draft.steps.push((
        "step_plans".to_owned(),
        format!("select a.CODE as ARM, case a.CODE{whens} end as PLAN\nfrom arms as a"),
    ));
    draft.steps.push((
        "step_turns".to_owned(),
        format!(
            "select g.SUBJECT as SUBJECT, g.STARTED as STARTED, {code} as CODE,\n  lag({code}) over (partition by g.SUBJECT order by {order}) as BEFORE\nfrom step_given as g"
        ),
    ));
    draft.steps.push((
        "step_taken".to_owned(),
        "select u.SUBJECT as SUBJECT, string_agg(u.CODE || '>', '' order by u.STARTED nulls first) as GIVEN\nfrom step_turns as u\nwhere u.BEFORE is null or u.BEFORE <> u.CODE\ngroup by u.SUBJECT".to_owned(),
    ));
    draft.steps.push((
        "step_matched".to_owned(),
        "select p.PLAN as PLAN, min(p.ARM) as ARM\nfrom step_plans as p\ngroup by p.PLAN\nhaving count(*) = 1"
            .to_owned(),
    ));
    draft.from.push_str(
        "\nleft join step_plans as q on q.ARM = n.CODE\nleft join step_taken as h on h.SUBJECT = x.SUBJECT\nleft join step_matched as o on o.PLAN = h.GIVEN\nleft join arms as z on z.CODE = o.ARM",
    );
}

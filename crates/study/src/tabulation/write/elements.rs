//! SE: the elements through which each subject passed.
//!
//! The rules that begin and end an element are words in `study.toml`; when they happened is read from the record so:
//!
//! - an arm's first element begins with informed consent;
//! - an element with a treatment begins with the first dose of its epoch (the epoch of the visit at which the dose is recorded; where an arm has one
//!   element with a treatment, any dose);
//! - another element begins when the one before it ends: after one with a treatment, at the end of its last dose, with the planned duration of the
//!   element added where there was one single dose; a last dose without a time ends with its day;
//! - an element ends where the next one begins, and the last one with participation.
//!
//! Elements that would begin on or after the end of participation were not reached. Whoever has no arm passed only through the first element.

use super::{Draft, Study, demographics};
use crate::tabulation::express::quoted;
use croft_core::date::Duration;
use croft_design::definition::Element;

/// The day after a date without a time; the same moment where the time is known.
pub fn day_after(dtc: &str) -> String {
    format!("case when length({dtc}) = 10 then add_days({dtc}, 1) else {dtc} end")
}

/// The statement. None: the study has no arms, no consent or no doses to tell elements by.
pub fn statement(study: &Study<'_>) -> Option<String> {
    let consent = study.of("DM").iter().any(|r| r.item_of("RFICDTC"));
    let given = demographics::given(study)?;
    if !consent || study.definition.cells.is_empty() || demographics::is_blind(study) {
        return None;
    }
    let mut draft = Draft::of_subjects("SE");
    draft.number();
    draft.steps.push(("step_given".to_owned(), given));
    draft.steps.push(("step_doses".to_owned(), doses(study)));
    draft.steps.push(("step_path".to_owned(), path(study)));
    draft.steps.push(("step_begun".to_owned(), begun(study)));
    draft.steps.push(("step_reached".to_owned(), REACHED.to_owned()));
    for (variable, expression) in [
        ("STUDYID", "r.STUDYID"),
        ("USUBJID", "r.USUBJID"),
        ("ETCD", "r.ETCD"),
        ("ELEMENT", "r.ELEMENT"),
        ("TAETORD", "r.TAETORD"),
        ("EPOCH", "r.EPOCH"),
        ("SESTDTC", "r.STARTED"),
        ("SEENDTC", "coalesce(r.NEXT, r.RFPENDTC)"),
        ("SESTDY", "study_day(r.STARTED, r.RFSTDTC)"),
        ("SEENDY", "study_day(coalesce(r.NEXT, r.RFPENDTC), r.RFSTDTC)"),
    ] {
        draft.set(variable, expression);
    }
    draft.method("SESTDTC", "Informed consent, the first dose of the epoch, or the end of the element before");
    draft.method("SEENDTC", "Start of the next element; of the last one, the end of participation");
    draft.keys.extend(["TAETORD".to_owned(), "SESTDTC".to_owned()]);
    draft.from = "from step_reached as r".to_owned();
    Some(draft.text(&study.dictionary))
}

/// First and last dose of each epoch with a treatment.
fn doses(study: &Study<'_>) -> String {
    let definition = study.definition;
    let treated = |step: &String| {
        let (epoch, element) = step.split_once(':')?;
        let element = definition.elements.iter().find(|e| e.code == element)?;
        element.treatment.is_some().then(|| epoch.to_owned())
    };
    let epochs: Vec<Vec<String>> =
        definition.cells.iter().map(|c| c.path.iter().filter_map(treated).collect()).collect();
    let first = epochs.first().and_then(|e| e.first()).cloned();
    let one = epochs.iter().all(|of_arm| of_arm.len() == 1 && of_arm.first() == first.as_ref());
    let (epoch, join) = match first.filter(|_| one) {
        Some(epoch) => (quoted(&epoch), String::new()),
        None => ("v.EPOCH".to_owned(), "\ninner join visits as v on v.CODE = g.VISIT".to_owned()),
    };
    let grouped = if join.is_empty() { "g.SUBJECT" } else { "g.SUBJECT, v.EPOCH" };
    format!(
        "select g.SUBJECT as SUBJECT, {epoch} as EPOCH, min(g.STARTED) as FIRSTDOSE, max(g.ENDED) as LASTDOSE\nfrom step_given as g{join}\ngroup by {grouped}"
    )
}

/// Each subject's planned elements: those of the arm that was taken, else of the planned one; the first element of any arm for who has none.
fn path(study: &Study<'_>) -> String {
    let first = study.definition.cells.first().map_or("", |c| c.arm.as_str());
    format!(
        "select m.STUDYID as STUDYID, m.USUBJID as USUBJID, m.RFICDTC as RFICDTC, m.RFSTDTC as RFSTDTC, m.RFPENDTC as RFPENDTC,\n  c.ARM as ARM, c.ORD as TAETORD, c.EPOCH as EPOCH, c.ELEMENT as ETCD, l.NAME as ELEMENT, l.TREATMENT as TREATMENT, d.FIRSTDOSE as FIRSTDOSE,\n  lag(c.ELEMENT) over (partition by m.STUDYID, m.USUBJID order by c.ARM nulls first, c.ORD nulls first) as ETCDBEFORE,\n  lag(d.FIRSTDOSE) over (partition by m.STUDYID, m.USUBJID order by c.ARM nulls first, c.ORD nulls first) as FIRSTBEFORE,\n  lag(d.LASTDOSE) over (partition by m.STUDYID, m.USUBJID order by c.ARM nulls first, c.ORD nulls first) as LASTBEFORE\nfrom DM as m\ninner join cells as c on c.ARM = coalesce(m.ACTARMCD, m.ARMCD, {}) and (c.ORD = 1 or m.ARMCD is not null or m.ACTARMCD is not null)\ninner join elements as l on l.CODE = c.ELEMENT\nleft join step_doses as d on d.SUBJECT = m.SUBJID and d.EPOCH = c.EPOCH",
        quoted(first)
    )
}

/// When each element began.
fn begun(study: &Study<'_>) -> String {
    let lasting: String =
        study.definition.elements.iter().filter(|e| e.treatment.is_some()).filter_map(added).collect();
    let after_one = match lasting.as_str() {
        "" => String::new(),
        whens => format!(
            "\n    when p.FIRSTBEFORE = p.LASTBEFORE then case p.ETCDBEFORE{whens} else {} end",
            day_after("p.LASTBEFORE")
        ),
    };
    format!(
        "select p.STUDYID as STUDYID, p.USUBJID as USUBJID, p.RFSTDTC as RFSTDTC, p.RFPENDTC as RFPENDTC, p.ARM as ARM, p.TAETORD as TAETORD, p.EPOCH as EPOCH,\n  p.ETCD as ETCD, p.ELEMENT as ELEMENT,\n  case when p.TAETORD = 1 and p.TREATMENT is null then p.RFICDTC\n    when p.TREATMENT is not null then p.FIRSTDOSE{after_one}\n    else {} end as STARTED\nfrom step_path as p",
        day_after("p.LASTBEFORE")
    )
}

/// The end of one dose and of its element's planned duration.
fn added(element: &Element) -> Option<String> {
    let text = element.duration.as_deref()?;
    let duration = Duration::parse(text).ok()?;
    let seconds = duration.seconds()?;
    let end = if seconds % 86_400.0 == 0.0 {
        format!("add_days(p.LASTBEFORE, {})", seconds / 86_400.0)
    } else {
        format!("add_hours(p.LASTBEFORE, {})", seconds / 3600.0)
    };
    Some(format!(" when {} then {end}", quoted(&element.code)))
}

const REACHED: &str = "select b.STUDYID as STUDYID, b.USUBJID as USUBJID, b.RFSTDTC as RFSTDTC, b.RFPENDTC as RFPENDTC, b.TAETORD as TAETORD, b.EPOCH as EPOCH,
  b.ETCD as ETCD, b.ELEMENT as ELEMENT, b.STARTED as STARTED,
  lead(b.STARTED) over (partition by b.STUDYID, b.USUBJID order by b.ARM nulls first, b.TAETORD nulls first) as NEXT
from step_begun as b
where b.STARTED is not null
  and (b.TAETORD = 1 or b.RFPENDTC is null or is_before(b.STARTED, b.RFPENDTC))";

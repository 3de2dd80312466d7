//! What happens at the clinic and in the laboratory, subject by subject.

use super::plan::{ArmPlan, Period, Plan};
use super::profile::Individual;
use super::recorder::{Actor, Entry, Recorder};
use crate::snapshot::Address;
use croft_num::random::Stream;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time, date};

const NURSE: Actor = Actor { name: "Nora Sarin", role: "Study nurse" };
const INVESTIGATOR: Actor = Actor { name: "Daniel Okafor", role: "Investigator" };
const LABORATORY: Actor = Actor { name: "Lena Brandt", role: "Bioanalyst" };

const LLOQ_NG_ML: f64 = 2.0;
/// Subject (by order of entry) who withdraws after the first period, when there is a second.
const WITHDRAWS: usize = 11;
/// Subject whose 12-hour sample of the first period is missed.
const MISSES: usize = 4;
/// Subject whose 3-hour sampling time is corrected.
const CORRECTED: usize = 7;
/// Subject whose 1-hour sample of the first period is measured again.
const REASSAYED: usize = 2;
const SCREEN_FAILURES: usize = 2;

/// Adverse events that may happen: reported term, preferred term, body system, related.
const EVENTS: [(&str, &str, &str, bool); 6] = [
    ("Headache", "Headache", "Nervous system disorders", true),
    ("Feeling dizzy on standing", "Dizziness postural", "Nervous system disorders", true),
    ("Nausea", "Nausea", "Gastrointestinal disorders", true),
    (
        "Bruise at cannula site",
        "Vessel puncture site bruise",
        "General disorders and administration site conditions",
        false,
    ),
    ("Sore throat", "Oropharyngeal pain", "Respiratory, thoracic and mediastinal disorders", false),
    ("Loose stools", "Diarrhoea", "Gastrointestinal disorders", true),
];

struct Subject<'a> {
    id: String,
    index: usize,
    arm: &'a ArmPlan<'a>,
}

/// Plays the whole study.
pub fn play(plan: &Plan<'_>, recorder: &mut Recorder) {
    for (index, arm) in plan.allocation().into_iter().enumerate() {
        let subject = Subject { id: format!("{}", 1001 + index), index, arm: &plan.arms[arm] };
        screen(plan, recorder, &subject.id, subject.index, true);
        treat(plan, recorder, &subject);
    }
    for i in 0..SCREEN_FAILURES {
        let index = plan.subjects + i;
        screen(plan, recorder, &format!("{}", 1001 + index), index, false);
    }
}

fn place(subject: &str, visit: &str, form: &str, group: &str, repeat: u32) -> Address {
    Address {
        subject: subject.to_owned(),
        visit: visit.to_owned(),
        visit_repeat: 1,
        form: form.to_owned(),
        form_repeat: 1,
        group: group.to_owned(),
        group_repeat: repeat,
        item: String::new(),
    }
}

/// To the minute, as site staff write it.
fn minute(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

fn after_minutes(at: DateTime, minutes: i64) -> DateTime {
    at.saturating_add(minutes.minutes())
}

fn whole(stream: &mut Stream, mean: f64, sd: f64) -> String {
    format!("{:.0}", mean + sd * stream.normal())
}

fn screen(plan: &Plan<'_>, recorder: &mut Recorder, subject: &str, index: usize, eligible: bool) {
    let mut stream = plan.stream("screening", subject);
    let day = plan.first_day(index).saturating_sub((4 + stream.below(9) as i64).days());
    let at = day.at(9, 0, 0, 0).saturating_add((stream.below(150) as i64).minutes());
    let woman = stream.uniform() < 0.5;
    let age_days = 365.25 * (19.0 + 34.0 * stream.uniform());
    let birth = day.saturating_sub((age_days as i64).days());
    let race = ["WHITE", "WHITE", "WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN"][stream.below(5) as usize];
    let ethnic = if stream.below(8) == 0 { "HISPANIC OR LATINO" } else { "NOT HISPANIC OR LATINO" };
    recorder.save(
        at,
        NURSE,
        &place(subject, "SCR", "DM", "demographics", 1),
        vec![
            ("RFICDAT", Entry::text(day.to_string())),
            // The protocol allows month and year alone: a birth date identifies a person.
            ("BRTHDAT", Entry::text(birth.strftime("%Y-%m").to_string())),
            ("SEX", Entry::text(if woman { "F" } else { "M" })),
            ("RACE", Entry::text(race)),
            ("ETHNIC", Entry::text(ethnic)),
        ],
    );
    let height = if woman { 165.0 } else { 178.0 } + 6.5 * stream.normal();
    let bmi = (23.8 + 2.4 * stream.normal()).clamp(18.6, 29.8);
    let weight = bmi * height * height / 10_000.0;
    let mut signs = vital_signs(&mut stream, after_minutes(at, 20), "SCREENING");
    signs.push(("HEIGHT", Entry::measured(format!("{height:.0}"), "cm")));
    signs.push(("WEIGHT", Entry::measured(format!("{weight:.1}"), "kg")));
    recorder.save(after_minutes(at, 25), NURSE, &place(subject, "SCR", "SAFETY", "vital_signs", 1), signs);
    if !eligible {
        recorder.save(
            after_minutes(at, 90),
            INVESTIGATOR,
            &place(subject, "EOS", "DS", "disposition", 1),
            vec![("DSDECOD", Entry::text("SCREEN FAILURE")), ("DSDAT", Entry::text(day.to_string()))],
        );
    }
}

fn vital_signs(stream: &mut Stream, at: DateTime, time_point: &str) -> Vec<(&'static str, Entry)> {
    vec![
        ("VSTPT", Entry::text(time_point)),
        ("VSDAT", Entry::text(minute(at))),
        ("SYSBP", Entry::measured(whole(stream, 118.0, 9.0), "mmHg")),
        ("DIABP", Entry::measured(whole(stream, 73.0, 7.0), "mmHg")),
        ("PULSE", Entry::measured(whole(stream, 66.0, 8.0), "beats/min")),
    ]
}

fn treat(plan: &Plan<'_>, recorder: &mut Recorder, subject: &Subject<'_>) {
    let first = plan.first_day(subject.index);
    let admission = first.saturating_sub(1.day()).at(18, 0, 0, 0);
    recorder.save(
        admission,
        INVESTIGATOR,
        &place(&subject.id, "P1", "DS", "randomisation", 1),
        vec![("ARMCD", Entry::text(subject.arm.code))],
    );
    let individual = Individual::draw(&mut plan.stream("individual", &subject.id));
    let withdraws = subject.index == WITHDRAWS && subject.arm.periods.len() > 1;
    let attended = if withdraws { 1 } else { subject.arm.periods.len() };
    let mut last = admission;
    for period in &subject.arm.periods[..attended] {
        last = period_of(plan, recorder, subject, period, &individual);
    }
    let (how, end) = if withdraws {
        ("WITHDRAWAL BY SUBJECT", last.saturating_add(2.days()))
    } else {
        ("COMPLETED", last.saturating_add(2.days()))
    };
    let mut stream = plan.stream("end of study", &subject.id);
    let signs = vital_signs(&mut stream, end, "END OF STUDY");
    recorder.save(end, NURSE, &place(&subject.id, "EOS", "SAFETY", "vital_signs", 1), signs);
    recorder.save(
        after_minutes(end, 30),
        INVESTIGATOR,
        &place(&subject.id, "EOS", "DS", "disposition", 1),
        vec![("DSDECOD", Entry::text(how)), ("DSDAT", Entry::text(end.date().to_string()))],
    );
}

/// One period; returns when its last sample was taken.
fn period_of(
    plan: &Plan<'_>,
    recorder: &mut Recorder,
    subject: &Subject<'_>,
    period: &Period<'_>,
    individual: &Individual,
) -> DateTime {
    let unit = format!("{}/{}", subject.id, period.visit);
    let mut stream = plan.stream("period", &unit);
    let day = plan.first_day(subject.index).saturating_add(i64::from(period.day).days());
    let dosed = day.at(8, 0, 0, 0).saturating_add((4 * (subject.index % 12) as i64).minutes());

    for (repeat, (name, offset)) in [("PREDOSE", -40), ("2 H", 120), ("24 H", 1440)].into_iter().enumerate() {
        let at = after_minutes(dosed, offset - 3 + stream.below(7) as i64);
        let signs = vital_signs(&mut stream, at, name);
        let to = place(&subject.id, period.visit, "SAFETY", "vital_signs", repeat as u32 + 1);
        recorder.save(after_minutes(at, 2), NURSE, &to, signs);
    }
    recorder.save(
        after_minutes(dosed, 1),
        NURSE,
        &place(&subject.id, period.visit, "EX", "dosing", 1),
        vec![
            ("EXTRT", Entry::text(&period.treatment.code)),
            ("EXDOSE", Entry::measured(format!("{}", period.dose), "mg")),
            ("EXSTDAT", Entry::text(minute(dosed))),
        ],
    );
    let product = plan.product(period.treatment);
    let occasion = individual.occasion(product, period.dose, plan.within_cv, &mut stream);
    let first_period = period.visit == subject.arm.periods[0].visit;
    let mut last = dosed;
    for (i, &planned) in plan.definition.schedule.blood_samples_h.iter().enumerate() {
        let delay = if planned <= 0.0 { -10 } else { stream.below(4) as i64 };
        let taken = after_minutes(dosed, (60.0 * planned) as i64 + delay);
        let concentration = occasion.measured(minutes_between(dosed, taken) / 60.0, &mut stream);
        let sample = Sample {
            repeat: i as u32 + 1,
            planned,
            taken,
            id: format!("{}-{}-{:02}", subject.id, period.visit, i + 1),
        };
        let missed = subject.index == MISSES && first_period && at_hour(planned, 12.0);
        sample_taken(recorder, subject, period, &sample, missed, first_period);
        if !missed {
            result_reported(plan, recorder, subject, period, &sample, concentration, first_period);
        }
        last = taken;
    }
    adverse_event(recorder, subject, period, dosed, &mut stream);
    last
}

/// Whether a planned time is this hour.
fn at_hour(planned_h: f64, hour: f64) -> bool {
    (planned_h - hour).abs() < 1e-9
}

struct Sample {
    repeat: u32,
    planned: f64,
    taken: DateTime,
    id: String,
}

fn minutes_between(from: DateTime, to: DateTime) -> f64 {
    from.until((jiff::Unit::Minute, to)).map_or(0.0, |span| span.get_minutes() as f64)
}

fn sample_taken(
    recorder: &mut Recorder,
    subject: &Subject<'_>,
    period: &Period<'_>,
    sample: &Sample,
    missed: bool,
    first_period: bool,
) {
    let to = place(&subject.id, period.visit, "PK", "pk_samples", sample.repeat);
    let planned = Entry::measured(format!("{}", sample.planned), "h");
    let entered = after_minutes(sample.taken, 2);
    if missed {
        recorder.save(
            entered,
            NURSE,
            &to,
            vec![
                ("PCTPTNUM", planned),
                ("PCDAT", Entry::absent("ND", "NOT DONE", "")),
                ("PCSMPID", Entry::text(&sample.id)),
            ],
        );
        return;
    }
    let wrong = subject.index == CORRECTED && first_period && at_hour(sample.planned, 3.0);
    let written = if wrong { after_minutes(sample.taken, -60) } else { sample.taken };
    recorder.save(
        entered,
        NURSE,
        &to,
        vec![("PCTPTNUM", planned), ("PCDAT", Entry::text(minute(written))), ("PCSMPID", Entry::text(&sample.id))],
    );
    if wrong {
        let noticed = sample.taken.saturating_add(1.day());
        let right = ("PCDAT", Entry::text(minute(sample.taken)));
        recorder.amend(noticed, NURSE, &to, right, "Hour misread: the sampling worksheet shows the later time");
    }
}

fn result_reported(
    plan: &Plan<'_>,
    recorder: &mut Recorder,
    subject: &Subject<'_>,
    period: &Period<'_>,
    sample: &Sample,
    concentration: f64,
    first_period: bool,
) {
    let to = place(&subject.id, period.visit, "PK", "pk_results", sample.repeat);
    let result = |c: f64| {
        if c < LLOQ_NG_ML {
            Entry::absent(&format!("<{LLOQ_NG_ML:.2}"), "BLQ", "ng/mL")
        } else {
            Entry::measured(three_digits(c), "ng/mL")
        }
    };
    let imported = plan.import_time().saturating_add((subject.index as i64).minutes());
    let reassayed = subject.index == REASSAYED && first_period && at_hour(sample.planned, 1.0);
    let reported = if reassayed { 1.31 * concentration } else { concentration };
    recorder.save(
        imported,
        LABORATORY,
        &to,
        vec![
            ("LBSMPID", Entry::text(&sample.id)),
            ("CONC", result(reported)),
            ("LLOQ", Entry::measured(format!("{LLOQ_NG_ML:.2}"), "ng/mL")),
        ],
    );
    if reassayed {
        let again = date(2026, 3, 9).to_datetime(Time::midnight()).saturating_add(14.hours());
        recorder.amend(
            again,
            LABORATORY,
            &to,
            ("CONC", result(concentration)),
            "Re-assay: internal standard response out of range in the first run",
        );
    }
}

/// Three significant digits, as a laboratory reports.
fn three_digits(x: f64) -> String {
    let decimals = if x >= 100.0 {
        0
    } else if x >= 10.0 {
        1
    } else {
        2
    };
    format!("{x:.decimals$}")
}

fn adverse_event(
    recorder: &mut Recorder,
    subject: &Subject<'_>,
    period: &Period<'_>,
    dosed: DateTime,
    stream: &mut Stream,
) {
    if stream.uniform() > 0.2 {
        return;
    }
    let (term, preferred, system, related) = EVENTS[stream.below(EVENTS.len() as u64) as usize];
    let start = after_minutes(dosed, 45 + stream.below(600) as i64);
    let end = after_minutes(start, 60 + stream.below(900) as i64);
    let severity = if stream.below(5) == 0 { "MODERATE" } else { "MILD" };
    recorder.save(
        after_minutes(end, 30),
        INVESTIGATOR,
        &place(&subject.id, period.visit, "SAFETY", "adverse_events", 1),
        vec![
            ("AETERM", Entry::text(term)),
            ("AEDECOD", Entry::text(preferred)),
            ("AEBODSYS", Entry::text(system)),
            ("AESTDAT", Entry::text(minute(start))),
            ("AEENDAT", Entry::text(minute(end))),
            ("AESEV", Entry::text(severity)),
            ("AESER", Entry::text("N")),
            ("AEREL", Entry::text(if related { "RELATED" } else { "NOT RELATED" })),
            ("AEACN", Entry::text("DOSE NOT CHANGED")),
            ("AEOUT", Entry::text("RECOVERED/RESOLVED")),
        ],
    );
}

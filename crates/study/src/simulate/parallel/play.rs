//! The same subjects as their record would be frozen: what they are typed into forms becomes values with their history.

use super::{DAY_MS, EPOCH, Sheet, What, steps};
use crate::definition::Definition;
use crate::forms::{Form, Item};
use crate::simulate::recorder::{Actor, Entry, Recorder};
use crate::snapshot::Address;
use croft_core::date::CivilDate;
use croft_core::round::{Rounding, round};
use croft_design::entry::{Typed, normalise};
use jiff::Timestamp;
use jiff::civil::DateTime;

/// When the record is locked: after the last follow-up.
pub const LOCKED_AT: &str = "2026-10-19T10:00:00Z";

/// Each site with who types there.
const SITES: [(&str, Actor); 3] = [
    ("101", Actor { name: "Nora Sarin", role: "Study coordinator" }),
    ("201", Actor { name: "Hana Sato", role: "Study coordinator" }),
    ("301", Actor { name: "Jonas Weber", role: "Study coordinator" }),
];

/// Plays every subject of the study to the end of its participation. Subjects come to the sites in turn.
pub fn play(definition: &Definition, forms: &[Form], seed: u64, subjects: usize, recorder: &mut Recorder) {
    for index in 0..subjects {
        let (site, actor) = SITES[index % SITES.len()];
        let subject = format!("{site}-{:03}", index / SITES.len() + 1);
        for step in steps(seed, &definition.study.id, index) {
            if let What::Save(sheet) = &step.what {
                save(recorder, forms, &subject, actor, step.at_ms, sheet);
            }
        }
    }
}

/// The time of a step, which lies within the years of a study.
fn utc(at_ms: i64) -> DateTime {
    Timestamp::from_millisecond(at_ms).map_or(DateTime::MIN, |at| jiff::tz::Offset::UTC.to_datetime(at))
}

fn save(recorder: &mut Recorder, forms: &[Form], subject: &str, actor: Actor, at_ms: i64, sheet: &Sheet) {
    let at = utc(at_ms);
    let Some(today) = CivilDate::from_days_since_1960(at_ms.div_euclid(DAY_MS) + EPOCH) else { return };
    let mut groups: Vec<(&str, u32)> = sheet.fields.iter().map(|f| (f.group, f.row)).collect();
    groups.dedup();
    for (group, row) in groups {
        let place = Address {
            subject: subject.to_owned(),
            visit: sheet.visit.to_owned(),
            visit_repeat: sheet.repeat,
            form: sheet.form.to_owned(),
            form_repeat: 1,
            group: group.to_owned(),
            group_repeat: row,
            item: String::new(),
        };
        let typed = sheet.fields.iter().filter(|f| (f.group, f.row) == (group, row));
        let mut fields: Vec<(&str, Entry)> = typed
            .filter_map(|field| Some((field.item, entry(item(forms, sheet.form, group, field.item)?, field, today))))
            .collect();
        fields.extend(body_mass_index(&fields).map(|value| ("BMI", Entry::measured(value, "kg/m2"))));
        if sheet.reason.is_empty() {
            recorder.save(at, actor, &place, fields);
        } else {
            for (item, entry) in fields {
                recorder.amend(at, actor, &place, (item, entry), sheet.reason);
            }
        }
    }
}

fn item<'f>(forms: &'f [Form], form: &str, group: &str, name: &str) -> Option<&'f Item> {
    let form = forms.iter().find(|f| f.form == form)?;
    form.groups.iter().find(|g| g.name == group)?.items.iter().find(|i| i.name == name)
}

/// What was typed, read as the record reads it.
fn entry(item: &Item, field: &super::Typed, today: CivilDate) -> Entry {
    let typed = Typed { text: field.text.clone(), unit: field.unit.to_owned(), missing: String::new() };
    let read = normalise(item, &typed, today);
    Entry { text: read.text, value: read.value, unit: read.unit, missing: read.missing }
}

/// What the form derives: weight over the square of height, one decimal.
fn body_mass_index(fields: &[(&str, Entry)]) -> Option<String> {
    let of = |name: &str| fields.iter().find(|(item, _)| *item == name)?.1.value.parse::<f64>().ok();
    let (weight_kg, height_m) = (of("WEIGHT")?, of("HEIGHT")? / 100.0);
    Some(format!("{}", round(weight_kg / (height_m * height_m), 1, Rounding::HalfAwayFromZero)))
}

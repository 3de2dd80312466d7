//! What is done when? The schedule of activities as a table that documents embed: `![[schedule]]`.
//!
//! Activities stand in rows, visits in columns under their epochs, each with its day; windows are footnotes. A study with more visits than a page is wide for
//! gets its schedule in parts of whole epochs where these fit, each part with all activities that take place in it.

use crate::definition::{Definition, Visit, VisitKind};
use croft_core::manifest::sha256_hex;
use croft_design::protocol::Activity;
use croft_report::block::{Align, Body, Cell, Column, Display, DisplayKind, HeadCell, Inline, Row, RowKind, Table};
use std::collections::BTreeMap;

/// The name by which documents embed it.
pub(crate) const NAME: &str = "schedule";

/// Visits that a landscape page is wide for, beside the activities' names.
const MOST_VISITS: usize = 12;

/// The schedule's parts, by name: `schedule`, `schedule-2` …; none for a study without visits or activities.
pub(crate) fn display(definition: &Definition, activities: &[Activity]) -> BTreeMap<String, Display> {
    if definition.visits.is_empty() || activities.is_empty() {
        return BTreeMap::new();
    }
    let parts = parts(&definition.visits);
    let count = parts.len();
    let inputs = serde_json::to_vec(&(&definition.visits, activities)).unwrap_or_default();
    let fingerprint: String = sha256_hex(&inputs).chars().take(12).collect();
    let of = |(i, visits): (usize, &Vec<&Visit>)| {
        let name = if i == 0 { NAME.to_owned() } else { format!("{NAME}-{}", i + 1) };
        (name.clone(), part(&name, visits, activities, (i + 1, count), &fingerprint))
    };
    parts.iter().enumerate().map(of).collect()
}

/// Visits in groups that fit a page: whole epochs as long as they fit, long epochs in even groups.
fn parts(visits: &[Visit]) -> Vec<Vec<&Visit>> {
    let mut epochs: Vec<Vec<&Visit>> = Vec::new();
    for visit in visits {
        match epochs.last_mut().filter(|e| e.first().is_some_and(|first| first.epoch == visit.epoch)) {
            Some(epoch) => epoch.push(visit),
            None => epochs.push(vec![visit]),
        }
    }
    let mut parts: Vec<Vec<&Visit>> = Vec::new();
    for epoch in epochs {
        match parts.last_mut().filter(|part| part.len() + epoch.len() <= MOST_VISITS) {
            Some(part) => part.extend(epoch),
            None => {
                let groups = epoch.len().div_ceil(MOST_VISITS);
                parts.extend(epoch.chunks(epoch.len().div_ceil(groups)).map(<[&Visit]>::to_vec));
            }
        }
    }
    parts
}

fn part(
    name: &str,
    visits: &[&Visit],
    activities: &[Activity],
    (number, count): (usize, usize),
    fingerprint: &str,
) -> Display {
    let mut notes = Notes::default();
    let head = head(visits, &mut notes);
    let mut title = "Schedule of activities".to_owned();
    if let (true, Some(first), Some(last)) = (count > 1, visits.first(), visits.last()) {
        title.push_str(&format!(", part {number} of {count}: {} to {}", first.name, last.name));
    }
    let mut columns = vec![column("Activity", Align::Left)];
    columns.extend(visits.iter().map(|v| column(&v.code, Align::Center)));
    let mut footnotes = notes.footnotes();
    footnotes.push(vec![Inline::Text(
        "X: done at the visit. Days count from the day of the first dose or randomisation, which is day 1.".to_owned(),
    )]);
    Display {
        name: name.to_owned(),
        kind: DisplayKind::Table,
        number: None,
        title: vec![Inline::Text(title)],
        population: None,
        body: Body::Table(Table { columns, head, rows: rows(visits, activities, count > 1) }),
        footnotes,
        fingerprint: Some(fingerprint.to_owned()),
        landscape: (visits.len() > 6).then_some(true),
    }
}

fn column(name: &str, align: Align) -> Column {
    Column { name: name.to_owned(), align, width: None, group: false }
}

fn head(visits: &[&Visit], notes: &mut Notes) -> Vec<Vec<HeadCell>> {
    let cell = |content: Vec<Inline>, span| HeadCell { content, span };
    let words = |text: &str| vec![Inline::Text(text.to_owned())];
    let mut epochs = vec![cell(words(""), 1)];
    let mut last: Option<&str> = None;
    for visit in visits {
        match epochs.last_mut().filter(|_| last == Some(visit.epoch.as_str())) {
            Some(open) => open.span += 1,
            None => epochs.push(cell(words(&visit.epoch), 1)),
        }
        last = Some(&visit.epoch);
    }
    let mut names = vec![cell(words(""), 1)];
    names.extend(visits.iter().map(|v| cell(words(&v.name), 1)));
    let mut days = vec![cell(words("Activity"), 1)];
    for visit in visits {
        let mut content = words(&day(visit));
        if let Some(letter) = notes.window(visit) {
            content.push(Inline::Superscript(words(&letter)));
        }
        days.push(cell(content, 1));
    }
    vec![epochs, names, days]
}

fn day(visit: &Visit) -> String {
    match visit.kind {
        VisitKind::Scheduled if visit.day < 0 => format!("Day \u{2212}{}", visit.day.unsigned_abs()),
        VisitKind::Scheduled => format!("Day {}", visit.day),
        VisitKind::Unscheduled => "if needed".to_owned(),
        VisitKind::Common => "throughout".to_owned(),
    }
}

/// Windows and the letters that name them.
#[derive(Default)]
struct Notes {
    windows: Vec<(u32, u32)>,
}

impl Notes {
    fn window(&mut self, visit: &Visit) -> Option<String> {
        let window = match (visit.days_before, visit.days_after) {
            (None, None) => return None,
            (before, after) => (before.unwrap_or(0), after.unwrap_or(0)),
        };
        let at = self.windows.iter().position(|w| *w == window).unwrap_or_else(|| {
            self.windows.push(window);
            self.windows.len() - 1
        });
        Some(letter(at))
    }

    fn footnotes(&self) -> Vec<Vec<Inline>> {
        let note = |(i, &(before, after)): (usize, &(u32, u32))| {
            let words = match (before, after) {
                (0, 0) => "Window: the planned day only.".to_owned(),
                (b, a) if b == a => format!("Window: {} before or after the planned day.", days(b)),
                (b, 0) => format!("Window: up to {} before the planned day.", days(b)),
                (0, a) => format!("Window: up to {} after the planned day.", days(a)),
                (b, a) => format!("Window: from {} before to {} after the planned day.", days(b), days(a)),
            };
            vec![Inline::Superscript(vec![Inline::Text(letter(i))]), Inline::Text(format!(" {words}"))]
        };
        self.windows.iter().enumerate().map(note).collect()
    }
}

fn days(count: u32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// a, b, … z, aa, …
fn letter(mut index: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'a' + u8::try_from(index % 26).unwrap_or(0)));
        if index < 26 {
            return letters;
        }
        index = index / 26 - 1;
    }
}

fn rows(visits: &[&Visit], activities: &[Activity], only_done: bool) -> Vec<Row> {
    let done = |a: &Activity, v: &Visit| a.visits.contains(&v.code);
    let mut rows = Vec::new();
    let mut group: Option<&str> = None;
    for activity in activities.iter().filter(|a| !only_done || visits.iter().any(|v| done(a, v))) {
        let own = activity.group.as_deref();
        let begins = own != group;
        if let (true, Some(words)) = (begins, own) {
            rows.push(Row { kind: RowKind::Group, name: words.to_owned(), indent: 0, cells: vec![Cell::text(words)] });
        }
        group = own;
        let mut cells = vec![Cell::text(&activity.name)];
        cells.extend(visits.iter().map(|v| Cell::text(if done(activity, v) { "X" } else { "" })));
        let kind = if begins && own.is_none() && !rows.is_empty() { RowKind::Start } else { RowKind::Data };
        rows.push(Row { kind, name: activity.code.clone(), indent: u8::from(own.is_some()), cells });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(number: u32, epoch: &str, window: Option<u32>) -> Visit {
        Visit {
            number,
            code: format!("V{number}"),
            name: format!("VISIT {number}"),
            day: number as i32,
            epoch: epoch.to_owned(),
            start: String::new(),
            period: None,
            days_before: window,
            days_after: window,
            kind: VisitKind::Scheduled,
            repeating: false,
            oid: None,
        }
    }

    #[test]
    fn a_long_study_is_shown_in_parts_of_whole_epochs() {
        let mut visits: Vec<Visit> = (1..=3).map(|n| visit(n, "SCREENING", None)).collect();
        visits.extend((4..=28).map(|n| visit(n, "TREATMENT", None)));
        visits.push(visit(29, "FOLLOW-UP", None));
        let sizes: Vec<usize> = parts(&visits).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 9, 9, 8]);
    }

    #[test]
    fn visits_of_one_window_share_a_footnote() {
        let visits = [visit(1, "T", Some(3)), visit(2, "T", Some(3)), visit(3, "T", Some(0)), visit(4, "T", None)];
        let mut notes = Notes::default();
        let letters: Vec<Option<String>> = visits.iter().map(|v| notes.window(v)).collect();
        assert_eq!(letters, [Some("a".into()), Some("a".into()), Some("b".into()), None]);
        assert_eq!(notes.footnotes().len(), 2);
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([letter(0), letter(25), letter(26), letter(27)], ["a", "z", "aa", "ab"]);
    }
}

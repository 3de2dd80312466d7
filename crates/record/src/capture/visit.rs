//! Visits that are not scheduled, and the dates of visits.

use super::enrol::{self, subject};
use super::project::VisitAdded;
use super::save::local_day;
use crate::access::{Operation, Scope};
use crate::door::{Command, Work};
use crate::refusal::Refusal;
use croft_design::entry::{self, Typed};
use croft_design::forms::{Item, ItemType};
use croft_ledger::View;

/// Says that a visit takes place, and when: the next occurrence of one that repeats, or a planned one.
#[derive(Clone, Debug)]
pub struct AddVisit {
    /// The study.
    pub study: String,
    /// The subject.
    pub subject: String,
    /// The visit's code.
    pub visit: String,
    /// As a person types it; may be partial.
    pub date: String,
}

impl Command for AddVisit {
    /// Which of several it is.
    type Done = u32;
    const OPERATION: Operation = Operation::Enter;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u32, Refusal> {
        let study = work.open_study(&self.study)?;
        let (_, definition) = work.current_version(&study)?;
        let planned = definition.visit(&self.visit).ok_or_else(|| Refusal::absent("visit", &self.visit))?;
        // As in a form: `3mar24` is a date.
        let item = Item::new("date", "Date", ItemType::PartialDate);
        let typed = Typed { text: self.date.clone(), ..Typed::default() };
        let read = entry::normalise(&item, &typed, local_day(work.now_ms(), work.caller.offset_min));
        if read.value.is_empty() {
            let (message, hint) = read.problem.map_or_else(
                || ("is empty".to_owned(), "give the date, or what is known of it".to_owned()),
                |problem| (problem.message, problem.hint),
            );
            return Err(Refusal::invalid("date", message, hint));
        }
        let known = subject(work.tx, &self.study, &self.subject)?;
        let last = known.visits.iter().filter(|v| v.visit == self.visit).map(|v| v.repeat).max();
        let repeat = match last {
            Some(last) if planned.repeating => last + 1,
            _ => 1,
        };
        let added = VisitAdded {
            study: self.study.clone(),
            subject: self.subject.clone(),
            visit: self.visit,
            visit_repeat: repeat,
            date: read.value,
        };
        work.append(&self.study, &self.subject, "visit.added/1", &added, "")?;
        Ok(repeat)
    }
}

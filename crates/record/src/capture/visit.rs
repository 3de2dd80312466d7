//! Visits that are not scheduled, and the dates of visits.

use super::enrol::subject;
use super::project::VisitAdded;
use crate::access::{Operation, Scope};
use crate::door::{Command, Work};
use crate::refusal::Refusal;
use croft_core::PartialDate;
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
    /// ISO 8601, may be partial.
    pub date: String,
}

impl Command for AddVisit {
    /// Which of several it is.
    type Done = u32;
    const OPERATION: Operation = Operation::Enter;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::site(&self.study, &subject(view, &self.study, &self.subject)?.site))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u32, Refusal> {
        let study = work.open_study(&self.study)?;
        let (_, definition) = work.current_version(&study)?;
        let planned = definition.visit(&self.visit).ok_or_else(|| Refusal::absent("visit", &self.visit))?;
        if let Err(error) = PartialDate::parse(&self.date) {
            return Err(Refusal::invalid("date", error.to_string(), error.hint()));
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
            date: self.date,
        };
        work.append(&self.study, &self.subject, "visit.added/1", &added, "")?;
        Ok(repeat)
    }
}

//! Who is told that a code was broken, and have they taken note?
//!
//! Whoever has the right to it, at the site where it happened, is shown each break until they acknowledge it: whose code, by whom, when and why. What the code
//! said is not in the register, so that it cannot be shown. Each acknowledgement is an event; the register shows them.

use super::project::BreakAcknowledged;
use super::state::CodeBreak;
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Reading, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;

/// Takes note of a code break.
#[derive(Clone, Debug)]
pub struct AcknowledgeBreak {
    /// The study.
    pub study: String,
    /// The event of the break.
    pub event: u64,
}

impl Command for AcknowledgeBreak {
    type Done = ();
    const OPERATION: Operation = Operation::CodeBreakNotice;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::site(&self.study, &broken(view, &self.study, self.event)?.site))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let row = broken(work.tx, &self.study, self.event)?;
        if row.is_acknowledged_by(work.account()) {
            return Err(Refusal::state("it is acknowledged already", "nothing needs to be done"));
        }
        let event = BreakAcknowledged { study: self.study.clone(), event: self.event };
        work.append(&self.study, &row.subject, "code_break.acknowledged/1", &event, "")?;
        Ok(())
    }
}

fn broken(view: &dyn View, study: &str, event: u64) -> Result<CodeBreak, Refusal> {
    door::row(view, space::CODE_BREAK, &key(&[study]).number(event))?
        .ok_or_else(|| Refusal::absent("code break", event.to_string()))
}

impl CodeBreak {
    fn is_acknowledged_by(&self, account: &str) -> bool {
        self.acknowledged.iter().any(|one| one.by == account)
    }
}

impl Reading<'_> {
    /// The code breaks that the caller is to be told of and has not acknowledged, the oldest first.
    pub fn code_breaks_to_acknowledge(&self, study: &str) -> Result<Vec<CodeBreak>, Refusal> {
        let mut found = self.code_breaks(study)?;
        found.retain(|row| {
            self.may(Operation::CodeBreakNotice, &Scope::site(study, &row.site))
                && !row.is_acknowledged_by(&self.caller.account)
        });
        Ok(found)
    }
}

//! How does an investigator learn, at night and alone, what one subject takes?
//!
//! They say why, prove who they are again, and are told; one subject, and nobody else is told the arm. The event says who, whom, when and why; the
//! register of code breaks shows the same to whoever may see the study, so that the sponsor knows that there was one and not what it said.

use super::Vault;
use super::draw::StudyVault;
use super::project::CodeBroken;
use super::state::{CodeBreak, Randomised};
use crate::access::{self, Operation, Proof, Scope};
use crate::capture::enrol;
use crate::door::{self, Caller, Command, Reading, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_design::definition::Definition;
use croft_ledger::View;
use serde::Serialize;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is told, to the one person who asked.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The subject.
    pub subject: String,
    /// Its randomisation number.
    pub number: String,
    /// The arm's code.
    pub arm: String,
    /// The arm's name.
    pub name: String,
    /// The treatments of the arm's elements, in their order.
    pub treatments: Vec<String>,
}

not_shown!(Told);

/// A wish to break a code.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Break {
    pub study: String,
    pub subject: String,
    pub reason: String,
    pub signature: Proof,
}

struct BreakCode {
    wish: Break,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// Breaks the code of one subject.
    pub fn break_code(&self, caller: &Caller, wish: Break) -> Result<Told, Refusal> {
        let vault = self.opened(&wish.study)?;
        self.record.execute(caller, BreakCode { wish, vault })
    }
}

impl Command for BreakCode {
    type Done = Told;
    const OPERATION: Operation = Operation::CodeBreak;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.wish.study, &self.wish.subject)
    }

    /// A locked study's codes can be broken too: somebody may be in danger.
    fn run(self, work: &mut Work<'_, '_>) -> Result<Told, Refusal> {
        let Break { study, subject, reason, signature } = self.wish;
        if reason.trim().is_empty() {
            return Err(Refusal::invalid(
                "reason",
                "is empty",
                "say what happened, and why the treatment must be known",
            ));
        }
        let row: Randomised = door::row(work.tx, space::RANDOMISED, &key(&[&study, &subject]))?.ok_or_else(|| {
            Refusal::state(format!("subject {subject} is not randomised"), "there is no code to break")
        })?;
        let name = access::reauthenticate(work, &signature)?;
        let allocation = self.vault.allocation(&subject, &row.code)?;
        let known = super::state(work.tx, &study)?;
        known.scheme()?;
        let of = crate::study::study(work.tx, &study)?;
        let (_, definition) = work.current_version(&of)?;
        let definition = &definition.definition;
        let arm = definition.arms.iter().find(|arm| arm.code == allocation.arm);
        let event = CodeBroken { study: study.clone(), subject: subject.clone(), site: row.site, name };
        work.append(&study, &subject, "code.broken/1", &event, reason.trim())?;
        Ok(Told {
            subject,
            number: row.number,
            name: arm.map_or_else(|| allocation.arm.clone(), |arm| arm.name.clone()),
            treatments: treatments(definition, &allocation.arm),
            arm: allocation.arm,
        })
    }
}

/// The treatments of the elements of an arm, in the order of its path.
fn treatments(definition: &Definition, arm: &str) -> Vec<String> {
    let cells = definition.cells.iter().filter(|cell| cell.arm == arm).flat_map(|cell| &cell.path);
    let elements = cells.filter_map(|step| {
        let code = step.rsplit(':').next()?;
        definition.elements.iter().find(|element| element.code == code)?.treatment.as_deref()
    });
    elements
        .filter_map(|code| definition.treatments.iter().find(|treatment| treatment.code == code))
        .map(|treatment| treatment.name.clone())
        .collect()
}

impl Reading<'_> {
    /// The register of code breaks, at the sites that the caller may see.
    pub fn code_breaks(&self, study: &str) -> Result<Vec<CodeBreak>, Refusal> {
        self.study(study)?;
        let mut found: Vec<CodeBreak> = Vec::new();
        self.rows(space::CODE_BREAK, key(&[study]).range(), |_, row| {
            found.push(row);
            ControlFlow::Continue(())
        })?;
        found.retain(|row| self.may(Operation::StudyRead, &Scope::site(study, &row.site)));
        Ok(found)
    }
}

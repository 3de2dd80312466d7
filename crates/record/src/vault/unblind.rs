//! When does a study cease to be blind? After the lock, when one person asks, says why, and another agrees.
//!
//! From then on [`Vault::unblinded`] gives the codes to the study's folder. Each asking and each reading is an event.

use super::Vault;
use super::codes::codes;
use super::draw::StudyVault;
use super::project::{CodesRead, StudyUnblinded, UnblindingAsked};
use super::state::Unblinding;
use crate::access::{self, Operation, Proof, Scope};
use crate::door::{Caller, Command, Work};
use crate::lock::snapshot::rfc3339;
use crate::refusal::Refusal;
use crate::study;
use croft_design::snapshot::Unblinded;
use croft_ledger::View;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Asks for a study to be unblinded.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct AskUnblind {
    pub study: String,
    pub reason: String,
    pub signature: Proof,
}

impl Command for AskUnblind {
    type Done = ();
    const OPERATION: Operation = Operation::UnblindAsk;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        locked(work, &self.study)?;
        let vault = super::state(work.tx, &self.study)?;
        vault.scheme()?;
        if matches!(vault.unblinding, Unblinding::Done { .. }) {
            return Err(Refusal::state("the study is unblinded already", "nothing needs to be done"));
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why the study is unblinded now"));
        }
        let name = access::reauthenticate(work, &self.signature)?;
        let asked = UnblindingAsked { study: self.study.clone(), name };
        work.append(&self.study, "randomisation", "unblinding.asked/1", &asked, self.reason.trim())?;
        Ok(())
    }
}

/// Agrees to a study's being unblinded.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct AgreeUnblind {
    pub study: String,
    pub signature: Proof,
}

impl Command for AgreeUnblind {
    type Done = ();
    const OPERATION: Operation = Operation::UnblindAgree;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        locked(work, &self.study)?;
        let vault = super::state(work.tx, &self.study)?;
        let Unblinding::Asked { by, .. } = vault.unblinding else {
            return Err(Refusal::state(
                "nobody has asked for the study to be unblinded",
                "one person asks, another agrees",
            ));
        };
        if by == work.account() {
            return Err(Refusal::state("who asked cannot agree", "another person must agree"));
        }
        let name = access::reauthenticate(work, &self.signature)?;
        let done = StudyUnblinded { study: self.study.clone(), asked_by: by, name };
        work.append(&self.study, "randomisation", "study.unblinded/1", &done, "")?;
        Ok(())
    }
}

fn locked(work: &Work<'_, '_>, id: &str) -> Result<(), Refusal> {
    if study::study(work.tx, id)?.is_locked() {
        return Ok(());
    }
    Err(Refusal::state(format!("study {id} is not locked"), "lock it first: codes come after the data are final"))
}

/// The codes of an unblinded study.
pub struct Codes {
    /// Each subject's arm.
    pub arms: BTreeMap<String, String>,
    /// Who unblinded it, and when.
    pub unblinded: Unblinded,
}

struct UnblindedCodes {
    study: String,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// The codes of a study that two people have unblinded, as its snapshot takes them.
    pub fn unblinded(&self, caller: &Caller, study: &str) -> Result<Codes, Refusal> {
        let vault = self.opened(study)?;
        self.record.execute(caller, UnblindedCodes { study: study.to_owned(), vault })
    }
}

impl Command for UnblindedCodes {
    type Done = Codes;
    const OPERATION: Operation = Operation::UnblindAgree;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Codes, Refusal> {
        let Unblinding::Done { asked_by, agreed_by, at_ms } = super::state(work.tx, &self.study)?.unblinding else {
            return Err(Refusal::state(
                format!("study {} is blind", self.study),
                "two people unblind it after the lock: one asks, another agrees",
            ));
        };
        let codes = codes(work.tx, &self.study, &self.vault)?;
        let event = CodesRead { study: self.study.clone(), what: "study folder".to_owned(), codes: codes.len() };
        work.append(&self.study, "randomisation", "codes.read/1", &event, "")?;
        let arms = codes.into_iter().map(|code| (code.subject, code.arm)).collect();
        Ok(Codes { arms, unblinded: Unblinded { at: rfc3339(at_ms), asked_by, agreed_by } })
    }
}

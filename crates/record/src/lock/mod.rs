//! When may data no longer change, and how can they again?
//!
//! *Freezing* closes forms, one by one or all of a visit, a subject or a site, while cleaning goes on elsewhere. *Locking* closes the study: what
//! stands in the way is listed first, and whoever locks in spite of it says why. *Unlocking* takes two people: one asks and says why,
//! another agrees. The writer refuses every change of a locked study, whatever page or program it comes from.

mod obstacles;
mod project;
pub mod snapshot;

pub use obstacles::{Obstacle, Obstacles};
pub(crate) use project::{Frozen, project};

use crate::access::{self, Operation, Proof, Scope};
use crate::capture::{FormState, Place, Subject, enrol};
use crate::door::{self, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use crate::study::{self, Lock};
use croft_ledger::View;
use project::{Locked, UnlockAsked, Unlocked};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What is frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the address's")]
pub enum Part {
    Form(Place),
    Visit { subject: String, visit: String, visit_repeat: u32 },
    Subject { subject: String },
    Site { site: String },
}

/// Freezes or unfreezes what is recorded of a part of the study.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// The study.
    pub study: String,
    /// What.
    pub part: Part,
    /// Freezes, or takes it back.
    pub frozen: bool,
    /// Why; needed to unfreeze.
    pub reason: String,
}

impl Command for Freeze {
    /// How many forms changed.
    type Done = usize;
    const OPERATION: Operation = Operation::Freeze;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        match &self.part {
            Part::Site { site } => Ok(Scope::site(&self.study, site)),
            Part::Form(place) => enrol::scope(view, &self.study, &place.subject),
            Part::Visit { subject, .. } | Part::Subject { subject } => enrol::scope(view, &self.study, subject),
        }
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<usize, Refusal> {
        work.open_study(&self.study)?;
        if !self.frozen {
            work.allow(Operation::Unfreeze, &self.scope(work.tx)?)?;
            if self.reason.trim().is_empty() {
                return Err(Refusal::invalid("reason", "is empty", "say why it is unfrozen"));
            }
        }
        match &self.part {
            Part::Site { site } => drop(study::site(work.tx, &self.study, site)?),
            Part::Form(Place { subject, .. }) | Part::Visit { subject, .. } | Part::Subject { subject } => {
                enrol::subject(work.tx, &self.study, subject)?;
            }
        }
        let mut changed = 0;
        for subject in self.subjects(work)? {
            let mut places = Vec::new();
            work.rows(space::FORM, key(&[&self.study, &subject]).range(), |at, form: FormState| {
                if let Some(place) = Place::from_key(at).filter(|p| form.frozen != self.frozen && self.part.holds(p)) {
                    places.push(place);
                }
                ControlFlow::Continue(())
            })?;
            if places.is_empty() {
                continue;
            }
            changed += places.len();
            let event = Frozen { study: self.study.clone(), forms: places, frozen: self.frozen };
            work.append(&self.study, &subject, "forms.frozen/1", &event, &self.reason)?;
        }
        Ok(changed)
    }
}

impl Part {
    fn holds(&self, place: &Place) -> bool {
        match self {
            Self::Form(form) => form == place,
            Self::Visit { visit, visit_repeat, .. } => *visit == place.visit && *visit_repeat == place.visit_repeat,
            Self::Subject { .. } | Self::Site { .. } => true,
        }
    }
}

impl Freeze {
    fn subjects(&self, work: &Work<'_, '_>) -> Result<Vec<String>, Refusal> {
        let Part::Site { site } = &self.part else {
            return Ok(vec![match &self.part {
                Part::Form(place) => place.subject.clone(),
                Part::Visit { subject, .. } | Part::Subject { subject } => subject.clone(),
                Part::Site { .. } => return Ok(Vec::new()),
            }]);
        };
        let mut subjects = Vec::new();
        work.rows(space::SUBJECT, key(&[&self.study]).range(), |_, subject: Subject| {
            if subject.site == *site {
                subjects.push(subject.id);
            }
            ControlFlow::Continue(())
        })?;
        Ok(subjects)
    }
}

/// Locks a study.
#[derive(Clone, Debug)]
pub struct LockStudy {
    /// The study.
    pub study: String,
    /// Why it is locked although something stands in the way; empty: it is not, then.
    pub in_spite: String,
    /// The proof of who locks.
    pub signature: Proof,
}

impl Command for LockStudy {
    /// The locking event.
    type Done = u64;
    const OPERATION: Operation = Operation::Lock;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        work.open_study(&self.study)?;
        let obstacles = obstacles::find(work.tx, work.record, &self.study, work.now_ms())?;
        if !obstacles.is_empty() && self.in_spite.trim().is_empty() {
            return Err(Refusal::state(
                format!("before the lock: {}", obstacles.words()),
                "settle them, or say why the study is locked in spite of them",
            ));
        }
        let name = access::reauthenticate(work, &self.signature)?;
        let locked = Locked { study: self.study.clone(), name, obstacles: obstacles.counts() };
        Ok(work.append(&self.study, "study", "study.locked/1", &locked, &self.in_spite)?.seq)
    }
}

/// Asks for a locked study to be unlocked.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct AskUnlock {
    pub study: String,
    pub reason: String,
}

impl Command for AskUnlock {
    type Done = ();
    const OPERATION: Operation = Operation::UnlockRequest;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why the study must be unlocked"));
        }
        match study::study(work.tx, &self.study)?.lock {
            Lock::Locked { unlock: None, .. } => {}
            Lock::Locked { unlock: Some(asked), .. } => {
                return Err(Refusal::state(
                    format!("{} has asked for this already", asked.by),
                    "another person can agree to it now",
                ));
            }
            Lock::Open => {
                return Err(Refusal::state(format!("study {} is not locked", self.study), "nothing needs to be done"));
            }
        }
        let asked = UnlockAsked { study: self.study.clone() };
        work.append(&self.study, "study", "unlock.asked/1", &asked, self.reason.trim())?;
        Ok(())
    }
}

/// Agrees to unlock a study that another person asked for.
#[derive(Clone, Debug)]
pub struct AgreeUnlock {
    /// The study.
    pub study: String,
    /// The proof of who agrees.
    pub signature: Proof,
}

impl Command for AgreeUnlock {
    type Done = ();
    const OPERATION: Operation = Operation::UnlockApprove;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let asked = match study::study(work.tx, &self.study)?.lock {
            Lock::Locked { unlock: Some(asked), .. } => asked,
            _ => {
                return Err(Refusal::state(
                    "nobody has asked for the study to be unlocked",
                    "one person asks, another agrees",
                ));
            }
        };
        if asked.by == work.account() {
            return Err(Refusal::state("you asked for it yourself", "unlocking takes two people: another one agrees"));
        }
        let name = access::reauthenticate(work, &self.signature)?;
        let unlocked = Unlocked { study: self.study.clone(), asked_by: asked.by, name };
        work.append(&self.study, "study", "study.unlocked/1", &unlocked, &asked.reason)?;
        Ok(())
    }
}

impl door::Reading<'_> {
    /// What stands in the way of a lock. O(forms of the study).
    pub fn obstacles(&self, study: &str) -> Result<Obstacles, Refusal> {
        self.allow(Operation::Read, &Scope::study(study))?;
        obstacles::find(self.view, self.record, study, self.now_ms)
    }
}

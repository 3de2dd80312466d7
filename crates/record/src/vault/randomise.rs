//! How is a subject randomised?
//!
//! What must be recorded before, the levels and the caps are looked at in public ([`Reading::ready`]); then, in the writer's transaction, they are looked
//! at again, the arm is taken from the vault, and the event holds it sealed. Who asked gets a number and never an arm. Each place of a list is given
//! once: the number of subjects in the stratum is read and raised in the same transaction.

use super::Vault;
use super::draw::{StudyVault, allocation_name};
use super::project::{SubjectRandomised, count_keys};
use super::setup::{self, value};
use super::state::{Randomised, SchemeFacts, VaultState};
use crate::access::{self, Operation, Proof, Scope};
use crate::capture::{Entered, FormState, Place, Save, Subject, SubjectStatus, enrol, local_day};
use crate::door::{self, Caller, Command, Reading, Work};
use crate::key::key;
use crate::refusal::{Fault, Refusal};
use crate::{space, study};
use croft_ledger::View;
use serde::Serialize;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a person looks at before they confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// The conditions, and whether each is met.
    pub conditions: Vec<Condition>,
    /// The factors with the subject's level; blank where none is recorded.
    pub levels: Vec<(String, String)>,
    /// What else stands in the way.
    pub obstacles: Vec<String>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Condition {
    pub says: String,
    pub met: bool,
}

impl Ready {
    /// Whether the subject can be randomised.
    pub fn is_ready(&self) -> bool {
        self.obstacles.is_empty()
            && self.conditions.iter().all(|c| c.met)
            && self.levels.iter().all(|l| !l.1.is_empty())
    }
}

/// What a randomised subject is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Given {
    pub subject: String,
    pub number: String,
}

struct Randomise {
    study: String,
    subject: String,
    signature: Proof,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// Randomises a subject.
    pub fn randomise(&self, caller: &Caller, study: &str, subject: &str, signature: Proof) -> Result<Given, Refusal> {
        let vault = self.opened(study)?;
        let (study, subject) = (study.to_owned(), subject.to_owned());
        self.record.execute(caller, Randomise { study, subject, signature, vault })
    }

    /// The same, calling back when it is durable.
    pub fn randomise_then(
        &self,
        caller: &Caller,
        (study, subject): (&str, &str),
        signature: Proof,
        reply: impl FnOnce(Result<Given, Refusal>) + Send + 'static,
    ) {
        match self.opened(study) {
            Err(refusal) => reply(Err(refusal)),
            Ok(vault) => {
                let (study, subject) = (study.to_owned(), subject.to_owned());
                self.record.execute_then(caller, Randomise { study, subject, signature, vault }, reply);
            }
        }
    }
}

/// A subject held against the newest scheme.
struct Candidate {
    facts: SchemeFacts,
    site: String,
    conditions: Vec<Condition>,
    levels: Vec<(String, String)>,
    obstacles: Vec<String>,
}

fn candidate(view: &dyn View, vault: &VaultState, study_id: &str, subject_id: &str) -> Result<Candidate, Refusal> {
    let facts = vault.scheme()?.clone();
    let subject: Subject = enrol::subject(view, study_id, subject_id)?;
    let site = study::site(view, study_id, &subject.site)?;
    let mut forms = Vec::new();
    door::rows(view, space::FORM, key(&[study_id, subject_id]).range(), |at, form: FormState| {
        forms.extend(Place::from_key(at).map(|place| (place, form)));
        ControlFlow::Continue(())
    })?;
    let conditions = facts.setup.requirements.iter().map(|requirement| Condition {
        says: requirement.says.clone(),
        met: requirement.is.contains(&value(&forms, &requirement.item)),
    });
    let conditions: Vec<Condition> = conditions.collect();
    let levels = facts.setup.factors.iter().map(|factor| {
        let level = match factor.from.as_str() {
            "SITE" => site.id.clone(),
            "COUNTRY" => site.country.clone(),
            item => value(&forms, item),
        };
        (factor.name.clone(), level)
    });
    let levels: Vec<(String, String)> = levels.collect();
    let mut obstacles = Vec::new();
    if subject.status == SubjectStatus::Withdrawn {
        obstacles.push("the subject has left the study".to_owned());
    }
    if !site.open {
        obstacles.push(format!("site {} is closed", site.id));
    }
    if let Some(done) = door::row::<Randomised>(view, space::RANDOMISED, &key(&[study_id, subject_id]))? {
        obstacles.push(format!("the subject is randomised already: {}", done.number));
    }
    for ((name, level), factor) in levels.iter().zip(&facts.factors) {
        if !level.is_empty() && !factor.levels.contains(level) {
            obstacles.push(format!("{name}: the scheme has no level `{level}`"));
        }
    }
    let joined: Vec<&str> = levels.iter().map(|(_, level)| level.as_str()).collect();
    let is_in = |stratum: &String| {
        let parts: Vec<&str> = if stratum.is_empty() { Vec::new() } else { stratum.split('-').collect() };
        parts.len() <= joined.len() && parts.iter().zip(&joined).all(|(a, b)| a == b)
    };
    if let Some(stratum) = vault.closed.iter().find(|stratum| is_in(stratum)) {
        obstacles.push(format!("the stratum {stratum} is closed"));
    }
    let counts = counts(view, study_id, &site.id, facts.version, "")?;
    let caps = &facts.setup.caps;
    for (cap, count, what) in [(caps.study, counts[0], "the study"), (caps.site, counts[1], "the site")] {
        if cap.is_some_and(|cap| count >= cap) {
            obstacles.push(format!("{what} has its {count} subjects"));
        }
    }
    Ok(Candidate { facts, site: site.id, conditions, levels, obstacles })
}

/// Subjects randomised in the study, at the site, in the stratum.
fn counts(view: &dyn View, study: &str, site: &str, version: u32, stratum: &str) -> Result<[u32; 3], Refusal> {
    let mut counts = [0; 3];
    for (count, at) in counts.iter_mut().zip(count_keys(study, site, version, stratum)) {
        *count = door::row(view, space::RANDOMISED_COUNT, &at)?.unwrap_or_default();
    }
    Ok(counts)
}

impl Command for Randomise {
    type Done = Given;
    const OPERATION: Operation = Operation::Randomise;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Given, Refusal> {
        work.open_study(&self.study)?;
        access::reauthenticate(work, &self.signature)?;
        let state = super::state(work.tx, &self.study)?;
        let candidate = candidate(work.tx, &state, &self.study, &self.subject)?;
        candidate.refuse()?;
        let Candidate { facts, site, levels, .. } = candidate;
        let levels: Vec<String> = levels.into_iter().map(|(_, level)| level).collect();
        let open = self.vault.scheme(work.tx, facts.version)?;
        let stratum = open.stratum_of(&levels);
        let [all, _, before] = counts(work.tx, &self.study, &site, facts.version, &stratum)?;
        if facts.setup.caps.stratum.is_some_and(|cap| before >= cap) {
            return Err(Refusal::state(format!("the stratum has its {before} subjects"), "ask the sponsor"));
        }
        let allocation = self.vault.next(work.tx, (facts.version, &stratum), &levels, before)?;
        let code = self.vault.keys().seal_code(&allocation_name(&self.study, &self.subject), &allocation)?;
        let order = all + 1;
        let number = setup::number(&facts.setup.number, order)
            .ok_or_else(|| Refusal::Damaged("the rule of randomisation numbers".to_owned()))?;
        let event = SubjectRandomised {
            study: self.study.clone(),
            subject: self.subject.clone(),
            site,
            number: number.clone(),
            version: facts.version,
            levels,
            stratum,
            order,
            code,
        };
        work.append(&self.study, &self.subject, "subject.randomised/1", &event, "")?;
        if let Some(record) = &facts.setup.record {
            let field = |item: &str, text: String| {
                let (group, item) = item.split_once('.').unwrap_or((item, ""));
                Entered { group: group.to_owned(), row: 1, item: item.to_owned(), text, ..Entered::default() }
            };
            let mut entries = vec![field(&record.number, number.clone())];
            if let Some(date) = &record.date {
                entries.push(field(date, local_day(work.now_ms(), work.caller.offset_min).to_string()));
            }
            let place = Place::first(&self.subject, &record.visit, &record.form);
            Save { study: self.study, place, entries, ..Save::default() }.run(work)?;
        }
        Ok(Given { subject: self.subject, number })
    }
}

impl Candidate {
    /// Everything that stands in the way, at once.
    fn refuse(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        for condition in self.conditions.iter().filter(|condition| !condition.met) {
            faults.push(Fault::new(&condition.says, "is not met", "record it, then randomise"));
        }
        for (name, _) in self.levels.iter().filter(|(_, level)| level.is_empty()) {
            faults.push(Fault::new(name, "is not recorded", "record it, then randomise"));
        }
        for obstacle in &self.obstacles {
            faults.push(Fault::new("randomisation", obstacle, "the subject cannot be randomised as things stand"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid { faults }) }
    }
}

/// A randomised subject as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct RandomisedFacts {
    pub subject: String,
    pub site: String,
    pub number: String,
    pub levels: Vec<String>,
    pub at_ms: i64,
    pub by: String,
}

impl From<Randomised> for RandomisedFacts {
    fn from(row: Randomised) -> Self {
        let Randomised { subject, site, number, levels, at_ms, by, .. } = row;
        Self { subject, site, number, levels, at_ms, by }
    }
}

impl Reading<'_> {
    /// What everybody may know of a study's randomisation; `None`: no scheme is sealed.
    pub fn randomisation(&self, study: &str) -> Result<Option<VaultFacts>, Refusal> {
        self.study(study)?;
        let Some(state) = self.row::<VaultState>(space::VAULT, &key(&[study]))? else { return Ok(None) };
        if state.schemes.is_empty() {
            return Ok(None);
        }
        Ok(Some(VaultFacts { schemes: state.schemes, closed: state.closed, unblinding: state.unblinding }))
    }

    /// Whether a subject can be randomised, and what stands in the way.
    pub fn ready(&self, study: &str, subject: &str) -> Result<Ready, Refusal> {
        self.allow(Operation::Read, &enrol::scope(self.view, study, subject)?)?;
        let state = super::state(self.view, study)?;
        let Candidate { conditions, levels, obstacles, .. } = candidate(self.view, &state, study, subject)?;
        Ok(Ready { conditions, levels, obstacles })
    }

    /// A subject's randomisation, when it has one.
    pub fn randomised_subject(&self, study: &str, subject: &str) -> Result<Option<RandomisedFacts>, Refusal> {
        self.allow(Operation::Read, &enrol::scope(self.view, study, subject)?)?;
        let row: Option<Randomised> = self.row(space::RANDOMISED, &key(&[study, subject]))?;
        Ok(row.map(RandomisedFacts::from))
    }

    /// The randomised subjects that the caller may read, or read the codes of, in the order of their randomisation.
    pub fn randomised(&self, study: &str) -> Result<Vec<RandomisedFacts>, Refusal> {
        self.study(study)?;
        let mut rows: Vec<Randomised> = Vec::new();
        self.rows(space::RANDOMISED, key(&[study]).range(), |_, row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        let reads_codes = self.may(Operation::CodesRead, &Scope::study(study));
        rows.retain(|row| reads_codes || self.may(Operation::Read, &Scope::site(study, &row.site)));
        rows.sort_by_key(|row| row.order);
        Ok(rows.into_iter().map(RandomisedFacts::from).collect())
    }
}

/// What everybody may know of a study's randomisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VaultFacts {
    /// Schemes, the newest last.
    pub schemes: Vec<SchemeFacts>,
    /// Strata that take no more subjects.
    pub closed: Vec<String>,
    /// How far unblinding is.
    pub unblinding: super::state::Unblinding,
}

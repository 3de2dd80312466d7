//! Who stands for what is recorded?
//!
//! A signature names its meaning and is bound to content: a SHA-256 over every value, unit and missing reason of the forms it covers, the
//! version of each form and the queries that were open. The person proves again who they are. It falls by itself when anything it covers
//! changes; what it covered can be computed again and compared at any time (21 CFR 11.50, 11.70).

mod digest;
mod project;

pub(crate) use project::project;

use crate::access::{self, Operation, Proof, Scope};
use crate::capture::{FormState, Place, enrol};
use crate::door::{self, Command, Reading, Work};
use crate::key::{Key, key};
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use project::{Signed, Voided};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the address's")]
pub enum Covers {
    Form(Place),
    Visit { subject: String, visit: String, visit_repeat: u32 },
    Subject { subject: String },
}

impl Covers {
    /// The subject.
    pub fn subject(&self) -> &str {
        match self {
            Self::Form(place) => &place.subject,
            Self::Visit { subject, .. } | Self::Subject { subject } => subject,
        }
    }

    fn holds(&self, place: &Place) -> bool {
        match self {
            Self::Form(form) => form == place,
            Self::Visit { visit, visit_repeat, .. } => *visit == place.visit && *visit_repeat == place.visit_repeat,
            Self::Subject { .. } => true,
        }
    }
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The event that made it.
    pub number: u64,
    /// What it covers.
    pub covers: Covers,
    /// The forms that it covers.
    pub forms: Vec<Place>,
    /// The account.
    pub account: String,
    /// The name as printed.
    pub name: String,
    /// The role in which it was given.
    pub role: String,
    /// What it means: `I have reviewed these data and they are accurate`.
    pub meaning: String,
    /// When, UTC.
    pub at_ms: i64,
    /// Minutes east of UTC where it was given.
    pub offset_min: i32,
    /// The queries that were open then.
    pub queries: Vec<u64>,
    /// SHA-256 over what it covers, in hexadecimal.
    pub digest: String,
    /// The event that made it void, and when.
    pub void: Option<(u64, i64)>,
}

/// Signs.
#[derive(Clone, Debug)]
pub struct Sign {
    /// The study.
    pub study: String,
    /// What.
    pub covers: Covers,
    /// What the signature means.
    pub meaning: String,
    /// The proof of who signs.
    pub signature: Proof,
}

impl Command for Sign {
    type Done = u64;
    const OPERATION: Operation = Operation::Sign;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, self.covers.subject())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        work.open_study(&self.study)?;
        enrol::subject(work.tx, &self.study, self.covers.subject())?;
        if self.meaning.trim().is_empty() {
            return Err(Refusal::invalid("meaning", "is empty", "say what the signature means"));
        }
        let forms = covered(work.tx, &self.study, &self.covers)?;
        if forms.is_empty() {
            return Err(Refusal::absent("recorded form", "to sign"));
        }
        if let Some((place, _)) = forms.iter().find(|(_, form)| !form.complete) {
            return Err(Refusal::state(
                format!("form {} at {} is not complete", place.form, place.visit),
                "complete the forms, then sign",
            ));
        }
        let name = access::reauthenticate(work, &self.signature)?;
        let queries: Vec<u64> = forms.iter().flat_map(|(_, form)| form.queries.keys().copied()).collect();
        let digest = digest::digest(&self.study, &forms, &queries);
        let signed = Signed {
            study: self.study.clone(),
            covers: self.covers,
            forms: forms.into_iter().map(|(place, _)| place).collect(),
            name,
            meaning: self.meaning.trim().to_owned(),
            queries,
            digest,
        };
        let subject = signed.covers.subject().to_owned();
        Ok(work.append(&self.study, &subject, "signed/1", &signed, "")?.seq)
    }
}

/// The recorded forms that a signature would cover, in the order of their places.
fn covered(view: &dyn View, study: &str, covers: &Covers) -> Result<Vec<(Place, FormState)>, Refusal> {
    let mut forms = Vec::new();
    door::rows(view, space::FORM, key(&[study, covers.subject()]).range(), |at, form: FormState| {
        if let Some(place) = Place::from_key(at).filter(|p| covers.holds(p)) {
            forms.push((place, form));
        }
        ControlFlow::Continue(())
    })?;
    Ok(forms)
}

/// After a change of a form: the signatures on it fall.
pub(crate) fn void_by_change(
    work: &mut Work<'_, '_>,
    study: &str,
    place: &Place,
    form: &FormState,
) -> Result<(), Refusal> {
    for number in &form.signatures {
        let voided = Voided { study: study.to_owned(), signature: *number, form: place.clone() };
        work.append_system(study, &place.subject, "signature.voided/1", &voided)?;
    }
    Ok(())
}

impl Reading<'_> {
    /// A signature.
    pub fn signature(&self, study: &str, number: u64) -> Result<Signature, Refusal> {
        let found: Signature = self
            .row(space::SIGNATURE, &Key::default().text(study).number(number))?
            .ok_or_else(|| Refusal::absent("signature", number.to_string()))?;
        let site = enrol::subject(self.view, study, found.covers.subject())?.site;
        self.allow(Operation::Read, &Scope::site(study, &site))?;
        Ok(found)
    }

    /// The signatures of a subject, those that fell too, oldest first. O(signatures of the subject).
    pub fn signatures(&self, study: &str, subject: &str) -> Result<Vec<Signature>, Refusal> {
        self.allow(Operation::Read, &enrol::scope(self.view, study, subject)?)?;
        enrol::subject(self.view, study, subject)?;
        let mut numbers = Vec::new();
        self.rows(space::SIGNATURE_SUBJECT, key(&[study, subject]).range(), |at, ()| {
            numbers.extend(crate::key::segments(at).last().and_then(|n| n.parse::<u64>().ok()));
            ControlFlow::Continue(())
        })?;
        let mut found = Vec::new();
        for number in numbers {
            found.extend(self.row::<Signature>(space::SIGNATURE, &Key::default().text(study).number(number))?);
        }
        Ok(found)
    }

    /// The form whose change made a signature void; none while it stands.
    pub fn voided_by(&self, study: &str, signature: &Signature) -> Result<Option<Place>, Refusal> {
        let Some((event, _)) = signature.void else { return Ok(None) };
        let event = self.event(study, event)?;
        let voided: Voided = serde_json::from_str(&event.payload)
            .map_err(|e| Refusal::Damaged(format!("event {} of {study}: {e}", event.seq)))?;
        Ok(Some(voided.form))
    }

    /// Whether what a signature covers is what was signed.
    pub fn signature_holds(&self, study: &str, number: u64) -> Result<bool, Refusal> {
        let signature = self.signature(study, number)?;
        if signature.void.is_some() {
            return Ok(false);
        }
        let mut forms = covered(self.view, study, &signature.covers)?;
        forms.retain(|(place, _)| signature.forms.contains(place));
        Ok(digest::digest(study, &forms, &signature.queries) == signature.digest)
    }
}

//! Publishing a version of a study's definition.
//!
//! A version is published whole or not at all: its texts are compiled, its checks' worked examples run, and the person signs with
//! their password. It goes to the training twin in the same step, so that people can practise on what is live.

use super::project::Published;
use super::{Study, study, twin_of};
use crate::access::{self, Operation, Proof, Scope};
use crate::definition::{self, Change, Compiled, Files};
use crate::door::{self, Command, Reading, Work};
use crate::key::key;
use crate::refusal::{Fault, Refusal};
use crate::space;
use croft_ledger::View;

/// Publishes a version.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The study.
    pub study: String,
    /// `study.toml` and `forms/*.toml`.
    pub files: Files,
    /// What the version is for.
    pub note: String,
    /// The person's signature on it.
    pub signature: Proof,
}

impl Command for Publish {
    type Done = u32;
    const OPERATION: Operation = Operation::StudyPublish;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u32, Refusal> {
        let target = work.open_study(&self.study)?;
        let compiled = check(&self.study, &self.files)?;
        let digest = definition::digest(&self.files);
        if target.versions.last().is_some_and(|v| v.digest == digest) {
            return Err(Refusal::state(
                "this version is published already: its texts are the same",
                "change a text first",
            ));
        }
        if self.note.trim().is_empty() {
            return Err(Refusal::invalid(
                "note",
                "is empty",
                "say what the version is for, such as `protocol amendment 2`",
            ));
        }
        access::reauthenticate(work, &self.signature)?;
        drop(compiled);
        let number = target.current().unwrap_or(0) + 1;
        let published = Published { study: self.study.clone(), number, note: self.note, digest, files: self.files };
        work.append(&self.study, "study", "version.published/1", &published, "")?;
        let twin = twin_of(&self.study);
        if let Some(twin) = door::row::<Study>(work.tx, space::STUDY, &key(&[&twin]))? {
            let number = twin.current().unwrap_or(0) + 1;
            let to_twin = Published { study: twin.id.clone(), number, ..published };
            work.append(&twin.id, "study", "version.published/1", &to_twin, "")?;
        }
        Ok(number)
    }
}

/// The texts, compiled, with their worked examples passed.
fn check(study: &str, files: &Files) -> Result<Compiled, Refusal> {
    let compiled = Compiled::compile(files).map_err(|problems| Refusal::Invalid {
        faults: problems.into_iter().map(|p| Fault::new(p.place(), p.message, p.hint)).collect(),
    })?;
    if compiled.definition.study.id != study && twin_of(&compiled.definition.study.id) != study {
        return Err(Refusal::invalid(
            "study.toml",
            format!("is of study `{}`, not of `{study}`", compiled.definition.study.id),
            "correct study.id",
        ));
    }
    let failed: Vec<Fault> = compiled
        .run_cases()
        .into_iter()
        .filter(|case| !case.passed())
        .map(|case| Fault::new(case.place(), case.message(), "correct the check, or its worked example"))
        .collect();
    if failed.is_empty() { Ok(compiled) } else { Err(Refusal::Invalid { faults: failed }) }
}

/// What a version would change, before it is published.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What is wrong with it; empty when it can be published.
    pub faults: Vec<Fault>,
    /// Against the version that is current.
    pub changes: Vec<Change>,
}

/// What publishing these texts would change.
pub fn preview(reading: &Reading<'_>, id: &str, files: &Files) -> Result<Preview, Refusal> {
    reading.allow(Operation::StudyRead, &Scope::study(id))?;
    let target = study(reading.view, id)?;
    let compiled = match check(id, files) {
        Ok(compiled) => compiled,
        Err(Refusal::Invalid { faults }) => return Ok(Preview { faults, changes: Vec::new() }),
        Err(other) => return Err(other),
    };
    let changes = match target.current() {
        Some(number) => definition::diff(&*reading.version(id, number)?, &compiled),
        None => Vec::new(),
    };
    Ok(Preview { faults: Vec::new(), changes })
}

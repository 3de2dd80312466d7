//! Creating a study, and its training twin.

use super::project::Created;
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_core::StudyId;
use croft_ledger::View;

/// Creates a study and, beside it, its training twin.
#[derive(Clone, Debug)]
pub struct CreateStudy {
    /// Letters, digits and hyphens.
    pub id: String,
    /// What people read.
    pub title: String,
}

/// The identifier of a study's training twin.
pub fn twin_of(study: &str) -> String {
    format!("{study}-TRAINING")
}

impl Command for CreateStudy {
    type Done = ();
    const OPERATION: Operation = Operation::StudyCreate;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let fits = self.id.parse::<StudyId>().is_ok()
            && self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !self.id.eq_ignore_ascii_case("org");
        if !fits {
            return Err(Refusal::invalid(
                "id",
                "is no study identifier",
                "use letters, digits and hyphens, such as CRB101",
            ));
        }
        if self.title.trim().is_empty() {
            return Err(Refusal::invalid("title", "is empty", "give the title that people will read"));
        }
        for (id, training) in [(self.id.clone(), false), (twin_of(&self.id), true)] {
            if door::row::<super::Study>(work.tx, space::STUDY, &key(&[&id]))?.is_some() {
                return Err(Refusal::state(format!("there is a study {id} already"), "choose another identifier"));
            }
            let created = Created { study: id.clone(), title: self.title.trim().to_owned(), training };
            work.append(&id, "study", "study.created/1", &created, "")?;
        }
        Ok(())
    }
}

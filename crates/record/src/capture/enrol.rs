//! How does a subject come in, and leave?

use super::project::{Enrolled, Withdrawn};
use super::state::{Subject, SubjectStatus};
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::{space, study};
use croft_core::SubjectId;
use croft_ledger::View;

/// Enrols a subject at a site.
#[derive(Clone, Debug)]
pub struct Enrol {
    /// The study.
    pub study: String,
    /// The site.
    pub site: String,
    /// Its number; none: the study's rule makes one.
    pub subject: Option<String>,
}

impl Command for Enrol {
    type Done = String;
    const OPERATION: Operation = Operation::Enrol;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::site(&self.study, &self.site))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<String, Refusal> {
        let target = work.open_study(&self.study)?;
        let (_, definition) = work.current_version(&target)?;
        let site = study::site(work.tx, &self.study, &self.site)?;
        if !site.open {
            return Err(Refusal::state(
                format!("site {} takes no more subjects", site.id),
                "enrol at a site that is open",
            ));
        }
        let number = site.last_subject + 1;
        let id = match self.subject {
            Some(id) => id,
            None => subject_number(&definition.definition.capture.subject_number, &site.id, number)?,
        };
        if let Err(error) = id.parse::<SubjectId>() {
            return Err(Refusal::invalid("subject", error.to_string(), error.hint()));
        }
        if door::row::<Subject>(work.tx, space::SUBJECT, &key(&[&self.study, &id]))?.is_some() {
            return Err(Refusal::invalid("subject", format!("{id} is enrolled already"), "give the next free number"));
        }
        let enrolled = Enrolled { study: self.study.clone(), site: self.site, subject: id.clone(), number };
        work.append(&self.study, &id, "subject.enrolled/1", &enrolled, "")?;
        Ok(id)
    }
}

/// The number that the rule makes: `{site}-{number:3}` gives `101-007`.
fn subject_number(rule: &str, site: &str, number: u32) -> Result<String, Refusal> {
    let wrong = || {
        Refusal::invalid(
            "study.toml",
            format!("capture.subject_number is `{rule}`, from which no number can be made"),
            "write it like `{site}-{number:3}`",
        )
    };
    let (head, rest) = rule.split_once("{number").ok_or_else(wrong)?;
    let (width, tail) = rest.split_once('}').ok_or_else(wrong)?;
    let width: usize = match width.strip_prefix(':') {
        None if width.is_empty() => 1,
        Some(digits) => digits.parse().ok().filter(|w| (1..=9).contains(w)).ok_or_else(wrong)?,
        None => return Err(wrong()),
    };
    Ok(format!("{head}{number:0width$}{tail}").replace("{site}", site))
}

/// Ends a subject's participation. What is recorded stays, and can be completed and cleaned.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Withdraw {
    pub study: String,
    pub subject: String,
    pub reason: String,
}

impl Command for Withdraw {
    type Done = ();
    const OPERATION: Operation = Operation::Withdraw;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        scope(view, &self.study, &self.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        work.open_study(&self.study)?;
        if subject(work.tx, &self.study, &self.subject)?.status == SubjectStatus::Withdrawn {
            return Err(Refusal::state(
                format!("subject {} has left already", self.subject),
                "nothing needs to be done",
            ));
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why the subject leaves"));
        }
        let withdrawn = Withdrawn { study: self.study.clone(), subject: self.subject.clone() };
        work.append(&self.study, &self.subject, "subject.withdrawn/1", &withdrawn, &self.reason)?;
        Ok(())
    }
}

/// The subject, or that there is none.
pub(crate) fn subject(view: &dyn View, study: &str, id: &str) -> Result<Subject, Refusal> {
    door::row(view, space::SUBJECT, &key(&[study, id]))?.ok_or_else(|| Refusal::absent("subject", id))
}

/// Where rights are asked for what concerns a subject: its site. A number that nobody has is of no site, so that who may not look at all sites
/// gets the same answer for it as for a number of another site.
pub(crate) fn scope(view: &dyn View, study: &str, id: &str) -> Result<Scope, Refusal> {
    let found: Option<Subject> = door::row(view, space::SUBJECT, &key(&[study, id]))?;
    Ok(Scope::site(study, found.as_ref().map_or("", |subject| &subject.site)))
}

#[cfg(test)]
mod tests {
    use super::subject_number;

    #[test]
    fn numbers_are_made_by_the_studys_rule() {
        assert_eq!(subject_number("{site}-{number:3}", "101", 7).unwrap(), "101-007");
        assert_eq!(subject_number("S{number}", "101", 12).unwrap(), "S12");
        for rule in ["{site}", "{number:0}", "{number:x}", "{number"] {
            assert!(subject_number(rule, "101", 1).is_err(), "{rule}");
        }
    }
}

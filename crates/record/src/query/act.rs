//! Opening, answering, closing, reopening and cancelling queries.

use super::{Opened, Query, Said, Status, query};
use crate::access::{Operation, Scope};
use crate::capture::{FormState, Place, enrol};
use crate::door::{self, Command, Work};
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;

/// Asks about an item, a row, or a whole form.
#[derive(Clone, Debug)]
pub struct Open {
    /// The study.
    pub study: String,
    /// The form.
    pub place: Place,
    /// Group; empty for the whole form.
    pub group: String,
    /// Row.
    pub row: u32,
    /// Item; empty for the whole row.
    pub item: String,
    /// The question.
    pub text: String,
}

impl Command for Open {
    type Done = u64;
    const OPERATION: Operation = Operation::QueryOpen;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.place.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        let study = work.open_study(&self.study)?;
        enrol::subject(work.tx, &self.study, &self.place.subject)?;
        said_something(&self.text)?;
        let form: Option<FormState> = door::row(work.tx, space::FORM, &self.place.key(&self.study))?;
        let number = form.as_ref().map(|f| f.version).or(study.current()).unwrap_or(0);
        let definition = work.version(&self.study, number)?;
        let place = &self.place;
        let known = match (self.group.as_str(), self.item.as_str()) {
            ("", "") => definition.form(&place.form).is_some(),
            (group, "") => definition.group(&place.form, group).is_some(),
            (group, item) => definition.item(&place.form, group, item).is_some(),
        };
        if !known {
            return Err(Refusal::absent("item", format!("{}/{}/{}", place.form, self.group, self.item)));
        }
        let site = enrol::subject(work.tx, &self.study, &place.subject)?.site;
        let opened = Opened {
            study: self.study.clone(),
            site,
            place: self.place,
            group: self.group,
            row: self.row,
            item: self.item,
            check: String::new(),
            text: self.text,
        };
        let stream = opened.place.subject.clone();
        Ok(work.append(&self.study, &stream, "query.opened/1", &opened, "")?.seq)
    }
}

fn said_something(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text", "is empty", "write what you ask or answer"));
    }
    Ok(())
}

/// The commands that say something in a query that is there.
macro_rules! says {
    ($(#[$doc:meta])* $name:ident, $operation:expr, $kind:literal, from $($from:ident)|+, asker $asker:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The study.
            pub study: String,
            /// The query.
            pub query: u64,
            /// What is said.
            pub text: String,
        }

        impl Command for $name {
            type Done = ();
            const OPERATION: Operation = $operation;

            fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
                // As with subjects: a number that no query has is of no site.
                let found = super::find(view, &self.study, self.query)?;
                Ok(Scope::site(&self.study, found.as_ref().map_or("", |query| &query.site)))
            }

            fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
                work.open_study(&self.study)?;
                said_something(&self.text)?;
                let asked = query(work.tx, &self.study, self.query)?;
                if !matches!(asked.status, $(Status::$from)|+) {
                    return Err(Refusal::state(
                        format!("query {} is {}", self.query, asked.status.word()),
                        "look at what was said last",
                    ));
                }
                if $asker {
                    may_settle(work, &asked)?;
                }
                let said = Said { study: self.study.clone(), query: self.query, text: self.text, check_holds: false };
                work.append(&self.study, &asked.place.subject, $kind, &said, "")?;
                Ok(())
            }
        }
    };
}

says!(
    /// Answers a query, for the site.
    Answer, Operation::QueryAnswer, "query.answered/1", from Open, asker false
);
says!(
    /// Closes a query, for the side that asked.
    Close, Operation::QueryClose, "query.closed/1", from Open | Answered, asker true
);
says!(
    /// Opens a query again: the answer does not settle it.
    Reopen, Operation::QueryReopen, "query.reopened/1", from Answered | Closed, asker true
);
says!(
    /// Takes a query back: it should not have been asked.
    Cancel, Operation::QueryCancel, "query.cancelled/1", from Open | Answered, asker true
);

/// Only the role that asked settles a query; a check's query is settled by whoever may close queries at all.
fn may_settle(work: &Work<'_, '_>, asked: &Query) -> Result<(), Refusal> {
    if asked.asked_by_role == "system" || asked.asked_by_role == work.role() || work.role() == "system" {
        return Ok(());
    }
    Err(Refusal::state(
        format!("query {} was asked by a {}", asked.number, asked.asked_by_role),
        "only the side that asked can settle it",
    ))
}

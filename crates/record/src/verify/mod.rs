//! Which values were compared with their source?
//!
//! Source data verification is marked item by item. A plan says which items are due: all, those marked critical, or critical ones of
//! every subject and all of a share of subjects, drawn from a recorded seed so that the draw can be made again. A change takes the
//! mark of the item that changed and of no other.

use crate::access::{Operation, Scope};
use crate::capture::{FormState, Place, change_form, enrol, read};
use crate::definition::Compiled;
use crate::door::{Command, Reading, Work};
use crate::key::key;
use crate::project::{Failure, payload};
use crate::refusal::Refusal;
use crate::space;
use croft_design::definition::VerificationPlan;
use croft_ledger::{Event, State, View};
use croft_num::random::Stream;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// An item of a form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct At {
    pub group: String,
    pub row: u32,
    pub item: String,
}

/// `items.verified/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub study: String,
    #[serde(flatten)]
    pub place: Place,
    pub items: Vec<At>,
    pub verified: bool,
}

/// Marks items as compared with their source, or takes the mark back.
#[derive(Clone, Debug)]
pub struct Verify {
    /// The study.
    pub study: String,
    /// The form.
    pub place: Place,
    /// The items; none: all that are due.
    pub items: Option<Vec<At>>,
    /// Marks, or takes the mark back.
    pub verified: bool,
    /// The form's last event on the screen: what was changed since was not compared.
    pub base: Option<u64>,
}

impl Command for Verify {
    /// How many marks changed.
    type Done = usize;
    const OPERATION: Operation = Operation::Verify;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.place.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<usize, Refusal> {
        work.open_study(&self.study)?;
        enrol::subject(work.tx, &self.study, &self.place.subject)?;
        let form = read::form_state(work.tx, &self.study, &self.place)?;
        let definition = work.version(&self.study, form.version)?;
        let items = match self.items {
            Some(items) => items,
            None => due(&definition, &self.study, &self.place, &form),
        };
        let mut marks = Vec::new();
        for at in items {
            let item = form
                .item(&at.group, at.row, &at.item)
                .filter(|i| !i.is_blank())
                .ok_or_else(|| Refusal::absent("recorded item", format!("{}/{}/{}", at.group, at.row, at.item)))?;
            if self.base.is_some_and(|base| item.event > base) {
                return Err(Refusal::Conflict {
                    message: format!("{} was changed since the form was opened", at.item),
                    places: vec![format!("{}/{}/{}", at.group, at.row, at.item)],
                });
            }
            if (item.verified > 0) != self.verified {
                marks.push(at);
            }
        }
        if marks.is_empty() {
            return Ok(0);
        }
        let changed = marks.len();
        let event = Verified { study: self.study.clone(), place: self.place, items: marks, verified: self.verified };
        work.append(&self.study, &event.place.subject, "items.verified/1", &event, "")?;
        Ok(changed)
    }
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    if event.kind != "items.verified/1" {
        return Ok(false);
    }
    let verified: Verified = payload(event)?;
    let mark = if verified.verified { event.seq } else { 0 };
    change_form(state, &verified.study, &verified.place, event.seq, |form| {
        for at in &verified.items {
            let row = form.groups.get_mut(&at.group).and_then(|rows| rows.get_mut(&at.row));
            if let Some(item) = row.and_then(|r| r.items.get_mut(&at.item)) {
                item.verified = mark;
            }
        }
    })?;
    Ok(true)
}

/// Whether every item of this subject is due under a plan that draws a share of them.
///
/// The draw is a uniform number of the stream named by seed, study, `verification` and subject, below the share.
pub fn is_drawn(percent: u32, seed: u64, study: &str, subject: &str) -> bool {
    100.0 * Stream::new(seed, study, "verification", subject).uniform() < f64::from(percent)
}

/// The filled items of a form that are due for verification. Computed items are not: their sources are.
pub fn due(definition: &Compiled, study: &str, place: &Place, form: &FormState) -> Vec<At> {
    let all = match &definition.definition.capture.verification {
        VerificationPlan::All => true,
        VerificationPlan::Critical => false,
        VerificationPlan::Sample { percent, seed } => is_drawn(*percent, *seed, study, &place.subject),
    };
    let mut found = Vec::new();
    for (group, rows) in &form.groups {
        for (row, state) in rows.iter().filter(|(_, r)| !r.void) {
            for (name, item) in state.items.iter().filter(|(_, i)| !i.is_blank()) {
                let planned = definition.item(&place.form, group, name);
                if planned.is_some_and(|p| p.derive.is_none() && (all || p.critical)) && item.event > 0 {
                    found.push(At { group: group.clone(), row: *row, item: name.clone() });
                }
            }
        }
    }
    found
}

/// A form of the verification table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub struct FormDue {
    pub place: Place,
    pub site: String,
    /// The form's last event: what is verified from a list is verified as it stood there.
    pub event: u64,
    /// Items that are due.
    pub due: usize,
    /// Of these, verified.
    pub verified: usize,
}

impl Reading<'_> {
    /// The forms of the subjects behind `after` with what is due on each, subject by subject, at least `limit` forms or all.
    pub fn verification(
        &self,
        study: &str,
        site: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<FormDue>, Refusal> {
        let filter = crate::capture::read::MatrixFilter {
            site: site.map(str::to_owned),
            after: after.map(str::to_owned),
            holds: String::new(),
            limit: limit.max(1),
        };
        let mut found = Vec::new();
        for subject in self.matrix(study, &filter)? {
            let mut forms = Vec::new();
            self.rows(space::FORM, key(&[study, &subject.id]).range(), |at, form: FormState| {
                forms.extend(Place::from_key(at).map(|place| (place, form)));
                ControlFlow::Continue(())
            })?;
            for (place, form) in forms.into_iter().filter(|(_, f)| f.version > 0) {
                let definition = self.version(study, form.version)?;
                let due = due(&definition, study, &place, &form);
                let verified =
                    due.iter().filter(|a| form.item(&a.group, a.row, &a.item).is_some_and(|i| i.verified > 0)).count();
                found.push(FormDue { place, site: subject.site.clone(), event: form.event, due: due.len(), verified });
            }
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::is_drawn;

    #[test]
    fn the_draw_is_made_again_and_takes_its_share() {
        let drawn = |seed| (0..4000).filter(|n| is_drawn(20, seed, "S", &n.to_string())).count();
        assert_eq!(drawn(7), drawn(7));
        // 4 standard errors of a share of 0.2 among 4000: 101.
        assert!(drawn(7).abs_diff(800) < 102, "{}", drawn(7));
        assert!((0..50).all(|n| is_drawn(100, 7, "S", &n.to_string())));
        assert!(!(0..50).any(|n| is_drawn(0, 7, "S", &n.to_string())));
    }
}

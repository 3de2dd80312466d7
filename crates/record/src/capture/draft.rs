//! What did somebody type and not yet save?
//!
//! A draft is nobody's record: it stands in a working space, one for each account and form, and is gone with the next save of that form by that
//! account. What identifies a person is never kept in a draft.

use super::enrol;
use super::save::Entered;
use super::state::{FormState, Place};
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Reading, Work};
use crate::key::{Key, key};
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};

/// A draft of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// When it was kept.
    pub at_ms: i64,
    /// The form's last event when the typing began.
    pub base: u64,
    /// What was typed.
    pub fields: Vec<Drafted>,
}

/// A typed field of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the address's and the value's")]
pub struct Drafted {
    pub group: String,
    pub row: u32,
    pub item: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
}

/// Keeps a draft; without fields, throws it away.
#[derive(Clone, Debug)]
pub struct KeepDraft {
    /// The study.
    pub study: String,
    /// The form.
    pub place: Place,
    /// The form's last event on the screen.
    pub base: u64,
    /// What was typed.
    pub entries: Vec<Entered>,
}

impl Command for KeepDraft {
    /// When it was kept.
    type Done = i64;
    const OPERATION: Operation = Operation::Enter;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.place.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<i64, Refusal> {
        let study = work.open_study(&self.study)?;
        enrol::subject(work.tx, &self.study, &self.place.subject)?;
        let at = draft_key(&self.study, work.account(), &self.place);
        if self.entries.is_empty() {
            work.tx.delete(space::DRAFT, at.bytes());
            return Ok(work.now_ms());
        }
        let form: Option<FormState> = door::row(work.tx, space::FORM, &self.place.key(&self.study))?;
        let number = form.map(|f| f.version).filter(|v| *v > 0).or(study.current()).unwrap_or(0);
        let definition = work.version(&self.study, number)?;
        let kept = |e: &Entered| {
            definition
                .item(&self.place.form, &e.group, &e.item)
                .is_some_and(|item| !item.identifying && item.derive.is_none())
        };
        let fields = self.entries.iter().filter(|e| kept(e)).map(|e| Drafted {
            group: e.group.clone(),
            row: e.row,
            item: e.item.clone(),
            text: e.text.clone(),
            unit: e.unit.clone(),
            missing: e.missing.clone(),
        });
        let draft = Draft { at_ms: work.now_ms(), base: self.base, fields: fields.collect() };
        let bytes = serde_json::to_vec(&draft).map_err(|e| Refusal::Damaged(e.to_string()))?;
        work.tx.put(space::DRAFT, at.bytes(), &bytes);
        Ok(draft.at_ms)
    }
}

/// Where a draft is kept.
pub(crate) fn draft_key(study: &str, account: &str, place: &Place) -> Key {
    key(&[study, account, &place.subject, &place.visit])
        .number(u64::from(place.visit_repeat))
        .text(&place.form)
        .number(u64::from(place.form_repeat))
}

impl Reading<'_> {
    /// The caller's own draft of a form.
    pub fn draft(&self, study: &str, place: &Place) -> Result<Option<Draft>, Refusal> {
        self.row(space::DRAFT, &draft_key(study, &self.caller.account, place))
    }
}

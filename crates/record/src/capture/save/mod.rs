//! How do typed values become recorded ones?
//!
//! A save hands in what stands on the screen. What is not new is left out; the rest is normalised, compared with what stood there, and
//! recorded as one event. Then the checks run on the form as it is now: they ask by queries, or, where the definition says so, refuse the
//! save. A query that a check asked is closed by the program when the check holds again. A change makes the signatures on the form void,
//! and takes the verification of the items that changed, of no others.
//!
//! Cost: O(values of the form), and of those forms of the subject that its checks read, or whose checks read what changed.

mod follow;

use super::enrol::{self, subject};
use super::project::{Before, Change, FormSaved, Voided};
use super::rows::Forms;
use super::state::{Counts, FormState, Place, Subject};
use crate::access::{Operation, Scope};
use crate::definition::Compiled;
use crate::definition::reach::Touched;
use crate::door::{self, Command, Work};
use crate::lock::snapshot::SEALED;
use crate::refusal::{Fault, Refusal};
use crate::space;
use croft_core::date::CivilDate;
use croft_design::entry::{self, Typed};
use croft_ledger::View;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A typed field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the address's and the value's")]
pub struct Entered {
    pub group: String,
    pub row: u32,
    pub item: String,
    pub text: String,
    pub unit: String,
    /// Why there is no value.
    pub missing: String,
    /// Why it is changed, where that differs from the save's reason.
    pub reason: String,
}

/// A row that was entered by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct VoidRow {
    pub group: String,
    pub row: u32,
    pub reason: String,
}

/// Saves a form.
#[derive(Clone, Debug, Default)]
pub struct Save {
    /// The study.
    pub study: String,
    /// The form.
    pub place: Place,
    /// The version of the definition that was on the screen; 0: the form's own, or the newest for a new form.
    pub version: u32,
    /// The last event of the form that was on the screen, so that two people do not overwrite each other unseen; none: no such guard.
    pub base: Option<u64>,
    /// Whether the form is said to be complete.
    pub complete: bool,
    /// What was typed. Fields that are not named stay as they are.
    pub entries: Vec<Entered>,
    /// Rows entered by mistake.
    pub voids: Vec<VoidRow>,
    /// Why values that were recorded before are changed.
    pub reason: String,
    /// Whether the values come from a file: groups that a laboratory fills take no others.
    pub import: bool,
}

/// What a save did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The event; none: nothing was new.
    pub event: Option<u64>,
    /// Items that changed, computed ones among them.
    pub changed: usize,
    /// Queries that checks opened.
    pub opened: Vec<u64>,
    /// Queries that were closed because their check holds again.
    pub closed: Vec<u64>,
    /// How far the form is.
    pub counts: Counts,
}

impl Command for Save {
    type Done = Saved;
    const OPERATION: Operation = Operation::Enter;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.place.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Saved, Refusal> {
        let subject = subject(work.tx, &self.study, &self.place.subject)?;
        let study = work.open_study(&self.study)?;
        // What is saved is a draft no longer; a refusal takes nothing back and nothing away.
        let draft = crate::capture::draft::draft_key(&self.study, work.account(), &self.place);
        work.tx.delete(space::DRAFT, draft.bytes());
        let form: FormState = door::row(work.tx, space::FORM, &self.place.key(&self.study))?.unwrap_or_default();
        if form.frozen {
            return Err(Refusal::state("the form is frozen", "ask the data manager to unfreeze it, with a reason"));
        }
        let newest = study.current().unwrap_or(0);
        let version = match (self.version, form.version) {
            (0, 0) => newest,
            (0, own) => own,
            (asked, own) if asked == own || asked == newest => asked,
            (asked, _) => {
                return Err(Refusal::Conflict {
                    message: format!("version {asked} of the form is no longer filled"),
                    places: Vec::new(),
                });
            }
        };
        if version == 0 {
            return Err(Refusal::state(
                format!("study {} has no published definition", study.id),
                "publish a version first",
            ));
        }
        let definition = work.version(&self.study, version)?;
        let scope = Scope::site(&self.study, &subject.site);
        Saving { save: &self, work, definition: &definition, subject: &subject, scope, form, version }.run()
    }
}

/// One save at work.
struct Saving<'s, 'w, 'a, 'tx> {
    save: &'s Save,
    work: &'w mut Work<'a, 'tx>,
    definition: &'s Compiled,
    subject: &'s Subject,
    scope: Scope,
    form: FormState,
    version: u32,
}

impl Saving<'_, '_, '_, '_> {
    fn run(mut self) -> Result<Saved, Refusal> {
        self.check_place()?;
        let mut event = FormSaved {
            study: self.save.study.clone(),
            place: self.save.place.clone(),
            version: self.version,
            complete: self.save.complete,
            imported: self.save.import,
            changes: self.changes()?,
            voids: self.voids()?,
        };
        self.check_consent(&event)?;
        let unchanged = event.changes.is_empty()
            && event.voids.is_empty()
            && event.complete == self.form.complete
            && (self.form.version == self.version || self.form.event == 0);
        if unchanged {
            return Ok(Saved { counts: self.form.counts(), ..Saved::default() });
        }
        let place = &self.save.place;
        let mut candidate = self.form.clone();
        event.apply(&mut candidate, u64::MAX, 0);
        let mut forms = Forms::new(&self.save.study, self.subject);
        forms.put(place, candidate);
        let outcomes = self.evaluate(self.definition, &[(place, self.save.complete)], &mut forms)?;
        let outcome = outcomes.into_iter().next().unwrap_or_default();
        follow::refuse_what_must_not_be(&outcome)?;
        // Computed values are recorded with what they were computed from.
        event.changes.extend(follow::derived_changes(&outcome, &self.form));
        let touched = Touched::of(&event, &self.form);
        let changed = event.changes.len();
        let done = self.work.append(&self.save.study, &place.subject, "form.saved/1", &event, &self.save.reason)?;
        // As the projection has it.
        let mut form = std::mem::take(&mut self.form);
        event.apply(&mut form, done.seq, done.time_ms);
        let mut saved = Saved { event: Some(done.seq), changed, ..Saved::default() };
        let form = self.follow_up(place, form, &outcome, &mut saved)?;
        saved.counts = form.counts();
        forms.put(place, form);
        if self.check_others(&mut forms, touched, &mut saved)? {
            saved.counts = self.stands(place)?.counts();
        }
        Ok(saved)
    }

    /// The visit, the form and their repeats are ones that the definition provides for.
    fn check_place(&self) -> Result<(), Refusal> {
        let place = &self.save.place;
        let form = self.definition.form(&place.form).ok_or_else(|| Refusal::absent("form", &place.form))?;
        let visit = self.definition.visit(&place.visit).ok_or_else(|| Refusal::absent("visit", &place.visit))?;
        if !form.visits.contains(&place.visit) {
            return Err(Refusal::absent("form at this visit", format!("{} at {}", place.form, place.visit)));
        }
        let repeats = (place.visit_repeat == 1 || (visit.repeating && place.visit_repeat > 1))
            && (place.form_repeat == 1 || (form.repeating && place.form_repeat > 1));
        if !repeats {
            return Err(Refusal::invalid(
                format!("{}/{}", place.visit, place.form),
                "does not repeat like this",
                "the first is 1; only what the definition calls repeating has more",
            ));
        }
        Ok(())
    }

    /// Before consent is recorded, nothing else of a subject may be.
    fn check_consent(&self, event: &FormSaved) -> Result<(), Refusal> {
        let Some(consent) = &self.definition.definition.capture.consent else { return Ok(()) };
        let given_here = event.place.form == consent.form
            && event.changes.iter().any(|c| {
                c.group == consent.group && c.item == consent.item && c.missing.is_empty() && !c.text.is_empty()
            });
        if given_here || event.place.form == consent.form {
            return Ok(());
        }
        let mut forms = Forms::new(&self.save.study, self.subject);
        forms.read(self.work.tx, &consent.form)?;
        let given = forms.iter().any(|(place, form)| {
            place.form == consent.form
                && form.groups.get(&consent.group).is_some_and(|rows| {
                    rows.values()
                        .filter(|r| !r.void)
                        .any(|r| r.items.get(&consent.item).is_some_and(|i| !i.is_blank() && i.missing.is_empty()))
                })
        });
        if given {
            return Ok(());
        }
        Err(Refusal::state(
            "informed consent is not recorded for this subject",
            format!("record {} on form {} first", consent.item, consent.form),
        ))
    }

    /// What is new among what was typed.
    fn changes(&mut self) -> Result<Vec<Change>, Refusal> {
        let mut faults = Vec::new();
        let mut clashes = Vec::new();
        let mut changes = Vec::new();
        let mut seen = BTreeMap::new();
        for entered in &self.save.entries {
            let at = format!("{}/{}/{}", entered.group, entered.row, entered.item);
            if seen.insert(at.clone(), ()).is_some() {
                faults.push(Fault::new(at, "stands twice in one save", "hand in each field once"));
                continue;
            }
            match self.change(entered, &at)? {
                Proposed::Nothing => {}
                Proposed::Change(change) => changes.push(change),
                Proposed::Fault(fault) => faults.push(fault),
                Proposed::Clash => clashes.push(at),
            }
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid { faults });
        }
        for change in &mut changes {
            self.seal(change)?;
        }
        if !clashes.is_empty() {
            return Err(Refusal::Conflict {
                message: format!("somebody else changed {} of these fields since the form was opened", clashes.len()),
                places: clashes,
            });
        }
        if changes.iter().any(|c| c.before.is_some()) && !self.save.import {
            self.work.allow(Operation::Amend, &self.scope)?;
        }
        if self.save.import {
            self.work.allow(Operation::Import, &self.scope)?;
        }
        Ok(changes)
    }

    fn change(&self, entered: &Entered, at: &str) -> Result<Proposed, Refusal> {
        let fault = |message: &str, hint: &str| Ok(Proposed::Fault(Fault::new(at, message, hint)));
        let form = &self.save.place.form;
        let Some(group) = self.definition.group(form, &entered.group) else {
            return fault("the form has no such group", "look at the form's definition");
        };
        let Some(item) = self.definition.item(form, &entered.group, &entered.item) else {
            return fault("the group has no such item", "look at the form's definition");
        };
        if item.derive.is_some() {
            return fault("is computed, not entered", "leave it out");
        }
        if entered.row == 0 || (entered.row > 1 && !group.repeating) {
            return fault("the group does not have this row", "rows count from 1; only a repeating group has more");
        }
        if group.source.is_some() && !self.save.import {
            return fault("comes from a file, not from a form", "import the file that the laboratory sent");
        }
        // What identifies a person is compared with what is kept apart, not with the mark that stands in the form.
        let apart = if item.identifying { self.apart(&entered.group, entered.row, &entered.item)? } else { None };
        let typed = Typed { text: entered.text.clone(), unit: entered.unit.clone(), missing: entered.missing.clone() };
        let now = entry::normalise(item, &typed, self.today());
        let before = self.form.item(&entered.group, entered.row, &entered.item);
        let blank = now.text.is_empty() && now.missing.is_empty();
        let same = match before {
            None => blank,
            Some(_) if apart.is_some() => apart.as_deref() == Some(now.text.as_str()),
            Some(b) => b.text == now.text && b.missing == now.missing && (b.unit == now.unit || blank),
        };
        if same {
            return Ok(Proposed::Nothing);
        }
        if let (Some(base), Some(b)) = (self.save.base, before)
            && b.event > base
        {
            return Ok(Proposed::Clash);
        }
        let stood = before.filter(|b| !b.is_blank());
        let reason = if entered.reason.trim().is_empty() { &self.save.reason } else { &entered.reason };
        if stood.is_some() && reason.trim().is_empty() && self.definition.definition.capture.reason_for_change {
            return fault("was recorded before: a change needs a reason", "say why it is changed");
        }
        let value = if now.value == now.text { None } else { Some(now.value) };
        Ok(Proposed::Change(Change {
            group: entered.group.clone(),
            row: entered.row,
            item: entered.item.clone(),
            text: now.text,
            value,
            unit: if blank { String::new() } else { now.unit },
            missing: now.missing,
            before: stood.map(|b| Before { text: b.text.clone(), unit: b.unit.clone(), missing: b.missing.clone() }),
            reason: if stood.is_some() { reason.trim().to_owned() } else { String::new() },
            derived: false,
        }))
    }

    /// What identifies a person leaves the event: a salted digest stands for it, and the text is kept sealed, apart, and erasable.
    fn seal(&mut self, change: &mut Change) -> Result<(), Refusal> {
        let place = &self.save.place;
        let item = self.definition.item(&place.form, &change.group, &change.item);
        if !item.is_some_and(|i| i.identifying) || change.text.is_empty() {
            return Ok(());
        }
        let salt = random_salt()?;
        let id = identity_of(&self.save.study, place, &change.group, change.row, &change.item);
        self.work.tx.put_identity(&id, format!("{salt}{}", change.text).as_bytes())?;
        let digest = croft_ledger::Hash(Sha256::digest(format!("{salt}{}", change.text)).into());
        change.text = format!("sha256:{digest}");
        change.value = None;
        change.missing = SEALED.to_owned();
        Ok(())
    }

    /// The text that is kept apart, when there is one.
    fn apart(&self, group: &str, row: u32, item: &str) -> Result<Option<String>, Refusal> {
        apart(self.work.tx, &identity_of(&self.save.study, &self.save.place, group, row, item))
    }

    /// The day it is where the caller is.
    fn today(&self) -> CivilDate {
        local_day(self.work.now_ms(), self.work.caller.offset_min)
    }

    fn voids(&self) -> Result<Vec<Voided>, Refusal> {
        let mut voids = Vec::new();
        for void in &self.save.voids {
            let at = format!("{}/{}", void.group, void.row);
            let row = self.form.groups.get(&void.group).and_then(|rows| rows.get(&void.row));
            let Some(row) = row else { return Err(Refusal::absent("row", at)) };
            let reason = if void.reason.trim().is_empty() { &self.save.reason } else { &void.reason };
            if reason.trim().is_empty() {
                return Err(Refusal::invalid(at, "a row is voided with a reason", "say why it should not be there"));
            }
            if !row.void {
                let reason = reason.trim().to_owned();
                voids.push(Voided { group: void.group.clone(), row: void.row, reason });
            }
        }
        if !voids.is_empty() {
            self.work.allow(Operation::Void, &self.scope)?;
        }
        Ok(voids)
    }
}

/// Characters of a salt.
const SALT: usize = 32;

/// 128 random bits, in hexadecimal.
fn random_salt() -> Result<String, Refusal> {
    let mut bytes = [0_u8; SALT / 2];
    getrandom::fill(&mut bytes).map_err(|e| Refusal::Random(e.to_string()))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Under which name an identifying item is kept apart.
pub(crate) fn identity_of(study: &str, place: &Place, group: &str, row: u32, item: &str) -> String {
    let Place { subject, visit, visit_repeat, form, form_repeat } = place;
    format!("{study}/{subject}/{visit}/{visit_repeat}/{form}/{form_repeat}/{group}/{row}/{item}")
}

/// The text that is kept apart under this name.
pub(crate) fn apart(view: &dyn View, id: &str) -> Result<Option<String>, Refusal> {
    let kept = view.identity(id)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(kept.and_then(|text| text.get(SALT..).map(str::to_owned)))
}

enum Proposed {
    Nothing,
    Change(Change),
    Fault(Fault),
    /// Somebody else changed it since the form was opened.
    Clash,
}

/// The civil day at a time, so many minutes east of UTC.
pub(crate) fn local_day(now_ms: i64, offset_min: i32) -> CivilDate {
    const DAY_MS: i64 = 86_400_000;
    /// Days from 1960-01-01 to 1970-01-01.
    const EPOCH: i64 = 3653;
    let days = (now_ms + i64::from(offset_min) * 60_000).div_euclid(DAY_MS);
    // Out of the calendar only when the clock is centuries wrong; then nothing is in the future.
    CivilDate::from_days_since_1960(days + EPOCH)
        .unwrap_or_else(|| CivilDate::new(9999, 12, 31).expect("a day of the calendar"))
}

#[cfg(test)]
mod tests {
    use super::local_day;

    #[test]
    fn the_day_is_that_of_the_place() {
        // 2024-03-03T23:30Z
        let late = 1_709_508_600_000;
        let written = |offset| {
            let day = local_day(late, offset);
            (day.year(), day.month(), day.day())
        };
        assert_eq!(written(0), (2024, 3, 3));
        assert_eq!(written(60), (2024, 3, 4));
        assert_eq!(written(-300), (2024, 3, 3));
    }
}

//! Records a plan.
//!
//! Every step is durable by itself, and the ledger's writer takes many in one commit. A save of which single values cannot be recorded
//! is made without them, in the same step: what is wrong with one value does not keep the others out, and each is told with its line.

use super::super::note::Note;
use super::{Act, Computed, Options, Plan, Step};
use crate::access::{Operation, Scope};
use crate::capture::read::MatrixFilter;
use crate::capture::{Enrol, FormState, Place, Save, Saved, VoidRow, Withdraw};
use crate::door::{Caller, Command, Record, Work};
use crate::query;
use crate::refusal::{Fault, Refusal};
use crate::study::OpenSite;
use croft_ledger::View;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::mpsc;

/// Steps on their way at once.
const AT_ONCE: usize = 512;

/// What came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Sites that were opened.
    pub sites: usize,
    /// Subjects that were enrolled.
    pub subjects: usize,
    /// Events of forms.
    pub saves: usize,
    /// Values that changed.
    pub values: usize,
    /// Saves that changed nothing: the values stood there already.
    pub unchanged: usize,
    /// Queries that checks opened.
    pub queries: usize,
    /// Subjects that left.
    pub withdrawn: usize,
    /// Computed values that agree with those of the document.
    pub agreed: usize,
    /// Computed values that do not.
    pub different: Vec<Different>,
    /// What could not be recorded, with its line and the reason.
    pub refused: Vec<Note>,
    /// What has no place.
    pub notes: Vec<Note>,
}

/// A computed value that is another in the document. A query on the item keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct Different {
    pub line: u32,
    pub subject: String,
    pub visit: String,
    pub form: String,
    pub group: String,
    pub row: u32,
    pub item: String,
    /// In the document.
    pub stored: String,
    /// Here.
    pub computed: String,
}

/// Records it. Subjects that are enrolled already keep their site.
pub fn run(record: &Record, caller: &Caller, options: &Options, plan: Plan) -> Result<Report, Refusal> {
    let mut running =
        Running { record, caller, options, report: Report::default(), known: known_subjects(record, caller, options)? };
    running.report.refused.extend(plan.refused);
    running.report.notes.extend(plan.notes);
    running.open_sites(&plan.sites)?;
    running.steps(plan.steps)?;
    for computed in plan.computed {
        running.compare(computed)?;
    }
    running.report.refused.sort();
    Ok(running.report)
}

fn known_subjects(record: &Record, caller: &Caller, options: &Options) -> Result<BTreeMap<String, String>, Refusal> {
    let all = MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() };
    let subjects = record.view(caller, |r| r.matrix(&options.study, &all))?;
    Ok(subjects.into_iter().map(|s| (s.id, s.site)).collect())
}

struct Running<'a> {
    record: &'a Record,
    caller: &'a Caller,
    options: &'a Options,
    report: Report,
    known: BTreeMap<String, String>,
}

/// What a step did.
enum Did {
    Enrolled,
    Saved(Saved, Vec<Fault>),
    Withdrawn,
}

impl Running<'_> {
    fn open_sites(&mut self, sites: &BTreeMap<String, super::SiteSeen>) -> Result<(), Refusal> {
        let open = self.record.view(self.caller, |r| r.sites(&self.options.study))?;
        for (site, seen) in sites.iter().filter(|(id, _)| !open.iter().any(|o| o.open && o.id == **id)) {
            self.record.execute(
                self.caller,
                OpenSite {
                    study: self.options.study.clone(),
                    site: site.clone(),
                    name: seen.name.clone(),
                    country: self.options.country.clone(),
                },
            )?;
            self.report.sites += 1;
        }
        Ok(())
    }

    fn steps(&mut self, steps: Vec<Step>) -> Result<(), Refusal> {
        let (reply, replies) = mpsc::channel();
        let mut under_way = 0;
        for step in steps {
            if let Act::Void { place, reason } = &step.act {
                // What is there to be voided is known only when all before it is recorded.
                while under_way > 0 {
                    self.take(&replies)?;
                    under_way -= 1;
                }
                self.void(&step, place, reason)?;
                continue;
            }
            if self.start(step, &reply) {
                under_way += 1;
            }
            while under_way >= AT_ONCE {
                self.take(&replies)?;
                under_way -= 1;
            }
        }
        for _ in 0..under_way {
            self.take(&replies)?;
        }
        Ok(())
    }

    /// Hands a step in; false when there is nothing to do.
    fn start(&mut self, step: Step, reply: &mpsc::Sender<(Step, Result<Did, Refusal>)>) -> bool {
        let reply = reply.clone();
        let study = self.options.study.clone();
        match step.act.clone() {
            Act::Enrol { subject, site } => {
                if self.known.contains_key(&subject) {
                    return false;
                }
                self.known.insert(subject.clone(), site.clone());
                let enrol = Enrol { study, site, subject: Some(subject) };
                self.record.execute_then(self.caller, enrol, move |done| {
                    // Nobody listens any more only when the import itself has ended.
                    let _ = reply.send((step, done.map(|_| Did::Enrolled)));
                });
            }
            Act::Save(save) => self.record.execute_then(self.caller, Bring(*save), move |done| {
                let _ = reply.send((step, done.map(|(saved, faults)| Did::Saved(saved, faults))));
            }),
            Act::Withdraw { subject, reason } => {
                let withdraw = Withdraw { study, subject, reason };
                self.record.execute_then(self.caller, withdraw, move |done| {
                    let _ = reply.send((step, done.map(|()| Did::Withdrawn)));
                });
            }
            Act::Void { .. } => return false,
        }
        true
    }

    fn take(&mut self, replies: &mpsc::Receiver<(Step, Result<Did, Refusal>)>) -> Result<(), Refusal> {
        let gone = |_| Refusal::Damaged("the record closed during the import".to_owned());
        let (step, done) = replies.recv().map_err(gone)?;
        match done {
            Ok(Did::Enrolled) => self.report.subjects += 1,
            Ok(Did::Withdrawn) => self.report.withdrawn += 1,
            Ok(Did::Saved(saved, faults)) => self.saved(&step, &saved, faults),
            Err(refusal) => self.refused(&step, refusal)?,
        }
        Ok(())
    }

    fn saved(&mut self, step: &Step, saved: &Saved, faults: Vec<Fault>) {
        if saved.event.is_some() {
            self.report.saves += 1;
        } else if faults.is_empty() {
            self.report.unchanged += 1;
        }
        self.report.values += saved.changed;
        self.report.queries += saved.opened.len();
        for fault in faults {
            let line = step.lines.get(&fault.place).copied().unwrap_or(step.line);
            self.report.refused.push(Note::new(line, &fault.place, fault.message, fault.hint));
        }
    }

    /// A refusal of one step does not end the import; a record that cannot be used, or rights that are wanting, do.
    fn refused(&mut self, step: &Step, refusal: Refusal) -> Result<(), Refusal> {
        let hint = refusal.hint();
        match refusal {
            Refusal::Ledger(_) | Refusal::Random(_) | Refusal::Damaged(_) | Refusal::Denied { .. } => Err(refusal),
            Refusal::Invalid { faults } => {
                self.saved(step, &Saved::default(), faults);
                Ok(())
            }
            // Who has left already cannot leave again: the document says so more than once.
            Refusal::State { .. } if matches!(step.act, Act::Withdraw { .. }) => Ok(()),
            other => {
                self.report.refused.push(Note::new(step.line, &step.oid, other.to_string(), hint));
                Ok(())
            }
        }
    }

    /// Voids every row of a form, or of each form of a visit.
    fn void(&mut self, step: &Step, place: &Place, reason: &str) -> Result<(), Refusal> {
        let study = &self.options.study;
        let (_, forms) = self.record.view(self.caller, |r| r.subject(study, &place.subject))?;
        let same_visit = |p: &Place| p.visit == place.visit && p.visit_repeat == place.visit_repeat;
        let same_form =
            |p: &Place| place.form.is_empty() || (p.form == place.form && p.form_repeat == place.form_repeat);
        for found in forms.into_iter().map(|f| f.place).filter(|p| same_visit(p) && same_form(p)) {
            let state = self.record.view(self.caller, |r| r.form(study, &found))?.state;
            let save = Save {
                study: study.clone(),
                place: found,
                voids: rows(&state, reason),
                reason: reason.to_owned(),
                import: true,
                ..Save::default()
            };
            match self.record.execute(self.caller, Bring(save)) {
                Ok((saved, faults)) => self.saved(step, &saved, faults),
                Err(refusal) => self.refused(step, refusal)?,
            }
        }
        Ok(())
    }

    /// Whether the document's value of a computed item is the one that was computed here.
    fn compare(&mut self, stored: Computed) -> Result<(), Refusal> {
        let study = &self.options.study;
        let state = match self.record.view(self.caller, |r| r.form(study, &stored.place)) {
            Ok(view) => view.state,
            Err(Refusal::Absent { .. }) => FormState::default(),
            Err(other) => return Err(other),
        };
        let here = state.item(&stored.group, stored.row, &stored.item).map_or("", |i| i.text.as_str());
        if agree(&stored.text, here) {
            self.report.agreed += 1;
            return Ok(());
        }
        if here.is_empty() && state.event == 0 {
            let message = "a computed value stands alone on its form: there is nothing to compute it from".to_owned();
            self.report.refused.push(Note::new(
                stored.line,
                &stored.item,
                message,
                "import the values that it is computed from",
            ));
            return Ok(());
        }
        let told = if here.is_empty() { "nothing can be computed" } else { here };
        let text = format!("The imported document has {}; computed from what stands here: {told}.", stored.text);
        let open = query::Open {
            study: study.clone(),
            place: stored.place.clone(),
            group: stored.group.clone(),
            row: stored.row,
            item: stored.item.clone(),
            text,
        };
        if let Err(refusal) = self.record.execute(self.caller, open) {
            let step =
                Step { line: stored.line, oid: stored.item.clone(), act: void_of(&stored), lines: BTreeMap::new() };
            self.refused(&step, refusal)?;
        }
        self.report.different.push(Different {
            line: stored.line,
            subject: stored.place.subject,
            visit: stored.place.visit,
            form: stored.place.form,
            group: stored.group,
            row: stored.row,
            item: stored.item,
            stored: stored.text,
            computed: here.to_owned(),
        });
        Ok(())
    }
}

fn void_of(stored: &Computed) -> Act {
    Act::Void { place: stored.place.clone(), reason: String::new() }
}

fn rows(state: &FormState, reason: &str) -> Vec<VoidRow> {
    let rows = state.groups.iter().flat_map(|(group, rows)| rows.keys().map(move |row| (group, row)));
    rows.map(|(group, row)| VoidRow { group: group.clone(), row: *row, reason: reason.to_owned() }).collect()
}

/// Equal as texts, or as numbers to the last digit that the document has.
fn agree(stored: &str, here: &str) -> bool {
    let (stored, here) = (stored.trim(), here.trim());
    if stored == here {
        return true;
    }
    let (Ok(a), Ok(b)) = (stored.parse::<f64>(), here.parse::<f64>()) else { return false };
    let plain = !stored.contains(['e', 'E']);
    let decimals = if plain { stored.split_once('.').map_or(0, |(_, digits)| digits.len()) } else { 12 };
    let unit = (0..decimals.min(15)).fold(1.0, |unit, _| unit / 10.0);
    // Half a unit of the last digit, and what binary fractions lose.
    (a - b).abs() <= 0.5 * unit + 1e-12 * b.abs()
}

/// A save from a file. Single values that cannot be recorded are left out and told; the others are recorded.
struct Bring(Save);

impl Command for Bring {
    type Done = (Saved, Vec<Fault>);
    const OPERATION: Operation = Operation::Import;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        self.0.scope(view)
    }

    fn run(mut self, work: &mut Work<'_, '_>) -> Result<Self::Done, Refusal> {
        let mut told = Vec::new();
        loop {
            let faults = match self.0.clone().run(work) {
                Ok(saved) => return Ok((saved, told)),
                Err(Refusal::Invalid { faults }) => faults,
                Err(other) => return Err(other),
            };
            let before = self.0.entries.len();
            self.0.entries.retain(|e| !faults.iter().any(|f| f.place == format!("{}/{}/{}", e.group, e.row, e.item)));
            let left_out = before - self.0.entries.len();
            told.extend(faults);
            // A refusal comes before anything is recorded, so the same save can be tried again without them.
            if left_out == 0 || (self.0.entries.is_empty() && self.0.voids.is_empty()) {
                return Err(Refusal::Invalid { faults: told });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::agree;

    #[test]
    fn numbers_agree_to_the_last_digit_of_the_document() {
        assert!(agree("9.54", "9.541242"));
        assert!(!agree("9.55", "9.541242"));
        assert!(agree("9.5", "9.5"));
        assert!(agree("68", "68.0"));
        assert!(!agree("68", "67"));
        assert!(!agree("", "1"));
        assert!(agree("M", "M"));
    }
}

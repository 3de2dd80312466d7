//! How is a study checked?
//!
//! Rules are independent of one another: threads take the next rule until none is left, and results stand in the order
//! of the rules, so the number of threads changes nothing. A rule looks once at each dataset, the parts of a split one together.
//! [`again`] asks only what an edit touched, and gives the same.

use crate::finding::{Finding, findings};
use crate::memory::{self, Answer, Gave, Memory, Recall};
use crate::operator::{Fault, evaluate};
use crate::rule::{Body, Rule, RuleType};
pub use crate::scope::meant_for;
use crate::study::{Study, Table};
use crate::{join, operation, scope, view};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a rule ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It found something.
    Findings,
    /// It could not be asked.
    Failed,
    /// It looked and found nothing.
    Passed,
    /// It looked at nothing.
    Skipped,
}

impl Status {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::Failed => "failed",
            Self::Passed => "passed",
            Self::Skipped => "skipped",
        }
    }
}

/// What one rule gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rule.
    pub rule: String,
    /// How it ended.
    pub status: Status,
    /// Why it did not look at some dataset, or at any.
    pub why: Vec<String>,
    /// What it found, dataset by dataset, record by record; the first of them, if there are too many to keep.
    pub findings: Vec<Finding>,
    /// How many it found.
    pub total: usize,
    /// Datasets that it looked at.
    pub datasets: Vec<String>,
    /// Time taken, by the clock given.
    pub seconds: f64,
}

/// How a run is done.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads; their number changes nothing in the result.
    pub threads: usize,
    /// Findings kept of each rule; all are counted.
    pub most_findings: usize,
}

/// Tells seconds; only the times in a result depend on it.
pub type Clock<'c> = &'c (dyn Fn() -> f64 + Sync);

/// Checks a study against rules.
pub fn run(study: &Study, rules: &[&Rule], options: Options, clock: Clock<'_>) -> Vec<Outcome> {
    each(study, rules, options, clock, None).into_iter().map(|(outcome, _)| outcome).collect()
}

/// What a run gave that remembers an earlier one.
#[derive(Clone, Debug)]
pub struct Again {
    /// What each rule gave.
    pub outcomes: Vec<Outcome>,
    /// What the next run may remember.
    pub memory: Memory,
    /// Questions, of one rule about one dataset each.
    pub questions: usize,
    /// Of them answered from memory.
    pub remembered: usize,
}

/// Checks a study against rules, and takes from an earlier run what an edit did not touch. The outcomes are those of [`run`], but for the
/// times.
pub fn again(study: &Study, rules: &[&Rule], options: Options, clock: Clock<'_>, before: &Memory) -> Again {
    let recall = Recall::new(study, before);
    let (outcomes, answers): (Vec<Outcome>, Vec<Answers>) =
        each(study, rules, options, clock, Some(&recall)).into_iter().unzip();
    let questions = answers.iter().map(|answers| answers.of.len()).sum();
    let remembered = answers.iter().map(|answers| answers.remembered).sum();
    let memory = recall.memory(rules, answers.into_iter().map(|answers| answers.of).collect());
    Again { outcomes, memory, questions, remembered }
}

/// What a rule gave, dataset by dataset.
#[derive(Default)]
struct Answers {
    of: BTreeMap<String, Answer>,
    remembered: usize,
}

fn each(
    study: &Study,
    rules: &[&Rule],
    options: Options,
    clock: Clock<'_>,
    recall: Option<&Recall<'_>>,
) -> Vec<(Outcome, Answers)> {
    let threads = options.threads;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(rule) = rules.get(index) else { return done };
            let start = clock();
            let (mut outcome, answers) = check_most(study, rule, options.most_findings, recall);
            outcome.seconds = clock() - start;
            done.push((index, (outcome, answers)));
        }
    };
    let mut all: Vec<(usize, (Outcome, Answers))> = if threads <= 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    };
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, done)| done).collect()
}

/// Checks a study against one rule; keeps all it finds.
pub fn check(study: &Study, rule: &Rule) -> Outcome {
    check_most(study, rule, usize::MAX, None).0
}

fn check_most(study: &Study, rule: &Rule, most: usize, recall: Option<&Recall<'_>>) -> (Outcome, Answers) {
    let mut answers = Answers::default();
    let mut outcome = Outcome {
        rule: rule.id.clone(),
        status: Status::Skipped,
        why: Vec::new(),
        findings: Vec::new(),
        total: 0,
        datasets: Vec::new(),
        seconds: 0.0,
    };
    if let RuleType::Jsonata | RuleType::JsonSchema = rule.rule_type {
        crate::document::check(study, rule, most, &mut outcome);
        return (outcome, answers);
    }
    let mut reasons: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut looked, mut failed) = (false, false);
    let mut seen = BTreeSet::new();
    for table in &study.tables {
        if !seen.insert(table.whole_name()) {
            continue;
        }
        let wanted = most - outcome.findings.len();
        let found = match recall {
            Some(recall) => remembered(study, rule, table, wanted, recall, &mut answers),
            None => dataset(study, rule, table, wanted),
        };
        match found {
            Ok((found, total)) => {
                looked = true;
                outcome.datasets.push(table.whole_name());
                outcome.findings.extend(found);
                outcome.total += total;
            }
            Err(Left::Skipped(reason)) => {
                reasons.entry(reason).or_default().insert(table.whole_name());
            }
            Err(Left::Failed(reason)) => {
                failed = true;
                reasons.entry(reason).or_default().insert(table.whole_name());
            }
        }
        // One row stands for the whole study.
        if rule.rule_type == RuleType::DomainPresence && looked {
            break;
        }
    }
    outcome.status = match (outcome.total == 0, failed, looked) {
        (false, ..) => Status::Findings,
        (true, true, _) => Status::Failed,
        (true, false, true) => Status::Passed,
        (true, false, false) => Status::Skipped,
    };
    if study.tables.is_empty() {
        outcome.why.push("there is no dataset".to_owned());
    }
    outcome.why.extend(reasons.into_iter().map(|(reason, tables)| {
        let tables: Vec<String> = tables.into_iter().collect();
        format!("{}: {reason}", tables.join(", "))
    }));
    (outcome, answers)
}

/// What a rule gives on a dataset: what it gave before, if nothing that it read has changed.
fn remembered(
    study: &Study,
    rule: &Rule,
    table: &Table,
    most: usize,
    recall: &Recall<'_>,
    answers: &mut Answers,
) -> Result<Found, Left> {
    let name = table.whole_name();
    if let Some(answer) = recall.answer(rule, &name, most) {
        answer.notes.iter().for_each(|note| study.note(note.clone()));
        answers.of.insert(name, answer.clone());
        answers.remembered += 1;
        return match answer.gave.clone() {
            Gave::Found { mut findings, total } => {
                findings.truncate(most);
                Ok((findings, total))
            }
            Gave::Skipped(reason) => Err(Left::Skipped(reason)),
            Gave::Failed(reason) => Err(Left::Failed(reason)),
        };
    }
    let (found, reads) = memory::reading(|| dataset(study, rule, table, most));
    let gave = match &found {
        Ok((findings, total)) => Gave::Found { findings: findings.clone(), total: *total },
        Err(Left::Skipped(reason)) => Gave::Skipped(reason.clone()),
        Err(Left::Failed(reason)) => Gave::Failed(reason.clone()),
    };
    answers.of.insert(name, recall.keep(reads, gave));
    found
}

/// Why a dataset was left.
enum Left {
    Skipped(String),
    Failed(String),
}

impl From<Fault> for Left {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NoColumn(_) | Fault::NoDataset(_) => Self::Skipped(fault.to_string()),
            Fault::Unfit(reason) => Self::Failed(reason),
        }
    }
}

/// Findings, at most so many, and how many there are.
type Found = (Vec<Finding>, usize);

fn dataset(study: &Study, rule: &Rule, table: &Table, most: usize) -> Result<Found, Left> {
    scope::applies(rule, table, study).map_err(Left::Skipped)?;
    let Some(each) = &rule.each else { return conditions(study, rule, table, most) };
    let rules = each.rules(table, study).map_err(|error| Left::Failed(error.to_string()))?;
    let mut found: Result<Found, Left> = Err(Left::Skipped("no variable has such a name".to_owned()));
    for rule in &rules {
        match (conditions(study, rule, table, most), &mut found) {
            (Ok((more, count)), Ok((all, total))) => {
                all.extend(more);
                *total += count;
            }
            (Err(Left::Skipped(_)), Ok(_)) => {}
            (Err(Left::Failed(reason)), _) => return Err(Left::Failed(reason)),
            (other, _) => found = other,
        }
    }
    found.map(|(mut all, total)| {
        all.sort_by_key(|finding| finding.record);
        all.truncate(most);
        (all, total)
    })
}

/// The findings of a rule that applies to a dataset.
fn conditions(study: &Study, rule: &Rule, table: &Table, most: usize) -> Result<Found, Left> {
    let Body::Conditions(condition) = &rule.body else {
        return Err(Left::Failed("an expression where conditions should stand".to_owned()));
    };
    let (mut found, mut total) = (Vec::new(), 0);
    let mut looked = false;
    for mut frame in view::of(rule, table, study)? {
        frame = join::joined(rule, frame, table, study)?;
        for operation in &rule.operations {
            frame = operation::apply(operation, frame, study, table)?;
        }
        if frame.rows() == 0 {
            continue;
        }
        looked = true;
        let mask = evaluate(condition, &frame, table.prefix())?;
        if mask.contains(&true) {
            let (more, count) = findings(rule, table, &frame, &mask, most - found.len()).map_err(Left::Failed)?;
            found.extend(more);
            total += count;
        }
    }
    if looked { Ok((found, total)) } else { Err(Left::Skipped("no records to look at".to_owned())) }
}

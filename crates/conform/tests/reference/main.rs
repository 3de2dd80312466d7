//! Do the published rules find what their own test cases expect?
//!
//! Each case that differs stands in `doubts.csv` with its reason, and each that stands there still differs. The page
//! `docs/conformance.md` is made here: `CROFT_BLESS=1 cargo test -p croft-conform --test reference` writes it.
//! `CROFT_RULE=CORE-000001` asks one rule only and tells of each of its cases.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod case;
mod page;
mod peer;

use case::{Case, Level, cases};
use croft_conform::rule::Rule;
use croft_conform::run::Status;
use page::Tally;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rule and case, `CORE-000001` and `negative/01`.
type Name = (String, String);

/// How a case differs.
struct Miss {
    /// The rule could not be run, and why.
    not_run: Option<String>,
    text: String,
}

#[test]
fn the_published_rules_find_what_their_cases_expect() {
    let Some(folder) = croft_testkit::reference("cdisc/core-rules") else { return };
    let only = std::env::var("CROFT_RULE").ok();
    let mut tally: BTreeMap<String, Tally> = BTreeMap::new();
    let mut misses: BTreeMap<Name, Miss> = BTreeMap::new();
    for (id, rule, cases) in cases(&folder) {
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        let rule = croft_conform::rule::read::from_json(&rule).unwrap_or_else(|error| panic!("{id}: {error}"));
        let tally = tally.entry(rule.rule_type.words().to_owned()).or_default();
        tally.rules += 1;
        for case in &cases {
            let Some((level, miss)) = score(case, &rule, only.is_some()) else { continue };
            tally.cases += 1;
            for (reached, count) in [Level::A, Level::B, Level::C].into_iter().zip(&mut tally.passed) {
                *count += usize::from(level >= reached);
            }
            if let Some(miss) = miss {
                misses.insert((id.clone(), case.name.clone()), miss);
            }
        }
    }
    let all = tally.values().fold(Tally::default(), |sum, each| sum.plus(each));
    println!("{} rules, {} cases: A {}, B {}, C {}", all.rules, all.cases, all.passed[0], all.passed[1], all.passed[2]);
    for ((rule, case), miss) in &misses {
        println!("MISS {rule} {case}: {}", miss.text);
    }
    if only.is_none() {
        assert!(all.rules >= 823 && all.cases >= 2281, "a shrunken set must not pass in silence");
        let doubts = doubts();
        explained(&misses, &doubts);
        page::checked(&tally, &misses, &doubts);
    }
}

/// The cases whose baseline is doubted, and why.
fn doubts() -> BTreeMap<Name, String> {
    let lines = include_str!("doubts.csv").lines().skip(1);
    let fields = lines.map(|line| line.split(',').collect::<Vec<_>>());
    let doubts: Vec<_> = fields
        .map(|fields| match fields.as_slice() {
            [rule, case, reason] => (((*rule).to_owned(), (*case).to_owned()), (*reason).to_owned()),
            other => panic!("doubts.csv: three fields without commas, not {other:?}"),
        })
        .collect();
    let count = doubts.len();
    let doubts: BTreeMap<_, _> = doubts.into_iter().collect();
    assert_eq!(doubts.len(), count, "doubts.csv names a case twice");
    doubts
}

/// Each miss of a rule that was run has a reason, and each reason a miss.
fn explained(misses: &BTreeMap<Name, Miss>, doubts: &BTreeMap<Name, String>) {
    let run: BTreeSet<&Name> = misses.iter().filter(|(_, miss)| miss.not_run.is_none()).map(|(name, _)| name).collect();
    let mut told = String::new();
    for name in &run {
        if !doubts.contains_key(name) {
            let _ = writeln!(told, "no reason in doubts.csv: {} {}: {}", name.0, name.1, misses[name].text);
        }
    }
    for name in doubts.keys().filter(|name| !run.contains(name)) {
        let _ = writeln!(told, "in doubts.csv, but no miss any more: {} {}", name.0, name.1);
    }
    assert!(told.is_empty(), "{told}");
}

/// How far a case agrees, and how it differs; `None`: it cannot be scored.
fn score(case: &Case, rule: &Rule, tell: bool) -> Option<(Level, Option<Miss>)> {
    let expected = case.expected.as_ref()?;
    let outcome = case.run(rule);
    let found = case.rows(&outcome);
    let level = case::level(expected, &found);
    if tell {
        println!("{}: {level:?} {:?} {:?}", case.name, outcome.status, outcome.why);
    }
    if level == Level::C {
        return Some((level, None));
    }
    let lacking: Vec<_> = expected.difference(&found).take(2).collect();
    let surplus: Vec<_> = found.difference(expected).take(2).collect();
    let short = |why: &String| why.chars().take(160).collect::<String>();
    let why = outcome.why.iter().take(2).map(short).collect::<Vec<_>>().join(" | ");
    let text = format!(
        "{} {:?}; {} expected, {} found; lacks {lacking:?}; surplus {surplus:?}; {why}",
        rule.rule_type.words(),
        outcome.status,
        expected.len(),
        found.len(),
    );
    let not_run = (outcome.status == Status::Failed).then_some(why);
    Some((level, Some(Miss { not_run, text: text.chars().take(700).collect() })))
}

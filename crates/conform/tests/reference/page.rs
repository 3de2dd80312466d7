//! The page `docs/conformance.md`: how many of the published cases agree, and why the others do not.

use crate::{Miss, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Counts of one type of rule.
#[derive(Default)]
pub struct Tally {
    pub rules: usize,
    pub cases: usize,
    /// Cases that agree at the levels A, B and C.
    pub passed: [usize; 3],
}

impl Tally {
    pub fn plus(&self, other: &Self) -> Self {
        let [a, b, c] = self.passed;
        let [x, y, z] = other.passed;
        Self { rules: self.rules + other.rules, cases: self.cases + other.cases, passed: [a + x, b + y, c + z] }
    }

    fn row(&self, name: &str) -> String {
        let [a, b, c] = self.passed;
        format!("| {name} | {} | {} | {a} | {b} | {c} |\n", self.rules, self.cases)
    }
}

const HEAD: &str = "# The published rules and their test cases

CDISC publishes its CORE rules with test cases: data, and the rows that a report on them must have. croft runs all of them.
This page is made by the test that compares, so it says what holds now:
`CROFT_BLESS=1 cargo test -p croft-conform --test reference` writes it (the test needs the published cases, see CONTRIBUTING.md).

A case agrees at level A if both find something or neither does, at level B if both name the same datasets and records,
at level C if the rows are the same: dataset, record, variable and value. Lists in values are compared without order,
because the baselines print sets; a missing value may be printed as nothing, `null` or `None`; `1.0` is `1`.
Numbers are compared at 15 significant digits.

";

/// Compares a page with the one kept, or writes it.
pub fn kept(path: &str, page: &str) {
    let full = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("CROFT_BLESS").is_some() {
        std::fs::write(&full, page).unwrap();
    }
    let kept = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(kept == page, "{path} is out of date: run with CROFT_BLESS=1 and read the difference");
}

/// Compares this page with the one kept.
pub fn checked(tally: &BTreeMap<String, Tally>, misses: &BTreeMap<Name, Miss>, doubts: &BTreeMap<Name, String>) {
    kept("docs/conformance.md", &page(tally, misses, doubts));
}

fn page(tally: &BTreeMap<String, Tally>, misses: &BTreeMap<Name, Miss>, doubts: &BTreeMap<Name, String>) -> String {
    let mut page = HEAD.to_owned();
    page += "| Rule type | Rules | Cases | A | B | C |\n|---|---:|---:|---:|---:|---:|\n";
    for (name, each) in tally {
        page += &each.row(name);
    }
    let all = tally.values().fold(Tally::default(), |sum, each| sum.plus(each));
    page += &all.row("**all**");
    let _ = write!(
        page,
        "\nCases without published rows ({} of the 2291) are not counted.\n",
        2291_usize.saturating_sub(all.cases)
    );

    let mut not_run: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for ((rule, case), miss) in misses {
        if let Some(why) = &miss.not_run {
            // Without the datasets that stand before the reason.
            let reason = why.split_once(": ").map_or(why.as_str(), |(_, reason)| reason);
            not_run.entry(reason).or_default().insert(format!("{rule} {case}"));
        }
    }
    if !not_run.is_empty() {
        page += "\n## Cases whose rule this version cannot run\n\n| Why | Cases |\n|---|---|\n";
        for (why, cases) in &not_run {
            let _ = writeln!(page, "| {} | {} |", why.replace('|', "\\|"), listed(cases));
        }
    }

    page += "\n## Cases that differ, and why\n\n";
    page += "Each was looked at beside the data and the rule. Where the reason names the published engine, version 0.17.1 was run on\n";
    page +=
        "the case; where it names terminology or data that are not at hand, the engine could not be asked either.\n\n";
    page += "| Why | Cases |\n|---|---|\n";
    let mut reasons: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for ((rule, case), reason) in doubts {
        reasons.entry(reason).or_default().insert(format!("{rule} {case}"));
    }
    for (reason, cases) in &reasons {
        let _ = writeln!(page, "| {reason} | {} |", listed(cases));
    }
    page
}

fn listed(cases: &BTreeSet<String>) -> String {
    cases.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

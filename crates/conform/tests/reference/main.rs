//! Do the published rules find what their own test cases expect?

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod case;

use case::{Case, Level, cases};
use std::collections::BTreeMap;

#[test]
fn the_published_rules_find_what_their_cases_expect() {
    let Some(folder) = croft_testkit::reference("cdisc/core-rules") else { return };
    let only = std::env::var("CROFT_RULE").ok();
    let (mut rules, mut scored, mut passed) = (0, 0, [0usize; 3]);
    let mut misses: BTreeMap<String, String> = BTreeMap::new();
    for (id, rule, cases) in cases(&folder) {
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        rules += 1;
        let rule = match croft_conform::rule::read::from_json(&rule) {
            Ok(rule) => rule,
            Err(error) => {
                for case in &cases {
                    misses.insert(case.name.clone(), format!("the rule cannot be read: {error}"));
                }
                scored += cases.len();
                continue;
            }
        };
        for case in &cases {
            let Some(level) = score(case, &rule, &mut misses, only.is_some()) else { continue };
            scored += 1;
            for (reached, count) in [Level::A, Level::B, Level::C].into_iter().zip(&mut passed) {
                *count += usize::from(level >= reached);
            }
        }
    }
    println!("{rules} rules, {scored} cases: A {}, B {}, C {}", passed[0], passed[1], passed[2]);
    for (case, why) in &misses {
        println!("MISS {case}: {why}");
    }
    if only.is_none() {
        assert!(rules >= 823 && scored >= 2281, "a shrunken set must not pass in silence");
        assert!(passed[2] >= 2060, "fewer cases agree than did: {}", passed[2]);
    }
}

/// How far a case agrees; `None`: it cannot be scored.
fn score(
    case: &Case,
    rule: &croft_conform::rule::Rule,
    misses: &mut BTreeMap<String, String>,
    tell: bool,
) -> Option<Level> {
    let expected = case.expected.as_ref()?;
    let outcome = case.run(rule);
    let found = case.rows(&outcome);
    let level = case::level(expected, &found);
    if level < Level::C {
        let lacking: Vec<_> = expected.difference(&found).take(2).collect();
        let surplus: Vec<_> = found.difference(expected).take(2).collect();
        let why = outcome.why.iter().take(2).map(|why| why.chars().take(160).collect::<String>()).collect::<Vec<_>>();
        let text = format!(
            "{} {:?}; {} expected, {} found; lacks {lacking:?}; surplus {surplus:?}; {}",
            rule.rule_type.words(),
            outcome.status,
            expected.len(),
            found.len(),
            why.join(" | ")
        );
        misses.insert(case.name.clone(), text.chars().take(700).collect());
    }
    if tell {
        println!("{}: {level:?} {:?} {:?}", case.name, outcome.status, outcome.why);
    }
    Some(level)
}

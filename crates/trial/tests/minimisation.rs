//! Minimisation against the reference set and the published example.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use croft_trial::randomisation::minimisation::*;
use croft_trial::randomisation::{Design, RandomisationError, Rule, Share};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Row {
    case: String,
    #[serde(rename = "F1")]
    f1: usize,
    #[serde(rename = "F2")]
    f2: usize,
    #[serde(rename = "F3")]
    f3: usize,
    #[serde(rename = "F4")]
    f4: usize,
    arm: usize,
}

#[derive(Deserialize)]
struct Expected {
    case: String,
    subject: usize,
    method: String,
    arm: usize,
    imbalance_if_assigned: f64,
    is_minimum: u8,
}

#[derive(Deserialize)]
struct Total {
    case: String,
    method: String,
    total_weighted_imbalance: f64,
}

fn measure(name: &str) -> Measure {
    match name {
        "Range" => Measure::Range,
        "SD" => Measure::StandardDeviation,
        "Var" => Measure::Variance,
        other => panic!("{other}"),
    }
}

fn factors(weights: &[f64], levels: usize) -> Vec<BalancedFactor> {
    let factor = |(at, &weight): (usize, &f64)| BalancedFactor {
        name: format!("F{}", at + 1),
        levels: (0..levels).map(|level| level.to_string()).collect(),
        weight,
        prevalence: Vec::new(),
    };
    weights.iter().enumerate().map(factor).collect()
}

fn settings(weights: &[f64], levels: usize, measure: Measure, probability: f64) -> Minimisation {
    Minimisation { factors: factors(weights, levels), measure, probability, ties: Share::Equal, others: Share::Equal }
}

fn of_case(case: &str, measure: Measure) -> (Minimisation, Vec<u32>) {
    let weights = if case.contains("weight") { [0.4, 0.3, 0.2, 0.1] } else { [0.25; 4] };
    let ratio = if case.contains("2:2:1") { vec![2, 2, 1] } else { vec![1, 1] };
    (settings(&weights, 5, measure, 0.9), ratio)
}

#[test]
fn imbalances_agree_with_reference() {
    let Some(folder) = reference("platform/minimisation") else { return };
    let mut subjects: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
    for row in csv_rows::<Row>(folder.join("subjects.csv")) {
        let subject = Subject { levels: vec![row.f1, row.f2, row.f3, row.f4], arm: row.arm - 1 };
        subjects.entry(row.case).or_default().push(subject);
    }
    assert_eq!(subjects.len(), 3);
    let mut checked = 0;
    for row in csv_rows::<Expected>(folder.join("expected.csv")) {
        let (minimisation, ratio) = of_case(&row.case, measure(&row.method));
        let minimiser = Minimiser { minimisation: &minimisation, ratio: &ratio };
        let all = &subjects[&row.case];
        let tally = minimiser.tally(&all[..row.subject - 1]).unwrap();
        let found = minimiser.imbalances(&tally, &all[row.subject - 1].levels).unwrap();
        let what = format!("{} subject {} arm {} {}", row.case, row.subject, row.arm, row.method);
        assert_close(&what, found[row.arm - 1], row.imbalance_if_assigned, 1e-9);
        assert_eq!(Minimiser::preferred(&found)[row.arm - 1], row.is_minimum == 1, "{what}");
        checked += 1;
    }
    assert_checked("imbalances", checked, 999);
    let mut checked = 0;
    for row in csv_rows::<Total>(folder.join("expected-total.csv")) {
        let (minimisation, ratio) = of_case(&row.case, measure(&row.method));
        let minimiser = Minimiser { minimisation: &minimisation, ratio: &ratio };
        let tally = minimiser.tally(&subjects[&row.case]).unwrap();
        let what = format!("{} {}", row.case, row.method);
        assert_close(&what, minimiser.total(&tally), row.total_weighted_imbalance, 1e-9);
        checked += 1;
    }
    assert_checked("totals", checked, 9);
}

/// Korean J Anesthesiol 2019, PMC6547231, table 4: 14 subjects by site, sex and age band; the 15th is female, 74 years, at site 2.
#[test]
fn the_published_subject_goes_to_control() {
    let mut minimisation = settings(&[1.0; 3], 3, Measure::Range, 1.0);
    minimisation.factors[0].levels.truncate(2);
    minimisation.factors[1].levels.truncate(2);
    let minimiser = Minimiser { minimisation: &minimisation, ratio: &[1, 1] };
    let mut tally = Tally::new(&minimisation, 2);
    // subjects whose margins are the table's: site 1 4/2, site 2 3/5, male 4/4, female 3/3, ages 2/2, 2/2, 3/3
    let margins: [[&[usize]; 3]; 2] = [
        [&[0, 0, 0, 0, 1, 1, 1], &[0, 0, 0, 0, 1, 1, 1], &[0, 0, 1, 1, 2, 2, 2]],
        [&[0, 0, 1, 1, 1, 1, 1], &[0, 0, 0, 0, 1, 1, 1], &[0, 0, 1, 1, 2, 2, 2]],
    ];
    for (arm, [sites, sexes, ages]) in margins.iter().enumerate() {
        for at in 0..7 {
            tally.add(&[sites[at], sexes[at], ages[at]], arm).unwrap();
        }
    }
    let levels = [1, 1, 2];
    assert_eq!((tally.of(0, 1), tally.of(1, 1), tally.of(2, 2)), (&[3, 5][..], &[3, 3][..], &[3, 3][..]));
    assert_eq!(minimiser.imbalances(&tally, &levels).unwrap(), [3.0, 5.0]);
    assert_eq!(minimiser.probabilities(&tally, &levels).unwrap(), [1.0, 0.0]);
    assert_eq!(minimiser.next(&tally, &levels, 0.999).unwrap(), 0);
}

#[test]
fn ties_and_others_share_by_their_rules() {
    let mut minimisation = settings(&[1.0], 2, Measure::Range, 0.8);
    let ratio = [2, 2, 1];
    let law = |minimisation: &Minimisation, history: &[usize]| {
        let minimiser = Minimiser { minimisation, ratio: &ratio };
        let subjects: Vec<Subject> = history.iter().map(|&arm| Subject { levels: vec![0], arm }).collect();
        minimiser.probabilities(&minimiser.tally(&subjects).unwrap(), &[0]).unwrap()
    };
    let close = |found: Vec<f64>, expected: [f64; 3]| {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{found:?} {expected:?}");
        }
    };
    // the first subject by the ratio
    close(law(&minimisation, &[]), [0.4, 0.4, 0.2]);
    // balance 2:2:1: x = (1, 1, 1); one more in the small arm is worse than in the others, which tie
    close(law(&minimisation, &[0, 0, 1, 1, 2]), [0.4, 0.4, 0.2]);
    // A ahead by two: B and C ... x = (1, 0, 0): B gives (1, ½, 0) and range 1, C gives (1, 0, 1) and range 1, A gives 1.5
    close(law(&minimisation, &[0, 0]), [0.2, 0.4, 0.4]);
    minimisation.ties = Share::Ratio;
    close(law(&minimisation, &[0, 0]), [0.2, 0.8 * 2.0 / 3.0, 0.8 / 3.0]);
    // C ahead: x = (0, 0, 1): A and B tie, C is worse; then only B behind: x = (½, 0, 0) ... the others share 0.2 by the ratio
    minimisation.others = Share::Ratio;
    close(law(&minimisation, &[0, 0, 2, 1]), [0.2 * 2.0 / 3.0, 0.8, 0.2 / 3.0]);
    minimisation.others = Share::Equal;
    close(law(&minimisation, &[0, 0, 2, 1]), [0.1, 0.8, 0.1]);
}

#[test]
fn a_subject_with_a_level_that_is_not_is_refused() {
    let minimisation = settings(&[1.0; 2], 2, Measure::Range, 0.8);
    let minimiser = Minimiser { minimisation: &minimisation, ratio: &[1, 1] };
    let mut tally = Tally::new(&minimisation, 2);
    assert!(matches!(tally.add(&[0, 2], 0), Err(RandomisationError::UnknownLevel { .. })));
    assert!(matches!(tally.add(&[0], 0), Err(RandomisationError::EntryCount { .. })));
    assert!(matches!(tally.add(&[0, 0], 2), Err(RandomisationError::UnknownArm { .. })));
    assert_eq!(tally, Tally::new(&minimisation, 2));
    assert!(matches!(minimiser.next(&tally, &[0, 0], 1.0), Err(RandomisationError::Draw { .. })));
    assert!(matches!(minimisation.levels(&["0", "x"]), Err(RandomisationError::UnknownLevel { .. })));
    let other = Rule::new(&[1, 1], &Design::Simple {}).unwrap();
    assert!(matches!(Minimiser::new(&other), Err(RandomisationError::NotMinimisation { .. })));
}

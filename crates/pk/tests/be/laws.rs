//! Laws that hold for every study.

use croft_pk::be::{self, BeData, BeError, BeOptions, BeResult, Df, Method, Record, TreatmentNames};
use proptest::prelude::*;

const DESIGNS: [&[&str]; 7] = [
    &["TR", "RT"],
    &["TRT", "RTR"],
    &["TRTR", "RTRT"],
    &["TRR", "RTR", "RRT"],
    &["TRRT", "RTTR"],
    &["TR", "RT", "TT", "RR"],
    &["TRTR", "RTRT", "TRRT", "RTTR"],
];

/// A study with 4 to 9 subjects a sequence, some values missing.
fn study() -> impl Strategy<Value = Vec<Record>> {
    let subjects = (0..DESIGNS.len(), 4..9usize);
    subjects.prop_flat_map(|(design, per_sequence)| {
        let sequences = DESIGNS[design];
        let n = per_sequence * sequences.len();
        let periods = sequences[0].len();
        let values = proptest::collection::vec((-1.0..1.0f64, 0..20u8), n * periods);
        let subjects = proptest::collection::vec(-2.0..2.0f64, n);
        (values, subjects).prop_map(move |(values, subjects)| {
            let mut records = Vec::new();
            for (subject, between) in subjects.iter().enumerate() {
                let sequence = sequences[subject % sequences.len()];
                for (period, treatment) in sequence.chars().enumerate() {
                    let (within, missing) = values[subject * periods + period];
                    records.push(Record {
                        row: records.len() + 1,
                        subject: subject.to_string(),
                        sequence: sequence.to_owned(),
                        period: (period + 1).to_string(),
                        treatment: treatment.to_string(),
                        // exp without the standard library's platform-dependent one.
                        value: (missing > 0).then(|| croft_num::math::exp(between + within)),
                    });
                }
            }
            records
        })
    })
}

fn assess(records: &[Record], options: &BeOptions) -> Result<BeResult, BeError> {
    be::analyse(&BeData::new("study", "AUC", records, &TreatmentNames::default())?, options)
}

fn every_method() -> Vec<BeOptions> {
    let methods = [Method::Abe, Method::AbelA, Method::AbelB, Method::C, Method::Rsabe, Method::Ntid];
    let mut options: Vec<BeOptions> = methods.into_iter().map(BeOptions::new).collect();
    for df in [Df::Satterthwaite, Df::KenwardRoger] {
        options.push(BeOptions { df: Some(df), ..BeOptions::new(Method::AbelB) });
    }
    options
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

/// Degrees of freedom at a boundary may jump with rounding; everywhere else they are continuous.
fn inner(result: &BeResult) -> bool {
    result.mixed.as_ref().is_none_or(|m| m.boundaries.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn swapping_test_and_reference_inverts_the_ratio(records in study()) {
        let swap = |text: &str| -> String {
            text.chars().map(|c| if c == 'T' { 'R' } else { 'T' }).collect()
        };
        let mut swapped = records.clone();
        for record in &mut swapped {
            record.sequence = swap(&record.sequence);
            record.treatment = swap(&record.treatment);
        }
        for options in every_method() {
            if matches!(options.method, Method::Rsabe | Method::Ntid) {
                continue;
            }
            let (Ok(one), Ok(other)) = (assess(&records, &options), assess(&swapped, &options)) else { continue };
            let (a, b) = (one.estimate, other.estimate);
            prop_assert!(close(a.pe_pct, 1e4 / b.pe_pct, 1e-6), "{:?}: {} {}", options, a.pe_pct, b.pe_pct);
            if inner(&one) && inner(&other) {
                prop_assert!(close(a.ci_lo_pct, 1e4 / b.ci_hi_pct, 1e-5), "{:?}: {:?} {:?}", options, a, b);
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(records in study(), seed in any::<u64>()) {
        let mut shuffled = records.clone();
        let mut state = seed;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        for options in every_method() {
            // Bit for bit.
            prop_assert_eq!(assess(&records, &options), assess(&shuffled, &options));
        }
    }

    #[test]
    fn another_unit_of_the_values_changes_no_ratio(records in study(), unit in 1e-6..1e6f64) {
        let mut scaled = records.clone();
        for record in &mut scaled {
            record.value = record.value.map(|x| x * unit);
        }
        for options in every_method() {
            match (assess(&records, &options), assess(&scaled, &options)) {
                (Ok(one), Ok(other)) => {
                    prop_assert!(close(one.estimate.pe_pct, other.estimate.pe_pct, 1e-6));
                    if inner(&one) && inner(&other) {
                        prop_assert!(close(one.estimate.ci_lo_pct, other.estimate.ci_lo_pct, 1e-5), "{:?}", options);
                    }
                }
                (Err(one), Err(other)) => prop_assert_eq!(one.to_string(), other.to_string()),
                (one, other) => prop_assert!(false, "{:?}: {:?} {:?}", options, one.err(), other.err()),
            }
        }
    }

    #[test]
    fn no_rows_whatever_panic(
        rows in proptest::collection::vec(("[12]?", "(TR|RT|A|)", "[0-3x]?", "[TRx]?", proptest::option::of(any::<f64>())), 0..12)
    ) {
        let records: Vec<Record> = rows
            .into_iter()
            .enumerate()
            .map(|(row, (subject, sequence, period, treatment, value))| Record { row, subject, sequence, period, treatment, value })
            .collect();
        for options in every_method() {
            if let Err(error) = assess(&records, &options) {
                prop_assert!(!error.hint().is_empty());
            }
        }
    }
}

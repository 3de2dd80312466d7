//! Designs, rules and decisions on small worked studies.

use crate::common::{analyse, data, options};
use croft_pk::be::{self, BeData, BeOptions, DesignKind, Method, Metric, Record, Regulator, TreatmentNames};
use croft_testkit::{assert_checked, reference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Study {
    dataset: String,
    design: String,
    n: usize,
    nobs: usize,
}

#[test]
fn every_design_is_found_from_its_data() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let mut checked = 0;
    for study in croft_testkit::csv_rows::<Study>(folder.join("manifest.csv")) {
        let data = data(&folder.join(format!("{}.csv", study.dataset)));
        let mut expected: Vec<&str> = study.design.split('|').collect();
        expected.sort_unstable();
        assert_eq!(data.design().letters(), expected.join("|"), "{}", study.dataset);
        // RDS24 lists a subject without any value.
        let with_values = data.by_subject().iter().filter(|v| !v.is_empty()).count();
        assert_eq!((with_values, data.observations().len()), (study.n, study.nobs), "{}", study.dataset);
        let partial = ["rds02", "rds04", "rds07", "rds22", "rds30"].contains(&study.dataset.as_str());
        let kind = if partial { DesignKind::PartialReplicate } else { DesignKind::FullReplicate };
        assert_eq!(data.design().kind, kind, "{}", study.dataset);
        checked += 1;
    }
    assert_checked("designs", checked, 30);
}

#[derive(Deserialize)]
struct Abe {
    dataset: String,
    #[serde(rename = "CI90_lo_pct")]
    lo: f64,
    #[serde(rename = "CI90_hi_pct")]
    hi: f64,
    decision_80_125: String,
}

#[test]
fn unscaled_average_bioequivalence_agrees_on_the_replicate_sets() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let mut checked = 0;
    for case in croft_testkit::csv_rows::<Abe>(folder.join("expected_abe.csv")) {
        let result = analyse(&data(&folder.join(format!("{}.csv", case.dataset))), &options(Method::Abe));
        croft_testkit::assert_close(&case.dataset, result.estimate.ci_lo_pct, case.lo, 1e-6);
        croft_testkit::assert_close(&case.dataset, result.estimate.ci_hi_pct, case.hi, 1e-6);
        assert_eq!(result.decision.pass, case.decision_80_125 == "pass", "{}", case.dataset);
        checked += 1;
    }
    assert_checked("unscaled decisions", checked, 30);
}

#[test]
fn regulators_widen_for_their_own_parameter_only() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let data = data(&folder.join("rds01.csv"));
    let limits = |regulator, metric| {
        let result = analyse(&data, &BeOptions { regulator: Some(regulator), metric, ..options(Method::AbelA) });
        let condition = &result.decision.conditions[0];
        (condition.what.clone(), condition.lower.unwrap(), result.criterion.id.clone())
    };
    let interval = "confidence interval".to_owned();
    assert_eq!(limits(Regulator::Ema, Some(Metric::Auc)), (interval.clone(), 80.0, "ema-abe".to_owned()));
    assert_eq!(limits(Regulator::Ema, Some(Metric::Cmax)), (interval.clone(), 71.23, "ema-abel".to_owned()));
    assert_eq!(limits(Regulator::Hc, Some(Metric::Auc)), (interval.clone(), 71.2, "hc-abel".to_owned()));
    assert_eq!(limits(Regulator::Hc, Some(Metric::Cmax)), ("point estimate".to_owned(), 80.0, "hc-abe".to_owned()));
    // replicateBE 1.1.3, README: GCC on data set 1, limits 75.00–133.33, pass.
    assert_eq!(limits(Regulator::Gcc, None), (interval, 75.0, "gcc-widened".to_owned()));
}

#[test]
fn phenytoin_is_not_within_the_narrow_limits() {
    // replicateBE 1.1.3, README: data set 5 against 90.00–111.11, interval 103.82–112.04, fail.
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let result = analyse(
        &data(&folder.join("rds05.csv")),
        &BeOptions { regulator: Some(Regulator::Ema), ..options(Method::Ntid) },
    );
    assert_eq!(result.decision.conditions[0].values, [103.82, 112.04]);
    assert!(!result.decision.pass);
}

#[test]
fn every_regulator_answers_for_every_set() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let mut answers = 0;
    for set in 1..=30 {
        let data = data(&folder.join(format!("rds{set:02}.csv")));
        for answer in be::compare::compare(&data, None, be::ParallelVariance::Welch, 0.05) {
            let result = answer.result.unwrap_or_else(|e| panic!("rds{set:02} {}: {e}", answer.regulator.name()));
            assert_eq!(result.criterion.regulator, answer.regulator);
            answers += 1;
        }
    }
    assert_checked("answers", answers, 120);
}

fn crossover(rows: &[(&str, &str, &str, &str, Option<f64>)]) -> Vec<Record> {
    let record =
        |(row, &(subject, sequence, period, treatment, value)): (usize, &(&str, &str, &str, &str, Option<f64>))| {
            Record {
                row: row + 2,
                subject: subject.to_owned(),
                sequence: sequence.to_owned(),
                period: period.to_owned(),
                treatment: treatment.to_owned(),
                value,
            }
        };
    rows.iter().enumerate().map(record).collect()
}

#[test]
fn a_subject_with_one_period_is_left_out_and_changes_nothing() {
    let complete = [
        ("1", "AB", "1", "T", Some(10.1)),
        ("1", "AB", "2", "R", Some(11.2)),
        ("2", "BA", "1", "R", Some(9.3)),
        ("2", "BA", "2", "T", Some(9.9)),
        ("3", "AB", "1", "T", Some(12.0)),
        ("3", "AB", "2", "R", Some(12.5)),
        ("4", "BA", "1", "R", Some(8.8)),
        ("4", "BA", "2", "T", Some(9.1)),
    ];
    let read = |rows: &[_]| BeData::new("study", "AUC", &crossover(rows), &TreatmentNames::default()).unwrap();
    let plain = analyse(&read(&complete), &options(Method::Abe));
    // Sequences are not named in T and R here: their treatments are read from the rows.
    assert_eq!(plain.design.letters(), "TR|RT");
    let mut more = complete.to_vec();
    more.push(("5", "AB", "1", "T", Some(50.0)));
    more.push(("5", "AB", "2", "R", None));
    let with = analyse(&read(&more), &options(Method::Abe));
    assert_eq!(with.estimate, plain.estimate);
    assert_eq!(with.anova, plain.anova);
    assert_eq!(with.counts.left_out.len(), 1);
    assert_eq!(with.counts.left_out[0].subject, "5");
    assert!(with.findings.iter().any(|f| f.rule == "BE-MISSING" && f.row == Some(11)));
}

#[test]
fn the_analysis_of_variance_adds_up() {
    let Some(folder) = reference("pk-be/be-2x2-crossover") else { return };
    let data = data(&folder.join("dataset_H.csv"));
    let result = analyse(&data, &options(Method::Abe));
    let rows: Vec<&str> = result.anova.iter().map(|r| r.source.as_str()).collect();
    assert_eq!(rows, ["sequence", "subject(sequence)", "period", "treatment", "residual"]);
    let df: usize = result.anova.iter().map(|r| r.df).sum();
    assert_eq!(df, data.observations().len() - 1);
    // t² of the treatment is its F.
    let e = result.estimate;
    let f = result.anova[3].f.unwrap();
    croft_testkit::assert_close("F", f, (e.ln_difference / e.ln_se) * (e.ln_difference / e.ln_se), 1e-10);
}

//! Effect areas: values quoted with Phoenix's names.

use croft_pk::nca::{EffectOptions, EffectProfile, Parameter, Response, analyse_effect};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};

#[test]
fn effect_areas_agree_with_the_reference() {
    #[derive(serde::Deserialize)]
    struct Row {
        time: f64,
        response: f64,
    }
    #[derive(serde::Deserialize)]
    struct Expected {
        baseline: f64,
        threshold: f64,
        parameter: String,
        value: f64,
    }
    use Parameter as P;
    let Some(data) = reference("pk-be/nca-urine-pd/pd.csv") else { return };
    let rows = csv_rows::<Row>(data).into_iter().enumerate();
    let responses = rows.map(|(row, r)| Response { row, time: r.time, value: r.response }).collect();
    let profile = EffectProfile::new(responses).unwrap();
    let mut checked = 0;
    for row in csv_rows::<Expected>(reference("pk-be/nca-urine-pd/expected_pd.csv").unwrap()) {
        let options = EffectOptions { baseline: row.baseline, threshold: Some(row.threshold), start: None };
        let result = analyse_effect(&profile, &options);
        let parameter = match row.parameter.as_str() {
            "Tmax" => P::ResponseMaxTime,
            "Rmax" => P::ResponseMax,
            "AUC_above_baseline" => P::AucAboveBaseline,
            "AUC_below_baseline" => P::AucBelowBaseline,
            "AUC_above_threshold" => P::AucAboveThreshold,
            "AUC_below_threshold" => P::AucBelowThreshold,
            "AUC_between" => P::AucBetween,
            "AUC_net_baseline" => P::AucNetBaseline,
            "AUC_net_threshold" => P::AucNetThreshold,
            "time_above_baseline" => P::TimeAboveBaseline,
            "time_below_baseline" => P::TimeBelowBaseline,
            "time_above_threshold" => P::TimeAboveThreshold,
            "time_below_threshold" => P::TimeBelowThreshold,
            "time_between" => P::TimeBetween,
            other => panic!("{other} is not known"),
        };
        let value = result.get(parameter).value().unwrap();
        assert_close(&row.parameter, value, row.value, 1e-6);
        checked += 1;
    }
    assert_checked("nca-urine-pd, effect", checked, 19);
}

#[test]
fn the_two_sides_of_a_level_add_up() {
    let values = [0.0, 3.0, -2.0, 5.0, 5.0, 1.0];
    let responses = values.iter().enumerate().map(|(row, &value)| Response { row, time: row as f64, value }).collect();
    let profile = EffectProfile::new(responses).unwrap();
    let result = analyse_effect(&profile, &EffectOptions { baseline: 0.0, threshold: None, start: None });
    let get = |p| result.get(p).value();
    let whole: f64 = values.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum();
    assert_close("net", get(Parameter::AucNetBaseline).unwrap(), whole, 1e-12);
    assert_eq!(get(Parameter::AucAboveThreshold), None);
    let started = analyse_effect(&profile, &EffectOptions { baseline: 1.0, threshold: None, start: Some(-1.0) });
    assert!(
        started.get(Parameter::TimeBelowBaseline).value() > Some(1.0),
        "the line from the baseline down to 0 counts"
    );
}

//! Urine: Phoenix values and closed forms.

use croft_pk::nca::{
    AucRule, Collection, Dosing, Observed, Options, Parameter, UrineError, UrineProfile, UrineResult, analyse_urine,
};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};

#[derive(serde::Deserialize)]
struct Row {
    #[serde(alias = "start_h")]
    start_time: f64,
    #[serde(alias = "end_h")]
    end_time: f64,
    #[serde(alias = "volume_mL")]
    volume: f64,
    #[serde(alias = "conc_mg_per_mL")]
    conc: f64,
}

fn collection(row: usize, start: f64, end: f64, volume: f64, conc: f64) -> Collection {
    Collection { row, start, end, volume, observed: Observed::Conc(conc) }
}

fn analysed(file: &str, plasma_auc: Option<f64>) -> Option<UrineResult> {
    let rows = csv_rows::<Row>(reference(file)?);
    let collections =
        rows.iter().enumerate().map(|(at, r)| collection(at, r.start_time, r.end_time, r.volume, r.conc)).collect();
    let profile = UrineProfile::new(collections, Dosing::oral(100.0)).unwrap();
    Some(analyse_urine(&profile, &Options { rule: AucRule::Linear, ..Options::default() }, plasma_auc))
}

#[test]
fn urine_agrees_with_phoenix() {
    #[derive(serde::Deserialize)]
    struct Expected {
        parameter: String,
        value: f64,
    }
    use Parameter as P;
    let Some(result) = analysed("pk-be/nca-urine-pd/urine.csv", None) else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(reference("pk-be/nca-urine-pd/expected_urine.csv").unwrap()) {
        let parameter = match row.parameter.as_str() {
            "dose" => continue, // an input
            "n_samples" => {
                assert_eq!(result.rates.iter().flatten().count(), 5);
                checked += 1;
                continue;
            }
            "r_squared" => P::RSquared,
            "adj_r_squared" => P::RSquaredAdjusted,
            "lambda_z_n_points" => P::LambdaZPoints,
            "lambda_z" => P::LambdaZ,
            "lambda_z_intercept" => P::LambdaZIntercept,
            "lambda_z_lower" => P::LambdaZLower,
            "lambda_z_upper" => P::LambdaZUpper,
            "half_life" => P::HalfLife,
            "span" => P::LambdaZSpan,
            "tlag" => P::RateLag,
            "tmax_rate" => P::RateMaxTime,
            "max_rate" => P::RateMax,
            "midpoint_last" => P::RateLastTime,
            "rate_last" => P::RateLast,
            "rate_last_pred" => P::RateLastPred,
            "AURC_last" => P::AurcLast,
            "AURC_last_D" => P::AurcLastByDose,
            "volume_total" => P::UrineVolume,
            "amount_recovered" => P::AmountRecovered,
            "percent_recovered" => P::PercentRecovered,
            "AURC_all" => P::AurcAll,
            "AURC_inf_obs" => P::AurcInfObs,
            "AURC_pct_extrap_obs" => P::AurcPctExtrapObs,
            "AURC_inf_pred" => P::AurcInfPred,
            "AURC_pct_extrap_pred" => P::AurcPctExtrapPred,
            other => panic!("{other} is not known"),
        };
        // the folder's tolerance; the values are printed with 8 digits and agree to them
        assert_close(&row.parameter, result.value(parameter).unwrap(), row.value, 1e-7);
        checked += 1;
    }
    assert_checked("nca-urine-pd, urine", checked, 26);
}

#[test]
fn recovery_and_renal_clearance_agree_with_closed_forms() {
    // plasma AUC(0-48) of the bolus: 100 (1 − e^(−4.8))
    let plasma_auc = -100.0 * croft_num::math::exp_m1(-4.8);
    let Some(result) = analysed("pk-be/nca-analytic/urine_1cmt.csv", Some(plasma_auc)) else { return };
    let expected = [
        (Parameter::AmountRecovered, 39.6708101180392),
        (Parameter::PercentRecovered, 39.6708101180392),
        (Parameter::UrineVolume, 4800.0),
        (Parameter::RenalClearance, 0.4),
        (Parameter::RateMax, 3.6253849384403636),
        (Parameter::RateMaxTime, 1.0),
    ];
    for (parameter, value) in expected {
        assert_close(&format!("{parameter:?}"), result.value(parameter).unwrap(), value, 1e-9);
    }
    assert_checked("nca-analytic, urine", expected.len(), 6);
}

#[test]
fn collections_that_cannot_be_are_refused() {
    let fault = |collections| UrineProfile::new(collections, Dosing::oral(1.0)).unwrap_err();
    assert_eq!(fault(vec![]), UrineError::NoCollections);
    let overlap = fault(vec![collection(1, 0.0, 4.0, 1.0, 1.0), collection(2, 3.0, 6.0, 1.0, 1.0)]);
    assert_eq!(overlap, UrineError::Overlap { first_row: 1, row: 2, time: 3.0 });
    assert!(matches!(fault(vec![collection(3, 4.0, 4.0, 1.0, 1.0)]), UrineError::NotAnInterval { row: 3, .. }));
    assert!(matches!(fault(vec![collection(4, 0.0, 4.0, -1.0, 1.0)]), UrineError::NotAnAmount { row: 4, .. }));
    assert!(matches!(fault(vec![collection(5, -1.0, 4.0, 1.0, 1.0)]), UrineError::AcrossDose { row: 5, .. }));
}

#[test]
fn a_collection_without_urine_or_result_is_left_out() {
    let lost = Collection { observed: Observed::Missing, ..collection(2, 4.0, 8.0, 50.0, 0.0) };
    let collections = vec![collection(1, 0.0, 4.0, 100.0, 0.5), lost, collection(3, 8.0, 12.0, 0.0, 0.5)];
    let result =
        analyse_urine(&UrineProfile::new(collections, Dosing::oral(100.0)).unwrap(), &Options::default(), None);
    assert_eq!(result.rates, [Some((2.0, 12.5)), None, None]);
    assert_eq!(result.value(Parameter::AmountRecovered), Some(50.0));
}

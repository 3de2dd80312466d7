//! Crafted profiles on which programs differ: PKNCA 0.12.1 and NonCompart 0.8.0.

use crate::{profiles, samples};
use croft_pk::nca::curve::Curve;
use croft_pk::nca::{
    AucRule, BeyondLast, BlqRule, Convention, Dosing, Interval, Options, Parameter, PeakRule, Profile, Route, Windows,
    analyse,
};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use serde::Deserialize;
use std::collections::BTreeMap;

fn rule(name: &str) -> AucRule {
    match name {
        "linear" => AucRule::Linear,
        "lin up/log down" => AucRule::LinearUpLogDown,
        "lin-log" => AucRule::LinearLog,
        other => panic!("{other} is not known"),
    }
}

#[test]
fn areas_agree_with_pknca() {
    #[derive(Deserialize)]
    struct Expected {
        profile: String,
        method: String,
        r#type: String,
        zero_handling: String,
        auc: f64,
        aumc: f64,
    }
    let Some(data) = reference("pk-be/nca-rules/profiles.csv") else { return };
    let profiles = samples(csv_rows(data));
    let mut checked = 0;
    for row in csv_rows::<Expected>(reference("pk-be/nca-rules/expected_auc.csv").unwrap()) {
        let samples = profiles[&row.profile].clone();
        // the reference integrates from the first sample: read that as the dose
        let dosing = Dosing { time: samples[0].time, ..Dosing::oral(1.0) };
        let first = samples[0].time;
        let blq = if row.zero_handling == "keep" { BlqRule::Zero } else { BlqRule::DropMiddle };
        let options = Options { rule: rule(&row.method), blq, ..Options::default() };
        let curve = Curve::new(&Profile::new(samples, dosing).unwrap(), &options).unwrap();
        let what = format!("{} {} {} {}", row.profile, row.method, row.r#type, row.zero_handling);
        let area = if row.r#type == "AUClast" { curve.area_to(curve.last.unwrap()) } else { curve.area_all() };
        assert_close(&what, area.auc, row.auc, 1e-9);
        // ours is the moment about the dose, theirs about time 0
        assert_close(&what, area.aumc + first * area.auc, row.aumc, 1e-9);
        checked += 2;
    }
    assert_checked("nca-rules, areas", checked, 56 * 2);
}

#[test]
fn two_equal_maxima_have_an_area_by_linear_log() {
    // PKNCA 0.12.1 gives NaN here. By hand: linear 150 + 200 (a tie is linear) + log 100 → 48 + log 48 → 65
    let Some(data) = reference("pk-be/nca-rules/profiles.csv") else { return };
    let profile = Profile::new(samples(csv_rows(data))["tie_peak"].clone(), Dosing::oral(1.0)).unwrap();
    let options = Options { rule: AucRule::LinearLog, ..Options::default() };
    let got = analyse(&profile, &options).value(Parameter::AucLast).unwrap();
    let log = |a: f64, b: f64, h: f64| (a - b) * h / croft_num::math::ln(a / b);
    assert_close("tie", got, 150.0 + 200.0 + log(100.0, 48.0, 2.0) + log(48.0, 65.0, 6.0), 1e-12);
}

#[test]
fn lambda_z_agrees_with_pknca() {
    #[derive(Deserialize)]
    struct Expected {
        profile: String,
        include_tmax: String,
        #[serde(rename = "adjR2_tolerance")]
        tolerance: f64,
        n_points: String,
        time_first: String,
        lambda_z: String,
        half_life: String,
        adj_r2: String,
        clast_pred: String,
        span_ratio: String,
    }
    let Some(data) = reference("pk-be/nca-rules/profiles.csv") else { return };
    let mut all = profiles(&data, Dosing::oral(1.0));
    all.extend(profiles(&reference("pk-be/nca-theoph/theoph.csv").unwrap(), Dosing::oral(320.0)));
    let mut checked = 0;
    for row in csv_rows::<Expected>(reference("pk-be/nca-rules/expected_lambda_z.csv").unwrap()) {
        let mut options = Options { blq: BlqRule::Zero, ..Options::default() };
        options.lambda_z.peak = if row.include_tmax == "TRUE" { PeakRule::Always } else { PeakRule::Never };
        options.lambda_z.tolerance = row.tolerance;
        options.lambda_z.windows = Windows::All;
        let result = analyse(&all[&row.profile], &options);
        let what = format!("{} {} {}", row.profile, row.include_tmax, row.tolerance);
        for (parameter, expected) in [
            (Parameter::LambdaZPoints, &row.n_points),
            (Parameter::LambdaZLower, &row.time_first),
            (Parameter::LambdaZ, &row.lambda_z),
            (Parameter::HalfLife, &row.half_life),
            (Parameter::RSquaredAdjusted, &row.adj_r2),
            (Parameter::CLastPred, &row.clast_pred),
            (Parameter::LambdaZSpan, &row.span_ratio),
        ] {
            crate::check(&what, &result, parameter, expected, 1e-9);
            checked += 1;
        }
    }
    assert_checked("nca-rules, lambda_z", checked, 60 * 7);
}

#[test]
fn partial_areas_agree_with_pknca_and_noncompart() {
    #[derive(Deserialize)]
    struct Expected {
        profile: String,
        start: f64,
        end: f64,
        method: String,
        auc: f64,
        aucint_last: f64,
        noncompart: f64,
    }
    let Some(data) = reference("pk-be/nca-theoph/theoph.csv") else { return };
    let all = profiles(&data, Dosing::oral(320.0));
    let mut checked = 0;
    let mut beyond = BTreeMap::new();
    for row in csv_rows::<Expected>(reference("pk-be/nca-rules/expected_partial_auc_theoph.csv").unwrap()) {
        let subject = row.profile.trim_start_matches("theoph_");
        let partial = vec![Interval { from: row.start, to: row.end }];
        let area = |beyond_last: BeyondLast| {
            let options =
                Options { rule: rule(&row.method), beyond_last, partial: partial.clone(), ..Options::default() };
            analyse(&all[subject], &options).partial[0].outcome.value().unwrap()
        };
        let what = format!("{} {}-{} {}", row.profile, row.start, row.end, row.method);
        assert_close(&what, area(BeyondLast::Stop), row.auc, 1e-9);
        assert_close(&what, area(BeyondLast::Stop), row.aucint_last, 1e-9);
        assert_close(&what, area(BeyondLast::LambdaZ), row.noncompart, 1e-9);
        checked += 3;
        if row.auc < row.noncompart - 1e-3 {
            beyond.insert(subject.to_owned(), row.end);
        }
    }
    assert_eq!(beyond.keys().collect::<Vec<_>>(), ["10", "6"], "the two subjects whose last sample is before 24 h");
    assert_checked("nca-rules, partial areas", checked, 96 * 3);
}

#[test]
fn conventions_differ_where_the_documentation_says() {
    let Some(data) = reference("pk-be/nca-rules/profiles.csv") else { return };
    let mid_blq = &profiles(&data, Dosing::oral(1.0))["mid_blq"];
    let auc = |convention: Convention| {
        let options = Options { rule: AucRule::Linear, ..convention.options() };
        analyse(mid_blq, &options).value(Parameter::AucLast).unwrap()
    };
    assert_close("WinNonlin", auc(Convention::Winnonlin), 18.0, 1e-12);
    assert_close("PKNCA", auc(Convention::Pknca), 23.0, 1e-12);
    let bolus = &profiles(&data, Dosing::oral(1.0).by(Route::Bolus))["monotone_iv"];
    let points = |convention: Convention| analyse(bolus, &convention.options()).lambda_z.unwrap().n();
    assert_eq!((points(Convention::Winnonlin), points(Convention::Pknca)), (3, 3));
}

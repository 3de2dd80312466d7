//! Ten profiles, four scenarios: Phoenix WinNonlin 8.0.

use crate::{check, profiles};
use croft_pk::nca::{AucRule, Convention, Dosing, NcaResult, Options, Parameter, Route, analyse};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};

#[derive(serde::Deserialize)]
struct Expected {
    scenario: String,
    subject: String,
    parameter: String,
    value: String,
}

fn scenario(name: &str) -> (Dosing, AucRule) {
    let oral = Dosing::oral(120.0);
    match name {
        "scenario1" => (Dosing::oral(100.0), AucRule::Linear),
        "scenario2" => (Dosing { time: 0.25, ..Dosing::oral(100.0).every(9.0) }, AucRule::LinearUpLogDown),
        "scenario3" => (oral.every(12.0).by(Route::Bolus), AucRule::Linear),
        "scenario4" => (oral.every(12.0), AucRule::LinearLog),
        other => panic!("{other} is not known"),
    }
}

#[test]
fn pkdata2_agrees_with_winnonlin() {
    use Parameter as P;
    let Some(data) = reference("pk-be/nca-winnonlin-pkdata2/pkdata2.csv") else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(reference("pk-be/nca-winnonlin-pkdata2/expected.csv").unwrap()) {
        let (dosing, rule) = scenario(&row.scenario);
        let profile = &profiles(&data, dosing)[&row.subject];
        let result = analyse(profile, &Options { rule, ..Convention::Winnonlin.options() });
        let what = format!("{} subject {} {}", row.scenario, row.subject, row.parameter);
        let parameter = match row.parameter.as_str() {
            "Cmax" => P::CMax,
            "Tmax" => P::TMax,
            "Tlag" => P::TLag,
            "Clast" => P::CLast,
            "AUClast" => P::AucLast,
            "AUMClast" => P::AumcLast,
            "AUCall" => P::AucAll,
            "Rsq" => P::RSquared,
            "ARsq" => P::RSquaredAdjusted,
            "NpLZ" => P::LambdaZPoints,
            "LZint" => P::LambdaZIntercept,
            "Kel" => P::LambdaZ,
            "HL" => P::HalfLife,
            "Clast_pred" => P::CLastPred,
            "AUCinf" => P::AucInfObs,
            "AUCinf_pred" => P::AucInfPred,
            "AUMCinf" => P::AumcInfObs,
            "AUMCinf_pred" => P::AumcInfPred,
            "AUCpct" => P::AucPctExtrapObs,
            "MRTlast" => P::MrtLast,
            "MRTinf" | "MRTtauinf" => P::MrtInfObs,
            "MRTinf_pred" => P::MrtInfPred,
            "Clinf" => P::ClObs,
            "Vzinf" => P::VzObs,
            "AUCtau" => P::AucTau,
            "AUMCtau" => P::AumcTau,
            "Cltau" => P::ClTau,
            "Vztau" => P::VzTau,
            "Cdose" => {
                check_conc_at_dose(&what, &result, &row.value);
                checked += 1;
                continue;
            }
            other => panic!("{other} is not known"),
        };
        // 6 significant digits
        check(&what, &result, parameter, &row.value, 1e-6);
        checked += 1;
    }
    assert_checked("nca-winnonlin-pkdata2", checked, 840);
}

fn check_conc_at_dose(what: &str, result: &NcaResult, expected: &str) {
    assert_close(what, result.conc_at_dose.unwrap(), expected.parse().unwrap(), 1e-6);
}

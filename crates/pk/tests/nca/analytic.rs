//! Noiseless one-compartment profiles with closed forms.

use crate::{check, samples};
use croft_pk::nca::{Dosing, Interval, Options, Parameter, Profile, Route, analyse};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};

#[derive(serde::Deserialize)]
struct Expected {
    profile: String,
    parameter: String,
    value: String,
}

#[test]
fn one_compartment_profiles_agree_with_closed_forms() {
    use Parameter as P;
    let Some(data) = reference("pk-be/nca-analytic/profiles.csv") else { return };
    let data = samples(csv_rows(data));
    let mut checked = 0;
    let expected = csv_rows::<Expected>(reference("pk-be/nca-analytic/expected.csv").unwrap());
    for row in expected.iter().filter(|row| row.profile != "urine_1cmt") {
        let dosing = match row.profile.as_str() {
            "bolus_1cmt" => Dosing::oral(100.0).by(Route::Bolus),
            "bolus_1cmt_steady_state_tau12" => Dosing::oral(100.0).by(Route::Bolus).every(12.0),
            "infusion_2h_1cmt" => Dosing::oral(100.0).by(Route::Infusion { duration: 2.0 }),
            other => panic!("{other} is not known"),
        };
        let profile = Profile::new(data[&row.profile].clone(), dosing).unwrap();
        let partial = vec![Interval { from: 0.0, to: 6.0 }, Interval { from: 2.0, to: 10.0 }];
        let result = analyse(&profile, &Options { partial, ..Options::default() });
        let what = format!("{} {}", row.profile, row.parameter);
        let parameter = match row.parameter.as_str() {
            "dose" | "tau" | "infusion_duration" => continue, // inputs
            "AUC_0_6" | "AUC_2_10" => {
                let area = result.partial[usize::from(row.parameter == "AUC_2_10")].outcome.value().unwrap();
                assert_close(&what, area, row.value.parse().unwrap(), 1e-9);
                checked += 1;
                continue;
            }
            "C0" => P::C0,
            "lambda_z" => P::LambdaZ,
            "half_life" => P::HalfLife,
            "AUClast" => P::AucLast,
            "AUCinf" => P::AucInfObs,
            "AUMClast" => P::AumcLast,
            "AUMCinf" => P::AumcInfObs,
            "MRTinf" | "MRTinf_minus_half_Tinf" => P::MrtInfObs,
            "CL" => P::ClObs,
            "Vz" => P::VzObs,
            "Vss" => P::VssObs,
            "AUC_pct_backextrap" => P::AucPctBackObs,
            "AUC_pct_extrap" => P::AucPctExtrapObs,
            "Cmax_ss" => P::CMax,
            "Cmin_ss" => P::CMin,
            "Ctau" => P::CTrough,
            "AUCtau" => P::AucTau,
            "Cavg" => P::CAvg,
            "CLss" => P::ClTau,
            "fluctuation_pct" => P::Fluctuation,
            "swing" => P::Swing,
            "accumulation_index" => P::AccumulationIndex,
            other => panic!("{other} is not known"),
        };
        check(&what, &result, parameter, &row.value, 1e-9);
        checked += 1;
    }
    assert_checked("nca-analytic, plasma", checked, 34);
}

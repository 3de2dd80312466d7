//! Noncompartmental analysis against other programs, closed forms, and its own laws. Each folder is counted.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

mod analytic;
mod effect;
mod indometh;
mod laws;
mod pkdata2;
mod rules;
mod sparse;
mod theoph;
mod urine;

use croft_pk::nca::{Dosing, NcaResult, Parameter, Profile, Sample};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A sample of a reference file.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "profile")]
    subject: String,
    #[serde(alias = "time_h")]
    time: f64,
    #[serde(alias = "conc_mg_per_L")]
    conc: f64,
}

/// Samples by subject.
fn samples(rows: Vec<Row>) -> BTreeMap<String, Vec<Sample>> {
    let mut by_subject: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for (at, row) in rows.into_iter().enumerate() {
        by_subject.entry(row.subject).or_default().push(Sample::new(at, row.time, row.conc));
    }
    by_subject
}

fn profiles(file: &std::path::Path, dosing: Dosing) -> BTreeMap<String, Profile> {
    let profile = |(subject, samples)| (subject, Profile::new(samples, dosing).unwrap());
    samples(croft_testkit::csv_rows(file)).into_iter().map(profile).collect()
}

/// The parameter of a Phoenix column.
fn phoenix(column: &str) -> Option<Parameter> {
    use Parameter as P;
    Some(match column {
        "Rsq" => P::RSquared,
        "Rsq_adjusted" => P::RSquaredAdjusted,
        "Corr_XY" => P::Correlation,
        "No_points_lambda_z" => P::LambdaZPoints,
        "Lambda_z" => P::LambdaZ,
        "Lambda_z_lower" => P::LambdaZLower,
        "Lambda_z_upper" => P::LambdaZUpper,
        "HL_Lambda_z" => P::HalfLife,
        "Tlag" => P::TLag,
        "Tmax" => P::TMax,
        "Cmax" => P::CMax,
        "Cmax_D" => P::CMaxByDose,
        "C0" => P::C0,
        "Tlast" => P::TLast,
        "Clast" => P::CLast,
        "AUClast" => P::AucLast,
        "AUCall" => P::AucAll,
        "AUCINF_obs" => P::AucInfObs,
        "AUCINF_D_obs" => P::AucInfObsByDose,
        "AUC_%Extrap_obs" => P::AucPctExtrapObs,
        "AUC_%Back_Ext_obs" => P::AucPctBackObs,
        "Vz_obs" | "Vz_F_obs" => P::VzObs,
        "Cl_obs" | "Cl_F_obs" => P::ClObs,
        "AUCINF_pred" => P::AucInfPred,
        "AUCINF_D_pred" => P::AucInfPredByDose,
        "AUC_%Extrap_pred" => P::AucPctExtrapPred,
        "AUC_%Back_Ext_pred" => P::AucPctBackPred,
        "Vz_pred" | "Vz_F_pred" => P::VzPred,
        "Cl_pred" | "Cl_F_pred" => P::ClPred,
        "AUMClast" => P::AumcLast,
        "AUMCINF_obs" => P::AumcInfObs,
        "AUMC_%Extrap_obs" => P::AumcPctExtrapObs,
        "AUMCINF_pred" => P::AumcInfPred,
        "AUMC_%Extrap_pred" => P::AumcPctExtrapPred,
        "MRTlast" => P::MrtLast,
        "MRTINF_obs" => P::MrtInfObs,
        "MRTINF_pred" => P::MrtInfPred,
        "Vss_obs" => P::VssObs,
        "Vss_pred" => P::VssPred,
        _ => return None,
    })
}

/// Checks one of Phoenix's "Final Parameters Pivoted" files; gives the number of values checked.
fn check_phoenix(file: &std::path::Path, tolerance: f64, result: impl Fn(&str) -> NcaResult) -> usize {
    let mut checked = 0;
    for row in croft_testkit::csv_rows::<BTreeMap<String, String>>(file) {
        let subject = &row["Subject"];
        let result = result(subject);
        for (column, value) in row.iter().filter(|(column, _)| *column != "Subject") {
            let parameter = phoenix(column).unwrap_or_else(|| panic!("{column} is not known"));
            check(&format!("subject {subject} {column}"), &result, parameter, value, tolerance);
            checked += 1;
        }
    }
    checked
}

#[track_caller]
fn check(what: &str, result: &NcaResult, parameter: Parameter, expected: &str, tolerance: f64) {
    let got = result.get(parameter);
    let number = got.value().unwrap_or_else(|| panic!("{what}: {got:?}, expected {expected}"));
    croft_testkit::assert_close(what, number, expected.parse().unwrap(), tolerance);
}

//! Dose proportionality against nlme, lmerTest, lm (Bradstreet & Short 2001) and Smith et al. 2000.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use croft_pk::dose_proportionality::*;
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    subject: String,
    dose_mg: f64,
    #[serde(rename = "AUCinf_ng_h_per_mL")]
    auc_inf: f64,
    #[serde(rename = "Cmax_ng_per_mL")]
    c_max: f64,
}

#[derive(Deserialize)]
struct Expected {
    parameter: String,
    model: String,
    slope: f64,
    se: f64,
    df: f64,
    slope_ci90_lo: f64,
    slope_ci90_hi: f64,
    crit_lo: f64,
    crit_hi: f64,
    #[serde(rename = "Rdnm")]
    rdnm: f64,
    #[serde(rename = "Rdnm_ci90_lo")]
    rdnm_lo: f64,
    #[serde(rename = "Rdnm_ci90_hi")]
    rdnm_hi: f64,
    rho1: f64,
    rho2: f64,
    proportional: String,
}

#[test]
fn the_power_model_agrees_with_reference() {
    let Some(folder) = reference("pk-be/dose-proportionality") else { return };
    let rows: Vec<Row> = csv_rows(folder.join("bradstreet_part5_table4_males.csv"));
    let mut checked = 0;
    for expected in csv_rows::<Expected>(folder.join("expected.csv")) {
        let subjects = match expected.model.as_str() {
            model if model.contains("containment") => SubjectEffect::Random(SlopeDf::Containment),
            model if model.contains("Satterthwaite") => SubjectEffect::Random(SlopeDf::Satterthwaite),
            _ => SubjectEffect::Fixed,
        };
        let data: Vec<DoseExposure> = rows
            .iter()
            .map(|row| DoseExposure {
                subject: row.subject.clone(),
                dose: row.dose_mg,
                exposure: if expected.parameter.starts_with("AUC") { row.auc_inf } else { row.c_max },
            })
            .collect();
        let options = ProportionalityOptions { subjects, ..ProportionalityOptions::default() };
        let got = dose_proportionality(&data, &options).unwrap();
        let criterion = got.criterion;
        let what = |name: &str| format!("{} {} {name}", expected.parameter, expected.model);
        for (name, got, expected) in [
            ("slope", criterion.slope.estimate, expected.slope),
            ("standard error", got.standard_error, expected.se),
            ("df", got.df, expected.df),
            ("lower", criterion.slope.lower, expected.slope_ci90_lo),
            ("upper", criterion.slope.upper, expected.slope_ci90_hi),
            ("lower limit", criterion.limits.0, expected.crit_lo),
            ("upper limit", criterion.limits.1, expected.crit_hi),
            ("Rdnm", criterion.rdnm.estimate, expected.rdnm),
            ("Rdnm lower", criterion.rdnm.lower, expected.rdnm_lo),
            ("Rdnm upper", criterion.rdnm.upper, expected.rdnm_hi),
            ("rho1", criterion.rho1.unwrap(), expected.rho1),
            ("rho2", criterion.rho2.unwrap(), expected.rho2),
        ] {
            assert_close(&what(name), got, expected, 1e-6);
            checked += 1;
        }
        let proportional = criterion.conclusion == Conclusion::Proportional;
        assert_eq!(proportional, expected.proportional == "TRUE", "{}", what("conclusion"));
        checked += 1;
    }
    assert_checked("power model", checked, 6 * 13);
}

#[derive(Deserialize)]
struct Formula {
    quantity: String,
    value: f64,
}

#[test]
fn smiths_formulas_agree_with_reference() {
    let Some(folder) = reference("pk-be/dose-proportionality") else { return };
    let rows: Vec<Formula> = csv_rows(folder.join("expected_smith2000_formulas.csv"));
    let value = |name: &str| rows.iter().find(|row| row.quantity == name).unwrap().value;
    let slope = Interval { estimate: value("slope"), lower: value("slope_ci90_lo"), upper: value("slope_ci90_hi") };
    let got = smith_criterion(slope, value("r"), value("theta_lo"), value("theta_hi")).unwrap();
    let mut checked = 0;
    for (name, got, tolerance) in [
        ("crit_lo", got.limits.0, 2e-3),
        ("crit_hi", got.limits.1, 2e-3),
        ("rho1", got.rho1.unwrap(), 2e-3),
        ("rho2", got.rho2.unwrap(), 5e-3),
        ("Rdnm", got.rdnm.estimate, 2e-3),
        ("Rdnm_ci90_lo", got.rdnm.lower, 2e-3),
        ("Rdnm_ci90_hi", got.rdnm.upper, 2e-3),
    ] {
        assert_close(name, got, value(name), tolerance);
        checked += 1;
    }
    assert_checked("Smith's formulas", checked, 7);
}

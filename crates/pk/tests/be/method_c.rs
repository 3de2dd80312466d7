//! FDA's mixed model on the 30 replicate sets: against the published values where there are some, and to an optimum or a named boundary everywhere.

use crate::common::{data, options};
use croft_pk::be::{self, Method};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Published {
    dataset: String,
    #[serde(rename = "CI90_lo_pct")]
    lo: f64,
    #[serde(rename = "CI90_hi_pct")]
    hi: f64,
    #[serde(rename = "DF_satterthwaite")]
    df: f64,
    #[serde(rename = "REML_m2LL")]
    reml: f64,
    convergence_note: String,
}

#[test]
fn published_values_are_reached() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let mut checked = 0;
    for case in csv_rows::<Published>(folder.join("expected_methodC_spss.csv")) {
        let data = data(&folder.join(format!("{}.csv", case.dataset)));
        let result = be::analyse(&data, &options(Method::C)).unwrap();
        let (e, facts) = (result.estimate, result.mixed.unwrap());
        println!(
            "{}: {:.6}-{:.6} ({}-{}) df {:.4} ({}) -2REML {:.6} ({}) {:?}",
            case.dataset,
            e.ci_lo_pct,
            e.ci_hi_pct,
            case.lo,
            case.hi,
            e.df,
            case.df,
            facts.minus_two_reml,
            case.reml,
            facts.boundaries
        );
        // The reference's own tolerances, wider where the other program could not finish. RDS04 is a partial replicate, whose model is not identified:
        // SPSS's df of 47.28 carries what its inverse of a singular Hessian made of the flat direction (another printed run of it, 118.7496–158.5490 %, has
        // yet another df); the df that do not depend on the split are 48.95, and the interval differs by 0.014.
        let tolerance = match case.dataset.as_str() {
            "rds04" => 0.015,
            _ if case.convergence_note.is_empty() => 0.01,
            _ => 0.1,
        };
        assert!((e.ci_lo_pct - case.lo).abs() <= tolerance, "{}", case.dataset);
        assert!((e.ci_hi_pct - case.hi).abs() <= tolerance, "{}", case.dataset);
        assert!((facts.minus_two_reml - case.reml).abs() <= 1e-5, "{}", case.dataset);
        if facts.boundaries.is_empty() {
            assert_close(&case.dataset, e.df, case.df, 1e-5);
        }
        checked += 1;
    }
    assert_checked("method C against published values", checked, 10);
}

#[test]
fn every_set_reaches_an_optimum_or_names_its_boundary() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    println!("set    −2 REML       lower   upper   df       kkt      starts  remarks");
    let (mut inner, mut boundary, mut refused) = (0, 0, 0);
    for set in 1..=30 {
        let data = data(&folder.join(format!("rds{set:02}.csv")));
        match be::analyse(&data, &options(Method::C)) {
            Ok(result) => {
                let (e, facts) = (result.estimate, result.mixed.unwrap());
                println!(
                    "rds{set:02}  {:<12.6}  {:>6.2}  {:>6.2}  {:<8.3} {:.1e}  {}/{} {:>3}   {}",
                    facts.minus_two_reml,
                    e.ci_lo_pct,
                    e.ci_hi_pct,
                    e.df,
                    facts.kkt_violation,
                    facts.starts_at_optimum,
                    facts.starts,
                    facts.iterations,
                    facts.boundaries.join("; ")
                );
                assert!(facts.kkt_violation < 1e-4, "rds{set:02}");
                if facts.boundaries.is_empty() { inner += 1 } else { boundary += 1 }
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                println!("rds{set:02}  {error}: {cause}");
                refused += 1;
            }
        }
    }
    println!("{inner} inner optima, {boundary} with a named boundary, {refused} refused");
    assert_eq!(refused, 0);
    assert_checked("method C sets", inner + boundary, 30);
}

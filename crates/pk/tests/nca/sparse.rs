//! Sparse sampling: the package PK 1.3-6 and the published examples.

use croft_pk::nca::sparse::{
    Limits, SparseDesign, SparseError, SparseParameter, SparseSample, TailOptions, VarianceDivisor, derived_parameters,
    sparse_auc,
};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use std::collections::BTreeMap;

type Row = BTreeMap<String, String>;

fn folder(file: &str) -> Option<std::path::PathBuf> {
    reference(&format!("pk-be/nca-sparse/{file}"))
}

/// The samples of a file that `keep` takes; without an animal each row is its own.
fn design(file: &str, keep: impl Fn(&Row) -> bool, serial: bool) -> Option<SparseDesign> {
    let rows = csv_rows::<Row>(folder(file)?);
    let sample = |(row, r): (usize, &Row)| {
        let conc = r["conc"].parse().ok()?;
        let own = || format!("row {row}");
        let animal = if serial { own() } else { r.get("animal").cloned().unwrap_or_else(own) };
        Some(SparseSample { row, animal, time: r["time_h"].parse().unwrap(), conc })
    };
    let samples: Vec<_> = rows.iter().enumerate().filter(|(_, r)| keep(r)).filter_map(sample).collect();
    Some(SparseDesign::new(&samples).unwrap())
}

#[test]
fn areas_agree_with_the_package_pk() {
    #[derive(serde::Deserialize)]
    struct Expected {
        dataset: String,
        group: String,
        ci_method: String,
        auc_0_tlast: f64,
        se: f64,
        ci95_lo: f64,
        ci95_hi: f64,
        df: Option<f64>,
    }
    let Some(file) = folder("expected_auc.csv") else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(file) {
        let group = row.group.clone();
        let design = match row.dataset.as_str() {
            "bailer1988" => design("bailer1988_serial.csv", |r| r["group"] == group, false),
            "nedelman1995_cpi975" => {
                let is = |r: &Row| r["dose"] == group[..2] && r["sex"] == group[2..];
                design("nedelman1995_cpi975_serial.csv", is, true)
            }
            "holder1999_rats" => design("holder1999_rats_batch.csv", |r| r["dose"] == group, false),
            "holder1999_rats_as_serial" => design("holder1999_rats_batch.csv", |r| r["dose"] == group, true),
            "jaki_wolfsegger2012" => design("jaki_wolfsegger2012_overlapping_batches.csv", |_| true, false),
            other => panic!("{other} is not known"),
        };
        let got = sparse_auc(&design.unwrap(), 0.95).unwrap();
        let what = format!("{} {} {}", row.dataset, row.group, row.ci_method);
        let limits: Limits = if row.ci_method == "t" { got.by_t.unwrap() } else { got.by_z };
        let pairs =
            [(got.auc, row.auc_0_tlast), (got.se, row.se), (limits.lower, row.ci95_lo), (limits.upper, row.ci95_hi)];
        for (value, expected) in pairs {
            assert_close(&what, value, expected, 1e-8);
            checked += 1;
        }
        if let Some(df) = row.df {
            assert_close(&what, got.df.value().unwrap(), df, 1e-8);
            checked += 1;
        }
        assert_eq!(got.clipped, 0);
    }
    assert_checked("nca-sparse, areas", checked, 16 * 4 + 8);
}

#[test]
fn derived_parameters_agree_with_the_package_pk() {
    #[derive(serde::Deserialize)]
    struct Expected {
        dataset: String,
        parameter: String,
        est: f64,
        se: f64,
        ci95_lo: f64,
        ci95_hi: f64,
    }
    use SparseParameter as P;
    let Some(file) = folder("expected_nca_parameters.csv") else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(file) {
        let (design, dose) = if row.dataset.starts_with("wolfsegger") {
            (design("wolfsegger_jaki2009_serial.csv", |_| true, false), 200.0)
        } else {
            (design("jaki_wolfsegger2012_overlapping_batches.csv", |_| true, false), 80.0)
        };
        let options = TailOptions { tail: 4, dose: Some(dose), level: 0.95, divisor: VarianceDivisor::SmallestTime };
        let found = derived_parameters(&design.unwrap(), &options).unwrap();
        let parameter = [
            ("AUC to tlast", P::AucLast),
            ("AUC to infinity", P::AucInf),
            ("AUMC to infinity", P::AumcInf),
            ("Mean residence", P::Mrt),
            ("half-life", P::HalfLife),
            ("Clearance", P::Clearance),
            ("Volume", P::Vss),
        ];
        let parameter = parameter.iter().find(|(name, _)| row.parameter.contains(name)).unwrap().1;
        let got = found.iter().find(|e| e.parameter == parameter).unwrap();
        let what = format!("{} {}", row.dataset, row.parameter);
        let pairs =
            [(got.estimate, row.est), (got.se, row.se), (got.by_z.lower, row.ci95_lo), (got.by_z.upper, row.ci95_hi)];
        for (value, expected) in pairs {
            assert_close(&what, value, expected, 1e-8);
            checked += 1;
        }
    }
    assert_checked("nca-sparse, derived parameters", checked, 14 * 4);
}

#[test]
fn both_divisors_agree_for_a_serial_design_with_equal_groups() {
    let Some(design) = design("wolfsegger_jaki2009_serial.csv", |_| true, false) else { return };
    let options = TailOptions { tail: 4, dose: Some(200.0), level: 0.95, divisor: VarianceDivisor::Pair };
    let by_pair = derived_parameters(&design, &options).unwrap();
    let smallest = TailOptions { divisor: VarianceDivisor::SmallestTime, ..options };
    for (a, b) in by_pair.iter().zip(derived_parameters(&design, &smallest).unwrap()) {
        assert_close("se", a.se, b.se, 1e-12);
    }
}

fn sample(row: usize, animal: &str, time: f64, conc: f64) -> SparseSample {
    SparseSample { row, animal: animal.to_owned(), time, conc }
}

#[test]
fn designs_that_cannot_be_are_refused() {
    let twice = [sample(1, "a", 0.0, 1.0), sample(2, "a", 0.0, 1.5), sample(3, "b", 1.0, 1.0)];
    assert!(matches!(SparseDesign::new(&twice), Err(SparseError::Duplicate { first_row: 1, row: 2, .. })));
    let alone = [sample(1, "a", 0.0, 1.0), sample(2, "b", 0.0, 1.5), sample(3, "c", 1.0, 1.0)];
    assert!(matches!(SparseDesign::new(&alone), Err(SparseError::TooFewAnimals { found: 1, .. })));
    assert_eq!(SparseDesign::new(&[]), Err(SparseError::TooFewTimes { found: 0 }));
    let pairs =
        [sample(1, "a", 0.0, 1.0), sample(2, "b", 0.0, 2.0), sample(3, "a", 1.0, 1.0), sample(4, "b", 1.0, 1.0)];
    let level = sparse_auc(&SparseDesign::new(&pairs).unwrap(), 1.0);
    assert_eq!(level, Err(SparseError::Level { level: 1.0 }));
}

#[test]
fn a_covariance_beyond_its_variances_is_clipped() {
    // by hand: x̄ = 10/3, ȳ = 10/3; animals a, b are in both; (20/3)(20/3) + (−10/3)(−10/3) = 55.6 over 1 + (1/3)² = 50;
    // the variances are 33.3 each
    let rows = [
        sample(1, "a", 0.0, 10.0),
        sample(2, "b", 0.0, 0.0),
        sample(3, "c", 0.0, 0.0),
        sample(4, "a", 1.0, 10.0),
        sample(5, "b", 1.0, 0.0),
        sample(6, "d", 1.0, 0.0),
    ];
    let got = sparse_auc(&SparseDesign::new(&rows).unwrap(), 0.95).unwrap();
    assert_eq!(got.clipped, 1);
    let (variance, weight) = (100.0 / 3.0, 0.5);
    let expected = 2.0 * weight * weight * variance / 3.0 + 2.0 * weight * weight * variance * 2.0 / 9.0;
    assert_close("variance", got.se * got.se, expected, 1e-12);
    assert!(got.df.value().is_none(), "c and d are batches of one");
}

//! How near the functions come to many-digit values, tails included.
//!
//! The tables `tests/data/*.csv` hold arguments and values computed in up to 450 digits by other formulas than the crate's
//! (`tests/data/reference.py`). Each row is evaluated and compared; the largest relative errors by function and region are also
//! the page `docs/accuracy.md`, which must be up to date: `CROFT_BLESS=1 cargo test -p croft-num --test accuracy` writes it.

// the helpers of a test may fail as tests do
#![allow(clippy::unwrap_used)]

use croft_num::dist::{
    Beta, Binomial, BivariateNormal, ChiSquared, Continuous, Discrete, FisherF, Gamma, Hypergeometric,
    NegativeBinomial, NoncentralChiSquared, NoncentralF, NoncentralT, Normal, Poisson, StudentizedRange, StudentsT,
};
use croft_num::{owen, special};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

#[derive(serde::Deserialize)]
struct Row {
    function: String,
    region: String,
    arguments: String,
    expected: String,
    #[serde(rename = "source")]
    _source: String,
}

/// Rows of each table: a shrunken table must not pass in silence.
const TABLES: [(&str, usize); 8] = [
    ("elementary", 155),
    ("incomplete", 1840),
    ("continuous", 2533),
    ("noncentral", 1133),
    ("owen", 75),
    ("bivariate", 123),
    ("studentized", 24),
    ("discrete", 532),
];

/// What is promised: relative error by function and region, `*` for any. The first entry that fits holds.
const PROMISES: &[(&str, &str, f64)] = &[("*", "body", 1e-13), ("*", "small parameters", 1e-13), ("*", "*", 5e-13)];

struct Checked {
    function: String,
    region: String,
    arguments: String,
    error: f64,
}

#[test]
fn functions_agree_with_many_digit_values() {
    let mut failures = String::new();
    for checked in TABLES.iter().flat_map(|(table, rows)| check(table, *rows)) {
        let promise = promise(&checked.function, &checked.region);
        if checked.error.is_nan() || checked.error > promise {
            let Checked { function, region, arguments, error } = checked;
            writeln!(failures, "{function}({arguments}) [{region}]: error {error:.1e}, promised {promise:.0e}")
                .unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn the_page_of_accuracy_is_up_to_date() {
    let page = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/accuracy.md");
    if std::env::var_os("CROFT_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/accuracy.md is out of date: run with CROFT_BLESS=1 and read the difference");
}

fn check(table: &str, rows: usize) -> Vec<Checked> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{table}.csv"));
    let checked: Vec<Checked> = csv::Reader::from_path(&path)
        .unwrap()
        .deserialize::<Row>()
        .map(|row| {
            let row = row.unwrap();
            let arguments: Vec<f64> = row.arguments.split_whitespace().map(|a| a.parse().unwrap()).collect();
            let expected: f64 = row.expected.parse().unwrap();
            let got = evaluate(&row.function, &arguments);
            let error = ((got - expected) / expected).abs();
            Checked { function: row.function, region: row.region, arguments: row.arguments, error }
        })
        .collect();
    println!("{table}: {} checked", checked.len());
    assert_eq!(checked.len(), rows, "{table}: the number of cases changed");
    checked
}

fn promise(function: &str, region: &str) -> f64 {
    let law = function.split("::").next().unwrap();
    let fits = |name: &str| name == "*" || name == function || name == format!("{law}::*");
    PROMISES.iter().find(|(name, at, _)| fits(name) && (*at == "*" || *at == region)).unwrap().2
}

fn page() -> String {
    let mut groups: BTreeMap<(String, String), (usize, f64)> = BTreeMap::new();
    for checked in TABLES.iter().flat_map(|(table, rows)| check(table, *rows)) {
        let group = groups.entry((checked.function, checked.region)).or_insert((0, 0.0));
        group.0 += 1;
        group.1 = group.1.max(checked.error);
    }
    let cases: usize = groups.values().map(|(cases, _)| cases).sum();
    let mut page = format!("{}{cases}{}", HEAD, TABLE_HEAD);
    for ((function, region), (cases, error)) in &groups {
        let promise = promise(function, region);
        writeln!(page, "| `{function}` | {region} | {cases} | {error:.1e} | {promise:.0e} |").unwrap();
    }
    page
}

const HEAD: &str = "# Accuracy of the numerical functions

Written by the test `accuracy` of the crate `croft-num`; do not edit.

Each function is compared with values computed in 30 to 450 decimal digits by other formulas (mpmath; each row of
`crates/num/tests/data/*.csv` names its own). Arguments are exact binary numbers. The error is relative,
|computed − true| / |true|, also in the tails and of logarithms. Regions: `lower tail` and `upper tail` are probabilities below 1e-6, down
to 1e-307; `large parameters` are hundreds to a million degrees of freedom, counts or noncentralities.
Results do not depend on the machine: the same arguments give the same bits.

Cases: ";

const TABLE_HEAD: &str = ".

| function | region | cases | largest error | promised |
|---|---|---:|---:|---:|
";

fn evaluate(function: &str, a: &[f64]) -> f64 {
    match function.split_once("::") {
        None => evaluate_special(function, a),
        Some(("owen", "t")) => owen::t(a[0], a[1]),
        Some(("owen", "q")) => owen::q(a[0], a[1], a[2], a[3]).unwrap(),
        Some(("BivariateNormal", method)) => {
            let law = BivariateNormal::new(a[0]).unwrap();
            if method == "cdf" { law.cdf(a[1], a[2]) } else { law.ln_cdf(a[1], a[2]) }
        }
        Some((law @ ("Binomial" | "Poisson" | "NegativeBinomial" | "Hypergeometric"), method)) => {
            evaluate_discrete(law, method, a)
        }
        Some((law, method)) => evaluate_continuous(law, method, a),
    }
}

fn evaluate_special(function: &str, a: &[f64]) -> f64 {
    match function {
        "erf" => special::erf(a[0]),
        "erfc" => special::erfc(a[0]),
        "erfcx" => special::erfcx(a[0]),
        "gamma" => special::gamma(a[0]),
        "ln_gamma" => special::ln_gamma(a[0]),
        "digamma" => special::digamma(a[0]),
        "trigamma" => special::trigamma(a[0]),
        "ln_beta" => special::ln_beta(a[0], a[1]),
        "gamma_p" => special::gamma_p(a[0], a[1]),
        "gamma_q" => special::gamma_q(a[0], a[1]),
        "ln_gamma_p" => special::ln_gamma_p(a[0], a[1]),
        "ln_gamma_q" => special::ln_gamma_q(a[0], a[1]),
        "beta_inc" => special::beta_inc(a[0], a[1], a[2]),
        "beta_inc_upper" => special::beta_inc_upper(a[0], a[1], a[2]),
        "ln_beta_inc" => special::ln_beta_inc(a[0], a[1], a[2]),
        "ln_beta_inc_upper" => special::ln_beta_inc_upper(a[0], a[1], a[2]),
        other => panic!("no function {other}"),
    }
}

fn evaluate_continuous(law: &str, method: &str, a: &[f64]) -> f64 {
    let (parameters, x) = (&a[..a.len() - 1], a[a.len() - 1]);
    let law: Box<dyn Continuous> = match (law, parameters) {
        ("Normal", []) => Box::new(Normal::STANDARD),
        ("StudentsT", [df]) => Box::new(StudentsT::new(*df).unwrap()),
        ("ChiSquared", [df]) => Box::new(ChiSquared::new(*df).unwrap()),
        ("Gamma", [shape, scale]) => Box::new(Gamma::new(*shape, *scale).unwrap()),
        ("FisherF", [d1, d2]) => Box::new(FisherF::new(*d1, *d2).unwrap()),
        ("Beta", [a, b]) => Box::new(Beta::new(*a, *b).unwrap()),
        ("NoncentralT", [df, delta]) => Box::new(NoncentralT::new(*df, *delta).unwrap()),
        ("NoncentralChiSquared", [df, lambda]) => Box::new(NoncentralChiSquared::new(*df, *lambda).unwrap()),
        ("NoncentralF", [d1, d2, lambda]) => Box::new(NoncentralF::new(*d1, *d2, *lambda).unwrap()),
        ("StudentizedRange", [groups, df]) => {
            // 0 in the table stands for a known standard deviation
            let df = if *df > 0.0 { *df } else { f64::INFINITY };
            Box::new(StudentizedRange::new(*groups as u32, df).unwrap())
        }
        other => panic!("no law {other:?}"),
    };
    match method {
        "pdf" => law.pdf(x),
        "cdf" => law.cdf(x),
        "sf" => law.sf(x),
        "ln_cdf" => law.ln_cdf(x),
        "ln_sf" => law.ln_sf(x),
        "quantile" => law.quantile(x).unwrap(),
        "quantile_upper" => law.quantile_upper(x).unwrap(),
        other => panic!("no method {other}"),
    }
}

fn evaluate_discrete(law: &str, method: &str, a: &[f64]) -> f64 {
    let (parameters, k) = (&a[..a.len() - 1], a[a.len() - 1] as u64);
    let law: Box<dyn Discrete> = match (law, parameters) {
        ("Binomial", [n, p]) => Box::new(Binomial::new(*n as u64, *p).unwrap()),
        ("Poisson", [mean]) => Box::new(Poisson::new(*mean).unwrap()),
        ("NegativeBinomial", [size, p]) => Box::new(NegativeBinomial::new(*size, *p).unwrap()),
        ("Hypergeometric", [population, marked, drawn]) => {
            Box::new(Hypergeometric::new(*population as u64, *marked as u64, *drawn as u64).unwrap())
        }
        other => panic!("no law {other:?}"),
    };
    match method {
        "pmf" => law.pmf(k),
        "cdf" => law.cdf(k),
        "sf" => law.sf(k),
        "ln_cdf" => law.ln_cdf(k),
        "ln_sf" => law.ln_sf(k),
        other => panic!("no method {other}"),
    }
}

//! Probabilities and quantiles: cost a call. On a 2-core machine, beside other work, in release build; peers from the R
//! documentation's own timings are not comparable, so none are given.

use croft_num::dist::{ChiSquared, Continuous, FisherF, NoncentralT, Normal, StudentizedRange, StudentsT};
use croft_num::{owen, special};
use divan::black_box;

fn main() {
    divan::main();
}

#[divan::bench]
fn normal_quantile() -> f64 {
    Normal::STANDARD.quantile(black_box(0.975)).unwrap_or(0.0)
}

#[divan::bench(args = [3.0, 22.0, 1500.0, 1e6])]
fn t_cdf(df: f64) -> f64 {
    StudentsT::new(black_box(df)).map_or(0.0, |t| t.cdf(1.7))
}

#[divan::bench(args = [3.0, 22.0, 1500.0, 1e6])]
fn t_quantile(df: f64) -> f64 {
    StudentsT::new(black_box(df)).and_then(|t| t.quantile(0.95)).unwrap_or(0.0)
}

#[divan::bench(args = [3.0, 22.0, 1500.0])]
fn chi_squared_quantile(df: f64) -> f64 {
    ChiSquared::new(black_box(df)).and_then(|law| law.quantile(0.95)).unwrap_or(0.0)
}

#[divan::bench]
fn f_quantile() -> f64 {
    FisherF::new(black_box(3.0), 22.0).and_then(|law| law.quantile(0.95)).unwrap_or(0.0)
}

#[divan::bench(args = [2.5, 30.0, 1000.0])]
fn beta_inc(a: f64) -> f64 {
    special::beta_inc(black_box(a), 8.0, a / (a + 9.0))
}

#[divan::bench(args = [2.5, 30.0, 1000.0])]
fn gamma_q(a: f64) -> f64 {
    special::gamma_q(black_box(a), 1.1 * a)
}

#[divan::bench]
fn owens_t() -> f64 {
    owen::t(black_box(0.8), 0.5)
}

#[divan::bench(args = [22.0, 998.0, 9998.0])]
fn owens_q(nu: f64) -> f64 {
    owen::q(black_box(nu), 1.7, 2.5, 1.1 * nu.sqrt()).unwrap_or(0.0)
}

#[divan::bench]
fn noncentral_t_cdf() -> f64 {
    NoncentralT::new(black_box(22.0), 2.5).map_or(0.0, |law| law.cdf(1.7))
}

#[divan::bench]
fn noncentral_t_quantile() -> f64 {
    NoncentralT::new(black_box(22.0), 2.5).and_then(|law| law.quantile(0.2)).unwrap_or(0.0)
}

#[divan::bench(sample_count = 20)]
fn studentized_range_sf() -> f64 {
    StudentizedRange::new(4, black_box(20.0)).map_or(0.0, |law| law.sf(3.5))
}

//! Noncompartmental analysis of 10,000 profiles of 14 samples.
//!
//! Peers on the same data model (2 shared cores, CPU seconds): PKNCA 0.12.1 with 12 parameters 216 s, NonCompart 0.8.0 with
//! all parameters 49 s. Target here: all parameters under 0.1 s on one core; measured 0.033 CPU s on the same busy machine
//! (`perf stat` over 40 runs, simulation and release of the results included).

use croft_num::math::exp;
use croft_num::random::Stream;
use croft_pk::nca::{Dosing, Options, Parameter, Profile, Sample, analyse};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const TIMES: [f64; 14] = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 36.0];

/// One-compartment oral: ka ~ logN(1.2, 0.3), CL ~ logN(5, 0.25), V ~ logN(50, 0.2), proportional noise 10 %,
/// the first sample and those below 0.005 are 0.
fn profiles(n: usize) -> Vec<Profile> {
    (0..n)
        .map(|i| {
            let mut draw = Stream::new(1, "bench", "profiles", &i.to_string());
            let mut log_normal = |median: f64, sd: f64| median * exp(sd * draw.normal());
            let (ka, cl, v) = (log_normal(1.2, 0.3), log_normal(5.0, 0.25), log_normal(50.0, 0.2));
            let k = cl / v;
            let conc = |t: f64| 100.0 * ka / (v * (ka - k)) * (exp(-k * t) - exp(-ka * t));
            let samples = TIMES.iter().enumerate().map(|(row, &t)| {
                let c = if row == 0 { 0.0 } else { conc(t) * log_normal(1.0, 0.1) };
                Sample::new(row, t, if c < 0.005 { 0.0 } else { c })
            });
            let samples: Vec<Sample> = samples.collect();
            Profile::new(samples, Dosing::oral(100.0)).expect("simulated samples make a profile")
        })
        .collect()
}

#[divan::bench(sample_count = 20)]
fn all_parameters_of_10000_profiles(bencher: Bencher) {
    let profiles = profiles(10_000);
    let options = Options::default();
    bencher.bench(|| profiles.iter().map(|p| analyse(black_box(p), &options)).collect::<Vec<_>>());
}

#[divan::bench(sample_count = 20)]
fn one_parameter_of_10000_profiles(bencher: Bencher) {
    let profiles = profiles(10_000);
    let options = Options { parameters: Some([Parameter::AucInfObs].into_iter().collect()), ..Options::default() };
    bencher.bench(|| profiles.iter().map(|p| analyse(black_box(p), &options).values[0].outcome).collect::<Vec<_>>());
}

//! `croft power two-stage`.

use super::read::{self, percent, percent_limits, thousands};
use super::refused;
use crate::output::{Failure, Outcome, Progress, print_json};
use clap::ValueEnum;
use croft_pk::power::Effort;
use croft_pk::two_stage::{Scheme, TwoStage, two_stage_power};
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Potvin's method B: the lowered level throughout
    B,
    /// Potvin's method C: 5% where the first stage has enough power
    C,
}

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_enum, ignore_case = true, default_value = "b")]
    method: Method,
    /// Subjects of the first stage
    #[arg(long)]
    n1: u32,
    /// True within-subject CV, 0.2 or 20%
    #[arg(long, value_parser = read::fraction)]
    cv: f64,
    /// True ratio; a limit gives the type I error [default: the planned ratio]
    #[arg(long, value_parser = read::fraction)]
    theta0: Option<f64>,
    /// Ratio that is planned with at the interim
    #[arg(long, value_parser = read::fraction, default_value = "0.95")]
    planned: f64,
    /// Level of both stages
    #[arg(long, value_parser = read::fraction, default_value = "0.0294")]
    alpha: f64,
    /// Target power at the interim
    #[arg(long = "power", value_parser = read::fraction, default_value = "0.8")]
    target: f64,
    /// Limits of the ratio, 0.80-1.25 or 80-125
    #[arg(long, value_parser = read::limits, default_value = "0.80-1.25")]
    limits: (f64, f64),
    /// Stop where the total would exceed this
    #[arg(long)]
    max_n: Option<u32>,
    /// Simulated studies
    #[arg(long, value_parser = read::count, default_value_t = Effort::FOR_POWER)]
    simulations: u64,
    /// Seed of the simulation
    #[arg(long, default_value_t = Effort::SEED)]
    seed: u64,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let scheme = match args.method {
        Method::B => Scheme::B,
        Method::C => Scheme::C,
    };
    let design = TwoStage {
        alpha: args.alpha,
        planned_ratio: args.planned,
        target: args.target,
        lower: args.limits.0,
        upper: args.limits.1,
        most_subjects: args.max_n,
        ..TwoStage::new(scheme, args.n1)
    };
    let theta0 = args.theta0.unwrap_or(args.planned);
    let effort = Effort { seed: args.seed, ..Effort::new(args.simulations) };
    let progress = Progress::start();
    progress.say("simulating two-stage studies".to_owned());
    let found = two_stage_power(&design, args.cv, theta0, &effort);
    progress.end();
    let found = found.map_err(refused)?;
    if as_json {
        print_json(&json!({
            "n1": args.n1,
            "power": found.power,
            "power_first_stage": found.power_first_stage,
            "second_stage": found.second_stage,
            "n_mean": found.mean_subjects,
            "n_percentiles_5_50_95": found.percentiles,
            "n_max": found.most_subjects,
            "theta0": theta0,
            "alpha": args.alpha,
            "simulations": args.simulations,
            "seed": args.seed,
        }));
        return Ok(Outcome::Done);
    }
    outln!(
        "2x2 crossover in two stages, method {scheme:?}, {} subjects in the first, alpha {}, limits {}",
        args.n1,
        args.alpha,
        percent_limits(args.limits.0, args.limits.1)
    );
    outln!("  CV {}, true ratio {}", percent(args.cv), percent(theta0));
    outln!("  bioequivalent            {:>7.2} %", found.power * 100.0);
    outln!("    after the first stage  {:>7.2} %", found.power_first_stage * 100.0);
    outln!("  second stage needed      {:>7.2} %", found.second_stage * 100.0);
    let [p5, p50, p95] = found.percentiles;
    outln!("  subjects: mean {:.1}, percentiles 5/50/95: {p5}/{p50}/{p95}", found.mean_subjects);
    outln!("  ({} simulated studies, seed {})", thousands(args.simulations), args.seed);
    Ok(Outcome::Done)
}

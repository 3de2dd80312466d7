//! `croft power type1`.

use super::read::{self, Cvs, Regulator, percent};
use super::refused;
use crate::output::{Failure, Outcome, Progress, print_json};
use clap::ValueEnum;
use croft_pk::power::{
    AdjustedAlpha, Design, Effort, ScaledStudy, Statistics, Subjects, adjusted_alpha, adjusted_alpha_worst_case,
    type_one_error,
};
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adjustment {
    /// at the observed CV of the reference (Labes & Schütz 2016)
    Iterative,
    /// at CVwR = 30%, whatever was observed (Molins et al. 2017)
    WorstCase,
}

#[derive(clap::Args)]
pub struct Args {
    /// 2x2x3, 2x2x4 or 2x3x3
    #[arg(long)]
    design: String,
    /// CV of the reference, or CVwT,CVwR
    #[arg(long, value_parser = read::cvs)]
    cv: Cvs,
    /// Subjects in all, or by sequence (16,17)
    #[arg(long, value_delimiter = ',', required = true)]
    n: Vec<u32>,
    /// Whose expanded limits
    #[arg(long, value_enum, ignore_case = true)]
    regulator: Option<Regulator>,
    /// Nominal level
    #[arg(long, value_parser = read::fraction, default_value = "0.05")]
    alpha: f64,
    /// Also find the level that controls the type I error
    #[arg(long, value_enum)]
    adjust: Option<Adjustment>,
    /// Ratio at which power is compared
    #[arg(long, value_parser = read::fraction, default_value = "0.90")]
    theta0: f64,
    /// Simulated studies
    #[arg(long, value_parser = read::count, default_value_t = Effort::FOR_TYPE_ONE_ERROR)]
    simulations: u64,
    /// Seed of the simulation
    #[arg(long, default_value_t = Effort::SEED)]
    seed: u64,
    /// Simulate the analysis of variance exactly, not as planning tables do
    #[arg(long)]
    exact_anova: bool,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let design = Design::from_name(&args.design).map_err(refused)?;
    let subjects = match args.n[..] {
        [total] => Subjects::total(design, total),
        ref counts => Subjects::by_sequence(design, counts),
    }
    .map_err(refused)?;
    let criterion = read::expanded_limits(args.regulator)?;
    let study = ScaledStudy {
        cv_wt: args.cv.test,
        theta0: args.theta0,
        alpha: args.alpha,
        statistics: if args.exact_anova { Statistics::Exact } else { Statistics::KeyStatistics },
        ..ScaledStudy::new(design, args.cv.reference, criterion)
    };
    let effort = Effort { seed: args.seed, ..Effort::new(args.simulations) };
    let progress = Progress::start();
    progress.say("simulating studies at the limit".to_owned());
    let error = type_one_error(&study, &subjects, &effort).map_err(refused)?;
    let adjusted = match args.adjust {
        None => None,
        Some(Adjustment::Iterative) => Some(adjusted_alpha(&study, &subjects, &effort).map_err(refused)?),
        Some(Adjustment::WorstCase) => Some(adjusted_alpha_worst_case(&study, &subjects, &effort).map_err(refused)?),
    };
    progress.end();
    let at = criterion.limits(args.cv.reference).upper;
    if as_json {
        print_json(&json!({
            "n": subjects.sum(),
            "type1_error": error.power,
            "at_ratio": at,
            "standard_error": error.standard_error(),
            "adjusted_alpha": adjusted.map(|found| found.alpha),
            "type1_error_adjusted": adjusted.map(|found| found.error_adjusted),
            "power": adjusted.map(|found| found.power_nominal),
            "power_adjusted": adjusted.map(|found| found.power_adjusted),
            "regulator": criterion.regulator,
            "simulations": args.simulations,
            "seed": args.seed,
        }));
    } else {
        outln!("{}, {} subjects, {}'s expanded limits", design.facts().title, subjects.sum(), criterion.regulator);
        outln!(
            "  type I error at a ratio of {at:.4}, alpha {}: {:.4} (standard error {:.4})",
            args.alpha,
            error.power,
            error.standard_error()
        );
        if let Some(found) = adjusted {
            tell_adjusted(args, &found);
        }
    }
    Ok(Outcome::Done)
}

fn tell_adjusted(args: &Args, found: &AdjustedAlpha) {
    if found.alpha >= args.alpha {
        outln!("  no adjustment is needed");
        return;
    }
    outln!("  adjusted alpha {:.5}, a {:.2}% confidence interval", found.alpha, 100.0 * (1.0 - 2.0 * found.alpha));
    outln!(
        "  power at a ratio of {}: {:.1}% with the nominal alpha, {:.1}% with the adjusted one",
        percent(args.theta0),
        found.power_nominal * 100.0,
        found.power_adjusted * 100.0
    );
}

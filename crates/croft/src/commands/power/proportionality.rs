//! `croft power proportionality`.

use super::read::{self, percent, percent_limits};
use super::refused;
use crate::output::{Failure, Outcome, print_json};
use croft_pk::power::{DoseDesign, Proportionality, proportionality_power, proportionality_sample_size};
use serde_json::json;

#[derive(clap::Args)]
pub struct Args {
    /// The doses, 5,25,100
    #[arg(long, value_delimiter = ',', required = true)]
    doses: Vec<f64>,
    /// Within-subject CV (parallel: total CV), 0.2 or 20%
    #[arg(long, value_parser = read::fraction)]
    cv: f64,
    /// True slope of the power model [default: the one at which dose-normalised means differ by 5%]
    #[arg(long)]
    slope: Option<f64>,
    /// Subjects in all; without it the smallest number is searched
    #[arg(long)]
    n: Option<u32>,
    /// One dose a subject, rather than each dose in each subject
    #[arg(long)]
    parallel: bool,
    /// Limits of the ratio of dose-normalised means, 0.80-1.25 or 80-125
    #[arg(long, value_parser = read::limits, default_value = "0.80-1.25")]
    limits: (f64, f64),
    /// Level of each one-sided test
    #[arg(long, value_parser = read::fraction, default_value = "0.05")]
    alpha: f64,
    /// Power to reach when the number of subjects is searched
    #[arg(long = "power", value_parser = read::fraction, default_value = "0.8")]
    target: f64,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let usual = Proportionality::new(&args.doses, args.cv);
    let plan = Proportionality {
        slope: args.slope.unwrap_or(usual.slope),
        lower: args.limits.0,
        upper: args.limits.1,
        alpha: args.alpha,
        design: if args.parallel { DoseDesign::Parallel } else { DoseDesign::Crossover },
        ..usual
    };
    let subjects = match args.n {
        Some(subjects) => subjects,
        None => proportionality_sample_size(&plan, args.target).map_err(refused)?.subjects,
    };
    let power = proportionality_power(&plan, subjects).map_err(refused)?;
    if as_json {
        print_json(&json!({
            "n": subjects,
            "power": power,
            "searched": args.n.is_none(),
            "slope": plan.slope,
            "cv": args.cv,
            "alpha": args.alpha,
            "limits": [args.limits.0, args.limits.1],
        }));
        return Ok(Outcome::Done);
    }
    let design = if args.parallel { "parallel groups" } else { "crossover" };
    outln!("{} doses, {design}, CV {}, true slope {:.4}", args.doses.len(), percent(args.cv), plan.slope);
    outln!("  subjects  {subjects:>6}");
    outln!("  power     {:>6.2} %", power * 100.0);
    outln!(
        "\nWith {subjects} evaluable subjects the power is {:.1}% to conclude dose proportionality: that the {} confidence interval of the \
         power model's slope corresponds to a ratio of dose-normalised means within {}, assuming a CV of {} and a true slope of {:.4}.",
        power * 100.0,
        percent(1.0 - 2.0 * args.alpha),
        percent_limits(args.limits.0, args.limits.1),
        percent(args.cv),
        plan.slope
    );
    Ok(Outcome::Done)
}

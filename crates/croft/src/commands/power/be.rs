//! `croft power be`.

use super::read::{self, Cvs, Regulator, percent, percent_limits, spread, thousands};
use super::refused;
use crate::output::{Failure, Outcome, Progress, print_json};
use clap::ValueEnum;
use croft_pk::power::{
    AverageBe, Design, Effort, PowerMethod, ScaledCriterion, ScaledPower, ScaledStudy, Statistics, Subjects,
    scaled_power, scaled_sample_size, tost_power, tost_sample_size,
};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    /// average bioequivalence: two one-sided tests, exact
    Tost,
    /// expanded limits (EMA, Health Canada, GCC), by simulation
    Abel,
    /// FDA's reference-scaled criterion for highly variable drugs, by simulation
    Rsabe,
    /// FDA's criteria for narrow therapeutic indices, by simulation
    Ntid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Approximation {
    /// noncentral t, as several commercial programs
    NoncentralT,
    /// shifted central t, as textbooks before 2000
    ShiftedT,
}

#[derive(clap::Args)]
pub struct Args {
    /// parallel, paired, 2x2, 2x2x2r, 3x3, 3x6x3, 4x4, 2x2x3, 2x2x4, 2x4x4, 2x3x3, 2x4x2
    #[arg(long, default_value = "2x2")]
    design: String,
    /// Within-subject CV (total CV for parallel groups), 0.3 or 30%; CVwT,CVwR where they differ
    #[arg(long, value_parser = read::cvs)]
    cv: Cvs,
    /// Assumed ratio of test to reference [default: 0.95; abel and rsabe 0.90; ntid 0.975]
    #[arg(long, value_parser = read::fraction)]
    theta0: Option<f64>,
    /// Subjects in all, or by sequence (12,14); without it the smallest balanced number is searched
    #[arg(long, value_delimiter = ',')]
    n: Option<Vec<u32>>,
    #[arg(long, value_enum, ignore_case = true, default_value = "tost")]
    method: Method,
    /// Power to reach when the number of subjects is searched
    #[arg(long = "power", value_parser = read::fraction, default_value = "0.8")]
    target: f64,
    /// Level of each one-sided test; 0.05 is a 90% confidence interval
    #[arg(long, value_parser = read::fraction, default_value = "0.05")]
    alpha: f64,
    /// Limits of the ratio, 0.80-1.25 or 80-125 (scaled methods: the unscaled limits)
    #[arg(long, value_parser = read::limits)]
    limits: Option<(f64, f64)>,
    /// Whose expanded limits (abel) [default: ema]; average bioequivalence is 80-125% with all
    #[arg(long, value_enum, ignore_case = true)]
    regulator: Option<Regulator>,
    /// Simulated studies of scaled methods
    #[arg(long, value_parser = read::count, default_value_t = Effort::FOR_POWER)]
    simulations: u64,
    /// Seed of the simulation; the same seed gives the same numbers
    #[arg(long, default_value_t = Effort::SEED)]
    seed: u64,
    /// Simulate the analysis of variance of abel exactly, not as planning tables do
    #[arg(long)]
    exact_anova: bool,
    /// Approximate the power of tost, to compare with older tables
    #[arg(long, value_enum)]
    approximation: Option<Approximation>,
}

/// What was found, in words and for programs.
struct Found {
    subjects: Subjects,
    searched: bool,
    power: f64,
    theta0: f64,
    limits: (f64, f64),
    scaled: Option<(ScaledCriterion, ScaledPower)>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let design = Design::from_name(&args.design).map_err(refused)?;
    let criterion = criterion(args)?;
    let progress = Progress::start();
    progress.say("power".to_owned());
    let found = match criterion {
        None => average(args, design),
        Some(criterion) => scaled(args, design, criterion),
    };
    progress.end();
    let found = found?;
    remark(args, &found);
    if as_json {
        print_json(&facts(args, &found));
    } else {
        tell(args, &found);
    }
    Ok(Outcome::Done)
}

fn criterion(args: &Args) -> Result<Option<ScaledCriterion>, Failure> {
    let narrow = "for a narrow therapeutic index elsewhere use --method tost --limits 90-111.11";
    let criterion = match args.method {
        Method::Tost => return Ok(None),
        Method::Abel => read::expanded_limits(args.regulator)?,
        Method::Rsabe => {
            read::only_fda(args.regulator, "rsabe", "use --method abel for the other regulators")?;
            ScaledCriterion::fda()
        }
        Method::Ntid => {
            read::only_fda(args.regulator, "ntid", narrow)?;
            ScaledCriterion::fda_ntid()
        }
    };
    Ok(Some(match args.limits {
        Some((lower, upper)) => ScaledCriterion { lower, upper, ..criterion },
        None => criterion,
    }))
}

/// The subjects that were given, if any.
fn given(args: &Args, design: Design) -> Result<Option<Subjects>, Failure> {
    match args.n.as_deref() {
        None => Ok(None),
        Some([total]) => Subjects::total(design, *total).map(Some).map_err(refused),
        Some(counts) => Subjects::by_sequence(design, counts).map(Some).map_err(refused),
    }
}

fn average(args: &Args, design: Design) -> Result<Found, Failure> {
    let limits = args.limits.unwrap_or((0.8, 1.25));
    let theta0 = args.theta0.unwrap_or(0.95);
    let plan = AverageBe {
        theta0,
        lower: limits.0,
        upper: limits.1,
        alpha: args.alpha,
        method: match args.approximation {
            None => PowerMethod::Exact,
            Some(Approximation::NoncentralT) => PowerMethod::NoncentralT,
            Some(Approximation::ShiftedT) => PowerMethod::ShiftedT,
        },
        ..AverageBe::new(design, args.cv.one("tost")?)
    };
    let (subjects, searched) = match given(args, design)? {
        Some(subjects) => (subjects, false),
        None => {
            let found = tost_sample_size(&plan, args.target).map_err(refused)?;
            (Subjects::total(design, found.subjects).map_err(refused)?, true)
        }
    };
    let power = tost_power(&plan, &subjects).map_err(refused)?;
    Ok(Found { subjects, searched, power, theta0, limits, scaled: None })
}

fn scaled(args: &Args, design: Design, criterion: ScaledCriterion) -> Result<Found, Failure> {
    if args.approximation.is_some() {
        return Err(Failure::misuse("--approximation is for the method tost").hint("leave it out"));
    }
    let plan = ScaledStudy::new(design, args.cv.reference, criterion);
    let theta0 = args.theta0.unwrap_or(plan.theta0);
    let statistics = if args.exact_anova { Statistics::Exact } else { Statistics::KeyStatistics };
    let study = ScaledStudy { cv_wt: args.cv.test, theta0, alpha: args.alpha, statistics, ..plan };
    let effort = Effort { seed: args.seed, ..Effort::new(args.simulations) };
    let (subjects, searched) = match given(args, design)? {
        Some(subjects) => (subjects, false),
        None => {
            let found = scaled_sample_size(&study, args.target, &effort).map_err(refused)?;
            (Subjects::total(design, found.subjects).map_err(refused)?, true)
        }
    };
    let power = scaled_power(&study, &subjects, &effort).map_err(refused)?;
    let limits = (criterion.lower, criterion.upper);
    Ok(Found { subjects, searched, power: power.power, theta0, limits, scaled: Some((criterion, power)) })
}

/// What the reader should know besides.
fn remark(args: &Args, found: &Found) {
    let counts = found.subjects.counts();
    if counts.windows(2).any(|pair| pair[0] != pair[1]) && args.n.as_ref().is_some_and(|n| n.len() == 1) {
        eprintln!("remark: {} subjects are spread {}", found.subjects.sum(), spread(&found.subjects));
    }
    if found.searched && found.subjects.sum() < 12 {
        eprintln!("remark: fewer than 12 subjects; regulators ask for at least 12 evaluable ones");
    }
}

fn facts(args: &Args, found: &Found) -> Value {
    let mut facts = json!({
        "n": found.subjects.sum(),
        "power": found.power,
        "n_by_sequence": found.subjects.counts(),
        "searched": found.searched,
        "design": found.subjects.design().to_string(),
        "method": method_name(args.method),
        "cv_wt": args.cv.test,
        "cv_wr": args.cv.reference,
        "theta0": found.theta0,
        "alpha": args.alpha,
        "limits": [found.limits.0, found.limits.1],
        "target": if found.searched { Some(args.target) } else { None },
    });
    if let Some((criterion, power)) = &found.scaled {
        let limits = criterion.limits(args.cv.reference);
        facts["regulator"] = json!(criterion.regulator);
        facts["scaled_limits"] = json!([limits.lower, limits.upper]);
        facts["simulations"] = json!(power.simulations);
        facts["seed"] = json!(args.seed);
        facts["standard_error"] = json!(power.standard_error());
        facts["power_of_parts"] = json!({
            "scaled_criterion": power.scaled,
            "point_estimate": power.point_estimate,
            "unscaled_interval": power.average,
            "variability_ratio": power.ratio,
        });
    }
    facts
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Tost => "tost",
        Method::Abel => "abel",
        Method::Rsabe => "rsabe",
        Method::Ntid => "ntid",
    }
}

fn tell(args: &Args, found: &Found) {
    let facts = found.subjects.design().facts();
    outln!("{}, CV {}, ratio {}, alpha {}", facts.title, cv_words(args), percent(found.theta0), args.alpha);
    outln!("  subjects  {:>6}   ({})", found.subjects.sum(), spread(&found.subjects));
    let target = if found.searched { format!("   (target {})", percent(args.target)) } else { String::new() };
    outln!("  power     {:>6.2} %{target}", found.power * 100.0);
    if let Some((criterion, power)) = &found.scaled {
        let limits = criterion.limits(args.cv.reference);
        outln!("  limits at this CV of the reference   {}", percent_limits(limits.lower, limits.upper));
        outln!("  scaled criterion alone   {:>6.2} %", power.scaled * 100.0);
        outln!("  point estimate alone     {:>6.2} %", power.point_estimate * 100.0);
        outln!("  unscaled interval alone  {:>6.2} %", power.average * 100.0);
        if let Some(ratio) = power.ratio {
            outln!("  ratio swT/swR alone      {:>6.2} %", ratio * 100.0);
        }
    }
    outln!("\n{}", sentence(args, found));
}

fn cv_words(args: &Args) -> String {
    let Cvs { test, reference } = args.cv;
    if test.to_bits() == reference.to_bits() {
        percent(test)
    } else {
        format!("{} (test) and {} (reference)", percent(test), percent(reference))
    }
}

/// A sentence for a protocol.
fn sentence(args: &Args, found: &Found) -> String {
    let facts = found.subjects.design().facts();
    let (lower, upper) = found.limits;
    let level = percent(1.0 - 2.0 * args.alpha);
    let shown = match (&found.scaled, args.method) {
        (None, _) => {
            format!("to show bioequivalence ({level} confidence interval within {})", percent_limits(lower, upper))
        }
        (Some(_), Method::Ntid) => "to meet FDA's criteria for drugs with a narrow therapeutic index".to_owned(),
        (Some(_), Method::Rsabe) => "to meet FDA's criteria of reference-scaled average bioequivalence".to_owned(),
        (Some((criterion, _)), _) => format!(
            "to show bioequivalence ({level} confidence interval within the limits expanded as {} allows)",
            criterion.regulator
        ),
    };
    let variability = if facts.periods == 1 { "a total CV of" } else { "a within-subject CV of" };
    let how = match &found.scaled {
        None => match args.approximation {
            None => "exact (Owen's Q)".to_owned(),
            Some(Approximation::NoncentralT) => "approximated by the noncentral t distribution".to_owned(),
            Some(Approximation::ShiftedT) => "approximated by the shifted central t distribution".to_owned(),
        },
        Some((_, power)) => format!(
            "{} simulated studies, seed {}, standard error {:.2} percentage points",
            thousands(power.simulations),
            args.seed,
            power.standard_error() * 100.0
        ),
    };
    format!(
        "With {} evaluable subjects ({}) the study has a power of {:.1}% {shown}, assuming {variability} {} and a true ratio of \
         test to reference of {} ({how}; croft {}).",
        found.subjects.sum(),
        facts.title,
        found.power * 100.0,
        cv_words(args),
        percent(found.theta0),
        env!("CARGO_PKG_VERSION"),
    )
}

//! `croft randomise properties`.

use super::{page, refused, scheme};
use crate::output::{Failure, Outcome, Progress, print_json};
use crate::place::write_whole;
use croft_trial::randomisation::properties::{Effort, Estimate, Method, Properties, properties};
use croft_trial::randomisation::{Design, Rule};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Schemes whose designs are compared, TOML files [default: the usual designs]
    schemes: Vec<PathBuf>,
    /// Subjects of one stratum
    #[arg(long, value_name = "N")]
    n: u32,
    /// A design in a line, `big_stick, tolerance = 3`; more than one may be given
    #[arg(long = "design", value_name = "DESIGN")]
    designs: Vec<String>,
    /// Ratio of the arms, for designs given in a line
    #[arg(long, default_value = "1:1", value_parser = ratio)]
    ratio: Ratio,
    /// Simulated trials, where there is no exact answer
    #[arg(long, default_value_t = Effort::default().trials)]
    trials: u32,
    /// Seed of the simulation
    #[arg(long, default_value_t = Effort::default().seed)]
    seed: u64,
    /// Write a page with the table and figures
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// `2:1`
#[derive(Clone, Debug, PartialEq)]
struct Ratio(Vec<u32>);

fn ratio(text: &str) -> Result<Ratio, String> {
    let parts = text.split(':').map(|part| part.trim().parse().map_err(|_| format!("`{text}` is no ratio, as 2:1")));
    Ok(Ratio(parts.collect::<Result<_, _>>()?))
}

/// One design with what was found of it.
pub struct Found {
    /// The design with its settings, and the scheme that it is from.
    pub name: String,
    /// The design without settings.
    pub design: &'static str,
    pub ratio: String,
    pub properties: Properties,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let effort = Effort { trials: args.trials, seed: args.seed, ..Effort::default() };
    let progress = Progress::start();
    let mut found = Vec::new();
    for (name, rule) in rules(args)? {
        progress.say(name.clone());
        let properties = properties(&rule, args.n, &effort).map_err(|error| {
            let hint = error.hint();
            Failure::misuse(format!("{name}: {error}")).hint(hint)
        })?;
        let ratio = rule.ratio().iter().map(u32::to_string).collect::<Vec<_>>().join(":");
        found.push(Found { name, design: rule.design().name(), ratio, properties });
    }
    progress.end();
    if let Some(path) = &args.html {
        write_whole(path, page::write(args.n, &found).as_bytes())
            .map_err(|error| Failure::failure(format!("{}: {error}", path.display())))?;
    }
    if as_json {
        print_json(&json!({
            "program": concat!("croft ", env!("CARGO_PKG_VERSION")),
            "n": args.n,
            "designs": found.iter().map(facts).collect::<Vec<_>>(),
        }));
    } else {
        tell(args.n, &found);
    }
    if let Some(path) = &args.html {
        eprintln!("wrote {}", path.display());
    }
    Ok(Outcome::Done)
}

/// The designs asked for, each once a scheme.
fn rules(args: &Args) -> Result<Vec<(String, Arc<Rule>)>, Failure> {
    let mut rules: Vec<(String, Arc<Rule>)> = Vec::new();
    for path in &args.schemes {
        let randomisation = scheme(path)?;
        let file = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let mut seen: Vec<Arc<Rule>> = Vec::new();
        for stratum in randomisation.strata() {
            if seen.iter().any(|rule| rule.design() == stratum.rule.design()) {
                continue;
            }
            seen.push(Arc::clone(&stratum.rule));
            rules.push((format!("{file}: {}", name(stratum.rule.design())), Arc::clone(&stratum.rule)));
        }
    }
    let given = args.designs.iter().map(|line| Design::from_line(line).map_err(refused));
    let given = given.collect::<Result<Vec<_>, _>>()?;
    let lines = if given.is_empty() && args.schemes.is_empty() { usual(&args.ratio.0, args.n) } else { given };
    for design in lines {
        let rule = Rule::new(&args.ratio.0, &design).map_err(refused)?;
        rules.push((name(&design), Arc::new(rule)));
    }
    Ok(rules)
}

fn name(design: &Design) -> String {
    match design.settings() {
        settings if settings.is_empty() => design.name().to_owned(),
        settings => format!("{}, {settings}", design.name()),
    }
}

/// What is compared where nothing is asked for: the designs that the arms allow, with settings of the literature.
fn usual(ratio: &[u32], n: u32) -> Vec<Design> {
    let unit = ratio.iter().fold(0u32, |sum, &share| sum.saturating_add(share)).max(1);
    let block = |rounds: u32| unit.saturating_mul(rounds);
    let mut designs = vec![
        Design::Simple {},
        Design::PermutedBlock { lengths: vec![block(2)] },
        Design::RandomBlock { lengths: vec![block(1), block(2), block(3)], weights: Vec::new() },
    ];
    let candidates = [
        Design::BiasedCoin { probability: 2.0 / 3.0 },
        Design::BigStick { tolerance: 3 },
        Design::ToleranceCoin { probability: 2.0 / 3.0, tolerance: 3 },
        Design::Urn { initial: 1, added: 1 },
        Design::MaximalProcedure { subjects: n, tolerance: 3 },
        Design::RandomAllocation { subjects: n },
    ];
    designs.extend(candidates.into_iter().filter(|design| Rule::new(ratio, design).is_ok()));
    designs
}

fn tell(n: u32, found: &[Found]) {
    let width = found.iter().map(|found| found.name.chars().count()).max().unwrap_or(0).max(6);
    outln!("{n} subjects of one stratum");
    outln!();
    outln!("{:width$}  {:>7}  correct guesses %    forced  imbalance              loss", "", "");
    outln!(
        "{:width$}  {:>7}  {:>8} {:>8}  {:>7}  {:>8} {:>8}  {:>8}",
        "design",
        "ratio",
        "converge",
        "diverge",
        "%",
        "at end",
        "largest",
        ""
    );
    for Found { name, ratio, properties: p, .. } in found {
        outln!(
            "{name:width$}  {ratio:>7}  {:>8.2} {:>8.2}  {:>7.2}  {:>8.3} {:>8.3}  {:>8.4}",
            100.0 * p.correct_guesses_convergence.value,
            100.0 * p.correct_guesses_divergence.value,
            100.0 * p.forced.value,
            p.abs_final_imbalance.value,
            p.max_abs_imbalance.value,
            p.loss.value
        );
    }
    outln!();
    for Found { name, properties: p, .. } in found {
        for level in &p.levels {
            let (value, se) = (level.abs_imbalance.value, level.abs_imbalance.standard_error.unwrap_or(0.0));
            outln!("{name}: {} {}: imbalance {value:.3} (s.e. {se:.3})", level.factor, level.level);
        }
    }
    for Found { name, properties: p, .. } in found {
        let Method::Simulated { trials, seed } = p.method else { continue };
        let se = |estimate: Estimate| estimate.standard_error.unwrap_or(0.0);
        outln!(
            "{name}: {trials} simulated trials, seed {seed}; standard errors: guesses {:.2} %, imbalance {:.3} and {:.3}, loss {:.4}",
            100.0 * se(p.correct_guesses_convergence),
            se(p.abs_final_imbalance),
            se(p.max_abs_imbalance),
            se(p.loss)
        );
    }
    let exact = found.iter().filter(|found| found.properties.method == Method::Exact).count();
    match exact {
        0 => {}
        _ if exact == found.len() => outln!("all numbers are exact"),
        _ => outln!("all other numbers are exact"),
    }
}

fn facts(found: &Found) -> Value {
    let p = &found.properties;
    let estimate = |e: Estimate| json!({ "value": e.value, "standard_error": e.standard_error });
    let method = match p.method {
        Method::Exact => json!({ "kind": "exact" }),
        Method::Simulated { trials, seed } => json!({ "kind": "simulated", "trials": trials, "seed": seed }),
    };
    let level = |level: &croft_trial::randomisation::properties::LevelImbalance| json!({ "factor": level.factor, "level": level.level, "mean_abs_imbalance": estimate(level.abs_imbalance) });
    json!({
        "design": found.name,
        "ratio": found.ratio,
        "method": method,
        "correct_guesses_convergence": estimate(p.correct_guesses_convergence),
        "correct_guesses_divergence": estimate(p.correct_guesses_divergence),
        "forced": estimate(p.forced),
        "mean_final_imbalance": p.final_imbalance.map(estimate),
        "mean_abs_final_imbalance": estimate(p.abs_final_imbalance),
        "mean_max_abs_imbalance": estimate(p.max_abs_imbalance),
        "mean_loss": estimate(p.loss),
        "levels": p.levels.iter().map(level).collect::<Vec<_>>(),
    })
}

//! `croft nca`: noncompartmental analysis of the profiles of a CSV file.

mod input;
mod report;

use crate::output::{Failure, Outcome, print_json};
use crate::table::Table;
use clap::ValueEnum;
use croft_core::Unit;
use croft_core::manifest::sha256_hex;
use croft_pk::nca::units::Units;
use croft_pk::nca::{
    AucRule, BlqRule, Convention, Dosing, ExcludedFrom, Exclusion, Interval, LambdaZChoice, Options, Parameter,
    Profile, Regimen, Route, analyse,
};
use input::{Columns, Group};
use report::{Analysed, Run};
use std::path::{Path, PathBuf};

/// One row a sample: subject, time, concentration
#[derive(clap::Args)]
pub struct Args {
    /// CSV file with a header; concentrations as numbers, `BLQ`, or empty
    file: PathBuf,
    /// Amount given to each subject, with or without unit
    #[arg(long, value_name = "320|320mg", conflicts_with = "dose_column", allow_hyphen_values = true)]
    dose: Option<String>,
    /// Column with the amount given
    #[arg(long, value_name = "COLUMN")]
    dose_column: Option<String>,
    /// How the dose was given
    #[arg(long, value_enum, default_value_t = RouteArg::Extravascular)]
    route: RouteArg,
    /// Duration of the infusion
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    duration: Option<f64>,
    /// Time of the dose, on the clock of the file
    #[arg(long, value_name = "H", default_value_t = 0.0, allow_negative_numbers = true)]
    dose_time: f64,
    /// Dosing interval; the profiles are at steady state
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    tau: Option<f64>,
    /// Rule for areas: linear, linear-up-log-down, linear-log
    #[arg(long)]
    rule: Option<AucRule>,
    /// Follow a program's conventions: winnonlin, pknca, croft
    #[arg(long = "as", value_name = "CONVENTION", default_value = "croft")]
    convention: Convention,
    /// Samples below the limit of quantification: zero, drop-middle, missing-after, half-lloq-middle, missing
    #[arg(long, value_name = "RULE")]
    blq: Option<BlqRule>,
    /// Lower limit of quantification; smaller concentrations are BLQ
    #[arg(long, value_name = "CONC", allow_negative_numbers = true)]
    lloq: Option<f64>,
    /// Partial area from A to B; can be repeated
    #[arg(long, value_name = "A-B", value_parser = interval, allow_hyphen_values = true)]
    partial: Vec<Interval>,
    /// Only these parameters, by PPTESTCD
    #[arg(long, value_name = "CODE,...", value_delimiter = ',')]
    parameters: Vec<Parameter>,
    /// Points of the terminal regression by hand, `07=8,12,24` or `07=8-24`; without a subject, for all; can be repeated
    #[arg(long, value_name = "[SUBJECT=]TIMES", requires = "half_life_reason")]
    half_life_points: Vec<String>,
    /// Why they were chosen
    #[arg(long, value_name = "TEXT")]
    half_life_reason: Option<String>,
    /// Most points of the terminal regression
    #[arg(long, value_name = "N")]
    half_life_max_points: Option<usize>,
    /// Earliest time of the terminal regression
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    half_life_earliest: Option<f64>,
    /// Samples left out, `07=2,4`; can be repeated
    #[arg(long, value_name = "SUBJECT=TIMES", requires = "exclude_reason")]
    exclude: Vec<String>,
    /// Why they were left out
    #[arg(long, value_name = "TEXT")]
    exclude_reason: Option<String>,
    /// Column that names the subject
    #[arg(long, default_value = "subject", value_name = "COLUMN")]
    subject: String,
    /// Column with the time
    #[arg(long, default_value = "time", value_name = "COLUMN")]
    time: String,
    /// Column with the concentration
    #[arg(long, default_value = "conc", value_name = "COLUMN")]
    conc: String,
    /// Further column that separates profiles (treatment, period); can be repeated
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// Unit of the concentrations
    #[arg(long, value_name = "UNIT")]
    conc_unit: Option<String>,
    /// Unit of the times
    #[arg(long, value_name = "UNIT")]
    time_unit: Option<String>,
    /// Encoding of the file, if it is not UTF-8
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Folder for nca.json (input, options, results) and pp.csv
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RouteArg {
    /// Oral, subcutaneous, ...
    #[value(alias = "oral")]
    Extravascular,
    /// Intravenous, at once
    #[value(alias = "iv-bolus")]
    Bolus,
    /// Intravenous, at a constant rate for `--duration`
    #[value(alias = "iv-infusion")]
    Infusion,
}

pub fn run(args: &Args, json: bool) -> Result<Outcome, Failure> {
    let table = Table::read(&args.file, args.encoding.as_deref())?;
    let columns = Columns {
        subject: &args.subject,
        time: &args.time,
        conc: &args.conc,
        dose: args.dose_column.as_deref(),
        by: &args.by,
    };
    let groups = input::read(&table, &columns).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{}: {error}", table.name)).hint(hint)
    })?;
    let plan = Plan::new(args)?;
    plan.check_subjects(&groups)?;
    let profiles = groups.into_iter().map(|group| plan.analyse(group, &table.name)).collect::<Result<_, _>>()?;
    let bytes = std::fs::read(&args.file).map_err(|e| Failure::failure(format!("{}: {e}", args.file.display())))?;
    let run = Run { file: &table.name, sha256: sha256_hex(&bytes), by: &args.by, profiles };
    let written = args.out.as_deref().map(|out| write(&run, out)).transpose()?;
    if json {
        print_json(&run.json());
    } else {
        out!("{}", run.summary());
        tell(&run, &plan);
    }
    if let Some(written) = written {
        eprintln!("wrote {written}");
    }
    Ok(Outcome::Done)
}

/// Remarks, on standard error.
fn tell(run: &Run<'_>, plan: &Plan<'_>) {
    let remarks = run.remarks();
    for remark in &remarks {
        eprintln!("remark: {remark}");
    }
    if !remarks.is_empty() {
        eprintln!(
            "  hint: choose points with `--half-life-points SUBJECT=TIMES`, or accept with a reason in the report"
        );
    }
    if plan.dose.is_none() && plan.args.dose_column.is_none() {
        eprintln!("remark: no dose was given; clearance and volume need one (`--dose 320mg`)");
    }
}

fn write(run: &Run<'_>, out: &Path) -> Result<String, Failure> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Failure::failure(format!("{} cannot be written: {error}", out.join(what).display()))
    };
    std::fs::create_dir_all(out).map_err(|error| failed("", &error))?;
    let pp = run.pp_csv().map_err(|error| failed("pp.csv", &error))?;
    let json = format!("{:#}\n", run.json());
    for (name, content) in [("nca.json", json.as_bytes()), ("pp.csv", &pp)] {
        std::fs::write(out.join(name), content).map_err(|error| failed(name, &error))?;
    }
    Ok(format!("nca.json (input, options, results) and pp.csv in {}", out.display()))
}

/// Times chosen for a subject, or for all.
struct Chosen {
    subject: Option<String>,
    choice: LambdaZChoice,
}

/// What the arguments ask for, checked.
struct Plan<'a> {
    args: &'a Args,
    options: Options,
    dose: Option<(f64, Option<Unit>)>,
    route: Route,
    conc_unit: Option<Unit>,
    time_unit: Option<Unit>,
    points: Vec<Chosen>,
    excluded: Vec<(String, Vec<f64>)>,
}

impl<'a> Plan<'a> {
    fn new(args: &'a Args) -> Result<Self, Failure> {
        let mut options = args.convention.options();
        options.rule = args.rule.unwrap_or(options.rule);
        options.blq = args.blq.unwrap_or(options.blq);
        options.partial.clone_from(&args.partial);
        options.lambda_z.max_points = max_points(args.half_life_max_points, options.lambda_z.min_points)?;
        not_blank("--half-life-reason", args.half_life_reason.as_deref())?;
        not_blank("--exclude-reason", args.exclude_reason.as_deref())?;
        options.lambda_z.earliest = args.half_life_earliest;
        if !args.parameters.is_empty() {
            options.parameters = Some(args.parameters.iter().copied().collect());
        }
        let unit = |option: &str, text: &Option<String>| {
            let parsed = text.as_deref().map(Unit::parse).transpose();
            parsed.map_err(|error| {
                let hint = error.hint();
                Failure::misuse(format!("{option}: {error}")).hint(hint)
            })
        };
        let points = args.half_life_points.iter().map(|text| {
            let reason = args.half_life_reason.clone().unwrap_or_default();
            chosen(text, reason).ok_or_else(|| not_times("--half-life-points", text, "07=8,12,24` or `07=8-24"))
        });
        let excluded = args.exclude.iter().map(|text| {
            let pair = text.rsplit_once('=').and_then(|(who, times)| Some((who.to_owned(), numbers(times)?)));
            pair.ok_or_else(|| not_times("--exclude", text, "07=2,4"))
        });
        Ok(Self {
            args,
            options,
            dose: args.dose.as_deref().map(dose).transpose()?,
            route: route(args)?,
            conc_unit: unit("--conc-unit", &args.conc_unit)?,
            time_unit: unit("--time-unit", &args.time_unit)?,
            points: points.collect::<Result<_, _>>()?,
            excluded: excluded.collect::<Result<_, _>>()?,
        })
    }

    /// A subject that the arguments name and the file does not have is a slip of the pen.
    fn check_subjects(&self, groups: &[Group]) -> Result<(), Failure> {
        let of_points = self.points.iter().filter_map(|c| c.subject.as_ref());
        let of_excluded = self.excluded.iter().map(|(subject, _)| subject);
        for subject in of_points.chain(of_excluded) {
            if !groups.iter().any(|g| g.subject == *subject) {
                let message = format!("{} has no subject `{subject}`", self.args.file.display());
                return Err(Failure::misuse(message).hint("name the subject as the file does"));
            }
        }
        Ok(())
    }

    fn analyse(&self, group: Group, file: &str) -> Result<Analysed, Failure> {
        let (dose, dose_unit) = match &group.dose {
            Some((text, row)) => dose(text)
                .map(|(value, unit)| (Some(value), unit))
                .map_err(|failure| failure.hint(format!("mend row {row} of {file}, subject {}", group.subject)))?,
            None => self.dose.clone().map_or((None, None), |(value, unit)| (Some(value), unit)),
        };
        let units = Units { conc: self.conc_unit.clone(), time: self.time_unit.clone(), dose: dose_unit };
        units.check().map_err(|error| {
            let hint = error.hint();
            Failure::misuse(error).hint(hint)
        })?;
        let regimen = self.args.tau.map_or(Regimen::SingleDose, |tau| Regimen::SteadyState { tau });
        let dosing = Dosing { dose, time: self.args.dose_time, route: self.route, regimen };
        let Group { subject, by, samples, .. } = group;
        let samples = self.excluding(&subject, samples, file)?;
        let profile = Profile::new(samples, dosing);
        let profile = profile.and_then(|p| self.args.lloq.map_or(Ok(p.clone()), |lloq| p.with_lloq(lloq)));
        let profile = profile.map_err(|error| {
            let hint = error.hint();
            Failure::misuse(format!("{file}, subject {subject}: {error}")).hint(hint)
        })?;
        let result = analyse(&profile, &self.options_for(&subject));
        Ok(Analysed { subject, by, profile, result, units })
    }

    /// The options with the points chosen for the subject; the last choice counts.
    fn options_for(&self, subject: &str) -> Options {
        let mut options = self.options.clone();
        let mine = |c: &&Chosen| c.subject.as_deref().is_none_or(|s| s == subject);
        if let Some(chosen) = self.points.iter().rfind(mine) {
            options.lambda_z.choice = chosen.choice.clone();
        }
        options
    }

    fn excluding(
        &self,
        subject: &str,
        mut samples: Vec<croft_pk::nca::Sample>,
        file: &str,
    ) -> Result<Vec<croft_pk::nca::Sample>, Failure> {
        let reason = self.args.exclude_reason.clone().unwrap_or_default();
        for (_, times) in self.excluded.iter().filter(|(who, _)| who == subject) {
            for time in times {
                let same = |t: f64| (t - time).abs() <= 1e-9 * time.abs().max(1.0);
                let mut found = false;
                for sample in samples.iter_mut().filter(|s| same(s.time)) {
                    sample.exclusion = Some(Exclusion { from: ExcludedFrom::Everything, reason: reason.clone() });
                    found = true;
                }
                if !found {
                    let message = format!("{file}, subject {subject}: no sample at time {time} to leave out");
                    return Err(Failure::misuse(message).hint("give the actual time, as in the file"));
                }
            }
        }
        Ok(samples)
    }
}

fn dose(text: &str) -> Result<(f64, Option<Unit>), Failure> {
    input::dose(text).map_err(|(message, hint)| Failure::misuse(message).hint(hint))
}

fn route(args: &Args) -> Result<Route, Failure> {
    match (args.route, args.duration) {
        (RouteArg::Infusion, Some(duration)) => Ok(Route::Infusion { duration }),
        (RouteArg::Infusion, None) => {
            Err(Failure::misuse("an infusion needs its duration").hint("give it as `--duration 0.25`"))
        }
        (_, Some(_)) => Err(Failure::misuse("only an infusion has a duration")
            .hint("give `--route infusion`, or leave `--duration` out")),
        (RouteArg::Extravascular, None) => Ok(Route::Extravascular),
        (RouteArg::Bolus, None) => Ok(Route::Bolus),
    }
}

/// A reason goes into the result, where a blank one would say nothing.
fn not_blank(option: &str, reason: Option<&str>) -> Result<(), Failure> {
    if reason.is_some_and(|text| text.trim().is_empty()) {
        return Err(Failure::misuse(format!("{option} is blank")).hint("say why, in words that a reviewer can judge"));
    }
    Ok(())
}

/// A regression of fewer points than the minimum cannot be asked for.
fn max_points(most: Option<usize>, least: usize) -> Result<Option<usize>, Failure> {
    match most {
        Some(most) if most < least => Err(Failure::misuse(format!(
            "--half-life-max-points {most}: a terminal regression needs at least {least} points"
        ))
        .hint(format!("give {least} or more, or leave the option out"))),
        _ => Ok(most),
    }
}

fn not_times(option: &str, text: &str, example: &str) -> Failure {
    Failure::misuse(format!("{option}: `{text}` does not name times")).hint(format!("write `{example}`"))
}

/// `07=8,12,24`, `07=8-24`, `8-24`.
fn chosen(text: &str, reason: String) -> Option<Chosen> {
    let (subject, times) = match text.rsplit_once('=') {
        Some((subject, times)) => (Some(subject.to_owned()), times),
        None => (None, text),
    };
    let choice = match interval(times) {
        Ok(Interval { from, to }) => LambdaZChoice::Range { first: from, last: to, reason },
        Err(_) => LambdaZChoice::Points { times: numbers(times)?, reason },
    };
    Some(Chosen { subject, choice })
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split(',').map(|t| t.trim().parse().ok().filter(|x: &f64| x.is_finite())).collect()
}

/// `A-B`: the hyphen that is neither a sign nor in an exponent.
fn interval(text: &str) -> Result<Interval, String> {
    let ends = text.match_indices('-').find_map(|(at, _)| {
        let (from, to) = (text[..at].trim().parse::<f64>().ok()?, text[at + 1..].trim().parse::<f64>().ok()?);
        Some((from, to)).filter(|(from, to)| from.is_finite() && to.is_finite())
    });
    match ends {
        Some((from, to)) if from < to => Ok(Interval { from, to }),
        Some((from, to)) => Err(format!("the interval from {from} to {to} does not end after its start")),
        None => Err(format!("`{text}` is no interval; write `0-24`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read() {
        for (text, from, to) in
            [("0-24", 0.0, 24.0), ("0.5-1e2", 0.5, 100.0), ("-2-4", -2.0, 4.0), ("1e-1-2", 0.1, 2.0)]
        {
            assert_eq!(interval(text), Ok(Interval { from, to }), "{text}");
        }
        assert!(interval("24-0").is_err() && interval("24").is_err() && interval("a-b").is_err());
    }

    #[test]
    fn chosen_points_are_read() {
        let of = |text| chosen(text, "r".to_owned()).unwrap();
        assert_eq!(of("07=8,12,24").subject.as_deref(), Some("07"));
        assert!(matches!(of("8-24").choice, LambdaZChoice::Range { first: 8.0, last: 24.0, .. }));
        assert!(matches!(of("a=b=8,12").choice, LambdaZChoice::Points { .. }));
        assert!(chosen("07=eight", String::new()).is_none());
    }
}

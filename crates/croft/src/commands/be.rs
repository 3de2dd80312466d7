//! `croft be`.

mod show;

use crate::output::{Failure, Outcome, print_json};
use crate::table::{Number, Table, number};
use croft_pk::be::{
    self, BeData, BeError, BeOptions, DesignKind, Df, Method, Metric, ParallelVariance, Record, Regulator,
    TreatmentNames,
};
use std::error::Error;
use std::path::PathBuf;

/// The file has the columns subject, sequence, period, treatment and value (any case); without `value` the first other numeric
/// column is taken. Without sequence and period the groups are parallel.
#[derive(clap::Args)]
pub struct Args {
    /// CSV file, one row a subject and period
    file: PathBuf,
    /// How to assess
    #[arg(long, value_enum, default_value = "abe")]
    method: MethodArg,
    /// Degrees of freedom of abel-b (default: containment) and c (default: satterthwaite)
    #[arg(long, value_enum)]
    df: Option<DfArg>,
    /// Whose limits decide (default: fda for c, rsabe and ntid, else ema)
    #[arg(long, value_enum)]
    regulator: Option<RegulatorArg>,
    /// The kind of parameter, where a regulator's rule is for one only (ema, gcc: cmax; hc: auc)
    #[arg(long, value_enum)]
    metric: Option<MetricArg>,
    /// Pool the variances of parallel groups instead of Welch's method
    #[arg(long)]
    pooled: bool,
    /// Level of each one-sided test; the interval is 1 - 2 alpha
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Column of the values
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
    /// Name of the test product in the treatment column
    #[arg(long, default_value = "T", value_name = "NAME")]
    test: String,
    /// Name of the reference product in the treatment column
    #[arg(long, default_value = "R", value_name = "NAME")]
    reference: String,
    /// What every regulator would decide, each by its own method
    #[arg(long, conflicts_with_all = ["method", "df", "regulator"])]
    compare: bool,
    /// Encoding of the file when it is not UTF-8, for instance windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum MethodArg {
    /// Average bioequivalence: fixed effects; Welch for parallel groups
    Abe,
    /// Expanding limits, all effects fixed (EMA's method A)
    AbelA,
    /// Expanding limits, subjects random (EMA's method B)
    AbelB,
    /// FDA's mixed model for replicate designs
    C,
    /// FDA's reference-scaled average bioequivalence
    Rsabe,
    /// Narrow therapeutic index drugs
    Ntid,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum DfArg {
    Containment,
    Satterthwaite,
    KenwardRoger,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum RegulatorArg {
    Ema,
    Fda,
    Hc,
    Gcc,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum MetricArg {
    Auc,
    Cmax,
}

impl Args {
    fn options(&self) -> BeOptions {
        let method = match self.method {
            MethodArg::Abe => Method::Abe,
            MethodArg::AbelA => Method::AbelA,
            MethodArg::AbelB => Method::AbelB,
            MethodArg::C => Method::C,
            MethodArg::Rsabe => Method::Rsabe,
            MethodArg::Ntid => Method::Ntid,
        };
        let df = self.df.map(|df| match df {
            DfArg::Containment => Df::Containment,
            DfArg::Satterthwaite => Df::Satterthwaite,
            DfArg::KenwardRoger => Df::KenwardRoger,
        });
        let regulator = self.regulator.map(|r| match r {
            RegulatorArg::Ema => Regulator::Ema,
            RegulatorArg::Fda => Regulator::Fda,
            RegulatorArg::Hc => Regulator::Hc,
            RegulatorArg::Gcc => Regulator::Gcc,
        });
        BeOptions { method, df, regulator, metric: self.metric(), parallel: self.parallel(), alpha: self.alpha }
    }

    fn metric(&self) -> Option<Metric> {
        self.metric.map(|m| match m {
            MetricArg::Auc => Metric::Auc,
            MetricArg::Cmax => Metric::Cmax,
        })
    }

    fn parallel(&self) -> ParallelVariance {
        if self.pooled { ParallelVariance::Pooled } else { ParallelVariance::Welch }
    }
}

pub fn run(args: Args, json: bool) -> Result<Outcome, Failure> {
    if args.test == args.reference {
        return Err(Failure::misuse(format!("the test and the reference product are both named `{}`", args.test))
            .hint("give the two names of the treatment column with --test and --reference"));
    }
    let table = Table::read(&args.file, args.encoding.as_deref())?;
    let data = study(&table, &args)?;
    if args.df.is_some() && !matches!(args.method, MethodArg::AbelB | MethodArg::C) {
        return Err(Failure::misuse("--df is for the mixed models").hint("use it with --method abel-b or --method c"));
    }
    if args.pooled && data.design().kind != DesignKind::Parallel {
        eprintln!("remark: --pooled is for parallel groups and has no effect on {}", data.design());
    }
    if args.compare {
        let answers = be::compare::compare(&data, args.metric(), args.parallel(), args.alpha);
        if json {
            print_json(&show::comparison_facts(&answers))
        } else {
            show::comparison(&data, &answers)
        }
        return Ok(Outcome::Done);
    }
    let result = be::analyse(&data, &args.options()).map_err(|e| failure(&table.name, e))?;
    if json {
        print_json(&show::facts(&result))
    } else {
        show::result(&result)
    }
    Ok(Outcome::Done)
}

/// A message that names the file; errors about rows do so already.
fn failure(file: &str, error: BeError) -> Failure {
    let hint = error.hint();
    let text = error.to_string();
    let text = if text.starts_with(file) { text } else { format!("{file}: {text}") };
    let because = error.source().map(|cause| format!("\n  because {cause}")).unwrap_or_default();
    Failure::misuse(format!("{text}{because}")).hint(hint)
}

/// The checked study in a table.
fn study(table: &Table, args: &Args) -> Result<BeData, Failure> {
    let subject = table.needed("subject")?;
    let treatment = table.needed("treatment")?;
    let (sequence, period) = match (table.column("sequence"), table.column("period")) {
        (None, None) => (None, None),
        _ => (Some(table.needed("sequence")?), Some(table.needed("period")?)),
    };
    let named = [Some(subject), Some(treatment), sequence, period];
    let value = value_column(table, args.value.as_deref(), &named)?;
    let mut records = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let text = |column: Option<usize>| column.map(|c| row.cells[c].clone()).unwrap_or_default();
        let cell = &row.cells[value];
        let value = match number(cell) {
            Number::Value(x) => Some(x),
            Number::Missing => None,
            Number::Text => {
                return Err(Failure::misuse(format!(
                    "{}, row {}, subject {}: `{}` is {cell:?}, not a number",
                    table.name, row.number, row.cells[subject], table.headings[value]
                ))
                .hint("write numbers with a decimal point; leave the cell empty when there is no value"));
            }
        };
        records.push(Record {
            row: row.number,
            subject: text(Some(subject)),
            sequence: text(sequence),
            period: text(period),
            treatment: text(Some(treatment)),
            value,
        });
    }
    let names = TreatmentNames { test: args.test.clone(), reference: args.reference.clone() };
    BeData::new(&table.name, &table.headings[value], &records, &names).map_err(|e| failure(&table.name, e))
}

/// The column asked for, else `value`, else the first other column that holds more numbers than other text.
fn value_column(table: &Table, asked: Option<&str>, named: &[Option<usize>]) -> Result<usize, Failure> {
    if let Some(name) = asked {
        let column = table.column(name).ok_or_else(|| {
            Failure::misuse(format!("{}: no column `{name}` (found: {})", table.name, table.headings.join(", ")))
                .hint("give the name of the column of values with --value")
        })?;
        if named.contains(&Some(column)) {
            return Err(Failure::misuse(format!(
                "{}: `{}` says which observation it is and cannot be the value",
                table.name, table.headings[column]
            ))
            .hint("give the name of the column of values with --value"));
        }
        return Ok(column);
    }
    let numeric = |column: &usize| {
        let cells = || table.rows.iter().map(|row| number(&row.cells[*column]));
        let numbers = cells().filter(|n| matches!(n, Number::Value(_))).count();
        let texts = cells().filter(|n| matches!(n, Number::Text)).count();
        numbers > texts
    };
    let others = (0..table.headings.len()).filter(|c| !named.contains(&Some(*c)));
    if let Some(column) = table.column("value") {
        return Ok(column);
    }
    let candidates: Vec<usize> = others.filter(numeric).collect();
    if let [taken, also @ ..] = &candidates[..]
        && !also.is_empty()
    {
        let also: Vec<&str> = also.iter().map(|&c| table.headings[c].as_str()).collect();
        eprintln!("remark: value column: {} (also: {}); choose with --value", table.headings[*taken], also.join(", "));
    }
    candidates.first().copied().ok_or_else(|| {
        Failure::misuse(format!("{}: no column of values (found: {})", table.name, table.headings.join(", ")))
            .hint("name it `value`, or give its name with --value")
    })
}

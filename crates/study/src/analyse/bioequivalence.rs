//! Method `bioequivalence`: is test like reference? Each parameter is analysed by [`croft_pk::be`].
//!
//! Statistics `N_SUBJ`, `N_OBS`, `PE_PCT`, `CI_LO_PCT`, `CI_HI_PCT`, `LEVEL_PCT`, `DF`, `SE_LN`, `CV_PCT` (within-subject, of the common
//! residual), `CVWR_PCT`, `CVWT_PCT`, `SWR`, `SWT`, `LIMIT_LO_PCT`, `LIMIT_HI_PCT`, `DECISION`, `PRIMARY`; for scaled methods
//! `CRITERION_BOUND`; and of the analysis of variance, with the group `EFFECT`, `DF`, `SS`, `MS`, `F`, `P`.
//! What a method does not give is absent.

use super::{Draft, Request};
use crate::error::StudyError;
use croft_core::{AnalysisResult, Cell, Group, StatValue};
use croft_pk::be::{self, BeData, BeError, BeOptions, BeResult, Metric, Record, TreatmentNames};
use serde::Deserialize;
use serde::de::IntoDeserializer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    method: String,
    df: Option<String>,
    regulator: Option<String>,
    /// Level of each one-sided test.
    #[serde(default = "five_percent")]
    alpha: f64,
    /// Parameters whose criterion decides; none in a supportive analysis.
    #[serde(default)]
    primary: Vec<String>,
    subject: String,
    sequence: String,
    period: String,
    treatment: String,
    value: String,
    #[serde(default = "test")]
    test: String,
    #[serde(default = "reference")]
    reference: String,
}

fn five_percent() -> f64 {
    0.05
}

fn test() -> String {
    "T".to_owned()
}

fn reference() -> String {
    "R".to_owned()
}

pub fn run(request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    let options: Options = request.options()?;
    if !request.analysis.groups.is_empty() || request.analysis.total {
        return Err(request.fault(
            "bioequivalence is not analysed by groups".to_owned(),
            "leave `groups` and `total` out; one file an analysis, with its own `where`",
        ));
    }
    let parts = request.partition()?;
    if let Some(absent) = options.primary.iter().find(|p| !parts.keys().any(|(parameter, _)| parameter == *p)) {
        let there: Vec<&str> = parts.keys().map(|(parameter, _)| parameter.as_str()).collect();
        return Err(request.fault(
            format!("the primary parameter {absent} has no row (there are: {})", there.join(", ")),
            "correct `primary`, or the condition",
        ));
    }
    let mut results = Vec::new();
    for ((parameter, _), rows) in parts {
        let fault = |e: BeError| request.fault(format!("{parameter}: {e}"), e.hint());
        let records = records(request, &options, &rows)?;
        let names = TreatmentNames { test: options.test.clone(), reference: options.reference.clone() };
        let data = BeData::new(&request.data.name, &parameter, &records, &names).map_err(fault)?;
        let asked = asked(request, &options, &parameter)?;
        let result = be::analyse(&data, &asked).map_err(fault)?;
        let used: Vec<usize> = result.rows.iter().map(|row| row - 1).collect();
        let primary = options.primary.contains(&parameter);
        push_statistics(&mut results, request, &parameter, &used, &result, primary);
    }
    Ok(results)
}

/// Rows are numbered from 1 towards the engine, whose messages name them.
fn records(request: &Request<'_>, options: &Options, rows: &[usize]) -> Result<Vec<Record>, StudyError> {
    let column = |name: &str| request.column(name);
    let (subject, sequence) = (column(&options.subject)?, column(&options.sequence)?);
    let (period, treatment) = (column(&options.period)?, column(&options.treatment)?);
    let value = column(&options.value)?;
    let text = |cell: Cell<'_>| match cell {
        Cell::Num(x) => format!("{x}"),
        Cell::Text(text) => text.to_owned(),
        Cell::MissingNum(_) | Cell::Null => String::new(),
    };
    Ok(rows
        .iter()
        .map(|&row| Record {
            row: row + 1,
            subject: text(subject.get(row)),
            sequence: text(sequence.get(row)),
            period: text(period.get(row)),
            treatment: text(treatment.get(row)),
            value: value.get(row).num(),
        })
        .collect())
}

fn asked(request: &Request<'_>, options: &Options, parameter: &str) -> Result<BeOptions, StudyError> {
    let mut asked = BeOptions::new(word(request, "method", &options.method)?);
    asked.df = options.df.as_deref().map(|d| word(request, "df", d)).transpose()?;
    asked.regulator = options.regulator.as_deref().map(|r| word(request, "regulator", r)).transpose()?;
    asked.alpha = options.alpha;
    asked.metric = Some(if parameter == "CMAX" { Metric::Cmax } else { Metric::Auc });
    Ok(asked)
}

/// One of the engine's words, as it spells them.
fn word<'de, T: Deserialize<'de>>(request: &Request<'_>, key: &str, text: &'de str) -> Result<T, StudyError> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(text.into_deserializer());
    read.map_err(|e| request.fault(format!("[options] {key}: {e}"), "use one of the words listed"))
}

fn push_statistics(
    results: &mut Vec<AnalysisResult>,
    request: &Request<'_>,
    parameter: &str,
    rows: &[usize],
    result: &BeResult,
    primary: bool,
) {
    let part = request.result(parameter, Vec::new(), rows);
    let estimate = &result.estimate;
    let limits = be::limits_pct(&result.criterion, result.variability.reference.as_ref().map(|w| w.cv_pct));
    let decision = if result.decision.pass { "pass" } else { "fail" };
    results.extend([
        part.num("N_SUBJ", result.counts.subjects_used as f64, ""),
        part.num("N_OBS", result.counts.observations_used as f64, ""),
        part.num("PE_PCT", estimate.pe_pct, "%"),
        part.num("CI_LO_PCT", estimate.ci_lo_pct, "%"),
        part.num("CI_HI_PCT", estimate.ci_hi_pct, "%"),
        part.num("LEVEL_PCT", 100.0 * (1.0 - 2.0 * result.options.alpha), "%"),
        part.num("DF", estimate.df, ""),
        part.num("SE_LN", estimate.ln_se, ""),
        part.num("LIMIT_LO_PCT", limits[0], "%"),
        part.num("LIMIT_HI_PCT", limits[1], "%"),
        part.with("DECISION", StatValue::Text(decision.to_owned()), ""),
        part.with("PRIMARY", StatValue::Text(if primary { "Y" } else { "N" }.to_owned()), ""),
        part.with("CRITERION", StatValue::Text(result.criterion.guideline.clone()), ""),
        part.with("MODEL", StatValue::Text(result.model.clone()), ""),
    ]);
    push_variability(results, &part, result);
    for line in &result.anova {
        let effect = vec![Group { variable: "EFFECT".to_owned(), value: line.source.clone() }];
        let part = request.result(parameter, effect, rows);
        results.extend([part.num("DF", line.df as f64, ""), part.num("SS", line.ss, ""), part.num("MS", line.ms, "")]);
        results.extend(line.f.map(|f| part.num("F", f, "")));
        results.extend(line.p.map(|p| part.num("P", p, "")));
    }
}

fn push_variability(results: &mut Vec<AnalysisResult>, part: &Draft, result: &BeResult) {
    let v = &result.variability;
    results.extend(v.common.as_ref().map(|w| part.num("CV_PCT", w.cv_pct, "%")));
    for (within, cv, s) in [(&v.reference, "CVWR_PCT", "SWR"), (&v.test, "CVWT_PCT", "SWT")] {
        if let Some(within) = within {
            results.push(part.num(cv, within.cv_pct, "%"));
            results.push(part.num(s, within.s, ""));
        }
    }
    if let Some(ratio) = &v.ratio {
        results.push(part.num("SW_RATIO", ratio.ratio, ""));
        results.push(part.num("SW_RATIO_UPPER", ratio.upper, ""));
    }
    if let Some(scaled) = &result.scaled {
        results.push(part.num("CRITERION_BOUND", scaled.criterion_bound, ""));
    }
}

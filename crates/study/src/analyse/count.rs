//! Method `count`: how many subjects, how many records?
//!
//! For each group: `NSUBJ` subjects, `NREC` records, `DENOM` the denominator and `PCT` = 100·NSUBJ/DENOM, over any level
//! (parameter `ANY`), by level of each of `variables`, and by the levels of `nested` variables within each other.
//! A level that occurs in one group is counted in all, so that nobody is said to be nobody.
//! A result of a level bears the name of its innermost variable as parameter, and one group a variable.
//! The denominator counts the subjects of another dataset by the same groups; without one, those of the chosen rows.

use super::{Level, Request};
use crate::error::StudyError;
use croft_core::{AnalysisResult, Cell, Dataset, Group};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    /// Variables whose levels are counted, each by itself.
    #[serde(default)]
    variables: Vec<String>,
    /// Variables whose levels are counted within each other, outermost first.
    #[serde(default)]
    nested: Vec<String>,
    /// Levels of a variable of `variables` that are reported even where nobody has them.
    #[serde(default)]
    expected: BTreeMap<String, Vec<String>>,
    /// The variable that distinguishes subjects.
    #[serde(default = "usubjid")]
    subject: String,
    denominator: Option<Denominator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Denominator {
    dataset: String,
    /// A flag of that dataset that must be `Y`.
    flag: Option<String>,
}

fn usubjid() -> String {
    "USUBJID".to_owned()
}

pub fn run(request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    let options: Options = request.options()?;
    let mut parts = request.partition()?;
    let denominators = denominators(request, &options)?;
    let everything: Vec<usize> = parts.values().flatten().copied().collect();
    let mut named = Vec::new();
    for variables in named_variables(&options) {
        let mut anywhere: BTreeSet<Vec<Level>> =
            by_levels(request, &variables, &BTreeSet::new(), &everything)?.into_keys().collect();
        if let [alone] = variables.as_slice() {
            let expected = options.expected.get(alone).into_iter().flatten();
            anywhere.extend(expected.map(|level| vec![Level::of(Cell::Text(level))]));
        }
        named.push((variables, anywhere));
    }
    for levels in denominators.keys() {
        parts.entry((String::new(), levels.clone())).or_default();
    }
    let mut results = Vec::new();
    for ((_, group), rows) in &parts {
        let total = match &options.denominator {
            Some(_) => denominators.get(group).copied().unwrap_or(0),
            None => subjects(request.data, &options.subject, rows),
        };
        for (named, anywhere) in &named {
            for (levels, rows) in by_levels(request, named, anywhere, rows)? {
                let mut groups = request.groups(group);
                groups.extend(
                    named.iter().zip(&levels).map(|(v, l)| Group { variable: v.clone(), value: l.text.clone() }),
                );
                let parameter = named.last().map_or("ANY", String::as_str);
                let part = request.result(parameter, groups, &rows);
                let subjects = subjects(request.data, &options.subject, &rows);
                let percent = (total > 0).then(|| 100.0 * subjects as f64 / total as f64);
                results.push(part.num("NSUBJ", subjects as f64, ""));
                results.push(part.num("NREC", rows.len() as f64, ""));
                results.push(part.num("DENOM", total as f64, ""));
                results.push(part.maybe("PCT", percent, "the denominator is zero", "%"));
            }
        }
    }
    Ok(results)
}

/// The lists of variables to count by: none, each alone, and each depth of the nested ones.
fn named_variables(options: &Options) -> Vec<Vec<String>> {
    let alone = options.variables.iter().map(|v| vec![v.clone()]);
    let nested = (1..=options.nested.len()).map(|depth| options.nested[..depth].to_vec());
    std::iter::once(Vec::new()).chain(alone).chain(nested).collect()
}

/// The rows by the levels of these variables, those that occur anywhere among them; without variables, all rows under no level.
fn by_levels(
    request: &Request<'_>,
    variables: &[String],
    anywhere: &BTreeSet<Vec<Level>>,
    rows: &[usize],
) -> Result<BTreeMap<Vec<Level>, Vec<usize>>, StudyError> {
    let columns = variables.iter().map(|v| request.column(v)).collect::<Result<Vec<_>, _>>()?;
    let mut parts: BTreeMap<Vec<Level>, Vec<usize>> = BTreeMap::new();
    if columns.is_empty() {
        parts.insert(Vec::new(), rows.to_vec());
        return Ok(parts);
    }
    parts.extend(anywhere.iter().map(|levels| (levels.clone(), Vec::new())));
    for &row in rows {
        parts.entry(columns.iter().map(|c| Level::of(c.get(row))).collect()).or_default().push(row);
    }
    Ok(parts)
}

fn subjects(data: &Dataset, subject: &str, rows: &[usize]) -> usize {
    rows.iter().filter_map(|&row| data.cell(row, subject)?.text()).collect::<BTreeSet<_>>().len()
}

/// Subjects of the denominator's dataset by group.
fn denominators(request: &Request<'_>, options: &Options) -> Result<BTreeMap<Vec<Level>, usize>, StudyError> {
    let Some(denominator) = &options.denominator else { return Ok(BTreeMap::new()) };
    let data = request.datasets.get(&denominator.dataset).ok_or_else(|| {
        request.fault(
            format!("the denominator's dataset {} does not exist", denominator.dataset),
            "name a dataset of derive/",
        )
    })?;
    let missing = |name: &str| {
        request
            .fault(format!("{} has no variable {name}", denominator.dataset), "the denominator needs the same groups")
    };
    let mut counted: BTreeMap<Vec<Level>, BTreeSet<&str>> = BTreeMap::new();
    for row in 0..data.rows() {
        if let Some(flag) = &denominator.flag
            && data.cell(row, flag).ok_or_else(|| missing(flag))?.text() != Some("Y")
        {
            continue;
        }
        let mut levels = Vec::new();
        for group in &request.analysis.groups {
            levels.push(Level::of(data.cell(row, group).ok_or_else(|| missing(group))?));
        }
        let subject = data.cell(row, &options.subject).ok_or_else(|| missing(&options.subject))?;
        if request.analysis.total {
            counted.entry(Vec::new()).or_default().extend(subject.text());
        }
        counted.entry(levels).or_default().extend(subject.text());
    }
    Ok(counted.into_iter().map(|(levels, subjects)| (levels, subjects.len())).collect())
}

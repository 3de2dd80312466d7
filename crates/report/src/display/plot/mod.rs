//! Which figure shows what?
//!
//! ```toml
//! type = "figure"
//! plot = "profile-individual"        # one or two panels a subject, several subjects a page
//! dataset = "ADPC"
//! where = { PARAMCD = "DRUGX" }
//! subject = "USUBJID"
//! time = "ARRLT"
//! value = "AVAL"
//! by = "TRTA"                        # one line a treatment …
//! profile = ["APERIOD"]              # … and period, where a treatment is given more than once
//! order = ["T", "R"]                 # levels of `by`; else in order of appearance
//! labels = { T = "Test", R = "Reference" }
//! x-label = "Time after dose (h)"
//! y-label = "Concentration (ng/mL)"
//! scale = "both"                     # linear, semi-log or both (default)
//! ```
//! ```toml
//! plot = "profile-mean"              # mean ± SD (or another statistic) against nominal time, from results
//! results = { analysis = "conc-summary" }
//! time = "ATPTN"                     # group variables
//! by = "TRTA"
//! center = "MEAN"
//! spread = "SD"                      # left out: no bars
//! ```
//! ```toml
//! plot = "forest"                    # ratios with confidence interval and limits
//! results = { analysis = "be", method = "abe" }
//! estimate = "PE_PCT"
//! lower = "CI_LO_PCT"
//! upper = "CI_HI_PCT"
//! limits = [80, 125]
//! reference = 100
//! format = ".2"
//! x-label = "Test/Reference (%)"
//! rows = [{ label = "C~max~", where = { parameter = "CMAX" } }]
//! ```
//! ```toml
//! plot = "lambda-z"                  # semi-log, the points used filled, the fitted line over them
//! # dataset, where, subject, time, value, by, profile, order, labels, x-label, y-label as above, and
//! used = "LZFL"                      # variable that is `Y` at points used; else those between `lower` and `upper`
//! caption = "λz {LAMZ:3s} 1/h, t½ {LAMZHL:3s} h"
//! [parameters]                       # of each profile, found by the same subject, `by` and `profile` variables
//! dataset = "ADPP"
//! code = "PARAMCD"
//! value = "AVAL"
//! slope = "LAMZ"
//! through-value = "CLSTP"            # a point of the fitted line: its concentration …
//! through-time = "TLST"              # … and time (0 when left out: `through-value` is the intercept)
//! lower = "LAMZLL"
//! upper = "LAMZUL"
//! ```
//! The numbers drawn accompany the figure as a table.

mod forest;
mod individual;
mod lambda_z;
mod mean;

use super::{DisplayError, Place};
use crate::block::{Align, Body, Cell, Column, HeadCell, Inline, Table};
use crate::figure::scale::Scale;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Width of a figure: the text of an upright A4 page.
const WIDTH: f32 = 453.0;
/// Height of a figure that fills a page.
const PAGE_HEIGHT: f32 = 590.0;

/// The keys of a figure, by its plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Keys {
    Individual(individual::Keys),
    Mean(mean::Keys),
    Forest(forest::Keys),
    LambdaZ(Box<lambda_z::Keys>),
}

impl Keys {
    /// Datasets read directly.
    pub(crate) fn datasets(&self) -> Vec<&str> {
        match self {
            Self::Individual(keys) => vec![&keys.profiles.dataset],
            Self::LambdaZ(keys) => vec![&keys.profiles.dataset, &keys.parameters.dataset],
            Self::Mean(_) | Self::Forest(_) => Vec::new(),
        }
    }
}

/// Linear, semi-logarithmic or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scales {
    Linear,
    SemiLog,
    #[default]
    Both,
}

impl Scales {
    /// The vertical axes asked for.
    fn axes(self, values: &[f64]) -> Vec<Scale> {
        let linear = || Scale::linear(values.iter().copied(), true, 5);
        let log = || Scale::log(values.iter().copied());
        match self {
            Self::Linear => vec![linear()],
            Self::SemiLog => vec![log()],
            Self::Both => vec![linear(), log()],
        }
    }
}

/// Reads the keys of a figure.
pub(crate) fn parse(name: &str, mut table: toml::Table) -> Result<Keys, DisplayError> {
    let plot = match table.remove("plot") {
        Some(toml::Value::String(plot)) => plot,
        _ => String::new(),
    };
    match plot.as_str() {
        "profile-individual" => Ok(Keys::Individual(individual::Keys::read(name, table)?)),
        "profile-mean" => Ok(Keys::Mean(super::keys(name, table)?)),
        "forest" => Ok(Keys::Forest(super::keys(name, table)?)),
        "lambda-z" => Ok(Keys::LambdaZ(Box::new(lambda_z::Keys::read(name, table)?))),
        other => Err(DisplayError::Key {
            display: name.to_owned(),
            key: "plot".to_owned(),
            problem: format!("`{other}` is none of profile-individual, profile-mean, forest, lambda-z"),
        }),
    }
}

/// Draws the figure; also gives footnotes of its own.
pub(crate) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Body, Vec<Vec<Inline>>), DisplayError> {
    match keys {
        Keys::Individual(keys) => individual::render(keys, at),
        Keys::Mean(keys) => mean::render(keys, at),
        Keys::Forest(keys) => forest::render(keys, at),
        Keys::LambdaZ(keys) => lambda_z::render(keys, at),
    }
}

/// The order of levels: as asked, else as found. A level asked for that is not there is an error.
fn ordered(at: &Place<'_>, found: Vec<String>, order: &[String]) -> Result<Vec<String>, DisplayError> {
    if order.is_empty() {
        return Ok(found);
    }
    for level in order {
        if !found.contains(level) {
            return Err(at.unknown("order", "level", level, found.iter().map(String::as_str)));
        }
    }
    Ok(order.to_vec())
}

fn label_of(labels: &BTreeMap<String, String>, level: &str) -> String {
    labels.get(level).cloned().unwrap_or_else(|| level.to_owned())
}

/// A data table's columns and head from their names.
fn data_columns(names: &[&str], texts: usize) -> Table {
    let column = |(i, name): (usize, &&str)| Column {
        name: (*name).to_owned(),
        align: if i < texts { Align::Left } else { Align::Decimal },
        width: None,
        group: false,
    };
    let cell = |name: &&str| HeadCell { content: vec![Inline::Text((*name).to_owned())], span: 1 };
    Table {
        columns: names.iter().enumerate().map(column).collect(),
        head: vec![names.iter().map(cell).collect()],
        rows: Vec::new(),
    }
}

/// A number as it is, for a data table.
fn number(x: f64) -> Cell {
    Cell::text(x.to_string())
}

#[cfg(test)]
mod tests;

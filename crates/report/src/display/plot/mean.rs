//! Mean profiles: a statistic with its spread against nominal time, a line a group.

use super::{Scales, WIDTH, data_columns, label_of, number, ordered};
use crate::block::{Body, Cell, CellSource, Inline, Row, RowKind, Table};
use crate::display::{DisplayError, Place};
use crate::figure::chart::{Datum, Panel, Series, look};
use crate::figure::scale::Scale;
use crate::figure::{Figure, at as point};
use crate::font::Fonts;
use crate::select::{Filter, field};
use croft_core::AnalysisResult;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The keys of mean profiles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Keys {
    #[serde(default)]
    results: Filter,
    time: String,
    by: Option<String>,
    center: String,
    spread: Option<String>,
    #[serde(default)]
    order: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    x_label: String,
    #[serde(default)]
    y_label: String,
    #[serde(default)]
    scale: Scales,
}

/// A value with its spread and where they came from.
struct Mean {
    level: String,
    time: f64,
    center: (usize, f64),
    spread: Option<(usize, f64)>,
}

pub(super) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Body, Vec<Vec<Inline>>), DisplayError> {
    let means = means(keys, at)?;
    let mut levels: Vec<String> = Vec::new();
    for mean in &means {
        if !levels.contains(&mean.level) {
            levels.push(mean.level.clone());
        }
    }
    let levels = ordered(at, levels, &keys.order)?;
    let series: Vec<Series> = levels
        .iter()
        .enumerate()
        .map(|(i, level)| Series {
            name: label_of(&keys.labels, level),
            look: look(i),
            data: means.iter().filter(|m| m.level == *level).map(datum).collect(),
            line: true,
            marks: true,
        })
        .collect();
    let shown: Vec<&Mean> = means.iter().filter(|m| levels.contains(&m.level)).collect();
    let ends = shown.iter().flat_map(|m| {
        let spread = m.spread.map_or(0.0, |s| s.1);
        [m.center.1 - spread, m.center.1, m.center.1 + spread]
    });
    let linear: Vec<f64> = ends.map(|v| v.max(0.0)).collect();
    let x = Scale::linear(shown.iter().map(|m| m.time), true, 8);
    let axes = match keys.scale {
        Scales::Both | Scales::SemiLog => {
            // The log axis holds means and upper ends; a lower end near zero would stretch it over many decades.
            let upper: Vec<f64> =
                shown.iter().flat_map(|m| [m.center.1, m.center.1 + m.spread.map_or(0.0, |s| s.1)]).collect();
            let log = Scales::SemiLog.axes(&upper);
            let linear = if keys.scale == Scales::Both { Scales::Linear.axes(&linear) } else { Vec::new() };
            linear.into_iter().chain(log).collect::<Vec<_>>()
        }
        Scales::Linear => Scales::Linear.axes(&linear),
    };
    let fonts = Fonts::new();
    let height = if axes.len() == 1 { 300.0 } else { 255.0 };
    let mut marks = Vec::new();
    for (i, y) in axes.iter().enumerate() {
        let title = match (axes.len(), y.log) {
            (1, _) => String::new(),
            (_, false) => "Linear scale".to_owned(),
            (_, true) => "Semi-logarithmic scale".to_owned(),
        };
        let panel = Panel {
            at: point(0.0, i as f32 * (height + 12.0)),
            width: WIDTH,
            height,
            title,
            x_label: keys.x_label.clone(),
            y_label: keys.y_label.clone(),
            x: x.clone(),
            y: y.clone(),
            series: series.clone(),
            named: true,
        };
        marks.extend(panel.draw(&fonts));
    }
    let figure = Figure {
        width: WIDTH,
        height: axes.len() as f32 * (height + 12.0) - 12.0,
        marks,
        alt: format!("{} of {} against {}, by treatment", keys.center, keys.y_label, keys.x_label),
    };
    Ok((Body::Figures { figures: vec![figure], data: data(keys, &shown) }, Vec::new()))
}

fn datum(mean: &Mean) -> Datum {
    let y = mean.center.1;
    Datum { x: mean.time, y, interval: mean.spread.map(|(_, s)| (y - s, y + s)), filled: false }
}

fn means(keys: &Keys, at: &Place<'_>) -> Result<Vec<Mean>, DisplayError> {
    let results: Vec<(usize, &AnalysisResult)> =
        at.inputs.results.iter().enumerate().filter(|(_, r)| keys.results.matches(r)).collect();
    let mut means: Vec<Mean> = Vec::new();
    for &(index, result) in results.iter().filter(|(_, r)| r.statistic == keys.center) {
        let Some(time) = field(result, &keys.time) else { continue };
        let time = time
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|t| t.is_finite())
            .ok_or_else(|| at.problem("time", format!("the level `{time}` of {} is no number", keys.time)))?;
        let Some(center) = result.value.num() else { continue };
        let level = keys.by.as_deref().and_then(|by| field(result, by)).unwrap_or("").to_owned();
        let spread = results.iter().find(|(_, r)| {
            Some(r.statistic.as_str()) == keys.spread.as_deref()
                && r.groups == result.groups
                && r.parameter == result.parameter
                && r.analysis == result.analysis
        });
        let spread = spread.and_then(|(i, r)| r.value.num().map(|s| (*i, s)));
        means.push(Mean { level, time, center: (index, center), spread });
    }
    if means.is_empty() {
        let wanted = format!("statistic = {} with a group {}, {}", keys.center, keys.time, keys.results);
        return Err(DisplayError::NoResult {
            display: at.display.to_owned(),
            key: "results".to_owned(),
            filter: wanted,
        });
    }
    means.sort_by(|a, b| a.time.total_cmp(&b.time));
    let twice = means.windows(2).any(|w| w[0].time.total_cmp(&w[1].time).is_eq() && w[0].level == w[1].level);
    if twice {
        return Err(at.problem("results", "several results at one time and group: narrow the filter, or set `by`"));
    }
    Ok(means)
}

fn data(keys: &Keys, means: &[&Mean]) -> Table {
    let mut names = vec!["Treatment", "Time", keys.center.as_str()];
    names.extend(keys.spread.as_deref());
    let mut table = data_columns(&names, 1);
    for mean in means {
        let sourced = |(index, value): (usize, f64)| Cell { sources: vec![CellSource::Result(index)], ..number(value) };
        let level = label_of(&keys.labels, &mean.level);
        let mut cells = vec![Cell::text(level.clone()), number(mean.time), sourced(mean.center)];
        if keys.spread.is_some() {
            cells.push(mean.spread.map(sourced).unwrap_or_default());
        }
        table.rows.push(Row { kind: RowKind::Data, name: format!("{level}, {}", mean.time), indent: 0, cells });
    }
    table
}

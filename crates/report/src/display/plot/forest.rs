//! Forest plot: ratios with their confidence intervals against limits, and the numbers beside them.

use super::{WIDTH, data_columns};
use crate::block::{Body, Cell, CellSource, Inline, Row, RowKind, Table, plain};
use crate::display::{DisplayError, Place};
use crate::figure::chart::{LABEL_SIZE, TICK_SIZE, line, text};
use crate::figure::scale::Scale;
use crate::figure::{Anchor, Dash, Figure, Ink, Mark, Shape, Stroke, at as point, solid};
use crate::font::{Fonts, Style};
use crate::number::Spec;
use crate::select::Filter;
use croft_core::AnalysisResult;
use serde::Deserialize;

/// The keys of a forest plot.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Keys {
    #[serde(default)]
    results: Filter,
    estimate: String,
    lower: String,
    upper: String,
    #[serde(default)]
    limits: Vec<f64>,
    reference: Option<f64>,
    #[serde(default = "two_decimals")]
    format: String,
    #[serde(default)]
    x_label: String,
    rows: Vec<RowKeys>,
}

fn two_decimals() -> String {
    ".2".to_owned()
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowKeys {
    label: String,
    #[serde(default, rename = "where")]
    filter: Filter,
}

/// A ratio with its interval.
struct Ratio {
    label: Vec<Inline>,
    /// Estimate, lower, upper: position among the results and value.
    numbers: [(usize, f64); 3],
}

const ROW_HEIGHT: f32 = 22.0;

pub(super) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Body, Vec<Vec<Inline>>), DisplayError> {
    let spec = Spec::parse(&keys.format).map_err(|problem| at.problem("format", problem))?;
    let mut ratios = Vec::new();
    for (i, row) in keys.rows.iter().enumerate() {
        ratios.push(ratio(keys, at, &format!("rows, {}", i + 1), row)?);
    }
    if ratios.is_empty() {
        return Err(at.problem("rows", "there are no rows"));
    }
    let data = data(keys, &spec, &ratios);
    let figure = draw(keys, &spec, &ratios);
    Ok((Body::Figures { figures: vec![figure], data }, Vec::new()))
}

fn ratio(keys: &Keys, at: &Place<'_>, key: &str, row: &RowKeys) -> Result<Ratio, DisplayError> {
    let one = |statistic: &str| -> Result<(usize, f64), DisplayError> {
        let fits = |r: &AnalysisResult| r.statistic == statistic && keys.results.matches(r) && row.filter.matches(r);
        let found: Vec<(usize, &AnalysisResult)> =
            at.inputs.results.iter().enumerate().filter(|(_, r)| fits(r)).collect();
        let filter = || format!("{}, {}, statistic = {statistic}", keys.results, row.filter);
        let (display, key) = (at.display.to_owned(), key.to_owned());
        match found[..] {
            [(index, result)] => match result.value.num().filter(|&v| v > 0.0) {
                Some(value) => Ok((index, value)),
                None => Err(at.problem(&key, format!("{statistic} is no number above zero"))),
            },
            [] => Err(DisplayError::NoResult { display, key, filter: filter() }),
            _ => {
                let differ = crate::value::differences(&found.iter().map(|(_, r)| *r).collect::<Vec<_>>());
                Err(DisplayError::Several { display, key, filter: filter(), found: found.len(), differ })
            }
        }
    };
    Ok(Ratio {
        label: at.label("rows", &row.label)?,
        numbers: [one(&keys.estimate)?, one(&keys.lower)?, one(&keys.upper)?],
    })
}

fn draw(keys: &Keys, spec: &Spec, ratios: &[Ratio]) -> Figure {
    let fonts = Fonts::new();
    let shown = |ratio: &Ratio| {
        let [estimate, lower, upper] = ratio.numbers.map(|(_, v)| spec.print(v, 0));
        format!("{estimate} ({lower}–{upper})")
    };
    let widest = |texts: &mut dyn Iterator<Item = String>| {
        texts.map(|t| fonts.width(Style::Regular, LABEL_SIZE + 0.5, &t)).fold(0.0, f32::max)
    };
    let left = widest(&mut ratios.iter().map(|r| plain(&r.label))) + 16.0;
    let right = WIDTH - widest(&mut ratios.iter().map(shown)) - 16.0;
    let top = 24.0;
    let bottom = top + ratios.len() as f32 * ROW_HEIGHT + 4.0;
    let values = ratios.iter().flat_map(|r| r.numbers.map(|(_, v)| v));
    let x = Scale::log_fine(values.chain(keys.limits.iter().copied()).chain(keys.reference));
    let place = |value: f64| left + x.place(value).unwrap_or(0.0) * (right - left);
    let mut marks = Vec::new();

    for (value, stroke, label) in lines(keys) {
        let at_x = place(value);
        marks.push(line(point(at_x, top - 6.0), point(at_x, bottom), stroke));
        if label {
            marks.push(text(point(at_x, top - 10.0), format!("{value}"), TICK_SIZE, Anchor::Middle));
        }
    }
    for (i, ratio) in ratios.iter().enumerate() {
        let y = top + (i as f32 + 0.5) * ROW_HEIGHT;
        let [estimate, lower, upper] = ratio.numbers.map(|(_, v)| place(v));
        let stroke = solid(Ink::Blue, 1.1);
        marks.push(line(point(lower, y), point(upper, y), stroke));
        for end in [lower, upper] {
            marks.push(line(point(end, y - 3.0), point(end, y + 3.0), stroke));
        }
        marks.push(Mark::Marker {
            at: point(estimate, y),
            shape: Shape::Square,
            radius: 3.4,
            ink: Ink::Blue,
            filled: false,
        });
        marks.extend(crate::figure::chart::rich_text(point(0.0, y + 3.0), &ratio.label, LABEL_SIZE + 0.5, &fonts));
        marks.push(text(point(WIDTH, y + 3.0), shown(ratio), LABEL_SIZE + 0.5, Anchor::End));
    }
    let axis = solid(Ink::Black, 0.6);
    marks.push(line(point(left, bottom), point(right, bottom), axis));
    for tick in &x.ticks {
        let at_x = place(tick.value);
        marks.push(line(point(at_x, bottom), point(at_x, bottom + 3.5), axis));
        marks.push(text(point(at_x, bottom + 12.0), &tick.label, TICK_SIZE, Anchor::Middle));
    }
    marks.push(text(point((left + right) / 2.0, bottom + 26.0), &keys.x_label, LABEL_SIZE, Anchor::Middle));
    Figure { width: WIDTH, height: bottom + 32.0, marks, alt: alt(keys, ratios, shown) }
}

/// Vertical lines: limits dashed with their value, the reference thin.
fn lines(keys: &Keys) -> Vec<(f64, Stroke, bool)> {
    let limit = Stroke { ink: Ink::Vermilion, width: 0.9, dash: Dash::Dashed };
    let mut lines: Vec<_> = keys.limits.iter().map(|&v| (v, limit, true)).collect();
    lines.extend(keys.reference.map(|v| (v, solid(Ink::Grey, 0.5), false)));
    lines
}

fn alt(keys: &Keys, ratios: &[Ratio], shown: impl Fn(&Ratio) -> String) -> String {
    let rows: Vec<String> = ratios.iter().map(|r| format!("{}: {}", plain(&r.label), shown(r))).collect();
    let limits: Vec<String> = keys.limits.iter().map(ToString::to_string).collect();
    match limits.is_empty() {
        true => rows.join("; "),
        false => format!("{}. Limits {}", rows.join("; "), limits.join(" and ")),
    }
}

fn data(keys: &Keys, spec: &Spec, ratios: &[Ratio]) -> Table {
    let mut table = data_columns(&["", &keys.estimate, &keys.lower, &keys.upper], 1);
    for ratio in ratios {
        let mut cells = vec![Cell::rich(ratio.label.clone())];
        for (index, value) in ratio.numbers {
            cells.push(Cell { sources: vec![CellSource::Result(index)], ..Cell::text(spec.print(value, 0)) });
        }
        table.rows.push(Row { kind: RowKind::Data, name: plain(&ratio.label), indent: 0, cells });
    }
    table
}

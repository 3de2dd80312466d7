//! How does recruitment go, how far is the work? Small charts for screens, drawn with the page's own colours.
//!
//! The axes have few, round ticks; lines are named at their end rather than in a legend and differ in dash. Each
//! chart has its data as a table under it. Documents have the figures of `croft_report`; these follow the same grammar and take
//! the page's ground, light or dark, which a document's figure cannot.

use super::table::{Column, Row, Table};
use crate::context::Context;
use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 44.0;
/// Room for the names of the lines.
const RIGHT: f64 = 110.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// A line of steps: a count that grows with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name, written at its end.
    pub name: String,
    /// Time (milliseconds since 1970) and count, times rising.
    pub points: Vec<(i64, u64)>,
    /// Drawn dashed: a plan.
    pub planned: bool,
}

/// Counts over time.
pub fn steps(c: &Context, title: &str, series: &[Series]) -> Markup {
    let points = || series.iter().flat_map(|line| &line.points);
    let (Some(from), Some(to)) = (points().map(|p| p.0).min(), points().map(|p| p.0).max()) else {
        return html! { p.quiet { (t!(c, "chart-empty")) } };
    };
    let most = points().map(|p| p.1).max().unwrap_or(0);
    let ticks = round_ticks(most);
    let top = ticks.last().copied().unwrap_or(1).max(1);
    let x = |at: i64| LEFT + (WIDTH - LEFT - RIGHT) * share(at - from, (to - from).max(1));
    let y = |count: u64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - count as f64 / top as f64);
    let names = spread(series.iter().map(|line| line.points.last().map_or(0.0, |p| y(p.1))).collect());
    let drawing = html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(title) {
            @for tick in &ticks {
                line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(mark(y(*tick))) y2=(mark(y(*tick))) {}
                text.end x=(LEFT - 6.0) y=(mark(y(*tick) + 4.0)) { (tick) }
            }
            @for (n, at) in [from, from + (to - from) / 2, to].iter().enumerate().filter(|(n, at)| *n == 0 || day(c, **at) != day(c, from)) {
                text class=(["", "middle", "end"][n]) x=(mark(x(*at))) y=(HEIGHT - 8.0) { (day(c, *at)) }
            }
            @for (line, name_y) in series.iter().zip(names) {
                path.line.planned[line.planned] d=(stairs(&line.points, x, y)) {}
                @if let Some(last) = line.points.last() {
                    text.name x=(mark(x(last.0) + 6.0)) y=(mark(name_y + 4.0)) { (line.name) " " (last.1) }
                }
            }
        }
    };
    let mut table = Table::new(title).hide_caption().column(Column::text(t!(c, "chart-date")));
    table = series.iter().fold(table, |table, line| table.column(Column::number(&line.name)));
    let mut dates: Vec<i64> = points().map(|p| p.0).collect();
    dates.sort_unstable();
    dates.dedup();
    let rows = dates.iter().map(|at| {
        let count =
            |line: &Series| line.points.iter().rev().find(|p| p.0 <= *at).map_or(String::new(), |p| p.1.to_string());
        series.iter().fold(Row::new(html! { (day(c, *at)) }), |row, line| row.text(count(line)))
    });
    figure(c, title, &drawing, &table.rows(rows))
}

/// So many of so many, as a bar within a line, with the figures.
pub fn progress(done: u64, all: u64) -> Markup {
    let percent = if all == 0 { 0 } else { (100 * u128::from(done.min(all)) / u128::from(all)) as u64 };
    html! {
        span.progress {
            svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                rect.track width="100" height="8" {}
                rect.bar width=(percent) height="8" {}
            }
            span { (done) " / " (all) " · " (percent) " %" }
        }
    }
}

fn figure(c: &Context, title: &str, drawing: &Markup, table: &Table) -> Markup {
    html! {
        figure.figure {
            figcaption { (title) }
            (drawing)
            details { summary { (t!(c, "chart-data")) } (table.render(c)) }
        }
    }
}

/// Ticks from 0 to at least `most`, 1, 2 or 5 times a power of ten apart, five steps or fewer.
fn round_ticks(most: u64) -> Vec<u64> {
    let step = (0..19)
        .flat_map(|power| [1, 2, 5].map(|unit: u64| unit * 10_u64.pow(power)))
        .find(|step| step.saturating_mul(5) >= most)
        .unwrap_or(most.max(1));
    (0..=most.div_ceil(step).max(1)).map(|n| n * step).collect()
}

/// Heights of names, moved apart where they would overlap.
pub(super) fn spread(heights: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut moved = heights;
    for pair in order.windows(2) {
        moved[pair[1]] = moved[pair[1]].max(moved[pair[0]] + 16.0);
    }
    moved
}

fn stairs(points: &[(i64, u64)], x: impl Fn(i64) -> f64, y: impl Fn(u64) -> f64) -> String {
    let mut path = String::new();
    for (n, (at, count)) in points.iter().enumerate() {
        let (x, y) = (mark(x(*at)), mark(y(*count)));
        path += &if n == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
    }
    path
}

/// A coordinate with one decimal.
pub(super) fn mark(at: f64) -> String {
    format!("{at:.1}")
}

fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

fn day(c: &Context, at_ms: i64) -> String {
    c.time_text(at_ms).split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(round_ticks(0), [0, 1]);
        assert_eq!(round_ticks(5), [0, 1, 2, 3, 4, 5]);
        assert_eq!(round_ticks(23), [0, 5, 10, 15, 20, 25]);
        assert_eq!(round_ticks(101), [0, 50, 100, 150]);
        assert!(round_ticks(u64::MAX / 2).len() <= 7);
    }

    #[test]
    fn names_of_lines_do_not_overlap() {
        assert_eq!(spread(vec![50.0, 48.0, 100.0]), [64.0, 48.0, 100.0]);
    }

    #[test]
    fn no_share_of_nothing() {
        assert!(progress(0, 0).into_string().contains("0 / 0"));
        assert!(progress(u64::MAX, u64::MAX).into_string().contains("100 %"));
    }
}

//! How does one number follow another? A few lines on two axes of numbers, in the page's own colours.
//!
//! Lines are named at their ends by a letter or a short word and differ in dash; the numbers stand in a table under the drawing.

use super::chart::{mark, spread};
use super::table::{Column, Row, Table};
use crate::context::Context;
use croft_report::figure::scale::Scale;
use croft_report::number::fixed;
use maud::{Markup, html};
use std::collections::BTreeMap;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;
/// Most rows of the table: of more, some are shown, evenly, with the last.
const ROWS: usize = 25;
/// The looks of lines; more than these cannot be told apart.
const LOOKS: [&str; 3] = ["line", "line second", "line third"];

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Written at its end and over its column.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// What is drawn.
pub struct Curves<'a> {
    /// What is shown.
    pub title: &'a str,
    /// What lies on the horizontal axis, and the head of the table's first column.
    pub across: &'a str,
    /// What lies on the vertical axis.
    pub up: &'a str,
    /// A value that the vertical axis holds whatever the points are.
    pub from: f64,
    /// Decimals in the table.
    pub decimals: usize,
    /// The points are marked: there is nothing between them.
    pub marked: bool,
    /// The lines, three at most.
    pub curves: &'a [Curve],
}

impl Curves<'_> {
    /// The figure with its table.
    pub fn render(&self, c: &Context) -> Markup {
        html! {
            figure.figure {
                figcaption { (self.title) }
                (self.drawing())
                details { summary { (t!(c, "chart-data")) } (self.table(c)) }
            }
        }
    }

    fn drawing(&self) -> Markup {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        // Ticks between whole numbers would say that there is something there.
        let most = points().map(|p| p.0).fold(0.0, f64::max);
        let across = Scale::linear(points().map(|p| p.0), true, if most < 6.0 { most.ceil() as usize } else { 6 });
        let up = Scale::linear(points().map(|p| p.1).chain([self.from]), false, 5);
        let place = |scale: &Scale, value: f64| f64::from(scale.place(value).unwrap_or_default());
        let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * place(&across, value);
        let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - place(&up, value));
        let ends = self.curves.iter().map(|curve| curve.points.last().copied().unwrap_or_default());
        let names = spread(ends.clone().map(|end| y(end.1)).collect());
        html! {
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(self.title) {
                @for tick in &up.ticks {
                    line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(mark(y(tick.value))) y2=(mark(y(tick.value))) {}
                    text.end x=(LEFT - 6.0) y=(mark(y(tick.value) + 4.0)) { (tick.label) }
                }
                @for tick in &across.ticks {
                    text.middle x=(mark(x(tick.value))) y=(HEIGHT - BOTTOM + 16.0) { (tick.label) }
                }
                text.middle x=(mark((LEFT + WIDTH - RIGHT) / 2.0)) y=(HEIGHT - 6.0) { (self.across) }
                @for ((curve, look), (end, name_y)) in self.curves.iter().zip(LOOKS).zip(ends.zip(names)) {
                    path class=(look) d=(path(&curve.points, x, y)) {}
                    @if self.marked { @for p in &curve.points { circle.dot cx=(mark(x(p.0))) cy=(mark(y(p.1))) r="3" {} } }
                    text.name x=(mark(x(end.0) + 6.0)) y=(mark(name_y + 4.0)) { (curve.name) }
                }
            }
        }
    }

    fn table(&self, c: &Context) -> Markup {
        let rows = self.rows();
        let every = rows.len().div_ceil(ROWS).max(1);
        let shown = rows.iter().enumerate().filter(|(at, _)| (at + 1) % every == 0 || at + 1 == rows.len() || *at == 0);
        let rows = shown.map(|(_, (across, values))| {
            let decimals = if across.fract() == 0.0 { 0 } else { 3 };
            values.iter().fold(Row::new(html! { (fixed(*across, decimals)) }), |row, value| {
                row.text(value.map_or_else(String::new, |value| fixed(value, self.decimals)))
            })
        });
        let table = Table::new(self.title).hide_caption().column(Column::number(self.across));
        let head = |curve: &Curve| format!("{}: {}", curve.name, self.up);
        self.curves.iter().fold(table, |table, curve| table.column(Column::number(head(curve)))).rows(rows).render(c)
    }

    /// The values of all lines at each place that one of them has.
    fn rows(&self) -> Vec<(f64, Vec<Option<f64>>)> {
        // Places are not negative, so their bits have their order.
        let mut rows: BTreeMap<u64, Vec<Option<f64>>> = BTreeMap::new();
        for (at, curve) in self.curves.iter().enumerate() {
            for (x, y) in &curve.points {
                let row = rows.entry(x.to_bits()).or_insert_with(|| vec![None; self.curves.len()]);
                if let Some(cell) = row.get_mut(at) {
                    *cell = Some(*y);
                }
            }
        }
        rows.into_iter().map(|(x, values)| (f64::from_bits(x), values)).collect()
    }
}

fn path(points: &[(f64, f64)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    points
        .iter()
        .enumerate()
        .map(|(n, p)| format!("{}{} {}", if n == 0 { "M" } else { "L" }, mark(x(p.0)), mark(y(p.1))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_place_of_any_line() {
        let curve = |name: &str, points: &[(f64, f64)]| Curve { name: name.into(), points: points.to_vec() };
        let curves = [curve("A", &[(0.0, 0.5), (2.0, 0.5)]), curve("B", &[(0.0, 0.9), (1.0, 0.1)])];
        let drawn = Curves { title: "t", across: "x", up: "y", from: 0.0, decimals: 3, marked: true, curves: &curves };
        assert_eq!(
            drawn.rows(),
            [(0.0, vec![Some(0.5), Some(0.9)]), (1.0, vec![None, Some(0.1)]), (2.0, vec![Some(0.5), None])]
        );
        let drawing = drawn.drawing().into_string();
        assert_eq!(drawing.matches("<path").count(), 2);
        assert_eq!(drawing.matches("<circle").count(), 4);
    }
}

//! How is a panel of a figure drawn?
//!
//! Axes at the left and below with few round ticks; thin lines through open marks; intervals as thin bars; limits as
//! dashed lines with their value written. Series are named at their ends where there is room, else in a key above the
//! panel, in the same marks. What lies outside the axes is clipped; what a log axis cannot show is left out.

use super::scale::Scale;
use super::{Anchor, Dash, Ink, Mark, Point, Shape, Stroke, at, solid};
use crate::block::{Inline, plain};
use crate::font::{Fonts, Style};

/// Type size of tick labels.
pub const TICK_SIZE: f32 = 8.0;
/// Type size of axis titles and names.
pub const LABEL_SIZE: f32 = 8.5;

/// How one series looks; by position, the same in every figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colour.
    pub ink: Ink,
    /// Shape of its marks.
    pub shape: Shape,
    /// Dash of its line.
    pub dash: Dash,
}

/// The look of the series at a position.
pub fn look(position: usize) -> Look {
    const LOOKS: [Look; 4] = [
        Look { ink: Ink::Blue, shape: Shape::Circle, dash: Dash::Solid },
        Look { ink: Ink::Vermilion, shape: Shape::Triangle, dash: Dash::Dashed },
        Look { ink: Ink::Green, shape: Shape::Square, dash: Dash::DashDot },
        Look { ink: Ink::Purple, shape: Shape::Diamond, dash: Dash::Dotted },
    ];
    LOOKS[position % LOOKS.len()]
}

/// One value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum {
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
    /// Ends of an interval about it.
    pub interval: Option<(f64, f64)>,
    /// Drawn as a filled mark.
    pub filled: bool,
}

/// Values that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name; an empty one is not named.
    pub name: String,
    /// Its look.
    pub look: Look,
    /// Its values from left to right.
    pub data: Vec<Datum>,
    /// A line joins the values.
    pub line: bool,
    /// Marks stand at the values.
    pub marks: bool,
}

/// A rectangle with two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Top left of the whole, with titles and labels.
    pub at: Point,
    /// Width of the whole.
    pub width: f32,
    /// Height of the whole.
    pub height: f32,
    /// Written above.
    pub title: String,
    /// Title of the horizontal axis.
    pub x_label: String,
    /// Title of the vertical axis.
    pub y_label: String,
    /// Horizontal axis.
    pub x: Scale,
    /// Vertical axis.
    pub y: Scale,
    /// What is drawn.
    pub series: Vec<Series>,
    /// Whether series are named.
    pub named: bool,
}

/// The rectangle between the axes.
struct Frame {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// A line of text, upright and regular.
pub fn text(at: Point, text: impl Into<String>, size: f32, anchor: Anchor) -> Mark {
    Mark::Text { at, text: text.into(), size, anchor, ink: Ink::Black, bold: false, upward: false }
}

/// A line of dressed text: lowered and raised parts in smaller type, side by side.
pub fn rich_text(from: Point, inlines: &[Inline], size: f32, fonts: &Fonts) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut x = from.x;
    for inline in inlines {
        let (content, size, dy) = match inline {
            Inline::Subscript(c) => (plain(c), size * 0.7, size * 0.16),
            Inline::Superscript(c) => (plain(c), size * 0.7, -size * 0.33),
            other => (plain(std::slice::from_ref(other)), size, 0.0),
        };
        let width = fonts.width(Style::Regular, size, &content);
        marks.push(text(at(x, from.y + dy), content, size, Anchor::Start));
        x += width;
    }
    marks
}

/// A straight line.
pub fn line(from: Point, to: Point, stroke: Stroke) -> Mark {
    Mark::Line { points: vec![from, to], stroke }
}

impl Panel {
    /// Draws the panel.
    pub fn draw(&self, fonts: &Fonts) -> Vec<Mark> {
        let named = self.named && self.series.iter().any(|s| !s.name.is_empty());
        let direct = named && self.ends_apart();
        let widest_tick =
            self.y.ticks.iter().map(|t| fonts.width(Style::Regular, TICK_SIZE, &t.label)).fold(0.0, f32::max);
        let name_room = match direct {
            true => self.series.iter().map(|s| fonts.width(Style::Regular, LABEL_SIZE, &s.name)).fold(0.0, f32::max),
            false => 0.0,
        };
        let key_rows = if named && !direct { 1.0 } else { 0.0 };
        let title_room = if self.title.is_empty() { 4.0 } else { 16.0 };
        let left = self.at.x + widest_tick + 8.0 + if self.y_label.is_empty() { 0.0 } else { 14.0 };
        let top = self.at.y + title_room + key_rows * 13.0;
        let below = 14.0 + if self.x_label.is_empty() { 0.0 } else { 13.0 };
        let frame = Frame {
            left,
            top,
            width: (self.at.x + self.width - left - name_room.max(4.0) - 6.0).max(20.0),
            height: (self.at.y + self.height - top - below).max(20.0),
        };
        let mut marks = Vec::new();
        if !self.title.is_empty() {
            marks.push(Mark::Text {
                at: at(frame.left, self.at.y + 10.0),
                text: self.title.clone(),
                size: LABEL_SIZE + 0.5,
                anchor: Anchor::Start,
                ink: Ink::Black,
                bold: true,
                upward: false,
            });
        }
        self.axes(&frame, fonts, &mut marks);
        marks.push(Mark::Clip {
            at: at(frame.left - 4.0, frame.top - 4.0),
            width: frame.width + 8.0,
            height: frame.height + 4.0,
            marks: self.series.iter().enumerate().flat_map(|(i, s)| self.series_marks(i, s, &frame)).collect(),
        });
        if direct {
            self.names_at_ends(&frame, &mut marks);
        } else if named {
            self.key(&frame, fonts, &mut marks);
        }
        marks
    }

    fn point(&self, frame: &Frame, x: f64, y: f64) -> Option<Point> {
        let x = frame.left + self.x.place(x)? * frame.width;
        let y = frame.top + (1.0 - self.y.place(y)?) * frame.height;
        Some(at(x, y))
    }

    fn axes(&self, frame: &Frame, fonts: &Fonts, marks: &mut Vec<Mark>) {
        let axis = solid(Ink::Black, 0.6);
        let bottom = frame.top + frame.height;
        let right = frame.left + frame.width;
        for tick in &self.y.ticks {
            let Some(place) = self.y.place(tick.value) else { continue };
            let y = frame.top + (1.0 - place) * frame.height;
            let long = if tick.label.is_empty() { 2.0 } else { 3.5 };
            marks.push(line(at(frame.left - long, y), at(frame.left, y), axis));
            if !tick.label.is_empty() {
                marks.push(text(at(frame.left - 5.5, y + 2.6), &tick.label, TICK_SIZE, Anchor::End));
            }
        }
        let mut free_from = f32::MIN;
        for tick in &self.x.ticks {
            let Some(place) = self.x.place(tick.value) else { continue };
            let x = frame.left + place * frame.width;
            marks.push(line(at(x, bottom), at(x, bottom + 3.5), axis));
            let half = fonts.width(Style::Regular, TICK_SIZE, &tick.label) / 2.0;
            if x - half > free_from {
                marks.push(text(at(x, bottom + 11.5), &tick.label, TICK_SIZE, Anchor::Middle));
                free_from = x + half + 4.0;
            }
        }
        let corner = at(frame.left, bottom);
        marks.push(Mark::Line { points: vec![at(frame.left, frame.top), corner, at(right, bottom)], stroke: axis });
        if !self.x_label.is_empty() {
            let middle = at(frame.left + frame.width / 2.0, bottom + 24.0);
            marks.push(text(middle, &self.x_label, LABEL_SIZE, Anchor::Middle));
        }
        if !self.y_label.is_empty() {
            marks.push(Mark::Text {
                at: at(self.at.x + 8.0, frame.top + frame.height / 2.0),
                text: self.y_label.clone(),
                size: LABEL_SIZE,
                anchor: Anchor::Middle,
                ink: Ink::Black,
                bold: false,
                upward: true,
            });
        }
    }

    fn series_marks(&self, position: usize, series: &Series, frame: &Frame) -> Vec<Mark> {
        let mut marks = Vec::new();
        let stroke = Stroke { ink: series.look.ink, width: 0.9, dash: series.look.dash };
        // Series with intervals stand a little apart, so that bars at one time can be told.
        let aside = match series.data.iter().any(|d| d.interval.is_some()) {
            true => (position as f32 - (self.series.len() as f32 - 1.0) / 2.0) * 3.0,
            false => 0.0,
        };
        let place = |x, y| self.point(frame, x, y).map(|p| at(p.x + aside, p.y));
        let points: Vec<(Point, &Datum)> = series.data.iter().filter_map(|d| place(d.x, d.y).map(|p| (p, d))).collect();
        for (point, datum) in &points {
            let Some((low, high)) = datum.interval else { continue };
            // An interval that reaches below what a log axis can show ends at the axis.
            let low = place(datum.x, low).map_or(frame.top + frame.height, |p| p.y);
            let Some(high) = place(datum.x, high).map(|p| p.y) else { continue };
            let bar = solid(series.look.ink, 0.5);
            marks.push(line(at(point.x, low), at(point.x, high), bar));
            marks.push(line(at(point.x - 1.8, high), at(point.x + 1.8, high), bar));
            if low < frame.top + frame.height {
                marks.push(line(at(point.x - 1.8, low), at(point.x + 1.8, low), bar));
            }
        }
        if series.line && points.len() > 1 {
            marks.push(Mark::Line { points: points.iter().map(|(p, _)| *p).collect(), stroke });
        }
        if series.marks {
            for (point, datum) in &points {
                marks.push(Mark::Marker {
                    at: *point,
                    shape: series.look.shape,
                    radius: 2.3,
                    ink: series.look.ink,
                    filled: datum.filled,
                });
            }
        }
        marks
    }

    /// Whether every series ends near the right side and a line of text apart from the others.
    fn ends_apart(&self) -> bool {
        let ends: Vec<Option<(f32, f32)>> = self
            .series
            .iter()
            .map(|s| s.data.iter().rev().find_map(|d| Some((self.x.place(d.x)?, self.y.place(d.y)? * self.height))))
            .collect();
        let mut heights: Vec<f32> = ends.iter().flatten().map(|(_, y)| *y).collect();
        heights.sort_by(f32::total_cmp);
        ends.iter().all(|end| end.is_some_and(|(x, _)| x > 0.85))
            && heights.windows(2).all(|w| w[1] - w[0] > LABEL_SIZE * 1.6)
    }

    fn names_at_ends(&self, frame: &Frame, marks: &mut Vec<Mark>) {
        for series in &self.series {
            let end = series.data.iter().rev().find_map(|d| self.point(frame, d.x, d.y));
            if let Some(end) = end {
                marks.push(Mark::Text {
                    at: at(end.x + 6.0, end.y + 2.8),
                    text: series.name.clone(),
                    size: LABEL_SIZE,
                    anchor: Anchor::Start,
                    ink: series.look.ink,
                    bold: false,
                    upward: false,
                });
            }
        }
    }

    /// A key above the frame, from its right end leftward.
    fn key(&self, frame: &Frame, fonts: &Fonts, marks: &mut Vec<Mark>) {
        let y = frame.top - 8.0;
        let mut x = frame.left + frame.width;
        let mut seen: Vec<&str> = Vec::new();
        let mut entries: Vec<&Series> = Vec::new();
        for series in self.series.iter().filter(|s| !s.name.is_empty()) {
            if !seen.contains(&series.name.as_str()) {
                seen.push(&series.name);
                entries.push(series);
            }
        }
        for series in entries.into_iter().rev() {
            let width = fonts.width(Style::Regular, LABEL_SIZE, &series.name);
            marks.push(text(at(x, y + 2.8), &series.name, LABEL_SIZE, Anchor::End));
            let end = x - width - 5.0;
            let stroke = Stroke { ink: series.look.ink, width: 0.9, dash: series.look.dash };
            if series.line {
                marks.push(line(at(end - 24.0, y), at(end, y), stroke));
            }
            if series.marks {
                marks.push(Mark::Marker {
                    at: at(end - 12.0, y),
                    shape: series.look.shape,
                    radius: 2.3,
                    ink: series.look.ink,
                    filled: false,
                });
            }
            x = end - 24.0 - 14.0;
        }
    }
}

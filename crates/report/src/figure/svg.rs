//! How is a figure written as SVG?
//!
//! One element a mark, numbers with two decimals, no style attributes (a page with a strict content policy shows it),
//! a title that screen readers say. The font is the page's own; anchors keep texts in place whatever its widths.

use super::{Anchor, Figure, Ink, Mark, Point, Shape, Stroke, outline};
use std::fmt::Write;

/// Writes the figure; `id` makes its clip paths unique on the page.
pub fn write(figure: &Figure, id: &str) -> String {
    let mut svg = Svg { out: String::new(), id, clips: 0 };
    let (w, h) = (figure.width, figure.height);
    let _ = write!(
        svg.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.2} {h:.2}\" width=\"{w:.2}\" height=\"{h:.2}\" role=\"img\" aria-labelledby=\"{id}-t\" font-family=\"'Libertinus Serif', Georgia, 'Times New Roman', serif\"><title id=\"{id}-t\">{}</title>",
        escape(&figure.alt)
    );
    svg.marks(&figure.marks);
    svg.out.push_str("</svg>");
    svg.out
}

/// Text made safe for XML and HTML, in content and in attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Control characters are no XML; a line end inside a value is a blank to a reader.
            c if (c as u32) < 0x20 => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

struct Svg<'a> {
    out: String,
    id: &'a str,
    clips: usize,
}

fn colour(ink: Ink) -> String {
    let [r, g, b] = ink.rgb();
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn points(points: &[Point]) -> String {
    let list: Vec<String> = points.iter().map(|p| format!("{:.2},{:.2}", p.x, p.y)).collect();
    list.join(" ")
}

impl Svg<'_> {
    // Writing to a String cannot fail, so the results of `write!` are dropped.
    fn marks(&mut self, marks: &[Mark]) {
        for mark in marks {
            self.mark(mark);
        }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Line { points, stroke } => self.line(points, *stroke),
            Mark::Marker { at, shape, radius, ink, filled } => self.marker(*at, *shape, *radius, *ink, *filled),
            Mark::Text { at, text, size, anchor, ink, bold, upward } => {
                let anchor = match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " text-anchor=\"middle\"",
                    Anchor::End => " text-anchor=\"end\"",
                };
                let weight = if *bold { " font-weight=\"bold\"" } else { "" };
                let turn = match upward {
                    true => format!(" transform=\"rotate(-90 {:.2} {:.2})\"", at.x, at.y),
                    false => String::new(),
                };
                let _ = write!(
                    self.out,
                    "<text x=\"{:.2}\" y=\"{:.2}\" font-size=\"{size:.2}\" fill=\"{}\"{anchor}{weight}{turn}>{}</text>",
                    at.x,
                    at.y,
                    colour(*ink),
                    escape(text)
                );
            }
            Mark::Rect { at, width, height, ink } => {
                let _ = write!(
                    self.out,
                    "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{}\"/>",
                    at.x,
                    at.y,
                    colour(*ink)
                );
            }
            Mark::Clip { at, width, height, marks } => {
                self.clips += 1;
                let id = format!("{}-c{}", self.id, self.clips);
                let _ = write!(
                    self.out,
                    "<clipPath id=\"{id}\"><rect x=\"{:.2}\" y=\"{:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"/></clipPath><g clip-path=\"url(#{id})\">",
                    at.x, at.y
                );
                self.marks(marks);
                self.out.push_str("</g>");
            }
        }
    }

    fn line(&mut self, line: &[Point], stroke: Stroke) {
        let dash: Vec<String> = stroke.dash.pattern().iter().map(ToString::to_string).collect();
        let dash = match dash.is_empty() {
            true => String::new(),
            false => format!(" stroke-dasharray=\"{}\"", dash.join(" ")),
        };
        let _ = write!(
            self.out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{dash}/>",
            points(line),
            colour(stroke.ink),
            stroke.width
        );
    }

    fn marker(&mut self, at: Point, shape: Shape, radius: f32, ink: Ink, filled: bool) {
        let ink = colour(ink);
        let fill = if filled { ink.clone() } else { "#ffffff".to_owned() };
        let looks = format!("fill=\"{fill}\" stroke=\"{ink}\" stroke-width=\"0.9\"");
        let _ = match outline(shape, at, radius) {
            None => write!(self.out, "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{radius:.2}\" {looks}/>", at.x, at.y),
            Some(corners) => write!(self.out, "<polygon points=\"{}\" {looks}/>", points(&corners)),
        };
    }
}

//! How is a figure written as an enhanced metafile (EMF), the vector picture that Word shows in RTF?
//!
//! Records of [MS-EMF] version 14: a header, map mode anisotropic with a logical unit of 1/20 point, then pens, brushes
//! and fonts created, selected and deleted around each mark. Dashes are cut into strokes here, since programs disagree
//! about the lengths of dashed pens. Text is set in Times New Roman, which is where the metafile is shown, and keeps its
//! place by alignment.

use super::{Anchor, Figure, Ink, Mark, Point, Shape, Stroke, outline};

/// Logical units in a point.
const UNIT: f32 = 20.0;
/// Reference device: pixels and millimetres of a page at 96 pixels an inch.
const DEVICE: (u32, u32, u32, u32) = (1920, 1080, 508, 286);

const HEADER: u32 = 1;
const POLYGON: u32 = 3;
const POLYLINE: u32 = 4;
const SET_WINDOW_EXTENT: u32 = 9;
const SET_WINDOW_ORIGIN: u32 = 10;
const SET_VIEWPORT_EXTENT: u32 = 11;
const SET_VIEWPORT_ORIGIN: u32 = 12;
const END: u32 = 14;
const SET_MAP_MODE: u32 = 17;
const SET_BACKGROUND_MODE: u32 = 18;
const SET_TEXT_ALIGN: u32 = 22;
const SET_TEXT_COLOUR: u32 = 24;
const INTERSECT_CLIP: u32 = 30;
const SAVE: u32 = 33;
const RESTORE: u32 = 34;
const SELECT: u32 = 37;
const CREATE_BRUSH: u32 = 39;
const DELETE: u32 = 40;
const ELLIPSE: u32 = 42;
const CREATE_FONT: u32 = 82;
const TEXT: u32 = 84;
const CREATE_PEN: u32 = 95;

const NULL_PEN: u32 = 0x8000_0008;

/// Writes the metafile.
pub fn write(figure: &Figure) -> Vec<u8> {
    let mut emf = Emf { body: Vec::new(), records: 1 };
    let (width, height) = (units(figure.width), units(figure.height));
    emf.record(SET_MAP_MODE, &[8]);
    emf.record(SET_WINDOW_ORIGIN, &[0, 0]);
    emf.record(SET_WINDOW_EXTENT, &[width, height]);
    let pixels = |points: f32| (points * 96.0 / 72.0).round() as i32;
    emf.record(SET_VIEWPORT_ORIGIN, &[0, 0]);
    emf.record(SET_VIEWPORT_EXTENT, &[pixels(figure.width), pixels(figure.height)]);
    emf.record(SET_BACKGROUND_MODE, &[1]);
    emf.marks(&figure.marks);
    emf.record(END, &[0, 16, 20]);
    emf.with_header(figure, pixels(figure.width), pixels(figure.height))
}

fn units(points: f32) -> i32 {
    (points * UNIT).round() as i32
}

struct Emf {
    body: Vec<u8>,
    records: u32,
}

fn colour(ink: Ink) -> i32 {
    let [r, g, b] = ink.rgb().map(i32::from);
    r | g << 8 | b << 16
}

impl Emf {
    fn record(&mut self, kind: u32, words: &[i32]) {
        let size = 8 + words.len() as u32 * 4;
        self.body.extend(kind.to_le_bytes());
        self.body.extend(size.to_le_bytes());
        for word in words {
            self.body.extend(word.to_le_bytes());
        }
        self.records += 1;
    }

    fn with_header(self, figure: &Figure, right: i32, bottom: i32) -> Vec<u8> {
        let frame = |points: f32| (points * 2540.0 / 72.0).round() as u32;
        let size = 88 + self.body.len() as u32;
        let (px, py, mx, my) = DEVICE;
        let words: [u32; 20] = [
            0,
            0,
            right.unsigned_abs(),
            bottom.unsigned_abs(),
            0,
            0,
            frame(figure.width),
            frame(figure.height),
            0x464D_4520, // " EMF"
            0x0001_0000,
            size,
            self.records,
            // One object at a time is in use, beside the reserved first slot; four are allowed for.
            4,
            0,
            0,
            0,
            px,
            py,
            mx,
            my,
        ];
        let mut out = Vec::with_capacity(size as usize);
        out.extend(HEADER.to_le_bytes());
        out.extend(88u32.to_le_bytes());
        for word in words {
            out.extend(word.to_le_bytes());
        }
        out.extend(self.body);
        out
    }

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
                let escapement = if *upward { 900 } else { 0 };
                let weight = if *bold { 700 } else { 400 };
                self.font(*size, escapement, weight);
                self.text(*at, text, *anchor, *ink);
                self.release(&[3]);
            }
            Mark::Rect { at, width, height, ink } => {
                let corners = [
                    *at,
                    super::at(at.x + width, at.y),
                    super::at(at.x + width, at.y + height),
                    super::at(at.x, at.y + height),
                ];
                self.brush(*ink);
                self.record(SELECT, &[NULL_PEN as i32]);
                self.points(POLYGON, &corners);
                self.release(&[2]);
            }
            Mark::Clip { at, width, height, marks } => {
                self.record(SAVE, &[]);
                let edges = [units(at.x), units(at.y), units(at.x + width), units(at.y + height)];
                self.record(INTERSECT_CLIP, &edges);
                self.marks(marks);
                self.record(RESTORE, &[-1]);
            }
        }
    }

    /// Object 1 is a pen, 2 a brush, 3 a font.
    fn pen(&mut self, stroke: Stroke) {
        let width = units(stroke.width).max(1);
        // Geometric, solid, round ends and joins (PS_GEOMETRIC); no style entries.
        self.record(CREATE_PEN, &[1, 0, 0, 0, 0, 0x0001_0000, width, 0, colour(stroke.ink), 0, 0]);
        self.record(SELECT, &[1]);
    }

    fn brush(&mut self, ink: Ink) {
        self.record(CREATE_BRUSH, &[2, 0, colour(ink), 0]);
        self.record(SELECT, &[2]);
    }

    fn font(&mut self, size: f32, escapement: i32, weight: i32) {
        let mut words = vec![3, -units(size), 0, escapement, escapement, weight, 0, 0];
        // Face name: 32 UTF-16 units; then the full name (64), style (32) and the rest of EXTLOGFONTW, empty.
        let mut name: Vec<u16> = "Times New Roman".encode_utf16().collect();
        name.resize(32 + 64 + 32, 0);
        words.extend(name.chunks(2).map(|pair| i32::from(pair[0]) | i32::from(pair[1]) << 16));
        words.extend([0; 8]);
        self.record(CREATE_FONT, &words);
        self.record(SELECT, &[3]);
    }

    /// Puts stock objects back and deletes ours.
    fn release(&mut self, objects: &[i32]) {
        for &object in objects {
            let stock: u32 = match object {
                1 => 0x8000_0007,
                2 => 0x8000_0005,
                _ => 0x8000_000D,
            };
            self.record(SELECT, &[stock as i32]);
            self.record(DELETE, &[object]);
        }
    }

    fn points(&mut self, kind: u32, points: &[Point]) {
        let xs = || points.iter().map(|p| units(p.x));
        let ys = || points.iter().map(|p| units(p.y));
        let bounds = [xs().min(), ys().min(), xs().max(), ys().max()];
        let mut words: Vec<i32> = bounds.into_iter().map(|b| b.unwrap_or(0)).collect();
        words.push(points.len() as i32);
        words.extend(points.iter().flat_map(|p| [units(p.x), units(p.y)]));
        self.record(kind, &words);
    }

    fn line(&mut self, points: &[Point], stroke: Stroke) {
        self.pen(stroke);
        for run in dashes(points, stroke.dash.pattern()) {
            self.points(POLYLINE, &run);
        }
        self.release(&[1]);
    }

    fn marker(&mut self, at: Point, shape: Shape, radius: f32, ink: Ink, filled: bool) {
        self.pen(super::solid(ink, 0.9));
        self.brush(if filled { ink } else { Ink::White });
        match outline(shape, at, radius) {
            None => {
                let edges = [units(at.x - radius), units(at.y - radius), units(at.x + radius), units(at.y + radius)];
                self.record(ELLIPSE, &edges);
            }
            Some(corners) => self.points(POLYGON, &corners),
        }
        self.release(&[1, 2]);
    }

    fn text(&mut self, at: Point, text: &str, anchor: Anchor, ink: Ink) {
        const BASELINE: i32 = 24;
        let align = match anchor {
            Anchor::Start => 0,
            Anchor::Middle => 6,
            Anchor::End => 2,
        };
        self.record(SET_TEXT_ALIGN, &[BASELINE | align]);
        self.record(SET_TEXT_COLOUR, &[colour(ink)]);
        let mut characters: Vec<u16> = text.encode_utf16().collect();
        let count = characters.len() as i32;
        if characters.len() % 2 == 1 {
            characters.push(0);
        }
        // Bounds and graphics mode (compatible, unscaled), then the text object: place, length, offsets, options, clip.
        let one = 1.0f32.to_bits() as i32;
        let mut words = vec![0, 0, -1, -1, 1, one, one, units(at.x), units(at.y), count, 76, 0, 0, 0, -1, -1, 0];
        words.extend(characters.chunks(2).map(|pair| i32::from(pair[0]) | i32::from(pair[1]) << 16));
        self.record(TEXT, &words);
    }
}

/// Cuts a line into strokes by a pattern of strokes and gaps; a solid line stays whole.
fn dashes(points: &[Point], pattern: &[f32]) -> Vec<Vec<Point>> {
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let (mut step, mut left, mut drawing) = (0, pattern[0], true);
    let mut run: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (dx, dy) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
        let length = (dx * dx + dy * dy).sqrt();
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let here = super::at(pair[0].x + dx * done / length, pair[0].y + dy * done / length);
            if drawing {
                run.push(here);
                runs.push(std::mem::take(&mut run));
            } else {
                run = vec![here];
            }
            drawing = !drawing;
            step = (step + 1) % pattern.len();
            left = pattern[step];
        }
        left -= length - done;
        if drawing {
            run.push(pair[1]);
        }
    }
    if run.len() > 1 {
        runs.push(run);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::{at, solid};
    use super::*;

    #[test]
    fn records_are_counted_and_fill_the_file() {
        let figure = Figure {
            width: 100.0,
            height: 50.0,
            marks: vec![
                Mark::Line { points: vec![at(0.0, 0.0), at(10.0, 10.0)], stroke: solid(Ink::Black, 1.0) },
                Mark::Marker { at: at(5.0, 5.0), shape: Shape::Circle, radius: 2.0, ink: Ink::Blue, filled: false },
            ],
            alt: String::new(),
        };
        let bytes = write(&figure);
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), &bytes[40..44]), (1, b" EMF".as_slice()));
        assert_eq!(word(48) as usize, bytes.len());
        let (mut place, mut count) = (0, 0);
        while place < bytes.len() {
            place += word(place + 4) as usize;
            count += 1;
        }
        assert_eq!((place, count), (bytes.len(), word(52)));
    }

    #[test]
    fn a_dashed_line_is_cut_and_ends_where_it_ended() {
        let runs = dashes(&[at(0.0, 0.0), at(10.0, 0.0)], &[4.0, 2.0]);
        let ends: Vec<_> = runs.iter().map(|r| (r[0].x, r[r.len() - 1].x)).collect();
        assert_eq!(ends, [(0.0, 4.0), (6.0, 10.0)]);
        assert_eq!(dashes(&[at(0.0, 0.0), at(1.0, 0.0)], &[]).len(), 1);
    }
}

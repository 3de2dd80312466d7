//! What is a figure made of?
//!
//! A list of marks on a page of points (1/72 inch), y downward. Every writer draws the same list: [`svg`] for pages,
//! the PDF writer, [`emf`] for RTF. What is drawn is decided in [`chart`] and in the displays' plots; there is no
//! state between marks, so that two writers cannot differ.
//!
//! Series are told apart by dash and shape first and by colour second: the colours ([`Ink`]) stay apart for the
//! colour-blind (Okabe and Ito 2008, "Color universal design") and in grey.

pub mod chart;
pub mod emf;
pub mod scale;
pub mod svg;

/// A place in points from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downward.
    pub y: f32,
}

/// A place.
pub fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

/// The few colours that figures use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Text and axes.
    Black,
    /// Grid and secondary lines.
    Grey,
    /// First series: blue (0, 114, 178).
    Blue,
    /// Second series: vermilion (213, 94, 0).
    Vermilion,
    /// Third series: bluish green (0, 158, 115).
    Green,
    /// Fourth series: reddish purple (204, 121, 167).
    Purple,
    /// Filling of open marks.
    White,
}

impl Ink {
    /// Red, green and blue.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Black => [0, 0, 0],
            Self::Grey => [130, 130, 130],
            Self::Blue => [0, 114, 178],
            Self::Vermilion => [213, 94, 0],
            Self::Green => [0, 158, 115],
            Self::Purple => [204, 121, 167],
            Self::White => [255, 255, 255],
        }
    }
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said by the names")]
pub enum Dash {
    Solid,
    Dashed,
    Dotted,
    DashDot,
}

impl Dash {
    /// Lengths of strokes and gaps in points; none for a solid line.
    pub fn pattern(self) -> &'static [f32] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[4.0, 2.5],
            Self::Dotted => &[1.0, 2.0],
            Self::DashDot => &[5.0, 2.0, 1.0, 2.0],
        }
    }
}

/// A line's looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub ink: Ink,
    /// Its width in points.
    pub width: f32,
    /// How it is broken.
    pub dash: Dash,
}

/// A solid line.
pub fn solid(ink: Ink, width: f32) -> Stroke {
    Stroke { ink, width, dash: Dash::Solid }
}

/// Shapes of data points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said by the names")]
pub enum Shape {
    Circle,
    Triangle,
    Square,
    Diamond,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said by the names")]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through points.
    Line {
        /// The points, at least two.
        points: Vec<Point>,
        /// Its looks.
        stroke: Stroke,
    },
    /// A data point.
    Marker {
        /// Its middle.
        at: Point,
        /// Its shape.
        shape: Shape,
        /// Half its width in points.
        radius: f32,
        /// Its outline, and its filling when `filled`.
        ink: Ink,
        /// Filled, or open (white inside).
        filled: bool,
    },
    /// A line of text.
    Text {
        /// Where its baseline is anchored.
        at: Point,
        /// What it says.
        text: String,
        /// Type size in points.
        size: f32,
        /// Which part stands at the place.
        anchor: Anchor,
        /// Its colour.
        ink: Ink,
        /// Bold.
        bold: bool,
        /// Turned by 90 degrees to read upward.
        upward: bool,
    },
    /// A filled rectangle.
    Rect {
        /// Top left.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// Its filling.
        ink: Ink,
    },
    /// Marks of which only what lies inside a rectangle is seen.
    Clip {
        /// Top left.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// The marks.
        marks: Vec<Mark>,
    },
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its width in points.
    pub width: f32,
    /// Its height in points.
    pub height: f32,
    /// What is drawn, first below.
    pub marks: Vec<Mark>,
    /// What is seen, in words, for who cannot see it.
    pub alt: String,
}

/// The corners of a marker's outline; `None` for a circle.
pub(crate) fn outline(shape: Shape, at: Point, r: f32) -> Option<Vec<Point>> {
    let p = |dx: f32, dy: f32| self::at(at.x + dx * r, at.y + dy * r);
    match shape {
        Shape::Circle => None,
        Shape::Triangle => Some(vec![p(0.0, -1.15), p(1.05, 0.75), p(-1.05, 0.75)]),
        Shape::Square => Some(vec![p(-0.88, -0.88), p(0.88, -0.88), p(0.88, 0.88), p(-0.88, 0.88)]),
        Shape::Diamond => Some(vec![p(0.0, -1.2), p(1.2, 0.0), p(0.0, 1.2), p(-1.2, 0.0)]),
    }
}

//! How do texts, rules and figures reach a PDF page?

use super::structure::Tree;
use super::{PdfError, destination};
use crate::figure::{Anchor, Figure, Ink, Mark, Shape, Stroke, at as point, outline};
use crate::font::{Fonts, Style};
use crate::layout::{Layout, Link, Meaning, Placed, Run};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::destination::Destination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::page::Page;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::BTreeMap;

/// Links are blue, as submissions ask for.
const LINK: [u8; 3] = [0, 51, 153];

/// A face's key.
pub(super) fn face_key(style: Style) -> &'static str {
    match style {
        Style::Regular => "regular",
        Style::Bold => "bold",
        Style::Italic => "italic",
        Style::BoldItalic => "bold italic",
        Style::Mono => "mono",
    }
}

/// A place that a click leads from.
pub(super) struct PlacedLink {
    link: Link,
    rect: (f32, f32, f32, f32),
    words: String,
    slot: Option<usize>,
}

/// Draws on one page and keeps its tags.
pub(super) struct Pen<'p, 'k> {
    surface: &'p mut Surface<'k>,
    fonts: &'p Fonts,
    faces: &'p BTreeMap<&'static str, Font>,
    tree: &'p mut Tree,
    open: Option<Meaning>,
    links: Vec<PlacedLink>,
    colour: [u8; 3],
    failure: Option<PdfError>,
}

impl<'p, 'k> Pen<'p, 'k> {
    pub(super) fn new(
        surface: &'p mut Surface<'k>,
        fonts: &'p Fonts,
        faces: &'p BTreeMap<&'static str, Font>,
        tree: &'p mut Tree,
    ) -> Self {
        let mut pen =
            Self { surface, fonts, faces, tree, open: None, links: Vec::new(), colour: [1, 1, 1], failure: None };
        pen.fill([0, 0, 0]);
        pen
    }

    /// The links met, to be added when the surface is done, and the first thing that could not be drawn.
    pub(super) fn done(self) -> (Vec<PlacedLink>, Option<PdfError>) {
        (self.links, self.failure)
    }

    /// Draws a page: rules first, so that texts of one meaning stay together.
    pub(super) fn page(&mut self, placed: &[Placed<'_>]) {
        self.mean(Some(Meaning::Artifact));
        for item in placed {
            match item {
                Placed::Rule { x, y, length, width } => {
                    self.line(&[point(*x, *y), point(x + length, *y)], crate::figure::solid(Ink::Black, *width), 1.0);
                }
                Placed::Bar { x, y, height } => {
                    let bar = Stroke { ink: Ink::Grey, width: 1.5, dash: crate::figure::Dash::Solid };
                    self.line(&[point(*x, *y), point(*x, y + height)], bar, 1.0);
                }
                _ => {}
            }
        }
        for item in placed {
            match item {
                Placed::Text { x, y, runs, meaning } => self.text(*x, *y, runs, *meaning),
                Placed::Figure { x, y, scale, figure, meaning } => {
                    self.mean(None);
                    self.mean(Some(*meaning));
                    self.figure(*x, *y, *scale, figure);
                    self.mean(None);
                }
                Placed::Rule { .. } | Placed::Bar { .. } => {}
            }
        }
        self.mean(None);
    }

    /// Ends the tagged run that is open and begins another, unless they are the same.
    fn mean(&mut self, meaning: Option<Meaning>) {
        if self.open == meaning {
            return;
        }
        if self.open.take().is_some() {
            self.surface.end_tagged();
        }
        match meaning {
            None => {}
            Some(Meaning::Artifact) => {
                let artifact = Artifact::with_kind(ArtifactType::PaginationOther);
                self.surface.start_tagged(ContentTag::Artifact(artifact));
            }
            Some(Meaning::Node(node)) => {
                let id = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                self.tree.content(node, id);
            }
        }
        self.open = meaning;
    }

    fn text(&mut self, x: f32, y: f32, runs: &[Run], meaning: Meaning) {
        for run in runs.iter().filter(|r| !r.text.is_empty()) {
            match (&run.link, meaning) {
                (Some(link), meaning) => self.linked(x, y, run, link, meaning),
                (None, meaning) => {
                    self.mean(Some(meaning));
                    self.run(x, y, run);
                }
            }
        }
    }

    /// A run that is a link: content and annotation go into a group of their own.
    fn linked(&mut self, x: f32, y: f32, run: &Run, link: &Link, meaning: Meaning) {
        self.mean(None);
        let slot = match meaning {
            Meaning::Node(node) => {
                let id = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                Some(self.tree.link(node, id))
            }
            Meaning::Artifact => {
                self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)));
                None
            }
        };
        self.fill(LINK);
        self.run(x, y, run);
        self.fill([0, 0, 0]);
        self.surface.end_tagged();
        let (left, top) = (x + run.x, y - run.size * 0.85);
        self.links.push(PlacedLink {
            link: link.clone(),
            rect: (left, top, left + run.width.max(1.0), y + run.size * 0.25),
            words: run.text.trim().to_owned(),
            slot,
        });
    }

    fn run(&mut self, x: f32, y: f32, run: &Run) {
        self.glyphs(x + run.x, y - run.rise, run.style, run.size, &run.text);
    }

    /// Draws a text, shaped word by word.
    fn glyphs(&mut self, x: f32, y: f32, style: Style, size: f32, text: &str) {
        let mut glyphs = Vec::with_capacity(text.len());
        let mut start = 0;
        for word in text.split_inclusive(' ') {
            let shaped = self.fonts.shape(style, word);
            if let Some(character) = shaped.missing {
                // The page must be finished all the same; the writer stops after it.
                self.failure.get_or_insert_with(|| PdfError::NoGlyph { character, text: text.to_owned() });
            }
            glyphs.extend(shaped.glyphs.iter().map(|g| {
                let range = start + g.start..start + g.end;
                let id = GlyphId::new(u32::from(g.id));
                KrillaGlyph::new(id, g.advance, g.offset.0, g.offset.1, 0.0, range, None)
            }));
            start += word.len();
        }
        if let Some(font) = self.faces.get(face_key(style)) {
            self.surface.draw_glyphs(Point::from_xy(x, y), &glyphs, font.clone(), text, size, false);
        }
    }

    fn fill(&mut self, colour: [u8; 3]) {
        if self.colour != colour {
            self.colour = colour;
            self.surface.set_fill(Some(filling(colour)));
            self.surface.set_stroke(None);
        }
    }

    fn line(&mut self, points: &[crate::figure::Point], stroke: Stroke, scale: f32) {
        let Some(path) = path(points, false) else { return };
        let dash = stroke.dash.pattern();
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(krilla::paint::Stroke {
            paint: colour(stroke.ink.rgb()).into(),
            width: stroke.width * scale,
            line_cap: LineCap::Butt,
            line_join: LineJoin::Round,
            dash: (!dash.is_empty()).then(|| StrokeDash { array: dash.to_vec(), offset: 0.0 }),
            ..krilla::paint::Stroke::default()
        }));
        self.surface.draw_path(&path);
        self.restore();
    }

    /// Puts the text's filling back after a path.
    fn restore(&mut self) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(filling(self.colour)));
    }

    fn figure(&mut self, x: f32, y: f32, scale: f32, figure: &Figure) {
        self.surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
        self.marks(&figure.marks);
        self.surface.pop();
    }

    fn marks(&mut self, marks: &[Mark]) {
        for mark in marks {
            self.mark(mark);
        }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Line { points, stroke } => self.line(points, *stroke, 1.0),
            Mark::Marker { at, shape, radius, ink, filled } => self.marker(*at, *shape, *radius, *ink, *filled),
            Mark::Rect { at, width, height, ink } => {
                if let Some(path) = rectangle(at.x, at.y, *width, *height) {
                    self.surface.set_fill(Some(filling(ink.rgb())));
                    self.surface.draw_path(&path);
                    self.restore();
                }
            }
            Mark::Clip { at, width, height, marks } => {
                if let Some(path) = rectangle(at.x, at.y, *width, *height) {
                    self.surface.push_clip_path(&path, &FillRule::NonZero);
                    self.marks(marks);
                    self.surface.pop();
                }
            }
            Mark::Text { at, text, size, anchor, ink, bold, upward } => {
                let style = if *bold { Style::Bold } else { Style::Regular };
                let width = self.fonts.width(style, *size, text);
                let shift = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => -width / 2.0,
                    Anchor::End => -width,
                };
                self.fill(ink.rgb());
                if *upward {
                    self.surface.push_transform(&Transform::from_row(0.0, -1.0, 1.0, 0.0, at.x, at.y));
                    self.glyphs(shift, 0.0, style, *size, text);
                    self.surface.pop();
                } else {
                    self.glyphs(at.x + shift, at.y, style, *size, text);
                }
                self.fill([0, 0, 0]);
            }
        }
    }

    fn marker(&mut self, at: crate::figure::Point, shape: Shape, radius: f32, ink: Ink, filled: bool) {
        let path = match outline(shape, at, radius) {
            Some(corners) => path(&corners, true),
            None => circle(at, radius),
        };
        let Some(path) = path else { return };
        let inside = if filled { ink } else { Ink::White };
        self.surface.set_fill(Some(filling(inside.rgb())));
        self.surface.set_stroke(Some(krilla::paint::Stroke {
            paint: colour(ink.rgb()).into(),
            width: 0.9,
            ..krilla::paint::Stroke::default()
        }));
        self.surface.draw_path(&path);
        self.restore();
    }
}

impl PlacedLink {
    /// Adds the annotation to its page.
    pub(super) fn add(self, page: &mut Page<'_>, layout: &Layout<'_>, tree: &mut Tree) {
        let (left, top, right, bottom) = self.rect;
        let target = match &self.link {
            Link::Inside(target) => {
                destination(layout, target).map(|place| Target::Destination(Destination::Xyz(place)))
            }
            Link::Outside(address) => Some(Target::Action(Action::Link(LinkAction::new(address.clone())))),
        };
        let (Some(target), Some(rect)) = (target, Rect::from_ltrb(left, top, right, bottom)) else { return };
        let annotation = Annotation::new_link(LinkAnnotation::new(rect, target), Some(self.words));
        match self.slot {
            None => page.add_annotation(annotation),
            Some(slot) => {
                let id: Identifier = page.add_tagged_annotation(annotation);
                tree.annotation(slot, id);
            }
        }
    }
}

fn colour([r, g, b]: [u8; 3]) -> rgb::Color {
    rgb::Color::new(r, g, b)
}

fn filling(rgb: [u8; 3]) -> Fill {
    Fill { paint: colour(rgb).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn path(points: &[crate::figure::Point], closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut builder = PathBuilder::new();
    builder.move_to(first.x, first.y);
    for p in rest {
        builder.line_to(p.x, p.y);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    path(&[point(x, y), point(x + width, y), point(x + width, y + height), point(x, y + height)], true)
}

/// A circle of four cubic curves; the constant is 4/3·(√2 − 1).
fn circle(at: crate::figure::Point, r: f32) -> Option<Path> {
    let k = 0.552_284_8 * r;
    let (x, y) = (at.x, at.y);
    let mut builder = PathBuilder::new();
    builder.move_to(x + r, y);
    builder.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    builder.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    builder.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    builder.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    builder.close();
    builder.finish()
}

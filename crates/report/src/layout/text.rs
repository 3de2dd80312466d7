//! Where does a line of prose end?
//!
//! Breaks are those of Unicode's line breaking algorithm (UAX 14), but not within `ng/mL`, `93.1–103.6` or after a
//! minus; lines are filled one after the other and end ragged. A word wider than its line is broken where it must be.

use super::{Link, Run};
use crate::block::{Content, Inline};
use crate::font::{Fonts, Style};
use unicode_linebreak::{BreakOpportunity, linebreaks};

/// A line of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its runs from left to right.
    pub runs: Vec<Run>,
    /// Width without the blanks at its end.
    pub width: f32,
    /// Notes that are called in it, by their number.
    pub notes: Vec<usize>,
}

/// Text in one face, before lines are broken.
#[derive(Clone, Debug)]
struct Span {
    text: String,
    style: Style,
    size: f32,
    rise: f32,
    link: Option<Link>,
    note: Option<usize>,
}

/// Breaks text into lines, and numbers its notes.
pub struct Breaker<'f> {
    fonts: &'f Fonts,
    /// The notes met so far, in order.
    pub notes: Vec<Vec<Inline>>,
}

impl<'f> Breaker<'f> {
    /// A breaker without notes.
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, notes: Vec::new() }
    }

    /// Breaks dressed text into lines of at most this width.
    pub fn lines(&mut self, inlines: &[Inline], style: Style, size: f32, width: f32) -> Vec<Line> {
        let mut spans = Vec::new();
        let base = Span { text: String::new(), style, size, rise: 0.0, link: None, note: None };
        self.flatten(inlines, &base, &mut spans);
        break_spans(self.fonts, &spans, width)
    }

    fn flatten(&mut self, inlines: &[Inline], base: &Span, out: &mut Vec<Span>) {
        for inline in inlines {
            match inline {
                Inline::Text(text) | Inline::Value { text, .. } => push_covered(self.fonts, text, base, out),
                Inline::Strong(c) => self.flatten(c, &Span { style: bold(base.style), ..base.clone() }, out),
                Inline::Emphasis(c) => self.flatten(c, &Span { style: italic(base.style), ..base.clone() }, out),
                Inline::Code(text) => {
                    // The fixed-width face is larger on its body than the serif.
                    let code = Span { style: Style::Mono, size: base.size * 0.84, ..base.clone() };
                    push_text(text, &code, out);
                }
                Inline::Subscript(c) => {
                    let low = Span { size: base.size * 0.7, rise: base.rise - base.size * 0.16, ..base.clone() };
                    self.flatten(c, &low, out);
                }
                Inline::Superscript(c) => {
                    let high = Span { size: base.size * 0.7, rise: base.rise + base.size * 0.33, ..base.clone() };
                    self.flatten(c, &high, out);
                }
                Inline::Link { href, content } => {
                    self.flatten(content, &Span { link: Some(Link::Outside(href.clone())), ..base.clone() }, out);
                }
                Inline::Reference { target, content } => {
                    self.flatten(content, &Span { link: Some(Link::Inside(target.clone())), ..base.clone() }, out);
                }
                Inline::Note(content) => {
                    self.notes.push(content.clone());
                    let number = self.notes.len();
                    out.push(Span {
                        text: number.to_string(),
                        size: base.size * 0.7,
                        rise: base.size * 0.33,
                        note: Some(number - 1),
                        ..base.clone()
                    });
                }
                Inline::Break => push_text("\n", base, out),
            }
        }
    }
}

/// Text of which the characters that the face lacks are set in the fixed-width face, which has more signs.
fn push_covered(fonts: &Fonts, text: &str, base: &Span, out: &mut Vec<Span>) {
    let other = |c: char| !c.is_ascii() && !fonts.has(base.style, c) && fonts.has(Style::Mono, c);
    if !text.chars().any(other) {
        return push_text(text, base, out);
    }
    let mono = Span { style: Style::Mono, size: base.size * 0.84, ..base.clone() };
    for c in text.chars() {
        let mut buffer = [0; 4];
        push_text(c.encode_utf8(&mut buffer), if other(c) { &mono } else { base }, out);
    }
}

fn push_text(text: &str, base: &Span, out: &mut Vec<Span>) {
    out.push(Span { text: text.to_owned(), ..base.clone() });
}

fn bold(style: Style) -> Style {
    match style {
        Style::Italic | Style::BoldItalic => Style::BoldItalic,
        Style::Mono => Style::Mono,
        _ => Style::Bold,
    }
}

fn italic(style: Style) -> Style {
    match style {
        Style::Bold | Style::BoldItalic => Style::BoldItalic,
        Style::Mono => Style::Mono,
        _ => Style::Italic,
    }
}

/// Breaks plain text of a cell into lines.
pub fn plain_lines(fonts: &Fonts, text: &str, style: Style, size: f32, width: f32) -> Vec<Line> {
    let whole = fonts.width(style, size, text);
    let covered = text.is_ascii() || text.chars().all(|c| fonts.has(style, c));
    if whole <= width && covered && !text.contains('\n') {
        let run = Run { x: 0.0, width: whole, style, size, rise: 0.0, text: text.to_owned(), link: None };
        return vec![Line { runs: vec![run], width: whole, notes: Vec::new() }];
    }
    let base = Span { text: String::new(), style, size, rise: 0.0, link: None, note: None };
    let mut spans = Vec::new();
    push_covered(fonts, text, &base, &mut spans);
    break_spans(fonts, &spans, width)
}

/// Breaks a cell's text into lines; notes in cells are left out.
pub fn cell_lines(fonts: &Fonts, content: &Content, style: Style, size: f32, width: f32) -> Vec<Line> {
    match content {
        Content::Plain(text) => plain_lines(fonts, text, style, size, width),
        Content::Rich(inlines) => Breaker::new(fonts).lines(inlines, style, size, width),
    }
}

/// Width of the widest piece that cannot be broken, and of the whole on one line.
pub fn extent(fonts: &Fonts, content: &Content, style: Style, size: f32) -> (f32, f32) {
    let base = Span { text: String::new(), style, size, rise: 0.0, link: None, note: None };
    let mut spans = Vec::new();
    match content {
        Content::Plain(text) => push_covered(fonts, text, &base, &mut spans),
        Content::Rich(inlines) => Breaker::new(fonts).flatten(inlines, &base, &mut spans),
    }
    let all: String = spans.iter().map(|s| s.text.as_str()).collect();
    let measure = |start: usize, end: usize| -> f32 {
        pieces(&spans, start, end).iter().map(|(s, from, to)| fonts.width(s.style, s.size, &all[*from..*to])).sum()
    };
    let (mut narrow, mut whole, mut line, mut start) = (0.0f32, 0.0f32, 0.0f32, 0);
    for (end, must) in breaks(&all) {
        let ink = start + all[start..end].trim_end().len();
        narrow = narrow.max(measure(start, ink));
        whole = whole.max(line + measure(start, ink));
        line = if must { 0.0 } else { line + measure(start, end) };
        start = end;
    }
    (narrow, whole)
}

/// Ends of the pieces of a text, and whether a line must end there.
fn breaks(text: &str) -> Vec<(usize, bool)> {
    let mut out = Vec::new();
    for (at, kind) in linebreaks(text) {
        let must = kind == BreakOpportunity::Mandatory && at < text.len();
        let before = text[..at].chars().next_back();
        let after = text[at..].chars().next();
        let tied = match before {
            // Units (ng/mL) hold together; addresses may break.
            Some('/') => !text.contains("://"),
            Some('–' | '-' | '−') => after.is_some_and(|c| c.is_ascii_digit()),
            _ => false,
        };
        if !tied || must || at == text.len() {
            out.push((at, must));
        }
    }
    out
}

fn break_spans(fonts: &Fonts, spans: &[Span], width: f32) -> Vec<Line> {
    let all: String = spans.iter().map(|s| s.text.as_str()).collect();
    let mut filler = Filler { fonts, width, lines: Vec::new(), line: Line::default(), pen: 0.0 };
    let mut start = 0;
    for (end, must) in breaks(&all) {
        filler.segment(spans, &all, start, end);
        if must {
            filler.end_line();
        }
        start = end;
    }
    filler.end_line();
    filler.lines
}

/// Fills one line after the other.
struct Filler<'f> {
    fonts: &'f Fonts,
    width: f32,
    lines: Vec<Line>,
    line: Line,
    /// Where the next run begins.
    pen: f32,
}

impl Filler<'_> {
    /// Adds the text from `start` to `end` of the joined spans, on a new line when it does not fit.
    fn segment(&mut self, spans: &[Span], all: &str, start: usize, end: usize) {
        let pieces = pieces(spans, start, end);
        let ink = all[start..end].trim_end().len() + start;
        let width: f32 = pieces
            .iter()
            .map(|(span, from, to)| {
                let to = (*to).min(ink.max(*from));
                self.fonts.width(span.style, span.size, &all[*from..to])
            })
            .sum();
        if self.pen + width > self.width + 0.01 && self.pen > 0.0 {
            self.end_line();
        }
        for (span, from, to) in pieces {
            if width > self.width {
                self.by_characters(span, &all[from..to]);
            } else {
                self.push(span, all[from..to].trim_end_matches(['\n', '\r']));
            }
        }
    }

    fn by_characters(&mut self, span: &Span, text: &str) {
        for c in text.chars().filter(|c| !matches!(c, '\n' | '\r')) {
            let mut buffer = [0; 4];
            let c: &str = c.encode_utf8(&mut buffer);
            let width = self.fonts.width(span.style, span.size, c);
            if self.pen + width > self.width && self.pen > 0.0 && !c.trim().is_empty() {
                self.end_line();
            }
            self.push(span, c);
        }
    }

    fn push(&mut self, span: &Span, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(note) = span.note {
            self.line.notes.push(note);
        }
        let width = self.fonts.width(span.style, span.size, text);
        match self.line.runs.last_mut() {
            Some(last)
                if last.style == span.style
                    && last.link == span.link
                    && (last.size - span.size).abs() < 0.01
                    && (last.rise - span.rise).abs() < 0.01 =>
            {
                last.text.push_str(text);
                last.width += width;
            }
            _ => self.line.runs.push(Run {
                x: self.pen,
                width,
                style: span.style,
                size: span.size,
                rise: span.rise,
                text: text.to_owned(),
                link: span.link.clone(),
            }),
        }
        self.pen += width;
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        self.pen = 0.0;
        let Some(last) = line.runs.last_mut() else {
            if self.lines.is_empty() {
                self.lines.push(line);
            }
            return;
        };
        let trimmed = last.text.trim_end_matches(' ').len();
        let blanks = self.fonts.width(last.style, last.size, " ") * (last.text.len() - trimmed) as f32;
        // One blank stays in the text, so that words do not run together for who reads the file by ear.
        last.text.truncate((trimmed + 1).min(last.text.len()));
        last.width -= blanks;
        line.width = last.x + last.width;
        self.lines.push(line);
    }
}

/// The spans between two places of the joined text, with their bytes.
fn pieces(spans: &[Span], start: usize, end: usize) -> Vec<(&Span, usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    for span in spans {
        let (from, to) = (at.max(start), (at + span.text.len()).min(end));
        if from < to {
            out.push((span, from, to));
        }
        at += span.text.len();
        if at >= end {
            break;
        }
    }
    out
}

/// A text cut to a width, with an ellipsis when something was cut.
pub fn shortened(fonts: &Fonts, style: Style, size: f32, text: &str, width: f32) -> String {
    if fonts.width(style, size, text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for word in text.split_inclusive(' ') {
        if fonts.width(style, size, &format!("{out}{word}…")) > width {
            break;
        }
        out.push_str(word);
    }
    format!("{}…", out.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::plain;

    fn shown(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::new();
        let lines = Breaker::new(&fonts).lines(&[Inline::Text(text.into())], Style::Regular, 10.0, width);
        assert!(lines.iter().all(|l| l.width <= width + 0.01 || l.runs.len() == 1));
        let words = |l: &Line| l.runs.iter().map(|r| r.text.as_str()).collect::<String>().trim_end().to_owned();
        lines.iter().map(words).collect()
    }

    #[test]
    fn lines_break_between_words_and_units_hold() {
        assert_eq!(shown("one two three", 45.0), ["one two", "three"]);
        assert_eq!(shown("value 12\u{a0}ng/mL here", 45.0), ["value", "12\u{a0}ng/mL", "here"]);
        assert_eq!(shown("CI 93.10–103.60 end", 60.0), ["CI", "93.10–103.60", "end"]);
        assert_eq!(shown("a\nb", 100.0), ["a", "b"]);
        assert_eq!(shown("", 100.0).len(), 1);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken() {
        let lines = shown("0123456789abcdef0123456789abcdef", 50.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.concat(), "0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn dress_does_not_lose_words() {
        let fonts = Fonts::new();
        let text = crate::inline::parse("C~max~ of **both** and *more* words that go on for a while");
        let lines = Breaker::new(&fonts).lines(&text, Style::Regular, 10.0, 80.0);
        let joined: Vec<String> =
            lines.iter().map(|l| l.runs.iter().map(|r| r.text.as_str()).collect::<String>()).collect();
        assert_eq!(joined.concat(), plain(&text));
    }
}

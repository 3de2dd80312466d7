//! How wide is a text, and which glyphs draw it?
//!
//! The fonts come with the program (Libertinus Serif and DejaVu Sans Mono, SIL Open Font License and Bitstream Vera
//! licence), so that a page breaks alike on every machine; system fonts are never read. Shaping is rustybuzz's
//! (a port of HarfBuzz), word by word, and remembered: a listing of 500 pages repeats its words.
//!
//! Numbers, dates and codes without letters skip the shaper: none of their characters kerns or joins in these fonts.

use rustybuzz::ttf_parser::name_id;
use rustybuzz::{Face, UnicodeBuffer};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The faces that documents are set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "said by the names")]
pub enum Style {
    Regular,
    Bold,
    Italic,
    BoldItalic,
    Mono,
}

impl Style {
    /// All faces.
    pub const ALL: [Self; 5] = [Self::Regular, Self::Bold, Self::Italic, Self::BoldItalic, Self::Mono];

    fn full_name(self) -> &'static str {
        match self {
            Self::Regular => "Libertinus Serif Regular",
            Self::Bold => "Libertinus Serif Bold",
            Self::Italic => "Libertinus Serif Italic",
            Self::BoldItalic => "Libertinus Serif Bold Italic",
            Self::Mono => "DejaVu Sans Mono",
        }
    }

    /// The bytes of the font file.
    ///
    /// # Panics
    /// When the font crate no longer holds the face: a broken build, found by this module's test.
    pub fn bytes(self) -> &'static [u8] {
        typst_assets::fonts()
            .find(|bytes| full_name(bytes).is_some_and(|name| name == self.full_name()))
            .unwrap_or_else(|| panic!("the font crate lacks {}", self.full_name()))
    }
}

fn full_name(bytes: &[u8]) -> Option<String> {
    let face = rustybuzz::ttf_parser::Face::parse(bytes, 0).ok()?;
    let name = face.names().into_iter().find(|n| n.name_id == name_id::FULL_NAME && n.is_unicode())?;
    name.to_string()
}

/// One glyph of a shaped text; lengths in ems.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// Its number in the font.
    pub id: u16,
    /// How far the pen moves.
    pub advance: f32,
    /// Shift of the glyph itself.
    pub offset: (f32, f32),
    /// Bytes of the text that it draws.
    pub start: usize,
    /// End of those bytes.
    pub end: usize,
}

/// A shaped word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaped {
    /// Its glyphs from left to right.
    pub glyphs: Vec<Glyph>,
    /// Its width in ems.
    pub width: f32,
    /// The first character that the font lacks.
    pub missing: Option<char>,
}

struct Loaded {
    face: Face<'static>,
    scale: f32,
    /// Glyph and advance of the characters that neither kern nor join.
    simple: [Option<(u16, f32)>; 128],
    words: HashMap<Box<str>, Rc<Shaped>>,
}

/// The fonts, with what they have shaped so far.
pub struct Fonts {
    faces: RefCell<HashMap<Style, Loaded>>,
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new()
    }
}

/// Words remembered a face before the memory is emptied: bounds the memory of a listing of a million names.
const MOST_WORDS: usize = 40_000;

impl Fonts {
    /// Fonts that are read when first used.
    pub fn new() -> Self {
        Self { faces: RefCell::new(HashMap::new()) }
    }

    /// Shapes a word.
    pub fn shape(&self, style: Style, text: &str) -> Rc<Shaped> {
        let mut faces = self.faces.borrow_mut();
        let loaded = faces.entry(style).or_insert_with(|| load(style));
        if let Some(simple) = loaded.shape_simple(text) {
            return Rc::new(simple);
        }
        if let Some(known) = loaded.words.get(text) {
            return Rc::clone(known);
        }
        let shaped = Rc::new(loaded.shape(text));
        if loaded.words.len() >= MOST_WORDS {
            loaded.words.clear();
        }
        loaded.words.insert(text.into(), Rc::clone(&shaped));
        shaped
    }

    /// Width of a text in points: the sum of its words, as they are drawn.
    pub fn width(&self, style: Style, size: f32, text: &str) -> f32 {
        text.split_inclusive(' ').map(|word| self.word_width(style, word)).sum::<f32>() * size
    }

    /// Whether a face has a character.
    pub fn has(&self, style: Style, c: char) -> bool {
        let mut faces = self.faces.borrow_mut();
        faces.entry(style).or_insert_with(|| load(style)).face.glyph_index(c).is_some()
    }

    fn word_width(&self, style: Style, word: &str) -> f32 {
        let simple = self.faces.borrow_mut().entry(style).or_insert_with(|| load(style)).width_simple(word);
        simple.unwrap_or_else(|| self.shape(style, word).width)
    }
}

fn load(style: Style) -> Loaded {
    let bytes = style.bytes();
    let face = Face::from_slice(bytes, 0).unwrap_or_else(|| panic!("{} is no font", style.full_name()));
    let scale = 1.0 / face.units_per_em() as f32;
    let mut simple = [None; 128];
    for c in (b' '..=b'~').map(char::from).filter(|c| !c.is_ascii_alphabetic()) {
        if let Some(glyph) = face.glyph_index(c) {
            let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
            simple[c as usize] = Some((glyph.0, advance));
        }
    }
    Loaded { face, scale, simple, words: HashMap::new() }
}

impl Loaded {
    fn simple_of(&self, byte: u8) -> Option<(u16, f32)> {
        self.simple.get(usize::from(byte)).copied().flatten()
    }

    fn width_simple(&self, text: &str) -> Option<f32> {
        text.bytes().map(|b| self.simple_of(b).map(|(_, advance)| advance)).sum()
    }

    fn shape_simple(&self, text: &str) -> Option<Shaped> {
        let mut shaped = Shaped::default();
        for (start, byte) in text.bytes().enumerate() {
            let (id, advance) = self.simple_of(byte)?;
            shaped.glyphs.push(Glyph { id, advance, offset: (0.0, 0.0), start, end: start + 1 });
            shaped.width += advance;
        }
        Some(shaped)
    }

    fn shape(&self, text: &str) -> Shaped {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // Words run from left to right here; scripts that do not are shaped, and not reordered.
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        let output = rustybuzz::shape(&self.face, &[], buffer);
        let infos = output.glyph_infos();
        let mut shaped = Shaped::default();
        for (i, (info, position)) in infos.iter().zip(output.glyph_positions()).enumerate() {
            let start = info.cluster as usize;
            let end = infos[i..].iter().map(|g| g.cluster as usize).find(|&c| c > start).unwrap_or(text.len());
            let id = u16::try_from(info.glyph_id).unwrap_or(0);
            if id == 0 && shaped.missing.is_none() {
                shaped.missing = text[start..].chars().next();
            }
            let advance = position.x_advance as f32 * self.scale;
            let offset = (position.x_offset as f32 * self.scale, position.y_offset as f32 * self.scale);
            shaped.glyphs.push(Glyph { id, advance, offset, start, end });
            shaped.width += advance;
        }
        shaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_is_there_and_its_figures_are_as_wide_as_each_other() {
        let fonts = Fonts::new();
        for style in Style::ALL {
            let one = fonts.width(style, 10.0, "1");
            assert!(one > 0.0);
            for digit in "023456789".chars() {
                // The italic's 4 is 0.001 em wider than its 1: nothing to see at any size.
                let off = fonts.width(style, 10.0, &digit.to_string()) - one;
                assert!(off.abs() < 0.02, "{style:?} {digit}: {off}");
            }
        }
    }

    #[test]
    fn the_short_way_for_numbers_gives_the_shaper_s_widths() {
        let fonts = Fonts::new();
        for style in Style::ALL {
            let loaded = load(style);
            for text in ["12.34", "(0.1-9.9)", "2026-11-25", "<0.001", "1,234", "50%", "12/7", "0:30", "-1.5"] {
                let (short, long) = (loaded.shape_simple(text).unwrap(), loaded.shape(text));
                assert_eq!(
                    short.glyphs.iter().map(|g| g.id).collect::<Vec<_>>(),
                    long.glyphs.iter().map(|g| g.id).collect::<Vec<_>>(),
                    "{style:?} {text}"
                );
                assert!((short.width - long.width).abs() < 0.02, "{style:?} {text}: {} {}", short.width, long.width);
            }
        }
        assert!(fonts.width(Style::Regular, 10.0, "µg/mL λ ≥ ½") > 30.0);
    }
}

//! How does a cell's text come from several results?
//!
//! A template is text with statistics in braces: `{MEAN:.2} ({SD:.3})`, `{MIN:.1}–{MAX:.1}`.
//! After the colon stands a [number format](crate::number). `{{` and `}}` are braces themselves.

use crate::number::Spec;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// A statistic and how it is printed.
    Statistic {
        /// Its code.
        code: String,
        /// How it is printed.
        spec: Spec,
    },
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its pieces in order.
    pub pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let end = match brace {
                "{" => rest.find('}').ok_or_else(|| format!("`{text}`: a `{{` has no `}}`"))?,
                _ => return Err(format!("`{text}`: a `}}` has no `{{` before it")),
            };
            let (code, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
            if code.trim().is_empty() {
                return Err(format!("`{text}`: braces need a statistic, as in {{MEAN:.2}}"));
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Statistic { code: code.trim().to_owned(), spec: Spec::parse(spec.trim())? });
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// The statistics named, in order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Statistic { code, .. } => Some(code.as_str()),
            Piece::Text(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_and_text_are_told_apart() {
        let template = Template::parse("{MEAN:.2} ({SD}) {{x}}").unwrap();
        assert_eq!(template.codes().collect::<Vec<_>>(), ["MEAN", "SD"]);
        assert_eq!(template.pieces.last(), Some(&Piece::Text(") {x}".into())));
    }

    #[test]
    fn a_broken_template_says_how() {
        assert!(Template::parse("{MEAN").unwrap_err().contains("has no `}`"));
        assert!(Template::parse("MEAN}").unwrap_err().contains("before it"));
        assert!(Template::parse("{:.2}").unwrap_err().contains("need a statistic"));
        assert!(Template::parse("{MEAN:x}").unwrap_err().contains("no number format"));
    }
}

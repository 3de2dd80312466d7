//! How are labels, titles and footnotes dressed?
//!
//! A subset of Markdown that cannot surprise: `C~max~` lowers, `10^3^` raises, `*italic*`, `**bold**`. A mark without
//! its partner is itself, so that `* p < 0.05` and `5 ~ 6` stay as written. `{{…}}` embeds a value (see [`crate::value`]).

use crate::block::Inline;

type Make = fn(Vec<Inline>) -> Inline;

/// A mark, whether blanks may stand between a pair of it, and what a pair makes.
type Markup = (&'static str, bool, Make);

const SCRIPTS: [Markup; 2] = [("~", false, Inline::Subscript), ("^", false, Inline::Superscript)];
const ALL: [Markup; 4] = [("**", true, Inline::Strong), ("*", true, Inline::Emphasis), SCRIPTS[0], SCRIPTS[1]];

/// Dresses a label. Never fails: what is no markup is text.
pub fn parse(text: &str) -> Vec<Inline> {
    dress(text, &ALL)
}

/// Lowers and raises within text that Markdown has already dressed: its own rule wants blanks around `~`.
pub fn scripts(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut out = Vec::with_capacity(inlines.len());
    for inline in inlines {
        match inline {
            Inline::Text(text) => out.extend(dress(&text, &SCRIPTS)),
            Inline::Strong(c) => out.push(Inline::Strong(scripts(c))),
            Inline::Emphasis(c) => out.push(Inline::Emphasis(scripts(c))),
            Inline::Note(c) => out.push(Inline::Note(scripts(c))),
            Inline::Link { href, content } => out.push(Inline::Link { href, content: scripts(content) }),
            Inline::Reference { target, content } => {
                out.push(Inline::Reference { target, content: scripts(content) });
            }
            other => out.push(other),
        }
    }
    out
}

fn dress(text: &str, markup: &[Markup]) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((inline, used)) = marked(rest, markup) {
            if !plain.is_empty() {
                out.push(Inline::Text(std::mem::take(&mut plain)));
            }
            out.push(inline);
            rest = &rest[used..];
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

/// The marked run that `text` starts with, and its length.
fn marked(text: &str, markup: &[Markup]) -> Option<(Inline, usize)> {
    for (mark, blanks, make) in markup {
        let Some(inside) = text.strip_prefix(mark) else { continue };
        let Some(end) = inside.find(mark) else { continue };
        let content = &inside[..end];
        let tight = !content.is_empty() && content.trim() == content;
        if tight && (*blanks || !content.contains(' ')) {
            return Some((make(dress(content, markup)), mark.len() * 2 + end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::plain;

    #[test]
    fn subscripts_are_found_and_lone_marks_stay() {
        assert_eq!(
            parse("C~max~ (ng/mL)"),
            [
                Inline::Text("C".into()),
                Inline::Subscript(vec![Inline::Text("max".into())]),
                Inline::Text(" (ng/mL)".into())
            ]
        );
        for lone in ["* p < 0.05", "5 ~ 6 ~ 7", "a^b", "~~", "**", ""] {
            assert_eq!(plain(&parse(lone)), lone);
            assert!(parse(lone).len() <= 1, "{lone}");
        }
    }
}

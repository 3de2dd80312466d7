//! How are headings and displays numbered, and what do references say?
//!
//! Headings count by level; after `{.appendix}` first-level headings are `Appendix A`, below them `A.1`. Displays that
//! have no number of their own count from 1 by kind, in the order of the document, also within appendices.

use super::{DocumentError, Draft, Part, What, typography};
use crate::block::{Block, Content, Display, Heading, Inline, plain};
use crate::display::Inputs;
use crate::{inline, value};
use std::collections::{BTreeMap, BTreeSet};

/// Assembles the blocks.
pub(super) fn assemble(
    draft: &Draft,
    inputs: &Inputs<'_>,
    displays: &BTreeMap<String, Display>,
) -> Result<Vec<Block>, DocumentError> {
    let given = |part: &Part| match &part.what {
        What::Embed(name) => Some(name.clone()),
        What::Heading { id, .. } => id.clone(),
        What::Block(_) => None,
    };
    let given = draft.parts.iter().filter_map(given).collect();
    let mut numbers = Numbers { document: &draft.name, given, ..Numbers::default() };
    let mut blocks = Vec::new();
    for part in &draft.parts {
        blocks.push(numbers.block(part, displays)?);
    }
    for (block, part) in blocks.iter_mut().zip(&draft.parts) {
        if matches!(block, Block::Display(_)) {
            continue;
        }
        let mut outcome = Ok(());
        each_run(block, &mut |inlines| {
            if outcome.is_ok() {
                outcome = finish(inlines, inputs, &numbers.labels, &draft.name, part.line);
            }
        });
        outcome?;
    }
    Ok(blocks)
}

/// Fills in values and references of one run, and binds units.
fn finish(
    inlines: &mut Vec<Inline>,
    inputs: &Inputs<'_>,
    labels: &BTreeMap<String, String>,
    document: &str,
    line: usize,
) -> Result<(), DocumentError> {
    *inlines = value::fill(inline::scripts(std::mem::take(inlines)), inputs).map_err(|cause| DocumentError::Value {
        document: document.to_owned(),
        line,
        cause,
    })?;
    label_references(inlines, labels).map_err(|target| DocumentError::NoTarget {
        document: document.to_owned(),
        line,
        target,
    })?;
    typography::bind(inlines);
    Ok(())
}

fn label_references(inlines: &mut [Inline], labels: &BTreeMap<String, String>) -> Result<(), String> {
    for inline in inlines {
        match inline {
            Inline::Reference { target, content } => {
                let label = labels.get(target).ok_or_else(|| target.clone())?;
                if content.is_empty() {
                    content.push(Inline::Text(label.clone()));
                }
            }
            Inline::Strong(c) | Inline::Emphasis(c) | Inline::Note(c) => label_references(c, labels)?,
            _ => {}
        }
    }
    Ok(())
}

/// Calls a function on every run of inlines in a block, displays left out: they were finished by themselves.
pub(super) fn each_run(block: &mut Block, f: &mut dyn FnMut(&mut Vec<Inline>)) {
    match block {
        Block::Heading(heading) => f(&mut heading.content),
        Block::Paragraph(inlines) => f(inlines),
        Block::List { items, .. } => items.iter_mut().flatten().for_each(|b| each_run(b, f)),
        Block::Quote(blocks) => blocks.iter_mut().for_each(|b| each_run(b, f)),
        Block::Table(table) => {
            for cell in table.head.iter_mut().flatten() {
                f(&mut cell.content);
            }
            for cell in table.rows.iter_mut().flat_map(|r| &mut r.cells) {
                if let Content::Rich(inlines) = &mut cell.content {
                    f(inlines);
                }
            }
        }
        Block::Code(_) | Block::Display(_) | Block::Contents(_) | Block::PageBreak => {}
    }
}

#[derive(Default)]
struct Numbers<'a> {
    document: &'a str,
    counters: [u32; 6],
    appendix: bool,
    displays: BTreeMap<crate::block::DisplayKind, u32>,
    /// Identifiers that a person gave, anywhere in the document: those made from words step aside.
    given: BTreeSet<String>,
    ids: BTreeSet<String>,
    /// What a reference to an identifier says.
    labels: BTreeMap<String, String>,
}

impl Numbers<'_> {
    fn block(&mut self, part: &Part, displays: &BTreeMap<String, Display>) -> Result<Block, DocumentError> {
        match &part.what {
            What::Block(block) => Ok(block.clone()),
            What::Embed(name) => self.display(part.line, name, displays),
            What::Heading { level, id, appendix, numbered, content } => {
                let number = numbered.then(|| self.number(*level, *appendix));
                let id = self.heading_id(part.line, id.as_deref(), content)?;
                let label = match &number {
                    Some(n) if n.starts_with("Appendix") => n.clone(),
                    Some(n) => format!("Section\u{a0}{n}"),
                    None => plain(content),
                };
                self.labels.insert(id.clone(), label);
                Ok(Block::Heading(Heading { level: *level, number, id, content: content.clone() }))
            }
        }
    }

    fn display(
        &mut self,
        line: usize,
        name: &str,
        displays: &BTreeMap<String, Display>,
    ) -> Result<Block, DocumentError> {
        let display = displays.get(name).ok_or_else(|| DocumentError::NoDisplay {
            document: self.document.to_owned(),
            line,
            name: name.to_owned(),
            known: displays.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })?;
        self.claim(line, name)?;
        let mut display = display.clone();
        let count = self.displays.entry(display.kind).or_insert(0);
        *count += 1;
        display.number.get_or_insert_with(|| count.to_string());
        self.labels.insert(name.to_owned(), display.label());
        Ok(Block::Display(Box::new(display)))
    }

    fn claim(&mut self, line: usize, id: &str) -> Result<(), DocumentError> {
        match self.ids.insert(id.to_owned()) {
            true => Ok(()),
            false => Err(DocumentError::Twice { document: self.document.to_owned(), line, id: id.to_owned() }),
        }
    }

    /// The identifier given, or one made from the words.
    fn heading_id(&mut self, line: usize, given: Option<&str>, content: &[Inline]) -> Result<String, DocumentError> {
        if let Some(id) = given {
            self.claim(line, id)?;
            return Ok(id.to_owned());
        }
        let words = plain(content).to_lowercase();
        let parts: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let base = if parts.is_empty() { "section".to_owned() } else { parts.join("-") };
        let mut id = base.clone();
        let mut count = 1;
        while self.given.contains(&id) || !self.ids.insert(id.clone()) {
            count += 1;
            id = format!("{base}-{count}");
        }
        Ok(id)
    }

    fn number(&mut self, level: u8, appendix: bool) -> String {
        let at = usize::from(level.clamp(1, 6)) - 1;
        if appendix && !self.appendix {
            self.appendix = true;
            self.counters = [0; 6];
        }
        self.counters[at] += 1;
        for deeper in &mut self.counters[at + 1..] {
            *deeper = 0;
        }
        let mut parts: Vec<String> = self.counters[..=at].iter().map(|&n| n.max(1).to_string()).collect();
        if self.appendix {
            parts[0] = letters(self.counters[0].max(1));
        }
        match (self.appendix, at) {
            (true, 0) => format!("Appendix\u{a0}{}", parts[0]),
            _ => parts.join("."),
        }
    }
}

/// A, B, … Z, AA, AB, …
fn letters(mut n: u32) -> String {
    let mut out = String::new();
    while n > 0 {
        n -= 1;
        out.insert(0, char::from(b'A' + u8::try_from(n % 26).unwrap_or(0)));
        n /= 26;
    }
    out
}

//! The comparison of designs as a page: the table, and two figures by subject.

use super::properties::Found;
use croft_report::block::{
    Align, Block, Body, Cell, Column, Display, DisplayKind, Document, HeadCell, Inline, Row, RowKind, Table,
};
use croft_report::figure::chart::{Datum, Panel, Series, look};
use croft_report::figure::scale::Scale;
use croft_report::figure::{Figure, at};
use croft_report::font::Fonts;
use croft_report::html;
use croft_report::number::fixed;
use croft_trial::randomisation::properties::{Estimate, Method, Properties};

/// Size of a figure in points.
const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 260.0;
/// Series of one figure: as many as can be told apart.
const SERIES: usize = 4;
/// Most points of a line, and most rows of a figure's data.
const POINTS: usize = 200;
const ROWS: usize = 25;

/// Writes the page.
pub fn write(n: u32, found: &[Found]) -> String {
    let imbalance = Curve {
        name: "imbalance",
        title: "Mean absolute imbalance by subject",
        y_label: "Mean absolute imbalance",
        of: |p, at| p.steps.get(at).map_or(0.0, |step| step.abs_imbalance),
    };
    let guesses = Curve {
        name: "guesses",
        title: "Correct guesses so far, convergence strategy",
        y_label: "Correct guesses, %",
        of: |p, at| {
            let so_far = p.steps.get(..=at).unwrap_or_default();
            100.0 * so_far.iter().map(|step| step.correct_guess).sum::<f64>() / so_far.len().max(1) as f64
        },
    };
    let displays = [table(found), imbalance.display(found), guesses.display(found)];
    let document = Document {
        title: format!("Designs of randomisation for {n} subjects of one stratum"),
        study: "croft randomise properties".to_owned(),
        version: concat!("croft ", env!("CARGO_PKG_VERSION")).to_owned(),
        language: "en".to_owned(),
        blocks: displays.into_iter().map(|display| Block::Display(Box::new(display))).collect(),
        ..Document::default()
    };
    html::write(&document)
}

fn words(text: &str) -> Vec<Inline> {
    vec![Inline::Text(text.to_owned())]
}

fn display(name: &str, kind: DisplayKind, number: &str, title: &str, body: Body, footnotes: Vec<String>) -> Display {
    Display {
        name: name.to_owned(),
        kind,
        number: Some(number.to_owned()),
        title: words(title),
        population: None,
        body,
        footnotes: footnotes.iter().map(|note| words(note)).collect(),
        fingerprint: None,
        landscape: None,
    }
}

/// A table of text with a label in its first column.
fn grid(heads: &[String], rows: Vec<(String, Vec<String>)>) -> Table {
    let column = |(at, head): (usize, &String)| Column {
        name: head.clone(),
        align: if at == 0 { Align::Left } else { Align::Decimal },
        width: None,
        group: false,
    };
    let row = |(name, cells): (String, Vec<String>)| Row {
        kind: RowKind::Data,
        cells: std::iter::once(name.clone()).chain(cells).map(Cell::text).collect(),
        name,
        indent: 0,
    };
    Table {
        columns: heads.iter().enumerate().map(column).collect(),
        head: vec![heads.iter().map(|head| HeadCell { content: words(head), span: 1 }).collect()],
        rows: rows.into_iter().map(row).collect(),
    }
}

fn table(found: &[Found]) -> Display {
    let heads = [
        "Design",
        "Ratio",
        "Correct guesses, convergence, %",
        "Correct guesses, divergence, %",
        "Forced, %",
        "Absolute imbalance at the end",
        "Largest absolute imbalance",
        "Loss, subjects",
    ];
    let row = |(at, found): (usize, &Found)| {
        let p = &found.properties;
        let percent = |e: Estimate| fixed(100.0 * e.value, 2);
        let cells = vec![
            found.ratio.clone(),
            percent(p.correct_guesses_convergence),
            percent(p.correct_guesses_divergence),
            percent(p.forced),
            fixed(p.abs_final_imbalance.value, 3),
            fixed(p.max_abs_imbalance.value, 3),
            fixed(p.loss.value, 4),
        ];
        (format!("{} {}", at + 1, found.name), cells)
    };
    let mut notes = vec![
        "Correct guesses: mean share of subjects whose arm is guessed by betting on the arm with the fewest (convergence) or the most (divergence) \
         subjects so far. Forced: share of allocations that are certain given those before. Imbalance: largest less smallest number by unit \
         of the ratio. Loss: the subjects that the imbalance costs. Means over all that the design can do."
            .to_owned(),
    ];
    for found in found {
        if let Method::Simulated { trials, seed } = found.properties.method {
            let se = |e: Estimate| e.standard_error.unwrap_or(0.0);
            let p = &found.properties;
            notes.push(format!(
                "{}: {trials} simulated trials, seed {seed}; standard errors: guesses {} %, imbalance {} and {}, loss {}.",
                found.name,
                fixed(100.0 * se(p.correct_guesses_convergence), 2),
                fixed(se(p.abs_final_imbalance), 3),
                fixed(se(p.max_abs_imbalance), 3),
                fixed(se(p.loss), 4)
            ));
        }
    }
    let exact = if notes.len() == 1 { "All numbers are exact." } else { "All other numbers are exact." };
    notes.push(exact.to_owned());
    let heads = heads.map(str::to_owned);
    let body = Body::Table(grid(&heads, found.iter().enumerate().map(row).collect()));
    display("properties", DisplayKind::Table, "1", "Properties of the designs", body, notes)
}

/// A design's number in the table, and its name without settings: what there is room for in a figure.
fn short(found: &[Found], at: usize) -> String {
    format!("{} {}", at + 1, found.get(at).map_or("", |found| found.design))
}

/// What is drawn against the subject.
struct Curve {
    name: &'static str,
    title: &'static str,
    y_label: &'static str,
    of: fn(&Properties, usize) -> f64,
}

impl Curve {
    /// Some subjects, evenly, with the last.
    fn subjects(found: &[Found], most: usize) -> Vec<usize> {
        let n = found.iter().map(|found| found.properties.steps.len()).max().unwrap_or(0);
        let every = n.div_ceil(most).max(1);
        (0..n).filter(|at| (at + 1) % every == 0 || at + 1 == n).collect()
    }

    fn display(&self, found: &[Found]) -> Display {
        let figures = (0..found.len()).step_by(SERIES).map(|first| self.figure(first, found)).collect();
        let heads: Vec<String> =
            std::iter::once("Subject".to_owned()).chain((0..found.len()).map(|at| short(found, at))).collect();
        let row = |at: usize| {
            let cells = found.iter().map(|found| fixed((self.of)(&found.properties, at), 3)).collect();
            ((at + 1).to_string(), cells)
        };
        let data = grid(&heads, Self::subjects(found, ROWS).into_iter().map(row).collect());
        let number = if self.name == "imbalance" { "1" } else { "2" };
        display(self.name, DisplayKind::Figure, number, self.title, Body::Figures { figures, data }, Vec::new())
    }

    /// A few designs from the first named, on the scales of all.
    fn figure(&self, first: usize, all: &[Found]) -> Figure {
        let subjects = Self::subjects(all, POINTS);
        let value = |found: &Found, at: usize| (self.of)(&found.properties, at);
        let some = first..all.len().min(first + SERIES);
        let line = |(position, found): (usize, &Found)| Series {
            name: short(all, position),
            look: look(position),
            data: subjects
                .iter()
                .map(|&at| Datum { x: (at + 1) as f64, y: value(found, at), interval: None, filled: false })
                .collect(),
            line: true,
            marks: false,
        };
        // a line at one half, where guessing is of no use, does not lie on the axis
        let below = if self.name == "imbalance" { 0.0 } else { 45.0 };
        let values = all.iter().flat_map(|found| subjects.iter().map(|&at| value(found, at))).chain([below]);
        let panel = Panel {
            at: at(0.0, 0.0),
            width: WIDTH,
            height: HEIGHT,
            title: String::new(),
            x_label: "Subjects".to_owned(),
            y_label: self.y_label.to_owned(),
            x: Scale::linear(subjects.iter().map(|&at| (at + 1) as f64), true, 8),
            y: Scale::linear(values, self.name == "imbalance", 6),
            series: all.iter().enumerate().filter(|(at, _)| some.contains(at)).map(line).collect(),
            named: true,
        };
        let names: Vec<String> = some.map(|at| short(all, at)).collect();
        Figure {
            width: WIDTH,
            height: HEIGHT,
            marks: panel.draw(&Fonts::new()),
            alt: format!("{}: {}. The numbers are in the table below.", self.title, names.join("; ")),
        }
    }
}

//! What must no input do?
//!
//! Panic. Each function takes any bytes; the corpus and the mutations are the caller's.

use crate::block::Document;
use crate::display::{self, Inputs};
use crate::{document, docx, html, rtf};
use croft_core::{AnalysisResult, Cell, Dataset, Group, RowSet, StatValue, Variable};
use std::collections::BTreeMap;

/// A display file of any content, rendered from two rows and four results, and written as a page and as RTF.
///
/// Its names are `D` with `S` (text), `T` and `V` (numbers); analysis `a`, parameter `P`, statistics `N`, `MEAN`, group `G`.
pub fn fuzz_display(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (datasets, results) = (BTreeMap::from([("D".to_owned(), dataset())]), results());
    let inputs = Inputs { results: &results, datasets: &datasets, variables: &BTreeMap::new() };
    let display = display::parse("fuzz", &text).and_then(|definition| definition.render(&inputs));
    if let Ok(display) = display {
        let document = Document::of_display(display, "study", "version");
        let _ = (html::write(&document), rtf::write(&document, &Default::default()));
    }
}

/// A document of any content, rendered and written as a page, as RTF and for Word.
pub fn fuzz_document(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let results = results();
    let inputs = Inputs { results: &results, datasets: &BTreeMap::new(), variables: &BTreeMap::new() };
    let document = document::parse("fuzz", &text).and_then(|draft| draft.render(&inputs, &BTreeMap::new()));
    if let Ok(document) = document {
        let _ = (html::write(&document), rtf::write(&document, &Default::default()));
        let _ = docx::write(&document, &Default::default());
        // A character without a glyph is an error, not a panic.
        let _ = crate::pdf::write(&document, &Default::default());
    }
}

fn dataset() -> Dataset {
    let variables = vec![Variable::char("S", "Subject"), Variable::num("T", "Time"), Variable::num("V", "Value")];
    let mut data = Dataset::new("D", "Data", variables);
    data.push_row([Cell::Text("1"), Cell::Num(0.0), Cell::Num(0.0)]);
    data.push_row([Cell::Text("1"), Cell::Num(1.0), Cell::Num(2.5)]);
    data
}

fn results() -> Vec<AnalysisResult> {
    let of = |group: &str, statistic: &str, value: f64| AnalysisResult {
        analysis: "a".into(),
        method: "m".into(),
        dataset: "D".into(),
        groups: vec![Group { variable: "G".into(), value: group.into() }],
        parameter: "P".into(),
        statistic: statistic.into(),
        value: StatValue::Num(value),
        unit: String::new(),
        options: "{}".into(),
        rows: RowSet::default(),
    };
    vec![of("1", "N", 2.0), of("1", "MEAN", 1.25), of("2", "N", 1.0), of("2", "MEAN", 2.5)]
}

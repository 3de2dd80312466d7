//! What is shown? Each file of `display/` with its results and rows put in, and a fingerprint of its own inputs.

use crate::cache::{Files, Steps};
use crate::document;
use crate::error::StudyError;
use crate::lock_time::LockTime;
use crate::sources::Sources;
use croft_core::manifest::sha256_hex;
use croft_report::block::{self, Body, CellSource, Document};
use croft_report::display::{self, DisplayError, Inputs};
use croft_report::{html, rtf};
use std::collections::BTreeMap;

/// Digits of a fingerprint as printed: enough to tell displays apart, short enough for a footnote.
const FINGERPRINT_DIGITS: usize = 12;

/// Shows every display and writes each as HTML and RTF.
pub fn show(
    sources: &Sources,
    inputs: &Inputs<'_>,
    lock: LockTime,
    steps: &mut Steps<'_>,
) -> Result<BTreeMap<String, block::Display>, StudyError> {
    let mut shown = BTreeMap::new();
    for file in &sources.display {
        let definition = display::parse(&file.stem, &file.text).map_err(|e| fault(&e))?;
        let mut display = definition.render(inputs).map_err(|e| fault(&e))?;
        let fingerprint = fingerprint(&display, inputs);
        display.fingerprint = Some(fingerprint[..FINGERPRINT_DIGITS].to_owned());
        let step_inputs = BTreeMap::from([
            (file.file.clone(), sha256_hex(file.text.as_bytes())),
            ("shown".to_owned(), fingerprint.clone()),
            ("lock".to_owned(), sources.snapshot.frozen.locked_at.clone()),
            ("codes".to_owned(), sources.codes.watermark().unwrap_or_default()),
        ]);
        let written = display.clone();
        let meta = document::meta(&sources.definition, lock, &fingerprint);
        steps.run("display", &file.stem, step_inputs, || {
            let mut document = Document::of_display(written, &sources.definition.study.id, "");
            document.watermark = sources.codes.watermark();
            let mut files = Files::new();
            files.insert(format!("display/{}.html", file.stem), html::write(&document).into_bytes());
            files.insert(format!("display/{}.rtf", file.stem), rtf::write(&document, &meta));
            Ok(files)
        })?;
        shown.insert(file.stem.clone(), display);
    }
    Ok(shown)
}

/// SHA-256 over what the display says and every result and value that it was made from.
fn fingerprint(display: &block::Display, inputs: &Inputs<'_>) -> String {
    let mut text = format!("{}\n{}\n", display.label(), block::plain(&display.title));
    for note in &display.footnotes {
        text.push_str(&block::plain(note));
        text.push('\n');
    }
    for addressed in display.table().addresses() {
        text.push_str(&format!("{}/{}={}", addressed.row, addressed.column, addressed.cell.words()));
        for source in &addressed.cell.sources {
            match source {
                CellSource::Result(i) => {
                    text.push_str(&serde_json::to_string(&inputs.results[*i]).unwrap_or_default());
                }
                CellSource::Row { dataset, row, variable } => {
                    let value = inputs.datasets.get(dataset.as_ref()).and_then(|d| d.cell(*row, variable));
                    text.push_str(&format!("{dataset}[{row}].{variable}={value:?}"));
                }
            }
        }
        text.push('\n');
    }
    if let Body::Figures { figures, .. } = &display.body {
        for figure in figures {
            text.push_str(&croft_report::figure::svg::write(figure, &display.name));
        }
    }
    sha256_hex(text.as_bytes())
}

fn fault(error: &DisplayError) -> StudyError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let (file, message) =
        message.split_once(": ").map_or((String::new(), message.clone()), |(f, m)| (f.to_owned(), m.to_owned()));
    StudyError::Text { file, message, hint: error.hint().to_owned() }
}

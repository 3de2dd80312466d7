//! Writes a sample report to a folder, as PDF, RTF and HTML, from made-up data: what the pages look like.
//!
//! `cargo run -p croft-report --example sample -- OUT`

mod data;

use croft_report::block::Document;
use croft_report::display::{self, Inputs};
use croft_report::pdf::{self, Meta, Timestamp};
use croft_report::{document, html, rtf};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

const DISPLAYS: [(&str, &str); 8] = [
    ("subjects", include_str!("subjects.toml")),
    ("pk-summary", include_str!("pk-summary.toml")),
    ("be", include_str!("be.toml")),
    ("profiles-mean", include_str!("profiles-mean.toml")),
    ("profiles", include_str!("profiles.toml")),
    ("forest", include_str!("forest.toml")),
    ("lambda-z", include_str!("lambda-z.toml")),
    ("concentrations", include_str!("concentrations.toml")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/report-sample".to_owned()));
    std::fs::create_dir_all(&out)?;
    let (datasets, results) = data::make();
    let variables = BTreeMap::from(
        [
            ("study.id", "CRO-BE-001"),
            (
                "study.title",
                "A randomised, open-label, two-period crossover study of drug X tablets 100 mg in healthy volunteers",
            ),
            ("study.sponsor", "Example Pharma"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    let inputs = Inputs { results: &results, datasets: &datasets, variables: &variables };
    let mut displays = BTreeMap::new();
    for (name, text) in DISPLAYS {
        let mut display = display::parse(name, text)?.render(&inputs)?;
        display.fingerprint = Some("sha-256 3f9a2c71".to_owned());
        displays.insert(name.to_owned(), display);
    }
    let report = document::parse("report", include_str!("report.md"))?.render(&inputs, &displays)?;
    write(&out, "report", &report)?;
    let table = Document::of_display(displays["pk-summary"].clone(), "CRO-BE-001", "Version 1.0");
    write(&out, "pk-summary", &table)
}

fn write(out: &std::path::Path, name: &str, document: &Document) -> Result<(), Box<dyn Error>> {
    let meta = Meta {
        author: "Example CRO".to_owned(),
        creator: "croft".to_owned(),
        created: Timestamp { year: 2026, month: 11, day: 25, hour: 9, minute: 30, second: 0 },
        identity: name.to_owned(),
        ..Meta::default()
    };
    std::fs::write(out.join(format!("{name}.pdf")), pdf::write(document, &meta)?)?;
    std::fs::write(out.join(format!("{name}.rtf")), rtf::write(document, &meta))?;
    std::fs::write(out.join(format!("{name}.html")), html::write(document))?;
    Ok(())
}

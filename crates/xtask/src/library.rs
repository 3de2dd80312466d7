//! Writes the tables of the standards (`crates/cdisc/library/*.txt`) from a folder of CSV files.
//!
//! `cargo xtask library FROM` reads `NAME-variables.csv` and, for the guides, `NAME-datasets.csv`: the metadata of the CDISC Library by variable
//! and by dataset. Only facts are kept: names, labels, types, roles, core, code lists, structures. What the form means is told in the module
//! `croft_cdisc::library`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

type Row = BTreeMap<String, String>;

/// A guide: product, version, title, the model that it is written for, the model at hand, and why they differ.
const GUIDES: [(&str, &str, &str, &str, &str, &str); 7] = [
    ("sdtmig", "3.2", "SDTM Implementation Guide: Human Clinical Trials", "1.4", "1.4", ""),
    ("sdtmig", "3.3", "SDTM Implementation Guide: Human Clinical Trials", "1.7", "1.7", ""),
    ("sdtmig", "3.4", "SDTM Implementation Guide: Human Clinical Trials", "2.0", "2.0", ""),
    (
        "sendig",
        "3.0",
        "SEND Implementation Guide: Nonclinical Studies",
        "1.2",
        "1.4",
        "Model 1.2 is not at hand; 1.4, the oldest here, stands in: the models are cumulative.",
    ),
    ("sendig", "3.1", "SEND Implementation Guide: Nonclinical Studies", "1.5", "1.5", ""),
    ("sendig", "3.1.1", "SEND Implementation Guide: Nonclinical Studies", "1.5", "1.5", ""),
    (
        "sendig-dart",
        "1.1",
        "SEND Implementation Guide: Developmental and Reproductive Toxicology",
        "1.6",
        "1.7",
        "Model 1.6 is not at hand; 1.7, the next after it and the first here with SJ, TT and TP, stands in: the models are cumulative.",
    ),
];

/// The general models.
const MODELS: [&str; 4] = ["1.4", "1.5", "1.7", "2.0"];

/// ADaM documents: product, version, title, and the structures that belong to it but stand in documents of their own.
const ADAM: [(&str, &str, &str, &[&str]); 5] = [
    ("adamig", "1.1", "ADaM Implementation Guide", &["adam-occds 1.1", "adam-tte 1.0", "adam-nca 1.0"]),
    ("adamig", "1.3", "ADaM Implementation Guide", &["adam-occds 1.1", "adam-tte 1.0", "adam-nca 1.0"]),
    ("adam-occds", "1.1", "ADaM Structure for Occurrence Data", &[]),
    ("adam-tte", "1.0", "ADaM Basic Data Structure for Time-to-Event Analyses", &[]),
    ("adam-nca", "1.0", "ADaM Implementation Guide for Non-compartmental Analysis Input Data", &[]),
];

const SOURCE: &str = "# Source: the CDISC Library's metadata as the package cdisc-rules-engine 0.4.6 (MIT) carries it. CDISC holds the copyright of its standards;
# here are facts only: no definition, no note, no rule. Runs of blanks are one blank.
# Made by `cargo xtask library`; a test compares it with its source. Fields stand between tabs, empty ones at the end of a line are left out.
";

/// Which model a guide is written for is what the guides' pages at cdisc.org say.
const MODEL_SOURCE: &str = "# model: the version that the guide is written for (its page at cdisc.org), and the version here that answers for it.
";

/// Writes every table.
pub fn write(from: &str) -> Result<(), String> {
    let from = Path::new(from);
    let into = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../cdisc/library"));
    std::fs::create_dir_all(into).map_err(|e| format!("{}: {e}", into.display()))?;
    let mut written = 0;
    let mut save = |name: &str, text: String| {
        written += 1;
        let file = into.join(format!("{name}.txt"));
        std::fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))
    };
    for (product, version, title, written_for, at_hand, why) in GUIDES {
        let name = file_name(product, version);
        let datasets = rows(&from.join(format!("{name}-datasets.csv")))?;
        let variables = rows(&from.join(format!("{name}-variables.csv")))?;
        let mut text = head(product, version, title);
        text.push_str(MODEL_SOURCE);
        if !why.is_empty() {
            let _ = writeln!(text, "# {why}");
        }
        let _ = writeln!(text, "standard\t{product}\t{version}\t{title}\nmodel\t{written_for}\t{at_hand}");
        guide(&mut text, &datasets, &variables);
        save(&name, text)?;
    }
    for version in MODELS {
        let variables = rows(&from.join(format!("{}-variables.csv", file_name("sdtm-model", version))))?;
        let title = "Study Data Tabulation Model";
        let mut text = head("sdtm", version, title);
        let _ = writeln!(text, "standard\tsdtm\t{version}\t{title}");
        model(&mut text, &variables)?;
        save(&file_name("sdtm", version), text)?;
    }
    for (product, version, title, with) in ADAM {
        let name = file_name(product, version);
        let variables = rows(&from.join(format!("{name}-variables.csv")))?;
        let mut text = head(product, version, title);
        let _ = writeln!(text, "standard\t{product}\t{version}\t{title}");
        for other in with {
            let _ = writeln!(text, "with\t{}", other.replace(' ', "\t"));
        }
        structures(&mut text, &variables);
        save(&name, text)?;
    }
    println!("{written} tables written to crates/cdisc/library");
    Ok(())
}

fn file_name(product: &str, version: &str) -> String {
    format!("{product}-{}", version.replace('.', "-"))
}

fn head(product: &str, version: &str, title: &str) -> String {
    format!("# {title} {version} ({product}).\n{SOURCE}")
}

/// Datasets in the order of their file, each with its variables.
fn guide(text: &mut String, datasets: &[Row], variables: &[Row]) {
    text.push_str("# dataset: name, class, label, structure; below it its variables: name, label, type, role, core, code lists, described value domain\n");
    for dataset in datasets {
        line(text, &["dataset", &dataset["dataset"], &dataset["class"], &dataset["label"], &dataset["structure"]]);
        for v in variables.iter().filter(|v| v["dataset"] == dataset["dataset"]) {
            let domain = &v["described_value_domain"];
            line(text, &[&v["name"], &v["label"], &v["type"], &v["role"], &v["core"], &v["codelist_codes"], domain]);
        }
    }
}

/// Classes and datasets of a model in its order.
fn model(text: &mut String, variables: &[Row]) -> Result<(), String> {
    text.push_str(
        "# class, or dataset with its class (the model's section); below it its variables: name, label, type, role\n",
    );
    let mut last = "";
    for v in variables {
        let holder = v["class_or_dataset"].as_str();
        if holder != last {
            if v["kind"] == "class" {
                line(text, &["class", holder]);
            } else {
                line(text, &["dataset", holder, section(holder)?]);
            }
            last = holder;
        }
        line(text, &[&v["name"], &v["label"], &v["type"], &v["role"]]);
    }
    Ok(())
}

/// The section of the model that a dataset stands in.
fn section(dataset: &str) -> Result<&'static str, String> {
    Ok(match dataset {
        "DM" | "CO" | "SE" | "SJ" | "SV" | "SM" => "Special-Purpose",
        "TE" | "TA" | "TX" | "TT" | "TP" | "TV" | "TD" | "TM" | "TI" | "TS" | "AC" => "Trial Design",
        "DI" | "OI" => "Study Reference",
        "RELREC" | "SUPPQUAL" | "POOLDEF" | "RELSUB" | "RELSPEC" | "DR" | "APRELSUB" => "Relationship",
        _ => return Err(format!("which section of the model holds {dataset}? Say it in xtask's library.rs")),
    })
}

/// Structures of ADaM in the order of their file.
fn structures(text: &mut String, variables: &[Row]) {
    text.push_str("# dataset: the structure; set: a group of variables; below them: name, label, type, (no role), core, code lists\n");
    let (mut structure, mut set) = ("", "");
    for v in variables {
        if v["data_structure"] != structure {
            (structure, set) = (&v["data_structure"], "");
            line(text, &["dataset", structure]);
        }
        if v["variable_set"] != set {
            set = &v["variable_set"];
            line(text, &["set", set]);
        }
        line(text, &[&v["name"], &v["label"], &v["type"], "", &v["core"], &v["codelist_codes"]]);
    }
}

fn line(text: &mut String, fields: &[&str]) {
    let used = fields.iter().rposition(|f| !f.is_empty()).map_or(0, |last| last + 1);
    text.push_str(&fields[..used].join("\t"));
    text.push('\n');
}

/// All rows by heading; runs of blanks become one.
fn rows(file: &Path) -> Result<Vec<Row>, String> {
    let named = |e: csv::Error| format!("{}: {e}", file.display());
    let mut reader = csv::Reader::from_path(file).map_err(named)?;
    let headings = reader.headers().map_err(named)?.clone();
    let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    reader
        .records()
        .map(|record| {
            let record = record.map_err(named)?;
            Ok(headings.iter().zip(&record).map(|(heading, cell)| (heading.to_owned(), tidy(cell))).collect())
        })
        .collect()
}

//! `croft protocol import|export|document`: study definitions in USDM, and the protocol document.

use crate::output::{Failure, Outcome, print_json, write_out};
use croft_study::protocol::{self, Remark};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Write a study folder from a USDM 4.0 document
    Import {
        /// The document, JSON
        file: PathBuf,
        /// Folder to write; it must not exist or be empty
        dir: PathBuf,
    },
    /// The study as a USDM 4.0 document
    Export {
        /// Study folder
        dir: PathBuf,
        /// Write it here [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make the protocol document as PDF, RTF, DOCX and HTML; begin document/protocol.md where there is none
    Document {
        /// Study folder
        dir: PathBuf,
    },
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Import { file, dir } => import(&file, &dir, as_json),
        Command::Export { dir, out } => export(&dir, out.as_deref(), as_json),
        Command::Document { dir } => document(&dir, as_json),
    }
}

fn import(file: &Path, dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|e| Failure::misuse(format!("{}: {e}", file.display())).hint("name a file that can be read"))?;
    let imported = protocol::import_into(&bytes, dir).map_err(|error| {
        let hint = error.hint();
        match error {
            croft_study::StudyError::Protocol(e) => Failure::misuse(format!("{}: {e}", file.display())).hint(hint),
            other => other.into(),
        }
    })?;
    let d = &imported.definition;
    let counts = [
        ("arms", d.arms.len()),
        ("elements", d.elements.len()),
        ("visits", d.visits.len()),
        ("activities", d.activities.len()),
        ("criteria", d.criteria.len()),
        ("objectives", d.objectives.len()),
        ("estimands", d.estimands.len()),
        ("treatments", d.treatments.len()),
        ("populations", d.populations.len()),
        ("facts", d.facts.len()),
    ];
    if as_json {
        print_json(&json!({
            "study": d.study.id,
            "dir": dir,
            "items": counts.iter().map(|(what, n)| ((*what).to_owned(), json!(n))).collect::<serde_json::Map<_, _>>(),
            "remarks": imported.remarks,
        }));
        return Ok(Outcome::Done);
    }
    outln!("{} {}", d.study.id, d.study.title);
    for (what, count) in counts {
        outln!("  {what:<12}{count:>4}");
    }
    outln!("kept whole   {}", dir.join(protocol::KEPT).display());
    outln!("document     {}", dir.join(protocol::DOCUMENT).display());
    tell(&imported.remarks);
    eprintln!("next: croft protocol document {}", dir.display());
    Ok(Outcome::Done)
}

fn export(dir: &Path, out: Option<&Path>, as_json: bool) -> Result<Outcome, Failure> {
    let (bytes, exported) = protocol::export_from(dir)?;
    match out {
        Some(file) => std::fs::write(file, &bytes).map_err(|e| {
            Failure::failure(format!("{}: {e}", file.display())).hint("check the path and the rights on it")
        })?,
        None if as_json => {}
        None => write_out(format_args!("{}", String::from_utf8_lossy(&bytes))),
    }
    if as_json {
        let mut facts = json!({ "out": out, "remarks": exported.remarks });
        if out.is_none() {
            facts["document"] = exported.document;
        }
        print_json(&facts);
        return Ok(Outcome::Done);
    }
    tell(&exported.remarks);
    if let Some(file) = out {
        outln!("wrote {}", file.display());
        eprintln!("next: croft check {} --standard usdm-4.0", file.display());
    }
    Ok(Outcome::Done)
}

fn document(dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let written = protocol::write_document(dir)?;
    if as_json {
        print_json(&json!({ "begun": written.begun, "to_be_written": written.gaps, "files": written.files }));
        return Ok(Outcome::Done);
    }
    if written.begun {
        outln!("began {}", dir.join(protocol::DOCUMENT).display());
        outln!("{} sections are for their author:", written.gaps.len());
        for gap in &written.gaps {
            outln!("  {gap}");
        }
    }
    for file in &written.files {
        outln!("wrote {}", dir.join("out").join(file).display());
    }
    Ok(Outcome::Done)
}

fn tell(remarks: &[Remark]) {
    for remark in remarks {
        eprintln!("remark: {}: {}", remark.about, remark.message);
    }
}

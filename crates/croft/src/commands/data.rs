//! `croft data`: what is in this file, and the same data in another format.

mod show;

use crate::output::{Failure, Outcome, print_finding, print_json};
use clap::Subcommand;
use croft_cdisc::charset::Charset;
use croft_cdisc::files::{self, Format, LoadOptions, Loaded, SaveOptions};
use croft_cdisc::xpt::Version;
use croft_core::{Finding, Severity};
use serde_json::json;
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show metadata, first rows and findings of a file
    Show(Show),
    /// Write a file's dataset in the format of another extension
    Convert(Convert),
}

/// The file and how it is read.
#[derive(clap::Args)]
struct Input {
    /// The file: xpt, json, ndjson, dsjc, csv, tsv or xlsx; also packed as .xz
    file: PathBuf,
    /// Encoding of an xpt or csv file that is not UTF-8, such as windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Dataset of a transport file with several, or sheet of a workbook
    #[arg(long, value_name = "NAME")]
    member: Option<String>,
    /// Between the fields of a csv file, when not a comma
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,
    /// The csv file has no line of column names
    #[arg(long)]
    no_header: bool,
}

#[derive(clap::Args)]
struct Show {
    #[command(flatten)]
    input: Input,
    /// Rows to show
    #[arg(long, default_value_t = 5, value_name = "N")]
    rows: usize,
}

#[derive(clap::Args)]
struct Convert {
    #[command(flatten)]
    input: Input,
    /// The file to write; its extension names the format
    out: PathBuf,
    /// Version of a transport file: 5 or 8 [default: as the source, or 5]
    #[arg(long = "version", value_name = "5|8")]
    transport: Option<u8>,
    /// Encoding of a transport file [default: as it was read, or utf-8]
    #[arg(long, value_name = "NAME")]
    output_encoding: Option<String>,
    /// When the file is made, such as 2024-01-02T13:05:00 [default: as the source says, or 1960]
    #[arg(long, value_name = "TIME")]
    stamp: Option<String>,
}

pub fn run(args: Args, json: bool) -> Result<Outcome, Failure> {
    match args.command {
        Command::Show(args) => {
            let all = load(&args.input)?;
            show::print(&args.input.file, &all, args.rows, json);
            let findings: Vec<_> = all.iter().flat_map(|loaded| loaded.findings.clone()).collect();
            Ok(tell(&findings, json))
        }
        Command::Convert(args) => convert(&args, json),
    }
}

fn convert(args: &Convert, json: bool) -> Result<Outcome, Failure> {
    let name = args.out.to_string_lossy();
    let packed = name.to_ascii_lowercase().ends_with(".xz");
    let Some(format) = Format::of(&name).filter(|_| !packed) else {
        let cause = format!("{name}: the extension names no format that can be written");
        return Err(Failure::misuse(cause).hint("write to .xpt, .json, .ndjson, .dsjc, .csv, .tsv or .xlsx"));
    };
    let options = SaveOptions {
        version: version(args.transport)?,
        charset: charset(args.output_encoding.as_deref())?,
        stamp: args.stamp.clone(),
    };
    let all = load(&args.input)?;
    let [loaded] = &all[..] else {
        let names = all.iter().map(|l| l.dataset.name.as_str()).collect::<Vec<_>>().join(", ");
        let cause = format!("{} holds several datasets: {names}", args.input.file.display());
        return Err(Failure::misuse(cause).hint("name one of them with `--member`"));
    };
    let (bytes, more) = files::save(&loaded.dataset, &loaded.source, format, &options).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(InFile::new(&args.out, "cannot be written", error)).hint(hint)
    })?;
    std::fs::write(&args.out, &bytes)
        .map_err(|error| Failure::failure(InFile::new(&args.out, "cannot be written", error)))?;
    let findings: Vec<_> = loaded.findings.iter().cloned().chain(more).collect();
    let (rows, variables) = (loaded.dataset.rows(), loaded.dataset.variables().len());
    if json {
        print_json(&json!({
            "file": args.input.file.display().to_string(),
            "out": args.out.display().to_string(),
            "format": format.extension(),
            "dataset": loaded.dataset.name,
            "rows": rows,
            "variables": variables,
            "bytes": bytes.len(),
            "findings": findings,
        }));
    } else {
        let dataset = &loaded.dataset.name;
        eprintln!(
            "wrote {} (dataset {dataset}, {rows} rows, {variables} variables, {} bytes)",
            args.out.display(),
            bytes.len()
        );
    }
    Ok(tell(&findings, json))
}

fn load(input: &Input) -> Result<Vec<Loaded>, Failure> {
    let delimiter = match input.delimiter {
        None => None,
        Some('t') => Some(b'\t'),
        Some(c) if c.is_ascii() && !matches!(c, '"' | '\n' | '\r') => Some(c as u8),
        Some(c) => {
            return Err(Failure::misuse(format!("{c:?} cannot stand between fields"))
                .hint("use a character such as ; or |, or t for a tab"));
        }
    };
    let options = LoadOptions {
        charset: charset(input.encoding.as_deref())?,
        member: input.member.clone(),
        delimiter,
        no_header: input.no_header,
        numeric: Vec::new(),
    };
    let name = input.file.to_string_lossy();
    if Format::of(&name).is_none() {
        let cause = format!("{name}: the extension names no format that croft reads");
        return Err(
            Failure::misuse(cause).hint("give an xpt, json, ndjson, dsjc, csv, tsv or xlsx file, each also as .xz")
        );
    }
    let bytes = std::fs::read(&input.file)
        .map_err(|error| Failure::misuse(InFile::new(&input.file, "cannot be opened", error)))?;
    files::load(&name, &bytes, &options).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(InFile::new(&input.file, "cannot be read", error)).hint(hint)
    })
}

fn charset(name: Option<&str>) -> Result<Option<Charset>, Failure> {
    let Some(name) = name else { return Ok(None) };
    Charset::named(name).map(Some).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(error).hint(hint)
    })
}

fn version(number: Option<u8>) -> Result<Option<Version>, Failure> {
    match number {
        None => Ok(None),
        Some(5) => Ok(Some(Version::V5)),
        Some(8 | 9) => Ok(Some(Version::V8)),
        Some(other) => {
            Err(Failure::misuse(format!("there is no transport file of version {other}")).hint("use 5 or 8"))
        }
    }
}

/// Says the findings, each with what to do; those that must be mended first make the outcome.
fn tell(findings: &[Finding], json: bool) -> Outcome {
    if !json {
        findings.iter().for_each(print_finding);
    }
    let act = findings.iter().any(|finding| finding.severity == Severity::Error);
    if act { Outcome::Findings } else { Outcome::Done }
}

/// What went wrong with a file; the cause says why.
#[derive(Debug)]
struct InFile {
    file: String,
    what: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl InFile {
    fn new(file: &Path, what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { file: file.display().to_string(), what, source: source.into() }
    }
}

impl fmt::Display for InFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.what)
    }
}

impl Error for InFile {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

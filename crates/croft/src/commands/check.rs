//! `croft check`: does a study keep to the standards?

mod load;
mod show;

use crate::output::{Failure, Outcome, print_json};
use crate::rules::{Read, RulesFolder};
use croft_cdisc::define::{self, Define};
use croft_conform::memory::Memory;
use croft_conform::report::accept::{Acceptance, Acceptances};
use croft_conform::report::compare::compare;
use croft_conform::report::{Against, Report, html, xlsx};
use croft_conform::rule::Rule;
use croft_conform::run;
use croft_conform::study::Study;
use croft_study::conformance::ACCEPTED;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Clone, clap::Args)]
pub struct Args {
    /// Folders of datasets, or dataset files: xpt, json, ndjson, dsjc, csv, xlsx; a USDM document; a study folder that is built
    #[arg(required = true, value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,
    /// Standard and version, such as sdtmig-3.4, sendig-3.1.1, adamig-1.3, usdm-4.0 [default: what the data say]
    #[arg(long, value_name = "STANDARD")]
    standard: Option<String>,
    /// Part of TIG that the datasets belong to: sdtm, send or adam
    #[arg(long, value_name = "PART")]
    substandard: Option<String>,
    /// Use case of TIG for domains of the study's own: INDH, PROD, NONCLIN, ANALYSIS
    #[arg(long, value_name = "CASE")]
    use_case: Option<String>,
    /// define.xml of the datasets [default: the one beside them]
    #[arg(long, value_name = "FILE")]
    define: Option<PathBuf>,
    /// Rules of this folder, archive or file alone, instead of the imported ones
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Terminology package, such as sdtmct-2025-03-28 [default: the newest at hand]
    #[arg(long, value_name = "VERSION")]
    ct: Option<String>,
    /// Encoding of files that are not UTF-8, such as windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Findings accepted with a reason, a toml file
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// An earlier report (json) to compare with
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Remember in this file what each rule found, and ask only what changed since it was last written
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    /// Write the report as a page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the report as a workbook
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
    /// Write the report as JSON into a file, to compare with later
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Show every rule with its time, not only those with findings
    #[arg(long)]
    all: bool,
    /// Findings to show of each rule
    #[arg(long, value_name = "N", default_value_t = 3)]
    show: usize,
    /// Findings kept of each rule, all being counted; 0 keeps all
    #[arg(long, value_name = "N", default_value = "100000")]
    limit: Option<usize>,
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    folder: RulesFolder,
    #[command(flatten)]
    terminology: crate::terminology::Folder,
}

pub fn run(args: &Args, json: bool) -> Result<Outcome, Failure> {
    let Some(root) = args.paths.first().filter(|path| path.join("study.toml").is_file()) else {
        let (report, outcome) = one(args, json)?;
        if json {
            print_json(&report);
        }
        return Ok(outcome);
    };
    let mut all = serde_json::Map::new();
    let mut outcome = Outcome::Done;
    for (index, folder) in parts(args, root)?.into_iter().enumerate() {
        let mut part = args.clone();
        let accepted = root.join(ACCEPTED);
        part.accepted = args.accepted.clone().or_else(|| accepted.is_file().then_some(accepted));
        part.paths = vec![folder.clone()];
        if !json {
            outln!("{}{}", if index > 0 { "\n" } else { "" }, folder.display());
        }
        let (report, of_part) = one(&part, json)?;
        if matches!(of_part, Outcome::Findings) {
            outcome = of_part;
        }
        all.insert(folder.strip_prefix(root).unwrap_or(&folder).display().to_string(), report);
    }
    if json {
        print_json(&serde_json::Value::Object(all));
    }
    Ok(outcome)
}

/// The folders of a built study that hold datasets with their define.xml.
fn parts(args: &Args, root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let files = croft_study::sources::tree(&root.join("out/package")).unwrap_or_default();
    let mut parts: Vec<PathBuf> = files.values().filter(|file| file.ends_with("define.xml")).cloned().collect();
    parts.iter_mut().for_each(|file| {
        file.pop();
    });
    if parts.is_empty() {
        return Err(Failure::misuse(format!("{} has no datasets to check", root.display()))
            .hint(format!("make them first: croft build {}", root.display())));
    }
    let one_report = args.memory.is_some()
        || args.html.is_some()
        || args.xlsx.is_some()
        || args.save.is_some()
        || args.since.is_some();
    if args.paths.len() > 1 || args.define.is_some() || args.standard.is_some() || one_report && parts.len() > 1 {
        let hint = parts.iter().map(|part| part.display().to_string()).collect::<Vec<_>>().join(" or ");
        return Err(Failure::misuse(
            "the datasets of a study folder are checked part by part, each against its own standard",
        )
        .hint(format!("name one part: {hint}")));
    }
    Ok(parts)
}

/// Checks datasets against one standard; prints the report unless it is asked for as JSON.
fn one(args: &Args, json: bool) -> Result<(serde_json::Value, Outcome), Failure> {
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let loaded = load::load(&args.paths, args.encoding.as_deref(), threads)?;
    let rules = match &args.rules {
        Some(path) => Read::of(path)?,
        None => args.folder.read()?,
    };
    let (study, against) = study(args, loaded, &rules)?;
    let chosen = chosen(args, &rules.rules, &study)?;
    #[expect(clippy::disallowed_methods, reason = "the report tells how long each rule took")]
    let start = Instant::now();
    let options = run::Options { threads, most_findings: args.limit.filter(|&limit| limit > 0).unwrap_or(usize::MAX) };
    let clock = || start.elapsed().as_secs_f64();
    let (outcomes, again) = match &args.memory {
        None => (run::run(&study, &chosen, options, &clock), None),
        Some(path) => {
            let again = run::again(&study, &chosen, options, &clock, &memory(path)?);
            (again.outcomes, Some((path, again.memory, again.remembered, again.questions)))
        }
    };
    let mut report = Report::new(&study, against, &chosen, outcomes, env!("CARGO_PKG_VERSION"));
    for unusable in &rules.unusable {
        report.notes.push(format!("{} was not used: {}", unusable.place, unusable.error));
    }
    if let Some((path, memory, ..)) = &again {
        let text = serde_json::to_vec(memory).map_err(Failure::failure)?;
        fs::write(path, text)
            .map_err(|error| Failure::failure(format!("{} cannot be written: {error}", path.display())))?;
    }
    let stale = accept(args.accepted.as_deref(), &mut report)?;
    write(args, &report, &study)?;
    let comparison = match &args.since {
        None => None,
        Some(path) => Some(compare(&read_report(path)?, &report)),
    };
    let mut value = serde_json::Value::Null;
    if json {
        value = serde_json::to_value(&report).map_err(Failure::failure)?;
        if let (Some(comparison), Some(object)) = (&comparison, value.as_object_mut()) {
            object.insert("comparison".to_owned(), serde_json::to_value(comparison).map_err(Failure::failure)?);
        }
    } else {
        show::print(&report, args.all, args.show);
        if let Some((_, _, remembered, questions)) = &again {
            eprintln!("{remembered} of {questions} answers (a rule on a dataset) from memory");
        }
        if let Some(comparison) = &comparison {
            show::changes(comparison);
        }
        show::stale(&stale);
    }
    Ok((value, if report.open().next().is_some() { Outcome::Findings } else { Outcome::Done }))
}

/// The study, and what it is checked against.
fn study(args: &Args, loaded: load::Loaded, rules: &Read) -> Result<(Study, Against), Failure> {
    let define_path = args.define.clone().or_else(|| loaded.define.clone());
    let mut notes = loaded.notes.clone();
    let define = match define_path.as_deref().map(read_define).transpose()? {
        Some(Ok(define)) => Some(define),
        // One that was named must be read; one that was found may be of a version that the rules do not know.
        Some(Err(older)) if args.define.is_none() => {
            notes.push(format!("define.xml was left out: {older}"));
            None
        }
        Some(Err(older)) => {
            let hint = older.hint();
            return Err(Failure::misuse(older).hint(hint));
        }
        None => None,
    };
    let (product, version, from) = standard(args.standard.as_deref(), define.as_ref(), &loaded)?;
    let mut study =
        Study::new(loaded.tables, &product, &version).with_substandard(args.substandard.as_deref().unwrap_or("sdtm"));
    study.use_case = args.use_case.clone().unwrap_or_default().to_uppercase();
    study.document = loaded.document;
    study.terminology = args.terminology.open()?;
    let package = match &args.ct {
        Some(name) => Some(crate::terminology::named(&study.terminology, name)?),
        None => study.newest_package(),
    };
    study.package = package.map(|name| name.to_string()).unwrap_or_default();
    for note in notes {
        study.note(note);
    }
    study.define = define;
    let against = Against {
        standard: if study.version.is_empty() {
            study.product.clone()
        } else {
            format!("{}-{}", study.product, study.version)
        },
        standard_from: from,
        terminology: study.package.clone(),
        define: define_path.filter(|_| study.define.is_some()).map(|path| path.display().to_string()),
        rules: rules.sets.clone(),
    };
    Ok((study, against))
}

/// Reads a define.xml; the inner error is that of a version that croft does not read.
fn read_define(path: &Path) -> Result<Result<Define, define::ReadError>, Failure> {
    let bytes =
        fs::read(path).map_err(|error| Failure::misuse(format!("{} cannot be opened: {error}", path.display())))?;
    match define::read(&bytes) {
        Ok(define) => Ok(Ok(define)),
        Err(error) if error.is_older() => Ok(Err(error)),
        Err(error) => {
            let hint = error.hint();
            Err(Failure::misuse(format!("{}: {error}", path.display())).hint(hint))
        }
    }
}

/// The guide that define.xml names: the first that is no terminology.
fn named_by(define: &Define) -> Option<(String, String)> {
    let standards = define.standards();
    let guide = standards.iter().find(|standard| standard.kind.as_deref() != Some("CT"))?;
    let product = guide
        .name
        .as_deref()?
        .to_lowercase()
        .replace([' ', '_'], "-")
        .replace("sdtm-ig", "sdtmig")
        .replace("send-ig", "sendig");
    let product = product.replace("adam-ig", "adamig");
    Some((product, guide.version.as_deref()?.to_owned()))
}

/// Product, version, and how they are known.
fn standard(
    given: Option<&str>,
    define: Option<&Define>,
    loaded: &load::Loaded,
) -> Result<(String, String, String), Failure> {
    if let Some(text) = given {
        let text = text.to_lowercase();
        let at = text.find(|c: char| c.is_ascii_digit()).map(|at| text[..at].trim_end_matches(['-', ' ', 'v']).len());
        let (product, version) =
            at.map_or((text.as_str(), ""), |at| (&text[..at], text[at..].trim_start_matches(['-', ' ', 'v'])));
        if product.is_empty() {
            return Err(Failure::misuse(format!("`{text}` names no standard"))
                .hint("write product and version, such as sdtmig-3.4"));
        }
        return Ok((product.to_owned(), version.replace('-', "."), "as told".to_owned()));
    }
    if let Some((product, version)) = define.and_then(named_by) {
        return Ok((product, version, "define.xml".to_owned()));
    }
    if let Some(document) = &loaded.document {
        let version = document["usdmVersion"].as_str().unwrap_or("4.0");
        let version: Vec<&str> = version.split('.').take(2).collect();
        return Ok(("usdm".to_owned(), version.join("."), "the document's usdmVersion".to_owned()));
    }
    let has = |name: &str| loaded.tables.iter().any(|table| table.name.eq_ignore_ascii_case(name));
    let analysis = loaded.tables.iter().filter(|table| table.name.to_uppercase().starts_with("AD")).count();
    let (product, version) = if has("ADSL") || analysis * 2 > loaded.tables.len() {
        ("adamig", "1.3")
    } else if ["TX", "BW", "MI", "MA", "OM", "CL", "FW"].into_iter().any(has) {
        ("sendig", "3.1")
    } else {
        ("sdtmig", "3.4")
    };
    Ok((product.to_owned(), version.to_owned(), "by the datasets; name another with `--standard`".to_owned()))
}

/// The rules that are meant for the standard, or those named.
fn chosen<'r>(args: &Args, rules: &'r [Rule], study: &Study) -> Result<Vec<&'r Rule>, Failure> {
    if rules.is_empty() {
        return Err(Failure::misuse("there are no rules").hint("take in the published ones: croft rules import FOLDER"));
    }
    if args.only.is_empty() {
        return Ok(rules.iter().filter(|rule| run::meant_for(rule, study)).collect());
    }
    let mut chosen = Vec::new();
    for name in &args.only {
        let named = |rule: &&Rule| {
            rule.id.eq_ignore_ascii_case(name)
                || rule.citations.iter().any(|citation| citation.rule_id.eq_ignore_ascii_case(name))
        };
        let before = chosen.len();
        chosen.extend(rules.iter().filter(named));
        if chosen.len() == before {
            return Err(Failure::misuse(format!("there is no rule {name}")).hint("`croft rules list` shows all"));
        }
    }
    Ok(chosen)
}

fn accept(path: Option<&Path>, report: &mut Report) -> Result<Vec<Acceptance>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::misuse(format!("{} cannot be opened: {error}", path.display())))?;
    let accepted = Acceptances::read(&text).map_err(|error| {
        Failure::misuse(format!("{}: {error}", path.display()))
            .hint("each entry is [[accept]] with rule, reason, and where wanted dataset, keys, variables, by, date")
    })?;
    Ok(accepted.apply(report))
}

fn read_report(path: &Path) -> Result<Report, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::misuse(format!("{} cannot be opened: {error}", path.display())))?;
    Report::of_json(&text).map_err(|error| {
        Failure::misuse(format!("{} is no report of croft check: {error}", path.display()))
            .hint("write one with `--save FILE`")
    })
}

/// What an earlier run remembered; nothing if there was none.
fn memory(path: &Path) -> Result<Memory, Failure> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Memory::default()),
        Err(error) => return Err(Failure::misuse(format!("{} cannot be opened: {error}", path.display()))),
    };
    Memory::of_json(&bytes).ok_or_else(|| {
        Failure::misuse(format!("{} is no memory of this version of croft check", path.display()))
            .hint("remove it to begin anew, or name another file")
    })
}

/// Writes the files asked for.
fn write(args: &Args, report: &Report, study: &Study) -> Result<(), Failure> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::failure(format!("{} cannot be written: {error}", path.display()))
    };
    if let Some(path) = &args.html {
        let names: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        let title = format!("Conformance of {}", names.join(", "));
        let page = html::write(report, Some(study), &title);
        fs::write(path, page).map_err(|error| failed(path, &error))?;
        eprintln!("wrote {}", path.display());
    }
    if let Some(path) = &args.xlsx {
        let mut bytes = Vec::new();
        xlsx::write(report, &mut bytes).map_err(|error| failed(path, &error))?;
        fs::write(path, bytes).map_err(|error| failed(path, &error))?;
        eprintln!("wrote {}", path.display());
    }
    if let Some(path) = &args.save {
        let text = serde_json::to_string(report).map_err(Failure::failure)?;
        fs::write(path, text).map_err(|error| failed(path, &error))?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}

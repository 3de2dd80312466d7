//! `croft vault`: schemes are sealed, subjects randomised, codes broken and read, keys kept; `docs/vault.md`.
//!
//! Who acts proves it: the password comes from the first line of standard input, the code of a device, if the account asks for one, from the second, a
//! passphrase, where one is needed, from the third.

use super::record::{Home, Proved, prove_from};
use crate::output::{Failure, Outcome, print_json};
use crate::vault_key::{masters, vault};
use croft_ledger::SystemClock;
use croft_record::vault::{Break, CloseStratum, EmergencyList, MasterKeys, NewScheme, Recovery};
use croft_record::{Caller, Record};
use serde_json::json;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Seal a randomisation scheme: unblinded statisticians
    Seal(Seal),
    /// Randomise a subject
    Randomise(Subject),
    /// Break the code of one subject
    Break(BreakArgs),
    /// Close a stratum for further subjects, or open it again
    Stratum(Stratum),
    /// Every code of a study, into a file: unblinded statisticians
    Codes(Codes),
    /// Make every allocation again from the sealed schemes, and compare
    Remake(Of),
    /// Every code sealed under a passphrase in one file, for when the server is down
    EmergencyList(Emergency),
    /// Open one code of an emergency list; the passphrase comes from standard input
    OpenList(OpenList),
    /// The vault's key sealed under a passphrase in one file, to be kept outside the house; the passphrase comes from standard input
    RecoveryFile(RecoveryFile),
    /// Put a lost key of the vault back from its recovery file; the passphrase comes from standard input
    Recover(Recover),
    /// Change the vault's key
    ChangeKey(Keep),
}

/// A study of a record, and who acts.
#[derive(clap::Args)]
pub struct Of {
    /// Folder of the record
    dir: PathBuf,
    /// The study
    #[arg(long)]
    pub study: String,
    /// Who acts; their password comes from standard input
    #[arg(long, value_name = "LOGIN")]
    by: String,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

#[derive(clap::Args)]
pub struct Seal {
    #[command(flatten)]
    of: Of,
    /// The scheme, a toml file
    #[arg(long, value_name = "FILE")]
    scheme: PathBuf,
    /// What everybody may know of it, a toml file
    #[arg(long, value_name = "FILE")]
    setup: PathBuf,
    /// What it is for
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(clap::Args)]
pub struct Subject {
    #[command(flatten)]
    of: Of,
    /// The subject
    subject: String,
}

#[derive(clap::Args)]
pub struct BreakArgs {
    #[command(flatten)]
    one: Subject,
    /// What happened, and why the treatment must be known
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
pub struct Stratum {
    #[command(flatten)]
    of: Of,
    /// Its levels, joined by `-`
    stratum: String,
    /// Open it again
    #[arg(long)]
    open: bool,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
pub struct Codes {
    #[command(flatten)]
    of: Of,
    /// What they are read for; it stands in the audit trail
    #[arg(long = "for", value_name = "TEXT")]
    what: String,
    /// Where to write them; it must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct Emergency {
    #[command(flatten)]
    of: Of,
    /// Where to write it; it must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct OpenList {
    /// The list
    file: PathBuf,
    /// Subject or randomisation number
    subject: String,
}

#[derive(clap::Args)]
pub struct RecoveryFile {
    /// Folder of the record
    dir: PathBuf,
    /// Where to write it; it must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

#[derive(clap::Args)]
pub struct Recover {
    /// Folder of the record
    dir: PathBuf,
    /// The recovery file
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct Keep {
    /// Folder of the record
    dir: PathBuf,
    /// Who acts; their password comes from standard input
    #[arg(long, value_name = "LOGIN")]
    by: String,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

impl Of {
    fn record(&self) -> Result<Record, Failure> {
        Home::new(&self.dir, self.database.as_deref()).open(Arc::new(SystemClock))
    }

    /// The record, and the proof of who acts.
    pub fn proved(&self) -> Result<(Record, Caller, Proved), Failure> {
        let record = self.record()?;
        let proved = prove_from(&record, &self.by, std::io::stdin().lock())?;
        Ok((record, Caller::new(&self.by, "command line", 0), proved))
    }
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Seal(args) => seal(&args, as_json),
        Command::Randomise(args) => {
            let (record, caller, proved) = args.of.proved()?;
            let given = vault(&record)?.randomise(&caller, &args.of.study, &args.subject, proved.proof)?;
            if as_json {
                print_json(&json!(given));
            } else {
                outln!("{} is randomised: {}", given.subject, given.number);
            }
            Ok(Outcome::Done)
        }
        Command::Break(args) => break_code(args, as_json),
        Command::Stratum(args) => {
            let (record, caller, _) = args.of.proved()?;
            let (study, stratum) = (args.of.study, args.stratum);
            record.execute(&caller, CloseStratum { study, stratum, closed: !args.open, reason: args.reason })?;
            Ok(Outcome::Done)
        }
        Command::Codes(args) => codes(&args, as_json),
        Command::Remake(of) => {
            let (record, caller, proved) = of.proved()?;
            let remade = vault(&record)?.remake(&caller, &of.study, proved.proof)?;
            if as_json {
                print_json(&json!(remade));
            } else {
                remade.differences.iter().for_each(|difference| println!("{difference}"));
                outln!(
                    "{} allocations of {} schemes made again: {} differ",
                    remade.allocations,
                    remade.schemes,
                    remade.differences.len()
                );
            }
            Ok(if remade.differences.is_empty() { Outcome::Done } else { Outcome::Findings })
        }
        Command::EmergencyList(args) => {
            let (record, caller, proved) = args.of.proved()?;
            let list = vault(&record)?.emergency_list(&caller, &args.of.study, &proved.phrase, proved.proof)?;
            write_new(&args.out, &serde_json::to_string_pretty(&list).map_err(Failure::failure)?)?;
            told(as_json, &json!({ "file": args.out, "codes": list.codes }), || {
                format!("wrote {} codes to {}, sealed", list.codes, args.out.display())
            })
        }
        Command::OpenList(args) => {
            let list: EmergencyList = read(&args.file)?;
            let code = list.open(&line()?, &args.subject)?;
            told(as_json, &json!({ "subject": code.subject, "number": code.number, "arm": code.arm }), || {
                format!("{} ({}): {}", code.subject, code.number, code.arm)
            })
        }
        Command::RecoveryFile(args) => {
            let record = Home::new(&args.dir, args.database.as_deref()).open(Arc::new(SystemClock))?;
            let recovery = masters(&record)?.recovery(&line()?)?;
            write_new(&args.out, &serde_json::to_string_pretty(&recovery).map_err(Failure::failure)?)?;
            told(as_json, &json!({ "file": args.out, "key": recovery.key }), || {
                format!("wrote the key {} to {}, sealed: keep it outside the house", recovery.key, args.out.display())
            })
        }
        Command::Recover(args) => {
            let recovery: Recovery = read(&args.file)?;
            let key = recovery.restore(&line()?, &args.dir.join("keys/vault"))?;
            told(as_json, &json!({ "key": key }), || format!("the key {key} is back"))
        }
        Command::ChangeKey(args) => {
            let record = Home::new(&args.dir, args.database.as_deref()).open(Arc::new(SystemClock))?;
            let _: MasterKeys = masters(&record)?;
            prove_from(&record, &args.by, std::io::stdin().lock())?;
            let studies = vault(&record)?.change_master_key(&Caller::new(&args.by, "command line", 0))?;
            told(as_json, &json!({ "studies": studies }), || {
                format!("the keys of {studies} studies are wrapped under a new key: make a new recovery file")
            })
        }
    }
}

/// Tells what was done, as words or as facts.
pub fn told(as_json: bool, facts: &serde_json::Value, words: impl FnOnce() -> String) -> Result<Outcome, Failure> {
    if as_json {
        print_json(facts);
    } else {
        outln!("{}", words());
    }
    Ok(Outcome::Done)
}

fn seal(args: &Seal, as_json: bool) -> Result<Outcome, Failure> {
    let (scheme, setup) = (text(&args.scheme)?, text(&args.setup)?);
    let (record, caller, proved) = args.of.proved()?;
    let (study, note) = (args.of.study.clone(), args.note.clone());
    let new = NewScheme { study, scheme, setup, note, signature: proved.proof };
    let version = vault(&record)?.seal_scheme(&caller, new)?;
    told(as_json, &json!({ "study": args.of.study, "version": version }), || {
        format!(
            "scheme {version} of {} is sealed; delete {} where others can read it",
            args.of.study,
            args.scheme.display()
        )
    })
}

fn break_code(args: BreakArgs, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, proved) = args.one.of.proved()?;
    let (study, subject) = (args.one.of.study, args.one.subject);
    let wish = Break { study, subject, reason: args.reason, signature: proved.proof };
    let told_one = vault(&record)?.break_code(&caller, wish)?;
    told(as_json, &json!(told_one), || {
        let treatments = told_one.treatments.join(", ");
        format!("{} ({}): {} ({treatments})", told_one.subject, told_one.number, told_one.name)
    })
}

fn codes(args: &Codes, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, proved) = args.of.proved()?;
    let codes = vault(&record)?.codes(&caller, &args.of.study, &args.what, proved.proof)?.codes;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["SUBJECT", "SITE", "RANDNUM", "LEVELS", "ARMCD", "ORDER"]).map_err(Failure::failure)?;
    for code in &codes {
        let (levels, order) = (code.levels.join("-"), code.order.to_string());
        writer
            .write_record([&code.subject, &code.site, &code.number, &levels, &code.arm, &order])
            .map_err(Failure::failure)?;
    }
    let bytes = writer.into_inner().map_err(Failure::failure)?;
    write_new(&args.out, &String::from_utf8(bytes).map_err(Failure::failure)?)?;
    told(as_json, &json!({ "file": args.out, "codes": codes.len() }), || {
        format!("wrote {} codes to {}", codes.len(), args.out.display())
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| Failure::misuse(format!("{} cannot be opened: {e}", path.display())))
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&text(path)?).map_err(|e| {
        Failure::misuse(format!("{}: {e}", path.display())).hint("the file is damaged, or another than was meant")
    })
}

/// A line of standard input.
fn line() -> Result<String, Failure> {
    std::io::stdin().lock().lines().next().transpose().map(Option::unwrap_or_default).map_err(Failure::failure)
}

/// Writes a file that was not there, readable by its owner alone.
pub fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| {
        Failure::misuse(format!("{} cannot be written: {e}", path.display())).hint("name a file that is not there yet")
    })
}

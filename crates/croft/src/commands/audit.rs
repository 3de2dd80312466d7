//! `croft audit verify`, `croft backup`, `croft restore`: is the record whole, and where is its copy?

use super::record::Home;
use crate::output::{Failure, Outcome, Progress, print_json};
use croft_ledger::{Place, Report, backup, restore, verify, verify_file};
use croft_record::Projection;
use serde_json::json;
use std::io::BufReader;
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Prove that nothing recorded was changed, removed or put in
    Verify {
        /// Folder of a record, a backup file, a file of events (JSON lines), or the address of a PostgreSQL database
        what: String,
        /// Folder with signing.pub and anchors.jsonl; a record's own is in its folder
        #[arg(long)]
        keys: Option<PathBuf>,
        /// Leave out comparing the stored state with one made anew
        #[arg(long)]
        events_only: bool,
    },
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    let Command::Verify { what, keys, events_only } = command;
    let progress = Progress::start();
    progress.say(format!("verifying {what}"));
    let report = report_on(&what, keys, events_only)?;
    progress.end();
    if as_json {
        print_json(&json!({ "record": what, "whole": report.is_whole(), "report": report }));
    } else {
        tell(&what, &report);
    }
    Ok(if report.is_whole() { Outcome::Done } else { Outcome::Findings })
}

fn report_on(what: &str, keys: Option<PathBuf>, events_only: bool) -> Result<Report, Failure> {
    let place = Place::parse(what);
    let missing = || {
        Failure::misuse("the folder of keys is not known")
            .hint("name the folder with signing.pub and anchors.jsonl by --keys")
    };
    let projection = Projection;
    let projector = (!events_only).then_some(&projection as &dyn croft_ledger::Projector);
    match &place {
        Place::Postgres(_) => Ok(verify(&place, &keys.ok_or_else(missing)?, projector)?),
        Place::Sqlite(path) if path.is_dir() => {
            let home = Home::new(path, None);
            Ok(verify(&home.place, &keys.unwrap_or_else(|| home.keys()), projector)?)
        }
        Place::Sqlite(path) if is_database(path)? => Ok(verify(&place, &keys.ok_or_else(missing)?, projector)?),
        Place::Sqlite(path) => {
            let file = std::fs::File::open(path).map_err(Failure::misuse)?;
            Ok(verify_file(&mut BufReader::new(file))?)
        }
    }
}

/// Whether the file begins as SQLite's do.
fn is_database(path: &Path) -> Result<bool, Failure> {
    use std::io::Read;
    let named = |e: std::io::Error| Failure::misuse(format!("{}: {e}", path.display()));
    let mut head = [0; 16];
    let mut file = std::fs::File::open(path).map_err(named)?;
    let read = file.read(&mut head).map_err(named)?;
    Ok(read == 16 && head.starts_with(b"SQLite format 3"))
}

fn tell(what: &str, report: &Report) {
    for (chain, events) in &report.chains {
        outln!("{chain:<24} {events:>10} events");
    }
    for fault in &report.faults {
        outln!("FAULT  {}", fault.message);
    }
    if report.is_whole() {
        let ends = if report.anchored {
            "ends compared with those written down outside"
        } else {
            "no ends written down outside to compare with"
        };
        let state = if report.state_compared { "; state equals one made anew" } else { "" };
        outln!("{what} is whole: {} events, every hash and link holds; {ends}{state}", report.events());
    } else {
        outln!("{what} is NOT whole: {} chains of {} with a fault", report.faults.len(), report.chains.len());
        eprintln!("hint: keep this copy as it is for the inquiry, and restore the newest backup that verifies");
    }
}

#[derive(clap::Args)]
pub struct Backup {
    /// Folder of the record
    dir: PathBuf,
    /// File to write; it must not exist
    file: PathBuf,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

/// Copies the record while it is written, and verifies the copy.
pub fn make_backup(args: &Backup, as_json: bool) -> Result<Outcome, Failure> {
    let home = Home::new(&args.dir, args.database.as_deref());
    backup(&home.place, &args.file)?;
    let report = verify_copy(&args.file, &home.keys())?;
    if as_json {
        print_json(&json!({ "backup": args.file, "events": report.events(), "whole": report.is_whole() }));
    } else {
        outln!("{}  {} events, verified", args.file.display(), report.events());
        eprintln!("keep {} apart from it: a backup holds no keys", home.keys().display());
    }
    Ok(Outcome::Done)
}

#[derive(clap::Args)]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// Folder for the record; it must hold none
    dir: PathBuf,
    /// The record's folder of keys, to be put in place
    #[arg(long)]
    keys: PathBuf,
    /// Address of a PostgreSQL database to restore into
    #[arg(long)]
    database: Option<String>,
}

/// Puts a backup where no record is, with its keys, after verifying it.
pub fn put_back(args: &Restore, as_json: bool) -> Result<Outcome, Failure> {
    let home = Home::new(&args.dir, args.database.as_deref());
    let report = verify_copy(&args.file, &args.keys)?;
    std::fs::create_dir_all(home.keys()).map_err(Failure::failure)?;
    restore(&args.file, &home.place)?;
    for name in ["signing.key", "signing.pub", "identity.key"] {
        let to = home.keys().join(name);
        if !to.exists() {
            std::fs::copy(args.keys.join(name), &to).map_err(|e| Failure::failure(format!("{}: {e}", to.display())))?;
        }
    }
    if as_json {
        print_json(&json!({ "record": args.dir, "events": report.events() }));
    } else {
        outln!("{}  {} events", args.dir.display(), report.events());
        eprintln!("the record goes on from the backup; what was recorded after it is not there");
    }
    Ok(Outcome::Done)
}

/// A copy is older than the ends that were written down since: only its inside is judged.
fn verify_copy(file: &Path, keys: &Path) -> Result<Report, Failure> {
    let mut report = verify(&Place::Sqlite(file.to_owned()), keys, Some(&Projection))?;
    report.faults.retain(|f| f.kind != croft_ledger::FaultKind::Old);
    match report.faults.first() {
        None => Ok(report),
        Some(fault) => Err(Failure::failure(format!("{}: {}", file.display(), fault.message))
            .hint("take another backup; `croft audit verify` tells more")),
    }
}

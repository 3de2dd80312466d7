//! `croft lock`: the record of a locked study becomes the snapshot of its folder, from which `croft build` goes on.
//!
//! Locking itself is a signed act of a person. It is done on the study's page; here, a password from standard input proves who locks.

use super::record::{Home, prove_from};
use crate::output::{Failure, Outcome, print_json};
use croft_ledger::SystemClock;
use croft_record::lock::LockStudy;
use croft_record::lock::snapshot::Locked;
use croft_record::{Caller, Record, Refusal};
use croft_study::freeze::{FromRecord, from_record};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the record
    dir: PathBuf,
    /// The study
    #[arg(long)]
    study: String,
    /// The study's folder [default: studies/STUDY in the record's folder]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Who locks it, when it is open; the password, and on a second line the code of a device, come from standard input
    #[arg(long, value_name = "LOGIN")]
    by: Option<String>,
    /// Why it is locked although something stands in the way
    #[arg(long, default_value = "", requires = "by")]
    in_spite: String,
    /// Why an earlier snapshot of the folder is replaced
    #[arg(long, default_value = "")]
    reason: String,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let record = Home::new(&args.dir, args.database.as_deref()).make(Arc::new(SystemClock))?;
    let study = record.view(&Caller::system(), |r| r.study(&args.study))?;
    if !study.is_locked() {
        let Some(login) = &args.by else { return Err(not_locked(&record, &args.study)) };
        lock(&record, &args.study, login, &args.in_spite)?;
    }
    let folder = args.folder.clone().unwrap_or_else(|| args.dir.join("studies").join(&args.study));
    let locked = into_folder(&record, &args.study, &folder, &args.reason)?;
    let folder = folder.display().to_string();
    if as_json {
        print_json(&json!({
            "study": args.study, "locked_at": locked.locked_at, "locked_by": locked.locked_by, "values": locked.values.len(),
            "changes": locked.audit.len(), "folder": folder, "source": locked.source,
        }));
    } else {
        outln!("{} was locked by {} at {}", args.study, locked.locked_by, locked.locked_at);
        outln!(
            "{} values and {} changes are in {folder}/data; go on with `croft build {folder}`",
            locked.values.len(),
            locked.audit.len()
        );
    }
    Ok(Outcome::Done)
}

/// Writes a locked study's record into its folder: the texts of its definition where they are not there yet, and the snapshot.
pub fn into_folder(record: &Record, study: &str, folder: &Path, reason: &str) -> Result<Locked, Failure> {
    let locked = record.view(&Caller::system(), |r| r.locked(study))?;
    for (name, text) in &locked.files {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(there) if there == *text => {}
            Ok(_) => {
                return Err(Failure::misuse(format!(
                    "{} is not the text of the version that was recorded under",
                    path.display()
                ))
                .hint("publish it as a version and record under that, or put the published text back"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => write(&path, text)?,
            Err(error) => return Err(Failure::failure(error)),
        }
    }
    let handed = FromRecord {
        values: locked.values.clone(),
        audit: locked.audit.clone(),
        allocations: locked.allocations.clone(),
        locked_at: locked.locked_at.clone(),
        locked_by: locked.locked_by.clone(),
        source: locked.source.clone(),
        reason: reason.to_owned(),
    };
    from_record(folder, study, &handed)?;
    Ok(locked)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(Failure::failure)?;
    }
    std::fs::write(path, text).map_err(Failure::failure)
}

/// What stands in the way, and how to lock in spite of it.
fn not_locked(record: &Record, study: &str) -> Failure {
    let found = record.view(&Caller::system(), |r| r.obstacles(study));
    let way = match found {
        Ok(obstacles) if obstacles.is_empty() => "nothing stands in the way of a lock".to_owned(),
        Ok(obstacles) => format!("in the way of a lock: {}", obstacles.words()),
        Err(refusal) => refusal.to_string(),
    };
    Failure::misuse(format!("study {study} is not locked; {way}")).hint("lock it on its page, or here with --by LOGIN")
}

fn lock(record: &Record, study: &str, login: &str, in_spite: &str) -> Result<(), Failure> {
    let proof = prove_from(record, login, std::io::stdin().lock())?.proof;
    let caller = Caller::new(login, "command line", 0);
    let command = LockStudy { study: study.to_owned(), in_spite: in_spite.to_owned(), signature: proof };
    record.execute(&caller, command).map(|_| ()).map_err(|refusal: Refusal| refusal.into())
}

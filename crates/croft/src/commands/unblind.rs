//! `croft unblind`: one person asks, another agrees, and the codes come into the folder of the locked study.
//!
//! Both give the same command; the record knows who comes first. A password from standard input proves who acts, the code of a device, if the account asks
//! for one, stands on the second line.

use super::record::{Home, prove_from};
use crate::output::{Failure, Outcome, print_json};
use crate::vault_key::vault;
use croft_ledger::SystemClock;
use croft_record::vault::state::Unblinding;
use croft_record::vault::{AgreeUnblind, AskUnblind};
use croft_record::{Caller, Refusal};
use croft_study::freeze;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the record
    dir: PathBuf,
    /// The study
    #[arg(long)]
    study: String,
    /// Who asks or agrees; their password comes from standard input
    #[arg(long, value_name = "LOGIN")]
    by: String,
    /// Why it is unblinded now; who asks says it
    #[arg(long, default_value = "")]
    reason: String,
    /// The study's folder [default: studies/STUDY in the record's folder]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let record = Home::new(&args.dir, args.database.as_deref()).open(Arc::new(SystemClock))?;
    let signature = prove_from(&record, &args.by, std::io::stdin().lock())?.proof;
    let caller = Caller::new(&args.by, "command line", 0);
    let (study, reason) = (args.study.clone(), args.reason.clone());
    let facts = record.view(&caller, |r| r.randomisation(&args.study))?;
    let unblinding = facts.ok_or_else(|| nothing_sealed(&args.study))?.unblinding;
    match unblinding {
        Unblinding::Blind => {
            record.execute(&caller, AskUnblind { study, reason, signature })?;
            if as_json {
                print_json(&json!({ "study": args.study, "asked_by": args.by, "codes": null }));
            } else {
                outln!(
                    "{} has asked for {} to be unblinded; another person agrees with the same command",
                    args.by,
                    args.study
                );
            }
            return Ok(Outcome::Done);
        }
        Unblinding::Asked { .. } => record.execute(&caller, AgreeUnblind { study, signature })?,
        Unblinding::Done { .. } => {}
    }
    let handed = vault(&record)?.unblinded(&caller, &args.study)?;
    let folder = args.folder.clone().unwrap_or_else(|| args.dir.join("studies").join(&args.study));
    let codes = freeze::unblind(&folder, &args.study, &handed.arms, &handed.unblinded)?;
    let (folder, done) = (folder.display().to_string(), handed.unblinded);
    if as_json {
        print_json(&json!({ "study": args.study, "codes": codes, "folder": folder, "unblinded": done }));
    } else {
        outln!("{} is unblinded since {}: {} asked, {} agreed", args.study, done.at, done.asked_by, done.agreed_by);
        outln!("{codes} codes are in {folder}/data; go on with `croft build {folder}`");
    }
    Ok(Outcome::Done)
}

fn nothing_sealed(study: &str) -> Refusal {
    Refusal::state(
        format!("study {study} has no randomisation scheme"),
        "a study that croft did not randomise has its arms in its record, or in a dataset that was received",
    )
}

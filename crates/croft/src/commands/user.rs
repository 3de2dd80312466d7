//! `croft user`: the first accounts of a record, and a way back in for an administrator who is locked out.
//!
//! Whoever can run this has the record's files and keys; what is done so is recorded as done by the program. No password passes through the command line:
//! it prints a link by which the person sets one.

use super::record::Home;
use crate::output::{Failure, Outcome, print_json};
use croft_ledger::SystemClock;
use croft_record::access::account::{CreateAccount, Link, ResetPassword, SwitchAccount};
use croft_record::access::grant::{GiveGrant, RecordTraining, RevokeGrant};
use croft_record::{Caller, Record};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make an account, with a role or without, and a link to set its password
    Add(Add),
    /// Every account with its roles
    List(Of),
    /// A link to set a new password
    Link(One),
    /// Give a role
    Grant(Grant),
    /// Take a role back
    Revoke(Revoke),
    /// Record a training, which some roles need before they act
    Train(Train),
    /// Let an account do nothing any more
    Disable(Switch),
    /// Let a disabled account act again
    Enable(Switch),
}

#[derive(clap::Args)]
pub struct Of {
    /// Folder of the record
    dir: PathBuf,
    /// Address of the PostgreSQL database that holds the record
    #[arg(long)]
    database: Option<String>,
}

#[derive(clap::Args)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The account
    login: String,
}

#[derive(clap::Args)]
pub struct Add {
    #[command(flatten)]
    one: One,
    /// The name as printed on signatures and in the audit trail
    #[arg(long)]
    name: String,
    /// Kept apart and encrypted
    #[arg(long, default_value = "")]
    email: String,
    /// A role to begin with, such as administrator
    #[arg(long)]
    role: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Where a role holds.
#[derive(clap::Args)]
pub struct At {
    /// The study; none: everywhere
    #[arg(long)]
    study: Option<String>,
    /// The site; none: all sites
    #[arg(long)]
    site: Option<String>,
    /// The country; none: all countries
    #[arg(long)]
    country: Option<String>,
}

#[derive(clap::Args)]
pub struct Grant {
    #[command(flatten)]
    one: One,
    /// The role
    #[arg(long)]
    role: String,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    one: One,
    /// The number that `croft user list` shows
    #[arg(long)]
    grant: u64,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
pub struct Train {
    #[command(flatten)]
    one: One,
    /// What the training was
    #[arg(long)]
    title: String,
    /// The study; none: all studies
    #[arg(long)]
    study: Option<String>,
}

#[derive(clap::Args)]
pub struct Switch {
    #[command(flatten)]
    one: One,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
}

impl Of {
    fn open(&self) -> Result<Record, Failure> {
        Home::new(&self.dir, self.database.as_deref()).make(Arc::new(SystemClock))
    }
}

impl Grant {
    fn command(login: &str, role: &str, at: &At) -> GiveGrant {
        GiveGrant {
            account: login.to_owned(),
            role: role.to_owned(),
            study: at.study.clone(),
            site: at.site.clone(),
            country: at.country.clone(),
            from_ms: None,
            to_ms: None,
        }
    }
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    let system = Caller::system();
    match command {
        Command::Add(args) => {
            let record = args.one.of.open()?;
            let login = args.one.login;
            let link =
                record.execute(&system, CreateAccount { login: login.clone(), name: args.name, email: args.email })?;
            if let Some(role) = &args.role {
                record.execute(&system, Grant::command(&login, role, &args.at))?;
            }
            tell_link(&login, &link, as_json);
        }
        Command::List(of) => list(&of.open()?, as_json)?,
        Command::Link(one) => {
            let link = one.of.open()?.execute(&system, ResetPassword { login: one.login.clone() })?;
            tell_link(&one.login, &link, as_json);
        }
        Command::Grant(args) => {
            let number = args.one.of.open()?.execute(&system, Grant::command(&args.one.login, &args.role, &args.at))?;
            done(
                as_json,
                &format!("{} has role {} (grant {number})", args.one.login, args.role),
                &json!({ "grant": number }),
            );
        }
        Command::Revoke(args) => {
            let command = RevokeGrant { account: args.one.login.clone(), grant: args.grant, reason: args.reason };
            args.one.of.open()?.execute(&system, command)?;
            done(
                as_json,
                &format!("grant {} of {} is taken back", args.grant, args.one.login),
                &json!({ "revoked": args.grant }),
            );
        }
        Command::Train(args) => {
            let command = RecordTraining { account: args.one.login.clone(), study: args.study, title: args.title };
            args.one.of.open()?.execute(&system, command)?;
            done(
                as_json,
                &format!("the training of {} is recorded", args.one.login),
                &json!({ "trained": args.one.login }),
            );
        }
        Command::Disable(args) => switch(args, true, as_json)?,
        Command::Enable(args) => switch(args, false, as_json)?,
    }
    Ok(Outcome::Done)
}

fn switch(args: Switch, disabled: bool, as_json: bool) -> Result<(), Failure> {
    let command = SwitchAccount { login: args.one.login.clone(), disabled, reason: args.reason };
    args.one.of.open()?.execute(&Caller::system(), command)?;
    let word = if disabled { "disabled" } else { "enabled" };
    done(
        as_json,
        &format!("{} is {word}", args.one.login),
        &json!({ "account": args.one.login, "disabled": disabled }),
    );
    Ok(())
}

fn done(as_json: bool, words: &str, facts: &serde_json::Value) {
    if as_json {
        print_json(facts);
    } else {
        outln!("{words}");
    }
}

fn tell_link(login: &str, link: &Link, as_json: bool) {
    let address = format!("/link/{}", link.0);
    let words = format!("{login} sets a password at {address} of the server, once, within three days");
    done(as_json, &words, &json!({ "account": login, "link": address }));
}

fn list(record: &Record, as_json: bool) -> Result<(), Failure> {
    let accounts = record.view(&Caller::system(), |r| r.accounts())?;
    if as_json {
        print_json(&json!({ "accounts": accounts }));
        return Ok(());
    }
    for account in accounts {
        let state = if account.disabled { " (disabled)" } else { "" };
        outln!("{}  {}{state}", account.login, account.name);
        for grant in account.grants.iter().filter(|g| g.acts_at(record.ledger().now_ms())) {
            let place = [&grant.study, &grant.site, &grant.country]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(" ");
            outln!("  grant {}: {} {place}", grant.number, grant.role);
        }
    }
    Ok(())
}

//! The commands, one module each. A module holds its arguments and its `run`; nothing else is shared but [`crate::output`], [`crate::table`] and [`crate::columns`].

mod ars;
mod audit;
mod be;
mod check;
mod ct;
mod data;
mod define;
mod demo;
mod export;
mod import;
pub mod lock;
mod nca;
mod power;
mod protocol;
mod randomise;
pub mod record;
mod rules;
mod serve;
mod study;
mod supply;
mod unblind;
mod user;
mod vault;

use crate::output::{Failure, Outcome};
use clap::{Parser, Subcommand};

/// From recorded values to a regulator's desk, each number traceable.
#[derive(Parser)]
#[command(name = "croft", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print the facts as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Noncompartmental analysis of concentration-time profiles
    Nca(Box<nca::Args>),
    /// Bioequivalence of a test and a reference product
    Be(be::Args),
    /// Power and sample size
    Power(power::Args),
    /// Randomisation: compare designs, make a list, verify one
    #[command(subcommand)]
    Randomise(randomise::Command),
    /// Show and convert datasets: xpt, json, ndjson, dsjc, csv, xlsx
    Data(data::Args),
    /// CDISC controlled terminology: look up, compare, install
    #[command(subcommand)]
    Ct(ct::Command),
    /// Check datasets against the standards' rules
    Check(Box<check::Args>),
    /// The rules of `croft check`: take in, list, explain
    #[command(subcommand)]
    Rules(rules::Command),
    /// define.xml 2.0 and 2.1: show, check, make, compare
    Define(define::Args),
    /// Reporting events of the Analysis Results Standard: show, run on data, compare
    #[command(subcommand)]
    Ars(ars::Command),
    /// Study definitions in USDM 4.0: take in, give out; the protocol document
    #[command(subcommand)]
    Protocol(protocol::Command),
    /// The record's audit trail
    #[command(subcommand)]
    Audit(audit::Command),
    /// Take over a study of another system: its definition, and what was recorded there
    #[command(subcommand)]
    Import(import::Command),
    /// Make an organisation to look at: people, a study recorded, locked and built, and serve it
    Demo(demo::Args),
    /// What is recorded, in files that others read
    #[command(subcommand)]
    Export(export::Command),
    /// Serve the record's pages and its interface for programs
    Serve(serve::Args),
    /// People's accounts and roles
    #[command(subcommand)]
    User(user::Command),
    /// Randomisation and treatment codes: schemes, code breaks, keys
    #[command(subcommand)]
    Vault(Box<vault::Command>),
    /// Supply of kits: depots, shipments, dispensing, returns, accounts
    #[command(subcommand)]
    Supply(Box<supply::Command>),
    /// Bring the record of a locked study into its folder
    Lock(lock::Args),
    /// Unblind a locked study: one person asks, another agrees, and the codes come into its folder
    Unblind(unblind::Args),
    /// Copy a record into one file, while it is written
    Backup(audit::Backup),
    /// Put a backup where no record is
    Restore(audit::Restore),
    #[command(flatten)]
    Study(study::Command),
}

/// Runs the command that was asked for.
pub fn run(cli: Cli) -> Result<Outcome, Failure> {
    match cli.command {
        Command::Nca(args) => nca::run(&args, cli.json),
        Command::Be(args) => be::run(args, cli.json),
        Command::Power(args) => power::run(args, cli.json),
        Command::Randomise(command) => randomise::run(command, cli.json),
        Command::Data(args) => data::run(args, cli.json),
        Command::Ct(command) => ct::run(command, cli.json),
        Command::Check(args) => check::run(&args, cli.json),
        Command::Rules(command) => rules::run(command, cli.json),
        Command::Define(args) => define::run(args, cli.json),
        Command::Ars(command) => ars::run(command, cli.json),
        Command::Protocol(command) => protocol::run(command, cli.json),
        Command::Audit(command) => audit::run(command, cli.json),
        Command::Import(command) => import::run(command, cli.json),
        Command::Demo(args) => demo::run(&args, cli.json),
        Command::Export(command) => export::run(command, cli.json),
        Command::Serve(args) => serve::run(&args, cli.json),
        Command::User(command) => user::run(command, cli.json),
        Command::Vault(command) => vault::run(*command, cli.json),
        Command::Supply(command) => supply::run(*command, cli.json),
        Command::Lock(args) => lock::run(&args, cli.json),
        Command::Unblind(args) => unblind::run(&args, cli.json),
        Command::Backup(args) => audit::make_backup(&args, cli.json),
        Command::Restore(args) => audit::put_back(&args, cli.json),
        Command::Study(command) => study::run(command, cli.json),
    }
}

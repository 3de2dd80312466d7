//! Which key opens the vault? That of `DIR/keys/vault`, unless the environment hands one in.
//!
//! `CROFT_VAULT_KEY` holds the key as 64 hexadecimal digits (then retired ones, with commas between them). `CROFT_VAULT_KEY_COMMAND` names a program with
//! its arguments that prints it, as the client of a hardware store or a secret manager does; it is run without a shell. Neither is ever printed.

use crate::output::Failure;
use croft_record::Record;
use croft_record::vault::{MasterKeys, Vault};
use std::process::{Command, Stdio};

/// The vault of a record.
pub fn vault(record: &Record) -> Result<Vault, Failure> {
    Ok(Vault::new(record, masters(record)?))
}

/// The keys of the vault.
pub fn masters(record: &Record) -> Result<MasterKeys, Failure> {
    if let Ok(key) = std::env::var("CROFT_VAULT_KEY") {
        return Ok(MasterKeys::given(&key)?);
    }
    if let Ok(line) = std::env::var("CROFT_VAULT_KEY_COMMAND") {
        return Ok(MasterKeys::given(&printed(&line)?)?);
    }
    Ok(MasterKeys::in_folder(&record.ledger().keys().join("vault"))?)
}

fn printed(line: &str) -> Result<String, Failure> {
    let told = |cause: String| {
        Failure::failure(cause).hint("CROFT_VAULT_KEY_COMMAND must name a program that prints 64 hexadecimal digits")
    };
    let mut words = line.split_whitespace();
    let program = words.next().ok_or_else(|| told("CROFT_VAULT_KEY_COMMAND is empty".to_owned()))?;
    let output = Command::new(program).args(words).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|e| told(format!("{program} cannot be run: {e}")))?;
    if !output.status.success() {
        return Err(told(format!("{program} ended with {}", output.status)));
    }
    // What it printed is the key: it stands in no message.
    String::from_utf8(output.stdout).map_err(|_| told(format!("{program} printed what is no text")))
}

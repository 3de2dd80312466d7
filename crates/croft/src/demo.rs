//! A contract research organisation to look at: people of every role, a bioequivalence study that was recorded, locked and built, and a Phase II study at work, randomised and supplied.
//!
//! Nothing is put into the record by a back door but the first account: everything else goes through the server's interface, sent by simulated staff in the
//! studies' own time. What follows from the script (times, values, reasons, numbers of events) is the same in every demonstration; secrets are not.

mod be;
mod house;
mod phase2;
mod staff;
mod supply;

pub use house::PEOPLE;
pub use staff::PASSWORD;

use crate::commands::lock::into_folder;
use crate::commands::record::Home;
use crate::output::Failure;
use crate::vault_key::vault;
use croft_ledger::{Clock, ManualClock};
use croft_server::random::SystemRandom;
use croft_server::{App, Config, Local};
use croft_study::definition::Definition;
use croft_study::{simulate, template};
use staff::Staff;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The study that is recorded to its lock.
const BE: &str = "CRB101";
const BE_TEMPLATE: &str = "be-2x2";
/// 2026-03-16T10:00:00Z: when it is locked.
const LOCKED_MS: i64 = 1_773_655_200_000;
const DAY_MS: i64 = 86_400_000;

/// Makes the organisation in an empty folder; answers the folder of the study that was locked.
pub async fn make(dir: &Path) -> Result<PathBuf, Failure> {
    if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::misuse(format!("{} is not empty", dir.display()))
            .hint("name a folder that is empty, or none that exists"));
    }
    let files = template::files(BE_TEMPLATE)?;
    let texts = texts(&files);
    let definition =
        Definition::parse(texts.get("study.toml").map_or("", String::as_str)).map_err(croft_study::StudyError::from)?;
    let acts = simulate::acts(&definition)?;
    let begin_ms = acts.first().map_or(LOCKED_MS, |act| act.at_ms) - 7 * DAY_MS;

    let clock = Arc::new(ManualClock::new(begin_ms));
    let record = Home::new(dir, None).make(Arc::clone(&clock) as Arc<dyn Clock>)?;
    let server =
        Local::new(App::with_vault(Config::loopback(), record.clone(), vault(&record)?, Arc::new(SystemRandom)));
    let mut staff = Staff::new(server, Arc::clone(&clock), begin_ms);
    house::people(&mut staff, &record).await?;
    let title = definition.study.title.clone();
    house::study(&mut staff, BE, &title, &texts, &[("101", "Northgate Clinical Unit", "GBR")]).await?;
    be::record(&mut staff, BE, "101", &acts, LOCKED_MS).await?;
    let at_work = template::files(phase2::TEMPLATE)?;
    phase2::record(&mut staff, &self::texts(&at_work)).await?;
    write_folder(&dir.join("studies").join(phase2::STUDY), &at_work)?;

    let folder = dir.join("studies").join(BE);
    write_folder(&folder, &files)?;
    into_folder(&record, BE, &folder, "")?;
    Ok(folder)
}

/// A study's folder without data: those come with the lock.
fn write_folder(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    for (name, bytes) in files.iter().filter(|(name, _)| !name.starts_with("data/")) {
        template::write(folder, name, bytes)?;
    }
    Ok(())
}

/// The texts of a definition among a folder's files.
fn texts(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let is_text = |name: &str| name == "study.toml" || (name.starts_with("forms/") && name.ends_with(".toml"));
    files
        .iter()
        .filter(|(name, _)| is_text(name))
        .map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned()))
        .collect()
}

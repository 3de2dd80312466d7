//! How do unblinded people read codes? Through one command, and each reading is an event.
//!
//! The emergency list is every allocation of a study sealed under a passphrase in one file, so that a code can be broken while the server is down: it
//! opens with the file, the passphrase and croft, without the record.

use super::Vault;
use super::draw::StudyVault;
use super::passphrase::{self, Locked};
use super::project::CodesRead;
use super::scheme::SchemeSecret;
use super::seal::CODE_BYTES;
use super::state::Randomised;
use crate::access::{self, Operation, Proof, Scope};
use crate::door::{self, Caller, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A subject with its arm.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Code {
    pub subject: String,
    pub site: String,
    pub number: String,
    pub levels: Vec<String>,
    pub arm: String,
    pub version: u32,
    pub order: u32,
    pub at_ms: i64,
}

/// What an unblinded statistician looks at.
#[derive(Clone)]
pub struct Codes {
    /// Every randomised subject in the order of randomisation.
    pub codes: Vec<Code>,
    /// The schemes with their seeds, by version.
    pub schemes: Vec<(u32, SchemeSecret)>,
}

not_shown!(Code, Codes);

struct ReadCodes {
    study: String,
    what: String,
    signature: Proof,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// Every code of a study. `what` says in the record what they are read for.
    pub fn codes(&self, caller: &Caller, study: &str, what: &str, signature: Proof) -> Result<Codes, Refusal> {
        let vault = self.opened(study)?;
        let (study, what) = (study.to_owned(), what.to_owned());
        self.record.execute(caller, ReadCodes { study, what, signature, vault })
    }

    /// The emergency list of a study as it is now, sealed under a passphrase.
    pub fn emergency_list(
        &self,
        caller: &Caller,
        study: &str,
        phrase: &str,
        signature: Proof,
    ) -> Result<EmergencyList, Refusal> {
        let codes = self.codes(caller, study, "emergency list", signature)?.codes;
        let mut bytes = json(&codes)?;
        // As if every arm's code were of one length: two lists, one with a subject more, would differ by the length of its arm.
        for code in &codes {
            let missing = CODE_BYTES.saturating_sub(json(&code.arm)?.len());
            bytes.resize(bytes.len() + missing, b' ');
        }
        Ok(EmergencyList {
            croft: EMERGENCY.to_owned(),
            study: study.to_owned(),
            codes: codes.len(),
            sealed: passphrase::lock(phrase, &name(study), &bytes)?,
        })
    }
}

impl Command for ReadCodes {
    type Done = Codes;
    const OPERATION: Operation = Operation::CodesRead;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Codes, Refusal> {
        access::reauthenticate(work, &self.signature)?;
        let state = super::state(work.tx, &self.study)?;
        let codes = codes(work.tx, &self.study, &self.vault)?;
        let versions = state.schemes.iter().map(|scheme| scheme.version);
        let schemes = versions.map(|version| Ok((version, self.vault.secret(work.tx, version)?)));
        let schemes = schemes.collect::<Result<Vec<_>, Refusal>>()?;
        let event = CodesRead { study: self.study.clone(), what: self.what, codes: codes.len() };
        work.append(&self.study, "randomisation", "codes.read/1", &event, "")?;
        Ok(Codes { codes, schemes })
    }
}

/// Every code, in the order of randomisation.
pub(super) fn codes(view: &dyn View, study: &str, vault: &StudyVault) -> Result<Vec<Code>, Refusal> {
    let mut rows: Vec<Randomised> = Vec::new();
    door::rows(view, space::RANDOMISED, key(&[study]).range(), |_, row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    rows.sort_by_key(|row| row.order);
    let code = |row: Randomised| {
        let arm = vault.allocation(&row.subject, &row.code)?.arm;
        let Randomised { subject, site, number, levels, version, order, at_ms, .. } = row;
        Ok(Code { subject, site, number, levels, arm, version, order, at_ms })
    };
    rows.into_iter().map(code).collect()
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|_| Refusal::Damaged("codes cannot be written".to_owned()))
}

const EMERGENCY: &str = "emergency code list 1";

fn name(study: &str) -> String {
    format!("{EMERGENCY}\u{0}{study}")
}

/// Every code of a study in a file, for when the server is down.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyList {
    /// What the file is.
    pub croft: String,
    /// The study.
    pub study: String,
    /// How many codes it holds.
    pub codes: usize,
    /// [`Code`]s as JSON, sealed.
    pub sealed: Locked,
}

impl EmergencyList {
    /// The code of one subject, or of a randomisation number.
    pub fn open(&self, phrase: &str, wanted: &str) -> Result<Code, Refusal> {
        if self.croft != EMERGENCY {
            return Err(Refusal::invalid(
                "file",
                "is no emergency list",
                "choose the file that the statistician gave out",
            ));
        }
        let bytes = passphrase::unlock(phrase, &name(&self.study), &self.sealed)?;
        let codes: Vec<Code> = serde_json::from_slice(&bytes).map_err(|_| passphrase::wrong())?;
        let found = codes.into_iter().find(|code| code.subject == wanted || code.number == wanted);
        found.ok_or_else(|| Refusal::absent("code in this list", wanted))
    }
}

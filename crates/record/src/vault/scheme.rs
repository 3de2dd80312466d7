//! How does a scheme come into the vault, and how is it changed while the study runs?
//!
//! Sealing proves the scheme, draws its seed, and seals both; from then on nobody reads them but through [`super::codes`]. A changed scheme (an arm
//! closed, another ratio) is a new version with a seed of its own; who was randomised stays as they are. A stratum is closed and opened in public.

use super::Vault;
use super::draw::{StudyVault, scheme_name};
use super::project::{SchemeSealed, StratumClosed};
use super::setup::Setup;
use super::state::{FactorFacts, VaultState};
use crate::access::{self, Operation, Proof, Scope};
use crate::door::{self, Caller, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use croft_trial::randomisation::{Design, Randomisation, RandomisationError, Scheme, Seed};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

not_shown!(SchemeSecret, NewScheme);

/// What is sealed of a scheme.
#[derive(Clone, Serialize, Deserialize)]
pub struct SchemeSecret {
    /// As [`Scheme::to_toml`] writes it.
    pub scheme: String,
    /// The seed, as hexadecimal digits.
    pub seed: String,
    /// Random bytes, so that the digest cannot be tried through; hexadecimal digits.
    pub salt: String,
}

impl SchemeSecret {
    /// By which it is known again.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in ["croft sealed scheme 1", &self.scheme, &self.seed, &self.salt] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        HEXLOWER.encode(&hash.finalize())
    }
}

/// What a statistician hands in.
#[derive(Clone)]
#[expect(missing_docs, reason = "the words say it")]
pub struct NewScheme {
    pub study: String,
    /// The scheme as TOML; its version is the next one.
    pub scheme: String,
    /// What everybody may know, as TOML.
    pub setup: String,
    pub note: String,
    pub signature: Proof,
}

struct SealScheme {
    new: NewScheme,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// Seals a scheme; its version.
    pub fn seal_scheme(&self, caller: &Caller, new: NewScheme) -> Result<u32, Refusal> {
        let vault = self.opened_or_made(caller, &new.study)?;
        self.record.execute(caller, SealScheme { new, vault })
    }
}

impl Command for SealScheme {
    type Done = u32;
    const OPERATION: Operation = Operation::SchemeSeal;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.new.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u32, Refusal> {
        let Self { new, vault } = self;
        let study = work.open_study(&new.study)?;
        let (_, definition) = work.current_version(&study)?;
        access::reauthenticate(work, &new.signature)?;
        let state: VaultState = door::row(work.tx, space::VAULT, &key(&[&new.study]))?.unwrap_or_default();
        let version = state.schemes.last().map_or(0, |scheme| scheme.version) + 1;
        let scheme = Scheme { study: new.study.clone(), version, ..Scheme::from_toml(&new.scheme).map_err(wrong)? };
        let proven = Randomisation::new(scheme).map_err(wrong)?;
        let known: Vec<&str> = definition.definition.arms.iter().map(|arm| arm.code.as_str()).collect();
        for (at, arm) in proven.scheme().arms.iter().enumerate() {
            if !known.contains(&arm.code.as_str()) {
                return Err(Refusal::invalid(
                    format!("arms[{at}].code"),
                    format!("study.toml has no arm `{}`", arm.code),
                    format!("the study's arms are {}", known.join(", ")),
                ));
            }
        }
        let setup = Setup::parse(&new.setup, &definition.definition, &definition.forms)?;
        let factors = factors(&proven)?;
        let sources: Vec<&str> = setup.factors.iter().map(|factor| factor.name.as_str()).collect();
        let names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
        if sources != names {
            return Err(Refusal::invalid(
                "factor",
                format!("the setup has the factors {}, the scheme {}", list(&sources), list(&names)),
                "say of each factor of the scheme where its level comes from, in the scheme's order",
            ));
        }
        let mut random = [0_u8; 64];
        getrandom::fill(&mut random).map_err(|e| Refusal::Random(e.to_string()))?;
        let (seed, salt) = random.split_at(32);
        let secret = SchemeSecret {
            scheme: proven.scheme().to_toml(),
            seed: Seed::new(seed.try_into().unwrap_or([0; 32])).to_hex(),
            salt: HEXLOWER.encode(salt),
        };
        let sealed = SchemeSealed {
            study: new.study.clone(),
            version,
            note: new.note.trim().to_owned(),
            setup,
            factors,
            digest: secret.digest(),
            sealed: vault.keys().seal_block(&scheme_name(&new.study, version), &secret)?,
        };
        work.append(&new.study, "randomisation", "scheme.sealed/1", &sealed, "")?;
        Ok(version)
    }
}

/// The factors of stratification, then those that are balanced. Every stratum must ask for the same.
fn factors(proven: &Randomisation) -> Result<Vec<FactorFacts>, Refusal> {
    let facts = |name: &String, levels: &Vec<String>| FactorFacts { name: name.clone(), levels: levels.clone() };
    let mut factors: Vec<FactorFacts> = proven.scheme().factors.iter().map(|f| facts(&f.name, &f.levels)).collect();
    let balanced = |design: &Design| match design {
        Design::Minimisation(minimisation) => {
            Some(minimisation.factors.iter().map(|f| facts(&f.name, &f.levels)).collect::<Vec<_>>())
        }
        _ => None,
    };
    let mut all: Vec<Vec<FactorFacts>> = proven.strata().iter().filter_map(|s| balanced(s.rule.design())).collect();
    all.dedup();
    match all.as_slice() {
        [] => {}
        [one] => factors.extend(one.iter().cloned()),
        _ => {
            return Err(Refusal::invalid(
                "strata",
                "strata balance different factors",
                "let every stratum that is minimised balance the same factors, with the same levels",
            ));
        }
    }
    Ok(factors)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn wrong(error: RandomisationError) -> Refusal {
    Refusal::invalid("scheme", error.to_string(), error.hint())
}

/// Closes a stratum for further subjects, or opens it again.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct CloseStratum {
    pub study: String,
    /// Its levels joined by `-`.
    pub stratum: String,
    pub closed: bool,
    pub reason: String,
}

impl Command for CloseStratum {
    type Done = ();
    const OPERATION: Operation = Operation::StratumClose;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        work.open_study(&self.study)?;
        let vault = super::state(work.tx, &self.study)?;
        let facts = vault.scheme()?;
        let levels: Vec<&str> = if self.stratum.is_empty() { Vec::new() } else { self.stratum.split('-').collect() };
        let known = levels.len() <= facts.factors.len()
            && levels.iter().zip(&facts.factors).all(|(level, factor)| factor.levels.iter().any(|l| l == level));
        if !known {
            let names: Vec<&str> = facts.factors.iter().map(|factor| factor.name.as_str()).collect();
            return Err(Refusal::absent("stratum", &self.stratum).at("stratum", &names.join("-")));
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why"));
        }
        let closed = StratumClosed { study: self.study.clone(), stratum: self.stratum, closed: self.closed };
        work.append(&self.study, "randomisation", "stratum.closed/1", &closed, &self.reason)?;
        Ok(())
    }
}

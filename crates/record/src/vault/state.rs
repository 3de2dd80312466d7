//! What stands in the state: what everybody may know in clear, the rest sealed.

use super::seal::Coded;
use super::setup::Setup;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A study's vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultState {
    /// The study's keys, wrapped, by number.
    pub keys: BTreeMap<u32, Wrapped>,
    /// Schemes, the newest last.
    pub schemes: Vec<SchemeFacts>,
    /// Strata that take no more subjects: their levels joined by `-`.
    #[serde(default)]
    pub closed: Vec<String>,
    /// How far unblinding is.
    #[serde(default)]
    pub unblinding: Unblinding,
}

/// A study's key, wrapped under a master key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    /// The id of the master key.
    pub master: String,
    /// Nonce and sealed key, base64.
    pub bytes: String,
}

/// What everybody may know of a scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeFacts {
    /// Counted from 1.
    pub version: u32,
    /// What it is for.
    pub note: String,
    /// Conditions, sources of levels, caps.
    pub setup: Setup,
    /// The factors, with their levels.
    pub factors: Vec<FactorFacts>,
    /// By which the sealed scheme and seed are known again: SHA-256 of them with a salt that is sealed too.
    pub digest: String,
    /// When it was sealed.
    pub sealed_ms: i64,
    /// By whom.
    pub by: String,
}

/// A factor and its levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorFacts {
    /// Its name.
    pub name: String,
    /// Its levels.
    pub levels: Vec<String>,
}

/// How far unblinding is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Unblinding {
    /// Nobody has asked.
    #[default]
    Blind,
    /// One person has asked.
    #[expect(missing_docs, reason = "the words say it")]
    Asked { by: String, at_ms: i64, reason: String },
    /// Two have agreed.
    #[expect(missing_docs, reason = "the words say it")]
    Done { asked_by: String, agreed_by: String, at_ms: i64 },
}

/// A sealed scheme: key (study, version).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedScheme {
    /// [`super::scheme::SchemeSecret`], sealed.
    pub sealed: Coded,
}

/// A randomised subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Randomised {
    /// The subject.
    pub subject: String,
    /// Its site when it was randomised.
    pub site: String,
    /// Its randomisation number.
    pub number: String,
    /// The scheme's version.
    pub version: u32,
    /// Its level of each factor, in their order.
    pub levels: Vec<String>,
    /// Its stratum: the levels of the factors that make strata, joined by `-`.
    pub stratum: String,
    /// Its place among all randomised subjects of the study, from 1.
    pub order: u32,
    /// When.
    pub at_ms: i64,
    /// By whom.
    pub by: String,
    /// [`super::draw::Allocation`], sealed.
    pub code: Coded,
}

/// A broken code: key (study, number).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct CodeBreak {
    pub subject: String,
    pub site: String,
    pub by: String,
    pub name: String,
    pub at_ms: i64,
    pub reason: String,
    /// The event.
    pub event: u64,
    /// Who was told of it and took note, in their order.
    #[serde(default)]
    pub acknowledged: Vec<Acknowledged>,
}

/// Somebody took note of a code break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Acknowledged {
    pub by: String,
    pub at_ms: i64,
}

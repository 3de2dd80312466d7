//! Which studies are there, with which versions of their definition and which sites?
//!
//! A study is created once, with a training twin beside it that bears another identifier and another look. Its definition is
//! published in versions; versions live side by side, and a form stays with the version under which it was filled until somebody
//! saves it under a later one. Nothing recorded is rewritten by an amendment.

mod create;
mod project;
mod publish;
mod site;

pub use create::{CreateStudy, twin_of};
pub(crate) use project::project;
pub use publish::{Preview, Publish, preview};
pub use site::{CloseSite, OpenSite};

use crate::access::{Operation, Scope};
use crate::definition::{Compiled, Files};
use crate::door::{self, Reading, Work};
use crate::key::{Key, key};
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A study as the record knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// Its identifier: also its chain of events, and its folder.
    pub id: String,
    /// What people read.
    pub title: String,
    /// Whether nothing in it is real.
    pub training: bool,
    /// When it was created.
    pub created_ms: i64,
    /// Published versions, the newest last.
    pub versions: Vec<Version>,
    /// Whether its data may change.
    pub lock: Lock,
}

/// Whether a study's data may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lock {
    /// They may.
    #[default]
    Open,
    /// They may not.
    Locked {
        /// Since when.
        at_ms: i64,
        /// By whom.
        by: String,
        /// The locking event.
        event: u64,
        /// Who has asked for unlocking, and why: a second person must agree.
        unlock: Option<UnlockRequest>,
    },
}

/// A wish to unlock, waiting for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct UnlockRequest {
    pub by: String,
    pub at_ms: i64,
    pub reason: String,
}

/// A published version of a study's definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counted from 1.
    pub number: u32,
    /// What it is for: `protocol amendment 2`.
    pub note: String,
    /// SHA-256 over its files.
    pub digest: String,
    /// When.
    pub published_ms: i64,
    /// By whom.
    pub by: String,
}

/// A site of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its code in the study.
    pub id: String,
    /// Its name.
    pub name: String,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    /// Whether subjects can be enrolled.
    pub open: bool,
    /// The number of the last subject enrolled here.
    pub last_subject: u32,
}

impl Study {
    /// The version under which new forms are filled.
    pub fn current(&self) -> Option<u32> {
        self.versions.last().map(|v| v.number)
    }

    /// Whether its data may not change.
    pub fn is_locked(&self) -> bool {
        matches!(self.lock, Lock::Locked { .. })
    }
}

/// The study, or that there is none.
pub(crate) fn study(view: &dyn View, id: &str) -> Result<Study, Refusal> {
    door::row(view, space::STUDY, &key(&[id]))?.ok_or_else(|| Refusal::absent("study", id))
}

/// The site, or that there is none.
pub(crate) fn site(view: &dyn View, study: &str, id: &str) -> Result<Site, Refusal> {
    door::row(view, space::SITE, &key(&[study, id]))?.ok_or_else(|| Refusal::absent("site", id))
}

impl Work<'_, '_> {
    /// The study, when its data may change.
    pub(crate) fn open_study(&self, id: &str) -> Result<Study, Refusal> {
        let study = study(self.tx, id)?;
        if study.is_locked() {
            return Err(Refusal::state(
                format!("study {id} is locked"),
                "two people can unlock it, with a reason: one asks, another agrees",
            ));
        }
        Ok(study)
    }

    /// The version under which new forms of this study are filled.
    pub(crate) fn current_version(&self, study: &Study) -> Result<(u32, Arc<Compiled>), Refusal> {
        let number = study.current().ok_or_else(|| {
            Refusal::state(format!("study {} has no published definition", study.id), "publish a version first")
        })?;
        Ok((number, self.version(&study.id, number)?))
    }
}

impl Reading<'_> {
    /// The studies in which the caller may do anything, by identifier.
    pub fn studies(&self) -> Result<Vec<Study>, Refusal> {
        let mut found = Vec::new();
        self.rows(space::STUDY, Key::default().range(), |_, study: Study| {
            found.push(study);
            ControlFlow::Continue(())
        })?;
        found.retain(|s| self.may(Operation::StudyRead, &Scope::study(&s.id)));
        Ok(found)
    }

    /// One study.
    pub fn study(&self, id: &str) -> Result<Study, Refusal> {
        let found = study(self.view, id)?;
        self.allow(Operation::StudyRead, &Scope::study(id))?;
        Ok(found)
    }

    /// The sites of a study that the caller may read.
    pub fn sites(&self, study: &str) -> Result<Vec<Site>, Refusal> {
        self.study(study)?;
        let mut found = Vec::new();
        self.rows(space::SITE, key(&[study]).range(), |_, site: Site| {
            found.push(site);
            ControlFlow::Continue(())
        })?;
        found.retain(|s| self.may(Operation::StudyRead, &Scope::site(study, &s.id)));
        Ok(found)
    }

    /// The texts of a published version.
    pub fn version_files(&self, study: &str, number: u32) -> Result<Files, Refusal> {
        self.study(study)?;
        self.row(space::VERSION_FILES, &Key::default().text(study).number(u64::from(number)))?
            .ok_or_else(|| Refusal::absent("version", number.to_string()))
    }

    /// The version under which new forms are filled.
    pub fn current_version(&self, study: &Study) -> Result<(u32, Arc<Compiled>), Refusal> {
        let number = study.current().ok_or_else(|| Refusal::absent("published version of study", &study.id))?;
        Ok((number, self.version(&study.id, number)?))
    }
}

//! Who has which role, where and when?
//!
//! A grant gives an account a role in one study or all, at one site, in one country or everywhere, from one time to another. It acts only within
//! its time, only while the account is enabled, and, for roles that need it, only after training for the study was recorded. Whatever no grant
//! allows is refused.
//!
//! A question costs one row: an account holds its grants and trainings.

use super::account::{Account, account};
use super::operation::{Operation, Scope};
use super::role::roles;
use crate::door::{self, Command, Reading, Work};
use crate::key::{Key, key};
use crate::refusal::Refusal;
use crate::{space, study};
use croft_ledger::View;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A role of an account somewhere, for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The event that gave it.
    pub number: u64,
    /// The role.
    pub role: String,
    /// The study; none: all studies and the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// The site; none: all sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The country; none: all countries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Acts from here.
    pub from_ms: i64,
    /// Acts until here, exclusive; none: until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ms: Option<i64>,
    /// Who gave it.
    pub given_by: String,
}

/// Training for a study, or for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// The study; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// What was trained.
    pub title: String,
    /// When it was recorded.
    pub at_ms: i64,
}

/// What allows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The role of the grant.
    pub role: String,
}

/// Why something is not allowed: for the log and for administrators, not for the asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no such account.
    Unknown,
    /// The account is disabled.
    Disabled,
    /// No grant gives it here and now.
    NoGrant,
    /// A grant would, after training.
    Training,
}

/// Whether an account may do this here and now. Cost: one row, two when a grant is for a country.
pub fn allowed(
    view: &dyn View,
    name: &str,
    operation: Operation,
    scope: &Scope,
    now_ms: i64,
) -> Result<Result<Allowed, Denied>, Refusal> {
    let Some(account) = door::row::<Account>(view, space::ACCOUNT, &key(&[name]))? else {
        return Ok(Err(Denied::Unknown));
    };
    if account.disabled {
        return Ok(Err(Denied::Disabled));
    }
    let mut denied = Denied::NoGrant;
    for grant in &account.grants {
        let Some(role) = roles().get(&grant.role) else { continue };
        if !role.may.contains(&operation) || !grant.acts_at(now_ms) || !grant.covers(view, scope)? {
            continue;
        }
        if role.training && !account.is_trained(scope, now_ms) {
            denied = Denied::Training;
            continue;
        }
        return Ok(Ok(Allowed { role: grant.role.clone() }));
    }
    Ok(Err(denied))
}

impl Grant {
    /// Whether it acts at this time.
    pub fn acts_at(&self, now_ms: i64) -> bool {
        self.from_ms <= now_ms && self.to_ms.is_none_or(|to| now_ms < to)
    }

    /// Whether it reaches this place. What is asked of a study as a whole needs a grant that is not for a part of it.
    fn covers(&self, view: &dyn View, scope: &Scope) -> Result<bool, Refusal> {
        if self.study.is_some() && self.study != scope.study {
            return Ok(false);
        }
        if self.site.is_none() && self.country.is_none() {
            return Ok(true);
        }
        // A grant for a site lets its bearer see that the study is there: `Operation::StudyRead` is asked so below.
        let (Some(study), Some(site)) = (&scope.study, &scope.site) else { return Ok(false) };
        if self.site.as_ref().is_some_and(|own| own != site) {
            return Ok(false);
        }
        match &self.country {
            None => Ok(true),
            Some(country) => Ok(study::site(view, study, site).is_ok_and(|s| s.country == *country)),
        }
    }
}

impl Account {
    fn is_trained(&self, scope: &Scope, now_ms: i64) -> bool {
        self.trainings.iter().any(|t| t.at_ms <= now_ms && (t.study.is_none() || t.study == scope.study))
    }
}

/// Whether an account has any part in a study: enough to see that it is there.
pub(crate) fn takes_part(view: &dyn View, name: &str, study: &str, now_ms: i64) -> Result<Option<Allowed>, Refusal> {
    let Some(account) = door::row::<Account>(view, space::ACCOUNT, &key(&[name]))? else { return Ok(None) };
    if account.disabled {
        return Ok(None);
    }
    let here = |g: &&Grant| {
        g.acts_at(now_ms)
            && g.study.as_deref().is_none_or(|s| s == study)
            && roles().get(&g.role).is_some_and(|r| r.may.contains(&Operation::StudyRead))
    };
    Ok(account.grants.iter().find(here).map(|g| Allowed { role: g.role.clone() }))
}

/// `grant.given/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Given {
    pub account: String,
    pub role_given: String,
    pub study: Option<String>,
    pub site: Option<String>,
    pub country: Option<String>,
    pub from_ms: i64,
    pub to_ms: Option<i64>,
}

/// `grant.revoked/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Revoked {
    pub account: String,
    pub grant: u64,
}

/// `training.recorded/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trained {
    pub account: String,
    pub study: Option<String>,
    pub title: String,
}

/// Gives a role.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "said at Grant")]
pub struct GiveGrant {
    pub account: String,
    pub role: String,
    pub study: Option<String>,
    pub site: Option<String>,
    pub country: Option<String>,
    /// None: from now.
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
}

impl Command for GiveGrant {
    /// Its number.
    type Done = u64;
    const OPERATION: Operation = Operation::GrantGive;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope { study: self.study.clone(), site: None })
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        account(work.tx, &self.account)?;
        not_oneself(work, &self.account)?;
        if !roles().contains_key(&self.role) {
            let names = roles().keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(Refusal::invalid(
                "role",
                format!("there is no role `{}`", self.role),
                format!("the roles are {names}"),
            ));
        }
        match (&self.study, &self.site) {
            (Some(id), None) => drop(study::study(work.tx, id)?),
            (Some(id), Some(site)) => drop(study::site(work.tx, id, site)?),
            (None, Some(_)) => {
                return Err(Refusal::invalid("site", "stands without a study", "name the study of the site"));
            }
            (None, None) => {}
        }
        let from_ms = self.from_ms.unwrap_or(work.now_ms());
        if self.to_ms.is_some_and(|to| to <= from_ms) {
            return Err(Refusal::invalid("to", "is not after the beginning", "give a later end, or none"));
        }
        let given = Given {
            account: self.account,
            role_given: self.role,
            study: self.study,
            site: self.site,
            country: self.country,
            from_ms,
            to_ms: self.to_ms,
        };
        let stream = given.account.clone();
        Ok(work.append("org", &stream, "grant.given/1", &given, "")?.seq)
    }
}

/// Nobody gives or takes their own rights.
pub(super) fn not_oneself(work: &Work<'_, '_>, account: &str) -> Result<(), Refusal> {
    if work.account() == account {
        return Err(Refusal::state("nobody changes their own rights", "ask another administrator"));
    }
    Ok(())
}

/// Takes a role back.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct RevokeGrant {
    pub account: String,
    /// The grant's number.
    pub grant: u64,
    pub reason: String,
}

impl Command for RevokeGrant {
    type Done = ();
    const OPERATION: Operation = Operation::GrantRevoke;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        let found = account(view, &self.account)?;
        let study = found.grants.iter().find(|g| g.number == self.grant).and_then(|g| g.study.clone());
        Ok(Scope { study, site: None })
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        not_oneself(work, &self.account)?;
        let found = account(work.tx, &self.account)?;
        let now_ms = work.now_ms();
        if !found.grants.iter().any(|g| g.number == self.grant && g.to_ms.is_none_or(|to| now_ms < to)) {
            return Err(Refusal::absent("grant", self.grant.to_string()));
        }
        let revoked = Revoked { account: self.account.clone(), grant: self.grant };
        work.append("org", &self.account, "grant.revoked/1", &revoked, &self.reason)?;
        Ok(())
    }
}

/// Records that a person was trained.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct RecordTraining {
    pub account: String,
    /// None: for every study.
    pub study: Option<String>,
    pub title: String,
}

impl Command for RecordTraining {
    type Done = ();
    const OPERATION: Operation = Operation::TrainingRecord;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope { study: self.study.clone(), site: None })
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        account(work.tx, &self.account)?;
        if self.title.trim().is_empty() {
            return Err(Refusal::invalid("title", "is empty", "say what the training was"));
        }
        let trained = Trained { account: self.account, study: self.study, title: self.title };
        let stream = trained.account.clone();
        work.append("org", &stream, "training.recorded/1", &trained, "")?;
        Ok(())
    }
}

/// A line of the access list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Access {
    pub account: String,
    pub name: String,
    pub disabled: bool,
    pub grant: Grant,
}

impl Reading<'_> {
    /// The caller's own account.
    pub fn own_account(&self) -> Result<Account, Refusal> {
        super::account::account(self.view, &self.caller.account)
    }

    /// Every account, by name.
    pub fn accounts(&self) -> Result<Vec<Account>, Refusal> {
        self.allow(Operation::AccountList, &Scope::organisation())?;
        let mut found = Vec::new();
        self.rows(space::ACCOUNT, Key::default().range(), |_, account: Account| {
            found.push(account);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The accounts that ever had a role in a study, by login. O(accounts).
    pub fn accounts_of(&self, study: &str) -> Result<Vec<Account>, Refusal> {
        self.allow(Operation::AccountList, &Scope::study(study))?;
        let of_study = |named: &Option<String>| named.as_deref().is_none_or(|n| n == study);
        let mut found = Vec::new();
        self.rows(space::ACCOUNT, Key::default().range(), |_, mut account: Account| {
            account.grants.retain(|g| of_study(&g.study));
            account.trainings.retain(|t| of_study(&t.study));
            if !account.grants.is_empty() {
                found.push(account);
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Who may do what at a time, in a study or everywhere: every grant that acts then. O(accounts).
    pub fn access_list(&self, study: Option<&str>, at_ms: i64) -> Result<Vec<Access>, Refusal> {
        self.allow(Operation::AccountList, &Scope { study: study.map(str::to_owned), site: None })?;
        let mut found = Vec::new();
        self.rows(space::ACCOUNT, Key::default().range(), |_, account: Account| {
            let enabled_then = account.was_enabled(at_ms);
            for grant in account.grants.iter().filter(|g| g.acts_at(at_ms)) {
                if study.is_none() || grant.study.is_none() || grant.study.as_deref() == study {
                    let (name, grant) = (account.name.clone(), grant.clone());
                    found.push(Access { account: account.login.clone(), name, disabled: !enabled_then, grant });
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

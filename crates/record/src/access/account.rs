//! Which people have an account, and how do they come in?
//!
//! An account has a login, a name as printed (on signatures, in the audit trail) and, kept apart and sealed, an e-mail address. Its holder sets the
//! password by a link that works once; nobody else ever knows it. Events say that a password was set, never what it or its hash is:
//! credentials are working rows, not projections.

use super::credential::{self, Credential};
use super::grant::{Grant, Training, not_oneself};
use super::operation::{Operation, Scope};
use super::role::roles;
use super::secret;
use crate::door::{self, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::{NewEvent, Tx, View};
use serde::{Deserialize, Serialize};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What its holder types.
    pub login: String,
    /// The name as printed.
    pub name: String,
    /// When it was made.
    pub created_ms: i64,
    /// Whether it may do nothing now.
    pub disabled: bool,
    /// When it was disabled and enabled, in turns.
    #[serde(default)]
    pub switched_ms: Vec<i64>,
    /// Its roles, those taken back too.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Its trainings.
    #[serde(default)]
    pub trainings: Vec<Training>,
}

impl Account {
    /// Whether it was enabled at this time.
    pub fn was_enabled(&self, at_ms: i64) -> bool {
        self.created_ms <= at_ms && self.switched_ms.iter().filter(|t| **t <= at_ms).count() % 2 == 0
    }
}

/// The account, or that there is none.
pub(crate) fn account(view: &dyn View, login: &str) -> Result<Account, Refusal> {
    door::row(view, space::ACCOUNT, &key(&[login]))?.ok_or_else(|| Refusal::absent("account", login))
}

/// The name as printed of whoever acted.
pub fn printed_name(view: &dyn View, login: &str) -> Result<String, Refusal> {
    if login == "system" {
        return Ok("croft".to_owned());
    }
    Ok(door::row::<Account>(view, space::ACCOUNT, &key(&[login]))?.map_or_else(|| login.to_owned(), |a| a.name))
}

/// `account.created/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Created {
    pub account: String,
    pub name: String,
}

/// `account.disabled/1`, `account.enabled/1`, `password.set/1` and the like: an account alone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Of {
    pub account: String,
}

/// A link that lets the holder of an account set a password, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(pub String);

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(…)")
    }
}

/// How long a link works.
pub const LINK_MS: i64 = 3 * 24 * 3_600_000;

/// What a link is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LinkRow {
    pub account: String,
    pub until_ms: i64,
}

/// Makes an account and a link by which its holder sets the password.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "said at Account")]
pub struct CreateAccount {
    pub login: String,
    pub name: String,
    pub email: String,
}

impl Command for CreateAccount {
    type Done = Link;
    const OPERATION: Operation = Operation::AccountCreate;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Link, Refusal> {
        let fits = (2..=64).contains(&self.login.len())
            && self.login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
            && self.login != "system";
        if !fits {
            let hint = "use 2 to 64 small letters, digits, points, hyphens and underscores";
            return Err(Refusal::invalid("login", "is no login", hint));
        }
        if self.name.trim().is_empty() {
            return Err(Refusal::invalid("name", "is empty", "give the name as it is to be printed"));
        }
        if door::row::<Account>(work.tx, space::ACCOUNT, &key(&[&self.login]))?.is_some() {
            return Err(Refusal::invalid("login", "is taken", "choose another"));
        }
        if !self.email.is_empty() {
            work.tx.put_identity(&format!("account/{}/email", self.login), self.email.as_bytes())?;
        }
        let created = Created { account: self.login.clone(), name: self.name.trim().to_owned() };
        work.append("org", &self.login, "account.created/1", &created, "")?;
        link(work, &self.login)
    }
}

/// Makes a link for an account; earlier ones work no more.
fn link(work: &mut Work<'_, '_>, login: &str) -> Result<Link, Refusal> {
    let secret = secret::fresh()?;
    let row = LinkRow { account: login.to_owned(), until_ms: work.now_ms() + LINK_MS };
    let mut known: Credential = door::row(work.tx, space::CREDENTIAL, &key(&[login]))?.unwrap_or_default();
    let name = secret::hashed(&secret);
    if !known.link.is_empty() {
        work.tx.delete(space::LINK, known.link.as_bytes());
    }
    known.link.clone_from(&name);
    credential::put(work.tx, login, &known)?;
    secret::put(work.tx, space::LINK, &name, &row)?;
    Ok(Link(secret))
}

/// Makes a link by which a person who forgot the password sets a new one.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// The account.
    pub login: String,
}

impl Command for ResetPassword {
    type Done = Link;
    const OPERATION: Operation = Operation::AccountCreate;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Link, Refusal> {
        account(work.tx, &self.login)?;
        work.append("org", &self.login, "password.reset/1", &Of { account: self.login.clone() }, "")?;
        link(work, &self.login)
    }
}

/// Disables an account, or enables it again. Its sessions end.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct SwitchAccount {
    pub login: String,
    pub disabled: bool,
    pub reason: String,
}

impl Command for SwitchAccount {
    type Done = ();
    const OPERATION: Operation = Operation::AccountDisable;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        not_oneself(work, &self.login)?;
        let found = account(work.tx, &self.login)?;
        if found.disabled == self.disabled {
            return Err(Refusal::state("it is so already", "nothing needs to be done"));
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why"));
        }
        if self.disabled && is_last_administrator(work, &self.login)? {
            return Err(Refusal::state("this is the last administrator", "give another account the role first"));
        }
        let kind = if self.disabled { "account.disabled/1" } else { "account.enabled/1" };
        work.append("org", &self.login, kind, &Of { account: self.login.clone() }, &self.reason)?;
        Ok(())
    }
}

fn is_last_administrator(work: &Work<'_, '_>, login: &str) -> Result<bool, Refusal> {
    let now_ms = work.now_ms();
    let gives = |a: &Account| {
        let may = |g: &Grant| roles().get(&g.role).is_some_and(|r| r.may.contains(&Operation::GrantGive));
        !a.disabled && a.grants.iter().any(|g| g.acts_at(now_ms) && g.study.is_none() && may(g))
    };
    let mut others = 0;
    let mut own = false;
    work.rows(space::ACCOUNT, crate::key::Key::default().range(), |_, account: Account| {
        if gives(&account) {
            if account.login == login {
                own = true;
            } else {
                others += 1;
            }
        }
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(own && others == 0)
}

/// An event about an account, by the account itself or by nobody who has signed in.
pub(super) fn note(tx: &mut Tx<'_>, login: &str, kind: &str, detail: &str) -> Result<(), Refusal> {
    let payload = serde_json::json!({ "role": "", "account": login, "detail": detail }).to_string();
    tx.append(NewEvent {
        chain: "org".to_owned(),
        stream: login.to_owned(),
        kind: kind.to_owned(),
        payload,
        actor: login.to_owned(),
        ..NewEvent::default()
    })?;
    Ok(())
}

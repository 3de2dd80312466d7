//! stub
#![allow(missing_docs)]
use crate::door::Work;
use crate::refusal::Refusal;
use croft_ledger::{Event, ProjectError, Space, State, View};
use serde::Serialize;
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Operation {
    StudyRead,
    StudyCreate,
    StudyPublish,
    SiteOpen,
    SiteClose,
    Enrol,
    Withdraw,
    Read,
    ReadIdentifying,
    Enter,
    Amend,
    Void,
    Import,
    QueryOpen,
    QueryAnswer,
    QueryClose,
    QueryReopen,
    QueryCancel,
    Verify,
    Sign,
    Freeze,
    Unfreeze,
    Lock,
    UnlockRequest,
    UnlockApprove,
    Export,
    AuditRead,
}
impl Operation {
    pub fn name(self) -> &'static str {
        ""
    }
    pub fn words(self) -> &'static str {
        ""
    }
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub study: Option<String>,
    pub site: Option<String>,
}
impl Scope {
    pub fn organisation() -> Self {
        Self { study: None, site: None }
    }
    pub fn study(s: &str) -> Self {
        Self { study: Some(s.into()), site: None }
    }
    pub fn site(s: &str, t: &str) -> Self {
        Self { study: Some(s.into()), site: Some(t.into()) }
    }
}
pub struct Allowed {
    pub role: String,
}
pub struct Denied;
#[derive(Clone, Debug)]
pub struct Reauthentication {
    pub password: String,
    pub totp: String,
}
pub const PROJECTED: [Space; 1] = [Space("account")];
pub fn project(_: &Event, _: &mut dyn State) -> Result<bool, ProjectError> {
    Ok(false)
}
pub fn allowed(_: &dyn View, _: &str, _: Operation, _: &Scope, _: i64) -> Result<Result<Allowed, Denied>, Refusal> {
    Ok(Err(Denied))
}
pub fn reauthenticate(_: &mut Work<'_, '_>, _: &Reauthentication) -> Result<String, Refusal> {
    Ok(String::new())
}
pub fn printed_name(_: &dyn View, a: &str) -> Result<String, Refusal> {
    Ok(a.into())
}

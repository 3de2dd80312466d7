//! Who may do what, and how does it become an event?
//!
//! Every change goes through [`Record::execute`]: in the ledger's single writer the caller's grants are asked, the command runs on the
//! newest state, and its events are committed together. A refusal leaves nothing behind but its own event in the access log.
//! Every look goes through [`Record::view`], which reads one consistent state and asks the grants in the same way.

use crate::access::{self, Operation, Scope};
use crate::definition::{Compiled, Files};
use crate::key::Key;
use crate::project::Projection;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::{Clock, Event, Ledger, LedgerError, NewEvent, Options, Place, Space, Tx, View};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// Its session, as it stands in events: never the secret that proves it.
    pub session: String,
    /// Minutes east of UTC where the caller is.
    pub offset_min: i32,
    /// What a key may do for its owner; none: all that the owner may.
    may: Option<Arc<BTreeSet<Operation>>>,
    system: bool,
}

impl Caller {
    /// A person or program that has signed in.
    pub fn new(account: impl Into<String>, session: impl Into<String>, offset_min: i32) -> Self {
        Self { account: account.into(), session: session.into(), offset_min, may: None, system: false }
    }

    /// The program itself: setting up an empty record, closing what a check opened. Never made from a request.
    pub fn system() -> Self {
        Self { account: "system".to_owned(), session: String::new(), offset_min: 0, may: None, system: true }
    }

    /// The same, able to do these operations and no others.
    #[must_use]
    pub fn limited_to(mut self, may: impl IntoIterator<Item = Operation>) -> Self {
        self.may = Some(Arc::new(may.into_iter().collect()));
        self
    }

    /// Whether a key acts, which may do less than its owner.
    pub(crate) fn is_limited(&self) -> bool {
        self.may.is_some()
    }

    /// Whether the program itself acts.
    pub fn is_system(&self) -> bool {
        self.system
    }
}

/// Something that can be done.
pub trait Command: Send + 'static {
    /// What it answers.
    type Done: Send + 'static;
    /// What the caller must be allowed to do.
    const OPERATION: Operation;
    /// Whether it concerns the caller's own account alone: then no grant is asked for, and no key may do it.
    const OF_ONESELF: bool = false;
    /// Where it must be allowed.
    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal>;
    /// Does it, or says why not.
    fn run(self, work: &mut Work<'_, '_>) -> Result<Self::Done, Refusal>;
}

/// The record: a ledger, and what this crate knows of its events.
#[derive(Clone)]
pub struct Record {
    ledger: Ledger,
    compiled: Arc<Mutex<Versions>>,
}

/// Compiled versions by study and number.
type Versions = BTreeMap<(String, u32), Arc<Compiled>>;

impl Record {
    /// Opens the record at a place, made when there is none; its keys lie in a folder of their own.
    pub fn open(place: Place, keys: &Path, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        let (keys, projector) = (keys.to_owned(), Arc::new(Projection));
        let ledger = Ledger::open(Options { place, keys, clock, projector })?;
        Ok(Self { ledger, compiled: Arc::default() })
    }

    /// The ledger, for verification, backup and the feed.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Does something; durable when it returns.
    pub fn execute<C: Command>(&self, caller: &Caller, command: C) -> Result<C::Done, Refusal> {
        let (record, by) = (self.clone(), caller.clone());
        let done = self.ledger.write(move |tx| record.perform(tx, by, command));
        if let Err(refusal) = &done {
            self.log_refusal(caller, refusal);
        }
        done
    }

    /// Does something and calls back when it is durable, for callers that must not wait.
    pub fn execute_then<C: Command>(
        &self,
        caller: &Caller,
        command: C,
        reply: impl FnOnce(Result<C::Done, Refusal>) + Send + 'static,
    ) {
        let (record, by) = (self.clone(), caller.clone());
        let (after, who) = (self.clone(), caller.clone());
        self.ledger.write_then(
            move |tx| record.perform(tx, by, command),
            move |done: Result<C::Done, Refusal>| {
                if let Err(refusal) = &done {
                    after.log_refusal(&who, refusal);
                }
                reply(done);
            },
        );
    }

    fn perform<C: Command>(&self, tx: &mut Tx<'_>, caller: Caller, command: C) -> Result<C::Done, Refusal> {
        let role = if C::OF_ONESELF {
            allow_oneself(tx, &caller, C::OPERATION)?
        } else {
            let scope = command.scope(tx)?;
            allow(tx, &caller, C::OPERATION, &scope, tx.now_ms())?
        };
        let mut work = Work { tx, record: self, caller, role };
        command.run(&mut work)
    }

    /// A write that was refused for want of rights is itself recorded; it waits for nobody.
    fn log_refusal(&self, caller: &Caller, refusal: &Refusal) {
        let Refusal::Denied { operation } = refusal else { return };
        let event = NewEvent {
            chain: "org:access".to_owned(),
            stream: caller.account.clone(),
            kind: "refused/1".to_owned(),
            payload: serde_json::json!({ "operation": operation.name() }).to_string(),
            actor: caller.account.clone(),
            on_behalf: String::new(),
            reason: String::new(),
            session: caller.session.clone(),
            offset_min: caller.offset_min,
        };
        self.ledger
            .write_then(move |tx| tx.append(event).map(|_| ()).map_err(Refusal::from), |_: Result<(), Refusal>| {});
    }

    /// Looks at one consistent state.
    pub fn view<T>(
        &self,
        caller: &Caller,
        look: impl FnOnce(&Reading<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now_ms = self.ledger.now_ms();
        self.ledger.read(|view| look(&Reading { view, record: self, caller, now_ms }))
    }

    /// A published version, compiled once and shared.
    pub(crate) fn version(&self, view: &dyn View, study: &str, number: u32) -> Result<Arc<Compiled>, Refusal> {
        let name = (study.to_owned(), number);
        if let Some(found) = self.versions().get(&name) {
            return Ok(Arc::clone(found));
        }
        let files: Files = row(view, space::VERSION_FILES, &Key::default().text(study).number(u64::from(number)))?
            .ok_or_else(|| Refusal::absent("version", format!("{study} {number}")))?;
        let compiled = Compiled::compile(&files).map_err(|problems| {
            Refusal::Damaged(format!("version {number} of {study}: {} problems", problems.len()))
        })?;
        let compiled = Arc::new(compiled);
        self.versions().insert(name, Arc::clone(&compiled));
        Ok(compiled)
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, Versions> {
        // The map is whole after any panic: entries are put in in one step.
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The role that allows it, or the refusal.
fn allow(
    view: &dyn View,
    caller: &Caller,
    operation: Operation,
    scope: &Scope,
    now_ms: i64,
) -> Result<String, Refusal> {
    if caller.system {
        return Ok("system".to_owned());
    }
    if caller.may.as_ref().is_some_and(|may| !may.contains(&operation)) {
        return Err(Refusal::Denied { operation });
    }
    // Whoever has a part in a study, if only at one site, sees that it is there.
    if let (Operation::StudyRead, Some(study)) = (operation, &scope.study)
        && let Some(allowed) = access::grant::takes_part(view, &caller.account, study, now_ms)?
    {
        return Ok(allowed.role);
    }
    match access::allowed(view, &caller.account, operation, scope, now_ms)? {
        Ok(allowed) => Ok(allowed.role),
        Err(_) => Err(Refusal::Denied { operation }),
    }
}

/// Whether the caller acts in person, for an account that is not disabled.
fn allow_oneself(view: &dyn View, caller: &Caller, operation: Operation) -> Result<String, Refusal> {
    let account = access::account::account(view, &caller.account)?;
    if caller.is_limited() || account.disabled {
        return Err(Refusal::Denied { operation });
    }
    Ok("account holder".to_owned())
}

/// A row of the state.
pub(crate) fn row<T: DeserializeOwned>(view: &dyn View, space: Space, key: &Key) -> Result<Option<T>, Refusal> {
    match view.get(space, key.bytes())? {
        None => Ok(None),
        Some(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|e| Refusal::Damaged(format!("{}: {e}", space.0)))
        }
    }
}

/// The rows between two keys, until `each` breaks.
pub(crate) fn rows<T: DeserializeOwned>(
    view: &dyn View,
    space: Space,
    (from, to): (Vec<u8>, Vec<u8>),
    mut each: impl FnMut(&[u8], T) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let mut damaged = None;
    view.scan(space, &from, &to, &mut |key, bytes| match serde_json::from_slice(bytes) {
        Ok(value) => each(key, value),
        Err(e) => {
            damaged = Some(Refusal::Damaged(format!("{}: {e}", space.0)));
            ControlFlow::Break(())
        }
    })?;
    damaged.map_or(Ok(()), Err)
}

/// A consistent state as one caller may see it.
pub struct Reading<'a> {
    pub(crate) view: &'a dyn View,
    pub(crate) record: &'a Record,
    /// Who looks.
    pub caller: &'a Caller,
    /// When, by the ledger's clock.
    pub now_ms: i64,
}

impl Reading<'_> {
    /// Asks whether the caller may do this here; gives the role that allows it.
    pub fn allow(&self, operation: Operation, scope: &Scope) -> Result<String, Refusal> {
        allow(self.view, self.caller, operation, scope, self.now_ms)
    }

    /// Whether the caller may do this here.
    pub fn may(&self, operation: Operation, scope: &Scope) -> bool {
        self.allow(operation, scope).is_ok()
    }

    /// A row of the state.
    pub(crate) fn row<T: DeserializeOwned>(&self, space: Space, key: &Key) -> Result<Option<T>, Refusal> {
        row(self.view, space, key)
    }

    /// Rows of the state.
    pub(crate) fn rows<T: DeserializeOwned>(
        &self,
        space: Space,
        range: (Vec<u8>, Vec<u8>),
        each: impl FnMut(&[u8], T) -> ControlFlow<()>,
    ) -> Result<(), Refusal> {
        rows(self.view, space, range, each)
    }

    /// A published version of a study's definition.
    pub fn version(&self, study: &str, number: u32) -> Result<Arc<Compiled>, Refusal> {
        self.record.version(self.view, study, number)
    }
}

/// A command at work, inside the writer's transaction.
pub struct Work<'a, 'tx> {
    pub(crate) tx: &'a mut Tx<'tx>,
    pub(crate) record: &'a Record,
    pub(crate) caller: Caller,
    role: String,
}

impl Work<'_, '_> {
    /// Now, in milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        self.tx.now_ms()
    }

    /// The role of the grant that allowed this command.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The account that acts.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// Asks for a further right.
    pub fn allow(&self, operation: Operation, scope: &Scope) -> Result<String, Refusal> {
        allow(self.tx, &self.caller, operation, scope, self.tx.now_ms())
    }

    /// Rows of the state.
    pub(crate) fn rows<T: DeserializeOwned>(
        &self,
        space: Space,
        range: (Vec<u8>, Vec<u8>),
        each: impl FnMut(&[u8], T) -> ControlFlow<()>,
    ) -> Result<(), Refusal> {
        rows(self.tx, space, range, each)
    }

    /// Records an event; the state follows at once.
    pub fn append(
        &mut self,
        chain: &str,
        stream: &str,
        kind: &str,
        payload: &impl Serialize,
        reason: &str,
    ) -> Result<Event, Refusal> {
        self.append_as(&self.caller.account.clone(), chain, stream, kind, payload, reason)
    }

    /// Records an event of the program's own, done in the wake of the caller's: a query that a check opens or closes.
    pub fn append_system(
        &mut self,
        chain: &str,
        stream: &str,
        kind: &str,
        payload: &impl Serialize,
    ) -> Result<Event, Refusal> {
        self.append_as("system", chain, stream, kind, payload, "")
    }

    fn append_as(
        &mut self,
        actor: &str,
        chain: &str,
        stream: &str,
        kind: &str,
        payload: &impl Serialize,
        reason: &str,
    ) -> Result<Event, Refusal> {
        let role = if actor == "system" { "system" } else { &self.role };
        Ok(self.tx.append(NewEvent {
            chain: chain.to_owned(),
            stream: stream.to_owned(),
            kind: kind.to_owned(),
            payload: with_role(payload, role)?,
            actor: actor.to_owned(),
            on_behalf: if actor == "system" { self.caller.account.clone() } else { String::new() },
            reason: reason.to_owned(),
            session: self.caller.session.clone(),
            offset_min: self.caller.offset_min,
        })?)
    }

    /// A published version of a study's definition.
    pub fn version(&self, study: &str, number: u32) -> Result<Arc<Compiled>, Refusal> {
        self.record.version(self.tx, study, number)
    }
}

/// The payload as JSON with the role in front: every event says in which role its actor acted.
fn with_role(payload: &impl Serialize, role: &str) -> Result<String, Refusal> {
    let damaged = |e: serde_json::Error| Refusal::Damaged(e.to_string());
    let body = serde_json::to_string(payload).map_err(damaged)?;
    let role = serde_json::to_string(role).map_err(damaged)?;
    Ok(match body.strip_prefix('{') {
        Some("}") => format!("{{\"role\":{role}}}"),
        Some(rest) => format!("{{\"role\":{role},{rest}"),
        None => format!("{{\"role\":{role},\"content\":{body}}}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payload_says_the_role() {
        #[derive(Serialize)]
        struct Empty {}
        assert_eq!(with_role(&Empty {}, "monitor").unwrap(), r#"{"role":"monitor"}"#);
        assert_eq!(
            with_role(&serde_json::json!({"subject": "1"}), "data manager").unwrap(),
            r#"{"role":"data manager","subject":"1"}"#
        );
    }
}

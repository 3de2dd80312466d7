//! Events of queries, and the state that they make.

use super::{Message, Query, Status};
use crate::capture::{Accepted, FormState, Place, QueryMark, change_form};
use crate::key::{Key, key};
use crate::project::{Change as _, Failure, payload};
use crate::space;
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};

/// `query.opened/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    pub study: String,
    pub site: String,
    #[serde(flatten)]
    pub place: Place,
    pub group: String,
    pub row: u32,
    pub item: String,
    #[serde(default)]
    pub check: String,
    pub text: String,
}

/// `query.answered/1`, `query.closed/1`, `query.reopened/1`, `query.cancelled/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Said {
    pub study: String,
    pub query: u64,
    pub text: String,
    /// Whether it is closed because its check holds again, by nobody's judgement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check_holds: bool,
}

#[derive(Deserialize)]
struct Role {
    role: String,
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    let status = match event.kind.as_str() {
        "query.opened/1" => {
            opened(event, state)?;
            return Ok(true);
        }
        "query.answered/1" => Status::Answered,
        "query.closed/1" => Status::Closed,
        "query.reopened/1" => Status::Open,
        "query.cancelled/1" => Status::Cancelled,
        _ => return Ok(false),
    };
    said(event, state, status)?;
    Ok(true)
}

fn opened(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let opened: Opened = payload(event)?;
    let Role { role } = payload(event)?;
    let message = Message {
        event: event.seq,
        at_ms: event.time_ms,
        by: event.actor.clone(),
        role: role.clone(),
        status: Status::Open,
        text: opened.text,
    };
    let query = Query {
        number: event.seq,
        site: opened.site,
        place: opened.place,
        group: opened.group,
        row: opened.row,
        item: opened.item,
        check: opened.check,
        asked_by_role: role,
        status: Status::Open,
        opened_ms: event.time_ms,
        changed_ms: event.time_ms,
        thread: vec![message],
    };
    let mark = QueryMark {
        group: query.group.clone(),
        row: query.row,
        item: query.item.clone(),
        check: query.check.clone(),
        answered: false,
    };
    let number = query.number;
    change_form(state, &opened.study, &query.place, event.seq, |form| {
        form.queries.insert(number, mark);
    })?;
    index(state, &opened.study, &query, None)?;
    state.set(space::QUERY, &Key::default().text(&opened.study).number(number), &query)
}

fn said(event: &Event, state: &mut dyn State, status: Status) -> Result<(), Failure> {
    let said: Said = payload(event)?;
    let Role { role } = payload(event)?;
    let at = Key::default().text(&said.study).number(said.query);
    let mut query: Query = state
        .read(space::QUERY, &at)?
        .ok_or_else(|| crate::project::failure(format!("there is no query {} of {}", said.query, said.study)))?;
    let before = query.status;
    let accepted = !said.check_holds && !query.check.is_empty();
    query.status = status;
    query.changed_ms = event.time_ms;
    query.thread.push(Message {
        event: event.seq,
        at_ms: event.time_ms,
        by: event.actor.clone(),
        role,
        status,
        text: said.text,
    });
    change_form(state, &said.study, &query.place, event.seq, |form| mark(form, &query, accepted))?;
    index(state, &said.study, &query, Some(before))?;
    state.set(space::QUERY, &at, &query)
}

/// The form remembers queries that wait, and which values a person accepted although a check asks about them.
fn mark(form: &mut FormState, query: &Query, accepted: bool) {
    match query.status {
        Status::Open | Status::Answered => {
            let mark = QueryMark {
                group: query.group.clone(),
                row: query.row,
                item: query.item.clone(),
                check: query.check.clone(),
                answered: query.status == Status::Answered,
            };
            form.queries.insert(query.number, mark);
        }
        Status::Closed | Status::Cancelled => {
            form.queries.remove(&query.number);
            if accepted {
                let value_event = form.item(&query.group, query.row, &query.item).map_or(0, |i| i.event);
                form.accepted.push(Accepted {
                    check: query.check.clone(),
                    group: query.group.clone(),
                    row: query.row,
                    item: query.item.clone(),
                    value_event,
                });
            }
        }
    }
}

/// Lists by status and site hold the numbers alone.
fn index(state: &mut dyn State, study: &str, query: &Query, before: Option<Status>) -> Result<(), Failure> {
    let at = |status: Status| key(&[study, status.word(), &query.site]).number(query.number);
    if let Some(before) = before {
        state.unset(space::QUERY_STATUS, &at(before))?;
    }
    state.set(space::QUERY_STATUS, &at(query.status), &())
}

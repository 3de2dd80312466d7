//! What was said in a query, and what can be said next.
//!
//! A query stands within the form that it is about, and a form cannot stand within a form: its fields name a small form of their own that stands
//! after the big one.

use super::place::Rights;
use crate::components::{self, Field, Status};
use crate::context::Context;
use crate::csrf;
use crate::nav::segment;
use croft_record::access::Operation;
use croft_record::query::{Query, Status as Stands};
use maud::{Markup, html};

/// The state of a query, as shape and word.
pub(crate) fn state(status: Stands) -> Status {
    match status {
        Stands::Open => Status::QueryOpen,
        Stands::Answered => Status::QueryAnswered,
        Stands::Closed => Status::QueryClosed,
        Stands::Cancelled => Status::Cancelled,
    }
}

/// What can be done with a query now: the word that is sent, what the record asks for, the button.
pub(crate) fn deeds(c: &Context, status: Stands) -> Vec<(&'static str, Operation, String)> {
    let answer = ("answer", Operation::QueryAnswer, t!(c, "query-answer"));
    let close = ("close", Operation::QueryClose, t!(c, "query-close"));
    let reopen = ("reopen", Operation::QueryReopen, t!(c, "query-reopen"));
    let cancel = ("cancel", Operation::QueryCancel, t!(c, "query-cancel"));
    match status {
        Stands::Open => vec![answer, close, cancel],
        Stands::Answered => vec![close, reopen, cancel],
        Stands::Closed => vec![reopen],
        Stands::Cancelled => Vec::new(),
    }
}

/// The queries, each with its thread and a box for the next word. Needs [`forms`] on the same page.
pub(crate) fn list<'q>(c: &Context, rights: &Rights, queries: impl Iterator<Item = &'q Query>) -> Markup {
    html! { @for query in queries { (details(c, rights, query)) } }
}

fn details(c: &Context, rights: &Rights, query: &Query) -> Markup {
    let form = format!("q-{}", query.number);
    let text = format!("{form}-text");
    let deeds: Vec<_> = deeds(c, query.status).into_iter().filter(|(_, operation, _)| rights.has(*operation)).collect();
    let words = deeds.iter().map(|(_, _, label)| label.as_str()).collect::<Vec<_>>().join(" · ");
    html! {
        details.query open[query.status == Stands::Open] id={ "query-" (query.number) } {
            summary { (components::status(c, state(query.status))) " " (t!(c, "query-number", number = query.number.to_string())) }
            ol.thread { @for message in &query.thread {
                li { span.quiet { (message.by) ", " (message.role) ", " (c.time(message.at_ms)) } p { (message.text) } }
            } }
            @if !deeds.is_empty() {
                details {
                    summary { (words) span.unseen { " " (query.number) } }
                    div.field {
                        label for=(text) { (t!(c, "query-say")) }
                        textarea id=(text) name="text" rows="2" form=(form) {}
                    }
                    div.actions { @for (deed, _, label) in &deeds {
                        button.button type="submit" form=(form) name="deed" value=(deed) { (label) }
                    } }
                }
            }
        }
    }
}

/// The small forms to which the boxes belong; `back` is the page to come back to.
pub(crate) fn forms(c: &Context, study: &str, queries: &[Query], back: &str) -> Markup {
    html! {
        @for query in queries {
            form id={ "q-" (query.number) } method="post" action={ "/studies/" (segment(study)) "/queries/" (query.number) } {
                input type="hidden" name=(csrf::FIELD) value=(c.csrf_token());
                input type="hidden" name="next" value=(back);
            }
        }
    }
}

/// A box to ask about an item (`group/row/item`), or about a whole form (empty).
pub(crate) fn ask(c: &Context, address: &str, at: &str) -> Markup {
    components::form(
        c,
        address,
        html! {
            input type="hidden" name="at" value=(at);
            (Field::new("text", t!(c, "query-question")).area(2))
            (components::actions(components::quiet_button(&t!(c, "query-open"))))
        },
    )
}

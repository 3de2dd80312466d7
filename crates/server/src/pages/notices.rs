//! What must a person be told, wherever they look first? That a code was broken: whose, by whom, when and why, until they acknowledge it.

use super::place::subject_address;
use crate::app::App;
use crate::components;
use crate::context::{Context, Signed};
use crate::flash::Tone;
use crate::nav::StudyPart;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use croft_record::vault::AcknowledgeBreak;
use croft_record::vault::state::CodeBreak;
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/randomisation/breaks/{event}", post(acknowledge))
}

/// Code breaks that the reader has not acknowledged.
pub(crate) fn code_breaks(c: &Context, study: &str, breaks: &[CodeBreak]) -> Markup {
    html! { @for one in breaks {
        (components::notice(c, Tone::Warning, html! {
            (t!(c, "notice-broken", subject = &one.subject, site = &one.site))
            (components::facts(&[
                (t!(c, "rnd-by"), html! { (one.name) }),
                (t!(c, "rnd-when"), html! { (c.time(one.at_ms)) }),
                (t!(c, "notice-why"), html! { (one.reason) }),
            ]))
            p { a href=(subject_address(study, &one.subject)) { (t!(c, "subject-title", subject = &one.subject)) } ". " (t!(c, "notice-blind")) }
            (components::form(c, &format!("{}/breaks/{}", StudyPart::Randomisation.address(study), one.event), html! {
                (components::actions(components::button(&t!(c, "notice-acknowledge", subject = &one.subject))))
            }))
        }))
    } }
}

async fn acknowledge(c: Signed, Path((study, event)): Path<(String, u64)>) -> Result<Redirect, Problem> {
    c.execute(AcknowledgeBreak { study: study.clone(), event }).await?;
    Ok(Redirect::to(&c, &StudyPart::Randomisation.address(&study)).say(Tone::Done, t!(c, "notice-acknowledged")))
}

//! My own account: codes of a device, and keys for programs that act for me.

use super::signing;
use crate::app::{App, blocking};
use crate::components::{self, Column, Errors, Field, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::apikey::{ApiKey, EndKey, MakeKey};
use croft_record::access::credential::{confirm_codes, new_codes};
use croft_record::access::{Operation, roles};
use maud::{Markup, html};

/// Days that a key lives when nothing else was said.
const KEY_DAYS: i64 = 90;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show))
        .route("/account/codes", get(ask_codes).post(codes))
        .route("/account/keys", post(make_key))
        .route("/account/keys/end", post(end_key))
}

async fn show(c: Signed) -> Result<Page, Problem> {
    page(&c, &Vec::new(), Errors::none()).await
}

async fn page(c: &Signed, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let (account, keys) = c.look(|r| Ok((r.own_account()?, r.own_keys()?))).await?;
    let now_ms = c.app.now_ms();
    let rows = account.grants.iter().filter(|g| g.acts_at(now_ms)).map(|grant| {
        Row::new(html! { (roles().get(&grant.role).map_or(grant.role.as_str(), |r| r.label.as_str())) })
            .text(grant.study.clone().unwrap_or_else(|| t!(c, "grant-everywhere")))
            .text(grant.site.clone().or(grant.country.clone()).unwrap_or_default())
    });
    let ticked: Vec<&str> = enter::values(posted, "may").collect();
    let fields = html! {
        (Field::new("name", t!(c, "key-name")).value(enter::value(posted, "name")).errors(&errors).required().size(32).text())
        (Field::new("days", t!(c, "key-days")).value("90").errors(&errors).input_mode("numeric").size(5).text())
        fieldset.field { legend { (t!(c, "key-may")) } div.choices { @for operation in Operation::ALL {
            span.choice {
                input type="checkbox" name="may" value=(operation.name()) id={ "may-" (operation.name()) } checked[ticked.contains(&operation.name())];
                label for={ "may-" (operation.name()) } { (operation.words()) }
            }
        } } }
        (components::actions(components::button(&t!(c, "key-make"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "account")).status(status).body(html! {
        (components::error_summary(c, &errors))
        (components::facts(&[(t!(c, "account"), html! { (account.login) }), (t!(c, "account-name"), html! { (account.name) }), (t!(c, "account-since"), c.time(account.created_ms))]))
        (Table::new(t!(c, "people-roles")).column(Column::text(t!(c, "role"))).column(Column::text(t!(c, "study"))).column(Column::text(t!(c, "site"))).rows(rows)
            .empty(components::empty(&t!(c, "people-no-roles"), html! {})).render(c))
        h2 { (t!(c, "codes")) }
        p { (t!(c, "codes-means")) }
        p { (components::link_button("/account/codes", &t!(c, "codes-set-up"))) }
        (own_keys(c, &keys))
        (components::group(&t!(c, "key-make"), components::form(c, "/account/keys", fields)))
    }))
}

/// The keys that programs act with, each with a button that ends it.
fn own_keys(c: &Context, keys: &[ApiKey]) -> Markup {
    let rows = keys.iter().map(|key| {
        let may = key.may.iter().map(|operation| operation.words()).collect::<Vec<_>>().join("; ");
        Row::new(html! { (key.name) }).text(may).cell(c.time(key.until_ms)).cell(components::form(
            c,
            "/account/keys/end",
            html! { input type="hidden" name="name" value=(key.name); (components::quiet_button(&t!(c, "key-end"))) },
        ))
    });
    html! { @if !keys.is_empty() {
        (Table::new(t!(c, "keys-of-programs"))
            .column(Column::name(t!(c, "key-name")))
            .column(Column::prose(t!(c, "key-may")))
            .column(Column::name(t!(c, "key-until")))
            .column(Column::bare(t!(c, "key-end")))
            .rows(rows)
            .render(c))
    } }
}

async fn end_key(c: Signed, Form(posted): Form<Posted>) -> Result<Redirect, Problem> {
    let name = enter::value(&posted, "name").to_owned();
    c.execute(EndKey { name: name.clone() }).await?;
    Ok(Redirect::to(&c, "/account").say(Tone::Done, t!(c, "key-ended", name = name)))
}

async fn ask_codes(c: Signed) -> Result<Page, Problem> {
    let fresh = new_codes(&c.person.account)?;
    Ok(codes_page(&c, &fresh.secret, &Errors::none()))
}

fn codes_page(c: &Signed, secret: &str, errors: &Errors) -> Page {
    let spaced: Vec<String> =
        secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    let fields = html! {
        input type="hidden" name="secret" value=(secret);
        (Field::new("password", t!(c, "sign-in-password")).autocomplete("current-password").errors(errors).required().size(32).password())
        (Field::new("old", t!(c, "codes-old")).hint(t!(c, "codes-old-hint")).errors(errors).size(12).text())
        (Field::new("code", t!(c, "codes-first")).errors(errors).autocomplete("one-time-code").input_mode("numeric").required().size(12).text())
        (components::actions(components::button(&t!(c, "codes-confirm"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::new(c, t!(c, "codes-set-up")).above("/account", t!(c, "account")).status(status).body(html! {
        (components::error_summary(c, errors))
        p { (t!(c, "codes-how")) }
        p { code { (spaced.join(" ")) } }
        (components::form(c, "/account/codes", fields))
    })
}

async fn codes(c: Signed, Form(posted): Form<Posted>) -> Result<Page, Problem> {
    let secret = enter::value(&posted, "secret").to_owned();
    let names = [("password", t!(c, "sign-in-password")), ("code", t!(c, "codes-first"))];
    let old = [("password", t!(c, "sign-in-password")), ("old", t!(c, "codes-old"))];
    let proof = match c.prove(enter::value(&posted, "password"), enter::value(&posted, "old").trim()).await? {
        Ok(proof) => proof,
        // The code that is asked for here is that of the old device.
        Err(refusal) => return Ok(codes_page(&c, &secret, &signing::errors(refusal.at("code", "old"), &old)?)),
    };
    let (app, text, code) = (c.app.clone(), secret.clone(), enter::value(&posted, "code").trim().to_owned());
    match blocking(move || Ok(confirm_codes(app.record(), &proof, &text, &code))).await? {
        Err(refusal) => Ok(codes_page(&c, &secret, &signing::errors(refusal, &names)?)),
        Ok(recovery) => Ok(Page::new(&c, t!(c, "codes-recovery")).above("/account", t!(c, "account")).body(html! {
            p { (t!(c, "codes-recovery-means")) }
            ul { @for code in &recovery { li { code { (code) } } } }
        })),
    }
}

async fn make_key(c: Signed, Form(posted): Form<Posted>) -> Result<Page, Problem> {
    let days: i64 = match enter::value(&posted, "days").trim() {
        "" => KEY_DAYS,
        text => text.parse().unwrap_or(0),
    };
    let may = enter::values(&posted, "may")
        .filter_map(|name| Operation::ALL.iter().copied().find(|o| o.name() == name))
        .collect();
    let name = enter::value(&posted, "name").trim().to_owned();
    let until_ms = c.app.now_ms().saturating_add(days.saturating_mul(86_400_000));
    match c.execute(MakeKey { name: name.clone(), may, until_ms }).await {
        Ok(secret) => {
            Ok(Page::new(&c, t!(c, "key-made", name = &name)).above("/account", t!(c, "account")).body(html! {
                p { (t!(c, "key-made-means")) }
                p { code { (secret) } }
                p { (t!(c, "key-until")) " " (c.time(until_ms)) }
            }))
        }
        Err(refusal) => {
            let names = [("name", t!(c, "key-name")), ("days", t!(c, "key-days"))];
            page(&c, &posted, signing::errors(refusal.at("key", "name").at("until", "days"), &names)?).await
        }
    }
}

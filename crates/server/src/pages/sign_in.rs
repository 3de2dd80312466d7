//! Who are you? The page that asks, the way out, and the page that a link of an invitation or a reset leads to.
//!
//! The asker hears the same whatever is wrong, and after the same work, so that nobody learns which accounts there are. Tries are bounded for an
//! account and for an address, before any password is hashed.

use super::signing;
use crate::app::{App, blocking};
use crate::components::{self, Errors, Field};
use crate::context::Context;
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::Address;
use crate::problem::Problem;
use crate::rate::{LINK_ADDRESS, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS};
use crate::redirect::{Redirect, is_local};
use crate::session_cookie::Secret;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::credential::{NotProved, prove, set_password_by_link};
use croft_record::access::session;
use maud::html;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(ask).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/link/{link}", get(ask_password).post(set_password))
}

async fn ask(c: Context) -> Page {
    page(&c, Address::of(&c.path, &c.query).get("next").unwrap_or("/"), "", &Errors::none())
}

fn page(c: &Context, next: &str, account: &str, errors: &Errors) -> Page {
    let fields = html! {
        input type="hidden" name="next" value=(next);
        (Field::new("account", t!(c, "sign-in-account")).value(account).autocomplete("username").errors(errors).required().size(32).text())
        (signing::fields(c, errors))
        (components::actions(components::button(&t!(c, "sign-in"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::new(c, t!(c, "sign-in")).status(status).body(html! {
        (components::error_summary(c, errors))
        (components::form(c, "/sign-in", fields))
    })
}

async fn sign_in(c: Context, Form(posted): Form<Posted>) -> Result<Result<Redirect, Page>, Problem> {
    let account = enter::value(&posted, "account").trim().to_owned();
    let next = enter::value(&posted, "next").to_owned();
    let now_ms = c.app.now_ms();
    let rates = c.app.rates();
    rates.take("sign-in address", &c.address.to_string(), SIGN_IN_ADDRESS, now_ms).map_err(Problem::too_often)?;
    rates.take("sign-in account", &account, SIGN_IN_ACCOUNT, now_ms).map_err(Problem::too_often)?;
    let (app, login) = (c.app.clone(), account.clone());
    let (password, code) =
        (enter::value(&posted, "password").to_owned(), enter::value(&posted, "code").trim().to_owned());
    let secret = blocking(move || {
        let record = app.record();
        let proof = match prove(record, &login, &password, &code)? {
            Ok(proof) => proof,
            Err(why) => return Ok(Err(why)),
        };
        Ok(Ok(session::sign_in(record, &proof)?))
    })
    .await?;
    let mut errors = Errors::none();
    match secret {
        Ok(secret) => {
            rates.forget("sign-in account", &account);
            let secret =
                Secret::parse(&secret).ok_or_else(|| Problem::internal("the record gave a secret of another form"))?;
            let to = if is_local(&next) { next } else { "/".to_owned() };
            return Ok(Ok(Redirect::to(&c, &to).begin_session(&secret)));
        }
        Err(NotProved::Wrong) => errors.add("password", t!(c, "sign-in-wrong")),
        Err(NotProved::CodeNeeded) => errors.add("code", t!(c, "sign-in-code-needed")),
        Err(NotProved::WrongCode) => errors.add("code", t!(c, "sign-in-code-wrong")),
        Err(NotProved::Wait { until_ms }) => {
            let minutes = (until_ms - now_ms).max(1).div_euclid(60_000) + 1;
            errors.add("password", t!(c, "sign-in-wait", minutes = minutes));
        }
    }
    Ok(Err(page(&c, &next, &account, &errors)))
}

async fn sign_out(c: Context) -> Result<Redirect, Problem> {
    if let (Some(secret), Some(_)) = (c.secret.clone(), &c.person) {
        let app = c.app.clone();
        blocking(move || Ok(session::sign_out(app.record(), &secret.text())?)).await?;
    }
    let to = Redirect::to(&c, "/sign-in").say(Tone::Done, t!(c, "signed-out"));
    to.end_session(&c).map_err(Problem::internal)
}

async fn ask_password(c: Context, Path(link): Path<String>) -> Page {
    password_page(&c, &link, &Errors::none())
}

fn password_page(c: &Context, link: &str, errors: &Errors) -> Page {
    let fields = html! {
        p.hint { (t!(c, "password-rules")) }
        (Field::new("password", t!(c, "password-new")).autocomplete("new-password").errors(errors).required().size(32).password())
        (Field::new("again", t!(c, "password-again")).autocomplete("new-password").errors(errors).required().size(32).password())
        (components::actions(components::button(&t!(c, "password-set"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::new(c, t!(c, "password-set")).status(status).body(html! {
        (components::error_summary(c, errors))
        (components::form(c, &format!("/link/{}", crate::nav::segment(link)), fields))
    })
}

async fn set_password(
    c: Context,
    Path(link): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    c.app.rates().take("link", &c.address.to_string(), LINK_ADDRESS, c.app.now_ms()).map_err(Problem::too_often)?;
    let password = enter::value(&posted, "password").to_owned();
    let mut errors = Errors::none();
    if password != enter::value(&posted, "again") {
        errors.add("again", t!(c, "password-differs"));
        return Ok(Err(password_page(&c, &link, &errors)));
    }
    let (app, used) = (c.app.clone(), link.clone());
    let done = blocking(move || Ok(set_password_by_link(app.record(), &used, &password))).await?;
    match done {
        Ok(_) => Ok(Ok(Redirect::to(&c, "/sign-in").say(Tone::Done, t!(c, "password-kept")))),
        Err(refusal) => {
            let errors = signing::errors(refusal, &[("password", t!(c, "password-new"))])?;
            Ok(Err(password_page(&c, &link, &errors)))
        }
    }
}

//! People, keys, and coming in.

use super::auth::Program;
use super::body::{Body, body};
use super::{Method, Route, flag, list, text, whole};
use crate::app::blocking;
use crate::context::Context;
use crate::problem::Problem;
use crate::rate::{LINK_ADDRESS, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS};
use axum::Json;
use axum::extract::Path;
use axum::routing::{delete, get, post};
use croft_record::access::account::{CreateAccount, ResetPassword, SwitchAccount};
use croft_record::access::apikey::{EndKey, MakeKey};
use croft_record::access::credential::{NotProved, prove, set_password_by_link};
use croft_record::access::grant::{GiveGrant, RecordTraining, RevokeGrant};
use croft_record::access::{Operation, session};
use serde_json::{Value, json};

body! {
    /// Who signs in.
    SignIn { account: String = "the account", password: String = "its password", code: Option<String> = "the code of a device" }
}
body! {
    /// A new account.
    NewAccount { login: String = "what its holder types", name: String = "the name as printed", email: Option<String> = "kept apart and encrypted" }
}
body! {
    /// A role somewhere.
    NewGrant {
        role: String = "the role", study: Option<String> = "none: everywhere", site: Option<String> = "none: all sites", country: Option<String> = "ISO 3166-1 alpha-3; none: all",
        from_ms: Option<i64> = "from, milliseconds since 1970 UTC; none: now", to_ms: Option<i64> = "until, exclusive",
    }
}
body! {
    /// A training.
    Training { title: String = "what it was", study: Option<String> = "none: all studies" }
}
body! {
    /// Whether an account may act.
    Switch { disabled: bool = "whether it may do nothing", reason: Option<String> = "why" }
}
body! {
    /// A password by a link.
    NewPassword { password: String = "at least 12 characters" }
}
body! {
    /// A key for a program.
    NewKey { name: String = "what it is for", may: Vec<String> = "operations", until_ms: i64 = "when it ends, milliseconds since 1970 UTC" }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Delete, Get, Post};
    vec![
        Route::new(Post, "/sign-in", "Begin a session; its secret is a key while it lasts", post(sign_in))
            .gives([text("secret", "a key while the session lasts")])
            .takes::<SignIn>()
            .open(),
        Route::new(Post, "/sign-out", "End the session whose secret was sent", post(sign_out)),
        Route::new(Get, "/me", "The caller's account, roles and trainings", get(me)).gives([
            text("login", "what its holder types"),
            text("name", "the name as printed"),
            whole("created_ms", "when it was made"),
            flag("disabled", "whether it may do nothing"),
            list("grants", "roles, those taken back too"),
            list("trainings", "trainings"),
        ]),
        Route::new(Post, "/links/{link}", "Set a password by the link of an invitation or a reset", post(set_password))
            .gives([text("account", "whose password it is now")])
            .takes::<NewPassword>()
            .open(),
        Route::new(Get, "/keys", "The caller's keys, without their secrets", get(keys))
            .gives([list("keys", "name, operations and end of each")]),
        Route::new(Post, "/keys", "Make a key; it is shown once", post(make_key))
            .gives([text("secret", "the key, shown only now")])
            .takes::<NewKey>(),
        Route::new(Delete, "/keys/{name}", "End a key before its time", delete(end_key)),
        Route::new(Get, "/accounts", "Every account", get(accounts))
            .gives([list("accounts", "each with its roles and trainings")]),
        Route::new(
            Post,
            "/accounts",
            "Make an account, and the link by which its holder sets a password",
            post(create),
        )
        .gives([text("link", "the last part of /link/…, where the password is set")])
        .takes::<NewAccount>(),
        Route::new(Post, "/accounts/{account}/reset", "A link to set a new password", post(reset))
            .gives([text("link", "the last part of /link/…, where the password is set")]),
        Route::new(Post, "/accounts/{account}/state", "Disable or enable an account", post(switch)).takes::<Switch>(),
        Route::new(Post, "/accounts/{account}/grants", "Give a role", post(give))
            .gives([whole("grant", "its number")])
            .takes::<NewGrant>(),
        Route::new(Delete, "/accounts/{account}/grants/{grant}", "Take a role back", delete(revoke))
            .asks([text("reason", "why")]),
        Route::new(Post, "/accounts/{account}/trainings", "Record a training", post(train)).takes::<Training>(),
    ]
}

async fn sign_in(c: Context, Body(body): Body<SignIn>) -> Result<Json<Value>, Problem> {
    let now_ms = c.app.now_ms();
    let rates = c.app.rates();
    rates.take("sign-in address", &c.address.to_string(), SIGN_IN_ADDRESS, now_ms).map_err(Problem::too_often)?;
    rates.take("sign-in account", &body.account, SIGN_IN_ACCOUNT, now_ms).map_err(Problem::too_often)?;
    let (app, login) = (c.app.clone(), body.account.clone());
    let code = body.code.unwrap_or_default();
    let secret = blocking(move || match prove(app.record(), &login, &body.password, code.trim())? {
        Ok(proof) => Ok(session::sign_in(app.record(), &proof)?),
        Err(NotProved::Wait { until_ms }) => Err(Problem::too_often(((until_ms - now_ms).max(1000) / 1000) as u64)),
        Err(NotProved::CodeNeeded) => Err(Problem::sign_in_first().hint("send the code of the device as well")),
        Err(NotProved::Wrong | NotProved::WrongCode) => Err(Problem::sign_in_first()),
    })
    .await?;
    rates.forget("sign-in account", &body.account);
    Ok(Json(json!({ "secret": secret })))
}

async fn sign_out(p: Program) -> Result<Json<Value>, Problem> {
    let (app, secret) = (p.app.clone(), p.secret.clone());
    blocking(move || Ok(session::sign_out(app.record(), &secret)?)).await?;
    Ok(Json(json!({})))
}

async fn me(p: Program) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(p.look(|r| r.own_account()).await?)))
}

async fn set_password(
    c: Context,
    Path(link): Path<String>,
    Body(body): Body<NewPassword>,
) -> Result<Json<Value>, Problem> {
    c.app.rates().take("link", &c.address.to_string(), LINK_ADDRESS, c.app.now_ms()).map_err(Problem::too_often)?;
    let app = c.app.clone();
    let account = blocking(move || Ok(set_password_by_link(app.record(), &link, &body.password)?)).await?;
    Ok(Json(json!({ "account": account })))
}

async fn make_key(p: Program, Body(body): Body<NewKey>) -> Result<Json<Value>, Problem> {
    let operation = |name: &String| {
        let known = Operation::ALL.iter().copied().find(|o| o.name() == name);
        known.ok_or_else(|| {
            Problem::invalid(format!("there is no operation `{name}`")).hint("see docs/access.md for their names")
        })
    };
    let may = body.may.iter().map(operation).collect::<Result<_, _>>()?;
    let secret = p.execute(MakeKey { name: body.name, may, until_ms: body.until_ms }).await?;
    Ok(Json(json!({ "secret": secret })))
}

async fn keys(p: Program) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "keys": p.look(|r| r.own_keys()).await? })))
}

async fn end_key(p: Program, Path(name): Path<String>) -> Result<Json<Value>, Problem> {
    p.execute(EndKey { name }).await?;
    Ok(Json(json!({})))
}

async fn accounts(p: Program) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "accounts": p.look(|r| r.accounts()).await? })))
}

async fn create(p: Program, Body(body): Body<NewAccount>) -> Result<Json<Value>, Problem> {
    let link =
        p.execute(CreateAccount { login: body.login, name: body.name, email: body.email.unwrap_or_default() }).await?;
    Ok(Json(json!({ "link": link.0 })))
}

async fn reset(p: Program, Path(login): Path<String>) -> Result<Json<Value>, Problem> {
    let link = p.execute(ResetPassword { login }).await?;
    Ok(Json(json!({ "link": link.0 })))
}

async fn switch(p: Program, Path(login): Path<String>, Body(body): Body<Switch>) -> Result<Json<Value>, Problem> {
    p.execute(SwitchAccount { login, disabled: body.disabled, reason: body.reason.unwrap_or_default() }).await?;
    Ok(Json(json!({})))
}

async fn give(p: Program, Path(account): Path<String>, Body(b): Body<NewGrant>) -> Result<Json<Value>, Problem> {
    let command = GiveGrant {
        account,
        role: b.role,
        study: b.study,
        site: b.site,
        country: b.country,
        from_ms: b.from_ms,
        to_ms: b.to_ms,
    };
    Ok(Json(json!({ "grant": p.execute(command).await? })))
}

async fn revoke(
    p: Program,
    Path((account, grant)): Path<(String, u64)>,
    query: super::Asked,
) -> Result<Json<Value>, Problem> {
    let reason = query.of(&["reason"])?.get("reason").cloned().unwrap_or_default();
    p.execute(RevokeGrant { account, grant, reason }).await?;
    Ok(Json(json!({})))
}

async fn train(p: Program, Path(account): Path<String>, Body(body): Body<Training>) -> Result<Json<Value>, Problem> {
    p.execute(RecordTraining { account, study: body.study, title: body.title }).await?;
    Ok(Json(json!({})))
}

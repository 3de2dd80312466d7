//! Who has an account, who may do what, and since when? The organisation's people, and the access list of a study at any date.

use super::place::{Inside, inside};
use super::signing;
use crate::app::App;
use crate::components::{self, Choice, Column, Errors, Field, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, Part, StudyPart, segment};
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_core::PartialDate;
use croft_record::access::account::{Account, CreateAccount, Link, ResetPassword, SwitchAccount};
use croft_record::access::grant::{Access, GiveGrant, Grant, RecordTraining, RevokeGrant};
use croft_record::access::{Operation, Scope, roles};
use croft_record::study::{CloseSite, OpenSite};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(show).post(create))
        .route("/people/{account}", get(person))
        .route("/people/{account}/reset", post(reset))
        .route("/people/{account}/switch", post(switch))
        .route("/people/{account}/grants", post(give))
        .route("/people/{account}/revoke", post(revoke))
        .route("/people/{account}/training", post(train))
        .route("/studies/{study}/access", get(access))
        .route("/studies/{study}/sites", post(open_site))
        .route("/studies/{study}/sites/{site}/close", post(close_site))
}

fn person_address(account: &str) -> String {
    format!("/people/{}", segment(account))
}

fn role_label(role: &str) -> String {
    roles().get(role).map_or_else(|| role.to_owned(), |r| r.label.clone())
}

async fn show(c: Signed) -> Result<Page, Problem> {
    list(&c, &Vec::new(), Errors::none()).await
}

async fn list(c: &Signed, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let (accounts, creates, parts) = c
        .look(|r| Ok((r.accounts()?, r.may(Operation::AccountCreate, &Scope::organisation()), super::work::parts(r))))
        .await?;
    let now_ms = c.app.now_ms();
    let rows = accounts.iter().map(|account| {
        let acting: Vec<String> = account.grants.iter().filter(|g| g.acts_at(now_ms)).map(grant_words).collect();
        Row::new(html! { a href=(person_address(&account.login)) { (account.login) } })
            .text(&account.name)
            .text(if account.disabled { t!(c, "account-disabled") } else { t!(c, "account-enabled") })
            .text(acting.join("; "))
    });
    let table = Table::new(t!(c, "part-people"))
        .hide_caption()
        .column(Column::text(t!(c, "account")))
        .column(Column::text(t!(c, "site-name")))
        .column(Column::text(t!(c, "site-state")))
        .column(Column::text(t!(c, "people-roles")))
        .rows(rows);
    let text = |name| enter::value(posted, name).to_owned();
    let fields = html! {
        (Field::new("login", t!(c, "account")).hint(t!(c, "account-login-hint")).value(text("login")).errors(&errors).required().size(24).text())
        (Field::new("name", t!(c, "account-name")).hint(t!(c, "account-name-hint")).value(text("name")).errors(&errors).required().size(32).text())
        (Field::new("email", t!(c, "account-email")).hint(t!(c, "account-email-hint")).value(text("email")).errors(&errors).size(32).text())
        (components::actions(components::button(&t!(c, "account-create"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-people")).parts(parts).here(Part::People).wide().status(status).body(html! {
        (components::error_summary(c, &errors))
        (table.render(c))
        @if creates { (components::group(&t!(c, "account-create"), components::form(c, "/people", fields))) }
    }))
}

/// `Monitor of CRB101 at 101`.
fn grant_words(grant: &Grant) -> String {
    let part = |name: &Option<String>, word: &str| name.as_ref().map(|n| format!(" {word} {n}")).unwrap_or_default();
    format!(
        "{}{}{}{}",
        role_label(&grant.role),
        part(&grant.study, "·"),
        part(&grant.site, "·"),
        part(&grant.country, "·")
    )
}

async fn create(c: Signed, Form(posted): Form<Posted>) -> Result<Page, Problem> {
    let text = |name| enter::value(&posted, name).trim().to_owned();
    let command = CreateAccount { login: text("login"), name: text("name"), email: text("email") };
    match c.execute(command).await {
        Ok(link) => Ok(link_page(&c, &text("login"), &link)),
        Err(refusal) => {
            let names =
                [("login", t!(c, "account")), ("name", t!(c, "account-name")), ("email", t!(c, "account-email"))];
            list(&c, &posted, signing::errors(refusal, &names)?).await
        }
    }
}

/// The link, shown once: it is kept nowhere.
fn link_page(c: &Signed, account: &str, link: &Link) -> Page {
    let address = format!("/link/{}", link.0);
    Page::new(c, t!(c, "link-title", account = account))
        .above(Part::People.address(), t!(c, "part-people"))
        .here(Part::People)
        .body(html! {
            p { (t!(c, "link-means")) }
            p { code { (address) } }
            p { a href=(person_address(account)) { (t!(c, "link-next")) } }
        })
}

async fn person(c: Signed, Path(login): Path<String>) -> Result<Page, Problem> {
    person_page(&c, login, &Vec::new(), Errors::none()).await
}

async fn person_page(c: &Signed, login: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let (account, studies, parts) = c
        .look(move |r| {
            let account = r
                .accounts()?
                .into_iter()
                .find(|a| a.login == login)
                .ok_or_else(|| Refusal::absent("account", &login))?;
            Ok((account, r.studies()?, super::work::parts(r)))
        })
        .await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let address = person_address(&account.login);
    let mut choices = vec![Choice::new("", t!(c, "grant-everywhere"))];
    choices.extend(studies.iter().map(|s| Choice::new(&s.id, format!("{} {}", s.id, s.title))));
    let give = give_form(c, &address, &choices, posted, &errors);
    let training = html! {
        (Field::new("title", t!(c, "training-title")).errors(&errors).required().text())
        (Field::new("training-study", t!(c, "study")).select(&choices))
        (components::actions(components::quiet_button(&t!(c, "training-record"))))
    };
    let (word, deed) =
        if account.disabled { (t!(c, "account-enable"), "enable") } else { (t!(c, "account-disable"), "disable") };
    Ok(Page::new(c, account.name.clone()).parts(parts).here(Part::People).above(Part::People.address(), t!(c, "part-people")).wide().status(status).body(html! {
        (components::error_summary(c, &errors))
        (components::facts(&[
            (t!(c, "account"), html! { (account.login) }),
            (t!(c, "site-state"), html! { (if account.disabled { t!(c, "account-disabled") } else { t!(c, "account-enabled") }) }),
            (t!(c, "account-since"), c.time(account.created_ms)),
        ]))
        (grants(c, &account))
        (trainings(c, &account))
        (components::group(&t!(c, "grant-give"), give))
        (components::group(&t!(c, "training-record"), components::form(c, &format!("{address}/training"), training)))
        (components::group(&t!(c, "account"), html! { div.actions {
            (components::form(c, &format!("{address}/reset"), components::quiet_button(&t!(c, "account-reset"))))
            (components::form(c, &format!("{address}/switch"), components::named_button("deed", deed, &word)))
        } }))
    }))
}

fn give_form(c: &Context, address: &str, studies: &[Choice], posted: &Posted, errors: &Errors) -> Markup {
    let text = |name| enter::value(posted, name).to_owned();
    let choices: Vec<Choice> =
        roles().iter().map(|(name, role)| Choice::new(name, format!("{}: {}", role.label, role.about))).collect();
    components::form(
        c,
        &format!("{address}/grants"),
        html! {
            (Field::new("role", t!(c, "role")).value(text("role")).errors(errors).select(&choices))
            (Field::new("study", t!(c, "study")).value(text("study")).errors(errors).select(studies))
            (Field::new("site", t!(c, "site")).hint(t!(c, "grant-site-hint")).value(text("site")).errors(errors).size(12).text())
            (Field::new("country", t!(c, "site-country")).hint(t!(c, "grant-country-hint")).value(text("country")).errors(errors).size(6).text())
            (Field::new("to", t!(c, "grant-to")).hint(t!(c, "grant-to-hint")).value(text("to")).errors(errors).size(12).text())
            (components::actions(components::button(&t!(c, "grant-give"))))
        },
    )
}

fn grants(c: &Context, account: &Account) -> Markup {
    let now_ms = c.app.now_ms();
    let address = person_address(&account.login);
    let rows = account.grants.iter().rev().map(|grant| {
        Row::new(html! { (role_label(&grant.role)) })
            .text(grant.study.clone().unwrap_or_else(|| t!(c, "grant-everywhere")))
            .text(grant.site.clone().or(grant.country.clone()).unwrap_or_default())
            .cell(c.time(grant.from_ms))
            .cell(html! { @if let Some(to) = grant.to_ms { (c.time(to)) } })
            .cell(html! { @if grant.acts_at(now_ms) { (components::form(c, &format!("{address}/revoke"), html! {
                input type="hidden" name="grant" value=(grant.number);
                (reason_field(c, &format!("revoke-{}", grant.number))) (components::quiet_button(&t!(c, "grant-revoke")))
            })) } })
    });
    Table::new(t!(c, "people-roles"))
        .column(Column::text(t!(c, "role")))
        .column(Column::text(t!(c, "study")))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "grant-from")))
        .column(Column::text(t!(c, "grant-to")))
        .column(Column::text(t!(c, "grant-revoke")))
        .rows(rows)
        .empty(components::empty(&t!(c, "people-no-roles"), html! {}))
        .render(c)
}

/// Why, in one short line beside a button.
fn reason_field(c: &Context, id: &str) -> Markup {
    html! {
        label.unseen for=(id) { (t!(c, "history-why")) }
        input id=(id) name="reason" type="text" size="20" placeholder=(t!(c, "history-why"));
        " "
    }
}

fn trainings(c: &Context, account: &Account) -> Markup {
    let rows = account.trainings.iter().rev().map(|t| {
        Row::new(html! { (t.title) })
            .text(t.study.clone().unwrap_or_else(|| t!(c, "grant-everywhere")))
            .cell(c.time(t.at_ms))
    });
    html! { @if !account.trainings.is_empty() {
        (Table::new(t!(c, "trainings"))
            .column(Column::text(t!(c, "training-title")))
            .column(Column::text(t!(c, "study")))
            .column(Column::text(t!(c, "history-when")))
            .rows(rows)
            .render(c))
    } }
}

/// Back to the person after something was done, or the page with what is wrong.
async fn after<T>(
    c: &Signed,
    login: String,
    posted: &Posted,
    done: Result<T, Refusal>,
    said: String,
) -> Result<Result<Redirect, Page>, Problem> {
    match done {
        Ok(_) => Ok(Ok(Redirect::to(c, &person_address(&login)).say(Tone::Done, said))),
        Err(refusal) => {
            let names = [
                ("role", t!(c, "role")),
                ("study", t!(c, "study")),
                ("site", t!(c, "site")),
                ("country", t!(c, "site-country")),
                ("to", t!(c, "grant-to")),
                ("title", t!(c, "training-title")),
            ];
            Ok(Err(person_page(c, login, posted, signing::errors(refusal, &names)?).await?))
        }
    }
}

fn named(posted: &Posted, name: &str) -> Option<String> {
    Some(enter::value(posted, name).trim().to_owned()).filter(|text| !text.is_empty())
}

/// The beginning of a day, UTC; none for no date.
pub(crate) fn day_ms(text: &str) -> Result<Option<i64>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = PartialDate::parse(text.trim()).ok().and_then(|d| d.date());
    let epoch = croft_core::date::CivilDate::new(1970, 1, 1).ok();
    let days = day.zip(epoch).map(|(day, epoch)| day.days_since_1960() - epoch.days_since_1960());
    days.map(|days| Some(days * 86_400_000))
        .ok_or_else(|| Refusal::invalid("to", "is no date", "write it as 2026-12-31"))
}

async fn give(
    c: Signed,
    Path(login): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let to_ms = match day_ms(enter::value(&posted, "to")) {
        Ok(to) => to,
        Err(refusal) => return after::<()>(&c, login, &posted, Err(refusal), String::new()).await,
    };
    let command = GiveGrant {
        account: login.clone(),
        role: enter::value(&posted, "role").to_owned(),
        study: named(&posted, "study"),
        site: named(&posted, "site"),
        country: named(&posted, "country"),
        from_ms: None,
        to_ms,
    };
    let done = c.execute(command).await;
    after(&c, login, &posted, done, t!(c, "grant-given")).await
}

async fn revoke(
    c: Signed,
    Path(login): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let grant = enter::value(&posted, "grant").parse().map_err(|_| Problem::bad_request(""))?;
    let reason = enter::value(&posted, "reason").trim().to_owned();
    let done = c.execute(RevokeGrant { account: login.clone(), grant, reason }).await;
    after(&c, login, &posted, done, t!(c, "grant-revoked")).await
}

async fn train(
    c: Signed,
    Path(login): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let title = enter::value(&posted, "title").trim().to_owned();
    let done =
        c.execute(RecordTraining { account: login.clone(), study: named(&posted, "training-study"), title }).await;
    after(&c, login, &posted, done, t!(c, "training-recorded")).await
}

async fn reset(c: Signed, Path(login): Path<String>) -> Result<Page, Problem> {
    let link = c.execute(ResetPassword { login: login.clone() }).await?;
    Ok(link_page(&c, &login, &link))
}

async fn switch(
    c: Signed,
    Path(login): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let enabled = enter::value(&posted, "deed") == "enable";
    let done = c
        .execute(SwitchAccount {
            login: login.clone(),
            disabled: !enabled,
            reason: enter::value(&posted, "reason").trim().to_owned(),
        })
        .await;
    let said = if enabled { t!(c, "account-enabled-now") } else { t!(c, "account-disabled-now") };
    after(&c, login, &posted, done, said).await
}

/// Who may do what in a study at a time.
struct List {
    inside: Inside,
    lines: Vec<Access>,
    opens: bool,
    closes: bool,
}

impl List {
    fn gather(r: &Reading<'_>, study: &str, at_ms: Option<i64>) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Access)?;
        let lines = r.access_list(Some(study), at_ms.unwrap_or(r.now_ms))?;
        let may = |operation| r.may(operation, &Scope::study(study));
        Ok(Self { opens: may(Operation::SiteOpen), closes: may(Operation::SiteClose), inside, lines })
    }
}

async fn access(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    access_page(&c, study, &Vec::new(), Errors::none()).await
}

async fn access_page(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let at = Address::of(&c.path, &c.query).get("at").unwrap_or("").to_owned();
    let (at_ms, wrong) = match day_ms(&at) {
        Ok(day) => (day.map(|day| day + 86_399_999), None),
        Err(_) => (None, Some(t!(c, "access-date-wrong"))),
    };
    let list = c.look(move |r| List::gather(r, &study, at_ms)).await?;
    let id = list.inside.id();
    let mut filtering = Errors::none();
    if let Some(wrong) = wrong {
        filtering.add("at", wrong);
    }
    let rows = list.lines.iter().map(|line| {
        Row::new(html! { (line.name) " " span.quiet { (line.account) } })
            .text(role_label(&line.grant.role))
            .text(line.grant.study.clone().unwrap_or_else(|| t!(c, "grant-everywhere")))
            .text(line.grant.site.clone().or(line.grant.country.clone()).unwrap_or_default())
            .cell(c.time(line.grant.from_ms))
            .cell(html! { @if let Some(to) = line.grant.to_ms { (c.time(to)) } })
            .text(if line.disabled { t!(c, "account-disabled") } else { String::new() })
    });
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-access")).study(list.inside.bar.clone()).wide().status(status).body(html! {
        (components::error_summary(c, &errors))
        (components::filter_form(&StudyPart::Access.address(id), &[], html! {
            (Field::new("at", t!(c, "access-at")).hint(t!(c, "access-at-hint")).value(&at).errors(&filtering).size(12).text())
            (components::quiet_button(&t!(c, "filter")))
        }))
        (Table::new(t!(c, "access-list")).hide_caption()
            .column(Column::text(t!(c, "history-who")))
            .column(Column::text(t!(c, "role")))
            .column(Column::text(t!(c, "study")))
            .column(Column::text(t!(c, "site")))
            .column(Column::text(t!(c, "grant-from")))
            .column(Column::text(t!(c, "grant-to")))
            .column(Column::text(t!(c, "site-state")))
            .rows(rows)
            .empty(components::empty(&t!(c, "access-none"), html! {}))
            .render(c))
        (sites(c, &list, posted, &errors))
    }))
}

fn sites(c: &Context, list: &List, posted: &Posted, errors: &Errors) -> Markup {
    let id = list.inside.id();
    let rows = list.inside.sites.iter().map(|site| {
        let close = format!("/studies/{}/sites/{}/close", segment(id), segment(&site.id));
        Row::new(html! { (site.id) })
            .text(&site.name)
            .text(&site.country)
            .text(if site.open { t!(c, "site-open") } else { t!(c, "site-closed") })
            .cell(html! { @if site.open && list.closes { (components::form(c, &close, html! { (reason_field(c, &format!("close-{}", site.id))) (components::quiet_button(&t!(c, "site-close"))) })) } })
    });
    let text = |name| enter::value(posted, name).to_owned();
    let fields = html! {
        (Field::new("site", t!(c, "site-code")).value(text("site")).errors(errors).required().size(12).text())
        (Field::new("name", t!(c, "site-name")).value(text("name")).errors(errors).required().size(32).text())
        (Field::new("country", t!(c, "site-country")).hint(t!(c, "grant-country-hint")).value(text("country")).errors(errors).required().size(6).text())
        (components::actions(components::button(&t!(c, "home-open-site"))))
    };
    html! {
        (Table::new(t!(c, "home-sites"))
            .column(Column::text(t!(c, "site")))
            .column(Column::text(t!(c, "site-name")))
            .column(Column::text(t!(c, "site-country")))
            .column(Column::text(t!(c, "site-state")))
            .column(Column::text(t!(c, "site-close")))
            .rows(rows)
            .empty(components::empty(&t!(c, "home-no-site"), html! {}))
            .render(c))
        @if list.opens { (components::group(&t!(c, "home-open-site"), components::form(c, &format!("/studies/{}/sites", segment(id)), fields))) }
    }
}

async fn open_site(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let text = |name| enter::value(&posted, name).trim().to_owned();
    let command = OpenSite { study: study.clone(), site: text("site"), name: text("name"), country: text("country") };
    match c.execute(command).await {
        Ok(()) => Ok(Ok(Redirect::to(&c, &StudyPart::Access.address(&study))
            .say(Tone::Done, t!(c, "site-opened", site = text("site"))))),
        Err(refusal) => {
            let names =
                [("site", t!(c, "site-code")), ("name", t!(c, "site-name")), ("country", t!(c, "site-country"))];
            Ok(Err(access_page(&c, study, &posted, signing::errors(refusal, &names)?).await?))
        }
    }
}

async fn close_site(
    c: Signed,
    Path((study, site)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Redirect, Problem> {
    let reason = enter::value(&posted, "reason").trim().to_owned();
    c.execute(CloseSite { study: study.clone(), site: site.clone(), reason }).await?;
    Ok(Redirect::to(&c, &StudyPart::Access.address(&study)).say(Tone::Done, t!(c, "site-closed-now", site = &site)))
}

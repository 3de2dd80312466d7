//! What is recorded in a study? The published definition, its versions and their differences, its texts, and the page that publishes a new one.
//!
//! A version is handed in as a whole: `study.toml` and the files under `forms/`. What stands on the page is checked, its worked examples run and its
//! changes shown before it is signed; nothing is published that was not looked at in this way.

use super::place::{Inside, inside};
use super::signing;
use crate::app::App;
use crate::components::{self, Column, Errors, Field, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, StudyPart};
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::{Operation, Scope};
use croft_record::definition::{Compiled, Consequence, Effect, Files, effect};
use croft_record::study::{Preview, Publish, preview};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Subjects whose data a preview looks at.
const LOOKED_AT: usize = 500;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/definition", get(show))
        .route("/studies/{study}/definition/draft", get(draft).post(check))
        .route("/studies/{study}/definition/publish", post(publish))
}

/// What the page shows.
struct Definition {
    inside: Inside,
    number: u32,
    files: Option<Files>,
    publishes: bool,
}

impl Definition {
    fn gather(r: &Reading<'_>, study: &str, number: Option<u32>) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Definition)?;
        let number = number.or(inside.study.current()).unwrap_or(0);
        let files = if number > 0 { Some(r.version_files(study, number)?) } else { None };
        let publishes = r.may(Operation::StudyPublish, &Scope::study(study)) && !inside.study.is_locked();
        Ok(Self { inside, number, files, publishes })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let number = Address::of(&c.path, &c.query).get("version").and_then(|n| n.parse().ok());
    let definition = c.look(move |r| Definition::gather(r, &study, number)).await?;
    let id = definition.inside.id();
    let publish = html! { @if definition.publishes {
        (components::link_button(&format!("{}/draft", StudyPart::Definition.address(id)), &t!(c, "definition-new")))
    } };
    let current =
        definition.inside.current.as_deref().filter(|_| Some(definition.number) == definition.inside.study.current());
    Ok(Page::new(&c, t!(c, "part-definition")).study(definition.inside.bar.clone()).beside_title(publish).wide().body(
        html! {
            (versions(&c, &definition))
            @if let Some(compiled) = current { (schedule(&c, compiled)) (forms(&c, compiled)) }
            @if let Some(files) = &definition.files { (texts(&c, definition.number, files)) }
        },
    ))
}

fn versions(c: &Context, definition: &Definition) -> Markup {
    let address = StudyPart::Definition.address(definition.inside.id());
    let rows = definition.inside.study.versions.iter().rev().map(|v| {
        Row::new(html! { a href={ (address) "?version=" (v.number) } aria-current=[(v.number == definition.number).then_some("true")] { (v.number) } })
            .text(&v.note)
            .text(&v.by)
            .cell(c.time(v.published_ms))
            .cell(html! { code { (v.digest.get(..12).unwrap_or(&v.digest)) } })
    });
    Table::new(t!(c, "definition-versions"))
        .column(Column::number(t!(c, "study-version")))
        .column(Column::text(t!(c, "definition-note")))
        .column(Column::text(t!(c, "history-who")))
        .column(Column::text(t!(c, "history-when")))
        .column(Column::text(t!(c, "definition-digest")))
        .rows(rows)
        .empty(components::empty(&t!(c, "home-no-version"), html! {}))
        .render(c)
}

/// Which forms are filled at which visit.
fn schedule(c: &Context, compiled: &Compiled) -> Markup {
    let visits = &compiled.definition.visits;
    let table = Table::new(t!(c, "definition-schedule")).grid().column(Column::text(t!(c, "form")));
    let table = visits.iter().fold(table, |table, visit| table.column(Column::text(&visit.name)));
    let rows = compiled.forms.iter().map(|form| {
        let row = Row::new(html! { (form.label) " " span.quiet { (form.form) } });
        visits.iter().fold(row, |row, visit| {
            let there = compiled.forms_at(&visit.code).any(|f| f.form == form.form);
            row.text(if there { "×" } else { "" })
        })
    });
    table.rows(rows).render(c)
}

/// Every item, with how it is asked.
fn forms(c: &Context, compiled: &Compiled) -> Markup {
    html! {
        h2 { (t!(c, "definition-forms")) }
        @for form in &compiled.forms {
            details {
                summary { (form.label) " " span.quiet { (form.form) } }
                @for group in &form.groups {
                    @let rows = group.items.iter().map(|item| Row::new(html! { (item.name) })
                        .text(&item.label)
                        .text(format!("{:?}", item.kind).to_lowercase())
                        .text(item.unit.clone().unwrap_or_default())
                        .text(if item.required { t!(c, "yes") } else { String::new() })
                        .text(if item.critical { t!(c, "yes") } else { String::new() })
                        .text(item.codes.iter().map(|(code, label)| if code == label { code.clone() } else { format!("{code} {label}") }).collect::<Vec<_>>().join("; "))
                        .cell(html! { @if let Some(when) = &item.when { code { (when) } } @if let Some(derive) = &item.derive { " = " code { (derive) } } }));
                    (Table::new(&group.label)
                        .column(Column::text(t!(c, "item")))
                        .column(Column::text(t!(c, "definition-label")))
                        .column(Column::text(t!(c, "definition-type")))
                        .column(Column::text(t!(c, "definition-unit")))
                        .column(Column::text(t!(c, "item-required")))
                        .column(Column::text(t!(c, "definition-critical")))
                        .column(Column::text(t!(c, "definition-codes")))
                        .column(Column::text(t!(c, "definition-when")))
                        .rows(rows)
                        .render(c))
                    @if !group.checks.is_empty() { ul { @for check in &group.checks {
                        li { (check.message) " " code { (check.holds) } }
                    } } }
                }
            }
        }
    }
}

/// The texts as they were published.
fn texts(c: &Context, number: u32, files: &Files) -> Markup {
    html! {
        h2 { (t!(c, "definition-texts", number = number)) }
        @for (name, text) in files { details { summary { (name) } pre tabindex="0" { (text) } } }
    }
}

/// One field a file; a new one is named by whoever writes it.
fn files_of(posted: &Posted) -> Files {
    let mut files = Files::default();
    for (name, text) in posted {
        if let Some(name) = name.strip_prefix("file:").filter(|_| !text.trim().is_empty()) {
            files.insert(name.to_owned(), text.replace("\r\n", "\n"));
        }
    }
    let (name, text) = (enter::value(posted, "new-name").trim(), enter::value(posted, "new-text"));
    if !name.is_empty() && !text.trim().is_empty() {
        files.insert(name.to_owned(), text.replace("\r\n", "\n"));
    }
    files
}

async fn draft(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let of = study.clone();
    let definition = c.look(move |r| Definition::gather(r, &of, None)).await?;
    let files = definition.files.clone().unwrap_or_default();
    Ok(draft_page(&c, &definition.inside, &files, None, &Errors::none()))
}

async fn check(c: Signed, Path(study): Path<String>, Form(posted): Form<Posted>) -> Result<Page, Problem> {
    checked(&c, study, &posted, Errors::none()).await
}

async fn checked(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let files = files_of(posted);
    let (of, texts) = (study.clone(), files.clone());
    let (inside, preview, effect) = c
        .look(move |r| {
            let found = preview(r, &of, &texts)?;
            // What cannot be published has no effect; a first version meets nothing recorded.
            let compiled = if found.faults.is_empty() { Compiled::compile(&texts).ok() } else { None };
            let effect = compiled.map(|version| effect(r, &of, &version, LOOKED_AT)).transpose()?;
            Ok((inside(r, &of, StudyPart::Definition)?, found, effect.unwrap_or_default()))
        })
        .await?;
    let mut page = draft_page(c, &inside, &files, Some((&preview, &effect)), &errors);
    if !(preview.faults.is_empty() && errors.is_empty()) {
        page = page.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    Ok(page)
}

fn draft_page(c: &Signed, inside: &Inside, files: &Files, found: Option<(&Preview, &Effect)>, errors: &Errors) -> Page {
    let address = StudyPart::Definition.address(inside.id());
    let fields = html! {
        @for (name, text) in files {
            (Field::new(format!("file:{name}"), name).value(text).errors(errors).area(if files.len() > 4 { 12 } else { 20 }))
        }
        (components::group(&t!(c, "definition-new-file"), html! {
            (Field::new("new-name", t!(c, "definition-new-name")).hint(t!(c, "definition-new-hint")).size(32).text())
            (Field::new("new-text", t!(c, "definition-new-text")).area(8))
        }))
        (components::actions(html! { (components::button(&t!(c, "definition-check"))) }))
    };
    let ready = found.filter(|(preview, _)| preview.faults.is_empty());
    Page::new(c, t!(c, "definition-new"))
        .study(inside.bar.clone())
        .above(address.clone(), t!(c, "part-definition"))
        .wide()
        .body(html! {
            (components::error_summary(c, errors))
            @if let Some((preview, effect)) = found { (verdict(c, preview, effect)) }
            @if ready.is_some() { (publish_form(c, &address, files, errors)) }
            (components::form(c, &format!("{address}/draft"), fields))
        })
}

/// What is wrong with the texts, or what they would change.
fn verdict(c: &Context, preview: &Preview, effect: &Effect) -> Markup {
    if !preview.faults.is_empty() {
        return components::notice(
            c,
            Tone::Failed,
            html! {
                p { (t!(c, "definition-faults", count = preview.faults.len())) }
                ul { @for fault in &preview.faults { li { strong { (fault.place) } ": " (fault.message) @if !fault.hint.is_empty() { " – " (fault.hint) } } } }
            },
        );
    }
    let rows =
        preview.changes.iter().map(|change| Row::new(html! { (change.what) }).text(&change.from).text(&change.to));
    html! {
        (components::notice(c, Tone::Done, html! { (t!(c, "definition-passes")) }))
        (Table::new(t!(c, "definition-changes"))
            .column(Column::text(t!(c, "history-what")))
            .column(Column::text(t!(c, "history-before")))
            .column(Column::text(t!(c, "history-after")))
            .rows(rows)
            .empty(html! { p.quiet { (t!(c, "definition-first")) } })
            .render(c))
        (consequences(c, effect))
    }
}

/// What the version would do to what is recorded.
fn consequences(c: &Context, effect: &Effect) -> Markup {
    if effect.forms == 0 {
        return html! {};
    }
    let rows = effect.concerns.iter().map(|concern| {
        Row::new(html! { (consequence(c, concern.kind)) })
            .text(&concern.what)
            .text(concern.values)
            .text(concern.forms)
            .text(concern.subjects)
    });
    html! {
        (Table::new(t!(c, "effect"))
            .column(Column::text(t!(c, "effect-what")))
            .column(Column::text(t!(c, "effect-where")))
            .column(Column::number(t!(c, "effect-values")))
            .column(Column::number(t!(c, "sign-forms")))
            .column(Column::number(t!(c, "part-subjects")))
            .rows(rows)
            .empty(html! { p.quiet { (t!(c, "effect-none")) } })
            .render(c))
        p.quiet { (t!(c, "effect-looked", forms = effect.forms, subjects = effect.subjects)) @if effect.partial { " " (t!(c, "effect-partial")) } }
    }
}

fn consequence(c: &Context, kind: Consequence) -> String {
    match kind {
        Consequence::NoPlace => t!(c, "effect-no-place"),
        Consequence::NoLongerFits => t!(c, "effect-no-longer-fits"),
        Consequence::Wanted => t!(c, "effect-wanted"),
        Consequence::Asks => t!(c, "effect-asks"),
        Consequence::Refuses => t!(c, "effect-refuses"),
        Consequence::Settles => t!(c, "effect-settles"),
        Consequence::Computes => t!(c, "effect-computes"),
    }
}

fn publish_form(c: &Context, address: &str, files: &Files, errors: &Errors) -> Markup {
    let fields = html! {
        @for (name, text) in files { textarea name={ "file:" (name) } hidden aria-hidden="true" { "\n" (text) } }
        (Field::new("note", t!(c, "definition-note")).hint(t!(c, "definition-note-hint")).errors(errors).required().text())
        (signing::fields(c, errors))
        (components::actions(components::button(&t!(c, "definition-publish"))))
    };
    components::group(&t!(c, "definition-publish"), components::form(c, &format!("{address}/publish"), fields))
}

async fn publish(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let (files, note) = (files_of(&posted), enter::value(&posted, "note").trim().to_owned());
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.execute(Publish { study: study.clone(), files, note, signature }).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(number) => Ok(Ok(Redirect::to(&c, &StudyPart::Definition.address(&study))
            .say(Tone::Done, t!(c, "definition-published", number = number)))),
        Err(refusal) => {
            let [password, code] = signing::names(&c);
            let names = [password, code, ("note", t!(c, "definition-note"))];
            Ok(Err(checked(&c, study, &posted, signing::errors(refusal, &names)?).await?))
        }
    }
}

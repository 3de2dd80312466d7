//! Randomisation: what everybody may know of it, a subject randomised, a code broken, codes read by who may, and the end of blindness.
//!
//! A page that shows a treatment is the answer to one request and is never kept: it has no address of its own.

use super::place::{Inside, Rights, inside, subject_address};
use super::signing;
use crate::app::{App, blocking};
use crate::components::{self, Column, Errors, Field, Row, Status, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::StudyPart;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::{Operation, Scope};
use croft_record::capture::Subject;
use croft_record::vault::state::{CodeBreak, Unblinding};
use croft_record::vault::{AgreeUnblind, AskUnblind, Break, Code, RandomisedFacts, Ready, Told, VaultFacts};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/randomisation", get(show))
        .route("/studies/{study}/randomisation/codes", get(ask_codes).post(codes))
        .route("/studies/{study}/randomisation/unblind", post(ask_unblind))
        .route("/studies/{study}/randomisation/agree", post(agree_unblind))
        .route("/studies/{study}/subjects/{subject}/randomise", get(show_randomise).post(randomise))
        .route("/studies/{study}/subjects/{subject}/code-break", get(show_break).post(break_code))
}

/// Whose randomisation somebody sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sees {
    All,
    Some,
    None,
}

/// What the overview shows.
pub(crate) struct Overview {
    inside: Inside,
    facts: Option<VaultFacts>,
    randomised: Vec<RandomisedFacts>,
    breaks: Vec<CodeBreak>,
    to_acknowledge: Vec<CodeBreak>,
    /// Whether the caller sees randomised subjects: of all sites, of some, of none.
    sees: Sees,
    /// Sites whose subjects the caller may open.
    opens: BTreeSet<String>,
    reads: bool,
    seals: bool,
    asks: bool,
    agrees: bool,
}

impl Overview {
    /// O(randomised subjects).
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Randomisation)?;
        let may = |operation| r.may(operation, &Scope::study(study));
        let opens: BTreeSet<String> =
            inside.sites_for(r, Operation::Read).into_iter().map(|site| site.id.clone()).collect();
        let sees = match () {
            () if may(Operation::CodesRead) || may(Operation::Read) => Sees::All,
            () if opens.is_empty() => Sees::None,
            () => Sees::Some,
        };
        Ok(Self {
            sees,
            opens,
            facts: r.randomisation(study)?,
            randomised: r.randomised(study)?,
            breaks: r.code_breaks(study)?,
            to_acknowledge: r.code_breaks_to_acknowledge(study)?,
            reads: may(Operation::CodesRead),
            seals: may(Operation::SchemeSeal),
            asks: inside.study.is_locked() && may(Operation::UnblindAsk),
            agrees: inside.study.is_locked() && may(Operation::UnblindAgree),
            inside,
        })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    overview(&c, study, &Vec::new(), Errors::none()).await
}

async fn overview(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let overview = c.look(move |r| Overview::gather(r, &study)).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-randomisation"))
        .study(overview.inside.bar.clone())
        .status(status)
        .wide()
        .body(overview_body(c, &overview, posted, &errors)))
}

fn overview_body(c: &Context, overview: &Overview, posted: &Posted, errors: &Errors) -> Markup {
    let id = overview.inside.id();
    let designer = html! { @if overview.seals { p { a href=(super::designer::address(id)) { (t!(c, "designer")) } } } };
    let Some(facts) = &overview.facts else {
        return html! {
            (components::empty(&t!(c, "rnd-none"), html! { (t!(c, "rnd-none-hint")) }))
            (designer)
        };
    };
    html! {
        (components::error_summary(c, errors))
        (super::notices::code_breaks(c, id, &overview.to_acknowledge))
        (scheme_facts(c, facts, overview))
        (unblinding(c, overview, facts, posted, errors))
        (designer)
        @if overview.reads { p { a href=(format!("{}/codes", StudyPart::Randomisation.address(id))) { (t!(c, "rnd-codes")) } } }
        @if overview.sees != Sees::None {
            h2 { (t!(c, "rnd-subjects")) }
            @if overview.randomised.is_empty() { p.quiet { (t!(c, "rnd-subjects-none")) } }
            @else { (randomised_table(c, facts, overview)) }
        }
        h2 { (t!(c, "rnd-breaks")) }
        @if overview.breaks.is_empty() { p.quiet { (t!(c, "rnd-breaks-none")) } }
        @else { (breaks_table(c, overview)) }
    }
}

/// A subject's name, and the way to it for who may go there.
fn name(overview: &Overview, subject: &str, site: &str) -> Markup {
    html! {
        @if overview.opens.contains(site) { a href=(subject_address(overview.inside.id(), subject)) { (subject) } }
        @else { (subject) }
    }
}

fn scheme_facts(c: &Context, facts: &VaultFacts, overview: &Overview) -> Markup {
    let Some(scheme) = facts.schemes.last() else { return html! {} };
    let caps = &scheme.setup.caps;
    let cap = |cap: Option<u32>| cap.map_or_else(|| t!(c, "rnd-no-cap"), |cap| cap.to_string());
    let factors = scheme.factors.iter().map(|factor| format!("{}: {}", factor.name, factor.levels.join(", ")));
    let factors: Vec<String> = factors.collect();
    let mut pairs = vec![
        (t!(c, "rnd-scheme"), html! { (scheme.version) @if !scheme.note.is_empty() { ", " (scheme.note) } }),
        (t!(c, "rnd-sealed"), html! { (c.time(scheme.sealed_ms)) " · " (scheme.by) }),
        (
            t!(c, "rnd-factors"),
            html! { @if factors.is_empty() { (t!(c, "rnd-no-factors")) } @else { (factors.join("; ")) } },
        ),
        (t!(c, "rnd-cap-study"), html! { (cap(caps.study)) }),
        (t!(c, "rnd-cap-site"), html! { (cap(caps.site)) }),
    ];
    let label = match overview.sees {
        Sees::All => Some(t!(c, "rnd-randomised")),
        Sees::Some => Some(t!(c, "rnd-randomised-here")),
        Sees::None => None,
    };
    pairs.extend(label.map(|label| (label, html! { (overview.randomised.len()) })));
    if !facts.closed.is_empty() {
        pairs.push((t!(c, "rnd-closed"), html! { (facts.closed.join(", ")) }));
    }
    components::facts(&pairs)
}

fn unblinding(c: &Context, overview: &Overview, facts: &VaultFacts, posted: &Posted, errors: &Errors) -> Markup {
    let address = StudyPart::Randomisation.address(overview.inside.id());
    match &facts.unblinding {
        Unblinding::Done { asked_by, agreed_by, at_ms } => components::notice(
            c,
            Tone::Note,
            html! { (t!(c, "unblinded-by", one = asked_by, two = agreed_by)) " " (c.time(*at_ms)) },
        ),
        Unblinding::Asked { by, at_ms, reason } => html! {
            (components::notice(c, Tone::Note, html! { (t!(c, "unblind-waits", name = by)) " " (c.time(*at_ms)) ": " q { (reason) } }))
            @if overview.agrees { (components::group(&t!(c, "unblind-agree"), components::form(c, &format!("{address}/agree"), html! {
                p.hint { (t!(c, "unblind-two")) }
                (signing::fields(c, errors))
                (components::actions(components::danger_button(&t!(c, "unblind-agree"))))
            }))) }
        },
        Unblinding::Blind => html! {
            @if overview.asks { (components::group(&t!(c, "unblind-ask"), components::form(c, &format!("{address}/unblind"), html! {
                p.hint { (t!(c, "unblind-two")) }
                (Field::new("reason", t!(c, "unblind-why")).value(enter::value(posted, "reason")).errors(errors).required().area(2))
                (signing::fields(c, errors))
                (components::actions(components::button(&t!(c, "unblind-ask"))))
            }))) }
        },
    }
}

fn randomised_table(c: &Context, facts: &VaultFacts, overview: &Overview) -> Markup {
    // A level that is the site's code stands in the column of the site already.
    let sources = facts.schemes.last().map(|scheme| scheme.setup.factors.as_slice()).unwrap_or_default();
    let shown = |at: usize| sources.get(at).is_none_or(|source| source.from != "SITE");
    let names = sources.iter().filter(|source| source.from != "SITE").map(|source| source.name.clone());
    let names: Vec<String> = names.collect();
    let has_levels = overview.randomised.iter().any(|one| (0..one.levels.len()).any(shown));
    let rows = overview.randomised.iter().map(|one| {
        let levels: Vec<&str> =
            one.levels.iter().enumerate().filter(|(at, _)| shown(*at)).map(|(_, level)| level.as_str()).collect();
        let row = Row::new(name(overview, &one.subject, &one.site)).text(&one.number).text(&one.site);
        let row = if has_levels { row.text(levels.join(", ")) } else { row };
        row.cell(c.time(one.at_ms)).text(&one.by)
    });
    let levels = if names.is_empty() { t!(c, "rnd-levels") } else { names.join(", ") };
    let table = Table::new(t!(c, "rnd-subjects"))
        .hide_caption()
        .column(Column::name(t!(c, "subject")))
        .column(Column::text(t!(c, "rnd-number")))
        .column(Column::text(t!(c, "site")));
    let table = if has_levels { table.column(Column::text(levels)) } else { table };
    table.column(Column::name(t!(c, "rnd-when"))).column(Column::text(t!(c, "rnd-by"))).rows(rows).render(c)
}

fn breaks_table(c: &Context, overview: &Overview) -> Markup {
    let rows = overview.breaks.iter().map(|one| {
        Row::new(name(overview, &one.subject, &one.site))
            .text(&one.site)
            .cell(c.time(one.at_ms))
            .text(&one.name)
            .text(&one.reason)
            .cell(html! { @for (at, seen) in one.acknowledged.iter().enumerate() { @if at > 0 { ", " } (seen.by) " " (c.time(seen.at_ms)) } })
    });
    Table::new(t!(c, "rnd-breaks"))
        .hide_caption()
        .column(Column::name(t!(c, "subject")))
        .column(Column::text(t!(c, "site")))
        .column(Column::name(t!(c, "rnd-when")))
        .column(Column::text(t!(c, "rnd-by")))
        .column(Column::prose(t!(c, "notice-why")))
        .column(Column::prose(t!(c, "notice-seen")))
        .rows(rows)
        .render(c)
}

/// What the pages of one subject show.
struct One {
    inside: Inside,
    subject: Subject,
    ready: Option<Ready>,
    rights: Rights,
    number: Option<String>,
}

impl One {
    fn gather(r: &Reading<'_>, study: &str, id: &str) -> Result<Self, Refusal> {
        let (subject, _) = r.subject(study, id)?;
        let inside = inside(r, study, StudyPart::Subjects)?;
        let rights = Rights::at(r, study, &subject.site);
        let ready = if r.randomisation(study)?.is_some() { Some(r.ready(study, id)?) } else { None };
        let number = r.randomised_subject(study, id)?.map(|one| one.number);
        Ok(Self { inside, subject, ready, rights, number })
    }
}

async fn one(c: &Signed, study: &str, subject: &str) -> Result<One, Problem> {
    let (study, subject) = (study.to_owned(), subject.to_owned());
    c.look(move |r| One::gather(r, &study, &subject)).await
}

fn subject_page(c: &Signed, one: &One, title: String, errors: &Errors, body: Markup) -> Page {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::new(c, title)
        .study(one.inside.bar.clone())
        .above(subject_address(one.inside.id(), &one.subject.id), t!(c, "subject-title", subject = &one.subject.id))
        .status(status)
        .body(body)
}

async fn show_randomise(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Page, Problem> {
    randomise_page(&c, &study, &subject, Errors::none()).await
}

async fn randomise_page(c: &Signed, study: &str, subject: &str, errors: Errors) -> Result<Page, Problem> {
    let one = one(c, study, subject).await?;
    let body = html! {
        (components::error_summary(c, &errors))
        @match &one.ready {
            None => (components::empty(&t!(c, "rnd-none"), html! { (t!(c, "rnd-none-hint")) })),
            Some(ready) => {
                h2 { (t!(c, "rnd-conditions")) }
                @if ready.conditions.is_empty() { p.quiet { (t!(c, "rnd-conditions-none")) } }
                @else { ul.plain { @for condition in &ready.conditions { li {
                    (components::glyph(if condition.met { Status::Done } else { Status::Empty })) " "
                    (condition.says) ": " (if condition.met { t!(c, "rnd-met") } else { t!(c, "rnd-unmet") })
                } } } }
                h2 { (t!(c, "rnd-factors")) }
                @if ready.levels.is_empty() { p.quiet { (t!(c, "rnd-no-factors")) } }
                @else { (components::facts(&ready.levels.iter().map(|(name, level)| (name.clone(), html! {
                    @if level.is_empty() { span.quiet { (t!(c, "rnd-not-recorded")) } } @else { (level) }
                })).collect::<Vec<_>>())) }
                @for obstacle in &ready.obstacles { (components::notice(c, Tone::Warning, html! { (obstacle) })) }
                @if one.rights.has(Operation::Randomise) && ready.is_ready() {
                    (components::form(c, &format!("{}/randomise", subject_address(study, subject)), html! {
                        p { (t!(c, "rnd-means")) }
                        (signing::fields(c, &errors))
                        (components::actions(components::button(&t!(c, "rnd-deed", subject = subject))))
                    }))
                }
            }
        }
    };
    Ok(subject_page(c, &one, t!(c, "rnd-title", subject = subject), &errors, body))
}

async fn randomise(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.randomise(&study, &subject, signature).await?,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(given) => {
            let to = subject_address(&study, &subject);
            let words = t!(c, "rnd-done", subject = &given.subject, number = &given.number);
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, words)))
        }
        Err(refusal) => {
            let errors = signing::errors(refusal, &signing::names(&c))?;
            Ok(Err(randomise_page(&c, &study, &subject, errors).await?))
        }
    }
}

async fn show_break(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Page, Problem> {
    break_page(&c, &study, &subject, &Vec::new(), Errors::none()).await
}

async fn break_page(c: &Signed, study: &str, subject: &str, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let one = one(c, study, subject).await?;
    if !one.rights.has(Operation::CodeBreak) {
        return Err(Refusal::Denied { operation: Operation::CodeBreak }.into());
    }
    let body = html! {
        (components::error_summary(c, &errors))
        @match &one.number {
            None => p { (t!(c, "break-not-randomised")) },
            Some(number) => {
                (components::facts(&[(t!(c, "rnd-number"), html! { (number) }), (t!(c, "site"), html! { (one.subject.site) })]))
                (components::notice(c, Tone::Warning, html! { (t!(c, "break-means")) }))
                (components::form(c, &format!("{}/code-break", subject_address(study, subject)), html! {
                    (Field::new("reason", t!(c, "break-why")).value(enter::value(posted, "reason")).errors(&errors).required().area(3))
                    (signing::fields(c, &errors))
                    (components::actions(components::danger_button(&t!(c, "break-deed", subject = subject))))
                }))
            }
        }
    };
    Ok(subject_page(c, &one, t!(c, "break-title", subject = subject), &errors, body))
}

async fn break_code(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Page, Problem> {
    let reason = enter::value(&posted, "reason").trim().to_owned();
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => {
            let wish = Break { study: study.clone(), subject: subject.clone(), reason, signature };
            let (vault, caller) = (c.vault()?.clone(), c.caller());
            blocking(move || Ok(vault.break_code(&caller, wish))).await?
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(told) => {
            let one = one(&c, &study, &subject).await?;
            Ok(subject_page(&c, &one, t!(c, "break-told", subject = &subject), &Errors::none(), told_body(&c, &told)))
        }
        Err(refusal) => {
            let [password, code] = signing::names(&c);
            let names = [password, code, ("reason", t!(c, "break-why"))];
            break_page(&c, &study, &subject, &posted, signing::errors(refusal, &names)?).await
        }
    }
}

fn told_body(c: &Context, told: &Told) -> Markup {
    html! {
        (components::facts(&[
            (t!(c, "rnd-number"), html! { (told.number) }),
            (t!(c, "rnd-arm"), html! { strong { (told.name) } " (" (told.arm) ")" }),
            (t!(c, "rnd-treatment"), html! { (told.treatments.join(", ")) }),
        ]))
        p { (t!(c, "break-told-means")) }
    }
}

async fn ask_codes(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    codes_form(&c, study, &Vec::new(), Errors::none()).await
}

async fn codes_form(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let id = study.clone();
    let inside = c.look(move |r| {
        r.allow(Operation::CodesRead, &Scope::study(&id))?;
        inside(r, &id, StudyPart::Randomisation)
    });
    let inside = inside.await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let address = format!("{}/codes", StudyPart::Randomisation.address(&study));
    Ok(Page::new(c, t!(c, "rnd-codes"))
        .study(inside.bar)
        .above(StudyPart::Randomisation.address(&study), t!(c, "part-randomisation"))
        .status(status)
        .body(html! {
            (components::error_summary(c, &errors))
            p { (t!(c, "codes-mean")) }
            (components::form(c, &address, html! {
                (Field::new("what", t!(c, "codes-what")).value(enter::value(posted, "what")).errors(&errors).required().text())
                (signing::fields(c, &errors))
                (components::actions(components::button(&t!(c, "codes-deed"))))
            }))
        }))
}

async fn codes(c: Signed, Path(study): Path<String>, Form(posted): Form<Posted>) -> Result<Page, Problem> {
    let what = enter::value(&posted, "what").trim().to_owned();
    let [password, code] = signing::names(&c);
    let names = [password, code, ("what", t!(c, "codes-what"))];
    if what.is_empty() {
        let refusal = Refusal::invalid("what", "is empty", "say what the codes are read for");
        return codes_form(&c, study, &posted, signing::errors(refusal, &names)?).await;
    }
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => {
            let (vault, caller, id) = (c.vault()?.clone(), c.caller(), study.clone());
            blocking(move || Ok(vault.codes(&caller, &id, &what, signature))).await?
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(codes) => {
            let id = study.clone();
            let inside = c.look(move |r| inside(r, &id, StudyPart::Randomisation)).await?;
            Ok(Page::new(&c, t!(c, "rnd-codes"))
                .study(inside.bar)
                .above(StudyPart::Randomisation.address(&study), t!(c, "part-randomisation"))
                .wide()
                .body(codes_table(&c, &codes.codes)))
        }
        Err(refusal) => codes_form(&c, study, &posted, signing::errors(refusal, &names)?).await,
    }
}

fn codes_table(c: &Context, codes: &[Code]) -> Markup {
    let rows = codes.iter().map(|code| {
        Row::new(html! { (code.subject) })
            .text(&code.number)
            .text(&code.site)
            .text(code.levels.join(", "))
            .text(&code.arm)
            .cell(c.time(code.at_ms))
    });
    Table::new(t!(c, "rnd-codes"))
        .hide_caption()
        .column(Column::text(t!(c, "subject")))
        .column(Column::text(t!(c, "rnd-number")))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "rnd-levels")))
        .column(Column::text(t!(c, "rnd-arm")))
        .column(Column::text(t!(c, "rnd-when")))
        .rows(rows)
        .render(c)
}

async fn ask_unblind(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let reason = enter::value(&posted, "reason").trim().to_owned();
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.execute(AskUnblind { study: study.clone(), reason, signature }).await,
        Err(refusal) => Err(refusal),
    };
    ended(&c, study, &posted, done, t!(c, "unblind-asked-now")).await
}

async fn agree_unblind(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.execute(AgreeUnblind { study: study.clone(), signature }).await,
        Err(refusal) => Err(refusal),
    };
    ended(&c, study, &posted, done, t!(c, "unblinded-now")).await
}

async fn ended(
    c: &Signed,
    study: String,
    posted: &Posted,
    done: Result<(), Refusal>,
    words: String,
) -> Result<Result<Redirect, Page>, Problem> {
    match done {
        Ok(()) => Ok(Ok(Redirect::to(c, &StudyPart::Randomisation.address(&study)).say(Tone::Done, words))),
        Err(refusal) => {
            let [password, code] = signing::names(c);
            let names = [password, code, ("reason", t!(c, "unblind-why"))];
            Ok(Err(overview(c, study, posted, signing::errors(refusal, &names)?).await?))
        }
    }
}

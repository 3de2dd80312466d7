//! Which design should a study have? Up to three are set side by side, with what they leave to guess and how far from balance they stray; from there to
//! the scheme's text, and sealed.
//!
//! For those who may seal schemes, and nobody else. The page reads nothing that is sealed: what it shows follows from what was typed, so the address holds
//! no secret of a study; a design that somebody has in mind is one all the same, and the page is kept by no browser.

mod asked;

use super::place::{Inside, inside};
use super::signing;
use crate::app::{App, blocking};
use crate::components::{self, Choice, Column, Curve, Curves, Errors, Field, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, StudyPart};
use crate::problem::Problem;
use crate::redirect::Redirect;
use asked::{Answer, Asked, Found, KINDS, LETTERS, Setting};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Form, Router};
use croft_design::forms::Form as CaseForm;
use croft_record::access::{Operation, Scope};
use croft_record::vault::NewScheme;
use croft_report::number::fixed;
use croft_trial::randomisation::properties::{Estimate, Method, Properties};
use croft_trial::randomisation::{Design, Scheme};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/randomisation/designer", get(show).post(seal))
}

pub(super) fn address(study: &str) -> String {
    format!("{}/designer", StudyPart::Randomisation.address(study))
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    page(&c, study, &Vec::new(), Errors::none()).await
}

async fn page(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let id = study.clone();
    let inside = c.look(move |r| {
        r.allow(Operation::SchemeSeal, &Scope::study(&id))?;
        inside(r, &id, StudyPart::Randomisation)
    });
    let inside = inside.await?;
    let arms = inside.current.iter().flat_map(|current| &current.definition.arms).map(|arm| arm.code.clone()).collect();
    let asked = Asked::new(Address::of(&c.path, &c.query), arms);
    let (asked, answer) = blocking(move || {
        let answer = asked.answer(&study);
        Ok((asked, answer))
    })
    .await?;
    let is_wrong = !errors.is_empty() || !answer.errors.is_empty();
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(Page::new(c, t!(c, "designer"))
        .study(inside.bar.clone())
        .above(StudyPart::Randomisation.address(inside.id()), t!(c, "part-randomisation"))
        .status(status)
        .wide()
        .body(html! {
            (components::error_summary(c, &answer.errors))
            (components::error_summary(c, &errors))
            p { (t!(c, "designer-means")) }
            (choice(c, &inside, &asked, &answer.errors))
            @if !answer.found.is_empty() {
                (compared(c, &answer))
                (figures(c, &answer.found))
                (sealing(c, &inside, &answer, posted, &errors))
            }
        }))
}

fn choice(c: &Context, inside: &Inside, asked: &Asked, errors: &Errors) -> Markup {
    let field = |name: &str, label: String| Field::new(name, label).value(asked.text(name)).errors(errors);
    html! {
        form.designer method="get" action=(address(inside.id())) novalidate {
            div.designs {
                @for letter in LETTERS {
                    (components::group(&t!(c, "designer-design", letter = letter.to_uppercase()), design(c, asked, letter, errors)))
                }
            }
            (components::group(&t!(c, "designer-trial"), html! {
                div.settings {
                    (field("n", t!(c, "designer-n")).hint(t!(c, "designer-n-hint")).input_mode("numeric").size(6).text())
                    (field("ratio", t!(c, "designer-ratio")).size(8).text())
                    (field("trials", t!(c, "designer-trials")).input_mode("numeric").size(8).text())
                    (field("seed", t!(c, "designer-seed")).input_mode("numeric").size(12).text())
                }
                (field("strata", t!(c, "designer-strata")).hint(t!(c, "designer-strata-hint")).area(2))
            }))
            (components::actions(components::button(&t!(c, "designer-show"))))
        }
    }
}

fn design(c: &Context, asked: &Asked, letter: &str, errors: &Errors) -> Markup {
    let kind = asked.text(letter);
    let none = (letter != LETTERS[0]).then(|| Choice::new("none", t!(c, "designer-none")));
    let kinds: Vec<Choice> = none.into_iter().chain(KINDS.map(|kind| Choice::new(kind, kind_word(c, kind)))).collect();
    html! {
        (Field::new(letter, t!(c, "designer-kind")).value(&kind).errors(errors).select(&kinds))
        @for setting in Setting::of(&kind) {
            @let name = format!("{letter}_{}", setting.name());
            @let field = |label: String| Field::new(&name, label).value(asked.text(&name)).errors(errors);
            @match setting {
                Setting::Lengths => (field(t!(c, "designer-lengths")).size(14).text()),
                Setting::Weights => (field(t!(c, "designer-weights")).size(14).text()),
                Setting::Probability => (field(t!(c, "designer-probability")).size(8).text()),
                Setting::Tolerance => (field(t!(c, "designer-tolerance")).input_mode("numeric").size(6).text()),
                Setting::Initial => (field(t!(c, "designer-initial")).input_mode("numeric").size(6).text()),
                Setting::Added => (field(t!(c, "designer-added")).input_mode("numeric").size(6).text()),
                Setting::Factors => (field(t!(c, "designer-factors")).hint(t!(c, "designer-factors-hint")).area(3)),
                Setting::Measure => (field(t!(c, "designer-measure")).select(&[
                    Choice::new("range", t!(c, "designer-range")),
                    Choice::new("standard_deviation", t!(c, "designer-deviation")),
                    Choice::new("variance", t!(c, "designer-variance")),
                ])),
                Setting::Ties => (field(t!(c, "designer-ties")).select(&shares(c))),
                Setting::Others => (field(t!(c, "designer-others")).select(&shares(c))),
            }
        }
    }
}

fn shares(c: &Context) -> [Choice; 2] {
    [Choice::new("equal", t!(c, "designer-equal")), Choice::new("ratio", t!(c, "designer-by-ratio"))]
}

fn kind_word(c: &Context, kind: &str) -> String {
    match kind {
        "simple" => t!(c, "designer-simple"),
        "permuted_block" => t!(c, "designer-permuted"),
        "random_block" => t!(c, "designer-random"),
        "random_allocation" => t!(c, "designer-allocation"),
        "truncated_binomial" => t!(c, "designer-truncated"),
        "biased_coin" => t!(c, "designer-coin"),
        "tolerance_coin" => t!(c, "designer-tolerance-coin"),
        "urn" => t!(c, "designer-urn"),
        "big_stick" => t!(c, "designer-stick"),
        "maximal_procedure" => t!(c, "designer-maximal"),
        _ => t!(c, "designer-minimisation"),
    }
}

/// The numbers of all designs, and how they were found.
fn compared(c: &Context, answer: &Answer) -> Markup {
    let head = |found: &Found| format!("{}: {}", found.letter, found.name);
    let mut table = Table::new(t!(c, "designer-compared")).column(Column::text(t!(c, "designer-property")));
    table = answer.found.iter().fold(table, |table, found| table.column(Column::number(head(found))));
    let row = |label: String, of: &dyn Fn(&Properties) -> Option<Estimate>, scale: f64, decimals: usize| {
        answer.found.iter().fold(Row::new(html! { (label) }), |row, found| match of(&found.properties) {
            None => row.text("–"),
            Some(e) => row.cell(html! {
                (fixed(scale * e.value, decimals))
                @if let Some(error) = e.standard_error { span.quiet { " ± " (fixed(scale * error, decimals)) } }
            }),
        })
    };
    let how = answer.found.iter().fold(Row::new(html! { (t!(c, "designer-how")) }), |row, found| {
        row.text(match found.properties.method {
            Method::Exact => t!(c, "designer-exact"),
            Method::Simulated { trials, seed } => {
                t!(c, "designer-simulated", trials = trials.to_string(), seed = seed.to_string())
            }
        })
    });
    let rows = [
        row(t!(c, "designer-converging"), &|p| Some(p.correct_guesses_convergence), 100.0, 2),
        row(t!(c, "designer-diverging"), &|p| Some(p.correct_guesses_divergence), 100.0, 2),
        row(t!(c, "designer-forced"), &|p| Some(p.forced), 100.0, 2),
        row(t!(c, "designer-mean-left"), &|p| Some(p.abs_final_imbalance), 1.0, 3),
        row(t!(c, "designer-largest"), &|p| Some(p.max_abs_imbalance), 1.0, 3),
        row(t!(c, "designer-loss"), &|p| Some(p.loss), 1.0, 3),
        row(t!(c, "designer-one-less-other"), &|p| p.final_imbalance, 1.0, 3),
        how,
    ];
    html! {
        (table.rows(rows).render(c))
        p.quiet { (t!(c, "designer-notes", strata = answer.strata)) }
        @for found in answer.found.iter().filter(|found| !found.properties.levels.is_empty()) { (levels(c, found)) }
    }
}

/// What is left in each level of the factors that are balanced.
fn levels(c: &Context, found: &Found) -> Markup {
    let rows = found.properties.levels.iter().map(|level| {
        Row::new(html! { (level.factor) })
            .text(&level.level)
            .text(fixed(level.abs_imbalance.value, 3))
            .text(level.abs_imbalance.standard_error.map_or_else(String::new, |error| fixed(error, 3)))
    });
    Table::new(t!(c, "designer-levels", letter = &found.letter))
        .column(Column::text(t!(c, "designer-factor")))
        .column(Column::text(t!(c, "designer-level")))
        .column(Column::number(t!(c, "designer-mean-left")))
        .column(Column::number(t!(c, "designer-error")))
        .rows(rows)
        .render(c)
}

fn figures(c: &Context, found: &[Found]) -> Markup {
    let curves = |of: &dyn Fn(&Properties) -> Vec<(f64, f64)>| -> Vec<Curve> {
        found.iter().map(|found| Curve { name: found.letter.clone(), points: of(&found.properties) }).collect()
    };
    let guessed = curves(&|p| {
        let mut sum = 0.0;
        let so_far = p.steps.iter().map(|step| {
            sum += step.correct_guess;
            (f64::from(step.subject), 100.0 * sum / f64::from(step.subject))
        });
        so_far.collect()
    });
    let strayed = curves(&|p| p.steps.iter().map(|step| (f64::from(step.subject), step.abs_imbalance)).collect());
    let left = curves(&|p| p.left.iter().map(|left| (left.abs_imbalance, 100.0 * left.probability)).collect());
    let subjects = t!(c, "designer-subjects");
    let figure = |title: String, across: &str, up: String, from: f64, marked: bool, curves: &[Curve]| {
        Curves { title: &title, across, up: &up, from, decimals: 3, marked, curves }.render(c)
    };
    html! {
        div.figures {
            (figure(t!(c, "designer-guesses"), &subjects, t!(c, "designer-guesses-up"), 45.0, false, &guessed))
            (figure(t!(c, "designer-imbalance"), &subjects, t!(c, "designer-imbalance-up"), 0.0, false, &strayed))
            (figure(t!(c, "designer-left"), &t!(c, "designer-left-across"), t!(c, "designer-left-up"), 0.0, true, &left))
        }
    }
}

fn sealing(c: &Context, inside: &Inside, answer: &Answer, posted: &Posted, errors: &Errors) -> Markup {
    let take = Address::of(&c.path, &c.query).get("take").map(str::to_uppercase);
    let taken = answer.found.iter().find(|found| take.as_ref() == Some(&found.letter)).or(answer.found.first());
    let Some(taken) = taken else { return html! {} };
    let here = || Address::of(&address(inside.id()), &c.query);
    let text =
        |name: &str, usual: String| if posted.is_empty() { usual } else { enter::value(posted, name).to_owned() };
    let forms = inside.current.as_deref().map(|current| current.forms.as_slice()).unwrap_or_default();
    let others: Vec<&Found> = answer.found.iter().filter(|found| found.letter != taken.letter).collect();
    components::group(
        &t!(c, "designer-seal", letter = &taken.letter),
        html! {
            @if !others.is_empty() { p {
                @for other in others {
                    a href=(here().with("take", &other.letter.to_lowercase())) { (t!(c, "designer-take", letter = &other.letter)) } " "
                }
            } }
            (components::form(c, &here().to_string(), html! {
                (Field::new("scheme", t!(c, "designer-scheme")).hint(t!(c, "designer-scheme-hint"))
                    .value(text("scheme", taken.scheme.to_toml())).errors(errors).required().area(14))
                (Field::new("setup", t!(c, "designer-setup")).hint(t!(c, "designer-setup-hint"))
                    .value(text("setup", setup(&taken.scheme, forms))).errors(errors).required().area(8))
                (Field::new("note", t!(c, "designer-note")).value(text("note", String::new())).errors(errors).text())
                (signing::fields(c, errors))
                (components::actions(components::danger_button(&t!(c, "designer-seal-deed"))))
            }))
        },
    )
}

/// A setup to begin with: each factor from what has its name, as far as there is such a thing.
fn setup(scheme: &Scheme, forms: &[CaseForm]) -> String {
    let balanced: Vec<&str> = match &scheme.design {
        Design::Minimisation(design) => design.factors.iter().map(|factor| factor.name.as_str()).collect(),
        _ => Vec::new(),
    };
    let names = scheme.factors.iter().map(|factor| factor.name.as_str()).chain(balanced);
    let mut text = "number = \"R{number:4}\"\n".to_owned();
    for name in names {
        let from = match name.to_lowercase().as_str() {
            "site" => "SITE".to_owned(),
            "country" => "COUNTRY".to_owned(),
            lower => item(forms, lower),
        };
        text += &format!("\n[[factor]]\nname = {}\nfrom = {}\n", quoted(name), quoted(&from));
    }
    text
}

/// Group and item of this name; empty where no form has one.
fn item(forms: &[CaseForm], name: &str) -> String {
    let groups = forms.iter().flat_map(|form| &form.groups);
    let mut items = groups.flat_map(|group| group.items.iter().map(move |item| (group, item)));
    let found = items.find(|(_, item)| item.name.to_lowercase() == name);
    found.map(|(group, item)| format!("{}.{}", group.name, item.name)).unwrap_or_default()
}

/// A text of TOML; JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

async fn seal(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let text = |name: &str| enter::value(&posted, name).to_owned();
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => {
            let new = NewScheme {
                study: study.clone(),
                scheme: text("scheme"),
                setup: text("setup"),
                note: text("note"),
                signature,
            };
            let (vault, caller) = (c.vault()?.clone(), c.caller());
            blocking(move || Ok(vault.seal_scheme(&caller, new))).await?
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(version) => {
            let to = StudyPart::Randomisation.address(&study);
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "designer-sealed", version = version))))
        }
        Err(refusal) => {
            let [password, code] = signing::names(&c);
            let names = [password, code, ("scheme", t!(c, "designer-scheme")), ("setup", t!(c, "designer-setup"))];
            Ok(Err(page(&c, study, &posted, signing::errors(refusal, &names)?).await?))
        }
    }
}

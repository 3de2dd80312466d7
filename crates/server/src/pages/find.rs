//! Where is it? Studies, parts, subjects and forms by what their names hold; for the box that Ctrl+K opens, and as a page of its own.

use super::place::{form_name, inside, subject_address};
use crate::app::App;
use crate::components::{self, Field};
use crate::context::Signed;
use crate::layout::Page;
use crate::nav::{Address, Part, StudyPart};
use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use croft_record::capture::read::MatrixFilter;
use croft_record::{Reading, Refusal};
use maud::html;
use serde::Serialize;

/// Answers at most.
const MOST: usize = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/find", get(find))
}

/// Something that was found.
#[derive(Serialize)]
struct Found {
    address: String,
    name: String,
    kind: String,
}

/// The study that an address lies in.
fn study_of(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/studies/")?;
    let segment = rest.split('/').next().filter(|s| !s.is_empty())?;
    form_urlencoded::parse(format!("s={segment}").as_bytes()).next().map(|(_, value)| value.into_owned())
}

/// Everything whose name holds the text, the study at hand first. O(studies + subjects of the study at hand).
fn gather(r: &Reading<'_>, text: &str, from: Option<&str>, words: crate::words::Words) -> Result<Vec<Found>, Refusal> {
    let wanted = text.to_lowercase();
    let holds = |name: &str| name.to_lowercase().contains(&wanted);
    let mut found = Vec::new();
    let studies = r.studies()?;
    if let Some(study) = studies.iter().find(|s| Some(s.id.as_str()) == from) {
        let inside = inside(r, &study.id, StudyPart::Home)?;
        if inside.bar.parts.contains(&StudyPart::Subjects) {
            let filter = MatrixFilter { holds: text.to_owned(), limit: MOST, ..MatrixFilter::default() };
            let subjects = r.matrix(&study.id, &filter)?;
            found.extend(subjects.into_iter().map(|s| Found {
                address: subject_address(&study.id, &s.id),
                name: s.id,
                kind: t!(words, "subject"),
            }));
        }
        for part in &inside.bar.parts {
            let name = part.name(&words);
            if holds(&name) {
                found.push(Found { address: part.address(&study.id), name, kind: study.id.clone() });
            }
        }
        if let Some(compiled) = &inside.current {
            for form in compiled.forms.iter().filter(|f| holds(&f.label) || holds(&f.form)) {
                let name = form_name(Some(compiled), &form.form, 1);
                found.push(Found { address: StudyPart::Definition.address(&study.id), name, kind: t!(words, "form") });
            }
        }
    }
    for study in studies.iter().filter(|s| holds(&s.id) || holds(&s.title)) {
        let name = format!("{} · {}", study.id, study.title);
        found.push(Found { address: StudyPart::Home.address(&study.id), name, kind: t!(words, "study") });
    }
    for part in super::work::parts(r) {
        let name = part.name(&words);
        if holds(&name) {
            found.push(Found { address: Part::address(part).to_owned(), name, kind: String::new() });
        }
    }
    found.truncate(MOST);
    Ok(found)
}

async fn find(c: Signed) -> Result<Response, Problem> {
    let address = Address::of(&c.path, &c.query);
    let text = address.get("q").unwrap_or("").trim().to_owned();
    let (asked, from, words) = (text.clone(), address.get("from").and_then(study_of), c.words);
    let found =
        if text.is_empty() { Vec::new() } else { c.look(move |r| gather(r, &asked, from.as_deref(), words)).await? };
    if c.wants_json {
        return Ok(Json(serde_json::json!({ "results": found })).into_response());
    }
    let page = Page::new(&c, t!(c, "find")).body(html! {
        (components::filter_form("/find", &[], html! {
            (Field::new("q", t!(c, "find-label")).value(&text).size(32).text())
            (components::quiet_button(&t!(c, "find")))
        }))
        @if !text.is_empty() && found.is_empty() { p { (t!(c, "find-none")) } }
        ul { @for one in &found { li { a href=(one.address) { (one.name) } " " span.quiet { (one.kind) } } } }
    });
    Ok(page.into_response())
}

#[cfg(test)]
mod tests {
    use super::study_of;

    #[test]
    fn the_study_at_hand_is_read_from_the_address() {
        assert_eq!(study_of("/studies/CRB101/subjects").as_deref(), Some("CRB101"));
        assert_eq!(study_of("/studies/A%2FB").as_deref(), Some("A/B"));
        assert_eq!(study_of("/work"), None);
        assert_eq!(study_of("/studies/"), None);
    }
}

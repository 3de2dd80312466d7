//! What stands around every page?
//!
//! The head tells the state that must always be visible: who am I, which study, which role, blinded or not, training or production,
//! saved or not. Then the main navigation, the trail of addresses above this one, what the last request did, and the page itself.
//!
//! ```
//! use croft_server::{Context, Page, t};
//! use maud::html;
//! async fn queries(c: Context) -> Page {
//!     Page::new(&c, t!(c, "part-queries")).body(html! { p { "…" } })
//! }
//! ```

use crate::assets;
use crate::components::{self, Status, glyph};
use crate::context::{Context, Theme};
use crate::flash::Tone;
use crate::nav::{Part, StudyPart};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

/// A page, whole.
pub struct Page {
    context: Context,
    title: String,
    status: StatusCode,
    trail: Vec<(String, String)>,
    study: Option<StudyBar>,
    parts: Vec<Part>,
    here: Option<Part>,
    beside_title: Option<Markup>,
    saved_at_ms: Option<i64>,
    wide: bool,
    body: Markup,
}

/// Which study the page is in, and in which part one plays there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyBar {
    /// The study's identifier, as in addresses.
    pub study: String,
    /// The study's name as people say it.
    pub title: String,
    /// The reader's role here.
    pub role: String,
    /// What the reader may know of treatments.
    pub blinding: Blinding,
    /// Whether this is the training twin.
    pub training: bool,
    /// The parts that the reader may see.
    pub parts: Vec<StudyPart>,
    /// The part that the page belongs to.
    pub here: StudyPart,
}

/// What a reader may know of treatments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blinding {
    /// Nothing.
    Blinded,
    /// Which subject gets what.
    Unblinded,
    /// The study hides nothing.
    OpenLabel,
}

impl Page {
    /// A page with this title, which is also its main heading.
    pub fn new(context: &Context, title: impl Into<String>) -> Self {
        Self {
            context: context.clone(),
            title: title.into(),
            status: StatusCode::OK,
            trail: Vec::new(),
            study: None,
            parts: vec![Part::Work, Part::Studies],
            here: None,
            beside_title: None,
            saved_at_ms: None,
            wide: false,
            body: html! {},
        }
    }

    /// The answer's status, where it is not 200: a form that comes back with errors is 422.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A page above this one, the uppermost first: address and name.
    #[must_use]
    pub fn above(mut self, address: impl Into<String>, name: impl Into<String>) -> Self {
        self.trail.push((address.into(), name.into()));
        self
    }

    /// The study that the page is in.
    #[must_use]
    pub fn study(mut self, study: StudyBar) -> Self {
        self.study = Some(study);
        self
    }

    /// The parts of the house that the reader may see.
    #[must_use]
    pub fn parts(mut self, parts: Vec<Part>) -> Self {
        self.parts = parts;
        self
    }

    /// The part of the house that the page belongs to.
    #[must_use]
    pub fn here(mut self, part: Part) -> Self {
        self.here = Some(part);
        self
    }

    /// What stands at the end of the heading's line: the page's main actions, a status.
    #[must_use]
    pub fn beside_title(mut self, markup: Markup) -> Self {
        self.beside_title = Some(markup);
        self
    }

    /// When what the page shows was last saved.
    #[must_use]
    pub fn saved_at(mut self, at_ms: i64) -> Self {
        self.saved_at_ms = Some(at_ms);
        self
    }

    /// Takes the full width: for tables. Else lines have a readable length.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// What the page says.
    #[must_use]
    pub fn body(mut self, body: Markup) -> Self {
        self.body = body;
        self
    }

    fn is_training(&self) -> bool {
        self.study.as_ref().is_some_and(|study| study.training)
    }

    /// The page as HTML.
    pub fn render(&self) -> Markup {
        let c = &self.context;
        let place = self.study.as_ref().map(|s| format!(" · {}", s.title)).unwrap_or_default();
        html! {
            (DOCTYPE)
            html lang=(c.words.tag()) data-theme=[c.theme.map(Theme::name)] data-keys=(if c.keys { "on" } else { "off" })
                class=[self.is_training().then_some("training")] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) (place) " · croft" }
                    link rel="icon" href=(assets::icon());
                    link rel="stylesheet" href=(assets::css());
                    script src=(assets::js()) defer {}
                }
                body {
                    a.skip href="#content" { (t!(c, "skip-to-content")) }
                    (self.banner())
                    (self.head())
                    (self.trail())
                    div.stage {
                        main #content.wide[self.wide] tabindex="-1" {
                            @if let Some(flash) = &c.flash { (components::notice(c, flash.tone, html! { (flash.text) })) }
                            div.title-line {
                                h1 { (self.title) }
                                @if let Some(markup) = &self.beside_title { div.title-side { (markup) } }
                            }
                            (self.body)
                        }
                        aside #panel.panel hidden aria-label=(t!(c, "panel-label")) data-close=(t!(c, "close")) {}
                    }
                    (self.foot())
                    (keys_dialog(c))
                }
            }
        }
    }

    /// Training cannot be taken for the real thing.
    fn banner(&self) -> Markup {
        html! {
            @if self.is_training() {
                p.training-band role="note" { strong { (t!(self.context, "training")) } " " (t!(self.context, "training-means")) }
            }
        }
    }

    fn head(&self) -> Markup {
        let c = &self.context;
        html! {
            header.head {
                div.head-line {
                    a.mark href="/" { "croft" }
                    @if let Some(study) = &self.study {
                        a.head-study href=(StudyPart::Home.address(&study.study)) { (study.title) }
                    }
                    span.head-gap {}
                    (self.saved())
                    @if let Some(study) = &self.study {
                        span.head-fact { span.quiet { (t!(c, "role")) } " " (study.role) }
                        (blinding(c, study.blinding))
                    }
                    (person_menu(c))
                }
                @if c.person.is_some() {
                    nav.nav aria-label=(t!(c, "main-navigation")) {
                        ul {
                            @match &self.study {
                                Some(study) => { @for part in &study.parts {
                                    li { a href=(part.address(&study.study)) aria-current=[(*part == study.here).then_some("page")] { (part.name(&c.words)) } }
                                } }
                                None => { @for part in &self.parts {
                                    li { a href=(part.address()) aria-current=[(Some(*part) == self.here).then_some("page")] { (part.name(&c.words)) } }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Saved or not, with the time. The script keeps it true while somebody types.
    fn saved(&self) -> Markup {
        let c = &self.context;
        html! {
            span #saved.head-fact role="status" data-unsaved=(t!(c, "unsaved")) data-saving=(t!(c, "saving"))
                data-saved=(t!(c, "saved")) data-failed=(t!(c, "save-failed")) {
                @if let Some(at_ms) = self.saved_at_ms {
                    (glyph(Status::Done)) (t!(c, "saved")) " " (c.time(at_ms))
                }
            }
        }
    }

    fn trail(&self) -> Markup {
        html! {
            @if !self.trail.is_empty() {
                nav.trail aria-label=(t!(self.context, "trail")) {
                    ol {
                        @for (address, name) in &self.trail { li { a href=(address) { (name) } } }
                        li aria-current="page" { (self.title) }
                    }
                }
            }
        }
    }

    fn foot(&self) -> Markup {
        let c = &self.context;
        html! {
            footer.foot {
                span { "croft " (env!("CARGO_PKG_VERSION")) }
                span { (t!(c, "times-are")) " " (c.time_text(0).rsplit(' ').next().unwrap_or("UTC")) }
                a href="/preferences" { (t!(c, "preferences")) }
                @if c.keys { button.link type="button" data-opens="keys" hidden { (t!(c, "keys")) " (?)" } }
            }
        }
    }
}

fn blinding(c: &Context, blinding: Blinding) -> Markup {
    let (class, word) = match blinding {
        Blinding::Blinded => ("blinded", t!(c, "blinded")),
        Blinding::Unblinded => ("unblinded", t!(c, "unblinded")),
        Blinding::OpenLabel => ("open-label", t!(c, "open-label")),
    };
    html! { span.head-fact.blinding.(class) { (word) } }
}

fn person_menu(c: &Context) -> Markup {
    let Some(person) = &c.person else { return html! {} };
    html! {
        details.menu {
            summary { (person.name) }
            div.menu-body {
                p.quiet { (person.account) }
                a href="/account" { (t!(c, "account")) }
                a href="/preferences" { (t!(c, "preferences")) }
                (components::form(c, "/sign-out", html! { (components::quiet_button(&t!(c, "sign-out"))) }))
            }
        }
    }
}

/// The keys that act everywhere; a page adds its own with [`components::keys`].
fn keys_dialog(c: &Context) -> Markup {
    let body = html! {
        dl.keys {
            dt { kbd { "Ctrl" } "+" kbd { "K" } } dd { (t!(c, "key-find")) }
            dt { kbd { "Ctrl" } "+" kbd { "S" } } dd { (t!(c, "key-save")) }
            dt { kbd { "Esc" } } dd { (t!(c, "key-escape")) }
            dt { kbd { "↑" } kbd { "↓" } kbd { "←" } kbd { "→" } } dd { (t!(c, "key-arrows")) }
            dt { kbd { "h" } } dd { (t!(c, "key-history")) }
            dt { kbd { "?" } } dd { (t!(c, "key-help")) }
        }
        p.quiet { (t!(c, "keys-off-where")) " " a href="/preferences" { (t!(c, "preferences")) } }
    };
    html! {
        (components::dialog(c, "keys", &t!(c, "keys"), body))
        dialog #find.dialog.find aria-label=(t!(c, "find")) {
            form action="/find" method="get" role="search" {
                label for="find-q" { (t!(c, "find-label")) }
                input #find-q type="search" name="q" autocomplete="off" aria-describedby="find-hint";
                p #find-hint.hint { (t!(c, "find-hint")) }
                div #find-results aria-live="polite" data-none=(t!(c, "find-none")) {}
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = self.render().into_string();
        (self.status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
    }
}

/// A piece of HTML without the frame, for the script.
pub fn fragment(markup: Markup) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// How a tone is said where colour is not seen.
pub(crate) fn tone_word(c: &Context, tone: Tone) -> String {
    match tone {
        Tone::Done => t!(c, "tone-done"),
        Tone::Warning => t!(c, "tone-warning"),
        Tone::Failed => t!(c, "tone-failed"),
        Tone::Note => t!(c, "tone-note"),
    }
}

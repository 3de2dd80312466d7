//! How would you like it? Light or dark, the language, single-letter keys: kept in this browser.

use crate::app::App;
use crate::components::{self, Choice, Field};
use crate::context::{Context, Theme};
use crate::flash::Tone;
use crate::layout::Page;
use crate::redirect::Redirect;
use crate::session_cookie::Cookie;
use crate::words::Words;
use axum::routing::get;
use axum::{Form, Router};
use maud::html;
use serde::Deserialize;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/preferences", get(show).post(keep))
}

#[derive(Deserialize)]
struct Preferences {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    keys: String,
}

async fn show(c: Context) -> Page {
    let themes = [
        Choice::new("system", t!(c, "theme-system")),
        Choice::new("light", t!(c, "theme-light")),
        Choice::new("dark", t!(c, "theme-dark")),
    ];
    let languages: Vec<Choice> = Words::all().into_iter().map(|(tag, name)| Choice::new(tag, name)).collect();
    let fields = html! {
        (Field::new("theme", t!(c, "theme")).value(c.theme.map_or("system", Theme::name)).radios(&themes))
        (Field::new("language", t!(c, "language")).value(c.words.tag()).select(&languages))
        (Field::new("keys", t!(c, "keys-on")).hint(t!(c, "keys-on-hint")).value(if c.keys { "yes" } else { "" }).checkbox())
        (components::actions(components::button(&t!(c, "preferences-keep"))))
    };
    Page::new(&c, t!(c, "preferences")).body(components::form(&c, "/preferences", fields))
}

async fn keep(c: Context, Form(wanted): Form<Preferences>) -> Redirect {
    let theme = Theme::parse(&wanted.theme).map_or("system", Theme::name);
    Redirect::to(&c, "/preferences")
        .cookie(Cookie::Theme, theme)
        .cookie(Cookie::Language, Words::of(&wanted.language).tag())
        .cookie(Cookie::Keys, if wanted.keys == "yes" { "on" } else { "off" })
        .say(Tone::Done, t!(Words::of(&wanted.language), "preferences-kept"))
}

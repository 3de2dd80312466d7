//! What opens beside or over a page. Each is a link to a page of its own first, so that it works without the script.

use crate::context::Context;
use maud::{Markup, html};

/// A dialog within the page, opened by [`dialog_link`] or a button with `data-opens`.
pub fn dialog(c: &Context, id: &str, title: &str, body: Markup) -> Markup {
    let title_id = format!("{id}-title");
    html! {
        dialog.dialog id=(id) aria-labelledby=(title_id) {
            div.title-line {
                h2 id=(title_id) { (title) }
                button.button type="button" data-closes="" { (t!(c, "close")) }
            }
            (body)
        }
    }
}

/// A link to a page that asks or shows something; where the script runs, the page's content opens as a dialog instead. `dialog_id` names a
/// dialog that is in this page, or is empty: then the script fetches the page and shows its content.
pub fn dialog_link(dialog_id: &str, page_address: &str, label: &str) -> Markup {
    html! { a.button href=(page_address) data-opens=(dialog_id) { (label) } }
}

/// A link whose page opens beside this one: history, a query. Without the script it is a page.
pub fn panel_link(page_address: &str, label: Markup) -> Markup {
    html! { a href=(page_address) data-panel="" { (label) } }
}

/// Views of one thing: address, name, whether this is it.
pub fn tabs(label: &str, views: &[(String, String, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul { @for (address, name, here) in views {
                li { a href=(address) aria-current=[here.then_some("page")] { (name) } }
            } }
        }
    }
}

/// Names and values, one a line.
pub fn facts(pairs: &[(String, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// Keys that act on this page: the key, what it does. The list that `?` opens takes them in.
pub fn keys(pairs: &[(&str, String)]) -> Markup {
    html! {
        template #page-keys {
            @for (key, does) in pairs { dt { kbd { (key) } } dd { (does) } }
        }
    }
}

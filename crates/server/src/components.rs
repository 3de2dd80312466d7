//! Of what is a page made?
//!
//! Functions that give markup. They take words already chosen (`t!`), hold no rule of a study, and look the same everywhere. Colour never
//! carries a meaning alone: a shape and a word stand with it.
//!
//! | wanted | function |
//! |---|---|
//! | a form that changes something | [`form()`], [`upload_form`]; both bear the CSRF token |
//! | a form that filters (the address changes) | [`filter_form`] |
//! | a labelled field | [`Field`]: `.text()`, `.password()`, `.area(rows)`, `.select(..)`, `.radios(..)`, `.checkbox()`, `.file(accept)` |
//! | what is wrong, on top and beside the fields | [`Errors`], [`error_summary`] |
//! | buttons | [`button`], [`quiet_button`], [`danger_button`], [`named_button`], [`link_button`], [`actions`] |
//! | a table | [`Table`], [`Column`], [`Row`], [`Pager`] |
//! | a state, shape and word | [`status`], [`Status`], [`glyph`] |
//! | a message | [`notice`], [`empty`] |
//! | a dialog, a side panel, tabs, facts | [`dialog`], [`dialog_link`], [`panel_link`], [`tabs`], [`facts`], [`keys`] |
//! | a chart | [`chart::steps`], [`chart::progress`], [`Curves`] |

pub mod chart;
mod curve;
mod form;
mod panel;
mod state;
mod table;

pub use curve::{Curve, Curves};
pub use form::{
    Choice, Errors, Field, actions, button, danger_button, error_summary, filter_form, form, group, link_button,
    named_button, quiet_button, upload_form,
};
pub(crate) use form::{id as field_id, sentence};
pub use panel::{dialog, dialog_link, facts, keys, panel_link, tabs};
pub use state::{Status, empty, glyph, notice, status, status_word};
pub use table::{Column, Pager, Row, Table};

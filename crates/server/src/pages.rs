//! The pages, one module each. A module has `routes()`; its handlers ask the record and give a [`crate::Page`].

mod form;
mod history;
mod lock;
mod log;
mod matrix;
mod place;
mod preferences;
mod queries;
mod sign_in;
mod signing;
mod study_home;
mod subject;
mod thread;
mod work;

use crate::app::App;
use axum::Router;

/// All pages.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(form::routes())
        .merge(history::routes())
        .merge(lock::routes())
        .merge(log::routes())
        .merge(matrix::routes())
        .merge(preferences::routes())
        .merge(queries::routes())
        .merge(sign_in::routes())
        .merge(study_home::routes())
        .merge(subject::routes())
        .merge(work::routes())
}

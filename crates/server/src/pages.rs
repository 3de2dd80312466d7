//! The pages, one module each. A module has `routes()`; its handlers ask the record and give a [`crate::Page`].

mod account;
mod audit;
mod casebook;
pub(crate) mod data;
mod definition;
mod designer;
mod find;
mod form;
mod history;
mod kit;
mod lock;
mod log;
mod matrix;
mod notices;
mod people;
pub(crate) mod place;
mod preferences;
mod queries;
mod randomisation;
mod sign;
mod sign_in;
mod signing;
mod study_home;
mod subject;
mod supply;
mod thread;
mod verification;
mod work;

use crate::app::App;
use axum::Router;

/// All pages.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(account::routes())
        .merge(audit::routes())
        .merge(casebook::routes())
        .merge(data::routes())
        .merge(definition::routes())
        .merge(designer::routes())
        .merge(find::routes())
        .merge(form::routes())
        .merge(history::routes())
        .merge(kit::routes())
        .merge(lock::routes())
        .merge(log::routes())
        .merge(matrix::routes())
        .merge(people::routes())
        .merge(preferences::routes())
        .merge(queries::routes())
        .merge(notices::routes())
        .merge(randomisation::routes())
        .merge(sign::routes())
        .merge(sign_in::routes())
        .merge(study_home::routes())
        .merge(subject::routes())
        .merge(supply::routes())
        .merge(verification::routes())
        .merge(work::routes())
}

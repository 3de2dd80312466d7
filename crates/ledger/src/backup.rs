//! A copy of the record, made while it is written, and put back.
//!
//! A backup is one SQLite file, whatever the record is kept in: events, signed ends, state and sealed identities of one consistent state. It
//! holds no key: a backup alone opens no identity and signs nothing.

use crate::error::LedgerError;
use crate::overlay::Batch;
use crate::state::Place;
use crate::store::sqlite::Sqlite;
use crate::store::{self, Mode, Storage};
use std::ops::ControlFlow;
use std::path::Path;

/// Rows or events between two commits of a copy.
const STRIDE: usize = 5_000;

/// Copies the record into a new file. Writing goes on meanwhile.
pub fn backup(place: &Place, to: &Path) -> Result<(), LedgerError> {
    if to.exists() {
        return Err(LedgerError::File { path: to.display().to_string(), cause: "it exists already".to_owned() });
    }
    match place {
        Place::Sqlite(path) => Sqlite::open(path, Mode::Read)?.copy_to(to),
        Place::Postgres(_) => {
            let source = store::open(place, Mode::Read)?;
            source.begin()?;
            copy(source.as_ref(), &Sqlite::open(to, Mode::Write)?)?;
            source.end()
        }
    }
}

/// Puts a backup where no record is yet.
pub fn restore(from: &Path, to: &Place) -> Result<(), LedgerError> {
    let taken = |place: String| LedgerError::Place { place, message: "there is a record already".to_owned() };
    let source = Sqlite::open(from, Mode::Read)?;
    match to {
        Place::Sqlite(path) if path.exists() => Err(taken(path.display().to_string())),
        Place::Sqlite(path) => source.copy_to(path),
        Place::Postgres(_) => {
            let target = store::open(to, Mode::Write)?;
            if !target.chains()?.is_empty() {
                return Err(taken("the database".to_owned()));
            }
            source.begin()?;
            copy(&source, target.as_ref())?;
            source.end()
        }
    }
}

/// Everything from one store into another that is empty.
fn copy(from: &dyn Storage, to: &dyn Storage) -> Result<(), LedgerError> {
    let mut batch = Batch::default();
    let mut failed = None;
    let mut flush_when_full = |batch: &mut Batch, full: bool| -> ControlFlow<()> {
        if !full {
            return ControlFlow::Continue(());
        }
        // The first failure stays: a later commit that succeeds does not make up for it.
        if failed.is_none() {
            failed = to.commit(&std::mem::take(batch), &[]).err();
        }
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    from.all_events(&mut |event| {
        batch.events.push(event);
        let full = batch.events.len() >= STRIDE;
        flush_when_full(&mut batch, full)
    })?;
    for space in from.spaces()? {
        // Spaces live as long as the program: there are a dozen.
        let name: &'static str = Box::leak(space.clone().into_boxed_str());
        from.scan(&space, &[], &[0xff; 16], &mut |key, value| {
            batch.rows.insert((name, key.to_vec()), Some(value.to_vec()));
            let full = batch.rows.len() >= STRIDE;
            flush_when_full(&mut batch, full)
        })?;
    }
    from.identities(&mut |id, sealed| {
        batch.identities.insert(id.to_owned(), Some(sealed.to_vec()));
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    to.commit(&batch, &from.heads()?)?;
    if let Some(version) = from.meta("projector")? {
        to.set_meta("projector", &version)?;
    }
    Ok(())
}

//! The record in one SQLite file.
//!
//! The log is written ahead (WAL) with `synchronous=FULL`: what is acknowledged is on the disk. `event` refuses changes by triggers. Rows of
//! state and events are found by unique indexes beside ordinary tables: rows of some kilobytes do not fit well into an index.

use super::{Mode, Storage, TABLES};
use crate::anchor::SignedHead;
use crate::error::LedgerError;
use crate::event::{Event, Hash};
use crate::overlay::Batch;
use crate::state::{EachEvent, EachRow, Head};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};
use std::fs::File;
use std::path::{Path, PathBuf};

const SCHEMA: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    format INTEGER NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, stream TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, actor TEXT NOT NULL, on_behalf TEXT NOT NULL, reason TEXT NOT NULL, time_ms INTEGER NOT NULL,
    offset_min INTEGER NOT NULL, session TEXT NOT NULL, program TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_place ON event (chain, seq);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE TABLE head (
    chain TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL, time_ms INTEGER NOT NULL, signature TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE state (id INTEGER PRIMARY KEY, space TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX state_place ON state (space, key);
CREATE TABLE identity (id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

const EVENT: &str = "format, chain, seq, stream, kind, payload, actor, on_behalf, reason, time_ms, offset_min, session, program, prev, hash";

pub(crate) struct Sqlite {
    connection: Connection,
    /// Held while the writer lives.
    _lease: Option<File>,
}

impl Sqlite {
    pub fn open(path: &Path, mode: Mode) -> Result<Self, LedgerError> {
        let lease = if mode == Mode::Write { Some(lease(path)?) } else { None };
        let flags = match mode {
            Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|e| told("open", &e))?;
        let store = Self { connection, _lease: lease };
        store.prepare(mode)?;
        Ok(store)
    }

    /// A store in memory, for a rebuild that is only compared.
    pub fn scratch() -> Result<Self, LedgerError> {
        // An empty name: a temporary file of SQLite's own, kept in memory while it is small.
        let connection = Connection::open("").map_err(|e| told("open", &e))?;
        let store = Self { connection, _lease: None };
        store.batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        store.batch(SCHEMA)?;
        Ok(store)
    }

    fn prepare(&self, mode: Mode) -> Result<(), LedgerError> {
        self.connection.set_prepared_statement_cache_capacity(64);
        self.batch("PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF;")?;
        if mode == Mode::Read {
            return self.batch("PRAGMA cache_size = -8000;");
        }
        self.batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -32000;
             PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys = ON;",
        )?;
        let mode: String = self.pragma("journal_mode")?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(LedgerError::NotDurable { setting: "journal_mode", found: mode });
        }
        let synchronous: i64 = self.pragma("synchronous")?;
        if synchronous < 2 {
            return Err(LedgerError::NotDurable { setting: "synchronous", found: synchronous.to_string() });
        }
        let tables: i64 = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'event'", [], |r| r.get(0))
            .map_err(|e| told("read", &e))?;
        if tables == 0 {
            self.batch(&format!("BEGIN IMMEDIATE; {SCHEMA} INSERT INTO meta VALUES ('tables', '{TABLES}'); COMMIT;"))?;
        }
        match self.meta("tables")? {
            Some(found) if found == TABLES => Ok(()),
            found => Err(LedgerError::Format { found: found.unwrap_or_default(), expected: TABLES.to_owned() }),
        }
    }

    fn pragma<T: rusqlite::types::FromSql>(&self, name: &str) -> Result<T, LedgerError> {
        self.connection.pragma_query_value(None, name, |r| r.get(0)).map_err(|e| told("read", &e))
    }

    fn batch(&self, sql: &str) -> Result<(), LedgerError> {
        self.connection.execute_batch(sql).map_err(|e| told("write", &e))
    }

    /// A copy of one consistent state in a new file, while writing goes on.
    pub fn copy_to(&self, path: &Path) -> Result<(), LedgerError> {
        let name = path.to_str().ok_or_else(|| LedgerError::Place {
            place: path.display().to_string(),
            message: "the name is not Unicode".to_owned(),
        })?;
        self.connection.execute("VACUUM INTO ?1", [name]).map(|_| ()).map_err(|e| told("copy", &e))
    }

    fn each_event(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        each: &mut EachEvent<'_>,
    ) -> Result<(), LedgerError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| told("read", &e))?;
        let mut rows = statement.query(parameters).map_err(|e| told("read", &e))?;
        while let Some(row) = rows.next().map_err(|e| told("read", &e))? {
            if each(event(row).map_err(|e| told("read", &e))?).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, batch: &Batch, heads: &[SignedHead]) -> rusqlite::Result<()> {
        {
            let mut insert = self.connection.prepare_cached(&format!(
                "INSERT INTO event ({EVENT}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
            ))?;
            for e in &batch.events {
                insert.execute(params![
                    e.format,
                    e.chain,
                    e.seq as i64,
                    e.stream,
                    e.kind,
                    e.payload,
                    e.actor,
                    e.on_behalf,
                    e.reason,
                    e.time_ms,
                    e.offset_min,
                    e.session,
                    e.program,
                    e.prev.0,
                    e.hash.0
                ])?;
            }
        }
        let mut put = self.connection.prepare_cached(
            "INSERT INTO state (space, key, value) VALUES (?1, ?2, ?3) ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
        )?;
        let mut delete = self.connection.prepare_cached("DELETE FROM state WHERE space = ?1 AND key = ?2")?;
        for ((space, key), value) in &batch.rows {
            match value {
                Some(value) => put.execute(params![space, key, value])?,
                None => delete.execute(params![space, key])?,
            };
        }
        let mut sign = self.connection.prepare_cached(
            "INSERT INTO head (chain, seq, hash, time_ms, signature) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, time_ms = excluded.time_ms, signature = excluded.signature",
        )?;
        for head in heads {
            sign.execute(params![head.chain, head.seq as i64, head.hash.0, head.time_ms, head.signature])?;
        }
        for (id, sealed) in &batch.identities {
            match sealed {
                Some(sealed) => self.connection.execute(
                    "INSERT INTO identity VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
                    params![id, sealed],
                )?,
                None => self.connection.execute("DELETE FROM identity WHERE id = ?1", [id])?,
            };
        }
        Ok(())
    }
}

/// One process writes: it holds a lock on a file beside the database, which the system lets go when the process ends.
fn lease(path: &Path) -> Result<File, LedgerError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".writer");
    let name = PathBuf::from(name);
    let told = |e: std::io::Error| LedgerError::File { path: name.display().to_string(), cause: e.to_string() };
    let file = File::options().create(true).append(true).open(&name).map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LedgerError::Held { holder: name.display().to_string() }),
        Err(std::fs::TryLockError::Error(e)) => Err(told(e)),
    }
}

fn told(action: &'static str, error: &rusqlite::Error) -> LedgerError {
    match error {
        rusqlite::Error::SqliteFailure(code, _) if code.code == ErrorCode::DiskFull => LedgerError::DiskFull,
        _ => LedgerError::Database { action, cause: error.to_string() },
    }
}

fn hash(row: &Row<'_>, index: usize) -> rusqlite::Result<Hash> {
    let bytes = row.get_ref(index)?.as_blob()?;
    // A hash of another length equals no hash: the verifier finds the event.
    Ok(Hash::from_slice(bytes).unwrap_or_default())
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    // Bytes that are not UTF-8 were not written by this program; they are read with marks, so that the verifier can name the event.
    let text = |index: usize| -> rusqlite::Result<String> {
        Ok(match row.get_ref(index)? {
            rusqlite::types::ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        })
    };
    Ok(Event {
        format: row.get(0)?,
        chain: text(1)?,
        seq: row.get::<_, i64>(2)? as u64,
        stream: text(3)?,
        kind: text(4)?,
        payload: text(5)?,
        actor: text(6)?,
        on_behalf: text(7)?,
        reason: text(8)?,
        time_ms: row.get(9)?,
        offset_min: row.get(10)?,
        session: text(11)?,
        program: text(12)?,
        prev: hash(row, 13)?,
        hash: hash(row, 14)?,
    })
}

impl Storage for Sqlite {
    fn get(&self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let find = || {
            let mut statement =
                self.connection.prepare_cached("SELECT value FROM state WHERE space = ?1 AND key = ?2")?;
            statement.query_row(params![space, key], |r| r.get(0)).optional()
        };
        find().map_err(|e| told("read", &e))
    }

    fn scan(&self, space: &str, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError> {
        let mut run = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT key, value FROM state WHERE space = ?1 AND key >= ?2 AND key < ?3 ORDER BY key",
            )?;
            let mut rows = statement.query(params![space, from, to])?;
            while let Some(row) = rows.next()? {
                if each(row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?).is_break() {
                    break;
                }
            }
            Ok(())
        };
        run().map_err(|e: rusqlite::Error| told("read", &e))
    }

    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        let sql = format!("SELECT {EVENT} FROM event WHERE chain = ?1 AND seq >= ?2 ORDER BY seq");
        self.each_event(&sql, params![chain, i64::try_from(from_seq).unwrap_or(i64::MAX)], each)
    }

    fn all_events(&self, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        self.each_event(&format!("SELECT {EVENT} FROM event ORDER BY id"), [], each)
    }

    fn heads(&self) -> Result<Vec<SignedHead>, LedgerError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT chain, seq, hash, time_ms, signature FROM head ORDER BY chain")?;
            let rows = statement.query_map([], |r| {
                Ok(SignedHead {
                    chain: r.get(0)?,
                    seq: r.get::<_, i64>(1)? as u64,
                    hash: hash(r, 2)?,
                    time_ms: r.get(3)?,
                    signature: r.get(4)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| told("read", &e))
    }

    fn last_event(&self, chain: &str) -> Result<Option<Head>, LedgerError> {
        let find = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT seq, hash, time_ms FROM event WHERE chain = ?1 ORDER BY seq DESC LIMIT 1")?;
            statement
                .query_row([chain], |r| {
                    Ok(Head { seq: r.get::<_, i64>(0)? as u64, hash: hash(r, 1)?, time_ms: r.get(2)? })
                })
                .optional()
        };
        find().map_err(|e| told("read", &e))
    }

    fn chains(&self) -> Result<Vec<String>, LedgerError> {
        let read = || {
            // One step through the index a chain, not one an event.
            let mut statement = self.connection.prepare_cached(
                "WITH RECURSIVE c(chain) AS (SELECT min(chain) FROM event UNION ALL
                 SELECT (SELECT min(chain) FROM event WHERE chain > c.chain) FROM c WHERE c.chain IS NOT NULL)
                 SELECT chain FROM c WHERE chain IS NOT NULL",
            )?;
            let rows = statement.query_map([], |r| r.get(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| told("read", &e))
    }

    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let find = || {
            let mut statement = self.connection.prepare_cached("SELECT sealed FROM identity WHERE id = ?1")?;
            statement.query_row([id], |r| r.get(0)).optional()
        };
        find().map_err(|e| told("read", &e))
    }

    fn identities(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), LedgerError> {
        let mut run = || {
            let mut statement = self.connection.prepare("SELECT id, sealed FROM identity ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_blob()?);
            }
            Ok(())
        };
        run().map_err(|e: rusqlite::Error| told("read", &e))
    }

    fn spaces(&self) -> Result<Vec<String>, LedgerError> {
        let read = || {
            let mut statement = self.connection.prepare(
                "WITH RECURSIVE s(space) AS (SELECT min(space) FROM state UNION ALL
                 SELECT (SELECT min(space) FROM state WHERE space > s.space) FROM s WHERE s.space IS NOT NULL)
                 SELECT space FROM s WHERE space IS NOT NULL",
            )?;
            let rows = statement.query_map([], |r| r.get(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| told("read", &e))
    }

    fn meta(&self, name: &str) -> Result<Option<String>, LedgerError> {
        self.connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |r| r.get(0))
            .optional()
            .map_err(|e| told("read", &e))
    }

    fn set_meta(&self, name: &str, value: &str) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [name, value],
            )
            .map(|_| ())
            .map_err(|e| told("write", &e))
    }

    fn clear(&self, space: &str) -> Result<(), LedgerError> {
        self.connection
            .execute("DELETE FROM state WHERE space = ?1", [space])
            .map(|_| ())
            .map_err(|e| told("write", &e))
    }

    fn commit(&self, batch: &Batch, heads: &[SignedHead]) -> Result<(), LedgerError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| told("commit", &e))?;
        let done = self.write(batch, heads).and_then(|()| self.connection.execute_batch("COMMIT"));
        done.map_err(|e| {
            // After some failures SQLite has rolled back already; then this one says so, and nothing is lost by it.
            let _ = self.connection.execute_batch("ROLLBACK");
            told("commit", &e)
        })
    }

    fn is_lost(&self) -> bool {
        false
    }

    fn begin(&self) -> Result<(), LedgerError> {
        self.batch("BEGIN")
    }

    fn end(&self) -> Result<(), LedgerError> {
        self.batch("COMMIT")
    }
}

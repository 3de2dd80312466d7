//! The record in a PostgreSQL database.
//!
//! The same tables as in SQLite. `synchronous_commit` must be on; a trigger refuses changes of events; an advisory lock is the writer's lease, which the
//! server lets go when the connection ends. Connections are not encrypted: only addresses of this machine are taken.

use super::{Mode, Storage, TABLES};
use crate::anchor::SignedHead;
use crate::error::LedgerError;
use crate::event::{Event, Hash};
use crate::overlay::Batch;
use crate::state::{EachEvent, EachRow, Head};
use ::postgres::config::Host;
use ::postgres::types::ToSql;
use ::postgres::{Client, Config, NoTls, Row};
use std::cell::{Cell, RefCell};

const SCHEMA: &str = "
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE event (
    id bigserial PRIMARY KEY,
    format integer NOT NULL, chain text COLLATE \"C\" NOT NULL, seq bigint NOT NULL, stream text NOT NULL, kind text NOT NULL,
    payload text NOT NULL, actor text NOT NULL, on_behalf text NOT NULL, reason text NOT NULL, time_ms bigint NOT NULL,
    offset_min integer NOT NULL, session text NOT NULL, program text NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL,
    UNIQUE (chain, seq)
);
CREATE FUNCTION event_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events are never changed or removed'; END $$;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_is_never_changed();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_is_never_changed();
CREATE TABLE head (chain text COLLATE \"C\" PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL, time_ms bigint NOT NULL, signature text NOT NULL);
CREATE TABLE state (space text COLLATE \"C\" NOT NULL, key bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (space, key));
CREATE TABLE identity (id text COLLATE \"C\" PRIMARY KEY, sealed bytea NOT NULL);
";

const EVENT: &str = "format, chain, seq, stream, kind, payload, actor, on_behalf, reason, time_ms, offset_min, session, program, prev, hash";
/// Rows fetched at a time.
const PAGE: i64 = 500;
/// The lease's name among advisory locks.
const LEASE: i64 = 0x0063_726f_6674;

pub(crate) struct Postgres {
    client: RefCell<Client>,
    /// Set when an answer said that the connection ends: the client itself may notice later.
    lost: Cell<bool>,
}

impl Postgres {
    pub fn open(url: &str, mode: Mode) -> Result<Self, LedgerError> {
        let place = |message: String| LedgerError::Place { place: without_password(url), message };
        let config: Config = url.parse().map_err(|e: ::postgres::Error| place(e.to_string()))?;
        let local = |host: &Host| match host {
            Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
            Host::Unix(_) => true,
        };
        if config.get_hosts().is_empty() || !config.get_hosts().iter().all(local) {
            return Err(place("connections are not encrypted, so only localhost and sockets are taken; use a tunnel for another machine".to_owned()));
        }
        let client = config.connect(NoTls).map_err(|e| told("open", &e))?;
        let store = Self { client: RefCell::new(client), lost: Cell::new(false) };
        if mode == Mode::Write {
            store.prepare()?;
        }
        Ok(store)
    }

    fn prepare(&self) -> Result<(), LedgerError> {
        let held: bool = self.one("SELECT pg_try_advisory_lock($1)", &[&LEASE], "open")?.is_some_and(|r| r.get(0));
        if !held {
            return Err(LedgerError::Held { holder: "advisory lock of the database".to_owned() });
        }
        for setting in ["synchronous_commit", "fsync", "full_page_writes"] {
            let found: Option<String> = self.one("SELECT current_setting($1)", &[&setting], "read")?.map(|r| r.get(0));
            if !matches!(found.as_deref(), Some("on" | "remote_apply" | "remote_write" | "local")) {
                return Err(LedgerError::NotDurable { setting, found: found.unwrap_or_default() });
            }
        }
        let there: bool = self.one("SELECT to_regclass('event') IS NOT NULL", &[], "read")?.is_some_and(|r| r.get(0));
        if !there {
            let sql = format!("BEGIN; {SCHEMA} INSERT INTO meta VALUES ('tables', '{TABLES}'); COMMIT;");
            self.client.borrow_mut().batch_execute(&sql).map_err(|e| told("make its tables", &e))?;
        }
        match self.meta("tables")? {
            Some(found) if found == TABLES => Ok(()),
            found => Err(LedgerError::Format { found: found.unwrap_or_default(), expected: TABLES.to_owned() }),
        }
    }

    fn told(&self, action: &'static str, error: &::postgres::Error) -> LedgerError {
        let told = told(action, error);
        self.lost.set(self.lost.get() || matches!(told, LedgerError::ConnectionLost { .. }));
        told
    }

    fn query(&self, sql: &str, with: &[&(dyn ToSql + Sync)], action: &'static str) -> Result<Vec<Row>, LedgerError> {
        self.client.borrow_mut().query(sql, with).map_err(|e| self.told(action, &e))
    }

    fn one(&self, sql: &str, with: &[&(dyn ToSql + Sync)], action: &'static str) -> Result<Option<Row>, LedgerError> {
        self.client.borrow_mut().query_opt(sql, with).map_err(|e| self.told(action, &e))
    }

    fn write(&self, batch: &Batch, heads: &[SignedHead]) -> Result<(), ::postgres::Error> {
        let mut client = self.client.borrow_mut();
        let mut transaction = client.transaction()?;
        write_events(&mut transaction, batch)?;
        write_rows(&mut transaction, batch)?;
        for h in heads {
            transaction.execute(
                "INSERT INTO head VALUES ($1, $2, $3, $4, $5) ON CONFLICT (chain) DO UPDATE SET
                 seq = excluded.seq, hash = excluded.hash, time_ms = excluded.time_ms, signature = excluded.signature",
                &[&h.chain, &(h.seq as i64), &h.hash.0.as_slice(), &h.time_ms, &h.signature],
            )?;
        }
        for (id, sealed) in &batch.identities {
            match sealed {
                Some(sealed) => transaction.execute(
                    "INSERT INTO identity VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
                    &[id, sealed],
                )?,
                None => transaction.execute("DELETE FROM identity WHERE id = $1", &[id])?,
            };
        }
        transaction.commit()
    }
}

/// One statement for all events of a commit: columns as arrays.
fn write_events(transaction: &mut ::postgres::Transaction<'_>, batch: &Batch) -> Result<(), ::postgres::Error> {
    if batch.events.is_empty() {
        return Ok(());
    }
    let e = &batch.events;
    let texts = |field: fn(&Event) -> &String| e.iter().map(field).collect::<Vec<_>>();
    let (prev, hash): (Vec<&[u8]>, Vec<&[u8]>) = e.iter().map(|e| (e.prev.0.as_slice(), e.hash.0.as_slice())).unzip();
    let format: Vec<i32> = e.iter().map(|e| e.format as i32).collect();
    let seq: Vec<i64> = e.iter().map(|e| e.seq as i64).collect();
    let time: Vec<i64> = e.iter().map(|e| e.time_ms).collect();
    let offset: Vec<i32> = e.iter().map(|e| e.offset_min).collect();
    transaction.execute(
        &format!(
            "INSERT INTO event ({EVENT}) SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
             $7::text[], $8::text[], $9::text[], $10::bigint[], $11::int[], $12::text[], $13::text[], $14::bytea[], $15::bytea[])"
        ),
        &[
            &format,
            &texts(|e| &e.chain),
            &seq,
            &texts(|e| &e.stream),
            &texts(|e| &e.kind),
            &texts(|e| &e.payload),
            &texts(|e| &e.actor),
            &texts(|e| &e.on_behalf),
            &texts(|e| &e.reason),
            &time,
            &offset,
            &texts(|e| &e.session),
            &texts(|e| &e.program),
            &prev,
            &hash,
        ],
    )?;
    Ok(())
}

fn write_rows(transaction: &mut ::postgres::Transaction<'_>, batch: &Batch) -> Result<(), ::postgres::Error> {
    let (mut spaces, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for ((space, key), value) in &batch.rows {
        match value {
            Some(value) => {
                spaces.push(*space);
                keys.push(key);
                values.push(value);
            }
            None => {
                transaction.execute("DELETE FROM state WHERE space = $1 AND key = $2", &[space, key])?;
            }
        }
    }
    if !spaces.is_empty() {
        transaction.execute(
            "INSERT INTO state SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])
             ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
            &[&spaces, &keys, &values],
        )?;
    }
    Ok(())
}

/// The address as it may be told.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

fn told(action: &'static str, error: &::postgres::Error) -> LedgerError {
    let cause = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
    match error.code() {
        Some(code) if code.code() == "53100" => LedgerError::DiskFull,
        // 57P: the server ends the connection.
        Some(code) if code.code().starts_with("57P") => LedgerError::ConnectionLost { cause },
        Some(_) => LedgerError::Database { action, cause },
        None if action == "open" => LedgerError::Database { action, cause },
        None => LedgerError::ConnectionLost { cause },
    }
}

fn hash(row: &Row, index: usize) -> Hash {
    Hash::from_slice(row.get(index)).unwrap_or_default()
}

fn event(row: &Row) -> Event {
    Event {
        format: row.get::<_, i32>(0) as u32,
        chain: row.get(1),
        seq: row.get::<_, i64>(2) as u64,
        stream: row.get(3),
        kind: row.get(4),
        payload: row.get(5),
        actor: row.get(6),
        on_behalf: row.get(7),
        reason: row.get(8),
        time_ms: row.get(9),
        offset_min: row.get(10),
        session: row.get(11),
        program: row.get(12),
        prev: hash(row, 13),
        hash: hash(row, 14),
    }
}

impl Storage for Postgres {
    fn get(&self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self
            .one("SELECT value FROM state WHERE space = $1 AND key = $2", &[&space, &key], "read")?
            .map(|r| r.get(0)))
    }

    fn scan(&self, space: &str, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError> {
        // A page at a time, so that what is looked at may look further.
        let mut from = from.to_vec();
        loop {
            let rows = self.query(
                "SELECT key, value FROM state WHERE space = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4",
                &[&space, &from, &to, &PAGE],
                "read",
            )?;
            for row in &rows {
                if each(row.get(0), row.get(1)).is_break() {
                    return Ok(());
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == PAGE => {
                    // The first key behind the last one.
                    from = [last.get::<_, &[u8]>(0), &[0]].concat();
                }
                _ => return Ok(()),
            }
        }
    }

    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        let sql = format!("SELECT {EVENT} FROM event WHERE chain = $1 AND seq >= $2 ORDER BY seq LIMIT $3");
        let mut from = i64::try_from(from_seq).unwrap_or(i64::MAX);
        loop {
            let rows = self.query(&sql, &[&chain, &from, &PAGE], "read")?;
            for row in &rows {
                if each(event(row)).is_break() {
                    return Ok(());
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == PAGE => from = last.get::<_, i64>(2) + 1,
                _ => return Ok(()),
            }
        }
    }

    fn all_events(&self, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        let sql = format!("SELECT {EVENT}, id FROM event WHERE id > $1 ORDER BY id LIMIT $2");
        let mut behind = i64::MIN;
        loop {
            let rows = self.query(&sql, &[&behind, &PAGE], "read")?;
            for row in &rows {
                if each(event(row)).is_break() {
                    return Ok(());
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == PAGE => behind = last.get(15),
                _ => return Ok(()),
            }
        }
    }

    fn heads(&self) -> Result<Vec<SignedHead>, LedgerError> {
        let rows = self.query("SELECT chain, seq, hash, time_ms, signature FROM head ORDER BY chain", &[], "read")?;
        let head = |r: &Row| SignedHead {
            chain: r.get(0),
            seq: r.get::<_, i64>(1) as u64,
            hash: hash(r, 2),
            time_ms: r.get(3),
            signature: r.get(4),
        };
        Ok(rows.iter().map(head).collect())
    }

    fn last_event(&self, chain: &str) -> Result<Option<Head>, LedgerError> {
        let sql = "SELECT seq, hash, time_ms FROM event WHERE chain = $1 ORDER BY seq DESC LIMIT 1";
        let row = self.one(sql, &[&chain], "read")?;
        Ok(row.map(|r| Head { seq: r.get::<_, i64>(0) as u64, hash: hash(&r, 1), time_ms: r.get(2) }))
    }

    fn chains(&self) -> Result<Vec<String>, LedgerError> {
        let rows = self.query(
            "WITH RECURSIVE c(chain) AS (SELECT min(chain) FROM event UNION ALL
             SELECT (SELECT min(chain) FROM event WHERE chain > c.chain) FROM c WHERE c.chain IS NOT NULL)
             SELECT chain FROM c WHERE chain IS NOT NULL",
            &[],
            "read",
        )?;
        Ok(rows.iter().map(|r| r.get(0)).collect())
    }

    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.one("SELECT sealed FROM identity WHERE id = $1", &[&id], "read")?.map(|r| r.get(0)))
    }

    fn identities(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), LedgerError> {
        for row in self.query("SELECT id, sealed FROM identity ORDER BY id", &[], "read")? {
            each(row.get(0), row.get(1));
        }
        Ok(())
    }

    fn spaces(&self) -> Result<Vec<String>, LedgerError> {
        let rows = self.query("SELECT DISTINCT space FROM state ORDER BY space", &[], "read")?;
        Ok(rows.iter().map(|r| r.get(0)).collect())
    }

    fn meta(&self, name: &str) -> Result<Option<String>, LedgerError> {
        Ok(self.one("SELECT value FROM meta WHERE name = $1", &[&name], "read")?.map(|r| r.get(0)))
    }

    fn set_meta(&self, name: &str, value: &str) -> Result<(), LedgerError> {
        let sql = "INSERT INTO meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.query(sql, &[&name, &value], "write").map(|_| ())
    }

    fn clear(&self, space: &str) -> Result<(), LedgerError> {
        self.query("DELETE FROM state WHERE space = $1", &[&space], "write").map(|_| ())
    }

    fn commit(&self, batch: &Batch, heads: &[SignedHead]) -> Result<(), LedgerError> {
        self.write(batch, heads).map_err(|e| self.told("commit", &e))
    }

    fn is_lost(&self) -> bool {
        self.lost.get() || self.client.borrow().is_closed()
    }

    fn begin(&self) -> Result<(), LedgerError> {
        let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.client.borrow_mut().batch_execute(sql).map_err(|e| self.told("read", &e))
    }

    fn end(&self) -> Result<(), LedgerError> {
        self.client.borrow_mut().batch_execute("COMMIT").map_err(|e| self.told("read", &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_refused_and_no_password_is_told() {
        let refused = |url: &str| Postgres::open(url, Mode::Read).err().unwrap().to_string();
        let told = refused("postgres://croft:secret@db.example.org/croft");
        assert!(told.contains("not encrypted") && !told.contains("secret"), "{told}");
        assert!(refused("postgres:///croft").contains("not encrypted"));
    }
}

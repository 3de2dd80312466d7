//! Sets of source rows inside the database.
//!
//! A source row is one number: the table's place above 40 bits of row. A set is a blob of such numbers, ascending, eight bytes each.

use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use std::collections::{BTreeMap, BTreeSet};

const ROW_BITS: u32 = 40;

pub(super) fn split(id: u64) -> (usize, usize) {
    ((id >> ROW_BITS) as usize, (id & ((1 << ROW_BITS) - 1)) as usize)
}

pub(super) fn decode(blob: &[u8]) -> impl Iterator<Item = u64> + '_ {
    blob.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
}

fn encode(ids: impl Iterator<Item = u64>) -> Vec<u8> {
    ids.flat_map(u64::to_le_bytes).collect()
}

fn blob<'a>(ctx: &'a Context<'_>, index: usize) -> &'a [u8] {
    match ctx.get_raw(index) {
        ValueRef::Blob(bytes) => bytes,
        _ => &[],
    }
}

/// The union of the sets of many rows, which can also move over a window.
struct Gather;

type Counts = BTreeMap<u64, u32>;

impl Aggregate<Counts, Vec<u8>> for Gather {
    fn init(&self, _: &mut Context<'_>) -> Result<Counts> {
        Ok(Counts::new())
    }

    fn step(&self, ctx: &mut Context<'_>, counts: &mut Counts) -> Result<()> {
        for id in decode(blob(ctx, 0)) {
            *counts.entry(id).or_default() += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, counts: Option<Counts>) -> Result<Vec<u8>> {
        Ok(encode(counts.unwrap_or_default().into_keys()))
    }
}

impl WindowAggregate<Counts, Vec<u8>> for Gather {
    fn value(&self, counts: Option<&mut Counts>) -> Result<Vec<u8>> {
        Ok(counts.map(|c| encode(c.keys().copied())).unwrap_or_default())
    }

    fn inverse(&self, ctx: &mut Context<'_>, counts: &mut Counts) -> Result<()> {
        for id in decode(blob(ctx, 0)) {
            if let Some(count) = counts.get_mut(&id) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&id);
                }
            }
        }
        Ok(())
    }
}

/// `croft_row(table, row)`, `croft_union(set, …)`, `croft_gather(set)` over rows.
pub(crate) fn register(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("croft_row", 2, flags, |ctx| {
        let table = ctx.get::<f64>(0)? as u64;
        // A left join without a partner gives no row.
        let row = ctx.get::<Option<i64>>(1)?;
        Ok(encode(row.map(|row| table << ROW_BITS | row as u64).into_iter()))
    })?;
    connection.create_scalar_function("croft_union", -1, flags, |ctx| {
        let ids: BTreeSet<u64> = (0..ctx.len()).flat_map(|i| decode(blob(ctx, i))).collect();
        Ok(encode(ids.into_iter()))
    })?;
    connection.create_window_function("croft_gather", 1, flags, Gather)
}

//! Telling SQLite about the functions.

use super::{Arg, Body, FunctionError, Use, Value, aggregates, all};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, Error, ToSql};

/// Registers every function of the table that SQLite does not have.
pub(crate) fn register(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for function in all() {
        if function.used != Use::Row {
            continue;
        }
        match function.body {
            Body::Strict(body) => {
                connection.create_scalar_function(function.name, -1, flags, move |ctx| call(ctx, body, true))?
            }
            Body::Nulls(body) => {
                connection.create_scalar_function(function.name, -1, flags, move |ctx| call(ctx, body, false))?
            }
            Body::Native(_) | Body::Ours(_) => {}
        }
    }
    aggregates::register(connection, flags)
}

fn call(ctx: &Context<'_>, body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>, strict: bool) -> Result<Value, Error> {
    const FEW: usize = 6;
    let mut few = [Arg::Null; FEW];
    let mut many = Vec::new();
    let args = if ctx.len() <= FEW {
        &mut few[..ctx.len()]
    } else {
        many.resize(ctx.len(), Arg::Null);
        &mut many[..]
    };
    for (index, arg) in args.iter_mut().enumerate() {
        *arg = match ctx.get_raw(index) {
            ValueRef::Null => Arg::Null,
            // Beyond the range of doubles there is no value.
            ValueRef::Real(x) if !x.is_finite() => Arg::Null,
            ValueRef::Real(x) => Arg::Num(x),
            ValueRef::Integer(n) => Arg::Num(n as f64),
            ValueRef::Text(bytes) => {
                Arg::Text(std::str::from_utf8(bytes).map_err(|e| Error::UserFunctionError(Box::new(e)))?)
            }
            ValueRef::Blob(_) => Arg::Null,
        };
    }
    if strict && args.contains(&Arg::Null) {
        return Ok(Value::Null);
    }
    body(args).map_err(|e| Error::UserFunctionError(Box::new(e)))
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(SqlValue::Null),
            Self::Num(x) if x.is_finite() => ToSqlOutput::Owned(SqlValue::Real(*x)),
            Self::Num(_) => ToSqlOutput::Owned(SqlValue::Null),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bool(b) => ToSqlOutput::Owned(SqlValue::Integer(i64::from(*b))),
        })
    }
}

//! Running checked statements.
//!
//! Datasets are loaded into an in-memory SQLite database as strict tables: numbers REAL, missing numbers null with their
//! special kind in a companion, texts TEXT, and each row's place in its dataset. Behind the gate stand SQLite's own
//! guards: an authorizer that allows nothing but reading these tables and calling known functions, limits on sizes, and a
//! limit on steps, so that a statement that would run for hours stops with an error.
//!
//! A statement is rendered when it is checked and prepared when it first runs. [`Session::replace`] puts other rows into a table without
//! disturbing what is prepared, so that one statement can look at one record after another.
//!
//! The result is typed as the gate said, sorted by its keys (numbers ascending, texts by bytes as SAS and C sort them,
//! nulls first, missing kinds in SAS's order), and a key that names two rows is an error. Without keys the rows are sorted by
//! all columns. So the same data give the same bytes, whatever plan the database chose.

use crate::catalog::{Catalog, CatalogError, Table};
use crate::checked::Checked;
use crate::output;
use crate::render::{self, ROW, Rendered, quoted, table_name};
use croft_core::{Cell, Column, Dataset, Kind, Missing, Variable};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a statement may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps of SQLite's virtual machine; some hundred million take a second.
    pub steps: u64,
    /// Rows of the result.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 10_000_000_000, rows: 20_000_000 }
    }
}

/// Why a checked statement gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The dataset cannot be a table.
    #[error("the dataset cannot be read by SQL")]
    Catalog(#[from] CatalogError),
    /// A function stopped the statement; the message names it and the value.
    #[error("{message}")]
    Function {
        /// Function, value, problem.
        message: String,
    },
    /// The step limit was reached.
    #[error("the statement was stopped after {steps} steps")]
    TooLong {
        /// The limit.
        steps: u64,
    },
    /// The row limit was reached.
    #[error("the statement gives more than {rows} rows")]
    TooManyRows {
        /// The limit.
        rows: usize,
    },
    /// Two rows with one key.
    #[error("two rows have the same key: {key}")]
    DuplicateKey {
        /// `USUBJID=01, VISITNUM=2`
        key: String,
    },
    /// A table's declared keys, on which the statement's order relies, are not unique.
    #[error("{table}: rows {first} and {second} have the same key ({key}), and the statement's order relies on it")]
    TableKey {
        /// The table.
        table: String,
        /// Row, counted from 1.
        first: usize,
        /// Row, counted from 1.
        second: usize,
        /// The key's values.
        key: String,
    },
    /// Arithmetic left the range of doubles.
    #[error("row {row}: {column} is not a finite number")]
    NotFinite {
        /// Row of the result before sorting, counted from 1.
        row: usize,
        /// The column.
        column: String,
    },
    /// `X__missing` is no missing kind, or stands beside a value.
    #[error("row {row}: {column}__missing is {value:?}{}", if *.beside_value { " although there is a value" } else { "" })]
    MissingKind {
        /// Row of the result before sorting, counted from 1.
        row: usize,
        /// The number's column.
        column: String,
        /// What the companion holds.
        value: String,
        /// Whether the number is there.
        beside_value: bool,
    },
    /// The session's tables are not those that the statement was checked against.
    #[error("there is no table {table} in this session")]
    NoTable {
        /// The table.
        table: String,
    },
    /// A table of the session lacks a column, or has another kind in it.
    #[error("{table} has no {kind} column {column} in this session")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// `number` or `text`.
        kind: &'static str,
    },
    /// No row with this key in the result.
    #[error("the result has no row with this key: {key}")]
    NoSuchRow {
        /// The key as given.
        key: String,
    },
    /// A dataset that should take a table's place has other columns.
    #[error("{table} has other columns in this session")]
    OtherColumns {
        /// The table.
        table: String,
    },
    /// The database refused: a mistake of ours, told as it is.
    #[error("the database refused the statement")]
    Database(#[from] rusqlite::Error),
}

impl RunError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Catalog(error) => error.hint(),
            Self::Function { .. } => {
                "find the value in the source; try_… functions and CASE handle values that do not fit"
            }
            Self::TooLong { .. } => "look for a join without a condition, or a subquery worked out for each row",
            Self::TooManyRows { .. } => "look for a join without a condition",
            Self::DuplicateKey { .. } => "look for a join that repeats rows, or declare more keys",
            Self::TableKey { .. } => "mend the duplicate rows in the source, or declare keys that name a row",
            Self::NotFinite { .. } => "guard the arithmetic with CASE, or with nullif(divisor, 0)",
            Self::MissingKind { .. } => "give '_', '.' or a letter A to Z where the number is null, else null",
            Self::NoTable { .. } => "load the dataset first",
            Self::OtherColumns { .. } => "give it the columns with which the table was added, in their order",
            Self::NoColumn { .. } => "check the statement against the tables of this session",
            Self::NoSuchRow { .. } => "give the key's values as they stand in the result",
            Self::Database(_) => "please report this statement",
        }
    }
}

/// An in-memory database with a study's tables.
pub struct Session {
    connection: Connection,
    catalog: Catalog,
    limits: Limits,
    steps_left: Arc<AtomicU64>,
    /// Whether the session itself is loading rows. Asked by the guard, which is set once: setting it anew would expire what is prepared.
    writing: Arc<AtomicBool>,
    /// Statements that were found to fit the tables; tables are added, never taken away.
    fitting: RefCell<Vec<Arc<Rendered>>>,
    /// Tables whose keys were found to be unique.
    proven: RefCell<BTreeSet<String>>,
}

/// Statements that stay prepared.
const PREPARED: usize = 256;

/// Steps between two looks at the step limit.
const STRIDE: i32 = 10_000;

impl Session {
    /// An empty session with the usual limits.
    pub fn new() -> Result<Self, RunError> {
        Self::with_limits(Limits::default())
    }

    /// An empty session with limits of its own.
    pub fn with_limits(limits: Limits) -> Result<Self, RunError> {
        let mut connection = Connection::open_in_memory()?;
        // Nothing is ever written to a file, sorting included.
        connection
            .execute_batch("PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF; PRAGMA trusted_schema = OFF;")?;
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 0),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
            (Limit::SQLITE_LIMIT_LENGTH, 100_000_000),
        ] {
            connection.set_limit(limit, value)?;
        }
        crate::functions::register(&connection)?;
        crate::trace::register(&connection)?;
        let steps_left = Arc::new(AtomicU64::new(0));
        let left = Arc::clone(&steps_left);
        let handler = move || {
            let before = left.load(Ordering::Relaxed);
            left.store(before.saturating_sub(STRIDE as u64), Ordering::Relaxed);
            before == 0
        };
        connection.progress_handler(STRIDE, Some(handler))?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let writing = Arc::new(AtomicBool::new(false));
        guard(&mut connection, Arc::clone(&writing))?;
        Ok(Self {
            connection,
            catalog: Catalog::new(),
            limits,
            steps_left,
            writing,
            fitting: RefCell::default(),
            proven: RefCell::default(),
        })
    }

    /// The tables loaded so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Loads a dataset as a table of its name.
    ///
    /// Cost: one insert a row; memory about that of the dataset.
    pub fn add(&mut self, data: &Dataset) -> Result<(), RunError> {
        self.catalog.add(data)?;
        let Some(table) = self.catalog.table(&data.name) else { return Ok(()) };
        self.steps_left.store(u64::MAX, Ordering::Relaxed);
        let _open = Writing::begin(&self.writing);
        create(&self.connection, table)?;
        self.connection.execute_batch("BEGIN")?;
        insert(&self.connection, table, data)?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Puts a dataset's rows in place of those of the table of its name, which must have the same columns.
    ///
    /// What is prepared stays so. Cost: one insert a row; a table of one row and ten columns takes some microseconds.
    pub fn replace(&mut self, data: &Dataset) -> Result<(), RunError> {
        let table = self.catalog.table(&data.name).ok_or_else(|| RunError::NoTable { table: data.name.clone() })?;
        let same = |(a, b): (&Variable, &Variable)| a.name == b.name && a.kind == b.kind;
        if table.variables.len() != data.variables().len() || !table.variables.iter().zip(data.variables()).all(same) {
            return Err(RunError::OtherColumns { table: data.name.clone() });
        }
        self.proven.borrow_mut().remove(&table.name);
        self.steps_left.store(u64::MAX, Ordering::Relaxed);
        let _open = Writing::begin(&self.writing);
        self.connection.prepare_cached(&format!("DELETE FROM {}", table_name(&table.name)))?.execute(())?;
        insert(&self.connection, table, data)
    }

    /// Runs a checked statement and gives its result as a dataset named `name`.
    pub fn run(&self, checked: &Checked, name: &str) -> Result<Dataset, RunError> {
        self.prepare_tables(checked)?;
        let mut rows = output::Collector::new(checked, self.limits.rows);
        self.for_each_row(&checked.rendered, |row| rows.push(row))?;
        rows.finish(name)
    }

    /// Rows of the table, counted from 0, that satisfy a condition checked by [`crate::check_condition`].
    pub fn rows_where(&self, condition: &Checked) -> Result<Vec<usize>, RunError> {
        self.prepare_tables(condition)?;
        let mut rows = Vec::new();
        self.for_each_row(&condition.rendered, |row| {
            rows.push(row.get::<_, i64>(0)? as usize);
            Ok(())
        })?;
        rows.sort_unstable();
        Ok(rows)
    }

    /// Runs a statement and hands over each row of its result as it comes, unsorted; a condition is 1, 0 or null.
    pub fn each_row(&self, checked: &Checked, mut each: impl FnMut(&[Cell<'_>])) -> Result<(), RunError> {
        self.prepare_tables(checked)?;
        self.for_each_row(&checked.rendered, |row| {
            let mut cells = Vec::with_capacity(checked.width());
            for index in 0..checked.width() {
                cells.push(match row.get_ref(index)? {
                    ValueRef::Real(x) => Cell::Num(x),
                    ValueRef::Integer(n) => Cell::Num(n as f64),
                    ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).unwrap_or_default()),
                    ValueRef::Null | ValueRef::Blob(_) => Cell::Null,
                });
            }
            each(&cells);
            Ok(())
        })
    }

    /// Runs rewritten SQL row by row under the step limit.
    pub(crate) fn for_each_row(
        &self,
        rendered: &Rendered,
        mut each: impl FnMut(&Row<'_>) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        self.steps_left.store(self.limits.steps, Ordering::Relaxed);
        let told = |error: rusqlite::Error| self.explain(error);
        let mut statement = self.connection.prepare_cached(&rendered.sql)?;
        let mut rows = statement.query(params_from_iter(rendered.numbers.iter())).map_err(told)?;
        while let Some(row) = rows.next().map_err(told)? {
            each(row)?;
        }
        Ok(())
    }

    fn explain(&self, error: rusqlite::Error) -> RunError {
        match &error {
            rusqlite::Error::SqliteFailure(code, message) => match (code.code, message) {
                (rusqlite::ErrorCode::OperationInterrupted, _) => RunError::TooLong { steps: self.limits.steps },
                (rusqlite::ErrorCode::Unknown, Some(message)) if code.extended_code == rusqlite::ffi::SQLITE_ERROR => {
                    RunError::Function { message: message.clone() }
                }
                _ => RunError::Database(error),
            },
            _ => RunError::Database(error),
        }
    }

    /// The tables are there, and the keys that the check relied on are unique.
    pub(crate) fn prepare_tables(&self, checked: &Checked) -> Result<(), RunError> {
        if !self.fitting.borrow().iter().any(|known| Arc::ptr_eq(known, &checked.rendered)) {
            self.must_fit(checked)?;
            self.fitting.borrow_mut().push(Arc::clone(&checked.rendered));
        }
        for (table, keys) in &checked.relied {
            if self.proven.borrow().contains(table) {
                continue;
            }
            self.prove_unique(table, keys)?;
            self.proven.borrow_mut().insert(table.clone());
        }
        Ok(())
    }

    fn must_fit(&self, checked: &Checked) -> Result<(), RunError> {
        for table in checked.tables() {
            if self.catalog.table(table).is_none() {
                return Err(RunError::NoTable { table: table.to_owned() });
            }
        }
        for (source, kind) in &checked.kinds {
            let found = self.catalog.table(&source.table).and_then(|t| t.variable(&source.column));
            if found.is_none_or(|v| v.kind != *kind) {
                let (table, column) = (source.table.clone(), source.column.clone());
                let kind = if *kind == Kind::Num { "number" } else { "text" };
                return Err(RunError::NoColumn { table, column, kind });
            }
        }
        Ok(())
    }

    fn prove_unique(&self, table: &str, keys: &[String]) -> Result<(), RunError> {
        let names: Vec<String> = keys.iter().map(|k| quoted(k)).collect();
        let list = names.join(", ");
        let sql = format!(
            "SELECT min({ROW}), max({ROW}), {list} FROM {} GROUP BY {list} HAVING count(*) > 1 ORDER BY 1 LIMIT 1",
            table_name(table)
        );
        let mut found = None;
        self.for_each_row(&Rendered { sql, numbers: Vec::new() }, |row| {
            let (first, second) = (row.get::<_, i64>(0)? as usize + 1, row.get::<_, i64>(1)? as usize + 1);
            let mut key = Vec::new();
            for (index, name) in keys.iter().enumerate() {
                key.push(format!("{name}={}", output::shown(row.get_ref(index + 2)?)));
            }
            found = Some(RunError::TableKey { table: table.to_owned(), first, second, key: key.join(", ") });
            Ok(())
        })?;
        found.map_or(Ok(()), Err)
    }

    pub(crate) fn row_limit(&self) -> usize {
        self.limits.rows
    }

    /// The SQL that runs for a statement, to look at.
    pub fn explain_sql(checked: &Checked) -> String {
        checked.rendered.sql.clone()
    }
}

/// The session itself writes as long as this lives.
struct Writing<'s>(&'s AtomicBool);

impl<'s> Writing<'s> {
    fn begin(writing: &'s AtomicBool) -> Self {
        writing.store(true, Ordering::Relaxed);
        Self(writing)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Lets through nothing but reading the tables and calling known functions, except what the session does itself.
fn guard(connection: &mut Connection, writing: Arc<AtomicBool>) -> Result<(), RunError> {
    connection.authorizer(Some(move |ctx: AuthContext<'_>| match ctx.action {
        _ if writing.load(Ordering::Relaxed) => Authorization::Allow,
        AuthAction::Select => Authorization::Allow,
        AuthAction::Read { table_name, .. } if !table_name.starts_with("sqlite_") => Authorization::Allow,
        AuthAction::Function { function_name } if render::may_call(function_name) => Authorization::Allow,
        _ => Authorization::Deny,
    }))?;
    Ok(())
}

fn create(connection: &Connection, table: &Table) -> Result<(), RunError> {
    let mut columns = vec![format!("{ROW} INTEGER PRIMARY KEY")];
    columns.extend(table.variables.iter().map(|v| {
        let kind = if v.kind == Kind::Num { "REAL" } else { "TEXT" };
        format!("{} {kind}", quoted(&v.name))
    }));
    columns.extend(table.companions().map(|(_, name)| format!("{} TEXT", quoted(&name))));
    let name = table_name(&table.name);
    connection.execute_batch(&format!("CREATE TABLE {name} ({}) STRICT;", columns.join(", ")))?;
    let keys: Vec<String> = table.keys.iter().map(|k| quoted(k)).collect();
    if !keys.is_empty() {
        let index = quoted(&format!("k_{}", table.name));
        connection.execute_batch(&format!("CREATE INDEX {index} ON {name} ({});", keys.join(", ")))?;
    }
    Ok(())
}

fn insert(connection: &Connection, table: &Table, data: &Dataset) -> Result<(), RunError> {
    let companions: Vec<usize> = table.companions().map(|(index, _)| index).collect();
    let marks = vec!["?"; 1 + table.variables.len() + companions.len()].join(", ");
    let mut insert = connection.prepare_cached(&format!("INSERT INTO {} VALUES ({marks})", table_name(&table.name)))?;
    for row in 0..data.rows() {
        insert.raw_bind_parameter(1, row as i64)?;
        let mut at = 2;
        for column in data.columns() {
            bind(&mut insert, at, column.get(row))?;
            at += 1;
        }
        for index in &companions {
            let kind = special_kind(&data.columns()[*index], row);
            insert.raw_bind_parameter(at, kind.map(|k| k.letter().to_string()))?;
            at += 1;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

fn bind(insert: &mut rusqlite::Statement<'_>, at: usize, cell: Cell<'_>) -> Result<(), rusqlite::Error> {
    match cell {
        Cell::Num(x) => insert.raw_bind_parameter(at, x),
        Cell::Text(text) => insert.raw_bind_parameter(at, text),
        Cell::MissingNum(_) | Cell::Null => insert.raw_bind_parameter(at, rusqlite::types::Null),
    }
}

/// The missing kind, when it is a special one.
fn special_kind(column: &Column, row: usize) -> Option<Missing> {
    match column.get(row) {
        Cell::MissingNum(kind) if kind != Missing::ORDINARY => Some(kind),
        _ => None,
    }
}

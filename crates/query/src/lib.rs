//! The study's SQL: gate, types, lineage, clinical functions, execution, trace.
//!
//! ```
//! use croft_core::{Cell, Dataset, Variable};
//! use croft_query::{Session, check};
//!
//! let mut dm = Dataset::new("DM", "Demographics", vec![Variable::char("USUBJID", ""), Variable::num("AGE", "")]);
//! dm.keys = vec!["USUBJID".to_owned()];
//! dm.push_row([Cell::Text("S1-02"), Cell::Num(34.0)]);
//! dm.push_row([Cell::Text("S1-01"), Cell::Num(61.0)]);
//! let mut session = Session::new().unwrap();
//! session.add(&dm).unwrap();
//!
//! let sql = "select USUBJID, case when AGE >= 60 then '>=60' else '<60' end as AGEGR1 from DM";
//! let checked = check(sql, session.catalog(), &["USUBJID"]).unwrap();
//! let adsl = session.run(&checked, "ADSL").unwrap();
//! assert_eq!(adsl.cell(0, "AGEGR1"), Some(Cell::Text(">=60")));
//! ```
//!
//! A statement goes one way: [`check`] turns its text into a typed tree or says, with places and remedies, what is
//! wrong; [`Session::run`] executes the tree on in-memory SQLite; [`Checked::columns`] and [`Checked::tables`] tell where the
//! result comes from; [`Session::trace`] names the source rows behind one row of it. A condition that looks at nothing but its row
//! is worked out without a database: [`Checked::row_condition`].

pub mod catalog;
mod checked;
pub mod functions;
pub mod fuzz;
pub mod gate;
pub mod lineage;
mod output;
mod plan;
mod render;
pub mod row;
pub mod session;
mod trace;

pub use catalog::{Catalog, CatalogError, Table};
pub use checked::Checked;
pub use gate::{SqlError, Wanted, check, check_columns, check_condition, columns_named, tables_named};
pub use lineage::{ColumnLineage, Derivation, Source};
pub use row::{RowExpr, Seen};
pub use session::{Limits, RunError, Session};
pub use trace::SourceRow;

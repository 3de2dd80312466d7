//! CDISC and tabular files: XPT, Dataset-JSON, define.xml, CSV, XLSX.

pub mod charset;
pub mod csv;
pub mod dataset_json;
pub mod define;
pub mod files;
pub mod fuzz;
pub mod model;
pub mod sas_time;
pub mod xlsx;
pub mod xpt;
pub mod xz;

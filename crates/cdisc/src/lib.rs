//! CDISC and tabular files: XPT, Dataset-JSON, define.xml, CSV, XLSX.

pub mod charset;
pub mod model;
pub mod xpt;
pub mod xz;

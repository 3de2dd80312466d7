//! CDISC and tabular files: XPT, Dataset-JSON, define.xml, CSV, XLSX.

pub mod model;

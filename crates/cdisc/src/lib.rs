//! CDISC and tabular files: how are they read, written, and turned into one another?
//!
//! | module | answers |
//! |---|---|
//! | [`xpt`] | SAS transport files of version 5 and 8 |
//! | [`dataset_json`] | Dataset-JSON 1.1 as JSON, NDJSON and DSJC |
//! | [`csv`], [`xlsx`] | delimited text and workbooks |
//! | [`files`] | which format a file is in, and one into another |
//! | [`ars`] | reporting events of the Analysis Results Standard |
//! | [`define`] | define.xml 2.0 and 2.1, analysis results metadata, the stylesheet |
//! | [`expression`] | conditions and calculations of other systems, as SQL |
//! | [`odm`] | ODM 1.1 to 2.0: studies, their data, audit records |
//! | [`redcap`] | REDCap's data dictionaries, events and rules |
//! | [`library`] | what each version of SDTMIG, SENDIG, ADaMIG and the model says |
//! | [`model`] | what the standards say about a dataset, a variable, a term |
//! | [`usdm`] | study definitions as the datasets that rules are written for |
//! | [`terminology`] | packages of controlled terminology: look up, compare, read as published |
//! | [`charset`], [`sas_time`], [`xz`] | encodings, SAS dates, archives |
//!
//! Nothing here opens files or reads a clock: bytes, readers, writers and stamps come in.

// Its macro for tables of elements serves the modules after it.
#[macro_use]
pub mod odm;

pub mod ars;
pub mod charset;
pub mod csv;
pub mod dataset_json;
pub mod define;
pub mod expression;
pub mod files;
pub mod fuzz;
pub mod library;
pub mod model;
pub mod redcap;
pub mod sas_time;
pub mod terminology;
pub mod usdm;
pub mod xlsx;
pub mod xpt;
pub mod xz;

//! The study's SQL: gate, types, lineage, clinical functions, execution.

//! A small file that unpacks to a large one is refused before it fills the memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_cdisc::dataset_json::{JsonError, read_dsjc};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

#[test]
fn a_packed_line_without_end_is_refused() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        packed.write_all(&vec![b'1'; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 400_000, "{}", packed.len());
    let error = read_dsjc(packed.as_slice()).unwrap_err();
    assert!(matches!(error, JsonError::LineTooLong { line: 1 }), "{error}");
}

//! Does any input make a reader panic?
//!
//! One plain function a reader: any bytes go in, nothing may panic. What is read must be written and read again to the same values.
//! Continuous integration runs seeded mutations through them on the stable toolchain; the coverage-guided fuzzer takes the same functions.

use crate::ars;
use crate::csv::{self, CsvOptions};
use crate::dataset_json::{self, Document};
use crate::define;
use crate::terminology;
use crate::xlsx::{self, XlsxOptions};
use crate::xpt::{self, ReadOptions, WriteOptions};
use crate::xz;

/// Transport files of both versions.
pub fn fuzz_xpt(data: &[u8]) {
    let Ok(contents) = xpt::read(data, &ReadOptions::default()) else { return };
    for read in contents {
        let _ = xpt::check(&read.dataset, &WriteOptions::like(&read.member));
        let mut written = Vec::new();
        // Numbers below the range of normalised IBM doubles are read, but not written.
        if xpt::write(&read.dataset, &WriteOptions::like(&read.member), &mut written).is_err() {
            continue;
        }
        match xpt::read(&written[..], &ReadOptions::default()) {
            Ok(again) => assert!(same(&again[0].dataset, &read.dataset), "another dataset comes back"),
            Err(error) => panic!("what was written cannot be read: {error}"),
        }
    }
}

fn same(a: &croft_core::Dataset, b: &croft_core::Dataset) -> bool {
    a.columns() == b.columns() && a.variables().iter().map(|v| &v.name).eq(b.variables().iter().map(|v| &v.name))
}

/// Dataset-JSON.
pub fn fuzz_json(data: &[u8]) {
    if let Ok(document) = dataset_json::read_json(data) {
        assert_comes_back(&document);
    }
}

/// Dataset-NDJSON.
pub fn fuzz_ndjson(data: &[u8]) {
    if let Ok(document) = dataset_json::read_ndjson(data) {
        assert_comes_back(&document);
    }
}

/// Compressed Dataset-JSON.
pub fn fuzz_dsjc(data: &[u8]) {
    if let Ok(document) = dataset_json::read_dsjc(data) {
        assert_comes_back(&document);
    }
}

fn assert_comes_back(document: &Document) {
    let mut written = Vec::new();
    let wrote = dataset_json::write_ndjson(&document.dataset, &document.meta, &mut written);
    assert!(wrote.is_ok(), "what was read is written");
    match dataset_json::read_ndjson(&written[..]) {
        Ok(again) => assert!(same(&again.dataset, &document.dataset), "another dataset comes back"),
        Err(error) => panic!("what was written cannot be read: {error}"),
    }
}

/// Delimited text.
pub fn fuzz_csv(data: &[u8]) {
    let Ok(read) = csv::read(data, &CsvOptions::default()) else { return };
    let mut written = Vec::new();
    let wrote = csv::write(&read.dataset, b',', &mut written);
    assert!(wrote.is_ok(), "what was read is written");
    // Names and numbers lose their outer blanks, so the second time settles it.
    if let Ok(again) = csv::read(&written, &CsvOptions::default()) {
        assert_eq!(again.dataset.rows(), read.dataset.rows(), "rows are kept");
    }
}

/// Workbooks.
pub fn fuzz_xlsx(data: &[u8]) {
    if let Ok(read) = xlsx::read(data, &XlsxOptions::default()) {
        let wrote = xlsx::write(&read.dataset, Vec::new());
        assert!(wrote.is_ok(), "what was read is written");
    }
}

/// xz archives.
pub fn fuzz_xz(data: &[u8]) {
    let _ = xz::unpack(data);
}

/// define.xml of both versions: read, checked, shown, compared with itself.
pub fn fuzz_define(data: &[u8]) {
    let findings = define::check(data);
    let Ok(read) = define::read(data) else {
        assert!(!findings.is_empty(), "what cannot be read has a finding");
        return;
    };
    let _ = define::html(&read);
    assert!(define::diff(&read, &read).is_empty(), "nothing differs from itself");
    match define::write(&read) {
        Ok(written) => match define::read(written.as_bytes()) {
            Ok(again) => assert!(again == read, "another define.xml comes back"),
            Err(error) => panic!("what was written cannot be read: {error}"),
        },
        Err(error) => panic!("what was read cannot be written: {error}"),
    }
}

/// Controlled terminology as a table: NCI EVS's text, or one row a term.
pub fn fuzz_ct_table(data: &[u8]) {
    if !data.starts_with(b"<") && !data.starts_with(&[0x1f, 0x8b]) {
        fuzz_ct(data);
    }
}

/// Controlled terminology as ODM.
pub fn fuzz_ct_odm(data: &[u8]) {
    if data.starts_with(b"<") {
        fuzz_ct(data);
    }
}

/// A package in croft's own form; its text, since a mutated archive only ever fails its sum.
pub fn fuzz_ct_store(data: &[u8]) {
    let _ = terminology::store::open(data);
    let _ = terminology::store::open(&terminology::store::pack(data));
}

fn fuzz_ct(data: &[u8]) {
    let Ok(name) = terminology::PackageName::new("sdtm", "2025-03-28") else { return };
    let Ok(package) = terminology::read("x", data, Some(name)) else { return };
    // A field between commas may hold a line break, which croft's form refuses.
    let Ok(written) = terminology::store::write(&package) else { return };
    match terminology::store::open(&written) {
        Ok(again) => assert!(terminology::diff(&package, &again).is_empty(), "another package comes back"),
        Err(error) => panic!("what was written cannot be read: {error}"),
    }
}

/// Reporting events: read, checked, written, read again.
pub fn fuzz_ars(data: &[u8]) {
    let Ok(event) = ars::read(data) else { return };
    let _ = ars::check(&event);
    match ars::read(ars::write(&event).as_bytes()) {
        Ok(again) => assert!(again == event, "another reporting event comes back"),
        Err(error) => panic!("what was written cannot be read: {error}"),
    }
}

use super::{FOLDERS, bytes, folder, json};
use croft_cdisc::charset::Charset;
use croft_cdisc::xpt::{self, ReadOptions, Version, WriteOptions, XptError};
use croft_core::{Cell, Column, Dataset};
use croft_testkit::{assert_checked, assert_close};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn options(expected: &Value) -> ReadOptions {
    let encoding = expected["encoding"].as_str().unwrap();
    ReadOptions { charset: (encoding != "utf-8").then(|| Charset::named(encoding).unwrap()) }
}

/// A format as pyreadstat shows it: without the final point.
fn shown(format: Option<&str>) -> Option<&str> {
    format.map(|f| f.strip_suffix('.').unwrap_or(f))
}

fn assert_column(what: &str, dataset: &Dataset, i: usize, expected: &Value) {
    let variable = &dataset.variables()[i];
    assert_eq!(variable.name, expected["name"], "{what}");
    assert_eq!(variable.label, expected["label"].as_str().unwrap_or_default(), "{what}");
    assert_eq!(variable.length.map(u64::from), expected["length"].as_u64(), "{what}");
    assert_eq!(shown(variable.format.as_deref()), expected["format"].as_str(), "{what}");
    assert_eq!(format!("{:?}", variable.kind), expected["type"], "{what}");
    match &dataset.columns()[i] {
        Column::Num(numbers) => {
            let present: Vec<f64> = (0..numbers.len()).filter_map(|row| numbers.get(row).ok()).collect();
            assert_eq!((numbers.len() - present.len()) as u64, expected["n_missing"], "{what}");
            if let Some(sum) = expected["sum"].as_f64() {
                assert_close(what, present.iter().sum(), sum, 1e-12);
                let extreme = |f: fn(f64, f64) -> f64| present.iter().copied().reduce(f).unwrap();
                assert_close(what, extreme(f64::min), expected["min"].as_f64().unwrap(), 1e-15);
                assert_close(what, extreme(f64::max), expected["max"].as_f64().unwrap(), 1e-15);
            }
        }
        Column::Char(texts) => {
            let all: Vec<&str> = texts.iter().map(Option::unwrap_or_default).collect();
            assert_eq!(hex(&Sha256::digest(all.join("\n"))), expected["sha256_of_values"], "{what}");
            assert_eq!(all.iter().filter(|t| t.trim().is_empty()).count() as u64, expected["n_blank"], "{what}");
        }
    }
}

#[test]
fn every_published_transport_file_is_read_and_written_back() {
    let (mut files, mut columns, mut same_bytes) = (0, 0, 0);
    for name in FOLDERS {
        let Some(folder) = folder(name) else { return };
        for expected in json(&folder.join("expected.json")).as_array().unwrap() {
            let path = folder.join(expected["stored_as"].as_str().unwrap());
            let source = bytes(&path);
            assert_eq!(hex(&Sha256::digest(&source)), expected["sha256"]);
            let mut contents = xpt::read(&source[..], &options(expected)).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            assert_eq!(contents.len(), 1);
            let read = contents.remove(0);
            assert_eq!(read.dataset.name, expected["dataset_name"], "{path:?}");
            assert_eq!(read.dataset.label, expected["dataset_label"].as_str().unwrap_or_default(), "{path:?}");
            assert_eq!(read.dataset.rows() as u64, expected["rows"], "{path:?}");
            let expected_columns = expected["columns"].as_array().unwrap();
            assert_eq!(read.dataset.variables().len(), expected_columns.len());
            for (i, column) in expected_columns.iter().enumerate() {
                assert_column(&format!("{path:?} {}", column["name"]), &read.dataset, i, column);
                columns += 1;
            }
            assert_eq!(read.findings.iter().any(|f| f.rule == "XPT-ENCODING"), read.member.charset.is_some());
            let mut written = Vec::new();
            xpt::write(&read.dataset, &WriteOptions::like(&read.member), &mut written).unwrap();
            let again = xpt::read(&written[..], &options(expected)).unwrap().remove(0);
            assert_eq!(again.dataset, read.dataset, "{path:?}");
            assert_eq!(again.member, read.member, "{path:?}");
            assert!(written == source || differing_bytes(&source, &written) == 6, "{path:?}");
            same_bytes += usize::from(written == source);
            files += 1;
        }
    }
    assert_checked("transport files", files, 137);
    assert_checked("columns", columns, 2114);
    // One file of IBM doubles with more than 53 bits: pds2014-tumor/pc.xpt.
    assert_checked("transport files written back to the same bytes", same_bytes, 136);
}

fn differing_bytes(a: &[u8], b: &[u8]) -> usize {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(x, y)| x != y).count()
}

#[test]
fn edge_numbers_have_their_bytes_and_values() {
    let Some(folder) = folder("xpt-edge") else { return };
    let expected = json(&folder.join("expected.json"));
    let (width, start) = (expected["record_length"].as_u64().unwrap(), expected["obs_offset"].as_u64().unwrap());
    let mut checked = 0;
    let mut peer_flaws = 0;
    for file in ["edge_v5.xpt", "edge_v8.xpt"] {
        let source = bytes(&folder.join(file));
        let read = xpt::read(&source[..], &ReadOptions::default()).unwrap().remove(0);
        for row in expected["rows"].as_array().unwrap() {
            let index = row["row"].as_u64().unwrap();
            let at = (start + width * index) as usize + 8;
            let ibm = row["ibm_hex_in_file"].as_str().unwrap();
            assert_eq!(hex(&source[at..at + 8]), ibm);
            let got = read.dataset.columns()[1].get(index as usize);
            if row.get("note").is_some() {
                peer_flaws += 1;
                continue;
            }
            match u64::from_str_radix(row["ieee_hex"].as_str().unwrap(), 16).map(f64::from_bits) {
                Ok(x) if x.is_nan() => assert!(matches!(got, Cell::MissingNum(_)), "row {index}"),
                Ok(x) => assert_eq!(got.num().map(f64::to_bits), Some(x.to_bits()), "row {index}"),
                Err(_) => panic!("row {index} has no number"),
            }
            let text = row["text_read_back"].as_str().unwrap();
            assert_eq!(read.dataset.columns()[2].get(index as usize), Cell::Text(text), "row {index}");
            checked += 1;
        }
        let mut written = Vec::new();
        xpt::write(&read.dataset, &WriteOptions::like(&read.member), &mut written).unwrap();
        assert!(written == source, "{file} is written back to the same bytes");
    }
    assert_checked("edge rows, both versions", checked + peer_flaws, 62);
}

#[test]
fn a_file_made_by_sas_in_version_8_is_written_back_to_the_same_bytes() {
    let Some(folder) = folder("xpt-edge") else { return };
    for (file, rows, variables, version) in
        [("test_dataset_sas_v8.xpt", 74, 37, Version::V8), ("test_dataset.xpt", 1583, 17, Version::V5)]
    {
        let source = bytes(&folder.join(file));
        let read = xpt::read(&source[..], &ReadOptions::default()).unwrap().remove(0);
        assert_eq!((read.dataset.rows(), read.dataset.variables().len()), (rows, variables));
        assert_eq!(read.member.version, version);
        let mut written = Vec::new();
        xpt::write(&read.dataset, &WriteOptions::like(&read.member), &mut written).unwrap();
        assert!(written == source, "{file}");
    }
    let empty = bytes(&folder.join("test_empty_dataset.xpt"));
    assert!(matches!(xpt::read(&empty[..], &ReadOptions::default()), Err(XptError::Empty)));
}

#[test]
fn a_row_at_a_time_gives_what_the_whole_gives() {
    let Some(folder) = folder("pilot-adam") else { return };
    let source = bytes(&folder.join("adae.xpt"));
    let whole = xpt::read(&source[..], &ReadOptions::default()).unwrap().remove(0).dataset;
    let mut reader = xpt::Reader::new(&source[..], &ReadOptions::default()).unwrap();
    reader.next_member().unwrap().unwrap();
    let mut rows = 0;
    while let Some(row) = reader.next_row().unwrap() {
        for (i, column) in whole.columns().iter().enumerate() {
            assert_eq!(row.cell(i), column.get(rows));
        }
        rows += 1;
    }
    assert_checked("streamed rows", rows, 1191);
    assert!(reader.next_member().unwrap().is_none());
}

#[test]
fn text_that_is_not_utf8_names_its_cell_until_an_encoding_is_named() {
    let Some(folder) = folder("pilot-sdtm") else { return };
    let source = bytes(&folder.join("ts.xpt"));
    match xpt::read(&source[..], &ReadOptions::default()) {
        Err(XptError::Undecodable { dataset, variable, byte, offset, .. }) => {
            assert_eq!((dataset.as_str(), variable.as_str(), byte), ("TS", "TSVAL", 0x92));
            assert_eq!(source[offset as usize], 0x92);
        }
        other => panic!("{other:?}"),
    }
}

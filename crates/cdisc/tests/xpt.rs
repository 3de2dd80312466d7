//! Laws of the transport format: what is written is read back, and damage is told, never guessed over.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::xpt::{self, ReadOptions, Stamp, Version, WriteOptions, XptError};
use croft_core::{Cell, Dataset, Kind, Missing, Variable};
use proptest::prelude::*;

fn options(version: Version) -> WriteOptions {
    WriteOptions::new(version, Stamp::new(2024, 1, 2, 13, 5, 0).unwrap())
}

fn written(dataset: &Dataset, version: Version) -> Vec<u8> {
    let mut bytes = Vec::new();
    xpt::write(dataset, &options(version), &mut bytes).unwrap();
    bytes
}

fn read_one(bytes: &[u8]) -> Dataset {
    xpt::read(bytes, &ReadOptions::default()).unwrap().remove(0).dataset
}

fn doses() -> Dataset {
    let mut dose = Variable::num("EXDOSE", "Dose");
    dose.format = Some("8.1".to_owned());
    dose.informat = Some("BEST12.".to_owned());
    let mut data = Dataset::new("EX", "Exposure", vec![Variable::char("USUBJID", "Subject"), dose]);
    data.push_row([Cell::Text("01-001"), Cell::Num(320.5)]);
    data.push_row([Cell::Text("  é"), Cell::MissingNum(Missing::from_letter('B').unwrap())]);
    data
}

#[test]
fn a_dataset_keeps_values_and_metadata_in_both_versions() {
    for version in [Version::V5, Version::V8] {
        let bytes = written(&doses(), version);
        assert_eq!(bytes.len() % 80, 0);
        let read = xpt::read(&bytes[..], &ReadOptions::default()).unwrap().remove(0);
        assert_eq!(read.member.version, version);
        assert_eq!(read.member.origin.created.to_string(), "02JAN24:13:05:00");
        assert_eq!((read.dataset.name.as_str(), read.dataset.label.as_str()), ("EX", "Exposure"));
        assert_eq!(read.dataset.columns(), doses().columns());
        let dose = &read.dataset.variables()[1];
        assert_eq!((dose.format.as_deref(), dose.informat.as_deref()), (Some("8.1"), Some("BEST12.")), "stay apart");
        assert_eq!(read.dataset.variables()[0].length, Some(6), "bytes of the longest text");
    }
}

#[test]
fn all_missing_kinds_and_short_lengths_survive() {
    let mut short = Variable::num("X", "");
    short.length = Some(3);
    let mut data = Dataset::new("D", "", vec![short, Variable::num("Y", "")]);
    for kind in Missing::all() {
        data.push_row([Cell::MissingNum(kind), Cell::MissingNum(kind)]);
    }
    data.push_row([Cell::Num(-4096.0), Cell::Num(-0.0)]);
    let read = read_one(&written(&data, Version::V5));
    assert_eq!(read.columns(), data.columns());
    assert!(read.cell(28, "Y").and_then(Cell::num).unwrap().is_sign_negative());
}

#[test]
fn long_names_labels_and_formats_need_version_8() {
    let mut variable = Variable::num("A_LONG_VARIABLE_NAME", &"long label ".repeat(9));
    variable.format = Some("LONGFORMATNAME12.3".to_owned());
    let data = Dataset::new("A_LONG_DATASET_NAME", "", vec![Variable::char("SHORT", "s"), variable]);
    let error = xpt::write(&data, &options(Version::V5), Vec::new()).unwrap_err();
    assert!(matches!(error, XptError::Limit { what: "variable", version: 5, .. }), "{error}");
    let read = read_one(&written(&data, Version::V8));
    assert_eq!(read.name, "A_LONG_DATASET_NAME");
    assert_eq!(read.variables()[1].name, "A_LONG_VARIABLE_NAME");
    assert_eq!(read.variables()[1].label, "long label ".repeat(9).trim_end());
    assert_eq!(read.variables()[1].format.as_deref(), Some("LONGFORMATNAME12.3"));
    let rules: Vec<_> = xpt::check(&data, &options(Version::V8)).into_iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["XPT-NAME-LENGTH", "XPT-NAME-LENGTH", "XPT-LABEL-LENGTH"]);
}

#[test]
fn a_library_of_several_members_is_read_in_full() {
    let first = written(&doses(), Version::V5);
    let mut second = doses();
    second.name = "EC".to_owned();
    let mut bytes = first.clone();
    bytes.extend(&written(&second, Version::V5)[240..]);
    let contents = xpt::read(&bytes[..], &ReadOptions::default()).unwrap();
    let names: Vec<_> = contents.iter().map(|r| (r.dataset.name.as_str(), r.dataset.rows())).collect();
    assert_eq!(names, [("EX", 2), ("EC", 2)]);
    // A reader that does not look at the first member's rows finds the second all the same.
    let mut reader = xpt::Reader::new(&bytes[..], &ReadOptions::default()).unwrap();
    assert_eq!(reader.next_member().unwrap().unwrap().name, "EX");
    assert_eq!(reader.next_member().unwrap().unwrap().name, "EC");
    assert_eq!(reader.next_row().unwrap().unwrap().cell(1), Cell::Num(320.5));
}

#[test]
fn empty_datasets_are_datasets() {
    for version in [Version::V5, Version::V8] {
        let data = Dataset::new("EMPTY", "Nobody", vec![Variable::char("USUBJID", ""), Variable::num("AGE", "")]);
        let read = read_one(&written(&data, version));
        assert_eq!((read.rows(), read.variables().len()), (0, 2));
        let none = Dataset::new("NONE", "", Vec::new());
        assert_eq!(read_one(&written(&none, version)).variables().len(), 0);
    }
}

#[test]
fn blank_rows_at_the_end_are_kept_where_they_are_not_padding() {
    let mut data = Dataset::new("D", "", vec![Variable::char("T", "")]);
    data.variables_mut()[0].length = Some(8);
    data.push_row([Cell::Text("a")]);
    (0..12).for_each(|_| data.push_row([Cell::Text("")]));
    // 13 rows of 8 bytes: 104 bytes of two records. Rows from byte 88 on look like padding; rows up to 11 do not.
    assert_eq!(read_one(&written(&data, Version::V5)).rows(), 11);
    let rules: Vec<_> = xpt::check(&data, &options(Version::V5)).into_iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["XPT-BLANK-ROW"]);
    assert_eq!(read_one(&written(&data, Version::V8)).rows(), 13);
    assert_eq!(xpt::check(&data, &options(Version::V8)), []);
}

#[test]
fn numbers_and_texts_that_do_not_fit_name_their_cell() {
    let one = |value: f64, length: u32| {
        let mut x = Variable::num("X", "");
        x.length = Some(length);
        let mut data = Dataset::new("D", "", vec![x]);
        data.push_row([Cell::Num(1.0)]);
        data.push_row([Cell::Num(value)]);
        xpt::write(&data, &options(Version::V5), Vec::new()).unwrap_err().to_string()
    };
    assert!(one(1e76, 8).starts_with("dataset D, row 2, variable X: 1e76 is too large"));
    assert!(one(-1e-80, 8).contains("too near zero"));
    assert!(one(0.1, 4).contains("does not fit 4 bytes"));
    let mut t = Variable::char("T", "");
    t.length = Some(2);
    let mut data = Dataset::new("D", "", vec![t]);
    data.push_row([Cell::Text("é+")]);
    let error = xpt::write(&data, &options(Version::V5), Vec::new()).unwrap_err();
    assert!(matches!(error, XptError::TextTooLong { row: 1, bytes: 3, length: 2, .. }));
}

#[test]
fn every_cut_of_a_file_is_an_error_or_whole_rows() {
    for version in [Version::V5, Version::V8] {
        let mut data = doses();
        (0..40).for_each(|i| data.push_row([Cell::Text("01-00x"), Cell::Num(f64::from(i) + 0.3)]));
        let bytes = written(&data, version);
        let width = 14;
        let start = 1040;
        for cut in 0..bytes.len() {
            match xpt::read(&bytes[..cut], &ReadOptions::default()) {
                Ok(contents) => {
                    let rows = contents.first().map_or(0, |r| r.dataset.rows());
                    let whole = cut < start || (cut - start) % width == 0 || rows == 42;
                    assert!(whole, "cut at {cut}: {rows} rows");
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    let error = xpt::read(&written(&doses(), Version::V5)[..1050], &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "the file ends at byte 1050, within dataset EX, row 1");
}

#[test]
fn what_is_no_transport_file_is_told_apart() {
    let error = |bytes: &[u8]| xpt::read(bytes, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error(b""), XptError::Empty));
    assert!(matches!(error(b"USUBJID,AGE\n01,33\n"), XptError::NotTransport));
    assert!(matches!(error(b"**COMPRESSED** **COMPRESSED** **COMPRESSED**"), XptError::Cport));
}

/// A dataset of any shape whose values a transport file can hold.
fn any_dataset() -> impl Strategy<Value = Dataset> {
    let cell = |kind: Kind| match kind {
        Kind::Num => prop_oneof![
            (-1e60..1e60_f64).prop_map(Ok),
            (0_usize..28).prop_map(|i| Err(Missing::all().nth(i).unwrap())),
        ]
        .prop_map(|x| (x, String::new()))
        .boxed(),
        Kind::Char => "[ -~é]{0,12}".prop_map(|t| (Ok(0.0), t.trim_end_matches(' ').to_owned())).boxed(),
    };
    let kinds = prop::collection::vec(prop::bool::ANY.prop_map(|b| if b { Kind::Num } else { Kind::Char }), 1..5);
    (kinds, 0..9_usize).prop_flat_map(move |(kinds, rows)| {
        let row: Vec<_> = kinds.iter().map(|&k| cell(k)).collect();
        (Just(kinds), prop::collection::vec(row, rows)).prop_map(|(kinds, rows)| {
            let variable = |(i, kind): (usize, &Kind)| match kind {
                Kind::Num => Variable::num(&format!("N{i}"), "number"),
                Kind::Char => Variable::char(&format!("C{i}"), "text"),
            };
            let mut data = Dataset::new("ANY", "any", kinds.iter().enumerate().map(variable).collect());
            for row in &rows {
                data.push_row(row.iter().zip(&kinds).map(|((number, text), kind)| match (kind, number) {
                    (Kind::Char, _) => Cell::Text(text),
                    (Kind::Num, Ok(x)) => Cell::Num(*x),
                    (Kind::Num, Err(kind)) => Cell::MissingNum(*kind),
                }));
            }
            data
        })
    })
}

proptest! {
    #[test]
    fn written_then_read_is_the_same(data in any_dataset()) {
        let read = read_one(&written(&data, Version::V8));
        prop_assert_eq!(read.columns(), data.columns());
        // Version 5 drops only what the writer warned of.
        let read = read_one(&written(&data, Version::V5));
        let warned = xpt::check(&data, &options(Version::V5)).iter().any(|f| f.rule == "XPT-BLANK-ROW");
        prop_assert_eq!(read.rows() == data.rows(), !warned);
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..1200, byte: u8) {
        let mut bytes = written(&doses(), Version::V5);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = xpt::read(&bytes[..], &ReadOptions::default());
    }
}

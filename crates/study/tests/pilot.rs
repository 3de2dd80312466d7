//! The CDISC pilot's published ADaM, derived from its published SDTM by the statements of `examples/cdisc-pilot`, compared variable by variable and row by row.
//!
//! What differs must be what `pilot/differences.csv` lists: dataset, variable, number of rows, reason. An unlisted difference fails, and so does a
//! listed one that is gone or has another number of rows. Metadata (label, type, length of a text, display format, order) are compared too. A later
//! edition of the same study is compared by values; its differences stand under `NAME later`.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use croft_cdisc::files::{self, LoadOptions};
use croft_core::{Cell, Dataset, Kind};
use croft_study::{Freeze, road};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// SDTM that the statements read. VS is absent from the published copy.
const SDTM: [&str; 9] =
    ["ae.xpt.xz", "dm.xpt", "ds.xpt", "ex.xpt", "mh.xpt.xz", "qs.xpt.xz", "sc.xpt", "suppds.xpt", "sv.xpt"];

/// A derived dataset, the published file, and the variables that name a row in both.
const PAIRS: [(&str, &str, &[&str]); 5] = [
    ("ADSL", "pilot-adam/adsl.xpt", &["USUBJID"]),
    ("ADAE", "pilot-adam/adae.xpt", &["USUBJID", "AESEQ"]),
    ("ADTTE", "pilot-adam/adtte.xpt", &["USUBJID", "PARAMCD"]),
    ("ADQSCIBC", "pilot-adam/adqscibc.xpt", &["USUBJID", "PARAMCD", "AVISITN", "QSSEQ"]),
    ("ADQSADAS", "datasetjson-1.1/adam/adadas.dsjc", &["USUBJID", "PARAMCD", "AVISITN", "QSSEQ"]),
];

/// The same study in a later edition (define 2.1): its values are compared, its labels and lengths are of another standard.
const LATER: [(&str, &str, &[&str]); 4] = [
    ("ADSL", "datasetjson-1.1/adam/adsl.dsjc", &["USUBJID"]),
    ("ADAE", "datasetjson-1.1/adam/adae.dsjc", &["USUBJID", "AESEQ"]),
    ("ADTTE", "datasetjson-1.1/adam/adtte.dsjc", &["USUBJID", "PARAMCD"]),
    ("ADQSCIBC", "datasetjson-1.1/adam/adcibc.dsjc", &["USUBJID", "PARAMCD", "AVISITN", "QSSEQ"]),
];

/// Numbers agree to the 12 digits that the published Dataset-JSON was written with.
const TOLERANCE: f64 = 1e-10;

#[derive(Deserialize)]
struct Difference {
    dataset: String,
    variable: String,
    /// `value` or the part of the metadata.
    what: String,
    rows: usize,
    reason: String,
}

/// Differences found: dataset, variable, what; in how many rows.
type Found = BTreeMap<(String, String, String), usize>;

#[test]
fn the_published_adam_is_derived_from_the_published_sdtm() {
    let Some(reference) = croft_testkit::reference("cdisc/pilot-sdtm") else { return };
    let cdisc = reference.parent().unwrap();
    let study = derive(&reference);
    let mut found = Found::new();
    for (name, published, keys) in PAIRS {
        let ours = load(&study.join(format!("out/derive/{}.xpt", name.to_lowercase())));
        let theirs = load(&cdisc.join(published));
        compare(name, &ours, &theirs, keys, &mut found);
        compare_metadata(name, &ours, &theirs, &mut found);
    }
    for (name, published, keys) in LATER {
        let ours = load(&study.join(format!("out/derive/{}.xpt", name.to_lowercase())));
        compare(&format!("{name} later"), &ours, &load(&cdisc.join(published)), keys, &mut found);
    }
    let listed: Vec<Difference> =
        croft_testkit::csv_rows(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pilot/differences.csv"));
    for difference in &listed {
        assert!(difference.reason.len() > 20, "{}.{} has a reason", difference.dataset, difference.variable);
    }
    let listed: Found = listed.into_iter().map(|d| ((d.dataset, d.variable, d.what), d.rows)).collect();
    let only = |a: &Found, b: &Found| {
        a.iter().filter(|(k, n)| b.get(*k) != Some(n)).map(|(k, n)| format!("{k:?}: {n} rows")).collect::<Vec<_>>()
    };
    assert_eq!(only(&found, &listed), Vec::<String>::new(), "found, and not listed so");
    assert_eq!(only(&listed, &found), Vec::<String>::new(), "listed, and not found so");
}

/// Where a published value of the questionnaires differs from ours, it contradicts the very record that it names by QSSEQ.
#[test]
fn published_scores_that_differ_contradict_the_records_that_they_name() {
    let Some(reference) = croft_testkit::reference("cdisc/pilot-sdtm") else { return };
    let cdisc = reference.parent().unwrap();
    let study = derive(&reference);
    let qs = load(&reference.join("qs.xpt.xz"));
    let mut recorded = BTreeMap::new();
    for row in 0..qs.rows() {
        recorded.insert(key(&qs, row, &["USUBJID", "QSSEQ"]), number(&qs, row, "QSSTRESN"));
    }
    let mut checked = 0;
    for (name, published, keys) in &PAIRS[3..] {
        let ours = load(&study.join(format!("out/derive/{}.xpt", name.to_lowercase())));
        let theirs = load(&cdisc.join(published));
        let rows = by_key(&theirs, keys);
        for row in 0..ours.rows() {
            let (mine, published) = (number(&ours, row, "AVAL"), number(&theirs, rows[&key(&ours, row, keys)], "AVAL"));
            if same_number(mine, published) {
                continue;
            }
            // QSSTRESN of a total is recorded with 8 decimals.
            let source = recorded[&key(&ours, row, &["USUBJID", "QSSEQ"])].unwrap();
            assert!((mine.unwrap() - source).abs() < 1e-6, "{name}, row {row}: ours {mine:?}, recorded {source}");
            assert!((published.unwrap() - source).abs() > 0.5, "{name}, row {row}: published {published:?}");
            checked += 1;
        }
    }
    croft_testkit::assert_checked("published scores that contradict their source", checked, 57);
}

/// The study folder with the published SDTM in it, derived.
fn derive(sdtm: &Path) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cdisc-pilot");
    let thread = std::thread::current().name().unwrap_or("pilot").replace("::", "-");
    let study = Path::new(env!("CARGO_TARGET_TMPDIR")).join(thread);
    let _ = std::fs::remove_dir_all(&study);
    for folder in ["data", "derive"] {
        std::fs::create_dir_all(study.join(folder)).unwrap();
    }
    std::fs::copy(example.join("study.toml"), study.join("study.toml")).unwrap();
    for entry in std::fs::read_dir(example.join("derive")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, study.join("derive").join(path.file_name().unwrap())).unwrap();
    }
    for file in SDTM {
        std::fs::write(study.join("data").join(file), std::fs::read(sdtm.join(file)).unwrap()).unwrap();
    }
    let by = Freeze { by: "A. Tester".into(), at: "2026-01-01T00:00:00Z".into(), reason: "published pilot".into() };
    road::freeze(&study, &by).unwrap();
    let made = road::make(&study, "derive", &mut |_, _| {}).unwrap();
    assert_eq!(made.datasets.len(), PAIRS.len());
    assert!(made.findings.is_empty(), "{:?}", made.findings);
    study
}

fn load(path: &Path) -> Dataset {
    let name = path.file_name().unwrap().to_str().unwrap();
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let loaded = files::load(name, &bytes, &LoadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
    loaded.into_iter().next().unwrap().dataset
}

/// Rows by their keys, values by rows and variables.
fn compare(name: &str, ours: &Dataset, theirs: &Dataset, keys: &[&str], found: &mut Found) {
    let (mine, published) = (names(ours), names(theirs));
    for variable in mine.iter().filter(|v| !published.contains(v)) {
        note(found, name, variable, "not published", ours.rows());
    }
    for variable in published.iter().filter(|v| !mine.contains(v)) {
        note(found, name, variable, "not derived", theirs.rows());
    }
    let there = by_key(theirs, keys);
    assert_eq!(there.len(), theirs.rows(), "{name}: the keys name a published row");
    let pairs: Vec<(usize, usize)> =
        (0..ours.rows()).filter_map(|row| Some((row, *there.get(&key(ours, row, keys))?))).collect();
    note(found, name, "", "rows", ours.rows() + theirs.rows() - 2 * pairs.len());
    note(found, name, "", "order of rows", usize::from(pairs.iter().any(|(a, b)| a != b)));

    let shared = shared(&mine, &published);
    let mut equal = 0;
    for variable in &shared {
        let off = pairs.iter().filter(|(a, b)| !same(ours, *a, theirs, *b, variable)).count();
        note(found, name, variable, "value", off);
        equal += usize::from(off == 0);
    }
    println!(
        "{name}: {equal} of {} variables equal, {} rows compared, {} values compared",
        shared.len(),
        pairs.len(),
        pairs.len() * shared.len()
    );
}

fn compare_metadata(name: &str, ours: &Dataset, theirs: &Dataset, found: &mut Found) {
    let (mine, published) = (names(ours), names(theirs));
    let shared = shared(&mine, &published);
    note(
        found,
        name,
        "",
        "order",
        usize::from(mine.iter().filter(|v| published.contains(v)).ne(shared.iter().copied())),
    );
    note(found, name, "", "name", usize::from(ours.name != theirs.name));
    note(found, name, "", "label", usize::from(ours.label != theirs.label));
    for variable in shared {
        let (a, b) = (described(ours, variable), described(theirs, variable));
        let parts = [("label", a.0 != b.0), ("type", a.1 != b.1), ("length", a.2 != b.2), ("format", a.3 != b.3)];
        for (what, differs) in parts {
            note(found, name, variable, what, usize::from(differs));
        }
    }
}

fn note(found: &mut Found, name: &str, variable: &str, what: &str, rows: usize) {
    if rows > 0 {
        found.insert((name.to_owned(), variable.to_owned(), what.to_owned()), rows);
    }
}

fn names(data: &Dataset) -> Vec<String> {
    data.variables().iter().map(|v| v.name.clone()).collect()
}

/// Published variables that are derived, in the published order.
fn shared<'n>(mine: &[String], published: &'n [String]) -> Vec<&'n String> {
    published.iter().filter(|v| mine.contains(v)).collect()
}

/// Label, storage, length of a text, display format without its full stop.
fn described(data: &Dataset, variable: &str) -> (String, Kind, Option<u32>, String) {
    let v = &data.variables()[data.index_of(variable).unwrap()];
    let format = v.format.as_deref().unwrap_or("").trim_end_matches('.').to_owned();
    (v.label.clone(), v.kind, v.length.filter(|_| v.kind == Kind::Char), format)
}

fn by_key(data: &Dataset, keys: &[&str]) -> BTreeMap<Vec<String>, usize> {
    (0..data.rows()).map(|row| (key(data, row, keys), row)).collect()
}

fn key(data: &Dataset, row: usize, keys: &[&str]) -> Vec<String> {
    let shown = |name: &&str| match data.cell(row, name).unwrap() {
        Cell::Num(x) => format!("{x}"),
        Cell::Text(text) => text.to_owned(),
        Cell::MissingNum(_) | Cell::Null => String::new(),
    };
    keys.iter().map(shown).collect()
}

fn number(data: &Dataset, row: usize, name: &str) -> Option<f64> {
    data.cell(row, name).and_then(Cell::num)
}

fn same_number(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn same(ours: &Dataset, row: usize, theirs: &Dataset, other: usize, name: &str) -> bool {
    let (a, b) = (ours.cell(row, name).unwrap(), theirs.cell(other, name).unwrap());
    match (a.text(), b.text()) {
        (None, None) => same_number(a.num(), b.num()),
        // A transport file knows no difference between an empty text and none.
        (a, b) => a.unwrap_or("") == b.unwrap_or(""),
    }
}

/// The list is part of the documentation: a reader finds each variable that is not derived, and why.
#[test]
fn each_difference_is_listed_once() {
    let listed: Vec<Difference> =
        croft_testkit::csv_rows(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pilot/differences.csv"));
    let keys: BTreeSet<_> = listed.iter().map(|d| (&d.dataset, &d.variable, &d.what)).collect();
    assert_eq!(keys.len(), listed.len());
    assert!(listed.iter().all(|d| d.rows > 0));
}

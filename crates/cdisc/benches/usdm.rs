//! How fast are the rules for study definitions?
//!
//! The largest published study (1.3 MB), laid out as datasets, checked against its schema, and under each of the 96 published JSONata rules one after the other.
//! The printed throughput is the document's bytes, of all rules together.
//!
//! Without the reference data nothing is measured.

#![allow(clippy::unwrap_used, reason = "a bench stops with a sentence")]

use croft_cdisc::usdm;
use croft_jsonata::{Bindings, Expression, Options, utils::UTILS};
use divan::counter::BytesCount;
use serde_json::Value;

fn main() {
    divan::main();
}

fn study() -> Option<(Value, usize)> {
    let path = croft_testkit::reference("cdisc/usdm-4.0/examples/EliLilly_NCT03421379_Diabetes.json")?;
    let bytes = std::fs::read(path).unwrap();
    Some((serde_json::from_slice(&bytes).unwrap(), bytes.len()))
}

fn rules() -> Vec<Expression> {
    let Some(folder) = croft_testkit::reference("cdisc/core-rules/rules") else { return Vec::new() };
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let plain = files.filter(|path| path.extension().is_some_and(|e| e == "json"));
    let published = plain.map(|path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap());
    let jsonata = published.filter(|rule| rule["rule"]["Rule Type"] == "JSONata");
    jsonata.map(|rule| Expression::parse(rule["rule"]["Check"].as_str().unwrap()).unwrap()).collect()
}

#[divan::bench]
fn entities(bencher: divan::Bencher<'_, '_>) {
    let Some((document, bytes)) = study() else { return };
    bencher.counter(BytesCount::new(bytes)).bench(|| usdm::entities(&document));
}

#[divan::bench]
fn schema(bencher: divan::Bencher<'_, '_>) {
    let Some((document, bytes)) = study() else { return };
    let schema = usdm::schema("4.0").unwrap();
    bencher.counter(BytesCount::new(bytes)).bench(|| usdm::check(&document, schema));
}

#[divan::bench(sample_count = 10)]
fn jsonata_rules(bencher: divan::Bencher<'_, '_>) {
    let Some((document, bytes)) = study() else { return };
    let located = usdm::located(&document);
    let rules = rules();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let mut bindings = Bindings::default();
        bindings.libraries.insert("utils".to_owned(), UTILS);
        rules.iter().map(|rule| rule.evaluate(&located, &bindings, &Options::default())).collect::<Vec<_>>()
    });
}

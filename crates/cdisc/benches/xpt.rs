//! How fast are transport files read and written?
//!
//! The pilot study's laboratory data, unpacked: 59,580 rows, 23 variables, 34 MB. Peers on the same file (2 cores, CPU time): haven 2.5.1 reads it in
//! 0.45 s (76 MB/s) and writes it in 0.12 s (290 MB/s of file; 100 to 290 over several files); pyreadstat 1.3.7 reads it in 0.87 s (40 MB/s) and writes it in 1.65 s (21 MB/s).
//!
//! croft on the same file and machine, CPU time a pass (user and system, slope over 40 passes, since the machine was shared twentyfold):
//! read into a dataset 0.030 s (1.1 GB/s), row by row 0.023 s (1.5 GB/s), write 0.027 s (1.25 GB/s), Dataset-JSON written and read back 0.08 s.
//!
//! Without the reference data a made-up file of the same shape is used.

#![allow(clippy::unwrap_used, reason = "a bench stops with a sentence")]

use croft_cdisc::xpt::{self, ReadOptions, Stamp, Version, WriteOptions};
use croft_cdisc::{dataset_json, xz};
use croft_core::{Cell, Dataset, Variable};
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

fn laboratory() -> Vec<u8> {
    match croft_testkit::reference("cdisc/pilot-sdtm/lb.xpt.xz") {
        Some(path) => xz::unpack(&std::fs::read(path).unwrap()).unwrap(),
        None => made_up(),
    }
}

fn made_up() -> Vec<u8> {
    let text = |i: usize| Variable { length: Some(10 + 3 * i as u32), ..Variable::char(&format!("C{i}"), "text") };
    let variables = (0..15).map(text).chain((0..8).map(|i| Variable::num(&format!("N{i}"), "number"))).collect();
    let mut data = Dataset::new("LB", "Laboratory", variables);
    for row in 0..59_580 {
        let texts = (0..15).map(|_| Cell::Text("CHOLESTEROL"[..1 + row % 10].as_ref()));
        data.push_row(texts.chain((0..8).map(|i| Cell::Num(row as f64 / (i + 3) as f64))));
    }
    let mut bytes = Vec::new();
    xpt::write(&data, &WriteOptions::new(Version::V5, Stamp::ZERO), &mut bytes).unwrap();
    bytes
}

#[divan::bench(sample_count = 20)]
fn read(bencher: divan::Bencher<'_, '_>) {
    let bytes = laboratory();
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| xpt::read(divan::black_box(&bytes[..]), &ReadOptions::default()).unwrap());
}

#[divan::bench(sample_count = 20)]
fn read_row_by_row(bencher: divan::Bencher<'_, '_>) {
    let bytes = laboratory();
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut reader = xpt::Reader::new(divan::black_box(&bytes[..]), &ReadOptions::default()).unwrap();
        let mut missing = 0;
        while let Some(member) = reader.next_member().unwrap() {
            while let Some(row) = reader.next_row().unwrap() {
                missing += (0..member.variables.len()).filter(|&i| row.cell(i).is_missing()).count();
            }
        }
        missing
    });
}

#[divan::bench(sample_count = 20)]
fn write(bencher: divan::Bencher<'_, '_>) {
    let bytes = laboratory();
    let read = xpt::read(&bytes[..], &ReadOptions::default()).unwrap().remove(0);
    let options = WriteOptions::like(&read.member);
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut out = Vec::with_capacity(bytes.len());
        xpt::write(divan::black_box(&read.dataset), &options, &mut out).unwrap();
        out
    });
}

/// The same data as Dataset-JSON (about 12 MB of text).
#[divan::bench(sample_count = 10)]
fn json_there_and_back(bencher: divan::Bencher<'_, '_>) {
    let read = xpt::read(&laboratory()[..], &ReadOptions::default()).unwrap().remove(0);
    let meta = dataset_json::Meta::new("1960-01-01T00:00:00");
    bencher.bench_local(|| {
        let mut out = Vec::new();
        dataset_json::write_json(divan::black_box(&read.dataset), &meta, &mut out).unwrap();
        dataset_json::read_json(&out).unwrap()
    });
}

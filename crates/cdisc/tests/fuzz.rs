//! Seeded mutations of small valid files through every reader.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::files::{self, Format, SaveOptions, Source};
use croft_cdisc::fuzz;
use croft_cdisc::xpt::Version;
use croft_core::{Cell, DataType, Dataset, Kind, Missing, Variable};

/// A small generator: the mutations need to be spread, not random (Marsaglia 2003, "Xorshift RNGs").
struct Spread(u64);

impl Spread {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn sample(format: Format, version: Version) -> Vec<u8> {
    let date = Variable::new("ADT", "Date", Kind::Num, DataType::Date);
    let mut data = Dataset::new("PC", "Conc", vec![Variable::char("ID", "Subject"), Variable::num("X", "Value"), date]);
    data.push_row([Cell::Text("S1, \"é\""), Cell::Num(0.1), Cell::Num(20_000.0)]);
    data.push_row([Cell::Text(""), Cell::MissingNum(Missing::ORDINARY), Cell::Num(1.0)]);
    data.push_row([Cell::Text("S3"), Cell::Num(-1e6), Cell::MissingNum(Missing::ORDINARY)]);
    let options = SaveOptions { version: Some(version), ..SaveOptions::default() };
    files::save(&data, &Source::Csv, format, &options).unwrap().0
}

fn mutated(source: &[u8], spread: &mut Spread) -> Vec<u8> {
    let mut bytes = source.to_vec();
    for _ in 0..=spread.below(3) {
        let at = spread.below(bytes.len());
        match spread.below(5) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = spread.below(256) as u8,
            2 if !bytes.is_empty() => bytes[at] ^= 1 << spread.below(8),
            3 => bytes.insert(at, b"0,\"[]{}\n .A\x00\xff"[spread.below(13)]),
            _ => {
                let end = (at + spread.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

fn run(name: &str, source: &[u8], times: usize, target: fn(&[u8])) {
    let mut spread = Spread(0x9e37_79b9_7f4a_7c15);
    target(source);
    for _ in 0..times {
        target(&mutated(source, &mut spread));
    }
    croft_testkit::assert_checked(name, times, times);
}

#[test]
fn mutated_files_never_panic() {
    let v5 = sample(Format::Xpt, Version::V5);
    run("xpt 5", &v5, 4000, fuzz::fuzz_xpt);
    run("xpt 8", &sample(Format::Xpt, Version::V8), 4000, fuzz::fuzz_xpt);
    run("json", &sample(Format::Json, Version::V5), 4000, fuzz::fuzz_json);
    run("ndjson", &sample(Format::Ndjson, Version::V5), 4000, fuzz::fuzz_ndjson);
    run("dsjc", &sample(Format::Dsjc, Version::V5), 4000, fuzz::fuzz_dsjc);
    run("csv", &sample(Format::Csv, Version::V5), 4000, fuzz::fuzz_csv);
    run("xlsx", &sample(Format::Xlsx, Version::V5), 2000, fuzz::fuzz_xlsx);
    let mut packed = Vec::new();
    lzma_rs::xz_compress(&mut &v5[..], &mut packed).unwrap();
    run("xz", &packed, 2000, fuzz::fuzz_xz);
}

//! The 30 published replicate sets by each method.
//!
//! Peer, on the same kind of machine (2 shared cores): replicateBE 1.1.3 under R 4.2.2 takes 5.2 CPU seconds for all 30 sets by method A and 1.7
//! by method B (nlme). Goal: 0.1 s each. Measured here, fastest of 100, the checks of the rows included: A 5 ms, B 13 ms with any kind of df,
//! C 51 ms. Without the reference sets nothing is measured.

use croft_pk::be::{self, BeData, BeOptions, Df, Method, Record, TreatmentNames};

fn main() {
    divan::main();
}

/// Rows of every set, read before anything is measured.
fn files() -> Vec<Vec<Record>> {
    let Some(folder) = croft_testkit::reference("pk-be/be-replicate") else { return Vec::new() };
    (1..=30).map(|set| records(&folder.join(format!("rds{set:02}.csv")))).collect()
}

fn records(path: &std::path::Path) -> Vec<Record> {
    #[derive(serde::Deserialize)]
    struct Row {
        subject: String,
        sequence: String,
        period: String,
        treatment: String,
        #[serde(rename = "PK")]
        value: String,
    }
    let row = |(i, r): (usize, Row)| Record {
        row: i + 2,
        subject: r.subject,
        sequence: r.sequence,
        period: r.period,
        treatment: r.treatment,
        value: r.value.parse().ok(),
    };
    croft_testkit::csv_rows::<Row>(path).into_iter().enumerate().map(row).collect()
}

/// Checks and analyses every set, as the command does once a file is read.
fn all(bencher: divan::Bencher<'_, '_>, options: BeOptions) {
    let files = files();
    bencher.bench(|| {
        files
            .iter()
            .map(|rows| {
                let data = BeData::new("rds", "PK", rows, &TreatmentNames::default()).map_err(|e| e.to_string());
                data.and_then(|d| be::analyse(&d, &options).map_err(|e| e.to_string())).is_ok()
            })
            .filter(|&ok| ok)
            .count()
    });
}

/// Peer: 5.2 CPU s.
#[divan::bench]
fn all_30_sets_by_method_a(bencher: divan::Bencher<'_, '_>) {
    all(bencher, BeOptions::new(Method::AbelA));
}

/// Peer: 1.7 CPU s.
#[divan::bench]
fn all_30_sets_by_method_b(bencher: divan::Bencher<'_, '_>) {
    all(bencher, BeOptions::new(Method::AbelB));
}

/// Peers: lmerTest about 0.2 CPU s a set, pbkrtest 0.3 to 0.7.
#[divan::bench(args = [Df::Satterthwaite, Df::KenwardRoger])]
fn all_30_sets_by_method_b_with_other_df(bencher: divan::Bencher<'_, '_>, df: Df) {
    all(bencher, BeOptions { df: Some(df), ..BeOptions::new(Method::AbelB) });
}

/// No peer in R finishes these; six starting points each.
#[divan::bench]
fn all_30_sets_by_method_c(bencher: divan::Bencher<'_, '_>) {
    all(bencher, BeOptions::new(Method::C));
}

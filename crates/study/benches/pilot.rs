//! How long does ADaM of the CDISC pilot take, from its SDTM?
//!
//! `examples/cdisc-pilot` with the published SDTM (QS 121,749 rows): ADSL, ADAE, ADTTE, ADQSCIBC, ADQSADAS, 14,892 rows, made from nothing each time, files read
//! and written. Without the reference data there is nothing to measure.
//! Measured as `croft derive` on a busy machine of 2 cores (load 15): 1.8 s, of them 1.3 s processor time; the five datasets take 1.2 s, the rest is reading.

use croft_study::{Freeze, road};
use std::path::{Path, PathBuf};

fn main() {
    divan::main();
}

fn study() -> Option<PathBuf> {
    let sdtm = croft_testkit::reference("cdisc/pilot-sdtm")?;
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cdisc-pilot");
    let study = std::env::temp_dir().join("croft-bench-pilot");
    let _ = std::fs::remove_dir_all(&study);
    std::fs::create_dir_all(study.join("data")).expect("the temporary folder can be written");
    let copied = |from: PathBuf, to: &str| {
        let bytes = std::fs::read(&from).expect("the file is there");
        let path = study.join(to);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("it can be made");
        std::fs::write(path, bytes).expect("the temporary folder can be written");
    };
    copied(example.join("study.toml"), "study.toml");
    for entry in example.join("derive").read_dir().expect("the example has statements") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        copied(path, &format!("derive/{name}"));
    }
    for name in ["ae.xpt.xz", "dm.xpt", "ds.xpt", "ex.xpt", "mh.xpt.xz", "qs.xpt.xz", "sc.xpt", "suppds.xpt", "sv.xpt"]
    {
        copied(sdtm.join(name), &format!("data/{name}"));
    }
    let by = Freeze { by: "Bench".into(), at: "2026-01-01T00:00:00Z".into(), reason: "bench".into() };
    road::freeze(&study, &by).expect("the data can be frozen");
    Some(study)
}

#[divan::bench(sample_count = 5)]
fn adam_from_sdtm(bencher: divan::Bencher<'_, '_>) {
    let Some(study) = study() else { return };
    bencher
        .with_inputs(|| drop(std::fs::remove_dir_all(study.join("out"))))
        .bench_values(|()| road::make(&study, "derive", &mut |_, _| {}).expect("the pilot is derived").datasets.len());
}

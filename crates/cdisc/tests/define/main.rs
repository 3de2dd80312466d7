//! define.xml: read, written again, held against the published schemas.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

mod data;
mod meaning;
mod page;
mod refused;
mod round_trip;
mod validity;

use croft_cdisc::define::{Define, Version};
use std::path::{Path, PathBuf};
use std::process::Command;

/// All define.xml of versions 2.0 and 2.1 in the reference data, by path below it.
pub const FILES: [&str; 14] = [
    "cdisc/define-xml/examples-2.0/define-adam-2.1.xml",
    "cdisc/define-xml/examples-2.0/define-sdtm-3.1.2.xml",
    "cdisc/define-xml/examples-2.1/define_msg_adam.xml",
    "cdisc/define-xml/examples-2.1/define_msg_sdtm.xml",
    "cdisc/define-xml/examples-2.1/define_sdtm_full_example.xml",
    "cdisc/define-xml/examples-core/test_defineV22-SDTM.xml",
    "cdisc/define-xml/examples-odmlib/define2-0-0-sdtm-test.xml",
    "cdisc/define-xml/examples-odmlib/defineV21-SDTM.xml",
    "cdisc/datasetjson-1.1/adam/define.xml",
    "cdisc/datasetjson-1.1/sdtm/define.xml",
    "cdisc/datasetjson-1.1/send/define.xml",
    "cdisc/send/cber-poc-study2/define.xml",
    "cdisc/send/cjugsend00/define.xml",
    "cdisc/send/pc201708/define.xml",
];

/// Those that the schemas call invalid: the first standard is called `STDTMIG`, and in one a dataset is defined twice.
pub const INVALID: [&str; 2] =
    ["cdisc/define-xml/examples-core/test_defineV22-SDTM.xml", "cdisc/datasetjson-1.1/sdtm/define.xml"];

/// The files that are here, with their bytes.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    FILES.into_iter().filter_map(|name| Some((name, std::fs::read(croft_testkit::reference(name)?).unwrap()))).collect()
}

/// The schema of a version, with that for analysis results.
pub fn schema(version: Version) -> Option<PathBuf> {
    croft_testkit::reference(match version {
        Version::V2_0 => "cdisc/define-xml/xsd-2.0/cdisc-arm-1.0/arm1-0-0.xsd",
        Version::V2_1 => "cdisc/define-xml/xsd-2.1/cdisc-arm-1.0-definexml-2.1/arm1-0-0.xsd",
    })
}

/// What xmllint says about a text against the schema of a version, empty for nothing; `None`: schema or program are not here.
pub fn schema_errors(name: &str, text: &str, version: Version) -> Option<String> {
    let schema = schema(version)?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("define-read");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name.replace('/', "-"));
    std::fs::write(&path, text).unwrap();
    let output = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(&path).output();
    let Ok(output) = output else {
        assert!(std::env::var_os("CROFT_REFERENCE_REQUIRED").is_none(), "xmllint is not installed");
        eprintln!("skipped: xmllint is not installed");
        return None;
    };
    if output.status.success() {
        return Some(String::new());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors = words.lines().filter(|l| !l.contains("parser warning") && !l.ends_with("fails to validate"));
    Some(errors.collect::<Vec<_>>().join("\n"))
}

/// The file as a model.
pub fn read(bytes: &[u8]) -> Define {
    croft_cdisc::define::read(bytes).unwrap()
}

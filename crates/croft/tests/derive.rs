//! A study whose source is datasets from elsewhere: frozen, derived, built, and refused where a file is not the one that was frozen.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const STUDY: &str = "[study]\nid = \"RX1\"\nkind = \"efficacy\"\ntitle = \"Received\"\nshort_title = \"Received\"\n";

const DM: &str = "STUDYID,USUBJID,ARM,RFXSTDTC,RFXENDTC\nRX1,RX1-1,A,2024-01-10,2024-02-10\nRX1,RX1-2,B,,\n";

const AE: &str = "STUDYID,USUBJID,AESEQ,AETERM,AESTDTC\n\
    RX1,RX1-1,1,HEADACHE,2024-01-09\nRX1,RX1-1,2,RASH,2024-01\nRX1,RX1-1,3,NAUSEA,2024-04-01\nRX1,RX1-2,1,COUGH,2024-01-09\n";

const LB: &str = "STUDYID,USUBJID,LBSEQ,LBTESTCD,LBSTRESN,LBSTNRHI\n\
    RX1,RX1-1,1,ALT,40,40\nRX1,RX1-1,2,ALT,121,40\nRX1,RX1-1,3,ALT,200,40\nRX1,RX1-1,4,ALT,,40\nRX1,RX1-1,5,ALT,100,\n";

/// Made-up limits: what a grade is, a study says.
const GRADES: &str = "# keys: PARAMCD, DIRECTION, GRADE\n# source: invented for this test\n\
    PARAMCD,DIRECTION,GRADE,COMPARATOR,LIMIT,REFERENCE\nALT,HIGH,1,>,1,ULN\nALT,HIGH,2,>,3,ULN\nALT,HIGH,3,>,5,ULN\n";

const ADSL: &str = "-- dataset: ADSL\n-- keys: STUDYID, USUBJID\n\
    select STUDYID as STUDYID, USUBJID as USUBJID, ARM as ARM, sas_date(RFXSTDTC) as TRTSDT from DM";

const ADAE: &str = "-- dataset: ADAE, Adverse Events Analysis Dataset\n-- keys: STUDYID, USUBJID, AESEQ\n\
    -- variable: STUDYID, Study Identifier, text\n-- variable: USUBJID, Unique Subject Identifier, text\n\
    -- variable: TRTEMFL, Treatment Emergent Analysis Flag, text\n-- variable: AESEQ, Sequence Number, integer\n\
    select e.STUDYID as STUDYID, e.USUBJID as USUBJID, e.AESEQ as AESEQ,\n\
    case when is_treatment_emergent(e.AESTDTC, null, m.RFXSTDTC, m.RFXENDTC, 30) then 'Y' end as TRTEMFL\n\
    from AE as e inner join DM as m on m.STUDYID = e.STUDYID and m.USUBJID = e.USUBJID";

const ADLB: &str = "-- dataset: ADLB, Laboratory Analysis Dataset\n-- keys: STUDYID, USUBJID, LBSEQ\n\
    -- variable: STUDYID, Study Identifier, text\n-- variable: USUBJID, Unique Subject Identifier, text\n\
    -- variable: LBSEQ, Sequence Number, integer\n-- variable: AVAL, Analysis Value, float\n\
    -- variable: ATOXGRH, Analysis Toxicity Grade High, text(1)\n-- variable: ANRHI, Analysis Normal Range Upper Limit, float\n\
    with worst as (\n\
      select l.STUDYID, l.USUBJID, l.LBSEQ,\n\
        max(grade_if(l.LBSTRESN, g.COMPARATOR, case g.REFERENCE when 'ULN' then l.LBSTNRHI * g.LIMIT else g.LIMIT end, g.GRADE)) as GRADE\n\
      from LB as l inner join grades as g on g.PARAMCD = l.LBTESTCD and g.DIRECTION = 'HIGH'\n\
      group by l.STUDYID, l.USUBJID, l.LBSEQ)\n\
    select l.STUDYID as STUDYID, l.USUBJID as USUBJID, l.LBSEQ as LBSEQ, l.LBSTRESN as AVAL, l.LBSTNRHI as ANRHI, text(w.GRADE) as ATOXGRH\n\
    from LB as l left join worst as w on w.STUDYID = l.STUDYID and w.USUBJID = l.USUBJID and w.LBSEQ = l.LBSEQ";

fn received(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("derive").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    for (file, content) in [
        ("study.toml", STUDY),
        ("data/dm.csv", DM),
        ("data/ae.csv", AE),
        ("data/central/lb.csv", LB),
        ("derive/adsl.sql", ADSL),
        ("derive/adae.sql", ADAE),
        ("derive/adlb.sql", ADLB),
        ("derive/grades.csv", GRADES),
    ] {
        let path = dir.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    dir
}

fn told(arguments: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    told
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

fn freeze(dir: &Path) -> String {
    let (by, at, reason) = ("A. Tester", "2024-06-01T08:00:00Z", "received from the laboratory");
    told(&["freeze", text(dir), "--by", by, "--at", at, "--reason", reason], 0)
}

fn rows(dir: &Path, dataset: &str) -> Vec<String> {
    let csv = dir.join("shown.csv");
    told(&["data", "convert", text(&dir.join(format!("out/derive/{dataset}.xpt"))), text(&csv)], 0);
    std::fs::read_to_string(csv).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn analysis_datasets_are_derived_from_received_ones() {
    let dir = received("story");
    let said = told(&["derive", text(&dir)], 2);
    assert!(said.contains("never frozen"), "{said}");
    assert!(freeze(&dir).contains("ae.csv, central/lb.csv, dm.csv"));

    let output = Command::new(env!("CARGO_BIN_EXE_croft")).args(["derive", text(&dir), "--json"]).output().unwrap();
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    let datasets = facts["datasets"].as_array().unwrap();
    assert_eq!(datasets.iter().map(|d| d["dataset"].as_str().unwrap()).collect::<Vec<_>>(), ["ADAE", "ADLB", "ADSL"]);
    assert_eq!((datasets[0]["rows"].as_u64(), datasets[0]["status"].as_str()), (Some(4), Some("made")));
    assert!(datasets[0]["seconds"].as_f64().is_some());

    assert_eq!(rows(&dir, "adae"), ["RX1,RX1-1,1,", "RX1,RX1-1,2,Y", "RX1,RX1-1,3,", "RX1,RX1-2,1,"]);
    let grades = rows(&dir, "adlb");
    let of = |row: &str| row.rsplit(',').next().unwrap().to_owned();
    assert_eq!(grades.iter().map(|r| of(r)).collect::<Vec<_>>(), ["0", "2", "2", "", ""], "{grades:?}");

    // What is fresh is not made again, and the next build takes it as it is.
    assert!(told(&["derive", text(&dir)], 0).contains("fresh"));
    let built = told(&["build", text(&dir)], 1);
    assert!(built.contains("derive      0 made,   3 fresh"), "{built}");
    assert!(dir.join("out/package/m5/datasets/rx1/analysis/adam/programs/derive-grades.csv").is_file());
    told(&["verify", text(&dir)], 0);
    assert!(told(&["tabulate", text(&dir)], 0).contains("0 datasets"));
}

#[test]
fn a_received_file_is_the_one_that_was_frozen() {
    let dir = received("changed");
    freeze(&dir);
    std::fs::write(dir.join("data/ae.csv"), AE.replace("RASH", "RUSH")).unwrap();
    let said = told(&["derive", text(&dir)], 2);
    assert!(said.contains("data/ae.csv is not the file that was frozen"), "{said}");
    assert!(freeze(&dir).contains("frozen anew: ae.csv"));
    told(&["derive", text(&dir)], 0);

    std::fs::write(dir.join("data/cm.csv"), "STUDYID,USUBJID,CMSEQ\nRX1,RX1-1,1\n").unwrap();
    let said = told(&["derive", text(&dir)], 2);
    assert!(said.contains("data/cm.csv was never frozen") && said.contains("hint: freeze it"), "{said}");

    std::fs::remove_file(dir.join("data/cm.csv")).unwrap();
    std::fs::remove_file(dir.join("data/dm.csv")).unwrap();
    let said = told(&["derive", text(&dir)], 2);
    assert!(said.contains("dm.csv cannot be read"), "{said}");
}

#[test]
fn two_tables_of_one_name_are_refused() {
    let dir = received("twice");
    std::fs::write(dir.join("derive/lb.csv"), "A\n1\n").unwrap();
    freeze(&dir);
    let said = told(&["derive", text(&dir)], 2);
    assert!(said.contains("derive/lb.csv: the table lb is in data/central/lb.csv as well"), "{said}");
}

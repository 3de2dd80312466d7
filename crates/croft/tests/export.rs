//! `croft export` through the built binary: each kind in a folder of its own, with hashes that hold; a failure leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const STUDY: &str = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileOID="f"><Study OID="S"><GlobalVariables>
<StudyName>Small</StudyName><StudyDescription/><ProtocolName>Small study</ProtocolName></GlobalVariables>
<BasicDefinitions><MeasurementUnit OID="MM" Name="mmHg"><Symbol><TranslatedText>mmHg</TranslatedText></Symbol></MeasurementUnit></BasicDefinitions>
<MetaDataVersion OID="1" Name="1"><Protocol><StudyEventRef StudyEventOID="V.1" Mandatory="Yes"/></Protocol>
<StudyEventDef OID="V.1" Name="Screening" Repeating="No" Type="Scheduled"><FormRef FormOID="VS" Mandatory="Yes"/></StudyEventDef>
<FormDef OID="VS" Name="Vital signs" Repeating="No"><ItemGroupRef ItemGroupOID="subjects" Mandatory="Yes"/></FormDef>
<ItemGroupDef OID="subjects" Name="Vital signs" Repeating="Yes"><ItemRef ItemOID="SYSBP" Mandatory="Yes"/><ItemRef ItemOID="NOTE" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="SYSBP" Name="SYSBP" DataType="integer"><Question><TranslatedText>Systolic</TranslatedText></Question>
<MeasurementUnitRef MeasurementUnitOID="MM"/><RangeCheck Comparator="LE" SoftHard="Soft"><CheckValue>300</CheckValue></RangeCheck></ItemDef>
<ItemDef OID="NOTE" Name="NOTE" DataType="text"/>
</MetaDataVersion></Study>
<ClinicalData StudyOID="S" MetaDataVersionOID="1">
<SubjectData SubjectKey="01"><StudyEventData StudyEventOID="V.1"><FormData FormOID="VS">
<ItemGroupData ItemGroupOID="subjects" ItemGroupRepeatKey="1"><ItemData ItemOID="SYSBP" Value="120"/><ItemData ItemOID="NOTE" Value="=1+1"/></ItemGroupData>
<ItemGroupData ItemGroupOID="subjects" ItemGroupRepeatKey="2"><ItemData ItemOID="SYSBP" Value="1200"/></ItemGroupData>
</FormData></StudyEventData></SubjectData>
<SubjectData SubjectKey="02"><StudyEventData StudyEventOID="V.1"><FormData FormOID="VS">
<ItemGroupData ItemGroupOID="subjects" ItemGroupRepeatKey="1"><ItemData ItemOID="SYSBP" Value="about 90"/></ItemGroupData>
</FormData></StudyEventData></SubjectData>
</ClinicalData></ODM>
"#;

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A record with the small study, and a folder around it.
struct Scene(PathBuf);

impl Scene {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("export").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let scene = Self(folder);
        std::fs::write(scene.0.join("small.xml"), STUDY).unwrap();
        scene.import("small.xml", "record");
        scene
    }

    fn path(&self, part: &str) -> String {
        self.0.join(part).to_str().unwrap().to_owned()
    }

    fn import(&self, file: &str, record: &str) {
        let (file, dir) = (self.path(file), self.path(record));
        let output = croft(&["import", "odm", &file, &dir, "--study", "S-1", "--site", "101", "--country", "GBR"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }

    fn export(&self, record: &str, out: &str, kind: &[&str]) -> Output {
        let (dir, out) = (self.path(record), self.path(out));
        croft(&[&["export"], &kind[..1], &[&*dir, "--study", "S-1", "--out", &out], &kind[1..]].concat())
    }

    fn made(&self, record: &str, out: &str, kind: &[&str]) -> Vec<String> {
        let output = self.export(record, out, kind);
        assert_eq!(output.status.code(), Some(0), "{kind:?}: {}", said(&output));
        self.files(out)
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap()
    }
}

#[test]
fn each_kind_leaves_with_hashes_that_hold_and_a_note_in_the_access_log() {
    let scene = Scene::new("kinds");
    let kinds: [(&str, &[&str], &[&str]); 7] = [
        ("csv", &["csv"], &["SHA256SUMS", "group-subjects.csv", "subjects.csv"]),
        ("xlsx", &["xlsx"], &["S-1.xlsx", "SHA256SUMS"]),
        ("dataset-json", &["dataset-json"], &["SHA256SUMS", "subjects.json"]),
        ("odm", &["odm"], &["S-1.xml", "SHA256SUMS"]),
        ("odm2", &["odm", "--odm-version", "2.0", "--audit"], &["S-1.xml", "SHA256SUMS"]),
        (
            "history",
            &["history"],
            &["SHA256SUMS", "audit.csv", "queries.csv", "signatures.csv", "values.csv", "verification.csv"],
        ),
        ("events", &["events"], &["SHA256SUMS", "VERIFY.txt", "events.jsonl"]),
    ];
    for (out, kind, files) in kinds {
        assert_eq!(scene.made("record", out, kind), files);
        for line in scene.text(&format!("{out}/SHA256SUMS")).lines() {
            let (sum, file) = line.split_once("  ").unwrap();
            let bytes = std::fs::read(scene.0.join(out).join(file)).unwrap();
            assert_eq!(croft_core::manifest::sha256_hex(&bytes), sum, "{out}/{file}");
        }
    }
    assert!(scene.text("csv/group-subjects.csv").contains(",'=1+1,"), "a formula is disarmed");
    assert!(scene.text("history/queries.csv").contains(",open,"), "the value out of range was asked about");
    assert!(scene.text("odm/S-1.xml").contains("FileType=\"Snapshot\""));
    assert!(scene.text("odm2/S-1.xml").contains("FileType=\"Transactional\""));
    let output = scene.export("record", "told", &["odm", "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["export"], &facts["rows"]), (&Value::from("odm 1.3.2"), &Value::from(2)));
    let verified = croft(&["audit", "verify", &scene.path("record")]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

#[test]
fn what_left_as_odm_comes_in_and_leaves_the_same() {
    let scene = Scene::new("round");
    scene.made("record", "csv", &["csv"]);
    let kinds: [&[&str]; 4] =
        [&["odm"], &["odm", "--audit"], &["odm", "--odm-version", "2.0"], &["odm", "--odm-version", "2.0", "--audit"]];
    for (n, kind) in kinds.into_iter().enumerate() {
        let [out, record, csv] = ["odm", "record", "csv"].map(|part| format!("{part}-{n}"));
        scene.made("record", &out, kind);
        scene.import(&format!("{out}/S-1.xml"), &record);
        scene.made(&record, &csv, &["csv"]);
        assert_eq!(scene.text(&format!("{csv}/group-subjects.csv")), scene.text("csv/group-subjects.csv"), "{kind:?}");
    }
}

#[test]
fn a_failed_export_leaves_nothing_behind() {
    let scene = Scene::new("failed");
    let (dir, out) = (scene.path("record"), scene.path("nowhere"));
    let output = croft(&["export", "events", &dir, "--study", "S-9", "--out", &out]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("S-9"), "{}", said(&output));
    assert!(!Path::new(&out).exists(), "the folder was made for it and is gone");
    std::fs::create_dir(scene.0.join("empty")).unwrap();
    let output = scene.export("record", "empty", &["csv", "--site", "999"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(scene.files("empty"), Vec::<String>::new(), "the folder was there before and is empty again");
    std::fs::write(scene.0.join("empty/mine.txt"), "mine").unwrap();
    let output = scene.export("record", "empty", &["csv"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(scene.text("empty/mine.txt"), "mine", "what is not its own is not touched");
    let output = scene.export("record", "odd", &["odm", "--odm-version", "3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("1.3.2 or 2.0") && !scene.0.join("odd").exists(), "{}", said(&output));
}

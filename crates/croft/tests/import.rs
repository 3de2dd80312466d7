//! `croft import` through the built binary: what came in, what has no place, what was refused, each with its line.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(args).output().unwrap()
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const DEFINITION: &str = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileOID="f"><Study OID="S"><GlobalVariables>
<StudyName>Small</StudyName><StudyDescription/><ProtocolName>Small study</ProtocolName></GlobalVariables>
<MetaDataVersion OID="1" Name="1"><Protocol><StudyEventRef StudyEventOID="V.1" Mandatory="Yes"/></Protocol>
<StudyEventDef OID="V.1" Name="Screening" Repeating="No" Type="Scheduled"><FormRef FormOID="VS" Mandatory="Yes"/></StudyEventDef>
<FormDef OID="VS" Name="Vital signs" Repeating="No"><ItemGroupRef ItemGroupOID="VS.G" Mandatory="Yes"/></FormDef>
<ItemGroupDef OID="VS.G" Name="Vital signs" Repeating="No"><ItemRef ItemOID="SYSBP" Mandatory="Yes"/><ItemRef ItemOID="NOTE" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="SYSBP" Name="SYSBP" DataType="integer"><Question><TranslatedText>Systolic</TranslatedText></Question>
<RangeCheck Comparator="LE" SoftHard="Hard"><CheckValue>300</CheckValue></RangeCheck></ItemDef>
<ItemDef OID="NOTE" Name="NOTE" DataType="text"><Alias Context="C" Name="N"/></ItemDef>
</MetaDataVersion></Study>
"#;

const DATA: &str = r#"<ClinicalData StudyOID="S" MetaDataVersionOID="1">
<SubjectData SubjectKey="01"><StudyEventData StudyEventOID="V.1"><FormData FormOID="VS"><ItemGroupData ItemGroupOID="VS.G">
<ItemData ItemOID="SYSBP" Value="120"/>
<ItemData ItemOID="NOTE" Value="quiet"/>
</ItemGroupData></FormData></StudyEventData></SubjectData>
<SubjectData SubjectKey="02"><StudyEventData StudyEventOID="V.1"><FormData FormOID="VS"><ItemGroupData ItemGroupOID="VS.G">
<ItemData ItemOID="SYSBP" Value="1200"/>
<ItemData ItemOID="NOTE" Value="loud"/>
<ItemData ItemOID="PULSE" Value="60"/>
</ItemGroupData></FormData></StudyEventData></SubjectData>
</ClinicalData>
"#;

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|l| l.contains(part)).unwrap() + 1
}

#[test]
fn a_document_comes_in_once_and_what_is_wrong_bears_its_line() {
    let folder = folder("odm");
    let text = format!("{DEFINITION}{DATA}</ODM>");
    let file = folder.join("small.xml");
    std::fs::write(&file, &text).unwrap();
    let (file, dir) = (file.to_str().unwrap().to_owned(), folder.join("record"));
    let dir = dir.to_str().unwrap();
    let all = ["import", "odm", &file, dir, "--study", "S-1", "--site", "101", "--country", "GBR"];

    let dry = croft(&[&all[..], &["--dry-run"]].concat());
    assert!(said(&dry).contains("PULSE"), "{}", said(&dry));
    assert!(!Path::new(dir).join("croft.db").exists(), "a dry run records nothing");

    let output = croft(&all);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 visits, 1 forms, 1 groups, 2 items  version 1 of S-1"), "{told}");
    assert!(told.contains("2 subjects, 3 values in 2 saves"), "{told}");
    for part in ["PULSE", "\"1200\""] {
        let line = line_of(&text, part);
        assert!(said(&output).contains(&format!("small.xml:{line}:")), "{part} at {line}: {}", said(&output));
    }
    assert!(said(&output).contains("Alias of ItemDef"), "what has no place is told: {}", said(&output));

    let again = croft(&[&all[..], &["--json"]].concat());
    let facts: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&facts["definition"]["version"], &facts["data"]["saves"]), (&Value::Null, &Value::from(0)));
    assert_eq!(facts["data"]["refused"].as_array().unwrap().len(), 2);
    let verified = croft(&["audit", "verify", dir]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

#[test]
fn data_without_a_definition_are_refused_unless_one_is_to_be_inferred() {
    let folder = folder("infer");
    let file = folder.join("data.xml");
    std::fs::write(&file, format!("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" FileOID=\"f\">{DATA}</ODM>"))
        .unwrap();
    let (file, dir) = (file.to_str().unwrap().to_owned(), folder.join("record"));
    let all = ["import", "odm", &file, dir.to_str().unwrap(), "--study", "S-2"];
    let output = croft(&all);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("data.xml") && said(&output).contains("inferred"), "{}", said(&output));
    let output = croft(&[&all[..], &["--infer"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("2 subjects, 5 values"), "{}", said(&output));
}

#[test]
fn a_document_that_reaches_for_other_files_is_refused() {
    let folder = folder("xxe");
    let file = folder.join("xxe.xml");
    let text =
        "<!DOCTYPE ODM [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<ODM FileOID=\"f\"><Study OID=\"&x;\"/></ODM>";
    std::fs::write(&file, text).unwrap();
    let dir = folder.join("record");
    let output = croft(&["import", "odm", file.to_str().unwrap(), dir.to_str().unwrap(), "--study", "S"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("line 2") && !said(&output).contains("root:"), "{}", said(&output));
    assert!(!dir.exists());
}

#[test]
fn a_dictionary_comes_in_with_its_events() {
    let Some(reference) = croft_testkit::reference("platform/redcap") else { return };
    let path = |name: &str| reference.join(name).to_str().unwrap().to_owned();
    let dir = folder("redcap").join("record");
    let (dictionary, events, arms) =
        (path("longitudinal-dictionary.csv"), path("longitudinal-event.csv"), path("longitudinal-arm.csv"));
    let args = ["import", "redcap", &dictionary, dir.to_str().unwrap(), "--study", "R-1", "--events", &events];
    let output = croft(&[&args[..], &["--arms", &arms, "--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["definition"]["visits"], &facts["definition"]["forms"]), (&Value::from(12), &Value::from(9)));
    assert_eq!(facts["definition"]["version"], 1);
    let broken = croft(&["import", "redcap", &events, dir.to_str().unwrap(), "--study", "R-2"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(said(&broken).contains("longitudinal-event.csv"), "{}", said(&broken));
}

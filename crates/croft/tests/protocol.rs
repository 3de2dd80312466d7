//! A study definition goes out and comes in on the command line; what is wrong with one is told with its place.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocol").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn croft(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn done(arguments: &[&str]) -> String {
    let output = croft(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_definition_goes_out_comes_in_and_carries_an_edit() {
    let dir = folder("round");
    let (first, study, second) = (dir.join("first.json"), dir.join("study"), dir.join("second.json"));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/be-crossover");
    done(&["protocol", "export", path(&example), "--out", path(&first)]);
    let told = done(&["protocol", "import", path(&first), path(&study)]);
    assert!(told.starts_with("CRB101 ") && told.contains("visits         4"), "{told}");
    done(&["protocol", "export", path(&study), "--out", path(&second)]);
    assert!(std::fs::read(&first).unwrap() == std::fs::read(&second).unwrap());

    let text = std::fs::read_to_string(study.join("study.toml")).unwrap();
    let edited = text.replace("Test then reference", "First test, then reference");
    assert_ne!(edited, text);
    std::fs::write(study.join("study.toml"), edited).unwrap();
    let document: Value = serde_json::from_str(&done(&["protocol", "export", path(&study)])).unwrap();
    let arm = &document["study"]["versions"][0]["studyDesigns"][0]["arms"][0];
    assert_eq!(arm["label"], "First test, then reference");
}

#[test]
fn a_protocol_is_made_before_anything_is_recorded() {
    let dir = folder("document");
    let (file, study) = (dir.join("definition.json"), dir.join("study"));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/be-crossover");
    done(&["protocol", "export", path(&example), "--out", path(&file)]);
    done(&["protocol", "import", path(&file), path(&study)]);
    std::fs::remove_file(study.join("document/protocol.md")).unwrap();
    let told = done(&["protocol", "document", path(&study)]);
    assert!(told.contains("2.1 Purpose of Trial"), "{told}");
    let html = std::fs::read_to_string(study.join("out/document/protocol.html")).unwrap();
    for words in ["Schedule of activities", "Body mass index from 18.5", "To be written", "Test then reference"] {
        assert!(html.contains(words), "{words}");
    }
    for (kind, begins) in [("pdf", &b"%PDF"[..]), ("rtf", b"{\\rtf1"), ("docx", b"PK")] {
        let bytes = std::fs::read(study.join("out/document").join(format!("protocol.{kind}"))).unwrap();
        assert!(bytes.starts_with(begins), "{kind}");
    }
    let again = done(&["protocol", "document", path(&study), "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap()["begun"], false);
}

#[test]
fn a_bad_document_is_refused_with_place_and_remedy() {
    let dir = folder("bad");
    let file = dir.join("bad.json");
    for (text, place, remedy) in [
        ("{\"study\":", "line 1, column 9", "export the document again"),
        ("{\"study\":{},\"usdmVersion\":\"3.0.0\"}", "$.usdmVersion", "USDM 4.0"),
        ("{\"study\":{},\"usdmVersion\":\"4.0.0\"}", "$.study.versions[0]", "complete the document"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = croft(&["protocol", "import", path(&file), path(&dir.join("study"))]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(place) && told.contains(remedy), "{told}");
        assert!(!dir.join("study").exists());
    }
}

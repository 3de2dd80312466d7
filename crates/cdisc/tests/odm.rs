//! ODM documents: each is read and comes back equal, or is refused with line and reason.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::odm::{self, Limits, OdmError};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// All reference documents, by path below the reference data.
fn documents() -> Vec<(String, PathBuf)> {
    let folders =
        ["platform/odm-studies", "cdisc/odm/examples-1.3.2", "cdisc/odm/examples-2.0", "cdisc/odm/examples-old"];
    let mut all = Vec::new();
    for folder in folders {
        let Some(path) = croft_testkit::reference(folder) else { return Vec::new() };
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "xml") {
                all.push((format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()), path));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn each_document_comes_back_equal_or_is_refused_with_line_and_reason() {
    let documents = documents();
    if documents.is_empty() {
        return;
    }
    let mut refused = BTreeMap::new();
    let mut equal = 0;
    for (name, path) in &documents {
        let bytes = std::fs::read(path).unwrap();
        match odm::read(&bytes) {
            Err(error) => {
                refused.insert(name.clone(), error.to_string());
            }
            Ok(document) => {
                let written = odm::write(&document).unwrap();
                let again = odm::read(written.as_bytes())
                    .unwrap_or_else(|e| panic!("{name}: what was written is refused: {e}"));
                assert!(again == document, "{name}: another document comes back");
                assert_eq!(odm::write(&again).unwrap(), written, "{name}: writing twice gives two texts");
                equal += 1;
            }
        }
    }
    assert_eq!(refused, expected_refusals());
    croft_testkit::assert_checked("documents that come back equal", equal, 38);
}

/// One is not well-formed with regard to namespaces; seven are pieces of documents, a `<MetaDataVersion>` without the rest.
fn expected_refusals() -> BTreeMap<String, String> {
    let pieces = [
        ("Conditional_Repeats", 1),
        ("Crossover_Studydesign", 2),
        ("Inclusion_Exclusion_Simple_Workflow", 3),
        ("Physio_Underwater_Therapy_BPMN_to_ODMv2_Workflow_2019-10-18_result", 3),
        ("Physio_Underwater_Therapy_BPMN_to_ODMv2_Workflow_result", 4),
        ("SimpleTimingConstraints", 1),
        ("Timing_LZZT_Example_ODM", 1),
    ];
    let mut all: BTreeMap<_, _> = pieces
        .into_iter()
        .map(|(name, line)| {
            let reason = format!("line {line}, column 1: the root element is <MetaDataVersion>, not <ODM>");
            (format!("cdisc/odm/examples-2.0/{name}.xml"), reason)
        })
        .collect();
    all.insert(
        "cdisc/odm/examples-1.3.2/test_odm_001.xml".to_owned(),
        "line 2, column 1: the namespace prefix `xs` of `xs:schemaLocation` is not declared".to_owned(),
    );
    all
}

#[test]
fn subjects_are_read_one_by_one() {
    let Some(path) = croft_testkit::reference("platform/odm-studies/redcap-clinical-trial-500subj.xml") else { return };
    let bytes = std::fs::read(path).unwrap();
    let whole = odm::read(&bytes).unwrap();
    let mut subjects = Vec::new();
    let rest = odm::read_subjects(&bytes[..], Limits::default(), |document, data, subject| {
        assert_eq!((document.studies.len(), data.subjects.len()), (1, 0));
        subjects.push(subject);
        ControlFlow::Continue(())
    });
    assert_eq!(subjects, whole.clinical_data[0].subjects);
    assert_eq!(rest.unwrap().studies, whole.studies);
}

#[test]
fn broken_documents_say_where() {
    let message = |text: &str| odm::read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(message("<ODM>\n <Study>\n</Study></ODM>"), "line 2, column 2: <Study> has no OID");
    assert!(matches!(odm::read(b""), Err(OdmError::Empty { .. })));
}

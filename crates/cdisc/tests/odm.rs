//! ODM documents: each is read and comes back equal, or is refused with line and reason.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::odm::{self, Limits, OdmError};
use serde_json::Value;
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

/// Elements of a name in the text that was written, vendors' ones too.
fn count(written: &roxmltree::Document<'_>, name: &str) -> u64 {
    written.descendants().filter(|n| n.is_element() && n.tag_name().name() == name).count() as u64
}

/// What the model holds, of the kinds that others build on.
fn held(document: &odm::Odm) -> BTreeMap<&'static str, u64> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    let mut add = |name, n: usize| {
        if n > 0 {
            *all.entry(name).or_default() += n as u64;
        }
    };
    for (_, version) in document.meta_data_versions() {
        add("MetaDataVersion", 1);
        add("StudyEventDef", version.events.len());
        add("FormDef", version.forms.len());
        add("ItemGroupDef", version.item_groups.len());
        add("ItemRef", version.item_groups.iter().map(|g| g.items().count()).sum());
        add("ItemRef", version.value_lists.iter().map(|l| l.items.len()).sum());
        add("RangeCheck", version.where_clauses.iter().map(|w| w.range_checks.len()).sum());
        add("ItemDef", version.items.len());
        add("RangeCheck", version.items.iter().map(|i| i.range_checks.len()).sum());
        add("CodeList", version.code_lists.len());
        add("CodeListItem", version.code_lists.iter().map(|c| c.items.len()).sum());
        add("ConditionDef", version.conditions.len());
        add("MethodDef", version.methods.len());
    }
    add("ClinicalData", document.clinical_data.len());
    for subject in document.clinical_data.iter().flat_map(|c| &c.subjects) {
        add("SubjectData", 1);
        add("StudyEventData", subject.events.len());
        for form in subject.forms.iter().chain(subject.events.iter().flat_map(|e| &e.forms)) {
            add("FormData", 1);
            form.item_groups.iter().for_each(|g| groups(g, &mut add));
        }
        subject.events.iter().flat_map(|e| &e.item_groups).for_each(|g| groups(g, &mut add));
    }
    all
}

fn groups(group: &odm::ItemGroupData, add: &mut impl FnMut(&'static str, usize)) {
    add("ItemGroupData", 1);
    add("ItemData", group.items.iter().filter(|i| i.typed.is_empty()).count());
    group.item_groups.iter().for_each(|g| groups(g, add));
}

#[test]
fn definitions_data_and_dangling_references_are_counted_as_expected() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let mut checked = 0;
    for (name, expected) in expected.as_object().unwrap() {
        let document = odm::read(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        assert_eq!(document.header.odm_version.as_deref(), expected["odm_version_attr"].as_str(), "{name}");
        assert_eq!(document.version.namespace(), expected["namespace"].as_str().unwrap_or_default(), "{name}");
        assert_eq!(
            document.header.file_type.as_ref().map(odm::FileType::as_str),
            expected["file_type"].as_str(),
            "{name}"
        );
        let text = odm::write(&document).unwrap();
        let written = roxmltree::Document::parse(&text).unwrap();
        let held = held(&document);
        for (element, number) in expected["element_counts"].as_object().unwrap() {
            assert_eq!(count(&written, element), number.as_u64().unwrap(), "{name}: <{element}> written");
            if let Some(held) = held.get(element.as_str()) {
                assert_eq!(*held, number.as_u64().unwrap(), "{name}: {element} in the model");
            }
            checked += 1;
        }
        for element in held.keys() {
            assert!(expected["element_counts"].get(element).is_some(), "{name}: no {element} is expected");
        }
        let mut types = BTreeMap::new();
        for item in document.meta_data_versions().flat_map(|(_, v)| &v.items) {
            *types.entry(item.data_type.as_ref().unwrap().to_string()).or_insert(0) += 1;
        }
        assert_eq!(serde_json::to_value(types).unwrap(), expected["datatypes"], "{name}");
        let findings = odm::check(&document);
        let dangling = findings.iter().filter(|f| f.rule == "ODM-REF");
        let mut dangling: Vec<_> =
            dangling.map(|f| format!("{}:{}", f.variable.as_ref().unwrap(), f.value.as_ref().unwrap())).collect();
        dangling.sort();
        assert_eq!(serde_json::to_value(dangling).unwrap(), expected["dangling_references"], "{name}");
        for finding in findings.iter().filter(|f| f.rule != "ODM-REF") {
            println!("{name}: {finding}");
        }
    }
    croft_testkit::assert_checked("expected counts", checked, 190);
}

//! The file that croft writes is valid against the published schema, complete in its references, and the same each time.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::define::build::{
    self as define, AnalysisResult, CodeList, Comment, Comparator, Condition, DefineError, Document, DocumentRef, Item,
    Method, Origin, OriginKind, OriginSource, ResultDisplay, Standard, Study, Term, Value,
};
use croft_cdisc::model;
use croft_core::{Cell, DataType, Dataset};
use std::path::Path;
use std::process::Command;

fn dataset(name: &str, variables: &[&str], rows: &[&[Cell<'_>]]) -> Dataset {
    let known = model::dataset(name).unwrap();
    let variables = variables.iter().map(|v| model::variable(name, v).unwrap().to_variable()).collect();
    let mut data = Dataset::new(name, &known.label, variables);
    rows.iter().for_each(|row| data.push_row(row.iter().copied()));
    data
}

fn dm() -> Dataset {
    use Cell::{Num, Text};
    dataset(
        "DM",
        &["STUDYID", "DOMAIN", "USUBJID", "RFSTDTC", "AGE", "AGEU", "SEX", "RACE", "DTHFL"],
        &[
            &[
                Text("BE-001"),
                Text("DM"),
                Text("BE-001-01"),
                Text("2024-03-15T08:00"),
                Num(33.0),
                Text("YEARS"),
                Text("F"),
                Text("WHITE"),
                Text(""),
            ],
            &[
                Text("BE-001"),
                Text("DM"),
                Text("BE-001-02"),
                Text("2024-03-15"),
                Num(41.0),
                Text("YEARS"),
                Text("M"),
                Text("MARTIAN"),
                Text(""),
            ],
        ],
    )
}

fn adpp() -> Dataset {
    use Cell::{Num, Text};
    dataset(
        "ADPP",
        &["STUDYID", "USUBJID", "TRTA", "APERIOD", "PARAMCD", "PARAM", "AVAL", "TRTSDT"],
        &[
            &[
                Text("BE-001"),
                Text("BE-001-01"),
                Text("Test & more"),
                Num(1.0),
                Text("CMAX"),
                Text("Max <Conc>"),
                Num(12.625),
                Num(23_450.0),
            ],
            &[
                Text("BE-001"),
                Text("BE-001-01"),
                Text("Test & more"),
                Num(1.0),
                Text("TMAX"),
                Text("Time of CMAX"),
                Num(1.5),
                Num(23_450.0),
            ],
        ],
    )
}

fn value(parameter: &str, digits: u32, codelist: Option<&str>) -> Value {
    let mut item = Item::new("AVAL", &format!("Analysis Value of {parameter}"), DataType::Float);
    item.length = Some(6);
    item.significant_digits = Some(digits);
    item.codelist = codelist.map(str::to_owned);
    item.method = Some("NCA".to_owned());
    item.origin = Some(Origin::new(OriginKind::Derived, Some(OriginSource::Sponsor)));
    let equals = |variable: &str, value: &str| Condition {
        variable: variable.to_owned(),
        comparator: Comparator::Eq,
        values: vec![value.to_owned()],
    };
    Value { conditions: vec![equals("PARAMCD", parameter)], item }
}

fn study() -> Study {
    let (dm, adpp) = (dm(), adpp());
    let mut dm_group = define::describe(&dm, Some("SDTMIG"));
    dm_group.comment = Some("DM".to_owned());
    for item in &mut dm_group.items {
        let mut origin = Origin::new(OriginKind::Collected, Some(OriginSource::Investigator));
        origin.documents = vec![DocumentRef { document: "acrf".to_owned(), pages: vec![3, 4] }];
        item.origin = Some(origin);
    }
    let mut adpp_group = define::describe(&adpp, Some("ADaMIG"));
    for item in &mut adpp_group.items {
        item.origin = Some(match item.name.as_str() {
            "AVAL" => Origin::new(OriginKind::Derived, Some(OriginSource::Sponsor)),
            name => Origin::predecessor(&format!("PP.{name}")),
        });
        if item.name == "AVAL" {
            item.values = vec![value("CMAX", 3, None), value("TMAX", 1, None)];
        }
        if item.name == "TRTA" {
            item.codelist = Some("TRT".to_owned());
        }
    }
    let ta = define::describe(&dataset("TA", &["STUDYID", "DOMAIN", "ARMCD", "TAETORD", "EPOCH"], &[]), Some("SDTMIG"));
    let mut codelists: Vec<CodeList> = ["C66781", "C66731", "C74457"]
        .into_iter()
        .map(|code| define::codelist(code, "SDTM-CT", dm.columns()).unwrap())
        .collect();
    let terms_of = |list: &CodeList, names: &[&str]| CodeList {
        terms: list.terms.iter().filter(|t| names.contains(&t.value.as_str())).cloned().collect(),
        ..list.clone()
    };
    codelists[0] = terms_of(&codelists[0], &["YEARS"]);
    codelists[1] = terms_of(&codelists[1], &["F", "M"]);
    codelists[2] = terms_of(&codelists[2], &["WHITE", "MARTIAN"]);
    for (code, value) in [("C66742", "Y"), ("C99079", "TREATMENT")] {
        let (list, _) = model::codelist(code).unwrap();
        let nci_code = list.term(value).unwrap().code.clone();
        codelists.push(CodeList {
            id: list.submission_value.clone(),
            name: list.name.clone(),
            nci_code: Some(list.code.clone()),
            standard: Some("SDTM-CT".to_owned()),
            terms: vec![Term { value: value.to_owned(), nci_code, ..Term::default() }],
            ..CodeList::default()
        });
    }
    codelists.push(CodeList {
        id: "TRT".to_owned(),
        name: "Treatments".to_owned(),
        terms: vec![Term {
            value: "Test & more".to_owned(),
            decode: Some("The \"test\"".to_owned()),
            ..Term::default()
        }],
        ..CodeList::default()
    });
    codelists.push(CodeList {
        id: "MEDDRA".to_owned(),
        name: "MedDRA".to_owned(),
        dictionary: Some(("MedDRA".to_owned(), "26.1".to_owned())),
        ..CodeList::default()
    });
    let standard = |id: &str, name: &str, set: Option<&str>, version: &str| Standard {
        id: id.to_owned(),
        name: name.to_owned(),
        publishing_set: set.map(str::to_owned),
        version: version.to_owned(),
    };
    let document = |id: &str, href: &str, title: &str| Document {
        id: id.to_owned(),
        href: href.to_owned(),
        title: title.to_owned(),
    };
    Study {
        id: "BE-001".to_owned(),
        name: "BE-001".to_owned(),
        description: "Two-way crossover bioequivalence study of a 320 mg tablet".to_owned(),
        protocol: "BE-001".to_owned(),
        creation_date_time: "2024-04-01T12:00:00+00:00".to_owned(),
        source_system: Some(("croft".to_owned(), "0.1.0".to_owned())),
        standards: vec![
            standard("SDTMIG", "SDTMIG", None, "3.4"),
            standard("ADaMIG", "ADaMIG", None, "1.3"),
            standard("SDTM-CT", "CDISC/NCI", Some("SDTM"), "2022-09-30"),
        ],
        annotated_crf: vec!["acrf".to_owned()],
        supplements: vec!["csdrg".to_owned()],
        datasets: vec![ta, dm_group, adpp_group],
        codelists,
        methods: vec![Method {
            id: "NCA".to_owned(),
            name: "Noncompartmental analysis".to_owned(),
            description: "AUC by the linear-up log-down rule; see the analysis plan.".to_owned(),
            expression: Some(("SQL".to_owned(), "select max(AVAL) from ADPC where ARRLT >= 0".to_owned())),
            documents: vec![DocumentRef { document: "csdrg".to_owned(), pages: vec![] }],
            ..Method::default()
        }],
        comments: vec![Comment {
            id: "DM".to_owned(),
            text: "Screen failures are not included.".to_owned(),
            documents: vec![],
        }],
        documents: vec![
            document("acrf", "acrf.pdf", "Annotated case report form"),
            document("csdrg", "csdrg.pdf", "Clinical study data reviewer's guide"),
        ],
        displays: Vec::new(),
    }
}

fn result() -> AnalysisResult {
    AnalysisResult {
        id: "be".to_owned(),
        description: "Ratio of test to reference".to_owned(),
        reason: "SPECIFIED IN PROTOCOL".to_owned(),
        purpose: "PRIMARY OUTCOME MEASURE".to_owned(),
        parameter: Some("PARAMCD".to_owned()),
        dataset: "ADPP".to_owned(),
        conditions: vec![Condition {
            variable: "PARAMCD".to_owned(),
            comparator: Comparator::In,
            values: vec!["CMAX".to_owned(), "AUC & <more>".to_owned()],
        }],
        variables: vec!["AVAL".to_owned()],
        documentation: "Analysis of variance".to_owned(),
        code: Some(("R".to_owned(), "lm(y ~ x) # a < b".to_owned())),
    }
}

#[test]
fn a_display_tells_its_results_and_refers_to_what_is_there() {
    let mut study = study();
    study.displays.push(ResultDisplay {
        id: "T1".to_owned(),
        name: "Table 1".to_owned(),
        description: "Bioequivalence".to_owned(),
        documents: vec![DocumentRef { document: "csdrg".to_owned(), pages: vec![2] }],
        results: vec![result()],
    });
    let text = define::write(&study).unwrap();
    let read = croft_cdisc::define::read(text.as_bytes()).unwrap();
    let display = &read.displays()[0];
    assert_eq!((display.oid.as_str(), display.results.len()), ("RD.T1", 1));
    assert_eq!(display.results[0].parameter_oid.as_deref(), Some("IT.ADPP.PARAMCD"));
    let mut wrong = study.clone();
    wrong.displays[0].results[0].variables.push("NOPE".to_owned());
    let dangling = |what, id: &str| DefineError::Dangling { from: "the result be".into(), what, id: id.into() };
    assert_eq!(define::write(&wrong).unwrap_err(), dangling("variable", "NOPE"));
    let mut wrong = study.clone();
    wrong.displays[0].results[0].dataset = "ADXX".to_owned();
    assert_eq!(define::write(&wrong).unwrap_err(), dangling("dataset", "ADXX"));
    study.displays[0].results.clear();
    assert!(matches!(define::write(&study).unwrap_err(), DefineError::Lacks { .. }));
}

/// What xmllint says about a file against the schema; `None`: schema or program are not here.
fn schema_errors(file: &Path) -> Option<String> {
    let schema = croft_testkit::reference("cdisc/define-xml/xsd-2.1/cdisc-definexml-2.1.0/define2-1-0.xsd")?;
    let output = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output();
    let Ok(output) = output else {
        assert!(std::env::var_os("CROFT_REFERENCE_REQUIRED").is_none(), "xmllint is not installed");
        eprintln!("skipped: xmllint is not installed");
        return None;
    };
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() { String::new() } else { words })
}

fn saved(name: &str, text: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("define");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("define2-1.xsl"), croft_cdisc::define::STYLESHEET).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_file_is_valid_against_the_schema() {
    let text = define::write(&study()).unwrap();
    assert_eq!(text, define::write(&study()).unwrap(), "same model, same bytes");
    let path = saved("define.xml", &text);
    if let Some(errors) = schema_errors(&path) {
        assert_eq!(errors, "");
    }
    // The check itself can fail: an element out of place is found.
    let broken = text.replace("<def:Standards>", "<def:Standards><x/>");
    if let Some(errors) = schema_errors(&saved("broken.xml", &broken)) {
        assert!(errors.contains("x"), "{errors}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let text = define::write(&study()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let ids: std::collections::BTreeSet<_> =
        document.descendants().filter_map(|n| n.attribute("OID").or_else(|| n.attribute("ID"))).collect();
    let mut checked = 0;
    for node in document.descendants() {
        for attribute in node.attributes() {
            let name = attribute.name();
            let refers = name == "leafID" || name == "ArchiveLocationID" || (name.ends_with("OID") && name.len() > 3);
            if refers && name != "FileOID" {
                assert!(ids.contains(attribute.value()), "{name}={}", attribute.value());
                checked += 1;
            }
        }
    }
    croft_testkit::assert_checked("references", checked, 60);
}

#[test]
fn lengths_digits_and_types_are_those_of_the_data() {
    let group = define::describe(&adpp(), Some("ADaMIG"));
    let item = |name: &str| group.items.iter().find(|i| i.name == name).unwrap().clone();
    assert_eq!(
        (item("AVAL").data_type, item("AVAL").length, item("AVAL").significant_digits),
        (DataType::Float, Some(6), Some(3))
    );
    assert_eq!((item("APERIOD").data_type, item("APERIOD").length), (DataType::Integer, Some(1)));
    assert_eq!((item("TRTSDT").data_type, item("TRTSDT").format.as_deref()), (DataType::Integer, Some("DATE9.")));
    assert_eq!(item("TRTA").length, Some(11));
    let dm = define::describe(&dm(), None);
    assert_eq!(dm.items[3].data_type, DataType::PartialDatetime, "one of two has no time");
    assert!(dm.items[8].no_data && !dm.items[7].no_data);
    assert_eq!(dm.keys, ["STUDYID", "USUBJID"]);
}

#[test]
fn a_supplemental_dataset_belongs_to_its_parent_domain() {
    use Cell::Text;
    let mut data = dataset(
        "SUPP--",
        &["STUDYID", "RDOMAIN", "QNAM", "QLABEL"],
        &[&[Text("BE-001"), Text("DM"), Text("X"), Text("x")]],
    );
    data.name = "SUPPDM".to_owned();
    data.label = String::new();
    let mut study = study();
    study.datasets.push(define::describe(&data, Some("SDTMIG")));
    study.codelists.push(define::codelist("C66734", "SDTM-CT", [&data.columns()[1]]).unwrap());
    let text = define::write(&study).unwrap();
    assert!(text.contains(r#"Name="SUPPDM" Repeating="Yes" IsReferenceData="No" SASDatasetName="SUPPDM" Domain="DM""#));
    assert!(text.contains("Supplemental Qualifiers for DM"));
    if let Some(errors) = schema_errors(&saved("supp.xml", &text)) {
        assert_eq!(errors, "");
    }
}

#[test]
fn a_broken_model_is_told_before_a_file_is_written() {
    let mut missing = study();
    missing.codelists.retain(|c| c.id != "SEX");
    let expected = DefineError::Dangling { from: "variable DM.SEX".into(), what: "code list", id: "SEX".into() };
    assert_eq!(define::write(&missing), Err(expected));
    let mut twice = study();
    twice.methods.push(twice.methods[0].clone());
    assert_eq!(define::write(&twice), Err(DefineError::Twice { what: "method", id: "NCA".into() }));
    let mut control = study();
    control.description = "bell \u{7}".to_owned();
    assert_eq!(define::write(&control), Err(DefineError::Character { place: "StudyDescription".into(), code: 7 }));
    let mut short = study();
    short.datasets[1].items[0].length = None;
    assert!(matches!(define::write(&short), Err(DefineError::Lacks { what: "a length", .. })));
}

//! The template of a blind Phase II study builds: SDTM by default rules, ADaM, displays and a report, and nothing of it tells a treatment.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_core::Severity;
use croft_report::block::Block;
use croft_study::codes::Codes;
use croft_study::snapshot::Unblinded;
use croft_study::sources::Sources;
use croft_study::tabulation::annotated;
use croft_study::tabulation::coverage::Status;
use croft_study::{freeze, road, template};
use std::path::Path;

#[test]
fn the_phase_two_template_builds_blind_and_whole() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("phase2");
    let _ = std::fs::remove_dir_all(&root);
    template::create("phase2-parallel", &root).unwrap();
    let built = road::build(&root, &mut |_, _| {}).unwrap_or_else(|e| panic!("{e}\n{}", e.hint()));
    let errors: Vec<String> =
        built.findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let unmapped: Vec<String> =
        built.findings.iter().filter(|f| f.rule == "TABULATE-UNMAPPED").map(ToString::to_string).collect();
    assert!(unmapped.is_empty(), "{unmapped:#?}");
    for dataset in
        ["dm", "ds", "ae", "cm", "mh", "vs", "lb", "ec", "da", "ie", "rp", "sv", "suppdm", "ta", "te", "ti", "ts", "tv"]
    {
        assert!(root.join(format!("out/tabulate/{dataset}.xpt")).exists(), "{dataset}");
    }
    assert!(root.join("out/package/m5/datasets/crb204/tabulations/sdtm/acrf.pdf").exists());
    for dataset in ["adsl", "adae", "advs"] {
        assert!(root.join(format!("out/derive/{dataset}.xpt")).exists(), "{dataset}");
    }
    assert!(!root.join("out/tabulate/se.xpt").exists() && !root.join("out/tabulate/ex.xpt").exists());
    let verified = road::verify(&root, &mut |_, _| {}).unwrap();
    assert!(verified.differences.is_empty(), "{:?}", verified.differences);
}

/// define.xml sends whoever asks for a collected variable to the pages of the annotated case report form that have it.
#[test]
fn each_collected_variable_names_its_pages() {
    let mut checked = 0;
    for template in &template::TEMPLATES {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(template.name);
        let _ = std::fs::remove_dir_all(&root);
        template::create(template.name, &root).unwrap();
        road::build(&root, &mut |_, _| {}).unwrap();
        let (_, coverage) = road::coverage(&root, &mut |_, _| {}).unwrap();
        let sources = Sources::read(&root).unwrap();
        let pages = croft_report::pdf::row_pages(&annotated::document(&sources.definition, &sources.forms, &coverage))
            .into_iter()
            .map(|(row, page)| (row.to_owned(), page))
            .collect::<std::collections::BTreeMap<_, _>>();
        let data = std::fs::read_dir(root.join("out/package/m5/datasets")).unwrap().next().unwrap().unwrap().path();
        let xml = std::fs::read_to_string(data.join("tabulations/sdtm/define.xml")).unwrap();
        for item in xml.split("<ItemDef ").skip(1).filter(|i| i.contains(r#"Type="Collected" Source="Investigator""#)) {
            let part = |start: &str| item.split(start).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            let (oid, told) = (part("OID=\""), part("PageRefs=\""));
            let (dataset, variable) = oid.trim_start_matches("IT.").split_once('.').unwrap();
            for page in told.split(' ').map(|page| page.parse::<u32>().unwrap()) {
                let here = coverage.items.iter().any(|item| {
                    pages[&format!("{}.{}.{}", item.form, item.group, item.item)] == page
                        && item.targets.iter().any(|target| {
                            let target = target.to_string();
                            target.starts_with(&format!("{dataset}.{variable}"))
                                || (variable == "QVAL" && target.starts_with(&format!("{dataset}.")))
                        })
                });
                assert!(here, "{}: {oid} is not on page {page}", template.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

/// Blind, with dummy codes, and unblinded: three builds of one folder, each verified, each saying what it is.
#[test]
fn a_blind_study_builds_with_dummy_codes_and_then_with_the_true_ones() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codes");
    let _ = std::fs::remove_dir_all(&root);
    template::create("phase2-parallel", &root).unwrap();
    let out = |file: &str| root.join("out").join(file);
    let verified = || {
        let verified = road::verify(&root, &mut |_, _| {}).unwrap();
        assert!(verified.differences.is_empty(), "{:?}", verified.differences);
    };
    let says = "DUMMY TREATMENT CODES";
    let pages = || {
        let files = croft_study::sources::tree(&root.join("out")).unwrap();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for (name, path) in files.into_iter().filter(|(name, _)| name.ends_with(".html") || name.ends_with(".rtf")) {
            let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
            if text.contains(says) { with.push(name) } else { without.push(name) }
        }
        (with, without)
    };
    let arms = || {
        let bytes = std::fs::read(out("tabulate/dm.xpt")).unwrap();
        let read =
            croft_cdisc::xpt::read(bytes.as_slice(), &croft_cdisc::xpt::ReadOptions::default()).unwrap().remove(0);
        let data = &read.dataset;
        let text =
            |row: usize, name: &str| data.cell(row, name).and_then(|c| c.text().map(str::to_owned)).unwrap_or_default();
        (0..data.rows())
            .map(|row| (text(row, "SUBJID"), text(row, "ARMCD")))
            .collect::<std::collections::BTreeMap<_, _>>()
    };

    road::build(&root, &mut |_, _| {}).unwrap();
    verified();
    assert_eq!(pages().0, Vec::<String>::new());
    assert!(arms().values().all(String::is_empty) && !out("tabulate/ex.xpt").exists());

    let built = road::build_with(&root, Some(3), &mut |_, _| {}).unwrap();
    assert_eq!(built.codes, Codes::Dummy(3));
    verified();
    let (with, without) = pages();
    assert_eq!(without, Vec::<String>::new(), "pages that do not say so");
    assert!(with.len() > 15, "{with:?}");
    let dummies = arms();
    assert_eq!(dummies.values().filter(|arm| !arm.is_empty()).count(), 23);
    assert!(out("tabulate/ex.xpt").exists() && out("tabulate/se.xpt").exists());

    let texts = std::fs::read_to_string(root.join("data/allocations.csv")).unwrap();
    let subjects: Vec<&str> = texts.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let codes = subjects.iter().enumerate().map(|(i, s)| ((*s).to_owned(), ["P", "A"][i / 12].to_owned())).collect();
    let done = Unblinded { at: "2026-11-02T09:00:00Z".into(), asked_by: "one".into(), agreed_by: "two".into() };
    assert_eq!(freeze::unblind(&root, "CRB204", &codes, &done).unwrap(), 23);
    assert_eq!(freeze::unblind(&root, "CRB204", &codes, &done).unwrap(), 23, "the same codes again");
    let refused = road::build_with(&root, Some(3), &mut |_, _| {}).err().unwrap();
    assert!(refused.to_string().contains("unblinded"), "{refused}");
    let built = road::build(&root, &mut |_, _| {}).unwrap();
    assert_eq!(built.codes, Codes::Unblinded);
    verified();
    assert_eq!(pages().0, Vec::<String>::new());
    let true_ones = arms();
    assert!(codes.iter().all(|(subject, arm)| true_ones[subject] == *arm) && true_ones != dummies);
    let report = std::fs::read_to_string(out("document/report.html")).unwrap();
    assert!(report.contains("Unblinded at 2026-11-02T09:00:00Z: one asked, two agreed"));

    std::fs::write(root.join("data/allocations.csv"), texts).unwrap();
    let refused = road::build(&root, &mut |_, _| {}).err().unwrap();
    assert!(refused.to_string().contains("allocations.csv"), "{refused}");
}

/// What the other templates write by hand leaves no item out either.
#[test]
fn every_template_says_where_each_of_its_items_goes() {
    for template in &template::TEMPLATES {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("items").join(template.name);
        let _ = std::fs::remove_dir_all(&root);
        template::create(template.name, &root).unwrap();
        let (_, coverage) = road::coverage(&root, &mut |_, _| {}).unwrap();
        let findings: Vec<String> = coverage.findings().iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}: {findings:#?}", template.name);
        assert!(coverage.items.len() > 20, "{}", template.name);
    }
}

/// The annotated case report form has each item of each form once, in order, with what coverage says of it.
#[test]
fn every_item_stands_in_the_annotated_case_report_form() {
    for template in &template::TEMPLATES {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("annotated").join(template.name);
        let _ = std::fs::remove_dir_all(&root);
        template::create(template.name, &root).unwrap();
        let sources = Sources::read(&root).unwrap();
        let (_, coverage) = road::coverage(&root, &mut |_, _| {}).unwrap();
        let page = annotated::document(&sources.definition, &sources.forms, &coverage);

        let tables = page.blocks.iter().filter_map(|b| if let Block::Table(table) = b { Some(table) } else { None });
        let told: Vec<(&str, String)> =
            tables.flat_map(|t| &t.rows).map(|r| (r.name.as_str(), format!("{:?}", r.cells[2]))).collect();
        let groups = sources.forms.iter().flat_map(|f| f.groups.iter().map(move |g| (f, g)));
        let asked: Vec<String> = groups
            .flat_map(|(f, g)| g.items.iter().map(move |i| format!("{}.{}.{}", f.form, g.name, i.name)))
            .collect();
        assert_eq!(told.iter().map(|(item, _)| *item).collect::<Vec<_>>(), asked, "{}", template.name);
        for item in &coverage.items {
            let says = |cell: &str| match item.status {
                Status::Mapped => item.targets.iter().all(|target| cell.contains(&target.to_string())),
                Status::NotSubmitted => cell.contains("[NOT SUBMITTED]") && cell.contains(item.reason.as_str()),
                Status::Unmapped => cell.contains("[UNMAPPED]"),
            };
            let place = format!("{}.{}.{}", item.form, item.group, item.item);
            let found = told.iter().any(|(name, cell)| *name == place && says(cell));
            assert!(found, "{}: {} {:?}", template.name, item.item, item.status);
        }
    }
}

/// The default rules add nothing to what the other templates write, and find nothing in it.
#[test]
fn the_other_templates_build_without_a_finding_and_without_a_default() {
    for template in template::TEMPLATES.iter().filter(|t| t.name != "phase2-parallel") {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written").join(template.name);
        let _ = std::fs::remove_dir_all(&root);
        template::create(template.name, &root).unwrap();
        let built = road::build(&root, &mut |_, _| {}).unwrap();
        let findings: Vec<String> = built.findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}: {findings:#?}", template.name);
        let about = ["coverage", "acrf"];
        let domains = built.steps.iter().filter(|s| s.stage == "tabulate" && !about.contains(&s.step.as_str())).count();
        assert_eq!(domains, std::fs::read_dir(root.join("tabulate")).unwrap().count(), "{}", template.name);
    }
}

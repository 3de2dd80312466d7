//! The template of a blind Phase II study builds: SDTM by default rules, ADaM, displays and a report, and nothing of it tells a treatment.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_core::Severity;
use croft_study::{road, template};
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
    for dataset in ["adsl", "adae", "advs"] {
        assert!(root.join(format!("out/derive/{dataset}.xpt")).exists(), "{dataset}");
    }
    assert!(!root.join("out/tabulate/se.xpt").exists() && !root.join("out/tabulate/ex.xpt").exists());
    let verified = road::verify(&root, &mut |_, _| {}).unwrap();
    assert!(verified.differences.is_empty(), "{:?}", verified.differences);
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
        let domains = built.steps.iter().filter(|s| s.stage == "tabulate" && s.step != "coverage").count();
        assert_eq!(domains, std::fs::read_dir(root.join("tabulate")).unwrap().count(), "{}", template.name);
    }
}

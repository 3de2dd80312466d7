//! Every ODM document of the reference sets is a definition, or is refused with line and reason.

use super::scene::{definition, read};
use croft_core::Dataset;
use croft_design::forms::{Form, Item, ItemType, Severity};
use croft_query::{Catalog, check, check_condition};
use croft_record::definition::Compiled;
use std::path::PathBuf;

fn documents() -> Vec<PathBuf> {
    let folders =
        ["platform/odm-studies", "cdisc/odm/examples-1.3.2", "cdisc/odm/examples-2.0", "cdisc/odm/examples-old"];
    let mut found = Vec::new();
    for folder in folders.iter().filter_map(|f| croft_testkit::reference(f)) {
        let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        found.extend(entries.filter(|p| p.extension().is_some_and(|e| e == "xml")));
    }
    found.sort();
    found
}

/// Every condition, check and derivation is a statement over the tables of its form's groups.
pub fn statements_hold(name: &str, compiled: &Compiled) -> usize {
    let mut catalog = Catalog::new();
    for group in compiled.forms.iter().flat_map(|f| &f.groups) {
        catalog.add(&Dataset::new(&group.name, "", group.variables())).unwrap();
    }
    let whens = compiled.forms.iter().filter(|f| f.when.is_some()).count();
    // Compiling put them through the gate: they stand in a row of the form's own.
    let mut checked = whens + compiled.forms.iter().flat_map(|f| &f.groups).filter(|g| g.when.is_some()).count();
    for group in compiled.forms.iter().flat_map(|f| &f.groups) {
        let whens = group.items.iter().filter_map(|i| i.when.as_ref());
        for sql in whens.chain(group.checks.iter().map(|c| &c.holds)) {
            check_condition(sql, &catalog, &group.name).unwrap_or_else(|e| panic!("{name}: {sql}: {e:?}"));
            checked += 1;
        }
        for sql in group.items.iter().filter_map(|i| i.derive.as_ref()) {
            let statement = format!("select {sql} as X from {}", group.name);
            check(&statement, &catalog, &[]).unwrap_or_else(|e| panic!("{name}: {statement}: {e:?}"));
            checked += 1;
        }
    }
    checked
}

#[test]
fn every_reference_document_is_a_definition_or_is_refused() {
    let documents = documents();
    if documents.is_empty() {
        return;
    }
    let (mut definitions, mut refused, mut statements) = (0, Vec::new(), 0);
    for path in &documents {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match read(path).and_then(|document| definition(&document)) {
            Ok(imported) => {
                let compiled = Compiled::compile(&imported.files).map_err(|p| format!("{name}: {p:?}")).unwrap();
                let lost = imported.notes.iter().find(|n| n.message.contains("cannot be used"));
                assert_eq!(lost, None, "{name}: every translation is one that the study's SQL takes");
                statements += statements_hold(&name, &compiled);
                definitions += 1;
            }
            Err(reason) => refused.push(format!("{name}: {reason}")),
        }
    }
    refused.sort();
    println!("{}", refused.join("\n"));
    assert_eq!(refused.len(), 13, "{refused:#?}");
    croft_testkit::assert_checked("conditions, checks and derivations of the documents", statements, 317);
    croft_testkit::assert_checked("documents that are definitions", definitions, 33);
}

fn forms(path: &str) -> Option<(Vec<Form>, Vec<croft_record::import::Note>)> {
    let imported = definition(&read(&croft_testkit::reference(path)?).unwrap()).unwrap();
    let compiled = Compiled::compile(&imported.files).map_err(|p| format!("{p:?}")).unwrap();
    Some((compiled.forms, imported.notes))
}

fn item<'a>(forms: &'a [Form], group: &str, name: &str) -> &'a Item {
    let group = forms.iter().flat_map(|f| &f.groups).find(|g| g.name == group).unwrap();
    group.items.iter().find(|i| i.name == name).unwrap()
}

#[test]
fn the_example_of_openedc_keeps_its_rules() {
    let Some((forms, _)) = forms("platform/odm-studies/openedc-example-metadata.xml") else { return };
    let score = item(&forms, "IG_7", "I_2");
    let derive = score.derive.as_deref().unwrap();
    assert!(derive.contains("(select max(WHO_Q.WHO_1) from WHO_Q)"), "{derive}");
    assert_eq!(score.oid.as_deref(), Some("I.2"));
    let pregnant = item(&forms, "IG_1", "Pregnant");
    assert!(pregnant.when.as_deref().unwrap().starts_with("not "), "{:?}", pregnant.when);
    let age = item(&forms, "IG_1", "Age");
    assert_eq!(age.kind, ItemType::Integer);
    let group = forms.iter().flat_map(|f| &f.groups).find(|g| g.name == "IG_1").unwrap();
    let checks: Vec<_> =
        group.checks.iter().filter(|c| c.item == "Age").map(|c| (c.holds.as_str(), c.severity)).collect();
    assert_eq!(checks, [("Age >= 18", Severity::Refuse), ("Age < 120", Severity::Refuse)]);
}

#[test]
fn the_same_study_in_two_versions_of_the_standard_is_the_same_definition() {
    let Some((old, _)) = forms("platform/odm-studies/cdisc-ces-1.3.2.xml") else { return };
    let Some((new, _)) = forms("platform/odm-studies/cdisc-ces-2.0.xml") else { return };
    let told = |forms: &[Form]| -> Vec<String> {
        let groups =
            |f: &Form| f.groups.iter().map(|g| format!("{}:{}", g.name, g.items.len())).collect::<Vec<_>>().join(" ");
        forms.iter().map(|f| format!("{} {:?} {}", f.form, f.visits, groups(f))).collect()
    };
    assert_eq!(told(&old), told(&new));
    let items = |forms: &[Form]| forms.iter().flat_map(|f| &f.groups).map(|g| g.items.len()).sum::<usize>();
    assert_eq!(items(&old), items(&new));
}

#[test]
fn the_same_document_makes_the_same_text() {
    let Some(path) = croft_testkit::reference("platform/odm-studies/cdisc-ces-2.0.xml") else { return };
    let document = read(&path).unwrap();
    let made = definition(&document).unwrap();
    assert_eq!(made, definition(&document).unwrap());
    // What is kept beside it is the document, so that it makes the same text again.
    let kept = croft_cdisc::odm::read(made.files["source/odm.xml"].as_bytes()).unwrap();
    assert_eq!(definition(&kept).unwrap().files, made.files);
}

#[test]
fn conditions_of_forms_and_groups_stand_where_they_hold() {
    let Some((forms, _)) = forms("platform/odm-studies/cdisc-ces-1.3.2.xml") else { return };
    let form = forms.iter().find(|f| f.form == "F_COMPLAINTS_REL_SMOKING").unwrap();
    let told = form.when.as_deref().unwrap();
    assert_eq!(told, "not ((select max(IG_SH.I_SMOKING) from IG_SH) is not distinct from '0')");
    let group = forms.iter().flat_map(|f| &f.groups).find(|g| g.name == "IG_AE").unwrap();
    let when = group.when.as_deref().unwrap();
    assert!(when.starts_with("not ") && when.contains("from IG_AE_OCCURRED"), "{when}");
    assert!(group.items.iter().all(|i| i.when.as_deref() != Some(when)));
}

#[test]
fn a_rule_that_cannot_be_used_does_not_keep_the_study_out() {
    let items = [("A", "float", "B + 1"), ("B", "float", "A + 1"), ("C", "float", "D * 2")];
    let mut text = String::from(
        r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="S"><MetaDataVersion OID="1" Name="1">
        <FormDef OID="this_form" Name="F" Repeating="No"><ItemGroupRef ItemGroupOID="this_form" Mandatory="Yes"/></FormDef>
        <ItemGroupDef OID="this_form" Name="G" Repeating="No"><ItemRef ItemOID="D" Mandatory="Yes"/>"#,
    );
    for (oid, ..) in items {
        text += &format!(r#"<ItemRef ItemOID="{oid}" Mandatory="Yes" MethodOID="M.{oid}"/>"#);
    }
    text += r#"</ItemGroupDef><ItemDef OID="D" Name="D" DataType="float"/>"#;
    for (oid, kind, _) in items {
        text += &format!(r#"<ItemDef OID="{oid}" Name="{oid}" DataType="{kind}"/>"#);
    }
    for (oid, _, sum) in items {
        text += &format!(
            r#"<MethodDef OID="M.{oid}" Name="M" Type="Computation"><FormalExpression Context="OpenEDC">{sum}</FormalExpression></MethodDef>"#
        );
    }
    text += "</MetaDataVersion></Study></ODM>";
    let imported = definition(&croft_cdisc::odm::read(text.as_bytes()).unwrap()).unwrap();
    let compiled = Compiled::compile(&imported.files).map_err(|p| format!("{p:?}")).unwrap();
    let group = &compiled.forms[0].groups[0];
    let told: Vec<_> = group.items.iter().map(|i| (i.name.as_str(), i.derive.is_some(), i.required)).collect();
    assert_eq!(told, [("D", false, true), ("A", false, false), ("B", false, false), ("C", true, false)]);
    assert_eq!(group.name, "this_form_2", "the name is the program's own");
    let circles: Vec<_> = imported.notes.iter().filter(|n| n.message.contains("from itself")).map(|n| &n.oid).collect();
    assert_eq!(circles, ["A", "B"]);
}

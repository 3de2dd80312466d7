//! Data of other systems, through the record.

use super::scene::{STUDY, Scene, definition, read};
use croft_cdisc::odm::{ItemGroupData, Odm};
use croft_record::Caller;
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{FormState, Place};
use croft_record::definition::Compiled;
use croft_record::query;
use std::collections::BTreeMap;

/// By identifiers of the other system: subject, visit, form, group, item, and all repeats as numbers.
type Address = (String, String, u32, String, u32, String, u32, String);

/// Everything that stands in the record.
fn values(scene: &Scene, definition: &Compiled) -> BTreeMap<Address, (Place, FormState)> {
    let caller = Caller::system();
    let all = MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() };
    let subjects = scene.record.view(&caller, |r| r.matrix(STUDY, &all)).unwrap();
    let oid = |oid: &Option<String>, name: &str| oid.clone().unwrap_or_else(|| name.to_owned());
    let mut found = BTreeMap::new();
    for subject in subjects {
        let (_, forms) = scene.record.view(&caller, |r| r.subject(STUDY, &subject.id)).unwrap();
        for place in forms.into_iter().map(|f| f.place) {
            let state = scene.record.view(&caller, |r| r.form(STUDY, &place)).unwrap().state;
            let form = definition.form(&place.form).unwrap();
            let visit = definition.visit(&place.visit).unwrap();
            for (group, rows) in &state.groups {
                let defined = definition.group(&place.form, group).unwrap();
                for (row, item) in rows.iter().flat_map(|(n, r)| r.items.keys().map(move |i| (*n, i))) {
                    let item = definition.item(&place.form, group, item).unwrap();
                    let address = (
                        place.subject.clone(),
                        oid(&visit.oid, &visit.code),
                        place.visit_repeat,
                        oid(&form.oid, &form.form),
                        place.form_repeat,
                        oid(&defined.oid, &defined.name),
                        row,
                        oid(&item.oid, &item.name),
                    );
                    found.insert(address, (place.clone(), state.clone()));
                }
            }
        }
    }
    found
}

#[test]
fn the_audit_feed_of_rave_replays_to_its_final_state() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let feed = read(&folder.join("rave-clinical-audit-records.xml")).unwrap();
    let files = definition(&croft_record::import::odm::infer(&feed).unwrap()).unwrap().files;
    let scene = Scene::new("rave", &files);
    let report = scene.import(&files, &feed);
    assert_eq!(report.subjects, 92);
    let compiled = Compiled::compile(&files).map_err(|p| format!("{p:?}")).unwrap();
    let stands = values(&scene, &compiled);
    let number = |key: &str| if key.is_empty() { 1 } else { key.parse().unwrap() };
    let (mut checked, mut removed) = (0, 0);
    for row in croft_testkit::csv_rows::<BTreeMap<String, String>>(folder.join("rave-expected-final-values.csv")) {
        let cell = |name: &str| row[name].clone();
        // The visits of the feed that bear a key take place once each.
        let address: Address = (
            cell("subject"),
            cell("event"),
            1,
            cell("form"),
            number(&row["form_repeat"]),
            cell("itemgroup"),
            number(&row["itemgroup_repeat"]),
            cell("item"),
        );
        let expected = &row["final_value"];
        let Some((place, state)) = stands.get(&address) else {
            assert_eq!(expected, "", "{address:?}");
            checked += 1;
            continue;
        };
        let group = &compiled.form(&place.form).unwrap().groups;
        let group = group.iter().find(|g| g.oid.as_deref().unwrap_or(&g.name) == address.5).unwrap();
        let item = group.items.iter().find(|i| i.oid.as_deref().unwrap_or(&i.name) == address.7).unwrap();
        let text = &state.item(&group.name, address.6, &item.name).unwrap().text;
        if text == expected {
            checked += 1;
            continue;
        }
        // Taken back after its last value: that one stands in the history, with who and when.
        assert_eq!(text, "", "{address:?}");
        let history = scene
            .record
            .view(&Caller::system(), |r| r.history(STUDY, place, &group.name, address.6, &item.name))
            .unwrap();
        let last = history.last().unwrap();
        assert_eq!((&last.before, last.after.as_str()), (expected, ""), "{address:?}");
        assert!(last.reason.starts_with("imported: "), "{}", last.reason);
        checked += 1;
        removed += 1;
    }
    assert_eq!(removed, 16);
    assert_eq!((report.withdrawn, report.refused.len()), (2, 0));
    croft_testkit::assert_checked("final values of Rave's feed", checked, 554);
}

/// Subject, item and text of every value of a document that is not empty, sorted.
fn in_document(document: &Odm, computed: &[String]) -> Vec<[String; 3]> {
    fn of_group(subject: &str, group: &ItemGroupData, found: &mut Vec<[String; 3]>) {
        let items = group.items.iter().filter_map(|i| Some([subject, &i.item_oid, i.text()?].map(str::to_owned)));
        found.extend(items);
        group.item_groups.iter().for_each(|g| of_group(subject, g, found));
    }
    let mut found = Vec::new();
    for subject in document.clinical_data.iter().flat_map(|c| &c.subjects) {
        let forms = subject.events.iter().flat_map(|e| &e.forms).chain(&subject.forms);
        let groups = forms.flat_map(|f| &f.item_groups).chain(subject.events.iter().flat_map(|e| &e.item_groups));
        groups.for_each(|g| of_group(&subject.subject_key, g, &mut found));
    }
    found.retain(|[_, item, text]| !text.is_empty() && !computed.contains(item));
    found.sort();
    found
}

/// The same of what stands in the record; what identifies a person is read from where it is kept apart.
fn in_record(scene: &Scene, definition: &Compiled) -> Vec<[String; 3]> {
    let mut found = Vec::new();
    for (address, (place, state)) in values(scene, definition) {
        let form = definition.form(&place.form).unwrap();
        let group = form.groups.iter().find(|g| g.oid.as_deref().unwrap_or(&g.name) == address.5).unwrap();
        let item = group.items.iter().find(|i| i.oid.as_deref().unwrap_or(&i.name) == address.7).unwrap();
        if item.derive.is_some() {
            continue;
        }
        let text = if item.identifying {
            let look = |r: &croft_record::Reading<'_>| r.identified(STUDY, &place, &group.name, address.6, &item.name);
            scene.record.view(&Caller::system(), look).unwrap().unwrap()
        } else {
            state.item(&group.name, address.6, &item.name).unwrap().text.clone()
        };
        found.push([address.0, address.7, text]);
    }
    found.sort();
    found
}

#[test]
fn every_value_of_a_document_stands_in_the_record_as_it_was() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let mut checked = 0;
    for (name, definition_of) in [
        ("openedc-example-clinicaldata.xml", "openedc-example-metadata.xml"),
        ("odmlib-data-snapshot.xml", "odmlib-data-snapshot.xml"),
        ("cdisc-mh-repeating-2.0.xml", "cdisc-mh-repeating-2.0.xml"),
        ("cdisc-race-checkall-2.0.xml", "cdisc-race-checkall-2.0.xml"),
        ("redcap-longitudinal.xml", "redcap-longitudinal.xml"),
        ("redcap-clinical-trial-500subj.xml", "redcap-clinical-trial-500subj.xml"),
        ("redcap-russian-utf8.xml", "redcap-russian-utf8.xml"),
    ] {
        let files = definition(&read(&folder.join(definition_of)).unwrap()).unwrap().files;
        let compiled = Compiled::compile(&files).map_err(|p| format!("{p:?}")).unwrap();
        let document = read(&folder.join(name)).unwrap();
        let scene = Scene::new(name, &files);
        let report = scene.import(&files, &document);
        let mut of_values = report.refused.iter().filter(|n| !n.message.starts_with("a computed value"));
        assert_eq!(of_values.next(), None, "{name}");
        let items = compiled.forms.iter().flat_map(|f| &f.groups).flat_map(|g| &g.items);
        let computed = items.filter(|i| i.derive.is_some()).map(|i| i.oid.clone().unwrap_or_else(|| i.name.clone()));
        let expected = in_document(&document, &computed.collect::<Vec<_>>());
        assert_eq!(in_record(&scene, &compiled), expected, "{name}");
        // The same file again changes nothing.
        let again = scene.import(&files, &document);
        assert_eq!((again.subjects, again.saves, again.values), (0, 0, 0), "{name}");
        checked += expected.len();
    }
    croft_testkit::assert_checked("values of reference documents", checked, 8940);
}

#[test]
fn what_the_definition_does_not_have_is_refused_with_its_line() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let document = read(&folder.join("cdisc-odm-1.1-audit-signature.xml")).unwrap();
    let files = definition(&document).unwrap().files;
    let scene = Scene::new("refused", &files);
    let report = scene.import(&files, &document);
    let told: Vec<_> = report.refused.iter().map(|n| (n.line, n.oid.as_str())).collect();
    // The document's own correction names a form `Page 1`; the one that it defines is `PAGE_1`.
    assert_eq!(told, [(219, "Page 1")]);
    assert_eq!((report.subjects, report.values), (2, 62));
}

#[test]
fn the_checks_of_openedc_find_what_is_expected() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let files = definition(&read(&folder.join("openedc-example-metadata.xml")).unwrap()).unwrap().files;
    let compiled = Compiled::compile(&files).map_err(|p| format!("{p:?}")).unwrap();
    let scene = Scene::new("findings", &files);
    let report = scene.import(&files, &read(&folder.join("openedc-example-clinicaldata.xml")).unwrap());
    let name = |oid: &Option<String>, name: &str| oid.clone().unwrap_or_else(|| name.to_owned());
    let address = |place: &Place, group: &str, item: &str| {
        let visit = compiled.visit(&place.visit).unwrap();
        let form = compiled.form(&place.form).unwrap();
        let defined = compiled.group(&place.form, group).unwrap();
        let item = compiled.item(&place.form, group, item).unwrap();
        [
            place.subject.clone(),
            name(&visit.oid, &visit.code),
            name(&form.oid, &form.form),
            name(&defined.oid, &defined.name),
            name(&item.oid, &item.name),
        ]
    };
    let all = query::read::Filter { limit: usize::MAX, ..query::read::Filter::default() };
    let queries = scene.record.view(&Caller::system(), |r| r.queries(STUDY, &all)).unwrap();
    let mut by_check: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for query in &queries {
        *by_check.entry(&query.check).or_default() += 1;
        if query.check == "croft.not_asked" {
            let state = scene.record.view(&Caller::system(), |r| r.form(STUDY, &query.place)).unwrap().state;
            let value = state.item(&query.group, query.row, &query.item).unwrap().text.clone();
            let [a, b, c, d, e] = address(&query.place, &query.group, &query.item);
            found.push([a, b, c, d, e, value, "collected_though_excepted".to_owned()]);
        }
    }
    for other in report.different.iter().filter(|d| !d.computed.is_empty()) {
        let place = Place::first(&other.subject, &other.visit, &other.form);
        let [a, b, c, d, e] = address(&place, &other.group, &other.item);
        found.push([a, b, c, d, e, other.stored.clone(), "derivation_mismatch".to_owned()]);
    }
    println!("{by_check:?} agreed {} different {}", report.agreed, report.different.len());
    let names = ["subject", "event", "form", "itemgroup", "item", "value", "finding"];
    let rows =
        croft_testkit::csv_rows::<BTreeMap<String, String>>(folder.join("openedc-example-expected-findings.csv"));
    let mut expected: Vec<[String; 7]> = rows.iter().map(|row| names.map(|n| row[n].clone())).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    croft_testkit::assert_checked("findings of OpenEDC's example through the record", found.len(), 396);
}

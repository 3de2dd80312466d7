//! What leaves as ODM comes in again as it stood.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod export_scene;

use croft_cdisc::odm::{self, Odm};
use croft_record::Caller;
use croft_record::capture::Place;
use croft_record::capture::read::MatrixFilter;
use croft_record::definition::{Compiled, Files};
use croft_record::export::odm::{Options, Standard};
use croft_record::export::{self, ExportError, Extent};
use croft_record::import::{self, data};
use export_scene::{STUDY, Scene, versions};
use std::collections::BTreeMap;

const ALL: [Options; 4] = [
    Options { version: Standard::V1_3_2, audit: false },
    Options { version: Standard::V1_3_2, audit: true },
    Options { version: Standard::V2_0, audit: false },
    Options { version: Standard::V2_0, audit: true },
];

fn leave(scene: &Scene, extent: &Extent, options: Options) -> String {
    let mut out = Vec::new();
    scene.record.export(&Caller::system(), |r| export::odm::write(r, extent, options, &mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

/// The document, which is as the schema has it: what is read of it is written again byte for byte, in the schema's order.
fn parsed(text: &str) -> Odm {
    let document = odm::read(text.as_bytes()).unwrap();
    assert_eq!(odm::check(&document), []);
    assert_eq!(odm::write(&document).unwrap(), text);
    document
}

type Address = (Place, String, u32, String);

/// What stands: text, value, unit, why missing. Not what is void, blank, or identifies a person.
fn stands(scene: &Scene) -> BTreeMap<Address, [String; 4]> {
    let caller = Caller::system();
    let all = MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() };
    let mut found = BTreeMap::new();
    for subject in scene.record.view(&caller, |r| r.matrix(STUDY, &all)).unwrap() {
        for (place, form) in scene.record.view(&caller, |r| r.forms(STUDY, &subject.id)).unwrap() {
            for (group, rows) in &form.groups {
                for (row, state) in rows.iter().filter(|(_, r)| !r.void) {
                    for (name, item) in state.items.iter().filter(|(_, i)| !i.is_blank() && i.missing != "SEALED") {
                        let texts = [&item.text, item.value(), &item.unit, &item.missing].map(str::to_owned);
                        found.insert((place.clone(), group.clone(), *row, name.clone()), texts);
                    }
                }
            }
        }
    }
    found
}

/// Subjects with their sites.
fn subjects(scene: &Scene) -> Vec<(String, String)> {
    let all = MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() };
    let found = scene.record.view(&Caller::system(), |r| r.matrix(STUDY, &all)).unwrap();
    found.into_iter().map(|s| (s.id, s.site)).collect()
}

fn compiled(files: &Files) -> Compiled {
    Compiled::compile(files).map_err(|p| format!("{p:?}")).unwrap()
}

fn definition(document: &Odm, version: Option<&str>) -> Files {
    import::odm::definition(document, None, STUDY, version).unwrap().files
}

fn options() -> data::Options {
    data::Options { study: STUDY.into(), site: "001".into(), country: "XXX".into(), source: "test.xml".into() }
}

/// Publishes each version of the document, then records its data.
fn bring(name: &str, document: &Odm) -> (Scene, data::Report) {
    let scene = Scene::empty(name);
    let oids: Vec<&str> = document.meta_data_versions().map(|(_, v)| v.oid.as_str()).collect();
    for oid in &oids {
        scene.publish(&definition(document, Some(oid)), oid);
    }
    let newest = compiled(&definition(document, oids.last().copied()));
    let plan = data::plan(document, &newest, &data::units(document), &options());
    let report = data::run(&scene.record, &Caller::system(), &options(), plan).unwrap();
    (scene, report)
}

#[test]
fn what_leaves_comes_in_as_it_stood() {
    let first = Scene::new("round");
    let expected = stands(&first);
    assert!(expected.len() > 15, "{}", expected.len());
    for (n, options) in ALL.into_iter().enumerate() {
        let text = leave(&first, &Extent::study(STUDY), options);
        let document = parsed(&text);
        let (second, report) = bring(&format!("round-{n}"), &document);
        assert_eq!(report.refused, [], "{options:?}");
        assert_eq!(report.different, [], "{options:?}");
        assert_eq!(subjects(&second), subjects(&first));
        assert_eq!(stands(&second), expected, "{options:?}");
        assert!(!text.contains("Q-X-Z") && !text.contains("sha256:"), "what identifies a person does not leave");
        // What comes out of the second record is the same data again.
        if !options.audit {
            let again = parsed(&leave(&second, &Extent::study(STUDY), options));
            let values = |d: &Odm| {
                let all = d.clinical_data.iter().flat_map(|c| &c.subjects).flat_map(|s| &s.events);
                all.flat_map(|e| e.forms.iter().flat_map(|f| &f.item_groups).chain(&e.item_groups)).count()
            };
            assert_eq!(values(&again), values(&document));
        }
    }
}

#[test]
fn every_version_leaves_as_it_was_published() {
    let scene = Scene::new("versions");
    for options in ALL.into_iter().filter(|o| !o.audit) {
        let document = parsed(&leave(&scene, &Extent::study(STUDY), options));
        let oids: Vec<&str> = document.meta_data_versions().map(|(_, v)| v.oid.as_str()).collect();
        assert_eq!(oids, ["V1", "V2"]);
        for (oid, files) in oids.iter().zip(versions()) {
            let (made, published) = (compiled(&definition(&document, Some(oid))), compiled(&files));
            assert_eq!(made.definition.visits, published.definition.visits, "{oid} {options:?}");
            let by_name = |c: &Compiled| {
                let mut forms = c.forms.clone();
                forms.sort_by(|a, b| a.form.cmp(&b.form));
                forms
            };
            assert_eq!(by_name(&made), by_name(&published), "{oid} {options:?}");
        }
    }
}

#[test]
fn a_snapshot_says_why_a_value_is_missing_and_what_was_entered() {
    let scene = Scene::new("missing");
    let text = leave(&scene, &Extent::study(STUDY), ALL[0]);
    for line in [
        r#"<ItemData ItemOID="TEMP" IsNull="Yes" croft:Missing="ND">"#,
        r#"<ItemData ItemOID="TEMP" IsNull="Yes" croft:Text="about 37">"#,
        r#"<ItemData ItemOID="INITIALS" IsNull="Yes" croft:Missing="SEALED"/>"#,
        r#"<ItemData ItemOID="VISDAT" Value="2026-01" croft:Text="jan 2026"/>"#,
        r#"<MeasurementUnitRef MeasurementUnitOID="MU.F"/>"#,
        r#"<StudyEventData StudyEventOID="UNS" StudyEventRepeatKey="2">"#,
        r#"<FormData FormOID="AE" FormRepeatKey="1" croft:Complete="Yes">"#,
        r#"<SiteRef LocationOID="102"/>"#,
        r#"FileType="Snapshot""#,
        r#"CreationDateTime="2026-01-21T10:"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("AuditRecord") && !text.contains("<User") && !text.contains("Is this so?"), "{text}");
    assert!(!text.contains("odd"), "a voided row does not stand");
}

#[test]
fn a_transactional_document_says_who_did_what_when_and_why() {
    let scene = Scene::new("who");
    let text = leave(&scene, &Extent::study(STUDY), ALL[1]);
    for line in [
        r#"FileType="Transactional""#,
        r#"<SubjectData SubjectKey="101-001" TransactionType="Insert">"#,
        r#"<ItemData ItemOID="PULSE" TransactionType="Update" Value="62">"#,
        "<ReasonForChange>misread on the source sheet</ReasonForChange>",
        r#"<ItemGroupData ItemGroupOID="vitals" ItemGroupRepeatKey="3" TransactionType="Remove">"#,
        "<ReasonForChange>another subject's</ReasonForChange>",
        r#"<AuditRecord EditPoint="Monitoring""#,
        r#"<croft:Verification Verified="Yes"/>"#,
        r#"State="closed" Source="Data Management""#,
        ">Thank you.</croft:Message>",
        r#"<SignatureRef SignatureOID="SD.1"/>"#,
        "<Meaning>I have reviewed these data</Meaning>",
        r#"croft:Void=""#,
        r#"croft:Date="2026-01-21""#,
        r#"croft:Action="derive""#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let document = parsed(&text);
    let events: Vec<u64> = document
        .clinical_data
        .iter()
        .flat_map(|c| &c.subjects)
        .flat_map(|s| &s.events)
        .flat_map(|e| &e.forms)
        .filter_map(|f| f.audit_record.as_ref()?.source_id.as_ref()?.text.parse().ok())
        .collect();
    assert!(events.len() > 12, "{events:?}");
    let two = leave(&scene, &Extent::study(STUDY), ALL[3]);
    for line in [
        r#"<ItemGroupDef OID="VS" Name="Vital signs" Repeating="No" Type="Form">"#,
        r#"<Query OID="Q."#,
        r#"State="Closed""#,
        "<ReasonForChange>Thank you.</ReasonForChange>",
        r#"UnitsItemOID="TEMP.UNIT""#,
        r#"croft:UnitOf="TEMP""#,
    ] {
        assert!(two.contains(line), "{line} is not in\n{two}");
    }
    assert!(!two.contains("FormDef") && !two.contains("MeasurementUnit"), "2.0 has neither");
}

#[test]
fn the_same_state_gives_the_same_bytes_and_one_site_leaves_alone() {
    let scene = Scene::new("bytes");
    for options in ALL {
        let whole = leave(&scene, &Extent::study(STUDY), options);
        // A look at the data is an event of another chain.
        stands(&scene);
        assert_eq!(whole, leave(&scene, &Extent::study(STUDY), options));
        let one = leave(&scene, &Extent::site(STUDY, "102"), options);
        parsed(&one);
        assert!(!one.contains("101-001") && one.contains("102-001") && !one.contains("Clinic &lt;101&gt;"), "{one}");
    }
    let stranger = Caller::new("stranger", "", 0);
    let mut out = Vec::new();
    let refused = scene.record.export(&stranger, |r| export::odm::write(r, &Extent::study(STUDY), ALL[0], &mut out));
    assert!(matches!(refused, Err(ExportError::Refused(_))), "{refused:?}");
    assert!(out.is_empty());
}

#[test]
fn studies_of_other_systems_leave_and_come_in_as_they_stood() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let read = |name: &str| odm::read(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    let pairs = [
        ("openedc-example-metadata.xml", "openedc-example-clinicaldata.xml"),
        ("odmlib-data-snapshot.xml", "odmlib-data-snapshot.xml"),
        ("cdisc-mh-repeating-2.0.xml", "cdisc-mh-repeating-2.0.xml"),
        ("cdisc-race-checkall-2.0.xml", "cdisc-race-checkall-2.0.xml"),
        ("cdisc-odm-1.1-audit-signature.xml", "cdisc-odm-1.1-audit-signature.xml"),
        ("rave-clinical-audit-records.xml", "rave-clinical-audit-records.xml"),
        ("redcap-longitudinal.xml", "redcap-longitudinal.xml"),
        ("redcap-clinical-trial-500subj.xml", "redcap-clinical-trial-500subj.xml"),
    ];
    let mut checked = 0;
    for (at, (definitions, values)) in pairs.into_iter().enumerate() {
        let (meta, document) = (read(definitions), read(values));
        let Ok(imported) = import::odm::definition(&import::odm::infer(&meta).unwrap_or(meta), None, STUDY, None)
        else {
            println!("{definitions}: no definition");
            continue;
        };
        let first = Scene::empty(&format!("other-{at}"));
        first.publish(&imported.files, "imported");
        let own = compiled(&imported.files);
        let units = data::units(&odm::read(imported.files["source/odm.xml"].as_bytes()).unwrap());
        let plan = data::plan(&document, &own, &units, &options());
        data::run(&first.record, &Caller::system(), &options(), plan).unwrap();
        let expected = stands(&first);
        for (n, options) in ALL.into_iter().enumerate() {
            let text = leave(&first, &Extent::study(STUDY), options);
            let document = parsed(&text);
            let made = compiled(&definition(&document, None));
            let told = |c: &Compiled| {
                let forms = c.forms.iter().map(|f| (f.form.clone(), f.groups.clone()));
                forms.collect::<BTreeMap<_, _>>()
            };
            for (form, groups) in told(&own) {
                for (mine, theirs) in groups.iter().zip(&told(&made)[&form]) {
                    assert_eq!(mine.items.len(), theirs.items.len(), "{values} {form} {options:?}");
                    for (mine, theirs) in mine.items.iter().zip(&theirs.items) {
                        let plain =
                            |i: &croft_design::forms::Item| croft_design::forms::Item { oid: None, ..i.clone() };
                        assert_eq!(plain(mine), plain(theirs), "{values} {form} {options:?}");
                    }
                }
            }
            let (second, report) = bring(&format!("other-{at}-{n}"), &document);
            assert_eq!(report.refused, [], "{values} {options:?}");
            let found = stands(&second);
            assert_eq!(found.len(), expected.len(), "{values} {options:?}");
            for (address, texts) in &expected {
                assert_eq!(found.get(address), Some(texts), "{values} {options:?} {address:?}");
                checked += 1;
            }
        }
        println!("{values}: {} values", expected.len());
    }
    croft_testkit::assert_checked("values of other systems, there and back", checked, 27_292);
}

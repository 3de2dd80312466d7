//! Do the packages that come with croft agree with the published terminology?

use crate::{bytes, folder, json};
use croft_cdisc::terminology::{self, PackageName, embedded, embedded_names};

#[test]
fn packages_that_come_with_croft_agree_with_the_published_tables() {
    let Some(root) = folder("ct") else { return };
    let expected = json(&root.join("expected.json"));
    let (mut packages, mut terms) = (0, 0);
    for (name, counts) in expected.as_object().unwrap() {
        let file =
            [format!("{name}.csv"), format!("{name}.csv.xz")].into_iter().find(|f| root.join(f).exists()).unwrap();
        let published = terminology::read(&file, &bytes(&root.join(&file)), None).unwrap();
        let name: PackageName = name.parse().unwrap();
        assert_eq!(published.name, name);
        assert_eq!(published.codelists().len() as u64, counts["codelists"].as_u64().unwrap(), "{name}");
        assert_eq!(published.term_count() as u64, counts["terms"].as_u64().unwrap(), "{name}");
        let own = embedded(&name).unwrap_or_else(|| panic!("{name} comes with croft"));
        assert_eq!(own.codelists().len(), published.codelists().len());
        for (own, list) in own.codelists().iter().zip(published.codelists()) {
            assert_eq!((&own.code, own.extensible), (&list.code, list.extensible), "{name}");
            // The table of SDTM 2022 lacks codes of terms and half of the names; they are completed from other packages.
            if !list.submission_value.is_empty() {
                assert_eq!((&own.submission_value, &own.name), (&list.submission_value, &list.name), "{name}");
            }
            for (own, term) in own.terms().iter().zip(list.terms()) {
                let code = term.code.as_ref().or(own.code.as_ref());
                assert_eq!(own.code.as_ref(), code, "{name} {}", list.code);
                assert_eq!(own.submission_value, term.submission_value, "{name} {}", list.code);
                assert_eq!(own.preferred_term, term.preferred_term, "{name} {}", list.code);
                assert_eq!(own.synonyms, term.synonyms, "{name} {}", list.code);
            }
            terms += list.terms().len();
        }
        packages += 1;
    }
    croft_testkit::assert_checked("packages", packages, 9);
    croft_testkit::assert_checked("terms", terms, 70_253);
}

/// SDTM 2025-03-28 is made from NCI EVS's own text: 1,158 code lists and 43,698 terms, as others that read package 59 count them.
#[test]
fn the_newest_sdtm_package_has_all_its_lists_and_terms() {
    let name: PackageName = "sdtmct-2025-03-28".parse().unwrap();
    let package = embedded(&name).unwrap();
    assert_eq!((package.codelists().len(), package.term_count()), (1158, 43_698));
    assert!(package.codelists().iter().flat_map(|l| l.terms()).all(|t| t.code.is_some()), "every term has its code");
    assert_eq!(embedded_names().filter(|n| n.product() == "sdtmct").max(), Some(name));
}

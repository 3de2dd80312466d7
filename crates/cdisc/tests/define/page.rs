//! The page shows all of a define.xml, without script.

use super::{files, read};
use croft_cdisc::define::{self, Difference};
use std::collections::BTreeSet;

#[test]
fn the_page_names_each_definition_and_each_link_on_it_leads_somewhere() {
    let mut checked = 0;
    for (name, bytes) in files() {
        let define = read(&bytes);
        let page = define::html(&define);
        assert_eq!(page, define::html(&define), "same model, same page");
        assert!(page.contains("default-src 'none'") && !page.contains("<script"), "{name}");
        let attributes = |mark: &str| -> BTreeSet<String> {
            page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let ids = attributes(" id=\"");
        for link in attributes("href=\"#") {
            assert!(ids.contains(&link), "{name}: nothing is called {link}");
        }
        for method in &define.metadata.methods {
            assert!(ids.iter().any(|id| id.starts_with("m.")), "{name}: {}", method.oid);
        }
        for list in &define.metadata.code_lists {
            assert!(page.contains(&list.name().replace('&', "&amp;").replace('"', "&quot;")), "{name}: {}", list.oid);
        }
        for item in &define.metadata.items {
            assert!(page.contains(item.name()), "{name}: {}", item.oid);
        }
        if let Some(folder) = std::env::var_os("CROFT_DEFINE_PAGES") {
            let file = name.replace('/', "-").replace(".xml", ".html");
            std::fs::write(std::path::Path::new(&folder).join(file), &page).unwrap();
        }
        checked += 1;
    }
    if checked > 0 {
        croft_testkit::assert_checked("pages", checked, 14);
    }
}

#[test]
fn two_files_are_compared_by_what_they_say() {
    let text = include_str!("good.xml");
    let before = read(text.as_bytes());
    assert_eq!(define::diff(&before, &before), []);
    let text = text
        .replace("MT.AVAL", "MT.9")
        .replace("Length=\"8\" SASFieldName=\"PARAMCD\"", "Length=\"1\" SASFieldName=\"PARAMCD\"")
        .replace(
            "<EnumeratedItem CodedValue=\"Y\" OrderNumber=\"1\">",
            "<EnumeratedItem CodedValue=\"N\" OrderNumber=\"1\">",
        )
        .replace("first of the month", "last of the month")
        .replace("<CheckValue>B</CheckValue>", "<CheckValue>C</CheckValue>");
    let changes = define::diff(&before, &read(text.as_bytes()));
    let told: Vec<String> = changes
        .iter()
        .map(|c| match &c.difference {
            Difference::Added => format!("+ {} {}", c.what, c.name),
            Difference::Removed => format!("- {} {}", c.what, c.name),
            Difference::Changed(facts) => {
                format!("~ {} {}: {}", c.what, c.name, facts.iter().map(|f| f.0).collect::<Vec<_>>().join(", "))
            }
        })
        .collect();
    let expected = [
        "~ variable ADX.ADT: method",
        "~ variable ADX.ANL01FL: method",
        "~ variable ADX.PARAMCD: length",
        "- value ADX.AVAL where PARAMCD = B",
        "+ value ADX.AVAL where PARAMCD = C",
        "+ term CL.Y N",
        "- term CL.Y Y",
        "+ method MT.9",
        "~ method MT.ADT: description",
        "- method MT.AVAL",
    ];
    assert_eq!(told, expected);
}

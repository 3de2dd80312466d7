//! What is read is written again, and nothing of it is lost.

use super::{INVALID, files, read, schema_errors};
use croft_cdisc::define;
use std::fmt::Write as _;

/// A document as lines: each element with its sorted attributes, each text; without comments and blank space between elements.
fn outline(text: &str) -> String {
    fn walk(node: roxmltree::Node<'_, '_>, out: &mut String) {
        for child in node.children() {
            if child.is_element() {
                let name = child.tag_name();
                let mut attributes: Vec<String> = child
                    .attributes()
                    .map(|a| format!("{{{}}}{}={:?}", a.namespace().unwrap_or(""), a.name(), a.value()))
                    .collect();
                attributes.sort();
                writeln!(out, "<{{{}}}{} {}>", name.namespace().unwrap_or(""), name.name(), attributes.join(" "))
                    .unwrap();
                walk(child, out);
                writeln!(out, "</{}>", name.name()).unwrap();
            } else if child.is_text() {
                let text = child.text().unwrap_or("");
                // Blank space is text only where there is nothing else.
                if !text.trim().is_empty() || node.children().count() == 1 && !text.contains('\n') {
                    writeln!(out, "{text:?}").unwrap();
                }
            }
        }
    }
    let document = roxmltree::Document::parse(text).unwrap();
    let mut out = String::new();
    walk(document.root(), &mut out);
    out
}

#[test]
fn each_file_comes_back_whole() {
    let mut checked = 0;
    for (name, bytes) in files() {
        let define = read(&bytes);
        let written = define::write(&define).unwrap();
        let again = read(written.as_bytes());
        assert!(again == define, "{name}: another model comes back");
        assert_eq!(define::write(&again).unwrap(), written, "{name}: writing twice gives two texts");
        let (before, after) = (outline(std::str::from_utf8(&bytes).unwrap()), outline(&written));
        let differs = before.lines().zip(after.lines()).enumerate().find(|(_, (b, a))| b != a);
        assert!(differs.is_none() && before.len() == after.len(), "{name}: another document is written: {differs:?}");
        checked += 1;
    }
    if checked > 0 {
        croft_testkit::assert_checked("files that come back whole", checked, 14);
    }
}

#[test]
fn what_is_written_is_valid_where_what_was_read_is() {
    let mut checked = 0;
    for (name, bytes) in files() {
        let define = read(&bytes);
        let written = define::write(&define).unwrap();
        let Some(errors) = schema_errors(name, &written, define.version) else { return };
        assert_eq!(errors.is_empty(), !INVALID.contains(&name), "{name}: {errors}");
        checked += 1;
    }
    if checked > 0 {
        croft_testkit::assert_checked("files held against their schema", checked, 14);
    }
}

#[test]
fn nothing_of_the_standard_is_without_a_place() {
    for (name, bytes) in files() {
        let define = read(&bytes);
        let own: Vec<_> = define.header.extra.attributes.iter().filter(|a| a.prefix != "xsi").collect();
        assert!(own.is_empty(), "{name}: {own:?}");
        let debug = format!("{:?}", define.metadata);
        let kept = debug.matches("extra: Extra { attributes: [ExtraAttribute").count();
        assert_eq!(kept, 0, "{name}: attributes without a place");
        assert_eq!(debug.matches("content: [Element(").count(), 0, "{name}: elements without a place");
    }
}

#[test]
fn the_model_answers_what_reviewers_ask() {
    let Some((_, bytes)) = files().into_iter().find(|(name, _)| name.ends_with("examples-2.1/define_msg_adam.xml"))
    else {
        return;
    };
    let define = read(&bytes);
    let index = define.index();
    assert_eq!(define.version, define::Version::V2_1);
    assert_eq!(define.standards().len(), 4);
    let adsl = define.dataset("ADSL").unwrap();
    assert_eq!(adsl.class(), Some("SUBJECT LEVEL ANALYSIS DATASET"));
    assert_eq!(index.keys(adsl), ["USUBJID"]);
    assert_eq!(adsl.href(), Some("adsl.xpt"));
    let variables = index.variables(adsl);
    assert_eq!(variables[0].name(), "STUDYID");
    let displays = define.displays();
    assert!(!displays.is_empty() && !displays[0].results.is_empty());
    let values: usize = define.metadata.items.iter().map(|i| index.values(i).len()).sum();
    assert!(values > 10, "{values}");
}

#[test]
fn a_namespace_is_read_as_it_is_meant_and_written_once() {
    let text = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" xmlns:v="urn:a&amp;b">
<Study OID="S"><MetaDataVersion OID="M" Name="m" def:DefineVersion="2.1.0"><v:own v:x="1"/></MetaDataVersion></Study></ODM>"#;
    let before = read(text.as_bytes());
    let written = define::write(&before).unwrap();
    assert!(written.contains("\"urn:a&amp;b\""), "{written}");
    assert!(read(written.as_bytes()) == before);
}

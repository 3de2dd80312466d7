//! What cannot be read is refused with line, element, attribute and remedy.

use croft_cdisc::define::{self, ReadError};

const HEAD: &str = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">"#;

fn refusal(text: &str) -> (String, &'static str) {
    let error = define::read(text.as_bytes()).unwrap_err();
    (error.to_string(), error.hint())
}

#[test]
fn an_older_version_is_named() {
    let (words, hint) =
        refusal(r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.2" xmlns:def="http://www.cdisc.org/ns/def/v1.0"/>"#);
    assert_eq!(
        words,
        "line 1, column 1: <ODM> is of the namespace `http://www.cdisc.org/ns/odm/v1.2`, define.xml 2.0 and 2.1 are of `http://www.cdisc.org/ns/odm/v1.3`"
    );
    assert!(hint.contains("2.1"));
}

#[test]
fn a_later_version_is_named() {
    let text = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:d="http://www.cdisc.org/ns/def/v3.0"><Study OID="S"/></ODM>"#;
    let (words, _) = refusal(text);
    assert!(words.ends_with("; the file declares `http://www.cdisc.org/ns/def/v3.0`"), "{words}");
}

#[test]
fn an_element_without_identity_is_named_with_its_attribute() {
    let text = format!(
        "{HEAD}\n<Study OID=\"S\"><MetaDataVersion OID=\"M\" def:DefineVersion=\"2.1.0\">\n  <ItemDef Name=\"AGE\"/>"
    );
    assert_eq!(refusal(&text).0, "line 3, column 3: <ItemDef> has no OID");
}

#[test]
fn a_file_that_breaks_off_says_within_what() {
    let text = format!("{HEAD}<Study OID=\"S\"><MetaDataVersion OID=\"M\">\n<ItemDef OID=\"I\" Name=\"AGE\">");
    let (words, hint) = refusal(&text);
    assert_eq!(words, "line 2, column 29: the document ends within <ItemDef>");
    assert!(hint.contains("complete file"));
}

#[test]
fn entities_depth_and_encodings_are_guarded() {
    let bomb = format!("<!DOCTYPE ODM [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{HEAD}&b;</ODM>");
    assert_eq!(refusal(&bomb).0, "line 1, column 147: the entity `&b;` is not read");
    let deep = format!("{HEAD}{}", "<x>".repeat(100_000));
    assert!(refusal(&deep).0.contains("more than 64 elements within each other"));
    let mut wrong = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_vec();
    wrong.extend_from_slice(HEAD.as_bytes());
    wrong.extend_from_slice(b"<Study OID=\"S\">\x92</Study></ODM>");
    let error = define::read(&wrong).unwrap_err();
    assert!(error.to_string().contains("bytes that are no text in utf-8"), "{error}");
    let wide: Vec<u8> = format!(
        "\u{feff}{HEAD}<Study OID=\"S\"><MetaDataVersion OID=\"M\" def:DefineVersion=\"2.1.0\"/></Study></ODM>"
    )
    .encode_utf16()
    .flat_map(u16::to_le_bytes)
    .collect();
    assert_eq!(define::read(&wide).unwrap().study.oid, "S");
}

#[test]
fn a_prefix_of_ones_own_is_understood() {
    let text = r#"<o:ODM xmlns:o="http://www.cdisc.org/ns/odm/v1.3" xmlns:d="http://www.cdisc.org/ns/def/v2.0"><o:Study OID="S">
        <o:MetaDataVersion OID="M" d:StandardName="SDTM-IG" d:StandardVersion="3.1.2"><d:leaf ID="L"><d:title>T</d:title></d:leaf>
        </o:MetaDataVersion></o:Study></o:ODM>"#;
    let define = define::read(text.as_bytes()).unwrap();
    assert_eq!(define.standards()[0].name.as_deref(), Some("SDTM-IG"));
    assert_eq!(define.metadata.documents[0].title.as_deref(), Some("T"));
    let again = define::read(define::write(&define).unwrap().as_bytes()).unwrap();
    assert_eq!(again.metadata, define.metadata);
}

#[test]
fn two_versions_in_one_file_are_refused() {
    let text = r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:a="http://www.cdisc.org/ns/def/v2.0" xmlns:b="http://www.cdisc.org/ns/def/v2.1">
        <Study OID="S"><MetaDataVersion OID="M" a:DefineVersion="2.0.0"><b:Standards/></MetaDataVersion></Study></ODM>"#;
    assert!(matches!(define::read(text.as_bytes()), Err(ReadError::Mixed { .. })));
}

#[test]
fn a_declaration_of_a_namespace_is_an_attribute_like_others() {
    let text =
        r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" xmlns:v="a<b"/>"#;
    assert!(refusal(text).0.ends_with("`<` in the attribute xmlns:v"), "{}", refusal(text).0);
}

//! What the specification asks for beyond the schemas is found, with place and remedy.

use croft_cdisc::define;
use croft_core::{Finding, Severity};

/// A small analysis define.xml without fault.
const GOOD: &str = include_str!("good.xml");

fn rules(text: &str) -> Vec<Finding> {
    define::check(text.as_bytes())
}

#[test]
fn a_good_file_has_no_findings() {
    assert_eq!(rules(GOOD), []);
}

/// One change, and the finding that it must lead to: rule, severity, and words of the message.
const FAULTS: [(&str, &str, &str, Severity, &str); 27] = [
    (
        "ItemOID=\"IT.AVAL\" Ord",
        "ItemOID=\"IT.X\" Ord",
        "DEFINE-REF",
        Severity::Error,
        "no <ItemDef> of that identifier",
    ),
    ("MethodOID=\"MT.AVAL\"", "MethodOID=\"MT.X\"", "DEFINE-REF", Severity::Error, "no <MethodDef>"),
    ("leafID=\"LF.SAP\"", "leafID=\"LF.X\"", "DEFINE-REF", Severity::Error, "no <def:leaf>"),
    ("def:StandardOID=\"STD.CT\"", "def:StandardOID=\"STD.X\"", "DEFINE-REF", Severity::Error, "no <def:Standard>"),
    ("ItemGroupOID=\"IG.ADX\"", "ItemGroupOID=\"IG.Y\"", "DEFINE-REF", Severity::Error, "no <ItemGroupDef>"),
    (
        "WhereClauseOID=\"WC.B\"",
        "WhereClauseOID=\"WC.A\"",
        "DEFINE-WHERE",
        Severity::Error,
        "apply under one condition",
    ),
    (
        " def:CommentOID=\"COM.ADT\"",
        "",
        "DEFINE-UNUSED",
        Severity::Warning,
        "nothing refers to the <def:CommentDef> COM.ADT",
    ),
    ("KeySequence=\"2\"", "KeySequence=\"3\"", "DEFINE-KEY", Severity::Error, "go on with 3 where 2 is due"),
    ("Purpose=\"Analysis\"", "Purpose=\"Tables\"", "DEFINE-DATASET", Severity::Error, "the purpose of ADX is `Tables`"),
    (
        "def:ArchiveLocationID=\"LF.ADX\"",
        "def:ArchiveLocationID=\"LF.SAP\"",
        "DEFINE-DATASET",
        Severity::Error,
        "refers to the file LF.SAP",
    ),
    (
        " Length=\"8\" SASFieldName=\"PARAMCD\"",
        " SASFieldName=\"PARAMCD\"",
        "DEFINE-LENGTH",
        Severity::Error,
        "has no Length",
    ),
    (
        "Name=\"ADT\" DataType=\"date\"",
        "Name=\"ADT\" DataType=\"date\" Length=\"10\"",
        "DEFINE-LENGTH",
        Severity::Warning,
        "which has no Length",
    ),
    ("SignificantDigits=\"2\"", "SignificantDigits=\"6\"", "DEFINE-LENGTH", Severity::Error, "as many decimals"),
    ("DataType=\"date\"", "DataType=\"boolean\"", "DEFINE-TYPE", Severity::Error, "define.xml does not have"),
    (
        "Name=\"Parameter Code\" DataType=\"text\"",
        "Name=\"Parameter Code\" DataType=\"integer\"",
        "DEFINE-CODELIST",
        Severity::Error,
        "`A` of CL.PARAMCD is no number",
    ),
    (
        "<CheckValue>A</CheckValue>",
        "<CheckValue>A</CheckValue><CheckValue>B</CheckValue>",
        "DEFINE-WHERE",
        Severity::Error,
        "EQ with several values",
    ),
    (
        "<CheckValue>A</CheckValue>",
        "<CheckValue>C</CheckValue>",
        "DEFINE-WHERE",
        Severity::Warning,
        "not in its code list",
    ),
    (
        "SoftHard=\"Soft\" def:ItemOID=\"IT.PARAMCD\"><CheckValue>A",
        "SoftHard=\"Soft\" def:ItemOID=\"IT.AVAL.A\"><CheckValue>1",
        "DEFINE-WHERE",
        Severity::Error,
        "no variable of a dataset",
    ),
    ("<Alias Context=\"nci:ExtCodeID\" Name=\"C49488\"/>", "", "DEFINE-CODELIST", Severity::Warning, "has no NCI code"),
    ("PageRefs=\"3 4\"", "PageRefs=\"iii\"", "DEFINE-DOCUMENT", Severity::Error, "no page numbers"),
    ("PageRefs=\"3 4\"", "FirstPage=\"4\" LastPage=\"3\"", "DEFINE-DOCUMENT", Severity::Error, "before the first"),
    ("PublishingSet=\"ADaM\"", "", "DEFINE-STANDARD", Severity::Error, "lacks its PublishingSet"),
    (
        "<def:Origin Type=\"Derived\" Source=\"Sponsor\"/>",
        "",
        "DEFINE-ORIGIN",
        Severity::Warning,
        "where its values come from",
    ),
    (">ADSL.USUBJID<", "> <", "DEFINE-ORIGIN", Severity::Warning, "does not say which"),
    ("SASFieldName=\"ADT\"", "SASFieldName=\"ADTANDMORE\"", "DEFINE-VALUE", Severity::Error, "must be a SAS name"),
    ("Name=\"ADT\" ", "Name=\"AVAL\" ", "DEFINE-NAME", Severity::Error, "are both called AVAL"),
    (
        "Type=\"Snapshot\"",
        "Type=\"Snapshot\" xmlns:v=\"urn:vendor\" v:tool=\"1\"",
        "DEFINE-EXTENSION",
        Severity::Note,
        "is a vendor's",
    ),
];

#[test]
fn each_fault_is_found_with_place_and_remedy() {
    for (from, to, rule, severity, words) in FAULTS {
        assert!(GOOD.contains(from), "the good file has no {from}");
        let found = rules(&GOOD.replacen(from, to, 1));
        let told = found.iter().find(|f| f.rule == rule && f.message.contains(words));
        let told = told.unwrap_or_else(|| panic!("{from} -> {to}: {found:#?}"));
        assert_eq!(told.severity, severity, "{told}");
        assert!(told.row.is_some() && told.hint.is_some() && told.message.starts_with("line "), "{told:?}");
    }
}

//! The model as a file.

use super::results;
use super::xml::Xml;
use super::{
    CodeList, Comment, Comparator, Condition, DefineError, DocumentRef, Item, ItemGroup, Method, Origin, OriginKind,
    OriginSource, Study, Value,
};
use croft_core::DataType;
use std::collections::BTreeSet;

/// The text of define.xml, with a reference to the stylesheet `define2-1.xsl` beside it.
pub fn write(study: &Study) -> Result<String, DefineError> {
    let known = Known::of(study)?;
    let mut xml = Xml::new(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?xml-stylesheet type=\"text/xsl\" href=\"define2-1.xsl\"?>\n",
    );
    open_odm(&mut xml, study);
    open_metadata(&mut xml, study);
    standards(&mut xml, study);
    document_list(&mut xml, "def:AnnotatedCRF", &study.annotated_crf, &known)?;
    document_list(&mut xml, "def:SupplementalDoc", &study.supplements, &known)?;
    for group in &study.datasets {
        value_lists(&mut xml, group);
    }
    where_clauses(&mut xml, study)?;
    for group in &study.datasets {
        item_group(&mut xml, group, &known)?;
    }
    for group in &study.datasets {
        for item in &group.items {
            item_def(&mut xml, &item_oid(group, item), item, group, &known)?;
            for value in &item.values {
                item_def(&mut xml, &value_oid(group, item, value), &value.item, group, &known)?;
            }
        }
    }
    for list in &study.codelists {
        code_list(&mut xml, list, &known)?;
    }
    for method in &study.methods {
        method_def(&mut xml, method, &known)?;
    }
    for comment in &study.comments {
        comment_def(&mut xml, comment, &known)?;
    }
    for document in &study.documents {
        leaf(&mut xml, &format!("LF.{}", document.id), &document.href, &document.title);
    }
    results::displays(&mut xml, study, &known)?;
    if let Some((place, code)) = xml.bad.take() {
        return Err(DefineError::Character { place, code });
    }
    Ok(xml.finish())
}

/// Identifiers that can be referred to.
pub(super) struct Known<'s> {
    standards: BTreeSet<&'s str>,
    codelists: BTreeSet<&'s str>,
    methods: BTreeSet<&'s str>,
    comments: BTreeSet<&'s str>,
    documents: BTreeSet<&'s str>,
}

impl<'s> Known<'s> {
    fn of(study: &'s Study) -> Result<Self, DefineError> {
        unique("dataset", study.datasets.iter().map(|d| d.name.as_str()))?;
        for group in &study.datasets {
            let names = group.items.iter().map(|i| i.name.as_str());
            unique("variable", names.clone())?;
            let names: BTreeSet<_> = names.collect();
            for key in &group.keys {
                refer(&names, "variable", key, || format!("the keys of {}", group.name))?;
            }
            for item in &group.items {
                let clauses: Vec<String> = item.values.iter().map(clause).collect();
                unique("value", clauses.iter().map(String::as_str))?;
            }
        }
        Ok(Self {
            standards: unique("standard", study.standards.iter().map(|s| s.id.as_str()))?,
            codelists: unique("code list", study.codelists.iter().map(|c| c.id.as_str()))?,
            methods: unique("method", study.methods.iter().map(|m| m.id.as_str()))?,
            comments: unique("comment", study.comments.iter().map(|c| c.id.as_str()))?,
            documents: unique("document", study.documents.iter().map(|d| d.id.as_str()))?,
        })
    }
}

pub(super) fn unique<'s>(
    what: &'static str,
    ids: impl Iterator<Item = &'s str>,
) -> Result<BTreeSet<&'s str>, DefineError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(DefineError::Twice { what, id: id.to_owned() });
        }
    }
    Ok(seen)
}

pub(super) fn refer(
    known: &BTreeSet<&str>,
    what: &'static str,
    id: &str,
    from: impl FnOnce() -> String,
) -> Result<(), DefineError> {
    if known.contains(id) { Ok(()) } else { Err(DefineError::Dangling { from: from(), what, id: id.to_owned() }) }
}

/// `MT.` and an identifier, when there is one and the model holds it.
fn reference(
    prefix: &str,
    id: Option<&String>,
    known: &BTreeSet<&str>,
    what: &'static str,
    from: impl FnOnce() -> String,
) -> Result<Option<String>, DefineError> {
    let Some(id) = id else { return Ok(None) };
    refer(known, what, id, from)?;
    Ok(Some(format!("{prefix}.{id}")))
}

fn yes_no(yes: bool) -> Option<&'static str> {
    Some(if yes { "Yes" } else { "No" })
}

fn yes(yes: bool) -> Option<&'static str> {
    yes.then_some("Yes")
}

fn open_odm(xml: &mut Xml, study: &Study) {
    let file = format!("DEF.{}", study.id);
    let (system, version) = study.source_system.as_ref().map_or((None, None), |(s, v)| (Some(&s[..]), Some(&v[..])));
    xml.open(
        "ODM",
        &[
            ("xmlns", Some("http://www.cdisc.org/ns/odm/v1.3")),
            ("xmlns:xlink", Some("http://www.w3.org/1999/xlink")),
            ("xmlns:def", Some("http://www.cdisc.org/ns/def/v2.1")),
            ("xmlns:arm", Some(results::NAMESPACE).filter(|_| !study.displays.is_empty())),
            ("ODMVersion", Some("1.3.2")),
            ("FileType", Some("Snapshot")),
            ("FileOID", Some(&file)),
            ("CreationDateTime", Some(&study.creation_date_time)),
            ("SourceSystem", system),
            ("SourceSystemVersion", version),
            ("def:Context", Some("Submission")),
        ],
    );
}

fn open_metadata(xml: &mut Xml, study: &Study) {
    xml.open("Study", &[("OID", Some(&format!("STDY.{}", study.id)))]);
    xml.open("GlobalVariables", &[]);
    xml.text("StudyName", &[], &study.name);
    xml.text("StudyDescription", &[], &study.description);
    xml.text("ProtocolName", &[], &study.protocol);
    xml.close();
    let name = format!("Study {}, data definitions", study.name);
    let oid = format!("MDV.{}", study.id);
    let attributes = [("OID", Some(&oid[..])), ("Name", Some(&name[..])), ("def:DefineVersion", Some("2.1.0"))];
    xml.open("MetaDataVersion", &attributes);
}

fn standards(xml: &mut Xml, study: &Study) {
    if study.standards.is_empty() {
        return;
    }
    xml.open("def:Standards", &[]);
    for standard in &study.standards {
        xml.empty(
            "def:Standard",
            &[
                ("OID", Some(&format!("STD.{}", standard.id))),
                ("Name", Some(&standard.name)),
                ("Type", Some(if standard.publishing_set.is_some() { "CT" } else { "IG" })),
                ("PublishingSet", standard.publishing_set.as_deref()),
                ("Version", Some(&standard.version)),
                ("Status", Some("Final")),
            ],
        );
    }
    xml.close();
}

fn document_list(xml: &mut Xml, element: &'static str, ids: &[String], known: &Known<'_>) -> Result<(), DefineError> {
    if ids.is_empty() {
        return Ok(());
    }
    xml.open(element, &[]);
    for id in ids {
        document_ref(xml, &DocumentRef { document: id.clone(), pages: Vec::new() }, known, element)?;
    }
    xml.close();
    Ok(())
}

pub(super) fn document_ref(
    xml: &mut Xml,
    reference: &DocumentRef,
    known: &Known<'_>,
    from: &str,
) -> Result<(), DefineError> {
    refer(&known.documents, "document", &reference.document, || from.to_owned())?;
    let leaf = format!("LF.{}", reference.document);
    if reference.pages.is_empty() {
        xml.empty("def:DocumentRef", &[("leafID", Some(&leaf))]);
        return Ok(());
    }
    let pages = reference.pages.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    xml.open("def:DocumentRef", &[("leafID", Some(&leaf))]);
    xml.empty("def:PDFPageRef", &[("PageRefs", Some(&pages)), ("Type", Some("PhysicalRef"))]);
    xml.close();
    Ok(())
}

fn item_oid(group: &ItemGroup, item: &Item) -> String {
    format!("IT.{}.{}", group.name, item.name)
}

/// Conditions as they stand in identifiers: `PARAMCD.EQ.CMAX`.
pub(super) fn clause_of(conditions: &[Condition]) -> String {
    let part = |c: &Condition| format!("{}.{}.{}", c.variable, word(c.comparator), c.values.join("."));
    conditions.iter().map(part).collect::<Vec<_>>().join(".")
}

fn clause(value: &Value) -> String {
    clause_of(&value.conditions)
}

fn value_oid(group: &ItemGroup, item: &Item, value: &Value) -> String {
    format!("{}.{}", item_oid(group, item), clause(value))
}

fn clause_oid(group: &ItemGroup, value: &Value) -> String {
    format!("WC.{}.{}", group.name, clause(value))
}

fn word(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Eq => "EQ",
        Comparator::Ne => "NE",
        Comparator::Lt => "LT",
        Comparator::Le => "LE",
        Comparator::Gt => "GT",
        Comparator::Ge => "GE",
        Comparator::In => "IN",
        Comparator::NotIn => "NOTIN",
    }
}

fn value_lists(xml: &mut Xml, group: &ItemGroup) {
    for item in group.items.iter().filter(|item| !item.values.is_empty()) {
        xml.open("def:ValueListDef", &[("OID", Some(&format!("VL.{}.{}", group.name, item.name)))]);
        for (i, value) in item.values.iter().enumerate() {
            xml.open(
                "ItemRef",
                &[
                    ("ItemOID", Some(&value_oid(group, item, value))),
                    ("OrderNumber", Some(&(i + 1).to_string())),
                    ("Mandatory", yes_no(value.item.mandatory)),
                    ("MethodOID", value.item.method.as_ref().map(|m| format!("MT.{m}")).as_deref()),
                ],
            );
            xml.empty("def:WhereClauseRef", &[("WhereClauseOID", Some(&clause_oid(group, value)))]);
            xml.close();
        }
        xml.close();
    }
}

fn where_clauses(xml: &mut Xml, study: &Study) -> Result<(), DefineError> {
    let mut written = BTreeSet::new();
    for group in &study.datasets {
        for value in group.items.iter().flat_map(|item| &item.values) {
            if value.conditions.is_empty() {
                let item = format!("a value of {}.{}", group.name, value.item.name);
                return Err(DefineError::Lacks { item, what: "a condition" });
            }
            where_clause(xml, group, &value.conditions, &mut written)?;
        }
    }
    results::where_clauses(xml, study, &mut written)
}

/// A where clause, unless it is written already.
pub(super) fn where_clause(
    xml: &mut Xml,
    group: &ItemGroup,
    conditions: &[Condition],
    written: &mut BTreeSet<String>,
) -> Result<(), DefineError> {
    let names: BTreeSet<_> = group.items.iter().map(|i| i.name.as_str()).collect();
    let oid = format!("WC.{}.{}", group.name, clause_of(conditions));
    if !written.insert(oid.clone()) {
        return Ok(());
    }
    xml.open("def:WhereClauseDef", &[("OID", Some(&oid))]);
    for condition in conditions {
        refer(&names, "variable", &condition.variable, || format!("a condition in {}", group.name))?;
        let oid = format!("IT.{}.{}", group.name, condition.variable);
        let comparator = Some(word(condition.comparator));
        let attributes = [("Comparator", comparator), ("SoftHard", Some("Soft")), ("def:ItemOID", Some(&oid[..]))];
        xml.open("RangeCheck", &attributes);
        condition.values.iter().for_each(|v| xml.text("CheckValue", &[], v));
        xml.close();
    }
    xml.close();
    Ok(())
}

/// The dataset of this name.
pub(super) fn dataset<'s>(
    study: &'s Study,
    name: &str,
    from: impl FnOnce() -> String,
) -> Result<&'s ItemGroup, DefineError> {
    let found = study.datasets.iter().find(|group| group.name == name);
    found.ok_or_else(|| DefineError::Dangling { from: from(), what: "dataset", id: name.to_owned() })
}

/// A dataset's domain: `AE` of `SUPPAE`, `QS` of the split dataset `QSPH`.
fn domain(name: &str) -> &str {
    let parent = name.strip_prefix("SUPP").or_else(|| name.strip_prefix("SQ")).filter(|rest| !rest.is_empty());
    let two = |name: &'_ str| name.char_indices().nth(2).map_or(name.len(), |(end, _)| end);
    match parent {
        Some(parent) => parent,
        None if name == "RELREC" || name == "POOLDEF" => name,
        None => &name[..two(name)],
    }
}

fn item_group(xml: &mut Xml, group: &ItemGroup, known: &Known<'_>) -> Result<(), DefineError> {
    let from = || format!("dataset {}", group.name);
    let standard = reference("STD", group.standard.as_ref(), &known.standards, "standard", from)?;
    let comment = reference("COM", group.comment.as_ref(), &known.comments, "comment", from)?;
    let leaf_id = format!("LF.{}", group.name);
    xml.open(
        "ItemGroupDef",
        &[
            ("OID", Some(&format!("IG.{}", group.name))),
            ("Name", Some(&group.name)),
            ("Repeating", yes_no(group.repeating)),
            ("IsReferenceData", yes_no(group.reference)),
            ("SASDatasetName", Some(&group.name)),
            ("Domain", (!group.analysis).then(|| domain(&group.name))),
            ("Purpose", Some(if group.analysis { "Analysis" } else { "Tabulation" })),
            ("def:Structure", Some(&group.structure)),
            ("def:ArchiveLocationID", Some(&leaf_id).filter(|_| !group.no_data).map(String::as_str)),
            ("def:StandardOID", standard.as_deref()),
            ("def:IsNonStandard", yes(standard.is_none())),
            ("def:HasNoData", yes(group.no_data)),
            ("def:CommentOID", comment.as_deref()),
        ],
    );
    xml.description(&group.label);
    for (i, item) in group.items.iter().enumerate() {
        let key = group.keys.iter().position(|key| *key == item.name).map(|k| (k + 1).to_string());
        let from = || format!("variable {}.{}", group.name, item.name);
        let method = reference("MT", item.method.as_ref(), &known.methods, "method", from)?;
        xml.empty(
            "ItemRef",
            &[
                ("ItemOID", Some(&item_oid(group, item))),
                ("OrderNumber", Some(&(i + 1).to_string())),
                ("Mandatory", yes_no(item.mandatory)),
                ("KeySequence", key.as_deref()),
                ("MethodOID", method.as_deref()),
                ("Role", item.role.as_deref()),
                ("def:IsNonStandard", yes(item.non_standard)),
                ("def:HasNoData", yes(item.no_data && !group.no_data)),
            ],
        );
    }
    match &group.subclass {
        Some(subclass) => {
            xml.open("def:Class", &[("Name", Some(&group.class))]);
            xml.empty("def:SubClass", &[("Name", Some(subclass))]);
            xml.close();
        }
        None => xml.empty("def:Class", &[("Name", Some(&group.class))]),
    }
    if !group.no_data {
        leaf(xml, &leaf_id, &group.file, &group.file);
    }
    xml.close();
    Ok(())
}

fn item_def(xml: &mut Xml, oid: &str, item: &Item, group: &ItemGroup, known: &Known<'_>) -> Result<(), DefineError> {
    let from = || format!("variable {}.{}", group.name, item.name);
    let list = reference("CL", item.codelist.as_ref(), &known.codelists, "code list", from)?;
    let comment = reference("COM", item.comment.as_ref(), &known.comments, "comment", from)?;
    reference("MT", item.method.as_ref(), &known.methods, "method", from)?;
    let data_type = type_word(item.data_type);
    if item.length.is_none() && matches!(data_type, "text" | "integer" | "float") {
        return Err(DefineError::Lacks { item: from(), what: "a length" });
    }
    let float = data_type == "float";
    xml.open(
        "ItemDef",
        &[
            ("OID", Some(oid)),
            ("Name", Some(&item.name)),
            ("DataType", Some(data_type)),
            ("Length", item.length.map(|n| n.to_string()).as_deref()),
            ("SignificantDigits", float.then(|| item.significant_digits.unwrap_or(0).to_string()).as_deref()),
            ("SASFieldName", Some(&item.name)),
            ("def:DisplayFormat", item.format.as_deref()),
            ("def:CommentOID", comment.as_deref()),
        ],
    );
    if !item.label.is_empty() {
        xml.description(&item.label);
    }
    if let Some(list) = &list {
        xml.empty("CodeListRef", &[("CodeListOID", Some(list))]);
    }
    if let Some(origin) = &item.origin {
        origin_element(xml, origin, known, &from())?;
    }
    if !item.values.is_empty() {
        xml.empty("def:ValueListRef", &[("ValueListOID", Some(&format!("VL.{}.{}", group.name, item.name)))]);
    }
    xml.close();
    Ok(())
}

/// The types of Define-XML: a double is a float, a decimal too, a boolean is a text.
fn type_word(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Text | DataType::Boolean | DataType::Uri => "text",
        DataType::Integer => "integer",
        DataType::Float | DataType::Double | DataType::Decimal => "float",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::Datetime => "datetime",
        DataType::PartialDate => "partialDate",
        DataType::PartialTime => "partialTime",
        DataType::PartialDatetime => "partialDatetime",
        DataType::IncompleteDatetime => "incompleteDatetime",
        DataType::DurationDatetime => "durationDatetime",
    }
}

fn origin_element(xml: &mut Xml, origin: &Origin, known: &Known<'_>, from: &str) -> Result<(), DefineError> {
    let kind = match origin.kind {
        OriginKind::Assigned => "Assigned",
        OriginKind::Collected => "Collected",
        OriginKind::Derived => "Derived",
        OriginKind::NotAvailable => "Not Available",
        OriginKind::Other => "Other",
        OriginKind::Predecessor => "Predecessor",
        OriginKind::Protocol => "Protocol",
    };
    let source = origin.source.map(|source| match source {
        OriginSource::Investigator => "Investigator",
        OriginSource::Sponsor => "Sponsor",
        OriginSource::Subject => "Subject",
        OriginSource::Vendor => "Vendor",
    });
    let attributes = [("Type", Some(kind)), ("Source", source)];
    if origin.description.is_none() && origin.documents.is_empty() {
        xml.empty("def:Origin", &attributes);
        return Ok(());
    }
    xml.open("def:Origin", &attributes);
    if let Some(text) = &origin.description {
        xml.description(text);
    }
    for document in &origin.documents {
        document_ref(xml, document, known, from)?;
    }
    xml.close();
    Ok(())
}

fn code_list(xml: &mut Xml, list: &CodeList, known: &Known<'_>) -> Result<(), DefineError> {
    let from = || format!("code list {}", list.id);
    let standard = reference("STD", list.standard.as_ref(), &known.standards, "standard", from)?;
    if list.terms.is_empty() && list.dictionary.is_none() {
        return Err(DefineError::Lacks { item: from(), what: "terms" });
    }
    let own = standard.is_none() && list.dictionary.is_none();
    xml.open(
        "CodeList",
        &[
            ("OID", Some(&format!("CL.{}", list.id))),
            ("Name", Some(&list.name)),
            ("DataType", Some(if list.numeric { "integer" } else { "text" })),
            ("def:StandardOID", standard.as_deref()),
            ("def:IsNonStandard", yes(own)),
        ],
    );
    let decoded = list.terms.iter().any(|t| t.decode.is_some());
    for (i, term) in list.terms.iter().enumerate() {
        let order = (i + 1).to_string();
        let attributes = [
            ("CodedValue", Some(&term.value[..])),
            ("OrderNumber", Some(&order[..])),
            ("def:ExtendedValue", yes(term.extended && list.nci_code.is_some())),
        ];
        let element = if decoded { "CodeListItem" } else { "EnumeratedItem" };
        if !decoded && term.nci_code.is_none() {
            xml.empty(element, &attributes);
            continue;
        }
        xml.open(element, &attributes);
        if decoded {
            xml.open("Decode", &[]);
            let decode = term.decode.as_ref().unwrap_or(&term.value);
            xml.text("TranslatedText", &[("xml:lang", Some("en"))], decode);
            xml.close();
        }
        alias(xml, term.nci_code.as_deref());
        xml.close();
    }
    if let Some((dictionary, version)) = &list.dictionary {
        xml.empty("ExternalCodeList", &[("Dictionary", Some(dictionary)), ("Version", Some(version))]);
    }
    alias(xml, list.nci_code.as_deref());
    xml.close();
    Ok(())
}

fn alias(xml: &mut Xml, nci_code: Option<&str>) {
    if let Some(code) = nci_code {
        xml.empty("Alias", &[("Context", Some("nci:ExtCodeID")), ("Name", Some(code))]);
    }
}

fn method_def(xml: &mut Xml, method: &Method, known: &Known<'_>) -> Result<(), DefineError> {
    let kind = if method.imputation { "Imputation" } else { "Computation" };
    let oid = format!("MT.{}", method.id);
    xml.open("MethodDef", &[("OID", Some(&oid)), ("Name", Some(&method.name)), ("Type", Some(kind))]);
    xml.description(&method.description);
    if let Some((context, expression)) = &method.expression {
        xml.text("FormalExpression", &[("Context", Some(context))], expression);
    }
    for document in &method.documents {
        document_ref(xml, document, known, &format!("method {}", method.id))?;
    }
    xml.close();
    Ok(())
}

fn comment_def(xml: &mut Xml, comment: &Comment, known: &Known<'_>) -> Result<(), DefineError> {
    xml.open("def:CommentDef", &[("OID", Some(&format!("COM.{}", comment.id)))]);
    xml.description(&comment.text);
    for document in &comment.documents {
        document_ref(xml, document, known, &format!("comment {}", comment.id))?;
    }
    xml.close();
    Ok(())
}

fn leaf(xml: &mut Xml, id: &str, href: &str, title: &str) {
    xml.open("def:leaf", &[("ID", Some(id)), ("xlink:href", Some(href))]);
    xml.text("def:title", &[], title);
    xml.close();
}

//! Terminology as ODM: NCI EVS's `SDTM Terminology.odm.xml`.
//!
//! A code list is a `CodeList`, a term an `EnumeratedItem`. What ODM has no place for stands in EVS's own namespace: attributes `ExtCodeID` (the NCI code) and
//! `CodeListExtensible`, elements `CDISCSubmissionValue`, `CDISCSynonym` and `PreferredTerm`. The document names its package in the identifiers and
//! names of its study and version (`CDISC_CT.SDTM.2025-03-28`).

use super::{Lists, ReadError, date_in, one_line, synonyms, yes};
use crate::odm::{self, CodeList, Extra, Node, Odm};
use crate::terminology::{NewCodelist, PackageName, Term};

/// EVS's own namespace.
const EVS: &str = "http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC";

/// The code lists of a document, and the package that it says it is.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<NewCodelist>, Option<PackageName>), ReadError> {
    let document = odm::read(bytes)?;
    let mut lists = Lists::default();
    for list in document.studies.iter().flat_map(|study| &study.versions).flat_map(|version| &version.code_lists) {
        codelist(list, &mut lists)?;
    }
    Ok((lists.finish(), name(&document)))
}

fn codelist(list: &CodeList, lists: &mut Lists) -> Result<(), ReadError> {
    let wrong = |what: String| ReadError::Content { what };
    // CL.C66731.SEX
    let mut oid = list.oid.split('.').skip(1);
    let (oid_code, oid_value) = (oid.next(), oid.next());
    let code = list.extra.attribute(EVS, "ExtCodeID").or(oid_code).unwrap_or_default().trim();
    if code.is_empty() {
        return Err(wrong(format!("the code list `{}` has no NCI code", list.oid)));
    }
    let extensible = list.extra.attribute(EVS, "CodeListExtensible");
    let extensible =
        extensible.ok_or_else(|| wrong(format!("the code list {code} does not say whether it is extensible")))?;
    let extensible = yes(extensible.trim())
        .ok_or_else(|| wrong(format!("the code list {code} is `{extensible}` extensible; it must be Yes or No")))?;
    let submission_value = text(&list.extra, "CDISCSubmissionValue").next();
    let submission_value = submission_value.or_else(|| oid_value.map(str::to_owned)).unwrap_or_default();
    let name = unbroken(list.name.as_deref().unwrap_or_default());
    let told = NewCodelist { code: code.to_owned(), submission_value, name, extensible, terms: Vec::new() };
    lists.list(told).map_err(wrong)?;
    let enumerated = list.enumerated.iter().map(|item| (&item.coded_value, &item.extra));
    let decoded = list.items.iter().map(|item| (&item.coded_value, &item.extra));
    for (value, extra) in enumerated.chain(decoded) {
        let term = Term {
            submission_value: value.trim().to_owned(),
            code: extra.attribute(EVS, "ExtCodeID").map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()),
            preferred_term: text(extra, "PreferredTerm").next().unwrap_or_default(),
            // Parted as croft's own form and EVS's text part them.
            synonyms: synonyms(&text(extra, "CDISCSynonym").collect::<Vec<_>>().join("; ")),
        };
        lists.term(code, term).map_err(wrong)?;
    }
    Ok(())
}

/// The text of EVS's elements of this name. Blanks stay as they are; a text broken into lines becomes one.
fn text<'e>(extra: &'e Extra, name: &'e str) -> impl Iterator<Item = String> + 'e {
    extra.elements(EVS, name).map(Node::text).map(|text| unbroken(&text))
}

fn unbroken(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) { one_line(text) } else { text.trim().to_owned() }
}

/// The package that the document's identifiers and names tell.
fn name(document: &Odm) -> Option<PackageName> {
    let mut texts: Vec<&str> = document.header.file_oid.as_deref().into_iter().collect();
    for study in &document.studies {
        texts.push(&study.oid);
        let names = study.global_variables.iter().flat_map(|v| [&v.study_name, &v.study_description, &v.protocol_name]);
        texts.extend(names.flatten().map(|name| name.text.as_str()));
        for version in &study.versions {
            texts.push(&version.oid);
            texts.extend(version.name.as_deref());
            texts.extend(version.description_text.as_deref());
        }
    }
    let date = texts.iter().find_map(|text| date_in(text))?;
    let product = texts.iter().find_map(|text| product(text))?;
    PackageName::new(&product, &date).ok()
}

/// The product that an identifier such as `CDISC_CT.SDTM.2025-03-28` or a name such as `CDISC SDTM Controlled Terminology` tells.
fn product(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').map(str::to_ascii_lowercase);
    let known = |word: &String| crate::terminology::published_products().any(|p| p.strip_suffix("ct") == Some(word));
    words.into_iter().find(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(lists: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:nciodm="http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC" ODMVersion="1.3.2"
 FileType="Snapshot" FileOID="CDISC_CT.SDTM.2025-03-28" CreationDateTime="2025-03-20T10:00:00">
 <Study OID="CDISC_CT.SDTM.2025-03-28">
  <GlobalVariables><StudyName>CDISC SDTM Controlled Terminology</StudyName><StudyDescription>x</StudyDescription><ProtocolName>x</ProtocolName></GlobalVariables>
  <MetaDataVersion OID="CDISC_CT_MetaDataVersion.SDTM.2025-03-28" Name="CDISC SDTM Controlled Terminology">{lists}</MetaDataVersion>
 </Study>
</ODM>"#
        )
    }

    const SEX: &str = r#"<CodeList OID="CL.C66731.SEX" Name="Sex" DataType="text" nciodm:ExtCodeID="C66731" nciodm:CodeListExtensible="No">
 <Description><TranslatedText xml:lang="en">Words.</TranslatedText></Description>
 <EnumeratedItem CodedValue="U" nciodm:ExtCodeID="C17998">
  <nciodm:CDISCSynonym>UNK</nciodm:CDISCSynonym><nciodm:CDISCSynonym>Unknown  &amp; so</nciodm:CDISCSynonym>
  <nciodm:CDISCDefinition>Words.</nciodm:CDISCDefinition><nciodm:PreferredTerm>Unknown</nciodm:PreferredTerm>
 </EnumeratedItem>
 <EnumeratedItem CodedValue="F" nciodm:ExtCodeID="C16576"><nciodm:PreferredTerm>Female</nciodm:PreferredTerm></EnumeratedItem>
 <nciodm:CDISCSubmissionValue>SEX</nciodm:CDISCSubmissionValue><nciodm:CDISCSynonym>Sex</nciodm:CDISCSynonym>
 <nciodm:PreferredTerm>CDISC Sex Terminology</nciodm:PreferredTerm>
</CodeList>"#;

    #[test]
    fn the_document_of_evs_is_read_with_its_package() {
        let (lists, name) = read(document(SEX).as_bytes()).unwrap();
        assert_eq!(name.unwrap().to_string(), "sdtmct-2025-03-28");
        let [sex] = &lists[..] else { panic!("one list: {lists:?}") };
        assert_eq!((sex.code.as_str(), sex.submission_value.as_str(), sex.name.as_str()), ("C66731", "SEX", "Sex"));
        assert!(!sex.extensible);
        let [unknown, female] = &sex.terms[..] else { panic!("two terms: {sex:?}") };
        assert_eq!(unknown.synonyms, ["UNK", "Unknown  & so"]);
        assert_eq!((unknown.preferred_term.as_str(), unknown.code.as_deref()), ("Unknown", Some("C17998")));
        assert_eq!((female.submission_value.as_str(), female.synonyms.len()), ("F", 0));
    }

    #[test]
    fn a_list_or_term_that_does_not_fit_is_named() {
        let error = |from: &str, to: &str| read(document(&SEX.replace(from, to)).as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error(r#" nciodm:CodeListExtensible="No""#, ""),
            "the code list C66731 does not say whether it is extensible"
        );
        assert_eq!(
            error(r#"Extensible="No""#, r#"Extensible="May""#),
            "the code list C66731 is `May` extensible; it must be Yes or No"
        );
        assert_eq!(
            error(r#"CodedValue="U""#, r#"CodedValue="F""#),
            "the term `F` stands twice in the code list C66731"
        );
        assert_eq!(
            error(r#"CodedValue="U""#, r#"CodedValue=" ""#),
            "a term of the code list C66731 has no submission value"
        );
    }
}

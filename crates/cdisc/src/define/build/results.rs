//! Analysis results metadata: which results a display shows, of which rows and variables, and by which program they are computed.

use super::write::{self, Known, clause_of, document_ref, refer, where_clause};
use super::xml::Xml;
use super::{Condition, DefineError, DocumentRef, Study};
use std::collections::BTreeSet;

/// A table, listing or figure of the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultDisplay {
    /// Identifier within the study.
    pub id: String,
    /// `Table 4`.
    pub name: String,
    /// Its title.
    pub description: String,
    /// Where it stands.
    pub documents: Vec<DocumentRef>,
    /// The results that it shows.
    pub results: Vec<AnalysisResult>,
}

/// Results of one analysis within a display.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisResult {
    /// Identifier within the display.
    pub id: String,
    /// What is analysed.
    pub description: String,
    /// Why, in a term of `ANLREAS` or the sponsor's words: `SPECIFIED IN SAP`.
    pub reason: String,
    /// What for, in a term of `ANLPURP` or the sponsor's words: `PRIMARY OUTCOME MEASURE`.
    pub purpose: String,
    /// The dataset's variable that distinguishes parameters.
    pub parameter: Option<String>,
    /// The dataset.
    pub dataset: String,
    /// The rows analysed; empty: all, or as the documentation says.
    pub conditions: Vec<Condition>,
    /// The variables analysed.
    pub variables: Vec<String>,
    /// How, in words.
    pub documentation: String,
    /// The language or program of the code, and the code.
    pub code: Option<(String, String)>,
}

pub(super) const NAMESPACE: &str = "http://www.cdisc.org/ns/arm/v1.0";

fn all(study: &Study) -> impl Iterator<Item = &AnalysisResult> {
    study.displays.iter().flat_map(|display| &display.results)
}

/// The rows of results as where clauses that no value of a variable has defined.
pub(super) fn where_clauses(xml: &mut Xml, study: &Study, written: &mut BTreeSet<String>) -> Result<(), DefineError> {
    for result in all(study).filter(|result| !result.conditions.is_empty()) {
        let group = write::dataset(study, &result.dataset, || format!("the result {}", result.id))?;
        where_clause(xml, group, &result.conditions, written)?;
    }
    Ok(())
}

pub(super) fn displays(xml: &mut Xml, study: &Study, known: &Known<'_>) -> Result<(), DefineError> {
    if study.displays.is_empty() {
        return Ok(());
    }
    write::unique("display", study.displays.iter().map(|d| d.id.as_str()))?;
    xml.open("arm:AnalysisResultDisplays", &[]);
    for display in &study.displays {
        let place = format!("the display {}", display.id);
        if display.results.is_empty() {
            return Err(DefineError::Lacks { item: place, what: "a result" });
        }
        write::unique("result", display.results.iter().map(|r| r.id.as_str()))?;
        let oid = format!("RD.{}", display.id);
        xml.open("arm:ResultDisplay", &[("OID", Some(&oid)), ("Name", Some(&display.name))]);
        xml.description(&display.description);
        for reference in &display.documents {
            document_ref(xml, reference, known, &place)?;
        }
        for one in &display.results {
            result(xml, study, &display.id, one)?;
        }
        xml.close();
    }
    xml.close();
    Ok(())
}

fn result(xml: &mut Xml, study: &Study, display: &str, result: &AnalysisResult) -> Result<(), DefineError> {
    let place = || format!("the result {}", result.id);
    let group = write::dataset(study, &result.dataset, place)?;
    let names: BTreeSet<_> = group.items.iter().map(|i| i.name.as_str()).collect();
    let item_oid = |name: &str| -> Result<String, DefineError> {
        refer(&names, "variable", name, place)?;
        Ok(format!("IT.{}.{name}", group.name))
    };
    let oid = format!("AR.{display}.{}", result.id);
    let parameter = result.parameter.as_deref().map(item_oid).transpose()?;
    xml.open(
        "arm:AnalysisResult",
        &[
            ("OID", Some(&oid)),
            ("ParameterOID", parameter.as_deref()),
            ("AnalysisReason", Some(&result.reason)),
            ("AnalysisPurpose", Some(&result.purpose)),
        ],
    );
    xml.description(&result.description);
    xml.open("arm:AnalysisDatasets", &[]);
    xml.open("arm:AnalysisDataset", &[("ItemGroupOID", Some(&format!("IG.{}", group.name)))]);
    if !result.conditions.is_empty() {
        let clause = format!("WC.{}.{}", group.name, clause_of(&result.conditions));
        xml.empty("def:WhereClauseRef", &[("WhereClauseOID", Some(&clause))]);
    }
    for name in &result.variables {
        xml.empty("arm:AnalysisVariable", &[("ItemOID", Some(&item_oid(name)?))]);
    }
    xml.close();
    xml.close();
    xml.open("arm:Documentation", &[]);
    xml.description(&result.documentation);
    xml.close();
    if let Some((context, code)) = &result.code {
        xml.open("arm:ProgrammingCode", &[("Context", Some(context))]);
        xml.text("arm:Code", &[], code);
        xml.close();
    }
    xml.close();
    Ok(())
}

//! Which results does define.xml tell of? Those of analyses that name their purpose, in each display that shows them.

use crate::analyse::Analysis;
use crate::error::StudyError;
use crate::road::PROGRAM;
use crate::sources::Sources;
use croft_cdisc::define::build::{
    AnalysisResult as Told, Comparator, Condition, Document, DocumentRef, ResultDisplay, Study,
};
use croft_core::AnalysisResult;
use croft_report::block::{self, CellSource, Display};
use std::collections::{BTreeMap, BTreeSet};

/// The report's identifier among the documents of define.xml.
const REPORT: &str = "report";

/// Adds the displays that show an analysis with a purpose. `report` is the path of the report from define.xml.
pub fn add(
    study: &mut Study,
    sources: &Sources,
    results: &[AnalysisResult],
    displays: &BTreeMap<String, Display>,
    report: Option<&str>,
) -> Result<(), StudyError> {
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for file in &sources.analyse {
        let analysis = Analysis::parse(&file.file, &file.text)?;
        told.extend(result(study, &file.stem, &analysis, &file.text).map(|result| (file.stem.as_str(), result)));
    }
    for (name, display) in displays {
        let shown = shown(display, results);
        let shown: Vec<Told> = shown.iter().filter_map(|analysis| told.get(analysis).cloned()).collect();
        if shown.is_empty() {
            continue;
        }
        let documents = report.map(|_| DocumentRef { document: REPORT.to_owned(), pages: Vec::new() });
        study.displays.push(ResultDisplay {
            id: name.clone(),
            name: display.number.as_ref().map_or_else(|| name.clone(), |_| display.label()),
            description: block::plain(&display.title),
            documents: documents.into_iter().collect(),
            results: shown,
        });
    }
    if let Some(href) = report.filter(|_| !study.displays.is_empty()) {
        study.documents.push(Document {
            id: REPORT.to_owned(),
            href: href.to_owned(),
            title: "Study report".to_owned(),
        });
    }
    Ok(())
}

/// The analyses whose results stand in a display.
fn shown<'r>(display: &Display, results: &'r [AnalysisResult]) -> BTreeSet<&'r str> {
    let mut shown = BTreeSet::new();
    for addressed in display.table().addresses() {
        for source in &addressed.cell.sources {
            if let CellSource::Result(index) = source
                && let Some(result) = results.get(*index)
            {
                shown.insert(result.analysis.as_str());
            }
        }
    }
    shown
}

/// What define.xml says of an analysis; nothing of one that names no purpose.
fn result(study: &Study, name: &str, analysis: &Analysis, text: &str) -> Option<Told> {
    let purpose = analysis.purpose.clone()?;
    let dataset = study.datasets.iter().find(|dataset| dataset.name == analysis.dataset)?;
    let has = |name: &str| dataset.items.iter().any(|item| item.name == name);
    let conditions =
        analysis.condition.as_deref().and_then(conditions).filter(|all| all.iter().all(|c| has(&c.variable)));
    let rows = match (&analysis.condition, &conditions) {
        (Some(condition), None) => format!(" Records: {condition}."),
        _ => String::new(),
    };
    Some(Told {
        id: name.to_owned(),
        description: analysis.title.clone(),
        reason: analysis.reason.clone().unwrap_or_else(|| "SPECIFIED IN SAP".to_owned()),
        purpose,
        parameter: analysis.parameter.clone().filter(|parameter| has(parameter)),
        dataset: dataset.name.clone(),
        conditions: conditions.unwrap_or_default(),
        variables: analysis.variables().into_iter().filter(|name| has(name)).collect(),
        documentation: format!("Method {}: {}.{rows}", analysis.method, analysis.about()),
        code: Some((PROGRAM.to_owned(), text.trim_end().to_owned())),
    })
}

/// A conjunction of comparisons with texts (`X = 'Y' and Z in ('A', 'B')`) as conditions; `None` for whatever else SQL can say.
fn conditions(sql: &str) -> Option<Vec<Condition>> {
    let mut rest = sql.trim();
    let mut all = Vec::new();
    loop {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let (variable, after) = rest.split_at(end);
        let after = after.trim_start();
        let (comparator, values, after) = if let Some(after) = after.strip_prefix("<>") {
            let (value, after) = text(after)?;
            (Comparator::Ne, vec![value], after)
        } else if let Some(after) = after.strip_prefix('=') {
            let (value, after) = text(after)?;
            (Comparator::Eq, vec![value], after)
        } else {
            let mut after = after.strip_prefix("in")?.trim_start().strip_prefix('(')?;
            let mut values = Vec::new();
            loop {
                let (value, then) = text(after)?;
                values.push(value);
                match then.strip_prefix(',') {
                    Some(more) => after = more,
                    None => break (Comparator::In, values, then.strip_prefix(')')?),
                }
            }
        };
        all.push(Condition { variable: variable.to_owned(), comparator, values });
        match after.trim_start() {
            "" => return Some(all),
            more => rest = more.strip_prefix("and ")?.trim_start(),
        }
    }
}

/// A text literal, and what follows it.
fn text(sql: &str) -> Option<(String, &str)> {
    let mut rest = sql.trim_start().strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (head, tail) = rest.split_once('\'')?;
        value.push_str(head);
        match tail.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, tail.trim_start())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunction_of_comparisons_becomes_conditions_and_nothing_else_does() {
        let of = |sql: &str| {
            let told = |c: Condition| format!("{} {:?} {}", c.variable, c.comparator, c.values.join("|"));
            conditions(sql).map(|all| all.into_iter().map(told).collect::<Vec<_>>().join("; "))
        };
        assert_eq!(of("SAFFL = 'Y'").as_deref(), Some("SAFFL Eq Y"));
        assert_eq!(
            of("COMPLFL = 'Y' and PARAMCD in ('AUCLST', 'CMAX') and SEX <> 'it''s'").as_deref(),
            Some("COMPLFL Eq Y; PARAMCD In AUCLST|CMAX; SEX Ne it's")
        );
        for other in [
            "",
            "AGE > 18",
            "NCAXFL is null",
            "SEX = 'M' or SEX = 'F'",
            "A = 'x",
            "A in ()",
            "upper(A) = 'X'",
            "A = 'x' and",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}

//! How is a study folder written as a reporting event?
//!
//! | the folder | the event |
//! |---|---|
//! | `study.toml`: identifier, title | the event's id and name |
//! | a file of `analyse/` | an analysis for each combination of groupings (and of variables) that its results have; its text as programming code |
//! | `dataset`, groups, parameter | dataset, groupings whose groups come from the data |
//! | `where` | a data subset, where it is made of comparisons, lists, `is null`, AND and OR |
//! | method and statistics | a method with an operation each; what a method divides its results by itself (effects of a model) makes operations of their own |
//! | a row of the results | a result: raw value at full precision, empty where there is none |
//! | a file of `display/` | an output with one display, its title, population and footnotes; the list of contents names the analyses whose results it shows |
//!
//! What has no place in the standard is not written, and is told: units, reasons why a value is missing, rows used. The standard asks for the reason and purpose of each analysis, which a
//! folder does not state: a sponsor's term says so.

mod condition;

use crate::analyse::Analysis as AnalyseFile;
use crate::error::StudyError;
use crate::road;
use crate::sources::Sources;
use croft_cdisc::ars::{
    Analysis, AnalysisMethod, Display, DisplaySection, DisplaySubSection, GroupingFactor, ListOfContents, NamedClause,
    NestedList, Operation, OperationResult, OrderedDisplay, OrderedGroupingFactor, OrderedListItem, OrderedSubSection,
    Output, ProgrammingCode, ReferencedAnalysisOperation, ReferencedOperationRelationship, ReportingEvent, ResultGroup,
    SectionType, SponsorTerm, Term, TerminologyExtension,
};
use croft_core::{AnalysisResult, Finding, Severity, StatValue};
use croft_report::block::{self, CellSource, plain};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A reporting event made from a study folder, and what of the folder is not in it.
pub struct Exported {
    /// The event.
    pub event: ReportingEvent,
    /// What has no place in it.
    pub remarks: Vec<Finding>,
}

const NO_REASON: &str = "REASON.NOT-STATED";
const NO_PURPOSE: &str = "PURPOSE.NOT-STATED";

/// Makes a reporting event of a study folder. Results are taken from `out/` where they are fresh, else computed; nothing is written.
///
/// # Errors
/// When the folder cannot be read or computed.
pub fn export(root: &Path) -> Result<Exported, StudyError> {
    let sources = Sources::read(root)?;
    let computed = road::compute(&sources, Some(&root.join("out")), &mut |_, _| {})?;
    let study = &sources.definition.study;
    let mut export =
        Export { event: empty(&study.id, &study.short_title), remarks: Vec::new(), analyses_of: BTreeMap::new() };
    for file in &sources.analyse {
        let analysis = AnalyseFile::parse(&file.file, &file.text)?;
        let own = computed.results.iter().enumerate().filter(|(_, r)| r.analysis == file.stem);
        export.analysis(&file.stem, &file.file, &file.text, &analysis, &own.collect::<Vec<_>>());
    }
    for file in &sources.display {
        if let Some(display) = computed.displays.get(&file.stem) {
            export.output(&file.stem, display);
        }
    }
    export.rest();
    Ok(Exported { event: export.event, remarks: export.remarks })
}

fn empty(id: &str, name: &str) -> ReportingEvent {
    let not_stated = |id: &str, enumeration: &str| TerminologyExtension {
        id: format!("TE.{enumeration}"),
        enumeration: Some(enumeration.to_owned()),
        sponsor_terms: vec![SponsorTerm {
            id: id.to_owned(),
            submission_value: "NOT STATED".to_owned(),
            description: Some("The study folder does not state it.".to_owned()),
            ..SponsorTerm::default()
        }],
        ..TerminologyExtension::default()
    };
    ReportingEvent {
        id: id.to_owned(),
        name: if name.is_empty() { id.to_owned() } else { name.to_owned() },
        main_list_of_contents: ListOfContents { name: "Outputs and analyses".to_owned(), ..ListOfContents::default() },
        terminology_extensions: vec![
            not_stated(NO_REASON, "AnalysisReasonEnum"),
            not_stated(NO_PURPOSE, "AnalysisPurposeEnum"),
        ],
        ..ReportingEvent::default()
    }
}

fn sponsor(id: &str) -> Term {
    Term { sponsor_term_id: Some(id.to_owned()), ..Term::default() }
}

struct Export {
    event: ReportingEvent,
    remarks: Vec<Finding>,
    /// Analyses by the position of the results that they hold.
    analyses_of: BTreeMap<usize, String>,
}

/// What the results of one analysis of the event have in common: its variable, and the variables that group it.
type Kind = (Option<String>, Vec<String>);

/// A result and its position among all of the study.
type Placed<'a> = (usize, &'a AnalysisResult);

impl Export {
    fn note(&mut self, about: &str, message: String) {
        self.remarks.push(Finding::new("ARS-EXPORT", Severity::Note, about, message));
    }

    fn analysis(&mut self, stem: &str, file: &str, text: &str, analysis: &AnalyseFile, results: &[Placed<'_>]) {
        let subset = self.subset(stem, file, analysis);
        let columns = columns(analysis);
        let mut kinds: BTreeMap<usize, (Kind, Vec<Placed<'_>>)> = BTreeMap::new();
        let mut order: BTreeMap<Kind, usize> = BTreeMap::new();
        for (position, result) in results {
            let kind = kind(analysis, &columns, result);
            let next = order.len();
            let at = *order.entry(kind.clone()).or_insert(next);
            kinds.entry(at).or_insert_with(|| (kind, Vec::new())).1.push((*position, result));
        }
        let several = kinds.len() > 1;
        for (at, ((variable, groupings), results)) in kinds {
            let id = if several { format!("{stem}.{}", at + 1) } else { stem.to_owned() };
            let mut name = analysis.title.clone();
            if several {
                let by = if groupings.is_empty() { "all".to_owned() } else { format!("by {}", groupings.join(", ")) };
                let of = variable.as_ref().map_or_else(String::new, |v| format!("{v} "));
                name = format!("{name}: {of}{by}");
            }
            let method = self.method(analysis);
            let mut made = Analysis {
                id: id.clone(),
                name,
                reason: sponsor(NO_REASON),
                purpose: sponsor(NO_PURPOSE),
                method_id: method.clone(),
                dataset: Some(analysis.dataset.clone()),
                variable,
                data_subset_id: subset.clone(),
                programming_code: Some(ProgrammingCode {
                    context: "croft".to_owned(),
                    code: Some(text.to_owned()),
                    ..ProgrammingCode::default()
                }),
                ..Analysis::default()
            };
            for (grouping, order) in groupings.iter().zip(1..) {
                let grouping_id = self.grouping(&analysis.dataset, grouping);
                made.ordered_groupings.push(OrderedGroupingFactor {
                    order,
                    grouping_id,
                    results_by_group: true,
                    ..OrderedGroupingFactor::default()
                });
            }
            for (position, result) in results {
                let operation = self.operation(&method, &columns, result);
                made.results.push(self.result(analysis, &columns, operation, result));
                self.analyses_of.insert(position, id.clone());
            }
            self.relationships(&method, &mut made);
            self.event.analyses.push(made);
        }
        if results.iter().any(|(_, r)| !r.unit.is_empty()) {
            self.note(stem, "results have units, for which the standard has no place".to_owned());
        }
        let reasons = results.iter().filter(|(_, r)| matches!(r.value, StatValue::NotCalculable(_))).count();
        if reasons > 0 {
            self.note(
                stem,
                format!("{reasons} results say why they could not be calculated, for which the standard has no place"),
            );
        }
    }

    /// The condition as a data subset; one that the standard cannot say is told, and stands in the programming code.
    fn subset(&mut self, stem: &str, file: &str, analysis: &AnalyseFile) -> Option<String> {
        let text = analysis.condition.as_deref()?;
        match condition::clause(&analysis.dataset, text) {
            Ok((condition, compound_expression)) => {
                let order = i64::try_from(self.event.data_subsets.len()).unwrap_or(i64::MAX).saturating_add(1);
                let same = self
                    .event
                    .data_subsets
                    .iter()
                    .find(|s| s.condition == condition && s.compound_expression == compound_expression);
                if let Some(same) = same {
                    return Some(same.id.clone());
                }
                let id = format!("DS.{stem}");
                self.event.data_subsets.push(NamedClause {
                    id: id.clone(),
                    name: text.split_whitespace().collect::<Vec<_>>().join(" "),
                    level: 1,
                    order,
                    condition,
                    compound_expression,
                    ..NamedClause::default()
                });
                Some(id)
            }
            Err(reason) => {
                self.note(stem, format!("{file}: the condition `{text}` is no where clause of the standard ({reason}); it stands in the programming code only"));
                None
            }
        }
    }

    fn grouping(&mut self, dataset: &str, variable: &str) -> String {
        let id = format!("GF.{dataset}.{variable}");
        if self.event.analysis_groupings.iter().all(|g| g.id != id) {
            self.event.analysis_groupings.push(GroupingFactor {
                id: id.clone(),
                name: variable.to_owned(),
                data_driven: true,
                grouping_dataset: Some(dataset.to_owned()),
                grouping_variable: Some(variable.to_owned()),
                ..GroupingFactor::default()
            });
        }
        id
    }

    /// A method whose options change the meaning of its statistics is one of its own.
    fn method(&mut self, analysis: &AnalyseFile) -> String {
        let below = analysis.options.contains_key("below");
        let id = if below { format!("{}.below", analysis.method) } else { analysis.method.clone() };
        if self.event.methods.iter().all(|m| m.id != id) {
            let about = crate::analyse::METHODS.iter().find(|m| m.name == analysis.method).map(|m| m.about.to_owned());
            let more = if below { "; what is below quantification counts as zero" } else { "" };
            self.event.methods.push(AnalysisMethod {
                id: id.clone(),
                name: id.clone(),
                description: about.map(|about| format!("{about}{more}")),
                ..AnalysisMethod::default()
            });
        }
        id
    }

    /// The operation of a statistic; what the method divides by itself is part of it.
    fn operation(&mut self, method: &str, columns: &BTreeSet<String>, result: &AnalysisResult) -> String {
        let own: Vec<String> = result
            .groups
            .iter()
            .filter(|g| !columns.contains(&g.variable))
            .map(|g| format!("{} {}", g.variable, g.value))
            .collect();
        let mut id = format!("{method}.{}", result.statistic);
        let mut name = statistic_name(method, &result.statistic);
        if !own.is_empty() {
            id = format!("{id}.{}", own.join("."));
            name = format!("{name}: {}", own.join(", "));
        }
        if let Some(found) = self.event.methods.iter_mut().find(|m| m.id == method)
            && found.operations.iter().all(|o| o.id != id)
        {
            let order = i64::try_from(found.operations.len()).unwrap_or(i64::MAX).saturating_add(1);
            let mut operation = Operation {
                id: id.clone(),
                name,
                label: Some(result.statistic.clone()),
                order,
                ..Operation::default()
            };
            if method == "count" && result.statistic == "PCT" {
                operation.referenced_operation_relationships = vec![
                    relationship(&id, "NUMERATOR", "count.NSUBJ"),
                    relationship(&id, "DENOMINATOR", "count.DENOM"),
                ];
            }
            found.operations.push(operation);
        }
        id
    }

    /// A percentage divides results of its own analysis.
    fn relationships(&self, method: &str, analysis: &mut Analysis) {
        let operations = self.event.method(method).into_iter().flat_map(|m| &m.operations);
        for relationship in operations.flat_map(|o| &o.referenced_operation_relationships) {
            analysis.referenced_analysis_operations.push(ReferencedAnalysisOperation {
                referenced_operation_relationship_id: relationship.id.clone(),
                analysis_id: analysis.id.clone(),
                ..ReferencedAnalysisOperation::default()
            });
        }
    }

    fn result(
        &self,
        analysis: &AnalyseFile,
        columns: &BTreeSet<String>,
        operation: String,
        result: &AnalysisResult,
    ) -> OperationResult {
        let group = |variable: &str, value: &str| ResultGroup {
            grouping_id: format!("GF.{}.{variable}", analysis.dataset),
            group_value: Some(value.to_owned()),
            ..ResultGroup::default()
        };
        let parameter = analysis.parameter.as_deref().map(|variable| group(variable, &result.parameter));
        let own = result.groups.iter().filter(|g| columns.contains(&g.variable));
        OperationResult {
            operation_id: operation,
            result_groups: parameter.into_iter().chain(own.map(|g| group(&g.variable, &g.value))).collect(),
            raw_value: Some(match &result.value {
                StatValue::Num(x) => super::pattern::plain(*x),
                StatValue::Text(text) => text.clone(),
                StatValue::NotCalculable(_) => String::new(),
            }),
            ..OperationResult::default()
        }
    }

    fn output(&mut self, stem: &str, display: &block::Display) {
        let label = display.label().replace('\u{a0}', " ");
        let title = plain(&display.title);
        let mut titles = vec![];
        if display.number.is_some() {
            titles.push(label);
        }
        titles.push(title.clone());
        titles.extend(display.population.clone());
        let section = |kind: SectionType, word: &str, lines: Vec<String>| DisplaySection {
            section_type: Some(kind),
            ordered_sub_sections: lines
                .into_iter()
                .zip(1..)
                .map(|(text, order)| OrderedSubSection {
                    order,
                    sub_section: Some(DisplaySubSection {
                        id: format!("{stem}.{word}.{order}"),
                        text,
                        ..DisplaySubSection::default()
                    }),
                    ..OrderedSubSection::default()
                })
                .collect(),
            ..DisplaySection::default()
        };
        let notes: Vec<String> = display.footnotes.iter().map(|note| plain(note)).collect();
        let mut sections = vec![section(SectionType::Title, "title", titles)];
        if !notes.is_empty() {
            sections.push(section(SectionType::Footnote, "footnote", notes));
        }
        let id = format!("OUT.{stem}");
        self.event.outputs.push(Output {
            id: id.clone(),
            name: title.clone(),
            displays: vec![OrderedDisplay {
                order: 1,
                display: Display {
                    id: format!("DISP.{stem}"),
                    name: stem.to_owned(),
                    display_title: Some(title.clone()),
                    display_sections: sections,
                    ..Display::default()
                },
                ..OrderedDisplay::default()
            }],
            ..Output::default()
        });
        let sources = display.table().rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.sources);
        let shown: BTreeSet<String> = sources
            .filter_map(|source| match source {
                CellSource::Result(position) => self.analyses_of.get(position).cloned(),
                CellSource::Row { .. } => None,
            })
            .collect();
        if shown.is_empty() {
            self.note(
                stem,
                "the display shows rows of datasets, for which the standard has no place: its body is not in the event"
                    .to_owned(),
            );
        }
        let shown: Vec<String> =
            self.event.analyses.iter().filter(|a| shown.contains(&a.id)).map(|a| a.id.clone()).collect();
        self.item(&title, Some(id), &shown);
    }

    /// Analyses that no display shows.
    fn rest(&mut self) {
        let listed: BTreeSet<&str> = self
            .event
            .main_list_of_contents
            .contents_list
            .list_items
            .iter()
            .filter_map(|item| item.sublist.as_ref())
            .flat_map(|list| list.list_items.iter().filter_map(|item| item.analysis_id.as_deref()))
            .collect();
        let rest: Vec<String> =
            self.event.analyses.iter().filter(|a| !listed.contains(a.id.as_str())).map(|a| a.id.clone()).collect();
        if !rest.is_empty() {
            self.item("Analyses that no display shows", None, &rest);
        }
    }

    fn item(&mut self, name: &str, output_id: Option<String>, analyses: &[String]) {
        let items: Vec<OrderedListItem> = analyses
            .iter()
            .zip(1..)
            .map(|(id, order)| OrderedListItem {
                name: self.event.analysis(id).map_or_else(|| id.clone(), |a| a.name.clone()),
                level: 2,
                order,
                analysis_id: Some(id.clone()),
                ..OrderedListItem::default()
            })
            .collect();
        let list = &mut self.event.main_list_of_contents.contents_list.list_items;
        let order = i64::try_from(list.len()).unwrap_or(i64::MAX).saturating_add(1);
        list.push(OrderedListItem {
            name: name.to_owned(),
            level: 1,
            order,
            output_id,
            sublist: (!items.is_empty()).then(|| Box::new(NestedList { list_items: items, ..NestedList::default() })),
            ..OrderedListItem::default()
        });
    }
}

/// Variables of the dataset by which an analysis divides it: all other groups are the method's own.
fn columns(analysis: &AnalyseFile) -> BTreeSet<String> {
    let listed = ["variables", "nested"].into_iter().filter_map(|key| analysis.options.get(key)?.as_array());
    let named = listed.flatten().filter_map(|v| v.as_str().map(str::to_owned));
    analysis.groups.iter().cloned().chain(named).collect()
}

fn kind(analysis: &AnalyseFile, columns: &BTreeSet<String>, result: &AnalysisResult) -> Kind {
    let groups = result.groups.iter().map(|g| g.variable.clone()).filter(|v| columns.contains(v));
    let groupings: Vec<String> = analysis.parameter.iter().cloned().chain(groups).collect();
    let value = analysis.options.get("value").and_then(|v| v.as_str());
    let values = analysis.options.get("values").and_then(|v| v.as_array());
    let variable = match (analysis.method.as_str(), &analysis.parameter) {
        ("count", _) => Some(analysis.options.get("subject").and_then(|v| v.as_str()).unwrap_or("USUBJID").to_owned()),
        // Without a parameter the results name the variable in its place.
        (_, None) => Some(result.parameter.clone()),
        (_, Some(_)) => match (value, values.map(Vec::as_slice)) {
            (Some(value), _) => Some(value.to_owned()),
            (None, Some([only])) => only.as_str().map(str::to_owned),
            _ => None,
        },
    };
    (variable, groupings)
}

fn relationship(operation: &str, role: &str, used: &str) -> ReferencedOperationRelationship {
    ReferencedOperationRelationship {
        id: format!("{operation}.{role}"),
        referenced_operation_role: Term::controlled(role),
        operation_id: used.to_owned(),
        ..ReferencedOperationRelationship::default()
    }
}

/// The trade's words for the statistics of the folder's methods, as [`super::OPERATIONS`] recognises them where they mean the same.
fn statistic_name(method: &str, code: &str) -> String {
    let name = match code {
        "N" if method.starts_with("summary") => "Count of non-missing values",
        "NMISS" => "Count of missing values",
        "MEAN" => "Mean",
        "SD" => "Standard deviation",
        "CV_PCT" if method.starts_with("summary") => "Coefficient of variation",
        "GMEAN" => "Geometric mean",
        "GCV_PCT" => "Geometric coefficient of variation",
        "MIN" => "Minimum",
        "Q1" => "First quartile",
        "MEDIAN" => "Median",
        "Q3" => "Third quartile",
        "MAX" => "Maximum",
        "NSUBJ" => "Count of subjects",
        "NREC" => "Count of records",
        "DENOM" => "Denominator",
        "PCT" => "Percent of subjects",
        code => code,
    };
    // Zeros stand for values below quantification: another statistic than its name says.
    if method.ends_with(".below") { format!("{name}, below quantification as zero") } else { name.to_owned() }
}

//! How do the outputs of a reporting event look with their results?
//!
//! The main list of contents says which analyses an output shows, in which order and under which headings. The standard has no layout for the body of a table, so croft lays it out:
//!
//! - columns are the groups of the first grouping, by order, that analyses of the output have results for (treatments, as a rule); a last column takes results that have no group of it, such as p-values;
//! - the rows of an analysis are the combinations of its other groups, and in each its operations; a method with a percentage shows its operations side by side (`14 ( 16.3)`);
//! - the analysis whose results are the denominators of others stands in the heads of the columns;
//! - lines of the display's sections stand where their kind says: headers and titles above, legends, abbreviations, footnotes and footers below.
//!
//! A cell without a result is empty. What a display shows is what the results say, letter for letter: nothing is computed here.

use super::operation::{Computation, recognise};
use croft_cdisc::ars::{
    Analysis, Display, NestedList, Operation, OperationResult, OrderedListItem, Output, ReportingEvent, ResultGroup,
    SectionType,
};
use croft_report::block::{
    self, Align, Block, Body, Cell, Column, DisplayKind, Document, HeadCell, Heading, Inline, Row, RowKind, Table,
};
use std::collections::{BTreeMap, BTreeSet};

/// Every output as one document, or the one of an id.
pub(super) fn document(event: &ReportingEvent, only: Option<&str>) -> Document {
    let mut blocks = Vec::new();
    for output in event.outputs.iter().filter(|o| only.is_none_or(|id| o.id == id)) {
        if only.is_none() && event.outputs.len() > 1 {
            blocks.push(Block::Heading(Heading {
                level: 2,
                number: None,
                id: output.id.clone(),
                content: words(&output.name),
            }));
        }
        blocks.extend(output_blocks(event, output));
    }
    Document {
        title: event.name.clone(),
        study: event.id.clone(),
        version: event.version.map_or_else(String::new, |v| format!("Version {v}")),
        language: "en".to_owned(),
        blocks,
        ..Document::default()
    }
}

fn words(text: &str) -> Vec<Inline> {
    vec![Inline::Text(text.to_owned())]
}

fn output_blocks(event: &ReportingEvent, output: &Output) -> Vec<Block> {
    let mut displays: Vec<_> = output.displays.iter().collect();
    displays.sort_by_key(|d| d.order);
    let mut blocks = Vec::new();
    for ordered in displays {
        let display = &ordered.display;
        for line in lines(event, display, SectionType::Header) {
            blocks.push(Block::Paragraph(words(&line)));
        }
        blocks.push(Block::Display(Box::new(shown(event, output, display))));
    }
    blocks
}

/// Lines of a kind, references followed.
pub(super) fn lines(event: &ReportingEvent, display: &Display, kind: SectionType) -> Vec<String> {
    let mut found = Vec::new();
    for section in display.display_sections.iter().filter(|s| s.section_type == Some(kind)) {
        let mut ordered: Vec<_> = section.ordered_sub_sections.iter().collect();
        ordered.sort_by_key(|s| s.order);
        for line in ordered {
            let own = line.sub_section.as_ref();
            let shared = || line.sub_section_id.as_deref().and_then(|id| event.sub_section(id));
            if let Some(line) = own.or_else(shared) {
                found.push(line.text.clone());
            }
        }
    }
    found
}

fn shown(event: &ReportingEvent, output: &Output, display: &Display) -> block::Display {
    let mut titles = lines(event, display, SectionType::Title);
    if titles.is_empty() {
        titles.push(display.display_title.clone().unwrap_or_else(|| display.name.clone()));
    }
    let (kind, number, rest) = numbered(&titles[0]);
    titles.remove(0);
    let title = match (rest, titles.is_empty()) {
        (Some(rest), _) => rest,
        (None, false) => titles.remove(0),
        (None, true) => display.display_title.clone().unwrap_or_else(|| display.name.clone()),
    };
    let below = [SectionType::Legend, SectionType::Abbreviation, SectionType::Footnote, SectionType::Footer];
    block::Display {
        name: display.id.clone(),
        kind,
        number,
        title: words(&title),
        population: (!titles.is_empty()).then(|| titles.join(", ")),
        body: Body::Table(body(event, output, display)),
        footnotes: below.iter().flat_map(|kind| lines(event, display, *kind)).map(|line| words(line.trim())).collect(),
        fingerprint: None,
        landscape: None,
    }
}

/// `Table 14.1.1` and what follows it, if anything does.
fn numbered(title: &str) -> (DisplayKind, Option<String>, Option<String>) {
    for kind in [DisplayKind::Table, DisplayKind::Listing, DisplayKind::Figure] {
        let Some(rest) = title.strip_prefix(kind.word()).and_then(|rest| rest.strip_prefix(' ')) else { continue };
        let (number, after) = rest.trim_start().split_once([' ', ':']).unwrap_or((rest.trim(), ""));
        let number = number.trim_end_matches(['.', ':']);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            let after = after.trim();
            return (kind, Some(number.to_owned()), (!after.is_empty()).then(|| after.to_owned()));
        }
    }
    (DisplayKind::Table, None, Some(title.to_owned()))
}

/// An entry of an output's contents.
enum Entry<'e> {
    Heading { level: u8, name: &'e str },
    Analysis { level: u8, name: &'e str, analysis: &'e Analysis },
}

fn entries<'e>(event: &'e ReportingEvent, output: &Output) -> Vec<Entry<'e>> {
    let mut found = Vec::new();
    let item = item_of(&event.main_list_of_contents.contents_list, &output.id);
    if let Some(list) = item.and_then(|item| item.sublist.as_ref()) {
        gather(event, list, 0, &mut found);
    }
    found
}

fn sorted(list: &NestedList) -> Vec<&OrderedListItem> {
    let mut items: Vec<_> = list.list_items.iter().collect();
    items.sort_by_key(|item| item.order);
    items
}

fn item_of<'e>(list: &'e NestedList, output: &str) -> Option<&'e OrderedListItem> {
    sorted(list).into_iter().find_map(|item| {
        let here = item.output_id.as_deref() == Some(output);
        if here { Some(item) } else { item.sublist.as_ref().and_then(|list| item_of(list, output)) }
    })
}

fn gather<'e>(event: &'e ReportingEvent, list: &'e NestedList, level: u8, found: &mut Vec<Entry<'e>>) {
    for item in sorted(list) {
        match item.analysis_id.as_deref().and_then(|id| event.analysis(id)) {
            Some(analysis) => found.push(Entry::Analysis { level, name: &item.name, analysis }),
            None => found.push(Entry::Heading { level, name: &item.name }),
        }
        if let Some(list) = &item.sublist {
            gather(event, list, level.saturating_add(1), found);
        }
    }
}

/// The analyses that an output shows, in order.
pub fn analyses_of<'e>(event: &'e ReportingEvent, output: &Output) -> Vec<&'e Analysis> {
    let analyses = entries(event, output).into_iter().filter_map(|entry| match entry {
        Entry::Analysis { analysis, .. } => Some(analysis),
        Entry::Heading { .. } => None,
    });
    analyses.collect()
}

/// A group as readers call it: its name, or its value.
pub fn group_name(event: &ReportingEvent, group: &ResultGroup) -> Option<String> {
    if let Some(value) = &group.group_value {
        return Some(value.clone());
    }
    let id = group.group_id.as_deref()?;
    let named = event.grouping(&group.grouping_id)?.groups.iter().find(|g| g.id == id);
    Some(named.map_or_else(|| id.to_owned(), |g| g.name.clone()))
}

struct Layout<'e> {
    event: &'e ReportingEvent,
    /// The grouping of the columns, and its groups by name.
    across: Option<&'e str>,
    columns: Vec<String>,
    /// Whether results without a group of the columns need one of their own.
    besides: bool,
    rows: Vec<Row>,
    names: BTreeMap<String, usize>,
}

fn body(event: &ReportingEvent, output: &Output, display: &Display) -> Table {
    let entries = entries(event, output);
    let analyses: Vec<&Analysis> = analyses_of(event, output);
    let across = analyses.iter().find_map(|a| {
        let mut ordered: Vec<_> = a.ordered_groupings.iter().filter(|g| g.results_by_group).collect();
        ordered.sort_by_key(|g| g.order);
        ordered.first().map(|g| g.grouping_id.as_str())
    });
    let columns = across.map_or_else(Vec::new, |id| column_names(event, id, &analyses));
    let besides = analyses.iter().flat_map(|a| &a.results).any(|r| column_of(event, across, r).is_none());
    let denominators = denominators(&analyses);
    let head_of: Option<&Analysis> = analyses.iter().copied().find(|a| {
        denominators.contains(a.id.as_str())
            && a.results.iter().all(|r| r.result_groups.len() == 1 && column_of(event, across, r).is_some())
    });
    let mut layout = Layout { event, across, columns, besides, rows: Vec::new(), names: BTreeMap::new() };
    for entry in &entries {
        match entry {
            Entry::Heading { level, name } => layout.heading(*level, name),
            Entry::Analysis { analysis, .. } if head_of.is_some_and(|h| h.id == analysis.id) => {}
            Entry::Analysis { level, name, analysis } => layout.analysis(*level, name, analysis),
        }
    }
    layout.table(&lines(event, display, SectionType::RowLabelHeader), head_of)
}

/// Groups of the columns: those listed, or the values that results have.
fn column_names(event: &ReportingEvent, grouping: &str, analyses: &[&Analysis]) -> Vec<String> {
    let listed = event.grouping(grouping).filter(|g| !g.data_driven);
    if let Some(listed) = listed {
        let mut groups: Vec<_> = listed.groups.iter().collect();
        groups.sort_by_key(|g| g.order);
        return groups.iter().map(|g| g.name.clone()).collect();
    }
    let groups = analyses.iter().flat_map(|a| &a.results).flat_map(|r| &r.result_groups);
    let values: BTreeSet<String> =
        groups.filter(|g| g.grouping_id == grouping).filter_map(|g| g.group_value.clone()).collect();
    values.into_iter().collect()
}

fn column_of(event: &ReportingEvent, across: Option<&str>, result: &OperationResult) -> Option<String> {
    let group = result.result_groups.iter().find(|g| Some(g.grouping_id.as_str()) == across)?;
    group_name(event, group)
}

/// Analyses whose results are the denominators of others.
fn denominators<'e>(analyses: &[&'e Analysis]) -> BTreeSet<&'e str> {
    let used = analyses.iter().flat_map(|a| a.referenced_analysis_operations.iter().map(move |r| (a, r)));
    used.filter(|(a, r)| r.analysis_id != a.id).map(|(_, r)| r.analysis_id.as_str()).collect()
}

/// What a cell says of a result.
fn text_of(result: &OperationResult) -> &str {
    result.formatted_value.as_deref().or(result.raw_value.as_deref()).unwrap_or_default()
}

impl<'e> Layout<'e> {
    fn width(&self) -> usize {
        1 + self.columns.len() + usize::from(self.besides)
    }

    /// Rows are addressed by their names, so no two have the same.
    fn push(&mut self, kind: RowKind, indent: u8, label: &str, values: Option<Vec<String>>) {
        let count = self.names.entry(label.to_owned()).or_default();
        *count += 1;
        let name = if *count == 1 { label.to_owned() } else { format!("{label} #{count}") };
        let mut cells = vec![Cell::text(label)];
        cells.extend(values.into_iter().flatten().map(Cell::text));
        self.rows.push(Row { kind, name, indent, cells });
    }

    fn heading(&mut self, level: u8, name: &str) {
        self.push(RowKind::Group, level, name, None);
    }

    fn place(&self, result: &OperationResult) -> Option<usize> {
        match column_of(self.event, self.across, result) {
            Some(name) => self.columns.iter().position(|c| *c == name),
            None => self.besides.then_some(self.columns.len()),
        }
    }

    fn analysis(&mut self, level: u8, name: &str, analysis: &'e Analysis) {
        let Some(method) = self.event.method(&analysis.method_id) else { return };
        let mut operations: Vec<&Operation> = method.operations.iter().collect();
        operations.sort_by_key(|o| o.order);
        let side_by_side = operations.len() > 1
            && operations.len() <= 3
            && operations
                .iter()
                .any(|o| matches!(recognise(method, o), Ok(Computation::Percent | Computation::Proportion)));
        // Combinations of the other groups, in the order of the results.
        let mut combinations: Vec<Vec<String>> = Vec::new();
        let mut index: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut cells: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
        for result in &analysis.results {
            let others = result.result_groups.iter().filter(|g| Some(g.grouping_id.as_str()) != self.across);
            let combination: Vec<String> = others.filter_map(|g| group_name(self.event, g)).collect();
            let next = combinations.len();
            let at = *index.entry(combination.clone()).or_insert(next);
            if at == next {
                combinations.push(combination);
            }
            let Some(place) = self.place(result) else { continue };
            let width = self.width() - 1;
            let row = cells.entry((at, result.operation_id.as_str())).or_insert_with(|| vec![String::new(); width]);
            row[place] = text_of(result).to_owned();
        }
        if combinations.is_empty() {
            return;
        }
        let width = self.width() - 1;
        let grouped = combinations.iter().any(|c| !c.is_empty());
        if grouped || !side_by_side {
            self.heading(level, name);
        }
        let below = level.saturating_add(1);
        let mut before: &[String] = &[];
        for (at, combination) in combinations.iter().enumerate() {
            // Outer groups head the rows of inner ones, once.
            let shared = combination.iter().zip(before).take_while(|(a, b)| a == b).count();
            let depth = |i: usize| below.saturating_add(u8::try_from(i).unwrap_or(u8::MAX));
            let (outer, last) = match combination.split_last() {
                Some((last, outer)) => (outer, Some(last)),
                None => (&[][..], None),
            };
            for (i, group) in outer.iter().enumerate().skip(shared) {
                self.heading(depth(i), group);
            }
            let indent = depth(outer.len());
            let values = |operation: &'e Operation| cells.get(&(at, operation.id.as_str()));
            if side_by_side {
                let joined = (0..width).map(|i| {
                    let parts = operations.iter().filter_map(|o| values(o).map(|row| row[i].as_str()));
                    parts.filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
                });
                let joined = joined.collect();
                let (label, indent) = last.map_or((name, level), |last| (last.as_str(), indent));
                self.push(RowKind::Data, indent, label, Some(joined));
            } else {
                if let Some(last) = last {
                    self.heading(indent, last);
                }
                let inner = if last.is_some() { indent.saturating_add(1) } else { below };
                for operation in &operations {
                    if let Some(row) = values(operation) {
                        let label = operation.label.as_deref().unwrap_or(&operation.name);
                        self.push(RowKind::Data, inner, label, Some(row.clone()));
                    }
                }
            }
            before = combination;
        }
    }

    fn table(self, row_labels: &[String], head_of: Option<&Analysis>) -> Table {
        let label = row_labels.iter().map(|l| l.trim()).collect::<Vec<_>>().join(" / ");
        let mut columns = vec![Column { name: "label".to_owned(), align: Align::Left, width: None, group: false }];
        let mut head = vec![HeadCell { content: words(&label), span: 1 }];
        for name in &self.columns {
            columns.push(Column { name: name.clone(), align: Align::Right, width: None, group: false });
            let mut content = words(name);
            let under = head_of.into_iter().flat_map(|a| &a.results);
            let under = under.filter(|r| column_of(self.event, self.across, r).as_deref() == Some(name.as_str()));
            for result in under {
                content.push(Inline::Break);
                content.push(Inline::Text(text_of(result).to_owned()));
            }
            head.push(HeadCell { content, span: 1 });
        }
        if self.besides {
            let name = if self.columns.is_empty() { "Value" } else { "Comparison" };
            columns.push(Column { name: name.to_owned(), align: Align::Right, width: None, group: false });
            head.push(HeadCell { content: words(name), span: 1 });
        }
        Table { columns, head: vec![head], rows: self.rows }
    }
}

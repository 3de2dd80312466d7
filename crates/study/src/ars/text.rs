//! Outputs on a terminal, results as a CSV file.

use super::render::{document, group_name};
use super::run::Run;
use croft_cdisc::ars::ReportingEvent;
use croft_report::block::{self, Block, RowKind, Table, plain};
use std::fmt::Write as _;

/// Every output as text, or the one of an id.
pub fn text(event: &ReportingEvent, only: Option<&str>) -> String {
    let mut out = String::new();
    for block in &document(event, only).blocks {
        match block {
            // Writing to a text cannot fail.
            Block::Heading(heading) => {
                let title = plain(&heading.content);
                let _ = writeln!(out, "{title}\n{}", "=".repeat(title.chars().count()));
            }
            Block::Paragraph(content) => {
                let _ = writeln!(out, "{}", plain(content));
            }
            Block::Display(display) => display_text(display, &mut out),
            _ => {}
        }
    }
    out
}

fn display_text(display: &block::Display, out: &mut String) {
    let label =
        if display.number.is_some() { format!("{}  ", display.label().replace('\u{a0}', " ")) } else { String::new() };
    let _ = writeln!(out, "{label}{}", plain(&display.title));
    if let Some(population) = &display.population {
        let _ = writeln!(out, "{population}");
    }
    table_text(display.table(), out);
    for note in &display.footnotes {
        let _ = writeln!(out, "{}", plain(note));
    }
    out.push('\n');
}

fn table_text(table: &Table, out: &mut String) {
    let width = |text: &str| text.chars().count();
    let head: Vec<String> = table.head.iter().flatten().map(|cell| plain(&cell.content)).collect();
    let mut widths: Vec<usize> = head.iter().map(|text| width(text)).collect();
    let lines: Vec<(Vec<String>, RowKind)> = table
        .rows
        .iter()
        .map(|row| {
            let mut cells: Vec<String> = row.cells.iter().map(|cell| cell.words().into_owned()).collect();
            if let Some(first) = cells.first_mut() {
                *first = format!("{}{first}", "  ".repeat(row.indent.into()));
            }
            (cells, row.kind)
        })
        .collect();
    for (cells, kind) in &lines {
        // A heading may be longer than its column.
        for (cell, widest) in cells.iter().zip(&mut widths).filter(|_| *kind != RowKind::Group) {
            *widest = (*widest).max(width(cell));
        }
    }
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1));
    let mut line = |cells: &[String]| {
        let mut text = String::new();
        for (i, (cell, widest)) in cells.iter().zip(&widths).enumerate() {
            let fill = " ".repeat(widest.saturating_sub(width(cell)));
            if i == 0 {
                let _ = write!(text, "{cell}{fill}");
            } else {
                let _ = write!(text, "  {fill}{cell}");
            }
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(std::slice::from_ref(&rule));
    line(&head);
    line(std::slice::from_ref(&rule));
    lines.iter().for_each(|(cells, _)| line(cells));
    line(&[rule]);
}

/// One line a result: analysis, dataset, variable, set, subset, method, operation, groups by name, raw and formatted value.
pub fn csv(event: &ReportingEvent, run: &Run) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heading = "analysis_id,analysis_name,dataset,variable,analysis_set,data_subset,method,operation,groups,raw_value,formatted_value";
    let mut told = writer.write_record(heading.split(','));
    for result in &run.results {
        let Some(analysis) = event.analysis(&result.analysis) else { continue };
        let groups: Vec<String> =
            result.groups.iter().filter_map(|g| Some(format!("{}={}", g.grouping_id, group_name(event, g)?))).collect();
        let kept = result.to_result();
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        told = told.and_then(|()| {
            writer.write_record([
                result.analysis.clone(),
                analysis.name.clone(),
                or_empty(&analysis.dataset),
                or_empty(&analysis.variable),
                or_empty(&analysis.analysis_set_id),
                or_empty(&analysis.data_subset_id),
                analysis.method_id.clone(),
                result.operation.clone(),
                groups.join(" | "),
                or_empty(&kept.raw_value),
                or_empty(&kept.formatted_value),
            ])
        });
    }
    assert!(told.is_ok(), "rows of eleven texts are always written to memory");
    writer.into_inner().unwrap_or_default()
}

//! What does a document say of the study as planned? Lists and tables of `study.toml`, for a line of their own in a document.
//!
//! | line | becomes |
//! |---|---|
//! | `{{study.design}}` | arms with the elements of each epoch |
//! | `{{study.objectives}}` | objectives with their endpoints |
//! | `{{study.estimands}}` | estimands with their five attributes |
//! | `{{study.treatments}}` | products with dose, form and route |
//! | `{{study.inclusion}}`, `{{study.exclusion}}` | criteria |
//! | `{{study.populations}}` | analysis populations |
//! | `{{study.visits}}` | visits with day, epoch and window |
//! | `{{study.facts}}` | the trial summary |
//! | `![[schedule]]` | the schedule of activities, all its parts |
//!
//! They are Markdown, put in before a document is read, so that an edit of `study.toml` is an edit of the document.

use crate::definition::{Definition, VisitKind};
use croft_design::protocol::Level;
use croft_report::block::Display;
use std::collections::BTreeMap;

/// The document with each such line replaced. Line numbers of later errors count the lines put in.
pub(crate) fn fill(definition: &Definition, displays: &BTreeMap<String, Display>, text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    for line in text.lines() {
        match block(definition, displays, line.trim()) {
            Some(block) => filled.push_str(&block),
            None => filled.push_str(line),
        }
        filled.push('\n');
    }
    filled
}

fn block(definition: &Definition, displays: &BTreeMap<String, Display>, line: &str) -> Option<String> {
    if line == "![[schedule]]" {
        let is_part = |name: &&String| name.strip_prefix("schedule-").is_some_and(|n| n.parse::<usize>().is_ok());
        let mut parts: Vec<&String> = displays.keys().filter(is_part).collect();
        parts.sort_by_key(|name| (name.len(), (*name).clone()));
        let rest: String = parts.iter().map(|name| format!("\n\n![[{name}]]")).collect();
        return Some(format!("{line}{rest}"));
    }
    let name = line.strip_prefix("{{study.")?.strip_suffix("}}")?;
    match name {
        "design" => Some(design(definition)),
        "objectives" => Some(objectives(definition, None)),
        "objectives.primary" => Some(objectives(definition, Some(Level::Primary))),
        "objectives.secondary" => Some(objectives(definition, Some(Level::Secondary))),
        "objectives.exploratory" => Some(objectives(definition, Some(Level::Exploratory))),
        "estimands" => Some(estimands(definition)),
        "treatments" => Some(treatments(definition)),
        "inclusion" => Some(criteria(definition, "INCLUSION")),
        "exclusion" => Some(criteria(definition, "EXCLUSION")),
        "populations" => Some(populations(definition)),
        "visits" => Some(visits(definition)),
        "facts" => Some(facts(definition)),
        _ => None,
    }
}

/// Words with everything that Markdown would read as its own made harmless; lowered and raised letters stay.
pub(super) fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '&' => {
                out.push('\\');
                out.push(c);
            }
            '{' | '}' if out.ends_with(c) => {
                out.push(' ');
                out.push(c);
            }
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    // A sign that would begin a list.
    if out.starts_with(['-', '+', '=']) { format!("\\{out}") } else { out }
}

fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|c| escape(c)).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn table(head: &[&str], rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() {
        return nothing();
    }
    let rule: String = head.iter().map(|_| "|---").collect();
    format!("{}{rule}|\n{rows}", row(head))
}

fn nothing() -> String {
    "> To be written: `study.toml` says nothing here.\n".to_owned()
}

fn design(definition: &Definition) -> String {
    let mut epochs: Vec<&str> = Vec::new();
    for (epoch, _) in definition.cells.iter().flat_map(|c| &c.path).filter_map(|step| step.split_once(':')) {
        if !epochs.contains(&epoch) {
            epochs.push(epoch);
        }
    }
    let element = |code: &str| definition.elements.iter().find(|e| e.code == code).map_or("", |e| e.name.as_str());
    let rows = definition.arms.iter().map(|arm| {
        let mut cells = vec![arm.name.clone()];
        for epoch in &epochs {
            let path = definition.cells.iter().filter(|c| c.arm == arm.code).flat_map(|c| &c.path);
            let steps = path.filter_map(|step| step.split_once(':')).filter(|(e, _)| e == epoch);
            cells.push(steps.map(|(_, code)| element(code)).collect::<Vec<_>>().join(", then "));
        }
        row(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let mut head = vec!["Arm"];
    head.extend(&epochs);
    table(&head, rows)
}

fn objectives(definition: &Definition, level: Option<Level>) -> String {
    let chosen: Vec<_> = definition.objectives.iter().filter(|o| level.is_none_or(|l| o.level == l)).collect();
    let rows = chosen.iter().flat_map(|objective| {
        let first = format!("{}: {}", objective.level.word(), objective.text);
        let mut rows = Vec::new();
        for (i, endpoint) in objective.endpoints.iter().enumerate() {
            let words = if i == 0 { first.as_str() } else { "" };
            rows.push(row(&[words, &format!("{} ({})", endpoint.text, endpoint.level.word().to_lowercase())]));
        }
        if rows.is_empty() {
            rows.push(row(&[&first, ""]));
        }
        rows
    });
    table(&["Objective", "Endpoint"], rows)
}

fn estimands(definition: &Definition) -> String {
    if definition.estimands.is_empty() {
        return nothing();
    }
    let of = |e: &crate::definition::Estimand| {
        let attributes = [
            ("Treatment", &e.treatment),
            ("Population", &e.population),
            ("Variable", &e.variable),
            ("Intercurrent events", &e.intercurrent_events),
            ("Population-level summary", &e.summary),
        ];
        let name = format!("Estimand: {}", e.name);
        table(&["Attribute", &name], attributes.iter().map(|(label, words)| row(&[label, words])))
    };
    definition.estimands.iter().map(of).collect::<Vec<_>>().join("\n")
}

fn treatments(definition: &Definition) -> String {
    let rows = definition.treatments.iter().map(|t| {
        let dose = t.dose.map_or_else(String::new, |dose| format!("{dose} {}", t.dose_unit));
        row(&[&t.label, &t.name, dose.trim(), &t.form.to_lowercase(), &t.route.to_lowercase()])
    });
    table(&["Intervention", "Product", "Dose", "Form", "Route"], rows)
}

fn criteria(definition: &Definition, category: &str) -> String {
    let chosen = definition.criteria.iter().filter(|c| c.category.eq_ignore_ascii_case(category));
    let items: String = chosen.enumerate().map(|(i, c)| format!("{}. {}\n", i + 1, escape(&c.text))).collect();
    if items.is_empty() { nothing() } else { items }
}

fn populations(definition: &Definition) -> String {
    table(&["Population", "Definition"], definition.populations.iter().map(|p| row(&[&p.name, &p.definition])))
}

fn visits(definition: &Definition) -> String {
    let rows = definition.visits.iter().filter(|v| v.kind != VisitKind::Common).map(|v| {
        let day = if v.kind == VisitKind::Unscheduled { "if needed".to_owned() } else { v.day.to_string() };
        let window = match (v.days_before, v.days_after) {
            (None, None) => String::new(),
            (before, after) => format!("-{} to +{} days", before.unwrap_or(0), after.unwrap_or(0)),
        };
        row(&[&v.name, &day, &window, &v.epoch, &v.start])
    });
    table(&["Visit", "Day", "Window", "Epoch", "Begins with"], rows)
}

fn facts(definition: &Definition) -> String {
    let said =
        |f: &crate::definition::Fact| f.value.clone().or_else(|| f.value_null.as_ref().map(|n| format!("none ({n})")));
    table(&["Characteristic", "Value"], definition.facts.iter().map(|f| row(&[&f.name, &said(f).unwrap_or_default()])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_in_markdown() {
        assert_eq!(escape("a | b *c* {{x}}"), "a \\| b \\*c\\* { {x} }");
        assert_eq!(escape("- first\nsecond"), "\\- first second");
        assert_eq!(escape("AUC~0–t~"), "AUC~0–t~");
    }
}

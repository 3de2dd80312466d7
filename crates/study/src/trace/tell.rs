//! How is a walk told on a terminal?

use super::{Recorded, Walk};
use croft_core::StatValue;
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Walk {
    /// The walk in lines: the cell, its results, the datasets, the recorded values. Values of one item at one visit stand in
    /// one line; with `every` each has a line of its own. Corrected values are told in full in either case.
    pub fn tell(&self, every: bool) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{} ({}), {}/{}: {}", self.title, self.display, self.row, self.column, self.text);
        for result in &self.results {
            let value = match &result.value {
                StatValue::Num(x) => format!("{x}"),
                StatValue::Text(text) => text.clone(),
                StatValue::NotCalculable(reason) => format!("not calculable: {reason}"),
            };
            let groups: String = result.groups.iter().map(|g| format!(" {}={}", g.variable, g.value)).collect();
            let _ = writeln!(
                out,
                "  result    analyse/{}.toml  {} {}{groups} = {value} {}",
                result.analysis, result.parameter, result.statistic, result.unit
            );
            let _ = writeln!(out, "            method {} {}", result.method, result.options);
        }
        for level in &self.levels {
            let rows = level.rows.len();
            let plural = if rows == 1 { "" } else { "s" };
            let _ = writeln!(out, "  {rows:>5} row{plural:<1} of {:<18} made by {}", level.table, level.made_by);
        }
        let _ = writeln!(out, "  {:>5} recorded values, locked {}", self.recorded.len(), self.locked);
        if every {
            self.recorded.iter().for_each(|value| tell_value(&mut out, value));
        } else {
            self.tell_grouped(&mut out);
        }
        if !self.allocations.is_empty() {
            let _ = writeln!(out, "  {:>5} randomised subjects; codes: {}", self.allocations.len(), self.codes);
            for row in &self.allocations {
                let arm = if row.arm.is_empty() { "arm not known" } else { row.arm.as_str() };
                let _ = writeln!(
                    out,
                    "    {} {}: {arm}  [{} randomised, {}]",
                    row.subject, row.number, row.actor, row.time
                );
            }
        }
        let corrected: Vec<&Recorded> = self.recorded.iter().filter(|r| r.events.len() > 1).collect();
        if !corrected.is_empty() {
            let _ = writeln!(out, "  corrected");
            corrected.into_iter().for_each(|value| tell_history(&mut out, value));
        }
        out
    }

    fn tell_grouped(&self, out: &mut String) {
        let mut groups: BTreeMap<(&str, &str, &str, &str), Vec<&Recorded>> = BTreeMap::new();
        for value in &self.recorded {
            let a = &value.address;
            groups.entry((&a.subject, &a.visit, &a.group, &a.item)).or_default().push(value);
        }
        for ((subject, visit, group, item), values) in groups {
            let texts: Vec<&str> = values.iter().map(|v| v.text.as_str()).collect();
            let last = values.iter().filter_map(|v| v.events.last()).max_by(|a, b| a.time.cmp(&b.time));
            let by = last.map_or_else(String::new, |e| format!("  [{} {}, {}]", e.actor, e.action, e.time));
            let unit = values.first().map_or("", |v| v.unit.as_str());
            let _ = writeln!(out, "    {subject} {visit} {group}.{item} {unit}: {}{by}", texts.join(" "));
        }
    }
}

fn tell_value(out: &mut String, value: &Recorded) {
    let a = &value.address;
    let event = value
        .events
        .last()
        .map_or_else(String::new, |e| format!("{} by {} ({}), event {}", e.time, e.actor, e.role, e.event));
    let missing = if value.missing.is_empty() { String::new() } else { format!(" ({})", value.missing) };
    let _ = writeln!(
        out,
        "    {} {} {}[{}].{} = {} {}{missing}  {event}",
        a.subject, a.visit, a.group, a.group_repeat, a.item, value.text, value.unit
    );
}

fn tell_history(out: &mut String, value: &Recorded) {
    let a = &value.address;
    let _ = writeln!(out, "    {} {} {}[{}].{}", a.subject, a.visit, a.group, a.group_repeat, a.item);
    for e in &value.events {
        let before = if e.before.is_empty() { String::new() } else { format!("{} -> ", e.before) };
        let reason = if e.reason.is_empty() { String::new() } else { format!("  reason: {}", e.reason) };
        let _ = writeln!(out, "      {} {} {before}{}  {} ({}){reason}", e.time, e.action, e.after, e.actor, e.role);
    }
}

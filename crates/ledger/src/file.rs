//! Events in a file: one JSON object a line, to hand out and to verify anywhere.

use crate::error::LedgerError;
use crate::event::Event;
use crate::state::{Head, View};
use crate::verify::{Fault, FaultKind, Report, Walk};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::ops::ControlFlow;

/// Writes the events of a chain, one JSON object a line. O(1) memory.
pub fn export_events(view: &dyn View, chain: &str, out: &mut dyn Write) -> Result<u64, LedgerError> {
    let mut written = 0;
    let mut failed = None;
    view.events(chain, 0, &mut |event| {
        let line = serde_json::to_string(&event).map_err(std::io::Error::other);
        match line.and_then(|line| writeln!(out, "{line}")) {
            Ok(()) => {
                written += 1;
                ControlFlow::Continue(())
            }
            Err(e) => {
                failed = Some(e);
                ControlFlow::Break(())
            }
        }
    })?;
    match failed {
        Some(e) => Err(LedgerError::File { path: "the export".to_owned(), cause: e.to_string() }),
        None => Ok(written),
    }
}

/// Verifies a file of events. Chains may be mixed; each must run from its first event. The file has no signed ends: that nothing was cut off
/// its end is told by the record alone.
pub fn verify_file(file: &mut dyn BufRead) -> Result<Report, LedgerError> {
    let mut report = Report::default();
    let mut ends: BTreeMap<String, Head> = BTreeMap::new();
    let mut bad: BTreeMap<String, Fault> = BTreeMap::new();
    for (i, line) in file.lines().enumerate() {
        let told =
            |e: std::io::Error| LedgerError::File { path: "the file of events".to_owned(), cause: e.to_string() };
        let line = line.map_err(told)?;
        if line.trim().is_empty() {
            continue;
        }
        let event: Event = match serde_json::from_str(&line) {
            Ok(event) => event,
            Err(e) => {
                let message = format!("line {}: is no event: {e}", i + 1);
                report.faults.push(Fault { chain: String::new(), seq: 0, kind: FaultKind::Format, message });
                return Ok(report);
            }
        };
        *report.chains.entry(event.chain.clone()).or_insert(0) += 1;
        if bad.contains_key(&event.chain) {
            continue;
        }
        let mut walk = Walk::from(&event.chain, ends.get(&event.chain).copied());
        let _ = walk.step(&event);
        if let Some(fault) = walk.fault {
            bad.insert(event.chain.clone(), fault);
        }
        ends.insert(event.chain, Head { seq: event.seq, hash: event.hash, time_ms: event.time_ms });
    }
    report.faults.extend(bad.into_values());
    Ok(report)
}

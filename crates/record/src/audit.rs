//! What happened in a study, and who did it? The events themselves, searched from the newest back.
//!
//! A search reads events, not state: what it shows is what the chain holds. It is bounded, so that one look cannot read millions of events;
//! where it stopped is said, and the search can go on from there.

use crate::access::{Operation, Scope};
use crate::door::Reading;
use crate::refusal::Refusal;
use croft_ledger::Event;
use std::ops::ControlFlow;

/// Events read at once.
const WINDOW: u64 = 512;
/// Events that one search reads at most.
const MOST: u64 = 50_000;

/// Which events. Empty texts: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The chain of looks at data (who read what), instead of the study's own.
    pub looks: bool,
    /// Only of this subject, or of `study`.
    pub stream: String,
    /// Only events whose payload names this item.
    pub item: String,
    /// Only by this account.
    pub actor: String,
    /// Only kinds that begin so: `query.`, `form.saved`.
    pub kind: String,
    /// Only events before this one.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// What a search found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The events.
    pub events: Vec<Event>,
    /// Where to search on: [`AuditFilter::before`]; none: the beginning was reached.
    pub next: Option<u64>,
    /// Whether the search stopped because it had read enough, not because it had found enough.
    pub stopped: bool,
}

impl AuditFilter {
    fn takes(&self, event: &Event) -> bool {
        let named = || format!("\"item\":{}", serde_json::Value::from(self.item.as_str()));
        (self.stream.is_empty() || event.stream == self.stream)
            && (self.actor.is_empty() || event.actor == self.actor)
            && event.kind.starts_with(&self.kind)
            && (self.item.is_empty() || event.payload.contains(&named()))
    }
}

impl Reading<'_> {
    /// The feed: events of a study behind a number, in the order of the chain, or of its chain of looks. O(events read).
    pub fn feed(&self, study: &str, looks: bool, after: u64, limit: usize) -> Result<Vec<Event>, Refusal> {
        self.study(study)?;
        self.allow(Operation::AuditRead, &Scope::study(study))?;
        let chain = if looks { format!("{study}:access") } else { study.to_owned() };
        let mut found = Vec::new();
        self.view.events(&chain, after.saturating_add(1), &mut |event| {
            if found.len() >= limit {
                return ControlFlow::Break(());
            }
            found.push(event);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Events of a study, the newest first. O(events read), at most 50,000.
    pub fn audit(&self, study: &str, filter: &AuditFilter) -> Result<AuditPage, Refusal> {
        self.study(study)?;
        self.allow(Operation::AuditRead, &Scope::study(study))?;
        let chain = if filter.looks { format!("{study}:access") } else { study.to_owned() };
        let last = self.view.head(&chain)?.map_or(0, |head| head.seq);
        let mut end = filter.before.unwrap_or(u64::MAX).min(last.saturating_add(1));
        let floor = end.saturating_sub(MOST);
        let mut page = AuditPage::default();
        // Numbers count from 1, or from 0; both are read to their beginning.
        while end > 0 {
            let begin = end.saturating_sub(WINDOW);
            let mut window = Vec::new();
            self.view.events(&chain, begin, &mut |event| {
                if event.seq >= end {
                    return ControlFlow::Break(());
                }
                if filter.takes(&event) {
                    window.push(event);
                }
                ControlFlow::Continue(())
            })?;
            for event in window.into_iter().rev() {
                if page.events.len() >= filter.limit {
                    page.next = page.events.last().map(|e| e.seq);
                    return Ok(page);
                }
                page.events.push(event);
            }
            end = begin;
            if end > 0 && end <= floor {
                page.next = Some(end);
                page.stopped = true;
                return Ok(page);
            }
        }
        Ok(page)
    }
}

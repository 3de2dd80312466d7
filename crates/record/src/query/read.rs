//! Lists of queries.

use super::{Query, Status, query};
use crate::access::{Operation, Scope};
use crate::door::Reading;
use crate::key::{key, segments};
use crate::refusal::Refusal;
use crate::space;
use std::ops::ControlFlow;

/// Which queries.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Where they stand; none: all.
    pub status: Option<Status>,
    /// The site; none: all that the caller may read.
    pub site: Option<String>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Read on behind this one.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl Reading<'_> {
    /// One query.
    pub fn query(&self, study: &str, number: u64) -> Result<Query, Refusal> {
        // Whoever may not read it is not told whether it exists.
        let found = query(self.view, study, number)?;
        match self.allow(Operation::Read, &Scope::site(study, &found.site)) {
            Ok(_) => Ok(found),
            Err(_) => Err(Refusal::absent("query", number.to_string())),
        }
    }

    /// Queries in the order in which they were opened. Cost: those of the sites that may be read, up to the limit.
    pub fn queries(&self, study: &str, filter: &Filter) -> Result<Vec<Query>, Refusal> {
        let sites = self.readable_sites(study, filter.site.as_deref())?;
        let mut numbers = Vec::new();
        let every = [Status::Open, Status::Answered, Status::Closed, Status::Cancelled];
        let statuses = filter.status.map_or(every.to_vec(), |s| vec![s]);
        for (status, site) in statuses.iter().flat_map(|status| sites.iter().map(move |site| (status, site))) {
            let head = key(&[study, status.word(), site]);
            let range = match filter.after {
                Some(after) => head.clone().number(after).after(&head),
                None => head.range(),
            };
            let mut of_site = 0;
            self.rows(space::QUERY_STATUS, range, |at, (): ()| {
                numbers.extend(segments(at).last().and_then(|n| n.parse::<u64>().ok()));
                of_site += 1;
                if filter.subject.is_none() && of_site >= filter.limit {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
        }
        numbers.sort_unstable();
        let mut found = Vec::new();
        for number in numbers {
            let query = query(self.view, study, number)?;
            if filter.subject.as_ref().is_none_or(|s| *s == query.place.subject) {
                found.push(query);
            }
            if found.len() >= filter.limit {
                break;
            }
        }
        Ok(found)
    }

    /// The sites whose data the caller may read, or the one that was asked for when it is one of them.
    pub fn readable_sites(&self, study: &str, only: Option<&str>) -> Result<Vec<String>, Refusal> {
        let may = |site: &str| self.allow(Operation::Read, &Scope::site(study, site));
        if let Some(site) = only {
            may(site)?;
            return Ok(vec![site.to_owned()]);
        }
        let mut sites = Vec::new();
        self.rows(space::SITE, key(&[study]).range(), |_, site: crate::study::Site| {
            sites.push(site.id);
            ControlFlow::Continue(())
        })?;
        sites.retain(|site| may(site).is_ok());
        if sites.is_empty() {
            self.allow(Operation::Read, &Scope::study(study))?;
        }
        Ok(sites)
    }
}

//! Opening and closing sites.

use super::project::{SiteClosed, SiteOpened};
use super::{Site, Study, site, twin_of};
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_core::SiteId;
use croft_ledger::View;

/// Opens a site of a study, or opens it again; in the training twin as well, so that its people have where to practise.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words are those of a site")]
pub struct OpenSite {
    pub study: String,
    pub site: String,
    pub name: String,
    pub country: String,
}

impl Command for OpenSite {
    type Done = ();
    const OPERATION: Operation = Operation::SiteOpen;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        work.open_study(&self.study)?;
        if let Err(error) = self.site.parse::<SiteId>() {
            return Err(Refusal::invalid("site", error.to_string(), error.hint()));
        }
        if self.name.trim().is_empty() {
            return Err(Refusal::invalid("name", "is empty", "give the site's name"));
        }
        if !(self.country.len() == 3 && self.country.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(Refusal::invalid(
                "country",
                "is no country code",
                "give three capitals of ISO 3166-1, such as GBR",
            ));
        }
        if door::row::<Site>(work.tx, space::SITE, &key(&[&self.study, &self.site]))?.is_some_and(|s| s.open) {
            return Err(Refusal::state(format!("site {} is open already", self.site), "nothing needs to be done"));
        }
        let twin = twin_of(&self.study);
        let opened = SiteOpened { study: self.study.clone(), site: self.site, name: self.name, country: self.country };
        work.append(&self.study, "study", "site.opened/1", &opened, "")?;
        let there = door::row::<Site>(work.tx, space::SITE, &key(&[&twin, &opened.site]))?.is_some_and(|s| s.open);
        if !there && door::row::<Study>(work.tx, space::STUDY, &key(&[&twin]))?.is_some() {
            let to_twin = SiteOpened { study: twin.clone(), ..opened };
            work.append(&twin, "study", "site.opened/1", &to_twin, "")?;
        }
        Ok(())
    }
}

/// Closes a site to new subjects. What is recorded there can still be cleaned.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct CloseSite {
    pub study: String,
    pub site: String,
    pub reason: String,
}

impl Command for CloseSite {
    type Done = ();
    const OPERATION: Operation = Operation::SiteClose;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        work.open_study(&self.study)?;
        if !site(work.tx, &self.study, &self.site)?.open {
            return Err(Refusal::state(format!("site {} is closed already", self.site), "nothing needs to be done"));
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why the site is closed"));
        }
        let closed = SiteClosed { study: self.study.clone(), site: self.site };
        work.append(&self.study, "study", "site.closed/1", &closed, &self.reason)?;
        Ok(())
    }
}

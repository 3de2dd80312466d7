//! Events of studies, versions and sites, and the state that they make.

use super::{Lock, Site, Study, Version};
use crate::definition::Files;
use crate::key::{Key, key};
use crate::project::{Change, Failure, payload};
use crate::space;
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};

/// `study.created/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Created {
    pub study: String,
    pub title: String,
    pub training: bool,
}

/// `version.published/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    pub study: String,
    pub number: u32,
    pub note: String,
    pub digest: String,
    pub files: Files,
}

/// `site.opened/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SiteOpened {
    pub study: String,
    pub site: String,
    pub name: String,
    pub country: String,
}

/// `site.closed/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SiteClosed {
    pub study: String,
    pub site: String,
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "study.created/1" => {
            let created: Created = payload(event)?;
            let study = Study {
                id: created.study,
                title: created.title,
                training: created.training,
                created_ms: event.time_ms,
                versions: Vec::new(),
                lock: Lock::Open,
            };
            state.set(space::STUDY, &key(&[&study.id]), &study)?;
        }
        "version.published/1" => {
            let published: Published = payload(event)?;
            let files = Key::default().text(&published.study).number(u64::from(published.number));
            state.set(space::VERSION_FILES, &files, &published.files)?;
            state.change(space::STUDY, &key(&[&published.study]), |study: &mut Study| {
                study.versions.push(Version {
                    number: published.number,
                    note: published.note,
                    digest: published.digest,
                    published_ms: event.time_ms,
                    by: event.actor.clone(),
                });
            })?;
        }
        "site.opened/1" => {
            let opened: SiteOpened = payload(event)?;
            let at = key(&[&opened.study, &opened.site]);
            let last_subject = state.read::<Site>(space::SITE, &at)?.map_or(0, |s| s.last_subject);
            let site = Site { id: opened.site, name: opened.name, country: opened.country, open: true, last_subject };
            state.set(space::SITE, &at, &site)?;
        }
        "site.closed/1" => {
            let closed: SiteClosed = payload(event)?;
            state.change(space::SITE, &key(&[&closed.study, &closed.site]), |site: &mut Site| site.open = false)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

//! Who, where, and what do signatures mean?

use super::{Options, Standard, carried};
use crate::capture::Subject;
use crate::door::Reading;
use crate::export::who::People;
use crate::export::{ExportError, Extent, rfc3339};
use crate::key::key;
use crate::refusal::Refusal;
use crate::sign::Signature;
use crate::space;
use crate::study::{Site, Study};
use croft_cdisc::odm::{AdminData, Location, MetaDataVersionRef, SignatureDef, Text, User};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// People and places of what leaves, and the events of subjects that no form names.
#[derive(Default)]
pub(super) struct Admin {
    pub data: AdminData,
    /// Events of a subject as such: enrolment, withdrawal, dates of visits.
    pub of_subject: BTreeMap<String, Vec<u64>>,
    /// Meanings of signatures, with their OIDs.
    pub meanings: BTreeMap<String, String>,
}

/// Without audit records: the sites alone. With them: one walk along the chain.
pub(super) fn admin(
    reading: &Reading<'_>,
    extent: &Extent,
    study: &Study,
    options: Options,
) -> Result<Admin, ExportError> {
    let mut admin = Admin::default();
    let versions = study.versions.iter().map(|v| MetaDataVersionRef {
        study_oid: study.id.clone(),
        version_oid: format!("V{}", v.number),
        effective_date: Some(rfc3339(v.published_ms).chars().take(10).collect()),
        ..MetaDataVersionRef::default()
    });
    let versions: Vec<_> = versions.collect();
    reading.rows(space::SITE, key(&[&study.id]).range(), |_, site: Site| {
        if extent.site.as_ref().is_none_or(|only| *only == site.id) {
            let name = if site.name.trim().is_empty() { &site.id } else { &site.name };
            admin.data.locations.push(Location {
                oid: site.id.clone(),
                name: Some(carried(name)),
                kind: (options.version == Standard::V1_3_2).then(|| "Site".to_owned()),
                role: (options.version == Standard::V2_0).then(|| "Site".to_owned()),
                versions: versions.clone(),
                ..Location::default()
            });
        }
        ControlFlow::Continue(())
    })?;
    if options.audit {
        let subjects = subjects(reading, extent)?;
        let actors = walk(reading, extent, &subjects, &mut admin)?;
        admin.signatures(reading, study, &subjects)?;
        let mut people = People::new(reading.view);
        for actor in actors {
            let name = Text::new(carried(people.name(&actor)?));
            let login = Some(Text::new(carried(&actor)));
            let v2 = options.version == Standard::V2_0;
            admin.data.users.push(User {
                oid: actor,
                login_name: login.clone().filter(|_| !v2),
                user_name: login.filter(|_| v2),
                full_name: Some(name),
                ..User::default()
            });
        }
    }
    Ok(admin)
}

/// The subjects of a site; none: all of the study leave.
fn subjects(reading: &Reading<'_>, extent: &Extent) -> Result<Option<BTreeSet<String>>, Refusal> {
    let Some(site) = &extent.site else { return Ok(None) };
    let mut found = BTreeSet::new();
    reading.rows(space::SUBJECT, key(&[&extent.study]).range(), |_, subject: Subject| {
        if subject.site == *site {
            found.insert(subject.id);
        }
        ControlFlow::Continue(())
    })?;
    Ok(Some(found))
}

fn walk(
    reading: &Reading<'_>,
    extent: &Extent,
    subjects: &Option<BTreeSet<String>>,
    admin: &mut Admin,
) -> Result<BTreeSet<String>, Refusal> {
    let mut actors = BTreeSet::new();
    reading.view.events(&extent.study, 1, &mut |event| {
        if subjects.as_ref().is_none_or(|s| s.contains(&event.stream)) {
            if matches!(event.kind.as_str(), "subject.enrolled/1" | "subject.withdrawn/1" | "visit.added/1") {
                admin.of_subject.entry(event.stream).or_default().push(event.seq);
            }
            actors.insert(event.actor);
        }
        ControlFlow::Continue(())
    })?;
    Ok(actors)
}

impl Admin {
    fn signatures(
        &mut self,
        reading: &Reading<'_>,
        study: &Study,
        subjects: &Option<BTreeSet<String>>,
    ) -> Result<(), Refusal> {
        reading.rows(space::SIGNATURE, key(&[&study.id]).range(), |_, signature: Signature| {
            if subjects.as_ref().is_none_or(|s| s.contains(signature.covers.subject())) {
                let next = format!("SD.{}", self.meanings.len() + 1);
                self.meanings.entry(signature.meaning).or_insert(next);
            }
            ControlFlow::Continue(())
        })?;
        let defined = self.meanings.iter().map(|(meaning, oid)| SignatureDef {
            oid: oid.clone(),
            methodology: Some("Electronic".to_owned()),
            meaning: Some(Text::new(carried(meaning))),
            legal_reason: Some(Text::new("The signer stands for what it covers (21 CFR 11.50).")),
            ..SignatureDef::default()
        });
        self.data.signature_defs = defined.collect();
        Ok(())
    }
}

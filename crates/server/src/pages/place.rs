//! Where in a study is a page? Its bar, and the addresses of what it leads to.

use crate::layout::{Blinding, StudyBar};
use crate::nav::{StudyPart, segment};
use croft_record::access::{Operation, Scope, roles};
use croft_record::capture::Place;
use croft_record::definition::Compiled;
use croft_record::study::{Site, Study};
use croft_record::{Reading, Refusal};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What every page of a study knows.
pub(crate) struct Inside {
    pub bar: StudyBar,
    pub study: Study,
    pub sites: Vec<Site>,
    /// The version under which new forms are filled; none before the first is published.
    pub current: Option<Arc<Compiled>>,
}

/// The study as the caller may see it.
pub(crate) fn inside(r: &Reading<'_>, id: &str, here: StudyPart) -> Result<Inside, Refusal> {
    let study = r.study(id)?;
    let sites = r.sites(id)?;
    let role = r.allow(Operation::StudyRead, &Scope::study(id))?;
    let current = if study.current().is_some() { Some(r.current_version(&study)?.1) } else { None };
    let identity = current.as_ref().map(|c| &c.definition.study);
    let title = identity.map(|i| i.short_title.as_str()).filter(|t| !t.is_empty()).unwrap_or(&study.title);
    let open_label = identity.is_some_and(|i| i.blinding.eq_ignore_ascii_case("open label"));
    let blinding = match () {
        () if open_label => Blinding::OpenLabel,
        // Who registers kits is told what is in them.
        () if r.may(Operation::CodesRead, &Scope::study(id)) || r.may(Operation::SupplyManage, &Scope::study(id)) => {
            Blinding::Unblinded
        }
        () => Blinding::Blinded,
    };
    let bar = StudyBar {
        study: study.id.clone(),
        title: format!("{} · {title}", study.id),
        role: roles().get(&role).map_or(role, |r| r.label.clone()),
        blinding,
        training: study.training,
        parts: parts(r, id, &sites),
        here,
    };
    Ok(Inside { bar, study, sites, current })
}

impl Inside {
    pub fn id(&self) -> &str {
        &self.study.id
    }

    /// Sites at which the caller may do this.
    pub fn sites_for<'s>(&'s self, r: &Reading<'_>, operation: Operation) -> Vec<&'s Site> {
        self.sites.iter().filter(|site| r.may(operation, &Scope::site(&self.study.id, &site.id))).collect()
    }
}

/// What the caller may do at one site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights(BTreeSet<Operation>);

impl Rights {
    pub fn at(r: &Reading<'_>, study: &str, site: &str) -> Self {
        let scope = Scope::site(study, site);
        Self(Operation::ALL.iter().copied().filter(|operation| r.may(*operation, &scope)).collect())
    }

    pub fn has(&self, operation: Operation) -> bool {
        self.0.contains(&operation)
    }
}

/// Whether the caller may do this in the study or at one of its sites.
pub(crate) fn anywhere(r: &Reading<'_>, study: &str, sites: &[Site], operation: Operation) -> bool {
    r.may(operation, &Scope::study(study)) || sites.iter().any(|site| r.may(operation, &Scope::site(study, &site.id)))
}

fn parts(r: &Reading<'_>, study: &str, sites: &[Site]) -> Vec<StudyPart> {
    let may = |operations: &[Operation]| operations.iter().any(|o| anywhere(r, study, sites, *o));
    let is_supplied = r.depots(study).is_ok_and(|depots| !depots.is_empty());
    let is_randomised = r.randomisation(study).is_ok_and(|facts| facts.is_some());
    let all = [
        (StudyPart::Home, true),
        (StudyPart::Subjects, may(&[Operation::Read])),
        (StudyPart::Queries, may(&[Operation::Read])),
        (StudyPart::Verification, may(&[Operation::Verify])),
        (StudyPart::Signatures, may(&[Operation::Sign])),
        (StudyPart::Randomisation, is_randomised || may(&[Operation::SchemeSeal])),
        (StudyPart::Supply, is_supplied && may(&[Operation::SupplyRead])),
        (StudyPart::Definition, true),
        (StudyPart::Data, may(&[Operation::Export, Operation::Import])),
        (
            StudyPart::Lock,
            may(&[Operation::Freeze, Operation::Lock, Operation::UnlockRequest, Operation::UnlockApprove]),
        ),
        (StudyPart::Access, may(&[Operation::AccountList])),
        // The audit trail is of the study as a whole; an investigator, who may read their own site's, has it in the casebooks and the site's copy.
        (StudyPart::Audit, r.may(Operation::AuditRead, &Scope::study(study))),
    ];
    all.into_iter().filter(|(_, shown)| *shown).map(|(part, _)| part).collect()
}

/// The address of a subject.
pub(crate) fn subject_address(study: &str, subject: &str) -> String {
    format!("/studies/{}/subjects/{}", segment(study), segment(subject))
}

/// The address of a form.
pub(crate) fn form_address(study: &str, place: &Place) -> String {
    let (subject, visit, form) = (subject_address(study, &place.subject), segment(&place.visit), segment(&place.form));
    format!("{subject}/visits/{visit}/{}/forms/{form}/{}", place.visit_repeat, place.form_repeat)
}

/// The address of the page that signs.
pub(crate) fn sign_address(
    study: &str,
    subject: &str,
    visit: Option<(&str, u32)>,
    form: Option<(&str, u32)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some((visit, repeat)) = visit {
        query.append_pair("visit", visit).append_pair("visit_repeat", &repeat.to_string());
    }
    if let Some((form, repeat)) = form {
        query.append_pair("form", form).append_pair("form_repeat", &repeat.to_string());
    }
    format!("{}/sign?{}", subject_address(study, subject), query.finish())
}

/// A form's place as its address has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FormPath {
    pub study: String,
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub form: String,
    pub form_repeat: u32,
}

impl FormPath {
    pub fn place(&self) -> Place {
        Place {
            subject: self.subject.clone(),
            visit: self.visit.clone(),
            visit_repeat: self.visit_repeat,
            form: self.form.clone(),
            form_repeat: self.form_repeat,
        }
    }
}

/// A visit's name with its number among several: `Unscheduled visit 2`.
pub(crate) fn visit_name(definition: Option<&Compiled>, visit: &str, repeat: u32) -> String {
    let planned = definition.and_then(|d| d.visit(visit));
    let name = planned.map_or(visit, |v| v.name.as_str());
    if repeat > 1 || planned.is_some_and(|v| v.repeating) { format!("{name} {repeat}") } else { name.to_owned() }
}

/// A form's label with its number among several.
pub(crate) fn form_name(definition: Option<&Compiled>, form: &str, repeat: u32) -> String {
    let planned = definition.and_then(|d| d.form(form));
    let name = planned.map_or(form, |f| f.label.as_str());
    if repeat > 1 || planned.is_some_and(|f| f.repeating) { format!("{name} {repeat}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stable_and_hold_any_name() {
        assert_eq!(
            form_address("CRB101", &Place::first("101-001", "SCR", "DM")),
            "/studies/CRB101/subjects/101-001/visits/SCR/1/forms/DM/1"
        );
        assert!(form_address("S", &Place::first("a/b", "V 1", "F?")).contains("a%2Fb/visits/V%201/1/forms/F%3F/1"));
    }
}

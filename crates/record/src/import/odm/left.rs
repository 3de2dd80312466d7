//! What of a document has no place in the study's text: counted, and told. It stays in `source/odm.xml`.

use super::super::note::Note;
use crate::vendor::NAMESPACE;
use croft_cdisc::odm::{Content, Extra, MetaDataVersion, Odm, Study};
use std::collections::BTreeMap;

#[derive(Default)]
struct Left {
    /// Kind to how often and first line.
    found: BTreeMap<String, (usize, u32)>,
}

impl Left {
    fn add(&mut self, kind: impl Into<String>, count: usize, line: u32) {
        if count > 0 {
            let entry = self.found.entry(kind.into()).or_insert((0, line));
            entry.0 += count;
        }
    }

    fn extra(&mut self, on: &str, extra: &Extra, line: u32) {
        for attribute in extra.attributes.iter().filter(|a| a.namespace != NAMESPACE) {
            let of = if attribute.prefix.is_empty() { String::new() } else { format!("{}:", attribute.prefix) };
            self.add(format!("{of}{} of {on}", attribute.local), 1, line);
        }
        for content in &extra.content {
            if let Content::Element(node) = content {
                let of = if node.prefix.is_empty() { String::new() } else { format!("{}:", node.prefix) };
                self.add(format!("<{of}{}> in {on}", node.local), 1, node.place.line);
            }
        }
    }
}

/// Notes on what has no place.
pub(super) fn over(odm: &Odm, study: &Study, version: &MetaDataVersion, notes: &mut Vec<Note>) {
    let mut left = Left::default();
    let versions = odm.meta_data_versions().filter(|(s, v)| !(s.oid == study.oid && v.oid == version.oid));
    left.add("MetaDataVersion other than the one taken", versions.count(), 0);
    of_study(study, &mut left);
    of_protocol(version, &mut left);
    of_forms(version, &mut left);
    of_items(version, &mut left);
    let unused = version.items.iter().filter(|i| {
        let asked = version.item_groups.iter().flat_map(|g| g.items()).any(|r| r.item_oid == i.oid);
        !asked && !version.value_lists.iter().flat_map(|l| &l.items).any(|r| r.item_oid == i.oid)
    });
    for item in unused {
        left.add("ItemDef in no group", 1, item.place.line);
    }
    for (kind, (count, line)) in left.found {
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let message = format!("has no place, {times}: {kind}");
        notes.push(Note::new(line, "", message, "it stays in source/odm.xml"));
    }
}

fn of_study(study: &Study, left: &mut Left) {
    left.extra("Study", &study.extra, study.place.line);
    if let Some(global) = &study.global_variables {
        left.extra("GlobalVariables", &global.extra, global.place.line);
        if let Some(text) = &global.study_description {
            left.add("StudyDescription", usize::from(!text.text.trim().is_empty()), text.place.line);
        }
    }
    left.add("Description of Study", study.description.iter().count(), study.place.line);
}

fn of_protocol(version: &MetaDataVersion, left: &mut Left) {
    left.extra("MetaDataVersion", &version.extra, version.place.line);
    for workflow in &version.workflows {
        left.add("WorkflowDef", 1, workflow.place.line);
    }
    for group in &version.event_groups {
        left.add("StudyEventGroupDef as such (its visits came in)", 1, group.place.line);
    }
    let Some(protocol) = &version.protocol else { return };
    let line = protocol.place.line;
    left.add("StudySummary", protocol.summary.iter().count(), line);
    left.add("StudyStructure", protocol.structure.iter().count(), line);
    left.add("TrialPhase", protocol.trial_phase.iter().count(), line);
    left.add("StudyTimings", protocol.timings.iter().count(), line);
    left.add("StudyIndications", protocol.indications.iter().count(), line);
    left.add("StudyInterventions", protocol.interventions.iter().count(), line);
    left.add("StudyObjectives", protocol.objectives.iter().count(), line);
    left.add("StudyEndPoints", protocol.end_points.iter().count(), line);
    left.add("StudyTargetPopulation", protocol.target_population.iter().count(), line);
    left.add("StudyEstimands", protocol.estimands.iter().count(), line);
    left.add("InclusionExclusionCriteria", protocol.criteria.iter().count(), line);
    left.extra("Protocol", &protocol.extra, line);
}

fn of_forms(version: &MetaDataVersion, left: &mut Left) {
    for event in &version.events {
        left.add("Alias of StudyEventDef", event.aliases.len(), event.place.line);
        left.add("Category of StudyEventDef", event.category.iter().count(), event.place.line);
        left.extra("StudyEventDef", &event.extra, event.place.line);
    }
    for form in &version.forms {
        left.add("Alias of FormDef", form.aliases.len(), form.place.line);
        left.add("ArchiveLayout", form.archive_layouts.len(), form.place.line);
        left.extra("FormDef", &form.extra, form.place.line);
    }
    for group in &version.item_groups {
        let line = group.place.line;
        left.add("Alias of ItemGroupDef", group.aliases.len(), line);
        left.add("Coding of ItemGroupDef", group.codings.len(), line);
        left.add("Origin of ItemGroupDef", group.origins.len(), line);
        left.add("RepeatingLimit", group.repeating_limit.iter().count(), line);
        left.extra("ItemGroupDef", &group.extra, line);
        for item in group.items() {
            left.add("Role of ItemRef", item.role.iter().count(), item.place.line);
            left.add("PreSpecifiedValue", item.pre_specified_value.iter().count(), item.place.line);
            left.extra("ItemRef", &item.extra, item.place.line);
        }
    }
    for presentation in &version.presentations {
        left.add("Presentation", 1, presentation.place.line);
    }
}

fn of_items(version: &MetaDataVersion, left: &mut Left) {
    for item in &version.items {
        let line = item.place.line;
        left.add("Alias of ItemDef", item.aliases.len(), line);
        left.add("Coding of ItemDef", item.codings.len(), line);
        left.add("Role of ItemDef", item.roles.len(), line);
        left.add("ExternalQuestion", item.external_question.iter().count(), line);
        left.add("ValueListRef", item.value_list.iter().count(), line);
        left.add("ImplementationNotes", item.implementation_notes.iter().count(), line);
        left.extra("ItemDef", &item.extra, line);
        let texts = [&item.question, &item.description, &item.prompt];
        let more = texts.into_iter().flatten().map(|t| t.texts.len().saturating_sub(1)).sum();
        left.add("text of ItemDef in further languages", more, line);
    }
    for list in &version.code_lists {
        left.add("Alias of CodeList", list.aliases.len(), list.place.line);
        left.add("Coding of CodeList", list.codings.len(), list.place.line);
        left.extra("CodeList", &list.extra, list.place.line);
        for item in &list.items {
            left.add("Alias of CodeListItem", item.aliases.len(), item.place.line);
            left.add("Coding of CodeListItem", item.codings.len(), item.place.line);
            let more = item.decode.iter().map(|d| d.texts.len().saturating_sub(1)).sum();
            left.add("Decode in further languages", more, item.place.line);
            left.extra("CodeListItem", &item.extra, item.place.line);
        }
    }
}

//! Ids and what refers to them: methods, analyses with their results, outputs.

use super::super::{Analysis, AnalysisOutputCategorization, DocumentReference, OperationResult, ProgrammingCode, Term};
use super::{Check, Kind};

/// Where the standard's own words stand, and the list of a sponsor's that extends them.
const REASONS: &[&str] =
    &["SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY"];
const PURPOSES: &[&str] = &["PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE"];
const ROLES: &[&str] = &["NUMERATOR", "DENOMINATOR"];
const FILE_TYPES: &[&str] = &["pdf", "rtf", "txt"];

impl<'e> Check<'e> {
    pub(super) fn collect_ids(&mut self) {
        let event = self.event;
        let at = |list: &str, i: usize| format!("$.{list}[{i}].id");
        for (i, d) in event.reference_documents.iter().enumerate() {
            self.id(Kind::Document, &at("referenceDocuments", i), &d.id);
        }
        for (i, extension) in event.terminology_extensions.iter().enumerate() {
            for (j, term) in extension.sponsor_terms.iter().enumerate() {
                self.id(Kind::SponsorTerm, &format!("$.terminologyExtensions[{i}].sponsorTerms[{j}].id"), &term.id);
            }
        }
        self.categorizations("$.analysisOutputCategorizations", &event.analysis_output_categorizations);
        for (i, set) in event.analysis_sets.iter().enumerate() {
            self.id(Kind::AnalysisSet, &at("analysisSets", i), &set.id);
        }
        for (i, subset) in event.data_subsets.iter().enumerate() {
            self.id(Kind::DataSubset, &at("dataSubsets", i), &subset.id);
        }
        for (i, grouping) in event.analysis_groupings.iter().enumerate() {
            self.id(Kind::Grouping, &at("analysisGroupings", i), &grouping.id);
            for (j, group) in grouping.groups.iter().enumerate() {
                self.id(Kind::Group, &format!("$.analysisGroupings[{i}].groups[{j}].id"), &group.id);
            }
        }
        for (i, method) in event.methods.iter().enumerate() {
            self.id(Kind::Method, &at("methods", i), &method.id);
            for (j, operation) in method.operations.iter().enumerate() {
                let path = format!("$.methods[{i}].operations[{j}]");
                self.id(Kind::Operation, &format!("{path}.id"), &operation.id);
                for (k, relationship) in operation.referenced_operation_relationships.iter().enumerate() {
                    let path = format!("{path}.referencedOperationRelationships[{k}].id");
                    self.id(Kind::Relationship, &path, &relationship.id);
                }
            }
        }
        for (i, analysis) in event.analyses.iter().enumerate() {
            self.id(Kind::Analysis, &at("analyses", i), &analysis.id);
        }
        for (i, section) in event.global_display_sections.iter().enumerate() {
            for (j, line) in section.sub_sections.iter().enumerate() {
                self.id(Kind::SubSection, &format!("$.globalDisplaySections[{i}].subSections[{j}].id"), &line.id);
            }
        }
        for (i, output) in event.outputs.iter().enumerate() {
            self.id(Kind::Output, &at("outputs", i), &output.id);
            for (j, display) in output.displays.iter().enumerate() {
                let path = format!("$.outputs[{i}].displays[{j}].display");
                self.id(Kind::Display, &format!("{path}.id"), &display.display.id);
                for (k, section) in display.display.display_sections.iter().enumerate() {
                    for (l, line) in section.ordered_sub_sections.iter().enumerate() {
                        if let Some(own) = &line.sub_section {
                            let path = format!("{path}.displaySections[{k}].orderedSubSections[{l}].subSection.id");
                            self.id(Kind::SubSection, &path, &own.id);
                        }
                    }
                }
            }
        }
    }

    fn categorizations(&mut self, path: &str, list: &'e [AnalysisOutputCategorization]) {
        for (i, categorization) in list.iter().enumerate() {
            self.id(Kind::Categorization, &format!("{path}[{i}].id"), &categorization.id);
            for (j, category) in categorization.categories.iter().enumerate() {
                let path = format!("{path}[{i}].categories[{j}]");
                self.id(Kind::Category, &format!("{path}.id"), &category.id);
                self.categorizations(&format!("{path}.subCategorizations"), &category.sub_categorizations);
            }
        }
    }

    fn term(&mut self, path: &str, term: &Term, allowed: &[&str], enumeration: &str) {
        match (&term.controlled_term, &term.sponsor_term_id) {
            (Some(word), None) => {
                if !allowed.contains(&word.as_str()) {
                    let message = format!("`{word}` is not one of {}", allowed.join(", "));
                    let hint = "use the standard's word, or a sponsor term with its id";
                    self.error("ARS-TERM", &format!("{path}.controlledTerm"), message, hint);
                }
            }
            (None, Some(id)) => {
                let path = format!("{path}.sponsorTermId");
                self.reference(Kind::SponsorTerm, &path, id);
                let elsewhere = self.event.terminology_extensions.iter().find(|e| {
                    e.sponsor_terms.iter().any(|t| t.id == *id) && e.enumeration.as_deref() != Some(enumeration)
                });
                if let Some(extension) = elsewhere {
                    let list = extension.enumeration.as_deref().unwrap_or("no list");
                    let message = format!("the sponsor term `{id}` extends {list}, not {enumeration}");
                    self.error("ARS-TERM", &path, message, "define the term in an extension of the list");
                }
            }
            (Some(_), Some(_)) => {
                let message = "both a controlled term and a sponsor term are given";
                self.error("ARS-TERM", path, message, "keep the one that is meant");
            }
            (None, None) => {
                self.error(
                    "ARS-TERM",
                    path,
                    "neither a controlled term nor a sponsor term is given",
                    "give one of them",
                );
            }
        }
    }

    fn documents(&mut self, path: &str, references: &[DocumentReference]) {
        for (i, reference) in references.iter().enumerate() {
            let path = format!("{path}.documentRefs[{i}]");
            self.document(&path, reference);
        }
    }

    fn document(&mut self, path: &str, reference: &DocumentReference) {
        self.reference(Kind::Document, &format!("{path}.referenceDocumentId"), &reference.reference_document_id);
        for (j, page) in reference.page_refs.iter().enumerate() {
            let range = page.first_page.is_some() && page.last_page.is_some();
            let (numbers, names) = (!page.page_numbers.is_empty(), !page.page_names.is_empty());
            let fits = match page.ref_type.as_str() {
                "PhysicalRef" => (numbers != range) && !names,
                "NamedDestination" => names && !numbers && !range,
                _ => false,
            };
            if !fits {
                let message = format!("a {} does not name its pages as that type does", page.ref_type);
                let hint = "PhysicalRef has pageNumbers, or firstPage and lastPage; NamedDestination has pageNames";
                self.error("ARS-PAGE", &format!("{path}.pageRefs[{j}]"), message, hint);
            }
        }
    }

    fn code(&mut self, path: &str, code: Option<&ProgrammingCode>) {
        if let Some(reference) = code.and_then(|c| c.document_ref.as_ref()) {
            self.document(&format!("{path}.documentRef"), reference);
        }
    }

    pub(super) fn methods(&mut self) {
        for (i, method) in self.event.methods.iter().enumerate() {
            let path = format!("$.methods[{i}]");
            self.documents(&path, &method.document_refs);
            self.code(&format!("{path}.codeTemplate"), method.code_template.as_ref());
            self.order(&format!("{path}.operations"), method.operations.iter().map(|o| o.order));
            for (j, operation) in method.operations.iter().enumerate() {
                for (k, relationship) in operation.referenced_operation_relationships.iter().enumerate() {
                    let path = format!("{path}.operations[{j}].referencedOperationRelationships[{k}]");
                    self.reference(Kind::Operation, &format!("{path}.operationId"), &relationship.operation_id);
                    if let Some(id) = &relationship.analysis_id {
                        self.reference(Kind::Analysis, &format!("{path}.analysisId"), id);
                    }
                    let role = format!("{path}.referencedOperationRole");
                    self.term(&role, &relationship.referenced_operation_role, ROLES, "OperationRoleEnum");
                    if relationship.operation_id == operation.id {
                        let message = format!("the operation `{}` uses its own result", operation.id);
                        self.error("ARS-CYCLE", &path, message, "name the operation whose result is used");
                    }
                }
            }
        }
    }

    pub(super) fn analyses(&mut self) {
        for (i, analysis) in self.event.analyses.iter().enumerate() {
            let path = format!("$.analyses[{i}]");
            self.term(&format!("{path}.reason"), &analysis.reason, REASONS, "AnalysisReasonEnum");
            self.term(&format!("{path}.purpose"), &analysis.purpose, PURPOSES, "AnalysisPurposeEnum");
            self.reference(Kind::Method, &format!("{path}.methodId"), &analysis.method_id);
            self.documents(&path, &analysis.document_refs);
            self.code(&format!("{path}.programmingCode"), analysis.programming_code.as_ref());
            self.categories(&path, &analysis.category_ids);
            if let Some(id) = &analysis.analysis_set_id {
                self.reference(Kind::AnalysisSet, &format!("{path}.analysisSetId"), id);
            }
            if let Some(id) = &analysis.data_subset_id {
                self.reference(Kind::DataSubset, &format!("{path}.dataSubsetId"), id);
            }
            let groupings = format!("{path}.orderedGroupings");
            self.order(&groupings, analysis.ordered_groupings.iter().map(|g| g.order));
            for (j, grouping) in analysis.ordered_groupings.iter().enumerate() {
                self.reference(Kind::Grouping, &format!("{groupings}[{j}].groupingId"), &grouping.grouping_id);
            }
            for (j, operation) in analysis.referenced_analysis_operations.iter().enumerate() {
                let path = format!("{path}.referencedAnalysisOperations[{j}]");
                let id = &operation.referenced_operation_relationship_id;
                self.reference(Kind::Relationship, &format!("{path}.referencedOperationRelationshipId"), id);
                self.reference(Kind::Analysis, &format!("{path}.analysisId"), &operation.analysis_id);
            }
            self.relationships(&path, analysis);
            for (j, result) in analysis.results.iter().enumerate() {
                self.result(&format!("{path}.results[{j}]"), analysis, result);
            }
        }
    }

    /// Each relationship of the method needs the analysis that it means.
    fn relationships(&mut self, path: &str, analysis: &'e Analysis) {
        let Some(method) = self.event.method(&analysis.method_id) else { return };
        for relationship in method.operations.iter().flat_map(|o| &o.referenced_operation_relationships) {
            let named = analysis
                .referenced_analysis_operations
                .iter()
                .any(|r| r.referenced_operation_relationship_id == relationship.id);
            if !named && relationship.analysis_id.is_none() {
                let message = format!("the analysis does not say whose result `{}` means", relationship.id);
                let hint = "add it to referencedAnalysisOperations with the id of an analysis";
                self.warning("ARS-METHOD", path, message, hint);
            }
        }
    }

    fn result(&mut self, path: &str, analysis: &'e Analysis, result: &OperationResult) {
        let event = self.event;
        self.reference(Kind::Operation, &format!("{path}.operationId"), &result.operation_id);
        let of_method =
            event.method(&analysis.method_id).is_none_or(|m| m.operations.iter().any(|o| o.id == result.operation_id));
        if !of_method {
            let message = format!("`{}` is no operation of the method `{}`", result.operation_id, analysis.method_id);
            self.error("ARS-RESULT", path, message, "name an operation of the analysis's method");
        }
        for (k, group) in result.result_groups.iter().enumerate() {
            let path = format!("{path}.resultGroups[{k}]");
            if !analysis.ordered_groupings.iter().any(|g| g.grouping_id == group.grouping_id) {
                let message = format!("`{}` is no grouping of the analysis", group.grouping_id);
                self.error("ARS-RESULT", &path, message, "name a grouping of the analysis");
                continue;
            }
            if group.group_id.is_some() && group.group_value.is_some() {
                let message = "a group is given by id and by value";
                self.error(
                    "ARS-RESULT",
                    &path,
                    message,
                    "keep the id for a listed group, the value for one from the data",
                );
            }
            let Some(id) = &group.group_id else { continue };
            if event.grouping(&group.grouping_id).is_some_and(|g| g.groups.iter().all(|g| g.id != *id)) {
                let message = format!("`{id}` is no group of `{}`", group.grouping_id);
                self.error("ARS-REFERENCE", &format!("{path}.groupId"), message, "mend the id, or add the group");
            }
        }
    }

    fn categories(&mut self, path: &str, ids: &[String]) {
        for (i, id) in ids.iter().enumerate() {
            self.reference(Kind::Category, &format!("{path}.categoryIds[{i}]"), id);
        }
    }

    pub(super) fn outputs(&mut self) {
        for (i, output) in self.event.outputs.iter().enumerate() {
            let path = format!("$.outputs[{i}]");
            self.categories(&path, &output.category_ids);
            self.documents(&path, &output.document_refs);
            self.code(&format!("{path}.programmingCode"), output.programming_code.as_ref());
            for (j, file) in output.file_specifications.iter().enumerate() {
                if let Some(kind) = &file.file_type {
                    let path = format!("{path}.fileSpecifications[{j}].fileType");
                    self.term(&path, kind, FILE_TYPES, "OutputFileTypeEnum");
                }
            }
            let displays = format!("{path}.displays");
            self.order(&displays, output.displays.iter().map(|d| d.order));
            for (j, display) in output.displays.iter().enumerate() {
                for (k, section) in display.display.display_sections.iter().enumerate() {
                    let path = format!("{displays}[{j}].display.displaySections[{k}].orderedSubSections");
                    self.order(&path, section.ordered_sub_sections.iter().map(|s| s.order));
                    for (l, line) in section.ordered_sub_sections.iter().enumerate() {
                        let path = format!("{path}[{l}]");
                        match (&line.sub_section, &line.sub_section_id) {
                            (Some(_), None) => {}
                            (None, Some(id)) => self.reference(Kind::SubSection, &format!("{path}.subSectionId"), id),
                            _ => {
                                let message = "a line has its text or the id of one, not both and not neither";
                                self.error("ARS-SECTION", &path, message, "keep the one that is meant");
                            }
                        }
                    }
                }
            }
        }
    }
}

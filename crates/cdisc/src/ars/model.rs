//! The classes of the standard, member by member: fields are named as its members, which say what they hold.

use super::json::{class, words};

words! {
    /// How a variable is compared.
    Comparator {
        /// Equal.
        #[default]
        Eq = "EQ",
        /// Not equal.
        Ne = "NE",
        /// Greater.
        Gt = "GT",
        /// Greater or equal.
        Ge = "GE",
        /// Less.
        Lt = "LT",
        /// Less or equal.
        Le = "LE",
        /// One of.
        In = "IN",
        /// None of.
        NotIn = "NOTIN",
    }
}

words! {
    /// How clauses are combined.
    Logic {
        /// All of them.
        #[default]
        And = "AND",
        /// At least one.
        Or = "OR",
        /// The one does not hold.
        Not = "NOT",
    }
}

words! {
    /// Where in a display a section stands.
    SectionType {
        /// Above the title.
        Header = "Header",
        /// The title's lines.
        #[default]
        Title = "Title",
        /// Over the column of row labels.
        RowLabelHeader = "Rowlabel Header",
        /// Right below the body.
        Legend = "Legend",
        /// What abbreviations mean.
        Abbreviation = "Abbreviation",
        /// Notes with marks.
        Footnote = "Footnote",
        /// At the end of the page.
        Footer = "Footer",
    }
}

class! {
    /// A set of analyses and the outputs that show them.
    ReportingEvent {
        name: String = "name",
        id: String = "id",
        version: Option<i64> = "version",
        description: Option<String> = "description",
        label: Option<String> = "label",
        main_list_of_contents: ListOfContents = "mainListOfContents",
        other_lists_of_contents: Vec<ListOfContents> = "otherListsOfContents",
        reference_documents: Vec<ReferenceDocument> = "referenceDocuments",
        terminology_extensions: Vec<TerminologyExtension> = "terminologyExtensions",
        analysis_output_categorizations: Vec<AnalysisOutputCategorization> = "analysisOutputCategorizations",
        analysis_sets: Vec<AnalysisSet> = "analysisSets",
        data_subsets: Vec<DataSubset> = "dataSubsets",
        analysis_groupings: Vec<GroupingFactor> = "analysisGroupings",
        methods: Vec<AnalysisMethod> = "methods",
        analyses: Vec<Analysis> = "analyses",
        global_display_sections: Vec<GlobalDisplaySection> = "globalDisplaySections",
        outputs: Vec<Output> = "outputs",
    }
}

class! {
    /// Outputs and analyses in an order.
    ListOfContents {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        contents_list: NestedList = "contentsList",
    }
}

class! {
    /// Items, each perhaps with items of its own.
    NestedList {
        list_items: Vec<OrderedListItem> = "listItems",
    }
}

class! {
    /// An output, an analysis or a heading.
    OrderedListItem {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        level: i64 = "level",
        order: i64 = "order",
        analysis_id: Option<String> = "analysisId",
        output_id: Option<String> = "outputId",
        sublist: Option<Box<NestedList>> = "sublist",
    }
}

class! {
    /// A document outside: plan, report, program.
    ReferenceDocument {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        location: Option<String> = "location",
    }
}

class! {
    /// Words that a sponsor adds to one of the standard's lists.
    TerminologyExtension {
        id: String = "id",
        enumeration: Option<String> = "enumeration",
        sponsor_terms: Vec<SponsorTerm> = "sponsorTerms",
    }
}

class! {
    /// A word of the sponsor.
    SponsorTerm {
        id: String = "id",
        submission_value: String = "submissionValue",
        description: Option<String> = "description",
    }
}

class! {
    /// A word of the standard, or a sponsor's by its id.
    Term {
        controlled_term: Option<String> = "controlledTerm",
        sponsor_term_id: Option<String> = "sponsorTermId",
    }
}

class! {
    /// A way to sort analyses and outputs.
    AnalysisOutputCategorization {
        id: String = "id",
        label: Option<String> = "label",
        categories: Vec<AnalysisOutputCategory> = "categories",
    }
}

class! {
    /// A category.
    AnalysisOutputCategory {
        id: String = "id",
        label: Option<String> = "label",
        sub_categorizations: Vec<AnalysisOutputCategorization> = "subCategorizations",
    }
}

class! {
    /// A where clause that others refer to by id: an analysis set, a data subset or a group.
    NamedClause {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        level: i64 = "level",
        order: i64 = "order",
        condition: Option<Condition> = "condition",
        compound_expression: Option<CompoundExpression> = "compoundExpression",
    }
}

class! {
    /// A condition, a compound expression, or the id of another clause: one of the three.
    WhereClause {
        level: i64 = "level",
        order: i64 = "order",
        condition: Option<Condition> = "condition",
        compound_expression: Option<CompoundExpression> = "compoundExpression",
        sub_clause_id: Option<String> = "subClauseId",
    }
}

class! {
    /// `ADSL.SAFFL EQ 'Y'`.
    Condition {
        dataset: Option<String> = "dataset",
        variable: Option<String> = "variable",
        comparator: Option<Comparator> = "comparator",
        value: Vec<String> = "value",
    }
}

class! {
    /// Clauses combined or negated.
    CompoundExpression {
        logical_operator: Logic = "logicalOperator",
        where_clauses: Vec<WhereClause> = "whereClauses",
    }
}

class! {
    /// What subjects or records are grouped by.
    GroupingFactor {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        data_driven: bool = "dataDriven",
        grouping_dataset: Option<String> = "groupingDataset",
        grouping_variable: Option<String> = "groupingVariable",
        groups: Vec<Group> = "groups",
    }
}

class! {
    /// Operations that are run together.
    AnalysisMethod {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        document_refs: Vec<DocumentReference> = "documentRefs",
        operations: Vec<Operation> = "operations",
        code_template: Option<ProgrammingCode> = "codeTemplate",
    }
}

class! {
    /// One statistic.
    Operation {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        order: i64 = "order",
        referenced_operation_relationships: Vec<ReferencedOperationRelationship> = "referencedOperationRelationships",
        result_pattern: Option<String> = "resultPattern",
    }
}

class! {
    /// Another operation whose result this one uses.
    ReferencedOperationRelationship {
        id: String = "id",
        referenced_operation_role: Term = "referencedOperationRole",
        operation_id: String = "operationId",
        analysis_id: Option<String> = "analysisId",
        description: Option<String> = "description",
    }
}

class! {
    /// Statements of a program, or of a template for it.
    ProgrammingCode {
        context: String = "context",
        code: Option<String> = "code",
        document_ref: Option<DocumentReference> = "documentRef",
        parameters: Vec<CodeParameter> = "parameters",
    }
}

class! {
    /// What is replaced in a template.
    CodeParameter {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        value_source: Option<String> = "valueSource",
        value: Vec<String> = "value",
    }
}

class! {
    /// A document, and where in it.
    DocumentReference {
        reference_document_id: String = "referenceDocumentId",
        page_refs: Vec<PageRef> = "pageRefs",
    }
}

class! {
    /// Pages by number, range or name.
    PageRef {
        ref_type: String = "refType",
        label: Option<String> = "label",
        page_numbers: Vec<i64> = "pageNumbers",
        page_names: Vec<String> = "pageNames",
        first_page: Option<i64> = "firstPage",
        last_page: Option<i64> = "lastPage",
    }
}

class! {
    /// A variable, who and which records, by which groups, with which method, and what came out.
    Analysis {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        reason: Term = "reason",
        purpose: Term = "purpose",
        method_id: String = "methodId",
        version: Option<i64> = "version",
        document_refs: Vec<DocumentReference> = "documentRefs",
        category_ids: Vec<String> = "categoryIds",
        dataset: Option<String> = "dataset",
        variable: Option<String> = "variable",
        analysis_set_id: Option<String> = "analysisSetId",
        data_subset_id: Option<String> = "dataSubsetId",
        ordered_groupings: Vec<OrderedGroupingFactor> = "orderedGroupings",
        referenced_analysis_operations: Vec<ReferencedAnalysisOperation> = "referencedAnalysisOperations",
        programming_code: Option<ProgrammingCode> = "programmingCode",
        results: Vec<OperationResult> = "results",
    }
}

class! {
    /// A grouping of an analysis, and whether each of its groups has results of its own.
    OrderedGroupingFactor {
        order: i64 = "order",
        grouping_id: String = "groupingId",
        results_by_group: bool = "resultsByGroup",
    }
}

class! {
    /// The analysis that a method's relationship to another operation means.
    ReferencedAnalysisOperation {
        referenced_operation_relationship_id: String = "referencedOperationRelationshipId",
        analysis_id: String = "analysisId",
    }
}

class! {
    /// What one operation found for one combination of groups.
    OperationResult {
        operation_id: String = "operationId",
        result_groups: Vec<ResultGroup> = "resultGroups",
        raw_value: Option<String> = "rawValue",
        formatted_value: Option<String> = "formattedValue",
    }
}

class! {
    /// A group by its id, or by its value when the data give the groups.
    ResultGroup {
        grouping_id: String = "groupingId",
        group_id: Option<String> = "groupId",
        group_value: Option<String> = "groupValue",
    }
}

class! {
    /// Lines that several displays share.
    GlobalDisplaySection {
        section_type: Option<SectionType> = "sectionType",
        sub_sections: Vec<DisplaySubSection> = "subSections",
    }
}

class! {
    /// A line of a display.
    DisplaySubSection {
        id: String = "id",
        text: String = "text",
    }
}

class! {
    /// A document with displays.
    Output {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        displays: Vec<OrderedDisplay> = "displays",
        version: Option<i64> = "version",
        file_specifications: Vec<OutputFile> = "fileSpecifications",
        category_ids: Vec<String> = "categoryIds",
        document_refs: Vec<DocumentReference> = "documentRefs",
        programming_code: Option<ProgrammingCode> = "programmingCode",
    }
}

class! {
    /// A file of an output.
    OutputFile {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        file_type: Option<Term> = "fileType",
        location: Option<String> = "location",
        style: Option<String> = "style",
    }
}

class! {
    /// A display and its place.
    OrderedDisplay {
        order: i64 = "order",
        display: Display = "display",
    }
}

class! {
    /// A table, listing or figure.
    Display {
        name: String = "name",
        description: Option<String> = "description",
        label: Option<String> = "label",
        id: String = "id",
        version: Option<i64> = "version",
        display_title: Option<String> = "displayTitle",
        display_sections: Vec<DisplaySection> = "displaySections",
    }
}

class! {
    /// Lines of one kind.
    DisplaySection {
        section_type: Option<SectionType> = "sectionType",
        ordered_sub_sections: Vec<OrderedSubSection> = "orderedSubSections",
    }
}

class! {
    /// A line, or the id of one that stands elsewhere.
    OrderedSubSection {
        order: i64 = "order",
        sub_section: Option<DisplaySubSection> = "subSection",
        sub_section_id: Option<String> = "subSectionId",
    }
}

/// Who is analysed.
pub type AnalysisSet = NamedClause;
/// Which records are analysed.
pub type DataSubset = NamedClause;
/// One group of a grouping.
pub type Group = NamedClause;

impl Term {
    /// A word of the standard.
    pub fn controlled(word: &str) -> Self {
        Self { controlled_term: Some(word.to_owned()), ..Self::default() }
    }
}

impl ReportingEvent {
    /// The analysis set, data subset or group of this id.
    pub fn clause(&self, id: &str) -> Option<&NamedClause> {
        let groups = self.analysis_groupings.iter().flat_map(|g| &g.groups);
        self.analysis_sets.iter().chain(&self.data_subsets).chain(groups).find(|c| c.id == id)
    }

    /// The analysis of this id.
    pub fn analysis(&self, id: &str) -> Option<&Analysis> {
        self.analyses.iter().find(|a| a.id == id)
    }

    /// The method of this id.
    pub fn method(&self, id: &str) -> Option<&AnalysisMethod> {
        self.methods.iter().find(|m| m.id == id)
    }

    /// The grouping of this id.
    pub fn grouping(&self, id: &str) -> Option<&GroupingFactor> {
        self.analysis_groupings.iter().find(|g| g.id == id)
    }

    /// The line of a display of this id: shared ones first, then those of any display.
    pub fn sub_section(&self, id: &str) -> Option<&DisplaySubSection> {
        let shared = self.global_display_sections.iter().flat_map(|s| &s.sub_sections);
        let displays = self.outputs.iter().flat_map(|o| &o.displays);
        let sections = displays.flat_map(|d| &d.display.display_sections);
        let own = sections.flat_map(|s| &s.ordered_sub_sections).filter_map(|s| s.sub_section.as_ref());
        shared.chain(own).find(|s| s.id == id)
    }
}

//! What is to be recorded: visits, forms, groups, items, code lists, conditions, methods.

use super::text::{Alias, Coding, DocumentRef, Leaf, Text, Texts};
use crate::odm::element::Element;
use crate::odm::error::OdmError;
use crate::odm::values::{Comparator, DataType, EventType, GroupType, MethodType, Repeating, SoftHard, YesNo};
use crate::odm::xml_read::{Reader, Tag};
use crate::odm::xml_write::Writer;

use super::protocol::{Protocol, Standards, StudyEventGroupDef, WorkflowDef, WorkflowRef};

elements! {
    /// A study and the versions of its definition.
    Study {
        ids { oid = "OID" }
        attributes {
            study_name: String = "StudyName", protocol_name: String = "ProtocolName", version_id: String = "VersionID",
            version_name: String = "VersionName", status: String = "Status",
        }
        children {
            description: one Texts = "Description",
            global_variables: one GlobalVariables = "GlobalVariables",
            basic_definitions: one BasicDefinitions = "BasicDefinitions",
            versions: many MetaDataVersion = "MetaDataVersion",
        }
    }
    /// The study's names (1.x; in 2.0 they are attributes of the study).
    GlobalVariables {
        children {
            study_name: one Text = "StudyName",
            study_description: one Text = "StudyDescription",
            protocol_name: one Text = "ProtocolName",
        }
    }
    /// Units (1.x).
    BasicDefinitions {
        children { units: many MeasurementUnit = "MeasurementUnit" }
    }
    /// A unit.
    MeasurementUnit {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children { symbol: one Texts = "Symbol", aliases: many Alias = "Alias" }
    }
    /// One version of the definition.
    MetaDataVersion {
        ids { oid = "OID" }
        attributes { name: String = "Name", description_text: String = "Description", comment_oid: String = "CommentOID" }
        children {
            description: one Texts = "Description",
            include: one Include = "Include",
            standards: one Standards = "Standards",
            annotated_crf: one Documents = "AnnotatedCRF",
            supplemental_doc: one Documents = "SupplementalDoc",
            value_lists: many ValueListDef = "ValueListDef",
            where_clauses: many WhereClauseDef = "WhereClauseDef",
            protocol: one Protocol = "Protocol",
            workflows: many WorkflowDef = "WorkflowDef",
            event_groups: many StudyEventGroupDef = "StudyEventGroupDef",
            events: many StudyEventDef = "StudyEventDef",
            forms: many FormDef = "FormDef",
            item_groups: many ItemGroupDef = "ItemGroupDef",
            items: many ItemDef = "ItemDef",
            code_lists: many CodeList = "CodeList",
            imputation_methods: many ImputationMethod = "ImputationMethod",
            presentations: many Presentation = "Presentation",
            conditions: many ConditionDef = "ConditionDef",
            methods: many MethodDef = "MethodDef",
            comments: many CommentDef = "CommentDef",
            leaves: many Leaf = "Leaf",
        }
    }
    /// Another version that this one begins from.
    Include {
        ids { study_oid = "StudyOID", version_oid = "MetaDataVersionOID" }
        attributes { href: String = "href" }
    }
    /// References to documents (2.0).
    Documents {
        children { refs: many DocumentRef = "DocumentRef" }
    }
    /// Items that take the place of one (2.0).
    ValueListDef {
        ids { oid = "OID" }
        children { description: one Texts = "Description", items: many ItemRef = "ItemRef" }
    }
    /// When an item of a value list applies (2.0).
    WhereClauseDef {
        ids { oid = "OID" }
        attributes { comment_oid: String = "CommentOID" }
        children { range_checks: many RangeCheck = "RangeCheck" }
    }
    /// A visit of the protocol.
    StudyEventRef {
        ids { event_oid = "StudyEventOID" }
        attributes {
            order_number: u32 = "OrderNumber", mandatory: YesNo = "Mandatory", exception_condition_oid: String = "CollectionExceptionConditionOID",
        }
    }
    /// A visit.
    StudyEventDef {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", repeating: Repeating = "Repeating", kind: EventType = "Type", category: String = "Category",
            comment_oid: String = "CommentOID",
        }
        children {
            description: one Texts = "Description",
            forms: many FormRef = "FormRef",
            item_groups: many ItemGroupRef = "ItemGroupRef",
            workflow: one WorkflowRef = "WorkflowRef",
            codings: many Coding = "Coding",
            aliases: many Alias = "Alias",
        }
    }
    /// A form of a visit (1.x).
    FormRef {
        ids { form_oid = "FormOID" }
        attributes {
            order_number: u32 = "OrderNumber", mandatory: YesNo = "Mandatory", exception_condition_oid: String = "CollectionExceptionConditionOID",
        }
    }
    /// A form (1.x; in 2.0 an item group of type `Form`).
    FormDef {
        ids { oid = "OID" }
        attributes { name: String = "Name", repeating: Repeating = "Repeating" }
        children {
            description: one Texts = "Description",
            item_groups: many ItemGroupRef = "ItemGroupRef",
            archive_layouts: many ArchiveLayout = "ArchiveLayout",
            aliases: many Alias = "Alias",
        }
    }
    /// How a form looks on paper (1.x).
    ArchiveLayout {
        ids { oid = "OID" }
        attributes { pdf_file_name: String = "PdfFileName", presentation_oid: String = "PresentationOID" }
    }
    /// A group of a form, visit or group.
    ItemGroupRef {
        ids { item_group_oid = "ItemGroupOID" }
        attributes {
            method_oid: String = "MethodOID", order_number: u32 = "OrderNumber", mandatory: YesNo = "Mandatory",
            exception_condition_oid: String = "CollectionExceptionConditionOID",
        }
    }
    /// A group of items; in 2.0 also a form, with groups in it.
    ItemGroupDef {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", repeating: Repeating = "Repeating", repeating_limit: u32 = "RepeatingLimit",
            is_reference_data: YesNo = "IsReferenceData", structure: String = "Structure", archive_location_id: String = "ArchiveLocationID",
            sas_dataset_name: String = "SASDatasetName", dataset_name: String = "DatasetName", domain: String = "Domain", kind: GroupType = "Type",
            origin: String = "Origin", role: String = "Role", purpose: String = "Purpose", standard_oid: String = "StandardOID",
            is_non_standard: YesNo = "IsNonStandard", has_no_data: YesNo = "HasNoData", comment: String = "Comment", comment_oid: String = "CommentOID",
        }
        children {
            description: one Texts = "Description",
            class: one Class = "Class",
            members: many Member = "ItemRef" | "ItemGroupRef",
            codings: many Coding = "Coding",
            workflow: one WorkflowRef = "WorkflowRef",
            origins: many Origin = "Origin",
            aliases: many Alias = "Alias",
            leaf: one Leaf = "Leaf",
        }
    }
    /// The class of a dataset (2.0).
    Class {
        attributes { name: String = "Name" }
        children { sub_classes: many SubClass = "SubClass" }
    }
    /// A class within a class (2.0).
    SubClass {
        attributes { name: String = "Name", parent_class: String = "ParentClass" }
    }
    /// An item of a group.
    ItemRef {
        ids { item_oid = "ItemOID" }
        attributes {
            key_sequence: u32 = "KeySequence", is_non_standard: YesNo = "IsNonStandard", has_no_data: YesNo = "HasNoData",
            method_oid: String = "MethodOID", imputation_method_oid: String = "ImputationMethodOID", units_item_oid: String = "UnitsItemOID",
            repeat: YesNo = "Repeat", other: YesNo = "Other", role: String = "Role", role_code_list_oid: String = "RoleCodeListOID",
            core: String = "Core", pre_specified_value: String = "PreSpecifiedValue", order_number: u32 = "OrderNumber",
            mandatory: YesNo = "Mandatory", exception_condition_oid: String = "CollectionExceptionConditionOID",
        }
        children { origins: many Origin = "Origin", where_clauses: many WhereClauseRef = "WhereClauseRef" }
    }
    /// When this item of a value list applies (2.0).
    WhereClauseRef {
        ids { where_clause_oid = "WhereClauseOID" }
    }
    /// Where values come from (2.0).
    Origin {
        attributes { kind: String = "Type", source: String = "Source" }
        children {
            description: one Texts = "Description",
            source_items: one SourceItems = "SourceItems",
            codings: many Coding = "Coding",
            documents: many DocumentRef = "DocumentRef",
        }
    }
    /// Items that values come from (2.0).
    SourceItems {
        children { items: many SourceItem = "SourceItem", codings: many Coding = "Coding" }
    }
    /// An item that values come from (2.0).
    SourceItem {
        attributes {
            item_oid: String = "ItemOID", item_group_oid: String = "ItemGroupOID", version_oid: String = "MetaDataVersionOID",
            study_oid: String = "StudyOID", leaf_id: String = "leafID", name: String = "Name",
        }
        children { resources: many Resource = "Resource", codings: many Coding = "Coding" }
    }
    /// A resource outside the document that values come from (2.0).
    Resource {
        attributes { kind: String = "Type", name: String = "Name", attribute: String = "Attribute", label: String = "Label" }
        children { selections: many Selection = "Selection" }
    }
    /// A place in a resource (2.0).
    Selection {
        attributes { path: String = "Path" }
    }
    /// One question, one value.
    ItemDef {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", data_type: DataType = "DataType", length: u32 = "Length", significant_digits: u32 = "SignificantDigits",
            display_format: String = "DisplayFormat", variable_set: String = "VariableSet", sas_field_name: String = "SASFieldName",
            sds_var_name: String = "SDSVarName", origin: String = "Origin", comment: String = "Comment", comment_oid: String = "CommentOID",
        }
        children {
            description: one Texts = "Description",
            definition: one Texts = "Definition",
            question: one Texts = "Question",
            prompt: one Texts = "Prompt",
            completion_instructions: one Texts = "CRFCompletionInstructions",
            implementation_notes: one Texts = "ImplementationNotes",
            cdisc_notes: one Texts = "CDISCNotes",
            external_question: one ExternalQuestion = "ExternalQuestion",
            units: many MeasurementUnitRef = "MeasurementUnitRef",
            range_checks: many RangeCheck = "RangeCheck",
            code_list: one CodeListRef = "CodeListRef",
            value_list: one ValueListRef = "ValueListRef",
            roles: many Text = "Role",
            codings: many Coding = "Coding",
            aliases: many Alias = "Alias",
        }
    }
    /// A question of a library elsewhere (1.x).
    ExternalQuestion {
        attributes { dictionary: String = "Dictionary", version: String = "Version", code: String = "Code" }
    }
    /// A unit that a value may be in.
    MeasurementUnitRef {
        ids { unit_oid = "MeasurementUnitOID" }
    }
    /// What must hold of a value. All checks of an item must.
    RangeCheck {
        attributes { comparator: Comparator = "Comparator", soft_hard: SoftHard = "SoftHard", item_oid: String = "ItemOID" }
        children {
            check_values: many Text = "CheckValue",
            method_signature: one MethodSignature = "MethodSignature",
            expressions: many FormalExpression = "FormalExpression",
            unit: one MeasurementUnitRef = "MeasurementUnitRef",
            error_message: one Texts = "ErrorMessage",
        }
    }
    /// An expression of some language; in 2.0 as code or in a library.
    FormalExpression {
        attributes { context: String = "Context" }
        text { text }
        children { code: one Text = "Code", library: one ExternalCodeLib = "ExternalCodeLib" }
    }
    /// Code that stands elsewhere (2.0).
    ExternalCodeLib {
        attributes {
            library: String = "Library", method: String = "Method", version: String = "Version", reference: String = "ref", href: String = "href",
        }
    }
    /// The list of allowed codes.
    CodeListRef {
        ids { code_list_oid = "CodeListOID" }
    }
    /// The items that take this one's place (2.0).
    ValueListRef {
        ids { value_list_oid = "ValueListOID" }
    }
    /// Allowed codes.
    CodeList {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", data_type: DataType = "DataType", sas_format_name: String = "SASFormatName", comment_oid: String = "CommentOID",
            standard_oid: String = "StandardOID", is_non_standard: YesNo = "IsNonStandard",
        }
        children {
            description: one Texts = "Description",
            items: many CodeListItem = "CodeListItem",
            external: one ExternalCodeList = "ExternalCodeList",
            enumerated: many EnumeratedItem = "EnumeratedItem",
            codings: many Coding = "Coding",
            aliases: many Alias = "Alias",
        }
    }
    /// A code and what it means.
    CodeListItem {
        ids { coded_value = "CodedValue" }
        attributes {
            rank: String = "Rank", other: YesNo = "Other", order_number: u32 = "OrderNumber", extended_value: YesNo = "ExtendedValue",
            comment_oid: String = "CommentOID",
        }
        children {
            description: one Texts = "Description",
            decode: one Texts = "Decode",
            codings: many Coding = "Coding",
            aliases: many Alias = "Alias",
        }
    }
    /// A code that means itself (1.x).
    EnumeratedItem {
        ids { coded_value = "CodedValue" }
        attributes { rank: String = "Rank", order_number: u32 = "OrderNumber" }
        children { aliases: many Alias = "Alias" }
    }
    /// A dictionary elsewhere (1.x).
    ExternalCodeList {
        attributes { dictionary: String = "Dictionary", version: String = "Version", href: String = "href", reference: String = "ref" }
    }
    /// How missing values are filled (1.x; later a method).
    ImputationMethod {
        ids { oid = "OID" }
        text { text }
    }
    /// How a form looks (1.x).
    Presentation {
        ids { oid = "OID" }
        attributes { lang: String = "xml:lang" }
        text { text }
    }
    /// A condition; where one is referred to, nothing is collected while it is true.
    ConditionDef {
        ids { oid = "OID" }
        attributes { name: String = "Name", comment_oid: String = "CommentOID" }
        children {
            description: one Texts = "Description",
            method_signature: one MethodSignature = "MethodSignature",
            expressions: many FormalExpression = "FormalExpression",
            aliases: many Alias = "Alias",
        }
    }
    /// How a value is computed.
    MethodDef {
        ids { oid = "OID" }
        attributes { name: String = "Name", kind: MethodType = "Type", comment_oid: String = "CommentOID" }
        children {
            description: one Texts = "Description",
            method_signature: one MethodSignature = "MethodSignature",
            expressions: many FormalExpression = "FormalExpression",
            aliases: many Alias = "Alias",
            documents: many DocumentRef = "DocumentRef",
        }
    }
    /// What goes into an expression and comes out of it (2.0).
    MethodSignature {
        children { parameters: many Parameter = "Parameter", return_values: many Parameter = "ReturnValue" }
    }
    /// A value that goes into an expression or comes out of it (2.0).
    Parameter {
        attributes { name: String = "Name", data_type: DataType = "DataType", definition: String = "Definition", order_number: u32 = "OrderNumber" }
    }
    /// A comment that others refer to (2.0).
    CommentDef {
        ids { oid = "OID" }
        children { description: one Texts = "Description", documents: many DocumentRef = "DocumentRef" }
    }
}

/// What a group is made of, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// An item.
    Item(Box<ItemRef>),
    /// A group (2.0).
    Group(ItemGroupRef),
}

impl Element for Member {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        if tag.odm_name() == Some("ItemRef") {
            Box::read(tag, reader).map(Self::Item)
        } else {
            ItemGroupRef::read(tag, reader).map(Self::Group)
        }
    }

    fn write(&self, _: &str, out: &mut Writer) {
        match self {
            Self::Item(item) => item.write("ItemRef", out),
            Self::Group(group) => group.write("ItemGroupRef", out),
        }
    }
}

impl ItemGroupDef {
    /// The items of the group itself.
    pub fn items(&self) -> impl Iterator<Item = &ItemRef> {
        self.members.iter().filter_map(|m| if let Member::Item(item) = m { Some(&**item) } else { None })
    }

    /// The groups within (2.0).
    pub fn groups(&self) -> impl Iterator<Item = &ItemGroupRef> {
        self.members.iter().filter_map(|m| if let Member::Group(group) = m { Some(group) } else { None })
    }
}

impl Study {
    /// The study's name, wherever its version keeps it.
    pub fn name(&self) -> Option<&str> {
        let in_element = || self.global_variables.as_ref()?.study_name.as_deref();
        self.study_name.as_deref().or_else(in_element)
    }

    /// The protocol's name, wherever its version keeps it.
    pub fn protocol(&self) -> Option<&str> {
        let in_element = || self.global_variables.as_ref()?.protocol_name.as_deref();
        self.protocol_name.as_deref().or_else(in_element)
    }
}

impl FormalExpression {
    /// The expression, wherever its version keeps it.
    pub fn source(&self) -> &str {
        self.code.as_deref().unwrap_or(&self.text)
    }
}

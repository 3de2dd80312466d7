//! The elements of define.xml 2.0 and 2.1 with analysis results metadata 1.0; what a version does not have is absent.
//!
//! Children stand in the order of the schema, so that what is written is in it. Elements of ODM that define.xml has no use for (visits, forms,
//! questions) are kept as they are, each in its place.

use crate::odm::node::Node;
use crate::odm::{Alias, Comparator, DataType, MethodType, PdfPageRef, SoftHard, Text, Texts, YesNo};

elements! {
    /// What the document says of itself.
    Header {
        attributes {
            description: String = "Description", file_type: String = "FileType", granularity: String = "Granularity", archival: YesNo = "Archival",
            file_oid: String = "FileOID", prior_file_oid: String = "PriorFileOID", created: String = "CreationDateTime", as_of: String = "AsOfDateTime",
            odm_version: String = "ODMVersion", originator: String = "Originator", source_system: String = "SourceSystem",
            source_system_version: String = "SourceSystemVersion", id: String = "Id", context: String = "def:Context",
        }
    }
    /// The study and its metadata.
    Study {
        ids { oid = "OID" }
        children {
            names: one GlobalVariables = "GlobalVariables",
            basic_definitions: one Node = "BasicDefinitions",
            metadata: one Metadata = "MetaDataVersion",
        }
    }
    /// The study's names.
    GlobalVariables {
        children {
            study_name: one Text = "StudyName",
            study_description: one Text = "StudyDescription",
            protocol_name: one Text = "ProtocolName",
        }
    }
    /// `<MetaDataVersion>`: all that is defined.
    Metadata {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", description: String = "Description", define_version: String = "def:DefineVersion",
            standard_name: String = "def:StandardName", standard_version: String = "def:StandardVersion", comment_oid: String = "def:CommentOID",
        }
        children {
            standard_list: one Standards = "def:Standards",
            annotated_crf: one Documents = "def:AnnotatedCRF",
            supplemental_doc: one Documents = "def:SupplementalDoc",
            value_lists: many ValueListDef = "def:ValueListDef",
            where_clauses: many WhereClauseDef = "def:WhereClauseDef",
            plan: many Node = "Include" | "Protocol" | "StudyEventDef" | "FormDef",
            datasets: many DatasetDef = "ItemGroupDef",
            items: many ItemDef = "ItemDef",
            code_lists: many CodeList = "CodeList",
            other: many Node = "ImputationMethod" | "Presentation" | "ConditionDef",
            methods: many MethodDef = "MethodDef",
            comments: many CommentDef = "def:CommentDef",
            documents: many Leaf = "def:leaf",
            result_displays: one ResultDisplays = "arm:AnalysisResultDisplays",
        }
    }
    /// Standards that the datasets and code lists follow (2.1).
    Standards {
        children { standards: many Standard = "def:Standard" }
    }
    /// An implementation guide or a release of controlled terminology (2.1).
    Standard {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", kind: String = "Type", publishing_set: String = "PublishingSet", version: String = "Version",
            status: String = "Status", comment_oid: String = "def:CommentOID",
        }
    }
    /// References to documents.
    Documents {
        children { refs: many DocumentRef = "def:DocumentRef" }
    }
    /// A document, perhaps some of its pages.
    DocumentRef {
        ids { leaf_id = "leafID" }
        children { pages: many PdfPageRef = "def:PDFPageRef" }
    }
    /// Value-level metadata: items that stand for one variable, each under its condition.
    ValueListDef {
        ids { oid = "OID" }
        children { description: one Texts = "Description", items: many ItemRef = "ItemRef" }
    }
    /// A condition: all its checks must hold.
    WhereClauseDef {
        ids { oid = "OID" }
        attributes { comment_oid: String = "def:CommentOID" }
        children { checks: many RangeCheck = "RangeCheck" }
    }
    /// A comparison of an item with values.
    RangeCheck {
        attributes { comparator: Comparator = "Comparator", soft_hard: SoftHard = "SoftHard", item_oid: String = "def:ItemOID" }
        children {
            values: many Text = "CheckValue",
            expressions: many FormalExpression = "FormalExpression",
            rest: many Node = "MeasurementUnitRef" | "ErrorMessage",
        }
    }
    /// A dataset.
    DatasetDef {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", repeating: YesNo = "Repeating", is_reference_data: YesNo = "IsReferenceData",
            sas_dataset_name: String = "SASDatasetName", domain: String = "Domain", origin: String = "Origin", role: String = "Role",
            purpose: String = "Purpose", comment: String = "Comment", structure: String = "def:Structure", class_v2_0: String = "def:Class",
            archive_location_id: String = "def:ArchiveLocationID", standard_oid: String = "def:StandardOID",
            is_non_standard: YesNo = "def:IsNonStandard", has_no_data: YesNo = "def:HasNoData", comment_oid: String = "def:CommentOID",
        }
        children {
            description: one Texts = "Description",
            items: many ItemRef = "ItemRef",
            aliases: many Alias = "Alias",
            class_v2_1: one Class = "def:Class",
            file: one Leaf = "def:leaf",
        }
    }
    /// The class of a dataset (2.1).
    Class {
        attributes { name: String = "Name" }
        children { sub_classes: many SubClass = "def:SubClass" }
    }
    /// A class within a class (2.1).
    SubClass {
        attributes { name: String = "Name", parent_class: String = "ParentClass" }
    }
    /// A variable of a dataset, or a value of a value list: what is said of it there.
    ItemRef {
        ids { item_oid = "ItemOID" }
        attributes {
            order_number: u32 = "OrderNumber", mandatory: YesNo = "Mandatory", key_sequence: u32 = "KeySequence", method_oid: String = "MethodOID",
            imputation_method_oid: String = "ImputationMethodOID", role: String = "Role", role_code_list_oid: String = "RoleCodeListOID",
            condition_oid: String = "CollectionExceptionConditionOID", is_non_standard: YesNo = "def:IsNonStandard",
            has_no_data: YesNo = "def:HasNoData",
        }
        children { where_clauses: many WhereClauseRef = "def:WhereClauseRef" }
    }
    /// When a value is this item; of several clauses one must hold.
    WhereClauseRef {
        ids { where_clause_oid = "WhereClauseOID" }
    }
    /// A variable or value: what is said of it wherever it stands.
    ItemDef {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", data_type: DataType = "DataType", length: u32 = "Length", significant_digits: u32 = "SignificantDigits",
            sas_field_name: String = "SASFieldName", sds_var_name: String = "SDSVarName", origin: String = "Origin", comment: String = "Comment",
            display_format: String = "def:DisplayFormat", comment_oid: String = "def:CommentOID",
        }
        children {
            description: one Texts = "Description",
            collection: many Node = "Question" | "ExternalQuestion" | "MeasurementUnitRef" | "RangeCheck",
            code_list: one CodeListRef = "CodeListRef",
            roles: many Node = "Role",
            aliases: many Alias = "Alias",
            origins: many Origin = "def:Origin",
            value_list: one ValueListRef = "def:ValueListRef",
        }
    }
    /// The code list of an item.
    CodeListRef {
        ids { code_list_oid = "CodeListOID" }
    }
    /// The value-level metadata of a variable.
    ValueListRef {
        ids { value_list_oid = "ValueListOID" }
    }
    /// Where values come from.
    Origin {
        attributes { kind: String = "Type", source: String = "Source" }
        children { description: one Texts = "Description", documents: many DocumentRef = "def:DocumentRef" }
    }
    /// A code list: decoded terms, bare terms, or a dictionary elsewhere.
    CodeList {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", data_type: DataType = "DataType", sas_format_name: String = "SASFormatName",
            standard_oid: String = "def:StandardOID", is_non_standard: YesNo = "def:IsNonStandard", comment_oid: String = "def:CommentOID",
        }
        children {
            description: one Texts = "Description",
            items: many CodeListItem = "CodeListItem",
            external: one ExternalCodeList = "ExternalCodeList",
            enumerated: many EnumeratedItem = "EnumeratedItem",
            aliases: many Alias = "Alias",
        }
    }
    /// A term with what it stands for.
    CodeListItem {
        ids { coded_value = "CodedValue" }
        attributes { rank: String = "Rank", order_number: u32 = "OrderNumber", extended_value: YesNo = "def:ExtendedValue" }
        children { decode: one Texts = "Decode", aliases: many Alias = "Alias", descriptions: many Texts = "Description" }
    }
    /// A term that stands for itself.
    EnumeratedItem {
        ids { coded_value = "CodedValue" }
        attributes { rank: String = "Rank", order_number: u32 = "OrderNumber", extended_value: YesNo = "def:ExtendedValue" }
        children { aliases: many Alias = "Alias", descriptions: many Texts = "Description" }
    }
    /// A dictionary elsewhere: MedDRA, ISO 3166.
    ExternalCodeList {
        attributes { dictionary: String = "Dictionary", version: String = "Version", href: String = "href", reference: String = "ref" }
    }
    /// How values are computed or imputed.
    MethodDef {
        ids { oid = "OID" }
        attributes { name: String = "Name", kind: MethodType = "Type" }
        children {
            description: one Texts = "Description",
            expressions: many FormalExpression = "FormalExpression",
            aliases: many Alias = "Alias",
            documents: many DocumentRef = "def:DocumentRef",
        }
    }
    /// An expression in some language.
    FormalExpression {
        attributes { context: String = "Context" }
        text { text }
    }
    /// A comment that others refer to.
    CommentDef {
        ids { oid = "OID" }
        children { description: one Texts = "Description", documents: many DocumentRef = "def:DocumentRef" }
    }
    /// A file beside define.xml.
    Leaf {
        ids { id = "ID" }
        attributes { href: String = "xlink:href" }
        children { title: one Text = "def:title" }
    }
    /// Analysis results metadata.
    ResultDisplays {
        children { displays: many ResultDisplay = "arm:ResultDisplay" }
    }
    /// A table, listing or figure of the report.
    ResultDisplay {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children {
            description: one Texts = "Description",
            documents: many DocumentRef = "def:DocumentRef",
            results: many AnalysisResult = "arm:AnalysisResult",
        }
    }
    /// A result within a display.
    AnalysisResult {
        ids { oid = "OID" }
        attributes { parameter_oid: String = "ParameterOID", reason: String = "AnalysisReason", purpose: String = "AnalysisPurpose" }
        children {
            description: one Texts = "Description",
            datasets: one AnalysisDatasets = "arm:AnalysisDatasets",
            documentation: one Documentation = "arm:Documentation",
            programming_code: one ProgrammingCode = "arm:ProgrammingCode",
        }
    }
    /// The datasets that a result is computed from.
    AnalysisDatasets {
        attributes { comment_oid: String = "def:CommentOID" }
        children { datasets: many AnalysisDataset = "arm:AnalysisDataset" }
    }
    /// A dataset that a result is computed from: which of its rows, which of its variables.
    AnalysisDataset {
        ids { dataset_oid = "ItemGroupOID" }
        children { where_clauses: many WhereClauseRef = "def:WhereClauseRef", variables: many AnalysisVariable = "arm:AnalysisVariable" }
    }
    /// A variable that is analysed.
    AnalysisVariable {
        ids { item_oid = "ItemOID" }
    }
    /// How a result is computed, in words.
    Documentation {
        children { description: one Texts = "Description", documents: many DocumentRef = "def:DocumentRef" }
    }
    /// The program that computes a result.
    ProgrammingCode {
        attributes { context: String = "Context" }
        children { code: one Text = "arm:Code", documents: many DocumentRef = "def:DocumentRef" }
    }
}

//! What was recorded: values by subject, visit, form and group, who recorded them, what was said of them.

use super::admin::{LocationRef, SignatureRef, UserRef};
use super::study::MeasurementUnitRef;
use super::text::{Coding, Text, TranslatedText};
use crate::odm::element::{Element, Value as _};
use crate::odm::error::OdmError;
use crate::odm::node::{Content, Extra, Place};
use crate::odm::values::{EditPoint, QueryState, TransactionType, YesNo};
use crate::odm::xml_read::{Reader, Tag};
use crate::odm::xml_write::Writer;

elements! {
    /// Data that belong to no subject.
    ReferenceData {
        ids { study_oid = "StudyOID", version_oid = "MetaDataVersionOID" }
        children {
            item_groups: many ItemGroupData = "ItemGroupData",
            audit_record: one AuditRecord = "AuditRecord",
            signature: one Signature = "Signature",
            annotations: many Annotation = "Annotation",
            audit_records: many AuditRecords = "AuditRecords",
            signatures: many Signatures = "Signatures",
            annotation_lists: many Annotations = "Annotations",
        }
    }
    /// Data of subjects.
    ClinicalData {
        ids { study_oid = "StudyOID", version_oid = "MetaDataVersionOID" }
        children {
            subjects: many SubjectData = "SubjectData",
            item_groups: many ItemGroupData = "ItemGroupData",
            audit_record: one AuditRecord = "AuditRecord",
            signature: one Signature = "Signature",
            annotations: many Annotation = "Annotation",
            queries: many Query = "Query",
            audit_records: many AuditRecords = "AuditRecords",
            signatures: many Signatures = "Signatures",
            annotation_lists: many Annotations = "Annotations",
        }
    }
    /// Data of one subject. Systems without visits (REDCap) put forms here.
    SubjectData {
        ids { subject_key = "SubjectKey" }
        attributes { transaction: TransactionType = "TransactionType" }
        children {
            audit_record: late AuditRecord = "AuditRecord",
            signature: late Signature = "Signature",
            investigator: one UserRef = "InvestigatorRef",
            site: one LocationRef = "SiteRef",
            annotations: late_many Annotation = "Annotation",
            events: many StudyEventData = "StudyEventData",
            forms: many FormData = "FormData",
            queries: late_many Query = "Query",
        }
    }
    /// Data of one visit.
    StudyEventData {
        ids { event_oid = "StudyEventOID" }
        attributes { repeat_key: String = "StudyEventRepeatKey", transaction: TransactionType = "TransactionType" }
        children {
            audit_record: late AuditRecord = "AuditRecord",
            signature: late Signature = "Signature",
            annotations: late_many Annotation = "Annotation",
            forms: many FormData = "FormData",
            item_groups: many ItemGroupData = "ItemGroupData",
            queries: late_many Query = "Query",
        }
    }
    /// Data of one form (1.x; in 2.0 a group).
    FormData {
        ids { form_oid = "FormOID" }
        attributes { repeat_key: String = "FormRepeatKey", transaction: TransactionType = "TransactionType" }
        children {
            audit_record: late AuditRecord = "AuditRecord",
            signature: late Signature = "Signature",
            archive_layout: one ArchiveLayoutRef = "ArchiveLayoutRef",
            annotations: late_many Annotation = "Annotation",
            item_groups: many ItemGroupData = "ItemGroupData",
            queries: late_many Query = "Query",
        }
    }
    /// The paper form.
    ArchiveLayoutRef {
        ids { archive_layout_oid = "ArchiveLayoutOID" }
    }
    /// Data of one group; in 2.0 also of a form, with groups in it.
    ItemGroupData {
        ids { item_group_oid = "ItemGroupOID" }
        attributes {
            repeat_key: String = "ItemGroupRepeatKey", transaction: TransactionType = "TransactionType", sequence: u32 = "ItemGroupDataSeq",
        }
        children {
            audit_record: late AuditRecord = "AuditRecord",
            signature: late Signature = "Signature",
            annotations: late_many Annotation = "Annotation",
            item_groups: many ItemGroupData = "ItemGroupData",
            items: many ItemData = "ItemData" | "ItemDataAny" | "ItemDataURI" | "ItemDataBoolean" | "ItemDataString" | "ItemDataInteger"
                | "ItemDataFloat" | "ItemDataDouble" | "ItemDataDate" | "ItemDataTime" | "ItemDataDatetime" | "ItemDataHexBinary"
                | "ItemDataBase64Binary" | "ItemDataHexFloat" | "ItemDataBase64Float" | "ItemDataPartialDate" | "ItemDataPartialTime"
                | "ItemDataPartialDatetime" | "ItemDataDurationDatetime" | "ItemDataIntervalDatetime" | "ItemDataIncompleteDatetime"
                | "ItemDataIncompleteDate" | "ItemDataIncompleteTime",
            queries: late_many Query = "Query",
        }
    }
    /// A value of an item (2.0).
    Value {
        attributes { sequence: u32 = "SeqNum" }
        text { text }
    }
    /// Who did it, when, why.
    AuditRecord {
        attributes {
            edit_point: EditPoint = "EditPoint", used_imputation_method: YesNo = "UsedImputationMethod", used_method: YesNo = "UsedMethod", id: String = "ID",
        }
        children {
            user: one UserRef = "UserRef",
            location: one LocationRef = "LocationRef",
            time: one Text = "DateTimeStamp",
            reason: one Text = "ReasonForChange",
            source_id: one Text = "SourceID",
        }
    }
    /// Audit records that typed data refer to (1.3).
    AuditRecords {
        children { records: many AuditRecord = "AuditRecord" }
    }
    /// Somebody's signature.
    Signature {
        attributes { id: String = "ID" }
        children {
            user: one UserRef = "UserRef",
            location: one LocationRef = "LocationRef",
            meaning: one SignatureRef = "SignatureRef",
            time: one Text = "DateTimeStamp",
            manifest: one Text = "CryptoBindingManifest",
        }
    }
    /// Signatures that typed data refer to (1.3).
    Signatures {
        children { signatures: many Signature = "Signature" }
    }
    /// What was said of the data.
    Annotation {
        attributes { sequence: u32 = "SeqNum", transaction: TransactionType = "TransactionType", id: String = "ID" }
        children { comment: one Comment = "Comment", codings: many Coding = "Coding", flags: many Flag = "Flag" }
    }
    /// Annotations that typed data refer to (1.3).
    Annotations {
        children { annotations: many Annotation = "Annotation" }
    }
    /// A comment: text, or in 2.0 translated text.
    Comment {
        attributes { sponsor_or_site: String = "SponsorOrSite" }
        text { text }
        children { texts: many TranslatedText = "TranslatedText" }
    }
    /// A coded mark.
    Flag {
        children { value: one FlagCode = "FlagValue", kind: one FlagCode = "FlagType" }
    }
    /// A code of a mark.
    FlagCode {
        attributes { code_list_oid: String = "CodeListOID" }
        text { text }
    }
    /// A question about the data (2.0).
    Query {
        attributes {
            oid: String = "OID", source: String = "Source", target: String = "Target", kind: String = "Type", state: QueryState = "State",
            last_update: String = "LastUpdateDatetime", name: String = "Name",
        }
        children { value: one Value = "Value", audit_records: many AuditRecord = "AuditRecord" }
    }
    /// What two places in the data have to do with each other.
    Association {
        ids { study_oid = "StudyOID", version_oid = "MetaDataVersionOID" }
        children { keys: many KeySet = "KeySet", annotation: one Annotation = "Annotation" }
    }
    /// A place in the data.
    KeySet {
        ids { study_oid = "StudyOID" }
        attributes {
            subject_key: String = "SubjectKey", version_oid: String = "MetaDataVersionOID", event_oid: String = "StudyEventOID",
            event_repeat_key: String = "StudyEventRepeatKey", form_oid: String = "FormOID", form_repeat_key: String = "FormRepeatKey",
            item_group_oid: String = "ItemGroupOID", item_group_repeat_key: String = "ItemGroupRepeatKey", item_oid: String = "ItemOID",
        }
    }
}

/// A value of an item, typed (`<ItemDataInteger>`, 1.3) or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemData {
    /// `ItemOID`.
    pub item_oid: String,
    /// The type in the element's name, `Integer` of `<ItemDataInteger>`; empty for `<ItemData>`.
    pub typed: String,
    /// The value: of `<ItemData>` the attribute `Value`, of typed data the text.
    pub value: Option<String>,
    /// The values of 2.0.
    pub values: Vec<Value>,
    /// `IsNull`.
    pub is_null: Option<YesNo>,
    /// `TransactionType`.
    pub transaction: Option<TransactionType>,
    /// The unit: of typed data `MeasurementUnitOID`.
    pub unit: Option<MeasurementUnitRef>,
    /// The audit record.
    pub audit_record: Option<Box<AuditRecord>>,
    /// The signature.
    pub signature: Option<Box<Signature>>,
    /// Annotations.
    pub annotations: Vec<Annotation>,
    /// Queries (2.0).
    pub queries: Vec<Query>,
    /// What else there is; of typed data `AuditRecordID`, `SignatureID`, `AnnotationID`.
    pub extra: Extra,
    /// Where the element stood.
    pub place: Place,
}

impl ItemData {
    /// The value as text, wherever its version keeps it; `None` when there is none or it is said to be null.
    pub fn text(&self) -> Option<&str> {
        let first = || self.values.first().map(|v| v.text.as_str());
        if self.is_null == Some(YesNo::Yes) { None } else { self.value.as_deref().or_else(first) }
    }

    fn attribute(&mut self, name: &str, value: String, place: Place) -> Option<String> {
        match name {
            "ItemOID" => self.item_oid = value,
            "Value" if self.typed.is_empty() => self.value = Some(value),
            "IsNull" => self.is_null = Some(YesNo::from(value.as_str())),
            "TransactionType" => self.transaction = Some(TransactionType::from(value.as_str())),
            "MeasurementUnitOID" if !self.typed.is_empty() => {
                self.unit = Some(MeasurementUnitRef { unit_oid: value, place, ..Default::default() });
            }
            _ => return Some(value),
        }
        None
    }

    fn take(&mut self, tag: Tag, reader: &mut Reader<'_>) -> Result<(), OdmError> {
        match tag.odm_name() {
            Some("Value") => self.values.push(Value::read(tag, reader)?),
            Some("AuditRecord") if self.audit_record.is_none() => self.audit_record = Some(Box::read(tag, reader)?),
            Some("Signature") if self.signature.is_none() => self.signature = Some(Box::read(tag, reader)?),
            Some("MeasurementUnitRef") if self.unit.is_none() => {
                self.unit = Some(MeasurementUnitRef::read(tag, reader)?)
            }
            Some("Annotation") => self.annotations.push(Annotation::read(tag, reader)?),
            Some("Query") => self.queries.push(Query::read(tag, reader)?),
            _ => self.extra.content.push(Content::Element(reader.node(&tag)?)),
        }
        Ok(())
    }

    /// Text of typed data is the value; elsewhere it does not belong.
    fn take_text(&mut self, text: &mut String, has_elements: bool) {
        let blank = text.trim().is_empty();
        let is_value = !self.typed.is_empty() && !text.is_empty();
        if is_value && !(has_elements && blank) {
            self.value.get_or_insert_default().push_str(text);
        } else if !blank {
            self.extra.content.push(Content::Text(text.trim().to_owned()));
        }
        text.clear();
    }
}

impl Element for ItemData {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        let typed = tag.odm_name().and_then(|n| n.strip_prefix("ItemData")).unwrap_or_default().to_owned();
        let mut this = Self { typed, place: tag.place, ..Self::default() };
        let mut identified = false;
        for mut attribute in reader.attributes(&tag)? {
            let Some(name) = attribute.plain() else {
                this.extra.attributes.push(attribute.into_extra());
                continue;
            };
            identified |= name == "ItemOID";
            let value = std::mem::take(&mut attribute.value);
            if let Some(value) = this.attribute(name, value, tag.place) {
                attribute.value = value;
                this.extra.attributes.push(attribute.into_extra());
            }
        }
        if !identified {
            let element = tag.name().to_owned();
            return Err(OdmError::NoIdentity { place: tag.place, element, attribute: "ItemOID" });
        }
        let mut text = String::new();
        let mut has_elements = false;
        while let Some(child) = reader.child(&mut text)? {
            has_elements = true;
            this.take_text(&mut text, true);
            this.take(child, reader)?;
        }
        this.take_text(&mut text, has_elements);
        Ok(this)
    }

    fn write(&self, _: &str, out: &mut Writer) {
        let typed = !self.typed.is_empty();
        out.start(&format!("ItemData{}", self.typed));
        out.attribute("ItemOID", &self.item_oid);
        if let Some(transaction) = &self.transaction {
            out.attribute("TransactionType", &transaction.text());
        }
        if let Some(is_null) = &self.is_null {
            out.attribute("IsNull", &is_null.text());
        }
        // Of typed data the unit is an attribute, unless it says more than its name.
        let plain_unit = self.unit.as_ref().filter(|u| typed && u.extra.is_empty());
        if let Some(unit) = plain_unit {
            out.attribute("MeasurementUnitOID", &unit.unit_oid);
        }
        if let Some(value) = self.value.as_deref().filter(|_| !typed) {
            out.attribute("Value", value);
        }
        out.extra_attributes(&self.extra.attributes);
        if let Some(value) = self.value.as_deref().filter(|_| typed) {
            out.text(value);
        }
        self.values.iter().for_each(|v| v.write("Value", out));
        self.audit_record.iter().for_each(|a| a.write("AuditRecord", out));
        self.signature.iter().for_each(|s| s.write("Signature", out));
        self.unit.iter().filter(|_| plain_unit.is_none()).for_each(|u| u.write("MeasurementUnitRef", out));
        self.annotations.iter().for_each(|a| a.write("Annotation", out));
        self.queries.iter().for_each(|q| q.write("Query", out));
        out.extra_content(&self.extra);
        out.end();
    }
}

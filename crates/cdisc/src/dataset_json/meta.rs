//! What a Dataset-JSON file says about its dataset beyond what a dataset holds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A column's data type, in the standard's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum JsonType {
    String,
    Integer,
    Decimal,
    Float,
    Double,
    Boolean,
    Datetime,
    Date,
    Time,
    #[serde(rename = "URI")]
    Uri,
}

/// What a value becomes in another system, when that differs from its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum TargetType {
    Integer,
    Decimal,
}

/// A column's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnMeta {
    /// Identifier of the item in define.xml, `IT.DM.AGE`.
    #[serde(rename = "itemOID")]
    pub item_oid: String,
    /// Variable name.
    pub name: String,
    /// Variable label.
    pub label: String,
    /// Data type.
    pub data_type: JsonType,
    /// Its counterpart elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_data_type: Option<TargetType>,
    /// Characters, or digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// SAS display format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_format: Option<String>,
    /// Place among the keys, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_sequence: Option<u32>,
    /// What else stands there: vendor extensions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The file's metadata but the dataset's own (name, label, columns, records).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// When the file was made, ISO 8601.
    #[serde(rename = "datasetJSONCreationDateTime")]
    pub creation_date_time: String,
    /// Version of the standard, `1.1.0`.
    #[serde(rename = "datasetJSONVersion")]
    pub version: String,
    /// Identifier of the file.
    #[serde(rename = "fileOID", skip_serializing_if = "Option::is_none")]
    pub file_oid: Option<String>,
    /// When the source was last changed, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub db_last_modified_date_time: Option<String>,
    /// Who made the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originator: Option<String>,
    /// The system that the data come from: name, version, extensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_system: Option<Value>,
    /// Study in define.xml.
    #[serde(rename = "studyOID", skip_serializing_if = "Option::is_none")]
    pub study_oid: Option<String>,
    /// Metadata version in define.xml.
    #[serde(rename = "metaDataVersionOID", skip_serializing_if = "Option::is_none")]
    pub metadata_version_oid: Option<String>,
    /// Where define.xml is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_data_ref: Option<String>,
    /// The dataset in define.xml, `IG.DM`; written as `IG.` and the name when empty.
    #[serde(rename = "itemGroupOID")]
    pub item_group_oid: String,
    /// What else stands there: vendor extensions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
    /// The columns as they were read. Empty for a dataset that comes from elsewhere: they are then made from its variables.
    #[serde(skip)]
    pub columns: Vec<ColumnMeta>,
}

impl Meta {
    /// Metadata for a dataset that comes from elsewhere. The time is an input: there is no clock here.
    pub fn new(creation_date_time: &str) -> Self {
        Self { creation_date_time: creation_date_time.to_owned(), version: "1.1.0".to_owned(), ..Self::default() }
    }
}

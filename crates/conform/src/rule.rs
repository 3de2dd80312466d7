//! What does a rule say?
//!
//! The form is that of the published CDISC CORE rules (YAML or JSON): authorities and citations, scope, the datasets to
//! join, operations that add columns, a tree of conditions, and what to report. Own rules use the same form.

pub mod read;
pub mod yaml;

use crate::each::Each;
use crate::operation::OperationKind;
use crate::operator::Operator;
use crate::value::Value;
use std::collections::BTreeMap;

/// What kind of table the conditions look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleType {
    /// Records of a dataset.
    RecordData,
    /// One row a dataset: name, label, location.
    DatasetMetadata,
    /// One row a dataset, with what define.xml says about it beside.
    DatasetMetadataAgainstDefine,
    /// One row a variable: name, label, type, length.
    VariableMetadata,
    /// The same, with what define.xml says beside.
    VariableMetadataAgainstDefine,
    /// The same, with what the standard says beside.
    VariableMetadataAgainstLibrary,
    /// One row a variable of define.xml, with what the standard says beside.
    DefineItemAgainstLibrary,
    /// One row a study: a column a domain.
    DomainPresence,
    /// One row a value, with its dataset's metadata beside.
    ValueWithDatasetMetadata,
    /// One row a value, with its variable's metadata beside.
    ValueWithVariableMetadata,
    /// One row a value, with its variable's definition in define.xml beside.
    ValueAgainstDefine,
    /// A JSONata expression over a USDM document.
    Jsonata,
    /// A USDM document against the schema of its version.
    JsonSchema,
}

impl RuleType {
    /// Every type with its published words.
    pub const ALL: [(RuleType, &'static str); 13] = [
        (Self::RecordData, "Record Data"),
        (Self::DatasetMetadata, "Dataset Metadata Check"),
        (Self::DatasetMetadataAgainstDefine, "Dataset Metadata Check against Define XML"),
        (Self::VariableMetadata, "Variable Metadata Check"),
        (Self::VariableMetadataAgainstDefine, "Variable Metadata Check against Define XML"),
        (Self::VariableMetadataAgainstLibrary, "Variable Metadata Check against Library Metadata"),
        (Self::DefineItemAgainstLibrary, "Define Item Metadata Check against Library Metadata"),
        (Self::DomainPresence, "Domain Presence Check"),
        (Self::ValueWithDatasetMetadata, "Value Check with Dataset Metadata"),
        (Self::ValueWithVariableMetadata, "Value Check with Variable Metadata"),
        (Self::ValueAgainstDefine, "Value Check against Define XML Variable"),
        (Self::Jsonata, "JSONata"),
        (Self::JsonSchema, "JSON Schema Check"),
    ];

    /// The published words.
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, words)| words)
    }
}

/// What one finding stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// Each record.
    Record,
    /// Each dataset: its first record that fails is shown.
    Dataset,
    /// Each group of records.
    Group,
    /// The study.
    Study,
}

/// Names taken in and left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Taken in; empty means all.
    pub include: Vec<String>,
    /// Left out.
    pub exclude: Vec<String>,
}

/// Where a rule applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// By domain or dataset name.
    pub domains: Option<Names>,
    /// Whether split datasets (LBCH, LBHE of LB) are the only ones meant, or are left out.
    pub split_datasets: Option<bool>,
    /// By observation class.
    pub classes: Option<Names>,
    /// By ADaM data structure.
    pub data_structures: Option<Names>,
    /// By USDM entity.
    pub entities: Option<Names>,
    /// By use case (TIG): INDH, PROD, NONCLIN, ANALYSIS.
    pub use_cases: Vec<String>,
}

/// A standard's own number of a rule, and the text it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation {
    /// Who: `CDISC`, `FDA`.
    pub organization: String,
    /// Of which standard: `SDTMIG`.
    pub standard: String,
    /// Its version: `3.4`.
    pub version: String,
    /// Its part, for TIG: `SDTM`.
    pub substandard: String,
    /// The rule's number there: `CG0176`, `FB0001`.
    pub rule_id: String,
    /// Document and section, `SDTM v3.4, 6.3.4`.
    pub section: String,
}

/// A tree of conditions.
#[derive(Clone, Debug)]
pub enum Check {
    /// All hold.
    All(Vec<Check>),
    /// One holds.
    Any(Vec<Check>),
    /// It does not hold.
    Not(Box<Check>),
    /// One condition.
    Test(Box<Condition>),
}

impl Check {
    /// Every condition, depth first.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::conditions).collect(),
            Self::Not(part) => part.conditions(),
            Self::Test(condition) => vec![condition],
        }
    }
}

/// The right-hand side of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// There is none.
    Absent,
    /// One value; a text is a column's name when there is such a column and the condition does not say literal.
    One(Value),
    /// Several values or names.
    Many(Vec<Value>),
    /// Columns with a direction (`target_is_sorted_by`).
    Sorted(Vec<SortKey>),
}

/// A column and its direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The column.
    pub name: String,
    /// From small to large.
    pub ascending: bool,
    /// Missing values stand last.
    pub missing_last: bool,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The column looked at; `None`: the condition holds for each column.
    pub target: Option<String>,
    /// How.
    pub operator: Operator,
    /// Against what.
    pub operand: Operand,
    /// The operand is a value even where a column has that name.
    pub literal: bool,
    /// The operand names a column whose cell names the column meant.
    pub reference: bool,
    /// Compare as texts.
    pub type_insensitive: bool,
    /// Round both sides to whole numbers first.
    pub round_values: bool,
    /// Characters at the start.
    pub prefix: Option<usize>,
    /// Characters at the end.
    pub suffix: Option<usize>,
    /// Groups within which it holds.
    pub within: Vec<String>,
    /// The column that orders records.
    pub ordering: Option<String>,
    /// From large to small.
    pub descending: bool,
    /// A part of the values, by pattern.
    pub regex: Option<String>,
    /// Whether negative durations are allowed.
    pub negative: bool,
    /// The part of a date compared: `year`, `month`.
    pub date_component: Option<String>,
    /// What separates the parts of a value.
    pub separator: Option<String>,
    /// A calculated value may be given rounded (`croft_is_not_calculated`).
    pub as_rounded: bool,
}

/// A join key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name in the dataset that the rule looks at.
    pub left: String,
    /// Name in the dataset joined.
    pub right: String,
}

/// A dataset to join before the conditions are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Its name; `SUPP--` and `RELREC` join in their own way.
    pub dataset: String,
    /// On what.
    pub keys: Vec<Key>,
    /// Keep records without match.
    pub left: bool,
    /// The dataset looked at is the child: records are joined with their parent.
    pub child: bool,
    /// What stands for the related domain's prefix in a RELREC join.
    pub wildcard: String,
}

/// A column to add before the conditions are asked.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Name of the column added, `$max_ex_exendtc`.
    pub id: String,
    /// How it is made.
    pub kind: OperationKind,
    /// The column it is made from.
    pub name: Option<String>,
    /// The dataset it is made from; `None`: the one looked at.
    pub domain: Option<String>,
    /// Grouped by.
    pub group: Vec<String>,
    /// The groups' names in the dataset looked at.
    pub group_aliases: Vec<String>,
    /// Records used: column equals value (a value that ends in `&` means: starts with).
    pub filter: Vec<(String, Value)>,
    /// A part of the grouping values, by pattern.
    pub regex: Option<String>,
    /// The values name columns of the referenced datasets.
    pub reference: bool,
    /// Everything else an operation may say, by its key.
    pub other: BTreeMap<String, serde_json::Value>,
}

impl Operation {
    /// A text that only some operations have.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.other.get(key).and_then(serde_json::Value::as_str)
    }
}

/// What is checked: conditions over a table, or an expression over a document.
#[derive(Clone, Debug)]
pub enum Body {
    /// Conditions.
    Conditions(Check),
    /// A JSONata expression.
    Jsonata(String),
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `CORE-000001`.
    pub id: String,
    /// What kind of table.
    pub rule_type: RuleType,
    /// What one finding stands for.
    pub sensitivity: Sensitivity,
    /// How far a program can decide it, in the publisher's words.
    pub executability: String,
    /// What the rule is about.
    pub description: String,
    /// What to tell the reader of a finding.
    pub message: String,
    /// Where it comes from.
    pub citations: Vec<Citation>,
    /// Where it applies.
    pub scope: Scope,
    /// Datasets joined first.
    pub joins: Vec<Join>,
    /// Columns added then.
    pub operations: Vec<Operation>,
    /// The question; a record for which it holds is a finding.
    pub body: Body,
    /// Variables reported; empty: those the conditions look at.
    pub output_variables: Vec<String>,
    /// Variables that make a group.
    pub grouping_variables: Vec<String>,
    /// The variables that the rule is asked of one by one, if it is one of croft's own about a family of variables.
    pub each: Option<Each>,
}

impl Rule {
    /// The conditions, depth first; none for an expression.
    pub fn conditions(&self) -> Vec<&Condition> {
        match &self.body {
            Body::Conditions(check) => check.conditions(),
            Body::Jsonata(_) => Vec::new(),
        }
    }
}

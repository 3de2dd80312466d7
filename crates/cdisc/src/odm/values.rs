//! The standard's lists of allowed words. A word that is on no list is kept as `Other`.

use super::element::Value;
use std::borrow::Cow;

macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$vm:meta])* $v:ident = $q:literal),* $(,)? }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $q, "`.")] $v,)*
            /// A word that is not on the standard's list.
            Other(String),
        }

        impl $name {
            /// As written in a document.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$v => $q,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($q => Self::$v,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Value for $name {
            fn parse(text: String) -> Result<Self, String> {
                Ok(Self::from(text.as_str()))
            }

            fn text(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }
        }
    )*};
}

words! {
    /// Yes or no.
    YesNo { Yes = "Yes", No = "No" }
    /// Whether a file holds the state or what led to it.
    FileType { Snapshot = "Snapshot", Transactional = "Transactional" }
    /// Whether an element repeats; 2.0 says how.
    Repeating { Yes = "Yes", No = "No", Simple = "Simple", Dynamic = "Dynamic", Static = "Static" }
    /// How a visit comes about.
    EventType { Scheduled = "Scheduled", Unscheduled = "Unscheduled", Common = "Common" }
    /// What an item group is (2.0).
    GroupType { Form = "Form", Section = "Section", Dataset = "Dataset", Concept = "Concept" }
    /// How values are compared and stored.
    DataType {
        Integer = "integer", Float = "float", Date = "date", Time = "time", Datetime = "datetime", String = "string", Text = "text",
        Boolean = "boolean", Double = "double", HexBinary = "hexBinary", Base64Binary = "base64Binary", HexFloat = "hexFloat",
        Base64Float = "base64Float", PartialDate = "partialDate", PartialTime = "partialTime", PartialDatetime = "partialDatetime",
        DurationDatetime = "durationDatetime", IntervalDatetime = "intervalDatetime", IncompleteDatetime = "incompleteDatetime",
        IncompleteDate = "incompleteDate", IncompleteTime = "incompleteTime", Decimal = "decimal", Uri = "URI",
    }
    /// How a value is held against check values.
    Comparator { Lt = "LT", Le = "LE", Gt = "GT", Ge = "GE", Eq = "EQ", Ne = "NE", In = "IN", NotIn = "NOTIN" }
    /// Whether a broken check raises a query or refuses the value.
    SoftHard { Soft = "Soft", Hard = "Hard" }
    /// What a transaction does to a record.
    TransactionType {
        Insert = "Insert", Update = "Update", Remove = "Remove", Upsert = "Upsert", Context = "Context",
    }
    /// What a method does.
    MethodType { Computation = "Computation", Imputation = "Imputation", Transpose = "Transpose", Preload = "Preload" }
    /// At which point of its way a value was changed.
    EditPoint { Monitoring = "Monitoring", DataManagement = "DataManagement", DBAudit = "DBAudit" }
    /// Where a query stands (2.0).
    QueryState {
        Candidate = "Candidate", Open = "Open", Answered = "Answered", Closed = "Closed", Cancelled = "Cancelled", Resolved = "Resolved",
    }
}

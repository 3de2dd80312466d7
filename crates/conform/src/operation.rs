//! What columns can a rule add before it asks?
//!
//! An operation looks at a dataset (the one checked, or another of the study), at the standard, or at terminology, and adds
//! one column to the table: a constant, a value a row, or a value a group joined by the group's keys.
//!
//! | module | operations |
//! |---|---|
//! | `summary` | distinct values, counts, smallest and largest |
//! | `derived` | study days, maps, parts of texts |
//! | `about` | which datasets and variables there are, which the standard knows |
//! | `terms` | controlled terminology |

mod about;
mod derived;
mod summary;
mod terms;

use crate::column::Column;
use crate::frame::{Frame, Matches};
use crate::operator::{Fault, named};
use crate::rule::Operation;
use crate::study::{Study, Table};
use crate::value::Value;
use std::borrow::Cow;

macro_rules! operations {
    ($($variant:ident = $word:literal),* $(,)?) => {
        /// Which operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the published words")]
        pub enum OperationKind { $($variant),* }

        impl OperationKind {
            /// Every operation with its word.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
        }
    };
}

operations! {
    CodelistExtensible = "codelist_extensible",
    CodelistTerms = "codelist_terms",
    DatasetNames = "dataset_names",
    Distinct = "distinct",
    DomainIsCustom = "domain_is_custom",
    DomainLabel = "domain_label",
    Dy = "dy",
    ExpectedVariables = "expected_variables",
    ExtractMetadata = "extract_metadata",
    GetColumnOrderFromDataset = "get_column_order_from_dataset",
    GetColumnOrderFromLibrary = "get_column_order_from_library",
    GetDatasetFilteredVariables = "get_dataset_filtered_variables",
    GetModelColumnOrder = "get_model_column_order",
    GetModelFilteredVariables = "get_model_filtered_variables",
    GetParentModelColumnOrder = "get_parent_model_column_order",
    GetXhtmlErrors = "get_xhtml_errors",
    Map = "map",
    Max = "max",
    MaxDate = "max_date",
    Mean = "mean",
    Min = "min",
    MinDate = "min_date",
    Minus = "minus",
    PermissibleVariables = "permissible_variables",
    RecordCount = "record_count",
    RequiredVariables = "required_variables",
    SplitBy = "split_by",
    StandardDomains = "standard_domains",
    StudyDomains = "study_domains",
    ValidCodelistDates = "valid_codelist_dates",
    VariableCount = "variable_count",
    VariableExists = "variable_exists",
}

impl OperationKind {
    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|&(kind, _)| kind)
    }

    /// Whether it gives one value, whatever rows the table has: what the study, the standard or terminology says.
    pub(crate) fn is_of_study(self) -> bool {
        use OperationKind as O;
        matches!(
            self,
            O::DatasetNames
                | O::DomainIsCustom
                | O::DomainLabel
                | O::ExpectedVariables
                | O::ExtractMetadata
                | O::GetColumnOrderFromLibrary
                | O::GetModelColumnOrder
                | O::PermissibleVariables
                | O::RequiredVariables
                | O::StandardDomains
                | O::StudyDomains
                | O::ValidCodelistDates
                | O::VariableCount
        )
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|&&(kind, _)| kind == self).map_or("", |&(_, word)| word)
    }
}

/// What an operation gives.
enum Made {
    /// One value for every row.
    Constant(Value),
    /// A value a row of the table checked.
    Column(Column),
    /// A value a group: the groups' keys, and the value in a column named as the operation.
    Grouped(Frame),
}

/// The table that an operation adds to, and where it stands.
struct At<'a> {
    operation: &'a Operation,
    frame: &'a Frame,
    study: &'a Study,
    table: &'a Table,
    /// The dataset that the operation looks at.
    domain: String,
}

/// Adds the operation's column.
pub fn apply(operation: &Operation, frame: Frame, study: &Study, table: &Table) -> Result<Frame, Fault> {
    let domain = operation.domain.clone().unwrap_or_else(|| table.whole_name());
    let domain = match (domain.strip_suffix("--"), table.related_domain()) {
        (Some(stem @ ("SUPP" | "SQ")), Some(related)) => format!("{stem}{related}"),
        _ => domain,
    };
    let at = At { operation, frame: &frame, study, table, domain };
    let made = at.make()?;
    at.place(made)
}

impl<'a> At<'a> {
    fn make(&self) -> Result<Made, Fault> {
        use OperationKind as O;
        match self.operation.kind {
            O::Distinct => summary::distinct(self),
            O::RecordCount => summary::record_count(self),
            O::Min | O::MinDate => summary::extreme(self, summary::Extreme::Least),
            O::Max | O::MaxDate => summary::extreme(self, summary::Extreme::Most),
            O::Mean => summary::mean(self),
            O::Dy => derived::study_day(self),
            O::Map => derived::map(self),
            O::SplitBy => derived::split(self),
            O::Minus => derived::minus(self),
            O::GetXhtmlErrors => Err(self.unfit("is not run by this version")),
            O::VariableExists => about::variable_exists(self),
            O::VariableCount => about::variable_count(self),
            O::StudyDomains => Ok(about::study_domains(self)),
            O::DatasetNames => Ok(about::dataset_names(self)),
            O::ExtractMetadata => about::extract_metadata(self),
            O::GetColumnOrderFromDataset => about::column_order(self),
            O::DomainIsCustom => about::domain_is_custom(self),
            O::DomainLabel => about::domain_label(self),
            O::StandardDomains => about::standard_domains(self),
            O::GetColumnOrderFromLibrary => about::library_order(self, None),
            O::RequiredVariables => about::library_order(self, Some("Req")),
            O::ExpectedVariables => about::library_order(self, Some("Exp")),
            O::PermissibleVariables => about::library_order(self, Some("Perm")),
            O::GetDatasetFilteredVariables => about::dataset_filtered(self),
            O::GetModelColumnOrder => about::model_order(self),
            O::GetModelFilteredVariables => about::model_filtered(self),
            O::GetParentModelColumnOrder => about::parent_model_order(self),
            O::CodelistTerms => terms::codelist_terms(self),
            O::CodelistExtensible => terms::codelist_extensible(self),
            O::ValidCodelistDates => Ok(terms::valid_dates(self)),
        }
    }

    /// Whether the dataset that the operation looks at is the one checked, with what was joined and added so far.
    fn looks_here(&self) -> bool {
        let relationship = ["RELREC", "RELSUB", "CO"].contains(&&*self.domain)
            || self.domain.starts_with("SUPP")
            || self.domain.starts_with("SQ");
        let domain = self.frame.column("DOMAIN").filter(|column| !column.is_empty());
        !relationship && domain.is_some_and(|column| column.value(0).as_text() == Some(&self.domain))
    }

    /// The table that the operation looks at.
    fn source(&self) -> Result<Cow<'a, Frame>, Fault> {
        let here = self.looks_here();
        let frame = if here { Cow::Borrowed(self.frame) } else { Cow::Owned((*self.source_table()?.1).clone()) };
        if self.operation.filter.is_empty() {
            return Ok(frame);
        }
        let mask = self.filter(&frame)?;
        Ok(Cow::Owned(frame.filter(&mask)))
    }

    /// The dataset that the operation looks at: its first part, and all its records.
    fn source_table(&self) -> Result<(&'a Table, std::sync::Arc<Frame>), Fault> {
        if self.looks_here() {
            return Ok((self.table, std::sync::Arc::new(self.frame.clone())));
        }
        let stem = self.domain.strip_suffix("--");
        let found = self.study.tables.iter().find(|table| {
            let name = table.whole_name();
            name == self.domain || stem.is_some_and(|stem| name.starts_with(stem))
        });
        let table = found.ok_or_else(|| Fault::NoDataset(self.domain.clone()))?;
        Ok((table, self.study.whole(table)))
    }

    /// The rows that the operation's filter keeps.
    fn filter(&self, frame: &Frame) -> Result<Vec<bool>, Fault> {
        let mut mask = vec![true; frame.rows()];
        for (name, wanted) in &self.operation.filter {
            let column = frame.column(name).ok_or_else(|| Fault::NoColumn(name.clone()))?;
            let stem = wanted.as_text().and_then(|text| text.strip_suffix('&'));
            let keeps = column.test(|value| match stem {
                Some(stem) => value.as_text().is_some_and(|text| text.starts_with(stem)),
                None => value == wanted && !value.is_missing(),
            });
            mask.iter_mut().zip(keeps).for_each(|(all, keep)| *all &= keep);
        }
        Ok(mask)
    }

    /// The column that the operation looks at, `--` replaced.
    fn target(&self) -> Result<String, Fault> {
        let name = self.operation.name.as_deref().ok_or_else(|| self.unfit("needs `name`"))?;
        let prefix = self.operation.domain.as_deref().unwrap_or_else(|| self.table.prefix());
        Ok(named(name, prefix).into_owned())
    }

    /// Group columns in the source: `--` replaced, a list column of the table checked stands for the columns it names.
    fn group(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in &self.operation.group {
            let name = name.replace("--", &self.domain);
            let column = self.frame.column(&name).filter(|column| !column.is_empty());
            let listed = column.and_then(|column| column.value(0).as_list());
            match listed {
                Some(listed) => names.extend(listed.iter().filter_map(Value::as_text).map(str::to_owned)),
                None => names.push(name),
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// Adds what was made.
    fn place(&self, made: Made) -> Result<Frame, Fault> {
        let mut frame = self.frame.clone();
        let id = &self.operation.id;
        match made {
            Made::Constant(value) => frame.set(id, Column::constant(value, self.frame.rows())),
            Made::Column(column) => frame.set(id, column),
            Made::Grouped(groups) => {
                let keys = self.group();
                let aliases = &self.operation.group_aliases;
                let mine = |(i, key): (usize, &String)| {
                    let name = aliases.get(i).unwrap_or(key);
                    self.frame.column(name).ok_or_else(|| Fault::NoColumn(name.clone()))
                };
                let mine = keys.iter().enumerate().map(mine).collect::<Result<Vec<_>, _>>()?;
                let theirs: Vec<&Column> = keys.iter().filter_map(|key| groups.column(key)).collect();
                let matches = Matches::new(&mine, self.frame.rows(), &theirs, groups.rows());
                let value = groups.column(id).ok_or_else(|| Fault::NoColumn(id.clone()))?;
                let of_row = |row| matches.of(row).first().copied().unwrap_or(crate::column::NO_ROW);
                let rows: Vec<u32> = (0..self.frame.rows()).map(of_row).collect();
                frame.set(id, value.gather(&rows));
            }
        }
        Ok(frame)
    }

    fn unfit(&self, why: &str) -> Fault {
        Fault::Unfit(format!("operation `{}` ({}) {why}", self.operation.id, self.operation.kind.word()))
    }
}

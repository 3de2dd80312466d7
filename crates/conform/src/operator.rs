//! How does a condition look at a column?
//!
//! The operators are those of the published rules, with their meaning (the engine's documentation and the expected results of
//! the rules' own test cases). A condition answers yes or no for each row; a record for which the whole tree says yes is a
//! finding. Missing values answer as each operator's line says.
//!
//! | module | operators |
//! |---|---|
//! | `compare` | equal, less, greater, longer, parts of texts |
//! | `contain` | membership, containment, lists |
//! | `matching` | patterns |
//! | `dates` | dates and durations |
//! | `unique` | keys, one-to-one relationships, consistency |
//! | `order` | sorting, next records, groups of rows |
//! | `croft` | croft's own, named `croft_...`: arithmetic, values that vary within a group |

mod compare;
mod contain;
mod croft;
mod dates;
mod formula;
mod matching;
mod order;
mod unique;

pub(crate) use compare::as_text;
pub(crate) use unique::shortened;

use crate::column::Column;
use crate::frame::Frame;
use crate::rule::{Check, Condition, Operand};
use crate::value::Value;
use std::borrow::Cow;

/// What an operator asks, before a possible "not".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Exists,
    Empty,
    EqualTo,
    NotEqualTo,
    EqualToCaseInsensitive,
    NotEqualToCaseInsensitive,
    LessThan,
    LessThanOrEqualTo,
    GreaterThan,
    GreaterThanOrEqualTo,
    PrefixEqualTo,
    SuffixEqualTo,
    PrefixIsContainedBy,
    SuffixIsContainedBy,
    EqualsStringPart,
    StartsWith,
    EndsWith,
    HasEqualLength,
    LongerThan,
    LongerThanOrEqualTo,
    SplitPartsHaveEqualLength,
    Contains,
    ContainsCaseInsensitive,
    IsContainedBy,
    IsContainedByCaseInsensitive,
    ContainsAll,
    SharesAtLeastOneElementWith,
    SharesExactlyOneElementWith,
    SharesNoElementsWith,
    IsOrderedSubsetOf,
    MatchesRegex,
    NotMatchesRegex,
    PrefixMatchesRegex,
    NotPrefixMatchesRegex,
    SuffixMatchesRegex,
    NotSuffixMatchesRegex,
    InvalidDate,
    InvalidDuration,
    IsCompleteDate,
    DateEqualTo,
    DateNotEqualTo,
    DateLessThan,
    DateLessThanOrEqualTo,
    DateGreaterThan,
    DateGreaterThanOrEqualTo,
    IsUniqueSet,
    IsNotUniqueRelationship,
    IsInconsistentAcrossDataset,
    HasDifferentValues,
    IsOrderedSet,
    IsOrderedBy,
    TargetIsSortedBy,
    HasNextCorrespondingRecord,
    PresentOnMultipleRowsWithin,
    EmptyWithinExceptLastRow,
    InconsistentEnumeratedColumns,
    VariesWithin,
    IsCalculated,
    IsNotCalculated,
}

use Kind as K;

/// Every published word: what it asks and whether it asks for the opposite.
const WORDS: [(&str, Kind, bool); 88] = [
    ("exists", K::Exists, false),
    ("not_exists", K::Exists, true),
    ("empty", K::Empty, false),
    ("non_empty", K::Empty, true),
    ("equal_to", K::EqualTo, false),
    ("not_equal_to", K::NotEqualTo, false),
    ("equal_to_case_insensitive", K::EqualToCaseInsensitive, false),
    ("not_equal_to_case_insensitive", K::NotEqualToCaseInsensitive, false),
    ("less_than", K::LessThan, false),
    ("less_than_or_equal_to", K::LessThanOrEqualTo, false),
    ("greater_than", K::GreaterThan, false),
    ("greater_than_or_equal_to", K::GreaterThanOrEqualTo, false),
    ("prefix_equal_to", K::PrefixEqualTo, false),
    ("prefix_not_equal_to", K::PrefixEqualTo, true),
    ("suffix_equal_to", K::SuffixEqualTo, false),
    ("suffix_not_equal_to", K::SuffixEqualTo, true),
    ("prefix_is_contained_by", K::PrefixIsContainedBy, false),
    ("prefix_is_not_contained_by", K::PrefixIsContainedBy, true),
    ("suffix_is_contained_by", K::SuffixIsContainedBy, false),
    ("suffix_is_not_contained_by", K::SuffixIsContainedBy, true),
    ("equals_string_part", K::EqualsStringPart, false),
    ("does_not_equal_string_part", K::EqualsStringPart, true),
    ("starts_with", K::StartsWith, false),
    ("ends_with", K::EndsWith, false),
    ("has_equal_length", K::HasEqualLength, false),
    ("has_not_equal_length", K::HasEqualLength, true),
    ("longer_than", K::LongerThan, false),
    ("longer_than_or_equal_to", K::LongerThanOrEqualTo, false),
    ("shorter_than", K::LongerThanOrEqualTo, true),
    ("shorter_than_or_equal_to", K::LongerThan, true),
    ("split_parts_have_equal_length", K::SplitPartsHaveEqualLength, false),
    ("split_parts_have_unequal_length", K::SplitPartsHaveEqualLength, true),
    ("contains", K::Contains, false),
    ("does_not_contain", K::Contains, true),
    ("contains_case_insensitive", K::ContainsCaseInsensitive, false),
    ("does_not_contain_case_insensitive", K::ContainsCaseInsensitive, true),
    ("is_contained_by", K::IsContainedBy, false),
    ("is_not_contained_by", K::IsContainedBy, true),
    ("is_contained_by_case_insensitive", K::IsContainedByCaseInsensitive, false),
    ("is_not_contained_by_case_insensitive", K::IsContainedByCaseInsensitive, true),
    ("contains_all", K::ContainsAll, false),
    ("not_contains_all", K::ContainsAll, true),
    ("shares_at_least_one_element_with", K::SharesAtLeastOneElementWith, false),
    ("shares_exactly_one_element_with", K::SharesExactlyOneElementWith, false),
    ("shares_no_elements_with", K::SharesNoElementsWith, false),
    ("is_ordered_subset_of", K::IsOrderedSubsetOf, false),
    ("is_not_ordered_subset_of", K::IsOrderedSubsetOf, true),
    ("matches_regex", K::MatchesRegex, false),
    ("not_matches_regex", K::NotMatchesRegex, false),
    ("prefix_matches_regex", K::PrefixMatchesRegex, false),
    ("not_prefix_matches_regex", K::NotPrefixMatchesRegex, false),
    ("suffix_matches_regex", K::SuffixMatchesRegex, false),
    ("not_suffix_matches_regex", K::NotSuffixMatchesRegex, false),
    ("invalid_date", K::InvalidDate, false),
    ("invalid_duration", K::InvalidDuration, false),
    ("is_complete_date", K::IsCompleteDate, false),
    ("is_incomplete_date", K::IsCompleteDate, true),
    ("date_equal_to", K::DateEqualTo, false),
    ("date_not_equal_to", K::DateNotEqualTo, false),
    ("date_less_than", K::DateLessThan, false),
    ("date_less_than_or_equal_to", K::DateLessThanOrEqualTo, false),
    ("date_greater_than", K::DateGreaterThan, false),
    ("date_greater_than_or_equal_to", K::DateGreaterThanOrEqualTo, false),
    ("is_unique_set", K::IsUniqueSet, false),
    ("is_not_unique_set", K::IsUniqueSet, true),
    ("is_unique_relationship", K::IsNotUniqueRelationship, true),
    ("is_not_unique_relationship", K::IsNotUniqueRelationship, false),
    ("is_inconsistent_across_dataset", K::IsInconsistentAcrossDataset, false),
    ("has_different_values", K::HasDifferentValues, false),
    ("has_same_values", K::HasDifferentValues, true),
    ("is_ordered_set", K::IsOrderedSet, false),
    ("is_not_ordered_set", K::IsOrderedSet, true),
    ("is_ordered_by", K::IsOrderedBy, false),
    ("is_not_ordered_by", K::IsOrderedBy, true),
    ("target_is_sorted_by", K::TargetIsSortedBy, false),
    ("target_is_not_sorted_by", K::TargetIsSortedBy, true),
    ("has_next_corresponding_record", K::HasNextCorrespondingRecord, false),
    ("does_not_have_next_corresponding_record", K::HasNextCorrespondingRecord, true),
    ("present_on_multiple_rows_within", K::PresentOnMultipleRowsWithin, false),
    ("not_present_on_multiple_rows_within", K::PresentOnMultipleRowsWithin, true),
    ("empty_within_except_last_row", K::EmptyWithinExceptLastRow, false),
    ("non_empty_within_except_last_row", K::EmptyWithinExceptLastRow, true),
    ("inconsistent_enumerated_columns", K::InconsistentEnumeratedColumns, false),
    ("does_not_start_with", K::StartsWith, true),
    ("does_not_end_with", K::EndsWith, true),
    ("croft_varies_within", K::VariesWithin, false),
    ("croft_is_calculated", K::IsCalculated, false),
    ("croft_is_not_calculated", K::IsNotCalculated, false),
];

/// An operator of the published rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    kind: Kind,
    not: bool,
}

impl Operator {
    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        WORDS.iter().find(|(name, ..)| *name == word).map(|&(_, kind, not)| Self { kind, not })
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|&&(_, kind, not)| kind == self.kind && not == self.not).map_or("", |(word, ..)| word)
    }

    /// Every word.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, ..)| *word)
    }

    /// Whether a row's answer depends on that row alone.
    pub(crate) fn is_of_row(self) -> bool {
        use Kind as K;
        !matches!(
            self.kind,
            K::StartsWith
                | K::EndsWith
                | K::Contains
                | K::IsContainedBy
                | K::PrefixIsContainedBy
                | K::SuffixIsContainedBy
                | K::IsContainedByCaseInsensitive
                | K::ContainsAll
                | K::IsUniqueSet
                | K::IsNotUniqueRelationship
                | K::IsInconsistentAcrossDataset
                | K::HasDifferentValues
                | K::IsOrderedSet
                | K::IsOrderedBy
                | K::TargetIsSortedBy
                | K::HasNextCorrespondingRecord
                | K::PresentOnMultipleRowsWithin
                | K::EmptyWithinExceptLastRow
        )
    }

    /// Whether it asks for membership in the operand.
    pub(crate) fn is_membership(self) -> bool {
        matches!(self.kind, Kind::IsContainedBy | Kind::IsContainedByCaseInsensitive)
    }

    /// Whether the operand is a pattern.
    pub fn is_pattern(self) -> bool {
        use Kind as K;
        matches!(
            self.kind,
            K::MatchesRegex
                | K::NotMatchesRegex
                | K::PrefixMatchesRegex
                | K::NotPrefixMatchesRegex
                | K::SuffixMatchesRegex
                | K::NotSuffixMatchesRegex
        )
    }
}

/// Why a condition cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The table has no such column: the rule does not apply to it.
    #[error("{0} is not in the dataset")]
    NoColumn(String),
    /// The study has no such dataset: the rule does not apply.
    #[error("the study has no dataset {0}")]
    NoDataset(String),
    /// The condition does not fit the data.
    #[error("{0}")]
    Unfit(String),
}

/// A condition, the table, and what stands for `--` in names.
pub(crate) struct Asked<'a> {
    pub condition: &'a Condition,
    pub frame: &'a Frame,
    pub prefix: &'a str,
}

/// The operand, found.
pub(crate) enum Side<'a> {
    /// A column.
    Column(&'a Column),
    /// One value for all rows.
    One(Value),
    /// Several values for all rows.
    Many(Vec<Value>),
}

/// Replaces a leading `--`.
pub(crate) fn named<'n>(name: &'n str, prefix: &str) -> Cow<'n, str> {
    match name.strip_prefix("--") {
        Some(rest) => format!("{prefix}{rest}").into(),
        None => name.into(),
    }
}

impl<'a> Asked<'a> {
    /// The column's name.
    fn target_name(&self) -> Result<Cow<'a, str>, Fault> {
        let name = self.condition.target.as_deref();
        name.map(|name| named(name, self.prefix))
            .ok_or_else(|| Fault::Unfit("the condition names no variable".to_owned()))
    }

    fn target(&self) -> Result<&'a Column, Fault> {
        self.column(&self.target_name()?)
    }

    fn column(&self, name: &str) -> Result<&'a Column, Fault> {
        self.frame.column(name).ok_or_else(|| Fault::NoColumn(name.to_owned()))
    }

    /// The operand: a column if it names one and is not literal, else what it says.
    fn side(&self) -> Result<Side<'a>, Fault> {
        let resolved = |value: &Value| match value {
            Value::Text(text) => Value::text(&named(text, self.prefix)),
            other => other.clone(),
        };
        Ok(match &self.condition.operand {
            Operand::Absent => Side::One(Value::Missing),
            Operand::One(value) => {
                let value = resolved(value);
                let column =
                    value.as_text().filter(|_| !self.condition.literal).and_then(|name| self.frame.column(name));
                column.map_or(Side::One(value), Side::Column)
            }
            Operand::Many(values) => Side::Many(values.iter().map(resolved).collect()),
            Operand::Sorted(_) => return Err(self.unfit("takes no list of directions")),
        })
    }

    /// The operand as names, `--` replaced.
    fn names(&self) -> Vec<String> {
        let values: &[Value] = match &self.condition.operand {
            Operand::One(value) => std::slice::from_ref(value),
            Operand::Many(values) => values,
            Operand::Absent | Operand::Sorted(_) => &[],
        };
        values.iter().filter_map(Value::as_text).map(|name| named(name, self.prefix).into_owned()).collect()
    }

    fn number(&self, given: Option<usize>, what: &str) -> Result<usize, Fault> {
        given.ok_or_else(|| self.unfit(&format!("needs `{what}`")))
    }

    fn unfit(&self, why: &str) -> Fault {
        Fault::Unfit(format!("`{}` {why}", self.condition.operator.word()))
    }
}

/// Which rows a tree of conditions holds for.
///
/// In `any`, a part that asks for an absent column does not count unless all parts do; in `all`, one such part is enough
/// for the fault.
pub fn evaluate(check: &Check, frame: &Frame, prefix: &str) -> Result<Vec<bool>, Fault> {
    match check {
        Check::Test(condition) => test(condition, frame, prefix),
        Check::Not(part) => evaluate(part, frame, prefix).map(|mut mask| {
            mask.iter_mut().for_each(|holds| *holds = !*holds);
            mask
        }),
        Check::All(parts) => {
            let mut result = vec![true; frame.rows()];
            for part in parts {
                let mask = evaluate(part, frame, prefix)?;
                result.iter_mut().zip(mask).for_each(|(all, holds)| *all &= holds);
            }
            Ok(result)
        }
        Check::Any(parts) => {
            let mut result = vec![false; frame.rows()];
            let mut absent = Vec::new();
            for part in parts {
                match evaluate(part, frame, prefix) {
                    Ok(mask) => result.iter_mut().zip(mask).for_each(|(any, holds)| *any |= holds),
                    Err(Fault::NoColumn(name)) => absent.push(name),
                    Err(fault) => return Err(fault),
                }
            }
            if absent.len() == parts.len() {
                absent.sort();
                absent.dedup();
                return Err(Fault::NoColumn(absent.join(", ")));
            }
            Ok(result)
        }
    }
}

fn test(condition: &Condition, frame: &Frame, prefix: &str) -> Result<Vec<bool>, Fault> {
    let asked = Asked { condition, frame, prefix };
    let mut mask = answer(&asked, condition.operator.kind)?;
    debug_assert_eq!(mask.len(), frame.rows(), "an operator answers for each row");
    if condition.operator.not {
        mask.iter_mut().for_each(|holds| *holds = !*holds);
    }
    Ok(mask)
}

fn answer(asked: &Asked<'_>, kind: Kind) -> Result<Vec<bool>, Fault> {
    use Kind as K;
    match kind {
        K::Exists => contain::exists(asked),
        K::Empty => Ok(asked.target()?.test(Value::is_empty)),
        K::EqualTo | K::NotEqualTo => compare::equal(asked, kind == K::NotEqualTo),
        K::EqualToCaseInsensitive | K::NotEqualToCaseInsensitive => {
            compare::equal_without_case(asked, kind == K::NotEqualToCaseInsensitive)
        }
        K::LessThan => compare::ordered(asked, |a, b| a < b),
        K::LessThanOrEqualTo => compare::ordered(asked, |a, b| a <= b),
        K::GreaterThan => compare::ordered(asked, |a, b| a > b),
        K::GreaterThanOrEqualTo => compare::ordered(asked, |a, b| a >= b),
        K::PrefixEqualTo => compare::part_equals(asked, compare::Part::Prefix),
        K::SuffixEqualTo => compare::part_equals(asked, compare::Part::Suffix),
        K::PrefixIsContainedBy => contain::part_is_contained(asked, compare::Part::Prefix),
        K::SuffixIsContainedBy => contain::part_is_contained(asked, compare::Part::Suffix),
        K::EqualsStringPart => compare::equals_string_part(asked),
        K::StartsWith => compare::begins(asked, |text, part| text.starts_with(part)),
        K::EndsWith => compare::begins(asked, |text, part| text.ends_with(part)),
        K::HasEqualLength => compare::length(asked, |a, b| a.total_cmp(&b).is_eq()),
        K::LongerThan => compare::length(asked, |a, b| a > b),
        K::LongerThanOrEqualTo => compare::length(asked, |a, b| a >= b),
        K::SplitPartsHaveEqualLength => compare::split_parts(asked),
        K::Contains => contain::contains(asked),
        K::ContainsCaseInsensitive => contain::contains_without_case(asked),
        K::IsContainedBy => contain::is_contained(asked),
        K::IsContainedByCaseInsensitive => contain::is_contained_without_case(asked),
        K::ContainsAll => contain::contains_all(asked),
        K::SharesAtLeastOneElementWith => contain::shares(asked, |shared| shared > 0),
        K::SharesExactlyOneElementWith => contain::shares(asked, |shared| shared == 1),
        K::SharesNoElementsWith => contain::shares(asked, |shared| shared == 0),
        K::IsOrderedSubsetOf => contain::is_ordered_subset(asked),
        K::MatchesRegex => matching::matches(asked, matching::Where::Start, true),
        K::NotMatchesRegex => matching::matches(asked, matching::Where::Start, false),
        K::PrefixMatchesRegex => matching::matches(asked, matching::Where::Prefix, true),
        K::NotPrefixMatchesRegex => matching::matches(asked, matching::Where::Prefix, false),
        K::SuffixMatchesRegex => matching::matches(asked, matching::Where::Suffix, true),
        K::NotSuffixMatchesRegex => matching::matches(asked, matching::Where::Suffix, false),
        K::InvalidDate => dates::invalid(asked),
        K::InvalidDuration => dates::invalid_duration(asked),
        K::IsCompleteDate => dates::is_complete(asked),
        K::DateEqualTo => dates::same(asked, true),
        K::DateNotEqualTo => dates::same(asked, false),
        K::DateLessThan => dates::compare(asked, std::cmp::Ordering::is_lt),
        K::DateLessThanOrEqualTo => dates::compare(asked, std::cmp::Ordering::is_le),
        K::DateGreaterThan => dates::compare(asked, std::cmp::Ordering::is_gt),
        K::DateGreaterThanOrEqualTo => dates::compare(asked, std::cmp::Ordering::is_ge),
        K::IsUniqueSet => unique::is_unique_set(asked),
        K::IsNotUniqueRelationship => unique::is_not_unique_relationship(asked),
        K::IsInconsistentAcrossDataset => unique::is_inconsistent(asked),
        K::HasDifferentValues => unique::has_different_values(asked),
        K::IsOrderedSet => order::is_ordered_set(asked),
        K::IsOrderedBy => order::is_ordered_by(asked),
        K::TargetIsSortedBy => order::target_is_sorted_by(asked),
        K::HasNextCorrespondingRecord => order::has_next_corresponding_record(asked),
        K::PresentOnMultipleRowsWithin => order::present_on_multiple_rows(asked),
        K::EmptyWithinExceptLastRow => order::empty_except_last_row(asked),
        K::InconsistentEnumeratedColumns => order::inconsistent_enumerated_columns(asked),
        K::VariesWithin => croft::varies_within(asked),
        K::IsCalculated => croft::is_calculated(asked, true),
        K::IsNotCalculated => croft::is_calculated(asked, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_operator() {
        for word in Operator::words() {
            assert_eq!(Operator::of(word).map(Operator::word), Some(word));
        }
        assert_eq!(Operator::of("is_nearly"), None);
    }
}

//! Does a reporting event hold together?
//!
//! Ids are unique, references lead somewhere, orders rise, clauses are whole and not circular, groups of a grouping do not overlap, results fit their analysis.
//! Each finding names its place as a JSON path. What a path cannot say here (the id) stands in the message.

mod clauses;
mod overlap;
mod references;

use overlap::overlap;

use super::json::Part;
use super::place::At;
use super::{ListOfContents, NestedList, ReportingEvent};
use croft_core::{Finding, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong or remarkable, in the order of the document's parts.
pub fn check(event: &ReportingEvent) -> Vec<Finding> {
    let mut check = Check { event, ids: BTreeMap::new(), findings: Vec::new() };
    check.collect_ids();
    check.contents("$.mainListOfContents", &event.main_list_of_contents);
    for (i, list) in event.other_lists_of_contents.iter().enumerate() {
        check.contents(&format!("$.otherListsOfContents[{i}]"), list);
    }
    check.clauses();
    check.methods();
    check.analyses();
    check.outputs();
    check.unknown();
    check.findings
}

/// What ids name. The standard keeps them apart by class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Analysis,
    AnalysisSet,
    Category,
    Categorization,
    DataSubset,
    Display,
    Document,
    Group,
    Grouping,
    Method,
    Operation,
    Output,
    Relationship,
    SponsorTerm,
    SubSection,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::AnalysisSet => "analysis set",
            Self::Category => "category",
            Self::Categorization => "categorization",
            Self::DataSubset => "data subset",
            Self::Display => "display",
            Self::Document => "reference document",
            Self::Group => "group",
            Self::Grouping => "grouping",
            Self::Method => "method",
            Self::Operation => "operation",
            Self::Output => "output",
            Self::Relationship => "operation relationship",
            Self::SponsorTerm => "sponsor term",
            Self::SubSection => "display subsection",
        }
    }
}

struct Check<'e> {
    event: &'e ReportingEvent,
    ids: BTreeMap<Kind, BTreeSet<&'e str>>,
    findings: Vec<Finding>,
}

impl<'e> Check<'e> {
    fn tell(&mut self, rule: &str, severity: Severity, path: &str, message: impl std::fmt::Display, hint: &str) {
        self.findings.push(Finding::new(rule, severity, path, message.to_string()).hint(hint));
    }

    fn error(&mut self, rule: &str, path: &str, message: impl std::fmt::Display, hint: &str) {
        self.tell(rule, Severity::Error, path, message, hint);
    }

    fn warning(&mut self, rule: &str, path: &str, message: impl std::fmt::Display, hint: &str) {
        self.tell(rule, Severity::Warning, path, message, hint);
    }

    /// Enters an id; the second of one kind is a finding.
    fn id(&mut self, kind: Kind, path: &str, id: &'e str) {
        if id.trim().is_empty() {
            self.error("ARS-ID", path, format!("the {} has an empty id", kind.word()), "give it an id of its own");
        } else if !self.ids.entry(kind).or_default().insert(id) {
            let message = format!("`{id}` names a second {}", kind.word());
            self.error("ARS-ID", path, message, "give each its own id, and mend what refers to it");
        }
    }

    /// Asks for an id that must be there.
    fn reference(&mut self, kind: Kind, path: &str, id: &str) {
        if !self.ids.get(&kind).is_some_and(|ids| ids.contains(id)) {
            let message = format!("there is no {} `{id}`", kind.word());
            self.error("ARS-REFERENCE", path, message, "mend the id, or add what it names");
        }
    }

    /// Orders of siblings: none twice, each above the one before.
    fn order(&mut self, path: &str, orders: impl IntoIterator<Item = i64>) {
        let orders: Vec<i64> = orders.into_iter().collect();
        for (i, pair) in orders.windows(2).enumerate() {
            let at = format!("{path}[{}].order", i + 1);
            let hint = "number them in the order in which they are read";
            if pair[0] == pair[1] {
                self.error("ARS-ORDER", &at, format!("two siblings have the order {}", pair[1]), hint);
            } else if pair[0] > pair[1] {
                self.warning("ARS-ORDER", &at, format!("order {} stands after {}", pair[1], pair[0]), hint);
            }
        }
    }

    fn contents(&mut self, path: &str, list: &'e ListOfContents) {
        self.nested(&format!("{path}.contentsList.listItems"), &list.contents_list, 1);
    }

    fn nested(&mut self, path: &str, list: &'e NestedList, level: i64) {
        self.order(path, list.list_items.iter().map(|item| item.order));
        for (i, item) in list.list_items.iter().enumerate() {
            let at = format!("{path}[{i}]");
            if item.level != level {
                let message = format!("an item at depth {level} says level {}", item.level);
                self.warning("ARS-ORDER", &format!("{at}.level"), message, "count levels from 1 at the top");
            }
            if let Some(id) = &item.analysis_id {
                self.reference(Kind::Analysis, &format!("{at}.analysisId"), id);
            }
            if let Some(id) = &item.output_id {
                self.reference(Kind::Output, &format!("{at}.outputId"), id);
            }
            if item.analysis_id.is_some() && item.output_id.is_some() {
                let hint = "list the analysis as an item of its own below the output";
                self.error("ARS-CONTENTS", &at, "an item names both an analysis and an output", hint);
            }
            if let Some(sublist) = &item.sublist {
                self.nested(&format!("{at}.sublist.listItems"), sublist, level + 1);
            }
        }
    }

    fn unknown(&mut self) {
        let mut found = Vec::new();
        // The standard's schema leaves the root open, and writers say there what they wrote.
        self.event.unknown(&At::ROOT, &mut found);
        found.retain(|path| path.matches(['.', '[']).count() > 1);
        for path in found {
            let hint = "it is kept and written again; remove it where the file must be valid";
            self.warning("ARS-UNKNOWN", &path, "the standard does not name this member", hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ReportingEvent, read};
    use super::check;

    fn event(members: &str) -> ReportingEvent {
        let text = format!(
            r#"{{"id":"RE","name":"Event","mainListOfContents":{{"name":"All","contentsList":{{}}}}{members}}}"#
        );
        read(text.as_bytes()).unwrap()
    }

    fn told(members: &str) -> Vec<String> {
        check(&event(members)).iter().map(|f| format!("{} {}: {}", f.rule, f.dataset, f.message)).collect()
    }

    const SET: &str = r#"{"id":"S","name":"Safety","level":1,"order":1,"condition":{"dataset":"ADSL","variable":"SAFFL","comparator":"EQ","value":["Y"]}}"#;

    #[test]
    fn ids_and_references() {
        let analysis = r#"{"id":"A","name":"A","reason":{"controlledTerm":"SPECIFIED IN SAP"},"purpose":{"sponsorTermId":"T"},"methodId":"M","analysisSetId":"S"}"#;
        assert_eq!(
            told(&format!(r#","analysisSets":[{SET},{SET}],"analyses":[{analysis}]"#)),
            [
                "ARS-ID $.analysisSets[1].id: `S` names a second analysis set",
                "ARS-REFERENCE $.analyses[0].purpose.sponsorTermId: there is no sponsor term `T`",
                "ARS-REFERENCE $.analyses[0].methodId: there is no method `M`",
            ]
        );
    }

    #[test]
    fn clauses_are_whole_and_lead_out_of_circles() {
        let clause = |id: &str, of: &str| {
            format!(
                r#"{{"id":"{id}","name":"{id}","level":1,"order":1,"compoundExpression":{{"logicalOperator":"NOT","whereClauses":[{{"level":2,"order":1,"subClauseId":"{of}"}}]}}}}"#
            )
        };
        let members = format!(r#","dataSubsets":[{},{}]"#, clause("A", "B"), clause("B", "A"));
        assert_eq!(
            told(&members),
            [
                "ARS-CYCLE $.dataSubsets[0]: the clause refers to itself: A -> B -> A",
                "ARS-CYCLE $.dataSubsets[1]: the clause refers to itself: B -> A -> B",
            ]
        );
        let empty = r#","dataSubsets":[{"id":"A","name":"A","level":1,"order":1},{"id":"B","name":"B","level":1,"order":2,"condition":{"dataset":"ADAE","variable":"AESEV","comparator":"GT","value":["1","2"]}}]"#;
        assert_eq!(
            told(empty),
            [
                "ARS-CLAUSE $.dataSubsets[0]: the clause has neither a condition nor a compound expression",
                "ARS-CLAUSE $.dataSubsets[1].condition.value: GT compares with one value, not with 2",
            ]
        );
    }

    #[test]
    fn groups_that_overlap_are_named() {
        let group = |id: &str, comparator: &str, value: &str| {
            format!(
                r#"{{"id":"{id}","name":"{id}","level":1,"order":{},"condition":{{"dataset":"ADSL","variable":"AGE","comparator":"{comparator}","value":["{value}"]}}}}"#,
                id.len()
            )
        };
        let members = format!(
            r#","analysisGroupings":[{{"id":"G","name":"Age","dataDriven":false,"groupingDataset":"ADSL","groupingVariable":"AGE","groups":[{},{},{}]}}]"#,
            group("a", "LT", "65"),
            group("aa", "GE", "65"),
            group("aaa", "GE", "75")
        );
        assert_eq!(
            told(&members),
            ["ARS-OVERLAP $.analysisGroupings[0].groups[2]: a record can be in this group and in `aa` as well"]
        );
    }

    #[test]
    fn what_the_standard_does_not_name_is_kept_and_told() {
        let event =
            event(r#","@type":"ReportingEvent","methods":[{"id":"M","name":"M","operations":[],"owner":"me"}]"#);
        assert_eq!(super::super::to_json(&event)["methods"][0]["owner"], "me");
        let told = check(&event);
        assert_eq!(told.last().map(|f| f.dataset.as_str()), Some("$.methods[0].owner"));
        assert!(told.iter().all(|f| !f.dataset.contains("@type")));
    }
}

//! Reporting events of a few lines on a few records: who is chosen, what is computed, what is not run and why.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::ars::{self as model, ReportingEvent};
use croft_core::{Cell, Dataset, Variable};
use croft_study::ars::{self, Datasets, Run};
use serde_json::{Value, json};

/// Eight subjects on two treatments, the last without one; events of four.
fn data() -> Datasets {
    let texts = ["USUBJID", "TRT", "SEX", "SAFFL"].map(|name| Variable::char(name, ""));
    let mut adsl = Dataset::new("ADSL", "", texts.into_iter().chain([Variable::num("AGE", "")]).collect());
    for (subject, arm, sex, safety, age) in [
        ("01", "A", "F", "Y", 41.0),
        ("02", "A", "M", "Y", 45.0),
        ("03", "A", "F", "Y", 52.0),
        ("04", "B", "M", "Y", 61.0),
        ("05", "B", "M", "Y", 64.0),
        ("06", "B", "F", "Y", 70.0),
        ("07", "", "F", "Y", 33.0),
        ("08", "A", "M", "N", 99.0),
    ] {
        adsl.push_row([Cell::Text(subject), Cell::Text(arm), Cell::Text(sex), Cell::Text(safety), Cell::Num(age)]);
    }
    let variables = ["USUBJID", "TERM", "SER", "REL"].map(|name| Variable::char(name, ""));
    let mut adae = Dataset::new("ADAE", "", variables.into());
    for (subject, term, serious, related) in [
        ("01", "RASH", "N", "Y"),
        ("01", "RASH", "Y", "N"),
        ("02", "NAUSEA", "N", "N"),
        ("04", "RASH", "Y", "Y"),
        ("08", "RASH", "Y", "Y"),
    ] {
        adae.push_row([Cell::Text(subject), Cell::Text(term), Cell::Text(serious), Cell::Text(related)]);
    }
    Datasets::from([("ADSL".to_owned(), adsl), ("ADAE".to_owned(), adae)])
}

fn condition(dataset: &str, variable: &str, comparator: &str, value: &[&str]) -> Value {
    json!({ "dataset": dataset, "variable": variable, "comparator": comparator, "value": value })
}

fn clause(id: &str, members: Value) -> Value {
    let mut clause = json!({ "id": id, "name": id, "level": 1, "order": 1 });
    clause.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    clause
}

fn analysis(id: &str, method: &str, members: Value) -> Value {
    let mut analysis = json!({
        "id": id, "name": id, "methodId": method, "reason": { "controlledTerm": "SPECIFIED IN SAP" },
        "purpose": { "controlledTerm": "PRIMARY OUTCOME MEASURE" }, "dataset": "ADSL", "variable": "USUBJID", "analysisSetId": "SAF",
    });
    analysis.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    analysis
}

fn operation(id: &str, name: &str, pattern: &str) -> Value {
    json!({ "id": id, "name": name, "order": 1, "resultPattern": pattern })
}

fn by(id: &str, results: bool) -> Value {
    json!({ "order": if id == "ARM" { 1 } else { 2 }, "groupingId": id, "resultsByGroup": results })
}

fn event(subsets: Value, methods: Value, analyses: Value) -> ReportingEvent {
    let arm = |id: &str, order: i64| json!({ "id": format!("ARM.{id}"), "name": id, "level": 1, "order": order, "condition": condition("ADSL", "TRT", "EQ", &[id]) });
    let document = json!({
        "id": "RE", "name": "Event", "mainListOfContents": { "name": "All", "contentsList": {} },
        "analysisSets": [clause("SAF", json!({ "condition": condition("ADSL", "SAFFL", "EQ", &["Y"]) }))],
        "dataSubsets": subsets,
        "analysisGroupings": [
            { "id": "ARM", "name": "Treatment", "dataDriven": false, "groupingDataset": "ADSL", "groupingVariable": "TRT", "groups": [arm("A", 1), arm("B", 2)] },
            { "id": "SEX", "name": "Sex", "dataDriven": true, "groupingDataset": "ADSL", "groupingVariable": "SEX" },
            { "id": "TERM", "name": "Term", "dataDriven": true, "groupingDataset": "ADAE", "groupingVariable": "TERM" },
            { "id": "AGE", "name": "Age", "dataDriven": false, "groupingDataset": "ADSL", "groupingVariable": "AGE", "groups": [
                { "id": "all", "name": "All", "level": 1, "order": 1, "condition": condition("ADSL", "AGE", "GT", &["0"]) },
                { "id": "old", "name": "Old", "level": 1, "order": 2, "condition": condition("ADSL", "AGE", "GE", &["60"]) },
            ] },
        ],
        "methods": methods,
        "analyses": analyses,
    });
    model::read(document.to_string().as_bytes()).unwrap()
}

fn run(subsets: Value, methods: Value, analyses: Value) -> Run {
    ars::run(&event(subsets, methods, analyses), &data())
}

/// `group/group=value "formatted"`
fn told(run: &Run) -> Vec<String> {
    let line = |r: &ars::Computed| {
        let groups: Vec<&str> =
            r.groups.iter().filter_map(|g| g.group_id.as_deref().or(g.group_value.as_deref())).collect();
        let value = r.value.as_ref().map_or_else(|e| format!("nothing: {e}"), |v| format!("{v:.4}"));
        format!("{}={value} {}", groups.join("/"), r.formatted.as_deref().unwrap_or("-"))
    };
    run.results.iter().map(line).collect()
}

fn counts() -> Value {
    json!([{ "id": "COUNT", "name": "Count", "operations": [operation("n", "Count of subjects", "XX")] }])
}

#[test]
fn records_of_another_dataset_are_chosen_by_their_subject() {
    let analysis =
        analysis("A", "COUNT", json!({ "dataset": "ADAE", "orderedGroupings": [by("ARM", true), by("TERM", true)] }));
    // 08 is not in the analysis set; each combination of a listed group with a value that occurs is there.
    let run = run(json!([]), counts(), json!([analysis]));
    assert_eq!(
        told(&run),
        ["ARM.A/NAUSEA=1.0000 1", "ARM.A/RASH=1.0000 1", "ARM.B/NAUSEA=0.0000 0", "ARM.B/RASH=1.0000 1"]
    );
}

#[test]
fn a_clause_on_another_dataset_asks_for_one_record_that_meets_all_of_it() {
    let both = json!({ "compoundExpression": { "logicalOperator": "AND", "whereClauses": [
        { "level": 2, "order": 1, "condition": condition("ADAE", "SER", "EQ", &["Y"]) },
        { "level": 2, "order": 2, "condition": condition("ADAE", "REL", "EQ", &["Y"]) },
    ] } });
    let subsets = json!([
        clause("BOTH", both),
        clause(
            "NOT",
            json!({ "compoundExpression": { "logicalOperator": "NOT", "whereClauses": [
        { "level": 2, "order": 1, "subClauseId": "F" },
    ] } })
        ),
        clause("F", json!({ "condition": condition("ADSL", "SEX", "EQ", &["F"]) }))
    ]);
    let analyses = json!([
        analysis("A", "COUNT", json!({ "dataSubsetId": "BOTH" })),
        analysis("B", "COUNT", json!({ "dataSubsetId": "NOT" }))
    ]);
    // 01 has a serious and a related event, but none that is both.
    assert_eq!(told(&run(subsets, counts(), analyses)), ["=1.0000 1", "=3.0000 3"]);
}

#[test]
fn a_test_of_occurrence_knows_who_was_at_risk() {
    let methods =
        json!([{ "id": "FISHER", "name": "Fisher's exact test", "operations": [operation("p", "P-value", "X.XXXX")] }]);
    let analyses = json!([
        analysis("A", "FISHER", json!({ "dataset": "ADAE", "orderedGroupings": [by("ARM", false)] })),
        analysis("B", "FISHER", json!({ "orderedGroupings": [by("ARM", false), by("SEX", false)] })),
        analysis("C", "FISHER", json!({ "dataset": "ADAE", "orderedGroupings": [by("ARM", false), by("TERM", true)] })),
    ]);
    let run = run(json!([]), methods, analyses);
    // Two of three against one of three; by sex likewise: P(0) = P(3) = 1/20, P(1) = P(2) = 9/20.
    assert_eq!(told(&run), ["=1.0000 1.0000", "=1.0000 1.0000", "NAUSEA=1.0000 1.0000", "RASH=1.0000 1.0000"]);
    assert!(run.remarks.iter().any(|f| f.to_string() == "ARS-NO-GROUP: B: 1 of 7 records are in no group of `ARM`"));
}

#[test]
fn an_analysis_of_variance_compares_the_groups_without_results() {
    let operations = json!([
        operation("p", "P-value", "X.XXXX"),
        operation("f", "F value", "X.XX"),
        operation("df", "Degrees of freedom", "X")
    ]);
    let methods = json!([{ "id": "AOV", "name": "ANOVA", "operations": operations }]);
    let analyses = json!([analysis("A", "AOV", json!({ "variable": "AGE", "orderedGroupings": [by("ARM", false)] }))]);
    // 41, 45, 52 against 61, 64, 70: means 46 and 65, within 62 + 42, F = 541.5 / 26 with 1 and 4 degrees of freedom.
    assert_eq!(told(&run(json!([]), methods, analyses)), ["=0.0103 0.0103", "=20.8269 20.83", "=1.0000 1"]);
}

#[test]
fn a_percentage_divides_the_results_that_are_named() {
    let relationship = |id: &str, role: &str, of: &str| json!({ "id": id, "referencedOperationRole": { "controlledTerm": role }, "operationId": of });
    let percent = json!({ "id": "pct", "name": "Percent of subjects", "order": 2, "resultPattern": "( XX.X)", "referencedOperationRelationships": [
        relationship("num", "NUMERATOR", "n2"), relationship("den", "DENOMINATOR", "n"),
    ] });
    let methods = json!([
        { "id": "COUNT", "name": "Count", "operations": [operation("n", "Count of subjects", "(N=XX)")] },
        { "id": "SHARE", "name": "Share", "operations": [operation("n2", "Count of subjects", "XX"), percent] },
    ]);
    let named = |of: &str| json!([{ "referencedOperationRelationshipId": "num", "analysisId": "B" }, { "referencedOperationRelationshipId": "den", "analysisId": of }]);
    let share = |id: &str, of: &str| {
        analysis(
            id,
            "SHARE",
            json!({ "orderedGroupings": [by("ARM", true), by("SEX", true)], "referencedAnalysisOperations": named(of) }),
        )
    };
    let total = analysis("A", "COUNT", json!({ "orderedGroupings": [by("ARM", true)] }));
    let run = run(json!([]), methods, json!([total, share("B", "A"), share("C", "X")]));
    assert_eq!(
        told(&run)[2..10],
        [
            "ARM.A/F=2.0000 2",
            "ARM.A/M=1.0000 1",
            "ARM.B/F=1.0000 1",
            "ARM.B/M=2.0000 2",
            "ARM.A/F=66.6667 ( 66.7)",
            "ARM.A/M=33.3333 ( 33.3)",
            "ARM.B/F=33.3333 ( 33.3)",
            "ARM.B/M=66.6667 ( 66.7)"
        ]
    );
    let not_run: Vec<&str> = run.not_run.iter().map(|n| n.reason.as_str()).collect();
    assert_eq!(not_run, ["there is no analysis `X`, whose result is the denominator"]);
}

#[test]
fn what_is_not_run_says_why() {
    let methods = json!([{ "id": "SUM", "name": "Summary", "operations": [operation("mean", "Mean", "XX.X"), operation("hl", "Hodges-Lehmann estimate", "X")] },
        { "id": "AOV", "name": "ANOVA", "operations": [operation("p", "P-value", "X.XXXX")] }]);
    let of = |id: &str, members: Value| analysis(id, "SUM", members);
    let analyses = json!([
        of("A", json!({ "variable": "SEX" })),
        of("B", json!({ "variable": "BMI" })),
        of("C", json!({ "dataset": "ADLB" })),
        of("D", json!({ "variable": "AGE", "orderedGroupings": [by("TERM", true)] })),
        analysis("E", "AOV", json!({ "variable": "AGE", "orderedGroupings": [by("AGE", false)] })),
        analysis("F", "AOV", json!({ "variable": "AGE", "orderedGroupings": [by("ARM", true)] })),
    ]);
    let run = run(json!([]), methods, analyses);
    let told: Vec<String> = run
        .not_run
        .iter()
        .map(|n| format!("{} {}: {}", n.analysis, n.operation.as_deref().unwrap_or("*"), n.reason))
        .collect();
    assert_eq!(
        told,
        [
            "A mean: ADSL.SEX is text, and numbers are asked for",
            "A hl: the operation `Hodges-Lehmann estimate` is not one that croft knows by name",
            "B mean: ADSL has no variable BMI",
            "B hl: the operation `Hodges-Lehmann estimate` is not one that croft knows by name",
            "C *: the dataset ADLB is not among the data",
            "D *: ADAE has several records of one subject, so its TERM cannot group records of ADSL",
            "F p: one-way analysis of variance compares one grouping without results by group, and the analysis has 0",
        ]
    );
    // Groups that overlap are found in the data, and are not compared.
    let overlap: Vec<&ars::Computed> = run.results.iter().filter(|r| r.analysis == "E").collect();
    assert_eq!(overlap[0].value, Err("a record is in two groups of `AGE`, so they cannot be compared".to_owned()));
    assert_eq!(overlap[0].to_result().raw_value.as_deref(), Some(""));
}

#[test]
fn a_run_agrees_with_its_own_results_and_finds_what_was_changed() {
    let analyses = json!([analysis("A", "COUNT", json!({ "orderedGroupings": [by("ARM", true)] }))]);
    let event = event(json!([]), counts(), analyses);
    let (data, run) = (data(), ars::run(&event, &data()));
    let mut computed = run.applied_to(&event);
    let compared = ars::compare(&computed, &data, &run);
    assert_eq!((compared.in_file, compared.equal, compared.more), (2, 2, 0));
    computed.analyses[0].results[1].raw_value = Some("4".to_owned());
    computed.analyses[0].results[0].formatted_value = Some("03".to_owned());
    let compared = ars::compare(&computed, &data, &run);
    let raw: Vec<bool> = compared.differences.iter().map(|d| d.raw).collect();
    assert_eq!((compared.equal, raw), (0, vec![false, true]));
}

/// The tables of the manual are those of the program.
#[test]
fn the_manual_lists_every_name() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ars.md")).unwrap();
    let mut rows = Vec::new();
    for row in ars::OPERATIONS {
        rows.push(format!("| {} | {} |", row.about, row.names.join(", ")));
    }
    for (test, names, not) in ars::TESTS {
        rows.push(format!("| {} | {} | {} |", test.word(), names.join(", "), not.join(", ")));
    }
    let absent: Vec<&String> = rows.iter().filter(|row| !page.contains(*row)).collect();
    assert!(
        absent.is_empty(),
        "not in docs/ars.md:\n{}",
        absent.iter().map(|r| r.as_str()).collect::<Vec<_>>().join("\n")
    );
    croft_testkit::assert_checked("rows of the manual", rows.len(), ars::OPERATIONS.len() + 3);
}

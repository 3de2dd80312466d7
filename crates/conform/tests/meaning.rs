//! What the words of rules mean, each by a small rule and small datasets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_conform::column::Column;
use croft_conform::finding::Shown;
use croft_conform::frame::Frame;
use croft_conform::rule::read;
use croft_conform::run::{Outcome, check};
use croft_conform::study::{Study, Table, TableVariable};
use croft_conform::value::Value;

/// A dataset from lines of cells; a column whose cells all read as numbers is numeric.
fn table(name: &str, text: &str) -> Table {
    let mut lines = text.lines().map(|line| line.trim().split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let rows: Vec<Vec<String>> = lines.collect();
    let mut frame = Frame::of_rows(rows.len());
    let mut variables = Vec::new();
    for (i, variable) in names.iter().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|row| row[i].as_str()).collect();
        let numeric =
            cells.iter().any(|c| !c.is_empty()) && cells.iter().all(|c| c.is_empty() || c.parse::<f64>().is_ok());
        let value = |cell: &&str| match cell.parse() {
            _ if cell.is_empty() => Value::Missing,
            Ok(x) if numeric => Value::number(x),
            _ => Value::text(cell),
        };
        frame.set(variable, cells.iter().map(value).collect::<Column>());
        variables.push(TableVariable {
            name: variable.clone(),
            label: String::new(),
            data_type: if numeric { "Num" } else { "Char" }.to_owned(),
            length: None,
            format: String::new(),
        });
    }
    Table::new(name, "", &format!("{}.xpt", name.to_lowercase()), 0, variables, frame)
}

fn study(tables: &[(&str, &str)]) -> Study {
    Study::new(tables.iter().map(|(name, text)| table(name, text)).collect(), "sdtmig", "3.4")
}

fn outcome(study: &Study, rule: &str) -> Outcome {
    let mut head = "Core:\n  Id: CORE-999999\n  Status: Published\n  Version: '1'\nSensitivity: Record\n".to_owned();
    if !rule.contains("Rule Type:") {
        head += "Rule Type: Record Data\n";
    }
    let indented: String =
        rule.lines().map(|line| line.strip_prefix("        ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    check(study, &read::rule(&format!("{head}{indented}\nOutcome:\n  Message: m\n")).unwrap())
}

/// `AE 2: AETERM=X, AESEQ=2` for each finding.
fn found(study: &Study, rule: &str) -> Vec<String> {
    let each = outcome(study, rule).findings;
    let shown = |(name, shown): &(String, Shown)| match shown {
        Shown::Value(value) => format!("{name}={value}"),
        Shown::NotInDataset => format!("{name} absent"),
    };
    each.iter()
        .map(|finding| {
            let record = finding.record.map(|record| format!(" {record}")).unwrap_or_default();
            let variables = finding.variables.iter().map(|(n, s)| shown(&(n.clone(), s.clone()))).collect::<Vec<_>>();
            format!("{}{record}: {}", finding.dataset, variables.join(", "))
        })
        .collect()
}

#[test]
fn a_scope_without_associated_persons_keeps_the_supplemental_qualifiers_of_others() {
    let study = study(&[
        ("SUPPLB", "RDOMAIN,USUBJID,QNAM\nLB,S9,A"),
        ("APMH", "DOMAIN,APID,MHSEQ\nAPMH,P1,1"),
        ("SUPPAPMH", "RDOMAIN,USUBJID,QNAM\nAPMH,S9,A"),
    ]);
    let rule = |scope: &str| {
        format!(
            "
        Scope:
          Domains:
            {scope}
        Check:
          all:
            - name: STUDYID
              operator: not_exists"
        )
    };
    assert_eq!(found(&study, &rule("Exclude: [AP--]")).len(), 1);
    assert_eq!(outcome(&study, &rule("Exclude: [AP--]")).datasets, ["SUPPLB"]);
    assert_eq!(outcome(&study, &rule("Include: [AP--]")).datasets, ["APMH", "SUPPAPMH"]);
    assert_eq!(outcome(&study, &rule("Include: [SUPP--]")).datasets, ["SUPPLB", "SUPPAPMH"]);
}

#[test]
fn a_cell_that_names_no_variable_leaves_the_other_records_their_findings() {
    let study =
        study(&[("CO", "DOMAIN,IDVAR,IDVARVAL,LBSEQ\nCO,LBSEQ,320,299\nCO,NONSENSE,299,299\nCO,LBSEQ,299,299")]);
    let rule = "
        Check:
          all:
            - name: IDVARVAL
              operator: not_equal_to
              value: IDVAR
              value_is_reference: true";
    assert_eq!(found(&study, rule).len(), 2);
}

#[test]
fn a_domain_that_the_tobacco_guide_does_not_have_is_the_studys_own() {
    let rule = "
        Scope:
          Use Case: INDH
        Check:
          all:
            - name: STUDYID
              operator: not_exists";
    let looked_at = |use_case: &str| {
        let tables = ["AE", "AG", "TO"].map(|name| table(name, &format!("DOMAIN\n{name}")));
        let mut study = Study::new(tables.into(), "tig", "1.0").with_substandard("SDTM");
        use_case.clone_into(&mut study.use_case);
        outcome(&study, rule).datasets
    };
    // AG is a domain of SDTMIG, not of the guide for tobacco products; TO is of another use case.
    assert_eq!(looked_at("INDH"), ["AE", "AG"]);
    assert_eq!(looked_at("PROD"), ["AE"]);
}

#[test]
fn each_part_of_a_split_dataset_answers_for_its_own_labels() {
    let rule = "
        Rule Type: Variable Metadata Check against Library Metadata
        Check:
          all:
            - name: variable_label
              operator: not_equal_to
              value: library_variable_label";
    let part = |name: &str, label: &str| {
        let mut part = table(name, "DOMAIN\nLB");
        label.clone_into(&mut part.variables_mut()[0].label);
        part
    };
    let tables = vec![part("LBCH", "Domain Abbreviation"), part("LBHE", "Domain")];
    let study = Study::new(tables, "sdtmig", "3.4");
    assert_eq!(found(&study, rule), ["LBHE 1: variable_label=Domain"]);
}

#[test]
fn a_time_behind_a_date_without_a_day_is_no_date() {
    let study =
        study(&[("AE", "DOMAIN,AESTDTC,AEENDTC\nAE,2019T10:30:15,2018-06-14\nAE,2019----T10:30:15,2018-06-14")]);
    let rule = |name: &str, operator: &str| {
        format!(
            "
        Check:
          all:
            - name: {name}
              operator: {operator}
              value: AEENDTC"
        )
    };
    assert_eq!(found(&study, &rule("AESTDTC", "date_greater_than")).len(), 1);
    assert_eq!(found(&study, &rule("AESTDTC", "invalid_date")), ["AE 1: AESTDTC=2019T10:30:15"]);
}

#[test]
fn the_latest_date_is_the_latest_in_time_and_is_shown_as_it_is_written() {
    let study = study(&[
        ("DM", "DOMAIN,USUBJID\nDM,S1\nDM,S2\nDM,S3"),
        (
            "EX",
            "DOMAIN,USUBJID,EXSTDTC\nEX,S1,2013-01\nEX,S1,2012-12-31\nEX,S1,not yet\nEX,S2,2013-01-01T23:30Z\nEX,S2,2013-01-02T00:30+02:00\nEX,S3,",
        ),
    ]);
    let rule = |group: &str| {
        format!(
            "
        Scope:
          Domains:
            Include: [DM]
        Operations:
          - id: $last
            operator: max_date
            domain: EX
            name: EXSTDTC
{group}
        Check:
          all:
            - name: $last
              operator: not_equal_to
              value: x"
        )
    };
    let each = found(&study, &rule("            group: [USUBJID]"));
    assert_eq!(each, ["DM 1: $last=2013-01", "DM 2: $last=2013-01-01T23:30Z", "DM 3: $last="]);
    let all = found(&study, &rule(""));
    assert_eq!(all[0], "DM 1: $last=2013-01-01T23:30Z");
}

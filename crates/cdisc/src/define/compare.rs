//! Do the data agree with what define.xml says of them?
//!
//! ```text
//! DEFINE-DATA-DATASET    a dataset is on one side only           DEFINE-DATA-CODELIST   a value is not in its code list
//! DEFINE-DATA-VARIABLE   a variable is on one side only          DEFINE-DATA-KEY        two rows have the same keys
//! DEFINE-DATA-ORDER      the variables stand in another order    DEFINE-DATA-MANDATORY  a mandatory value is missing
//! DEFINE-DATA-LABEL      a label differs                         DEFINE-DATA-EMPTY      what has no data has some, or the reverse
//! DEFINE-DATA-TYPE       a value is not of its type              DEFINE-DATA-VALUE      value-level conditions: none, two or no row
//! DEFINE-DATA-LENGTH     a value is longer, or all are shorter   DEFINE-DATA-DIGITS     a number has more decimals
//! ```
//!
//! Value-level metadata are held against the rows that meet their conditions; a condition on a variable of another dataset is not evaluated, and said.
//! Numbers are read at 15 significant digits: what lies beyond is noise of the transport format. One finding tells the first row and how many there are.

mod column;
mod rows;

use super::{DatasetDef, Define, Index, Variable};
use croft_core::{Dataset, Finding, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Which datasets are on one side only.
pub fn compare_presence(define: &Define, datasets: &[&str]) -> Vec<Finding> {
    let given: BTreeSet<String> = datasets.iter().map(|name| name.to_ascii_uppercase()).collect();
    let mut findings = Vec::new();
    let mut defined = BTreeSet::new();
    for dataset in &define.metadata.datasets {
        let name = dataset.name().to_ascii_uppercase();
        if !given.contains(&name) && !dataset.has_no_data() {
            let message = format!("{}: define.xml has it, the data do not", dataset.place);
            let finding = Finding::new("DEFINE-DATA-DATASET", Severity::Error, dataset.name(), message);
            findings.push(finding.hint("add the file, or say def:HasNoData=\"Yes\" with a comment"));
        }
        defined.insert(name);
    }
    for name in given.difference(&defined) {
        let finding =
            Finding::new("DEFINE-DATA-DATASET", Severity::Error, name, "the data have it, define.xml does not");
        findings.push(finding.hint("define it, or take the file out"));
    }
    findings
}

/// What in a dataset does not agree with its definition. Cost: some looks at each value.
pub fn compare(define: &Define, dataset: &Dataset) -> Vec<Finding> {
    let Some(definition) = define.metadata.datasets.iter().find(|d| d.name().eq_ignore_ascii_case(&dataset.name))
    else {
        return Vec::new();
    };
    let index = define.index();
    let mut walk = Walk { index: &index, definition, data: dataset, findings: Vec::new() };
    walk.dataset();
    let variables = index.variables(definition);
    walk.variables(&variables);
    walk.keys();
    for variable in &variables {
        walk.variable(variable);
        walk.values(variable, &variables);
    }
    walk.findings
}

struct Walk<'d> {
    index: &'d Index<'d>,
    definition: &'d DatasetDef,
    data: &'d Dataset,
    findings: Vec<Finding>,
}

/// Where a finding lies: a variable, and perhaps a row (from 0) with the value in it.
struct At<'a> {
    variable: &'a str,
    row: Option<usize>,
    value: String,
}

fn on(variable: &str) -> At<'_> {
    At { variable, row: None, value: String::new() }
}

fn at(variable: &str, row: usize, value: String) -> At<'_> {
    At { variable, row: Some(row), value }
}

impl<'d> Walk<'d> {
    fn push(&mut self, rule: &str, severity: Severity, at: At<'_>, message: String, hint: &str) {
        let mut finding = Finding::new(rule, severity, &self.data.name, message).hint(hint);
        finding.variable = Some(at.variable.to_owned()).filter(|v| !v.is_empty());
        finding.row = at.row.map(|row| row + 1);
        finding.value = Some(at.value).filter(|v| !v.is_empty());
        self.findings.push(finding);
    }

    fn dataset(&mut self) {
        let label = self.definition.label();
        if !self.data.label.is_empty() && self.data.label != label {
            let message = format!("its label is `{}` in the data and `{label}` in define.xml", self.data.label);
            self.push("DEFINE-DATA-LABEL", Severity::Warning, on(""), message, "give both the standard's label");
        }
        if self.definition.has_no_data() && self.data.rows() > 0 {
            let message = format!("define.xml says that it has no data, and it has {} rows", self.data.rows());
            self.push("DEFINE-DATA-EMPTY", Severity::Error, on(""), message, "take def:HasNoData out");
        }
        if self.data.rows() == 0 && !self.definition.has_no_data() {
            let message = "it has no rows, and define.xml does not say so".to_owned();
            self.push(
                "DEFINE-DATA-EMPTY",
                Severity::Warning,
                on(""),
                message,
                "say def:HasNoData=\"Yes\" with a comment, or take it out",
            );
        }
    }

    /// Which variables are on one side only, and whether the others stand in one order.
    fn variables(&mut self, variables: &[Variable<'d>]) {
        let in_data: BTreeMap<&str, usize> =
            self.data.variables().iter().enumerate().map(|(i, v)| (v.name.as_str(), i)).collect();
        let defined: BTreeSet<&str> = variables.iter().map(Variable::name).collect();
        for variable in variables.iter().filter(|v| !in_data.contains_key(v.name()) && !v.has_no_data()) {
            let message = "define.xml has it, the dataset does not".to_owned();
            self.push(
                "DEFINE-DATA-VARIABLE",
                Severity::Error,
                on(variable.name()),
                message,
                "add the variable, or take it out of define.xml",
            );
        }
        let data = self.data;
        for variable in data.variables().iter().filter(|v| !defined.contains(v.name.as_str())) {
            let message = "the dataset has it, define.xml does not".to_owned();
            self.push(
                "DEFINE-DATA-VARIABLE",
                Severity::Error,
                on(&variable.name),
                message,
                "define it, or take it out of the dataset",
            );
        }
        let common: Vec<(&str, usize)> =
            variables.iter().filter_map(|v| Some((v.name(), *in_data.get(v.name())?))).collect();
        if let Some(pair) = common.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            let message = format!("define.xml has it after {}, the dataset before", pair[0].0);
            self.push(
                "DEFINE-DATA-ORDER",
                Severity::Warning,
                on(pair[1].0),
                message,
                "order both as the standard does",
            );
        }
    }
}

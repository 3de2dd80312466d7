//! Rules over a USDM document: JSONata expressions.

use crate::finding::{Finding, Shown};
use crate::rule::{Body, Rule};
use crate::run::{Outcome, Status};
use crate::study::Study;
use crate::value::Value;
use croft_cdisc::usdm::issues;
use croft_jsonata::utils::UTILS;
use croft_jsonata::{Bindings, Expression, Options};

/// Asks a rule of the study's document.
pub(crate) fn check(study: &Study, rule: &Rule, most: usize, outcome: &mut Outcome) {
    let Body::Jsonata(expression) = &rule.body else {
        outcome.status = Status::Failed;
        outcome.why.push(format!("rules of the type {} are not run by this version", rule.rule_type.words()));
        return;
    };
    let Some(document) = study.located_document() else {
        outcome.why.push("there is no USDM document".to_owned());
        return;
    };
    match found(expression, document, rule) {
        Err(reason) => {
            outcome.status = Status::Failed;
            outcome.why.push(reason);
        }
        Ok(found) => {
            outcome.total = found.len();
            outcome.findings.extend(found.into_iter().take(most));
            outcome.status = if outcome.total > 0 { Status::Findings } else { Status::Passed };
        }
    }
}

fn found(expression: &str, document: &serde_json::Value, rule: &Rule) -> Result<Vec<Finding>, String> {
    let parsed = Expression::parse(expression).map_err(|error| {
        let (line, column) = error.line_column(expression);
        format!("line {line}, column {column} of the expression: {error}")
    })?;
    let mut bindings = Bindings::default();
    bindings.libraries.insert("utils".to_owned(), UTILS);
    let result = parsed.evaluate(document, &bindings, &Options::default()).map_err(|error| {
        let (line, column) = error.line_column(expression);
        format!("line {line}, column {column} of the expression: {error}")
    })?;
    let issues = issues(result.as_ref(), &rule.output_variables).map_err(|error| error.to_string())?;
    let finding = |issue: croft_cdisc::usdm::RuleIssue| Finding {
        dataset: issue.entity.unwrap_or_default(),
        record: None,
        prefix: String::new(),
        subject: None,
        sequence: None,
        path: issue.path,
        variables: issue.values.into_iter().map(|(name, value)| (name, Shown::Value(Value::text(&value)))).collect(),
    };
    Ok(issues.into_iter().map(finding).collect())
}

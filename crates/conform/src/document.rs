//! Rules over a USDM document: JSONata expressions, and conditions over what the schema of its version does not allow.

use crate::finding::{Finding, Shown};
use crate::frame::Frame;
use crate::operator::evaluate;
use crate::rule::{Body, Check, Rule};
use crate::run::{Outcome, Status};
use crate::study::Study;
use crate::value::Value;
use croft_cdisc::usdm::{self, issues};
use croft_jsonata::utils::UTILS;
use croft_jsonata::{Bindings, Expression, Options};

/// Asks a rule of the study's document.
pub(crate) fn check(study: &Study, rule: &Rule, most: usize, outcome: &mut Outcome) {
    let (Some(document), Some(located)) = (study.document.as_ref(), study.located_document()) else {
        outcome.why.push("there is no USDM document".to_owned());
        return;
    };
    let found = match &rule.body {
        Body::Jsonata(expression) => found(expression, located, rule),
        Body::Conditions(check) => against_schema(document, check, rule, study),
    };
    match found {
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

/// What the schema does not allow, as a table that the rule's conditions look at: one row an issue.
fn against_schema(
    document: &serde_json::Value,
    check: &Check,
    rule: &Rule,
    study: &Study,
) -> Result<Vec<Finding>, String> {
    let schema =
        usdm::schema(&study.version).ok_or_else(|| format!("the schema of USDM {} is not at hand", study.version))?;
    let mut issues = usdm::check(document, schema).map_err(|error| error.to_string())?;
    if let Some(names) = &rule.scope.entities {
        let named = |list: &[String], class: &str| list.iter().any(|name| name == "ALL" || name == class);
        issues.retain(|issue| named(&names.include, &issue.dataset) && !named(&names.exclude, &issue.dataset));
    }
    let mut frame = Frame::of_rows(issues.len());
    let mut set = |name: &str, cell: &dyn Fn(&usdm::SchemaIssue) -> &str| {
        frame.set(name, issues.iter().map(|issue| Value::text(cell(issue))).collect());
    };
    set("json_path", &|issue| &issue.json_path);
    set("error_attribute", &|issue| &issue.error_attribute);
    set("error_value", &|issue| &issue.error_value);
    set("validator", &|issue| issue.validator);
    set("validator_value", &|issue| &issue.validator_value);
    set("message", &|issue| &issue.message);
    set("dataset", &|issue| &issue.dataset);
    set("id", &|issue| &issue.id);
    let mask = evaluate(check, &frame, "").map_err(|fault| fault.to_string())?;
    let finding = |(issue, row): (&usdm::SchemaIssue, usize)| Finding {
        dataset: issue.dataset.clone(),
        record: None,
        prefix: String::new(),
        subject: None,
        sequence: None,
        path: Some(issue.path.clone()),
        variables: rule.output_variables.iter().map(|name| (name.clone(), shown(&frame, name, row))).collect(),
    };
    Ok(issues.iter().zip(0..).zip(mask).filter(|(_, holds)| *holds).map(|(pair, _)| finding(pair)).collect())
}

fn shown(frame: &Frame, name: &str, row: usize) -> Shown {
    frame.column(name).map_or(Shown::NotInDataset, |column| Shown::Value(column.value(row).clone()))
}

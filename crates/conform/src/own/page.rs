//! How is a rule's page read?
//!
//! Headings stand in their order, each once. `Source` is a list of `- STANDARD VERSION, where: what`; the standards
//! that a rule is for follow from its id unless its YAML names `Authorities`, as the published form does.

use super::example::{self, Example};
use crate::rule::Rule;
use crate::rule::read::{RuleError, from_json};
use crate::rule::yaml;
use serde_json::{Value as Json, json};

/// A rule and its page.
#[derive(Clone, Debug)]
pub struct OwnRule {
    /// The rule, to be run like a published one.
    pub rule: Rule,
    /// Its title, a sentence.
    pub title: String,
    /// What it does.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// Data in which it finds something.
    pub failing: Example,
    /// Data in which it finds nothing.
    pub passing: Example,
    /// What it rests on, a line each.
    pub sources: Vec<String>,
    /// The page.
    pub text: String,
}

/// Why a page is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PageError {
    /// Another heading, or none, where one should stand.
    #[error("line {line}: the heading `{expected}` should stand here")]
    Heading {
        /// From 1.
        line: usize,
        /// The heading.
        expected: &'static str,
    },
    /// A section without content, or with another.
    #[error("line {line}: under `{heading}` should stand {expected}")]
    Section {
        /// From 1.
        line: usize,
        /// The section.
        heading: &'static str,
        /// What should stand there.
        expected: &'static str,
    },
    /// A table that cannot be read.
    #[error("line {line}: {message}")]
    Table {
        /// From 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The rule itself.
    #[error("the rule: {0}")]
    Rule(#[from] RuleError),
}

impl PageError {
    /// What the author of the page can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Heading { .. } | Self::Section { .. } => "compare with a page that comes with croft",
            Self::Table { .. } => "a table is `**NAME**`, a line of heads, a line of dashes, a line a record",
            Self::Rule(error) => error.hint(),
        }
    }
}

/// Headings in their order.
const HEADINGS: [&str; 6] = ["What it does", "Why it matters", "Failing example", "Passing example", "Source", "Rule"];

/// Lines with their numbers.
pub(super) type Lines<'t> = Vec<(usize, &'t str)>;

/// Reads a page.
pub fn read(text: &str) -> Result<OwnRule, PageError> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let title_error = PageError::Heading { line: 1, expected: "# ID: title" };
    let (_, first) = lines.next().ok_or(PageError::Heading { line: 1, expected: "# ID: title" })?;
    let title = first.strip_prefix("# ").and_then(|title| title.split_once(": "));
    let (id, title) = title.filter(|(id, title)| id.starts_with("CROFT-") && !title.is_empty()).ok_or(title_error)?;
    let sections = sections(&lines.collect())?;
    let [what, why, failing, passing, sources, rule] = &sections;
    let rule = rule_of(id, &prose(what), sources, rule)?;
    Ok(OwnRule {
        rule,
        title: title.to_owned(),
        what: prose(what),
        why: prose(why),
        failing: example::read(failing)?,
        passing: example::read(passing)?,
        sources: sources.iter().filter_map(|(_, line)| line.strip_prefix("- ")).map(str::to_owned).collect(),
        text: text.to_owned(),
    })
}

/// The lines under each heading.
fn sections<'t>(lines: &Lines<'t>) -> Result<[Lines<'t>; 6], PageError> {
    let mut sections: [Lines<'t>; 6] = Default::default();
    let mut at = 0;
    for &(line, text) in lines {
        if let Some(heading) = text.strip_prefix("## ") {
            let expected = HEADINGS.get(at).copied().unwrap_or("no further heading");
            if heading.trim() != expected {
                return Err(PageError::Heading { line, expected });
            }
            at += 1;
        } else if at == 0 {
            return Err(PageError::Heading { line, expected: HEADINGS[0] });
        } else {
            sections[at - 1].push((line, text));
        }
    }
    let last = lines.last().map_or(1, |(line, _)| *line);
    if let Some(&expected) = HEADINGS.get(at) {
        return Err(PageError::Heading { line: last, expected });
    }
    match sections.iter().position(Vec::is_empty) {
        Some(i) => Err(PageError::Section { line: last, heading: HEADINGS[i], expected: "something" }),
        None => Ok(sections),
    }
}

/// Paragraph lines as one text.
fn prose(lines: &Lines<'_>) -> String {
    lines.iter().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The rule of the YAML block, with its id, its description and its citations.
fn rule_of(id: &str, what: &str, sources: &Lines<'_>, lines: &Lines<'_>) -> Result<Rule, PageError> {
    let line = lines.first().map_or(1, |(line, _)| *line);
    let inner = match lines.as_slice() {
        [(_, "```yaml"), inner @ .., (_, "```")] => inner,
        _ => return Err(PageError::Section { line, heading: "Rule", expected: "one block of YAML" }),
    };
    let text: Vec<&str> = inner.iter().map(|(_, line)| *line).collect();
    let mut json = yaml::to_json(&text.join("\n")).map_err(RuleError::from)?;
    let Some(rule) = json.as_object_mut() else {
        return Err(PageError::Section { line, heading: "Rule", expected: "a mapping" });
    };
    rule.insert("Core".to_owned(), json!({ "Id": id }));
    rule.insert("Description".to_owned(), Json::from(what));
    let mut citations = Vec::new();
    for &(line, text) in sources {
        let expected = "a list of `- STANDARD VERSION, where: what`";
        let error = PageError::Section { line, heading: "Source", expected };
        let source = text.strip_prefix("- ").and_then(|source| source.split_once(':').or(Some((source, ""))));
        let (document, section) = source.and_then(|(source, _)| source.split_once(", ")).ok_or(error)?;
        citations.push(json!({ "Document": document, "Section": section }));
    }
    let references = json!([{ "Rule Identifier": { "Id": id }, "Citations": citations }]);
    let standard = |name: &&str| json!({ "Name": name });
    let of_id =
        json!([{ "Organization": "croft", "Standards": standards(id).iter().map(standard).collect::<Vec<_>>() }]);
    let authorities = rule.entry("Authorities").or_insert(of_id).as_array_mut();
    for authority in authorities.into_iter().flatten() {
        let standards = authority.get_mut("Standards").and_then(Json::as_array_mut);
        for standard in standards.into_iter().flatten().filter_map(Json::as_object_mut) {
            standard.insert("References".to_owned(), references.clone());
        }
    }
    Ok(from_json(&json)?)
}

/// The standards that a rule is for; one without name stands for all.
fn standards(id: &str) -> &'static [&'static str] {
    match id.split('-').nth(1) {
        Some("ADAM") => &["adamig"],
        Some("TAB") => &["sdtmig", "sendig", "sendig-dart"],
        _ => &[""],
    }
}

//! How is a published rule read?
//!
//! Keys may be written with spaces or underscores. A rule that names an operator, operation or rule type unknown here is
//! refused with the place; nothing is guessed.

use super::{
    Body, Check, Citation, Condition, Join, Key, Names, Operand, Operation, Rule, RuleType, Scope, Sensitivity, SortKey,
};
use crate::each::Each;
use crate::operation::OperationKind;
use crate::operator::Operator;
use crate::rule::yaml;
use crate::value::Value;
use serde_json::{Map, Value as Json};

/// Why a rule cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RuleError {
    /// Not YAML.
    #[error(transparent)]
    Yaml(#[from] yaml::YamlError),
    /// Not JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The reader's words.
        message: String,
    },
    /// A part is absent.
    #[error("{place}: `{key}` is missing")]
    Absent {
        /// Where, `Check.all[2]`.
        place: String,
        /// What.
        key: &'static str,
    },
    /// A part is of another shape.
    #[error("{place}: expected {expected}, found {found}")]
    Shape {
        /// Where.
        place: String,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A word that the engine does not know.
    #[error("{place}: {what} `{word}` is not known")]
    Unknown {
        /// Where.
        place: String,
        /// `operator`, `operation`, `rule type`, `sensitivity`.
        what: &'static str,
        /// The word.
        word: String,
    },
    /// Conditions within conditions, deeper than any rule needs.
    #[error("{place}: conditions are nested more than {MOST_NESTED} deep")]
    TooDeep {
        /// Where.
        place: String,
    },
    /// A pattern that is none.
    #[error("{place}: the pattern `{pattern}` cannot be read: {message}")]
    Pattern {
        /// Where.
        place: String,
        /// The pattern.
        pattern: String,
        /// Why.
        message: String,
    },
}

/// Published rules nest five deep.
const MOST_NESTED: usize = 64;

impl RuleError {
    /// What the rule's author can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Yaml(_) | Self::Json { .. } => "open the file in an editor that marks YAML and JSON errors",
            Self::Absent { .. } => "add it; `croft rules explain` shows a whole rule",
            Self::Shape { .. } => "compare with a published rule of the same type",
            Self::Unknown { .. } => {
                "check the spelling; `croft rules list --words` lists every operator, operation and rule type"
            }
            Self::TooDeep { .. } => "write the conditions flatter, or as several rules",
            Self::Pattern { .. } => "patterns are those of Python's `re`; escape brackets and backslashes",
        }
    }
}

/// Reads a rule from YAML or JSON text.
pub fn rule(text: &str) -> Result<Rule, RuleError> {
    from_json(&json(text)?)
}

/// The JSON that a rule's YAML or JSON text stands for.
pub fn json(text: &str) -> Result<Json, RuleError> {
    if !text.trim_start().starts_with('{') {
        return Ok(yaml::to_json(text)?);
    }
    serde_json::from_str(text).map_err(|error| RuleError::Json {
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    })
}

/// Reads a rule from its JSON form.
pub fn from_json(json: &Json) -> Result<Rule, RuleError> {
    let rule = Node { place: String::new(), json: object(json, "the rule")? };
    let core = rule.child("Core")?.ok_or_else(|| rule.absent("Core"))?;
    let outcome = rule.child("Outcome")?.ok_or_else(|| rule.absent("Outcome"))?;
    let check = rule.get("Check").ok_or_else(|| rule.absent("Check"))?;
    let body = match check {
        Json::String(expression) => Body::Jsonata(expression.clone()),
        _ => Body::Conditions(tree(check, "Check", 0)?),
    };
    let word = rule.text("Rule Type")?.ok_or_else(|| rule.absent("Rule Type"))?;
    let rule_type = RuleType::ALL.iter().find(|(_, words)| *words == word);
    let (rule_type, _) = rule_type.ok_or_else(|| rule.unknown("Rule Type", "rule type", &word))?;
    Ok(Rule {
        id: core.text("Id")?.ok_or_else(|| core.absent("Id"))?,
        rule_type: *rule_type,
        sensitivity: sensitivity(&rule)?,
        executability: rule.text("Executability")?.unwrap_or_default(),
        description: rule.text("Description")?.unwrap_or_default(),
        message: outcome.text("Message")?.unwrap_or_default(),
        citations: citations(&rule)?,
        scope: scope(&rule)?,
        joins: rule.each("Match Datasets", join)?,
        operations: rule.each("Operations", operation)?,
        body,
        output_variables: outcome.texts("Output Variables")?,
        grouping_variables: rule.texts("Grouping Variables")?,
        each: each(&rule, json)?,
    })
}

/// Croft's own: the family of variables that a rule is asked of one by one.
fn each(rule: &Node<'_>, json: &Json) -> Result<Option<Each>, RuleError> {
    let Some(node) = rule.child("croft_each_variable")? else { return Ok(None) };
    let text = node.text("matches")?.ok_or_else(|| node.absent("matches"))?;
    let pattern = crate::pattern::Pattern::new(&text).map_err(|message| RuleError::Pattern {
        place: node.at("matches"),
        pattern: text,
        message,
    })?;
    let (except, data_type) = (node.texts("except")?, node.text("type")?);
    Ok(Some(Each { pattern, except, data_type, template: json.clone() }))
}

/// An object and where it stands.
struct Node<'a> {
    place: String,
    json: &'a Map<String, Json>,
}

fn object<'a>(json: &'a Json, place: &str) -> Result<&'a Map<String, Json>, RuleError> {
    json.as_object().ok_or_else(|| shape(place, "a mapping", json))
}

fn shape(place: &str, expected: &'static str, found: &Json) -> RuleError {
    let found: String = found.to_string().chars().take(40).collect();
    RuleError::Shape { place: place.to_owned(), expected, found }
}

impl<'a> Node<'a> {
    /// A part by its key, written with spaces or underscores; null counts as absent.
    fn get(&self, key: &str) -> Option<&'a Json> {
        let found = self.json.get(key).or_else(|| self.json.get(&key.replace(' ', "_")));
        found.filter(|json| !json.is_null())
    }

    fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    fn absent(&self, key: &'static str) -> RuleError {
        let place = if self.place.is_empty() { "the rule".to_owned() } else { self.place.clone() };
        RuleError::Absent { place, key }
    }

    fn unknown(&self, key: &str, what: &'static str, word: &str) -> RuleError {
        RuleError::Unknown { place: self.at(key), what, word: word.to_owned() }
    }

    fn child(&self, key: &str) -> Result<Option<Node<'a>>, RuleError> {
        let place = self.at(key);
        self.get(key).map(|json| Ok(Node { json: object(json, &place)?, place })).transpose()
    }

    fn text(&self, key: &str) -> Result<Option<String>, RuleError> {
        self.get(key).map(|json| scalar_text(json, &self.at(key))).transpose()
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, RuleError> {
        self.get(key).map(|json| json.as_bool().ok_or_else(|| shape(&self.at(key), "true or false", json))).transpose()
    }

    fn count(&self, key: &str) -> Result<Option<usize>, RuleError> {
        let count = |json: &Json| json.as_u64().and_then(|n| usize::try_from(n).ok());
        self.get(key).map(|json| count(json).ok_or_else(|| shape(&self.at(key), "a count", json))).transpose()
    }

    /// A text or a list of texts.
    fn texts(&self, key: &str) -> Result<Vec<String>, RuleError> {
        let place = self.at(key);
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => items.iter().map(|item| scalar_text(item, &place)).collect(),
            Some(one) => Ok(vec![scalar_text(one, &place)?]),
        }
    }

    /// A list of objects.
    fn each<T>(&self, key: &str, read: impl Fn(&Node<'_>) -> Result<T, RuleError>) -> Result<Vec<T>, RuleError> {
        let place = self.at(key);
        let Some(json) = self.get(key) else { return Ok(Vec::new()) };
        let items = json.as_array().ok_or_else(|| shape(&place, "a list", json))?;
        let node = |(i, item): (usize, &'a Json)| {
            let place = format!("{place}[{i}]");
            read(&Node { json: object(item, &place)?, place })
        };
        items.iter().enumerate().map(node).collect()
    }
}

fn scalar_text(json: &Json, place: &str) -> Result<String, RuleError> {
    match json {
        Json::String(s) => Ok(s.clone()),
        Json::Number(_) | Json::Bool(_) => Ok(json.to_string()),
        _ => Err(shape(place, "a text", json)),
    }
}

fn sensitivity(rule: &Node<'_>) -> Result<Sensitivity, RuleError> {
    Ok(match rule.text("Sensitivity")?.as_deref() {
        None | Some("Record") => Sensitivity::Record,
        Some("Dataset") => Sensitivity::Dataset,
        Some("Group") => Sensitivity::Group,
        Some("Study") => Sensitivity::Study,
        Some(other) => return Err(rule.unknown("Sensitivity", "sensitivity", other)),
    })
}

fn citations(rule: &Node<'_>) -> Result<Vec<Citation>, RuleError> {
    let mut found = Vec::new();
    rule.each("Authorities", |authority| {
        let organization = authority.text("Organization")?.unwrap_or_default();
        let standards = authority.each("Standards", |standard| {
            let of = Citation {
                organization: organization.clone(),
                standard: standard.text("Name")?.unwrap_or_default(),
                version: standard.text("Version")?.unwrap_or_default(),
                substandard: standard.text("Substandard")?.unwrap_or_default(),
                ..Citation::default()
            };
            let references = standard.each("References", |reference| reference_of(&of, reference))?;
            Ok(if references.is_empty() { vec![of] } else { references })
        })?;
        Ok(standards.concat())
    })
    .map(|lists| found.extend(lists.concat()))?;
    Ok(found)
}

fn reference_of(of: &Citation, reference: &Node<'_>) -> Result<Citation, RuleError> {
    let rule_id = match reference.child("Rule Identifier")? {
        Some(identifier) => identifier.text("Id")?.unwrap_or_default(),
        None => String::new(),
    };
    let sections = reference.each("Citations", |citation| {
        let parts = [citation.text("Document")?, citation.text("Section")?, citation.text("Item")?];
        Ok(parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
    })?;
    Ok(Citation { rule_id, section: sections.join("; "), ..of.clone() })
}

fn scope(rule: &Node<'_>) -> Result<Scope, RuleError> {
    let Some(scope) = rule.child("Scope")? else { return Ok(Scope::default()) };
    let names = |key: &str| -> Result<Option<Names>, RuleError> {
        let Some(node) = scope.child(key)? else { return Ok(None) };
        Ok(Some(Names { include: node.texts("Include")?, exclude: node.texts("Exclude")? }))
    };
    let split_datasets = match scope.child("Domains")? {
        Some(domains) => domains.flag("include_split_datasets")?,
        None => None,
    };
    let use_cases = scope.text("Use Case")?.unwrap_or_default();
    Ok(Scope {
        domains: names("Domains")?,
        split_datasets,
        classes: names("Classes")?,
        data_structures: names("Data Structures")?,
        entities: names("Entities")?,
        use_cases: use_cases.split(',').map(|case| case.trim().to_owned()).filter(|case| !case.is_empty()).collect(),
    })
}

fn tree(json: &Json, place: &str, depth: usize) -> Result<Check, RuleError> {
    if depth > MOST_NESTED {
        return Err(RuleError::TooDeep { place: place.to_owned() });
    }
    let node = Node { json: object(json, place)?, place: place.to_owned() };
    let list = |key: &'static str| {
        let at = node.at(key);
        let Some(json) = node.get(key) else { return Ok(None) };
        let items = json.as_array().ok_or_else(|| shape(&at, "a list of conditions", json))?;
        if items.is_empty() {
            return Err(shape(&at, "at least one condition", json));
        }
        let each = |(i, item)| tree(item, &format!("{at}[{i}]"), depth + 1);
        items.iter().enumerate().map(each).collect::<Result<Vec<_>, _>>().map(Some)
    };
    let mut parts = Vec::new();
    parts.extend(list("all")?.map(Check::All));
    parts.extend(list("any")?.map(Check::Any));
    if let Some(not) = node.get("not") {
        parts.push(Check::Not(Box::new(tree(not, &node.at("not"), depth + 1)?)));
    }
    match parts.len() {
        0 => condition(&node).map(|condition| Check::Test(Box::new(condition))),
        1 => Ok(parts.remove(0)),
        _ => Ok(Check::All(parts)),
    }
}

fn condition(node: &Node<'_>) -> Result<Condition, RuleError> {
    let word = node.text("operator")?.ok_or_else(|| node.absent("operator"))?;
    let operator = Operator::of(&word).ok_or_else(|| node.unknown("operator", "operator", &word))?;
    let operand = match node.get("value") {
        None => Operand::Absent,
        Some(Json::Array(items)) if items.iter().any(Json::is_object) => Operand::Sorted(node.each("value", sort_key)?),
        Some(Json::Array(items)) => Operand::Many(items.iter().map(Value::from_json).collect()),
        Some(one) => Operand::One(Value::from_json(one)),
    };
    let regex = match node.get("regex") {
        Some(Json::Array(items)) => items.first().map(|first| scalar_text(first, &node.at("regex"))).transpose()?,
        _ => node.text("regex")?,
    };
    if let Some(pattern) = &regex {
        pattern_reads(node, "regex", pattern)?;
    }
    if let (true, Operand::One(Value::Text(pattern))) = (operator.is_pattern(), &operand) {
        pattern_reads(node, "value", pattern)?;
    }
    Ok(Condition {
        target: node.text("name")?,
        operator,
        operand,
        literal: node.flag("value_is_literal")?.unwrap_or(false),
        reference: node.flag("value_is_reference")?.unwrap_or(false),
        type_insensitive: node.flag("type_insensitive")?.unwrap_or(false),
        round_values: node.flag("round_values")?.unwrap_or(false),
        prefix: node.count("prefix")?,
        suffix: node.count("suffix")?,
        within: node.texts("within")?,
        ordering: node.text("ordering")?,
        descending: matches!(node.text("order")?.as_deref(), Some("dsc" | "desc")),
        regex,
        negative: node.flag("negative")?.unwrap_or(true),
        date_component: node.text("date_component")?.filter(|part| part != "auto"),
        separator: node.text("separator")?,
        as_rounded: node.flag("as_rounded")?.unwrap_or(false),
    })
}

fn pattern_reads(node: &Node<'_>, key: &str, pattern: &str) -> Result<(), RuleError> {
    crate::pattern::Pattern::new(pattern).map(drop).map_err(|message| RuleError::Pattern {
        place: node.at(key),
        pattern: pattern.to_owned(),
        message,
    })
}

fn sort_key(node: &Node<'_>) -> Result<SortKey, RuleError> {
    Ok(SortKey {
        name: node.text("name")?.ok_or_else(|| node.absent("name"))?,
        ascending: !node.text("sort_order")?.is_some_and(|order| order.eq_ignore_ascii_case("desc")),
        missing_last: node.text("null_position")?.is_none_or(|position| position == "last"),
    })
}

fn join(node: &Node<'_>) -> Result<Join, RuleError> {
    let place = node.at("Keys");
    let keys = match node.get("Keys") {
        None => Vec::new(),
        Some(Json::Array(items)) => items.iter().map(|item| key(item, &place)).collect::<Result<_, _>>()?,
        Some(other) => return Err(shape(&place, "a list", other)),
    };
    Ok(Join {
        dataset: node.text("Name")?.ok_or_else(|| node.absent("Name"))?,
        keys,
        left: node.text("Join Type")?.is_some_and(|kind| kind == "left"),
        child: node.flag("Child")?.unwrap_or(false),
        wildcard: node.text("Wildcard")?.unwrap_or_else(|| "**".to_owned()),
    })
}

fn key(json: &Json, place: &str) -> Result<Key, RuleError> {
    if let Json::Object(sides) = json {
        let node = Node { json: sides, place: place.to_owned() };
        let left = node.text("Left")?.ok_or_else(|| node.absent("Left"))?;
        let right = node.text("Right")?.ok_or_else(|| node.absent("Right"))?;
        return Ok(Key { left, right });
    }
    let name = scalar_text(json, place)?;
    Ok(Key { left: name.clone(), right: name })
}

/// Keys of an operation that have a field of their own.
const OPERATION_FIELDS: [&str; 9] =
    ["id", "operator", "name", "domain", "group", "group_aliases", "filter", "regex", "value_is_reference"];

fn operation(node: &Node<'_>) -> Result<Operation, RuleError> {
    let word = node.text("operator")?.ok_or_else(|| node.absent("operator"))?;
    let kind = OperationKind::of(&word).ok_or_else(|| node.unknown("operator", "operation", &word))?;
    let regex = node.text("regex")?;
    if let Some(pattern) = &regex {
        pattern_reads(node, "regex", pattern)?;
    }
    let filter = match node.child("filter")? {
        Some(filter) => filter.json.iter().map(|(name, value)| (name.clone(), Value::from_json(value))).collect(),
        None => Vec::new(),
    };
    let other = node.json.iter().filter(|(key, _)| !OPERATION_FIELDS.contains(&key.as_str()));
    Ok(Operation {
        id: node.text("id")?.ok_or_else(|| node.absent("id"))?,
        kind,
        name: node.text("name")?,
        domain: node.text("domain")?,
        group: node.texts("group")?,
        group_aliases: node.texts("group_aliases")?,
        filter,
        regex,
        reference: node.flag("value_is_reference")?.unwrap_or(false),
        other: other.map(|(key, value)| (key.clone(), value.clone())).collect(),
    })
}

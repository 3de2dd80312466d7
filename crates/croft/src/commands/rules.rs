//! `croft rules`: which rules are there, what does one ask, and how do published ones come in?

use crate::output::{Failure, Outcome, print_json};
use crate::rules::{RuleSet, RulesFolder, published};
use croft_conform::operation::OperationKind;
use croft_conform::operator::Operator;
use croft_conform::rule::{Body, Check, Condition, Operand, Rule, RuleType, read};
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Take in published rules from a folder, a zip archive or a file
    Import(Import),
    /// List rules: id, sources, what each is about
    List(List),
    /// Say what a rule asks, where it applies and where it comes from
    Explain(Explain),
}

#[derive(clap::Args)]
pub struct Import {
    /// RulesFolder, zip archive or file of rules in the published form (yml or json)
    from: PathBuf,
    /// What the set is called
    #[arg(long, value_name = "NAME", default_value = "cdisc-core")]
    name: String,
    #[command(flatten)]
    folder: RulesFolder,
}

#[derive(clap::Args)]
pub struct List {
    /// Only rules that name this standard, such as sdtmig-3.4
    #[arg(long, value_name = "STANDARD")]
    standard: Option<String>,
    /// List every operator, operation and rule type instead
    #[arg(long)]
    words: bool,
    #[command(flatten)]
    folder: RulesFolder,
}

#[derive(clap::Args)]
pub struct Explain {
    /// The rule's id, or its number in a standard (CG0176, FB0001)
    rule: String,
    #[command(flatten)]
    folder: RulesFolder,
}

pub fn run(command: Command, json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Import(args) => import(&args, json),
        Command::List(args) => list(&args, json),
        Command::Explain(args) => explain(&args, json),
    }
}

fn import(args: &Import, json: bool) -> Result<Outcome, Failure> {
    let plain = args.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !plain || args.name.is_empty() {
        return Err(Failure::misuse(format!("`{}` cannot name a set of rules", args.name))
            .hint("use letters, digits and hyphens"));
    }
    let folder = args
        .folder
        .path()
        .ok_or_else(|| Failure::misuse("there is no folder to keep rules in").hint("name one with `--rules-dir`"))?;
    let (found, passed_over) = published(&args.from)?;
    let (mut rules, mut refused) = (Vec::new(), Vec::new());
    for (place, rule) in found {
        match rule.and_then(|rule| read::from_json(&rule).map(|_| rule)) {
            Ok(rule) => rules.push(rule),
            Err(error) => refused.push((place, error)),
        }
    }
    let id = |rule: &serde_json::Value| rule["Core"]["Id"].as_str().unwrap_or_default().to_owned();
    rules.sort_by_key(id);
    rules.dedup_by_key(|rule| id(rule));
    let count = rules.len();
    let set = RuleSet { name: args.name.clone(), source: args.from.display().to_string(), rules };
    let path = folder.join(format!("{}.json", args.name));
    let bytes = serde_json::to_vec(&set).map_err(Failure::failure)?;
    crate::place::write_whole(&path, &bytes)
        .map_err(|error| Failure::failure(format!("{} cannot be written: {error}", path.display())))?;
    if json {
        let refused: Vec<_> = refused
            .iter()
            .map(|(place, error)| json!({"file": place, "error": error.to_string(), "hint": error.hint()}))
            .collect();
        print_json(
            &json!({"set": args.name, "rules": count, "refused": refused, "passed_over": passed_over, "file": path.display().to_string()}),
        );
    } else {
        eprintln!("imported {count} rules as {} ({passed_over} other files passed over)", args.name);
        for (place, error) in &refused {
            eprintln!("refused: {place}: {error}\n  hint: {}", error.hint());
        }
    }
    Ok(if refused.is_empty() { Outcome::Done } else { Outcome::Findings })
}

fn list(args: &List, json: bool) -> Result<Outcome, Failure> {
    if args.words {
        words(json);
        return Ok(Outcome::Done);
    }
    let read = args.folder.read()?;
    let wanted = args.standard.as_deref().map(|text| text.to_lowercase().replace([' ', '_'], "-"));
    let of_standard = |rule: &&Rule| {
        wanted.as_ref().is_none_or(|wanted| {
            rule.citations
                .iter()
                .any(|c| format!("{}-{}", c.standard.to_lowercase(), c.version.replace('-', ".")).starts_with(wanted))
        })
    };
    let rules: Vec<&Rule> = read.rules.iter().filter(of_standard).collect();
    if json {
        let each = rules.iter().map(|rule| {
            json!({"rule": rule.id, "type": rule.rule_type.words(), "sources": sources(rule), "description": rule.description, "message": rule.message})
        });
        print_json(&json!({"sets": read.sets, "rules": each.collect::<Vec<_>>()}));
        return Ok(Outcome::Done);
    }
    for rule in &rules {
        println!("{}  {}  {}", rule.id, sources(rule).join(", "), rule.message);
    }
    eprintln!("{} rules", rules.len());
    if read.rules.is_empty() {
        eprintln!("  hint: croft rules import FOLDER takes in the rules that CDISC publish");
    }
    for unusable in &read.unusable {
        eprintln!("unusable: {}: {}\n  hint: {}", unusable.place, unusable.error, unusable.error.hint());
    }
    Ok(Outcome::Done)
}

/// The numbers that standards give a rule.
fn sources(rule: &Rule) -> Vec<String> {
    let mut ids: Vec<String> =
        rule.citations.iter().map(|citation| citation.rule_id.clone()).filter(|id| !id.is_empty()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn words(json: bool) {
    let operators: Vec<&str> = Operator::words().collect();
    let operations: Vec<&str> = OperationKind::ALL.iter().map(|(_, word)| *word).collect();
    let types: Vec<&str> = RuleType::ALL.iter().map(|(_, words)| *words).collect();
    if json {
        print_json(&json!({"operators": operators, "operations": operations, "rule_types": types}));
        return;
    }
    for (title, words) in [("operators", operators), ("operations", operations), ("rule types", types)] {
        println!("{title}");
        for word in words {
            println!("  {word}");
        }
    }
}

fn explain(args: &Explain, json: bool) -> Result<Outcome, Failure> {
    let sets = args.folder.read()?;
    let named = |rule: &&Rule| {
        rule.id.eq_ignore_ascii_case(&args.rule) || sources(rule).iter().any(|id| id.eq_ignore_ascii_case(&args.rule))
    };
    let rules: Vec<&Rule> = sets.rules.iter().filter(named).collect();
    if rules.is_empty() {
        return Err(Failure::misuse(format!("there is no rule {}", args.rule)).hint("`croft rules list` shows all"));
    }
    if json {
        let each = rules.iter().map(|rule| {
            json!({"rule": rule.id, "type": rule.rule_type.words(), "description": rule.description, "message": rule.message,
                "executability": rule.executability, "sources": sources(rule), "asks": asked(rule)})
        });
        print_json(&each.collect::<serde_json::Value>());
        return Ok(Outcome::Done);
    }
    for rule in rules {
        println!("{}  {}", rule.id, rule.rule_type.words());
        println!("\n{}\n", rule.description);
        if rule.message != rule.description {
            println!("Finding: {}\n", rule.message);
        }
        println!("Looks at: {}", looks_at(rule));
        for join in &rule.joins {
            let keys: Vec<String> = join
                .keys
                .iter()
                .map(
                    |key| {
                        if key.left == key.right { key.left.clone() } else { format!("{} = {}", key.left, key.right) }
                    },
                )
                .collect();
            println!("Joined with {} on {}", join.dataset, keys.join(", "));
        }
        for operation in &rule.operations {
            let of = [
                operation.name.as_deref().unwrap_or_default(),
                operation.domain.as_deref().map(|_| "of").unwrap_or_default(),
                operation.domain.as_deref().unwrap_or_default(),
            ];
            println!("{} = {} {}", operation.id, operation.kind.word(), of.join(" ").trim());
        }
        println!("\nA record is a finding when\n{}", asked(rule));
        println!("\nSources");
        for citation in &rule.citations {
            println!(
                "  {} {} {} {}  {}",
                citation.organization, citation.standard, citation.version, citation.rule_id, citation.section
            );
        }
    }
    Ok(Outcome::Done)
}

fn looks_at(rule: &Rule) -> String {
    let names = |names: &Option<croft_conform::rule::Names>, what: &str| {
        names.as_ref().map(|names| {
            let but =
                if names.exclude.is_empty() { String::new() } else { format!(" but {}", names.exclude.join(", ")) };
            let include = if names.include.is_empty() { "all".to_owned() } else { names.include.join(", ") };
            format!("{what} {include}{but}")
        })
    };
    let scope = &rule.scope;
    let parts = [
        names(&scope.domains, "domains"),
        names(&scope.classes, "classes"),
        names(&scope.data_structures, "data structures"),
        names(&scope.entities, "entities"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "every dataset".to_owned() } else { parts.join("; ") }
}

/// The conditions as indented lines, or the expression.
fn asked(rule: &Rule) -> String {
    match &rule.body {
        Body::Jsonata(expression) => expression.clone(),
        Body::Conditions(check) => {
            let mut lines = Vec::new();
            tree(check, 1, &mut lines);
            lines.join("\n")
        }
    }
}

fn tree(check: &Check, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut all = |word: &str, parts: &[Check]| {
        lines.push(format!("{indent}{word}"));
        parts.iter().for_each(|part| tree(part, depth + 1, lines));
    };
    match check {
        Check::All(parts) => all("all of", parts),
        Check::Any(parts) => all("any of", parts),
        Check::Not(part) => all("not", std::slice::from_ref(part)),
        Check::Test(condition) => lines.push(format!("{indent}{}", sentence(condition))),
    }
}

fn sentence(condition: &Condition) -> String {
    let operand = match &condition.operand {
        Operand::Absent => String::new(),
        Operand::One(value) => value.to_string(),
        Operand::Many(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Operand::Sorted(keys) => keys.iter().map(|key| key.name.clone()).collect::<Vec<_>>().join(", "),
    };
    let target = condition.target.as_deref().unwrap_or("each variable");
    let words = condition.operator.word().replace('_', " ");
    let within =
        if condition.within.is_empty() { String::new() } else { format!(" within {}", condition.within.join(", ")) };
    format!("{target} {words} {operand}{within}").trim_end().to_owned()
}

//! Does a rule apply to a dataset? If not, why not?

use crate::rule::{Citation, Names, Rule, RuleType};
use crate::study::{Study, Table};
use croft_cdisc::library::Class;

/// Whether the rule is meant for the standard checked against; rules that name no standard are meant for all.
pub fn meant_for(rule: &Rule, study: &Study) -> bool {
    let named: Vec<&Citation> = rule.citations.iter().filter(|citation| !citation.standard.is_empty()).collect();
    let fits = |citation: &&&Citation| {
        let part = citation.substandard.is_empty() || citation.substandard.eq_ignore_ascii_case(&study.substandard);
        let version = citation.version.is_empty() || study.version.is_empty() || citation.version == study.version;
        citation.standard.eq_ignore_ascii_case(&study.product) && version && part
    };
    named.is_empty() || named.iter().any(|citation| fits(&citation))
}

/// Why the rule does not look at a dataset; `Ok` if it does.
pub fn applies(rule: &Rule, table: &Table, study: &Study) -> Result<(), String> {
    if rule.rule_type == RuleType::Jsonata {
        return Ok(());
    }
    if !use_case(rule, table, study)? {
        return Err(format!("{} is outside the use case {}", table.name, rule.scope.use_cases.join(", ")));
    }
    if let Some(names) = &rule.scope.data_structures
        && !data_structure(names, table)
    {
        return Err(format!("{} is of another data structure than {}", table.name, names.include.join(", ")));
    }
    if !domain(rule, table) {
        return Err(format!("{} is outside the domains {}", table.name, described(rule.scope.domains.as_ref())));
    }
    if let Some(names) = &rule.scope.classes
        && !class(names, table, study)
    {
        return Err(format!("{} is of another class than {}", table.name, described(Some(names))));
    }
    if let Some(names) = &rule.scope.entities {
        let named = |list: &[String]| list.iter().any(|name| *name == table.name || name == "ALL");
        if !named(&names.include) || named(&names.exclude) {
            return Err(format!("{} is outside the entities {}", table.name, described(Some(names))));
        }
    }
    Ok(())
}

fn described(names: Option<&Names>) -> String {
    let Some(names) = names else { return "all".to_owned() };
    let include = if names.include.is_empty() { "all".to_owned() } else { names.include.join(", ") };
    if names.exclude.is_empty() { include } else { format!("{include} but {}", names.exclude.join(", ")) }
}

fn domain(rule: &Rule, table: &Table) -> bool {
    let none = Names::default();
    let names = rule.scope.domains.as_ref().unwrap_or(&none);
    let split = rule.scope.split_datasets;
    let pattern = |list: &[String]| {
        list.iter().any(|name| match name.as_str() {
            "SUPP--" | "SQ--" => table.is_supplemental(),
            "AP--" | "APFA--" => table.is_associated_persons(),
            _ => false,
        })
    };
    let named = |list: &[String]| {
        list.iter().any(|name| name == "ALL" || *name == table.name || Some(name.as_str()) == table.domain())
    };
    let mut included = if names.include.is_empty() {
        split != Some(true) || table.is_split()
    } else {
        named(&names.include) || pattern(&names.include)
    };
    let whole = table.whole_name();
    let mut excluded = named(&names.exclude) || names.exclude.contains(&whole) || pattern(&names.exclude);
    match split {
        Some(true) if table.is_split() && !excluded => included = true,
        Some(false) if table.is_split() => excluded = true,
        _ => {}
    }
    included && !excluded
}

/// The observation class of a dataset, in the words of the terminology: `FINDINGS`, `SPECIAL PURPOSE`.
pub fn class_of(table: &Table, study: &Study) -> Option<Class> {
    let names: Vec<&str> = table.names().collect();
    let domain = table.domain().or_else(|| table.related_domain());
    let class = study.standard.and_then(|standard| standard.identify(&table.name, domain, &names).class);
    let known = domain.unwrap_or(&table.name);
    class.or_else(|| BEYOND_TABLES.iter().find(|(name, _)| *name == known).map(|&(_, class)| class))
}

/// Classes of domains whose guides (TIG 1.0, SENDIG-DART 1.2, SENDIG-GENETOX 1.0) are not among the tables at hand, as the
/// scopes of the published rules name them.
const BEYOND_TABLES: [(&str, Class); 13] = [
    ("EM", Class::Events),
    ("ES", Class::StudyReference),
    ("GT", Class::Findings),
    ("GV", Class::Findings),
    ("IN", Class::SpecialPurpose),
    ("IQ", Class::SpecialPurpose),
    ("IT", Class::SpecialPurpose),
    ("PD", Class::SpecialPurpose),
    ("PT", Class::Findings),
    ("RELREF", Class::Relationship),
    ("SJ", Class::SpecialPurpose),
    ("TF", Class::Findings),
    ("TO", Class::StudyReference),
];

fn class(names: &Names, table: &Table, study: &Study) -> bool {
    let class = class_of(table, study);
    let is = |name: &String| {
        name == "ALL"
            || class.is_some_and(|class| class.name() == name || (class == Class::FindingsAbout && name == "FINDINGS"))
    };
    (names.include.is_empty() || names.include.iter().any(is)) && !names.exclude.iter().any(is)
}

/// ADaM data structures by name and variables, in the rules' words.
fn data_structure(names: &Names, table: &Table) -> bool {
    let variables: Vec<&str> = table.names().collect();
    let (class, _) = croft_cdisc::library::adam_structure(&table.name, &variables);
    let words: &[&str] = match class {
        Class::SubjectLevelAnalysisDataset => &["ADSL", "SUBJECT LEVEL ANALYSIS DATASET"],
        Class::BasicDataStructure => &["BDS", "BASIC DATA STRUCTURE"],
        Class::OccurrenceDataStructure => &["OCCDS", "OCCURRENCE DATA STRUCTURE"],
        _ => &["OTHER", "ADAM OTHER"],
    };
    let named = |list: &[String]| list.iter().any(|name| name == "ALL" || words.contains(&name.as_str()));
    (names.include.is_empty() || named(&names.include)) && !named(&names.exclude)
}

/// Domains of TIG 1.0's use cases, as the rules' publisher lists them: individual health, product, nonclinical.
const USE_CASES: [(&str, &str, &[&str]); 3] = [
    (
        "SDTM",
        "INDH",
        &[
            "AE", "CO", "CM", "DM", "DI", "DU", "DO", "DS", "EG", "EX", "EC", "FA", "IE", "LB", "MH", "PC", "PP", "DA",
            "DV", "QS", "RELREC", "RE", "SC", "SE", "SV", "SU", "EM", "TA", "TE", "TI", "TS", "TV", "VS",
        ],
    ),
    ("SDTM", "PROD", &["TO", "PD", "PT", "IT", "IN", "IQ", "ES"]),
    (
        "SEND",
        "NONCLIN",
        &[
            "BW", "CV", "CL", "CO", "DD", "DM", "DI", "DU", "DS", "EG", "EX", "FW", "GT", "LB", "MA", "MI", "OM", "PM",
            "PK", "PP", "POOLDEF", "RELREC", "RELREF", "RE", "SC", "SE", "TA", "TE", "TF", "TX", "TS", "VS",
        ],
    ),
];

fn use_case(rule: &Rule, table: &Table, study: &Study) -> Result<bool, String> {
    if study.product != "tig" {
        return Ok(true);
    }
    let part = study.substandard.to_ascii_uppercase();
    let domain = table.related_domain().or_else(|| table.domain()).unwrap_or(&table.name);
    let asked = |case: &str| rule.scope.use_cases.iter().any(|name| name == case);
    if part == "ADAM" {
        return Ok(domain.starts_with("AD") && asked("ANALYSIS"));
    }
    let listed = USE_CASES.iter().filter(|(of, ..)| *of == part);
    if listed.clone().any(|(_, case, domains)| asked(case) && domains.contains(&domain)) {
        return Ok(true);
    }
    if listed.clone().any(|(_, _, domains)| domains.contains(&domain)) {
        return Ok(false);
    }
    // TIG has no more domains than these: any other is of the study's own, also one that SDTMIG has.
    if study.use_case.is_empty() {
        return Err(format!("{domain} is a domain of the study's own: say its use case with `--use-case`"));
    }
    Ok(asked(&study.use_case))
}

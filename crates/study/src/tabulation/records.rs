//! From which item groups do a domain's records come, and what fills their variables?
//!
//! A [`Record`] is one kind of record that one item group gives: one for each test, milestone or pre-specified term that conditions name, or one for the
//! group's rows as they are. An item without conditions belongs to the rows where their topic is an item too; otherwise it qualifies every record of
//! its group and domain (a date of measurement, a position).

use super::dictionary::Dictionary;
use super::mapping::Mapping;
use super::target::{self, Target};
use crate::error::StudyError;
use croft_design::forms::{Form, Item, ItemGroup};
use std::collections::{BTreeMap, BTreeSet};

/// One kind of record.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The form.
    pub form: &'a Form,
    /// The item group.
    pub group: &'a ItemGroup,
    /// The group's table in SQL.
    pub table: String,
    /// The domain.
    pub domain: String,
    /// What conditions and the group's annotation say, by variable.
    pub constants: BTreeMap<String, String>,
    /// The items behind each variable: one, or a date and a time.
    pub values: BTreeMap<String, Vec<&'a Item>>,
    /// Supplemental qualifiers: `QNAM` and its item.
    pub qualifiers: Vec<(String, &'a Item)>,
    /// Relations: the other domain, and the item that holds the number of its row.
    pub related: Vec<(String, &'a Item)>,
    /// Comments.
    pub comments: Vec<&'a Item>,
}

/// Conditions that records share, in order of their variables.
type Conditions = Vec<(String, String)>;

/// What the items of a group say of one domain.
#[derive(Default)]
struct Said<'a> {
    values: Vec<(String, Conditions, &'a Item)>,
    qualifiers: Vec<(String, Conditions, &'a Item)>,
}

/// The table of an item group in SQL: its name, with `_form` behind it where a dataset of the guide is named so (a group `VS`).
pub fn table_of(dictionary: &Dictionary, group: &str) -> String {
    let taken = dictionary.guide.known(&group.to_ascii_uppercase()).is_some();
    if taken { format!("{group}_form") } else { group.to_owned() }
}

/// Every kind of record, in the order of the forms; and the items of DM, which makes one record of all groups.
pub fn records<'a>(
    dictionary: &Dictionary,
    mapping: &Mapping,
    forms: &'a [Form],
    files: &[String],
) -> Result<Vec<Record<'a>>, StudyError> {
    let mut records = Vec::new();
    for (i, form) in forms.iter().enumerate() {
        for group in &form.groups {
            let found = of_group(dictionary, mapping, form, group).map_err(|(item, message)| StudyError::Text {
                file: files.get(i).cloned().unwrap_or_default(),
                message: format!("group `{}`, item `{item}`: {message}", group.name),
                hint: "map the records themselves too: their topic, such as a --TERM, --TRT or --ORRES".to_owned(),
            })?;
            records.extend(found);
        }
    }
    Ok(records)
}

fn of_group<'a>(
    dictionary: &Dictionary,
    mapping: &Mapping,
    form: &'a Form,
    group: &'a ItemGroup,
) -> Result<Vec<Record<'a>>, (String, String)> {
    let group_mapping = mapping.group(&form.form, &group.name);
    let mut said: BTreeMap<String, Said<'a>> = BTreeMap::new();
    let mut related = Vec::new();
    let mut comments = Vec::new();
    for item in &group.items {
        let fate = mapping.item(&form.form, &group.name, &item.name).map(|m| &m.fate);
        for target in fate.into_iter().flat_map(|f| f.targets()) {
            match target {
                Target::Related { to } => related.push((to.clone(), item)),
                Target::Variable { dataset, .. } if dataset == "CO" => comments.push(item),
                Target::Variable { dataset, variable, conditions } => {
                    let mut conditions = conditions.clone();
                    conditions.sort();
                    let domain = target::parent(dataset);
                    let of = said.entry(domain.unwrap_or(dataset).to_owned()).or_default();
                    let list = if domain.is_some() { &mut of.qualifiers } else { &mut of.values };
                    list.push((variable.clone(), conditions, item));
                }
            }
        }
    }
    let own = group_mapping.and_then(|g| g.domain.clone());
    let table = table_of(dictionary, &group.name);
    let mut records = Vec::new();
    for (domain, mut said) in said {
        if dictionary.is_findings(&domain) {
            not_done_at_all(&domain, &mut said);
        }
        let constants = group_mapping.filter(|g| g.domain.as_ref() == Some(&domain)).map(|g| g.constants.clone());
        let mut of_domain = of_domain(form, group, &table, &domain, &said, &constants.unwrap_or_default())?;
        if own.as_ref() == Some(&domain) {
            for record in &mut of_domain {
                record.related.clone_from(&related);
                record.comments.clone_from(&comments);
            }
        }
        records.append(&mut of_domain);
    }
    let homeless = related.iter().map(|(_, item)| item).chain(&comments).next();
    match homeless {
        Some(item) if !records.iter().any(|r| own.as_ref() == Some(&r.domain)) => {
            Err((item.name.clone(), "there are no records in its group to which it could belong".to_owned()))
        }
        _ => Ok(records),
    }
}

/// Whether a whole group of tests was done is a record of its own, with the test code `--ALL` (SDTMIG 3.4, section 4.5.1.2).
fn not_done_at_all(domain: &str, said: &mut Said<'_>) {
    let test = format!("{domain}TESTCD");
    if !said.values.iter().any(|(_, of, _)| of.iter().any(|(name, _)| *name == test)) {
        return;
    }
    for (variable, conditions, _) in &mut said.values {
        if conditions.is_empty() && matches!(variable.strip_prefix(domain), Some("STAT" | "REASND")) {
            conditions.push((test.clone(), format!("{domain}ALL")));
        }
    }
}

fn of_domain<'a>(
    form: &'a Form,
    group: &'a ItemGroup,
    table: &str,
    domain: &str,
    said: &Said<'a>,
    constants: &[(String, String)],
) -> Result<Vec<Record<'a>>, (String, String)> {
    let with = |conditions: &Conditions, inherits: bool| -> Record<'a> {
        let applies = |of: &Conditions| {
            of.iter().all(|c| conditions.contains(c)) && (inherits || !of.is_empty() || conditions.is_empty())
        };
        let mut record = Record {
            form,
            group,
            table: table.to_owned(),
            domain: domain.to_owned(),
            constants: constants.iter().chain(conditions).cloned().collect(),
            values: BTreeMap::new(),
            qualifiers: Vec::new(),
            related: Vec::new(),
            comments: Vec::new(),
        };
        // What is said of fewer records comes last and stands in the place of what is said of all.
        let mut values: Vec<_> = said.values.iter().filter(|(_, of, _)| applies(of)).collect();
        values.sort_by_key(|(_, of, _)| of.len());
        let mut narrowest: BTreeMap<&str, usize> = BTreeMap::new();
        for (variable, of, item) in values {
            let items = record.values.entry(variable.clone()).or_default();
            if narrowest.insert(variable, of.len()).is_some_and(|before| before < of.len()) {
                items.clear();
            }
            items.push(item);
        }
        let qualifiers = said.qualifiers.iter().filter(|(_, of, _)| of.iter().all(|c| conditions.contains(c)));
        record.qualifiers = qualifiers.map(|(name, _, item)| (name.clone(), *item)).collect();
        record
    };
    let sets: BTreeSet<&Conditions> = said.values.iter().map(|(_, of, _)| of).filter(|of| !of.is_empty()).collect();
    let narrower = |set: &Conditions, than: &Conditions| set.len() > than.len() && than.iter().all(|c| set.contains(c));
    let own: Vec<&Conditions> =
        sets.iter().copied().filter(|set| !sets.iter().any(|other| narrower(other, set))).collect();
    let plain = said.values.iter().filter(|(_, of, _)| of.is_empty());
    let has_topic = plain.clone().any(|(variable, ..)| is_topic(domain, variable));
    let plain_rows = domain == "DM" || own.is_empty() || has_topic;
    let mut records = Vec::new();
    if plain_rows && (plain.count() > 0 || domain == "DM") {
        records.push(with(&Vec::new(), true));
    }
    records.extend(own.into_iter().map(|set| with(set, !plain_rows)));
    let taken = |item: &Item| records.iter().any(|r| r.qualifiers.iter().any(|(_, q)| q.name == item.name));
    if let Some((.., item)) = said.qualifiers.iter().find(|(.., item)| !taken(item)) {
        return Err((
            item.name.clone(),
            format!("SUPP{domain} qualifies records of {domain}, and its group gives none"),
        ));
    }
    Ok(records)
}

/// Whether a variable says what a record is about, or holds its result.
fn is_topic(domain: &str, variable: &str) -> bool {
    let suffix = variable.strip_prefix(domain).unwrap_or("");
    matches!(suffix, "TERM" | "TRT" | "TESTCD" | "TEST" | "ORRES" | "DECOD")
}

impl<'a> Record<'a> {
    /// `--X` of its domain.
    pub fn name(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.domain)
    }

    /// The one item behind a variable.
    pub fn item(&self, suffix: &str) -> Option<&'a Item> {
        self.values.get(&self.name(suffix)).and_then(|items| items.first()).copied()
    }

    /// Whether an item fills the variable of this whole name.
    pub fn item_of(&self, variable: &str) -> bool {
        self.values.contains_key(variable)
    }

    /// The item without which there is no record; none where any of its items makes one.
    pub fn topic(&self) -> Option<&'a Item> {
        ["TERM", "TRT", "TESTCD", "TEST", "ORRES", "DECOD", "OCCUR"].iter().find_map(|suffix| {
            let constant = self.constants.contains_key(&self.name(suffix));
            self.item(suffix).filter(|_| !constant)
        })
    }
}

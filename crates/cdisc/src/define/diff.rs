//! What differs between two define.xml?
//!
//! Things are the same when they have the same name: datasets and variables by name, values by variable and condition, standards by name, all others by
//! identifier. A variable's method, comment, code list and origin are compared by what they say, so that new identifiers alone are no change.

use super::condition::any_of;
use super::{Define, Index, ItemDef, Variable, words};
use std::collections::BTreeMap;

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only the second file has it.
    Added,
    /// Only the first file has it.
    Removed,
    /// Both have it and say different things: what about, before, after.
    Changed(Vec<(&'static str, String, String)>),
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `dataset`, `variable`, `value`, `code list`, `term`, `method`, `comment`, `document`, `standard`, `display`, `result`, `study`.
    pub what: &'static str,
    /// Its name: `DM.AGE`, `ADPP.AVAL where PARAMCD = CMAX`.
    pub name: String,
    /// How.
    pub difference: Difference,
}

/// What the second file has more, less or otherwise than the first: by kind in the order of the file's parts, then by name.
pub fn diff(before: &Define, after: &Define) -> Vec<Change> {
    let (mut old, mut new) = (things(before), things(after));
    let mut changes = Vec::new();
    for (rank, what) in KINDS.iter().enumerate() {
        let old = old.remove(&rank).unwrap_or_default();
        let mut new = new.remove(&rank).unwrap_or_default();
        for (name, facts) in old {
            let difference = match new.remove(&name) {
                None => Difference::Removed,
                Some(now) => {
                    let changed: Vec<_> = (facts.into_iter().zip(now))
                        .filter(|((_, before), (_, after))| before != after)
                        .map(|((about, before), (_, after))| (about, before, after))
                        .collect();
                    if changed.is_empty() {
                        continue;
                    }
                    Difference::Changed(changed)
                }
            };
            changes.push(Change { what, name, difference });
        }
        changes.extend(new.into_keys().map(|name| Change { what, name, difference: Difference::Added }));
    }
    changes.sort_by(|a, b| rank(a.what).cmp(&rank(b.what)).then_with(|| a.name.cmp(&b.name)));
    changes
}

const KINDS: [&str; 12] = [
    "study",
    "standard",
    "dataset",
    "variable",
    "value",
    "code list",
    "term",
    "method",
    "comment",
    "document",
    "display",
    "result",
];

fn rank(what: &str) -> usize {
    KINDS.iter().position(|kind| *kind == what).unwrap_or(KINDS.len())
}

/// What is said of a thing: about what, and the words. The same kinds of thing say as many facts in one order.
type Facts = Vec<(&'static str, String)>;

/// All things of a file, by kind and name; of two with one name the first.
#[derive(Default)]
struct Things(BTreeMap<usize, BTreeMap<String, Facts>>);

impl Things {
    fn add(&mut self, what: &str, name: impl Into<String>, facts: Facts) {
        self.0.entry(rank(what)).or_default().entry(name.into()).or_insert(facts);
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn things(define: &Define) -> BTreeMap<usize, BTreeMap<String, Facts>> {
    let index = define.index();
    let mut all = Things::default();
    let m = &define.metadata;
    let names = define.study.names.as_ref();
    let study = vec![
        ("version", define.version.number().to_owned()),
        ("name", text(names.and_then(|n| n.study_name.as_deref()))),
        ("description", text(names.and_then(|n| n.study_description.as_deref()))),
        ("protocol", text(names.and_then(|n| n.protocol_name.as_deref()))),
    ];
    all.add("study", "study", study);
    for standard in define.standards().iter() {
        let name = [standard.name.as_deref(), standard.publishing_set.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        all.add(
            "standard",
            name,
            vec![("version", text(standard.version.as_deref())), ("status", text(standard.status.as_deref()))],
        );
    }
    datasets(define, &index, &mut all);
    for list in &m.code_lists {
        let dictionary = list.external.as_ref().map_or_else(String::new, |e| {
            format!("{} {}", e.dictionary.as_deref().unwrap_or_default(), e.version.as_deref().unwrap_or_default())
        });
        let facts = vec![
            ("name", list.name().to_owned()),
            ("type", list.data_type.as_ref().map_or_else(String::new, ToString::to_string)),
            ("NCI code", text(list.nci_code())),
            ("dictionary", dictionary),
        ];
        all.add("code list", &list.oid, facts);
        for term in list.terms() {
            let extended = if term.is_extended { "yes" } else { "" };
            let facts = vec![
                ("decode", words(term.decode)),
                ("NCI code", text(term.nci_code)),
                ("extended", extended.to_owned()),
            ];
            all.add("term", format!("{} {}", list.oid, term.value), facts);
        }
    }
    for method in &m.methods {
        let kind = method.kind.as_ref().map_or_else(String::new, ToString::to_string);
        let facts = vec![
            ("name", text(method.name.as_deref())),
            ("type", kind),
            ("description", method_words(&index, Some(&method.oid))),
        ];
        all.add("method", &method.oid, facts);
    }
    for comment in &m.comments {
        all.add("comment", &comment.oid, vec![("description", words(comment.description.as_ref()))]);
    }
    for leaf in &m.documents {
        all.add(
            "document",
            &leaf.id,
            vec![("title", text(leaf.title.as_deref())), ("path", text(leaf.href.as_deref()))],
        );
    }
    results(define, &index, &mut all);
    all.0
}

fn datasets(define: &Define, index: &Index<'_>, all: &mut Things) {
    for dataset in &define.metadata.datasets {
        let standard = dataset.standard_oid.as_deref().and_then(|oid| index.standards.get(oid));
        let facts = vec![
            ("label", dataset.label()),
            ("class", text(dataset.class())),
            ("subclass", dataset.sub_classes().collect::<Vec<_>>().join(", ")),
            ("structure", text(dataset.structure.as_deref())),
            ("purpose", text(dataset.purpose.as_deref())),
            ("keys", index.keys(dataset).join(", ")),
            ("order of variables", index.variables(dataset).iter().map(Variable::name).collect::<Vec<_>>().join(", ")),
            ("standard", standard.map_or_else(String::new, |s| text(s.name.as_deref()))),
            ("file", text(dataset.href())),
            ("no data", if dataset.has_no_data() { "yes".to_owned() } else { String::new() }),
            ("comment", comment_words(index, dataset.comment_oid.as_deref())),
        ];
        all.add("dataset", dataset.name(), facts);
        for variable in index.variables(dataset) {
            let name = format!("{}.{}", dataset.name(), variable.name());
            all.add("variable", &name, variable_facts(index, &variable));
            for value in index.values(variable.definition) {
                let condition = any_of(&value.reference.where_clauses, index);
                all.add("value", format!("{name} where {condition}"), variable_facts(index, &value));
            }
        }
    }
}

fn variable_facts(index: &Index<'_>, variable: &Variable<'_>) -> Facts {
    let item: &ItemDef = variable.definition;
    let list = item.code_list_oid().and_then(|oid| index.code_lists.get(oid));
    vec![
        ("label", item.label()),
        ("type", item.data_type.as_ref().map_or_else(String::new, ToString::to_string)),
        ("length", item.length.map_or_else(String::new, |n| n.to_string())),
        ("significant digits", item.significant_digits.map_or_else(String::new, |n| n.to_string())),
        ("format", text(item.display_format.as_deref())),
        ("mandatory", variable.reference.mandatory.as_ref().map_or_else(String::new, ToString::to_string)),
        ("role", text(variable.reference.role.as_deref())),
        ("no data", if variable.has_no_data() { "yes".to_owned() } else { String::new() }),
        ("code list", list.map_or_else(String::new, |l| l.name().to_owned())),
        ("origin", item.origins.iter().map(origin_words).collect::<Vec<_>>().join("; ")),
        ("method", method_words(index, variable.reference.method_oid.as_deref())),
        ("comment", comment_words(index, item.comment_oid.as_deref())),
    ]
}

fn origin_words(origin: &super::Origin) -> String {
    let pages = origin
        .documents
        .iter()
        .flat_map(|d| &d.pages)
        .filter_map(|p| p.page_refs.clone())
        .collect::<Vec<_>>()
        .join(", ");
    let parts =
        [text(origin.kind.as_deref()), text(origin.source.as_deref()), words(origin.description.as_ref()), pages];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn method_words(index: &Index<'_>, oid: Option<&str>) -> String {
    let Some(method) = oid.and_then(|oid| index.methods.get(oid)) else { return String::new() };
    let code = method.expressions.iter().map(|e| e.text.as_str());
    std::iter::once(words(method.description.as_ref()).as_str())
        .chain(code)
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

fn comment_words(index: &Index<'_>, oid: Option<&str>) -> String {
    oid.and_then(|oid| index.comments.get(oid)).map_or_else(String::new, |c| words(c.description.as_ref()))
}

fn results(define: &Define, index: &Index<'_>, all: &mut Things) {
    for display in define.displays() {
        let facts = vec![("name", text(display.name.as_deref())), ("description", words(display.description.as_ref()))];
        all.add("display", &display.oid, facts);
        for result in &display.results {
            let datasets = result.datasets.iter().flat_map(|d| &d.datasets);
            let from = datasets.map(|d| {
                let name = index.datasets.get(d.dataset_oid.as_str()).map_or(d.dataset_oid.as_str(), |def| def.name());
                let condition = any_of(&d.where_clauses, index);
                let variables =
                    d.variables.iter().filter_map(|v| index.items.get(v.item_oid.as_str())).map(|i| i.name());
                format!("{name} [{condition}] {}", variables.collect::<Vec<_>>().join(", "))
            });
            let code = result.programming_code.as_ref().and_then(|c| c.code.as_deref());
            let facts = vec![
                ("description", words(result.description.as_ref())),
                ("reason", text(result.reason.as_deref())),
                ("purpose", text(result.purpose.as_deref())),
                ("data", from.collect::<Vec<_>>().join("; ")),
                ("documentation", words(result.documentation.as_ref().and_then(|d| d.description.as_ref()))),
                ("code", text(code)),
            ];
            all.add("result", &result.oid, facts);
        }
    }
}

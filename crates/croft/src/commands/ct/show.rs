//! `croft ct show`: packages, code lists, terms, and where a text stands.

use super::{count, yes_no};
use crate::columns::{Columns, terminal_width};
use crate::output::{Failure, Outcome, print_json};
use crate::terminology::{self, Folder};
use croft_cdisc::terminology::{Codelist, Package, PackageName, Term, Terminology, published};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// The package, such as sdtmct-2025-03-28; or its product, such as sdtmct, for the newest at hand
    package: Option<String>,
    /// A code list of the package, by submission value or NCI code: SEX, C66731
    codelist: Option<String>,
    /// Only what holds this text, whatever the case: in codes, submission values, names, preferred terms, synonyms. Without a package,
    /// in the newest of each product
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    #[command(flatten)]
    folder: Folder,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let all = args.folder.open()?;
    let package = args.package.as_deref().map(|text| terminology::named(&all, text)).transpose()?;
    let package = package.map(|name| terminology::load(&all, &name)).transpose()?;
    match (package, &args.codelist, &args.find) {
        (Some(package), Some(key), find) => terms(package, codelist(package, key)?, find.as_deref(), as_json),
        (Some(package), None, Some(text)) => search(&[package], text, as_json),
        (Some(package), None, None) => codelists(package, as_json),
        (None, _, Some(text)) => {
            let newest = terminology::products(&all);
            let newest = newest.iter().filter_map(|product| all.latest(product));
            let packages = newest.map(|name| terminology::load(&all, &name)).collect::<Result<Vec<_>, _>>()?;
            search(&packages, text, as_json);
        }
        (None, _, None) => return Ok(packages(&all, &args.folder, as_json)),
    }
    Ok(Outcome::Done)
}

/// The code list of a package; where there is none, the message names those that come near.
fn codelist<'p>(package: &'p Package, key: &str) -> Result<&'p Codelist, Failure> {
    package.codelist(key).ok_or_else(|| {
        let wanted = key.to_lowercase();
        let near = |list: &&Codelist| {
            list.submission_value.to_lowercase().contains(&wanted) || list.name.to_lowercase().contains(&wanted)
        };
        let near: Vec<&str> =
            package.codelists().iter().filter(near).take(8).map(|l| l.submission_value.as_str()).collect();
        let hint = if near.is_empty() {
            format!("`croft ct show {}` lists its code lists, `--find` looks in them", package.name)
        } else {
            format!("near it: {}", near.join(", "))
        };
        Failure::misuse(format!("{} has no code list `{key}`", package.name)).hint(hint)
    })
}

fn packages(all: &Terminology, folder: &Folder, as_json: bool) -> Outcome {
    let mut table = Columns::new(&["package", ">code lists", ">terms", "from"]);
    let (mut facts, mut damaged) = (Vec::new(), Vec::new());
    for (name, installed) in all.names() {
        let from = if installed { "installed" } else { "croft" };
        match all.package(&name) {
            Ok(Some(package)) => {
                let (lists, terms) = (package.codelists().len(), package.term_count());
                facts.push(json!({
                    "package": name.to_string(), "product": name.product(), "date": name.date(), "from": from,
                    "code_lists": lists, "terms": terms, "source": package.source,
                }));
                table.row([name.to_string(), lists.to_string(), terms.to_string(), from.to_owned()]);
            }
            Ok(None) => {}
            Err(error) => {
                facts.push(json!({ "package": name.to_string(), "from": from, "error": error.to_string() }));
                table.row([name.to_string(), String::new(), String::new(), format!("{from}, damaged")]);
                damaged.push((name, error));
            }
        }
    }
    let newer = newer(all);
    if as_json {
        let newer: Vec<Value> =
            newer.iter().map(|(product, dates)| json!({ "product": product, "dates": dates })).collect();
        let folder = folder.path().map(|p| p.display().to_string());
        print_json(&json!({ "packages": facts, "newer_published": newer, "ct_dir": folder }));
    } else {
        print(&table);
        for (product, dates) in &newer {
            let which =
                if let [date] = &dates[..] { format!("{date} is") } else { format!("{} are", dates.join(", ")) };
            eprintln!(
                "note: {product}: {which} published and not at hand; `croft ct import` takes the file from NCI EVS"
            );
        }
        for (name, error) in &damaged {
            eprintln!("error: the installed package {name}: {error}\n  hint: {}", error.hint());
        }
    }
    if damaged.is_empty() { Outcome::Done } else { Outcome::Findings }
}

/// By product, the packages that are published after the newest one at hand.
fn newer(all: &Terminology) -> Vec<(String, Vec<&'static str>)> {
    let of = |product: String| {
        let newest: PackageName = all.latest(&product)?;
        let dates: Vec<_> = published(&product).into_iter().filter(|date| *date > newest.date()).collect();
        (!dates.is_empty()).then_some((product, dates))
    };
    terminology::products(all).into_iter().filter_map(of).collect()
}

fn codelists(package: &Package, as_json: bool) {
    let lists = by_value(package);
    if as_json {
        let lists: Vec<Value> = lists.iter().map(|list| list_facts(list)).collect();
        let name = package.name.to_string();
        return print_json(&json!({ "package": name, "source": package.source, "code_lists": lists }));
    }
    let (lists_count, terms) = (count(lists.len(), "code list"), count(package.term_count(), "term"));
    outln!("{}: {lists_count}, {terms}\n{}\n", package.name.title(), package.source);
    print(&list_table(&lists));
}

/// Code lists in order of submission value, as people look for them.
fn by_value(package: &Package) -> Vec<&Codelist> {
    let mut lists: Vec<&Codelist> = package.codelists().iter().collect();
    lists.sort_by(|a, b| (&a.submission_value, &a.code).cmp(&(&b.submission_value, &b.code)));
    lists
}

fn list_table(lists: &[&Codelist]) -> Columns {
    let mut table = Columns::new(&["code list", "code", "extensible", ">terms", "name"]);
    for list in lists {
        table.row([
            list.submission_value.clone(),
            list.code.clone(),
            yes_no(list.extensible).to_owned(),
            list.term_count().to_string(),
            list.name.clone(),
        ]);
    }
    table
}

fn list_facts(list: &Codelist) -> Value {
    json!({
        "code": list.code, "submission_value": list.submission_value, "name": list.name, "extensible": list.extensible,
        "terms": list.term_count(),
    })
}

pub(super) fn term_facts(term: &Term) -> Value {
    json!({
        "submission_value": term.submission_value, "code": term.code, "preferred_term": term.preferred_term,
        "synonyms": term.synonyms,
    })
}

fn terms(package: &Package, list: &Codelist, find: Option<&str>, as_json: bool) {
    let wanted = find.map(str::to_lowercase);
    let fits = |term: &&Term| wanted.as_deref().is_none_or(|text| holds(term, text));
    let found: Vec<&Term> = list.terms().iter().filter(fits).collect();
    if as_json {
        let mut facts = list_facts(list);
        facts["package"] = json!(package.name.to_string());
        facts["terms"] = found.iter().map(|term| term_facts(term)).collect();
        return print_json(&facts);
    }
    let extensible = if list.extensible { "extensible" } else { "not extensible" };
    let of = if found.len() == list.term_count() { String::new() } else { format!("{} of ", found.len()) };
    outln!("{}  {}  ({})", list.submission_value, list.name, list.code);
    outln!("{}: {of}{}, {extensible}\n", package.name.title(), count(list.term_count(), "term"));
    let mut table = Columns::new(&["submission value", "code", "preferred term", "synonyms"]);
    for term in found {
        table.row(term_row(term));
    }
    print(&table);
}

fn term_row(term: &Term) -> [String; 4] {
    let code = term.code.clone().unwrap_or_default();
    [term.submission_value.clone(), code, term.preferred_term.clone(), term.synonyms.join("; ")]
}

/// Whether any part of the term holds the text, which is in lower case.
fn holds(term: &Term, text: &str) -> bool {
    let within = |part: &str| part.to_lowercase().contains(text);
    within(&term.submission_value)
        || within(&term.preferred_term)
        || term.synonyms.iter().any(|s| within(s))
        || term.code.as_deref().is_some_and(|code| code.to_lowercase() == text)
}

/// Code lists and terms that hold a text, by package.
fn search(packages: &[&Package], text: &str, as_json: bool) {
    let wanted = text.to_lowercase();
    let mut facts = Vec::new();
    let mut told = false;
    for package in packages {
        let lists = by_value(package);
        let named = |list: &&&Codelist| {
            let within = |part: &str| part.to_lowercase().contains(&wanted);
            within(&list.submission_value) || within(&list.name) || list.code.to_lowercase() == wanted
        };
        let found: Vec<&Codelist> = lists.iter().filter(named).copied().collect();
        let terms = lists
            .iter()
            .flat_map(|list| list.terms().iter().filter(|term| holds(term, &wanted)).map(move |term| (*list, term)));
        let terms: Vec<(&Codelist, &Term)> = terms.collect();
        if found.is_empty() && terms.is_empty() {
            continue;
        }
        if as_json {
            let lists: Vec<Value> = found.iter().map(|list| list_facts(list)).collect();
            let terms: Vec<Value> = terms
                .iter()
                .map(|(list, term)| {
                    let mut facts = term_facts(term);
                    facts["code_list"] = json!({ "code": list.code, "submission_value": list.submission_value });
                    facts
                })
                .collect();
            facts.push(json!({ "package": package.name.to_string(), "code_lists": lists, "terms": terms }));
            continue;
        }
        let gap = if told { "\n" } else { "" };
        outln!("{gap}{}: {}, {}", package.name.title(), count(found.len(), "code list"), count(terms.len(), "term"));
        told = true;
        if !found.is_empty() {
            outln!();
            print(&list_table(&found));
        }
        let mut table = Columns::new(&["code list", "submission value", "code", "preferred term", "synonyms"]);
        for (list, term) in terms {
            let [value, code, preferred, synonyms] = term_row(term);
            table.row([list.submission_value.clone(), value, code, preferred, synonyms]);
        }
        if !table.is_empty() {
            outln!();
            print(&table);
        }
    }
    if as_json {
        print_json(&json!({ "find": text, "packages": facts }));
    } else if !told {
        let names: Vec<String> = packages.iter().map(|package| package.name.to_string()).collect();
        eprintln!("`{text}` stands in none of {}", names.join(", "));
    }
}

fn print(table: &Columns) {
    for line in table.lines(terminal_width()) {
        outln!("{line}");
    }
}

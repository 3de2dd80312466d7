//! `croft ct diff`: what changed between two packages.

use super::{count, show::term_facts, yes_no};
use crate::columns::{Columns, terminal_width};
use crate::output::{Failure, Outcome, print_json};
use crate::terminology::{self, Folder};
use croft_cdisc::terminology::{Change, CodelistChange, CodelistName, Difference, Term, diff};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// The first package, such as sdtmct-2022-09-30
    from: String,
    /// The second, such as sdtmct-2025-03-28; or a product for its newest at hand
    to: String,
    /// Only this code list, by submission value or NCI code
    #[arg(long, value_name = "NAME")]
    codelist: Option<String>,
    #[command(flatten)]
    folder: Folder,
}

pub fn run(args: &Args, as_json: bool) -> Result<Outcome, Failure> {
    let all = args.folder.open()?;
    let from = terminology::load(&all, &terminology::named(&all, &args.from)?)?;
    let to = terminology::load(&all, &terminology::named(&all, &args.to)?)?;
    let mut difference = diff(from, to);
    if let Some(key) = &args.codelist {
        let list = to.codelist(key).or_else(|| from.codelist(key));
        let code = list.map(|list| list.code.clone()).ok_or_else(|| {
            Failure::misuse(format!("neither {} nor {} has a code list `{key}`", from.name, to.name))
                .hint("`croft ct show PACKAGE` lists them")
        })?;
        difference.added.retain(|list| list.code == code);
        difference.removed.retain(|list| list.code == code);
        difference.changed.retain(|list| list.code == code);
    }
    if as_json {
        print_json(&facts(&difference));
    } else {
        tell(&difference);
    }
    Ok(Outcome::Done)
}

/// Terms added, removed, changed in the code lists that both packages have.
fn term_counts(difference: &Difference) -> [usize; 3] {
    let sum = |of: fn(&CodelistChange) -> usize| difference.changed.iter().map(of).sum();
    [sum(|list| list.added.len()), sum(|list| list.removed.len()), sum(|list| list.changed.len())]
}

fn tell(difference: &Difference) {
    outln!("{} → {}", difference.from.title(), difference.to.title());
    if difference.is_empty() {
        outln!("\n  nothing differs");
        return;
    }
    let [added, removed, changed] = term_counts(difference);
    let mut table = Columns::new(&["", ">added", ">removed", ">changed"]);
    let lists = [difference.added.len(), difference.removed.len(), difference.changed.len()];
    let [a, r, c] = lists.map(|n| n.to_string());
    table.row(["code lists".to_owned(), a, r, c]);
    table.row(["terms of lists in both".to_owned(), added.to_string(), removed.to_string(), changed.to_string()]);
    let width = terminal_width();
    outln!();
    lines(&table.lines(width));
    lists_told("added code lists", &difference.added, width);
    lists_told("removed code lists", &difference.removed, width);
    if !difference.changed.is_empty() {
        outln!("\nchanged code lists");
    }
    let mut changed: Vec<&CodelistChange> = difference.changed.iter().collect();
    changed.sort_by(|a, b| (&a.submission_value, &a.code).cmp(&(&b.submission_value, &b.code)));
    for list in changed {
        list_change(list, width);
    }
}

fn lists_told(what: &str, lists: &[CodelistName], width: Option<usize>) {
    if lists.is_empty() {
        return;
    }
    let mut lists: Vec<&CodelistName> = lists.iter().collect();
    lists.sort_by(|a, b| (&a.submission_value, &a.code).cmp(&(&b.submission_value, &b.code)));
    let mut table = Columns::new(&["code list", "code", "extensible", ">terms", "name"]);
    for list in lists {
        table.row([
            list.submission_value.clone(),
            list.code.clone(),
            yes_no(list.extensible).to_owned(),
            list.terms.to_string(),
            list.name.clone(),
        ]);
    }
    outln!("\n{what}\n");
    lines(&table.lines(width));
}

fn list_change(list: &CodelistChange, width: Option<usize>) {
    let told: Vec<String> =
        [(&list.added.len(), "added"), (&list.removed.len(), "removed"), (&list.changed.len(), "changed")]
            .iter()
            .filter(|(n, _)| **n > 0)
            .map(|(n, what)| format!("{} {what}", count(**n, "term")))
            .collect();
    outln!("\n  {}  ({})  {}", list.submission_value, list.code, told.join(", "));
    for change in &list.changes {
        outln!("    {}", words(change));
    }
    let mut table = Columns::new(&["", "", "", ""]);
    let mut one = |sign: &str, term: &Term| {
        let code = term.code.clone().unwrap_or_default();
        table.row([format!("  {sign}"), term.submission_value.clone(), code, term.preferred_term.clone()]);
    };
    list.added.iter().for_each(|term| one("+", term));
    list.removed.iter().for_each(|term| one("-", term));
    for term in &list.changed {
        let changes: Vec<String> = term.changes.iter().map(words).collect();
        let code = term.code.clone().unwrap_or_default();
        table.row(["  ~".to_owned(), term.submission_value.clone(), code, changes.join("; ")]);
    }
    // Signs need no headings.
    lines(table.lines(width).get(1..).unwrap_or_default());
}

fn words(change: &Change) -> String {
    let quoted = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
    format!("{}: {} → {}", change.what, quoted(&change.from), quoted(&change.to))
}

fn lines(lines: &[String]) {
    for line in lines {
        outln!("{line}");
    }
}

fn facts(difference: &Difference) -> Value {
    let [added, removed, changed] = term_counts(difference);
    let list = |list: &CodelistName| {
        json!({
            "code": list.code, "submission_value": list.submission_value, "name": list.name,
            "extensible": list.extensible, "terms": list.terms,
        })
    };
    let changes = |changes: &[Change]| -> Vec<Value> {
        changes.iter().map(|c| json!({ "what": c.what, "from": c.from, "to": c.to })).collect()
    };
    let changed_list = |list: &CodelistChange| {
        json!({
            "code": list.code,
            "submission_value": list.submission_value,
            "changes": changes(&list.changes),
            "terms_added": list.added.iter().map(term_facts).collect::<Vec<_>>(),
            "terms_removed": list.removed.iter().map(term_facts).collect::<Vec<_>>(),
            "terms_changed": list.changed.iter().map(|term| json!({
                "code": term.code, "submission_value": term.submission_value, "changes": changes(&term.changes),
            })).collect::<Vec<_>>(),
        })
    };
    json!({
        "from": difference.from.to_string(),
        "to": difference.to.to_string(),
        "counts": {
            "code_lists_added": difference.added.len(),
            "code_lists_removed": difference.removed.len(),
            "code_lists_changed": difference.changed.len(),
            "terms_added": added, "terms_removed": removed, "terms_changed": changed,
        },
        "code_lists_added": difference.added.iter().map(list).collect::<Vec<_>>(),
        "code_lists_removed": difference.removed.iter().map(list).collect::<Vec<_>>(),
        "code_lists_changed": difference.changed.iter().map(changed_list).collect::<Vec<_>>(),
    })
}

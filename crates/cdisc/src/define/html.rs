//! A define.xml as one page that any browser shows: no script, nothing loaded, links only to the files that the define names.
//!
//! Browsers are dropping XSLT, by which define.xml used to be shown. What is defined but not used anywhere is shown in its section as well, so that the
//! page hides nothing. A path in the file is a link only where it is relative or of the web; one with another scheme is text.

mod parts;
mod sections;

use super::condition::any_of;
use super::{DatasetDef, Define, DocumentRef, Index, ItemDef, Variable, Version, words};
use parts::Page;
use sections::{code_lists, comments, documents, methods, results};

const STYLE: &str = include_str!("../../assets/define.css");

/// The page.
pub fn html(define: &Define) -> String {
    let index = define.index();
    let mut page = Page::new();
    let names = define.study.names.as_ref();
    let study = names.and_then(|n| n.study_name.as_deref()).unwrap_or(&define.study.oid);
    page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><title>");
    page.text(&format!("Define-XML of {study}"));
    page.raw("</title><style>").raw(STYLE).raw("</style></head>\n<body><div class=\"page\">\n");
    contents(&mut page, define);
    page.raw("<main>\n");
    head(&mut page, define, study);
    standards(&mut page, define, &index);
    datasets(&mut page, define, &index);
    results(&mut page, define, &index);
    for dataset in &define.metadata.datasets {
        variables(&mut page, define, dataset, &index);
    }
    code_lists(&mut page, define, &index);
    methods(&mut page, define, &index);
    comments(&mut page, define, &index);
    documents(&mut page, define);
    page.raw("</main></div></body></html>\n");
    page.finish()
}

fn contents(page: &mut Page, define: &Define) {
    let m = &define.metadata;
    page.raw("<nav aria-label=\"Contents\"><ul>\n");
    let mut link = |anchor: &str, words: &str| {
        page.raw("<li>").link(&format!("#{anchor}"), words).raw("</li>\n");
    };
    link("standards", "Standards");
    link("datasets", "Datasets");
    if !define.displays().is_empty() {
        link("results", "Analysis results");
    }
    page.raw("<li><b>Variables</b><ul>\n");
    for dataset in &m.datasets {
        page.raw("<li>").link(&anchor("d", &dataset.oid), dataset.name()).raw("</li>\n");
    }
    page.raw("</ul></li>\n");
    let rest = [
        ("codelists", "Code lists", m.code_lists.is_empty()),
        ("methods", "Methods", m.methods.is_empty()),
        ("comments", "Comments", m.comments.is_empty()),
        ("documents", "Documents", m.documents.is_empty()),
    ];
    for (anchor, words, _) in rest.iter().filter(|(_, _, empty)| !empty) {
        page.raw("<li>").link(&format!("#{anchor}"), words).raw("</li>\n");
    }
    page.raw("</ul></nav>\n");
}

/// The address of a definition on the page.
fn anchor(kind: &str, oid: &str) -> String {
    format!("#{}", parts::id(kind, oid))
}

fn head(page: &mut Page, define: &Define, study: &str) {
    let names = define.study.names.as_ref();
    page.raw("<h1>").text(study).raw("</h1>\n");
    if let Some(description) = names.and_then(|n| n.study_description.as_deref()) {
        page.raw("<p class=\"lead\">").text(description).raw("</p>\n");
    }
    let source = [define.header.source_system.as_deref(), define.header.source_system_version.as_deref()];
    page.facts(&[
        ("Protocol", names.and_then(|n| n.protocol_name.as_deref()).unwrap_or_default()),
        ("Metadata", define.metadata.name.as_deref().unwrap_or_default()),
        ("Description", define.metadata.description.as_deref().unwrap_or_default()),
        ("Define-XML", define.metadata.define_version.as_deref().unwrap_or(define.version.number())),
        ("Context", define.header.context.as_deref().unwrap_or_default()),
        ("Created", define.header.created.as_deref().unwrap_or_default()),
        ("Originator", define.header.originator.as_deref().unwrap_or_default()),
        ("Made by", source.into_iter().flatten().collect::<Vec<_>>().join(" ").trim()),
    ]);
}

fn standards(page: &mut Page, define: &Define, index: &Index<'_>) {
    page.heading(2, "standards", "Standards");
    let v2_1 = define.version == Version::V2_1;
    let columns: &[&str] =
        if v2_1 { &["Standard", "Type", "Version", "Status", "Comment"] } else { &["Standard", "Version"] };
    page.table(columns);
    for standard in define.standards().iter() {
        page.raw("<tr").anchor("s", &standard.oid).raw("><th scope=\"row\">");
        page.text(standard.name.as_deref().unwrap_or_default());
        if let Some(set) = &standard.publishing_set {
            page.text(" ").text(set);
        }
        page.raw("</th>");
        if v2_1 {
            page.cell(standard.kind.as_deref().unwrap_or_default());
        }
        page.cell(standard.version.as_deref().unwrap_or_default());
        if v2_1 {
            page.cell(standard.status.as_deref().unwrap_or_default());
            page.raw("<td>");
            comment(page, standard.comment_oid.as_deref(), index);
            page.raw("</td>");
        }
        page.raw("</tr>\n");
    }
    page.end_table();
}

fn datasets(page: &mut Page, define: &Define, index: &Index<'_>) {
    page.heading(2, "datasets", "Datasets");
    page.table(&["Dataset", "Label", "Class", "Structure", "Keys", "Purpose", "File", "Comment"]);
    for dataset in &define.metadata.datasets {
        page.raw("<tr><th scope=\"row\">").link(&anchor("d", &dataset.oid), dataset.name()).raw("</th>");
        page.cell(&dataset.label());
        page.cell(&class(dataset));
        page.cell(dataset.structure.as_deref().unwrap_or_default());
        page.cell(&index.keys(dataset).join(", "));
        page.cell(dataset.purpose.as_deref().unwrap_or_default());
        page.raw("<td>");
        file(page, dataset);
        page.raw("</td><td>");
        comment(page, dataset.comment_oid.as_deref(), index);
        page.raw("</td></tr>\n");
    }
    page.end_table();
}

fn class(dataset: &DatasetDef) -> String {
    let parts: Vec<&str> = dataset.class().into_iter().chain(dataset.sub_classes()).collect();
    parts.join(": ")
}

fn file(page: &mut Page, dataset: &DatasetDef) {
    if let Some(leaf) = &dataset.file {
        page.link(leaf.href.as_deref().unwrap_or_default(), leaf.title.as_deref().unwrap_or("file"));
    }
    if dataset.has_no_data() {
        page.raw("<span class=\"q\">no data</span>");
    }
}

fn comment(page: &mut Page, oid: Option<&str>, index: &Index<'_>) {
    if let Some(found) = oid.and_then(|oid| index.comments.get(oid)) {
        page.raw("<span class=\"text\">").text(&words(found.description.as_ref())).raw("</span>");
        refer(page, &found.documents, index);
    }
}

/// Documents with their pages.
fn refer(page: &mut Page, documents: &[DocumentRef], index: &Index<'_>) {
    for document in documents {
        let leaf = index.leaves.get(document.leaf_id.as_str());
        let href = leaf.and_then(|l| l.href.as_deref()).unwrap_or_default();
        let title = leaf.and_then(|l| l.title.as_deref()).unwrap_or(&document.leaf_id);
        page.raw("<div>").link(href, title);
        for pages in &document.pages {
            let physical = pages.kind.as_deref() == Some("PhysicalRef");
            let list = pages.page_refs.as_deref().unwrap_or_default();
            if let (Some(first), Some(last)) = (pages.first_page, pages.last_page) {
                page.text(", pages ").link(&format!("{href}#page={first}"), &format!("{first} to {last}"));
            }
            let count = list.split_whitespace().count();
            for (i, name) in list.split_whitespace().enumerate() {
                let word = if count == 1 { ", page " } else { ", pages " };
                page.text(if i > 0 {
                    ", "
                } else if physical {
                    word
                } else {
                    ", "
                });
                let part = if physical { format!("{href}#page={name}") } else { format!("{href}#{name}") };
                page.link(&part, name);
            }
            if let Some(title) = &pages.title {
                page.text(" (").text(title).text(")");
            }
        }
        page.raw("</div>");
    }
}

fn variables(page: &mut Page, define: &Define, dataset: &DatasetDef, index: &Index<'_>) {
    page.heading(2, &parts::id("d", &dataset.oid), &format!("{}: {}", dataset.name(), dataset.label()));
    page.raw("<p class=\"lead\">").text(&class(dataset));
    if let Some(structure) = &dataset.structure {
        page.text(". ").text(structure);
    }
    page.text(". ");
    file(page, dataset);
    page.raw("</p>\n");
    let all = index.variables(dataset);
    let roles = all.iter().any(|v| v.reference.role.is_some());
    let mut columns = vec!["Variable", "Label", "Type", "Length", "Key"];
    columns.extend(roles.then_some("Role"));
    columns.extend(["Codes or format", "Origin", "Derivation or comment"]);
    page.table(&columns);
    for variable in &all {
        row(page, define, variable, None, roles, index);
        for value in index.values(variable.definition) {
            let condition = any_of(&value.reference.where_clauses, index);
            row(page, define, &value, Some((variable.name(), &condition)), roles, index);
        }
    }
    page.end_table();
}

/// A variable; or with its name and a condition one of its values.
fn row(
    page: &mut Page,
    define: &Define,
    variable: &Variable<'_>,
    of: Option<(&str, &str)>,
    roles: bool,
    index: &Index<'_>,
) {
    let item = variable.definition;
    match of {
        None => {
            page.raw("<tr><th scope=\"row\">").text(variable.name());
        }
        Some((parent, condition)) => {
            page.raw("<tr class=\"value\"><th scope=\"row\"><span class=\"q\">where</span> ").text(condition);
            if variable.name() != parent && !condition.contains(variable.name()) {
                page.raw("<div class=\"q\">").text(variable.name()).raw("</div>");
            }
        }
    }
    page.raw("</th>");
    page.cell(&variable.label());
    page.cell(item.data_type.as_ref().map_or("", |t| t.as_str()));
    let length = match (item.length, item.significant_digits) {
        (Some(length), Some(digits)) => format!("{length}.{digits}"),
        (Some(length), None) => length.to_string(),
        _ => String::new(),
    };
    page.raw("<td class=\"n\">").text(&length).raw("</td><td class=\"n\">");
    page.text(&variable.reference.key_sequence.map_or_else(String::new, |k| k.to_string())).raw("</td>");
    if roles {
        page.cell(variable.reference.role.as_deref().unwrap_or_default());
    }
    page.raw("<td>");
    codes(page, item, index);
    page.raw("</td><td>");
    origin(page, define, item, variable, index);
    page.raw("</td><td>");
    if let Some(method) = variable.reference.method_oid.as_deref().and_then(|oid| index.methods.get(oid)) {
        page.raw("<div class=\"text\">").text(&words(method.description.as_ref())).raw("</div>");
        if !method.expressions.is_empty() || !method.documents.is_empty() {
            page.raw("<div>").link(&anchor("m", &method.oid), "whole method").raw("</div>");
        }
    }
    comment(page, item.comment_oid.as_deref(), index);
    page.raw("</td></tr>\n");
}

fn codes(page: &mut Page, item: &ItemDef, index: &Index<'_>) {
    if let Some(list) = item.code_list_oid().and_then(|oid| index.code_lists.get(oid)) {
        let terms: Vec<_> = list.terms().collect();
        page.link(&anchor("c", &list.oid), list.name());
        if (1..=6).contains(&terms.len()) {
            let shown = terms.iter().map(|t| t.value).collect::<Vec<_>>().join(", ");
            page.raw(" <span class=\"q\">").text(&shown).raw("</span>");
        }
    }
    if let Some(format) = &item.display_format {
        page.raw("<div>").text(format).raw("</div>");
    }
}

fn origin(page: &mut Page, define: &Define, item: &ItemDef, variable: &Variable<'_>, index: &Index<'_>) {
    for origin in &item.origins {
        let parts: Vec<&str> = origin.kind.as_deref().into_iter().chain(origin.source.as_deref()).collect();
        page.raw("<div>").text(&parts.join(", "));
        let described = words(origin.description.as_ref());
        if !described.is_empty() {
            page.text(": ").text(&described);
        }
        page.raw("</div>");
        refer(page, &origin.documents, index);
    }
    let mut marks = Vec::new();
    if variable.is_mandatory() {
        marks.push("mandatory");
    }
    if variable.has_no_data() {
        marks.push("no data");
    }
    if define.version == Version::V2_1 && super::is_yes(variable.reference.is_non_standard.as_ref()) {
        marks.push("not of the standard");
    }
    if !marks.is_empty() {
        page.raw("<div class=\"q\">").text(&marks.join(", ")).raw("</div>");
    }
}

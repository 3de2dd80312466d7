//! The sections after the variables: code lists, methods, comments, documents; and the analysis results.

use super::parts::{self, Page};
use super::{anchor, comment, refer};
use crate::define::condition::words_of;
use crate::define::{Define, Documents, Index, words};

pub(super) fn code_lists(page: &mut Page, define: &Define, index: &Index<'_>) {
    let lists = &define.metadata.code_lists;
    if lists.is_empty() {
        return;
    }
    page.heading(2, "codelists", "Code lists");
    for list in lists.iter().filter(|l| l.external.is_none()) {
        page.heading(3, &parts::id("c", &list.oid), list.name());
        let standard = list.standard_oid.as_deref().and_then(|oid| index.standards.get(oid));
        let standard = standard.map_or_else(String::new, |s| {
            [s.name.as_deref(), s.publishing_set.as_deref(), s.version.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        });
        let parts =
            [list.data_type.as_ref().map_or("", |t| t.as_str()), list.nci_code().unwrap_or_default(), &standard];
        let told = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ");
        page.raw("<p class=\"lead\">").text(&told).raw("</p>\n");
        comment(page, list.comment_oid.as_deref(), index);
        let decoded = list.terms().any(|t| t.decode.is_some());
        let coded = list.terms().any(|t| t.nci_code.is_some() || t.is_extended);
        let mut columns = vec!["Code"];
        columns.extend(decoded.then_some("Decode"));
        columns.extend(coded.then_some("NCI code"));
        page.table(&columns);
        for term in list.terms() {
            page.raw("<tr><th scope=\"row\">").text(term.value).raw("</th>");
            if decoded {
                page.cell(&words(term.decode));
            }
            if coded {
                page.cell(term.nci_code.unwrap_or(if term.is_extended { "added by the sponsor" } else { "" }));
            }
            page.raw("</tr>\n");
        }
        page.end_table();
    }
    if lists.iter().any(|l| l.external.is_some()) {
        page.heading(3, "dictionaries", "Dictionaries");
        page.table(&["Name", "Dictionary", "Version", "Address"]);
        for list in lists {
            let Some(external) = &list.external else { continue };
            page.raw("<tr").anchor("c", &list.oid).raw("><th scope=\"row\">").text(list.name()).raw("</th>");
            page.cell(external.dictionary.as_deref().unwrap_or_default());
            page.cell(external.version.as_deref().unwrap_or_default());
            page.raw("<td>");
            if let Some(href) = &external.href {
                page.link(href, external.reference.as_deref().unwrap_or(href));
            }
            page.raw("</td></tr>\n");
        }
        page.end_table();
    }
}

pub(super) fn methods(page: &mut Page, define: &Define, index: &Index<'_>) {
    if define.metadata.methods.is_empty() {
        return;
    }
    page.heading(2, "methods", "Methods");
    page.table(&["Method", "Type", "Description"]);
    for method in &define.metadata.methods {
        page.raw("<tr")
            .anchor("m", &method.oid)
            .raw("><td>")
            .text(method.name.as_deref().unwrap_or(&method.oid))
            .raw("</td>");
        page.cell(method.kind.as_ref().map_or("", |k| k.as_str()));
        page.raw("<td><div class=\"text\">").text(&words(method.description.as_ref())).raw("</div>");
        for expression in &method.expressions {
            page.code(expression.context.as_deref(), &expression.text);
        }
        refer(page, &method.documents, index);
        page.raw("</td></tr>\n");
    }
    page.end_table();
}

pub(super) fn comments(page: &mut Page, define: &Define, index: &Index<'_>) {
    if define.metadata.comments.is_empty() {
        return;
    }
    page.heading(2, "comments", "Comments");
    page.table(&["Comment", "Text"]);
    for found in &define.metadata.comments {
        page.raw("<tr").anchor("k", &found.oid).raw("><td>").text(&found.oid).raw("</td><td>");
        comment(page, Some(&found.oid), index);
        page.raw("</td></tr>\n");
    }
    page.end_table();
}

pub(super) fn documents(page: &mut Page, define: &Define) {
    let m = &define.metadata;
    if m.documents.is_empty() {
        return;
    }
    page.heading(2, "documents", "Documents");
    page.table(&["Document", "Use", "File"]);
    let holds = |list: &Option<Documents>, id: &str| list.iter().flat_map(|l| &l.refs).any(|r| r.leaf_id == id);
    for leaf in &m.documents {
        let annotated = holds(&m.annotated_crf, &leaf.id).then_some("annotated case report form");
        let supplement = holds(&m.supplemental_doc, &leaf.id).then_some("supplemental document");
        let href = leaf.href.as_deref().unwrap_or_default();
        page.raw("<tr").anchor("l", &leaf.id).raw("><td>").text(leaf.title.as_deref().unwrap_or(&leaf.id)).raw("</td>");
        page.cell(annotated.or(supplement).unwrap_or_default());
        page.raw("<td>").link(href, href).raw("</td></tr>\n");
    }
    page.end_table();
}

pub(super) fn results(page: &mut Page, define: &Define, index: &Index<'_>) {
    if define.displays().is_empty() {
        return;
    }
    page.heading(2, "results", "Analysis results");
    for display in define.displays() {
        page.heading(3, &parts::id("r", &display.oid), display.name.as_deref().unwrap_or(&display.oid));
        page.raw("<p>").text(&words(display.description.as_ref())).raw("</p>\n");
        refer(page, &display.documents, index);
        for result in &display.results {
            page.raw("<dl><dt>Result</dt><dd><b>").text(&words(result.description.as_ref())).raw("</b></dd>\n");
            let parameter = result.parameter_oid.as_deref().map(|oid| index.items.get(oid).map_or(oid, |i| i.name()));
            for (name, value) in
                [("Reason", result.reason.as_deref()), ("Purpose", result.purpose.as_deref()), ("Parameter", parameter)]
            {
                if let Some(value) = value {
                    page.raw("<dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd>\n");
                }
            }
            page.raw("<dt>Data</dt><dd>");
            for dataset in result.datasets.iter().flat_map(|d| &d.datasets) {
                let definition = index.datasets.get(dataset.dataset_oid.as_str());
                page.raw("<div>")
                    .link(&anchor("d", &dataset.dataset_oid), definition.map_or(&dataset.dataset_oid, |d| d.name()));
                let variables = dataset
                    .variables
                    .iter()
                    .map(|v| index.items.get(v.item_oid.as_str()).map_or(v.item_oid.as_str(), |i| i.name()));
                let variables = variables.collect::<Vec<_>>().join(", ");
                if !variables.is_empty() {
                    page.text(": ").text(&variables);
                }
                for clause in
                    dataset.where_clauses.iter().filter_map(|r| index.where_clauses.get(r.where_clause_oid.as_str()))
                {
                    page.raw(" <span class=\"q\">where</span> ").text(&words_of(clause, index));
                }
                page.raw("</div>");
            }
            comment(page, result.datasets.as_ref().and_then(|d| d.comment_oid.as_deref()), index);
            page.raw("</dd>\n");
            if let Some(documentation) = &result.documentation {
                page.raw("<dt>Documentation</dt><dd><div class=\"text\">")
                    .text(&words(documentation.description.as_ref()))
                    .raw("</div>");
                refer(page, &documentation.documents, index);
                page.raw("</dd>\n");
            }
            if let Some(program) = &result.programming_code {
                page.raw("<dt>Program</dt><dd>");
                if let Some(code) = &program.code {
                    page.code(program.context.as_deref(), code);
                }
                refer(page, &program.documents, index);
                page.raw("</dd>\n");
            }
            page.raw("</dl>\n");
        }
    }
}

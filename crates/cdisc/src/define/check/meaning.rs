//! What the specification asks for beyond the schemas.

mod datasets;
mod items;
mod lists;

use super::{Found, odd, wrong};
use crate::define::{Define, DocumentRef, Version, words};

pub(super) fn check(define: &Define, found: &mut Found) {
    let index = define.index();
    standards(define, found);
    datasets::check(define, &index, found);
    lists::value_lists(define, found);
    lists::where_clauses(define, &index, found);
    items::check(define, &index, found);
    lists::code_lists(define, &index, found);
    descriptions(define, found);
    documents(define, found);
}

fn standards(define: &Define, found: &mut Found) {
    let m = &define.metadata;
    if define.version == Version::V2_0 {
        return;
    }
    let standards = define.standards();
    if !standards.iter().any(|s| s.kind.as_deref() == Some("IG")) {
        let message = "no <def:Standard> is an implementation guide";
        found.push(
            "DEFINE-STANDARD",
            m.place,
            odd("def:Standards", ""),
            message,
            "name the guide that the datasets follow, with Type=\"IG\"",
        );
    }
    for standard in standards.iter() {
        let terminology = standard.kind.as_deref() == Some("CT");
        if terminology && standard.publishing_set.is_none() {
            let message = format_args!("the terminology {} lacks its PublishingSet", standard.oid);
            found.push(
                "DEFINE-STANDARD",
                standard.place,
                wrong("PublishingSet", ""),
                message,
                "say whose it is: SDTM, ADaM, SEND, DEFINE-XML",
            );
        }
        if !terminology && let Some(set) = &standard.publishing_set {
            let message =
                format_args!("the guide {} has the PublishingSet `{set}`, which is for terminologies", standard.oid);
            found.push("DEFINE-STANDARD", standard.place, odd("PublishingSet", set), message, "take it out");
        }
    }
}

/// Methods, comments and results in words.
fn descriptions(define: &Define, found: &mut Found) {
    for method in &define.metadata.methods {
        if words(method.description.as_ref()).trim().is_empty() {
            let message = format_args!("the method {} does not say what it does", method.oid);
            found.push(
                "DEFINE-ORIGIN",
                method.place,
                odd("Description", ""),
                message,
                "describe it, so that a reviewer can repeat it",
            );
        }
        if method.kind.is_none() {
            let message = format_args!("the method {} does not say whether it computes or imputes", method.oid);
            found.push(
                "DEFINE-ORIGIN",
                method.place,
                odd("Type", ""),
                message,
                "add Type=\"Computation\" or Type=\"Imputation\"",
            );
        }
    }
    for comment in &define.metadata.comments {
        if words(comment.description.as_ref()).trim().is_empty() && comment.documents.is_empty() {
            let message = format_args!("the comment {} says nothing", comment.oid);
            found.push("DEFINE-ORIGIN", comment.place, odd("Description", ""), message, "write it, or take it out");
        }
    }
    for result in define.displays().iter().flat_map(|d| &d.results) {
        let told = [("AnalysisReason", &result.reason), ("AnalysisPurpose", &result.purpose)];
        for (name, _) in told.into_iter().filter(|(_, value)| value.as_deref().is_some_and(|v| v.trim().is_empty())) {
            let message = format_args!("{name} of {} is empty", result.oid);
            found.push(
                "DEFINE-RESULT",
                result.place,
                odd(name, ""),
                message,
                "say why the analysis is made and what for",
            );
        }
        if words(result.documentation.as_ref().and_then(|d| d.description.as_ref())).is_empty()
            && result.programming_code.is_none()
        {
            let message = format_args!("{} has neither documentation nor programming code", result.oid);
            found.push(
                "DEFINE-RESULT",
                result.place,
                odd("arm:Documentation", ""),
                message,
                "say how the result is computed",
            );
        }
    }
}

/// Pages of documents, wherever they are referred to.
fn documents(define: &Define, found: &mut Found) {
    let m = &define.metadata;
    let lists = m.annotated_crf.iter().chain(&m.supplemental_doc).flat_map(|l| &l.refs);
    let displays = define.displays();
    let results = displays.iter().flat_map(|d| &d.results);
    let all = lists
        .chain(m.items.iter().flat_map(|i| &i.origins).flat_map(|o| &o.documents))
        .chain(m.methods.iter().flat_map(|t| &t.documents))
        .chain(m.comments.iter().flat_map(|c| &c.documents))
        .chain(displays.iter().flat_map(|d| &d.documents))
        .chain(results.clone().filter_map(|r| r.documentation.as_ref()).flat_map(|d| &d.documents))
        .chain(results.filter_map(|r| r.programming_code.as_ref()).flat_map(|c| &c.documents));
    all.for_each(|document| pages(document, found));
}

fn pages(document: &DocumentRef, found: &mut Found) {
    for page in &document.pages {
        let mut say = |name: &str, value: &str, message: String, hint: &str| {
            found.push("DEFINE-DOCUMENT", page.place, wrong(name, value), message, hint);
        };
        let range = page.first_page.is_some() || page.last_page.is_some();
        let of = &document.leaf_id;
        match &page.page_refs {
            Some(refs) if range => {
                say(
                    "PageRefs",
                    refs,
                    format!("the pages of {of} are given as a list and as a range"),
                    "give one of them",
                );
            }
            None if !range => say(
                "PageRefs",
                "",
                format!("<def:PDFPageRef> of {of} names no page"),
                "add PageRefs, or FirstPage and LastPage",
            ),
            Some(refs) if page.kind.as_deref() == Some("PhysicalRef") => {
                let number = |word: &str| word.bytes().all(|b| b.is_ascii_digit()) && word.bytes().any(|b| b != b'0');
                if refs.split_whitespace().next().is_none() || !refs.split_whitespace().all(number) {
                    let hint =
                        "numbers from 1, with blanks between them; a named destination has the Type NamedDestination";
                    say("PageRefs", refs, format!("the pages of {of} are `{refs}`, which are no page numbers"), hint);
                }
            }
            _ => {}
        }
        if range && (page.first_page.is_none() || page.last_page.is_none()) {
            say("FirstPage", "", format!("the range of pages of {of} lacks its first or last page"), "give both");
        }
        if let (Some(first), Some(last)) = (page.first_page, page.last_page)
            && first > last
        {
            say("LastPage", &last.to_string(), format!("the last page of {of} is before the first"), "exchange them");
        }
    }
}

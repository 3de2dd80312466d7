//! Does each reference lead somewhere, and is each definition referred to?

use super::{Found, odd, wrong};
use crate::define::{Define, DocumentRef, Documents, Index, ItemRef, Version, WhereClauseRef};
use crate::odm::Place;
use std::collections::BTreeSet;

/// A kind of definition and how it is referred to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Item,
    Dataset,
    CodeList,
    ValueList,
    Where,
    Method,
    Comment,
    Standard,
    Leaf,
}

impl Kind {
    fn element(self) -> &'static str {
        match self {
            Self::Item => "ItemDef",
            Self::Dataset => "ItemGroupDef",
            Self::CodeList => "CodeList",
            Self::ValueList => "def:ValueListDef",
            Self::Where => "def:WhereClauseDef",
            Self::Method => "MethodDef",
            Self::Comment => "def:CommentDef",
            Self::Standard => "def:Standard",
            Self::Leaf => "def:leaf",
        }
    }

    fn has(self, index: &Index<'_>, id: &str) -> bool {
        match self {
            Self::Item => index.items.contains_key(id),
            Self::Dataset => index.datasets.contains_key(id),
            Self::CodeList => index.code_lists.contains_key(id),
            Self::ValueList => index.value_lists.contains_key(id),
            Self::Where => index.where_clauses.contains_key(id),
            Self::Method => index.methods.contains_key(id),
            Self::Comment => index.comments.contains_key(id),
            Self::Standard => index.standards.contains_key(id),
            Self::Leaf => index.leaves.contains_key(id),
        }
    }
}

struct Walk<'d, 'f> {
    index: &'f Index<'d>,
    used: BTreeSet<(Kind, &'d str)>,
    found: &'f mut Found,
}

pub(super) fn check(define: &Define, found: &mut Found) {
    let index = define.index();
    let mut walk = Walk { index: &index, used: BTreeSet::new(), found };
    walk.metadata(define);
    walk.items(define);
    walk.results(define);
    walk.unused(define);
}

impl<'d> Walk<'d, '_> {
    fn refer(&mut self, kind: Kind, id: &'d str, attribute: &str, from: &str, place: Place) {
        if kind.has(self.index, id) {
            self.used.insert((kind, id));
            return;
        }
        let message =
            format_args!("{attribute} of {from} is `{id}`, but there is no <{}> of that identifier", kind.element());
        self.found.push(
            "DEFINE-REF",
            place,
            wrong(attribute, id),
            message,
            "add the definition, or correct the reference",
        );
    }

    fn comment(&mut self, oid: Option<&'d String>, from: &str, place: Place) {
        if let Some(oid) = oid {
            self.refer(Kind::Comment, oid, "def:CommentOID", from, place);
        }
    }

    fn standard(&mut self, oid: Option<&'d String>, from: &str, place: Place) {
        if let Some(oid) = oid {
            self.refer(Kind::Standard, oid, "def:StandardOID", from, place);
        }
    }

    fn documents(&mut self, refs: &'d [DocumentRef], from: &str) {
        for document in refs {
            self.refer(Kind::Leaf, &document.leaf_id, "leafID", from, document.place);
        }
    }

    fn where_clauses(&mut self, refs: &'d [WhereClauseRef], from: &str) {
        for clause in refs {
            self.refer(Kind::Where, &clause.where_clause_oid, "WhereClauseOID", from, clause.place);
        }
    }

    fn item_refs(&mut self, refs: &'d [ItemRef], from: &str) {
        for item in refs {
            self.refer(Kind::Item, &item.item_oid, "ItemOID", from, item.place);
            let from = format!("{} in {from}", item.item_oid);
            if let Some(oid) = &item.method_oid {
                self.refer(Kind::Method, oid, "MethodOID", &from, item.place);
            }
            if let Some(oid) = &item.role_code_list_oid {
                self.refer(Kind::CodeList, oid, "RoleCodeListOID", &from, item.place);
            }
            self.where_clauses(&item.where_clauses, &from);
        }
    }

    fn metadata(&mut self, define: &'d Define) {
        let m = &define.metadata;
        self.comment(m.comment_oid.as_ref(), "<MetaDataVersion>", m.place);
        for standard in m.standard_list.iter().flat_map(|l| &l.standards) {
            self.comment(standard.comment_oid.as_ref(), &standard.oid, standard.place);
        }
        let lists: [(Option<&Documents>, &str); 2] =
            [(m.annotated_crf.as_ref(), "<def:AnnotatedCRF>"), (m.supplemental_doc.as_ref(), "<def:SupplementalDoc>")];
        for (list, from) in lists {
            self.documents(list.map_or(&[], |l| &l.refs), from);
        }
        for dataset in &m.datasets {
            let from = dataset.oid.as_str();
            self.item_refs(&dataset.items, from);
            self.comment(dataset.comment_oid.as_ref(), from, dataset.place);
            self.standard(dataset.standard_oid.as_ref(), from, dataset.place);
            if let Some(id) = &dataset.archive_location_id {
                self.refer(Kind::Leaf, id, "def:ArchiveLocationID", from, dataset.place);
            }
        }
        for list in &m.value_lists {
            self.item_refs(&list.items, &list.oid);
        }
        for clause in &m.where_clauses {
            self.comment(clause.comment_oid.as_ref(), &clause.oid, clause.place);
            for check in &clause.checks {
                if let Some(oid) = &check.item_oid {
                    self.refer(Kind::Item, oid, "def:ItemOID", &clause.oid, check.place);
                }
            }
        }
        for method in &m.methods {
            self.documents(&method.documents, &method.oid);
        }
        for comment in &m.comments {
            self.documents(&comment.documents, &comment.oid);
        }
    }

    fn items(&mut self, define: &'d Define) {
        for item in &define.metadata.items {
            let from = item.oid.as_str();
            self.comment(item.comment_oid.as_ref(), from, item.place);
            if let Some(oid) = item.code_list_oid() {
                self.refer(Kind::CodeList, oid, "CodeListOID", from, item.place);
            }
            if let Some(oid) = item.value_list_oid() {
                self.refer(Kind::ValueList, oid, "ValueListOID", from, item.place);
            }
            for origin in &item.origins {
                self.documents(&origin.documents, &format!("the origin of {from}"));
            }
        }
        for list in &define.metadata.code_lists {
            self.comment(list.comment_oid.as_ref(), &list.oid, list.place);
            self.standard(list.standard_oid.as_ref(), &list.oid, list.place);
        }
    }

    fn results(&mut self, define: &'d Define) {
        for display in define.displays() {
            self.documents(&display.documents, &display.oid);
            for result in &display.results {
                let from = result.oid.as_str();
                if let Some(oid) = &result.parameter_oid {
                    self.refer(Kind::Item, oid, "ParameterOID", from, result.place);
                }
                if let Some(datasets) = &result.datasets {
                    self.comment(datasets.comment_oid.as_ref(), from, datasets.place);
                    for dataset in &datasets.datasets {
                        self.refer(Kind::Dataset, &dataset.dataset_oid, "ItemGroupOID", from, dataset.place);
                        self.where_clauses(&dataset.where_clauses, from);
                        for variable in &dataset.variables {
                            self.refer(Kind::Item, &variable.item_oid, "ItemOID", from, variable.place);
                        }
                    }
                }
                if let Some(documentation) = &result.documentation {
                    self.documents(&documentation.documents, from);
                }
                if let Some(code) = &result.programming_code {
                    self.documents(&code.documents, from);
                }
            }
        }
    }

    fn unused(&mut self, define: &'d Define) {
        let m = &define.metadata;
        let standards = m.standard_list.iter().flat_map(|l| &l.standards).filter(|s| {
            // The terminology of define.xml itself is used by the file, not by a definition.
            s.kind.as_deref() == Some("CT") && s.publishing_set.as_deref() != Some("DEFINE-XML")
        });
        let all = (m.value_lists.iter().map(|d| (Kind::ValueList, &d.oid, d.place)))
            .chain(m.where_clauses.iter().map(|d| (Kind::Where, &d.oid, d.place)))
            .chain(m.items.iter().map(|d| (Kind::Item, &d.oid, d.place)))
            .chain(m.code_lists.iter().map(|d| (Kind::CodeList, &d.oid, d.place)))
            .chain(m.methods.iter().map(|d| (Kind::Method, &d.oid, d.place)))
            .chain(m.comments.iter().map(|d| (Kind::Comment, &d.oid, d.place)))
            .chain(m.documents.iter().map(|d| (Kind::Leaf, &d.id, d.place)))
            .chain(standards.filter(|_| define.version == Version::V2_1).map(|d| (Kind::Standard, &d.oid, d.place)));
        for (kind, id, place) in all {
            if !self.used.contains(&(kind, id.as_str())) {
                let message = format_args!("nothing refers to the <{}> {id}", kind.element());
                self.found.push("DEFINE-UNUSED", place, odd("OID", id), message, "take it out, or refer to it");
            }
        }
    }
}

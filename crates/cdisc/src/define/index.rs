//! Follows references within a define.xml.

use super::{
    CodeList, CommentDef, DatasetDef, Define, ItemDef, ItemRef, Leaf, MethodDef, Standard, ValueListDef,
    WhereClauseDef, is_yes,
};
use crate::odm::DataType;
use std::collections::BTreeMap;

/// Definitions by identifier; of two with the same the first.
#[derive(Clone, Debug)]
pub struct Index<'d> {
    /// Datasets by identifier.
    pub datasets: BTreeMap<&'d str, &'d DatasetDef>,
    /// Variables and values by identifier.
    pub items: BTreeMap<&'d str, &'d ItemDef>,
    /// Code lists by identifier.
    pub code_lists: BTreeMap<&'d str, &'d CodeList>,
    /// Value-level metadata by identifier.
    pub value_lists: BTreeMap<&'d str, &'d ValueListDef>,
    /// Conditions by identifier.
    pub where_clauses: BTreeMap<&'d str, &'d WhereClauseDef>,
    /// Methods by identifier.
    pub methods: BTreeMap<&'d str, &'d MethodDef>,
    /// Comments by identifier.
    pub comments: BTreeMap<&'d str, &'d CommentDef>,
    /// Standards by identifier (2.1).
    pub standards: BTreeMap<&'d str, &'d Standard>,
    /// Documents and datasets' files by identifier.
    pub leaves: BTreeMap<&'d str, &'d Leaf>,
}

/// A variable of a dataset or a value of a value list: the reference to it and its definition.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'d> {
    /// What is said of it in its dataset or value list.
    pub reference: &'d ItemRef,
    /// What is said of it wherever it stands.
    pub definition: &'d ItemDef,
}

impl<'d> Variable<'d> {
    /// `AGE`.
    pub fn name(&self) -> &'d str {
        self.definition.name()
    }

    /// Its label.
    pub fn label(&self) -> String {
        self.definition.label()
    }

    /// Its type.
    pub fn data_type(&self) -> Option<&'d DataType> {
        self.definition.data_type.as_ref()
    }

    /// Whether it must be filled in each row.
    pub fn is_mandatory(&self) -> bool {
        is_yes(self.reference.mandatory.as_ref())
    }

    /// Whether it is declared to have no data.
    pub fn has_no_data(&self) -> bool {
        is_yes(self.reference.has_no_data.as_ref())
    }
}

fn by<'d, T>(all: &'d [T], id: impl Fn(&'d T) -> &'d str) -> BTreeMap<&'d str, &'d T> {
    let mut map = BTreeMap::new();
    for one in all {
        map.entry(id(one)).or_insert(one);
    }
    map
}

impl<'d> Index<'d> {
    /// The definitions of this file.
    pub fn of(define: &'d Define) -> Self {
        let m = &define.metadata;
        let mut leaves = by(&m.documents, |l| &l.id);
        for leaf in m.datasets.iter().filter_map(|d| d.file.as_ref()) {
            leaves.entry(leaf.id.as_str()).or_insert(leaf);
        }
        Self {
            datasets: by(&m.datasets, |d| &d.oid),
            items: by(&m.items, |i| &i.oid),
            code_lists: by(&m.code_lists, |c| &c.oid),
            value_lists: by(&m.value_lists, |v| &v.oid),
            where_clauses: by(&m.where_clauses, |w| &w.oid),
            methods: by(&m.methods, |t| &t.oid),
            comments: by(&m.comments, |c| &c.oid),
            standards: by(m.standard_list.as_ref().map_or(&[], |l| &l.standards), |s| &s.oid),
            leaves,
        }
    }

    /// The variables of a dataset in order: by order number where each has one, else as they stand. References that lead nowhere are left out.
    pub fn variables(&self, dataset: &'d DatasetDef) -> Vec<Variable<'d>> {
        self.resolve(&dataset.items)
    }

    /// The values of a variable under their conditions; none where there is no value-level metadata.
    pub fn values(&self, item: &ItemDef) -> Vec<Variable<'d>> {
        let list = item.value_list_oid().and_then(|oid| self.value_lists.get(oid));
        list.map_or_else(Vec::new, |list| self.resolve(&list.items))
    }

    fn resolve(&self, refs: &'d [ItemRef]) -> Vec<Variable<'d>> {
        let found = |reference: &'d ItemRef| {
            let definition = self.items.get(reference.item_oid.as_str())?;
            Some(Variable { reference, definition })
        };
        let mut all: Vec<Variable<'d>> = refs.iter().filter_map(found).collect();
        if all.iter().all(|v| v.reference.order_number.is_some()) {
            all.sort_by_key(|v| v.reference.order_number);
        }
        all
    }

    /// The names of a dataset's keys in their order.
    pub fn keys(&self, dataset: &'d DatasetDef) -> Vec<&'d str> {
        let mut keys: Vec<(u32, &str)> =
            self.resolve(&dataset.items).iter().filter_map(|v| Some((v.reference.key_sequence?, v.name()))).collect();
        keys.sort_by_key(|(sequence, _)| *sequence);
        keys.into_iter().map(|(_, name)| name).collect()
    }
}

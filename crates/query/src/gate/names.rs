//! What does a name stand for?
//!
//! A column is looked for in the FROM clause around it, then in those further out. Found twice in one FROM, it is
//! ambiguous. Common table expressions hide tables of the same name.

use super::Gate;
use super::refusal::Refusal;
use crate::plan::{At, Expr, Field, Node, Query, Relation, RelationId, Source, Type};
use sqlparser::ast::{Ident, ObjectName};
use sqlparser::tokenizer::Location;

/// How many tables a statement may read, a WITH step counted wherever it is used.
const MAX_TABLES: usize = 500;

/// Names of common table expressions and their places in the plan.
pub(super) type CteScope = Vec<(String, usize)>;

/// The relations of one FROM clause.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub(super) relations: Vec<RelationId>,
}

/// Case is not regarded in names, as SQLite has it: letters A to Z only.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

impl Gate<'_> {
    /// A column written `X` or `T.X`.
    pub(super) fn column(&mut self, parts: &[Ident]) -> Expr {
        let at = parts.first().map_or(Location::new(1, 1), |p| p.span.start);
        let (qualifier, name) = match parts {
            [name] => (None, name),
            [table, name] => (Some(table), name),
            _ => {
                self.not_admitted(at, "a name of more than two parts", "write table.column");
                return refused(at);
            }
        };
        match self.find_column(qualifier, name, at) {
            Some((relation, field)) => {
                let ty = self.relations[relation].fields[field].ty;
                Expr { node: Node::Column { relation, field }, ty, at: At(at) }
            }
            None => refused(at),
        }
    }

    fn find_column(&mut self, qualifier: Option<&Ident>, name: &Ident, at: Location) -> Option<(RelationId, usize)> {
        for scope in self.scopes.iter().rev() {
            let mut found = Vec::new();
            for &id in &scope.relations {
                let relation = &self.relations[id];
                if qualifier.is_some_and(|q| !same_name(&q.value, &relation.alias)) {
                    continue;
                }
                found.extend(relation.fields.iter().position(|f| same_name(&f.name, &name.value)).map(|f| (id, f)));
            }
            match found[..] {
                [] => {}
                [only] => return Some(only),
                [(first, field), (second, _), ..] => {
                    let name = self.relations[first].fields[field].name.clone();
                    let (first, second) = (self.relations[first].alias.clone(), self.relations[second].alias.clone());
                    self.refuse(at, Refusal::Ambiguous { name, first, second });
                    return None;
                }
            }
        }
        let refusal = self.unknown_column(qualifier, name);
        self.refuse(at, refusal);
        None
    }

    fn unknown_column(&self, qualifier: Option<&Ident>, name: &Ident) -> Refusal {
        let in_scope = || self.scopes.iter().flat_map(|s| &s.relations).map(|&id| &self.relations[id]);
        if let Some(qualifier) = qualifier
            && !in_scope().any(|r| same_name(&r.alias, &qualifier.value))
        {
            let near = nearest(&qualifier.value, in_scope().map(|r| r.alias.as_str()));
            return Refusal::UnknownTable { name: qualifier.value.clone(), near };
        }
        if name.quote_style.is_some() && qualifier.is_none() {
            return Refusal::QuotedText { name: name.value.clone() };
        }
        let names = in_scope().flat_map(|r| &r.fields).filter(|f| !f.hidden).map(|f| f.name.as_str());
        Refusal::UnknownColumn { name: name.value.clone(), near: nearest(&name.value, names) }
    }

    /// A relation for a name in FROM.
    pub(super) fn named_relation(&mut self, name: &ObjectName, alias: Option<&Ident>) -> Option<RelationId> {
        let idents: Option<Vec<&Ident>> = name.0.iter().map(|p| p.as_ident()).collect();
        let Some([ident]) = idents.as_deref() else {
            let at = idents.and_then(|i| i.first().map(|i| i.span.start)).unwrap_or(Location::new(1, 1));
            self.not_admitted(at, format!("the name {name}"), "write the table's name alone");
            return None;
        };
        let at = ident.span.start;
        let wanted = &ident.value;
        let alias = alias.map_or_else(|| wanted.clone(), |a| a.value.clone());
        let cte = self.cte_scopes.iter().rev().flat_map(|s| s.iter().rev()).find(|(n, _)| same_name(n, wanted));
        if let Some(&(_, index)) = cte {
            let fields = self.ctes[index].fields.clone();
            self.weigh(1 + self.cte_weights[index], at);
            return Some(self.add_relation(alias, Source::Cte(index), fields));
        }
        let Some(table) = self.catalog.table(wanted) else {
            let ctes = self.cte_scopes.iter().flatten().map(|(n, _)| n.as_str());
            let near = nearest(wanted, self.catalog.tables().map(|t| t.name.as_str()).chain(ctes));
            self.refuse(at, Refusal::UnknownTable { name: wanted.clone(), near });
            return None;
        };
        self.weigh(1, at);
        let (source, fields) = (Source::Table(table.name.clone()), table.fields());
        Some(self.add_relation(alias, source, fields))
    }

    /// Counts the tables read once every WITH step is written out: steps that use each other twice grow without bound.
    fn weigh(&mut self, more: usize, at: Location) {
        let before = self.weight;
        self.weight = self.weight.saturating_add(more);
        if before <= MAX_TABLES && self.weight > MAX_TABLES {
            let refusal =
                Refusal::TooLong { size: self.weight, unit: "tables once WITH is written out", limit: MAX_TABLES };
            self.refuse(at, refusal);
        }
    }

    pub(super) fn derived_relation(&mut self, query: Query, alias: &Ident) -> RelationId {
        let fields = query.fields.clone();
        self.add_relation(alias.value.clone(), Source::Derived(Box::new(query)), fields)
    }

    fn add_relation(&mut self, alias: String, source: Source, fields: Vec<Field>) -> RelationId {
        self.relations.push(Relation { alias, source, fields });
        self.relations.len() - 1
    }
}

/// What stands in the tree where something was refused.
pub(super) fn refused(at: Location) -> Expr {
    Expr { node: Node::Null, ty: Type::Refused, at: At(at) }
}

/// The name nearest to a misspelt one, if any is near.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let wanted = wanted.to_ascii_uppercase();
    let allowed = 1 + wanted.chars().count() / 4;
    names
        .map(|name| (edits(&wanted, &name.to_ascii_uppercase()), name))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, name)| name.to_owned())
}

/// Letters to change, add or drop (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(nearest("USUBJD", ["STUDYID", "USUBJID"].into_iter()), Some("USUBJID".to_owned()));
        assert_eq!(nearest("XYZ", ["STUDYID", "USUBJID"].into_iter()), None);
    }
}

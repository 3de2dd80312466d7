//! Which forms there are, at which visits, with which groups and items: references followed, nothing translated yet.

use super::super::note::{ImportError, Note};
use super::visits::At;
use super::{dangling, in_order};
use crate::vendor;
use croft_cdisc::odm::{GroupType, ItemGroupDef, ItemGroupRef, ItemRef, Member, MetaDataVersion, Repeating};

/// A form to be.
pub(super) struct FormPlan<'a> {
    pub oid: &'a str,
    /// Its name here, where the document is one of croft's own.
    pub name: Option<&'a str>,
    pub label: String,
    pub repeating: bool,
    /// Codes of visits.
    pub visits: Vec<String>,
    /// Identifiers of the conditions under which it is not filled, with their lines, where all its references have them.
    pub not_when: Vec<(&'a str, u32)>,
    pub groups: Vec<GroupPlan<'a>>,
}

/// A group of a form to be.
pub(super) struct GroupPlan<'a> {
    pub definition: &'a ItemGroupDef,
    /// Its name here, where the document is one of croft's own.
    pub name: Option<&'a str>,
    pub repeating: bool,
    /// Conditions under which it is not filled: its own, and those of the groups that it stands in.
    pub not_when: Vec<(&'a str, u32)>,
    pub items: Vec<&'a ItemRef>,
}

/// Deepest nesting of groups; more is a circle or a mistake.
const DEEPEST: usize = 50;
/// Most groups of a study, counted where they stand.
const MOST: usize = 20_000;

/// What stands in a visit, or for itself.
#[derive(Clone, Copy)]
struct Listed<'a> {
    oid: &'a str,
    line: u32,
    condition: Option<&'a str>,
}

/// The forms, in the order in which visits name them; then those that no visit names.
pub(super) fn plan<'a>(
    version: &'a MetaDataVersion,
    places: &[At<'a>],
    notes: &mut Vec<Note>,
) -> Result<Vec<FormPlan<'a>>, ImportError> {
    let mut listed: Vec<(Listed<'a>, &str)> = Vec::new();
    for at in places {
        let forms = at.forms.iter().map(|f| (f.form_oid.as_str(), f.place.line, f.exception_condition_oid.as_deref()));
        let groups =
            at.groups.iter().map(|g| (g.item_group_oid.as_str(), g.place.line, g.exception_condition_oid.as_deref()));
        let all = forms.chain(groups).map(|(oid, line, condition)| (Listed { oid, line, condition }, at.code.as_str()));
        listed.extend(all);
    }
    let unvisited = no_visit(version, &listed);
    if !unvisited.is_empty() && !listed.is_empty() {
        let names = unvisited.iter().map(|l| l.oid).collect::<Vec<_>>().join(", ");
        let message = format!("no visit has these forms, so they are not filled anywhere: {names}");
        notes.push(Note::new(0, unvisited[0].oid, message, "name visits in the forms' files"));
    }
    let everywhere: Vec<&str> =
        if listed.is_empty() { places.iter().map(|at| at.code.as_str()).collect() } else { Vec::new() };
    let mut plans: Vec<FormPlan<'a>> = Vec::new();
    let mut groups = 0;
    let visited = listed.into_iter().map(|(form, visit)| (form, vec![visit]));
    for (form, visits) in visited.chain(unvisited.into_iter().map(|form| (form, everywhere.clone()))) {
        let found = match plans.iter().position(|p| p.oid == form.oid) {
            Some(at) => Some(at),
            None => form_plan(version, form, notes)?.map(|plan| {
                plans.push(plan);
                plans.len() - 1
            }),
        };
        let Some(at) = found else { continue };
        let plan = &mut plans[at];
        // A condition of one visit's reference is no condition of the form at the others.
        let same = plan.not_when.iter().map(|(oid, _)| *oid).eq(form.condition);
        if !plan.visits.is_empty() && !same {
            let message = format!("form {} has different conditions at its visits: none is taken over", form.oid);
            notes.push(Note::new(form.line, form.oid, message, "write the condition in the form's file"));
            plan.not_when.clear();
        }
        for visit in visits {
            if !plan.visits.iter().any(|known| known == visit) {
                plan.visits.push(visit.to_owned());
            }
        }
    }
    for plan in &plans {
        groups += plan.groups.len();
    }
    if groups > MOST { Err(ImportError::TooMany { limit: MOST }) } else { Ok(plans) }
}

/// Forms that no visit has. Without any form (2.0), the groups that stand in no other.
fn no_visit<'a>(version: &'a MetaDataVersion, listed: &[(Listed<'a>, &str)]) -> Vec<Listed<'a>> {
    let is_listed = |oid: &str| listed.iter().any(|(l, _)| l.oid == oid);
    let alone = |oid, line| Listed { oid, line, condition: None };
    let forms = version.forms.iter().map(|f| alone(f.oid.as_str(), f.place.line));
    let typed = version.item_groups.iter().filter(|g| g.kind == Some(GroupType::Form));
    let typed = typed.map(|g| alone(g.oid.as_str(), g.place.line));
    let found: Vec<_> = forms.chain(typed).filter(|l| !is_listed(l.oid)).collect();
    if !found.is_empty() || !listed.is_empty() {
        return found;
    }
    let inner = |oid: &str| version.item_groups.iter().flat_map(|g| g.groups()).any(|r| r.item_group_oid == oid);
    let roots = version.item_groups.iter().filter(|g| !inner(&g.oid));
    roots.map(|g| alone(g.oid.as_str(), g.place.line)).collect()
}

fn form_plan<'a>(
    version: &'a MetaDataVersion,
    listed: Listed<'a>,
    notes: &mut Vec<Note>,
) -> Result<Option<FormPlan<'a>>, ImportError> {
    let mut groups = Vec::new();
    let not_when: Vec<_> = listed.condition.map(|oid| (oid, listed.line)).into_iter().collect();
    let (label, name, repeating) = if let Some(form) = version.forms.iter().find(|f| f.oid == listed.oid) {
        for group in in_order(form.item_groups.iter().collect(), |g| g.order_number) {
            follow(version, group, &mut Stack::default(), &mut groups, notes)?;
        }
        let name = form.name.clone().or_else(|| super::words(form.description.as_ref()));
        (name, vendor::said(&form.extra, "Name"), form.repeating.as_ref())
    } else if let Some(form) = version.item_groups.iter().find(|g| g.oid == listed.oid) {
        let mut stack = Stack::default();
        stack.oids.push(&form.oid);
        within(version, form, None, &mut stack, &mut groups, notes)?;
        let label = form.name.clone().or_else(|| super::words(form.description.as_ref()));
        (label, vendor::said(&form.extra, "Name"), form.repeating.as_ref())
    } else {
        notes.push(dangling(listed.line, "form", listed.oid, "it is left out"));
        return Ok(None);
    };
    let label = crate::import::text::one_line(label.as_deref().unwrap_or(listed.oid));
    let repeating = repeats(repeating);
    Ok(Some(FormPlan { oid: listed.oid, name, label, repeating, visits: Vec::new(), not_when, groups }))
}

fn repeats(repeating: Option<&Repeating>) -> bool {
    repeating.is_some_and(|r| *r != Repeating::No)
}

/// The groups around the one at hand.
#[derive(Default)]
struct Stack<'a> {
    oids: Vec<&'a str>,
    conditions: Vec<(&'a str, u32)>,
    repeating: bool,
}

fn follow<'a>(
    version: &'a MetaDataVersion,
    reference: &'a ItemGroupRef,
    stack: &mut Stack<'a>,
    groups: &mut Vec<GroupPlan<'a>>,
    notes: &mut Vec<Note>,
) -> Result<(), ImportError> {
    let (oid, line) = (reference.item_group_oid.as_str(), reference.place.line);
    let Some(group) = version.item_groups.iter().find(|g| g.oid == oid) else {
        notes.push(dangling(line, "ItemGroupDef", oid, "the group is left out"));
        return Ok(());
    };
    if stack.oids.contains(&oid) || stack.oids.len() >= DEEPEST {
        return Err(ImportError::Endless { line, oid: oid.to_owned() });
    }
    if groups.len() > MOST {
        return Err(ImportError::TooMany { limit: MOST });
    }
    if groups.iter().any(|g| g.definition.oid == oid) {
        let message = format!("group {oid} stands on its form twice: it is filled once");
        notes.push(Note::new(line, oid, message, "make it repeating, or give the second a name of its own"));
        return Ok(());
    }
    let condition = reference.exception_condition_oid.as_deref().map(|c| (c, line));
    let repeating = stack.repeating;
    stack.oids.push(oid);
    stack.conditions.extend(condition);
    within(version, group, Some(reference), stack, groups, notes)?;
    if condition.is_some() {
        stack.conditions.pop();
    }
    stack.oids.pop();
    stack.repeating = repeating;
    Ok(())
}

/// A group's own items, then the groups within it, side by side. What stands in a form itself (2.0) is a group of the form's name.
fn within<'a>(
    version: &'a MetaDataVersion,
    group: &'a ItemGroupDef,
    reference: Option<&'a ItemGroupRef>,
    stack: &mut Stack<'a>,
    groups: &mut Vec<GroupPlan<'a>>,
    notes: &mut Vec<Note>,
) -> Result<(), ImportError> {
    let is_group = reference.is_some();
    if is_group {
        stack.repeating |= repeats(group.repeating.as_ref());
    }
    let items = in_order(group.items().collect(), |i| i.order_number);
    if !items.is_empty() || (is_group && group.groups().next().is_none()) {
        let not_when = stack.conditions.clone();
        let name = reference.and_then(|r| vendor::said(&r.extra, "Name"));
        groups.push(GroupPlan { definition: group, name, repeating: stack.repeating, not_when, items });
    }
    let members = group.members.iter().filter_map(|m| if let Member::Group(g) = m { Some(g) } else { None });
    for inner in in_order(members.collect(), |g| g.order_number) {
        follow(version, inner, stack, groups, notes)?;
    }
    Ok(())
}

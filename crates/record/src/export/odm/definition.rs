//! How does a version of a study's definition stand in ODM?

use super::oid::{Defined, Oids};
use super::{carried, texts};
use crate::definition::Compiled;
use crate::vendor::{CONTEXT, say};
use croft_cdisc::odm::{
    CodeList, CodeListItem, CodeListRef, Comparator, ConditionDef, DataType, EventType, FormDef, FormRef,
    FormalExpression, GroupType, ItemDef, ItemGroupDef, ItemGroupRef, ItemRef, MeasurementUnitRef, Member,
    MetaDataVersion, MethodDef, MethodSignature, MethodType, Protocol, RangeCheck, Repeating, SoftHard, StudyEventDef,
    StudyEventRef, Text, Version, YesNo,
};
use croft_design::definition::{Visit, VisitKind};
use croft_design::forms::{Check, Form, Item, ItemGroup, ItemType, Severity};
use std::collections::BTreeMap;

/// The version as ODM has it, and under which OIDs.
pub(super) fn version(
    number: u32,
    note: &str,
    compiled: &Compiled,
    units: &BTreeMap<String, String>,
    odm: Version,
) -> (MetaDataVersion, Oids) {
    let mut made = Made {
        v2: odm == Version::V2_0,
        oids: Oids { units: units.clone(), ..Oids::default() },
        groups: Defined::new(),
        items: Defined::new(),
        lists: Defined::new(),
        conditions: Vec::new(),
        methods: Vec::new(),
    };
    let forms = made.forms(&compiled.forms);
    let visits = &compiled.definition.visits;
    let events: Vec<StudyEventDef> = visits.iter().map(|v| made.visit(v, &compiled.forms)).collect();
    let name = if note.trim().is_empty() { format!("Version {number}") } else { format!("{number}: {}", note.trim()) };
    let protocol = (!made.v2).then(|| Protocol {
        events: (1..)
            .zip(visits.iter().zip(&events))
            .map(|(n, (visit, event))| StudyEventRef {
                event_oid: event.oid.clone(),
                order_number: Some(n),
                mandatory: Some(yes(visit.kind == VisitKind::Scheduled)),
                ..StudyEventRef::default()
            })
            .collect(),
        ..Protocol::default()
    });
    let mut definition = MetaDataVersion {
        oid: format!("V{number}"),
        name: Some(carried(&name)),
        protocol,
        events,
        items: made.items.all.into_iter().map(|(oid, item)| ItemDef { oid, ..item }).collect(),
        code_lists: made.lists.all.into_iter().map(|(oid, list)| CodeList { oid, ..list }).collect(),
        conditions: made.conditions,
        methods: made.methods,
        ..MetaDataVersion::default()
    };
    let groups = made.groups.all.into_iter().map(|(oid, group)| ItemGroupDef { oid, ..group });
    if made.v2 {
        definition.item_groups = forms.into_iter().map(as_group).chain(groups).collect();
    } else {
        definition.forms = forms;
        definition.item_groups = groups.collect();
    }
    (definition, made.oids)
}

struct Made {
    v2: bool,
    oids: Oids,
    groups: Defined<ItemGroupDef>,
    items: Defined<ItemDef>,
    lists: Defined<CodeList>,
    conditions: Vec<ConditionDef>,
    methods: Vec<MethodDef>,
}

fn yes(is: bool) -> YesNo {
    if is { YesNo::Yes } else { YesNo::No }
}

fn named(label: &str, oid: &str) -> Option<String> {
    Some(carried(if label.trim().is_empty() { oid } else { label }))
}

impl Made {
    fn visit(&mut self, visit: &Visit, forms: &[Form]) -> StudyEventDef {
        let own = visit.oid.as_deref().unwrap_or(&visit.code);
        let taken = |oid: &str| self.oids.visits.values().any(|known| known == oid);
        let oid = if taken(own) { visit.code.clone() } else { own.to_owned() };
        self.oids.visits.insert(visit.code.clone(), oid.clone());
        let mut event = StudyEventDef {
            name: named(&visit.name, &oid),
            repeating: Some(if visit.repeating { Repeating::Yes } else { Repeating::No }),
            kind: Some(match visit.kind {
                VisitKind::Scheduled => EventType::Scheduled,
                VisitKind::Unscheduled => EventType::Unscheduled,
                VisitKind::Common => EventType::Common,
            }),
            ..StudyEventDef::default()
        };
        self.name(&mut event.extra, &oid, &visit.code);
        say(&mut event.extra, "Day", &visit.day.to_string());
        for (word, number) in
            [("DaysBefore", visit.days_before), ("DaysAfter", visit.days_after), ("Period", visit.period)]
        {
            say(&mut event.extra, word, &number.map(|n| n.to_string()).unwrap_or_default());
        }
        say(&mut event.extra, "Epoch", &carried(&visit.epoch));
        say(&mut event.extra, "Start", &carried(&visit.start));
        event.oid = oid;
        for (n, form) in (1..).zip(forms.iter().filter(|f| f.visits.contains(&visit.code))) {
            let (form_oid, order_number) = (self.oids.form(&form.form), Some(n));
            let mandatory = Some(yes(visit.kind == VisitKind::Scheduled && form.when.is_none()));
            let exception_condition_oid = self.condition(form.when.as_deref(), &form.label);
            if self.v2 {
                let item_group_oid = form_oid;
                event.item_groups.push(ItemGroupRef {
                    item_group_oid,
                    order_number,
                    mandatory,
                    exception_condition_oid,
                    ..ItemGroupRef::default()
                });
            } else {
                let refers =
                    FormRef { form_oid, order_number, mandatory, exception_condition_oid, ..FormRef::default() };
                event.forms.push(refers);
            }
        }
        event
    }

    /// The name in the study's text, where the OID does not say it.
    fn name(&self, extra: &mut croft_cdisc::odm::Extra, oid: &str, name: &str) {
        if oid != name {
            say(extra, "Name", name);
        }
    }

    fn forms(&mut self, forms: &[Form]) -> Vec<FormDef> {
        for form in forms {
            let own = form.oid.as_deref().unwrap_or(&form.form);
            let taken = |oid: &str| self.oids.forms.values().any(|known| known == oid);
            let oid = if taken(own) { form.form.clone() } else { own.to_owned() };
            self.oids.forms.insert(form.form.clone(), oid);
        }
        let mut made = Vec::new();
        for form in forms {
            let oid = self.oids.form(&form.form);
            let mut definition = FormDef {
                name: named(&form.label, &oid),
                repeating: Some(if form.repeating { Repeating::Yes } else { Repeating::No }),
                item_groups: (1..).zip(&form.groups).map(|(n, g)| self.group_ref(n, &oid, g)).collect(),
                ..FormDef::default()
            };
            self.name(&mut definition.extra, &oid, &form.form);
            definition.oid = oid;
            made.push(definition);
        }
        made
    }

    fn group_ref(&mut self, n: u32, form: &str, group: &ItemGroup) -> ItemGroupRef {
        let own = group.oid.as_deref().unwrap_or(&group.name);
        let members = self.members(own, group);
        let mut definition = ItemGroupDef {
            name: named(&group.label, own),
            repeating: Some(match (group.repeating, self.v2) {
                (false, _) => Repeating::No,
                (true, false) => Repeating::Yes,
                (true, true) => Repeating::Simple,
            }),
            kind: self.v2.then_some(GroupType::Section),
            members,
            ..ItemGroupDef::default()
        };
        say(&mut definition.extra, "Source", &carried(group.source.as_deref().unwrap_or_default()));
        let apart = format!("{form}.{own}");
        // In 2.0 forms are groups too, and no two may share an OID.
        let is_form = self.v2 && self.oids.forms.values().any(|known| known == own);
        let candidates: &[&str] = if is_form { &[&apart] } else { &[own, &apart] };
        let oid = self.groups.add(candidates, definition);
        self.oids.groups.insert(group.name.clone(), oid.clone());
        let mut refers = ItemGroupRef {
            order_number: Some(n),
            mandatory: Some(yes(group.items.iter().any(|i| i.required))),
            exception_condition_oid: self.condition(group.when.as_deref(), &group.label),
            ..ItemGroupRef::default()
        };
        self.name(&mut refers.extra, &oid, &group.name);
        refers.item_group_oid = oid;
        refers
    }

    fn members(&mut self, group_oid: &str, group: &ItemGroup) -> Vec<Member> {
        let mut members = Vec::new();
        let mut n = 0;
        for item in &group.items {
            let own = item.oid.as_deref().unwrap_or(&item.name);
            let definition = self.item(own, group, item);
            let oid = self.items.add(&[own, &format!("{group_oid}.{own}")], definition);
            self.oids.items.insert((group.name.clone(), item.name.clone()), oid.clone());
            n += 1;
            let mut refers = ItemRef {
                order_number: Some(n),
                mandatory: Some(yes(item.required)),
                exception_condition_oid: self.condition(item.when.as_deref(), &item.label),
                method_oid: self.method(item),
                ..ItemRef::default()
            };
            self.name(&mut refers.extra, &oid, &item.name);
            let unit = self.unit_item(group, item, &oid);
            refers.units_item_oid.clone_from(&unit);
            refers.item_oid = oid;
            members.push(Member::Item(Box::new(refers)));
            if let Some(item_oid) = unit {
                n += 1;
                let (order_number, mandatory) = (Some(n), Some(YesNo::No));
                members.push(Member::Item(Box::new(ItemRef {
                    item_oid,
                    order_number,
                    mandatory,
                    ..ItemRef::default()
                })));
            }
        }
        members
    }

    fn item(&mut self, own: &str, group: &ItemGroup, item: &Item) -> ItemDef {
        let units = units_of(item).filter(|_| !self.v2).map(|unit| MeasurementUnitRef {
            unit_oid: self.oids.units.get(unit).cloned().unwrap_or_else(|| unit.to_owned()),
            ..MeasurementUnitRef::default()
        });
        let mut definition = ItemDef {
            name: Some(item.name.clone()),
            data_type: Some(data_type(item.kind)),
            length: item.length,
            significant_digits: item.decimals.filter(|_| !self.v2),
            question: Some(texts(self.v2, if item.label.trim().is_empty() { own } else { &item.label })),
            completion_instructions: item.hint.as_deref().filter(|_| self.v2).map(|hint| texts(true, hint)),
            units: units.collect(),
            range_checks: group.checks.iter().filter(|c| c.item == item.name).map(|c| self.check(item, c)).collect(),
            ..ItemDef::default()
        };
        if !item.codes.is_empty() {
            let codes = item.codes.iter().map(|(code, label)| (code.as_str(), label.as_str()));
            let list = code_list(self.v2, own, list_type(item.kind), codes);
            let code_list_oid = self.lists.add(&[&format!("CL.{own}"), &format!("CL.{}.{own}", group.name)], list);
            definition.code_list = Some(CodeListRef { code_list_oid, ..CodeListRef::default() });
        }
        let extra = &mut definition.extra;
        say(extra, "Hint", &item.hint.as_deref().filter(|_| !self.v2).map(carried).unwrap_or_default());
        say(extra, "Decimals", &item.decimals.filter(|_| self.v2).map(|n| n.to_string()).unwrap_or_default());
        say(extra, "Identifying", if item.identifying { "Yes" } else { "" });
        say(extra, "Critical", if item.critical { "Yes" } else { "" });
        say(extra, "Missing", &carried(item.missing.join(" ")));
        definition
    }

    /// In 2.0 the unit of a value is a value of its own, of an item that lists the units.
    fn unit_item(&mut self, group: &ItemGroup, item: &Item, oid: &str) -> Option<String> {
        units_of(item).next().filter(|_| self.v2)?;
        let list = code_list(true, &format!("Units of {oid}"), DataType::Text, units_of(item).map(|unit| (unit, unit)));
        let name = format!("{oid}.UNIT");
        let code_list_oid = self.lists.add(&[&format!("CL.{name}")], list);
        let definition = ItemDef {
            name: Some(format!("{}_UNIT", item.name)),
            data_type: Some(DataType::Text),
            question: Some(texts(self.v2, "Unit")),
            code_list: Some(CodeListRef { code_list_oid, ..CodeListRef::default() }),
            ..ItemDef::default()
        };
        let unit = self.items.add(&[&name], definition);
        self.oids.unit_items.insert((group.name.clone(), item.name.clone()), unit.clone());
        Some(unit)
    }

    /// ODM says when something is not collected: the negation.
    fn condition(&mut self, when: Option<&str>, what: &str) -> Option<String> {
        let sql = format!("not ({})", when?);
        let known = self.conditions.iter().find(|c| c.expressions.iter().any(|e| e.source() == sql));
        if let Some(known) = known {
            return Some(known.oid.clone());
        }
        let oid = format!("C.{}", self.conditions.len() + 1);
        self.conditions.push(ConditionDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            description: Some(texts(self.v2, &format!("{what}: not asked while this is true"))),
            method_signature: self.v2.then(MethodSignature::default),
            expressions: vec![self.expression(&sql)],
            ..ConditionDef::default()
        });
        Some(oid)
    }

    fn method(&mut self, item: &Item) -> Option<String> {
        let sql = item.derive.as_deref()?;
        let known = self.methods.iter().find(|m| m.expressions.iter().any(|e| e.source() == sql));
        if let Some(known) = known {
            return Some(known.oid.clone());
        }
        let oid = format!("M.{}", self.methods.len() + 1);
        self.methods.push(MethodDef {
            oid: oid.clone(),
            name: Some(oid.clone()),
            kind: Some(MethodType::Computation),
            description: Some(texts(self.v2, &format!("{}: computed, never typed", item.label))),
            method_signature: self.v2.then(MethodSignature::default),
            expressions: vec![self.expression(sql)],
            ..MethodDef::default()
        });
        Some(oid)
    }

    fn expression(&self, sql: &str) -> FormalExpression {
        let mut made = FormalExpression { context: Some(CONTEXT.to_owned()), ..FormalExpression::default() };
        if self.v2 {
            made.code = Some(Text::new(carried(sql)));
        } else {
            made.text = carried(sql);
        }
        made
    }

    /// A comparison with a number is one of the standard's; everything else is SQL.
    fn check(&self, item: &Item, check: &Check) -> RangeCheck {
        let mut made = RangeCheck {
            soft_hard: Some(match check.severity {
                Severity::Query => SoftHard::Soft,
                Severity::Refuse => SoftHard::Hard,
            }),
            error_message: Some(texts(self.v2, &check.message)),
            ..RangeCheck::default()
        };
        match comparison(&item.name, &check.holds) {
            Some((comparator, number)) => {
                made.comparator = Some(comparator);
                made.check_values.push(Text::new(number));
            }
            None => made.expressions.push(self.expression(&check.holds)),
        }
        say(&mut made.extra, "Name", &check.name);
        made
    }
}

/// `AGE >= 18`: comparator and number.
fn comparison<'s>(item: &str, sql: &'s str) -> Option<(Comparator, &'s str)> {
    let parts: Vec<&str> = sql.split(' ').collect();
    let [name, sign, number] = parts.as_slice() else { return None };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let plain = [whole, part].iter().all(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    let comparator = match *sign {
        "<" => Comparator::Lt,
        "<=" => Comparator::Le,
        ">" => Comparator::Gt,
        ">=" => Comparator::Ge,
        "=" => Comparator::Eq,
        "<>" => Comparator::Ne,
        _ => return None,
    };
    (*name == item && plain).then_some((comparator, *number))
}

fn code_list<'c>(v2: bool, name: &str, kind: DataType, codes: impl Iterator<Item = (&'c str, &'c str)>) -> CodeList {
    let item = |(n, (code, label)): (u32, (&str, &str))| CodeListItem {
        coded_value: carried(code),
        order_number: Some(n),
        decode: Some(texts(v2, label)),
        ..CodeListItem::default()
    };
    let items = (1..).zip(codes).map(item).collect();
    CodeList { name: Some(carried(name)), data_type: Some(kind), items, ..CodeList::default() }
}

/// The unit of an item, and those that may be chosen instead.
pub(super) fn units_of(item: &Item) -> impl Iterator<Item = &str> {
    item.unit.iter().chain(&item.other_units).map(String::as_str)
}

fn data_type(kind: ItemType) -> DataType {
    match kind {
        ItemType::Text => DataType::Text,
        ItemType::Integer => DataType::Integer,
        ItemType::Float => DataType::Float,
        ItemType::Date => DataType::Date,
        ItemType::PartialDate => DataType::PartialDate,
        ItemType::Datetime => DataType::Datetime,
        ItemType::PartialDatetime => DataType::PartialDatetime,
        ItemType::Time => DataType::Time,
    }
}

fn list_type(kind: ItemType) -> DataType {
    match kind {
        ItemType::Integer => DataType::Integer,
        ItemType::Float => DataType::Float,
        _ => DataType::Text,
    }
}

/// A form as 2.0 has it.
fn as_group(form: FormDef) -> ItemGroupDef {
    let repeating = if form.repeating == Some(Repeating::Yes) { Repeating::Simple } else { Repeating::No };
    ItemGroupDef {
        oid: form.oid,
        name: form.name,
        repeating: Some(repeating),
        kind: Some(GroupType::Form),
        members: form.item_groups.into_iter().map(Member::Group).collect(),
        extra: form.extra,
        ..ItemGroupDef::default()
    }
}

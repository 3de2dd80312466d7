//! Conditions, checks and computations, in the study's SQL where they translate.

use super::super::column::{Columns, Wanted, kind_of};
use super::super::name::Names;
use super::super::note::Note;
use super::forms::{FormPlan, GroupPlan};
use super::{dangling, words};
use crate::vendor;
use croft_cdisc::expression::{Column, ExpressionError, Kind};
use croft_cdisc::odm::expression::{self, Reference};
use croft_cdisc::odm::{
    Comparator, FormalExpression, ItemDef, ItemRef, MetaDataVersion, MethodType, RangeCheck, SoftHard,
};
use croft_design::definition::Visit;
use croft_design::forms::{Check, Form, Item, ItemType, Severity};
use std::cell::RefCell;

/// Adds the rules to the forms.
pub(super) fn add(
    version: &MetaDataVersion,
    plans: &[FormPlan<'_>],
    visits: &[Visit],
    forms: &mut [Form],
    notes: &mut Vec<Note>,
) {
    let bare = forms.to_vec();
    let mut names = Names::default();
    for (f, plan) in plans.iter().enumerate() {
        let whole = Columns { forms: &bare, visits, own: (f, None), why: RefCell::new(None) };
        forms[f].when = Rules { version, columns: &whole, names: &mut names, notes }.not_when(&plan.not_when);
        for (g, group) in plan.groups.iter().enumerate() {
            let columns = Columns { forms: &bare, visits, own: (f, Some(g)), why: RefCell::new(None) };
            let made = &mut forms[f].groups[g];
            made.when = Rules { version, columns: &whole, names: &mut names, notes }.not_when(&group.not_when);
            let mut rules = Rules { version, columns: &columns, names: &mut names, notes };
            rules.group(&made.name, group, &mut made.items, &mut made.checks);
        }
    }
}

/// Says where an item's values are.
type Resolve<'a> = &'a dyn Fn(&Reference) -> Option<Column>;

struct Rules<'a> {
    version: &'a MetaDataVersion,
    columns: &'a Columns<'a>,
    names: &'a mut Names,
    notes: &'a mut Vec<Note>,
}

impl Rules<'_> {
    fn group(&mut self, group: &str, plan: &GroupPlan<'_>, items: &mut [Item], checks: &mut Vec<Check>) {
        for item in items {
            let oid = super::super::column::oid(&item.oid, &item.name).to_owned();
            let reference = plan.items.iter().find(|r| r.item_oid == oid);
            let definition = self.version.items.iter().find(|i| i.oid == oid);
            let (Some(reference), Some(definition)) = (reference, definition) else { continue };
            let own = reference.exception_condition_oid.as_deref().map(|c| (c, reference.place.line));
            item.when = self.not_when(own.as_slice());
            item.derive = self.derive(reference, item);
            if definition.data_type == Some(croft_cdisc::odm::DataType::Boolean) && item.codes.is_empty() {
                checks.push(self.boolean(group, item));
            }
            for check in &definition.range_checks {
                checks.extend(self.check(group, item, definition, check));
            }
        }
    }

    /// Conditions under which something is not collected, negated. What cannot be translated is told, and the item asked always.
    fn not_when(&mut self, conditions: &[(&str, u32)]) -> Option<String> {
        let mut found = Vec::new();
        for (oid, line) in conditions {
            let Some(condition) = self.version.conditions.iter().find(|c| c.oid == *oid) else {
                self.notes.push(dangling(*line, "ConditionDef", oid, "what it holds back is always asked"));
                continue;
            };
            if let Some(sql) = vendor::own(&condition.expressions) {
                // Written as the negation of the condition, in brackets.
                let when = sql.strip_prefix("not (").and_then(|s| s.strip_suffix(')'));
                found.push(when.map_or_else(|| format!("not ({sql})"), str::to_owned));
                continue;
            }
            match self.first(&condition.expressions, expression::condition) {
                Ok(sql) => found.push(format!("not {sql}")),
                Err(why) => {
                    let message =
                        format!("condition {oid} is not translated, what it holds back is always asked: {why}");
                    self.notes.push(Note::new(condition.place.line, oid, message, HINT));
                }
            }
        }
        (!found.is_empty()).then(|| found.join(" and "))
    }

    /// The first of several expressions that translates, or why the last one does not.
    fn first<T>(
        &self,
        expressions: &[FormalExpression],
        translate: impl Fn(&FormalExpression, Resolve<'_>) -> Result<T, ExpressionError>,
    ) -> Result<T, String> {
        let resolve = |reference: &Reference| {
            let location = expression::locate(self.version, reference)?;
            self.columns.find(&Wanted {
                visit: location.event.as_deref(),
                form: location.form.as_deref(),
                group: location.group.as_deref(),
                item: &location.item,
                form_repeat: None,
            })
        };
        let mut why = "it has no formal expression".to_owned();
        for expression in expressions {
            match translate(expression, &resolve) {
                Ok(translated) => return Ok(translated),
                Err(error) => {
                    let found = self.columns.reason();
                    why = match (&error, found) {
                        (ExpressionError::UnknownItem { .. }, Some(found)) => found,
                        _ => error.to_string(),
                    };
                }
            }
        }
        Err(why)
    }

    fn derive(&mut self, reference: &ItemRef, item: &Item) -> Option<String> {
        let oid = reference.method_oid.as_deref()?;
        let Some(method) = self.version.methods.iter().find(|m| m.oid == oid) else {
            self.notes.push(dangling(reference.place.line, "MethodDef", oid, "the value is entered"));
            return None;
        };
        let line = method.place.line;
        if !matches!(method.kind, None | Some(MethodType::Computation)) {
            let kind = method.kind.as_ref().map(MethodType::as_str).unwrap_or_default();
            let message = format!("method {oid} is of type {kind}, which has no place: {} is entered", item.name);
            self.notes.push(Note::new(line, oid, message, ""));
            return None;
        }
        if let Some(sql) = vendor::own(&method.expressions) {
            return Some(sql.to_owned());
        }
        match self.first(&method.expressions, expression::value) {
            Ok(value) => Some(as_kind(value, item)),
            Err(why) => {
                let message = format!("method {oid} is not translated, {} is entered: {why}", item.name);
                self.notes.push(Note::new(line, oid, message, HINT));
                None
            }
        }
    }

    fn boolean(&mut self, group: &str, item: &Item) -> Check {
        Check {
            name: self.names.take(&format!("{group}_{}_boolean", item.name), "CHECK"),
            item: item.name.clone(),
            holds: format!("{} in ('true', 'false', '1', '0')", item.name),
            message: format!("{} must be true or false.", item.label),
            severity: Severity::Query,
            cases: Vec::new(),
        }
    }

    fn check(&mut self, group: &str, item: &Item, definition: &ItemDef, check: &RangeCheck) -> Option<Check> {
        let line = check.place.line;
        if let Some(unit) = &check.unit
            && definition.units.first().is_some_and(|u| u.unit_oid != unit.unit_oid)
        {
            let message = format!(
                "a check of {} holds in unit {}, which is not the item's first unit",
                definition.oid, unit.unit_oid
            );
            self.notes.push(Note::new(line, &definition.oid, message, HINT));
            return None;
        }
        let holds = if check.expressions.is_empty() {
            self.comparison(item, check).map(|(sql, words)| (sql, format!("{} must be {words}.", item.label)))
        } else if let Some(sql) = vendor::own(&check.expressions) {
            Ok((sql.to_owned(), format!("{} does not fulfil a check.", item.label)))
        } else {
            // An expression of these languages is false for a value that is not there; a check does not ask about those.
            self.first(&check.expressions, expression::condition).map(|sql| {
                (format!("({} is null or {sql})", item.name), format!("{} does not fulfil a check.", item.label))
            })
        };
        match holds {
            Ok((holds, message)) => Some(Check {
                name: match vendor::said(&check.extra, "Name") {
                    Some(name) => self.names.take(name, "CHECK"),
                    None => self.names.take(&format!("{group}_{}_range", item.name), "CHECK"),
                },
                item: item.name.clone(),
                holds,
                message: words(check.error_message.as_ref()).unwrap_or(message),
                severity: if check.soft_hard == Some(SoftHard::Hard) { Severity::Refuse } else { Severity::Query },
                cases: Vec::new(),
            }),
            Err(why) => {
                let message = format!("a check of {} is not translated: {why}", definition.oid);
                self.notes.push(Note::new(line, &definition.oid, message, HINT));
                None
            }
        }
    }

    /// A comparison with check values, as SQL and in words.
    fn comparison(&self, item: &Item, check: &RangeCheck) -> Result<(String, String), String> {
        let of = match &check.item_oid {
            None => Column { sql: item.name.clone(), kind: kind_of(item) },
            Some(oid) => {
                let found = self.columns.find(&Wanted { item: oid, ..Wanted::default() });
                found.ok_or_else(|| self.columns.reason().unwrap_or_default())?
            }
        };
        let values: Vec<&str> = check.check_values.iter().map(|v| v.text.trim()).collect();
        let literals = values.iter().map(|v| literal(v, of.kind)).collect::<Result<Vec<_>, _>>()?;
        let comparator = check.comparator.as_ref().ok_or("it has no comparator")?;
        let (sign, word) = match comparator {
            Comparator::Lt => ("<", "less than"),
            Comparator::Le => ("<=", "at most"),
            Comparator::Gt => (">", "greater than"),
            Comparator::Ge => (">=", "at least"),
            Comparator::Eq => ("=", ""),
            Comparator::Ne => ("<>", "other than"),
            Comparator::In => ("in", "one of"),
            Comparator::NotIn => ("not in", "none of"),
            Comparator::Other(word) => return Err(format!("the comparator {word} is not of the standard")),
            _ => return Err("the comparator is not known".to_owned()),
        };
        let told = format!("{word} {}", values.join(", ")).trim().to_owned();
        let ordered = matches!(comparator, Comparator::Lt | Comparator::Le | Comparator::Gt | Comparator::Ge);
        match (comparator, literals.as_slice()) {
            (_, []) => Err("it has no check value".to_owned()),
            (Comparator::In | Comparator::NotIn, all) => Ok((format!("{} {sign} ({})", of.sql, all.join(", ")), told)),
            (_, [_, _, ..]) => Err("it has several check values where one belongs".to_owned()),
            (_, [_]) if ordered && of.kind == Kind::Text => Err("texts have no order".to_owned()),
            (_, [one]) => Ok((format!("{} {sign} {one}", of.sql), told)),
        }
    }
}

const HINT: &str = "write it in SQL in the form's file; the original stays in source/odm.xml";

fn literal(text: &str, kind: Kind) -> Result<String, String> {
    if kind != Kind::Number {
        return Ok(format!("'{}'", text.replace('\'', "''")));
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(number) if plain && number.is_finite() => {
            let text = text.trim_start_matches('+').trim_end_matches('.');
            let digits = text.trim_start_matches('-');
            let zero = if digits.starts_with('.') { "0" } else { "" };
            Ok(if text.starts_with('-') { format!("(-{zero}{digits})") } else { format!("{zero}{digits}") })
        }
        _ => Err(format!("`{text}` is no number")),
    }
}

/// A computed value as the item's type has it.
pub(in crate::import) fn as_kind(value: Column, item: &Item) -> String {
    let number = matches!(item.kind, ItemType::Integer | ItemType::Float);
    match (number, value.kind == Kind::Number) {
        (true, false) => format!("try_number({})", value.sql),
        (false, true) => format!("text({})", value.sql),
        _ => value.sql,
    }
}

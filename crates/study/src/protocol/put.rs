//! How is a difference put into a document?
//!
//! What the document says ([`super::view`]) is compared with `study.toml`, item by item and member by member. What is the same is not touched. What differs is
//! put at its place; an item that is new gets an object with an identifier made of its class and code; an object that `study.toml` no longer has is taken
//! out. Where an object that stays refers to one that went, the export is refused with the place of the reference.

mod aims;
mod design;

use super::facts::Place;
use super::json::{DESIGN, Object, VERSION, chained, find_mut, list_mut, marked, object_mut, text};
use super::read::{ProtocolError, dangling, identifiers};
use super::terms::{self, List};
use super::view::{BRIEF, OFFICIAL, Seen, View, is_title};
use super::{Remark, timeline};
use crate::definition::{Arm, Definition, Fact};
use croft_design::protocol::Activity;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Code to identifier, for one kind of item.
pub(super) type Ids = BTreeMap<String, String>;

/// A document being changed.
pub(super) struct Put<'a> {
    pub(super) document: &'a mut Value,
    pub(super) seen: &'a View,
    pub(super) wanted: &'a Definition,
    pub(super) remarks: Vec<Remark>,
    taken: BTreeSet<String>,
}

/// Puts the differences between `seen` and `wanted` into the document that `seen` is the view of.
pub(super) fn put(
    document: &mut Value,
    seen: &View,
    wanted: &Definition,
    activities: &[Activity],
    fresh: bool,
) -> Result<Vec<Remark>, ProtocolError> {
    let before: BTreeSet<(String, String)> = dangling(document, &identifiers(document)?).into_iter().collect();
    let taken = identifiers(document)?.into_keys().map(str::to_owned).collect();
    let mut put = Put { document, seen, wanted, remarks: Vec::new(), taken };
    put.identity()?;
    let treatments = put.treatments()?;
    let epochs = put.epochs()?;
    let elements = put.elements(&treatments)?;
    let arms = put.arms()?;
    put.cells(&arms, &epochs, &elements)?;
    put.criteria()?;
    let endpoints = put.objectives()?;
    let populations = put.populations()?;
    put.estimands(&treatments, &endpoints, &populations)?;
    put.facts(fresh)?;
    timeline::put(&mut put, &epochs, activities)?;
    put.without_place(fresh);
    let mut remarks = put.remarks;
    for (path, id) in dangling(document, &identifiers(document)?) {
        if !before.contains(&(path.clone(), id.clone())) {
            return Err(ProtocolError::StillNamed { path, id });
        }
    }
    remarks.sort();
    Ok(remarks)
}

/// What a list's items need to be put: how a new object is made, and how one is changed.
pub(super) struct Items<'i, T> {
    pub(super) class: &'i str,
    pub(super) code: fn(&T) -> &str,
    /// Whether they name the one before and after them.
    pub(super) chained: bool,
    pub(super) make: &'i dyn Fn(&T, &str) -> Object,
    pub(super) edit: &'i mut dyn FnMut(&mut Object, &T, &T),
}

impl Put<'_> {
    pub(super) fn remark(&mut self, about: impl Into<String>, message: impl Into<String>) {
        self.remarks.push(Remark { about: about.into(), message: message.into() });
    }

    pub(super) fn version(&mut self) -> Result<&mut Object, ProtocolError> {
        object_mut(self.document, VERSION)
    }

    pub(super) fn design(&mut self) -> Result<&mut Object, ProtocolError> {
        object_mut(self.document, DESIGN)
    }

    /// An identifier of a class and a code that no object has.
    pub(super) fn fresh(&mut self, class: &str, code: &str) -> String {
        let word: String =
            code.chars().map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' }).collect();
        let own = format!("{class}_{word}");
        let mut id = own.clone();
        let mut count = 1;
        while !self.taken.insert(id.clone()) {
            count += 1;
            id = format!("{own}_{count}");
        }
        id
    }

    /// A `Code` of a list, or of the sponsor's own with a remark.
    fn code(&mut self, list: List, id: &str, about: &str, word: &str) -> Value {
        terms::code(list, id, word).unwrap_or_else(|| {
            self.remark(
                about,
                format!("`{word}` is no term of its code list: the document says it as the sponsor's own"),
            );
            terms::sponsor(id, word)
        })
    }

    /// Makes a list say what is wanted. Answers the identifiers of the wanted items.
    pub(super) fn items<T: PartialEq>(
        &mut self,
        holder: &str,
        member: &str,
        seen: &[Seen<T>],
        wanted: &[T],
        how: Items<'_, T>,
    ) -> Result<Ids, ProtocolError> {
        let code = how.code;
        let mut ids = Ids::new();
        for item in wanted {
            let known = seen.iter().find(|s| code(&s.item) == code(item)).map(|s| s.id.clone());
            let id = known.unwrap_or_else(|| self.fresh(how.class, code(item)));
            ids.insert(code(item).to_owned(), id);
        }
        if seen.len() == wanted.len() && seen.iter().zip(wanted).all(|(s, w)| s.item == *w) {
            return Ok(ids);
        }
        let before: Vec<&str> = seen.iter().map(|s| code(&s.item)).collect();
        let after: Vec<&str> = wanted.iter().map(code).collect();
        let list = list_mut(object_mut(self.document, holder)?, member);
        for item in wanted {
            let Some(old) = seen.iter().find(|s| code(&s.item) == code(item)) else { continue };
            let object = list.iter_mut().find(|o| text(o, "id") == old.id).and_then(Value::as_object_mut);
            if let Some(object) = object.filter(|_| old.item != *item) {
                (how.edit)(object, &old.item, item);
            }
        }
        if before == after {
            return Ok(ids);
        }
        let mut standing: Vec<Value> =
            if how.chained { chained(list).into_iter().cloned().collect() } else { std::mem::take(list) };
        let gone: BTreeSet<&str> =
            seen.iter().filter(|s| !after.contains(&code(&s.item))).map(|s| s.id.as_str()).collect();
        standing.retain(|o| !gone.contains(text(o, "id")));
        let managed: BTreeSet<&str> = ids.values().map(String::as_str).collect();
        let mut objects: BTreeMap<String, Value> = BTreeMap::new();
        for object in standing.iter().filter(|o| managed.contains(text(o, "id"))) {
            objects.insert(text(object, "id").to_owned(), object.clone());
        }
        let mut ordered = wanted.iter().filter_map(|item| {
            let id = ids.get(code(item))?;
            Some(objects.get(id).cloned().unwrap_or_else(|| Value::Object((how.make)(item, id))))
        });
        // What study.toml does not show keeps its place among the others.
        let mut put: Vec<Value> = standing
            .iter()
            .filter_map(|o| if managed.contains(text(o, "id")) { ordered.next() } else { Some(o.clone()) })
            .collect();
        put.extend(ordered);
        if how.chained {
            relink(&mut put);
        }
        *list = put;
        Ok(ids)
    }

    fn identity(&mut self) -> Result<(), ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let (old, new) = (&seen.study, &wanted.study);
        if let Some(object) =
            seen.identifier.as_ref().and_then(|id| find_mut(self.document, id)).filter(|_| old.id != new.id)
        {
            object.insert("text".to_owned(), json!(new.id));
        }
        if let Some(object) =
            seen.sponsor.as_ref().and_then(|id| find_mut(self.document, id)).filter(|_| old.sponsor != new.sponsor)
        {
            let has_label = object.get("label").and_then(Value::as_str).is_some_and(|l| !l.is_empty());
            object.insert(if has_label { "label" } else { "name" }.to_owned(), json!(new.sponsor));
        }
        for (kind, old, new) in [(OFFICIAL, &old.title, &new.title), (BRIEF, &old.short_title, &new.short_title)] {
            if old != new {
                put_title(self.version()?, kind, new);
            }
        }
        if old.version != new.version {
            self.version()?.insert("versionIdentifier".to_owned(), json!(new.version));
        }
        if old.rationale != new.rationale {
            let design = self.design()?;
            let before = design.get("rationale").and_then(Value::as_str).unwrap_or("").to_owned();
            design.insert("rationale".to_owned(), json!(marked(&before, &new.rationale)));
        }
        let coded = [
            ("studyPhase", terms::PHASE, "study.phase", &old.phase, &new.phase),
            ("blindingSchema", terms::BLINDING, "study.blinding", &old.blinding, &new.blinding),
        ];
        for (member, list, about, _, new) in coded.into_iter().filter(|(.., old, new)| old != new) {
            let value = if new.is_empty() {
                Value::Null
            } else {
                let code = self.code(list, &format!("Code_{member}"), about, new);
                terms::alias(&format!("AliasCode_{member}"), code)
            };
            self.design()?.insert(member.to_owned(), value);
        }
        Ok(())
    }

    fn facts(&mut self, fresh: bool) -> Result<(), ProtocolError> {
        let mut wanted = self.wanted.facts.clone();
        if fresh {
            if !wanted.iter().any(|f| f.code == "INTMODEL")
                && let Some(model) = intervention_model(self.wanted)
            {
                wanted.push(Fact {
                    code: "INTMODEL".into(),
                    name: String::new(),
                    value: Some(model.into()),
                    value_null: None,
                });
            }
            for code in ["INTMODEL", "INTTYPE", "HLTSUBJI"] {
                if !wanted.iter().any(|f| f.code == code) {
                    self.remark(format!("fact {code}"), "is not said, and the model asks for it: add the [[fact]]");
                }
            }
        }
        // What an empty document says for want of better is no fact of the study.
        let said = |f: &&Fact| !fresh || wanted.iter().any(|w| w.code == f.code);
        let seen: Vec<Fact> = self.seen.facts.iter().filter(said).cloned().collect();
        let mut remarks = std::mem::take(&mut self.remarks);
        let version = self.version()?;
        Place { version, remarks: &mut remarks }.put(&seen, &wanted);
        self.remarks = remarks;
        Ok(())
    }

    /// Parts of `study.toml` that the model has no place for.
    fn without_place(&mut self, fresh: bool) {
        let wanted = self.wanted;
        for element in wanted.elements.iter().filter(|e| e.duration.is_some()) {
            self.remark(
                format!("element {}", element.code),
                "its duration has no place in the model: it stays in study.toml",
            );
        }
        if fresh && wanted.study.version.is_empty() {
            self.remark("study.version", "is not said: the document's version is empty");
        }
        if fresh && wanted.study.rationale.is_empty() {
            self.remark("study.rationale", "is not said: the document's rationale is empty");
        }
        if fresh {
            self.remark("study.sponsor", "what kind of organisation it is, and its identifier, are not said: the document says a pharmaceutical company without identifier");
        }
        if !wanted.schedule.blood_samples_h.is_empty() {
            self.remark("schedule.blood_samples_h", "planned samples within a visit stay in study.toml");
        }
    }
}

/// Chains objects in their order.
pub(super) fn relink(items: &mut [Value]) {
    let ids: Vec<Value> = items.iter().map(|i| i.get("id").cloned().unwrap_or_default()).collect();
    for (i, object) in items.iter_mut().enumerate() {
        if let Some(object) = object.as_object_mut() {
            let at = |index: Option<usize>| index.and_then(|x| ids.get(x)).cloned().unwrap_or_default();
            object.insert("previousId".to_owned(), at(i.checked_sub(1)));
            object.insert("nextId".to_owned(), at(i.checked_add(1)));
        }
    }
}

/// Sets a text that changed.
pub(super) fn set(object: &mut Object, member: &str, old: &str, new: &str) {
    if old != new {
        object.insert(member.to_owned(), json!(new));
    }
}

/// Sets a text, marked up where it was.
pub(super) fn put_text(object: &mut Object, member: &str, words: &str) {
    let before = object.get(member).and_then(Value::as_str).unwrap_or("").to_owned();
    object.insert(member.to_owned(), json!(marked(&before, words)));
}

/// Sets the words of a transition rule; made where there is none, taken away where there are no words.
pub(super) fn put_rule(object: &mut Object, member: &str, id: &str, word: &str, words: &str) {
    match object.get_mut(member).and_then(Value::as_object_mut) {
        Some(_) if words.is_empty() => drop(object.insert(member.to_owned(), Value::Null)),
        Some(rule) => put_text(rule, "text", words),
        None if words.is_empty() => drop(object.insert(member.to_owned(), Value::Null)),
        None => {
            let rule = json!({
                "id": format!("{id}_{word}_rule"), "extensionAttributes": [], "name": format!("{id}_{word}_rule"),
                "label": null, "description": null, "text": words, "instanceType": "TransitionRule"
            });
            object.insert(member.to_owned(), rule);
        }
    }
}

fn put_title(version: &mut Object, kind: (&str, &str), words: &str) {
    let titles = list_mut(version, "titles");
    // Where a document has no official title, its first serves.
    let first = (kind == OFFICIAL && !titles.is_empty()).then_some(0);
    let at = titles.iter().position(|t| is_title(t, kind)).or(first);
    match at.and_then(|at| titles.get_mut(at)).and_then(Value::as_object_mut) {
        Some(title) => drop(title.insert("text".to_owned(), json!(words))),
        None if words.is_empty() => {}
        None => {
            let word = if kind == OFFICIAL { "official" } else { "brief" };
            titles.push(json!({
                "id": format!("StudyTitle_{word}"), "extensionAttributes": [], "text": words,
                "type": terms::fixed(terms::TITLE, &format!("Code_title_{word}"), kind.0), "instanceType": "StudyTitle"
            }));
        }
    }
}

/// How arms and treatments cross, where they say it: one arm; a treatment each; or all treatments in each.
fn intervention_model(definition: &Definition) -> Option<&'static str> {
    let given = |arm: &Arm| -> BTreeSet<&str> {
        let path = definition.cells.iter().filter(|c| c.arm == arm.code).flat_map(|c| &c.path);
        let codes = path.filter_map(|step| step.split_once(':')).map(|(_, element)| element);
        let elements = codes.filter_map(|code| definition.elements.iter().find(|e| e.code == code));
        elements.filter_map(|e| e.treatment.as_deref()).collect()
    };
    let sets: Vec<BTreeSet<&str>> = definition.arms.iter().map(given).collect();
    match sets.as_slice() {
        [_] => Some("SINGLE GROUP"),
        [] => None,
        all if all.iter().all(|s| s.len() == 1) => Some("PARALLEL"),
        [first, rest @ ..] if first.len() > 1 && rest.iter().all(|s| s == first) => Some("CROSS-OVER"),
        _ => None,
    }
}

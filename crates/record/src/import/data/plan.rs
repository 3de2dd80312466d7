//! Which saves make a document's data? Nothing is written yet.

use super::super::column::oid;
use super::super::note::Note;
use super::super::odm::symbol;
use super::Options;
use super::audit::{Facts, named};
use super::key::Keys;
use crate::capture::{Entered, Place, Save, VoidRow};
use crate::definition::Compiled;
use crate::lock::snapshot::SEALED;
use crate::vendor;
use croft_cdisc::odm::{
    AuditRecord, ClinicalData, FormData, ItemData, ItemGroupData, Odm, StudyEventData, SubjectData, TransactionType,
    YesNo,
};
use croft_core::date::CivilDate;
use croft_core::{SiteId, SubjectId};
use croft_design::definition::Visit;
use croft_design::entry::{Typed, normalise};
use croft_design::forms::{Form, Item, ItemGroup};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done, in order.
#[derive(Debug, Default)]
pub struct Plan {
    /// Sites of the subjects.
    pub sites: BTreeMap<String, SiteSeen>,
    /// What to do.
    pub steps: Vec<Step>,
    /// Values of items that are computed here, the last of each place.
    pub computed: Vec<Computed>,
    /// Values in the document that come in.
    pub values: usize,
    /// What cannot come in, with its line and the reason.
    pub refused: Vec<Note>,
    /// What has no place.
    pub notes: Vec<Note>,
}

/// A site as the document names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteSeen {
    /// Its name.
    pub name: String,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line that it comes from.
    pub line: u32,
    /// What it is about, as the document names it.
    pub oid: String,
    /// What to do.
    pub act: Act,
    /// Lines of the single values, by `group/row/item`.
    pub lines: BTreeMap<String, u32>,
}

/// What is done in one step.
#[derive(Clone, Debug)]
pub enum Act {
    /// A subject comes in.
    Enrol {
        /// Its number.
        subject: String,
        /// Its site.
        site: String,
    },
    /// A form is saved.
    Save(Box<Save>),
    /// Every row of a form, or of all forms of a visit, is voided.
    Void {
        /// The visit; the form is empty for all of them.
        place: Place,
        /// The original facts.
        reason: String,
    },
    /// The subject leaves.
    Withdraw {
        /// Its number.
        subject: String,
        /// The original facts.
        reason: String,
    },
}

/// The other system's value of an item that is computed here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct Computed {
    pub line: u32,
    pub place: Place,
    pub group: String,
    pub row: u32,
    pub item: String,
    pub text: String,
}

/// Units by their identifiers, as people read them.
pub fn units(odm: &Odm) -> BTreeMap<String, String> {
    let units = odm.studies.iter().filter_map(|s| s.basic_definitions.as_ref()).flat_map(|b| &b.units);
    units.map(|u| (u.oid.clone(), symbol(u))).collect()
}

/// Plans the data of a document under a definition. `units` are those of the document that the definition came from; the data's own come first.
pub fn plan(odm: &Odm, definition: &Compiled, units: &BTreeMap<String, String>, options: &Options) -> Plan {
    let mut known = units.clone();
    known.extend(self::units(odm));
    let mut planner = Planner {
        definition,
        units: known,
        options,
        plan: Plan::default(),
        keys: Keys::default(),
        enrolled: BTreeSet::new(),
        computed: BTreeMap::new(),
        left: BTreeMap::new(),
        odm,
    };
    for data in &odm.clinical_data {
        planner.data(data);
    }
    planner.finish()
}

struct Planner<'a> {
    odm: &'a Odm,
    definition: &'a Compiled,
    units: BTreeMap<String, String>,
    options: &'a Options,
    plan: Plan,
    keys: Keys,
    enrolled: BTreeSet<String>,
    computed: BTreeMap<(Place, String, u32, String), (u32, String)>,
    left: BTreeMap<String, (usize, u32)>,
}

/// What holds for all that is below.
#[derive(Clone)]
struct Under<'d> {
    facts: Option<Facts>,
    named: &'d BTreeMap<&'d str, Facts>,
}

impl<'d> Under<'d> {
    fn below(&self, record: Option<&AuditRecord>) -> Self {
        Self { facts: record.map(Facts::of).or_else(|| self.facts.clone()), named: self.named }
    }
}

/// What is done in a form: facts, a value or a voided row, its line.
struct Done {
    facts: Option<Facts>,
    line: u32,
    what: What,
}

/// Where a value belongs.
struct At<'a> {
    place: &'a Place,
    group: &'a ItemGroup,
    row: u32,
    item: &'a Item,
}

enum What {
    Value(Entered),
    Void(String, u32),
}

impl Planner<'_> {
    fn finish(mut self) -> Plan {
        for ((place, group, row, item), (line, text)) in self.computed {
            self.plan.computed.push(Computed { line, place, group, row, item, text });
        }
        for (kind, (count, line)) in self.left {
            let message = if count == 1 { kind } else { format!("{kind} ({count} times)") };
            self.plan.notes.push(Note::new(line, "", message, ""));
        }
        self.plan.notes.sort();
        self.plan
    }

    /// What has no place: the file is to be kept.
    fn left(&mut self, kind: &str, count: usize, line: u32) {
        if count > 0 {
            self.tell(format!("has no place, and stays in the file: {kind}"), count, line);
        }
    }

    /// Something told once, with how often it was so.
    fn tell(&mut self, what: String, count: usize, line: u32) {
        self.left.entry(what).or_insert((0, line)).0 += count;
    }

    fn refuse(&mut self, line: u32, oid: &str, message: impl Into<String>, hint: &str) {
        self.plan.refused.push(Note::new(line, oid, message, hint));
    }

    fn data(&mut self, data: &ClinicalData) {
        let named = named(data);
        let under = Under { facts: data.audit_record.as_ref().map(Facts::of), named: &named };
        let lists = data.signatures.iter().map(|s| s.signatures.len()).sum::<usize>();
        self.left("Signature", data.signature.iter().count() + lists, data.place.line);
        self.left("Annotation", data.annotations.len(), data.place.line);
        self.left("Query", data.queries.len(), data.place.line);
        self.left("ItemGroupData of no subject", data.item_groups.len(), data.place.line);
        for subject in &data.subjects {
            self.subject(subject, &under);
        }
    }

    fn subject(&mut self, data: &SubjectData, under: &Under<'_>) {
        let (id, line) = (&data.subject_key, data.place.line);
        if let Err(error) = id.parse::<SubjectId>() {
            return self.refuse(line, id, error.to_string(), error.hint());
        }
        self.left("Signature", data.signature.iter().count(), line);
        self.left("Annotation", data.annotations.len(), line);
        self.left("Query", data.queries.len(), line);
        self.left("InvestigatorRef", data.investigator.iter().count(), line);
        let under = under.below(data.audit_record.as_deref());
        if self.enrolled.insert(id.clone()) {
            let site = data.site.as_ref().map_or(self.options.site.clone(), |s| s.location_oid.clone());
            if let Err(error) = site.parse::<SiteId>() {
                return self.refuse(line, &site, error.to_string(), error.hint());
            }
            self.see_site(&site);
            self.step(line, id, Act::Enrol { subject: id.clone(), site });
        }
        for event in &data.events {
            self.event(id, event, &under);
        }
        for form in &data.forms {
            match self.only_visit(&form.form_oid) {
                Some(visit) => self.form_data(id, &visit, 1, form, &under),
                None => self.refuse(
                    form.place.line,
                    &form.form_oid,
                    format!(
                        "form {} stands at no visit in the data, and not at exactly one in the definition",
                        form.form_oid
                    ),
                    "publish a definition in which the form has one visit",
                ),
            }
        }
        let withdrawn = vendor::said(&data.extra, "Status") == Some("withdrawn");
        if withdrawn || data.transaction == Some(TransactionType::Remove) {
            let reason = self.words(under.facts.as_ref(), &[]);
            self.step(line, id, Act::Withdraw { subject: id.clone(), reason: format!("{reason}: removed") });
        }
    }

    fn see_site(&mut self, site: &str) {
        let locations = self.odm.admin_data.iter().flat_map(|a| &a.locations);
        let name = locations.into_iter().find(|l| l.oid == site).and_then(|l| l.name.clone());
        let name = name.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| site.to_owned());
        self.plan.sites.entry(site.to_owned()).or_insert(SiteSeen { name });
    }

    fn step(&mut self, line: u32, oid: &str, act: Act) {
        self.plan.steps.push(Step { line, oid: oid.to_owned(), act, lines: BTreeMap::new() });
    }

    fn words(&self, facts: Option<&Facts>, sources: &[&str]) -> String {
        facts.map_or_else(|| format!("imported: {}", self.options.source), |f| f.words(sources))
    }

    fn visit(&self, wanted: &str) -> Option<Visit> {
        self.definition.definition.visits.iter().find(|v| oid(&v.oid, &v.code) == wanted).cloned()
    }

    fn form(&self, wanted: &str) -> Option<Form> {
        self.definition.forms.iter().find(|f| oid(&f.oid, &f.form) == wanted).cloned()
    }

    /// Of forms that stand in no visit.
    fn only_visit(&self, form: &str) -> Option<Visit> {
        let form = self.form(form)?;
        let [code] = form.visits.as_slice() else { return None };
        self.definition.visit(code).cloned()
    }

    fn event(&mut self, subject: &str, data: &StudyEventData, under: &Under<'_>) {
        let line = data.place.line;
        let Some(visit) = self.visit(&data.event_oid) else {
            return self.refuse(
                line,
                &data.event_oid,
                format!("visit {} is not in the study's definition", data.event_oid),
                "publish a version that has it, or leave it out",
            );
        };
        self.left("Signature", data.signature.iter().count(), line);
        self.left("Annotation", data.annotations.len(), line);
        self.left("Query", data.queries.len(), line);
        let under = under.below(data.audit_record.as_deref());
        let scope = format!("{subject}/{}", visit.code);
        let repeat = self.keys.number(&scope, data.repeat_key.as_deref(), visit.repeating);
        for form in &data.forms {
            self.form_data(subject, &visit, repeat, form, &under);
        }
        for group in &data.item_groups {
            self.form_of_2(subject, &visit, repeat, group, &under);
        }
        if data.transaction == Some(TransactionType::Remove) {
            let place =
                Place { subject: subject.to_owned(), visit: visit.code, visit_repeat: repeat, ..Place::default() };
            let reason = self.words(under.facts.as_ref(), &[]);
            self.step(line, &data.event_oid, Act::Void { place, reason });
        }
    }

    fn place(&mut self, subject: &str, visit: &Visit, repeat: u32, form: &Form, key: Option<&str>) -> Place {
        let scope = format!("{subject}/{}/{repeat}/{}", visit.code, form.form);
        Place {
            subject: subject.to_owned(),
            visit: visit.code.clone(),
            visit_repeat: repeat,
            form: form.form.clone(),
            form_repeat: self.keys.number(&scope, key, form.repeating),
        }
    }

    fn form_data(&mut self, subject: &str, visit: &Visit, repeat: u32, data: &FormData, under: &Under<'_>) {
        let line = data.place.line;
        let Some(form) = self.form(&data.form_oid) else { return self.no_form(line, &data.form_oid) };
        self.left("Signature", data.signature.iter().count(), line);
        self.left("Annotation", data.annotations.len(), line);
        self.left("Query", data.queries.len(), line);
        let under = under.below(data.audit_record.as_deref());
        let place = self.place(subject, visit, repeat, &form, data.repeat_key.as_deref());
        let mut done = Vec::new();
        for group in &data.item_groups {
            self.group(&form, &place, group, "", &under, &mut done);
        }
        self.saves(line, &data.form_oid, &place, done);
        if data.transaction == Some(TransactionType::Remove) {
            let reason = self.words(under.facts.as_ref(), &[]);
            self.step(line, &data.form_oid, Act::Void { place, reason });
        }
    }

    fn no_form(&mut self, line: u32, oid: &str) {
        let message = format!("form {oid} is not in the study's definition");
        self.refuse(line, oid, message, "publish a version that has it, or leave it out");
    }

    /// A form of 2.0 is a group that holds groups; a group by itself belongs to the one form of the visit that has it.
    fn form_of_2(&mut self, subject: &str, visit: &Visit, repeat: u32, data: &ItemGroupData, under: &Under<'_>) {
        let (line, wanted) = (data.place.line, data.item_group_oid.as_str());
        if let Some(form) = self.form(wanted) {
            let place = self.place(subject, visit, repeat, &form, data.repeat_key.as_deref());
            let mut done = Vec::new();
            let whole = ItemGroupData { repeat_key: None, transaction: None, ..data.clone() };
            self.group(&form, &place, &whole, "", under, &mut done);
            self.saves(line, wanted, &place, done);
            if data.transaction == Some(TransactionType::Remove) {
                let facts = under.below(data.audit_record.as_deref()).facts;
                let reason = self.words(facts.as_ref(), &[]);
                self.step(line, wanted, Act::Void { place, reason });
            }
            return;
        }
        let has = |f: &&Form| f.visits.contains(&visit.code) && f.groups.iter().any(|g| oid(&g.oid, &g.name) == wanted);
        let mut forms = self.definition.forms.iter().filter(has);
        let (Some(form), None) = (forms.next().cloned(), forms.next()) else { return self.no_form(line, wanted) };
        let place = self.place(subject, visit, repeat, &form, None);
        let mut done = Vec::new();
        self.group(&form, &place, data, "", under, &mut done);
        self.saves(line, wanted, &place, done);
    }

    fn group(
        &mut self,
        form: &Form,
        place: &Place,
        data: &ItemGroupData,
        outer: &str,
        under: &Under<'_>,
        done: &mut Vec<Done>,
    ) {
        let (line, wanted) = (data.place.line, data.item_group_oid.as_str());
        self.left("Signature", data.signature.iter().count(), line);
        self.left("Annotation", data.annotations.len(), line);
        self.left("Query", data.queries.len(), line);
        let under = under.below(data.audit_record.as_deref());
        let own = data.repeat_key.as_deref().unwrap_or_default();
        let key = [outer, own].into_iter().filter(|k| !k.is_empty()).collect::<Vec<_>>().join("/");
        let removed = data.transaction == Some(TransactionType::Remove);
        let group = form.groups.iter().find(|g| oid(&g.oid, &g.name) == wanted);
        // A unit that stands beside its value (2.0) is said on the value too.
        for item in data.items.iter().filter(|i| vendor::said(&i.extra, "UnitOf").is_none()) {
            if let Some((group, defined)) = self.defined(form, group, wanted, item) {
                let row = self.row(place, group, &key);
                self.item(&At { place, group, row, item: defined }, item, &under, done);
            }
        }
        match group {
            Some(group) if removed => {
                let row = self.row(place, group, &key);
                done.push(Done { facts: under.facts.clone(), line, what: What::Void(group.name.clone(), row) });
            }
            None if removed => {
                let message = format!("group {wanted} is not on form {} in the study's definition", form.form);
                self.refuse(line, wanted, message, "publish a version that has it, or leave it out");
            }
            _ => {}
        }
        for inner in &data.item_groups {
            self.group(form, place, inner, &key, &under, done);
        }
    }

    fn row(&mut self, place: &Place, group: &ItemGroup, key: &str) -> u32 {
        let Place { subject, visit, visit_repeat, form, form_repeat } = place;
        let scope = format!("{subject}/{visit}/{visit_repeat}/{form}/{form_repeat}/{}", group.name);
        self.keys.number(&scope, Some(key), group.repeating)
    }

    /// The item in its group, or in the one other group of the form that has it: some systems name groups in data otherwise than in definitions.
    fn defined<'f>(
        &mut self,
        form: &'f Form,
        group: Option<&'f ItemGroup>,
        named: &str,
        data: &ItemData,
    ) -> Option<(&'f ItemGroup, &'f Item)> {
        let (line, wanted) = (data.place.line, data.item_oid.as_str());
        let of = |group: &'f ItemGroup| Some((group, group.items.iter().find(|i| oid(&i.oid, &i.name) == wanted)?));
        if let Some(found) = group.and_then(of) {
            return Some(found);
        }
        let mut found = form.groups.iter().filter_map(of);
        if let (Some(only), None) = (found.next(), found.next()) {
            let to = &only.0.name;
            self.tell(format!("item {wanted} of group `{named}` in the data is taken into group {to}"), 1, line);
            return Some(only);
        }
        let message = format!("item {wanted} of group {named} is not on form {} of the study's definition", form.form);
        self.refuse(line, wanted, message, "publish a version that has it, or leave it out");
        None
    }

    fn item(&mut self, at: &At<'_>, data: &ItemData, under: &Under<'_>, done: &mut Vec<Done>) {
        let At { place, group, row, item } = *at;
        let (line, wanted) = (data.place.line, data.item_oid.as_str());
        self.left("Signature", data.signature.iter().count(), line);
        self.left("Annotation", data.annotations.len(), line);
        self.left("Query", data.queries.len(), line);
        for content in &data.extra.content {
            if let croft_cdisc::odm::Content::Element(node) = content {
                self.left(&format!("<{}:{}>", node.prefix, node.local), 1, node.place.line);
            }
        }
        let removed = data.transaction == Some(TransactionType::Remove);
        let said = |local| vendor::said(&data.extra, local);
        let missing = said("Missing").unwrap_or_default();
        if missing == SEALED {
            return;
        }
        let text = match data.text() {
            value if !removed && own_text(item, missing, value.unwrap_or_default(), said("Text")) => {
                said("Text").unwrap_or_default()
            }
            _ if removed || data.is_null == Some(YesNo::Yes) => "",
            _ if data.transaction == Some(TransactionType::Context) => return,
            Some(text) => text,
            None => return,
        };
        if data.values.len() > 1 {
            let message = format!("item {wanted} has {} values where one belongs", data.values.len());
            return self.refuse(line, wanted, message, "make the group repeating, and each value a row");
        }
        if item.derive.is_some() {
            let at = (place.clone(), group.name.clone(), row, item.name.clone());
            self.computed.insert(at, (line, text.to_owned()));
            return;
        }
        self.plan.values += 1;
        let by_id = data.extra.attributes.iter().find(|a| a.local == "AuditRecordID").map(|a| a.value.as_str());
        let by_id = by_id.and_then(|id| under.named.get(id).cloned());
        let facts = data.audit_record.as_deref().map(Facts::of).or(by_id).or_else(|| under.facts.clone());
        let unit = data.unit.as_ref().map(|u| self.units.get(&u.unit_oid).unwrap_or(&u.unit_oid).clone());
        let unit = unit.or_else(|| said("Unit").map(str::to_owned));
        let entered = Entered {
            group: group.name.clone(),
            row,
            item: item.name.clone(),
            text: text.to_owned(),
            unit: unit.unwrap_or_default(),
            missing: if removed { String::new() } else { missing.to_owned() },
            ..Entered::default()
        };
        done.push(Done { facts, line, what: What::Value(entered) });
    }

    /// Saves of one form: what the same person did at the same time for the same reason is one.
    fn saves(&mut self, line: u32, form: &str, place: &Place, done: Vec<Done>) {
        let mut acts: Vec<Vec<Done>> = Vec::new();
        for one in done {
            let fits = acts.last().is_some_and(|act| {
                let same = match (&act[0].facts, &one.facts) {
                    (Some(a), Some(b)) => a.same_act(b),
                    (a, b) => a == b,
                };
                same && !act.iter().any(|other| address(&other.what) == address(&one.what))
            });
            match acts.last_mut().filter(|_| fits) {
                Some(act) => act.push(one),
                None => acts.push(vec![one]),
            }
        }
        for act in acts {
            let sources: Vec<&str> = act.iter().filter_map(|d| Some(d.facts.as_ref()?.source.as_str())).collect();
            let reason = self.words(act[0].facts.as_ref(), &sources);
            let mut save = Save {
                study: self.options.study.clone(),
                place: place.clone(),
                reason: reason.clone(),
                import: true,
                ..Save::default()
            };
            let mut lines = BTreeMap::new();
            for one in act {
                lines.insert(address(&one.what), one.line);
                match one.what {
                    What::Value(entered) => save.entries.push(entered),
                    What::Void(group, row) => save.voids.push(VoidRow { group, row, reason: reason.clone() }),
                }
            }
            let first = lines.values().min().copied().unwrap_or(line);
            let act = Act::Save(Box::new(save));
            self.plan.steps.push(Step { line: first, oid: form.to_owned(), act, lines });
        }
    }
}

/// Whether what a document of croft's own says was entered stands for the value: a text without a year would become another day.
fn own_text(item: &Item, missing: &str, value: &str, text: Option<&str>) -> bool {
    let Some(text) = text else { return !missing.is_empty() };
    let typed = Typed { text: text.to_owned(), missing: missing.to_owned(), ..Typed::default() };
    let days = [(2100, 1, 1), (9999, 12, 31)].map(|(y, m, d)| CivilDate::new(y, m, d));
    days.into_iter().flatten().all(|today| normalise(item, &typed, today).value == value)
}

/// The address within the form, as faults name it.
fn address(what: &What) -> String {
    match what {
        What::Value(e) => format!("{}/{}/{}", e.group, e.row, e.item),
        What::Void(group, row) => format!("{group}/{row}"),
    }
}

#[cfg(test)]
mod tests {
    use super::own_text;
    use croft_design::forms::{Item, ItemType};

    #[test]
    fn a_day_without_its_year_is_taken_as_the_day_that_it_was() {
        let date = Item::new("D", "D", ItemType::PartialDate);
        assert!(own_text(&date, "", "2026-03-03", Some("3 mar 2026")));
        assert!(!own_text(&date, "", "2026-03-03", Some("3 mar")));
        assert!(!own_text(&date, "", "2026-03-03", Some("3mar26")));
        let number = Item::new("N", "N", ItemType::Float);
        assert!(own_text(&number, "", "", Some("about 37")), "what was not understood is not understood again");
        assert!(own_text(&number, "ND", "", None));
        assert!(!own_text(&number, "", "37", None), "nothing else was entered");
    }
}

//! The fields of a form: label, control, unit, hint, what is wrong, what waits.

use super::Sheet;
use crate::components::{self, Column, Errors, Field, Row, Status, Table, field_id};
use crate::context::Context;
use crate::enter::{Content, Filled, Spot};
use crate::pages::place::form_address;
use crate::pages::thread;
use croft_design::forms::{Item, ItemGroup, ItemType, MISSING_CODES};
use croft_record::access::Operation;
use croft_record::lock::snapshot::SEALED;
use croft_record::query::Query;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Up to so many codes all stand on the page; more are typed, with a list to choose from.
const MOST_RADIOS: usize = 4;
/// Up to so many items a row of a repeating group stands in one line of a table.
const MOST_COLUMNS: usize = 8;
/// Longer texts have several lines.
const LONG_TEXT: u32 = 120;

/// A form at the drawing board.
pub(super) struct Drawing<'a> {
    pub c: &'a Context,
    pub sheet: &'a Sheet,
    /// What was typed and is not recorded: refused, or a draft.
    pub typed: Option<&'a Filled>,
    pub errors: &'a Errors,
    /// Items that somebody else changed in between.
    pub conflicts: &'a BTreeSet<Spot>,
}

impl Drawing<'_> {
    /// The event on which the page stands. After a conflict the page shows both values, and stands on the newest.
    pub fn base(&self) -> u64 {
        match self.typed {
            Some(typed) if self.conflicts.is_empty() => typed.base,
            _ => self.sheet.view.state.event,
        }
    }

    /// What its fields hold, and what they held.
    fn content(&self, spot: &Spot) -> (Content, Content) {
        let recorded = self.sheet.recorded(spot);
        match self.typed.and_then(|typed| typed.items.get(spot)).filter(|sent| sent.is_changed()) {
            Some(sent) if self.conflicts.contains(spot) => (sent.now.clone(), recorded),
            Some(sent) => (sent.now.clone(), sent.was.clone()),
            None => (recorded.clone(), recorded),
        }
    }

    /// All groups, in the order of the definition.
    pub fn groups(&self) -> Markup {
        let groups = self.sheet.form().map(|form| form.groups.as_slice()).unwrap_or_default();
        html! { @for group in groups { (self.group(group)) } }
    }

    fn group(&self, group: &ItemGroup) -> Markup {
        let recorded = self.sheet.view.state.groups.contains_key(&group.name);
        if self.sheet.is_not_asked(&group.name, 0, "") && !recorded {
            return html! { p.quiet { (t!(self.c, "group-not-asked", group = &group.label)) } };
        }
        let body = html! {
            @if group.source.is_some() { p.hint { (t!(self.c, "group-from-file")) } }
            @if group.repeating { (self.repeating(group)) } @else { (self.once(group, 1)) }
        };
        components::group(&group.label, body)
    }

    /// The items of one row under each other; those that are not asked stand apart, and can be reached.
    fn once(&self, group: &ItemGroup, row: u32) -> Markup {
        let idle = |item: &&Item| {
            let spot = Spot::new(&group.name, row, &item.name);
            self.sheet.is_not_asked(&group.name, row, &item.name) && self.content(&spot).0.is_blank()
        };
        let (apart, asked): (Vec<&Item>, Vec<&Item>) = group.items.iter().partition(idle);
        html! {
            @for item in &asked { (self.field(group, row, item)) }
            @if !apart.is_empty() {
                details.apart {
                    summary { (t!(self.c, "items-not-asked", count = apart.len())) }
                    @for item in &apart { (self.field(group, row, item)) }
                }
            }
        }
    }

    /// The rows that are there and, where entry is open, an empty one behind them.
    fn rows(&self, group: &ItemGroup) -> Vec<u32> {
        let recorded = self.sheet.view.state.groups.get(&group.name).into_iter().flat_map(|rows| rows.keys().copied());
        let typed = self
            .typed
            .into_iter()
            .flat_map(|t| t.items.iter())
            .filter(|(spot, sent)| spot.group == group.name && sent.is_changed());
        let mut rows: BTreeSet<u32> = recorded.chain(typed.map(|(spot, _)| spot.row)).collect();
        if self.is_entered(group) {
            rows.insert(rows.last().copied().unwrap_or(0).saturating_add(1));
        }
        rows.into_iter().collect()
    }

    fn is_entered(&self, group: &ItemGroup) -> bool {
        self.sheet.is_open() && group.source.is_none()
    }

    fn is_void(&self, group: &ItemGroup, row: u32) -> bool {
        self.sheet.view.state.groups.get(&group.name).and_then(|rows| rows.get(&row)).is_some_and(|row| row.void)
    }

    fn repeating(&self, group: &ItemGroup) -> Markup {
        let rows = self.rows(group);
        if rows.is_empty() {
            return html! { p.quiet { (t!(self.c, "group-empty")) } };
        }
        if group.items.len() > MOST_COLUMNS {
            return html! { @for row in rows {
                fieldset.row.voided[self.is_void(group, row)] {
                    legend { (t!(self.c, "row-name", group = &group.label, row = row)) }
                    (self.once(group, row)) (self.void(group, row))
                }
            } };
        }
        let table = Table::new(&group.label).hide_caption().column(Column::number(t!(self.c, "row-number")));
        let table = group.items.iter().fold(table, |table, item| {
            let column = Column::text(&item.label);
            table.column(match item.unit.as_ref().filter(|_| item.other_units.is_empty()) {
                Some(unit) => column.unit(unit),
                None => column,
            })
        });
        let table = table.column(Column::bare(t!(self.c, "row-void")));
        table.rows(rows.into_iter().map(|row| self.line(group, row))).render(self.c)
    }

    fn line(&self, group: &ItemGroup, row: u32) -> Row {
        let head = Row::new(html! { (row) });
        let line = group
            .items
            .iter()
            .fold(head, |line, item| line.cell(self.cell(group, row, item)))
            .cell(self.void(group, row));
        if self.is_void(group, row) { line.class("voided") } else { line }
    }

    /// How a row that was entered by mistake is taken out; it stays to be seen.
    fn void(&self, group: &ItemGroup, row: u32) -> Markup {
        if self.is_void(group, row) {
            return components::status(self.c, Status::Voided);
        }
        let recorded = self.sheet.view.state.groups.get(&group.name).is_some_and(|rows| rows.contains_key(&row));
        if !(recorded && self.is_entered(group) && self.sheet.rights.has(Operation::Void)) {
            return html! {};
        }
        let (name, at) = (format!("void:{}/{row}", group.name), format!("{}/{row}", group.name));
        let typed = self.typed.and_then(|t| t.voids.get(&(group.name.clone(), row)));
        let ticked = format!("{}-box", field_id(&name));
        html! {
            details.void open[typed.is_some()] {
                summary { (t!(self.c, "row-void")) span.unseen { " " (row) } }
                span.choice {
                    input id=(ticked) type="checkbox" name="void" value=(at) checked[typed.is_some()];
                    label for=(ticked) { (t!(self.c, "row-void-this")) }
                }
                (Field::new(name, t!(self.c, "row-void-why")).value(typed.cloned().unwrap_or_default()).errors(self.errors).text())
            }
        }
    }

    /// Whether this item can be typed on this page.
    fn is_typed(&self, group: &ItemGroup, row: u32, item: &Item, spot: &Spot) -> bool {
        self.is_entered(group) && item.derive.is_none() && !self.is_void(group, row) && !self.sheet.is_hidden(spot)
    }

    /// An item under its label.
    fn field(&self, group: &ItemGroup, row: u32, item: &Item) -> Markup {
        let spot = Spot::new(&group.name, row, &item.name);
        let id = field_id(&spot.field('v'));
        let wrong = self.errors.of(&spot.field('v')).is_some();
        let mark = html! { @if item.required { span.required { abbr title=(t!(self.c, "item-required")) { " *" } } } };
        if !self.is_typed(group, row, item, &spot) {
            return html! { div.field id=(id) {
                span.label { (item.label) } div.field-line { (self.shown(item, &spot)) (self.beside(item, &spot)) } (self.under(item, &spot))
            } };
        }
        if self.as_radios(item) {
            return html! { fieldset.field.wrong[wrong] aria-describedby=[self.described_by(item, &spot)] {
                legend { (item.label) (mark) }
                (self.under(item, &spot))
                div.field-line { (self.radios(item, &spot)) (self.missing(item, &spot)) (self.beside(item, &spot)) }
            } };
        }
        html! { div.field.wrong[wrong] {
            label for=(id) { (item.label) (mark) }
            div.field-line { (self.control(item, &spot, None)) (self.missing(item, &spot)) (self.beside(item, &spot)) }
            (self.under(item, &spot))
        } }
    }

    /// An item in a line of a table; the column's head names it to the eye, its own label to the ear.
    fn cell(&self, group: &ItemGroup, row: u32, item: &Item) -> Markup {
        let spot = Spot::new(&group.name, row, &item.name);
        if !self.is_typed(group, row, item, &spot) {
            return html! { span id=(field_id(&spot.field('v'))) { (self.shown(item, &spot)) } " " (self.beside(item, &spot)) (self.under(item, &spot)) };
        }
        let label = t!(self.c, "cell-name", item = &item.label, row = row);
        html! {
            div.field-line { (self.control(item, &spot, Some(&label))) (self.missing(item, &spot)) (self.beside(item, &spot)) }
            (self.under(item, &spot))
        }
    }

    fn as_radios(&self, item: &Item) -> bool {
        !item.codes.is_empty() && item.codes.len() <= MOST_RADIOS
    }

    /// The value as text, for what is not typed here.
    fn shown(&self, item: &Item, spot: &Spot) -> Markup {
        if self.sheet.is_hidden(spot) {
            return html! { span.quiet { (t!(self.c, "item-hidden")) } };
        }
        let recorded = self.sheet.recorded(spot);
        let decoded = item.codes.get(&recorded.text).filter(|label| **label != recorded.text);
        html! { span.value {
            (recorded.text)
            @if let Some(label) = decoded { " – " (label) }
            @if !recorded.unit.is_empty() { " " span.unit { (recorded.unit) } }
            @if !recorded.missing.is_empty() { " " (missing_word(&recorded.missing)) }
            @if item.derive.is_some() { " " span.quiet { (t!(self.c, "item-computed")) } }
        } }
    }

    /// The box to type into, with the hidden field of what stood there.
    fn control(&self, item: &Item, spot: &Spot, label: Option<&str>) -> Markup {
        let (now, was) = self.content(spot);
        let name = spot.field('v');
        let id = field_id(&name);
        let (describe, wrong) = (self.described_by(item, spot), self.errors.of(&name).map(|_| "true"));
        let list = (!item.codes.is_empty()).then(|| format!("{id}-codes"));
        let long = item.kind == ItemType::Text
            && item.codes.is_empty()
            && item.length.is_some_and(|length| length > LONG_TEXT);
        let mode = match item.kind {
            ItemType::Integer => Some("numeric"),
            ItemType::Float => Some("decimal"),
            _ => None,
        };
        html! {
            @if !was.is_blank() { input type="hidden" name=(spot.field('w')) value=(was.seal()); }
            @if long {
                textarea id=(id) name=(name) rows="3" aria-label=[label] aria-describedby=[describe] aria-invalid=[wrong] { (now.text) }
            } @else {
                span.input.has-unit[item.unit.is_some()] {
                    input id=(id) name=(name) type="text" value=(now.text) size=[width(item)] list=[list.as_deref()] autocomplete="off"
                        inputmode=[mode] aria-label=[label] aria-describedby=[describe] aria-invalid=[wrong];
                    (self.unit(item, spot, &now))
                }
            }
            @if let Some(list) = &list {
                datalist id=(list) { @for (code, label) in &item.codes { option value=(code) { (label) } } }
            }
        }
    }

    fn unit(&self, item: &Item, spot: &Spot, now: &Content) -> Markup {
        let Some(unit) = &item.unit else { return html! {} };
        let id = format!("{}-unit", field_id(&spot.field('v')));
        if item.other_units.is_empty() {
            return html! { span.unit id=(id) { (unit) } };
        }
        html! {
            select.unit id=(id) name=(spot.field('u')) aria-label=(t!(self.c, "item-unit", item = &item.label)) {
                @for choice in std::iter::once(unit).chain(&item.other_units) { option value=(choice) selected[*choice == now.unit] { (choice) } }
            }
        }
    }

    /// Few codes: all to be seen. A recorded text that is none of them stands among them, and what is chosen can be taken back.
    fn radios(&self, item: &Item, spot: &Spot) -> Markup {
        let (now, was) = self.content(spot);
        let name = spot.field('v');
        let id = field_id(&name);
        let mut choices: Vec<(String, String)> =
            item.codes.iter().map(|(code, label)| (code.clone(), label.clone())).collect();
        if !now.text.is_empty() && !item.codes.contains_key(&now.text) {
            choices.push((now.text.clone(), now.text.clone()));
        }
        if !now.text.is_empty() || !was.text.is_empty() {
            choices.push((String::new(), t!(self.c, "item-none")));
        }
        html! {
            @if !was.is_blank() { input type="hidden" name=(spot.field('w')) value=(was.seal()); }
            div.choices { @for (n, (code, label)) in choices.iter().enumerate() {
                @let own = if n == 0 { id.clone() } else { format!("{id}-{n}") };
                span.choice {
                    input id=(own) type="radio" name=(name) value=(code) checked[*code == now.text && (!code.is_empty() || !was.is_blank())];
                    label for=(own) { (label) @if label != code && !code.is_empty() { " " span.quiet { (code) } } }
                }
            } }
        }
    }

    /// Why there is no value.
    fn missing(&self, item: &Item, spot: &Spot) -> Markup {
        let chosen = self.content(spot).0.missing;
        let word =
            |code: &str| MISSING_CODES.iter().find(|(c, _)| *c == code).map_or(code, |(_, word)| *word).to_owned();
        let mut codes: Vec<String> = match item.missing.as_slice() {
            [] => MISSING_CODES.iter().map(|(code, _)| (*code).to_owned()).collect(),
            own => own.to_vec(),
        };
        if !chosen.is_empty() && chosen != SEALED && !codes.contains(&chosen) {
            codes.push(chosen.clone());
        }
        html! {
            select.missing name=(spot.field('m')) aria-label=(t!(self.c, "item-missing", item = &item.label)) {
                option value="" { (t!(self.c, "item-missing-none")) }
                @for code in &codes { option value=(code) selected[*code == chosen] { (code) " – " (word(code)) } }
            }
        }
    }

    /// At the end of the line: what is verified, and the way to the item's history.
    fn beside(&self, item: &Item, spot: &Spot) -> Markup {
        let Some(state) = self.sheet.state(spot) else { return html! {} };
        let address = form_address(self.sheet.inside.id(), &self.sheet.view.place);
        let query: String = form_urlencoded::byte_serialize(spot.path().as_bytes()).collect();
        html! { span.beside {
            @if state.verified > 0 { (components::status(self.c, Status::Verified)) " " }
            (components::panel_link(&format!("{address}?history={query}"),
                html! { (t!(self.c, "item-history")) span.unseen { " " (item.label) } }))
        } }
    }

    /// Under the line: hint, what is wrong, the reason that a change needs, queries.
    fn under(&self, item: &Item, spot: &Spot) -> Markup {
        let name = spot.field('v');
        let id = field_id(&name);
        let typed = self.sheet.is_open() && item.derive.is_none();
        html! {
            @if let (true, Some(hint)) = (typed, self.hint(item)) { p.hint id={ (id) "-hint" } { (hint) } }
            @if let Some(error) = self.errors.of(&name) { p.error id={ (id) "-error" } { (error) } }
            @if self.conflicts.contains(spot) { (self.conflict(spot)) }
            (self.reason_of(item, spot))
            (thread::list(self.c, &self.sheet.rights, self.queries(spot)))
        }
    }

    fn queries<'q>(&'q self, spot: &'q Spot) -> impl Iterator<Item = &'q Query> {
        self.sheet.queries.iter().filter(|q| q.group == spot.group && q.row == spot.row && q.item == spot.item)
    }

    /// Both values: what is recorded now, beside what was typed.
    fn conflict(&self, spot: &Spot) -> Markup {
        let recorded = self.sheet.recorded(spot);
        html! { p.conflict { (t!(self.c, "item-recorded-now")) " " strong { (recorded.text) " " (recorded.unit) " " (recorded.missing) } } }
    }

    fn hint(&self, item: &Item) -> Option<String> {
        let format = match item.kind {
            ItemType::Date => Some(t!(self.c, "hint-date")),
            ItemType::PartialDate => Some(t!(self.c, "hint-partial-date")),
            ItemType::Datetime | ItemType::PartialDatetime => Some(t!(self.c, "hint-datetime")),
            ItemType::Time => Some(t!(self.c, "hint-time")),
            _ => None,
        };
        match (&item.hint, format) {
            (Some(own), Some(format)) => Some(format!("{own}. {format}")),
            (own, format) => own.clone().or(format),
        }
    }

    fn described_by(&self, item: &Item, spot: &Spot) -> Option<String> {
        let id = field_id(&spot.field('v'));
        let parts = [
            self.errors.of(&spot.field('v')).map(|_| format!("{id}-error")),
            self.hint(item).map(|_| format!("{id}-hint")),
            item.unit.as_ref().map(|_| format!("{id}-unit")),
        ];
        let all: Vec<String> = parts.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// Whether a change of this item has come back for want of a reason.
    fn needs_reason(&self, spot: &Spot) -> bool {
        let wanted = self.sheet.view.definition.definition.capture.reason_for_change;
        let changed = self.typed.and_then(|t| t.items.get(spot)).is_some_and(|sent| sent.is_changed());
        wanted && changed && !self.errors.is_empty() && !self.sheet.recorded(spot).is_blank()
    }

    fn reason_of(&self, item: &Item, spot: &Spot) -> Markup {
        if !self.needs_reason(spot) {
            return html! {};
        }
        let given = self.typed.and_then(|t| t.items.get(spot)).map_or("", |sent| sent.reason.as_str());
        Field::new(spot.field('r'), t!(self.c, "item-reason", item = &item.label)).value(given).text()
    }

    /// One reason for all changes, asked only when a change came back for want of one.
    pub fn reason(&self) -> Markup {
        let Some(typed) = self.typed else { return html! {} };
        let asked = typed.items.keys().any(|spot| self.needs_reason(spot));
        html! { @if asked || !typed.reason.is_empty() {
            (Field::new("reason", t!(self.c, "form-reason")).hint(t!(self.c, "form-reason-hint")).value(&typed.reason).errors(self.errors).text())
        } }
    }
}

/// The word of a missing code.
pub(crate) fn missing_word(code: &str) -> String {
    MISSING_CODES.iter().find(|(c, _)| *c == code).map_or_else(|| code.to_owned(), |(c, word)| format!("{c} – {word}"))
}

/// How wide a box is, in characters.
fn width(item: &Item) -> Option<u32> {
    Some(match (item.kind, item.length) {
        (ItemType::Integer | ItemType::Float, length) => length.unwrap_or(8).clamp(4, 16),
        (ItemType::Time, _) => 8,
        (ItemType::Date | ItemType::PartialDate, _) => 12,
        (ItemType::Datetime | ItemType::PartialDatetime, _) => 18,
        (ItemType::Text, _) if !item.codes.is_empty() => {
            item.codes.keys().map(|c| c.chars().count() as u32).max().unwrap_or(8).clamp(6, 28)
        }
        (ItemType::Text, length) => length.unwrap_or(32).clamp(6, 48),
    })
}

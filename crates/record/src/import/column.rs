//! Where is the value that an expression of another system names?
//!
//! The expression becomes SQL over one row of its own group. A value of the same group is a column of the row; one that stands elsewhere is looked
//! up by a subquery on the same visit (and, on the same form, the same filling of it):
//! ```text
//! WHO_1                                                         the same row
//! (select max(SEX) from DM where DM.VISIT = VS.VISIT)           another group
//! (select max(SEX) from DM where DM.VISIT = 'SCR')              of a visit that is named
//! ```
//! The nearest place counts: the own group, then the own form, then other forms of the same visit. A value that stands in many rows, or at several places that are
//! equally near, has no single meaning: it is reported, not guessed.

use crate::definition::program::FORM_ROW;
use croft_cdisc::expression::{Column, Kind};
use croft_design::definition::Visit;
use croft_design::forms::{Form, Item, ItemGroup, ItemType};
use std::cell::RefCell;

/// What is looked for; identifiers of the other system.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub visit: Option<&'a str>,
    pub form: Option<&'a str>,
    pub group: Option<&'a str>,
    pub item: &'a str,
    /// Which filling of the form; none: the present one.
    pub form_repeat: Option<u32>,
}

/// The forms and visits of a study that is being made, from one of its groups.
pub(super) struct Columns<'a> {
    pub forms: &'a [Form],
    pub visits: &'a [Visit],
    /// Form and group; no group: the row of the form as a whole, in which conditions of forms and groups stand.
    pub own: (usize, Option<usize>),
    /// Why the last value was not found.
    pub why: RefCell<Option<String>>,
}

pub(super) fn oid<'a>(oid: &'a Option<String>, name: &'a str) -> &'a str {
    oid.as_deref().unwrap_or(name)
}

/// What the values of an item are, for expressions.
pub(super) fn kind_of(item: &Item) -> Kind {
    match item.kind {
        ItemType::Integer | ItemType::Float => Kind::Number,
        ItemType::Date | ItemType::PartialDate => Kind::Date,
        ItemType::Datetime | ItemType::PartialDatetime => Kind::DateTime,
        ItemType::Time => Kind::Time,
        ItemType::Text => Kind::Text,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    far: u8,
    form: usize,
    group: usize,
    item: usize,
}

impl Columns<'_> {
    /// The column or subquery; none, with a reason in `why`.
    pub fn find(&self, wanted: &Wanted<'_>) -> Option<Column> {
        match self.look(wanted) {
            Ok(column) => Some(column),
            Err(why) => {
                *self.why.borrow_mut() = Some(why);
                None
            }
        }
    }

    /// The reason, once.
    pub fn reason(&self) -> Option<String> {
        self.why.borrow_mut().take()
    }

    fn look(&self, wanted: &Wanted<'_>) -> Result<Column, String> {
        let code = match wanted.visit {
            None => None,
            Some(visit) => Some(self.visit(visit).ok_or_else(|| format!("there is no visit {visit}"))?),
        };
        let mut found = self.candidates(wanted, code);
        found.sort_unstable();
        let Some(nearest) = found.first().copied() else {
            return Err(format!("{} stands on no form of the same visit", wanted.item));
        };
        if let Some(other) = found.get(1).filter(|f| f.far == nearest.far) {
            let groups = [nearest, *other].map(|f| self.group(f).name.clone());
            return Err(format!("{} stands in {} and in {}, equally near", wanted.item, groups[0], groups[1]));
        }
        let item = &self.group(nearest).items[nearest.item];
        let kind = kind_of(item);
        if nearest.far == 0 {
            return Ok(Column { sql: item.name.clone(), kind });
        }
        Ok(Column { sql: self.subquery(nearest, code, wanted)?, kind })
    }

    /// The table of the row in which the expression stands.
    fn row(&self) -> &str {
        let (form, group) = self.own;
        group.map_or(FORM_ROW, |group| &self.forms[form].groups[group].name)
    }

    fn visit(&self, wanted: &str) -> Option<&Visit> {
        self.visits.iter().find(|v| oid(&v.oid, &v.code) == wanted)
    }

    fn group(&self, at: Found) -> &ItemGroup {
        &self.forms[at.form].groups[at.group]
    }

    fn candidates(&self, wanted: &Wanted<'_>, visit: Option<&Visit>) -> Vec<Found> {
        let own = &self.forms[self.own.0];
        let named = |asked: Option<&str>, has: &str| asked.is_none_or(|a| a == has);
        let mut found = Vec::new();
        for (f, form) in self.forms.iter().enumerate().filter(|(_, f)| named(wanted.form, oid(&f.oid, &f.form))) {
            let shares = match visit {
                Some(visit) => form.visits.contains(&visit.code),
                None => form.visits.iter().any(|v| own.visits.contains(v)),
            };
            if !shares && f != self.own.0 {
                continue;
            }
            // The same row, unless another visit or another filling of the form is meant.
            let here = visit.is_none_or(|v| own.visits == [v.code.clone()]) && wanted.form_repeat.is_none();
            for (g, group) in form.groups.iter().enumerate().filter(|(_, g)| named(wanted.group, oid(&g.oid, &g.name)))
            {
                let far = match (f == self.own.0, Some(g) == self.own.1) {
                    (true, true) if here => 0,
                    (true, _) => 1,
                    (false, _) => 2,
                };
                let items = group.items.iter().enumerate().filter(|(_, i)| oid(&i.oid, &i.name) == wanted.item);
                found.extend(items.map(|(item, _)| Found { far, form: f, group: g, item }));
            }
        }
        found
    }

    fn subquery(&self, at: Found, visit: Option<&Visit>, wanted: &Wanted<'_>) -> Result<String, String> {
        let (form, group) = (&self.forms[at.form], self.group(at));
        let own = self.row();
        let same_form = at.form == self.own.0;
        if group.repeating {
            return Err(format!("{} stands in the many rows of {}", wanted.item, group.name));
        }
        if group.name.eq_ignore_ascii_case(own) && (visit.is_some() || wanted.form_repeat.is_some()) {
            return self.of_itself(at, visit, wanted);
        }
        let mut conditions = self.visit_conditions(form, group, visit, wanted)?;
        match (wanted.form_repeat, form.repeating) {
            (Some(n), _) => conditions.push(format!("{}.FORMREP = {n}", group.name)),
            (None, true) if same_form => conditions.push(format!("{}.FORMREP = {own}.FORMREP", group.name)),
            (None, true) => return Err(format!("form {} can be filled more than once", form.form)),
            (None, false) => {}
        }
        Ok(select(&group.items[at.item].name, &group.name, &group.name, &conditions))
    }

    fn visit_conditions(
        &self,
        form: &Form,
        group: &ItemGroup,
        visit: Option<&Visit>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<String>, String> {
        let own = self.row();
        let mut conditions = Vec::new();
        let repeating = |code: &String| self.visits.iter().any(|v| v.code == *code && v.repeating);
        match visit {
            Some(visit) if visit.repeating => {
                return Err(format!(
                    "{} is wanted of visit {}, which can take place more than once",
                    wanted.item, visit.code
                ));
            }
            Some(visit) if form.visits.len() > 1 => {
                conditions.push(format!("{}.VISIT = '{}'", group.name, visit.code.replace('\'', "''")));
            }
            Some(_) => {}
            None => {
                let own_visits = &self.forms[self.own.0].visits;
                if form.visits.len() > 1 || own_visits.len() > 1 {
                    conditions.push(format!("{}.VISIT = {own}.VISIT", group.name));
                }
                if form.visits.iter().any(repeating) {
                    conditions.push(format!("{}.VISITREP = {own}.VISITREP", group.name));
                }
            }
        }
        Ok(conditions)
    }

    /// The own group at another visit or another filling: the table under another name.
    fn of_itself(&self, at: Found, visit: Option<&Visit>, wanted: &Wanted<'_>) -> Result<String, String> {
        let (form, group) = (&self.forms[at.form], self.group(at));
        let mut conditions = Vec::new();
        match visit {
            Some(visit) if visit.repeating => {
                return Err(format!(
                    "{} is wanted of visit {}, which can take place more than once",
                    wanted.item, visit.code
                ));
            }
            Some(visit) => conditions.push(format!("o.VISIT = '{}'", visit.code.replace('\'', "''"))),
            None => conditions.push(format!("o.VISIT = {}.VISIT and o.VISITREP = {0}.VISITREP", group.name)),
        }
        match (wanted.form_repeat, form.repeating) {
            (Some(n), _) => conditions.push(format!("o.FORMREP = {n}")),
            (None, true) => return Err(format!("form {} can be filled more than once", form.form)),
            (None, false) => {}
        }
        Ok(select(&group.items[at.item].name, &format!("{} as o", group.name), "o", &conditions))
    }
}

/// At most one row fits, so the largest is the value.
fn select(item: &str, from: &str, alias: &str, conditions: &[String]) -> String {
    let place = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
    format!("(select max({alias}.{item}) from {from}{place})")
}

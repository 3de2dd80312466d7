//! Each subject's profiles: one panel a subject and scale, the same axes for all, so that subjects compare.

use super::{PAGE_HEIGHT, Scales, WIDTH, data_columns, label_of, number, ordered};
use crate::block::{Body, Cell, CellSource, Inline, Row, RowKind, Table};
use crate::display::listing::{rows, text_of};
use crate::display::table::name_apart;
use crate::display::{DisplayError, Place};
use crate::figure::chart::{Datum, Panel, Series, look};
use crate::figure::scale::Scale;
use crate::figure::{Figure, at as point};
use crate::font::Fonts;
use crate::select::Filter;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which rows are profiles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Profiles {
    pub(crate) dataset: String,
    #[serde(default, rename = "where")]
    pub(super) filter: Filter,
    pub(super) subject: String,
    pub(super) time: String,
    pub(super) value: String,
    pub(super) by: Option<String>,
    #[serde(default)]
    pub(super) profile: Vec<String>,
    #[serde(default)]
    pub(super) order: Vec<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) x_label: String,
    #[serde(default)]
    pub(super) y_label: String,
}

/// The keys of individual profiles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keys {
    pub(crate) profiles: Profiles,
    scale: Scales,
}

impl Keys {
    pub(super) fn read(name: &str, mut table: toml::Table) -> Result<Self, DisplayError> {
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Own {
            #[serde(default)]
            scale: Scales,
        }
        let mut own = toml::Table::new();
        if let Some(scale) = table.remove("scale") {
            own.insert("scale".to_owned(), scale);
        }
        let own: Own = crate::display::keys(name, own)?;
        Ok(Self { profiles: crate::display::keys(name, table)?, scale: own.scale })
    }
}

/// One profile: values of one subject after one dose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Profile {
    pub(super) subject: String,
    /// Level of `by`.
    pub(super) level: String,
    /// Values of the `profile` variables.
    pub(super) rest: Vec<String>,
    /// Time, value and row, by time.
    pub(super) points: Vec<(f64, f64, usize)>,
}

impl Profile {
    /// `101, Test, 1`.
    pub(super) fn name(&self, labels: &BTreeMap<String, String>) -> String {
        let level = label_of(labels, &self.level);
        let words = [&self.subject, &level].into_iter().chain(&self.rest).filter(|w| !w.is_empty());
        words.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// The profiles of a dataset: subjects in the dataset's order, levels in the order asked.
pub(super) fn profiles(keys: &Profiles, at: &Place<'_>) -> Result<Vec<Profile>, DisplayError> {
    let data = at.dataset("dataset", &keys.dataset)?;
    let subject = at.column("subject", data, &keys.subject)?;
    let time = at.column("time", data, &keys.time)?;
    let value = at.column("value", data, &keys.value)?;
    let by = keys.by.as_deref().map(|name| at.column("by", data, name)).transpose()?;
    let mut rest = Vec::new();
    for name in &keys.profile {
        rest.push(at.column("profile", data, name)?);
    }
    let mut found: Vec<Profile> = Vec::new();
    for row in rows(at, data, &keys.filter)? {
        // A value that is missing is not drawn; the line joins its neighbours.
        let (Some(t), Some(v)) = (time.get(row).num(), value.get(row).num()) else { continue };
        let key = (
            text_of(subject.get(row)),
            by.map(|c| text_of(c.get(row))).unwrap_or_default(),
            rest.iter().map(|c| text_of(c.get(row))).collect::<Vec<_>>(),
        );
        match found.iter_mut().rev().find(|p| p.subject == key.0 && p.level == key.1 && p.rest == key.2) {
            Some(profile) => profile.points.push((t, v, row)),
            None => found.push(Profile { subject: key.0, level: key.1, rest: key.2, points: vec![(t, v, row)] }),
        }
    }
    if found.is_empty() {
        return Err(at.problem("where", format!("no row of {} has a time and a value", keys.dataset)));
    }
    for profile in &mut found {
        profile.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let mut levels: Vec<String> = Vec::new();
    for profile in &found {
        if !levels.contains(&profile.level) {
            levels.push(profile.level.clone());
        }
    }
    let levels = ordered(at, levels, &keys.order)?;
    let mut subjects: Vec<String> = Vec::new();
    for profile in &found {
        if !subjects.contains(&profile.subject) {
            subjects.push(profile.subject.clone());
        }
    }
    let rank = |list: &[String], item: &String| list.iter().position(|x| x == item);
    found.retain(|p| levels.contains(&p.level));
    found.sort_by_key(|p| (rank(&subjects, &p.subject), rank(&levels, &p.level)));
    Ok(found)
}

/// The position of each level of `by`, for its look.
pub(super) fn level_positions(profiles: &[Profile]) -> BTreeMap<String, usize> {
    let mut positions = BTreeMap::new();
    let mut ordered: Vec<&str> = Vec::new();
    for profile in profiles {
        if !ordered.contains(&profile.level.as_str()) {
            ordered.push(&profile.level);
        }
    }
    // Sorted by subject first: the first subject may lack a level, so levels take the order of any subject with all.
    for (i, level) in ordered.into_iter().enumerate() {
        positions.insert(level.to_owned(), i);
    }
    positions
}

pub(super) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Body, Vec<Vec<Inline>>), DisplayError> {
    let profiles = profiles(&keys.profiles, at)?;
    let all = || profiles.iter().flat_map(|p| &p.points);
    let values: Vec<f64> = all().map(|p| p.1).collect();
    let x = Scale::linear(all().map(|p| p.0), true, 6);
    let axes = keys.scale.axes(&values);
    let positions = level_positions(&profiles);
    let mut subjects: Vec<&str> = Vec::new();
    for profile in &profiles {
        if subjects.last() != Some(&profile.subject.as_str()) {
            subjects.push(&profile.subject);
        }
    }
    let (across, down) = if axes.len() == 2 { (1, 4) } else { (2, 4) };
    let fonts = Fonts::new();
    let mut figures = Vec::new();
    for page in subjects.chunks(across * down) {
        let height = PAGE_HEIGHT / down as f32;
        let mut marks = Vec::new();
        for (i, subject) in page.iter().enumerate() {
            let series: Vec<Series> = profiles
                .iter()
                .filter(|p| p.subject == *subject)
                .map(|p| Series {
                    name: label_of(&keys.profiles.labels, &p.level),
                    look: look(positions.get(&p.level).copied().unwrap_or(0)),
                    data: p.points.iter().map(|&(x, y, _)| Datum { x, y, interval: None, filled: false }).collect(),
                    line: true,
                    marks: true,
                })
                .collect();
            for (j, y) in axes.iter().enumerate() {
                let slot = i * axes.len() + j;
                let (column, row) = (slot % 2, slot / 2);
                marks.extend(
                    Panel {
                        at: point(column as f32 * (WIDTH / 2.0 + 4.0), row as f32 * height),
                        width: WIDTH / 2.0 - 4.0,
                        height: height - 6.0,
                        title: format!("Subject {subject}{}", if j == 1 { ", semi-log" } else { "" }),
                        x_label: keys.profiles.x_label.clone(),
                        y_label: if column == 0 || axes.len() == 1 {
                            keys.profiles.y_label.clone()
                        } else {
                            String::new()
                        },
                        x: x.clone(),
                        y: y.clone(),
                        series: series.clone(),
                        // One key a row of panels at the top of the page is enough.
                        named: i < across,
                    }
                    .draw(&fonts),
                );
            }
        }
        let rows = (page.len() * axes.len()).div_ceil(2);
        let list = page.join(", ");
        figures.push(Figure {
            width: WIDTH,
            height: height * rows as f32,
            marks,
            alt: format!("{} against {} by treatment; subjects {list}", keys.profiles.y_label, keys.profiles.x_label),
        });
    }
    Ok((Body::Figures { figures, data: data(&keys.profiles, &profiles) }, Vec::new()))
}

/// The points drawn, with their sources.
pub(super) fn data(keys: &Profiles, profiles: &[Profile]) -> Table {
    let mut table = data_columns(&["Subject", "Treatment", "Time", "Value"], 2);
    let dataset: Arc<str> = Arc::from(keys.dataset.as_str());
    let variable: Arc<str> = Arc::from(keys.value.as_str());
    for profile in profiles {
        let name = profile.name(&keys.labels);
        for &(time, value, row) in &profile.points {
            let source = CellSource::Row { dataset: dataset.clone(), row, variable: variable.clone() };
            table.rows.push(Row {
                kind: RowKind::Data,
                name: format!("{name}, {time}"),
                indent: 0,
                cells: vec![
                    Cell::text(profile.subject.clone()),
                    Cell::text(label_of(&keys.labels, &profile.level)),
                    number(time),
                    Cell { sources: vec![source], ..number(value) },
                ],
            });
        }
    }
    name_apart(&mut table.rows);
    table
}

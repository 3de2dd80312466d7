//! Terminal slopes: each profile on a semi-log axis, the points used filled, the fitted line over their range.

use super::individual::{Profile, Profiles, data, profiles};
use super::{PAGE_HEIGHT, WIDTH};
use crate::block::{Body, Inline};
use crate::display::listing::{rows, text_of};
use crate::display::{DisplayError, Place};
use crate::figure::chart::{Datum, LABEL_SIZE, Look, Panel, Series, look, text};
use crate::figure::scale::Scale;
use crate::figure::{Anchor, Dash, Figure, Ink, at as point};
use crate::font::Fonts;
use crate::select::Filter;
use crate::template::{Piece, Template};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The keys of terminal slopes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keys {
    pub(crate) profiles: Profiles,
    pub(crate) parameters: Parameters,
    used: Option<String>,
    caption: Option<String>,
}

/// Where each profile's slope is found.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Parameters {
    pub(crate) dataset: String,
    #[serde(default, rename = "where")]
    filter: Filter,
    code: String,
    value: String,
    slope: String,
    through_value: String,
    through_time: Option<String>,
    lower: String,
    upper: String,
}

impl Keys {
    pub(super) fn read(name: &str, mut table: toml::Table) -> Result<Self, DisplayError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Own {
            parameters: Parameters,
            used: Option<String>,
            caption: Option<String>,
        }
        let mut own = toml::Table::new();
        for key in ["parameters", "used", "caption"] {
            if let Some(value) = table.remove(key) {
                own.insert(key.to_owned(), value);
            }
        }
        let own: Own = crate::display::keys(name, own)?;
        let profiles = crate::display::keys(name, table)?;
        Ok(Self { profiles, parameters: own.parameters, used: own.used, caption: own.caption })
    }
}

/// Parameters of one profile by their code.
type Values = BTreeMap<String, f64>;

pub(super) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Body, Vec<Vec<Inline>>), DisplayError> {
    let profiles = profiles(&keys.profiles, at)?;
    let parameters = parameters(keys, at)?;
    let caption = keys.caption.as_deref().map(Template::parse).transpose().map_err(|p| at.problem("caption", p))?;
    let used = used_rows(keys, at)?;
    let fonts = Fonts::new();
    let (across, down) = (2, 4);
    let (width, height) = (WIDTH / across as f32, PAGE_HEIGHT / down as f32);
    let mut figures = Vec::new();
    for page in profiles.chunks(across * down) {
        let mut marks = Vec::new();
        for (i, profile) in page.iter().enumerate() {
            let corner = point((i % across) as f32 * width, (i / across) as f32 * height);
            let empty = Values::new();
            let values = parameters.get(&key_of(profile)).unwrap_or(&empty);
            let panel = panel(keys, profile, values, used.as_deref());
            let panel = Panel { at: corner, width: width - 8.0, height: height - 6.0, ..panel };
            marks.extend(panel.draw(&fonts));
            if let Some(caption) = &caption {
                let end = point(corner.x + width - 14.0, corner.y + 22.0);
                marks.push(text(end, fill(caption, values), LABEL_SIZE - 0.5, Anchor::End));
            }
        }
        let rows = page.len().div_ceil(across);
        let names: Vec<String> = page.iter().map(|p| p.name(&keys.profiles.labels)).collect();
        figures.push(Figure {
            width: WIDTH,
            height: height * rows as f32,
            marks,
            alt: format!("Terminal phase with fitted line on a semi-logarithmic scale: {}", names.join("; ")),
        });
    }
    Ok((Body::Figures { figures, data: data(&keys.profiles, &profiles) }, Vec::new()))
}

fn key_of(profile: &Profile) -> Vec<String> {
    [&profile.subject, &profile.level].into_iter().chain(&profile.rest).cloned().collect()
}

fn parameters(keys: &Keys, at: &Place<'_>) -> Result<BTreeMap<Vec<String>, Values>, DisplayError> {
    let own = &keys.parameters;
    let data = at.dataset("parameters.dataset", &own.dataset)?;
    let code = at.column("parameters.code", data, &own.code)?;
    let value = at.column("parameters.value", data, &own.value)?;
    let subject = at.column("parameters", data, &keys.profiles.subject)?;
    let by = keys.profiles.by.as_deref().map(|name| at.column("parameters", data, name)).transpose()?;
    let mut rest = Vec::new();
    for name in &keys.profiles.profile {
        rest.push(at.column("parameters", data, name)?);
    }
    let mut found: BTreeMap<Vec<String>, Values> = BTreeMap::new();
    for row in rows(at, data, &own.filter)? {
        let Some(x) = value.get(row).num() else { continue };
        let mut key = vec![text_of(subject.get(row)), by.map(|c| text_of(c.get(row))).unwrap_or_default()];
        key.extend(rest.iter().map(|c| text_of(c.get(row))));
        found.entry(key).or_default().insert(text_of(code.get(row)), x);
    }
    Ok(found)
}

/// Rows whose flag says that they were used; `None` when there is no flag.
fn used_rows(keys: &Keys, at: &Place<'_>) -> Result<Option<Vec<bool>>, DisplayError> {
    let Some(name) = &keys.used else { return Ok(None) };
    let data = at.dataset("dataset", &keys.profiles.dataset)?;
    let column = at.column("used", data, name)?;
    Ok(Some((0..data.rows()).map(|row| column.get(row).text() == Some("Y")).collect()))
}

fn panel(keys: &Keys, profile: &Profile, values: &Values, used: Option<&[bool]>) -> Panel {
    let own = &keys.parameters;
    let range = values.get(&own.lower).zip(values.get(&own.upper));
    let is_used = |time: f64, row: usize| match (used, range) {
        (Some(flags), _) => flags.get(row).copied().unwrap_or(false),
        (None, Some((low, high))) => (*low..=*high).contains(&time),
        (None, None) => false,
    };
    let points = profile.points.iter().map(|&(x, y, row)| Datum { x, y, interval: None, filled: is_used(x, row) });
    let observed = Series { name: String::new(), look: look(0), data: points.collect(), line: false, marks: true };
    let times = || profile.points.iter().map(|p| p.0);
    let mut series = vec![observed];
    series.extend(fitted(own, values));
    let shown = series.iter().flat_map(|s| &s.data).map(|d| d.y).collect::<Vec<_>>();
    Panel {
        at: point(0.0, 0.0),
        width: 0.0,
        height: 0.0,
        title: profile.name(&keys.profiles.labels),
        x_label: keys.profiles.x_label.clone(),
        y_label: keys.profiles.y_label.clone(),
        x: Scale::linear(times(), true, 5),
        y: Scale::log(shown),
        series,
        named: false,
    }
}

/// The line over the range of the points used: straight on the log axis, so its two ends are enough.
fn fitted(own: &Parameters, values: &Values) -> Option<Series> {
    let get = |code: &str| values.get(code).copied();
    let (slope, value) = (get(&own.slope)?, get(&own.through_value)?);
    let through = match &own.through_time {
        Some(code) => get(code)?,
        None => 0.0,
    };
    let end = |time: f64| {
        let y = value * libm::exp(-slope * (time - through));
        Datum { x: time, y, interval: None, filled: false }
    };
    let data = vec![end(get(&own.lower)?), end(get(&own.upper)?)];
    let look = Look { ink: Ink::Black, dash: Dash::Solid, ..look(0) };
    data.iter().all(|d| d.y.is_finite()).then(|| Series { name: String::new(), look, data, line: true, marks: false })
}

fn fill(caption: &Template, values: &Values) -> String {
    let mut out = String::new();
    for piece in &caption.pieces {
        match piece {
            Piece::Text(plain) => out.push_str(plain),
            Piece::Statistic { code, spec } => match values.get(code) {
                Some(x) => out.push_str(&spec.print(*x, 0)),
                None => out.push_str("NC"),
            },
        }
    }
    out
}

//! Columns made row by row.

use super::{At, Made};
use crate::column::Column;
use crate::date::{Date, is_complete};
use crate::frame::{Frame, Matches};
use crate::operator::Fault;
use crate::value::Value;

/// Study day of a date: days from the subject's RFSTDTC of DM, counted from 1, without a day 0. Missing where either
/// date is not complete (SDTMIG 3.4, section 4.4.4).
pub(super) fn study_day(at: &At<'_>) -> Result<Made, Fault> {
    let name = at.target()?;
    let dates = at.frame.column(&name).ok_or_else(|| Fault::NoColumn(name.clone()))?;
    let subjects = at.frame.column("USUBJID").ok_or_else(|| Fault::NoColumn("USUBJID".to_owned()))?;
    let dm = at.study.tables.iter().find(|table| table.domain() == Some("DM"));
    let dm = at.study.whole(dm.ok_or_else(|| Fault::NoDataset("DM".to_owned()))?);
    let column = |name: &str| dm.column(name).ok_or_else(|| Fault::NoColumn(format!("DM.{name}")));
    let matches = Matches::new(&[subjects], at.frame.rows(), &[column("USUBJID")?], dm.rows());
    let start = column("RFSTDTC")?;
    let day = |value: &Value| {
        value.as_text().filter(|text| is_complete(text)).and_then(Date::read).and_then(|date| date.day())
    };
    let starts: Vec<Option<i64>> = start.values().iter().map(day).collect();
    let days: Vec<Option<i64>> = dates.values().iter().map(day).collect();
    let study_day = |row: usize| {
        let start = matches.of(row).first().and_then(|&dm_row| starts[start.code(dm_row as usize) as usize]);
        match days[dates.code(row) as usize].zip(start) {
            Some((day, start)) => Value::Integer(day - start + i64::from(day >= start)),
            None => Value::Missing,
        }
    };
    Ok(Made::Column((0..at.frame.rows()).map(study_day).collect()))
}

/// A value looked up in a table of the rule by the values of the columns that the table names.
pub(super) fn map(at: &At<'_>) -> Result<Made, Fault> {
    let records = at.operation.other.get("map").and_then(serde_json::Value::as_array);
    let records =
        records.filter(|records| !records.is_empty()).ok_or_else(|| at.unfit("needs `map`, a list of records"))?;
    let objects: Option<Vec<_>> = records.iter().map(serde_json::Value::as_object).collect();
    let objects = objects.ok_or_else(|| at.unfit("has a `map` entry that is no record"))?;
    let names: Vec<&String> = objects[0].keys().filter(|key| *key != "output").collect();
    let output = |record: &serde_json::Map<String, serde_json::Value>| {
        record.get("output").map_or(Value::Missing, Value::from_json)
    };
    if names.is_empty() {
        return Ok(Made::Constant(output(objects[0])));
    }
    let mut table = Frame::of_rows(objects.len());
    for name in &names {
        let cells = objects.iter().map(|record| record.get(*name).map_or(Value::Missing, Value::from_json));
        table.set(name, cells.collect());
    }
    let outputs: Column = objects.iter().map(|record| output(record)).collect();
    let mine = names.iter().map(|name| at.frame.column(name).ok_or_else(|| Fault::NoColumn((*name).clone())));
    let mine = mine.collect::<Result<Vec<_>, _>>()?;
    let theirs: Vec<&Column> = names.iter().filter_map(|name| table.column(name)).collect();
    let matches = Matches::new(&mine, at.frame.rows(), &theirs, table.rows());
    let rows: Vec<u32> =
        (0..at.frame.rows()).map(|row| matches.of(row).first().copied().unwrap_or(crate::column::NO_ROW)).collect();
    Ok(Made::Column(outputs.gather(&rows)))
}

/// The parts of a text between delimiters.
pub(super) fn split(at: &At<'_>) -> Result<Made, Fault> {
    let name = at.target()?;
    let delimiter = at.operation.text("delimiter").ok_or_else(|| at.unfit("needs `delimiter`"))?;
    let column = at.frame.column(&name).ok_or_else(|| Fault::NoColumn(name.clone()))?;
    Ok(Made::Column(column.map(|value| match value.as_text() {
        Some(text) => Value::texts(text.split(delimiter)),
        None => Value::Missing,
    })))
}

/// The items of one list (`name`) that another (`subtract`) lacks, in the order of the first.
pub(super) fn minus(at: &At<'_>) -> Result<Made, Fault> {
    let column = |name: &str| at.frame.column(name).ok_or_else(|| Fault::NoColumn(name.to_owned()));
    let name = at.operation.name.as_deref().ok_or_else(|| at.unfit("needs `name`"))?;
    let subtract = at.operation.text("subtract").ok_or_else(|| at.unfit("needs `subtract`"))?;
    let (whole, less) = (column(name)?, column(subtract)?);
    let items = |value: &Value| match value {
        Value::Missing => Vec::new(),
        Value::List(items) => items.to_vec(),
        one => vec![one.clone()],
    };
    let rest = |row: usize| {
        let less = items(less.value(row));
        Value::list(items(whole.value(row)).into_iter().filter(|item| !less.contains(item)))
    };
    Ok(Made::Column((0..at.frame.rows()).map(rest).collect()))
}

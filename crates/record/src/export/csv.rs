//! How does a study become CSV files?
//!
//! One file an item group: the keys `SUBJECT`, `VISIT`, `VISITREP`, `FORM`, `FORMREP`, `SEQ`, then per item `X` (normalised value),
//! `X__text` (as entered), `X__unit`, `X__missing` (why absent). Beside them `subjects.csv`. UTF-8, commas, lines ended by CR LF,
//! fields quoted where RFC 4180 needs it. A group that is itself called `subjects` is in `group-subjects.csv`: no group's name holds a hyphen. Voided rows are left out; what was in them is in the audit files.
//!
//! **Formulas.** A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a file of data for its own program.
//! With [`Guard::Apostrophe`], the default, an apostrophe stands before every field that begins with one of these, with a tabulator or
//! carriage return, with one of their full-width forms, or with an apostrophe itself; plain numbers such as `-1.5` are left alone. The rule is reversed by
//! taking one apostrophe from every field that begins with one ([`unguarded`]). [`Guard::Off`] writes fields as they are, for programs.
//!
//! Where systems differ: most write no guard; some drop the sign or refuse the value, which changes data.
//!
//! Sources: RFC 4180; OWASP, "CSV Injection".

use super::rows::{GroupTable, cells, tables};
use super::{ExportError, Extent, Files};
use crate::capture::{FormState, Place, SubjectStatus};
use crate::door::Reading;
use croft_design::forms::KEYS;
use std::borrow::Cow;
use std::io::{self, Write};

/// Whether fields that a spreadsheet would run are disarmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// An apostrophe goes before them.
    #[default]
    Apostrophe,
    /// Fields are written as they are.
    Off,
}

/// Writes the files; gives the number of rows. Memory: one subject's values.
pub fn write(reading: &Reading<'_>, extent: &Extent, guard: Guard, files: &mut dyn Files) -> Result<u64, ExportError> {
    reading.leaving(extent)?;
    let mut open = Vec::new();
    for table in tables(reading, &extent.study)? {
        let mut file = files.create(&file_name(&table.group.name))?;
        line(&mut file, guard, columns(&table).iter().map(String::as_str))?;
        open.push((table, file));
    }
    let mut subjects = files.create("subjects.csv")?;
    line(&mut subjects, guard, ["SUBJECT", "SITE", "STATUS", "ENROLLED"])?;
    let mut rows = 0;
    reading.each_subject(extent, &mut |subject, forms| {
        let status = match subject.status {
            SubjectStatus::Enrolled => "enrolled",
            SubjectStatus::Withdrawn => "withdrawn",
        };
        line(&mut subjects, guard, [&subject.id, &subject.site, status, &super::rfc3339(subject.enrolled_ms)])?;
        for (place, form) in &forms {
            for (table, file) in &mut open {
                rows += group_rows(place, form, table, guard, file)?;
            }
        }
        Ok(())
    })?;
    subjects.flush()?;
    for (_, mut file) in open {
        file.flush()?;
    }
    Ok(rows)
}

/// The file of a group; not that of the subjects, even where letter case does not count.
pub fn file_name(group: &str) -> String {
    let taken = group.eq_ignore_ascii_case("subjects");
    format!("{}{group}.csv", if taken { "group-" } else { "" })
}

/// The names of a table's columns.
pub fn columns(table: &GroupTable) -> Vec<String> {
    let mut names: Vec<String> = KEYS.iter().map(|k| (*k).to_owned()).collect();
    for item in &table.group.items {
        names.extend(["", "__text", "__unit", "__missing"].map(|companion| format!("{}{companion}", item.name)));
    }
    names
}

fn group_rows(
    place: &Place,
    form: &FormState,
    table: &GroupTable,
    guard: Guard,
    file: &mut dyn Write,
) -> io::Result<u64> {
    let mut rows = 0;
    for (seq, row) in form.groups.get(&table.group.name).into_iter().flatten().filter(|(_, r)| !r.void) {
        let numbers = [place.visit_repeat, place.form_repeat, *seq].map(|n| n.to_string());
        let keys =
            [&place.subject, &place.visit, &numbers[0], &place.form, &numbers[1], &numbers[2]].map(String::as_str);
        let values = table.group.items.iter().flat_map(|item| cells(row, &item.name));
        line(file, guard, keys.into_iter().chain(values))?;
        rows += 1;
    }
    Ok(rows)
}

/// Writes one line.
pub fn line<'f>(out: &mut dyn Write, guard: Guard, fields: impl IntoIterator<Item = &'f str>) -> io::Result<()> {
    for (i, field) in fields.into_iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        let field = if guard == Guard::Off { Cow::Borrowed(field) } else { guarded(field) };
        if field.contains([',', '"', '\r', '\n']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

/// The field with an apostrophe before it when a spreadsheet would run it.
pub fn guarded(field: &str) -> Cow<'_, str> {
    let runs = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠']);
    if runs && !is_number(field) { Cow::Owned(format!("'{field}")) } else { Cow::Borrowed(field) }
}

/// What the field was before [`guarded`].
pub fn unguarded(field: &str) -> &str {
    field.strip_prefix('\'').unwrap_or(field)
}

/// A sign, digits, perhaps a point and digits: nothing that a spreadsheet computes.
fn is_number(field: &str) -> bool {
    let digits = field.strip_prefix(['-', '+']).unwrap_or(field);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].iter().all(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formula_is_disarmed_and_a_number_is_not_touched() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "'quoted", "＝1", "-", "-1e5", "--1"] {
            let guarded = guarded(text);
            assert_eq!(guarded, format!("'{text}"));
            assert_eq!(unguarded(&guarded), text);
        }
        for text in ["", "1", "-1.5", "+7", "-0.25", "A=1", "2026-01-21"] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        let mut out = Vec::new();
        line(&mut out, Guard::Apostrophe, ["a", "b,c", "d\"e", "f\ng", "=1,2", ""]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a,\"b,c\",\"d\"\"e\",\"f\ng\",\"'=1,2\",\r\n");
    }

    #[test]
    fn a_group_does_not_take_the_file_of_the_subjects() {
        assert_eq!(
            ["vitals", "subjects", "Subjects"].map(file_name),
            ["vitals.csv", "group-subjects.csv", "group-Subjects.csv"]
        );
    }

    proptest! {
        #[test]
        fn the_rule_is_reversed(text in "[=+\\-@'\t ＝0-9a.]{0,8}") {
            let field = guarded(&text).into_owned();
            prop_assert_eq!(unguarded(&field), text);
        }
    }
}

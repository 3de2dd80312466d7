//! Names that SQL can read, made from the identifiers of other systems.
//!
//! ```text
//! I.1            I_1            what is no letter, digit or `_` becomes `_`; several become one
//! 2ND.VISIT      V_2ND_VISIT    a letter stands first
//! Select         Select_2       a word of SQL, or a name that is taken, gets a number
//! Возраст        ITEM           nothing is left: the kind of thing
//! ```
//! The rule depends on nothing but the order of the document, so that the same document always makes the same names.

use croft_core::Variable;
use croft_query::catalog::{Catalog, Table};
use croft_query::check_condition;
use std::collections::BTreeSet;

/// Words that SQL reads otherwise in some place, here or in another database.
const WORDS: &str = " ALL AND ANY AS ASC BETWEEN BOTH BY CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DISTINCT DROP \
    ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FILTER FOR FOREIGN FROM FULL GRANT GROUP HAVING IN INDEX INNER INSERT INTERSECT INTERVAL INTO IS \
    JOIN KEY LATERAL LEADING LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PRIMARY REFERENCES RIGHT ROW ROWS \
    SELECT SET SOME TABLE THEN TO TRAILING TRUE UNION UNIQUE UNKNOWN UPDATE USER USING VALUES WHEN WHERE WINDOW WITH ";

/// Longest name before a number is added.
const LONGEST: usize = 40;

/// The names of one place that must differ, case not regarded.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// None yet, but for these.
    pub fn without(reserved: &[&str]) -> Self {
        Self { taken: reserved.iter().map(|name| name.to_ascii_uppercase()).collect() }
    }

    /// A name like this that is not taken; `kind` names what is left without letters.
    pub fn take(&mut self, wanted: &str, kind: &str) -> String {
        let plain = plain(wanted, kind);
        let mut name = plain.clone();
        let mut number = 2;
        while self.taken.contains(&name.to_ascii_uppercase()) || !is_readable(&name) {
            name = format!("{plain}_{number}");
            number += 1;
        }
        self.taken.insert(name.to_ascii_uppercase());
        name
    }
}

fn plain(wanted: &str, kind: &str) -> String {
    let mut name = String::new();
    for c in wanted.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if !(c == '_' && (name.is_empty() || name.ends_with('_'))) {
            name.push(c);
        }
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => kind.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{}_{name}", kind.get(..1).unwrap_or("X")),
        Some(_) => name.to_owned(),
    }
}

/// Whether SQL takes it for a name, as a table and as a column.
fn is_readable(name: &str) -> bool {
    if WORDS.contains(&format!(" {} ", name.to_ascii_uppercase())) {
        return false;
    }
    let table = Table { name: name.to_owned(), variables: vec![Variable::char(name, "")], keys: Vec::new() };
    let mut catalog = Catalog::new();
    let condition = format!(
        "case when {name} = 'x' then {name} else {name} end = 'x' and not {name} in ('y') \
         and exists (select {name} from {name} where {name}.{name} is null)"
    );
    catalog.add_table(table).is_ok() && check_condition(&condition, &catalog, name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_read_by_sql_and_differ() {
        let mut names = Names::without(&["SUBJECT"]);
        let pairs = [
            ("I.1", "I_1"),
            ("I_1", "I_1_2"),
            ("i-1", "i_1_3"),
            ("2ND.VISIT", "I_2ND_VISIT"),
            ("race___3", "race_3"),
            ("Select", "Select_2"),
            ("Возраст", "ITEM"),
            ("", "ITEM_2"),
            ("subject", "subject_2"),
        ];
        for (wanted, made) in pairs {
            assert_eq!(names.take(wanted, "ITEM"), made);
        }
    }
}

//! Which tables does the study's SQL see, and who made each?
//!
//! Tables of the record (an item group each), of the definition (`study`, `arms`, …), of files (received datasets, kept tables), and
//! datasets made on the road.
//! Every table has a hash of its content, so that a step is stale exactly when something that it reads has changed.

use crate::codes;
use crate::error::StudyError;
use crate::sources::Sources;
use crate::tabulation::mapping;
use crate::tabulation::records::table_of;
use croft_core::manifest::sha256_hex;
use croft_core::{Cell, Dataset, Kind};
use std::collections::BTreeMap;

/// Who made a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Maker {
    /// `study.toml`
    Definition,
    /// An item group of a form: their positions in [`Sources::forms`].
    Record {
        /// Position of the form.
        form: usize,
        /// Position of the group in the form.
        group: usize,
    },
    /// `data/allocations.csv`
    Allocations,
    /// A dataset received from outside, in this file of `data/`.
    Received(String),
    /// A table kept beside the statements, in this file.
    Kept(String),
    /// A file of `tabulate/` or `derive/`.
    Statement {
        /// `tabulate` or `derive`.
        stage: &'static str,
        /// Position in [`Sources::tabulate`] or [`Sources::derive`].
        position: usize,
    },
    /// A method named in `derive/*.toml`: position in [`Sources::methods`].
    Method(usize),
}

/// The tables, by name.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Their content.
    pub datasets: BTreeMap<String, Dataset>,
    /// Who made each.
    pub makers: BTreeMap<String, Maker>,
    hashes: BTreeMap<String, String>,
}

impl World {
    /// The tables of the record, of the definition and of files.
    pub fn recorded(sources: &Sources) -> Result<Self, StudyError> {
        let mut world = Self::default();
        for table in sources.definition.tables() {
            world.add(table, Maker::Definition);
        }
        let dictionary = mapping::dictionary(&sources.definition)?;
        for (f, form) in sources.forms.iter().enumerate() {
            for (g, group) in form.groups.iter().enumerate() {
                let mut table = sources.snapshot.table(form, group)?;
                table.name = table_of(&dictionary, &group.name);
                world.add(table, Maker::Record { form: f, group: g });
            }
        }
        if let Some(table) = codes::table(&sources.snapshot) {
            world.add(table, Maker::Allocations);
        }
        for table in &sources.received {
            world.add(table.data.clone(), Maker::Received(table.file.clone()));
        }
        for table in &sources.kept {
            world.add(table.data.clone(), Maker::Kept(table.file.clone()));
        }
        Ok(world)
    }

    /// Adds a table; its hash is taken over its content, so that a file's stamp makes no step stale.
    pub fn add(&mut self, data: Dataset, maker: Maker) {
        let name = data.name.clone();
        self.hashes.insert(name.clone(), fingerprint(&data));
        self.makers.insert(name.clone(), maker);
        self.datasets.insert(name, data);
    }

    /// The hashes of these tables, for a step's inputs.
    pub fn hashes_of<'a>(&self, tables: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
        tables
            .into_iter()
            .filter_map(|name| self.hashes.get(name).map(|hash| (name.to_owned(), hash.clone())))
            .collect()
    }

    /// The dataset of this name.
    pub fn dataset(&self, name: &str, wanted_by: &str) -> Result<&Dataset, StudyError> {
        self.datasets
            .get(name)
            .ok_or_else(|| StudyError::NoSource { step: wanted_by.to_owned(), missing: name.to_owned() })
    }
}

/// SHA-256 over metadata and cells. Cost: one pass over the bytes.
fn fingerprint(data: &Dataset) -> String {
    // What later datasets copy is content too: labels, types, formats, code lists, origins.
    let mut bytes = serde_json::to_vec(&(&data.name, &data.label, &data.keys, data.variables())).unwrap_or_default();
    for (variable, column) in data.variables().iter().zip(data.columns()) {
        bytes.extend_from_slice(variable.name.as_bytes());
        bytes.push(if variable.kind == Kind::Num { 1 } else { 2 });
        for row in 0..column.len() {
            match column.get(row) {
                Cell::Num(x) => {
                    bytes.push(b'n');
                    bytes.extend_from_slice(&x.to_bits().to_be_bytes());
                }
                Cell::MissingNum(kind) => bytes.extend_from_slice(&[b'm', kind.letter() as u8]),
                Cell::Text(text) => {
                    bytes.push(b't');
                    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
                Cell::Null => bytes.push(b'0'),
            }
        }
    }
    sha256_hex(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_core::Variable;

    #[test]
    fn the_hash_tells_cells_apart_that_print_alike() {
        let data = |cell: Cell<'_>| {
            let mut d = Dataset::new("X", "", vec![Variable::char("A", "")]);
            d.push_row([cell]);
            fingerprint(&d)
        };
        assert_ne!(data(Cell::Null), data(Cell::Text("")));
        assert_ne!(data(Cell::Text("a")), data(Cell::Text("b")));
        assert_eq!(data(Cell::Text("a")), data(Cell::Text("a")));
    }
}

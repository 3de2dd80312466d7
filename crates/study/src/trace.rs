//! Where does this number come from? From a cell of a display to the recorded values: who entered them, when, why they
//! changed, and what they were before.
//!
//! A cell names its results; a result names the rows of its dataset; each row is followed through the statement that made
//! it (rewritten to carry its source rows) or through the method, down to the tables of the record. Nothing is stored
//! for it: the walk runs the study's own statements again. Cost: one run of each statement on the way.

mod tell;

use crate::codes::{self, Codes};
use crate::datasets::Made;
use crate::error::StudyError;
use crate::road::{self, Computed};
use crate::snapshot::{Address, Allocation, AuditEntry, Value};
use crate::sources::Sources;
use crate::world::Maker;
use croft_core::AnalysisResult;
use croft_report::block::{self, CellSource};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A study whose numbers can be followed.
pub struct Study {
    sources: Sources,
    computed: Computed,
}

/// A cell of a display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct CellLine {
    pub row: String,
    pub column: String,
    pub text: String,
}

/// The rows of one table that a number rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// The table.
    pub table: String,
    /// The file that makes it; `data/values.csv` for the record.
    pub made_by: String,
    /// The rows, counted from 1.
    pub rows: Vec<usize>,
    /// The columns whose values matter.
    pub columns: Vec<String>,
}

/// A recorded value with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Recorded {
    pub address: Address,
    pub label: String,
    pub text: String,
    pub unit: String,
    pub missing: String,
    /// Its events, oldest first; the last one set it.
    pub events: Vec<AuditEntry>,
}

/// The whole way from a cell to the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Walk {
    pub display: String,
    pub title: String,
    pub row: String,
    pub column: String,
    pub text: String,
    pub results: Vec<AnalysisResult>,
    pub levels: Vec<Level>,
    pub recorded: Vec<Recorded>,
    /// Randomised subjects whose arm or number the cell rests on.
    pub allocations: Vec<Allocation>,
    /// What the arms are: none, dummies, the true ones.
    pub codes: String,
    /// When the record was locked, and by whom.
    pub locked: String,
}

/// Rows and columns of a table that are asked for.
#[derive(Default)]
struct Wanted {
    rows: BTreeSet<usize>,
    columns: BTreeSet<String>,
}

type WantedTables = BTreeMap<String, Wanted>;

impl Study {
    /// Opens a study folder; what is stale is computed in memory.
    pub fn open(root: &Path) -> Result<Self, StudyError> {
        let sources = Sources::read(root)?;
        let computed = road::compute(&sources, Some(&root.join("out")), &mut |_, _| {})?;
        Ok(Self { sources, computed })
    }

    /// The displays: name and title.
    pub fn displays(&self) -> impl Iterator<Item = (&str, String)> {
        self.computed.displays.iter().map(|(name, display)| (name.as_str(), block::plain(&display.title)))
    }

    fn display(&self, name: &str) -> Result<&block::Display, StudyError> {
        self.computed.displays.get(name).ok_or_else(|| StudyError::Unknown {
            what: "display",
            name: name.to_owned(),
            known: self.computed.displays.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The cells of a display that show something.
    pub fn cells(&self, display: &str) -> Result<Vec<CellLine>, StudyError> {
        let line = |a: block::Addressed<'_>| CellLine {
            row: a.row.to_owned(),
            column: a.column.to_owned(),
            text: a.cell.words().into_owned(),
        };
        Ok(self.display(display)?.table().addresses().map(line).collect())
    }

    /// Follows one cell, named `ROW/COLUMN`.
    pub fn trace(mut self, display: &str, cell: &str) -> Result<Walk, StudyError> {
        let shown = self.display(display)?;
        let title = block::plain(&shown.title);
        let addressed = find(shown.table(), cell).ok_or_else(|| StudyError::Unknown {
            what: "cell",
            name: cell.to_owned(),
            known: some_cells(shown.table()),
        })?;
        let (row, column) = (addressed.row.to_owned(), addressed.column.to_owned());
        let text = addressed.cell.words().into_owned();
        let sources = addressed.cell.sources.clone();

        let mut wanted = WantedTables::new();
        let mut results = Vec::new();
        for source in &sources {
            match source {
                CellSource::Result(i) => {
                    let result = self.computed.results[*i].clone();
                    self.want_result(&mut wanted, &result);
                    results.push(result);
                }
                CellSource::Row { dataset, row, variable } => {
                    let table = wanted.entry(dataset.to_string()).or_default();
                    table.rows.insert(*row);
                    table.columns.insert(variable.to_string());
                }
            }
        }
        let levels = self.walk(&mut wanted)?;
        let recorded = self.recorded(&wanted);
        let allocated = wanted.get(codes::TABLE).into_iter().flat_map(|asked| &asked.rows);
        let allocations = allocated.filter_map(|&row| self.sources.snapshot.allocations.get(row)).cloned().collect();
        let codes = self.sources.codes.words(&self.sources.snapshot);
        let frozen = &self.sources.snapshot.frozen;
        let locked = format!("{} by {}", frozen.locked_at, frozen.locked_by);
        let display = display.to_owned();
        Ok(Walk { display, title, row, column, text, results, levels, recorded, allocations, codes, locked })
    }

    /// The rows that a result used, and the columns that its analysis names.
    fn want_result(&self, wanted: &mut WantedTables, result: &AnalysisResult) {
        let Some(data) = self.computed.made.world.datasets.get(&result.dataset) else { return };
        let table = wanted.entry(result.dataset.clone()).or_default();
        table.rows.extend(result.rows.iter());
        let file = self.sources.analyse.iter().find(|f| f.stem == result.analysis);
        let text = file.map_or("", |f| f.text.as_str());
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        table.columns.extend(words.filter(|word| data.index_of(word).is_some()).map(str::to_owned));
    }

    /// From the last dataset back to the first: what is wanted of each asks for rows of those before it.
    fn walk(&mut self, wanted: &mut WantedTables) -> Result<Vec<Level>, StudyError> {
        let mut levels = Vec::new();
        let order: Vec<String> = self.computed.made.order.iter().rev().cloned().collect();
        for name in order {
            let Some(asked) = wanted.get(&name) else { continue };
            let rows: Vec<usize> = asked.rows.iter().copied().collect();
            let columns = asked.columns.clone();
            let made = &mut self.computed.made;
            let sources = match made.methods.get(&name) {
                Some(method) => method.clone().source_rows(made, &rows)?,
                None => made.source_rows(&name, &rows)?,
            };
            for (table, row) in sources {
                wanted.entry(table).or_default().rows.insert(row);
            }
            for (table, column) in source_columns(made, &name, &columns) {
                wanted.entry(table).or_default().columns.insert(column);
            }
            levels.push(self.level(&name, &rows, &columns));
        }
        for (name, asked) in wanted.iter() {
            if !self.computed.made.order.contains(name) && !asked.rows.is_empty() {
                let rows: Vec<usize> = asked.rows.iter().copied().collect();
                levels.push(self.level(name, &rows, &asked.columns));
            }
        }
        Ok(levels)
    }

    fn level(&self, table: &str, rows: &[usize], columns: &BTreeSet<String>) -> Level {
        let made_by = match self.computed.made.world.makers.get(table) {
            Some(Maker::Record { .. }) => "data/values.csv".to_owned(),
            Some(Maker::Allocations) => match self.sources.codes {
                Codes::Dummy(seed) => format!("dummy codes, seed {seed}"),
                _ => "data/allocations.csv".to_owned(),
            },
            Some(Maker::Statement { stage: "tabulate", position }) => self.sources.tabulate[*position].file.clone(),
            Some(Maker::Statement { position, .. }) => self.sources.derive[*position].file.clone(),
            Some(Maker::Method(position)) => self.sources.methods[*position].file.clone(),
            Some(Maker::Received(file) | Maker::Kept(file)) => file.clone(),
            Some(Maker::Definition) | None => "study.toml".to_owned(),
        };
        Level {
            table: table.to_owned(),
            made_by,
            rows: rows.iter().map(|r| r + 1).collect(),
            columns: columns.iter().cloned().collect(),
        }
    }

    /// The recorded values behind the wanted rows of the record's tables.
    fn recorded(&self, wanted: &WantedTables) -> Vec<Recorded> {
        let snapshot = &self.sources.snapshot;
        let histories = snapshot.histories();
        let mut recorded = Vec::new();
        for (name, asked) in wanted {
            let Some(Maker::Record { form, group }) = self.computed.made.world.makers.get(name) else { continue };
            let form = &self.sources.forms[*form];
            let group = &form.groups[*group];
            let items: BTreeSet<&str> = asked.columns.iter().map(|c| c.split("__").next().unwrap_or(c)).collect();
            let occurrences: Vec<_> = snapshot.occurrences(form, group).into_values().collect();
            for occurrence in asked.rows.iter().filter_map(|&row| occurrences.get(row)) {
                for item in group.items.iter().filter(|i| items.contains(i.name.as_str())) {
                    if let Some(&row) = occurrence.get(item.name.as_str()) {
                        let value = &snapshot.values[row];
                        let events = histories.get(&value.address()).map_or(&[][..], Vec::as_slice);
                        recorded.push(Recorded::new(value, &item.label, events));
                    }
                }
            }
        }
        recorded
    }
}

/// The cell with this address; dashes, dots, spaces and capitals need not be typed as they are shown, where that leaves one cell.
fn find<'t>(table: &'t block::Table, cell: &str) -> Option<block::Addressed<'t>> {
    let fold = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric() || "/%∞".contains(*c)).flat_map(char::to_lowercase).collect()
    };
    let wanted = fold(cell);
    table.find(cell).or_else(|| {
        let mut alike = table.addresses().filter(|a| fold(&format!("{}/{}", a.row, a.column)) == wanted);
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// The first cells of a table, for a message.
fn some_cells(table: &block::Table) -> String {
    let mut cells: Vec<String> = table.addresses().take(6).map(|a| format!("{}/{}", a.row, a.column)).collect();
    if table.addresses().nth(6).is_some() {
        cells.push("… (without a cell the command lists all)".to_owned());
    }
    cells.join(", ")
}

impl Recorded {
    fn new(value: &Value, label: &str, events: &[&AuditEntry]) -> Self {
        Self {
            address: value.address(),
            label: label.to_owned(),
            text: value.text.clone(),
            unit: value.unit.clone(),
            missing: value.missing.clone(),
            events: events.iter().map(|e| (*e).clone()).collect(),
        }
    }
}

/// The source columns of these columns.
fn source_columns(made: &Made, dataset: &str, columns: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let lineage = made.lineage.get(dataset);
    columns.iter().filter_map(|c| lineage?.get(c)).flatten().cloned().collect()
}

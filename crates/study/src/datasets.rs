//! How do the recorded tables become SDTM and ADaM? The steps of `tabulate/` and `derive/`, in the order in which they read
//! each other.
//!
//! A step is a statement or a method. Its dataset is written as a transport file and read back from it, so that what is
//! analysed is what is submitted, and a fresh step and a step just made give the same.

use crate::cache::{Files, Steps};
use crate::describe::{Description, Lineage};
use crate::error::StudyError;
use crate::nca_step::NcaStep;
use crate::sources::Sources;
use crate::statement::Statement;
use crate::world::{Maker, World};
use croft_cdisc::xpt;
use croft_core::manifest::sha256_hex;
use croft_core::{Dataset, Finding, Severity};
use croft_query::{Catalog, Checked, Session, SqlError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The datasets of a build, with what is needed to follow a row back.
pub struct Made {
    /// Every table.
    pub world: World,
    /// The checked statements, by dataset.
    pub checked: BTreeMap<String, Checked>,
    /// The methods that made datasets, by dataset.
    pub methods: BTreeMap<String, NcaStep>,
    /// The datasets' names in the order in which they were made.
    pub order: Vec<String>,
    /// Where each column comes from, by dataset.
    pub lineage: BTreeMap<String, Lineage>,
    /// The column that a copied column repeats, by dataset.
    pub copied: BTreeMap<String, BTreeMap<String, (String, String)>>,
    /// Remarks on the datasets.
    pub findings: Vec<Finding>,
    /// The lock time, which each file bears.
    lock: String,
    catalog: Catalog,
    session: Session,
    loaded: BTreeSet<String>,
}

/// Rows of a dataset and what they were chosen by.
pub struct Chosen {
    /// The rows, ascending.
    pub rows: Vec<usize>,
    /// The dataset and every table that the condition reads.
    pub tables: BTreeSet<String>,
}

/// A step that waits for what it reads.
struct Waiting {
    dataset: String,
    file: String,
    maker: Maker,
    reads: BTreeSet<String>,
}

impl Waiting {
    /// The folder to which it belongs, also when croft wrote it.
    fn stage(&self) -> &'static str {
        match self.maker {
            Maker::Statement { stage, .. } => stage,
            _ => "derive",
        }
    }
}

/// Which datasets are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// Those of one folder, `tabulate` or `derive`, and what these need.
    Stage(&'static str),
}

/// Makes the wanted datasets of `tabulate/` and `derive/`.
pub fn make(sources: &Sources, wanted: Wanted, steps: &mut Steps<'_>, stamp: xpt::Stamp) -> Result<Made, StudyError> {
    let world = World::recorded(sources)?;
    let mut catalog = Catalog::new();
    for data in world.datasets.values() {
        catalog.add(data).map_err(|e| sql_fault(&data.name, &e))?;
    }
    let mut made = Made {
        world,
        lock: sources.snapshot.frozen.locked_at.clone(),
        catalog,
        checked: BTreeMap::new(),
        methods: BTreeMap::new(),
        order: Vec::new(),
        lineage: BTreeMap::new(),
        copied: BTreeMap::new(),
        findings: Vec::new(),
        session: Session::new().map_err(|e| sql_fault("study.toml", &e))?,
        loaded: BTreeSet::new(),
    };
    for step in in_order(needed(waiting(sources)?, wanted), &made.world)? {
        match &step.maker {
            Maker::Statement { stage, position } => {
                let statement =
                    if *stage == "tabulate" { &sources.tabulate[*position] } else { &sources.derive[*position] };
                made.by_statement(statement, stage, &step, steps, stamp)?;
            }
            Maker::Method(position) => made.by_method(&sources.methods[*position], &step, steps, stamp)?,
            Maker::Definition | Maker::Record { .. } | Maker::Allocations | Maker::Received(_) | Maker::Kept(_) => {}
        }
    }
    Ok(made)
}

/// The path of a step's transport file below `out/`.
pub fn transport_file(stage: &str, dataset: &str) -> String {
    format!("{stage}/{}.xpt", dataset.to_ascii_lowercase())
}

fn waiting(sources: &Sources) -> Result<Vec<Waiting>, StudyError> {
    let mut waiting = Vec::new();
    for (stage, statements) in [("tabulate", &sources.tabulate), ("derive", &sources.derive)] {
        for (position, statement) in statements.iter().enumerate() {
            let reads = croft_query::tables_named(&statement.sql).map_err(|e| sql_fault(&statement.file, &e))?;
            waiting.push(Waiting {
                dataset: statement.dataset.clone(),
                file: statement.file.clone(),
                maker: Maker::Statement { stage, position },
                reads,
            });
        }
    }
    for (position, file) in sources.methods.iter().enumerate() {
        let step = NcaStep::parse(&file.file, &file.text)?;
        waiting.push(Waiting {
            dataset: step.dataset.clone(),
            file: file.file.clone(),
            reads: step.reads().map_err(|e| sql_fault(&file.file, &e))?,
            maker: Maker::Method(position),
        });
    }
    Ok(waiting)
}

/// The steps of the wanted folder and those that they read, directly or not.
fn needed(waiting: Vec<Waiting>, wanted: Wanted) -> Vec<Waiting> {
    let Wanted::Stage(stage) = wanted else { return waiting };
    let by_dataset: BTreeMap<&str, &Waiting> = waiting.iter().map(|w| (w.dataset.as_str(), w)).collect();
    let mut open: Vec<&Waiting> = waiting.iter().filter(|w| w.stage() == stage).collect();
    let mut needed = BTreeSet::new();
    while let Some(step) = open.pop() {
        if needed.insert(step.dataset.clone()) {
            open.extend(step.reads.iter().filter_map(|name| by_dataset.get(name.as_str()).copied()));
        }
    }
    waiting.into_iter().filter(|w| needed.contains(&w.dataset)).collect()
}

/// Steps so that each comes after those it reads; otherwise in the order of their files. O(steps²), and steps are tens.
fn in_order(waiting: Vec<Waiting>, world: &World) -> Result<Vec<Waiting>, StudyError> {
    let mut queue: VecDeque<Waiting> = waiting.into();
    let to_come: BTreeSet<String> = queue.iter().map(|w| w.dataset.clone()).collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut ordered = Vec::new();
    let mut turned = 0;
    while let Some(step) = queue.pop_front() {
        let missing = step.reads.iter().find(|t| !to_come.contains(*t) && !world.datasets.contains_key(*t));
        if let Some(missing) = missing {
            return Err(StudyError::NoSource { step: step.file, missing: missing.clone() });
        }
        if step.reads.iter().all(|t| done.contains(t) || !to_come.contains(t)) {
            done.insert(step.dataset.clone());
            ordered.push(step);
            turned = 0;
        } else {
            turned += 1;
            queue.push_back(step);
            if turned > queue.len() {
                let steps = queue.iter().map(|s| s.file.as_str()).collect::<Vec<_>>().join(", ");
                return Err(StudyError::Circle { steps });
            }
        }
    }
    Ok(ordered)
}

/// All refusals of a statement, one a line.
fn refused(file: &str, errors: &[SqlError]) -> StudyError {
    let lines: Vec<String> = errors.iter().map(|e| format!("{e}\n    {}", e.hint())).collect();
    StudyError::Sql { file: file.to_owned(), message: lines.join("\n  ") }
}

/// The source columns of each column.
fn lineage(checked: &Checked) -> Lineage {
    let columns = checked.columns().iter();
    columns.map(|c| (c.name.clone(), c.sources.iter().map(|s| (s.table.clone(), s.column.clone())).collect())).collect()
}

/// The column that each copied column repeats.
fn copied(checked: &Checked) -> BTreeMap<String, (String, String)> {
    let source = |c: &croft_query::ColumnLineage| c.copied_from().map(|s| (s.table.clone(), s.column.clone()));
    checked.columns().iter().filter_map(|c| source(c).map(|s| (c.name.clone(), s))).collect()
}

fn sql_fault(file: &str, error: &impl std::fmt::Display) -> StudyError {
    StudyError::Sql { file: file.to_owned(), message: error.to_string() }
}

impl Made {
    fn by_statement(
        &mut self,
        statement: &Statement,
        stage: &'static str,
        step: &Waiting,
        steps: &mut Steps<'_>,
        stamp: xpt::Stamp,
    ) -> Result<(), StudyError> {
        let keys: Vec<&str> = statement.keys.iter().map(String::as_str).collect();
        let checked =
            croft_query::check(&statement.sql, &self.catalog, &keys).map_err(|e| refused(&statement.file, &e))?;
        let lineage = lineage(&checked);
        let copied = copied(&checked);
        let description = Description {
            name: &statement.dataset,
            statement: Some(statement),
            keys: statement.keys.clone(),
            lineage,
            copied,
        };
        let mut inputs = self.world.hashes_of(step.reads.iter().map(String::as_str));
        inputs.insert(statement.file.clone(), sha256_hex(statement.sql.as_bytes()));
        inputs.insert("lock".to_owned(), self.lock.clone());
        let output = transport_file(stage, &statement.dataset);
        let files = steps.run(stage, &statement.dataset, inputs, || {
            self.load(step.reads.iter().map(String::as_str))?;
            let data = self.session.run(&checked, &statement.dataset).map_err(|e| sql_fault(&statement.file, &e))?;
            let described = description.apply(&data, &self.world);
            Ok(Files::from([(output.clone(), to_transport(&described, stamp, &statement.file)?)]))
        })?;
        self.keep(&files[&output], &description, step)?;
        self.checked.insert(statement.dataset.clone(), checked);
        Ok(())
    }

    fn by_method(
        &mut self,
        file: &crate::sources::TextFile,
        step: &Waiting,
        steps: &mut Steps<'_>,
        stamp: xpt::Stamp,
    ) -> Result<(), StudyError> {
        let nca = NcaStep::parse(&file.file, &file.text)?;
        let rows = self.select(&nca.file, &nca.input, nca.condition.as_deref())?.rows;
        let mut inputs = self.world.hashes_of(step.reads.iter().map(String::as_str));
        inputs.insert(file.file.clone(), sha256_hex(file.text.as_bytes()));
        inputs.insert("lock".to_owned(), self.lock.clone());
        let output = transport_file("derive", &nca.dataset);
        let description = Description {
            name: &nca.dataset,
            statement: None,
            keys: nca.keys(),
            lineage: nca.lineage(),
            copied: BTreeMap::new(),
        };
        let files = steps.run("derive", &nca.dataset, inputs, || {
            let data = nca.run(self.world.dataset(&nca.input, &nca.file)?, &rows)?;
            let described = description.apply(&data, &self.world);
            Ok(Files::from([(output.clone(), to_transport(&described, stamp, &nca.file)?)]))
        })?;
        self.keep(&files[&output], &description, step)?;
        self.methods.insert(nca.dataset.clone(), nca);
        Ok(())
    }

    /// Reads a step's file back and adds the dataset.
    fn keep(&mut self, bytes: &[u8], description: &Description<'_>, step: &Waiting) -> Result<(), StudyError> {
        let fault = |message: String| StudyError::Method {
            file: step.file.clone(),
            message,
            hint: "delete the output folder and build again".to_owned(),
        };
        let contents = xpt::read(bytes, &xpt::ReadOptions::default()).map_err(|e| fault(e.to_string()))?;
        let member = contents.into_iter().next().ok_or_else(|| fault("the transport file is empty".to_owned()))?;
        let data = description.apply(&member.dataset, &self.world);
        self.findings.extend(unlabelled(&data, &step.file));
        self.findings.extend(xpt::check(&data, &xpt::WriteOptions::new(xpt::Version::V5, xpt::Stamp::ZERO)));
        self.lineage.insert(data.name.clone(), description.lineage.clone());
        self.copied.insert(data.name.clone(), description.copied.clone());
        self.order.push(data.name.clone());
        self.catalog.add(&data).map_err(|e| sql_fault(&step.file, &e))?;
        self.world.add(data, step.maker.clone());
        Ok(())
    }

    /// Puts tables into the session that are not there yet.
    fn load<'t>(&mut self, tables: impl IntoIterator<Item = &'t str>) -> Result<(), StudyError> {
        for name in tables {
            if let Some(data) = self.world.datasets.get(name)
                && self.loaded.insert(name.to_owned())
            {
                self.session.add(data).map_err(|e| sql_fault(name, &e))?;
            }
        }
        Ok(())
    }

    /// The rows of a dataset that meet a condition, ascending, all of them without one; and the tables that decided it.
    pub fn select(&mut self, file: &str, dataset: &str, condition: Option<&str>) -> Result<Chosen, StudyError> {
        let data = self.world.dataset(dataset, file)?;
        let Some(condition) = condition else {
            return Ok(Chosen { rows: (0..data.rows()).collect(), tables: BTreeSet::from([dataset.to_owned()]) });
        };
        let checked = croft_query::check_condition(condition, &self.catalog, dataset).map_err(|e| refused(file, &e))?;
        self.load(checked.tables().iter().copied())?;
        let rows = self.session.rows_where(&checked).map_err(|e| sql_fault(file, &e))?;
        let tables = checked.tables().iter().map(|t| (*t).to_owned()).chain([dataset.to_owned()]).collect();
        Ok(Chosen { rows, tables })
    }

    /// The rows of other tables behind rows of a dataset that a statement made. One run of the statement, whatever is asked.
    pub fn source_rows(&mut self, dataset: &str, rows: &[usize]) -> Result<BTreeSet<(String, usize)>, StudyError> {
        let Some(checked) = self.checked.get(dataset).cloned() else { return Ok(BTreeSet::new()) };
        self.load(checked.tables().iter().copied())?;
        let fault = |e: croft_query::RunError| sql_fault(dataset, &e);
        let mut found = BTreeSet::new();
        if let [row] = rows {
            let data = self.world.dataset(dataset, dataset)?;
            let key: Vec<_> = data.keys.iter().filter_map(|k| data.cell(*row, k)).collect();
            let sources = self.session.trace(&checked, &key).map_err(fault)?;
            found.extend(sources.into_iter().map(|s| (s.table.to_string(), s.row)));
            return Ok(found);
        }
        let all = self.session.trace_all(&checked).map_err(fault)?;
        for sources in rows.iter().filter_map(|&row| all.get(row)) {
            found.extend(sources.iter().map(|s| (s.table.to_string(), s.row)));
        }
        Ok(found)
    }
}

/// Variables that neither the standard nor the heading describes.
fn unlabelled(data: &Dataset, file: &str) -> Vec<Finding> {
    let unknown = data.variables().iter().filter(|v| v.label.is_empty());
    unknown
        .map(|v| {
            let message = format!("the variable {} of {} has no label", v.name, data.name);
            Finding::new("DATASET-LABEL", Severity::Warning, file, message)
                .hint("describe it in the heading: -- variable: NAME, label, type")
        })
        .collect()
}

fn to_transport(data: &Dataset, stamp: xpt::Stamp, file: &str) -> Result<Vec<u8>, StudyError> {
    let mut bytes = Vec::new();
    xpt::write(data, &xpt::WriteOptions::new(xpt::Version::V5, stamp), &mut bytes).map_err(|e| StudyError::Method {
        file: file.to_owned(),
        message: e.to_string(),
        hint: e.hint().to_owned(),
    })?;
    Ok(bytes)
}

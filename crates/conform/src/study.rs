//! What is checked: the datasets of a study, and what they are checked against.
//!
//! Nothing here opens files: datasets, define.xml, terminology and documents come in read.

use crate::column::{Column, NumberBuilder, TextBuilder};
use crate::frame::Frame;
use crate::memory;
use crate::operator::Fault;
use crate::value::Value;
use croft_cdisc::define::Define;
use croft_cdisc::library::{Library, Standard};
use croft_cdisc::terminology::{PackageName, Terminology};
use croft_cdisc::usdm::{Cell, EntityDataset};
use croft_cdisc::xpt::{ReadOptions, Reader, XptError};
use croft_core::dataset::{DataType, Dataset, Kind, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, OnceLock};

/// A variable as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableVariable {
    /// Name.
    pub name: String,
    /// Label.
    pub label: String,
    /// `Char` or `Num`.
    pub data_type: String,
    /// Bytes reserved.
    pub length: Option<u32>,
    /// Display format.
    pub format: String,
}

/// One dataset file.
#[derive(Clone, Debug)]
pub struct Table {
    /// Dataset name, `AE`, `LBCH`, `SUPPAE`.
    pub name: String,
    /// Label.
    pub label: String,
    /// File name, `ae.xpt`.
    pub filename: String,
    file_size: u64,
    variables: Vec<TableVariable>,
    frame: Arc<Frame>,
}

impl Table {
    /// From a dataset as the readers give it.
    pub fn of(dataset: &Dataset, filename: &str, file_size: u64) -> Self {
        let mut frame = Frame::of_rows(dataset.rows());
        for (variable, column) in dataset.variables().iter().zip(dataset.columns()) {
            let mut cells = Column::of(column);
            if is_decimal(variable) {
                cells = cells.map(|value| value.as_number().map_or_else(|| value.clone(), Value::number));
            }
            frame.set(&variable.name, cells);
        }
        let variables = dataset.variables().iter().map(described);
        Self::new(&dataset.name, &dataset.label, filename, file_size, variables.collect(), frame)
    }

    /// The datasets of a transport file, read row by row: memory is that of the columns, never of the file.
    pub fn read_xpt(
        file: impl io::Read,
        filename: &str,
        file_size: u64,
        options: &ReadOptions,
    ) -> Result<Vec<Self>, XptError> {
        let mut reader = Reader::new(file, options)?;
        let mut tables = Vec::new();
        while let Some(member) = reader.next_member()? {
            let mut builders: Vec<Cells> = member.variables.iter().map(|variable| Cells::of(variable.kind)).collect();
            while let Some(row) = reader.next_row()? {
                for (i, builder) in builders.iter_mut().enumerate() {
                    builder.push(row.cell(i));
                }
            }
            let columns: Vec<Column> = builders.into_iter().map(Cells::finish).collect();
            let mut frame = Frame::of_rows(columns.first().map_or(0, Column::len));
            for (variable, column) in member.variables.iter().zip(columns) {
                frame.set(&variable.name, column);
            }
            let variables = member.variables.iter().map(described).collect();
            tables.push(Self::new(&member.name, &member.label, filename, file_size, variables, frame));
        }
        Ok(tables)
    }

    /// From columns at hand.
    pub fn new(
        name: &str,
        label: &str,
        filename: &str,
        file_size: u64,
        variables: Vec<TableVariable>,
        mut frame: Frame,
    ) -> Self {
        frame.tag(name);
        let (name, label, filename) = (name.to_owned(), label.to_owned(), filename.to_owned());
        Self { name, label, filename, file_size, variables, frame: Arc::new(frame) }
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        memory::read(self);
        self.file_size
    }

    /// Variables in order, as the file describes them.
    pub fn variables(&self) -> &[TableVariable] {
        memory::read(self);
        &self.variables
    }

    /// The same, to be described otherwise.
    pub fn variables_mut(&mut self) -> &mut [TableVariable] {
        &mut self.variables
    }

    /// Records.
    pub fn frame(&self) -> &Arc<Frame> {
        memory::read(self);
        &self.frame
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.frame.names()
    }

    /// Whether it has a variable.
    pub fn has(&self, name: &str) -> bool {
        self.frame.has(name)
    }

    /// From a class of objects of a USDM document; each row knows its path.
    pub fn of_entity(entity: &EntityDataset<'_>, filename: &str) -> Self {
        let mut frame = Frame::of_rows(entity.rows.len());
        for (i, name) in entity.columns.iter().enumerate() {
            frame.set(name, entity.rows.iter().map(|row| row.cells.get(i).map_or(Value::Missing, cell)).collect());
        }
        frame.set("_path", entity.rows.iter().map(|row| Value::text(&row.path)).collect());
        let variables = entity.columns.iter().map(|name| TableVariable {
            name: name.clone(),
            label: String::new(),
            data_type: String::new(),
            length: None,
            format: String::new(),
        });
        Self::new(&entity.name, "", filename, 0, variables.collect(), frame)
    }

    /// The first record's value of a variable.
    fn first(&self, variable: &str) -> Option<&str> {
        let column = self.frame.column(variable).filter(|column| !column.is_empty())?;
        column.value(0).as_text()
    }

    /// The domain that the records say they are of.
    pub fn domain(&self) -> Option<&str> {
        self.first("DOMAIN")
    }

    /// Whether it holds supplemental qualifiers.
    pub fn is_supplemental(&self) -> bool {
        self.name.starts_with("SUPP") || self.name.starts_with("SQ")
    }

    /// The domain that supplemental qualifiers belong to.
    pub fn related_domain(&self) -> Option<&str> {
        if self.is_supplemental() { self.first("RDOMAIN") } else { None }
    }

    /// Whether it holds associated persons' records.
    pub fn is_associated_persons(&self) -> bool {
        if self.is_supplemental() {
            return self.related_domain().is_some_and(|domain| domain.len() == 4 && domain.starts_with("AP"));
        }
        let named = self.domain().is_some_and(|domain| domain.len() == 4 && domain.starts_with("AP"));
        named || (self.frame.rows() > 0 && self.frame.has("APID"))
    }

    /// What follows `AP` in an associated persons' domain.
    pub fn associated_domain(&self) -> &str {
        let domain = self.domain().filter(|domain| domain.len() >= 4);
        match domain {
            Some(domain) if self.is_associated_persons() && !self.is_supplemental() => {
                domain.get(2..).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// What `--` stands for in this dataset.
    pub fn prefix(&self) -> &str {
        match self.associated_domain() {
            "" => self.domain().unwrap_or_default(),
            suffix => suffix,
        }
    }

    /// The name that the parts of a split dataset share: LB for LBCH and LBHE.
    pub fn whole_name(&self) -> String {
        match (self.domain(), self.related_domain()) {
            (Some(domain), _) => domain.to_owned(),
            (None, Some(related)) if self.name.starts_with("SUPP") => format!("SUPP{related}"),
            (None, Some(related)) if self.name.starts_with("SQ") => format!("SQ{related}"),
            _ => self.name.clone(),
        }
    }

    /// Whether it is one part of a split dataset.
    pub fn is_split(&self) -> bool {
        self.name != self.whole_name()
    }
}

/// Dataset-JSON writes decimals as text so that no digit is lost; they are numbers all the same.
fn is_decimal(variable: &Variable) -> bool {
    variable.kind == Kind::Char && variable.data_type == DataType::Decimal
}

/// A variable as a reader gives it.
fn described(variable: &Variable) -> TableVariable {
    TableVariable {
        name: variable.name.clone(),
        label: variable.label.clone(),
        data_type: if variable.kind == Kind::Num || is_decimal(variable) { "Num" } else { "Char" }.to_owned(),
        length: variable.length,
        format: variable.format.clone().unwrap_or_default(),
    }
}

/// A column in the making.
enum Cells {
    Text(TextBuilder),
    Number(NumberBuilder),
}

impl Cells {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Char => Self::Text(TextBuilder::default()),
            Kind::Num => Self::Number(NumberBuilder::default()),
        }
    }

    fn push(&mut self, cell: croft_core::dataset::Cell<'_>) {
        match self {
            Self::Text(texts) => texts.push(cell.text().unwrap_or_default()),
            Self::Number(numbers) => numbers.push(cell.num()),
        }
    }

    fn finish(self) -> Column {
        match self {
            Self::Text(texts) => texts.finish(),
            Self::Number(numbers) => numbers.finish(),
        }
    }
}

/// A cell of an entity.
fn cell(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Absent | Cell::Null => Value::Missing,
        Cell::Text(text) => Value::text(text),
        Cell::Boolean(flag) => Value::Flag(*flag),
        Cell::Number(number) => match number.as_i64() {
            Some(i) => Value::Integer(i),
            None => number.as_f64().map_or(Value::Missing, Value::number),
        },
    }
}

/// A study and what it is checked against.
pub struct Study {
    /// Datasets in file order.
    pub tables: Vec<Table>,
    /// Product checked against, lower case: `sdtmig`, `sendig`, `adamig`, `tig`, `usdm`.
    pub product: String,
    /// Its version: `3.4`.
    pub version: String,
    /// TIG's part: `sdtm`, `send`, `adam`.
    pub substandard: String,
    /// TIG's use case for domains of the study's own.
    pub use_case: String,
    /// What the standard says, if its tables are here.
    pub standard: Option<&'static Standard>,
    /// Terminology packages.
    pub terminology: Terminology,
    /// Name of the package that the study's own terms are checked against, `sdtmct-2022-09-30`.
    pub package: String,
    /// define.xml.
    pub define: Option<Define>,
    /// A USDM document.
    pub document: Option<serde_json::Value>,
    /// Whole datasets made of split parts, by the name they share.
    wholes: BTreeMap<String, Arc<Frame>>,
    /// The document with the place of each object in it.
    located: OnceLock<serde_json::Value>,
    notes: Mutex<BTreeSet<String>>,
}

impl Study {
    /// A study of these datasets, to be checked against a product and version.
    pub fn new(tables: Vec<Table>, product: &str, version: &str) -> Self {
        let (product, version) = (product.to_lowercase(), version.trim_start_matches(['v', 'V']).replace('-', "."));
        let standard = Library::of(&product, &version);
        let mut study = Self {
            tables,
            product,
            version,
            substandard: String::new(),
            use_case: String::new(),
            standard,
            terminology: Terminology::default(),
            package: String::new(),
            define: None,
            document: None,
            wholes: BTreeMap::new(),
            located: OnceLock::new(),
            notes: Mutex::default(),
        };
        study.package = study.newest_package().map(|name| name.to_string()).unwrap_or_default();
        study.join_splits();
        study
    }

    /// The newest terminology package at hand for the product.
    pub fn newest_package(&self) -> Option<PackageName> {
        self.terminology.latest(match self.product.as_str() {
            "sendig" | "sendig-dart" => "sendct",
            "adamig" => "adamct",
            "usdm" => "ddfct",
            _ => "sdtmct",
        })
    }

    /// Names TIG's part, whose tables are those of the guide that it builds on.
    pub fn with_substandard(mut self, substandard: &str) -> Self {
        self.substandard = substandard.to_lowercase();
        if self.standard.is_none() && self.product == "tig" {
            self.standard = match self.substandard.as_str() {
                "sdtm" => Library::of("sdtmig", "3.4"),
                "send" => Library::of("sendig", "3.1.1"),
                "adam" => Library::of("adamig", "1.3"),
                _ => None,
            };
        }
        self
    }

    /// Makes whole datasets of split ones.
    fn join_splits(&mut self) {
        let mut parts: BTreeMap<String, Vec<&Table>> = BTreeMap::new();
        for table in &self.tables {
            parts.entry(table.whole_name()).or_default().push(table);
        }
        let whole = |tables: Vec<&Table>| tables.iter().map(|table| (*table.frame).clone()).reduce(|a, b| a.append(&b));
        let split = parts.into_iter().filter(|(_, tables)| tables.len() > 1);
        self.wholes = split.filter_map(|(name, tables)| Some((name, Arc::new(whole(tables)?)))).collect();
    }

    /// All records of the dataset that a table is, or is a part of.
    pub fn whole(&self, table: &Table) -> Arc<Frame> {
        let whole = self.wholes.get(&table.whole_name());
        if whole.is_none() {
            memory::read(table);
        } else {
            self.tables.iter().filter(|part| part.whole_name() == table.whole_name()).for_each(memory::read);
        }
        Arc::clone(whole.unwrap_or(&table.frame))
    }

    /// The standard's tables, if they are here.
    pub(crate) fn need_standard(&self) -> Result<&'static Standard, Fault> {
        self.standard
            .ok_or_else(|| Fault::Unfit(format!("the tables of {} {} are not at hand", self.product, self.version)))
    }

    /// Whether neither guide nor model has a domain.
    pub(crate) fn is_custom(&self, domain: &str) -> bool {
        let Some(standard) = self.standard else { return false };
        let in_model = standard.model.is_some_and(|model| model.dataset(domain).is_some());
        standard.dataset(domain).is_none() && !in_model
    }

    /// Whether the model has a variable (`--TERM`) for all domains of a class.
    pub(crate) fn is_generic(&self, variable: &str) -> bool {
        let Some(model) = self.standard.and_then(|standard| standard.model) else { return false };
        let classes = [&model.general, &model.interventions, &model.events, &model.findings, &model.findings_about];
        classes.iter().any(|class| class.iter().any(|known| known.name == variable))
    }

    /// The document, each object with its place.
    pub(crate) fn located_document(&self) -> Option<&serde_json::Value> {
        let document = self.document.as_ref()?;
        Some(self.located.get_or_init(|| croft_cdisc::usdm::located(document)))
    }

    /// Remembers something that the report must say.
    pub fn note(&self, note: String) {
        memory::said(&note);
        if let Ok(mut notes) = self.notes.lock() {
            notes.insert(note);
        }
    }

    /// What the report must say, in order.
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().map(|notes| notes.iter().cloned().collect()).unwrap_or_default()
    }
}

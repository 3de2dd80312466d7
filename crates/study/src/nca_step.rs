//! How do concentrations become the PP domain? A file of `derive/` whose method is `nca`.
//!
//! ```toml
//! dataset = "PP"
//! method = "nca"
//! input = "ADPC"
//! where = "PKFL = 'Y' and NCAXFL is null"
//!
//! [profile]                       # a profile is what the columns of `by` distinguish
//! by = ["USUBJID", "APERIOD"]
//! time = "ARRLT"
//! concentration = "AVAL"
//! below = "BLQFL"                 # Y: below quantification
//! dose = "DOSEA"
//! reference = "PCRFTDTC"          # date and time of the dose, kept as PPRFTDTC
//! reference_name = "PCTPTREF"     # what that time is called, kept as PPTPTREF
//! time_unit = "h"
//! concentration_unit = "ng/mL"
//! dose_unit = "mg"
//! unit_columns = { concentration = "AVALU", dose = "DOSEU", time = "RRLTU" }   # what the data say; must agree
//!
//! [options]
//! convention = "croft"            # then what differs from it
//! route = "extravascular"
//! parameters = ["CMAX", "AUCLST"]
//! ```

use crate::datasets::Made;
use crate::describe::Lineage;
use crate::error::StudyError;
use croft_core::{Cell, DataType, Dataset, Kind, Unit, Variable};
use croft_pk::nca::units::Units;
use croft_pk::nca::{
    self, AucRule, BlqRule, Convention, Dosing, NcaResult, Observed, Options, Outcome, Parameter, Profile, Regimen,
    Route, Sample,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// A file of `derive/` that names the method `nca`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NcaStep {
    /// The file, for messages.
    #[serde(skip)]
    pub file: String,
    /// The dataset it makes.
    pub dataset: String,
    method: String,
    /// The dataset it reads.
    pub input: String,
    /// Which rows of it.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    profile: Columns,
    options: Choices,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    by: Vec<String>,
    time: String,
    concentration: String,
    below: Option<String>,
    lloq: Option<String>,
    dose: String,
    reference: String,
    /// The column that names the reference time in words.
    reference_name: String,
    time_unit: String,
    concentration_unit: String,
    dose_unit: String,
    /// Columns that name the units row by row; each must agree with the unit above.
    #[serde(default)]
    unit_columns: UnitColumns,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitColumns {
    time: Option<String>,
    concentration: Option<String>,
    dose: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choices {
    #[serde(default = "croft")]
    convention: String,
    route: String,
    duration: Option<f64>,
    tau: Option<f64>,
    rule: Option<String>,
    blq: Option<String>,
    parameters: Vec<String>,
}

fn croft() -> String {
    "croft".to_owned()
}

/// The rows of one profile and what distinguishes it.
struct Rows {
    first: usize,
    rows: Vec<usize>,
}

impl NcaStep {
    /// Reads the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, StudyError> {
        let fault = |message: String| StudyError::Text {
            file: file.to_owned(),
            message,
            hint: "the keys of a step by a method are described in docs/study-folder.md".to_owned(),
        };
        let mut step: Self = toml::from_str(text).map_err(|e| fault(e.to_string().trim_end().to_owned()))?;
        file.clone_into(&mut step.file);
        if step.method != "nca" {
            return Err(fault(format!("there is no method `{}` that makes datasets; there is nca", step.method)));
        }
        step.options()?;
        step.parameters()?;
        Ok(step)
    }

    /// The tables that it reads, as far as names go.
    pub fn reads(&self) -> Result<BTreeSet<String>, croft_query::SqlError> {
        let condition = self.condition.as_deref().unwrap_or("1 = 1");
        croft_query::tables_named(&format!("select 1 as ONE from {} where {condition}", self.input))
    }

    /// Variables that name a row of the dataset.
    pub fn keys(&self) -> Vec<String> {
        ["STUDYID", "USUBJID", "PPCAT", "PPRFTDTC", "PPTESTCD"].map(str::to_owned).to_vec()
    }

    /// Where the columns come from: the result from everything that the profile reads, the others from their likes.
    pub fn lineage(&self) -> Lineage {
        let of = |columns: &[&str]| -> BTreeSet<(String, String)> {
            columns.iter().map(|c| (self.input.clone(), (*c).to_owned())).collect()
        };
        let c = &self.profile;
        let mut read = vec![c.time.as_str(), &c.concentration, &c.dose];
        read.extend(c.below.as_deref().into_iter().chain(c.lloq.as_deref()));
        let mut lineage = Lineage::new();
        for result in ["PPORRES", "PPSTRESC", "PPSTRESN", "PPSTAT", "PPREASND"] {
            lineage.insert(result.to_owned(), of(&read));
        }
        lineage.insert("STUDYID".to_owned(), of(&["STUDYID"]));
        lineage.insert("USUBJID".to_owned(), of(&["USUBJID"]));
        lineage.insert("PPTPTREF".to_owned(), of(&[&c.reference_name]));
        lineage.insert("PPRFTDTC".to_owned(), of(&[&c.reference]));
        lineage
    }

    /// The rule for results below quantification, in words.
    pub fn blq_words(&self) -> &'static str {
        let rule = self.options().map(|o| o.blq).unwrap_or(Convention::Croft.options().blq);
        match rule {
            BlqRule::Zero => "Concentrations below quantification count as zero.",
            BlqRule::DropMiddle => {
                "Concentrations below quantification count as zero before the first and after the last measurable one, and are left out between measurable ones."
            }
            BlqRule::MissingAfter => {
                "Concentrations below quantification count as zero before the first measurable one and are left out after it."
            }
            BlqRule::HalfLloqMiddle => {
                "Concentrations below quantification count as zero before the first measurable one, as half the limit between measurable ones, and are left out after the last."
            }
            BlqRule::Missing => "Concentrations below quantification are left out.",
        }
    }

    /// The rule for areas, in words.
    pub fn rule_words(&self) -> &'static str {
        match self.options().map(|o| o.rule).unwrap_or(AucRule::LinearUpLogDown) {
            AucRule::Linear => "Linear trapezoidal rule throughout.",
            AucRule::LinearUpLogDown => {
                "Linear trapezoidal rule while concentrations rise, logarithmic rule while they fall (\"linear-up log-down\")."
            }
            AucRule::LinearLog => "Linear trapezoidal rule up to the maximum, logarithmic rule after it.",
        }
    }

    fn fault(&self, message: impl Into<String>, hint: &str) -> StudyError {
        StudyError::Method { file: self.file.clone(), message: message.into(), hint: hint.to_owned() }
    }

    fn named<T: FromStr<Err = String>>(&self, name: &str) -> Result<T, StudyError> {
        name.parse().map_err(|message: String| self.fault(message, "use one of the names listed"))
    }

    fn options(&self) -> Result<Options, StudyError> {
        let mut options = self.named::<Convention>(&self.options.convention)?.options();
        if let Some(rule) = &self.options.rule {
            options.rule = self.named::<AucRule>(rule)?;
        }
        if let Some(blq) = &self.options.blq {
            options.blq = self.named::<BlqRule>(blq)?;
        }
        options.parameters = Some(self.parameters()?.into());
        Ok(options)
    }

    fn units(&self) -> Result<Units, StudyError> {
        let unit = |text: &str| Unit::parse(text).map_err(|e| self.fault(e.to_string(), &e.hint()));
        let c = &self.profile;
        let units = Units {
            conc: Some(unit(&c.concentration_unit)?),
            time: Some(unit(&c.time_unit)?),
            dose: Some(unit(&c.dose_unit)?),
        };
        units.check().map_err(|e| self.fault(e.to_string(), &e.hint()))?;
        Ok(units)
    }

    fn parameters(&self) -> Result<Vec<Parameter>, StudyError> {
        self.options.parameters.iter().map(|code| self.named(code)).collect()
    }

    fn route(&self) -> Result<Route, StudyError> {
        match (self.options.route.as_str(), self.options.duration) {
            ("extravascular", None) => Ok(Route::Extravascular),
            ("bolus", None) => Ok(Route::Bolus),
            ("infusion", Some(duration)) => Ok(Route::Infusion { duration }),
            ("infusion", None) => Err(self.fault("an infusion needs its duration", "add duration to [options]")),
            (route, _) => Err(self.fault(
                format!("the route `{route}` is none, or has no duration"),
                "use extravascular, bolus, or infusion with a duration",
            )),
        }
    }

    fn column<'d>(&self, data: &'d Dataset, name: &str) -> Result<&'d croft_core::Column, StudyError> {
        data.column(name)
            .ok_or_else(|| self.fault(format!("{} has no variable {name}", self.input), "check the names in [profile]"))
    }

    /// The profiles of the chosen rows, in the order of their first row.
    fn profiles(&self, data: &Dataset, rows: &[usize]) -> Result<Vec<Rows>, StudyError> {
        let by = self.profile.by.iter().map(|name| self.column(data, name)).collect::<Result<Vec<_>, _>>()?;
        let mut parts: BTreeMap<String, Rows> = BTreeMap::new();
        for &row in rows {
            let key: String = by.iter().map(|c| format!("{:?}\u{1f}", c.get(row))).collect();
            parts.entry(key).or_insert_with(|| Rows { first: row, rows: Vec::new() }).rows.push(row);
        }
        let mut profiles: Vec<Rows> = parts.into_values().collect();
        profiles.sort_by_key(|p| p.first);
        Ok(profiles)
    }

    fn analyse(&self, data: &Dataset, rows: &[usize]) -> Result<(Profile, NcaResult), StudyError> {
        let c = &self.profile;
        let (time, conc) = (self.column(data, &c.time)?, self.column(data, &c.concentration)?);
        let below = c.below.as_deref().map(|name| self.column(data, name)).transpose()?;
        let mut samples = Vec::with_capacity(rows.len());
        for &row in rows {
            let at = time.get(row).num().ok_or_else(|| {
                self.fault(
                    format!("row {} of {} has no time in {}", row + 1, self.input, c.time),
                    "query the site, or leave the row out by `where` with its reason in a flag",
                )
            })?;
            let observed = match conc.get(row) {
                Cell::Num(x) => Observed::Conc(x),
                _ if below.is_some_and(|b| b.get(row).text() == Some("Y")) => Observed::Blq,
                _ => Observed::Missing,
            };
            samples.push(Sample { row: row + 1, time: at, observed, exclusion: None });
        }
        let regimen = self.options.tau.map_or(Regimen::SingleDose, |tau| Regimen::SteadyState { tau });
        self.check_units(data, rows)?;
        let dose = self.common(data, rows, &c.dose)?;
        let dosing = Dosing { dose, time: 0.0, route: self.route()?, regimen };
        let lloq = c.lloq.as_deref().map(|name| self.common(data, rows, name)).transpose()?.flatten();
        let place = |e: nca::ProfileError| self.fault(format!("{}, {e}", self.input), e.hint());
        let mut profile = Profile::new(samples, dosing).map_err(place)?;
        if let Some(lloq) = lloq {
            profile = profile.with_lloq(lloq).map_err(place)?;
        }
        let result = nca::analyse(&profile, &self.options()?);
        Ok((profile, result))
    }

    /// The value that all rows of a profile have in common, where they have one.
    fn common(&self, data: &Dataset, rows: &[usize], name: &str) -> Result<Option<f64>, StudyError> {
        let column = self.column(data, name)?;
        let mut values = rows.iter().filter_map(|&row| column.get(row).num().map(|x| (row, x)));
        let Some((_, first)) = values.next() else { return Ok(None) };
        match values.find(|(_, x)| x.to_bits() != first.to_bits()) {
            None => Ok(Some(first)),
            Some((row, other)) => Err(self.fault(
                format!("row {} of {}: {name} is {other} in a profile where it was {first}", row + 1, self.input),
                "a profile has one dose and one limit of quantification: name the columns that distinguish profiles in `by`",
            )),
        }
    }

    /// The units that the data name are those that the file declares.
    fn check_units(&self, data: &Dataset, rows: &[usize]) -> Result<(), StudyError> {
        let c = &self.profile;
        let declared = [
            (&c.unit_columns.concentration, &c.concentration_unit),
            (&c.unit_columns.dose, &c.dose_unit),
            (&c.unit_columns.time, &c.time_unit),
        ];
        for (name, unit) in declared {
            let Some(name) = name else { continue };
            let column = self.column(data, name)?;
            for &row in rows {
                match column.get(row) {
                    Cell::Text(found) if found != unit => {
                        return Err(self.fault(
                            format!(
                                "row {} of {}: {name} is `{found}`, and this file declares `{unit}`",
                                row + 1,
                                self.input
                            ),
                            "convert the values (convert_unit in SQL), or declare the unit of the data",
                        ));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The parameters of every profile as the PP domain.
    pub fn run(&self, data: &Dataset, rows: &[usize]) -> Result<Dataset, StudyError> {
        let c = &self.profile;
        let units = self.units()?;
        let mut pp = Dataset::new(&self.dataset, "", variables());
        pp.keys = self.keys();
        let route = self.route()?;
        for name in ["STUDYID", "USUBJID", "PARAM", &c.reference, &c.reference_name] {
            self.column(data, name)?;
        }
        let mut last_subject = String::new();
        let mut sequence = 0.0;
        for part in self.profiles(data, rows)? {
            let text = |name: &str| data.cell(part.first, name).and_then(Cell::text).unwrap_or("").to_owned();
            let (_, result) = self.analyse(data, &part.rows)?;
            let subject = text("USUBJID");
            if subject != last_subject {
                sequence = 0.0;
                last_subject.clone_from(&subject);
            }
            let (study, test) = (text("STUDYID"), text("PARAM"));
            let (reference_name, reference) = (text(&c.reference_name), text(&c.reference));
            for parameter in self.parameters()? {
                sequence += 1.0;
                let unit = units.of(parameter.entry().unit).map_err(|e| self.fault(e.to_string(), &e.hint()))?;
                let row = PpRow {
                    study: &study,
                    subject: &subject,
                    sequence,
                    category: &test,
                    reference_name: &reference_name,
                    reference: &reference,
                    unit: &unit.text,
                    code: parameter.code(route),
                    name: parameter.name(route),
                    outcome: match result.get(parameter) {
                        Outcome::Value(x) => Outcome::Value(x * unit.factor),
                        other => other,
                    },
                };
                row.push_to(&mut pp);
            }
        }
        let pp = sorted(pp);
        let key = |row: usize| -> Vec<String> {
            pp.keys.iter().map(|k| pp.cell(row, k).and_then(Cell::text).unwrap_or("").to_owned()).collect()
        };
        match (1..pp.rows()).find(|&row| key(row) == key(row - 1)) {
            None => Ok(pp),
            Some(row) => Err(self.fault(
                format!("two rows of {} have the key {}", self.dataset, key(row).join(", ")),
                "profiles of `by` must differ in subject, parameter or time of the dose",
            )),
        }
    }

    /// The rows of the input behind rows of the dataset.
    pub fn source_rows(&self, made: &mut Made, rows: &[usize]) -> Result<BTreeSet<(String, usize)>, StudyError> {
        let chosen = made.select(&self.file, &self.input, self.condition.as_deref())?.rows;
        let data = made.world.dataset(&self.input, &self.file)?;
        let pp = made.world.dataset(&self.dataset, &self.file)?;
        let mut wanted: BTreeMap<(String, String), Vec<Parameter>> = BTreeMap::new();
        for &row in rows {
            let text = |name: &str| pp.cell(row, name).and_then(Cell::text).unwrap_or("").to_owned();
            let parameter: Parameter = self.named(&text("PPTESTCD"))?;
            wanted.entry((text("USUBJID"), text("PPRFTDTC"))).or_default().push(parameter);
        }
        let mut found = BTreeSet::new();
        for part in self.profiles(data, &chosen)? {
            let text = |name: &str| data.cell(part.first, name).and_then(Cell::text).unwrap_or("").to_owned();
            let Some(parameters) = wanted.get(&(text("USUBJID"), text(&self.profile.reference))) else { continue };
            let (profile, result) = self.analyse(data, &part.rows)?;
            for &parameter in parameters {
                let used = result.samples_used(parameter).into_iter().filter_map(|i| profile.samples().get(i));
                found.extend(used.map(|sample| (self.input.clone(), sample.row - 1)));
            }
        }
        Ok(found)
    }
}

fn variables() -> Vec<Variable> {
    let number = |name| Variable::new(name, "", Kind::Num, DataType::Float);
    let text = |name| Variable::char(name, "");
    vec![
        text("STUDYID"),
        text("DOMAIN"),
        text("USUBJID"),
        number("PPSEQ"),
        text("PPTESTCD"),
        text("PPTEST"),
        text("PPCAT"),
        text("PPORRES"),
        text("PPORRESU"),
        text("PPSTRESC"),
        number("PPSTRESN"),
        text("PPSTRESU"),
        text("PPSTAT"),
        text("PPREASND"),
        text("PPSPEC"),
        text("PPTPTREF"),
        text("PPRFTDTC"),
    ]
}

struct PpRow<'a> {
    study: &'a str,
    subject: &'a str,
    sequence: f64,
    category: &'a str,
    reference_name: &'a str,
    reference: &'a str,
    unit: &'a str,
    code: &'a str,
    name: &'a str,
    outcome: Outcome,
}

impl PpRow<'_> {
    fn push_to(&self, pp: &mut Dataset) {
        // `PARAM` is "ANALYTE (SPECIMEN)".
        let (analyte, specimen) = self.category.split_once(" (").unwrap_or((self.category, ""));
        let (number, shown, status, reason) = match self.outcome {
            Outcome::Value(x) => (Cell::Num(x), format!("{x}"), "", ""),
            Outcome::NotCalculable(reason) => (Cell::Null, String::new(), "NOT DONE", reason.text()),
        };
        let unit = if status.is_empty() { self.unit } else { "" };
        pp.push_row([
            Cell::Text(self.study),
            Cell::Text("PP"),
            Cell::Text(self.subject),
            Cell::Num(self.sequence),
            Cell::Text(self.code),
            Cell::Text(self.name),
            Cell::Text(analyte),
            Cell::Text(&shown),
            Cell::Text(unit),
            Cell::Text(&shown),
            number,
            Cell::Text(unit),
            Cell::Text(status),
            Cell::Text(reason),
            Cell::Text(specimen.trim_end_matches(')')),
            Cell::Text(self.reference_name),
            Cell::Text(self.reference),
        ]);
    }
}

/// The rows in the order of the keys.
fn sorted(data: Dataset) -> Dataset {
    let mut rows: Vec<usize> = (0..data.rows()).collect();
    rows.sort_by_cached_key(|&row| {
        data.keys.iter().map(|k| data.cell(row, k).and_then(Cell::text).unwrap_or("").to_owned()).collect::<Vec<_>>()
    });
    let mut ordered = Dataset::new(&data.name, &data.label, data.variables().to_vec());
    ordered.keys.clone_from(&data.keys);
    for row in rows {
        ordered.push_row(data.columns().iter().map(|c| c.get(row)));
    }
    ordered
}

//! What the analysis found, as JSON, as a PP-like table, and as a summary for people.

use croft_pk::nca::units::Units;
use croft_pk::nca::{NcaResult, Outcome, Parameter, Profile, UnitKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One profile with its result.
pub struct Analysed {
    pub subject: String,
    pub by: Vec<String>,
    pub profile: Profile,
    pub result: NcaResult,
    pub units: Units,
}

impl Analysed {
    /// A parameter's number in its unit.
    pub fn value(&self, parameter: Parameter) -> Option<f64> {
        self.result.value(parameter).map(|x| x * self.factor(parameter))
    }

    fn factor(&self, parameter: Parameter) -> f64 {
        self.units.of(parameter.entry().unit).map_or(1.0, |unit| unit.factor)
    }

    fn unit(&self, kind: UnitKind) -> String {
        self.units.of(kind).map_or_else(|_| String::new(), |unit| unit.text)
    }

    /// Who it is about: `subject 07, period 1`.
    pub fn name(&self, by: &[String]) -> String {
        let mut name = format!("subject {}", self.subject);
        for (column, value) in by.iter().zip(&self.by) {
            let _ = write!(name, ", {column} {value}");
        }
        name
    }

    fn code(&self, parameter: Parameter) -> &'static str {
        parameter.code(self.result.dosing.route)
    }
}

/// The facts of a run.
pub struct Run<'a> {
    pub file: &'a str,
    pub sha256: String,
    pub by: &'a [String],
    pub profiles: Vec<Analysed>,
}

impl Run<'_> {
    /// Everything as JSON.
    pub fn json(&self) -> Value {
        let profiles: Vec<Value> = self.profiles.iter().map(|p| profile_json(p, self.by)).collect();
        json!({
            "program": concat!("croft ", env!("CARGO_PKG_VERSION")),
            "input": { "file": self.file, "sha256": self.sha256 },
            "profiles": profiles,
        })
    }

    /// One row a parameter and a partial area.
    pub fn pp_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fixed = ["PPTESTCD", "PPTEST", "PPSTRESN", "PPSTRESU", "PPSTAT", "PPREASND", "PPSTINT", "PPENINT"]
            .map(str::to_owned);
        let head = std::iter::once("SUBJECT".to_owned()).chain(self.by.iter().cloned()).chain(fixed);
        writer.write_record(head)?;
        for p in &self.profiles {
            let route = p.result.dosing.route;
            let mut row =
                |code: &str, test: &str, outcome: Outcome, kind: UnitKind, factor: f64, interval: [String; 2]| {
                    let (value, unit, status, reason) = match outcome {
                        Outcome::Value(x) => ((x * factor).to_string(), p.unit(kind), "", ""),
                        Outcome::NotCalculable(reason) => (String::new(), String::new(), "NOT DONE", reason.text()),
                    };
                    let cells = [code, test, &value, &unit, status, reason, &interval[0], &interval[1]];
                    let who = std::iter::once(&p.subject).chain(&p.by).map(String::as_str);
                    writer.write_record(who.chain(cells))
                };
            for v in p.result.values.iter().filter(|v| !by_design(v.outcome)) {
                let (code, name) = (v.parameter.code(route), v.parameter.name(route));
                let none = [String::new(), String::new()];
                row(code, name, v.outcome, v.parameter.entry().unit, p.factor(v.parameter), none)?;
            }
            for part in &p.result.partial {
                let ends = [part.interval.from.to_string(), part.interval.to.to_string()];
                row("AUCINT", "AUC from T1 to T2", part.outcome, UnitKind::ConcTime, 1.0, ends)?;
            }
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// Profiles, remarks, and the usual parameters over profiles, by group.
    pub fn summary(&self) -> String {
        let remarked = self.profiles.iter().filter(|p| !remarks(p).is_empty()).count();
        let n = self.profiles.len();
        let mut text = format!("{n} profile{}, {} without and {remarked} with remarks\n", plural(n), n - remarked);
        let mut groups: BTreeMap<&[String], Vec<&Analysed>> = BTreeMap::new();
        for p in &self.profiles {
            groups.entry(&p.by).or_default().push(p);
        }
        for (by, profiles) in groups {
            if !by.is_empty() {
                let pairs: Vec<_> = self.by.iter().zip(by).map(|(column, value)| format!("{column} {value}")).collect();
                let _ = writeln!(text, "{}", pairs.join(", "));
            }
            for parameter in SUMMARISED {
                let _ = write!(text, "{}", summary_line(parameter, &profiles));
            }
        }
        text
    }

    /// Each remark with whom it is about.
    pub fn remarks(&self) -> Vec<String> {
        let each = |p| remarks(p).into_iter().map(move |remark| (p, remark));
        self.profiles.iter().flat_map(each).map(|(p, remark)| format!("{}: {remark}", p.name(self.by))).collect()
    }
}

const SUMMARISED: [Parameter; 12] = [
    Parameter::CMax,
    Parameter::TMax,
    Parameter::AucLast,
    Parameter::AucInfObs,
    Parameter::HalfLife,
    Parameter::ClObs,
    Parameter::VzObs,
    Parameter::AucTau,
    Parameter::CTrough,
    Parameter::Fluctuation,
    Parameter::ClTau,
    Parameter::VzTau,
];

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn by_design(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::NotCalculable(reason) if reason.is_by_design())
}

/// `  AUCLST    mean 91.4 h*mg/L   CV 22.1 %   geometric mean 89.2   (2 not calculable)`
fn summary_line(parameter: Parameter, profiles: &[&Analysed]) -> String {
    if profiles.iter().all(|p| by_design(p.result.get(parameter))) {
        return String::new();
    }
    let values: Vec<f64> = profiles.iter().filter_map(|p| p.value(parameter)).collect();
    let missing = profiles.len() - values.len();
    let absent = if missing == 0 { String::new() } else { format!("   ({missing} not calculable)") };
    let code = profiles[0].code(parameter);
    if values.is_empty() {
        return format!("  {code:<8}{absent}\n");
    }
    let unit = profiles[0].unit(parameter.entry().unit);
    let n = values.len() as f64;
    if parameter == Parameter::TMax {
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let middle = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
        return format!("  {code:<8} median {middle:.4} {unit}   range {first} to {last}{absent}\n");
    }
    let mean = croft_num::sum::sum(values.iter().copied()) / n;
    let cv = croft_num::sum::variance(&values).filter(|_| n > 1.0 && mean > 0.0);
    let cv = cv.map_or_else(String::new, |v| format!("   CV {:.1} %", 100.0 * v.sqrt() / mean));
    let geometric = if values.iter().all(|&x| x > 0.0) {
        let logs = croft_num::sum::sum(values.iter().map(|&x| croft_num::math::ln(x)));
        format!("   geometric mean {}", figures(croft_num::math::exp(logs / n)))
    } else {
        String::new()
    };
    format!("  {code:<8} mean {} {unit}{cv}{geometric}{absent}\n", figures(mean))
}

/// Four significant figures, for people; data keep all digits.
fn figures(x: f64) -> String {
    let magnitude = if x == 0.0 { 0.0 } else { croft_num::math::log10(x.abs()).floor() };
    let decimals = (3.0 - magnitude).clamp(0.0, 12.0) as usize;
    format!("{x:.decimals$}")
}

/// Flags, and parameters that should have a value and have none, each once a reason.
fn remarks(p: &Analysed) -> Vec<String> {
    let mut remarks: Vec<String> = p.result.flags.iter().map(|flag| flag.text()).collect();
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for v in p.result.values.iter().filter(|v| !by_design(v.outcome)) {
        if let Outcome::NotCalculable(reason) = v.outcome {
            // without a dose this is said once for the run
            if reason != croft_pk::nca::Reason::NoDose {
                reasons.entry(reason.text()).or_default().push(p.code(v.parameter));
            }
        }
    }
    remarks
        .extend(reasons.into_iter().map(|(reason, codes)| format!("not calculable: {} ({reason})", codes.join(", "))));
    remarks
}

fn profile_json(p: &Analysed, by: &[String]) -> Value {
    let result = &p.result;
    let mut parameters = Map::new();
    let mut missing = Map::new();
    let mut units = Map::new();
    let mut samples = Map::new();
    for v in result.values.iter().filter(|v| !by_design(v.outcome)) {
        let code = p.code(v.parameter).to_owned();
        match v.outcome {
            Outcome::Value(x) => {
                parameters.insert(code.clone(), json!(x * p.factor(v.parameter)));
                let unit = p.unit(v.parameter.entry().unit);
                if !unit.is_empty() {
                    units.insert(code.clone(), json!(unit));
                }
            }
            Outcome::NotCalculable(reason) => {
                parameters.insert(code.clone(), Value::Null);
                missing.insert(code.clone(), json!({ "code": reason.code(), "reason": reason.text() }));
            }
        }
        samples.insert(code, json!(rows(p, &result.samples_used(v.parameter))));
    }
    let times: Vec<f64> = p.profile.samples().iter().map(|s| s.time).collect();
    let partial: Vec<Value> = result
        .partial
        .iter()
        .map(|part| {
            let mut object =
                json!({ "from": part.interval.from, "to": part.interval.to, "AUCINT": part.outcome.value() });
            if let Outcome::NotCalculable(reason) = part.outcome {
                object["not_calculable"] = json!({ "code": reason.code(), "reason": reason.text() });
            }
            object["rows"] = json!(rows(p, &result.samples_used_by_partial(&part.interval, &times)));
            object
        })
        .collect();
    let lambda_z = match &result.lambda_z {
        Ok(fit) => json!({ "rows": rows(p, &fit.samples), "chosen_by_hand": fit.reason }),
        Err(reason) => json!({ "not_calculable": { "code": reason.code(), "reason": reason.text() } }),
    };
    let flags: Vec<Value> = result
        .flags
        .iter()
        .map(|flag| json!({ "code": flag.kind, "value": flag.value, "limit": flag.limit, "text": flag.text() }))
        .collect();
    let excluded: Vec<Value> = p
        .profile
        .samples()
        .iter()
        .filter_map(|s| {
            s.exclusion.as_ref().map(|e| json!({ "row": s.row, "time": s.time, "from": e.from, "reason": e.reason }))
        })
        .collect();
    let mut object = Map::new();
    object.insert("subject".to_owned(), json!(p.subject));
    for (column, value) in by.iter().zip(&p.by) {
        object.entry(column.clone()).or_insert_with(|| json!(value));
    }
    for (key, value) in [
        ("parameters", Value::Object(parameters)),
        ("units", Value::Object(units)),
        ("not_calculable", Value::Object(missing)),
        ("partial", json!(partial)),
        ("lambda_z", lambda_z),
        ("conc_at_dose", json!(result.conc_at_dose)),
        ("flags", json!(flags)),
        ("excluded", json!(excluded)),
        ("rows_used", Value::Object(samples)),
        ("dosing", json!(result.dosing)),
        ("options", json!(result.options)),
    ] {
        object.insert(key.to_owned(), value);
    }
    Value::Object(object)
}

/// Rows of the file, by position among the profile's samples.
fn rows(p: &Analysed, samples: &[usize]) -> Vec<usize> {
    samples.iter().map(|&i| p.profile.samples()[i].row).collect()
}

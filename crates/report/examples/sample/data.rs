//! Made-up concentrations of 24 subjects and what a study would compute from them.

use croft_core::{AnalysisResult, Cell, DataType, Dataset, Group, Kind, Missing, RowSet, StatValue, Variable};
use std::collections::BTreeMap;

const TIMES: [f64; 13] = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 48.0];

/// A fixed sequence of numbers between 0 and 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

/// Parameters of each profile: subject, treatment, code, value or the reason why there is none.
type Parameter = (String, &'static str, &'static str, Result<f64, &'static str>);

pub fn make() -> (BTreeMap<String, Dataset>, Vec<AnalysisResult>) {
    let mut noise = Noise(2026);
    let mut conc = Dataset::new(
        "ADPC",
        "Concentrations",
        vec![
            Variable::char("USUBJID", "Subject"),
            Variable::char("TRTA", "Treatment"),
            Variable::new("APERIOD", "Period", Kind::Num, DataType::Integer),
            Variable::num("ATPTN", "Nominal time (h)"),
            Variable::num("ARRLT", "Actual time (h)"),
            Variable::num("AVAL", "Concentration (ng/mL)"),
            Variable::char("AVALC", "Concentration as reported"),
            Variable::char("COMMENT", "Comment"),
        ],
    );
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut by_time: BTreeMap<(&'static str, usize), Vec<f64>> = BTreeMap::new();
    for subject in 1..=24u32 {
        let id = format!("{}", 100 + subject);
        let (volume, clearance) = (40.0 + 20.0 * noise.next(), 5.0 + 2.5 * noise.next());
        for (period, treatment) in
            [(1.0, if subject % 2 == 0 { "T" } else { "R" }), (2.0, if subject % 2 == 0 { "R" } else { "T" })]
        {
            let absorption = 1.0 + 0.8 * noise.next();
            let rate = clearance / volume;
            let (mut highest, mut at, mut area, mut last) = (0.0, 0.0, 0.0, (0.0, 0.0));
            for (t, &time) in TIMES.iter().enumerate() {
                let shape = libm::exp(-rate * time) - libm::exp(-absorption * time);
                let value =
                    100_000.0 / volume * absorption / (absorption - rate) * shape * (0.9 + 0.2 * noise.next()) / 10.0;
                let actual = time + if t == 0 { 0.0 } else { (noise.next() * 0.1 * 100.0).round() / 100.0 };
                let below = value < 1.0;
                let shown = if below {
                    Cell::MissingNum(Missing::from_letter('B').unwrap_or(Missing::ORDINARY))
                } else {
                    Cell::Num((value * 100.0).round() / 100.0)
                };
                let late = subject == 7 && t == 4;
                conc.push_row([
                    Cell::Text(&id),
                    Cell::Text(treatment),
                    Cell::Num(period),
                    Cell::Num(time),
                    Cell::Num(actual),
                    shown,
                    Cell::Text(if below { "<1.00" } else { "" }),
                    Cell::Text(if late { "Sample taken late: cannula blocked, second attempt" } else { "" }),
                ]);
                if !below {
                    if value > highest {
                        (highest, at) = (value, actual);
                    }
                    area += (value + last.1) / 2.0 * (time - last.0);
                    last = (time, value);
                    by_time.entry((treatment, t)).or_default().push(value);
                }
            }
            let fails = subject == 9 && treatment == "R";
            let slope = if fails { Err("NC: fewer than 3 points after t_max") } else { Ok(rate) };
            for (code, value) in [
                ("CMAX", Ok(highest)),
                ("TMAX", Ok(at)),
                ("AUCLST", Ok(area)),
                ("AUCIFO", slope.map(|s| area + last.1 / s)),
                ("LAMZ", slope),
                ("LAMZHL", slope.map(|s| std::f64::consts::LN_2 / s)),
                ("CLSTP", slope.map(|_| last.1)),
                ("TLST", Ok(last.0)),
                ("LAMZLL", slope.map(|_| 6.0)),
                ("LAMZUL", slope.map(|_| last.0)),
            ] {
                parameters.push((id.clone(), treatment, code, value));
            }
        }
    }
    let mut pp = Dataset::new(
        "ADPP",
        "Parameters",
        vec![
            Variable::char("USUBJID", "Subject"),
            Variable::char("TRTA", "Treatment"),
            Variable::char("PARAMCD", "Parameter"),
            Variable::num("AVAL", "Value"),
        ],
    );
    for (id, treatment, code, value) in &parameters {
        let value = value.map_or(Cell::MissingNum(Missing::ORDINARY), Cell::Num);
        pp.push_row([Cell::Text(id), Cell::Text(treatment), Cell::Text(code), value]);
    }
    let results = results(&parameters, &by_time);
    (BTreeMap::from([("ADPC".to_owned(), conc), ("ADPP".to_owned(), pp)]), results)
}

fn result(
    analysis: &str,
    parameter: &str,
    groups: &[(&str, &str)],
    statistic: &str,
    value: StatValue,
) -> AnalysisResult {
    AnalysisResult {
        analysis: analysis.into(),
        method: "sample".into(),
        dataset: "ADPP".into(),
        groups: groups.iter().map(|(k, v)| Group { variable: (*k).into(), value: (*v).into() }).collect(),
        parameter: parameter.into(),
        statistic: statistic.into(),
        value,
        unit: String::new(),
        options: "{}".into(),
        rows: RowSet::default(),
    }
}

fn summary(values: &[f64]) -> Vec<(&'static str, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |p: f64| sorted[((sorted.len() - 1) as f64 * p).round() as usize];
    let logs: f64 = values.iter().map(|v| libm::log(v.max(1e-9))).sum::<f64>() / n;
    vec![
        ("N", n),
        ("MEAN", mean),
        ("SD", sd),
        ("CV", 100.0 * sd / mean),
        ("GEOMEAN", libm::exp(logs)),
        ("MEDIAN", at(0.5)),
        ("MIN", at(0.0)),
        ("MAX", at(1.0)),
    ]
}

fn results(parameters: &[Parameter], by_time: &BTreeMap<(&'static str, usize), Vec<f64>>) -> Vec<AnalysisResult> {
    let mut out = Vec::new();
    for code in ["CMAX", "AUCLST", "AUCIFO", "TMAX", "LAMZHL"] {
        for treatment in ["T", "R"] {
            let of = |p: &&Parameter| p.1 == treatment && p.2 == code;
            let values: Vec<f64> = parameters.iter().filter(of).filter_map(|p| p.3.ok()).collect();
            for (statistic, value) in summary(&values) {
                let value = match (code, statistic) {
                    ("LAMZHL", "SD") if treatment == "R" => {
                        StatValue::NotCalculable("NC: fewer than 3 points after t_max in one subject".into())
                    }
                    _ => StatValue::Num(value),
                };
                out.push(result("pk-summary", code, &[("TRTA", treatment)], statistic, value));
            }
        }
    }
    for (code, [estimate, lower, upper, cv]) in [
        ("CMAX", [97.384, 92.115, 102.95, 14.21]),
        ("AUCLST", [99.62, 96.4, 102.94, 8.35]),
        ("AUCIFO", [99.81, 96.65, 103.07, 8.12]),
    ] {
        for (statistic, value) in [("PE_PCT", estimate), ("CI90_LO_PCT", lower), ("CI90_HI_PCT", upper), ("CV_PCT", cv)]
        {
            out.push(result("be", code, &[], statistic, StatValue::Num(value)));
        }
        out.push(result("be", code, &[], "DECISION", StatValue::Text("Yes".into())));
    }
    for ((treatment, t), values) in by_time.iter().filter(|(_, v)| v.len() > 2) {
        let time = TIMES[*t].to_string();
        for (statistic, value) in summary(values) {
            out.push(result(
                "conc-summary",
                "DRUGX",
                &[("TRTA", treatment), ("ATPTN", &time)],
                statistic,
                StatValue::Num(value),
            ));
        }
    }
    for (statistic, value) in [
        ("N_RANDOMISED", 24.0),
        ("N_COMPLETED", 24.0),
        ("AGE_MEAN", 31.25),
        ("AGE_SD", 7.417),
        ("WEIGHT_MEAN", 74.94),
        ("WEIGHT_SD", 9.18),
        ("FEMALE", 10.0),
        ("FEMALE_PCT", 41.6667),
    ] {
        out.push(result("subjects", "ALL", &[], statistic, StatValue::Num(value)));
    }
    out
}

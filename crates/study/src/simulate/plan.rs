//! The study as planned: what `study.toml` says, arranged by subject and period.

use super::profile::Product;
use crate::definition::{Definition, Simulation, Treatment};
use crate::error::StudyError;
use croft_num::random::Stream;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

/// A dosing period of an arm.
pub struct Period<'a> {
    pub visit: &'a str,
    /// Days after the first period's dose.
    pub day: i32,
    pub treatment: &'a Treatment,
    pub dose: f64,
}

/// An arm and what is given in its periods.
pub struct ArmPlan<'a> {
    pub code: &'a str,
    pub periods: Vec<Period<'a>>,
}

/// The whole plan.
pub struct Plan<'a> {
    pub definition: &'a Definition,
    pub subjects: usize,
    pub within_cv: f64,
    pub arms: Vec<ArmPlan<'a>>,
    seed: u64,
}

impl<'a> Plan<'a> {
    pub fn new(definition: &'a Definition, simulation: &Simulation) -> Result<Self, StudyError> {
        let arms: Vec<ArmPlan> = definition.arms.iter().map(|arm| arm_plan(definition, &arm.code)).collect();
        if arms.is_empty()
            || arms.iter().any(|a| a.periods.is_empty())
            || definition.schedule.blood_samples_h.is_empty()
        {
            return Err(StudyError::Text {
                file: "study.toml".to_owned(),
                message: "the simulator needs arms whose paths give a treatment with a dose, and planned blood samples"
                    .to_owned(),
                hint: "list [[arm]], [[cell]], [[visit]] with a period, and schedule.blood_samples_h".to_owned(),
            });
        }
        Ok(Self {
            definition,
            subjects: simulation.subjects,
            within_cv: simulation.within_cv,
            arms,
            seed: simulation.seed,
        })
    }

    /// A random stream of its own for a purpose and a subject.
    pub fn stream(&self, purpose: &str, unit: &str) -> Stream {
        Stream::new(self.seed, &self.definition.study.id, purpose, unit)
    }

    /// Arms in permuted blocks of twice their number.
    pub fn allocation(&self) -> Vec<usize> {
        let mut stream = self.stream("allocation", "");
        let mut list = Vec::new();
        while list.len() < self.subjects {
            let mut block: Vec<usize> = (0..self.arms.len()).chain(0..self.arms.len()).collect();
            stream.shuffle(&mut block);
            list.extend(block);
        }
        list.truncate(self.subjects);
        list
    }

    /// First dosing day: subjects come in groups of twelve, a day apart.
    pub fn first_day(&self, index: usize) -> Date {
        date(2026, 2, 2).saturating_add(((index / 12) as i64).days())
    }

    /// When the laboratory's results are imported.
    pub fn import_time(&self) -> DateTime {
        date(2026, 3, 5).at(10, 30, 0, 0)
    }

    /// When the record is locked.
    pub fn locked_at(&self) -> String {
        "2026-03-16T10:00:00Z".to_owned()
    }

    /// How a product behaves beside the reference: the last treatment listed.
    pub fn product(&self, treatment: &Treatment) -> Product {
        let reference = self.definition.treatments.last().is_some_and(|last| last.code == treatment.code);
        if reference || self.definition.study.kind != "bioequivalence" {
            Product { relative_bioavailability: 1.0, relative_absorption: 1.0 }
        } else {
            Product { relative_bioavailability: 0.97, relative_absorption: 1.12 }
        }
    }
}

fn arm_plan<'a>(definition: &'a Definition, code: &'a str) -> ArmPlan<'a> {
    let mut periods = Vec::new();
    let path = definition.cells.iter().filter(|c| c.arm == code).flat_map(|c| &c.path);
    for (epoch, element) in path.filter_map(|step| step.split_once(':')) {
        let element = definition.elements.iter().find(|e| e.code == element);
        let given = element.and_then(|e| e.treatment.as_deref());
        let treatment = definition.treatments.iter().find(|t| Some(t.code.as_str()) == given);
        let visit = definition.visits.iter().find(|v| v.epoch == epoch && v.period.is_some());
        let dose = treatment.and_then(|t| t.dose);
        if let (Some(treatment), Some(visit), Some(dose)) = (treatment, visit, dose) {
            periods.push(Period { visit: &visit.code, day: visit.day - 1, treatment, dose });
        }
    }
    ArmPlan { code, periods }
}

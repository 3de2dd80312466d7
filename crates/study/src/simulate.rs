//! What would a site record in such a study? A simulator, so that each template builds at once.
//!
//! It plays a study after its own `study.toml`: screening, randomisation in blocks, dosing, blood samples with their real
//! delays, vital signs, adverse events, a laboratory's results, corrections with a reason, a withdrawal, a missed sample.
//! What it writes is a snapshot as a lock writes it. Everything follows from the seed through named random streams:
//! the same seed gives the same bytes.

mod act;
mod clinic;
pub mod parallel;
mod plan;
mod profile;
mod recorder;

use crate::definition::{Definition, Simulation};
use crate::error::StudyError;
use crate::forms::Form;
use crate::snapshot::{Allocation, AuditEntry, Value};
pub use act::{Act, Field, acts};
use plan::Plan;
use recorder::Recorder;

/// The files of a simulated snapshot.
pub struct Simulated {
    /// `values.csv`
    pub values: Vec<Value>,
    /// `audit.csv`
    pub audit: Vec<AuditEntry>,
    /// Randomised subjects, without arms: of the kind [`parallel`] plays.
    pub allocations: Vec<Allocation>,
    /// When the record was locked, RFC 3339.
    pub locked_at: String,
}

/// The kind of study that [`parallel`] plays.
const PARALLEL: &str = "parallel";

/// Plays the study that `definition` describes, with the seed and size of its `simulation`; `forms` are those of its template.
pub fn simulate(definition: &Definition, forms: &[Form]) -> Result<Simulated, StudyError> {
    if definition.study.kind == PARALLEL {
        let simulation = simulation(definition)?;
        let mut recorder = Recorder::default();
        parallel::play(definition, forms, simulation.seed, simulation.subjects, &mut recorder);
        let (values, audit) = recorder.finish();
        let allocations = parallel::allocations(&values, &audit);
        return Ok(Simulated { values, audit, allocations, locked_at: parallel::LOCKED_AT.to_owned() });
    }
    let (plan, recorder) = played(definition)?;
    let (values, audit) = recorder.finish();
    Ok(Simulated { values, audit, allocations: Vec::new(), locked_at: plan.locked_at() })
}

fn simulation(definition: &Definition) -> Result<&Simulation, StudyError> {
    definition.study.simulation.as_ref().ok_or_else(|| StudyError::Text {
        file: "study.toml".to_owned(),
        message: "study.simulation is absent, so there is nothing to simulate".to_owned(),
        hint: "name a design, a seed and the number of subjects, as the templates do".to_owned(),
    })
}

fn played(definition: &Definition) -> Result<(Plan<'_>, Recorder), StudyError> {
    let simulation = simulation(definition)?;
    let plan = Plan::new(definition, simulation)?;
    let mut recorder = Recorder::default();
    clinic::play(&plan, &mut recorder);
    Ok((plan, recorder))
}

//! `croft power`: power and sample size.

mod be;
mod proportionality;
mod read;
mod two_stage;
mod type_one;

use crate::output::{Failure, Outcome};
use clap::Subcommand;
use croft_pk::power::PowerError;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    question: Question,
}

#[derive(Subcommand)]
enum Question {
    /// Bioequivalence: the power of a number of subjects, or the subjects that reach a power
    Be(be::Args),
    /// Type I error of a reference-scaled method, and the alpha that controls it
    Type1(type_one::Args),
    /// Two-stage designs (Potvin B and C): power, type I error, expected number of subjects
    TwoStage(two_stage::Args),
    /// Dose proportionality by the power model
    Proportionality(proportionality::Args),
}

pub fn run(args: Args, json: bool) -> Result<Outcome, Failure> {
    match args.question {
        Question::Be(args) => be::run(&args, json),
        Question::Type1(args) => type_one::run(&args, json),
        Question::TwoStage(args) => two_stage::run(&args, json),
        Question::Proportionality(args) => proportionality::run(&args, json),
    }
}

fn refused(error: PowerError) -> Failure {
    let hint = error.hint();
    Failure::misuse(error).hint(hint)
}

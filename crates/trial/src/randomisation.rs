//! Which arm does the next subject get, and what kind of allocation does that make?
//!
//! A [`Scheme`] is data: arms with their ratio, a [`Design`], the factors that make strata. [`Randomisation`] is the scheme proven; from it come
//!
//! - the **law**: the probability of each arm for the next subject given the allocations before ([`Rule`], [`Walk`]), of whole sequences, and
//!   the sequences that are possible;
//! - the **allocations**: [`Allocator`] draws them one after the other from a named stream of a [`Seed`], and continues from a history;
//!   [`List`] is what it gives for a number of subjects in each stratum, with a digest;
//! - **minimisation**, whose law depends on the subjects' factors too ([`minimisation`]);
//! - the **properties** by which a design is chosen ([`properties`]);
//! - what is wrong with a **given list** ([`verify`]).
//!
//! Arms are positions in the scheme's order here, codes in lists. Nothing here reads a file, a clock or randomness of its own; who
//! makes a list for a blinded trial keeps the seed where blinded people cannot see it.
//!
//! Two-arm designs of the literature speak of the difference D = N₁ − N₂. For any number of arms with ratio r this module uses the
//! range of counts per unit of ratio, max N/r − min N/r, which is |D| for two equal arms.

mod allocator;
mod design;
mod error;
mod law;
mod list;
pub mod minimisation;
pub mod properties;
mod read_list;
mod scheme;
pub mod verify;
mod walk;

pub use allocator::{Allocation, Allocator, BlockPlace, Seed};
pub use design::{Design, Share};
pub use error::RandomisationError;
pub use law::{Block, Rule};
pub use list::{Length, List, Slot};
pub use read_list::{GivenList, GivenRow, ListError};
pub use scheme::{Arm, Factor, Randomisation, Scheme, Stratum, StratumDesign};
pub use walk::{Sequence, Walk, next_arm, sequence_ln_probability, sequence_probability, sequences};

/// Which arm a draw falls on: the first whose cumulated probability exceeds it. An arm of probability zero is never chosen.
/// `draw` lies in (0, 1).
pub(crate) fn choose(probabilities: &[f64], draw: f64) -> usize {
    let mut cumulated = 0.0;
    let mut last = 0;
    for (arm, &p) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        cumulated += p;
        last = arm;
        if draw < cumulated {
            return arm;
        }
    }
    // the sum of the probabilities may round to just below 1
    last
}

//! Simulated studies in fixed blocks, each with a random stream of its own.
//!
//! A study of complete data is judged by a handful of statistics whose distributions are known: the estimated
//! difference (normal) and estimated variances (chi-squared). Drawing these instead of subjects makes a million
//! studies a matter of milliseconds (Zheng C, Wang J, Zhao L (2012) *Pharm Stat* 11:265).
//!
//! Block `b` of a run uses the stream named by seed and `b`; its counts are whole numbers and are added. So a run
//! gives the same numbers with any number of threads.

use super::error::PowerError;
use croft_num::random::Stream;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which joint distribution the simulated statistics of an analysis of variance have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statistics {
    /// The distributions used by PowerTOST, which planning tables and published sample sizes rest on: the residual
    /// variance is drawn from within-subject variances of test and reference drawn apart (2x3x3), or is the mean of
    /// that and of an independent chi-squared (2x2x3, 2x2x4). Its author calls this an empirical approximation.
    #[default]
    KeyStatistics,
    /// The exact distribution of the least-squares analysis of complete data, also with different variances of test
    /// and reference and unequal sequences. Three times slower.
    Exact,
}

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// simulated studies
    pub simulations: u64,
    /// names the random streams; the same seed gives the same numbers
    pub seed: u64,
    /// threads to use; all that the machine has when `None`. Changes no number.
    pub threads: Option<NonZeroUsize>,
}

impl Effort {
    /// Simulated studies for a power: standard error at most 0.0016.
    pub const FOR_POWER: u64 = 100_000;
    /// Simulated studies for a type I error: standard error 0.0002 at 0.05.
    pub const FOR_TYPE_ONE_ERROR: u64 = 1_000_000;
    /// The seed when none is given.
    pub const SEED: u64 = 123_456;

    /// This many simulations with the usual seed.
    pub fn new(simulations: u64) -> Self {
        Self { simulations, seed: Self::SEED, threads: None }
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self::new(Self::FOR_POWER)
    }
}

/// Studies simulated with one random stream.
const BLOCK: u64 = 8192;

/// Counts kept by a simulation.
pub(crate) trait Tally: Default + Send {
    /// Adds the counts of another block. Whole numbers only: the order of blocks must not matter.
    fn add(&mut self, other: &Self);
}

/// Runs `block(stream, studies)` over all blocks and adds their tallies.
pub(crate) fn simulate<T: Tally>(
    effort: &Effort,
    purpose: &str,
    block: impl Fn(&mut Stream, u64) -> T + Sync,
) -> Result<T, PowerError> {
    if effort.simulations == 0 {
        return Err(PowerError::NotPositive { what: "the number of simulations", value: 0.0 });
    }
    let blocks = effort.simulations.div_ceil(BLOCK);
    let next = AtomicU64::new(0);
    let work = || {
        let mut sum = T::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= blocks {
                return sum;
            }
            let studies = BLOCK.min(effort.simulations - index * BLOCK);
            let mut stream = Stream::new(effort.seed, "power", purpose, &index.to_string());
            sum.add(&block(&mut stream, studies));
        }
    };
    let threads = threads(effort, blocks);
    if threads == 1 {
        return Ok(work());
    }
    Ok(std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut sum = work();
        for other in others {
            match other.join() {
                Ok(tally) => sum.add(&tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        sum
    }))
}

fn threads(effort: &Effort, blocks: u64) -> usize {
    let wanted = effort.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    wanted.min(usize::try_from(blocks).unwrap_or(usize::MAX)).max(1)
}

//! Drawing allocations from a seed, one after the other.
//!
//! Each stratum has two streams of random numbers (`croft_num::random`), named by study, version and stratum:
//! ```text
//! Stream::from_secret(seed, study, "randomisation VERSION arms",    stratum)     the n-th uniform number is the draw of the n-th subject
//! Stream::from_secret(seed, study, "randomisation VERSION lengths", stratum)     the n-th is that of the n-th block whose length is drawn
//! ```
//! So a list is the beginning of every longer one, no stratum depends on another, and the draw of a subject does not depend on how the
//! subjects before came to their arms.

use super::choose;
use super::error::RandomisationError;
use super::law::{Block, Rule};
use super::minimisation::{Minimiser, Subject};
use super::scheme::{Randomisation, Scheme};
use croft_num::random::Stream;
use data_encoding::HEXLOWER_PERMISSIVE;

/// 256 random bits from which all of a scheme's draws follow. Who knows them knows the lists: `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of these bytes, which must come from a source of randomness.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits; blanks around them do not count.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, RandomisationError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| RandomisationError::Seed)?;
        bytes.try_into().map(Self).map_err(|_| RandomisationError::Seed)
    }

    /// The seed as 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        HEXLOWER_PERMISSIVE.encode(&self.0)
    }

    fn stream(&self, scheme: &Scheme, what: &str, stratum: &str) -> Stream {
        Stream::from_secret(&self.0, &scheme.study, &format!("randomisation {} {what}", scheme.version), stratum)
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(not shown)")
    }
}

/// Where a subject stands in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPlace {
    /// The block's number in its stratum, from 1.
    pub number: u32,
    /// Subjects that it takes.
    pub length: u32,
}

/// One allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    /// The subject's number in the stratum, from 1.
    pub number: u32,
    /// The arm, by position.
    pub arm: usize,
    /// Its probability given what was allocated before, and the block at hand.
    pub probability: f64,
    /// Its block, for designs in blocks.
    pub block: Option<BlockPlace>,
}

/// Allocates the subjects of one stratum. One allocation costs one step an arm.
#[derive(Clone, Debug)]
pub struct Allocator<'r> {
    rule: &'r Rule,
    counts: Vec<u32>,
    law: Vec<f64>,
    block: Option<Block>,
    place: BlockPlace,
    arms: Stream,
    lengths: Stream,
}

impl<'r> Allocator<'r> {
    pub(crate) fn new(rule: &'r Rule, arms: Stream, lengths: Stream) -> Self {
        Self {
            rule,
            counts: vec![0; rule.arms()],
            law: vec![0.0; rule.arms()],
            block: None,
            place: BlockPlace { number: 0, length: 0 },
            arms,
            lengths,
        }
    }

    /// The law of the allocation that was made last.
    pub(crate) fn law(&self) -> &[f64] {
        &self.law
    }

    /// Draws the next subject's arm.
    ///
    /// # Errors
    /// When the design has ended.
    pub fn allocate(&mut self) -> Result<Allocation, RandomisationError> {
        self.look()?;
        let draw = self.arms.uniform();
        let arm = choose(&self.law, draw);
        Ok(self.settle(arm))
    }

    /// Takes over an allocation that was made, and passes over its draw.
    ///
    /// # Errors
    /// When the design could not have given the arm, or has ended.
    pub fn replay(&mut self, arm: usize) -> Result<Allocation, RandomisationError> {
        self.look()?;
        match self.law.get(arm) {
            None => return Err(RandomisationError::UnknownArm { arm, arms: self.law.len() }),
            Some(p) if *p <= 0.0 => {
                return Err(RandomisationError::Impossible { subject: self.subjects() as usize + 1 });
            }
            Some(_) => {}
        }
        self.arms.uniform();
        Ok(self.settle(arm))
    }

    /// How many subjects are allocated.
    pub fn subjects(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Whether a block is begun and not full.
    pub fn within_block(&self) -> bool {
        self.block.as_ref().is_some_and(|block| block.held() > 0 && !block.is_full())
    }

    /// Opens a block where one is due, and forms the law.
    fn look(&mut self) -> Result<(), RandomisationError> {
        let ended = RandomisationError::Exhausted { subjects: self.subjects() as usize };
        if self.block.as_ref().is_none_or(Block::is_full)
            && let Some(next) = self.rule.openings(self.block.as_ref())
        {
            let at = match next.len() {
                0 => return Err(ended),
                1 => 0,
                _ => choose(&next.iter().map(|(_, p)| *p).collect::<Vec<_>>(), self.lengths.uniform()),
            };
            self.block = next.into_iter().nth(at).map(|(block, _)| block);
            self.place.number += 1;
            self.place.length = self.block.as_ref().map_or(0, |block| block.length);
        }
        let block = self.block.as_ref().map(|block| (block.length, block.filled.as_slice()));
        self.rule.law(&self.counts, block, &mut self.law);
        if self.law.iter().any(|&p| p > 0.0) {
            return Ok(());
        }
        Err(match self.rule.design() {
            super::Design::Minimisation(_) => RandomisationError::NeedsSubjects,
            _ => ended,
        })
    }

    fn settle(&mut self, arm: usize) -> Allocation {
        let probability = self.law.get(arm).copied().unwrap_or(0.0);
        if let Some(count) = self.counts.get_mut(arm) {
            *count += 1;
        }
        self.block = self.block.take().map(|block| block.with(arm));
        let block = self.block.is_some().then_some(self.place);
        Allocation { number: self.subjects(), arm, probability, block }
    }
}

impl Randomisation {
    /// Allocates the subjects of a stratum from its first.
    ///
    /// # Errors
    /// When there is no such stratum.
    pub fn allocator(&self, seed: &Seed, stratum: &str) -> Result<Allocator<'_>, RandomisationError> {
        let rule = &self.stratum(stratum)?.rule;
        let stream = |what| seed.stream(self.scheme(), what, stratum);
        Ok(Allocator::new(rule, stream("arms"), stream("lengths")))
    }

    /// The next allocation of a stratum given its allocations so far: where they came from the same seed, the next line of its list.
    /// Costs one step a subject and arm; who allocates many keeps the [`Allocator`].
    ///
    /// # Errors
    /// When there is no such stratum, the design could not have made the history, or it has ended; for minimisation see [`Self::minimise`].
    pub fn next(&self, seed: &Seed, stratum: &str, history: &[usize]) -> Result<Allocation, RandomisationError> {
        let mut allocator = self.allocator(seed, stratum)?;
        for &arm in history {
            allocator.replay(arm)?;
        }
        allocator.allocate()
    }

    /// The next allocation of a stratum by minimisation, given its subjects so far and the levels of the next one's factors. Costs one step a
    /// subject and factor.
    ///
    /// # Errors
    /// When there is no such stratum or level, or the stratum's design is another.
    pub fn minimise(
        &self,
        seed: &Seed,
        stratum: &str,
        history: &[Subject],
        levels: &[usize],
    ) -> Result<Allocation, RandomisationError> {
        let minimiser = Minimiser::new(&self.stratum(stratum)?.rule)?;
        let tally = minimiser.tally(history)?;
        let law = minimiser.probabilities(&tally, levels)?;
        let mut stream = seed.stream(self.scheme(), "arms", stratum);
        for _ in history {
            stream.uniform();
        }
        let arm = choose(&law, stream.uniform());
        let number = u32::try_from(history.len() + 1).unwrap_or(u32::MAX);
        Ok(Allocation { number, arm, probability: law.get(arm).copied().unwrap_or(0.0), block: None })
    }
}

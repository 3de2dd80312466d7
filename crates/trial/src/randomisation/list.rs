//! Lists: the allocations of a number of subjects in each stratum, with a digest by which a list is known again.
//!
//! The digest is SHA-256 of these lines, each ended by a line feed, cells parted by tabs:
//! ```text
//! croft randomisation list 1
//! the scheme as JSON (Scheme::canonical)
//! stratum  number  block  block length  arm         for each slot; block and length are empty where the design has none
//! ```

use super::allocator::{BlockPlace, Seed};
use super::error::RandomisationError;
use super::scheme::Randomisation;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The most slots of a list.
const MOST_SLOTS: u64 = 10_000_000;

/// How long the list of each stratum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many subjects, even where that cuts the last block.
    Exactly(u32),
    /// So many subjects, and then to the end of the block.
    WholeBlocks(u32),
}

impl Length {
    fn subjects(self) -> u32 {
        match self {
            Self::Exactly(subjects) | Self::WholeBlocks(subjects) => subjects,
        }
    }
}

/// One place of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its stratum.
    pub stratum: String,
    /// Its number in the stratum, from 1.
    pub number: u32,
    /// Its block, for designs in blocks.
    pub block: Option<BlockPlace>,
    /// The arm's code.
    pub arm: String,
}

/// A randomisation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The scheme as JSON.
    pub scheme: String,
    /// Its places, stratum by stratum.
    pub slots: Vec<Slot>,
}

impl List {
    /// Makes the list of a seed; the same scheme and seed always make the same one. 10,000 slots take about a millisecond.
    ///
    /// # Errors
    /// When a design ends before so many subjects, for minimisation, and for more than ten million slots.
    pub fn make(randomisation: &Randomisation, seed: &Seed, length: Length) -> Result<Self, RandomisationError> {
        let asked = u64::from(length.subjects()) * randomisation.strata().len() as u64;
        if asked > MOST_SLOTS {
            return Err(RandomisationError::TooLarge { what: "the number of slots", asked, most: MOST_SLOTS });
        }
        let mut slots = Vec::with_capacity(asked as usize);
        for stratum in randomisation.strata() {
            let mut allocator = randomisation.allocator(seed, &stratum.name)?;
            let whole = matches!(length, Length::WholeBlocks(_));
            while allocator.subjects() < length.subjects() || whole && allocator.within_block() {
                let next = allocator.allocate()?;
                let (stratum, arm) = (stratum.name.clone(), randomisation.code(next.arm).to_owned());
                slots.push(Slot { stratum, number: next.number, block: next.block, arm });
            }
        }
        Ok(Self { scheme: randomisation.scheme().canonical(), slots })
    }

    /// SHA-256 of the list, in hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("croft randomisation list 1\n{}\n", self.scheme));
        for slot in &self.slots {
            let (block, length) = block_cells(slot);
            hash.update(format!("{}\t{}\t{block}\t{length}\t{}\n", slot.stratum, slot.number, slot.arm));
        }
        HEXLOWER.encode(&hash.finalize())
    }

    /// The list as CSV: `stratum,number,block,block_length,arm`.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        // writing to memory cannot fail
        let _ = writer.write_record(["stratum", "number", "block", "block_length", "arm"]);
        for slot in &self.slots {
            let (block, length) = block_cells(slot);
            let _ = writer.write_record([&slot.stratum, &slot.number.to_string(), &block, &length, &slot.arm]);
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn block_cells(slot: &Slot) -> (String, String) {
    slot.block.map_or_else(Default::default, |block| (block.number.to_string(), block.length.to_string()))
}

//! What is wrong with a given list?
//!
//! Blocks: rows of one block stand together, are as many as its length says, and hold each arm in the ratio; the last block of a stratum
//! may be cut, and is told as a remark. With a scheme also: arms and strata are the scheme's, block lengths are those that the design has,
//! in its order, and where rows name no blocks, the sequence is one that the design can make.

use super::allocator::Seed;
use super::design::Design;
use super::error::RandomisationError;
use super::read_list::{GivenList, GivenRow};
use super::scheme::Randomisation;
use super::walk::Walk;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row where it shows.
    pub row: usize,
    /// The stratum; empty where the list has none.
    pub stratum: String,
    /// What it is.
    pub what: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A block whose arms are not in the ratio.
    #[error("block {block} is not balanced: {}", counts_text(counts))]
    Unbalanced {
        /// the block
        block: String,
        /// subjects by arm, in the order of the arms
        counts: Vec<(String, u32)>,
    },
    /// A block with fewer rows than its length, not the last of its stratum.
    #[error("block {block} has {rows} rows of {length}, and another block follows")]
    Short {
        /// the block
        block: String,
        /// how many rows
        rows: u32,
        /// its length
        length: u32,
    },
    /// The last block of a stratum has fewer rows than its length: a remark.
    #[error("the last block, {block}, is cut after {rows} of {length} rows")]
    Cut {
        /// the block
        block: String,
        /// how many rows
        rows: u32,
        /// its length
        length: u32,
    },
    /// A block with more rows than its length.
    #[error("block {block} has {rows} rows, its length is {length}")]
    Long {
        /// the block
        block: String,
        /// how many rows
        rows: u32,
        /// its length
        length: u32,
    },
    /// Rows of a block state different lengths.
    #[error("block {block} states different lengths: {first} and {second}")]
    TwoLengths {
        /// the block
        block: String,
        /// one
        first: u32,
        /// the other
        second: u32,
    },
    /// Rows of a block do not stand together.
    #[error("block {block} begins a second time")]
    Apart {
        /// the block
        block: String,
    },
    /// A block without a length that can be known.
    #[error("block {block} has {length} rows, which is no length of the scheme here")]
    LengthOutside {
        /// the block
        block: String,
        /// its length
        length: u32,
    },
    /// A row without a block among rows with one.
    #[error("the row names no block, others do")]
    NoBlock,
    /// A number that does not follow the one before.
    #[error("the number is {number}, {expected} is due")]
    Number {
        /// what is written
        number: u32,
        /// what should be
        expected: u32,
    },
    /// An arm that the scheme does not have.
    #[error("`{arm}` is no arm of the scheme")]
    UnknownArm {
        /// what is written
        arm: String,
    },
    /// A stratum that the scheme does not have.
    #[error("`{stratum}` is no stratum of the scheme")]
    UnknownStratum {
        /// what is written
        stratum: String,
    },
    /// An arm that the design could not give there.
    #[error("the design could not give `{arm}` to subject {number}")]
    Impossible {
        /// the arm
        arm: String,
        /// the subject's number in the stratum
        number: usize,
    },
    /// Another arm than the seed gives.
    #[error("the arm is `{arm}`, the seed gives `{made}`")]
    NotOfSeed {
        /// what is written
        arm: String,
        /// what is made
        made: String,
    },
    /// More rows than the design has subjects.
    #[error("the design ends after {subjects} subjects")]
    Beyond {
        /// how many
        subjects: usize,
    },
}

fn counts_text(counts: &[(String, u32)]) -> String {
    counts.iter().map(|(arm, n)| format!("{arm} {n}")).collect::<Vec<_>>().join(", ")
}

impl Finding {
    /// Whether it is a remark only: nothing is wrong, but it should be known.
    pub fn is_remark(&self) -> bool {
        matches!(self.what, Wrong::Cut { .. })
    }
}

/// What was seen and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Rows read.
    pub rows: usize,
    /// Strata seen.
    pub strata: usize,
    /// Blocks by their length; empty where the list names none.
    pub blocks: BTreeMap<u32, usize>,
    /// Subjects by arm.
    pub arms: BTreeMap<String, usize>,
    /// What is wrong, in the order of the rows.
    pub findings: Vec<Finding>,
}

/// Verifies the blocks of a list without a scheme: arms are those of the list, in equal shares.
pub fn verify_blocks(list: &GivenList) -> Verification {
    let arms: BTreeSet<&str> = list.rows.iter().map(|row| row.arm.as_str()).collect();
    let arms = arms.into_iter().map(|code| (code.to_owned(), 1)).collect();
    verify_with(list, &Expected { arms, randomisation: None })
}

/// Verifies a list against its scheme.
pub fn verify(list: &GivenList, randomisation: &Randomisation) -> Verification {
    let arms = randomisation.scheme().arms.iter().map(|arm| (arm.code.clone(), arm.ratio)).collect();
    verify_with(list, &Expected { arms, randomisation: Some(randomisation) })
}

/// Holds a list against what its seed gives, in each stratum that the scheme has: the first row of each that differs.
///
/// # Errors
/// For a scheme by minimisation.
pub fn verify_seed(
    list: &GivenList,
    randomisation: &Randomisation,
    seed: &Seed,
) -> Result<Vec<Finding>, RandomisationError> {
    let mut findings = Vec::new();
    for stratum in randomisation.strata() {
        let mut allocator = randomisation.allocator(seed, &stratum.name)?;
        for row in list.rows.iter().filter(|row| row.stratum == stratum.name) {
            let what = match allocator.allocate() {
                Ok(made) if randomisation.code(made.arm) == row.arm => continue,
                Ok(made) => Wrong::NotOfSeed { arm: row.arm.clone(), made: randomisation.code(made.arm).to_owned() },
                Err(RandomisationError::Exhausted { subjects }) => Wrong::Beyond { subjects },
                Err(error) => return Err(error),
            };
            findings.push(Finding { row: row.row, stratum: stratum.name.clone(), what });
            break;
        }
    }
    Ok(findings)
}

struct Expected<'a> {
    /// Codes with their ratio.
    arms: Vec<(String, u32)>,
    randomisation: Option<&'a Randomisation>,
}

/// Rows of one block.
struct Gathered<'a> {
    name: &'a str,
    rows: Vec<&'a GivenRow>,
}

fn verify_with(list: &GivenList, expected: &Expected<'_>) -> Verification {
    let mut strata: BTreeMap<&str, Vec<&GivenRow>> = BTreeMap::new();
    let mut arms: BTreeMap<String, usize> = BTreeMap::new();
    for row in &list.rows {
        strata.entry(&row.stratum).or_default().push(row);
        *arms.entry(row.arm.clone()).or_default() += 1;
    }
    let mut seen = Verification {
        rows: list.rows.len(),
        strata: strata.len(),
        blocks: BTreeMap::new(),
        arms,
        findings: Vec::new(),
    };
    for (stratum, rows) in &strata {
        let findings = &mut seen.findings;
        let mut told = |row: usize, what: Wrong| {
            findings.push(Finding { row, stratum: (*stratum).to_owned(), what });
        };
        numbers(rows, &mut told);
        for row in rows.iter().filter(|row| !expected.arms.iter().any(|(code, _)| *code == row.arm)) {
            told(row.row, Wrong::UnknownArm { arm: row.arm.clone() });
        }
        let rule = expected.randomisation.map(|randomisation| randomisation.stratum(stratum));
        if let (Some(Err(_)), Some(first)) = (&rule, rows.first()) {
            told(first.row, Wrong::UnknownStratum { stratum: (*stratum).to_owned() });
        }
        let rule = rule.and_then(Result::ok).map(|stratum| &*stratum.rule);
        if rows.iter().any(|row| row.block.is_some()) {
            let blocks = gather(rows, &mut told);
            for (at, block) in blocks.iter().enumerate() {
                let length = check_block(block, at + 1 == blocks.len(), expected, &mut told);
                *seen.blocks.entry(length).or_default() += 1;
                if let (Some(rule), Some(first)) = (rule, block.rows.first())
                    && !length_fits(rule.design(), at, length)
                {
                    told(first.row, Wrong::LengthOutside { block: block.name.to_owned(), length });
                }
            }
        }
        if let Some(rule) = rule
            && (rows.iter().all(|row| row.block.is_none()) || rule.openings(None).is_none())
        {
            walk(rule, rows, expected, &mut told);
        }
    }
    seen.findings.sort_by_key(|finding| finding.row);
    seen
}

/// Numbers, where they are written, count the rows of the stratum.
fn numbers(rows: &[&GivenRow], told: &mut dyn FnMut(usize, Wrong)) {
    let mut expected = 1;
    for row in rows {
        if let Some(number) = row.number
            && number != expected
        {
            told(row.row, Wrong::Number { number, expected });
        }
        // after a gap go on from what is written: one finding, not one for each row behind it
        expected = row.number.unwrap_or(expected).saturating_add(1);
    }
}

/// The blocks of a stratum in order. A block that begins again is told, and its rows go to where it began.
fn gather<'a>(rows: &[&'a GivenRow], told: &mut dyn FnMut(usize, Wrong)) -> Vec<Gathered<'a>> {
    let mut blocks: Vec<Gathered<'a>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last: Option<&str> = None;
    for row in rows {
        let Some(name) = row.block.as_deref() else {
            told(row.row, Wrong::NoBlock);
            continue;
        };
        let place = *places.entry(name).or_insert_with(|| {
            blocks.push(Gathered { name, rows: Vec::new() });
            blocks.len() - 1
        });
        let Some(block) = blocks.get_mut(place) else { continue };
        if last != Some(name) && !block.rows.is_empty() {
            told(row.row, Wrong::Apart { block: name.to_owned() });
        }
        block.rows.push(row);
        last = Some(name);
    }
    blocks
}

/// Length and balance of a block; gives its length.
fn check_block(
    block: &Gathered<'_>,
    is_last: bool,
    expected: &Expected<'_>,
    told: &mut dyn FnMut(usize, Wrong),
) -> u32 {
    let rows = u32::try_from(block.rows.len()).unwrap_or(u32::MAX);
    let (name, first_row) = (block.name.to_owned(), block.rows.first().map_or(0, |row| row.row));
    let mut stated = block.rows.iter().filter_map(|row| row.block_length.map(|length| (row.row, length)));
    let length = stated.next().map_or(rows, |(_, length)| length);
    if let Some((row, second)) = stated.find(|(_, other)| *other != length) {
        told(row, Wrong::TwoLengths { block: name, first: length, second });
        return length;
    }
    match rows.cmp(&length) {
        std::cmp::Ordering::Greater => told(first_row, Wrong::Long { block: name.clone(), rows, length }),
        std::cmp::Ordering::Less if is_last => told(first_row, Wrong::Cut { block: name.clone(), rows, length }),
        std::cmp::Ordering::Less => told(first_row, Wrong::Short { block: name.clone(), rows, length }),
        std::cmp::Ordering::Equal => {}
    }
    let count = |code: &String| block.rows.iter().filter(|row| row.arm == *code).count() as u32;
    let counts: Vec<(String, u32)> = expected.arms.iter().map(|(code, _)| (code.clone(), count(code))).collect();
    let unit: u64 = expected.arms.iter().map(|(_, ratio)| u64::from(*ratio)).sum();
    let off = expected.arms.iter().zip(&counts).any(|((_, ratio), (_, n))| {
        let (n, due) = (u64::from(*n) * unit, u64::from(length) * u64::from(*ratio));
        if rows < length { n > due } else { n != due }
    });
    if off && rows <= length {
        told(first_row, Wrong::Unbalanced { block: name, counts });
    }
    length
}

/// Whether a design can have a block of this length in this place.
fn length_fits(design: &Design, at: usize, length: u32) -> bool {
    match design {
        Design::PermutedBlock { lengths } | Design::TruncatedBinomial { lengths } => {
            lengths.get(at % lengths.len().max(1)) == Some(&length)
        }
        Design::RandomBlock { lengths, .. } => lengths.contains(&length),
        Design::RandomAllocation { subjects } => at == 0 && length == *subjects,
        // the design has no blocks: what the list calls blocks is its own affair
        _ => true,
    }
}

/// Follows the rows with the law, to the first that cannot be.
fn walk(rule: &super::Rule, rows: &[&GivenRow], expected: &Expected<'_>, told: &mut dyn FnMut(usize, Wrong)) {
    let mut walk = Walk::new(rule);
    for (at, row) in rows.iter().enumerate() {
        let Some(arm) = expected.arms.iter().position(|(code, _)| *code == row.arm) else { return };
        match walk.take(arm) {
            Ok(_) => {}
            Err(RandomisationError::Exhausted { subjects }) => return told(row.row, Wrong::Beyond { subjects }),
            Err(RandomisationError::Impossible { .. }) => {
                return told(row.row, Wrong::Impossible { arm: row.arm.clone(), number: at + 1 });
            }
            // minimisation: without the subjects' factors nothing can be said
            Err(_) => return,
        }
    }
}

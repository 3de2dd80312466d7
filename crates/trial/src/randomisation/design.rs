//! The designs, as data.
//!
//! N₁, N₂, … are the subjects allocated so far, n their sum, D = N₁ − N₂, r the ratio and R its sum.
//!
//! | design | probability of arm k for the next subject | source |
//! |---|---|---|
//! | simple | r_k / R | |
//! | permuted block | places left for k in the block / places left in the block | Zelen 1974, J Chronic Dis 27:365–375 |
//! | random block | as permuted block, each block's length drawn | |
//! | random allocation | one permuted block of all subjects | Lachin 1988, Control Clin Trials 9:289–311 |
//! | truncated binomial | ½ until one arm is full, then the other; in blocks | Blackwell & Hodges 1957, Ann Math Statist 28:449–460 |
//! | biased coin | p for the smaller arm, ½ when D = 0 | Efron 1971, Biometrika 58:403–417 |
//! | tolerance coin | as biased coin, and the smaller arm for certain when \|D\| = b | Chen 1999, Comm Statist Stochastic Models 15:953–975 |
//! | urn | (α + β·(n − N_k)) / (K·α + (K − 1)·β·n) | Wei 1977, JASA 72:382–386; 1978, Ann Statist 6:92–100 |
//! | big stick | ½, and the smaller arm for certain when \|D\| = b | Soares & Wu 1983, Comm Statist A 12:2017–2034 |
//! | maximal procedure | each sequence with \|D\| ≤ b throughout and D = 0 at the end has the same probability | Berger, Ivanova & Knoll 2003, Stat Med 22:3017–3028 |
//! | minimisation | p for the arm that leaves the least imbalance over the subject's factors | Pocock & Simon 1975, Biometrics 31:103–115 |

use super::error::RandomisationError;
use super::minimisation::Minimisation;
use serde::{Deserialize, Deserializer, Serialize};

/// How the next subject's arm is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Design {
    /// Complete randomisation: independent draws by the ratio. Any arms, any ratio.
    Simple {},
    /// Blocks of these lengths, in this order and then again from the first. Any arms, any ratio; each length a multiple of the ratio's sum.
    PermutedBlock {
        /// Subjects in each block.
        lengths: Vec<u32>,
    },
    /// Blocks whose length is drawn for each anew. Any arms, any ratio; each length a multiple of the ratio's sum.
    RandomBlock {
        /// Subjects in a block, the lengths that are drawn from.
        lengths: Vec<u32>,
        /// How often each length is drawn, in any unit; all alike where none are given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weights: Vec<f64>,
    },
    /// Random allocation rule: all orders of a fixed number by arm are alike. Any arms, any ratio. Ends after these subjects.
    RandomAllocation {
        /// Subjects in a stratum, a multiple of the ratio's sum.
        subjects: u32,
    },
    /// Truncated binomial: a fair coin until one arm is full. Two arms, equal. In blocks of these lengths, in this order and then again.
    TruncatedBinomial {
        /// Subjects in each block, even numbers.
        lengths: Vec<u32>,
    },
    /// Efron's biased coin. Two arms, equal.
    BiasedCoin {
        /// Probability of the arm with fewer subjects, ½ to 1; Efron recommends 2/3.
        #[serde(deserialize_with = "fraction")]
        probability: f64,
    },
    /// Chen's biased coin with imbalance tolerance. Two arms, equal. With probability ½ it is the big stick, with a large tolerance Efron's coin.
    ToleranceCoin {
        /// Probability of the arm with fewer subjects, ½ to 1.
        #[serde(deserialize_with = "fraction")]
        probability: f64,
        /// Largest |D|.
        tolerance: u32,
    },
    /// Wei's urn UD(α, β): α balls of each arm; a ball drawn is put back with β of each other arm. Any number of arms, equal.
    Urn {
        /// α, balls of each arm at the beginning; with none the first draw is fair.
        initial: u32,
        /// β, balls of each other arm added after a draw.
        added: u32,
    },
    /// Big stick: a fair coin, but no |D| above the tolerance. Two arms, equal.
    BigStick {
        /// Largest |D|.
        tolerance: u32,
    },
    /// Maximal procedure with balance at the end. Two arms, equal. Ends after these subjects.
    MaximalProcedure {
        /// Subjects in a stratum, an even number.
        subjects: u32,
        /// Largest |D|.
        tolerance: u32,
    },
    /// Pocock and Simon's minimisation. Any arms, any ratio.
    Minimisation(Minimisation),
}

impl Design {
    /// Reads a design written in one line: its kind, then its settings: `big_stick, tolerance = 3`.
    ///
    /// # Errors
    /// When the text is no design; whether it makes sense for some arms says [`super::Rule::new`].
    pub fn from_line(text: &str) -> Result<Self, RandomisationError> {
        #[derive(Deserialize)]
        struct Line {
            design: Design,
        }
        let (kind, settings) = text.split_once(',').unwrap_or((text, ""));
        let kind = kind.trim().replace('-', "_");
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(RandomisationError::Text { message: format!("`{kind}` is no kind of design") });
        }
        toml::from_str::<Line>(&format!("design = {{ kind = \"{kind}\", {settings} }}"))
            .map(|line| line.design)
            .map_err(|error| RandomisationError::Text { message: format!("`{text}`: {}", error.message()) })
    }

    /// Its name in sentences.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simple {} => "simple randomisation",
            Self::PermutedBlock { .. } => "permuted blocks",
            Self::RandomBlock { .. } => "permuted blocks of random length",
            Self::RandomAllocation { .. } => "random allocation rule",
            Self::TruncatedBinomial { .. } => "truncated binomial",
            Self::BiasedCoin { .. } => "Efron's biased coin",
            Self::ToleranceCoin { .. } => "Chen's biased coin with imbalance tolerance",
            Self::Urn { .. } => "Wei's urn",
            Self::BigStick { .. } => "big stick",
            Self::MaximalProcedure { .. } => "maximal procedure",
            Self::Minimisation(_) => "minimisation",
        }
    }

    /// Its settings, as a short sentence writes them: `lengths 2, 4`.
    pub fn settings(&self) -> String {
        let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Simple {} => String::new(),
            Self::PermutedBlock { lengths } | Self::TruncatedBinomial { lengths } => {
                format!("lengths {}", list(lengths))
            }
            Self::RandomBlock { lengths, weights } if weights.is_empty() => format!("lengths {}", list(lengths)),
            Self::RandomBlock { lengths, weights } => {
                let weights: Vec<String> = weights.iter().map(f64::to_string).collect();
                format!("lengths {}, weights {}", list(lengths), weights.join(", "))
            }
            Self::RandomAllocation { subjects } => format!("{subjects} subjects"),
            Self::BiasedCoin { probability } => format!("p {probability:.4}"),
            Self::ToleranceCoin { probability, tolerance } => format!("p {probability:.4}, tolerance {tolerance}"),
            Self::Urn { initial, added } => format!("initial {initial}, added {added}"),
            Self::BigStick { tolerance } => format!("tolerance {tolerance}"),
            Self::MaximalProcedure { subjects, tolerance } => format!("{subjects} subjects, tolerance {tolerance}"),
            Self::Minimisation(minimisation) => minimisation.settings(),
        }
    }

    /// How many subjects a stratum can have; `None` where there is no end.
    pub fn most_subjects(&self) -> Option<u32> {
        match self {
            Self::RandomAllocation { subjects } | Self::MaximalProcedure { subjects, .. } => Some(*subjects),
            _ => None,
        }
    }
}

/// How arms that are alike share a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// Each the same.
    #[default]
    Equal,
    /// By the ratio of the arms.
    Ratio,
}

/// A probability as a number, or as a fraction in quotes: `"2/3"`.
pub(super) fn fraction<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    match Written::deserialize(from)? {
        Written::Number(number) => Ok(number),
        Written::Text(text) => text
            .split_once('/')
            .and_then(|(a, b)| {
                Some(f64::from(a.trim().parse::<u32>().ok()?) / f64::from(b.trim().parse::<u32>().ok()?))
            })
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no probability; write 0.75 or \"2/3\""))),
    }
}

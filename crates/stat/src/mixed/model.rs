//! What is given: subjects' responses and design, gathered into patterns.

use croft_num::linalg::{DMatrix, DVector};
use std::collections::BTreeMap;

/// How the random effects of a subject vary together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covariance {
    /// Independent, a variance each.
    Diagonal,
    /// A variance each and a covariance for each pair: SAS `FA0(q)` and `UN`; for two effects also heterogeneous compound symmetry (`CSH`).
    Unstructured,
}

/// One subject: its responses and the rows of its design.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Responses.
    pub response: Vec<f64>,
    /// Rows of X, one a response.
    pub fixed: Vec<Vec<f64>>,
    /// Rows of Z, one a response.
    pub random: Vec<Vec<f64>>,
    /// Residual group of each response, numbered from 0.
    pub residual_group: Vec<usize>,
}

/// Why a mixed model cannot be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MixedError {
    /// There are no responses.
    #[error("no responses")]
    Empty,
    /// A subject's rows have another length than those of the first.
    #[error("subject {subject} has {found} {what} in a row where {expected} were expected")]
    Shape {
        /// Position of the subject.
        subject: usize,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A column of X is explained by the columns before it.
    #[error("fixed effect {column} is a combination of those before it")]
    FixedRank {
        /// Position of the column.
        column: usize,
    },
    /// Too few responses for the effects.
    #[error("{responses} responses leave nothing to estimate variances from, with {fixed} fixed effects")]
    NoResidual {
        /// Responses.
        responses: usize,
        /// Fixed effects.
        fixed: usize,
    },
    /// A residual group has no responses.
    #[error("residual group {group} has no responses")]
    EmptyGroup {
        /// The group.
        group: usize,
    },
    /// The likelihood has no maximum: it grows without bound as a variance goes to zero.
    #[error("the likelihood grows without bound as the residual variance of group {group} goes to zero")]
    Unbounded {
        /// The group whose variance vanishes.
        group: usize,
    },
    /// No start led to a point that satisfies the conditions of an optimum.
    #[error(
        "no optimum after {iterations} iterations: the best point has −2 REML log-likelihood {objective} and gradient {gradient:e}"
    )]
    NotConverged {
        /// Iterations over all starts.
        iterations: usize,
        /// −2 REML log-likelihood of the best point.
        objective: f64,
        /// Largest element of the gradient there.
        gradient: f64,
    },
    /// The contrast has another length than the fixed effects.
    #[error("a contrast of {found} numbers for {expected} fixed effects")]
    ContrastLength {
        /// Numbers given.
        found: usize,
        /// Fixed effects.
        expected: usize,
    },
}

impl MixedError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::Shape { .. } | Self::ContrastLength { .. } => {
                "give each response one row of the same design"
            }
            Self::FixedRank { .. } => "leave out the effect that the others explain",
            Self::NoResidual { .. } | Self::EmptyGroup { .. } | Self::Unbounded { .. } => {
                "use a model with fewer variances; the data cannot carry this one"
            }
            Self::NotConverged { .. } => "use a model with fewer variances, and report that this one did not converge",
        }
    }
}

/// Subjects that share a design: how many, the mean of their responses and the scatter around it.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub subjects: f64,
    pub x: DMatrix<f64>,
    /// ∂V/∂θ for each natural parameter θ.
    pub derivatives: Vec<DMatrix<f64>>,
    pub mean: DVector<f64>,
    /// Σ (y_i − ȳ)(y_i − ȳ)'
    pub scatter: DMatrix<f64>,
}

/// A model ready to be fitted.
#[derive(Clone, Debug)]
pub struct MixedModel {
    pub(super) patterns: Vec<Pattern>,
    pub(super) structure: Structure,
    pub(super) responses: usize,
    pub(super) fixed: usize,
    /// Responses are divided by this inside, so that variances are near 1; results are given back in their own unit.
    pub(super) scale: f64,
}

/// How natural parameters are laid out: G's elements row by row up to the diagonal, then residual variances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Structure {
    pub covariance: Covariance,
    pub random: usize,
    pub groups: usize,
}

impl Structure {
    /// Row and column of G for each of its natural parameters.
    pub fn elements(self) -> Vec<(usize, usize)> {
        match self.covariance {
            Covariance::Diagonal => (0..self.random).map(|a| (a, a)).collect(),
            Covariance::Unstructured => (0..self.random).flat_map(|a| (0..=a).map(move |b| (a, b))).collect(),
        }
    }

    /// Number of natural parameters.
    pub fn len(self) -> usize {
        self.elements().len() + self.groups
    }

    /// Position of the first residual variance.
    pub fn first_residual(self) -> usize {
        self.elements().len()
    }

    /// The matrix G.
    pub fn g(self, natural: &[f64]) -> DMatrix<f64> {
        let mut g = DMatrix::zeros(self.random, self.random);
        for (&(a, b), &value) in self.elements().iter().zip(natural) {
            g[(a, b)] = value;
            g[(b, a)] = value;
        }
        g
    }
}

impl MixedModel {
    /// Checks and gathers the subjects. Every subject needs at least one response; each residual group must occur.
    ///
    /// # Errors
    /// When rows differ in length, X has not full column rank, or too few responses are left for the variances.
    pub fn new(subjects: &[Block], covariance: Covariance) -> Result<Self, MixedError> {
        let first = subjects.iter().find(|s| !s.response.is_empty()).ok_or(MixedError::Empty)?;
        let fixed = first.fixed.first().map_or(0, Vec::len);
        let random = first.random.first().map_or(0, Vec::len);
        check_shapes(subjects, fixed, random)?;
        let groups = subjects.iter().flat_map(|s| &s.residual_group).max().map_or(0, |g| g + 1);
        if let Some(group) = (0..groups).find(|g| subjects.iter().all(|s| !s.residual_group.contains(g))) {
            return Err(MixedError::EmptyGroup { group });
        }
        let responses: usize = subjects.iter().map(|s| s.response.len()).sum();
        if responses <= fixed {
            return Err(MixedError::NoResidual { responses, fixed });
        }
        let residuals = check_fixed_rank(subjects, fixed, responses)?;
        let variance = residuals.iter().map(|r| r * r).sum::<f64>() / (responses - fixed) as f64;
        if variance <= 0.0 {
            return Err(MixedError::NoResidual { responses, fixed });
        }
        let structure = Structure { covariance, random, groups };
        let scale = variance.sqrt();
        Ok(Self { patterns: gather(subjects, structure, scale), structure, responses, fixed, scale })
    }
}

fn check_shapes(subjects: &[Block], fixed: usize, random: usize) -> Result<(), MixedError> {
    for (subject, block) in subjects.iter().enumerate() {
        let n = block.response.len();
        let rows = [
            ("rows of X", block.fixed.len(), n),
            ("rows of Z", block.random.len(), n),
            ("residual groups", block.residual_group.len(), n),
        ];
        let columns = block.fixed.iter().map(|row| ("fixed effects", row.len(), fixed));
        let effects = block.random.iter().map(|row| ("random effects", row.len(), random));
        for (what, found, expected) in rows.into_iter().chain(columns).chain(effects) {
            if found != expected {
                return Err(MixedError::Shape { subject, what, found, expected });
            }
        }
    }
    Ok(())
}

/// Orthogonalises the columns of X (twice, modified Gram–Schmidt); returns the residuals of the response on them.
fn check_fixed_rank(subjects: &[Block], fixed: usize, responses: usize) -> Result<Vec<f64>, MixedError> {
    let mut columns: Vec<DVector<f64>> = (0..fixed)
        .map(|c| DVector::from_iterator(responses, subjects.iter().flat_map(|s| s.fixed.iter().map(move |row| row[c]))))
        .collect();
    let mut rest = DVector::from_iterator(responses, subjects.iter().flat_map(|s| s.response.iter().copied()));
    for column in 0..fixed {
        let full = columns[column].norm();
        let (done, open) = columns.split_at_mut(column);
        for _ in 0..2 {
            for q in done.iter() {
                let projection = q.dot(&open[0]);
                open[0].axpy(-projection, q, 1.0);
            }
        }
        let left = open[0].norm();
        if left <= 1e-8 * full || full == 0.0 {
            return Err(MixedError::FixedRank { column });
        }
        open[0] /= left;
        let projection = open[0].dot(&rest);
        rest.axpy(-projection, &open[0], 1.0);
    }
    Ok(rest.iter().copied().collect())
}

/// Gathers subjects whose design is the same, bit by bit.
fn gather(subjects: &[Block], structure: Structure, scale: f64) -> Vec<Pattern> {
    let mut groups: BTreeMap<Vec<u64>, Vec<&Block>> = BTreeMap::new();
    for block in subjects.iter().filter(|s| !s.response.is_empty()) {
        let numbers = block.fixed.iter().flatten().chain(block.random.iter().flatten()).map(|x| x.to_bits());
        let key = numbers.chain(block.residual_group.iter().map(|&g| g as u64)).collect();
        groups.entry(key).or_default().push(block);
    }
    groups.into_values().map(|blocks| pattern(&blocks, structure, scale)).collect()
}

fn pattern(blocks: &[&Block], structure: Structure, scale: f64) -> Pattern {
    let block = blocks[0];
    let n = block.response.len();
    let count = blocks.len() as f64;
    let responses: Vec<DVector<f64>> =
        blocks.iter().map(|b| DVector::from_iterator(n, b.response.iter().map(|y| y / scale))).collect();
    let mean = responses.iter().fold(DVector::zeros(n), |sum, y| sum + y) / count;
    let mut scatter = DMatrix::zeros(n, n);
    for y in &responses {
        let off = y - &mean;
        scatter.ger(1.0, &off, &off, 1.0);
    }
    let columns = block.fixed.first().map_or(0, Vec::len);
    let x = DMatrix::from_fn(n, columns, |i, j| block.fixed[i][j]);
    let z = |i: usize, a: usize| block.random[i][a];
    let mut derivatives: Vec<DMatrix<f64>> = structure
        .elements()
        .into_iter()
        .map(|(a, b)| {
            DMatrix::from_fn(
                n,
                n,
                |i, j| {
                    if a == b { z(i, a) * z(j, a) } else { z(i, a) * z(j, b) + z(i, b) * z(j, a) }
                },
            )
        })
        .collect();
    derivatives.extend((0..structure.groups).map(|group| {
        DMatrix::from_fn(n, n, |i, j| if i == j && block.residual_group[i] == group { 1.0 } else { 0.0 })
    }));
    Pattern { subjects: count, x, derivatives, mean, scatter }
}

//! Joint distribution of the statistics of a replicate study, complete data.
//!
//! Each subject gives orthogonal contrasts: test against reference, and among repeated tests or references. With
//! within-subject variances σ²wT, σ²wR and no subject-by-formulation interaction these are independent normal with
//! ```text
//!            2x2x4                   2x2x3 (TRT | RTR)                     2x3x3
//! T − R      (σ²wT + σ²wR)/2         σ²wT/2 + σ²wR | σ²wT + σ²wR/2         σ²wT + σ²wR/2
//! T − T      2σ²wT                   2σ²wT         | -                     -
//! R − R      2σ²wR                   -             | 2σ²wR                 2σ²wR
//! ```
//! **Contrasts** (FDA): the difference is the mean over sequences of the mean T − R contrast; its standard error
//! comes from the variance within sequences, σ²wR from the R − R contrasts within sequences.
//!
//! **Analysis of variance** (EMA method A): the residual sum of squares is the sum of squares within sequences of all
//! contrasts, plus the lack of fit of the means of sequences to treatment and periods (two, one, three degrees of
//! freedom). σ²wR is the residual of the reference's data alone: R − R contrasts within sequences, and in 2x3x3 one
//! more degree of freedom from their means. [`AnovaExact`] draws exactly this; [`AnovaKey`] what PowerTOST draws.
//!
//! Sources: Chow SC, Liu JP (2009), ch. 9; Labes D, Lang B, Schütz H, PowerTOST, document
//! *Implementation of scaled ABE sims* (2016), whose tables of subject simulations test [`AnovaExact`].

use super::design::{Design, Subjects};
use super::error::PowerError;
use croft_num::random::{GammaDraw, Stream};

/// What a study is judged by, drawn once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn {
    /// estimated difference of logarithms minus the true one
    pub error: f64,
    /// squared standard error of the difference
    pub se2: f64,
    /// estimated within-subject variance of the reference
    pub s2_wr: f64,
    /// estimated within-subject variance of the test; the reference's where the design gives none
    pub s2_wt: f64,
}

/// Draws the statistics of one study.
pub(crate) trait Sampler: Sync {
    fn draw(&self, stream: &mut Stream) -> Drawn;
}

/// True within-subject variances of the logarithms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variances {
    pub test: f64,
    pub reference: f64,
}

/// Degrees of freedom that the analyses have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplicateDf {
    /// residual of the analysis of variance
    pub anova: f64,
    /// T − R contrasts within sequences
    pub contrasts: f64,
    /// σ²wR
    pub reference: f64,
    /// σ²wT
    pub test: f64,
}

impl ReplicateDf {
    /// `contrasts`: as the FDA estimates σ²wR, within sequences; else from the reference's analysis of variance.
    pub fn of(subjects: &Subjects, contrasts: bool) -> Result<Self, PowerError> {
        let n = f64::from(subjects.sum());
        let counts = subjects.counts();
        let df = match subjects.design() {
            Design::Replicate2x2x4 => {
                Self { anova: 3.0 * n - 4.0, contrasts: n - 2.0, reference: n - 2.0, test: n - 2.0 }
            }
            Design::Replicate2x2x3 => Self {
                anova: 2.0 * n - 3.0,
                contrasts: n - 2.0,
                reference: f64::from(counts[1]) - 1.0,
                test: f64::from(counts[0]) - 1.0,
            },
            Design::Partial2x3x3 => Self {
                anova: 2.0 * n - 3.0,
                contrasts: n - 3.0,
                reference: if contrasts { n - 3.0 } else { n - 2.0 },
                test: n - 2.0,
            },
            design => return Err(PowerError::NotReplicate { method: "a scaled method", design }),
        };
        if df.contrasts < 1.0 || df.reference < 1.0 || df.test < 1.0 {
            return Err(PowerError::TooFewSubjects { subjects: subjects.sum(), design: subjects.design() });
        }
        Ok(df)
    }
}

/// Variance of the T − R contrast in a sequence of the design.
fn contrast_variance(design: Design, sequence: usize, variances: Variances) -> f64 {
    let Variances { test, reference } = variances;
    match (design, sequence) {
        (Design::Replicate2x2x4, _) => (test + reference) / 2.0,
        (Design::Replicate2x2x3, 0) => test / 2.0 + reference,
        _ => test + reference / 2.0,
    }
}

/// Statistics from one contrast a subject.
pub(crate) struct Contrasts {
    sd_estimate: f64,
    /// (scale, law) of the parts of the squared standard error; two where sequences differ
    within: Vec<(f64, GammaDraw)>,
    reference: Estimate,
    /// where the variability of the test is judged too
    test: Option<Estimate>,
}

/// An estimated variance: scale times a chi-squared number.
struct Estimate {
    scale: f64,
    law: GammaDraw,
}

impl Estimate {
    fn new(variance: f64, df: f64) -> Result<Self, PowerError> {
        Ok(Self { scale: variance / df, law: GammaDraw::chi_squared(df)? })
    }

    #[inline]
    fn draw(&self, stream: &mut Stream) -> f64 {
        self.scale * self.law.draw(stream)
    }
}

impl Contrasts {
    pub fn new(subjects: &Subjects, variances: Variances, draws_test: bool) -> Result<Self, PowerError> {
        let design = subjects.design();
        let df = ReplicateDf::of(subjects, true)?;
        let sequences = subjects.counts().len() as f64;
        let by_sequence: Vec<(f64, f64)> = subjects
            .counts()
            .iter()
            .enumerate()
            .map(|(i, &n)| (contrast_variance(design, i, variances), f64::from(n)))
            .collect();
        let variance: f64 = by_sequence.iter().map(|(v, n)| v / n).sum::<f64>() / (sequences * sequences);
        // One law where all sequences have the same contrast.
        let parts: Vec<(f64, f64)> = if design == Design::Replicate2x2x3 {
            by_sequence.iter().map(|&(v, n)| (v, n - 1.0)).collect()
        } else {
            vec![(by_sequence[0].0, df.contrasts)]
        };
        let factor = subjects.reciprocal_sum() / (sequences * sequences);
        let within = parts
            .into_iter()
            .filter(|&(_, df)| df > 0.0)
            .map(|(v, part)| Ok((v / df.contrasts * factor, GammaDraw::chi_squared(part)?)))
            .collect::<Result<_, PowerError>>()?;
        let reference = Estimate::new(variances.reference, df.reference)?;
        let test = if draws_test { Some(Estimate::new(variances.test, df.test)?) } else { None };
        Ok(Self { sd_estimate: variance.sqrt(), within, reference, test })
    }
}

impl Sampler for Contrasts {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> Drawn {
        let error = self.sd_estimate * stream.normal();
        let se2: f64 = self.within.iter().map(|(scale, law)| scale * law.draw(stream)).sum();
        let s2_wr = self.reference.draw(stream);
        let s2_wt = self.test.as_ref().map_or(s2_wr, |test| test.draw(stream));
        Drawn { error, se2, s2_wr, s2_wt }
    }
}

/// Statistics of the analysis of variance as PowerTOST draws them.
pub(crate) struct AnovaKey {
    sd_estimate: f64,
    reference: Estimate,
    test: Estimate,
    /// weights of the drawn σ²wT, σ²wR in the squared standard error
    weights: (f64, f64),
    /// the other half of the squared standard error, an independent chi-squared
    other_half: Option<Estimate>,
}

impl AnovaKey {
    pub fn new(subjects: &Subjects, variances: Variances) -> Result<Self, PowerError> {
        let df = ReplicateDf::of(subjects, false)?;
        let (weights, halved) = match subjects.design() {
            Design::Partial2x3x3 => ((1.0 / 3.0, 2.0 / 3.0), false),
            Design::Replicate2x2x3 => {
                // Each sequence gives two contrasts: (σ²wT/2 + σ²wR)/1.5 and σ²wT in TRT, mirrored in RTR.
                let counts = subjects.counts();
                let share = f64::from(counts[0]) / f64::from(subjects.sum());
                let test = share * 2.0 / 3.0 + (1.0 - share) / 3.0;
                ((test, 1.0 - test), true)
            }
            _ => ((0.5, 0.5), true),
        };
        let mean_square = weights.0 * variances.test + weights.1 * variances.reference;
        let factor = subjects.variance_factor();
        let share = if halved { factor / 2.0 } else { factor };
        Ok(Self {
            sd_estimate: (mean_square * factor).sqrt(),
            reference: Estimate::new(variances.reference, df.reference)?,
            test: Estimate::new(variances.test, df.test)?,
            weights: (weights.0 * share, weights.1 * share),
            other_half: if halved { Some(Estimate::new(mean_square * share, df.anova)?) } else { None },
        })
    }
}

impl Sampler for AnovaKey {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> Drawn {
        let error = self.sd_estimate * stream.normal();
        let s2_wr = self.reference.draw(stream);
        let s2_wt = self.test.draw(stream);
        let mut se2 = self.weights.0 * s2_wt + self.weights.1 * s2_wr;
        if let Some(other_half) = &self.other_half {
            se2 += other_half.draw(stream);
        }
        Drawn { error, se2, s2_wr, s2_wt }
    }
}

/// The most rows (sequence, contrast) a replicate design has.
const ROWS: usize = 6;
/// The most periods.
const PERIODS: usize = 4;

/// A contrast within subjects of one sequence: coefficients by period (orthonormal), and its variance.
struct Row {
    sequence: usize,
    coefficients: [f64; PERIODS],
    among_references: bool,
    variance: f64,
}

/// The contrasts of a sequence written as `TRTR`: test against reference, then among repeats.
fn rows(sequence: usize, pattern: &str, variances: Variances) -> Vec<Row> {
    let periods = |letter: char| -> Vec<usize> {
        pattern.chars().enumerate().filter(|&(_, c)| c == letter).map(|(i, _)| i).collect()
    };
    let (tests, references) = (periods('T'), periods('R'));
    let (nt, nr) = (tests.len() as f64, references.len() as f64);
    let norm2 = 1.0 / nt + 1.0 / nr;
    let mut coefficients = [0.0; PERIODS];
    for &p in &tests {
        coefficients[p] = 1.0 / nt / norm2.sqrt();
    }
    for &p in &references {
        coefficients[p] = -1.0 / nr / norm2.sqrt();
    }
    let variance = (variances.test / nt + variances.reference / nr) / norm2;
    let mut rows = vec![Row { sequence, coefficients, among_references: false, variance }];
    let repeats = [(&tests, variances.test, false), (&references, variances.reference, true)];
    for (periods, variance, among_references) in repeats {
        if let [first, second] = periods[..] {
            let mut coefficients = [0.0; PERIODS];
            coefficients[first] = std::f64::consts::FRAC_1_SQRT_2;
            coefficients[second] = -std::f64::consts::FRAC_1_SQRT_2;
            rows.push(Row { sequence, coefficients, among_references, variance });
        }
    }
    rows
}

/// Orthonormal basis of columns by modified Gram-Schmidt; dependent columns are left out.
/// Returns the basis and the norm that remained of the last column.
fn basis(columns: impl Iterator<Item = [f64; ROWS]>) -> (Vec<[f64; ROWS]>, f64) {
    let mut basis: Vec<[f64; ROWS]> = Vec::new();
    let mut remained = 0.0;
    for mut column in columns {
        for direction in &basis {
            let shadow = dot(direction, &column);
            column.iter_mut().zip(direction).for_each(|(c, d)| *c -= shadow * d);
        }
        remained = dot(&column, &column).sqrt();
        // Columns are of order √n; what is below rounding depends on the columns before.
        if remained > 1e-9 {
            column.iter_mut().for_each(|c| *c /= remained);
            basis.push(column);
        }
    }
    (basis, remained)
}

fn dot(a: &[f64; ROWS], b: &[f64; ROWS]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Statistics of the analysis of variance, exactly.
pub(crate) struct AnovaExact {
    /// standard deviation of each weighted mean of sequence and contrast; zero beyond the rows
    sd: [f64; ROWS],
    /// which rows are contrasts among references
    among_references: [bool; ROWS],
    /// orthonormal basis of periods, then treatment
    fitted: Vec<[f64; ROWS]>,
    /// orthonormal basis of periods among the reference's rows
    fitted_reference: Vec<[f64; ROWS]>,
    /// 1 / norm of the treatment column free of periods
    per_norm: f64,
    /// (variance, law, among references) of contrasts within sequences
    within: Vec<(f64, GammaDraw, bool)>,
    df: ReplicateDf,
}

impl AnovaExact {
    pub fn new(subjects: &Subjects, variances: Variances) -> Result<Self, PowerError> {
        let df = ReplicateDf::of(subjects, false)?;
        let patterns: &[&str] = match subjects.design() {
            Design::Replicate2x2x4 => &["TRTR", "RTRT"],
            Design::Replicate2x2x3 => &["TRT", "RTR"],
            _ => &["TRR", "RTR", "RRT"],
        };
        let rows: Vec<Row> = patterns.iter().enumerate().flat_map(|(i, p)| rows(i, p, variances)).collect();
        let weight = |row: &Row| f64::from(subjects.counts()[row.sequence]).sqrt();
        let column = |only_reference: bool, value: &dyn Fn(&Row) -> f64| {
            let mut column = [0.0; ROWS];
            for (cell, row) in column.iter_mut().zip(&rows).filter(|(_, r)| !only_reference || r.among_references) {
                *cell = weight(row) * value(row);
            }
            column
        };
        let periods = |only_reference: bool| {
            (0..PERIODS).map(|p| column(only_reference, &move |row| row.coefficients[p])).collect::<Vec<_>>()
        };
        let treatment = column(false, &|row| {
            patterns[row.sequence].chars().zip(row.coefficients).filter(|&(c, _)| c == 'T').map(|(_, x)| x).sum()
        });
        let (fitted, norm) = basis(periods(false).into_iter().chain(std::iter::once(treatment)));
        let (fitted_reference, _) = basis(periods(true).into_iter());
        let (mut sd, mut among_references) = ([0.0; ROWS], [false; ROWS]);
        let mut within: Vec<(f64, f64, bool)> = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            sd[i] = row.variance.sqrt();
            among_references[i] = row.among_references;
            let df = f64::from(subjects.counts()[row.sequence]) - 1.0;
            #[expect(clippy::float_cmp, reason = "the same expression of the same numbers")]
            match within.iter_mut().find(|w| w.0 == row.variance && w.2 == row.among_references) {
                Some(same) => same.1 += df,
                None => within.push((row.variance, df, row.among_references)),
            }
        }
        let within = within
            .into_iter()
            .filter(|w| w.1 > 0.0)
            .map(|(variance, df, among)| Ok((variance, GammaDraw::chi_squared(df)?, among)))
            .collect::<Result<_, PowerError>>()?;
        Ok(Self { sd, among_references, fitted, fitted_reference, per_norm: 1.0 / norm, within, df })
    }
}

impl Sampler for AnovaExact {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> Drawn {
        let mut means = [0.0; ROWS];
        for (mean, &sd) in means.iter_mut().zip(&self.sd).filter(|(_, sd)| **sd > 0.0) {
            *mean = sd * stream.normal();
        }
        let (mut residual, mut reference) = (0.0, 0.0);
        for (i, mean) in means.iter().enumerate() {
            residual += mean * mean;
            reference += if self.among_references[i] { mean * mean } else { 0.0 };
        }
        let mut error = 0.0;
        for direction in &self.fitted {
            let fitted = dot(direction, &means);
            residual -= fitted * fitted;
            // The last direction is the treatment's.
            error = fitted * self.per_norm;
        }
        for direction in &self.fitted_reference {
            let fitted = dot(direction, &means);
            reference -= fitted * fitted;
        }
        for (variance, law, among_references) in &self.within {
            let squares = variance * law.draw(stream);
            residual += squares;
            reference += if *among_references { squares } else { 0.0 };
        }
        let s2_wr = reference.max(0.0) / self.df.reference;
        Drawn { error, se2: residual / self.df.anova * self.per_norm * self.per_norm, s2_wr, s2_wt: s2_wr }
    }
}

//! How likely is a study to pass when its limits depend on the variability of the reference?
//!
//! **Expanded limits** (EMA, Health Canada, GCC): the confidence interval must lie within `exp(∓ k · swR)`, or within
//! 80-125% when swR is at or below the switch; swR counts at most as the cap; the point estimate lies within 80-125%.
//!
//! **Linearised criterion** (FDA): with `pe` the estimated difference, `SE` its standard error, ν and νR degrees of
//! freedom, the upper bound by Howe's approximation is at most zero:
//! ```text
//! Em = pe² − SE²      Cm = (|pe| + t(1−α, ν) · SE)²
//! Es = k² s²wR        Cs = Es · νR / χ²(1−α, νR)
//! bound = Em − Es + √((Cm − Em)² + (Cs − Es)²)
//! ```
//! where swR is above the switch, else the interval of the contrasts within 80-125%; the point estimate within 80-125%.
//! For drugs with a narrow therapeutic index the bound, the unscaled interval, and the upper limit of swT/swR
//! (`swT/swR / √F(α; νT, νR)`, at most 2.5) must all pass.
//!
//! Where packages differ: FDA's guidance switches at swR = 0.294, as here, PowerTOST at CVwR = 30% (swR = 0.29356). The residual variance of the EMA's analysis of variance is simulated in one of two ways, see [`Statistics`].
//! Health Canada's mixed model and FDA's mixed model below the switch are approximated by the contrasts, as elsewhere.
//!
//! Sources: Tóthfalusi L, Endrényi L (2012) *J Pharm Pharm Sci* 15:73 (sample sizes); Howe WG (1974) *JASA* 69:789;
//! Hyslop T, Hsuan F, Holder DJ (2000) *Stat Med* 19:2885; Yu LX et al. (2015) *Clin Pharmacol Ther* 97:286 (NTID);
//! Jiang W et al. (2015) *AAPS J* 17:891 (ratio).

use super::criteria::{ScaledCriterion, ScaledMethod};
use super::design::{Design, Subjects};
use super::error::PowerError;
use super::replicate::{AnovaExact, AnovaKey, Contrasts, Drawn, ReplicateDf, Sampler, Variances};
use super::search::{SampleSize, SearchRange, smallest};
use super::simulation::{Effort, Statistics, Tally, simulate};
use super::tost::{Analysis, large_sample};
use super::variability::log_variance;
use croft_num::dist::{ChiSquared, Continuous, FisherF, StudentsT};
use croft_num::math::ln;

/// A planned replicate study with a scaled criterion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledStudy {
    /// 2x2x3, 2x2x4 or 2x3x3
    pub design: Design,
    /// within-subject CV of the test
    pub cv_wt: f64,
    /// within-subject CV of the reference
    pub cv_wr: f64,
    /// assumed ratio
    pub theta0: f64,
    /// one-sided level; 0.05 is a 90% confidence interval
    pub alpha: f64,
    /// whose rules
    pub criterion: ScaledCriterion,
    /// how the analysis of variance is simulated
    pub statistics: Statistics,
}

impl ScaledStudy {
    /// The same CV for test and reference, alpha 0.05; ratio 0.90, or 0.975 for narrow therapeutic indices.
    pub fn new(design: Design, cv: f64, criterion: ScaledCriterion) -> Self {
        let theta0 = if criterion.ratio_limit.is_some() { 0.975 } else { 0.90 };
        Self { design, cv_wt: cv, cv_wr: cv, theta0, alpha: 0.05, criterion, statistics: Statistics::default() }
    }

    fn check(&self) -> Result<(), PowerError> {
        for cv in [self.cv_wt, self.cv_wr] {
            if !(cv > 0.0 && cv.is_finite()) {
                return Err(PowerError::Variability { value: cv });
            }
        }
        if !(self.theta0 > 0.0 && self.theta0.is_finite()) {
            return Err(PowerError::Theta0 { value: self.theta0 });
        }
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(PowerError::Alpha { value: self.alpha });
        }
        let replicates_reference =
            matches!(self.design, Design::Replicate2x2x3 | Design::Replicate2x2x4 | Design::Partial2x3x3);
        let compares_variances = self.criterion.ratio_limit.is_some();
        if !replicates_reference || (compares_variances && self.design == Design::Partial2x3x3) {
            let method = if compares_variances { "NTID" } else { "a scaled method" };
            return Err(PowerError::NotReplicate { method, design: self.design });
        }
        Ok(())
    }
}

/// The simulated power of a scaled method, and of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledPower {
    /// all that is asked
    pub power: f64,
    /// the scaled criterion alone (with unscaled limits at or below the switch)
    pub scaled: f64,
    /// the point estimate within the unscaled limits
    pub point_estimate: f64,
    /// the interval within the unscaled limits, for comparison
    pub average: f64,
    /// the upper limit of swT/swR, where it is asked for
    pub ratio: Option<f64>,
    /// simulated studies
    pub simulations: u64,
}

impl ScaledPower {
    /// Standard error of the power by simulation.
    pub fn standard_error(&self) -> f64 {
        (self.power * (1.0 - self.power) / self.simulations as f64).sqrt()
    }
}

/// Power of a scaled method by simulation, with the power of its parts.
///
/// Log-normal data, complete, no subject-by-formulation interaction. The result depends on `effort.seed`, not on the
/// number of threads; its standard error is [`ScaledPower::standard_error`]. Cost: some 0.1 µs a study and core.
///
/// # Errors
/// [`PowerError::NotReplicate`], values outside their domains, too few subjects.
///
/// Tests: `power_scaled.csv` of the reference set (PowerTOST, 10⁶ simulations); subject simulations in Labes (2016).
pub fn scaled_power(study: &ScaledStudy, subjects: &Subjects, effort: &Effort) -> Result<ScaledPower, PowerError> {
    study.check()?;
    let variances = Variances { test: log_variance(study.cv_wt), reference: log_variance(study.cv_wr) };
    let criterion = &study.criterion;
    if criterion.from_contrasts {
        let sampler = Contrasts::new(subjects, variances, criterion.ratio_limit.is_some())?;
        return judge(study, subjects, effort, &sampler);
    }
    match study.statistics {
        Statistics::KeyStatistics => judge(study, subjects, effort, &AnovaKey::new(subjects, variances)?),
        Statistics::Exact => judge(study, subjects, effort, &AnovaExact::new(subjects, variances)?),
    }
}

/// Chooses the rule once, outside the loop over studies.
fn judge(
    study: &ScaledStudy,
    subjects: &Subjects,
    effort: &Effort,
    sampler: &impl Sampler,
) -> Result<ScaledPower, PowerError> {
    let df = ReplicateDf::of(subjects, study.criterion.from_contrasts)?;
    let rule = Rule::new(study, df)?;
    let counts = match study.criterion.method {
        ScaledMethod::ExpandedLimits => {
            simulate(effort, "scaled", |stream, studies| count(studies, || rule.expanded(sampler.draw(stream))))?
        }
        ScaledMethod::LinearisedCriterion => {
            simulate(effort, "scaled", |stream, studies| count(studies, || rule.linearised(sampler.draw(stream))))?
        }
    };
    let share = |count: u64| count as f64 / effort.simulations as f64;
    Ok(ScaledPower {
        power: share(counts.passed),
        scaled: share(counts.scaled),
        point_estimate: share(counts.point_estimate),
        average: share(counts.average),
        ratio: study.criterion.ratio_limit.map(|_| share(counts.ratio)),
        simulations: effort.simulations,
    })
}

/// What one study passes.
#[derive(Clone, Copy)]
struct Verdict {
    passed: bool,
    scaled: bool,
    point_estimate: bool,
    average: bool,
    ratio: bool,
}

#[derive(Default)]
struct Counts {
    passed: u64,
    scaled: u64,
    point_estimate: u64,
    average: u64,
    ratio: u64,
}

impl Tally for Counts {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.scaled += other.scaled;
        self.point_estimate += other.point_estimate;
        self.average += other.average;
        self.ratio += other.ratio;
    }
}

#[inline]
fn count(studies: u64, mut next: impl FnMut() -> Verdict) -> Counts {
    let mut counts = Counts::default();
    for _ in 0..studies {
        let verdict = next();
        counts.passed += u64::from(verdict.passed);
        counts.scaled += u64::from(verdict.scaled);
        counts.point_estimate += u64::from(verdict.point_estimate);
        counts.average += u64::from(verdict.average);
        counts.ratio += u64::from(verdict.ratio);
    }
    counts
}

/// A criterion with its critical values, ready for many studies.
struct Rule {
    true_difference: f64,
    lower: f64,
    upper: f64,
    switch_variance: f64,
    cap_variance: f64,
    constant: f64,
    t: f64,
    /// νR / χ²(1−α, νR)
    chi_factor: f64,
    /// s²wT / s²wR may be at most this
    largest_ratio: f64,
    constrains_point_estimate: bool,
    asks_average_too: bool,
}

impl Rule {
    fn new(study: &ScaledStudy, df: ReplicateDf) -> Result<Self, PowerError> {
        let criterion = &study.criterion;
        let df_t = if criterion.from_contrasts { df.contrasts } else { df.anova };
        let largest_ratio = match criterion.ratio_limit {
            Some(limit) => limit * limit * FisherF::new(df.test, df.reference)?.quantile(study.alpha)?,
            None => f64::INFINITY,
        };
        Ok(Self {
            true_difference: ln(study.theta0),
            lower: ln(criterion.lower),
            upper: ln(criterion.upper),
            switch_variance: criterion.switch_variance,
            cap_variance: criterion.cap_variance,
            constant: criterion.constant,
            t: StudentsT::new(df_t)?.quantile_upper(study.alpha)?,
            chi_factor: df.reference / ChiSquared::new(df.reference)?.quantile_upper(study.alpha)?,
            largest_ratio,
            constrains_point_estimate: criterion.constrains_point_estimate,
            asks_average_too: criterion.asks_average_too,
        })
    }

    #[inline]
    fn verdict(&self, drawn: Drawn, estimate: f64, scaled: bool, average: bool) -> Verdict {
        let point_estimate = estimate >= self.lower && estimate <= self.upper;
        let ratio = drawn.s2_wt <= self.largest_ratio * drawn.s2_wr;
        let passed =
            scaled & ratio & (point_estimate | !self.constrains_point_estimate) & (average | !self.asks_average_too);
        Verdict { passed, scaled, point_estimate, average, ratio }
    }

    #[inline]
    fn expanded(&self, drawn: Drawn) -> Verdict {
        let estimate = self.true_difference + drawn.error;
        let half = self.t * drawn.se2.sqrt();
        let average = estimate - half >= self.lower && estimate + half <= self.upper;
        let scaled = if drawn.s2_wr > self.switch_variance {
            estimate.abs() + half <= self.constant * drawn.s2_wr.min(self.cap_variance).sqrt()
        } else {
            average
        };
        self.verdict(drawn, estimate, scaled, average)
    }

    #[inline]
    fn linearised(&self, drawn: Drawn) -> Verdict {
        let estimate = self.true_difference + drawn.error;
        let half = self.t * drawn.se2.sqrt();
        let average = estimate - half >= self.lower && estimate + half <= self.upper;
        let scaled = if drawn.s2_wr > self.switch_variance {
            let em = estimate * estimate - drawn.se2;
            let reach = estimate.abs() + half;
            let cm_em = reach * reach - em;
            let es = self.constant * self.constant * drawn.s2_wr;
            let cs_es = es * (self.chi_factor - 1.0);
            em - es + (cm_em * cm_em + cs_es * cs_es).sqrt() <= 0.0
        } else {
            average
        };
        self.verdict(drawn, estimate, scaled, average)
    }
}

/// The smallest balanced number of subjects with at least the target power, by simulation.
///
/// Each number of subjects is simulated with the same seed. Chance can move the answer by a step where the power at
/// two neighbouring numbers is nearer to the target than its standard error. Cost: some ten powers.
///
/// # Errors
/// [`PowerError::TargetNotReached`] when more subjects do not help (the point estimate's limits); as [`scaled_power`].
///
/// Test: `sampleN_scaled.csv` of the reference set (PowerTOST).
pub fn scaled_sample_size(study: &ScaledStudy, target: f64, effort: &Effort) -> Result<SampleSize, PowerError> {
    study.check()?;
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    // Too few subjects for an estimate of each variance: at least two a sequence.
    let step = study.design.facts().sequences;
    let range = SearchRange { start: start(study, target)?, step, least: 2 * step };
    smallest(range, target, |n| Ok(scaled_power(study, &Subjects::total(study.design, n)?, effort)?.power))
}

/// A closed form for the limits that the true variability implies.
fn start(study: &ScaledStudy, target: f64) -> Result<f64, PowerError> {
    let limits = study.criterion.limits(study.cv_wr);
    let theta0 = ln(study.theta0);
    let (lower, upper) = (ln(limits.lower), ln(limits.upper));
    if !(lower < theta0 && theta0 < upper) {
        return Ok(0.0);
    }
    let sd = (0.5 * (log_variance(study.cv_wt) + log_variance(study.cv_wr))).sqrt();
    let analysis = Analysis { sd, theta0, lower, upper };
    large_sample(analysis, study.design.facts().balanced_constant(), study.alpha, target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroUsize;

    fn power(study: ScaledStudy, n: u32, simulations: u64) -> ScaledPower {
        scaled_power(&study, &Subjects::total(study.design, n).unwrap(), &Effort::new(simulations)).unwrap()
    }

    #[test]
    fn one_thread_and_three_give_the_same_numbers() {
        let study = ScaledStudy::new(Design::Replicate2x2x4, 0.4, ScaledCriterion::ema());
        let subjects = Subjects::total(study.design, 34).unwrap();
        let run = |threads| {
            let effort = Effort { threads: NonZeroUsize::new(threads), ..Effort::new(100_001) };
            scaled_power(&study, &subjects, &effort).unwrap()
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn another_seed_gives_other_numbers() {
        let study = ScaledStudy::new(Design::Replicate2x2x4, 0.4, ScaledCriterion::ema());
        let subjects = Subjects::total(study.design, 34).unwrap();
        let run = |seed| scaled_power(&study, &subjects, &Effort { seed, ..Effort::new(10_000) }).unwrap().power;
        assert!((run(1) - run(2)).abs() > 0.0);
    }

    #[test]
    fn an_examples_parts_are_those_of_the_manual() {
        // PowerTOST manual, power.scABEL(CV = 0.5, n = 54, theta0 = 1.15, details = TRUE), 2x3x3, 1e5 simulations.
        let study = ScaledStudy { theta0: 1.15, ..ScaledStudy::new(Design::Partial2x3x3, 0.5, ScaledCriterion::ema()) };
        let got = power(study, 54, 1_000_000);
        for (what, got, expected) in [
            ("power", got.power, 0.817_27),
            ("scaled", got.scaled, 0.820_78),
            ("point estimate", got.point_estimate, 0.853_85),
            ("average", got.average, 0.275_42),
        ] {
            // Four standard errors of 1e5 simulations.
            assert!((got - expected).abs() < 0.0056, "{what}: {got} vs {expected}");
        }
    }

    #[test]
    fn narrow_therapeutic_index_power_is_that_of_the_manual() {
        // PowerTOST manual: power.NTID(CV = 0.1, n = 12) = 0.62553, 1e5 simulations.
        let study = ScaledStudy::new(Design::Replicate2x2x4, 0.1, ScaledCriterion::fda_ntid());
        let got = power(study, 12, 1_000_000);
        assert!((got.power - 0.625_53).abs() < 0.0062, "{}", got.power);
        assert!(got.ratio.is_some());
    }

    #[test]
    fn scaled_methods_need_replicates() {
        let study = ScaledStudy::new(Design::Crossover2x2, 0.4, ScaledCriterion::ema());
        let subjects = Subjects::total(study.design, 24).unwrap();
        let refused = scaled_power(&study, &subjects, &Effort::default());
        assert!(matches!(refused, Err(PowerError::NotReplicate { .. })));
        let study = ScaledStudy::new(Design::Partial2x3x3, 0.1, ScaledCriterion::fda_ntid());
        let subjects = Subjects::total(study.design, 24).unwrap();
        assert!(matches!(scaled_power(&study, &subjects, &Effort::default()), Err(PowerError::NotReplicate { .. })));
    }

    #[test]
    fn a_ratio_at_the_limit_of_the_point_estimate_never_has_power() {
        let study =
            ScaledStudy { theta0: 0.8, ..ScaledStudy::new(Design::Replicate2x2x4, 0.6, ScaledCriterion::ema()) };
        let found = scaled_sample_size(&study, 0.8, &Effort::new(2_000));
        assert!(matches!(found, Err(PowerError::TargetNotReached { .. })), "{found:?}");
    }
}

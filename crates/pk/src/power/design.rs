//! Which designs are known, and what follows from each?
//!
//! The variance of the estimated difference (log scale) between test and reference is
//! ```text
//! Var = σ² · b · Σ 1/nᵢ         nᵢ subjects in sequence i, σ² the residual variance
//!     = σ² · bk / n             when the n subjects are spread evenly; bk = b · sequences²
//! ```
//! and the residual has `a·n − c` degrees of freedom in the usual analysis of variance with sequence, subject
//! within sequence, period and treatment. Analysing one treatment contrast a subject instead (Senn's basic
//! estimator, "robust") leaves `n − sequences`.
//!
//! Where packages differ: Chow & Liu plan replicate designs with a carry-over term, that is with one degree of
//! freedom less; the tables in their chapter 9 are met either way but for five rows of the published tables.
//!
//! Sources: Chow SC, Liu JP (2009) *Design and Analysis of Bioavailability and Bioequivalence Studies*, 3rd ed.,
//! ch. 2, 9; Jones B, Kenward MG (2014) *Design and Analysis of Cross-Over Trials*, 3rd ed., ch. 3, 5.

use super::error::PowerError;
use std::fmt;

/// A design of a bioequivalence study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Design {
    /// Two independent groups, one treatment each.
    Parallel,
    /// Both treatments in each subject without periods as a factor: means are compared in pairs.
    Paired,
    /// TR | RT.
    Crossover2x2,
    /// The 2x2 crossover done twice in the same subjects: TR | RT, each period repeated.
    Repeated2x2x2,
    /// Three treatments, three sequences (Latin square).
    Latin3x3,
    /// Three treatments, six sequences (Williams).
    Williams3x6x3,
    /// Four treatments, four sequences (Latin square or Williams).
    Latin4x4,
    /// TRT | RTR: three-period full replicate.
    Replicate2x2x3,
    /// TRTR | RTRT: four-period full replicate.
    Replicate2x2x4,
    /// TRTR | RTRT | TRRT | RTTR: four-period full replicate in four sequences.
    Replicate2x4x4,
    /// TRR | RTR | RRT: partial replicate, the reference twice.
    Partial2x3x3,
    /// TR | RT | TT | RR (Balaam).
    Balaam2x4x2,
}

/// Residual degrees of freedom, `per_subject · n − less`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DfFormula {
    /// a
    pub per_subject: u32,
    /// c
    pub less: u32,
}

impl DfFormula {
    fn at(self, subjects: u32) -> Option<f64> {
        let df = i64::from(self.per_subject) * i64::from(subjects) - i64::from(self.less);
        (df > 0).then_some(df as f64)
    }
}

/// Which degrees of freedom an analysis has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DfRule {
    /// The usual analysis of variance of all observations.
    #[default]
    Anova,
    /// One contrast a subject (Senn's basic estimator, "robust").
    Robust,
}

/// What is known of a design; a row of [`DESIGNS`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DesignFacts {
    /// the design
    pub design: Design,
    /// its name on the command line and in tables
    pub name: &'static str,
    /// other names it is known by
    pub also: &'static [&'static str],
    /// in words
    pub title: &'static str,
    /// sequences, or groups; a balanced number of subjects is a multiple of it
    pub sequences: u32,
    /// periods
    pub periods: u32,
    /// degrees of freedom of the usual analysis of variance
    pub anova_df: DfFormula,
    /// degrees of freedom of the robust analysis
    pub robust_df: DfFormula,
    /// b: variance of the difference is σ² · b · Σ 1/nᵢ
    pub constant: f64,
}

impl DesignFacts {
    /// bk: with n subjects spread evenly the variance of the difference is σ² · bk / n.
    pub fn balanced_constant(&self) -> f64 {
        self.constant * f64::from(self.sequences) * f64::from(self.sequences)
    }
}

const fn df(per_subject: u32, less: u32) -> DfFormula {
    DfFormula { per_subject, less }
}

/// The designs, each once.
#[rustfmt::skip]
pub const DESIGNS: [DesignFacts; 12] = [
    DesignFacts { design: Design::Parallel, name: "parallel", also: &[], title: "two parallel groups",
        sequences: 2, periods: 1, anova_df: df(1, 2), robust_df: df(1, 2), constant: 1.0 },
    DesignFacts { design: Design::Paired, name: "paired", also: &[], title: "paired means",
        sequences: 1, periods: 2, anova_df: df(1, 1), robust_df: df(1, 1), constant: 2.0 },
    DesignFacts { design: Design::Crossover2x2, name: "2x2", also: &["2x2x2"], title: "2x2 crossover (TR|RT)",
        sequences: 2, periods: 2, anova_df: df(1, 2), robust_df: df(1, 2), constant: 1.0 / 2.0 },
    DesignFacts { design: Design::Repeated2x2x2, name: "2x2x2r", also: &[], title: "2x2 crossover, repeated in the same subjects",
        sequences: 2, periods: 4, anova_df: df(3, 2), robust_df: df(1, 2), constant: 1.0 / 4.0 },
    DesignFacts { design: Design::Latin3x3, name: "3x3", also: &[], title: "three-treatment crossover (Latin square)",
        sequences: 3, periods: 3, anova_df: df(2, 4), robust_df: df(1, 3), constant: 2.0 / 9.0 },
    DesignFacts { design: Design::Williams3x6x3, name: "3x6x3", also: &[], title: "three-treatment crossover (Williams)",
        sequences: 6, periods: 3, anova_df: df(2, 4), robust_df: df(1, 6), constant: 1.0 / 18.0 },
    DesignFacts { design: Design::Latin4x4, name: "4x4", also: &[], title: "four-treatment crossover (Latin square or Williams)",
        sequences: 4, periods: 4, anova_df: df(3, 6), robust_df: df(1, 4), constant: 1.0 / 8.0 },
    DesignFacts { design: Design::Replicate2x2x3, name: "2x2x3", also: &["2x3x2"], title: "three-period full replicate crossover (TRT|RTR)",
        sequences: 2, periods: 3, anova_df: df(2, 3), robust_df: df(1, 2), constant: 3.0 / 8.0 },
    DesignFacts { design: Design::Replicate2x2x4, name: "2x2x4", also: &[], title: "four-period full replicate crossover (TRTR|RTRT)",
        sequences: 2, periods: 4, anova_df: df(3, 4), robust_df: df(1, 2), constant: 1.0 / 4.0 },
    DesignFacts { design: Design::Replicate2x4x4, name: "2x4x4", also: &[], title: "four-period full replicate crossover in four sequences",
        sequences: 4, periods: 4, anova_df: df(3, 4), robust_df: df(1, 4), constant: 1.0 / 16.0 },
    DesignFacts { design: Design::Partial2x3x3, name: "2x3x3", also: &[], title: "partial replicate crossover (TRR|RTR|RRT)",
        sequences: 3, periods: 3, anova_df: df(2, 3), robust_df: df(1, 3), constant: 1.0 / 6.0 },
    DesignFacts { design: Design::Balaam2x4x2, name: "2x4x2", also: &["balaam"], title: "Balaam's design (TR|RT|TT|RR)",
        sequences: 4, periods: 2, anova_df: df(1, 2), robust_df: df(1, 2), constant: 1.0 / 2.0 },
];

impl Design {
    /// The design's row in the table.
    pub fn facts(self) -> &'static DesignFacts {
        // The table lists the designs in the order of the enum; a test walks it.
        &DESIGNS[self as usize]
    }

    /// The design of this name.
    ///
    /// # Errors
    /// [`PowerError::UnknownDesign`].
    pub fn from_name(name: &str) -> Result<Self, PowerError> {
        let wanted = name.trim().to_ascii_lowercase();
        DESIGNS
            .iter()
            .find(|facts| facts.name == wanted || facts.also.contains(&wanted.as_str()))
            .map(|facts| facts.design)
            .ok_or_else(|| PowerError::UnknownDesign { name: name.to_owned() })
    }

    /// Residual degrees of freedom with this many subjects, when there are any.
    pub fn degrees_of_freedom(self, rule: DfRule, subjects: u32) -> Option<f64> {
        match rule {
            DfRule::Anova => self.facts().anova_df.at(subjects),
            DfRule::Robust => self.facts().robust_df.at(subjects),
        }
    }

    /// The smallest balanced number of subjects that is considered: one a sequence and at least three.
    pub fn least_subjects(self) -> u32 {
        let step = self.facts().sequences;
        step * 3_u32.div_ceil(step)
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().name)
    }
}

/// Most sequences a design of the table has.
const MOST_SEQUENCES: usize = 6;

/// Numbers of subjects in the sequences (or groups) of a design, each at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subjects {
    design: Design,
    counts: [u32; MOST_SEQUENCES],
}

impl Subjects {
    /// A total, spread as evenly as it goes; the first sequences take what is left over.
    ///
    /// # Errors
    /// [`PowerError::TooFewSubjects`] when a sequence stays empty or no degree of freedom is left.
    pub fn total(design: Design, total: u32) -> Result<Self, PowerError> {
        let sequences = design.facts().sequences;
        let (each, over) = (total / sequences, total % sequences);
        let mut counts = [0; MOST_SEQUENCES];
        for (i, count) in counts.iter_mut().take(sequences as usize).enumerate() {
            *count = each + u32::from((i as u32) < over);
        }
        Self { design, counts }.checked()
    }

    /// Numbers by sequence in the order of the design's name (TRT before RTR).
    ///
    /// # Errors
    /// [`PowerError::SequenceCount`] when there are not as many numbers as sequences, [`PowerError::TooFewSubjects`].
    pub fn by_sequence(design: Design, given: &[u32]) -> Result<Self, PowerError> {
        let sequences = design.facts().sequences;
        if given.len() != sequences as usize {
            return Err(PowerError::SequenceCount { given: given.len(), design, sequences });
        }
        let mut counts = [0; MOST_SEQUENCES];
        counts[..given.len()].copy_from_slice(given);
        Self { design, counts }.checked()
    }

    fn checked(self) -> Result<Self, PowerError> {
        let subjects = self.sum();
        let empty = self.counts().contains(&0);
        if empty || self.design.degrees_of_freedom(DfRule::Anova, subjects).is_none() {
            return Err(PowerError::TooFewSubjects { subjects, design: self.design });
        }
        Ok(self)
    }

    /// The design they are spread over.
    pub fn design(&self) -> Design {
        self.design
    }

    /// The numbers by sequence.
    pub fn counts(&self) -> &[u32] {
        &self.counts[..self.design.facts().sequences as usize]
    }

    /// All subjects.
    pub fn sum(&self) -> u32 {
        self.counts().iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// Σ 1/nᵢ
    pub fn reciprocal_sum(&self) -> f64 {
        self.counts().iter().map(|&count| 1.0 / f64::from(count)).sum()
    }

    /// Variance of the estimated difference for a residual variance of one.
    pub fn variance_factor(&self) -> f64 {
        self.design.facts().constant * self.reciprocal_sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for facts in &DESIGNS {
            assert_eq!(facts.design.facts().name, facts.name);
            assert_eq!(Design::from_name(facts.name), Ok(facts.design));
        }
    }

    #[test]
    fn design_constants_are_those_of_the_textbooks() {
        // Chow & Liu 2009 table 9.2.1 and sections 9.3-9.4; bk of PowerTOST's table of known designs.
        let expected = [4.0, 2.0, 2.0, 1.0, 2.0, 2.0, 2.0, 1.5, 1.0, 1.0, 1.5, 8.0];
        for (facts, bk) in DESIGNS.iter().zip(expected) {
            assert!((facts.balanced_constant() - bk).abs() < 1e-14, "{}", facts.name);
        }
    }

    #[test]
    fn subjects_are_spread_evenly() {
        let subjects = Subjects::total(Design::Partial2x3x3, 29).unwrap();
        assert_eq!(subjects.counts(), [10, 10, 9]);
        assert_eq!(subjects.sum(), 29);
    }

    #[test]
    fn too_few_subjects_and_wrong_groups_are_refused() {
        assert!(matches!(Subjects::total(Design::Crossover2x2, 2), Err(PowerError::TooFewSubjects { .. })));
        assert!(matches!(Subjects::total(Design::Williams3x6x3, 5), Err(PowerError::TooFewSubjects { .. })));
        assert!(matches!(
            Subjects::by_sequence(Design::Crossover2x2, &[4, 4, 4]),
            Err(PowerError::SequenceCount { given: 3, .. })
        ));
    }

    #[test]
    fn names_are_read_in_any_case() {
        assert_eq!(Design::from_name("2X2"), Ok(Design::Crossover2x2));
        assert_eq!(Design::from_name("2x2x2"), Ok(Design::Crossover2x2));
        assert!(Design::from_name("5x5").is_err());
    }
}

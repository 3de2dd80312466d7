//! Do single subjects make the reference look more variable than it is?
//!
//! Limits may be widened only if CV_wR "is a reliable estimate and … not the result of outliers" (EMA, CPMP/EWP/QWP/1401/98 Rev. 1, section 4.1.10); box plots of
//! the studentised intra-subject residuals are the suggested look (EGA/EMA joint workshop on bioequivalence, 2010). The residuals are those of the reference's values
//! alone (the model of [`super::variability`]); in a crossover that replicates nothing, those of the whole model.
//!
//! Both flavours are given: internally studentised r/(s√(1−h)) (SAS `STUDENT`, Phoenix) and externally studentised, with s² from the other
//! values (SAS `RSTUDENT`). A subject with two values has two residuals that mirror each other, so the first stands for it.
//! The box is Tukey's (1977, Exploratory Data Analysis): hinges and median; whiskers end at the last value within `FENCE` times the
//! box's length from it; what lies beyond is an outlier.
//!
//! Outliers are shown, with CV_wR as it would be without them. They stay in the analysis: leaving one out is for the protocol to foresee.

use super::data::{BeData, Observation, Treatment};
use super::design::DesignKind;
use super::variability::{self, Within};
use croft_stat::absorbed::AbsorbedFit;
use serde::{Deserialize, Serialize};

/// Lengths of the box from its ends to the fences.
pub const FENCE: f64 = 2.0;

/// Residuals, boxes, and who lies beyond the fences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlierFacts {
    /// `reference` (its values alone) or `model` (all values).
    pub basis: String,
    /// Lengths of the box to the fences.
    pub fence: f64,
    /// One residual a subject.
    pub residuals: Vec<Residual>,
    /// Box of the internally studentised residuals.
    pub internal: BoxPlot,
    /// Box of the externally studentised residuals.
    pub external: BoxPlot,
    /// Subjects beyond the fences of the externally studentised residuals.
    pub outliers: Vec<String>,
    /// The reference's variability without the outliers, when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_without: Option<Within>,
}

/// One subject's residuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Residual {
    /// The subject.
    pub subject: String,
    /// Its sequence.
    pub sequence: String,
    /// Row of the value.
    pub row: usize,
    /// Internally studentised.
    pub internal: f64,
    /// Externally studentised.
    pub external: f64,
}

/// Tukey's box plot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words of the plot")]
pub struct BoxPlot {
    pub whisker_lo: f64,
    pub hinge_lo: f64,
    pub median: f64,
    pub hinge_hi: f64,
    pub whisker_hi: f64,
}

impl BoxPlot {
    /// The box of some values; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        if n == 0 {
            return None;
        }
        // Hinges are medians of the halves, the middle value belonging to both (Tukey 1977).
        let half = n.div_ceil(2);
        let (hinge_lo, hinge_hi) = (median(&sorted[..half]), median(&sorted[n - half..]));
        let reach = FENCE * (hinge_hi - hinge_lo);
        let within = |x: &&f64| **x >= hinge_lo - reach && **x <= hinge_hi + reach;
        Some(Self {
            whisker_lo: sorted.iter().find(within).copied().unwrap_or(hinge_lo),
            hinge_lo,
            median: median(&sorted),
            hinge_hi,
            whisker_hi: sorted.iter().rev().find(within).copied().unwrap_or(hinge_hi),
        })
    }

    /// Whether a value lies beyond the whiskers.
    pub fn is_outlier(&self, value: f64) -> bool {
        value < self.whisker_lo || value > self.whisker_hi
    }
}

fn median(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n % 2 == 1 { sorted[n / 2] } else { 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]) }
}

/// Residuals and outliers; `None` where no within-subject residuals can be had.
pub(super) fn find(data: &BeData) -> Option<OutlierFacts> {
    let replicate = data.design().replicates_reference();
    let (fit, values) = if replicate {
        variability::one_product(data.observations(), Treatment::Reference)?
    } else if data.design().kind == DesignKind::Crossover {
        super::fixed::residual_model(data).ok()?
    } else {
        return None;
    };
    let residuals = residuals(data, &fit, &values);
    let internal = BoxPlot::of(&residuals.iter().map(|r| r.internal).collect::<Vec<_>>())?;
    let external = BoxPlot::of(&residuals.iter().map(|r| r.external).collect::<Vec<_>>())?;
    let mut outliers: Vec<String> =
        residuals.iter().filter(|r| external.is_outlier(r.external)).map(|r| r.subject.clone()).collect();
    outliers.dedup();
    let reference_without = (replicate && !outliers.is_empty()).then(|| without(data, &outliers)).flatten();
    Some(OutlierFacts {
        basis: if replicate { "reference" } else { "model" }.to_owned(),
        fence: FENCE,
        residuals,
        internal,
        external,
        outliers,
        reference_without,
    })
}

/// One residual of a subject with two values, all of a subject with more, none of a subject with one.
fn residuals(data: &BeData, fit: &AbsorbedFit, values: &[Observation]) -> Vec<Residual> {
    let mut residuals = Vec::new();
    let mut start = 0;
    for of_subject in values.chunk_by(|a, b| a.subject == b.subject) {
        let shown = if of_subject.len() == 2 { 1 } else { of_subject.len() };
        for (i, o) in of_subject.iter().enumerate().take(shown) {
            let studentised = (fit.internally_studentised(start + i), fit.externally_studentised(start + i));
            if let (Some(internal), Some(external)) = studentised {
                residuals.push(Residual {
                    subject: data.subjects()[o.subject].clone(),
                    sequence: data.design().sequences[o.sequence].label.clone(),
                    row: o.row,
                    internal,
                    external,
                });
            }
        }
        start += of_subject.len();
    }
    residuals
}

fn without(data: &BeData, outliers: &[String]) -> Option<Within> {
    let kept: Vec<Observation> =
        data.observations().iter().filter(|o| !outliers.contains(&data.subjects()[o.subject])).copied().collect();
    let (fit, _) = variability::one_product(&kept, Treatment::Reference)?;
    Some(Within::new(fit.variance(), fit.residual_df as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_tukeys_hinges_and_ends_its_whiskers_at_values() {
        // R: boxplot.stats(c(1, 2, 3, 4, 5, 6, 30), coef = 2)$stats gives 1 2.5 4 5.5 6.
        let plot = BoxPlot::of(&[30.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let shown = [plot.whisker_lo, plot.hinge_lo, plot.median, plot.hinge_hi, plot.whisker_hi];
        for (got, expected) in shown.into_iter().zip([1.0, 2.5, 4.0, 5.5, 6.0]) {
            croft_testkit::assert_close("box", got, expected, 1e-15);
        }
        assert!(plot.is_outlier(30.0) && !plot.is_outlier(6.0));
        assert!(BoxPlot::of(&[]).is_none());
    }
}

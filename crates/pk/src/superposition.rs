//! What do repeated doses give, when the kinetics are linear?
//!
//! By superposition of the single-dose profile C₁, each dose shifted to its time and scaled to its size:
//! ```text
//! C(t) = Σ (D_i/D₁) C₁(t − t_i)                           any regimen
//! C_ss(t) = (D/D₁) Σ_{k ≥ 0} C₁(t + kτ)                   a dose D every τ, for ever
//! ```
//! Between samples C₁ is interpolated by the rule for areas; beyond t_last it goes on as `C e^(−lambda_z (t − t_last))`, C observed or predicted.
//! The sum for steady state is exact: from the first term beyond t_last on it is geometric, `C/(1 − e^(−lambda_z τ))`.
//!
//! For one compartment (or the terminal phase), with n doses:
//! ```text
//! accumulation index        1/(1 − e^(−λτ))
//! fraction of steady state  1 − e^(−nλτ)
//! time to a fraction f      −ln(1 − f)/λ
//! ```
//!
//! Assumes linear, time-invariant kinetics; no part of it checks that. A carry-over in C₁ (a concentration before the dose) is counted with every dose.
//! Where packages differ: WinNonlin and PKNCA extrapolate from the observed C_last, the default here; the predicted one ([`Tail::Predicted`]) avoids a jump of the line
//! when C_last is an outlier.
//! Sources: Thron (1974), Pharmacol Rev 26:3-31; van Rossum, Tomey (1968), J Pharm Pharmacol 20:390-392; Gibaldi, Perrier, "Pharmacokinetics",
//! 2nd ed. (1982), chapter 3, equations 3.6, 3.21 and 3.25.
//! Cost: O(doses · log samples) a time; O(t_last/τ) at steady state.
//! Tested against the closed forms of one compartment and the usual table of half-lives to steady state.

use crate::nca::curve::Curve;
use crate::nca::lambda_z::{self, LambdaZFit};
use crate::nca::{Options, Profile, Reason, Regimen};
use croft_num::math::{exp, exp_m1, ln_1p};
use serde::{Deserialize, Serialize};

/// Where the terminal line starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tail {
    /// At the observed C_last.
    Observed,
    /// At the regression's C_last.
    Predicted,
}

/// A dose of a regimen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoseEvent {
    /// When.
    pub time: f64,
    /// How much, in the unit of the single dose.
    pub dose: f64,
}

/// Why doses cannot be superposed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SuperpositionError {
    #[error("the single-dose profile is at steady state")]
    NotSingleDose,
    #[error("the single-dose profile has no {what}: {}", reason.text())]
    NotCalculable { what: &'static str, reason: Reason },
    #[error("{what} {value} is not a positive number")]
    NotPositive { what: &'static str, value: f64 },
    #[error("the dosing interval {tau} is too short for a profile that lasts {t_last}")]
    IntervalTooShort { tau: f64, t_last: f64 },
}

impl SuperpositionError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSingleDose => "superpose a profile after a single dose, without `tau`",
            Self::NotCalculable { .. } => "give the dose, and choose the points of lambda_z by hand if none were found",
            Self::NotPositive { .. } => "give a number greater than 0",
            Self::IntervalTooShort { .. } => "check that interval and times have the same unit",
        }
    }
}

/// Most terms that are summed one by one.
const MOST_TERMS: f64 = 1e6;

/// A single-dose profile, ready to be superposed.
#[derive(Clone, Debug)]
pub struct SingleDose {
    curve: Curve,
    fit: LambdaZFit,
    dose: f64,
    t_last: f64,
    c_last: f64,
}

impl SingleDose {
    /// Takes the profile with the rules of `options`.
    ///
    /// # Errors
    /// The profile is at steady state, has no dose, no curve or no lambda_z.
    pub fn new(profile: &Profile, options: &Options, tail: Tail) -> Result<Self, SuperpositionError> {
        let dosing = profile.dosing();
        if dosing.regimen != Regimen::SingleDose {
            return Err(SuperpositionError::NotSingleDose);
        }
        let missing = |what| move |reason| SuperpositionError::NotCalculable { what, reason };
        let dose = dosing.dose.ok_or(Reason::NoDose).map_err(missing("dose"))?;
        let curve = Curve::new(profile, options).map_err(missing("curve"))?;
        if curve.points.first().is_none_or(|p| p.time > 0.0) {
            return Err(missing("curve")(Reason::NoStart));
        }
        let clock = options.clock.offset(dosing);
        let fit = lambda_z::fit(&curve, dosing, &options.lambda_z, clock).map_err(missing("lambda_z"))?;
        let last = curve.last.map(|i| curve.points[i]).ok_or(Reason::NoMeasurable).map_err(missing("curve"))?;
        let c_last = match tail {
            Tail::Observed => last.conc,
            Tail::Predicted => fit.predict(last.time),
        };
        Ok(Self { curve, fit, dose, t_last: last.time, c_last })
    }

    /// Concentration at `t` after one dose; 0 before it.
    pub fn conc(&self, t: f64) -> f64 {
        if t < 0.0 {
            0.0
        } else if t <= self.t_last {
            self.curve.conc_at(t)
        } else {
            self.c_last * exp(-self.fit.lambda_z * (t - self.t_last))
        }
    }

    /// Concentration at `t` under any regimen.
    pub fn conc_under(&self, regimen: &[DoseEvent], t: f64) -> f64 {
        regimen.iter().map(|event| event.dose / self.dose * self.conc(t - event.time)).sum()
    }

    /// Concentration at steady state, `t` after a dose of `dose` given every `tau`.
    ///
    /// # Errors
    /// `tau` or `dose` is not positive, or `tau` is shorter than a millionth of the profile.
    pub fn conc_at_steady_state(&self, dose: f64, tau: f64, t: f64) -> Result<f64, SuperpositionError> {
        for (what, value) in [("dosing interval", tau), ("dose", dose)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(SuperpositionError::NotPositive { what, value });
            }
        }
        if (self.t_last - t) / tau > MOST_TERMS {
            return Err(SuperpositionError::IntervalTooShort { tau, t_last: self.t_last });
        }
        let mut sum = 0.0;
        let mut k = 0.0;
        while t + k * tau <= self.t_last {
            sum += self.conc(t + k * tau);
            k += 1.0;
        }
        sum += self.conc(t + k * tau) * accumulation_index(self.fit.lambda_z, tau);
        Ok(dose / self.dose * sum)
    }
}

/// Ratio of steady state to first dose, of the terminal phase: 1/(1 − e^(−λτ)).
pub fn accumulation_index(lambda_z: f64, tau: f64) -> f64 {
    -1.0 / exp_m1(-lambda_z * tau)
}

/// Fraction of steady state after `doses` doses: 1 − e^(−nλτ).
pub fn fraction_of_steady_state(lambda_z: f64, tau: f64, doses: u32) -> f64 {
    -exp_m1(-lambda_z * tau * f64::from(doses))
}

/// Time to a fraction of steady state (0.9, 0.95): −ln(1 − f)/λ. None when the fraction is not between 0 and 1, or λ not positive.
pub fn time_to_steady_state(lambda_z: f64, fraction: f64) -> Option<f64> {
    (fraction > 0.0 && fraction < 1.0 && lambda_z > 0.0).then(|| -ln_1p(-fraction) / lambda_z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nca::{Dosing, Route, Sample};
    use croft_testkit::assert_close;

    /// 100 mg as a bolus into V = 10 L with CL = 1 L/h: C = 10 e^(−0.1 t).
    fn bolus() -> SingleDose {
        let times = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0];
        let samples = times.iter().enumerate().map(|(row, &t)| Sample::new(row, t, 10.0 * exp(-0.1 * t))).collect();
        let profile = Profile::new(samples, Dosing::oral(100.0).by(Route::Bolus)).unwrap();
        SingleDose::new(&profile, &Options::default(), Tail::Observed).unwrap()
    }

    #[test]
    fn n_doses_and_steady_state_agree_with_the_closed_forms_of_one_compartment() {
        let (single, k, tau) = (bolus(), 0.1, 12.0);
        for n in [1, 2, 5, 20] {
            let regimen: Vec<_> = (0..n).map(|i| DoseEvent { time: f64::from(i) * tau, dose: 100.0 }).collect();
            for t in [0.0, 0.25, 3.0, 11.0, 40.0] {
                // Gibaldi, Perrier, equation 3.6
                let expected = 10.0 * exp_m1(-f64::from(n) * k * tau) / exp_m1(-k * tau) * exp(-k * t);
                assert_close("n doses", single.conc_under(&regimen, f64::from(n - 1) * tau + t), expected, 1e-9);
            }
        }
        for t in [0.0, 1.5, 6.0, 12.0] {
            let expected = 10.0 * exp(-k * t) * accumulation_index(k, tau);
            assert_close("steady state", single.conc_at_steady_state(100.0, tau, t).unwrap(), expected, 1e-9);
            let doubled = single.conc_at_steady_state(200.0, tau, t).unwrap();
            assert_close("twice the dose", doubled, 2.0 * expected, 1e-9);
        }
    }

    #[test]
    fn an_absorbed_dose_is_superposed_at_its_samples() {
        // Bateman function, ka = 1, k = 0.1; sampled densely where it is used
        let c = |t: f64| exp(-0.1 * t) - exp(-t);
        let samples = (0..=48).map(|i| Sample::new(i, i as f64, c(i as f64))).collect();
        let profile = Profile::new(samples, Dosing::oral(1.0)).unwrap();
        let mut options = Options::default();
        options.lambda_z.earliest = Some(36.0); // where e^(−t) is gone
        let single = SingleDose::new(&profile, &options, Tail::Predicted).unwrap();
        for t in [0.0, 1.0, 4.0, 11.0] {
            let expected = exp(-0.1 * t) * accumulation_index(0.1, 12.0) - exp(-t) * accumulation_index(1.0, 12.0);
            assert_close("steady state", single.conc_at_steady_state(1.0, 12.0, t).unwrap(), expected, 1e-7);
        }
    }

    #[test]
    fn the_usual_table_of_half_lives_to_steady_state_holds() {
        // Gibaldi, Perrier (1982), section 3.2: 50, 90, 95, 99 % after 1, 3.3, 4.3, 6.6 half-lives
        let lambda = std::f64::consts::LN_2;
        for (fraction, half_lives) in [(0.5, 1.0), (0.9, 3.3), (0.95, 4.3), (0.99, 6.6)] {
            let time = time_to_steady_state(lambda, fraction).unwrap();
            assert!((time - half_lives).abs() < 0.05, "{fraction}: {time}");
        }
        // dosed every half-life the body holds twice the dose
        assert_close("accumulation", accumulation_index(lambda, 1.0), 2.0, 1e-14);
        assert_close("3 doses", fraction_of_steady_state(lambda, 1.0, 3), 0.875, 1e-14);
        assert_eq!(time_to_steady_state(lambda, 1.0), None);
    }

    #[test]
    fn what_cannot_be_superposed_is_refused() {
        let single = bolus();
        assert!(matches!(single.conc_at_steady_state(100.0, 0.0, 1.0), Err(SuperpositionError::NotPositive { .. })));
        let short = single.conc_at_steady_state(100.0, 1e-9, 1.0);
        assert!(matches!(short, Err(SuperpositionError::IntervalTooShort { .. })));
        let samples: Vec<_> = (0..3).map(|i| Sample::new(i, i as f64, 1.0)).collect();
        let level = Profile::new(samples.clone(), Dosing::oral(1.0)).unwrap();
        let refused = SingleDose::new(&level, &Options::default(), Tail::Observed).unwrap_err();
        assert!(matches!(refused, SuperpositionError::NotCalculable { what: "lambda_z", .. }));
        let steady = Profile::new(samples, Dosing::oral(1.0).every(12.0)).unwrap();
        let refused = SingleDose::new(&steady, &Options::default(), Tail::Observed).unwrap_err();
        assert_eq!(refused, SuperpositionError::NotSingleDose);
    }
}

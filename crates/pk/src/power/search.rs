//! Which is the smallest number of subjects with enough power?
//!
//! Power rises with the number of subjects, so the smallest balanced number is bracketed by steps that double,
//! starting from a closed form, and then halved down: some ten evaluations even for tens of thousands of subjects.
//! Where power is simulated, neighbouring numbers can swap by chance; the answer then is the upper end of a
//! neighbouring pair of which the lower one misses the target and the upper one reaches it.

use super::error::PowerError;

/// The most subjects the search considers.
const MOST_SUBJECTS: u32 = 10_000_000;

/// A number of subjects and the power it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleSize {
    /// all subjects, a multiple of the number of sequences
    pub subjects: u32,
    /// the power reached, at least the target
    pub power: f64,
}

/// What bounds the search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchRange {
    /// the closed form's number; brought to a multiple of `step`
    pub start: f64,
    /// subjects are multiples of this
    pub step: u32,
    /// the fewest subjects
    pub least: u32,
}

/// The smallest multiple of the step at which `power` reaches `target`.
pub(crate) fn smallest(
    range: SearchRange,
    target: f64,
    mut power: impl FnMut(u32) -> Result<f64, PowerError>,
) -> Result<SampleSize, PowerError> {
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    let step = range.step;
    let (first, last) = (range.least.div_ceil(step), MOST_SUBJECTS / step);
    let start = (range.start / f64::from(step)).ceil().clamp(f64::from(first), f64::from(last)) as u32;
    let mut at = |steps: u32| power(steps * step);

    // `low` misses the target (or lies below the range), `high` reaches it.
    let start_power = at(start)?;
    let mut stride = 1;
    let (mut low, mut high, mut high_power);
    if start_power >= target {
        (high, high_power) = (start, start_power);
        loop {
            if high == first {
                return Ok(SampleSize { subjects: high * step, power: high_power });
            }
            let next = high.saturating_sub(stride).max(first);
            let next_power = at(next)?;
            if next_power < target {
                low = next;
                break;
            }
            (high, high_power) = (next, next_power);
            stride *= 2;
        }
    } else {
        (low, high, high_power) = (start, start, start_power);
        while high_power < target {
            if high == last {
                return Err(PowerError::TargetNotReached { subjects: high * step, power: high_power, target });
            }
            low = high;
            high = high.saturating_add(stride).min(last);
            high_power = at(high)?;
            stride *= 2;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let middle_power = at(middle)?;
        if middle_power >= target {
            (high, high_power) = (middle, middle_power);
        } else {
            low = middle;
        }
    }
    Ok(SampleSize { subjects: high * step, power: high_power })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(start: f64, needed: u32) -> SampleSize {
        let range = SearchRange { start, step: 2, least: 4 };
        smallest(range, 0.8, |n| Ok(if n >= needed { 0.9 } else { 0.1 })).unwrap()
    }

    #[test]
    fn the_start_does_not_matter() {
        for needed in [4, 6, 38, 10_170] {
            for start in [0.0, 5.0, 40.0, 10_171.0, 1e6] {
                assert_eq!(found(start, needed).subjects, needed, "from {start}");
            }
        }
    }

    #[test]
    fn a_target_out_of_reach_is_said() {
        let range = SearchRange { start: 10.0, step: 2, least: 4 };
        let got = smallest(range, 0.8, |_| Ok(0.5));
        assert!(matches!(got, Err(PowerError::TargetNotReached { .. })));
        assert!(matches!(smallest(range, 1.0, |_| Ok(0.5)), Err(PowerError::Target { .. })));
    }
}

//! Where does a value stand on an axis, and which ticks are written?
//!
//! Linear axes: ticks at 1, 2, 2.5 or 5 times a power of ten, as many as there is room for. Logarithmic axes: ticks at
//! 1, 2 and 5 times powers of ten; at powers only, when more than three decades are shown. Log axes begin and end where
//! the data do, on the next tick outside; linear axes likewise, and at zero where asked.
//!
//! Logarithms are libm's, so that a figure has the same bytes on every machine.

/// Most ticks on an axis.
const MOST_TICKS: usize = 9;

/// A tick: its value and what is written beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// What is written; empty for a minor tick.
    pub label: String,
}

/// An axis from its lowest to its highest value.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Logarithmic.
    pub log: bool,
    /// Ticks, ascending.
    pub ticks: Vec<Tick>,
}

impl Scale {
    /// A linear axis that holds the values, about `wanted` ticks.
    pub fn linear(values: impl IntoIterator<Item = f64>, zero: bool, wanted: usize) -> Self {
        let (mut low, mut high) = range(values).unwrap_or((0.0, 1.0));
        if zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if high <= low {
            (low, high) = (low - 0.5 * low.abs().max(1.0), high + 0.5 * high.abs().max(1.0));
        }
        let step = nice_step((high - low) / wanted.clamp(2, MOST_TICKS) as f64);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let decimals = decimals_of(step);
        let ticks = (0..=(last - first) as i64)
            .map(|i| (first + i as f64) * step)
            .map(|value| Tick { value, label: crate::number::fixed(value, decimals) })
            .collect();
        Self { low: first * step, high: last * step, log: false, ticks }
    }

    /// A logarithmic axis that holds the values above zero; others cannot be shown on it.
    pub fn log(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values.into_iter().filter(|&v| v > 0.0)).unwrap_or((1.0, 10.0));
        let all = one_two_five(low, high);
        let decades = libm::log10(high / low);
        let written = |value: f64| decades <= 3.2 || power_of_ten(value);
        let ticks: Vec<Tick> = all
            .iter()
            .map(|&value| Tick { value, label: if written(value) { short(value) } else { String::new() } })
            .collect();
        let (low, high) = (all.first().copied().unwrap_or(low), all.last().copied().unwrap_or(high));
        Self { low, high, log: true, ticks }
    }

    /// A logarithmic axis over less than a decade, as for ratios in percent: ticks at round steps as on a linear axis.
    pub fn log_fine(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|&v| v > 0.0).collect();
        let linear = Self::linear(values.iter().copied(), false, 7);
        let wide = range(values.iter().copied()).is_some_and(|(low, high)| high / low > 10.0);
        if wide || linear.low <= 0.0 { Self::log(values) } else { Self { log: true, ..linear } }
    }

    /// Where a value stands, 0 at the low end and 1 at the high end; `None` for what a log axis cannot show.
    pub fn place(&self, value: f64) -> Option<f32> {
        if !self.log {
            return Some(((value - self.low) / (self.high - self.low)) as f32);
        }
        (value > 0.0).then(|| (libm::log(value / self.low) / libm::log(self.high / self.low)) as f32)
    }
}

fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

/// Ten to a whole power, by repeated multiplication: exact to 1e22, and the same everywhere.
fn ten_to(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(0.0)
}

fn exponent(value: f64) -> i32 {
    format!("{value:e}").rsplit_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0)
}

/// The smallest of 1, 2, 2.5, 5, 10 times a power of ten that is not below the step.
fn nice_step(step: f64) -> f64 {
    let power = ten_to(exponent(step));
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= step * (1.0 - 1e-9)).unwrap_or(step)
}

fn decimals_of(step: f64) -> usize {
    step.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len().min(12))
}

/// Ticks at 1, 2 and 5 times powers of ten, from the one at or below `low` to the one at or above `high`.
fn one_two_five(low: f64, high: f64) -> Vec<f64> {
    let mut ticks = Vec::new();
    for power in exponent(low)..=exponent(high) + 1 {
        ticks.extend([1, 2, 5].map(|m| format!("{m}e{power}").parse::<f64>().unwrap_or(f64::MAX)));
    }
    let first = ticks.iter().rposition(|t| *t <= low).unwrap_or(0);
    let last = ticks.iter().position(|t| *t >= high).unwrap_or(ticks.len() - 1);
    // A flat series still gets an axis with two ends.
    let last = if last <= first { (first + 1).min(ticks.len() - 1) } else { last };
    ticks[first..=last].to_vec()
}

fn power_of_ten(value: f64) -> bool {
    format!("{value:e}").starts_with("1e")
}

/// A tick's value as short as it is exact: `0.05`, `200`, `1e-6`.
fn short(value: f64) -> String {
    if (1e-4..1e6).contains(&value) { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn linear_ticks_are_round_and_hold_the_data() {
        assert_eq!(labels(&Scale::linear([0.3, 23.0], true, 6)), ["0", "5", "10", "15", "20", "25"]);
        assert_eq!(labels(&Scale::linear([0.1, 0.34], false, 5)), ["0.10", "0.15", "0.20", "0.25", "0.30", "0.35"]);
        assert!(Scale::linear([7.0, 7.0], false, 4).ticks.len() > 1);
        assert_eq!(labels(&Scale::linear([], true, 4)), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
    }

    #[test]
    fn log_ticks_stand_at_one_two_five() {
        assert_eq!(labels(&Scale::log([0.7, 42.0, 0.0])), ["0.5", "1", "2", "5", "10", "20", "50"]);
        let wide = Scale::log([0.002, 40_000.0]);
        assert_eq!(wide.ticks.iter().filter(|t| !t.label.is_empty()).count(), 7);
        assert_eq!(labels(&Scale::log([10.0])), ["10", "20"]);
    }

    #[test]
    fn places_run_from_zero_to_one() {
        let scale = Scale::log([1.0, 100.0]);
        assert_eq!(scale.place(10.0), Some(0.5));
        assert_eq!(scale.place(0.0), None);
        assert_eq!(Scale::linear([0.0, 10.0], true, 5).place(5.0), Some(0.5));
    }
}

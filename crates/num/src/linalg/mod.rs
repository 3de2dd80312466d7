//! Small dense linear algebra: least squares with its rank, Cholesky, symmetric eigenvalues, singular values.
//!
//! Matrices and vectors are nalgebra's, re-exported, so that every crate of the workspace speaks of the same types.
//! nalgebra is built with `libm-force`: its default picks processor instructions at run time and so changes bits.
//! What is added here is what a statistician needs and the library leaves open: a rank, an answer for aliased columns,
//! errors that say which pivot failed, bounds on iterations.

mod least_squares;

pub use least_squares::{LeastSquares, least_squares};
pub use nalgebra::{Cholesky, DMatrix, DMatrixView, DVector, DVectorView, Dyn, SymmetricEigen};

/// Sweeps that eigenvalue and singular value iterations may take, per dimension; 3 are usual.
const SWEEPS_MAX: usize = 200;

/// Why a decomposition does not exist or was not found.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LinalgError {
    /// A leading block is not positive definite.
    #[error("the matrix is not positive definite: pivot {row} is {pivot}")]
    NotPositiveDefinite {
        /// Row of the failing pivot, from 1.
        row: usize,
        /// The pivot.
        pivot: f64,
    },
    /// An entry is infinite or not a number.
    #[error("the entry in row {row}, column {column} is {value}")]
    NotFinite {
        /// Row, from 1.
        row: usize,
        /// Column, from 1.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// The matrix is not square.
    #[error("the matrix has {rows} rows and {columns} columns, but must be square")]
    NotSquare {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Lengths do not fit together.
    #[error("{rows} rows of the design do not fit {values} values")]
    LengthMismatch {
        /// Rows of the design.
        rows: usize,
        /// Values of the response.
        values: usize,
    },
    /// An iteration reached its bound.
    #[error("no convergence of the {what} in {sweeps} sweeps")]
    NotConverged {
        /// What was sought.
        what: &'static str,
        /// The bound.
        sweeps: usize,
    },
}

impl LinalgError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotPositiveDefinite { .. } => "look for a variance of zero or variables that determine each other",
            Self::NotFinite { .. } => "look for a division by zero or a missing value before this step",
            Self::NotSquare { .. } | Self::LengthMismatch { .. } => {
                "check that design and response come from the same rows"
            }
            Self::NotConverged { .. } => "scale the columns to comparable size",
        }
    }
}

/// Lower triangle L with L Lᵀ = `matrix`, of which only the lower triangle is read. n³/3 operations.
///
/// # Errors
/// When the matrix is not square, has an entry that is not finite, or is not positive definite (naming the pivot).
pub fn cholesky(matrix: &DMatrix<f64>) -> Result<Cholesky<f64, Dyn>, LinalgError> {
    square(matrix)?;
    match Cholesky::new(matrix.clone()) {
        Some(found) => Ok(found),
        None => Err(failing_pivot(matrix)),
    }
}

/// Eigenvalues, largest first, and the eigenvectors as columns in the same order, of a symmetric matrix (lower triangle read).
///
/// # Errors
/// When the matrix is not square, has an entry that is not finite, or the iteration reaches its bound.
pub fn symmetric_eigen(matrix: &DMatrix<f64>) -> Result<(DVector<f64>, DMatrix<f64>), LinalgError> {
    square(matrix)?;
    let sweeps = SWEEPS_MAX * matrix.nrows().max(1);
    let found = nalgebra::SymmetricEigen::try_new(matrix.clone(), f64::EPSILON, sweeps)
        .ok_or(LinalgError::NotConverged { what: "eigenvalues", sweeps })?;
    let mut order: Vec<usize> = (0..matrix.nrows()).collect();
    order.sort_by(|i, j| found.eigenvalues[*j].total_cmp(&found.eigenvalues[*i]));
    let values = DVector::from_iterator(order.len(), order.iter().map(|i| found.eigenvalues[*i]));
    let vectors = DMatrix::from_fn(order.len(), order.len(), |row, column| found.eigenvectors[(row, order[column])]);
    Ok((values, vectors))
}

/// A singular value decomposition U diag(values) Vᵀ, largest value first.
#[derive(Clone, Debug, PartialEq)]
pub struct SingularValues {
    /// U, one column a value.
    pub u: DMatrix<f64>,
    /// The singular values.
    pub values: DVector<f64>,
    /// Vᵀ, one row a value.
    pub v_t: DMatrix<f64>,
}

impl SingularValues {
    /// Values above max(rows, columns) · ε · the largest (Golub & Van Loan, §5.5.8).
    pub fn rank(&self) -> usize {
        let size = self.u.nrows().max(self.v_t.ncols()) as f64;
        let floor = self.values.iter().fold(0.0, |most: f64, v| most.max(*v)) * size * f64::EPSILON;
        self.values.iter().filter(|v| **v > floor).count()
    }
}

/// Singular value decomposition.
///
/// # Errors
/// When an entry is not finite, or the iteration reaches its bound.
pub fn singular_values(matrix: &DMatrix<f64>) -> Result<SingularValues, LinalgError> {
    all_finite(matrix)?;
    let smaller = matrix.nrows().min(matrix.ncols());
    if smaller == 0 {
        return Ok(SingularValues {
            u: DMatrix::zeros(matrix.nrows(), 0),
            values: DVector::zeros(0),
            v_t: DMatrix::zeros(0, matrix.ncols()),
        });
    }
    let sweeps = SWEEPS_MAX * smaller;
    let missing = LinalgError::NotConverged { what: "singular values", sweeps };
    let found = nalgebra::SVD::try_new(matrix.clone(), true, true, f64::EPSILON, sweeps).ok_or(missing)?;
    let (u, v_t) = (found.u.ok_or(missing)?, found.v_t.ok_or(missing)?);
    Ok(SingularValues { u, values: found.singular_values, v_t })
}

fn square(matrix: &DMatrix<f64>) -> Result<(), LinalgError> {
    if matrix.nrows() != matrix.ncols() {
        return Err(LinalgError::NotSquare { rows: matrix.nrows(), columns: matrix.ncols() });
    }
    all_finite(matrix)
}

fn all_finite(matrix: &DMatrix<f64>) -> Result<(), LinalgError> {
    for column in 0..matrix.ncols() {
        for row in 0..matrix.nrows() {
            let value = matrix[(row, column)];
            if !value.is_finite() {
                return Err(LinalgError::NotFinite { row: row + 1, column: column + 1, value });
            }
        }
    }
    Ok(())
}

/// Repeats the decomposition to say where it fails.
fn failing_pivot(matrix: &DMatrix<f64>) -> LinalgError {
    let n = matrix.nrows();
    let mut l = DMatrix::zeros(n, n);
    let mut last = LinalgError::NotPositiveDefinite { row: n, pivot: 0.0 };
    for row in 0..n {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| l[(row, k)] * l[(column, k)]).sum();
            let rest = matrix[(row, column)] - known;
            if row != column {
                l[(row, column)] = rest / l[(column, column)];
                continue;
            }
            last = LinalgError::NotPositiveDefinite { row: row + 1, pivot: rest };
            if rest <= 0.0 {
                return last;
            }
            l[(row, row)] = f64::sqrt(rest);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_names_the_pivot_that_fails() {
        let matrix = DMatrix::from_row_slice(3, 3, &[4.0, 2.0, 0.0, 2.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(cholesky(&matrix).unwrap_err(), LinalgError::NotPositiveDefinite { row: 2, pivot: 0.0 });
        let l = cholesky(&DMatrix::from_row_slice(2, 2, &[4.0, 2.0, 2.0, 5.0])).unwrap().l();
        assert_eq!(l, DMatrix::from_row_slice(2, 2, &[2.0, 0.0, 1.0, 2.0]));
    }

    #[test]
    fn eigenvalues_come_largest_first_with_their_vectors() {
        let matrix = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 1.0]);
        let (values, vectors) = symmetric_eigen(&matrix).unwrap();
        assert!((values[0] - 3.0).abs() < 1e-14 && (values[1] + 1.0).abs() < 1e-14);
        assert!((&matrix * vectors.column(0) - 3.0 * vectors.column(0)).norm() < 1e-14);
    }

    #[test]
    fn rank_is_counted_from_singular_values() {
        let matrix = DMatrix::from_row_slice(3, 2, &[1.0, 2.0, 2.0, 4.0, 3.0, 6.0]);
        assert_eq!(singular_values(&matrix).unwrap().rank(), 1);
        assert_eq!(singular_values(&DMatrix::zeros(2, 0)).unwrap().rank(), 0);
        assert!(matches!(singular_values(&DMatrix::from_element(1, 1, f64::NAN)), Err(LinalgError::NotFinite { .. })));
    }
}

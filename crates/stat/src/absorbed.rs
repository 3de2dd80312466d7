//! What does a linear model say when each subject has an effect of its own?
//!
//! A crossover trial is analysed with a fixed effect for every subject. Written as a design matrix this costs a column
//! a subject; instead the subject effects are *absorbed*: every column and the response are centred within the
//! subject, and the few columns that remain (periods, treatments) are fitted to what is left,
//! ```text
//! ỹ = X̃ β + e        ỹ_ij = y_ij − ȳ_i·       df = N − subjects − rank(X̃)
//! ```
//! Coefficients, residuals and their variance are those of the full model (Frisch & Waugh 1933, Econometrica 1:387–401;
//! Lovell 1963, JASA 58:993–1010). Effects that do not vary within a subject (sequence, group) are absorbed with it.
//! The cost is O(N k²) for k columns and N values; no matrix has more than k columns.
//!
//! Columns enter in the order given. A column that the columns before it and the subjects explain is *aliased*: it
//! gets no coefficient and takes no degree of freedom, as in SAS GLM and R `lm`. Orthogonalisation is modified
//! Gram–Schmidt done twice (Giraud, Langou & Rozložník 2005, Comput Math Appl 50:1069–1075), which is as stable as Householder's.
//!
//! A subject with one value has the residual zero and counts neither for nor against: its value pays for its own effect.

/// A column whose part left after centring and orthogonalising is shorter than this share of it is aliased.
/// Design columns are small whole numbers, so that what is left is either of their own size or rounding.
const ALIASED: f64 = 1e-8;

/// Why the model cannot be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AbsorbedError {
    /// A column has another length than the response.
    #[error("column {column} has {found} values, the response has {expected}")]
    Length {
        /// Position of the column.
        column: usize,
        /// Its length.
        found: usize,
        /// Length of the response.
        expected: usize,
    },
    /// Not every value has its subject.
    #[error("{found} subject numbers for {expected} values")]
    Subjects {
        /// Subject numbers given.
        found: usize,
        /// Values given.
        expected: usize,
    },
    /// Subjects and columns explain every value.
    #[error("{values} values of {subjects} subjects leave no degree of freedom for {columns} effects")]
    NoResidual {
        /// Values given.
        values: usize,
        /// Subjects among them.
        subjects: usize,
        /// Effects that could be estimated.
        columns: usize,
    },
}

impl AbsorbedError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Length { .. } | Self::Subjects { .. } => "give one number a value in every column",
            Self::NoResidual { .. } => "the variance needs subjects with more values than the model has effects for",
        }
    }
}

/// A fitted model with absorbed subject effects.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsorbedFit {
    /// A coefficient a column; `None` when it is aliased.
    pub coefficients: Vec<Option<f64>>,
    /// Sum of squares that each column adds after the subjects and the columns before it; zero when it is aliased.
    pub sequential_ss: Vec<f64>,
    /// Residual sum of squares.
    pub residual_ss: f64,
    /// Residual degrees of freedom.
    pub residual_df: usize,
    /// Residuals, in the order of the response.
    pub residuals: Vec<f64>,
    /// Diagonal of the hat matrix of the full model, subject effects included.
    pub leverages: Vec<f64>,
    /// Subjects.
    pub subjects: usize,
    /// Inverse of the triangular factor, over the columns that are estimated.
    inverse_r: Vec<Vec<f64>>,
    /// Estimated columns, ascending.
    estimated: Vec<usize>,
}

impl AbsorbedFit {
    /// Residual mean square: the within-subject variance.
    pub fn variance(&self) -> f64 {
        self.residual_ss / self.residual_df as f64
    }

    /// Number of estimated columns.
    pub fn rank(&self) -> usize {
        self.estimated.len()
    }

    /// Standard error of a column's coefficient; `None` when it is aliased.
    pub fn standard_error(&self, column: usize) -> Option<f64> {
        let position = self.estimated.binary_search(&column).ok()?;
        // (X̃'X̃)⁻¹ = R⁻¹ R⁻ᵀ: its diagonal is the squared length of a row of R⁻¹.
        let unscaled: f64 = self.inverse_r[position].iter().map(|x| x * x).sum();
        Some((self.variance() * unscaled).sqrt())
    }

    /// Internally studentised residual of a value, r / (s √(1 − h)) (SAS `STUDENT`, R `rstandard`).
    /// `None` when the model reproduces the value whatever it is (h = 1).
    pub fn internally_studentised(&self, value: usize) -> Option<f64> {
        let free = 1.0 - self.leverages[value];
        let scale = (self.variance() * free).sqrt();
        (free > 1e-9 && scale > 0.0).then(|| self.residuals[value] / scale)
    }

    /// Externally studentised residual of a value: its variance is estimated without the value (SAS `RSTUDENT`, R `rstudent`).
    /// `None` when h = 1 or nothing is left to estimate the variance.
    pub fn externally_studentised(&self, value: usize) -> Option<f64> {
        let inner = self.internally_studentised(value)?;
        let df = self.residual_df as f64;
        let left = df - inner * inner;
        (self.residual_df > 1 && left > 0.0).then(|| inner * ((df - 1.0) / left).sqrt())
    }
}

/// Fits `response` on `columns` with an absorbed effect for each subject.
///
/// `subject[i]` numbers the subject of value `i` from 0; numbers may be left out. Values are finite.
///
/// # Errors
/// When lengths differ or no residual degree of freedom is left.
///
/// Tested against the published crossover data sets of Schütz, Labes & Fuglsang (2014, AAPS J 16:1292–1297) in `croft-pk`.
pub fn fit(subject: &[usize], columns: &[Vec<f64>], response: &[f64]) -> Result<AbsorbedFit, AbsorbedError> {
    let n = response.len();
    for (column, values) in columns.iter().enumerate() {
        if values.len() != n {
            return Err(AbsorbedError::Length { column, found: values.len(), expected: n });
        }
    }
    if subject.len() != n {
        return Err(AbsorbedError::Subjects { found: subject.len(), expected: n });
    }
    let sizes = group_sizes(subject);
    let subjects = sizes.iter().filter(|&&s| s > 0).count();
    let mut basis = Basis::default();
    for column in columns {
        basis.push(centred(subject, &sizes, column), length(column));
    }
    let rank = basis.q.len();
    if n <= subjects + rank {
        return Err(AbsorbedError::NoResidual { values: n, subjects, columns: rank });
    }
    let mut residuals = centred(subject, &sizes, response);
    let mut projections = vec![0.0; rank];
    for _ in 0..2 {
        for (projection, q) in projections.iter_mut().zip(&basis.q) {
            *projection += remove(&mut residuals, q);
        }
    }
    let inverse_r = basis.inverse_r();
    let mut coefficients = vec![None; columns.len()];
    let mut sequential_ss = vec![0.0; columns.len()];
    for (position, &column) in basis.estimated.iter().enumerate() {
        coefficients[column] = Some(dot(&inverse_r[position], &projections));
        sequential_ss[column] = projections[position] * projections[position];
    }
    let leverages =
        (0..n).map(|i| 1.0 / sizes[subject[i]] as f64 + basis.q.iter().map(|q| q[i] * q[i]).sum::<f64>()).collect();
    Ok(AbsorbedFit {
        coefficients,
        sequential_ss,
        residual_ss: dot(&residuals, &residuals),
        residual_df: n - subjects - rank,
        residuals,
        leverages,
        subjects,
        inverse_r,
        estimated: basis.estimated,
    })
}

/// Orthonormal columns and the triangular factor that made them.
#[derive(Default)]
struct Basis {
    q: Vec<Vec<f64>>,
    /// Column `j` of R, of length `j + 1`.
    r: Vec<Vec<f64>>,
    estimated: Vec<usize>,
    seen: usize,
}

impl Basis {
    /// Adds a centred column whose length before centring was `full`, unless it is aliased.
    fn push(&mut self, mut column: Vec<f64>, full: f64) {
        let mut r = vec![0.0; self.q.len()];
        for _ in 0..2 {
            for (r, q) in r.iter_mut().zip(&self.q) {
                *r += remove(&mut column, q);
            }
        }
        let left = length(&column);
        if left > ALIASED * full {
            column.iter_mut().for_each(|x| *x /= left);
            r.push(left);
            self.q.push(column);
            self.r.push(r);
            self.estimated.push(self.seen);
        }
        self.seen += 1;
    }

    /// Rows of R⁻¹, found column by column by back substitution.
    fn inverse_r(&self) -> Vec<Vec<f64>> {
        let k = self.q.len();
        let mut inverse = vec![vec![0.0; k]; k];
        for (j, r) in self.r.iter().enumerate() {
            let mut column = vec![0.0; k];
            column[j] = 1.0 / r[j];
            for i in (0..j).rev() {
                let s: f64 = (i + 1..=j).map(|m| self.r[m][i] * column[m]).sum();
                column[i] = -s / self.r[i][i];
            }
            for (row, x) in inverse.iter_mut().zip(column) {
                row[j] = x;
            }
        }
        inverse
    }
}

fn group_sizes(subject: &[usize]) -> Vec<usize> {
    let mut sizes = vec![0; subject.iter().max().map_or(0, |m| m + 1)];
    for &s in subject {
        sizes[s] += 1;
    }
    sizes
}

/// A column minus its mean in each subject.
fn centred(subject: &[usize], sizes: &[usize], column: &[f64]) -> Vec<f64> {
    let mut means = vec![0.0; sizes.len()];
    for (&s, &x) in subject.iter().zip(column) {
        means[s] += x;
    }
    for (mean, &size) in means.iter_mut().zip(sizes) {
        *mean /= size.max(1) as f64;
    }
    subject.iter().zip(column).map(|(&s, &x)| x - means[s]).collect()
}

/// Subtracts from `column` its projection on the unit vector `q`; returns the projection.
fn remove(column: &mut [f64], q: &[f64]) -> f64 {
    let projection = dot(column, q);
    for (x, q) in column.iter_mut().zip(q) {
        *x -= projection * q;
    }
    projection
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn length(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Which of the columns of a design, given as rows, are not explained by the columns before them.
pub fn independent_columns(rows: &[Vec<f64>], columns: usize) -> Vec<bool> {
    let mut basis = Basis::default();
    for column in 0..columns {
        let values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
        let full = length(&values);
        basis.push(values, full);
    }
    (0..columns).map(|c| basis.estimated.binary_search(&c).is_ok()).collect()
}

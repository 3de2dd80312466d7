//! Are rows and columns of a table of counts associated? Pearson's chi-square and Fisher's exact test.
//!
//! ```text
//! expected eᵢⱼ = rᵢ cⱼ / N      X² = Σ (nᵢⱼ − eᵢⱼ)² / eᵢⱼ      df = (rows − 1)(columns − 1)      p = P(χ²(df) > X²)
//!
//! given the margins, P(table) = ∏ rᵢ! ∏ cⱼ! / (N! ∏ nᵢⱼ!)      p = Σ P(table) over tables no likelier than the observed one
//! ```
//! Sources: Pearson (1900), Phil Mag 50:157; Fisher (1934), Statistical Methods for Research Workers, 5th ed., §21.02; Freeman & Halton (1951), Biometrika 38:141,
//! for more than two rows and columns. No correction for continuity. A row or column whose total is zero is left out: it says nothing.
//!
//! Where packages differ: two tables are equally likely when their probabilities agree to a relative 1e-7, as in R's `fisher.test` and in FEXACT; so a tie that
//! arithmetic broke counts. Twice the one-sided p-value is another test, which some use; it is not this one.
//!
//! The exact p-value walks the table column by column (Mehta & Patel 1983, JASA 78:427): what remains to be filled depends only on what is left of the row totals, so paths that
//! leave the same are joined, and a path is settled at once where even its likeliest completion counts or its least likely one does not. The number of steps is bounded.

use croft_num::dist::{ChiSquared, Continuous};
use croft_num::math::exp;
use croft_num::special::ln_gamma;
use croft_num::sum::Neumaier;
use std::collections::BTreeMap;

/// Pearson's test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "said in the module's documentation")]
pub struct ChiSquare {
    pub statistic: f64,
    pub df: usize,
    pub p: f64,
    /// The smallest expected count; below 5 the law is a poor approximation (Cochran 1954, Biometrics 10:417).
    pub least_expected: f64,
}

/// Why there is no test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TableError {
    #[error("row {row} has {found} counts, the first row has {expected}")]
    Ragged { row: usize, found: usize, expected: usize },
    #[error("{rows} row(s) and {columns} column(s) have counts: an association needs two of each")]
    Degenerate { rows: usize, columns: usize },
    #[error("the exact p-value needs more than {bound} steps")]
    TooLarge { bound: usize },
}

/// Steps after which the exact test gives up: some seconds.
const MOST_STEPS: usize = 20_000_000;
/// Two probabilities nearer than this are equal; the module's documentation says why.
const TIE: f64 = 1e-7;

/// The table without rows and columns of zeros.
fn filled<R: AsRef<[u64]>>(table: &[R]) -> Result<Vec<Vec<u64>>, TableError> {
    let width = table.first().map_or(0, |row| row.as_ref().len());
    for (i, row) in table.iter().enumerate() {
        let found = row.as_ref().len();
        if found != width {
            return Err(TableError::Ragged { row: i + 1, found, expected: width });
        }
    }
    let used: Vec<usize> = (0..width).filter(|&j| table.iter().any(|row| row.as_ref()[j] > 0)).collect();
    let kept: Vec<Vec<u64>> = table
        .iter()
        .map(|row| used.iter().map(|&j| row.as_ref()[j]).collect::<Vec<_>>())
        .filter(|row| row.iter().any(|&n| n > 0))
        .collect();
    if kept.len() < 2 || used.len() < 2 {
        return Err(TableError::Degenerate { rows: kept.len(), columns: used.len() });
    }
    Ok(kept)
}

fn margins(table: &[Vec<u64>]) -> (Vec<u64>, Vec<u64>) {
    let columns = table[0].len();
    (
        table.iter().map(|row| row.iter().sum()).collect(),
        (0..columns).map(|j| table.iter().map(|r| r[j]).sum()).collect(),
    )
}

/// Pearson's chi-square test of a table of counts, rows of equal length.
///
/// # Errors
/// When fewer than two rows or columns have counts.
pub fn chi_square<R: AsRef<[u64]>>(table: &[R]) -> Result<ChiSquare, TableError> {
    let table = filled(table)?;
    let (rows, columns) = margins(&table);
    let total = rows.iter().sum::<u64>() as f64;
    let (mut statistic, mut least_expected) = (Neumaier::default(), f64::INFINITY);
    for (row, &r) in table.iter().zip(&rows) {
        for (&count, &c) in row.iter().zip(&columns) {
            let expected = r as f64 * c as f64 / total;
            let off = count as f64 - expected;
            statistic.add(off * off / expected);
            least_expected = least_expected.min(expected);
        }
    }
    let df = (rows.len() - 1) * (columns.len() - 1);
    let statistic = statistic.total();
    let law = ChiSquared::new(df as f64).expect("two rows and two columns leave a degree of freedom");
    Ok(ChiSquare { statistic, df, p: law.sf(statistic), least_expected })
}

/// Fisher's exact test of a table of counts, two-sided: the p-value.
///
/// # Errors
/// When fewer than two rows or columns have counts, or the table is too large to be walked.
pub fn fisher_exact<R: AsRef<[u64]>>(table: &[R]) -> Result<f64, TableError> {
    let table = filled(table)?;
    // The longer side is walked, the shorter one is what remains: fewer states.
    let table = if table.len() > table[0].len() { transposed(&table) } else { table };
    let (rows, columns) = margins(&table);
    let total: u64 = rows.iter().sum();
    if total >= MOST_STEPS as u64 {
        return Err(TableError::TooLarge { bound: MOST_STEPS });
    }
    let ln_factorials: Vec<f64> = (0..=total).map(|n| ln_gamma(n as f64 + 1.0)).collect();
    let mut walk = Walk { columns: &columns, ln_factorials, limit: 0.0, extremes: BTreeMap::new(), steps: 0 };
    let constant = walk.sum(rows.iter().chain(&columns)) - walk.sum([&total]);
    walk.limit = constant - walk.sum(table.iter().flatten()) + TIE;
    let p = walk.run(rows, constant)?;
    Ok(p.min(1.0))
}

fn transposed(table: &[Vec<u64>]) -> Vec<Vec<u64>> {
    (0..table[0].len()).map(|j| table.iter().map(|row| row[j]).collect()).collect()
}

/// What is left of the row totals, descending: rows are alike until they are filled.
type Left = Vec<u64>;

struct Walk<'a> {
    columns: &'a [u64],
    ln_factorials: Vec<f64>,
    /// ln probability up to which a table counts.
    limit: f64,
    /// Least and greatest −Σ ln n! of what can still be filled, by column and rest.
    extremes: BTreeMap<(usize, Left), (f64, f64)>,
    steps: usize,
}

impl Walk<'_> {
    /// Σ ln n!
    fn sum<'n>(&self, counts: impl IntoIterator<Item = &'n u64>) -> f64 {
        counts.into_iter().map(|&n| self.ln_factorials[n as usize]).sum()
    }

    fn step(&mut self) -> Result<(), TableError> {
        self.steps += 1;
        if self.steps > MOST_STEPS { Err(TableError::TooLarge { bound: MOST_STEPS }) } else { Ok(()) }
    }

    /// One column after another: the paths that are not settled, by what they leave and by their ln probability so far.
    fn run(&mut self, rows: Vec<u64>, constant: f64) -> Result<f64, TableError> {
        let mut p = Neumaier::default();
        let start = (sorted(rows), key(constant));
        let mut open: BTreeMap<(Left, i64), (f64, f64)> = BTreeMap::from([(start, (constant, 1.0))]);
        for column in 0..self.columns.len() {
            let mut next: BTreeMap<(Left, i64), (f64, f64)> = BTreeMap::new();
            for ((left, _), (so_far, paths)) in open {
                let (least, greatest) = self.extremes(column, &left)?;
                if so_far + greatest <= self.limit {
                    p.add(paths * exp(so_far + self.all(column, &left)));
                    continue;
                }
                if so_far + least > self.limit {
                    continue;
                }
                for (rest, term) in self.fillings(column, &left)? {
                    let value = so_far + term;
                    let slot = next.entry((rest, key(value))).or_insert((value, 0.0));
                    slot.1 += paths;
                }
            }
            open = next;
        }
        Ok(p.total())
    }

    /// ln Σ ∏ 1/n! over all ways to fill the columns from here: ∏ over columns of (rest of all)!/… , a multinomial identity.
    fn all(&self, column: usize, left: &Left) -> f64 {
        let rest: u64 = left.iter().sum();
        self.sum([&rest]) - self.sum(&self.columns[column..]) - self.sum(left)
    }

    /// Every way to fill a column: what it leaves, and −Σ ln n! of it.
    fn fillings(&mut self, column: usize, left: &Left) -> Result<Vec<(Left, f64)>, TableError> {
        let mut found = Vec::new();
        let mut cells = vec![0; left.len()];
        self.fill(left, 0, self.columns[column], &mut cells, &mut found)?;
        Ok(found)
    }

    fn fill(
        &mut self,
        left: &Left,
        row: usize,
        wanted: u64,
        cells: &mut Vec<u64>,
        found: &mut Vec<(Left, f64)>,
    ) -> Result<(), TableError> {
        if row + 1 == left.len() {
            if wanted <= left[row] {
                self.step()?;
                cells[row] = wanted;
                let rest = left.iter().zip(cells.iter()).map(|(l, c)| l - c).collect();
                found.push((sorted(rest), -self.sum(cells.iter())));
            }
            return Ok(());
        }
        let below: u64 = left[row + 1..].iter().sum();
        for count in wanted.saturating_sub(below)..=wanted.min(left[row]) {
            cells[row] = count;
            self.fill(left, row + 1, wanted - count, cells, found)?;
        }
        Ok(())
    }

    fn extremes(&mut self, column: usize, left: &Left) -> Result<(f64, f64), TableError> {
        if column == self.columns.len() {
            return Ok((0.0, 0.0));
        }
        // The last column takes what is left.
        if column + 1 == self.columns.len() {
            let only = -self.sum(left);
            return Ok((only, only));
        }
        let at = (column, left.clone());
        if let Some(&known) = self.extremes.get(&at) {
            return Ok(known);
        }
        let mut best = (f64::INFINITY, f64::NEG_INFINITY);
        for (rest, term) in self.fillings(column, left)? {
            let (least, greatest) = self.extremes(column + 1, &rest)?;
            best = (best.0.min(term + least), best.1.max(term + greatest));
        }
        self.extremes.insert(at, best);
        Ok(best)
    }
}

fn sorted(mut left: Vec<u64>) -> Left {
    left.sort_unstable_by(|a, b| b.cmp(a));
    left
}

/// Paths whose ln probabilities agree to 1e-9 are one: far below what counts as a tie.
fn key(value: f64) -> i64 {
    (value * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_num::dist::{Discrete, Hypergeometric};
    use croft_testkit::assert_close;

    /// Agresti (2007), An Introduction to Categorical Data Analysis, 2nd ed., p. 38: gender and party; R's `chisq.test` prints 30.07, 2, 2.954e-07.
    #[test]
    fn gender_and_party() {
        let test = chi_square(&[[762, 327, 468], [484, 239, 477]]).unwrap();
        assert!((test.statistic - 30.070).abs() < 5e-4, "{}", test.statistic);
        assert_eq!(test.df, 2);
        assert!((test.p - 2.954e-7).abs() < 5e-11, "{}", test.p);
    }

    /// Fisher's tea taster, convictions of twins (Fisher 1962), job satisfaction (Agresti 2002, p. 57): p-values as R's `fisher.test` prints them.
    #[test]
    fn published_tables() {
        let p = fisher_exact(&[[3, 1], [1, 3]]).unwrap();
        assert_close("tea", p, 34.0 / 70.0, 1e-12);
        let p = fisher_exact(&[[2, 10], [15, 3]]).unwrap();
        assert!((p - 0.000_536_7).abs() < 5e-8, "{p}");
        let p = fisher_exact(&[[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]).unwrap();
        assert!((p - 0.7827).abs() < 5e-5, "{p}");
    }

    /// The hypergeometric law gives every table of two by two.
    #[test]
    fn two_by_two_is_the_hypergeometric_law() {
        for (a, b, c, d) in [(5, 0, 1, 4), (12, 30, 40, 7), (0, 86, 1, 83), (65, 21, 77, 7), (3, 3, 3, 3)] {
            let law = Hypergeometric::new(a + b + c + d, a + b, a + c).unwrap();
            let (low, high) = law.support();
            let at = law.ln_pmf(a);
            let by_law: f64 = (low..=high).map(|k| law.ln_pmf(k)).filter(|l| *l <= at + TIE).map(exp).sum();
            assert_close("p", fisher_exact(&[[a, b], [c, d]]).unwrap(), by_law.min(1.0), 1e-10);
        }
    }

    /// Every table of three by three is written out, and the walk joins and settles to the same sum.
    #[test]
    fn the_walk_agrees_with_writing_every_table_out() {
        let table = [[4_u64, 1, 2], [0, 3, 5], [2, 2, 1]];
        let (rows, columns) = margins(&table.map(|r| r.to_vec()));
        let ln_factorial = |n: u64| ln_gamma(n as f64 + 1.0);
        let constant =
            rows.iter().chain(&columns).map(|&n| ln_factorial(n)).sum::<f64>() - ln_factorial(rows.iter().sum::<u64>());
        let ln_p = |t: &[[u64; 3]; 3]| constant - t.iter().flatten().map(|&n| ln_factorial(n)).sum::<f64>();
        let (limit, mut p, mut all) = (ln_p(&table) + TIE, 0.0, 0.0);
        let top = 10;
        for a in 0..top {
            for b in 0..top {
                for c in 0..top {
                    for d in 0..top {
                        let free = || -> Option<[[u64; 3]; 3]> {
                            let (e, f) = (rows[0].checked_sub(a + b)?, rows[1].checked_sub(c + d)?);
                            let (g, h) = (columns[0].checked_sub(a + c)?, columns[1].checked_sub(b + d)?);
                            let i = columns[2].checked_sub(e + f)?;
                            (g + h + i == rows[2]).then_some([[a, b, e], [c, d, f], [g, h, i]])
                        };
                        if let Some(table) = free() {
                            let value = ln_p(&table);
                            all += exp(value);
                            p += if value <= limit { exp(value) } else { 0.0 };
                        }
                    }
                }
            }
        }
        assert_close("all tables", all, 1.0, 1e-12);
        assert_close("p", fisher_exact(&table).unwrap(), p, 1e-10);
    }

    #[test]
    fn what_says_nothing_is_left_out_and_what_cannot_be_tested_says_why() {
        let plain = chi_square(&[[5, 9], [8, 3]]).unwrap();
        assert_eq!(chi_square(&[[5, 0, 9], [0, 0, 0], [8, 0, 3]]).unwrap(), plain);
        assert_eq!(fisher_exact(&[[0, 4], [0, 5]]), Err(TableError::Degenerate { rows: 2, columns: 1 }));
        assert_eq!(chi_square(&[vec![1, 2], vec![3]]), Err(TableError::Ragged { row: 2, found: 1, expected: 2 }));
        assert_eq!(chi_square::<[u64; 2]>(&[]), Err(TableError::Degenerate { rows: 0, columns: 0 }));
        // Two equal columns: every table counts.
        assert_close("p", fisher_exact(&[[4, 4], [4, 4]]).unwrap(), 1.0, 1e-12);
    }
}

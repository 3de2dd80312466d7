//! Rows to one value: groups and windows.
//!
//! Sums are exact: the accumulator keeps a sum as several doubles without any rounding (Shewchuk 1997) and rounds
//! once at the end. So `sum`, `avg`, `std` and `geomean` give the same bits whatever the order of the rows, the plan
//! of the database or the window's way of moving. Nulls are skipped; of no values all give null but `count`.

use super::{Body, Function, Gives, Kind, Use};
use croft_num::math;
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result};
use std::collections::VecDeque;

const BASE: Function = Function {
    name: "sum",
    used: Use::Group { over: true },
    params: &[("x", Kind::Num)],
    optional: 0,
    repeats: false,
    gives: Gives::Num,
    doc: "Sum, exact and rounded once.",
    source: "Shewchuk 1997, Discrete Comput Geom 18:305, Grow-Expansion",
    body: Body::Ours("croft_sum"),
};

const VALUE: Function = Function { params: &[("x", Kind::Same)], gives: Gives::Same, ..BASE };
const RANK: Function = Function { used: Use::Over, params: &[], ..BASE };

pub(super) const FUNCTIONS: &[Function] = &[
    BASE,
    Function {
        name: "avg",
        doc: "Arithmetic mean: the exact sum, rounded, divided by the number of values.",
        source: "Shewchuk 1997 for the sum",
        body: Body::Ours("croft_avg"),
        ..BASE
    },
    Function {
        name: "std",
        used: Use::Group { over: false },
        doc: "Standard deviation with n - 1, from squares around the mean; null for fewer than 2 values.",
        source: "Chan, Golub, LeVeque 1983, Am Stat 37:242, two-pass",
        body: Body::Ours("croft_std"),
        ..BASE
    },
    Function {
        name: "geomean",
        used: Use::Group { over: false },
        doc: "Geometric mean exp(mean of ln x); null when a value is not above zero.",
        source: "definition",
        body: Body::Ours("croft_geomean"),
        ..BASE
    },
    Function {
        name: "median",
        used: Use::Group { over: false },
        doc: "Middle value, or the mean of the middle two.",
        source: "Hyndman and Fan 1996, Am Stat 50:361, type 2 (SAS PCTLDEF=5) at 50 %",
        body: Body::Ours("croft_median"),
        ..BASE
    },
    Function {
        name: "count",
        params: &[("x", Kind::Same)],
        gives: Gives::Num,
        doc: "Number of values that are not null; count(*) of rows; count(distinct x) of different values.",
        source: "ISO/IEC 9075-2, 10.9",
        body: Body::Native("count"),
        ..BASE
    },
    Function {
        name: "min",
        doc: "Smallest value.",
        source: "ISO/IEC 9075-2, 10.9",
        body: Body::Native("min"),
        ..VALUE
    },
    Function { name: "max", doc: "Largest value.", source: "ISO/IEC 9075-2, 10.9", body: Body::Native("max"), ..VALUE },
    Function {
        name: "string_agg",
        used: Use::Group { over: false },
        params: &[("s", Kind::Char), ("separator", Kind::Char)],
        gives: Gives::Char,
        doc: "The texts joined in the order of its ORDER BY, which must be given: string_agg(T, ', ' order by T nulls first). Ties are joined in the order of the texts.",
        source: "ISO/IEC 9075-2:2016, 10.9 LISTAGG; PostgreSQL `string_agg`",
        body: Body::Native("string_agg"),
        ..BASE
    },
    Function {
        name: "row_number",
        doc: "1, 2, 3 … in the window's order, which must leave no ties.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("row_number"),
        ..RANK
    },
    Function {
        name: "rank",
        doc: "1 and the number of rows before this one and its ties.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("rank"),
        ..RANK
    },
    Function {
        name: "dense_rank",
        doc: "1 and the number of different values before this one.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("dense_rank"),
        ..RANK
    },
    Function {
        name: "lag",
        used: Use::Over,
        params: &[("x", Kind::Same), ("rows", Kind::Num), ("otherwise", Kind::Same)],
        optional: 2,
        doc: "The value so many rows before (1 unless said; a whole number as written); otherwise null, or the third argument.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("lag"),
        ..VALUE
    },
    Function {
        name: "lead",
        used: Use::Over,
        params: &[("x", Kind::Same), ("rows", Kind::Num), ("otherwise", Kind::Same)],
        optional: 2,
        doc: "The value so many rows after; as lag.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("lead"),
        ..VALUE
    },
    Function {
        name: "first_value",
        used: Use::Over,
        doc: "The value in the first row of the frame, null included.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("first_value"),
        ..VALUE
    },
    Function {
        name: "last_value",
        used: Use::Over,
        doc: "The value in the last row of the frame, null included; the frame must be written.",
        source: "ISO/IEC 9075-2, 6.10",
        body: Body::Native("last_value"),
        ..VALUE
    },
    Function {
        name: "last_known",
        used: Use::Over,
        doc: "The last value of the frame that is not null; up to the current row unless a frame is written. So a value is carried forward.",
        source: "ISO/IEC 9075-2, 6.10, LAST_VALUE with IGNORE NULLS; ADaMIG 1.3, BDS, Analysis Descriptor (DTYPE LOCF)",
        body: Body::Ours("croft_last_known"),
        ..VALUE
    },
];

/// A sum kept exactly, as doubles that do not overlap.
///
/// `add` is the Grow-Expansion of Shewchuk (1997), as in Python's `math.fsum`; `value` rounds the whole to the
/// nearest double, halves to even. Cost: a few operations a value, since few partial sums are ever alive.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExactSum {
    parts: Vec<f64>,
    /// Set once a partial sum left the range of doubles.
    overflow: bool,
}

impl ExactSum {
    pub(crate) fn add(&mut self, mut x: f64) {
        let mut kept = 0;
        for index in 0..self.parts.len() {
            let mut y = self.parts[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        if x.is_finite() {
            self.parts.push(x);
        } else {
            self.overflow = true;
        }
    }

    /// The sum, rounded once; not a number after an overflow.
    pub(crate) fn value(&self) -> f64 {
        if self.overflow {
            return f64::NAN;
        }
        let mut rest = self.parts.as_slice();
        let Some((&last, before)) = rest.split_last() else { return 0.0 };
        rest = before;
        let mut high = last;
        let mut low = 0.0;
        while let Some((&y, before)) = rest.split_last() {
            rest = before;
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // Exactly half a unit in the last place: the next part decides the direction.
        if let Some(&next) = rest.last()
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let twice = low * 2.0;
            let moved = high + twice;
            if (twice - (moved - high)).abs() == 0.0 {
                high = moved;
            }
        }
        if high == 0.0 { 0.0 } else { high }
    }
}

/// The exact sum of values, rounded once.
fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = ExactSum::default();
    for value in values {
        total.add(value);
    }
    total.value()
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// `sum` and `avg`, which can also move over a window.
#[derive(Clone, Copy)]
enum Moving {
    Sum,
    Mean,
}

#[derive(Default)]
struct Running {
    total: ExactSum,
    count: u32,
}

impl Moving {
    fn of(self, running: Option<&Running>) -> Option<f64> {
        let running = running.filter(|r| r.count > 0)?;
        match self {
            Self::Sum => finite(running.total.value()),
            Self::Mean => finite(running.total.value() / f64::from(running.count)),
        }
    }
}

impl Aggregate<Running, Option<f64>> for Moving {
    fn init(&self, _: &mut Context<'_>) -> Result<Running> {
        Ok(Running::default())
    }

    fn step(&self, ctx: &mut Context<'_>, running: &mut Running) -> Result<()> {
        if let Some(x) = ctx.get::<Option<f64>>(0)? {
            running.total.add(x);
            running.count += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, running: Option<Running>) -> Result<Option<f64>> {
        Ok(self.of(running.as_ref()))
    }
}

impl WindowAggregate<Running, Option<f64>> for Moving {
    fn value(&self, running: Option<&mut Running>) -> Result<Option<f64>> {
        Ok(self.of(running.as_deref()))
    }

    fn inverse(&self, ctx: &mut Context<'_>, running: &mut Running) -> Result<()> {
        if let Some(x) = ctx.get::<Option<f64>>(0)? {
            running.total.add(-x);
            running.count -= 1;
        }
        Ok(())
    }
}

/// Aggregates that need all values at once.
#[derive(Clone, Copy)]
enum Whole {
    Std,
    GeometricMean,
    Median,
}

impl Whole {
    fn of(self, mut values: Vec<f64>) -> Option<f64> {
        let n = values.len();
        match self {
            _ if n == 0 => None,
            Self::Std if n < 2 => None,
            Self::Std => {
                let mean = sum(values.iter().copied()) / n as f64;
                finite((sum(values.iter().map(|x| (x - mean) * (x - mean))) / (n - 1) as f64).sqrt())
            }
            Self::GeometricMean => {
                if values.iter().any(|&x| x <= 0.0) {
                    return None;
                }
                finite(math::exp(sum(values.iter().map(|&x| math::ln(x))) / n as f64))
            }
            Self::Median => {
                values.sort_by(f64::total_cmp);
                let (low, high) = (values[(n - 1) / 2], values[n / 2]);
                // Half of each first would lose the last bit of tiny values; the sum may overflow for huge ones.
                finite(if n % 2 == 1 { high } else { (low + high) / 2.0 })
            }
        }
    }
}

impl Aggregate<Vec<f64>, Option<f64>> for Whole {
    fn init(&self, _: &mut Context<'_>) -> Result<Vec<f64>> {
        Ok(Vec::new())
    }

    fn step(&self, ctx: &mut Context<'_>, values: &mut Vec<f64>) -> Result<()> {
        values.extend(ctx.get::<Option<f64>>(0)?);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, values: Option<Vec<f64>>) -> Result<Option<f64>> {
        Ok(self.of(values.unwrap_or_default()))
    }
}

/// `last_known`: the values that are there, with their places, so that one that left the frame is known to have left.
#[derive(Clone, Copy)]
struct LastKnown;

#[derive(Default)]
struct Known {
    entered: u64,
    left: u64,
    values: VecDeque<(u64, Value)>,
}

impl Known {
    fn last(&self) -> Value {
        self.values.back().map_or(Value::Null, |(_, value)| value.clone())
    }
}

impl Aggregate<Known, Value> for LastKnown {
    fn init(&self, _: &mut Context<'_>) -> Result<Known> {
        Ok(Known::default())
    }

    fn step(&self, ctx: &mut Context<'_>, known: &mut Known) -> Result<()> {
        let value = ctx.get::<Value>(0)?;
        if value != Value::Null {
            known.values.push_back((known.entered, value));
        }
        known.entered += 1;
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, known: Option<Known>) -> Result<Value> {
        Ok(known.map_or(Value::Null, |k| k.last()))
    }
}

impl WindowAggregate<Known, Value> for LastKnown {
    fn value(&self, known: Option<&mut Known>) -> Result<Value> {
        Ok(known.map_or(Value::Null, |k| k.last()))
    }

    /// Rows leave in the order in which they entered.
    fn inverse(&self, _: &mut Context<'_>, known: &mut Known) -> Result<()> {
        known.left += 1;
        while known.values.front().is_some_and(|(place, _)| *place < known.left) {
            known.values.pop_front();
        }
        Ok(())
    }
}

pub(super) fn register(connection: &Connection, flags: FunctionFlags) -> Result<(), Error> {
    connection.create_window_function("croft_sum", 1, flags, Moving::Sum)?;
    connection.create_window_function("croft_avg", 1, flags, Moving::Mean)?;
    connection.create_window_function("croft_last_known", 1, flags, LastKnown)?;
    connection.create_aggregate_function("croft_std", 1, flags, Whole::Std)?;
    connection.create_aggregate_function("croft_geomean", 1, flags, Whole::GeometricMean)?;
    connection.create_aggregate_function("croft_median", 1, flags, Whole::Median)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sum_is_exact_where_plain_addition_is_not() {
        let cases: [(&[f64], f64); 4] = [
            (&[1e100, 1.0, -1e100], 1.0),
            (&[0.1; 10], 1.0),
            (&[], 0.0),
            // The third value decides which way the half is rounded.
            (&[1e16, 1.0, 1e-16], 10000000000000002.0),
        ];
        for (values, expected) in cases {
            assert_eq!(sum(values.iter().copied()).to_bits(), expected.to_bits(), "{values:?}");
        }
        assert!(sum([f64::MAX, f64::MAX]).is_nan());
    }

    proptest! {
        #[test]
        fn the_order_of_the_rows_changes_no_bit(mut values in prop::collection::vec(-1e12f64..1e12, 0..40), seed in 0usize..1000) {
            let before = sum(values.iter().copied());
            let n = values.len().max(1);
            values.rotate_left(seed % n);
            values.reverse();
            prop_assert_eq!(before.to_bits(), sum(values.iter().copied()).to_bits());
        }

        #[test]
        fn what_leaves_the_window_leaves_no_trace(kept in prop::collection::vec(-1e9f64..1e9, 0..20), gone in prop::collection::vec(-1e9f64..1e9, 0..20)) {
            let mut moving = ExactSum::default();
            for &x in gone.iter().chain(&kept) { moving.add(x); }
            for &x in &gone { moving.add(-x); }
            prop_assert_eq!(moving.value().to_bits(), sum(kept).to_bits());
        }
    }

    #[test]
    fn spread_and_centre_of_known_samples() {
        // Hand-computed: mean 5, squares 9+1+1+1+0+0+4+16 = 32.
        let sample = vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(Whole::Std.of(sample.clone()), Some((32.0f64 / 7.0).sqrt()));
        assert_eq!(Whole::Median.of(sample), Some(4.5));
        assert_eq!(Whole::Std.of(vec![1.0]), None);
        assert_eq!(Whole::GeometricMean.of(vec![1.0, 0.0]), None);
        let geometric = Whole::GeometricMean.of(vec![1.0, 10.0, 100.0]).unwrap();
        assert!((geometric - 10.0).abs() < 1e-14, "{geometric}");
    }
}

//! How the two tails of one argument are kept so that neither loses digits.
//!
//! A kernel computes one of them, in the form `front · factor` with the logarithm of `front`; the other is its
//! complement. The kernel promises that the one it computes is not so near 1 that the complement matters.

use crate::math::{exp, ln, ln_1p};

/// Which tail a kernel has computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Lower,
    Upper,
}

/// One tail, `exp(ln_front) · factor`, and by complement the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    side: Side,
    ln_front: f64,
    factor: f64,
}

impl Tail {
    pub(crate) fn new(side: Side, ln_front: f64, factor: f64) -> Self {
        Self { side, ln_front, factor }
    }

    /// The whole mass lies above: lower tail 0, upper tail 1.
    pub(crate) const ALL_ABOVE: Self = Self { side: Side::Lower, ln_front: 0.0, factor: 0.0 };
    /// The whole mass lies below: lower tail 1, upper tail 0.
    pub(crate) const ALL_BELOW: Self = Self { side: Side::Upper, ln_front: 0.0, factor: 0.0 };
    /// An argument outside the domain.
    pub(crate) const NAN: Self = Self { side: Side::Lower, ln_front: f64::NAN, factor: f64::NAN };

    /// The same tails seen from the mirrored argument.
    pub(crate) fn mirrored(self) -> Self {
        let side = match self.side {
            Side::Lower => Side::Upper,
            Side::Upper => Side::Lower,
        };
        Self { side, ..self }
    }

    fn computed(self) -> f64 {
        at_most(exp(self.ln_front) * self.factor, 1.0)
    }

    fn ln_computed(self) -> f64 {
        at_most(self.ln_front + ln(self.factor), 0.0)
    }

    fn of(self, side: Side) -> f64 {
        if self.side == side { self.computed() } else { 1.0 - self.computed() }
    }

    fn ln_of(self, side: Side) -> f64 {
        if self.side == side { self.ln_computed() } else { ln_1p(-self.computed()) }
    }

    pub(crate) fn lower(self) -> f64 {
        self.of(Side::Lower)
    }

    pub(crate) fn upper(self) -> f64 {
        self.of(Side::Upper)
    }

    pub(crate) fn ln_lower(self) -> f64 {
        self.ln_of(Side::Lower)
    }

    pub(crate) fn ln_upper(self) -> f64 {
        self.ln_of(Side::Upper)
    }
}

/// The smaller of the two, but NaN stays NaN.
fn at_most(x: f64, bound: f64) -> f64 {
    if x > bound { bound } else { x }
}

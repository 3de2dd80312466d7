//! Which special functions stand under the distributions, and how near they are.
//!
//! Gamma, beta and error functions, each incomplete one as a pair of tails, plain and logarithmic, so that no
//! caller forms `1 − p` of a `p` near one. Arguments outside the domain give NaN, and so does a NaN argument;
//! nothing else does. Checked parameters and typed errors are the business of [`crate::dist`].
//! Measured errors: `docs/accuracy.md`.

mod beta;
mod erf;
mod gamma;
mod incomplete_gamma;
mod tail;

pub use beta::{beta_inc, beta_inc_upper, ln_beta, ln_beta_inc, ln_beta_inc_upper};
pub use erf::{erf, erfc, erfcx};
pub use gamma::{digamma, gamma, ln_gamma, trigamma};
pub use incomplete_gamma::{gamma_p, gamma_q, ln_gamma_p, ln_gamma_q};

pub(crate) use beta::{beta_tail, ln_beta_front};
pub(crate) use erf::square_split;
pub(crate) use gamma::{ln_1p_minus, stirling_error};
pub(crate) use incomplete_gamma::{gamma_tail, ln_gamma_front};
pub(crate) use tail::{Side, Tail};

/// ln √(2π)
pub(crate) const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;

//! Where croft's numbers come from.
//!
//! Everything is computed by `libm` and by the code here in a fixed order, so that two machines give the same bits.
//! No input or output, no clock, no hidden randomness; no panics on any input.
//!
//! | question | module |
//! |---|---|
//! | elementary functions with the same bits everywhere | [`math`] |
//! | gamma, beta, error functions, incomplete ones with both tails | [`special`] |
//! | chances and quantiles of the laws of statistics | [`dist`] |
//! | named streams of random numbers | [`random`] |
//! | sums that keep their digits | [`sum`] |
//! | areas, adaptive and of sharp peaks | [`quad`] |
//! | Owen's T and Q: power of two one-sided tests | [`owen`] |
//! | minima: Nelder–Mead, BFGS, Levenberg–Marquardt, Newton with bounds | [`opt`] |
//! | zeros of a function | [`roots`] |
//! | least squares with its rank, Cholesky, eigenvalues, singular values | [`linalg`] |

pub mod dist;
pub mod linalg;
pub mod math;
pub mod opt;
pub mod owen;
pub mod quad;
pub mod random;
pub mod roots;
pub mod special;
pub mod sum;

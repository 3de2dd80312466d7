//! Where croft's numbers come from.
//!
//! Elementary and special functions, distributions with both tails, quadrature, roots, optimisers,
//! small dense linear algebra and named random streams. Everything is computed by `libm` and by the
//! code here in a fixed order, so that two machines give the same bits.

pub mod math;

//! What does a linear model say when subjects vary at random?
//!
//! ```text
//! y_i = X_i β + Z_i b_i + e_i      b_i ~ N(0, G)      e_ij ~ N(0, σ²_g(ij))      V_i = Z_i G Z_i' + R_i
//! ```
//! for subjects i that are independent; G is unstructured or diagonal, and the residual variance may differ between
//! groups g of values. Variances are estimated by restricted maximum likelihood (REML; Patterson & Thompson 1971,
//! Biometrika 58:545–554), with
//! ```text
//! −2 l_R = Σ ln|V_i| + ln|X'V⁻¹X| + y'Py + (N − p) ln 2π        P = V⁻¹ − V⁻¹X (X'V⁻¹X)⁻¹ X'V⁻¹
//! ```
//! V is linear in its *natural* parameters (the elements of G and the residual variances), so that the gradient and
//! both information matrices are exact and short ([`objective`]). The search ([`search`]) runs over a Cholesky factor of G
//! and residual standard deviations, which is SAS's FA0(q) and keeps V nonnegative without constraints; it starts from
//! several points and ends with a check of the Kuhn–Tucker conditions in the natural parameters. Where the optimum
//! lies on the boundary (a variance of zero, a correlation of ±1), or where the data identify only some combination
//! of parameters, the fit names it ([`Boundary`]) instead of stopping with a failed Hessian.
//!
//! # Where packages differ
//! * The determinant |X'V⁻¹X| depends on how factors are coded. With indicator columns whatever level is left out, −2 l_R is
//!   SAS's, SPSS's and lme4's; with sum-to-zero contrasts it differs by a constant.
//! * Satterthwaite's degrees of freedom use the inverse of the *observed* information (SAS, lmerTest); Kenward–Roger's
//!   use the *expected* one (SAS, pbkrtest). Here too.
//! * At a boundary SAS drops the parameter there from the information matrix, and so does this module. A parameter
//!   that is not identified changes neither V nor an interval; other programs report a Hessian that is not positive definite.
//!
//! # Cost
//! Subjects with the same rows of X, Z and groups share V_i: they are gathered into one pattern with the mean and the
//! scatter of their responses. An evaluation costs O(patterns · n_i³ · parameters²), whatever the number of subjects.

pub mod inference;
pub mod model;
pub mod objective;
pub mod search;

pub use inference::{Contrast, DfMethod};
pub use model::{Block, Covariance, MixedError, MixedModel};
pub use search::{Boundary, MixedFit};

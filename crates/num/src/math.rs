//! Elementary functions with the same bits on every machine.
//!
//! The standard library leaves the precision of `ln`, `exp` and their kin to the platform. These wrap `libm`
//! (a port of musl's), built without processor-specific instructions. The rest of the workspace may not call
//! the standard ones (`clippy.toml`); square root, absolute value and rounding are exact in IEEE 754 and are not wrapped.

/// eˣ
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// eˣ − 1, exact near zero
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// ln(1 + x), exact near zero
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to base 10
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// Logarithm to base 2
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// xʸ
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// sin x, in radians
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// cos x, in radians
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// tan x, in radians
pub fn tan(x: f64) -> f64 {
    libm::tan(x)
}

/// Angle whose tangent is x
pub fn atan(x: f64) -> f64 {
    libm::atan(x)
}

/// Angle of the point (x, y)
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Hyperbolic tangent
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// Hyperbolic sine
pub fn sinh(x: f64) -> f64 {
    libm::sinh(x)
}

/// Inverse hyperbolic sine
pub fn asinh(x: f64) -> f64 {
    libm::asinh(x)
}

/// Angle whose sine is x
pub fn asin(x: f64) -> f64 {
    libm::asin(x)
}

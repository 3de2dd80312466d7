//! Where do secrets come from? From the system, and from nowhere else; tests bring their own.

/// Draws random bytes.
pub trait Random: Send + Sync {
    /// Fills all bytes, or says that the system gave none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandom>;
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the system gave no random bytes")]
pub struct NoRandom;

/// The system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandom> {
        getrandom::fill(bytes).map_err(|_| NoRandom)
    }
}

/// That many bytes.
pub fn draw<const N: usize>(source: &dyn Random) -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    source.fill(&mut bytes)?;
    Ok(bytes)
}

//! What happens when the input is garbage?
//!
//! Each parser of croft has an entry point `fuzz_NAME(data: &[u8])` in its crate's `fuzz` module; it must never panic, and asserts what must hold of what was
//! read. [`targets()`] lists them with well-formed seeds. [`mutate`] spoils the seeds in a reproducible way, [`run()`] sends the
//! results through a target and keeps what failed. The coverage-guided fuzzer in `fuzz/` calls the same targets.
//!
//! ```console
//! $ cargo xtask smoke-fuzz --seconds 10      # every target, stable toolchain
//! $ cargo xtask fuzz unit                    # one target, coverage-guided
//! ```

pub mod mutate;
pub mod run;
pub mod targets;

pub use run::{Outcome, run};
pub use targets::{Target, targets};

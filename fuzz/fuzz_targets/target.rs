//! Hands libFuzzer's inputs to the target that the variable `CROFT_FUZZ_TARGET` names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FUNCTION: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("CROFT_FUZZ_TARGET").expect("CROFT_FUZZ_TARGET names a target");
    let found = croft_fuzz::targets().into_iter().find(|t| t.name == name);
    found.unwrap_or_else(|| panic!("no target `{name}`")).function
});

fuzz_target!(|data: &[u8]| FUNCTION(data));

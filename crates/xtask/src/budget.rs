//! What does the default build cost in libraries?
//!
//! Every library is read by somebody, built by everybody and shipped with its licence. The number may grow only by raising it here, where a
//! reviewer sees it.

use crate::cargo;
use std::collections::BTreeSet;

/// Libraries of the default build of `croft`, build scripts and macros included.
const MOST: usize = 300;

/// Counts; fails above [`MOST`].
pub fn check() -> Result<(), String> {
    let output = cargo()
        .args([
            "tree",
            "--package",
            "croft",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--locked",
        ])
        .output()
        .map_err(|e| format!("cargo tree cannot be started: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let count = libraries(&String::from_utf8_lossy(&output.stdout)).len();
    println!("the default build takes {count} libraries; the budget is {MOST}");
    if count > MOST {
        return Err("above the budget; drop a library or a feature, or raise the number in crates/xtask/src/budget.rs and say why".to_owned());
    }
    Ok(())
}

/// Names with versions, each once, without the workspace's own crates (their line names a folder).
fn libraries(tree: &str) -> BTreeSet<&str> {
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)").trim_end_matches(" (proc-macro)"));
    lines.filter(|line| !line.is_empty() && !line.contains('/')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_counts_once_and_croft_not_at_all() {
        let tree = "croft v0.1.0 (/src/croft)\nserde v1.0.1\nserde_derive v1.0.1 (proc-macro)\nserde v1.0.1 (*)\n\n";
        assert_eq!(libraries(tree).into_iter().collect::<Vec<_>>(), ["serde v1.0.1", "serde_derive v1.0.1"]);
    }
}

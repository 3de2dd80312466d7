//! What the documentation names exists.

use std::path::Path;

/// `story::a_change_…` on the page of compliance is a test of that file.
#[test]
fn every_test_that_the_compliance_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let files = [
        ("story", "crates/record/tests/story.rs"),
        ("access", "crates/record/tests/access.rs"),
        ("checks", "crates/record/tests/checks.rs"),
        ("ledger", "crates/ledger/tests/record.rs"),
        ("import", "crates/croft/tests/import.rs"),
        ("study", "crates/croft/tests/study.rs"),
        ("export", "crates/record/tests/export.rs"),
        ("api", "crates/server/tests/api.rs"),
        ("attacks", "crates/server/tests/attacks.rs"),
        ("torture", "crates/ledger/tests/torture.rs"),
        ("disk", "crates/ledger/tests/disk.rs"),
        ("effect", "crates/record/tests/checks_effect.rs"),
        ("trail", "crates/record/tests/export_history.rs"),
        ("odm", "crates/record/tests/export_odm.rs"),
        ("copies", "crates/casebook/tests/copies.rs"),
        ("pages", "crates/croft/tests/browser/story.rs"),
    ];
    let page = read("docs/compliance.md");
    let mut checked = 0;
    for (name, path) in files {
        let code = read(path);
        assert!(page.contains(&format!("`{path}`")), "{path} is not explained");
        for (at, mark) in page.match_indices(&format!("{name}::")) {
            let test: String =
                page[at + mark.len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if test.is_empty() {
                continue;
            }
            assert!(code.contains(&format!("fn {test}(")), "{path} has no test {test}");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

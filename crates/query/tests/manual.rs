//! The manual's page of functions is made from their table: `CROFT_BLESS=1 cargo test -p croft-query --test manual` writes it.

use std::path::Path;

#[test]
fn the_page_of_functions_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sql.md");
    let page = croft_query::functions::markdown();
    if std::env::var_os("CROFT_BLESS").is_some() {
        std::fs::write(&path, &page).expect("docs/ can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/sql.md is out of date: run with CROFT_BLESS=1 and read the difference");
}

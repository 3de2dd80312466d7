//! A study as text: study.toml, forms, the snapshot's form.

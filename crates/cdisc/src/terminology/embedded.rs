//! Which packages come with croft?
//!
//! Codes, submission values, names, extensibility, preferred terms and synonyms as NCI EVS publish them (public domain); no definitions. Each file says
//! its source. `croft ct import --ct-dir crates/cdisc/terminology FILE` makes them from the published file.
//!
//! SDTM 2022-09-30 comes from a table without NCI codes of terms and with names of half of the code lists only; both are completed from other packages
//! where these have the same list and term, which leaves 491 terms without a code and 3 lists without a name.

use super::{Package, PackageName, store};
use std::sync::OnceLock;

struct Slot {
    product: &'static str,
    date: &'static str,
    bytes: &'static [u8],
    read: OnceLock<Package>,
}

macro_rules! slot {
    ($product:literal, $date:literal) => {
        Slot {
            product: $product,
            date: $date,
            bytes: include_bytes!(concat!("../../terminology/", $product, "-", $date, ".ct")),
            read: OnceLock::new(),
        }
    };
}

/// In order of product and date.
static SLOTS: [Slot; 14] = [
    slot!("adamct", "2024-03-29"),
    slot!("adamct", "2026-03-27"),
    slot!("cdashct", "2026-03-27"),
    slot!("ddfct", "2023-12-15"),
    slot!("ddfct", "2024-09-27"),
    slot!("ddfct", "2025-09-26"),
    slot!("ddfct", "2026-03-27"),
    slot!("define-xmlct", "2026-03-27"),
    slot!("protocolct", "2024-03-29"),
    slot!("protocolct", "2025-09-26"),
    slot!("sdtmct", "2022-09-30"),
    slot!("sdtmct", "2025-03-28"),
    slot!("sendct", "2024-03-29"),
    slot!("sendct", "2026-03-27"),
];

impl Slot {
    fn name(&self) -> PackageName {
        PackageName::new(self.product, self.date).unwrap_or_else(|error| panic!("a package in this program: {error}"))
    }
}

/// The packages that come with croft, in order of product and date; nothing is read.
pub fn embedded_names() -> impl Iterator<Item = PackageName> {
    SLOTS.iter().map(Slot::name)
}

/// The package of this name, if it comes with croft. Its index is read the first time, its terms when a code list is asked for them.
pub fn embedded(name: &PackageName) -> Option<&'static Package> {
    let slot = SLOTS.iter().find(|slot| slot.product == name.product() && slot.date == name.date())?;
    Some(slot.read.get_or_init(|| {
        store::open_late(slot.bytes).unwrap_or_else(|error| panic!("{name} in this program is not whole: {error}"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_that_comes_with_croft_is_whole() {
        let mut terms = 0;
        for slot in &SLOTS {
            let package = store::open(slot.bytes).unwrap();
            assert_eq!(package.name, slot.name());
            assert!(!package.source.is_empty(), "{} says its source", package.name);
            let late = embedded(&slot.name()).unwrap();
            for (a, b) in package.codelists().iter().zip(late.codelists()) {
                assert_eq!(a.terms(), b.terms(), "{} {}", package.name, a.code);
            }
            terms += package.term_count();
        }
        assert_eq!(terms, TERMS);
    }

    /// All terms of all packages: a shrunken package must not pass in silence.
    const TERMS: usize = 115_643;
}

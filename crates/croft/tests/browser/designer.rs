//! The scheme designer: designs set side by side, another kind chosen, one sealed; with scripts and without.

use crate::scene::{House, Person};
use crate::vault_house::{PASSWORD, STUDY, prepare};
use croft_testkit::browser::{Axe, Browser};
use std::path::{Path, PathBuf};

/// Axe is a script itself: without it, scripts are off.
fn looked_at(person: &mut Person, axe: Option<&Axe>, name: &str) {
    let Some(axe) = axe else { return };
    for (width, how) in [(1280, "wide"), (390, "narrow")] {
        person.page.size(width, 800, 1);
        axe.check(&mut person.page, &format!("{name}, {how}"));
        person.page.fits(&format!("{name}, {how}"));
        if let Some(folder) = std::env::var_os("CROFT_PICTURES").map(PathBuf::from) {
            person.page.picture(&folder, &format!("designer-{name}-{how}"));
        }
    }
    person.page.size(1280, 800, 1);
}

fn tell(name: &str, scripts: bool) {
    let Some(browser) = Browser::start() else { return };
    let axe = Axe::at(Path::new(env!("CARGO_TARGET_TMPDIR"))).filter(|_| scripts);
    let (folder, _) = prepare(name);
    let house = House::serve(&folder);
    let mut statistician = Person::new(&browser, &house, "stat");
    if !scripts {
        statistician = statistician.without_scripts();
    }
    statistician.sign_in();
    statistician.open(&format!("/studies/{STUDY}/randomisation"));
    statistician.page.follow("Scheme designer");
    statistician.page.sees("permuted blocks of random length, lengths 4, 6");
    statistician.page.sees("Correct guesses so far");
    looked_at(&mut statistician, axe.as_ref(), "usual");
    // What cannot be is told at its field.
    statistician.page.fill("Block lengths", "5");
    statistician.page.follow("Show the designs");
    statistician.page.sees("multiple of 2");
    looked_at(&mut statistician, axe.as_ref(), "wrong");
    statistician.page.fill("Block lengths", "2, 4");
    statistician.page.fill("Subjects of a stratum", "40");
    statistician.page.fill("Factors that make strata", "sex: F, M");
    statistician.page.follow("Show the designs");
    statistician.page.sees("one of 2 strata");
    statistician.page.fill("Password", PASSWORD);
    statistician.page.follow("Seal the scheme");
    statistician.page.sees("Scheme 1 is sealed");
    drop(house);
}

#[test]
fn designs_are_compared_and_one_is_sealed() {
    tell("designer", true);
}

#[test]
fn the_designer_with_scripts_off() {
    tell("designer-plain", false);
}

//! The vault at work: a subject is randomised, its code is broken, codes are read; with scripts and without.

use crate::scene::{House, Person, croft};
use crate::vault_house::{PASSWORD, STUDY, prepare};
use croft_testkit::browser::{Axe, Browser};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seals the scheme on the command line, as the statistician does.
fn seal(dir: &str) {
    let (scheme, setup) = (format!("{dir}/scheme.toml"), format!("{dir}/setup.toml"));
    let arguments = ["vault", "seal", dir, "--study", STUDY, "--by", "stat", "--scheme", &scheme, "--setup", &setup];
    let mut child = Command::new(env!("CARGO_BIN_EXE_croft"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Axe is a script itself: without it, scripts are off.
fn looked_at(person: &mut Person, axe: Option<&Axe>, name: &str) {
    let Some(axe) = axe else { return };
    axe.check(&mut person.page, name);
    person.page.fits(name);
    if let Some(folder) = std::env::var_os("CROFT_PICTURES").map(PathBuf::from) {
        person.page.picture(&folder, &format!("vault-{name}"));
    }
}

fn tell(name: &str, scripts: bool) {
    let Some(browser) = Browser::start() else { return };
    let axe = Axe::at(Path::new(env!("CARGO_TARGET_TMPDIR"))).filter(|_| scripts);
    let axe = axe.as_ref();
    let (folder, subjects) = prepare(name);
    seal(folder.to_str().unwrap());
    let house = House::serve(&folder);
    let person = |login: &str| {
        let person = Person::new(&browser, &house, login);
        if scripts { person } else { person.without_scripts() }
    };
    let mut investigator = person("inv");
    investigator.sign_in();
    let at = format!("/studies/{STUDY}/subjects/{}", subjects[0]);
    investigator.open(&at);
    investigator.page.sees("not randomised");
    investigator.page.follow(&format!("Randomise {}", subjects[0]));
    investigator.page.sees("All criteria are met");
    looked_at(&mut investigator, axe, "randomise");
    investigator.page.fill("Password", "not the password at all");
    investigator.page.follow(&format!("Randomise {}", subjects[0]));
    investigator.page.sees("Password: is wrong");
    investigator.page.fill("Password", PASSWORD);
    investigator.page.follow(&format!("Randomise {}", subjects[0]));
    investigator.page.sees(&format!("{} is randomised: R0001", subjects[0]));
    investigator.page.follow(&format!("Break the code of {}", subjects[0]));
    looked_at(&mut investigator, axe, "code-break");
    investigator.page.fill("What happened, and why the treatment must be known", "Suspected overdose at night");
    investigator.page.fill("Password", PASSWORD);
    investigator.page.follow(&format!("Break the code of {}", subjects[0]));
    investigator.page.sees(&format!("The code of {} is broken", subjects[0]));
    looked_at(&mut investigator, axe, "told");
    investigator.open(&format!("/studies/{STUDY}/randomisation"));
    investigator.page.sees("Suspected overdose at night");
    looked_at(&mut investigator, axe, "randomisation");
    let mut statistician = person("stat");
    statistician.sign_in();
    statistician.open(&format!("/studies/{STUDY}/randomisation"));
    statistician.page.follow("Treatment codes");
    statistician.page.fill("What they are read for", "Interim analysis for the committee");
    statistician.page.fill("Password", PASSWORD);
    statistician.page.follow("Show the codes");
    statistician.page.sees("R0001");
    looked_at(&mut statistician, axe, "codes");
    drop(house);
    croft(&["audit", "verify", folder.to_str().unwrap()]);
}

#[test]
fn a_subject_is_randomised_and_its_code_broken() {
    tell("browser", true);
}

#[test]
fn the_vault_with_scripts_off() {
    tell("browser-plain", false);
}

//! The vault at work, with scripts and without: a subject is randomised, kits travel and are dispensed, a code is broken and the sponsor told, codes are
//! read, two people unblind the locked study. What the server logs meanwhile, at its most talkative, tells no treatment.

use crate::scene::{House, Person, croft};
use crate::vault_house::{PASSWORD, STUDY, prepare, supply};
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

/// A house at work, its people, and how their pages are looked at.
struct Scene<'a> {
    browser: &'a Browser,
    house: &'a House,
    /// Axe is a script itself: without it, scripts are off.
    axe: Option<&'a Axe>,
    scripts: bool,
    /// The subject whom everything is about.
    subject: &'a str,
}

impl Scene<'_> {
    fn person(&self, login: &str) -> Person {
        let person = Person::new(self.browser, self.house, login);
        let mut person = if self.scripts { person } else { person.without_scripts() };
        person.sign_in();
        person
    }

    fn at(&self, part: &str) -> String {
        format!("/studies/{STUDY}/{part}")
    }

    fn subject(&self) -> String {
        self.at(&format!("subjects/{}", self.subject))
    }

    /// Breaks no rule of accessibility, and fits a window and a telephone.
    fn looks_at(&self, person: &mut Person, name: &str) {
        let Some(axe) = self.axe else { return };
        let pictures = std::env::var_os("CROFT_PICTURES").map(PathBuf::from);
        axe.check(&mut person.page, name);
        for (width, height) in [(1280, 800), (390, 844)] {
            person.page.size(width, height, 1);
            person.page.fits(&format!("{name}, {width} wide"));
            if let Some(folder) = &pictures {
                person.page.picture(folder, &format!("vault-{name}-{width}"));
            }
        }
        person.page.size(1280, 800, 1);
    }

    fn is_randomised(&self, investigator: &mut Person) {
        let deed = format!("Randomise {}", self.subject);
        investigator.open(&self.subject());
        investigator.page.sees("not randomised");
        investigator.page.follow(&deed);
        investigator.page.sees("All criteria are met");
        self.looks_at(investigator, "randomise");
        investigator.page.fill("Password", "not the password at all");
        investigator.page.follow(&deed);
        investigator.page.sees("Password: is wrong");
        investigator.page.fill("Password", PASSWORD);
        investigator.page.follow(&deed);
        investigator.page.sees(&format!("{} is randomised: R0001", self.subject));
    }

    /// The depot sends what the plan asks for; the site receives it.
    fn is_supplied(&self, depot: &mut Person, investigator: &mut Person, button: &str) {
        depot.open(&self.at("supply"));
        depot.page.sees("Should be sent now");
        self.looks_at(depot, "depot");
        depot.page.follow(button);
        depot.page.sees("is on the way.");
        depot.page.sees_no("Should be sent now");
        let number = depot.page.eval("document.querySelector('main a[href*=\"/shipments/\"]').textContent");
        investigator.open(&self.at("supply"));
        investigator.page.follow(number.as_str().unwrap());
        investigator.page.sees("Every kit that is not named below has arrived as it should.");
        self.looks_at(investigator, "shipment");
        investigator.page.follow("Receive the shipment");
        investigator.page.sees("is received.");
        self.looks_at(investigator, "desk");
    }

    fn is_dispensed(&self, investigator: &mut Person) {
        investigator.open(&self.subject());
        investigator.page.follow(&format!("Dispense to {}", self.subject));
        investigator.page.fill("Kits", "9");
        investigator.page.follow("Dispense");
        investigator.page.sees("has no kit that can be dispensed to this subject now");
        investigator.page.fill("Kits", "1");
        investigator.page.follow("Dispense");
        investigator.page.sees("Give the subject:");
        investigator.page.sees("Given so far");
        self.looks_at(investigator, "dispense");
    }

    fn is_broken(&self, investigator: &mut Person) {
        let deed = format!("Break the code of {}", self.subject);
        investigator.open(&self.subject());
        investigator.page.follow(&deed);
        self.looks_at(investigator, "code-break");
        investigator.page.fill("What happened, and why the treatment must be known", "Suspected overdose at night");
        investigator.page.fill("Password", PASSWORD);
        investigator.page.follow(&deed);
        investigator.page.sees(&format!("The code of {} is broken", self.subject));
        self.looks_at(investigator, "told");
    }

    /// Who must know is told wherever they look first, until they say that they know.
    fn is_told(&self, sponsor: &mut Person) {
        sponsor.open("/work");
        sponsor.page.sees("Suspected overdose at night");
        sponsor.page.sees_no("Active 20 mg");
        sponsor.page.sees_no("Placebo");
        self.looks_at(sponsor, "notice");
        sponsor.open(&format!("/studies/{STUDY}"));
        sponsor.page.sees("Suspected overdose at night");
        self.looks_at(sponsor, "notice-home");
        sponsor.page.follow(&format!("Acknowledge the code break of {}", self.subject));
        sponsor.page.sees("Acknowledged. It stands in the register.");
        self.looks_at(sponsor, "register");
        sponsor.open("/work");
        sponsor.page.sees_no("Suspected overdose at night");
    }

    fn are_read(&self, statistician: &mut Person) {
        statistician.open(&self.at("randomisation"));
        statistician.page.follow("Treatment codes");
        statistician.page.fill("What they are read for", "Interim analysis for the committee");
        statistician.page.fill("Password", PASSWORD);
        statistician.page.follow("Show the codes");
        statistician.page.sees("R0001");
        self.looks_at(statistician, "codes");
    }

    /// One asks, another agrees, of a locked study.
    fn is_unblinded(&self, statistician: &mut Person, manager: &mut Person) {
        manager.open(&self.at("lock"));
        manager.page.fill("Why it is locked in spite of these", "The story ends here");
        manager.page.fill("Password", PASSWORD);
        manager.page.follow(&format!("Lock {STUDY}"));
        manager.page.sees(&format!("{STUDY} is locked"));
        statistician.open(&self.at("randomisation"));
        self.looks_at(statistician, "unblind-ask");
        statistician.page.fill("Why it is unblinded now", "Final analysis");
        statistician.page.fill("Password", PASSWORD);
        statistician.page.follow("Ask for the study to be unblinded");
        statistician.page.sees("Asked. Another person must agree.");
        manager.open(&self.at("randomisation"));
        manager.page.sees("Final analysis");
        self.looks_at(manager, "unblind-agree");
        manager.page.fill("Password", "not the password at all");
        manager.page.follow("Agree to unblind the study");
        manager.page.sees("Password: is wrong");
        manager.page.fill("Password", PASSWORD);
        manager.page.follow("Agree to unblind the study");
        manager.page.sees("The study is unblinded.");
        self.looks_at(manager, "unblinded");
    }
}

fn tell(name: &str, scripts: bool) {
    let Some(browser) = Browser::start() else { return };
    let axe = Axe::at(Path::new(env!("CARGO_TARGET_TMPDIR"))).filter(|_| scripts);
    let (folder, subjects) = prepare(name);
    seal(folder.to_str().unwrap());
    supply(&folder);
    let house = House::serve(&folder);
    let scene = Scene { browser: &browser, house: &house, axe: axe.as_ref(), scripts, subject: &subjects[0] };
    let (mut investigator, mut depot) = (scene.person("inv"), scene.person("dep"));
    scene.is_randomised(&mut investigator);
    scene.is_supplied(&mut depot, &mut investigator, "Send 6 kits to 101");
    scene.is_dispensed(&mut investigator);
    // One kit less is no more than the trigger: it is made up for.
    scene.is_supplied(&mut depot, &mut investigator, "Send 1 kit to 101");
    scene.is_broken(&mut investigator);
    scene.is_told(&mut scene.person("spo"));
    let mut statistician = scene.person("stat");
    scene.are_read(&mut statistician);
    scene.is_unblinded(&mut statistician, &mut scene.person("dm"));
    investigator.page.was_calm(&house.origin);
    let logged = std::fs::read_to_string(house.log()).unwrap();
    assert!(logged.contains("/code-break"), "the server logs: {logged}");
    for word in ["VERUM", "PLACEBO", "Active 20 mg", "random_block"] {
        assert!(!logged.contains(word), "the log holds {word}");
    }
    drop(house);
    croft(&["audit", "verify", folder.to_str().unwrap()]);
}

#[test]
fn the_vault_at_work() {
    tell("browser", true);
}

#[test]
fn the_vault_with_scripts_off() {
    tell("browser-plain", false);
}

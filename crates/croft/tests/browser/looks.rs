//! Every page on the demonstration's data: it breaks no rule of accessibility, in light and dark; it fits a tablet and a window at 200 %; its script and
//! its policy have nothing to complain of. And the keys that busy people use.

use crate::scene::{House, Person, croft};
use croft_testkit::browser::{Axe, Browser};
use std::path::{Path, PathBuf};

/// The password of the demonstration's accounts.
const PASSWORD: &str = "croft shows what it can do";
const STUDY: &str = "/studies/CRB204";
const VITALS: &str = "/studies/CRB204/subjects/101-001/visits/BL/1/forms/VS/1";

/// Who looks at which pages: account, name of the picture, address.
const PAGES: [(&str, &[(&str, &str)]); 6] = [
    ("", &[("sign-in", "/sign-in")]),
    (
        "ada.lorenz",
        &[
            ("people", "/people"),
            ("person", "/people/nora.sarin"),
            ("studies-administrator", "/studies"),
            ("access-sites", "/studies/CRB204/access"),
        ],
    ),
    ("ines.marti", &[("draft", "/studies/CRB204/definition/draft"), ("definition", "/studies/CRB204/definition")]),
    (
        "nora.sarin",
        &[
            ("work", "/work"),
            ("studies", "/studies"),
            ("home", STUDY),
            ("subjects", "/studies/CRB204/subjects"),
            ("subject", "/studies/CRB204/subjects/101-001"),
            ("form", VITALS),
            ("form-history", "/studies/CRB204/subjects/101-001/visits/BL/1/forms/VS/1?history=vitals/1/SYSBP"),
            ("queries-site", "/studies/CRB204/queries"),
            ("find", "/find?q=101"),
            ("account", "/account"),
            ("codes", "/account/codes"),
            ("preferences", "/preferences"),
            ("training", "/studies/CRB204-TRAINING"),
            ("missing", "/studies/CRB204/subjects/999-999"),
        ],
    ),
    (
        "daniel.okafor",
        &[("signatures", "/studies/CRB204/signatures"), ("sign", "/studies/CRB204/subjects/101-001/sign")],
    ),
    (
        "mara.lindqvist",
        &[
            ("queries", "/studies/CRB204/queries"),
            ("verification", "/studies/CRB204/verification"),
            ("data", "/studies/CRB204/data"),
            ("lock", "/studies/CRB204/lock"),
            ("locked", "/studies/CRB101/lock"),
            ("locked-subject", "/studies/CRB101/subjects/1001"),
            ("audit", "/studies/CRB204/audit"),
            ("audit-event", "/studies/CRB204/audit/events/100"),
            ("inspection", "/studies/CRB204/inspection"),
        ],
    ),
];

/// The folder for pictures, when they are wanted.
fn pictures() -> Option<PathBuf> {
    std::env::var_os("CROFT_PICTURES").map(PathBuf::from)
}

fn looked_at(person: &mut Person, axe: &Axe, name: &str, address: &str) {
    let keep = |person: &mut Person, how: &str| {
        if let Some(folder) = pictures() {
            person.page.picture(&folder, &format!("{name}-{how}"));
        }
    };
    person.page.size(1280, 800, 1);
    person.page.dark(false);
    person.open(address);
    axe.check(&mut person.page, name);
    person.page.fits(name);
    keep(person, "light");
    // Colours are what changes: a second look at all rules would say the same.
    person.page.dark(true);
    axe.check(&mut person.page, &format!("{name}, dark"));
    keep(person, "dark");
    person.page.dark(false);
    for (width, height, scale, how) in [(768, 1024, 1, "tablet"), (640, 400, 2, "doubled")] {
        person.page.size(width, height, scale);
        person.page.fits(&format!("{name}, {how}"));
        if how == "tablet" {
            keep(person, how);
        }
    }
    person.page.size(1280, 800, 1);
}

/// Whoever enters much has both hands on the keys.
fn keys(person: &mut Person) {
    person.open(VITALS);
    let page = &mut person.page;
    // Find anything.
    page.press("Control+k");
    page.until("document.querySelector('#find').open");
    page.keys("101-00");
    page.until("document.querySelectorAll('#find-results a').length > 2");
    page.press("ArrowDown");
    page.until("document.activeElement.closest('#find-results')");
    page.press("Escape");
    page.until("!document.querySelector('#find').open");
    // The list of keys.
    page.eval("document.activeElement.blur()");
    page.press("?");
    page.until("document.querySelector('#keys').open");
    page.press("Escape");
    page.until("!document.querySelector('#keys').open");
    // Enter goes on to the next field; Alt+H shows the history of the one in focus, Escape comes back to it.
    page.eval("document.querySelector('form.entry input:not([type=hidden])').focus()");
    let first = page.focused();
    page.press("Enter");
    page.until("document.activeElement.closest('form.entry')");
    assert_ne!(page.focused(), first);
    let second = page.focused();
    page.press("Alt+h");
    page.until("!document.querySelector('#panel').hidden");
    page.press("Escape");
    page.until("document.querySelector('#panel').hidden");
    assert_eq!(page.focused(), second, "the focus comes back");
}

/// What was typed and not saved is there when the page is opened again.
fn drafts(person: &mut Person) {
    person.open("/studies/CRB204/subjects/101-001");
    person.open(VITALS);
    let page = &mut person.page;
    page.until("document.querySelector('form.entry input[type=text]:not([readonly])')");
    page.eval("document.querySelector('form.entry input[type=text]:not([readonly])').focus()");
    page.eval("document.activeElement.select()");
    page.keys("7");
    page.until("document.querySelector('#saved').dataset.state === 'saved'");
    person.open(VITALS);
    person.page.sees("Your draft is in the fields");
    person.page.follow("Discard the draft");
    person.page.sees_no("Your draft is in the fields");
}

#[test]
fn every_page_is_accessible_fits_and_is_calm() {
    let Some(browser) = Browser::start() else { return };
    let Some(axe) = Axe::at(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let dir = House::folder("looks");
    croft(&["demo", dir.to_str().unwrap(), "--once"]);
    let house = House::serve(&dir);
    for (login, pages) in PAGES {
        let mut person = Person::new(&browser, &house, login);
        if !login.is_empty() {
            person.sign_in_with(PASSWORD);
        }
        for (name, address) in pages {
            looked_at(&mut person, &axe, name, address);
        }
        if login == "nora.sarin" {
            keys(&mut person);
            drafts(&mut person);
        }
        person.page.was_calm(&house.origin);
    }
}
